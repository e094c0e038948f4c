#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The iptables backend in a real kernel, by iptables-nft and iptables-legacy; prints TAP.

usage: iptables.py ZONEWALL SOURCE_ROOT. Each check runs in a network namespace of its own.
"""
import ctypes
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ZONEWALL, ROOT = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
FLAVOURS = ["nft", "legacy"]
FOREIGN = "-A INPUT -s 192.0.2.99/32 -j DROP"

NASTY = ["x\" -j ACCEPT \"", "'; COMMIT", "a\\\" -j ACCEPT", "-j ACCEPT", "*filter", "# comment",
         "!zonewall user chain", "COMMIT", "$(reboot)", "`reboot`", "tab\there", "é" * 40,
         "-A INPUT -j ACCEPT"]


def run(*argv, check=True, text=None):
    done = subprocess.run(argv, input=text, capture_output=True, text=True, timeout=60)
    if check and done.returncode:
        raise AssertionError(f"{argv}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def save(flavour, family=4):
    out = run(f"/usr/sbin/ip{'6' if family == 6 else ''}tables-{flavour}-save").stdout
    # without counters and times
    return [re.sub(r" \[\d+:\d+\]", "", line) for line in out.splitlines()
            if line and line[0] != "#"]


def rules(flavour, family=4):
    return [line for line in save(flavour, family) if line.startswith("-A")]


class World:
    """A configuration and the command line, in the namespace of the check."""

    def __init__(self, flavour, tmp):
        self.flavour, self.tmp = flavour, tmp
        self.restore = f"/usr/sbin/iptables-{flavour}-restore"
        self.config = os.path.join(tmp, "config")
        os.makedirs(self.config, exist_ok=True)

    def write(self, text):
        pathlib.Path(self.config, "firewall").write_text(text)

    def zonewall(self, *words, backend="iptables", config=None, restore=None, check=True):
        return run(ZONEWALL, *words, "-c", config or self.config, "--facts",
                   str(ROOT / "tests/golden/facts.json"), "--run-dir", f"{self.tmp}/run",
                   "--state-dir", f"{self.tmp}/state", "--backend", backend, "--iptables",
                   restore or self.restore, check=check)


ZONES = """
config defaults
	option input 'REJECT'
	option output 'ACCEPT'
	option forward 'REJECT'
config zone
	option name 'lan'
	list device 'lan0'
	option input 'ACCEPT'
	option output 'ACCEPT'
config zone
	option name 'wan'
	list device 'eth0'
	option masq '1'
config forwarding
	option src 'lan'
	option dest 'wan'
"""


def loads_golden_cases(w):
    """and what iptables-save writes of them loads as the same again"""
    for case in sorted((ROOT / "tests/golden").glob("*/*/firewall")):
        done = w.zonewall("apply", config=str(case.parent), check=False)
        if "exit 1\n" in (case.parent / "diag").read_text():
            assert done.returncode == 1, done.stderr
            continue
        assert done.returncode == 0, f"{case}: {done.stderr}"
        says = w.zonewall("status", config=str(case.parent)).stdout
        assert "exactly what the configuration says" in says, says
        for family in (4, 6):
            reload_is_same(w, family)


def reload_is_same(w, family):
    """A saved ruleset that is restored reads the same: no word has become another."""
    before = save(w.flavour, family)
    tables = run(f"/usr/sbin/ip{'6' if family == 6 else ''}tables-{w.flavour}-save").stdout
    run(f"/usr/sbin/ip{'6' if family == 6 else ''}tables-{w.flavour}-restore", text=tables)
    assert sorted(save(w.flavour, family)) == sorted(before)


def nasty_names_stay_names(w):
    w.write(ZONES)
    w.zonewall("apply")
    plain = len(rules(w.flavour))
    text = ZONES
    for name in NASTY:
        quoted = name.replace("'", "'\\''")
        text += f"config rule\n\toption name '{quoted}'\n\toption src 'wan'\n" \
                f"\toption proto 'udp'\n\toption dest_port '7'\n\toption target 'DROP'\n" \
                "\toption log '1'\n"
    w.write(text)
    done = w.zonewall("apply", check=False)
    assert done.returncode == 0, done.stderr
    got = rules(w.flavour)
    added = [line for line in got if "--dport 7" in line]
    assert len(added) >= len(NASTY), added
    verdicts = [line for line in added if line.endswith("-j DROP") or
                re.search(r"-[jg] [A-Za-z_][-A-Za-z0-9_]*$", line) or "-j LOG" in line]
    assert len(verdicts) == len(added), added
    assert all('--comment "!zonewall' in line for line in got if " zone_" in line), got
    assert plain < len(got)
    for family in (4, 6):
        reload_is_same(w, family)
    assert "exactly" in w.zonewall("status").stdout


def foreign_rules_stay(w):
    w.write(ZONES)
    run(f"iptables-{w.flavour}", "-A", "INPUT", "-s", "192.0.2.99", "-j", "DROP")
    run(f"iptables-{w.flavour}", "-N", "theirs")
    run(f"iptables-{w.flavour}", "-A", "theirs", "-j", "ACCEPT")
    w.zonewall("apply")
    run(f"iptables-{w.flavour}", "-A", "input_wan_rule", "-s", "192.0.2.98", "-j", "DROP")
    for _ in range(3):
        w.zonewall("apply")
        assert FOREIGN in rules(w.flavour) and "-A theirs -j ACCEPT" in rules(w.flavour)
        assert "-A input_wan_rule -s 192.0.2.98/32 -j DROP" in rules(w.flavour)
    assert sum("-j zonewall_input" in line for line in rules(w.flavour)) == 1
    w.zonewall("flush")
    assert sorted(rules(w.flavour)) == sorted([
        FOREIGN, "-A theirs -j ACCEPT", "-A input_wan_rule -s 192.0.2.98/32 -j DROP"])
    assert rules(w.flavour, 6) == []


def taken_names_are_refused(w):
    w.write(ZONES)
    run(f"ip6tables-{w.flavour}", "-N", "zone_lan_input")
    run(f"ip6tables-{w.flavour}", "-A", "zone_lan_input", "-j", "ACCEPT")
    before = save(w.flavour), save(w.flavour, 6)
    done = w.zonewall("apply", check=False)
    assert done.returncode == 3 and "[chain-taken]" in done.stderr, done.stderr
    assert (save(w.flavour), save(w.flavour, 6)) == before


def half_a_load_is_turned_back(w):
    """IPv6 fails although its test passed: IPv4 is again what it was."""
    fake = pathlib.Path(w.tmp, "fake")
    fake.mkdir()
    for name in ("iptables-restore", "iptables-save", "ip6tables-save"):
        multi = "xtables-nft-multi" if w.flavour == "nft" else "xtables-legacy-multi"
        (fake / name).symlink_to(f"/usr/sbin/{multi}")
    script = fake / "ip6tables-restore"
    script.write_text('#!/bin/sh\ncat >/dev/null\ncase "$*" in *--test*) exit 0;; esac\n'
                      'echo "ip6tables-restore: line 3 failed" >&2\nexit 1\n')
    script.chmod(0o755)
    w.write(ZONES)
    w.zonewall("apply")
    before = save(w.flavour), save(w.flavour, 6)
    w.write(ZONES.replace("'ACCEPT'", "'DROP'").replace("masq '1'", "masq '0'"))
    done = w.zonewall("apply", restore=str(fake / "iptables-restore"), check=False)
    assert done.returncode == 3 and "[kernel-refused]" in done.stderr, done.stderr
    assert sorted(save(w.flavour)) == sorted(before[0]) and save(w.flavour, 6) == before[1]


def backends_change_places(w):
    w.write(ZONES)
    w.zonewall("apply", backend="nft")
    w.zonewall("apply")
    assert "inet zonewall" not in run("nft", "list", "tables").stdout
    assert "-j zonewall_input" in "".join(rules(w.flavour))
    other = "legacy" if w.flavour == "nft" else "nft"
    w.zonewall("apply", restore=f"/usr/sbin/iptables-{other}-restore")
    assert rules(w.flavour) == [] and rules(other) != []
    w.zonewall("apply", backend="nft")
    assert rules(other) == [] and rules(other, 6) == []
    assert "inet zonewall" in run("nft", "list", "tables").stdout


def sets_change_with_their_rules(w):
    first = ZONES + "config ipset\n\toption name 'friends'\n\toption family 'ipv4'\n" \
        "\tlist match 'src_ip'\n\tlist entry '192.0.2.1'\nconfig rule\n\toption src 'wan'\n" \
        "\toption ipset 'friends'\n\toption target 'ACCEPT'\n"
    w.write(first)
    w.zonewall("apply")
    assert "add friends 192.0.2.1" in run("ipset", "save").stdout
    w.write(first.replace("192.0.2.1", "192.0.2.2"))
    w.zonewall("apply")
    listed = run("ipset", "save").stdout
    assert "add friends 192.0.2.2" in listed and "192.0.2.1\n" not in listed, listed
    assert "zonewall_new" not in listed, listed
    w.write(ZONES)
    w.zonewall("apply")
    assert run("ipset", "save").stdout == "", "a set that nothing asks for is left"


CHECKS = [loads_golden_cases, nasty_names_stay_names, foreign_rules_stay, taken_names_are_refused,
          half_a_load_is_turned_back, backends_change_places, sets_change_with_their_rules]


def in_namespace(check, flavour):
    """The text of what went wrong, empty when nothing did."""
    out, into = os.pipe()
    pid = os.fork()
    if not pid:
        said = ""
        try:
            assert ctypes.CDLL(None).unshare(0x40000000) == 0  # CLONE_NEWNET
            with tempfile.TemporaryDirectory() as tmp:
                check(World(flavour, tmp))
        except Exception as e:  # told by the parent
            said = f"{type(e).__name__}: {e}"
        os.write(into, said.encode()[:60000])
        os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as f:
        said = f.read().decode()
    os.waitpid(pid, 0)
    return said


def main():
    if os.geteuid() or not all(os.access(f"/usr/sbin/iptables-{f}-restore", os.X_OK)
                               for f in FLAVOURS):
        print("1..0 # SKIP needs root, both flavours of iptables and namespaces")
        return 77
    print(f"1..{len(CHECKS) * len(FLAVOURS)}", flush=True)
    number, failed = 0, 0
    for flavour in FLAVOURS:
        for check in CHECKS:
            number += 1
            said = in_namespace(check, flavour)
            failed += bool(said)
            print(f"{'not ' if said else ''}ok {number} - {flavour}: {check.__name__}")
            for line in said.splitlines():
                print(f"# {line}")
            sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
