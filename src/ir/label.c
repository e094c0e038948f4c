/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from outside, made harmless: a label for people (comments, log prefixes) that no backend's
 * quoting can be broken by, and an identifier that a kernel takes as a name.
 */
#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "base/utf8.h"
#include "ir/ir_priv.h"

/* What stands for a character in a label; 0: the character itself. */
static char label_instead(uint32_t code)
{
	if (code == '"' || code == '`')
		return '\'';
	/* nft expands $name in a log prefix, even inside quotes */
	if (code == '\\' || code == '$' || !utf8_printable(code))
		return '?';
	return 0;
}

const char *ir_label(struct arena *arena, struct slice text, size_t max)
{
	char *out = arena_alloc(arena, (text.n < max ? text.n : max) + 1);
	size_t n = 0;

	while (text.n) {
		uint32_t code = 0;
		size_t taken = utf8_next(text, &code);
		char instead = taken ? label_instead(code) : '?';
		size_t width = instead ? 1 : taken;

		if (n + width > max)
			break;
		if (instead)
			out[n] = instead;
		else
			memcpy(out + n, text.p, taken);
		n += width;
		text = slice_from(text, taken ? taken : 1);
	}
	out[n] = '\0';
	return out;
}

bool ir_label_ok(const char *label, size_t max)
{
	struct slice text = slice_of(label);

	if (text.n > max)
		return false;
	while (text.n) {
		uint32_t code;
		size_t taken = utf8_next(text, &code);

		if (!taken || label_instead(code))
			return false;
		text = slice_from(text, taken);
	}
	return true;
}

#define HASH_TAIL 9 /* an underscore and eight digits */

/* True when an identifier ends as a hashed one does; left alone it could meet one. */
static bool looks_hashed(const char *out, size_t n)
{
	if (n < HASH_TAIL || out[n - HASH_TAIL] != '_')
		return false;
	for (size_t i = n - HASH_TAIL + 1; i < n; i++) {
		if (!memchr("0123456789abcdef", out[i], 16))
			return false;
	}
	return true;
}

static bool identifier_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

const char *ir_identifier(struct arena *arena, const char *kind, struct slice text, size_t max)
{
	size_t head = strlen(kind) + 1;
	size_t n = head + text.n;
	char *out = arena_alloc(arena, n + HASH_TAIL + 1);
	bool plain = text.n && n <= max;

	if (!ir_name_ok(kind, SIZE_MAX) || max <= HASH_TAIL)
		BUG("an identifier of kind %s and %zu bytes", kind, max);
	memcpy(out, kind, head - 1);
	out[head - 1] = '_';
	for (size_t i = 0; i < text.n; i++) {
		bool ok = identifier_char(text.p[i]);

		out[head + i] = ok ? text.p[i] : '_';
		plain = plain && ok;
	}
	if (plain && !looks_hashed(out, n))
		return out;
	if (n > max - HASH_TAIL)
		n = max - HASH_TAIL;
	/* "rule_" and a hash need one underscore between them, not two. */
	if (out[n - 1] == '_')
		n--;
	snprintf(out + n, HASH_TAIL + 1, "_%08x", (unsigned)ir_hash(text));
	return out;
}
