/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshot: what our table holds in the kernel now, rules and elements left out. */
#ifndef KERNEL_SNAPSHOT_PRIV_H
#define KERNEL_SNAPSHOT_PRIV_H

#include "kernel/nl_priv.h"

enum thing_kind { THING_CHAIN, THING_SET, THING_OBJECT, THING_FLOWTABLE };

struct thing {
	enum thing_kind kind;
	uint32_t object; /* NFT_OBJECT_* of an object: kinds of objects do not share names */
	size_t at;	 /* offset of the kernel's message in snapshot.copy */
	size_t name;	 /* offset of its name there */
	uint32_t flags;	 /* of a set: NFT_SET_* */
	bool base;	 /* of a chain: it has a hook */
	bool verdicts;	 /* of a set: a map to verdicts */
	bool wanted;	 /* for the use of the caller: the program has it */
	bool same;	 /* likewise: and it is declared alike */
};

struct snapshot {
	uint32_t genid;	   /* generation of the kernel's ruleset before the first question */
	bool table;	   /* our table exists */
	struct nlbuf copy; /* the answers, one after the other */
	struct thing *things;
	size_t n, cap;
	size_t *index; /* hash by kind and name: position in things + 1 */
	size_t index_size;
};

#define AUTO_SNAPSHOT __attribute__((cleanup(snapshot_release))) struct snapshot

/* Asks the kernel. Negative errno; -EINTR after many attempts overtaken by others' changes. */
int snapshot_take(struct nl *nl, struct snapshot *ret);
void snapshot_release(struct snapshot *s);
/* A thing by name; object is 0 for what is no object. NULL when there is none. */
struct thing *snapshot_find(
	const struct snapshot *s, enum thing_kind kind, uint32_t object, const char *name);
const char *thing_name(const struct snapshot *s, const struct thing *t);
const struct nlmsghdr *thing_message(const struct snapshot *s, const struct thing *t);

/* The kernel's generation. Negative errno. */
int nl_genid(struct nl *nl, uint32_t *ret);

#endif
