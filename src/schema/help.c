/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `zonewall help OPTION`: everything a row says, as plain text for a terminal. Also the words that
 * the other exporters share.
 */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "schema/schema_priv.h"

#define LABEL_WIDTH 12

static void line(struct buf *out, const char *label, const char *text)
{
	if (!text)
		return;
	buf_printf(out, "  %-*s%s\n", LABEL_WIDTH, label, text[0] ? text : "(empty)");
}

void row_type_text(const struct option_row *row, struct buf *out)
{
	if (row->list)
		buf_str(out, "list, each ");
	row_syntax(row, out);
}

const char *row_example(const struct option_row *row)
{
	if (row->type->example)
		return row->type->example;
	return row->words && row->words[0].word ? row->words[0].word : NULL;
}

/* "IPv4 only" says more than "ipv4": the labels of words, where they add something. */
static void word_labels(const struct option_row *row, struct buf *out)
{
	const struct enum_word *words = row_words(row);

	for (const struct enum_word *w = words; w && w->word; w++) {
		if (!w->label || strcasecmp(w->label, w->word) == 0)
			continue;
		buf_printf(out, "  %*s%-*s %s\n", LABEL_WIDTH, "", LABEL_WIDTH, w->word, w->label);
	}
}

/* Words of at most `width` columns on lines that begin with two spaces. */
static void paragraph(struct buf *out, const char *text, size_t width)
{
	struct slice rest = slice_of(text), word;
	size_t column = 0;

	while (slice_next_word(&rest, &word)) {
		if (column && column + 1 + word.n > width) {
			buf_char(out, '\n');
			column = 0;
		}
		buf_str(out, column ? " " : "  ");
		buf_slice(out, word);
		column += (column ? 1 : 2) + word.n;
	}
	if (column)
		buf_char(out, '\n');
}

const char *row_status_text(const struct option_row *row)
{
	switch (row->status) {
	case OPTION_ACTIVE:
		return NULL;
	case OPTION_STORED:
		return "kept and listed; has no effect on packets by itself";
	case OPTION_IGNORED:
		return "accepted, has no effect";
	}
	return NULL;
}

void schema_help(const struct section_row *row, const struct option_row *option, struct buf *out)
{
	AUTO_BUF text = BUF_INIT;

	buf_printf(out, "%s - %s\n", option->name, option->label ? option->label : option->name);
	buf_printf(out, "  of `config %s` (%s)\n", row->type, row->label ? row->label : row->type);
	if (option->help) {
		buf_char(out, '\n');
		paragraph(out, option->help, 78);
	}
	buf_char(out, '\n');
	row_type_text(option, &text);
	line(out, "Type", buf_text(&text));
	if (!option->type->open_words)
		word_labels(option, out);
	if (!option->secret)
		line(out, "Example", row_example(option));
	if (option->required)
		line(out, "Required", "yes");
	line(out, "Default",
		option->required   ? NULL
		: option->fallback ? option->fallback
				   : "none");
	line(out, "New section", option->initial);
	line(out, "Only when", option->needs);
	line(out, "Also read", option->alias);
	line(out, "Effect", row_status_text(option));
	line(out, "Deprecated", option->replaced_by ? "yes" : NULL);
	line(out, "Write", option->replaced_by);
	line(out, "Since", option->since);
	line(out, "Page", row->page);
	line(out, "Manual", option->manual);
}
