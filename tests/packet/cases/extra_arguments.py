# SPDX-License-Identifier: GPL-2.0-or-later
"""Extra arguments: iptables matches in rules, forwards, NAT rules and zones, on packets."""
from spec import (answer, case, defaults, forwarding, icmp, ping, rule, section, tcp, udp, zones)

RULE = ["4.1.2 Extra arguments"]
BASE = defaults() + zones(wan={"masq": "1"}) + forwarding("lan", "wan")


def extra(name, arguments, packets, fields=RULE, more="", base=BASE, **options):
    options = {"src": "wan", "proto": ["tcp", "udp"], "target": "ACCEPT", "extra": arguments,
               **options}
    refused, warning = options.pop("refused", None), options.pop("warning", None)
    case(f"extra: {name}", config=base + more + rule("r", **options), packets=packets,
         fields=fields, refused=refused, warning=warning)


def ssh(host="inet.7", **more):
    return tcp(host, "router", dport=22, **more)


extra("a port", "--dport 22", [ssh().accept("r"), tcp("inet.7", "router", 23).reject("wan"),
                               udp("inet.7", "router", 22).accept("r")])
extra("a source narrows the family", "-s 203.0.113.7", [
    ssh().v4.accept("r"), ssh("inet.8").v4.reject("wan"), ssh().v6.reject("wan")])
extra("a range", "-m iprange --src-range 203.0.113.5-203.0.113.9", [
    ssh().v4.accept("r"), ssh("inet.10").v4.reject(), ssh().v6.reject()])
extra("one protocol of two", "-m tcp --syn --dport 22", [
    ssh().accept("r"), udp("inet.7", "router", 22).reject("wan")])
extra("multiport", "-m multiport --dports 22,80:90", [
    ssh().accept("r"), udp("inet.7", "router", 85).accept("r"), udp("inet.7", "router", 91).reject()])
extra("length", "-m length --length 0:100", [udp("inet.7", "router", 9).accept("r")])
extra("negated", "! -s 203.0.113.0/25 -m ttl --ttl-gt 10", [
    ssh("inet.200").v4.accept("r"), ssh("inet.7").v4.reject(), ssh("inet.200", ttl=9).v4.reject(),
    ssh("inet.200").v6.reject()])
extra("per source", "-m hashlimit --hashlimit-upto 1/hour --hashlimit-burst 2 --hashlimit-mode srcip "
      "--hashlimit-name x", [
          ssh().v4.accept("r"), ssh().v4.accept("r"), ssh().v4.reject(), ssh("inet.8").v4.accept("r"),
          ssh().v6.accept("r")])
extra("mark", "-m mark --mark 0x5/0xf", [udp("router", "lan.7", 9, mark=0x15).drop("r"),
                                        udp("router", "lan.7", 9, mark=0x16).accept()],
      src=None, dest="lan", target="DROP")
extra("DSCP", "-m dscp --dscp-class EF", [udp("inet.7", "router", 9, dscp=46).accept("r"),
                                         udp("inet.7", "router", 9, dscp=45).reject()])
extra("owner", "-m owner --uid-owner 1000", [
    udp("router", "lan.7", 9, uid=1000).drop("r"), udp("router", "lan.7", 9).accept()],
    src=None, dest="lan", target="DROP")
extra("conntrack", "-m conntrack --ctstate INVALID", [
    tcp("inet.7", "router", flags=0x12).drop("r"), ssh().reject("wan")], target="DROP")
extra("addrtype", "-m addrtype --dst-type LOCAL --src-type UNICAST", [ssh().accept("r")])
extra("a set", "-m set --match-set friends src", [ssh().v4.accept("r"), ssh("inet.8").v4.reject(),
                                                  ssh().v6.reject()],
      more=section("ipset", name="friends", match=["src_ip"], entry=["203.0.113.7"]))
extra("recent between two sections", "-m recent --name knock --rcheck --seconds 60 --dport 22", [
    ssh().v4.reject("wan"), tcp("inet.7", "router", 99).v4.drop("knock"), ssh().v4.accept("r"),
    ssh("inet.8").v4.reject("wan"), ssh().v6.reject("wan"),
    tcp("inet.7", "router", 99).v6.drop("knock"), ssh().v6.accept("r")],
    more=rule("knock", src="wan", proto="tcp", dest_port="99", target="DROP",
              extra="-m recent --name knock --set"))
extra("recent: the third within a minute", "-m recent --name many --update --seconds 60 --hitcount 3 "
      "--dport 22", [
          ssh().v4.reject("wan"), ssh().v4.reject("wan"), ssh().v4.drop("r"), ssh().v4.drop("r"),
          ssh("inet.8").v4.reject("wan")],
      more=rule("note", src="wan", proto="tcp", dest_port="22", target="MARK", set_mark="0",
                extra="-m recent --name many --set"), target="DROP")
extra("ICMP type of every protocol", "-m icmp --icmp-type 8", [
    ping("inet.7", "router").v4.accept("r"), icmp("inet.7", "router", type4=13).reject(),
    ssh().reject()], proto="all")
case("extra: a forward", fields=["3.2 Extra arguments"], config=BASE + section(
    "redirect", name="f", src="wan", dest="lan", proto="tcp", src_dport="8080", dest_port="80",
    dest_ip="192.168.1.10", target="DNAT", extra="-m iprange --src-range 203.0.113.5-203.0.113.9"),
    packets=[a := tcp("inet.7", "router", 8080).v4.accept(dst="lan.10", dport=80), answer(a).accept(),
             tcp("inet.10", "router", 8080).v4.reject("wan")])
case("extra: source NAT", fields=["5.3 Extra arguments"], config=BASE + section(
    "nat", name="n", src="wan", proto="all", target="SNAT", snat_ip="198.51.100.99",
    extra="-p udp -m udp --dport 7000"), packets=[
        udp("lan.10", "inet.7", 7000).v4.accept(src="198.51.100.99"),
        udp("lan.10", "inet.7", 7001).v4.accept(src="router.wan")])
case("extra: a zone by a mark", config=defaults() + zones(
    guest={"extra": "-m mark --mark 0x7", "input": "ACCEPT"}) + rule(
        "m", src="*", dest="*", target="ACCEPT", enabled="0") + section(
        "include", path="@DIR@/user"),
    files={"user": "iptables -t mangle -A PREROUTING -s 192.168.3.7 -j MARK --set-mark 7\n"}, packets=[
        tcp("guest.7", "router").v4.accept(mark=7), tcp("guest.8", "router").v4.reject()])

# ---- a full table closes ----

# Two senders fill it; whoever comes later has no bucket, and so is refused, never let through.
FULL = ("-m hashlimit --hashlimit-above 1/hour --hashlimit-burst 1 --hashlimit-mode srcip "
        "--hashlimit-htable-max 2 --hashlimit-name full")
extra("hashlimit above, then drop: a full table drops", FULL,
      [*(udp(f"inet.{host}", "router", 9).v4.reject("wan") for host in (7, 8)),
       *(udp("inet.9", "router", 9).v4.drop("r") for _ in range(4)),
       udp("inet.7", "router", 9).v4.drop("r")], target="DROP")

# ---- what cannot be said, and what is no argument ----

STRING = "-m string --hex-string |06|tap200|05|rutos|03|net| --algo bm"
extra("string: a section that opens is left out", STRING, [ssh().reject("wan")],
      warning="extra-not-supported")
extra("string: a section that refuses stops the apply", STRING, [], target="DROP",
      refused="extra-not-supported")
extra("a target", "-j ACCEPT", [], refused="extra-token")
extra("a table", "-t nat", [], refused="extra-token")
extra("a program", "--modprobe=/tmp/x", [], refused="extra-token")
extra("a misspelt option", "-m conntrack --ctsate NEW", [], refused="extra-token")
extra("a bad value", "--dport 99999", [], refused="extra-value")
extra("a zone that cannot be told", "", [], more=zones(vpn={"network": ["vpn"], "extra": "-m limit --limit 1/s"}),
      base=defaults(), refused="extra-not-supported")
