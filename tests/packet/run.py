#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the packet cases: real packets through real rulesets; prints TAP.

For every packet three answers must agree: what the case expects, what the kernel does, and what the
evaluator says. Exits 77 with a reason where namespaces cannot be made.
"""
import argparse
import glob
import importlib
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "cases")]

import differences  # noqa: E402
import evaluator  # noqa: E402
import lab  # noqa: E402
import netns  # noqa: E402
import spec  # noqa: E402
import wire  # noqa: E402

TABLE = "inet zonewall"
COVERAGE_CHECKS = 2  # lines of TAP that tools/manual-coverage prints


# backends as the lab names them: iptables comes in two flavours
RESTORE = {"iptables-nft": "/usr/sbin/iptables-nft-restore",
           "iptables-legacy": "/usr/sbin/iptables-legacy-restore"}


def backend_words(backend):
    """What tells the program to use this backend."""
    if backend in RESTORE:
        return ["--backend", "iptables", "--iptables", RESTORE[backend]]
    return ["--backend", backend]


def must_say(done, status, name):
    """What is wrong when a run must end so, with a diagnostic of that name."""
    if done.returncode == status and f"[{name}]" in done.stderr:
        return []
    return [f"must end with {status} and [{name}]: exit {done.returncode}",
            *done.stderr.splitlines()]


class Failure(Exception):
    """A case that cannot go on."""


class Runner:
    def __init__(self, the_lab, zonewall, evalpackets, backend):
        self.lab, self.zonewall, self.eval_program, self.backend = \
            the_lab, zonewall, evalpackets, backend
        the_lab.backend = backend
        self.dir = os.path.join(the_lab.tmp.name, "config")
        the_lab.command = self.command  # for cases that run the program themselves
        os.mkdir(self.dir)

    # ---- configuration ----

    def write(self, case):
        for name in os.listdir(self.dir):
            os.unlink(os.path.join(self.dir, name))
        firewall = case.firewall() if callable(case.firewall) else case.firewall
        files = {"firewall": firewall, "network": case.network, "system": case.system,
                 "zonewall": case.settings, **case.files}
        for name, text in files.items():
            if text is not None:
                with open(os.path.join(self.dir, name), "w") as f:
                    f.write(text.replace("@DIR@", self.dir))

    def command(self, *words):
        tmp = self.lab.tmp.name
        return [self.zonewall, *words, "-c", self.dir, "--run-dir", os.path.join(tmp, "run"),
                "--state-dir", os.path.join(tmp, "state"), *backend_words(self.backend)]

    def apply(self):
        return self.lab.run(self.command("apply"), check=False)

    def forget(self):
        """No rules, no connections, no logs of the case before."""
        if self.backend == "nft":
            self.lab.run(["nft", "add", "table", *TABLE.split(), ";", "delete", "table",
                          *TABLE.split()])
        else:
            self.lab.run(self.command("flush"))
        self.lab.conntrack.flush()
        self.lab.settle()
        self.lab.take_firewall_logs()

    # ---- one case ----

    def run(self, case):
        """What is wrong, as lines; empty when the case holds."""
        self.forget()
        self.write(case)
        done = self.apply()
        differs = differences.Difference(case, self.backend)
        if differs.refused:
            return must_say(done, 1, "not-expressible")
        if differs.warning:
            return must_say(done, 0, differs.warning)
        if differs.lacking and done.returncode == 3:
            return must_say(done, 3, "kernel-refused")
        if case.refused:
            if done.returncode != 1 or f"[{case.refused}]" not in done.stderr:
                return [f"must be refused with [{case.refused}]: exit {done.returncode}",
                        *done.stderr.splitlines()]
            return []
        if done.returncode:
            return [f"apply: exit {done.returncode}", *done.stderr.splitlines()]
        wrong = []
        if case.warning and f"[{case.warning}]" not in done.stderr:
            wrong.append(f"no warning [{case.warning}]")
        if case.deliver != self.lab.deliver:
            self.lab.observe(case.deliver)
        packets = spec.concrete(case.packets)
        try:
            wrong += self.check_kernel(packets)
            wrong += self.check_counters(packets)
            if case.ask_evaluator:
                wrong += self.check_evaluator(packets)
        except (Failure, ValueError, RuntimeError) as e:
            wrong += [str(e)]
        return wrong

    def check_kernel(self, packets):
        wrong, pending = [], []

        def send():
            if not pending:
                return
            outcomes = self.lab.exchange([c.injection() for c in pending])
            for c in pending:
                c.outcome = outcomes[c.packet.id]
            pending.clear()

        for c in packets:
            if isinstance(c, spec.Action):
                send()
                c.do(self.lab)
                continue
            if c.after is not None:
                send()
            self.lab.number(c.packet)
            pending.append(c)
        send()
        logs = self.lab.take_firewall_logs()
        connections = self.lab.conntrack.list() if _asks_connection(packets) else []
        for c in packets:
            if not isinstance(c, spec.Action):
                wrong += [f"{c.label()}: {line}" for line in _judge(c, logs, connections)]
        return wrong

    def check_counters(self, packets):
        """The kernel's own word on which section decided."""
        expected = {}
        for c in packets:
            if not isinstance(c, spec.Action) and c.expected and c.expected.decided:
                expected[c.expected.decided] = expected.get(c.expected.decided, 0) + 1
        if not expected:
            return []
        if self.backend == "nft":
            listing = json.loads(self.lab.run(["nft", "-j", "list", "counters"]).stdout)
            counted = {o["counter"]["name"]: o["counter"]["packets"]
                       for o in listing["nftables"] if "counter" in o}
        else:
            listing = json.loads(self.lab.run(self.command("counters", "--json")).stdout)
            counted = {o["counter"]: o["packets"] for o in listing["counters"]}
        return [f"section '{name}' has counted {counted['rule_' + name]} packets, not {n}"
                for name, n in expected.items() if counted.get("rule_" + name, n) != n]

    def check_evaluator(self, packets):
        if not self.eval_program:
            return []
        wrong, began, passed = [], int(time.time()), 0
        # One clock for all packets of such a case: the evaluator's own may start a second later.
        timed = any(isinstance(c, spec.Action) and c.seconds for c in packets)
        with evaluator.Evaluator(self.eval_program, self.dir) as e:
            for c in packets:
                if isinstance(c, spec.Action):
                    passed += c.seconds
                    continue
                said = ask(e, c, **({"time": began + int(passed)} if timed else {}))
                wrong += [f"{c.label()}: evaluator: {line}" for line in _judge_said(c, said)]
        return wrong


def ask(e, c, **more):
    """Asks about a concrete packet as it was sent."""
    first = c.after
    translated = first is not None and first.outcome is not None and \
        first.outcome.packet is not None
    return e.ask(
        c.packet, c.device, c.state, mark=c.spec.mark or None, uid=c.spec.uid if c.spec.uid
        is not None else (0 if c.device is None else None), gid=0 if c.device is None else None,
        dnat=translated and first.outcome.packet.dst != first.packet.dst or None,
        snat=translated and first.outcome.packet.src != first.packet.src or None,
        helper=c.spec.helper, **more)


# ---- judging ----

def _asks_connection(packets):
    return any(not isinstance(c, spec.Action) and c.expected and
               c.expected.changes.keys() & {"helper", "ct_mark", "tracked"} for c in packets)


def _connection_of(c, connections):
    p = c.packet
    for found in connections:
        if found.family == p.family and found.proto == p.proto and \
                found.original[:2] == (p.src, p.dst) and \
                (not p.has_ports() or found.original[2:] == (p.sport, p.dport)):
            return found
    return None


def _judge_connection(c, connections):
    want = c.expected.changes
    found = _connection_of(c, connections)
    wrong = []
    if "tracked" in want and want["tracked"] != (found is not None):
        wrong.append("is tracked" if found else "is not tracked")
    if "helper" in want and (found.helper if found else None) != want["helper"]:
        wrong.append(f"helper is '{found.helper if found else None}', not '{want['helper']}'")
    if "ct_mark" in want and (found.mark if found else None) != want["ct_mark"]:
        wrong.append(f"connection mark is {found and found.mark}, not {want['ct_mark']}")
    return wrong


def _judge(c, logs, connections):
    """The kernel against the expectation."""
    e, o, wrong = c.expected, c.outcome, []
    if e is None:
        return []
    if o.kind != e.kind or e.kind == lab.REJECTED and o.reject != e.reject:
        return [f"is {o}, expected {e.kind}{' (' + e.reject + ')' if e.reject else ''}"]
    mine = [prefix for prefix, number in logs if number == c.packet.id]
    if c.spec.log is None and mine or c.spec.log and mine.count(c.spec.log) != 1:
        wrong.append(f"is logged as {mine}, expected {c.spec.log!r}")
    if e.kind != lab.ACCEPTED:
        return wrong
    want, got = c.wanted(), evaluator.kernel_fields(o)
    if o.where != c.where(want["dst"]):
        wrong.append(f"is accepted at {o.where}, expected at {c.where(want['dst'])}")
    got.update(state=o.state, length=o.packet.length)
    for name, value in want.items():
        if name in got and got[name] != value:
            wrong.append(f"{name} is {got[name]}, expected {value}")
    return wrong + _judge_connection(c, connections)


def _judge_said(c, said):
    """The evaluator against the expectation."""
    e, wrong = c.expected, []
    if e is None:
        return []
    if said["outcome"] == lab.REJECTED and wire.is_error(c.packet):
        said["outcome"] = lab.DROPPED  # no ICMP error is answered with another (RFC 1122, 3.2.2)
    if said["outcome"] != e.kind or e.kind == lab.REJECTED and said["reject"] != e.reject:
        return [f"{said['outcome']} {said.get('reject', '')}, expected {e.kind} {e.reject or ''}"]
    if e.decided and said["decided"] != e.decided:
        wrong.append(f"decided by {said['decided']}, expected {e.decided}")
    if c.spec.log is None and said["logs"]:
        wrong.append(f"logs {said['logs']}, expected none")
    if e.kind != lab.ACCEPTED or c.spec.relation:
        return wrong
    for name, value in c.wanted().items():
        # what depends on the kernel's choice (a masqueraded port, a path's MTU) it cannot know
        if name not in evaluator.FIELDS or name in e.changes.get("unsaid", ()):
            continue
        # it leaves out the router's own hop
        if said[name] != value and not (name == "ttl" and said[name] == value + 1):
            wrong.append(f"{name} is {said[name]}, expected {value}")
    if "helper" in e.changes and (said["helper"] or "") != e.changes["helper"]:
        wrong.append(f"helper is {said['helper']}, expected {e.changes['helper']}")
    if "tracked" in e.changes and said["notrack"] == e.changes["tracked"]:
        wrong.append(f"notrack is {said['notrack']}")
    return wrong


# ---- the programs, the report ----

def find_program(given, pattern):
    """The newest build of a program, unless one is named."""
    if given:
        return os.path.abspath(given)
    root = os.path.dirname(os.path.dirname(HERE))
    found = [p for p in glob.glob(os.path.join(root, "build*", pattern)) if os.access(p, os.X_OK)]
    return max(found, key=os.path.getmtime, default=None)


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(77)


def load_cases(substring):
    for path in sorted(glob.glob(os.path.join(HERE, "cases", "*.py"))):
        name = os.path.basename(path)[:-3]
        before = len(spec.ALL)
        importlib.import_module(name)
        for c in spec.ALL[before:]:
            c.module = name
    return [c for c in spec.ALL if substring in f"{c.module}: {c.name}"]


def families_of(case):
    """The families in which a case expects something; those it names, when real programs send."""
    return sorted(case.families or {f for p in case.packets if isinstance(p, spec.Spec) and p.expected
                                    for f in p.families})


def write_results(path, results):
    """results: [(case, "passed", "failed" or "skipped")]"""
    cases = {f"{c.module}: {c.name}": {"result": result, "families": families_of(c),
                                       "fields": c.fields} for c, result in results}
    with open(path, "w") as f:
        json.dump({"cases": cases}, f, indent=1)
        f.write("\n")


def coverage(path, number):
    """The check of docs/manual-coverage.md, as the last lines of this TAP; True when it holds."""
    tool = os.path.join(os.path.dirname(os.path.dirname(HERE)), "tools", "manual-coverage")
    done = subprocess.run([sys.executable, tool, path], stdout=subprocess.PIPE, text=True)
    for line in done.stdout.splitlines()[1:]:
        verdict = re.match("(?:not )?ok", line)
        number += bool(verdict)
        print(f"{verdict[0]} {number}{line[verdict.end():]}" if verdict else line)
    return done.returncode == 0


def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--zonewall", help="the program; default: of the newest build")
    p.add_argument("--eval", help="the evaluator; default: of the newest build")
    p.add_argument("--no-eval", action="store_true", help="leave the evaluator out")
    p.add_argument("-k", default="", metavar="TEXT", help="only cases whose name has this text")
    p.add_argument("--backend", default="nft")
    p.add_argument("--json", metavar="FILE", help="write what each case showed, for manual-coverage")
    p.add_argument("--coverage", action="store_true",
                   help="check docs/manual-coverage.md too; with --json, and all cases")
    p.add_argument("--show", action="store_true", help="print the ruleset of a failed case")
    return p.parse_args()


def main():
    args = arguments()
    reason = netns.unavailable()
    zonewall = find_program(args.zonewall, "src/cli/zonewall")
    evalpackets = None if args.no_eval else find_program(args.eval, "tests/packet/evalpackets")
    if reason or not zonewall:
        skip(reason or "there is no zonewall program")
    cases = load_cases(args.k)
    print(f"1..{len(cases) + (COVERAGE_CHECKS if args.coverage else 0)}", flush=True)
    began, results, packets = time.monotonic(), [], 0
    with lab.Lab() as the_lab:
        runner = Runner(the_lab, zonewall, evalpackets, args.backend)
        for n, c in enumerate(cases, 1):
            skipped = differences.Difference(c, args.backend).skipped
            if skipped:
                print(f"ok {n} - {c.module}: {c.name} # SKIP {skipped}")
                continue
            try:
                wrong = runner.run(c)
            except spec.Skip as reason:
                print(f"ok {n} - {c.module}: {c.name} # SKIP {reason}")
                results.append((c, "skipped"))
                continue
            except Exception as e:  # whatever a case does wrong, the others are still run
                wrong = [f"{type(e).__name__}: {e}"]
            packets += sum(len(s.families) for s in c.packets if isinstance(s, spec.Spec))
            results.append((c, "failed" if wrong else "passed"))
            print(f"{'not ok' if wrong else 'ok'} {n} - {c.module}: {c.name}")
            for line in wrong:
                print(f"# {line}")
            if wrong and args.show:
                print(the_lab.run(["nft", "list", "table", *TABLE.split()], check=False).stdout)
            sys.stdout.flush()
    bad = any(result == "failed" for _, result in results)
    if args.json:
        write_results(args.json, results)
        if args.coverage and not coverage(args.json, len(cases)):
            bad = True
    passed, skipped = (sum(r == word for _, r in results) for word in ("passed", "skipped"))
    print(f"# {passed} of {len(cases)} cases hold, {f'{skipped} are skipped, ' * bool(skipped)}"
          f"{packets} packets, "
          f"{time.monotonic() - began:.1f} s{'' if evalpackets else ', without the evaluator'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
