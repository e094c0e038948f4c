#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Safe apply when it is killed at every call of the system, and when the disk is full.

The rules are the old or the new ones, the store can be read, and files and rules of a rollback are
the old ones or the new ones, once the next zonewall has looked.
"""
import os
import random
import re
import shutil
import subprocess
import sys
import time

from safe_lab import CUT, FIREWALL, main, test


# ---- kill -9 ----

# strace counts each of these for itself.
CALLS = ("write", "pwrite64", "renameat", "fsync", "unlink", "unlinkat", "sendto", "sendmsg",
         "recvmsg", "flock", "mkdir", "clone", "fchmod", "execve", "openat")


def run_with(lab, call, what, number, *words):
    """Runs it and does this at its Nth call; returns the exit code and whether it came to that."""
    out, trace = lab.folder / "out", lab.folder / "trace"
    with open(out, "w") as output:
        code = subprocess.run(
            lab.enter(lab.router) + ["strace", "-qq", "-o", str(trace), "-e", f"trace={call}", "-e",
                                     f"inject={call}:{what}:when={number}"] + lab.words(*words),
            stdout=output, stderr=output, timeout=60, stdin=subprocess.DEVNULL,
            env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}).returncode
    return code, "INJECTED" in trace.read_text() or code in (-9, 137)


def kill_everywhere(lab, *words, prepare, check):
    """Kills it at each of its calls, one run each; check() sees the world it left."""
    runs = 0
    for call in CALLS:
        for number in range(1, 200):
            prepare()
            code, killed = run_with(lab, call, "signal=KILL", number, *words)
            assert killed or code == 0, f"{call} {number}: exit {code}"
            try:
                check()
            except AssertionError as error:
                raise AssertionError(f"killed at {call} {number}: {error}") from None
            if not killed:
                break
            runs += 1
    assert runs > 25, f"only {runs} calls"


def can_trace():
    return shutil.which("strace") and subprocess.run(
        ["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True).returncode == 0


@test
def killed_at_any_call_apply_leaves_old_or_new(lab):
    if not can_trace():
        return
    lab.zonewall("apply")
    old = lab.rules()
    lab.write(CUT)
    lab.zonewall("apply")
    new = lab.rules()
    begun, seen = 0, set()

    def prepare():
        nonlocal begun
        lab.write(FIREWALL)
        lab.zonewall("apply")
        begun = lab.newest()
        lab.write(CUT)

    def check():
        rules, newest = lab.rules(), lab.newest()
        assert rules in (old, new), "neither old nor new rules"
        assert newest in (begun, begun + 1), f"revision {begun} -> {newest}"
        assert newest == begun or rules == new, "stored, not loaded"
        seen.add((rules == new, newest - begun))

    kill_everywhere(lab, "apply", prepare=prepare, check=check)
    assert seen == {(False, 0), (True, 0), (True, 1)}, seen


def let_time_be_up(lab):
    record = lab.run_dir / "pending"
    record.write_bytes(re.sub(rb'"deadline_ms":\d+', b'"deadline_ms":1', record.read_bytes()))


@test
def killed_at_any_call_apply_confirm_goes_back(lab):
    if not can_trace():
        return
    lab.zonewall("apply")
    old = lab.rules()
    lab.write(CUT)
    record, seen = lab.run_dir / "pending", set()

    def check():
        seen.add((record.exists(), lab.rules() != old))
        if record.exists():
            let_time_be_up(lab)
        else:
            assert lab.rules() == old, "new rules and no record"
        lab.zonewall("status")
        assert lab.rules() == old and lab.newest() == 1, "not back"
        assert not record.exists(), "the record stays"

    kill_everywhere(lab, "apply", "--confirm", "40", prepare=lambda: None, check=check)
    assert seen == {(False, False), (True, False), (True, True)}, seen


@test
def killed_at_any_call_confirm_can_be_said_again(lab):
    if not can_trace():
        return
    lab.zonewall("apply")
    begun, turn, seen = 0, 0, set()

    def prepare():
        nonlocal begun, turn
        begun, turn = lab.newest(), turn + 1
        lab.write((CUT if turn % 2 else FIREWALL) + f"# {turn}\n")
        lab.zonewall("apply", "--confirm", "40")

    def check():
        rules, newest, waits = lab.rules(), lab.newest(), (lab.run_dir / "pending").exists()
        assert newest in (begun, begun + 1), f"revision {begun} -> {newest}"
        assert waits or newest == begun + 1, "neither waiting nor confirmed"
        seen.add((newest - begun, waits))
        if waits and newest == begun + 1 and turn % 3 == 0:
            let_time_be_up(lab)  # confirmed and not forgotten: that revision is loaded again
            lab.zonewall("status")
        elif waits:
            lab.zonewall("confirm")
        assert lab.newest() == begun + 1 and lab.rules() == rules, "not confirmed"

    kill_everywhere(lab, "confirm", prepare=prepare, check=check)
    assert seen == {(0, True), (1, True), (1, False)}, seen


@test
def killed_at_any_call_rollback_is_carried_out_or_never_was(lab):
    if not can_trace():
        return
    lab.zonewall("apply")
    old = lab.rules()
    lab.write(CUT)
    lab.zonewall("apply")
    new = lab.rules()
    begun, seen, mixed = 2, set(), set()

    def prepare():
        nonlocal begun
        for text in (FIREWALL, CUT):
            lab.write(text)
            lab.zonewall("apply")
        begun = lab.newest()

    def check():
        mixed.add((lab.rules() == old, lab.read() == FIREWALL))
        lab.zonewall("history")  # the next one settles it
        world = lab.rules(), lab.read(), lab.newest()
        gone_back = world == (old, FIREWALL, begun + 1)
        assert gone_back or world == (new, CUT, begun), \
            f"rules {'old' if world[0] == old else 'new'}, " \
            f"file {'old' if world[1] == FIREWALL else 'new'}, revision {begun} -> {world[2]}"
        assert not (lab.state / "restoring").exists()
        seen.add(gone_back)

    kill_everywhere(lab, "rollback", prepare=prepare, check=check)
    assert seen == {True, False}, "it was never killed in the middle"
    assert len(mixed) == 3, "it was never killed between rules and file"


# ---- a disk that is full ----

@test
def a_full_disk_never_makes_a_wrong_success(lab):
    if not can_trace():
        return
    lab.zonewall("apply")
    old = lab.rules()
    lab.write(CUT)
    lab.zonewall("apply")
    new = lab.rules()
    failures = 0

    def check(words, code, begun):
        rules, text, newest = lab.rules(), lab.read(), lab.newest()
        assert rules in (old, new), "neither old nor new rules"
        if words[0] == "rollback":
            done = (rules, text, newest) == (old, FIREWALL, begun + 1)
            undone = (rules, text, newest) == (new, CUT, begun)
            assert done or (code and undone), \
                f"rules {'old' if rules == old else 'new'}, " \
                f"file {'old' if text == FIREWALL else 'new'}, revision {begun} -> {newest}"
        elif code == 0:
            assert rules == new and newest == begun + (len(words) == 1), \
                f"a wrong success: rules {'new' if rules == new else 'old'}, " \
                f"revision {begun} -> {newest}"
        else:
            assert newest == begun, f"failed, and revision {begun} -> {newest}"
            if len(words) > 1:
                assert rules == old and not (lab.run_dir / "pending").exists(), "still pending"

    for words in (["apply"], ["apply", "--confirm", "60"], ["confirm"], ["rollback"]):
        for call in ("write", "fsync", "renameat", "openat", "mkdir"):
            for number in range(1, 200):
                lab.write(FIREWALL)
                lab.zonewall("apply")
                lab.write(CUT)
                if words[0] == "confirm":
                    lab.zonewall("apply", "--confirm", "60")
                if words[0] == "rollback":
                    lab.zonewall("apply")
                begun = lab.newest()
                code, injected = run_with(lab, call, "error=ENOSPC", number, *words)
                failures += code != 0
                try:
                    check(words, code, begun)
                except AssertionError as error:
                    raise AssertionError(f"{words}, {call} {number}, exit {code}: {error}\n"
                                         + (lab.folder / "out").read_text()) from None
                if not injected:
                    break
    assert failures > 20, f"only {failures} failed"


@test
def killed_at_random_moments_too(lab):
    lab.zonewall("apply")
    lab.write(CUT)
    lab.zonewall("apply")
    texts = {FIREWALL: None, CUT: None}
    for text in texts:
        lab.write(text)
        lab.zonewall("apply")
        texts[text] = lab.rules()
    random.seed(7)
    for turn in range(50):
        lab.write(random.choice(list(texts)))
        words = random.choice((["apply"], ["apply", "--confirm", "60"], ["confirm"],
                               ["rollback", "1"]))
        running = subprocess.Popen(lab.enter(lab.router) + lab.words(*words),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0, 0.05))
        running.kill()
        running.wait()
        assert lab.rules() in texts.values(), f"turn {turn}: neither old nor new rules"
        lab.history()
        assert lab.read() in texts, f"turn {turn}: a file that nobody wrote"


sys.exit(main())
