/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ids. The id of a section is its name in the file, and the device names its sections with numbers.
 * A file that people wrote has sections without names; each gets the next number here, in one pass
 * over the text and in the order of the file, so that the same text always gives the same ids. The
 * names are saved together with the first change.
 */
#include <stdio.h>
#include <string.h>

#include "api/api_priv.h"

static uint64_t highest_number(const struct uci_file *file)
{
	uint64_t highest = 0, n;

	vec_each (s, &file->sections) {
		if ((*s)->name && slice_u64(slice_of((*s)->name), INT32_MAX, &n) && n > highest)
			highest = n;
	}
	return highest;
}

/* Only the types that collections list; the others are never asked for by id. */
static bool is_listed(const char *type)
{
	size_t n;
	const struct api_route *routes = api_routes(&n);

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < routes[i].n_shapes; j++) {
			if (routes[i].handler == HANDLE_COLLECTION &&
				!strcmp(routes[i].shapes[j].type, type))
				return true;
		}
	}
	return false;
}

/* The text with a name after each such type; false when there is nothing to name. */
static bool name_sections(const struct uci_file *file, struct slice text, struct buf *out)
{
	uint64_t number = highest_number(file);
	size_t copied = 0;

	vec_each (s, &file->sections) {
		const struct uci_part *part = (*s)->parts;
		size_t end = part->command.end;

		if ((*s)->name || !is_listed((*s)->type))
			continue;
		if (part->name.text)
			end = uci_value_outer(&part->type).end;
		buf_add(out, text.p + copied, end - copied);
		buf_printf(out, " '%llu'", (unsigned long long)++number);
		copied = part->name.text ? uci_value_outer(&part->name).end : end;
	}
	if (!copied)
		return false;
	buf_slice(out, slice_from(text, copied));
	return true;
}

static bool refuse_text(struct api *a)
{
	AUTO_BUF why = BUF_INIT;

	diags_render(&a->edit.diags, &why, false);
	return reply_error(a, 500, CODE_CONFIG, "UCI", NULL, NULL,
		"The configuration file cannot be read: %s", buf_text(&why));
}

bool edit_again(struct api *a, const char *text)
{
	uci_edit_release(&a->edit);
	if (uci_edit_init(&a->edit, "firewall", slice_of(text)))
		return true;
	return refuse_text(a);
}

bool editing_start(struct api *a)
{
	AUTO_BUF named = BUF_INIT;

	if (a->editing)
		return true;
	a->editing = true;
	if (!uci_edit_init(&a->edit, "firewall", a->texts->firewall))
		return refuse_text(a);
	if (!name_sections(a->edit.file, a->texts->firewall, &named))
		return true;
	return edit_again(a, buf_text(&named));
}

const char *next_id(struct api *a)
{
	return arena_printf(&a->arena, "%llu",
		(unsigned long long)highest_number(a->edit.file) + 1);
}
