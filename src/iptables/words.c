/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words as a shell would split them, and nothing more: no variable, no file name pattern, no
 * command substitution is ever expanded. In a script such a construct is marked on its word, so
 * that the reader of commands can name it together with its place.
 */
#include <string.h>

#include "iptables/iptables_priv.h"

struct scanner {
	struct arena *arena;
	struct slice text;
	size_t at;
	struct span where;
	bool exact;	 /* offsets of text are offsets of the source */
	uint32_t offset; /* of the text's first byte in the source */
	bool script;
	struct diags *diags;
	struct ipt_words *out;
	struct buf word;
	struct ipt_word now;
};

/* The place of bytes [from, to) of the text. */
static struct span place(const struct scanner *s, size_t from, size_t to)
{
	if (!s->exact)
		return s->where;
	return (struct span){ s->where.src, s->offset + (uint32_t)from, s->offset + (uint32_t)to };
}

/* Whether the text stands in the source at an offset, byte for byte. */
static bool stands_at(const struct scanner *s, uint32_t offset)
{
	const struct source *src = s->where.src;

	return src && offset + s->text.n <= src->text.n &&
	       memcmp(src->text.p + offset, s->text.p, s->text.n) == 0;
}

static void find_place(struct scanner *s)
{
	for (uint32_t skip = 0; skip < 2 && !s->exact; skip++) {
		s->offset = s->where.start + skip; /* a quote stands before it */
		s->exact = s->text.n && stands_at(s, s->offset);
	}
}

static char peek(const struct scanner *s, size_t ahead)
{
	return s->at + ahead < s->text.n ? s->text.p[s->at + ahead] : '\0';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_operator(char c)
{
	return c == ';' || c == '&' || c == '|' || c == '(' || c == ')' || c == '<' || c == '>';
}

/* Names what a '$' or '`' begins. */
static void mark_expansion(struct scanner *s)
{
	char c = peek(s, 0);
	const char *what = NULL;

	if (!s->script || s->now.shell)
		return;
	if (c == '`' || (c == '$' && peek(s, 1) == '('))
		what = "a command substitution";
	else if (c == '$' && (peek(s, 1) == '_' || peek(s, 1) == '{' || peek(s, 1) == '@' ||
				     peek(s, 1) == '*' || peek(s, 1) == '#' || peek(s, 1) == '?' ||
				     (peek(s, 1) >= '0' && peek(s, 1) <= '9') ||
				     ((peek(s, 1) | 32) >= 'a' && (peek(s, 1) | 32) <= 'z')))
		what = "a variable";
	s->now.shell = what;
}

/* A quoted part; false when its end is missing. */
static bool read_quoted(struct scanner *s, char quote)
{
	size_t from = s->at++;

	s->now.quoted = true;
	while (s->at < s->text.n && peek(s, 0) != quote) {
		if (quote == '"' && peek(s, 0) == '\\' && s->at + 1 < s->text.n) {
			char next = peek(s, 1);

			if (next == '\n') {
				s->at += 2;
				continue;
			}
			if (strchr("\"\\$`", next) && next)
				s->at++;
		} else if (quote == '"') {
			mark_expansion(s);
		}
		buf_char(&s->word, s->text.p[s->at++]);
	}
	if (s->at < s->text.n) {
		s->at++;
		return true;
	}
	diag_error(s->diags, place(s, from, from + 1), "shell-quote", "this quote is not closed");
	return false;
}

/* True when the scanner stands at the end of a word. */
static bool word_ends(const struct scanner *s)
{
	char c = peek(s, 0);

	return s->at >= s->text.n || is_blank(c) || c == '\n' || (s->script && is_operator(c));
}

static bool read_word(struct scanner *s)
{
	size_t from = s->at;
	bool good = true;

	s->now = (struct ipt_word){ 0 };
	buf_clear(&s->word);
	while (good && !word_ends(s)) {
		char c = peek(s, 0);

		if (c == '\'' || c == '"') {
			good = read_quoted(s, c);
		} else if (c == '\\' && s->at + 1 < s->text.n) {
			if (peek(s, 1) != '\n') {
				s->now.quoted = true;
				buf_char(&s->word, peek(s, 1));
			}
			s->at += 2;
		} else {
			mark_expansion(s);
			buf_char(&s->word, c);
			s->at++;
		}
	}
	/* A file descriptor belongs to the redirection behind it. */
	if (s->script && !s->now.quoted && s->word.n == 1 && strchr("0123456789", s->word.p[0]) &&
		(peek(s, 0) == '>' || peek(s, 0) == '<'))
		return good;
	if (s->word.n || s->now.quoted) {
		s->now.text =
			(struct slice){ arena_strndup(s->arena, buf_text(&s->word), s->word.n),
				s->word.n };
		s->now.span = place(s, from, s->at);
		vec_push(s->arena, &s->out->list, s->now);
	}
	return good;
}

static void read_operator(struct scanner *s)
{
	struct ipt_word w = { .operator= true };
	size_t from = s->at;
	char c = peek(s, 0);

	s->at++;
	if ((c == '&' || c == '|' || c == ';' || c == '<' || c == '>') && peek(s, 0) == c)
		s->at++;
	else if ((c == '>' && peek(s, 0) == '&') || (c == '&' && peek(s, 0) == '>'))
		s->at++;
	w.text = (struct slice){ s->text.p + from, s->at - from };
	w.span = place(s, from, s->at);
	vec_push(s->arena, &s->out->list, w);
}

/* Blanks, and in a script comments and joined lines. */
static bool skip(struct scanner *s)
{
	char c = peek(s, 0);

	if (is_blank(c) || (!s->script && c == '\n')) {
		s->at++;
	} else if (c == '\\' && peek(s, 1) == '\n') {
		s->at += 2;
	} else if (c == '\\' && peek(s, 1) == '\r' && peek(s, 2) == '\n') {
		s->at += 3;
	} else if (s->script && c == '#') {
		while (s->at < s->text.n && peek(s, 0) != '\n')
			s->at++;
	} else {
		return false;
	}
	return true;
}

bool ipt_words_read(struct arena *arena, struct slice text, struct span where, bool script,
	struct diags *diags, struct ipt_words *ret)
{
	struct scanner s = { .arena = arena,
		.text = text,
		.where = where,
		.script = script,
		.diags = diags,
		.out = ret };
	bool good = true;

	find_place(&s);
	while (good && s.at < s.text.n) {
		if (skip(&s))
			continue;
		if (s.script && (is_operator(peek(&s, 0)) || peek(&s, 0) == '\n'))
			read_operator(&s);
		else
			good = read_word(&s);
	}
	buf_release(&s.word);
	return good;
}
