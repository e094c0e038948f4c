/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * confirm: what `apply --confirm` loaded becomes the newest revision. It is stored first and
 * forgotten as pending afterwards: killed in between, the revert would load that very revision.
 */
#include <errno.h>
#include <stdio.h>

#include "cli/safe.h"
#include "kernel/lock.h"

static void report(struct cli *cli, const struct revision *r)
{
	if (cli->json) {
		json_t *reply = cli_reply(true, NULL);

		json_object_set_new(reply, "revision", json_integer(r->number));
		cli_json(reply);
	} else {
		printf("confirmed: revision %lu\n", (unsigned long)r->number);
	}
}

static enum exit_code confirm(struct cli *cli, struct arena *arena, bool was_pending)
{
	struct pending p;
	int err = pending_read(cli->run_dir, arena, &p);

	if (err == -ENOENT) {
		cli_error(was_pending ? "too late: the apply was taken back"
				      : "there is nothing to confirm");
		return EXIT_CONFIG;
	}
	if (!err)
		err = safe_commit(cli, &p.revision);
	if (err) {
		cli_error("not confirmed: %s", cli_errno(err));
		return EXIT_SYSTEM;
	}
	report(cli, &p.revision);
	return EXIT_OK;
}

enum exit_code cmd_confirm(struct cli *cli)
{
	struct arena arena;
	struct pending p;
	bool was_pending;
	enum exit_code code;
	int lock;

	arena_init(&arena);
	was_pending = !pending_read(cli->run_dir, &arena, &p);
	lock = safe_lock(cli); /* takes an overdue apply back */
	code = lock < 0 ? EXIT_SYSTEM : confirm(cli, &arena, was_pending);
	if (code != EXIT_OK && cli->json)
		cli_json(cli_reply(false, NULL));
	lock_drop(lock);
	arena_release(&arena);
	return code;
}
