/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Report: what the kernel says about a part of a batch, told as diagnostics. */
#ifndef KERNEL_REPORT_PRIV_H
#define KERNEL_REPORT_PRIV_H

#include "base/diag.h"
#include "kernel/encode_priv.h"

/* The section that a part was made from, or NULL. */
const struct ir_origin *part_origin(const struct part *part);
/* "kernel-refused": the kernel answered a message with this (positive) errno. */
void report_refused(struct diags *diags, const struct part *part, int error);
/* "kernel-differs": a part reads back otherwise; `how` is a literal ("is missing"). */
void report_differs(struct diags *diags, const struct part *part, const char *how);
/* "kernel-netlink": a whole step failed; `doing` is a literal. Negative errno. */
void report_netlink(struct diags *diags, const char *doing, int error);

#endif
