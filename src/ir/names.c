/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash table of names with open addressing, kept at most half full. Ten thousand rules bring
 * ten thousand counters and chains that the builder, verifier, parser and evaluator look up; a
 * linear search would make each of them quadratic.
 */
#include <string.h>

#include "ir/ir_priv.h"

uint32_t ir_hash(struct slice text)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < text.n; i++)
		hash = (hash ^ (unsigned char)text.p[i]) * 16777619U;
	return hash;
}

/* The slot of a name, or the free one where it would go. cap is not 0. */
static struct ir_name_slot *slot_of(const struct ir_names *names, struct slice name)
{
	size_t at = ir_hash(name) & (names->cap - 1);

	while (names->v[at].name && !slice_is(name, names->v[at].name))
		at = (at + 1) & (names->cap - 1);
	return &names->v[at];
}

static void grow(struct ir_names *names)
{
	struct ir_names more = *names;

	more.cap = names->cap ? names->cap * 2 : 32;
	more.v = ARENA_ARRAY(names->arena, struct ir_name_slot, more.cap);
	for (size_t i = 0; i < names->cap; i++) {
		if (names->v[i].name)
			*slot_of(&more, slice_of(names->v[i].name)) = names->v[i];
	}
	*names = more;
}

const void *ir_names_find(const struct ir_names *names, struct slice name)
{
	return names->cap ? slot_of(names, name)->object : NULL;
}

bool ir_names_add(struct ir_names *names, const char *name, const void *object)
{
	if (names->n * 2 >= names->cap)
		grow(names);

	struct ir_name_slot *slot = slot_of(names, slice_of(name));

	if (slot->name)
		return false;
	slot->name = name;
	slot->object = object;
	names->n++;
	return true;
}

bool ir_name_ok(const char *name, size_t max)
{
	size_t n = name ? strlen(name) : 0;

	if (!n || n > max)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = name[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool other = (c >= '0' && c <= '9') || c == '_' || c == '-';

		if (!letter && !(i && other))
			return false;
	}
	return true;
}

bool ir_kernel_helper_ok(const char *name)
{
	size_t n = name ? strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789._-")
			: 0;

	return n && n <= 15 && !name[n];
}
