/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An IR as a program of iptables, family by family, table by table, from the base chains on: what
 * nothing leads to is left out. Whether a rule can be expressed is found by lowering it.
 */
#include <string.h>

#include "emit/ipt/ipt_priv.h"

static const char *const builtins[IR_HOOKS] = { "PREROUTING", "INPUT", "FORWARD", "OUTPUT",
	"POSTROUTING" };

/* ---- chains that are open to others ---- */

/* firewall3's name of the user chain for a hook: "forwarding" of "forwarding_rule". */
static const char *open_word(const struct ir_chain *c)
{
	static const char *const filter[IR_HOOKS] = { NULL, "input", "forwarding", "output", NULL };
	static const char *const nat[IR_HOOKS] = { "prerouting", NULL, NULL, NULL, "postrouting" };

	if (c->stage == IR_FILTER)
		return filter[c->hook];
	return xt_table_of(c->stage) == XT_NAT ? nat[c->hook] : NULL;
}

/* What passes through the loopback device is nobody else's business, as in firewall3. */
static struct xt_words open_conditions(struct xt_build *b, const struct ir_chain *c)
{
	if (c->role != IR_ROLE_BASE || c->stage != IR_FILTER || c->hook == IR_FORWARD)
		return (struct xt_words){ 0 };
	return xt_words_of(b, "!", c->hook == IR_INPUT ? "-i" : "-o", "lo", NULL);
}

static void jump_to_open(struct xt_build *b, const struct ir_chain *c, struct xt_chain *from)
{
	const char *word = open_word(c), *name;
	struct xt_rule rule = { 0 };
	struct xt_words w;

	if (!word || (c->role != IR_ROLE_BASE && c->role != IR_ROLE_ZONE))
		return;
	name = c->role == IR_ROLE_BASE
		? xt_text(b, "%s_rule", word)
		: xt_short_name(b, xt_text(b, "%s_%s_rule", word, c->zone ? c->zone : ""));
	rule.to = xt_chain_get(b, name);
	xt_chain_get(b, name)->open = true;
	w = open_conditions(b, c);
	struct xt_words jump =
		xt_words_of(b, "-m", "comment", "--comment", XT_TAG_OPEN, "-j", name, NULL);

	xt_words_add(b, &w, &jump);
	rule.words = w.v;
	rule.n_words = w.n;
	vec_push(b->arena, &from->rules, rule);
}

/* ---- one table ---- */

static void lower_chain(struct xt_build *b, const struct ir_chain *c, struct xt_chain *at)
{
	jump_to_open(b, c, at);
	vec_each (rule, &c->rules) {
		if ((*rule)->family == FAMILY_ANY || (*rule)->family == b->family->family)
			xt_lower_rule(b, c, &at, *rule);
	}
	if (c->role == IR_ROLE_BASE && c->stage == IR_HELPER &&
		ir_base_find(b->ir, c->hook, IR_RAW)) {
		struct xt_target accept = { .words = xt_words_of(b, "-j", "ACCEPT", NULL) };

		xt_rule_push(b, at, NULL, NULL, &accept, false);
	}
}

/* The bases of a table, with their jumps; a hook's raw stands before its helpers. */
static void add_bases(struct xt_build *b, enum xt_table table)
{
	vec_each (c, &b->ir->chains) {
		struct xt_jump jump = { .builtin = builtins[(*c)->hook] };

		if ((*c)->role != IR_ROLE_BASE || xt_table_of((*c)->stage) != table)
			continue;
		jump.chain = xt_chain_of(b, *c);
		vec_push(b->arena, &b->table->jumps, jump);
	}
}

static void reach(struct xt_chain *chain)
{
	if (chain->reached)
		return;
	chain->reached = true;
	vec_each (r, &chain->rules) {
		if (r->to)
			reach(r->to);
	}
}

/* Chains that only a rule that never matches leads to. */
static void prune(struct xt_content *table)
{
	size_t n = 0;

	vec_each (j, &table->jumps)
		reach(j->chain);
	for (size_t i = 0; i < table->chains.n; i++) {
		if (table->chains.v[i]->reached)
			table->chains.v[n++] = table->chains.v[i];
	}
	table->chains.n = n;
}

static void lower_table(struct xt_build *b, enum xt_table table)
{
	b->table = &b->family->tables[table];
	b->names.n = 0;
	add_bases(b, table);
	for (size_t i = 0; i < b->names.n; i++)
		lower_chain(b, b->names.v[i].of, b->names.v[i].chain);
	prune(b->table);
}

/* ---- all of it ---- */

static void note_ingress(struct xt_build *b)
{
	vec_each (c, &b->ir->chains) {
		if ((*c)->hook != IR_POSTROUTING)
			continue;
		vec_each (rule, &(*c)->rules) {
			for (size_t i = 0; i < (*rule)->n_matches; i++) {
				if ((*rule)->matches[i].kind != IR_M_IIF ||
					b->program->postrouting_ingress)
					continue;
				b->program->postrouting_ingress = true;
				if ((*rule)->n_origins)
					b->program->postrouting_origin = (*rule)->origins[0];
			}
		}
	}
}

/* Sets that no rule looks up are for others to use. */
static void add_sets(struct xt_build *b)
{
	vec_each (s, &b->ir->sets) {
		bool devices = false;

		for (unsigned i = 0; i < (*s)->n_key; i++)
			devices |= (*s)->key[i] == IR_KEY_DEVICE;
		if (!devices && !(*s)->dynamic)
			xt_set_of(b, *s);
	}
}

const struct xt_program *xt_program_of(struct arena *arena, const struct ir *ir)
{
	struct xt_build b = { .arena = arena, .ir = ir };

	b.program = ARENA_NEW(arena, struct xt_program);
	b.program->family[0].family = FAMILY_V4;
	b.program->family[1].family = FAMILY_V6;
	for (size_t i = 0; i < 2; i++) {
		b.family = &b.program->family[i];
		b.steps = 0;
		for (int table = 0; table < XT_TABLES; table++)
			lower_table(&b, (enum xt_table)table);
	}
	add_sets(&b);
	note_ingress(&b);
	return b.why ? NULL : b.program;
}

const char *xt_refusal(const struct ir_chain *chain, const struct ir_rule *rule)
{
	struct arena scratch;
	struct xt_program program = { .family = { { .family = FAMILY_V4 }, { .family = FAMILY_V6 } } };
	struct xt_build b = { .arena = &scratch, .program = &program };
	struct xt_chain chain_of_rule = { .name = "" }, *at;

	arena_init(&scratch);
	for (size_t i = 0; i < 2 && !b.why; i++) {
		b.family = &program.family[i];
		b.table = &b.family->tables[xt_table_of(chain->stage)];
		b.names.n = 0;
		at = &chain_of_rule;
		if (rule->family == FAMILY_ANY || rule->family == b.family->family)
			xt_lower_rule(&b, chain, &at, rule);
	}
	arena_release(&scratch);
	return b.why;
}
