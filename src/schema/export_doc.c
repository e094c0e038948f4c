/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables as documentation: a page of markdown tables, and the entries of an mdoc list for the
 * manual page. Each has one escaping function through which every text of a row goes.
 */
#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "schema/schema_priv.h"

/* In this order on the pages. */
static const struct {
	enum option_group group;
	const char *title;
} groups[] = {
	{ GROUP_GENERAL, "General" },
	{ GROUP_ADVANCED, "Advanced" },
	{ GROUP_TIME, "Time restrictions" },
	{ GROUP_NONE, "In files only" },
};

/* ---- markdown ---- */

/* What markdown or a table would take for its own gets a backslash; line ends become spaces. */
static void md_text(struct buf *out, const char *text)
{
	for (const char *p = text ? text : ""; *p; p++) {
		if (*p == '<')
			buf_str(out, "&lt;");
		else if (*p == '\n' || *p == '\r' || *p == '\t')
			buf_char(out, ' ');
		else if (strchr("\\|`*_[]#", *p))
			buf_printf(out, "\\%c", *p);
		else
			buf_char(out, *p);
	}
}

/* Inside backticks only the table's bar and the backtick itself are special. */
static void md_code(struct buf *out, const char *text)
{
	const char *fence = strchr(text, '`') ? "``" : "`";

	buf_str(out, fence);
	for (const char *p = text; *p; p++) {
		if (*p == '|')
			buf_char(out, '\\');
		buf_char(out, *p == '\n' ? ' ' : *p);
	}
	buf_str(out, fence);
}

static void md_sentence(struct buf *out, const char *before, const char *text, bool code)
{
	if (!text)
		return;
	buf_str(out, before);
	if (code)
		md_code(out, text);
	else
		md_text(out, text);
	buf_char(out, '.');
}

static void md_value(struct buf *out, const char *value)
{
	if (!value)
		buf_str(out, "-");
	else if (!value[0])
		buf_str(out, "(empty)");
	else
		md_code(out, value);
}

static void md_option(struct buf *out, const struct option_row *row)
{
	AUTO_BUF type = BUF_INIT;

	row_type_text(row, &type);
	buf_str(out, "| ");
	md_code(out, row->name);
	buf_str(out, " | ");
	md_text(out, row->label ? row->label : row->name);
	buf_str(out, " | ");
	md_text(out, buf_text(&type));
	buf_str(out, " | ");
	if (row->required)
		buf_str(out, "required");
	else
		md_value(out, row->fallback);
	buf_str(out, " | ");
	md_value(out, row->initial);
	buf_str(out, " | ");
	md_text(out, row->help);
	md_sentence(out, " Only when ", row->needs, true);
	md_sentence(out, " Also read as ", row->alias, true);
	md_sentence(out, " Deprecated: write ", row->replaced_by, true);
	md_sentence(out, " Effect: ", row_status_text(row), false);
	md_sentence(out, " Since ", row->since, false);
	md_sentence(out, " Manual ", row->manual, false);
	buf_str(out, " |\n");
}

static void md_group(struct buf *out, const struct section_row *row, size_t group)
{
	bool any = false;

	for (size_t i = 0; i < row->n_options; i++) {
		if (row->options[i].group != groups[group].group)
			continue;
		if (!any)
			buf_printf(out,
				"### %s\n\n"
				"| Option | Label | Type | Default | New section | Meaning |\n"
				"|---|---|---|---|---|---|\n",
				groups[group].title);
		any = true;
		md_option(out, &row->options[i]);
	}
	if (any)
		buf_char(out, '\n');
}

void schema_reference(const struct section_row *const *rows, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		buf_str(out, "## ");
		md_code(out, rows[i]->type);
		buf_str(out, ": ");
		md_text(out, rows[i]->label ? rows[i]->label : rows[i]->type);
		buf_str(out, "\n\n");
		if (rows[i]->help) {
			md_text(out, rows[i]->help);
			buf_str(out, "\n\n");
		}
		if (rows[i]->page) {
			buf_str(out, "Page: ");
			md_text(out, rows[i]->page);
			buf_str(out, ".\n\n");
		}
		for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
			md_group(out, rows[i], g);
	}
}

/* ---- mdoc ---- */

#define MDOC_WIDTH 76

/* One character, so that roff takes it for text whatever it is. */
static void mdoc_char(struct buf *out, struct slice rest, size_t n, uint32_t code)
{
	if (n > 1)
		buf_printf(out, "\\[u%04X]", (unsigned)code);
	else if (*rest.p == '\\')
		buf_str(out, "\\e");
	else if (*rest.p == '"')
		buf_str(out, "\\(dq");
	else if (*rest.p == '`')
		buf_str(out, "\\(ga");
	else if (*rest.p == '\'')
		buf_str(out, "\\(aq");
	else if (*rest.p == '^')
		buf_str(out, "\\(ha");
	else if (*rest.p == '~')
		buf_str(out, "\\(ti");
	else if (*rest.p == '-')
		buf_str(out, "\\-");
	else if ((unsigned char)*rest.p >= 0x20 && *rest.p != 0x7f)
		buf_char(out, *rest.p);
}

static void mdoc_escape(struct buf *out, struct slice text)
{
	while (text.n) {
		uint32_t code = '?';
		size_t n = utf8_next(text, &code);

		mdoc_char(out, text, n ? n : 2, code);
		text = slice_from(text, n ? n : 1);
	}
}

/* The end of a sentence must be the end of a line; roff puts the space between them. */
static bool ends_sentence(struct slice word, struct slice rest)
{
	char last = word.p[word.n - 1];

	rest = slice_trim(rest);
	return (last == '.' || last == '!' || last == '?') &&
	       (!rest.n || !islower((unsigned char)rest.p[0]));
}

/* Running text in lines of less than MDOC_WIDTH, none of which looks like a request. */
static void mdoc_text(struct buf *out, const char *text)
{
	struct slice rest = slice_of(text), word;
	size_t start = out->n;

	while (slice_next_word(&rest, &word)) {
		AUTO_BUF escaped = BUF_INIT;

		mdoc_escape(&escaped, word);
		if (out->n > start && out->n - start + escaped.n >= MDOC_WIDTH) {
			buf_char(out, '\n');
			start = out->n;
		} else if (out->n > start) {
			buf_char(out, ' ');
		}
		if (out->n == start && word.p[0] == '.')
			buf_str(out, "\\&");
		buf_str(out, buf_text(&escaped));
		if (ends_sentence(word, rest)) {
			buf_char(out, '\n');
			start = out->n;
		}
	}
	if (out->n > start)
		buf_char(out, '\n');
}

/* "Default: 80.": a label, and the text as it stands in a line of its own when it is long. */
static void mdoc_fact(struct buf *out, const char *label, const char *text)
{
	AUTO_BUF sentence = BUF_INIT;

	if (!text)
		return;
	buf_printf(&sentence, "%s: %s.", label, text[0] ? text : "(empty)");
	mdoc_text(out, buf_text(&sentence));
}

/* An argument of a macro: quoted, as the words of macros would otherwise be called. */
static void mdoc_argument(struct buf *out, const char *text)
{
	buf_str(out, " \"");
	mdoc_escape(out, slice_of(text));
	buf_char(out, '"');
}

static void mdoc_option(struct buf *out, const struct option_row *row)
{
	AUTO_BUF type = BUF_INIT;

	buf_str(out, ".It Cm");
	mdoc_argument(out, row->name);
	buf_char(out, '\n');
	if (row->label)
		mdoc_fact(out, "Label", row->label);
	if (row->help)
		mdoc_text(out, row->help);
	row_type_text(row, &type);
	mdoc_fact(out, "Type", buf_text(&type));
	if (row->required)
		mdoc_text(out, "Required.");
	else
		mdoc_fact(out, "Default", row->fallback);
	mdoc_fact(out, "In a new section", row->initial);
	mdoc_fact(out, "Only when", row->needs);
	mdoc_fact(out, "Also read", row->alias);
	mdoc_fact(out, "Deprecated; write", row->replaced_by);
	mdoc_fact(out, "Effect", row_status_text(row));
	mdoc_fact(out, "Since", row->since);
}

void schema_mdoc(const struct section_row *const *rows, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		buf_str(out, ".Ss");
		mdoc_argument(out, rows[i]->label ? rows[i]->label : rows[i]->type);
		buf_str(out, "\nSections of the type\n.Cm");
		mdoc_argument(out, rows[i]->type);
		buf_str(out, " .\n");
		if (rows[i]->help)
			mdoc_text(out, rows[i]->help);
		if (!rows[i]->n_options)
			continue;
		buf_str(out, ".Bl -tag -width Ds\n");
		for (size_t j = 0; j < rows[i]->n_options; j++)
			mdoc_option(out, &rows[i]->options[j]);
		buf_str(out, ".El\n");
	}
}
