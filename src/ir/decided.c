/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who decided about a packet, in terms of sections: the rule that gave the verdict, or, when that
 * rule only carries out what another one decided, the one that sent the packet there.
 */
#include "ir/ir.h"

/* Chains that only carry out: log, guard, answer. */
static bool carries_out(const struct ir_chain *chain)
{
	return chain->role == IR_ROLE_FROM_ZONE || chain->role == IR_ROLE_TO_ZONE ||
		chain->role == IR_ROLE_REJECT;
}

const struct ir_origin *ir_result_decided(const struct ir_result *result)
{
	const struct ir_rule *rule = result->decided;

	if (rule && carries_out(result->decided_chain)) {
		rule = NULL;
		for (size_t i = result->steps.n; i-- > 0 && !rule;) {
			const struct ir_step *step = &result->steps.v[i];
			enum ir_verdict_kind kind = step->rule->verdict.kind;

			if (step->matched && step->rule->n_origins && !carries_out(step->chain) &&
				(kind == IR_GOTO || kind == IR_JUMP))
				rule = step->rule;
		}
	}
	return rule && rule->n_origins ? rule->origins[0] : NULL;
}
