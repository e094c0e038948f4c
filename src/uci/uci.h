/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UCI: a reader that remembers where everything stood, an editor that changes only what it is
 * told to, and a safe way to save.
 *
 * The language is the one libuci reads:
 *
 *     package NAME                 # accepted, and of no meaning inside a file
 *     config TYPE [NAME]
 *         option KEY VALUE
 *         list KEY VALUE
 *
 * A line holds one command, or several with ';' between them. Keywords may be cut to their first
 * letter. A word is bare, 'single quoted' (nothing is special inside) or "double quoted", or
 * several of these joined ('a'"b"c). Outside single quotes a backslash takes the next character as
 * it is, and before the end of a line it joins the lines. Quoted words may hold line ends. '#'
 * starts a comment wherever it is not quoted, even inside a bare word. CR counts as a blank.
 */
#ifndef UCI_UCI_H
#define UCI_UCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"

/*
 * Limits, each with a diagnostic of its own. A router's largest files are a hundred times smaller;
 * the limits keep the reader's memory under some 64 MiB whatever it is given.
 */
#define UCI_TEXT_MAX (4u << 20)	  /* bytes in a file: text-too-large */
#define UCI_SECTIONS_MAX 65536u	  /* config lines in a file: too-many-sections */
#define UCI_ITEMS_MAX 262144u	  /* options and list entries in a file: too-many-options */
#define UCI_VALUE_MAX (64u << 10) /* bytes in one word: value-too-long */
#define UCI_NAME_MAX 255u	  /* bytes in a name, key or type: bad-name */

/* "No offset" in struct uci_command. */
#define UCI_NOWHERE UINT32_MAX

enum uci_quote {
	UCI_BARE,   /* abc */
	UCI_SINGLE, /* 'abc' */
	UCI_DOUBLE, /* "abc" */
	UCI_MIXED,  /* several joined: 'a'"b" */
};

/* A word of the file. */
struct uci_value {
	const char *text; /* no quotes or escapes; NUL-terminated; NULL when the word is absent */
	struct span span; /* between the quotes; with them when mixed; a point when absent */
	uint32_t n;	  /* strlen(text) */
	enum uci_quote quote : 8;
	bool exact; /* the source bytes of span are the text itself */
};

/* Where a command stands, as byte offsets into the text. For the editor. */
struct uci_command {
	uint32_t line_start; /* first byte of its line (of the first one, when lines are joined) */
	uint32_t start, end; /* from the keyword to the end of the last word */
	uint32_t line_end;   /* the LF that ends its line, or the size of the text */
	uint32_t separator;  /* the ';' before it on the same line, or UCI_NOWHERE */
	uint32_t next;	     /* start of the command after it on the same line, or UCI_NOWHERE */
};

enum uci_item_kind { UCI_OPTION, UCI_LIST };

/* `option KEY VALUE` or `list KEY VALUE`, in the order of the file. */
struct uci_item {
	struct uci_item *next;
	enum uci_item_kind kind;
	struct uci_value key, value; /* value.text is "" when it is absent */
	struct uci_command command;
};

/*
 * One `config` line and what follows it. A section has one part, or several when the file opens it
 * again under the same name and type.
 */
struct uci_part {
	struct uci_part *next;
	struct uci_value type, name;
	struct uci_command command;    /* the config line */
	struct uci_item *first, *last; /* its own items, neighbours in the list; NULL when none */
	uint32_t floor; /* where the line of the command before it ends: comments from here on */
};

/* A section as libuci sees it: parts of the same name are joined. */
struct uci_section {
	const char *type;
	const char *name;	/* NULL when anonymous */
	size_t index;		/* among the sections of its type: the N of @type[N] */
	struct uci_item *items; /* of all parts, in the order of the file */
	struct uci_item *last;
	struct span header; /* from `config` to the end of the line's words, of the first part */
	struct uci_part *parts, *last_part;
};

struct uci_index;

struct uci_file {
	const struct source *source;
	struct uci_value package; /* text NULL when there is none */
	VEC(struct uci_section *) sections;
	size_t items, parts;
	uint32_t floor;		 /* where the line of the last command ends */
	bool unfinished;	 /* the last line is a command and has no LF to end it */
	bool over_limit;	 /* reading stopped at a limit; there is an error about it */
	struct uci_index *index; /* by name and by type */
};

/*
 * Reads a file. Always returns what could be understood; mistakes are appended to diags, and after
 * each one reading goes on at the next line. When errors were appended the tree is only good for
 * finding more of them. The source, and its text, must outlive the tree. The tree is the arena's.
 */
struct uci_file *uci_parse(struct arena *arena, const struct source *source, struct diags *diags);

/* Looking up. All return NULL when there is no such thing, and borrow from the tree. */

/* By its name. */
struct uci_section *uci_section_named(const struct uci_file *file, const char *name);
/* By type and place; -1 is the last one, -2 the one before it. */
struct uci_section *uci_section_at(const struct uci_file *file, const char *type, ssize_t index);
/* By name, or by "@type[N]". */
struct uci_section *uci_section_find(const struct uci_file *file, const char *path);
/* The sections of a type in order: NULL gives the first one, a section the one after it. */
struct uci_section *uci_section_next(
	const struct uci_file *file, const char *type, const struct uci_section *after);
/* How many sections of a type there are. */
size_t uci_section_count(const struct uci_file *file, const char *type);
/* Prints the name, or "@type[N]": what uci_section_find() takes. */
void uci_section_path(const struct uci_section *section, struct buf *out);

/* The item that holds the value of an option: the last one of that key, whether option or list. */
const struct uci_item *uci_option(const struct uci_section *section, const char *key);
/*
 * The values of a list in order: NULL gives the first one, an item the one after it. As in libuci,
 * an `option` forgets what came before it, and a `list` after it adds to it; an empty `option` only
 * forgets.
 */
const struct uci_item *uci_list_next(
	const struct uci_section *section, const char *key, const struct uci_item *after);

/*
 * The span of bytes from..to (to not included) of the unescaped value: exactly these bytes in the
 * source when the word is written plainly, else the whole word. Offsets past the end are cut.
 */
struct span uci_value_span(const struct uci_value *value, size_t from, size_t to);
/* The whole word with its quotes. */
struct span uci_value_outer(const struct uci_value *value);
/* From the keyword to the end of the last word. */
struct span uci_item_span(const struct uci_item *item);

/* Letters, digits, '_', and '-' where libuci or its users have it. At most UCI_NAME_MAX bytes. */
bool uci_valid_section_name(const char *name); /* no '-' */
bool uci_valid_key(const char *key);
bool uci_valid_type(const char *type);

/* Adds a value in single quotes; a single quote inside becomes '\''. */
void uci_quote(struct buf *out, const char *value);

/*
 * Editing. An editor holds a text and its tree. Every edit changes only the bytes it must and then
 * reads the text again, so pointers into the old tree die with each successful edit; sections are
 * therefore named by path ("lan", "@rule[3]", "@rule[-1]").
 *
 * All edits return 0, or a negative errno and nothing has changed:
 *	-ENOENT	no such section, option or list entry
 *	-EINVAL	a name, key, type or path that UCI cannot hold
 *	-EEXIST	the section name is taken
 *	-EFBIG	the result would pass one of the limits above
 * Values are C strings, so they hold anything but NUL; line ends are fine.
 */
struct uci_edit {
	struct buf text;
	struct arena arena; /* of source, tree and diagnostics */
	struct source *source;
	struct uci_file *file;
	struct diags diags; /* from the last reading: warnings, or why uci_edit_init() refused */
};

/*
 * Starts editing a copy of the text. Returns false when the text has errors, which are then in
 * edit->diags: such a text is not edited, because we cannot know what its author meant. Release it
 * in both cases. `name` is used in positions and must outlive the editor.
 */
bool uci_edit_init(struct uci_edit *edit, const char *name, struct slice text)
	__attribute__((warn_unused_result));
void uci_edit_release(struct uci_edit *edit);

/*
 * Makes the option have exactly this value. A value already there is replaced between its quotes,
 * in the same style of quotes when that can hold it; entries of a list of this key go. A new
 * option is a line after the last item of the section, indented like it.
 */
int uci_edit_set(struct uci_edit *edit, const char *section, const char *key, const char *value);
/* Removes the option or the whole list, with its lines and the comments on these lines. */
int uci_edit_delete(struct uci_edit *edit, const char *section, const char *key);
/* Appends an entry after the last one of the list. An option of this key becomes its first entry.
 */
int uci_edit_list_add(
	struct uci_edit *edit, const char *section, const char *key, const char *value);
/* Removes every entry equal to the value. */
int uci_edit_list_remove(
	struct uci_edit *edit, const char *section, const char *key, const char *value);
/* Makes the list have exactly these n entries. Entries that are right already are not touched. */
int uci_edit_list_set(struct uci_edit *edit, const char *section, const char *key,
	const char *const *values, size_t n);

/* Appends a section after a blank line; name NULL makes it anonymous: "@type[-1]" finds it. */
int uci_edit_section_add(struct uci_edit *edit, const char *type, const char *name);
/*
 * Removes a section, its items, the blank line after it, and the comment lines that stand right
 * above it when a blank line sets them off from what is before. Other comments stay.
 */
int uci_edit_section_delete(struct uci_edit *edit, const char *section);
/* Names an anonymous section, or gives another name. References to it are the caller's business. */
int uci_edit_section_rename(struct uci_edit *edit, const char *section, const char *name);
/*
 * Moves a section, with its comments as above, before another one; before NULL, to the end.
 * uci_edit_section_move_to() moves it to a place among the sections of its type (-1 is the last).
 */
int uci_edit_section_move(struct uci_edit *edit, const char *section, const char *before);
int uci_edit_section_move_to(struct uci_edit *edit, const char *section, ssize_t index);

/*
 * Files: the only two functions here that touch the world.
 */

/*
 * Reads a regular file of at most UCI_TEXT_MAX bytes into the arena; a symbolic link is followed.
 * The text is NUL-terminated past its end. ret->name is `path` itself, borrowed. Returns 0, or
 * -EINVAL for anything but a regular file, -EFBIG, or what the system said; ret is then untouched.
 */
int uci_load(const char *path, struct arena *arena, struct source *ret)
	__attribute__((warn_unused_result));
/*
 * Replaces a file, or makes it with mode 0600: whatever happens, even a loss of power, the path
 * holds the whole old text or the whole new one. Mode and owner stay. Returns 0 or a negative
 * errno, and then the old file is as it was: -ELOOP when the path is a symbolic link, -EINVAL when
 * it is no regular file. Should the directory refuse to be synced, the new text is in place and
 * the error is returned all the same.
 */
int uci_save(const char *path, const char *text, size_t n) __attribute__((warn_unused_result));

#endif
