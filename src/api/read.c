/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From sections to objects. Every value is a string or a list of strings. Switches and choices are
 * shown in the one spelling that the API takes, whatever the file has; everything else is shown as
 * it was written. What is absent is left out, but for switches and choices, which show what they
 * mean then.
 */
#include <stdio.h>
#include <string.h>

#include "api/api_priv.h"

/* The key that is in use: the option's name, or its other spelling when only that is there. */
static const char *spelling(const struct uci_section *s, const struct option_row *row)
{
	return row->alias && !uci_option(s, row->name) && uci_option(s, row->alias) ? row->alias
										   : row->name;
}

static void split(struct arena *arena, struct word_list *words, const char *text)
{
	struct slice rest = slice_of(text), word;
	bool negated = false;

	while (slice_next_word(&rest, &word)) {
		if (slice_is(word, "!")) {
			negated = true;
			continue;
		}
		vec_push(arena, &words->v,
			arena_printf(arena, "%s%.*s", negated ? "!" : "", SLICE_ARG(word)));
		negated = false;
	}
}

struct word_list option_words(
	struct arena *arena, const struct uci_section *s, const struct option_row *row)
{
	const char *key = spelling(s, row);
	struct word_list words = { 0 };

	for (const struct uci_item *i = uci_list_next(s, key, NULL); i;
		i = uci_list_next(s, key, i)) {
		if (row->whole)
			vec_push(arena, &words.v, i->value.text);
		else
			split(arena, &words, i->value.text);
	}
	return words;
}

const char *option_text(const struct uci_section *s, const struct option_row *row)
{
	const struct uci_item *item = uci_option(s, spelling(s, row));

	return item ? item->value.text : NULL;
}

const struct uci_section *place_find(const struct api *a, const struct api_place *place)
{
	const struct uci_file *file = a->edit.file;
	const struct uci_section *s;

	for (s = NULL; place->mode && (s = uci_section_next(file, place->type, s));) {
		const struct uci_item *mode = uci_option(s, "mode");

		if (mode && !strcmp(mode->value.text, place->mode))
			return s;
	}
	for (s = NULL; (s = uci_section_next(file, place->type, s));) {
		const struct uci_item *name = uci_option(s, "name");

		if (!place->name || (name && !strcmp(name->value.text, place->name)))
			return s;
	}
	return NULL;
}

/* ---- values ---- */

static bool is_choice(const struct option_row *row)
{
	return row->type == &type_bool || row->type == &type_enum;
}

/* "yes" is "1" and "rej" is "REJECT"; what cannot be read stays. */
static json_t *canonical(struct api *a, const struct option_row *row, const char *text)
{
	struct parse_context ctx = { .arena = &a->arena, .row = row };
	AUTO_BUF out = BUF_INIT;
	void *value;

	if (!is_choice(row) && row->type != &type_family)
		return json_text(text);
	value = arena_alloc(&a->arena, row->type->size);
	if (!row->type->parse(&ctx, slice_trim(slice_of(text)), value))
		return json_text(text);
	row->type->print(row, value, &out);
	return json_text(buf_text(&out));
}

static json_t *list_json(const struct word_list *words)
{
	json_t *list = json_array();

	vec_each (w, &words->v)
		json_array_append_new(list, json_text(*w));
	return list;
}

static json_t *joined_json(const struct word_list *words)
{
	AUTO_BUF text = BUF_INIT;

	vec_each (w, &words->v)
		buf_printf(&text, "%s%s", text.n ? " " : "", *w);
	return json_text(buf_text(&text));
}

static json_t *rate_json(enum api_kind kind, const char *text)
{
	static const struct {
		uint32_t seconds;
		const char *name;
	} units[] = { { 1, "second" }, { 60, "minute" }, { 3600, "hour" }, { 86400, "day" } };
	struct rate rate;
	const char *why;
	char count[16];

	if (!rate_parse(slice_trim(slice_of(text)), &rate, &why) || rate.invert ||
		(kind == KIND_RATE_SECOND && rate.seconds != 1))
		return kind == KIND_RATE_PERIOD ? NULL : json_text(text);
	for (size_t i = 0; i < COUNT_OF(units) && kind == KIND_RATE_PERIOD; i++) {
		if (units[i].seconds == rate.seconds)
			return json_string(units[i].name);
	}
	snprintf(count, sizeof(count), "%lu", (unsigned long)rate.count);
	return json_string(count);
}

static json_t *value_json(struct api *a, const struct api_shape *shape,
	const struct api_field *field, const struct option_row *row, const struct uci_section *s)
{
	const char *text = option_text(s, row);
	struct word_list words;

	if (!text)
		return NULL;
	switch (field->kind) {
	case KIND_RATE_COUNT:
	case KIND_RATE_PERIOD:
	case KIND_RATE_SECOND:
		return rate_json(field->kind, text);
	case KIND_OPTION:
		break;
	case KIND_OUT:
	case KIND_IN:
	case KIND_PRIORITY:
		return NULL;
	}
	if (!field_is_list(shape, field) && !row->list)
		return text[0] ? canonical(a, row, text) : NULL;
	words = option_words(&a->arena, s, row);
	if (!words.v.n)
		return NULL;
	return field_is_list(shape, field) ? list_json(&words) : joined_json(&words);
}

static json_t *absent_json(const struct api_field *field, const struct option_row *row)
{
	if (field->shown)
		return json_string(field->shown);
	if (!row->fallback || (!is_choice(row) && !field->shows_fallback))
		return NULL;
	if (field->kind != KIND_OPTION)
		return rate_json(field->kind, row->fallback);
	return json_string(row->fallback);
}

static const char *name_of(const struct uci_section *s)
{
	const struct uci_item *item = s ? uci_option(s, "name") : NULL;

	return item ? item->value.text : "";
}

static json_t *priority_json(struct api *a, const struct api_route *route,
	const struct uci_section *section)
{
	struct listed found;
	size_t place;
	char text[24];

	if (!section || !section->name ||
		!list_find(a, route, section->name, &found, &place))
		return NULL;
	snprintf(text, sizeof(text), "%zu", place);
	return json_string(text);
}

json_t *field_read(struct api *a, const struct api_route *route, const struct api_shape *shape,
	const struct api_field *field, const struct uci_section *section)
{
	const struct option_row *row = field_row(shape, field);
	const struct api_place *place = field->place ? field->place : route->place;
	const struct uci_section *s = field->place ? place_find(a, field->place) : section;
	json_t *value = NULL;

	if (field->kind == KIND_OUT || field->kind == KIND_IN)
		return forwardings_read(a, name_of(s), field->kind == KIND_OUT);
	if (field->kind == KIND_PRIORITY)
		return priority_json(a, route, s);
	if (s)
		value = value_json(a, shape, field, row, s);
	if (!value && place && place->legacy &&
		(s = uci_section_named(a->edit.file, place->legacy)))
		value = value_json(a, shape, field, row, s);
	return value ? value : absent_json(field, row);
}

json_t *object_read(struct api *a, const struct api_route *route, const struct api_shape *shape,
	const struct uci_section *section, const char *id, size_t place)
{
	json_t *object = json_object();
	char priority[24];

	snprintf(priority, sizeof(priority), "%zu", place);
	if (id)
		json_object_set_new(object, "id", json_text(id));
	for (size_t i = 0; i < shape->n_fields; i++) {
		const struct api_field *field = &shape->fields[i];
		json_t *value = place && field->kind == KIND_PRIORITY
					? json_string(priority)
					: field_read(a, route, shape, field, section);

		if (value)
			json_object_set_new(object, field->key, value);
	}
	return object;
}

/* ---- collections ---- */

struct listing list_sections(struct api *a, const struct api_route *route)
{
	struct listing list = { 0 };

	for (size_t i = 0; i < route->n_shapes; i++) {
		const struct api_shape *shape = &route->shapes[i];
		const struct uci_section *s = NULL;

		while ((s = uci_section_next(a->edit.file, shape->type, s))) {
			if (!shape->belongs || shape->belongs(s))
				vec_push(&a->arena, &list.v, (struct listed){ s, shape });
		}
	}
	return list;
}

bool list_find(struct api *a, const struct api_route *route, const char *id, struct listed *ret,
	size_t *ret_place)
{
	size_t place = 0;

	for (size_t i = 0; i < route->n_shapes; i++) {
		const struct api_shape *shape = &route->shapes[i];
		const struct uci_section *s = NULL;

		while ((s = uci_section_next(a->edit.file, shape->type, s))) {
			if (shape->belongs && !shape->belongs(s))
				continue;
			place++;
			if (strcmp(s->name ? s->name : "", id) != 0)
				continue;
			*ret = (struct listed){ s, shape };
			*ret_place = place;
			return true;
		}
	}
	return false;
}
