/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic rules. The target and the two zones decide the chain (firewall3's places): filter
 * verdicts in the zone's chain, marks in mangle, notrack and helpers before the rest.
 */
#include <stdint.h>

#include "lower/lower_priv.h"

/* Where a rule stands and which zones its chain has not matched yet. */
struct place {
	struct ir_chain *chain;
	const struct zone *in, *out;
};

static struct place filter_place(struct lower *l, const struct rule *r)
{
	const struct zone_ref *from = &r->m.from, *to = &r->m.to;
	struct place p = { 0 };

	if (from->kind == ZONE_NONE && to->kind == ZONE_NONE) {
		/* firewall4's rules by device: direction in is about what arrives */
		bool in = r->m.device.given.set && r->m.direction.v == 0;

		p.chain = ir_base(l->ir, in ? IR_INPUT : IR_OUTPUT, IR_FILTER);
	} else if (from->kind == ZONE_NONE) {
		p.chain = to->kind == ZONE_NAMED ? zone_chain(l, to->zone, IR_OUTPUT, IR_FILTER)
						 : ir_base(l->ir, IR_OUTPUT, IR_FILTER);
	} else {
		enum ir_hook hook = to->kind == ZONE_NONE ? IR_INPUT : IR_FORWARD;

		p.chain = from->kind == ZONE_NAMED ? zone_chain(l, from->zone, hook, IR_FILTER)
						   : ir_base(l->ir, hook, IR_FILTER);
		p.out = to->kind == ZONE_NAMED ? to->zone : NULL;
	}
	return p;
}

static struct place mangle_place(struct lower *l, const struct rule *r)
{
	const struct zone_ref *from = &r->m.from, *to = &r->m.to;
	struct place p = { .in = from->zone, .out = to->zone };
	enum ir_hook hook;

	if (from->kind != ZONE_NONE && from->kind == to->kind)
		hook = IR_FORWARD;
	else if (from->kind == ZONE_ANY && to->kind == ZONE_NAMED)
		hook = IR_POSTROUTING;
	else if (from->kind == ZONE_NAMED && to->kind == ZONE_ANY)
		hook = IR_PREROUTING;
	else if (from->kind != ZONE_NONE ||
		(to->kind == ZONE_NONE && r->m.device.given.set && r->m.direction.v == 0))
		hook = IR_INPUT;
	else
		hook = IR_OUTPUT;
	p.chain = ir_base(l->ir, hook, IR_MANGLE);
	return p;
}

static struct place early_place(struct lower *l, const struct rule *r, enum ir_stage stage)
{
	return (struct place){ .chain = ir_base(l->ir, IR_PREROUTING, stage), .in = r->m.from.zone };
}

static void set_statement(struct lower *l, const struct rule *r, struct ir_rule *rule)
{
	struct ir_statement *s;

	switch ((enum action)r->target.v) {
	case ACTION_MARK: {
		const struct mark_spec *set = r->set_mark.given.set ? &r->set_mark.v
								    : &r->set_xmark.v;

		s = ir_statement_add(l->ir, rule, IR_S_MARK);
		s->mark.and = ~set->mask;
		s->mark.xor = set->value;
		/* --set-mark clears the value's bits too; --set-xmark inverts them */
		if (r->set_mark.given.set)
			s->mark.and &= ~set->value;
		return;
	}
	case ACTION_DSCP:
		ir_statement_add(l->ir, rule, IR_S_DSCP)->value = r->set_dscp.v.value;
		return;
	case ACTION_TTL:
		s = ir_statement_add(l->ir, rule, IR_S_TTL);
		s->ttl.action = (enum ir_ttl_action)r->ttl_action.v;
		s->ttl.value = (uint8_t)r->ttl_value.v;
		return;
	case ACTION_TCPMSS:
		ir_statement_add(l->ir, rule, IR_S_MSS)->value = (uint32_t)r->set_mss.v;
		return;
	case ACTION_NOTRACK:
		ir_statement_add(l->ir, rule, IR_S_NOTRACK);
		return;
	case ACTION_DROP:
	case ACTION_ACCEPT:
	case ACTION_REJECT:
	case ACTION_HELPER:
	case ACTION_DNAT:
	case ACTION_SNAT:
	case ACTION_MASQUERADE:
	case ACTION_NETMAP:
		return;
	}
}

/* TCPMSS works on SYN packets only: the option exists nowhere else. */
static void add_syn(struct lower *l, struct ir_rule *rule)
{
	struct ir_match *flags = ir_match_add(l->ir, rule, IR_M_TCPFLAGS);

	flags->tcpflags.value = 2;
	flags->tcpflags.mask = 6;
}

static bool wants_log(const struct match_fields *m)
{
	return m->log.given.set && !slice_is(slice_of(m->log.v), "0");
}

/* The log statement of a section, with the limit of its messages. */
static void add_log(struct lower *l, const struct section *s, const struct match_fields *m,
	struct ir_rule *rule)
{
	struct ir_limit *limit = ARENA_NEW(l->arena, struct ir_limit);

	limit->name = lower_name(l, "log", s, m->name.v, 63);
	limit->origin = lower_origin(l, s, m->name.v);
	limit->rate = m->log_limit.v;
	limit->burst = limit->rate.count < 5 ? 5 : limit->rate.count;
	vec_push(l->arena, &l->ir->limits, limit);
	match_limit(l, rule, limit);
	lower_log(l, rule, slice_is(slice_of(m->log.v), "1")
			? arena_printf(l->arena, "%s: ", m->name.v ? m->name.v : s->id)
			: m->log.v);
}

void lower_log_matches(struct lower *l, const struct section *s, const struct match_fields *m,
	struct ir_chain *chain, const struct ir_rule *variant)
{
	if (wants_log(m))
		add_log(l, s, m,
			match_place(l, chain, variant, NULL, NULL, lower_origin(l, s, m->name.v)));
}

static void refuse_or_accept(
	struct lower *l, const struct rule *r, struct ir_rule *rule, enum action action)
{
	const struct zone *from = r->m.from.zone;

	if (r->m.to.zone)
		zone_verdict(l, rule, r->m.to.zone, true, action, from);
	else if (from)
		zone_verdict(l, rule, from, false, action, from);
	else
		plain_verdict(l, rule, action);
	if (from && action != ACTION_ACCEPT)
		lower_count_refusal(l, from, rule);
}

/* What a rule with a log does once it has matched: so its limit is asked once. */
static struct ir_chain *logged_verdict(struct lower *l, const struct rule *r,
	const struct ir_chain *place, const struct ir_origin *origin)
{
	struct ir_chain *chain = ir_chain_add(l->ir, lower_name(l, "logged", &r->s, r->m.name.v, 63),
		IR_ROLE_OTHER, place->hook, place->stage);
	enum action action = (enum action)r->target.v;

	chain->origin = origin;
	add_log(l, &r->s, &r->m, ir_rule_add(l->ir, chain, origin));
	refuse_or_accept(l, r, ir_rule_add(l->ir, chain, origin), action);
	return chain;
}

static void lower_filter_rule(struct lower *l, const struct rule *r)
{
	struct place p = filter_place(l, r);
	enum action action = (enum action)r->target.v;
	const struct ir_origin *origin = lower_origin(l, &r->s, r->m.name.v);
	struct match_wish wish = { .out = p.out,
		.family_of = { r->m.from.zone, r->m.to.zone },
		.closes = r->target.v != ACTION_ACCEPT };
	struct variants v = match_expand(l, &r->s, &r->m, &wish);
	struct ir_counter *counter = lower_counter(l, "rule", &r->s, r->m.name.v);
	const struct ir_limit *limit =
		rule_drops_excess(r) ? NULL : match_limit_object(l, "limit", &r->s, &r->m);
	struct ir_chain *excess =
		rule_drops_excess(r) && v.n ? rule_excess_chain(l, r, p.chain, &v) : NULL;

	struct ir_chain *logged = NULL;

	if (wants_log(&r->m) && v.n)
		logged = logged_verdict(l, r, p.chain, origin);
	for (size_t i = 0; i < v.n; i++) {
		if (excess)
			rule_limit_place(l, r, p.chain, v.v[i], excess);

		struct ir_rule *rule = match_place(
			l, p.chain, v.v[i], counter, lower_comment(l, r->m.name.v), origin);

		match_limit(l, rule, limit);
		if (logged)
			rule->verdict = (struct ir_verdict){ .kind = IR_GOTO, .chain = logged };
		else
			refuse_or_accept(l, r, rule, action);
		if (!excess)
			rule_log_excess(l, r, p.chain, v.v[i]);
	}
}

static void lower_other_rule(struct lower *l, const struct rule *r)
{
	enum action action = (enum action)r->target.v;
	bool early = action == ACTION_NOTRACK || action == ACTION_HELPER;
	struct place p = action == ACTION_NOTRACK ? early_place(l, r, IR_RAW)
		: action == ACTION_HELPER	  ? early_place(l, r, IR_HELPER)
						  : mangle_place(l, r);
	struct match_wish wish = { .in = p.in, .out = early ? NULL : p.out };
	const struct ir_origin *origin = lower_origin(l, &r->s, r->m.name.v);
	struct variants v = match_expand(l, &r->s, &r->m, &wish);
	struct ir_counter *counter = lower_counter(l, "rule", &r->s, r->m.name.v);
	const struct ir_limit *limit = match_limit_object(l, "limit", &r->s, &r->m);

	for (size_t i = 0; i < v.n; i++) {
		struct ir_rule *rule = match_place(
			l, p.chain, v.v[i], counter, lower_comment(l, r->m.name.v), origin);

		if (action == ACTION_TCPMSS)
			add_syn(l, rule);
		if (r->tcpmss.given.set)
			range_set_add(l->arena, &ir_match_add(l->ir, rule, IR_M_MSS)->ranges,
				r->mss_match);
		match_limit(l, rule, limit);
		if (action == ACTION_HELPER)
			lower_assign_helper(l, rule, r->assign_helper);
		else
			set_statement(l, r, rule);
	}
}

static bool is_filter(enum action action)
{
	return action == ACTION_ACCEPT || action == ACTION_DROP || action == ACTION_REJECT;
}

void lower_rules(struct lower *l)
{
	vec_each(it, &l->policy->rules) {
		const struct rule *r = *it;
		enum action action = (enum action)r->target.v;
		bool closes = action == ACTION_DROP || action == ACTION_REJECT;

		if (match_extra_refused(l, &r->m, closes) || match_time_inactive(l, &r->m, !closes))
			continue;
		if (is_filter(action))
			lower_filter_rule(l, r);
		else
			lower_other_rule(l, r);
	}
}
