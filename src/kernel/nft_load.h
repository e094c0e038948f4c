/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading an nft program: one transaction, then reading back what the kernel made of it.
 *
 * Only table `inet zonewall` is touched. Base chains are never deleted and made anew (that would
 * open the firewall for a moment); their rules are replaced inside one transaction. The one
 * exception is a base chain whose hook or priority changed, which happens across versions of
 * ours only. What has state (counters, limits, helpers, sets marked `keep`, the flowtable) stays
 * in place as long as its declaration is the same.
 */
#ifndef KERNEL_NFT_LOAD_H
#define KERNEL_NFT_LOAD_H

#include "base/diag.h"
#include "emit/nft/program.h"

/* What a load did; for reports and benchmarks. */
struct nft_load_stats {
	unsigned tries;		/* batches sent; more than 1 when others changed the ruleset */
	size_t messages, bytes; /* of the last batch */
	size_t rules, elements;
	uint64_t snapshot_us, build_us, send_us, verify_us;
};

/*
 * Loads the program and reads it back. Needs CAP_NET_ADMIN in the network namespace of the
 * process. Returns 0, or a negative errno after adding errors:
 *   "kernel-refused"  the kernel refused a part of it; nothing is changed
 *   "kernel-busy"     others changed the ruleset again and again (-EAGAIN); nothing is changed
 *   "kernel-netlink"  the kernel could not be talked to; nothing is changed
 *   "kernel-differs"  it is loaded, but the readback is not what was sent (-EILSEQ)
 * Devices of the flowtable that do not exist now are left out with a warning, "offload-device":
 * a modem that is not there yet must not keep the firewall from loading. Likewise a flowtable for
 * hardware becomes one in software when a device cannot do it: "no-hardware-offload".
 * ret may be NULL; it is filled on success and with "kernel-differs".
 */
int nft_load(const struct nft_program *program, struct diags *diags, struct nft_load_stats *ret)
	__attribute__((warn_unused_result));

/*
 * Compares the program with what the kernel has now: chains, policies, sets, elements, objects,
 * flowtable, and every expression of every rule. Returns 0 when they are equal, -EILSEQ after
 * adding errors "kernel-differs" that name the sections, or another negative errno after
 * "kernel-netlink". Devices of the flowtable that do not exist are passed over. Values of counters
 * and elements that packets added are not compared.
 */
int nft_verify(const struct nft_program *program, struct diags *diags)
	__attribute__((warn_unused_result));

/*
 * Makes a named set of the loaded ruleset hold the elements it has here, in one transaction that
 * touches nothing else; for addresses and devices that come and go. Elements that stay are never
 * absent for a packet. The declaration must be the one that was loaded. A dynamic or kept set
 * only gains elements. Returns 0 or a negative errno after adding an error as nft_load() does:
 * -ENOENT when there is no such set.
 */
int nft_set_update(const struct nft_set *set, struct diags *diags)
	__attribute__((warn_unused_result));

#endif
