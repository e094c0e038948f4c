/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading an iptables program: iptables-restore and ip6tables-restore, each in one run that names
 * our chains only, after both have been tried with --test.
 *
 * Tables are kernel transactions of their own, loaded in the order raw, mangle, nat, filter, so a
 * connection is translated before it is allowed. Where the nat table changes, new forwarded
 * connections wait (are dropped) from before nat until filter is in place: none ever leaves by
 * rules of two configurations. Established ones are not touched.
 *
 * Ours is what a jump tagged "!zonewall" in a built-in chain leads to; user chains (input_rule, ...)
 * are made when they are not there and never emptied.
 */
#ifndef KERNEL_IPT_LOAD_H
#define KERNEL_IPT_LOAD_H

#include "base/diag.h"
#include "emit/ipt/program.h"
#include "kernel/nft_state.h"

struct ipt_load_stats {
	size_t rules; /* of both families */
	uint64_t test_us, load_us, verify_us;
};

/*
 * Loads the program and reads it back. restore is the absolute path of an iptables-restore, whose
 * siblings (ip6tables-, -save) stand beside it; NULL: from a fixed list. Returns 0 or a negative
 * errno after adding errors:
 *   "no-iptables"     there is no such program
 *   "chain-taken"     another program has a chain of a name of ours (-EEXIST)
 *   "kernel-refused"  a rule or set is refused; everything is as it was before
 *   "kernel-differs"  it is loaded, but reads back as something else (-EILSEQ)
 * ret may be NULL.
 */
int ipt_load(const struct xt_program *program, const char *restore, struct diags *diags,
	struct ipt_load_stats *ret) __attribute__((warn_unused_result));

/* Compares with what the kernel has; as nft_verify(). */
int ipt_verify(const struct xt_program *program, const char *restore, struct diags *diags)
	__attribute__((warn_unused_result));

/* 1 when rules of ours are loaded by any iptables that is there, 0 when not, or negative errno. */
int ipt_present(const char *restore);

/*
 * Removes our jumps, chains and sets from every iptables that is there, but for those of `but`
 * (a path as above; NULL: from all). User chains stay when others have put rules into them.
 * Cheap when the kernel has no table of iptables at all. Returns 0 or a negative errno
 * after adding an error.
 */
int ipt_flush(const char *restore, const char *but, struct diags *diags);

/* The path that NULL stands for; NULL when there is none. */
const char *ipt_restore_path(const char *restore);

/* Packets and bytes of each counter of the program, summed over its rules, in the arena. */
int ipt_counters(struct arena *arena, const struct xt_program *program, const char *restore,
	struct nft_counter_values *ret);

/* Sets and their elements as nft_sets() and others have them; -ENOENT: no ipset, or no such set. */
int ipt_sets(struct arena *arena, struct nft_set_names *ret);
int ipt_set_elements(struct arena *arena, const char *set, struct nft_live_elements *ret);
int ipt_set_remove_addr(const char *set, const struct addr *addr);

#endif
