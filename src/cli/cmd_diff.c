/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff: what apply would change, or what changed between revisions; first as lines of the files,
 * then as lines of the ruleset. Exit status 0 when nothing differs and when something does; the
 * text tells.
 */
#include <stdio.h>
#include <string.h>

#include "cli/applied.h"
#include "cli/diff.h"
#include "cli/safe.h"

struct side {
	struct compilation c;
	struct revision revision;
	bool stored; /* a revision from the store */
	bool compiled;
	struct buf rules;
};

static void side_init(struct side *s)
{
	*s = (struct side){ 0 };
	compilation_init(&s->c);
}

static void side_release(struct side *s)
{
	buf_release(&s->rules);
	compilation_release(&s->c);
}

static void print_rules(struct side *s)
{
	if (s->compiled)
		artefact_print(s->c.artefact, &s->rules);
}

/* The configuration on disk. False when it cannot even be read. */
static bool read_working(struct cli *cli, struct side *s)
{
	if (!cli_read(cli, &s->c))
		return false;
	safe_revision(&s->c, "", NULL, &s->revision);
	s->compiled = compile_run(&s->c);
	print_rules(s);
	return true;
}

/* By number. False after a message. */
static bool read_stored(struct cli *cli, struct side *s, const char *word)
{
	uint64_t number;
	int err;

	if (!slice_u64(slice_of(word), UINT32_MAX, &number) || !number) {
		cli_error("'%s' is not the number of a revision", word);
		return false;
	}
	err = store_read(cli->state_dir, (uint32_t)number, &s->c.arena, &s->revision);
	if (err) {
		cli_error("revision %s: %s", word, cli_errno(err));
		return false;
	}
	s->stored = true;
	s->compiled = safe_compile(cli, &s->c, &s->revision);
	print_rules(s);
	return true;
}

/* What was confirmed last, and the rules that are loaded. */
static void read_confirmed(struct cli *cli, struct side *s)
{
	struct slice text;

	s->stored = !store_newest(cli->state_dir, 0, &s->c.arena, &s->revision);
	s->compiled = true;
	if (applied_text(cli, &s->c.arena, &text))
		buf_slice(&s->rules, text);
}

static struct slice text_of(const struct side *s, const char *path)
{
	const struct revision_file *f = revision_file(&s->revision, path);

	return f && !f->absent ? f->text : (struct slice){ 0 };
}

static void head(struct buf *out, const char *sign, const char *path, const struct side *s)
{
	buf_printf(out, "%s ", sign);
	buf_safe(out, slice_of(path));
	if (s->stored)
		buf_printf(out, " (revision %lu)\n", (unsigned long)s->revision.number);
	else
		buf_str(out, " (now)\n");
}

/* Lines are the user's bytes: made safe for a terminal one by one, so that line ends stay. */
static void add_safe_lines(struct buf *out, struct slice text)
{
	while (text.n) {
		size_t n = slice_find(text, '\n');
		struct slice line = { text.p, n };

		for (;;) {
			size_t tab = slice_find(line, '\t');

			buf_safe(out, (struct slice){ line.p, tab });
			if (tab == line.n)
				break;
			buf_char(out, '\t');
			line = slice_from(line, tab + 1);
		}
		buf_char(out, '\n');
		text = slice_from(text, n + 1);
	}
}

struct difference {
	struct buf text;
	json_t *files;
	bool changed;
};

static void compare_file(
	const struct side *a, const struct side *b, const char *path, struct difference *d)
{
	AUTO_BUF lines = BUF_INIT;
	AUTO_BUF safe = BUF_INIT;

	if (!diff_lines(text_of(a, path), text_of(b, path), &lines))
		return;
	d->changed = true;
	add_safe_lines(&safe, (struct slice){ buf_text(&lines), lines.n });
	head(&d->text, "---", path, a);
	head(&d->text, "+++", path, b);
	buf_str(&d->text, buf_text(&safe));
	json_array_append_new(
		d->files, json_pack("{s:s,s:s}", "path", path, "diff", buf_text(&safe)));
}

static void compare_files(const struct side *a, const struct side *b, struct difference *d)
{
	vec_each(f, &a->revision.files)
		compare_file(a, b, f->path, d);
	vec_each(f, &b->revision.files) {
		if (!revision_file(&a->revision, f->path))
			compare_file(a, b, f->path, d);
	}
}

static enum exit_code compare(struct cli *cli, const struct side *a, const struct side *b)
{
	struct difference d = { .text = BUF_INIT, .files = json_array() };
	AUTO_BUF rules = BUF_INIT;
	bool ok = a->compiled && b->compiled;

	if (!a->compiled)
		cli_diags(cli, &a->c.diags);
	if (!b->compiled)
		cli_diags(cli, &b->c.diags);
	if (a->revision.files.n)
		compare_files(a, b, &d);
	if (ok)
		d.changed |= diff_lines(
			slice_of(buf_text(&a->rules)), slice_of(buf_text(&b->rules)), &rules);
	if (cli->json) {
		json_t *reply = cli_reply(ok, a->compiled ? &b->c.diags : &a->c.diags);

		json_object_set_new(reply, "changed", json_boolean(d.changed));
		json_object_set_new(reply, "diff", json_string(buf_text(&rules)));
		json_object_set(reply, "files", d.files);
		cli_json(reply);
	} else {
		fputs(buf_text(&d.text), stdout);
		if (rules.n && d.text.n)
			puts("rules");
		fputs(buf_text(&rules), stdout);
		if (ok && !d.changed)
			puts(cli->argc > 1 ? "nothing differs" : "nothing would change");
	}
	buf_release(&d.text);
	json_decref(d.files);
	return ok ? EXIT_OK : EXIT_CONFIG;
}

enum exit_code cmd_diff(struct cli *cli)
{
	struct side a, b;
	enum exit_code code = EXIT_USAGE;
	bool ok = true;

	safe_glance(cli);
	side_init(&a);
	side_init(&b);
	if (cli->argc > 1)
		ok = read_stored(cli, &a, cli->argv[1]);
	else
		read_confirmed(cli, &a);
	if (ok && cli->argc > 2) {
		ok = read_stored(cli, &b, cli->argv[2]);
	} else if (ok && !read_working(cli, &b)) {
		cli_diags(cli, &b.c.diags);
		if (cli->json)
			cli_json(cli_reply(false, &b.c.diags));
		code = EXIT_CONFIG;
		ok = false;
	}
	if (ok)
		code = compare(cli, &a, &b);
	side_release(&a);
	side_release(&b);
	return code;
}
