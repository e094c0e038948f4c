/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nft backend against golden text. cases/NAME.ir is an IR dump, cases/NAME.nft what it prints;
 * with ZONEWALL_UPDATE=1 the texts are written anew, to be reviewed like code. Behaviours that a
 * text does not show are tests of their own.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "emit/emit.h"
#include "emit/nft/program.h"
#include "random_ir.h"

static const char *cases_dir;

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
		fail_msg("%s", buf_text(&told));
	if (!ir_verify(ir, &why))
		fail_msg("%s: %s", name, why);
	return ir;
}

static const char *printed(struct arena *arena, const struct artefact *artefact)
{
	AUTO_BUF out = BUF_INIT;

	artefact_print(artefact, &out);
	return arena_strdup(arena, buf_text(&out));
}

static const char *text_of(struct arena *arena, const struct ir *ir)
{
	struct artefact artefact;
	struct diags diags;

	diags_init(&diags, arena);
	assert_true(emit(backend_find(slice_of("nft")), arena, ir, &diags, &artefact));
	return printed(arena, &artefact);
}

/* The rules' lines of a chain, of an IR given without its first line. */
static const char *nft_of(struct arena *arena, const char *dump)
{
	return text_of(arena, ir_of(arena, "test", arena_printf(arena, "zonewall-ir 1\n%s", dump)));
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static void check_case(const char *name)
{
	char in[512], expected[512];
	AUTO_BUF ir = BUF_INIT;
	AUTO_BUF want = BUF_INIT;
	struct arena arena;

	snprintf(in, sizeof(in), "%s/%s.ir", cases_dir, name);
	snprintf(expected, sizeof(expected), "%s/%s.nft", cases_dir, name);
	file_read(in, &ir);
	arena_init(&arena);

	const char *text = text_of(&arena, ir_of(&arena, in, buf_text(&ir)));

	if (getenv("ZONEWALL_UPDATE")) {
		FILE *f = fopen(expected, "w");

		assert_non_null(f);
		fputs(text, f);
		fclose(f);
	}
	file_read(expected, &want);
	assert_string_equal(text, buf_text(&want));
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
CASE(nat)
CASE(packets)
CASE(protocols)
CASE(sets)
CASE(share)
CASE(statements)
CASE(steps)
CASE(verdicts)

static void same_ir_gives_same_text(void **state)
{
	struct arena arena;

	(void)state;
	for (unsigned seed = 1; seed < 40; seed++) {
		struct random a = { seed }, b = { seed };
		struct diags diags;
		struct artefact one, two;

		arena_init(&arena);
		diags_init(&diags, &arena);
		bool first = emit(backends[0], &arena, random_ir(&arena, &a, 6), &diags, &one);
		bool second = emit(backends[0], &arena, random_ir(&arena, &b, 6), &diags, &two);

		assert_int_equal(first, second);
		if (first)
			assert_string_equal(printed(&arena, &one), printed(&arena, &two));
		arena_release(&arena);
	}
}

static void refuses_path_mtu_where_it_is_unknown(void **state)
{
	struct artefact artefact = { 0 };
	struct arena arena;
	struct diags diags;

	(void)state;
	arena_init(&arena);
	diags_init(&diags, &arena);

	const struct ir *ir = ir_of(&arena, "test",
		"zonewall-ir 1\nchain mangle_input base input mangle\n"
		"  rule any proto { 6 } set-mss 0 continue\n    from \"zone\" \"wan\" name "
		"\"wan\"\n");

	assert_false(emit(backends[0], &arena, ir, &diags, &artefact));
	assert_null(artefact.backend);
	assert_int_equal(diags.errors, 1);
	assert_string_equal(diags.list.v[0]->id, "not-expressible");
	assert_string_equal(diags.list.v[0]->section, "zone 'wan'");
	arena_release(&arena);
}

static void swaps_host_order_values_only(void **state)
{
	const uint8_t value[4] = { 0, 0, 0, 1 };
	uint8_t got[4];
	uint32_t one = 1;

	(void)state;
	nft_register_value(NFT_T_MARK, value, 4, got);
	assert_memory_equal(got, &one, 4);
	one = htonl(1);
	nft_register_value(NFT_T_ADDR4, value, 4, got);
	assert_memory_equal(got, &one, 4);
}

static void states_family_before_a_limit_counts(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_has(nft_of(&arena, "limit l rate 1 per 1 burst 1\n"
				  "chain input base input filter\n"
				  "  rule ipv4 limit l saddr { 10.0.0.1 } accept\n"),
		"meta nfproto ipv4 limit name \"l\" ip saddr 10.0.0.1 accept\n");
	arena_release(&arena);
}

static void leaves_out_rules_that_never_match(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_has(nft_of(&arena, "chain output base output filter\n"
				  "  rule any proto { 6 } proto { 17 } dport { 5 } accept\n"
				  "  rule any ipsec { in } accept\n"
				  "  rule any not mark 0x0/0x0 accept\n"
				  "  rule any random 0x0 accept\n"
				  "  rule any not ipsec { in } drop\n"),
		"policy accept;\n\t\tdrop\n\t}\n");
	arena_release(&arena);
}

static void two_zones_stay_rules(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_has(nft_of(&arena, "chain input base input filter\n"
				  "  rule any iif { \"a\" } accept\n"
				  "  rule any iif { \"b\" } accept\n"
				  "  rule any oif { \"c\" } accept\n"),
		"\t\tiifname \"a\" accept\n\t\tiifname \"b\" accept\n\t\toifname \"c\" accept\n");
	arena_release(&arena);
}

/* A device may be in two zones; the first rule wins, and a chain that returns meets the second. */
static void dispatch_ends_where_devices_overlap(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);

	const char *text = nft_of(&arena, "chain input base input filter\n"
					  "  rule any iif { \"a\" } accept\n"
					  "  rule any iif { \"b\" } accept\n"
					  "  rule any iif { \"tun\"+ } accept\n"
					  "  rule any iif { \"tun1\" } drop\n");

	assert_has(text, "iifname vmap @input_zones\n\t\tiifname \"tun1\" drop\n");
	arena_release(&arena);
}

/* A rule with a counter is one that people look at; it is not hidden in a map. */
static void dispatch_leaves_counted_rules(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);

	const char *text = nft_of(&arena, "counter k\nchain input base input filter\n"
					  "  rule any iif { \"a\" } accept\n"
					  "  rule any iif { \"b\" } counter k accept\n"
					  "  rule any iif { \"c\" } accept\n");

	assert_null(strstr(text, "vmap"));
	arena_release(&arena);
}

static void never_nests_quotes(void **state)
{
	AUTO_BUF out = BUF_INIT;

	(void)state;
	nft_print_quoted("a\" ; drop \n\x7f é", &out);
	assert_string_equal(buf_text(&out), "\"a? ; drop ?? é\"");
}

static void unknown_backend_is_none(void **state)
{
	(void)state;
	assert_null(backend_find(slice_of("nftables")));
	assert_ptr_equal(backend_find(slice_of("nft")), backends[0]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_addresses),
		cmocka_unit_test(prints_devices),
		cmocka_unit_test(prints_dispatch),
		cmocka_unit_test(prints_icmp),
		cmocka_unit_test(prints_nat),
		cmocka_unit_test(prints_packets),
		cmocka_unit_test(prints_protocols),
		cmocka_unit_test(prints_sets),
		cmocka_unit_test(prints_share),
		cmocka_unit_test(prints_statements),
		cmocka_unit_test(prints_steps),
		cmocka_unit_test(prints_verdicts),
		cmocka_unit_test(same_ir_gives_same_text),
		cmocka_unit_test(refuses_path_mtu_where_it_is_unknown),
		cmocka_unit_test(swaps_host_order_values_only),
		cmocka_unit_test(states_family_before_a_limit_counts),
		cmocka_unit_test(leaves_out_rules_that_never_match),
		cmocka_unit_test(two_zones_stay_rules),
		cmocka_unit_test(dispatch_ends_where_devices_overlap),
		cmocka_unit_test(dispatch_leaves_counted_rules),
		cmocka_unit_test(never_nests_quotes),
		cmocka_unit_test(unknown_backend_is_none),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: test_emit CASES\n");
		return 2;
	}
	cases_dir = argv[1];
	return RUN_TAP(tests);
}
