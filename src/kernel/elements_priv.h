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

/*
 * What it takes to make the kernel's set hold just those elements (a dynamic or kept one: at least
 * those): appends list attributes to remove to *ret_gone, and to add to *ret_new. As above.
 */
int elements_diff(struct nl *nl, const struct encoder *sent, size_t at, const char *name,
	struct nlbuf *ret_gone, struct nlbuf *ret_new);

/* Single elements: list attributes, or the tables of their attributes by type. */
bool element_is_end(const struct nlattr *const *a);
int element_key_order(const struct nlattr *const *a, const struct nlattr *const *b);
bool element_equal(const struct nft_set *s, const struct nlattr *sent, const struct nlattr *got);
/* Appends what names the element for removal. */
void element_put_key(struct nlbuf *out, const struct nlattr *element);

#endif
