/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/utf8.h"

size_t utf8_next(struct slice s, uint32_t *ret_code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c;
	size_t n;
	uint32_t code;

	if (!s.n)
		return 0;
	c = (unsigned char)s.p[0];
	if (c < 0x80) {
		*ret_code = c;
		return 1;
	}
	if (c >= 0xc2 && c <= 0xdf)
		n = 2, code = c & 0x1fU;
	else if (c >= 0xe0 && c <= 0xef)
		n = 3, code = c & 0x0fU;
	else if (c >= 0xf0 && c <= 0xf4)
		n = 4, code = c & 0x07U;
	else
		return 0;
	if (s.n < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		c = (unsigned char)s.p[i];
		if ((c & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (c & 0x3fU);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return n;
}

bool utf8_printable(uint32_t code)
{
	if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		return false;
	if (code >= 0x2028 && code <= 0x202e)
		return false;
	return !(code >= 0x2066 && code <= 0x2069);
}

bool utf8_valid(struct slice s)
{
	while (s.n) {
		uint32_t code;
		size_t n = utf8_next(s, &code);

		if (!n)
			return false;
		s = slice_from(s, n);
	}
	return true;
}

size_t utf8_cut(struct slice s, size_t max)
{
	if (s.n <= max)
		return s.n;
	while (max && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return max;
}
