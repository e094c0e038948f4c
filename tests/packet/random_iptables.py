#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random iptables commands, random packets: custom rules must do what iptables does with them.

Each round makes some commands that iptables itself accepts, sends packets through them, and then
the same packets through the same commands as custom rules of ours. Prints TAP: a test for every
twenty rounds; a difference is printed with its seed, its commands and the packet.
"""
import argparse
import os
import random
import shutil
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import lab  # noqa: E402
import netns  # noqa: E402
import run  # noqa: E402
import spec  # noqa: E402
import wire  # noqa: E402

PER_TEST = 20
HOSTS = ("lan.10", "lan.11", "inet.7", "inet.8", "dmz.9", "guest.5")
PORTS = (22, 53, 80, 81, 443, 8000)
FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG")
OPEN = spec.defaults(input="ACCEPT", forward="ACCEPT", drop_invalid="0") + "".join(
    spec.zone(name, network=[name], input="ACCEPT", output="ACCEPT", forward="ACCEPT")
    for name in ("lan", "wan", "dmz", "guest")) + spec.section("include", path="@DIR@/user")


class Maker:
    """The commands and packets of one seed."""

    def __init__(self, seed, family):
        self.r, self.family = random.Random(seed), family

    def maybe(self, share):
        return self.r.random() < share

    def neg(self, share=0.2):
        return "! " if self.maybe(share) else ""

    def address(self):
        host = spec.address(self.r.choice(HOSTS), self.family)
        if self.family == 4:
            return self.r.choice((host, host, host + "/24", host + "/255.255.0.255", host + "/29"))
        return self.r.choice((host, host, host + "/64", host + "/126", host + "/ffff::ffff"))

    def port(self):
        low = self.r.choice(PORTS)
        return self.r.choice((f"{low}", f"{low}", f"{low}:{low + self.r.randint(0, 400)}", f":{low}",
                              f"{low}:"))

    def flags(self):
        return ",".join(self.r.sample(FLAGS, self.r.randint(1, 4)))

    def protocol(self):
        """-p and what only it can have."""
        r, kind = self.r, self.r.choice(("tcp", "tcp", "udp", "icmp", "all", "not", "multi"))
        icmp = "icmp" if self.family == 4 else "icmpv6"
        if kind == "not":
            return f"! -p {r.choice(('tcp', 'udp', icmp))}"
        if kind == "all":
            return ""
        if kind == "icmp":
            types = ("8", "echo-request", "13", "3/1", "any", "0") if self.family == 4 else \
                ("128", "echo-request", "1/3", "129")
            return f"-p {icmp}" + (f" {self.neg()}--{icmp}-type {r.choice(types)}"
                                   if self.maybe(0.7) else "")
        if kind == "multi":
            ports = ",".join(str(p) for p in r.sample(PORTS, 3)) + r.choice(("", ",1000:2000"))
            return f"-p {r.choice(('tcp', 'udp'))} -m multiport {self.neg()}" \
                f"--{r.choice(('sports', 'dports', 'ports'))} {ports}"
        text = f"-p {kind}"
        for option in ("--dport", "--sport"):
            if self.maybe(0.4):
                text += f" {self.neg()}{option} {self.port()}"
        if kind == "tcp" and self.maybe(0.3):
            text += f" {self.neg()}--tcp-flags {self.flags()} {r.choice((self.flags(), 'NONE'))}"
        elif kind == "tcp" and self.maybe(0.2):
            text += f" {self.neg()}--syn"
        return text

    def matches(self):
        r, v4 = self.r, self.family == 4
        ttl = "ttl" if v4 else "hl"
        a, b = sorted((r.randint(1, 12), r.randint(1, 12)))
        net = lab.NETWORKS["lan"]
        prefix = net.prefix4 if v4 else net.prefix6
        choices = (
            lambda: f"{self.neg()}-s {self.address()}",
            lambda: f"{self.neg()}-d {self.address()}",
            lambda: f"{self.neg()}-i {r.choice(('eth0', 'br-lan', 'dmz+', 'e+'))}",
            lambda: f"-m length {self.neg()}--length {r.choice(('0:60', '40:80', '60', '61:'))}",
            lambda: f"-m {ttl} {r.choice(('--' + ttl + '-lt', '--' + ttl + '-gt', '--' + ttl + '-eq'))} "
                    f"{r.choice((1, 32, 63, 64, 200))}",
            lambda: f"-m dscp {self.neg()}--dscp {r.choice((0, 8, 46))}",
            lambda: f"-m tos {self.neg()}--tos {r.choice(('0x20/0xfc', '0xb8/0xf8', '0x00/0xe0'))}",
            lambda: f"-m iprange {self.neg()}--{r.choice(('src', 'dst'))}-range {prefix}{a}-{prefix}{b}",
            lambda: f"-m conntrack {self.neg()}--ctstate "
                    f"{r.choice(('NEW', 'INVALID', 'NEW,INVALID', 'RELATED,ESTABLISHED', 'DNAT', 'NEW,SNAT'))}",
            lambda: f"-m mark {self.neg()}--mark {r.choice(('0', '1', '0/0xff'))}",
            lambda: f"-m connmark {self.neg()}--mark {r.choice(('0', '1/1'))}",
            lambda: f"-m addrtype {self.neg()}--{r.choice(('src', 'dst'))}-type "
                    # ip6tables wants all of several types at once, which is no list
                    f"{r.choice(('LOCAL', 'UNICAST', 'LOCAL,MULTICAST' if v4 else 'MULTICAST'))}",
            lambda: f"-m pkttype {self.neg()}--pkt-type {r.choice(('unicast', 'broadcast'))}",
            lambda: f"-m policy --dir in --pol {r.choice(('none', 'ipsec'))}",
        )
        return [pick() for pick in r.sample(choices, r.choice((0, 1, 1, 2, 3)))]

    def command(self):
        words = [self.protocol(), *self.matches()]
        if self.maybe(0.5):
            words.reverse() if not words[0] else None
        program = "iptables" if self.family == 4 else "ip6tables"
        return f"{program} -{self.r.choice('AI')} {{chain}} {' '.join(w for w in words if w)} " \
            f"-j {self.r.choice(('DROP', 'DROP', 'ACCEPT', 'RETURN'))}"

    def packet(self, to_router):
        r = self.r
        source, dest = r.sample(HOSTS, 2)
        if dest.split(".")[0] == source.split(".")[0] or \
                {source.split(".")[0], dest.split(".")[0]} == {"inet", "wan"}:
            dest = "inet.7" if not source.startswith("inet") else "lan.10"
        more = {"ttl": r.choice((2, 32, 64, 64, 255)), "dscp": r.choice((0, 0, 8, 46))}
        dest = "router" if to_router else dest
        kind = r.random()
        if kind < 0.45:
            flags = sum(1 << n for n in range(6) if self.maybe(0.3)) if self.maybe(0.4) else wire.SYN
            spec_ = spec.tcp(source, dest, r.choice(PORTS), flags=flags,
                             sport=r.choice(PORTS + (1500, 30000)), **more)
        elif kind < 0.8:
            spec_ = spec.udp(source, dest, r.choice(PORTS), sport=r.choice(PORTS + (1500, 30000)),
                             **more)
        else:
            spec_ = spec.icmp(source, dest, r.choice((8, 13, (3, 1), 0)), r.choice((128, 129, (1, 3))),
                              **more)
        return spec_._only(self.family)


class Comparison:
    def __init__(self, the_lab, runner, programs):
        self.lab, self.runner, self.programs = the_lab, runner, programs

    def iptables(self, *words):
        return self.lab.run([self.programs[words[0]], *words[1:]], check=False)

    def outcomes(self, maker_seed, family, to_router):
        """What became of the packets of a seed under the rules that are there now."""
        maker = Maker(maker_seed, family)
        self.lab.conntrack.flush()
        packets = spec.concrete([maker.packet(to_router) for _ in range(40)])
        for c in packets:
            self.lab.number(c.packet)
        found = self.lab.exchange([c.injection() for c in packets])
        return [(c.label(), found[c.packet.id].kind) for c in packets]

    def round(self, seed):
        """None when all agree, else what differs."""
        family = 4 if seed % 3 else 6
        to_router = seed % 2 == 0
        chain = "INPUT" if to_router else "FORWARD"
        maker, commands = Maker(seed, family), []
        self.runner.forget()
        for _ in range(4):
            command = maker.command().format(chain=chain)
            words = command.split()
            if self.iptables(*words).returncode == 0:
                commands.append(command)
        theirs = self.outcomes(seed + 1, family, to_router)
        self.iptables("iptables" if family == 4 else "ip6tables", "-F")
        # firewall3's place is first in its chain, as INPUT itself is for iptables
        place = "input_rule" if to_router else "forwarding_rule"
        script = "".join(c.replace(f" {chain} ", f" {place} ") + "\n" for c in commands)
        case = spec.Case("", [], [], OPEN, files={"user": script})
        self.runner.write(case)
        done = self.runner.apply()
        if done.returncode:
            return [f"refused: {done.stderr}", *commands]
        ours = self.outcomes(seed + 1, family, to_router)
        differ = [f"{label}: iptables {a}, zonewall {b}"
                  for (label, a), (_, b) in zip(theirs, ours) if a != b]
        return [*commands, *differ] if differ else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zonewall")
    parser.add_argument("--eval")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    programs = {p: shutil.which(p + "-legacy") or shutil.which(p) for p in ("iptables", "ip6tables")}
    reason = netns.unavailable()
    zonewall = run.find_program(args.zonewall, "src/cli/zonewall")
    if reason or not zonewall or not all(programs.values()):
        run.skip(reason or "there is no zonewall program, or no iptables")
    tests = (args.rounds + PER_TEST - 1) // PER_TEST
    print(f"1..{tests}", flush=True)
    failed, began = 0, time.monotonic()
    with lab.Lab() as the_lab:
        comparison = Comparison(the_lab, run.Runner(the_lab, zonewall, None, "nft"), programs)
        if comparison.iptables("iptables", "-S").returncode:
            run.skip("iptables does not work here")
        for n in range(tests):
            wrong = 0
            for seed in range(args.seed + n * PER_TEST, args.seed + (n + 1) * PER_TEST):
                lines = comparison.round(seed * 2 + seed % 7)
                wrong += bool(lines)
                for line in lines or ():
                    print(f"# seed {seed}: {line}")
            failed += wrong
            print(f"{'not ok' if wrong else 'ok'} {n + 1} - commands mean the same, seeds from "
                  f"{args.seed + n * PER_TEST}", flush=True)
    print(f"# {args.rounds} rounds, {time.monotonic() - began:.1f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
