/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a request to a response: find the route, ask whether this caller may, read the body, call
 * the handler, let the whole be compiled. A bulk request is many requests on one text: all of them
 * are done, or none.
 */
#include <string.h>

#include "api/api_priv.h"

/* ---- routes ---- */

/* Past "/api" and a version "/v1", "/v1.2". */
static const char *strip_prefix(const char *path)
{
	if (!strncmp(path, "/api/", 5))
		path += 4;
	if (path[0] == '/' && path[1] == 'v' && path[2] >= '0' && path[2] <= '9') {
		size_t n = 2 + strspn(path + 2, "0123456789.");

		if (path[n] == '/')
			path += n;
	}
	return path;
}

static bool is_id(const char *text)
{
	return text[0] && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_") == strlen(text);
}

static const struct api_route *route_of(const char *path, const char **ret_id)
{
	size_t n;
	const struct api_route *routes = api_routes(&n);

	path = strip_prefix(path);
	*ret_id = NULL;
	for (size_t i = 0; i < n; i++) {
		size_t length = strlen(routes[i].path);

		if (strncmp(path, routes[i].path, length) != 0)
			continue;
		if (!path[length])
			return &routes[i];
		if (routes[i].handler != HANDLE_COLLECTION || path[length] != '/' ||
			!is_id(path + length + 1))
			continue;
		*ret_id = path + length + 1;
		return &routes[i];
	}
	return NULL;
}

size_t api_body_max(const char *path)
{
	const char *id;
	const struct api_route *route = route_of(path, &id);

	return route ? route->body_max : 0;
}

static bool method_of(const char *text, enum api_method *ret)
{
	static const struct {
		const char *name;
		enum api_method method;
	} methods[] = { { "GET", GET }, { "POST", POST }, { "PUT", PUT }, { "DELETE", DELETE } };

	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		if (!strcmp(methods[i].name, text))
			return *ret = methods[i].method, true;
	}
	return false;
}

static bool refuse_method(struct api *a, const struct api_call *call)
{
	switch (call->method) {
	case POST:
		return reply_error(a, 405, call->id ? CODE_ID_ON_POST : CODE_NO_CREATE, "Request",
			NULL, NULL, "Nothing can be created here");
	case DELETE:
		return reply_error(a, 405, CODE_NO_DELETE, "Request", NULL, NULL,
			"Nothing can be deleted here");
	case PUT:
		return reply_error(a, 405, CODE_NO_EDIT, "Request", NULL, NULL,
			"Nothing can be edited here");
	case GET:
		return reply_error(a, 405, CODE_NO_ACTION, "Request", NULL, NULL,
			"Nothing can be read here");
	}
	return false;
}

/* Everything about a call but its body. */
static bool call_find(struct api *a, const char *method, const char *path, struct api_call *call)
{
	enum api_role needed;

	call->route = route_of(path, &call->id);
	if (!call->route)
		return reply_error(a, 404, CODE_REQUEST, "Request", NULL, NULL,
			"There is no endpoint of this path");
	if (!method_of(method, &call->method))
		return reply_error(a, 501, CODE_NOT_IMPLEMENTED, "Request", NULL, NULL,
			"The method is not one of GET, POST, PUT and DELETE");
	needed = call->method == GET ? call->route->read : call->route->write;
	if (a->caller->role < needed)
		return reply_error(a, 403, CODE_UNAUTHORIZED, "Authorization", NULL, NULL,
			"Not permitted");
	if (!(call->route->methods & call->method) || (call->method == POST && call->id))
		return refuse_method(a, call);
	a->item->writes = call->method != GET;
	return true;
}

/* ---- handlers ---- */

static void handle_schema(struct api *a)
{
	size_t n, m;
	const struct section_row *const *rows = model_sections(&n);
	const struct section_row *const *settings = model_settings_sections(&m);
	json_t *schema = schema_json(rows, n), *more = schema_json(settings, m);

	json_array_extend(
		json_object_get(schema, "sections"), json_object_get(more, "sections"));
	json_decref(more);
	a->item->data = schema;
}

static void handle_live(struct api *a, const struct api_call *call)
{
	if (a->caller->live)
		a->item->data = a->caller->live(a->caller->context, call->route->live);
	if (!a->item->data)
		reply_error(a, 501, CODE_NOT_IMPLEMENTED, "Request", NULL, NULL,
			"This is known only to the running service");
}

static void dispatch(struct api *a, const struct api_call *call)
{
	bool wants = call->method == PUT ||
		     (call->method == POST && call->route->handler == HANDLE_COLLECTION);

	if (wants && !call->has_data) {
		reply_error(a, 400, CODE_NO_BODY, "Request", NULL, NULL,
			"The request has no body with data");
		return;
	}
	switch (call->route->handler) {
	case HANDLE_COLLECTION:
		handle_collection(a, call);
		return;
	case HANDLE_SINGLE:
		handle_single(a, call);
		return;
	case HANDLE_CUSTOM:
		handle_custom(a, call);
		return;
	case HANDLE_CUSTOM_RESET:
		handle_custom_reset(a);
		return;
	case HANDLE_SCHEMA:
		handle_schema(a);
		return;
	case HANDLE_ROUTES:
		a->item->data = api_routes_json();
		return;
	case HANDLE_LIVE:
		handle_live(a, call);
		return;
	case HANDLE_BULK:
		reply_error(a, 422, CODE_REQUEST, "Request", NULL, NULL,
			"A bulk request cannot hold another");
		return;
	}
}

/* ---- bulk ---- */

static void bulk_one(struct api *a, json_t *entry)
{
	const char *method = json_string_value(json_object_get(entry, "method"));
	const char *endpoint = json_string_value(json_object_get(entry, "endpoint"));
	struct api_call call = { 0 };
	char *path;

	if (!method || !endpoint) {
		reply_error(a, 422, CODE_INVALID_STRUCTURE, "Request", NULL, NULL,
			"Missing required option: %s", method ? "endpoint" : "method");
		return;
	}
	path = arena_strdup(&a->arena, endpoint);
	call.query = strchr(path, '?');
	if (call.query) {
		path[call.query - path] = '\0';
		call.query++;
	}
	call.data = json_object_get(entry, "data");
	call.has_data = call.data != NULL;
	if (call_find(a, method, path, &call))
		dispatch(a, &call);
}

/* When one fails, none is done, and nobody may read that his was. */
static void bulk_revert(struct api *a, struct api_item *items, size_t n)
{
	size_t failed = 0;

	while (failed < n && !item_failed(&items[failed]))
		failed++;
	for (size_t i = 0; i < n && failed < n; i++) {
		if (item_failed(&items[i]) || !items[i].writes)
			continue;
		a->item = &items[i];
		reply_error(a, 422, CODE_CONFIG, "Request", NULL, NULL,
			"Not done, because request %zu of the bulk failed", failed + 1);
	}
}

/* Answers a bulk request; false when nothing may be saved. */
static bool bulk(struct api *a, json_t *data, struct api_response *ret)
{
	struct api_item *items, *whole = a->item;
	size_t n = json_array_size(data);
	json_t *envelopes, *entry;
	bool ok = true;
	size_t i;

	if (!json_is_array(data) || !n)
		return reply_error(a, 400, CODE_INVALID_STRUCTURE, "Request", NULL, NULL,
			"data must be an array of requests");
	if (n > API_BULK_MAX)
		return reply_error(a, 422, CODE_INVALID_STRUCTURE, "Request", NULL, NULL,
			"A bulk request can hold up to %d requests", API_BULK_MAX);
	items = ARENA_ARRAY(&a->arena, struct api_item, n);
	json_array_foreach (data, i, entry) {
		a->item = &items[i];
		bulk_one(a, entry);
		ok &= !item_failed(&items[i]);
	}
	ok = ok && verify(a, items, n);
	bulk_revert(a, items, n);
	envelopes = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(envelopes, item_envelope(&items[i]));
	a->item = whole;
	whole->status = 207;
	ret->body = json_pack("{s:b, s:o}", "success", ok, "data", envelopes);
	return ok;
}

/* ---- the whole ---- */

static bool reads_marks_as_hex(struct slice zonewall)
{
	struct source source = { .name = "zonewall", .text = zonewall };
	const struct uci_section *s;
	const struct uci_item *dialect;
	struct arena arena;
	struct diags diags;
	bool hex;

	arena_init(&arena);
	diags_init(&diags, &arena);
	s = uci_section_at(uci_parse(&arena, &source, &diags), "settings", 0);
	dialect = s ? uci_option(s, "dialect") : NULL;
	hex = !dialect || strcasecmp(dialect->value.text, "openwrt") != 0;
	arena_release(&arena);
	return hex;
}

/* Reads the body and does the call; false when nothing may be saved. */
static bool run(struct api *a, const struct api_request *request, struct api_response *ret)
{
	struct api_call call = { .query = request->query };
	json_t *body = NULL;
	bool ok = call_find(a, request->method, request->path, &call);

	if (ok && request->body.p && request->body.n) {
		body = body_read(a, request->body, call.route->body_max);
		ok = body != NULL;
	}
	call.data = json_object_get(body, "data");
	call.has_data = call.data != NULL;
	if (ok && call.route->handler == HANDLE_BULK) {
		ok = bulk(a, call.data, ret);
	} else if (ok) {
		dispatch(a, &call);
		ok = !item_failed(a->item) && verify(a, a->item, 1);
	}
	json_decref(body);
	return ok;
}

static void give_texts(struct api *a, struct api_response *ret)
{
	struct slice text = a->editing ? a->edit.source->text : a->texts->firewall;

	if (a->edited && !slice_eq(text, a->texts->firewall)) {
		ret->firewall_changed = true;
		buf_slice(&ret->firewall, text);
	}
	if (a->custom_edited) {
		ret->custom_changed = true;
		buf_add(&ret->custom, buf_text(&a->custom), a->custom.n);
	}
}

void api_run(const struct api_texts *texts, const struct api_caller *caller,
	const struct api_request *request, struct api_response *ret)
{
	struct api_item item = { 0 };
	struct api a = { .texts = texts, .caller = caller, .item = &item };

	*ret = (struct api_response){ 0 };
	arena_init(&a.arena);
	a.hex_marks = reads_marks_as_hex(texts->zonewall);
	if (run(&a, request, ret))
		give_texts(&a, ret);
	ret->status = item.status ? item.status : 200;
	if (!ret->body)
		ret->body = item_envelope(&item);
	item_release(&item);
	if (a.editing)
		uci_edit_release(&a.edit);
	buf_release(&a.custom);
	arena_release(&a.arena);
}

void api_response_release(struct api_response *response)
{
	json_decref(response->body);
	buf_release(&response->firewall);
	buf_release(&response->custom);
	*response = (struct api_response){ 0 };
}
