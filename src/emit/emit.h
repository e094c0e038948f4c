/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Emit: IR to artefact, one backend for each way a kernel takes its rules.
 *
 * A backend states in a table what it can express. What it cannot is refused with the section that
 * asked for it, never dropped in silence. Same IR in, same bytes out.
 */
#ifndef EMIT_EMIT_H
#define EMIT_EMIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "ir/ir.h"

struct nft_program;
struct xt_program;

/* What one compile hands to the kernel side; lives in the arena. */
struct artefact {
	const struct backend *backend;
	const struct nft_program *program; /* nft; NULL for others */
	const struct xt_program *iptables; /* iptables; NULL for others */
};

/*
 * By kind: NULL when the backend expresses it, else the reason for people, a sentence part that
 * follows "nft cannot express this: ".
 */
struct capabilities {
	const char *match[IR_MATCH_KINDS];
	const char *statement[IR_STATEMENT_KINDS];
	const char *verdict[IR_NETMAP_SRC + 1];
};

struct backend {
	const char *name; /* "nft" */
	struct capabilities lacks;
	/* For what depends on more than a kind: the reason, or NULL. The member may be NULL. */
	const char *(*refuses)(const struct ir_chain *chain, const struct ir_rule *rule);
	/* Adds warnings about what it says with less meaning than others. The member may be NULL. */
	void (*warns)(const struct ir *ir, struct diags *diags);
	/* The artefact of a verified IR that emit_check() passed. Cannot fail. */
	void (*emit)(struct arena *arena, const struct ir *ir, struct artefact *ret);
	void (*print)(const struct artefact *artefact, struct buf *out); /* see artefact_print() */
};

/* All backends, ended by NULL; the first is the default. */
extern const struct backend *const backends[];
/* The backend of that name, or NULL. */
const struct backend *backend_find(struct slice name);

/*
 * Adds an error [not-expressible] for each rule that the backend cannot express, at the rule's
 * first origin. Returns true when there is none.
 */
bool emit_check(const struct backend *backend, const struct ir *ir, struct diags *diags);

/*
 * Checks, then emits. Returns false after adding diagnostics, leaving *ret untouched; everything
 * that *ret points to is in the arena.
 */
bool emit(const struct backend *backend, struct arena *arena, const struct ir *ir,
	struct diags *diags, struct artefact *ret) __attribute__((warn_unused_result));

/* Prints the whole ruleset, for people, in the language of the backend's own tool. */
void artefact_print(const struct artefact *artefact, struct buf *out);

#endif
