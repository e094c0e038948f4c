/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NAT loopback: a port forward for hosts behind the router that use its outside address.
 *
 * They are recognised by the addresses of their zone's networks and by the router's addresses in
 * the forward's source zone, which are a named set, so a new lease changes elements and no rule.
 * The forward's other conditions hold for them too. A server on the client's own network would
 * answer the client directly, and the client would not know it; so there the router puts its own
 * address into the packet. A server elsewhere answers through the router and sees the client as it
 * is.
 */
#include "lower/redirect_priv.h"

/* The prefixes behind a zone, in one family. */
static struct addr_set inside_prefixes(struct lower *l, const struct zone *z, enum family family)
{
	struct addr_set set = { 0 };

	vec_each (a, &z->addresses) {
		if (a->addr.family == family)
			addr_set_add(l->arena, &set, addr_prefix_range(&a->addr, a->bits));
	}
	for (size_t i = 0; i < z->subnets[family == FAMILY_V6].n; i++)
		addr_set_add(l->arena, &set, z->subnets[family == FAMILY_V6].v[i]);
	addr_set_normalise(&set);
	return set;
}

/* ---- the outside addresses ---- */

/* Link-local addresses are known on their own link only. */
static bool is_outside(const struct facts_address *a, enum family family)
{
	return a->addr.family == family && !addr_is_link_local(&a->addr);
}

/* The set of the router's addresses in a zone; made when first asked for. */
static const struct ir_set *zone_address_set(
	struct lower *l, const struct zone *z, enum family family)
{
	const char *suffix = family == FAMILY_V6 ? "_addresses6" : "_addresses4";
	struct ir_set **slot = zone_addresses(l, z, family);
	struct ir_set *set = *slot;

	if (set)
		return set;
	*slot = set = ir_set_add(l->ir, lower_set_name(l, zone_word(l, z), suffix),
		lower_origin(l, &z->s, z->name.v));
	set->key[0] = family == FAMILY_V6 ? IR_KEY_ADDR6 : IR_KEY_ADDR4;
	set->n_key = 1;
	for (size_t i = 0; i < z->addresses.n; i++) {
		struct ir_element e = { .part[0].addr = {
						z->addresses.v[i].addr, z->addresses.v[i].addr } };
		bool again = !is_outside(&z->addresses.v[i], family);

		for (size_t k = 0; k < i; k++)
			again |= addr_eq(&z->addresses.v[k].addr, &z->addresses.v[i].addr);
		if (!again)
			vec_push(l->arena, &set->elements, e);
	}
	return set;
}

static bool is_single(const struct addr_spec *s)
{
	return s->kind == ADDR_SPEC_RANGE && !s->negate && addr_eq(&s->range.lo, &s->range.hi);
}

/* An outside address of the zone that the forward's external address covers; NULL: none. */
static const struct addr *covered_address(const struct forward *f, enum family family)
{
	const struct addr_spec *s = &f->r->src_dip.v;

	vec_each (a, &f->r->m.from.zone->addresses) {
		bool in = s->kind != ADDR_SPEC_RANGE || addr_range_has(&s->range, &a->addr);

		if (is_outside(a, family) && (!f->r->src_dip.given.set || in != s->negate))
			return &a->addr;
	}
	return NULL;
}

/*
 * Whether the packet must be for one of the router's addresses in the source zone. An external
 * address of its own, or a network of them that is routed here, is known by itself; but "any but
 * this one" and a network around the router's address would take in the rest of the internet.
 */
static bool wants_own_address(const struct forward *f, enum family family)
{
	const struct addr_spec *s = &f->r->src_dip.v;

	if (!f->r->src_dip.given.set || s->negate || s->kind != ADDR_SPEC_RANGE || !s->bits)
		return true;
	return !is_single(s) && covered_address(f, family);
}

static void match_outside(
	struct lower *l, const struct forward *f, struct ir_rule *rule, enum family family)
{
	struct ir_match *m;

	if (!wants_own_address(f, family))
		return;
	m = ir_match_add(l->ir, rule, IR_M_SET);
	m->set.set = zone_address_set(l, f->r->m.from.zone, family);
	m->set.dest[0] = true;
}

/* ---- the way back ---- */

/* Whether the server may be on the client's own network. */
static bool may_be_neighbours(const struct forward *f, const struct zone *zone)
{
	const struct zone *to = f->r->m.to.zone;

	return !to || to == zone || (!to->devices.n && !zone_has_subnets(to));
}

static void hide_client(struct lower *l, const struct forward *f, const struct zone *zone,
	const struct addr_set *prefixes, const struct ir_rule *variant)
{
	struct ir_rule *rule =
		ir_rule_add(l->ir, zone_translated(l, zone, IR_POSTROUTING), f->origin);
	const struct addr *outside = covered_address(f, variant->family);

	rule->family = variant->family;
	ir_match_add(l->ir, rule, IR_M_SADDR)->addrs = *prefixes;
	forward_match_inside(l, f, rule, variant);
	rule->comment = "NAT loopback";
	/* The address on the way out is the inside one. */
	rule->verdict.kind = IR_MASQUERADE;
	if (f->r->reflection_src.v != 1)
		return;
	if (f->r->src_dip.given.set && is_single(&f->r->src_dip.v))
		outside = &f->r->src_dip.v.range.lo;
	if (!outside)
		return;
	rule->verdict.kind = IR_SNAT;
	rule->verdict.nat.has_addr = true;
	rule->verdict.nat.addr = (struct addr_range){ *outside, *outside };
}

/* ---- one zone of clients ---- */

static void loop_back(
	struct lower *l, const struct forward *f, const struct zone *zone, enum family family)
{
	const struct redirect *r = f->r;
	struct ir_chain *chain = zone_chain(l, zone, IR_PREROUTING, IR_DSTNAT);
	struct addr_set prefixes = inside_prefixes(l, zone, family);
	struct match_wish wish = {
		.family_of = { zone, r->m.to.zone }, .family = family, .quiet = true
	};
	struct variants v;

	if (!prefixes.n || zone == r->m.from.zone)
		return;
	forward_outside(r, &wish);
	v = match_expand(l, &r->s, &r->m, &wish);
	for (size_t i = 0; i < v.n; i++) {
		struct ir_rule *rule =
			match_place(l, chain, v.v[i], f->counter, "NAT loopback", f->origin);

		rule->family = family;
		ir_match_add(l->ir, rule, IR_M_SADDR)->addrs = prefixes;
		match_outside(l, f, rule, family);
		match_limit(l, rule, f->limit);
		forward_translate(l, f, rule);
		forward_open(l, f, zone, v.v[i]);
		if (may_be_neighbours(f, zone))
			hide_client(l, f, zone, &prefixes, v.v[i]);
	}
	lower_forward_helper(l, r, zone);
}

void forward_loop_back(struct lower *l, const struct forward *f)
{
	if (!f->r->reflection.v || !f->inside)
		return;
	/* Of the exposed host only when zones are named: it would take the router's web page away.
	 */
	if (f->exposed && !f->r->reflection_zone.given.set)
		return;
	vec_each (z, &f->r->reflection_zones)
		loop_back(l, f, *z, forward_family(f));
}
