/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements: the content of one set in the kernel against what was sent. */
#ifndef KERNEL_ELEMENTS_PRIV_H
#define KERNEL_ELEMENTS_PRIV_H

#include "kernel/encode_priv.h"

/*
 * Compares the set that the kernel calls `name` with the elements in the messages of part `at`
 * (PART_SET) and the parts behind it. *ret_how is NULL when they agree, else a literal part of a
 * sentence. Negative errno; -EINTR as nl_talk().
 */
int elements_compare(struct nl *nl, const struct encoder *sent, size_t at, const char *name,
	const char **ret_how);

#endif
