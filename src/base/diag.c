/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Collecting diagnostics. Rendering is in diag_render.c.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/utf8.h"

void diags_init(struct diags *d, struct arena *arena)
{
	*d = (struct diags){ .arena = arena };
}

static struct diag *add(struct diags *d, enum severity severity, struct span span, const char *id,
	const char *fmt, va_list ap)
{
	struct diag *new = ARENA_NEW(d->arena, struct diag);

	new->severity = severity;
	new->id = id;
	new->span = span;
	/* Copied: the section may be gone before the diagnostic is shown. */
	new->section = d->section ? arena_strdup(d->arena, d->section) : NULL;
	new->option = d->option;
	new->message = arena_vprintf(d->arena, fmt, ap);
	if (severity == DIAG_ERROR)
		d->errors++;
	else
		d->warnings++;
	if (d->list.n < DIAGS_MAX)
		vec_push(d->arena, &d->list, new);
	return new;
}

struct diag *diag_error(struct diags *d, struct span span, const char *id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	struct diag *new = add(d, DIAG_ERROR, span, id, fmt, ap);
	va_end(ap);
	return new;
}

struct diag *diag_warning(struct diags *d, struct span span, const char *id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	struct diag *new = add(d, DIAG_WARNING, span, id, fmt, ap);
	va_end(ap);
	return new;
}

void diag_note(struct diags *d, struct diag *on, struct span span, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	const char *message = arena_vprintf(d->arena, fmt, ap);
	va_end(ap);
	vec_push(d->arena, &on->notes, (struct diag_note){ span, message });
}

void diag_hint(struct diags *d, struct diag *on, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	on->hint = arena_vprintf(d->arena, fmt, ap);
	va_end(ap);
}

#define WORD_MAX 64

/* Levenshtein distance with two rows; words over WORD_MAX bytes are never near anything. */
static size_t distance(struct slice a, const char *b)
{
	size_t nb = strlen(b);
	size_t row[WORD_MAX + 1];

	if (a.n > WORD_MAX || nb > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			bool same = tolower((unsigned char)a.p[i - 1]) ==
				tolower((unsigned char)b[j - 1]);
			size_t best = diagonal + !same;

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[nb];
}

const char *diag_nearest(struct slice word, const char *const *candidates, size_t n)
{
	size_t best = word.n <= 3 ? 1 : word.n <= 7 ? 2 : 3;
	const char *found = NULL;

	/* Two letters exchanged count as two edits: allow it even in a short word. */
	if (word.n == 3)
		best = 2;
	best++;
	for (size_t i = 0; i < n; i++) {
		size_t d = distance(word, candidates[i]);

		if (d < best && d < word.n) {
			best = d;
			found = candidates[i];
		}
	}
	return found;
}

struct position span_position(struct span s)
{
	struct position pos = { 1, 1, 1 };

	if (!s.src)
		return pos;

	struct slice rest = s.src->text;
	size_t at = 0;
	unsigned column = 1;

	while (at < s.end || at < s.start) {
		uint32_t code;
		size_t n = at < s.src->text.n ? utf8_next(slice_from(rest, at), &code) : 0;

		if (at >= s.src->text.n)
			break;
		if (at == s.start)
			pos.column = pos.end_column = column;
		if (at >= s.start && rest.p[at] == '\n')
			break;
		if (at > s.start)
			pos.end_column = column;
		if (rest.p[at] == '\n') {
			pos.line++;
			column = 0;
		}
		column++;
		at += n ? n : 1;
	}
	if (at == s.start)
		pos.column = pos.end_column = column;
	return pos;
}
