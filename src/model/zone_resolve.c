/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the networks, devices and subnets of a zone to the device patterns, address sets and router
 * addresses that lower/ works with. The facts tell which devices a network has now; one that is
 * down has none, and the zone then covers less, never more.
 */
#include <string.h>

#include "model/model_priv.h"

/* Packets of an alias carry the name of its device, so these two are one. */
static bool same_pattern(const struct device_pattern *a, const struct device_pattern *b)
{
	size_t n = strcspn(a->name, ":");

	return a->wildcard == b->wildcard && n == strcspn(b->name, ":") &&
	       !strncmp(a->name, b->name, n);
}

static bool covers(const struct device_pattern *all, const struct device_pattern *one)
{
	return all->wildcard && !strncmp(all->name, one->name, strlen(all->name)) &&
	       !same_pattern(all, one);
}

/* Zones may share a device when they are for other families, or for parts of what is behind it. */
static bool may_share(const struct zone *a, const struct zone *b)
{
	if (a->family.v != FAMILY_ANY && b->family.v != FAMILY_ANY && a->family.v != b->family.v)
		return true;
	return a->subnet.n || b->subnet.n || a->extra.given.set || b->extra.given.set ||
		a->extra_src.given.set || b->extra_src.given.set;
}

/* The first zone before this one that has the device; `how` says what having it is. */
static const struct zone *owner_of(const struct reader *r, const struct zone *z,
	const struct device_pattern *p,
	bool (*how)(const struct device_pattern *theirs, const struct device_pattern *ours))
{
	vec_each(other, &r->policy->zones) {
		if (*other == z)
			break; /* the first zone keeps it */
		if (may_share(*other, z))
			continue;
		vec_each(d, &(*other)->devices) {
			if (how(d, p))
				return *other;
		}
	}
	return NULL;
}

/* "eth+" in a zone before takes what comes by eth1 here; the other way round is how it is done. */
static void check_is_not_covered(struct reader *r, const struct zone *z, struct span span,
	const struct device_pattern *p)
{
	const struct zone *owner = owner_of(r, z, p, covers);
	struct diag *w;

	if (!owner)
		return;
	w = diag_warning(r->diags, span, "device-covered",
		"what comes by device '%s%s' is taken by zone '%s', which has every device of a "
		"name that begins so", p->name, p->wildcard ? "+" : "", owner->name.v);
	diag_note(r->diags, w, given_span(r->source, &owner->name.given),
		"zone '%s' comes first in the file and decides", owner->name.v);
	diag_hint(r->diags, w, "move zone '%s' before zone '%s'", z->name.v, owner->name.v);
}

static void add_device(struct reader *r, struct zone *z, struct span span,
	const struct device_pattern *p)
{
	const struct zone *owner = owner_of(r, z, p, same_pattern);
	struct diag *w;

	vec_each(d, &z->devices) {
		if (same_pattern(d, p))
			return;
	}
	if (!owner) {
		check_is_not_covered(r, z, span, p);
		vec_push(r->arena, &z->devices, *p);
		return;
	}
	w = diag_warning(r->diags, span, "device-in-two-zones",
		"device '%s%s' is already in zone '%s'", p->name, p->wildcard ? "+" : "",
		owner->name.v);
	diag_note(r->diags, w, given_span(r->source, &owner->name.given),
		"zone '%s' comes first in the file and keeps it", owner->name.v);
}

static const struct zone *zone_with_network(const struct reader *r, const struct zone *z,
	const char *name)
{
	vec_each(other, &r->policy->zones) {
		if (*other == z)
			break;
		if (may_share(*other, z))
			continue;
		for (size_t i = 0; i < (*other)->network.n; i++) {
			if (!strcmp((*other)->network.v[i], name))
				return *other;
		}
	}
	return NULL;
}

static bool pattern_of(const char *device, struct device_pattern *ret)
{
	const char *why;

	return device_pattern_parse(slice_of(device), ret, &why);
}

static void report_unknown_network(struct reader *r, const struct zone *z, size_t i)
{
	VEC(const char *) names = { 0 };
	struct diag *w;

	if (!r->facts->networks.n)
		return; /* nothing is known about networks: an offline check */
	w = diag_warning(r->diags, z->network.spans[i], "network-unknown",
		"there is no network '%s', so the zone gets no device from it", z->network.v[i]);
	vec_each(n, &r->facts->networks)
		vec_push(r->arena, &names, n->name);
	hint_nearest(r, w, z->network.v[i], names.v, names.n);
}

static void add_network(struct reader *r, struct zone *z, size_t i)
{
	const char *name = z->network.v[i];
	const struct zone *owner = zone_with_network(r, z, name);
	const struct facts_network *network = facts_network(r->facts, name);
	struct device_pattern p;

	if (owner) {
		struct diag *w = diag_warning(r->diags, z->network.spans[i], "network-in-two-zones",
			"network '%s' is already in zone '%s'", name, owner->name.v);

		diag_note(r->diags, w, given_span(r->source, &owner->name.given),
			"zone '%s' comes first in the file and keeps it", owner->name.v);
		return;
	}
	if (!network) {
		if (facts_device(r->facts, name) && pattern_of(name, &p))
			add_device(r, z, z->network.spans[i], &p);
		else
			report_unknown_network(r, z, i);
		return;
	}
	if (network->disabled)
		return;
	vec_push(r->arena, &z->networks, network);
	vec_each(device, &network->devices) {
		if (pattern_of(*device, &p))
			add_device(r, z, z->network.spans[i], &p);
	}
}

static void add_address(struct reader *r, struct zone *z, const struct facts_address *a)
{
	vec_each(have, &z->addresses) {
		if (addr_eq(&have->addr, &a->addr) && have->bits == a->bits)
			return;
	}
	vec_push(r->arena, &z->addresses, *a);
}

static void collect_addresses(struct reader *r, struct zone *z)
{
	vec_each(network, &z->networks) {
		vec_each(a, &(*network)->addresses)
			add_address(r, z, a);
	}
	vec_each(device, &r->facts->devices) {
		vec_each(p, &z->devices) {
			if (!device_pattern_has(p, device->name))
				continue;
			vec_each(a, &device->addresses)
				add_address(r, z, a);
			break;
		}
	}
}

/* Masked subnets (::1/::ffff) have no ranges; a zone needs networks, so they are refused. */
static bool collect_subnets(struct reader *r, struct zone *z)
{
	bool ok = true;

	for (size_t i = 0; i < z->subnet.n; i++) {
		const struct addr_spec *s = &z->subnet.v[i];

		if (s->kind == ADDR_SPEC_RANGE && !s->negate) {
			addr_set_add(r->arena, &z->subnets[s->range.lo.family == FAMILY_V6],
				s->range);
			continue;
		}
		diag_error(r->diags, z->subnet.spans[i], "zone-subnet",
			s->negate ? "the subnet of a zone cannot be negated"
				  : "the subnet of a zone needs a mask that is a prefix");
		ok = false;
	}
	addr_set_normalise(&z->subnets[0]);
	addr_set_normalise(&z->subnets[1]);
	return ok;
}

static void check_masquerade_is_possible(struct reader *r, struct zone *z, struct span span)
{
	struct diag *w;

	if (!r->matches_nothing)
		return;
	r->matches_nothing = false;
	w = diag_warning(r->diags, span, "masquerade-off",
		"no address is left to masquerade, so the zone does not masquerade");
	diag_hint(r->diags, w, "name a subnet in place of the network");
	z->masq.v = z->masq6.v = false;
}

static bool resolve_zone_helpers(struct reader *r, struct zone *z)
{
	struct helper *h;
	bool ok = true;

	for (size_t i = 0; i < z->helper.n; i++)
		ok &= resolve_helper(r, z->helper.spans[i], z->helper.v[i], &h);
	return ok;
}

bool zone_resolve(struct reader *r, struct zone *z)
{
	bool ok = true;

	for (size_t i = 0; i < z->network.n; i++)
		add_network(r, z, i);
	for (size_t i = 0; i < z->device.n; i++)
		add_device(r, z, z->device.spans[i], &z->device.v[i]);

	r->matches_nothing = false;
	ok &= resolve_addresses(r, &z->masq_src);
	ok &= resolve_addresses(r, &z->masq_dest);
	check_masquerade_is_possible(r, z,
		z->masq_src.given.set ? given_span(r->source, &z->masq_src.given) : given_span(r->source, &z->masq_dest.given));
	z->any_device = !z->network.n && !z->device.n && z->subnet.n;
	ok &= resolve_addresses(r, &z->subnet);
	/* Without a subnet left, "any device" would be all traffic. */
	z->any_device &= z->subnet.n > 0;
	r->matches_nothing = false;
	ok &= resolve_addresses(r, &z->port_scan_allow);
	r->matches_nothing = false;

	ok &= collect_subnets(r, z);
	collect_addresses(r, z);
	return resolve_zone_helpers(r, z) && ok;
}
