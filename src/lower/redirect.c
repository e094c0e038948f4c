/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Port forwards. Three parts each: the translation in the source zone's dstnat chain; the opening
 * in its filter chains, for exactly the internal address and port it names; and NAT loopback, the
 * same forward for hosts behind the router that use its outside address.
 */
#include "lower/lower_priv.h"

struct forward {
	const struct redirect *r;
	const struct addr_spec *inside; /* NULL: the router itself */
	const struct port_spec *port;	/* the internal port; NULL: the external one */
	const struct ir_origin *origin;
	struct ir_counter *counter;
	const struct ir_limit *limit;
};

static enum family inside_family(const struct forward *f)
{
	return f->inside ? f->inside->range.lo.family : FAMILY_ANY;
}

static const struct ir_match *find_match(const struct ir_rule *rule, enum ir_match_kind kind)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		if (rule->matches[i].kind == kind)
			return &rule->matches[i];
	}
	return NULL;
}

/* Whether the variant is about protocols with ports: then ports can be matched and rewritten. */
static bool variant_has_ports(const struct ir_rule *rule)
{
	const struct ir_match *proto = find_match(rule, IR_M_PROTO);

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

static void set_translation(const struct forward *f, struct ir_rule *rule)
{
	struct ir_verdict *v = &rule->verdict;
	const struct port_spec *outside =
		f->r->src_dport.given.set ? &f->r->src_dport.v : NULL;

	v->kind = f->inside ? IR_DNAT : IR_REDIRECT;
	if (f->inside) {
		v->nat.has_addr = true;
		v->nat.addr = (struct addr_range){ f->inside->range.lo, f->inside->range.lo };
	}
	if (!f->port || !variant_has_ports(rule))
		return;
	if (outside && !outside->negate && outside->range.lo == f->port->range.lo &&
		outside->range.hi == f->port->range.hi)
		return;
	v->nat.has_ports = true;
	v->nat.ports = f->port->range;
	if (outside && !outside->negate && f->port->range.hi > f->port->range.lo) {
		v->nat.shift = true;
		v->nat.from = outside->range.lo;
	}
}

/* The packet after translation: protocol, internal address and port. */
static void match_inside(
	struct lower *l, const struct forward *f, struct ir_rule *rule, const struct ir_rule *variant)
{
	const struct ir_match *proto = find_match(variant, IR_M_PROTO);
	const struct ir_match *port = find_match(variant, IR_M_DPORT);

	rule->family = variant->family;
	if (f->inside) {
		struct addr_range one = { f->inside->range.lo, f->inside->range.lo };

		addr_set_add(l->arena, &ir_match_add(l->ir, rule, IR_M_DADDR)->addrs, one);
	}
	if (proto)
		*ir_match_add(l->ir, rule, IR_M_PROTO) = *proto;
	if (f->port && variant_has_ports(variant))
		range_set_add(l->arena, &ir_match_add(l->ir, rule, IR_M_DPORT)->ranges,
			f->port->range);
	else if (port)
		*ir_match_add(l->ir, rule, IR_M_DPORT) = *port;
	ir_match_add(l->ir, rule, IR_M_CTSTATUS)->bits = IR_CTSTATUS_DNAT;
}

/* Opens the path of the translated packets that came from zone `from`. */
static void open_path(struct lower *l, const struct forward *f, const struct zone *from,
	const struct ir_rule *variant)
{
	const struct zone *to = f->r->m.to.zone;
	struct ir_rule *rule;

	if (f->inside) {
		struct ir_chain *chain = zone_chain(l, from, IR_FORWARD, IR_FILTER);

		rule = ir_rule_add(l->ir, chain, f->origin);
		rule->family = variant->family;
		/* A zone without devices (RutOS' dmz) tells nothing about where the host is. */
		if (to && (to->devices.n || zone_has_subnets(to)) && !zone_match(l, rule, to, true)) {
			chain->rules.n--;
			return;
		}
		match_inside(l, f, rule, variant);
		zone_verdict(l, rule, to, true, ACTION_ACCEPT, from);
	}
	/* The internal address may be one of the router's own. */
	rule = ir_rule_add(l->ir, zone_chain(l, from, IR_INPUT, IR_FILTER), f->origin);
	match_inside(l, f, rule, variant);
	plain_verdict(l, rule, ACTION_ACCEPT);
}

static void external_side(const struct redirect *r, struct match_wish *wish)
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
	struct match_wish wish = { .family_of = { from, r->m.to.zone }, .family = inside_family(f) };
	struct variants v;

	external_side(r, &wish);
	v = match_expand(l, &r->s, &r->m, &wish);
	for (size_t i = 0; i < v.n; i++) {
		struct ir_rule *rule = match_place(l, zone_chain(l, from, IR_PREROUTING, IR_DSTNAT),
			v.v[i], f->counter, lower_comment(l, r->m.name.v), f->origin);

		match_limit(l, rule, f->limit);
		set_translation(f, rule);
		open_path(l, f, from, v.v[i]);
	}
}

/* ---- NAT loopback ---- */

/* The prefixes behind a zone, in one family. */
static struct addr_set inside_prefixes(struct lower *l, const struct zone *z, enum family family)
{
	struct addr_set set = { 0 };

	vec_each(a, &z->addresses) {
		if (a->addr.family == family)
			addr_set_add(l->arena, &set, addr_prefix_range(&a->addr, a->bits));
	}
	for (size_t i = 0; i < z->subnets[family == FAMILY_V6].n; i++)
		addr_set_add(l->arena, &set, z->subnets[family == FAMILY_V6].v[i]);
	addr_set_normalise(&set);
	return set;
}

/* The outside addresses by which the forward is known: its own, or all of its source zone. */
static size_t outside_addresses(struct lower *l, const struct forward *f, enum family family,
	struct addr_spec **ret)
{
	const struct redirect *r = f->r;
	const struct zone *from = r->m.from.zone;
	size_t n = 0;
	struct addr_spec *list = ARENA_ARRAY(l->arena, struct addr_spec, from->addresses.n + 1);

	if (r->src_dip.given.set) {
		list[n++] = r->src_dip.v;
	} else {
		vec_each(a, &from->addresses) {
			/* link-local addresses are known on their own link only */
			bool link_local = a->addr.family == FAMILY_V6 && a->addr.b[0] == 0xfe &&
				(a->addr.b[1] & 0xc0) == 0x80;

			if (a->addr.family == family && !link_local)
				list[n++] = (struct addr_spec){ .kind = ADDR_SPEC_RANGE,
					.range = { a->addr, a->addr } };
		}
	}
	*ret = list;
	return n;
}

/* The address that replies must come back to: the router's inside or outside one. */
static bool return_address(const struct forward *f, const struct zone *inside,
	const struct addr_spec *outside, enum family family, struct addr *ret)
{
	if (f->r->reflection_src.v == 1) {
		*ret = outside[0].range.lo;
		return true;
	}
	vec_each(a, &inside->addresses) {
		struct addr_range prefix = addr_prefix_range(&a->addr, a->bits);

		if (a->addr.family == family && addr_range_has(&prefix, &f->inside->range.lo)) {
			*ret = a->addr;
			return true;
		}
	}
	return false;
}

static void loop_back_source(struct lower *l, const struct forward *f, const struct zone *zone,
	const struct addr_set *prefixes, const struct addr *source, const struct ir_rule *variant)
{
	const struct zone *out = f->r->m.to.zone ? f->r->m.to.zone : zone;
	struct ir_rule *rule;

	if (!out->devices.n)
		out = zone;
	rule = ir_rule_add(l->ir, zone_chain(l, out, IR_POSTROUTING, IR_SRCNAT), f->origin);
	rule->family = variant->family;
	ir_match_add(l->ir, rule, IR_M_SADDR)->addrs = *prefixes;
	match_inside(l, f, rule, variant);
	rule->comment = "NAT loopback";
	rule->verdict.kind = IR_SNAT;
	rule->verdict.nat.has_addr = true;
	rule->verdict.nat.addr = (struct addr_range){ *source, *source };
}

static void loop_back(struct lower *l, const struct forward *f, const struct zone *zone,
	enum family family)
{
	const struct redirect *r = f->r;
	struct addr_set prefixes = inside_prefixes(l, zone, family);
	struct addr_spec *outside;
	size_t n = outside_addresses(l, f, family, &outside);
	struct match_wish wish = { .family_of = { zone, NULL }, .family = family };
	struct addr source;
	struct variants v;

	if (!n || !prefixes.n || zone == r->m.from.zone)
		return;
	external_side(r, &wish);
	wish.dest = outside;
	wish.n_dest = n;
	v = match_expand(l, &r->s, &r->m, &wish);
	for (size_t i = 0; i < v.n; i++) {
		struct ir_rule *rule = match_place(l, zone_chain(l, zone, IR_PREROUTING, IR_DSTNAT),
			v.v[i], f->counter, "NAT loopback", f->origin);

		ir_match_add(l->ir, rule, IR_M_SADDR)->addrs = prefixes;
		match_limit(l, rule, f->limit);
		set_translation(f, rule);
		open_path(l, f, zone, v.v[i]);
		if (return_address(f, r->m.to.zone ? r->m.to.zone : zone, outside, family, &source))
			loop_back_source(l, f, zone, &prefixes, &source, v.v[i]);
	}
}

static void forward_loopback(struct lower *l, const struct forward *f)
{
	const struct redirect *r = f->r;

	if (!r->reflection.v || !f->inside)
		return;
	if (r->reflection_zones.n) {
		vec_each(z, &r->reflection_zones)
			loop_back(l, f, *z, inside_family(f));
	} else if (r->m.to.zone) {
		loop_back(l, f, r->m.to.zone, inside_family(f));
	}
}

void lower_redirects(struct lower *l)
{
	vec_each(it, &l->policy->redirects) {
		const struct redirect *r = *it;
		struct forward f = { .r = r };

		if (r->target.v != ACTION_DNAT || match_extra_refused(l, &r->m, false) ||
			match_time_inactive(l, &r->m, true))
			continue;
		f.inside = r->m.dest_ip.n ? &r->m.dest_ip.v[0] : NULL;
		f.port = r->m.dest_port.n ? &r->m.dest_port.v[0] : NULL;
		f.origin = lower_origin(l, &r->s, r->m.name.v);
		f.counter = lower_counter(l, "redirect", &r->s, r->m.name.v);
		f.limit = match_limit_object(l, "limit", &r->s, &r->m);
		forward_from_zone(l, &f);
		forward_loopback(l, &f);
		if (r->assign_helper)
			lower_forward_helper(l, r);
	}
}
