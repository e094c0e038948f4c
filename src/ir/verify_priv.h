/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two halves of the verifier share. */
#ifndef IR_VERIFY_PRIV_H
#define IR_VERIFY_PRIV_H

#include "ir/ir_priv.h"

struct ir_chain_facts {
	const struct ir_chain *chain;
	int height; /* chains nested below, itself counted; 0 not known yet, -1 being found out */
	unsigned hooks; /* bits of enum ir_hook from which packets come */
};

struct ir_verifier {
	const struct ir *ir;
	struct arena arena; /* ends with the verifier */
	struct ir_names chains, sets, counters, limits, helpers;
	/* where we are, for the message */
	const struct ir_chain *chain;
	const struct ir_rule *rule;
	size_t n_rule;
	const char *why;
};

/* Notes the breach; returns false. The format is a literal. */
bool ir_verify_fail(struct ir_verifier *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* True when the object stands in the IR's list under its name. */
bool ir_verify_known(const struct ir_names *names, const char *name, const void *object);
/* NULL when the chain is not one of the IR's. */
struct ir_chain_facts *ir_verify_facts(struct ir_verifier *v, const struct ir_chain *chain);
/* A rule by itself, in the stage of its chain. */
bool ir_verify_rule(
	struct ir_verifier *v, const struct ir_chain *chain, const struct ir_rule *rule);
/* The rule's verdict against all hooks (bits) from which packets reach it. */
bool ir_verify_hooks(struct ir_verifier *v, const struct ir_rule *rule, unsigned hooks);

#endif
