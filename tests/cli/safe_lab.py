# SPDX-License-Identifier: GPL-2.0-or-later
"""A router with a host behind it, in network namespaces, for the tests of safe apply."""
import json
import os
import pathlib
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


def main():
    print(f"1..{len(results)}")
    for number, (name, error) in enumerate(results, 1):
        print(f"{'not ok' if error else 'ok'} {number} - {name}")
        for line in (error or "").splitlines():
            print("#   " + line)
    return 1 if any(error for _, error in results) else 0
