/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of section types, in the order of the manual: what exporters and forms walk. */
#include <string.h>

#include "model/model_priv.h"

static const struct section_row *const sections[] = {
	&section_defaults, &section_zone, &section_forwarding, &section_redirect, &section_rule,
	&section_nat, &section_include, &section_ipset, &section_helper,
};

static const struct section_row *const settings_sections[] = { &section_settings };

const struct section_row *const *model_sections(size_t *ret_n)
{
	*ret_n = COUNT_OF(sections);
	return sections;
}

const struct section_row *const *model_settings_sections(size_t *ret_n)
{
	*ret_n = COUNT_OF(settings_sections);
	return settings_sections;
}

const struct section_row *model_section(struct slice type)
{
	for (size_t i = 0; i < COUNT_OF(sections); i++) {
		if (slice_is(type, sections[i]->type))
			return sections[i];
	}
	if (slice_is(type, section_settings.type))
		return &section_settings;
	return NULL;
}

void model_files(struct arena *arena, const struct uci_file *firewall, const char ***ret,
	size_t *ret_n)
{
	VEC(const char *) paths = { 0 };

	vec_each(s, &firewall->sections) {
		bool set = !strcmp((*s)->type, "ipset");
		const struct uci_item *item;

		if (!set && strcmp((*s)->type, "include"))
			continue;
		item = uci_option(*s, set ? "loadfile" : "path");
		if (item && item->value.text && item->value.n)
			vec_push(arena, &paths, item->value.text);
	}
	*ret = paths.v;
	*ret_n = paths.n;
}
