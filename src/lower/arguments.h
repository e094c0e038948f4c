/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iptables matches as matches of the IR: for the extra arguments of sections and for custom rules.
 * arguments_check() says what cannot be expressed, before anything is made; then
 * arguments_apply() never refuses.
 */
#ifndef LOWER_ARGUMENTS_H
#define LOWER_ARGUMENTS_H

#include "iptables/iptables.h"
#include "lower/lower_priv.h"

/* One way in which a list of recent sources is asked: hits within seconds. */
struct recent_window {
	uint32_t seconds;	    /* 0: ever */
	unsigned hits;		    /* at least 1 */
	struct ir_set *sets[2][20]; /* [IPv6][hit]: as many as hits */
	struct ir_chain
		*record[2][IR_STAGES]; /* notes one more hit; windows of several hits only */
};

/* A list of -m recent, shared by every rule that names it. */
struct recent_list {
	const char *name;
	bool dest; /* the packet's destination is noted */
	VEC(struct recent_window) windows;
};

/* A variant whose packets a chain must note first: one of several hits. */
struct argument_record {
	const struct ir_rule *variant;
	struct recent_list *list;
	struct recent_window *window;
	bool v6;
};

/* An object of a match that all its variants share, and rules that are alike. */
struct argument_object {
	const struct ipt_match *match; /* or NULL and the key */
	const char *key;
	enum family family;
	const struct ir_limit *limit;
	struct ir_set *set;
};

/* The extra arguments of a section, as read. */
struct extra_entry {
	const char *text;    /* the option's value: the key */
	const char *section; /* its title, for diagnostics */
	struct ipt_rule rule;
	bool good;
};

struct custom {
	VEC(struct extra_entry) extras;
	size_t extra_at; /* cursor: sections ask in their order */
	VEC(struct recent_list *) recents;
	VEC(struct argument_object) objects;
	VEC(struct argument_record) records;
	struct custom_tables *tables;
};

struct arguments {
	struct lower *l;
	struct ir *ir; /* that the variants are built with: their memory */
	const struct ipt_rule *rule;
	const struct ir_origin *origin;
	const char *label; /* what objects are named after */
	bool closes;	   /* the rule refuses packets: without a clock it holds always */
};

/* Adds to rule->refusals what no backend can express. */
void arguments_check(struct lower *l, struct ipt_rule *rule);
/* Collects the windows of -m recent, before any rule is made. */
void arguments_collect(struct lower *l, const struct ipt_rule *rule);
/* Narrows each variant by the arguments; some fork, those that can never match are left out. */
struct variants arguments_apply(const struct arguments *a, const struct variants *in);

enum argument { ARGUMENT_KEEP, ARGUMENT_NEVER };

/* ---- arguments_option.c ---- */
/* Adds what an option asks for; NEVER: no packet has it. */
enum argument arguments_option(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule);
/* ---- arguments_state.c ---- */
enum argument arguments_limit(
	const struct arguments *a, const struct ipt_match *m, struct ir_rule *rule);
enum argument arguments_hashlimit(
	const struct arguments *a, const struct ipt_match *m, struct ir_rule *rule);
void arguments_hashlimit_check(struct lower *l, struct ipt_rule *rule, const struct ipt_match *m);
enum argument arguments_set(
	const struct arguments *a, const struct ipt_option *o, struct ir_rule *rule);
enum argument arguments_connlimit(
	const struct arguments *a, const struct ipt_match *m, struct ir_rule *rule);
void arguments_connlimit_check(struct lower *l, struct ipt_rule *rule, const struct ipt_match *m);
void arguments_set_check(struct lower *l, struct ipt_rule *rule, const struct ipt_option *o);
bool arguments_time(const struct arguments *a, const struct ipt_match *m, struct ir_rule *rule);
/* ---- arguments_recent.c ---- */
void arguments_recent(const struct arguments *a, const struct ipt_match *m, struct ir_rule *rule,
	struct variants *out);
/* The chain that notes a hit of a window, in a stage. */
struct ir_chain *arguments_record_chain(struct lower *l, struct recent_list *list,
	struct recent_window *w, bool v6, enum ir_stage stage);
/* Puts the jumps to such chains before a variant that is about to be placed. */
void arguments_place_records(
	struct lower *l, struct ir_chain *chain, const struct ir_rule *variant);
void arguments_recent_check(struct lower *l, struct ipt_rule *rule, const struct ipt_match *m);

void arguments_refuse(struct lower *l, struct ipt_rule *rule, struct span span, const char *token,
	const char *reason);
/* Narrows the rule's protocols to those of the set; false when none is left. */
bool arguments_protocols(
	const struct arguments *a, struct ir_rule *rule, const struct range_set *with);
/* Those of the rule's protocols that have ports; false when none is left. */
bool arguments_with_ports(const struct arguments *a, struct ir_rule *rule);
/* Narrows the rule to one protocol; false when it is not among the rule's. */
bool arguments_protocol(const struct arguments *a, struct ir_rule *rule, uint8_t proto);
/* Appends a match to a variant. */
struct ir_match *arguments_add(
	const struct arguments *a, struct ir_rule *rule, enum ir_match_kind kind, bool negate);
/* The ranges of an option, copied: the IR outlives what was read. */
struct range_set arguments_ranges(const struct arguments *a, const struct range_set *set);
/* A copy of a variant, in the same memory. */
struct ir_rule *arguments_fork(const struct arguments *a, const struct ir_rule *rule);

#endif
