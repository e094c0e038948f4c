/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Safe apply: between compilations, the kernel and the store of revisions. All but safe_lock() and
 * safe_glance() want the lock of the run directory to be held.
 */
#ifndef CLI_SAFE_H
#define CLI_SAFE_H

#include "cli/cli.h"
#include "kernel/nft_load.h"
#include "revision/revision.h"

/* Options of the commands that load: apply, rollback. */
struct safe_request {
	unsigned confirm;	     /* seconds; 0: confirmed at once */
	const char *comment, *admin; /* or NULL */
};

/*
 * Reads --confirm, --comment and --admin; other arguments are left from optind on. Returns false
 * after an error message.
 */
bool safe_options(struct cli *cli, bool may_confirm, struct safe_request *ret);

/* ---- revised.c ---- */

/*
 * Compiles the files of a revision with the networks and facts of now. The revision is borrowed
 * and outlives c.
 */
bool safe_compile(struct cli *cli, struct compilation *c, const struct revision *r);
/*
 * The files that c was made from, as a revision of now and of this user; sealed. It borrows from c
 * and from `comment` (may be NULL).
 */
void safe_revision(
	struct compilation *c, const char *source, const char *comment, struct revision *ret);

/* ---- safe.c ---- */

/*
 * Takes the lock, waiting for others, and settles what others left: a rollback that was cut off is
 * carried out, an overdue apply is taken back. Negative after an error message.
 */
int safe_lock(struct cli *cli);
/* Settles the same, but only when there is something, and without a word when we may not. */
void safe_glance(struct cli *cli);
/* Compiles and loads the files of a revision; messages are printed. */
enum exit_code safe_load_revision(struct cli *cli, const struct revision *r);
/*
 * Loads the newest revision that can be loaded; the lockdown when there is none that can.
 * *ret_number is 0 for the lockdown.
 */
enum exit_code safe_load_confirmed(struct cli *cli, uint32_t *ret_number);
/* Loads the lockdown, whatever state the configuration is in. */
enum exit_code safe_load_lockdown(struct cli *cli);
/*
 * Stores what was loaded as confirmed, unless the newest revision has the same files and nothing is
 * to be said about it; then forgets what was pending. Returns 0 or a negative errno.
 */
int safe_commit(struct cli *cli, struct revision *r);
/* Takes the pending apply back now. */
enum exit_code safe_revert(struct cli *cli, const struct pending *p);

/* ---- guard.c ---- */

/*
 * Starts the process that takes the apply of this token back when its time is up. Returns 0 when it
 * is awake, or a negative errno.
 */
int guard_start(struct cli *cli, struct arena *arena, const char *token);

/* ---- lockout.c ---- */

/*
 * Whether the administrator of this session could still come in under the compiled rules. When not,
 * adds an error that names the section and returns false; with --force it is a warning and true.
 * `admin` is ADDR[:PORT] or NULL: then SSH tells who it is, when it is SSH.
 */
bool lockout_check(struct cli *cli, struct compilation *c, const char *admin);

#endif
