/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What keeps an apply safe when processes die. Intentions are written down before they are carried
 * out (the pending apply, the rollback under way), and whoever takes the lock next settles what it
 * finds; so no single process is needed for the router to end at the last confirmed revision.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "cli/applied.h"
#include "cli/safe.h"
#include "kernel/lock.h"

bool safe_options(struct cli *cli, bool may_confirm, struct safe_request *ret)
{
	static const struct option options[] = {
		{ "confirm", required_argument, NULL, 'C' },
		{ "comment", required_argument, NULL, 'm' },
		{ "admin", required_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t seconds;
	int option;

	*ret = (struct safe_request){ 0 };
	optind = 0;
	while ((option = getopt_long(cli->argc, cli->argv, "", options, NULL)) != -1) {
		if (option == 'C' && may_confirm && slice_u64(slice_of(optarg), 86400, &seconds) &&
			seconds > 0) {
			ret->confirm = (unsigned)seconds;
		} else if (option == 'C') {
			cli_error(may_confirm ? "--confirm wants seconds, 1 to 86400"
					      : "there is no --confirm for this command");
			return false;
		} else if (option == 'm') {
			ret->comment = optarg;
		} else if (option == 'a') {
			ret->admin = optarg;
		} else {
			return false;
		}
	}
	return true;
}

/* To the terminal, and to the log for the guard, which has none. */
static void tell(const char *text)
{
	cli_error("%s", text);
	openlog("zonewall", LOG_PID, LOG_DAEMON);
	syslog(LOG_NOTICE, "%s", text);
	closelog();
}

/* ---- loading what is not the working configuration ---- */

static enum exit_code load_compiled(struct cli *cli, struct compilation *c, bool compiled)
{
	enum exit_code code = compiled ? apply_load(cli, c, NULL) : EXIT_CONFIG;

	if (code != EXIT_OK)
		cli_diags(cli, &c->diags);
	return code;
}

enum exit_code safe_load_revision(struct cli *cli, const struct revision *r)
{
	struct compilation c;
	enum exit_code code;

	compilation_init(&c);
	c.lean = true;
	code = load_compiled(cli, &c, safe_compile(cli, &c, r));
	compilation_release(&c);
	return code;
}

/* For a machine whose configuration says nothing that can be used: who is in lan may manage it. */
static const char plain_text[] = "config zone\n\toption name 'lan'\n\tlist network 'lan'\n"
				 "\toption input 'ACCEPT'\n";

enum exit_code safe_load_lockdown(struct cli *cli)
{
	struct revision plain = { 0 };
	struct revision_file file = { "firewall", false, slice_of(plain_text) };
	struct compilation c;
	enum exit_code code;
	bool ok;

	compilation_init(&c);
	c.lean = c.lockdown = true;
	ok = cli_compile(cli, &c);
	if (ok) {
		code = load_compiled(cli, &c, true);
		compilation_release(&c);
		return code;
	}
	compilation_release(&c);
	compilation_init(&c);
	c.lean = c.lockdown = true;
	vec_push(&c.arena, &plain.files, file);
	code = load_compiled(cli, &c, safe_compile(cli, &c, &plain));
	compilation_release(&c);
	return code;
}

enum exit_code safe_load_confirmed(struct cli *cli, uint32_t *ret_number)
{
	enum exit_code code = EXIT_CONFIG;
	struct revision r = { 0 };
	struct arena arena;

	arena_init(&arena);
	while (!store_newest(cli->state_dir, r.number, &arena, &r)) {
		code = safe_load_revision(cli, &r);
		if (code == EXIT_OK)
			break;
		cli_error("revision %lu cannot be loaded; trying an earlier one",
			(unsigned long)r.number);
		arena_release(&arena);
	}
	*ret_number = code == EXIT_OK ? r.number : 0;
	arena_release(&arena);
	if (code == EXIT_OK)
		return EXIT_OK;
	tell("there is no revision that can be loaded: everything but management is blocked");
	return safe_load_lockdown(cli);
}

/* ---- taking back ---- */

static enum exit_code load_what_was(struct cli *cli, const struct pending *p, struct buf *words)
{
	enum pending_before before = p->before;
	enum exit_code code = EXIT_SYSTEM;
	struct revision_numbers numbers = { 0 };
	struct arena arena;
	uint32_t number = 0;

	arena_init(&arena);
	/* Confirmed a moment before we came: then there is a revision that was not there. */
	if (!store_numbers(cli->state_dir, &arena, &numbers) && numbers.list.n &&
		numbers.list.v[0] > p->newest)
		before = PENDING_REVISION;
	switch (before) {
	case PENDING_NOTHING:
		buf_str(words, "there are no rules again");
		code = apply_flush(cli, &arena) ? EXIT_SYSTEM : EXIT_OK;
		break;
	case PENDING_STOPPED:
		buf_str(words, "everything but management is blocked again");
		code = safe_load_lockdown(cli);
		break;
	case PENDING_REVISION:
		code = safe_load_confirmed(cli, &number);
		if (number)
			buf_printf(words, "revision %lu is loaded", (unsigned long)number);
		else
			buf_str(words, "everything but management is blocked");
		break;
	}
	arena_release(&arena);
	return code;
}

enum exit_code safe_revert(struct cli *cli, const struct pending *p)
{
	AUTO_BUF words = BUF_INIT;
	enum exit_code code;
	int err;

	buf_str(&words, "the apply was not confirmed: ");
	code = load_what_was(cli, p, &words);
	if (code != EXIT_OK) {
		tell("the apply was not confirmed, and could not be taken back");
		return code;
	}
	tell(buf_text(&words));
	err = pending_drop(cli->run_dir);
	if (err)
		cli_error("%s: %s", cli->run_dir, cli_errno(err));
	return EXIT_OK;
}

/* Without a sound record nobody knows how much time is left: none. */
static void settle_pending(struct cli *cli, struct arena *arena)
{
	struct pending p = { .before = PENDING_REVISION };
	int err = pending_read(cli->run_dir, arena, &p);

	if (err == -ENOENT || (!err && pending_left_ms(&p)))
		return;
	safe_revert(cli, &p);
}

/* ---- the rollback that was cut off ---- */

/* What fails is tried again by the next to come, unless a plain apply or another rollback does. */
static void settle_restoring(struct cli *cli, struct arena *arena)
{
	struct revision r;
	const char *path = cli->state_dir;
	enum exit_code code = EXIT_OK;
	int err = restoring_read(cli->state_dir, arena, &r);

	if (err == -ENOENT || err == -ENOTDIR || err == -EACCES)
		return;
	if (!err) {
		tell("a rollback was cut off: carrying it out");
		code = safe_load_revision(cli, &r);
		if (code == EXIT_OK)
			err = safe_commit(cli, &r);
		if (code == EXIT_OK && !err)
			err = restore_files(&r, cli->config_dir, arena, &path);
		if (err)
			cli_error("%s: %s", path, cli_errno(err));
		if (err || code != EXIT_OK)
			return;
	}
	err = restoring_end(cli->state_dir);
	if (err)
		cli_error("%s: %s", cli->state_dir, cli_errno(err));
}

/* ---- for everybody ---- */

static void settle(struct cli *cli)
{
	struct arena arena;

	arena_init(&arena);
	settle_restoring(cli, &arena);
	settle_pending(cli, &arena);
	arena_release(&arena);
}

static void waiting(pid_t holder, void *context)
{
	(void)context;
	cli_error("waiting for another zonewall (process %ld)", (long)holder);
}

int safe_lock(struct cli *cli)
{
	int lock = lock_take(cli->run_dir, 60, waiting, NULL);

	if (lock < 0)
		cli_error("%s: %s", cli->run_dir, cli_errno(lock));
	else
		settle(cli);
	return lock;
}

void safe_glance(struct cli *cli)
{
	struct arena arena;
	struct pending p;
	struct revision r;
	bool unsettled;
	int lock, err;

	arena_init(&arena);
	err = pending_read(cli->run_dir, &arena, &p);
	unsettled = err ? err == -EBADMSG : !pending_left_ms(&p);
	unsettled = unsettled || !restoring_read(cli->state_dir, &arena, &r);
	lock = unsettled ? lock_take(cli->run_dir, 10, NULL, NULL) : -1;
	if (lock >= 0)
		settle(cli);
	lock_drop(lock);
	arena_release(&arena);
}

/* Nothing new: the same files, and no comment or the very same event, stored before a kill. */
static bool is_stored(const struct revision *newest, const struct revision *r)
{
	if (strcmp(newest->hash, r->hash) != 0)
		return false;
	return !*r->comment || (newest->when == r->when && !strcmp(newest->comment, r->comment));
}

int safe_commit(struct cli *cli, struct revision *r)
{
	struct revision newest;
	struct arena arena;
	int err = 0;

	arena_init(&arena);
	if (store_newest(cli->state_dir, 0, &arena, &newest) || !is_stored(&newest, r))
		err = store_add(cli->state_dir, r);
	else
		r->number = newest.number;
	arena_release(&arena);
	return err ? err : pending_drop(cli->run_dir);
}
