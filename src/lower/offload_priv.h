/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two files of flow offloading share. */
#ifndef LOWER_OFFLOAD_PRIV_H
#define LOWER_OFFLOAD_PRIV_H

#include "lower/lower_priv.h"

/* Connections that are not to be offloaded. */
struct exemption {
	struct ir_rule *rule;		/* matches only; in l->scratch */
	const struct ir_origin *origin; /* of the rule that wants their packets; NULL none */
};

struct exemptions {
	VEC(struct exemption) list; /* in l->scratch */
	bool everything;	    /* they cover every connection */
};

/*
 * Finds the exemptions that the rules of the IR ask for, which must be complete. One warning,
 * "offload-bypass", names the sections they come from.
 */
void offload_exemptions(struct lower *l, struct exemptions *ret);
/* Where the user asked for offloading. */
struct span offload_span(const struct lower *l);
/* The rule that decides established connections in the forward chain. */
bool offload_accepts_established(const struct ir_rule *rule);

#endif
