/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a word to a value: calls the type's parser and, when it refuses, says what was read, what
 * is wrong and what is allowed.
 */
#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "schema/schema_priv.h"

bool value_refuse(struct parse_context *ctx, const char *id, const char *why)
{
	ctx->id = id;
	ctx->why = why;
	return false;
}

bool value_refuse_said(struct parse_context *ctx, const char *id, const char *said, const char *why)
{
	return value_refuse(ctx, id, said ? said : why);
}

#define WORDS_MAX 64 /* more words than this get no suggestion; no table is near it */

void value_hint_nearest(struct parse_context *ctx, struct slice text, const struct enum_word *words)
{
	const char *candidates[WORDS_MAX];
	size_t n = 0;

	while (n < WORDS_MAX && words[n].word) {
		candidates[n] = words[n].word;
		n++;
	}

	const char *near = diag_nearest(text, candidates, n);

	if (near)
		ctx->hint = arena_printf(ctx->arena, "did you mean '%s'?", near);
}

const struct enum_word *row_words(const struct option_row *row)
{
	return row->words ? row->words : row->type->words;
}

static void words_syntax(const struct enum_word *words, struct buf *out)
{
	for (size_t i = 0; words[i].word; i++) {
		if (i)
			buf_str(out, words[i + 1].word ? ", " : " or ");
		buf_str(out, words[i].word);
	}
}

static void length_syntax(const struct option_row *row, struct buf *out)
{
	if (row->min && row->max)
		buf_printf(out, ", %" PRId64 " to %" PRId64 " bytes", row->min, row->max);
	else if (row->max)
		buf_printf(out, ", at most %" PRId64 " bytes", row->max);
	else if (row->min)
		buf_printf(out, ", at least %" PRId64 " bytes", row->min);
}

void row_syntax(const struct option_row *row, struct buf *out)
{
	if (row->type == &type_enum) {
		words_syntax(row->words, out);
		return;
	}
	if (row->type == &type_name && row->refers) {
		buf_printf(out, "the name of %s %s", strchr("aeiou", row->refers[0]) ? "an" : "a",
			row->refers);
		return;
	}
	buf_str(out, row->type->syntax);
	if (row->type == &type_int && (row->min || row->max))
		buf_printf(out, ", %" PRId64 " to %" PRId64, row->min, row->max);
	if (row->type == &type_string || row->type == &type_name)
		length_syntax(row, out);
}

bool row_empty_is_absent(const struct option_row *row)
{
	return row->type != &type_string || row->min > 0;
}

/* Free text is kept as it stands; everything else is words, where blanks mean nothing. */
static bool is_free_text(const struct option_row *row)
{
	return row->whole || (row->type == &type_string && !row->list);
}

/* Without blanks around it and between "!" and what it negates. */
static struct slice tidy(struct arena *arena, struct slice text)
{
	text = slice_trim(text);
	if (!slice_starts(text, "!"))
		return text;

	struct slice rest = slice_trim(slice_from(text, 1));

	if (!rest.n || rest.n + 1 == text.n)
		return text;
	return slice_of(arena_printf(arena, "!%.*s", SLICE_ARG(rest)));
}

static void report(const struct option_row *row, const struct parse_context *ctx, struct slice text,
	struct span span, struct diags *diags)
{
	AUTO_BUF syntax = BUF_INIT;
	size_t shown = utf8_cut(text, QUOTED_MAX);
	struct diag *d;

	row_syntax(row, &syntax);
	if (row->secret)
		d = diag_error(diags, span, ctx->id ? ctx->id : "bad-value",
			"the secret value %s: %s", ctx->why ? ctx->why : "is not allowed",
			buf_text(&syntax));
	else
		d = diag_error(diags, span, ctx->id ? ctx->id : "bad-value", "'%.*s%s' %s: %s",
			(int)shown, text.n ? text.p : "", shown < text.n ? "..." : "",
			ctx->why ? ctx->why : "is not allowed", buf_text(&syntax));
	if (ctx->hint)
		diag_hint(diags, d, "%s", ctx->hint);
}

bool value_read(const struct option_row *row, struct slice text, struct span span,
	const struct bind_options *options, struct arena *arena, struct diags *diags, void *ret)
{
	struct parse_context ctx = {
		.arena = arena,
		.row = row,
		.hex_marks = options && options->hex_marks,
	};
	struct slice word = is_free_text(row) ? text : tidy(arena, text);

	if (row->type->parse(&ctx, word, ret))
		return true;
	report(row, &ctx, word, span, diags);
	return false;
}

static bool holds_words(struct slice text)
{
	struct slice first, second;

	return slice_next_word(&text, &first) && !slice_is(first, "!") &&
	       slice_next_word(&text, &second);
}

bool schema_check_value(const struct option_row *row, struct slice value,
	const struct bind_options *options, struct diags *diags)
{
	const char *outer = diags->option;
	bool ok;

	diags->option = row->name;
	if (!value.n && row_empty_is_absent(row)) {
		ok = !row->required;
		if (!ok)
			diag_error(diags, SPAN_NONE, "missing-option",
				"option '%s' is required and cannot be empty", row->name);
	} else if (row->list && !row->whole && holds_words(value)) {
		ok = false;
		diag_error(diags, SPAN_NONE, "several-values",
			"one entry of the list '%s' holds several words", row->name);
	} else {
		void *scratch = arena_alloc(diags->arena, row->type->size);

		ok = value_read(row, value, SPAN_NONE, options, diags->arena, diags, scratch);
	}
	diags->option = outer;
	return ok;
}
