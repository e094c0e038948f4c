/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three small files in the run directory, each replaced as a whole. They serve diff, status and
 * flush; the kernel's rules never depend on them.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/applied.h"

#define RULESET "ruleset.nft"
#define RECORD "applied.json"
#define SYSCTLS "sysctls.json"

static int save_json(struct cli *cli, struct arena *arena, const char *file, json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(2));
	int err = uci_save(cli_path(arena, cli->run_dir, file), text, strlen(text));

	free(text);
	json_decref(value);
	return err;
}

static json_t *load_json(struct cli *cli, struct arena *arena, const char *file)
{
	struct source text;

	if (uci_load(cli_path(arena, cli->run_dir, file), arena, &text))
		return NULL;
	return json_loadb(text.text.p, text.text.n, 0, NULL);
}

int applied_save(struct cli *cli, struct arena *arena, const char *what, const char *text)
{
	int err = uci_save(cli_path(arena, cli->run_dir, RULESET), text, strlen(text));

	if (err)
		return err;
	return save_json(cli, arena, RECORD,
		json_pack("{s:s,s:I}", "what", what, "when", (json_int_t)time(NULL)));
}

bool applied_text(struct cli *cli, struct arena *arena, struct slice *ret)
{
	struct source text;

	if (uci_load(cli_path(arena, cli->run_dir, RULESET), arena, &text))
		return false;
	*ret = text.text;
	return true;
}

bool applied_record(struct cli *cli, struct arena *arena, const char **ret_what, int64_t *ret_when)
{
	json_t *record = load_json(cli, arena, RECORD);
	const char *what = json_string_value(json_object_get(record, "what"));
	bool ok = what != NULL;

	if (ok) {
		*ret_what = arena_strdup(arena, what);
		*ret_when = json_integer_value(json_object_get(record, "when"));
	}
	json_decref(record);
	return ok;
}

int applied_save_sysctls(struct cli *cli, struct arena *arena, const struct sysctl_values *before)
{
	json_t *list = load_json(cli, arena, SYSCTLS);

	if (!before->list.n) {
		json_decref(list);
		return 0;
	}
	if (!json_is_object(list)) {
		json_decref(list);
		list = json_object();
	}
	vec_each(v, &before->list) {
		if (!json_object_get(list, v->path))
			json_object_set_new(list, v->path, json_string(v->value));
	}
	return save_json(cli, arena, SYSCTLS, list);
}

int applied_keep_sysctls(struct cli *cli, struct arena *arena, const struct sysctl_values *values)
{
	json_t *list = json_object();

	vec_each(v, &values->list)
		json_object_set_new(list, v->path, json_string(v->value));
	return save_json(cli, arena, SYSCTLS, list);
}

void applied_sysctls(struct cli *cli, struct arena *arena, struct sysctl_values *ret)
{
	json_t *list = load_json(cli, arena, SYSCTLS);
	const char *path;
	json_t *value;

	json_object_foreach(list, path, value) {
		struct sysctl_value one = { arena_strdup(arena, path),
			arena_strdup(arena, json_is_string(value) ? json_string_value(value) : "") };

		vec_push(arena, &ret->list, one);
	}
	json_decref(list);
}

void applied_forget(struct cli *cli, struct arena *arena)
{
	unlink(cli_path(arena, cli->run_dir, RULESET));
	unlink(cli_path(arena, cli->run_dir, RECORD));
	unlink(cli_path(arena, cli->run_dir, SYSCTLS));
}
