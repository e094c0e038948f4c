/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow offloading: established TCP and UDP connections are handed to a flowtable, and their packets
 * then go from device to device without meeting a rule. The chain `offload_flows` returns for the
 * connections that must keep meeting the rules (offload_bypass.c says which) and hands over the
 * others. What the kernel cannot do is a warning: everything works without, only slower.
 */
#include <string.h>

#include "base/bug.h"
#include "lower/offload_priv.h"

#define DEVICES_MAX 256 /* the kernel's NFT_FLOWTABLE_DEVICE_MAX */

struct span offload_span(const struct lower *l)
{
	return given_span(l->policy->source, &l->policy->defaults.flow_offloading.given);
}

bool offload_accepts_established(const struct ir_rule *rule)
{
	return rule->verdict.kind == IR_ACCEPT && rule->n_matches == 1 &&
	       rule->matches[0].kind == IR_M_CTSTATE && (rule->matches[0].bits & IR_CT_ESTABLISHED);
}

/* ---- devices ---- */

static bool listed(const struct ir_flowtable *f, const char *device)
{
	vec_each (d, &f->devices) {
		if (!strcmp(*d, device))
			return true;
	}
	return false;
}

/* Devices that are there, up or not: the kernel hooks into both. */
static void add_devices(struct lower *l, const struct device_pattern *pattern)
{
	struct ir_flowtable *f = &l->ir->flowtable;

	vec_each (d, &l->policy->facts->devices) {
		if (!device_pattern_has(pattern, d->name) || !strcmp(d->name, "lo") ||
			listed(f, d->name) || f->devices.n == DEVICES_MAX)
			continue;
		vec_push(l->arena, &f->devices, arena_strdup(l->arena, d->name));
	}
}

/* ---- all of it ---- */

static bool possible(struct lower *l)
{
	const struct facts_features *features = &l->policy->facts->features;
	struct diag *d;

	if (features->known && !features->flowtable) {
		d = diag_warning(l->diags, offload_span(l), "no-flowtable",
			"this kernel has no flowtables, so no connection is offloaded; "
			"everything else works");
		diag_hint(l->diags, d,
			"load or install the modules nf_flow_table_inet and nft_flow_offload "
			"(OpenWrt: kmod-nft-offload)");
		return false;
	}
	vec_each (z, &l->policy->zones) {
		vec_each (p, &(*z)->devices)
			add_devices(l, p);
	}
	if (!l->ir->flowtable.devices.n)
		diag_warning(l->diags, offload_span(l), "no-flowtable-device",
			"no zone has a device now, so no connection is offloaded");
	return l->ir->flowtable.devices.n > 0;
}

/* The jump stands before the rule that accepts established connections. */
static void place_jump(struct lower *l, struct ir_chain *flows)
{
	struct ir_chain *forward = ir_base(l->ir, IR_FORWARD, IR_FILTER);
	struct ir_rule *jump = ir_rule_add(l->ir, forward, flows->origin), **v;
	struct ir_match *m;
	size_t at = 0;

	ir_match_add(l->ir, jump, IR_M_CTSTATE)->bits = IR_CT_ESTABLISHED;
	m = ir_match_add(l->ir, jump, IR_M_PROTO);
	range_set_add(l->arena, &m->ranges, (struct range){ PROTO_TCP, PROTO_TCP });
	range_set_add(l->arena, &m->ranges, (struct range){ PROTO_UDP, PROTO_UDP });
	jump->verdict = (struct ir_verdict){ .kind = IR_JUMP, .chain = flows };
	v = forward->rules.v;
	while (!offload_accepts_established(v[at])) {
		if (++at == forward->rules.n)
			BUG("nothing accepts established connections");
	}
	memmove(&v[at + 1], &v[at], (forward->rules.n - 1 - at) * sizeof(*v));
	v[at] = jump;
}

static void bypass_ipsec(struct lower *l, struct ir_chain *flows)
{
	const struct facts_features *features = &l->policy->facts->features;
	struct ir_rule *rule;

	if (l->policy->defaults.flow_offloading_xfrm.v || (features->known && !features->xfrm))
		return;
	rule = ir_rule_add(l->ir, flows, flows->origin);
	ir_match_add(l->ir, rule, IR_M_IPSEC)->bits = 3;
	rule->comment = "IPsec bypass";
	rule->verdict.kind = IR_RETURN;
}

static void place_chain(struct lower *l, const struct exemptions *x)
{
	struct ir_chain *flows =
		ir_chain_add(l->ir, "offload_flows", IR_ROLE_OTHER, IR_FORWARD, IR_FILTER);

	flows->origin = lower_origin(l, &l->policy->defaults.s, NULL);
	bypass_ipsec(l, flows);
	vec_each (e, &x->list) {
		const char *name = e->origin ? e->origin->name : NULL;
		struct ir_rule *rule =
			match_place(l, flows, e->rule, NULL, lower_comment(l, name), e->origin);

		rule->verdict.kind = IR_RETURN;
	}
	ir_statement_add(l->ir, ir_rule_add(l->ir, flows, flows->origin), IR_S_OFFLOAD);
	place_jump(l, flows);
}

/* Counts of connections stay whole: the flowtable counts for them, when they are counted at all. */
static void count_flows(struct lower *l, const struct ir_origin *origin)
{
	const struct facts_features *features = &l->policy->facts->features;
	struct ir_sysctl s = {
		.path = "net/netfilter/nf_conntrack_acct", .value = "1", .origin = origin
	};

	if (features->known && !features->flow_counter)
		return;
	l->ir->flowtable.counter = true;
	vec_push(l->arena, &l->ir->sysctls, s);
}

void lower_offload(struct lower *l)
{
	const struct defaults *d = &l->policy->defaults;
	struct exemptions x = { 0 };

	if (!d->flow_offloading.v)
		return;
	l->diags->section = d->s.title;
	if (!possible(l))
		return;
	arena_release(&l->scratch);
	offload_exemptions(l, &x);
	if (x.everything) {
		l->ir->flowtable.devices.n = 0;
		return;
	}
	l->ir->flowtable.enabled = true;
	l->ir->flowtable.hardware = d->flow_offloading_hw.v;
	count_flows(l, lower_origin(l, &d->s, NULL));
	place_chain(l, &x);
}
