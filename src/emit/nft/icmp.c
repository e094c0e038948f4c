/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP types. Types alone are one set; as soon as a code is asked for, type and code are looked up
 * together, "any code" being the range 0-255: exact for any mixture, also when negated. A single
 * type with codes is written as two comparisons, as people do.
 */
#include <stdlib.h>

#include "emit/nft/nft_priv.h"

static int type_cmp(const void *a, const void *b)
{
	const struct icmp_type *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return (x->code_lo > y->code_lo) - (x->code_lo < y->code_lo);
}

/* Sorted, with overlapping and adjacent codes of one type joined: pipapo sets refuse overlaps. */
static struct icmp_type *types_reduce(struct nft_build *b, const struct ir_match *m, size_t *ret_n)
{
	struct icmp_type *v = arena_copy(b->arena, m->icmp.v, m->icmp.n, sizeof(*v));
	size_t n = 0;

	if (m->icmp.n)
		qsort(v, m->icmp.n, sizeof(*v), type_cmp);
	for (size_t i = 0; i < m->icmp.n; i++) {
		struct icmp_type *last = n ? &v[n - 1] : NULL;

		if (last && last->type == v[i].type && v[i].code_lo <= last->code_hi + 1) {
			if (v[i].code_hi > last->code_hi)
				last->code_hi = v[i].code_hi;
			continue;
		}
		v[n++] = v[i];
	}
	*ret_n = n;
	return v;
}

static bool any_code(const struct icmp_type *t)
{
	return t->code_lo == 0 && t->code_hi == 255;
}

static void match_types(struct nft_rule_build *r, enum nft_field field, const struct icmp_type *v,
	size_t n, bool negate)
{
	nft_imply(r, &field, 1);

	struct nft_match *match = nft_match_add(r, field, n > 1 ? NFT_CMP_SET : NFT_CMP_VALUE);

	match->negate = negate;
	if (n == 1) {
		match->value = nft_number(r->b, v[0].type, 1);
		return;
	}

	struct nft_set *set = nft_anonymous(r->b, &field, 1);

	match->set = set;
	for (size_t i = 0; i < n; i++) {
		struct nft_element e = { .key = nft_number(r->b, v[i].type, 1) };

		vec_push(r->b->arena, &set->elements, e);
	}
}

static void match_one_with_code(
	struct nft_rule_build *r, const enum nft_field field[2], const struct icmp_type *t)
{
	match_types(r, field[0], t, 1, false);

	struct nft_match *code = nft_match_add(
		r, field[1], t->code_lo == t->code_hi ? NFT_CMP_VALUE : NFT_CMP_RANGE);

	code->value = nft_number(r->b, t->code_lo, 1);
	code->high = nft_number(r->b, t->code_hi, 1);
}

static void match_types_and_codes(struct nft_rule_build *r, const enum nft_field field[2],
	const struct icmp_type *v, size_t n, bool negate)
{
	struct nft_set *set = nft_anonymous(r->b, field, 2);

	nft_imply(r, field, 2);

	struct nft_match *match = nft_match_add(r, field[0], NFT_CMP_SET);

	match->field[1] = field[1];
	match->n_field = 2;
	match->negate = negate;
	match->set = set;
	for (size_t i = 0; i < n; i++) {
		uint8_t lo[8] = { v[i].type, 0, 0, 0, v[i].code_lo };
		uint8_t hi[8] = { v[i].type, 0, 0, 0, v[i].code_hi };
		struct nft_element e = { .key = arena_copy(r->b->arena, lo, 8, 1) };

		if (v[i].code_lo != v[i].code_hi) {
			e.key_end = arena_copy(r->b->arena, hi, 8, 1);
			set->interval = true;
		}
		vec_push(r->b->arena, &set->elements, e);
	}
	nft_set_normalise(r->b, set);
}

bool nft_lower_icmp(struct nft_rule_build *r, const struct ir_match *m)
{
	size_t n, with_code = 0;
	const struct icmp_type *v = types_reduce(r->b, m, &n);

	if (!n)
		return m->negate;

	bool v6 = v[0].family == FAMILY_V6;
	const enum nft_field field[2] = { v6 ? NFT_F_ICMPV6_TYPE : NFT_F_ICMP_TYPE,
		v6 ? NFT_F_ICMPV6_CODE : NFT_F_ICMP_CODE };

	for (size_t i = 0; i < n; i++)
		with_code += !any_code(&v[i]);
	if (!with_code)
		match_types(r, field[0], v, n, m->negate);
	else if (n == 1 && !m->negate)
		match_one_with_code(r, field, v);
	else
		match_types_and_codes(r, field, v, n, m->negate);
	return true;
}
