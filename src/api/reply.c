/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replies: the envelope of the device, and the errors that a request collects. */
#include <string.h>

#include "api/api_priv.h"
#include "base/utf8.h"

json_t *json_text(const char *text)
{
	json_t *s = json_string(text);
	AUTO_BUF safe = BUF_INIT;

	if (s)
		return s;
	buf_safe(&safe, slice_of(text));
	return json_string(buf_text(&safe));
}

static void add_error(struct api *a, int status, enum api_code code, const char *source,
	const char *section, json_t *value, const char *message)
{
	json_t *error = json_object();

	json_object_set_new(error, "code", json_integer(code));
	json_object_set_new(error, "error", json_text(message));
	if (source)
		json_object_set_new(error, "source", json_text(source));
	if (section)
		json_object_set_new(error, "section", json_text(section));
	if (value)
		json_object_set(error, "value", value);
	if (!a->item->errors)
		a->item->errors = json_array();
	json_array_append_new(a->item->errors, error);
	if (a->item->status < 400)
		a->item->status = status;
}

bool reply_error(struct api *a, int status, enum api_code code, const char *source,
	const char *section, json_t *value, const char *fmt, ...)
{
	AUTO_BUF text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	add_error(a, status, code, source, section, value, buf_text(&text));
	return false;
}

bool refuse_value(struct api *a, const char *key, const char *section, json_t *value,
	const char *fmt, ...)
{
	AUTO_BUF text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	add_error(a, 422, CODE_INVALID_OPTION, key, section, value, buf_text(&text));
	return false;
}

bool refuse_edit(struct api *a, const char *section, const char *key, int err)
{
	return reply_error(a, 422, CODE_UCI_SET, "UCI", section, NULL,
		"'%s' cannot be stored: %s", key, strerror(-err));
}

bool item_failed(const struct api_item *item)
{
	return item->errors != NULL;
}

json_t *item_envelope(struct api_item *item)
{
	json_t *envelope = json_object();

	json_object_set_new(envelope, "success", json_boolean(!item->errors));
	if (item->errors)
		json_object_set_new(envelope, "errors", item->errors);
	else
		json_object_set_new(envelope, "data", item->data ? item->data : json_object());
	if (item->errors)
		json_decref(item->data);
	if (item->messages)
		json_object_set_new(envelope, "messages", item->messages);
	item->data = item->errors = item->messages = NULL;
	return envelope;
}

void item_release(struct api_item *item)
{
	json_decref(item->data);
	json_decref(item->errors);
	json_decref(item->messages);
	*item = (struct api_item){ 0 };
}

void item_touch(
	struct api *a, const char *path, const char *shown, const struct api_shape *shape)
{
	struct api_touched touched = { arena_strdup(&a->arena, path),
		arena_strdup(&a->arena, shown), shape };

	vec_push(&a->arena, &a->item->touched, touched);
}
