# SPDX-License-Identifier: GPL-2.0-or-later
"""Fields of the manual that the cases of their pages do not show, or in one family only."""
import os

from spec import (Action, answer, case, defaults, follow, forwarding, pause, ping, rule, section,
                  tcp, udp, zones)

OPEN = forwarding("lan", "wan")
SNAT = {"src": "wan.99"}  # 198.51.100.99 and 2001:db8:100::99

# ---- 2.1 Offloading: what passes, and how, is the same with it and without ----


def through(word, **offload):
    """Connections of every kind through the router, in both families."""
    packets = []
    for make, hidden in ((tcp, True), (udp, True), (ping, True)):
        first = make("lan.10", "inet.7").accept(src="router.wan")
        packets += [first, answer(first).accept(state="established")]
        packets += [p for _ in range(3) for p in (
            follow(first).accept(src="router.wan"), answer(first).accept(state="established"))]
    case(f"offloading {word}: the same traffic passes and is translated",
         fields=["2.1 Software flow offloading"],
         config=defaults(**offload) + zones(wan={"masq": "1", "masq6": "1"}) + OPEN,
         packets=packets + [tcp("inet.7", "lan.10").reject(), udp("inet.7", "lan.10").reject(),
                            tcp("guest.7", "inet.7").reject()])


through("off", flow_offloading="0")
through("on", flow_offloading="1")
through("not mentioned")

# ---- 2.2.2 Masquerading by destination, in both families ----

case("masquerading: destinations of both families",
     fields=["2.2.2 Restrict Masquerading to given destinations subnets"],
     config=defaults() + zones(wan={
         "masq": "1", "masq6": "1",
         "masq_dest": ["203.0.113.0/28", "!203.0.113.7", "2001:db8:203::/124",
                       "!2001:db8:203::7"]}) + OPEN, packets=[
         a := tcp("lan.10", "inet.8").accept(src="router.wan"), answer(a).accept(dst="lan.10"),
         tcp("lan.10", "inet.7").accept(), tcp("lan.10", "inet.99").accept()])

# ---- 4.3 and 5.2: what the Add buttons make, before and after it is switched on ----

for enabled in ("0", "1"):
    on = enabled == "1"
    word = "switched on" if on else "as it is made"
    case(f"Add New Forward Rule, {word}", fields=["4.3 Add"], rules=section(
        "rule", name="r", src="wan", dest="lan", target="ACCEPT", enabled=enabled, priority="20"),
        packets=[
            *(make("inet.7", "lan.10").accept("r") if on else make("inet.7", "lan.10").reject()
              for make in (tcp, udp)),
            # no protocol was chosen: TCP and UDP
            ping("inet.7", "lan.10").reject(), tcp("inet.7", "dmz.10").reject(),
            tcp("inet.7", "router").reject("wan")])
    for spelling, text in (
            ("nat", "".join(section("nat", name=f, enabled=enabled, priority="1", src="wan",
                                    src_zone="lan", target="SNAT", proto="all", snat_ip=to, family=f)
                            for f, to in (("ipv4", "198.51.100.99"), ("ipv6", "2001:db8:100::99")))),
            ("redirect", "".join(section("redirect", name=f, enabled=enabled, priority="1",
                                         src="lan", dest="wan", target="SNAT", proto="all",
                                         src_dip=to, family=f)
                                 for f, to in (("ipv4", "198.51.100.99"),
                                               ("ipv6", "2001:db8:100::99"))))):
        done = SNAT if on else {}
        case(f"Add New Source NAT ({spelling}), {word}", fields=["5.2 Add", "5.3 Enable"],
             config=defaults() + zones() + OPEN + forwarding("guest", "wan") + text, packets=[
                 a := tcp("lan.10", "inet.7").accept(**done), answer(a).accept(dst="lan.10"),
                 udp("lan.10", "inet.7").accept(**done), ping("lan.10", "inet.7").accept(**done),
                 tcp("guest.10", "inet.7").accept()])

# ---- 6.1 SYN flood: rate and burst, in both families ----


def syns(count, host="inet.7"):
    return [tcp(host, "router", dport=22) for _ in range(count)]


def all_of(packets, by=None):
    return [p.accept(by) for p in packets]


def none_of(packets):
    return [p.drop() for p in packets]


SSH = rule("ssh", src="wan", proto="tcp", dest_port="22", target="ACCEPT")
case("SYN flood: the burst, then the rate", fields=["6.1 SYN flood rate", "6.1 SYN flood burst"],
     config=defaults(syn_flood="1", synflood_rate="5/second", synflood_burst="10") + zones() + SSH,
     packets=[
         *all_of(syns(10)), *none_of(syns(3)), *all_of(syns(2, "inet.8")),
         pause(1.1),
         # five tokens have come back, and by no means ten
         *all_of(syns(5)), *syns(4), *none_of(syns(3))])
case("SYN flood: a slow rate brings nothing back at once", fields=["6.1 SYN flood rate"],
     config=defaults(syn_flood="1", synflood_rate="1/hour", synflood_burst="4") + zones() + SSH,
     packets=[
         *all_of(syns(4), "ssh"), *none_of(syns(1)), pause(1.1), *none_of(syns(2))])

# ---- 6.2 to 6.5 Limits: on and off, period, limit and burst, in both families ----

PAGES = (("2", "ICMP", "Allow-Ping", "icmp_limit", "Enable ICMP limit"),
         ("3", "SSH", "Enable_SSH_WAN", "ssh_limit", "Enable SSH limit"),
         ("4", "HTTP", "Enable_HTTP_WAN", "http_limit", "Enable HTTP limit"),
         ("5", "HTTPS", "Enable_HTTPS_WAN", "https_limit", "Enable HTTPS limit"))
PORTS = {"SSH": 22, "HTTP": 80, "HTTPS": 443}

for page, title, name, flag, switch in PAGES:
    def visit(count, host="inet.7", title=title):
        return [ping(host, "router") if title == "ICMP" else
                tcp(host, "router", dport=PORTS[title]) for _ in range(count)]

    def limited(name=name, title=title, **options):
        what = {"proto": "icmp", "icmp_type": "echo-request"} if title == "ICMP" else \
            {"proto": "tcp", "dest_port": PORTS[title]}
        return rule(name, src="wan", target="ACCEPT", **what, **options)

    def fields(*names, page=page):
        return [f"6.{page} {n}" for n in names]

    case(f"{title} page: two a second after a burst of four, IPv4 and IPv6",
         fields=fields(switch, "Limit period", "Limit", "Limit burst"),
         rules=limited(limit="2/second", limit_burst="4", **{flag: "1"}), packets=[
             *all_of(visit(4)), *none_of(visit(3)), *all_of(visit(4, "inet.8")),
             pause(1.1),
             # two have come back, the burst has not
             *all_of(visit(2)), *visit(1), *none_of(visit(3))])
    for period in ("minute", "hour", "day"):
        case(f"{title} page: four of a {period}, IPv4 and IPv6",
             fields=fields("Limit period", "Limit", "Limit burst"),
             rules=limited(limit=f"4/{period}", limit_burst="4", **{flag: "1"}), packets=[
                 *all_of(visit(4), name), *none_of(visit(6))])
    case(f"{title} page: the limit switched off, IPv4 and IPv6", fields=fields(switch),
         rules=limited(limit="2/day", limit_burst="4", **{flag: "0"}),
         packets=all_of(visit(20), name))
case("ICMP page: requests on, IPv4 and IPv6", fields=["6.2 Enable ICMP requests"],
     rules=rule("Allow-Ping", src="wan", proto="icmp", icmp_type="echo-request", target="ACCEPT"),
     packets=[*all_of((ping("inet.7", "router") for _ in range(20)), "Allow-Ping"),
              ping("guest.7", "router").reject("guest"), tcp("inet.7", "router").reject("wan")])
case("ICMP page: requests off, IPv4 and IPv6", fields=["6.2 Enable ICMP requests"],
     rules=rule("Allow-Ping", src="wan", proto="icmp", icmp_type="echo-request", target="ACCEPT",
                enabled="0"), packets=[ping("inet.7", "router").reject("wan")])

# ---- 8 DMZ: ports, in IPv6 ----

for value, good, bad in (("8000", (8000,), (7999, 8001)), ("8000-8010", (8000, 8010), (7999, 8011)),
                         ("!8000-8010", (7999, 8011), (8000, 8010))):
    case(f"DMZ ports {value}, IPv6", fields=["8 Ports", "8 Enable", "8 Host IP"],
         config=defaults() + zones(dmz={"network": None}) + section(
             "redirect", name="dmz_fw", target="DNAT", proto=["tcp", "udp"], src="wan", dest="dmz",
             mode="host", dest_ip="fd00:1::10", src_dport=value, enabled="1"), packets=[
             *(make("inet.7", "router", dport=port).v6.accept(dst="lan.10")
               for port in good for make in (tcp, udp)),
             *(make("inet.7", "router", dport=port).v6.reject("wan")
               for port in bad for make in (tcp, udp))])

# ---- what docs/compatibility.md claims, and no other case shows ----

SCAN = {"port_scan": "1", "hitcount": "10000", "seconds": "4096"}
case("port scan: the largest count and interval of the manual", fields=[
    "6.6 Scan count", "6.6 Interval"], config=defaults() + zones(wan=SCAN), packets=[
        *(tcp("inet.7", "router", dport=1000 + n).reject() for n in range(60))])
case("port scan: a count beyond the manual's is refused", refused="out-of-range",
     config=defaults() + zones(wan={**SCAN, "hitcount": "10001"}))
case("port scan: an interval beyond the manual's is refused", refused="out-of-range",
     config=defaults() + zones(wan={**SCAN, "seconds": "4097"}))
case("a port to write that is negated is refused (nat)", refused="negated-value",
     rules=section("nat", name="n", src="wan", target="SNAT", proto="tcp",
                   snat_ip="198.51.100.99", snat_port="!5"))
case("a port to write that is negated is refused (redirect)", refused="negated-value",
     rules=section("redirect", name="n", src="lan", dest="wan", target="SNAT", proto="tcp",
                   src_dip="198.51.100.99", src_dport="!5"))
case("extra arguments: quotes, commas, underscores and length", fields=["4.1.2 Extra arguments"],
     rules=rule("r", src="wan", proto="tcp", target="ACCEPT",
                extra='-m multiport --dports 22,80 -m comment --comment "more_than, ' + 150 * "x" +
                '"'), packets=[tcp("inet.7", "router", dport=22).accept("r"),
                               tcp("inet.7", "router", dport=23).reject("wan")])
case("a name full of formats is only a name", rules=rule(
    "%n%s%99$s %d", src="wan", proto="tcp", dest_port="22", target="ACCEPT"), packets=[
        tcp("inet.7", "router", dport=22).accept(), tcp("inet.7", "router", dport=23).reject("wan")])
case("limits at the ends of the manual's ranges are loaded", rules="".join(
    rule(f"r{n}", src="wan", proto="tcp", dest_port=str(1000 + n), target="ACCEPT",
         limit=f"{count}/{period}", limit_burst="10000", limit_per_source=each)
    for n, (count, period, each) in enumerate(
        (count, period, each) for count in (1, 10000)
        for period in ("second", "minute", "hour", "day") for each in ("0", "1"))), packets=[
            *(tcp("inet.7", "router", dport=1000 + n).accept(f"r{n}") for n in range(16)),
            tcp("inet.7", "router", dport=1016).reject("wan")])


def apply_again(*said, add="", status=0):
    """Runs another apply, with something added to the configuration."""
    def do(lab):
        command = lab.command("apply")
        with open(os.path.join(command[command.index("-c") + 1], "firewall"), "a") as f:
            f.write(add)
        done = lab.run(command, check=False)
        if done.returncode != status or not all(text in done.stderr for text in said):
            raise ValueError(f"apply: exit {done.returncode}, {done.stderr}")
    return Action("apply again", do)


case("a limit the kernel cannot hold: refused, its section named, the rules stay",
     rules=rule("ssh", src="wan", proto="tcp", dest_port="22", target="ACCEPT"),
     ask_evaluator=False, packets=[
         tcp("inet.7", "router", dport=22).accept("ssh"),
         apply_again("rule 'much'", "[kernel-refused]", status=3, add=rule(
             "much", src="wan", proto="tcp", dest_port="80", target="ACCEPT", limit="1/day",
             limit_burst="1000000")),
         tcp("inet.7", "router", dport=22).accept("ssh"),
         tcp("inet.7", "router", dport=80).reject("wan")])
case("custom rules are there after a reload", fields=["7 Custom rules"],
     rules=section("include", path="@DIR@/user"),
     files={"user": "iptables -A input_wan_rule -p tcp --dport 22 -j ACCEPT\n"
                    "ip6tables -A input_wan_rule -p tcp --dport 22 -j ACCEPT\n"}, packets=[
         tcp("inet.7", "router", dport=22).accept(), apply_again(),
         tcp("inet.7", "router", dport=22).accept(), tcp("inet.7", "router", dport=23).reject("wan"),
         apply_again(add=rule("later", src="wan", proto="tcp", dest_port="23", target="ACCEPT")),
         tcp("inet.7", "router", dport=22).accept(),
         tcp("inet.7", "router", dport=23).accept("later")], ask_evaluator=False)
