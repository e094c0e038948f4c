/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network namespace of our own, nft to look from outside, and small programs made by hand. */
#ifndef TESTS_KERNEL_LAB_H
#define TESTS_KERNEL_LAB_H

#include "base/arena.h"
#include "base/diag.h"
#include "emit/nft/program.h"

/*
 * Moves the process into a fresh network namespace with lo up. Where that is not permitted it
 * prints a TAP skip and exits.
 */
void lab_enter(void);
/*
 * Runs /usr/sbin/nft with the arguments (NULL-terminated, without the program) and text as its
 * input (NULL none); returns what it printed, both streams, in the arena. *ret_status may be NULL.
 */
const char *lab_nft(struct arena *a, int *ret_status, const char *text, ...)
	__attribute__((sentinel));
/* Everything in the kernel as nft lists it. */
const char *lab_list(struct arena *a);
/* True when both texts are equal; otherwise prints where they part. */
bool lab_same(const char *a, const char *b);

/* Parts of programs. */
struct nft_program *lab_program(struct arena *a);
struct nft_chain *lab_chain(struct arena *a, struct nft_program *p, const char *name);
struct nft_chain *lab_base(struct arena *a, struct nft_program *p, const char *name,
	enum ir_hook hook, int priority, bool drop);
struct nft_rule *lab_rule(struct arena *a, struct nft_chain *c, const struct ir_origin *origin);
void lab_counter(struct arena *a, struct nft_program *p, const char *name);
void lab_limit(struct arena *a, struct nft_program *p, const char *name, uint32_t count);
void lab_match_port(struct arena *a, struct nft_rule *r, uint16_t port);
void lab_match_set(
	struct arena *a, struct nft_rule *r, enum nft_field field, const struct nft_set *set);
void lab_object(struct arena *a, struct nft_rule *r, enum nft_expr_kind kind, const char *name);
void lab_verdict(struct arena *a, struct nft_rule *r, enum nft_verdict_kind kind,
	const struct nft_chain *to);
/* name NULL: anonymous. Keys are IPv4 addresses or ports by their type. */
struct nft_set *lab_set(
	struct arena *a, struct nft_program *p, const char *name, enum nft_type type);
void lab_add(struct arena *a, struct nft_set *s, uint32_t key);
void lab_add_range(struct arena *a, struct nft_set *s, uint32_t lo, uint32_t hi);
struct ir_origin *lab_origin(struct arena *a, const char *name, unsigned line);

#endif
