/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranges of unsigned numbers and sets of them; ports as the first use. The arithmetic never
 * passes UINT32_MAX: a range that ends there has nothing after it.
 */
#include <stdlib.h>

#include "net/net_priv.h"

void range_set_add(struct arena *a, struct range_set *set, struct range r)
{
	vec_push(a, set, r);
}

static int by_lo(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

void range_set_normalise(struct range_set *set)
{
	size_t n = 0;

	if (set->n)
		qsort(set->v, set->n, sizeof(*set->v), by_lo);
	for (size_t i = 0; i < set->n; i++) {
		struct range *last = n ? &set->v[n - 1] : NULL;
		struct range r = set->v[i];

		if (!last || (r.lo > last->hi && r.lo - last->hi > 1))
			set->v[n++] = r;
		else if (r.hi > last->hi)
			last->hi = r.hi;
	}
	set->n = n;
}

bool range_set_has(const struct range_set *set, uint32_t value)
{
	size_t from = 0, to = set->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const struct range *r = &set->v[middle];

		if (value < r->lo)
			to = middle;
		else if (value > r->hi)
			from = middle + 1;
		else
			return true;
	}
	return false;
}

static void add_remainder(struct arena *arena, struct range_set *set, struct range r,
	const struct range_set *b, size_t first)
{
	for (size_t i = first; i < b->n && b->v[i].lo <= r.hi; i++) {
		struct range hole = b->v[i];

		if (hole.lo > r.lo)
			range_set_add(arena, set, (struct range){ r.lo, hole.lo - 1 });
		if (hole.hi >= r.hi)
			return;
		r.lo = hole.hi + 1;
	}
	range_set_add(arena, set, r);
}

struct range_set range_set_minus(
	struct arena *arena, const struct range_set *a, const struct range_set *b)
{
	struct range_set left = { 0 };
	size_t first = 0;

	for (size_t i = 0; i < a->n; i++) {
		while (first < b->n && b->v[first].hi < a->v[i].lo)
			first++;
		add_remainder(arena, &left, a->v[i], b, first);
	}
	return left;
}

bool range_set_eq(const struct range_set *a, const struct range_set *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (a->v[i].lo != b->v[i].lo || a->v[i].hi != b->v[i].hi)
			return false;
	}
	return true;
}

static void range_print(struct range r, struct buf *out)
{
	buf_printf(out, "%u", (unsigned)r.lo);
	if (r.hi != r.lo)
		buf_printf(out, "-%u", (unsigned)r.hi);
}

void range_set_print(const struct range_set *set, struct buf *out)
{
	for (size_t i = 0; i < set->n; i++) {
		if (i)
			buf_str(out, ", ");
		range_print(set->v[i], out);
	}
}

static bool port_parse(struct slice text, uint32_t *ret, const char **why)
{
	uint64_t port;

	if (!text_is_digits(text)) {
		*why = text.n ? "is not a port number" : "has no port number";
		return false;
	}
	if (!slice_u64(text, 65535, &port)) {
		*why = "is a port over 65535";
		return false;
	}
	*ret = (uint32_t)port;
	return true;
}

bool port_spec_parse(struct slice text, struct port_spec *ret, const char **why)
{
	struct port_spec s = { .negate = text_take_negation(&text) };
	struct slice lo = text, hi = text;

	if (!text_cut(text, '-', &lo, &hi))
		text_cut(text, ':', &lo, &hi);
	if (!port_parse(lo, &s.range.lo, why) || !port_parse(hi, &s.range.hi, why))
		return false;
	if (s.range.lo > s.range.hi) {
		*why = "is a range that runs backwards";
		return false;
	}
	*ret = s;
	return true;
}

void port_spec_print(const struct port_spec *s, struct buf *out)
{
	if (s->negate)
		buf_char(out, '!');
	range_print(s->range, out);
}
