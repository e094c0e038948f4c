#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
A call by SIP over UDP (RFC 3261, RFC 4566): signalling, then one packet of media each way, to where
the other side's session description says.

    sip.py answer PORT              waits for calls
    sip.py call HOST PORT           calls; exits well when media has come through both ways
"""
import os
import re
import socket
import sys

MEDIA = 40000
TIMEOUT = float(os.environ.get("PATIENCE", "5"))  # seconds to wait for the other side


def own_address(host):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect((host, 9))
        return s.getsockname()[0]


def kind(address):
    return "IP6" if ":" in address else "IP4"


def bracketed(address):
    return f"[{address}]" if ":" in address else address


def session(address):
    return (f"v=0\r\no=- 1 1 IN {kind(address)} {address}\r\ns=-\r\nc=IN {kind(address)} {address}\r\n"
            f"t=0 0\r\nm=audio {MEDIA} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n")


def message(first, own, port, to_tag="", body=""):
    here = f"{bracketed(own)}:{port}"
    return (f"{first}\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
            f"From: <sip:alice@{bracketed(own)}>;tag=1\r\nTo: <sip:bob@example.net>{to_tag}\r\n"
            f"Call-ID: 1@{bracketed(own)}\r\nCSeq: 1 INVITE\r\nContact: <sip:alice@{here}>\r\n"
            f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()


def media_address(text):
    """Where a session description wants media sent."""
    where = re.search(r"^c=IN IP[46] (\S+)", text, re.M)
    port = re.search(r"^m=audio (\d+)", text, re.M)
    if not where or not port:
        raise ValueError(f"no session in {text!r}")
    return where[1], int(port[1])


def socket_at(family, port):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind(("", port))
    s.settimeout(TIMEOUT)
    return s


def response(request, own, port):
    """200 with the request's own headers, and our session."""
    kept = [line for line in request.split("\r\n")
            if re.match(r"(Via|From|Call-ID|CSeq):", line)]
    body = session(own)
    return ("SIP/2.0 200 OK\r\n" + "\r\n".join(kept) +
            f"\r\nTo: <sip:bob@example.net>;tag=2\r\nContact: <sip:bob@{bracketed(own)}:{port}>\r\n"
            f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()


def answer_one(signal, media, port):
    data, peer = signal.recvfrom(4000)
    text = data.decode()
    if not text.startswith("INVITE"):
        return
    signal.sendto(response(text, own_address(peer[0]), port), peer)
    media.sendto(b"media from bob", media_address(text))
    if media.recvfrom(2000)[0] == b"media from alice":
        signal.sendto(b"heard", peer)


def answer(port, family):
    with socket_at(family, port) as signal, socket_at(family, MEDIA) as media:
        print("ready", flush=True)
        signal.settimeout(None)
        while True:
            try:
                answer_one(signal, media, port)
            except (OSError, ValueError) as e:
                print(e, file=sys.stderr, flush=True)


def call(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    own = own_address(host)
    with socket_at(family, 5060) as signal, socket_at(family, MEDIA) as media:
        first = f"INVITE sip:bob@{bracketed(host)} SIP/2.0"
        signal.sendto(message(first, own, 5060, body=session(own)), (host, port))
        reply = signal.recv(4000).decode()
        if not reply.startswith("SIP/2.0 200"):
            sys.exit(f"answer: {reply}")
        if media.recv(2000) != b"media from bob":
            sys.exit("other media than expected")
        media.sendto(b"media from alice", media_address(reply))
        if signal.recv(4000) != b"heard":
            sys.exit("bob has heard nothing")


if __name__ == "__main__":
    if sys.argv[1] == "answer":
        answer(int(sys.argv[2]), socket.AF_INET6 if "6" in sys.argv[3:] else socket.AF_INET)
    else:
        try:
            call(sys.argv[2], int(sys.argv[3]))
        except (OSError, ValueError) as error:
            sys.exit(f"{type(error).__name__}: {error}")
