# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual's section 4.1.1: a traffic rule's general settings."""
from lab import PORT
from spec import (answer, case, follow, forwarding, icmp, ping, proto, rule, sctp,
                  tcp, udp)

SSH = {"src": "wan", "proto": "tcp", "dest_port": "22"}

# ---- Enable, Name ----

case("enabled", fields=["4.1.1 Enable"], rules=rule(enabled="1", target="ACCEPT", **SSH),
     packets=[tcp("inet.7", "router", dport=22).accept("r"),
              tcp("inet.7", "router", dport=23).reject("wan")])
case("not enabled", fields=["4.1.1 Enable"], rules=rule(enabled="0", target="ACCEPT", **SSH),
     packets=[tcp("inet.7", "router", dport=22).reject("wan")])
case("enabled when nothing is said", fields=["4.1.1 Enable"], rules=rule(target="ACCEPT", **SSH),
     packets=[tcp("inet.7", "router", dport=22).accept("r")])

case("a rule counts under its name", fields=["4.1.1 Name"],
     rules=rule("Allow_SSH-1", target="ACCEPT", **SSH), packets=[
         tcp("inet.7", "router", dport=22).accept("Allow_SSH-1"),
         tcp("inet.7", "router", dport=22).accept("Allow_SSH-1"),
         udp("inet.7", "router", dport=22).reject("wan")])
case("a name with spaces, signs and other letters works", fields=["4.1.1 Name"],
     rules=rule('Zugang für %s; "x" {}', target="ACCEPT", **SSH), packets=[
         tcp("inet.7", "router", dport=22).accept('Zugang für %s; "x" {}'),
         tcp("inet.7", "router", dport=23).reject("wan")])
case("two rules of one name both work", fields=["4.1.1 Name"],
     rules=rule("twin", target="ACCEPT", **SSH) + rule(
         "twin", src="wan", proto="udp", dest_port="53", target="ACCEPT"), packets=[
             tcp("inet.7", "router", dport=22).accept(), udp("inet.7", "router", dport=53).accept(),
             udp("inet.7", "router", dport=22).reject("wan")])
case("the first rule that decides wins",
     rules=rule("first", target="DROP", src_ip="203.0.113.7", **SSH) + rule(
         "second", target="ACCEPT", **SSH), packets=[
             tcp("inet.7", "router", dport=22).v4.drop("first"),
             tcp("inet.8", "router", dport=22).v4.accept("second"),
             tcp("inet.7", "router", dport=22).v6.accept("second")])

# ---- Protocol ----


def every_protocol(expected):
    """One packet of each kind; expected: the names that the rule is about."""
    kinds = {"tcp": tcp("inet.7", "router"), "udp": udp("inet.7", "router"),
             "icmp4": icmp("inet.7", "router", 8), "icmp6": icmp("inet.7", "router", None, 128),
             "gre": proto(47, "inet.7", "router"), "esp": proto(50, "inet.7", "router"),
             "sctp": sctp("inet.7", "router"), "89": proto(89, "inet.7", "router")}
    return [p.accept("r") if name in expected else p.reject("wan") for name, p in kinds.items()]


ALL_KINDS = {"tcp", "udp", "icmp4", "icmp6", "gre", "esp", "sctp", "89"}
for words, expected in {
        "tcp": {"tcp"}, "udp": {"udp"}, "tcp udp": {"tcp", "udp"}, "tcpudp": {"tcp", "udp"},
        "icmp": {"icmp4", "icmp6"}, "icmpv6": {"icmp6"}, "all": ALL_KINDS, "any": ALL_KINDS,
        "gre": {"gre"}, "esp": {"esp"}, "47": {"gre"}, "sctp": {"sctp"}, "ospf": {"89"},
        "89": {"89"}, "tcp icmp 50": {"tcp", "icmp4", "icmp6", "esp"}, "!tcp": ALL_KINDS - {"tcp"},
        "TCP": {"tcp"}, None: {"tcp", "udp"}}.items():
    case(f"protocol {words or 'not given'}", fields=["4.1.1 Protocol"],
         rules=rule(src="wan", proto=words, target="ACCEPT"), packets=every_protocol(expected))
case("protocols as a list", fields=["4.1.1 Protocol"],
     rules=rule(src="wan", proto=["udp", "gre"], target="ACCEPT"),
     packets=every_protocol({"udp", "gre"}))

# ---- Match ICMP type ----

ICMP_TYPES = {  # word: types it names in IPv4 and in IPv6
    "echo-request": (8, 128), "echo-reply": (0, 129),
    "8": (8, 8), "128": (128, 128), "timestamp-request": (13, None),
    "destination-unreachable": (3, 1), "host-unreachable": ((3, 1), None),
    "3/3": ((3, 3), (3, 3)), "time-exceeded": (11, 3), "router-advertisement": (9, 134),
    "neighbour-solicitation": (None, 135), "neighbour-advertisement": (None, 136),
    "packet-too-big": (None, 2), "no-route": (None, (1, 0)), "ttl-zero-during-transit":
    ((11, 0), (3, 0)),
}
for word, (type4, type6) in ICMP_TYPES.items():
    packets = []
    for family, kind in ((4, type4), (6, type6)):
        other = 17 if family == 4 else 139
        p4, p6 = (kind, None) if family == 4 else (None, kind)
        if kind is not None:
            packets.append(icmp("inet.7", "router", p4, p6).accept("r"))
        if isinstance(kind, tuple):
            near = (kind[0], kind[1] + 4)
            packets.append(icmp("inet.7", "router", *((near, None) if family == 4 else
                                                      (None, near))).reject("wan"))
        packets.append(icmp("inet.7", "router", *((other, None) if family == 4 else
                                                  (None, other))).reject("wan"))
    # nothing answers an ICMP error, so the refusal of one is silent
    for p in packets:
        kind = p.fields["type4"] if p.families == [4] else p.fields["type6"]
        number = kind[0] if isinstance(kind, tuple) else kind
        silent = number in (3, 4, 5, 11, 12) if p.families == [4] else number < 128
        if p.expected.kind == "rejected" and silent:
            p.drop("wan")
    case(f"ICMP type {word}", fields=["4.1.1 Match ICMP type"],
         rules=rule(src="wan", proto="icmp", icmp_type=word, target="ACCEPT"), packets=packets)
case("ICMP types as a list", fields=["4.1.1 Match ICMP type"],
     rules=rule(src="wan", proto="icmp", icmp_type=["echo-request", "timestamp-request"],
                target="ACCEPT"),
     packets=[ping("inet.7", "router").accept("r"), icmp("inet.7", "router", 13).accept("r"),
              icmp("inet.7", "router", 17).reject("wan"),
              icmp("inet.7", "router", None, 139).reject("wan")])
case("ICMP type of one family does not reach into the other", fields=["4.1.1 Match ICMP type"],
     rules=rule(src="wan", proto="icmp", icmp_type="neighbour-solicitation", target="ACCEPT"),
     packets=[icmp("inet.7", "router", None, 135).accept("r"),
              icmp("inet.7", "router", 0).reject("wan"), ping("inet.7", "router").reject("wan")])
case("no ICMP type: every type", fields=["4.1.1 Match ICMP type"],
     rules=rule(src="wan", proto="icmp", target="ACCEPT"),
     packets=[ping("inet.7", "router").accept("r"), icmp("inet.7", "router", 13).accept("r"),
              udp("inet.7", "router").reject("wan")])
case("ICMP type any", fields=["4.1.1 Match ICMP type"],
     rules=rule(src="wan", proto="icmp", icmp_type="any", target="ACCEPT"),
     packets=[ping("inet.7", "router").accept("r"), icmp("inet.7", "router", 13).accept("r"),
              udp("inet.7", "router").reject("wan")])

# ---- Source zone, Destination zone ----

WEB = {"proto": "tcp", "dest_port": "80", "target": "ACCEPT"}
case("source zone, no destination: traffic to the router",
     fields=["4.1.1 Source zone", "4.1.1 Destination zone"], rules=rule(src="wan", **WEB),
     packets=[tcp("inet.7", "router").accept("r"), tcp("guest.7", "router").reject("guest"),
              tcp("inet.7", "lan.10").reject(), tcp("router", "inet.7").accept("wan")])
case("source and destination zone: traffic through the router",
     fields=["4.1.1 Source zone", "4.1.1 Destination zone"],
     rules=rule(src="wan", dest="dmz", **WEB),
     packets=[tcp("inet.7", "dmz.5").accept("r"), tcp("guest.7", "dmz.5").reject(),
              tcp("inet.7", "lan.5").reject(), tcp("inet.7", "router").reject("wan"),
              tcp("inet.7", "dmz.5", dport=81).reject()])
case("any source zone: to the router", fields=["4.1.1 Source zone"], rules=rule(src="*", **WEB),
     packets=[tcp("inet.7", "router").accept("r"), tcp("guest.7", "router").accept("r"),
              tcp("vpn.7", "router").accept("r"), tcp("inet.7", "lan.5").reject(),
              tcp("inet.7", "router", dport=81).reject("wan")])
case("any source zone, a destination zone", fields=["4.1.1 Source zone", "4.1.1 Destination zone"],
     rules=rule(src="*", dest="dmz", **WEB),
     packets=[tcp("inet.7", "dmz.5").accept("r"), tcp("vpn.7", "dmz.5").accept("r"),
              tcp("guest.7", "lan.5").reject(), tcp("guest.7", "router").reject("guest")])
case("a source zone, any destination zone",
     fields=["4.1.1 Source zone", "4.1.1 Destination zone"], rules=rule(src="guest", dest="*", **WEB),
     packets=[tcp("guest.7", "dmz.5").accept("r"), tcp("guest.7", "inet.5").accept("r"),
              tcp("guest.7", "vpn.5").accept("r"), tcp("guest.7", "router").reject("guest"),
              tcp("inet.7", "dmz.5").reject()])
case("any to any: through the router", fields=["4.1.1 Source zone", "4.1.1 Destination zone"],
     rules=rule(src="*", dest="*", **WEB),
     packets=[tcp("guest.7", "dmz.5").accept("r"), tcp("vpn.7", "lan.5").accept("r"),
              tcp("guest.7", "router").reject("guest")])
case("no source zone: traffic of the router to a zone", fields=["4.1.1 Destination zone"],
     rules=rule(dest="wan", proto="tcp", dest_port="80", target="DROP"),
     packets=[tcp("router", "inet.7").drop("r"), tcp("router", "lan.7").accept("lan"),
              tcp("router", "inet.7", dport=81).accept("wan")])
case("neither zone: any traffic of the router", fields=["4.1.1 Source zone"],
     rules=rule(proto="tcp", dest_port="80", target="REJECT"),
     packets=[tcp("router", "inet.7").reject("r"), tcp("router", "vpn.7").reject("r"),
              tcp("router", "inet.7", dport=81).accept("wan"),
              tcp("lan.7", "router").accept("lan")])
case("any destination zone alone: any traffic of the router", fields=["4.1.1 Destination zone"],
     rules=rule(dest="*", proto="udp", dest_port="53", target="REJECT"),
     packets=[udp("router", "inet.7").reject("r"), udp("router", "vpn.7").reject("r"),
              udp("router", "inet.7", dport=54).accept("wan")])

# ---- addresses ----


def address_rule(**options):
    return rule(src="lan", dest="wan", proto="all", target="ACCEPT", **options)


case("source address: one", fields=["4.1.1 Source IP address"],
     rules=address_rule(src_ip="192.168.1.10"), packets=[
         tcp("lan.10", "inet.7").v4.accept("r"), udp("lan.10", "inet.7").v4.accept("r"),
         tcp("lan.11", "inet.7").v4.reject(), tcp("lan.10", "inet.7").v6.reject()])
case("source address: IPv6", fields=["4.1.1 Source IP address"],
     rules=address_rule(src_ip="fd00:1::10"), packets=[
         tcp("lan.10", "inet.7").v6.accept("r"), tcp("lan.11", "inet.7").v6.reject(),
         tcp("lan.10", "inet.7").v4.reject()])
case("source address: a list of both families", fields=["4.1.1 Source IP address"],
     rules=address_rule(src_ip=["192.168.1.10", "fd00:1::10", "192.168.1.32/28"]), packets=[
         tcp("lan.10", "inet.7").accept("r"), tcp("lan.40", "inet.7").v4.accept("r"),
         tcp("lan.48", "inet.7").v4.reject(), tcp("lan.11", "inet.7").reject()])
case("source address: network with a mask, and a range", fields=["4.1.1 Source IP address"],
     rules=address_rule(src_ip=["192.168.1.64/255.255.255.240", "192.168.1.20-192.168.1.22"]),
     packets=[tcp("lan.79", "inet.7").v4.accept("r"), tcp("lan.80", "inet.7").v4.reject(),
              tcp("lan.20", "inet.7").v4.accept("r"), tcp("lan.22", "inet.7").v4.accept("r"),
              tcp("lan.23", "inet.7").v4.reject(), tcp("lan.19", "inet.7").v4.reject()])
case("source address: all but one", fields=["4.1.1 Source IP address"],
     rules=address_rule(src_ip="!192.168.1.10"), packets=[
         tcp("lan.10", "inet.7").v4.reject(), tcp("lan.11", "inet.7").v4.accept("r")])
case("source address: several exclusions hold at once", fields=["4.1.1 Source IP address"],
     rules=address_rule(src_ip=["!192.168.1.10", "!192.168.1.11", "!192.168.1.32/28"]), packets=[
         tcp("lan.10", "inet.7").v4.reject(), tcp("lan.11", "inet.7").v4.reject(),
         tcp("lan.40", "inet.7").v4.reject(), tcp("lan.12", "inet.7").v4.accept("r")])
case("source address: a network without one of its hosts", fields=["4.1.1 Source IP address"],
     rules=address_rule(src_ip=["192.168.1.0/28", "!192.168.1.10"]), packets=[
         tcp("lan.10", "inet.7").v4.reject(), tcp("lan.11", "inet.7").v4.accept("r"),
         tcp("lan.16", "inet.7").v4.reject()])
case("source address: a network by its name", fields=["4.1.1 Source IP address"],
     rules=rule(src="*", dest="wan", proto="all", src_ip="guest", target="ACCEPT"), packets=[
         tcp("guest.10", "inet.7").accept("r"), tcp("dmz.10", "inet.7").reject()])
case("source address: none given, any", fields=["4.1.1 Source IP address"],
     rules=address_rule(), packets=[tcp("lan.10", "inet.7").accept("r"),
                                    tcp("dmz.10", "inet.7").reject()])

case("destination address: one, with the router as target", fields=["4.1.1 Destination address"],
     rules=rule(src="lan", dest_ip="198.51.100.1", proto="tcp", target="DROP"), packets=[
         tcp("lan.10", "router.wan").v4.drop("r"), tcp("lan.10", "router.lan").v4.accept("lan"),
         tcp("lan.10", "router.wan").v6.accept("lan")])
case("destination address: a list", fields=["4.1.1 Destination address"],
     rules=address_rule(dest_ip=["203.0.113.0/29", "2001:db8:203::/125", "203.0.113.20"]), packets=[
         tcp("lan.10", "inet.7").accept("r"), tcp("lan.10", "inet.8").reject(),
         tcp("lan.10", "inet.20").v4.accept("r"), tcp("lan.10", "inet.20").v6.reject()])
case("destination address: several exclusions hold at once",
     fields=["4.1.1 Destination address"],
     rules=address_rule(dest_ip=["!203.0.113.7", "!203.0.113.8", "!2001:db8:203::7"]), packets=[
         tcp("lan.10", "inet.7").reject(), tcp("lan.10", "inet.8").v4.reject(),
         tcp("lan.10", "inet.9").accept("r")])
case("destination address: the last bits of an IPv6 address",
     fields=["4.1.1 Destination address"],
     rules=address_rule(dest_ip="::7/::ffff"), packets=[
         tcp("lan.10", "inet.7").v6.accept("r"), tcp("lan.10", "wan.7").v6.accept("r"),
         tcp("lan.10", "inet.8").v6.reject()])
case("source and destination address together",
     fields=["4.1.1 Source IP address", "4.1.1 Destination address"],
     rules=address_rule(src_ip=["192.168.1.10", "fd00:1::10"],
                        dest_ip=["203.0.113.7", "2001:db8:203::7"]), packets=[
         tcp("lan.10", "inet.7").accept("r"), tcp("lan.11", "inet.7").reject(),
         tcp("lan.10", "inet.8").reject()])

# ---- ports ----


def source_port(values, *packets, **more):
    case(f"source port {values}", fields=["4.1.1 Source port"],
         rules=rule(src="wan", proto="tcp udp", src_port=values, target="ACCEPT", **more),
         packets=packets)


def from_port(n, make=tcp):
    return make("inet.7", "router", sport=n)


source_port("4000", from_port(4000).accept("r"), from_port(4000, udp).accept("r"),
            from_port(4001).reject("wan"), ping("inet.7", "router").reject("wan"))
source_port("4000-4010", from_port(4000).accept("r"), from_port(4010, udp).accept("r"),
            from_port(3999).reject("wan"), from_port(4011, udp).reject("wan"))
source_port("!4000", from_port(4000).reject("wan"), from_port(4000, udp).reject("wan"),
            from_port(4001).accept("r"), from_port(3999, udp).accept("r"))
source_port("!4000-4010", from_port(4005).reject("wan"), from_port(4011).accept("r"))
source_port(["4000", "5000:5010"], from_port(4000).accept("r"), from_port(5005).accept("r"),
            from_port(4500).reject("wan"))
source_port(["!4000", "!4001"], from_port(4000).reject("wan"), from_port(4001).reject("wan"),
            from_port(4002).accept("r"))
source_port(["4000-4010", "!4005"], from_port(4004).accept("r"), from_port(4005).reject("wan"),
            from_port(4011).reject("wan"))
source_port("0-65535", from_port(1).accept("r"), from_port(65535, udp).accept("r"),
            proto(47, "inet.7", "router").reject("wan"))
source_port("4000 4002", from_port(4000).accept("r"), from_port(4001).reject("wan"),
            from_port(4002).accept("r"))


def dest_port(values, *packets, **more):
    case(f"destination port {values}{' ' + str(more) if more else ''}",
         fields=["4.1.1 Destination port"],
         rules=rule(**{"src": "wan", "proto": "tcp udp", "dest_port": values, "target": "ACCEPT",
                       **more}), packets=packets)


def to_port(n, make=tcp):
    return make("inet.7", "router", dport=n)


dest_port("22", to_port(22).accept("r"), to_port(22, udp).accept("r"), to_port(23).reject("wan"))
dest_port("8000-8010", to_port(8000).accept("r"), to_port(8010, udp).accept("r"),
          to_port(7999).reject("wan"), to_port(8011).reject("wan"))
dest_port("!22", to_port(22).reject("wan"), to_port(22, udp).reject("wan"),
          to_port(21).accept("r"))
dest_port("!1-1023", to_port(1023).reject("wan"), to_port(1024).accept("r"))
dest_port(["80", "443", "8000-8010"], to_port(80).accept("r"), to_port(443).accept("r"),
          to_port(8001).accept("r"), to_port(81).reject("wan"))
dest_port(["!80", "!443"], to_port(80).reject("wan"), to_port(443).reject("wan"),
          to_port(81).accept("r"))
dest_port(["8000-8010", "!8005"], to_port(8000).accept("r"), to_port(8005).reject("wan"))
dest_port("80 443", to_port(80).accept("r"), to_port(443, udp).accept("r"),
          to_port(444).reject("wan"), proto="tcp udp")
dest_port("80", to_port(80).accept("r"), to_port(80, sctp).accept("r"),
          proto(47, "inet.7", "router").reject("wan"), to_port(81).reject("wan"), proto="all")
dest_port("80", to_port(80, sctp).accept("r"), to_port(80).reject("wan"), proto="sctp")
case("a rule's ports do not widen to protocols without ports",
     fields=["4.1.1 Destination port"],
     rules=rule(src="wan", proto="tcp icmp", dest_port="22", target="ACCEPT"), packets=[
         to_port(22).accept("r"), to_port(23).reject("wan"), to_port(22, udp).reject("wan"),
         ping("inet.7", "router").accept("r")])
case("source and destination port together",
     fields=["4.1.1 Source port", "4.1.1 Destination port"],
     rules=rule(src="wan", proto="udp", src_port="67", dest_port="68", target="ACCEPT"), packets=[
         udp("inet.7", "router", sport=67, dport=68).accept("r"),
         udp("inet.7", "router", sport=66, dport=68).reject("wan"),
         udp("inet.7", "router", sport=67, dport=69).reject("wan")])

# ---- Action ----

ACTION = ["4.1.1 Action"]
case("action ACCEPT", fields=ACTION, rules=rule(src="guest", dest="dmz", proto="tcp", dest_port="80",
                                                target="ACCEPT"), packets=[
    a := tcp("guest.5", "dmz.7").accept("r"), answer(a).accept(state="established"),
    follow(a).accept(state="established"), tcp("guest.5", "dmz.7", dport=81).reject()])
case("action DROP", fields=ACTION, rules=rule(src="lan", proto="all", src_ip=[
    "192.168.1.10", "fd00:1::10"], target="DROP"), packets=[
        tcp("lan.10", "router").drop("r"), udp("lan.10", "router").drop("r"),
        ping("lan.10", "router").drop("r"), tcp("lan.11", "router").accept("lan")])
case("action REJECT", fields=ACTION, rules=rule(src="lan", proto="all", src_ip=[
    "192.168.1.10", "fd00:1::10"], target="REJECT"), packets=[
        tcp("lan.10", "router").reject("r"), udp("lan.10", "router").reject("r"),
        ping("lan.10", "router").reject("r"), proto(47, "lan.10", "router").reject("r"),
        sctp("lan.10", "router").reject("r", with_=PORT), tcp("lan.11", "router").accept("lan")])
case("action REJECT through the router and from it", fields=ACTION,
     rules=forwarding("lan", "wan") + rule("through", src="lan", dest="wan", proto="tcp udp",
                                           dest_port="25", target="REJECT") +
     rule("from", dest="wan", proto="tcp udp", dest_port="25", target="REJECT"), packets=[
         tcp("lan.5", "inet.7", dport=25).reject("through"),
         udp("lan.5", "inet.7", dport=25).reject("through"),
         tcp("router", "inet.7", dport=25).reject("from"),
         udp("router", "inet.7", dport=25).reject("from"),
         tcp("lan.5", "inet.7", dport=26).accept(), tcp("router", "inet.7", dport=26).accept()])
case("no action given: REJECT", fields=ACTION, rules=rule(src="lan", proto="tcp", dest_port="80"),
     packets=[tcp("lan.10", "router").reject("r"), tcp("lan.10", "router", dport=81).accept("lan")])
case("action in small letters", fields=ACTION, rules=rule(src="lan", proto="tcp", dest_port="80",
                                                          target="drop"),
     packets=[tcp("lan.10", "router").drop("r"), tcp("lan.10", "router", dport=81).accept("lan")])

case("action Don't track: through the router", fields=ACTION,
     rules=forwarding("lan", "wan") + rule(src="lan", proto="udp", dest_port="5000",
                                           target="NOTRACK"), packets=[
         udp("lan.10", "inet.7", dport=5000).accept(state="untracked", tracked=False),
         udp("lan.10", "inet.7", dport=5001).accept(state="new", tracked=True),
         # only from the zone
         udp("guest.10", "router", dport=5000).reject("guest")])
case("action Don't track: to the router", fields=ACTION, rules=rule(
    src="lan", proto="udp", dest_port="5000", src_ip=["192.168.1.10", "fd00:1::10"],
    target="NOTRACK"), packets=[
        udp("lan.10", "router", dport=5000).accept("lan", state="untracked"),
        udp("lan.11", "router", dport=5000).accept("lan", state="new")])

case("action DSCP: through the router", fields=ACTION,
     rules=forwarding("lan", "wan") + rule(src="lan", dest="wan", proto="udp", dest_port="5060",
                                           set_dscp="EF", target="DSCP"), packets=[
         udp("lan.10", "inet.7", dport=5060).accept(dscp=46),
         udp("lan.10", "inet.7", dport=5060, dscp=10).accept(dscp=46),
         udp("lan.10", "inet.7", dport=5061).accept(dscp=0),
         udp("lan.10", "inet.7", dport=5061, dscp=10).accept(dscp=10)])
case("action DSCP: to the router and from it", fields=ACTION,
     rules=rule("in", src="lan", proto="udp", set_dscp="CS1", target="DSCP") +
     rule("out", dest="wan", proto="udp", set_dscp="AF21", target="DSCP"), packets=[
         udp("lan.10", "router").accept("lan", dscp=8), tcp("lan.10", "router").accept("lan", dscp=0),
         udp("router", "inet.7").accept("wan", dscp=18),
         udp("router", "lan.7").accept("lan", dscp=0)])

case("action Mark: each place a rule can stand", fields=ACTION,
     rules=forwarding("lan", "wan") + forwarding("lan", "dmz") + forwarding("guest", "dmz") +
     rule("through", src="lan", dest="wan", proto="tcp", set_mark="0x11", target="MARK") +
     rule("to", src="*", dest="dmz", proto="tcp", set_mark="0x22", target="MARK") +
     rule("in", src="lan", proto="udp", set_mark="0x33", target="MARK") +
     rule("out", dest="wan", proto="udp", set_mark="0x44", target="MARK") +
     rule("from", src="guest", dest="*", proto="tcp", set_mark="0x55", target="MARK") +
     rule("any", src="*", dest="*", proto="sctp", set_mark="0x66", target="MARK"), packets=[
         tcp("lan.5", "inet.7").accept(mark=0x11), udp("lan.5", "inet.7").accept(mark=0),
         tcp("lan.5", "dmz.7").accept(mark=0x22), udp("lan.5", "dmz.7").accept(mark=0),
         udp("lan.5", "router").accept("lan", mark=0x33),
         tcp("lan.5", "router").accept("lan", mark=0),
         udp("router", "inet.7").accept("wan", mark=0x44),
         udp("router", "lan.7").accept("lan", mark=0),
         tcp("guest.5", "dmz.7").accept(mark=0x22),
         sctp("lan.5", "inet.7").accept(mark=0x66)])
case("action Mark marks answers' packets too, each for itself", fields=ACTION,
     rules=forwarding("lan", "wan") + rule(src="lan", dest="wan", proto="tcp", set_mark="0x11",
                                           target="MARK"), packets=[
         a := tcp("lan.5", "inet.7").accept(mark=0x11), answer(a).accept(mark=0),
         follow(a).accept(mark=0x11)])

case("an unknown action is refused", fields=ACTION, rules=rule(src="lan", target="EXPLODE"),
     refused="bad-enum")

# ---- Open Ports on Router, Add New Forward Rule ----

OPEN = {"src": "wan", "target": "ACCEPT"}
case("open ports: the name is the rule's", fields=["4.2 Name"],
     rules=rule("Web server", proto="tcp", dest_port="80", **OPEN), packets=[
         tcp("inet.7", "router").accept("Web server"), tcp("inet.7", "router", dport=81).reject("wan")])
for word, opens in (("tcp", (tcp,)), ("udp", (udp,)), ("tcp udp", (tcp, udp))):
    case(f"open ports: {word}", fields=["4.2 Protocol"], rules=rule(proto=word, dest_port="80", **OPEN),
         packets=[make("inet.7", "router", dport=80).accept("r") if make in opens else
                  make("inet.7", "router", dport=80).reject("wan") for make in (tcp, udp)] +
         [tcp("inet.7", "router", dport=81).reject("wan")])
case("open ports: icmp", fields=["4.2 Protocol"], rules=rule(proto="icmp", **OPEN), packets=[
    ping("inet.7", "router").accept("r"), tcp("inet.7", "router").reject("wan")])
case("open ports: all", fields=["4.2 Protocol"], rules=rule(proto="all", **OPEN), packets=[
    ping("inet.7", "router").accept("r"), tcp("inet.7", "router").accept("r"),
    proto(50, "inet.7", "router").accept("r"), tcp("inet.7", "lan.5").reject()])
for value, inside, outside in (("80", 80, 81), ("8000-8100", 8050, 8101), ("!80", 81, 80)):
    case(f"open ports: {value}", fields=["4.2 External port"],
         rules=rule(proto="tcp", dest_port=value, **OPEN), packets=[
             tcp("inet.7", "router", dport=inside).accept("r"),
             tcp("inet.7", "router", dport=outside).reject("wan"),
             tcp("inet.7", "dmz.7", dport=inside).reject()])

case("new forward rule: name, source zone, destination zone",
     fields=["4.3 Name", "4.3 Source zone", "4.3 Destination zone"],
     rules=rule("wan to lan", src="wan", dest="lan", target="ACCEPT"), packets=[
         tcp("inet.7", "lan.5").accept("wan to lan"), udp("inet.7", "lan.5").accept("wan to lan"),
         ping("inet.7", "lan.5").reject(), tcp("guest.7", "lan.5").reject(),
         tcp("inet.7", "dmz.5").reject()])
