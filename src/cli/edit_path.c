/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cli/cli.h"
#include "cli/edit_path.h"

static const char *section_path(struct arena *arena, const struct uci_section *s)
{
	AUTO_BUF path = BUF_INIT;

	uci_section_path(s, &path);
	return arena_strdup(arena, buf_text(&path));
}

static const struct uci_section *by_name_option(
	const struct uci_file *file, const char *type, const char *name)
{
	const struct uci_section *found = NULL;

	for (const struct uci_section *s = uci_section_next(file, type, NULL); s;
		s = uci_section_next(file, type, s)) {
		const struct uci_item *item = uci_option(s, "name");

		if (!item || strcmp(item->value.text, name) != 0)
			continue;
		if (found) {
			cli_error("several sections of type '%s' have the name '%s': use @%s[N]", type,
				name, type);
			return NULL;
		}
		found = s;
	}
	if (!found)
		cli_error("there is no section '%s:%s'", type, name);
	return found;
}

static const struct uci_section *find(
	struct arena *arena, const struct uci_file *file, const char *section)
{
	const char *colon = strchr(section, ':');
	const struct uci_section *s;

	if (colon)
		return by_name_option(file,
			arena_strndup(arena, section, (size_t)(colon - section)), colon + 1);
	s = uci_section_find(file, section);
	if (!s)
		cli_error("there is no section '%s'", section);
	return s;
}

/* A dot inside TYPE:NAME belongs to the name unless an option of that name could follow. */
static const char *option_dot(const char *text)
{
	const char *dot = strrchr(text, '.');

	return dot && uci_valid_key(dot + 1) ? dot : NULL;
}

bool edit_path_read(
	struct arena *arena, const struct uci_file *file, const char *text, struct edit_path *ret)
{
	const struct uci_section *s;
	const char *dot;

	if (!strncmp(text, "firewall.", 9))
		text += 9;
	dot = option_dot(text);
	s = find(arena, file,
		dot ? arena_strndup(arena, text, (size_t)(dot - text)) : text);
	if (!s)
		return false;
	ret->section = section_path(arena, s);
	ret->type = arena_strdup(arena, s->type);
	ret->option = dot ? arena_strdup(arena, dot + 1) : NULL;
	return true;
}
