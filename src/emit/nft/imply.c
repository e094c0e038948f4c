/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expressions and what nft implies by them.
 *
 * nft adds the matches that a field needs ("tcp dport" is only read of TCP packets). Our program
 * must hold the same ones at the same places, so a rule under construction knows what nft knows of
 * the packet from the expressions so far.
 */
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>

#include "base/bug.h"
#include "emit/nft/nft_priv.h"

struct nft_expr *nft_expr_add(struct nft_rule_build *r, enum nft_expr_kind kind)
{
	struct nft_build *b = r->b;

	if (!r->n)
		r->first = b->n_stack;
	if (r->first + r->n != b->n_stack)
		BUG("a rule is built while another one is");
	if (b->n_stack == b->cap_stack) {
		b->cap_stack = b->cap_stack ? b->cap_stack * 2 : 32;
		b->stack = reallocarray(b->stack, b->cap_stack, sizeof(b->stack[0]));
		if (!b->stack)
			BUG("no memory for a rule");
	}
	b->stack[b->n_stack] = (struct nft_expr){ .kind = kind };
	r->n++;
	return &b->stack[b->n_stack++];
}

void nft_rule_forget(struct nft_rule_build *r)
{
	r->b->n_stack -= r->n;
	r->n = 0;
}

void nft_rule_end(struct nft_rule_build *r, struct nft_chain *chain, struct nft_rule rule)
{
	struct nft_build *b = r->b;

	if (!r->n)
		return;
	rule.exprs.v = arena_copy(b->arena, b->stack + r->first, r->n, sizeof(b->stack[0]));
	rule.exprs.n = rule.exprs.cap = r->n;
	nft_rule_forget(r);
	vec_push(b->arena, &chain->rules, rule);
}

struct nft_match *nft_match_add(
	struct nft_rule_build *r, enum nft_field field, enum nft_compare compare)
{
	struct nft_match *match = &nft_expr_add(r, NFT_E_MATCH)->match;

	match->field[0] = field;
	match->n_field = 1;
	match->compare = compare;
	return match;
}

void nft_match_family(struct nft_rule_build *r, bool implied)
{
	/* NFPROTO_IPV4, NFPROTO_IPV6 */
	uint64_t value = r->known_family == FAMILY_V6 ? 10 : 2;
	struct nft_match *match = nft_match_add(r, NFT_F_NFPROTO, NFT_CMP_VALUE);

	match->value = nft_number(r->b, value, 1);
	match->implied = implied;
}

void nft_match_proto(struct nft_rule_build *r, uint8_t proto, bool implied)
{
	struct nft_match *match = nft_match_add(r, NFT_F_L4PROTO, NFT_CMP_VALUE);

	match->value = nft_number(r->b, proto, 1);
	match->implied = implied;
	r->known_proto = proto;
}

static void imply_family(struct nft_rule_build *r, enum family family)
{
	if (r->known_family == family)
		return;
	r->known_family = family;
	nft_match_family(r, true);
}

static void imply_proto(struct nft_rule_build *r, uint8_t proto)
{
	if (r->known_proto != proto)
		nft_match_proto(r, proto, true);
}

static uint8_t transport_of(enum nft_field field)
{
	if (field == NFT_F_ICMP_TYPE || field == NFT_F_ICMP_CODE)
		return PROTO_ICMP;
	if (field == NFT_F_ICMPV6_TYPE || field == NFT_F_ICMPV6_CODE)
		return PROTO_ICMPV6;
	if (field == NFT_F_TCP_FLAGS)
		return PROTO_TCP;
	for (const struct nft_port_fields *p = nft_port_fields; p->proto; p++) {
		if (field == p->sport || field == p->dport)
			return p->proto;
	}
	return 0;
}

void nft_imply(struct nft_rule_build *r, const enum nft_field *field, unsigned n_field)
{
	for (unsigned i = 0; i < n_field; i++) {
		const struct nft_field_info *info = &nft_field_info[field[i]];
		bool v6 = field[i] == NFT_F_IP6_SADDR || field[i] == NFT_F_IP6_SNET ||
			  field[i] == NFT_F_IP6_DADDR || field[i] == NFT_F_IP6_DSCP ||
			  field[i] == NFT_F_IP6_HOPLIMIT;
		uint8_t proto = transport_of(field[i]);

		if (info->load != NFT_LOAD_PAYLOAD)
			continue;
		if (info->base == NFT_PAYLOAD_NETWORK_HEADER)
			imply_family(r, v6 ? FAMILY_V6 : FAMILY_V4);
		if (proto == PROTO_ICMP || proto == PROTO_ICMPV6)
			imply_family(r, proto == PROTO_ICMP ? FAMILY_V4 : FAMILY_V6);
		if (proto)
			imply_proto(r, proto);
		if (info->base == NFT_PAYLOAD_LL_HEADER && !r->known_ether) {
			r->known_ether = true;
			struct nft_match *ether = nft_match_add(r, NFT_F_IIFTYPE, NFT_CMP_VALUE);

			ether->value = nft_number(r->b, 1, 2); /* ARPHRD_ETHER */
			ether->implied = true;
		}
	}
}

enum nft_field nft_port_field(const struct nft_rule_build *r, bool dest)
{
	const struct nft_port_fields *p = nft_port_fields;

	while (p->proto && p->proto != r->proto)
		p++;
	return dest ? p->dport : p->sport;
}

unsigned nft_key_fields(const struct nft_rule_build *r, const struct ir_set *set, const bool *dest,
	enum nft_field *ret)
{
	unsigned n = 0;

	for (unsigned i = 0; i < set->n_key; i++) {
		switch (set->key[i]) {
		case IR_KEY_DEVICE:
			ret[n++] = dest[i] ? NFT_F_OIFNAME : NFT_F_IIFNAME;
			continue;
		case IR_KEY_ADDR4:
			ret[n++] = dest[i] ? NFT_F_IP_DADDR : NFT_F_IP_SADDR;
			continue;
		case IR_KEY_ADDR6:
			ret[n++] = dest[i] ? NFT_F_IP6_DADDR
				: i == 0 && set->net6 ? NFT_F_IP6_SNET : NFT_F_IP6_SADDR;
			continue;
		case IR_KEY_PROTO_PORT:
			ret[n++] = NFT_F_L4PROTO;
			ret[n++] = nft_port_field(r, dest[i]);
			continue;
		case IR_KEY_PORT:
			ret[n++] = nft_port_field(r, dest[i]);
			continue;
		case IR_KEY_MAC:
			ret[n++] = NFT_F_ETHER_SADDR;
			continue;
		}
		BUG("key kind %d", set->key[i]);
	}
	return n;
}
