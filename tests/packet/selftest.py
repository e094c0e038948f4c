#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Proves that the lab can see: each wrong ruleset here must be noticed, each right one must pass.

The rulesets are written by hand, so nothing of the compiler is needed. Prints TAP.
"""
import dataclasses
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import lab  # noqa: E402
import netns  # noqa: E402
import random_policies  # noqa: E402
import run  # noqa: E402
import spec  # noqa: E402
import wire  # noqa: E402
from spec import answer, follow, icmp, ping, proto, sctp, tcp, udp, unreachable  # noqa: E402


def ruleset(**hooks):
    """A table with the given rules: filter chains by hook, postrouting/prerouting as NAT."""
    out = "table inet zonewall\ndelete table inet zonewall\ntable inet zonewall {\n"
    for hook, rules in hooks.items():
        kind, where, priority = {
            "snat": ("nat", "postrouting", 100), "dnat": ("nat", "prerouting", -100),
            "mangle": ("filter", "forward", -150), "raw": ("filter", "prerouting", -300),
        }.get(hook, ("filter", hook, 0))
        out += f"chain x_{hook} {{ type {kind} hook {where} priority {priority}; policy accept;\n"
        out += rules.replace(";", "\n") + "\n}\n"
    return out + "}\n"


def wrong_lines(the_lab, rules, packets):
    """Applies a hand-written ruleset and judges the packets as a case's would be."""
    the_lab.conntrack.flush()
    the_lab.nft(rules)
    runner = run.Runner.__new__(run.Runner)
    runner.lab = the_lab
    return runner.check_kernel(spec.concrete(packets))


DROP_81 = dict(forward="tcp dport 81 drop; tcp dport 82 reject with tcp reset; "
                       "udp dport 82 reject; udp dport 83 reject with icmpx admin-prohibited",
               input="iif lo accept; tcp dport 81 drop; meta l4proto tcp reject with tcp reset",
               output="udp dport 81 drop; udp dport 82 reject; tcp dport 82 reject with tcp reset")

# name, ruleset, packets, how many complaints there must be (0: it holds)
TESTS = [
    ("verdicts in all three directions", DROP_81, lambda: [
        tcp("lan.10", "inet.7", dport=80).accept(),
        tcp("lan.10", "inet.7", dport=81).drop(),
        tcp("lan.10", "inet.7", dport=82).reject(),
        udp("lan.10", "inet.7", dport=82).reject(),
        udp("lan.10", "inet.7", dport=83).reject(with_=lab.ADMIN),
        tcp("inet.7", "router", dport=81).drop(),
        tcp("inet.7", "router", dport=82).reject(),
        udp("inet.7", "router", dport=80).accept(),
        udp("router", "inet.7", dport=80).accept(),
        udp("router", "inet.7", dport=81).drop(),
        udp("router", "inet.7", dport=82).reject(),
        tcp("router", "inet.7", dport=82).reject(),
    ], 0),
    ("notices a drop that should be an accept", DROP_81, lambda: [
        tcp("lan.10", "inet.7", dport=81).accept()], 2),
    ("notices an accept that should be a drop", DROP_81, lambda: [
        tcp("lan.10", "inet.7", dport=80).drop(), udp("inet.7", "router").drop(),
        udp("router", "inet.7", dport=80).drop()], 6),
    ("notices a drop that should be a rejection", DROP_81, lambda: [
        tcp("inet.7", "router", dport=81).reject(), udp("router", "inet.7", dport=81).reject()], 4),
    ("notices a rejection of the wrong kind", DROP_81, lambda: [
        udp("lan.10", "inet.7", dport=83).reject(),
        tcp("lan.10", "inet.7", dport=82).reject(with_=lab.PORT)], 4),
    ("masquerading, seen on the link", dict(snat='oifname "eth0" masquerade'), lambda: [
        tcp("lan.10", "inet.7").accept(src="router.wan"),
        tcp("lan.10", "dmz.5").accept()], 0),
    ("notices a packet that was not translated", dict(), lambda: [
        tcp("lan.10", "inet.7").accept(src="router.wan")], 2),
    ("notices a packet that was translated and should not", dict(snat="masquerade"), lambda: [
        tcp("lan.10", "inet.7").accept()], 2),
    ("destination NAT, to a host and to the router",
     dict(dnat="tcp dport 80 dnat ip to 192.168.2.5:8080; tcp dport 81 redirect to :22"), lambda: [
         tcp("inet.7", "router", dport=80).v4.accept(dst="dmz.5", dport=8080),
         tcp("inet.7", "dmz.9", dport=81).accept(dst="router.wan", dport=22)], 0),
    ("notices the wrong translated port", dict(dnat="tcp dport 80 dnat ip to 192.168.2.5:8080"),
     lambda: [tcp("inet.7", "router", dport=80).v4.accept(dst="dmz.5", dport=8081)], 1),
    ("marks, DSCP, TTL and MSS", dict(mangle="tcp dport 80 meta mark set 0x16; "
                                             "ip dscp set af11; ip6 dscp set af11; "
                                             "tcp option maxseg size set 1200; ip ttl set 9"),
     lambda: [
         tcp("lan.10", "inet.7", mss=1460).v4.accept(mark=0x16, dscp=10, mss=1200, ttl=9),
         tcp("lan.10", "inet.7", mss=1460).v6.accept(mark=0x16, dscp=10, mss=1200)], 0),
    ("notices each of them when it is wrong", dict(mangle="tcp dport 80 meta mark set 0x16; "
                                                          "ip dscp set af11; ip ttl set 9; "
                                                          "tcp option maxseg size set 1200"),
     lambda: [tcp("lan.10", "inet.7", mss=1460).v4.accept()], 4),
    ("every protocol", dict(forward="meta l4proto { 47, 50, 51, 89, 2, 132 } accept; "
                                    "meta l4proto { icmp, ipv6-icmp } accept; drop"), lambda: [
        *(proto(n, "lan.10", "inet.7").accept() for n in (47, 50, 51, 89, 2)),
        sctp("lan.10", "inet.7").accept(state="new"), ping("lan.10", "inet.7").accept(state="new"),
        icmp("lan.10", "inet.7", (3, 1), (1, 3)).accept(state="invalid"),
        tcp("lan.10", "inet.7").drop()], 0),
    ("connections: answers, further packets and errors about them",
     dict(forward='ct state established,related accept; iifname "br-lan" tcp dport 80 accept; '
                  'iifname "br-lan" meta l4proto { icmp, ipv6-icmp, udp } accept; drop',
          snat='oifname "eth0" masquerade'), lambda: [
         a := tcp("lan.10", "inet.7").accept(src="router.wan", state="new"),
         b := answer(a).accept(state="established", dst="lan.10"),
         follow(a).accept(state="established", src="router.wan"),
         c := ping("lan.10", "inet.7").accept(src="router.wan"),
         answer(c).accept(state="established", dst="lan.10"),
         d := udp("lan.10", "inet.7").accept(src="router.wan"),
         unreachable(d).accept(state="related", dst="lan.10"),
         tcp("inet.7", "lan.10").drop()], 0),
    ("invalid packets are known as such", dict(forward="ct state invalid drop"), lambda: [
        tcp("lan.10", "inet.7", flags=spec.SYNACK).drop(),
        tcp("lan.10", "inet.7", flags=spec.FIN).drop(),
        tcp("lan.10", "inet.7", flags=spec.ACK).accept(),
        icmp("lan.10", "inet.7", (3, 1), (1, 3)).drop()], 0),
    ("untracked packets", dict(raw="udp dport 5000 notrack"), lambda: [
        udp("lan.10", "inet.7", dport=5000).accept(state="untracked", tracked=False),
        udp("lan.10", "inet.7", dport=5001).accept(state="new", tracked=True)], 0),
    ("MAC address, length, source port", dict(forward=(
        "ether saddr 02:00:00:00:00:77 accept; meta length 100 accept; tcp sport 7 accept; drop")),
     lambda: [
        udp("lan.10", "inet.7", mac="02:00:00:00:00:77").accept(),
        udp("lan.10", "inet.7", length=100).accept(),
        tcp("lan.10", "inet.7", sport=7).accept(),
        udp("lan.10", "inet.7").drop()], 0),
    ("mark and owner of the router's own packets", dict(output=(
        "meta mark 0x5 drop; meta skuid 1234 reject with icmpx port-unreachable")), lambda: [
            udp("router", "inet.7", mark=5).drop(),
            udp("router", "inet.7", mark=6).accept(),
            udp("router", "inet.7", uid=1234).reject()], 0),
]


def lost_packet(the_lab):
    """A link that swallows what the hooks let through must not look like an accept."""
    with netns.inside(the_lab.hosts_fd):
        the_lab.run(["ip", "link", "set", "h-dmz0", "down"])
    wrong = wrong_lines(the_lab, ruleset(), [udp("lan.10", "dmz.5").accept()])
    with netns.inside(the_lab.hosts_fd):
        the_lab.run(["ip", "link", "set", "h-dmz0", "up"])
    return len(wrong) == 2 and all("lost" in line for line in wrong), wrong


def wire_round_trip(_lab):
    """What is built parses back as the same packet."""
    wrong = []
    for family, src, dst in ((4, "192.0.2.1", "192.0.2.2"), (6, "2001:db8::1", "2001:db8::2")):
        for number, flags in ((wire.TCP, 2), (wire.UDP, 2), (wire.SCTP, 2)):
            sent = wire.Packet(family, src, dst, number, 1, 2, flags=flags, dscp=10, ttl=7, id=77,
                               length=200, mss=1300 if number == wire.TCP else None)
            seen = wire.parse(wire.build(sent))
            for name in ("src", "dst", "proto", "sport", "dport", "dscp", "ttl", "id", "length",
                         "mss"):
                if getattr(sent, name) != getattr(seen, name):
                    wrong.append(f"{number}: {name}: {getattr(seen, name)}")
    return not wrong, wrong


def many_at_once(the_lab):
    """No packet of a big batch is overlooked."""
    wrong = wrong_lines(the_lab, ruleset(forward="tcp dport 81 drop"), [
        (tcp("lan.10", "inet.7", dport=80 + n % 2).drop() if n % 2 else
         tcp("lan.10", "inet.7", dport=80 + n % 2).accept()) for n in range(3000)])
    return not wrong, wrong[:5]


def disagreement(_lab):
    """A word of the evaluator that differs from the kernel's is noticed."""
    sent = wire.Packet(4, "192.0.2.1", "192.0.2.2", wire.TCP, 1, 2, id=5)
    seen = dataclasses.replace(sent, ttl=63)
    outcome = lab.Outcome(lab.ACCEPTED, "forward", packet=seen, oif="eth0", mark=1, state="new")
    said = {"outcome": "accepted", "src": sent.src, "dst": sent.dst, "sport": 1, "dport": 2,
            "dscp": 0, "ttl": 64, "mark": 1, "mss": None, "oif": "eth0", "decided": None,
            "notrack": False, "logs": []}
    wrong = random_policies.compare(sent, outcome, said)
    for name, value in (("outcome", "dropped"), ("src", "192.0.2.9"), ("dport", 3), ("dscp", 8),
                        ("mark", 2), ("ttl", 60), ("oif", "eth1")):
        if not random_policies.compare(sent, outcome, {**said, name: value}):
            wrong.append(f"{name} {value} is not noticed")
    refused = lab.Outcome(lab.REJECTED, reject=lab.PORT)
    if not random_policies.compare(sent, refused, {**said, "outcome": "rejected",
                                                   "reject": lab.TCP_RESET}):
        wrong.append("the kind of a rejection is not noticed")
    return not wrong, wrong


def main():
    reason = netns.unavailable()
    if reason:
        run.skip(reason)
    more = [lost_packet, wire_round_trip, many_at_once, disagreement]
    print(f"1..{len(TESTS) + len(more)}")
    failed = n = 0
    with lab.Lab() as the_lab:
        for name, hooks, packets, complaints in TESTS:
            n += 1
            wrong = wrong_lines(the_lab, ruleset(**hooks), packets())
            ok = len(wrong) == complaints
            failed += not ok
            print(f"{'ok' if ok else 'not ok'} {n} - {name}")
            if not ok:
                print(f"# {len(wrong)} complaints, expected {complaints}")
                print("".join(f"# {line}\n" for line in wrong), end="")
        for test in more:
            n += 1
            ok, wrong = test(the_lab)
            failed += not ok
            print(f"{'ok' if ok else 'not ok'} {n} - {test.__doc__.strip().rstrip('.')}")
            print("".join(f"# {line}\n" for line in wrong if not ok), end="")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
