#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
A small FTP server and client (RFC 959, RFC 2428).

    ftp.py serve PORT                       one control connection after the other
    ftp.py fetch HOST PORT passive|active   fetches a file and sends one
"""
import ftplib
import io
import os
import re
import socket
import sys

CONTENT = b"".join(b"line %d of what is served\r\n" % n for n in range(5000))
TIMEOUT = float(os.environ.get("PATIENCE", "5"))  # seconds to wait for the other side


class Session:
    def __init__(self, control):
        self.control, self.lines = control, control.makefile("rb")
        self.listener, self.peer = None, None

    def say(self, text):
        self.control.sendall(text.encode() + b"\r\n")

    def listen(self):
        self.listener = socket.create_server((self.control.getsockname()[0], 0),
                                             family=self.control.family)
        self.listener.settimeout(TIMEOUT)
        return self.listener.getsockname()[1]

    def data(self):
        if self.listener:
            with self.listener:
                connection = self.listener.accept()[0]
            self.listener = None
            return connection
        return socket.create_connection(self.peer, timeout=TIMEOUT)

    def transfer(self, send):
        try:
            with self.data() as connection:
                connection.settimeout(TIMEOUT)
                self.say("150 here it comes")
                if send is not None:
                    connection.sendall(send)
                else:
                    while connection.recv(65536):
                        pass
        except OSError as e:
            self.say(f"425 no data connection: {e}")
            return
        self.say("226 done")

    def command(self, verb, rest):
        if verb in ("USER", "PASS", "TYPE"):
            self.say("331 go on" if verb == "USER" else "230 good")
        elif verb == "PASV":
            port = self.listen()
            address = self.control.getsockname()[0].replace(".", ",")
            self.say(f"227 Entering Passive Mode ({address},{port >> 8},{port & 255}).")
        elif verb == "EPSV":
            self.say(f"229 Entering Extended Passive Mode (|||{self.listen()}|)")
        elif verb == "PORT":
            n = rest.split(",")
            self.peer = ".".join(n[:4]), int(n[4]) << 8 | int(n[5])
            self.say("200 good")
        elif verb == "EPRT":
            _, _, host, port, _ = re.split(r"\|", rest)
            self.peer = host, int(port)
            self.say("200 good")
        elif verb == "RETR":
            self.transfer(CONTENT)
        elif verb == "STOR":
            self.transfer(None)
        else:
            self.say("221 bye" if verb == "QUIT" else "502 what?")
        return verb != "QUIT"

    def run(self):
        self.say("220 ready")
        for line in self.lines:
            verb, _, rest = line.decode().strip().partition(" ")
            if not self.command(verb.upper(), rest):
                return


def serve(port):
    with socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True) as s:
        print("ready", flush=True)
        while True:
            control = s.accept()[0]
            with control:
                try:
                    Session(Plain(control)).run()
                except (OSError, ValueError) as e:
                    print(e, file=sys.stderr, flush=True)


class Plain:
    """A socket that calls IPv4 addresses by their own names."""

    def __init__(self, sock):
        self.sock = sock
        self.family = socket.AF_INET if "." in sock.getsockname()[0] else socket.AF_INET6

    def getsockname(self):
        name = self.sock.getsockname()
        return name[0].replace("::ffff:", ""), name[1]

    def __getattr__(self, name):
        return getattr(self.sock, name)


def fetch(host, port, mode):
    ftp = ftplib.FTP()
    # believe the address in the answer: that it is right is what we are here to see
    ftp.trust_server_pasv_ipv4_address = True
    ftp.connect(host, port, timeout=TIMEOUT)
    ftp.login("a", "b")
    ftp.set_pasv(mode == "passive")
    got = io.BytesIO()
    ftp.retrbinary("RETR file", got.write)
    if got.getvalue() != CONTENT:
        sys.exit(f"got {len(got.getvalue())} bytes of {len(CONTENT)}")
    ftp.storbinary("STOR file", io.BytesIO(CONTENT))
    ftp.quit()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        try:
            fetch(sys.argv[2], int(sys.argv[3]), sys.argv[4])
        except (OSError, EOFError, ftplib.Error) as error:
            sys.exit(f"{type(error).__name__}: {error}")
