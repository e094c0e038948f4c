/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of addresses as sorted ranges. The end of the address space has no next address, which is
 * the only special case here: addr_next() and addr_prev() tell.
 */
#include <stdlib.h>

#include "net/net_priv.h"

void addr_set_add(struct arena *a, struct addr_set *set, struct addr_range r)
{
	vec_push(a, set, r);
}

static int by_lo(const void *a, const void *b)
{
	const struct addr_range *x = a, *y = b;

	return addr_cmp(&x->lo, &y->lo);
}

/* True when b, which does not begin before a, overlaps or follows it without a gap. */
static bool joins(const struct addr_range *a, const struct addr_range *b)
{
	struct addr next;

	if (a->hi.family != b->lo.family)
		return false;
	if (addr_cmp(&b->lo, &a->hi) <= 0)
		return true;
	return addr_next(&a->hi, &next) && addr_eq(&next, &b->lo);
}

void addr_set_normalise(struct addr_set *set)
{
	size_t n = 0;

	if (set->n)
		qsort(set->v, set->n, sizeof(*set->v), by_lo);
	for (size_t i = 0; i < set->n; i++) {
		struct addr_range *last = n ? &set->v[n - 1] : NULL;
		struct addr_range r = set->v[i];

		if (!last || !joins(last, &r))
			set->v[n++] = r;
		else if (addr_cmp(&r.hi, &last->hi) > 0)
			last->hi = r.hi;
	}
	set->n = n;
}

bool addr_set_has(const struct addr_set *set, const struct addr *a)
{
	size_t from = 0, to = set->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const struct addr_range *r = &set->v[middle];

		if (addr_range_has(r, a))
			return true;
		if (addr_cmp(a, &r->lo) < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return false;
}

/* Adds what is left of r, given the first range of b that does not end before it. */
static void add_remainder(struct arena *arena, struct addr_set *set, struct addr_range r,
	const struct addr_set *b, size_t first)
{
	for (size_t i = first; i < b->n; i++) {
		const struct addr_range *hole = &b->v[i];
		struct addr_range before = r;

		if (addr_cmp(&hole->lo, &r.hi) > 0)
			break;
		if (addr_cmp(&hole->lo, &r.lo) > 0 && addr_prev(&hole->lo, &before.hi))
			addr_set_add(arena, set, before);
		if (addr_cmp(&hole->hi, &r.hi) >= 0 || !addr_next(&hole->hi, &r.lo))
			return;
	}
	addr_set_add(arena, set, r);
}

struct addr_set addr_set_minus(
	struct arena *arena, const struct addr_set *a, const struct addr_set *b)
{
	struct addr_set left = { 0 };
	size_t first = 0;

	for (size_t i = 0; i < a->n; i++) {
		while (first < b->n && addr_cmp(&b->v[first].hi, &a->v[i].lo) < 0)
			first++;
		add_remainder(arena, &left, a->v[i], b, first);
	}
	return left;
}

bool addr_set_eq(const struct addr_set *a, const struct addr_set *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (!addr_eq(&a->v[i].lo, &b->v[i].lo) || !addr_eq(&a->v[i].hi, &b->v[i].hi))
			return false;
	}
	return true;
}

void addr_set_print(const struct addr_set *set, struct buf *out)
{
	for (size_t i = 0; i < set->n; i++) {
		if (i)
			buf_str(out, ", ");
		addr_range_print(&set->v[i], out);
	}
}
