/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * get, set, add, del, move: editing the firewall file. Comments, order and unknown options
 * survive. Values are checked against the option table, and the whole file is compiled before it
 * is saved: an edit that would break it changes nothing (unless --force).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/edit_path.h"
#include "cli/safe.h"
#include "kernel/lock.h"

struct editing {
	struct cli *cli;
	struct arena arena;
	struct diags diags;
	struct source source;
	struct uci_edit edit;
	const char *path;
	int lock;
};

/* Opens the file for editing; with `lock` it is ours alone until editing_end(). */
static bool editing_begin(struct editing *e, struct cli *cli, bool lock)
{
	int err;

	*e = (struct editing){ .cli = cli, .lock = -1 };
	arena_init(&e->arena);
	diags_init(&e->diags, &e->arena);
	if (lock) {
		e->lock = safe_lock(cli); /* a rollback that was cut off comes first */
		if (e->lock < 0)
			return false;
	}
	e->path = cli_path(&e->arena, cli->config_dir, "firewall");
	err = uci_load(e->path, &e->arena, &e->source);
	if (err) {
		cli_error("%s: %s", e->path, cli_errno(err));
		return false;
	}
	if (uci_edit_init(&e->edit, "firewall", e->source.text))
		return true;
	cli_diags(cli, &e->edit.diags);
	return false;
}

static void editing_end(struct editing *e)
{
	if (e->source.text.p)
		uci_edit_release(&e->edit);
	arena_release(&e->arena);
	lock_drop(e->lock);
}

/* Compiles the edited text; errors stop the save. */
static bool still_compiles(struct editing *e)
{
	struct compilation c;
	bool ok;

	compilation_init(&c);
	ok = cli_read(e->cli, &c);
	if (ok) {
		c.firewall.text = slice_of(buf_text(&e->edit.text));
		ok = compile_run(&c);
	}
	if (!ok) {
		cli_diags(e->cli, &c.diags);
		if (e->cli->json)
			cli_json(cli_reply(false, &c.diags));
	}
	compilation_release(&c);
	return ok;
}

static enum exit_code editing_save(struct editing *e)
{
	int err;

	if (!e->cli->force && !still_compiles(e)) {
		cli_error("nothing was changed");
		return EXIT_CONFIG;
	}
	err = uci_save(e->path, buf_text(&e->edit.text), e->edit.text.n);
	if (err) {
		cli_error("%s: %s", e->path, cli_errno(err));
		return EXIT_SYSTEM;
	}
	if (e->cli->json)
		cli_json(cli_reply(true, NULL));
	return EXIT_OK;
}

static enum exit_code edit_failed(const char *what, int err)
{
	cli_error("%s: %s", what, cli_errno(err));
	return EXIT_USAGE;
}

/* ---- get ---- */

static void get_option(const struct uci_section *s, const char *key)
{
	for (const struct uci_item *i = uci_list_next(s, key, NULL); i; i = uci_list_next(s, key, i))
		puts(i->value.text);
}

enum exit_code cmd_get(struct cli *cli)
{
	struct editing e;
	struct edit_path path;
	enum exit_code code = EXIT_USAGE;

	if (!editing_begin(&e, cli, false)) {
		code = EXIT_CONFIG;
	} else if (edit_path_read(&e.arena, e.edit.file, cli->argv[1], &path)) {
		const struct uci_section *s = uci_section_find(e.edit.file, path.section);

		code = EXIT_OK;
		if (!path.option) {
			for (const struct uci_item *i = s->items; i; i = i->next)
				printf("%s=%s\n", i->key.text, i->value.text);
		} else if (uci_option(s, path.option)) {
			get_option(s, path.option);
		} else {
			code = EXIT_CONFIG;
		}
	}
	editing_end(&e);
	return code;
}

/* ---- set ---- */

enum assign { ASSIGN_SET, ASSIGN_ADD, ASSIGN_REMOVE };

/* Splits "PATH=VALUE", "PATH+=VALUE", "PATH-=VALUE"; false when there is no '='. */
static bool split_assignment(struct arena *arena, const char *text, const char **ret_path,
	const char **ret_value, enum assign *ret_how)
{
	const char *equals = strchr(text, '=');
	size_t n;

	if (!equals || equals == text)
		return false;
	n = (size_t)(equals - text);
	*ret_how = text[n - 1] == '+' ? ASSIGN_ADD : text[n - 1] == '-' ? ASSIGN_REMOVE : ASSIGN_SET;
	if (*ret_how != ASSIGN_SET)
		n--;
	*ret_path = arena_strndup(arena, text, n);
	*ret_value = equals + 1;
	return true;
}

static const struct option_row *known_option(
	struct editing *e, const char *type, const char *option)
{
	const struct section_row *section = model_section(slice_of(type));
	const struct option_row *row = section ? schema_option(section, slice_of(option)) : NULL;

	if (!row && !e->cli->force)
		cli_error("'%s' has no option '%s' (--force writes it all the same)", type, option);
	return row;
}

static bool check_value(struct editing *e, const struct option_row *row, const char *value)
{
	struct bind_options options = { .hex_marks = true };
	struct slice rest = slice_of(value), word;
	bool ok = true;

	if (!row || !value[0])
		return true;
	if (!row->list || row->whole)
		return schema_check_value(row, rest, &options, &e->diags);
	while (slice_next_word(&rest, &word))
		ok &= schema_check_value(row, word, &options, &e->diags);
	return ok;
}

static int set_list(struct editing *e, const struct edit_path *path, const char *value)
{
	VEC(const char *) words = { 0 };
	struct slice rest = slice_of(value), word;

	while (slice_next_word(&rest, &word))
		vec_push(&e->arena, &words, arena_strndup(&e->arena, word.p, word.n));
	if (!words.n)
		return uci_edit_delete(&e->edit, path->section, path->option);
	return uci_edit_list_set(&e->edit, path->section, path->option, words.v, words.n);
}

static int assign(struct editing *e, const struct edit_path *path, const struct option_row *row,
	const char *value, enum assign how)
{
	int err = 0;

	switch (how) {
	case ASSIGN_ADD:
		return uci_edit_list_add(&e->edit, path->section, path->option, value);
	case ASSIGN_REMOVE:
		return uci_edit_list_remove(&e->edit, path->section, path->option, value);
	case ASSIGN_SET:
		if (row && row->list && !row->whole)
			err = set_list(e, path, value);
		else if (!value[0])
			err = uci_edit_delete(&e->edit, path->section, path->option);
		else
			return uci_edit_set(&e->edit, path->section, path->option, value);
		return err == -ENOENT ? 0 : err;
	}
	return -EINVAL;
}

/* One assignment; the path's section may be given (add), else the text names it. */
static enum exit_code apply_assignment(
	struct editing *e, const char *text, const struct edit_path *section)
{
	struct edit_path path;
	const char *where, *value;
	const struct option_row *row;
	enum assign how;
	int err;

	if (!split_assignment(&e->arena, text, &where, &value, &how)) {
		cli_error("'%s' is not OPTION=VALUE", text);
		return EXIT_USAGE;
	}
	if (section) {
		path = *section;
		path.option = where;
	} else if (!edit_path_read(&e->arena, e->edit.file, where, &path)) {
		return EXIT_USAGE;
	}
	if (!path.option) {
		cli_error("'%s' names a section, not an option", where);
		return EXIT_USAGE;
	}
	row = known_option(e, path.type, path.option);
	if (!row && !e->cli->force)
		return EXIT_CONFIG;
	if (how != ASSIGN_REMOVE && !e->cli->force && !check_value(e, row, value)) {
		cli_diags(e->cli, &e->diags);
		return EXIT_CONFIG;
	}
	err = assign(e, &path, row, value, how);
	return err ? edit_failed(text, err) : EXIT_OK;
}

enum exit_code cmd_set(struct cli *cli)
{
	struct editing e;
	enum exit_code code = EXIT_OK;

	if (!editing_begin(&e, cli, true))
		code = EXIT_CONFIG;
	for (int i = 1; i < cli->argc && code == EXIT_OK; i++)
		code = apply_assignment(&e, cli->argv[i], NULL);
	if (code == EXIT_OK)
		code = editing_save(&e);
	editing_end(&e);
	return code;
}

/* ---- add ---- */

static enum exit_code add_initial_values(
	struct editing *e, const struct section_row *row, const struct edit_path *path)
{
	for (size_t i = 0; i < row->n_options; i++) {
		struct edit_path at = *path;
		int err;

		if (!row->options[i].initial)
			continue;
		at.option = row->options[i].name;
		err = assign(e, &at, &row->options[i], row->options[i].initial, ASSIGN_SET);
		if (err)
			return edit_failed(at.option, err);
	}
	return EXIT_OK;
}

static enum exit_code add_section(struct editing *e)
{
	struct cli *cli = e->cli;
	const struct section_row *row = model_section(slice_of(cli->argv[1]));
	struct edit_path path = { .section = NULL, .type = cli->argv[1] };
	enum exit_code code;
	int at = 2, err;

	if (!row) {
		cli_error("there is no section type '%s'", cli->argv[1]);
		return EXIT_USAGE;
	}
	if (at < cli->argc && !strchr(cli->argv[at], '='))
		path.section = cli->argv[at++];
	err = uci_edit_section_add(&e->edit, path.type, path.section);
	if (err)
		return edit_failed(path.section ? path.section : path.type, err);
	if (!path.section)
		path.section = arena_printf(&e->arena, "@%s[%zu]", path.type,
			uci_section_count(e->edit.file, path.type) - 1);
	code = add_initial_values(e, row, &path);
	for (; at < cli->argc && code == EXIT_OK; at++)
		code = apply_assignment(e, cli->argv[at], &path);
	if (code == EXIT_OK)
		code = editing_save(e);
	if (code == EXIT_OK && !cli->json)
		puts(path.section);
	return code;
}

enum exit_code cmd_add(struct cli *cli)
{
	struct editing e;
	enum exit_code code = EXIT_CONFIG;

	if (editing_begin(&e, cli, true))
		code = add_section(&e);
	editing_end(&e);
	return code;
}

/* ---- del, move ---- */

static enum exit_code delete_one(struct editing *e, const char *text)
{
	struct edit_path path;
	int err;

	if (!edit_path_read(&e->arena, e->edit.file, text, &path))
		return EXIT_USAGE;
	err = path.option ? uci_edit_delete(&e->edit, path.section, path.option)
			  : uci_edit_section_delete(&e->edit, path.section);
	return err ? edit_failed(text, err) : EXIT_OK;
}

enum exit_code cmd_del(struct cli *cli)
{
	struct editing e;
	enum exit_code code = EXIT_OK;

	if (!editing_begin(&e, cli, true))
		code = EXIT_CONFIG;
	for (int i = 1; i < cli->argc && code == EXIT_OK; i++)
		code = delete_one(&e, cli->argv[i]);
	if (code == EXIT_OK)
		code = editing_save(&e);
	editing_end(&e);
	return code;
}

enum exit_code cmd_move(struct cli *cli)
{
	struct editing e;
	struct edit_path path;
	uint64_t position;
	enum exit_code code = EXIT_USAGE;

	if (!editing_begin(&e, cli, true)) {
		code = EXIT_CONFIG;
	} else if (!slice_u64(slice_of(cli->argv[2]), INT32_MAX, &position)) {
		cli_error("'%s' is not a position: 0 is the first", cli->argv[2]);
	} else if (edit_path_read(&e.arena, e.edit.file, cli->argv[1], &path)) {
		int err = uci_edit_section_move_to(&e.edit, path.section, (ssize_t)position);

		code = err ? edit_failed(cli->argv[1], err) : editing_save(&e);
	}
	editing_end(&e);
	return code;
}
