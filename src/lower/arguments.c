/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One match of iptables after the other narrows a list of variants. A match is mostly one match of
 * the IR; where iptables has "either" (a port of either side, a state or a NAT status) the variant
 * forks into two that exclude each other, so that a statement is never done twice.
 */
#include <string.h>

#include "base/bug.h"
#include "lower/arguments.h"

/* ---- helpers ---- */

struct ir_rule *arguments_fork(const struct arguments *a, const struct ir_rule *rule)
{
	struct ir_rule *copy = arena_copy(a->ir->arena, rule, 1, sizeof(*rule));

	copy->matches =
		arena_copy(a->ir->arena, rule->matches, rule->n_matches, sizeof(rule->matches[0]));
	copy->cap_matches = rule->n_matches;
	copy->statements = arena_copy(
		a->ir->arena, rule->statements, rule->n_statements, sizeof(rule->statements[0]));
	copy->cap_statements = rule->n_statements;
	for (size_t i = 0, n = a->l->custom->records.n; i < n; i++) {
		struct argument_record r = a->l->custom->records.v[i];

		if (r.variant != rule)
			continue;
		r.variant = copy;
		vec_push(a->l->arena, &a->l->custom->records, r);
	}
	return copy;
}

struct ir_match *arguments_add(
	const struct arguments *a, struct ir_rule *rule, enum ir_match_kind kind, bool negate)
{
	struct ir_match *m = ir_match_add(a->ir, rule, kind);

	m->negate = negate;
	return m;
}

/* The ranges of an option, copied: the IR outlives what was read. */
struct range_set arguments_ranges(const struct arguments *a, const struct range_set *set)
{
	struct range_set copy = { 0 };

	for (size_t i = 0; i < set->n; i++)
		range_set_add(a->l->arena, &copy, set->v[i]);
	range_set_normalise(&copy);
	return copy;
}

static struct ir_match *find_proto(struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		if (rule->matches[i].kind == IR_M_PROTO && !rule->matches[i].negate)
			return &rule->matches[i];
	}
	return NULL;
}

bool arguments_protocols(
	const struct arguments *a, struct ir_rule *rule, const struct range_set *with)
{
	struct ir_match *m = find_proto(rule);
	struct range_set left = { 0 };

	if (!m) {
		arguments_add(a, rule, IR_M_PROTO, false)->ranges = arguments_ranges(a, with);
		return true;
	}
	for (uint32_t p = 0; p < 256; p++) {
		if (range_set_has(&m->ranges, p) && range_set_has(with, p))
			range_set_add(a->l->arena, &left, (struct range){ p, p });
	}
	range_set_normalise(&left);
	m->ranges = left;
	return left.n > 0;
}

bool arguments_protocol(const struct arguments *a, struct ir_rule *rule, uint8_t proto)
{
	struct range one = { proto, proto };
	struct range_set set = { &one, 1, 1 };

	return arguments_protocols(a, rule, &set);
}

bool arguments_with_ports(const struct arguments *a, struct ir_rule *rule)
{
	struct range_set set = { 0 };

	for (uint32_t p = 0; p < 256; p++) {
		if (proto_has_ports((uint8_t)p))
			range_set_add(a->l->arena, &set, (struct range){ p, p });
	}
	range_set_normalise(&set);
	return arguments_protocols(a, rule, &set);
}

/* ---- values with a fork ---- */

static void apply_either_port(const struct arguments *a, const struct ipt_option *o,
	struct ir_rule *rule, struct variants *out)
{
	struct range_set set = arguments_ranges(a, &o->value.ranges);
	struct ir_rule *second;

	if (o->negate) { /* neither */
		arguments_add(a, rule, IR_M_SPORT, true)->ranges = set;
		arguments_add(a, rule, IR_M_DPORT, true)->ranges = set;
		vec_push(a->ir->arena, out, rule);
		return;
	}
	second = arguments_fork(a, rule);
	arguments_add(a, rule, IR_M_SPORT, false)->ranges = set;
	arguments_add(a, second, IR_M_SPORT, true)->ranges = set;
	arguments_add(a, second, IR_M_DPORT, false)->ranges = set;
	vec_push(a->ir->arena, out, rule);
	vec_push(a->ir->arena, out, second);
}

/*
 * States, and SNAT or DNAT among them, which are bits of another field. Packets without a
 * connection have no such bits, and nft_ct then leaves the rule: they fork when negated.
 */
static void apply_state(const struct arguments *a, const struct ipt_option *o, struct ir_rule *rule,
	struct variants *out)
{
	uint32_t states = o->value.number & 31;
	uint32_t status = (o->value.number & 64 ? IR_CTSTATUS_DNAT : 0) |
			  (o->value.number & 32 ? IR_CTSTATUS_SNAT : 0);
	struct ir_rule *second;

	if (!status) {
		arguments_add(a, rule, IR_M_CTSTATE, o->negate)->bits = states;
		vec_push(a->ir->arena, out, rule);
		return;
	}
	if (o->negate && states)
		arguments_add(a, rule, IR_M_CTSTATE, true)->bits = states;
	second = arguments_fork(a, rule);
	if (o->negate) {
		arguments_add(a, rule, IR_M_CTSTATUS, true)->bits = status;
		arguments_add(a, second, IR_M_CTSTATE, false)->bits =
			IR_CT_INVALID | IR_CT_UNTRACKED;
	} else if (states) {
		arguments_add(a, rule, IR_M_CTSTATE, false)->bits = states;
		arguments_add(a, second, IR_M_CTSTATE, true)->bits = states;
		arguments_add(a, second, IR_M_CTSTATUS, false)->bits = status;
	} else {
		arguments_add(a, rule, IR_M_CTSTATUS, false)->bits = status;
		second = NULL;
	}
	vec_push(a->ir->arena, out, rule);
	if (second)
		vec_push(a->ir->arena, out, second);
}

/* ---- one match ---- */

/* Matches that are one thing of several options. */
static bool apply_whole(const struct arguments *a, const struct ipt_match *m, struct ir_rule *rule,
	enum argument *ret)
{
	const char *name = m->module->name;

	*ret = ARGUMENT_KEEP;
	if (!strcmp(name, "limit"))
		*ret = arguments_limit(a, m, rule);
	else if (!strcmp(name, "hashlimit"))
		*ret = arguments_hashlimit(a, m, rule);
	else if (!strcmp(name, "connlimit"))
		*ret = arguments_connlimit(a, m, rule);
	else if (!strcmp(name, "time"))
		*ret = arguments_time(a, m, rule) ? ARGUMENT_KEEP : ARGUMENT_NEVER;
	else
		return false;
	return true;
}

/* The protocol and family that a module needs. */
static bool apply_module(
	const struct arguments *a, const struct ipt_module *module, struct ir_rule *rule)
{
	if (module->family && module->family != rule->family)
		return false;
	if (module->proto)
		return arguments_protocol(a, rule, module->proto);
	return !module->ports_only || arguments_with_ports(a, rule);
}

static void apply_match(const struct arguments *a, const struct ipt_match *m, struct ir_rule *rule,
	struct variants *out)
{
	struct variants now = { 0 }, next;
	enum argument result;

	if (!apply_module(a, m->module, rule))
		return;
	if (!strcmp(m->module->name, "recent")) {
		arguments_recent(a, m, rule, out);
		return;
	}
	if (apply_whole(a, m, rule, &result)) {
		if (result == ARGUMENT_KEEP)
			vec_push(a->ir->arena, out, rule);
		return;
	}
	vec_push(a->ir->arena, &now, rule);
	vec_each (o, &m->options) {
		next = (struct variants){ 0 };
		vec_each (it, &now) {
			if (o->row->id == IPT_PORT_EITHER)
				apply_either_port(a, o, *it, &next);
			else if (o->row->id == IPT_CTSTATE)
				apply_state(a, o, *it, &next);
			else if (arguments_option(a, m, o, *it) == ARGUMENT_KEEP)
				vec_push(a->ir->arena, &next, *it);
		}
		now = next;
	}
	vec_each (it, &now)
		vec_push(a->ir->arena, out, *it);
}

/* ---- the family ---- */

/* A match that says something else, or needs another object, in each family. */
static bool needs_family(const struct ipt_match *m)
{
	static const char *const names[] = { "hashlimit", "connlimit", "recent", "set", "iprange",
		"addrtype" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(m->module->name, names[i]))
			return true;
	}
	return m->module->family != FAMILY_ANY || ipt_find(m, IPT_SOURCE) ||
	       ipt_find(m, IPT_DESTINATION);
}

static struct variants by_family(const struct arguments *a, const struct variants *in)
{
	struct variants out = { 0 };
	bool split = needs_family(a->rule->basic);

	vec_each (m, &a->rule->matches)
		split |= needs_family(*m);
	vec_each (it, in) {
		struct ir_rule *second;

		vec_push(a->ir->arena, &out, *it);
		if (!split || (*it)->family != FAMILY_ANY)
			continue;
		second = arguments_fork(a, *it);
		(*it)->family = FAMILY_V4;
		second->family = FAMILY_V6;
		vec_push(a->ir->arena, &out, second);
	}
	return out;
}

struct variants arguments_apply(const struct arguments *a, const struct variants *in)
{
	struct variants now = by_family(a, in), next = { 0 };

	vec_each (it, &now)
		apply_match(a, a->rule->basic, *it, &next);
	vec_each (m, &a->rule->matches) {
		now = next;
		next = (struct variants){ 0 };
		vec_each (it, &now)
			apply_match(a, *m, *it, &next);
	}
	return next;
}
