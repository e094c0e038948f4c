/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/utf8.h"

static void arena_gives_zeroed_memory_of_any_size(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t size = 0; size < 300000; size = size * 3 + 1) {
		unsigned char *p = arena_alloc(&a, size);

		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
	arena_release(&a);
}

static void vec_keeps_its_elements_through_growth(void **state)
{
	struct arena a;
	VEC(int) v = { 0 };

	(void)state;
	arena_init(&a);
	for (int i = 0; i < 1000; i++)
		vec_push(&a, &v, i);
	assert_int_equal(v.n, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(v.v[i], i);
	arena_release(&a);
}

static void numbers_are_read_whole_or_not_at_all(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t value;
	} rows[] = {
		{ "0", true, 0 }, { "65535", true, 65535 }, { "65536", false, 0 }, { "", false, 0 },
		{ "-1", false, 0 }, { "+1", false, 0 }, { "1 ", false, 0 }, { "0x10", false, 0 },
		{ "99999999999999999999999", false, 0 }, { "007", true, 7 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t v = 0;

		assert_int_equal(slice_u64(slice_of(rows[i].text), 65535, &v), rows[i].ok);
		assert_int_equal(v, rows[i].value);
	}
}

static void safe_text_cannot_steer_a_terminal(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "plain \xc3\xa9", "plain \xc3\xa9" },
		{ "\033[2J", "\\x1b[2J" },
		{ "a\nb", "a\\x0ab" },
		{ "\xff\xc0\xaf", "\\xff\\xc0\\xaf" },
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae" },
		{ "\xc2\x9b", "\\xc2\\x9b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO_BUF b = BUF_INIT;

		buf_safe(&b, slice_of(rows[i].in));
		assert_string_equal(buf_text(&b), rows[i].out);
	}
}

static void utf8_is_cut_at_a_character(void **state)
{
	(void)state;
	assert_int_equal(utf8_cut(slice_of("ab\xc3\xa9"), 3), 2);
	assert_int_equal(utf8_cut(slice_of("ab\xc3\xa9"), 4), 4);
}

static void diagnostics_show_line_caret_and_hint(void **state)
{
	struct arena a;
	struct diags d;
	AUTO_BUF out = BUF_INIT;
	struct source src = { "firewall", slice_of("config rule\n\toption src 'wna'\n") };

	(void)state;
	arena_init(&a);
	diags_init(&d, &a);
	d.section = "rule '@rule[0]'";
	struct diag *one = diag_error(&d, (struct span){ &src, 25, 28 }, "unknown-zone",
		"unknown zone '%s'", "wna");
	diag_hint(&d, one, "did you mean 'wan'?");
	diag_note(&d, one, (struct span){ &src, 0, 6 }, "here");
	diags_render(&d, &out, false);
	assert_string_equal(buf_text(&out),
		"firewall:2:14-16: error: rule '@rule[0]': unknown zone 'wna' [unknown-zone]\n"
		"    2 | \toption src 'wna'\n"
		"      | \t            ^~~ did you mean 'wan'?\n"
		"firewall:1:1-6: note: here\n");

	json_t *json = diags_json(&d);

	assert_int_equal(json_integer_value(json_object_get(json_array_get(json, 0), "line")), 2);
	json_decref(json);
	arena_release(&a);
}

static void positions_are_right_at_the_edges(void **state)
{
	struct source src = { "f", slice_of("a\n\nbc") };
	static const struct {
		uint32_t start, end;
		unsigned line, column, end_column;
	} rows[] = {
		{ 0, 1, 1, 1, 1 }, { 1, 2, 1, 2, 2 }, { 2, 2, 2, 1, 1 }, { 3, 5, 3, 1, 2 },
		{ 5, 5, 3, 3, 3 }, { 9, 9, 3, 3, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct position p = span_position((struct span){ &src, rows[i].start, rows[i].end });

		assert_int_equal(p.line, rows[i].line);
		if (rows[i].start <= 5) {
			assert_int_equal(p.column, rows[i].column);
			assert_int_equal(p.end_column, rows[i].end_column);
		}
	}
}

static void nearest_word_is_found_and_far_ones_are_not(void **state)
{
	static const char *const zones[] = { "lan", "wan", "guest" };

	(void)state;
	assert_string_equal(diag_nearest(slice_of("wna"), zones, 3), "wan");
	assert_string_equal(diag_nearest(slice_of("gust"), zones, 3), "guest");
	assert_null(diag_nearest(slice_of("internet"), zones, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_gives_zeroed_memory_of_any_size),
		cmocka_unit_test(vec_keeps_its_elements_through_growth),
		cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
		cmocka_unit_test(safe_text_cannot_steer_a_terminal),
		cmocka_unit_test(utf8_is_cut_at_a_character),
		cmocka_unit_test(diagnostics_show_line_caret_and_hint),
		cmocka_unit_test(positions_are_right_at_the_edges),
		cmocka_unit_test(nearest_word_is_found_and_far_ones_are_not),
	};

	return RUN_TAP(tests);
}
