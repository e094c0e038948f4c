/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slice: a borrowed view of bytes, not NUL-terminated. The viewed bytes are never modified. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const char *p;
	size_t n;
};

/* For printf: "%.*s", SLICE_ARG(s). */
#define SLICE_ARG(s) ((int)(s).n), ((s).p ? (s).p : "")

struct slice slice_of(const char *s); /* views a C string; NULL gives an empty slice */
bool slice_eq(struct slice a, struct slice b);
bool slice_is(struct slice a, const char *s);	   /* bytes equal to a C string */
bool slice_is_nocase(struct slice a, const char *s); /* equal but for ASCII case */
bool slice_starts(struct slice a, const char *prefix);
/* The part from byte `from` on; empty when from is past the end. */
struct slice slice_from(struct slice a, size_t from);
/* Without spaces, tabs, CR and LF at both ends. */
struct slice slice_trim(struct slice a);
/* Position of a byte, or a.n when it is not there. */
size_t slice_find(struct slice a, char c);
/*
 * Takes the next word (separated by spaces, tabs, CR, LF) off the front of *rest.
 * Returns false, leaving *ret_word untouched, when there is none.
 */
bool slice_next_word(struct slice *rest, struct slice *ret_word);
/*
 * Reads the whole slice as an unsigned decimal number (hexadecimal, no prefix, for the _hex form).
 * Returns false on anything else: empty, a sign, a letter, or a value over `max`.
 */
bool slice_u64(struct slice a, uint64_t max, uint64_t *ret);
bool slice_u64_hex(struct slice a, uint64_t max, uint64_t *ret);

#endif
