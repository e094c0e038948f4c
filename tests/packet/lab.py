# SPDX-License-Identifier: GPL-2.0-or-later
"""The packet lab: a router between five networks, and an exact answer to "what became of this packet?".

Two namespaces: the router, in which this process and everything it starts live, and one that holds
the far ends of the router's links. No host has an IP stack: whole frames are put on a link and read
from it, so a test says what is on the wire to the last bit and nothing answers by itself. The links
have no ARP (IFF_NOARP), so any address of a network or behind it can be a sender or receiver.

    inet, wan --- eth0    198.51.100.1/24  2001:db8:100::1/64  (the default route)
    lan       --- br-lan  192.168.1.1/24   fd00:1::1/64
    dmz       --- dmz0    192.168.2.1/24   fd00:2::1/64
    guest     --- guest0  192.168.3.1/24   fd00:3::1/64
    vpn       --- tun_1   10.8.0.1/24      fd00:8::1/64

Observing: an independent table `inet observer` logs what passes the input and postrouting hooks
after every chain of ours (NFLOG: mark, device, rewritten packet); a packet socket reads what is
really on the links. A packet for the router is accepted when the input hook let it through; one to a
host, when its frame is there; it is rejected when a reset or ICMP error about it came back.

There is no waiting for silence. Frames of one CPU are handled in order, so the lab (pinned to one
CPU) sends sentinels on a link of their own behind every batch: when those have come by, each packet
of the batch has met its end, and one that left no trace was dropped.
"""
import collections
import dataclasses
import glob
import os
import select
import shutil
import socket
import struct
import subprocess
import tempfile
import time

import netlink
import netns
import wire

OBSERVER_GROUP, SENTINEL_GROUP, FIREWALL_GROUP = 100, 101, 7
SENTINEL_ROUNDS = 3  # a packet, its answer, and the answer's way over lo
TMP_PREFIX = "packet-lab-"
ETH_P_ALL = 3
PACKET_IGNORE_OUTGOING = 23
SOL_PACKET = 263
IPV6_HDRINCL = 36
SO_MARK = 36


@dataclasses.dataclass(frozen=True)
class Network:
    name: str
    device: str
    prefix4: str  # of the network's hosts, to be completed by a number
    prefix6: str
    router4: str
    router6: str
    behind: bool = False  # reached over the device, but not on its link


NETWORKS = {n.name: n for n in (
    Network("inet", "eth0", "203.0.113.", "2001:db8:203::", "198.51.100.1", "2001:db8:100::1", True),
    Network("wan", "eth0", "198.51.100.", "2001:db8:100::", "198.51.100.1", "2001:db8:100::1"),
    Network("lan", "br-lan", "192.168.1.", "fd00:1::", "192.168.1.1", "fd00:1::1"),
    Network("dmz", "dmz0", "192.168.2.", "fd00:2::", "192.168.2.1", "fd00:2::1"),
    Network("guest", "guest0", "192.168.3.", "fd00:3::", "192.168.3.1", "fd00:3::1"),
    Network("vpn", "tun_1", "10.8.0.", "fd00:8::", "10.8.0.1", "fd00:8::1"),
)}
LINKS = [n for n in NETWORKS.values() if not n.behind]
DEVICES = [n.device for n in LINKS]

NETWORK_CONFIG = "".join(f"""
config interface '{n.name}'
	option device '{n.device}'
	option proto 'static'
	option ipaddr '{n.router4}/24'
	option ip6addr '{n.router6}/64'
""" for n in LINKS)

OBSERVER = """
table inet observer
delete table inet observer
table inet observer {
	chain sentinel {
		type filter hook prerouting priority -1000; policy accept;
		iifname "sync0" log group %(sentinel)d drop
	}
	chain input {
		type filter hook input priority 1000; policy accept;
		ct state invalid log group %(group)d prefix "invalid" %(input)s
		ct state vmap { new : jump new, established : jump established, related : jump related, \
untracked : jump untracked }
		%(input)s
	}
	chain postrouting {
		type filter hook postrouting priority 1000; policy accept;
		ct state invalid log group %(group)d prefix "invalid" accept
		ct state vmap { new : jump new, established : jump established, related : jump related, \
untracked : jump untracked }
	}
	chain new { log group %(group)d prefix "new"; }
	chain established { log group %(group)d prefix "established"; }
	chain related { log group %(group)d prefix "related"; }
	chain untracked { log group %(group)d prefix "untracked"; }
}
"""

ACCEPTED, DROPPED, REJECTED, LOST = "accepted", "dropped", "rejected", "lost"
TCP_RESET, PORT, ADMIN = "tcp-reset", "port", "admin"

# ICMP codes of a destination unreachable message, and what a rejection with them is called
REJECT_CODES = {4: {3: PORT, 13: ADMIN}, 6: {4: PORT, 1: ADMIN}}


@dataclasses.dataclass
class Injection:
    """A packet and where it enters: a link's device, or None when the router itself sends it."""
    packet: wire.Packet
    device: str | None
    mark: int = 0
    uid: int | None = None


@dataclasses.dataclass
class Outcome:
    """What became of one packet."""
    kind: str
    where: str = ""            # "input", "forward", "output" when accepted
    reject: str = ""           # REJECTED: with what
    packet: wire.Packet | None = None  # ACCEPTED: as it was delivered or left
    oif: str = ""
    mark: int = 0
    state: str = ""            # connection tracking's view of it

    def __str__(self):
        if self.kind == REJECTED:
            return f"rejected ({self.reject})"
        if self.kind != ACCEPTED:
            return self.kind
        p = self.packet
        return f"accepted ({self.where}: {p.src} > {p.dst}, {self.state})"


def lab_mac(device_number, host=0):
    return f"02:00:00:00:{device_number:02x}:{host:02x}"


def _mac_bytes(text):
    return bytes.fromhex(text.replace(":", "").replace("-", ""))


def remove_stale():
    """Removes the directories of labs whose process is gone; namespaces have gone with it."""
    for path in glob.glob(os.path.join(tempfile.gettempdir(), TMP_PREFIX + "*")):
        pid = os.path.basename(path)[len(TMP_PREFIX):].split("-")[0]
        if pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
            shutil.rmtree(path, ignore_errors=True)


class Lab:
    """Build it once, apply many rulesets. A context manager; also closed when the process ends."""

    def __init__(self, deliver=False):
        self.next_id = 1
        self.numbered = {}  # number: packet
        self.firewall_logs = []
        self.log_counts = collections.Counter()  # of the last take, with all that was left out
        remove_stale()
        self.tmp = tempfile.TemporaryDirectory(prefix=f"{TMP_PREFIX}{os.getpid()}-")
        cpus = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cpus[os.getpid() % len(cpus)]})
        self.hosts_fd = netns.unshare_net()
        self._prepare_hosts()
        self.router_fd = netns.unshare_net()
        self._prepare_router()
        self._open_sockets()
        self.observe(deliver)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        for sock in (self.capture, self.sender, *self.raw.values()):
            sock.close()
        for link in (self.log, self.conntrack):
            link.close()
        os.close(self.hosts_fd)
        os.close(self.router_fd)
        self.tmp.cleanup()

    # ---- building ----

    @staticmethod
    def _prepare_hosts():
        netns.sysctl("net/ipv6/conf/default/disable_ipv6", 1)
        netns.sysctl("net/ipv6/conf/all/disable_ipv6", 1)

    def _prepare_router(self):
        for family in ("ipv4", "ipv6"):
            netns.sysctl(f"net/{family}/conf/all/forwarding", 1)
        for scope in ("all", "default"):
            for name, value in (("rp_filter", 0), ("send_redirects", 0), ("log_martians", 0)):
                netns.sysctl(f"net/ipv4/conf/{scope}/{name}", value)
            for name, value in (("accept_dad", 0), ("accept_ra", 0), ("autoconf", 0),
                                ("router_solicitations", 0)):
                netns.sysctl(f"net/ipv6/conf/{scope}/{name}", value)
        # every rejection must answer; the kernel's thrift with ICMP errors would hide some
        netns.sysctl("net/ipv4/icmp_ratelimit", 0)
        netns.sysctl("net/ipv4/icmp_msgs_per_sec", 1000000, required=False)
        netns.sysctl("net/ipv4/icmp_msgs_burst", 1000000, required=False)
        netns.sysctl("net/ipv6/icmp/ratelimit", 0)
        hosts, lines = netns.path_of(self.hosts_fd), ["link set lo up"]
        for i, device in enumerate(DEVICES + ["sync0"]):
            lines.append(f"link add {device} address {lab_mac(i)} type veth peer name h-{device} "
                         f"address {lab_mac(i, 255)} netns {hosts}")
            lines.append(f"link set {device} arp off up")
        for n in LINKS:
            lines.append(f"addr add {n.router4}/24 brd + dev {n.device}")
            lines.append(f"addr add {n.router6}/64 dev {n.device} nodad")
        lines.append("route add default via 198.51.100.254 dev eth0")
        lines.append("route add default via 2001:db8:100::fe dev eth0")
        self.run(["ip", "-batch", "-"], input="\n".join(lines))
        with netns.inside(self.hosts_fd):
            self.run(["ip", "-batch", "-"],
                     input="\n".join(f"link set h-{d} up" for d in DEVICES + ["sync0"]))

    def _open_sockets(self):
        with netns.inside(self.hosts_fd):
            self.index = {d: socket.if_nametoindex("h-" + d) for d in DEVICES + ["sync0"]}
            self.capture = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self.capture.setsockopt(socket.SOL_SOCKET, netlink.SO_RCVBUFFORCE, 16 << 20)
            self.capture.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
            self.capture.setblocking(False)
            self.sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.device_of = {i: d for d, i in self.index.items()}
        self.router_index = {socket.if_nametoindex(d): d for d in [*DEVICES, "lo"]}
        self.raw = {}
        self.log = netlink.LogReader([OBSERVER_GROUP, SENTINEL_GROUP, FIREWALL_GROUP])
        self.conntrack = netlink.Conntrack()

    def _raw_socket(self, family, uid):
        """Sends whole packets from the router itself, as the given user."""
        if (family, uid) in self.raw:
            return self.raw[family, uid]
        inet = socket.AF_INET if family == 4 else socket.AF_INET6
        with netns.owner(uid or 0):
            sock = socket.socket(inet, socket.SOCK_RAW, socket.IPPROTO_RAW)
        if family == 4:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
        else:
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_HDRINCL, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.raw[family, uid] = sock
        return sock

    # ---- programs in the router ----

    def run(self, argv, input=None, check=True, env=None):
        """Runs a program in the namespace this process is in."""
        done = subprocess.run(argv, input=input, text=True, capture_output=True, timeout=60, env=env,
                              preexec_fn=netns.die_with_parent)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(argv)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def nft(self, text):
        self.run(["nft", "-f", "-"], input=text)

    def observe(self, deliver):
        """With deliver, packets for the router reach its own sockets, and it may answer them."""
        self.deliver = deliver
        self.nft(OBSERVER % {"group": OBSERVER_GROUP, "sentinel": SENTINEL_GROUP,
                             "input": "accept" if deliver else "drop"})

    # ---- packets ----

    def number(self, packet):
        """Gives the packet its number; it must have one before it is sent."""
        packet.id = self.next_id
        self.next_id += 1
        self.numbered[packet.id] = packet
        return packet

    def frame(self, injection):
        i = DEVICES.index(injection.device)
        p = injection.packet
        dst = lab_mac(i)
        if p.family == 4 and p.dst == "255.255.255.255":
            dst = "ff:ff:ff:ff:ff:ff"
        elif p.family == 6 and p.dst.startswith("ff"):
            dst = "33:33:00:00:00:01"
        elif p.family == 4 and 224 <= int(p.dst.split(".")[0]) < 240:
            dst = "01:00:5e:00:00:01"
        return _mac_bytes(dst) + _mac_bytes(p.mac or lab_mac(i, 255)) + \
            (b"\x08\x00" if p.family == 4 else b"\x86\xdd") + wire.build(p)

    def inject(self, injection):
        """Puts one packet into the router. The number is set before."""
        p = injection.packet
        if injection.device is not None:
            self.sender.sendto(self.frame(injection), ("h-" + injection.device, 0))
            return
        sock = self._raw_socket(p.family, injection.uid)
        sock.setsockopt(socket.SOL_SOCKET, SO_MARK, injection.mark)
        try:
            sock.sendto(wire.build(p), (p.dst, 0))
        except OSError:
            pass  # what the firewall refuses, the kernel may also tell the sender

    def exchange(self, injections):
        """Sends a batch in order; returns {number: Outcome} for each of its packets."""
        self._read(None)
        batch = _Batch({i.packet.id: i for i in injections})
        for n, injection in enumerate(injections):
            self.inject(injection)
            if n % 64 == 63:
                self._read(batch)
        self.settle(batch)
        return {number: batch.outcome(number) for number in batch.sent}

    def settle(self, batch=None):
        """Waits until everything put in before has met its end."""
        for _ in range(SENTINEL_ROUNDS):
            number = self.next_id
            self.next_id += 1
            p = wire.Packet(4, "192.0.2.1", "192.0.2.2", wire.UDP, 1, 1, id=number)
            head = _mac_bytes(lab_mac(len(DEVICES))) + _mac_bytes(lab_mac(99)) + b"\x08\x00"
            self.sender.sendto(head + wire.build(p), ("h-sync0", 0))
            end = time.monotonic() + 5
            while not self._read(batch, number):
                if time.monotonic() > end:
                    raise RuntimeError("the lab's own sentinel got lost")
                select.select([self.log.sock], [], [], 0.2)

    def _read(self, batch, sentinel=None):
        """Takes in all that was logged and captured; True when the sentinel was among it."""
        seen = False
        for logged in self.log.read():
            if logged.group == SENTINEL_GROUP:
                p = wire.parse(logged.payload)
                seen |= p is not None and p.id == sentinel
            elif logged.group == FIREWALL_GROUP:
                self.firewall_logs.append(logged)
            elif batch:
                batch.logged(logged, self.router_index)
        while True:
            try:
                data, address = self.capture.recvfrom(65535)
            except BlockingIOError:
                break
            if batch and address[0] != "h-sync0":
                batch.captured(address[0][2:], data[14:])
        return seen

    def take_firewall_logs(self):
        """
        What the firewall itself has logged since the last call: (prefix, number of the packet). The
        router's answers to our packets are left out.
        """
        out = []
        self.log_counts = collections.Counter(logged.prefix for logged in self.firewall_logs)
        for logged in self.firewall_logs:
            p = wire.parse(logged.payload)
            sent = self.numbered.get(p.id) if p else None
            if sent and (sent.proto, sent.icmp_type) == (p.proto, p.icmp_type):
                out.append((logged.prefix, p.id))
        self.firewall_logs = []
        return out


class _Batch:
    """Collects what is seen of one batch of packets."""

    def __init__(self, sent):
        self.sent = sent
        self.at_input, self.at_output, self.on_link, self.refused = {}, {}, {}, {}

    def logged(self, logged, devices):
        p = wire.parse(logged.payload)
        if p is None:
            return
        if logged.hook == "input" and self._refusal(p, "lo"):
            return
        if not self._is_ours(p):
            return
        # what goes over lo only quotes a packet that came by a link, however deep
        if self.sent[p.id].device is not None and \
                "lo" in (devices.get(logged.indev), devices.get(logged.outdev)):
            return
        where = self.at_input if logged.hook == "input" else self.at_output
        where[p.id] = (p, logged, devices.get(logged.outdev, ""))

    def captured(self, device, data):
        p = wire.parse(data)
        if p is None or self._refusal(p, device):
            return
        if self._is_ours(p):
            self.on_link[p.id] = (p, device)

    def _is_ours(self, p):
        """A packet of the batch, not a message (a redirect, an error) that quotes one."""
        sent = self.sent.get(p.id)
        return sent is not None and p.proto == sent.packet.proto and \
            p.icmp_type == sent.packet.icmp_type

    def _refusal(self, p, device):
        """Notes a packet that tells a sender of ours that it was refused."""
        if p.proto == wire.TCP and p.flags & wire.RST and p.id is None:
            number, with_ = wire.reset_id(p), TCP_RESET
        elif wire.is_error(p) and p.id is not None:
            number = p.id
            unreachable = p.icmp_type == (3 if p.family == 4 else 1)
            with_ = REJECT_CODES[p.family].get(p.icmp_code) if unreachable else None
            with_ = with_ or f"icmp {p.icmp_type}/{p.icmp_code}"
        else:
            return False
        sent = self.sent.get(number)
        # the answer goes to the sender, and an error that we sent ourselves is none
        if sent is None or p.dst != sent.packet.src or (sent.device is None) != (device == "lo") or \
                p.inner is not None and p.inner == sent.packet.inner:
            return False
        self.refused.setdefault(number, with_)
        return True

    def outcome(self, number):
        sent = self.sent[number]
        if number in self.at_input and sent.device is not None:
            p, logged, _ = self.at_input[number]
            return Outcome(ACCEPTED, "input", packet=p, mark=logged.mark, state=logged.prefix)
        if number in self.on_link:
            p, device = self.on_link[number]
            where = "forward" if sent.device is not None else "output"
            if number not in self.at_output:
                # the flow table sends past the hooks
                return Outcome(ACCEPTED, where, packet=p, oif=device, state="offloaded")
            _, logged, oif = self.at_output[number]
            return Outcome(ACCEPTED, where, packet=p, oif=oif, mark=logged.mark, state=logged.prefix)
        if number in self.at_output and number not in self.at_input:
            return Outcome(LOST)
        if number in self.at_input:  # from the router to itself
            p, logged, _ = self.at_input[number]
            return Outcome(ACCEPTED, "input", packet=p, mark=logged.mark, state=logged.prefix)
        if number in self.refused:
            return Outcome(REJECTED, reject=self.refused[number])
        return Outcome(DROPPED)
