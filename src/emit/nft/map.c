/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash table from addresses to addresses, open addressing, at most half full. Rules of the IR
 * name chains and sets by pointer; with ten thousand chains a search would be quadratic. It is
 * only looked up, never walked, so the output does not depend on where things lie in memory.
 */
#include "emit/nft/nft_priv.h"

static size_t place(const struct nft_map *map, const void *key)
{
	uintptr_t h = (uintptr_t)key;

	h ^= h >> 17;
	h *= (uintptr_t)0x9e3779b1U;
	h ^= h >> 13;

	size_t at = h & (map->cap - 1);

	while (map->v[at].key && map->v[at].key != key)
		at = (at + 1) & (map->cap - 1);
	return at;
}

void nft_map_put(struct nft_map *map, const void *key, void *value)
{
	if (map->n * 2 >= map->cap) {
		struct nft_map more = *map;

		more.cap = map->cap ? map->cap * 2 : 64;
		more.v = ARENA_ARRAY(map->arena, struct nft_map_slot, more.cap);
		for (size_t i = 0; i < map->cap; i++) {
			if (map->v[i].key)
				more.v[place(&more, map->v[i].key)] = map->v[i];
		}
		*map = more;
	}

	struct nft_map_slot *slot = &map->v[place(map, key)];

	if (!slot->key)
		map->n++;
	*slot = (struct nft_map_slot){ key, value };
}

void *nft_map_get(const struct nft_map *map, const void *key)
{
	return map->cap ? map->v[place(map, key)].value : NULL;
}
