/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of custom rules share: the chains that scripts fill, before they become IR. */
#ifndef LOWER_CUSTOM_H
#define LOWER_CUSTOM_H

#include "lower/arguments.h"

enum custom_kind {
	CUSTOM_BUILT_IN, /* INPUT, PREROUTING, ... */
	CUSTOM_USER,	 /* firewall3's places for custom rules: input_rule, forwarding_wan_rule */
	CUSTOM_OWN,	 /* made with -N */
};

struct custom_rule {
	struct ipt_command *command; /* its family is decided */
	const char *text;	     /* as printed: what -D and -C compare */
	const char *label;	     /* what its counter and limits are named after */
	const struct ir_origin *origin;
	bool before; /* in a built-in chain: inserted before our rules */
	bool reported;
};

struct custom_chain {
	enum custom_kind kind;
	enum family family;
	enum ipt_table table;
	const char *name;
	enum ir_hook hook;	 /* BUILT_IN and USER */
	const struct zone *zone; /* USER: of one zone */
	VEC(struct custom_rule *) rules;
	bool visiting, removed;
	unsigned checked; /* a bit for each hook that it has been checked for */
	unsigned height;  /* chains that nest in it, itself included; known when checked */
};

/* One chain of the IR for the chains of both families. */
struct custom_lowered {
	enum ipt_table table;
	enum ir_stage stage;
	const char *name;
	struct ir_chain *chain;
};

struct custom_tables {
	VEC(struct custom_chain *) chains;
	VEC(struct custom_lowered) lowered;
};

/* ---- custom.c ---- */
struct custom_chain *custom_find(
	struct lower *l, enum family family, enum ipt_table table, const char *name);
bool custom_is_built_in(enum ipt_table table, const char *name);
/* ---- custom_check.c ---- */
/* Checks every rule where packets meet it: the hook, targets, jumps, loops. */
void custom_check(struct lower *l);
/* ---- custom_target.c ---- */
/* Whether a target can stand in a table, at a hook; otherwise why not. */
const char *custom_target_refused(const struct custom_rule *r, enum ir_hook hook);
/* Sets statements and verdict of a rule; false: no rule after all (of the other family). */
bool custom_target(struct lower *l, const struct custom_rule *r, const struct custom_chain *in,
	enum ir_stage stage, struct ir_rule *rule);
/* The chain of the IR for a chain that is jumped to, in a stage; filled when first asked for. */
struct ir_chain *custom_chain_of(
	struct lower *l, const struct custom_chain *c, enum ir_stage stage);

#endif
