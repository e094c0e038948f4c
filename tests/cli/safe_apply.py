#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Safe apply on a router with a host behind it, in network namespaces, by real connections.

Whatever is killed and whenever: the rules end at the last confirmed revision, the store can be read,
and files and rules of a rollback are the old ones or the new ones.
"""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ZONEWALL = os.path.abspath(sys.argv[1])
ROUTER, HOST = "192.168.1.1", "192.168.1.10"

FIREWALL = """config defaults
\toption input 'REJECT'
\toption output 'ACCEPT'
\toption forward 'REJECT'

config zone
\toption name 'lan'
\tlist network 'lan'
\toption input 'ACCEPT'
\toption output 'ACCEPT'
\toption forward 'ACCEPT'

config zone
\toption name 'wan'
\tlist network 'wan'
\toption input 'REJECT'
\toption output 'ACCEPT'
\toption forward 'REJECT'
\toption masq '1'

config forwarding
\toption src 'lan'
\toption dest 'wan'
"""
# What an administrator would rather not have loaded from afar.
CUT = FIREWALL.replace("option input 'ACCEPT'", "option input 'DROP'")
NETWORK = """config interface 'lan'
\toption device 'br-lan'
config interface 'wan'
\toption device 'eth0'
"""
CONNECT = """import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=0.4).close()
except OSError:
    sys.exit(1)
"""
LISTEN = """import socket
s = socket.create_server(("", 22), backlog=64)
print("ready", flush=True)
while True:
    s.accept()[0].close()
"""

results = []


def hold():
    """A process that holds a network namespace of its own open."""
    holder = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo ready; exec cat"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    return holder


class Lab:
    def __init__(self, folder):
        self.folder = folder
        self.config = folder / "config"
        self.run_dir = folder / "run"
        self.state = folder / "state"
        self.config.mkdir()
        (self.config / "network").write_text(NETWORK)

    def __enter__(self):
        self.router, self.host = hold(), hold()
        self.inside(self.router, "ip", "-batch", "-", text=f"""link set lo up
link add br-lan type veth peer name lan0 netns {self.host.pid}
link add eth0 type veth peer name far0
link set br-lan up
link set eth0 up
link set far0 up
addr add {ROUTER}/24 dev br-lan
addr add 198.51.100.2/24 dev eth0
""")
        self.inside(self.host, "ip", "-batch", "-", text=f"""link set lo up
link set lan0 up
addr add {HOST}/24 dev lan0
""")
        self.server = subprocess.Popen(self.enter(self.router) + [sys.executable, "-c", LISTEN],
                                       stdout=subprocess.PIPE)
        self.server.stdout.readline()
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.server.wait()
        for holder in (self.router, self.host):
            holder.stdin.close()
            holder.wait()

    @staticmethod
    def enter(holder):
        return ["nsenter", f"--net=/proc/{holder.pid}/ns/net"]

    def inside(self, holder, *command, text=None, check=True):
        return subprocess.run(self.enter(holder) + list(command), input=text, text=True,
                              capture_output=True, timeout=60, check=check)

    def words(self, *words):
        return [ZONEWALL, "-c", str(self.config), "--run-dir", str(self.run_dir), "--state-dir",
                str(self.state), *words]

    def zonewall(self, *words, code=0, env=None, before=()):
        """Runs it in the router; without what SSH may say of the person who runs the test."""
        clean = {k: v for k, v in os.environ.items() if k != "SSH_CONNECTION"}
        done = subprocess.run(self.enter(self.router) + list(before) + self.words(*words),
                              capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, env={**clean, **(env or {})})
        assert code is None or done.returncode == code, \
            f"{words}: exit {done.returncode}, not {code}\n{done.stdout}{done.stderr}"
        return done

    def write(self, text, name="firewall"):
        (self.config / name).write_text(text)

    def read(self, name="firewall"):
        return (self.config / name).read_text()

    def reaches(self):
        return self.inside(self.host, sys.executable, "-c", CONNECT, ROUTER, "22",
                           check=False).returncode == 0

    def rules(self):
        text = self.inside(self.router, "nft", "-nn", "list", "ruleset").stdout
        text = re.sub(r"packets \d+ bytes \d+", "", text)
        # an order that does not depend on when an object was made
        return "\n}\n".join(sorted(re.split(r"\n\t}\n", text)))

    def history(self):
        reply = json.loads(self.zonewall("history", "--json").stdout)
        assert not any(r.get("damaged") for r in reply["revisions"]), reply
        return reply

    def newest(self):
        found = self.history()["revisions"]
        return found[0]["number"] if found else 0

    def status(self):
        return json.loads(self.zonewall("status", "--json").stdout)

    def guards(self):
        """The guard processes of this lab, by their command lines."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                line = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"guard" in line and str(self.run_dir).encode() in line:
                found.append(int(entry.name))
        return found

    def until(self, seconds, condition):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.1)
        return condition()


def test(function):
    only = sys.argv[2:]
    if only and function.__name__ not in only:
        return function
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        with Lab(folder) as lab:
            lab.write(FIREWALL)
            function(lab)
            results.append((function.__name__, None))
    except (AssertionError, subprocess.SubprocessError, OSError) as error:
        results.append((function.__name__, str(error) or "failed"))
    finally:
        shutil.rmtree(folder)
    return function


if os.geteuid() or subprocess.run(["unshare", "-n", "nft", "list", "ruleset"],
                                  capture_output=True).returncode:
    print("1..0 # SKIP needs root, network namespaces and nft")
    sys.exit(77)


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


def main():
    print(f"1..{len(results)}")
    for number, (name, error) in enumerate(results, 1):
        print(f"{'not ok' if error else 'ok'} {number} - {name}")
        for line in (error or "").splitlines():
            print("#   " + line)
    return 1 if any(error for _, error in results) else 0


sys.exit(main())
