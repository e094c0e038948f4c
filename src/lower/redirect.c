/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Port forwards. Three parts each: the translation in the source zone's dstnat chain; the opening
 * in its filter chains, for exactly the internal address and port it names; and NAT loopback, the
 * same forward for hosts behind the router that use its outside address (loopback.c).
 *
 * Forwards stand in the order of the file, but for the exposed host of the DMZ page: it gets what
 * no other forward takes and no service of the router wants (dmz.c), so it comes last wherever it
 * stands.
 */
#include "lower/redirect_priv.h"

enum family forward_family(const struct forward *f)
{
	return f->inside ? f->inside->range.lo.family : FAMILY_ANY;
}

/* Whether the variant is about protocols with ports: then ports can be matched and rewritten. */
static bool variant_has_ports(const struct ir_rule *rule)
{
	const struct ir_match *proto = match_find(rule, IR_M_PROTO);

	if (!proto || proto->negate)
		return false;
	for (size_t i = 0; i < proto->ranges.n; i++) {
		for (uint32_t p = proto->ranges.v[i].lo; p <= proto->ranges.v[i].hi; p++) {
			if (!proto_has_ports((uint8_t)p))
				return false;
		}
	}
	return true;
}

static const struct port_spec *outside_port(const struct forward *f)
{
	return f->r->src_dport.given.set ? &f->r->src_dport.v : NULL;
}

/* Whether a packet of the variant gets another port. */
static bool changes_port(const struct forward *f, const struct ir_rule *variant)
{
	const struct port_spec *outside = outside_port(f);

	if (!f->port || !variant_has_ports(variant))
		return false;
	return !outside || outside->negate || outside->range.lo != f->port->range.lo ||
	       outside->range.hi != f->port->range.hi;
}

/* A map of 65535 ports takes 10 MB, here and on the way to the kernel. */
#define SHIFTED_PORTS_MAX 200000

static void count_shifted(struct lower *l, const struct forward *f, const struct ir_verdict *v)
{
	size_t before = l->shifted_ports;
	struct diag *e;

	if (!v->nat.shift || v->nat.from == v->nat.ports.lo)
		return;
	l->shifted_ports += v->nat.ports.hi - v->nat.ports.lo + 1;
	if (before > SHIFTED_PORTS_MAX || l->shifted_ports <= SHIFTED_PORTS_MAX)
		return;
	e = diag_error(l->diags, given_span(l->policy->source, &f->r->m.dest_port.given),
		"too-many-ports",
		"with this one, the ranges that are forwarded to other ports come to more than %d "
		"ports", SHIFTED_PORTS_MAX);
	diag_hint(l->diags, e, "name smaller ranges, or leave dest_port out to keep the ports");
}

void forward_translate(struct lower *l, const struct forward *f, struct ir_rule *rule)
{
	struct ir_verdict *v = &rule->verdict;
	const struct port_spec *outside = outside_port(f);

	v->kind = f->inside ? IR_DNAT : IR_REDIRECT;
	if (f->inside) {
		v->nat.has_addr = true;
		v->nat.addr = (struct addr_range){ f->inside->range.lo, f->inside->range.lo };
	}
	if (!changes_port(f, rule))
		return;
	v->nat.has_ports = true;
	v->nat.ports = f->port->range;
	if (outside && !outside->negate && f->port->range.hi > f->port->range.lo) {
		v->nat.shift = true;
		v->nat.from = outside->range.lo;
	}
	count_shifted(l, f, v);
}

void forward_match_inside(struct lower *l, const struct forward *f, struct ir_rule *rule,
	const struct ir_rule *variant)
{
	const struct ir_match *proto = match_find(variant, IR_M_PROTO);
	const struct ir_match *port = match_find(variant, IR_M_DPORT);

	rule->family = variant->family;
	if (f->inside) {
		struct addr_range one = { f->inside->range.lo, f->inside->range.lo };

		addr_set_add(l->arena, &ir_match_add(l->ir, rule, IR_M_DADDR)->addrs, one);
	}
	if (proto)
		*ir_match_add(l->ir, rule, IR_M_PROTO) = *proto;
	if (f->port && variant_has_ports(variant))
		range_set_add(
			l->arena, &ir_match_add(l->ir, rule, IR_M_DPORT)->ranges, f->port->range);
	else if (port)
		*ir_match_add(l->ir, rule, IR_M_DPORT) = *port;
}

/* ---- the opening ---- */

static bool is_own(const struct lower *l, const struct addr *a)
{
	vec_each (z, &l->policy->zones) {
		vec_each (own, &(*z)->addresses) {
			if (addr_eq(&own->addr, a))
				return true;
		}
	}
	vec_each (device, &l->policy->facts->devices) {
		vec_each (own, &device->addresses) {
			if (addr_eq(&own->addr, a))
				return true;
		}
	}
	return false;
}

static void open_through(struct lower *l, const struct forward *f, const struct zone *from,
	const struct ir_rule *variant)
{
	const struct zone *to = f->r->m.to.zone;
	struct ir_chain *chain = zone_translated(l, from, IR_FORWARD);
	struct ir_rule *rule = ir_rule_add(l->ir, chain, f->origin);

	rule->family = variant->family;
	/* A zone without devices (RutOS' dmz) tells nothing about where the host is. */
	if (to && (to->devices.n || zone_has_subnets(to)) && !zone_match(l, rule, to, true)) {
		chain->rules.n--;
		return;
	}
	forward_match_inside(l, f, rule, variant);
	zone_verdict(l, rule, to, true, ACTION_ACCEPT, from);
}

/*
 * A connection to the router's own address that keeps its port is not translated at all, so that
 * it was forwarded cannot be told from its state: the forward's own conditions open the port. A
 * forward without ports opens nothing this way. The limit needs a bucket of its own, since such a
 * packet has taken its token from the other one already.
 */
static void open_unchanged(struct lower *l, const struct forward *f, const struct zone *from,
	const struct ir_rule *variant)
{
	struct ir_rule *rule;

	if (changes_port(f, variant) || !match_find(variant, IR_M_DPORT))
		return;
	rule = match_place(l, zone_chain(l, from, IR_INPUT, IR_FILTER), variant, NULL,
		lower_comment(l, f->r->m.name.v), f->origin);
	match_limit(l, rule, match_limit_object(l, "limit", &f->r->s, &f->r->m));
	plain_verdict(l, rule, ACTION_ACCEPT);
}

void forward_open(struct lower *l, const struct forward *f, const struct zone *from,
	const struct ir_rule *variant)
{
	struct ir_rule *rule;

	if (f->inside)
		open_through(l, f, from, variant);
	if (f->inside && !is_own(l, &f->inside->range.lo))
		return;
	rule = ir_rule_add(l->ir, zone_chain(l, from, IR_INPUT, IR_FILTER), f->origin);
	forward_match_inside(l, f, rule, variant);
	ir_match_add(l->ir, rule, IR_M_CTSTATUS)->bits = IR_CTSTATUS_DNAT;
	plain_verdict(l, rule, ACTION_ACCEPT);
	if (!f->inside)
		open_unchanged(l, f, from, variant);
}

/* ---- the translation ---- */

void forward_outside(const struct redirect *r, struct match_wish *wish)
{
	wish->has_dest = true;
	wish->dest = &r->src_dip.v;
	wish->n_dest = r->src_dip.given.set ? 1 : 0;
	wish->has_dport = true;
	wish->dport = &r->src_dport.v;
	wish->n_dport = r->src_dport.given.set ? 1 : 0;
}

static void forward_from_zone(struct lower *l, const struct forward *f)
{
	const struct redirect *r = f->r;
	const struct zone *from = r->m.from.zone;
	struct ir_chain *chain = zone_chain(l, from, IR_PREROUTING, IR_DSTNAT);
	struct match_wish wish = { .family_of = { from, r->m.to.zone },
		.family = forward_family(f) };
	struct variants v;

	forward_outside(r, &wish);
	v = match_expand(l, &r->s, &r->m, &wish);
	for (size_t i = 0; i < v.n; i++) {
		struct ir_rule *rule;

		lower_log_matches(l, &r->s, &r->m, chain, v.v[i]);
		rule = match_place(
			l, chain, v.v[i], f->counter, lower_comment(l, r->m.name.v), f->origin);
		/* Only what is for the router itself: other hosts are reached as they are. */
		if (f->exposed && !r->src_dip.given.set && lower_knows_local(l)) {
			struct ir_match *m = ir_match_add(l->ir, rule, IR_M_ADDRTYPE);

			m->addrtype.dest = true;
			m->addrtype.types = IR_ADDR_LOCAL;
		}
		match_limit(l, rule, f->limit);
		forward_translate(l, f, rule);
		forward_open(l, f, from, v.v[i]);
	}
}

static void lower_forward(struct lower *l, const struct redirect *r, bool exposed)
{
	struct forward f = { .r = r, .exposed = exposed };

	if (match_extra_refused(l, &r->m, false) || match_time_inactive(l, &r->m, true))
		return;
	f.inside = r->m.dest_ip.n ? &r->m.dest_ip.v[0] : NULL;
	f.port = r->m.dest_port.n ? &r->m.dest_port.v[0] : NULL;
	f.origin = lower_origin(l, &r->s, r->m.name.v);
	f.counter = lower_counter(l, "redirect", &r->s, r->m.name.v);
	f.limit = match_limit_object(l, "limit", &r->s, &r->m);
	if (exposed)
		dmz_exceptions(l, &f);
	forward_from_zone(l, &f);
	forward_loop_back(l, &f);
	lower_forward_helper(l, r, r->m.from.zone);
}

void lower_redirects(struct lower *l)
{
	vec_each (it, &l->policy->redirects) {
		if ((*it)->target.v == ACTION_DNAT && !dmz_is_host(*it) && !dmz_is_companion(*it))
			lower_forward(l, *it, false);
	}
	vec_each (it, &l->policy->redirects) {
		if ((*it)->target.v == ACTION_DNAT && dmz_is_host(*it))
			lower_forward(l, *it, true);
	}
}
