#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
IRC as far as DCC SEND needs it: one user offers a file, the other (the server, for short) takes it.

    irc.py serve PORT
    irc.py offer HOST PORT   exits well when the other side has fetched the file
"""
import os
import re
import socket
import struct
import sys

CONTENT = b"a file sent from user to user\n" * 500
TIMEOUT = float(os.environ.get("PATIENCE", "5"))  # seconds to wait for the other side


def take(line):
    """Connects to where the offer says, and reads the file."""
    offer = re.search(rb"DCC SEND \S+ (\d+) (\d+)", line)
    if not offer:
        raise ValueError(f"no offer: {line!r}")
    host = socket.inet_ntoa(struct.pack(">I", int(offer[1])))
    got = b""
    with socket.create_connection((host, int(offer[2])), timeout=TIMEOUT) as s:
        while part := s.recv(65536):
            got += part
    return len(got)


def serve(port):
    with socket.create_server(("0.0.0.0", port)) as s:
        print("ready", flush=True)
        while True:
            control = s.accept()[0]
            with control:
                control.sendall(b":server 001 alice :welcome\r\n")
                for line in control.makefile("rb"):
                    if not line.startswith(b"PRIVMSG"):
                        continue
                    try:
                        control.sendall(b":bob took %d\r\n" % take(line))
                    except (OSError, ValueError) as e:
                        control.sendall(b":bob failed %s\r\n" % str(e).encode())


def offer(host, port):
    with socket.create_connection((host, port), timeout=TIMEOUT) as control, \
            socket.create_server(("0.0.0.0", 0)) as listener:
        lines = control.makefile("rb")
        lines.readline()
        address = struct.unpack(">I", socket.inet_aton(control.getsockname()[0]))[0]
        control.sendall(b"NICK alice\r\n")
        control.sendall(b"PRIVMSG bob :\1DCC SEND file %d %d %d\1\r\n" % (
            address, listener.getsockname()[1], len(CONTENT)))
        listener.settimeout(TIMEOUT)
        try:
            with listener.accept()[0] as s:
                s.sendall(CONTENT)
        except TimeoutError:
            pass  # the other side says what went wrong
        answer = lines.readline().decode().strip()
    if answer != f":bob took {len(CONTENT)}":
        sys.exit(answer or "no answer")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        try:
            offer(sys.argv[2], int(sys.argv[3]))
        except OSError as error:
            sys.exit(f"{type(error).__name__}: {error}")
