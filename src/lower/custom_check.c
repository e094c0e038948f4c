/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Custom rules are checked where packets meet them: a chain made with -N stands wherever it is
 * jumped to from. What is wrong there is reported once, at the rule, and then nothing is loaded.
 */
#include <string.h>

#include "lower/custom.h"

/* Of the kernel's 16, three are the base chain, the zone's and the place; one our own leaves. */
#define NEST_MAX 12

static struct diag *wrong(struct lower *l, struct custom_rule *r, struct span span, const char *id,
	const char *fmt, const char *token, const char *reason)
{
	r->reported = true;
	return diag_error(l->diags, span, id, fmt, token, reason);
}

static const struct helper *helper_named(struct lower *l, const char *name)
{
	vec_each (it, &l->policy->helpers) {
		if (!strcmp((*it)->name.v, name))
			return *it;
	}
	return NULL;
}

static void check_set(struct lower *l, struct custom_rule *r)
{
	const struct ipt_target *t = &r->command->rule.target;
	const struct ipt_option *o = ipt_target_find(t, IPT_ADD_SET);
	const struct ir_set *set;

	if (!o)
		o = ipt_target_find(t, IPT_DEL_SET);
	set = lower_ipset(l, o->value.set.name);
	if (!set)
		wrong(l, r, o->span, "custom-set", "'%s': %s", o->value.set.name,
			"there is no ipset section of this name");
	else if (set->interval)
		wrong(l, r, o->span, "custom-set", "'%s': %s", o->value.set.name,
			"rules cannot add to a set of networks or ranges");
	else if (o->value.set.n < set->n_key)
		wrong(l, r, o->span, "custom-set", "'%s': %s", o->value.set.name,
			"the set has more fields than src and dst are given");
}

/* Combinations of a target's options that have no place in the IR. */
static void check_options(struct lower *l, struct custom_rule *r, const struct custom_chain *in)
{
	const struct ipt_target *t = &r->command->rule.target;
	const struct ipt_option *helper = ipt_target_find(t, IPT_CT_HELPER);
	const struct ipt_option *nf = ipt_target_find(t, IPT_MARK_NFMASK);
	const struct ipt_option *ct = ipt_target_find(t, IPT_MARK_CTMASK);
	const struct ipt_option *tos = ipt_target_find(t, IPT_TOS_SET);
	struct ipt_rule *rule = &r->command->rule;

	if (t->kind == IPT_T_SET)
		check_set(l, r);
	if (helper && !helper_named(l, helper->value.text))
		wrong(l, r, helper->span, "custom-value", "'%s' %s", helper->value.text,
			"is no connection tracking helper that is known");
	if (helper && in->kind != CUSTOM_BUILT_IN)
		wrong(l, r, helper->span, "custom-unsupported", "'%s' %s", "--helper",
			"works in PREROUTING and OUTPUT themselves only");
	if ((nf != NULL) != (ct != NULL) || (nf && nf->value.number != ct->value.number))
		arguments_refuse(l, rule, (nf ? nf : ct)->span, nf ? "--nfmask" : "--ctmask",
			"both marks are taken under one mask");
	if (tos && (tos->value.mark.value & 3 || (tos->value.mark.mask & 0xfc) != 0xfc))
		arguments_refuse(l, rule, tos->span, "--set-tos",
			"the DSCP is set as a whole, and ECN is left alone");
}

static void report_refusals(struct lower *l, struct custom_rule *r)
{
	vec_each (x, &r->command->rule.refusals) {
		struct diag *d = diag_error(l->diags, x->span, "custom-unsupported",
			"'%s' cannot be expressed: %s", x->token, x->reason);

		diag_hint(l->diags, d, "nothing new is loaded until the line is changed");
		r->reported = true;
	}
}

static unsigned check_rule(struct lower *l, struct custom_rule *r, const struct custom_chain *in,
	enum ir_hook hook, unsigned above);

/*
 * Once for each hook, however many jumps lead here: paths multiply, chains do not. Returns how many
 * chains nest, this one included; `above` is how many are around it.
 */
static unsigned visit(struct lower *l, struct custom_chain *c, enum ir_hook hook, unsigned above)
{
	unsigned below = 0;

	if (c->checked & 1U << hook)
		return c->height;
	c->visiting = true;
	vec_each (r, &c->rules) {
		unsigned height = check_rule(l, *r, c, hook, above + 1);

		below = height > below ? height : below;
	}
	c->visiting = false;
	c->checked |= 1U << hook;
	c->height = below + 1;
	return c->height;
}

static unsigned check_jump(
	struct lower *l, struct custom_rule *r, enum ir_hook hook, unsigned above)
{
	const struct ipt_command *c = r->command;
	const struct ipt_target *t = &c->rule.target;
	struct custom_chain *to = custom_find(l, c->family, c->table, t->name);
	unsigned height = 0;
	struct diag *d;

	if (!to && c->table == IPT_FILTER && !strcmp(t->name, "reject"))
		return 0;
	if (custom_is_built_in(c->table, t->name)) {
		wrong(l, r, t->span, "custom-chain", "'%s' %s", t->name,
			"is a built-in chain, and nothing can jump to it");
	} else if (!to) {
		d = wrong(l, r, t->span, "custom-chain",
			"there is no target or chain '%s' in table %s", t->name,
			ipt_table_name(c->table));
		diag_hint(l->diags, d, "make the chain with -N before it is used");
	} else if (to->visiting) {
		wrong(l, r, t->span, "custom-loop", "the jump to '%s' %s", t->name,
			"comes back to where it started");
	} else if (above > NEST_MAX || above - 1 + (height = visit(l, to, hook, above)) > NEST_MAX) {
		d = wrong(l, r, t->span, "custom-nesting", "the jump to '%s' %s", t->name,
			"nests too many chains");
		diag_hint(l->diags, d, "at most %d chains may be one within the other", NEST_MAX);
		return 0;
	}
	return height;
}

static unsigned check_rule(struct lower *l, struct custom_rule *r, const struct custom_chain *in,
	enum ir_hook hook, unsigned above)
{
	struct ipt_rule *rule = &r->command->rule;
	const char *why = custom_target_refused(r, hook);
	unsigned height = 0;

	if (r->reported)
		return 0;
	if (why)
		wrong(l, r, rule->target.span, "custom-target", "%s cannot stand here: %s",
			rule->target.name, why);
	else if (rule->target.kind == IPT_T_CHAIN)
		height = check_jump(l, r, hook, above);
	else
		check_options(l, r, in);
	report_refusals(l, r);
	return height;
}

void custom_check(struct lower *l)
{
	vec_each (it, &l->custom->tables->chains) {
		if ((*it)->kind != CUSTOM_OWN)
			visit(l, *it, (*it)->hook, 0);
	}
	/* Chains that nothing jumps to are checked as far as their rules go by themselves. */
	vec_each (it, &l->custom->tables->chains) {
		vec_each (r, &(*it)->rules) {
			if ((*it)->kind != CUSTOM_OWN || (*r)->reported)
				continue;
			check_options(l, *r, *it);
			if (!(*r)->reported)
				report_refusals(l, *r);
		}
	}
}
