# SPDX-License-Identifier: GPL-2.0-or-later
"""Custom rules: /etc/firewall.user as people write it, on packets."""
from spec import (ACK, FIN, PSH, RST, SYN, URG, Action, answer, case, defaults, follow, forwarding,
                  icmp, ping, proto, rule, section, tcp, udp, zones)

INCLUDE = section("include", path="@DIR@/user")
BASE = defaults() + zones() + forwarding("lan", "wan")
FIELD = ["7 Custom rules"]


def custom(name, script, packets, base=BASE, more="", include=INCLUDE, **options):
    case(f"custom: {name}", config=base + more + include, files={"user": script}, packets=packets,
         fields=FIELD, **options)


def ssh(host="inet.7", **more):
    return tcp(host, "router", dport=22, **more)


custom("a file of comments changes nothing", "# nothing\n\n# iptables -I INPUT -j DROP\n", [
    ssh().reject("wan"), tcp("lan.10", "router").accept("lan")])
custom("a rule in the zone's place", "iptables -A input_wan_rule -p tcp --dport 22 -j ACCEPT\n", [
    ssh().v4.accept(), ssh().v6.reject("wan"), tcp("inet.7", "router", dport=23).reject("wan"),
    tcp("guest.7", "router", dport=22).reject("guest")])
custom("IPv6 by ip6tables", "ip6tables -A input_wan_rule -p tcp --dport 22 -j ACCEPT\n", [
    ssh().v6.accept(), ssh().v4.reject("wan")])
custom("every zone's input", "iptables -A input_rule -p udp --dport 5000:5010 -j DROP\n", [
    udp("inet.7", "router", 5000).v4.drop(), udp("lan.10", "router", 5010).v4.drop(),
    udp("lan.10", "router", 5011).accept(), udp("lan.10", "router", 5000).v6.accept()])
custom("before established connections, as firewall3 has it",
       "iptables -A forwarding_rule -s 192.168.1.11 -j DROP\n", [
           a := tcp("lan.10", "inet.7").v4.accept(), answer(a).accept(),
           tcp("lan.11", "inet.7").v4.drop(), tcp("lan.11", "inet.7").v6.accept()])
custom("forwarding and output of a zone", """
iptables -A forwarding_lan_rule -d 203.0.113.9 -p tcp -j REJECT --reject-with tcp-reset
ip6tables -A forwarding_lan_rule -d 2001:db8:203::9 -p tcp -j REJECT --reject-with tcp-reset
iptables -A output_wan_rule -p udp --dport 123 -j DROP
""", [tcp("lan.10", "inet.9").reject(with_="tcp-reset"), tcp("lan.10", "inet.8").accept(),
      tcp("dmz.9", "inet.9").reject(), udp("router", "inet.7", 123).v4.drop(),
      udp("router", "inet.7", 124).accept(), udp("router", "lan.7", 123).v4.accept()])
custom("inserted into a built-in chain: before everything",
       "iptables -I INPUT -p tcp --dport 80 -j DROP\niptables -I INPUT -s 192.168.1.10 -p tcp --dport 80 -j ACCEPT\n",
       [tcp("lan.10", "router").v4.accept(), tcp("lan.11", "router").v4.drop(),
        tcp("lan.11", "router").v6.accept()])
custom("appended to a built-in chain: after every zone",
       "iptables -A INPUT -p tcp --dport 80 -j DROP\niptables -A FORWARD -j ACCEPT\n",
       [tcp("lan.10", "router").v4.accept(), tcp("vpn.9", "router").v4.drop(),
        tcp("vpn.9", "router", dport=81).v4.reject(), tcp("vpn.9", "inet.7").v4.accept(),
        tcp("guest.9", "inet.7").v4.accept()], warning="custom-late")
custom("a chain of its own, from two hooks", """
iptables -N BAD
iptables -A BAD -s 203.0.113.66 -j DROP
iptables -A BAD -m iprange --src-range 203.0.113.100-203.0.113.110 -j DROP
iptables -A BAD -j RETURN
iptables -A input_rule -j BAD
iptables -A forwarding_rule -i eth0 -g BAD
""", [tcp("inet.66", "router").v4.drop(), tcp("inet.105", "router").v4.drop(),
      tcp("inet.111", "router").v4.reject(), tcp("inet.66", "lan.10").v4.drop(),
      tcp("inet.65", "lan.10").v4.reject(), tcp("inet.66", "router").v6.reject()])
custom("RETURN ends its chain only", """
iptables -N OPEN
iptables -A OPEN -p tcp --dport 22 -j RETURN
iptables -A OPEN -p tcp -j ACCEPT
iptables -A input_wan_rule -j OPEN
""", [ssh().v4.reject("wan"), tcp("inet.7", "router", dport=23).v4.accept()])
custom("several ports, several addresses", """
iptables -A input_wan_rule -p tcp -m multiport --dports 22,80,443,8000:8010 -s 203.0.113.1,203.0.113.2 -j ACCEPT
iptables -A input_wan_rule -p udp -m multiport --ports 5000,6000 -j ACCEPT
""", [tcp("inet.1", "router", dport=8005).v4.accept(), tcp("inet.2", "router", dport=22).v4.accept(),
      tcp("inet.3", "router", dport=22).v4.reject(), tcp("inet.1", "router", dport=8011).v4.reject(),
      udp("inet.7", "router", 5000).v4.accept(), udp("inet.7", "router", 9, sport=6000).v4.accept(),
      udp("inet.7", "router", 9, sport=6001).v4.reject()])
custom("negations", """
iptables -A input_wan_rule -p tcp ! -s 203.0.113.0/25 --dport 22 -j ACCEPT
iptables -A input_wan_rule -p udp ! --dport 53 -j ACCEPT
iptables -A input_wan_rule ! -p tcp -m length --length 0:64 -j DROP
""", [ssh("inet.200").v4.accept(), ssh("inet.7").v4.reject(), udp("inet.7", "router", 54).v4.accept(),
      udp("inet.7", "router", 53).v4.drop(), ping("inet.7", "router").v4.drop()])
custom("TCP flags", """
iptables -A input_wan_rule -p tcp --tcp-flags ALL NONE -j DROP
iptables -A input_wan_rule -p tcp --tcp-flags ALL FIN,PSH,URG -j DROP
iptables -A input_wan_rule -p tcp --tcp-flags SYN,RST SYN,RST -j DROP
iptables -A input_wan_rule -p tcp --syn --dport 22 -j ACCEPT
""", [ssh(flags=0).v4.drop(), ssh(flags=FIN | PSH | URG).v4.drop(), ssh(flags=SYN | RST).v4.drop(),
      ssh().v4.accept(), ssh(flags=ACK).v4.reject()])
custom("ICMP types", """
iptables -A input_wan_rule -p icmp --icmp-type echo-request -j ACCEPT
ip6tables -A input_wan_rule -p icmpv6 ! --icmpv6-type echo-request -j DROP
""", [ping("inet.7", "router").v4.accept(), ping("inet.7", "router").v6.reject(),
      icmp("inet.7", "router", type6=139).drop(), icmp("inet.7", "router", type4=13).reject()])
custom("marks for policy routing", """
iptables -t mangle -A PREROUTING -s 192.168.1.20 -j MARK --set-mark 0x100/0xff00
iptables -t mangle -A PREROUTING -m mark --mark 0x100/0xff00 -j CONNMARK --save-mark
iptables -t mangle -A PREROUTING -s 192.168.1.21 -j MARK --or-mark 3
""", [tcp("lan.20", "inet.7").v4.accept(mark=0x100, ct_mark=0x100),
      tcp("lan.21", "inet.7").v4.accept(mark=3, ct_mark=0), tcp("lan.22", "inet.7").accept(mark=0)])
custom("TTL and hop limit", """
iptables -t mangle -A POSTROUTING -o eth0 -j TTL --ttl-set 65
ip6tables -t mangle -A POSTROUTING -o eth0 -j HL --hl-set 65
iptables -t mangle -A FORWARD -i eth0 -j TTL --ttl-inc 2
""", [tcp("lan.10", "inet.7").accept(ttl=65), tcp("lan.10", "lan.11").accept()])
custom("DSCP", """
iptables -t mangle -A FORWARD -p udp --dport 5060 -j DSCP --set-dscp-class EF
iptables -t mangle -A FORWARD -p udp --dport 5061 -j TOS --set-tos 0x10
iptables -A forwarding_rule -m dscp --dscp 8 -j DROP
""", [udp("lan.10", "inet.7", 5060).v4.accept(dscp=46), udp("lan.10", "inet.7", 5061).v4.accept(dscp=4),
      udp("lan.10", "inet.7", 9, dscp=8).v4.drop(), udp("lan.10", "inet.7", 9, dscp=8).v6.accept()])
custom("MSS", """
iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1200
""", [tcp("lan.10", "inet.7", mss=1460).v4.accept(mss=1200), tcp("lan.10", "inet.7", mss=900).v4.accept()])
custom("no tracking", """
iptables -t raw -A PREROUTING -p udp --dport 53 -j NOTRACK
iptables -t raw -A PREROUTING -p udp --dport 54 -j CT --notrack
""", [udp("lan.10", "router", 53).v4.accept(tracked=False, state="untracked"),
      udp("lan.10", "router", 54).v4.accept(tracked=False, state="untracked"),
      udp("lan.10", "router", 55).v4.accept(state="new")])
custom("DNS of the LAN comes to the router, or to one server", """
iptables -t nat -A prerouting_lan_rule -p udp --dport 53 ! -d 192.168.1.1 -j REDIRECT --to-ports 5353
iptables -t nat -A prerouting_guest_rule -p udp --dport 53 -j DNAT --to-destination 192.168.1.53
iptables -A forwarding_guest_rule -d 192.168.1.53 -m conntrack --ctstate DNAT -j ACCEPT
""", [udp("lan.10", "inet.7").v4.accept(dst="router.lan", dport=5353), udp("lan.10", "router").accept(),
      udp("guest.10", "inet.7").v4.accept(dst="lan.53"), udp("guest.10", "inet.7").v6.reject(),
      udp("guest.10", "lan.53", 54).v4.reject()])
custom("source NAT", """
iptables -t nat -A postrouting_wan_rule -s 192.168.1.20 -j SNAT --to-source 198.51.100.20
iptables -t nat -A POSTROUTING -s 192.168.1.21 -o eth0 -j MASQUERADE
ip6tables -t nat -A POSTROUTING -s fd00:1::22 -o eth0 -p udp -j SNAT --to-source [2001:db8:100::22]:7000
""", [tcp("lan.20", "inet.7").v4.accept(src="198.51.100.20"),
      tcp("lan.21", "inet.7").v4.accept(src="router.wan"), tcp("lan.23", "inet.7").accept(),
      udp("lan.22", "inet.7", sport=6999).v6.accept(src="2001:db8:100::22", sport=7000)])
custom("network to network", """
iptables -t nat -A PREROUTING -i br-lan -d 10.99.0.0/24 -j NETMAP --to 203.0.113.0/24
""", [tcp("lan.10", "10.99.0.7").accept(dst="inet.7")])
custom("an ipset section as a blocklist", """
iptables -I FORWARD -m set --match-set blocked dst -j DROP
iptables -I INPUT -m set --match-set blocked src -j DROP
""", [tcp("lan.10", "inet.66").v4.drop(), tcp("inet.66", "router").v4.drop(),
      tcp("lan.10", "inet.67").v4.accept()],
       more=section("ipset", name="blocked", match=["src_ip"], entry=["203.0.113.66"]))
custom("a trap: who touches port 23 is banned", """
iptables -I INPUT -m set --match-set bans src -j DROP
iptables -A input_wan_rule -p tcp --dport 23 -j SET --add-set bans src
iptables -A input_lan_rule -p tcp --dport 24 -j SET --del-set bans src
""", [tcp("inet.7", "router").v4.reject(), tcp("inet.7", "router", dport=23).v4.reject(),
      tcp("inet.7", "router").v4.drop(), tcp("inet.8", "router").v4.reject()],
       more=section("ipset", name="bans", match=["src_ip"], timeout="600"))
custom("recent: the fourth connection of a minute is dropped", """
iptables -A input_wan_rule -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --name SSH --set
iptables -A input_wan_rule -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --name SSH --update --seconds 60 --hitcount 4 -j DROP
iptables -A input_wan_rule -p tcp --dport 22 -j ACCEPT
""", [ssh().v4.accept(), ssh().v4.accept(), ssh().v4.accept(), ssh().v4.drop(), ssh().v4.drop(),
      ssh("inet.8").v4.accept(), tcp("inet.7", "router", dport=23).v4.reject()])
custom("recent: port knocking", """
iptables -N KNOCK2
iptables -A KNOCK2 -m recent --name K1 --remove
iptables -A KNOCK2 -p tcp --dport 2222 -m recent --name K2 --set -j DROP
iptables -A input_rule -p tcp --dport 22 -m recent --name K2 --rcheck --seconds 30 -j ACCEPT
iptables -A input_rule -m recent --name K1 --rcheck --seconds 10 -j KNOCK2
iptables -A input_rule -p tcp --dport 1111 -m recent --name K1 --set -j DROP
""", [ssh().v4.reject(), tcp("inet.7", "router", dport=2222).v4.reject(),
      tcp("inet.7", "router", dport=1111).v4.drop(), ssh().v4.reject(),
      tcp("inet.7", "router", dport=2222).v4.reject(),
      tcp("inet.7", "router", dport=1111).v4.drop(), tcp("inet.7", "router", dport=2222).v4.drop(),
      ssh().v4.accept(), ssh("inet.8").v4.reject()])
custom("recent: who was not seen", """
iptables -A input_wan_rule -p udp --dport 9 -m recent --name seen --set -j ACCEPT
iptables -A input_wan_rule -p tcp --dport 22 -m recent --name seen ! --rcheck --seconds 60 -j DROP
""", [ssh().v4.drop(), udp("inet.7", "router", 9).v4.accept(), ssh().v4.reject()])
custom("hashlimit: each source for itself", """
iptables -A input_wan_rule -p tcp --dport 22 -m hashlimit --hashlimit-upto 2/hour --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name ssh -j ACCEPT
iptables -A input_wan_rule -p udp --dport 9 -m hashlimit --hashlimit-above 1/hour --hashlimit-burst 1 --hashlimit-mode srcip,dstport --hashlimit-name u -j DROP
""", [ssh().v4.accept(), ssh().v4.accept(), ssh().v4.reject(), ssh("inet.8").v4.accept(),
      udp("inet.7", "router", 9).v4.reject(), udp("inet.7", "router", 9).v4.drop(),
      udp("inet.8", "router", 9).v4.reject()])
custom("connlimit: two connections of each host", """
iptables -A forwarding_lan_rule -p tcp --dport 80 -m connlimit --connlimit-above 2 -j REJECT --reject-with tcp-reset
iptables -A forwarding_lan_rule -p udp -m connlimit --connlimit-upto 1 --connlimit-daddr -j ACCEPT
iptables -A forwarding_lan_rule -p udp -j DROP
""", [tcp("lan.10", "inet.7").v4.accept(), tcp("lan.10", "inet.7").v4.accept(),
      tcp("lan.10", "inet.7").v4.reject(with_="tcp-reset"), tcp("lan.11", "inet.7").v4.accept(),
      udp("lan.10", "inet.7").v4.accept(), udp("lan.11", "inet.7").v4.drop(),
      udp("lan.11", "inet.8").v4.accept()], ask_evaluator=False)
custom("limit: one bucket", """
iptables -A input_wan_rule -p tcp --dport 22 -m limit --limit 1/hour --limit-burst 2 -j ACCEPT
""", [ssh().v4.accept(), ssh("inet.8").v4.accept(), ssh("inet.9").v4.reject()])
custom("owner", """
iptables -A OUTPUT -p tcp --dport 80 -j ACCEPT
iptables -I OUTPUT -m owner --uid-owner 1000 -p udp --dport 53 -j DROP
""", [udp("router", "inet.7", uid=1000).v4.drop(), udp("router", "inet.7").v4.accept()])
custom("MAC address", """
iptables -A forwarding_lan_rule -m mac --mac-source 02:00:00:00:99:99 -j DROP
iptables -A forwarding_lan_rule -m mac ! --mac-source 02:00:00:00:99:99 -p udp --dport 7 -j DROP
""", [tcp("lan.10", "inet.7").v4.accept(), udp("lan.10", "inet.7", 7).v4.drop()])
custom("log", """
iptables -A forwarding_lan_rule -p tcp --dport 81 -j NFLOG --nflog-group 7 --nflog-prefix "seen "
""", [tcp("lan.10", "inet.7", 81).v4.accept().logged("seen "),
      tcp("lan.10", "inet.7", 82).v4.accept().logged(None)])
custom("idempotent", """
iptables -D input_wan_rule -p tcp --dport 22 -j ACCEPT 2>/dev/null
iptables -C input_wan_rule -p tcp --dport 22 -j DROP 2>/dev/null || iptables -A input_wan_rule -p tcp --dport 22 -j DROP
iptables -I input_wan_rule -p tcp --dport 22 -s 203.0.113.7 -j ACCEPT
iptables -A input_wan_rule -p tcp --dport 23 -j ACCEPT && iptables -D input_wan_rule -p tcp --dport 23 -j ACCEPT
""", [ssh().v4.accept(), ssh("inet.8").v4.drop(), tcp("inet.7", "router", dport=23).v4.reject()])
custom("a fragment for iptables-restore, both families", """
*filter
:input_rule - [0:0]
:web - [0:0]
-A input_rule -p tcp -m tcp --dport 80 -j web
-A web -s 203.0.113.7/32 -j DROP
-A web -j ACCEPT
COMMIT
""", [tcp("inet.8", "router").accept(), tcp("inet.7", "router").v4.drop(),
      tcp("inet.7", "router").v6.accept()], include=section("include", path="@DIR@/user", type="restore"))
custom("a file for one family", "iptables -A input_rule -p tcp --dport 22 -j ACCEPT\n"
       "ip6tables -A input_rule -p tcp --dport 22 -j ACCEPT\n",
       [ssh().v6.accept(), ssh().v4.reject()],
       include=section("include", path="@DIR@/user", family="ipv6"))

custom("connlimit of networks", "iptables -A input_rule -m connlimit --connlimit-above 5 "
       "--connlimit-mask 24 -j DROP\n", [], refused="custom-unsupported")

# ---- what is refused ----

custom("one bad line", "iptables -A input_rule -p tcp --dport 22 -j ACCEPT\n"
       "iptables -A input_rule -p tcp --dprot 23 -j ACCEPT\n", [], refused="custom-token")
custom("a variable", "WAN=eth0\niptables -A input_rule -i $WAN -j ACCEPT\n", [],
       refused="shell-construct")
custom("a program", "ipset create x hash:ip\n", [], refused="shell-command")
custom("TPROXY", "iptables -t mangle -A PREROUTING -p tcp -j TPROXY --on-port 1\n", [],
       refused="custom-unsupported")
custom("no custom chains", "iptables -A input_rule -j ACCEPT\n", [], refused="custom-chain",
       base=defaults(custom_chains="0") + zones())


def old_rules_stay(the_lab):
    """A bad file changes nothing: what ran before still runs."""
    done = the_lab.run(the_lab.command("apply"), check=False)
    if done.returncode != 1 or "user:2:" not in done.stderr:
        raise ValueError(f"the bad line is not named: exit {done.returncode}: {done.stderr}")


def spoil(the_lab):
    directory = the_lab.command()[the_lab.command().index("-c") + 1]
    with open(f"{directory}/user", "a") as f:
        f.write("iptables -A input_wan_rule -p tcp --dport 22 -j DROPP --x\n")


custom("a bad line keeps the old rules", "iptables -A input_wan_rule -p tcp --dport 22 -j ACCEPT\n", [
    ssh().v4.accept(), Action("spoil the file", spoil), Action("apply it", old_rules_stay),
    ssh().v4.accept()], ask_evaluator=False)
