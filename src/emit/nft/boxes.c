/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Elements of concatenated interval sets as boxes, one range in each field. The kernel (pipapo)
 * refuses boxes that overlap, so what is already covered is cut away: a box without another is at
 * most two boxes for each field, one on either side, and what is left is covered.
 *
 * A range of device names is a pattern, and a pattern without another is no pattern. Of two boxes
 * the one is cut whose names lie within the other's, so names are never split.
 */
#include <string.h>

#include "emit/nft/nft_priv.h"

struct box {
	struct nft_element e; /* key and key_end are set */
	bool dead;
};

struct boxes {
	struct nft_build *b;
	const struct nft_set *set;
	VEC(struct box) v;
};

static unsigned field_bytes(const struct nft_set *set, unsigned i)
{
	return nft_type_info[set->key[i]].bytes;
}

static unsigned padded(unsigned bytes)
{
	return (bytes + 3) & ~3U;
}

static bool overlap(
	const struct nft_set *set, const struct nft_element *a, const struct nft_element *b)
{
	unsigned at = 0;

	for (unsigned i = 0; i < set->n_key; i++) {
		unsigned n = field_bytes(set, i);

		if (memcmp(a->key + at, b->key_end + at, n) > 0 ||
			memcmp(b->key + at, a->key_end + at, n) > 0)
			return false;
		at += padded(n);
	}
	return true;
}

/* Each name of a lies within b's. */
static bool names_within(
	const struct nft_set *set, const struct nft_element *a, const struct nft_element *b)
{
	unsigned at = 0;

	for (unsigned i = 0; i < set->n_key; i++) {
		unsigned n = field_bytes(set, i);

		if (set->key[i] == NFT_T_IFNAME &&
			(memcmp(a->key + at, b->key + at, n) < 0 ||
				memcmp(a->key_end + at, b->key_end + at, n) > 0))
			return false;
		at += padded(n);
	}
	return true;
}

/* value + 1 or value - 1, big-endian; the caller knows that there is one. */
static void step(uint8_t *value, unsigned n, bool up)
{
	while (n-- > 0) {
		value[n] = (uint8_t)(up ? value[n] + 1 : value[n] - 1);
		if (value[n] != (up ? 0 : 0xff))
			return;
	}
}

static void box_add(struct boxes *boxes, struct nft_element e);

/* One piece of e: its field at `at` ends before (or begins behind) what b has there. */
static void piece_add(struct boxes *boxes, const struct nft_element *e, unsigned at, unsigned n,
	const struct nft_element *b, bool below)
{
	unsigned bytes = boxes->set->key_bytes;
	struct nft_element piece = *e;
	uint8_t *end = arena_copy(boxes->b->arena, below ? e->key_end : e->key, bytes, 1);

	memcpy(end + at, below ? b->key + at : b->key_end + at, n);
	step(end + at, n, !below);
	if (below)
		piece.key_end = end;
	else
		piece.key = end;
	box_add(boxes, piece);
}

/* Adds what e has outside b. */
static void cut(struct boxes *boxes, struct nft_element e, const struct nft_element *b)
{
	const struct nft_set *set = boxes->set;
	struct nft_element rest = e;
	unsigned at = 0;

	for (unsigned i = 0; i < set->n_key; i++) {
		unsigned n = field_bytes(set, i);
		uint8_t *lo = arena_copy(boxes->b->arena, rest.key, set->key_bytes, 1);
		uint8_t *hi = arena_copy(boxes->b->arena, rest.key_end, set->key_bytes, 1);

		if (memcmp(rest.key + at, b->key + at, n) < 0) {
			piece_add(boxes, &rest, at, n, b, true);
			memcpy(lo + at, b->key + at, n);
		}
		if (memcmp(rest.key_end + at, b->key_end + at, n) > 0) {
			piece_add(boxes, &rest, at, n, b, false);
			memcpy(hi + at, b->key_end + at, n);
		}
		rest.key = lo;
		rest.key_end = hi;
		at += padded(n);
	}
}

static void box_add(struct boxes *boxes, struct nft_element e)
{
	size_t n = boxes->v.n;

	for (size_t i = 0; i < n; i++) {
		struct nft_element known = boxes->v.v[i].e;

		if (boxes->v.v[i].dead || !overlap(boxes->set, &known, &e))
			continue;
		if (names_within(boxes->set, &e, &known)) {
			cut(boxes, e, &known);
			return;
		}
		if (!names_within(boxes->set, &known, &e))
			continue; /* names that cross: the kernel will name the set */
		boxes->v.v[i].dead = true;
		box_add(boxes, e);
		cut(boxes, known, &e);
		return;
	}
	vec_push(boxes->b->arena, &boxes->v, (struct box){ e, false });
}

void nft_boxes_part(struct nft_build *b, struct nft_set *set)
{
	struct boxes boxes = { .b = b, .set = set };

	vec_each (e, &set->elements)
		box_add(&boxes, *e);
	set->elements.n = 0;
	vec_each (box, &boxes.v) {
		if (!box->dead)
			vec_push(b->arena, &set->elements, box->e);
	}
}
