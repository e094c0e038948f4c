# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual's section 2: General Settings."""
from lab import ADMIN, PORT
from spec import (ACK, FIN, PSH, RST, SYNACK, URG, answer, case, defaults, follow, forwarding, icmp,
                  ping, proto, rule, tcp, udp, zones)

LAN_TO_WAN = forwarding("lan", "wan")

# ---- Drop invalid packets ----


def out_of_state(verdict):
    """Packets that belong to no connection and cannot begin one, and some of a connection."""
    connection = tcp("lan.10", "inet.7", dport=80).accept()
    hello = answer(connection).accept(state="established")
    return [
        tcp("lan.10", "inet.7", dport=443, flags=ACK).accept(),  # tracking picks it up
        verdict(tcp("lan.10", "inet.7", flags=SYNACK)),
        verdict(tcp("lan.10", "inet.7", flags=FIN)),
        verdict(tcp("lan.10", "inet.7", flags=RST)),
        verdict(tcp("lan.10", "inet.7", flags=0)),
        verdict(tcp("lan.10", "inet.7", flags=FIN | PSH | URG)),
        verdict(icmp("lan.10", "inet.7", (3, 1), (1, 3))),
        connection, hello,
        follow(connection).accept(state="established"),
        # far outside the window of a connection that exists
        verdict(follow(connection, seq=2**31, ct="invalid")),
    ]


case("drop_invalid on: packets out of state are dropped when forwarded",
     fields=["2 Drop invalid packets"],
     config=defaults(drop_invalid="1") + zones() + LAN_TO_WAN,
     packets=out_of_state(lambda p: p.drop()))

case("drop_invalid off: packets out of state are forwarded like others",
     fields=["2 Drop invalid packets"], config=defaults(drop_invalid="0") + zones() + LAN_TO_WAN,
     packets=out_of_state(lambda p: p.accept(state="invalid")))

case("drop_invalid absent is off", fields=["2 Drop invalid packets"],
     config=defaults() + zones() + LAN_TO_WAN,
     packets=out_of_state(lambda p: p.accept(state="invalid")))

case("drop_invalid on: before any rule, to the router and from it",
     fields=["2 Drop invalid packets"],
     config=defaults(drop_invalid="1") + zones() + rule(src="wan", proto="tcp", dest_port="22",
                                                        target="ACCEPT"),
     packets=[
         tcp("inet.7", "router", dport=22).accept("r"),
         tcp("inet.7", "router", dport=22, flags=SYNACK).drop(),
         tcp("inet.7", "router", dport=22, flags=FIN).drop(),
         tcp("router", "inet.7", dport=22, flags=SYNACK).drop(),
         tcp("router", "inet.7", dport=22).accept(),
     ])

case("drop_invalid off: a rule may accept a packet out of state",
     fields=["2 Drop invalid packets"],
     rules=rule(src="wan", proto="tcp", dest_port="22", target="ACCEPT"), packets=[
         tcp("inet.7", "router", dport=22, flags=SYNACK).accept("r", state="invalid"),
         tcp("inet.7", "router", dport=23, flags=SYNACK).reject(),
         # an ACCEPT policy covers only what begins something
         tcp("lan.10", "router", dport=22, flags=SYNACK).reject(),
         tcp("lan.10", "router", dport=22).accept("lan"),
     ])

# ---- Input, Output, Forward: for what no zone decides ----

# tun_1 is in no zone


def policy_case(option, value, packets, note=""):
    name = {"input": "Input", "output": "Output", "forward": "Forward"}[option]
    case(f"{option} {value}{note}", fields=[f"2 {name}"],
         config=defaults(**{option: value}) + zones(), packets=packets)


policy_case("input", "ACCEPT", [
    tcp("vpn.5", "router").accept(), udp("vpn.5", "router").accept(),
    ping("vpn.5", "router").accept(), tcp("inet.7", "router").reject("wan")])
policy_case("input", "REJECT", [
    tcp("vpn.5", "router").reject(), udp("vpn.5", "router").reject(),
    ping("vpn.5", "router").reject(), proto(47, "vpn.5", "router").reject(),
    tcp("lan.5", "router").accept("lan")])
policy_case("input", "DROP", [
    tcp("vpn.5", "router").drop(), udp("vpn.5", "router").drop(), ping("vpn.5", "router").drop(),
    tcp("lan.5", "router").accept("lan")])
policy_case("input", "drop", [tcp("vpn.5", "router").drop()], note=" in small letters")

policy_case("output", "ACCEPT", [
    tcp("router", "vpn.5").accept(), udp("router", "vpn.5").accept(),
    ping("router", "vpn.5").accept()])
policy_case("output", "REJECT", [
    tcp("router", "vpn.5").reject(), udp("router", "vpn.5").reject(),
    tcp("router", "inet.5").accept("wan")])
policy_case("output", "DROP", [
    tcp("router", "vpn.5").drop(), udp("router", "vpn.5").drop(),
    tcp("router", "inet.5").accept("wan")])

policy_case("forward", "ACCEPT", [
    tcp("vpn.5", "inet.7").accept(), udp("lan.5", "vpn.7").accept(),
    tcp("dmz.5", "lan.7").accept()])
policy_case("forward", "REJECT", [
    tcp("vpn.5", "inet.7").reject(), udp("lan.5", "vpn.7").reject(),
    ping("dmz.5", "lan.7").reject(), tcp("lan.5", "lan.7").accept("lan")])
policy_case("forward", "DROP", [
    tcp("vpn.5", "inet.7").drop(), udp("lan.5", "vpn.7").drop(), ping("dmz.5", "lan.7").drop(),
    tcp("lan.5", "lan.7").accept("lan")])

case("answers to what was allowed pass every policy",
     fields=["2 Input", "2 Output", "2 Forward"],
     config=defaults(input="DROP", output="DROP", forward="DROP") + zones(wan={
         "input": "DROP", "output": "ACCEPT", "forward": "DROP"}) + LAN_TO_WAN,
     packets=[
         a := tcp("lan.10", "inet.7").accept(), answer(a).accept(state="established"),
         b := udp("router", "inet.7").accept("wan"), answer(b).accept(state="established"),
         c := ping("router", "inet.7").accept("wan"), answer(c).accept(state="established"),
         tcp("inet.7", "lan.10").drop(), udp("inet.7", "router").drop("wan"),
     ])

case("the loopback of the router is never filtered", fields=["2 Input", "2 Output"],
     config=defaults(input="DROP", output="DROP", forward="DROP") + zones(),
     packets=[udp("router.wan", "router.wan", dport=53).accept(),
              tcp("router.lan", "router.wan", dport=22).accept(),
              udp("router", "vpn.7", dport=53).drop()])

# ---- what a rejection answers with ----

case("reject codes: port unreachable for TCP, prohibited for the rest",
     config=defaults(tcp_reject_code="port-unreach", any_reject_code="adm-prohibited") + zones(),
     packets=[tcp("inet.7", "router").reject("wan", with_=PORT),
              udp("inet.7", "router").reject("wan", with_=ADMIN),
              tcp("lan.7", "dmz.5").reject(with_=PORT), udp("lan.7", "dmz.5").reject(with_=ADMIN)])

case("reject codes: prohibited for TCP",
     config=defaults(tcp_reject_code="adm-prohibited") + zones(),
     packets=[tcp("inet.7", "router").reject("wan", with_=ADMIN),
              udp("inet.7", "router").reject("wan", with_=PORT)])

# ---- Automatic helper assignment ----

TFTP = {"dport": 69, "before": b"\0\1boot\0octet\0"}


def tftp_transfer(helper):
    """A read request; the server answers from a port of its own, which only the helper expects."""
    request = udp("lan.10", "inet.7", sport=3000, **TFTP).accept(helper=helper)
    reply = udp("inet.7", "lan.10", sport=4444, dport=3000, ct="related" if helper else None)
    return [request, reply.accept(state="related") if helper else reply.reject(),
            udp("inet.7", "lan.10", sport=4444, dport=3001).reject()]


case("auto_helper on: a transfer that needs a helper works",
     fields=["2 Automatic helper assignment"],
     config=defaults(auto_helper="1") + zones() + LAN_TO_WAN, packets=tftp_transfer("tftp"))

case("auto_helper off: no helper", fields=["2 Automatic helper assignment"],
     config=defaults(auto_helper="0") + zones() + LAN_TO_WAN, packets=tftp_transfer(""))

case("auto_helper on: not in a zone with masquerading",
     fields=["2 Automatic helper assignment"],
     config=defaults(auto_helper="1") + zones(lan={"masq": "1"}) + LAN_TO_WAN,
     packets=tftp_transfer(""))

case("auto_helper on: every protocol's own port", fields=["2 Automatic helper assignment"],
     config=defaults(auto_helper="1") + zones() + LAN_TO_WAN, packets=[
         tcp("lan.10", "inet.7", dport=21).accept(helper="ftp"),
         tcp("lan.10", "inet.7", dport=6667).v4.accept(helper="irc"),
         udp("lan.10", "inet.7", dport=5060).accept(helper="sip"),
         tcp("lan.10", "inet.7", dport=1723).v4.accept(helper="pptp"),
         udp("lan.10", "inet.7", dport=10080).accept(helper="amanda"),
         tcp("lan.10", "inet.7", dport=22).accept(helper=""),
         udp("lan.10", "inet.7", dport=21).accept(helper=""),
     ])

# ---- Offloading ----

case("flow_offloading: connections work with it, accelerated or not",
     fields=["2.1 Software flow offloading"],
     config=defaults(flow_offloading="1") + zones(wan={"masq": "1"}) + LAN_TO_WAN, packets=[
         a := tcp("lan.10", "inet.7").v4.accept(src="router.wan"),
         answer(a).accept(), follow(a).accept(src="router.wan"),
         tcp("inet.7", "lan.10").reject()])
