/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nft backend as a row of the registry. It expresses every kind; one thing not everywhere. */
#include "emit/nft/backend.h"

#include "emit/nft/program.h"

/* The kernel knows the way out, and so its MTU, from forwarding on (nft_rt_validate()). */
static const char *nft_refuses(const struct ir_chain *chain, const struct ir_rule *rule)
{
	if (chain->hook != IR_PREROUTING && chain->hook != IR_INPUT)
		return NULL;
	for (size_t i = 0; i < rule->n_statements; i++) {
		if (rule->statements[i].kind == IR_S_MSS && !rule->statements[i].value)
			return "the path's MTU is not yet known where this rule stands";
	}
	return NULL;
}

static void nft_emit(struct arena *arena, const struct ir *ir, struct artefact *ret)
{
	ret->program = nft_program_of(arena, ir);
}

static void print(const struct artefact *artefact, struct buf *out)
{
	nft_print(artefact->program, out);
}

const struct backend nft_backend = {
	.name = "nft",
	.refuses = nft_refuses,
	.emit = nft_emit,
	.print = print,
};
