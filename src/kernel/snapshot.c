/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot keeps the kernel's own messages about our table and an index of their names. The
 * plan of a load and the readback both compare these messages with the ones that we would send.
 */
#include "kernel/snapshot_priv.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "emit/nft/program.h"

#define TRIES 20

static size_t thing_hash(enum thing_kind kind, uint32_t object, const char *name)
{
	uint32_t h = 2166136261u ^ (uint32_t)kind * 16 ^ object; /* FNV-1a */

	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return h ^ h >> 15;
}

const char *thing_name(const struct snapshot *s, const struct thing *t)
{
	return (const char *)s->copy.p + t->name;
}

const struct nlmsghdr *thing_message(const struct snapshot *s, const struct thing *t)
{
	return (const void *)(s->copy.p + t->at);
}

struct thing *snapshot_find(
	const struct snapshot *s, enum thing_kind kind, uint32_t object, const char *name)
{
	if (!s->index_size)
		return NULL;
	for (size_t i = thing_hash(kind, object, name);; i++) {
		size_t at = s->index[i & (s->index_size - 1)];

		if (!at)
			return NULL;
		struct thing *t = &s->things[at - 1];
		if (t->kind == kind && t->object == object && !strcmp(thing_name(s, t), name))
			return t;
	}
}

static void snapshot_index(struct snapshot *s)
{
	s->index_size = 16;
	while (s->index_size < s->n * 2)
		s->index_size *= 2;
	free(s->index);
	s->index = calloc(s->index_size, sizeof(*s->index));
	if (!s->index)
		BUG("out of memory");
	for (size_t n = 0; n < s->n; n++) {
		const struct thing *t = &s->things[n];
		size_t i = thing_hash(t->kind, t->object, thing_name(s, t));

		while (s->index[i & (s->index_size - 1)])
			i++;
		s->index[i & (s->index_size - 1)] = n + 1;
	}
}

static void snapshot_add(
	struct snapshot *s, const struct nlmsghdr *m, const struct nlattr *name, struct thing t)
{
	size_t skip = (size_t)((const uint8_t *)mnl_attr_get_payload(name) - (const uint8_t *)m);

	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 64;
		s->things = realloc(s->things, s->cap * sizeof(*s->things));
		if (!s->things)
			BUG("out of memory");
	}
	t.at = nlbuf_append(&s->copy, m, m->nlmsg_len);
	t.name = t.at + skip;
	s->things[s->n++] = t;
}

/* One answer of any of the dumps; others' tables are passed over. */
static int snapshot_message(const struct nlmsghdr *m, void *context)
{
	struct snapshot *s = context;
	const struct nfgenmsg *g = mnl_nlmsg_get_payload(m);
	const struct nlattr *a[NFTA_SET_MAX + 1];
	struct thing t = { 0 };
	unsigned name = 0;

	nl_attrs_message(m, sizeof(*g), a, NFTA_SET_MAX);
	/* The table's name is attribute 1 in all of them. */
	if (g->nfgen_family != NFPROTO_INET || strcmp(nl_get_str(a[1]), NFT_TABLE_NAME))
		return 0;
	switch (m->nlmsg_type & 0xff) {
	case NFT_MSG_NEWCHAIN:
		t.kind = THING_CHAIN;
		t.base = a[NFTA_CHAIN_HOOK] != NULL;
		name = NFTA_CHAIN_NAME;
		break;
	case NFT_MSG_NEWSET:
		t.kind = THING_SET;
		t.flags = nl_get_be32(a[NFTA_SET_FLAGS]);
		t.verdicts = nl_get_be32(a[NFTA_SET_DATA_TYPE]) == NFT_DATA_VERDICT;
		name = NFTA_SET_NAME;
		break;
	case NFT_MSG_NEWOBJ:
		t.kind = THING_OBJECT;
		t.object = nl_get_be32(a[NFTA_OBJ_TYPE]);
		name = NFTA_OBJ_NAME;
		break;
	case NFT_MSG_NEWFLOWTABLE:
		t.kind = THING_FLOWTABLE;
		name = NFTA_FLOWTABLE_NAME;
		break;
	case NFT_MSG_NEWTABLE:
		s->table = true;
		return 0;
	}
	if (name && a[name])
		snapshot_add(s, m, a[name], t);
	return 0;
}

static int genid_message(const struct nlmsghdr *m, void *context)
{
	const struct nlattr *a[NFTA_GEN_MAX + 1];

	nl_attrs_message(m, sizeof(struct nfgenmsg), a, NFTA_GEN_MAX);
	*(uint32_t *)context = nl_get_be32(a[NFTA_GEN_ID]);
	return 0;
}

int nl_genid(struct nl *nl, uint32_t *ret)
{
	AUTO_NLBUF b = { 0 };

	nl_message(&b, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, 0, 0, AF_UNSPEC, 0);
	return nl_talk(nl, &b, genid_message, ret);
}

static int snapshot_dump(struct nl *nl, struct snapshot *s, uint16_t type)
{
	AUTO_NLBUF b = { 0 };

	nl_message(
		&b, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), NLM_F_DUMP, 0, NFPROTO_INET, 0);
	/* Attribute 1 is the table in all of these; kernels that do not filter by it ignore it. */
	if (type != NFT_MSG_GETTABLE)
		nl_put_str(&b, 1, NFT_TABLE_NAME);
	int error = nl_talk(nl, &b, snapshot_message, s);
	return error == -ENOENT ? 0 : error;
}

static int snapshot_try(struct nl *nl, struct snapshot *s)
{
	static const uint16_t questions[] = { NFT_MSG_GETTABLE, NFT_MSG_GETCHAIN, NFT_MSG_GETSET,
		NFT_MSG_GETOBJ, NFT_MSG_GETFLOWTABLE };
	int error = nl_genid(nl, &s->genid);

	for (size_t i = 0; !error && i < sizeof(questions) / sizeof(*questions); i++) {
		error = snapshot_dump(nl, s, questions[i]);
		if (!s->table)
			return error;
	}
	if (!error)
		snapshot_index(s);
	return error;
}

int snapshot_take(struct nl *nl, struct snapshot *ret)
{
	int error = -EINTR;

	for (int i = 0; error == -EINTR && i < TRIES; i++) {
		snapshot_release(ret);
		error = snapshot_try(nl, ret);
	}
	return error;
}

void snapshot_release(struct snapshot *s)
{
	nlbuf_release(&s->copy);
	free(s->things);
	free(s->index);
	*s = (struct snapshot){ 0 };
}
