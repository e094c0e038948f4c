/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of emit/nft/ share: the building of a program, and the printing of values. */
#ifndef EMIT_NFT_NFT_PRIV_H
#define EMIT_NFT_NFT_PRIV_H

#include "emit/nft/program.h"

#define NFT_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* tables.c */

/* The fields of a protocol's ports; the last row, protocol 0, is for several protocols ("th"). */
struct nft_port_fields {
	uint8_t proto;
	enum nft_field sport, dport;
};
extern const struct nft_port_fields nft_port_fields[];

bool nft_reserved(const char *name); /* a word of nft's language that cannot be a name */

/* map.c: from the IR's objects to the program's, by address; never walked, so order is not lost */

struct nft_map {
	struct arena *arena;
	struct nft_map_slot {
		const void *key;
		void *value;
	} * v;
	size_t n, cap;
};

void nft_map_put(struct nft_map *map, const void *key, void *value);
void *nft_map_get(const struct nft_map *map, const void *key); /* NULL when absent */

/* build.c: the program under construction */

struct nft_steps {
	struct ir_statement statement;
	enum family family;
	const struct nft_chain *chain;
};

struct nft_build {
	struct arena *arena;
	const struct ir *ir;
	struct nft_program *program;
	struct nft_map objects;	     /* ir_chain -> nft_chain, ir_set -> nft_set */
	VEC(struct nft_steps) steps; /* the chains of steps.c, made once each */
	/*
	 * Expressions of the rules under construction, the innermost last. They are copied into the
	 * arena when their rule is done: growing there would cost more memory than the rules.
	 */
	struct nft_expr *stack;
	size_t n_stack, cap_stack;
};

/* The name, with '_' behind it when nft's parser would not take it. */
const char *nft_name(struct nft_build *b, const char *name);
/* Big-endian bytes of a number in the arena. */
const uint8_t *nft_number(struct nft_build *b, uint64_t value, unsigned bytes);
/* A device's name, padded; fill is the byte behind it. */
const uint8_t *nft_device_bytes(struct nft_build *b, const char *name, uint8_t fill);

/* An anonymous set, or map to data, whose key is these fields' values. */
struct nft_set *nft_anonymous(struct nft_build *b, const enum nft_field *field, unsigned n_field);
/* Sets key_bytes from key[]; bytes is the length of a single key without a fixed one, else 0. */
void nft_set_measure(struct nft_set *set, unsigned bytes);
/* Sorts by key, drops doubles, joins or cuts what overlaps. */
void nft_set_normalise(struct nft_build *b, struct nft_set *set);

/* A new regular chain; '_' is added to a name that is taken. */
struct nft_chain *nft_chain_new(struct nft_build *b, const char *name);
const struct nft_chain *nft_chain_of(const struct nft_build *b, const struct ir_chain *chain);
const struct nft_set *nft_set_of(const struct nft_build *b, const struct ir_set *set);

/* imply.c: one rule under construction */

struct nft_rule_build {
	struct nft_build *b;
	const struct ir_rule *ir;
	size_t first, n;    /* its expressions, on the stack of the build */
	enum family family; /* of this alternative; ANY: both */
	uint32_t ipsec;	    /* bits of this alternative */
	enum ir_hook hook;
	const struct ir_match
		*protos; /* the match on the protocol, or what several join to; or NULL */
	/* What nft knows of the packet from the expressions so far; it adds implied matches by
	 * that. */
	enum family known_family;
	uint8_t known_proto;
	bool known_ether;
	uint8_t proto;	     /* the one protocol that the rule asks for; 0: none or several */
	bool proto_deferred; /* its match is implied by a later one */
	bool family_first;   /* the family is written out, before all others */
};

/* The new expression; valid until the next. */
struct nft_expr *nft_expr_add(struct nft_rule_build *r, enum nft_expr_kind kind);
/* Ends the rule: appends it to the chain, unless it has no expression. */
void nft_rule_end(struct nft_rule_build *r, struct nft_chain *chain, struct nft_rule rule);
void nft_rule_forget(struct nft_rule_build *r); /* ends it, and there is no rule */
struct nft_match *nft_match_add(
	struct nft_rule_build *r, enum nft_field field, enum nft_compare compare);
/* Adds what nft implies before these fields are loaded: meta nfproto, meta l4proto, iiftype. */
void nft_imply(struct nft_rule_build *r, const enum nft_field *field, unsigned n_field);
void nft_match_family(struct nft_rule_build *r, bool implied);
void nft_match_proto(struct nft_rule_build *r, uint8_t proto, bool implied);
/* The field of the packet's source or destination port, by the rule's protocol. */
enum nft_field nft_port_field(const struct nft_rule_build *r, bool dest);
/* The fields of a set's key for this packet; returns how many. */
unsigned nft_key_fields(const struct nft_rule_build *r, const struct ir_set *set, const bool *dest,
	enum nft_field *ret);
struct nft_rate nft_rate_of(const struct rate *rate, uint32_t burst);

/* plan.c */

/* The order of writing; fills protos, proto, proto_deferred and family_first. */
const struct ir_match **nft_plan(struct nft_rule_build *r, size_t *ret_n);
/* nft wants the protocol stated for it: ports to translate, a TCP reset. */
bool nft_verdict_needs_proto(const struct ir_verdict *v);

/* The set's key has a MAC and no address before it: nft then reads the family from the frame. */
bool nft_mac_leads(const struct ir_set *set);

/* match.c: false when the match can never hold */
bool nft_lower_match(struct nft_rule_build *r, const struct ir_match *m);
bool nft_match_stateful(const struct ir_match *m);
bool nft_addrs_all(const struct addr_set *set); /* every address of its family */

/* devices.c */

/* The patterns without those that another one covers, sorted; n in *ret_n. */
const struct device_pattern *nft_devices_reduce(
	struct nft_build *b, const struct device_pattern *v, size_t n, size_t *ret_n);
bool nft_lower_devices(struct nft_rule_build *r, const struct ir_match *m);
void nft_element_device(struct nft_build *b, struct nft_element *e, const struct device_pattern *p);

/* icmp.c */
bool nft_lower_icmp(struct nft_rule_build *r, const struct ir_match *m);

/* statement.c: statements and verdicts that are one expression */
void nft_lower_statement(struct nft_rule_build *r, const struct ir_statement *s);
void nft_lower_verdict(struct nft_rule_build *r, const struct ir_verdict *v);
void nft_add_verdict(
	struct nft_rule_build *r, enum nft_verdict_kind kind, const struct nft_chain *chain);

/* steps.c: statements that nft 1.0.6 has no expression for, as chains of simple rules */

bool nft_statement_is_steps(const struct ir_statement *s);
/* The chain that does it, for packets of a family; made once. */
const struct nft_chain *nft_steps_chain(
	struct nft_build *b, const struct ir_statement *s, enum family family);

/* rule.c: appends what an IR rule becomes to the chain: none, one or several rules */
void nft_lower_rule(struct nft_build *b, struct nft_chain *chain, const struct ir_rule *rule,
	enum ir_hook hook);

/* dispatch.c: lowers the rules from `at` on that make one lookup; how many, 0: none */
size_t nft_lower_dispatch(
	struct nft_build *b, struct nft_chain *chain, const struct ir_chain *from, size_t at);

/* boxes.c: cuts the elements of a concatenated interval set until none overlap */
void nft_boxes_part(struct nft_build *b, struct nft_set *set);

/* sets.c */
void nft_lower_sets(struct nft_build *b);

/* share.c: anonymous sets that rules repeat become named ones; the program is otherwise done */
void nft_share_sets(struct nft_build *b);

/* print_value.c, print_expr.c, print.c */
void nft_print_value(
	enum nft_type type, unsigned bytes, unsigned shift, const uint8_t *value, struct buf *out);
void nft_print_end(
	enum nft_type type, unsigned bytes, unsigned shift, const uint8_t *value, struct buf *out);
void nft_print_elements(
	const struct nft_set *set, const char *separator, unsigned shift, struct buf *out);
void nft_print_verdict(const struct nft_verdict *verdict, struct buf *out);
void nft_print_duration(uint32_t seconds, struct buf *out);
void nft_print_rate(const struct nft_rate *rate, struct buf *out);
void nft_print_expr(const struct nft_expr *expr, struct buf *out);

#endif
