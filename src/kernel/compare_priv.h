/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compare: is what the kernel answers the thing that we sent? */
#ifndef KERNEL_COMPARE_PRIV_H
#define KERNEL_COMPARE_PRIV_H

#include "kernel/nl_priv.h"

#define IGNORE(type) (UINT64_C(1) << (type))

/*
 * True when two runs of attributes say the same: equal values in equal order per type, nests
 * compared inside. A value of only zeros, an empty one and a missing one are equal. Types in
 * `ignore` are passed over, and so are those over `max` in `got`, which newer kernels add.
 */
bool nl_same(const void *sent, size_t n_sent, const void *got, size_t n_got, uint64_t ignore,
	unsigned max);
bool nl_same_nested(const struct nlattr *sent, const struct nlattr *got, uint64_t ignore);

/* For messages about one thing each; sent is as encode.c writes it, got as the kernel dumps it. */
bool chain_same(const struct nlmsghdr *sent, const struct nlmsghdr *got); /* but for the policy */
bool set_same(const struct nlmsghdr *sent, const struct nlmsghdr *got);	  /* but for its elements */
bool object_same(const struct nlmsghdr *sent, const struct nlmsghdr *got);
bool flowtable_same(const struct nlmsghdr *sent, const struct nlmsghdr *got);
/*
 * Two rules. Where sent refers to its nth anonymous set (from 0), `anonymous` is called with the
 * name of the set that the kernel has there.
 */
bool rule_same(const struct nlmsghdr *sent, const struct nlmsghdr *got,
	void (*anonymous)(unsigned nth, const char *name, void *context), void *context);

#endif
