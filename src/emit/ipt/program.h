/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ruleset in the terms of iptables: per family four tables, chains of ours, rules as words, and
 * the ipsets that they look up.
 *
 * Built-in chains get one jump each, to a chain of ours; everything else is ours alone. Chains are
 * `open` when other programs may put rules there (input_rule, forwarding_wan_rule): we make them
 * and jump to them, and never empty them.
 */
#ifndef EMIT_IPT_PROGRAM_H
#define EMIT_IPT_PROGRAM_H

#include "base/buf.h"
#include "ir/ir.h"

#define XT_CHAIN_NAME_MAX 28 /* XT_EXTENSION_MAXNAMELEN less the NUL */
#define XT_TAG "!zonewall"   /* every comment of ours begins with it */
#define XT_TAG_OPEN "!zonewall user chain"

/* In the order in which they are loaded: what a packet may do is decided last. */
enum xt_table { XT_RAW, XT_MANGLE, XT_NAT, XT_FILTER };
#define XT_TABLES 4

struct xt_chain;

struct xt_rule {
	const char **words; /* matches, comment, target */
	size_t n_words;
	struct xt_chain *to; /* where it jumps or goes; NULL: a verdict or nothing */
	const char *target; /* kernels may lack it, and the rule is only for speed; NULL: not so */
	const struct ir_counter *counter;
	const struct ir_origin **origins;
	size_t n_origins;
};

struct xt_chain {
	const char *name;
	bool open;
	bool reached; /* while it is built */
	VEC(struct xt_rule) rules;
};

struct xt_jump {
	const char *builtin; /* "INPUT" */
	struct xt_chain *chain;
};

struct xt_content {
	VEC(struct xt_chain *) chains;
	VEC(struct xt_jump) jumps;
};

struct xt_family {
	enum family family;
	struct xt_content tables[XT_TABLES];
};

struct xt_set {
	const char *name;
	const char *type;   /* "hash:net" */
	const char *header; /* "family inet maxelem 65536": what follows the type */
	bool keep;	    /* what was added at run time stays as long as the header does */
	const struct ir_origin *origin;
	VEC(const char *) elements; /* what follows "add NAME" */
};

struct xt_program {
	struct xt_family family[2]; /* IPv4, IPv6 */
	VEC(struct xt_set *) sets;
	bool postrouting_ingress; /* a chain of POSTROUTING asks for the ingress device: Linux 5.7 */
	const struct ir_origin *postrouting_origin;
};

/* What cannot be said; see reasons.c. */
enum xt_no {
	XT_NO_ADDRESS_MASKS,
	XT_NO_DEVICES,
	XT_NO_TCP_FLAGS,
	XT_NO_HELPER_STATE,
	XT_NO_PROTO_ZERO,
	XT_NO_PROTO_LIST,
	XT_NO_TOO_MANY,
	XT_NO_CONNECTIONS_SEVERAL,
	XT_NO_SET_TYPE,
	XT_NO_DEST_MAC,
	XT_NO_LIMIT_DAY,
	XT_NO_LIMIT_MILLION,
	XT_NO_METER_KEY,
	XT_NO_METER_TWICE,
	XT_NO_METER_SEVERAL,
	XT_NO_METER_RENEWED,
	XT_NO_CONNECTIONS_KEY,
	XT_NO_METER_LOOKUP,
	XT_NO_NOT_HELPER,
	XT_NO_MANGLE_ONLY,
	XT_NO_PATH_MTU,
	XT_NO_HELPER_RAW,
	XT_NO_SHIFT_SOURCE,
	XT_NO_UDPLITE_DEST,
	XT_NO_SHIFT_OWN,
	XT_NO_NAT_DROP,
	XT_NO_MAC_HERE,
	XT_NO_OWNER_HERE,
};

struct xt_reason {
	const char *what, *why, *remedy;
	const char *example; /* an IR without its first line, whose one rule is refused */
};

extern const struct xt_reason xt_reasons[];
extern const size_t xt_reasons_n;

/* What is said, but means a little less than with nft; each is a warning. */
struct xt_difference {
	const char *id, *what, *why;
	const char *example; /* an IR that is warned of; NULL: known when it is loaded */
};

extern const struct xt_difference xt_differences[];
extern const size_t xt_differences_n;

/* Adds the warnings that an IR deserves. */
void xt_warn(const struct ir *ir, struct diags *diags);

extern const char *const xt_table_names[XT_TABLES];

/* The program of a verified IR; NULL when a rule cannot be expressed (xt_refusal() says which). */
const struct xt_program *xt_program_of(struct arena *arena, const struct ir *ir);
/* Why a rule cannot be expressed: a literal; NULL when it can. */
const char *xt_refusal(const struct ir_chain *chain, const struct ir_rule *rule);

/* ---- text ---- */

/*
 * A word for iptables-restore: in quotes unless it is plain. Quotes and backslashes are escaped,
 * control characters become '?', so that no word can end its line or become two.
 */
void xt_print_word(const char *word, struct buf *out);
/* "-A CHAIN WORDS\n" */
void xt_print_rule(const char *chain, const struct xt_rule *rule, struct buf *out);
/* A set with its elements, under a name, as `ipset restore` takes it. */
void xt_print_set(const struct xt_set *set, const char *name, struct buf *out);
/* All of it, for people: ipset restore, iptables-restore, ip6tables-restore. */
void xt_print(const struct xt_program *program, struct buf *out);
/* The rules of a table, as a number: equal texts have equal numbers. */
uint32_t xt_table_hash(const struct xt_content *content);

#endif
