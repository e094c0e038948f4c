/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One word of UCI: bare, quoted, or both joined. The cursor only moves forward; the text of the
 * word is put together in a scratch buffer and copied to the arena once it is whole.
 *
 * The classic mistake is a forgotten closing quote. Quotes may span lines, so everything after it
 * is then read inside out and the complaint would come far too late. So we note the first quote
 * that ran over a line that looks like a command; when the command then fails, the reader blames
 * that quote and goes on at the line after it.
 */
#include <string.h>

#include "uci/uci_priv.h"

struct span uci_cursor_span(const struct uci_cursor *c, uint32_t start, uint32_t end)
{
	return (struct span){ c->source, start, end };
}

uint32_t uci_line_end(const struct uci_cursor *c, uint32_t at)
{
	const char *lf = at < c->n ? memchr(c->p + at, '\n', c->n - at) : NULL;

	return lf ? (uint32_t)(lf - c->p) : c->n;
}

/* The length of a backslash with the line end after it, or 0 when the cursor is at no such thing.
 */
static uint32_t joined_line_end(const struct uci_cursor *c)
{
	const char *p = c->p + c->at;
	uint32_t left = c->n - c->at;

	if (left >= 2 && p[0] == '\\' && p[1] == '\n')
		return 2;
	if (left >= 3 && p[0] == '\\' && p[1] == '\r' && p[2] == '\n')
		return 3;
	return 0;
}

void uci_skip_blank(struct uci_cursor *c)
{
	while (c->at < c->n) {
		uint32_t joined = joined_line_end(c);

		if (!joined && (c->p[c->at] == '\n' || !uci_blank(c->p[c->at])))
			return;
		c->at += joined ? joined : 1;
	}
}

/* Does the line that starts at this offset begin as a command would? */
static bool looks_like_command(const struct uci_cursor *c, uint32_t at)
{
	static const char *const keywords[] = { "config", "option", "list", "package" };

	while (at < c->n && (c->p[at] == ' ' || c->p[at] == '\t'))
		at++;
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		size_t n = strlen(keywords[i]);

		if (c->n - at > n && !memcmp(c->p + at, keywords[i], n) &&
			(c->p[at + n] == ' ' || c->p[at + n] == '\t'))
			return true;
	}
	return false;
}

static void word_char(struct uci_cursor *c, bool *exact)
{
	char byte = c->p[c->at++];

	/* A NUL was reported before reading began; strings must not hold one. */
	if (!byte)
		*exact = false;
	buf_char(&c->scratch, byte ? byte : '?');
}

/* Takes what a backslash stands for: the next character, or nothing before a line end. */
static bool word_escape(struct uci_cursor *c, bool *exact)
{
	uint32_t joined = joined_line_end(c);

	*exact = false;
	if (joined) {
		c->at += joined;
		return true;
	}
	/* With a CR at the very end too: the LF that somebody adds later must not change a meaning.
	 */
	if (c->at + 1 == c->n || (c->at + 2 == c->n && c->p[c->at + 1] == '\r')) {
		struct diag *d = diag_error(c->diags, uci_cursor_span(c, c->at, c->n),
			"unfinished-line", "the file ends after a backslash");

		diag_hint(c->diags, d, "remove the backslash");
		return false;
	}
	c->at++;
	word_char(c, exact);
	return true;
}

static bool unterminated(struct uci_cursor *c, uint32_t open)
{
	uint32_t blame = c->suspect != UCI_NOWHERE ? c->suspect : open;
	char quote = c->p[blame];
	struct diag *d = diag_error(c->diags, uci_cursor_span(c, blame, blame + 1),
		"unterminated-quote", "this quote is never closed");

	diag_hint(c->diags, d, "write %c at the end of the value too", quote);
	c->rewound += c->at - blame;
	c->at = blame;
	return false;
}

static bool word_quoted(struct uci_cursor *c, bool *exact)
{
	uint32_t open = c->at;
	char quote = c->p[c->at++];
	bool suspicious = false;

	while (c->at < c->n && c->p[c->at] != quote) {
		if (quote == '"' && c->p[c->at] == '\\' && c->at + 1 < c->n) {
			if (!word_escape(c, exact))
				return false;
			continue;
		}
		if (c->p[c->at] == '\n' && looks_like_command(c, c->at + 1))
			suspicious = true;
		word_char(c, exact);
	}
	if (suspicious && c->suspect == UCI_NOWHERE)
		c->suspect = open;
	if (c->at == c->n)
		return unterminated(c, open);
	c->at++;
	return true;
}

/* After a word that ended at '#': most people who write this mean the '#'. */
static void warn_comment(struct uci_cursor *c)
{
	struct diag *d = diag_warning(c->diags, uci_cursor_span(c, c->at, c->at + 1),
		"comment-inside-word", "'#' starts a comment here and ends the word before it");

	diag_hint(c->diags, d, "put the word in quotes, or write a blank before the comment");
}

bool uci_read_word(struct uci_cursor *c, struct uci_value *ret)
{
	uint32_t start = c->at;
	unsigned quoted = 0, bare = 0;
	bool exact = true;
	char first = c->p[start];

	buf_clear(&c->scratch);
	while (c->at < c->n && !uci_blank(c->p[c->at]) && c->p[c->at] != ';') {
		char byte = c->p[c->at];

		if (byte == '#') {
			warn_comment(c);
			break;
		}
		if (byte == '\'' || byte == '"') {
			quoted++;
			if (!word_quoted(c, &exact))
				return false;
			continue;
		}
		bare++;
		if (byte == '\\') {
			if (!word_escape(c, &exact))
				return false;
			continue;
		}
		word_char(c, &exact);
	}

	bool whole = quoted == 1 && !bare;
	enum uci_quote quote = whole	? (first == '"' ? UCI_DOUBLE : UCI_SINGLE)
			       : quoted ? UCI_MIXED
					: UCI_BARE;
	struct span span = uci_cursor_span(c, start + whole, c->at - whole);

	if (c->scratch.n > UCI_VALUE_MAX) {
		diag_error(c->diags, span, "value-too-long",
			"a word of %zu bytes; at most %u are read", c->scratch.n, UCI_VALUE_MAX);
		return false;
	}
	*ret = (struct uci_value){
		.text = arena_strndup(c->arena, buf_text(&c->scratch), c->scratch.n),
		.n = (uint32_t)c->scratch.n,
		.span = span,
		.quote = quote,
		.exact = exact && quote != UCI_MIXED,
	};
	return true;
}
