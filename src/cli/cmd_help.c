/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * help and reference: what the option tables and the command table know, as text.
 */
#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "cli/cli.h"

#define ROWS_MAX 32

/* The sections of both files, firewall and zonewall. */
static size_t all_sections(const struct section_row *ret[ROWS_MAX])
{
	size_t n, more;
	const struct section_row *const *rows = model_sections(&n);
	const struct section_row *const *settings = model_settings_sections(&more);

	if (n + more > ROWS_MAX)
		BUG("%zu sections", n + more);
	for (size_t i = 0; i < n; i++)
		ret[i] = rows[i];
	for (size_t i = 0; i < more; i++)
		ret[n + i] = settings[i];
	return n + more;
}

static bool help_command(const char *name)
{
	for (const struct command *c = commands; c->name; c++) {
		if (strcmp(c->name, name) != 0)
			continue;
		printf("zonewall %s %s\n  %s\n", c->name, c->arguments, c->help);
		return true;
	}
	return false;
}

/* TYPE.OPTION, or OPTION in every section that has it; a section type lists its options. */
static bool help_option(const char *name, struct buf *out)
{
	const struct section_row *rows[ROWS_MAX];
	size_t n = all_sections(rows);
	const char *dot = strchr(name, '.');
	bool found = false;

	for (size_t i = 0; i < n; i++) {
		const struct option_row *row;

		if (dot && !slice_is((struct slice){ name, (size_t)(dot - name) }, rows[i]->type))
			continue;
		row = schema_option(rows[i], slice_of(dot ? dot + 1 : name));
		if (!row)
			continue;
		if (found)
			buf_char(out, '\n');
		schema_help(rows[i], row, out);
		found = true;
	}
	return found;
}

static bool help_section(const char *name, struct buf *out)
{
	const struct section_row *rows[ROWS_MAX], *row = NULL;
	size_t n = all_sections(rows);

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(rows[i]->type, name))
			row = rows[i];
	}
	if (!row)
		return false;
	buf_printf(out, "config %s: %s\n  %s\n\n", row->type, row->label, row->help);
	for (size_t i = 0; i < row->n_options; i++)
		buf_printf(out, "  %-20s %s\n", row->options[i].name, row->options[i].label);
	return true;
}

static const char *nearest_option(const char *name)
{
	const struct section_row *rows[ROWS_MAX];
	size_t n = all_sections(rows), known = 0;
	static const char *names[1024];

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < rows[i]->n_options && known < 1024; k++)
			names[known++] = rows[i]->options[k].name;
	}
	return diag_nearest(slice_of(name), names, known);
}

enum exit_code cmd_help(struct cli *cli)
{
	AUTO_BUF out = BUF_INIT;
	const char *near;

	if (cli->argc < 2) {
		for (const struct command *c = commands; c->name; c++)
			printf("  %-10s %-40s %s\n", c->name, c->arguments, c->help);
		return EXIT_OK;
	}
	if (help_command(cli->argv[1]))
		return EXIT_OK;
	if (help_section(cli->argv[1], &out) || help_option(cli->argv[1], &out)) {
		fputs(buf_text(&out), stdout);
		return EXIT_OK;
	}
	near = nearest_option(cli->argv[1]);
	if (near)
		cli_error("there is no option '%s'; did you mean '%s'?", cli->argv[1], near);
	else
		cli_error("there is no command, section or option '%s'", cli->argv[1]);
	return EXIT_USAGE;
}

enum exit_code cmd_reference(struct cli *cli)
{
	const char *format = cli->argc > 1 ? cli->argv[1] : "markdown";
	AUTO_BUF out = BUF_INIT;
	const struct section_row *rows[ROWS_MAX];
	size_t n = all_sections(rows);

	if (!strcmp(format, "markdown")) {
		schema_reference(rows, n, &out);
	} else if (!strcmp(format, "mdoc")) {
		schema_mdoc(rows, n, &out);
	} else if (!strcmp(format, "json")) {
		cli_json(schema_json(rows, n));
		return EXIT_OK;
	} else {
		cli_error("the reference is markdown, mdoc or json");
		return EXIT_USAGE;
	}
	fputs(buf_text(&out), stdout);
	return EXIT_OK;
}
