/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the backend. A rule of the IR becomes a product: each match is a list of alternatives, of
 * which iptables can state one in a rule. Alternatives of one match never overlap, so no packet
 * meets two rules of one product.
 */
#ifndef EMIT_IPT_PRIV_H
#define EMIT_IPT_PRIV_H

#include "emit/ipt/program.h"

#define XT_ALTERNATIVES_MAX 1024 /* rules of iptables for one of the IR */
#define XT_LIST_MAX 8		 /* addresses that are written out; more become an ipset */

struct xt_words {
	const char **v;
	size_t n, cap;
};

struct xt_choice {
	VEC(struct xt_words) of; /* none: never holds */
};

struct xt_target {
	struct xt_words words;
	struct xt_chain *to;
	int proto;	      /* 0: any; XT_PROTO_ANY_OF: one of the rule's; else this one */
	const char *optional; /* see struct xt_rule */
};
#define XT_PROTO_ANY_OF 256

struct xt_named {
	const struct ir_chain *of;
	struct xt_chain *chain;
};

struct xt_build {
	struct arena *arena;
	const struct ir *ir; /* NULL when only a refusal is asked for */
	struct xt_program *program;
	struct xt_family *family;   /* the one that is being built */
	struct xt_content *table;   /* likewise */
	VEC(struct xt_named) names; /* chains of the IR, in this family */
	unsigned steps;
	const char *why; /* the first refusal */
};

struct xt_rule_build {
	struct xt_build *b;
	enum family family;
	enum ir_hook hook;
	enum ir_stage stage;
	const struct ir_rule *ir;
	struct xt_chain **at; /* where rules go; moves on when the rest of a chain becomes its own */
	bool never;	      /* a match that never holds */
	bool alone;	      /* a match that must stand in one rule only */
	uint32_t protos[8];   /* bits: those that are possible */
	bool proto_given;
	struct xt_words l4;   /* options of -m tcp or -m udp */
	bool has_sport, has_dport, has_flags, flags_have_syn;
	bool source_taken, dest_taken; /* -s, -d */
	bool iif_taken, oif_taken;
	VEC(struct xt_choice) choices;
	VEC(struct xt_words) exclusions; /* what must not hold, each of them */
	VEC(struct xt_target) before;	 /* at most one: done for what the choices until then let through */
	size_t choices_before;
	VEC(struct xt_target) targets;
};

/* words.c */
void xt_word(struct xt_rule_build *r, struct xt_words *w, const char *word);
void xt_words_add(struct xt_build *b, struct xt_words *w, const struct xt_words *more);
/* Words up to NULL. */
struct xt_words xt_words_make(struct xt_build *b, const char *const *words); /* ended by NULL */
#define xt_words_of(b, ...) xt_words_make((b), (const char *const[]){ __VA_ARGS__ })
const char *xt_text(struct xt_build *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct xt_choice *xt_choice_add(struct xt_rule_build *r);
void xt_alternative(struct xt_rule_build *r, struct xt_choice *c, struct xt_words words);
/* One condition. */
void xt_must(struct xt_rule_build *r, struct xt_words words);
void xt_refuse(struct xt_build *b, enum xt_no why);
bool xt_proto_possible(const struct xt_rule_build *r, unsigned proto);
unsigned xt_protos_count(const struct xt_rule_build *r);
uint32_t xt_hash(uint32_t hash, const void *p, size_t n);
#define XT_HASH_BEGIN 2166136261U

/* names.c */
/* The chain of a chain of the IR in this table; made when it is new. */
struct xt_chain *xt_chain_of(struct xt_build *b, const struct ir_chain *chain);
/* A name within 28 bytes; the same text gives the same name. */
const char *xt_short_name(struct xt_build *b, const char *name);
/* The chain of that name in the table; made when it is new. */
struct xt_chain *xt_chain_get(struct xt_build *b, const char *name);
/* A new chain for several targets, or for the rest of another. */
struct xt_chain *xt_step_chain(struct xt_build *b);
struct xt_target xt_jump(struct xt_build *b, const char *how, struct xt_chain *to);

/* match.c, address.c, number.c, state.c */
void xt_lower_protos(struct xt_rule_build *r);
void xt_lower_match(struct xt_rule_build *r, const struct ir_match *m);
void xt_lower_addresses(struct xt_rule_build *r, bool dest);
void xt_lower_devices(struct xt_rule_build *r, const struct ir_match *m, bool out);
void xt_lower_ports(struct xt_rule_build *r, const struct ir_match *m, bool dest);
void xt_lower_ranges(struct xt_rule_build *r, const struct ir_match *m);
void xt_lower_limit(struct xt_rule_build *r, const struct ir_match *m);
void xt_lower_meter(struct xt_rule_build *r, const struct ir_match *m);
void xt_lower_connections(struct xt_rule_build *r, const struct ir_match *m);
void xt_lower_times(struct xt_rule_build *r, const struct ir_match *m);
void xt_lower_state(struct xt_rule_build *r, const struct ir_match *m);
void xt_lower_set_match(struct xt_rule_build *r, const struct ir_match *m);
/* Splits a range into prefixes, "a/len" each. */
void xt_prefixes(struct xt_build *b, const struct addr_range *range, struct xt_words *ret);

/* sets.c */
const struct xt_set *xt_set_of(struct xt_build *b, const struct ir_set *set);
const struct xt_set *xt_set_of_prefixes(
	struct xt_build *b, enum family family, const struct xt_words *prefixes);
/* "src,dst" as the set's key wants it; NULL after a refusal. */
const char *xt_set_flags(struct xt_build *b, const struct ir_set *set, const bool dest[3]);

/* target.c */
void xt_lower_statement(struct xt_rule_build *r, const struct ir_statement *s);
void xt_lower_verdict(struct xt_rule_build *r);

/* rule.c */
void xt_lower_rule(struct xt_build *b, const struct ir_chain *in, struct xt_chain **at,
	const struct ir_rule *rule);
void xt_rule_push(struct xt_build *b, struct xt_chain *chain, const struct ir_rule *ir,
	const struct xt_words *conditions, const struct xt_target *target, bool counted);

enum xt_table xt_table_of(enum ir_stage stage);

#endif
