/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dispatch by device: a run of rules that each send the packets of other devices elsewhere becomes
 * one lookup in a named verdict map. It costs the same for three zones as for three hundred, and
 * a device that comes or goes changes an element and no rule.
 *
 * Devices of one run are disjoint, so at most one rule of it would have matched, in any order;
 * a chain that returns goes on behind the run either way. One or two rules stay rules: a map of
 * two costs more than two comparisons.
 */
#include <string.h>

#include "emit/nft/nft_priv.h"

#define RUN_LEAST 3
#define ELEMENTS_MOST 4096

struct key {
	const struct device_pattern *iif, *oif; /* NULL: not asked */
};

struct run {
	unsigned shape; /* 1 iif, 2 oif, 3 both */
	VEC(struct key) keys;
	size_t rules;
};

static bool simple_verdict(enum ir_verdict_kind kind)
{
	return kind == IR_ACCEPT || kind == IR_DROP || kind == IR_JUMP || kind == IR_GOTO ||
	       kind == IR_RETURN;
}

/* The patterns of a set that only a compile changes; false for others. */
static bool patterns_of_set(
	struct nft_build *b, const struct ir_set *set, struct device_pattern **ret)
{
	size_t n = 0;

	if (set->dynamic || set->timeout)
		return false;
	*ret = ARENA_ARRAY(b->arena, struct device_pattern, set->elements.n);
	vec_each (e, &set->elements) {
		if (e->timeout)
			return false;
		(*ret)[n++] = e->part[0].device;
	}
	return true;
}

/* The devices of a match, as patterns; there may be none in a set. */
static bool patterns_of(struct nft_build *b, const struct ir_match *m,
	const struct device_pattern **ret, size_t *ret_n)
{
	struct device_pattern *v = m->devices.v;
	size_t n = m->devices.n;

	if (m->negate)
		return false;
	if (m->devices.set) {
		if (!patterns_of_set(b, m->devices.set, &v))
			return false;
		n = m->devices.set->elements.n;
	}
	*ret = nft_devices_reduce(b, v, n, ret_n);
	return !*ret_n || *(*ret)[0].name;
}

/* The devices of a rule that only looks at devices; shape 0 when it looks at more. */
static unsigned shape_of(struct nft_build *b, const struct ir_rule *rule,
	const struct device_pattern *ret[2], size_t ret_n[2])
{
	unsigned shape = 0;

	if (rule->family != FAMILY_ANY || rule->counter || rule->n_statements || !rule->n_matches ||
		rule->n_matches > 2 || !simple_verdict(rule->verdict.kind))
		return 0;
	for (size_t i = 0; i < rule->n_matches; i++) {
		const struct ir_match *m = &rule->matches[i];
		unsigned side = m->kind == IR_M_IIF ? 0 : 1;

		if ((m->kind != IR_M_IIF && m->kind != IR_M_OIF) || shape & 1U << side ||
			!patterns_of(b, m, &ret[side], &ret_n[side]))
			return 0;
		shape |= 1U << side;
	}
	return shape;
}

static bool overlap(const struct device_pattern *a, const struct device_pattern *b)
{
	if (!a || !b)
		return true;
	return device_pattern_has(a, b->name) || device_pattern_has(b, a->name);
}

/* Adds the rule's devices to the run; false (run unchanged) when they do not fit it. */
static bool run_take(struct nft_build *b, struct run *run, unsigned shape,
	const struct device_pattern *v[2], const size_t n[2])
{
	size_t before = run->keys.n, iifs = shape & 1 ? n[0] : 1, oifs = shape & 2 ? n[1] : 1;

	if (run->rules && run->shape != shape)
		return false;
	if (before + iifs * oifs > ELEMENTS_MOST)
		return false;
	for (size_t i = 0; i < iifs * oifs; i++) {
		struct key k = { shape & 1 ? &v[0][i / oifs] : NULL,
			shape & 2 ? &v[1][i % oifs] : NULL };
		bool wild = (k.iif && k.iif->wildcard) || (k.oif && k.oif->wildcard);
		bool fits = shape != 3 || !wild;

		for (size_t j = 0; j < before && fits; j++)
			fits = !(overlap(run->keys.v[j].iif, k.iif) &&
				 overlap(run->keys.v[j].oif, k.oif));
		if (!fits) {
			run->keys.n = before;
			return false;
		}
		vec_push(b->arena, &run->keys, k);
	}
	run->shape = shape;
	run->rules++;
	return true;
}

static struct nft_verdict verdict_of(struct nft_build *b, const struct ir_verdict *v)
{
	struct nft_verdict ret = { NFT_V_RETURN, NULL };

	if (v->kind == IR_ACCEPT)
		ret.kind = NFT_V_ACCEPT;
	else if (v->kind == IR_DROP)
		ret.kind = NFT_V_DROP;
	else if (v->kind == IR_JUMP || v->kind == IR_GOTO)
		ret = (struct nft_verdict){ v->kind == IR_JUMP ? NFT_V_JUMP : NFT_V_GOTO,
			nft_chain_of(b, v->chain) };
	return ret;
}

static bool name_taken(const struct nft_build *b, const char *name)
{
	vec_each (set, &b->program->sets) {
		if (!strcmp((*set)->name, name))
			return true;
	}
	return false;
}

static struct nft_set *map_new(struct nft_build *b, const struct nft_chain *chain)
{
	struct nft_set *map = ARENA_NEW(b->arena, struct nft_set);
	const char *name = arena_printf(b->arena, "%s_zones", chain->name);

	for (unsigned i = 2; name_taken(b, name); i++)
		name = arena_printf(b->arena, "%s_zones_%u", chain->name, i);
	map->name = name;
	map->id = ++b->program->n_set_ids;
	map->is_map = true;
	map->data = NFT_T_VERDICT;
	vec_push(b->arena, &b->program->sets, map);
	return map;
}

static struct nft_element element_of(struct nft_build *b, const struct key *k, unsigned shape)
{
	struct nft_element e = { 0 };

	if (shape != 3) {
		nft_element_device(b, &e, k->iif ? k->iif : k->oif);
		return e;
	}

	uint8_t both[32] = { 0 };

	memcpy(both, k->iif->name, strlen(k->iif->name));
	memcpy(both + 16, k->oif->name, strlen(k->oif->name));
	e.key = arena_copy(b->arena, both, sizeof(both), 1);
	return e;
}

static void fill_map(struct nft_build *b, struct nft_set *map, const struct ir_chain *from,
	size_t at, const struct run *run, const size_t *ends)
{
	size_t rule = 0;

	map->n_key = run->shape == 3 ? 2 : 1;
	map->key[0] = map->key[1] = NFT_T_IFNAME;
	nft_set_measure(map, 0);
	for (size_t i = 0; i < run->keys.n; i++) {
		struct nft_element e = element_of(b, &run->keys.v[i], run->shape);

		while (i >= ends[rule])
			rule++;
		e.verdict = verdict_of(b, &from->rules.v[at + rule]->verdict);
		e.comment = from->rules.v[at + rule]->comment;
		map->interval = map->interval || e.key_end;
		vec_push(b->arena, &map->elements, e);
	}
	nft_set_normalise(b, map);
}

/* The rule that looks up; it stands for all rules of the run and has all their origins. */
static void rule_add(struct nft_build *b, struct nft_chain *chain, const struct nft_set *map,
	const struct ir_chain *from, size_t at, const struct run *run)
{
	struct nft_rule_build r = { .b = b };
	struct nft_expr *e = nft_expr_add(&r, NFT_E_VMAP);
	VEC(const struct ir_origin *) origins = { 0 };

	if (run->shape & 1)
		e->vmap.field[e->vmap.n_field++] = NFT_F_IIFNAME;
	if (run->shape & 2)
		e->vmap.field[e->vmap.n_field++] = NFT_F_OIFNAME;
	e->vmap.set = map;
	for (size_t i = at; i < at + run->rules; i++) {
		const struct ir_rule *rule = from->rules.v[i];

		for (size_t j = 0; j < rule->n_origins; j++)
			vec_push(b->arena, &origins, rule->origins[j]);
	}
	nft_rule_end(&r, chain, (struct nft_rule){ .origins = origins.v, .n_origins = origins.n });
}

size_t nft_lower_dispatch(
	struct nft_build *b, struct nft_chain *chain, const struct ir_chain *from, size_t at)
{
	struct run run = { 0 };
	VEC(size_t) ends = { 0 };

	for (size_t i = at; i < from->rules.n; i++) {
		const struct device_pattern *v[2];
		size_t n[2];
		unsigned shape = shape_of(b, from->rules.v[i], v, n);

		if (!shape || !run_take(b, &run, shape, v, n))
			break;
		vec_push(b->arena, &ends, run.keys.n);
	}
	if (run.rules < RUN_LEAST)
		return 0;

	struct nft_set *map = map_new(b, chain);

	fill_map(b, map, from, at, &run, ends.v);
	rule_add(b, chain, map, from, at, &run);
	return run.rules;
}
