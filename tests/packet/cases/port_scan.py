# SPDX-License-Identifier: GPL-2.0-or-later
"""Attack prevention: port scans are counted by refused ports, and bans end."""
import json

from lab import PORT
from real import address, counted, elements, expect, nmap, real, real_zones, serve
from spec import (ACK, FIN, Action, answer, case, defaults, follow, forwarding, icmp, pause, ping,
                  rule, section, tcp, udp, zones)

SCAN = {"port_scan": "1", "hitcount": "5", "seconds": "60"}
SHORT = {**SCAN, "seconds": "10"}
SSH = rule("ssh", src="wan", proto="tcp", dest_port="22", target="ACCEPT")


def scanned(name, packets, more="", wan=SCAN, settings=None, **options):
    case(name, config=defaults(**(settings or {})) + zones(wan=wan) + SSH + more, packets=packets,
         **options)


def ports(count, host="inet.7", to="router", start=1000, make=tcp):
    return [make(host, to, dport=start + n) for n in range(count)]


def refused(packets):
    return [p.reject() for p in packets]


def is_open(host="inet.7"):
    return tcp(host, "router", dport=22).accept("ssh")


def is_banned(host="inet.7"):
    return tcp(host, "router", dport=22).drop()


# ---- what counts ----

scanned("port scan: the last of hitcount ports brings the ban, not one before", [
    *refused(ports(4)), is_open(), *(p.drop() for p in ports(1, start=2000)), is_banned(),
    udp("inet.7", "router").drop(), ping("inet.7", "router").drop(), is_open("inet.8"),
    is_open("wan.7")], fields=["6.6 Enable", "6.6 Scan count"])
scanned("port scan: one port counts once, however often it is tried", [
    *refused(ports(4)), *(p.reject() for _ in range(20) for p in ports(4)), is_open()])
scanned("port scan: a larger count", [
    *refused(ports(99)), is_open(), *(p.drop() for p in ports(1, start=2000)), is_banned()],
    wan={**SCAN, "hitcount": "100"}, fields=["6.6 Scan count"])
scanned("port scan: TCP and UDP ports are different ports", [
    *refused(ports(2)), *refused(ports(2, make=udp)), is_open(),
    *(p.drop() for p in ports(1, start=1002, make=udp)), is_banned()])
scanned("port scan: visits to open services never count", [is_open() for _ in range(60)])
scanned("port scan: answers to what was asked from inside do not count, and pass in a ban", [
    a := tcp("router", "inet.7", dport=80).accept(), *refused(ports(4)),
    *(p.drop() for p in ports(1, start=2000)), is_banned(), answer(a).accept(state="established"),
    b := udp("lan.10", "inet.7").accept(), answer(b).accept(state="established")],
    forwarding("lan", "wan"))
scanned("port scan: a connection that stands outlives the ban", [
    a := tcp("inet.7", "lan.10", dport=80).accept("web"), answer(a).accept(state="established"),
    *refused(ports(4)), *(p.drop() for p in ports(1, start=2000)), is_banned(),
    follow(a).accept(state="established"), tcp("inet.7", "lan.10", dport=80).drop()],
    rule("web", src="wan", dest="lan", proto="tcp", dest_port="80", target="ACCEPT"))
scanned("port scan: packets that begin nothing do not count", [
    *refused(tcp("inet.7", "router", dport=n, flags=FIN) for n in range(1000, 1020)),
    *(icmp("inet.7", "router", n).reject() for n in (13, 15, 17)), is_open()])
scanned("port scan: broadcasts do not count", [
    *(udp("wan.7", "255.255.255.255", dport=n).v4.drop() for n in range(1000, 1010)),
    is_open("wan.7")], wan={**SCAN, "input": "DROP"})
scanned("port scan: probes by an ACK count", [
    *refused(tcp("inet.7", "router", dport=n, flags=ACK) for n in range(1000, 1004)),
    tcp("inet.7", "router", dport=2000, flags=ACK).drop(), is_banned()])
scanned("port scan: ports that a rule refuses count too", [
    *(tcp("inet.7", "router", dport=n).drop("no") for n in range(1000, 1002)),
    *(tcp("inet.7", "router", dport=n).reject("polite") for n in range(2000, 2002)), is_open(),
    tcp("inet.7", "router", dport=3000).drop(), is_banned()],
    rule("no", src="wan", proto="tcp", dest_port="1000-1009", target="DROP") +
    rule("polite", src="wan", proto="tcp", dest_port="2000-2009", target="REJECT"))
scanned("port scan: off, refusals are only refusals", [*refused(ports(40)), is_open()], wan={},
        fields=["6.6 Enable"])

# ---- where ----

scanned("port scan: of hosts behind the router, and banned from all", [
    *refused(ports(4, to="lan.10")), *(tcp("inet.7", "lan.11", dport=1000).reject() for _ in (1, 2)),
    is_open(), *(p.drop() for p in ports(1, to="dmz.5", start=2000)), is_banned(),
    tcp("inet.7", "lan.10", dport=80).drop(), tcp("inet.8", "lan.10", dport=80).accept("web")],
    rule("web", src="wan", dest="lan", proto="tcp", dest_port="80", target="ACCEPT"))
scanned("port scan: partly of the router, partly behind it", [
    *refused(ports(2, to="lan.10")), *refused(ports(2, start=2000)),
    *(p.drop() for p in ports(1, start=3000)), is_banned()])
scanned("port scan: back out of its own zone", [
    *refused(ports(4, host="wan.7", to="inet.9")),
    *(p.drop() for p in ports(1, host="wan.7", start=3000)), is_banned("wan.7")])
scanned("port scan: rules of all zones do not let the banned in", [
    tcp("inet.7", "router", dport=25).accept("any"), *refused(ports(4)),
    *(p.drop() for p in ports(1, start=2000)), tcp("inet.7", "router", dport=25).drop()],
    rule("any", src="*", proto="tcp", dest_port="25", target="ACCEPT"))
case("port scan: any zone, and each for itself", config=defaults() + zones(
    guest=SCAN, dmz={**SCAN, "hitcount": "7"}) +
     rule("g", src="guest", proto="tcp", dest_port="22", target="ACCEPT") +
     rule("d", src="dmz", proto="tcp", dest_port="22", target="ACCEPT"), packets=[
         *refused(ports(4, "guest.7")), *(p.drop() for p in ports(1, "guest.7", start=2000)),
         tcp("guest.7", "router", dport=22).drop(),
         *(p.drop() for p in ports(6, "dmz.7")), tcp("dmz.7", "router", dport=22).accept("d"),
         *(p.drop() for p in ports(1, "dmz.7", start=2000)),
         tcp("dmz.7", "router", dport=22).drop(), *(refused(ports(20, "inet.7")))])
case("port scan: of the LAN, whose router is open: what it is refused elsewhere counts",
     config=defaults() + zones(lan=SCAN), packets=[
         *(p.accept("lan") for p in ports(20, "lan.10")),
         *refused(ports(4, "lan.10", "dmz.5")), *(p.drop() for p in ports(1, "lan.10", "guest.5",
                                                                          start=2000)),
         tcp("lan.10", "router", dport=22).drop(), tcp("lan.11", "router", dport=22).accept("lan")])
case("port scan: of one family", config=defaults() + zones(wan={**SCAN, "family": "ipv4"}) + SSH,
     packets=[*(p.v4.reject() for p in ports(4)), *(p.v4.drop() for p in ports(1, start=2000)),
              is_banned().v4, is_banned("inet.7").v4])
case("port scan: where nothing is refused there is a warning",
     warning="port-scan-nothing-refused",
     config=defaults(input="ACCEPT", forward="ACCEPT") + zones(lan=SCAN),
     packets=[p.accept("lan") for p in ports(20, "lan.10")])
case("port scan: as RutOS 7.06 wrote it", config=defaults() + zones() + SSH + section(
    "include", type="script", path="/usr/lib/attack_prevention", reload="1", port_scan="1",
    hitcount="5", seconds="60", null_flags="1"), packets=[
        *refused(ports(4)), *(p.drop() for p in ports(1, start=2000)), is_banned(),
        tcp("inet.8", "router", dport=22, flags=0).drop()])

# ---- who ----

scanned("port scan: senders and networks that are never banned, IPv4 and IPv6", [
    *refused(ports(20)), is_open(), *refused(ports(20, "wan.9")), is_open("wan.9"),
    *refused(ports(4, "inet.8")), *(p.drop() for p in ports(1, "inet.8", start=2000)),
    is_banned("inet.8")],
    wan={**SCAN, "port_scan_allow": ["203.0.113.7", "198.51.100.0/24", "2001:db8:203::7",
                                     "2001:db8:100::/64"]})
scanned("port scan: neighbour discovery goes on in a ban", [
    *refused(ports(4, "wan.7")), *(p.drop() for p in ports(1, "wan.7", start=2000)),
    is_banned("wan.7"), icmp("wan.7", "router.wan", None, 135, ttl=255).accept("nd")],
    rule("nd", src="wan", proto="icmp", icmp_type="neighbour-solicitation", family="ipv6",
         target="ACCEPT"))
scanned("port scan: logged with the zone's log", [
    *(p.v4.reject().logged("REJECT wan in: ") for p in ports(4)),
    *(p.v4.drop().logged("PORT SCAN wan: ") for p in ports(1, start=2000)),
    is_banned().v4.logged(None)], wan={**SCAN, "log": "1"})
scanned("port scan: a rejection keeps its kind", [
    *(p.reject(with_=PORT) for p in ports(4)), *(p.drop() for p in ports(1, start=2000))],
    settings={"tcp_reject_code": "port-unreach"})

# ---- how long ----

# One after the other would take a minute: four senders at the same time.
scanned("port scan: how long ports count and bans last, with attempts and without", [
    *refused(ports(4, "inet.4")), *refused(ports(4, "inet.5")),
    *refused(ports(4, "inet.6")), *(p.drop() for p in ports(1, "inet.6", start=2000)),
    *refused(ports(4, "inet.7")), *(p.drop() for p in ports(1, "inet.7", start=2000)),
    pause(6),
    *refused(ports(4, "inet.4")),  # known ports prolong nothing
    is_banned("inet.7"),           # an attempt renews the ban
    pause(3),
    *(p.drop() for p in ports(1, "inet.5", start=2000)), is_banned("inet.5"),  # the 5th in time
    pause(1.5),
    # 4: a new interval, none of the four counts any more, and only the fifth bans
    *refused(ports(4, "inet.4", start=2000)), is_open("inet.4"),
    *(p.drop() for p in ports(1, "inet.4", start=3000)), is_banned("inet.4"),
    is_open("inet.6"), is_banned("inet.7"), pause(10.5), is_open("inet.7"), is_open("inet.4"),
    # and it counts anew
    *refused(ports(4, "inet.7")), *(p.drop() for p in ports(1, "inet.7", start=2000)),
    is_banned("inet.7")], wan=SHORT, fields=["6.6 Interval"])


def zonewall(*words, says=None):
    def do(lab):
        done = lab.run(lab.command(*words), check=False)
        expect(done.returncode == 0, done.stderr)
        if says is not None:
            got = json.loads(done.stdout)
            expect(says(got), got)
    return Action(" ".join(words), do)


def list_of(*addresses):
    def check(reply):
        bans = reply["bans"]
        return reply["ok"] and sorted(b["address"] for b in bans) == sorted(addresses) and all(
            b["zone"] == "wan" and 0 < b["seconds"] <= 60 for b in bans)
    return check


scanned("port scan: bans and counts survive a reload; bans are listed and lifted", [
    zonewall("bans", "--json", says=list_of()),
    *refused(ports(4)), *(p.drop() for p in ports(1, start=2000)), *refused(ports(4, "inet.8")),
    zonewall("apply"), is_banned(), *(p.drop() for p in ports(1, "inet.8", start=2000)),
    zonewall("bans", "--json", says=list_of("203.0.113.7", "2001:db8:203::7", "203.0.113.8",
                                            "2001:db8:203::8")),
    zonewall("bans", "lift", "203.0.113.7", "2001:db8:203::7"),
    zonewall("bans", "--json", says=list_of("203.0.113.8", "2001:db8:203::8")),
    is_open(), is_banned("inet.8"),
    # lifting forgets the count: the next port is the first of a new one
    *refused(ports(4, start=3000)), is_open(), *(p.drop() for p in ports(1, start=4000)),
    is_banned(), zonewall("bans", "lift", "all"), is_open(), is_open("inet.8")],
    ask_evaluator=False)

# ---- full sets ----


def fill(name, keys):
    def do(lab):
        lab.nft(f"add element inet zonewall {name} {{ {', '.join(keys)} }}")
    return Action(f"fill {name}", do)


def senders(count):
    return (f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(1, count + 1))


scanned("port scan: a full set of counters bans at the first refused port, never a visitor", [
    fill("scans_wan_v4", senders(65535)), *(is_open().v4 for _ in range(10)),
    *(p.v4.drop() for p in ports(1)), is_banned().v4, is_open("inet.8").v4,
    tcp("inet.8", "router", dport=22).v6.accept("ssh")], ask_evaluator=False)
scanned("port scan: a full set of ports counts each try, so a scanner is banned all the same", [
    fill("ports_wan_v4", (f"{a} . tcp . 80" for a in senders(65535))),
    *(p.v4.reject() for p in ports(2) + ports(2)), is_open().v4,
    *(p.v4.drop() for p in ports(1)), is_banned().v4, is_open("inet.8").v4], ask_evaluator=False)
scanned("port scan: a full set of bans keeps refusing, and its bans hold", [
    *(p.v4.reject() for p in ports(4)), *(p.v4.drop() for p in ports(1, start=2000)),
    fill("bans_wan_v4", senders(65534)), is_banned().v4,
    *(p.v4.reject() for p in ports(20, "inet.8")), is_open("inet.8").v4], ask_evaluator=False)

# ---- real programs ----

REAL_SSH = rule("ssh", src="outer", proto="tcp", dest_port="22", target="ACCEPT")
REAL_SCAN = {"port_scan": "1", "hitcount": "10", "seconds": "60"}


@real
def nmap_syn(world, stack):
    """Sees at most nine closed ports and is banned; another sender connects."""
    serve(stack, None, 22)
    for family, v in ((4, "v4"), (6, "v6")):
        router = address(2, 1, family)
        expect(world.outer.connect(router, 22, timeout=2), "before the scan, IPv", family)
        said = nmap(world, "-sS", "-p", "100-299", "-v", family=family)
        tried = elements(world.lab, f"ports_outer_{v}")
        expect(len(tried) == 10, "counted ports:", len(tried), said)
        bans = json.loads(world.zonewall("bans", "--json").stdout)["bans"]
        bans = [b["address"] for b in bans if (":" in b["address"]) == (family == 6)]
        expect(len(bans) == 1 and said.count(" closed ") == 9, bans, said)
        number = int(bans[0].replace(":", ".").split(".")[-1])  # the address that nmap took
        expect(not world.outer.connect(router, 22, number, timeout=0.5), "banned, IPv", family)
        expect(world.outer.connect(router, 22, number=12), "another sender, IPv", family)
    expect(counted(world.lab, "banned_outer") >= 100, "dropped in the ban")


case("port scan: nmap -sS is banned within the count, IPv4 and IPv6", deliver=True,
     config=defaults() + real_zones(**REAL_SCAN) + REAL_SSH, packets=[nmap_syn])


@real
def nmap_udp(world, _stack):
    nmap(world, "-sU", "-p", "100-139")
    expect(len(elements(world.lab, "ports_outer_v4")) == 10, "counted ports")
    expect(len(elements(world.lab, "bans_outer_v4")) == 1, "bans")


case("port scan: nmap -sU is banned too", deliver=True,
     config=defaults() + real_zones(**REAL_SCAN), packets=[nmap_udp])


@real
def browser(world, stack):
    """Two hundred connections to a forwarded port, from one address."""
    server = serve(stack, world.inner, 80)
    for family in (4, 6):
        to = (address(2, 1, 4), 8080) if family == 4 else (address(3, 10, 6), 80)
        good = [world.outer.connect(*to, timeout=2) for _ in range(200)]
        expect(all(good), f"IPv{family}: connections that failed:", good.count(False))
    expect(server.served == 400, "served", server.served)
    for name in ("bans", "scans", "ports"):
        for v in ("v4", "v6"):
            expect(elements(world.lab, f"{name}_outer_{v}") == [], name, v)


case("port scan: a browser's two hundred connections to a forwarded port are no scan",
     deliver=True, config=defaults() + real_zones(**{**REAL_SCAN, "hitcount": "5"}) + section(
         "redirect", name="web", src="outer", dest="inner", proto="tcp", src_dport="8080",
         dest_ip="192.0.3.10", dest_port="80", family="ipv4", target="DNAT") + rule(
             "web6", src="outer", dest="inner", proto="tcp", dest_port="80", family="ipv6",
             target="ACCEPT"), packets=[browser])
