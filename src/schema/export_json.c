/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables as JSON: what /api/schema serves, what forms are drawn from, and what the OpenAPI
 * document is made of. Keys that say nothing (NULL, false, no limit) are left out.
 */
#include <string.h>

#include "schema/schema_priv.h"

static const char *const group_names[] = {
	[GROUP_GENERAL] = "general",
	[GROUP_ADVANCED] = "advanced",
	[GROUP_TIME] = "time",
	[GROUP_NONE] = "none",
};

static const char *const status_names[] = {
	[OPTION_ACTIVE] = "active",
	[OPTION_STORED] = "stored",
	[OPTION_IGNORED] = "ignored",
};

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, json_string(text));
}

static void set_true(json_t *object, const char *key, bool value)
{
	if (value)
		json_object_set_new(object, key, json_true());
}

static void add_word(json_t *words, const char *word, const char *label)
{
	json_array_append_new(
		words, json_pack("{s:s,s:s}", "value", word, "label", label ? label : word));
}

static bool already_there(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* ICMP keeps its names in net/, a list for each family; those of both are offered once. */
static json_t *icmp_words(void)
{
	const char *const *v4 = icmp_type_names(FAMILY_V4), *const *v6 = icmp_type_names(FAMILY_V6);
	json_t *words = json_array();

	for (const char *const *name = v4; *name; name++)
		add_word(words, *name, NULL);
	for (const char *const *name = v6; *name; name++)
		if (!already_there(v4, *name))
			add_word(words, *name, NULL);
	return words;
}

static void set_words(json_t *object, const struct option_row *row)
{
	const struct enum_word *words = row_words(row);
	json_t *list;

	if (row->type == &type_icmp && !words) {
		list = icmp_words();
	} else if (words) {
		list = json_array();
		for (const struct enum_word *w = words; w->word; w++)
			add_word(list, w->word, w->label);
	} else {
		return;
	}
	json_object_set_new(object, "words", list);
	set_true(object, "open_words", row->type->open_words);
}

static json_t *option_json(const struct option_row *row)
{
	json_t *o = json_object();
	AUTO_BUF syntax = BUF_INIT;

	row_syntax(row, &syntax);
	set_text(o, "name", row->name);
	set_text(o, "alias", row->alias);
	set_text(o, "type", row->type->name);
	json_object_set_new(o, "list", json_boolean(row->list));
	set_text(o, "label", row->label ? row->label : row->name);
	set_text(o, "help", row->help);
	set_text(o, "syntax", buf_text(&syntax));
	set_text(o, "example", row_example(row));
	set_text(o, "group", group_names[row->group]);
	set_text(o, "default", row->fallback);
	set_text(o, "initial", row->initial);
	if (row->min || row->max) {
		json_object_set_new(o, "min", json_integer(row->min));
		if (row->max)
			json_object_set_new(o, "max", json_integer(row->max));
	}
	set_text(o, "pattern", row->type->pattern);
	set_text(o, "widget", row->refers ? "select" : row->type->widget);
	set_words(o, row);
	set_true(o, "required", row->required);
	set_true(o, "secret", row->secret);
	set_true(o, "whole", row->whole);
	set_text(o, "needs", row->needs);
	set_text(o, "refers", row->refers);
	set_text(o, "manual", row->manual);
	set_text(o, "since", row->since);
	set_text(o, "replaced_by", row->replaced_by);
	set_text(o, "status", status_names[row->status]);
	return o;
}

static json_t *section_json(const struct section_row *row)
{
	json_t *s = json_object(), *options = json_array();

	set_text(s, "type", row->type);
	set_text(s, "label", row->label);
	set_text(s, "page", row->page);
	set_text(s, "help", row->help);
	for (size_t i = 0; i < row->n_options; i++)
		json_array_append_new(options, option_json(&row->options[i]));
	json_object_set_new(s, "options", options);
	return s;
}

json_t *schema_json(const struct section_row *const *rows, size_t n)
{
	json_t *sections = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(sections, section_json(rows[i]));
	return json_pack("{s:o}", "sections", sections);
}
