/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Masquerading: the last rules of a zone's source NAT chain. Negated subnets are AND-ed with the
 * positive ones. IPv6 has a switch of its own; IPv4 subnets do not restrict it.
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
	vec_each(s, &src.any_of) {
		vec_each(d, &dst.any_of) {
			struct ir_rule *rule = ir_rule_add(l->ir, chain, chain->origin);

			rule->family = family;
			address_match(l, l->ir, rule, s, &src, false);
			address_match(l, l->ir, rule, d, &dst, true);
			rule->comment = "masquerading";
			rule->verdict.kind = IR_MASQUERADE;
		}
	}
}

static bool has(const struct zone *z, enum family family)
{
	return z->family.v == FAMILY_ANY || z->family.v == family;
}

void lower_masquerade(struct lower *l)
{
	vec_each(it, &l->policy->zones) {
		if ((*it)->masq.v && has(*it, FAMILY_V4))
			masquerade(l, *it, FAMILY_V4);
		if ((*it)->masq6.v && has(*it, FAMILY_V6))
			masquerade(l, *it, FAMILY_V6);
	}
}
