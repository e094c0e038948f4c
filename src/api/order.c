/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order. The engine takes sections in the order of the file, so a priority is a place in that order,
 * from 1; nothing else is true about it. Writing priorities moves the sections. A file of RutOS
 * 7.06, which stores priorities too, has them kept in step.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api_priv.h"

struct ranked {
	const char *id, *type, *name;
	uint64_t priority;
	size_t place;
	bool given;
};

struct ranks {
	VEC(struct ranked) v;
};

static json_t *object_of(json_t *objects, const char *id)
{
	json_t *object;
	size_t i;

	json_array_foreach (objects, i, object) {
		const char *other = json_string_value(json_object_get(object, "id"));

		if (other && !strcmp(other, id))
			return object;
	}
	return NULL;
}

static struct ranks rank(struct api *a, const struct api_route *route, json_t *objects)
{
	struct listing list = list_sections(a, route);
	struct ranks ranks = { 0 };

	vec_each (l, &list.v) {
		const struct uci_item *name = uci_option(l->section, "name");
		struct ranked r = { .place = ranks.v.n + 1 };
		json_t *value;

		r.id = arena_strdup(&a->arena, l->section->name);
		r.type = l->shape->type;
		r.name = arena_strdup(&a->arena, name ? name->value.text : l->section->name);
		value = json_object_get(object_of(objects, r.id), "priority");
		r.priority = r.place;
		if (json_string_length(value))
			r.given = slice_u64(slice_of(json_string_value(value)), UINT32_MAX,
				&r.priority);
		vec_push(&a->arena, &ranks.v, r);
	}
	return ranks;
}

static int by_priority(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;

	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return a->place < b->place ? -1 : a->place > b->place;
}

static bool check_unique(struct api *a, const struct ranks *ranks)
{
	bool ok = true;

	for (size_t i = 1; i < ranks->v.n; i++) {
		const struct ranked *one = &ranks->v.v[i - 1], *other = &ranks->v.v[i];

		if (one->priority != other->priority)
			continue;
		if (one->given && other->given)
			ok = refuse_value(a, "priority", other->id, NULL,
				"The same priority %llu is given to several rules",
				(unsigned long long)other->priority);
		else
			ok = refuse_value(a, "priority", (one->given ? one : other)->id, NULL,
				"Priority %llu is already used for rule '%s'",
				(unsigned long long)other->priority,
				(one->given ? other : one)->name);
	}
	return ok;
}

/* Sections of one type come before those of another whatever their priority says. */
static bool check_kinds(struct api *a, const struct api_route *route, const struct ranks *ranks)
{
	size_t kind = 0;

	vec_each (r, &ranks->v) {
		size_t at = 0;

		while (strcmp(route->shapes[at].type, r->type) != 0)
			at++;
		if (at < kind)
			return refuse_value(a, "priority", r->id, NULL,
				"A '%s' section always comes before those of type '%s'", r->type,
				route->shapes[kind].type);
		kind = at;
	}
	return true;
}

/* The section after this one in the list as it is now, of its own type; "" when it is the last. */
static const char *neighbour(struct api *a, const struct api_route *route, const struct ranked *r)
{
	struct listing now = list_sections(a, route);

	for (size_t i = 0; i + 1 < now.v.n; i++) {
		if (!strcmp(now.v.v[i].section->name, r->id) &&
			!strcmp(now.v.v[i + 1].shape->type, r->type))
			return arena_strdup(&a->arena, now.v.v[i + 1].section->name);
	}
	return "";
}

/*
 * From the last to the first, so that what a section goes before stands where it should already.
 * The others keep their order, so only those of the request have to move.
 */
static bool move_to_order(struct api *a, const struct api_route *route, const struct ranks *ranks)
{
	for (size_t i = ranks->v.n; i-- > 0;) {
		const struct ranked *r = &ranks->v.v[i], *next = r + 1;
		bool last = i + 1 == ranks->v.n || strcmp(next->type, r->type) != 0;
		int err;

		if (!r->given || !strcmp(neighbour(a, route, r), last ? "" : next->id))
			continue;
		err = last ? uci_edit_section_move_to(&a->edit, r->id, -1)
			   : uci_edit_section_move(&a->edit, r->id, next->id);
		if (err)
			return refuse_edit(a, r->id, "priority", err);
		a->edited = true;
	}
	return true;
}

static bool store_one(struct api *a, const char *id, uint64_t priority)
{
	char text[24];
	int err;

	snprintf(text, sizeof(text), "%llu", (unsigned long long)priority);
	err = uci_edit_set(&a->edit, id, "priority", text);
	a->edited = true;
	return err ? refuse_edit(a, id, "priority", err) : true;
}

/* The highest stored priority; 0 when none is stored. */
static uint64_t stored_priority(const struct listing *list)
{
	uint64_t highest = 0, n;

	vec_each (l, &list->v) {
		const struct uci_item *item = uci_option(l->section, "priority");

		if (item && slice_u64(slice_of(item->value.text), UINT32_MAX, &n) && n > highest)
			highest = n;
	}
	return highest;
}

struct stored {
	struct span span;
	size_t place;
};

static int by_start(const void *x, const void *y)
{
	const struct stored *a = x, *b = y;

	return a->span.start < b->span.start ? -1 : a->span.start > b->span.start;
}

/* Every priority that is stored becomes the place, in one pass over the text. */
static bool store_places(struct api *a, const struct api_route *route)
{
	struct listing list = list_sections(a, route);
	struct slice text = a->edit.source->text;
	VEC(struct stored) found = { 0 };
	AUTO_BUF out = BUF_INIT;
	size_t copied = 0;

	for (size_t i = 0; i < list.v.n; i++) {
		const struct uci_item *item = uci_option(list.v.v[i].section, "priority");

		if (item && item->value.exact && item->value.n)
			vec_push(&a->arena, &found,
				(struct stored){ uci_value_span(&item->value, 0, item->value.n),
					i + 1 });
	}
	if (!found.n)
		return true;
	qsort(found.v, found.n, sizeof(*found.v), by_start);
	vec_each (f, &found) {
		buf_add(&out, text.p + copied, f->span.start - copied);
		buf_printf(&out, "%zu", f->place);
		copied = f->span.end;
	}
	buf_slice(&out, slice_from(text, copied));
	a->edited = true;
	return edit_again(a, buf_text(&out));
}

bool order_apply(struct api *a, const struct api_route *route, json_t *objects)
{
	struct ranks ranks = rank(a, route, objects);
	bool any = false;

	vec_each (r, &ranks.v)
		any |= r->given;
	if (!any)
		return true;
	qsort(ranks.v.v, ranks.v.n, sizeof(*ranks.v.v), by_priority);
	return check_unique(a, &ranks) && check_kinds(a, route, &ranks) &&
	       move_to_order(a, route, &ranks) && store_places(a, route);
}

bool order_new(struct api *a, const struct api_route *route, const char *id)
{
	struct listing list = list_sections(a, route);
	uint64_t highest = stored_priority(&list);

	return !highest || highest >= UINT32_MAX || store_one(a, id, highest + 1);
}
