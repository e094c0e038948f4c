/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joining names: zones, networks in address lists, sets and helpers. A name that nothing has is an
 * error with the nearest name there is; a name that is switched off takes with it what refers to
 * it. What is found goes into the fields marked "resolved:".
 */
#include <string.h>

#include "model/model_priv.h"

void hint_nearest(struct reader *r, struct diag *on, const char *word, const char *const *names,
	size_t n)
{
	const char *near = diag_nearest(slice_of(word), names, n);

	if (near)
		diag_hint(r->diags, on, "did you mean '%s'?", near);
}

/* ---- zones ---- */

/* One that is switched off is found only when no other has the name. */
static struct zone *find_any_zone(const struct reader *r, const char *name)
{
	struct zone *off = NULL;

	vec_each(z, &r->all_zones) {
		if (!(*z)->name.v || strcmp((*z)->name.v, name))
			continue;
		if ((*z)->enabled.v)
			return *z;
		off = off ? off : *z;
	}
	return off;
}

static bool report_unknown_zone(struct reader *r, struct span span, const char *name)
{
	VEC(const char *) names = { 0 };
	struct diag *e = diag_error(r->diags, span, "unknown-zone", "unknown zone '%s'", name);
	const char *near;

	vec_each(z, &r->all_zones) {
		if ((*z)->name.v)
			vec_push(r->arena, &names, (*z)->name.v);
	}
	near = diag_nearest(slice_of(name), names.v, names.n);
	if (!near)
		return false;
	diag_hint(r->diags, e, "did you mean '%s'?", near);
	diag_note(r->diags, e, given_span(r->source, &find_any_zone(r, near)->name.given),
		"zone '%s' is declared here", near);
	return false;
}

bool resolve_zone(struct reader *r, const struct given *given, const char *name,
	struct zone_ref *ret, bool *ret_off)
{
	struct zone *zone;
	struct diag *w;

	*ret = (struct zone_ref){ ZONE_NONE, NULL };
	if (!given->set || !name || !*name)
		return true;
	if (!strcmp(name, "*")) {
		ret->kind = ZONE_ANY;
		return true;
	}
	zone = find_any_zone(r, name);
	if (!zone)
		return report_unknown_zone(r, given_span(r->source, given), name);
	*ret = (struct zone_ref){ ZONE_NAMED, zone };
	if (zone->enabled.v)
		return true;
	w = diag_warning(r->diags, given_span(r->source, given), "zone-is-off",
		"zone '%s' is switched off, and so is what refers to it", name);
	diag_note(r->diags, w, given_span(r->source, &zone->enabled.given), "it is switched off here");
	*ret_off = true;
	return true;
}

bool resolve_ends(struct reader *r, struct match_fields *m, bool *ret_off)
{
	bool ok = resolve_zone(r, &m->src.given, m->src.v, &m->from, ret_off);

	return resolve_zone(r, &m->dest.given, m->dest.v, &m->to, ret_off) && ok;
}

struct zone *policy_zone(const struct policy *p, const char *name)
{
	vec_each(z, &p->zones) {
		if (!strcmp((*z)->name.v, name))
			return *z;
	}
	return NULL;
}

/* ---- logical networks in addresses ---- */

static bool report_unknown_network(struct reader *r, struct span span, const char *name)
{
	VEC(const char *) names = { 0 };
	struct diag *e = diag_error(r->diags, span, "unknown-network",
		"'%s' is neither an address nor a known network", name);

	vec_each(n, &r->facts->networks)
		vec_push(r->arena, &names, n->name);
	hint_nearest(r, e, name, names.v, names.n);
	return false;
}

static const struct facts_network *find_network(struct reader *r, struct span span,
	const char *name)
{
	const struct facts_network *network = facts_network(r->facts, name);
	struct diag *w;

	if (!network) {
		report_unknown_network(r, span, name);
		return NULL;
	}
	if (network->addresses.n)
		return network;
	w = diag_warning(r->diags, span, "network-without-address",
		"network '%s' has no address now, so it matches nothing", name);
	diag_hint(r->diags, w, "it is looked up again whenever the network changes");
	return network;
}

static struct addr_spec spec_of_address(const struct facts_address *a, bool negate)
{
	return (struct addr_spec){
		.negate = negate,
		.kind = ADDR_SPEC_RANGE,
		.range = addr_prefix_range(&a->addr, a->bits),
		.written = a->addr,
		.bits = a->bits,
	};
}

struct address_list {
	VEC(struct addr_spec) v;
	VEC(struct span) spans;
};

static bool expand(struct reader *r, const struct addr_spec *spec, struct span span,
	struct address_list *out)
{
	const struct facts_network *network;

	if (spec->kind != ADDR_SPEC_NAME) {
		vec_push(r->arena, &out->v, *spec);
		vec_push(r->arena, &out->spans, span);
		return true;
	}
	network = find_network(r, span, spec->name);
	if (!network)
		return false;
	vec_each(a, &network->addresses) {
		vec_push(r->arena, &out->v, spec_of_address(a, spec->negate));
		vec_push(r->arena, &out->spans, span);
	}
	return true;
}

static size_t count_positive(const struct addr_spec *v, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += !v[i].negate;
	return count;
}

bool resolve_address_list(struct reader *r, struct addr_spec **v, struct span **spans, size_t *n)
{
	struct address_list out = { 0 };
	bool names = false, ok = true;

	for (size_t i = 0; i < *n; i++)
		names |= (*v)[i].kind == ADDR_SPEC_NAME;
	if (!names)
		return true;
	for (size_t i = 0; i < *n; i++)
		ok &= expand(r, &(*v)[i], (*spans)[i], &out);
	/* An empty list would match everything: the opposite of what is meant. */
	if (count_positive(*v, *n) && !count_positive(out.v.v, out.v.n))
		r->matches_nothing = true;
	*v = out.v.v;
	*spans = out.spans.v;
	*n = out.v.n;
	return ok;
}

bool resolve_address(struct reader *r, const struct given *given, struct addr_spec *spec)
{
	const struct facts_network *network;

	if (!given->set || spec->kind != ADDR_SPEC_NAME)
		return true;
	network = find_network(r, given_span(r->source, given), spec->name);
	if (!network)
		return false;
	if (!network->addresses.n) {
		r->matches_nothing = true;
		spec->kind = ADDR_SPEC_RANGE;
		spec->range.lo.family = spec->range.hi.family = spec->written.family = FAMILY_V4;
		return true;
	}
	*spec = spec_of_address(&network->addresses.v[0], spec->negate);
	return true;
}

/* ---- sets ---- */

static bool report_unknown_set(struct reader *r, struct span span, const char *name)
{
	VEC(const char *) names = { 0 };
	struct diag *e = diag_error(r->diags, span, "unknown-set", "unknown set '%s'", name);

	vec_each(s, &r->all_sets) {
		if ((*s)->name.v)
			vec_push(r->arena, &names, (*s)->name.v);
	}
	hint_nearest(r, e, name, names.v, names.n);
	return false;
}

/* "src,dest" into m->set_dest. */
static bool read_directions(struct reader *r, struct match_fields *m, struct slice text)
{
	struct span span = given_span(r->source, &m->ipset.given);
	unsigned n = 0;

	while (text.n) {
		struct slice word = { text.p, slice_find(text, ',') };
		bool dest = slice_is(word, "dest") || slice_is(word, "dst");
		struct diag *e;

		text = slice_from(text, word.n + 1);
		if (!dest && !slice_is(word, "src")) {
			e = diag_error(r->diags, span, "set-direction",
				"'%.*s' is not a direction", SLICE_ARG(word));
			diag_hint(r->diags, e, "use src or dest");
			return false;
		}
		if (n < COUNT_OF(m->set_dest))
			m->set_dest[n] = dest;
		n++;
	}
	if (n != m->set->n_parts) {
		struct diag *e = diag_error(r->diags, span, "set-direction",
			"set '%s' wants as many directions as it has parts, %u, or none",
			m->set->name.v, m->set->n_parts);

		diag_note(r->diags, e, given_span(r->source, &m->set->match.given), "its parts are here");
		return false;
	}
	return true;
}

static struct ipset *find_set(const struct reader *r, struct slice name)
{
	struct ipset *off = NULL;

	vec_each(s, &r->all_sets) {
		if (!(*s)->name.v || !slice_is(name, (*s)->name.v))
			continue;
		if ((*s)->enabled.v)
			return *s;
		off = off ? off : *s;
	}
	return off;
}

/* A rule whose set is off cannot be built; leaving the condition out would widen it. */
static bool set_is_on(struct reader *r, const struct match_fields *m)
{
	if (m->set->enabled.v)
		return true;
	diag_warning(r->diags, given_span(r->source, &m->ipset.given), "set-is-off",
		"set '%s' is switched off, and so is what refers to it", m->set->name.v);
	r->matches_nothing = true;
	return false;
}

bool resolve_set(struct reader *r, struct match_fields *m)
{
	struct slice rest, name, word;
	struct ipset *set;

	if (!m->ipset.given.set || !m->ipset.v || !*m->ipset.v)
		return true;
	rest = slice_trim(slice_of(m->ipset.v));
	m->set_negate = slice_starts(rest, "!");
	rest = slice_from(rest, m->set_negate ? 1 : 0);
	if (!slice_next_word(&rest, &name))
		name = (struct slice){ "", 0 };
	set = find_set(r, name);
	if (!set)
		return report_unknown_set(r, given_span(r->source, &m->ipset.given),
			arena_strndup(r->arena, name.p, name.n));
	m->set = set;
	m->set_n = set->n_parts;
	memcpy(m->set_dest, set->part_dest, sizeof(m->set_dest));
	if (!set_is_on(r, m) || !set->n_parts)
		return true; /* a set without parts has its own error */
	if (!slice_next_word(&rest, &word))
		return true;
	return read_directions(r, m, word);
}

/* ---- helpers ---- */

/* The file's helpers come after our own list and take the place of one of the same name. */
static struct helper *find_helper(const struct reader *r, const char *name)
{
	for (size_t i = r->policy->helpers.n; i > 0; i--) {
		if (!strcasecmp(r->policy->helpers.v[i - 1]->name.v, name))
			return r->policy->helpers.v[i - 1];
	}
	return NULL;
}

static void check_kernel_has_helper(struct reader *r, struct span span, const struct helper *h)
{
	struct diag *w;

	if (!r->facts->features.known)
		return;
	vec_each(name, &r->facts->helpers) {
		if (!strcmp(*name, h->name.v))
			return;
	}
	w = diag_warning(r->diags, span, "helper-unavailable",
		"the kernel does not offer the helper '%s' now", h->name.v);
	if (h->module.v && *h->module.v)
		diag_hint(r->diags, w, "load the module %s", h->module.v);
}

bool resolve_helper(struct reader *r, struct span span, const char *name, struct helper **ret)
{
	VEC(const char *) names = { 0 };
	struct helper *h = find_helper(r, name);
	struct diag *e;

	if (h) {
		check_kernel_has_helper(r, span, h);
		*ret = h;
		return true;
	}
	e = diag_error(r->diags, span, "unknown-helper", "unknown helper '%s'", name);
	vec_each(known, &r->policy->helpers)
		vec_push(r->arena, &names, (*known)->name.v);
	hint_nearest(r, e, name, names.v, names.n);
	return false;
}
