/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the last apply left in the run directory: the ruleset's text, and sysctls as found. */
#ifndef CLI_APPLIED_H
#define CLI_APPLIED_H

#include "cli/cli.h"
#include "kernel/sysctl.h"

/* Remembers a loaded ruleset. Returns 0 or a negative errno. */
int applied_save(struct cli *cli, struct arena *arena, const char *what, const char *text);
/* The text of the loaded ruleset; false when nothing was applied. */
bool applied_text(struct cli *cli, struct arena *arena, struct slice *ret);
/* When and what was applied ("apply", "stop"); false when nothing was. */
bool applied_record(struct cli *cli, struct arena *arena, const char **ret_what, int64_t *ret_when);
/* Adds sysctls as found to those remembered; the first value found for a path stays. */
int applied_save_sysctls(struct cli *cli, struct arena *arena, const struct sysctl_values *before);
/* Remembers these and no others. */
int applied_keep_sysctls(struct cli *cli, struct arena *arena, const struct sysctl_values *values);
/* The remembered sysctls, oldest first. */
void applied_sysctls(struct cli *cli, struct arena *arena, struct sysctl_values *ret);
/* Forgets everything: the ruleset is gone. */
void applied_forget(struct cli *cli, struct arena *arena);

#endif
