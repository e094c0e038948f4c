# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual's section 3: port forwards, and NAT loopback."""
import subprocess

from spec import (ACK, BASE, Action, answer, case, defaults, flush_connections, follow, forwarding,
                  icmp, ping, proto, rule, section, tcp, udp, unreachable, zone, zones)

HOST = ("192.168.1.10", "fd00:1::10")


def redirect(name="f", **options):
    """One port forward as its page makes it."""
    return section("redirect", **{"name": name, "target": "DNAT", "src": "wan", "dest": "lan",
                                  "proto": "tcp", **options})


def forward(dest_ip=HOST, **options):
    """The same port forward for IPv4 and for IPv6; a pair is one value for each."""
    def pick(i):
        return {k: v[i] if isinstance(v, tuple) else v for k, v in options.items()}
    return redirect("f", dest_ip=dest_ip[0], **pick(0)) + \
        redirect("f6", dest_ip=dest_ip[1], **pick(1))


WEB = {"src_dport": "8080", "dest_port": "80"}
IN = {"dst": "lan.10"}
IN80 = {"dst": "lan.10", "dport": 80}

# ---- Add New Port Forward ----

case("forward: name, external port, internal address and port",
     fields=["3.1 Name", "3.1 External port", "3.1 Internal IP address", "3.1 Internal port",
             "3.2 Name"],
     rules=forward(**WEB), packets=[
         a := tcp("inet.7", "router", dport=8080).accept(**IN80), answer(a).accept(),
         follow(a).accept(**IN80), unreachable(a).accept(state="related"),
         tcp("inet.7", "router", dport=8081).reject("wan"),
         tcp("inet.7", "router", dport=80).reject("wan"),
         udp("inet.7", "router", dport=8080).reject("wan")])

# ---- Enable, Protocol ----

case("forward enabled", fields=["3.2 Enable"], rules=forward(enabled="1", **WEB), packets=[
    tcp("inet.7", "router", dport=8080).accept(**IN80),
    tcp("inet.7", "router", dport=81).reject("wan")])
case("forward not enabled", fields=["3.2 Enable"], rules=forward(enabled="0", **WEB),
     packets=[tcp("inet.7", "router", dport=8080).reject("wan")])

for words, accepted in {"tcp": "t", "udp": "u", "tcp udp": "tu", None: "tu", "sctp": ""}.items():
    case(f"forward protocol {words}", fields=["3.2 Protocol"],
         rules=forward(**{**WEB, "proto": words}), packets=[
             tcp("inet.7", "router", dport=8080).accept(**IN80) if "t" in accepted else
             tcp("inet.7", "router", dport=8080).reject("wan"),
             udp("inet.7", "router", dport=8080).accept(**IN80) if "u" in accepted else
             udp("inet.7", "router", dport=8080).reject("wan"),
             ping("inet.7", "router").reject("wan")])
case("forward protocol icmp", fields=["3.2 Protocol"], rules=forward(proto="icmp"), packets=[
    a := ping("inet.7", "router").accept(**IN), answer(a).accept(),
    icmp("inet.7", "router", 13).accept(**IN), tcp("inet.7", "router").reject("wan"),
    udp("inet.7", "router").reject("wan")])
case("forward protocol all", fields=["3.2 Protocol"], rules=forward(proto="all"), packets=[
    ping("inet.7", "router").accept(**IN), tcp("inet.7", "router").accept(**IN),
    udp("inet.7", "router", dport=9).accept(**IN), proto(47, "inet.7", "router").accept(**IN),
    tcp("guest.7", "router").reject("guest"), tcp("inet.7", "dmz.5").accept(**IN)])
case("forward protocol by number", fields=["3.2 Protocol"], rules=forward(proto="50"), packets=[
    proto(50, "inet.7", "router").accept(**IN), proto(89, "inet.7", "router").reject("wan")])
case("forward of ports and of a protocol without", fields=["3.2 Protocol"],
     rules=forward(**{**WEB, "proto": "tcp icmp"}), warning="ports-without-protocol", packets=[
         tcp("inet.7", "router", dport=8080).accept(**IN80),
         tcp("inet.7", "router", dport=80).reject("wan"), ping("inet.7", "router").accept(**IN)])

# ---- Source zone ----

case("forward source zone", fields=["3.2 Source zone"], rules=forward(src="guest", **WEB),
     packets=[tcp("guest.7", "router", dport=8080).accept(**IN80),
              tcp("inet.7", "router", dport=8080).reject("wan"),
              tcp("vpn.7", "router", dport=8080).reject()])
case("a forward without source zone is refused", fields=["3.2 Source zone"],
     rules=forward(src=None, **WEB), refused="redirect-needs-source")
case("a source zone of one family", fields=["3.2 Source zone"],
     config=defaults() + zones(wan={"family": "ipv4"}) + forward(**WEB), packets=[
         tcp("inet.7", "router", dport=8080).v4.accept(**IN80),
         tcp("inet.7", "router", dport=8080).v6.reject()], warning="never-matches")

# ---- External port, Internal port ----

PORT, TO_PORT = "3.2 External port", "3.2 Internal port"
case("external port: one, and the internal one is the same when not given",
     fields=[PORT, TO_PORT], rules=forward(src_dport="80"), packets=[
         tcp("inet.7", "router", dport=80).accept(**IN), tcp("inet.7", "router", dport=81).reject()])
case("external range: the internal ports are the same", fields=[PORT, TO_PORT],
     rules=forward(src_dport="5000-5010"), packets=[
         tcp("inet.7", "router", dport=5000).accept(**IN),
         tcp("inet.7", "router", dport=5010).accept(**IN),
         tcp("inet.7", "router", dport=5005).accept(**IN, dport=5005),
         tcp("inet.7", "router", dport=4999).reject(), tcp("inet.7", "router", dport=5011).reject()])
case("external range to a range of the same size: port by port", fields=[PORT, TO_PORT],
     rules=forward(src_dport="5000-5010", dest_port="8000-8010"), packets=[
         *(tcp("inet.7", "router", dport=5000 + n).accept("f" if fam == 4 else "f6", **IN,
                                                         dport=8000 + n)._only(fam)
           for n in (0, 1, 5, 10) for fam in (4, 6)),
         tcp("inet.7", "router", dport=4999).reject(), tcp("inet.7", "router", dport=5011).reject(),
         tcp("inet.7", "router", dport=8000).reject()])
case("external range to an overlapping range: port by port", fields=[PORT, TO_PORT],
     rules=forward(src_dport="5000-5010", dest_port="5005-5015"), packets=[
         tcp("inet.7", "router", dport=5000).accept(**IN, dport=5005),
         tcp("inet.7", "router", dport=5006).accept(**IN, dport=5011),
         tcp("inet.7", "router", dport=5010).accept(**IN, dport=5015),
         tcp("inet.7", "router", dport=5011).reject()])
case("external range to one internal port", fields=[PORT, TO_PORT],
     rules=forward(src_dport="5000-5010", dest_port="80"), packets=[
         tcp("inet.7", "router", dport=5000).accept(**IN80),
         tcp("inet.7", "router", dport=5010).accept(**IN80),
         tcp("inet.7", "router", dport=80).reject()])
case("external range and the same internal range", fields=[PORT, TO_PORT],
     rules=forward(src_dport="5000-5010", dest_port="5000-5010"), packets=[
         tcp("inet.7", "router", dport=5007).accept(**IN),
         tcp("inet.7", "router", dport=5011).reject()])
case("ranges of different sizes are refused", fields=[PORT, TO_PORT],
     rules=forward(src_dport="5000-5010", dest_port="8000-8005"), refused="range-size")
case("a range for one external port is refused", fields=[PORT, TO_PORT],
     rules=forward(src_dport="5000", dest_port="8000-8005"), refused="range-size")
case("external port negated: the other ports, which stay", fields=[PORT, TO_PORT],
     rules=forward(src_dport="!22"), packets=[
         tcp("inet.7", "router", dport=23).accept(**IN), tcp("inet.7", "router", dport=21).accept(**IN),
         tcp("inet.7", "router", dport=65535).accept(**IN), tcp("inet.7", "router", dport=22).reject()])
case("external range negated, one internal port", fields=[PORT, TO_PORT],
     rules=forward(src_dport="!20-30", dest_port="80"), packets=[
         tcp("inet.7", "router", dport=31).accept(**IN80),
         tcp("inet.7", "router", dport=25).reject(), tcp("inet.7", "router", dport=30).reject()])
case("internal port negated is refused", fields=[TO_PORT],
     rules=forward(src_dport="80", dest_port="!81"), refused="negated-value")
case("no external port: all of them", fields=[PORT, TO_PORT], rules=forward(), packets=[
    tcp("inet.7", "router", dport=1).accept(**IN), tcp("inet.7", "router", dport=60000).accept(**IN),
    udp("inet.7", "router", dport=1).reject()])
case("no external port, one internal", fields=[PORT, TO_PORT], rules=forward(dest_port="80"),
     packets=[tcp("inet.7", "router", dport=1).accept(**IN80),
              tcp("inet.7", "router", dport=80).accept(**IN80),
              udp("inet.7", "router", dport=80).reject()])
case("the largest ports", fields=[PORT, TO_PORT],
     rules=forward(src_dport="65535", dest_port="1"), packets=[
         tcp("inet.7", "router", dport=65535).accept(**IN, dport=1),
         tcp("inet.7", "router", dport=65534).reject()])

# ---- Internal zone, Internal IP address ----

case("internal zone: the host must be there", fields=["3.2 Internal zone"],
     rules=forward(dest="dmz", **WEB), warning="host-elsewhere", packets=[
         # translated, but the way to lan is not open
         tcp("inet.7", "router", dport=8080).reject()])
case("internal zone: where the host is", fields=["3.2 Internal zone", "3.2 Internal IP address"],
     rules=forward(("192.168.2.5", "fd00:2::5"), dest="dmz", **WEB), packets=[
         tcp("inet.7", "router", dport=8080).accept(dst="dmz.5", dport=80),
         tcp("inet.7", "router", dport=80).reject(), tcp("inet.7", "dmz.5").reject()])
case("internal zone not given: where the address is", fields=["3.2 Internal zone"],
     rules=forward(dest=None, **WEB), packets=[
         tcp("inet.7", "router", dport=8080).accept(**IN80),
         tcp("inet.7", "router", dport=8081).reject()])
case("an internal zone without devices does not restrict", fields=["3.2 Internal zone"],
     config=defaults() + zones(spare={"network": None}) + forward(dest="spare", **WEB), packets=[
         tcp("inet.7", "router", dport=8080).accept(**IN80),
         tcp("inet.7", "router", dport=8081).reject()])
case("a forward opens the way to its host and port alone", fields=["3.2 Internal zone"],
     rules=forward(**WEB), packets=[
         tcp("inet.7", "lan.10").reject(), tcp("inet.7", "lan.10", dport=8080).accept(**IN80),
         tcp("inet.7", "lan.11").reject(), tcp("guest.7", "lan.10").reject()])
case("internal address written as a network: the address alone",
     fields=["3.2 Internal IP address"], rules=forward(("192.168.1.10/24", "fd00:1::10/64"), **WEB),
     warning="prefix-ignored", packets=[tcp("inet.7", "router", dport=8080).accept(**IN80),
                                        tcp("inet.7", "router", dport=80).reject()])
case("two internal addresses are refused", fields=["3.2 Internal IP address"],
     rules=redirect(dest_ip=["192.168.1.10", "192.168.1.11"], **WEB),
     refused="one-internal-address")

SELF = "3.2 Internal IP address"
case("no internal address: the router itself, another port", fields=[SELF],
     rules=redirect(**WEB), packets=[
         tcp("inet.7", "router", dport=8080).accept(dst="router.wan", dport=80),
         tcp("inet.7", "router", dport=80).reject("wan"),
         tcp("guest.7", "router", dport=8080).reject("guest")])
case("no internal address: the router itself, the same port", fields=[SELF],
     rules=redirect(src_dport="22", src_ip="203.0.113.7"), packets=[
         tcp("inet.7", "router", dport=22).v4.accept("f"),
         tcp("inet.8", "router", dport=22).v4.reject("wan"),
         tcp("inet.7", "router", dport=23).v4.reject("wan"),
         tcp("inet.7", "router", dport=22).v6.reject("wan")])
case("no internal address, no port: nothing of the router opens", fields=[SELF],
     rules=redirect(proto="all"), packets=[
         tcp("inet.7", "router", dport=22).reject("wan"), ping("inet.7", "router").reject("wan"),
         # what is for others is the router's now
         tcp("inet.7", "dmz.5").accept(dst="router.wan")])
case("no internal address: traffic through the router is caught", fields=[SELF],
     rules=redirect(src="guest", src_dport="53", proto="tcp udp", dest=None), packets=[
         udp("guest.7", "inet.8", dport=53).accept(dst="router.guest"),
         a := tcp("guest.7", "inet.8", dport=53).accept(dst="router.guest"),
         udp("guest.7", "router", dport=53).accept(), udp("guest.7", "inet.8", dport=54).reject()])
case("an internal address of the router's own", fields=[SELF],
     rules=forward(("192.168.1.1", "fd00:1::1"), **WEB), packets=[
         tcp("inet.7", "router", dport=8080).accept(dst="router.lan", dport=80),
         tcp("inet.7", "router", dport=80).reject("wan"),
         tcp("inet.7", "router.lan", dport=80).reject("wan")])

# ---- Advanced settings ----

case("forward source MAC address", fields=["3.2 Source MAC address"],
     rules=forward(src_mac="02:00:00:00:00:aa", **WEB), packets=[
         tcp("wan.7", "router", dport=8080, mac="02:00:00:00:00:aa").accept(**IN80),
         tcp("wan.7", "router", dport=8080).reject("wan")])
case("forward source MAC addresses, and not one", fields=["3.2 Source MAC address"],
     rules=forward(src_mac=["02:00:00:00:00:aa", "02:00:00:00:00:bb"], **WEB) +
     redirect("not", dest_ip=HOST[0], src_mac="!02:00:00:00:00:cc", src_dport="9000"), packets=[
         tcp("wan.7", "router", dport=8080, mac="02:00:00:00:00:bb").accept(**IN80),
         tcp("wan.7", "router", dport=8080, mac="02:00:00:00:00:cc").reject("wan"),
         tcp("wan.7", "router", dport=9000, mac="02:00:00:00:00:cc").v4.reject("wan"),
         tcp("wan.7", "router", dport=9000, mac="02:00:00:00:00:dd").v4.accept(**IN)])

FROM = "3.2 Source IP address"
case("forward source address", fields=[FROM],
     rules=forward(src_ip=("203.0.113.7", "2001:db8:203::7"), **WEB), packets=[
         tcp("inet.7", "router", dport=8080).accept(**IN80),
         tcp("inet.8", "router", dport=8080).reject("wan")])
case("forward source network", fields=[FROM],
     rules=forward(src_ip=("203.0.113.0/29", "2001:db8:203::/125"), **WEB), packets=[
         tcp("inet.7", "router", dport=8080).accept(**IN80),
         tcp("inet.8", "router", dport=8080).reject("wan")])
case("forward source addresses as a list", fields=[FROM],
     rules=forward(src_ip=(["203.0.113.7", "203.0.113.16/28"],
                           ["2001:db8:203::7", "2001:db8:203::10/124"]), **WEB), packets=[
         tcp("inet.7", "router", dport=8080).accept(**IN80),
         tcp("inet.8", "router", dport=8080).reject("wan"),
         tcp("inet.9", "router", dport=8080).reject("wan"),
         tcp("inet.17", "router", dport=8080).v4.accept(**IN80)])
case("forward source addresses excluded", fields=[FROM],
     rules=forward(src_ip=(["!203.0.113.7", "!203.0.113.8"],
                           ["!2001:db8:203::7", "!2001:db8:203::8"]), **WEB), packets=[
         tcp("inet.7", "router", dport=8080).reject("wan"),
         tcp("inet.8", "router", dport=8080).reject("wan"),
         tcp("inet.9", "router", dport=8080).accept(**IN80)])

SPORT = "3.2 Source port"
case("forward source port", fields=[SPORT], rules=forward(src_port="4000", **WEB), packets=[
    tcp("inet.7", "router", sport=4000, dport=8080).accept(**IN80, sport=4000),
    tcp("inet.7", "router", sport=4001, dport=8080).reject("wan")])
case("forward source ports as a list", fields=[SPORT],
     rules=forward(src_port=["4000", "5000-5009"], **WEB), packets=[
         tcp("inet.7", "router", sport=4000, dport=8080).accept(**IN80),
         tcp("inet.7", "router", sport=5009, dport=8080).accept(**IN80),
         tcp("inet.7", "router", sport=5010, dport=8080).reject("wan")])
case("forward source port excluded", fields=[SPORT],
     rules=forward(src_port="!4000-4009", **WEB), packets=[
         tcp("inet.7", "router", sport=4005, dport=8080).reject("wan"),
         tcp("inet.7", "router", sport=4010, dport=8080).accept(**IN80)])

VIA = "3.2 External IP address"
case("forward external address", fields=[VIA],
     rules=forward(src_dip=("198.51.100.1", "2001:db8:100::1"), **WEB), packets=[
         tcp("inet.7", "router.wan", dport=8080).accept(**IN80),
         tcp("inet.7", "router.dmz", dport=8080).reject("wan")])
case("forward external network", fields=[VIA],
     rules=forward(src_dip=("198.51.100.0/28", "2001:db8:100::/124"), **WEB), packets=[
         tcp("inet.7", "router.wan", dport=8080).accept(**IN80),
         tcp("inet.7", "198.51.100.9", dport=8080).accept(**IN80),
         tcp("inet.7", "198.51.100.17", dport=8080).reject(),
         tcp("inet.7", "router.dmz", dport=8080).reject("wan")])
case("forward external address excluded", fields=[VIA],
     rules=forward(src_dip=("!198.51.100.1", "!2001:db8:100::1"), **WEB), packets=[
         tcp("inet.7", "router.wan", dport=8080).reject("wan"),
         tcp("inet.7", "router.dmz", dport=8080).accept(**IN80)])

# ---- what the manual's table does not have ----

case("forward with a limit: the excess goes on to what comes after",
     rules=redirect(dest_ip=HOST[0], limit="2/day", limit_burst="2", **WEB), packets=[
         tcp("inet.7", "router", dport=8080).v4.accept(**IN80),
         tcp("inet.7", "router", dport=8080).v4.accept(**IN80),
         tcp("inet.7", "router", dport=8080).v4.reject("wan")])
case("forward to the router itself with a limit",
     rules=redirect(src_dport="22", limit="2/day", limit_burst="2"), packets=[
         tcp("inet.7", "router", dport=22).v4.accept("f"),
         tcp("inet.7", "router", dport=22).v4.accept("f"),
         tcp("inet.7", "router", dport=22).v4.reject("wan")])
case("forward with a mark", base=defaults() + zones() + rule(
    src="wan", dest="*", proto="tcp", src_port="4000", target="MARK", set_mark="0x20"),
     rules=forward(mark="0x20", **WEB), packets=[
         tcp("inet.7", "router", sport=4000, dport=8080).accept(**IN80, mark=0x20),
         tcp("inet.7", "router", sport=4001, dport=8080).reject("wan")])
case("forward for the members of a set",
     rules=section("ipset", name="friends", match="src_net", family="ipv4",
                   entry=["203.0.113.0/29"]) +
     redirect(dest_ip=HOST[0], ipset="friends", **WEB), packets=[
         tcp("inet.7", "router", dport=8080).v4.accept(**IN80),
         tcp("inet.8", "router", dport=8080).v4.reject("wan")])
case("forward at these times", rules=redirect(
    dest_ip=HOST[0], start_date="2020-01-01", stop_date="2020-01-02", **WEB) + redirect(
    "g", dest_ip=HOST[0], start_date="2020-01-01", stop_date="2090-01-02", src_dport="9000"),
     warning="never-matches", packets=[
         tcp("inet.7", "router", dport=8080).v4.reject("wan"),
         tcp("inet.7", "router", dport=9000).v4.accept(**IN)])
case("forward that is logged", rules=redirect(dest_ip=HOST[0], log="fwd: ", **WEB), packets=[
    tcp("inet.7", "router", dport=8080).v4.accept(**IN80).logged("fwd: "),
    tcp("inet.7", "router", dport=8081).v4.reject("wan").logged(None)])
case("a traffic rule comes before a forward", rules=rule(
    "no", src="wan", dest="lan", proto="tcp", dest_ip=["192.168.1.10", "fd00:1::10"],
    dest_port="80", src_ip=["203.0.113.7", "2001:db8:203::7"], target="DROP") + forward(**WEB),
     packets=[tcp("inet.7", "router", dport=8080).drop("no"),
              tcp("inet.8", "router", dport=8080).accept(**IN80)])
case("the first forward that matches wins",
     rules=forward(**WEB) + redirect("late", dest_ip="192.168.1.99", **WEB), packets=[
         tcp("inet.7", "router", dport=8080).accept(**IN80),
         tcp("inet.7", "router", dport=80).reject()])
case("a forward leaves running connections alone", rules=forward(**WEB), packets=[
    tcp("inet.7", "router", dport=8080).accept(**IN80), flush_connections(),
    # picked up in its middle: the first packet that tracking sees is translated
    tcp("inet.7", "router", dport=8080, flags=ACK).accept(**IN80)])

# ---- NAT loopback ----

LOOP = "3.2 Enable NAT loopback"
OWN = {"src": "router.lan"}


def masq_wan(**lan):
    return defaults() + zones(wan={"masq": "1", "masq6": "1"}, lan=lan) + forwarding("lan", "wan")


for masq, base in (("with masquerading", masq_wan()), ("without masquerading", defaults() + zones())):
    case(f"loopback, {masq} of the source zone", fields=[LOOP], base=base,
         rules=forward(reflection="1", **WEB), packets=[
             a := tcp("lan.20", "router.wan", dport=8080).accept(**IN80, **OWN), answer(a).accept(),
             follow(a).accept(**IN80, **OWN),
             # the server itself, by its outside name
             tcp("lan.10", "router.wan", dport=8080).accept(**IN80, **OWN),
             # not by the router's other addresses, not from elsewhere
             tcp("lan.20", "router.lan", dport=8080).accept("lan"),
             tcp("lan.20", "router.dmz", dport=8080).accept("lan"),
             tcp("guest.7", "router.wan", dport=8080).reject("guest"),
             tcp("lan.20", "router.wan", dport=8081).accept("lan"),
             # directly: as without the forward
             tcp("lan.20", "lan.10").accept("lan")])
case("loopback is on when nothing is said", fields=[LOOP], rules=forward(**WEB), packets=[
    tcp("lan.20", "router.wan", dport=8080).accept(**IN80, **OWN)])
case("loopback off", fields=[LOOP], rules=forward(reflection="0", **WEB), packets=[
    tcp("lan.20", "router.wan", dport=8080).accept("lan"),
    tcp("inet.7", "router", dport=8080).accept(**IN80)])
case("loopback keeps the forward's source limits", fields=[LOOP],
     rules=forward(src_ip=(["203.0.113.7", "192.168.1.20"],
                           ["2001:db8:203::7", "fd00:1::20"]), **WEB), packets=[
         tcp("lan.20", "router.wan", dport=8080).accept(**IN80, **OWN),
         tcp("lan.21", "router.wan", dport=8080).accept("lan"),
         tcp("inet.7", "router", dport=8080).accept(**IN80),
         tcp("inet.8", "router", dport=8080).reject()])
case("loopback: ranges and several protocols", fields=[LOOP],
     rules=forward(src_dport="5000-5010", dest_port="8000-8010", **{"proto": "tcp udp"}), packets=[
         tcp("lan.20", "router.wan", dport=5003).accept(**IN, **OWN, dport=8003),
         udp("lan.20", "router.wan", dport=5010).accept(**IN, **OWN, dport=8010),
         udp("lan.20", "router.wan", dport=5011).accept("lan")])
case("loopback: the server sees the outside address", fields=[LOOP],
     rules=forward(reflection_src="external", **WEB), packets=[
         a := tcp("lan.20", "router.wan", dport=8080).accept(**IN80, src="router.wan"),
         tcp("lan.20", "router.wan", dport=8081).accept("lan")])
case("loopback: the server sees the forward's own outside address", fields=[LOOP],
     rules=redirect(dest_ip=HOST[0], src_dip="198.51.100.77", reflection_src="external", **WEB),
     packets=[tcp("lan.20", "198.51.100.77", dport=8080).accept(**IN80, src="198.51.100.77"),
              tcp("lan.20", "router.wan", dport=8080).v4.accept("lan")])
case("loopback for other zones: the server sees who it is", fields=[LOOP],
     rules=forward(reflection_zone=["guest", "lan"], **WEB), packets=[
         a := tcp("guest.7", "router.wan", dport=8080).accept(**IN80), answer(a).accept(),
         tcp("lan.20", "router.wan", dport=8080).accept(**IN80, **OWN),
         tcp("dmz.7", "router.wan", dport=8080).drop("dmz"),
         tcp("guest.7", "router.wan", dport=8081).reject("guest"),
         tcp("guest.7", "lan.10").reject()])
case("loopback not for the internal zone when others are named", fields=[LOOP],
     rules=forward(reflection_zone=["guest"], **WEB), packets=[
         tcp("guest.7", "router.wan", dport=8080).accept(**IN80),
         tcp("lan.20", "router.wan", dport=8080).accept("lan")])
case("loopback with an external address negated or a network: the router's addresses only",
     fields=[LOOP], base=masq_wan(),
     rules=redirect("a", dest_ip=HOST[0], src_dip="!198.51.100.9", **WEB) +
     redirect("b", dest_ip=HOST[0], src_dip="198.51.100.0/24", src_dport="9000"), packets=[
         tcp("lan.20", "router.wan", dport=8080).v4.accept(**IN80, **OWN),
         tcp("lan.20", "inet.7", dport=8080).v4.accept(src="router.wan"),
         tcp("lan.20", "router.wan", dport=9000).v4.accept(**IN, **OWN),
         tcp("lan.20", "198.51.100.66", dport=9000).accept(src="router.wan"),
         tcp("inet.7", "198.51.100.66", dport=9000).accept(**IN)])
case("loopback by a routed network of outside addresses", fields=[LOOP],
     rules=redirect(dest_ip=HOST[0], src_dip="198.51.200.0/29", **WEB), packets=[
         tcp("lan.20", "198.51.200.3", dport=8080).accept(**IN80, **OWN),
         tcp("lan.20", "router.wan", dport=8080).v4.accept("lan"),
         tcp("inet.7", "198.51.200.3", dport=8080).accept(**IN80)])
case("loopback where the internal zone refuses and does not forward", fields=[LOOP],
     base=defaults() + zones(lan={"input": "REJECT", "forward": "REJECT"}),
     rules=forward(**WEB), packets=[
         tcp("lan.20", "router.wan", dport=8080).accept(**IN80, **OWN),
         tcp("lan.20", "router.wan", dport=8081).reject("lan"),
         tcp("lan.20", "lan.10").reject("lan")])
case("loopback does not weaken the router's own address", fields=[LOOP],
     base=defaults() + zones(lan={"input": "REJECT"}), rules=redirect(dest_ip="192.168.1.1", **WEB),
     packets=[tcp("lan.20", "router.wan", dport=8080).v4.accept(dst="router.lan", dport=80),
              tcp("lan.20", "router.lan", dport=80).v4.reject("lan")])
case("loopback: a set of ours gives way to a user's of the same name", fields=[LOOP],
     rules=section("ipset", name="wan_addresses4", match="src_ip", family="ipv4",
                   entry=["203.0.113.7"]) +
     section("ipset", name="wan_devices", match="src_ip", family="ipv4", entry=["203.0.113.8"]) +
     redirect(dest_ip=HOST[0], **WEB) +
     rule("r", src="wan", ipset="wan_addresses4", proto="tcp", dest_port="22", target="ACCEPT") +
     rule("s", src="wan", ipset="wan_devices", proto="tcp", dest_port="22", target="ACCEPT"),
     packets=[tcp("lan.20", "router.wan", dport=8080).v4.accept(**IN80, **OWN),
              tcp("inet.7", "router", dport=22).v4.accept("r"),
              tcp("inet.8", "router", dport=22).v4.accept("s"),
              tcp("inet.9", "router", dport=22).v4.reject("wan")])


# ---- addresses that come and go, zones that are subnets ----

def address(word, text):
    return Action(f"address {word}", lambda the_lab: the_lab.run(
        ["ip", "addr", word, text, "dev", "eth0"]))


def with_second_address():
    subprocess.run(["ip", "addr", "replace", "198.51.100.2/24", "dev", "eth0"], check=True)
    return BASE + redirect(dest_ip=HOST[0], **WEB)


case("loopback by every address of the source zone", fields=[LOOP], config=with_second_address,
     ask_evaluator=False, packets=[
         tcp("lan.20", "router.wan", dport=8080).v4.accept(**IN80, **OWN),
         tcp("lan.20", "198.51.100.2", dport=8080).accept(**IN80, **OWN),
         tcp("lan.20", "198.51.100.3", dport=8080).reject(), address("del", "198.51.100.2/24")])
case("loopback: a new address is one more element", fields=[LOOP], ask_evaluator=False,
     rules=redirect(dest_ip=HOST[0], **WEB), packets=[
         address("add", "198.51.100.2/24"),
         Action("element", lambda the_lab: the_lab.nft(
             "add element inet zonewall wan_addresses4 { 198.51.100.2 }")),
         tcp("lan.20", "198.51.100.2", dport=8080).accept(**IN80, **OWN),
         tcp("lan.20", "router.wan", dport=8080).v4.accept(**IN80, **OWN),
         address("del", "198.51.100.2/24")])

SUBNETS = {"network": None, "device": ["guest0"], "subnet": ["192.168.3.0/28", "fd00:3::/124"]}
case("forward from a zone of subnets, and into one", fields=["3.2 Source zone", "3.2 Internal zone"],
     config=defaults() + zones(guest=None, few=SUBNETS) + forward(src="few", **WEB) +
     redirect("in", dest="few", dest_ip="192.168.3.5", src_dport="9000") +
     redirect("no", dest="few", dest_ip="192.168.3.77", src_dport="9001"), packets=[
         tcp("guest.7", "router", dport=8080).accept(**IN80),
         tcp("guest.77", "router", dport=8080).reject(),
         tcp("inet.7", "router", dport=9000).v4.accept(dst="guest.5"),
         tcp("inet.7", "router", dport=9001).v4.reject()])

# ---- Extra arguments ----

EXTRA = "3.2 Extra arguments"
case("forward with extra arguments: source and ports", fields=[EXTRA],
     rules=redirect(dest_ip=HOST[0], extra="-s 203.0.113.0/29 -m multiport --sports 4000,5000:5009",
                    **WEB), packets=[
         tcp("inet.7", "router", sport=4000, dport=8080).v4.accept(**IN80),
         tcp("inet.7", "router", sport=5009, dport=8080).v4.accept(**IN80),
         tcp("inet.7", "router", sport=4001, dport=8080).v4.reject("wan"),
         tcp("inet.8", "router", sport=4000, dport=8080).v4.reject("wan")])
case("forward with extra arguments: negations, both families", fields=[EXTRA],
     rules=forward(extra=("! -s 203.0.113.7 -m ttl --ttl-gt 10",
                          "! -s 2001:db8:203::7 -m hl --hl-gt 10"), **WEB), packets=[
         tcp("inet.8", "router", dport=8080).accept(**IN80),
         tcp("inet.7", "router", dport=8080).reject("wan"),
         tcp("inet.8", "router", dport=8080, ttl=9).reject("wan")])
case("forward with extra arguments: they hold for loopback too", fields=[EXTRA, LOOP],
     rules=redirect(dest_ip=HOST[0], extra="-m iprange --src-range 192.168.1.20-192.168.1.29",
                    **WEB), packets=[
         tcp("lan.20", "router.wan", dport=8080).v4.accept(**IN80, **OWN),
         tcp("lan.30", "router.wan", dport=8080).v4.accept("lan"),
         tcp("inet.7", "router", dport=8080).v4.reject("wan")])
case("forward to the router itself with extra arguments", fields=[EXTRA],
     rules=redirect(src_dport="22", extra="-m mac --mac-source 02:00:00:00:00:aa"), packets=[
         tcp("wan.7", "router", dport=22, mac="02:00:00:00:00:aa").accept("f"),
         tcp("wan.7", "router", dport=22).reject("wan")])
case("forward with extra arguments that cannot be read is refused", fields=[EXTRA],
     rules=redirect(dest_ip=HOST[0], extra="-j ACCEPT", **WEB), refused="extra-token")
case("every port, as a range from 0", fields=[PORT], rules=forward(src_dport="0-65535"), packets=[
    tcp("inet.7", "router", dport=1).accept(**IN), tcp("inet.7", "router", dport=65535).accept(**IN),
    udp("inet.7", "router", dport=1).reject("wan")])
case("loopback by a zone whose name is no name for a set", fields=[LOOP],
     config=defaults() + zones(wan=None) + zone("4g.long.nam", network=["wan"], input="REJECT",
                                                output="ACCEPT", forward="REJECT", masq="1") +
     forward(src="4g.long.nam", **WEB), packets=[
         tcp("inet.7", "router", dport=8080).accept(**IN80),
         tcp("lan.20", "router.wan", dport=8080).accept(**IN80, **OWN),
         tcp("inet.7", "router").reject("4g.long.nam")])
