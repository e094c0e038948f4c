/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply, stop, flush: the commands that change the kernel. One at a time per run directory; a
 * failure leaves the running rules as they were.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/applied.h"
#include "cli/safe.h"
#include "kernel/lock.h"
#include "kernel/ruleset.h"

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

enum exit_code apply_load(struct cli *cli, struct compilation *c, struct nft_load_stats *stats)
{
	const char *what = c->lockdown ? "stop" : "apply";
	AUTO_BUF text = BUF_INIT;
	int err = ruleset_load(c->artefact, cli->iptables, &c->diags, stats);

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

/* ---- apply ---- */

struct applying {
	struct safe_request request;
	struct nft_load_stats stats;
	struct revision revision; /* .number 0: not stored */
	bool loaded;
};

static void report_json(const struct compilation *c, enum exit_code code, const struct applying *a)
{
	json_t *reply = cli_reply(code == EXIT_OK, &c->diags);

	json_object_set_new(reply, "rules", json_integer((json_int_t)a->stats.rules));
	json_object_set_new(reply, "tries", json_integer(a->stats.tries));
	json_object_set_new(reply, "snapshot_us", json_integer((json_int_t)a->stats.snapshot_us));
	json_object_set_new(reply, "build_us", json_integer((json_int_t)a->stats.build_us));
	json_object_set_new(reply, "send_us", json_integer((json_int_t)a->stats.send_us));
	json_object_set_new(reply, "verify_us", json_integer((json_int_t)a->stats.verify_us));
	if (code == EXIT_OK && a->request.confirm)
		json_object_set_new(reply, "confirm_within", json_integer(a->request.confirm));
	if (a->revision.number)
		json_object_set_new(reply, "revision", json_integer(a->revision.number));
	cli_json(reply);
}

static void report(
	struct cli *cli, const struct compilation *c, enum exit_code code, const struct applying *a)
{
	cli_diags(cli, &c->diags);
	if (cli->json)
		report_json(c, code, a);
	else if (code == EXIT_OK && c->lockdown)
		puts("stopped: everything but management is blocked");
	else if (code == EXIT_OK)
		printf("applied: %zu rules\n", a->stats.rules);
	else if (!a->loaded)
		cli_error("nothing was changed in the kernel");
	if (code == EXIT_OK && a->request.confirm && !cli->json)
		printf("'zonewall confirm' within %u seconds keeps them; else the rules from before "
		       "are loaded again\n",
			a->request.confirm);
}

/* Whether the kernel holds something although the load failed: it read back as something else. */
static bool kernel_differs(const struct diags *diags)
{
	vec_each(d, &diags->list) {
		if (!strcmp((*d)->id, "kernel-differs"))
			return true;
	}
	return false;
}

/* Confirmed at once. That it could not be stored is a failure: the next boot would not load it. */
static enum exit_code load_and_commit(struct cli *cli, struct compilation *c, struct applying *a)
{
	enum exit_code code = apply_load(cli, c, &a->stats);
	int err;

	a->loaded = code == EXIT_OK || kernel_differs(&c->diags);
	if (code != EXIT_OK)
		return code;
	err = c->lockdown ? pending_drop(cli->run_dir) : safe_commit(cli, &a->revision);
	if (!err && !c->lockdown)
		err = restoring_end(cli->state_dir); /* whatever could not be carried out */
	if (!err)
		return EXIT_OK;
	diag_error(&c->diags, SPAN_NONE, "state-dir",
		"%s: %s: the rules are loaded, but the next boot will not know them",
		c->lockdown ? cli->run_dir : cli->state_dir, cli_errno(err));
	return EXIT_SYSTEM;
}

/* Where to go back to: as found, unless an apply before this one has not been confirmed either. */
static bool find_before(struct cli *cli, struct compilation *c, struct pending *p, bool replaces,
	const struct pending *replaced)
{
	struct revision_numbers numbers = { 0 };
	const char *what = "";
	int64_t when;
	bool known = applied_record(cli, &c->arena, &what, &when);

	if (replaces) {
		p->newest = replaced->newest;
		p->before = replaced->before;
		return true;
	}
	if (store_numbers(cli->state_dir, &c->arena, &numbers) == 0 && numbers.list.n)
		p->newest = numbers.list.v[0];
	p->before = PENDING_REVISION;
	if (known && !strcmp(what, "stop")) {
		p->before = PENDING_STOPPED;
	} else if (!p->newest) {
		p->before = PENDING_NOTHING;
		if (known || ruleset_present(cli->iptables) == 1) {
			diag_error(&c->diags, SPAN_NONE, "nothing-to-go-back-to",
				"the rules in the kernel are of no stored revision, so there would "
				"be nothing to go back to");
			return false;
		}
	}
	return true;
}

static enum exit_code refuse(struct compilation *c, const char *id, const char *what, int err)
{
	diag_error(&c->diags, SPAN_NONE, id, "%s: %s", what, cli_errno(err));
	return EXIT_SYSTEM;
}

/* The load failed: what was pending before is pending again; else there is nothing to confirm. */
static void withdraw(struct cli *cli, bool loaded, const struct pending *p, bool replaces,
	const struct pending *replaced)
{
	if (loaded) {
		safe_revert(cli, p);
		return;
	}
	if (replaces && !pending_write(cli->run_dir, replaced))
		return;
	if (pending_drop(cli->run_dir))
		cli_error("the rules of before will be loaded once more in %u seconds",
			(unsigned)(pending_left_ms(p) / 1000));
}

/*
 * The record and the guard come before the load, so there is no moment in which new rules are
 * loaded and nobody would take them back.
 */
static enum exit_code load_and_wait(struct cli *cli, struct compilation *c, struct applying *a)
{
	struct pending p = { .revision = a->revision }, replaced;
	bool replaces = !pending_read(cli->run_dir, &c->arena, &replaced);
	enum exit_code code;
	int err;

	if (!find_before(cli, c, &p, replaces, &replaced))
		return EXIT_SYSTEM;
	err = pending_start(&p, a->request.confirm);
	if (err)
		return refuse(c, "run-dir", cli->run_dir, err);
	err = pending_write(cli->run_dir, &p);
	if (err) { /* it may be in place all the same, and only not synced */
		withdraw(cli, false, &p, replaces, &replaced);
		return refuse(c, "run-dir", cli->run_dir, err);
	}
	err = guard_start(cli, &c->arena, p.token);
	code = err ? refuse(c, "no-guard", "the process that would take it back did not start", err)
		   : apply_load(cli, c, &a->stats);
	a->loaded = code == EXIT_OK || kernel_differs(&c->diags);
	if (code != EXIT_OK)
		withdraw(cli, a->loaded, &p, replaces, &replaced);
	return code;
}

static enum exit_code compile_and_load(struct cli *cli, bool lockdown, struct applying *a)
{
	struct compilation c;
	enum exit_code code = EXIT_CONFIG;
	int lock = safe_lock(cli);

	if (lock < 0)
		return EXIT_SYSTEM;
	compilation_init(&c);
	c.lockdown = lockdown;
	c.lean = true;
	if (cli_compile(cli, &c) && (lockdown || lockout_check(cli, &c, a->request.admin))) {
		safe_revision(&c, "cli", a->request.comment, &a->revision);
		code = a->request.confirm ? load_and_wait(cli, &c, a) : load_and_commit(cli, &c, a);
	}
	report(cli, &c, code, a);
	compilation_release(&c);
	lock_drop(lock);
	return code;
}

enum exit_code cmd_apply(struct cli *cli)
{
	struct applying a = { 0 };

	if (!safe_options(cli, true, &a.request))
		return EXIT_USAGE;
	if (optind != cli->argc) {
		cli_error("'%s' is not an option of apply", cli->argv[optind]);
		return EXIT_USAGE;
	}
	return compile_and_load(cli, false, &a);
}

enum exit_code cmd_stop(struct cli *cli)
{
	struct applying a = { 0 };

	return compile_and_load(cli, true, &a);
}

/* ---- flush ---- */

int apply_flush(struct cli *cli, struct arena *arena)
{
	struct sysctl_values before = { 0 };
	struct diags diags;
	int err;

	diags_init(&diags, arena);
	err = ruleset_flush(cli->iptables, &diags);
	cli_diags(cli, &diags);
	if (err) {
		cli_error("the kernel did not remove our table: %s", cli_errno(err));
		return err;
	}
	applied_sysctls(cli, arena, &before);
	sysctl_restore(&before);
	applied_forget(cli, arena);
	return 0;
}

enum exit_code cmd_flush(struct cli *cli)
{
	struct arena arena;
	int err, lock = safe_lock(cli);

	if (lock < 0)
		return EXIT_SYSTEM;
	arena_init(&arena);
	err = apply_flush(cli, &arena);
	if (!err)
		err = pending_drop(cli->run_dir);
	if (!err && cli->json)
		cli_json(cli_reply(true, NULL));
	else if (!err)
		puts("flushed: our rules are gone, everything passes that others let pass");
	arena_release(&arena);
	lock_drop(lock);
	return err ? EXIT_SYSTEM : EXIT_OK;
}
