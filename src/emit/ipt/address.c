/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses. A rule of iptables states one network with -s; ranges are -m iprange, and many
 * networks one ipset, named after its content so that it never changes while rules look it up. All
 * matches of one side are first made one set: what must hold, less what must not.
 */
#include "emit/ipt/ipt_priv.h"

void xt_prefixes(struct xt_build *b, const struct addr_range *range, struct xt_words *ret)
{
	unsigned all = family_bytes(range->lo.family) * 8;
	struct addr at = range->lo;

	for (;;) {
		unsigned bits = all;
		AUTO_BUF text = BUF_INIT;
		struct addr_range r = { at, at };

		while (bits) {
			struct addr_range wider = addr_prefix_range(&at, bits - 1);

			if (!addr_eq(&wider.lo, &at) || addr_cmp(&wider.hi, &range->hi) > 0)
				break;
			r = wider;
			bits--;
		}
		addr_print(&r.lo, &text);
		if (bits != all)
			buf_printf(&text, "/%u", bits);
		vec_push(b->arena, ret, arena_strdup(b->arena, buf_text(&text)));
		if (addr_cmp(&r.hi, &range->hi) >= 0 || !addr_next(&r.hi, &at))
			return;
	}
}

static const char *range_text(struct xt_build *b, const struct addr_range *r)
{
	AUTO_BUF text = BUF_INIT;

	addr_print(&r->lo, &text);
	buf_char(&text, '-');
	addr_print(&r->hi, &text);
	return arena_strdup(b->arena, buf_text(&text));
}

static bool is_all(const struct addr_set *set)
{
	unsigned bits;

	return set->n == 1 && addr_range_prefix(&set->v[0], &bits) && !bits;
}

static struct xt_words one_range(
	struct xt_rule_build *r, const struct addr_range *range, bool dest, bool negate)
{
	bool *taken = dest ? &r->dest_taken : &r->source_taken;
	const char *option = dest ? "-d" : "-s";
	struct xt_words w = { 0 }, prefix = { 0 };
	unsigned bits;

	if (addr_range_prefix(range, &bits) && !*taken) {
		xt_prefixes(r->b, range, &prefix);
		if (negate)
			xt_word(r, &w, "!");
		xt_word(r, &w, option);
		xt_word(r, &w, prefix.v[0]);
		return w;
	}
	w = xt_words_of(r->b, "-m", "iprange", NULL);
	if (negate)
		xt_word(r, &w, "!");
	xt_word(r, &w, dest ? "--dst-range" : "--src-range");
	xt_word(r, &w, range_text(r->b, range));
	return w;
}

static void in_ipset(struct xt_rule_build *r, const struct addr_set *set, bool dest, bool negate)
{
	struct xt_words prefixes = { 0 }, w = xt_words_of(r->b, "-m", "set", NULL);

	for (size_t i = 0; i < set->n; i++)
		xt_prefixes(r->b, &set->v[i], &prefixes);
	if (negate)
		xt_word(r, &w, "!");
	xt_word(r, &w, "--match-set");
	xt_word(r, &w, xt_set_of_prefixes(r->b, r->family, &prefixes)->name);
	xt_word(r, &w, dest ? "dst" : "src");
	xt_must(r, w);
}

static void any_of(struct xt_rule_build *r, const struct addr_set *set, bool dest)
{
	struct xt_choice *c;

	if (is_all(set))
		return;
	if (set->n > XT_LIST_MAX) {
		in_ipset(r, set, dest, false);
		return;
	}
	c = xt_choice_add(r);
	for (size_t i = 0; i < set->n; i++)
		xt_alternative(r, c, one_range(r, &set->v[i], dest, false));
}

static void none_of(struct xt_rule_build *r, const struct addr_set *set, bool dest)
{
	if (is_all(set))
		r->never = true;
	if (set->n > XT_LIST_MAX) {
		in_ipset(r, set, dest, true);
		return;
	}
	for (size_t i = 0; i < set->n; i++) {
		xt_must(r, one_range(r, &set->v[i], dest, true));
		*(dest ? &r->dest_taken : &r->source_taken) = true;
	}
}

static void masked(struct xt_rule_build *r, const struct ir_match *m, bool dest)
{
	bool *taken = dest ? &r->dest_taken : &r->source_taken;
	struct xt_words w = { 0 };
	AUTO_BUF text = BUF_INIT;

	if (*taken)
		xt_refuse(r->b, XT_NO_ADDRESS_MASKS);
	*taken = true;
	addr_print(&m->masked.value, &text);
	buf_char(&text, '/');
	addr_print(&m->masked.mask, &text);
	if (m->negate)
		xt_word(r, &w, "!");
	xt_word(r, &w, dest ? "-d" : "-s");
	xt_word(r, &w, arena_strdup(r->b->arena, buf_text(&text)));
	xt_must(r, w);
}

void xt_lower_addresses(struct xt_rule_build *r, bool dest)
{
	enum ir_match_kind plain = dest ? IR_M_DADDR : IR_M_SADDR;
	enum ir_match_kind with_mask = dest ? IR_M_DADDR_MASKED : IR_M_SADDR_MASKED;
	struct addr_set yes = { 0 }, no = { 0 };
	struct arena *a = r->b->arena;
	bool has_yes = false;

	for (size_t i = 0; i < r->ir->n_matches; i++) {
		const struct ir_match *m = &r->ir->matches[i];

		if (m->kind == with_mask)
			masked(r, m, dest);
		if (m->kind != plain)
			continue;
		if (m->negate) {
			for (size_t k = 0; k < m->addrs.n; k++)
				addr_set_add(a, &no, m->addrs.v[k]);
		} else if (has_yes) {
			struct addr_set outside = addr_set_minus(a, &yes, &m->addrs);

			yes = addr_set_minus(a, &yes, &outside);
		} else {
			yes = m->addrs;
			has_yes = true;
		}
	}
	addr_set_normalise(&no);
	if (has_yes && no.n)
		yes = addr_set_minus(a, &yes, &no);
	if (has_yes && !yes.n)
		r->never = true;
	else if (has_yes)
		any_of(r, &yes, dest);
	else if (no.n)
		none_of(r, &no, dest);
}
