/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "Above the limit: drop" fails open when the set that remembers senders is full: a sender that
 * gets no bucket is never above. So a rule that refuses what is above a limit of each sender is
 * turned round: what is within it returns from a chain of its own, everything else is refused.
 */
#include "lower/lower_priv.h"

static bool closes(const struct ir_rule *rule)
{
	const struct ir_chain *to = rule->verdict.chain;

	switch (rule->verdict.kind) {
	case IR_DROP:
	case IR_REJECT:
		return true;
	case IR_GOTO:
		return to->role == IR_ROLE_REJECT || to->role == IR_ROLE_FROM_ZONE ||
			to->role == IR_ROLE_TO_ZONE;
	case IR_CONTINUE:
	case IR_ACCEPT:
	case IR_JUMP:
	case IR_RETURN:
	case IR_DNAT:
	case IR_SNAT:
	case IR_MASQUERADE:
	case IR_REDIRECT:
	case IR_NETMAP_DST:
	case IR_NETMAP_SRC:
		return false;
	}
	return false;
}

/* Where the rule asks whether a sender is above its limit; n_matches when it does not. */
static size_t above_at(const struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		const struct ir_match *m = &rule->matches[i];

		if ((m->kind == IR_M_METER && m->set.set->rate.invert) ||
			(m->kind == IR_M_CONNECTIONS && m->negate))
			return i;
	}
	return rule->n_matches;
}

/* The set whose buckets match within the rate; rules that do not refuse may share the other one. */
static const struct ir_set *within_set(struct lower *l, const struct ir_set *above)
{
	const char *name = ir_identifier(l->arena, "in", slice_of(above->name), 31);
	struct ir_set *set = ir_set_find(l->ir, name);

	if (set)
		return set;
	set = ir_set_add(l->ir, name, above->origin);
	*set = *above;
	set->name = name;
	set->rate.invert = false;
	return set;
}

/* Ports in a set and a TCP reset need the protocol stated beside them. */
static void keep_protocol(struct lower *l, const struct ir_rule *from, struct ir_rule *to)
{
	for (size_t i = 0; i < from->n_matches; i++) {
		if (from->matches[i].kind == IR_M_PROTO)
			*ir_match_add(l->ir, to, IR_M_PROTO) = from->matches[i];
	}
}

static struct ir_chain *refusing_chain(
	struct lower *l, const struct ir_chain *place, const struct ir_rule *rule, size_t at)
{
	const struct ir_origin *origin = rule->n_origins ? rule->origins[0] : NULL;
	const char *name = "above_limit";
	struct ir_chain *chain;
	struct ir_rule *within, *refuse;
	struct ir_match *m;

	for (unsigned i = 2; ir_chain_find(l->ir, name); i++)
		name = arena_printf(l->arena, "above_limit_%u", i);
	chain = ir_chain_add(l->ir, name, IR_ROLE_OTHER, place->hook, place->stage);
	within = ir_rule_add(l->ir, chain, origin);
	within->family = rule->family;
	keep_protocol(l, rule, within);
	m = ir_match_add(l->ir, within, rule->matches[at].kind);
	*m = rule->matches[at];
	if (m->kind == IR_M_METER)
		m->set.set = within_set(l, m->set.set);
	m->negate = false;
	within->verdict.kind = IR_RETURN;

	refuse = ir_rule_copy(l->ir, chain, rule);
	refuse->n_matches = 0;
	keep_protocol(l, rule, refuse);
	return chain;
}

static void turn_round(
	struct lower *l, const struct ir_chain *place, struct ir_rule *rule, size_t at)
{
	struct ir_chain *chain = refusing_chain(l, place, rule, at);

	for (size_t i = at + 1; i < rule->n_matches; i++)
		rule->matches[i - 1] = rule->matches[i];
	rule->n_matches--;
	rule->n_statements = 0;
	rule->counter = NULL;
	rule->verdict = (struct ir_verdict){ .kind = IR_JUMP, .chain = chain };
}

void lower_close_limits(struct lower *l)
{
	size_t n = l->ir->chains.n; /* the chains made here need no second look */

	for (size_t i = 0; i < n; i++) {
		struct ir_chain *chain = l->ir->chains.v[i];

		for (size_t k = 0; k < chain->rules.n; k++) {
			struct ir_rule *rule = chain->rules.v[k];
			size_t at = closes(rule) ? above_at(rule) : rule->n_matches;

			if (at < rule->n_matches)
				turn_round(l, chain, rule, at);
		}
	}
}
