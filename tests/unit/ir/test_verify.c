/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "ir_text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define F "chain forward base forward filter\n"
#define V4 F "rule ipv4 "
#define ANY F "rule any "

/* Breaches that a dump can say. */
static const struct {
	const char *text, *says;
} breaches[] = {
	/* objects */
	{ "set a0123456789012345678901234567890123456789 port\n", "not a name of at most 31" },
	{ "counter a012345678901234567890123456789012345678901234567890123456789012\n",
	  "not a name of at most 63" },
	{ "limit l rate 0 per 1 burst 1\n", "a rate of nothing" },
	{ "limit l rate 1 per 2 burst 1\n", "a rate per 2 seconds" },
	{ "helper h \"f tp\" proto 6 any\n", "no kernel name" },
	{ "helper h \"ftp\" proto 0 any\n", "no kernel name or protocol" },
	{ "set s port interval dynamic\n", "cannot add to intervals" },
	{ "set s port rate 1 per 1 burst 1\n", "a meter that no rule may add to" },
	{ "set s port dynamic rate 1 per 5 burst 1\n", "a rate per 5" },
	{ "set s port once timeout 5\n", "is not renewed" },
	{ "set s ipv4 dynamic net6\n", "something else than IPv6" },
	{ "set s port dynamic once\n", "is not renewed" },
	{ "set s port size 1\nelement 1\nelement 2\n", "more elements than its size" },
	{ "set s port\nelement 1-2\n", "element 1 is not of its key" },
	{ "set s proto-port\nelement 6:1-2\n", "element 1 is not of its key" },
	{ "set s ipv4\nelement 10.0.0.1\nelement 10.0.0.0/8\n", "element 2 is not of its key" },
	{ "set s ipv6\nelement 10.0.0.1\n", "element 1 is not of its key" },
	{ "set s device\nelement \"tun\"+\n", "element 1 is not of its key" },
	{ "set s device\nelement !\"tun\"\n", "element 1 is not of its key" },
	{ "set s device\nelement \"\"\n", "element 1 is not of its key" },
	{ "set s port\nelement 1 comment \"a\\\"b\"\n", "a comment that is no label" },
	{ "sysctl \"../x\" \"1\"\n", "is not a setting" },
	{ "sysctl \"/proc\" \"1\"\n", "is not a setting" },
	{ "sysctl \"net/../x\" \"1\"\n", "is not a setting" },
	{ "sysctl \"net//x\" \"1\"\n", "is not a setting" },
	{ "sysctl \"\" \"1\"\n", "is not a setting" },
	{ "flowtable enabled { \"0123456789abcdef\" }\n", "a device without a name" },
	{ "flowtable enabled { \"\" }\n", "a device without a name" },

	/* matches */
	{ ANY "iif { } drop\n", "a match on nothing" },
	{ ANY "iif { !\"lan\" } drop\n", "negated or has no name" },
	{ ANY "oif { \"\"+ } drop\n", "negated or has no name" },
	{ "set s port\n" ANY "iif @s drop\n", "not one of devices" },
	{ ANY "saddr { 10.0.0.1 } drop\n", "an address in a rule of both families" },
	{ V4 "saddr { fd00::1 } drop\n", "an address of the other family" },
	{ V4 "daddr { } drop\n", "a match on nothing" },
	{ V4 "daddr { 10.0.0.2, 10.0.0.1 } drop\n", "not normalised" },
	{ V4 "daddr { 10.0.0.1, 10.0.0.2 } drop\n", "not normalised" },
	{ V4 "daddr { 10.0.0.0/8, 10.1.0.0/16 } drop\n", "not normalised" },
	{ V4 "daddr { 0.0.0.0/0, 10.1.0.0/16 } drop\n", "not normalised" },
	{ ANY "saddr-masked ::1/::1 drop\n", "not of the rule's family" },
	{ V4 "saddr-masked ::1/::1 drop\n", "not of the rule's family" },
	{ V4 "daddr-masked 0.0.0.2/0.0.0.1 drop\n", "bits outside its mask" },
	{ ANY "proto { 256 } drop\n", "not within 0 to 255" },
	{ ANY "proto { } drop\n", "a match on nothing" },
	{ ANY "proto { 6, 7 } drop\n", "not normalised" },
	{ ANY "dport { 80 } drop\n", "ports without a protocol" },
	{ ANY "proto { 1, 6 } dport { 80 } drop\n", "ports without a protocol" },
	{ ANY "not proto { 6 } sport { 80 } drop\n", "ports without a protocol" },
	{ ANY "proto { 6 } dport { 65536 } drop\n", "not within 0 to 65535" },
	{ ANY "proto { 1 } icmp ipv4 { 8 } drop\n", "of both families" },
	{ V4 "icmp ipv4 { 8 } drop\n", "ICMP types without the protocol" },
	{ V4 "proto { 58 } icmp ipv4 { 8 } drop\n", "ICMP types without the protocol" },
	{ V4 "proto { 1 } icmp ipv6 { 8 } drop\n", "an ICMP type of the other family" },
	{ ANY "smac { } drop\n", "a match on nothing" },
	{ ANY "smac { 02:00:00:00:00:02, 02:00:00:00:00:01 } drop\n", "not sorted" },
	{ ANY "smac { 02:00:00:00:00:02, 02:00:00:00:00:02 } drop\n", "one twice" },
	{ ANY "dscp { 64 } drop\n", "not within 0 to 63" },
	{ ANY "ttl { 256 } drop\n", "not within 0 to 255" },
	{ ANY "mss { 65536 } drop\n", "not within 0 to 65535" },
	{ ANY "length { 65536 } drop\n", "not within 0 to 65535" },
	{ ANY "mark 0x2/0x1 drop\n", "a mark with bits outside" },
	{ ANY "ctmark 0x2/0x1 drop\n", "a mark with bits outside" },
	{ ANY "ctstate { } drop\n", "ctstate: bits 0x0" },
	{ ANY "addrtype src { } drop\n", "addrtype: bits 0x0" },
	{ ANY "cthelper \"\" drop\n", "a helper without a name" },
	{ ANY "tcpflags 0x2/0x2 drop\n", "TCP flags without the protocol" },
	{ ANY "proto { 6, 17 } tcpflags 0x2/0x2 drop\n", "TCP flags without the protocol" },
	{ ANY "proto { 6 } tcpflags 0x2/0x1 drop\n", "TCP flags outside their mask" },
	{ "set s ipv4\n" ANY "in @s src drop\n", "not of the rule's family" },
	{ "set s ipv6\n" V4 "in @s src drop\n", "not of the rule's family" },
	{ "set s port\n" ANY "in @s dst drop\n", "a port without a protocol" },
	{ "set s mac\n" ANY "meter @s src drop\n", "has no rate" },
	{ "set s mac dynamic rate 1 per 1 burst 1\n" ANY "not meter @s src drop\n", "negated meter" },
	{ "limit l rate 1 per 1 burst 1\n" ANY "not limit l drop\n", "a negated limit" },
	{ ANY "time { 1..2 } drop\n", "no moment up to which" },
	{ "until 9\n" ANY "time { 2..2 } drop\n", "times that are empty" },
	{ "until 9\n" ANY "time { 3..4, 1..2 } drop\n", "unsorted" },
	{ "until 9\n" ANY "time { 1..3, 3..4 } drop\n", "overlap" },

	/* statements */
	{ ANY "log \"a\\\\b\" level 4 drop\n", "a log prefix that is no label" },
	{ ANY "log \"a\\x0ab\" level 4 drop\n", "a log prefix that is no label" },
	{ ANY "log \"x\" level 8 drop\n", "log level 8" },
	{ ANY "set-dscp 64 continue\n", "DSCP 64" },
	{ ANY "set-mss 65536 continue\n", "MSS 65536" },
	{ ANY "notrack continue\n", "notrack outside raw" },
	{ "helper h \"ftp\" proto 6 any\nchain r base output raw\nrule any set-helper h continue\n",
	  "a helper before connection tracking" },
	{ "set s mac\n" ANY "add @s src continue\n", "not one that rules add to" },
	{ "set s ipv4 dynamic\n" ANY "add @s src continue\n", "not of the rule's family" },
	{ ANY "offload continue\n", "offload without a flowtable" },

	/* verdicts */
	{ "chain m base forward mangle\nrule any reject port\n", "reject in mangle" },
	{ "chain p base prerouting filter\nrule any reject port\n", "reject outside input" },
	{ ANY "reject tcp-reset\n", "a TCP reset without the protocol" },
	{ ANY "jump forward\n", "a jump to the base chain forward" },
	{ ANY "goto m\nchain m other forward mangle\n", "a jump from filter to chain m of mangle" },
	{ V4 "dnat to 10.0.0.1\n", "dnat in filter" },
	{ "chain d base prerouting dstnat\nrule any masquerade\n", "masquerade in dstnat" },
	{ "chain s base postrouting srcnat\nrule any redirect\n", "redirect in srcnat" },
	{ "chain s base input srcnat\nrule any masquerade\n", "masquerade outside postrouting" },
	{ "chain s base input srcnat\nrule any jump t\nchain t other postrouting srcnat\n"
	  "rule any masquerade\n", "masquerade outside postrouting" },
	{ "chain t other input srcnat\nrule any masquerade\n", "masquerade outside postrouting" },
	{ "chain s base postrouting srcnat\nrule ipv4 masquerade to 10.0.0.1\n", "the router's own" },
	{ "chain s base postrouting srcnat\nrule any snat\n", "a translation to nothing" },
	{ "chain s base postrouting srcnat\nrule any snat to 10.0.0.1\n", "not of the rule's family" },
	{ "chain s base postrouting srcnat\nrule ipv6 snat to 10.0.0.1\n", "not of the rule's family" },
	{ "chain s base postrouting srcnat\nrule any netmap-src\n", "a translation to nothing" },
	{ "chain s base postrouting srcnat\nrule ipv4 netmap-src to 10.0.0.1-10.0.0.9\n", "no prefix" },
	{ "chain s base postrouting srcnat\nrule ipv4 proto { 6 } netmap-src to 10.0.0.0/8 ports 5\n",
	  "ports in a map" },
	{ "chain s base postrouting srcnat\nrule any masquerade ports 5\n", "without a protocol" },
	{ "chain s base postrouting srcnat\nrule any proto { 6 } masquerade ports 65536\n",
	  "ports of a translation that are none" },
	{ "chain d base prerouting dstnat\nrule ipv4 dnat to 10.0.0.1 from 5\n", "and no ports" },
	{ "chain d base prerouting dstnat\nrule ipv4 proto { 6 } dnat to 10.0.0.1 ports 5 from 65536\n",
	  "ports of a translation that are none" },

	/* the rule, the graph */
	{ ANY "drop comment \"a\\x07\"\n", "a comment that is no label" },
	{ ANY "drop\n rule any accept\n rule any offload drop\n from \"rule\" \"@rule[7]\"\n",
	  "chain forward, rule 3 (rule @rule[7]): offload without a flowtable" },
	{ ANY "jump a\nchain a other forward filter\nrule any jump a\n", "chain a: it calls itself" },
	{ ANY "jump a\nchain a other forward filter\nrule any goto b\n"
	  "chain b other forward filter\nrule any jump a\n", "it calls itself" },
};

static void each_breach_is_told(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(breaches); i++) {
		const char *why = "nothing";
		struct arena a;

		arena_init(&a);
		if (ir_verify(ir_of(&a, breaches[i].text), &why) || !strstr(why, breaches[i].says)) {
			print_error("%s: %s, not %s\n", breaches[i].text, why, breaches[i].says);
			wrong++;
		}
		arena_release(&a);
	}
	assert_int_equal(wrong, 0);
}

/* Breaches that no dump can say, made by hand on a good IR. */
enum by_hand {
	TWO_COUNTERS, FOREIGN_COUNTER, FOREIGN_SET, FOREIGN_LIMIT, FOREIGN_HELPER, FOREIGN_CHAIN,
	NULL_SET, NULL_LIMIT, NULL_HELPER, NULL_CHAIN, BASE_LAST, BASE_TWICE, BASE_ORDER, BASE_PLACE,
	CHAIN_TWICE, SET_TWICE, LIMIT_TWICE, HELPER_TWICE, NO_KEY, ORIGIN_NULL, ORIGIN_EMPTY,
	LONG_COMMENT, BAD_FAMILY, BAD_VERDICT, BAD_MATCH, BAD_STATEMENT, BAD_BITS, ICMP_CODES,
	RANGE_BACKWARDS, NULL_TEXT, BAD_KEY, BAD_ROLE,
};

static const char *const by_hand_says[] = {
	[TWO_COUNTERS] = "counter 'c' is there twice",
	[FOREIGN_COUNTER] = "a counter that is not the IR's",
	[FOREIGN_SET] = "a set that is not the IR's",
	[FOREIGN_LIMIT] = "a limit that is not the IR's",
	[FOREIGN_HELPER] = "a helper that is not the IR's",
	[FOREIGN_CHAIN] = "a chain that is not the IR's",
	[NULL_SET] = "a set that is not the IR's",
	[NULL_LIMIT] = "a limit that is not the IR's",
	[NULL_HELPER] = "a helper that is not the IR's",
	[NULL_CHAIN] = "a chain that is not the IR's",
	[BASE_LAST] = "a base chain after another",
	[BASE_TWICE] = "out of order, or two for one",
	[BASE_ORDER] = "out of order, or two for one",
	[BASE_PLACE] = "the hook has no such stage",
	[CHAIN_TWICE] = "chain 'z' is there twice",
	[SET_TWICE] = "set 's' is there twice",
	[LIMIT_TWICE] = "limit 'l' is there twice",
	[HELPER_TWICE] = "helper 'h' is there twice",
	[NO_KEY] = "a key of 0 parts",
	[ORIGIN_NULL] = "an origin that is none",
	[ORIGIN_EMPTY] = "an origin without type or id",
	[LONG_COMMENT] = "a comment that is no label",
	[BAD_FAMILY] = "an unknown family",
	[BAD_VERDICT] = "an unknown verdict",
	[BAD_MATCH] = "an unknown kind of match",
	[BAD_STATEMENT] = "an unknown kind of statement",
	[BAD_BITS] = "ctstate: bits 0x20",
	[ICMP_CODES] = "ICMP codes that run backwards",
	[RANGE_BACKWARDS] = "not within",
	[NULL_TEXT] = "a helper without a name",
	[BAD_KEY] = "an unknown key",
	[BAD_ROLE] = "an unknown role",
};

/* A copy with the same name, which is not in the IR. */
#define FOREIGN(arena, p) arena_copy((arena), (p), 1, sizeof(*(p)))

static void breach(struct ir *ir, enum by_hand what)
{
	static const struct ir_origin empty = { .type = "rule" };
	struct arena *a = ir->arena;
	struct ir_chain *input = ir->chains.v[0], *forward = ir->chains.v[1], *z = ir->chains.v[2];
	struct ir_rule *rule = ir_rule_add(ir, forward, NULL);
	struct icmp_type *type = ARENA_NEW(a, struct icmp_type);

	switch (what) {
	case TWO_COUNTERS: vec_push(a, &ir->counters, ir->counters.v[0]); break;
	case FOREIGN_COUNTER: rule->counter = FOREIGN(a, ir->counters.v[0]); break;
	case FOREIGN_SET:
		ir_match_add(ir, rule, IR_M_IIF)->devices.set = FOREIGN(a, ir->sets.v[0]);
		break;
	case FOREIGN_LIMIT:
		ir_match_add(ir, rule, IR_M_LIMIT)->limit = FOREIGN(a, ir->limits.v[0]);
		break;
	case FOREIGN_HELPER:
		ir_statement_add(ir, rule, IR_S_HELPER)->helper = FOREIGN(a, ir->helpers.v[0]);
		break;
	case FOREIGN_CHAIN:
		rule->verdict.kind = IR_JUMP;
		rule->verdict.chain = FOREIGN(a, z);
		break;
	case NULL_SET: ir_match_add(ir, rule, IR_M_SET); break;
	case NULL_LIMIT: ir_match_add(ir, rule, IR_M_LIMIT); break;
	case NULL_HELPER: ir_statement_add(ir, rule, IR_S_HELPER); break;
	case NULL_CHAIN: rule->verdict.kind = IR_GOTO; break;
	case BASE_LAST: ir->chains.v[2] = forward; ir->chains.v[1] = z; break;
	case BASE_TWICE: input->hook = IR_FORWARD; break;
	case BASE_ORDER: ir->chains.v[0] = forward; ir->chains.v[1] = input; break;
	case BASE_PLACE: input->stage = IR_RAW; break;
	case CHAIN_TWICE: vec_push(a, &ir->chains, z); break;
	case SET_TWICE: vec_push(a, &ir->sets, ir->sets.v[0]); break;
	case LIMIT_TWICE: vec_push(a, &ir->limits, ir->limits.v[0]); break;
	case HELPER_TWICE: vec_push(a, &ir->helpers, ir->helpers.v[0]); break;
	case NO_KEY: ir_set_add(ir, "nokey", NULL); break;
	case ORIGIN_NULL:
		rule->origins = ARENA_ARRAY(a, const struct ir_origin *, 1);
		rule->n_origins = 1;
		break;
	case ORIGIN_EMPTY: ir_rule_add(ir, forward, &empty); break;
	case LONG_COMMENT: {
		char *text = arena_alloc(a, 129);

		memset(text, 'x', 128);
		rule->comment = text;
		break;
	}
	case BAD_FAMILY: rule->family = (enum family)5; break;
	case BAD_VERDICT: rule->verdict.kind = (enum ir_verdict_kind)99; break;
	case BAD_MATCH: ir_match_add(ir, rule, (enum ir_match_kind)99); break;
	case BAD_STATEMENT: ir_statement_add(ir, rule, (enum ir_statement_kind)99); break;
	case BAD_BITS: ir_match_add(ir, rule, IR_M_CTSTATE)->bits = 32; break;
	case ICMP_CODES: {
		struct range icmp = { PROTO_ICMP, PROTO_ICMP };
		struct ir_match *m = ir_match_add(ir, rule, IR_M_PROTO);

		range_set_add(a, &m->ranges, icmp);
		rule->family = FAMILY_V4;
		*type = (struct icmp_type){ FAMILY_V4, 3, 5, 4 };
		m = ir_match_add(ir, rule, IR_M_ICMP);
		m->icmp.v = type;
		m->icmp.n = 1;
		break;
	}
	case RANGE_BACKWARDS: {
		struct ir_match *m = ir_match_add(ir, rule, IR_M_TTL);

		m->ranges.v = ARENA_ARRAY(a, struct range, 1);
		m->ranges.n = 1;
		m->ranges.v[0] = (struct range){ 5, 4 };
		break;
	}
	case NULL_TEXT: ir_match_add(ir, rule, IR_M_CTHELPER); break;
	case BAD_KEY: {
		struct ir_set *set = ir_set_add(ir, "badkey", NULL);

		set->n_key = 1;
		set->key[0] = (enum ir_key)77;
		break;
	}
	case BAD_ROLE: z->role = (enum ir_role)77; break;
	}
}

static void breaches_in_memory_are_told(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(by_hand_says); i++) {
		const char *why = "nothing";
		struct arena a;

		arena_init(&a);

		struct ir *ir = ir_ok(&a, "counter c\nlimit l rate 1 per 1 burst 1\n"
			"helper h \"ftp\" proto 6 any\nset s device\n"
			"chain input base input filter\nchain forward base forward filter\n"
			"chain z zone forward filter\n");

		breach(ir, (enum by_hand)i);
		if (ir_verify(ir, &why) || !strstr(why, by_hand_says[i])) {
			print_error("%zu: %s, not %s\n", i, why, by_hand_says[i]);
			wrong++;
		}
		arena_release(&a);
	}
	assert_int_equal(wrong, 0);
}

/* A base chain and what it calls, sixteen in all, are fine; one more is not. */
static void nesting_has_the_kernels_limit(void **state)
{
	(void)state;
	for (unsigned n = 15; n <= 200; n += n == 15 ? 1 : 92) {
		const char *why = "nothing";
		struct arena a;

		arena_init(&a);

		struct ir *ir = ir_new(&a);
		struct ir_chain *from = ir_base(ir, IR_FORWARD, IR_FILTER);

		for (unsigned i = 0; i < n; i++) {
			struct ir_chain *to = ir_chain_add(ir, arena_printf(&a, "c%u", i),
				IR_ROLE_OTHER, IR_FORWARD, IR_FILTER);
			struct ir_rule *rule = ir_rule_add(ir, from, NULL);

			rule->verdict.kind = i % 2 ? IR_GOTO : IR_JUMP;
			rule->verdict.chain = to;
			from = to;
		}
		assert_int_equal(ir_verify(ir, &why), n == 15);
		if (n > 15)
			assert_non_null(strstr(why, "more than 16 chains are nested"));
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_breach_is_told),
		cmocka_unit_test(breaches_in_memory_are_told),
		cmocka_unit_test(nesting_has_the_kernels_limit),
	};

	return RUN_TAP(tests);
}
