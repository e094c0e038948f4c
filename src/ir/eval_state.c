/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel remembers between packets: buckets of limits, elements that rules added, a
 * bucket for each element of a meter. Buckets are nft_limit's: a packet costs unit / rate in
 * nanoseconds, time earns tokens, at most burst packets' worth (a burst of 0 is 5, as in the
 * kernel). Packets carry whole seconds; each evaluation adds one nanosecond, so that packets of
 * one second have an order without earning a token. A clock that goes back earns nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "ir/eval_priv.h"

struct bucket {
	uint64_t tokens;
	int64_t last;
	bool begun;
};

struct entry {
	struct ir_key_value key[3];
	int64_t until; /* INT64_MAX: for ever */
	struct bucket bucket;
};

struct dynamic {
	const struct ir_set *set;
	VEC(struct entry) entries;
};

struct ir_state {
	struct arena arena;
	struct ir_names limits, sets; /* to struct bucket, to struct dynamic */
	int64_t now;		      /* nanoseconds */
	uint32_t calls;
};

struct ir_state *ir_state_new(const struct ir *ir)
{
	struct ir_state *state = calloc(1, sizeof(*state));

	if (!state)
		BUG("out of memory");
	arena_init(&state->arena);
	state->limits.arena = state->sets.arena = &state->arena;
	vec_each (limit, &ir->limits)
		ir_names_add(&state->limits, arena_strdup(&state->arena, (*limit)->name),
			ARENA_NEW(&state->arena, struct bucket));
	vec_each (set, &ir->sets) {
		struct dynamic *d = ARENA_NEW(&state->arena, struct dynamic);

		d->set = *set;
		ir_names_add(&state->sets, arena_strdup(&state->arena, (*set)->name), d);
	}
	return state;
}

void ir_state_free(struct ir_state *state)
{
	if (!state)
		return;
	arena_release(&state->arena);
	free(state);
}

void ir_state_at(struct ir_state *state, int64_t seconds)
{
	const int64_t second = 1000000000, most = INT64_MAX / second - 1;

	if (!state)
		return;
	if (seconds > most)
		seconds = most;
	if (seconds < -most)
		seconds = -most;
	state->now = seconds * second + state->calls++ % second;
}

static bool bucket_take(struct bucket *b, const struct rate *rate, uint32_t burst, int64_t now)
{
	uint64_t cost = rate->seconds * (uint64_t)1000000000 / rate->count;
	uint64_t most = cost * (burst ? burst : 5);

	if (!b->begun) {
		b->begun = true;
		b->tokens = most;
		b->last = now;
	}
	if (now > b->last) {
		uint64_t earned = (uint64_t)now - (uint64_t)b->last;

		b->tokens = earned >= most - b->tokens ? most : b->tokens + earned;
		b->last = now;
	}
	if (b->tokens < cost)
		return false;
	b->tokens -= cost;
	return true;
}

bool ir_state_limit(struct ir_state *state, const struct ir_limit *limit)
{
	const void *bucket = state ? ir_names_find(&state->limits, slice_of(limit->name)) : NULL;

	return !bucket ||
	       bucket_take((struct bucket *)bucket, &limit->rate, limit->burst, state->now);
}

static bool key_eq(
	const struct ir_set *set, const struct ir_key_value a[3], const struct ir_key_value b[3])
{
	for (unsigned i = 0; i < set->n_key; i++) {
		switch (set->key[i]) {
		case IR_KEY_DEVICE:
			if (strcmp(a[i].device.name, b[i].device.name) != 0)
				return false;
			break;
		case IR_KEY_ADDR4:
		case IR_KEY_ADDR6:
			if (!addr_eq(&a[i].addr.lo, &b[i].addr.lo))
				return false;
			break;
		case IR_KEY_PROTO_PORT:
			if (a[i].proto != b[i].proto || a[i].port.lo != b[i].port.lo)
				return false;
			break;
		case IR_KEY_PORT:
			if (a[i].port.lo != b[i].port.lo)
				return false;
			break;
		case IR_KEY_MAC:
			if (memcmp(a[i].mac.b, b[i].mac.b, sizeof(a[i].mac.b)) != 0)
				return false;
			break;
		}
	}
	return true;
}

static struct entry *entry_find(
	const struct ir_state *state, const struct dynamic *d, const struct ir_key_value key[3])
{
	vec_each (e, &d->entries) {
		if (e->until > state->now && key_eq(d->set, e->key, key))
			return e;
	}
	return NULL;
}

bool ir_state_has(
	const struct ir_state *state, const struct ir_set *set, const struct ir_key_value key[3])
{
	const struct dynamic *d = state ? ir_names_find(&state->sets, slice_of(set->name)) : NULL;

	return d && entry_find(state, d, key);
}

static void expire(const struct ir_state *state, struct dynamic *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->entries.n; i++) {
		if (d->entries.v[i].until > state->now)
			d->entries.v[kept++] = d->entries.v[i];
	}
	d->entries.n = kept;
}

/* The element, made or renewed (unless that is not done here); NULL when the set is full. */
static struct entry *entry_touch(
	struct ir_state *state, struct dynamic *d, const struct ir_key_value key[3])
{
	const struct ir_set *set = d->set;
	struct entry *e = entry_find(state, d, key);
	int64_t until;

	if (__builtin_add_overflow(state->now, (int64_t)set->timeout * 1000000000, &until) ||
		!set->timeout)
		until = INT64_MAX;
	if (!e) {
		struct entry fresh = { 0 };

		expire(state, d);
		if (set->size && d->entries.n + set->elements.n >= set->size)
			return NULL;
		memcpy(fresh.key, key, sizeof(fresh.key));
		vec_push(&state->arena, &d->entries, fresh);
		e = &d->entries.v[d->entries.n - 1];
	} else if (set->once) {
		return e;
	}
	e->until = until;
	return e;
}

bool ir_state_add(
	struct ir_state *state, const struct ir_set *set, const struct ir_key_value key[3])
{
	const void *d = state ? ir_names_find(&state->sets, slice_of(set->name)) : NULL;

	return !d || entry_touch(state, (struct dynamic *)d, key);
}

void ir_state_delete(
	struct ir_state *state, const struct ir_set *set, const struct ir_key_value key[3])
{
	const void *d = state ? ir_names_find(&state->sets, slice_of(set->name)) : NULL;
	struct entry *e = d ? entry_find(state, d, key) : NULL;

	if (e)
		e->until = state->now;
}

bool ir_state_meter(struct ir_state *state, const struct ir_set *set,
	const struct ir_key_value key[3], bool *ret_token)
{
	const void *d = state ? ir_names_find(&state->sets, slice_of(set->name)) : NULL;
	struct entry *e;

	if (!d) {
		*ret_token = true;
		return true;
	}
	e = entry_touch(state, (struct dynamic *)d, key);
	if (!e)
		return false;
	*ret_token = bucket_take(&e->bucket, &set->rate, set->burst, state->now);
	return true;
}
