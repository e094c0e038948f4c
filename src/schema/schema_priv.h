/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of schema/ share with each other. */
#ifndef SCHEMA_SCHEMA_PRIV_H
#define SCHEMA_SCHEMA_PRIV_H

#include "schema/schema.h"

/*
 * Where the value of any FIELD lies, from the FIELD's beginning. struct given is aligned to eight
 * bytes, so its size is a multiple of eight and every value of alignment up to eight follows at
 * once.
 */
#define FIELD_VALUE_AT sizeof(struct given)

/* Bytes of the user's text in a message; the source line shows the rest. */
#define QUOTED_MAX 60

/* The layout that LIST() has for every element type. */
struct any_list {
	struct given given;
	void *v;
	struct span *spans;
	size_t n;
};

/* For parsers: notes why a value is refused and returns false. `why` and `id` are literals. */
bool value_refuse(struct parse_context *ctx, const char *id, const char *why);
/* The same with what a parser of net/ said, or with `why` when it said nothing. */
bool value_refuse_said(
	struct parse_context *ctx, const char *id, const char *said, const char *why);
/* Sets ctx->hint to the nearest of the words, when one is near. */
void value_hint_nearest(
	struct parse_context *ctx, struct slice text, const struct enum_word *words);

/* The words a row offers: its own, else its type's; NULL when there are none. */
const struct enum_word *row_words(const struct option_row *row);
/* What the row allows, for people: "N, N-M or !N, 0 to 65535", "DROP, ACCEPT or REJECT". */
void row_syntax(const struct option_row *row, struct buf *out);

/* "list, each N, N-M or !N, 0 to 65535" */
void row_type_text(const struct option_row *row, struct buf *out);
/* A valid value: the type's, else the first word; NULL when there is none. */
const char *row_example(const struct option_row *row);
/* What is special about the row's effect; NULL for OPTION_ACTIVE. */
const char *row_status_text(const struct option_row *row);

/* True when '' means that the option is absent. */
bool row_empty_is_absent(const struct option_row *row);

/*
 * Reads one word, or a scalar's whole value, and reports a mistake at `span`. *ret is written only
 * on success. `text` may have spaces around it and after a leading "!", except in strings.
 */
bool value_read(const struct option_row *row, struct slice text, struct span span,
	const struct bind_options *options, struct arena *arena, struct diags *diags, void *ret);

/* A word of a list, as written. */
struct word {
	struct slice text;
	struct span span;
};

/*
 * The next word of a value from byte *at on, as the bytes from..to; *at moves past it. A "!" that
 * stands alone belongs to the word after it. With `whole` the value is one word. Returns false,
 * and changes nothing, when there is no word left.
 */
bool words_next(struct slice value, bool whole, size_t *at, size_t *ret_from, size_t *ret_to);
/* Warns of each word that was there before. */
void words_report_duplicates(
	const struct word *words, size_t n, struct arena *arena, struct diags *diags);

#endif
