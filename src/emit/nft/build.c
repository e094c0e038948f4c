/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IR to program. Objects first, then all chains (empty, so that jumps have a target), then the
 * rules of each chain in order. Base chains get the names and priorities that nft users know.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "emit/nft/nft_priv.h"

const uint8_t *nft_number(struct nft_build *b, uint64_t value, unsigned bytes)
{
	uint8_t *ret = arena_alloc(b->arena, bytes);

	for (unsigned i = bytes; i-- > 0; value >>= 8)
		ret[i] = (uint8_t)value;
	return ret;
}

const uint8_t *nft_device_bytes(struct nft_build *b, const char *name, uint8_t fill)
{
	uint8_t *ret = arena_alloc(b->arena, 16);
	size_t n = strlen(name);

	memset(ret, fill, 16);
	memcpy(ret, name, n < 16 ? n : 16);
	return ret;
}

const char *nft_name(struct nft_build *b, const char *name)
{
	return nft_reserved(name) ? arena_printf(b->arena, "%s_", name) : name;
}

static bool chain_exists(const struct nft_build *b, const char *name)
{
	vec_each (chain, &b->program->chains) {
		if (!strcmp((*chain)->name, name))
			return true;
	}
	return false;
}

static struct nft_chain *chain_add(struct nft_build *b, const char *name)
{
	struct nft_chain *chain = ARENA_NEW(b->arena, struct nft_chain);

	chain->name = name;
	vec_push(b->arena, &b->program->chains, chain);
	return chain;
}

struct nft_chain *nft_chain_new(struct nft_build *b, const char *name)
{
	while (chain_exists(b, name))
		name = arena_printf(b->arena, "%s_", name);
	return chain_add(b, name);
}

const struct nft_chain *nft_chain_of(const struct nft_build *b, const struct ir_chain *chain)
{
	const struct nft_chain *ret = nft_map_get(&b->objects, chain);

	if (!ret)
		BUG("chain %s is not in the IR", chain ? chain->name : "(none)");
	return ret;
}

const struct nft_set *nft_set_of(const struct nft_build *b, const struct ir_set *set)
{
	const struct nft_set *ret = nft_map_get(&b->objects, set);

	if (!ret)
		BUG("set %s is not in the IR", set ? set->name : "(none)");
	return ret;
}

static int priority_of(enum ir_stage stage)
{
	switch (stage) {
	case IR_RAW:
		return -300;
	case IR_MANGLE:
		return -150;
	case IR_HELPER:
		return -105; /* behind conntrack (-200), before NAT (-100) */
	case IR_DSTNAT:
		return -100;
	case IR_FILTER:
		return 0;
	case IR_SRCNAT:
		return 100;
	}
	BUG("stage %d", stage);
}

/* What the last rule does with every packet that comes to it. */
static bool ends_in_drop(const struct ir_chain *chain)
{
	const struct ir_rule *last = chain->rules.n ? chain->rules.v[chain->rules.n - 1] : NULL;

	return last && !last->n_matches && last->family == FAMILY_ANY &&
	       (last->verdict.kind == IR_DROP || last->verdict.kind == IR_REJECT);
}

static void base_chain(struct nft_chain *chain, const struct ir_chain *from)
{
	bool filter = from->stage == IR_FILTER;

	chain->type = NFT_CHAIN_FILTER;
	if (from->stage == IR_DSTNAT || from->stage == IR_SRCNAT)
		chain->type = NFT_CHAIN_NAT;
	else if (from->stage == IR_MANGLE && from->hook == IR_OUTPUT)
		chain->type = NFT_CHAIN_ROUTE; /* a mark may choose another way out */
	chain->hook = from->hook;
	chain->priority = priority_of(from->stage);
	chain->drop = filter &&
		      (from->hook == IR_INPUT || from->hook == IR_FORWARD || ends_in_drop(from));
}

/* dstnat and srcnat as everybody calls them; the IR's own name for the others. */
static const char *base_name(const struct ir_chain *from)
{
	if (from->stage == IR_DSTNAT && from->hook == IR_PREROUTING)
		return "dstnat";
	if (from->stage == IR_SRCNAT && from->hook == IR_POSTROUTING)
		return "srcnat";
	return from->name;
}

static void lower_chains(struct nft_build *b)
{
	vec_each (it, &b->ir->chains) {
		const struct ir_chain *from = *it;
		const char *name = nft_name(b, from->name);

		if (from->role == IR_ROLE_BASE)
			name = base_name(from);
		while (strcmp(name, from->name) != 0 && ir_chain_find(b->ir, name))
			name = arena_printf(b->arena, "%s_", name);

		struct nft_chain *chain = chain_add(b, name);

		chain->origin = from->origin;
		if (from->role == IR_ROLE_BASE)
			base_chain(chain, from);
		nft_map_put(&b->objects, from, chain);
	}
	/* chains that steps.c adds stand behind those of the IR and are already filled */
	vec_each (it, &b->ir->chains) {
		struct nft_chain *chain = nft_map_get(&b->objects, *it);

		chain->rules.cap = (*it)->rules.n; /* mostly one for one */
		chain->rules.v = ARENA_ARRAY(b->arena, struct nft_rule, chain->rules.cap);
		for (size_t i = 0; i < (*it)->rules.n;) {
			size_t taken = nft_lower_dispatch(b, chain, *it, i);

			if (!taken) {
				nft_lower_rule(b, chain, (*it)->rules.v[i], (*it)->hook);
				taken = 1;
			}
			i += taken;
		}
	}
}

struct nft_rate nft_rate_of(const struct rate *rate, uint32_t burst)
{
	/* 5 is the kernel's and nft's own default; stated, so that a listing says the same */
	return (struct nft_rate){ .over = rate->invert,
		.count = rate->count,
		.seconds = rate->seconds,
		.burst = burst ? burst : 5 };
}

static void lower_objects(struct nft_build *b)
{
	struct nft_program *p = b->program;

	vec_each (c, &b->ir->counters)
		vec_push(b->arena, &p->counters,
			(struct nft_counter){ nft_name(b, (*c)->name), (*c)->origin });
	vec_each (l, &b->ir->limits)
		vec_push(b->arena, &p->limits,
			(struct nft_limit){ nft_name(b, (*l)->name), (*l)->origin,
				nft_rate_of(&(*l)->rate, (*l)->burst) });
	vec_each (h, &b->ir->helpers)
		vec_push(b->arena, &p->helpers,
			(struct nft_helper){
				nft_name(b, (*h)->name), (*h)->kernel, (*h)->proto, (*h)->family });
	p->flowtable = (struct nft_flowtable){ .enabled = b->ir->flowtable.enabled,
		.hardware = b->ir->flowtable.hardware,
		.counter = b->ir->flowtable.counter,
		.devices = b->ir->flowtable.devices.v,
		.n_devices = b->ir->flowtable.devices.n };
}

struct nft_program *nft_program_of(struct arena *arena, const struct ir *ir)
{
	struct nft_build b = { .arena = arena, .ir = ir, .objects = { .arena = arena } };

	b.program = ARENA_NEW(arena, struct nft_program);
	lower_objects(&b);
	nft_lower_sets(&b);
	lower_chains(&b);
	free(b.stack);
	nft_share_sets(&b);
	return b.program;
}
