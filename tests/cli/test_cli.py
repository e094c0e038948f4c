#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line as a person uses it: exit codes, editing, help, questions of old scripts."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ZONEWALL = sys.argv[1]
FACTS = sys.argv[2]

FIREWALL = """# the firewall of a test
config defaults
\toption input 'REJECT'   # nobody gets in
\toption output "ACCEPT"
\toption forward REJECT

config zone 'lan_zone'
\toption name 'lan'
\tlist network 'lan'
\toption input 'ACCEPT'
\toption output 'ACCEPT'
\toption forward 'ACCEPT'

config zone
\toption name 'wan'
\toption network 'wan wan6'
\toption input 'REJECT'
\toption masq '1'
\toption made_up 'kept'

# rules below
config rule
\toption name 'ssh'
\toption src 'wan'
\toption proto 'tcp'
\toption dest_port '22'
\toption target 'ACCEPT'

config rule
\toption name 'web'
\toption src 'wan'
\toption proto 'tcp'
\toption dest_port '80'
\toption target 'ACCEPT'
"""

results = []


def test(function):
    with tempfile.TemporaryDirectory() as folder:
        try:
            function(pathlib.Path(folder))
            results.append((function.__name__, None))
        except AssertionError as error:
            results.append((function.__name__, str(error)))
    return function


def run(folder, *words, facts=True):
    command = [ZONEWALL, "-c", str(folder), "--run-dir", str(folder / "run")]
    if facts:
        command += ["--facts", FACTS]
    return subprocess.run(command + list(words), capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL)


def config(folder, text=FIREWALL):
    (folder / "firewall").write_text(text)


def expect(done, code, *parts):
    text = done.stdout + done.stderr
    assert done.returncode == code, f"exit {done.returncode}, not {code}: {text}"
    for part in parts:
        assert part in text, f"{part!r} is not in: {text}"


@test
def exit_codes_tell_config_usage_and_success_apart(folder):
    expect(run(folder, "check"), 1, "No such file")
    config(folder)
    expect(run(folder, "check"), 0, "no errors", "made_up")
    expect(run(folder, "chekc"), 2, "did you mean 'check'?")
    expect(run(folder, "check", "extra"), 2, "usage")
    expect(run(folder), 2, "usage")
    expect(run(folder, "--help"), 0, "COMMAND")
    expect(run(folder, "show", "--stage", "nonsense"), 2, "no stage")
    config(folder, FIREWALL.replace("'wan'\n\toption proto", "'wna'\n\toption proto", 1))
    expect(run(folder, "check"), 1, "unknown zone 'wna'", "did you mean 'wan'?", "firewall:")


@test
def json_replies_carry_the_diagnostics(folder):
    config(folder, FIREWALL.replace("'22'", "'22x'"))
    done = run(folder, "check", "--json")
    reply = json.loads(done.stdout)
    assert done.returncode == 1 and reply["ok"] is False
    found = [d for d in reply["diagnostics"] if d["id"] == "bad-port"]
    assert len(found) == 1 and found[0]["line"] == 26 and found[0]["option"] == "dest_port", found


@test
def set_changes_one_value_and_nothing_else(folder):
    config(folder)
    expect(run(folder, "set", "rule:ssh.dest_port=2222"), 0)
    assert (folder / "firewall").read_text() == FIREWALL.replace("'22'", "'2222'")


@test
def set_refuses_what_would_break_the_file(folder):
    config(folder)
    for words in (["rule:ssh.dest_port=22x"], ["rule:ssh.src=nowhere"], ["rule:ssh.nonsense=1"],
                  ["rule:none.dest_port=1"], ["rule:ssh.dest_port"]):
        done = run(folder, "set", *words)
        assert done.returncode in (1, 2), f"{words}: {done.returncode}"
        assert (folder / "firewall").read_text() == FIREWALL, words
    # of several assignments, one wrong one stops all
    done = run(folder, "set", "rule:ssh.dest_port=23", "rule:ssh.src=nowhere")
    assert done.returncode == 1 and (folder / "firewall").read_text() == FIREWALL


@test
def force_writes_what_is_not_known(folder):
    config(folder)
    expect(run(folder, "set", "--force", "rule:ssh.vendor_thing=7"), 0)
    assert "vendor_thing '7'" in (folder / "firewall").read_text()


@test
def lists_grow_and_shrink(folder):
    config(folder)
    expect(run(folder, "set", "rule:ssh.src_ip=192.0.2.1 192.0.2.2"), 0)
    expect(run(folder, "set", "rule:ssh.src_ip+=192.0.2.3"), 0)
    expect(run(folder, "set", "rule:ssh.src_ip-=192.0.2.1"), 0)
    done = run(folder, "get", "rule:ssh.src_ip")
    assert done.stdout.split() == ["192.0.2.2", "192.0.2.3"], done.stdout


@test
def get_prints_options_and_sections(folder):
    config(folder)
    expect(run(folder, "get", "lan_zone.input"), 0, "ACCEPT")
    expect(run(folder, "get", "firewall.@rule[-1].name"), 0, "web")
    expect(run(folder, "get", "@rule[0]"), 0, "name=ssh", "dest_port=22")
    expect(run(folder, "get", "@rule[0].src_ip"), 1)
    expect(run(folder, "get", "@rule[7]"), 2, "no section")


@test
def add_uses_the_manuals_defaults(folder):
    config(folder)
    done = run(folder, "add", "rule", "name=new", "proto=udp", "dest_port=53")
    expect(done, 0, "@rule[2]")
    text = run(folder, "get", "@rule[2]").stdout
    for line in ("name=new", "proto=udp", "dest_port=53", "target=ACCEPT", "src=wan"):
        assert line in text.split("\n"), f"{line} not in {text}"
    assert (folder / "firewall").read_text().startswith(FIREWALL.rstrip("\n"))


@test
def del_and_move_keep_comments_and_order(folder):
    config(folder)
    expect(run(folder, "move", "rule:web", "0"), 0)
    assert run(folder, "get", "@rule[0].name").stdout == "web\n"
    expect(run(folder, "del", "rule:ssh"), 0)
    text = (folder / "firewall").read_text()
    assert "ssh" not in text and "# nobody gets in" in text and "made_up 'kept'" in text
    expect(run(folder, "del", "@zone[1].made_up"), 0)
    assert "made_up" not in (folder / "firewall").read_text()


@test
def help_explains_options_and_commands(folder):
    expect(run(folder, "help", "src_dport"), 0, "External port")
    expect(run(folder, "help", "zone.masq"), 0, "Masquerading")
    expect(run(folder, "help", "apply"), 0, "kernel")
    expect(run(folder, "help", "masqq"), 2, "did you mean 'masq'?")


@test
def old_scripts_get_their_answers(folder):
    config(folder)
    assert run(folder, "zone", "wan").stdout == "eth0\n"
    assert run(folder, "network", "wan6").stdout == "wan\n"
    assert run(folder, "device", "br-lan").stdout == "lan\n"
    expect(run(folder, "device", "nothing"), 1)


@test
def trace_names_the_deciding_section(folder):
    config(folder)
    words = ["trace", "--in", "wan", "--dst", "198.51.100.2", "--src", "203.0.113.9", "--proto",
             "tcp", "--dport"]
    expect(run(folder, *words, "22"), 0, "accepted by rule 'ssh' (firewall:22)")
    expect(run(folder, *words, "23"), 0, "rejected by zone 'wan'")
    reply = json.loads(run(folder, *words, "22", "--json").stdout)
    assert reply["outcome"] == "accepted" and reply["decided"]["name"] == "ssh", reply
    done = run(folder, "trace", "--in", "lan", "--src", "192.168.1.7", "--dst", "203.0.113.9")
    expect(done, 0, "rejected")


@test
def bans_takes_addresses_only(folder):
    for words in (["list"], ["lift"], ["lifts", "192.0.2.1"]):
        expect(run(folder, "bans", *words, facts=False), 2, "usage: zonewall bans")


@test
def names_from_outside_are_inert(folder):
    evil = "a\"b; flush ruleset %n%s \\ $(reboot) \x1b[2J " + "x" * 150
    config(folder, FIREWALL.replace("'ssh'", "'" + evil + "'"))
    shown = run(folder, "show")
    expect(shown, 0)
    assert "\x1b" not in shown.stdout and 'b; flush ruleset' in shown.stdout
    for line in shown.stdout.splitlines():
        if "flush ruleset" in line:
            # within one pair of quotes
            before = line.split("flush ruleset")[0]
            assert before.count('"') % 2 == 1, line


def main():
    print(f"1..{len(results)}")
    for number, (name, error) in enumerate(results, 1):
        print(f"{'not ok' if error else 'ok'} {number} - {name}")
        for line in (error or "").splitlines():
            print(f"#   {line}")
    return 1 if any(error for _, error in results) else 0


sys.exit(main())
