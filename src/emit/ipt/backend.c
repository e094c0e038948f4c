/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The iptables backend as a row of the registry. No kind is beyond it as a whole; what of a kind it
 * cannot say depends on the values, and is found by trying (xt_refusal()).
 */
#include "emit/ipt/backend.h"

#include "base/bug.h"
#include "emit/ipt/program.h"

static void ipt_emit(struct arena *arena, const struct ir *ir, struct artefact *ret)
{
	ret->iptables = xt_program_of(arena, ir);
	if (!ret->iptables)
		BUG("a rule that was found expressible is not");
}

static void print(const struct artefact *artefact, struct buf *out)
{
	xt_print(artefact->iptables, out);
}

const struct backend iptables_backend = {
	.name = "iptables",
	.refuses = xt_refusal,
	.warns = xt_warn,
	.emit = ipt_emit,
	.print = print,
};
