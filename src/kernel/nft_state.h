/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State of the loaded ruleset: counters, live elements of sets, whose tables there are. */
#ifndef KERNEL_NFT_STATE_H
#define KERNEL_NFT_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "net/net.h"

/* All need CAP_NET_ADMIN and return a negative errno when the kernel refuses. */

struct nft_counter_value {
	const char *name;
	uint64_t packets, bytes;
};

struct nft_counter_values {
	VEC(struct nft_counter_value) list;
};

/*
 * The named counters of our table, in the kernel's order, into the arena. With reset, each is set
 * to zero in the moment it is read, so no packet is lost between. No table: an empty list.
 */
int nft_counters(struct arena *arena, bool reset, struct nft_counter_values *ret);

/* 1 when our table is there, 0 when it is not. */
int nft_table_present(void);

/* Removes our table with all in it, in one transaction. 0 also when there was none. */
int nft_flush(void);

struct nft_table_name {
	const char *family; /* "ip", "ip6", "inet", "arp", "bridge", "netdev" or a number */
	const char *name;
};

struct nft_table_names {
	VEC(struct nft_table_name) list;
};

/* The tables that are not ours, in the kernel's order. */
int nft_foreign_tables(struct arena *arena, struct nft_table_names *ret);

#define NFT_LIVE_KEY_MAX 64

struct nft_live_element {
	uint8_t key[NFT_LIVE_KEY_MAX]; /* as in the kernel */
	unsigned key_bytes;
	bool is_addr; /* a key of 4 or 16 bytes, as an address: */
	struct addr addr;
	uint64_t timeout_ms; /* its whole life; 0: for ever, or the set's when left_ms is not 0 */
	uint64_t left_ms;    /* how long it still lives; 0: for ever */
};

struct nft_live_elements {
	VEC(struct nft_live_element) list;
};

struct nft_set_names {
	VEC(const char *) list;
};

/* The named sets and maps of our table, in the kernel's order. No table: an empty list. */
int nft_sets(struct arena *arena, struct nft_set_names *ret);
/* The elements of a set of our table. -ENOENT when there is no such set. */
int nft_set_elements(struct arena *arena, const char *set, struct nft_live_elements *ret);
/* Removes one element by its key. -ENOENT when the set or the element is not there. */
int nft_set_remove(const char *set, const uint8_t *key, unsigned n);
/* The same by address, for sets of addresses. */
int nft_set_remove_addr(const char *set, const struct addr *addr);

#endif
