/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Masquerading: the last rules of a zone's source NAT chain. Negated subnets are AND-ed with the
 * positive ones. IPv6 has a switch of its own; IPv4 subnets do not restrict it.
 *
 * What connection tracking cannot know, NAT does not see: such a packet would leave with its inside
 * address. It is dropped in front of everything that could accept it, whatever that is.
 */
#include "lower/lower_priv.h"

static void masquerade(struct lower *l, const struct zone *z, enum family family)
{
	struct address_choices src = address_choices(l, z->masq_src.v, z->masq_src.n, family);
	struct address_choices dst = address_choices(l, z->masq_dest.v, z->masq_dest.n, family);
	struct ir_chain *chain = zone_chain(l, z, IR_POSTROUTING, IR_SRCNAT);

	/* RutOS has masq6 without subnets: lists that only speak of IPv4 leave IPv6 whole. */
	if (family == FAMILY_V6 && src.excluded)
		src = address_choices(l, NULL, 0, family);
	if (family == FAMILY_V6 && dst.excluded)
		dst = address_choices(l, NULL, 0, family);
	vec_each (s, &src.any_of) {
		vec_each (d, &dst.any_of) {
			struct ir_rule *rule = ir_rule_add(l->ir, chain, chain->origin);

			rule->family = family;
			address_match(l, l->ir, rule, s, &src, false);
			address_match(l, l->ir, rule, d, &dst, true);
			rule->comment = "masquerading";
			rule->verdict.kind = IR_MASQUERADE;
		}
	}
}

static bool masquerades(const struct zone *z, enum family family)
{
	return (family == FAMILY_V6 ? z->masq6.v : z->masq.v) &&
	       (z->family.v == FAMILY_ANY || z->family.v == family);
}

void lower_masquerade(struct lower *l)
{
	vec_each (it, &l->policy->zones) {
		if (masquerades(*it, FAMILY_V4))
			masquerade(l, *it, FAMILY_V4);
		if (masquerades(*it, FAMILY_V6))
			masquerade(l, *it, FAMILY_V6);
	}
}

/* ---- leaks ---- */

static void guard(struct lower *l, const struct zone *z, enum ir_hook hook, enum family family)
{
	struct ir_chain *chain = ir_base(l->ir, hook, IR_FILTER);
	struct ir_rule *rule = ir_rule_add(l->ir, chain, lower_origin(l, &z->s, z->name.v));

	rule->family = family;
	if (!zone_match(l, rule, z, true)) {
		chain->rules.n--;
		return;
	}
	ir_match_add(l->ir, rule, IR_M_CTSTATE)->bits = IR_CT_INVALID;
	rule->comment = "never leaves without its translation";
	rule->verdict.kind = IR_DROP;
}

static void guard_zone(struct lower *l, const struct zone *z, enum ir_hook hook)
{
	bool v4 = masquerades(z, FAMILY_V4), v6 = masquerades(z, FAMILY_V6);

	if (v4 && v6 && !zone_has_subnets(z)) {
		guard(l, z, hook, FAMILY_ANY);
		return;
	}
	if (v4)
		guard(l, z, hook, FAMILY_V4);
	if (v6)
		guard(l, z, hook, FAMILY_V6);
}

void lower_leak_guards(struct lower *l)
{
	/* With drop_invalid none comes this far. */
	if (l->policy->defaults.drop_invalid.v)
		return;
	vec_each (it, &l->policy->zones) {
		if ((*it)->masq_allow_invalid.v)
			continue;
		guard_zone(l, *it, IR_FORWARD);
		guard_zone(l, *it, IR_OUTPUT);
	}
}
