# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual's section 6: Attack Prevention."""
from spec import (ACK, FIN, PSH, RST, SYN, URG, Action, case, defaults, forwarding, icmp, rule,
                  tcp, udp, zones)

SSH = rule("ssh", src="wan", proto="tcp", dest_port="22", target="ACCEPT")


def syn(host="inet.7", **more):
    return tcp(host, "router", dport=22, **more).v4


# ---- SYN flood ----

def syn_flood(name, fields, packets, more="", families=(), **options):
    case(name, fields=[f"6.1 {f}" for f in fields], families=families,
         config=defaults(**options) + zones() + SSH + more, packets=packets)


syn_flood("SYN flood on: the burst passes, the rest is dropped",
          ["Enable SYN flood protection", "SYN flood rate", "SYN flood burst"], [
              *(syn().accept("ssh") for _ in range(4)), *(syn().drop() for _ in range(3)),
              # each sender for itself; other packets are none of its business
              syn("inet.8").accept("ssh"), syn(flags=ACK).accept("ssh"),
              udp("inet.7", "router").v4.reject("wan")],
          syn_flood="1", synflood_rate="1/minute", synflood_burst="4")
syn_flood("SYN flood off", ["Enable SYN flood protection"], [
    *(syn().accept("ssh") for _ in range(60))], syn_flood="0")
syn_flood("SYN flood on, the device's values when none are given", ["SYN flood burst"], [
    *(syn().accept() for _ in range(45)), *(syn() for _ in range(30)), syn().drop()],
    syn_flood="1")
syn_flood("SYN flood: one bucket for all when asked", ["Enable SYN flood protection"], [
    *(syn(f"inet.{n}").accept("ssh") for n in range(4)), syn("inet.9").drop()],
    syn_flood="1", synflood_rate="1/minute", synflood_burst="4", synflood_per_source="0")
syn_flood("SYN flood: by its other name", ["Enable SYN flood protection"], [
    *(syn().accept("ssh") for _ in range(2)), syn().drop()],
    synflood_protect="1", synflood_rate="1/minute", synflood_burst="2")
syn_flood("SYN flood: IPv6, a bucket of its own", ["Enable SYN flood protection"], [
    *(tcp("inet.7", "router", dport=22).v6.accept("ssh") for _ in range(2)),
    tcp("inet.7", "router", dport=22).v6.drop(), syn().accept("ssh")],
    syn_flood="1", synflood_rate="1/minute", synflood_burst="2")
syn_flood("SYN flood: not what is forwarded", ["Enable SYN flood protection"], [
    *(tcp("lan.10", "inet.7").v4.accept() for _ in range(6))], forwarding("lan", "wan"),
    syn_flood="1", synflood_rate="1/minute", synflood_burst="2")


def cookies(value):
    def check(_lab):
        with open("/proc/sys/net/ipv4/tcp_syncookies") as f:
            if f.read().strip() != value:
                raise ValueError(f"tcp_syncookies is not {value}")
    return Action(f"cookies {value}", check)


syn_flood("TCP SYN cookies on", ["TCP SYN cookies"], [cookies("1")], tcp_syncookies="1",
          families=(4, 6))
syn_flood("TCP SYN cookies off", ["TCP SYN cookies"], [cookies("0")], tcp_syncookies="0",
          families=(4, 6))
syn_flood("TCP SYN cookies when nothing is said", ["TCP SYN cookies"], [cookies("1")])

# ---- Remote ICMP requests ----

PING = {"src": "wan", "proto": "icmp", "icmp_type": "echo-request", "family": "ipv4",
        "target": "ACCEPT"}


def echo(host="inet.7", to="router"):
    return icmp(host, to, 8)


def icmp_case(name, fields, packets, **options):
    case(name, fields=[f"6.2 {f}" for f in fields], rules=rule("Allow-Ping", **PING, **options),
         packets=packets)


icmp_case("ICMP requests on", ["Enable ICMP requests"], [
    *(echo().accept("Allow-Ping") for _ in range(20)), icmp("inet.7", "router", 13).reject("wan")])
icmp_case("ICMP requests off", ["Enable ICMP requests"], [echo().reject("wan")], enabled="0")
LIMIT = ["Enable ICMP limit", "Limit period", "Limit", "Limit burst"]
for period in ("second", "minute", "hour", "day"):
    icmp_case(f"ICMP limit, of one {period}", LIMIT, [
        *(echo().accept("Allow-Ping") for _ in range(3)), *(echo().drop() for _ in range(3)),
        echo("inet.8").accept("Allow-Ping"),           # another sender
        echo("lan.10").accept("lan"), echo("lan.10").accept("lan"), echo("lan.10").accept("lan"),
        echo("lan.10").accept("lan")], icmp_limit="1", limit=f"1/{period}", limit_burst="3")
icmp_case("ICMP limit: the manual's values when none are given", LIMIT, [
    *(echo().accept() for _ in range(10)), *(echo() for _ in range(10)), echo().drop()],
    icmp_limit="1")
icmp_case("ICMP limit: a running ping counts each request", ["Limit"], [
    a := icmp("inet.7", "router", 8, icmp_id=77).accept("Allow-Ping"),
    icmp("inet.7", "router", 8, icmp_id=77).accept("Allow-Ping"),
    icmp("inet.7", "router", 8, icmp_id=77).drop()],
    icmp_limit="1", limit="1/hour", limit_burst="2")
icmp_case("ICMP limit off", ["Enable ICMP limit"], [
    *(echo().accept("Allow-Ping") for _ in range(8))], icmp_limit="0", limit="1/hour",
    limit_burst="2")

# ---- SSH, HTTP, HTTPS ----

for page, title, flag, port in ((3, "SSH", "ssh_limit", 22), (4, "HTTP", "http_limit", 80),
                                (5, "HTTPS", "https_limit", 443)):
    rule_name = f"Enable_{title}_WAN"

    def limited(name, fields, packets, **options):
        case(name, fields=[f"6.{page} {f}" for f in fields], rules=rule(
            rule_name, src="wan", proto="tcp", dest_port=port, target="ACCEPT", **options),
            packets=packets)

    def connect(host="inet.7"):
        return tcp(host, "router", dport=port).v4

    on = {flag: "1"}
    for period in ("second", "minute", "hour", "day"):
        limited(f"{title} limit, of one {period}", [
            f"Enable {title} limit", "Limit period", "Limit", "Limit burst"], [
                *(connect().accept(rule_name) for _ in range(3)),
                *(connect().drop() for _ in range(2)), connect("inet.8").accept(rule_name),
                tcp("inet.7", "router", dport=port + 1).v4.reject("wan")],
            limit=f"1/{period}", limit_burst="3", **on)
    limited(f"{title} limit off", [f"Enable {title} limit"], [
        *(connect().accept(rule_name) for _ in range(8))],
        limit="1/hour", limit_burst="2", **{flag: "0"})
    limited(f"{title} limit and no access at all", [f"Enable {title} limit"], [
        connect().reject("wan")], limit="1/hour", limit_burst="2", enabled="0", **on)

# ---- flags that no honest sender sets ----

HONEST = [tcp("inet.7", "router", dport=22).accept("ssh"),
          tcp("inet.7", "router", dport=22, flags=ACK).accept("ssh")]
FLAGS = (("syn_fin", "SYN-FIN attack", SYN | FIN), ("syn_rst", "SYN-RST attack", SYN | RST),
         ("x_max", "X-Mas attack", FIN | PSH | URG), ("nmap_fin", "FIN scan", FIN),
         ("null_flags", "NULLflags attack", 0))
for option, field, flags in FLAGS:
    bad = [tcp(frm, to, dport=22, flags=flags)
           for frm, to in (("inet.7", "router"), ("lan.10", "inet.7"))]
    others = [tcp("lan.10", "inet.7", dport=22, flags=f) for o, _, f in FLAGS if o != option]
    case(f"{field} on", fields=[f"6.6 {field}"], config=defaults(**{option: "1"}) + zones() + SSH +
         forwarding("lan", "wan"),
         packets=[*(p.drop() for p in bad), *HONEST, *(p.accept() for p in others)])
    bad = [tcp("lan.10", "inet.7", dport=22, flags=flags)]
    case(f"{field} off", fields=[f"6.6 {field}"], config=defaults(**{option: "0"}) + zones() + SSH +
         forwarding("lan", "wan"), packets=[*(p.accept() for p in bad), *HONEST])

# ---- port scan ----


def scan(count, host="inet.7", start=1000):
    return [tcp(host, "router", dport=start + n).v4 for n in range(count)]


def port_scan(name, fields, packets, **options):
    case(name, fields=[f"6.6 {f}" for f in fields], config=defaults() + zones(wan=options) + SSH,
         packets=packets, ask_evaluator=False)


port_scan("port scan on: a scanner is banned, others are not", ["Enable", "Scan count", "Interval"], [
    syn().accept("ssh"), *(p.reject("wan") for p in scan(4)), syn().accept("ssh"),
    *scan(6, start=2000), syn().drop(), udp("inet.7", "router").v4.drop(),
    syn("inet.8").accept("ssh")], port_scan="1", hitcount="5", seconds="60")
port_scan("port scan: visits to an open service never count", ["Enable"], [
    *(syn().accept("ssh") for _ in range(30)), syn().accept("ssh")],
    port_scan="1", hitcount="5", seconds="60")
port_scan("port scan: IPv6", ["Enable"], [
    *(tcp("inet.7", "router", dport=1000 + n).v6 for n in range(10)),
    tcp("inet.7", "router", dport=22).v6.drop(), syn().accept("ssh")],
    port_scan="1", hitcount="5", seconds="60")
port_scan("port scan off", ["Enable"], [
    *(p.reject("wan") for p in scan(20)), syn().accept("ssh")], port_scan="0")
port_scan("port scan: senders that are never banned", ["Enable"], [
    *scan(20), syn().accept("ssh"), *scan(20, "inet.8"), syn("inet.8").drop()],
    port_scan="1", hitcount="5", seconds="60", port_scan_allow=["203.0.113.7"])
