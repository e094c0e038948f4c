/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the iptables loader: running programs, and the ruleset as iptables-save tells it. */
#ifndef KERNEL_IPT_PRIV_H
#define KERNEL_IPT_PRIV_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "emit/ipt/program.h"

/* ---- ipt_run.c ---- */

/* A family's programs. */
struct ipt_tools {
	char restore[4096], save[4096];
};

/* Which of the fixed list's flavours there are; ended by NULL. */
extern const char *const ipt_restore_paths[];
/* The programs of a family beside restore (an absolute path, IPv4's). False: not there. */
bool ipt_tools_find(const char *restore, enum family family, struct ipt_tools *ret);
/* /usr/sbin/ipset or where it is; NULL. */
const char *ipt_ipset_path(void);
/*
 * Runs a program with these arguments (argv[0] included, NULL-terminated), input on its standard
 * input; out and err are appended to and may be NULL. No shell, a fixed environment. Returns its exit status
 * (128 and more: ended by a signal) or a negative errno.
 */
int ipt_run(const char *path, const char *const argv[], struct slice input, struct buf *out,
	struct buf *err);

/* ---- ipt_image.c ---- */

struct ipt_line {
	const char *text;     /* what follows "-A CHAIN " */
	const char *comment;  /* NULL: none */
	const char *target;   /* of -j or -g; NULL: none */
	uint64_t packets, bytes;
	const struct xt_rule *rule; /* of a program */
};

struct ipt_chain {
	const char *name;
	bool builtin, ours, open;
	VEC(struct ipt_line) lines;
};

struct ipt_table_image {
	VEC(struct ipt_chain *) chains;
	bool has_ours;
};

struct ipt_image {
	struct ipt_table_image tables[XT_TABLES];
};

/* Reads what iptables-save -c wrote; foreign tables are passed over. */
void ipt_image_read(struct arena *arena, struct slice text, struct ipt_image *ret);
/* A family of a program; rules whose target the kernel lacks are left out when without is set. */
void ipt_image_of(struct arena *arena, const struct xt_family *family, const char *without,
	struct ipt_image *ret);
struct ipt_chain *ipt_chain_find(const struct ipt_table_image *t, const char *name);
bool ipt_is_tagged(const struct ipt_line *line);
/*
 * The line of `in` like line n of `from`: the same comment and target, of several the one in the
 * same place among them or the last. NULL: none.
 */
const struct ipt_line *ipt_line_like(
	const struct ipt_chain *in, const struct ipt_chain *from, size_t n);
/*
 * Takes over packets and bytes of rules that count for a section: the rule with the same comment
 * and target in the same chain, in the order in which they stand.
 */
void ipt_image_keep_counts(struct ipt_image *want, const struct ipt_image *now);

/* ---- ipt_compose.c ---- */

struct ipt_text {
	struct buf text;
	VEC(const struct xt_rule *) lines; /* by line number less one; NULL: no rule */
};

/*
 * The text that makes `now` into `want`: nothing else is touched. Counters of `want` are kept
 * with iptables-restore --counters. Without guard there is no rule that holds new connections up
 * while tables differ: --test takes no table for changed by the text before.
 */
void ipt_compose(struct arena *arena, const struct ipt_image *now, const struct ipt_image *want,
	bool guard, struct ipt_text *ret);
/* A chain of `want` that is there and not ours; NULL: none. *ret_table is its table. */
const char *ipt_taken(
	const struct ipt_image *now, const struct ipt_image *want, enum xt_table *ret_table);
/* A chain of which `now` does not hold what `want` says; NULL: none. */
const char *ipt_differs(const struct ipt_image *now, const struct ipt_image *want,
	const struct xt_rule **ret_rule, const char **ret_how);

/* ---- ipt_load.c ---- */

struct ipt_side {
	struct ipt_tools tools;
	struct ipt_image before, want;
	bool loaded;
};

struct ipt_loading {
	struct arena arena;
	struct ipt_side sides[2];
	struct diags *diags;
};

extern const enum family ipt_families[2];

/* What iptables-save tells. Returns 0 or a negative errno. */
int ipt_read_image(struct arena *arena, const struct ipt_tools *tools, struct ipt_image *ret);
/* Turns what there is now into an image, or tries whether that can be. Errors: l->diags, unless quiet. */
int ipt_become(struct ipt_loading *l, struct ipt_side *side, const struct ipt_image *from,
	const struct ipt_image *to, bool test, bool quiet);

/* ---- ipt_sets.c ---- */

struct ipt_sets {
	const char *path;
	struct arena *arena;
	VEC(const char *) made;	   /* did not exist before */
	VEC(const char *) swapped; /* exist with a temporary one beside; pairs: name, temporary */
	bool is_swapped;
};

/* Makes the sets that are missing, and the others' new content beside them. */
int ipt_sets_prepare(struct ipt_sets *s, const struct xt_program *program, struct diags *diags);
/* Exchanges contents; again: back. */
int ipt_sets_swap(struct ipt_sets *s, struct diags *diags);
/* Ends it: on success old contents go, else all that was made. */
void ipt_sets_finish(struct ipt_sets *s, bool success);
/* Destroys sets that rules of the image name and the program (NULL: none) does not. */
void ipt_sets_destroy_stale(struct arena *arena, const struct ipt_image *images, size_t n,
	const struct xt_program *program);

#endif
