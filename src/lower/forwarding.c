/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inter-zone forwarding: a one-way permission from a zone to another. It stands after the traffic
 * rules of its source zone and before the zone's own forward policy.
 */
#include "lower/lower_priv.h"

static void forward(struct lower *l, const struct forwarding *f, enum family family)
{
	const struct ir_origin *origin = lower_origin(l, &f->s, f->name.v);
	const struct zone *from = f->from.zone, *to = f->to.zone;
	struct ir_chain *chain = from ? zone_chain(l, from, IR_FORWARD, IR_FILTER)
				      : ir_base(l->ir, IR_FORWARD, IR_FILTER);
	struct ir_rule *rule = ir_rule_add(l->ir, chain, origin);

	rule->family = family;
	rule->counter = lower_counter(l, "forwarding", &f->s, f->name.v);
	if (to && !zone_match(l, rule, to, true)) {
		chain->rules.n--;
		return;
	}
	zone_verdict(l, rule, to, true, ACTION_ACCEPT, from);
}

static bool only(enum family wanted, enum family family)
{
	return wanted != FAMILY_ANY && wanted != family;
}

void lower_forwardings(struct lower *l)
{
	vec_each(it, &l->policy->forwardings) {
		const struct forwarding *f = *it;
		const struct zone *to = f->to.zone;
		enum family from_family = f->from.zone ? f->from.zone->family.v : FAMILY_ANY;
		enum family to_family = to ? to->family.v : FAMILY_ANY;
		bool v4 = !only(f->family.v, FAMILY_V4) && !only(from_family, FAMILY_V4) &&
			!only(to_family, FAMILY_V4);
		bool v6 = !only(f->family.v, FAMILY_V6) && !only(from_family, FAMILY_V6) &&
			!only(to_family, FAMILY_V6);

		if (v4 && v6 && !(to && zone_has_subnets(to))) {
			forward(l, f, FAMILY_ANY);
			continue;
		}
		if (v4)
			forward(l, f, FAMILY_V4);
		if (v6)
			forward(l, f, FAMILY_V6);
	}
}
