/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bodies and queries: text from outside becomes JSON and words, or is refused. How deep a body goes
 * is counted before it is parsed, so that no parser has to be trusted with it.
 */
#include <string.h>

#include "api/api_priv.h"

/* The depth of arrays and objects, brackets in strings left out. */
static unsigned depth_of(struct slice text)
{
	unsigned depth = 0, deepest = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && depth)
			depth--;
		if (depth > deepest)
			deepest = depth;
	}
	return deepest;
}

json_t *body_read(struct api *a, struct slice text, size_t max)
{
	json_error_t why;
	json_t *body;

	if (text.n > max) {
		reply_error(a, 413, CODE_SIZE, "Request", NULL, NULL,
			"The body has %zu bytes, and %zu are allowed", text.n, max);
		return NULL;
	}
	if (depth_of(text) > API_DEPTH_MAX) {
		reply_error(a, 400, CODE_INVALID_STRUCTURE, "JSON body", NULL, NULL,
			"The body nests deeper than %d levels", API_DEPTH_MAX);
		return NULL;
	}
	body = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &why);
	if (json_is_object(body))
		return body;
	if (body)
		reply_error(a, 400, CODE_INVALID_STRUCTURE, "JSON body", NULL, NULL,
			"The body is not an object");
	else
		reply_error(a, 400, CODE_INVALID_STRUCTURE, "JSON body", NULL, NULL,
			"The body is not JSON: line %d, column %d: %s", why.line, why.column,
			why.text);
	json_decref(body);
	return NULL;
}

/* ---- queries ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* %XX and '+' decoded; NULL when a '%' is not followed by two digits, or hides a NUL. */
static const char *decode(struct arena *arena, struct slice text)
{
	char *out = arena_strndup(arena, text.p ? text.p : "", text.n);
	size_t n = 0;

	for (size_t i = 0; text.p && i < text.n; i++) {
		char c = text.p[i];

		if (c == '%') {
			int high = i + 2 < text.n ? hex_digit(text.p[i + 1]) : -1;
			int low = i + 2 < text.n ? hex_digit(text.p[i + 2]) : -1;

			if (high < 0 || low < 0 || !(high | low))
				return NULL;
			c = (char)(high << 4 | low);
			i += 2;
		}
		out[n++] = text.p[i] == '+' ? ' ' : c;
	}
	out[n] = '\0';
	return out;
}

static bool number_filter(struct api *a, const char *key, const char *value, uint64_t *ret)
{
	if (slice_u64(slice_of(value), UINT32_MAX, ret))
		return true;
	return reply_error(a, 400, CODE_QUERY, "Query", NULL, NULL, "%s must be a number", key);
}

static bool read_pair(struct api *a, struct slice pair, struct query *ret)
{
	size_t equals = slice_find(pair, '=');
	const char *key = decode(&a->arena, (struct slice){ pair.p, equals });
	const char *value = decode(&a->arena, slice_from(pair, equals + 1));

	if (!key || !value || !*key || equals == pair.n)
		return reply_error(a, 400, CODE_QUERY, "Query", NULL, NULL,
			"The query is not KEY=VALUE, joined by '&'");
	if (!strcmp(key, "limit")) {
		ret->has_limit = true;
		return number_filter(a, key, value, &ret->limit);
	}
	if (!strcmp(key, "offset")) {
		ret->has_offset = true;
		return number_filter(a, key, value, &ret->offset);
	}
	/* Newer clients ask for every option so; all that have a value are shown anyway. */
	if (strcmp(key, "all_options") != 0)
		vec_push(&a->arena, &ret->filters, (struct query_pair){ key, value });
	return true;
}

bool query_read(struct api *a, const char *text, struct query *ret)
{
	struct slice rest = slice_of(text);

	while (rest.n) {
		size_t end = slice_find(rest, '&');

		if (end && !read_pair(a, (struct slice){ rest.p, end }, ret))
			return false;
		rest = slice_from(rest, end + 1);
	}
	if (ret->has_offset && !ret->has_limit)
		return reply_error(
			a, 400, CODE_QUERY, "Query", NULL, NULL, "offset needs a limit");
	return true;
}
