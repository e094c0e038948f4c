# SPDX-License-Identifier: GPL-2.0-or-later
"""Conntrack helpers: which connections get one, and that protocols that need one work through NAT.

The last part runs small real clients and servers (tests/packet/apps) on hosts with an IP stack.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "apps"))

import hosts  # noqa: E402
from hosts import ADDRESS, FAR, HOME, ROUTER, needs_helper, talk  # noqa: E402
from spec import case, defaults, forwarding, rule, section, tcp, udp, zone, zones  # noqa: E402

AUTO, LIST = "2 Automatic helper assignment", "2.2.2 Conntrack helpers"
OUT = forwarding("lan", "wan") + forwarding("dmz", "wan")

# name, protocol, port, whether IPv6 has it
KNOWN = (("amanda", udp, 10080, True), ("ftp", tcp, 21, True), ("RAS", udp, 1719, True),
         ("Q.931", tcp, 1720, True), ("irc", tcp, 6667, False), ("netbios-ns", udp, 137, False),
         ("pptp", tcp, 1723, False), ("sane", tcp, 6566, True), ("sip", udp, 5060, True),
         ("snmp", udp, 161, False), ("tftp", udp, 69, True))


def kept(make, frm, to, port, helper, six=True, **changes):
    p = make(frm, to, dport=port).accept(helper=helper, **changes)
    return p if six else p.v4


def need(make, name):
    return needs_helper(name, "tcp" if make is tcp else "udp")


def auto(on="1", **lan):
    return defaults(auto_helper=on) + zones(wan={"masq": "1"}, lan=lan) + OUT


# ---- automatic assignment ----

HIDDEN = {"src": "router.wan"}
for name, make, port, six in KNOWN:
    # under NAT the SNMP helper drops what is no SNMP, as our packets are not
    to, hidden = ("inet.7", HIDDEN) if name != "snmp" else ("dmz.7", {})
    case(f"helper {name}: by itself in zones without masquerading", fields=[AUTO],
         config=auto() + forwarding("lan", "dmz") + forwarding("guest", "dmz") +
         forwarding("guest", "wan"), packets=[
             need(make, name), kept(make, "lan.10", to, port, name, **hidden).v4,
             *([kept(make, "lan.10", to, port, name).v6] if six else []),
             kept(make, "lan.10", to, port + 1, "", **hidden).v4,
             kept(make, "guest.10", to, port, name, **hidden).v4])
case("helper of SIP over TCP", fields=[AUTO], config=auto(), packets=[
    needs_helper("sip", "tcp"), kept(tcp, "lan.10", "inet.7", 5060, "sip", **HIDDEN).v4,
    kept(tcp, "lan.10", "inet.7", 5060, "sip").v6, kept(tcp, "lan.10", "inet.7", 5061, "").v6])
case("helpers are assigned when nothing is said", fields=[AUTO], config=auto(None), packets=[
    need(tcp, "ftp"), kept(tcp, "lan.10", "inet.7", 21, "ftp", **HIDDEN).v4,
    kept(tcp, "lan.10", "inet.7", 22, "").v6])
case("automatic helpers off: none", fields=[AUTO], config=auto("0"), packets=[
    kept(tcp, "lan.10", "inet.7", 21, "", **HIDDEN).v4, kept(tcp, "lan.10", "inet.7", 21, "").v6,
    kept(udp, "lan.10", "inet.7", 69, "").v6])
case("automatic helpers off in one zone", config=auto(auto_helper="0"), packets=[
    need(tcp, "ftp"), kept(tcp, "lan.10", "inet.7", 21, "").v6,
    kept(tcp, "dmz.10", "inet.7", 21, "ftp").v6])
case("automatic helpers: not from a masquerading zone, nor towards it by the router",
     fields=[AUTO], config=auto() + rule("r", src="wan", dest="lan", proto="tcp", target="ACCEPT") +
     forwarding("wan", "dmz"), packets=[
         need(tcp, "ftp"), kept(tcp, "inet.7", "lan.10", 21, "").v6,
         kept(tcp, "router", "inet.7", 21, ""), kept(tcp, "router", "lan.10", 21, "ftp")])
case("automatic helpers: a zone's own list takes their place", fields=[AUTO, LIST],
     config=auto(helper=["tftp"]), packets=[
         need(udp, "tftp"), kept(udp, "lan.10", "inet.7", 69, "tftp").v6,
         kept(tcp, "lan.10", "inet.7", 21, "").v6, kept(tcp, "dmz.10", "inet.7", 21, "ftp").v6])

# ---- lists, rules, forwards ----

case("a zone's list, whatever the case of the names", fields=[LIST], config=defaults() + zones(
    lan={"helper": "FTP q.931"}) + OUT, packets=[
        need(tcp, "ftp"), need(tcp, "Q.931"), kept(tcp, "lan.10", "inet.7", 21, "ftp"),
        kept(tcp, "lan.10", "inet.7", 1720, "Q.931"), kept(tcp, "lan.10", "inet.7", 1723, "")])
case("a zone's list, for what the router sends there too", fields=[LIST], config=defaults() + zones(
    wan={"helper": ["ftp"], "masq": "1"}), packets=[
        need(tcp, "ftp"), kept(tcp, "router", "inet.7", 21, "ftp"),
        kept(tcp, "router", "inet.7", 22, ""), kept(tcp, "router", "dmz.7", 21, "")])
case("a helper that no kernel here has is left out", fields=[LIST],
     config=defaults() + zones(lan={"helper": ["rtsp", "ftp"]}) + OUT, warning="helper-unavailable",
     packets=[need(tcp, "ftp"), kept(tcp, "lan.10", "inet.7", 554, ""),
              kept(tcp, "lan.10", "inet.7", 21, "ftp")])
for name, make, port, six in KNOWN:
    word = "tcp" if make is tcp else "udp"
    case(f"helper {name}: by a rule, on a port of its own", config=defaults() + zones() + OUT + rule(
        "h", src="lan", proto=word, dest_port="9999", target="HELPER", set_helper=name), packets=[
            need(make, name), kept(make, "lan.10", "inet.7", 9999, name, six),
            kept(make, "lan.10", "inet.7", 9998, "", six),
            kept(make, "dmz.10", "inet.7", 9999, "", six)])
    case(f"helper {name}: of a forward", config=defaults() + zones() + section(
        "redirect", name="f", src="wan", dest="lan", proto=word, src_dport="9999", dest_port="99",
        dest_ip="192.168.1.10", target="DNAT", helper=name) + section(
        "redirect", name="g", src="wan", dest="lan", proto=word, src_dport="8888",
        dest_ip="192.168.1.10", target="DNAT"), packets=[
            need(make, name),
            kept(make, "inet.7", "router", 9999, name, dst="lan.10", dport=99).v4,
            *([] if name == "snmp" else [kept(make, "lan.20", "router.wan", 9999, name,
                                              dst="lan.10", dport=99, src="router.lan").v4]),
            kept(make, "inet.7", "router", 8888, "", dst="lan.10").v4])
FORWARD = {"name": "f", "src": "wan", "dest": "lan", "proto": "tcp udp",
           "dest_ip": "192.168.1.10", "target": "DNAT"}


def automatic(name, port, helper, on="1", **options):
    case(name, config=auto(on) + section("redirect", **FORWARD, **options), packets=[
        need(tcp, "ftp"), need(udp, "tftp"),
        *(kept(make, "inet.7", "router", port, h, dst="lan.10",
               dport=int(options.get("dest_port", port))).v4
          for make, h in ((tcp, helper if helper == "ftp" else ""),
                          (udp, helper if helper == "tftp" else "")))])


automatic("a forward to FTP's port gets its helper", 2121, "ftp", src_dport="2121", dest_port="21")
automatic("a forward of FTP's port gets its helper", 21, "ftp", src_dport="21")
automatic("a forward of TFTP's port gets its helper", 69, "tftp", src_dport="69")
automatic("a forward of FTP's port to another gets none", 21, "", src_dport="21", dest_port="22")
automatic("a forward of a range gets no helper", 21, "", src_dport="20-21")
automatic("a forward to FTP's port gets no helper when they are off", 21, "", "0", src_dport="21")

# ---- real clients and servers ----


def real(name, packets, rules="", auto="1", lists=None, home=None):
    """A home network behind masquerading, and the far host."""
    def config():
        hosts.ready()
        return defaults(auto_helper=auto, drop_invalid="1") + zone(
            "home", network=["home"], input="ACCEPT", output="ACCEPT", forward="REJECT",
            helper=lists, **(home or {})) + zone(
            "far", network=["far"], input="REJECT", output="ACCEPT", forward="REJECT",
            masq="1") + rules
    case(name, packets, config=config, network=hosts.NETWORK, deliver=True, ask_evaluator=False,
         fields=[AUTO] if auto == "1" and not lists else [LIST] if lists else [])


def permit(port, proto):
    """Only the protocol's own port: every further connection is let through as related."""
    return rule("p", src="home", dest="far", proto=proto, dest_port=port, target="ACCEPT")


def inside(port, proto, **options):
    return "".join(section("redirect", name=f"f{i}", src="far", dest="home", proto=proto,
                           src_dport=port, dest_ip=ADDRESS[HOME][i], target="DNAT", **options)
                   for i in range(2))


FTP, TFTP = needs_helper("ftp", "tcp"), needs_helper("tftp", "udp")
IRC, SIP = needs_helper("irc", "tcp"), needs_helper("sip", "udp")

for six in (0, 1):
    label = ("IPv4", "IPv6")[six]
    for mode in ("passive", "active"):
        at_far = ((FAR, "ftp.py", "serve", 21), (HOME, "ftp.py", "fetch", ADDRESS[FAR][six], 21, mode))
        real(f"FTP, {mode}, {label}: from home", [FTP, talk(*at_far, True)], permit(21, "tcp"))
        real(f"FTP, {mode}, {label}: from home, by the zone's list",
             [FTP, talk(*at_far, True)], permit(21, "tcp"), auto="0", lists=["ftp"])
        real(f"FTP, {mode}, {label}: from home, without helper, does not work",
             [talk(*at_far, False)], permit(21, "tcp"), auto="0")
        at_home = (HOME, "ftp.py", "serve", 21)
        from_far = (FAR, "ftp.py", "fetch", ADDRESS[ROUTER][six])
        real(f"FTP, {mode}, {label}: a server at home", [
            FTP, talk(at_home, (*from_far, 21, mode), True)], inside(21, "tcp"))
        real(f"FTP, {mode}, {label}: a server at home, by another outside port", [
            FTP, talk(at_home, (*from_far, 2121, mode), True)], inside(2121, "tcp", dest_port=21))
        real(f"FTP, {mode}, {label}: a server at home on another port, its helper named", [
            FTP, talk((HOME, "ftp.py", "serve", 2100), (*from_far, 2121, mode), True)],
            inside(2121, "tcp", dest_port=2100, helper="ftp"), auto="0")
        real(f"FTP, {mode}, {label}: a server at home, without helper, does not work", [
            talk(at_home, (*from_far, 21, mode), False)], inside(21, "tcp"), auto="0")
    at_far = ((FAR, "tftp.py", "serve", 69), (HOME, "tftp.py", "fetch", ADDRESS[FAR][six], 69))
    at_home = ((HOME, "tftp.py", "serve", 69), (FAR, "tftp.py", "fetch", ADDRESS[ROUTER][six], 69))
    real(f"TFTP, {label}: from home", [TFTP, talk(*at_far, True)], permit(69, "udp"))
    real(f"TFTP, {label}: from home, without helper, does not work", [talk(*at_far, False)],
         permit(69, "udp"), auto="0")
    real(f"TFTP, {label}: from home, by a rule", [TFTP, talk(*at_far, True)], permit(
        69, "udp") + rule("h", src="home", proto="udp", dest_port="69", target="HELPER",
                          set_helper="tftp"), auto="0")
    real(f"TFTP, {label}: a server at home", [TFTP, talk(*at_home, True)], inside(69, "udp"))
    real(f"TFTP, {label}: a server at home, without helper, does not work", [
        talk(*at_home, False)], inside(69, "udp"), auto="0")

    family = (4, 6)[six]
    call = ((FAR, "sip.py", "answer", 5060, family), (HOME, "sip.py", "call", ADDRESS[FAR][six], 5060))
    back = ((HOME, "sip.py", "answer", 5060, family),
            (FAR, "sip.py", "call", ADDRESS[ROUTER][six], 5060))
    real(f"SIP, {label}: a call from home", [SIP, talk(*call, True)], permit(5060, "udp"))
    real(f"SIP, {label}: a call from home, without helper, has no sound", [talk(*call, False)],
         permit(5060, "udp"), auto="0")
    real(f"SIP, {label}: a call to a phone at home", [SIP, talk(*back, True)], inside(5060, "udp"))
    real(f"SIP, {label}: a call to a phone at home, without helper, has no sound", [
        talk(*back, False)], inside(5060, "udp"), auto="0")

dcc = ((FAR, "irc.py", "serve", 6667), (HOME, "irc.py", "offer", ADDRESS[FAR][0], 6667))
real("IRC, DCC: a file offered from home", [IRC, talk(*dcc, True)], permit(6667, "tcp"))
real("IRC, DCC: a file offered from home, without helper, cannot be fetched",
     [talk(*dcc, False)], permit(6667, "tcp"), auto="0")
