/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check and show: what the compiler says of a configuration, without touching anything.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

enum exit_code cmd_check(struct cli *cli)
{
	struct compilation c;
	bool ok;

	compilation_init(&c);
	ok = cli_compile(cli, &c);
	cli_diags(cli, &c.diags);
	if (cli->json)
		cli_json(cli_reply(ok, &c.diags));
	else if (ok)
		printf("%s/firewall: no errors, %zu warning%s\n", cli->config_dir, c.diags.warnings,
			c.diags.warnings == 1 ? "" : "s");
	compilation_release(&c);
	return ok ? EXIT_OK : EXIT_CONFIG;
}

static void show_tree(const struct compilation *c, struct buf *out)
{
	vec_each(it, &c->tree->sections) {
		const struct uci_section *s = *it;

		uci_section_path(s, out);
		buf_str(out, ": ");
		buf_safe(out, slice_of(s->type));
		buf_char(out, '\n');
		for (const struct uci_item *i = s->items; i; i = i->next) {
			buf_str(out, i->kind == UCI_LIST ? "  list " : "  option ");
			buf_safe(out, slice_of(i->key.text));
			buf_str(out, " '");
			buf_safe(out, slice_of(i->value.text));
			buf_str(out, "'\n");
			if (i == s->last)
				break;
		}
	}
}

static void show_section(const struct section *s, struct buf *out)
{
	if (!s->row || !s->uci)
		return;
	buf_safe(out, slice_of(s->title));
	buf_char(out, '\n');
	for (size_t i = 0; i < s->row->n_options; i++) {
		AUTO_BUF value = BUF_INIT;

		if (!schema_print(&s->row->options[i], s, &value))
			continue;
		buf_printf(out, "  %s = ", s->row->options[i].name);
		buf_safe(out, slice_of(buf_text(&value)));
		buf_char(out, '\n');
	}
}

#define SHOW_LIST(list)                                                                            \
	vec_each(it_, (list))                                                                      \
		show_section(&(*it_)->s, out)

static void show_policy(const struct policy *p, struct buf *out)
{
	show_section(&p->defaults.s, out);
	SHOW_LIST(&p->zones);
	SHOW_LIST(&p->forwardings);
	SHOW_LIST(&p->rules);
	SHOW_LIST(&p->redirects);
	SHOW_LIST(&p->nats);
	SHOW_LIST(&p->includes);
	SHOW_LIST(&p->ipsets);
}

/* Prints one stage; false when there is no stage of that name. */
static bool show_stage(const struct compilation *c, const char *stage, struct buf *out)
{
	if (!strcmp(stage, "tree"))
		show_tree(c, out);
	else if (!strcmp(stage, "policy"))
		show_policy(c->policy, out);
	else if (!strcmp(stage, "ir") || !strcmp(stage, "opt"))
		ir_dump(c->ir, out);
	else if (!strcmp(stage, "program"))
		artefact_print(c->artefact, out);
	else
		return false;
	return true;
}

static bool known_stage(const char *stage)
{
	static const char *const stages[] = { "tree", "policy", "ir", "opt", "program" };

	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		if (!strcmp(stages[i], stage))
			return true;
	}
	return false;
}

enum exit_code cmd_show(struct cli *cli)
{
	const char *stage = cli->stage ? cli->stage : "program";
	struct compilation c;
	AUTO_BUF text = BUF_INIT;
	bool ok;

	if (!known_stage(stage)) {
		cli_error("there is no stage '%s': tree, policy, ir, opt or program", stage);
		return EXIT_USAGE;
	}
	compilation_init(&c);
	ok = cli_compile(cli, &c);
	cli_diags(cli, &c.diags);
	/* A broken file still has a tree to look at. */
	if (ok || (c.tree && !strcmp(stage, "tree")))
		show_stage(&c, stage, &text);
	if (cli->json) {
		json_t *reply = cli_reply(ok, &c.diags);

		json_object_set_new(reply, "stage", json_string(stage));
		json_object_set_new(reply, "text", json_string(buf_text(&text)));
		cli_json(reply);
	} else {
		fputs(buf_text(&text), stdout);
	}
	compilation_release(&c);
	return ok ? EXIT_OK : EXIT_CONFIG;
}
