/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Editing options and lists. Each edit decides from the tree which bytes must change and leaves
 * all others alone: a value is replaced between its quotes, an item goes with its line, a new item
 * is a line like its neighbour.
 */
#include <errno.h>
#include <string.h>

#include "uci/uci_priv.h"

typedef VEC(const struct uci_item *) item_list;

static int find_target(const struct uci_edit *edit, const char *path, const char *key,
	const struct uci_section **ret)
{
	const struct uci_section *section = uci_section_find(edit->file, path);

	if (!uci_valid_key(key))
		return -EINVAL;
	if (!section)
		return -ENOENT;
	*ret = section;
	return 0;
}

static bool value_fits(const char *value)
{
	return strnlen(value, UCI_VALUE_MAX + 1) <= UCI_VALUE_MAX;
}

static bool is_key(const struct uci_item *item, const char *key)
{
	return !strcmp(item->key.text, key);
}

static void replace_value(struct uci_change *change, const struct uci_item *item, const char *value)
{
	struct span span = uci_value_outer(&item->value);
	AUTO_BUF text = BUF_INIT;

	if (!strcmp(item->value.text, value) && span.start != span.end)
		return;
	if (span.start == span.end) {
		buf_char(&text, ' ');
		uci_quote(&text, value);
	} else {
		uci_quote_as(&text, value, item->value.quote);
	}
	uci_change_splice(change, span.start, span.end, text.p, text.n);
}

static void replace_keyword(struct uci_change *change, const struct uci_edit *edit,
	const struct uci_item *item, enum uci_item_kind kind)
{
	const char *word = kind == UCI_OPTION ? "option" : "list";
	uint32_t start = item->command.start, end = start;

	if (item->kind == kind)
		return;
	while (!uci_blank(edit->text.p[end]))
		end++;
	uci_change_splice(change, start, end, word, strlen(word));
}

/* Removes items that are in the order of the file. Neighbours on one line go in one piece. */
static void remove_items(
	struct uci_change *change, const struct uci_edit *edit, const item_list *items)
{
	for (size_t i = 0; i < items->n;) {
		const struct uci_command *first = &items->v[i]->command, *last = first;

		for (i++; i < items->n && last->next == items->v[i]->command.start; i++)
			last = &items->v[i]->command;
		uci_change_remove(change, edit, first, last);
	}
}

/* The blanks before an item on its line, or a tab when it shares its line. */
static struct slice indentation(const struct uci_edit *edit, const struct uci_item *item)
{
	const struct uci_command *c = item ? &item->command : NULL;

	if (!c || c->separator != UCI_NOWHERE)
		return slice_of("\t");
	for (uint32_t at = c->line_start; at < c->start; at++) {
		if (edit->text.p[at] != ' ' && edit->text.p[at] != '\t')
			return slice_of("\t");
	}
	return (struct slice){ edit->text.p + c->line_start, c->start - c->line_start };
}

/* Adds items after one of the section's, or after its header when it has none. */
static void insert_items(struct uci_change *change, const struct uci_edit *edit,
	const struct uci_section *section, const struct uci_item *after, enum uci_item_kind kind,
	const char *key, const char *const *values, size_t n)
{
	const struct uci_part *part = section->last_part;
	const struct uci_command *place;
	AUTO_BUF text = BUF_INIT;
	const char *ending;
	uint32_t at;

	if (!after)
		after = part->last;
	place = after ? &after->command : &part->command;
	ending = uci_line_ending(edit, place->line_end);
	at = place->next == UCI_NOWHERE ? uci_line_after(edit, place->line_end) : place->end;
	if (place->next == UCI_NOWHERE && place->line_end >= edit->text.n)
		buf_str(&text, ending);
	for (size_t i = 0; i < n; i++) {
		if (place->next == UCI_NOWHERE)
			buf_slice(&text, indentation(edit, after));
		else
			buf_str(&text, " ; ");
		buf_printf(&text, "%s %s ", kind == UCI_OPTION ? "option" : "list", key);
		uci_quote(&text, values[i]);
		if (place->next == UCI_NOWHERE)
			buf_str(&text, ending);
	}
	uci_change_splice(change, at, at, text.p, text.n);
}

int uci_edit_set(struct uci_edit *edit, const char *path, const char *key, const char *value)
{
	const struct uci_section *section;
	const struct uci_item *base = NULL;
	struct uci_change change;
	item_list doomed = { 0 };
	int r = find_target(edit, path, key, &section);

	if (r)
		return r;
	if (!value_fits(value))
		return -EFBIG;
	uci_change_init(&change);
	for (const struct uci_item *item = section->items; item; item = item->next) {
		if (!is_key(item, key))
			continue;
		if (item->kind == UCI_OPTION || !base) {
			base = item;
			doomed.n = 0;
		} else {
			vec_push(&change.arena, &doomed, item);
		}
	}
	if (base) {
		replace_keyword(&change, edit, base, UCI_OPTION);
		replace_value(&change, base, value);
		remove_items(&change, edit, &doomed);
	} else {
		insert_items(&change, edit, section, NULL, UCI_OPTION, key, &value, 1);
	}
	return uci_change_apply(&change, edit);
}

int uci_edit_delete(struct uci_edit *edit, const char *path, const char *key)
{
	const struct uci_section *section;
	struct uci_change change;
	item_list doomed = { 0 };
	int r = find_target(edit, path, key, &section);

	if (r)
		return r;
	if (!uci_option(section, key))
		return -ENOENT;
	uci_change_init(&change);
	for (const struct uci_item *item = section->items; item; item = item->next) {
		if (is_key(item, key))
			vec_push(&change.arena, &doomed, item);
	}
	remove_items(&change, edit, &doomed);
	return uci_change_apply(&change, edit);
}

int uci_edit_list_add(struct uci_edit *edit, const char *path, const char *key, const char *value)
{
	const struct uci_section *section;
	struct uci_change change;
	int r = find_target(edit, path, key, &section);

	if (r)
		return r;
	if (!value_fits(value))
		return -EFBIG;
	uci_change_init(&change);
	insert_items(&change, edit, section, uci_option(section, key), UCI_LIST, key, &value, 1);
	return uci_change_apply(&change, edit);
}

int uci_edit_list_remove(
	struct uci_edit *edit, const char *path, const char *key, const char *value)
{
	const struct uci_section *section;
	const struct uci_item *first, *uncovered;
	struct uci_change change;
	item_list doomed = { 0 };
	size_t matches = 0;
	int r = find_target(edit, path, key, &section);

	if (r)
		return r;
	first = uci_list_next(section, key, NULL);
	uci_change_init(&change);
	/*
	 * An `option` hides what is before it. When it goes, the hidden items go too, or they
	 * would come back to life.
	 */
	uncovered = first && first->kind == UCI_OPTION && !strcmp(first->value.text, value) ? first
											    : NULL;
	for (const struct uci_item *item = section->items; uncovered && item != uncovered;
		item = item->next) {
		if (is_key(item, key))
			vec_push(&change.arena, &doomed, item);
	}
	for (const struct uci_item *item = first; item; item = uci_list_next(section, key, item)) {
		if (strcmp(item->value.text, value))
			continue;
		vec_push(&change.arena, &doomed, item);
		matches++;
	}
	remove_items(&change, edit, &doomed);
	if (matches)
		return uci_change_apply(&change, edit);
	arena_release(&change.arena);
	return -ENOENT;
}

int uci_edit_list_set(struct uci_edit *edit, const char *path, const char *key,
	const char *const *values, size_t n)
{
	const struct uci_section *section;
	const struct uci_item *next, *kept = NULL;
	struct uci_change change;
	item_list doomed = { 0 };
	size_t done = 0;
	int r = find_target(edit, path, key, &section);

	if (r)
		return r;
	for (size_t i = 0; i < n; i++) {
		if (!value_fits(values[i]))
			return -EFBIG;
	}
	uci_change_init(&change);
	next = uci_list_next(section, key, NULL);
	/* An empty option is no entry, but its line can become one. */
	if (!next)
		next = uci_option(section, key);
	for (const struct uci_item *item = section->items; item; item = item->next) {
		if (!is_key(item, key))
			continue;
		if (item != next || done == n) {
			vec_push(&change.arena, &doomed, item);
		} else {
			replace_keyword(&change, edit, item, UCI_LIST);
			replace_value(&change, item, values[done++]);
			kept = item;
		}
		if (item == next)
			next = uci_list_next(section, key, item);
	}
	remove_items(&change, edit, &doomed);
	if (done < n)
		insert_items(&change, edit, section, kept, UCI_LIST, key, values + done, n - done);
	return uci_change_apply(&change, edit);
}
