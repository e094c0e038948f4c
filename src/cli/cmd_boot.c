/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refresh: what is in force, compiled again for devices and addresses that came or went; never what
 * somebody has edited since, because an interface that comes up is no confirmation.
 *
 * boot: for the init system, before the network is up. Loads the newest confirmed revision,
 * whatever has been edited since; on the first boot of all, the configuration as it is; and when
 * neither can be loaded, blocks everything but management.
 */
#include <stdio.h>
#include <string.h>

#include "cli/applied.h"
#include "cli/safe.h"
#include "kernel/lock.h"

static enum exit_code first_boot(struct cli *cli, uint32_t *ret_number)
{
	struct compilation c;
	struct revision r;
	enum exit_code code = EXIT_CONFIG;
	int err = 0;

	compilation_init(&c);
	c.lean = true;
	if (cli_compile(cli, &c)) {
		safe_revision(&c, "boot", NULL, &r);
		code = apply_load(cli, &c, NULL);
		if (code == EXIT_OK)
			err = safe_commit(cli, &r);
	}
	cli_diags(cli, &c.diags);
	if (code == EXIT_OK && err)
		cli_error("%s: %s", cli->state_dir, cli_errno(err));
	else if (code == EXIT_OK)
		*ret_number = r.number;
	compilation_release(&c);
	if (code == EXIT_OK)
		return code;
	cli_error("there is no configuration that can be loaded: everything but management is "
		  "blocked");
	return safe_load_lockdown(cli);
}

static void report(struct cli *cli, enum exit_code code, uint32_t number)
{
	if (cli->json) {
		json_t *reply = cli_reply(code == EXIT_OK, NULL);

		json_object_set_new(reply, "revision", json_integer(number));
		cli_json(reply);
	} else if (number) {
		printf("revision %lu is loaded\n", (unsigned long)number);
	}
}

enum exit_code cmd_boot(struct cli *cli)
{
	struct revision_numbers numbers = { 0 };
	struct arena arena;
	enum exit_code code;
	uint32_t number = 0;
	int lock;

	lock = safe_lock(cli);
	if (lock < 0)
		return EXIT_SYSTEM;
	arena_init(&arena);
	if (!store_numbers(cli->state_dir, &arena, &numbers) && !numbers.list.n)
		code = first_boot(cli, &number);
	else
		code = safe_load_confirmed(cli, &number);
	if (code == EXIT_OK && pending_drop(cli->run_dir))
		cli_error("%s: the record of an earlier apply stays", cli->run_dir);
	report(cli, code, number);
	arena_release(&arena);
	lock_drop(lock);
	return code;
}

static enum exit_code load_in_force(struct cli *cli, struct arena *arena, uint32_t *ret_number)
{
	const char *what;
	struct pending p;
	int64_t when;

	if (!applied_record(cli, arena, &what, &when)) {
		cli_error("nothing is loaded, so there is nothing to refresh");
		return EXIT_OK;
	}
	if (!strcmp(what, "stop"))
		return safe_load_lockdown(cli);
	if (!pending_read(cli->run_dir, arena, &p))
		return safe_load_revision(cli, &p.revision);
	return safe_load_confirmed(cli, ret_number);
}

enum exit_code cmd_refresh(struct cli *cli)
{
	struct arena arena;
	enum exit_code code;
	uint32_t number = 0;
	int lock = safe_lock(cli);

	if (lock < 0)
		return EXIT_SYSTEM;
	arena_init(&arena);
	code = load_in_force(cli, &arena, &number);
	report(cli, code, number);
	arena_release(&arena);
	lock_drop(lock);
	return code;
}
