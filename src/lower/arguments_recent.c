/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -m recent: lists of addresses that rules fill and ask. A list becomes one set for each question
 * that is asked of it ("within 60 seconds"), whose elements live as long as the question looks
 * back; noting an address adds it to all of them. "4 hits within 60 seconds" has four sets: a hit
 * goes into the first that lacks the address, so the address is in all four exactly when there
 * were four hits within the time. A hit beyond these renews all: who goes on is blocked until it
 * has been quiet for the whole time.
 */
#include <string.h>

#include "lower/arguments.h"

static const char *list_name(const struct ipt_match *m)
{
	const struct ipt_option *o = ipt_find(m, IPT_RECENT_NAME);

	return o ? o->value.text : "DEFAULT";
}

static bool is_recent(const struct ipt_match *m)
{
	return strcmp(m->module->name, "recent") == 0;
}

static bool by_dest(const struct ipt_match *m)
{
	return ipt_find(m, IPT_RECENT_RDEST) != NULL;
}

static struct recent_list *find_list(struct lower *l, const struct ipt_match *m, bool make)
{
	struct recent_list *list;

	vec_each (it, &l->custom->recents) {
		if (!strcmp((*it)->name, list_name(m)) && (*it)->dest == by_dest(m))
			return *it;
	}
	if (!make)
		return NULL;
	list = ARENA_NEW(l->arena, struct recent_list);
	list->name = list_name(m);
	list->dest = by_dest(m);
	vec_push(l->arena, &l->custom->recents, list);
	return list;
}

static void window_of(const struct ipt_match *m, uint32_t *ret_seconds, unsigned *ret_hits)
{
	const struct ipt_option *seconds = ipt_find(m, IPT_RECENT_SECONDS);
	const struct ipt_option *hits = ipt_find(m, IPT_RECENT_HITCOUNT);

	*ret_seconds = seconds ? (uint32_t)seconds->value.number : 0;
	*ret_hits = hits ? (unsigned)hits->value.number : 1;
}

static struct recent_window *find_window(struct recent_list *list, const struct ipt_match *m)
{
	uint32_t seconds;
	unsigned hits;

	window_of(m, &seconds, &hits);
	vec_each (w, &list->windows) {
		if (w->seconds == seconds && w->hits == hits)
			return w;
	}
	return NULL;
}

static bool asks(const struct ipt_match *m)
{
	return ipt_find(m, IPT_RECENT_RCHECK) || ipt_find(m, IPT_RECENT_UPDATE);
}

static struct ir_set *window_set(struct lower *l, const struct recent_list *list,
	const struct recent_window *w, bool v6, unsigned hit, const struct ir_origin *origin)
{
	struct section s = { .id = list->name };
	struct ir_set *set;

	if (w->seconds)
		s.id = arena_printf(l->arena, "%s_%us", s.id, (unsigned)w->seconds);
	if (w->hits > 1)
		s.id = arena_printf(l->arena, "%s_%u", s.id, hit + 1);
	set = ir_set_add(l->ir, lower_name(l, v6 ? "recent6" : "recent4", &s, NULL, 31), origin);
	set->key[0] = v6 ? IR_KEY_ADDR6 : IR_KEY_ADDR4;
	set->n_key = 1;
	set->dynamic = set->keep = true;
	set->timeout = w->seconds;
	set->size = 65535;
	return set;
}

/* The sets of a family, made when first needed. */
static struct ir_set **sets_of(struct lower *l, const struct recent_list *list,
	struct recent_window *w, bool v6, const struct ir_origin *origin)
{
	for (unsigned i = 0; i < w->hits; i++) {
		if (!w->sets[v6][i])
			w->sets[v6][i] = window_set(l, list, w, v6, i, origin);
	}
	return w->sets[v6];
}

void arguments_collect(struct lower *l, const struct ipt_rule *rule)
{
	vec_each (it, &rule->matches) {
		struct recent_window w = { 0 };
		struct recent_list *list;

		if (!is_recent(*it))
			continue;
		list = find_list(l, *it, true);
		window_of(*it, &w.seconds, &w.hits);
		if (asks(*it) && !find_window(list, *it))
			vec_push(l->arena, &list->windows, w);
	}
}

void arguments_recent_check(struct lower *l, struct ipt_rule *rule, const struct ipt_match *m)
{
	vec_each (o, &m->options) {
		if (o->negate && o->row->id != IPT_RECENT_RCHECK)
			arguments_refuse(l, rule, o->span, o->row->name,
				"negated it would change the list when it does not match");
		if (o->row->id == IPT_RECENT_MASK &&
			!(o->value.addrs.n == 1 && o->value.addrs.v[0].kind == ADDR_SPEC_RANGE &&
				o->value.addrs.v[0].range.lo.b[0] == 0xff &&
				o->value.addrs.v[0].range.lo.b[3] == 0xff))
			arguments_refuse(l, rule, o->span, o->row->name,
				"lists are of single addresses, not of networks");
	}
}

/* ---- in a rule ---- */

static void use_set(const struct arguments *a, struct ir_rule *rule, const struct ir_set *set,
	bool dest, enum ir_statement_kind kind)
{
	struct ir_statement *s = ir_statement_add(a->ir, rule, kind);

	s->set.set = set;
	s->set.dest[0] = dest;
}

static void in_set(const struct arguments *a, struct ir_rule *rule, const struct ir_set *set,
	bool dest, bool negate)
{
	struct ir_match *m = ir_match_add(a->ir, rule, IR_M_SET);

	m->negate = negate;
	m->set.set = set;
	m->set.dest[0] = dest;
}

/* Notes the packet's address in every window; `full` is one that is known to have all its hits. */
static void note(const struct arguments *a, struct recent_list *list, struct ir_rule *rule,
	const struct recent_window *full)
{
	bool v6 = rule->family == FAMILY_V6;

	vec_each (w, &list->windows) {
		struct ir_set **sets = sets_of(a->l, list, w, v6, a->origin);

		if (w->hits > 1 && w != full) {
			vec_push(a->l->arena, &a->l->custom->records,
				(struct argument_record){ rule, list, w, v6 });
			continue;
		}
		for (unsigned i = 0; i < w->hits; i++)
			use_set(a, rule, sets[i], list->dest, IR_S_SET_ADD);
	}
}

static void ask(const struct arguments *a, struct recent_list *list, struct recent_window *w,
	struct ir_rule *rule, bool negate, struct variants *out)
{
	struct ir_set **sets = sets_of(a->l, list, w, rule->family == FAMILY_V6, a->origin);

	/* fewer hits: the first i are there and the next is not, for each i */
	for (unsigned i = 0; negate && i < w->hits; i++) {
		struct ir_rule *fewer = i + 1 < w->hits ? arguments_fork(a, rule) : rule;

		for (unsigned k = 0; k < i; k++)
			in_set(a, fewer, sets[k], list->dest, false);
		in_set(a, fewer, sets[i], list->dest, true);
		vec_push(a->ir->arena, out, fewer);
	}
	for (unsigned i = 0; !negate && i < w->hits; i++)
		in_set(a, rule, sets[i], list->dest, false);
	if (!negate)
		vec_push(a->ir->arena, out, rule);
}

/* The window that looks back furthest. */
static struct recent_window *longest(struct recent_list *list)
{
	struct recent_window *best = NULL;

	vec_each (w, &list->windows) {
		if (!best || (best->seconds && (!w->seconds || w->seconds > best->seconds)))
			best = w;
	}
	return best;
}

static void forget(const struct arguments *a, struct recent_list *list, struct ir_rule *rule,
	struct variants *out)
{
	bool v6 = rule->family == FAMILY_V6;
	struct recent_window *w = longest(list);

	if (!w)
		return; /* nobody ever asks: the list is always empty */
	in_set(a, rule, sets_of(a->l, list, w, v6, a->origin)[0], list->dest, false);
	vec_each (each, &list->windows) {
		struct ir_set **sets = sets_of(a->l, list, each, v6, a->origin);

		for (unsigned i = 0; i < each->hits; i++)
			use_set(a, rule, sets[i], list->dest, IR_S_SET_DELETE);
	}
	vec_push(a->ir->arena, out, rule);
}

void arguments_recent(const struct arguments *a, const struct ipt_match *m, struct ir_rule *rule,
	struct variants *out)
{
	struct recent_list *list = find_list(a->l, m, false);
	const struct ipt_option *rcheck = ipt_find(m, IPT_RECENT_RCHECK);
	struct recent_window *w = asks(m) ? find_window(list, m) : NULL;

	if (ipt_find(m, IPT_RECENT_REMOVE)) {
		forget(a, list, rule, out);
	} else if (w) {
		ask(a, list, w, rule, rcheck && rcheck->negate, out);
		if (!rcheck)
			note(a, list, rule, w);
	} else {
		note(a, list, rule, NULL);
		vec_push(a->ir->arena, out, rule);
	}
}

/* ---- noting one of several hits ---- */

struct ir_chain *arguments_record_chain(struct lower *l, struct recent_list *list,
	struct recent_window *w, bool v6, enum ir_stage stage)
{
	struct arguments a = { .l = l, .ir = l->ir };
	struct ir_set **sets = sets_of(l, list, w, v6, NULL);
	struct ir_chain *chain = w->record[v6][stage];
	struct ir_rule *rule;

	if (chain)
		return chain;
	chain = ir_chain_add(l->ir,
		lower_chain_name(l, arena_printf(l->arena, "note_%s", sets[0]->name)),
		IR_ROLE_OTHER, IR_FORWARD, stage);
	for (unsigned i = 0; i < w->hits; i++) {
		rule = ir_rule_add(l->ir, chain, NULL);
		rule->family = v6 ? FAMILY_V6 : FAMILY_V4;
		in_set(&a, rule, sets[i], list->dest, true);
		use_set(&a, rule, sets[i], list->dest, IR_S_SET_ADD);
		rule->verdict.kind = IR_RETURN;
	}
	rule = ir_rule_add(l->ir, chain, NULL);
	rule->family = v6 ? FAMILY_V6 : FAMILY_V4;
	for (unsigned i = 0; i < w->hits; i++)
		use_set(&a, rule, sets[i], list->dest, IR_S_SET_ADD);
	w->record[v6][stage] = chain;
	return chain;
}

void arguments_place_records(struct lower *l, struct ir_chain *chain, const struct ir_rule *variant)
{
	if (!l->custom)
		return;
	vec_each (r, &l->custom->records) {
		struct ir_rule *rule;

		if (r->variant != variant)
			continue;
		rule = ir_rule_copy(l->ir, chain, variant);
		rule->n_statements = 0;
		rule->verdict = (struct ir_verdict){ .kind = IR_JUMP,
			.chain = arguments_record_chain(
				l, r->list, r->window, r->v6, chain->stage) };
	}
}
