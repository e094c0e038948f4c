/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks of single values, before anything is edited: their form in JSON, then what the device's
 * API asks of every value, then what the option table says. A value that the section has already
 * is not checked: a client that sends back what it was given is never refused.
 */
#include <stdio.h>
#include <string.h>

#include "api/api_priv.h"

/* What is being checked. */
struct subject {
	struct api *a;
	const struct api_shape *shape;
	const struct api_field *field;
	const struct option_row *row; /* NULL: forwardings */
	const char *section;	      /* id, as shown */
};

#define REFUSE(s, value, ...)                                                                      \
	refuse_value((s)->a, (s)->field->key, (s)->section, (value), __VA_ARGS__)

bool zone_exists(const struct api *a, const char *name)
{
	const struct uci_section *s = NULL;

	while ((s = uci_section_next(a->edit.file, "zone", s))) {
		const struct uci_item *item = uci_option(s, "name");

		if (item && !strcmp(item->value.text, name))
			return true;
	}
	return false;
}

/* ---- form ---- */

static bool check_length(const struct subject *s, json_t *value)
{
	size_t max = s->field->max ? s->field->max : VALUE_MAX;
	size_t n = json_string_length(value);

	if (s->row && s->row->type == &type_string && s->row->max && (size_t)s->row->max < max)
		max = (size_t)s->row->max;
	if (n <= max)
		return true;
	return REFUSE(s, NULL,
		"Provided value is too long. Is %zu characters, but can be up to %zu characters", n,
		max);
}

static bool check_characters(const struct subject *s, json_t *value)
{
	const char *text = json_string_value(value);
	bool zone = !strcmp(s->shape->type, "zone"); /* its name is a word in other options */

	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return REFUSE(s, value, "Value holds a control character");
	}
	if (!s->field->is_name)
		return true;
	for (const char *c = text; *c; c++) {
		bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');

		if (!letter && !(*c >= '0' && *c <= '9') && !strchr(zone ? "_-" : "_- ", *c))
			return REFUSE(s, value, "Value must consist of letters, digits, '_'%s",
				zone ? " and '-'" : ", '-' and spaces");
	}
	return true;
}

/* ---- choices ---- */

static bool has_word(const char *words, const char *word)
{
	struct slice rest = slice_of(words), one;

	while (slice_next_word(&rest, &one)) {
		if (slice_is(one, word))
			return true;
	}
	return false;
}

static bool check_only(const struct subject *s, json_t *value)
{
	if (has_word(s->field->only, json_string_value(value)))
		return true;
	return REFUSE(s, value, "Value must be one of: %s", s->field->only);
}

/* Like the table, but spelt out: a file may say "rej", a client should not. */
static bool check_word(const struct subject *s, json_t *value)
{
	const struct enum_word *words = s->row->words ? s->row->words : s->row->type->words;
	AUTO_BUF all = BUF_INIT;

	for (; words->word; words++) {
		if (!strcmp(words->word, json_string_value(value)))
			return true;
		if (words->label)
			buf_printf(&all, "%s%s", all.n ? ", " : "", words->word);
	}
	return REFUSE(s, value, "Value must be one of: %s", buf_text(&all));
}

static bool check_bool(const struct subject *s, json_t *value)
{
	const char *text = json_string_value(value);

	if (!strcmp(text, "0") || !strcmp(text, "1"))
		return true;
	return REFUSE(s, value, "Value must be \"0\" or \"1\"");
}

static bool check_period(const struct subject *s, json_t *value)
{
	static const char units[] = "second minute hour day";

	if (has_word(units, json_string_value(value)))
		return true;
	return REFUSE(s, value, "Value must be one of: second, minute, hour, day");
}

/* ---- the option table ---- */

static bool check_zone_name(const struct subject *s, json_t *value, bool any)
{
	const char *name = json_string_value(value);

	if ((any && !strcmp(name, "*")) || zone_exists(s->a, name))
		return true;
	return REFUSE(s, value, "There is no zone '%s'", name);
}

static bool check_row(const struct subject *s, json_t *value, const char *text)
{
	struct bind_options options = { .hex_marks = s->a->hex_marks };
	struct diags diags;
	const struct diag *d;

	diags_init(&diags, &s->a->arena);
	if (schema_check_value(s->row, slice_of(text), &options, &diags))
		return true;
	d = diags.list.n ? diags.list.v[0] : NULL;
	return REFUSE(s, value, "%s%s%s", d ? d->message : "is not allowed",
		d && d->hint ? "; " : "", d && d->hint ? d->hint : "");
}

/* N, or N/unit as the file has it. */
static bool check_count(const struct subject *s, json_t *value)
{
	const char *text = json_string_value(value);
	uint64_t n;

	if (strchr(text, '/'))
		return check_row(s, value, text);
	if (slice_u64(slice_of(text), 10000, &n) && n > 0)
		return true;
	return REFUSE(s, value, "Value must be a number from 1 to 10000");
}

static bool check_priority(const struct subject *s, json_t *value)
{
	uint64_t n;

	if (slice_u64(slice_of(json_string_value(value)), UINT32_MAX, &n) && n > 0)
		return true;
	return REFUSE(s, value, "Value must be a number from 1 to %lu", (unsigned long)UINT32_MAX);
}

static bool check_option(const struct subject *s, json_t *value)
{
	const struct option_row *row = s->row;

	if (s->field->only)
		return check_only(s, value);
	if (row->type == &type_bool)
		return check_bool(s, value);
	if (row->type == &type_enum || row->type == &type_family)
		return check_word(s, value);
	if (row->refers && !strcmp(row->refers, "zone") && !check_zone_name(s, value, true))
		return false;
	return check_row(s, value, json_string_value(value));
}

/* One string: a scalar, or an entry of a list. */
static bool check_one(const struct subject *s, json_t *value)
{
	if (!json_is_string(value))
		return REFUSE(s, value, "Value must be a string");
	if (!check_length(s, value) || !check_characters(s, value))
		return false;
	switch (s->field->kind) {
	case KIND_OPTION:
		return check_option(s, value);
	case KIND_RATE_COUNT:
	case KIND_RATE_SECOND:
		return check_count(s, value);
	case KIND_RATE_PERIOD:
		return check_period(s, value);
	case KIND_OUT:
	case KIND_IN:
		return check_zone_name(s, value, true);
	case KIND_PRIORITY:
		return check_priority(s, value);
	}
	return false;
}

/* ---- lists ---- */

static bool is_listed_before(json_t *list, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (json_equal(json_array_get(list, i), json_array_get(list, at)))
			return true;
	}
	return false;
}

#define LIST_MAX 256 /* entries; the search for equal ones is quadratic */

static bool check_list(const struct subject *s, json_t *list)
{
	AUTO_BUF joined = BUF_INIT;
	json_t *entry;
	size_t i;
	bool ok = true;

	if (json_array_size(list) > LIST_MAX)
		return REFUSE(s, NULL, "The list has more than %d entries", LIST_MAX);
	json_array_foreach (list, i, entry) {
		if (is_listed_before(list, i))
			ok = REFUSE(s, entry, "The list has this value twice");
		else if (json_is_string(entry) && !json_string_length(entry))
			ok = REFUSE(s, entry, "An entry of the list is empty");
		else if (!s->field->words)
			ok &= check_one(s, entry);
		else if (!json_is_string(entry))
			ok = REFUSE(s, entry, "Value must be a string");
		else
			buf_printf(&joined, "%s%s", i ? " " : "", json_string_value(entry));
	}
	if (!ok || !s->field->words || !joined.n)
		return ok;
	return check_row(s, list, buf_text(&joined));
}

/* ---- an object ---- */

static bool is_clear(const struct api_field *field, json_t *value)
{
	if (json_is_array(value))
		return !json_array_size(value);
	return json_is_string(value) &&
	       (!json_string_length(value) ||
		       (field->any_clears && !strcmp(json_string_value(value), "any")));
}

static bool check_field(const struct subject *s, json_t *value, json_t *current)
{
	bool list = field_is_list(s->shape, s->field);

	if ((current && json_equal(current, value)) || (!current && is_clear(s->field, value)))
		return true;
	if (s->field->read_only)
		return REFUSE(s, value, "Option cannot be changed");
	if (json_is_array(value) && !list)
		return REFUSE(s, value, "Option does not accept arrays");
	if (is_clear(s->field, value)) {
		if (!s->row || !s->row->required)
			return true;
		return reply_error(s->a, 422,
			s->field->is_name ? CODE_NAME_MISSING : CODE_INVALID_OPTION, s->field->key,
			s->section, NULL, "Missing required option: %s", s->field->key);
	}
	if (list && !json_is_array(value))
		return REFUSE(s, value, "Option only accepts arrays");
	return list ? check_list(s, value) : check_one(s, value);
}

bool object_check(struct api *a, const struct api_route *route, const struct api_shape *shape,
	const struct uci_section *section, const char *shown, json_t *object)
{
	const char *key;
	json_t *value;
	bool ok = true;

	json_object_foreach (object, key, value) {
		struct subject s = { .a = a, .shape = shape, .section = shown };
		json_t *current;

		s.field = shape_field(shape, key);
		if (!s.field) {
			ok = refuse_value(a, key, shown, value, "Invalid option");
			continue;
		}
		s.row = field_row(shape, s.field);
		current = section || s.field->place
				  ? field_read(a, route, shape, s.field, section)
				  : NULL;
		ok &= check_field(&s, value, current);
		json_decref(current);
	}
	return ok;
}
