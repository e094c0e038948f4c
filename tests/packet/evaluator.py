# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks our own evaluator (tests/tools/evalpackets) what should become of a packet."""
import json
import subprocess

import lab
import netns
import wire


class Evaluator:
    """One configuration, many packets. Started in the router's namespace, so it sees its facts."""

    def __init__(self, program, config_dir):
        self.process = subprocess.Popen([program, "-c", config_dir], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        preexec_fn=netns.die_with_parent)

    def ask(self, packet, device, state, **more):
        """The evaluator's answer about a packet before it enters the router by a device."""
        line = {"src": packet.src, "dst": packet.dst, "proto": packet.proto, "id": packet.id,
                "ttl": packet.ttl, "dscp": packet.dscp, "length": len(wire.build(packet)),
                "ct_state": state, **{k: v for k, v in more.items() if v is not None}}
        if packet.has_ports():
            line.update(sport=packet.sport, dport=packet.dport)
        if packet.proto == wire.TCP:
            line["flags"] = packet.flags
            if packet.mss is not None:
                line["mss"] = packet.mss
        if packet.is_icmp():
            line.update(icmp_type=packet.icmp_type, icmp_code=packet.icmp_code)
        if device is not None:
            line["iif"] = device
            line["mac"] = packet.mac or lab.lab_mac(lab.DEVICES.index(device), 255)
        return self._exchange(line)

    def _exchange(self, line):
        try:
            self.process.stdin.write(json.dumps(line) + "\n")
            self.process.stdin.flush()
            text = self.process.stdout.readline()
        except BrokenPipeError:
            text = ""
        if not text:
            raise RuntimeError(f"evalpackets stopped: {self.process.stderr.read()}")
        reply = json.loads(text)
        if "error" in reply:
            raise RuntimeError(f"evalpackets: {reply['error']}: {line}")
        return reply

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.stderr.close()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


# fields of an accepted packet, as both sides name them
FIELDS = ("src", "dst", "sport", "dport", "dscp", "ttl", "mark", "mss")


def kernel_fields(outcome):
    """The same fields of what the lab has seen."""
    p = outcome.packet
    fields = {name: getattr(p, name) for name in FIELDS if name != "mark"}
    fields["mark"] = outcome.mark
    return fields
