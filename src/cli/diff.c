/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Longest common subsequence of the lines between the common beginning and the common end. Where
 * the middle is too large for the table, it is shown as removed and added whole.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "cli/diff.h"

#define CONTEXT 3
#define TABLE_MAX (16u << 20) /* cells */

struct lines {
	struct slice *v;
	size_t n, cap;
};

struct edit {
	char sign; /* ' ', '-', '+' */
	struct slice line;
};

struct edits {
	struct edit *v;
	size_t n, cap;
};

static struct lines split(struct arena *arena, struct slice text)
{
	/* never without memory, so that an offset into it is one */
	struct lines l = { ARENA_ARRAY(arena, struct slice, 8), 0, 8 };

	while (text.n) {
		size_t n = slice_find(text, '\n');

		vec_push(arena, &l, (struct slice){ text.p, n });
		text = slice_from(text, n + 1);
	}
	return l;
}

static void add(struct arena *arena, struct edits *e, char sign, struct slice line)
{
	vec_push(arena, e, (struct edit){ sign, line });
}

static void middle(struct arena *arena, const struct slice *a, size_t na, const struct slice *b,
	size_t nb, struct edits *e)
{
	size_t i = 0, j = 0, width = nb + 1;
	uint32_t *best = NULL;

	if ((na + 1) * width <= TABLE_MAX)
		best = ARENA_ARRAY(arena, uint32_t, (na + 1) * width);
	for (size_t x = na; best && x-- > 0;) {
		for (size_t y = nb; y-- > 0;) {
			uint32_t down = best[(x + 1) * width + y], right = best[x * width + y + 1];

			best[x * width + y] = slice_eq(a[x], b[y])
				? best[(x + 1) * width + y + 1] + 1
				: down > right ? down : right;
		}
	}
	while (i < na || j < nb) {
		if (best && i < na && j < nb && slice_eq(a[i], b[j])) {
			add(arena, e, ' ', a[i++]);
			j++;
		} else if (i < na &&
			(!best || j == nb || best[(i + 1) * width + j] >= best[i * width + j + 1])) {
			add(arena, e, '-', a[i++]);
		} else {
			add(arena, e, '+', b[j++]);
		}
	}
}

static bool near_change(const struct edits *e, size_t at)
{
	size_t from = at > CONTEXT ? at - CONTEXT : 0;

	for (size_t i = from; i < e->n && i <= at + CONTEXT; i++) {
		if (e->v[i].sign != ' ')
			return true;
	}
	return false;
}

static bool print(const struct edits *e, struct buf *out)
{
	bool skipped = true, any = false;

	for (size_t i = 0; i < e->n; i++) {
		if (!near_change(e, i)) {
			skipped = true;
			continue;
		}
		if (skipped)
			buf_str(out, "@@\n");
		skipped = false;
		any |= e->v[i].sign != ' ';
		buf_char(out, e->v[i].sign);
		buf_slice(out, e->v[i].line);
		buf_char(out, '\n');
	}
	return any;
}

bool diff_lines(struct slice before, struct slice after, struct buf *out)
{
	struct arena arena;
	struct edits e = { 0 };
	size_t start = 0, end = 0;
	bool any;

	arena_init(&arena);

	struct lines a = split(&arena, before), b = split(&arena, after);

	while (start < a.n && start < b.n && slice_eq(a.v[start], b.v[start]))
		add(&arena, &e, ' ', a.v[start++]);
	while (end < a.n - start && end < b.n - start &&
		slice_eq(a.v[a.n - 1 - end], b.v[b.n - 1 - end]))
		end++;
	middle(&arena, a.v + start, a.n - start - end, b.v + start, b.n - start - end, &e);
	for (size_t i = a.n - end; i < a.n; i++)
		add(&arena, &e, ' ', a.v[i]);
	any = print(&e, out);
	arena_release(&arena);
	return any;
}
