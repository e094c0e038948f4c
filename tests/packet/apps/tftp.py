#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
A small TFTP server and client (RFC 1350).

    tftp.py serve PORT
    tftp.py fetch HOST PORT
"""
import os
import socket
import struct
import sys

CONTENT = bytes(n % 251 for n in range(2000))
BLOCK = 512
TIMEOUT = float(os.environ.get("PATIENCE", "5"))  # seconds to wait for the other side
RRQ, DATA, ACK = 1, 3, 4


def send_file(family, own, peer):
    """From a new port, as the protocol wants it."""
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.bind((own, 0))
        s.settimeout(TIMEOUT)
        for block in range(len(CONTENT) // BLOCK + 1):
            part = CONTENT[block * BLOCK:(block + 1) * BLOCK]
            s.sendto(struct.pack(">HH", DATA, block + 1) + part, peer)
            reply, peer = s.recvfrom(600)
            if struct.unpack(">HH", reply[:4]) != (ACK, block + 1):
                raise ValueError("not what was to be acknowledged")


def serve(port):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        s.bind(("::", port))
        print("ready", flush=True)
        while True:
            request, peer = s.recvfrom(600)
            try:
                if struct.unpack(">H", request[:2])[0] == RRQ:
                    send_file(socket.AF_INET6, "::", peer)
            except (OSError, ValueError) as e:
                print(e, file=sys.stderr, flush=True)


def fetch(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(TIMEOUT)
        s.sendto(struct.pack(">H", RRQ) + b"file\0octet\0", (host, port))
        got, expected = b"", 1
        while True:
            packet, peer = s.recvfrom(600)
            kind, block = struct.unpack(">HH", packet[:4])
            if kind != DATA or block != expected:
                sys.exit(f"block {block}, expected {expected}")
            got += packet[4:]
            s.sendto(struct.pack(">HH", ACK, block), peer)
            expected += 1
            if len(packet) < 4 + BLOCK:
                break
    if got != CONTENT:
        sys.exit(f"got {len(got)} bytes of {len(CONTENT)}")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        try:
            fetch(sys.argv[2], int(sys.argv[3]))
        except OSError as error:
            sys.exit(f"{type(error).__name__}: {error}")
