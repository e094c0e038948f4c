/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The route table as JSON: for the web pages, which join it with the schema, and for documents. */
#include "api/api_priv.h"

static const char *const role_names[] = {
	[API_VIEWER] = "viewer", [API_OPERATOR] = "operator", [API_ADMIN] = "admin",
};

static json_t *methods_json(unsigned methods)
{
	static const char *const names[] = { "GET", "POST", "PUT", "DELETE" };
	json_t *list = json_array();

	for (unsigned i = 0; i < COUNT_OF(names); i++) {
		if (methods & 1u << i)
			json_array_append_new(list, json_string(names[i]));
	}
	return list;
}

static json_t *key_json(const struct api_shape *shape, const struct api_field *field)
{
	const struct option_row *row = field_row(shape, field);

	return json_pack("{s:s, s:b, s:b, s:s, s:s*}", "key", field->key, "list",
		field_is_list(shape, field), "read_only", field->read_only, "section",
		!row ? "forwarding" : field->place ? field->place->type : shape->type, "option",
		row ? row->name : NULL);
}

static json_t *route_json(const struct api_route *route)
{
	json_t *keys = json_array();
	const struct api_shape *shape = route->n_shapes ? &route->shapes[route->n_shapes - 1] : NULL;

	for (size_t i = 0; shape && i < shape->n_fields; i++)
		json_array_append_new(keys, key_json(shape, &shape->fields[i]));
	return json_pack("{s:s, s:o, s:s, s:s, s:s, s:I, s:b, s:o}", "path", route->path, "methods",
		methods_json(route->methods), "read", role_names[route->read], "write",
		role_names[route->write], "page", route->page, "body_max",
		(json_int_t)route->body_max, "collection", route->handler == HANDLE_COLLECTION,
		"keys", keys);
}

json_t *api_routes_json(void)
{
	size_t n;
	const struct api_route *routes = api_routes(&n);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, route_json(&routes[i]));
	return list;
}
