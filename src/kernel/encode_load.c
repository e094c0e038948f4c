/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's single expressions, and the loading of packet fields by them.
 *
 * Attributes stand in the order in which the kernel dumps them, so that the readback's comparison
 * can go through both sides in step.
 */
#include <string.h>

#include "base/bug.h"
#include "kernel/expr_priv.h"

uint32_t register_name(unsigned word)
{
	return word % 4 ? NFT_REG32_00 + word : NFT_REG_1 + word / 4;
}

struct expr_nest expr_begin(struct nlbuf *b, const char *name)
{
	struct expr_nest x = { .outer = nl_nest(b, NFTA_LIST_ELEM) };

	nl_put_str(b, NFTA_EXPR_NAME, name);
	x.data = nl_nest(b, NFTA_EXPR_DATA);
	return x;
}

void expr_end(struct nlbuf *b, struct expr_nest x)
{
	nl_nest_end(b, x.data);
	nl_nest_end(b, x.outer);
}

void encode_data(struct nlbuf *b, uint16_t type, const void *value, size_t n)
{
	size_t at = nl_nest(b, type);

	nl_put(b, NFTA_DATA_VALUE, value, n);
	nl_nest_end(b, at);
}

void put_cmp(struct nlbuf *b, unsigned word, enum nft_cmp_ops op, const void *v, size_t n)
{
	struct expr_nest x = expr_begin(b, "cmp");

	nl_put_be32(b, NFTA_CMP_SREG, register_name(word));
	nl_put_be32(b, NFTA_CMP_OP, op);
	encode_data(b, NFTA_CMP_DATA, v, n);
	expr_end(b, x);
}

void put_immediate(struct nlbuf *b, unsigned word, const void *v, size_t n)
{
	struct expr_nest x = expr_begin(b, "immediate");

	nl_put_be32(b, NFTA_IMMEDIATE_DREG, register_name(word));
	encode_data(b, NFTA_IMMEDIATE_DATA, v, n);
	expr_end(b, x);
}

void put_bitwise(struct nlbuf *b, unsigned word, const void *mask, const void * xor, size_t n)
{
	struct expr_nest x = expr_begin(b, "bitwise");

	nl_put_be32(b, NFTA_BITWISE_SREG, register_name(word));
	nl_put_be32(b, NFTA_BITWISE_DREG, register_name(word));
	nl_put_be32(b, NFTA_BITWISE_OP, NFT_BITWISE_BOOL);
	nl_put_be32(b, NFTA_BITWISE_LEN, (uint32_t)n);
	encode_data(b, NFTA_BITWISE_MASK, mask, n);
	encode_data(b, NFTA_BITWISE_XOR, xor, n);
	expr_end(b, x);
}

void put_hton(struct nlbuf *b, unsigned word, unsigned n)
{
	struct expr_nest x = expr_begin(b, "byteorder");

	nl_put_be32(b, NFTA_BYTEORDER_SREG, register_name(word));
	nl_put_be32(b, NFTA_BYTEORDER_DREG, register_name(word));
	nl_put_be32(b, NFTA_BYTEORDER_OP, NFT_BYTEORDER_HTON);
	nl_put_be32(b, NFTA_BYTEORDER_LEN, n);
	nl_put_be32(b, NFTA_BYTEORDER_SIZE, n);
	expr_end(b, x);
}

void put_lookup(struct nlbuf *b, unsigned word, const struct nft_set *s, bool invert, int dword)
{
	struct expr_nest x = expr_begin(b, "lookup");

	nl_put_str(b, NFTA_LOOKUP_SET, set_wire_name(s));
	nl_put_be32(b, NFTA_LOOKUP_SREG, register_name(word));
	if (dword == LOOKUP_VERDICT)
		nl_put_be32(b, NFTA_LOOKUP_DREG, NFT_REG_VERDICT);
	else if (dword >= 0)
		nl_put_be32(b, NFTA_LOOKUP_DREG, register_name((unsigned)dword));
	nl_put_be32(b, NFTA_LOOKUP_SET_ID, s->id);
	if (invert)
		nl_put_be32(b, NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
	expr_end(b, x);
}

void put_payload_load(struct nlbuf *b, unsigned word, uint32_t base, uint32_t offset, unsigned n)
{
	struct expr_nest x = expr_begin(b, "payload");

	nl_put_be32(b, NFTA_PAYLOAD_DREG, register_name(word));
	nl_put_be32(b, NFTA_PAYLOAD_BASE, base);
	nl_put_be32(b, NFTA_PAYLOAD_OFFSET, offset);
	nl_put_be32(b, NFTA_PAYLOAD_LEN, n);
	expr_end(b, x);
}

void put_tcpopt(struct nlbuf *b, unsigned word, uint16_t reg_type, uint8_t kind, uint32_t offset,
	unsigned n)
{
	struct expr_nest x = expr_begin(b, "exthdr");

	nl_put_be32(b, reg_type, register_name(word));
	nl_put_u8(b, NFTA_EXTHDR_TYPE, kind);
	nl_put_be32(b, NFTA_EXTHDR_OFFSET, offset);
	nl_put_be32(b, NFTA_EXTHDR_LEN, n);
	if (reg_type == NFTA_EXTHDR_DREG) /* refused where the option is written */
		nl_put_be32(b, NFTA_EXTHDR_FLAGS, 0);
	nl_put_be32(b, NFTA_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
	expr_end(b, x);
}

void put_key_load(struct nlbuf *b, const char *name, uint16_t reg_type, unsigned word,
	uint16_t key_type, uint32_t key)
{
	struct expr_nest x = expr_begin(b, name);

	nl_put_be32(
		b, key_type, key); /* the order of the kernel's answer, so that readback is quick */
	nl_put_be32(b, reg_type, register_name(word));
	expr_end(b, x);
}

void number_bytes(uint32_t v, unsigned n, uint8_t ret[4])
{
	for (unsigned i = 0; i < n && i < 4; i++)
		ret[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
}

void put_load_bytes(struct nlbuf *b, enum nft_field field, unsigned word, unsigned n)
{
	const struct nft_field_info *f = &nft_field_info[field];
	struct expr_nest x;

	switch (f->load) {
	case NFT_LOAD_META:
		put_key_load(b, "meta", NFTA_META_DREG, word, NFTA_META_KEY, f->key);
		return;
	case NFT_LOAD_CT:
		put_key_load(b, "ct", NFTA_CT_DREG, word, NFTA_CT_KEY, f->key);
		return;
	case NFT_LOAD_RT:
		put_key_load(b, "rt", NFTA_RT_DREG, word, NFTA_RT_KEY, f->key);
		return;
	case NFT_LOAD_FIB:
		x = expr_begin(b, "fib");
		nl_put_be32(b, NFTA_FIB_FLAGS, f->flags);
		nl_put_be32(b, NFTA_FIB_RESULT, f->key);
		nl_put_be32(b, NFTA_FIB_DREG, register_name(word));
		expr_end(b, x);
		return;
	case NFT_LOAD_PAYLOAD:
		put_payload_load(b, word, f->base, f->offset, n);
		return;
	case NFT_LOAD_TCPOPT:
		put_tcpopt(b, word, NFTA_EXTHDR_DREG, (uint8_t)f->key, f->offset, n);
		return;
	}
	BUG("load %d", (int)f->load);
}

void put_load(struct nlbuf *b, enum nft_field field, unsigned word)
{
	const struct nft_field_info *f = &nft_field_info[field];

	put_load_bytes(b, field, word, f->bytes);
	if (f->mask) {
		uint8_t mask[4], none[4] = { 0 };

		number_bytes(f->mask, f->bytes, mask);
		put_bitwise(b, word, mask, none, f->bytes);
	}
	if (f->prefix) {
		uint8_t mask[16] = { 0 }, none[16] = { 0 };

		memset(mask, 0xff, f->prefix);
		put_bitwise(b, word, mask, none, f->bytes);
	}
}

void put_loads(struct nlbuf *b, const enum nft_field *field, unsigned n, const struct nft_set *s)
{
	unsigned word = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct nft_field_info *f = &nft_field_info[field[i]];

		put_load(b, field[i], word);
		if (n == 1 && s->interval && nft_type_info[f->type].host_order)
			put_hton(b, word, f->bytes);
		word += WORDS(f->bytes);
	}
}
