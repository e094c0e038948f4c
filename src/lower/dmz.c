/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DMZ page: an exposed host, which gets what is for the router and nobody else wants. RutOS
 * marks the forward with `mode host`. It is lowered after every other forward; before it, in its
 * source zone's dstnat chain, stands what stays with the router: the answers to its own DHCP, and
 * what an enabled rule lets in from that zone, be it an administrator's SSH or a VPN. These
 * exceptions are made from the rules at each compile, so they cannot go stale.
 */
#include <string.h>

#include "lower/redirect_priv.h"

bool dmz_is_host(const struct redirect *r)
{
	return r->target.v == ACTION_DNAT && r->mode.v && !strcmp(r->mode.v, "host");
}

/*
 * RutOS adds a forward to the router itself for each service that is open when the DMZ is switched
 * on. Our exceptions stand in their place; shared as forwards, they would keep a port open that has
 * been closed since.
 */
bool dmz_is_companion(const struct redirect *r)
{
	static const char *const names[] = { "dmz_http", "dmz_https", "dmz_ssh", "dmz_snmp",
		"dmz_dhcp" };

	if (!r->m.name.v || r->m.dest_ip.n)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(r->m.name.v, names[i]))
			return true;
	}
	return false;
}

/* ---- protocols ---- */

static bool names_icmp(const struct redirect *r)
{
	for (size_t i = 0; i < r->m.proto.n; i++) {
		const struct proto_spec *p = &r->m.proto.v[i];

		if (!p->all && !p->negate &&
			(p->number[0] == PROTO_ICMP || p->number[0] == PROTO_ICMPV6))
			return true;
	}
	return false;
}

/*
 * The protocols of which the router keeps something from the host. Who names ICMP for the host
 * wants its pings answered there, so that is none of them.
 */
static struct range_set shared_protocols(struct lower *l, const struct forward *f)
{
	const struct redirect *r = f->r;
	struct match_wish wish = {
		.family_of = { r->m.from.zone, NULL }, .family = forward_family(f), .quiet = true
	};
	struct range_set set = { 0 }, icmp = { 0 };
	struct variants v;

	forward_outside(r, &wish);
	v = match_expand(l, &r->s, &r->m, &wish);
	for (size_t i = 0; i < v.n; i++) {
		struct range_set one = match_protocols(l, v.v[i]);

		for (size_t k = 0; k < one.n; k++)
			range_set_add(l->arena, &set, one.v[k]);
	}
	range_set_normalise(&set);
	if (!names_icmp(r))
		return set;
	range_set_add(l->arena, &icmp, (struct range){ PROTO_ICMP, PROTO_ICMP });
	range_set_add(l->arena, &icmp, (struct range){ PROTO_ICMPV6, PROTO_ICMPV6 });
	range_set_normalise(&icmp);
	return range_set_minus(l->arena, &set, &icmp);
}

static bool is_shared(
	struct lower *l, const struct range_set *shared, const struct ir_rule *variant)
{
	struct range_set protos = match_protocols(l, variant);

	for (size_t i = 0; i < protos.n; i++) {
		for (size_t k = 0; k < shared->n; k++) {
			if (protos.v[i].lo <= shared->v[k].hi && shared->v[k].lo <= protos.v[i].hi)
				return true;
		}
	}
	return false;
}

/* ---- the router's own DHCP ---- */

static void keep_dhcp(struct lower *l, const struct forward *f, enum family family)
{
	struct ir_rule *rule = ir_rule_add(
		l->ir, zone_chain(l, f->r->m.from.zone, IR_PREROUTING, IR_DSTNAT), f->origin);
	uint16_t port = family == FAMILY_V4 ? 68 : 546;

	rule->family = family;
	range_set_add(l->arena, &ir_match_add(l->ir, rule, IR_M_PROTO)->ranges,
		(struct range){ PROTO_UDP, PROTO_UDP });
	range_set_add(l->arena, &ir_match_add(l->ir, rule, IR_M_DPORT)->ranges,
		(struct range){ port, port });
	rule->comment = "DHCP answers stay with the router";
	rule->verdict.kind = IR_ACCEPT;
}

/* ---- what the rules let in ---- */

static bool lets_in(struct lower *l, const struct rule *r, const struct zone *from)
{
	bool here = r->m.from.kind == ZONE_ANY || r->m.from.zone == from ||
		    (r->m.from.kind == ZONE_NONE && r->m.device.given.set && r->m.direction.v == 0);

	if (r->target.v != ACTION_ACCEPT || r->m.to.kind != ZONE_NONE || !here)
		return false;
	return calendar_always(&r->m.calendar) || l->policy->facts->clock_trusted;
}

/* The rule's conditions without its limit: what is over the limit is not the host's either. */
static void keep_rule(struct lower *l, const struct forward *f, const struct rule *r,
	const struct range_set *shared)
{
	const struct zone *from = f->r->m.from.zone;
	struct ir_chain *chain = zone_chain(l, from, IR_PREROUTING, IR_DSTNAT);
	struct match_wish wish = {
		.family_of = { from, NULL }, .family = forward_family(f), .quiet = true
	};
	const struct ir_origin *origin = lower_origin(l, &r->s, r->m.name.v);
	struct variants v = match_expand(l, &r->s, &r->m, &wish);

	for (size_t i = 0; i < v.n; i++) {
		if (!is_shared(l, shared, v.v[i]))
			continue;
		match_place(l, chain, v.v[i], NULL, lower_comment(l, r->m.name.v), origin)
			->verdict.kind = IR_ACCEPT;
	}
}

void dmz_exceptions(struct lower *l, const struct forward *f)
{
	enum family family = forward_family(f);
	struct range_set shared = shared_protocols(l, f);

	if (family != FAMILY_V6 && range_set_has(&shared, PROTO_UDP))
		keep_dhcp(l, f, FAMILY_V4);
	if (family != FAMILY_V4 && range_set_has(&shared, PROTO_UDP))
		keep_dhcp(l, f, FAMILY_V6);
	vec_each (it, &l->policy->rules) {
		if (lets_in(l, *it, f->r->m.from.zone))
			keep_rule(l, f, *it, &shared);
	}
}
