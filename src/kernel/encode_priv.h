/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encode: a program as nfnetlink messages, and which part of it each message stands for. */
#ifndef KERNEL_ENCODE_PRIV_H
#define KERNEL_ENCODE_PRIV_H

#include "emit/nft/program.h"
#include "kernel/nl_priv.h"

/* What a message is about. */
enum part_kind {
	PART_BATCH, /* begin and end of the batch */
	PART_TABLE,
	PART_FLUSH,  /* of all rules */
	PART_DELETE, /* of something that the program does not have; name tells */
	PART_CHAIN,
	PART_SET,
	PART_ELEMENTS,
	PART_COUNTER,
	PART_LIMIT,
	PART_HELPER,
	PART_FLOWTABLE,
	PART_RULE,
};

struct part {
	enum part_kind kind;
	const char *name; /* of a named thing; may live in the snapshot */
	union {
		const struct nft_chain *chain; /* CHAIN, RULE */
		const struct nft_set *set;     /* SET, ELEMENTS */
		const struct nft_counter *counter;
		const struct nft_limit *limit;
		const struct nft_helper *helper;
	};
	const struct nft_rule *rule; /* RULE, and SET and ELEMENTS of an anonymous set */
	size_t at;		     /* offset of the message */
};

/* Messages being written; part i has sequence number i. */
struct encoder {
	struct nlbuf out;
	struct part *parts;
	size_t n, cap;
};

#define AUTO_ENCODER __attribute__((cleanup(encoder_release))) struct encoder

void encoder_release(struct encoder *e);
/* Starts a message of nftables' subsystem (NFT_MSG_*) in family inet. */
void encoder_message(struct encoder *e, const struct part *part, uint16_t type, uint16_t flags);
/* Starts NFNL_MSG_BATCH_BEGIN or _END; genid 0 states none. */
void encoder_batch(struct encoder *e, uint16_t type, uint32_t genid);
/* Fills in the length of the last message. */
void encoder_finish(struct encoder *e);

/* One message each; the new thing as the program declares it. */
void encode_table(struct encoder *e);
void encode_counter(struct encoder *e, const struct nft_counter *c);
void encode_limit(struct encoder *e, const struct nft_limit *l);
void encode_helper(struct encoder *e, const struct nft_helper *h);
void encode_flowtable(struct encoder *e, const struct nft_flowtable *f);
/* With its hook and policy `accept` when it is a base chain. */
void encode_chain(struct encoder *e, const struct nft_chain *c);
/* Sets the policy of a base chain that exists. */
void encode_policy(struct encoder *e, const struct nft_chain *c);
void encode_set(struct encoder *e, const struct nft_set *s, const struct nft_rule *rule);
/* As many messages as its elements need; none when it has none. */
void encode_elements(struct encoder *e, const struct nft_set *s, const struct nft_rule *rule);
/* The rule, after its anonymous sets with their elements. */
void encode_rule(struct encoder *e, const struct nft_chain *c, const struct nft_rule *r);

/* Inside a rule (encode_expr.c). */
void encode_expr(struct nlbuf *b, const struct nft_expr *x);
void encode_verdict(struct nlbuf *b, uint16_t type, const struct nft_verdict *v);
void encode_data(struct nlbuf *b, uint16_t type, const void *value, size_t n);
void encode_rate(struct nlbuf *b, uint16_t type, const struct nft_rate *r);
uint8_t encode_family(enum family family); /* NFPROTO_*: both are NFPROTO_INET */
/* The set that an expression refers to, or NULL. */
const struct nft_set *expr_set(const struct nft_expr *x);
/* The name that a set has in messages. */
const char *set_wire_name(const struct nft_set *s);

/* Notes by which nft remembers what the kernel has no word for; each has a type and a length. */
struct notes {
	uint8_t bytes[2 + 256 + 2 + 4];
	size_t n;
};

void note_add(struct notes *notes, uint8_t type, const void *value, size_t n);

#endif
