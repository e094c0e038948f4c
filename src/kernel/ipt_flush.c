/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is ours in every iptables that is installed: its two flavours keep rules in two places of
 * the kernel, and those of an earlier configuration may be in the other one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/ipt_load.h"
#include "kernel/ipt_priv.h"

static bool has_ours(const struct ipt_image *image)
{
	for (int i = 0; i < XT_TABLES; i++) {
		if (image->tables[i].has_ours)
			return true;
	}
	return false;
}

/* The programs that two paths lead to are one. */
static bool is_same_program(struct arena *arena, const char *a, const char *b)
{
	char *x = realpath(a, NULL), *y = realpath(b, NULL);
	/* one program serves many names: what it is called decides */
	bool same = x && y && !strcmp(x, y) &&
		    (strstr(a, "legacy") != NULL) == (strstr(b, "legacy") != NULL);

	(void)arena;
	free(x);
	free(y);
	return same;
}

static bool seen_before(struct arena *arena, const char *const *paths, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++) {
		if (paths[i] && is_same_program(arena, paths[i], path))
			return true;
	}
	return false;
}

/* The kernel has tables of legacy iptables, or tables that iptables-nft could have made. */
static bool any_tables(struct arena *arena)
{
	static const char *const files[] = { "/proc/net/ip_tables_names",
		"/proc/net/ip6_tables_names" };
	struct nft_table_names tables = { 0 };

	for (size_t i = 0; i < 2; i++) {
		int fd = open(files[i], O_RDONLY | O_CLOEXEC);
		char byte;
		bool some = fd >= 0 && read(fd, &byte, 1) == 1;

		if (fd >= 0)
			close(fd);
		if (some)
			return true;
	}
	if (nft_foreign_tables(arena, &tables))
		return false;
	vec_each (t, &tables.list) {
		for (int i = 0; i < XT_TABLES; i++) {
			if (t->family[0] == 'i' && t->family[1] == 'p' &&
				!strcmp(t->name, xt_table_names[i]))
				return true;
		}
	}
	return false;
}

static int flush_one(struct ipt_loading *l, const char *path)
{
	int error = 0;

	for (size_t i = 0; i < 2; i++) {
		struct ipt_side *s = &l->sides[i];
		struct ipt_image nothing = { 0 };
		int e;

		memset(&s->before, 0, sizeof(s->before));
		if (!ipt_tools_find(path, ipt_families[i], &s->tools) ||
			ipt_read_image(&l->arena, &s->tools, &s->before) || !has_ours(&s->before))
			continue;
		e = ipt_become(l, s, &s->before, &nothing, false, false);
		if (!e)
			ipt_sets_destroy_stale(&l->arena, &s->before, 1, NULL);
		error = error ? error : e;
	}
	return error;
}

static bool present_in(struct ipt_loading *l, const char *path)
{
	for (size_t i = 0; i < 2; i++) {
		struct ipt_image now = { 0 };

		if (ipt_tools_find(path, ipt_families[i], &l->sides[i].tools) &&
			!ipt_read_image(&l->arena, &l->sides[i].tools, &now) && has_ours(&now))
			return true;
	}
	return false;
}

/* Each flavour once: the one that is asked for, then those of the list. */
static size_t flavours(struct arena *arena, const char *restore, const char *ret[16])
{
	size_t n = 0;

	if (restore)
		ret[n++] = restore;
	for (size_t i = 0; ipt_restore_paths[i] && n < 16; i++) {
		if (access(ipt_restore_paths[i], X_OK) == 0 &&
			!seen_before(arena, ret, n, ipt_restore_paths[i]))
			ret[n++] = ipt_restore_paths[i];
	}
	return n;
}

int ipt_flush(const char *restore, const char *but, struct diags *diags)
{
	struct ipt_loading l = { .diags = diags };
	const char *paths[16];
	int error = 0;

	arena_init(&l.arena);
	if (any_tables(&l.arena)) {
		size_t n = flavours(&l.arena, restore, paths);

		for (size_t i = 0; i < n; i++) {
			int e = 0;

			if (!but || !is_same_program(&l.arena, but, paths[i]))
				e = flush_one(&l, paths[i]);
			error = error ? error : e;
		}
	}
	arena_release(&l.arena);
	return error;
}

int ipt_present(const char *restore)
{
	struct diags quiet;
	struct ipt_loading l = { .diags = &quiet };
	const char *paths[16];
	int present = 0;

	arena_init(&l.arena);
	diags_init(&quiet, &l.arena);
	if (any_tables(&l.arena)) {
		size_t n = flavours(&l.arena, restore, paths);

		for (size_t i = 0; i < n && !present; i++)
			present = present_in(&l, paths[i]);
	}
	arena_release(&l.arena);
	return present;
}
