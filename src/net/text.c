/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small readers that several value parsers share: negation, numbers, lists, prefixes of words.
 * Letters and digits are ASCII whatever the locale says.
 */
#include "net/net_priv.h"

bool text_take_negation(struct slice *text)
{
	if (!slice_starts(*text, "!"))
		return false;
	*text = slice_from(*text, 1);
	while (slice_starts(*text, " ") || slice_starts(*text, "\t"))
		*text = slice_from(*text, 1);
	return true;
}

bool text_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool text_is_alnum(char c)
{
	return text_is_alpha(c) || text_is_digit(c);
}

bool text_is_digits(struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (!text_is_digit(text.p[i]))
			return false;
	}
	return text.n > 0;
}

bool text_number(struct slice text, uint64_t max, uint64_t *ret)
{
	if (slice_starts(text, "0x") || slice_starts(text, "0X"))
		return slice_u64_hex(slice_from(text, 2), max, ret);
	return slice_u64(text, max, ret);
}

bool text_cut(struct slice text, char c, struct slice *ret_before, struct slice *ret_after)
{
	size_t at = slice_find(text, c);

	if (at == text.n)
		return false;
	*ret_before = (struct slice){ text.p, at };
	*ret_after = slice_from(text, at + 1);
	return true;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_is_prefix_of(struct slice text, const char *word, size_t least)
{
	if (text.n < least)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (!word[i] || lower(text.p[i]) != lower(word[i]))
			return false;
	}
	return true;
}

static bool separates(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

bool text_next_item(struct slice *rest, struct slice *ret_item)
{
	size_t start = 0;

	while (start < rest->n && separates(rest->p[start]))
		start++;
	if (start == rest->n)
		return false;

	size_t end = start;

	while (end < rest->n && !separates(rest->p[end]))
		end++;
	*ret_item = (struct slice){ rest->p + start, end - start };
	*rest = slice_from(*rest, end);
	return true;
}
