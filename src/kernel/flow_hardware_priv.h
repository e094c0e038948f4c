/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KERNEL_FLOW_HARDWARE_PRIV_H
#define KERNEL_FLOW_HARDWARE_PRIV_H

#include "emit/nft/program.h"
#include "kernel/nl_priv.h"

/* The first device of the flowtable that has no hardware offloading; NULL: all have it. */
const char *flow_hardware_refused(struct nl *nl, const struct nft_flowtable *f);

#endif
