/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole configuration. After the edits the caller compiles it; an error is given to the request
 * that edited the section it is in. Errors that were there before do not count: who repairs a file
 * in two steps must be able to take the first one. Warnings about edited sections go along with the
 * reply as messages.
 */
#include <string.h>

#include "api/api_priv.h"

/* A diagnostic that outlives its compile. */
struct finding {
	bool error;
	bool placed; /* it is about a text; else nothing could be compiled at all */
	const char *id, *section, *option, *message, *hint;
	const char *path; /* of its section in the edited text; NULL: elsewhere */
};

struct findings {
	struct api *a;
	const struct uci_file *file; /* of the text compiled; NULL: its sections are of no interest */
	VEC(struct finding) v;
};

static const char *copy(struct api *a, const char *text)
{
	return text ? arena_strdup(&a->arena, text) : "";
}

/* The section whose part of the text holds the place, and the option that does. */
static void place_of(struct api *a, const struct uci_file *file, uint32_t at, struct finding *ret)
{
	const struct uci_section *found = NULL;
	uint32_t start = 0;
	AUTO_BUF path = BUF_INIT;

	vec_each (s, &file->sections) {
		for (const struct uci_part *p = (*s)->parts; p; p = p->next) {
			if (p->command.start > at || (found && p->command.start < start))
				continue;
			found = *s;
			start = p->command.start;
		}
	}
	if (!found)
		return;
	for (const struct uci_item *i = found->items; i && !ret->option[0]; i = i->next) {
		if (i->command.start <= at && at < i->command.end)
			ret->option = copy(a, i->key.text);
	}
	uci_section_path(found, &path);
	ret->path = arena_strdup(&a->arena, buf_text(&path));
}

static void report(void *to, const struct diag *d)
{
	struct findings *f = to;
	struct finding x = { .error = d->severity == DIAG_ERROR, .placed = d->span.src, .id = copy(f->a, d->id),
		.section = copy(f->a, d->section), .option = copy(f->a, d->option),
		.message = copy(f->a, d->message), .hint = copy(f->a, d->hint) };

	if (d->severity == DIAG_NOTE)
		return;
	if (f->file && d->span.src && d->span.src->text.p == f->file->source->text.p)
		place_of(f->a, f->file, d->span.start, &x);
	vec_push(&f->a->arena, &f->v, x);
}

static bool has_finding(const struct findings *all, const struct finding *x)
{
	vec_each (y, &all->v) {
		if (y->error == x->error && !strcmp(y->id, x->id) &&
			!strcmp(y->section, x->section) && !strcmp(y->message, x->message))
			return true;
	}
	return false;
}

/* ---- whose it is ---- */

static const struct api_touched *touched_of(const struct api_item *item, const struct finding *x)
{
	vec_each (t, &item->touched) {
		if (x->path && !strcmp(t->path, x->path))
			return t;
	}
	return NULL;
}

/* The last writer of the section, else any writer; NULL when nobody wrote. */
static struct api_item *owner_of(struct api_item *items, size_t n, const struct finding *x)
{
	struct api_item *writer = NULL;

	for (size_t i = n; i-- > 0;) {
		if (touched_of(&items[i], x))
			return &items[i];
		if (items[i].writes && !writer)
			writer = &items[i];
	}
	return writer;
}

/* The key under which clients know an option. */
static const char *key_of(const struct api_touched *t, const char *option)
{
	const struct api_shape *shape = t ? t->shape : NULL;

	if (!option[0])
		return "Validation";
	for (size_t i = 0; shape && i < shape->n_fields; i++) {
		const struct api_field *f = &shape->fields[i];

		if (f->option && f->kind == KIND_OPTION && !strcmp(f->option, option))
			return f->key;
	}
	return option;
}

static void give_error(
	struct api *a, struct api_item *items, size_t n, const struct finding *x)
{
	struct api_item *owner = owner_of(items, n, x);
	const struct api_touched *t = owner ? touched_of(owner, x) : NULL;

	a->item = owner ? owner : &items[n - 1];
	reply_error(a, 422, CODE_INVALID_OPTION, key_of(t, x->option), t ? t->shown : x->path, NULL,
		"%s%s%s", x->message, x->hint[0] ? "; " : "", x->hint);
}

static void give_message(struct api_item *items, size_t n, const struct finding *x)
{
	struct api_item *owner = owner_of(items, n, x);
	const struct api_touched *t = owner ? touched_of(owner, x) : NULL;

	if (!t)
		return;
	if (!owner->messages)
		owner->messages = json_array();
	json_array_append_new(owner->messages,
		json_pack("{s:i, s:o, s:o}", "code", CODE_CONFIG, "message", json_text(x->message),
			"source", json_text(key_of(t, x->option))));
}

static struct findings compile(struct api *a, const struct api_texts *texts,
	const struct uci_file *file, bool *ret_ok)
{
	struct findings f = { .a = a, .file = file };

	*ret_ok = a->caller->accept(a->caller->context, texts, report, &f);
	return f;
}

bool verify(struct api *a, struct api_item *items, size_t n)
{
	struct api_texts texts = *a->texts;
	struct findings now, before = { 0 };
	bool ok, good, refused = false;

	if (!a->caller->accept || (!a->edited && !a->custom_edited))
		return true;
	if (a->edited)
		texts.firewall = a->edit.source->text;
	if (a->custom_edited)
		texts.custom = slice_of(buf_text(&a->custom));
	now = compile(a, &texts, a->edited ? a->edit.file : NULL, &good);
	if (!good)
		before = compile(a, a->texts, NULL, &ok);
	vec_each (x, &now.v) {
		if (!x->error) {
			give_message(items, n, x);
		} else if (!x->placed || !has_finding(&before, x)) {
			give_error(a, items, n, x);
			refused = true;
		}
	}
	if (!good && !before.v.n && !refused) {
		a->item = &items[n - 1];
		refused = !reply_error(a, 500, CODE_INTERNAL, "Validation", NULL, NULL,
			"The configuration could not be compiled");
	}
	return !refused;
}
