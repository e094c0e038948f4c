/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * api: a request of the REST API without a server, as root. The same function answers as behind
 * HTTP; here the files are read and saved around it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/api.h"
#include "cli/cli.h"
#include "kernel/lock.h"

struct api_files {
	struct cli *cli;
	struct arena arena;
	struct source firewall, zonewall, custom;
	const char *firewall_path, *custom_path;
};

static void waiting(pid_t holder, void *context)
{
	(void)context;
	cli_error("waiting for another zonewall (process %ld)", (long)holder);
}

static int read_file(struct api_files *f, const char *path, bool required, struct source *ret)
{
	int err = uci_load(path, &f->arena, ret);

	if (err == -ENOENT && !required)
		return 0;
	if (err)
		cli_error("%s: %s", path, cli_errno(err));
	return err;
}

/* Beside a configuration that is not the system's own, so that the system's file is left alone. */
static const char *default_custom_path(struct api_files *f)
{
	char *dir = realpath(f->cli->config_dir, NULL);
	const char *path = API_CUSTOM_PATH;

	if (dir && strcmp(dir, "/etc/config") != 0)
		path = cli_path(&f->arena, dir, "firewall.user");
	free(dir);
	return path;
}

static int read_files(struct api_files *f)
{
	int err;

	f->firewall_path = cli_path(&f->arena, f->cli->config_dir, "firewall");
	err = read_file(f, f->firewall_path, true, &f->firewall);
	if (!err)
		err = read_file(f, cli_path(&f->arena, f->cli->config_dir, "zonewall"), false,
			&f->zonewall);
	if (err)
		return err;
	f->custom_path = api_custom_path(
		&f->arena, f->firewall.text, default_custom_path(f));
	return read_file(f, f->custom_path, false, &f->custom);
}

/* ---- checking ---- */

/* The custom rules of the request in place of those on disk. */
static void give_custom(struct compilation *c, const char *path, struct slice text)
{
	struct facts_file file = { .path = path, .readable = true, .text = text };

	vec_each (f, &c->facts.files) {
		if (!strcmp(f->path, path)) {
			*f = file;
			return;
		}
	}
	vec_push(&c->arena, &c->facts.files, file);
}

static bool accept(void *context, const struct api_texts *texts, api_report *report, void *to)
{
	struct api_files *f = context;
	struct compilation c;
	bool ok;

	compilation_init(&c);
	ok = cli_read(f->cli, &c);
	if (ok) {
		c.firewall.text = texts->firewall;
		if (texts->custom.p)
			give_custom(&c, f->custom_path, texts->custom);
		ok = compile_run(&c);
	}
	vec_each (d, &c.diags.list)
		report(to, *d);
	compilation_release(&c);
	return ok;
}

static int64_t today(void)
{
	time_t now = time(NULL);
	struct tm day;
	struct civil civil = { 0 };

	if (!localtime_r(&now, &day))
		return 0;
	civil.year = day.tm_year + 1900;
	civil.month = day.tm_mon + 1;
	civil.day = day.tm_mday;
	return civil_seconds(&civil);
}

/* ---- saving ---- */

static int save(struct api_files *f, const struct api_response *response)
{
	const char *path = f->custom_path;
	int err = 0;

	if (response->custom_changed)
		err = uci_save(path, buf_text(&response->custom), response->custom.n);
	if (!err && response->firewall_changed) {
		path = f->firewall_path;
		err = uci_save(path, buf_text(&response->firewall), response->firewall.n);
	}
	if (err)
		cli_error("%s: %s", path, cli_errno(err));
	return err;
}

/* Standard input, up to one byte more than any body may have. */
static struct slice read_body(struct arena *arena)
{
	AUTO_BUF text = BUF_INIT;
	char chunk[4096];
	size_t n;

	while (text.n <= API_BODY_MAX && (n = fread(chunk, 1, sizeof(chunk), stdin)) > 0)
		buf_add(&text, chunk, n);
	return (struct slice){ arena_strndup(arena, buf_text(&text), text.n), text.n };
}

static enum exit_code run(struct api_files *f, char **argv, bool show_status)
{
	struct api_caller caller = { .role = API_ADMIN, .today = today(), .accept = accept,
		.context = f };
	struct api_request request = { .method = argv[0] };
	char *path = arena_strdup(&f->arena, argv[1]), *query = strchr(path, '?');
	struct api_texts texts = { f->firewall.text, f->zonewall.text, f->custom.text,
		f->custom_path };
	struct api_response response;
	enum exit_code code;

	if (query)
		*query++ = '\0';
	request.path = path;
	request.query = query;
	if (argv[2])
		request.body = strcmp(argv[2], "-") ? slice_of(argv[2]) : read_body(&f->arena);
	api_run(&texts, &caller, &request, &response);
	code = response.status < 400 ? EXIT_OK : EXIT_CONFIG;
	if (save(f, &response))
		code = EXIT_SYSTEM;
	if (code != EXIT_SYSTEM) {
		if (show_status)
			printf("HTTP %d\n", response.status);
		cli_json(json_incref(response.body));
	}
	if (json_is_false(json_object_get(response.body, "success")) && code == EXIT_OK)
		code = EXIT_CONFIG;
	api_response_release(&response);
	return code;
}

enum exit_code cmd_api(struct cli *cli)
{
	struct api_files f = { .cli = cli };
	bool show_status = cli->argc > 1 && !strcmp(cli->argv[1], "-i");
	char **argv = cli->argv + 1 + show_status;
	enum exit_code code = EXIT_SYSTEM;
	int lock = -1;

	if (cli->argc - 1 - show_status < 2 || cli->argc - 1 - show_status > 3) {
		cli_error("usage: zonewall api [-i] METHOD PATH [JSON]");
		return EXIT_USAGE;
	}
	if (strcmp(argv[0], "GET") != 0)
		lock = lock_take(cli->run_dir, 30, waiting, NULL);
	if (lock < 0 && strcmp(argv[0], "GET") != 0) {
		cli_error("%s: %s", cli->run_dir, cli_errno(lock));
		return EXIT_SYSTEM;
	}
	arena_init(&f.arena);
	if (!read_files(&f))
		code = run(&f, argv, show_status);
	arena_release(&f.arena);
	lock_drop(lock);
	return code;
}
