/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The binder: what is read from a section, and the exact words when something is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "sample.h"

struct bound {
	struct arena arena;
	struct source source;
	struct diags diags;
	struct sample *sample;
	bool ok;
};

/* Binds the one section of a text; `items` follow its header line. */
static void bind_as(
	struct bound *b, const char *header, const char *items, const struct bind_options *options)
{
	memset(b, 0, sizeof(*b));
	arena_init(&b->arena);
	diags_init(&b->diags, &b->arena);

	const char *text = arena_printf(&b->arena, "%s\n%s", header, items);

	b->source = (struct source){ .name = "f", .text = slice_of(text) };

	struct uci_file *file = uci_parse(&b->arena, &b->source, &b->diags);

	assert_int_equal(b->diags.errors, 0);
	assert_int_equal(file->sections.n, 1);
	b->sample = ARENA_NEW(&b->arena, struct sample);
	b->ok = schema_bind(
		&sample_row, file->sections.v[0], &b->arena, options, &b->diags, b->sample);
	assert_ptr_equal(b->sample->s.row, &sample_row);
	assert_ptr_equal(b->sample->s.uci, file->sections.v[0]);
	assert_int_equal(b->ok, b->sample->s.valid);
	assert_int_equal(b->ok, b->diags.errors == 0);
	assert_null(b->diags.section);
	assert_null(b->diags.option);
}

static void bind(struct bound *b, const char *header, const char *items)
{
	bind_as(b, header, items, NULL);
}

static void release(struct bound *b)
{
	arena_release(&b->arena);
}

/* The text of an option in the bound section, or "(none)". */
static const char *printed(struct bound *b, const char *name)
{
	const struct option_row *row = schema_option(&sample_row, slice_of(name));
	AUTO_BUF out = BUF_INIT;

	assert_non_null(row);
	if (!schema_print(row, b->sample, &out))
		return "(none)";
	return arena_strdup(&b->arena, buf_text(&out));
}

static void values_are_read_and_print_canonically(void **state)
{
	static const struct {
		const char *items, *option, *value;
	} rows[] = {
		{ "option name ' two words '", "name", " two words " },
		{ "option _name 'by alias'", "name", "by alias" },
		{ "option name ''", "name", "" },
		{ "", "name", "(none)" },
		{ "option enabled no", "enabled", "0" },
		{ "option enabled ''", "enabled", "1" },
		{ "", "enabled", "1" },
		{ "option count 0x10", "count", "16" },
		{ "", "count", "5" },
		{ "", "any_number", "(none)" },
		{ "option text ''", "text", "" },
		{ "option password ''", "password", "(none)" },
		{ "option src '*'", "src", "*" },
		{ "option family IPv6", "family", "ipv6" },
		{ "option family ''", "family", "any" },
		{ "option target rej", "target", "REJECT" },
		{ "option subnet '10.1.2.0/255.255.255.0'", "subnet", "10.1.2.0/24" },
		{ "option ip 2001:DB8::1", "ip", "2001:db8::1" },
		{ "option one_port ' ! 80 '", "one_port", "!80" },
		{ "option mark 16", "mark", "0x10" },
		{ "option dscp ef", "dscp", "EF" },
		{ "option limit 5/min", "limit", "5/minute" },
		{ "option start_time 8:30", "start_time", "08:30:00" },
		{ "option start_date 2026-12-24", "start_date", "2026-12-24" },
		{ "option weekdays '! Sat  Sun'", "weekdays", "Mon Tue Wed Thu Fri" },
		{ "option monthdays '3 1 2'", "monthdays", "1 2 3" },
		{ "option device tun_+", "device", "tun_+" },
		{ "option src_ip '10.0.0.1  ! 10.0.0.2\t!10.0.0.3'", "src_ip",
			"10.0.0.1 !10.0.0.2 !10.0.0.3" },
		{ "list src_ip 10.0.0.1\nlist src_ip '! 10.0.0.2'", "src_ip",
			"10.0.0.1 !10.0.0.2" },
		{ "list port '1 2'\nlist port ''\nlist port 3", "port", "1 2 3" },
		{ "list proto ''", "proto", "tcp udp" },
		{ "", "proto", "tcp udp" },
		{ "option proto icmp", "proto", "icmp" },
		{ "", "mac", "(none)" },
		{ "option mac '00-11-22-33-44-55'", "mac", "00:11:22:33:44:55" },
		{ "option icmp_type 'ping 3/1'", "icmp_type", "echo-request 3/1" },
		{ "option helper 'ftp sip'", "helper", "ftp sip" },
		{ "list entry 'a b'\nlist entry ' c'", "entry", "a b\n c" },
		{ "option entry 'a b'", "entry", "a b" },
		{ "list entry ' '", "entry", " " },
		{ "list entry ''", "entry", "(none)" },
		/* As in libuci: a list after an option adds to it. */
		{ "option port 1\nlist port 2", "port", "1 2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bound b;
		char items[200];

		snprintf(items, sizeof(items), "option zone z\n%s\n", rows[i].items);
		bind(&b, "config sample", items);
		if (!b.ok || b.diags.list.n)
			fail_msg("%s: %s", rows[i].items, b.diags.list.v[0]->message);
		assert_string_equal(printed(&b, rows[i].option), rows[i].value);
		release(&b);
	}
}

static void mistakes_are_shown_at_their_word(void **state)
{
	static const struct {
		const char *items, *rendered;
	} rows[] = {
		{ "option port '80 80a 443'", "f:3:17-19: error: @sample[0]: '80a' is not a port "
					      "number: N, N-M or !N, 0 to 65535 [bad-port]\n"
					      "    3 | option port '80 80a 443'\n"
					      "      |                 ^~~\n" },
		{ "option port '80 ! 90-80'",
			"f:3:17-23: error: @sample[0]: '!90-80' is a range that runs backwards: "
			"N, N-M or !N, 0 to 65535 [reversed-range]\n"
			"    3 | option port '80 ! 90-80'\n"
			"      |                 ^~~~~~~ write '!80-90'\n" },
		{ "list one_port 80", "f:3:15-16: error: @sample[0]: option 'one_port' takes one "
				      "value, not a list "
				      "[list-for-scalar]\n"
				      "    3 | list one_port 80\n"
				      "      |               ^~ write it as `option one_port`\n" },
		{ "option count 5\nlist count 6",
			"f:4:12: error: @sample[0]: option 'count' takes one value, not a list "
			"[list-for-scalar]\n"
			"    4 | list count 6\n"
			"      |            ^ write it as `option count`\n" },
		{ "option port '80 443 80'", "f:3:21-22: warning: @sample[0]: '80' is in the list "
					     "already [duplicate-value]\n"
					     "    3 | option port '80 443 80'\n"
					     "      |                     ^~\n"
					     "f:3:14-15: note: here\n" },
		{ "option count 5\noption count 6", "f:4:14: warning: @sample[0]: option 'count' "
						    "is given twice; this one counts "
						    "[option-twice]\n"
						    "    4 | option count 6\n"
						    "      |              ^\n"
						    "f:3:14: note: and this one does not\n" },
		{ "option contu 5",
			"f:3:8-12: warning: @sample[0]: unknown option 'contu' [unknown-option]\n"
			"    3 | option contu 5\n"
			"      |        ^~~~~ did you mean 'count'?\n" },
		{ "list strange_thing 1\nlist strange_thing 2",
			"f:3:6-18: warning: @sample[0]: unknown option 'strange_thing' "
			"[unknown-option]\n"
			"    3 | list strange_thing 1\n"
			"      |      ^~~~~~~~~~~~~\n" },
		{ "option old 5", "f:3:8-10: warning: @sample[0]: option 'old' is deprecated "
				  "[deprecated-option]\n"
				  "    3 | option old 5\n"
				  "      |        ^~~ write 'count' instead\n" },
		{ "option gone whatever", "f:3:8-11: warning: @sample[0]: option 'gone' has no "
					  "effect [option-ignored]\n"
					  "    3 | option gone whatever\n"
					  "      |        ^~~~ The kernel decides this now.\n" },
		{ "option enabled maybe", "f:3:16-20: error: @sample[0]: 'maybe' is neither on nor "
					  "off: 1 or 0, true/false, "
					  "yes/no, on/off, enabled/disabled [bad-boolean]\n"
					  "    3 | option enabled maybe\n"
					  "      |                ^~~~~\n" },
		{ "option count 101", "f:3:14-16: error: @sample[0]: '101' is out of range: a "
				      "whole number, 1 to 100 "
				      "[out-of-range]\n"
				      "    3 | option count 101\n"
				      "      |              ^~~\n" },
		{ "option target acept",
			"f:3:15-19: error: @sample[0]: 'acept' is not allowed here: "
			"DROP, REJECT, ACCEPT or REDIRECT [bad-enum]\n"
			"    3 | option target acept\n"
			"      |               ^~~~~ did you mean 'ACCEPT'?\n" },
		{ "option password short", "f:3:17-21: error: @sample[0]: the secret value is too "
					   "short: text, at least 8 bytes "
					   "[out-of-range]\n"
					   "    3 | option password short\n"
					   "      |                 ^~~~~\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bound b;
		char items[200];
		AUTO_BUF out = BUF_INIT;

		snprintf(items, sizeof(items), "option zone z\n%s\n", rows[i].items);
		bind(&b, "config sample", items);
		assert_int_equal(b.diags.list.n, 1);
		assert_string_equal(b.diags.list.v[0]->section, "@sample[0]");
		assert_non_null(b.diags.list.v[0]->option);
		diags_render(&b.diags, &out, false);
		assert_string_equal(buf_text(&out), rows[i].rendered);
		release(&b);
	}
}

static void each_mistake_of_a_section_is_reported(void **state)
{
	static const char *const ids[] = {
		"unknown-option",
		"bad-boolean",
		"missing-option",
		"bad-enum",
		"bad-port",
		"bad-port",
	};
	struct bound b;

	(void)state;
	bind(&b, "config sample",
		"option enabled x\noption nothing_like_it 1\noption target x\noption port 'a 1 b "
		"2'\n");
	assert_int_equal(b.diags.list.n, sizeof(ids) / sizeof(ids[0]));
	for (size_t i = 0; i < b.diags.list.n; i++)
		assert_string_equal(b.diags.list.v[i]->id, ids[i]);
	assert_string_equal(b.diags.list.v[0]->option, "nothing_like_it");
	assert_string_equal(b.diags.list.v[1]->option, "enabled");
	/* What could not be read has its fallback; the words that could are kept. */
	assert_true(b.sample->enabled.v);
	assert_false(b.sample->enabled.given.set);
	assert_int_equal(b.sample->target.v, SAMPLE_DROP);
	assert_int_equal(b.sample->port.n, 2);
	assert_int_equal(b.sample->port.v[1].range.lo, 2);
	release(&b);
}

static void spans_point_at_what_was_written(void **state)
{
	struct bound b;

	(void)state;
	bind(&b, "config sample", "option zone 'lan'\noption port '1  ! 22'\nlist port 333\n");
	assert_true(b.ok);

	struct position p = span_position(given_span(b.sample->s.span.src, &b.sample->zone.given));

	assert_int_equal(p.line, 2);
	assert_int_equal(p.column, 14);
	assert_int_equal(p.end_column, 16);
	assert_int_equal(b.sample->port.n, 3);
	p = span_position(b.sample->port.spans[1]);
	assert_int_equal(p.line, 3);
	assert_int_equal(p.column, 17);
	assert_int_equal(p.end_column, 20);
	p = span_position(b.sample->port.spans[2]);
	assert_int_equal(p.line, 4);
	assert_int_equal(p.column, 11);
	assert_true(b.sample->port.given.set);
	assert_int_equal(span_position(given_span(b.sample->s.span.src, &b.sample->port.given)).line, 3);
	/* A fallback has no place in the file. */
	assert_false(b.sample->proto.given.set);
	assert_null(b.sample->proto.spans[0].src);
	assert_int_equal(b.sample->proto.n, 2);
	release(&b);
}

static void sections_are_called_by_name(void **state)
{
	static const struct {
		const char *header, *items, *id, *title;
	} rows[] = {
		{ "config sample", "", "@sample[0]", "@sample[0]" },
		{ "config sample wan_in", "", "wan_in", "sample 'wan_in'" },
		{ "config sample wan_in", "option name 'Allow Ping'\n", "wan_in",
			"sample 'Allow Ping'" },
		{ "config sample", "option _name old\n", "@sample[0]", "sample 'old'" },
		{ "config sample", "option name ''\n", "@sample[0]", "@sample[0]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bound b;

		bind(&b, rows[i].header, rows[i].items);
		assert_string_equal(b.sample->s.type, "sample");
		assert_string_equal(b.sample->s.id, rows[i].id);
		assert_string_equal(b.sample->s.title, rows[i].title);
		/* Every sample needs a zone, and this one says which sample has none. */
		assert_int_equal(b.diags.errors, 1);
		assert_string_equal(b.diags.list.v[0]->id, "missing-option");
		assert_string_equal(b.diags.list.v[0]->section, rows[i].title);
		assert_string_equal(b.diags.list.v[0]->option, "zone");
		assert_int_equal(span_position(b.diags.list.v[0]->span).line, 1);
		release(&b);
	}
}

static void marks_follow_the_dialect(void **state)
{
	struct bound b;

	(void)state;
	bind_as(&b, "config sample", "option zone z\noption mark 16\n",
		&(struct bind_options){ .hex_marks = true });
	assert_true(b.ok);
	assert_int_equal(b.sample->mark.v.value, 0x16);
	release(&b);
}

static void the_last_of_several_options_counts(void **state)
{
	struct bound b;

	(void)state;
	bind(&b, "config sample",
		"option zone z\nlist port 1\nlist port 2\noption port 3\nlist port 4\n"
		"option _name one\noption name two\n");
	assert_true(b.ok);
	assert_int_equal(b.diags.warnings, 2);
	assert_string_equal(b.diags.list.v[0]->id, "option-twice");
	assert_string_equal(b.diags.list.v[1]->id, "option-twice");
	assert_string_equal(b.diags.list.v[1]->section, "sample 'two'");
	assert_string_equal(printed(&b, "port"), "3 4");
	assert_string_equal(printed(&b, "name"), "two");
	release(&b);
}

static void an_ignored_option_is_not_read_and_a_stored_one_is(void **state)
{
	struct bound b;

	(void)state;
	bind(&b, "config sample", "option zone z\noption old x\noption gone x\n");
	assert_false(b.ok);
	assert_int_equal(b.diags.errors, 1);
	assert_string_equal(b.diags.list.v[1]->id, "bad-number");
	assert_string_equal(printed(&b, "gone"), "(none)");
	release(&b);
}

static void options_are_found_by_name_and_alias(void **state)
{
	(void)state;
	assert_ptr_equal(schema_option(&sample_row, slice_of("name")), &sample_options[0]);
	assert_ptr_equal(schema_option(&sample_row, slice_of("_name")), &sample_options[0]);
	assert_null(schema_option(&sample_row, slice_of("nam")));
	assert_null(schema_option(&sample_row, slice_of("")));
}

static void many_words_are_read_and_compared(void **state)
{
	struct bound b;
	AUTO_BUF items = BUF_INIT;

	(void)state;
	buf_str(&items, "option zone z\n");
	for (int i = 0; i < 20000; i++)
		buf_printf(&items, "list entry 'e %d'\n", i % 19999);
	bind(&b, "config sample", buf_text(&items));
	assert_true(b.ok);
	assert_int_equal(b.sample->entry.n, 20000);
	assert_int_equal(b.diags.warnings, 1);
	assert_string_equal(b.diags.list.v[0]->id, "duplicate-value");
	assert_int_equal(span_position(b.diags.list.v[0]->span).line, 20002);
	assert_int_equal(span_position(b.diags.list.v[0]->notes.v[0].span).line, 3);
	release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_and_print_canonically),
		cmocka_unit_test(mistakes_are_shown_at_their_word),
		cmocka_unit_test(each_mistake_of_a_section_is_reported),
		cmocka_unit_test(spans_point_at_what_was_written),
		cmocka_unit_test(sections_are_called_by_name),
		cmocka_unit_test(marks_follow_the_dialect),
		cmocka_unit_test(the_last_of_several_options_counts),
		cmocka_unit_test(an_ignored_option_is_not_read_and_a_stored_one_is),
		cmocka_unit_test(options_are_found_by_name_and_alias),
		cmocka_unit_test(many_words_are_read_and_compared),
	};

	return RUN_TAP(tests);
}
