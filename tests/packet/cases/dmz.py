# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual's section 8: the DMZ page, an exposed host, as RutOS stores it."""
from spec import (answer, case, defaults, follow, forwarding, icmp, ping, proto, rule, section,
                  tcp, udp, unreachable, zones)

ZONES = zones(dmz={"network": None, "input": "REJECT", "forward": "REJECT"})
HOST = {"dst": "lan.10"}


def host(**options):
    """The forward that the page makes."""
    return section("redirect", **{
        "name": "dmz_fw", "target": "DNAT", "proto": ["tcp", "udp"], "src": "wan", "dest": "dmz",
        "mode": "host", "dest_ip": "192.168.1.10", "enabled": "1", **options})


def service(name, port, enabled="1", **options):
    return rule(name, **{"src": "wan", "proto": "tcp", "dest_port": port, "target": "ACCEPT",
                         "enabled": enabled, **options})


def dmz(name, fields, packets, before="", after="", base=None, **options):
    case(name, fields=[f"8 {f}" for f in fields], config=(
        base or defaults() + ZONES + forwarding("dmz", "wan") + forwarding("lan", "dmz")) +
         before + host(**options) + after, packets=packets)


def to(host_, make=tcp, dport=80, **more):
    return make("inet.7", host_, dport=dport, **more).v4


# ---- the fields ----

dmz("DMZ on: what comes to the router goes to the host", ["Enable", "Host IP"], [
    a := to("router").accept(**HOST), answer(a).accept(), follow(a).accept(**HOST),
    unreachable(a).accept(state="related"), to("router", udp, 53).accept(**HOST),
    to("router", dport=54321).accept(**HOST), to("router", dport=1).accept(**HOST),
    ping("inet.7", "router").v4.reject("wan"), proto(47, "inet.7", "router").v4.reject("wan"),
    # not what comes from elsewhere, nor IPv6
    tcp("lan.20", "router").v4.accept("lan"), tcp("lan.20", "router.wan").v4.accept("lan"),
    tcp("guest.7", "router").v4.reject("guest"), tcp("inet.7", "router").v6.reject("wan"),
    # nothing else opens
    to("lan.10").reject(), to("lan.11").reject()])
dmz("DMZ off", ["Enable"], [to("router").reject("wan"), to("router", udp).reject("wan")], enabled="0")
for words, goes in {"all": "tcp udp icmp gre", "tcp": "tcp", "udp": "udp", "icmp": "icmp",
                    "tcp icmp": "tcp icmp"}.items():
    kinds = {"tcp": to("router"), "udp": to("router", udp, 53),
             "icmp": ping("inet.7", "router").v4, "gre": proto(47, "inet.7", "router").v4}
    dmz(f"DMZ for protocol {words}", ["Protocol"], [
        p.accept(**HOST) if kind in goes else p.reject("wan") for kind, p in kinds.items()],
        proto=words.split())
dmz("DMZ ports: one", ["Ports"], [to("router", dport=8000).accept(**HOST),
                                  to("router", dport=8001).reject("wan")], src_dport="8000")
dmz("DMZ ports: a range", ["Ports"], [
    to("router", dport=8000).accept(**HOST), to("router", udp, 8010).accept(**HOST),
    to("router", dport=8011).reject("wan"), to("router", dport=7999).reject("wan")],
    src_dport="8000-8010")
dmz("DMZ ports: all but some", ["Ports"], [
    to("router", dport=8005).reject("wan"), to("router", dport=8011).accept(**HOST),
    to("router", udp, 8010).reject("wan")], src_dport="!8000-8010")
dmz("DMZ host in IPv6", ["Host IP"], [
    a := tcp("inet.7", "router").v6.accept(**HOST), answer(a).accept(),
    udp("inet.7", "router", dport=546).v6.reject("wan"), to("router").reject("wan"),
    icmp("inet.7", "router", None, 135).v6.reject("wan")],
    dest_ip="fd00:1::10", proto="all")

# ---- it comes last ----

WEB = {"src": "wan", "dest": "lan", "proto": "tcp", "src_dport": "8080", "dest_port": "80",
       "target": "DNAT", "dest_ip": "192.168.1.11"}
dmz("DMZ: other forwards come first, also those after it in the file", ["Enable"], [
    to("router", dport=8080).accept(dst="lan.11", dport=80),
    to("router", dport=9090).accept(dst="lan.12", dport=80),
    to("router", dport=8081).accept(**HOST), to("router", udp, 8080).accept(**HOST)],
    before=section("redirect", name="a", **{**WEB, "dest_ip": "192.168.1.12", "src_dport": "9090"}),
    after=section("redirect", name="b", **WEB))
dmz("DMZ: a forward to the router itself comes first", ["Enable"], [
    to("router", dport=8080).accept(dst="router.wan", dport=80), to("router").accept(**HOST)],
    after=section("redirect", name="b", **{**WEB, "dest_ip": None}))
dmz("DMZ: a traffic rule still refuses", ["Enable"], [
    to("router").drop("no"), tcp("inet.8", "router").v4.accept(**HOST)],
    before=rule("no", src="wan", dest="lan", proto="all", src_ip="203.0.113.7", target="DROP"))

# ---- the router keeps what is its own ----

SERVICES = (("Enable_SSH_WAN", "22", 22), ("Enable_HTTP_WAN", "80", 80),
            ("Enable_HTTPS_WAN", "443", 443), ("Enable_CLI_WAN", "4200-4220", 4210),
            ("my VPN", "1194", 1194))
for name, ports, port in SERVICES:
    dmz(f"DMZ: {name} stays with the router while it is enabled", ["Enable"], [
        to("router", dport=port).accept(name), to("router", dport=23).accept(**HOST),
        to("router", udp, port).accept(**HOST)], after=service(name, ports))
    dmz(f"DMZ: {name} goes to the host while it is not", ["Enable"], [
        to("router", dport=port).accept(**HOST), to("router", dport=23).accept(**HOST)],
        after=service(name, ports, enabled="0"))
dmz("DMZ: a service stays for those that may use it", ["Enable"], [
    to("router", dport=22).accept("ssh"), tcp("inet.8", "router", dport=22).v4.accept(**HOST)],
    after=service("ssh", "22", src_ip="203.0.113.7"))
dmz("DMZ: what is over a service's limit is not the host's", ["Enable"], [
    to("router", dport=22).accept("ssh"), to("router", dport=22).reject("wan")],
    after=service("ssh", "22", limit="1/day", limit_burst="1"))
dmz("DMZ: rules from any zone count, and not those of others", ["Enable"], [
    to("router", dport=22).accept("any"), to("router", dport=23).accept(**HOST)],
    after=service("any", "22", src="*") + service("lan", "23", src="lan"))
dmz("DMZ for all protocols: pings stay with the router while it answers them", ["Protocol"], [
    ping("inet.7", "router").v4.accept("Allow-Ping"), icmp("inet.7", "router", 13).accept(**HOST),
    to("router").accept(**HOST)], proto="all",
    after=rule("Allow-Ping", src="wan", proto="icmp", icmp_type="echo-request", family="ipv4",
               target="ACCEPT"))
dmz("DMZ for ICMP: pings are the host's, whoever else would answer", ["Protocol"], [
    a := ping("inet.7", "router").v4.accept(**HOST), answer(a).accept(),
    to("router").reject("wan")], proto="icmp",
    after=rule("Allow-Ping", src="wan", proto="icmp", icmp_type="echo-request", family="ipv4",
               target="ACCEPT"))
DHCP = rule("Allow-DHCP-Renew", src="wan", proto="udp", dest_port="68", family="ipv4",
            target="ACCEPT")
for words in (["tcp", "udp"], ["all"], ["udp"]):
    dmz(f"DMZ for {words}: answers to the router's DHCP stay its own", ["Protocol"], [
        to("router", udp, 68, sport=67).accept("Allow-DHCP-Renew"),
        udp("wan.7", "255.255.255.255", sport=67, dport=68).accept("Allow-DHCP-Renew"),
        to("router", udp, 67).accept(**HOST)], proto=words, before=DHCP)
dmz("DMZ: answers to the router's DHCP are never the host's", ["Protocol"], [
    to("router", udp, 68, sport=67).reject("wan"), to("router", udp, 69).accept(**HOST)])
dmz("DMZ in IPv6: answers to the router's DHCP stay its own", ["Protocol"], [
    udp("wan.7", "router", sport=547, dport=546).v6.accept("Allow-DHCPv6"),
    udp("wan.7", "router", sport=547, dport=545).v6.accept(**HOST)],
    dest_ip="fd00:1::10", proto="all", before=rule(
        "Allow-DHCPv6", src="wan", proto="udp", dest_port="546", family="ipv6", target="ACCEPT"))
dmz("DMZ: answers to the router's own connections are its own", ["Enable"], [
    a := udp("router", "inet.7", dport=53).v4.accept("wan"), answer(a).accept(state="established"),
    unreachable(a).accept(state="related"), b := tcp("router", "inet.7").v4.accept("wan"),
    answer(b).accept(state="established"), c := ping("router", "inet.7").v4.accept("wan"),
    answer(c).accept(state="established"), to("router", udp, 53).accept(**HOST)], proto="all")
dmz("DMZ: answers to what the LAN began are the LAN's", ["Enable"], [
    a := udp("lan.20", "inet.7").v4.accept(src="router.wan"), answer(a).accept(),
    b := udp("lan.10", "inet.7").v4.accept(src="router.wan"), answer(b).accept()],
    base=defaults() + zones(wan={"masq": "1"}, dmz={"network": None}) + forwarding("lan", "wan"))
dmz("DMZ: what is for other hosts is not the host's", ["Enable"], [
    to("guest.7").reject(), to("wan.7").reject(), to("router.lan").accept(**HOST)])
dmz("DMZ: what is for everybody is not the host's", ["Enable"], [
    udp("wan.7", "198.51.100.255", dport=137).accept("wan"),
    to("router", udp, 137).accept(**HOST)],
    base=defaults() + zones(wan={"input": "ACCEPT"}, dmz={"network": None}))

# ---- what RutOS puts beside it ----

COMPANIONS = "".join(section("redirect", name=name, target="DNAT", src="wan", proto="tcp",
                             src_dport=port, enabled="1")
                     for name, port in (("dmz_http", "0.0.0.0:80"), ("dmz_https", "443"),
                                        ("dmz_ssh", "22")))
dmz("DMZ: the service forwards of RutOS open nothing that is closed", ["Enable"], [
    to("router", dport=22).accept(**HOST), to("router", dport=80).accept("Enable_HTTP_WAN"),
    to("router", dport=443).accept(**HOST)],
    before=COMPANIONS, after=service("Enable_HTTP_WAN", "80"))
dmz("without the DMZ: the service forwards of RutOS open nothing", ["Enable"], [
    to("router", dport=22).reject("wan"), to("router", dport=80).reject("wan")],
    before=COMPANIONS, enabled="0")

# ---- from inside ----

dmz("DMZ: no loopback of its own, so the router's pages stay reachable from the LAN", ["Enable"], [
    tcp("lan.20", "router.wan").v4.accept("lan"), tcp("lan.20", "router").v4.accept("lan")],
    dest="lan", reflection="1")
dmz("DMZ: loopback for zones that are named", ["Enable"], [
    tcp("guest.7", "router.wan").v4.accept(**HOST), tcp("lan.20", "router.wan").v4.accept("lan")],
    reflection_zone=["guest"])
dmz("DMZ host in a zone of its own: only there", ["Host IP"], [
    to("router").accept(dst="dmz.5"), tcp("dmz.5", "lan.10").v4.reject(),
    tcp("dmz.5", "inet.7").v4.reject()],
    base=defaults() + zones(), dest_ip="192.168.2.5")
