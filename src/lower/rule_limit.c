/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic rules whose limit drops what exceeds it: those of the Attack Prevention pages, and each
 * limit that is per source. Before the rule itself stands a jump, for what it matches, to a chain
 * from which only packets within the limit come back.
 */
#include <string.h>

#include "lower/lower_priv.h"

bool rule_drops_excess(const struct rule *r)
{
	return r->m.limit.given.set && (r->attack_page || r->limit_per_source.v);
}

static const char *overlimit_prefix(struct lower *l, const struct rule *r)
{
	return r->limit_log_overlimit.v ? arena_printf(l->arena, "%s overlimit ",
						  r->m.name.v ? r->m.name.v : r->s.id)
					: NULL;
}

/* The family of all variants, ANY when they differ. */
static enum family variants_family(const struct variants *v)
{
	for (size_t i = 1; i < v->n; i++) {
		if (v->v[i]->family != v->v[0]->family)
			return FAMILY_ANY;
	}
	return v->v[0]->family;
}

struct ir_chain *rule_excess_chain(struct lower *l, const struct rule *r,
	const struct ir_chain *chain, const struct variants *v)
{
	struct limit_wish wish = {
		.name = lower_name(l, "limit", &r->s, r->m.name.v, 24),
		.role = IR_ROLE_OTHER,
		.hook = chain->hook,
		.stage = IR_FILTER,
		.origin = lower_origin(l, &r->s, r->m.name.v),
		.family = variants_family(v),
		.rate = r->m.limit.v,
		.burst = (uint32_t)r->m.limit_burst.v,
		.per_source = r->limit_per_source.v,
		.log_prefix = overlimit_prefix(l, r),
		.counter = lower_counter(l, "over", &r->s, r->m.name.v),
	};
	struct diag *e;

	if (r->m.limit.v.invert) {
		e = diag_error(l->diags, given_span(l->policy->source, &r->m.limit.given),
			"limit-inverted", "a limit whose excess is dropped cannot be inverted");
		diag_hint(l->diags, e, "remove the '!'");
		wish.rate.invert = false;
	}
	return lower_limit_chain(l, &wish);
}

/* ---- pings ---- */

static bool counts_pings(const struct rule *r)
{
	for (size_t i = 0; i < r->m.proto.n; i++) {
		const struct proto_spec *p = &r->m.proto.v[i];

		for (unsigned k = 0; k < p->n; k++) {
			if (p->number[k] == PROTO_ICMP || p->number[k] == PROTO_ICMPV6)
				return true;
		}
	}
	return false;
}

/*
 * A running ping is one connection after its first answer, which the base chain's first rule
 * accepts. So its requests go to the rule's own chain before that: there the rule, if none before
 * it, decides about them too, and they take tokens at the same place as the first one.
 */
static void limit_running_pings(struct lower *l, const struct rule *r, struct ir_chain *chain,
	const struct ir_rule *variant, struct ir_chain *excess)
{
	static const enum family both[] = { FAMILY_V4, FAMILY_V6 };
	const struct zone *from = r->m.from.zone;
	bool in_base = chain->role == IR_ROLE_BASE;
	bool split = variant->family == FAMILY_ANY && from && zone_has_subnets(from);
	struct ir_chain **first = &l->running_pings[chain->hook];
	struct ir_rule *rule;

	if (chain->hook != IR_INPUT && chain->hook != IR_FORWARD)
		return;
	if (!*first)
		*first = ir_chain_add(l->ir,
			chain->hook == IR_INPUT ? "input_running_pings" : "forward_running_pings",
			IR_ROLE_OTHER, chain->hook, IR_FILTER);
	/* A zone's networks are of one family each, and the variant may be of both. */
	for (size_t i = 0; i < (split ? 2 : 1); i++) {
		rule = match_place(l, *first, variant, NULL, "running pings are limited too",
			lower_origin(l, &r->s, r->m.name.v));
		if (split)
			rule->family = both[i];
		if (from && !zone_match(l, rule, from, false)) {
			(*first)->rules.n--;
			continue;
		}
		rule->verdict.kind = in_base ? IR_JUMP : IR_GOTO;
		rule->verdict.chain = in_base ? excess : chain;
	}
}

void lower_running_pings(struct lower *l)
{
	for (int hook = IR_INPUT; hook <= IR_FORWARD; hook++) {
		struct ir_chain *pings = l->running_pings[hook], *base;
		struct ir_rule *jump;
		struct range_set *protos;

		if (!pings)
			continue;
		base = ir_base(l->ir, (enum ir_hook)hook, IR_FILTER);
		jump = ir_rule_add(l->ir, base, NULL);
		protos = &ir_match_add(l->ir, jump, IR_M_PROTO)->ranges;
		range_set_add(l->arena, protos, (struct range){ PROTO_ICMP, PROTO_ICMP });
		range_set_add(l->arena, protos, (struct range){ PROTO_ICMPV6, PROTO_ICMPV6 });
		ir_match_add(l->ir, jump, IR_M_CTSTATE)->bits = IR_CT_ESTABLISHED;
		jump->verdict = (struct ir_verdict){ .kind = IR_JUMP, .chain = pings };
		memmove(&base->rules.v[1], &base->rules.v[0],
			(base->rules.n - 1) * sizeof(base->rules.v[0]));
		base->rules.v[0] = jump;
	}
}

/* ---- around a rule ---- */

void rule_limit_place(struct lower *l, const struct rule *r, struct ir_chain *chain,
	const struct ir_rule *variant, struct ir_chain *excess)
{
	const struct ir_origin *origin = lower_origin(l, &r->s, r->m.name.v);

	match_place(l, chain, variant, NULL, NULL, origin)->verdict =
		(struct ir_verdict){ .kind = IR_JUMP, .chain = excess };
	if (counts_pings(r))
		limit_running_pings(l, r, chain, variant, excess);
}

void rule_log_excess(struct lower *l, const struct rule *r, struct ir_chain *chain,
	const struct ir_rule *variant)
{
	const struct ir_origin *origin = lower_origin(l, &r->s, r->m.name.v);

	if (r->m.limit.given.set && r->limit_log_overlimit.v)
		lower_log_overlimit(l, match_place(l, chain, variant, NULL, NULL, origin),
			lower_name(l, "over", &r->s, r->m.name.v, 40), origin,
			overlimit_prefix(l, r));
}
