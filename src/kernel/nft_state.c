/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small questions to nf_tables, each on a socket of its own: they are asked by people, seldom, and
 * share nothing with a load that may be running.
 */
#include "kernel/nft_state.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "kernel/encode_priv.h"
#include "kernel/nl_priv.h"
#include "kernel/snapshot_priv.h"

#define TRIES 20
#define NFT(message) (NFNL_SUBSYS_NFTABLES << 8 | (message))

/* Collects into an arena; `list` is the struct of the caller. */
struct collect {
	struct arena *arena;
	void *list;
};

static int dump(
	struct nlbuf *b, int (*each)(const struct nlmsghdr *m, void *context), struct collect *c)
{
	AUTO_NL nl;
	int error = nl_open(&nl, NETLINK_NETFILTER);

	return error ? error : nl_talk(&nl, b, each, c);
}

static int counter_message(const struct nlmsghdr *m, void *context)
{
	struct collect *c = context;
	struct nft_counter_values *list = c->list;
	const struct nlattr *a[NFTA_OBJ_MAX + 1], *d[NFTA_COUNTER_MAX + 1];

	nl_attrs_message(m, sizeof(struct nfgenmsg), a, NFTA_OBJ_MAX);
	if (strcmp(nl_get_str(a[NFTA_OBJ_TABLE]), NFT_TABLE_NAME) ||
		nl_get_be32(a[NFTA_OBJ_TYPE]) != NFT_OBJECT_COUNTER)
		return 0;
	nl_attrs_nested(a[NFTA_OBJ_DATA], d, NFTA_COUNTER_MAX);
	struct nft_counter_value v = {
		.name = arena_strdup(c->arena, nl_get_str(a[NFTA_OBJ_NAME])),
		.packets = nl_get_be64(d[NFTA_COUNTER_PACKETS]),
		.bytes = nl_get_be64(d[NFTA_COUNTER_BYTES]),
	};
	vec_push(c->arena, &list->list, v);
	return 0;
}

int nft_counters(struct arena *arena, bool reset, struct nft_counter_values *ret)
{
	int error = -EINTR;

	for (int i = 0; error == -EINTR && i < TRIES; i++) {
		AUTO_NLBUF b = { 0 };
		struct nft_counter_values list = { 0 };
		struct collect c = { arena, &list };

		nl_message(&b, NFT(reset ? NFT_MSG_GETOBJ_RESET : NFT_MSG_GETOBJ), NLM_F_DUMP, 0,
			NFPROTO_INET, 0);
		nl_put_str(&b, NFTA_OBJ_TABLE, NFT_TABLE_NAME);
		nl_put_be32(&b, NFTA_OBJ_TYPE, NFT_OBJECT_COUNTER);
		error = dump(&b, counter_message, &c);
		/* What was reset must not be read again: an overtaken dump is still whole enough.
		 */
		if (reset && error == -EINTR)
			error = 0;
		if (!error)
			*ret = list;
	}
	return error == -ENOENT ? 0 : error;
}

static const char *family_name(struct arena *arena, uint8_t family)
{
	switch (family) {
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_ARP:
		return "arp";
	case NFPROTO_NETDEV:
		return "netdev";
	case NFPROTO_BRIDGE:
		return "bridge";
	case NFPROTO_IPV6:
		return "ip6";
	}
	return arena_printf(arena, "%u", family);
}

static int table_message(const struct nlmsghdr *m, void *context)
{
	struct collect *c = context;
	struct nft_table_names *list = c->list;
	const struct nfgenmsg *g = mnl_nlmsg_get_payload(m);
	const struct nlattr *a[NFTA_TABLE_MAX + 1];

	nl_attrs_message(m, sizeof(*g), a, NFTA_TABLE_MAX);
	struct nft_table_name t = {
		.family = family_name(c->arena, g->nfgen_family),
		.name = arena_strdup(c->arena, nl_get_str(a[NFTA_TABLE_NAME])),
	};
	vec_push(c->arena, &list->list, t);
	return 0;
}

static int tables(struct arena *arena, struct nft_table_names *ret)
{
	int error = -EINTR;

	for (int i = 0; error == -EINTR && i < TRIES; i++) {
		AUTO_NLBUF b = { 0 };
		struct nft_table_names list = { 0 };
		struct collect c = { arena, &list };

		nl_message(&b, NFT(NFT_MSG_GETTABLE), NLM_F_DUMP, 0, NFPROTO_UNSPEC, 0);
		error = dump(&b, table_message, &c);
		if (!error)
			*ret = list;
	}
	return error;
}

static bool is_ours(const struct nft_table_name *t)
{
	return !strcmp(t->family, "inet") && !strcmp(t->name, NFT_TABLE_NAME);
}

int nft_table_present(void)
{
	struct nft_table_names all = { 0 };
	struct arena arena;

	arena_init(&arena);
	int result = tables(&arena, &all);
	vec_each (t, &all.list) {
		if (!result && is_ours(t))
			result = 1;
	}
	arena_release(&arena);
	return result;
}

int nft_foreign_tables(struct arena *arena, struct nft_table_names *ret)
{
	struct nft_table_names all = { 0 }, others = { 0 };
	int error = tables(arena, &all);

	if (error)
		return error;
	vec_each (t, &all.list) {
		if (!is_ours(t))
			vec_push(arena, &others.list, *t);
	}
	*ret = others;
	return 0;
}

static void first_error(uint32_t seq, int error, void *context)
{
	int *first = context;

	(void)seq;
	if (!*first)
		*first = error;
}

/* Sends a batch whose one message is already written by `put`. */
static int transact(struct encoder *e)
{
	AUTO_NL nl;
	int refused = 0, error = nl_open(&nl, NETLINK_NETFILTER);

	if (error)
		return error;
	encoder_batch(e, NFNL_MSG_BATCH_END, 0);
	error = nl_send_batch(&nl, &e->out, e->n, first_error, &refused);
	return error ? error : refused;
}

int nft_flush(void)
{
	struct part part = { .kind = PART_DELETE, .name = NFT_TABLE_NAME };
	AUTO_ENCODER e = { 0 };

	encoder_batch(&e, NFNL_MSG_BATCH_BEGIN, 0);
	encoder_message(&e, &part, NFT_MSG_DELTABLE, NLM_F_ACK);
	nl_put_str(&e.out, NFTA_TABLE_NAME, NFT_TABLE_NAME);
	int error = transact(&e);
	return error == -ENOENT ? 0 : error;
}

static int set_message(const struct nlmsghdr *m, void *context)
{
	struct collect *c = context;
	struct nft_set_names *list = c->list;
	const struct nlattr *a[NFTA_SET_MAX + 1];

	nl_attrs_message(m, sizeof(struct nfgenmsg), a, NFTA_SET_MAX);
	if (!strcmp(nl_get_str(a[NFTA_SET_TABLE]), NFT_TABLE_NAME) &&
		!(nl_get_be32(a[NFTA_SET_FLAGS]) & NFT_SET_ANONYMOUS))
		vec_push(c->arena, &list->list,
			arena_strdup(c->arena, nl_get_str(a[NFTA_SET_NAME])));
	return 0;
}

int nft_sets(struct arena *arena, struct nft_set_names *ret)
{
	struct nft_set_names list = { 0 };
	int error = -EINTR;

	for (int i = 0; error == -EINTR && i < TRIES; i++) {
		AUTO_NLBUF b = { 0 };
		struct collect c = { arena, &list };

		list.list.n = 0;
		nl_message(&b, NFT(NFT_MSG_GETSET), NLM_F_DUMP, 0, NFPROTO_INET, 0);
		nl_put_str(&b, NFTA_SET_TABLE, NFT_TABLE_NAME);
		error = dump(&b, set_message, &c);
	}
	if (error == -ENOENT)
		error = 0; /* no table */
	if (!error)
		*ret = list;
	return error;
}

static void live_element(const struct nlattr *element, struct collect *c)
{
	struct nft_live_elements *list = c->list;
	const struct nlattr *a[NFTA_SET_ELEM_MAX + 1], *d[NFTA_DATA_MAX + 1];
	struct nft_live_element x = { 0 };

	nl_attrs_nested(element, a, NFTA_SET_ELEM_MAX);
	nl_attrs_nested(a[NFTA_SET_ELEM_KEY], d, NFTA_DATA_MAX);
	if (!d[NFTA_DATA_VALUE] ||
		(nl_get_be32(a[NFTA_SET_ELEM_FLAGS]) & NFT_SET_ELEM_INTERVAL_END))
		return;
	x.key_bytes = mnl_attr_get_payload_len(d[NFTA_DATA_VALUE]);
	if (x.key_bytes > sizeof(x.key))
		return;
	memcpy(x.key, mnl_attr_get_payload(d[NFTA_DATA_VALUE]), x.key_bytes);
	x.is_addr = x.key_bytes == 4 || x.key_bytes == 16;
	if (x.is_addr) {
		x.addr.family = x.key_bytes == 4 ? FAMILY_V4 : FAMILY_V6;
		memcpy(x.addr.b, x.key, x.key_bytes);
	}
	x.timeout_ms = nl_get_be64(a[NFTA_SET_ELEM_TIMEOUT]);
	x.left_ms = nl_get_be64(a[NFTA_SET_ELEM_EXPIRATION]);
	vec_push(c->arena, &list->list, x);
}

static int live_message(const struct nlmsghdr *m, void *context)
{
	const struct nlattr *a[NFTA_SET_ELEM_LIST_MAX + 1], *element;

	nl_attrs_message(m, sizeof(struct nfgenmsg), a, NFTA_SET_ELEM_LIST_MAX);
	if (!a[NFTA_SET_ELEM_LIST_ELEMENTS])
		return 0;
	mnl_attr_for_each_nested(element, a[NFTA_SET_ELEM_LIST_ELEMENTS])
		live_element(element, context);
	return 0;
}

int nft_set_elements(struct arena *arena, const char *set, struct nft_live_elements *ret)
{
	int error = -EINTR;

	for (int i = 0; error == -EINTR && i < TRIES; i++) {
		AUTO_NLBUF b = { 0 };
		struct nft_live_elements list = { 0 };
		struct collect c = { arena, &list };

		nl_message(&b, NFT(NFT_MSG_GETSETELEM), NLM_F_DUMP, 0, NFPROTO_INET, 0);
		nl_put_str(&b, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE_NAME);
		nl_put_str(&b, NFTA_SET_ELEM_LIST_SET, set);
		error = dump(&b, live_message, &c);
		if (!error)
			*ret = list;
	}
	return error;
}

int nft_set_remove(const char *set, const uint8_t *key, unsigned n)
{
	struct part part = { .kind = PART_DELETE, .name = set };
	AUTO_ENCODER e = { 0 };

	encoder_batch(&e, NFNL_MSG_BATCH_BEGIN, 0);
	encoder_message(&e, &part, NFT_MSG_DELSETELEM, NLM_F_ACK);
	nl_put_str(&e.out, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE_NAME);
	nl_put_str(&e.out, NFTA_SET_ELEM_LIST_SET, set);
	size_t list = nl_nest(&e.out, NFTA_SET_ELEM_LIST_ELEMENTS);
	size_t element = nl_nest(&e.out, NFTA_LIST_ELEM);
	encode_data(&e.out, NFTA_SET_ELEM_KEY, key, n);
	nl_nest_end(&e.out, element);
	nl_nest_end(&e.out, list);
	return transact(&e);
}

int nft_set_remove_addr(const char *set, const struct addr *addr)
{
	return nft_set_remove(set, addr->b, family_bytes(addr->family));
}
