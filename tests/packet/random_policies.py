#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random policies, random packets: the evaluator must say what the kernel does.

Each policy comes from its own seed; packets are aimed at its rules. A difference is reduced to the
sections that it needs and printed with its seed. Prints TAP: one test for every fifty policies.
"""
import argparse
import json
import os
import random
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import evaluator  # noqa: E402
import lab  # noqa: E402
import netns  # noqa: E402
import run  # noqa: E402
import spec  # noqa: E402
import wire  # noqa: E402

ZONES = ("lan", "wan", "dmz", "guest")
HOSTS = (5, 10, 11, 20, 33)
PORTS = (22, 53, 80, 443, 8000, 8005, 8010, 5060)
MACS = tuple(f"02:00:00:00:00:{n:02x}" for n in (0xA1, 0xA2, 0xA3))
DSCPS = (0, 8, 10, 46)
MARKS = (0, 1, 0x16, 0x100, 0x116)
POLICIES = ("ACCEPT", "REJECT", "DROP")
TOLD = -1  # the backend has said that it differs
BATCH = 50


class Maker:
    """Makes one policy and its packets; everything comes from one seed."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.rules, self.sets = [], {}
        self.sports = set()

    def maybe(self, share):
        return self.r.random() < share

    def some(self, values, most=3):
        return self.r.sample(list(values), self.r.randint(1, min(most, len(values))))

    # ---- the policy ----

    def policy(self):
        """A list of sections: (type, options)."""
        r = self.r
        out = [("defaults", {
            "input": r.choice(POLICIES), "output": r.choice(("ACCEPT", "ACCEPT", "REJECT", "DROP")),
            "forward": r.choice(POLICIES), "auto_helper": "0",
            "drop_invalid": r.choice(("0", "1")),
            "tcp_reject_code": r.choice((None, None, "port-unreach", "adm-prohibited")),
            "any_reject_code": r.choice((None, None, "adm-prohibited"))})]
        out += [self.zone(name) for name in ZONES]
        if self.maybe(0.3):
            out.append(self.zone("vpn"))
        names = [options["name"] for kind, options in out if kind == "zone"]
        for _ in range(r.randint(0, 4)):
            src, dest = r.sample(names, 2)
            out.append(("forwarding", {
                "src": src, "dest": dest, "family": self.family_word(0.2)}))
        for n in range(r.randint(0, 3)):
            out.append(self.ipset(f"set{n}"))
        for n in range(r.randint(1, 12)):
            out.append(self.rule(f"rule {n}", names))
        for n in range(r.choice((0, 0, 1, 2))):
            out.append(self.redirect(f"forward {n}"))
        for n in range(r.choice((0, 0, 1, 2))):
            out.append(self.nat(f"nat {n}"))
        return out

    def family_word(self, share):
        return self.r.choice(("ipv4", "ipv6")) if self.maybe(share) else None

    def zone(self, name):
        r = self.r
        masq = self.maybe(0.3)
        options = {
            "name": name, "input": r.choice(POLICIES + (None,)), "output": r.choice(POLICIES +
                                                                                   ("ACCEPT",)),
            "forward": r.choice(POLICIES), "masq": "1" if masq else None,
            "masq6": "1" if self.maybe(0.1) else None, "family": self.family_word(0.08),
            "mtu_fix": "1" if self.maybe(0.2) else None,
            "conntrack": "1" if self.maybe(0.1) else None,
            "log": r.choice(("1", "1", "3")) if self.maybe(0.2) else None,
            "log_limit": "5/hour" if self.maybe(0.1) else None}
        if name == "vpn" and self.maybe(0.5):
            options["device"] = ["tun_+"]
        else:
            options["network"] = [name]
        if masq and self.maybe(0.3):
            options["masq_src"] = self.addresses(4)
        if masq and self.maybe(0.3):
            options["masq_dest"] = self.addresses(4)
        return "zone", options

    def address(self, family):
        """One word of an address option."""
        r = self.r
        net = lab.NETWORKS[r.choice(ZONES + ("inet",))]
        prefix = net.prefix4 if family == 4 else net.prefix6
        host = prefix + str(r.choice(HOSTS))
        kind = r.random()
        if kind < 0.4:
            return host
        if kind < 0.7:
            return f"{prefix}{0 if family == 4 else ''}/{r.choice((24, 28) if family == 4 else (64, 124))}"
        if kind < 0.8 and family == 4:
            return f"{prefix}0/255.255.255.240"
        if kind < 0.9:
            return f"{prefix}{10}-{prefix}{20}"
        return f"::{r.choice(HOSTS)}/::ffff" if family == 6 else host

    def addresses(self, family=None):
        """A list of words, of one family or mixed, some of them excluded."""
        families = [family] if family else self.r.choice(([4], [6], [4, 6], [4]))
        out = [self.address(f) for f in families for _ in range(self.r.randint(1, 2))]
        if self.maybe(0.25):
            out = ["!" + word for word in out]
        elif self.maybe(0.15):
            out.append("!" + self.address(families[0]))
        return out

    def ports(self):
        r, out = self.r, []
        for _ in range(r.randint(1, 3)):
            out.append(str(r.choice(PORTS)) if self.maybe(0.7) else
                       r.choice(("8000-8010", "1-1023", "50-90")))
        if self.maybe(0.25):
            out = ["!" + word for word in out]
        elif self.maybe(0.1):
            out.append("!" + str(r.choice(PORTS)))
        return out

    def ipset(self, name):
        r = self.r
        family = r.choice((4, 4, 6))
        parts = r.choice((["src_ip"], ["dest_ip"], ["src_net"], ["dest_port"],
                          ["dest_ip", "dest_port"], ["src_net", "dest_port"],
                          ["src_net", "dest_net"]))
        entries = []
        for _ in range(r.randint(1, 4)):
            words = []
            for part in parts:
                net = lab.NETWORKS[r.choice(("lan", "inet", "dmz"))]
                prefix = net.prefix4 if family == 4 else net.prefix6
                if part.endswith("ip"):
                    words.append(prefix + str(r.choice(HOSTS)))
                elif part.endswith("net"):
                    words.append(f"{prefix}{0 if family == 4 else ''}/{28 if family == 4 else 124}")
                else:
                    words.append(("" if len(parts) == 1 else r.choice(("tcp:", "udp:"))) +
                                 str(r.choice(PORTS)))
            entries.append(",".join(words))
        self.sets[name] = (family, parts)
        return "ipset", {"name": name, "match": parts, "entry": sorted(set(entries)),
                         "family": f"ipv{family}"}

    def rule(self, name, zones):
        r = self.r
        place = r.random()
        src, dest = None, None
        if place < 0.35:
            src = r.choice(zones)
        elif place < 0.75:
            src, dest = r.choice(zones + ["*"]), r.choice(zones + ["*"])
        elif place < 0.9:
            dest = r.choice(zones + ["*"])
        else:
            src = "*"
        o = {"name": name, "src": src, "dest": dest,
             "target": r.choice(("ACCEPT",) * 4 + ("DROP",) * 3 + ("REJECT",) * 3 +
                                ("MARK", "MARK", "DSCP", "NOTRACK", "TTL", "TCPMSS"))}
        if o["target"] == "NOTRACK" and src in (None, "*"):
            o["target"] = "DROP"
        proto = r.choice((None, "tcp", "udp", "tcp udp", "all", "icmp", "tcp icmp", "gre", "!tcp",
                          "esp", "sctp", "icmpv6"))
        if o["target"] == "TCPMSS":
            proto = "tcp"
        o["proto"] = proto
        has_ports = proto in (None, "tcp", "udp", "tcp udp", "all", "sctp", "tcp icmp")
        if has_ports and self.maybe(0.6):
            o["dest_port"] = self.ports()
        if has_ports and self.maybe(0.15):
            o["src_port"] = self.ports()
        if proto in ("icmp", "tcp icmp") and self.maybe(0.6):
            o["icmp_type"] = self.some(("echo-request", "echo-reply", "destination-unreachable",
                                        "8", "128", "timestamp-request"), 2)
        if self.maybe(0.35):
            o["src_ip"] = self.addresses()
        if self.maybe(0.25):
            o["dest_ip"] = self.addresses(
                self.one_family(o["src_ip"]) if o.get("src_ip") else None)
        elif self.maybe(0.1):
            o["family"] = r.choice(("ipv4", "ipv6"))
            if o.get("src_ip"):
                o["src_ip"] = self.addresses(int(o["family"][3]))
        if src is not None and self.maybe(0.1):
            macs = self.some(MACS, 2)
            o["src_mac"] = ["!" + m for m in macs] if self.maybe(0.3) else macs
        if self.maybe(0.1):
            o["dscp"] = r.choice(("", "", "!")) + str(r.choice(DSCPS))
        if self.maybe(0.12):
            o["mark"] = r.choice(("1", "16", "!16", "0x100/0x100", "!1/1"))
        if self.sets and self.maybe(0.2):
            self.match_set(o)
        # not on the router's own packets: its answers, which are not ours, would use it up
        if src is not None and self.maybe(0.07):
            o["limit"], o["limit_burst"] = "1/hour", str(r.randint(1, 4))
        if self.maybe(0.05):
            o["start_date"], o["stop_date"] = r.choice((
                ("2001-01-01", "2002-01-01"), ("2001-01-01", "2099-01-01")))
        if self.maybe(0.08):
            o["log"] = name
        if self.maybe(0.05):
            o["enabled"] = "0"
        self.target_options(o)
        self.rules.append(o)
        return "rule", o

    @staticmethod
    def one_family(words):
        families = {6 if ":" in w else 4 for w in words}
        return families.pop() if len(families) == 1 else None

    def match_set(self, o):
        """Adds a set whose family and parts the rest of the rule allows."""
        name = self.r.choice(list(self.sets))
        family, parts = self.sets[name]
        if o.get("family") not in (None, f"ipv{family}"):
            return
        words = (o.get("src_ip") or []) + (o.get("dest_ip") or [])
        if any((":" in w) != (family == 6) for w in words):
            return
        if any(p.endswith("port") for p in parts) and o["proto"] not in ("tcp", "udp", "tcp udp", None):
            return
        o["ipset"] = ("!" if self.maybe(0.2) else "") + name

    def target_options(self, o):
        r = self.r
        if o["target"] == "MARK":
            o["set_mark"] = r.choice(("1", "16", "0x100/0xf00", "0x10/0xf0"))
        elif o["target"] == "DSCP":
            o["set_dscp"] = str(r.choice(DSCPS))
        elif o["target"] == "TTL":
            o["ttl_action"], o["ttl_value"] = r.choice((
                ("set", "33"), ("increment", "5"), ("decrement", "5")))
        elif o["target"] == "TCPMSS":
            o["set_mss"] = r.choice(("1000", "1300"))

    def redirect(self, name):
        r = self.r
        o = {"name": name, "target": "DNAT", "src": r.choice(ZONES), "dest": r.choice(ZONES),
             "proto": r.choice((None, "tcp", "udp", "tcp udp", "all", "icmp"))}
        family = r.choice((4, 4, 4, 6))
        net = lab.NETWORKS[o["dest"]]
        if self.maybe(0.85):
            o["dest_ip"] = (net.prefix4 if family == 4 else net.prefix6) + str(r.choice(HOSTS))
        if o["proto"] not in ("all", "icmp"):
            o["src_dport"] = r.choice(("80", "22", "8000-8010", "!443"))
            if self.maybe(0.5) and "!" not in o["src_dport"]:
                o["dest_port"] = str(r.choice(PORTS))
            elif o["src_dport"] == "8000-8010" and self.maybe(0.5):
                o["dest_port"] = "9000-9010"
        if self.maybe(0.3):
            o["src_ip"] = self.addresses(family)
        if self.maybe(0.2):
            o["src_dip"] = lab.NETWORKS[o["src"]].router4 if family == 4 else \
                lab.NETWORKS[o["src"]].router6
        elif self.maybe(0.1):
            o["src_dip"] = "!" + lab.NETWORKS[o["src"]].router4 if family == 4 else \
                lab.NETWORKS[o["src"]].prefix6 + "/64"
        if self.maybe(0.2):
            o["reflection_zone"] = [r.choice(ZONES)]
        if self.maybe(0.15):
            o["mode"] = "host"
        self.rules.append({**o, "dest": None, "dest_ip": None, "dest_port": [
            w for w in [o.get("src_dport")] if w]})
        return "redirect", {k: v for k, v in o.items() if v is not None}

    def nat(self, name):
        r = self.r
        family = r.choice((4, 4, 4, 6))
        zone = r.choice(ZONES)
        net = lab.NETWORKS[zone]
        o = {"name": name, "src": zone, "target": r.choice(("SNAT", "SNAT", "MASQUERADE", "ACCEPT")),
             "proto": r.choice((None, "tcp", "udp", "all")), "family": f"ipv{family}"}
        if o["target"] == "SNAT":
            o["snat_ip"] = (net.prefix4 if family == 4 else net.prefix6) + "99"
        if self.maybe(0.4):
            o["src_zone"] = r.choice(ZONES)
        if self.maybe(0.4):
            o["src_ip"] = self.addresses(family)
        if o["proto"] in ("tcp", "udp") and self.maybe(0.4):
            o["dest_port"] = str(r.choice(PORTS))
        self.rules.append({"dest": zone, "src": r.choice(ZONES), "proto": o["proto"],
                           "src_ip": o.get("src_ip"),
                           "dest_port": [o["dest_port"]] if o.get("dest_port") else None})
        return "nat", o

    # ---- packets ----

    def packet(self):
        """A packet aimed at one of the rules, with some of its fields off the mark."""
        r = self.r
        o = r.choice(self.rules)
        family = self.packet_family(o)
        frm = self.end(o.get("src"), r.choice(ZONES + ("inet", "vpn")))
        to = self.end(o.get("dest"), "router")
        if o.get("src") is None and o.get("dest") is not None or \
                o.get("src") is None and o.get("dest") is None:
            frm = "router"
            to = to if to != "router" else r.choice(ZONES)
        if self.maybe(0.1):
            to = r.choice(ZONES + ("router",)) if frm != "router" else r.choice(ZONES)
        p = wire.Packet(family, "", "")
        p.src = self.pick_address(o.get("src_ip"), frm, to, family)
        p.dst = self.pick_address(o.get("dest_ip"), to, frm, family)
        if frm == "router":
            p.src = spec.address("router", family, to + ".5")
        self.protocol(p, o)
        if p.has_ports():
            p.dport = self.pick_port(o.get("dest_port"))
            p.sport = self.pick_sport(p.proto, o.get("src_port"))
        if o.get("dscp") and self.maybe(0.7):
            p.dscp = int(o["dscp"].strip("!"))
        elif self.maybe(0.1):
            p.dscp = r.choice(DSCPS)
        device = None if frm == "router" else lab.NETWORKS[frm].device
        if device and (o.get("src_mac") or self.maybe(0.2)):
            p.mac = r.choice(MACS)
        mark = r.choice(MARKS) if frm == "router" and self.maybe(0.5) else 0
        return p, device, mark

    def packet_family(self, o):
        words = (o.get("src_ip") or []) + (o.get("dest_ip") or [])
        if o.get("family"):
            return int(o["family"][3]) if self.maybe(0.8) else self.r.choice((4, 6))
        if words and self.maybe(0.8):
            return 6 if ":" in self.r.choice(words) else 4
        return self.r.choice((4, 6))

    def end(self, zone, otherwise):
        if zone in ("*", None):
            return otherwise if zone is None else self.r.choice(ZONES)
        if zone == "wan" and self.maybe(0.6):
            return "inet"
        return zone

    def pick_address(self, words, place, other, family):
        """An address of the words when they have one in the family, else of the place."""
        words = [w.lstrip("!") for w in words or () if (":" in w) == (family == 6)]
        if words and self.maybe(0.75):
            word = self.r.choice(words)
            if word.startswith("::"):
                net = lab.NETWORKS[place] if place != "router" else lab.NETWORKS["inet"]
                return net.prefix6 + word[2:].split("/")[0]
            base = word.split("/")[0].split("-")[0]
            if "-" in word:
                return base
            if "/" in word:
                return (base[:-1] if family == 4 else base) + str(self.r.choice(HOSTS))
            return base
        if place == "router":
            return spec.address("router", family, (other if other != "router" else "inet") + ".5")
        net = lab.NETWORKS[place]
        return (net.prefix4 if family == 4 else net.prefix6) + str(self.r.choice(HOSTS))

    def protocol(self, p, o):
        r = self.r
        icmp = wire.ICMP if p.family == 4 else wire.ICMPV6
        words = {None: (wire.TCP, wire.UDP), "tcp": (wire.TCP,), "udp": (wire.UDP,),
                 "tcp udp": (wire.TCP, wire.UDP), "icmp": (icmp,), "icmpv6": (icmp,),
                 "tcp icmp": (wire.TCP, icmp), "gre": (wire.GRE,), "esp": (wire.ESP,),
                 "sctp": (wire.SCTP,)}
        any_ = (wire.TCP, wire.UDP, icmp, wire.GRE, wire.ESP, wire.SCTP, 89)
        choice = words.get(o.get("proto"), any_)
        p.proto = r.choice(choice if self.maybe(0.85) else any_)
        if p.is_icmp():
            p.icmp_type = r.choice((8, 0, 3, 13) if p.family == 4 else (128, 129, 1, 8))
        if p.proto == wire.TCP:
            p.flags = r.choice((wire.SYN,) * 8 + (wire.SYN | wire.ACK, wire.ACK, wire.FIN,
                                                  wire.RST))
            if p.flags & wire.SYN and self.maybe(0.5):
                p.mss = r.choice((900, 1200, 1440))

    def pick_port(self, words):
        if not words or self.maybe(0.2):
            return self.r.choice(PORTS + (81, 9000))
        word = self.r.choice(words).lstrip("!")
        low, _, high = word.partition("-")
        return self.r.randint(int(low), int(high or low))

    def pick_sport(self, proto, words):
        """A source port that no packet before had: connections must not run into each other."""
        for _ in range(8):
            port = self.pick_port(words) if words and self.maybe(0.7) else \
                self.r.randint(1024, 65535)
            if (proto, port) not in self.sports:
                break
        else:
            port = next(n for n in range(1024, 65536) if (proto, n) not in self.sports)
        self.sports.add((proto, port))
        return port

    def packets(self, n):
        """Packets that belong to different connections."""
        out, seen, tries = [], set(), 0
        while len(out) < n and tries < 20 * n:
            tries += 1
            p, device, mark = self.packet()
            own = [x for net in lab.LINKS for x in (net.router4, net.router6)]
            # of protocols without ports, only one of each: their connections are told by address
            key = None if p.has_ports() or p.is_icmp() else (p.family, p.proto)
            if key in seen and key or p.src == p.dst or (device and p.src in own) or \
                    (not device and p.dst in own):
                continue
            seen.add(key)
            out.append((p, device, mark))
        return out


def text_of(sections):
    return "".join(spec.section(kind, **options) for kind, options in sections)


class Trial:
    """Loads one policy and sends packets; compares what both sides say."""

    def __init__(self, runner):
        self.runner = runner
        self.lab = runner.lab

    def load(self, sections):
        """None, or why the policy is not loaded: (exit status, text)."""
        self.runner.forget()
        self.runner.write(spec.Case("random", [], [], text_of(sections)))
        done = self.runner.apply()
        if self.runner.backend != "nft" and (
                "[limit-per-family]" in done.stderr or "set type not supported" in done.stderr or
                done.returncode == 1 and "[not-expressible]" in done.stderr):
            return TOLD, done.stderr  # that packets fare otherwise has been said
        return (done.returncode, done.stderr) if done.returncode else None

    def differences(self, packets):
        """[(packet, device, mark, lines)] for each packet that the two sides do not agree on."""
        outcomes = self.lab.exchange([lab.Injection(self.lab.number(p), device, mark)
                                      for p, device, mark in packets])
        logs = {}
        for prefix, number in self.lab.take_firewall_logs():
            logs.setdefault(number, []).append(prefix)
        counts = self.lab.log_counts
        answers = [answer_to(p, outcomes[p.id]) for p, _, _ in packets]
        answers = [(self.lab.number(p), device, original) for p, device, original in
                   filter(None, answers)]
        replies = self.lab.exchange([lab.Injection(p, device) for p, device, _ in answers])
        self.lab.take_firewall_logs()
        out = []
        with evaluator.Evaluator(self.runner.eval_program, self.runner.dir) as e:
            for p, device, mark in packets:
                said = e.ask(p, device, spec.first_state(p), mark=mark or None, **owner(device))
                lines = compare(p, outcomes[p.id], said) + \
                    compare_logs(logs.get(p.id, []), said["logs"], counts,
                                 self.runner.backend != "nft")
                if lines:
                    out.append((p, device, mark, lines))
            for p, device, original in answers:
                said = e.ask(p, device, "established", **owner(device))
                lonely = said["notrack"] and said["outcome"] == lab.REJECTED
                if said["outcome"] != replies[p.id].kind and not (
                        lonely and replies[p.id].kind == lab.DROPPED):
                    out.append((*next(x for x in packets if x[0] is original), [
                        f"answer: kernel {replies[p.id]}, evaluator {said['outcome']}"]))
        return out


def compare_logs(kernel, said, counts, apart):
    """
    Messages of zones are limited, and the router's own answers use up some of the limit. With
    iptables the families are limited apart, so there may be more.
    """
    if apart and all(prefix.endswith(": ") for prefix in set(said) - set(kernel)):
        return []
    missing = [prefix for prefix in said if prefix not in kernel]
    used_up = all(prefix.endswith(": ") and counts[prefix] >= 5 for prefix in missing)
    if kernel == said or missing and used_up and all(prefix in said for prefix in kernel):
        return []
    return [f"logged: kernel {kernel}, evaluator {said}"]


def owner(device):
    """The owner of the router's own packets."""
    return {"uid": 0, "gid": 0} if device is None else {}


def answer_to(sent, outcome):
    """The packet with which the other end answers a first packet; (packet, device, the first)."""
    seen = outcome.packet
    if outcome.kind != lab.ACCEPTED or outcome.state != "new" or outcome.where == "input" or \
            sent.proto == wire.TCP and sent.flags != wire.SYN or \
            sent.proto not in (wire.TCP, wire.UDP) and not seen.is_icmp():
        return None
    p = wire.Packet(seen.family, seen.dst, seen.src, seen.proto, seen.dport, seen.sport)
    if p.proto == wire.TCP:
        p.flags, p.seq, p.ack = spec.SYNACK, 1000, spec.sent_end(sent)
    if p.is_icmp():
        p.icmp_type = {8: 0, 13: 14, 128: 129}.get(seen.icmp_type)
        p.icmp_id = seen.icmp_id
        if p.icmp_type is None:
            return None
    return p, outcome.oif, sent


def compare(sent, outcome, said):
    """How the two answers differ, as lines."""
    kind = said["outcome"]
    if kind == lab.REJECTED and wire.is_error(sent):
        kind = lab.DROPPED
    # the answer to a packet of no connection is of none either: the output policies may stop it
    lonely = said["notrack"] or spec.first_state(sent) != "new"
    if kind == lab.REJECTED and outcome.kind == lab.DROPPED and lonely:
        return []
    if kind != outcome.kind or kind == lab.REJECTED and said["reject"] != outcome.reject:
        return [f"kernel: {outcome}; evaluator: {kind} {said.get('reject', '')} "
                f"(decided by {said['decided']})"]
    if kind != lab.ACCEPTED:
        return []
    lines = []
    for name, value in evaluator.kernel_fields(outcome).items():
        if value is None or name in ("sport", "dport") and not sent.has_ports():
            continue
        # the evaluator leaves out the router's own hop
        hop = name == "ttl" and outcome.where == "forward" and said[name] == value + 1
        if said[name] != value and not hop:
            lines.append(f"{name}: kernel {value}, evaluator {said[name]}")
    if outcome.oif != said["oif"]:
        lines.append(f"device: kernel '{outcome.oif}', evaluator '{said['oif']}'")
    return lines


def reduce(trial, sections, packet):
    """The fewest sections with which the packet still makes a difference."""
    kept = list(sections)
    for section in list(sections):
        if section[0] == "defaults":
            continue
        fewer = [s for s in kept if s is not section]
        if trial.load(fewer) is None and trial.differences([packet]):
            kept = fewer
    return kept


def report(seed, sections, trial, found):
    p, device, mark, lines = found
    print(f"# difference, seed {seed}, packet {p.id}: " + "; ".join(lines))
    trial.lab.conntrack.flush()
    again = trial.load(sections) is None and trial.differences([(p, device, mark)])
    fewest = reduce(trial, sections, (p, device, mark)) if again else sections
    print(f"# packet from {device or 'the router'}{f' mark {mark:#x}' if mark else ''}: "
          f"{ {k: v for k, v in vars(p).items() if v not in (None, b'')} }")
    if not again:
        print("# (it depends on the packets before it)")
    trial.load(fewest)
    with evaluator.Evaluator(trial.runner.eval_program, trial.runner.dir) as e:
        said = e.ask(p, device, spec.first_state(p), mark=mark or None, steps=True, **owner(device))
    for line in text_of(fewest).splitlines() + json.dumps(said, indent=1).splitlines():
        print(f"#   {line}")
    sys.stdout.flush()


def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--zonewall")
    p.add_argument("--eval")
    p.add_argument("--backend", default="nft")
    p.add_argument("--policies", type=int, default=100)
    p.add_argument("--packets", type=int, default=50)
    p.add_argument("--seed", type=int, default=1, help="of the first policy")
    p.add_argument("--stop", type=int, default=5, help="after so many policies with differences")
    return p.parse_args()


def main():
    args = arguments()
    reason = netns.unavailable()
    zonewall = run.find_program(args.zonewall, "src/cli/zonewall")
    evalpackets = run.find_program(args.eval, "tests/packet/evalpackets")
    if reason or not zonewall or not evalpackets:
        run.skip(reason or "zonewall and evalpackets are not built")
    began, bad, refused, told, sent = time.monotonic(), 0, 0, 0, 0
    print(f"1..{-(-args.policies // BATCH)}")
    with lab.Lab() as the_lab:
        trial = Trial(run.Runner(the_lab, zonewall, evalpackets, args.backend))
        for first in range(0, args.policies, BATCH):
            bad_here = 0
            for seed in range(args.seed + first, args.seed + min(first + BATCH, args.policies)):
                maker = Maker(seed)
                sections = maker.policy()
                why = trial.load(sections)
                if why and why[0] == TOLD:
                    told += 1
                    continue
                if why and why[0] == 1:
                    refused += 1
                    if refused * 20 > args.policies + 40:
                        print(f"# too many policies are refused; seed {seed}:\n# " +
                              why[1].replace("\n", "\n# "))
                        bad_here += 1
                        break
                    continue
                if why:
                    bad_here += 1
                    print(f"# seed {seed}: apply: exit {why[0]}\n# " + why[1].replace("\n", "\n# "))
                    continue
                packets = maker.packets(args.packets)
                sent += len(packets)
                found = trial.differences(packets)
                if found:
                    bad_here += 1
                    print(f"# seed {seed}: {len(found)} of {len(packets)} packets differ")
                    report(seed, sections, trial, found[0])
                if bad + bad_here >= args.stop:
                    break
            bad += bad_here
            print(f"{'not ok' if bad_here else 'ok'} {first // BATCH + 1} - policies "
                  f"{args.seed + first} to {min(args.seed + first + BATCH, args.seed + args.policies) - 1}",
                  flush=True)
            if bad >= args.stop:
                break
    print(f"# {bad} policies with differences, {refused} refused, {told} told to differ, {sent} packets, "
          f"{time.monotonic() - began:.1f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
