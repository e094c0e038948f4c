/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From objects to sections. Values were checked before. What a section has already is left as it
 * stands, so comments, spelling and unknown options survive, and a value that did not change
 * changes no byte.
 */
#include <errno.h>
#include <string.h>

#include "api/api_priv.h"

int option_write(struct api *a, const char *path, const struct option_row *row,
	const char *const *words, size_t n, bool as_list)
{
	AUTO_BUF joined = BUF_INIT;
	int err = 0;

	a->edited = true;
	if (row->alias && uci_option(uci_section_find(a->edit.file, path), row->alias))
		err = uci_edit_delete(&a->edit, path, row->alias);
	if (err)
		return err;
	if (!n) {
		err = uci_edit_delete(&a->edit, path, row->name);
		return err == -ENOENT ? 0 : err;
	}
	if (as_list)
		return uci_edit_list_set(&a->edit, path, row->name, words, n);
	for (size_t i = 0; i < n; i++)
		buf_printf(&joined, "%s%s", i ? " " : "", words[i]);
	return uci_edit_set(&a->edit, path, row->name, buf_text(&joined));
}

/* A list that is kept in one string stays a list where the file has made it one. */
static bool store_as_list(struct api *a, const char *path, const struct api_field *field,
	const struct option_row *row)
{
	const struct uci_item *item;

	if (!row->list || field->scalar)
		return false;
	if (!field->joined)
		return true;
	item = uci_option(uci_section_find(a->edit.file, path), row->name);
	return item && item->kind == UCI_LIST;
}

static int write_words(struct api *a, const char *path, const struct api_field *field,
	const struct option_row *row, json_t *value)
{
	VEC(const char *) words = { 0 };
	json_t *entry;
	size_t i;

	for (i = 0; i < json_array_size(value); i++) {
		entry = json_array_get(value, i);
		vec_push(&a->arena, &words, json_string_value(entry));
	}
	if (json_is_string(value) && json_string_length(value) &&
		!(field->any_clears && !strcmp(json_string_value(value), "any")))
		vec_push(&a->arena, &words, json_string_value(value));
	return option_write(a, path, row, words.v, words.n, store_as_list(a, path, field, row));
}

/* "N/unit" of the two fields, either of which may be the old one. */
static int write_rate(struct api *a, const char *path, const struct api_route *route,
	const struct api_shape *shape, const struct api_field *field,
	const struct option_row *row, json_t *object)
{
	const struct uci_section *s = uci_section_find(a->edit.file, path);
	json_t *count = json_incref(json_object_get(object, "limit"));
	json_t *period = json_incref(json_object_get(object, "period"));
	const char *n, *unit;
	int err;

	if (field->kind == KIND_RATE_SECOND) {
		json_decref(count);
		count = json_incref(json_object_get(object, field->key));
	}
	if (!count)
		count = field_read(a, route, shape, shape_field(shape, "limit"), s);
	if (!period && field->kind != KIND_RATE_SECOND)
		period = field_read(a, route, shape, shape_field(shape, "period"), s);
	n = json_string_value(count);
	unit = json_string_length(period) ? json_string_value(period) : "second";
	if (n && n[0] && !strchr(n, '/'))
		n = arena_printf(&a->arena, "%s/%s", n, unit);
	err = option_write(a, path, row, &n, n && n[0], false);
	json_decref(count);
	json_decref(period);
	return err;
}

static bool name_write(struct api *a, const struct api_shape *shape, const char *path,
	const struct api_field *field, const struct option_row *row, json_t *value)
{
	const struct uci_item *item = uci_option(uci_section_find(a->edit.file, path), "name");
	const char *old = item ? arena_strdup(&a->arena, item->value.text) : NULL;
	bool zone = !strcmp(shape->type, "zone");
	int err;

	/* References would be joined with those of the other zone, and never come apart again. */
	if (zone && zone_exists(a, json_string_value(value)))
		return reply_error(a, 422, CODE_NAME_USED, "name", path, value,
			"Name '%s' is already used", json_string_value(value));
	err = write_words(a, path, field, row, value);
	if (err)
		return refuse_edit(a, path, field->key, err);
	if (!zone || !old)
		return true;
	return zone_rename(a, old, json_string_value(value));
}

static bool field_write(struct api *a, const struct api_route *route,
	const struct api_shape *shape, const struct api_field *field, const char *path,
	const char *shown, json_t *object)
{
	const struct option_row *row = field_row(shape, field);
	json_t *value = json_object_get(object, field->key);
	int err = 0;

	switch (field->kind) {
	case KIND_OUT:
	case KIND_IN:
		return forwardings_write(a, path, field->kind == KIND_OUT, value);
	case KIND_PRIORITY:
		return true; /* order.c */
	case KIND_RATE_COUNT:
	case KIND_RATE_PERIOD:
	case KIND_RATE_SECOND:
		err = write_rate(a, path, route, shape, field, row, object);
		break;
	case KIND_OPTION:
		if (field->is_name)
			return name_write(a, shape, path, field, row, value);
		err = write_words(a, path, field, row, value);
		break;
	}
	return err ? refuse_edit(a, shown, field->key, err) : true;
}

/*
 * The settings that moved since 7.06: what is cleared in the new place must not come back from the
 * old one.
 */
static bool clear_legacy(struct api *a, const struct api_place *place, const char *option)
{
	const struct uci_section *s;

	if (!place || !place->legacy)
		return true;
	s = uci_section_named(a->edit.file, place->legacy);
	if (!s || !uci_option(s, option))
		return true;
	a->edited = true;
	return !uci_edit_delete(&a->edit, place->legacy, option);
}

/* dest_local is where 7.06 keeps the zone of an output rule; only dest has an effect. */
static bool output_zone(struct api *a, const struct api_shape *shape, const char *path,
	json_t *object)
{
	const struct uci_section *s = uci_section_find(a->edit.file, path);
	json_t *zone = json_object_get(object, "dest_local");
	int err;

	if (!json_string_length(zone) || json_string_length(json_object_get(object, "dest")) ||
		!shape_field(shape, "dest_local") || uci_option(s, "src"))
		return true;
	a->edited = true;
	err = uci_edit_set(&a->edit, path, "dest", json_string_value(zone));
	return err ? refuse_edit(a, path, "dest", err) : true;
}

bool object_write(struct api *a, const struct api_route *route, const struct api_shape *shape,
	const char *path, const char *shown, json_t *object, bool fresh)
{
	bool changed = false;

	for (size_t i = 0; i < shape->n_fields; i++) {
		const struct api_field *field = &shape->fields[i];
		const struct api_place *place = field->place ? field->place : route->place;
		json_t *value = json_object_get(object, field->key);
		const char *where = path;
		json_t *current;
		bool same;

		if (!value)
			continue;
		current = field_read(a, route, shape, field, uci_section_find(a->edit.file, path));
		same = current && !fresh ? json_equal(current, value)
		       : json_is_string(value) ? !json_string_length(value) && !current
					       : !json_array_size(value) && !current;
		json_decref(current);
		if (same)
			continue;
		if (field->place)
			where = place_make(a, shape, field->place, object);
		if (!where || !clear_legacy(a, place, field->option ? field->option : field->key) ||
			!field_write(a, route, shape, field, where, shown, object))
			return false;
		if (strcmp(where, path) != 0)
			item_touch(a, where, shown, shape);
		changed = true;
	}
	if (changed)
		item_touch(a, path, shown, shape);
	return output_zone(a, shape, path, object);
}

/* ---- new sections ---- */

static bool write_text(struct api *a, const char *path, const struct option_row *row,
	const char *text)
{
	struct slice rest = slice_of(text), word;
	VEC(const char *) words = { 0 };
	int err;

	if (!row->list)
		vec_push(&a->arena, &words, text);
	while (row->list && slice_next_word(&rest, &word))
		vec_push(&a->arena, &words, arena_strndup(&a->arena, word.p, word.n));
	err = option_write(a, path, row, words.v, words.n, row->list);
	return err ? refuse_edit(a, path, row->name, err) : true;
}

/* The manual's name of a new section, with the first number that makes it a new one. */
static const char *free_name(struct api *a, const char *name)
{
	const char *tried = name;

	for (unsigned i = 2; zone_exists(a, tried); i++)
		tried = arena_printf(&a->arena, "%s%u", name, i);
	return tried;
}

static const char *initial_value(struct api *a, const struct option_row *row)
{
	if (row->refers && !strcmp(row->refers, "zone") && row->initial &&
		!zone_exists(a, row->initial))
		return NULL;
	if (row->initial && !strcmp(row->name, "name"))
		return free_name(a, row->initial);
	return row->initial;
}

bool section_create(struct api *a, const struct api_shape *shape, const char *type, const char *id,
	const struct api_initial *initial, json_t *object)
{
	const struct section_row *rows = model_section(slice_of(type));
	int err = uci_edit_section_add(&a->edit, type, id);

	if (err)
		return refuse_edit(a, id, type, err);
	a->edited = true;
	for (const struct api_initial *i = initial; i && i->option; i++) {
		if (!write_text(a, id, schema_option(rows, slice_of(i->option)), i->value))
			return false;
	}
	for (size_t i = 0; i < shape->n_fields && !strcmp(shape->type, type) && !initial; i++) {
		const struct api_field *field = &shape->fields[i];
		const struct option_row *row = field_row(shape, field);
		const char *value;

		if (!row || field->place || json_object_get(object, field->key))
			continue;
		value = initial_value(a, row);
		if (value && !write_text(a, id, row, value))
			return false;
	}
	for (const struct api_initial *i = shape->fixed; i && i->option && !initial; i++) {
		if (!write_text(a, id, schema_option(rows, slice_of(i->option)), i->value))
			return false;
	}
	return true;
}

const char *place_make(struct api *a, const struct api_shape *shape, const struct api_place *place,
	json_t *object)
{
	const struct uci_section *s = place_find(a, place);
	AUTO_BUF path = BUF_INIT;
	const char *id;

	if (s) {
		uci_section_path(s, &path);
		return arena_strdup(&a->arena, buf_text(&path));
	}
	if (place->must_exist) {
		reply_error(a, 404, CODE_INVALID_SECTION, "UCI", "general", NULL,
			"There is no %s '%s'", place->type, place->name);
		return NULL;
	}
	id = next_id(a);
	return section_create(a, shape, place->type, id, place->initial, object) ? id : NULL;
}
