/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing over U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>

#include "base/slice.h"

/* Length in bytes of the character at the front, its code in *ret_code; 0 when it is invalid. */
size_t utf8_next(struct slice s, uint32_t *ret_code);
/* False for control characters (C0, DEL, C1), line separators and bidirectional overrides. */
bool utf8_printable(uint32_t code);
/* True when all of s is valid UTF-8. */
bool utf8_valid(struct slice s);
/* The number of bytes, at most max, that end on a character's edge. */
size_t utf8_cut(struct slice s, size_t max);

#endif
