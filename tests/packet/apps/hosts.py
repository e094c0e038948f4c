# SPDX-License-Identifier: GPL-2.0-or-later
"""Two hosts with real IP stacks beside the packet lab's router, for programs that really talk.

    home --- app-in    192.168.77.1/24  fd00:77::1/64
    far  --- app-out   198.18.1.1/24    2001:db8:118::1/64

The far host knows no way to the home network in IPv4, as the internet does not: what is not
translated is not answered. The links have no ARP; both ends of one have the same MAC address.
"""
import os
import subprocess
import sys
import time

import netns
import spec

HERE = os.path.dirname(os.path.abspath(__file__))
HOME, FAR, ROUTER = "home", "far", "router"
ADDRESS = {HOME: ("192.168.77.10", "fd00:77::10"), FAR: ("198.18.1.10", "2001:db8:118::10"),
           ROUTER: ("198.18.1.1", "2001:db8:118::1")}

NETWORK = """
config interface 'home'
	option device 'app-in'
	option proto 'static'
	option ipaddr '192.168.77.1/24'
	option ip6addr 'fd00:77::1/64'

config interface 'far'
	option device 'app-out'
	option proto 'static'
	option ipaddr '198.18.1.1/24'
	option ip6addr '2001:db8:118::1/64'
"""

_LINKS = {HOME: ("app-in", "02:00:00:00:77:01", "192.168.77.", "fd00:77::", True),
          FAR: ("app-out", "02:00:00:00:77:02", "198.18.1.", "2001:db8:118::", False)}
_fds = {}


def _run(lines, fd=None):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True, check=True,
                   preexec_fn=(lambda: netns.enter(fd)) if fd is not None else None)


def _make(name):
    device, mac, prefix4, prefix6, knows_all = _LINKS[name]
    before = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    fd = netns.unshare_net()
    netns.sysctl("net/ipv6/conf/default/accept_dad", 0)
    netns.enter(before)
    os.close(before)
    _run([f"link add {device} address {mac} type veth peer name eth0 address {mac} "
          f"netns {netns.path_of(fd)}", f"link set {device} arp off up",
          f"addr add {prefix4}1/24 dev {device}", f"addr add {prefix6}1/64 dev {device} nodad"])
    lines = ["link set lo up", "link set eth0 arp off up", f"addr add {prefix4}10/24 dev eth0",
             f"addr add {prefix6}10/64 dev eth0 nodad",
             f"route add default via {prefix6}1 dev eth0"]
    if knows_all:
        lines.append(f"route add default via {prefix4}1 dev eth0")
    _run(lines, fd)
    _fds[name] = fd


def ready():
    """Makes the hosts when they are not there. Call in the router's namespace."""
    for name in _LINKS:
        if name not in _fds:
            _make(name)


class Program:
    """A program of this folder, running on a host."""

    def __init__(self, patience, host, *argv):
        def prepare():
            netns.die_with_parent()
            netns.enter(_fds[host])
        self.words = argv
        self.process = subprocess.Popen(
            [sys.executable, "-B", os.path.join(HERE, argv[0]), *map(str, argv[1:])],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=prepare,
            env={**os.environ, "PATIENCE": str(patience)})

    def wait_until_ready(self):
        line = self.process.stdout.readline()
        if line != "ready\n":
            raise RuntimeError(f"{self.words}: {line}{self.process.stderr.read()}")
        return self

    def result(self, seconds):
        """Its exit status and what it said; None when it had to be stopped."""
        try:
            out, err = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            return None, out + err
        return self.process.returncode, out + err

    def stop(self):
        self.process.kill()
        self.process.communicate()


def talk(server, client, works):
    """
    Starts the server (host, words), then the client, which must end well, or must not. The hosts
    are tuples of a host's name and the words of a command line.
    """
    def do(_lab):
        began = time.monotonic()
        wait = 5 if works else 0.5  # what is not to work is not worth waiting for
        there = Program(wait, *server).wait_until_ready()
        try:
            status, said = Program(wait, *client).result(4 * wait)
        finally:
            there.stop()
        if (status == 0) != works:
            raise RuntimeError(
                f"{' '.join(map(str, client[1:]))} on {client[0]}: exit {status} after "
                f"{time.monotonic() - began:.1f} s, should {'work' if works else 'not work'}: "
                f"{said.strip()}")
    return spec.Action(f"{client[1]}", do)


def needs_helper(name, proto):
    """Leaves the case out where the kernel has no such helper."""
    def do(the_lab):
        text = f'table inet probe {{ ct helper h {{ type "{name}" protocol {proto}; }}; }}'
        if the_lab.run(["nft", "-c", "-f", "-"], input=text, check=False).returncode:
            raise spec.Skip(f"this kernel has no conntrack helper {name}")
    return spec.Action(f"needs {name}", do)
