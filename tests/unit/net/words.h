/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Table tests of parsers: what a word prints as, or why it is refused. */
#ifndef TESTS_UNIT_NET_WORDS_H
#define TESTS_UNIT_NET_WORDS_H

#include <stdio.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "net/net.h"

struct word_row {
	const char *text;
	const char *prints; /* NULL: refused */
	const char *why;    /* a part of the reason */
};

/* Parses and, when that succeeds, prints. */
typedef bool word_fn(struct slice text, struct buf *out, const char **why);

static inline void check_row(const struct word_row *row, struct slice text, word_fn *parse)
{
	AUTO_BUF once = BUF_INIT;
	AUTO_BUF twice = BUF_INIT;
	const char *why = NULL;
	bool ok = parse(text, &once, &why);

	if (ok != (row->prints != NULL))
		print_error("'%s': %s, why: %s\n", row->text, ok ? buf_text(&once) : "refused",
			why ? why : "none");
	assert_int_equal(ok, row->prints != NULL);
	if (!ok) {
		assert_non_null(why);
		if (!strstr(why, row->why))
			print_error("'%s' %s (not: %s)\n", row->text, why, row->why);
		assert_non_null(strstr(why, row->why));
		return;
	}
	assert_string_equal(buf_text(&once), row->prints);
	assert_true(parse(slice_of(buf_text(&once)), &twice, &why));
	assert_string_equal(buf_text(&twice), row->prints);
}

#define CHECK_ROWS(rows, parse)                                                                    \
	for (size_t i_ = 0; i_ < sizeof(rows) / sizeof((rows)[0]); i_++)                           \
	check_row(&(rows)[i_], slice_of((rows)[i_].text), parse)

/* A generator with a fixed seed, the same on every machine (xorshift32). */
static inline uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

#endif
