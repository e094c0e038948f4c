# SPDX-License-Identifier: GPL-2.0-or-later
"""Attack prevention: the limits of the ICMP, SSH, HTTP and HTTPS pages, and limits per source."""
from real import address, counted, expect, real, real_zones, serve, stop, wait_for_packets
from spec import (Action, answer, case, defaults, follow, icmp, ping, rule, tcp, udp, zones)

PING = {"src": "wan", "proto": "icmp", "icmp_type": "echo-request", "target": "ACCEPT"}
SLOW = {"limit": "1/hour", "limit_burst": "3"}
PAGES = (("Enable_SSH_WAN", "ssh_limit", 22), ("Enable_HTTP_WAN", "http_limit", 80),
         ("Enable_HTTPS_WAN", "https_limit", 443))


def page(name, port, **options):
    return rule(name, **{"src": "wan", "proto": "tcp", "dest_port": port, "target": "ACCEPT",
                         **SLOW, **options})


def connects(count, host="inet.7", port=22):
    return [tcp(host, "router", dport=port) for _ in range(count)]


def accepted(packets, by=None):
    return [p.accept(by) for p in packets]


def dropped(packets):
    return [p.drop() for p in packets]


# ---- one sender never stops another ----

for name, flag, port in PAGES:
    case(f"{name}: one sender floods, a hundred others pass, IPv4 and IPv6",
         rules=page(name, port, **{flag: "1"}), packets=[
             *accepted(connects(3, port=port), name), *dropped(connects(40, port=port)),
             *(tcp(f"inet.{n}", "router", dport=port).accept(name) for n in range(20, 120)),
             *dropped(connects(3, port=port))])
case("ICMP limit: one sender floods, a hundred others pass, IPv4 and IPv6",
     rules=rule("Allow-Ping", **PING, **SLOW), packets=[
         *accepted([ping("inet.7", "router") for _ in range(3)], "Allow-Ping"),
         *dropped([ping("inet.7", "router") for _ in range(40)]),
         *(ping(f"inet.{n}", "router").accept("Allow-Ping") for n in range(20, 120))])

# ---- spellings and options ----

for name, flag, port in PAGES:
    case(f"{name}: a limit without the flag, as 7.06 leaves it", rules=page(name, port), packets=[
        *accepted(connects(3, port=port), name), *dropped(connects(2, port=port))])
    case(f"{name}: one bucket for all when asked, and the excess is dropped",
         rules=page(name, port, limit_per_source="0"), packets=[
             *(tcp(f"inet.{n}", "router", dport=port).v4.accept(name) for n in range(1, 4)),
             tcp("inet.9", "router", dport=port).drop()])
case("limits: the burst is 5 when none is given", packets=accepted(connects(5)) +
     dropped(connects(1)), rules=page("Enable_SSH_WAN", 22, limit_burst=None))
case("limits: an inverted one is refused", refused="limit-inverted",
     rules=page("Enable_SSH_WAN", 22, limit="!5/second"))
case("limits: any rule can have one per source", rules=page("mine", 25, limit_per_source="1") +
     page("plain", 26) + page("after", "25-26", limit=None, limit_burst=None), packets=[
         *accepted(connects(3, port=25), "mine"), *dropped(connects(2, port=25)),
         *accepted(connects(3, "inet.8", 25), "mine"),
         # a plain limit is one bucket, IPv4 and IPv6, and passes the excess on
         *accepted([tcp("inet.7", "router", dport=26).v4 for _ in range(3)], "plain"),
         tcp("inet.8", "router", dport=26).accept("after")])
case("limits: TCP and UDP of one rule share the sender's bucket",
     rules=page("mine", 53, proto="tcp udp", limit_per_source="1"), packets=[
         tcp("inet.7", "router", dport=53).accept("mine"), udp("inet.7", "router").accept("mine"),
         tcp("inet.7", "router", dport=53).accept("mine"), udp("inet.7", "router").drop()])
case("limits: of forwarded traffic", rules=page("mine", 80, dest="lan", limit_per_source="1"),
     packets=[*(tcp("inet.7", "lan.10").accept("mine") for _ in range(3)),
              tcp("inet.7", "lan.10").drop(), tcp("inet.8", "lan.10").accept("mine")])

# ---- the excess ----

case("limits: what exceeds them is dropped, whatever comes later",
     config=defaults(input="ACCEPT") + zones(wan={"input": "ACCEPT"}) +
     page("Enable_SSH_WAN", 22, ssh_limit="1") + page("later", 22, limit=None, limit_burst=None),
     packets=[*accepted(connects(3), "Enable_SSH_WAN"), *dropped(connects(5)),
              tcp("inet.7", "router", dport=23).accept("wan")])
case("limits: a rule before it decides first, and takes no token",
     rules=page("friend", 22, src_ip=["203.0.113.7", "2001:db8:203::7"], limit=None,
                limit_burst=None) + page("Enable_SSH_WAN", 22, ssh_limit="1"),
     packets=[*accepted(connects(10), "friend"), *accepted(connects(3, "inet.8"), "Enable_SSH_WAN"),
              *dropped(connects(3, "inet.8"))])
LOG = "Enable_SSH_WAN overlimit "
case("limits: the excess is logged when asked for",
     rules=page("Enable_SSH_WAN", 22, ssh_limit="1", limit_log_overlimit="1"), packets=[
         *(p.v4.logged(None) for p in accepted(connects(3), "Enable_SSH_WAN")),
         *(p.v4.logged(LOG) for p in dropped(connects(5))),  # then one a second
         *(p.v4.logged(None) for p in dropped(connects(5)))])
case("limits: a plain rule's excess is logged and goes on", rules=page(
    "plain", 22, limit_log_overlimit="1"), packets=[
        *(p.v4.logged(None) for p in accepted(connects(3), "plain")),
        *(p.v4.logged("plain overlimit ").reject("wan") for p in connects(2))])

# ---- ICMP: the rule's own zone, and running pings ----

case("ICMP limit: of the rule's zone and family only",
     rules=rule("Allow-Ping", **PING, **SLOW, family="ipv4") +
     rule("ping6", **{**PING, "family": "ipv6"}), packets=[
         *(ping("inet.7", "router").v4.accept("Allow-Ping") for _ in range(3)),
         ping("inet.7", "router").v4.drop(),
         *(ping("inet.7", "router").v6.accept("ping6") for _ in range(6)),
         *(ping("lan.10", "router").accept("lan") for _ in range(6)),
         *(ping("router", "inet.7").accept("wan") for _ in range(6)),
         *(ping("router.lan", "router.wan").accept() for _ in range(6)),
         *(icmp("inet.7", "router", 13).reject("wan") for _ in range(6))])


def running_ping(frm, to, more, by, count):
    """A ping whose requests belong to one connection, as ping(8) sends them."""
    first = ping(frm, to, icmp_id=more).accept(by)
    return [first, answer(first).accept(state="established"),
            *(follow(first).accept(by, state="established") for _ in range(count - 1))], \
        [follow(first, ct="established").drop() for _ in range(3)]


for where, dest in (("forwarded", "lan"), ("forwarded to any zone", "*")):
    good, bad = running_ping("inet.7", "lan.10", 700, "Allow-Ping", 3)
    case(f"ICMP limit: a running ping takes a token for each request, {where}",
         rules=rule("Allow-Ping", **PING, **SLOW, dest=dest), packets=[
             *good, *bad, ping("inet.8", "lan.10").accept("Allow-Ping")])
good, bad = running_ping("inet.7", "lan.10", 701, "friend", 12)
case("ICMP limit: a running ping that an earlier rule allows takes no token",
     rules=rule("friend", **PING, dest="lan", src_ip=["203.0.113.7", "2001:db8:203::7"]) +
     rule("Allow-Ping", **PING, **SLOW, dest="lan"), packets=good)


@real
def pings(world, _stack):
    """ping(8) to the router: one id, so all but the first request are of a known connection."""
    for family in (4, 6):
        said = world.outer.run("ping", f"-{family}", "-n", "-c", "12", "-i", "0.02", "-W", "3",
                               "-I", address(2, 10, family), address(2, 1, family))
        expect("12 packets transmitted, 5 received" in said, said)
        said = world.outer.run("ping", f"-{family}", "-n", "-c", "4", "-i", "0.02", "-W", "3",
                               "-I", address(2, 11, family), address(2, 1, family))
        expect("4 packets transmitted, 4 received" in said, said)


OUTER_PING = {**PING, "src": "outer"}
case("ICMP limit: a real ping to the router, and another sender's", deliver=True,
     config=defaults() + real_zones() +
     rule("Allow-Ping", **OUTER_PING, limit="1/minute", limit_burst="5"), packets=[pings])


@real
def ping_flood(world, stack):
    attack = world.outer.start("hping3", "--flood", "-1", "-a", address(2, 11), address(2, 1))
    stack.callback(stop, attack)
    wait_for_packets(world.lab, "over_Allow-Ping", 1000)
    said = world.outer.run("ping", "-n", "-c", "4", "-i", "0.2", "-W", "3", "-I", address(2, 12),
                           address(2, 1))
    stop(attack)
    expect("4 packets transmitted, 4 received" in said, said)


case("ICMP limit: a flood by hping3 never stops another sender's ping", deliver=True,
     config=defaults() + real_zones() + rule("Allow-Ping", **OUTER_PING, icmp_limit="1"),
     packets=[ping_flood])


def real_flood(name, flag, port):
    @real
    def flood(world, stack):
        server = serve(stack, None, port)
        attack = world.outer.start("hping3", "--flood", "-S", "-p", str(port), "-a",
                                   address(2, 11), address(2, 1))
        stack.callback(stop, attack)
        wait_for_packets(world.lab, f"over_{name}", 1000)
        good = [world.outer.connect(address(2, 1), port, number=12, pause=0.1) for _ in range(5)]
        stop(attack)
        expect(good == [True] * 5, "another sender's connections:", good)
        expect(server.served == 5, "served", server.served)
        taken = counted(world.lab, f"rule_{name}")
        expect(taken <= 30, "taken of flood and friend:", taken)
    case(f"{name}: a flood by hping3 never stops another sender", deliver=True,
         config=defaults() + real_zones() +
         page(name, port, src="outer", limit="5/minute", limit_burst="10", **{flag: "1"}),
         packets=[flood])


for each in PAGES:
    real_flood(*each)

# ---- a full set ----

SIZE = 65535


def fill(name, size=SIZE):
    """Other senders take all room that is left in the set; one has it already."""
    def do(lab):
        elements = ", ".join(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(1, size))
        lab.nft(f"add element inet zonewall {name} {{ {elements} }}")
    return Action(f"fill {name}", do)


case("limits: a full set keeps newcomers out, and those it knows have their limit",
     rules=page("Enable_SSH_WAN", 22, ssh_limit="1"), ask_evaluator=False, packets=[
         tcp("inet.7", "router", dport=22).v4.accept("Enable_SSH_WAN"),
         fill("limit_Enable_SSH_WAN_v4"),
         *(tcp(f"inet.{n}", "router", dport=22).v4.drop() for n in range(20, 60)),
         *(tcp("inet.7", "router", dport=22).v4.accept("Enable_SSH_WAN") for _ in range(2)),
         tcp("inet.7", "router", dport=22).v4.drop(),
         tcp("inet.9", "router", dport=22).v6.accept("Enable_SSH_WAN")])

NAIVE = f"""
table inet naive {{
	set senders {{
		type ipv4_addr
		size 2
		flags dynamic,timeout
		timeout 1m
	}}
	chain input {{
		type filter hook input priority filter - 1; policy accept;
		tcp dport 22 %s
	}}
}}
"""
# "Add the sender, over the limit drop": a full set adds nothing, so the rule ends and all pass.
WRONG = "update @senders { ip saddr limit rate over 1/hour burst 3 packets } drop"
RIGHT = "jump limited\n\t}\n\tchain limited {\n\t\tupdate @senders { ip saddr limit rate 1/hour " \
    "burst 3 packets } return\n\t\tdrop"


def table(text):
    return Action("load", lambda lab: lab.nft(text))


FILLED = [tcp("inet.1", "router", dport=22).v4.accept(),
          tcp("inet.2", "router", dport=22).v4.accept()]
OPEN = page("ssh", 22, limit=None, limit_burst=None)
GONE = table("delete table inet naive")
case("limits: the naive order lets everybody pass a full set (control)", rules=OPEN,
     ask_evaluator=False, packets=[
         table(NAIVE % WRONG), *FILLED,
         *(tcp("inet.7", "router", dport=22).v4.accept() for _ in range(30)), GONE])
case("limits: the order we use keeps the set's size of senders (control)", rules=OPEN,
     ask_evaluator=False, packets=[
         table(NAIVE % RIGHT), *FILLED,
         *(tcp("inet.7", "router", dport=22).v4.drop() for _ in range(30)), GONE])

# ---- IPv6 networks as senders ----

NET = defaults(source_prefix6="64", syn_flood="0") + zones()
OTHER = "2001:db8:999::7"  # of another network
case("source_prefix6: a network's addresses share a limit, and IPv4 senders do not",
     config=NET + page("Enable_SSH_WAN", 22, ssh_limit="1"), packets=[
         *(tcp(f"inet.{n}", "router", dport=22).v6.accept("Enable_SSH_WAN") for n in (1, 2, 3)),
         *(tcp(f"inet.{n}", "router", dport=22).v6.drop() for n in range(4, 20)),
         *(tcp(f"inet.{n}", "router", dport=22).v4.accept("Enable_SSH_WAN")
           for n in range(1, 20)),
         tcp(OTHER, "router", dport=22).accept("Enable_SSH_WAN")])
case("source_prefix6: SYN floods", config=defaults(
    source_prefix6="64", syn_flood="1", synflood_rate="1/minute", synflood_burst="3") + zones() +
     page("ssh", 22, limit=None, limit_burst=None), packets=[
         *(tcp(f"inet.{n}", "router", dport=22).v6.accept("ssh") for n in (1, 2, 3)),
         tcp("inet.4", "router", dport=22).v6.drop(),
         tcp("inet.4", "router", dport=22).v4.accept("ssh"),
         tcp(OTHER, "router", dport=22).accept("ssh")])
case("source_prefix6: port scans, and the ban is the network's",
     config=defaults(source_prefix6="64") + zones(wan={
         "port_scan": "1", "hitcount": "5", "seconds": "60"}) +
     page("ssh", 22, limit=None, limit_burst=None), packets=[
         *(tcp(f"inet.{n}", "router", dport=1000 + n).v6.reject() for n in range(1, 5)),
         tcp("inet.1", "router", dport=22).v6.accept("ssh"),
         *(tcp(f"inet.{n}", "router", dport=1001).v6.reject() for n in range(1, 5)),
         tcp("inet.5", "router", dport=2000).v6.drop(),
         *(tcp(f"inet.{n}", "router", dport=22).v6.drop() for n in range(1, 9)),
         *(tcp(f"inet.{n}", "router", dport=22).v4.accept("ssh") for n in range(1, 9)),
         tcp(OTHER, "router", dport=22).accept("ssh")])

# ---- state over a reload ----


def apply(lab):
    done = lab.run(lab.command("apply"), check=False)
    expect(done.returncode == 0, done.stderr)


case("limits: a reload gives nobody new tokens", rules=page("Enable_SSH_WAN", 22, ssh_limit="1"),
     packets=[*accepted(connects(3), "Enable_SSH_WAN"), Action("apply", apply),
              *dropped(connects(3))])
