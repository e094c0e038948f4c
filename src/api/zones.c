/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hangs on a zone's name: the forwardings that its `in` and `out` lists stand for, and every
 * option that refers to a zone. Which options do is known from the option tables, so nothing is
 * forgotten when a zone is renamed or deleted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/api_priv.h"

static const char *text_of(const struct uci_section *s, const char *option)
{
	const struct uci_item *item = uci_option(s, option);

	return item ? item->value.text : "";
}

static const char *path_of(struct api *a, const struct uci_section *s)
{
	AUTO_BUF path = BUF_INIT;

	uci_section_path(s, &path);
	return arena_strdup(&a->arena, buf_text(&path));
}

/* ---- forwardings ---- */

static bool is_off(const struct uci_section *s)
{
	const struct option_row *row =
		schema_option(model_section(slice_of("forwarding")), slice_of("enabled"));
	struct arena arena;
	struct parse_context ctx = { .arena = &arena, .row = row };
	bool on = true;

	arena_init(&arena);
	if (uci_option(s, "enabled"))
		type_bool.parse(&ctx, slice_trim(slice_of(text_of(s, "enabled"))), &on);
	arena_release(&arena);
	return !on;
}

static bool has_name(json_t *names, const char *name)
{
	json_t *entry;
	size_t i;

	json_array_foreach (names, i, entry) {
		if (json_is_string(entry) && !strcmp(json_string_value(entry), name))
			return true;
	}
	return false;
}

json_t *forwardings_read(struct api *a, const char *zone, bool out)
{
	json_t *names = json_array();
	const struct uci_section *s = NULL;

	while ((s = uci_section_next(a->edit.file, "forwarding", s))) {
		const char *other = text_of(s, out ? "dest" : "src");

		if (!strcmp(text_of(s, out ? "src" : "dest"), zone) && zone[0] && other[0] &&
			!is_off(s) && !has_name(names, other))
			json_array_append_new(names, json_text(other));
	}
	return names;
}

/* The first forwarding of this end that is not wanted; NULL when there is none. */
static const struct uci_section *unwanted(
	struct api *a, const char *zone, bool out, json_t *zones)
{
	const struct uci_section *s = NULL;

	while ((s = uci_section_next(a->edit.file, "forwarding", s))) {
		if (!strcmp(text_of(s, out ? "src" : "dest"), zone) && !is_off(s) &&
			!has_name(zones, text_of(s, out ? "dest" : "src")))
			return s;
	}
	return NULL;
}

/* Makes sure that there is one from `src` to `dest`, switched on. */
static bool want(struct api *a, const char *src, const char *dest)
{
	const struct uci_section *s = NULL, *off = NULL;
	const char *id;
	int err;

	while ((s = uci_section_next(a->edit.file, "forwarding", s))) {
		if (strcmp(text_of(s, "src"), src) != 0 || strcmp(text_of(s, "dest"), dest) != 0)
			continue;
		if (!is_off(s))
			return true;
		off = s;
	}
	if (off)
		return !uci_edit_set(&a->edit, path_of(a, off), "enabled", "1");
	id = next_id(a);
	err = uci_edit_section_add(&a->edit, "forwarding", id);
	if (!err)
		err = uci_edit_set(&a->edit, id, "src", src);
	if (!err)
		err = uci_edit_set(&a->edit, id, "dest", dest);
	return err ? refuse_edit(a, id, "forwarding", err) : true;
}

bool forwardings_write(struct api *a, const char *path, bool out, json_t *zones)
{
	const char *zone = arena_strdup(
		&a->arena, text_of(uci_section_find(a->edit.file, path), "name"));
	const struct uci_section *s;
	json_t *entry;
	size_t i;
	int err;

	a->edited = true;
	while ((s = unwanted(a, zone, out, zones))) {
		err = uci_edit_section_delete(&a->edit, path_of(a, s));
		if (err)
			return refuse_edit(a, path, out ? "out" : "in", err);
	}
	json_array_foreach (zones, i, entry) {
		const char *other = json_string_value(entry);

		if (!want(a, out ? zone : other, out ? other : zone))
			return false;
	}
	return true;
}

/* ---- references ---- */

static bool refers_to_zone(const struct option_row *row)
{
	return row->refers && !strcmp(row->refers, "zone");
}

/* Whether one of the option's words is the zone; the words then, with `to` in its place. */
static bool words_with(struct api *a, const struct uci_section *s, const struct option_row *row,
	const char *from, const char *to, struct word_list *ret)
{
	struct word_list words = option_words(&a->arena, s, row);
	bool found = false;

	*ret = (struct word_list){ 0 };
	vec_each (w, &words.v) {
		if (strcmp(*w, from) != 0) {
			vec_push(&a->arena, &ret->v, *w);
			continue;
		}
		found = true;
		if (to)
			vec_push(&a->arena, &ret->v, to);
	}
	return found;
}

/* The next option of a section that names the zone, from *at on; NULL when there is none. */
static const struct option_row *next_reference(struct api *a, const struct uci_section *s,
	const char *from, const char *to, size_t *at, struct word_list *ret)
{
	const struct section_row *row = model_section(slice_of(s->type));

	for (; row && *at < row->n_options; (*at)++) {
		const struct option_row *option = &row->options[*at];

		if (refers_to_zone(option) && words_with(a, s, option, from, to, ret))
			return option;
	}
	return NULL;
}

/* ---- renaming ---- */

struct spans {
	VEC(struct span) v;
};

/* The places in one value where the zone's name stands as a word, plainly written. */
static void find_words(struct api *a, const struct uci_value *value, const char *name,
	struct spans *ret)
{
	struct slice rest = slice_of(value->text), word;

	while (value->exact && slice_next_word(&rest, &word)) {
		size_t from = (size_t)(word.p - value->text);
		bool negated = slice_starts(word, "!");

		if (slice_is(slice_from(word, negated), name))
			vec_push(&a->arena, &ret->v,
				uci_value_span(value, from + negated, from + word.n));
	}
}

static int by_start(const void *x, const void *y)
{
	const struct span *a = x, *b = y;

	return a->start < b->start ? -1 : a->start > b->start;
}

/* All plainly written references in one pass over the text, however many there are. */
static bool rename_in_text(struct api *a, const char *from, const char *to)
{
	struct slice text = a->edit.source->text;
	struct spans found = { 0 };
	AUTO_BUF out = BUF_INIT;
	size_t copied = 0;

	vec_each (s, &a->edit.file->sections) {
		const struct section_row *row = model_section(slice_of((*s)->type));

		for (const struct uci_item *i = (*s)->items; row && i; i = i->next) {
			const struct option_row *option =
				schema_option(row, slice_of(i->key.text));

			if (option && refers_to_zone(option))
				find_words(a, &i->value, from, &found);
		}
	}
	if (!found.v.n)
		return true;
	qsort(found.v.v, found.v.n, sizeof(*found.v.v), by_start);
	vec_each (span, &found.v) {
		buf_add(&out, text.p + copied, span->start - copied);
		buf_str(&out, to);
		copied = span->end;
	}
	buf_slice(&out, slice_from(text, copied));
	return edit_again(a, buf_text(&out));
}

/* What is written in a roundabout way is rewritten value by value. */
bool zone_rename(struct api *a, const char *from, const char *to)
{
	if (!strcmp(from, to) || !rename_in_text(a, from, to))
		return !strcmp(from, to);
	for (size_t i = 0; i < a->edit.file->sections.n; i++) {
		const struct uci_section *s = a->edit.file->sections.v[i];
		const struct option_row *row;
		const char *path = path_of(a, s);
		struct word_list words;
		size_t at = 0;

		while ((row = next_reference(a, s, from, to, &at, &words))) {
			int err = option_write(a, path, row, words.v.v, words.v.n,
				uci_option(s, row->name) &&
					uci_option(s, row->name)->kind == UCI_LIST);

			if (err)
				return refuse_edit(a, path, row->name, err);
			s = a->edit.file->sections.v[i];
			at++;
		}
	}
	return true;
}

/*
 * A section that is about the zone goes with it. Of a list of loopback zones only the name goes; a
 * list that is empty then would mean another zone, so loopback is switched off with it.
 */
static int forget_in(struct api *a, const struct uci_section *s, const struct option_row *row,
	const struct word_list *left)
{
	const char *path = path_of(a, s);
	int err;

	if (!row->list)
		return uci_edit_section_delete(&a->edit, path);
	err = option_write(a, path, row, left->v.v, left->v.n, true);
	if (!err && !left->v.n)
		err = uci_edit_set(&a->edit, path, "reflection", "0");
	return err;
}

bool zone_forget(struct api *a, const char *name)
{
	a->edited = true;
	for (size_t i = a->edit.file->sections.n; i-- > 0;) {
		const struct option_row *row;
		struct word_list left;
		size_t at = 0, before = a->edit.file->sections.n;

		while (before == a->edit.file->sections.n &&
			(row = next_reference(a, a->edit.file->sections.v[i], name, NULL, &at,
				 &left))) {
			int err = forget_in(a, a->edit.file->sections.v[i], row, &left);

			if (err)
				return refuse_edit(a, name, row->name, err);
			at++;
		}
	}
	return true;
}
