/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connection-tracking helpers: which connections get one. A zone's own list is explicit; a zone
 * without list and without masquerading gets every helper the kernel offers (auto_helper). They are
 * assigned before NAT, on the address and port the client used.
 */
#include <string.h>

#include "lower/lower_priv.h"

static bool kernel_offers(struct lower *l, const struct helper *h)
{
	vec_each (name, &l->policy->facts->helpers) {
		if (!strcmp(*name, h->name.v))
			return true;
	}
	return false;
}

static const struct ir_helper *helper_object(struct lower *l, const struct helper *h, uint8_t proto)
{
	vec_each (it, &l->ir->helpers) {
		if (!strcmp((*it)->kernel, h->name.v) && (*it)->proto == proto)
			return *it;
	}

	struct ir_helper *new = ARENA_NEW(l->arena, struct ir_helper);
	const char *name = arena_printf(l->arena, "%s_%s", h->name.v, proto_name(proto));

	new->name = ir_identifier(l->arena, "helper", slice_of(name), 31);
	new->kernel = arena_strdup(l->arena, h->name.v);
	new->proto = proto;
	new->family = h->family.v;
	vec_push(l->arena, &l->ir->helpers, new);
	return new;
}

static size_t helper_protocols(const struct helper *h, uint8_t ret[2])
{
	size_t n = 0;

	for (size_t i = 0; i < h->proto.n; i++) {
		for (unsigned k = 0; k < h->proto.v[i].n && n < 2; k++)
			ret[n++] = h->proto.v[i].number[k];
	}
	return n;
}

void lower_assign_helper(struct lower *l, struct ir_rule *rule, const struct helper *h)
{
	uint8_t protos[2];
	size_t n = helper_protocols(h, protos);

	for (size_t i = 0; i < n; i++)
		ir_statement_add(l->ir, rule, IR_S_HELPER)->helper = helper_object(l, h, protos[i]);
}

/* "protocol and port -> helper" in a chain; ports NULL: the helper's own. */
static void assign_by_port(
	struct lower *l, struct ir_chain *chain, const struct helper *h, enum family zone_family)
{
	uint8_t protos[2];
	size_t n = helper_protocols(h, protos);
	enum family family = h->family.v;

	if (family != FAMILY_ANY && zone_family != FAMILY_ANY && family != zone_family)
		return;
	for (size_t i = 0; i < n; i++) {
		struct ir_rule *rule = ir_rule_add(l->ir, chain, chain->origin);

		rule->family = family;
		range_set_add(l->arena, &ir_match_add(l->ir, rule, IR_M_PROTO)->ranges,
			(struct range){ protos[i], protos[i] });
		range_set_add(
			l->arena, &ir_match_add(l->ir, rule, IR_M_DPORT)->ranges, h->port.v.range);
		rule->comment = lower_comment(l, h->description.v ? h->description.v : h->name.v);
		ir_statement_add(l->ir, rule, IR_S_HELPER)->helper = helper_object(l, h, protos[i]);
	}
}

static void assign_in_zone(struct lower *l, const struct zone *z, const struct helper *h)
{
	assign_by_port(l, zone_chain(l, z, IR_PREROUTING, IR_HELPER), h, z->family.v);
	assign_by_port(l, zone_chain(l, z, IR_OUTPUT, IR_HELPER), h, z->family.v);
}

/* The last of a name: a section of the file comes after our own list. */
static const struct helper *find_helper(struct lower *l, const char *name)
{
	for (size_t i = l->policy->helpers.n; i > 0; i--) {
		if (!strcasecmp(l->policy->helpers.v[i - 1]->name.v, name))
			return l->policy->helpers.v[i - 1];
	}
	return NULL;
}

static void explicit_helpers(struct lower *l, const struct zone *z)
{
	for (size_t i = 0; i < z->helper.n; i++) {
		const struct helper *h = find_helper(l, z->helper.v[i]);

		if (!h)
			continue; /* the model has said so */
		if (l->policy->facts->features.known && !kernel_offers(l, h)) {
			diag_warning(l->diags, z->helper.spans[i], "helper-missing",
				"this kernel has no connection tracking helper '%s': it is left "
				"out",
				h->name.v);
			continue;
		}
		assign_in_zone(l, z, h);
	}
}

/* ---- port forwards ---- */

/* Like firewall3: a forward to the one port that a helper is known by gets it by itself. */
static const struct helper *helper_of_port(struct lower *l, const struct redirect *r)
{
	const struct port_spec *port = r->m.dest_port.n		? &r->m.dest_port.v[0]
				       : r->src_dport.given.set ? &r->src_dport.v
								: NULL;

	if (!l->policy->defaults.auto_helper.v || !port || port->negate ||
		port->range.lo != port->range.hi)
		return NULL;
	vec_each (it, &l->policy->helpers) {
		const struct helper *h = *it;

		if (h->port.given.set && h->port.v.range.lo == port->range.lo &&
			h->port.v.range.hi == port->range.lo && kernel_offers(l, h))
			return h;
	}
	return NULL;
}

static void assign_to_variant(struct lower *l, const struct redirect *r, const struct zone *from,
	const struct ir_rule *variant, const struct helper *h)
{
	struct ir_chain *chain = zone_chain(l, from, IR_PREROUTING, IR_HELPER);
	struct range_set has = match_protocols(l, variant);
	uint8_t protos[2];
	size_t n = helper_protocols(h, protos);

	for (size_t i = 0; i < n; i++) {
		struct range_set one = { 0 };
		struct ir_rule *rule;

		if (!range_set_has(&has, protos[i]))
			continue;
		rule = match_place(l, chain, variant, NULL, lower_comment(l, r->m.name.v),
			lower_origin(l, &r->s, r->m.name.v));
		range_set_add(l->arena, &one, (struct range){ protos[i], protos[i] });
		match_set_protocols(l, rule, &one);
		ir_statement_add(l->ir, rule, IR_S_HELPER)->helper = helper_object(l, h, protos[i]);
	}
}

void lower_forward_helper(struct lower *l, const struct redirect *r, const struct zone *from)
{
	const struct helper *h = r->assign_helper ? r->assign_helper : helper_of_port(l, r);
	struct match_wish wish = { .family_of = { from, NULL },
		.has_dest = true,
		.dest = &r->src_dip.v,
		.n_dest = r->src_dip.given.set ? 1 : 0,
		.has_dport = true,
		.dport = &r->src_dport.v,
		.n_dport = r->src_dport.given.set ? 1 : 0,
		.quiet = true };
	struct variants v;

	/* The model has said what this kernel lacks. */
	if (!h || (l->policy->facts->features.known && !kernel_offers(l, h)))
		return;
	wish.family = h->family.v;
	v = match_expand(l, &r->s, &r->m, &wish);
	for (size_t i = 0; i < v.n; i++)
		assign_to_variant(l, r, from, v.v[i], h);
}

/* ---- zones ---- */

void lower_helpers(struct lower *l)
{
	vec_each (it, &l->policy->zones) {
		const struct zone *z = *it;

		if (z->helper.n) {
			explicit_helpers(l, z);
			continue;
		}
		if (!l->policy->defaults.auto_helper.v || !z->auto_helper.v || z->masq.v ||
			z->masq6.v)
			continue;
		vec_each (h, &l->policy->helpers) {
			if ((*h)->port.given.set && kernel_offers(l, *h))
				assign_in_zone(l, z, *h);
		}
	}
}
