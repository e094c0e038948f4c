/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <strings.h>

#include "base/slice.h"

struct slice slice_of(const char *s)
{
	return (struct slice){ s, s ? strlen(s) : 0 };
}

bool slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && (!a.n || memcmp(a.p, b.p, a.n) == 0);
}

bool slice_is(struct slice a, const char *s)
{
	return slice_eq(a, slice_of(s));
}

bool slice_is_nocase(struct slice a, const char *s)
{
	return a.n == strlen(s) && (!a.n || strncasecmp(a.p, s, a.n) == 0);
}

bool slice_starts(struct slice a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.n >= n && (!n || memcmp(a.p, prefix, n) == 0);
}

struct slice slice_from(struct slice a, size_t from)
{
	if (from >= a.n)
		return (struct slice){ a.p ? a.p + a.n : NULL, 0 };
	return (struct slice){ a.p + from, a.n - from };
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice a)
{
	while (a.n && is_space(a.p[0]))
		a = slice_from(a, 1);
	while (a.n && is_space(a.p[a.n - 1]))
		a.n--;
	return a;
}

size_t slice_find(struct slice a, char c)
{
	for (size_t i = 0; i < a.n; i++) {
		if (a.p[i] == c)
			return i;
	}
	return a.n;
}

bool slice_next_word(struct slice *rest, struct slice *ret_word)
{
	struct slice r = *rest;
	size_t n = 0;

	while (r.n && is_space(r.p[0]))
		r = slice_from(r, 1);
	while (n < r.n && !is_space(r.p[n]))
		n++;
	*rest = slice_from(r, n);
	if (!n)
		return false;
	*ret_word = (struct slice){ r.p, n };
	return true;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

static bool number(struct slice a, unsigned base, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;

	if (!a.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		unsigned digit = (unsigned)digit_of(a.p[i]);

		if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
			__builtin_add_overflow(value, digit, &value) || value > max)
			return false;
	}
	*ret = value;
	return true;
}

bool slice_u64(struct slice a, uint64_t max, uint64_t *ret)
{
	return number(a, 10, max, ret);
}

bool slice_u64_hex(struct slice a, uint64_t max, uint64_t *ret)
{
	return number(a, 16, max, ret);
}
