/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply, stop, flush: the commands that change the kernel. One at a time per run directory; a
 * failure leaves the running rules as they were.
 */
#include <stdio.h>
#include <string.h>

#include "cli/applied.h"
#include "cli/cli.h"
#include "kernel/lock.h"
#include "kernel/nft_load.h"
#include "kernel/nft_state.h"

static void waiting(pid_t holder, void *context)
{
	(void)context;
	cli_error("waiting for another zonewall (process %ld)", (long)holder);
}

static int take_lock(struct cli *cli)
{
	int lock = lock_take(cli->run_dir, 60, waiting, NULL);

	if (lock < 0)
		cli_error("%s: %s", cli->run_dir, cli_errno(lock));
	return lock;
}

/* What was found before is kept for flush; a setting that is refused is a warning. */
static void set_sysctls(struct cli *cli, struct compilation *c)
{
	struct sysctl_values before = { 0 };
	int err;

	sysctl_apply(&c->arena, c->ir->sysctls.v, c->ir->sysctls.n, &c->diags, &before);
	err = applied_save_sysctls(cli, &c->arena, &before);
	if (err)
		diag_warning(&c->diags, SPAN_NONE, "run-dir",
			"%s: %s: flush will not restore kernel settings", cli->run_dir,
			cli_errno(err));
}

static bool asks_for_sysctl(const struct ir *ir, const char *path)
{
	vec_each(s, &ir->sysctls) {
		if (!strcmp(s->path, path))
			return true;
	}
	return false;
}

/* Settings that an earlier configuration asked for and this one does not: as they were found. */
static void give_back_sysctls(struct cli *cli, struct compilation *c)
{
	struct sysctl_values found = { 0 }, kept = { 0 }, back = { 0 };
	int err;

	applied_sysctls(cli, &c->arena, &found);
	vec_each(v, &found.list) {
		struct sysctl_values *to = asks_for_sysctl(c->ir, v->path) ? &kept : &back;

		vec_push(&c->arena, &to->list, *v);
	}
	if (!back.list.n)
		return;
	sysctl_restore(&back);
	err = applied_keep_sysctls(cli, &c->arena, &kept);
	if (err)
		diag_warning(&c->diags, SPAN_NONE, "run-dir",
			"%s: %s: kernel settings may be restored once more", cli->run_dir,
			cli_errno(err));
}

static enum exit_code load(struct cli *cli, struct compilation *c, struct nft_load_stats *stats)
{
	const char *what = c->lockdown ? "stop" : "apply";
	AUTO_BUF text = BUF_INIT;
	int err = nft_load(c->artefact->program, &c->diags, stats);

	if (err)
		return EXIT_SYSTEM;
	set_sysctls(cli, c);
	if (!c->lockdown) /* for a while only: the settings stay as they are */
		give_back_sysctls(cli, c);
	artefact_print(c->artefact, &text);
	err = applied_save(cli, &c->arena, what, buf_text(&text));
	if (err)
		diag_warning(&c->diags, SPAN_NONE, "run-dir", "%s: %s: diff and status will not know",
			cli->run_dir, cli_errno(err));
	return EXIT_OK;
}

static void report(struct cli *cli, const struct compilation *c, enum exit_code code,
	const struct nft_load_stats *stats)
{
	cli_diags(cli, &c->diags);
	if (cli->json) {
		json_t *reply = cli_reply(code == EXIT_OK, &c->diags);

		json_object_set_new(reply, "rules", json_integer((json_int_t)stats->rules));
		json_object_set_new(reply, "tries", json_integer(stats->tries));
		json_object_set_new(reply, "snapshot_us", json_integer((json_int_t)stats->snapshot_us));
		json_object_set_new(reply, "build_us", json_integer((json_int_t)stats->build_us));
		json_object_set_new(reply, "send_us", json_integer((json_int_t)stats->send_us));
		json_object_set_new(reply, "verify_us", json_integer((json_int_t)stats->verify_us));
		cli_json(reply);
		return;
	}
	if (code == EXIT_OK)
		printf(c->lockdown ? "stopped: everything but management is blocked\n"
				   : "applied: %zu rules\n",
			stats->rules);
	else
		cli_error("nothing was changed in the kernel");
}

static enum exit_code compile_and_load(struct cli *cli, bool lockdown)
{
	struct nft_load_stats stats = { 0 };
	struct compilation c;
	enum exit_code code = EXIT_CONFIG;
	int lock = take_lock(cli);

	if (lock < 0)
		return EXIT_SYSTEM;
	compilation_init(&c);
	c.lockdown = lockdown;
	c.lean = true;
	if (cli_compile(cli, &c))
		code = load(cli, &c, &stats);
	report(cli, &c, code, &stats);
	compilation_release(&c);
	lock_drop(lock);
	return code;
}

enum exit_code cmd_apply(struct cli *cli)
{
	return compile_and_load(cli, false);
}

enum exit_code cmd_stop(struct cli *cli)
{
	return compile_and_load(cli, true);
}

enum exit_code cmd_flush(struct cli *cli)
{
	struct sysctl_values before = { 0 };
	struct arena arena;
	int err, lock = take_lock(cli);

	if (lock < 0)
		return EXIT_SYSTEM;
	arena_init(&arena);
	err = nft_flush();
	if (err) {
		cli_error("the kernel did not remove our table: %s", cli_errno(err));
	} else {
		applied_sysctls(cli, &arena, &before);
		sysctl_restore(&before);
		applied_forget(cli, &arena);
		if (cli->json)
			cli_json(cli_reply(true, NULL));
		else
			puts("flushed: our rules are gone, everything passes that others let pass");
	}
	arena_release(&arena);
	lock_drop(lock);
	return err ? EXIT_SYSTEM : EXIT_OK;
}
