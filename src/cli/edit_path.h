/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SECTION.OPTION paths of the editing commands. */
#ifndef CLI_EDIT_PATH_H
#define CLI_EDIT_PATH_H

#include "uci/uci.h"

struct edit_path {
	const char *section; /* what uci_section_find() takes; in the arena */
	const char *type;    /* of the section */
	const char *option;  /* NULL when the path names a section */
};

/*
 * Reads [firewall.]SECTION[.OPTION]. SECTION is a UCI name, @type[N], or TYPE:NAME where NAME is
 * the value of its name option ("zone:lan"). Prints an error and returns false when the section is
 * not there or the name fits several.
 */
bool edit_path_read(
	struct arena *arena, const struct uci_file *file, const char *text, struct edit_path *ret);

#endif
