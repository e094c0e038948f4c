/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What iptables cannot say, as one table: the check's message, the documentation (docs/backends.md)
 * and the tests read it. Each row has an example that is refused for it.
 */
#include "emit/ipt/program.h"

/* clang-format off */
const struct xt_reason xt_reasons[] = {
	[XT_NO_ADDRESS_MASKS] = {
		.what = "two masked addresses of one side in one rule",
		.why = "it can state one address with a mask for each side",
		.remedy = "split the section",
		.example = "chain input base input filter\n  rule ipv4 saddr-masked 10.0.0.1/255.0.0.255 saddr-masked 10.1.0.0/255.255.0.0 accept\n",
	},
	[XT_NO_DEVICES] = {
		.what = "two lists of devices of one direction in one rule",
		.why = "it can state one device for each direction",
		.remedy = "state the devices once",
		.example = "chain input base input filter\n  rule any iif { \"a\" } iif { \"a\", \"b\" } accept\n",
	},
	[XT_NO_TCP_FLAGS] = {
		.what = "TCP flags beyond the six classic ones",
		.why = "it knows six TCP flags",
		.remedy = "leave ECE and CWR out",
		.example = "chain input base input filter\n  rule any proto { 6 } tcpflags 0x40/0x40 accept\n",
	},
	[XT_NO_HELPER_STATE] = {
		.what = "a condition on the connection where a helper is given",
		.why = "helpers are given before the connection is known",
		.remedy = "leave the condition out",
		.example = "helper h \"ftp\" proto 6 any\nchain helper_prerouting base prerouting helper\n  rule any ctmark 0x1/0x1 proto { 6 } set-helper h continue\n",
	},
	[XT_NO_PROTO_ZERO] = {
		.what = "protocol number 0",
		.why = "it takes protocol 0 for any protocol",
		.remedy = "leave protocol 0 out",
		.example = "chain input base input filter\n  rule any proto { 0 } accept\n",
	},
	[XT_NO_PROTO_LIST] = {
		.what = "a list of very many protocols",
		.why = "it cannot list that many protocols",
		.remedy = "state fewer protocols, or all",
		.example = "chain input base input filter\n  rule any proto { 100-180 } accept\n",
	},
	[XT_NO_TOO_MANY] = {
		.what = "a section whose lists make more than 1024 combinations",
		.why = "its rules state single values, and this one would become more than 1024",
		.remedy = "use an ipset, or split the section",
		.example = "chain input base input filter\n  rule ipv4 dscp { 0-62 } ttl { 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33 } accept\n",
	},
	[XT_NO_CONNECTIONS_SEVERAL] = {
		.what = "a count of connections in a section that becomes several rules",
		.why = "it counts connections for each rule, and this would become several",
		.remedy = "state one protocol, address and device",
		.example = "set s ipv4 dynamic size 100\nchain input base input filter\n  rule ipv4 proto { 6, 17 } connections @s src 5 accept\n",
	},
	[XT_NO_SET_TYPE] = {
		.what = "a set whose parts no ipset type has",
		.why = "there is no ipset for such elements",
		.remedy = "use one of the combinations that ipset has",
		.example = "set s port.ipv4\nchain input base input filter\n  rule ipv4 proto { 6 } in @s src.src accept\n",
	},
	[XT_NO_DEST_MAC] = {
		.what = "a destination MAC address",
		.why = "the destination's MAC address is not known",
		.remedy = "match the source's",
		.example = "set s mac\nchain input base input filter\n  rule any in @s dst accept\n",
	},
	[XT_NO_LIMIT_DAY] = {
		.what = "a limit whose burst takes more than a day to earn (1/day with burst 5)",
		.why = "a limit whose burst takes more than a day to earn is too large for it",
		.remedy = "lower limit_burst, or raise the limit",
		.example = "limit l rate 1 per 86400 burst 2\nchain input base input filter\n  rule any limit l accept\n",
	},
	[XT_NO_LIMIT_MILLION] = {
		.what = "a limit or burst of more than a million",
		.why = "a limit of more than a million is too large for it",
		.remedy = "lower it",
		.example = "limit l rate 2000000 per 1 burst 5\nchain input base input filter\n  rule any limit l accept\n",
	},
	[XT_NO_METER_KEY] = {
		.what = "a limit per device or MAC address",
		.why = "it has no buckets per device or MAC address",
		.remedy = "limit per address",
		.example = "set s mac dynamic rate 1 per 1 burst 5 size 10\nchain input base input filter\n  rule any meter @s src accept\n",
	},
	[XT_NO_METER_TWICE] = {
		.what = "a limit per the same value twice",
		.why = "it cannot tell buckets apart by the same value twice",
		.remedy = "state it once",
		.example = "set s ipv4.ipv4 dynamic rate 1 per 1 burst 5 size 10\nchain input base input filter\n  rule ipv4 meter @s src.src accept\n",
	},
	[XT_NO_METER_SEVERAL] = {
		.what = "two counts that are not renewed in one rule",
		.why = "it can state one such limit in a rule",
		.remedy = "split the section",
		.example = "set s ipv4 dynamic once rate 1 per 86400 burst 5 timeout 60 size 10\nset t ipv4 dynamic once rate 1 per 86400 burst 5 timeout 60 size 10\nchain input base input filter\n  rule ipv4 meter @s src meter @t src accept\n",
	},
	[XT_NO_METER_RENEWED] = {
		.what = "a limit that ends with its time although packets come, and earns tokens meanwhile",
		.why = "its buckets are renewed by each packet",
		.remedy = "let it be renewed",
		.example = "set s ipv4 dynamic once rate 1 per 1 burst 5 timeout 60 size 10\nchain input base input filter\n  rule ipv4 meter @s src accept\n",
	},
	[XT_NO_CONNECTIONS_KEY] = {
		.what = "a count of connections per anything but one address",
		.why = "it counts connections of single addresses only",
		.remedy = "count per address",
		.example = "set s mac dynamic size 100\nchain input base input filter\n  rule any connections @s src 5 accept\n",
	},
	[XT_NO_METER_LOOKUP] = {
		.what = "looking up who has a bucket",
		.why = "buckets are no set that can be looked up",
		.remedy = "use a set of its own",
		.example = "set s ipv4 dynamic rate 1 per 1 burst 5 size 10\nchain input base input filter\n  rule ipv4 in @s src accept\n",
	},
	[XT_NO_NOT_HELPER] = {
		.what = "connections of any helper but one",
		.why = "'not this helper' would also hold for connections without one",
		.remedy = "state the helpers that are meant",
		.example = "chain input base input filter\n  rule any not cthelper \"ftp\" accept\n",
	},
	[XT_NO_MANGLE_ONLY] = {
		.what = "changing DSCP, TTL or MSS elsewhere than in the mangle stage",
		.why = "it changes DSCP, TTL and MSS in the mangle table only",
		.remedy = "use a rule of the mangle table",
		.example = "chain input base input filter\n  rule ipv4 set-ttl to 5 continue\n",
	},
	[XT_NO_PATH_MTU] = {
		.what = "clamping the MSS to the path before routing",
		.why = "the path's MTU is not yet known where this rule stands",
		.remedy = "clamp in forward",
		.example = "chain mangle_input base input mangle\n  rule any proto { 6 } set-mss 0 continue\n",
	},
	[XT_NO_HELPER_RAW] = {
		.what = "giving a helper elsewhere than in the helper stage",
		.why = "helpers are given in the raw table only",
		.remedy = "use a zone's or rule's option helper",
		.example = "helper h \"ftp\" proto 6 any\nchain input base input filter\n  rule any proto { 6 } set-helper h continue\n",
	},
	[XT_NO_SHIFT_SOURCE] = {
		.what = "source ports shifted one to one",
		.why = "it shifts destination ports only",
		.remedy = "state a range without a shift",
		.example = "chain srcnat_postrouting base postrouting srcnat\n  rule ipv4 proto { 6 } snat to 10.0.0.1 ports 100-110 from 200\n",
	},
	[XT_NO_UDPLITE_DEST] = {
		.what = "destination ports of UDP-Lite translated",
		.why = "it cannot translate destination ports of UDP-Lite",
		.remedy = "state tcp and udp",
		.example = "chain dstnat_prerouting base prerouting dstnat\n  rule ipv4 proto { 136 } dport { 5 } dnat to 10.0.0.1 ports 6\n",
	},
	[XT_NO_SHIFT_OWN] = {
		.what = "a range of ports shifted one to one to the router itself",
		.why = "it cannot shift a range of ports to the router itself",
		.remedy = "state the same ports, or dest_ip with the router's address",
		.example = "chain dstnat_prerouting base prerouting dstnat\n  rule any proto { 6 } dport { 100-110 } redirect ports 200-210 from 100\n",
	},
	[XT_NO_NAT_DROP] = {
		.what = "dropping in the nat table",
		.why = "the nat table does not drop",
		.remedy = "drop in the filter table",
		.example = "chain dstnat_prerouting base prerouting dstnat\n  rule any drop\n",
	},
	[XT_NO_MAC_HERE] = {
		.what = "a MAC address in a rule about what the router sends out (source NAT, output)",
		.why = "it knows the sender's MAC address only before it routes a packet and in forward",
		.remedy = "match the address, or set a mark in a rule of its own",
		.example = "chain srcnat_postrouting base postrouting srcnat\n  rule any smac { 02:00:00:00:00:01 } accept\n",
	},
	[XT_NO_OWNER_HERE] = {
		.what = "the owner of a socket in a rule about what comes in",
		.why = "it knows the owner of what the router itself sends only",
		.remedy = "match it in output",
		.example = "chain input base input filter\n  rule any uid { 5 } accept\n",
	},
};
/* clang-format on */

const size_t xt_reasons_n = sizeof(xt_reasons) / sizeof(xt_reasons[0]);

const struct xt_difference xt_differences[] = {
	{ "limit-per-family",
		"A limit of a section for both families is one bucket for each family.",
		"xt_hashlimit keeps IPv4 and IPv6 in tables of their own.",
		"limit l rate 5 per 1 burst 5\nchain input base input filter\n"
		"  rule any limit l accept\n    from \"rule\" \"r\"\n" },
	{ "udplite-port",
		"A port to be written into the source leaves UDP-Lite its own; the address is written.",
		"xt_nat knows no ports of UDP-Lite.",
		"chain srcnat_postrouting base postrouting srcnat\n"
		"  rule ipv4 proto { 17, 136 } snat to 10.0.0.1 ports 5\n    from \"nat\" \"n\"\n" },
	{ "log-prefix-cut",
		"A log prefix is cut after 29 bytes (NFLOG: 63).",
		"xt_LOG and xt_NFLOG have room for no more.",
		"chain input base input filter\n  rule any log "
		"\"a prefix of more than twenty-nine bytes \" level 4 continue\n" },
	{ "no-offload-target",
		"Connections are offloaded only where there is a target FLOWOFFLOAD, as on OpenWrt.",
		"Linux itself has no such target for iptables.", NULL },
};

const size_t xt_differences_n = sizeof(xt_differences) / sizeof(xt_differences[0]);
