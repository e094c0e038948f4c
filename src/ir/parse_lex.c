/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of a dump: bare words, text in quotes, and marks. A reader of a value says what it wanted
 * when it does not find it; after the first mistake of a line the others there are kept quiet.
 */
#include <string.h>

#include "ir/parse_priv.h"

void ir_parse_fail_(struct ir_parser *p, const char *fmt, ...)
{
	const char *start = p->token.word.p;
	va_list ap;

	if (p->line_failed)
		return;
	p->line_failed = true;
	va_start(ap, fmt);
	const char *what = arena_vprintf(p->ir->arena, fmt, ap);
	va_end(ap);

	uint32_t at = start ? (uint32_t)(start - p->src->text.p) : 0;
	struct span span = { p->src, at, at + (uint32_t)p->token.word.n };

	diag_error(p->diags, span, "ir-dump", "%s", what);
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_.:/-", c));
}

/* The character after a backslash, and how many bytes it took; 0 when it is none. */
static size_t unescape(struct slice s, char *ret)
{
	uint64_t code;

	if (s.n && (s.p[0] == '"' || s.p[0] == '\\')) {
		*ret = s.p[0];
		return 1;
	}
	if (s.n < 3 || s.p[0] != 'x' || !slice_u64_hex((struct slice){ s.p + 1, 2 }, 255, &code) ||
		!code)
		return 0;
	*ret = (char)code;
	return 3;
}

/* Where the text ends: at its closing quote, or where it goes wrong. */
static size_t text_end(struct slice all)
{
	size_t i = 1;

	while (i < all.n && all.p[i] != '"' && all.p[i]) {
		char c;
		size_t taken = all.p[i] == '\\' ? unescape(slice_from(all, i + 1), &c) : 0;

		if (all.p[i] == '\\' && !taken)
			break;
		i += 1 + taken;
	}
	return i;
}

static void lex_text(struct ir_parser *p)
{
	struct slice all = p->rest;
	size_t end = text_end(all), n = 0;
	bool whole = end < all.n && all.p[end] == '"';
	char *text = arena_alloc(p->ir->arena, end);

	for (size_t i = 1; whole && i < end; i++, n++) {
		if (all.p[i] == '\\')
			i += unescape(slice_from(all, i + 1), &text[n]);
		else
			text[n] = all.p[i];
	}
	p->token.kind = whole ? IR_TOKEN_TEXT : IR_TOKEN_WRONG;
	p->token.text = text;
	p->token.word = (struct slice){ all.p, end + whole };
	p->rest = slice_from(all, end + whole);
}

void ir_parse_next(struct ir_parser *p)
{
	size_t n = 0;

	while (p->rest.n && (p->rest.p[0] == ' ' || p->rest.p[0] == '\t' || p->rest.p[0] == '\r'))
		p->rest = slice_from(p->rest, 1);
	p->token = (struct ir_token){ .kind = IR_TOKEN_END, .word = { p->rest.p, 0 } };
	if (!p->rest.n)
		return;
	if (p->rest.p[0] == '"') {
		lex_text(p);
		return;
	}
	while (n < p->rest.n && is_word_char(p->rest.p[n]))
		n++;
	p->token.kind = IR_TOKEN_WORD;
	if (!n) {
		n = 1;
		p->token.kind = memchr("{},@!+", p->rest.p[0], 6) ? IR_TOKEN_MARK : IR_TOKEN_WRONG;
	}
	p->token.word.n = n;
	p->rest = slice_from(p->rest, n);
}

void ir_parse_skip(struct ir_parser *p)
{
	p->rest = slice_from(p->rest, p->rest.n);
	ir_parse_next(p);
}

bool ir_parse_word(struct ir_parser *p, const char *word)
{
	if (p->token.kind != IR_TOKEN_WORD || !slice_is(p->token.word, word))
		return false;
	ir_parse_next(p);
	return true;
}

bool ir_parse_mark(struct ir_parser *p, char mark)
{
	if (p->token.kind != IR_TOKEN_MARK || p->token.word.p[0] != mark)
		return false;
	ir_parse_next(p);
	return true;
}

bool ir_parse_any_word(struct ir_parser *p, struct slice *ret)
{
	if (p->token.kind != IR_TOKEN_WORD)
		return ir_parse_fail(p, "a word is missing here");
	*ret = p->token.word;
	ir_parse_next(p);
	return true;
}

bool ir_parse_need(struct ir_parser *p, const char *word)
{
	return ir_parse_word(p, word) || ir_parse_fail(p, "the word '%s' is missing here", word);
}

bool ir_parse_name(struct ir_parser *p, const char **ret)
{
	const char *name;

	if (p->token.kind != IR_TOKEN_WORD)
		return ir_parse_fail(p, "a name is missing here");
	name = arena_strndup(p->ir->arena, p->token.word.p, p->token.word.n);
	if (!ir_name_ok(name, SIZE_MAX))
		return ir_parse_fail(p, "'%s' is not a name", name);
	ir_parse_next(p);
	*ret = name;
	return true;
}

bool ir_parse_text(struct ir_parser *p, const char **ret)
{
	if (p->token.kind != IR_TOKEN_TEXT)
		return ir_parse_fail(p, "a text in quotes is missing here");
	*ret = p->token.text;
	ir_parse_next(p);
	return true;
}

/* Decimal, or hexadecimal after 0x. */
static bool number_of(struct slice word, uint32_t max, uint32_t *ret)
{
	uint64_t value;
	bool ok = slice_starts(word, "0x") ? slice_u64_hex(slice_from(word, 2), max, &value)
					   : slice_u64(word, max, &value);

	if (ok)
		*ret = (uint32_t)value;
	return ok;
}

bool ir_parse_number(struct ir_parser *p, uint32_t max, uint32_t *ret)
{
	if (p->token.kind != IR_TOKEN_WORD || !number_of(p->token.word, max, ret))
		return ir_parse_fail(p, "a number of at most %u is missing here", (unsigned)max);
	ir_parse_next(p);
	return true;
}

bool ir_parse_time(struct ir_parser *p, struct slice word, int64_t *ret)
{
	bool minus = word.n && word.p[0] == '-';
	uint64_t value;

	if (!slice_u64(slice_from(word, minus), (uint64_t)INT64_MAX + minus, &value))
		return ir_parse_fail(p, "a time in seconds is missing here");
	*ret = minus && value ? -(int64_t)(value - 1) - 1 : (int64_t)value;
	return true;
}

bool ir_parse_one_of(struct ir_parser *p, const char *const *words, size_t n, unsigned *ret)
{
	for (unsigned i = 0; i < n && words[i]; i++) {
		if (ir_parse_word(p, words[i])) {
			*ret = i;
			return true;
		}
	}
	return ir_parse_fail(p, "a word like '%s' is missing here", words[0]);
}

bool ir_parse_range(struct ir_parser *p, struct slice word, uint32_t max, struct range *ret)
{
	size_t dash = slice_find(word, '-');
	struct range r;

	if (!number_of((struct slice){ word.p, dash }, max, &r.lo))
		return ir_parse_fail(
			p, "a number or range of at most %u is missing", (unsigned)max);
	r.hi = r.lo;
	if (dash < word.n && (!number_of(slice_from(word, dash + 1), max, &r.hi) || r.hi < r.lo))
		return ir_parse_fail(p, "this is no range of at most %u", (unsigned)max);
	*ret = r;
	return true;
}

bool ir_parse_addr_range(struct ir_parser *p, struct addr_range *ret)
{
	struct slice word = p->token.word;
	size_t dash = slice_find(word, '-'), slash = slice_find(word, '/');
	size_t cut = dash < slash ? dash : slash;
	struct addr_range r;
	uint64_t bits;

	if (p->token.kind != IR_TOKEN_WORD || !addr_parse((struct slice){ word.p, cut }, &r.lo))
		return ir_parse_fail(p, "an address is missing here");
	r.hi = r.lo;
	if (slash < word.n) {
		if (!slice_u64(slice_from(word, slash + 1), family_bytes(r.lo.family) * 8U, &bits))
			return ir_parse_fail(p, "this is no prefix");
		r = addr_prefix_range(&r.lo, (unsigned)bits);
	} else if (dash < word.n) {
		if (!addr_parse(slice_from(word, dash + 1), &r.hi) || r.hi.family != r.lo.family ||
			addr_cmp(&r.lo, &r.hi) > 0)
			return ir_parse_fail(p, "this is no range of addresses");
	}
	ir_parse_next(p);
	*ret = r;
	return true;
}

bool ir_parse_device(struct ir_parser *p, struct device_pattern *ret)
{
	struct device_pattern d = { .negate = ir_parse_mark(p, '!') };

	if (p->token.kind != IR_TOKEN_TEXT || strlen(p->token.text) > DEVICE_NAME_MAX)
		return ir_parse_fail(p, "a device in quotes is missing here");
	memcpy(d.name, p->token.text, strlen(p->token.text));
	ir_parse_next(p);
	d.wildcard = ir_parse_mark(p, '+');
	*ret = d;
	return true;
}

bool ir_parse_mac(struct ir_parser *p, struct mac *ret)
{
	struct mac_spec spec;
	const char *why = "";

	if (p->token.kind != IR_TOKEN_WORD || !mac_spec_parse(p->token.word, &spec, &why))
		return ir_parse_fail(p, "a MAC address is missing here");
	ir_parse_next(p);
	*ret = spec.mac;
	return true;
}

bool ir_parse_family(struct ir_parser *p, enum family *ret)
{
	if (ir_parse_word(p, "any"))
		*ret = FAMILY_ANY;
	else if (ir_parse_word(p, "ipv4"))
		*ret = FAMILY_V4;
	else if (ir_parse_word(p, "ipv6"))
		*ret = FAMILY_V6;
	else
		return ir_parse_fail(p, "any, ipv4 or ipv6 is missing here");
	return true;
}

bool ir_parse_item(struct ir_parser *p, size_t *n)
{
	if (p->line_failed)
		return false;
	if (!*n && !ir_parse_mark(p, '{'))
		return ir_parse_fail(p, "a list in braces is missing here");
	if (ir_parse_mark(p, '}'))
		return false;
	if (*n && !ir_parse_mark(p, ','))
		return ir_parse_fail(p, "a comma or '}' is missing here");
	++*n;
	return true;
}
