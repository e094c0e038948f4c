/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ruleset of `zonewall stop`: everything is closed but the way to manage the router, from the
 * zones whose input policy trusts their hosts.
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
	deny(l, IR_INPUT);
	deny(l, IR_FORWARD);
	deny(l, IR_OUTPUT);
}
