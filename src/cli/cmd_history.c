/* SPDX-License-Identifier: GPL-2.0-or-later */
/* history: the confirmed revisions, newest first, and the apply that waits. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "cli/safe.h"

static void print_revision(const struct revision *r)
{
	time_t t = (time_t)r->when;
	struct tm tm;
	char when[32] = "?";

	if (gmtime_r(&t, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &tm);
	printf("%5lu  %s  %.12s  %s, %s", (unsigned long)r->number, when, r->hash, r->user,
		r->source);
	if (r->restores)
		printf(" to %lu", (unsigned long)r->restores);
	printf("%s%s\n", *r->comment ? ": " : "", r->comment);
}

/* A damaged one is listed too: it must not look as if it had never been. */
static void list_one(struct cli *cli, uint32_t number, struct arena *arena, json_t *list)
{
	struct revision r;
	int err = store_header(cli->state_dir, number, arena, &r);

	if (err == -ENOENT)
		return; /* pruned since */
	if (!cli->json && err)
		printf("%5lu  damaged: %s\n", (unsigned long)number, cli_errno(err));
	else if (!cli->json)
		print_revision(&r);
	else if (err)
		json_array_append_new(
			list, json_pack("{s:I,s:b}", "number", (json_int_t)number, "damaged", 1));
	else
		json_array_append_new(list, revision_json(&r));
}

static json_t *pending_json(const struct pending *p)
{
	json_t *object = revision_json(&p->revision);

	json_object_set_new(object, "seconds_left", json_integer(pending_left_ms(p) / 1000));
	return object;
}

enum exit_code cmd_history(struct cli *cli)
{
	struct revision_numbers numbers = { 0 };
	struct arena arena;
	struct pending p;
	json_t *list = json_array();
	bool waits;
	int err;

	safe_glance(cli);
	arena_init(&arena);
	waits = !pending_read(cli->run_dir, &arena, &p);
	err = store_numbers(cli->state_dir, &arena, &numbers);
	if (err)
		cli_error("%s: %s", cli->state_dir, cli_errno(err));
	else if (waits && !cli->json)
		printf("an apply waits for 'zonewall confirm', %lld seconds more\n",
			(long long)(pending_left_ms(&p) / 1000));
	else if (!numbers.list.n && !cli->json)
		puts("there are no revisions yet");
	vec_each(n, &numbers.list)
		list_one(cli, *n, &arena, list);
	if (cli->json && !err) {
		json_t *reply = cli_reply(true, NULL);

		json_object_set(reply, "revisions", list);
		json_object_set_new(reply, "pending", waits ? pending_json(&p) : json_null());
		cli_json(reply);
	}
	json_decref(list);
	arena_release(&arena);
	return err ? EXIT_SYSTEM : EXIT_OK;
}
