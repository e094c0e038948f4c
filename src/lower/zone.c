/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zones. A zone is a set of devices (a named set, so that an interface that comes or goes changes
 * elements and no rules), subnets, or both: then both must match. Base chains dispatch to one chain
 * per zone; a zone's policies stand at the end of its chains.
 */
#include <string.h>

#include "lower/lower_priv.h"

static struct zone_parts *parts(struct lower *l, const struct zone *z)
{
	return &l->zones[z->index];
}

bool zone_has_subnets(const struct zone *z)
{
	return z->subnets[0].n || z->subnets[1].n;
}

const char *zone_word(struct lower *l, const struct zone *z)
{
	const char *name = z->name.v;

	if (!strchr(name, '.') && !(name[0] >= '0' && name[0] <= '9') && name[0] != '_')
		return name;
	/* with "_addresses4" and a number behind it still a name for a set */
	return ir_identifier(l->arena, "zone", slice_of(name), 17);
}

static struct ir_set *device_set(struct lower *l, const struct zone *z)
{
	struct zone_parts *p = parts(l, z);

	if (p->devices)
		return p->devices;
	p->devices = ir_set_add(l->ir,
		lower_set_name(l, zone_word(l, z), "_devices"),
		lower_origin(l, &z->s, z->name.v));
	p->devices->key[0] = IR_KEY_DEVICE;
	p->devices->n_key = 1;
	vec_each(d, &z->devices) {
		struct ir_element e = { .part[0].device = *d };

		if (d->wildcard)
			p->devices->interval = true;
		vec_push(l->arena, &p->devices->elements, e);
	}
	return p->devices;
}

struct ir_set **zone_addresses(struct lower *l, const struct zone *z, enum family family)
{
	return &parts(l, z)->addresses[family == FAMILY_V6];
}

bool zone_match(struct lower *l, struct ir_rule *rule, const struct zone *z, bool dest)
{
	return zone_match_in(l, l->ir, rule, z, dest);
}

bool zone_match_in(struct lower *l, struct ir *ir, struct ir_rule *rule, const struct zone *z,
	bool dest)
{
	bool v6 = rule->family == FAMILY_V6;

	if (z->any_device && !zone_has_subnets(z))
		return false;
	if (!z->any_device) {
		struct ir_match *m = ir_match_add(ir, rule, dest ? IR_M_OIF : IR_M_IIF);

		m->devices.set = device_set(l, z);
	}
	if (zone_has_subnets(z)) {
		if (!z->subnets[v6].n)
			return false;
		struct addr_set *to =
			&ir_match_add(ir, rule, dest ? IR_M_DADDR : IR_M_SADDR)->addrs;

		to->v = arena_copy(l->arena, z->subnets[v6].v, z->subnets[v6].n, sizeof(*to->v));
		to->n = to->cap = z->subnets[v6].n;
	}
	return zone_extra(l, ir, rule, z, dest);
}

static const char *chain_name(
	struct lower *l, const struct zone *z, enum ir_hook hook, enum ir_stage stage)
{
	static const char *const filter[IR_HOOKS] = { "prerouting", "input", "forward", "output",
		"postrouting" };
	static const char *const named[IR_STAGES] = { "raw", "mangle", "helper", "dstnat", "filter",
		"srcnat" };

	if (stage == IR_FILTER)
		return arena_printf(l->arena, "%s_%s", filter[hook], zone_word(l, z));
	if (stage == IR_DSTNAT || stage == IR_SRCNAT)
		return arena_printf(l->arena, "%s_%s", named[stage], zone_word(l, z));
	return arena_printf(l->arena, "%s_%s_%s", named[stage], filter[hook], zone_word(l, z));
}

struct ir_chain *zone_chain(
	struct lower *l, const struct zone *z, enum ir_hook hook, enum ir_stage stage)
{
	struct ir_chain **c = &parts(l, z)->hook[hook][stage];

	if (!*c) {
		*c = ir_chain_add(l->ir, chain_name(l, z, hook, stage), IR_ROLE_ZONE, hook, stage);
		(*c)->zone = arena_strdup(l->arena, z->name.v);
		(*c)->origin = lower_origin(l, &z->s, z->name.v);
	}
	return *c;
}

struct ir_chain *zone_translated(struct lower *l, const struct zone *z, enum ir_hook hook)
{
	bool back = hook == IR_POSTROUTING;
	enum ir_stage stage = back ? IR_SRCNAT : IR_FILTER;
	struct ir_chain **c = &parts(l, z)->translated[back];
	const char *name = arena_printf(
		l->arena, "%s_%s", back ? "loopback" : "translated", zone_word(l, z));
	struct ir_rule *jump;

	if (*c)
		return *c;
	*c = ir_chain_add(l->ir, lower_chain_name(l, name), IR_ROLE_OTHER, hook, stage);
	(*c)->zone = arena_strdup(l->arena, z->name.v);
	(*c)->origin = lower_origin(l, &z->s, z->name.v);
	jump = ir_rule_add(l->ir, zone_chain(l, z, hook, stage), (*c)->origin);
	ir_match_add(l->ir, jump, IR_M_CTSTATUS)->bits = IR_CTSTATUS_DNAT;
	jump->verdict = (struct ir_verdict){ .kind = IR_JUMP, .chain = *c };
	return *c;
}

/* ---- verdicts ---- */

void plain_verdict(struct lower *l, struct ir_rule *rule, enum action action)
{
	if (action == ACTION_ACCEPT) {
		rule->verdict.kind = IR_ACCEPT;
	} else if (action == ACTION_DROP) {
		rule->verdict.kind = IR_DROP;
	} else {
		rule->verdict.kind = IR_GOTO;
		rule->verdict.chain = l->reject;
	}
}

static const char *action_word(enum action action)
{
	return action == ACTION_ACCEPT ? "accept" : action == ACTION_DROP ? "drop" : "reject";
}

static void add_log_rule(struct lower *l, struct ir_chain *chain, const struct zone *z, bool dest,
	enum action action, const struct ir_origin *origin)
{
	struct ir_rule *rule = ir_rule_add(l->ir, chain, origin);
	struct ir_limit *limit = ARENA_NEW(l->arena, struct ir_limit);
	const char *what = action == ACTION_DROP ? "DROP" : "REJECT";

	limit->name = lower_name(l, arena_printf(l->arena, "log_%s", chain->name), &z->s, "", 63);
	limit->origin = origin;
	/* The manual's unit; the device's own default of 10 a second floods flash memory. */
	limit->rate = z->log_limit.given.set ? z->log_limit.v
					     : (struct rate){ .count = 10, .seconds = 60 };
	limit->burst = limit->rate.count < 5 ? 5 : limit->rate.count;
	vec_push(l->arena, &l->ir->limits, limit);
	match_limit(l, rule, limit);
	lower_log(l, rule,
		arena_printf(l->arena, "%s %s %s: ", what, z->name.v, dest ? "out" : "in"));
}

static struct ir_chain *verdict_chain(
	struct lower *l, const struct zone *z, bool dest, enum action action)
{
	struct ir_chain **slot = &parts(l, z)->verdict[dest][action];
	const struct ir_origin *origin;

	if (*slot)
		return *slot;
	origin = lower_origin(l, &z->s, z->name.v);
	*slot = ir_chain_add(l->ir,
		arena_printf(l->arena, "%s_%s_%s", action_word(action), dest ? "to" : "from",
			zone_word(l, z)),
		dest ? IR_ROLE_TO_ZONE : IR_ROLE_FROM_ZONE, IR_FORWARD, IR_FILTER);
	(*slot)->zone = arena_strdup(l->arena, z->name.v);
	(*slot)->origin = origin;
	add_log_rule(l, *slot, z, dest, action, origin);
	plain_verdict(l, ir_rule_add(l->ir, *slot, origin), action);
	return *slot;
}

void zone_verdict(struct lower *l, struct ir_rule *rule, const struct zone *z, bool dest,
	enum action action, const struct zone *source)
{
	bool log = (source ? source->log.v : z ? z->log.v : 0) & 1;

	if (!z || !log || action == ACTION_ACCEPT) {
		plain_verdict(l, rule, action);
		return;
	}
	rule->verdict.kind = IR_GOTO;
	rule->verdict.chain = verdict_chain(l, z, dest, action);
}

/* ---- policies and dispatch ---- */

/* The input policy. Without drop_invalid an ACCEPT policy covers what tracking knows or leaves alone. */
static void input_policy(struct lower *l, const struct zone *z)
{
	struct ir_chain *chain = zone_chain(l, z, IR_INPUT, IR_FILTER);
	struct ir_rule *rule = ir_rule_add(l->ir, chain, chain->origin);

	if (z->input.v == ACTION_ACCEPT && !l->policy->defaults.drop_invalid.v)
		ir_match_add(l->ir, rule, IR_M_CTSTATE)->bits = IR_CT_NEW | IR_CT_UNTRACKED;
	rule->comment = "input policy";
	zone_verdict(l, rule, z, false, (enum action)z->input.v, NULL);
	if (z->input.v != ACTION_ACCEPT)
		lower_count_refusal(l, z, rule);
}

/* The policy for traffic that leaves through the zone's own devices (forward: also came from it). */
static void egress_policy(
	struct lower *l, const struct zone *z, enum ir_hook hook, enum action action)
{
	struct ir_chain *chain = zone_chain(l, z, hook, IR_FILTER);

	if (hook == IR_OUTPUT || !zone_has_subnets(z)) {
		struct ir_rule *rule = ir_rule_add(l->ir, chain, chain->origin);

		if (hook == IR_FORWARD && !zone_match(l, rule, z, true)) {
			/* nothing leaves through a zone without devices: keep the rule out */
			chain->rules.n--;
			return;
		}
		rule->comment = hook == IR_OUTPUT ? "output policy" : "forward policy";
		zone_verdict(l, rule, z, true, action, NULL);
		if (hook == IR_FORWARD && action != ACTION_ACCEPT)
			lower_count_refusal(l, z, rule);
		return;
	}
	for (enum family f = FAMILY_V4; f <= FAMILY_V6; f += FAMILY_V6 - FAMILY_V4) {
		if (!z->subnets[f == FAMILY_V6].n)
			continue;

		struct ir_rule *rule = ir_rule_add(l->ir, chain, chain->origin);

		rule->family = f;
		if (!zone_match(l, rule, z, true)) {
			chain->rules.n--;
			continue;
		}
		rule->comment = "forward policy";
		zone_verdict(l, rule, z, true, action, NULL);
		if (action != ACTION_ACCEPT)
			lower_count_refusal(l, z, rule);
	}
}

void lower_zone_policies(struct lower *l)
{
	vec_each(it, &l->policy->zones) {
		const struct zone *z = *it;

		input_policy(l, z);
		egress_policy(l, z, IR_FORWARD, (enum action)z->forward.v);
		lower_count_fall_through(l, z, zone_chain(l, z, IR_FORWARD, IR_FILTER));
		egress_policy(l, z, IR_OUTPUT, (enum action)z->output.v);
	}
}

/* One jump per zone, or one per family when the zone is told by subnets or is for one family. */
static void dispatch(struct lower *l, struct ir_chain *base, const struct zone *z,
	struct ir_chain *chain, bool dest)
{
	static const enum family both[] = { FAMILY_V4, FAMILY_V6 };

	if (!zone_has_subnets(z)) {
		struct ir_rule *rule = ir_rule_add(l->ir, base, chain->origin);

		rule->family = z->family.v;
		if (!zone_match(l, rule, z, dest)) {
			base->rules.n--;
			return;
		}
		rule->verdict.kind = IR_JUMP;
		rule->verdict.chain = chain;
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		if ((z->family.v != FAMILY_ANY && z->family.v != both[i]) || !z->subnets[i].n)
			continue;

		struct ir_rule *rule = ir_rule_add(l->ir, base, chain->origin);

		rule->family = both[i];
		if (!zone_match(l, rule, z, dest)) {
			base->rules.n--;
			continue;
		}
		rule->verdict.kind = IR_JUMP;
		rule->verdict.chain = chain;
	}
}

void lower_zone_dispatch(struct lower *l)
{
	vec_each(it, &l->policy->zones) {
		struct zone_parts *p = parts(l, *it);

		for (int hook = 0; hook < IR_HOOKS; hook++) {
			for (int stage = 0; stage < IR_STAGES; stage++) {
				bool dest = hook == IR_OUTPUT || hook == IR_POSTROUTING;

				if (p->hook[hook][stage])
					dispatch(l, ir_base(l->ir, hook, stage), *it,
						p->hook[hook][stage], dest);
			}
		}
	}
}

/* ---- MSS clamping ---- */

static void clamp(struct lower *l, const struct zone *z, bool dest)
{
	static const enum family both[] = { FAMILY_V4, FAMILY_V6 };
	struct ir_chain *chain = ir_base(l->ir, IR_FORWARD, IR_MANGLE);
	const struct ir_origin *origin = lower_origin(l, &z->s, z->name.v);
	bool split = zone_has_subnets(z);

	for (size_t i = 0; i < (split ? 2 : 1); i++) {
		struct ir_rule *rule = ir_rule_add(l->ir, chain, origin);

		rule->family = split ? both[i] : z->family.v;
		if ((split && z->family.v != FAMILY_ANY && z->family.v != both[i]) ||
			!zone_match(l, rule, z, dest)) {
			chain->rules.n--;
			continue;
		}
		range_set_add(l->arena, &ir_match_add(l->ir, rule, IR_M_PROTO)->ranges,
			(struct range){ PROTO_TCP, PROTO_TCP });

		struct ir_match *flags = ir_match_add(l->ir, rule, IR_M_TCPFLAGS);

		flags->tcpflags.value = 2; /* SYN, and not RST */
		flags->tcpflags.mask = 6;
		if (z->log.v & 2)
			lower_log(l, rule, arena_printf(l->arena, "MSSFIX %s %s: ", z->name.v,
						   dest ? "out" : "in"));
		ir_statement_add(l->ir, rule, IR_S_MSS)->value = 0;
		rule->comment = "MSS clamping";
	}
}

void lower_mss_clamping(struct lower *l)
{
	vec_each(it, &l->policy->zones) {
		if (!(*it)->mtu_fix.v)
			continue;
		clamp(l, *it, true);
		clamp(l, *it, false);
	}
}
