# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual's section 3, Port Forwards, and section 8, DMZ."""
from spec import (answer, case, defaults, follow, forwarding, ping, proto, rule, section, tcp, udp,
                  zones)


def redirect(name="pf", **options):
    return section("redirect", **{
        "name": name, "target": "DNAT", "src": "wan", "dest": "lan", "proto": "tcp",
        "src_dport": "8080", "dest_ip": "192.168.1.10", "dest_port": "80", **options})


def forward_case(name, fields, packets, base=None, more="", **options):
    case(name, fields=[f"3.2 {f}" if f[0] != "3" else f for f in fields],
         config=(base or defaults() + zones()) + redirect(**options) + more, packets=packets)


def outside(dport=8080, make=tcp, host="inet.7", **more):
    return make(host, "router", dport=dport, **more).v4


WORKS = {"dst": "lan.10", "dport": 80}

case("a new port forward: name, external port, internal address and port",
     fields=["3.1 Name", "3.1 External port", "3.1 Internal IP address", "3.1 Internal port",
             "3.2 Name", "3.2 External port", "3.2 Internal IP address", "3.2 Internal port"],
     config=defaults() + zones(wan={"masq": "1"}) + redirect("web"), packets=[
         a := outside().accept("web", **WORKS),
         answer(a).accept(state="established", src="router.wan"),
         follow(a).accept(state="established", **WORKS),
         outside(8081).reject("wan"), outside(80).reject("wan"),
         # the internal address itself is no more open than before
         tcp("inet.7", "lan.10", dport=80).v4.reject(),
         outside(8080, host="guest.7").reject("guest"),
         tcp("inet.7", "router", dport=8080).v6.reject("wan")])

forward_case("port forward enabled", ["Enable"], [outside().accept(**WORKS), outside(80).reject()],
             enabled="1")
forward_case("port forward not enabled", ["Enable"], [outside().reject("wan")], enabled="0")
for word, opens in (("tcp", (tcp,)), ("udp", (udp,)), ("tcp udp", (tcp, udp)), (None, (tcp, udp))):
    forward_case(f"port forward, protocol {word}", ["Protocol"], [
        outside(make=make).accept(**WORKS) if make in opens else outside(make=make).reject("wan")
        for make in (tcp, udp)] + [ping("inet.7", "router").v4.reject("wan")], proto=word)
forward_case("port forward, protocol icmp", ["Protocol"], [
    a := ping("inet.7", "router").v4.accept(dst="lan.10"), answer(a).accept(src="router.wan"),
    outside().reject("wan")], proto="icmp", src_dport=None, dest_port=None)
forward_case("port forward, all protocols", ["Protocol"], [
    outside(80).accept(dst="lan.10"), outside(53, udp).accept(dst="lan.10"),
    ping("inet.7", "router").v4.accept(dst="lan.10"),
    proto(47, "inet.7", "router").v4.accept(dst="lan.10"),
    tcp("guest.7", "router").v4.reject("guest")], proto="all", src_dport=None, dest_port=None)
forward_case("port forward, source zone", ["Source zone"], [
    outside(host="guest.7").accept(**WORKS), outside().reject("wan")], src="guest")
forward_case("port forward, a range of external ports to one port", ["External port"], [
    outside(8000).accept(**WORKS), outside(8010).accept(**WORKS), outside(8011).reject("wan")],
    src_dport="8000-8010")
forward_case("port forward, a range of external ports kept", ["External port", "Internal port"], [
    outside(8000).accept(dst="lan.10"), outside(8010).accept(dst="lan.10"),
    outside(8011).reject("wan")], src_dport="8000-8010", dest_port=None)
forward_case("port forward, range to range, port by port", ["External port", "Internal port"], [
    outside(8000).accept(dst="lan.10", dport=9000), outside(8010).accept(dst="lan.10", dport=9010),
    outside(8003).accept(dst="lan.10", dport=9003), outside(7999).reject("wan")],
    src_dport="8000-8010", dest_port="9000-9010")
forward_case("port forward, all external ports but one", ["External port"], [
    outside(8080).reject("wan"), outside(8081).accept(**WORKS)], src_dport="!8080")
forward_case("port forward, external port empty", ["External port"], [
    outside(8080).accept(dst="lan.10", dport=80), outside(1).accept(dst="lan.10", dport=80),
    outside(8080, udp).reject("wan")], src_dport=None)
case("port forward, ranges of different sizes are refused", fields=["3.2 Internal port"],
     config=defaults() + zones() + redirect(src_dport="8000-8010", dest_port="9000-9005"),
     refused="range-size")
forward_case("port forward, internal zone", ["Internal zone"], [
    outside().accept(dst="dmz.5", dport=80), outside(8081).reject("wan")],
    dest="dmz", dest_ip="192.168.2.5")
forward_case("port forward, no internal address: the router itself", ["Internal IP address"], [
    outside().accept(dport=80), outside(8081).reject("wan"), outside(80).reject("wan")],
    dest_ip=None)
forward_case("port forward, IPv6", ["Internal IP address"], [
    tcp("inet.7", "router", dport=8080).v6.accept(**WORKS), outside().reject("wan")],
    dest_ip="fd00:1::10")
A, B = "02:00:00:00:00:aa", "02:00:00:00:00:bb"
forward_case("port forward, source MAC", ["Source MAC address"], [
    outside(mac=A).accept(**WORKS), outside(mac=B).reject("wan")], src_mac=[A])
forward_case("port forward, source address", ["Source IP address"], [
    outside().accept(**WORKS), outside(host="inet.8").reject("wan")], src_ip=["203.0.113.7"])
forward_case("port forward, source network and addresses", ["Source IP address"], [
    outside().accept(**WORKS), outside(host="inet.8").reject("wan"),
    outside(host="inet.20").accept(**WORKS)], src_ip=["203.0.113.0/29", "203.0.113.20"])
forward_case("port forward, all sources but two", ["Source IP address"], [
    outside().reject("wan"), outside(host="inet.8").reject("wan"),
    outside(host="inet.9").accept(**WORKS)], src_ip=["!203.0.113.7", "!203.0.113.8"])
forward_case("port forward, source port", ["Source port"], [
    outside(sport=4000).accept(**WORKS), outside(sport=4001).reject("wan")], src_port=["4000"])
forward_case("port forward, source ports but a range", ["Source port"], [
    outside(sport=4005).reject("wan"), outside(sport=4011).accept(**WORKS)],
    src_port=["!4000-4010"])
forward_case("port forward, external address", ["External IP address"], [
    outside().accept(**WORKS), tcp("inet.7", "router.lan", dport=8080).v4.reject("wan")],
    src_dip="198.51.100.1")
forward_case("port forward, an address routed to us", ["External IP address"], [
    tcp("inet.7", "wan.77", dport=8080).v4.accept(**WORKS), outside().reject("wan")],
    src_dip="198.51.100.77")
forward_case("port forward, a network of external addresses", ["External IP address"], [
    tcp("inet.7", "wan.77", dport=8080).v4.accept(**WORKS), outside().reject("wan")],
    src_dip="198.51.100.64/28")

# ---- NAT loopback ----

MASQ = defaults() + zones(wan={"masq": "1"})
forward_case("NAT loopback on: from inside by the outside address", ["Enable NAT loopback"], [
    a := tcp("lan.20", "router.wan", dport=8080).v4.accept(src="router.lan", **WORKS),
    answer(a).accept(src="router.wan", dst="lan.20"),
    outside().accept(**WORKS),
    tcp("lan.20", "router.wan", dport=8081).v4.accept("lan"),
    tcp("lan.20", "inet.9", dport=8080).v4.reject()], base=MASQ, reflection="1")
forward_case("NAT loopback is on when nothing is said", ["Enable NAT loopback"], [
    tcp("lan.20", "router.wan", dport=8080).v4.accept(src="router.lan", **WORKS)], base=MASQ)
forward_case("NAT loopback off", ["Enable NAT loopback"], [
    tcp("lan.20", "router.wan", dport=8080).v4.accept("lan"), outside().accept(**WORKS)],
    base=MASQ, reflection="0")
forward_case("NAT loopback keeps to the forward's sources", ["Enable NAT loopback"], [
    tcp("lan.20", "router.wan", dport=8080).v4.accept(src="router.lan", **WORKS),
    tcp("lan.21", "router.wan", dport=8080).v4.accept("lan")],
    base=MASQ, src_ip=["192.168.1.20", "203.0.113.7"])

# ---- order ----

case("rules come before port forwards", config=defaults() + zones() + redirect() + rule(
    "no", src="wan", dest="lan", proto="tcp", dest_ip="192.168.1.10", dest_port="80",
    target="DROP"), packets=[outside().drop("no"), outside(8081).reject("wan")])
case("the first of two port forwards wins", config=defaults() + zones() + redirect("one") +
     redirect("two", dest_ip="192.168.1.11"), packets=[outside().accept(**WORKS)])
case("a port forward with a limit", config=defaults() + zones() + redirect(
    limit="1/hour", limit_burst="2"), packets=[
        outside().accept(**WORKS), outside().accept(**WORKS), outside().reject("wan")])

# ---- DMZ ----

DMZ_ZONE = {"dmz": {"network": None, "input": "REJECT", "forward": "REJECT"}}


def dmz(name, fields, packets, more="", **options):
    case(name, fields=[f"8 {f}" for f in fields],
         config=defaults() + zones(**DMZ_ZONE) + forwarding("dmz", "wan") + forwarding(
             "lan", "dmz") + section("redirect", **{
                 "name": "dmz_fw", "target": "DNAT", "proto": "tcp udp", "src": "wan",
                 "dest": "dmz", "mode": "host", "dest_ip": "192.168.1.10", "enabled": "1",
                 **options}) + more, packets=packets)


TO_HOST = {"dst": "lan.10"}
dmz("DMZ on: what is for the router goes to the host", ["Enable", "Host IP"], [
    outside(80).accept(**TO_HOST), outside(53, udp).accept(**TO_HOST),
    outside(54321).accept(**TO_HOST), ping("inet.7", "router").v4.reject("wan"),
    tcp("lan.20", "router").v4.accept("lan")])
dmz("DMZ off", ["Enable"], [outside(80).reject("wan")], enabled="0")
dmz("DMZ for all protocols", ["Protocol"], [
    outside(80).accept(**TO_HOST), ping("inet.7", "router").v4.accept(**TO_HOST),
    proto(47, "inet.7", "router").v4.accept(**TO_HOST)], proto="all")
dmz("DMZ for one protocol", ["Protocol"], [
    outside(80).accept(**TO_HOST), outside(53, udp).reject("wan")], proto="tcp")
dmz("DMZ for a range of ports", ["Ports"], [
    outside(8005).accept(**TO_HOST), outside(8011).reject("wan")], src_dport="8000-8010")
dmz("DMZ for all ports but one", ["Ports"], [
    outside(80).reject("wan"), outside(81).accept(**TO_HOST)], src_dport="!80")
dmz("DMZ: services of the router that are open stay with it", ["Enable"], [
    outside(22).accept("ssh"), outside(23).accept(**TO_HOST), outside(68, udp, sport=67).reject(
        "wan")], more=rule("ssh", src="wan", proto="tcp", dest_port="22", target="ACCEPT"))
dmz("DMZ: other port forwards come first, wherever they stand", ["Enable"], [
    outside(8080).accept(dst="lan.11", dport=80), outside(8081).accept(**TO_HOST)],
    more=redirect("web", dest_ip="192.168.1.11"))
