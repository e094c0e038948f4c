#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The first process of the test machine: a router between a LAN host and a host of the internet, each
# in a namespace of its own. Connections are made, and the kernel is asked what became of them.
# Prints TAP; everything else that explains a failure is printed as a comment.

export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mkdir -p /etc/firewall /run/netns /tmp/state

cases=0
BYTES=2000000

ok() {
	cases=$((cases + 1))
	echo "ok $cases - $1"
}

# not_ok NAME FILE...: the files tell why.
not_ok() {
	cases=$((cases + 1))
	echo "not ok $cases - $1"
	shift
	for file; do
		sed 's/^/# /' "$file" 2>/dev/null
	done
}

# is CASE COMMAND...: a case that passes when the command succeeds; its output explains a failure.
is() {
	case=$1
	shift
	if "$@" >/tmp/is.out 2>&1; then
		ok "$case"
	else
		not_ok "$case" /tmp/is.out "$LOOK"
	fi
}

LOOK=/dev/null

at() {
	ip netns exec "$@"
}

finish() {
	echo "1..$cases"
	sleep 1
	flow off
}

# ---- the network ----

# wire HOST ADDR4 ADDR6 ROUTER4 ROUTER6: a namespace, a veth to the router, one segment per packet so
# that packets can be counted.
wire() {
	ip netns add "$1"
	ip link add "$1" netns router gso_max_segs 1 type veth peer name eth0 netns "$1"
	ip -n "$1" link set eth0 gso_max_segs 1 up
	ip -n "$1" link set lo up
	ip -n "$1" addr add "$2" dev eth0
	ip -n "$1" addr add "$3" dev eth0 nodad
	ip -n router link set "$1" up
	ip -n router addr add "$4" dev "$1"
	ip -n router addr add "$5" dev "$1" nodad
	ip -n "$1" route add default via "${4%/*}"
	ip -n "$1" route add default via "${5%/*}"
}

network() {
	flow insmod $(cat /modules/order) || echo '# some modules are missing'
	ip netns add router
	ip -n router link set lo up
	at router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	wire lan 192.168.1.10/24 fd00:1::10/64 192.168.1.1/24 fd00:1::1/64
	wire wan 198.51.100.9/24 2001:db8:1::9/64 198.51.100.2/24 2001:db8:1::2/64
	ip -n wan addr add 10.9.0.9/32 dev lo
	ip -n router route add 10.9.0.9 via 198.51.100.9
	for host in lan wan; do
		at $host flow serve 80 &
		at $host flow serve 7000 &
		at $host flow serve 500 &
	done
	# What meets the forward hook is what was not offloaded.
	at router nft 'add table inet seen; add chain inet seen forward {
		type filter hook forward priority -400; }; add rule inet seen forward counter'
}

# Packets that met the forward hook since the last call.
forwarded() {
	packets=$(at router nft list chain inet seen forward |
		sed -n 's/.*counter packets \([0-9]*\).*/\1/p')
	at router nft 'flush chain inet seen forward; add rule inet seen forward counter'
	echo "$packets"
}

# ---- the configuration ----

# configure DEFAULTS-LINES [MORE-SECTIONS]
configure() {
	cat >/etc/firewall/network <<-END
		config interface 'lan'
			option device 'lan'
		config interface 'wan'
			option device 'wan'
	END
	cat >/etc/firewall/firewall <<-END
		config defaults
			option input 'REJECT'
			option output 'ACCEPT'
			option forward 'REJECT'
			$1
		config zone
			option name 'lan'
			list network 'lan'
			option input 'ACCEPT'
			option output 'ACCEPT'
			option forward 'ACCEPT'
		config zone
			option name 'wan'
			list network 'wan'
			option input 'REJECT'
			option output 'ACCEPT'
			option forward 'REJECT'
			option masq '1'
			option masq6 '1'
			list masq_dest '!10.9.0.0/24'
			option mtu_fix '1'
		config forwarding
			option src 'lan'
			option dest 'wan'
		config rule
			option name 'Allow-ICMPv6'
			option src 'wan'
			option proto 'icmp'
			option family 'ipv6'
			option target 'ACCEPT'
		config rule
			option name 'Allow-ESP'
			option src 'wan'
			option proto 'esp'
			option target 'ACCEPT'
		config rule
			option name 'From the tunnel'
			option src 'wan'
			option dest 'lan'
			option src_ip '10.9.0.9'
			option target 'ACCEPT'
		config redirect
			option name 'Web'
			option src 'wan'
			option dest 'lan'
			option proto 'tcp'
			option src_dport '8080'
			option dest_ip '192.168.1.10'
			option dest_port '80'
			option target 'DNAT'
		$2
	END
}

MARK="config rule
	option name 'Mark telephony'
	option src 'lan'
	option dest 'wan'
	option proto 'tcp udp'
	option dest_port '7000'
	option target 'MARK'
	option set_mark '0x10'
config rule
	option name 'Mark by the port before its translation'
	option src 'wan'
	option dest '*'
	option proto 'tcp'
	option dest_port '8080'
	option target 'MARK'
	option set_mark '0x20'"

zw() {
	at router zonewall -c /etc/firewall --run-dir /run/zonewall "$@"
}

apply() {
	is "$1" sh -c 'ip netns exec router zonewall -c /etc/firewall --run-dir /run/zonewall apply \
		2>/tmp/apply.err; code=$?; cat /tmp/apply.err; exit $code'
	is "$1: the kernel has what was sent" zw status
}

# ---- connections ----

# open HOST PROTO ADDR PORT AMOUNT: leaves the connection open; its process is $CLIENT.
open() {
	forwarded >/dev/null
	rm -f /tmp/client.out
	at "$1" flow "$2" "$3" "$4" "$5" >/tmp/client.out 2>&1 &
	CLIENT=$!
	tries=0
	until grep -q -e '^got' -e '^flow:' /tmp/client.out 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || break
		sleep 0.1
	done
	packets=$(forwarded)
	at router conntrack -L -f "$FAMILY" -p "$2" 2>/dev/null | grep "dport=$4 " >/tmp/ct
	LOOK=/tmp/look
	{ cat /tmp/client.out /tmp/ct; echo "$packets packets met the forward hook"; } >/tmp/look
}

close() {
	kill "$CLIENT" 2>/dev/null
	wait "$CLIENT" 2>/dev/null
	at router conntrack -F >/dev/null 2>&1
}

# What came is what was sent, and the server saw this address.
whole() {
	sent=$(sed -n 's/^sent //p' /tmp/client.out)
	[ -n "$sent" ] && grep -q -x "got $sent from $1" /tmp/client.out
}

offloaded() {
	grep -q '\[OFFLOAD\]' /tmp/ct
}

not_offloaded() {
	[ -s /tmp/ct ] && ! offloaded
}

few_packets() {
	[ "$packets" -lt 60 ]
}

all_packets() {
	[ "$packets" -gt 1300 ]
}

# The connection's own counters have the bytes that no rule saw.
counted() {
	total=0
	for n in $(sed 's/ /\n/g' /tmp/ct | sed -n 's/^bytes=//p'); do
		total=$((total + n))
	done
	[ "$total" -ge "$1" ]
}

# passes NAME HOST PROTO ADDR PORT AMOUNT SEEN-AS
passes() {
	name=$1 seen_as=$7
	open "$2" "$3" "$4" "$5" "$6"
	is "$name: arrives whole, from $seen_as" whole "$seen_as"
	is "$name: conntrack says [OFFLOAD]" offloaded
	is "$name: few packets met a rule ($packets)" few_packets
}

# ---- the tests ----

network
FAMILY=ipv4

configure ''
apply 'without the option'
is 'without the option: no flowtable' sh -c '! ip netns exec router nft list flowtables | grep -q fastpath'
open lan tcp 198.51.100.9 80 $BYTES
is 'without the option: arrives whole, translated' whole 198.51.100.2
is 'without the option: conntrack says nothing of offloading' not_offloaded
is "without the option: every packet met a rule ($packets)" all_packets
close

configure "option flow_offloading '1'"
apply 'a kernel without flowtables'
is 'a kernel without flowtables: is a warning' grep -q no-flowtable /tmp/apply.err
open lan tcp 198.51.100.9 80 $BYTES
is 'a kernel without flowtables: everything else works' whole 198.51.100.2
close
flow insmod $(cat /modules/flow)

apply 'with the option'
is 'with the option: no warning' sh -c '! grep warning /tmp/apply.err'
at router nft list flowtables >/tmp/flowtables
LOOK=/tmp/flowtables
is 'the flowtable has the devices of all zones' grep -q 'devices = { lan, wan }' /tmp/flowtables
is 'the flowtable counts' grep -q counter /tmp/flowtables
is 'nft takes the program as text' sh -c 'ip netns exec router zonewall -c /etc/firewall show >/tmp/text &&
	ip netns exec router nft -c -f /tmp/text'

passes 'IPv4, masqueraded' lan tcp 198.51.100.9 80 $BYTES 198.51.100.2
is 'IPv4, masqueraded: the bytes are counted for the connection' counted $BYTES
is 'IPv4, masqueraded: applying again' zw apply
at router conntrack -L -p tcp 2>/dev/null | grep 'dport=80 ' >/tmp/ct
is 'IPv4, masqueraded: is still offloaded then' offloaded
close
passes 'a port forward' wan tcp 198.51.100.2 8080 $BYTES 198.51.100.9
is 'a port forward: the bytes are counted for the connection' counted $BYTES
close
passes 'UDP, masqueraded' lan udp 198.51.100.9 80 300 198.51.100.2
close
FAMILY=ipv6
passes 'IPv6, masqueraded' lan tcp 2001:db8:1::9 80 $BYTES 2001:db8:1::2
is 'IPv6, masqueraded: the bytes are counted for the connection' counted $BYTES
close
FAMILY=ipv4

configure "option flow_offloading '1'" "$MARK"
apply 'with a rule that marks packets'
is 'the rule that marks is named by a warning' sh -c \
	'grep -q offload-bypass /tmp/apply.err && grep -q "Mark telephony" /tmp/apply.err'
open lan tcp 198.51.100.9 7000 $BYTES
is 'a marked connection: arrives whole' whole 198.51.100.2
is 'a marked connection: is not offloaded' not_offloaded
is "a marked connection: every packet met the rules ($packets)" all_packets
marked=$(at router nft list counters table inet zonewall | grep -A 1 Mark_telephony |
	sed -n 's/.*packets \([0-9]*\).*/\1/p')
packets=$marked
is "a marked connection: the rule saw each packet ($marked)" all_packets
close
open wan tcp 198.51.100.2 8080 $BYTES
is 'marked before translation: arrives whole' whole 198.51.100.9
is 'marked before translation: is not offloaded' not_offloaded
close
passes 'a connection beside them' lan tcp 198.51.100.9 80 $BYTES 198.51.100.2
close

# ---- IPsec: a tunnel between the router and the far host, for 10.9.0.9 ----

xfrm() {
	key=0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
	for direction in '198.51.100.2 198.51.100.9 0x100' '198.51.100.9 198.51.100.2 0x101'; do
		set -- $direction
		for host in router wan; do
			ip -n $host xfrm state add src "$1" dst "$2" proto esp spi "$3" mode tunnel \
				auth 'hmac(sha256)' $key enc 'cbc(aes)' 0x000102030405060708090a0b0c0d0e0f ||
				return 1
		done
	done
	for side in 'router out fwd' 'wan in out'; do
		set -- $side
		ip -n "$1" xfrm policy add src 192.168.1.0/24 dst 10.9.0.9 dir "$2" tmpl \
			src 198.51.100.2 dst 198.51.100.9 proto esp mode tunnel || return 1
		ip -n "$1" xfrm policy add src 10.9.0.9 dst 192.168.1.0/24 dir "$3" tmpl \
			src 198.51.100.9 dst 198.51.100.2 proto esp mode tunnel || return 1
	done
}

LOOK=/dev/null
is 'an IPsec tunnel' xfrm
open lan tcp 10.9.0.9 500 $BYTES
is 'through IPsec: arrives whole' whole 192.168.1.10
is 'through IPsec: is not offloaded' not_offloaded
close
configure "option flow_offloading '1'
	option flow_offloading_xfrm '1'"
apply 'with the option for IPsec'
open lan tcp 10.9.0.9 500 $BYTES
is 'through IPsec, asked for: arrives whole' whole 192.168.1.10
is 'through IPsec, asked for: is offloaded' offloaded
close

configure "option flow_offloading '1'
	option flow_offloading_hw '1'"
apply 'hardware that veth does not have'
is 'hardware that veth does not have: is a warning' grep -q no-hardware-offload /tmp/apply.err
passes 'in software then' lan tcp 198.51.100.9 80 $BYTES 198.51.100.2

configure ''
apply 'switched off again'
at router conntrack -L -p tcp 2>/dev/null | grep 'dport=80 ' >/tmp/ct
is 'switched off again: the open connection is back with the rules' not_offloaded
is 'switched off again: no flowtable' sh -c '! ip netns exec router nft list flowtables | grep -q fastpath'
close
is 'flush' zw flush
finish
