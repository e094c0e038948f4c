/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The iptables backend. cases/NAME.ir are IR dumps, cases/NAME.ipt what they print; every row of
 * the table of reasons and of differences has an example that must be refused, or warned of. With
 * ZONEWALL_UPDATE=1 texts and docs/backends.md are written anew, to be reviewed like code.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "emit/emit.h"
#include "emit/ipt/program.h"
#include "random_ir.h"

static const char *cases_dir, *document;

static void file_read(const char *path, struct buf *out)
{
	char piece[4096];
	size_t n;
	FILE *f = fopen(path, "r");

	if (!f)
		return;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	fclose(f);
}

static void compare(const char *path, const char *text)
{
	AUTO_BUF want = BUF_INIT;

	if (getenv("ZONEWALL_UPDATE")) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fputs(text, f);
		fclose(f);
	}
	file_read(path, &want);
	assert_string_equal(text, buf_text(&want));
}

static const struct backend *iptables(void)
{
	return backend_find(slice_of("iptables"));
}

static struct ir *ir_of(struct arena *arena, const char *name, const char *text)
{
	struct source *src = ARENA_NEW(arena, struct source);
	AUTO_BUF told = BUF_INIT;
	struct diags diags;
	const char *why = NULL;
	struct ir *ir;

	src->name = name;
	src->text = slice_of(arena_strdup(arena, text));
	diags_init(&diags, arena);
	ir = ir_parse(arena, src, &diags);
	diags_render(&diags, &told, false);
	if (!ir)
		fail_msg("%s: %s", name, buf_text(&told));
	if (!ir_verify(ir, &why))
		fail_msg("%s: %s", name, why);
	return ir;
}

static struct ir *example(struct arena *arena, const char *name, const char *text)
{
	return ir_of(arena, name, arena_printf(arena, "zonewall-ir 1\n%s", text));
}

/* ---- golden texts ---- */

static void check_case(const char *name)
{
	char path[512];
	AUTO_BUF ir = BUF_INIT;
	AUTO_BUF out = BUF_INIT;
	struct artefact artefact;
	struct arena arena;
	struct diags diags;

	arena_init(&arena);
	diags_init(&diags, &arena);
	snprintf(path, sizeof(path), "%s/%s.ir", cases_dir, name);
	file_read(path, &ir);
	/* what is refused is part of the expectation */
	if (emit(iptables(), &arena, ir_of(&arena, path, buf_text(&ir)), &diags, &artefact))
		artefact_print(&artefact, &out);
	vec_each (d, &diags.list)
		buf_printf(&out, "%s [%s]\n", (*d)->message, (*d)->id);
	snprintf(path, sizeof(path), "%s/%s.ipt", cases_dir, name);
	compare(path, buf_text(&out));
	arena_release(&arena);
}

#define CASE(name)                                                                                 \
	static void prints_##name(void **state)                                                    \
	{                                                                                          \
		(void)state;                                                                       \
		check_case(#name);                                                                 \
	}

CASE(addresses)
CASE(devices)
CASE(dispatch)
CASE(icmp)
CASE(ipt)
CASE(nat)
CASE(packets)
CASE(protocols)
CASE(sets)
CASE(statements)
CASE(verdicts)

/* ---- the tables ---- */

static void every_reason_refuses_its_example(void **state)
{
	(void)state;
	for (size_t i = 0; i < xt_reasons_n; i++) {
		const struct xt_reason *r = &xt_reasons[i];
		struct arena arena;
		struct diags diags;
		const char *want;

		arena_init(&arena);
		diags_init(&diags, &arena);
		want = arena_printf(&arena, "iptables cannot express this: %s", r->why);
		if (emit_check(iptables(), example(&arena, r->what, r->example), &diags))
			fail_msg("not refused: %s", r->what);
		assert_string_equal(diags.list.v[0]->message, want);
		arena_release(&arena);
	}
}

static void every_difference_warns_of_its_example(void **state)
{
	(void)state;
	for (size_t i = 0; i < xt_differences_n; i++) {
		const struct xt_difference *d = &xt_differences[i];
		struct artefact artefact;
		struct arena arena;
		struct diags diags;

		if (!d->example)
			continue;
		arena_init(&arena);
		diags_init(&diags, &arena);
		assert_true(emit(iptables(), &arena, example(&arena, d->id, d->example), &diags,
			&artefact));
		assert_int_equal(diags.warnings, 1);
		assert_string_equal(diags.list.v[0]->id, d->id);
		arena_release(&arena);
	}
}

static void documents_what_backends_cannot_say(void **state)
{
	AUTO_BUF out = BUF_INIT;

	(void)state;
	buf_str(&out,
		"# What the backends say differently\n\n"
		"Made from the tables of the backends by `tests/unit/emit/test_ipt.c`; do not edit.\n\n"
		"The nft backend expresses every option. What the iptables backend cannot express is "
		"an error\nof `zonewall check`, [not-expressible], at the section that asks for it; "
		"what it expresses with\nless meaning is a warning.\n\n"
		"## Refused by iptables\n\n| what | iptables cannot express it: | instead |\n"
		"|---|---|---|\n");
	for (size_t i = 0; i < xt_reasons_n; i++)
		buf_printf(&out, "| %s | %s | %s |\n", xt_reasons[i].what, xt_reasons[i].why,
			xt_reasons[i].remedy);
	buf_str(&out, "\n## Warned of by iptables\n\n| warning | what | why |\n|---|---|---|\n");
	for (size_t i = 0; i < xt_differences_n; i++)
		buf_printf(&out, "| `%s` | %s | %s |\n", xt_differences[i].id, xt_differences[i].what,
			xt_differences[i].why);
	buf_str(&out,
		"\n## What differs without a warning\n\n"
		"- A full table of buckets drops the packet at once (xt_hashlimit); with nft the rule does\n"
		"  not match. What zonewall makes of a limit per source drops in both.\n"
		"- A statement that cannot be done (an element for a full set) does not end its rule.\n"
		"- TCPMSS adds the option to a SYN packet that has none.\n"
		"- Set types and ports in sets need the kernel's module for that ipset type; a type that the\n"
		"  kernel lacks is an error when the rules are loaded.\n"
		"- Counters survive a reload; with ip6tables-nft 1.8.9 those of IPv6 begin anew.\n"
		"- A change of the NAT table makes new forwarded connections wait (their first packet is\n"
		"  dropped) until the filter table is in place, some milliseconds.\n"
		"- `accept` ends the built-in chain, so rules that other programs appended behind ours are\n"
		"  not reached; with nft each table has its say.\n"
		"- Limits of log messages hold for each family, so there may be twice as many messages.\n"
		"- A NAT rule with a source zone or device needs Linux 5.7, as with nft; no marks are used.\n");
	compare(document, buf_text(&out));
}

/* ---- words ---- */

static void no_word_becomes_two(void **state)
{
	static const char *const rows[][2] = {
		{ "plain-word_1.2/3", "plain-word_1.2/3" },
		{ "", "\"\"" },
		{ "a b", "\"a b\"" },
		{ "x\" -j ACCEPT \"", "\"x\\\" -j ACCEPT \\\"\"" },
		{ "back\\slash", "\"back\\\\slash\"" },
		{ "line\nCOMMIT", "\"line?COMMIT\"" },
		{ "#comment", "\"#comment\"" },
		{ "it's", "\"it's\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO_BUF out = BUF_INIT;

		xt_print_word(rows[i][0], &out);
		assert_string_equal(buf_text(&out), rows[i][1]);
	}
}

static void names_fit_and_differ(void **state)
{
	struct artefact artefact;
	struct arena arena;
	struct diags diags;

	(void)state;
	arena_init(&arena);
	diags_init(&diags, &arena);
	assert_true(emit(iptables(), &arena,
		example(&arena, "names",
			"chain input base input filter\n"
			"  rule any jump a_name_that_is_much_longer_than_iptables_takes\n"
			"  rule any jump a_name_that_is_much_longer_than_iptables_will_take\n"
			"  rule any jump ACCEPT\n"
			"chain a_name_that_is_much_longer_than_iptables_takes other input filter\n"
			"chain a_name_that_is_much_longer_than_iptables_will_take other input filter\n"
			"chain ACCEPT other input filter\n"),
		&diags, &artefact));
	const struct xt_content *t = &artefact.iptables->family[0].tables[XT_FILTER];

	for (size_t i = 0; i < t->chains.n; i++) {
		assert_true(strlen(t->chains.v[i]->name) <= XT_CHAIN_NAME_MAX);
		assert_string_not_equal(t->chains.v[i]->name, "ACCEPT");
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(t->chains.v[i]->name, t->chains.v[k]->name);
	}
	assert_int_equal(t->chains.n, 5); /* base, three, input_rule */
	arena_release(&arena);
}

static void random_ir_is_said_or_refused(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed < 200; seed++) {
		struct random one = { seed * 2 + 1 }, two = { seed * 2 + 1 };
		AUTO_BUF a = BUF_INIT;
		AUTO_BUF b = BUF_INIT;
		struct artefact x, y;
		struct arena arena;
		struct diags diags;

		arena_init(&arena);
		diags_init(&diags, &arena);
		bool first = emit(iptables(), &arena, random_ir(&arena, &one, 6), &diags, &x);
		bool second = emit(iptables(), &arena, random_ir(&arena, &two, 6), &diags, &y);

		assert_int_equal(first, second);
		if (first) {
			artefact_print(&x, &a);
			artefact_print(&y, &b);
			assert_string_equal(buf_text(&a), buf_text(&b));
		}
		arena_release(&arena);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_addresses),
		cmocka_unit_test(prints_devices),
		cmocka_unit_test(prints_dispatch),
		cmocka_unit_test(prints_icmp),
		cmocka_unit_test(prints_ipt),
		cmocka_unit_test(prints_nat),
		cmocka_unit_test(prints_packets),
		cmocka_unit_test(prints_protocols),
		cmocka_unit_test(prints_sets),
		cmocka_unit_test(prints_statements),
		cmocka_unit_test(prints_verdicts),
		cmocka_unit_test(every_reason_refuses_its_example),
		cmocka_unit_test(every_difference_warns_of_its_example),
		cmocka_unit_test(documents_what_backends_cannot_say),
		cmocka_unit_test(no_word_becomes_two),
		cmocka_unit_test(names_fit_and_differ),
		cmocka_unit_test(random_ir_is_said_or_refused),
	};

	if (argc != 3) {
		fprintf(stderr, "usage: test_ipt CASES DOCUMENT\n");
		return 2;
	}
	cases_dir = argv[1];
	document = argv[2];
	return RUN_TAP(tests);
}
