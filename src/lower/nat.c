/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source NAT in both spellings: `redirect` with target SNAT or ACCEPT, and `nat` sections. They
 * stand before masquerading, in the order of the file; redirects first, as firewall3 has them.
 * The source zone is really matched: Linux knows the ingress device in postrouting (since 5.7).
 */
#include "lower/lower_priv.h"

struct translation {
	const struct section *s;
	const struct match_fields *m;
	const char *kind;
	enum action target;
	const struct addr_spec *address; /* NULL: keep */
	const struct port_spec *port;	 /* NULL: keep */
};

static enum family translation_family(const struct translation *t)
{
	return t->address ? t->address->range.lo.family : FAMILY_ANY;
}

static void set_verdict(const struct translation *t, struct ir_rule *rule)
{
	struct ir_verdict *v = &rule->verdict;

	v->kind = t->target == ACTION_ACCEPT ? IR_ACCEPT
		: t->target == ACTION_MASQUERADE ? IR_MASQUERADE
		: t->target == ACTION_NETMAP	 ? IR_NETMAP_SRC
						 : IR_SNAT;
	if (t->address && v->kind != IR_ACCEPT && v->kind != IR_MASQUERADE) {
		v->nat.has_addr = true;
		v->nat.addr = t->address->range;
	}
	if (t->port && v->kind != IR_ACCEPT) {
		v->nat.has_ports = true;
		v->nat.ports = t->port->range;
	}
}

/* A port can only be rewritten where there is one. */
static bool has_ports(const struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		const struct ir_match *m = &rule->matches[i];

		if (m->kind != IR_M_PROTO || m->negate)
			continue;
		for (size_t k = 0; k < m->ranges.n; k++) {
			if (m->ranges.v[k].lo != m->ranges.v[k].hi ||
				!proto_has_ports((uint8_t)m->ranges.v[k].lo))
				return false;
		}
		return true;
	}
	return false;
}

static void add_port_protocols(struct lower *l, struct ir_rule *rule)
{
	struct ir_match *m = ir_match_add(l->ir, rule, IR_M_PROTO);

	range_set_add(l->arena, &m->ranges, (struct range){ PROTO_TCP, PROTO_TCP });
	range_set_add(l->arena, &m->ranges, (struct range){ PROTO_UDP, PROTO_UDP });
	range_set_normalise(&m->ranges);
}

static bool has_proto(const struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		if (rule->matches[i].kind == IR_M_PROTO)
			return true;
	}
	return false;
}

static void translate(struct lower *l, const struct translation *t)
{
	const struct zone *to = t->m->to.zone;
	struct ir_chain *chain = to ? zone_chain(l, to, IR_POSTROUTING, IR_SRCNAT)
				    : ir_base(l->ir, IR_POSTROUTING, IR_SRCNAT);
	struct match_wish wish = { .in = t->m->from.zone, .family_of = { to, NULL },
		.family = translation_family(t), .default_all = true };
	const struct ir_origin *origin = lower_origin(l, t->s, t->m->name.v);
	struct variants v;
	struct ir_counter *counter;
	const struct ir_limit *limit;

	if (match_extra_refused(l, t->m, false) || match_time_inactive(l, t->m, true))
		return;
	v = match_expand(l, t->s, t->m, &wish);
	counter = lower_counter(l, t->kind, t->s, t->m->name.v);
	limit = match_limit_object(l, "limit", t->s, t->m);
	for (size_t i = 0; i < v.n; i++) {
		struct ir_rule *rule = match_place(
			l, chain, v.v[i], counter, lower_comment(l, t->m->name.v), origin);

		set_verdict(t, rule);
		if (rule->verdict.nat.has_ports && !has_proto(rule))
			add_port_protocols(l, rule);
		else if (rule->verdict.nat.has_ports && !has_ports(rule))
			rule->verdict.nat.has_ports = false;
		match_limit(l, rule, limit);
	}
}

void lower_nats(struct lower *l)
{
	vec_each(it, &l->policy->redirects) {
		const struct redirect *r = *it;

		if (r->target.v == ACTION_DNAT)
			continue;
		translate(l, &(struct translation){ &r->s, &r->m, "redirect",
				     (enum action)r->target.v,
				     r->src_dip.given.set ? &r->src_dip.v : NULL,
				     r->src_dport.given.set ? &r->src_dport.v : NULL });
	}
	vec_each(it, &l->policy->nats) {
		const struct nat *n = *it;

		translate(l, &(struct translation){ &n->s, &n->m, "nat", (enum action)n->target.v,
				     n->snat_ip.given.set ? &n->snat_ip.v : NULL,
				     n->snat_port.given.set ? &n->snat_port.v : NULL });
	}
}
