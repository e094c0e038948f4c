/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lowering: a policy becomes IR. One file per feature; lower.c puts them in the order in which
 * packets must meet them.
 */
#ifndef LOWER_LOWER_H
#define LOWER_LOWER_H

#include "base/diag.h"
#include "ir/ir.h"
#include "model/model.h"

/*
 * Makes the rules of a policy, which has no errors (policy_read() returned true). The IR is in the
 * arena and borrows nothing from the policy but spans into the source. What cannot be expressed is a diagnostic; returns NULL when one of
 * them is an error.
 */
struct ir *lower_policy(struct arena *arena, const struct policy *policy, struct diags *diags);

/*
 * The ruleset of `zonewall stop`: loopback, answers to what the router sent, and management (SSH,
 * HTTP, HTTPS, DHCP, ICMP) from zones whose input policy is ACCEPT; everything else is dropped.
 */
struct ir *lower_lockdown(struct arena *arena, const struct policy *policy, struct diags *diags);

#endif
