/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verify: the readback of a program. */
#ifndef KERNEL_VERIFY_PRIV_H
#define KERNEL_VERIFY_PRIV_H

#include "base/diag.h"
#include "emit/nft/program.h"
#include "kernel/nl_priv.h"

/* As nft_verify(), on an open socket. */
int verify_program(struct nl *nl, const struct nft_program *program, struct diags *diags);

#endif
