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

# ---- more of both spellings ----

NEW6 = "2001:db8:100::99"


def pair(make, **options):
    """The rule for IPv4 and for IPv6, in either spelling; a pair is one value for each."""
    text = ""
    for i, family in enumerate(("ipv4", "ipv6")):
        one = {k: v[i] if isinstance(v, tuple) else v for k, v in options.items()}
        address = {"snat_ip" if make is nat else "src_dip":
                   (NEW, NEW6)[i] if one.get("target", "SNAT") == "SNAT" else None}
        text += make(f"n{i}", **{"family": family, **address, **one})
    return text


def both(name, packets, masq=None, fields=(), more="", warning=None, **options):
    """A case in both spellings and both families; src_zone is `src` of the redirect."""
    def as_redirect():
        words = {"src_zone": "src", "src": "dest", "snat_port": "src_dport"}
        return {words.get(k, k): v for k, v in options.items()}
    for make, word in ((nat, "nat"), (redirect, "redirect")):
        here = {"src_zone": "lan", **options} if make is nat else as_redirect()
        case(f"{name} ({word})", fields=fields, warning=warning,
             config=defaults() + zones(wan={"masq": masq, "masq6": masq}) + OPEN +
             pair(make, **here) + more, packets=packets)


def new(host="wan.99", **more):
    return {"src": host, **more}


both("NAT rule: zones, both families", [
    a := tcp("lan.10", "inet.7").accept(**new()), answer(a).accept(dst="lan.10"),
    follow(a).accept(**new()), b := ping("lan.10", "inet.7").accept(**new()),
    answer(b).accept(dst="lan.10"), tcp("guest.10", "inet.7").accept(),
    tcp("lan.10", "dmz.7").accept(), udp("router", "inet.7").accept("wan")],
     proto="all", fields=["5.3 Source zone", "5.3 Destination zone", "5.2 To source IP"])
both("NAT rule: source and destination", [
    tcp("lan.10", "inet.7", sport=4000, dport=443).accept(**new()),
    tcp("lan.11", "inet.7", sport=4000, dport=443).accept(),
    tcp("lan.10", "inet.8", sport=4000, dport=443).accept(),
    tcp("lan.10", "inet.7", sport=4001, dport=443).accept(),
    tcp("lan.10", "inet.7", sport=4000, dport=444).accept(),
    udp("lan.10", "inet.7", sport=4000, dport=443).accept()],
     src_ip=("192.168.1.10", "fd00:1::10"), dest_ip=("203.0.113.7", "2001:db8:203::7"),
     src_port="4000", dest_port="443", proto="tcp",
     fields=["5.3 Source IP address", "5.3 Source port", "5.3 Destination IP address",
             "5.3 Destination port"])
both("NAT rule: lists of sources", [
    tcp("lan.10", "inet.7", sport=4000).accept(**new()),
    tcp("lan.11", "inet.7", sport=5009).accept(**new()),
    tcp("lan.12", "inet.7", sport=4000).accept(), tcp("lan.10", "inet.7", sport=4001).accept()],
     src_ip=(["192.168.1.10", "192.168.1.11"], ["fd00:1::10", "fd00:1::11"]),
     src_port=["4000", "5000-5009"], proto="tcp",
     fields=["5.3 Source IP address", "5.3 Source port"])
both("NAT rule: a port to write leaves other protocols their address", [
    tcp("lan.10", "inet.7").accept(**new(sport=5555)), udp("lan.10", "inet.7").accept(**new(sport=5555)),
    ping("lan.10", "inet.7").accept(**new()), tcp("lan.10", "dmz.7").accept()],
     snat_port="5555", proto="all", fields=["5.3 Rewrite port", "5.2 To Source Port"])
both("NAT rule: a port to write for a mixed list of protocols", [
    tcp("lan.10", "inet.7").accept(**new(sport=5555)), ping("lan.10", "inet.7").accept(**new()),
    udp("lan.10", "inet.7").accept()], snat_port="5555", proto=["tcp", "icmp"],
     fields=["5.3 Rewrite port", "5.3 Protocol"])
both("NAT rule: port from a range, kept when it is in it", [
    tcp("lan.10", "inet.7", sport=5003).accept(**new(sport=5003)),
    udp("lan.10", "inet.7", sport=5003).accept()],
     snat_port="5000-5010", proto="tcp", fields=["5.3 Rewrite port"])
both("NAT rule before masquerading, in the order of the file", [
    tcp("lan.10", "inet.7").accept(**new()), tcp("lan.11", "inet.7").accept(src="router.wan"),
    udp("lan.10", "inet.7").accept(src="router.wan")],
     masq="1", proto="tcp", src_ip=("192.168.1.10", "fd00:1::10"),
     more=nat("late", snat_ip="198.51.100.98", src_ip="192.168.1.10", proto="tcp") +
     nat("late6", snat_ip="2001:db8:100::98", src_ip="fd00:1::10", proto="tcp", family="ipv6"))
both("NAT rule: exempt from masquerading", [
    a := tcp("lan.10", "inet.7").accept(), answer(a).accept(),
    tcp("lan.10", "inet.8").accept(src="router.wan"),
    tcp("guest.10", "inet.7").accept(src="router.wan")],
     masq="1", target="ACCEPT", proto="all", dest_ip=("203.0.113.7", "2001:db8:203::7"))
both("NAT rule with a mark", [
    tcp("lan.10", "inet.7", sport=4000).accept(**new(mark=0x20)), tcp("lan.10", "inet.7").accept()],
     mark="0x20", proto="tcp", more=section(
         "rule", name="m", src="lan", dest="*", proto="tcp", src_port="4000", target="MARK",
         set_mark="0x20"))
both("NAT rule with a limit: the excess goes on", [
    *(tcp("lan.10", "inet.7").accept(**new()) for _ in range(2)),
    tcp("lan.10", "inet.7").accept(src="router.wan")],
     masq="1", proto="tcp", limit="2/day", limit_burst="2")
both("NAT rule that is logged", [
    tcp("lan.10", "inet.7").accept(**new()).logged("snat: "),
    tcp("lan.10", "dmz.7").accept().logged(None)], proto="tcp", log="snat: ")

nat_case("NAT rule: an address from a range", ["5.2 To source IP"], [
    # which one is the kernel's choice; a sender in it keeps its own
    out(host="lan.98").accept(), out(to="dmz.7").accept(), tcp("lan.10", "inet.7").v6.accept()],
    snat_ip="192.168.1.96-192.168.1.99")
nat_case("NAT rule: masquerading for one source zone", ["5.3 Source zone"], [
    out().accept(src="router.wan"), out(host="guest.10").accept(),
    tcp("lan.10", "inet.7").v6.accept(src="router.wan"),
    tcp("guest.10", "inet.7").v6.accept()],
    target="MASQUERADE", snat_ip=None, family=None, src_zone="lan")
nat_case("NAT rule: masquerading to a port", ["5.3 Rewrite port"], [
    out().accept(src="router.wan", sport=5555), out(udp).accept(src="router.wan", sport=5555),
    ping("lan.10", "inet.7").v4.accept(src="router.wan")],
    target="MASQUERADE", snat_ip=None, snat_port="5555", proto="all")
nat_case("NAT rule: by the device on the way out", [], [
    out(to="dmz.7").accept(**DONE), out().accept()], src="*", device="dmz0")
nat_case("NAT rule: members of a set, not for others", [], [
    out().accept(**DONE), out(host="lan.11").accept()], ipset="few",
    make=lambda **o: section("ipset", name="few", match="src_ip", family="ipv4",
                             entry=["192.168.1.10"]) + nat(**o))
nat_case("NAT rule of the router's own traffic: no source zone", ["5.3 Source zone"], [
    udp("router", "inet.7").v4.accept("wan", **DONE)], src_zone=None)

# ---- networks mapped to networks ----

LET_IN = section("rule", name="in", src="wan", dest="lan", proto="tcp", dest_port="80",
                 dest_ip=["192.168.1.10", "fd00:1::10"], target="ACCEPT")


def netmap(name, packets, more=LET_IN, **options):
    maps = pair(nat, target="NETMAP", src_ip=("192.168.1.0/24", "fd00:1::/64"),
                **{"snat_ip": ("10.99.1.0/24", "2001:db8:77::/64"), **options})
    case(name, config=defaults() + zones() + OPEN + maps + more, packets=packets)


netmap("network to network, both ways", [
    a := tcp("lan.10", "inet.7").v4.accept(src="10.99.1.10"), answer(a).accept(dst="lan.10"),
    b := tcp("lan.10", "inet.7").v6.accept(src="2001:db8:77::10"), answer(b).accept(dst="lan.10"),
    ping("lan.77", "inet.7").v4.accept(src="10.99.1.77"), tcp("guest.10", "inet.7").accept(),
    tcp("lan.10", "dmz.7").accept(),
    # from outside: the host, as far as the rules for its own address let it
    c := tcp("inet.7", "10.99.1.10").accept("in", dst="lan.10"), answer(c).accept(),
    d := tcp("inet.7", "2001:db8:77::10").accept("in", dst="lan.10"), answer(d).accept(),
    tcp("inet.7", "10.99.1.10", dport=81).reject(), tcp("inet.7", "10.99.1.11").reject(),
    tcp("inet.7", "10.99.2.10").reject()])
netmap("network to network around the router's own address, which stays its own", [
    tcp("inet.7", "198.51.100.10").accept("in", dst="lan.10"),
    tcp("inet.7", "router.wan").v4.reject("wan"),
    tcp("lan.10", "inet.7").v4.accept(src="198.51.100.10")], snat_ip=("198.51.100.0/24", "2001:db8:100::/64"))
netmap("network to network for some traffic, both ways", [
    tcp("lan.10", "inet.7", dport=443).v4.accept(src="10.99.1.10"),
    tcp("lan.10", "inet.8", dport=443).v4.accept(),
    tcp("lan.10", "inet.7", dport=80).v4.accept(),
    tcp("inet.7", "10.99.1.10", sport=443).accept("in", dst="lan.10"),
    tcp("inet.8", "10.99.1.10", sport=443).reject(), tcp("inet.7", "10.99.1.10").reject()],
    dest_ip=("203.0.113.7", "2001:db8:203::7"), dest_port="443", proto="tcp")
case("networks of different sizes are refused", config=defaults() + zones() + nat(
    target="NETMAP", src_ip="192.168.1.0/24", snat_ip="10.99.1.0/25"), refused="netmap-prefix")
case("NAT rule from a zone of subnets", fields=["5.3 Source zone"], config=defaults() + zones(
    guest=None, few={"network": None, "device": ["guest0"],
                     "subnet": ["192.168.3.0/28", "fd00:3::/124"]}) +
     section("forwarding", src="few", dest="wan") + forwarding("lan", "wan") +
     pair(nat, src_zone="few"), packets=[
         tcp("guest.7", "inet.7").accept(**new()), tcp("lan.7", "inet.7").accept(),
         tcp("guest.77", "inet.7").reject()])

# ---- Extra arguments ----

both("NAT rule with extra arguments", [
    tcp("lan.10", "inet.7", dport=443).accept(**new()), tcp("lan.10", "inet.7", dport=8443).accept(**new()),
    tcp("lan.10", "inet.7", dport=80).accept(), udp("lan.10", "inet.7", dport=443).accept()],
     proto="tcp", extra="-m multiport --dports 443,8443", fields=["5.3 Extra arguments"])
both("NAT rule with extra arguments: negations", [
    tcp("lan.10", "inet.7", dscp=46).accept(), tcp("lan.10", "inet.7", dscp=10).accept(**new(dscp=10)),
    tcp("lan.10", "inet.8").accept()], proto="tcp",
     extra=("! -d 203.0.113.8 -m dscp ! --dscp 46", "! -d 2001:db8:203::8 -m dscp ! --dscp 46"),
     fields=["5.3 Extra arguments"])
