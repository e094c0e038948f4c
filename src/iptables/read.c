/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One rule, option after option. As in iptables an option belongs to a module that was named
 * before it (the latest one first), to every rule, or to the protocol's own module, which is
 * implied. After a mistake the reader goes on behind it, so that one look finds them all.
 */
#include <string.h>

#include "iptables/iptables_priv.h"

static const struct ipt_row extra_port_rows[] = {
	{ IPT_SPORT, "--sport", { "--source-port" }, IPT_PORT, .negatable = true },
	{ IPT_DPORT, "--dport", { "--destination-port" }, IPT_PORT, .negatable = true },
};

/* Ports of a section that has several protocols: each has them. */
static const struct ipt_module any_ports = { .name = "ports",
	.rows = extra_port_rows,
	.n_rows = IPT_COUNT(extra_port_rows),
	.ports_only = true };

struct diag *ipt_error(struct ipt_reader *r, struct span span, const char *id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	const char *message = arena_vprintf(r->arena, fmt, ap);
	va_end(ap);
	r->failed = true;
	return diag_error(r->diags, span, id, "%s", message);
}

struct span ipt_join(struct span a, struct span b)
{
	if (a.src != b.src || !a.src || b.end < a.start)
		return a;
	return (struct span){ a.src, a.start, b.end > a.end ? b.end : a.end };
}

/* ---- finding the row of an option ---- */

struct found {
	const struct ipt_row *row;
	struct ipt_match *match; /* that it belongs to; NULL: not yet made, or a target's */
	const struct ipt_module *implied; /* to be made */
	bool target;
	bool attached; /* the value is in the same word: --dport=80, -p6 */
	struct slice value;
};

/* Whether a word is an option of a row; with its value when that is attached. */
static bool row_is(const struct ipt_row *row, struct slice word, struct found *f)
{
	const char *names[] = { row->name, row->alias[0], row->alias[1], row->alias[2] };

	for (size_t i = 0; i < IPT_COUNT(names) && names[i]; i++) {
		size_t n = strlen(names[i]);

		if (slice_is(word, names[i]))
			return true;
		if (word.n > n + 1 && slice_starts(word, names[i]) && n > 2 && word.p[n] == '=') {
			f->attached = true;
			f->value = slice_from(word, n + 1);
			return true;
		}
		if (n == 2 && word.n > 2 && slice_starts(word, names[i]) && row->type != IPT_FLAG) {
			f->attached = true;
			f->value = slice_from(word, 2);
			return true;
		}
	}
	return false;
}

static bool rows_have(const struct ipt_row *rows, size_t n, struct slice word, struct found *f)
{
	for (size_t i = 0; i < n; i++) {
		if (row_is(&rows[i], word, f)) {
			f->row = &rows[i];
			return true;
		}
	}
	return false;
}

static bool implied_has(struct found *f, const struct ipt_module *m, struct slice word)
{
	if (!m || !rows_have(m->rows, m->n_rows, word, f))
		return false;
	f->implied = m;
	return true;
}

/* The module that a protocol brings along. */
static const struct ipt_module *implied_module(const struct ipt_reader *r)
{
	for (size_t i = 0; ipt_module_at(i); i++) {
		const struct ipt_module *m = ipt_module_at(i);

		if (m->proto && m->proto == r->proto && r->proto_known && m->n_rows &&
			strcmp(m->name, "tcpmss") != 0)
			return m;
	}
	return NULL;
}

static bool find_row(struct ipt_reader *r, struct slice word, struct found *f)
{
	struct ipt_rule *rule = r->rule;
	const struct ipt_target_row *t =
		rule->target.name ? ipt_target_row_find(slice_of(rule->target.name)) : NULL;

	*f = (struct found){ 0 };
	if (t && rule->target.kind != IPT_T_CHAIN && rows_have(t->rows, t->n_rows, word, f)) {
		f->target = true;
		return true;
	}
	for (size_t i = rule->matches.n; i-- > 0;) {
		f->match = rule->matches.v[i];
		if (rows_have(f->match->module->rows, f->match->module->n_rows, word, f))
			return true;
	}
	f->match = rule->basic;
	if (rows_have(ipt_basic.rows, ipt_basic.n_rows, word, f))
		return true;
	f->match = NULL;
	if (implied_has(f, implied_module(r), word))
		return true;
	if (!r->extra || r->proto_known)
		return false;
	return implied_has(f, &any_ports, word) ||
	       implied_has(f, ipt_module_find(slice_of("tcp"), FAMILY_ANY), word) ||
	       implied_has(f, ipt_module_find(slice_of("icmp"), FAMILY_ANY), word) ||
	       implied_has(f, ipt_module_find(slice_of("icmp6"), FAMILY_ANY), word);
}

/* The module of which a word would be an option, had it been named. */
static const struct ipt_module *module_with(struct slice word)
{
	struct found f = { 0 };

	for (size_t i = 0; ipt_module_at(i); i++) {
		const struct ipt_module *m = ipt_module_at(i);

		if (rows_have(m->rows, m->n_rows, word, &f))
			return m;
	}
	return NULL;
}

void ipt_unknown_option(struct ipt_reader *r, const struct ipt_word *w)
{
	VEC(const char *) names = { 0 };
	const struct ipt_module *m = module_with(w->text);
	struct diag *d =
		ipt_error(r, w->span, r->id_token, "unknown option '%.*s'", SLICE_ARG(w->text));
	const char *near;

	if (m) {
		diag_hint(r->diags, d,
			m->proto && m->n_rows ? "it needs '-p %s' before it"
					      : "it needs '-m %s' before it",
			m->name);
		return;
	}
	for (size_t i = 0; i < ipt_basic.n_rows; i++)
		vec_push(r->arena, &names, ipt_basic.rows[i].alias[0]);
	for (size_t i = 0; ipt_module_at(i); i++) {
		for (size_t k = 0; k < ipt_module_at(i)->n_rows; k++)
			vec_push(r->arena, &names, ipt_module_at(i)->rows[k].name);
	}
	near = diag_nearest(w->text, names.v, names.n);
	if (near)
		diag_hint(r->diags, d, "did you mean '%s'?", near);
}

/* ---- modules ---- */

static void refuse(struct ipt_reader *r, struct span span, const char *token, const char *reason)
{
	struct ipt_refusal x = { span, token, reason };

	vec_push(r->arena, &r->rule->refusals, x);
}

static struct ipt_match *match_add(
	struct ipt_reader *r, const struct ipt_module *m, struct span span)
{
	struct ipt_match *match = ARENA_NEW(r->arena, struct ipt_match);

	match->module = m;
	match->span = span;
	vec_push(r->arena, &r->rule->matches, match);
	if (m->refused)
		refuse(r, span, m->name, m->refused);
	return match;
}

static void unknown_module(struct ipt_reader *r, const struct ipt_word *w)
{
	VEC(const char *) names = { 0 };
	struct diag *d =
		ipt_error(r, w->span, r->id_token, "unknown match '%.*s'", SLICE_ARG(w->text));
	const char *near;

	for (size_t i = 0; ipt_module_at(i); i++)
		vec_push(r->arena, &names, ipt_module_at(i)->name);
	near = diag_nearest(w->text, names.v, names.n);
	if (near)
		diag_hint(r->diags, d, "did you mean '%s'?", near);
	/* Its options are unknown too, and that is said already. */
	while (r->at < r->n && !slice_is(r->words[r->at].text, "-m") &&
		!slice_is(r->words[r->at].text, "-j"))
		r->at++;
}

static void read_module(struct ipt_reader *r, struct slice attached)
{
	struct ipt_word w = r->words[r->at++];
	const struct ipt_module *m;

	if (attached.n) {
		w.text = attached;
	} else if (r->at >= r->n) {
		ipt_error(r, w.span, r->id_value, "'%.*s' needs the name of a match",
			SLICE_ARG(w.text));
		return;
	} else {
		w = r->words[r->at++];
	}
	m = ipt_module_find(w.text, r->rule->family);
	if (!m) {
		unknown_module(r, &w);
		return;
	}
	/* "-p tcp -m tcp" names what is implied */
	if (m->proto) {
		vec_each (it, &r->rule->matches) {
			if ((*it)->module == m)
				return;
		}
	}
	match_add(r, m, w.span);
}

/* ---- the target ---- */

static void read_target(struct ipt_reader *r, bool go_to, struct slice attached)
{
	struct ipt_word w = r->words[r->at++];
	struct ipt_target *t = &r->rule->target;
	const struct ipt_target_row *row;

	if (attached.n) {
		w.text = attached;
	} else if (r->at >= r->n) {
		ipt_error(r, w.span, r->id_value, "'%.*s' needs a target", SLICE_ARG(w.text));
		return;
	} else {
		w = r->words[r->at++];
	}
	if (t->name) {
		ipt_error(r, w.span, r->id_token, "a second target '%.*s'", SLICE_ARG(w.text));
		return;
	}
	row = ipt_target_row_find(w.text);
	t->name = arena_strndup(r->arena, w.text.p, w.text.n);
	t->span = w.span;
	t->go_to = go_to;
	t->kind = row ? row->kind : IPT_T_CHAIN;
	if (row && go_to)
		ipt_error(r, w.span, r->id_token, "'-g' needs a chain, and %s is a target",
			row->name);
	if (row && row->refused)
		refuse(r, w.span, row->name, row->refused);
	if (!row && !ipt_chain_name_ok(w.text))
		ipt_error(r, w.span, r->id_value, "'%s' is not the name of a chain", t->name);
}

/* ---- options ---- */

static void option_add(struct ipt_reader *r, const struct found *f, const struct ipt_option *o)
{
	struct ipt_match *m = f->match;
	struct ipt_target *t = &r->rule->target;

	if (f->target) {
		vec_push(r->arena, &t->options, *o);
		return;
	}
	if (!m)
		m = match_add(r, f->implied, o->span);
	vec_push(r->arena, &m->options, *o);
	if (o->row->id == IPT_PROTOCOL && !o->negate && o->value.number < 256) {
		r->proto = (uint8_t)o->value.number;
		r->proto_known = true;
	}
}

static bool is_repeated(struct ipt_reader *r, const struct found *f)
{
	const struct ipt_option *v = f->target	? r->rule->target.options.v
				     : f->match ? f->match->options.v
						: NULL;
	size_t n = f->target ? r->rule->target.options.n : f->match ? f->match->options.n : 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i].row == f->row && f->row->id != IPT_LOG_IGNORED)
			return true;
	}
	return false;
}

/* Takes the option's words: itself, a '!' in the old place, its values. False: some are missing. */
static bool take_words(struct ipt_reader *r, const struct found *f, struct ipt_option *o,
	struct ipt_word values[2])
{
	unsigned want = ipt_value_words(f->row->type), have = 0;
	const struct ipt_word *name = &r->words[r->at++];

	o->span = ipt_join(o->span, name->span);
	if (f->attached && want) {
		values[have] = *name;
		values[have++].text = f->value;
	} else if (want && r->at < r->n && !r->words[r->at].quoted &&
		   slice_is(r->words[r->at].text, "!")) {
		o->negate = !o->negate; /* "-s ! 10.0.0.1", as it was written before 2009 */
		r->at++;
	}
	while (have < want && r->at < r->n) {
		values[have] = r->words[r->at++];
		o->span = ipt_join(o->span, values[have++].span);
	}
	if (have == want)
		return true;
	ipt_error(r, name->span, r->id_value, "'%.*s' needs %s", SLICE_ARG(name->text),
		want == 2 ? "two values" : "a value");
	return false;
}

/* "-s !10.0.0.1" */
static void take_negation(struct ipt_option *o, struct ipt_word *value)
{
	if (value->text.n > 1 && value->text.p[0] == '!' && o->row->negatable) {
		o->negate = !o->negate;
		value->text = slice_from(value->text, 1);
	}
}

static void read_row(struct ipt_reader *r, const struct found *f, struct span from, bool negate)
{
	struct ipt_option o = { .row = f->row, .negate = negate, .span = from };
	struct ipt_values v = { .arena = r->arena, .family = r->rule->family };
	struct ipt_word values[2] = { 0 };
	const struct ipt_word *name = &r->words[r->at];
	unsigned bad;

	const struct ipt_module *module = f->target  ? NULL
					  : f->match ? f->match->module
						     : f->implied;

	if (module && module->family)
		v.family = module->family;
	if (!take_words(r, f, &o, values))
		return;
	if (ipt_value_words(f->row->type) == 1)
		take_negation(&o, &values[0]);
	if (o.negate && !f->row->negatable) {
		ipt_error(
			r, o.span, r->id_token, "'%.*s' cannot be negated", SLICE_ARG(name->text));
		return;
	}
	if (is_repeated(r, f)) {
		ipt_error(r, o.span, r->id_token, "'%.*s' is given twice", SLICE_ARG(name->text));
		return;
	}
	if (!ipt_value_read(&v, f->row, values, &o.value, &bad)) {
		ipt_error(r, values[bad].span, r->id_value, "%.*s: '%.*s' %s",
			SLICE_ARG(name->text), SLICE_ARG(values[bad].text), v.why);
		return;
	}
	if (f->row->refused)
		refuse(r, o.span, f->row->name, f->row->refused);
	option_add(r, f, &o);
}

bool ipt_read_option(struct ipt_reader *r)
{
	const struct ipt_word *w = &r->words[r->at];
	struct slice text = w->text, attached = { 0 };
	struct span from = w->span;
	bool negate = false;
	struct found f;

	if (slice_is(text, "!") && !w->quoted && r->at + 1 < r->n) {
		negate = true;
		text = r->words[++r->at].text;
	}
	if (text.n > 2 && text.p[0] == '-' && text.p[1] != '-')
		attached = slice_from(text, 2);
	if (slice_is(text, "-m") || slice_is(text, "--match") || (attached.n && text.p[1] == 'm')) {
		if (negate)
			ipt_error(r, from, r->id_token,
				"a match is negated at its options, not at '-m'");
		read_module(r, attached);
		return true;
	}
	if (!r->extra && (slice_is(text, "-j") || slice_is(text, "--jump") ||
				 (attached.n && text.p[1] == 'j'))) {
		read_target(r, false, attached);
		return true;
	}
	if (!r->extra && (slice_is(text, "-g") || slice_is(text, "--goto") ||
				 (attached.n && text.p[1] == 'g'))) {
		read_target(r, true, attached);
		return true;
	}
	if (find_row(r, text, &f)) {
		read_row(r, &f, from, negate);
		return true;
	}
	r->at -= negate;
	return false;
}

void ipt_read_begin(struct ipt_reader *r, enum family family)
{
	r->rule->family = family;
	r->rule->basic = ARENA_NEW(r->arena, struct ipt_match);
	r->rule->basic->module = &ipt_basic;
	r->rule->basic->span = r->where;
}

const struct ipt_option *ipt_find(const struct ipt_match *m, enum ipt_id id)
{
	for (size_t i = 0; i < m->options.n; i++) {
		if (m->options.v[i].row->id == id)
			return &m->options.v[i];
	}
	return NULL;
}

const struct ipt_option *ipt_target_find(const struct ipt_target *t, enum ipt_id id)
{
	for (size_t i = 0; i < t->options.n; i++) {
		if (t->options.v[i].row->id == id)
			return &t->options.v[i];
	}
	return NULL;
}
