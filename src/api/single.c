/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages that edit one section each, and the file of custom rules. A section that is missing is made
 * at the first PUT; until then GET shows what its absence means.
 */
#include <string.h>

#include "api/api_priv.h"

#define GENERAL "general" /* what the device calls the section of such a page */

static json_t *single_read(struct api *a, const struct api_route *route)
{
	const struct uci_section *s = place_find(a, route->place);
	json_t *object = object_read(a, route, route->shapes, s, NULL, 0);

	/* A rule that is not there lets nothing in, and neither does a forward that is not. */
	if (!s && json_object_get(object, "enabled"))
		json_object_set_new(object, "enabled", json_string("0"));
	return object;
}

/* Whether the object says only what is shown anyway. */
static bool is_shown(struct api *a, const struct api_route *route, json_t *object)
{
	json_t *shown = single_read(a, route), *value;
	const char *key;
	bool same = true;

	json_object_foreach (object, key, value)
		same &= json_equal(value, json_object_get(shown, key));
	json_decref(shown);
	return same;
}

static void single_put(struct api *a, const struct api_call *call)
{
	const struct api_route *route = call->route;
	const struct uci_section *s = place_find(a, route->place);
	const char *path;

	if (!json_is_object(call->data)) {
		reply_error(a, 400, CODE_INVALID_STRUCTURE, "Request", GENERAL, NULL,
			"data must be an object");
		return;
	}
	if (!object_check(a, route, route->shapes, s, GENERAL, call->data))
		return;
	if (!s && is_shown(a, route, call->data)) {
		a->item->data = single_read(a, route);
		return;
	}
	path = place_make(a, route->shapes, route->place, call->data);
	if (!path || !object_write(a, route, route->shapes, path, GENERAL, call->data, !s) ||
		!object_check_whole(a, route, route->shapes, uci_section_find(a->edit.file, path),
			GENERAL, NULL, call->data))
		return;
	if (!s)
		item_touch(a, path, GENERAL, route->shapes);
	a->item->data = single_read(a, route);
}

void handle_single(struct api *a, const struct api_call *call)
{
	if (!editing_start(a))
		return;
	if (call->method == PUT)
		single_put(a, call);
	else
		a->item->data = single_read(a, call->route);
}

/* ---- custom rules ---- */

static const char factory_rules[] =
	"# Custom rules: iptables and ip6tables commands, one a line. They become part of the rule\n"
	"# set at every reload, in the user chains (input_rule, forwarding_wan_rule, ...). Nothing in\n"
	"# this file is run.\n";

static struct slice custom_text(struct api *a)
{
	return a->custom_edited ? slice_of(buf_text(&a->custom)) : a->texts->custom;
}

static json_t *custom_json(struct api *a)
{
	struct slice text = custom_text(a);

	return json_pack("{s:o}", "custom_rules",
		json_text(arena_strndup(&a->arena, text.p ? text.p : "", text.n)));
}

/* The path of the include that holds the custom rules; NULL when there is none. */
static const char *include_path(const struct uci_file *file)
{
	static const char name[] = "/firewall.user";
	const struct uci_section *s = NULL;

	while ((s = uci_section_next(file, "include", s))) {
		const struct uci_item *path = uci_option(s, "path");
		size_t n = path ? strlen(path->value.text) : 0;

		if (n >= sizeof(name) - 1 && path->value.text[0] == '/' &&
			!strcmp(path->value.text + n - (sizeof(name) - 1), name))
			return path->value.text;
	}
	return NULL;
}

/* Custom rules count only when an include names their file. */
static bool include_make(struct api *a)
{
	const char *id;
	int err;

	if (!editing_start(a))
		return false;
	if (include_path(a->edit.file))
		return true;
	id = next_id(a);
	err = uci_edit_section_add(&a->edit, "include", id);
	if (!err)
		err = uci_edit_set(&a->edit, id, "path",
			a->texts->custom_path ? a->texts->custom_path : API_CUSTOM_PATH);
	a->edited = true;
	return err ? refuse_edit(a, GENERAL, "custom_rules", err) : true;
}

/* CR and CRLF become LF. */
static bool custom_write(struct api *a, const char *text)
{
	AUTO_BUF clean = BUF_INIT;

	for (const char *c = text; *c; c++) {
		if (*c != '\r')
			buf_char(&clean, *c);
		else if (c[1] != '\n')
			buf_char(&clean, '\n');
	}
	if (clean.n > API_CUSTOM_MAX)
		return refuse_value(a, "custom_rules", GENERAL, NULL,
			"Provided value is too long. Is %zu characters, but can be up to %d characters",
			clean.n, API_CUSTOM_MAX);
	if (slice_eq(custom_text(a), (struct slice){ clean.p, clean.n }))
		return true;
	buf_clear(&a->custom);
	buf_add(&a->custom, buf_text(&clean), clean.n);
	a->custom_edited = true;
	item_touch(a, "custom_rules", GENERAL, NULL);
	return include_make(a);
}

static bool check_custom(struct api *a, json_t *data)
{
	const char *key;
	json_t *value;
	bool ok = true;

	if (!json_is_object(data))
		return reply_error(a, 400, CODE_INVALID_STRUCTURE, "Request", GENERAL, NULL,
			"data must be an object");
	json_object_foreach (data, key, value) {
		if (strcmp(key, "custom_rules") != 0)
			ok = refuse_value(a, key, GENERAL, value, "Invalid option");
		else if (json_is_array(value))
			ok = refuse_value(a, key, GENERAL, value, "Option does not accept arrays");
		else if (!json_is_string(value))
			ok = refuse_value(a, key, GENERAL, value, "Value must be a string");
	}
	return ok;
}

void handle_custom(struct api *a, const struct api_call *call)
{
	json_t *text = json_object_get(call->data, "custom_rules");

	if (call->method == PUT) {
		if (!check_custom(a, call->data))
			return;
		if (text && !custom_write(a, json_string_value(text)))
			return;
	}
	a->item->data = custom_json(a);
}

void handle_custom_reset(struct api *a)
{
	if (custom_write(a, factory_rules))
		a->item->data = custom_json(a);
}

const char *api_custom_path(struct arena *arena, struct slice firewall, const char *otherwise)
{
	struct source source = { .name = "firewall", .text = firewall };
	struct arena tree;
	struct diags diags;
	const char *found;

	arena_init(&tree);
	diags_init(&diags, &tree);
	found = include_path(uci_parse(&tree, &source, &diags));
	found = arena_strdup(arena, found ? found : otherwise);
	arena_release(&tree);
	return found;
}
