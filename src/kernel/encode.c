/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program's table, chains, objects and rules as nfnetlink messages; sets are in encode_set.c.
 *
 * Loading and readback share this code: what was meant is what these functions write, and both
 * the batch and the answer of the kernel are held against it.
 */
#include "kernel/encode_priv.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <libnftnl/udata.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

void encoder_release(struct encoder *e)
{
	nlbuf_release(&e->out);
	free(e->parts);
	*e = (struct encoder){ 0 };
}

static uint32_t encoder_part(struct encoder *e, const struct part *part)
{
	if (e->n == e->cap) {
		e->cap = e->cap ? e->cap * 2 : 256;
		e->parts = realloc(e->parts, e->cap * sizeof(*e->parts));
		if (!e->parts)
			BUG("out of memory");
	}
	e->parts[e->n] = *part;
	e->parts[e->n].at = e->out.n;
	return (uint32_t)e->n++;
}

void encoder_message(struct encoder *e, const struct part *part, uint16_t type, uint16_t flags)
{
	uint32_t seq = encoder_part(e, part);

	nl_message(
		&e->out, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, seq, NFPROTO_INET, 0);
}

void encoder_batch(struct encoder *e, uint16_t type, uint32_t genid)
{
	struct part part = { .kind = PART_BATCH };
	uint32_t seq = encoder_part(e, &part);

	nl_message(&e->out, type, 0, seq, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	if (genid)
		nl_put_be32(&e->out, NFNL_BATCH_GENID, genid);
}

void encoder_finish(struct encoder *e)
{
	nl_message_end(&e->out);
}

void encode_table(struct encoder *e)
{
	struct part part = { .kind = PART_TABLE, .name = NFT_TABLE_NAME };

	/* The acknowledgement shows that answers reach us; without it silence would prove nothing.
	 */
	encoder_message(e, &part, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_ACK);
	nl_put_str(&e->out, NFTA_TABLE_NAME, NFT_TABLE_NAME);
	/* No owner flag: the rules outlive the process that loads them. */
	nl_put_be32(&e->out, NFTA_TABLE_FLAGS, 0);
}

static void object_begin(struct encoder *e, const struct part *part, uint32_t type)
{
	encoder_message(e, part, NFT_MSG_NEWOBJ, NLM_F_CREATE);
	nl_put_str(&e->out, NFTA_OBJ_TABLE, NFT_TABLE_NAME);
	nl_put_str(&e->out, NFTA_OBJ_NAME, part->name);
	nl_put_be32(&e->out, NFTA_OBJ_TYPE, type);
}

void encode_counter(struct encoder *e, const struct nft_counter *c)
{
	struct part part = { .kind = PART_COUNTER, .name = c->name, .counter = c };

	object_begin(e, &part, NFT_OBJECT_COUNTER);
	nl_nest_end(&e->out, nl_nest(&e->out, NFTA_OBJ_DATA));
}

void encode_limit(struct encoder *e, const struct nft_limit *l)
{
	struct part part = { .kind = PART_LIMIT, .name = l->name, .limit = l };

	object_begin(e, &part, NFT_OBJECT_LIMIT);
	encode_rate(&e->out, NFTA_OBJ_DATA, &l->rate);
}

void encode_helper(struct encoder *e, const struct nft_helper *h)
{
	struct part part = { .kind = PART_HELPER, .name = h->name, .helper = h };

	object_begin(e, &part, NFT_OBJECT_CT_HELPER);
	size_t at = nl_nest(&e->out, NFTA_OBJ_DATA);
	nl_put_str(&e->out, NFTA_CT_HELPER_NAME, h->kernel);
	nl_put_be16(&e->out, NFTA_CT_HELPER_L3PROTO, encode_family(h->family));
	nl_put_u8(&e->out, NFTA_CT_HELPER_L4PROTO, h->proto);
	nl_nest_end(&e->out, at);
}

void encode_flowtable(struct encoder *e, const struct nft_flowtable *f)
{
	struct part part = { .kind = PART_FLOWTABLE, .name = NFT_FLOWTABLE_NAME };

	encoder_message(e, &part, NFT_MSG_NEWFLOWTABLE, NLM_F_CREATE);
	nl_put_str(&e->out, NFTA_FLOWTABLE_TABLE, NFT_TABLE_NAME);
	nl_put_str(&e->out, NFTA_FLOWTABLE_NAME, NFT_FLOWTABLE_NAME);
	size_t hook = nl_nest(&e->out, NFTA_FLOWTABLE_HOOK);
	nl_put_be32(&e->out, NFTA_FLOWTABLE_HOOK_NUM, NF_NETDEV_INGRESS);
	nl_put_be32(&e->out, NFTA_FLOWTABLE_HOOK_PRIORITY, 0);
	size_t devices = nl_nest(&e->out, NFTA_FLOWTABLE_HOOK_DEVS);
	for (size_t i = 0; i < f->n_devices; i++)
		nl_put_str(&e->out, NFTA_DEVICE_NAME, f->devices[i]);
	nl_nest_end(&e->out, devices);
	nl_nest_end(&e->out, hook);
	nl_put_be32(&e->out, NFTA_FLOWTABLE_FLAGS,
		(f->hardware ? NFT_FLOWTABLE_HW_OFFLOAD : 0) |
			(f->counter ? NFT_FLOWTABLE_COUNTER : 0));
}

static uint32_t hook_number(enum ir_hook hook)
{
	switch (hook) {
	case IR_PREROUTING:
		return NF_INET_PRE_ROUTING;
	case IR_INPUT:
		return NF_INET_LOCAL_IN;
	case IR_FORWARD:
		return NF_INET_FORWARD;
	case IR_OUTPUT:
		return NF_INET_LOCAL_OUT;
	case IR_POSTROUTING:
		return NF_INET_POST_ROUTING;
	}
	BUG("hook %d", (int)hook);
}

static const char *chain_type(enum nft_chain_type type)
{
	switch (type) {
	case NFT_CHAIN_FILTER:
		return "filter";
	case NFT_CHAIN_ROUTE:
		return "route";
	case NFT_CHAIN_NAT:
		return "nat";
	case NFT_CHAIN_REGULAR:
		break;
	}
	BUG("chain type %d", (int)type);
}

static void chain_begin(struct encoder *e, const struct nft_chain *c)
{
	struct part part = { .kind = PART_CHAIN, .name = c->name, .chain = c };

	encoder_message(e, &part, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	nl_put_str(&e->out, NFTA_CHAIN_TABLE, NFT_TABLE_NAME);
	nl_put_str(&e->out, NFTA_CHAIN_NAME, c->name);
}

/*
 * The kernel hangs a new base chain into its hook at once, before the transaction is committed
 * and before its rules count. So it is born accepting, and encode_policy() tightens it within the
 * transaction; a batch that fails has then dropped nothing.
 */
void encode_chain(struct encoder *e, const struct nft_chain *c)
{
	chain_begin(e, c);
	if (c->type == NFT_CHAIN_REGULAR)
		return;
	size_t hook = nl_nest(&e->out, NFTA_CHAIN_HOOK);
	nl_put_be32(&e->out, NFTA_HOOK_HOOKNUM, hook_number(c->hook));
	nl_put_be32(&e->out, NFTA_HOOK_PRIORITY, (uint32_t)c->priority);
	nl_nest_end(&e->out, hook);
	nl_put_be32(&e->out, NFTA_CHAIN_POLICY, NF_ACCEPT);
	nl_put_str(&e->out, NFTA_CHAIN_TYPE, chain_type(c->type));
}

void encode_policy(struct encoder *e, const struct nft_chain *c)
{
	chain_begin(e, c);
	nl_put_be32(&e->out, NFTA_CHAIN_POLICY, c->drop ? NF_DROP : NF_ACCEPT);
}

void note_add(struct notes *notes, uint8_t type, const void *value, size_t n)
{
	if (n > 255 || notes->n + 2 + n > sizeof(notes->bytes))
		BUG("note of %zu bytes", n);
	notes->bytes[notes->n++] = type;
	notes->bytes[notes->n++] = (uint8_t)n;
	memcpy(notes->bytes + notes->n, value, n);
	notes->n += n;
}

void encode_rule(struct encoder *e, const struct nft_chain *c, const struct nft_rule *r)
{
	struct part part = { .kind = PART_RULE, .name = c->name, .chain = c, .rule = r };
	struct notes notes = { .n = 0 };

	for (size_t i = 0; i < r->exprs.n; i++) {
		const struct nft_set *s = expr_set(&r->exprs.v[i]);

		if (s && !s->name) {
			encode_set(e, s, r);
			encode_elements(e, s, r);
		}
	}
	encoder_message(e, &part, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	nl_put_str(&e->out, NFTA_RULE_TABLE, NFT_TABLE_NAME);
	nl_put_str(&e->out, NFTA_RULE_CHAIN, c->name);
	size_t list = nl_nest(&e->out, NFTA_RULE_EXPRESSIONS);
	for (size_t i = 0; i < r->exprs.n; i++)
		encode_expr(&e->out, &r->exprs.v[i]);
	nl_nest_end(&e->out, list);
	if (r->comment)
		note_add(&notes, NFTNL_UDATA_RULE_COMMENT, r->comment, strlen(r->comment) + 1);
	if (notes.n)
		nl_put(&e->out, NFTA_RULE_USERDATA, notes.bytes, notes.n);
}
