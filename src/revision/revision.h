/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Revisions: what was confirmed, kept in the state directory; and the one that waits to be.
 *
 * A revision is the text of every file that was compiled into rules, byte for byte, with who, when
 * and why. It is one file on disk, written beside its place and renamed into it, and it carries a
 * hash; so it is there whole or not at all. docs/adr/0020-safe-apply.md has the format.
 *
 *	STATE/store.lock	one writer at a time
 *	STATE/revisions/N	revision N; the highest whole one is the confirmed one
 *	STATE/restoring		a rollback under way: its revision
 *	RUN/pending		an apply that waits for `zonewall confirm`
 *
 * Directories are made with mode 0700, files with 0600. All functions return 0 or a negative errno:
 * -EBADMSG for a file that is not whole or not ours, -EPROTONOSUPPORT for one of a newer format.
 */
#ifndef REVISION_REVISION_H
#define REVISION_REVISION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

#define REVISIONS_KEPT 100
#define REVISION_HASH_TEXT 65	       /* SHA-256 in hexadecimal, and NUL */
#define REVISION_BYTES_MAX (32u << 20) /* of one revision on disk */

/* A file of the configuration directory, or one that a section names. */
struct revision_file {
	const char *path; /* "firewall": in the configuration directory; "/etc/...": elsewhere */
	bool absent;	  /* it did not exist, and that is to be restored too */
	struct slice text;
};

struct revision {
	uint32_t number;		     /* from 1; 0: not stored */
	int64_t when;			     /* seconds since 1970 UTC */
	const char *user, *source, *comment; /* safe to print; "" when unknown */
	uint32_t restores; /* the revision whose files these are, after a rollback; 0: none */
	char hash[REVISION_HASH_TEXT]; /* of the files alone: equal files, equal hash */
	VEC(struct revision_file) files;
};

/* Computes r->hash. */
void revision_seal(struct revision *r);
/* By path; NULL when it is not part of the revision. */
const struct revision_file *revision_file(const struct revision *r, const char *path);
/* Everything but the texts, as an object. */
json_t *revision_json(const struct revision *r);

/* ---- one file ---- */

/*
 * The bytes of a sealed revision on disk. `extra` (may be NULL, borrowed) is kept with it. -EILSEQ
 * when a path is no UTF-8.
 */
int revision_encode(const struct revision *r, const json_t *extra, struct buf *out);
/*
 * Reads these bytes; everything is in the arena, and nothing is borrowed from `text`. With
 * `header_only`, `text` may end anywhere after the header; texts are left empty and the hash is
 * not checked. ret_extra may be NULL; else the caller owns what it gets, which may be NULL.
 */
int revision_decode(struct slice text, bool header_only, struct arena *arena, struct revision *ret,
	json_t **ret_extra) __attribute__((warn_unused_result));
/* The same to and from a path; writing replaces the whole file or leaves the old one. */
int revision_write(const char *path, const struct revision *r, const json_t *extra)
	__attribute__((warn_unused_result));
int revision_read(const char *path, bool header_only, struct arena *arena, struct revision *ret,
	json_t **ret_extra) __attribute__((warn_unused_result));

/* ---- the store ---- */

/*
 * Stores a revision as the newest one and sets r->number. The directories are made when missing.
 * Then the oldest ones over REVISIONS_KEPT are removed, and what a killed writer left behind.
 */
int store_add(const char *state_dir, struct revision *r) __attribute__((warn_unused_result));
/* Takes back the revision that store_add() has just stored, when what belongs to it failed. */
int store_drop(const char *state_dir, uint32_t number);
/* One revision. -ENOENT when there is none of this number. */
int store_read(const char *state_dir, uint32_t number, struct arena *arena, struct revision *ret)
	__attribute__((warn_unused_result));
/*
 * The newest whole revision before `before` (0: of all), passing over damaged ones. -ENOENT when
 * there is none; other errors mean that the newest one may be sound and could not be read now.
 */
int store_newest(const char *state_dir, uint32_t before, struct arena *arena, struct revision *ret)
	__attribute__((warn_unused_result));

struct revision_numbers {
	VEC(uint32_t) list;
};

/* The numbers there are, newest first. A store that does not exist is empty. */
int store_numbers(const char *state_dir, struct arena *arena, struct revision_numbers *ret);
/* The header of one. */
int store_header(const char *state_dir, uint32_t number, struct arena *arena, struct revision *ret)
	__attribute__((warn_unused_result));

/* ---- pending ---- */

/* What was in the kernel before, where that was no revision. */
enum pending_before {
	PENDING_REVISION, /* the newest revision */
	PENDING_NOTHING,  /* no rules of ours */
	PENDING_STOPPED,  /* the lockdown of `zonewall stop` */
};

struct pending {
	struct revision revision; /* what was loaded */
	char token[17];		  /* tells this apply from others */
	int64_t deadline_ms;	  /* of CLOCK_BOOTTIME */
	char boot[40];		  /* the boot that this clock belongs to */
	uint32_t newest;	  /* revision that was the newest one then; 0: none */
	enum pending_before before;
};

/* Milliseconds of CLOCK_BOOTTIME, which nobody sets and which counts through a suspend. */
int64_t pending_clock_ms(void);
/* Makes token, boot and deadline_ms, this many seconds from now. */
int pending_start(struct pending *p, unsigned seconds);
/* Milliseconds that are left; 0 when it is overdue, also when it is of an earlier boot. */
int64_t pending_left_ms(const struct pending *p);
int pending_write(const char *run_dir, const struct pending *p) __attribute__((warn_unused_result));
/* -ENOENT when nothing is pending. */
int pending_read(const char *run_dir, struct arena *arena, struct pending *ret)
	__attribute__((warn_unused_result));
/* 0 also when nothing was. */
int pending_drop(const char *run_dir);

/* ---- restoring files ---- */

/*
 * Writes the files of a revision to where they belong; files that hold the right bytes already are
 * not touched. On failure those written are put back as they were, as far as the system lets us.
 * *ret_path (may be NULL) is then the file that could not be written, in the arena.
 *
 * Against a kill half way: restoring_begin() before it, restoring_end() after it, and whoever finds
 * restoring_read() succeed does it again.
 */
int restore_files(const struct revision *r, const char *config_dir, struct arena *arena,
	const char **ret_path) __attribute__((warn_unused_result));
int restoring_begin(const char *state_dir, const struct revision *r)
	__attribute__((warn_unused_result));
/* -ENOENT when no rollback was cut off. */
int restoring_read(const char *state_dir, struct arena *arena, struct revision *ret)
	__attribute__((warn_unused_result));
int restoring_end(const char *state_dir);

#endif
