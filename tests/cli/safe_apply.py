#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Safe apply on a router with a host behind it, in network namespaces, by real connections.

What is confirmed stays, what is not goes back; history, rollback, boot; nobody is cut off.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from safe_lab import CUT, FIREWALL, HOST, NETWORK, ROUTER, main, test


# ---- confirm and revert ----

@test
def an_unconfirmed_apply_goes_back_by_itself(lab):
    lab.zonewall("apply")
    before = lab.rules()
    assert lab.reaches(), "the host does not reach the router"
    lab.write(CUT)
    begun = time.monotonic()
    lab.zonewall("apply", "--confirm", "2")
    assert time.monotonic() - begun < 2, "apply waits for its guard"
    assert not lab.reaches(), "it is not cut off"
    # no zonewall runs but the guard
    assert lab.until(4, lambda: lab.rules() == before), "the rules did not come back"
    assert time.monotonic() - begun < 5, "more than two seconds late"
    assert lab.reaches()
    assert lab.read() == CUT, "the file is the administrator's to mend"
    assert lab.newest() == 1 and lab.until(3, lambda: not lab.guards())
    done = lab.zonewall("confirm", code=1)
    assert "nothing to confirm" in done.stderr, done.stderr


@test
def a_confirmed_apply_stays(lab):
    lab.zonewall("apply")
    lab.write(CUT)
    lab.zonewall("apply", "--confirm", "2", "--comment", "close the door")
    status = lab.status()
    assert status["confirm_within"] in (0, 1, 2) and status["revision"] == 1, status
    lab.zonewall("confirm")
    after = lab.rules()
    time.sleep(3.2)
    assert lab.rules() == after and not lab.reaches()
    newest = lab.history()["revisions"][0]
    assert newest["number"] == 2 and newest["comment"] == "close the door", newest
    assert newest["source"] == "cli" and newest["user"] == "root", newest
    assert not lab.guards()


@test
def what_is_confirmed_is_what_was_loaded(lab):
    lab.zonewall("apply")
    lab.write(CUT)
    lab.zonewall("apply", "--confirm", "30")
    lab.write("not a configuration\n")
    lab.zonewall("confirm")
    lab.zonewall("rollback", "2")
    assert lab.read() == CUT


@test
def without_its_guard_the_next_zonewall_takes_it_back(lab):
    lab.zonewall("apply")
    before = lab.rules()
    lab.write(CUT)
    for words in (["status"], ["history"], ["diff"], ["set", "@zone[0].forward=REJECT"]):
        lab.zonewall("apply", "--confirm", "1")
        for pid in lab.guards():
            os.kill(pid, signal.SIGKILL)
        time.sleep(1.3)
        assert lab.rules() != before, "somebody else took it back"
        done = lab.zonewall(*words)
        assert "not confirmed: revision 1 is loaded" in done.stderr, done.stderr
        assert lab.rules() == before, words
    lab.zonewall("apply", "--confirm", "1")
    for pid in lab.guards():
        os.kill(pid, signal.SIGKILL)
    time.sleep(1.3)
    done = lab.zonewall("confirm", code=1)
    assert "too late" in done.stderr and lab.rules() == before, done.stderr


@test
def killing_the_client_and_its_terminal_changes_nothing(lab):
    lab.zonewall("apply")
    before = lab.rules()
    lab.write(CUT)
    command = " ".join(lab.words("apply", "--confirm", "1"))
    shell = subprocess.Popen(lab.enter(lab.router) + ["sh", "-c", f"{command}; sleep 60"],
                             start_new_session=True, stdout=subprocess.PIPE)
    shell.stdout.readline()
    os.killpg(shell.pid, signal.SIGHUP)
    shell.wait()
    assert lab.rules() != before
    assert lab.until(3, lambda: lab.rules() == before), "the rules did not come back"


@test
def before_the_first_revision_it_goes_back_to_what_was_found(lab):
    lab.zonewall("apply", "--confirm", "1")
    assert "table inet zonewall" in lab.rules()
    assert lab.until(3, lambda: "zonewall" not in lab.rules()), "rules are left"
    assert lab.newest() == 0
    lab.zonewall("stop")
    stopped = lab.rules()
    lab.zonewall("apply", "--confirm", "1")
    assert lab.rules() != stopped
    assert lab.until(3, lambda: lab.rules() == stopped), "not stopped again"
    # confirmed, and killed before the record was removed: what was confirmed stays
    lab.zonewall("apply", "--confirm", "30")
    after = lab.rules()
    record = (lab.run_dir / "pending").read_bytes()
    lab.zonewall("confirm")
    (lab.run_dir / "pending").write_bytes(
        re.sub(rb'"deadline_ms":\d+', b'"deadline_ms":1', record))
    lab.zonewall("status")
    assert lab.rules() == after and not (lab.run_dir / "pending").exists()


@test
def rules_of_no_revision_cannot_be_gone_back_to(lab):
    lab.zonewall("apply")
    shutil.rmtree(lab.state)
    before = lab.rules()
    lab.write(CUT)
    done = lab.zonewall("apply", "--confirm", "5", code=3)
    assert "nothing to go back to" in done.stderr, done.stderr
    assert lab.rules() == before and not lab.guards()


@test
def a_second_apply_extends_and_a_plain_one_confirms(lab):
    lab.zonewall("apply")
    before = lab.rules()
    lab.write(CUT)
    lab.zonewall("apply", "--confirm", "1")
    lab.write(CUT.replace("'lan'\n\toption dest", "'wan'\n\toption dest"))
    lab.zonewall("apply", "--confirm", "4", code=None)
    time.sleep(2)
    assert lab.rules() != before, "the first guard took the second apply back"
    assert lab.until(5, lambda: lab.rules() == before)
    lab.zonewall("apply", "--confirm", "2")
    lab.zonewall("apply")
    after = lab.rules()
    time.sleep(3)
    assert lab.rules() == after and lab.newest() == 2
    for command in ("flush", "stop"):
        lab.zonewall("apply", "--confirm", "1")
        lab.zonewall(command)
        after = lab.rules()
        time.sleep(1.6)
        assert lab.rules() == after, f"{command} was taken back"


@test
def an_apply_that_fails_leaves_the_pending_one(lab):
    lab.zonewall("apply")
    before = lab.rules()
    lab.write(CUT)
    lab.zonewall("apply", "--confirm", "3")
    lab.write(FIREWALL + "config rule\n\toption src 'nowhere'\n\toption target 'ACCEPT'\n")
    lab.zonewall("apply", "--confirm", "60", code=1)
    assert lab.rules() != before
    assert lab.until(5, lambda: lab.rules() == before), "the first apply was forgotten"


@test
def a_record_that_cannot_be_read_is_overdue(lab):
    lab.zonewall("apply")
    before = lab.rules()
    lab.write(CUT)
    lab.zonewall("apply", "--confirm", "60")
    for pid in lab.guards():
        os.kill(pid, signal.SIGKILL)
    os.truncate(lab.run_dir / "pending", 30)
    lab.zonewall("status")
    assert lab.rules() == before and not (lab.run_dir / "pending").exists()


@test
def options_are_checked(lab):
    for words in (["--confirm", "0"], ["--confirm", "soon"], ["--confirm"], ["--nonsense"],
                  ["extra"], ["--confirm", "86401"]):
        lab.zonewall("apply", *words, code=2)
    lab.zonewall("apply", "--admin", "somebody", code=1)
    lab.zonewall("rollback", "--confirm", "5", code=2)
    assert "zonewall" not in lab.rules()


# ---- history ----

@test
def rollback_restores_files_and_rules(lab):
    user = lab.folder / "firewall.user"
    user.write_text("iptables -A input_rule -p tcp --dport 7777 -j DROP\n")
    lab.write(FIREWALL + f"\nconfig include\n\toption path '{user}'\n")
    original = (lab.config / "firewall").read_bytes()
    lab.zonewall("apply")
    first = lab.rules()
    assert "7777" in first, first
    user.write_text("iptables -A input_rule -p tcp --dport 8888 -j DROP\n")
    lab.write(CUT + f"# a comment\n\nconfig include\n\toption path '{user}'\n")
    lab.write("config zonewall 'main'\n", "zonewall")
    os.chmod(lab.config / "firewall", 0o640)
    lab.zonewall("apply")
    assert lab.rules() != first
    lab.zonewall("rollback")
    assert lab.rules() == first
    assert (lab.config / "firewall").read_bytes() == original and "7777" in user.read_text()
    assert (lab.config / "firewall").stat().st_mode & 0o7777 == 0o640
    assert not (lab.config / "zonewall").exists(), "there was no such file in revision 1"
    assert lab.status()["equal"]
    newest = lab.history()["revisions"][0]
    assert newest["number"] == 3 and newest["restores"] == 1, newest
    # and forward again, by number
    lab.zonewall("rollback", "2", "--comment", "changed my mind")
    assert "8888" in lab.rules() and "8888" in user.read_text() and not lab.reaches()
    lab.zonewall("rollback", "77", code=2)
    lab.zonewall("rollback", "x", code=2)


@test
def a_file_of_a_section_that_is_off_is_not_kept(lab):
    secret = lab.folder / "secret"
    secret.write_text("the password\n")
    lab.write(FIREWALL + f"\nconfig include\n\toption path '{secret}'\n\toption enabled '0'\n")
    lab.zonewall("apply")
    assert b"the password" not in (lab.state / "revisions/1").read_bytes()
    lab.write(FIREWALL)
    lab.zonewall("apply")
    secret.write_text("another\n")
    lab.zonewall("rollback")
    assert secret.read_text() == "another\n"


@test
def rollback_ends_a_pending_apply(lab):
    lab.zonewall("apply")
    before = lab.rules()
    lab.write(CUT)
    lab.zonewall("apply", "--confirm", "60")
    lab.zonewall("rollback")
    assert lab.rules() == before and lab.read() == FIREWALL and lab.newest() == 1
    assert lab.until(3, lambda: not lab.guards())
    lab.zonewall("rollback", code=1)


@test
def a_rollback_that_cannot_write_changes_nothing(lab):
    lab.zonewall("apply")
    lab.write(CUT)
    lab.zonewall("apply")
    before = lab.rules()
    (lab.config / "firewall").rename(lab.config / "elsewhere")
    (lab.config / "firewall").symlink_to("elsewhere")
    done = lab.zonewall("rollback", code=3)
    assert "nothing is rolled back" in done.stderr, done.stderr
    assert lab.rules() == before and lab.read() == CUT and lab.newest() == 2
    assert not (lab.state / "restoring").exists()


@test
def a_hundred_revisions_are_kept(lab):
    for number in range(1, 104):
        lab.write(FIREWALL + f"# {number}\n")
        lab.zonewall("apply")
    found = [r["number"] for r in lab.history()["revisions"]]
    assert found == list(range(103, 3, -1)), found
    lab.zonewall("apply")
    assert lab.newest() == 103, "the same files were stored again"
    lab.zonewall("rollback", "4")
    assert lab.read() == FIREWALL + "# 4\n"


@test
def diff_shows_files_and_rules(lab):
    lab.zonewall("apply")
    assert "nothing would change" in lab.zonewall("diff").stdout
    lab.write(CUT + "# \x1b[2J\n")
    assert "\x1b" not in lab.zonewall("diff").stdout
    lab.write(CUT)
    done = lab.zonewall("diff").stdout
    assert "-\toption input 'ACCEPT'" in done and "+\toption input 'DROP'" in done, done
    assert "--- firewall (revision 1)" in done and "+++ firewall (now)" in done, done
    lab.zonewall("apply")
    for words, sign in ((["1", "2"], "+"), (["2", "1"], "-")):
        reply = json.loads(lab.zonewall("diff", *words, "--json").stdout)
        assert reply["changed"] and reply["diff"], reply
        assert f"{sign}\toption input 'DROP'" in reply["files"][0]["diff"], reply
    assert "nothing differs" in lab.zonewall("diff", "2").stdout
    lab.zonewall("diff", "9", code=2)


@test
def what_cannot_be_stored_is_no_success(lab):
    lab.state.write_text("in the way\n")
    done = lab.zonewall("apply", code=3)
    assert "the next boot will not know them" in done.stderr, done.stderr


@test
def a_run_directory_of_ones_own_has_its_own_history(lab):
    command = [w for w in lab.words("apply")]
    at = command.index("--state-dir")
    done = subprocess.run(lab.enter(lab.router) + command[:at] + command[at + 2:],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (lab.run_dir / "state/revisions/1").exists()
    for path, mode in (("", 0o700), ("revisions", 0o700), ("revisions/1", 0o600)):
        assert (lab.run_dir / "state" / path).stat().st_mode & 0o7777 == mode, path


# ---- boot ----

@test
def refresh_loads_what_is_in_force_and_nothing_else(lab):
    def second_lan():
        return "lan1" in lab.rules()

    lab.zonewall("refresh")
    assert "zonewall" not in lab.rules(), "loaded by an interface"
    lab.zonewall("apply")
    lab.write(CUT)
    lab.write(NETWORK.replace("'br-lan'", "'br-lan lan1'"), "network")
    lab.zonewall("refresh")
    assert second_lan() and lab.reaches() and lab.newest() == 1, "what is on disk was loaded"
    lab.zonewall("apply", "--confirm", "3")
    lab.write(NETWORK, "network")
    lab.zonewall("refresh")
    assert not second_lan() and not lab.reaches(), "the pending apply was forgotten"
    assert lab.until(5, lab.reaches), "it did not go back"
    lab.zonewall("stop")
    stopped = lab.rules()
    lab.zonewall("refresh")
    assert lab.rules() == stopped


@test
def boot_loads_what_was_confirmed_last(lab):
    lab.zonewall("apply")
    before = lab.rules()
    for text in (CUT, "not a configuration"):
        lab.write(text)
        lab.zonewall("flush")
        shutil.rmtree(lab.run_dir)  # as after a reboot
        lab.zonewall("boot")
        assert lab.rules() == before, text
        assert lab.read() == text
    # an apply that waited when the power went, on a run directory that survived
    lab.write(CUT)
    lab.zonewall("apply", "--confirm", "60")
    lab.zonewall("boot")
    assert lab.rules() == before and not (lab.run_dir / "pending").exists()


@test
def boot_passes_over_revisions_that_cannot_be_loaded(lab):
    lab.zonewall("apply")
    before = lab.rules()
    lab.write(CUT)
    lab.zonewall("apply")
    os.truncate(lab.state / "revisions/2", 200)
    lab.zonewall("flush")
    lab.zonewall("boot")
    assert lab.rules() == before
    assert "damaged" in lab.zonewall("history").stdout
    os.truncate(lab.state / "revisions/1", 200)
    lab.write(FIREWALL)
    lab.zonewall("boot")
    status = lab.status()
    assert status["stopped"] and lab.reaches(), "management is open, from lan"
    lab.write("not a configuration")
    (lab.config / "network").unlink()
    lab.zonewall("flush")
    lab.zonewall("boot")
    assert lab.status()["stopped"] and not lab.reaches(), "open without a configuration"


@test
def the_first_boot_loads_the_configuration_or_closes(lab):
    lab.zonewall("boot")
    assert lab.newest() == 1 and lab.history()["revisions"][0]["source"] == "boot"
    assert lab.reaches()
    shutil.rmtree(lab.state)
    lab.write("config zone\n\toption nonsense\n")
    lab.zonewall("flush")
    lab.zonewall("boot")
    assert lab.status()["stopped"] and lab.newest() == 0 and lab.reaches()


# ---- self-lockout ----

SSH = {"SSH_CONNECTION": f"{HOST} 50123 {ROUTER} 22"}


@test
def an_administrator_is_not_cut_off(lab):
    lab.zonewall("apply", env=SSH)
    before = lab.rules()
    lab.write(CUT)
    done = lab.zonewall("apply", env=SSH, code=1)
    assert "zone 'lan' would cut your own session off" in done.stderr, done.stderr
    assert "firewall:6:" in done.stderr and HOST in done.stderr, done.stderr
    assert lab.rules() == before and lab.newest() == 1
    for words in (["apply", "--admin", HOST], ["apply", "--admin", f"{HOST}:8443"],
                  ["reload", "--admin", f"{HOST}:22"]):
        lab.zonewall(*words, code=1)
    reply = json.loads(lab.zonewall("apply", "--json", env=SSH, code=1).stdout)
    assert [d["id"] for d in reply["diagnostics"]] == ["cuts-you-off"], reply
    lab.zonewall("apply", "--confirm", "5", env=SSH, code=1)
    assert lab.rules() == before and not lab.guards()
    done = lab.zonewall("apply", "--force", env=SSH)
    assert "cuts your own session off" in done.stderr and not lab.reaches()


@test
def one_rule_that_accepts_is_enough(lab):
    lab.write(CUT + "\nconfig rule\n\toption name 'ssh'\n\toption src 'lan'\n\toption proto 'tcp'\n"
              f"\toption src_ip '{HOST}'\n\toption dest_port '22'\n\toption target 'ACCEPT'\n")
    lab.zonewall("apply", env=SSH)
    assert lab.reaches()
    lab.zonewall("apply", "--admin", f"{HOST}:23", code=1)
    lab.zonewall("apply", "--admin", "192.168.1.11", code=1)


@test
def the_section_that_cuts_is_named(lab):
    block = "\nconfig rule\n\toption name '{}'\n\toption src 'lan'\n\toption proto 'tcp'\n" \
            "\toption dest_port '22'\n\toption target 'DROP'\n"
    lab.write(FIREWALL + block.format("no ssh"))
    done = lab.zonewall("apply", env=SSH, code=1)
    assert "rule 'no ssh' would cut" in done.stderr, done.stderr
    lab.write(FIREWALL + "\nconfig redirect\n\toption name 'away'\n\toption src 'lan'\n"
              "\toption dest 'lan'\n\toption proto 'tcp'\n\toption src_dport '22'\n"
              "\toption dest_ip '192.168.1.99'\n\toption target 'DNAT'\n")
    done = lab.zonewall("apply", env=SSH, code=None)
    if done.returncode:
        assert "redirect 'away' would cut" in done.stderr, done.stderr
    else:  # then it does not act on connections to the router either
        assert lab.reaches()


@test
def rollback_asks_too(lab):
    lab.write(CUT)
    lab.zonewall("apply")
    lab.write(FIREWALL)
    lab.zonewall("apply", env=SSH)
    before = lab.rules()
    lab.zonewall("rollback", env=SSH, code=1)
    assert lab.rules() == before and lab.read() == FIREWALL and lab.newest() == 2


@test
def sudo_does_not_hide_who_it_is(lab):
    lab.write(CUT)
    inner = "exec env -u SSH_CONNECTION " + " ".join(lab.words("apply")) + "; true"
    done = lab.zonewall("status", before=["sh", "-c", f"sh -c '{inner}'; exit $?", "-"], env=SSH,
                        code=1)
    assert "cut your own session off" in done.stderr, done.stderr


@test
def sessions_that_do_not_cross_the_rules_do_not_matter(lab):
    lab.write(CUT)
    for value in (f"{HOST} 50123 10.9.9.9 22",        # to another machine's address
                  f"{ROUTER} 50123 {ROUTER} 22",      # from the router to itself
                  "127.0.0.1 50123 127.0.0.1 22", "nonsense", "", "::1 1 ::1 22"):
        lab.zonewall("apply", env={"SSH_CONNECTION": value})
    done = lab.zonewall("apply", "--admin", "203.0.113.77")
    assert "no device leads to" in done.stderr, done.stderr


sys.exit(main())
