/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text for iptables-restore --noflush that turns what is there into what is wanted. A chain
 * that is declared is emptied by that, in the same transaction as it is filled; chains that are no
 * longer wanted are emptied and then deleted. Jumps keep the place that they have.
 */
#include <string.h>

#include "kernel/ipt_priv.h"

static void end_line(struct arena *arena, struct ipt_text *t, const struct xt_rule *rule)
{
	buf_char(&t->text, '\n');
	vec_push(arena, &t->lines, rule);
}

static void put(struct arena *arena, struct ipt_text *t, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void put(struct arena *arena, struct ipt_text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&t->text, fmt, ap);
	va_end(ap);
	end_line(arena, t, NULL);
}

/* ---- what is as it should be ---- */

static const char *tag_of(const struct ipt_table_image *t)
{
	vec_each (c, &t->chains) {
		vec_each (line, &(*c)->lines) {
			if ((*c)->builtin && ipt_is_tagged(line))
				return line->comment;
		}
	}
	return "";
}

static size_t jump_count(const struct ipt_table_image *t)
{
	size_t n = 0;

	vec_each (c, &t->chains) {
		vec_each (line, &(*c)->lines)
			n += (*c)->builtin && ipt_is_tagged(line);
	}
	return n;
}

/* The same rules were loaded, and nobody has taken away or added any. */
static bool is_same(const struct ipt_table_image *now, const struct ipt_table_image *want)
{
	if (strcmp(tag_of(now), tag_of(want)) != 0 || jump_count(now) != jump_count(want))
		return false;
	vec_each (c, &want->chains) {
		const struct ipt_chain *there = ipt_chain_find(now, (*c)->name);

		if (!there || ((*c)->ours && there->lines.n != (*c)->lines.n))
			return false;
	}
	return true;
}

/* ---- one table ---- */

static void put_chains(struct arena *arena, struct ipt_text *t, const struct ipt_table_image *now,
	const struct ipt_table_image *want)
{
	vec_each (c, &want->chains) {
		if ((*c)->ours || ((*c)->open && !ipt_chain_find(now, (*c)->name)))
			put(arena, t, ":%s - [0:0]", (*c)->name);
	}
	vec_each (c, &now->chains) {
		const struct ipt_chain *kept = ipt_chain_find(want, (*c)->name);

		if ((*c)->ours && !(kept && kept->ours))
			put(arena, t, ":%s - [0:0]", (*c)->name);
	}
}

static void put_rules(
	struct arena *arena, struct ipt_text *t, const struct ipt_table_image *want)
{
	vec_each (c, &want->chains) {
		if (!(*c)->ours)
			continue;
		vec_each (line, &(*c)->lines) {
			if (line->packets || line->bytes)
				buf_printf(&t->text, "[%llu:%llu] ",
					(unsigned long long)line->packets,
					(unsigned long long)line->bytes);
			buf_printf(&t->text, "-A %s %s", (*c)->name, line->text);
			end_line(arena, t, line->rule);
		}
	}
}

/* Takes our jumps out of a built-in chain; the place of the first one, from 1. */
static size_t take_out(struct arena *arena, struct ipt_text *t, const struct ipt_chain *c, bool guard)
{
	size_t first = 1;

	for (size_t i = c->lines.n; i > 0; i--) {
		if (!ipt_is_tagged(&c->lines.v[i - 1]))
			continue;
		put(arena, t, "-D %s %zu", c->name, i + guard);
		first = i;
	}
	return first;
}

static void put_jumps(struct arena *arena, struct ipt_text *t, const struct ipt_table_image *now,
	const struct ipt_table_image *want, bool guarded)
{
	vec_each (c, &now->chains) {
		const struct ipt_chain *to = ipt_chain_find(want, (*c)->name);
		bool guard = guarded && !strcmp((*c)->name, "FORWARD");
		size_t at;

		if (!(*c)->builtin)
			continue;
		at = take_out(arena, t, *c, guard);
		if (guard)
			put(arena, t, "-D FORWARD 1");
		for (size_t i = 0; to && i < to->lines.n; i++) {
			if (ipt_is_tagged(&to->lines.v[i]))
				put(arena, t, "-I %s %zu %s", to->name, at++, to->lines.v[i].text);
		}
	}
	/* a table that nobody has used yet has told nothing of its chains */
	vec_each (c, &want->chains) {
		size_t at = 1;

		if (!(*c)->builtin || ipt_chain_find(now, (*c)->name))
			continue;
		vec_each (line, &(*c)->lines) {
			if (ipt_is_tagged(line))
				put(arena, t, "-I %s %zu %s", (*c)->name, at++, line->text);
		}
	}
}

/* A rule of somebody else leads there. */
static bool is_used(const struct ipt_table_image *now, const char *name)
{
	vec_each (c, &now->chains) {
		if ((*c)->ours)
			continue;
		vec_each (line, &(*c)->lines) {
			if (line->target && !strcmp(line->target, name) &&
				!((*c)->builtin && ipt_is_tagged(line)))
				return true;
		}
	}
	return false;
}

static void put_deletions(struct arena *arena, struct ipt_text *t,
	const struct ipt_table_image *now, const struct ipt_table_image *want)
{
	vec_each (c, &now->chains) {
		bool stale = (*c)->ours || ((*c)->open && !(*c)->lines.n);

		if (stale && !ipt_chain_find(want, (*c)->name) && !is_used(now, (*c)->name))
			put(arena, t, "-X %s", (*c)->name);
	}
}

static void put_table(struct arena *arena, struct ipt_text *t, enum xt_table table,
	const struct ipt_table_image *now, const struct ipt_table_image *want, bool guarded)
{
	put(arena, t, "*%s", xt_table_names[table]);
	put_chains(arena, t, now, want);
	put_rules(arena, t, want);
	put_jumps(arena, t, now, want, guarded);
	put_deletions(arena, t, now, want);
	put(arena, t, "COMMIT");
}

static void put_guard(struct arena *arena, struct ipt_text *t)
{
	put(arena, t, "*filter");
	put(arena, t,
		"-I FORWARD 1 -m conntrack --ctstate NEW -m comment --comment \"" XT_TAG
		" guard\" -j DROP");
	put(arena, t, "COMMIT");
}

void ipt_compose(struct arena *arena, const struct ipt_image *now, const struct ipt_image *want,
	bool guard, struct ipt_text *ret)
{
	bool nat = !is_same(&now->tables[XT_NAT], &want->tables[XT_NAT]) &&
		   (now->tables[XT_NAT].has_ours || want->tables[XT_NAT].has_ours);
	bool guarded = guard && nat && now->tables[XT_FILTER].has_ours;

	if (guarded)
		put_guard(arena, ret);
	for (int i = 0; i < XT_TABLES; i++) {
		const struct ipt_table_image *a = &now->tables[i], *b = &want->tables[i];

		if ((!a->has_ours && !b->has_ours) || (i != XT_FILTER && is_same(a, b)))
			continue;
		put_table(arena, ret, (enum xt_table)i, a, b, guarded && i == XT_FILTER);
	}
}

/* ---- questions ---- */

const char *ipt_taken(
	const struct ipt_image *now, const struct ipt_image *want, enum xt_table *ret_table)
{
	for (int i = 0; i < XT_TABLES; i++) {
		vec_each (c, &want->tables[i].chains) {
			const struct ipt_chain *there =
				ipt_chain_find(&now->tables[i], (*c)->name);

			if (there && (*c)->ours && !there->ours && there->lines.n) {
				*ret_table = (enum xt_table)i;
				return (*c)->name;
			}
		}
	}
	return NULL;
}

static bool is_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static const char *chain_differs(const struct ipt_chain *now, const struct ipt_chain *want,
	const struct xt_rule **ret_rule)
{
	if (!now)
		return "is missing";
	if (want->open)
		return NULL;
	if (now->lines.n != want->lines.n && !want->builtin)
		return "has more or fewer rules";
	for (size_t i = 0; !want->builtin && i < want->lines.n; i++) {
		*ret_rule = want->lines.v[i].rule;
		if (!is_equal(now->lines.v[i].comment, want->lines.v[i].comment) ||
			!is_equal(now->lines.v[i].target, want->lines.v[i].target))
			return "has another rule";
	}
	*ret_rule = NULL;
	for (size_t i = 0; want->builtin && i < want->lines.n; i++) {
		bool found = false;

		vec_each (line, &now->lines)
			found |= is_equal(line->target, want->lines.v[i].target) &&
				 ipt_is_tagged(line);
		if (!found)
			return "has lost its jump";
	}
	return NULL;
}

const char *ipt_differs(const struct ipt_image *now, const struct ipt_image *want,
	const struct xt_rule **ret_rule, const char **ret_how)
{
	*ret_rule = NULL;
	for (int i = 0; i < XT_TABLES; i++) {
		if (now->tables[i].has_ours && !want->tables[i].has_ours) {
			*ret_how = "has rules of ours that nothing asks for";
			return xt_table_names[i];
		}
		vec_each (c, &want->tables[i].chains) {
			*ret_how = chain_differs(
				ipt_chain_find(&now->tables[i], (*c)->name), *c, ret_rule);
			if (*ret_how)
				return (*c)->name;
		}
	}
	return NULL;
}
