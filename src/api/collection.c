/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Collections: sections of a kind, each an object with an id. GET all or one, POST one, PUT and
 * DELETE one or many. All objects of a request are checked before the first is written.
 */
#include <string.h>

#include "api/api_priv.h"
#include "base/bug.h"

/* ---- GET ---- */

static bool value_is(json_t *value, const char *text)
{
	json_t *entry;
	size_t i;

	if (json_is_string(value))
		return !strcmp(json_string_value(value), text);
	json_array_foreach (value, i, entry) {
		if (value_is(entry, text))
			return true;
	}
	return false;
}

static bool passes(const struct query *query, json_t *object)
{
	vec_each (f, &query->filters) {
		if (!value_is(json_object_get(object, f->key), f->value))
			return false;
	}
	return true;
}

static bool check_filters(struct api *a, const struct api_route *route, const struct query *query)
{
	const struct api_shape *shape = &route->shapes[route->n_shapes - 1];

	vec_each (f, &query->filters) {
		if (strcmp(f->key, "id") != 0 && !shape_field(shape, f->key))
			return reply_error(a, 400, CODE_QUERY, "Query", NULL, NULL,
				"There is no option '%s' to filter by", f->key);
	}
	return true;
}

static void get_all(struct api *a, const struct api_call *call)
{
	struct query query = { 0 };
	struct listing list;
	json_t *all = json_array();
	size_t place = 0, matched = 0;

	if (!query_read(a, call->query, &query) || !check_filters(a, call->route, &query)) {
		json_decref(all);
		return;
	}
	list = list_sections(a, call->route);
	vec_each (l, &list.v) {
		json_t *object = object_read(
			a, call->route, l->shape, l->section, l->section->name, ++place);

		if (passes(&query, object) && ++matched > query.offset &&
			(!query.has_limit || json_array_size(all) < query.limit))
			json_array_append(all, object);
		json_decref(object);
	}
	a->item->data = all;
}

static bool find(struct api *a, const struct api_route *route, const char *id, struct listed *ret,
	size_t *ret_place)
{
	if (list_find(a, route, id, ret, ret_place))
		return true;
	return reply_error(a, 404, CODE_INVALID_SECTION, "UCI", id, NULL,
		"There is no section '%s'", id);
}

static json_t *read_again(struct api *a, const struct api_route *route, const char *id)
{
	struct listed l;
	size_t place;

	if (!list_find(a, route, id, &l, &place))
		BUG("section '%s' was written and is not in its list", id);
	return object_read(a, route, l.shape, l.section, id, place);
}

static void get_one(struct api *a, const struct api_call *call)
{
	struct listed l;
	size_t place;

	if (find(a, call->route, call->id, &l, &place))
		a->item->data = object_read(a, call->route, l.shape, l.section, call->id, place);
}

/* ---- checks of what was written ---- */

static bool check_written(
	struct api *a, const struct api_route *route, const char *id, json_t *object)
{
	struct listed l;
	size_t place;

	if (list_find(a, route, id, &l, &place))
		return object_check_whole(a, route, l.shape, l.section, id, id, object);
	return reply_error(a, 422, CODE_NAME_USED, "name", id, NULL,
		"The name belongs to the DMZ page");
}

/* ---- POST ---- */

static void post(struct api *a, const struct api_call *call)
{
	const struct api_shape *shape = &call->route->shapes[call->route->n_shapes - 1];
	const char *id = next_id(a);
	json_t *objects;

	if (!json_is_object(call->data)) {
		reply_error(a, 400, CODE_INVALID_STRUCTURE, "Request", NULL, NULL,
			"data must be an object");
		return;
	}
	if (!object_check(a, call->route, shape, NULL, NULL, call->data) ||
		!section_create(a, shape, shape->type, id, NULL, call->data) ||
		!order_new(a, call->route, id) ||
		!object_write(a, call->route, shape, id, id, call->data, true) ||
		!check_written(a, call->route, id, call->data))
		return;
	item_touch(a, id, id, shape);
	objects = json_pack("[{s:s, s:O*}]", "id", id, "priority",
		json_object_get(call->data, "priority"));
	if (order_apply(a, call->route, objects)) {
		a->item->data = read_again(a, call->route, id);
		a->item->status = 201;
	}
	json_decref(objects);
}

/* ---- PUT ---- */

/* The object without its id. */
static json_t *without_id(json_t *object)
{
	json_t *copy = json_copy(object);

	json_object_del(copy, "id");
	return copy;
}

static bool put_check(struct api *a, const struct api_route *route, const char *id, json_t *object)
{
	struct listed l;
	size_t place;

	return find(a, route, id, &l, &place) &&
	       object_check(a, route, l.shape, l.section, id, object);
}

static bool put_write(struct api *a, const struct api_route *route, const char *id, json_t *object)
{
	struct listed l;
	size_t place;

	return find(a, route, id, &l, &place) &&
	       object_write(a, route, l.shape, id, id, object, false);
}

static void put_one(struct api *a, const struct api_call *call)
{
	json_t *copy, *objects;

	if (!json_is_object(call->data)) {
		reply_error(a, 400, CODE_INVALID_STRUCTURE, "Request", call->id, NULL,
			"data must be an object");
		return;
	}
	if (!put_check(a, call->route, call->id, call->data) ||
		!put_write(a, call->route, call->id, call->data) ||
		!check_written(a, call->route, call->id, call->data))
		return;
	copy = json_copy(call->data);
	json_object_set_new(copy, "id", json_text(call->id));
	objects = json_pack("[o]", copy);
	if (order_apply(a, call->route, objects))
		a->item->data = read_again(a, call->route, call->id);
	json_decref(objects);
}

/* Each entry is an object with an id, and no id is there twice. */
static bool check_ids(struct api *a, json_t *objects)
{
	json_t *seen, *object;
	bool ok = true;
	size_t i;

	if (json_array_size(objects) > API_MANY_MAX)
		return reply_error(a, 422, CODE_INVALID_STRUCTURE, "Request", NULL, NULL,
			"A request can be about up to %d sections", API_MANY_MAX);
	seen = json_object();
	json_array_foreach (objects, i, object) {
		const char *id = json_string_value(
			json_is_string(object) ? object : json_object_get(object, "id"));

		if (!id)
			ok = reply_error(a, 422, CODE_INVALID_STRUCTURE, "id", NULL, NULL,
				"Missing required option: id");
		else if (json_object_get(seen, id))
			ok = reply_error(a, 422, CODE_INVALID_STRUCTURE, "id", id, NULL,
				"The id '%s' is there twice", id);
		else
			json_object_set_new(seen, id, json_true());
	}
	json_decref(seen);
	return ok;
}

typedef bool each_object(
	struct api *a, const struct api_route *route, const char *id, json_t *object);

static bool each(struct api *a, const struct api_route *route, json_t *objects, each_object *act)
{
	json_t *object;
	bool ok = true;
	size_t i;

	json_array_foreach (objects, i, object) {
		json_t *copy = without_id(object);

		ok &= act(a, route, json_string_value(json_object_get(object, "id")), copy);
		json_decref(copy);
	}
	return ok;
}

static void put_many(struct api *a, const struct api_call *call)
{
	json_t *object, *all;
	size_t i;

	if (!json_is_array(call->data)) {
		reply_error(a, 400, CODE_INVALID_STRUCTURE, "Request", NULL, NULL,
			"data must be an array of objects");
		return;
	}
	if (!check_ids(a, call->data) || !each(a, call->route, call->data, put_check) ||
		!each(a, call->route, call->data, put_write) ||
		!each(a, call->route, call->data, check_written) ||
		!order_apply(a, call->route, call->data))
		return;
	all = json_array();
	json_array_foreach (call->data, i, object)
		json_array_append_new(all,
			read_again(a, call->route,
				json_string_value(json_object_get(object, "id"))));
	a->item->data = all;
}

/* ---- DELETE ---- */

static bool delete_one(struct api *a, const struct api_route *route, const char *id)
{
	const struct uci_item *name;
	struct listed l;
	size_t place;
	int err;

	if (!find(a, route, id, &l, &place))
		return false;
	name = uci_option(l.section, "name");
	if (!strcmp(l.shape->type, "zone") && name && name->value.text[0] &&
		!zone_forget(a, arena_strdup(&a->arena, name->value.text)))
		return false;
	err = uci_edit_section_delete(&a->edit, id);
	if (err)
		return refuse_edit(a, id, id, err);
	a->edited = true;
	return true;
}

static void delete_many(struct api *a, const struct api_call *call)
{
	json_t *entry, *all;
	bool ok = true;
	size_t i;

	if (!json_array_size(call->data)) {
		reply_error(a, 405, CODE_DELETE_ALL, "Request", NULL, NULL,
			"The whole configuration cannot be deleted; data must be an array of ids");
		return;
	}
	if (!check_ids(a, call->data))
		return;
	all = json_array();
	json_array_foreach (call->data, i, entry) {
		const char *id = json_string_value(entry);

		if (!id)
			ok = reply_error(a, 422, CODE_INVALID_STRUCTURE, "id", NULL, entry,
				"Value must be a string");
		else
			ok &= delete_one(a, call->route, id);
		json_array_append_new(all, json_pack("{s:s*}", "id", id));
	}
	if (ok)
		a->item->data = all;
	else
		json_decref(all);
}

void handle_collection(struct api *a, const struct api_call *call)
{
	if (!editing_start(a))
		return;
	switch (call->method) {
	case GET:
		if (call->id)
			get_one(a, call);
		else
			get_all(a, call);
		return;
	case POST:
		post(a, call);
		return;
	case PUT:
		if (call->id)
			put_one(a, call);
		else
			put_many(a, call);
		return;
	case DELETE:
		if (!call->id)
			delete_many(a, call);
		else if (delete_one(a, call->route, call->id))
			a->item->data = json_pack("{s:s}", "id", call->id);
		return;
	}
}
