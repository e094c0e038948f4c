# SPDX-License-Identifier: GPL-2.0-or-later
"""The two pieces of nfnetlink that the lab needs: reading NFLOG, and reading or emptying conntrack.

Spoken raw, because starting the `conntrack` program for every batch of packets would cost more than
the packets do.
"""
import dataclasses
import errno
import os
import socket
import struct

NETLINK_NETFILTER = 12
SOL_NETLINK = 270
NETLINK_NO_ENOBUFS = 5
SO_RCVBUFFORCE = 33
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
SUBSYS_CTNETLINK, SUBSYS_ULOG = 1, 4
HOOKS = ("prerouting", "input", "forward", "output", "postrouting")


def _attr(kind, payload):
    size = 4 + len(payload)
    return struct.pack("=HH", size, kind) + payload + b"\0" * (-size % 4)


def _attrs(data):
    """{type: payload} of a run of attributes; nested flags removed."""
    out, at = {}, 0
    while at + 4 <= len(data):
        size, kind = struct.unpack_from("=HH", data, at)
        if size < 4:
            break
        out[kind & 0x3FFF] = data[at + 4:at + size]
        at += (size + 3) & ~3
    return out


def _messages(data):
    at = 0
    while at + 16 <= len(data):
        size, kind = struct.unpack_from("=IH", data, at)
        if size < 16:
            break
        yield kind, data[at + 16:at + size]
        at += (size + 3) & ~3


class Netfilter:
    """A nfnetlink socket of the namespace the process is in when it is made."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_NO_ENOBUFS, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        self.sock.bind((0, 0))
        self.seq = 0

    def close(self):
        self.sock.close()

    def send(self, subsys, message, flags, family, res_id, attrs):
        self.seq += 1
        body = struct.pack(">BBH", family, 0, res_id) + attrs
        self.sock.send(struct.pack("=IHHII", 16 + len(body), subsys << 8 | message,
                                   NLM_F_REQUEST | flags, self.seq, 0) + body)

    def call(self, *args):
        """Sends a request and waits for its acknowledgement."""
        subsys, message, family, res_id, attrs = args
        self.send(subsys, message, NLM_F_ACK, family, res_id, attrs)
        while True:
            for kind, body in _messages(self.sock.recv(1 << 16)):
                if kind != NLMSG_ERROR:
                    continue
                code = -struct.unpack_from("=i", body)[0]
                if code:
                    raise OSError(code, os.strerror(code))
                return


@dataclasses.dataclass
class Logged:
    """A packet that a `log group N` rule saw."""
    group: int
    hook: str
    prefix: str
    mark: int
    indev: int
    outdev: int
    payload: bytes


class LogReader(Netfilter):
    """Reads NFLOG groups; a packet is in the socket before the send() that caused it returns."""

    NFULNL_MSG_CONFIG = 1
    BIND, COPY_PACKET = 1, 2

    def __init__(self, groups):
        super().__init__()
        for group in groups:
            self._config(group, _attr(1, struct.pack("B", self.BIND)))
            self._config(group, _attr(2, struct.pack(">IBB", 0xFFFF, self.COPY_PACKET, 0)) +
                         _attr(5, struct.pack(">I", 1)))
        self.sock.setblocking(False)

    def _config(self, group, attrs):
        self.call(SUBSYS_ULOG, self.NFULNL_MSG_CONFIG, socket.AF_UNSPEC, group, attrs)

    def read(self):
        """All packets that have come since."""
        out = []
        while True:
            try:
                data = self.sock.recv(1 << 17)
            except OSError as e:
                if e.errno in (errno.EAGAIN, errno.EINTR):
                    return out
                raise
            for kind, body in _messages(data):
                if kind == SUBSYS_ULOG << 8:
                    out.append(self._logged(body))

    @staticmethod
    def _logged(body):
        a = _attrs(body[4:])
        number = lambda k: struct.unpack(">I", a[k])[0] if k in a else 0
        return Logged(
            group=struct.unpack_from(">H", body, 2)[0], hook=HOOKS[a[1][2]],
            prefix=a.get(10, b"").rstrip(b"\0").decode(errors="replace"),
            mark=number(2), indev=number(4), outdev=number(5), payload=a.get(9, b""))


@dataclasses.dataclass
class Connection:
    """One entry of the connection tracking table."""
    family: int
    proto: int
    original: tuple  # src, dst, sport, dport (ICMP: id, type << 8 | code)
    reply: tuple
    mark: int
    status: int
    helper: str


class Conntrack(Netfilter):
    GET, DELETE = 1, 2

    def flush(self):
        try:
            self.call(SUBSYS_CTNETLINK, self.DELETE, socket.AF_UNSPEC, 0, b"")
        except FileNotFoundError:
            pass

    def list(self):
        """Every connection of the namespace."""
        self.send(SUBSYS_CTNETLINK, self.GET, NLM_F_DUMP, socket.AF_UNSPEC, 0, b"")
        out = []
        while True:
            for kind, body in _messages(self.sock.recv(1 << 17)):
                if kind == NLMSG_DONE:
                    return out
                if kind >> 8 == SUBSYS_CTNETLINK:
                    out.append(self._connection(body))

    @classmethod
    def _connection(cls, body):
        a = _attrs(body[4:])
        help_ = _attrs(a.get(5, b""))
        number = lambda k: struct.unpack(">I", a[k])[0] if k in a else 0
        original = cls._tuple(a[1])
        return Connection(
            family=4 if body[0] == socket.AF_INET else 6, proto=original[4],
            original=original[:4], reply=cls._tuple(a[2])[:4], mark=number(8), status=number(3),
            helper=help_.get(1, b"").rstrip(b"\0").decode())

    @staticmethod
    def _tuple(data):
        a = _attrs(data)
        ip, l4 = _attrs(a[1]), _attrs(a[2])
        if 1 in ip:
            src, dst = (socket.inet_ntop(socket.AF_INET, ip[k]) for k in (1, 2))
        else:
            src, dst = (socket.inet_ntop(socket.AF_INET6, ip[k]) for k in (3, 4))
        port = lambda k: struct.unpack(">H", l4[k])[0] if k in l4 else 0
        byte = lambda k: l4[k][0] if k in l4 else 0
        if 2 in l4:
            sport, dport = port(2), port(3)
        else:  # ICMP and ICMPv6: id, then type and code
            sport = port(4) or port(7)
            dport = (byte(5) or byte(8)) << 8 | (byte(6) or byte(9))
        return src, dst, sport, dport, l4[1][0]
