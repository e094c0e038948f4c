/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ruleset of `zonewall stop`: everything is closed but the way to manage the router, from the
 * zones whose input policy trusts their hosts, and from where a rule lets it in: where the LAN is
 * closed but for SSH, that rule is the only way back.
 */
#include "lower/lower_priv.h"

static struct ir_rule *allow(struct lower *l, enum ir_hook hook, const char *why)
{
	struct ir_rule *rule = ir_rule_add(l->ir, ir_base(l->ir, hook, IR_FILTER), NULL);

	rule->comment = why;
	rule->verdict.kind = IR_ACCEPT;
	return rule;
}

static void add_range(struct lower *l, struct ir_match *m, uint32_t lo, uint32_t hi)
{
	range_set_add(l->arena, &m->ranges, (struct range){ lo, hi });
}

static void state_and_loopback(struct lower *l, enum ir_hook hook, enum ir_match_kind device)
{
	struct ir_rule *rule = allow(l, hook, "answers");

	ir_match_add(l->ir, rule, IR_M_CTSTATE)->bits = IR_CT_ESTABLISHED | IR_CT_RELATED;
	rule = allow(l, hook, "loopback");

	struct ir_match *m = ir_match_add(l->ir, rule, device);

	m->devices.v = ARENA_NEW(l->arena, struct device_pattern);
	*m->devices.v = (struct device_pattern){ .name = "lo" };
	m->devices.n = 1;
}

static const uint16_t ports_of_management[] = { 22, 80, 443 };

static void management(struct lower *l, const struct zone *z, enum family family)
{
	struct ir_chain *base = ir_base(l->ir, IR_INPUT, IR_FILTER);
	static const struct {
		uint8_t proto;
		uint16_t ports[3];
		const char *why;
	} rows[] = {
		{ PROTO_TCP, { 22, 80, 443 }, "management" },
		{ PROTO_UDP, { 53, 67, 547 }, "addresses and names" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ir_rule *rule = allow(l, IR_INPUT, rows[i].why);
		struct ir_match *ports;

		rule->family = family;
		if (!zone_match(l, rule, z, false)) {
			base->rules.n--;
			return;
		}
		add_range(l, ir_match_add(l->ir, rule, IR_M_PROTO), rows[i].proto, rows[i].proto);
		ports = ir_match_add(l->ir, rule, IR_M_DPORT);
		for (size_t k = 0; k < 3; k++)
			add_range(l, ports, rows[i].ports[k], rows[i].ports[k]);
	}
}

/*
 * Sets and extra arguments are not read for emergencies, and without them a rule that opens would
 * be wider. A rule that refuses some of the traffic it matches is no reason to refuse all.
 */
static bool is_followed(struct lower *l, const struct rule *r)
{
	bool opens = r->target.v == ACTION_ACCEPT;

	if (!opens && r->target.v != ACTION_DROP && r->target.v != ACTION_REJECT)
		return false;
	if (r->m.from.kind == ZONE_NONE || r->m.to.kind != ZONE_NONE ||
		(r->m.from.zone && r->m.from.zone->input.v == ACTION_ACCEPT))
		return false;
	if (r->m.ipset.given.set || r->m.extra.given.set || r->m.helper.given.set ||
		(r->m.limit.given.set && (!opens || r->m.limit.v.invert)))
		return false;
	return !opens || calendar_always(&r->m.calendar) || l->policy->facts->clock_trusted;
}

static bool has_management(struct lower *l, const struct ir_rule *variant)
{
	const struct ir_match *port = match_find(variant, IR_M_DPORT);
	struct range_set protos = match_protocols(l, variant);

	if (!range_set_has(&protos, PROTO_TCP))
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (!port || range_set_has(&port->ranges, ports_of_management[i]) != port->negate)
			return true;
	}
	return false;
}

/* The part of a rule that is about managing the router; its limit is one bucket for all. */
static void management_by_rule(struct lower *l, const struct rule *r)
{
	struct match_wish wish = { .in = r->m.from.zone, .quiet = true,
		.closes = r->target.v != ACTION_ACCEPT };
	struct variants v = match_expand(l, &r->s, &r->m, &wish);
	const struct ir_limit *limit = match_limit_object(l, "limit", &r->s, &r->m);

	for (size_t i = 0; i < v.n; i++) {
		struct range_set tcp = { 0 };
		struct ir_match *ports;
		struct ir_rule *rule;

		if (!has_management(l, v.v[i]))
			continue;
		rule = match_place(l, ir_base(l->ir, IR_INPUT, IR_FILTER), v.v[i], NULL,
			"management", lower_origin(l, &r->s, r->m.name.v));
		range_set_add(l->arena, &tcp, (struct range){ PROTO_TCP, PROTO_TCP });
		match_set_protocols(l, rule, &tcp);
		ports = ir_match_add(l->ir, rule, IR_M_DPORT);
		for (size_t k = 0; k < 3; k++)
			add_range(l, ports, ports_of_management[k], ports_of_management[k]);
		match_limit(l, rule, limit);
		rule->verdict.kind = wish.closes ? IR_DROP : IR_ACCEPT;
	}
}

/* Without neighbour discovery IPv6 reaches nobody; echo requests tell that the router lives. */
static void icmp(struct lower *l, enum ir_hook hook)
{
	struct ir_rule *rule = allow(l, hook, "ICMP and neighbour discovery");
	struct ir_match *m = ir_match_add(l->ir, rule, IR_M_PROTO);

	add_range(l, m, PROTO_ICMP, PROTO_ICMP);
	add_range(l, m, PROTO_ICMPV6, PROTO_ICMPV6);
}

static void deny(struct lower *l, enum ir_hook hook)
{
	struct ir_rule *rule = ir_rule_add(l->ir, ir_base(l->ir, hook, IR_FILTER), NULL);

	rule->comment = "stopped: everything else is closed";
	rule->verdict.kind = IR_DROP;
}

void lower_lockdown_rules(struct lower *l)
{
	state_and_loopback(l, IR_INPUT, IR_M_IIF);
	state_and_loopback(l, IR_OUTPUT, IR_M_OIF);
	icmp(l, IR_INPUT);
	icmp(l, IR_OUTPUT);
	vec_each(it, &l->policy->zones) {
		const struct zone *z = *it;

		if (z->input.v != ACTION_ACCEPT)
			continue;
		if (zone_has_subnets(z)) {
			management(l, z, FAMILY_V4);
			management(l, z, FAMILY_V6);
		} else {
			management(l, z, z->family.v);
		}
	}
	vec_each(it, &l->policy->rules) {
		if (is_followed(l, *it))
			management_by_rule(l, *it);
	}
	deny(l, IR_INPUT);
	deny(l, IR_FORWARD);
	deny(l, IR_OUTPUT);
}
