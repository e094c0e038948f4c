# SPDX-License-Identifier: GPL-2.0-or-later
"""Attack prevention: SYN floods, to the router and through it; the kernel's switches."""
from real import address, expect, real, real_zones, serve, stop, wait_for_packets
from spec import (ACK, FIN, RST, SYN, URG, Action, answer, case, defaults, follow, forwarding, rule,
                  section, tcp, udp, zones)

SSH = rule("ssh", src="wan", proto="tcp", dest_port="22", target="ACCEPT")
SLOW = {"syn_flood": "1", "synflood_rate": "1/minute", "synflood_burst": "4"}


def flood(frm, to, count, **more):
    return [tcp(frm, to, dport=22, **more) for _ in range(count)]


def flooded(name, packets, more="", **options):
    case(name, config=defaults(**{**SLOW, **options}) + zones() + SSH + more, packets=packets)


# ---- to the router ----

flooded("SYN flood: only a SYN is counted, with ECN or without", [
    *(tcp("inet.7", "router", dport=22, flags=f).accept("ssh")
      for f in (ACK, SYN | ACK, SYN | FIN, SYN | RST, FIN, RST, 0)),
    *(p.accept("ssh") for p in flood("inet.7", "router", 2, flags=SYN | URG)),
    *(p.accept("ssh") for p in flood("inet.7", "router", 2, flags=SYN | 0xC0)),
    *(p.drop() for p in flood("inet.7", "router", 2))])
flooded("SYN flood: a connection that stands is not disturbed", [
    a := tcp("inet.7", "lan.10", dport=22).accept("in"), answer(a).accept(state="established"),
    *(p.accept("in") for p in flood("inet.7", "lan.10", 3)),
    *(p.drop() for p in flood("inet.7", "lan.10", 10)), follow(a).accept(state="established")],
    rule("in", src="wan", dest="lan", proto="tcp", target="ACCEPT"), synflood_forward="1")
flooded("SYN flood: before every rule, also those of all zones", [
    *(p.accept("any") for p in flood("inet.7", "router", 4)),
    *(p.drop() for p in flood("inet.7", "router", 4))],
    rule("any", src="*", proto="tcp", dest_port="22", target="ACCEPT"))
flooded("SYN flood: an attacker in another zone", [
    *(p.accept("lan") for p in flood("lan.7", "router", 4)),
    *(p.drop() for p in flood("lan.7", "router", 4)), tcp("lan.8", "router").accept("lan")])
flooded("SYN flood: the router's own connections and its loopback are no flood", [
    *(tcp("router", "inet.7").accept("wan") for _ in range(8)),
    *(tcp("router.lan", "router.wan", dport=22).accept() for _ in range(8))])
flooded("SYN flood: many senders, each within its rate", [
    *(p.accept("ssh") for n in range(60) for p in flood(f"inet.{n + 1}", "router", 1))])

# ---- through the router ----

flooded("SYN flood through the router: off unless asked for", [
    *(p.accept() for p in flood("lan.10", "inet.7", 8))], forwarding("lan", "wan"))
flooded("SYN flood through the router: when asked for", [
    *(p.accept() for p in flood("lan.10", "inet.7", 4)),
    *(p.drop() for p in flood("lan.10", "inet.7", 3)),
    *(p.accept() for p in flood("lan.11", "inet.7", 4)), udp("lan.10", "inet.7").accept(),
    # the same bucket as towards the router
    tcp("lan.10", "router").drop(), tcp("lan.11", "router").drop(),
    *(p.accept("ssh") for p in flood("inet.7", "router", 4)),
    tcp("inet.7", "router", dport=22).drop(),
    *(tcp("router.lan", "router.wan", dport=22).accept() for _ in range(8)),
    *(tcp("router", "inet.9").accept("wan") for _ in range(8))],
    forwarding("lan", "wan"), synflood_forward="1")
flooded("SYN flood through the router: one bucket for all", [
    *(tcp(f"lan.{n + 10}", "inet.7", dport=22).v4.accept() for n in range(4)),
    tcp("lan.20", "inet.7", dport=22).v4.drop()],
    forwarding("lan", "wan"), synflood_forward="1", synflood_per_source="0")
flooded("SYN flood through the router: a port forward's server", [
    *(tcp("inet.7", "router", dport=80).v4.accept(dst="lan.10") for _ in range(4)),
    *(tcp("inet.7", "router", dport=80).v4.drop() for _ in range(4)),
    tcp("inet.8", "router", dport=80).v4.accept(dst="lan.10")],
    section("redirect", name="web", src="wan", dest="lan", proto="tcp", src_dport="80",
            dest_ip="192.168.1.10", target="DNAT"), synflood_forward="1")

# ---- forged senders ----


def fill(name):
    """So many senders have been forged that the set has no room for another."""
    def do(lab):
        elements = ", ".join(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(1, 65535))
        lab.nft(f"add element inet zonewall {name} {{ {elements} }}")
    return Action(f"fill {name}", do)


FORGED = [tcp("inet.7", "router", dport=22).v4.accept("ssh"), fill("syn_flood_wan_v4"),
          *(tcp(f"inet.{n}", "router", dport=22).v4.drop() for n in range(20, 40)),
          # who was there before has its rate, and another zone its own memory
          *(tcp("inet.7", "router", dport=22).v4.accept("ssh") for _ in range(3)),
          *(tcp("inet.7", "router", dport=22).v4.drop() for _ in range(3)),
          tcp("inet.8", "router", dport=22).v6.accept("ssh"),
          *(tcp(f"lan.{n}", "router", dport=22).accept("lan") for n in range(20, 40))]
case("SYN flood: forged senders fill a zone's memory, and the LAN still reaches the router",
     ask_evaluator=False, config=defaults(**SLOW) + zones() + SSH, packets=FORGED)
case("SYN flood through the router: the same", ask_evaluator=False,
     config=defaults(**SLOW, synflood_forward="1") + zones() + SSH, packets=FORGED)
case("SYN flood: of a device in no zone", config=defaults(**SLOW, input="ACCEPT") + zones(),
     packets=[*(tcp("vpn.7", "router").accept() for _ in range(4)),
              tcp("vpn.7", "router").drop(), tcp("vpn.8", "router").accept()])

# ---- what is refused ----

case("SYN flood: the SYN proxy is refused with its reason", refused="synproxy-refused",
     config=defaults(**SLOW, synproxy="1") + zones())
case("SYN flood: an inverted rate is refused", refused="limit-inverted",
     config=defaults(**{**SLOW, "synflood_rate": "!5/second"}) + zones())

# ---- real floods ----


@real
def hping_flood(world, stack):
    """While one address floods, another one connects, 20 times in two seconds."""
    server = serve(stack, None, 22)
    router = address(2, 1)
    attack = world.outer.start("hping3", "--flood", "-S", "-p", "22", "-a", address(2, 11), router)
    stack.callback(stop, attack)
    wait_for_packets(world.lab, "syn_flood", 1000)
    good = [world.outer.connect(router, 22, number=12, pause=0.1) for _ in range(20)]
    stop(attack)
    expect(all(good), "a second sender's connections:", good)
    expect(server.served == 20, "served", server.served)


REAL_SSH = rule("ssh", src="outer", proto="tcp", dest_port="22", target="ACCEPT")
case("SYN flood: hping3 --flood never stops a second sender", deliver=True,
     config=defaults(syn_flood="1", synflood_rate="25/second", synflood_burst="50") +
     real_zones() + REAL_SSH, packets=[hping_flood])

# ---- the kernel's switches ----


def setting(name, value):
    def check(_lab):
        with open(f"/proc/sys/net/ipv4/{name}") as f:
            now = f.read().strip()
        expect(now == value, name, "is", now, "and not", value)
    return Action(f"{name} is {value}", check)


def write(name, value):
    def do(_lab):
        with open(f"/proc/sys/net/ipv4/{name}", "w") as f:
            f.write(value)
    return Action(f"{name} becomes {value}", do)


def zonewall(*words, says=()):
    def do(lab):
        done = lab.run(lab.command(*words), check=False)
        for text in says:
            expect(text in done.stdout + done.stderr, text, "is not in", done.stdout, done.stderr)
    return Action(" ".join(words), do)


NAMES = ("tcp_syncookies", "tcp_ecn", "tcp_window_scaling")
case("kernel settings: set, reported, restored by flush",
     config=defaults(tcp_syncookies="0", tcp_ecn="1", tcp_window_scaling="0") + zones(), packets=[
         *(setting(n, v) for n, v in zip(NAMES, ("0", "1", "0"))),
         zonewall("flush"), write("tcp_syncookies", "2"), write("tcp_ecn", "2"),
         write("tcp_window_scaling", "1"), zonewall("apply"),
         *(setting(n, v) for n, v in zip(NAMES, ("0", "1", "0"))),
         zonewall("status", says=["net/ipv4/tcp_syncookies: 0\n", "net/ipv4/tcp_ecn: 1\n"]),
         write("tcp_ecn", "0"), zonewall("status", says=["tcp_ecn: 0, but 1 is wanted"]),
         zonewall("status", "--json", says=['"before": "2"', '"wanted": "1"']),
         zonewall("apply"), zonewall("flush"),
         *(setting(n, v) for n, v in zip(NAMES, ("2", "2", "1"))), write("tcp_syncookies", "1")])
