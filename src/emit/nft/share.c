/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sharing sets: an anonymous set that several rules repeat becomes one named set. The kernel keeps
 * the sets of a table in a list and walks it for each new one, so ten thousand times { tcp, udp }
 * would take seconds to load; and a listing reads better with a name.
 */
#include <string.h>

#include "emit/nft/nft_priv.h"

/* Written this often, a set is shared. */
#define SHARE_LEAST 4

struct shared {
	uint32_t hash;
	struct nft_set *set; /* the first one of this content */
	size_t uses;
};

struct share_table {
	struct shared *slot;
	size_t n, cap;
};

static uint32_t hash_bytes(uint32_t h, const uint8_t *p, size_t n)
{
	for (size_t i = 0; p && i < n; i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

static uint32_t hash_set(const struct nft_set *set)
{
	uint32_t h = 2166136261u;

	for (unsigned i = 0; i < set->n_key; i++) {
		uint8_t type = (uint8_t)set->key[i];

		h = hash_bytes(h, &type, 1);
	}
	vec_each (e, &set->elements) {
		h = hash_bytes(h, e->key, set->key_bytes);
		h = hash_bytes(h, e->key_end, set->key_bytes);
	}
	return h;
}

static bool same_bytes(const uint8_t *a, const uint8_t *b, size_t n)
{
	return a && b ? memcmp(a, b, n) == 0 : !a && !b;
}

static bool same_set(const struct nft_set *a, const struct nft_set *b)
{
	if (a->n_key != b->n_key || memcmp(a->key, b->key, a->n_key * sizeof(a->key[0])) != 0 ||
		a->key_bytes != b->key_bytes || a->interval != b->interval ||
		a->elements.n != b->elements.n)
		return false;
	for (size_t i = 0; i < a->elements.n; i++) {
		const struct nft_element *x = &a->elements.v[i], *y = &b->elements.v[i];

		if (!same_bytes(x->key, y->key, a->key_bytes) ||
			!same_bytes(x->key_end, y->key_end, a->key_bytes))
			return false;
	}
	return true;
}

static struct shared *find(struct share_table *t, const struct nft_set *set, uint32_t hash)
{
	size_t at = hash & (t->cap - 1);

	while (t->slot[at].set && !(t->slot[at].hash == hash && same_set(t->slot[at].set, set)))
		at = (at + 1) & (t->cap - 1);
	return &t->slot[at];
}

/* nft translates ports only behind protocols that it reads in the rule itself. */
static bool translates_ports(const struct nft_rule *rule)
{
	const struct nft_expr *last = rule->exprs.n ? &rule->exprs.v[rule->exprs.n - 1] : NULL;

	if (!last)
		return false;
	if (last->kind == NFT_E_MASQUERADE || last->kind == NFT_E_REDIRECT)
		return last->ports.given;
	return last->kind == NFT_E_NAT && last->nat.ports.given;
}

/* nft cannot declare a set of plain numbers (lengths, TTLs) by the name of a type. */
static bool has_plain_numbers(const struct nft_set *set)
{
	for (unsigned i = 0; i < set->n_key; i++) {
		if (set->key[i] == NFT_T_INTEGER || set->key[i] == NFT_T_HOST_INTEGER)
			return true;
	}
	return false;
}

/* The set of a match that could be shared; NULL when there is none. */
static const struct nft_set *candidate(const struct nft_rule *rule, const struct nft_expr *e)
{
	if (e->kind != NFT_E_MATCH || e->match.compare != NFT_CMP_SET || e->match.set->name ||
		e->match.set->is_map || has_plain_numbers(e->match.set))
		return NULL;
	if (e->match.field[0] == NFT_F_L4PROTO && translates_ports(rule))
		return NULL;
	return e->match.set;
}

typedef void (*visitor)(struct nft_build *b, struct share_table *t, struct nft_expr *e);

static void each_candidate(struct nft_build *b, struct share_table *t, visitor visit)
{
	vec_each (chain, &b->program->chains) {
		vec_each (rule, &(*chain)->rules) {
			vec_each (e, &rule->exprs) {
				if (candidate(rule, e))
					visit(b, t, e);
			}
		}
	}
}

static void count_only(struct nft_build *b, struct share_table *t, struct nft_expr *e)
{
	(void)b;
	(void)e;
	t->n++;
}

static void count_use(struct nft_build *b, struct share_table *t, struct nft_expr *e)
{
	uint32_t hash = hash_set(e->match.set);
	struct shared *s = find(t, e->match.set, hash);

	(void)b;
	if (!s->set)
		*s = (struct shared){ hash, (struct nft_set *)e->match.set, 0 };
	s->uses++;
}

/* "tcp_udp" for a few protocols; anything else is named by its content. */
static const char *name_of(struct nft_build *b, const struct nft_set *set, uint32_t hash)
{
	AUTO_BUF name = BUF_INIT;

	if (set->n_key != 1 || set->key[0] != NFT_T_PROTO || set->elements.n > 4)
		return arena_printf(b->arena, "shared_%08x", (unsigned)hash);
	vec_each (e, &set->elements) {
		const char *word = e->key_end ? NULL : proto_name(e->key[0]);

		if (!word || strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789") != strlen(word))
			return arena_printf(b->arena, "shared_%08x", (unsigned)hash);
		buf_printf(&name, "%s%s", name.n ? "_" : "protocols_", word);
	}
	return arena_strdup(b->arena, buf_text(&name));
}

static bool name_taken(const struct nft_program *p, const char *name)
{
	vec_each (s, &p->sets) {
		if (!strcmp((*s)->name, name))
			return true;
	}
	return false;
}

static void share(struct nft_build *b, struct share_table *t, struct nft_expr *e)
{
	struct shared *s = find(t, e->match.set, hash_set(e->match.set));
	const char *name;

	if (s->uses < SHARE_LEAST)
		return;
	if (!s->set->name) {
		name = name_of(b, s->set, s->hash);
		while (name_taken(b->program, name))
			name = arena_printf(b->arena, "%s_", name);
		s->set->name = name;
		s->set->constant = false;
		vec_push(b->arena, &b->program->sets, s->set);
	}
	e->match.set = s->set;
}

void nft_share_sets(struct nft_build *b)
{
	struct share_table t = { 0 };
	size_t cap = 16;

	each_candidate(b, &t, count_only);
	while (cap < t.n * 2)
		cap *= 2;
	t.slot = ARENA_ARRAY(b->arena, struct shared, cap);
	t.cap = cap;
	each_candidate(b, &t, count_use);
	each_candidate(b, &t, share);
}
