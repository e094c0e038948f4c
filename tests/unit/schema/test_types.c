/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every type: what it takes, how it prints, what it refuses and by which id. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "schema/schema.h"

static const struct enum_word targets[] = {
	{ "DROP", 0, "Drop" },
	{ "REJECT", 1, "Reject" },
	{ "REDIRECT", 2, "Redirect" },
	{ "MARK", 3, "Mark" },
	{ "mark-set", 4, NULL },
	{ NULL, 0, NULL },
};

static const struct option_row row_bool = { .name = "o", .type = &type_bool };
static const struct option_row row_int = { .name = "o", .type = &type_int };
static const struct option_row row_small = {
	.name = "o", .type = &type_int, .min = -1, .max = 255
};
static const struct option_row row_string = {
	.name = "o", .type = &type_string, .min = 1, .max = 5
};
static const struct option_row row_name = { .name = "o", .type = &type_name, .max = 8 };
static const struct option_row row_zone = { .name = "o", .type = &type_name, .refers = "zone" };
static const struct option_row row_family = { .name = "o", .type = &type_family };
static const struct option_row row_enum = { .name = "o", .type = &type_enum, .words = targets };
static const struct option_row row_address = { .name = "o", .type = &type_address };
static const struct option_row row_ip = { .name = "o", .type = &type_ip };
static const struct option_row row_port = { .name = "o", .type = &type_port };
static const struct option_row row_protocol = { .name = "o", .type = &type_protocol };
static const struct option_row row_mac = { .name = "o", .type = &type_mac };
static const struct option_row row_icmp = { .name = "o", .type = &type_icmp };
static const struct option_row row_dscp = { .name = "o", .type = &type_dscp };
static const struct option_row row_mark = { .name = "o", .type = &type_mark };
static const struct option_row row_rate = { .name = "o", .type = &type_rate };
static const struct option_row row_device = { .name = "o", .type = &type_device };
static const struct option_row row_time = { .name = "o", .type = &type_time };
static const struct option_row row_date = { .name = "o", .type = &type_date };
static const struct option_row row_weekdays = { .name = "o", .type = &type_weekdays };
static const struct option_row row_monthdays = { .name = "o", .type = &type_monthdays };

static const struct option_row *const all_rows[] = {
	&row_bool,
	&row_int,
	&row_string,
	&row_name,
	&row_family,
	&row_enum,
	&row_address,
	&row_ip,
	&row_port,
	&row_protocol,
	&row_mac,
	&row_icmp,
	&row_dscp,
	&row_mark,
	&row_rate,
	&row_device,
	&row_time,
	&row_date,
	&row_weekdays,
	&row_monthdays,
};

static const struct {
	const struct option_row *row;
	const char *text, *printed;
} valid[] = {
	{ &row_bool, "1", "1" },
	{ &row_bool, "0", "0" },
	{ &row_bool, "true", "1" },
	{ &row_bool, "FALSE", "0" },
	{ &row_bool, "Yes", "1" },
	{ &row_bool, "no", "0" },
	{ &row_bool, "on", "1" },
	{ &row_bool, "off", "0" },
	{ &row_bool, "enabled", "1" },
	{ &row_bool, "disabled", "0" },
	{ &row_bool, " 1 ", "1" },

	{ &row_int, "0", "0" },
	{ &row_int, "0x10", "16" },
	{ &row_int, "-5", "-5" },
	{ &row_int, "010", "10" },
	{ &row_int, "9223372036854775807", "9223372036854775807" },
	{ &row_small, "255", "255" },
	{ &row_small, "-1", "-1" },
	{ &row_small, "0XfF", "255" },

	{ &row_string, "a b", "a b" },
	{ &row_string, " a ", " a " },
	{ &row_string, "\xc3\xa9", "\xc3\xa9" },
	{ &row_string, "a\nb", "a\nb" },
	{ &row_name, "lan", "lan" },
	{ &row_name, "a.b-c_9", "a.b-c_9" },
	{ &row_zone, "*", "*" },
	{ &row_zone, "! lan", "!lan" },
	{ &row_zone, "lan", "lan" },

	{ &row_family, "any", "any" },
	{ &row_family, "*", "any" },
	{ &row_family, "ipv4", "ipv4" },
	{ &row_family, "IPv6", "ipv6" },
	{ &row_family, "inet", "ipv4" },
	{ &row_family, "inet6", "ipv6" },
	{ &row_family, "4", "ipv4" },
	{ &row_family, "v6", "ipv6" },

	{ &row_enum, "DROP", "DROP" },
	{ &row_enum, "drop", "DROP" },
	{ &row_enum, "rej", "REJECT" },
	{ &row_enum, "d", "DROP" },
	{ &row_enum, "mark", "MARK" },
	{ &row_enum, "mark-", "mark-set" },

	{ &row_address, "10.0.0.1", "10.0.0.1" },
	{ &row_address, "! 10.0.0.0/8", "!10.0.0.0/8" },
	{ &row_address, "10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9" },
	{ &row_address, "10.0.0.0/255.0.0.0", "10.0.0.0/8" },
	{ &row_address, "FE80::/10", "fe80::/10" },
	{ &row_address, "lan", "lan" },
	{ &row_ip, "192.168.1.1", "192.168.1.1" },
	{ &row_ip, "2001:DB8:0::1", "2001:db8::1" },
	{ &row_port, "80", "80" },
	{ &row_port, "! 80", "!80" },
	{ &row_port, "1:5", "1-5" },
	{ &row_port, "0-65535", "0-65535" },
	{ &row_protocol, "TCP", "tcp" },
	{ &row_protocol, "6", "tcp" },
	{ &row_protocol, "!udp", "!udp" },
	{ &row_protocol, "any", "all" },
	{ &row_mac, "AA:bb:CC:dd:EE:ff", "aa:bb:cc:dd:ee:ff" },
	{ &row_mac, "!00-11-22-33-44-55", "!00:11:22:33:44:55" },
	{ &row_icmp, "ping", "echo-request" },
	{ &row_icmp, "echo-request", "echo-request" },
	{ &row_icmp, "3/1", "3/1" },
	{ &row_icmp, "8", "8" },
	{ &row_icmp, "router-advertisement", "router-advertisement" },
	{ &row_dscp, "EF", "EF" },
	{ &row_dscp, "0x2e", "EF" },
	{ &row_dscp, "!cs1", "!CS1" },
	{ &row_mark, "0x16", "0x16" },
	{ &row_mark, "16", "0x10" },
	{ &row_mark, "!0x1/0xff", "!0x1/0xff" },
	{ &row_rate, "5", "5/second" },
	{ &row_rate, "10/min", "10/minute" },
	{ &row_rate, "3/h", "3/hour" },
	{ &row_device, "eth0", "eth0" },
	{ &row_device, "tun_+", "tun_+" },
	{ &row_device, "! wwan0", "!wwan0" },
	{ &row_time, "08:30", "08:30:00" },
	{ &row_time, "23:59:59", "23:59:59" },
	{ &row_date, "2026-12-24", "2026-12-24" },
	{ &row_date, "2026-12-24T08:30:00", "2026-12-24T08:30:00" },
	{ &row_weekdays, "Fri mon", "Mon Fri" },
	{ &row_weekdays, "! Sat Sun", "Mon Tue Wed Thu Fri" },
	{ &row_monthdays, "31 1 15", "1 15 31" },
};

static const struct {
	const struct option_row *row;
	const char *text, *id;
} invalid[] = {
	{ &row_bool, "maybe", "bad-boolean" },
	{ &row_bool, "2", "bad-boolean" },
	{ &row_int, "ten", "bad-number" },
	{ &row_int, "-", "bad-number" },
	{ &row_int, "0x", "bad-number" },
	{ &row_int, "1.5", "bad-number" },
	{ &row_int, "+1", "bad-number" },
	{ &row_int, "--1", "bad-number" },
	{ &row_int, "9223372036854775808", "out-of-range" },
	{ &row_int, "99999999999999999999999999", "out-of-range" },
	{ &row_small, "256", "out-of-range" },
	{ &row_small, "-2", "out-of-range" },
	{ &row_string, "abcdef", "out-of-range" },
	{ &row_string, "a\033[2", "bad-string" },
	{ &row_string, "\xff", "bad-string" },
	{ &row_name, "a b", "bad-name" },
	{ &row_name, "*", "bad-name" },
	{ &row_name, "!lan", "bad-name" },
	{ &row_name, "-j", "bad-name" },
	{ &row_name, "a;b", "bad-name" },
	{ &row_name, "abcdefghi", "out-of-range" },
	{ &row_zone, "!", "bad-name" },
	{ &row_zone, "!*", "bad-name" },
	{ &row_zone, "**", "bad-name" },
	{ &row_family, "ipv4ipv6", "bad-family" },
	{ &row_family, "ip", "bad-family" },
	{ &row_enum, "re", "bad-enum" },
	{ &row_enum, "dropp", "bad-enum" },
	{ &row_enum, "x", "bad-enum" },
	{ &row_address, "10.0.0.256", "bad-address" },
	{ &row_address, "10.0.0.0/33", "bad-address" },
	{ &row_address, "10.0.0.9-10.0.0.1", "reversed-range" },
	{ &row_address, "!", "bad-address" },
	{ &row_address, "!!10.0.0.1", "bad-address" },
	{ &row_ip, "10.0.0.0/8", "bad-address" },
	{ &row_ip, "lan", "bad-address" },
	{ &row_port, "80a", "bad-port" },
	{ &row_port, "65536", "bad-port" },
	{ &row_port, "any", "bad-port" },
	{ &row_port, "90-80", "reversed-range" },
	{ &row_port, "!90:80", "reversed-range" },
	{ &row_port, "-80", "bad-port" },
	{ &row_port, "80-", "bad-port" },
	{ &row_protocol, "tcpp", "bad-protocol" },
	{ &row_protocol, "256", "bad-protocol" },
	{ &row_mac, "00:11:22:33:44", "bad-mac" },
	{ &row_mac, "00:11:22:33:44:5g", "bad-mac" },
	{ &row_icmp, "pong-request", "bad-icmp-type" },
	{ &row_icmp, "256", "bad-icmp-type" },
	{ &row_dscp, "64", "bad-dscp" },
	{ &row_dscp, "AF14", "bad-dscp" },
	{ &row_mark, "zz", "bad-mark" },
	{ &row_mark, "0x100000000", "bad-mark" },
	{ &row_mark, "0x100/0xff", "bad-mark" },
	{ &row_rate, "0/second", "bad-rate" },
	{ &row_rate, "5/fortnight", "bad-rate" },
	{ &row_device, "a/b", "bad-device" },
	{ &row_device, "sixteen-bytes-xx", "bad-device" },
	{ &row_time, "24:00", "bad-time" },
	{ &row_time, "8", "bad-time" },
	{ &row_date, "2026-02-30", "bad-date" },
	{ &row_date, "tomorrow", "bad-date" },
	{ &row_weekdays, "Mon Noday", "bad-weekdays" },
	{ &row_monthdays, "32", "bad-monthdays" },
	{ &row_monthdays, "0", "bad-monthdays" },
};

/* Prints what the row's type reads; NULL when it refuses. */
static bool reprint(
	const struct option_row *row, const char *text, struct arena *arena, struct buf *out)
{
	struct parse_context ctx = { .arena = arena, .row = row };
	void *value = arena_alloc(arena, row->type->size);

	if (!row->type->parse(&ctx, slice_of(text), value))
		return false;
	row->type->print(row, value, out);
	return true;
}

static void valid_text_is_taken_and_prints_canonically(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
		struct arena arena;
		struct diags diags;
		AUTO_BUF first = BUF_INIT, second = BUF_INIT, tidy = BUF_INIT;
		const char *text = valid[i].text;
		bool free_text = valid[i].row->type == &type_string;

		arena_init(&arena);
		diags_init(&diags, &arena);
		bool ok = schema_check_value(valid[i].row, slice_of(text), NULL, &diags);

		if (!ok)
			fail_msg("%s '%s': %s", valid[i].row->type->name, text,
				diags.list.v[0]->message);
		/* The engine trims blanks; the parsers take words. */
		for (; *text; text++)
			if (free_text || *text != ' ' || valid[i].row == &row_weekdays ||
				valid[i].row == &row_monthdays)
				buf_char(&tidy, *text);
		assert_true(reprint(valid[i].row, buf_text(&tidy), &arena, &first));
		assert_string_equal(buf_text(&first), valid[i].printed);
		assert_true(reprint(valid[i].row, buf_text(&first), &arena, &second));
		assert_string_equal(buf_text(&second), buf_text(&first));
		arena_release(&arena);
	}
}

static void invalid_text_is_refused_by_id(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
		struct arena arena;
		struct diags diags;

		arena_init(&arena);
		diags_init(&diags, &arena);
		if (schema_check_value(invalid[i].row, slice_of(invalid[i].text), NULL, &diags))
			fail_msg("%s takes '%s'", invalid[i].row->type->name, invalid[i].text);
		assert_int_equal(diags.errors, 1);
		if (strcmp(diags.list.v[0]->id, invalid[i].id) != 0)
			fail_msg("%s '%s': %s instead of %s", invalid[i].row->type->name,
				invalid[i].text, diags.list.v[0]->id, invalid[i].id);
		assert_string_equal(diags.list.v[0]->option, "o");
		assert_null(diags.option);
		arena_release(&arena);
	}
}

static void refused_text_leaves_the_value_untouched(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
		const struct option_row *row = invalid[i].row;
		struct arena arena;

		arena_init(&arena);

		unsigned char *value = arena_alloc(&arena, row->type->size);
		struct parse_context ctx = { .arena = &arena, .row = row };

		memset(value, 0x5a, row->type->size);
		assert_false(row->type->parse(&ctx, slice_of(invalid[i].text), value));
		for (size_t at = 0; at < row->type->size; at++)
			assert_int_equal(value[at], 0x5a);
		arena_release(&arena);
	}
}

static void messages_say_what_was_read_what_is_wrong_and_what_is_allowed(void **state)
{
	static const struct {
		const struct option_row *row;
		const char *text, *message, *hint;
	} rows[] = {
		{ &row_port, "80a", "'80a' is not a port number: N, N-M or !N, 0 to 65535", NULL },
		{ &row_port, "any", "'any' is not a port number: N, N-M or !N, 0 to 65535",
			"leave the option out to match any port" },
		{ &row_port, "!90-80",
			"'!90-80' is a range that runs backwards: N, N-M or !N, 0 to 65535",
			"write '!80-90'" },
		{ &row_ip, "10.0.0.0/8",
			"'10.0.0.0/8' is not one address: one IPv4 or IPv6 address",
			"write '10.0.0.0'" },
		{ &row_enum, "rejct",
			"'rejct' is not allowed here: DROP, REJECT, REDIRECT, MARK or mark-set",
			"did you mean 'REJECT'?" },
		{ &row_enum, "re",
			"'re' is the beginning of more than one word: "
			"DROP, REJECT, REDIRECT, MARK or mark-set",
			NULL },
		{ &row_small, "256", "'256' is out of range: a whole number, -1 to 255", NULL },
		{ &row_string, "abcdef", "'abcdef' is too long: text, 1 to 5 bytes", NULL },
		{ &row_zone, "a b", "'a b' is not a name: the name of a zone", NULL },
		{ &row_bool, "maybe",
			"'maybe' is neither on nor off: "
			"1 or 0, true/false, yes/no, on/off, enabled/disabled",
			NULL },
		{ &row_bool,
			"0123456789012345678901234567890123456789012345678901234567890123456789",
			"'012345678901234567890123456789012345678901234567890123456789...' is "
			"neither "
			"on nor off: 1 or 0, true/false, yes/no, on/off, enabled/disabled",
			NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena;
		struct diags diags;

		arena_init(&arena);
		diags_init(&diags, &arena);
		assert_false(schema_check_value(rows[i].row, slice_of(rows[i].text), NULL, &diags));
		assert_string_equal(diags.list.v[0]->message, rows[i].message);
		if (rows[i].hint)
			assert_string_equal(diags.list.v[0]->hint, rows[i].hint);
		else
			assert_null(diags.list.v[0]->hint);
		arena_release(&arena);
	}
}

static void examples_and_offered_words_are_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(all_rows) / sizeof(all_rows[0]); i++) {
		const struct option_row *row = all_rows[i];
		const struct value_type *type = row->type;
		struct arena arena;

		arena_init(&arena);
		assert_non_null(type->name);
		assert_non_null(type->syntax);
		assert_non_null(type->widget);
		assert_true(type->size > 0);
		if (type != &type_enum) {
			AUTO_BUF b = BUF_INIT;
			AUTO_BUF text = BUF_INIT;

			assert_non_null(type->example);
			/* The sample row of strings is shorter than the example. */
			buf_str(&text, type->example);
			if (type == &type_string)
				text.p[5] = '\0';
			assert_true(reprint(row, buf_text(&text), &arena, &b));
			assert_string_equal(buf_text(&b), buf_text(&text));
		}

		const struct enum_word *words = row->words ? row->words : type->words;

		for (const struct enum_word *w = words; w && w->word; w++) {
			AUTO_BUF b = BUF_INIT;
			AUTO_BUF again = BUF_INIT;

			assert_true(reprint(row, w->word, &arena, &b));
			assert_true(reprint(row, buf_text(&b), &arena, &again));
			assert_string_equal(buf_text(&again), buf_text(&b));
			/* Closed words are canonical themselves. */
			if (!type->open_words)
				assert_string_equal(buf_text(&b), w->word);
		}
		arena_release(&arena);
	}
}

static void every_icmp_name_is_read_back_as_itself(void **state)
{
	static const enum family families[] = { FAMILY_V4, FAMILY_V6 };

	(void)state;
	for (int f = 0; f < 2; f++) {
		for (const char *const *name = icmp_type_names(families[f]); *name; name++) {
			struct arena arena;
			struct icmp_choice a, b;

			arena_init(&arena);
			memset(&a, 0, sizeof(a));
			memset(&b, 0, sizeof(b));

			struct parse_context ctx = { .arena = &arena, .row = &row_icmp };

			assert_true(type_icmp.parse(&ctx, slice_of(*name), &a));
			assert_true(type_icmp.parse(&ctx, slice_of(a.text), &b));
			for (int i = 0; i < 2; i++) {
				assert_int_equal(a.has[i], b.has[i]);
				assert_int_equal(a.type[i].type, b.type[i].type);
				assert_int_equal(a.type[i].code_lo, b.type[i].code_lo);
				assert_int_equal(a.type[i].code_hi, b.type[i].code_hi);
			}
			assert_string_equal(a.text, b.text);
			arena_release(&arena);
		}
	}
}

static void bare_marks_are_hexadecimal_in_the_rutos_dialect(void **state)
{
	struct parse_context ctx = { .row = &row_mark };
	struct mark_spec mark;

	(void)state;
	assert_true(type_mark.parse(&ctx, slice_of("16"), &mark));
	assert_int_equal(mark.value, 16);
	ctx.hex_marks = true;
	assert_true(type_mark.parse(&ctx, slice_of("16"), &mark));
	assert_int_equal(mark.value, 0x16);

	struct arena arena;
	struct diags diags;

	arena_init(&arena);
	diags_init(&diags, &arena);
	assert_false(schema_check_value(&row_mark, slice_of("ff"), NULL, &diags));
	assert_true(schema_check_value(
		&row_mark, slice_of("ff"), &(struct bind_options){ .hex_marks = true }, &diags));
	arena_release(&arena);
}

static void an_empty_family_is_any(void **state)
{
	struct parse_context ctx = { .row = &row_family };
	enum family family = FAMILY_V6;

	(void)state;
	assert_true(type_family.parse(&ctx, slice_of(""), &family));
	assert_int_equal(family, FAMILY_ANY);
}

static void edits_are_checked_word_by_word(void **state)
{
	static const struct option_row list = { .name = "o", .type = &type_port, .list = true };
	static const struct option_row needed = {
		.name = "o",
		.type = &type_port,
		.required = true,
	};
	static const struct {
		const struct option_row *row;
		const char *text, *id;
	} rows[] = {
		{ &list, "80", NULL },
		{ &list, "! 80", NULL },
		{ &list, "80 90", "several-values" },
		{ &list, "", NULL },
		{ &needed, "", "missing-option" },
		{ &needed, "1", NULL },
		{ &row_port, "", NULL },
		{ &row_enum, "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena;
		struct diags diags;

		arena_init(&arena);
		diags_init(&diags, &arena);
		assert_int_equal(
			schema_check_value(rows[i].row, slice_of(rows[i].text), NULL, &diags),
			rows[i].id == NULL);
		if (rows[i].id)
			assert_string_equal(diags.list.v[0]->id, rows[i].id);
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_text_is_taken_and_prints_canonically),
		cmocka_unit_test(invalid_text_is_refused_by_id),
		cmocka_unit_test(refused_text_leaves_the_value_untouched),
		cmocka_unit_test(messages_say_what_was_read_what_is_wrong_and_what_is_allowed),
		cmocka_unit_test(examples_and_offered_words_are_valid),
		cmocka_unit_test(every_icmp_name_is_read_back_as_itself),
		cmocka_unit_test(bare_marks_are_hexadecimal_in_the_rutos_dialect),
		cmocka_unit_test(an_empty_family_is_any),
		cmocka_unit_test(edits_are_checked_word_by_word),
	};

	return RUN_TAP(tests);
}
