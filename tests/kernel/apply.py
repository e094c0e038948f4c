#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Configurations in a real kernel, each in a network namespace of its own.

What is applied lists the same as our text loaded by nft; a broken file changes nothing; names from
outside are inert; ten thousand rules stay within the memory of a small router.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ZONEWALL = os.path.abspath(sys.argv[1])
ROOT = pathlib.Path(sys.argv[2]).resolve()
SHARED = pathlib.Path(os.environ.get("ZONEWALL_SHARED", ROOT.parent / "shared"))
DEVICES = ("br-lan", "eth0", "dmz0")
ADDRESSES = ("192.168.1.1/24 dev br-lan", "198.51.100.2/24 dev eth0", "192.168.9.1/24 dev dmz0",
             "2001:db8:2::1/64 dev br-lan nodad", "2001:db8:1::2/64 dev eth0 nodad")
NETWORK = """config interface 'lan'
\toption device 'br-lan'
config interface 'wan'
\toption device 'eth0'
config interface 'wan6'
\toption device 'eth0'
config interface 'mob1s1a1'
\toption device 'wwan0'
config interface 'guest'
\toption device 'guest0'
config interface 'dmz'
\toption device 'dmz0'
"""

results = []


class Namespace:
    """A process that holds an unnamed network namespace open, and commands run inside it."""

    def __enter__(self):
        self.holder = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo ready; exec cat"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        lines = ["link set lo up"]
        for number, device in enumerate(DEVICES):
            lines += [f"link add {device} type veth peer name peer{number}", f"link set {device} up"]
        lines += [f"addr add {address}" for address in ADDRESSES]
        self.run("ip", "-batch", "-", text="\n".join(lines) + "\n")
        return self

    def __exit__(self, *_):
        self.holder.stdin.close()
        self.holder.wait()

    def run(self, *command, text=None, check=True, env=None):
        done = subprocess.run(["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", *command],
                              input=text, capture_output=True, text=True, errors="surrogateescape",
                              timeout=120, env={**os.environ, "TZ": "UTC", **(env or {})})
        if check and done.returncode:
            raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def zonewall(self, folder, *words, check=True):
        return self.run(ZONEWALL, "-c", str(folder), "--run-dir", str(folder / "run"), *words,
                        check=check)

    def rules(self):
        """The listing, in an order that does not depend on when an object was made."""
        text = self.run("nft", "-nn", "list", "ruleset").stdout
        text = re.sub(r"packets \d+ bytes \d+", "packets 0 bytes 0", text)
        return re.sub(r" expires \w+", "", text)


def blocks(listing):
    """The listing's objects, sorted; within chains the order stays."""
    found, current = [], []
    for line in listing.splitlines():
        if re.match(r"\t\S.*\{$", line):
            current = [line]
        elif line == "\t}":
            found.append("\n".join(current))
            current = []
        elif line.strip():
            current.append(line)
    return sorted(found)


def test(name):
    def wrap(function):
        with tempfile.TemporaryDirectory() as folder:
            try:
                with Namespace() as ns:
                    results.append((name, function(ns, pathlib.Path(folder))))
            except AssertionError as error:
                results.append((name, str(error) or "failed"))
        return function
    return wrap


def write(folder, firewall, network=NETWORK):
    data = firewall if isinstance(firewall, bytes) else firewall.encode()
    (folder / "firewall").write_bytes(data)
    (folder / "network").write_text(network)


def lists_the_same(ns, folder):
    ns.zonewall(folder, "check")
    ns.zonewall(folder, "apply")
    ours = ns.rules()
    status = json.loads(ns.zonewall(folder, "status", "--json").stdout)
    assert status["loaded"] and status["equal"], status
    shown = ns.zonewall(folder, "show").stdout
    ns.zonewall(folder, "flush")
    assert ns.rules().strip() == "", "flush left something"
    ns.run("nft", "-f", "-", text=shown)
    theirs = ns.rules()
    if blocks(ours) != blocks(theirs):
        only_ours = set(blocks(ours)) - set(blocks(theirs))
        only_theirs = set(blocks(theirs)) - set(blocks(ours))
        raise AssertionError("the batch and the text differ\nbatch: %s\ntext: %s" % (
            "\n".join(sorted(only_ours)), "\n".join(sorted(only_theirs))))
    assert len(blocks(ours)) > 5, "hardly anything was loaded"


def configurations():
    yield from sorted((ROOT / "tests/golden").glob("router/*/firewall"))
    yield from sorted((ROOT / "pkg/samples").glob("*/firewall"))
    yield from sorted((SHARED / "reference/configs").glob("*.config"))


for path in configurations():
    label = path.parent.name if path.name == "firewall" else path.name

    @test(f"the batch and the text of {label} list the same")
    def _(ns, folder, path=path):
        network = path.parent / "network"
        write(folder, path.read_bytes(),
              network.read_text() if network.exists() else NETWORK)
        lists_the_same(ns, folder)


PLAIN = (ROOT / "tests/golden/router/plain/firewall").read_text()


@test("a broken file is refused and the running rules stay")
def _(ns, folder):
    write(folder, PLAIN)
    ns.zonewall(folder, "apply")
    before = ns.rules()
    write(folder, PLAIN + "\nconfig rule\n\toption src 'nowhere'\n\toption target 'ACCEPT'\n")
    done = ns.zonewall(folder, "apply", check=False)
    assert done.returncode == 1, done
    assert "unknown zone 'nowhere'" in done.stderr and "firewall:" in done.stderr, done.stderr
    assert ns.rules() == before, "the rules have changed"


def counters(ns, folder):
    reply = json.loads(ns.zonewall(folder, "counters", "--json").stdout)
    return {c["name"]: c["packets"] for c in reply["counters"]}


@test("counters live through reloads, rules without change stay")
def _(ns, folder):
    rule = "\nconfig rule\n\toption name 'ping'\n\toption proto 'icmp'\n\toption target 'ACCEPT'\n"
    write(folder, PLAIN + rule)
    ns.zonewall(folder, "apply")
    # the router pings a neighbour that is not there: the packet is counted on its way out
    ns.run("ip", "neigh", "add", "198.51.100.9", "lladdr", "02:00:00:00:00:09", "dev", "eth0")
    ns.run("ip", "link", "set", "peer1", "up")
    ns.run("ping", "-c", "3", "-i", "0.05", "-W", "0.1", "198.51.100.9", check=False)
    count = counters(ns, folder)
    assert count["ping"] >= 3, count
    ns.zonewall(folder, "reload")
    again = counters(ns, folder)
    assert again["ping"] >= count["ping"], (count, again)
    # without the section there is no counter; with it again, it starts at zero
    write(folder, PLAIN)
    ns.zonewall(folder, "reload")
    assert "ping" not in counters(ns, folder)
    write(folder, PLAIN + rule)
    ns.zonewall(folder, "reload")
    assert counters(ns, folder)["ping"] < count["ping"]


@test("foreign tables are neither touched nor hidden")
def _(ns, folder):
    ns.run("nft", "add", "table", "ip", "docker")
    ns.run("nft", "add", "chain", "ip", "docker", "keep")
    write(folder, PLAIN)
    ns.zonewall(folder, "apply")
    assert "ip docker" in ns.zonewall(folder, "status").stdout
    ns.zonewall(folder, "flush")
    assert "chain keep" in ns.rules()


@test("stop blocks all but management, and start opens again")
def _(ns, folder):
    write(folder, PLAIN)
    ns.zonewall(folder, "stop")
    text = ns.rules()
    assert "stopped: everything else is closed" in text and "masquerade" not in text
    assert "stopped" in ns.zonewall(folder, "status").stdout
    ns.zonewall(folder, "start")
    assert "masquerade" in ns.rules()


@test("two applies at once wait for each other")
def _(ns, folder):
    write(folder, PLAIN)
    command = ["nsenter", f"--net=/proc/{ns.holder.pid}/ns/net", ZONEWALL, "-c", str(folder),
               "--run-dir", str(folder / "run"), "apply"]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
               for _ in range(6)]
    assert [p.wait() for p in running] == [0] * 6


NASTY = (
    b"a\"b'; flush ruleset; # %n%s%99999d \\ $(reboot) `id` <script>alert(1)</script>",
    b"new\nline\r\ttab \x1b[2J\x07 bell",
    b"\xff\xfe\xc0\xaf invalid \xed\xa0\x80",
    "ünï ‮ code".encode(),
    b"x" * 200,
    b"\" comment \"} table inet evil { }",
)


def quoted(name):
    return b"'" + name.replace(b"'", b"'\\''") + b"'"


@test("names from outside are inert in the kernel, in text and in JSON")
def _(ns, folder):
    text = PLAIN.encode()
    for number, name in enumerate(NASTY):
        text += b"\nconfig rule\n\toption name %s\n\toption src 'wan'\n\toption proto 'tcp'\n" \
                b"\toption dest_port '%d'\n\toption log '1'\n\toption target 'ACCEPT'\n" % (
                    quoted(name), 1000 + number)
    write(folder, text)
    done = ns.zonewall(folder, "check", check=False)
    if done.returncode:  # a name may be refused, but then plainly
        assert "bad-string" in done.stderr, done.stderr
        text = b"\n\n".join(part for part in text.split(b"\n\n")
                            if b"\xff" not in part and b"\x1b" not in part)
        write(folder, text)
    ns.zonewall(folder, "apply")
    listing = ns.rules()
    assert "table inet evil" not in re.sub(r'"[^"\n]*"', "", listing)
    assert "\x1b" not in listing and listing.count("chain input {") == 1
    ns.run("nft", "-c", "-f", "-", text=ns.zonewall(folder, "show").stdout)
    json.loads(ns.zonewall(folder, "counters", "--json").stdout)
    json.loads(ns.zonewall(folder, "show", "--json").stdout)
    for words in (["counters"], ["status"], ["diff"], ["show", "--stage", "tree"],
                  ["show", "--stage", "policy"], ["show", "--stage", "ir"],
                  ["trace", "--in", "wan", "--dst", "198.51.100.2", "--dport", "1000"]):
        out = ns.zonewall(folder, *words).stdout
        assert "\x1b" not in out and "\x07" not in out, words


@test("ten thousand rules need less than 40 MiB")
def _(ns, folder):
    subprocess.run([sys.executable, str(ROOT / "bench/make-config"), "10000", str(folder)],
                   check=True)
    # The limit is on private memory, reserved or used; the libraries add some 3 MiB to what is used.
    # A process's own peak cannot be asked for: it would count this one's, from before the exec.
    for limit, code in ((40, 0), (20, None)):
        done = subprocess.run(
            ["nsenter", f"--net=/proc/{ns.holder.pid}/ns/net", "prlimit", f"--data={limit << 20}",
             ZONEWALL, "-c", str(folder), "--run-dir", str(folder / "run"), "apply"],
            capture_output=True, text=True)
        if code is None:  # the control: a limit that is too low does stop it
            assert done.returncode != 0, "the limit has no effect"
        else:
            assert done.returncode == code, f"with {limit} MiB: {done.returncode} {done.stderr}"


def main():
    print(f"1..{len(results)}")
    for number, (name, error) in enumerate(results, 1):
        print(f"{'not ok' if error else 'ok'} {number} - {name}")
        for line in (error or "").splitlines():
            print("#   " + line.encode(errors="replace").decode())
    return 1 if any(error for _, error in results) else 0


sys.exit(main())
