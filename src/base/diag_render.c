/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two renderers of diagnostics: terminal text with the source line and carets, and JSON.
 * All text from outside goes through buf_safe() or jansson, so a name cannot steer a terminal.
 */
#include <string.h>

#include "base/diag.h"
#include "base/utf8.h"

static const char *const severity_name[] = {
	[DIAG_ERROR] = "error",
	[DIAG_WARNING] = "warning",
	[DIAG_NOTE] = "note",
};

static const char *const severity_colour[] = {
	[DIAG_ERROR] = "\033[1;31m",
	[DIAG_WARNING] = "\033[1;35m",
	[DIAG_NOTE] = "\033[1;36m",
};

static void render_place(struct span s, struct buf *out)
{
	if (!s.src)
		return;

	struct position pos = span_position(s);

	buf_safe(out, slice_of(s.src->name));
	buf_printf(out, ":%u:%u", pos.line, pos.column);
	if (pos.end_column > pos.column)
		buf_printf(out, "-%u", pos.end_column);
	buf_str(out, ": ");
}

static void caret_line(struct slice line, size_t from, size_t to, struct buf *out)
{
	bool first = true;

	for (size_t at = 0; at < line.n || at <= from;) {
		uint32_t code;
		size_t n = at < line.n ? utf8_next(slice_from(line, at), &code) : 1;

		if (!n)
			n = 1;
		if (at >= from && (at < to || first)) {
			buf_char(out, first ? '^' : '~');
			first = false;
		} else if (at < from) {
			buf_char(out, at < line.n && line.p[at] == '\t' ? '\t' : ' ');
		}
		at += n;
	}
}

/* Control characters become one '?' each, so that the carets stay under their text. */
static void source_line(struct slice line, struct buf *out)
{
	while (line.n) {
		uint32_t code = 0;
		size_t n = utf8_next(line, &code);

		if (n && (utf8_printable(code) || code == '\t'))
			buf_add(out, line.p, n);
		else
			buf_char(out, '?');
		line = slice_from(line, n ? n : 1);
	}
}

static void render_source(struct span s, const char *hint, struct buf *out)
{
	struct slice text = s.src->text;
	size_t start = s.start, end;

	if (start > text.n)
		start = text.n;
	while (start && text.p[start - 1] != '\n')
		start--;
	end = start + slice_find(slice_from(text, start), '\n');
	if (end && end > start && text.p[end - 1] == '\r')
		end--;

	struct slice line = { text.p + start, end - start };

	buf_printf(out, "%5u | ", span_position(s).line);
	source_line(line, out);
	buf_str(out, "\n      | ");
	caret_line(line, s.start - start, s.end - start, out);
	if (hint) {
		buf_char(out, ' ');
		buf_safe(out, slice_of(hint));
	}
	buf_char(out, '\n');
}

static void render_one(enum severity severity, struct span span, const char *message,
	const char *section, const char *id, const char *hint, struct buf *out, bool colour)
{
	render_place(span, out);
	if (colour)
		buf_str(out, severity_colour[severity]);
	buf_str(out, severity_name[severity]);
	buf_str(out, ": ");
	if (colour)
		buf_str(out, "\033[0m");
	if (section) {
		buf_safe(out, slice_of(section));
		buf_str(out, ": ");
	}
	buf_safe(out, slice_of(message));
	if (id)
		buf_printf(out, " [%s]", id);
	buf_char(out, '\n');
	if (span.src && id) {
		render_source(span, hint, out);
	} else if (hint) {
		buf_str(out, "      = ");
		buf_safe(out, slice_of(hint));
		buf_char(out, '\n');
	}
}

void diags_render(const struct diags *d, struct buf *out, bool colour)
{
	vec_each(it, &d->list) {
		const struct diag *one = *it;

		render_one(one->severity, one->span, one->message, one->section, one->id, one->hint,
			out, colour);
		vec_each(note, &one->notes)
			render_one(DIAG_NOTE, note->span, note->message, NULL, NULL, NULL, out,
				colour);
	}
	if (d->errors + d->warnings > d->list.n)
		buf_printf(out, "%zu more are not shown\n", d->errors + d->warnings - d->list.n);
}

/* jansson refuses invalid UTF-8, so text from outside is made safe first. */
static json_t *safe_string(const char *text)
{
	AUTO_BUF safe = BUF_INIT;

	if (!text)
		return json_null();
	buf_safe(&safe, slice_of(text));
	return json_string(buf_text(&safe));
}

static json_t *place_json(struct span s)
{
	json_t *obj = json_object();

	if (!s.src)
		return obj;

	struct position pos = span_position(s);

	json_object_set_new(obj, "file", safe_string(s.src->name));
	json_object_set_new(obj, "line", json_integer(pos.line));
	json_object_set_new(obj, "column", json_integer(pos.column));
	json_object_set_new(obj, "end_column", json_integer(pos.end_column));
	return obj;
}

json_t *diags_json(const struct diags *d)
{
	json_t *list = json_array();

	vec_each(it, &d->list) {
		const struct diag *one = *it;
		json_t *obj = place_json(one->span);
		json_t *notes = json_array();

		json_object_set_new(obj, "severity", json_string(severity_name[one->severity]));
		json_object_set_new(obj, "id", json_string(one->id));
		json_object_set_new(obj, "section", safe_string(one->section));
		json_object_set_new(obj, "option", safe_string(one->option));
		json_object_set_new(obj, "message", safe_string(one->message));
		json_object_set_new(obj, "hint", safe_string(one->hint));
		vec_each(note, &one->notes) {
			json_t *n = place_json(note->span);

			json_object_set_new(n, "message", safe_string(note->message));
			json_array_append_new(notes, n);
		}
		json_object_set_new(obj, "notes", notes);
		json_array_append_new(list, obj);
	}
	return list;
}
