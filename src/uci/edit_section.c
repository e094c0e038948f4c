/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Editing whole sections. The unit here is the block: the lines of one part of a section together
 * with the comments that clearly belong to it. Clearly means: lines right above its header that a
 * blank line sets off from what is before them, and indented lines right after its last item that
 * are followed by a blank line or the end. All other comments are somebody else's and stay.
 */
#include <errno.h>
#include <string.h>

#include "uci/uci_priv.h"

struct block {
	const struct uci_command *first, *last;
	uint32_t start, end; /* whole lines, or the commands alone when they share a line */
	bool lines;	     /* whole lines */
	uint32_t floor;	     /* first byte after the line of the command before it */
};

enum line_kind { LINE_BLANK, LINE_COMMENT, LINE_OTHER };

/* What the line starting here holds, where no command reaches into it; *ret_after: its end. */
static enum line_kind look_at(const struct uci_edit *edit, uint32_t at, uint32_t *ret_after)
{
	const char *p = edit->text.p;
	uint32_t n = (uint32_t)edit->text.n;
	const char *lf = at < n ? memchr(p + at, '\n', n - at) : NULL;

	*ret_after = lf ? (uint32_t)(lf - p) + 1 : n;
	while (at < n && p[at] != '\n' && uci_blank(p[at]))
		at++;
	if (at >= n || p[at] == '\n')
		return LINE_BLANK;
	return p[at] == '#' ? LINE_COMMENT : LINE_OTHER;
}

/* The start of the line before the one that starts at `at`; at must be over the floor. */
static uint32_t line_above(const struct uci_edit *edit, uint32_t at)
{
	at--;
	while (at && edit->text.p[at - 1] != '\n')
		at--;
	return at;
}

/* Nothing at or below the floor is looked at: blanks and '#' there may be part of a value. */
static uint32_t with_comments_above(const struct uci_edit *edit, uint32_t start, uint32_t floor)
{
	uint32_t at = start, after;

	while (at > floor) {
		uint32_t above = line_above(edit, at);

		switch (look_at(edit, above, &after)) {
		case LINE_COMMENT:
			at = above;
			break;
		case LINE_BLANK:
			return at;
		case LINE_OTHER:
			return start;
		}
	}
	return start;
}

static uint32_t with_comments_below(const struct uci_edit *edit, uint32_t end)
{
	uint32_t at = end, after;

	while (at < edit->text.n) {
		switch (look_at(edit, at, &after)) {
		case LINE_COMMENT:
			if (edit->text.p[at] == '#')
				return end;
			at = after;
			break;
		case LINE_BLANK:
			return at;
		case LINE_OTHER:
			return end;
		}
	}
	return at;
}

/* The block of a part. Parts that share a line with it are taken along; *part is then the last. */
static struct block find_block(const struct uci_edit *edit, const struct uci_part **part)
{
	const struct uci_part *p = *part;
	struct block b = { .first = &p->command, .floor = p->floor };

	for (;; p = p->next) {
		b.last = p->last ? &p->last->command : &p->command;
		if (!p->next || b.last->next != p->next->command.start)
			break;
	}
	*part = p;
	b.lines = b.first->separator == UCI_NOWHERE && b.last->next == UCI_NOWHERE;
	if (b.lines) {
		b.start = with_comments_above(edit, b.first->line_start, b.floor);
		b.end = with_comments_below(edit, uci_line_after(edit, b.last->line_end));
	} else {
		b.start = b.first->start;
		b.end = b.last->end;
	}
	return b;
}

/*
 * Takes the block out, and one blank line: the one after it, or at the end of the file the one
 * before it. Returns where the cut ends; `taken` is where the one before it did.
 */
static uint32_t remove_block(
	struct uci_change *change, const struct uci_edit *edit, struct block b, uint32_t taken)
{
	uint32_t after;

	if (!b.lines) {
		uci_change_remove(change, edit, b.first, b.last);
		return b.end;
	}
	if (b.floor < taken)
		b.floor = taken;
	if (b.end < edit->text.n && look_at(edit, b.end, &after) == LINE_BLANK)
		b.end = after;
	else if (b.end >= edit->text.n && b.start > b.floor &&
		 look_at(edit, line_above(edit, b.start), &after) == LINE_BLANK)
		b.start = line_above(edit, b.start);
	uci_change_splice(change, b.start, b.end, "", 0);
	return b.end;
}

static void remove_section(
	struct uci_change *change, const struct uci_edit *edit, const struct uci_section *section)
{
	const struct uci_part *part = section->parts;
	struct block b = find_block(edit, &part);
	uint32_t taken = 0;

	while ((part = part->next)) {
		struct block next = find_block(edit, &part);

		if (b.lines && next.lines && next.start == b.end) {
			/* No line between them: they go as one. */
			b.last = next.last;
			b.end = next.end;
			continue;
		}
		taken = remove_block(change, edit, b, taken);
		b = next;
	}
	remove_block(change, edit, b, taken);
}

/* The lines of a section, each ended. */
static void copy_section(
	const struct uci_edit *edit, const struct uci_section *section, struct buf *out)
{
	const char *p = edit->text.p;

	for (const struct uci_part *part = section->parts; part; part = part->next) {
		struct block b = find_block(edit, &part);

		buf_add(out, p + b.start, b.end - b.start);
		if (!b.lines || b.last->line_end >= edit->text.n || p[b.end - 1] != '\n')
			buf_str(out, uci_line_ending(edit, b.last->line_end));
	}
}

/* What must be added to the end of the text so that a section can follow after a blank line. */
static void begin_at_end(const struct uci_edit *edit, struct buf *out)
{
	uint32_t n = (uint32_t)edit->text.n, after;
	const char *ending = uci_line_ending(edit, n);

	if (!n)
		return;
	if (n > edit->file->floor && edit->text.p[n - 1] == '\n' &&
		look_at(edit, line_above(edit, n), &after) == LINE_BLANK)
		return;
	if (edit->text.p[n - 1] != '\n' || edit->file->unfinished)
		buf_str(out, ending);
	buf_str(out, ending);
}

int uci_edit_section_add(struct uci_edit *edit, const char *type, const char *name)
{
	struct uci_change change;
	AUTO_BUF text = BUF_INIT;

	if (!uci_valid_type(type) || (name && !uci_valid_section_name(name)))
		return -EINVAL;
	if (name && uci_section_named(edit->file, name))
		return -EEXIST;
	begin_at_end(edit, &text);
	buf_printf(&text, "config %s", type);
	if (name) {
		buf_char(&text, ' ');
		uci_quote(&text, name);
	}
	buf_str(&text, uci_line_ending(edit, (uint32_t)edit->text.n));
	uci_change_init(&change);
	uci_change_splice(&change, (uint32_t)edit->text.n, (uint32_t)edit->text.n, text.p, text.n);
	return uci_change_apply(&change, edit);
}

int uci_edit_section_delete(struct uci_edit *edit, const char *path)
{
	const struct uci_section *section = uci_section_find(edit->file, path);
	struct uci_change change;

	if (!section)
		return -ENOENT;
	uci_change_init(&change);
	remove_section(&change, edit, section);
	return uci_change_apply(&change, edit);
}

int uci_edit_section_rename(struct uci_edit *edit, const char *path, const char *name)
{
	const struct uci_section *section = uci_section_find(edit->file, path);
	struct uci_change change;

	if (!uci_valid_section_name(name))
		return -EINVAL;
	if (!section)
		return -ENOENT;
	if (section->name && !strcmp(section->name, name))
		return 0;
	if (uci_section_named(edit->file, name))
		return -EEXIST;
	uci_change_init(&change);
	for (const struct uci_part *part = section->parts; part; part = part->next) {
		struct span span = uci_value_outer(&part->name);
		AUTO_BUF text = BUF_INIT;

		if (!part->name.text) {
			span = uci_value_outer(&part->type);
			span.start = span.end;
			buf_char(&text, ' ');
			uci_quote(&text, name);
		} else {
			uci_quote_as(&text, name, part->name.quote);
		}
		uci_change_splice(&change, span.start, span.end, text.p, text.n);
	}
	return uci_change_apply(&change, edit);
}

static size_t place_in_file(const struct uci_edit *edit, const struct uci_section *section)
{
	size_t i = 0;

	while (edit->file->sections.v[i] != section)
		i++;
	return i;
}

/* Puts text before a section: above its comments, or in place of the ';' before it. */
static void insert_before(struct uci_change *change, const struct uci_edit *edit,
	const struct uci_section *before, struct buf *text)
{
	const struct uci_part *part = before->parts;
	struct block b = find_block(edit, &part);
	const char *ending = uci_line_ending(edit, b.first->line_end);

	buf_str(text, ending);
	if (b.first->separator == UCI_NOWHERE) {
		uint32_t at = with_comments_above(edit, b.first->line_start, b.floor);

		uci_change_splice(change, at, at, text->p, text->n);
		return;
	}

	AUTO_BUF whole = BUF_INIT;

	buf_str(&whole, ending);
	buf_add(&whole, text->p, text->n);
	uci_change_splice(change, b.first->separator, b.first->start, whole.p, whole.n);
}

/* Moves a section before another one, or to the end. */
static int move(
	struct uci_edit *edit, const struct uci_section *section, const struct uci_section *before)
{
	size_t n = edit->file->sections.n, place = place_in_file(edit, section);
	const struct uci_section *after = place + 1 < n ? edit->file->sections.v[place + 1] : NULL;
	struct uci_change change;
	AUTO_BUF text = BUF_INIT;

	if (section == before || after == before)
		return 0;
	uci_change_init(&change);
	remove_section(&change, edit, section);
	if (!before)
		begin_at_end(edit, &text);
	copy_section(edit, section, &text);
	if (before)
		insert_before(&change, edit, before, &text);
	else
		uci_change_splice(
			&change, (uint32_t)edit->text.n, (uint32_t)edit->text.n, text.p, text.n);
	return uci_change_apply(&change, edit);
}

/*
 * Moves as above. A section of several parts is first gathered at the end: its parts may share
 * lines with the place it goes to.
 */
static int gather_and_move(
	struct uci_edit *edit, const struct uci_section *section, const struct uci_section *before)
{
	size_t place = place_in_file(edit, section);
	size_t target = before ? place_in_file(edit, before) : edit->file->sections.n;
	int r;

	if (!section->parts->next || !before)
		return move(edit, section, before);
	if (place == target || place + 1 == target)
		return 0;
	r = move(edit, section, NULL);
	if (r)
		return r;
	/* It is the last section now, and those that were after it are one place further up. */
	return move(edit, edit->file->sections.v[edit->file->sections.n - 1],
		edit->file->sections.v[target - (place < target)]);
}

int uci_edit_section_move(struct uci_edit *edit, const char *path, const char *before)
{
	const struct uci_section *section = uci_section_find(edit->file, path);
	const struct uci_section *target = before ? uci_section_find(edit->file, before) : NULL;

	if (!section || (before && !target))
		return -ENOENT;
	return gather_and_move(edit, section, target);
}

int uci_edit_section_move_to(struct uci_edit *edit, const char *path, ssize_t index)
{
	const struct uci_section *section = uci_section_find(edit->file, path);
	const struct uci_section *there;
	size_t next;

	if (!section)
		return -ENOENT;
	there = uci_section_at(edit->file, section->type, index);
	if (!there)
		return -ENOENT;
	if (there->index <= section->index)
		return gather_and_move(edit, section, there);
	next = place_in_file(edit, there) + 1;
	return gather_and_move(
		edit, section, next < edit->file->sections.n ? edit->file->sections.v[next] : NULL);
}
