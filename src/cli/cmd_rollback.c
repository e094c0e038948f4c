/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rollback: the rules and the files of an earlier revision. History only grows: what was gone back
 * to becomes the newest revision. The intention is written down first, so that a rollback that is
 * cut off is carried out by the next to come; one that fails is undone.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "cli/safe.h"
#include "kernel/lock.h"

/* The revision meant: the one given; else before an unconfirmed apply; else the one before. */
static enum exit_code find_target(
	struct cli *cli, struct arena *arena, const char *word, bool waits, struct revision *ret)
{
	uint64_t number;
	int err;

	if (word) {
		if (!slice_u64(slice_of(word), UINT32_MAX, &number) || !number) {
			cli_error("'%s' is not the number of a revision", word);
			return EXIT_USAGE;
		}
		err = store_read(cli->state_dir, (uint32_t)number, arena, ret);
		if (err == -ENOENT)
			cli_error("there is no revision %s; see 'zonewall history'", word);
		else if (err)
			cli_error("revision %s: %s", word, cli_errno(err));
		return err == -ENOENT ? EXIT_USAGE : err ? EXIT_SYSTEM : EXIT_OK;
	}
	err = store_newest(cli->state_dir, 0, arena, ret);
	if (!err && !waits)
		err = store_newest(cli->state_dir, ret->number, arena, ret);
	if (err)
		cli_error("there is no revision to go back to");
	return err ? EXIT_CONFIG : EXIT_OK;
}

/* What is stored of a rollback: these files, by this user, now. */
static struct revision again(
	struct compilation *c, const struct revision *target, const char *comment)
{
	struct revision r;

	safe_revision(c, "rollback", comment, &r);
	r.files = (__typeof__(r.files)){ target->files.v, target->files.n, target->files.cap };
	r.restores = target->number;
	revision_seal(&r);
	return r;
}

/* Something could not be written: what was confirmed is loaded again. */
static enum exit_code undo(struct cli *cli, const char *path, int err)
{
	uint32_t number;

	cli_error("%s: %s; nothing is rolled back", path, cli_errno(err));
	if (safe_load_confirmed(cli, &number) == EXIT_OK && pending_drop(cli->run_dir))
		cli_error("%s: the record of an earlier apply stays", cli->run_dir);
	return EXIT_SYSTEM;
}

/* The files come last, because a revision that was stored can be taken back for certain. */
static enum exit_code store_and_restore(struct cli *cli, struct compilation *c, struct revision *r)
{
	const char *path = cli->state_dir;
	struct revision newest = { 0 };
	int err;

	if (store_newest(cli->state_dir, 0, &c->arena, &newest))
		newest.number = 0;
	err = safe_commit(cli, r);
	if (!err)
		err = restore_files(r, cli->config_dir, &c->arena, &path);
	if (!err)
		return EXIT_OK;
	if (r->number && r->number != newest.number && store_drop(cli->state_dir, r->number))
		cli_error("%s: revision %lu stays", cli->state_dir, (unsigned long)r->number);
	r->number = 0;
	return undo(cli, path, err);
}

static enum exit_code carry_out(struct cli *cli, struct compilation *c, struct revision *r)
{
	enum exit_code code;
	int err = restoring_begin(cli->state_dir, r);

	if (err) {
		restoring_end(cli->state_dir); /* it may be there, and not be synced */
		cli_error("%s: %s", cli->state_dir, cli_errno(err));
		return EXIT_SYSTEM;
	}
	code = apply_load(cli, c, NULL);
	if (code == EXIT_OK)
		code = store_and_restore(cli, c, r);
	err = restoring_end(cli->state_dir);
	if (err)
		cli_error("%s: %s", cli->state_dir, cli_errno(err));
	return code;
}

static void report(struct cli *cli, const struct compilation *c, enum exit_code code,
	const struct revision *target, const struct revision *r)
{
	cli_diags(cli, &c->diags);
	if (cli->json) {
		json_t *reply = cli_reply(code == EXIT_OK, &c->diags);

		json_object_set_new(reply, "restored", json_integer(target->number));
		json_object_set_new(reply, "revision", json_integer(r->number));
		cli_json(reply);
	} else if (code == EXIT_OK) {
		printf("files and rules are those of revision %lu\n",
			(unsigned long)target->number);
	}
}

static enum exit_code roll_back_to(
	struct cli *cli, const struct revision *target, const struct safe_request *request)
{
	struct compilation c;
	struct revision r = { 0 };
	enum exit_code code = EXIT_CONFIG;

	compilation_init(&c);
	c.lean = true;
	if (safe_compile(cli, &c, target) && lockout_check(cli, &c, request->admin)) {
		r = again(&c, target, request->comment);
		code = carry_out(cli, &c, &r);
	}
	report(cli, &c, code, target, &r);
	compilation_release(&c);
	return code;
}

/* Before the first revision of all there is nothing but what was in the kernel. */
static enum exit_code take_back(struct cli *cli, const struct pending *p)
{
	enum exit_code code = safe_revert(cli, p);

	if (cli->json)
		cli_json(cli_reply(code == EXIT_OK, NULL));
	return code;
}

enum exit_code cmd_rollback(struct cli *cli)
{
	struct safe_request request;
	struct revision_numbers numbers = { 0 };
	struct revision target = { 0 };
	struct pending p;
	struct arena arena;
	enum exit_code code;
	const char *word;
	bool waits;
	int lock;

	if (!safe_options(cli, false, &request))
		return EXIT_USAGE;
	if (cli->argc - optind > 1) {
		cli_error("usage: zonewall rollback [REVISION]");
		return EXIT_USAGE;
	}
	word = cli->argv[optind];
	lock = safe_lock(cli);
	if (lock < 0)
		return EXIT_SYSTEM;
	arena_init(&arena);
	waits = !pending_read(cli->run_dir, &arena, &p);
	if (!word && waits && !store_numbers(cli->state_dir, &arena, &numbers) && !numbers.list.n)
		code = take_back(cli, &p);
	else {
		code = find_target(cli, &arena, word, waits, &target);
		if (code == EXIT_OK)
			code = roll_back_to(cli, &target, &request);
	}
	if (code != EXIT_OK && !target.number && cli->json)
		cli_json(cli_reply(false, NULL));
	arena_release(&arena);
	lock_drop(lock);
	return code;
}
