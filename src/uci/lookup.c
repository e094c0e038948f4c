/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding things in the tree. Names and types share one hash table of open addressing, so that
 * files of many thousand sections are read and edited without searching them from the start.
 */
#include <stdlib.h>
#include <string.h>

#include "uci/uci_priv.h"

enum entry_kind { ENTRY_NONE, ENTRY_NAME, ENTRY_TYPE };

struct entry {
	enum entry_kind kind;
	const char *key;
	struct uci_section *section;	    /* of a name */
	VEC(struct uci_section *) sections; /* of a type, in order */
};

struct uci_index {
	struct entry *slots;
	size_t n, used; /* n is a power of two */
};

#define SLOTS_FIRST 64

struct uci_index *uci_index_new(struct arena *arena)
{
	struct uci_index *index = ARENA_NEW(arena, struct uci_index);

	index->slots = ARENA_ARRAY(arena, struct entry, SLOTS_FIRST);
	index->n = SLOTS_FIRST;
	return index;
}

static struct entry *find(const struct uci_index *index, enum entry_kind kind, const char *key)
{
	uint32_t hash = 2166136261u + (uint32_t)kind;

	for (const char *p = key; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	for (size_t i = hash;; i++) {
		struct entry *e = &index->slots[i & (index->n - 1)];

		if (e->kind == ENTRY_NONE || (e->kind == kind && !strcmp(e->key, key)))
			return e;
	}
}

static struct entry *add(
	struct arena *arena, struct uci_index *index, enum entry_kind kind, const char *key)
{
	struct entry *e;

	if (index->used * 2 >= index->n) {
		struct uci_index bigger = { ARENA_ARRAY(arena, struct entry, index->n * 2),
			index->n * 2, index->used };

		for (size_t i = 0; i < index->n; i++) {
			if (index->slots[i].kind != ENTRY_NONE)
				*find(&bigger, index->slots[i].kind, index->slots[i].key) =
					index->slots[i];
		}
		*index = bigger;
	}
	e = find(index, kind, key);
	if (e->kind == ENTRY_NONE) {
		e->kind = kind;
		e->key = key;
		index->used++;
	}
	return e;
}

void uci_index_add(
	struct arena *arena, struct uci_index *index, struct uci_section *section, bool named)
{
	struct entry *e = add(arena, index, ENTRY_TYPE, section->type);

	section->index = e->sections.n;
	vec_push(arena, &e->sections, section);
	if (named)
		add(arena, index, ENTRY_NAME, section->name)->section = section;
}

struct uci_section *uci_section_named(const struct uci_file *file, const char *name)
{
	return find(file->index, ENTRY_NAME, name)->section;
}

size_t uci_section_count(const struct uci_file *file, const char *type)
{
	return find(file->index, ENTRY_TYPE, type)->sections.n;
}

struct uci_section *uci_section_at(const struct uci_file *file, const char *type, ssize_t index)
{
	const struct entry *e = find(file->index, ENTRY_TYPE, type);
	size_t n = e->sections.n;

	if (index < 0)
		index += (ssize_t)n;
	return index >= 0 && (size_t)index < n ? e->sections.v[index] : NULL;
}

struct uci_section *uci_section_next(
	const struct uci_file *file, const char *type, const struct uci_section *after)
{
	return uci_section_at(file, type, after ? (ssize_t)after->index + 1 : 0);
}

/* "@type[N]", N a decimal number of at most six digits, perhaps negative. */
static struct uci_section *find_extended(const struct uci_file *file, const char *path)
{
	char type[UCI_NAME_MAX + 1];
	const char *open = strchr(path, '[');
	const char *digits;
	size_t n;

	if (!open || open == path + 1 || open - path - 1 > (ptrdiff_t)UCI_NAME_MAX)
		return NULL;
	memcpy(type, path + 1, (size_t)(open - path - 1));
	type[open - path - 1] = '\0';
	digits = open + 1 + (open[1] == '-');
	n = strspn(digits, "0123456789");
	if (!n || n > 6 || strcmp(digits + n, "]"))
		return NULL;

	ssize_t index = (ssize_t)strtol(open + 1, NULL, 10);

	/* -0 is no place. */
	if (open[1] == '-' && !index)
		return NULL;
	return uci_section_at(file, type, index);
}

struct uci_section *uci_section_find(const struct uci_file *file, const char *path)
{
	return path[0] == '@' ? find_extended(file, path) : uci_section_named(file, path);
}

void uci_section_path(const struct uci_section *section, struct buf *out)
{
	if (section->name)
		buf_str(out, section->name);
	else
		buf_printf(out, "@%s[%zu]", section->type, section->index);
}

const struct uci_item *uci_option(const struct uci_section *section, const char *key)
{
	const struct uci_item *found = NULL;

	for (const struct uci_item *item = section->items; item; item = item->next) {
		if (!strcmp(item->key.text, key))
			found = item;
	}
	return found;
}

const struct uci_item *uci_list_next(
	const struct uci_section *section, const char *key, const struct uci_item *after)
{
	const struct uci_item *found = NULL;

	/*
	 * The first one is the last `option`, or else the first `list`. An empty option is how
	 * libuci removes what came before it; the list then starts after it.
	 */
	for (const struct uci_item *item = after ? after->next : section->items; item;
		item = item->next) {
		if (strcmp(item->key.text, key))
			continue;
		if (after)
			return item;
		if (item->kind == UCI_OPTION)
			found = item->value.n ? item : NULL;
		else if (!found)
			found = item;
	}
	return found;
}

struct span uci_value_span(const struct uci_value *value, size_t from, size_t to)
{
	struct span span = value->span;

	if (!value->exact)
		return span;
	if (to > value->n)
		to = value->n;
	if (from > to)
		from = to;
	span.start = value->span.start + (uint32_t)from;
	span.end = value->span.start + (uint32_t)to;
	return span;
}

struct span uci_value_outer(const struct uci_value *value)
{
	struct span span = value->span;

	if (value->quote == UCI_SINGLE || value->quote == UCI_DOUBLE) {
		span.start--;
		span.end++;
	}
	return span;
}

struct span uci_item_span(const struct uci_item *item)
{
	return (struct span){ item->key.span.src, item->command.start, item->command.end };
}

static bool valid(const char *s, bool dash)
{
	size_t n = 0;

	for (; s[n]; n++) {
		char c = s[n];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    c == '_' || (dash && c == '-')))
			return false;
	}
	return n > 0 && n <= UCI_NAME_MAX;
}

bool uci_valid_section_name(const char *name)
{
	return valid(name, false);
}

bool uci_valid_key(const char *key)
{
	return valid(key, true);
}

bool uci_valid_type(const char *type)
{
	return valid(type, true);
}
