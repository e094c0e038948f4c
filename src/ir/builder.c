/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The builder: makes the objects of the IR in its arena. Arrays of a rule grow by doubling from
 * small beginnings (a typical rule has three matches and no statement). Names are found by an
 * index; it holds pointers, notices when a pass changed the number of objects, and is then made
 * anew, so a pass may drop chains from ir->chains without telling anyone.
 */
#include <string.h>

#include "base/bug.h"
#include "ir/ir_priv.h"

struct ir_index {
	struct ir_names chains, sets;
	size_t n_chains, n_sets; /* how many the vectors held when the tables were right */
};

struct ir *ir_new(struct arena *arena)
{
	struct ir *ir = ARENA_NEW(arena, struct ir);

	ir->arena = arena;
	ir->index = ARENA_NEW(arena, struct ir_index);
	ir->index->chains.arena = arena;
	ir->index->sets.arena = arena;
	return ir;
}

static void names_forget(struct ir_names *names)
{
	if (names->cap)
		memset(names->v, 0, names->cap * sizeof(names->v[0]));
	names->n = 0;
}

static struct ir_names *chain_names(const struct ir *ir)
{
	struct ir_index *index = ir->index;

	if (index->n_chains == ir->chains.n)
		return &index->chains;
	names_forget(&index->chains);
	vec_each (chain, &ir->chains)
		ir_names_add(&index->chains, (*chain)->name, *chain);
	index->n_chains = ir->chains.n;
	return &index->chains;
}

static struct ir_names *set_names(const struct ir *ir)
{
	struct ir_index *index = ir->index;

	if (index->n_sets == ir->sets.n)
		return &index->sets;
	names_forget(&index->sets);
	vec_each (set, &ir->sets)
		ir_names_add(&index->sets, (*set)->name, *set);
	index->n_sets = ir->sets.n;
	return &index->sets;
}

bool ir_stage_at(enum ir_hook hook, enum ir_stage stage)
{
	switch (stage) {
	case IR_RAW:
	case IR_HELPER:
	case IR_DSTNAT:
		return hook == IR_PREROUTING || hook == IR_OUTPUT;
	case IR_SRCNAT:
		return hook == IR_INPUT || hook == IR_POSTROUTING;
	case IR_MANGLE:
	case IR_FILTER:
		return true;
	}
	return false;
}

/* Where (hook, stage) is or belongs among the base chains, which stand first; 30 at most. */
static size_t base_place(
	const struct ir *ir, enum ir_hook hook, enum ir_stage stage, bool *ret_found)
{
	size_t i;

	*ret_found = false;
	for (i = 0; i < ir->chains.n && ir->chains.v[i]->role == IR_ROLE_BASE; i++) {
		const struct ir_chain *chain = ir->chains.v[i];

		if (chain->hook > hook || (chain->hook == hook && chain->stage > stage))
			break;
		if (chain->hook == hook && chain->stage == stage) {
			*ret_found = true;
			break;
		}
	}
	return i;
}

struct ir_chain *ir_base_find(const struct ir *ir, enum ir_hook hook, enum ir_stage stage)
{
	bool found;
	size_t at = base_place(ir, hook, stage, &found);

	return found ? ir->chains.v[at] : NULL;
}

static struct ir_chain *chain_new(
	struct ir *ir, const char *name, enum ir_role role, enum ir_hook hook, enum ir_stage stage)
{
	struct ir_chain *chain = ARENA_NEW(ir->arena, struct ir_chain);

	chain->name = name;
	chain->role = role;
	chain->hook = hook;
	chain->stage = stage;
	if (!ir_names_add(chain_names(ir), name, chain))
		BUG("a second chain %s", name);
	ir->index->n_chains++;
	return chain;
}

struct ir_chain *ir_base_add(
	struct ir *ir, const char *name, enum ir_hook hook, enum ir_stage stage)
{
	bool found;
	size_t at = base_place(ir, hook, stage, &found);
	struct ir_chain *chain;

	if (found || !ir_stage_at(hook, stage))
		BUG("no place for a %s chain at %s", ir_stage_words[stage], ir_hook_words[hook]);
	chain = chain_new(ir, name, IR_ROLE_BASE, hook, stage);
	vec_push(ir->arena, &ir->chains, chain);
	memmove(ir->chains.v + at + 1, ir->chains.v + at,
		(ir->chains.n - 1 - at) * sizeof(ir->chains.v[0]));
	ir->chains.v[at] = chain;
	return chain;
}

struct ir_chain *ir_base(struct ir *ir, enum ir_hook hook, enum ir_stage stage)
{
	struct ir_chain *chain = ir_base_find(ir, hook, stage);
	const char *name = ir_hook_words[hook];

	if (chain)
		return chain;
	if (stage != IR_FILTER)
		name = arena_printf(ir->arena, "%s_%s", ir_stage_words[stage], name);
	return ir_base_add(ir, name, hook, stage);
}

struct ir_chain *ir_chain_add(
	struct ir *ir, const char *name, enum ir_role role, enum ir_hook hook, enum ir_stage stage)
{
	if (role == IR_ROLE_BASE)
		BUG("base chains are made by ir_base()");

	struct ir_chain *chain = chain_new(ir, arena_strdup(ir->arena, name), role, hook, stage);

	vec_push(ir->arena, &ir->chains, chain);
	return chain;
}

struct ir_chain *ir_chain_find(const struct ir *ir, const char *name)
{
	return (struct ir_chain *)ir_names_find(chain_names(ir), slice_of(name));
}

struct ir_rule *ir_rule_add(struct ir *ir, struct ir_chain *chain, const struct ir_origin *origin)
{
	struct ir_rule *rule = ARENA_NEW(ir->arena, struct ir_rule);

	if (origin) {
		rule->origins = arena_copy(ir->arena, &origin, 1, sizeof(origin));
		rule->n_origins = 1;
	}
	vec_push(ir->arena, &chain->rules, rule);
	return rule;
}

struct ir_rule *ir_rule_copy(struct ir *ir, struct ir_chain *chain, const struct ir_rule *from)
{
	struct ir_rule *rule = arena_copy(ir->arena, from, 1, sizeof(*from));

	rule->matches =
		arena_copy(ir->arena, from->matches, from->n_matches, sizeof(from->matches[0]));
	rule->cap_matches = from->n_matches;
	rule->statements = arena_copy(
		ir->arena, from->statements, from->n_statements, sizeof(from->statements[0]));
	rule->cap_statements = from->n_statements;
	rule->origins =
		arena_copy(ir->arena, from->origins, from->n_origins, sizeof(from->origins[0]));
	vec_push(ir->arena, &chain->rules, rule);
	return rule;
}

/* Makes room for one more; the first array has `first` places, where a vector would take four. */
static void *grow(struct arena *arena, void *v, size_t n, size_t *cap, size_t size, size_t first)
{
	if (!n && !*cap) {
		*cap = first;
		return arena_array(arena, first, size);
	}
	return vec_grow_(arena, v, n, cap, size);
}

struct ir_match *ir_match_add(struct ir *ir, struct ir_rule *rule, enum ir_match_kind kind)
{
	rule->matches = grow(ir->arena, rule->matches, rule->n_matches, &rule->cap_matches,
		sizeof(rule->matches[0]), 2);

	struct ir_match *m = &rule->matches[rule->n_matches++];

	*m = (struct ir_match){ .kind = kind };
	return m;
}

struct ir_statement *ir_statement_add(
	struct ir *ir, struct ir_rule *rule, enum ir_statement_kind kind)
{
	rule->statements = grow(ir->arena, rule->statements, rule->n_statements,
		&rule->cap_statements, sizeof(rule->statements[0]), 1);

	struct ir_statement *s = &rule->statements[rule->n_statements++];

	*s = (struct ir_statement){ .kind = kind };
	return s;
}

struct ir_set *ir_set_add(struct ir *ir, const char *name, const struct ir_origin *origin)
{
	struct ir_set *set = ARENA_NEW(ir->arena, struct ir_set);

	set->name = arena_strdup(ir->arena, name);
	set->origin = origin;
	if (!ir_names_add(set_names(ir), set->name, set))
		BUG("a second set %s", name);
	ir->index->n_sets++;
	vec_push(ir->arena, &ir->sets, set);
	return set;
}

struct ir_set *ir_set_find(const struct ir *ir, const char *name)
{
	return (struct ir_set *)ir_names_find(set_names(ir), slice_of(name));
}

bool ir_rule_protos_are(const struct ir_rule *rule, bool (*is)(uint8_t number))
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		const struct ir_match *m = &rule->matches[i];
		bool all = m->kind == IR_M_PROTO && !m->negate && m->ranges.n;

		for (size_t r = 0; all && r < m->ranges.n; r++) {
			for (uint32_t p = m->ranges.v[r].lo; all && p <= m->ranges.v[r].hi; p++)
				all = p <= UINT8_MAX && is((uint8_t)p);
		}
		if (all)
			return true;
	}
	return false;
}
