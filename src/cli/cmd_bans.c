/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bans: who is banned for port scans now, and lifting bans. The kernel's sets are the only record:
 * bans_ZONE_v4 and bans_ZONE_v6, with scans_ZONE_* where refused ports are counted.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "kernel/ruleset.h"

#define BANS "bans_"
#define COUNTS "scans_"

struct ban {
	const char *set, *zone;
	struct addr addr;
	uint64_t seconds; /* until it ends, when the sender stops trying */
};

struct bans {
	VEC(struct ban) list;
};

/* "wan" of "bans_wan_v4"; NULL for a set of something else. */
static const char *zone_of(struct arena *arena, const char *set)
{
	size_t n = strlen(set), head = strlen(BANS), tail = strlen("_v4");

	if (strncmp(set, BANS, head) != 0 || n <= head + tail ||
		(strcmp(set + n - tail, "_v4") != 0 && strcmp(set + n - tail, "_v6") != 0))
		return NULL;
	return arena_strndup(arena, set + head, n - head - tail);
}

static int ban_cmp(const void *a, const void *b)
{
	const struct ban *x = a, *y = b;
	int c = strcmp(x->zone, y->zone);

	return c ? c : addr_cmp(&x->addr, &y->addr);
}

static int read_bans(struct arena *arena, struct bans *ret)
{
	struct nft_set_names sets = { 0 };
	int err = ruleset_sets(arena, &sets);

	vec_each (name, &sets.list) {
		const char *zone = zone_of(arena, *name);
		struct nft_live_elements live = { 0 };

		if (!zone || err)
			continue;
		err = ruleset_set_elements(arena, *name, &live);
		vec_each (e, &live.list) {
			struct ban ban = { *name, zone, e->addr, (e->left_ms + 999) / 1000 };

			if (e->is_addr)
				vec_push(arena, &ret->list, ban);
		}
	}
	if (ret->list.n)
		qsort(ret->list.v, ret->list.n, sizeof(*ret->list.v), ban_cmp);
	return err;
}

static void print_bans(const struct bans *bans)
{
	if (!bans->list.n)
		puts("nobody is banned");
	vec_each (ban, &bans->list) {
		AUTO_BUF address = BUF_INIT;

		addr_print(&ban->addr, &address);
		printf("%-11s %-39s %llu s left\n", ban->zone, buf_text(&address),
			(unsigned long long)ban->seconds);
	}
}

static json_t *ban_json(const struct ban *ban)
{
	AUTO_BUF address = BUF_INIT;

	addr_print(&ban->addr, &address);
	return json_pack("{s:s,s:s,s:I}", "zone", ban->zone, "address", buf_text(&address),
		"seconds", (json_int_t)ban->seconds);
}

static void json_bans(const struct bans *bans, const char *key)
{
	json_t *reply = cli_reply(true, NULL), *list = json_array();

	vec_each (ban, &bans->list)
		json_array_append_new(list, ban_json(ban));
	json_object_set_new(reply, key, list);
	cli_json(reply);
}

/* Ends one ban, and forgets the count that led to it. Gone by itself meanwhile is as good. */
static int lift_ban(struct arena *arena, const struct ban *ban)
{
	const char *counts = arena_printf(arena, COUNTS "%s", ban->set + strlen(BANS));
	int err = ruleset_set_remove_addr(ban->set, &ban->addr);

	if (err && err != -ENOENT)
		return err;
	err = ruleset_set_remove_addr(counts, &ban->addr);
	return err == -ENOENT ? 0 : err;
}

static bool is_asked(const struct cli *cli, const struct addr *addr)
{
	struct addr asked;

	for (int i = 2; i < cli->argc; i++) {
		if (!strcmp(cli->argv[i], "all") ||
			(addr_parse(slice_of(cli->argv[i]), &asked) && addr_eq(&asked, addr)))
			return true;
	}
	return false;
}

/* Every word must be an address that is banned, or "all". */
static enum exit_code check_words(const struct cli *cli, const struct bans *bans)
{
	enum exit_code code = EXIT_OK;

	for (int i = 2; i < cli->argc; i++) {
		struct addr addr;
		bool banned = !strcmp(cli->argv[i], "all");

		if (!banned && !addr_parse(slice_of(cli->argv[i]), &addr)) {
			cli_error("'%s' is not an address", cli->argv[i]);
			return EXIT_USAGE;
		}
		vec_each (ban, &bans->list)
			banned = banned || addr_eq(&ban->addr, &addr);
		if (!banned) {
			cli_error("%s is not banned", cli->argv[i]);
			code = EXIT_CONFIG;
		}
	}
	return code;
}

static enum exit_code lift(struct cli *cli, struct arena *arena, const struct bans *bans)
{
	enum exit_code code = check_words(cli, bans);
	struct bans lifted = { 0 };

	if (code == EXIT_USAGE)
		return code;
	vec_each (ban, &bans->list) {
		int err;

		if (!is_asked(cli, &ban->addr))
			continue;
		err = lift_ban(arena, ban);
		if (err) {
			cli_error("the kernel did not lift a ban: %s", cli_errno(err));
			return EXIT_SYSTEM;
		}
		vec_push(arena, &lifted.list, *ban);
	}
	if (cli->json && code == EXIT_OK)
		json_bans(&lifted, "lifted");
	else if (cli->json)
		cli_json(cli_reply(false, NULL));
	else
		printf("lifted %zu ban%s\n", lifted.list.n, lifted.list.n == 1 ? "" : "s");
	return code;
}

enum exit_code cmd_bans(struct cli *cli)
{
	enum exit_code code = EXIT_OK;
	bool lifts = cli->argc > 1;
	struct bans bans = { 0 };
	struct arena arena;
	int err;

	if (lifts && (strcmp(cli->argv[1], "lift") != 0 || cli->argc < 3)) {
		cli_error("usage: zonewall bans [lift ADDR ... | lift all]");
		return EXIT_USAGE;
	}
	arena_init(&arena);
	err = read_bans(&arena, &bans);
	if (err) {
		cli_error("the kernel does not tell: %s", cli_errno(err));
		code = EXIT_SYSTEM;
	} else if (lifts) {
		code = lift(cli, &arena, &bans);
	} else if (cli->json) {
		json_bans(&bans, "bans");
	} else {
		print_bans(&bans);
	}
	arena_release(&arena);
	return code;
}
