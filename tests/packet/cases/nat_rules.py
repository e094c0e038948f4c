# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual's section 5, NAT Rules: as `nat` sections, and as RutOS 7.06 wrote them."""
from spec import answer, case, defaults, follow, forwarding, ping, section, tcp, udp, zones

OPEN = forwarding("lan", "wan") + forwarding("guest", "wan") + forwarding("lan", "dmz")
NEW = "198.51.100.99"


def nat(name="n", **options):
    return section("nat", **{"name": name, "src": "wan", "target": "SNAT", "snat_ip": NEW,
                             "family": "ipv4", **options})


def redirect(name="n", **options):
    return section("redirect", **{"name": name, "target": "SNAT", "src": "lan", "dest": "wan",
                                  "proto": "all", "src_dip": NEW, **options})


def nat_case(name, fields, packets, masq=None, make=nat, **options):
    case(name, fields=fields, config=defaults() + zones(wan={"masq": masq}) + OPEN +
         make(**options), packets=packets)


def out(make=tcp, host="lan.10", to="inet.7", **more):
    return make(host, to, **more).v4


DONE = {"src": NEW}

for make, word in ((nat, "nat"), (redirect, "redirect")):
    zone_of_source = {"src_zone": "lan"} if make is nat else {}
    nat_case(f"source NAT ({word}): name, zones, address", [
        "5.2 Name", "5.2 Source zone", "5.2 Destination Zone", "5.2 To source IP", "5.3 Name",
        "5.3 Source zone", "5.3 Destination zone"], [
            a := out().accept(**DONE), answer(a).accept(dst="lan.10"), follow(a).accept(**DONE),
            out(udp).accept(**DONE), ping("lan.10", "inet.7").v4.accept(**DONE),
            out(host="guest.10").accept(),   # another source zone
            out(to="dmz.7").accept(),        # another destination zone
            tcp("lan.10", "inet.7").v6.accept()], make=make, **zone_of_source)
nat_case("source NAT: any source zone when none is given", ["5.3 Source zone"], [
    out().accept(**DONE), out(host="guest.10").accept(**DONE), out(to="dmz.7").accept()])
nat_case("source NAT: any destination zone", ["5.3 Destination zone"], [
    out().accept(**DONE), out(to="dmz.7").accept(**DONE)], src="*")
nat_case("source NAT enabled", ["5.3 Enable"], [out().accept(**DONE), out(to="dmz.7").accept()],
         enabled="1")
nat_case("source NAT not enabled", ["5.3 Enable"], [out().accept()], enabled="0")
for word, which in (("tcp", (tcp,)), ("udp", (udp,)), ("tcp udp", (tcp, udp)),
                    ("icmp", (ping,)), ("all", (tcp, udp, ping)), (None, (tcp, udp, ping))):
    nat_case(f"source NAT, protocol {word}", ["5.3 Protocol"], [
        out(make).accept(**DONE) if make in which else out(make).accept()
        for make in (tcp, udp, ping)], proto=word)
nat_case("source NAT, source address", ["5.3 Source IP address"], [
    out().accept(**DONE), out(host="lan.11").accept(), out(host="lan.40").accept(**DONE)],
    src_ip=["192.168.1.10", "192.168.1.32/28"])
nat_case("source NAT, all sources but two", ["5.3 Source IP address"], [
    out().accept(), out(host="lan.11").accept(), out(host="lan.12").accept(**DONE)],
    src_ip=["!192.168.1.10", "!192.168.1.11"])
nat_case("source NAT, source port", ["5.3 Source port"], [
    out(sport=4000).accept(**DONE), out(sport=4001).accept()], proto="tcp", src_port="4000")
nat_case("source NAT, all source ports but a range", ["5.3 Source port"], [
    out(sport=4005).accept(), out(sport=4011).accept(**DONE)], proto="tcp", src_port="!4000-4010")
nat_case("source NAT, destination address", ["5.3 Destination IP address"], [
    out().accept(**DONE), out(to="inet.8").accept()], dest_ip="203.0.113.0/29")
nat_case("source NAT, destination port", ["5.3 Destination port"], [
    out(dport=443).accept(**DONE), out(dport=444).accept()], proto="tcp", dest_port="443")
nat_case("source NAT, all destination ports but one", ["5.3 Destination port"], [
    out(dport=443).accept(), out(dport=444).accept(**DONE)], proto="tcp", dest_port="!443")
PORT = ["5.2 To Source Port", "5.3 Rewrite port"]
nat_case("source NAT, rewritten port", PORT, [
    out().accept(sport=5555, **DONE), out(udp).accept(sport=5555, **DONE),
    out(to="dmz.7").accept()], proto="tcp udp", snat_port="5555")
nat_case("source NAT, rewritten port alone", PORT, [
    out().accept(sport=5555), out(udp).accept()], proto="tcp", snat_port="5555", snat_ip=None)
nat_case("source NAT, port of a range kept", PORT, [
    out(sport=5003).accept(sport=5003, **DONE)], proto="tcp", snat_port="5000-5010")
nat_case("source NAT as RutOS 7.06: rewritten port", PORT, [
    out().accept(sport=5555, **DONE), out(host="guest.7").accept()],
    make=redirect, proto="tcp", src_dport="5555")
nat_case("source NAT comes before masquerading", ["5.3 Source IP address"], [
    out().accept(**DONE), out(host="lan.11").accept(src="router.wan")], masq="1",
    src_ip="192.168.1.10")
nat_case("no NAT: exempt from masquerading", [], [
    out().accept(), out(to="inet.8").accept(src="router.wan")], masq="1", target="ACCEPT",
    snat_ip=None, dest_ip="203.0.113.7")
nat_case("no NAT as RutOS 7.06", [], [
    out().accept(), out(to="inet.8").accept(src="router.wan")], make=redirect, masq="1",
    target="ACCEPT", src_dip=None, dest_ip="203.0.113.7")
nat_case("masquerading by a rule", [], [
    out().accept(src="router.wan"), out(to="inet.8").accept()], target="MASQUERADE", snat_ip=None,
    dest_ip="203.0.113.7")
nat_case("network to network", [], [
    out().accept(src="198.51.100.10"), out(host="lan.200").accept(src="198.51.100.200"),
    out(host="guest.10").accept()], target="NETMAP", src_ip="192.168.1.0/24",
    snat_ip="198.51.100.0/24")
nat_case("source NAT for IPv6", ["5.2 To source IP"], [
    tcp("lan.10", "inet.7").v6.accept(src="2001:db8:100::99"), out().accept()],
    family="ipv6", snat_ip="2001:db8:100::99")
for field, past, valid in (("Stop Date", {"stop_date": "2001-01-01"}, False),
                           ("Start Date", {"start_date": "2001-01-01"}, True)):
    nat_case(f"source NAT and time: {past}", [f"5.3 {field}"], [
        out().accept(**DONE) if valid else out().accept()], **past)
case("source NAT without an address is refused", fields=["5.2 To source IP"],
     config=defaults() + zones() + nat(snat_ip=None), refused="snat-needs-address")
