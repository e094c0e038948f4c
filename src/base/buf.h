/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buf: growing text, the only thing printers write to. Always NUL-terminated. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/slice.h"

struct buf {
	char *p; /* never NULL after the first add; see buf_text() */
	size_t n, cap;
};

#define BUF_INIT { NULL, 0, 0 }
#define AUTO_BUF __attribute__((cleanup(buf_release))) struct buf

void buf_init(struct buf *b);
void buf_release(struct buf *b); /* frees; the buffer is then empty and may be used again */
void buf_clear(struct buf *b);	 /* empties, keeps the memory */
const char *buf_text(const struct buf *b); /* the text, "" when empty; valid until the next add */
/* Gives the text to the caller, who frees it with free(); the buffer is then empty. */
char *buf_take(struct buf *b);

/* Each aborts when memory is exhausted. */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_slice(struct buf *b, struct slice s);
void buf_char(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t n);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/*
 * Adds text from outside for people to read: UTF-8 is kept; control characters, invalid bytes and
 * the bidirectional overrides (U+202A..E, U+2066..9) become \xNN, so a terminal is never steered.
 */
void buf_safe(struct buf *b, struct slice s);

#endif
