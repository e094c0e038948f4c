/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets: the named ones of the IR and the anonymous ones of single rules. Elements are brought into
 * one form (sorted by key, without doubles, overlapping ranges joined), because the kernel refuses
 * a transaction whose intervals overlap and because the same rules must give the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "emit/nft/nft_priv.h"

static unsigned padded(unsigned bytes)
{
	return (bytes + 3) & ~3U;
}

void nft_set_measure(struct nft_set *set, unsigned bytes)
{
	set->key_bytes = 0;
	for (unsigned i = 0; i < set->n_key; i++) {
		unsigned own = nft_type_info[set->key[i]].bytes;

		if (!own)
			own = bytes;
		set->key_bytes += set->n_key > 1 ? padded(own) : own;
	}
}

struct nft_set *nft_anonymous(struct nft_build *b, const enum nft_field *field, unsigned n_field)
{
	struct nft_set *set = ARENA_NEW(b->arena, struct nft_set);

	set->id = ++b->program->n_set_ids;
	set->constant = true;
	set->n_key = n_field;
	for (unsigned i = 0; i < n_field; i++)
		set->key[i] = nft_field_info[field[i]].type;
	nft_set_measure(set, nft_field_info[field[0]].bytes);
	return set;
}

/* qsort has no context, so the length of the keys travels with each pointer. */
struct sortable {
	unsigned bytes;
	struct nft_element e;
};

static int sortable_cmp(const void *a, const void *b)
{
	const struct sortable *x = a, *y = b;
	int c = memcmp(x->e.key, y->e.key, x->bytes);

	if (c)
		return c;
	/* the wider range first, so that it covers those behind it */
	return -memcmp(x->e.key_end ? x->e.key_end : x->e.key,
		y->e.key_end ? y->e.key_end : y->e.key, x->bytes);
}

static void elements_sort(struct nft_set *set)
{
	bool sorted = true;

	for (size_t i = 1; i < set->elements.n && sorted; i++)
		sorted = memcmp(set->elements.v[i - 1].key, set->elements.v[i].key,
				 set->key_bytes) < 0;
	if (sorted)
		return;

	struct sortable *v = calloc(set->elements.n, sizeof(*v));

	if (!v)
		BUG("no memory to sort a set");
	for (size_t i = 0; i < set->elements.n; i++)
		v[i] = (struct sortable){ set->key_bytes, set->elements.v[i] };
	qsort(v, set->elements.n, sizeof(*v), sortable_cmp);
	for (size_t i = 0; i < set->elements.n; i++)
		set->elements.v[i] = v[i].e;
	free(v);
}

void nft_set_normalise(struct nft_build *b, struct nft_set *set)
{
	unsigned bytes = set->key_bytes;
	size_t n = 0;

	elements_sort(set);
	for (size_t i = 0; i < set->elements.n; i++) {
		struct nft_element *e = &set->elements.v[i];
		struct nft_element *last = n ? &set->elements.v[n - 1] : NULL;

		if (last && set->n_key == 1) {
			const uint8_t *end = last->key_end ? last->key_end : last->key;
			const uint8_t *own = e->key_end ? e->key_end : e->key;

			if (memcmp(e->key, end, bytes) <= 0) {
				if (memcmp(own, end, bytes) > 0)
					last->key_end = own;
				continue;
			}
		} else if (last && !memcmp(e->key, last->key, bytes) &&
			   !memcmp(e->key_end ? e->key_end : e->key,
				   last->key_end ? last->key_end : last->key, bytes)) {
			continue;
		}
		set->elements.v[n++] = *e;
	}
	set->elements.n = n;
	if (!set->interval || set->n_key == 1)
		return;
	vec_each (e, &set->elements) {
		if (!e->key_end)
			e->key_end = e->key;
	}
	nft_boxes_part(b, set);
	elements_sort(set);
}

static void key_types(struct nft_set *set, enum ir_key key)
{
	switch (key) {
	case IR_KEY_DEVICE:
		set->key[set->n_key++] = NFT_T_IFNAME;
		return;
	case IR_KEY_ADDR4:
		set->key[set->n_key++] = NFT_T_ADDR4;
		return;
	case IR_KEY_ADDR6:
		set->key[set->n_key++] = NFT_T_ADDR6;
		return;
	case IR_KEY_PROTO_PORT:
		set->key[set->n_key++] = NFT_T_PROTO;
		set->key[set->n_key++] = NFT_T_PORT;
		return;
	case IR_KEY_PORT:
		set->key[set->n_key++] = NFT_T_PORT;
		return;
	case IR_KEY_MAC:
		set->key[set->n_key++] = NFT_T_ETHER;
		return;
	}
	BUG("key kind %d", key);
}

static void put_port(uint8_t *at, uint32_t port)
{
	at[0] = (uint8_t)(port >> 8);
	at[1] = (uint8_t)port;
}

/* Writes the ends of one part's value; returns how many bytes it takes in a concatenation. */
static unsigned part_bytes(
	enum ir_key key, const struct ir_key_value *value, uint8_t *lo, uint8_t *hi)
{
	size_t n;

	switch (key) {
	case IR_KEY_DEVICE:
		n = strlen(value->device.name);
		memset(hi, value->device.wildcard ? 0xff : 0, 16);
		memcpy(lo, value->device.name, n);
		memcpy(hi, value->device.name, n);
		return 16;
	case IR_KEY_ADDR4:
	case IR_KEY_ADDR6:
		n = key == IR_KEY_ADDR4 ? 4 : 16;
		memcpy(lo, value->addr.lo.b, n);
		memcpy(hi, value->addr.hi.b, n);
		return (unsigned)n;
	case IR_KEY_PROTO_PORT:
		lo[0] = hi[0] = value->proto;
		put_port(lo + 4, value->port.lo);
		put_port(hi + 4, value->port.hi);
		return 8;
	case IR_KEY_PORT:
		put_port(lo, value->port.lo);
		put_port(hi, value->port.hi);
		return 4;
	case IR_KEY_MAC:
		memcpy(lo, value->mac.b, 6);
		memcpy(hi, value->mac.b, 6);
		return 8;
	}
	BUG("key kind %d", key);
}

static void element_add(struct nft_build *b, struct nft_set *set, const struct ir_set *from,
	const struct ir_element *element)
{
	uint8_t lo[4 * NFT_CONCAT_MAX * 4] = { 0 }, hi[sizeof(lo)] = { 0 };
	unsigned at = 0;
	struct nft_element e = { .timeout = element->timeout, .comment = element->comment };

	for (unsigned i = 0; i < from->n_key; i++)
		at += part_bytes(from->key[i], &element->part[i], lo + at, hi + at);
	e.key = arena_copy(b->arena, lo, set->key_bytes, 1);
	if (memcmp(lo, hi, set->key_bytes))
		e.key_end = arena_copy(b->arena, hi, set->key_bytes, 1);
	if (e.timeout)
		set->has_timeout = true;
	vec_push(b->arena, &set->elements, e);
}

/* nft gives a dynamic set without a size this one; stated, so that both ways of loading agree. */
#define DYNAMIC_SIZE 65535

void nft_lower_sets(struct nft_build *b)
{
	vec_each (it, &b->ir->sets) {
		const struct ir_set *from = *it;
		struct nft_set *set = ARENA_NEW(b->arena, struct nft_set);

		set->name = nft_name(b, from->name);
		set->id = ++b->program->n_set_ids;
		set->origin = from->origin;
		set->interval = from->interval;
		set->dynamic = from->dynamic;
		set->timeout = from->timeout;
		set->has_timeout = from->timeout != 0;
		set->size = from->dynamic && !from->size ? DYNAMIC_SIZE : from->size;
		set->keep = from->keep;
		for (unsigned i = 0; i < from->n_key; i++)
			key_types(set, from->key[i]);
		nft_set_measure(set, 0);
		vec_each (element, &from->elements)
			element_add(b, set, from, element);
		nft_set_normalise(b, set);
		vec_push(b->arena, &b->program->sets, set);
		nft_map_put(&b->objects, from, set);
	}
}
