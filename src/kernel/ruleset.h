/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset: what is ours in the kernel, whichever backend it came by. Loading one backend's artefact
 * removes the other's rules after the new ones are in place, so there is no moment without.
 */
#ifndef KERNEL_RULESET_H
#define KERNEL_RULESET_H

#include "emit/emit.h"
#include "kernel/ipt_load.h"
#include "kernel/nft_load.h"
#include "kernel/nft_state.h"

/* iptables is the path of an iptables-restore, or NULL: see ipt_load(). All as nft_*() and ipt_*(). */

int ruleset_load(const struct artefact *artefact, const char *iptables, struct diags *diags,
	struct nft_load_stats *ret) __attribute__((warn_unused_result));
int ruleset_verify(const struct artefact *artefact, const char *iptables, struct diags *diags)
	__attribute__((warn_unused_result));
/* 1 when rules of ours are loaded by any backend. */
int ruleset_present(const char *iptables);
/* Removes them all. Returns 0 or a negative errno, perhaps after adding errors. */
int ruleset_flush(const char *iptables, struct diags *diags);
/* Counters of the artefact's backend; artefact NULL: of nft. */
int ruleset_counters(struct arena *arena, const struct artefact *artefact, const char *iptables,
	struct nft_counter_values *ret);

/*
 * Live sets of the backend that is loaded, as nft_sets() and the others; of nft when neither is.
 * With iptables a set is an ipset, and sets of other programs are among them.
 */
int ruleset_sets(struct arena *arena, struct nft_set_names *ret);
int ruleset_set_elements(struct arena *arena, const char *set, struct nft_live_elements *ret);
int ruleset_set_remove_addr(const char *set, const struct addr *addr);

#endif
