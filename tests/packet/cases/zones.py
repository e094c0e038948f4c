# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual's section 2.2: Zones."""
from spec import (SYNACK, Action, answer, case, defaults, follow, forwarding, ping, rule, tcp,
                  udp, unreachable, zone, zones)

LAN_TO_WAN = forwarding("lan", "wan")


def with_lan(**options):
    return defaults() + zones(lan=options)


def with_wan(**options):
    return defaults() + zones(wan=options) + LAN_TO_WAN


# ---- General settings ----

case("a zone is known to rules and forwardings by its name", fields=["2.2.1 Name"],
     config=defaults() + zones(home_net={"network": ["vpn"], "input": "DROP", "forward": "DROP",
                                         "output": "ACCEPT"}) +
     forwarding("home_net", "wan") + rule(src="home_net", proto="tcp", dest_port="22",
                                          target="ACCEPT"),
     packets=[tcp("vpn.5", "router", dport=22).accept("r"),
              tcp("vpn.5", "router", dport=23).drop("home_net"),
              tcp("vpn.5", "inet.7").accept(), tcp("inet.7", "vpn.5").reject()])

case("a rule that names no zone there is, is refused", fields=["2.2.1 Name"],
     rules=rule(src="nowhere", target="ACCEPT"), refused="unknown-zone")

case("zone input ACCEPT", fields=["2.2.1 Input"], config=with_lan(input="ACCEPT"), packets=[
    tcp("lan.10", "router").accept("lan"), udp("lan.10", "router").accept("lan"),
    ping("lan.10", "router").accept("lan"), tcp("lan.10", "router.wan").accept("lan"),
    tcp("inet.7", "router").reject("wan")])
case("zone input REJECT", fields=["2.2.1 Input"], config=with_lan(input="REJECT"), packets=[
    tcp("lan.10", "router").reject("lan"), udp("lan.10", "router").reject("lan"),
    ping("lan.10", "router").reject("lan"), tcp("dmz.5", "router").drop("dmz")])
case("zone input DROP", fields=["2.2.1 Input"], config=with_lan(input="DROP"), packets=[
    tcp("lan.10", "router").drop("lan"), udp("lan.10", "router").drop("lan"),
    tcp("guest.5", "router").reject("guest")])
case("zone input absent: that of the general settings", fields=["2.2.1 Input"],
     config=defaults(input="DROP") + zones(lan={"input": None}), packets=[
         tcp("lan.10", "router").drop("lan"), tcp("inet.7", "router").reject("wan")])

case("zone output ACCEPT", fields=["2.2.1 Output"], config=with_lan(output="ACCEPT"), packets=[
    tcp("router", "lan.10").accept("lan"), ping("router", "lan.10").accept("lan")])
case("zone output REJECT", fields=["2.2.1 Output"], config=with_lan(output="REJECT"), packets=[
    tcp("router", "lan.10").reject("lan"), udp("router", "lan.10").reject("lan"),
    tcp("router", "dmz.10").accept("dmz"), a := tcp("lan.10", "router").accept("lan"),
    # answers of the router still go out
    udp("router", "lan.10", sport=53, dport=4000).reject("lan")])
case("zone output DROP", fields=["2.2.1 Output"], config=with_lan(output="DROP"), packets=[
    tcp("router", "lan.10").drop("lan"), udp("router", "lan.10").drop("lan"),
    udp("router", "inet.10").accept("wan")])
case("zone output absent: that of the general settings", fields=["2.2.1 Output"],
     config=defaults(output="DROP") + zones(lan={"output": None}), packets=[
         tcp("router", "lan.10").drop("lan"), tcp("router", "inet.7").accept("wan")])

# lan and vpn are two networks of one zone here
TWO = {"network": ["lan", "vpn"]}
case("zone forward ACCEPT: between the networks of the zone only", fields=["2.2.1 Forward"],
     config=with_lan(forward="ACCEPT", **TWO), packets=[
         tcp("lan.10", "vpn.5").accept("lan"), tcp("vpn.5", "lan.10").accept("lan"),
         tcp("lan.10", "lan.11").accept("lan"), tcp("lan.10", "dmz.5").reject(),
         tcp("dmz.5", "lan.10").reject()])
case("zone forward REJECT", fields=["2.2.1 Forward"], config=with_lan(forward="REJECT", **TWO),
     packets=[tcp("lan.10", "vpn.5").reject("lan"), udp("vpn.5", "lan.10").reject("lan"),
              tcp("lan.10", "router").accept("lan")])
case("zone forward DROP", fields=["2.2.1 Forward"], config=with_lan(forward="DROP", **TWO),
     packets=[tcp("lan.10", "vpn.5").drop("lan"), udp("vpn.5", "lan.10").drop("lan"),
              # to other zones: the general policy
              tcp("lan.10", "dmz.5").reject()])
case("zone forward absent: that of the general settings", fields=["2.2.1 Forward"],
     config=defaults(forward="DROP") + zones(lan={"forward": None, **TWO}), packets=[
         tcp("lan.10", "vpn.5").drop("lan"), tcp("lan.10", "router").accept("lan")])

# ---- Masquerading ----

case("masquerading: IPv4 out of the zone gets the router's address",
     fields=["2.2.1 Masquerading"], config=with_wan(masq="1") + forwarding("lan", "dmz"), packets=[
         a := tcp("lan.10", "inet.7").v4.accept(src="router.wan"),
         answer(a).accept(state="established", dst="lan.10"),
         follow(a).accept(src="router.wan"),
         b := udp("lan.10", "wan.7").v4.accept(src="router.wan"),
         answer(b).accept(dst="lan.10"), unreachable(b).accept(state="related", dst="lan.10"),
         c := ping("lan.10", "inet.7").v4.accept(src="router.wan"), answer(c).accept(dst="lan.10"),
         tcp("lan.10", "dmz.5").v4.accept(),         # another zone
         tcp("lan.10", "inet.7").v6.accept(),        # IPv6 keeps its address
         udp("router", "inet.7").v4.accept("wan"),   # it is the router's already
     ])
case("masquerading off: addresses stay", fields=["2.2.1 Masquerading"],
     config=with_wan(masq="0"), packets=[tcp("lan.10", "inet.7").accept(),
                                         udp("lan.10", "wan.7").accept()])
case("masquerading: what tracking cannot know does not leave untranslated",
     fields=["2.2.1 Masquerading"], config=with_wan(masq="1"), packets=[
         tcp("lan.10", "inet.7", flags=SYNACK).v4.drop(),
         tcp("lan.10", "inet.7").v4.accept(src="router.wan")])
case("masq_allow_invalid lets it out",
     config=with_wan(masq="1", masq_allow_invalid="1"), packets=[
         tcp("lan.10", "inet.7", flags=SYNACK).v4.accept(state="invalid"),
         tcp("lan.10", "inet.7").v4.accept(src="router.wan")])
case("IPv6 masquerading", config=with_wan(masq6="1"), packets=[
    a := tcp("lan.10", "inet.7").v6.accept(src="router.wan"), answer(a).accept(dst="lan.10"),
    tcp("lan.10", "inet.7").v4.accept()])

case("masquerading only for given sources",
     fields=["2.2.2 Restrict Masquerading to given source subnets"],
     config=with_wan(masq="1", masq_src=["192.168.1.0/28", "192.168.1.100"]), packets=[
         tcp("lan.10", "inet.7").v4.accept(src="router.wan"),
         tcp("lan.100", "inet.7").v4.accept(src="router.wan"),
         tcp("lan.20", "inet.7").v4.accept()])
case("masquerading not for excluded sources",
     fields=["2.2.2 Restrict Masquerading to given source subnets"],
     config=with_wan(masq="1", masq_src=["!192.168.1.10", "!192.168.1.11"]), packets=[
         tcp("lan.10", "inet.7").v4.accept(), tcp("lan.11", "inet.7").v4.accept(),
         tcp("lan.12", "inet.7").v4.accept(src="router.wan")])
case("masquerading for a network's sources, by its name",
     fields=["2.2.2 Restrict Masquerading to given source subnets"],
     config=with_wan(masq="1", masq_src=["lan"]) + forwarding("dmz", "wan"), packets=[
         tcp("lan.10", "inet.7").v4.accept(src="router.wan"), tcp("dmz.10", "inet.7").v4.accept()])
case("masquerading only to given destinations",
     fields=["2.2.2 Restrict Masquerading to given destinations subnets"],
     config=with_wan(masq="1", masq_dest=["203.0.113.0/29", "198.51.100.9"]), packets=[
         tcp("lan.10", "inet.7").v4.accept(src="router.wan"),
         tcp("lan.10", "wan.9").v4.accept(src="router.wan"),
         tcp("lan.10", "inet.8").v4.accept()])
case("masquerading not to excluded destinations",
     fields=["2.2.2 Restrict Masquerading to given destinations subnets"],
     config=with_wan(masq="1", masq_dest=["!203.0.113.8/29"], masq_src=["192.168.1.0/24"]),
     packets=[tcp("lan.10", "inet.8").v4.accept(),
              tcp("lan.10", "inet.7").v4.accept(src="router.wan")])

# ---- MSS clamping ----


def mtu(value):
    return Action(f"MTU {value}", lambda the_lab: the_lab.run(
        ["ip", "link", "set", "eth0", "mtu", str(value)]))


def clamped(mss4, mss6, keep):
    """Connection requests over a link with an MTU of 1400, both ways."""
    unsaid = {"unsaid": ("mss",)}
    return [
        mtu(1400),
        tcp("lan.10", "inet.7", mss=1460).v4.accept(mss=mss4, **unsaid),
        tcp("lan.10", "inet.7", mss=1440).v6.accept(mss=mss6, **unsaid),
        tcp("inet.7", "lan.10", mss=1460).v4.accept(mss=mss4, **unsaid),
        tcp("inet.7", "lan.10", mss=1440).v6.accept(mss=mss6, **unsaid),
        tcp("lan.10", "inet.7", mss=1000).accept(mss=1000),
        tcp("lan.10", "dmz.7", mss=1460).accept(mss=keep),
        mtu(1500),
    ]


OPEN_WAN = LAN_TO_WAN + forwarding("wan", "lan") + forwarding("lan", "dmz")
case("MSS clamping on: to what the link can carry, both ways", fields=["2.2.1 MSS clamping"],
     config=defaults() + zones(wan={"mtu_fix": "1"}) + OPEN_WAN, packets=clamped(1360, 1340, 1460))
case("MSS clamping off: as the sender asked", fields=["2.2.1 MSS clamping"],
     config=defaults() + zones(wan={"mtu_fix": "0"}) + OPEN_WAN, packets=clamped(1460, 1440, 1460))

# ---- Covered networks ----

case("covered networks: a list of them", fields=["2.2.1 Covered networks"],
     config=defaults() + zone("inside", network=["lan", "vpn"], input="ACCEPT", output="ACCEPT",
                       forward="REJECT") + zone("outside", network=["wan"], input="DROP",
                                                output="ACCEPT", forward="REJECT"),
     packets=[tcp("lan.10", "router").accept("inside"), tcp("vpn.5", "router").accept("inside"),
              tcp("inet.5", "router").drop("outside"), tcp("dmz.5", "router").reject()])
case("covered networks: one string of words", fields=["2.2.1 Covered networks"],
     config=defaults() + zone("inside", network="lan vpn", input="ACCEPT", output="ACCEPT",
                              forward="REJECT"),
     packets=[tcp("lan.10", "router").accept("inside"), tcp("vpn.5", "router").accept("inside"),
              tcp("dmz.5", "router").reject()])
case("devices of a zone: a name and a pattern",
     config=defaults() + zone("tunnels", device=["tun_+", "guest0"], input="ACCEPT",
                              output="ACCEPT", forward="REJECT"),
     packets=[tcp("vpn.5", "router").accept("tunnels"), tcp("guest.5", "router").accept("tunnels"),
              tcp("dmz.5", "router").reject()])
case("subnets of a zone: senders and receivers",
     config=defaults() + zone("few", device=["guest0"], subnet=["192.168.3.0/28", "fd00:3::/124"],
                              input="ACCEPT", output="DROP", forward="REJECT"),
     packets=[tcp("guest.9", "router").accept("few"), tcp("guest.77", "router").reject(),
              tcp("router", "guest.9").drop("few"), tcp("router", "guest.77").accept()])

# ---- Restrict to address family ----

case("a zone for IPv4 only", fields=["2.2.2 Restrict to address family"],
     config=with_lan(family="ipv4") + LAN_TO_WAN, packets=[
         tcp("lan.10", "router").v4.accept("lan"), tcp("lan.10", "router").v6.reject(),
         tcp("lan.10", "inet.7").v4.accept(), tcp("lan.10", "inet.7").v6.reject()])
case("a zone for IPv6 only", fields=["2.2.2 Restrict to address family"],
     config=with_lan(family="ipv6") + LAN_TO_WAN, packets=[
         tcp("lan.10", "router").v6.accept("lan"), tcp("lan.10", "router").v4.reject(),
         tcp("lan.10", "inet.7").v6.accept(), tcp("lan.10", "inet.7").v4.reject()])
case("a zone for both families", fields=["2.2.2 Restrict to address family"],
     config=with_lan(family="any"), packets=[tcp("lan.10", "router").accept("lan"),
                                             tcp("guest.10", "router").reject("guest")])

# ---- Force connection tracking ----

UNTRACKED = LAN_TO_WAN + rule("quiet", src="lan", proto="udp", dest_port="5000", target="NOTRACK")
case("connection tracking not forced: a Don't track rule holds",
     fields=["2.2.2 Force connection tracking"], config=with_lan(conntrack="0") + UNTRACKED,
     packets=[udp("lan.10", "inet.7", dport=5000).accept(state="untracked", tracked=False),
              udp("lan.10", "inet.7", dport=5001).accept(state="new", tracked=True)])
case("connection tracking forced: a Don't track rule has no effect",
     fields=["2.2.2 Force connection tracking"], config=with_lan(conntrack="1") + UNTRACKED,
     packets=[a := udp("lan.10", "inet.7", dport=5000).accept(state="new", tracked=True),
              answer(a).accept(state="established")])

# ---- Logging ----

LOG = "2.2.2 Enable logging on this zone"
case("logging on: what the zone refuses is logged", fields=[LOG],
     config=defaults() + zones(wan={"log": "1"}, dmz={"log": "1"}) + rule(
         src="wan", proto="tcp", dest_port="22", target="ACCEPT") + rule(
         "no", src="wan", proto="tcp", dest_port="23", target="DROP"), packets=[
             tcp("inet.7", "router", dport=80).reject("wan").logged("REJECT wan in: "),
             udp("inet.7", "router", dport=80).reject("wan").logged("REJECT wan in: "),
             tcp("dmz.7", "router").drop("dmz").logged("DROP dmz in: "),
             tcp("dmz.7", "dmz.8").drop("dmz").logged("DROP dmz out: "),
             tcp("inet.7", "router", dport=23).drop("no").logged("DROP wan in: "),
             tcp("inet.7", "router", dport=22).accept("r").logged(None),
             tcp("guest.7", "router").reject("guest").logged(None)])
case("logging off: nothing is logged", fields=[LOG],
     config=defaults() + zones(wan={"log": "0"}), packets=[
         tcp("inet.7", "router").reject("wan").logged(None),
         tcp("inet.7", "lan.7").reject().logged(None)])

case("logging: no more messages than the limit, every packet still refused",
     fields=[LOG, "2.2.2 Limit log messages"],
     config=defaults() + zones(wan={"log": "1", "log_limit": "6/minute"}), packets=[
         *(tcp("inet.7", "router").v4.reject("wan").logged("REJECT wan in: ") for _ in range(6)),
         *(tcp("inet.7", "router").v4.reject("wan").logged(None) for _ in range(6))])
case("logging: the limit is 10 a minute when none is given", fields=["2.2.2 Limit log messages"],
     config=defaults() + zones(wan={"log": "1"}), packets=[
         *(tcp("inet.7", "router").v4.reject("wan").logged("REJECT wan in: ") for _ in range(10)),
         *(tcp("inet.7", "router").v4.reject("wan").logged(None) for _ in range(4))])
case("logging: 50/minute as in the manual", fields=["2.2.2 Limit log messages"],
     config=defaults() + zones(wan={"log": "1", "log_limit": "50/minute"}), packets=[
         *(udp("inet.7", "router").v6.reject("wan").logged("REJECT wan in: ") for _ in range(50)),
         *(udp("inet.7", "router").v6.reject("wan").logged(None) for _ in range(5))])

# ---- Conntrack helpers ----

HELPERS = "2.2.2 Conntrack helpers"
# word in the configuration, the kernel's name, protocol, port
KERNEL_HELPERS = (
    ("amanda", "amanda", udp, 10080), ("ftp", "ftp", tcp, 21), ("RAS", "RAS", udp, 1719),
    ("Q.931", "Q.931", tcp, 1720), ("irc", "irc", tcp, 6667),
    ("netbios-ns", "netbios-ns", udp, 137), ("pptp", "pptp", tcp, 1723),
    ("sip", "sip", udp, 5060), ("snmp", "snmp", udp, 161), ("tftp", "tftp", udp, 69))
for word, kernel, make, port in KERNEL_HELPERS:
    packets = [make("lan.10", "inet.7", dport=port).accept(helper=kernel),
               make("lan.10", "inet.7", dport=port + 1).accept(helper=""),
               make("dmz.10", "inet.7", dport=port).accept(helper="")]
    if word in ("irc", "netbios-ns", "pptp", "snmp"):
        packets = [p.v4 for p in packets]
    case(f"helper {word}: in the zones that name it", fields=[HELPERS],
         config=with_lan(helper=[word]) + LAN_TO_WAN + forwarding("dmz", "wan"), packets=packets)

case("helpers: two of them, also with masquerading", fields=[HELPERS],
     config=defaults() + zones(lan={"helper": ["ftp", "tftp"], "masq": "1"}) + LAN_TO_WAN, packets=[
         tcp("lan.10", "inet.7", dport=21).accept(helper="ftp"),
         udp("lan.10", "inet.7", dport=69).accept(helper="tftp"),
         udp("lan.10", "inet.7", dport=5060).accept(helper="")])
case("helper ftp: the server's data connection is let in", fields=[HELPERS],
     config=with_lan(helper=["ftp"]) + LAN_TO_WAN, packets=[
         a := tcp("lan.10", "inet.7", dport=21).v4.accept(helper="ftp"),
         answer(a).accept(state="established"),
         user := follow(a, before=b"USER x ", behind=b"\r\n").accept(state="established"),
         follow(user, before=b"PORT 192,168,1,10,19,137\r\n", behind=b"\r\n").accept(
             state="established"),
         tcp("inet.7", "lan.10", sport=20, dport=5001, ct="related").v4.accept(state="related"),
         tcp("inet.7", "lan.10", sport=20, dport=5002).v4.reject(),
         tcp("inet.8", "lan.10", sport=20, dport=5001).v4.reject()])
case("a helper there is none of is refused", fields=[HELPERS],
     config=with_lan(helper=["teleport"]), refused="unknown-helper")

# ---- Inter-zone forwarding ----

case("forwarding to destination zones", fields=["2.2.3 Allow forward to destination zones"],
     config=defaults() + zones() + forwarding("lan", "wan") + forwarding("lan", "dmz"), packets=[
         a := tcp("lan.10", "inet.7").accept(), answer(a).accept(state="established"),
         udp("lan.10", "dmz.7").accept(), ping("lan.10", "inet.7").accept(),
         tcp("lan.10", "guest.7").reject(),
         # one way only
         tcp("inet.7", "lan.10").reject(), tcp("dmz.7", "lan.10").reject(),
         # not to the router
         tcp("inet.7", "router").reject("wan")])
case("forwarding from source zones", fields=["2.2.3 Allow forward from source zones"],
     config=defaults() + zones() + forwarding("guest", "dmz") + forwarding("wan", "dmz"), packets=[
         tcp("guest.10", "dmz.7").accept(), tcp("inet.10", "dmz.7").accept(),
         tcp("lan.10", "dmz.7").reject(), tcp("dmz.7", "guest.10").reject()])
case("forwarding: a rule before it can refuse",
     fields=["2.2.3 Allow forward to destination zones"],
     config=defaults() + zones() + forwarding("lan", "wan") + rule(
         "no", src="lan", dest="wan", proto="tcp", dest_port="25", target="REJECT"), packets=[
             tcp("lan.10", "inet.7", dport=25).reject("no"),
             tcp("lan.10", "inet.7", dport=26).accept()])
case("forwarding for one family", config=defaults() + zones() + forwarding(
    "lan", "wan", family="ipv6"), packets=[tcp("lan.10", "inet.7").v6.accept(),
                                           tcp("lan.10", "inet.7").v4.reject()])
case("forwarding switched off", config=defaults() + zones() + forwarding(
    "lan", "wan", enabled="0"), packets=[tcp("lan.10", "inet.7").reject()])
case("a zone switched off takes its forwardings along",
     config=defaults() + zones(lan={"enabled": "0"}) + LAN_TO_WAN, packets=[
         tcp("lan.10", "inet.7").reject(), tcp("lan.10", "router").reject(),
         tcp("router", "inet.7").accept("wan")])
