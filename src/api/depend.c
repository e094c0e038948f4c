/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of a finished object: what depends on another option, what must be alone of its kind. */
#include <string.h>

#include "api/api_priv.h"

/* Whether KEY or KEY=VALUE holds in the object. */
static bool holds(json_t *object, const char *condition)
{
	size_t n = strcspn(condition, "=");
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		if (strlen(key) != n || strncmp(key, condition, n) != 0)
			continue;
		if (!condition[n])
			return !json_is_array(value) || json_array_size(value) > 0;
		return json_is_string(value) && !strcmp(json_string_value(value), condition + n + 1);
	}
	return false;
}

static bool check_dependents(
	struct api *a, const struct api_route *route, const char *shown, json_t *object)
{
	bool ok = true;

	for (const struct api_dependent *d = route->dependents; d && d->when; d++) {
		size_t n = strcspn(d->needs, "=");

		if (!holds(object, d->when) || holds(object, d->needs) ||
			(d->or_needs && holds(object, d->or_needs)))
			continue;
		ok = reply_error(a, 422, CODE_INVALID_OPTION, "Validation", shown, NULL,
			"Missing required option: %.*s%s%s%s", (int)n, d->needs,
			d->needs[n] ? " (must be \"" : "", d->needs[n] ? d->needs + n + 1 : "",
			d->needs[n] ? "\")" : "");
	}
	return ok;
}

/* A period without a number is no limit, and would be lost. */
static bool check_period_has_limit(struct api *a, const char *shown, json_t *object, json_t *given)
{
	json_t *period = json_object_get(given, "period");

	if (!json_string_length(period) || json_object_get(object, "limit"))
		return true;
	if (!strcmp(json_string_value(period), "second"))
		return true; /* what is shown without a limit */
	return reply_error(a, 422, CODE_INVALID_OPTION, "Validation", shown, NULL,
		"Missing required option: limit");
}

/* ---- names ---- */

static bool check_name_is_free(struct api *a, const struct api_route *route, const char *id,
	json_t *object, const char *type)
{
	const char *name = json_string_value(json_object_get(object, "name"));

	if (!name)
		return true;
	for (size_t i = 0; i < route->n_shapes; i++) {
		const struct uci_section *s = NULL;

		while ((s = uci_section_next(a->edit.file, route->shapes[i].type, s))) {
			const struct uci_item *item = uci_option(s, "name");

			if (!item || strcmp(item->value.text, name) != 0 ||
				(s->name && !strcmp(s->name, id) && !strcmp(s->type, type)))
				continue;
			return reply_error(a, 422, CODE_NAME_USED, "name", id,
				json_object_get(object, "name"), "Name '%s' is already used", name);
		}
	}
	return true;
}

/* ---- dates ---- */

static bool read_date(json_t *object, const char *key, struct date_spec *ret)
{
	const char *text = json_string_value(json_object_get(object, key)), *why;

	return text && date_spec_parse(slice_of(text), ret, &why);
}

static bool check_dates(struct api *a, const char *shown, json_t *object, json_t *given)
{
	struct date_spec start, stop;
	bool has_stop = read_date(object, "stop_date", &stop);

	if (!json_object_get(given, "start_date") && !json_object_get(given, "stop_date"))
		return true;
	if (has_stop && read_date(object, "start_date", &start) && start.first > stop.last)
		return refuse_value(a, "start_date", shown, json_object_get(object, "start_date"),
			"The start date is after the stop date");
	if (has_stop && a->caller->today && json_object_get(given, "stop_date") &&
		stop.last < a->caller->today)
		return refuse_value(a, "stop_date", shown, json_object_get(object, "stop_date"),
			"The stop date is in the past");
	return true;
}

bool object_check_whole(struct api *a, const struct api_route *route, const struct api_shape *shape,
	const struct uci_section *section, const char *shown, const char *id, json_t *given)
{
	json_t *object = object_read(a, route, shape, section, NULL, 1);
	bool ok = check_dependents(a, route, shown, object);

	ok &= check_period_has_limit(a, shown, object, given);
	if (id && json_object_get(given, "name"))
		ok &= check_name_is_free(a, route, id, object, shape->type);
	ok &= check_dates(a, shown, object, given);
	json_decref(object);
	return ok;
}
