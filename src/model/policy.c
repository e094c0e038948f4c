/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a policy. First every section is bound to its struct; then, when all names are known,
 * the sections are checked and joined, kind by kind: helpers and sets, zones, then what refers to
 * them. Mistakes in a section that is switched off are warnings, for they stop nothing. At the end
 * the diagnostics are put in the order of the file.
 */
#include <ctype.h>
#include <string.h>

#include "model/model_priv.h"

/* A section as bound, for the second round. */
struct bound {
	const struct section_row *row;
	struct section *s;
};

struct sections {
	VEC(struct bound) v;
};

/* ---- diagnostics about one section ---- */

/* Names the section in the diagnostics to come, and remembers where they begin. */
struct mark {
	size_t n, errors;
};

static struct mark section_begin(struct reader *r, const struct section *s)
{
	r->diags->section = s->title;
	r->diags->option = NULL;
	r->matches_nothing = false;
	return (struct mark){ r->diags->list.n, r->diags->errors };
}

static void section_end(struct reader *r)
{
	r->diags->section = NULL;
	r->diags->option = NULL;
}

/* What is wrong in a section that is off does no harm until it is switched on. */
static void errors_to_warnings(struct reader *r, struct mark from)
{
	size_t errors = r->diags->errors - from.errors;

	for (size_t i = from.n; i < r->diags->list.n; i++) {
		if (r->diags->list.v[i]->severity == DIAG_ERROR)
			r->diags->list.v[i]->severity = DIAG_WARNING;
	}
	r->diags->errors -= errors;
	r->diags->warnings += errors;
}

/* ---- binding ---- */

static void report_unknown_type(struct reader *r, const struct uci_section *uci)
{
	const char *names[16];
	size_t n;
	const struct section_row *const *rows = model_sections(&n);
	struct diag *w;

	for (size_t i = 0; i < n && i < COUNT_OF(names); i++)
		names[i] = rows[i]->type;
	w = diag_warning(r->diags, uci->header, "unknown-section",
		"sections of type '%s' are not read", uci->type);
	hint_nearest(r, w, uci->type, names, n);
}

static bool is_off(const struct section_row *row, const void *section)
{
	const struct option_row *o = schema_option(row, slice_of("enabled"));
	const FIELD(bool) *enabled;

	if (!o)
		return false;
	enabled = (const void *)((const char *)section + o->at);
	return enabled->given.set && !enabled->v;
}

static void report_second_defaults(struct reader *r, const struct section *s,
	const struct section *first)
{
	struct diag *w = diag_warning(r->diags, s->span, "second-defaults",
		"only the first 'defaults' section counts; this one is ignored");

	diag_note(r->diags, w, first->span, "the first one is here");
}

static void bind_one(struct reader *r, const struct uci_section *uci, struct sections *out)
{
	const struct section_row *row = model_section(slice_of(uci->type));
	struct bind_options options = { .hex_marks = r->policy->settings.dialect.v == 0 };
	struct mark mark = { r->diags->list.n, r->diags->errors };
	struct section *s;

	if (!row || row == &section_settings) {
		report_unknown_type(r, uci);
		return;
	}
	s = arena_alloc(r->arena, row->size);
	schema_bind(row, uci, r->arena, &options, r->diags, s);
	if (is_off(row, s))
		errors_to_warnings(r, mark);
	vec_push(r->arena, &out->v, (struct bound){ row, s });
	if (row == &section_zone)
		vec_push(r->arena, &r->all_zones, (struct zone *)(void *)s);
	if (row == &section_ipset)
		vec_push(r->arena, &r->all_sets, (struct ipset *)(void *)s);
}

/* ---- the second round, by kind ---- */

/*
 * Checks every section of a kind. Those that are fine, on, and able to match go into the policy's
 * vector; a section that is off is checked as well.
 */
#define READ_KIND(r, all, TYPE, ROW, check, enabled_field, vector)                                 \
	vec_each(b, &(all)->v) {                                                                   \
		TYPE *x = (void *)b->s;                                                            \
		struct mark mark;                                                                  \
		bool ok;                                                                           \
                                                                                                   \
		if (b->row != &(ROW))                                                              \
			continue;                                                                  \
		mark = section_begin((r), b->s);                                                   \
		ok = check((r), x);                                                                \
		if (is_off(b->row, x))                                                             \
			errors_to_warnings((r), mark);                                             \
		if (ok && x->enabled_field.v && !(r)->matches_nothing)                             \
			vec_push((r)->arena, &(r)->policy->vector, x);                             \
		section_end(r);                                                                    \
	}

static void read_defaults(struct reader *r, const struct sections *all)
{
	const struct section *first = NULL;

	vec_each(b, &all->v) {
		if (b->row != &section_defaults)
			continue;
		section_begin(r, b->s);
		if (first) {
			report_second_defaults(r, b->s, first);
		} else {
			first = b->s;
			r->policy->defaults = *(struct defaults *)(void *)b->s;
			defaults_check(r, &r->policy->defaults);
		}
		section_end(r);
	}
}

/*
 * Zones that give no policy have that of the defaults. A zone that was switched off or refused
 * keeps its name known, so that it is not reported again where it is used.
 */
static bool check_zone(struct reader *r, struct zone *z)
{
	const struct defaults *d = &r->policy->defaults;

	if (!z->input.given.set)
		z->input.v = d->input.v;
	if (!z->output.given.set)
		z->output.v = d->output.v;
	if (!z->forward.given.set)
		z->forward.v = d->forward.v;
	return zone_check(r, z);
}

static void read_zones(struct reader *r, const struct sections *all)
{
	unsigned index = 0;

	READ_KIND(r, all, struct zone, section_zone, check_zone, enabled, zones);
	vec_each(z, &r->policy->zones) {
		(*z)->index = index++;
		section_begin(r, &(*z)->s);
		zone_resolve(r, *z);
		section_end(r);
	}
}

static void read_includes(struct reader *r, const struct sections *all)
{
	struct policy *p = r->policy;
	size_t kept = 0;

	READ_KIND(r, all, struct include, section_include, include_check, enabled, includes);
	for (size_t i = 0; i < p->includes.n; i++) {
		struct include *inc = p->includes.v[i];

		if (!include_is_port_scan(inc)) {
			p->includes.v[kept++] = inc;
			continue;
		}
		section_begin(r, &inc->s);
		include_apply_port_scan(r, inc);
		section_end(r);
	}
	p->includes.n = kept;
}

/* ---- the dialect of marks ---- */

static bool all_digits(const char *s)
{
	for (; *s; s++) {
		if (!isdigit((unsigned char)*s))
			return false;
	}
	return true;
}

/* RutOS names its sections with numbers, and numbers its rules. */
static bool looks_like_rutos(const struct uci_file *file)
{
	vec_each(s, &file->sections) {
		if ((*s)->name && all_digits((*s)->name))
			return true;
		if (uci_option(*s, "priority") || uci_option(*s, "port_scan") ||
			uci_option(*s, "icmp_limit"))
			return true;
	}
	return false;
}

/* The value reads the same in both bases when it is one digit, or when 0x says which it is. */
static bool is_ambiguous(const char *text)
{
	size_t n = 0;

	if (*text == '!')
		text++;
	while (isdigit((unsigned char)text[n]))
		n++;
	return n > 1 && (!text[n] || text[n] == '/');
}

/* One warning for the file, at its first such mark, and none when the dialect was chosen. */
static void check_mark_dialect(struct reader *r, const struct uci_file *file)
{
	static const char *const keys[] = { "mark", "set_mark", "set_xmark" };
	bool openwrt = r->policy->settings.dialect.v == 1;

	if (r->policy->settings.dialect.given.set || looks_like_rutos(file) != openwrt)
		return;
	vec_each(s, &file->sections) {
		for (size_t i = 0; i < COUNT_OF(keys); i++) {
			const struct uci_item *item = uci_option(*s, keys[i]);
			struct diag *w;

			if (!item || !is_ambiguous(item->value.text))
				continue;
			w = diag_warning(r->diags, item->value.span, "mark-dialect",
				"the mark '%s' is read as %s, but the file looks like one of %s",
				item->value.text, openwrt ? "decimal" : "hexadecimal",
				openwrt ? "RutOS" : "OpenWrt");
			diag_hint(r->diags, w,
				"write it with 0x, or set option dialect in /etc/config/zonewall");
			return;
		}
	}
}

/* ---- the whole ---- */

static void read_settings(struct reader *r, const struct uci_file *zonewall)
{
	static const struct uci_section none = { .type = "settings" };
	const struct uci_section *found = NULL;

	vec_each(s, zonewall ? &zonewall->sections : &(__typeof__(zonewall->sections)){ 0 }) {
		if (!strcmp((*s)->type, section_settings.type) && !found)
			found = *s;
	}
	schema_bind(&section_settings, found ? found : &none, r->arena, &(struct bind_options){ 0 },
		r->diags, &r->policy->settings);
}

/* The defaults when the file has no such section: what the rows say. */
static void default_defaults(struct reader *r)
{
	static const struct uci_section none = { .type = "defaults" };

	schema_bind(&section_defaults, &none, r->arena, &(struct bind_options){ 0 }, r->diags,
		&r->policy->defaults);
}

static bool comes_before(const struct source *src, const struct diag *a, const struct diag *b)
{
	return a->span.src == src && b->span.src == src && a->span.start < b->span.start;
}

/* Stable; what points elsewhere (a loadfile, nothing) stays where it is among its neighbours. */
static void sort_diags(struct diags *d, size_t from, const struct source *src)
{
	for (size_t i = from + 1; i < d->list.n; i++) {
		struct diag *x = d->list.v[i];
		size_t j = i;

		for (; j > from && comes_before(src, x, d->list.v[j - 1]); j--)
			d->list.v[j] = d->list.v[j - 1];
		d->list.v[j] = x;
	}
}

/* A helper section, on or off, takes the place of our own row of that name. */
static void drop_replaced_helpers(struct reader *r, const struct sections *all)
{
	struct policy *p = r->policy;
	size_t kept = 0;

	for (size_t i = 0; i < p->helpers.n; i++) {
		struct helper *h = p->helpers.v[i];
		bool replaced = false;

		vec_each(b, &all->v) {
			const struct helper *own = (const void *)b->s;

			replaced |= h->builtin && b->row == &section_helper && own->s.valid &&
				!strcmp(own->name.v, h->name.v);
		}
		if (!replaced)
			p->helpers.v[kept++] = h;
	}
	p->helpers.n = kept;
}

static void read_sections(struct reader *r, const struct uci_file *firewall)
{
	struct sections all = { 0 };

	vec_each(s, &firewall->sections)
		bind_one(r, *s, &all);
	helpers_builtin(r);
	drop_replaced_helpers(r, &all);
	read_defaults(r, &all);
	READ_KIND(r, &all, struct helper, section_helper, helper_check, enabled, helpers);
	READ_KIND(r, &all, struct ipset, section_ipset, ipset_resolve, enabled, ipsets);
	read_zones(r, &all);
	READ_KIND(r, &all, struct forwarding, section_forwarding, forwarding_resolve, enabled,
		forwardings);
	READ_KIND(r, &all, struct rule, section_rule, rule_resolve, m.enabled, rules);
	READ_KIND(r, &all, struct redirect, section_redirect, redirect_resolve, m.enabled,
		redirects);
	READ_KIND(r, &all, struct nat, section_nat, nat_resolve, m.enabled, nats);
	read_includes(r, &all);
	check_mark_dialect(r, firewall);
}

bool policy_read(struct arena *arena, const struct uci_file *firewall,
	const struct uci_file *zonewall, const struct facts *facts, struct diags *diags,
	struct policy *ret)
{
	static const struct facts no_facts;
	struct reader r = { .arena = arena, .diags = diags, .policy = ret };
	size_t first = diags->list.n, errors = diags->errors;

	*ret = (struct policy){ .facts = facts ? facts : &no_facts, .source = firewall->source };
	r.facts = ret->facts;
	r.source = firewall->source;
	read_settings(&r, zonewall);
	default_defaults(&r);
	read_sections(&r, firewall);
	sort_diags(diags, first, firewall->source);
	return diags->errors == errors;
}
