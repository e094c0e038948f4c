/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader and the editor on any bytes. The text is what comes before the first byte 0xff; what
 * comes after it chooses edits, their places and their values. Held to: positions lie inside the
 * text and say what the tree says; an edit that changes nothing changes no byte; what was written
 * is what is read back (an unreadable result aborts inside the editor); the tree is of one piece.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "uci/uci.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond))                                                                       \
			BUG("%s", #cond);                                                          \
	} while (0)

struct input {
	const uint8_t *p;
	size_t n;
};

static unsigned take(struct input *in, unsigned below)
{
	unsigned v = in->n ? *in->p : 0;

	if (in->n) {
		in->p++;
		in->n--;
	}
	return v % below;
}

static void take_value(struct input *in, char value[16])
{
	size_t n = take(in, 15);

	for (size_t i = 0; i < n; i++) {
		char c = in->n ? (char)*in->p : 'x';

		take(in, 255);
		value[i] = c ? c : '0';
	}
	value[n] = '\0';
}

static void check_value(const struct uci_file *file, const struct uci_value *v)
{
	struct slice text = file->source->text;
	struct span outer = uci_value_outer(v), inner;

	CHECK(v->span.start <= v->span.end && v->span.end <= text.n);
	CHECK(outer.start <= v->span.start && v->span.end <= outer.end && outer.end <= text.n);
	CHECK(!v->text || strlen(v->text) == v->n);
	if (v->exact) {
		CHECK(v->span.end - v->span.start == v->n);
		CHECK(!v->n || !memcmp(text.p + v->span.start, v->text, v->n));
	}
	inner = uci_value_span(v, v->n / 3, v->n / 2);
	CHECK(inner.start >= v->span.start && inner.end <= v->span.end);
}

static void check_command(const struct uci_file *file, const struct uci_command *c)
{
	CHECK(c->line_start <= c->start && c->start < c->end && c->end <= c->line_end);
	CHECK(c->line_end <= file->source->text.n);
	CHECK(c->separator == UCI_NOWHERE || c->separator < c->start);
	CHECK(c->next == UCI_NOWHERE || (c->next > c->end && c->next < c->line_end));
}

static void check_tree(const struct uci_file *file)
{
	size_t items = 0;

	for (size_t i = 0; i < file->sections.n; i++) {
		const struct uci_section *s = file->sections.v[i];
		AUTO_BUF path = BUF_INIT;

		uci_section_path(s, &path);
		CHECK(uci_section_find(file, path.p) == s);
		CHECK(uci_section_at(file, s->type, (ssize_t)s->index) == s);
		for (const struct uci_part *p = s->parts; p; p = p->next) {
			check_value(file, &p->type);
			check_value(file, &p->name);
			check_command(file, &p->command);
		}
		for (const struct uci_item *item = s->items; item; item = item->next, items++) {
			check_value(file, &item->key);
			check_value(file, &item->value);
			check_command(file, &item->command);
		}
	}
	CHECK(items == file->items);
}

static void check_diags(const struct uci_file *file, const struct diags *diags)
{
	for (size_t i = 0; i < diags->list.n; i++) {
		const struct diag *d = diags->list.v[i];

		CHECK(d->span.start <= d->span.end && d->span.end <= file->source->text.n);
	}
}

/* Chooses a section and, of it, a key: one it has, or a new one. */
static const char *choose(struct uci_edit *edit, struct input *in, struct buf *path, char key[300])
{
	size_t n = edit->file->sections.n;
	const struct uci_section *s = n ? edit->file->sections.v[take(in, 256) % n] : NULL;
	unsigned skip = take(in, 8);

	buf_clear(path);
	strcpy(key, "new_key");
	if (!s)
		return "@none[0]";
	uci_section_path(s, path);
	for (const struct uci_item *item = s->items; item && skip; item = item->next, skip--)
		strcpy(key, item->key.text);
	return path->p;
}

static void check_list(struct uci_edit *edit, const char *path, const char *key,
	const char *const *values, size_t n)
{
	const struct uci_item *item = NULL;

	for (size_t i = 0; i < n; i++) {
		item = uci_list_next(uci_section_find(edit->file, path), key, item);
		CHECK(item && !strcmp(item->value.text, values[i]));
	}
	CHECK(!uci_list_next(uci_section_find(edit->file, path), key, item) || (!item && n == 0));
}

static void edit_items(struct uci_edit *edit, struct input *in, unsigned verb)
{
	char key[300], v[3][16];
	const char *values[3] = { v[0], v[1], v[2] };
	AUTO_BUF path = BUF_INIT;
	const char *at = choose(edit, in, &path, key);
	size_t n = take(in, 4);

	for (size_t i = 0; i < 3; i++)
		take_value(in, v[i]);
	switch (verb) {
	case 0:
		if (!uci_edit_set(edit, at, key, v[0]))
			CHECK(!strcmp(uci_option(uci_section_find(edit->file, at), key)->value.text,
				v[0]));
		break;
	case 1:
		if (!uci_edit_delete(edit, at, key))
			CHECK(!uci_option(uci_section_find(edit->file, at), key));
		break;
	case 2:
		CHECK(uci_edit_list_add(edit, at, key, v[0]) <= 0);
		break;
	case 3:
		CHECK(uci_edit_list_remove(edit, at, key, v[0]) <= 0);
		break;
	case 4:
		if (!uci_edit_list_set(edit, at, key, values, n))
			check_list(edit, at, key, values, n);
		break;
	}
}

static void edit_sections(struct uci_edit *edit, struct input *in, unsigned verb)
{
	char key[300];
	size_t n = edit->file->sections.n;
	AUTO_BUF path = BUF_INIT;
	AUTO_BUF other = BUF_INIT;
	const char *at = choose(edit, in, &path, key), *before;

	before = choose(edit, in, &other, key);
	switch (verb) {
	case 0:
		if (!uci_edit_section_add(edit, "rule", take(in, 2) ? "fresh" : NULL))
			CHECK(edit->file->sections.n == n + 1);
		break;
	case 1:
		if (!uci_edit_section_delete(edit, at))
			CHECK(edit->file->sections.n == n - 1);
		break;
	case 2:
		CHECK(uci_edit_section_rename(edit, at, "renamed") <= 0);
		CHECK(edit->file->sections.n == n);
		break;
	case 3:
		CHECK(uci_edit_section_move(edit, at, take(in, 4) ? before : NULL) <= 0);
		CHECK(edit->file->sections.n == n);
		break;
	case 4:
		CHECK(uci_edit_section_move_to(edit, at, (ssize_t)take(in, 5) - 1) <= 0);
		CHECK(edit->file->sections.n == n);
		break;
	}
}

/* Setting everything to what it is leaves every byte alone. */
static void check_identity(struct uci_edit *edit, struct slice text)
{
	size_t left = 8;

	for (size_t i = 0; i < edit->file->sections.n && left; i++) {
		const struct uci_section *s = edit->file->sections.v[i];
		const struct uci_item *item = s->items;
		AUTO_BUF path = BUF_INIT;

		uci_section_path(s, &path);
		if (!item || uci_option(s, item->key.text) != item || item->kind != UCI_OPTION ||
			uci_value_outer(&item->value).start == uci_value_outer(&item->value).end)
			continue;

		char *key = strdup(item->key.text), *value = strdup(item->value.text);

		CHECK(uci_edit_set(edit, path.p, key, value) == 0);
		free(key);
		free(value);
		left--;
	}
	CHECK(slice_eq((struct slice){ buf_text(&edit->text), edit->text.n }, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const uint8_t *mark = size ? memchr(bytes, 0xff, size) : NULL;
	struct slice text = { (const char *)bytes, mark ? (size_t)(mark - bytes) : size };
	struct input in = { mark ? mark + 1 : NULL, mark ? size - text.n - 1 : 0 };
	struct uci_edit edit;
	bool good = uci_edit_init(&edit, "fuzz", text);

	check_diags(edit.file, &edit.diags);
	if (good) {
		check_tree(edit.file);
		check_identity(&edit, text);
		for (unsigned i = 0; in.n && i < 8; i++) {
			unsigned verb = take(&in, 10);

			if (verb < 5)
				edit_items(&edit, &in, verb);
			else
				edit_sections(&edit, &in, verb - 5);
			check_tree(edit.file);
			check_diags(edit.file, &edit.diags);
		}
	}
	uci_edit_release(&edit);
	return 0;
}
