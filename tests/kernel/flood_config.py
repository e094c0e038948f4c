#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Floods a router whose two configurations, compiled from real sections, take turns.

Arguments: the zonewall program, the flood program, the facts file, and options for flood. Zones,
verdict maps, NAT, sets and attack prevention change with every reload; one UDP port is permitted
in both, another in neither.
"""
import pathlib
import subprocess
import sys
import tempfile

ZONEWALL, FLOOD, FACTS = sys.argv[1:4]
FORBIDDEN, PERMITTED = "9000", "7000"

COMMON = """config defaults
\toption input 'REJECT'
\toption output 'ACCEPT'
\toption forward 'DROP'
config zone
\toption name 'lan'
\toption network 'lan'
\toption input 'ACCEPT'
\toption output 'ACCEPT'
\toption forward 'ACCEPT'
config zone
\toption name 'wan'
\toption network 'wan wan6'
\toption input 'REJECT'
\toption output 'ACCEPT'
\toption forward 'REJECT'
\toption masq '1'
\toption mtu_fix '1'
config forwarding
\toption src 'lan'
\toption dest 'wan'
config rule
\toption name 'permitted'
\toption src 'wan'
\toption dest 'lan'
\toption proto 'udp'
\toption dest_port '%s'
\toption target 'ACCEPT'
""" % PERMITTED

VARIANTS = (COMMON + """config rule
\toption name 'blocked'
\toption src 'wan'
\toption dest '*'
\toption proto 'udp'
\toption dest_port '%s'
\toption target 'DROP'
config ipset
\toption name 'friends'
\toption match 'src_net'
\tlist entry '203.0.113.0/24'
config rule
\toption src 'wan'
\toption dest 'lan'
\toption proto 'udp'
\toption ipset 'friends'
\toption target 'ACCEPT'
config redirect
\toption src 'wan'
\toption dest 'lan'
\toption proto 'udp'
\toption src_dport '5000'
\toption dest_ip '192.168.1.10'
""" % FORBIDDEN, COMMON.replace("forward 'DROP'", "forward 'REJECT'") + """config zone
\toption name 'dmz'
\toption network 'dmz'
\toption input 'REJECT'
\toption output 'ACCEPT'
\toption forward 'REJECT'
config zone
\toption name 'vpn'
\toption device 'tun_+'
\toption input 'ACCEPT'
\toption output 'ACCEPT'
\toption forward 'ACCEPT'
config forwarding
\toption src 'lan'
\toption dest 'dmz'
config rule
\toption src 'wan'
\toption proto 'udp'
\toption dest_port '1-8999'
\toption target 'ACCEPT'
""")


def main():
    with tempfile.TemporaryDirectory() as folder:
        arguments = []
        for number, text in enumerate(VARIANTS):
            config = pathlib.Path(folder, str(number))
            config.mkdir()
            (config / "firewall").write_text(text)
            shown = subprocess.run([ZONEWALL, "-c", str(config), "--facts", FACTS, "show", "--stage",
                                    "ir"], check=True, stdout=subprocess.PIPE).stdout
            (config / "ir").write_bytes(shown)
            arguments += ["--ir", str(config / "ir")]
        done = subprocess.run([FLOOD, *arguments, "--in", "eth0", "--out", "br-lan", "--forbidden",
                               FORBIDDEN, "--permitted", PERMITTED, *sys.argv[4:]], check=False)
        return done.returncode


sys.exit(main())
