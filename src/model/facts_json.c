/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts from JSON: for tests, for checks away from the router, and for reports of bugs. The format
 * is ours and strict, so that a misspelt key is not quietly a missing fact. JSON values have no
 * positions in the library, so mistakes are named by their path: networks[1].addresses[0].
 */
#include <string.h>

#include "model/facts.h"

struct json_reader {
	struct arena *arena;
	struct source *src;
	struct diags *diags;
};

static bool refuse(const struct json_reader *r, const char *path, const char *what)
{
	diag_error(r->diags, (struct span){ r->src, 0, 0 }, "bad-facts", "%s %s", path, what);
	return false;
}

static bool keys_are_known(const struct json_reader *r, const char *path, json_t *object,
	const char *const *known)
{
	const char *key;
	json_t *value;
	bool ok = true;

	json_object_foreach(object, key, value) {
		size_t i = 0;

		while (known[i] && strcmp(known[i], key))
			i++;
		if (!known[i])
			ok = refuse(r, *path ? path : "the top level",
				arena_printf(r->arena, "has the unknown key '%s'", key));
	}
	return ok;
}

static bool get_string(const struct json_reader *r, const char *path, json_t *value,
	const char **ret)
{
	if (!json_is_string(value))
		return refuse(r, path, "must be a string");
	*ret = arena_strdup(r->arena, json_string_value(value));
	return true;
}

static bool get_bool(const struct json_reader *r, const char *path, json_t *value, bool *ret)
{
	if (!value)
		return true;
	if (!json_is_boolean(value))
		return refuse(r, path, "must be true or false");
	*ret = json_is_true(value);
	return true;
}

/* Missing is fine: an empty array. */
static bool is_array(const struct json_reader *r, const char *path, json_t *value)
{
	if (!value || json_is_array(value))
		return true;
	return refuse(r, path, "must be an array");
}

static const char *element(const struct json_reader *r, const char *path, size_t i)
{
	return arena_printf(r->arena, "%s[%zu]", path, i);
}

static const char *member(const struct json_reader *r, const char *path, const char *key)
{
	return *path ? arena_printf(r->arena, "%s.%s", path, key) : key;
}

static bool read_prefix(const struct json_reader *r, const char *path, json_t *value,
	struct addr_spec *ret)
{
	const char *text, *why;

	if (!get_string(r, path, value, &text))
		return false;
	if (addr_spec_parse(r->arena, slice_of(text), ret, &why) &&
		ret->kind == ADDR_SPEC_RANGE && !ret->negate)
		return true;
	return refuse(r, path, "must be an address with a prefix length");
}

typedef VEC(struct facts_address) address_vec;
typedef VEC(const char *) string_vec;

static bool read_addresses(const struct json_reader *r, const char *path, json_t *array,
	void *ret_vec)
{
	address_vec *vec = ret_vec;
	bool ok = is_array(r, path, array);
	struct addr_spec spec;
	json_t *value;
	size_t i;

	json_array_foreach(array, i, value) {
		if (!read_prefix(r, element(r, path, i), value, &spec)) {
			ok = false;
			continue;
		}
		vec_push(r->arena, vec, (struct facts_address){ spec.written, spec.bits });
	}
	return ok;
}

static bool read_strings(const struct json_reader *r, const char *path, json_t *array, void *ret_vec)
{
	string_vec *vec = ret_vec;
	bool ok = is_array(r, path, array);
	const char *text;
	json_t *value;
	size_t i;

	json_array_foreach(array, i, value) {
		if (get_string(r, element(r, path, i), value, &text))
			vec_push(r->arena, vec, text);
		else
			ok = false;
	}
	return ok;
}

static bool is_named_object(const struct json_reader *r, const char *path, json_t *value,
	const char *key, const char **ret)
{
	if (!json_is_object(value))
		return refuse(r, path, "must be an object");
	return get_string(r, member(r, path, key), json_object_get(value, key), ret);
}

static bool read_devices(const struct json_reader *r, json_t *array, struct facts *f)
{
	static const char *const keys[] = { "name", "up", "addresses", NULL };
	bool ok = is_array(r, "devices", array);
	json_t *value;
	size_t i;

	json_array_foreach(array, i, value) {
		const char *path = element(r, "devices", i);
		struct facts_device d = { .up = true };

		if (!is_named_object(r, path, value, "name", &d.name)) {
			ok = false;
			continue;
		}
		ok &= keys_are_known(r, path, value, keys);
		ok &= get_bool(r, member(r, path, "up"), json_object_get(value, "up"), &d.up);
		ok &= read_addresses(r, member(r, path, "addresses"),
			json_object_get(value, "addresses"), &d.addresses);
		vec_push(r->arena, &f->devices, d);
	}
	return ok;
}

static bool read_networks(const struct json_reader *r, json_t *array, struct facts *f)
{
	static const char *const keys[] = { "name", "disabled", "devices", "addresses", NULL };
	bool ok = is_array(r, "networks", array);
	json_t *value;
	size_t i;

	json_array_foreach(array, i, value) {
		const char *path = element(r, "networks", i);
		struct facts_network n = { 0 };

		if (!is_named_object(r, path, value, "name", &n.name)) {
			ok = false;
			continue;
		}
		ok &= keys_are_known(r, path, value, keys);
		ok &= get_bool(r, member(r, path, "disabled"), json_object_get(value, "disabled"),
			&n.disabled);
		ok &= read_strings(r, member(r, path, "devices"), json_object_get(value, "devices"),
			&n.devices);
		ok &= read_addresses(r, member(r, path, "addresses"),
			json_object_get(value, "addresses"), &n.addresses);
		vec_push(r->arena, &f->networks, n);
	}
	return ok;
}

static bool read_routes(const struct json_reader *r, json_t *array, struct facts *f)
{
	static const char *const keys[] = { "to", "device", NULL };
	bool ok = is_array(r, "routes", array);
	json_t *value;
	size_t i;

	json_array_foreach(array, i, value) {
		const char *path = element(r, "routes", i);
		struct facts_route route = { 0 };
		struct addr_spec spec;

		if (!is_named_object(r, path, value, "device", &route.device) ||
			!read_prefix(r, member(r, path, "to"), json_object_get(value, "to"), &spec)) {
			ok = false;
			continue;
		}
		ok &= keys_are_known(r, path, value, keys);
		route.to = spec.range;
		vec_push(r->arena, &f->routes, route);
	}
	return ok;
}

static bool read_files(const struct json_reader *r, json_t *array, struct facts *f)
{
	static const char *const keys[] = { "path", "text", NULL };
	bool ok = is_array(r, "files", array);
	json_t *value;
	size_t i;

	json_array_foreach(array, i, value) {
		const char *path = element(r, "files", i), *text = NULL;
		struct facts_file file = { 0 };

		if (!is_named_object(r, path, value, "path", &file.path)) {
			ok = false;
			continue;
		}
		ok &= keys_are_known(r, path, value, keys);
		if (json_object_get(value, "text")) {
			ok &= get_string(r, member(r, path, "text"), json_object_get(value, "text"),
				&text);
			file.readable = text != NULL;
			file.text = slice_of(text);
		}
		vec_push(r->arena, &f->files, file);
	}
	return ok;
}

static bool read_features(const struct json_reader *r, json_t *object, struct facts_features *f)
{
	static const char *const keys[] = { "flowtable", "flow_counter", "synproxy", "inet_nat",
		"set_timeout", "ct_helper", "fib", "owner", "tproxy", "xfrm", NULL };
	bool *const values[] = { &f->flowtable, &f->flow_counter, &f->synproxy, &f->inet_nat,
		&f->set_timeout, &f->ct_helper, &f->fib, &f->owner, &f->tproxy, &f->xfrm };
	bool ok;

	if (!object)
		return true;
	if (!json_is_object(object))
		return refuse(r, "features", "must be an object");
	f->known = true;
	ok = keys_are_known(r, "features", object, keys);
	for (size_t i = 0; keys[i]; i++)
		ok &= get_bool(r, member(r, "features", keys[i]), json_object_get(object, keys[i]),
			values[i]);
	return ok;
}

static bool read_clock(const struct json_reader *r, json_t *root, struct facts *f)
{
	json_t *zone = json_object_get(root, "timezone"), *now = json_object_get(root, "now");
	const char *why;
	bool ok = true;

	f->clock_trusted = true;
	ok &= get_bool(r, "clock_trusted", json_object_get(root, "clock_trusted"),
		&f->clock_trusted);
	if (now && !json_is_integer(now))
		ok = refuse(r, "now", "must be a whole number of seconds");
	f->now = json_integer_value(now);
	if (!zone)
		return ok;
	if (!get_string(r, "timezone", zone, &f->tz_text))
		return false;
	if (!tz_parse(slice_of(f->tz_text), &f->tz, &why))
		return refuse(r, "timezone", "must be a time zone such as EET-2EEST,M3.5.0/3,M10.5.0/4");
	return ok;
}

static bool read_root(const struct json_reader *r, json_t *root, struct facts *f)
{
	static const char *const keys[] = { "devices", "networks", "routes", "files", "helpers",
		"features", "timezone", "now", "clock_trusted", NULL };
	bool ok;

	if (!json_is_object(root))
		return refuse(r, "the text", "must be a JSON object");
	ok = keys_are_known(r, "", root, keys);
	ok &= read_devices(r, json_object_get(root, "devices"), f);
	ok &= read_networks(r, json_object_get(root, "networks"), f);
	ok &= read_routes(r, json_object_get(root, "routes"), f);
	ok &= read_files(r, json_object_get(root, "files"), f);
	ok &= read_strings(r, "helpers", json_object_get(root, "helpers"), &f->helpers);
	ok &= read_features(r, json_object_get(root, "features"), &f->features);
	ok &= read_clock(r, root, f);
	return ok;
}

bool facts_read_json(struct arena *arena, struct source *src, struct diags *diags,
	struct facts *ret)
{
	struct json_reader r = { arena, src, diags };
	struct facts f = { 0 };
	json_error_t error;
	json_t *root = json_loadb(src->text.n ? src->text.p : "", src->text.n,
		JSON_REJECT_DUPLICATES, &error);
	bool ok;

	if (!root) {
		uint32_t at = error.position > 0 ? (uint32_t)error.position : 0;

		if (at > src->text.n)
			at = (uint32_t)src->text.n;
		diag_error(diags, (struct span){ src, at, at }, "bad-json", "%s", error.text);
		return false;
	}
	ok = read_root(&r, root, &f);
	json_decref(root);
	if (ok)
		*ret = f;
	return ok;
}
