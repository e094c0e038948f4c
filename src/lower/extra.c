/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extra arguments of sections. All are read before any section is lowered, because a list of
 * -m recent is shared between them; what cannot be expressed decides by what the section does.
 */
#include <string.h>

#include "lower/arguments.h"

/* The one protocol that a section names; 0 when there is none or are several. */
static uint8_t only_protocol(const struct match_fields *m)
{
	const struct proto_spec *p = m->proto.v;

	if (m->proto.n != 1 || p->negate || p->all || p->n != 1 || p->number[0] == PROTO_ICMP)
		return 0;
	return p->number[0];
}

static void read_extra(struct lower *l, const char *text, const struct given *given, uint8_t proto,
	const char *section)
{
	struct extra_entry e = { .text = text, .section = section };

	if (!given->set || !text || !text[0])
		return;
	l->diags->section = section;
	l->diags->option = "extra";
	e.good = ipt_extra_read(l->arena, slice_of(text), given_span(l->policy->source, given),
		proto, l->diags, &e.rule);
	l->diags->option = NULL;
	if (e.good) {
		arguments_check(l, &e.rule);
		arguments_collect(l, &e.rule);
	}
	vec_push(l->arena, &l->custom->extras, e);
}

/* Sections ask in about the order in which they were read. */
static struct extra_entry *find_extra(struct lower *l, const char *text)
{
	struct custom *c = l->custom;

	for (size_t i = 0; c && i < c->extras.n; i++) {
		size_t at = (c->extra_at + i) % c->extras.n;

		if (c->extras.v[at].text == text) {
			c->extra_at = at;
			return &c->extras.v[at];
		}
	}
	return NULL;
}

/* ---- zones ---- */

/* True: matches one rule of one family can take, so that a zone stays one match. */
static bool is_simple(const struct ipt_rule *rule)
{
	static const char *const modules[] = { "mark", "connmark", "policy", "mac", "pkttype",
		"dscp", "comment", "length" };

	if (rule->basic->options.n)
		return false;
	vec_each (m, &rule->matches) {
		bool known = false;

		for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
			known |= !strcmp((*m)->module->name, modules[i]);
		if (!known)
			return false;
	}
	return true;
}

static void check_zone(struct lower *l, const struct zone *z, const char *text, struct span span)
{
	const struct extra_entry *e = find_extra(l, text);
	struct diag *d;

	if (!e || !e->good)
		return;
	vec_each (x, &e->rule.refusals)
		diag_error(l->diags, x->span, "extra-not-supported", "'%s' cannot be expressed: %s",
			x->token, x->reason);
	if (e->rule.refusals.n || is_simple(&e->rule))
		return;
	d = diag_error(l->diags, span, "extra-not-supported",
		"these extra arguments cannot tell the zone '%s'", z->name.v);
	diag_hint(l->diags, d,
		"use subnets and devices; extra arguments of a zone are marks, IPsec policies, MAC "
		"addresses, packet types, DSCP and lengths");
}

/* ---- all of them ---- */

static void read_zones(struct lower *l)
{
	vec_each (it, &l->policy->zones) {
		const struct zone *z = *it;

		read_extra(l, z->extra_src.v, &z->extra_src.given, 0, z->s.title);
		check_zone(
			l, z, z->extra_src.v, given_span(l->policy->source, &z->extra_src.given));
		if (z->extra_dest.v == z->extra_src.v)
			continue;
		read_extra(l, z->extra_dest.v, &z->extra_dest.given, 0, z->s.title);
		check_zone(
			l, z, z->extra_dest.v, given_span(l->policy->source, &z->extra_dest.given));
	}
}

void lower_zone_extras_read(struct lower *l)
{
	struct diags *diags = l->diags, quiet;

	diags_init(&quiet, l->arena);
	l->custom = ARENA_NEW(l->arena, struct custom);
	l->diags = &quiet;
	read_zones(l);
	l->diags = diags;
}

void lower_extras_read(struct lower *l)
{
	read_zones(l);
	vec_each (it, &l->policy->rules)
		read_extra(l, (*it)->m.extra.v, &(*it)->m.extra.given, only_protocol(&(*it)->m),
			(*it)->s.title);
	vec_each (it, &l->policy->redirects)
		read_extra(l, (*it)->m.extra.v, &(*it)->m.extra.given, only_protocol(&(*it)->m),
			(*it)->s.title);
	vec_each (it, &l->policy->nats)
		read_extra(l, (*it)->m.extra.v, &(*it)->m.extra.given, only_protocol(&(*it)->m),
			(*it)->s.title);
	l->diags->section = NULL;
}

bool match_extra_refused(struct lower *l, const struct match_fields *m, bool closes)
{
	const struct extra_entry *e = m->extra.given.set ? find_extra(l, m->extra.v) : NULL;

	if (!e)
		return false;
	l->diags->section = e->section;
	l->diags->option = "extra";
	vec_each (x, &e->rule.refusals) {
		struct diag *d =
			closes ? diag_error(l->diags, x->span, "extra-not-supported",
					 "'%s' cannot be expressed (%s), and without it the "
					 "section "
					 "would refuse too much or too little",
					 x->token, x->reason)
			       : diag_warning(l->diags, x->span, "extra-not-supported",
					 "'%s' cannot be expressed (%s): the section is left out",
					 x->token, x->reason);

		diag_hint(l->diags, d, "use the section's own options instead");
	}
	l->diags->section = l->diags->option = NULL;
	return !e->good || e->rule.refusals.n;
}

void match_extra(struct lower *l, const struct section *s, const struct match_fields *m,
	bool closes, struct variants *variants)
{
	const struct extra_entry *e = m->extra.given.set ? find_extra(l, m->extra.v) : NULL;
	struct arguments a = { .l = l, .ir = &l->draft, .closes = closes };

	/* The variants of the section before are gone, and their memory is used again. */
	if (l->custom)
		l->custom->records.n = 0;
	if (!e)
		return;
	a.rule = &e->rule;
	a.origin = lower_origin(l, s, m->name.v);
	a.label = m->name.v ? m->name.v : s->id;
	*variants = arguments_apply(&a, variants);
}

bool zone_extra(
	struct lower *l, struct ir *ir, struct ir_rule *rule, const struct zone *z, bool dest)
{
	const char *text = dest ? z->extra_dest.v : z->extra_src.v;
	const struct extra_entry *e = text && text[0] ? find_extra(l, text) : NULL;
	struct arguments a = { .l = l, .ir = ir, .label = z->name.v };
	struct variants one = { 0 }, out;

	if (!e)
		return true;
	/* What was not understood never matches: a ruleset for emergencies is made all the same. */
	if (!e->good || e->rule.refusals.n || !is_simple(&e->rule))
		return false;
	a.rule = &e->rule;
	vec_push(ir->arena, &one, rule);
	out = arguments_apply(&a, &one);
	return out.n == 1;
}
