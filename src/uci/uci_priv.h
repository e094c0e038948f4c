/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of this folder only. */
#ifndef UCI_UCI_PRIV_H
#define UCI_UCI_PRIV_H

#include "uci/uci.h"

/* Blanks as libuci has them, whatever the locale. LF is one too: callers look for it first. */
static inline bool uci_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* word.c: reading one word. */

struct uci_cursor {
	struct arena *arena;
	struct diags *diags;
	const struct source *source;
	const char *p; /* the text */
	uint32_t n;
	uint32_t at;
	struct buf scratch; /* the word being put together */
	/*
	 * The first quote of this command that closed on another line, with text in between that
	 * looks like a command: where a closing quote was most likely forgotten. Or UCI_NOWHERE.
	 */
	uint32_t suspect;
	size_t rewound; /* bytes that reading went back because of quotes */
};

struct span uci_cursor_span(const struct uci_cursor *c, uint32_t start, uint32_t end);
/* Skips blanks, but not LF, and joined line ends. */
void uci_skip_blank(struct uci_cursor *c);
/* The offset of the LF at or after `at`, or of the end of the text. */
uint32_t uci_line_end(const struct uci_cursor *c, uint32_t at);
/*
 * Reads the word at the cursor, which must not be at a blank, ';', '#' or the end. Returns false
 * after appending an error; *ret is then untouched.
 */
bool uci_read_word(struct uci_cursor *c, struct uci_value *ret);

/* lookup.c: the index, filled by the reader. */

struct uci_index *uci_index_new(struct arena *arena);
/* Adds a section to the list of its type and sets section->index; `named`: also to the names. */
void uci_index_add(
	struct arena *arena, struct uci_index *index, struct uci_section *section, bool named);

/* quote.c: adds a value in this style of quotes, or in single quotes where that cannot hold it. */
void uci_quote_as(struct buf *out, const char *value, enum uci_quote quote);

/* change.c: applying changes, for both editors. */

/* Replaces `cut` bytes at `at` by n bytes of text. */
struct uci_splice {
	uint32_t at, cut;
	const char *text;
	size_t n;
};

struct uci_change {
	struct arena arena; /* of the texts */
	VEC(struct uci_splice) splices;
};

void uci_change_init(struct uci_change *change);
/* Replaces start..end by n bytes, which are copied. */
void uci_change_splice(
	struct uci_change *change, uint32_t start, uint32_t end, const char *text, size_t n);
/*
 * Removes the commands from first to last, which follow each other on the same line or on lines of
 * their own. Whole lines go when nothing else is on them.
 */
void uci_change_remove(struct uci_change *change, const struct uci_edit *edit,
	const struct uci_command *first, const struct uci_command *last);
/* Applies all splices, which must not overlap, reads the result, and releases the change. */
int uci_change_apply(struct uci_change *change, struct uci_edit *edit);
/* "\r\n" when the line that ends at this LF has it, or, past the last LF, when the first line does.
 */
const char *uci_line_ending(const struct uci_edit *edit, uint32_t line_end);
/* The first byte after this line: past its LF. */
uint32_t uci_line_after(const struct uci_edit *edit, uint32_t line_end);

#endif
