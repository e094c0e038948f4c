/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source NAT in both spellings: `redirect` with target SNAT or ACCEPT, and `nat` sections. They
 * stand before masquerading, in the order of the file; redirects first, as firewall3 has them.
 * The source zone is really matched: Linux knows the ingress device in postrouting (since 5.7).
 * A port to be written leaves the protocols without ports their address. NETMAP works both ways.
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

	v->kind = t->target == ACTION_ACCEPT	   ? IR_ACCEPT
		  : t->target == ACTION_MASQUERADE ? IR_MASQUERADE
		  : t->target == ACTION_NETMAP	   ? IR_NETMAP_SRC
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

/* ---- ports and the protocols that have them ---- */

/* Of the variant's protocols those that have ports, or those that have none. */
static struct range_set protocols(struct lower *l, const struct ir_rule *variant, bool with_ports)
{
	struct range_set all = match_protocols(l, variant), set = { 0 };

	for (uint32_t p = 0; p <= UINT8_MAX; p++) {
		if (range_set_has(&all, p) && proto_has_ports((uint8_t)p) == with_ports)
			range_set_add(l->arena, &set, (struct range){ p, p });
	}
	range_set_normalise(&set);
	return set;
}

/* ---- placing ---- */

struct placing {
	const struct translation *t;
	struct ir_chain *chain;
	const struct ir_origin *origin;
	struct ir_counter *counter;
	const struct ir_limit *limit;
};

static void place_for(struct lower *l, const struct placing *p, const struct ir_rule *variant,
	const struct range_set *protos, bool with_ports)
{
	struct ir_rule *rule;

	if (protos && !protos->n)
		return;
	rule = match_place(
		l, p->chain, variant, p->counter, lower_comment(l, p->t->m->name.v), p->origin);
	if (protos)
		match_set_protocols(l, rule, protos);
	match_limit(l, rule, p->limit);
	set_verdict(p->t, rule);
	rule->verdict.nat.has_ports &= with_ports;
}

/* A port can only be rewritten where there is one: other protocols get the address alone. */
static void place_translation(
	struct lower *l, const struct placing *p, const struct ir_rule *variant)
{
	struct range_set with, without;

	lower_log_matches(l, p->t->s, p->t->m, p->chain, variant);
	if (!p->t->port || p->t->target == ACTION_ACCEPT) {
		place_for(l, p, variant, NULL, false);
		return;
	}
	with = protocols(l, variant, true);
	without = protocols(l, variant, false);
	place_for(l, p, variant, &with, true);
	if (p->t->target != ACTION_SNAT || p->t->address)
		place_for(l, p, variant, &without, false);
}

/* ---- networks mapped to networks ---- */

/* What comes the other way: source and destination change places. */
static struct match_fields turned_round(struct lower *l, const struct translation *t)
{
	struct match_fields m = *t->m;
	struct addr_spec *to = arena_copy(l->arena, t->address, 1, sizeof(*to));

	m.from = t->m->to;
	m.to = t->m->from;
	m.src_ip.v = t->m->dest_ip.v;
	m.src_ip.n = t->m->dest_ip.n;
	m.dest_ip.v = to;
	m.dest_ip.n = 1;
	m.src_port.v = t->m->dest_port.v;
	m.src_port.n = t->m->dest_port.n;
	m.dest_port.v = t->m->src_port.v;
	m.dest_port.n = t->m->src_port.n;
	m.device = (struct match_fields){ 0 }.device;
	return m;
}

/*
 * A connection that the outside begins to an address of the mapped network finds the host behind
 * it; whether it may, the rules decide as they do for the host's own address. Conditions on marks,
 * sets, rates and devices, and extra arguments, are about the way out, so with one of them there is
 * no way in. The router's own addresses, should they lie in the network, stay its own.
 */
static void map_inwards(struct lower *l, const struct placing *p)
{
	const struct translation *t = p->t;
	const struct zone *outside = t->m->to.zone;
	struct match_fields m = turned_round(l, t);
	struct match_wish wish = { .family_of = { outside, NULL },
		.default_all = true,
		.family = translation_family(t),
		.quiet = true };
	struct ir_chain *chain = outside ? zone_chain(l, outside, IR_PREROUTING, IR_DSTNAT)
					 : ir_base(l->ir, IR_PREROUTING, IR_DSTNAT);
	struct variants v;

	if (m.mark.given.set || m.set || m.limit.given.set || m.extra.given.set ||
		t->m->device.given.set)
		return;
	if (!lower_knows_local(l)) {
		diag_warning(l->diags, t->s->span, "netmap-one-way",
			"this kernel cannot tell the router's own addresses (it lacks fib), so the "
			"network is mapped on the way out only");
		return;
	}
	v = match_expand(l, t->s, &m, &wish);
	for (size_t i = 0; i < v.n; i++) {
		struct ir_rule *rule = match_place(
			l, chain, v.v[i], p->counter, lower_comment(l, m.name.v), p->origin);
		struct ir_match *own = ir_match_add(l->ir, rule, IR_M_ADDRTYPE);

		own->negate = true;
		own->addrtype.dest = true;
		own->addrtype.types = IR_ADDR_LOCAL;
		rule->verdict.kind = IR_NETMAP_DST;
		rule->verdict.nat.has_addr = true;
		rule->verdict.nat.addr = t->m->src_ip.v[0].range;
	}
}

static void translate(struct lower *l, const struct translation *t)
{
	const struct zone *to = t->m->to.zone;
	struct placing p = { .t = t };
	struct match_wish wish = { .in = t->m->from.zone,
		.family_of = { to, NULL },
		.family = translation_family(t),
		.default_all = true };
	struct variants v;

	if (match_extra_refused(l, t->m, false) || match_time_inactive(l, t->m, true))
		return;
	p.chain = to ? zone_chain(l, to, IR_POSTROUTING, IR_SRCNAT)
		     : ir_base(l->ir, IR_POSTROUTING, IR_SRCNAT);
	p.origin = lower_origin(l, t->s, t->m->name.v);
	v = match_expand(l, t->s, t->m, &wish);
	p.counter = lower_counter(l, t->kind, t->s, t->m->name.v);
	p.limit = match_limit_object(l, "limit", t->s, t->m);
	for (size_t i = 0; i < v.n; i++)
		place_translation(l, &p, v.v[i]);
	if (t->target == ACTION_NETMAP)
		map_inwards(l, &p);
}

void lower_nats(struct lower *l)
{
	vec_each (it, &l->policy->redirects) {
		const struct redirect *r = *it;

		if (r->target.v == ACTION_DNAT)
			continue;
		translate(l,
			&(struct translation){ &r->s, &r->m, "redirect", (enum action)r->target.v,
				r->src_dip.given.set ? &r->src_dip.v : NULL,
				r->src_dport.given.set ? &r->src_dport.v : NULL });
	}
	vec_each (it, &l->policy->nats) {
		const struct nat *n = *it;
		struct match_fields m = n->m;

		m.direction.v = 1; /* a device is the one on the way out */
		translate(l, &(struct translation){ &n->s, &m, "nat", (enum action)n->target.v,
				     n->snat_ip.given.set ? &n->snat_ip.v : NULL,
				     n->snat_port.given.set ? &n->snat_port.v : NULL });
	}
}
