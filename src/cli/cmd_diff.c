/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff: what apply would change, as lines of the ruleset. Exit status 0 when nothing would change
 * and when something would; the text tells.
 */
#include <stdio.h>

#include "cli/applied.h"
#include "cli/cli.h"
#include "cli/diff.h"

enum exit_code cmd_diff(struct cli *cli)
{
	struct slice before = { 0 };
	AUTO_BUF after = BUF_INIT;
	AUTO_BUF out = BUF_INIT;
	struct compilation c;
	bool ok, changed = false;

	compilation_init(&c);
	ok = cli_compile(cli, &c);
	if (!ok)
		cli_diags(cli, &c.diags);
	if (ok) {
		applied_text(cli, &c.arena, &before);
		artefact_print(c.artefact, &after);
		changed = diff_lines(before, slice_of(buf_text(&after)), &out);
	}
	if (cli->json) {
		json_t *reply = cli_reply(ok, &c.diags);

		json_object_set_new(reply, "changed", json_boolean(changed));
		json_object_set_new(reply, "diff", json_string(buf_text(&out)));
		cli_json(reply);
	} else if (ok) {
		fputs(changed ? buf_text(&out) : "nothing would change\n", stdout);
	}
	compilation_release(&c);
	return ok ? EXIT_OK : EXIT_CONFIG;
}
