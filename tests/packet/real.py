# SPDX-License-Identifier: GPL-2.0-or-later
"""Hosts with IP stacks beside the lab's networks, for what only real programs show: nmap, hping3,
clients and servers on sockets.

    outer --- real0   192.0.2.1/24     2001:db8:2::1/64     many addresses: 192.0.2.10, .11, ...
    inner --- real1   192.0.3.1/24     2001:db8:3::1/64     a server: 192.0.3.10

Each is a namespace of this process; the router is the lab's. Neighbours are known beforehand, so no
rule about ARP or neighbour discovery plays a part. Zones name the devices: OUTER and INNER below.
"""
import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import threading
import time

import netns
from spec import Action, zone

ADDRESSES = 8
OUTER = {"device": ["real0"], "input": "REJECT", "output": "ACCEPT", "forward": "REJECT"}
INNER = {"device": ["real1"], "input": "ACCEPT", "output": "ACCEPT", "forward": "ACCEPT"}


def real_zones(**outer):
    return zone("outer", **{**OUTER, **outer}) + zone("inner", **INNER)


def address(net, number, family=4):
    """The address of a host: net 2 is outer, 3 is inner; number 1 is the router."""
    return f"192.0.{net}.{number}" if family == 4 else f"2001:db8:{net}::{number}"


def installed(argv):
    if not shutil.which(argv[0]):
        raise RuntimeError(f"{argv[0]} is not installed (tools/install-deps)")
    return argv


class Host:
    """A namespace on one link of the router."""

    def __init__(self, lab, net, device):
        self.lab, self.net = lab, net
        self.fd = netns.unshare_net()
        netns.enter(lab.router_fd)
        mac, router_mac = f"02:00:00:01:{net:02x}:02", f"02:00:00:01:{net:02x}:01"
        router = [f"link add {device} address {router_mac} type veth peer name eth0 address {mac} "
                  f"netns {netns.path_of(self.fd)}", f"link set {device} up"]
        host = ["link set lo up", "link set eth0 up"]
        for family, length in ((4, 24), (6, 64)):
            own, nodad = address(net, 1, family), " nodad" if family == 6 else ""
            router.append(f"addr add {own}/{length} dev {device}{nodad}")
            for n in range(10, 10 + ADDRESSES):
                there = address(net, n, family)
                router.append(f"neigh replace {there} lladdr {mac} nud permanent dev {device}")
                host.append(f"addr add {there}/{length} dev eth0{nodad}")
            host.append(f"neigh replace {own} lladdr {router_mac} nud permanent dev eth0")
            host.append(f"route add default via {own}")
        lab.run(["ip", "-batch", "-"], input="\n".join(router))
        with self.inside():
            lab.run(["ip", "-batch", "-"], input="\n".join(host))

    def inside(self):
        return netns.inside(self.fd)

    def run(self, *argv, timeout=60):
        """Runs a program to its end; its output and errors as text."""
        done = subprocess.run(installed(argv), text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout, preexec_fn=self._child)
        return done.stdout

    def start(self, *argv):
        """Starts a program that runs until stop()."""
        return subprocess.Popen(installed(argv), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                preexec_fn=self._child)

    def _child(self):
        netns.die_with_parent()
        netns.enter(self.fd)

    def connect(self, to, port, number=10, timeout=3.0, pause=0):
        """True when a TCP connection stands and the server's greeting came."""
        time.sleep(pause)
        family = 6 if ":" in to else 4
        with self.inside():
            sock = socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6)
        with sock:
            sock.settimeout(timeout)
            sock.bind((address(self.net, number, family), 0))
            try:
                sock.connect((to, port))
                return sock.recv(2) == b"ok"
            except OSError:
                return False

    def close(self):
        os.close(self.fd)


def stop(process):
    process.kill()
    process.wait()


class Server(threading.Thread):
    """Greets every TCP connection with "ok". Its sockets are of the namespace it is made in."""

    def __init__(self, *ports):
        super().__init__(daemon=True)
        self.socks, self.served = [], 0
        for family in (socket.AF_INET, socket.AF_INET6):
            for port in ports:
                sock = socket.socket(family)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                sock.bind(("", port))
                sock.listen(256)
                sock.settimeout(0.2)
                self.socks.append(sock)
        self.ending = False
        self.start()

    def run(self):
        while not self.ending:
            for sock in select.select(self.socks, [], [], 0.2)[0]:
                try:
                    peer, _ = sock.accept()
                except OSError:
                    continue
                with peer:
                    self.served += 1
                    peer.sendall(b"ok")

    def close(self):
        self.ending = True
        self.join()
        for sock in self.socks:
            sock.close()


class World:
    """What a real test sees: the lab, the two hosts, servers on the router and inside."""

    def __init__(self, lab):
        self.lab = lab
        self.outer, self.inner = Host(lab, 2, "real0"), Host(lab, 3, "real1")

    def zonewall(self, *words):
        return self.lab.run(self.lab.command(*words), check=False)

    def close(self):
        for device in ("real0", "real1"):
            self.lab.run(["ip", "link", "del", device], check=False)
        self.outer.close()
        self.inner.close()
        self.lab.settle()


def expect(true, *what):
    if not true:
        raise ValueError(" ".join(str(w) for w in what))


def real(test):
    """A function of a World as what happens in a case."""
    def do(lab):
        with contextlib.ExitStack() as stack:
            world = World(lab)
            stack.callback(world.close)
            test(world, stack)
    return Action(test.__name__, do)


def nmap(world, *words, family=4):
    """Runs nmap against the router, from the first outer host; its report."""
    return world.outer.run("nmap", *(["-6"] if family == 6 else []), "-n", "-Pn", "--send-ip", "-T5",
                           "--max-retries", "0", *words, address(2, 1, family))


def serve(stack, host, *ports):
    """A server on a host, or on the router (None), until the case ends."""
    with host.inside() if host else contextlib.nullcontext():
        server = Server(*ports)
    stack.callback(server.close)
    return server


def elements(lab, name):
    """The elements of a set of the ruleset, as nft's JSON or ipset has them."""
    if lab.backend != "nft":
        lines = lab.run(["ipset", "save", name]).stdout.splitlines()
        return [line.split()[2] for line in lines if line.startswith("add ")]
    listing = json.loads(lab.run(["nft", "-j", "list", "set", "inet", "zonewall", name]).stdout)
    return [o["set"].get("elem", []) for o in listing["nftables"] if "set" in o][0]


def counted(lab, name):
    if lab.backend != "nft":
        listing = json.loads(lab.run(lab.command("counters", "--json")).stdout)
        return sum(c["packets"] for c in listing["counters"] if c["counter"] == name)
    listing = json.loads(lab.run(["nft", "-j", "list", "counter", "inet", "zonewall", name]).stdout)
    return [o["counter"]["packets"] for o in listing["nftables"] if "counter" in o][0]


def wait_for_packets(lab, counter, packets):
    """Until the counter has seen so many; a real program needs a moment to begin."""
    end = time.monotonic() + 10
    while counted(lab, counter) < packets:
        expect(time.monotonic() < end, counter, "has counted", counted(lab, counter))
        time.sleep(0.05)
