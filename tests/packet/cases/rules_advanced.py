# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual's section 4.1.2, a traffic rule's advanced settings, and options beyond the manual."""
from spec import BASE, answer, case, forwarding, icmp, pause, rule, section, tcp, udp

# ---- Restrict to address family ----

FAMILY = ["4.1.2 Restrict to address family"]
for word, families in (("ipv4", (4,)), ("ipv6", (6,)), ("any", (4, 6)), (None, (4, 6)),
                       ("", (4, 6)), ("IPv4", (4,))):
    packets = []
    for p in (tcp("inet.7", "router").v4, tcp("inet.7", "router").v6):
        packets.append(p.accept("r") if p.families[0] in families else p.reject("wan"))
    case(f"family {word!r}", fields=FAMILY, rules=rule(
        src="wan", proto="tcp", dest_port="80", family=word, target="ACCEPT"),
        packets=[*packets, tcp("inet.7", "router", dport=81).reject("wan")])
case("family against the addresses is refused", fields=FAMILY, rules=rule(
    src="wan", proto="tcp", family="ipv6", src_ip="203.0.113.7", target="ACCEPT"),
    refused="family-conflict")

# ---- Source MAC address ----

MAC = ["4.1.2 Source MAC address"]
A, B, C = (f"02:00:00:00:00:{n:02x}" for n in (0xAA, 0xBB, 0xCC))


def from_mac(mac):
    return tcp("lan.10", "inet.7", mac=mac)


def mac_rule(value):
    return rule(src="lan", dest="wan", proto="tcp", src_mac=value, target="ACCEPT")


case("source MAC: one", fields=MAC, rules=mac_rule(A.upper()), packets=[
    from_mac(A).accept("r"), from_mac(B).reject(), udp("lan.10", "inet.7", mac=A).reject()])
case("source MAC: a list", fields=MAC, rules=mac_rule([A, B]), packets=[
    from_mac(A).accept("r"), from_mac(B).accept("r"), from_mac(C).reject()])
case("source MAC: all but one", fields=MAC, rules=mac_rule("!" + A), packets=[
    from_mac(A).reject(), from_mac(B).accept("r")])
case("source MAC: several exclusions hold at once", fields=MAC, rules=mac_rule(["!" + A, "!" + B]),
     packets=[from_mac(A).reject(), from_mac(B).reject(), from_mac(C).accept("r")])
case("source MAC: to the router", fields=MAC, rules=rule(
    src="wan", proto="udp", src_mac=A, target="ACCEPT"), packets=[
        udp("wan.7", "router", mac=A).accept("r"), udp("wan.7", "router", mac=B).reject("wan")])
case("source MAC: without a source zone it is refused", fields=MAC,
     rules=rule(dest="wan", proto="tcp", src_mac=A, target="DROP"), refused="mac-without-source")

# ---- DSCP ----

SET_DSCP = ["4.1.2 DSCP: Set Target value"]
CLASSES = {"CS0": 0, "CS1": 8, "AF11": 10, "AF12": 12, "AF13": 14, "CS2": 16, "AF21": 18, "AF22": 20,
           "AF23": 22, "CS3": 24, "AF31": 26, "AF32": 28, "AF33": 30, "CS4": 32, "AF41": 34,
           "AF42": 36, "AF43": 38, "CS5": 40, "EF": 46, "CS6": 48, "CS7": 56}
case("set DSCP: every class, by name and by number", fields=SET_DSCP,
     rules=forwarding("lan", "wan") + "".join(
         rule(name, src="lan", dest="wan", proto="udp", dest_port=1000 + value, set_dscp=name,
              target="DSCP") +
         rule(f"n{value}", src="lan", dest="wan", proto="udp", dest_port=2000 + value,
              set_dscp=value, target="DSCP") for name, value in CLASSES.items()),
     packets=[udp("lan.10", "inet.7", dport=base + value, dscp=1).accept(dscp=value)
              for base in (1000, 2000) for value in CLASSES.values()] +
     [udp("lan.10", "inet.7", dport=3000, dscp=1).accept(dscp=1)])

MATCH_DSCP = ["4.1.2 Match", "4.1.2 DSCP: Set Match value"]
case("match DSCP", fields=MATCH_DSCP, rules=rule(
    src="wan", proto="tcp", match="DSCP", dscp="10", target="ACCEPT"), packets=[
        tcp("inet.7", "router", dscp=10).accept("r"), tcp("inet.7", "router", dscp=12).reject("wan"),
        tcp("inet.7", "router").reject("wan")])
case("match DSCP by name, through the router", fields=MATCH_DSCP, rules=rule(
    src="lan", dest="wan", proto="all", dscp="EF", target="ACCEPT"), packets=[
        udp("lan.7", "inet.7", dscp=46).accept("r"), udp("lan.7", "inet.7", dscp=0).reject()])
case("match any DSCP but one", fields=MATCH_DSCP, rules=rule(
    src="wan", proto="tcp", dscp="!10", target="ACCEPT"), packets=[
        tcp("inet.7", "router", dscp=10).reject("wan"), tcp("inet.7", "router", dscp=0).accept("r"),
        tcp("inet.7", "router", dscp=11).accept("r")])
case("match DSCP 0 means packets without one", fields=MATCH_DSCP, rules=rule(
    src="wan", proto="tcp", dscp="0", target="ACCEPT"), packets=[
        tcp("inet.7", "router", dscp=0).accept("r"), tcp("inet.7", "router", dscp=1).reject("wan")])

# ---- marks ----

SET_MARK = ["4.1.2 Mark: Set Target value"]
OUT = {"dest": "wan", "proto": "udp", "target": "MARK"}


def set_mark(text, results, **more):
    """results: {mark of the router's socket: mark on the wire}"""
    case(f"set mark {text}", fields=SET_MARK, rules=rule(set_mark=text, **OUT), packets=[
        udp("router", "inet.7", mark=before).accept("wan", mark=after)
        for before, after in results.items()] + [tcp("router", "inet.7").accept("wan", mark=0)],
        **more)


set_mark("FF", {0: 255, 0x100: 255})
set_mark("ff", {0: 255})
set_mark("16", {0: 0x16})
set_mark("0x16", {0: 0x16})
set_mark("0x10/0xf0", {0: 0x10, 0x1FF: 0x11F, 0xF: 0x1F})
set_mark("10/f0", {0x2A1: 0x211})
set_mark("0xffffffff", {1: 0xFFFFFFFF})
case("set mark: digits are decimal in the dialect of OpenWrt", fields=SET_MARK,
     rules=rule(set_mark="16", **OUT), settings=section(
         "settings", dialect="openwrt", log_target="nflog", log_group="7"),
     packets=[udp("router", "inet.7").accept("wan", mark=16),
              tcp("router", "inet.7").accept("wan", mark=0)])
case("set_xmark flips the bits under its mask", rules=rule(set_xmark="0x11/0xff", **OUT), packets=[
    udp("router", "inet.7", mark=0x1FF).accept("wan", mark=0x111),
    udp("router", "inet.7").accept("wan", mark=0x11)])
case("a mark that is no number is refused", fields=SET_MARK, rules=rule(set_mark="xyz", **OUT),
     refused="bad-mark")

MATCH_MARK = ["4.1.2 Match", "4.1.2 Mark: Set Match value"]


def match_mark(text, yes, no):
    case(f"match mark {text}", fields=MATCH_MARK, rules=rule(
        dest="wan", proto="udp", match="FWMARK", mark=text, target="DROP"), packets=[
            *(udp("router", "inet.7", mark=m).drop("r") for m in yes),
            *(udp("router", "inet.7", mark=m).accept("wan") for m in no)])


match_mark("FF", (255,), (0, 254, 0x1FF))
match_mark("16", (0x16,), (16, 0))
match_mark("0x16", (0x16,), (16,))
match_mark("!ff", (0, 254), (255,))
match_mark("0x10/0xf0", (0x10, 0x1F, 0xF10), (0x20, 0))
match_mark("!0x10/0xf0", (0x20, 0), (0x10, 0x11F))
case("a mark set by one rule is matched by another", fields=MATCH_MARK + SET_MARK,
     rules=rule("set", src="guest", dest="*", proto="udp", set_mark="a1", target="MARK") +
     rule("match", src="guest", dest="dmz", proto="udp", mark="a1", target="ACCEPT") +
     rule("other", src="lan", dest="dmz", proto="udp", mark="a1", target="ACCEPT"), packets=[
         udp("guest.5", "dmz.7").accept("match", mark=0xA1), udp("lan.5", "dmz.7").reject(),
         tcp("guest.5", "dmz.7").reject()])

# ---- device and direction ----

case("device, coming in",
     rules=rule(src="*", device="guest0", direction="in", proto="tcp", dest_port="80",
                target="ACCEPT"), packets=[
         tcp("guest.5", "router").accept("r"), tcp("inet.5", "router").reject("wan")])
case("device, going out", rules=rule(dest="*", device="eth0", direction="out", proto="tcp",
                                     dest_port="80", target="DROP"), packets=[
    tcp("router", "inet.7").drop("r"), tcp("router", "lan.7").accept("lan")])
case("device, coming in, without zones: to the router",
     rules=rule(device="tun_1", direction="in", proto="tcp", target="ACCEPT"), packets=[
         tcp("vpn.5", "router").accept("r"), tcp("inet.5", "router").reject("wan"),
         tcp("router", "vpn.5").accept()])
case("device, going out, without zones: from the router",
     rules=rule(device="tun_1", direction="out", proto="tcp", target="REJECT"), packets=[
         tcp("router", "vpn.5").reject("r"), tcp("router", "inet.5").accept("wan"),
         tcp("vpn.5", "router").reject()])
case("device of a zone with several",
     base="", rules=BASE.replace("list network 'lan'", "list network 'lan'\n\tlist network 'vpn'") +
     rule(src="lan", device="tun_1", proto="tcp", target="DROP"), packets=[
         tcp("vpn.5", "router").drop("r"), tcp("lan.5", "router").accept("lan")])
case("device by a pattern", rules=rule(src="*", device="tun_+", direction="in", proto="tcp",
                                       target="ACCEPT"), packets=[
    tcp("vpn.5", "router").accept("r"), tcp("guest.5", "router").reject("guest")])

# ---- limits ----

PING = {"src": "wan", "proto": "icmp", "icmp_type": "echo-request", "family": "ipv4",
        "target": "ACCEPT"}


def pings(n):
    return [icmp("inet.7", "router", 8) for _ in range(n)]


case("limit: the burst passes, the excess goes on to later rules",
     rules=rule(limit="1/hour", limit_burst="4", **PING), packets=[
         *(p.accept("r") for p in pings(4)), *(p.reject("wan") for p in pings(3)),
         tcp("inet.7", "router").reject("wan")])
case("limit: five at once when no burst is given", rules=rule(limit="1/day", **PING), packets=[
    *(p.accept("r") for p in pings(5)), *(p.reject("wan") for p in pings(2))])
case("limit: one bucket for all senders", rules=rule(limit="1/hour", limit_burst="2", **PING),
     packets=[icmp("inet.7", "router", 8).accept("r"), icmp("inet.8", "router", 8).accept("r"),
              icmp("inet.9", "router", 8).reject("wan")])
case("limit: it fills again", rules=rule(limit="5/second", limit_burst="1", **PING), packets=[
    icmp("inet.7", "router", 8).accept(), icmp("inet.7", "router", 8).reject(),
    pause(0.3), icmp("inet.7", "router", 8)])
case("limit: a later rule takes the excess",
     rules=rule("few", limit="1/minute", limit_burst="2", **PING) +
     rule("rest", src="wan", proto="icmp", family="ipv4", target="DROP"), packets=[
         *(p.accept("few") for p in pings(2)), *(p.drop("rest") for p in pings(2))])
case("limit for each sender", rules=rule(limit="1/hour", limit_burst="2", limit_per_source="1",
                                         src="wan", proto="tcp", dest_port="22", target="ACCEPT"),
     packets=[
         *(tcp("inet.7", "router", dport=22).accept("r") for _ in range(2)),
         tcp("inet.7", "router", dport=22).v4.drop(), tcp("inet.7", "router", dport=22).v6.drop(),
         tcp("inet.8", "router", dport=22).accept("r"),
         tcp("inet.7", "router", dport=23).reject("wan")])

# ---- TTL, MSS ----

TTL = {"src": "lan", "dest": "wan", "proto": "udp", "target": "TTL"}
for action, value, before, after in (("set", 10, 64, 10), ("increment", 5, 64, 68),
                                     ("decrement", 10, 64, 53), (None, 77, 64, 77)):
    case(f"TTL {action} {value}", rules=forwarding("lan", "wan") + rule(
        ttl_action=action, ttl_value=value, **TTL), packets=[
            udp("lan.5", "inet.7", ttl=before).accept(ttl=after),
            tcp("lan.5", "inet.7", ttl=before).accept()])
case("maximum MSS", rules=forwarding("lan", "wan") + rule(
    src="lan", dest="wan", proto="tcp", set_mss="1200", target="TCPMSS"), packets=[
        tcp("lan.5", "inet.7", mss=1460).accept(mss=1200),
        tcp("lan.5", "inet.7", mss=900).accept(mss=900)])
case("match MSS", rules=rule(src="wan", proto="tcp", tcpmss="1000:1200", set_mark="1",
                             target="MARK") + rule("ok", src="wan", proto="tcp", target="ACCEPT"),
     packets=[tcp("inet.5", "router", mss=1100).accept("ok", mark=1),
              tcp("inet.5", "router", mss=1300).accept("ok", mark=0)])

# ---- helpers ----

case("a rule assigns a helper", rules=forwarding("lan", "wan") + rule(
    src="lan", proto="tcp", dest_port="2121", set_helper="ftp", target="HELPER"), packets=[
        tcp("lan.5", "inet.7", dport=2121).accept(helper="ftp"),
        tcp("lan.5", "inet.7", dport=2122).accept(helper="")])
case("a rule matches what a helper expects",
     rules=forwarding("lan", "wan") + rule("assign", src="lan", proto="udp", dest_port="69",
                                           set_helper="tftp", target="HELPER") +
     rule("match", src="wan", dest="lan", proto="udp", helper="tftp", set_mark="7", target="MARK"),
     packets=[
         udp("lan.5", "inet.7", sport=3000, dport=69, before=b"\0\1x\0octet\0").accept(),
         udp("inet.7", "lan.5", sport=4444, dport=3000, ct="related", helper="tftp").accept(mark=7),
         a := udp("lan.5", "inet.7", dport=70).accept(), answer(a).accept(mark=0)])

# ---- logging of a rule ----

case("a rule logs what it matches", rules=rule(
    src="wan", proto="tcp", dest_port="22", log="1", target="ACCEPT"), packets=[
        tcp("inet.7", "router", dport=22).accept("r").logged("r: "),
        tcp("inet.7", "router", dport=23).reject("wan").logged(None)])
case("a rule logs with a prefix of its own", rules=rule(
    src="wan", proto="tcp", dest_port="22", log="who is this: ", target="DROP"), packets=[
        tcp("inet.7", "router", dport=22).drop("r").logged("who is this: "),
        tcp("inet.7", "router", dport=23).reject("wan").logged(None)])
