/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts from the live system: devices, addresses, routes, abilities of the kernel, the clock. */
#ifndef KERNEL_FACTS_LIVE_H
#define KERNEL_FACTS_LIVE_H

#include "model/facts.h"

/*
 * Fills devices with their addresses, the unicast routes of the main table (longest prefix first,
 * then lowest metric; one for each prefix), features, helpers, now and clock_trusted of the
 * network namespace of the process. Networks, files and the time zone are left as they are.
 *
 * Without CAP_NET_ADMIN features.known stays false and the rest is still filled. The clock counts
 * as trusted from the year 2024 on: a router without a battery starts in 1970 or with the date of
 * its firmware. Returns 0, or a negative errno when rtnetlink fails; ret is then untouched.
 */
int facts_gather(struct arena *arena, struct facts *ret) __attribute__((warn_unused_result));

#endif
