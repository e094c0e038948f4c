/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../cmocka_tap.h"

#include "base/utf8.h"
#include "ir_text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void base_chains_are_made_once_and_stand_in_order(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);

	struct ir *ir = ir_new(&a);
	struct ir_chain *zone = ir_chain_add(ir, "zone_lan", IR_ROLE_ZONE, IR_INPUT, IR_FILTER);
	struct ir_chain *srcnat = ir_base(ir, IR_POSTROUTING, IR_SRCNAT);
	struct ir_chain *input = ir_base(ir, IR_INPUT, IR_FILTER);
	struct ir_chain *mangle = ir_base(ir, IR_INPUT, IR_MANGLE);
	const char *why;

	assert_ptr_equal(ir_base(ir, IR_INPUT, IR_FILTER), input);
	assert_ptr_equal(ir_base_find(ir, IR_POSTROUTING, IR_SRCNAT), srcnat);
	assert_null(ir_base_find(ir, IR_FORWARD, IR_FILTER));
	assert_string_equal(input->name, "input");
	assert_string_equal(mangle->name, "mangle_input");
	assert_int_equal(ir->chains.n, 4);
	assert_ptr_equal(ir->chains.v[0], mangle);
	assert_ptr_equal(ir->chains.v[1], input);
	assert_ptr_equal(ir->chains.v[2], srcnat);
	assert_ptr_equal(ir->chains.v[3], zone);
	assert_ptr_equal(ir_chain_find(ir, "zone_lan"), zone);
	assert_ptr_equal(ir_chain_find(ir, "input"), input);
	assert_true(ir_verify(ir, &why));

	/* A pass may drop chains; what is gone is not found, and its name is free again. */
	ir->chains.n = 3;
	assert_null(ir_chain_find(ir, "zone_lan"));
	assert_ptr_not_equal(ir_chain_add(ir, "zone_lan", IR_ROLE_ZONE, IR_INPUT, IR_FILTER), zone);
	arena_release(&a);
}

static void rules_grow_and_are_copied(void **state)
{
	struct ir_origin origin = { .type = "rule", .id = "r" };
	struct arena a;

	(void)state;
	arena_init(&a);

	struct ir *ir = ir_new(&a);
	struct ir_chain *forward = ir_base(ir, IR_FORWARD, IR_FILTER);
	struct ir_chain *other = ir_chain_add(ir, "other", IR_ROLE_OTHER, IR_FORWARD, IR_FILTER);
	struct ir_rule *rule = ir_rule_add(ir, forward, &origin);

	assert_int_equal(rule->verdict.kind, IR_CONTINUE);
	assert_int_equal(rule->family, FAMILY_ANY);
	assert_int_equal(ir_rule_add(ir, forward, NULL)->n_origins, 0);
	for (uint32_t i = 0; i < 20; i++) {
		ir_match_add(ir, rule, IR_M_RANDOM)->random = i;
		ir_statement_add(ir, rule, IR_S_DSCP)->value = i;
	}

	struct ir_rule *copy = ir_rule_copy(ir, other, rule);

	ir_match_add(ir, copy, IR_M_RANDOM);
	ir_statement_add(ir, copy, IR_S_NOTRACK);
	copy->matches[0].random = 99;
	assert_int_equal(rule->n_matches, 20);
	assert_int_equal(copy->n_matches, 21);
	assert_int_equal(copy->n_statements, 21);
	assert_ptr_equal(copy->origins[0], &origin);
	for (uint32_t i = 0; i < 20; i++) {
		assert_int_equal(rule->matches[i].random, i);
		assert_int_equal(copy->statements[i].value, i);
	}
	arena_release(&a);
}

/* Without room for matches and statements a copy is empty, and still grows. */
static void an_empty_rule_is_copied(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);

	struct ir *ir = ir_new(&a);
	struct ir_chain *forward = ir_base(ir, IR_FORWARD, IR_FILTER);
	struct ir_rule *copy = ir_rule_copy(ir, forward, ir_rule_add(ir, forward, NULL));

	ir_match_add(ir, copy, IR_M_RANDOM)->random = 1;
	assert_int_equal(copy->n_matches, 1);
	assert_int_equal(forward->rules.n, 2);
	arena_release(&a);
}

static void sets_are_found(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);

	struct ir *ir = ir_new(&a);

	for (unsigned i = 0; i < 500; i++)
		ir_set_add(ir, arena_printf(&a, "set%u", i), NULL);
	for (unsigned i = 0; i < 500; i++)
		assert_ptr_equal(ir_set_find(ir, arena_printf(&a, "set%u", i)), ir->sets.v[i]);
	assert_null(ir_set_find(ir, "set500"));
	arena_release(&a);
}

static const struct {
	const char *text;
	size_t n, max;
	const char *want;
} labels[] = {
	{ "Allow-Ping", 10, 127, "Allow-Ping" },
	{ "", 0, 127, "" },
	{ "a\"b`c'd", 7, 127, "a'b'c'd" },
	{ "a\\b", 3, 127, "a?b" },
	{ "a\nb\tc\rd\0e", 9, 127, "a?b?c?d?e" },
	{ "%n%s", 4, 127, "%n%s" },
	{ "\xff\xc3\xa9\xc3", 4, 127, "?\xc3\xa9?" },
	{ "\xe2\x80\xae" "evil", 7, 127, "?evil" },
	{ "\xc2\x85x", 3, 127, "?x" },
	{ "a\xc3\xa9", 3, 2, "a" },
	{ "a\xc3\xa9", 3, 3, "a\xc3\xa9" },
	{ "\x7f$(id);#", 8, 127, "?\?(id);#" },
	{ "abc", 3, 0, "" },
};

static void labels_are_harmless(void **state)
{
	char longest[200];
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < COUNT(labels); i++) {
		struct slice text = { labels[i].text, labels[i].n };
		const char *label = ir_label(&a, text, labels[i].max);

		assert_string_equal(label, labels[i].want);
		assert_string_equal(ir_label(&a, slice_of(label), labels[i].max), label);
	}
	for (size_t i = 0; i < sizeof(longest); i++)
		longest[i] = "a\"\n%n\xff\xc3\xa9\\"[i % 9];

	const char *label = ir_label(&a, (struct slice){ longest, sizeof(longest) }, 127);

	assert_in_range(strlen(label), 120, 127);
	assert_true(utf8_valid(slice_of(label)));
	for (const char *p = label; *p; p++)
		assert_true(*p != '"' && *p != '\\' && (unsigned char)*p >= ' ');
	arena_release(&a);
}

static const struct {
	const char *kind, *text;
	size_t max;
	const char *want; /* NULL: "kind_..." with a hash */
} identifiers[] = {
	{ "rule", "Allow-Ping", 63, "rule_Allow-Ping" },
	{ "set", "a", 31, "set_a" },
	{ "rule", "Allow Ping", 63, NULL },
	{ "rule", "Allow_Ping ", 63, NULL },
	{ "rule", "", 63, NULL },
	{ "rule", "caf\xc3\xa9", 63, NULL },
	{ "rule", "a\"; drop", 63, NULL },
	{ "rule", "%n%n", 63, NULL },
	{ "rule", "x_deadbeef", 63, NULL },
	{ "rule", "deadbeef", 63, NULL },
	{ "zone", "0123456789012345678901234567890123456789", 31, NULL },
	{ "zone", "0123456789012345678901234567890123456780", 31, NULL },
};

static bool is_name(const char *s)
{
	for (size_t i = 0; s[i]; i++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", s[i]))
			return false;
	}
	return s[0];
}

static void identifiers_are_names_and_differ(void **state)
{
	const char *made[COUNT(identifiers)];
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < COUNT(identifiers); i++) {
		const char *text = identifiers[i].text, *kind = identifiers[i].kind;

		made[i] = ir_identifier(&a, kind, slice_of(text), identifiers[i].max);
		assert_true(is_name(made[i]));
		assert_true(strlen(made[i]) <= identifiers[i].max);
		assert_int_equal(strncmp(made[i], kind, strlen(kind)), 0);
		assert_int_equal(made[i][strlen(kind)], '_');
		assert_string_equal(ir_identifier(&a, kind, slice_of(text), identifiers[i].max),
			made[i]);
		if (identifiers[i].want)
			assert_string_equal(made[i], identifiers[i].want);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(made[k], made[i]);
	}
	/* The hash of a changed text is fixed: names of counters survive a new build. */
	assert_string_equal(ir_identifier(&a, "rule", slice_of(""), 63), "rule_811c9dc5");
	assert_string_equal(ir_identifier(&a, "rule", slice_of("a b"), 63), "rule_a_b_10a3f9f2");
	arena_release(&a);
}

static void every_kind_of_match_has_a_name_and_a_class(void **state)
{
	/* Written out a second time: a class is a decision, not an accident. */
	static const enum ir_merge want[IR_MATCH_KINDS] = {
		[IR_M_IIF] = IR_MERGE_UNION,	    [IR_M_OIF] = IR_MERGE_UNION,
		[IR_M_SADDR] = IR_MERGE_UNION,	    [IR_M_DADDR] = IR_MERGE_UNION,
		[IR_M_SADDR_MASKED] = IR_MERGE_EQUAL, [IR_M_DADDR_MASKED] = IR_MERGE_EQUAL,
		[IR_M_PROTO] = IR_MERGE_UNION,	    [IR_M_SPORT] = IR_MERGE_UNION,
		[IR_M_DPORT] = IR_MERGE_UNION,	    [IR_M_ICMP] = IR_MERGE_UNION,
		[IR_M_SMAC] = IR_MERGE_UNION,	    [IR_M_DSCP] = IR_MERGE_UNION,
		[IR_M_TTL] = IR_MERGE_UNION,	    [IR_M_MARK] = IR_MERGE_EQUAL,
		[IR_M_CTMARK] = IR_MERGE_EQUAL,	    [IR_M_CTSTATE] = IR_MERGE_EQUAL,
		[IR_M_CTSTATUS] = IR_MERGE_EQUAL,   [IR_M_CTHELPER] = IR_MERGE_EQUAL,
		[IR_M_TCPFLAGS] = IR_MERGE_EQUAL,   [IR_M_MSS] = IR_MERGE_UNION,
		[IR_M_LENGTH] = IR_MERGE_UNION,	    [IR_M_PKTTYPE] = IR_MERGE_EQUAL,
		[IR_M_ADDRTYPE] = IR_MERGE_EQUAL,   [IR_M_UID] = IR_MERGE_UNION,
		[IR_M_GID] = IR_MERGE_UNION,	    [IR_M_SET] = IR_MERGE_EQUAL,
		[IR_M_TIME] = IR_MERGE_EQUAL,	    [IR_M_RANDOM] = IR_MERGE_BARRIER,
		[IR_M_LIMIT] = IR_MERGE_BARRIER,    [IR_M_METER] = IR_MERGE_BARRIER,
		[IR_M_IPSEC] = IR_MERGE_EQUAL,	    [IR_M_CONNECTIONS] = IR_MERGE_BARRIER,
	};

	(void)state;
	for (unsigned k = 0; k < IR_MATCH_KINDS; k++) {
		assert_non_null(ir_match_info[k].name);
		assert_int_equal(ir_match_info[k].merge, want[k]);
		for (unsigned other = 0; other < k; other++)
			assert_string_not_equal(ir_match_info[k].name, ir_match_info[other].name);
	}
}

/* Prints the time; judges only that twice the rules do not cost four times as much work in memory. */
static void ten_thousand_rules_are_linear(void **state)
{
	size_t used[2];

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		unsigned n = 10000 << round;
		struct timespec from, built, verified;
		const char *why = "";
		struct arena a;

		arena_init(&a);
		clock_gettime(CLOCK_MONOTONIC, &from);

		struct ir *ir = ir_new(&a);

		for (unsigned i = 0; i < n; i++) {
			struct ir_rule *rule =
				ir_rule_add(ir, ir_base(ir, IR_FORWARD, IR_FILTER), NULL);
			struct ir_counter *counter = ARENA_NEW(&a, struct ir_counter);
			struct ir_match *m = ir_match_add(ir, rule, IR_M_PROTO);
			struct range tcp = { 6, 6 }, port = { i % 65536, i % 65536 };

			range_set_add(&a, &m->ranges, tcp);
			m = ir_match_add(ir, rule, IR_M_DPORT);
			range_set_add(&a, &m->ranges, port);
			counter->name = arena_printf(&a, "rule_%u", i);
			vec_push(&a, &ir->counters, counter);
			rule->counter = counter;
			rule->verdict.kind = IR_ACCEPT;
		}
		clock_gettime(CLOCK_MONOTONIC, &built);
		assert_true(ir_verify(ir, &why));
		clock_gettime(CLOCK_MONOTONIC, &verified);
		used[round] = a.used;
		printf("# %u rules: built in %ld us, verified in %ld us, %zu KiB\n", n,
			(built.tv_sec - from.tv_sec) * 1000000L + (built.tv_nsec - from.tv_nsec) / 1000,
			(verified.tv_sec - built.tv_sec) * 1000000L +
				(verified.tv_nsec - built.tv_nsec) / 1000,
			a.used / 1024);
		arena_release(&a);
	}
	assert_true(used[1] < used[0] * 5 / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base_chains_are_made_once_and_stand_in_order),
		cmocka_unit_test(rules_grow_and_are_copied),
		cmocka_unit_test(an_empty_rule_is_copied),
		cmocka_unit_test(sets_are_found),
		cmocka_unit_test(labels_are_harmless),
		cmocka_unit_test(identifiers_are_names_and_differ),
		cmocka_unit_test(every_kind_of_match_has_a_name_and_a_class),
		cmocka_unit_test(ten_thousand_rules_are_linear),
	};

	return RUN_TAP(tests);
}
