/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a configuration directory to a compilation: the only place of the command line that reads
 * the configuration. The firewall file must be there; the others may be missing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "kernel/facts_live.h"

const char *cli_path(struct arena *arena, const char *dir, const char *file)
{
	return arena_printf(arena, "%s/%s", dir, file);
}

/* Positions show the file's plain name, as people know it; errors of reading show the path. */
static bool read_text(struct cli *cli, struct compilation *c, const char *file, bool required,
	struct source *ret)
{
	const char *path = cli_path(&c->arena, cli->config_dir, file);
	int err = uci_load(path, &c->arena, ret);

	if (!err) {
		ret->name = file;
		return true;
	}
	if (err == -ENOENT && !required)
		return true;
	diag_error(&c->diags, SPAN_NONE, "unreadable-file", "%s: %s", path, cli_errno(err));
	return false;
}

static bool read_facts(struct cli *cli, struct compilation *c)
{
	struct source *text = ARENA_NEW(&c->arena, struct source);
	int err;

	if (cli->facts_file) {
		err = uci_load(cli->facts_file, &c->arena, text);
		if (!err)
			return facts_read_json(&c->arena, text, &c->diags, &c->facts);
		diag_error(&c->diags, SPAN_NONE, "unreadable-file", "%s: %s", cli->facts_file,
			cli_errno(err));
		return false;
	}
	err = facts_gather(&c->arena, &c->facts);
	if (!err)
		return true;
	diag_error(&c->diags, SPAN_NONE, "no-facts",
		"the kernel does not tell about devices and addresses: %s", cli_errno(err));
	return false;
}

static void read_named_files(struct compilation *c)
{
	const char **paths;
	size_t n;

	compile_files(c, &paths, &n);
	for (size_t i = 0; i < n; i++) {
		struct source text = { 0 };
		struct facts_file file = { .path = paths[i] };

		if (facts_file(&c->facts, paths[i]))
			continue;
		file.readable = uci_load(paths[i], &c->arena, &text) == 0;
		file.text = text.text;
		vec_push(&c->arena, &c->facts.files, file);
	}
}

bool cli_read_host(struct cli *cli, struct compilation *c)
{
	bool ok = read_text(cli, c, "network", false, &c->network);

	ok &= read_text(cli, c, "system", false, &c->system);
	c->backend = cli->backend;
	return ok && read_facts(cli, c);
}

bool cli_read(struct cli *cli, struct compilation *c)
{
	bool ok = read_text(cli, c, "firewall", true, &c->firewall);

	ok &= read_text(cli, c, "zonewall", false, &c->zonewall);
	ok &= cli_read_host(cli, c);
	if (!ok)
		return false;
	read_named_files(c);
	return true;
}

bool cli_compile(struct cli *cli, struct compilation *c)
{
	return cli_read(cli, c) && compile_run(c);
}

void cli_diags(const struct cli *cli, const struct diags *diags)
{
	AUTO_BUF text = BUF_INIT;

	if (cli->json)
		return;
	diags_render(diags, &text, cli->colour);
	fputs(buf_text(&text), stderr);
	if (diags->errors)
		fprintf(stderr, "%zu error%s, %zu warning%s\n", diags->errors,
			diags->errors == 1 ? "" : "s", diags->warnings,
			diags->warnings == 1 ? "" : "s");
}
