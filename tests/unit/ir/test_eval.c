/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "ir_text.h"
#include "random_ir.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What each table starts with: one of each object. */
#define OBJECTS                                                                                    \
	"until 100000\n"                                                                           \
	"flowtable enabled { \"lan\" }\n"                                                          \
	"helper ftp \"ftp\" proto 6 any\n"                                                         \
	"helper sip \"sip\" proto 17 ipv4\n"                                                       \
	"counter c\n"                                                                              \
	"limit l rate 2 per 60 burst 2\n"                                                          \
	"limit over rate over 2 per 60 burst 2\n"                                                  \
	"set devs device interval\n  element \"la\"+\n  element \"eth0\"\n"                        \
	"set nets ipv4 interval\n  element 192.168.1.0/28\n"                                       \
	"set pairs ipv4.port\n  element 8.8.8.8 80\n"                                              \
	"set services proto-port interval\n  element 6:80-90\n"                                    \
	"set macs mac\n  element 02:00:00:00:00:01\n"                                              \
	"set nets6 ipv6 interval\n  element fd00::/64\n"                                           \
	"set seen ipv4 dynamic timeout 10 size 2\n"                                                \
	"set meter ipv4 dynamic rate 1 per 60 burst 1 size 2\n"                                    \
	"set flood ipv4 dynamic rate over 1 per 60 burst 1\n"

static struct ir_result eval(const struct ir *ir, const char *packet, struct ir_state *state)
{
	struct ir_packet p = packet_of(packet);
	struct ir_result result;

	ir_eval(ir, &p, &random_world, state, true, ir->arena, &result);
	return result;
}

static const struct {
	const char *match, *packet;
	bool holds;
} matches[] = {
	{ "any iif { \"lan\" }", "", true },
	{ "any iif { \"wan\" }", "", false },
	{ "any iif { \"l\"+ }", "", true },
	{ "any iif { \"wan\", \"lan\" }", "", true },
	{ "any not iif { \"wan\" }", "", true },
	{ "any not iif { \"lan\" }", "", false },
	{ "any iif @devs", "", true },
	{ "any not iif @devs", "", false },
	{ "any iif @devs", "iif=eth0", true },
	{ "any iif @devs", "iif=eth01", false },
	{ "any oif { \"wan\" }", "", true },
	{ "any not oif { \"wan\" }", "", false },
	{ "ipv4 saddr { 192.168.1.0/24 }", "", true },
	{ "ipv4 saddr { 192.168.1.11-192.168.1.20 }", "", false },
	{ "ipv4 not saddr { 192.168.1.11-192.168.1.20 }", "", true },
	{ "ipv6 saddr { fd00::/64 }", "v6", true },
	{ "ipv6 saddr { fd00::/64 }", "", false },
	{ "ipv6 not saddr { fd00::/64 }", "", false },
	{ "ipv4 daddr { 8.8.4.4, 8.8.8.8 }", "", true },
	{ "ipv4 daddr { 8.8.4.4 }", "", false },
	{ "ipv4 saddr-masked 0.0.0.10/0.0.0.255", "", true },
	{ "ipv4 saddr-masked 0.0.0.11/0.0.0.255", "", false },
	{ "ipv6 daddr-masked ::8/::ffff", "v6", true },
	{ "ipv6 not daddr-masked ::8/::ffff", "v6", false },
	{ "any proto { 6 }", "", true },
	{ "any proto { 6 }", "proto=17", false },
	{ "any not proto { 6 }", "proto=17", true },
	{ "any proto { 6, 17 } sport { 1000 }", "", true },
	{ "any proto { 6, 17 } dport { 22, 80-90 }", "dport=85", true },
	{ "any proto { 6, 17 } dport { 22, 80-90 }", "dport=91", false },
	{ "any proto { 6, 17 } not dport { 22 }", "", true },
	/* A port that is not there neither matches nor does not match. */
	{ "ipv4 icmp ipv4 { 8 } proto { 1 }", "proto=1 type=8", true },
	{ "ipv4 icmp ipv4 { 8 } proto { 1 }", "proto=1 type=0", false },
	{ "ipv4 proto { 1 } icmp ipv4 { 3/1-5 }", "proto=1 type=3 code=5", true },
	{ "ipv4 proto { 1 } icmp ipv4 { 3/1-5 }", "proto=1 type=3 code=6", false },
	{ "ipv6 proto { 58 } not icmp ipv6 { 128 }", "v6 proto=58 type=129", true },
	{ "any smac { 02:00:00:00:00:01 }", "mac=02:00:00:00:00:01", true },
	{ "any smac { 02:00:00:00:00:01 }", "mac=02:00:00:00:00:02", false },
	{ "any not smac { 02:00:00:00:00:01 }", "mac=02:00:00:00:00:02", true },
	{ "any not smac { 02:00:00:00:00:01 }", "", false },
	{ "any dscp { 46 }", "dscp=46", true },
	{ "any not dscp { 46 }", "dscp=46", false },
	{ "any ttl { 64-255 }", "", true },
	{ "any ttl { 65-255 }", "", false },
	{ "any mark 0x1/0xff", "mark=0x101", true },
	{ "any mark 0x1/0xffffffff", "mark=0x101", false },
	{ "any not mark 0x1/0xffffffff", "mark=0x101", true },
	{ "any ctmark 0x2/0x2", "ctmark=3", true },
	{ "any not ctmark 0x2/0x2", "ctmark=1", true },
	{ "any not ctmark 0x2/0x2", "ctmark=1 state=8", false }, /* invalid: no connection */
	{ "any ctstate { new }", "", true },
	{ "any ctstate { established, related }", "", false },
	{ "any ctstate { established, related }", "state=4", true },
	{ "any not ctstate { invalid }", "", true },
	{ "any ctstate { invalid }", "state=8", true },
	{ "any ctstate { untracked }", "state=16", true },
	{ "any ctstatus { dnat }", "status=1", true },
	{ "any ctstatus { dnat }", "status=2", false },
	{ "any not ctstatus { dnat }", "", true },
	{ "any not ctstatus { dnat }", "state=8", false },
	{ "any cthelper \"ftp\"", "helper=ftp", true },
	{ "any cthelper \"ftp\"", "helper=sip", false },
	{ "any not cthelper \"ftp\"", "helper=sip", true },
	{ "any not cthelper \"ftp\"", "", false },
	{ "any proto { 6 } tcpflags 0x2/0x17", "", true },
	{ "any proto { 6 } tcpflags 0x2/0x17", "flags=18", false },
	{ "any proto { 6 } not tcpflags 0x2/0x17", "flags=18", true },
	{ "any mss { 1-536 }", "mss=500", true },
	{ "any mss { 1-536 }", "mss=1460", false },
	{ "any not mss { 1-536 }", "mss=1460", true },
	{ "any not mss { 1-536 }", "", false },
	{ "any not mss { 1-536 }", "proto=17 mss=1460", false },
	{ "any length { 60-100 }", "", true },
	{ "any length { 61-100 }", "", false },
	{ "any pkttype { unicast }", "", true },
	{ "any pkttype { broadcast, multicast }", "pkttype=4", true },
	{ "any not pkttype { broadcast }", "pkttype=2", false },
	{ "any addrtype src { unicast }", "", true },
	{ "any addrtype dst { local }", "", false },
	{ "any not addrtype dst { local, broadcast }", "", true },
	{ "any not uid { 0 }", "", false }, /* forwarded: no owner */
	{ "ipv4 in @nets src", "", true },
	{ "ipv4 in @nets dst", "", false },
	{ "ipv4 not in @nets dst", "", true },
	{ "ipv4 proto { 6 } in @pairs dst.dst", "", true },
	{ "ipv4 proto { 6 } in @pairs dst.src", "", false },
	{ "any proto { 6, 17 } in @services dst", "", true },
	{ "any proto { 6, 17 } in @services dst", "proto=17", false },
	{ "any in @macs src", "mac=02:00:00:00:00:01", true },
	{ "any not in @macs src", "", false },
	{ "any in @devs src", "", true },
	{ "any in @devs dst", "", false },
	{ "ipv6 in @nets6 src", "v6", true },
	{ "ipv4 in @seen src", "", false },
	{ "any time { 1000..2000 }", "", true },
	{ "any time { 0..1000 }", "", false },
	{ "any time { 0..10, 900..1001 }", "", true },
	{ "any not time { 0..10, 900..1001 }", "", false },
	{ "any time { }", "", false },
	{ "any random 0x0", "", false },
	{ "any not random 0x0", "", true },
	{ "any random 0xffffffff", "", true },
	{ "any limit l", "", true },
	{ "any limit over", "", false },
	{ "ipv4 meter @meter src", "", true },
	{ "ipv4 meter @flood src", "", false },
	{ "ipv4 connections @seen src 1", "", true },
	{ "ipv4 connections @seen src 0", "", false },
	{ "ipv4 not connections @seen src 0", "", true },
	{ "ipv4 not connections @seen src 1", "", false },
	{ "ipv4 connections @seen src 1", "state=16", false },
	{ "any ctstatus { assured }", "status=16", true },
	{ "any ctstatus { seen-reply, confirmed }", "status=16", false },
	{ "any ipsec { in }", "ipsec=1", true },
	{ "any ipsec { in }", "ipsec=2", false },
	{ "any not ipsec { in, out }", "", true },
};

static void matches_hold_as_the_kernel_has_them(void **state)
{
	bool seen[IR_MATCH_KINDS] = { false };

	(void)state;
	for (size_t i = 0; i < COUNT(matches); i++) {
		struct arena a;
		const struct ir_rule *rule;
		struct ir *ir;

		arena_init(&a);
		ir = ir_ok(&a, arena_printf(&a, OBJECTS "chain forward base forward filter\n"
			"rule %s drop\n", matches[i].match));
		rule = ir_base_find(ir, IR_FORWARD, IR_FILTER)->rules.v[0];
		for (size_t m = 0; m < rule->n_matches; m++)
			seen[rule->matches[m].kind] = true;

		struct ir_result r = eval(ir, matches[i].packet, NULL);

		if ((r.outcome == IR_OUT_DROPPED) != matches[i].holds)
			fail_msg("%s with '%s'", matches[i].match, matches[i].packet);
		assert_ptr_equal(r.decided, matches[i].holds ? rule : NULL);
		assert_int_equal(r.steps.n, 1);
		assert_int_equal(r.steps.v[0].matched, matches[i].holds);
		arena_release(&a);
	}
	/* GID stands in the test of owners. */
	for (unsigned k = 0; k < IR_MATCH_KINDS; k++) {
		if (!seen[k] && k != IR_M_GID)
			fail_msg("no row for %s", ir_match_info[k].name);
	}
}

/* Rules in a whole ruleset, a packet, and what comes out of it, as text. */
static const struct {
	const char *name, *rules, *packet, *want;
} ways[] = {
	{ "nothing accepts", "", "", "accepted wan 192.168.1.10:1000 8.8.8.8:80" },
	{ "no route", "", "dst=10.9.0.1", "unrouted" },
	{ "no rule sees what has no route", "chain forward base forward filter\nrule any drop\n",
	  "dst=10.9.0.1", "unrouted" },
	{ "the policy is the last rule",
	  "chain forward base forward filter\nrule any proto { 17 } accept\nrule any drop\n", "",
	  "dropped by 1" },
	{ "accept ends only its chain",
	  "chain pm base prerouting mangle\nrule any accept\nrule any set-mark and 0 xor 0x9 continue\n"
	  "chain forward base forward filter\nrule any drop\n", "", "dropped by 0" },
	{ "reject tells how", "chain forward base forward filter\nrule any proto { 6 } reject tcp-reset\n",
	  "", "rejected 0 by 0" },
	{ "reject admin", "chain forward base forward filter\nrule any reject admin\n", "",
	  "rejected 2 by 0" },
	{ "input sees what is for the router",
	  "chain input base input filter\nrule any proto { 6 } dport { 22 } accept\nrule any drop\n"
	  "chain forward base forward filter\nrule any drop\n",
	  "dst=192.168.1.1 dport=22", "accepted - 192.168.1.10:1000 192.168.1.1:22 by 0" },
	{ "forward does not see it", "chain forward base forward filter\nrule any drop\n",
	  "dst=192.168.1.1", "accepted - 192.168.1.10:1000 192.168.1.1:80" },
	{ "output has no iif and an oif",
	  "chain output base output filter\nrule any not iif { \"lan\" } oif { \"wan\" } drop\n", "out",
	  "dropped by 0" },
	{ "an owner sends", "chain output base output filter\nrule any gid { 7 } not uid { 0 } drop\n",
	  "out uid=5 gid=7", "dropped by 0" },
	{ "what the router sends to itself leaves by lo",
	  "chain output base output filter\nrule any oif { \"lo\" } drop\n", "out dst=192.168.1.1",
	  "dropped by 0" },
	{ "postrouting knows both devices",
	  "chain po base postrouting mangle\nrule any iif { \"lan\" } oif { \"wan\" } set-dscp 46 continue\n",
	  "", "accepted wan 192.168.1.10:1000 8.8.8.8:80 dscp=46" },
	{ "input knows no oif", "chain input base input filter\nrule any not oif { \"x\" } drop\n",
	  "dst=192.168.1.1", "dropped by 0" },

	{ "jump comes back",
	  "chain forward base forward filter\nrule any jump z\nrule any drop\n"
	  "chain z zone forward filter\nrule any set-mark and 0 xor 0x1 continue\n", "", "dropped by 1" },
	{ "jump may decide",
	  "chain forward base forward filter\nrule any jump z\nrule any drop\n"
	  "chain z zone forward filter\nrule any accept\n", "",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80 by 0" },
	{ "goto does not come back",
	  "chain forward base forward filter\nrule any goto z\nrule any drop\n"
	  "chain z zone forward filter\n", "", "accepted wan 192.168.1.10:1000 8.8.8.8:80" },
	{ "goto comes back to the caller of its chain",
	  "chain forward base forward filter\nrule any jump y\nrule any drop\n"
	  "chain y zone forward filter\nrule any goto z\nrule any accept\n"
	  "chain z zone forward filter\n", "", "dropped by 1" },
	{ "return leaves a chain",
	  "chain forward base forward filter\nrule any jump z\nrule any drop\n"
	  "chain z zone forward filter\nrule any return\nrule any accept\n", "", "dropped by 1" },
	{ "return in a base chain accepts",
	  "chain forward base forward filter\nrule any return\nrule any drop\n", "",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80" },

	{ "notrack makes untracked",
	  "chain raw base prerouting raw\nrule any notrack continue\n"
	  "chain forward base forward filter\nrule any ctstate { untracked } drop\n", "",
	  "dropped by 0" },
	{ "untracked packets meet no NAT",
	  "chain raw base prerouting raw\nrule any notrack continue\n"
	  "chain s base postrouting srcnat\nrule any masquerade\n", "",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80 notrack" },
	{ "before conntrack all is invalid",
	  "chain raw base prerouting raw\nrule any ctstate { new } drop\n"
	  "rule any ctstate { invalid } set-mark and 0 xor 0x5 continue\n", "",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80 mark=5" },
	{ "no connection mark before conntrack",
	  "chain raw base prerouting raw\nrule any not ctmark 0x1/0x1 drop\n", "",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80" },

	{ "dnat is routed anew and seen by later hooks",
	  "chain d base prerouting dstnat\n"
	  "rule ipv4 proto { 6 } dport { 80 } dnat to 192.168.1.20 ports 8080\n"
	  "chain forward base forward filter\n"
	  "rule ipv4 proto { 6 } daddr { 192.168.1.20 } dport { 8080 } oif { \"lan\" } ctstatus { dnat } accept\n"
	  "rule any drop\n",
	  "iif=wan src=8.8.8.8 dst=203.0.113.1", "accepted lan 8.8.8.8:1000 192.168.1.20:8080 dnat by 0" },
	{ "a nat verdict ends its chain",
	  "chain d base prerouting dstnat\nrule ipv4 dnat to 192.168.1.20\nrule any drop\n", "",
	  "accepted lan 192.168.1.10:1000 192.168.1.20:80 dnat" },
	{ "established packets meet no NAT",
	  "chain d base prerouting dstnat\nrule ipv4 dnat to 192.168.1.20\n", "state=2",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80" },
	{ "dnat to a range takes its first",
	  "chain d base prerouting dstnat\nrule ipv4 dnat to 192.168.1.20-192.168.1.30\n", "",
	  "accepted lan 192.168.1.10:1000 192.168.1.20:80 dnat" },
	{ "a port in the range is kept",
	  "chain d base prerouting dstnat\nrule ipv4 proto { 6 } dnat to 192.168.1.20 ports 70-90\n", "",
	  "accepted lan 192.168.1.10:1000 192.168.1.20:80 dnat" },
	{ "ports are shifted one to one",
	  "chain d base prerouting dstnat\n"
	  "rule ipv4 proto { 6 } dnat to 192.168.1.20 ports 8070-8090 from 70\n", "",
	  "accepted lan 192.168.1.10:1000 192.168.1.20:8080 dnat" },
	{ "dnat of the port alone",
	  "chain d base prerouting dstnat\nrule any proto { 6 } dnat ports 81\n", "v6",
	  "accepted wan fd00::10:1000 2001:4860::8:81 dnat" },
	{ "dnat that changes nothing is not noted",
	  "chain d base prerouting dstnat\nrule ipv4 dnat to 8.8.8.8\n"
	  "chain forward base forward filter\nrule any ctstatus { dnat } drop\n", "",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80 dnat" },
	{ "redirect goes to the router",
	  "chain d base prerouting dstnat\nrule any proto { 6 } redirect ports 3128\n"
	  "chain input base input filter\nrule any proto { 6 } dport { 3128 } ctstatus { dnat } accept\n"
	  "rule any drop\n", "", "accepted - 192.168.1.10:1000 192.168.1.1:3128 dnat by 0" },
	{ "redirect without an address drops",
	  "chain d base prerouting dstnat\nrule any redirect\n", "iif=tun0", "dropped by 0" },
	{ "redirect in output goes to loopback",
	  "chain d base output dstnat\nrule any redirect\n", "out v6",
	  "accepted lo fd00::10:1000 ::1:80 dnat" },
	{ "output is routed anew before its filter",
	  "chain d base output dstnat\nrule ipv4 dnat to 192.168.1.20\n"
	  "chain output base output filter\nrule any oif { \"lan\" } drop\n", "out", "dropped by 0" },
	{ "output to nowhere after dnat",
	  "chain d base output dstnat\nrule ipv4 dnat to 10.9.0.1\n", "out", "unrouted" },
	{ "netmap keeps the host",
	  "chain d base prerouting dstnat\nrule ipv4 netmap-dst to 172.16.32.0/20\n",
	  "dst=10.1.2.3", "accepted wan 192.168.1.10:1000 172.16.34.3:80 dnat" },
	{ "netmap of sources",
	  "chain s base postrouting srcnat\nrule ipv6 netmap-src to 2001:db8:1::/64\n", "v6",
	  "accepted wan 2001:db8:1::10:1000 2001:4860::8:80 snat" },
	{ "masquerade takes the address of the way out",
	  "chain s base postrouting srcnat\nrule any masquerade\n", "",
	  "accepted wan 203.0.113.1:1000 8.8.8.8:80 snat" },
	{ "masquerade to ports",
	  "chain s base postrouting srcnat\nrule any proto { 6 } masquerade ports 2000-2010\n", "v6",
	  "accepted wan 2001:db8::1:2000 2001:4860::8:80 snat" },
	{ "snat", "chain s base postrouting srcnat\nrule ipv4 snat to 203.0.113.5\n", "",
	  "accepted wan 203.0.113.5:1000 8.8.8.8:80 snat" },
	{ "snat keeps a source in its range",
	  "chain s base postrouting srcnat\nrule ipv4 snat to 192.168.1.5-192.168.1.15\n", "",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80 snat" },
	{ "snat in input",
	  "chain s base input srcnat\nrule ipv4 snat to 10.0.0.1\n", "dst=192.168.1.1",
	  "accepted - 10.0.0.1:1000 192.168.1.1:80 snat" },
	{ "snat does not follow a drop",
	  "chain forward base forward filter\nrule any drop\n"
	  "chain s base postrouting srcnat\nrule any masquerade\n", "", "dropped by 0" },

	{ "marks", "chain m base prerouting mangle\nrule any set-mark and 0xf0 xor 0x3 continue\n",
	  "mark=0xff", "accepted wan 192.168.1.10:1000 8.8.8.8:80 mark=f3" },
	{ "connection marks",
	  "chain m base prerouting mangle\nrule any set-ctmark and 0xf0 xor 0x3 continue\n",
	  "ctmark=0xff", "accepted wan 192.168.1.10:1000 8.8.8.8:80 ctmark=f3" },
	{ "save-mark", "chain m base prerouting mangle\nrule any save-mark 0xf continue\n",
	  "mark=0x12 ctmark=0xff", "accepted wan 192.168.1.10:1000 8.8.8.8:80 mark=12 ctmark=f2" },
	{ "restore-mark", "chain m base prerouting mangle\nrule any restore-mark 0xf continue\n",
	  "mark=0x12 ctmark=0xff", "accepted wan 192.168.1.10:1000 8.8.8.8:80 mark=1f ctmark=ff" },
	{ "no connection, no mark of it",
	  "chain m base prerouting mangle\nrule any set-ctmark and 0 xor 0x3 continue\n", "state=8",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80" },
	{ "ttl to", "chain m base prerouting mangle\nrule any set-ttl to 9 continue\n", "",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80 ttl=9" },
	{ "ttl up", "chain m base prerouting mangle\nrule any set-ttl up 250 continue\n", "",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80 ttl=255" },
	{ "ttl down", "chain m base prerouting mangle\nrule any set-ttl down 65 continue\n", "",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80 ttl=0" },
	{ "mss is lowered", "chain m base forward mangle\nrule any set-mss 1400 continue\n", "mss=1460",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80 mss=1400" },
	{ "mss is never raised", "chain m base forward mangle\nrule any set-mss 1400 continue\n",
	  "mss=500", "accepted wan 192.168.1.10:1000 8.8.8.8:80 mss=500" },
	{ "mss of the path is not known", "chain m base forward mangle\nrule any set-mss 0 continue\n",
	  "mss=500", "accepted wan 192.168.1.10:1000 8.8.8.8:80 mss=500" },
	{ "logs in order",
	  "chain forward base forward filter\nrule any log \"one\" level 4 continue\n"
	  "rule any counter c log \"two\" group 5 log \"three\" level 1 accept comment \"c\"\n", "",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80 log=one log=two log=three by 1" },
	{ "a helper for its protocol",
	  "chain h base prerouting helper\nrule any set-helper sip continue\n"
	  "rule any set-helper ftp continue\n", "",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80 helper=ftp" },
	{ "no helper for a connection that stands",
	  "chain h base prerouting helper\nrule any set-helper ftp continue\n", "state=2",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80" },
	{ "offload of what is established",
	  "chain forward base forward filter\nrule any offload continue\n", "state=2 flags=16",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80 offloaded" },
	{ "a rule ends where it cannot offload",
	  "chain forward base forward filter\nrule any offload drop\n", "",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80" },
	{ "no offload of what closes",
	  "chain forward base forward filter\nrule any offload continue\n", "state=2 flags=17",
	  "accepted wan 192.168.1.10:1000 8.8.8.8:80" },
};

static void tell(const struct ir_result *r, struct buf *out)
{
	static const char *const outcomes[] = { "accepted", "dropped", "rejected", "unrouted" };
	const struct ir_packet *p = &r->packet;

	buf_str(out, outcomes[r->outcome]);
	if (r->outcome == IR_OUT_REJECTED)
		buf_printf(out, " %d", (int)r->reject);
	if (r->outcome == IR_OUT_ACCEPTED) {
		buf_printf(out, " %s ", p->oif[0] ? p->oif : "-");
		addr_print(&p->src, out);
		buf_printf(out, ":%u ", p->sport);
		addr_print(&p->dst, out);
		buf_printf(out, ":%u", p->dport);
		buf_str(out, r->dnat ? " dnat" : "");
		buf_str(out, r->snat ? " snat" : "");
		buf_str(out, r->notrack ? " notrack" : "");
		buf_str(out, r->offloaded ? " offloaded" : "");
		if (p->mark)
			buf_printf(out, " mark=%x", (unsigned)p->mark);
		if (p->ct_mark)
			buf_printf(out, " ctmark=%x", (unsigned)p->ct_mark);
		if (p->dscp)
			buf_printf(out, " dscp=%u", p->dscp);
		if (p->ttl != 64)
			buf_printf(out, " ttl=%u", p->ttl);
		if (p->has_mss)
			buf_printf(out, " mss=%u", p->mss);
		if (r->helper)
			buf_printf(out, " helper=%s", r->helper->name);
		vec_each (log, &r->logs)
			buf_printf(out, " log=%s", *log);
	}
	for (size_t i = 0; r->decided_chain && i < r->decided_chain->rules.n; i++) {
		if (r->decided_chain->rules.v[i] == r->decided)
			buf_printf(out, " by %zu", i);
	}
}

static void packets_take_the_kernels_way(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(ways); i++) {
		AUTO_BUF got = BUF_INIT;
		struct ir_result r;
		struct arena a;

		arena_init(&a);
		r = eval(ir_ok(&a, arena_printf(&a, OBJECTS "%s", ways[i].rules)), ways[i].packet, NULL);
		tell(&r, &got);
		if (strcmp(buf_text(&got), ways[i].want) != 0) {
			print_error("%s: %s, not %s\n", ways[i].name, buf_text(&got), ways[i].want);
			wrong++;
		}
		arena_release(&a);
	}
	assert_int_equal(wrong, 0);
}

static void buckets_fill_with_time(void **state)
{
	static const struct {
		unsigned time;
		bool token;
	} rows[] = { { 1000, true }, { 1000, true }, { 1000, false }, { 1029, false },
		{ 1030, true }, { 1031, false }, { 900, false }, { 1200, true }, { 1200, true },
		{ 1200, false } };
	struct arena a;

	(void)state;
	arena_init(&a);

	struct ir *ir = ir_ok(&a, OBJECTS "chain forward base forward filter\n"
		"rule any limit l set-mark and 0 xor 0x1 continue\n");
	struct ir *over = ir_ok(&a, OBJECTS "chain forward base forward filter\n"
		"rule any limit over set-mark and 0 xor 0x1 continue\n");
	struct ir_state *s = ir_state_new(ir), *so = ir_state_new(over);

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *packet = arena_printf(&a, "time=%u", rows[i].time);

		assert_int_equal(eval(ir, packet, s).packet.mark, rows[i].token);
		assert_int_equal(eval(over, packet, so).packet.mark, !rows[i].token);
	}
	ir_state_free(s);
	ir_state_free(so);
	ir_state_free(NULL);
	arena_release(&a);
}

static void sets_remember_and_forget(void **state)
{
	static const char *const packets[] = { "src=192.168.1.1 time=1000", "src=192.168.1.1 time=1009",
		"src=192.168.1.2 time=1010", "src=192.168.1.3 time=1011", "src=192.168.1.1 time=1018",
		"src=192.168.1.1 time=1028", "src=192.168.1.3 time=1028" };
	/* 2: was there; 1: is added; 0: the set is full and the rule ends */
	static const unsigned want[] = { 1, 2, 1, 0, 2, 1, 1 };
	struct arena a;

	(void)state;
	arena_init(&a);

	struct ir *ir = ir_ok(&a, OBJECTS "chain forward base forward filter\n"
		"rule ipv4 in @seen src add @seen src set-mark and 0 xor 0x2 accept\n"
		"rule ipv4 add @seen src set-mark and 0 xor 0x1 accept\n");
	struct ir_state *s = ir_state_new(ir);

	for (size_t i = 0; i < COUNT(packets); i++)
		assert_int_equal(eval(ir, packets[i], s).packet.mark, want[i]);
	ir_state_free(s);
	arena_release(&a);
}

static void meters_count_for_each_source(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);

	struct ir *ir = ir_ok(&a, OBJECTS "chain forward base forward filter\n"
		"rule ipv4 meter @meter src set-mark and 0xf xor 0x1 continue\n"
		"rule ipv4 meter @flood src set-mark and 0xf xor 0x2 continue\n");
	struct ir_state *s = ir_state_new(ir);

	assert_int_equal(eval(ir, "src=192.168.1.1", s).packet.mark, 1);
	assert_int_equal(eval(ir, "src=192.168.1.1", s).packet.mark, 2);
	assert_int_equal(eval(ir, "src=192.168.1.2", s).packet.mark, 1);
	/* The first meter is full and does not match; the second has no size. */
	assert_int_equal(eval(ir, "src=192.168.1.3", s).packet.mark, 0);
	assert_int_equal(eval(ir, "src=192.168.1.3", s).packet.mark, 2);
	ir_state_free(s);
	arena_release(&a);
}

static void a_meter_of_networks_counts_their_hosts_together(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);

	struct ir *ir = ir_ok(&a, "set nets ipv6 dynamic net6 rate 1 per 60 burst 2\n"
		"chain forward base forward filter\n"
		"rule ipv6 meter @nets src set-mark and 0 xor 0x1 accept\n");
	struct ir_state *s = ir_state_new(ir);

	assert_int_equal(eval(ir, "v6 src=fd00::1", s).packet.mark, 1);
	assert_int_equal(eval(ir, "v6 src=fd00::ffff:2", s).packet.mark, 1);
	assert_int_equal(eval(ir, "v6 src=fd00::3", s).packet.mark, 0);
	assert_int_equal(eval(ir, "v6 src=fd00:0:0:1::3", s).packet.mark, 1);
	ir_state_free(s);
	arena_release(&a);
}

/*
 * Three packets within ten seconds of the first: what a scan is. The elements are not renewed, so
 * a sender that goes on is counted anew when the ten seconds are over.
 */
static void elements_that_live_once_count_within_a_time(void **state)
{
	static const struct {
		unsigned time, port, mark;
	} rows[] = {
		{ 1000, 1, 0 }, { 1000, 1, 0 }, { 1009, 1, 0 }, { 1009, 2, 0 }, { 1009, 3, 1 },
		{ 1009, 3, 0 },			/* known by now, so it counts no more */
		{ 1010, 4, 0 }, { 1011, 1, 0 }, /* the first two of a new time */
		{ 1018, 5, 1 },
		{ 1021, 6, 0 },
	};
	struct arena a;

	(void)state;
	arena_init(&a);

	struct ir *ir = ir_ok(&a, "set ports ipv4.proto-port dynamic once timeout 10\n"
		"set scans ipv4 dynamic once rate 1 per 86400 burst 2 timeout 10\n"
		"chain forward base forward filter\n"
		"rule ipv4 proto { 6 } in @ports src.dst accept\n"
		"rule ipv4 proto { 6 } add @ports src.dst continue\n"
		"rule ipv4 meter @scans src accept\n"
		"rule ipv4 set-mark and 0 xor 0x1 accept\n");
	struct ir_state *s = ir_state_new(ir);

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *packet =
			arena_printf(&a, "time=%u dport=%u", rows[i].time, rows[i].port);

		assert_int_equal(eval(ir, packet, s).packet.mark, rows[i].mark);
	}
	ir_state_free(s);
	arena_release(&a);
}

static void random_takes_its_share(void **state)
{
	struct random r = { 7 };
	struct arena a;
	unsigned first = 0, second = 0;

	(void)state;
	arena_init(&a);

	struct ir *ir = ir_ok(&a, OBJECTS "chain prerouting base prerouting mangle\n"
		"rule any random 0x40000000 set-mark and 0 xor 0x1 accept\n"
		"rule any random 0x80000000 set-mark and 0 xor 0x2 accept\n"
		"rule any set-mark and 0 xor 0x3 accept\n");

	for (unsigned i = 0; i < 4000; i++) {
		struct ir_packet p;
		struct ir_result result;

		random_packet(&r, &p);
		if (!p.iif[0])
			continue;
		ir_eval(ir, &p, &random_world, NULL, false, &a, &result);
		assert_int_equal(result.steps.n, 0);
		first += result.packet.mark == 1;
		second += result.packet.mark == 2;
	}
	/* Of about 3000: a quarter, and half of the rest. */
	assert_in_range(first, 650, 850);
	assert_in_range(second, 1000, 1250);
	arena_release(&a);
}

static void steps_name_the_match_that_failed(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);

	struct ir *ir = ir_ok(&a, OBJECTS "chain forward base forward filter\n"
		"rule ipv6 accept\n"
		"rule any proto { 6 } dport { 22 } accept\n"
		"rule any jump z\n"
		"chain z zone forward filter zone \"lan\"\n"
		"rule any drop\n");
	const struct ir_chain *forward = ir_base_find(ir, IR_FORWARD, IR_FILTER);
	struct ir_result r = eval(ir, "", NULL);

	assert_int_equal(r.steps.n, 4);
	assert_false(r.steps.v[0].matched);
	assert_null(r.steps.v[0].failed);
	assert_ptr_equal(r.steps.v[1].failed, &forward->rules.v[1]->matches[1]);
	assert_true(r.steps.v[2].matched);
	assert_ptr_equal(r.steps.v[2].chain, forward);
	assert_int_equal(r.steps.v[2].hook, IR_FORWARD);
	assert_int_equal(r.steps.v[2].stage, IR_FILTER);
	assert_ptr_equal(r.steps.v[3].chain, r.decided_chain);
	assert_string_equal(r.decided_chain->zone, "lan");
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_hold_as_the_kernel_has_them),
		cmocka_unit_test(packets_take_the_kernels_way),
		cmocka_unit_test(buckets_fill_with_time),
		cmocka_unit_test(sets_remember_and_forget),
		cmocka_unit_test(meters_count_for_each_source),
		cmocka_unit_test(a_meter_of_networks_counts_their_hosts_together),
		cmocka_unit_test(elements_that_live_once_count_within_a_time),
		cmocka_unit_test(random_takes_its_share),
		cmocka_unit_test(steps_name_the_match_that_failed),
	};

	return RUN_TAP(tests);
}
