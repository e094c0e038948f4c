# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets as values, and their bytes: hand-packed, since thousands of them are built per second.

Every packet carries the lab's magic and its own number in its payload, so whatever comes out of the
router, rewritten or wrapped in an ICMP error, is known by it. A TCP reset has no payload: there the
number is read back from the sequence numbers.
"""
import dataclasses
import socket
import struct

ICMP, IGMP, TCP, UDP, GRE, ESP, AH, ICMPV6, SCTP, UDPLITE = 1, 2, 6, 17, 47, 50, 51, 58, 132, 136
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
MAGIC = b"\xa5zWp"
ID_SHIFT = 11  # a number's share of the TCP sequence space: room for flags and 1500 bytes


@dataclasses.dataclass
class Packet:
    """One IP packet. Addresses are text. None means: not there."""
    family: int
    src: str
    dst: str
    proto: int = UDP
    sport: int = 0
    dport: int = 0
    icmp_type: int = 0
    icmp_code: int = 0
    icmp_id: int | None = None  # default: the packet's number
    flags: int = SYN
    mss: int | None = None
    seq: int | None = None
    ack: int | None = None
    dscp: int = 0
    ttl: int = 64
    length: int | None = None  # of the whole IP packet; default: as small as it can be
    mac: str | None = None     # of the sender; default: the host's
    inner: bytes | None = None  # ICMP errors: the packet they are about
    before: bytes = b""        # payload before and after our number
    behind: bytes = b""
    id: int = 0

    def has_ports(self):
        return self.proto in (TCP, UDP, SCTP, UDPLITE)

    def is_icmp(self):
        return self.proto == (ICMP if self.family == 4 else ICMPV6)


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _crc32c_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


_CRC32C = _crc32c_table()


def crc32c(data):
    """SCTP's checksum (RFC 9260)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC32C[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def _pack_addr(family, text):
    return socket.inet_pton(socket.AF_INET if family == 4 else socket.AF_INET6, text)


def _tcp(p, data, pseudo):
    options = struct.pack(">BBH", 2, 4, p.mss) if p.mss is not None else b""
    number = p.id << ID_SHIFT & 0xFFFFFFFF
    seq = number if p.seq is None else p.seq
    ack = (number if p.flags & ACK else 0) if p.ack is None else p.ack
    head = struct.pack(">HHIIBBHHH", p.sport, p.dport, seq, ack, (20 + len(options)) // 4 << 4,
                       p.flags, 65000, 0, 1 if p.flags & URG else 0) + options
    segment = head + data
    value = checksum(pseudo(len(segment)) + segment)
    return segment[:16] + struct.pack(">H", value) + segment[18:]


def _udp(p, data, pseudo):
    size = 8 + len(data)
    segment = struct.pack(">HHHH", p.sport, p.dport, size, 0) + data
    value = checksum(pseudo(size) + segment) or 0xFFFF
    return segment[:6] + struct.pack(">H", value) + data


def _icmp(p, data, pseudo):
    ident = p.id & 0xFFFF if p.icmp_id is None else p.icmp_id
    if p.inner is not None:
        rest = struct.pack(">I", 1280 if p.icmp_type in (2, 3) else 0) + p.inner
    else:
        rest = struct.pack(">HH", ident, 1) + data
    message = struct.pack(">BBH", p.icmp_type, p.icmp_code, 0) + rest
    value = checksum((pseudo(len(message)) if p.family == 6 else b"") + message)
    return message[:2] + struct.pack(">H", value) + rest


def _sctp(p, data, _pseudo):
    data += b"\0" * (-len(data) % 4)
    # an INIT chunk; our number travels as an unknown parameter
    param = struct.pack(">HH", 0x8ABC, 4 + len(data)) + data
    chunk = struct.pack(">BBHIIHHI", 1, 0, 20 + len(param), 1, 65536, 1, 1, 1) + param
    head = struct.pack(">HHII", p.sport, p.dport, 0, 0)
    crc = crc32c(head + chunk)
    return head[:8] + struct.pack("<I", crc) + chunk


def _other(p, data, pseudo):
    if p.proto == GRE:
        return struct.pack(">HH", 0, 0x0800) + data
    if p.proto == ESP:
        return struct.pack(">II", 0x1001, 1) + data
    if p.proto == AH:
        return struct.pack(">BBHIII", 59, 2, 0, 0x1001, 1, 0) + data
    if p.proto == IGMP:
        body = struct.pack(">BBH4s", 0x11, 0, 0, b"\0" * 4) + data
        return body[:2] + struct.pack(">H", checksum(body)) + body[4:]
    # the kernel rejects only what checks out: of protocols it does not know, the plain sum
    data += b"\0" * (len(data) % 2)
    head = pseudo(len(data) + 2) if p.family == 6 else b""
    return data + struct.pack(">H", checksum(head + data))


def build(p):
    """The IP packet as bytes."""
    src, dst = _pack_addr(p.family, p.src), _pack_addr(p.family, p.dst)

    def pseudo(size):
        if p.family == 4:
            return src + dst + struct.pack(">BBH", 0, p.proto, size)
        return src + dst + struct.pack(">II", size, p.proto)

    maker = {TCP: _tcp, UDP: _udp, UDPLITE: _udp, SCTP: _sctp}.get(p.proto, _other)
    if p.is_icmp():
        maker = _icmp
    data = p.before + MAGIC + struct.pack(">I", p.id) + p.behind
    body = maker(p, data, pseudo)
    if p.length is not None:
        missing = p.length - (20 if p.family == 4 else 40) - len(body)
        if missing < 0:
            raise ValueError(f"a packet of {p.length} bytes is too short for its content")
        body = maker(p, data + b"." * missing, pseudo)
    if p.family == 6:
        return struct.pack(">IHBB", 6 << 28 | p.dscp << 22, len(body), p.proto, p.ttl) + \
            src + dst + body
    # the identification differs per packet: equal ones would look like repeats to a reader of traces
    head = struct.pack(">BBHHHBBH", 0x45, p.dscp << 2, 20 + len(body), p.id & 0xFFFF, 0x4000,
                       p.ttl, p.proto, 0) + src + dst
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def _mss_of(options):
    while options and options[0] != 0:
        if options[0] == 1:
            options = options[1:]
            continue
        if len(options) < 2 or options[1] < 2:
            return None
        if options[0] == 2 and options[1] == 4:
            return struct.unpack_from(">H", options, 2)[0]
        options = options[options[1]:]
    return None


def parse(data):
    """Reads an IP packet back; id is None when it carries no number of ours. None: not IP."""
    if len(data) < 20:
        return None
    if data[0] >> 4 == 4:
        head = (data[0] & 15) * 4
        size, ttl, proto = struct.unpack_from(">xxH4xBB", data)
        p = Packet(4, socket.inet_ntop(socket.AF_INET, data[12:16]),
                   socket.inet_ntop(socket.AF_INET, data[16:20]), proto, ttl=ttl,
                   dscp=data[1] >> 2, length=size)
    elif data[0] >> 4 == 6 and len(data) >= 40:
        head = 40
        first, size, proto, ttl = struct.unpack_from(">IHBB", data)
        p = Packet(6, socket.inet_ntop(socket.AF_INET6, data[8:24]),
                   socket.inet_ntop(socket.AF_INET6, data[24:40]), proto, ttl=ttl,
                   dscp=first >> 22 & 63, length=40 + size)
        if proto == 0:  # hop-by-hop options: the kernel's own MLD reports
            p.id = None
            return p
    else:
        return None
    body = data[head:p.length]
    if p.has_ports() and len(body) >= 4:
        p.sport, p.dport = struct.unpack_from(">HH", body)
    if p.proto == TCP and len(body) >= 20:
        p.seq, p.ack, offset, p.flags = struct.unpack_from(">IIBB", body, 4)
        p.mss = _mss_of(body[20:(offset >> 4) * 4])
    if p.is_icmp() and len(body) >= 8:
        p.icmp_type, p.icmp_code, p.icmp_id = struct.unpack_from(">BBxxH", body)
        if is_error(p):
            p.inner = body[8:]
    at = body.find(MAGIC)
    p.id = struct.unpack_from(">I", body, at + 4)[0] if 0 <= at <= len(body) - 8 else None
    return p


def is_error(p):
    """An ICMP message that is about another packet."""
    if p.family == 4:
        return p.proto == ICMP and p.icmp_type in (3, 4, 5, 11, 12)
    return p.proto == ICMPV6 and p.icmp_type < 128


def reset_id(p):
    """The number of the packet that a TCP reset answers (RFC 9293, 3.10.7.1)."""
    return (p.ack if p.flags & ACK else p.seq) >> ID_SHIFT
