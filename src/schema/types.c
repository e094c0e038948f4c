/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plain types: switch, number, text, name, family and choice. A type is a parser and a printer
 * and what people and forms need to know about it. Parsers say why they refuse; value.c makes the
 * sentence of it.
 */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "schema/schema_priv.h"

/* ---- bool ---- */

static const struct {
	const char *word;
	bool value;
} bool_words[] = {
	{ "1", true },
	{ "0", false },
	{ "true", true },
	{ "false", false },
	{ "yes", true },
	{ "no", false },
	{ "on", true },
	{ "off", false },
	{ "enabled", true },
	{ "disabled", false },
};

static bool bool_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	for (size_t i = 0; i < sizeof(bool_words) / sizeof(bool_words[0]); i++) {
		if (!slice_is_nocase(text, bool_words[i].word))
			continue;
		*(bool *)ret = bool_words[i].value;
		return true;
	}
	return value_refuse(ctx, "bad-boolean", "is neither on nor off");
}

static void bool_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	buf_char(out, *(const bool *)value ? '1' : '0');
}

const struct value_type type_bool = {
	.name = "boolean",
	.size = sizeof(bool),
	.syntax = "1 or 0, true/false, yes/no, on/off, enabled/disabled",
	.example = "1",
	.widget = "switch",
	.parse = bool_parse,
	.print = bool_print,
};

/* ---- int ---- */

static bool all_digits(struct slice s, bool hex)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], lower = c | 0x20;

		if (!(c >= '0' && c <= '9') && !(hex && lower >= 'a' && lower <= 'f'))
			return false;
	}
	return s.n > 0;
}

static bool int_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	const struct option_row *row = ctx->row;
	bool negative = slice_starts(text, "-");
	struct slice digits = slice_from(text, negative ? 1 : 0);
	bool hex = slice_starts(digits, "0x") || slice_starts(digits, "0X");
	uint64_t magnitude;

	if (hex)
		digits = slice_from(digits, 2);
	if (!all_digits(digits, hex))
		return value_refuse(ctx, "bad-number", "is not a whole number");
	if (!(hex ? slice_u64_hex : slice_u64)(digits, INT64_MAX, &magnitude))
		return value_refuse(ctx, "out-of-range", "is out of range");

	int64_t value = negative ? -(int64_t)magnitude : (int64_t)magnitude;

	if ((row->min || row->max) && (value < row->min || value > row->max))
		return value_refuse(ctx, "out-of-range", "is out of range");
	*(int64_t *)ret = value;
	return true;
}

static void int_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	buf_printf(out, "%" PRId64, *(const int64_t *)value);
}

const struct value_type type_int = {
	.name = "number",
	.size = sizeof(int64_t),
	.syntax = "a whole number",
	.example = "10",
	.widget = "number",
	.pattern = "^-?(0[xX][0-9A-Fa-f]+|[0-9]+)$",
	.parse = int_parse,
	.print = int_print,
};

/* ---- strings ---- */

/* Length within the row's limits; the limits count bytes, for that is what files and kernel hold.
 */
static bool length_fits(struct parse_context *ctx, struct slice text)
{
	const struct option_row *row = ctx->row;

	if (row->max && (int64_t)text.n > row->max)
		return value_refuse(ctx, "out-of-range", "is too long");
	if ((int64_t)text.n < row->min)
		return value_refuse(ctx, "out-of-range", "is too short");
	return true;
}

/* Tabs and line ends are text; any other control character can only be a mistake or a trick. */
static bool text_is_clean(struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
			return false;
	}
	return true;
}

static bool string_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	if (!text_is_clean(text))
		return value_refuse(ctx, "bad-string", "holds control characters");
	if (!utf8_valid(text))
		return value_refuse(ctx, "bad-string", "is not valid UTF-8");
	if (!length_fits(ctx, text))
		return false;
	*(const char **)ret = arena_strndup(ctx->arena, text.n ? text.p : "", text.n);
	return true;
}

static void string_print(const struct option_row *row, const void *value, struct buf *out)
{
	const char *text = *(const char *const *)value;

	(void)row;
	buf_str(out, text ? text : "");
}

const struct value_type type_string = {
	.name = "text",
	.size = sizeof(const char *),
	.syntax = "text",
	.example = "office",
	.widget = "text",
	.parse = string_parse,
	.print = string_print,
};

/* ---- names ---- */

static bool is_name(struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i], lower = c | 0x20;

		if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '_' &&
			c != '-' && c != '.')
			return false;
	}
	/* A first '-' would read as a program's option in listings and backends. */
	return text.n > 0 && text.p[0] != '-';
}

static bool name_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	bool refers = ctx->row->refers != NULL;
	struct slice name = refers && slice_starts(text, "!") ? slice_from(text, 1) : text;

	if (!(refers && slice_is(text, "*")) && !is_name(name))
		return value_refuse(ctx, "bad-name", "is not a name");
	if (!length_fits(ctx, name))
		return false;
	*(const char **)ret = arena_strndup(ctx->arena, text.p, text.n);
	return true;
}

const struct value_type type_name = {
	.name = "name",
	.size = sizeof(const char *),
	.syntax = "letters, digits, '_', '-' and '.'",
	.example = "lan",
	.widget = "text",
	.pattern = "^([*]|!?[A-Za-z0-9_.][A-Za-z0-9_.-]*)$",
	.parse = name_parse,
	.print = string_print,
	.reference = true,
};

/* ---- family ---- */

static const struct enum_word family_words[] = {
	{ "any", FAMILY_ANY, "IPv4 and IPv6" },
	{ "ipv4", FAMILY_V4, "IPv4 only" },
	{ "ipv6", FAMILY_V6, "IPv6 only" },
	{ NULL, 0, NULL },
};

/*
 * firewall3 takes anything with a 4 in it as IPv4 and with a 6 as IPv6, so "4", "IPv4" and "inet6"
 * are met in files. What has both is refused: there 4 won, which nobody can have meant.
 */
static bool family_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	bool four = slice_find(text, '4') < text.n, six = slice_find(text, '6') < text.n;

	if (!text.n || slice_is(text, "*") || slice_is_nocase(text, "any"))
		*(enum family *)ret = FAMILY_ANY;
	else if (four != six)
		*(enum family *)ret = four ? FAMILY_V4 : FAMILY_V6;
	else if (slice_is_nocase(text, "inet"))
		*(enum family *)ret = FAMILY_V4;
	else
		return value_refuse(ctx, "bad-family", "is not a family");
	return true;
}

static void family_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	switch (*(const enum family *)value) {
	case FAMILY_ANY:
		buf_str(out, "any");
		return;
	case FAMILY_V4:
		buf_str(out, "ipv4");
		return;
	case FAMILY_V6:
		buf_str(out, "ipv6");
		return;
	}
}

const struct value_type type_family = {
	.name = "family",
	.size = sizeof(enum family),
	.syntax = "any, ipv4 or ipv6",
	.example = "ipv4",
	.widget = "select",
	.parse = family_parse,
	.print = family_print,
	.words = family_words,
};

/* ---- enum ---- */

static bool starts_nocase(const char *word, struct slice prefix)
{
	return strlen(word) >= prefix.n && strncasecmp(word, prefix.p, prefix.n) == 0;
}

static bool enum_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	const struct enum_word *words = ctx->row->words, *found = NULL;

	for (const struct enum_word *w = words; w->word && text.n; w++) {
		if (slice_is_nocase(text, w->word)) {
			*(int *)ret = w->value;
			return true;
		}
		if (!starts_nocase(w->word, text))
			continue;
		if (found && found->value != w->value)
			ctx->why = "is the beginning of more than one word";
		found = w;
	}
	if (found && !ctx->why) {
		*(int *)ret = found->value;
		return true;
	}
	value_hint_nearest(ctx, text, words);
	return value_refuse(ctx, "bad-enum", ctx->why ? ctx->why : "is not allowed here");
}

static void enum_print(const struct option_row *row, const void *value, struct buf *out)
{
	for (const struct enum_word *w = row->words; w->word; w++) {
		if (w->value == *(const int *)value) {
			buf_str(out, w->word);
			return;
		}
	}
	/* Zero of a field that was never given: there is no word for it. */
}

const struct value_type type_enum = {
	.name = "choice",
	.size = sizeof(int),
	.syntax = "one of the words",
	.widget = "select",
	.parse = enum_parse,
	.print = enum_print,
};
