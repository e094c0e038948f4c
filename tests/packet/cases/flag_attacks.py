# SPDX-License-Identifier: GPL-2.0-or-later
"""Attack prevention: every combination of TCP flags, behind each switch; nmap's stealth scans."""
from real import address, counted, expect, nmap, real, real_zones
from spec import (ACK, FIN, PSH, RST, SYN, URG, case, defaults, forwarding, rule, tcp,
                  zones)

SIX = FIN | SYN | RST | PSH | ACK | URG
SWITCHES = {
    "syn_fin": lambda f: f & (SYN | FIN) == SYN | FIN,
    "syn_rst": lambda f: f & (SYN | RST) == SYN | RST,
    "x_max": lambda f: f in (FIN | PSH | URG, FIN | PSH, FIN | URG, SIX),
    "nmap_fin": lambda f: f == FIN or f & (FIN | RST) == FIN | RST,
    "null_flags": lambda f: not f & (FIN | SYN | RST | ACK),
}
# What honest stacks send: a SYN (with ECN, with URG never), its answer, data, the ends, resets.
HONEST = (SYN, SYN | ACK, ACK, PSH | ACK, URG | ACK, URG | PSH | ACK, FIN | ACK, FIN | PSH | ACK,
          RST, RST | ACK, RST | PSH | ACK)
ECE, CWR = 0x40, 0x80


def all_flags(*on):
    bad = [SWITCHES[option] for option in on]
    for flags in range(64):
        packet = tcp("lan.10", "inet.7", flags=flags)
        yield packet.drop() if any(b(flags) for b in bad) else packet.accept()


for option in SWITCHES:
    case(f"flags: all 64 combinations, {option}",
         config=defaults(**{option: "1"}) + zones() + forwarding("lan", "wan"),
         packets=list(all_flags(option)))
case("flags: all 64 combinations, every switch on",
     config=defaults(**{o: "1" for o in SWITCHES}) + zones() + forwarding("lan", "wan"),
     packets=[*all_flags(*SWITCHES), *(tcp("lan.10", "inet.7", flags=f).accept() for f in HONEST),
              tcp("lan.10", "inet.7", flags=SYN | ECE | CWR).accept(),
              tcp("lan.10", "inet.7", flags=FIN | PSH | URG | ECE).drop(),
              tcp("lan.10", "inet.7", flags=ECE | CWR).drop()])
case("flags: dropped before a zone with forced tracking",
     config=defaults(null_flags="1") + zones(lan={"conntrack": "1"}) + forwarding("lan", "wan") +
     rule("n", src="lan", target="NOTRACK"),
     packets=[tcp("lan.10", "inet.7", flags=0).drop(), tcp("lan.10", "inet.7").accept()])

SCANS = (("-sF", "attack_FIN_scan"), ("-sX", "attack_X-Mas_attack"),
         ("-sN", "attack_NULL_flags_attack"))


def nmap_stealth(answers):
    """REJECT answers a probe with a reset, so nmap calls the port closed; a drop says nothing."""
    def test(world, _stack):
        for family in (4, 6):
            for scan, _ in SCANS:
                said = nmap(world, scan, "-p", "20-29", family=family)
                expect(("closed" in said) == answers, scan, "IPv", family, said)
    return real(test)


case("flags: nmap -sF -sX -sN hear nothing with the switches on", deliver=True,
     config=defaults(nmap_fin="1", x_max="1", null_flags="1") + real_zones(),
     packets=[nmap_stealth(answers=False)])
case("flags: nmap -sF -sX -sN are answered with the switches off (control)", deliver=True,
     config=defaults() + real_zones(), packets=[nmap_stealth(answers=True)])


@real
def hping_syn_fin(world, _stack):
    said = world.outer.run("hping3", "-c", "20", "-i", "u2000", "-S", "-F", "-p", "22",
                           address(2, 1))
    expect("0 packets received" in said, said)
    listing = world.lab.run(["nft", "list", "counters"]).stdout
    name = next(w for w in listing.split() if w.startswith("attack_SYN-FIN"))
    expect(counted(world.lab, name) == 20, "SYN-FIN counter", counted(world.lab, name))


case("flags: hping3 -S -F is dropped and counted", deliver=True,
     config=defaults(syn_fin="1") + real_zones(), packets=[hping_syn_fin])
