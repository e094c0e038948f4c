# SPDX-License-Identifier: GPL-2.0-or-later
"""Masquerading in depth: subnets, negations, families, and that nothing leaks."""
from spec import (SYNACK, answer, case, defaults, forwarding, icmp, rule, section, tcp, udp,
                  zones)

OUT = forwarding("lan", "wan") + forwarding("guest", "wan") + forwarding("dmz", "wan")
SOURCES = "2.2.2 Restrict Masquerading to given source subnets"
DESTS = "2.2.2 Restrict Masquerading to given destinations subnets"
HIDDEN = {"src": "router.wan"}


def wan(more="", **options):
    return defaults() + zones(wan={"masq": "1", **options}) + OUT + more


case("masquerading: sources and exclusions from them", fields=[SOURCES],
     config=wan(masq_src=["192.168.1.0/24", "!192.168.1.10", "!192.168.1.16/28", "192.168.3.7"]),
     packets=[tcp("lan.9", "inet.7").v4.accept(**HIDDEN), tcp("lan.10", "inet.7").v4.accept(),
              tcp("lan.20", "inet.7").v4.accept(), tcp("guest.7", "inet.7").v4.accept(**HIDDEN),
              tcp("guest.8", "inet.7").v4.accept(), tcp("lan.9", "inet.7").v6.accept()])
case("masquerading: sources and destinations together", fields=[SOURCES, DESTS],
     config=wan(masq_src=["lan"], masq_dest=["203.0.113.0/29", "!203.0.113.3"]), packets=[
         tcp("lan.9", "inet.7").v4.accept(**HIDDEN), tcp("lan.9", "inet.3").v4.accept(),
         tcp("lan.9", "inet.9").v4.accept(), tcp("guest.9", "inet.7").v4.accept()])
case("masquerading: not for a network, by its name", fields=[SOURCES],
     config=wan(masq_src=["!guest"]), packets=[
         tcp("lan.9", "inet.7").v4.accept(**HIDDEN), tcp("guest.9", "inet.7").v4.accept()])
case("masquerading: not to a network, by its name", fields=[DESTS], config=wan(masq_dest=["!wan"]),
     packets=[tcp("lan.9", "inet.7").v4.accept(**HIDDEN), tcp("lan.9", "wan.9").v4.accept()])
case("masquerading: a mask that is no prefix", fields=[SOURCES],
     config=wan(masq_src=["192.168.1.1/255.255.255.1"]), packets=[
         tcp("lan.9", "inet.7").v4.accept(**HIDDEN), tcp("lan.10", "inet.7").v4.accept()])
case("masquerading: subnets of both families", fields=[SOURCES],
     config=wan(masq6="1", masq_src=["192.168.1.9", "fd00:1::9"]), packets=[
         tcp("lan.9", "inet.7").accept(**HIDDEN), tcp("lan.10", "inet.7").accept()])
case("IPv6 masquerading is not restricted by IPv4 subnets",
     config=wan(masq6="1", masq_src=["192.168.1.9"]), packets=[
         tcp("lan.9", "inet.7").accept(**HIDDEN), tcp("lan.10", "inet.7").v4.accept(),
         tcp("lan.10", "inet.7").v6.accept(**HIDDEN)])
case("masquerading for the zone's family only", config=wan(masq6="1", family="ipv6"), packets=[
    a := tcp("lan.9", "inet.7").v6.accept(**HIDDEN), answer(a).accept(),
    tcp("lan.9", "inet.7").v4.reject()])
case("two masquerading zones", config=defaults() + zones(
    wan={"masq": "1"}, dmz={"masq": "1"}) + OUT + forwarding("lan", "dmz"), packets=[
        udp("lan.9", "inet.7").v4.accept(**HIDDEN),
        udp("lan.9", "dmz.7").v4.accept(src="router.dmz"), udp("dmz.9", "inet.7").v4.accept(**HIDDEN)])

# ---- leaks ----

# What tracking calls invalid: an answer to nothing, an ICMP answer to nothing.
BAD = [("tcp", lambda s, d: tcp(s, d, flags=SYNACK)), ("icmp", lambda s, d: icmp(s, d, 0, 129))]
WAYS = {
    "a forwarding": OUT,
    "a traffic rule": rule(src="lan", dest="wan", proto="all", target="ACCEPT"),
    "a traffic rule to any zone": rule(src="lan", dest="*", proto="all", target="ACCEPT"),
    "a traffic rule from any zone to any": rule(src="*", dest="*", proto="all", target="ACCEPT"),
}
for way, text in WAYS.items():
    for kind, make in BAD:
        case(f"leak: {kind} that is not tracked, by {way}, is stopped",
             config=defaults() + zones(wan={"masq": "1"}) + text, packets=[
                 make("lan.10", "inet.7").v4.drop(), make("lan.10", "inet.7").v6.accept(),
                 tcp("lan.10", "inet.7").v4.accept(**HIDDEN)])
        case(f"leak: {kind} by {way}, when it is allowed (the control)",
             config=defaults() + zones(wan={"masq": "1", "masq_allow_invalid": "1"}) + text,
             packets=[make("lan.10", "inet.7").v4.accept(state="invalid"),
                      tcp("lan.10", "inet.7").v4.accept(**HIDDEN)])
case("leak: by the general forward policy, is stopped",
     config=defaults(forward="ACCEPT") + zones(wan={"masq": "1", "masq6": "1"}, lan={
         "forward": "ACCEPT"}), packets=[
             tcp("lan.10", "inet.7", flags=SYNACK).drop(), tcp("lan.10", "inet.7").accept(**HIDDEN),
             tcp("inet.7", "dmz.10", flags=SYNACK).accept(state="invalid")])
case("leak: with the other subnets of the zone, is stopped", config=defaults() + zones(
    lan={}, far={"device": ["tun_1"], "subnet": ["10.8.0.0/24"], "masq": "1"}) +
     forwarding("lan", "far"), packets=[
         tcp("lan.10", "vpn.7", flags=SYNACK).v4.drop(),
         tcp("lan.10", "vpn.7").v4.accept(src="router.vpn")])
case("leak: IPv6 masquerading stops IPv6 only", config=defaults() + zones(
    wan={"masq6": "1"}) + OUT, packets=[
        tcp("lan.10", "inet.7", flags=SYNACK).v6.drop(),
        tcp("lan.10", "inet.7", flags=SYNACK).v4.accept(state="invalid")])
case("leak: untracked traffic is the rule's own wish", config=wan(
    rule("q", src="lan", proto="udp", dest_port="5000", target="NOTRACK")), packets=[
        udp("lan.10", "inet.7", dport=5000).v4.accept(state="untracked"),
        udp("lan.10", "inet.7", dport=5001).v4.accept(**HIDDEN)])
for word, script in (("a custom rule of the zone", "iptables -A forwarding_lan_rule -j ACCEPT\n"),
                     ("a custom rule behind all others", "iptables -A FORWARD -j ACCEPT\n")):
    case(f"leak: by {word}, is stopped", config=defaults() + zones(wan={"masq": "1"}) + section(
        "include", path="@DIR@/user"), files={"user": script}, packets=[
            tcp("lan.10", "inet.7", flags=SYNACK).v4.drop(),
            tcp("lan.10", "inet.7").v4.accept(**HIDDEN)])
