/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where custom rules stand. Chains exist in the IR only when they hold rules and packets can reach
 * them. firewall3's places are jumped to from where firewall3 has them: before everything else of
 * their chain, established connections too. Rules inserted into a built-in chain come before all
 * of ours, rules appended to one after all of ours and before its policy.
 */
#include <string.h>

#include "lower/custom.h"

static enum ir_stage stage_of(enum ipt_table table, enum ir_hook hook)
{
	switch (table) {
	case IPT_NAT_TABLE:
		return hook == IR_PREROUTING || hook == IR_OUTPUT ? IR_DSTNAT : IR_SRCNAT;
	case IPT_MANGLE:
		return IR_MANGLE;
	case IPT_RAW:
		return IR_RAW;
	case IPT_FILTER:
		break;
	}
	return IR_FILTER;
}

/* ---- one rule ---- */

static const char *comment_of(struct lower *l, const struct ipt_rule *rule)
{
	vec_each (m, &rule->matches) {
		const struct ipt_option *o = ipt_find(*m, IPT_COMMENT);

		if (o)
			return lower_comment(l, o->value.text);
	}
	return NULL;
}

/* Named after its comment, or after its chain and (by its hash) what it says. */
static struct ir_counter *counter_of(struct lower *l, const struct custom_rule *r)
{
	const char *comment = comment_of(l, &r->command->rule);
	struct section s = { .id = comment ? comment : r->label };
	struct ir_counter *c = ARENA_NEW(l->arena, struct ir_counter);

	c->name = lower_name(l, "custom", &s, NULL, 63);
	c->origin = r->origin;
	vec_push(l->arena, &l->ir->counters, c);
	return c;
}

/* A rule for both families of which one has no such addresses or matches. */
static bool is_of_other_family(const struct custom_rule *r)
{
	const struct ipt_rule *rule = &r->command->rule;

	vec_each (o, &rule->basic->options) {
		const struct addr_spec *s = o->row->type == IPT_ADDRS ? o->value.addrs.v : NULL;

		if (s && (s->kind == ADDR_SPEC_MASKED ? s->addr : s->range.lo).family !=
				 rule->family)
			return true;
	}
	vec_each (m, &rule->matches) {
		if ((*m)->module->family && (*m)->module->family != rule->family)
			return true;
		vec_each (o, &(*m)->options) {
			if (o->row->type == IPT_ADDR_RANGE &&
				o->value.addr_range.lo.family != rule->family)
				return true;
		}
	}
	return false;
}

static void place_rule(struct lower *l, const struct custom_rule *r, const struct custom_chain *in,
	struct ir_chain *chain, enum ir_stage stage)
{
	enum ipt_target_kind target = r->command->rule.target.kind;
	struct arguments a = { .l = l,
		.ir = l->ir,
		.rule = &r->command->rule,
		.origin = r->origin,
		.label = r->label,
		.closes = target == IPT_T_DROP || target == IPT_T_REJECT };
	struct ir_rule *begin = ARENA_NEW(l->arena, struct ir_rule);
	struct variants in_all = { 0 }, out;
	struct ir_counter *counter;
	struct diag *d;

	begin->family = r->command->family;
	begin->comment = comment_of(l, &r->command->rule);
	vec_push(l->arena, &in_all, begin);
	out = arguments_apply(&a, &in_all);
	if ((!out.n && is_of_other_family(r)) || !match_fits(l, r->command->span, &out))
		return;
	if (!out.n) {
		d = diag_warning(l->diags, r->command->span, "custom-never",
			"no packet can match this rule, so it has no effect");
		diag_hint(l->diags, d, "its matches exclude each other");
		return;
	}
	counter = counter_of(l, r);
	vec_each (it, &out) {
		struct ir_rule *rule;

		rule = match_place(l, chain, *it, counter, begin->comment, r->origin);
		if (!custom_target(l, r, in, stage, rule))
			chain->rules.n--;
	}
}

/* A rule of the table raw that assigns a helper, which is done behind connection tracking. */
static bool is_helper(const struct custom_rule *r)
{
	return ipt_target_find(&r->command->rule.target, IPT_CT_HELPER) != NULL;
}

/* ---- chains that are jumped to ---- */

static const char *chain_name(struct lower *l, const struct custom_chain *c, enum ir_stage stage)
{
	static const char *const kinds[] = { "user", "user_nat", "user_mangle", "user_raw" };
	const char *kind = kinds[c->table];

	if (c->kind == CUSTOM_USER)
		return lower_chain_name(l, c->name);
	if (stage == IR_SRCNAT)
		kind = "user_snat";
	return lower_chain_name(l, ir_identifier(l->arena, kind, slice_of(c->name), 60));
}

struct ir_chain *custom_chain_of(struct lower *l, const struct custom_chain *c, enum ir_stage stage)
{
	static const enum family both[] = { FAMILY_V4, FAMILY_V6 };
	struct custom_tables *t = l->custom->tables;
	struct ir_chain *chain;

	vec_each (it, &t->lowered) {
		if (it->table == c->table && it->stage == stage && !strcmp(it->name, c->name))
			return it->chain;
	}
	chain = ir_chain_add(l->ir, chain_name(l, c, stage), IR_ROLE_USER, c->hook, stage);
	chain->zone = c->zone ? arena_strdup(l->arena, c->zone->name.v) : NULL;
	vec_push(l->arena, &t->lowered, (struct custom_lowered){ c->table, stage, c->name, chain });
	for (size_t i = 0; i < 2; i++) {
		const struct custom_chain *one = custom_find(l, both[i], c->table, c->name);

		if (!one)
			continue;
		vec_each (r, &one->rules) {
			if (!chain->origin)
				chain->origin = (*r)->origin;
			place_rule(l, *r, one, chain, stage);
		}
	}
	return chain;
}

/* ---- firewall3's places ---- */

static void insert_first(struct ir_chain *chain, struct ir_chain *from)
{
	size_t n = from->rules.n;
	struct ir_rule **all = from->rules.v;

	if (!n)
		return;
	memmove(&chain->rules.v[n], &chain->rules.v[0],
		(chain->rules.n - n) * sizeof(chain->rules.v[0]));
	memcpy(&chain->rules.v[0], all, n * sizeof(all[0]));
}

/* Puts rules before all others of a chain. */
static void prepend(struct lower *l, struct ir_chain *chain, struct ir_chain *rules)
{
	for (size_t i = 0; i < rules->rules.n; i++)
		vec_push(l->arena, &chain->rules, rules->rules.v[i]);
	insert_first(chain, rules);
}

static void not_loopback(struct lower *l, struct ir_rule *rule, enum ir_hook hook)
{
	struct ir_match *m;

	if (hook != IR_INPUT && hook != IR_OUTPUT)
		return;
	m = ir_match_add(l->ir, rule, hook == IR_INPUT ? IR_M_IIF : IR_M_OIF);
	m->negate = true;
	m->devices.v = ARENA_NEW(l->arena, struct device_pattern);
	*m->devices.v = (struct device_pattern){ .name = "lo" };
	m->devices.n = 1;
}

static void jump_to_user(struct lower *l, const struct custom_chain *c)
{
	enum ir_stage stage = stage_of(c->table, c->hook);
	struct ir_chain *from =
		c->zone ? zone_chain(l, c->zone, c->hook, stage) : ir_base(l->ir, c->hook, stage);
	const struct custom_chain *other =
		custom_find(l, c->family == FAMILY_V4 ? FAMILY_V6 : FAMILY_V4, c->table, c->name);
	struct ir_chain first = { .stage = stage };
	struct ir_rule *jump = ir_rule_add(l->ir, &first, c->rules.v[0]->origin);
	bool both = other && other->rules.n;

	if (both && c->family == FAMILY_V6)
		return; /* the other family's chain has brought it */
	jump->family = both ? FAMILY_ANY : c->family;
	if (stage == IR_FILTER && !c->zone)
		not_loopback(l, jump, c->hook);
	jump->comment = "custom rules";
	jump->verdict =
		(struct ir_verdict){ .kind = IR_JUMP, .chain = custom_chain_of(l, c, stage) };
	prepend(l, from, &first);
}

static void place_users(struct lower *l, bool of_zones)
{
	vec_each (it, &l->custom->tables->chains) {
		const struct custom_chain *c = *it;

		if (c->kind == CUSTOM_USER && c->rules.n && (c->zone != NULL) == of_zones)
			jump_to_user(l, c);
	}
}

void lower_custom_zones(struct lower *l)
{
	if (l->diags->errors == l->errors_before)
		place_users(l, true);
}

/* ---- built-in chains ---- */

static void warn_late(struct lower *l, const struct custom_chain *c, const struct custom_rule *r)
{
	static const char *const places[] = { "", "input_rule", "forwarding_rule", "output_rule",
		"" };
	struct diag *d;

	if (c->table != IPT_FILTER)
		return;
	d = diag_warning(l->diags, r->command->span, "custom-late",
		"this rule stands behind those of every zone, so few packets meet it");
	diag_hint(l->diags, d, "insert it with -I, or append it to '%s'", places[c->hook]);
}

static void place_built_in(struct lower *l, const struct custom_chain *c)
{
	enum ir_stage stage = stage_of(c->table, c->hook);
	struct ir_chain *base = ir_base(l->ir, c->hook, stage);
	struct ir_chain first = { .stage = stage, .hook = c->hook };

	vec_each (it, &c->rules) {
		const struct custom_rule *r = *it;

		if (is_helper(r)) {
			place_rule(l, r, c, ir_base(l->ir, c->hook, IR_HELPER), IR_HELPER);
		} else if (r->before) {
			place_rule(l, r, c, &first, stage);
		} else {
			warn_late(l, c, r);
			place_rule(l, r, c, base, stage);
		}
	}
	prepend(l, base, &first);
}

void lower_custom_built_in(struct lower *l)
{
	if (l->diags->errors != l->errors_before)
		return;
	place_users(l, false);
	vec_each (it, &l->custom->tables->chains) {
		if ((*it)->kind == CUSTOM_BUILT_IN && (*it)->rules.n)
			place_built_in(l, *it);
	}
}
