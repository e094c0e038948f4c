/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statements that nft 1.0.6 cannot say in one expression, as chains of rules that it can.
 *
 * Copying a part of a mark: nft combines a mark with constants only, so each bit of the mask is
 * copied by two rules, "when it is set, set it; when it is not, clear it". Exact for every mask.
 *
 * TTL arithmetic: nft has none, and its parser refuses a map of TTLs. A verdict map picks one of
 * 16 chains by the upper bits, which compares the 16 values and writes constants.
 */
#include "base/bug.h"
#include "emit/nft/nft_priv.h"

bool nft_statement_is_steps(const struct ir_statement *s)
{
	switch (s->kind) {
	case IR_S_SAVE_MARK:
	case IR_S_RESTORE_MARK:
		return s->value != 0 && s->value != UINT32_MAX;
	case IR_S_TTL:
		return s->ttl.action != IR_TTL_SET;
	case IR_S_LOG:
	case IR_S_MARK:
	case IR_S_CTMARK:
	case IR_S_DSCP:
	case IR_S_MSS:
	case IR_S_NOTRACK:
	case IR_S_HELPER:
	case IR_S_SET_ADD:
	case IR_S_SET_DELETE:
	case IR_S_OFFLOAD:
		return false;
	}
	BUG("statement kind %d", s->kind);
}

static void copy_bit(struct nft_build *b, struct nft_chain *chain, enum nft_field to,
	enum nft_field from, uint32_t bit, bool on)
{
	struct nft_rule_build r = { .b = b };
	struct nft_match *match = nft_match_add(&r, from, NFT_CMP_MASK);

	match->mask = nft_number(b, bit, 4);
	match->value = nft_number(b, on ? bit : 0, 4);

	struct nft_expr *e = nft_expr_add(&r, NFT_E_SET);

	e->set.field = to;
	e->set.has_from = true;
	e->set.from = to;
	e->set.mask = ~bit;
	e->set.value = on ? bit : 0;
	nft_rule_end(&r, chain, (struct nft_rule){ 0 });
}

static const struct nft_chain *copy_bits(struct nft_build *b, bool save, uint32_t mask)
{
	struct nft_chain *chain = nft_chain_new(b,
		arena_printf(b->arena, "%s_mark_%08x", save ? "save" : "restore", (unsigned)mask));
	enum nft_field to = save ? NFT_F_CT_MARK : NFT_F_MARK;
	enum nft_field from = save ? NFT_F_MARK : NFT_F_CT_MARK;

	for (unsigned i = 0; i < 32; i++) {
		uint32_t bit = UINT32_C(1) << i;

		if (!(mask & bit))
			continue;
		copy_bit(b, chain, to, from, bit, true);
		copy_bit(b, chain, to, from, bit, false);
	}
	return chain;
}

static unsigned moved(unsigned ttl, const struct ir_statement *s)
{
	if (s->ttl.action == IR_TTL_INCREMENT)
		return ttl + s->ttl.value > 255 ? 255 : ttl + s->ttl.value;
	return ttl < s->ttl.value ? 0 : ttl - s->ttl.value;
}

/* Writes `to` over the TTLs lo to hi. */
static void ttl_rule(struct nft_build *b, struct nft_chain *chain, enum nft_field field,
	unsigned lo, unsigned hi, unsigned to)
{
	struct nft_rule_build r = { .b = b };

	nft_imply(&r, &field, 1);

	struct nft_match *match =
		nft_match_add(&r, field, lo == hi ? NFT_CMP_VALUE : NFT_CMP_RANGE);

	match->value = nft_number(b, lo, 1);
	match->high = nft_number(b, hi, 1);

	struct nft_expr *e = nft_expr_add(&r, NFT_E_SET);

	e->set.field = field;
	e->set.value = to;
	nft_add_verdict(&r, NFT_V_RETURN, NULL);
	nft_rule_end(&r, chain, (struct nft_rule){ 0 });
}

/* A rule for each new value; TTLs that meet the same end of the scale share one. */
static void ttl_rules(struct nft_build *b, struct nft_chain *chain, enum nft_field field,
	const struct ir_statement *s, unsigned from, unsigned until)
{
	unsigned hi;

	for (unsigned lo = from; lo < until; lo = hi + 1) {
		hi = lo;
		while (hi + 1 < until && moved(hi + 1, s) == moved(lo, s))
			hi++;
		if (lo != hi || moved(lo, s) != lo)
			ttl_rule(b, chain, field, lo, hi, moved(lo, s));
	}
}

static const struct nft_chain *ttl_chain(struct nft_build *b, const struct ir_statement *s, bool v6)
{
	bool plus = s->ttl.action == IR_TTL_INCREMENT;
	enum nft_field field = v6 ? NFT_F_IP6_HOPLIMIT : NFT_F_IP_TTL;
	const char *name = arena_printf(b->arena, "%s_%s_%u", v6 ? "hoplimit" : "ttl",
		plus ? "plus" : "minus", s->ttl.value);
	struct nft_chain *chain = nft_chain_new(b, name);
	struct nft_set *map = nft_anonymous(b, &field, 1);
	struct nft_rule_build r = { .b = b };

	map->is_map = true;
	map->data = NFT_T_VERDICT;
	map->interval = true;
	for (unsigned lo = 0; lo < 256; lo += 16) {
		struct nft_chain *part =
			nft_chain_new(b, arena_printf(b->arena, "%s_from_%u", name, lo));
		struct nft_element e = { .key = nft_number(b, lo, 1),
			.key_end = nft_number(b, lo + 15, 1),
			.verdict = { NFT_V_GOTO, part } };

		vec_push(b->arena, &map->elements, e);
		ttl_rules(b, part, field, s, lo, lo + 16);
	}
	nft_imply(&r, &field, 1);

	struct nft_expr *e = nft_expr_add(&r, NFT_E_VMAP);

	e->vmap.field[0] = field;
	e->vmap.n_field = 1;
	e->vmap.set = map;
	nft_rule_end(&r, chain, (struct nft_rule){ 0 });
	return chain;
}

static bool same(const struct ir_statement *a, const struct ir_statement *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == IR_S_TTL)
		return a->ttl.action == b->ttl.action && a->ttl.value == b->ttl.value;
	return a->value == b->value;
}

const struct nft_chain *nft_steps_chain(
	struct nft_build *b, const struct ir_statement *s, enum family family)
{
	bool v6 = s->kind == IR_S_TTL && family == FAMILY_V6;
	const struct nft_chain *chain;

	vec_each (known, &b->steps) {
		if (same(&known->statement, s) && (known->family == FAMILY_V6) == v6)
			return known->chain;
	}
	if (s->kind == IR_S_TTL)
		chain = ttl_chain(b, s, v6);
	else
		chain = copy_bits(b, s->kind == IR_S_SAVE_MARK, s->value);
	vec_push(b->arena, &b->steps, (struct nft_steps){ *s, v6 ? FAMILY_V6 : FAMILY_ANY, chain });
	return chain;
}
