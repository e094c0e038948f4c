/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From text to tree: lines, commands, sections. Every mistake gets a diagnostic and reading goes
 * on at the next line, so that one run shows them all. A section that could not be understood
 * still swallows its options, lest each of them be reported as standing outside any section.
 */
#include <string.h>

#include "base/bug.h"
#include "uci/uci_priv.h"

/*
 * Blaming a quote means reading the lines after it again. A file made for it could have us do
 * that for ever, so after this many bytes we stop.
 */
#define REWOUND_MAX UCI_TEXT_MAX

enum keyword { KEYWORD_PACKAGE, KEYWORD_CONFIG, KEYWORD_OPTION, KEYWORD_LIST };

static const char *const keywords[] = {
	[KEYWORD_PACKAGE] = "package",
	[KEYWORD_CONFIG] = "config",
	[KEYWORD_OPTION] = "option",
	[KEYWORD_LIST] = "list",
};

#define KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

struct reader {
	struct uci_cursor c;
	struct uci_file *file;
	struct uci_section *section;	/* NULL before the first one and inside a broken one */
	bool broken;			/* inside a section that could not be understood */
	VEC(struct uci_command *) line; /* the commands of this line so far, good ones only */
	uint32_t line_start, separator;
	bool line_used; /* there was a command on this line */
	bool stop;
};

/* Where the line that holds this command ends and what is next to it is known only at its end. */
static void line_begin(struct reader *r)
{
	r->line.n = 0;
	r->line_start = r->c.at;
	r->separator = UCI_NOWHERE;
	r->line_used = false;
}

static void line_finish(struct reader *r)
{
	for (size_t i = 0; i < r->line.n; i++) {
		r->line.v[i]->line_end = r->c.at;
		r->line.v[i]->next = i + 1 < r->line.n ? r->line.v[i + 1]->start : UCI_NOWHERE;
	}
	if (r->line_used)
		r->file->unfinished = r->c.at >= r->c.n;
	if (r->c.at < r->c.n)
		r->c.at++;
	if (r->line_used)
		r->file->floor = r->c.at;
}

/* Gives up on this line. What the cursor stands in the middle of is skipped. */
static void line_abandon(struct reader *r)
{
	r->c.at = uci_line_end(&r->c, r->c.at);
	line_finish(r);
}

static void command_place(struct reader *r, struct uci_command *command, uint32_t start)
{
	*command = (struct uci_command){
		.line_start = r->line_start,
		.start = start,
		.end = r->c.at,
		.separator = r->separator,
		.next = UCI_NOWHERE,
	};
	vec_push(r->c.arena, &r->line, command);
}

static void bad_name(
	struct reader *r, const struct uci_value *value, const char *what, const char *allowed)
{
	struct diag *d;

	if (value->n > UCI_NAME_MAX)
		d = diag_error(r->c.diags, value->span, "bad-name",
			"a %s of %u bytes; at most %u are allowed", what, value->n, UCI_NAME_MAX);
	else
		d = diag_error(
			r->c.diags, value->span, "bad-name", "'%s' is not a %s", value->text, what);
	diag_hint(r->c.diags, d, "use %s only", allowed);
}

#define LETTERS "letters, digits and '_'"
#define LETTERS_DASH "letters, digits, '_' and '-'"

static void read_package(struct reader *r, const struct uci_value *name)
{
	if (!uci_valid_key(name->text)) {
		bad_name(r, name, "package name", LETTERS_DASH);
		return;
	}
	if (!r->file->package.text)
		r->file->package = *name;
}

static void part_append(struct reader *r, struct uci_section *section, uint32_t start,
	const struct uci_value *type, const struct uci_value *name)
{
	struct uci_part *part = ARENA_NEW(r->c.arena, struct uci_part);

	part->type = *type;
	part->name = *name;
	part->floor = r->file->floor;
	r->file->parts++;
	command_place(r, &part->command, start);
	if (section->last_part)
		section->last_part->next = part;
	else
		section->parts = part;
	section->last_part = part;
	r->section = section;
}

/* A name seen before: libuci goes on filling that section, and so do we, but aloud. */
static bool section_reopen(struct reader *r, struct uci_section *old, uint32_t start,
	const struct uci_value *type, const struct uci_value *name)
{
	if (!strcmp(old->type, type->text)) {
		struct diag *d = diag_warning(r->c.diags, name->span, "duplicate-section",
			"section '%s' is opened a second time; its options are joined", name->text);

		diag_note(r->c.diags, d, old->header, "it was opened here first");
		part_append(r, old, start, type, name);
		return true;
	}

	struct diag *d = diag_error(r->c.diags, name->span, "section-type-conflict",
		"section '%s' has type '%s' here and '%s' before", name->text, type->text,
		old->type);

	diag_note(r->c.diags, d, old->header, "it was opened here first");
	diag_hint(r->c.diags, d, "give one of them another name");
	return false;
}

static void read_config(struct reader *r, uint32_t start, const struct uci_value *type,
	const struct uci_value *name)
{
	bool named = name->text && name->n;
	struct uci_section *section;

	r->section = NULL;
	r->broken = true;
	if (!uci_valid_type(type->text)) {
		bad_name(r, type, "section type", LETTERS_DASH);
		return;
	}
	if (named && !uci_valid_section_name(name->text)) {
		bad_name(r, name, "section name", LETTERS);
		named = false;
	}
	if (r->file->parts >= UCI_SECTIONS_MAX) {
		diag_error(r->c.diags, uci_cursor_span(&r->c, start, r->c.at), "too-many-sections",
			"more than %u sections; the rest is not read", UCI_SECTIONS_MAX);
		r->file->over_limit = r->stop = true;
		return;
	}
	r->broken = false;
	if (named && (section = uci_section_named(r->file, name->text))) {
		if (section_reopen(r, section, start, type, name))
			return;
		named = false;
	}
	section = ARENA_NEW(r->c.arena, struct uci_section);
	section->type = type->text;
	section->name = named ? name->text : NULL;
	section->header = uci_cursor_span(&r->c, start, r->c.at);
	vec_push(r->c.arena, &r->file->sections, section);
	uci_index_add(r->c.arena, r->file->index, section, named);
	part_append(r, section, start, type, name);
}

/* The value may be missing: libuci takes that as empty, which for an option means "not set". */
static void check_value(
	struct reader *r, const struct uci_value *key, const struct uci_value *value)
{
	struct diag *d;

	if (value->text)
		return;
	d = diag_warning(r->c.diags, key->span, "missing-value", "'%s' has no value", key->text);
	diag_hint(r->c.diags, d, "write a value after it, or remove the line");
}

static void read_item(struct reader *r, enum uci_item_kind kind, uint32_t start,
	const struct uci_value *key, const struct uci_value *value)
{
	if (!r->section && !r->broken) {
		struct diag *d = diag_error(r->c.diags, uci_cursor_span(&r->c, start, r->c.at),
			"option-outside-section", "'%s' stands before the first section",
			key->text);

		diag_hint(r->c.diags, d, "write a line 'config TYPE' above it");
		return;
	}
	if (!uci_valid_key(key->text)) {
		bad_name(r, key, "option name", LETTERS_DASH);
		return;
	}
	check_value(r, key, value);
	if (!r->section)
		return;
	if (r->file->items >= UCI_ITEMS_MAX) {
		diag_error(r->c.diags, uci_cursor_span(&r->c, start, r->c.at), "too-many-options",
			"more than %u options; the rest is not read", UCI_ITEMS_MAX);
		r->file->over_limit = r->stop = true;
		return;
	}

	struct uci_section *s = r->section;
	struct uci_item *item = ARENA_NEW(r->c.arena, struct uci_item);

	item->kind = kind;
	item->key = *key;
	command_place(r, &item->command, start);
	if (value->text)
		item->value = *value;
	else
		item->value = (struct uci_value){ .text = "",
			.span = uci_cursor_span(&r->c, item->command.end, item->command.end) };
	if (s->last)
		s->last->next = item;
	else
		s->items = item;
	s->last = item;
	if (!s->last_part->first)
		s->last_part->first = item;
	s->last_part->last = item;
	r->file->items++;
}

/* Reads the keyword. It is never quoted. */
static bool read_keyword(struct reader *r, enum keyword *ret)
{
	struct uci_cursor *c = &r->c;
	uint32_t start = c->at;

	if (c->p[start] == ';') {
		struct diag *d = diag_error(c->diags, uci_cursor_span(c, start, start + 1),
			"stray-semicolon", "a command was expected before ';'");

		diag_hint(c->diags, d, "remove it");
		return false;
	}
	while (c->at < c->n && !uci_blank(c->p[c->at]) && c->p[c->at] != ';')
		c->at++;

	struct slice word = { c->p + start, c->at - start };

	for (size_t i = 0; i < KEYWORDS; i++) {
		if (slice_is(word, keywords[i]) || (word.n == 1 && word.p[0] == keywords[i][0])) {
			*ret = (enum keyword)i;
			return true;
		}
	}

	struct diag *d = diag_error(c->diags, uci_cursor_span(c, start, c->at), "unknown-keyword",
		"unknown keyword '%.*s'", SLICE_ARG(word));
	const char *near = diag_nearest(word, keywords, KEYWORDS);

	if (near)
		diag_hint(c->diags, d, "did you mean '%s'?", near);
	else
		diag_hint(c->diags, d, "a line starts with config, option, list or '#'");
	return false;
}

/* A word too many. Mostly an unquoted value with blanks, unless a quote before it ran away. */
static bool extra_word(struct reader *r, const struct uci_value *before)
{
	struct uci_cursor *c = &r->c;
	uint32_t start = c->at, end;
	struct diag *d;

	if (c->suspect != UCI_NOWHERE) {
		d = diag_error(c->diags, uci_cursor_span(c, c->suspect, c->suspect + 1),
			"unterminated-quote", "this quote is not closed on its line");
		diag_hint(c->diags, d, "write %c at the end of the value too", c->p[c->suspect]);
		c->rewound += c->at - c->suspect;
		c->at = c->suspect;
		return false;
	}
	end = uci_line_end(c, start);
	while (end > start + 1 && uci_blank(c->p[end - 1]))
		end--;
	d = diag_error(c->diags, uci_cursor_span(c, start, end), "extra-argument",
		"nothing was expected after '%s'", before->text);
	if (before->quote == UCI_BARE)
		diag_hint(c->diags, d, "a value with blanks needs quotes");
	return true;
}

static bool stray_backslash(struct reader *r)
{
	struct uci_cursor *c = &r->c;

	if (c->at + 1 != c->n || c->p[c->at] != '\\')
		return false;

	struct diag *d = diag_error(c->diags, uci_cursor_span(c, c->at, c->n), "unfinished-line",
		"the file ends after a backslash");

	diag_hint(c->diags, d, "remove the backslash");
	return true;
}

static bool at_command_end(const struct uci_cursor *c)
{
	return c->at >= c->n || c->p[c->at] == '\n' || c->p[c->at] == ';' || c->p[c->at] == '#';
}

/*
 * Reads up to `max` words into words[]; absent ones stay empty. Returns false when the command is
 * lost. *ret_extra: there is a word too many, the command is good up to there.
 */
static bool read_words(struct reader *r, struct uci_value words[2], size_t max, bool *ret_extra)
{
	struct uci_cursor *c = &r->c;
	size_t n = 0;

	for (;;) {
		uint32_t end = c->at;

		uci_skip_blank(c);
		if (at_command_end(c)) {
			/* The cursor stays where the last word ends: so does the command. */
			c->at = end;
			return true;
		}
		if (stray_backslash(r))
			return false;
		if (n == max) {
			*ret_extra = extra_word(r, &words[n - 1]);
			c->at = *ret_extra ? end : c->at;
			return *ret_extra;
		}
		if (!uci_read_word(c, &words[n]))
			return false;
		n++;
	}
}

/* What must be there: the type of a section, the key of an option, the name of a package. */
static bool first_word(
	struct reader *r, uint32_t start, enum keyword keyword, const struct uci_value *word)
{
	static const struct {
		const char *id, *what;
	} missing[] = {
		[KEYWORD_PACKAGE] = { "missing-name", "a name" },
		[KEYWORD_CONFIG] = { "missing-type", "a type" },
		[KEYWORD_OPTION] = { "missing-name", "a name and a value" },
		[KEYWORD_LIST] = { "missing-name", "a name and a value" },
	};

	if (word->text && word->n)
		return true;

	struct diag *d =
		diag_error(r->c.diags, uci_cursor_span(&r->c, start, r->c.at), missing[keyword].id,
			"'%s' must be followed by %s", keywords[keyword], missing[keyword].what);

	if (keyword == KEYWORD_CONFIG)
		diag_hint(r->c.diags, d, "for example: config rule");
	return false;
}

/* One command. Returns false when the rest of the line is not worth reading. */
static bool read_command(struct reader *r)
{
	struct uci_value words[2] = { 0 };
	uint32_t start = r->c.at;
	enum keyword keyword;
	bool extra = false, good;

	r->c.suspect = UCI_NOWHERE;
	r->line_used = true;
	if (!read_keyword(r, &keyword))
		return false;
	good = read_words(r, words, keyword == KEYWORD_PACKAGE ? 1 : 2, &extra);
	if (good)
		good = first_word(r, start, keyword, &words[0]);
	if (!good) {
		if (keyword == KEYWORD_CONFIG) {
			r->section = NULL;
			r->broken = true;
		}
		return false;
	}
	switch (keyword) {
	case KEYWORD_PACKAGE:
		read_package(r, &words[0]);
		break;
	case KEYWORD_CONFIG:
		read_config(r, start, &words[0], &words[1]);
		break;
	case KEYWORD_OPTION:
		read_item(r, UCI_OPTION, start, &words[0], &words[1]);
		break;
	case KEYWORD_LIST:
		read_item(r, UCI_LIST, start, &words[0], &words[1]);
		break;
	}
	return !extra;
}

/* A ';' promises another command on the line, to libuci too. */
static bool after_separator(struct reader *r)
{
	struct uci_cursor *c = &r->c;

	if (r->separator == UCI_NOWHERE ||
		(c->at < c->n && c->p[c->at] != '\n' && c->p[c->at] != '#'))
		return true;

	struct diag *d = diag_error(c->diags, uci_cursor_span(c, r->separator, r->separator + 1),
		"stray-semicolon", "a command was expected after ';'");

	diag_hint(c->diags, d, "remove it");
	return false;
}

static void read_line(struct reader *r)
{
	struct uci_cursor *c = &r->c;

	line_begin(r);
	for (;;) {
		uci_skip_blank(c);
		if (!after_separator(r) || stray_backslash(r))
			break;
		if (c->at < c->n && c->p[c->at] != '\n' && c->p[c->at] != '#') {
			if (!read_command(r))
				break;
			uci_skip_blank(c);
		}
		if (c->at >= c->n || c->p[c->at] != ';')
			break;
		r->separator = c->at++;
	}
	line_abandon(r);
	if (c->rewound > REWOUND_MAX) {
		diag_error(c->diags, uci_cursor_span(c, c->at, c->at), "too-many-errors",
			"too many quotes are not closed; the rest is not read");
		r->stop = true;
	}
}

/* What makes text unreadable as text: too much of it, NUL bytes, a byte order mark. */
static void check_text(struct reader *r)
{
	struct uci_cursor *c = &r->c;
	static const char mark[] = "\xef\xbb\xbf";
	struct diag *d;

	if (c->source->text.n > UCI_TEXT_MAX) {
		d = diag_error(c->diags, uci_cursor_span(c, 0, 0), "text-too-large",
			"%zu bytes of text; at most %u are read", c->source->text.n, UCI_TEXT_MAX);
		diag_hint(c->diags, d, "long lists of addresses belong in an ipset file");
		r->file->over_limit = r->stop = true;
		return;
	}
	for (uint32_t at = 0; at < c->n;) {
		const char *nul = memchr(c->p + at, '\0', c->n - at);

		if (!nul)
			break;
		at = (uint32_t)(nul - c->p);
		diag_error(c->diags, uci_cursor_span(c, at, at + 1), "nul-byte",
			"a NUL byte: this is not a text file, or it was damaged");
		at = uci_line_end(c, at);
	}
	if (c->n >= 3 && !memcmp(c->p, mark, 3)) {
		d = diag_error(c->diags, uci_cursor_span(c, 0, 3), "byte-order-mark",
			"the file starts with a byte order mark");
		diag_hint(c->diags, d, "save it as UTF-8 without a byte order mark");
		c->at = 3;
	}
}

struct uci_file *uci_parse(struct arena *arena, const struct source *source, struct diags *diags)
{
	struct uci_file *file = ARENA_NEW(arena, struct uci_file);
	struct reader r = {
		.c = {
			.arena = arena,
			.diags = diags,
			.source = source,
			.p = source->text.p,
			.n = source->text.n > UCI_TEXT_MAX ? 0 : (uint32_t)source->text.n,
		},
		.file = file,
	};

	file->source = source;
	file->index = uci_index_new(arena);
	buf_init(&r.c.scratch);
	check_text(&r);
	while (!r.stop && r.c.at < r.c.n)
		read_line(&r);
	buf_release(&r.c.scratch);
	return file;
}
