/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of a list: cutting a value at its blanks, and finding words that are there twice. A
 * list can have as many entries as a file, so equal words are found by sorting.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "schema/schema_priv.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Past the blanks at and after `at`. */
static size_t skip_blanks(struct slice value, size_t at)
{
	while (at < value.n && is_blank(value.p[at]))
		at++;
	return at;
}

static size_t word_end(struct slice value, size_t at)
{
	while (at < value.n && !is_blank(value.p[at]))
		at++;
	return at;
}

bool words_next(struct slice value, bool whole, size_t *at, size_t *ret_from, size_t *ret_to)
{
	size_t from = whole ? *at : skip_blanks(value, *at);

	if (from >= value.n)
		return false;

	size_t to = whole ? value.n : word_end(value, from);

	if (!whole && to - from == 1 && value.p[from] == '!') {
		size_t negated = skip_blanks(value, to);

		if (negated < value.n)
			to = word_end(value, negated);
	}
	*ret_from = from;
	*ret_to = *at = to;
	return true;
}

/* By text, then by place in the array: equal words become neighbours in their order. */
static int cmp_words(const void *a, const void *b)
{
	const struct word *x = *(const struct word *const *)a, *y = *(const struct word *const *)b;
	size_t n = x->text.n < y->text.n ? x->text.n : y->text.n;
	int c = memcmp(x->text.p, y->text.p, n);

	if (c)
		return c;
	if (x->text.n != y->text.n)
		return x->text.n < y->text.n ? -1 : 1;
	return x < y ? -1 : x > y;
}

void words_report_duplicates(
	const struct word *words, size_t n, struct arena *arena, struct diags *diags)
{
	if (n < 2)
		return;

	const struct word **sorted = ARENA_ARRAY(arena, const struct word *, n);
	const struct word **first = ARENA_ARRAY(arena, const struct word *, n);

	for (size_t i = 0; i < n; i++)
		sorted[i] = &words[i];
	qsort(sorted, n, sizeof(*sorted), cmp_words);
	for (size_t i = 1; i < n; i++) {
		const struct word *before = sorted[i - 1];

		if (slice_eq(before->text, sorted[i]->text))
			first[sorted[i] - words] =
				first[before - words] ? first[before - words] : before;
	}
	for (size_t i = 0; i < n; i++) {
		if (!first[i])
			continue;

		size_t shown = utf8_cut(words[i].text, QUOTED_MAX);
		struct diag *d = diag_warning(diags, words[i].span, "duplicate-value",
			"'%.*s%s' is in the list already", (int)shown, words[i].text.p,
			shown < words[i].text.n ? "..." : "");

		diag_note(diags, d, first[i]->span, "here");
	}
}
