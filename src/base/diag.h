/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diagnostics: what we tell a person about their configuration.
 *
 * A diagnostic has a severity, a stable id (kebab-case, the key of its documentation and tests), a
 * primary span, a message, and optionally notes with spans of their own and a hint. All are
 * collected; nothing stops at the first. One list, two renderers: terminal text and JSON.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

/* A text that positions refer to. The text outlives every span into it. */
struct source {
	const char *name; /* as shown before the line: "firewall" or a path */
	struct slice text;
};

/* A part of a source, as byte offsets; src NULL means "no position". start == end marks a point. */
struct span {
	const struct source *src;
	uint32_t start, end;
};

#define SPAN_NONE ((struct span){ NULL, 0, 0 })

/* Line and column, both from 1; columns count characters as a terminal shows them, tabs as one. */
struct position {
	unsigned line, column, end_column; /* end_column: the last one covered */
};

struct position span_position(struct span s);

enum severity { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag_note {
	struct span span;
	const char *message;
};

struct diag {
	enum severity severity;
	const char *id;
	struct span span;
	const char *section; /* "rule 'Allow-Ping'"; NULL when none */
	const char *option;  /* option name; NULL when none */
	const char *message;
	const char *hint; /* the remedy; NULL when none */
	VEC(struct diag_note) notes;
};

#define DIAGS_MAX 1000 /* more than this are counted, not kept */

struct diags {
	struct arena *arena;
	VEC(struct diag *) list;
	size_t errors, warnings;
	/* Copied into each new diagnostic, so that the code which finds a mistake need not pass them. */
	const char *section, *option;
};

void diags_init(struct diags *d, struct arena *arena);

/*
 * Appends a diagnostic and returns it, for notes and a hint; never NULL. `id` must be a literal.
 * The message is text of ours with the user's words as arguments; the renderers make these safe.
 */
struct diag *diag_error(struct diags *d, struct span span, const char *id, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
struct diag *diag_warning(struct diags *d, struct span span, const char *id, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void diag_note(struct diags *d, struct diag *on, struct span span, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void diag_hint(struct diags *d, struct diag *on, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The candidate nearest to a misspelt word by edit distance, or NULL when none is near (distance
 * at most 1 for up to three letters, 2 for up to seven, else 3). Case is ignored.
 */
const char *diag_nearest(struct slice word, const char *const *candidates, size_t n);

/* Terminal text: file:line:column, message, id, the source line with carets, notes, hint. */
void diags_render(const struct diags *d, struct buf *out, bool colour);
/* A JSON array of {severity,id,file,line,column,end_column,section,option,message,hint,notes}. */
json_t *diags_json(const struct diags *d);

#endif
