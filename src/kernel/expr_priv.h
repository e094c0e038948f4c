/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single expressions of the kernel's, from which encode_expr.c puts ours together. */
#ifndef KERNEL_EXPR_PRIV_H
#define KERNEL_EXPR_PRIV_H

#include <linux/netfilter/nf_tables.h>

#include "kernel/encode_priv.h"

#define VALUE_MAX 16 /* bytes of the widest field */
#define WORDS(bytes) (((bytes) + 3) / 4)
#define WORDS_WIDE 4 /* what nft sets aside for one operand of nat */

/* An open expression: expr_begin(), its attributes, expr_end(). */
struct expr_nest {
	size_t outer, data;
};

struct expr_nest expr_begin(struct nlbuf *b, const char *name);
void expr_end(struct nlbuf *b, struct expr_nest x);
/*
 * The name of a register, counted in words of four bytes from 0: every fourth has the old 16-byte
 * name (1, 2, 3, 4), the others NFT_REG32_00 + word. The kernel answers with the same names.
 */
uint32_t register_name(unsigned word);

void put_cmp(struct nlbuf *b, unsigned word, enum nft_cmp_ops op, const void *v, size_t n);
void put_immediate(struct nlbuf *b, unsigned word, const void *v, size_t n);
void put_bitwise(struct nlbuf *b, unsigned word, const void *mask, const void * xor, size_t n);
void put_hton(struct nlbuf *b, unsigned word, unsigned n);

enum { LOOKUP_NO_MAP = -1, LOOKUP_VERDICT = -2 };
/* dword: the word where a map's value goes, or one of the above. */
void put_lookup(struct nlbuf *b, unsigned word, const struct nft_set *s, bool invert, int dword);
void put_payload_load(struct nlbuf *b, unsigned word, uint32_t base, uint32_t offset, unsigned n);
/* A TCP option's bytes: reg_type is NFTA_EXTHDR_DREG to read, _SREG to write. */
void put_tcpopt(struct nlbuf *b, unsigned word, uint16_t reg_type, uint8_t kind, uint32_t offset,
	unsigned n);
/* meta, ct and rt: a key into a register. */
void put_key_load(struct nlbuf *b, const char *name, uint16_t reg_type, unsigned word,
	uint16_t key_type, uint32_t key);
/* Loads a field, masked to its bits; or the first n bytes of it. */
void put_load(struct nlbuf *b, enum nft_field field, unsigned word);
void put_load_bytes(struct nlbuf *b, enum nft_field field, unsigned word, unsigned n);
/* Loads fields one after the other from word 0 on, as a set wants its key. */
void put_loads(struct nlbuf *b, const enum nft_field *field, unsigned n, const struct nft_set *s);
/* The first n bytes of a number of n bytes in network order. */
void number_bytes(uint32_t v, unsigned n, uint8_t ret[4]);

#endif
