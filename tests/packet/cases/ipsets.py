# SPDX-License-Identifier: GPL-2.0-or-later
"""Sets (`config ipset`) and rules that match them, each kind of entry."""
from spec import case, rule, section, sctp, tcp, udp


def ipset(name="s", **options):
    return section("ipset", name=name, **options)


def in_set(match="s", **options):
    return rule(**{"src": "lan", "dest": "wan", "proto": "all", "ipset": match, "target": "ACCEPT",
                   **options})


def from_host(n, **more):
    return tcp(f"lan.{n}", "inet.7", **more)


case("set of addresses, as source", rules=ipset(match="src_ip", entry=[
    "192.168.1.10", "192.168.1.11"]) + in_set(), packets=[
        from_host(10).v4.accept("r"), from_host(11).v4.accept("r"), from_host(12).v4.reject(),
        from_host(10).v6.reject()])
case("set of addresses, as destination", rules=ipset(match="dest_ip", entry=["203.0.113.7"]) +
     in_set(), packets=[tcp("lan.5", "inet.7").v4.accept("r"), tcp("lan.5", "inet.8").v4.reject()])
case("the rule says which end", rules=ipset(match="ip", entry=["203.0.113.7", "192.168.1.66"]) +
     in_set("s dest"), packets=[tcp("lan.5", "inet.7").v4.accept("r"),
                                tcp("lan.66", "inet.8").v4.reject()])
case("set of IPv6 addresses", rules=ipset(match="src_ip", family="ipv6", entry=["fd00:1::10"]) +
     in_set(), packets=[from_host(10).v6.accept("r"), from_host(11).v6.reject(),
                        from_host(10).v4.reject()])
case("not in a set", rules=ipset(match="src_ip", entry=["192.168.1.10"]) + in_set("!s"), packets=[
    from_host(10).v4.reject(), from_host(11).v4.accept("r")])
case("set of networks", rules=ipset(match="src_net", entry=["192.168.1.0/28", "192.168.1.64/26"]) +
     in_set(), packets=[from_host(10).v4.accept("r"), from_host(16).v4.reject(),
                        from_host(100).v4.accept("r"), from_host(128).v4.reject()])
case("set of ports", rules=ipset(match="dest_port", entry=["80", "443", "8000-8010"]) + in_set(),
     packets=[from_host(5, dport=80).v4.accept("r"), from_host(5, dport=8005).v4.accept("r"),
              from_host(5, dport=81).v4.reject(), udp("lan.5", "inet.7", dport=443).v4.accept("r")])
case("set of MAC addresses", rules=ipset(match="src_mac", entry=["02:00:00:00:00:aa"]) + in_set(),
     packets=[from_host(5, mac="02:00:00:00:00:aa").v4.accept("r"),
              from_host(5, mac="02:00:00:00:00:ab").v4.reject()])
case("set of addresses and ports", rules=ipset(match=["dest_ip", "dest_port"], entry=[
    "203.0.113.7,tcp:80", "203.0.113.8,udp:53"]) + in_set(), packets=[
        tcp("lan.5", "inet.7", dport=80).v4.accept("r"),
        udp("lan.5", "inet.8", dport=53).v4.accept("r"),
        udp("lan.5", "inet.7", dport=80).v4.reject(), tcp("lan.5", "inet.8", dport=80).v4.reject(),
        tcp("lan.5", "inet.7", dport=53).v4.reject(),
        sctp("lan.5", "inet.7", dport=80).v4.reject()])
case("set of networks and ports", rules=ipset(match=["src_net", "dest_port"], entry=[
    "192.168.1.0/28,tcp:80"]) + in_set(), packets=[
        from_host(9, dport=80).v4.accept("r"), from_host(77, dport=80).v4.reject(),
        from_host(9, dport=81).v4.reject()])
case("set of addresses and MAC addresses", rules=ipset(match=["src_ip", "src_mac"], entry=[
    "192.168.1.10,02:00:00:00:00:aa"]) + in_set(), packets=[
        from_host(10, mac="02:00:00:00:00:aa").v4.accept("r"),
        from_host(10, mac="02:00:00:00:00:ab").v4.reject(),
        from_host(11, mac="02:00:00:00:00:aa").v4.reject()])
case("set of source, port and destination", rules=ipset(match=["src_ip", "dest_port", "dest_ip"],
                                                         entry=[
    "192.168.1.10,tcp:80,203.0.113.7"]) + in_set(), packets=[
        from_host(10, dport=80).v4.accept("r"), from_host(11, dport=80).v4.reject(),
        from_host(10, dport=81).v4.reject(), tcp("lan.10", "inet.8", dport=80).v4.reject()])
case("set of source, port and destination network", rules=ipset(
    match=["src_ip", "dest_port", "dest_net"], entry=["192.168.1.10,tcp:80,203.0.113.0/29"]) +
    in_set(), packets=[
        tcp("lan.10", "inet.6", dport=80).v4.accept("r"),
        tcp("lan.10", "inet.8", dport=80).v4.reject()])
case("set of two networks", rules=ipset(match=["src_net", "dest_net"], entry=[
    "192.168.1.0/28,203.0.113.0/29"]) + in_set(), packets=[
        tcp("lan.9", "inet.6").v4.accept("r"), tcp("lan.19", "inet.6").v4.reject(),
        tcp("lan.9", "inet.8").v4.reject()])
case("an entry that does not belong", rules=ipset(match="src_net", entry=[
    "192.168.1.0/24", "192.168.1.10 nomatch"]) + in_set(), packets=[
        from_host(11).v4.accept("r"), from_host(10).v4.reject()])
case("entries of a file", rules=ipset(match="src_ip", loadfile="@DIR@/hosts") + in_set(),
     files={"hosts": "# the good ones\n192.168.1.10\n192.168.1.12 # also\n"}, packets=[
         from_host(10).v4.accept("r"), from_host(12).v4.accept("r"), from_host(11).v4.reject()])
case("addresses widened to networks", rules=ipset(match="src_ip", netmask="28", entry=[
    "192.168.1.16"]) + in_set(), packets=[from_host(20).v4.accept("r"), from_host(32).v4.reject()])
case("a set with a timeout holds its entries", rules=ipset(match="src_ip", timeout="600", entry=[
    "192.168.1.10"]) + in_set(), packets=[from_host(10).v4.accept("r"), from_host(11).v4.reject()])
case("an empty set matches nothing", rules=ipset(match="src_ip") + in_set(), packets=[
    from_host(10).v4.reject()])
case("a set and other conditions together", rules=ipset(match="src_ip", entry=["192.168.1.10"]) +
     in_set(proto="tcp", dest_port="80"), packets=[
         from_host(10, dport=80).v4.accept("r"), from_host(10, dport=81).v4.reject(),
         from_host(11, dport=80).v4.reject()])
case("two rules, one set, both ends", rules=ipset(match="ip", entry=["192.168.1.10", "203.0.113.9"]) +
     in_set("s src", name="from") + in_set("s dest", name="to"), packets=[
         tcp("lan.10", "inet.7").v4.accept("from"), tcp("lan.11", "inet.9").v4.accept("to"),
         tcp("lan.11", "inet.7").v4.reject()])
case("a set that is not there is refused", rules=in_set("nothing"), refused="unknown-set")
case("a set switched off takes its rules along", warning="set-is-off",
     rules=ipset(match="src_ip", enabled="0", entry=["192.168.1.10"]) + in_set(), packets=[
         from_host(10).v4.reject()])
