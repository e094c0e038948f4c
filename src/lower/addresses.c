/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address lists. Positive entries are OR-ed, negated ones AND-ed, all per family: what remains is
 * one set of ranges, or one negated set. Masks that are no prefix cannot join a set; each becomes
 * an alternative of its own.
 */
#include "lower/lower_priv.h"

static enum family spec_family(const struct addr_spec *s)
{
	return s->kind == ADDR_SPEC_MASKED ? s->addr.family : s->range.lo.family;
}

enum family address_family(const struct addr_spec *specs, size_t n)
{
	bool v4 = false, v6 = false;

	for (size_t i = 0; i < n; i++) {
		if (spec_family(&specs[i]) == FAMILY_V4)
			v4 = true;
		else
			v6 = true;
	}
	if (v4 == v6)
		return FAMILY_ANY;
	return v4 ? FAMILY_V4 : FAMILY_V6;
}

/* The ranges of one sign in one family, normalised. */
static struct addr_set ranges_of(struct lower *l, const struct addr_spec *specs, size_t n,
	enum family family, bool negate)
{
	struct addr_set set = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (specs[i].kind == ADDR_SPEC_RANGE && specs[i].negate == negate &&
			spec_family(&specs[i]) == family)
			addr_set_add(&l->scratch, &set, specs[i].range);
	}
	addr_set_normalise(&set);
	return set;
}

static bool has_positive(const struct addr_spec *specs, size_t n, enum family family)
{
	for (size_t i = 0; i < n; i++) {
		if (!specs[i].negate && (family == FAMILY_ANY || spec_family(&specs[i]) == family))
			return true;
	}
	return false;
}

static bool has_family(const struct addr_spec *specs, size_t n, enum family family)
{
	for (size_t i = 0; i < n; i++) {
		if (spec_family(&specs[i]) == family)
			return true;
	}
	return false;
}

struct address_choices address_choices(
	struct lower *l, const struct addr_spec *specs, size_t n, enum family family)
{
	struct address_choices c = { 0 };
	struct addr_set without = ranges_of(l, specs, n, family, true);

	if (!n) {
		vec_push(&l->scratch, &c.any_of, (struct address_choice){ .any = true });
		return c;
	}
	if (!has_family(specs, n, family) ||
		(has_positive(specs, n, FAMILY_ANY) && !has_positive(specs, n, family))) {
		c.excluded = true;
		return c;
	}
	for (size_t i = 0; i < n; i++) {
		const struct addr_spec *s = &specs[i];

		if (s->kind != ADDR_SPEC_MASKED || spec_family(s) != family)
			continue;

		struct address_choice one = { .masked = true, .value = s->addr, .mask = s->mask,
			.except = without };

		if (s->negate)
			vec_push(&l->scratch, &c.none_of, one);
		else
			vec_push(&l->scratch, &c.any_of, one);
	}
	if (!has_positive(specs, n, family)) {
		if (without.n)
			vec_push(&l->scratch, &c.any_of,
				(struct address_choice){ .set = without, .negate = true });
		else
			vec_push(&l->scratch, &c.any_of, (struct address_choice){ .any = true });
		return c;
	}

	struct addr_set with = ranges_of(l, specs, n, family, false);
	struct addr_set left = addr_set_minus(&l->scratch, &with, &without);

	if (left.n)
		vec_push(&l->scratch, &c.any_of, (struct address_choice){ .set = left });
	return c;
}

static void add_set(struct lower *l, struct ir *ir, struct ir_rule *rule,
	const struct addr_set *set, bool negate, bool dest)
{
	struct ir_match *m = ir_match_add(ir, rule, dest ? IR_M_DADDR : IR_M_SADDR);

	m->negate = negate;
	m->addrs.v = arena_copy(l->arena, set->v, set->n, sizeof(*set->v));
	m->addrs.n = m->addrs.cap = set->n;
}

static void add_masked(struct ir *ir, struct ir_rule *rule, const struct address_choice *c,
	bool negate, bool dest)
{
	struct ir_match *m =
		ir_match_add(ir, rule, dest ? IR_M_DADDR_MASKED : IR_M_SADDR_MASKED);

	m->negate = negate;
	m->masked.value = addr_and(&c->value, &c->mask);
	m->masked.mask = c->mask;
}

void address_match(struct lower *l, struct ir *ir, struct ir_rule *rule,
	const struct address_choice *choice, const struct address_choices *all, bool dest)
{
	if (choice->masked) {
		add_masked(ir, rule, choice, false, dest);
		if (choice->except.n)
			add_set(l, ir, rule, &choice->except, true, dest);
	} else if (!choice->any) {
		add_set(l, ir, rule, &choice->set, choice->negate, dest);
	}
	vec_each(not, &all->none_of)
		add_masked(ir, rule, not, true, dest);
}
