/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/bug.h"
#include "base/utf8.h"

void buf_init(struct buf *b)
{
	*b = (struct buf)BUF_INIT;
}

void buf_release(struct buf *b)
{
	free(b->p);
	buf_init(b);
}

void buf_clear(struct buf *b)
{
	b->n = 0;
	if (b->p)
		b->p[0] = '\0';
}

const char *buf_text(const struct buf *b)
{
	return b->p ? b->p : "";
}

char *buf_take(struct buf *b)
{
	if (!b->p)
		buf_add(b, "", 0);

	char *p = b->p;

	buf_init(b);
	return p;
}

static void reserve(struct buf *b, size_t more)
{
	size_t need;

	if (__builtin_add_overflow(b->n, more, &need) || __builtin_add_overflow(need, 1, &need))
		BUG("a text of %zu and %zu bytes", b->n, more);
	if (need <= b->cap)
		return;

	size_t cap = b->cap ? b->cap * 2 : 256;

	if (cap < need)
		cap = need;

	char *p = realloc(b->p, cap);

	if (!p)
		BUG("out of memory");
	b->p = p;
	b->cap = cap;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	reserve(b, n);
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_slice(struct buf *b, struct slice s)
{
	buf_add(b, s.p, s.n);
}

void buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_fill(struct buf *b, char c, size_t n)
{
	reserve(b, n);
	memset(b->p + b->n, c, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	char probe[1]; /* only the length is wanted; GCC's sanitizers warn about a NULL here */
	int n;

	va_copy(again, ap);
	n = vsnprintf(probe, sizeof(probe), fmt, again);
	va_end(again);
	if (n < 0)
		BUG("a format that cannot be printed");
	reserve(b, (size_t)n);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void buf_safe(struct buf *b, struct slice s)
{
	while (s.n) {
		uint32_t code;
		size_t n = utf8_next(s, &code);

		if (n && utf8_printable(code)) {
			buf_add(b, s.p, n);
		} else {
			if (!n)
				n = 1;
			for (size_t i = 0; i < n; i++)
				buf_printf(b, "\\x%02x", (unsigned)(unsigned char)s.p[i]);
		}
		s = slice_from(s, n);
	}
}
