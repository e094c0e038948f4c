/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A load is: look at both families, compose, make sets, try both, exchange sets, load IPv4, load
 * IPv6, read both back. Whatever fails, what was loaded is turned back into what was found, by the
 * same composition with the two sides exchanged.
 */
#include "kernel/ipt_load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "kernel/ipt_priv.h"

const enum family ipt_families[2] = { FAMILY_V4, FAMILY_V6 };

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

const char *ipt_restore_path(const char *restore)
{
	if (restore)
		return restore;
	for (size_t i = 0; ipt_restore_paths[i]; i++) {
		if (access(ipt_restore_paths[i], X_OK) == 0)
			return ipt_restore_paths[i];
	}
	return NULL;
}

/* ---- reading ---- */

int ipt_read_image(struct arena *arena, const struct ipt_tools *tools, struct ipt_image *ret)
{
	const char *const argv[] = { tools->save, "-c", NULL };
	AUTO_BUF out = BUF_INIT;
	AUTO_BUF err = BUF_INIT;
	int status = ipt_run(tools->save, argv, slice_of(""), &out, &err);

	if (status)
		return status < 0 ? status : -EIO;
	ipt_image_read(arena, slice_of(buf_text(&out)), ret);
	return 0;
}

static int find_tools(struct ipt_loading *l, const char *restore)
{
	const char *path = ipt_restore_path(restore);

	for (size_t i = 0; i < 2; i++) {
		struct diag *d;

		if (path && ipt_tools_find(path, ipt_families[i], &l->sides[i].tools))
			continue;
		d = diag_error(l->diags, SPAN_NONE, "no-iptables", "there is no %s%s%s%s",
			restore ? "" : i ? "ip6tables-restore" : "iptables-restore",
			restore ? restore : "", restore ? " with its ip6tables" : "",
			restore ? " and save programs beside it" : "");
		diag_hint(l->diags, d, "install iptables, or use the nft backend");
		return -ENOENT;
	}
	return 0;
}

static int look(struct ipt_loading *l)
{
	for (size_t i = 0; i < 2; i++) {
		struct ipt_side *side = &l->sides[i];
		int error = ipt_read_image(&l->arena, &side->tools, &side->before);

		if (!error)
			continue;
		diag_error(l->diags, SPAN_NONE, "no-iptables", "%s does not tell the present rules: %s",
			side->tools.save, strerror(-error));
		return error;
	}
	return 0;
}

/* ---- what the kernel lacks ---- */

/* The target's module for iptables is installed: then the kernel's is, too. */
static bool has_target(const char *name)
{
	static const char *const dirs[] = { "/usr/lib/iptables", "/usr/lib/xtables", "/lib/xtables" };
	struct arena arena;
	bool found = false;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		found |= access(arena_printf(&arena, "%s/libxt_%s.so", dirs[i], name), R_OK) == 0;
	arena_release(&arena);
	return found;
}

static bool asks_for_target(const struct xt_program *p, const char *target)
{
	for (size_t i = 0; i < 2 * XT_TABLES; i++) {
		vec_each (c, &p->family[i / XT_TABLES].tables[i % XT_TABLES].chains) {
			vec_each (r, &(*c)->rules) {
				if (r->target && !strcmp(r->target, target))
					return true;
			}
		}
	}
	return false;
}

static const char *missing_target(const struct xt_program *p, struct diags *diags)
{
	const char *target = "FLOWOFFLOAD";

	if (!asks_for_target(p, target) || has_target(target))
		return NULL;
	if (diags)
		diag_hint(diags,
			diag_warning(diags, SPAN_NONE, "no-offload-target",
				"this system has no iptables target %s; connections are not offloaded",
				target),
			"use the nft backend to offload them");
	return target;
}

/* The ingress device is there in POSTROUTING since Linux 5.7; before, such a rule never matches. */
static int check_kernel(const struct xt_program *p, struct diags *diags)
{
	struct utsname u;
	char *end;
	long major, minor = 0;
	struct diag *d;

	if (!p->postrouting_ingress || uname(&u))
		return 0;
	major = strtol(u.release, &end, 10);
	if (*end == '.')
		minor = strtol(end + 1, NULL, 10);
	if (major > 5 || (major == 5 && minor >= 7))
		return 0;
	d = diag_error(diags, p->postrouting_origin ? p->postrouting_origin->span : SPAN_NONE,
		"kernel-refused",
		"before Linux 5.7 a source zone or incoming device of a NAT rule cannot be matched");
	diag_hint(diags, d, "state the source addresses instead");
	return -EOPNOTSUPP;
}

/* ---- one family ---- */

/* "line 12" or "line: 12" in what iptables-restore said. */
static size_t line_of(const char *said)
{
	const char *at = strstr(said, "line");

	for (; at; at = strstr(at + 1, "line")) {
		size_t skip = strspn(at + 4, ": ");
		unsigned long n = strtoul(at + 4 + skip, NULL, 10);

		if (n)
			return n;
	}
	return 0;
}

static void report(
	struct ipt_loading *l, const struct ipt_side *side, const struct ipt_text *text, const char *said)
{
	size_t line = line_of(said);
	const struct xt_rule *rule = line && line <= text->lines.n ? text->lines.v[line - 1] : NULL;
	const struct ir_origin *o = rule && rule->n_origins ? rule->origins[0] : NULL;
	struct slice first = slice_trim(slice_of(said));
	struct diag *d;

	first.n = slice_find(first, '\n');
	d = diag_error(l->diags, o ? o->span : SPAN_NONE, "kernel-refused", "%s refuses %s: %.*s",
		strrchr(side->tools.restore, '/') + 1, rule ? "a rule" : "the rules",
		SLICE_ARG(first));
	if (o)
		d->section = arena_printf(
			l->diags->arena, "%s '%s'", o->type, o->name ? o->name : o->id);
	if (rule) {
		AUTO_BUF shown = BUF_INIT;

		xt_print_rule("...", rule, &shown);
		diag_note(l->diags, d, SPAN_NONE, "it is %.*s", (int)shown.n - 1, buf_text(&shown));
	}
	if (geteuid() != 0)
		diag_hint(l->diags, d,
			"run it as root, or with CAP_NET_ADMIN in this network namespace");
}

static int run_restore(
	struct ipt_loading *l, struct ipt_side *side, const struct ipt_text *text, bool test, bool quiet)
{
	const char *const argv[] = { side->tools.restore, "--noflush", "--counters", "-w", "10",
		test ? "--test" : NULL, NULL };
	AUTO_BUF said = BUF_INIT;
	int status;

	if (!text->text.n)
		return 0;
	status = ipt_run(side->tools.restore, argv, slice_of(buf_text(&text->text)), &said, &said);
	if (!status)
		return 0;
	if (!quiet)
		report(l, side, text, buf_text(&said));
	return status < 0 ? status : -EINVAL;
}

int ipt_become(struct ipt_loading *l, struct ipt_side *side, const struct ipt_image *from,
	const struct ipt_image *to, bool test, bool quiet)
{
	struct ipt_text text = { 0 };
	int error;

	ipt_compose(&l->arena, from, to, !test, &text);
	error = run_restore(l, side, &text, test, quiet);
	buf_release(&text.text);
	return error;
}

static void turn_back(struct ipt_loading *l)
{
	for (size_t i = 0; i < 2; i++) {
		struct ipt_side *side = &l->sides[i];
		struct ipt_image now = { 0 };

		if (!side->loaded || ipt_read_image(&l->arena, &side->tools, &now))
			continue;
		if (ipt_become(l, side, &now, &side->before, false, true))
			diag_error(l->diags, SPAN_NONE, "kernel-refused",
				"%s could not load the rules from before again",
				side->tools.restore);
	}
}

/* ---- both ---- */

static int check_names(struct ipt_loading *l)
{
	for (size_t i = 0; i < 2; i++) {
		enum xt_table table;
		const char *name = ipt_taken(&l->sides[i].before, &l->sides[i].want, &table);
		struct diag *d;

		if (!name)
			continue;
		d = diag_error(l->diags, SPAN_NONE, "chain-taken",
			"another program has a chain '%s' in table %s of %s", name,
			xt_table_names[table], i ? "ip6tables" : "iptables");
		diag_hint(l->diags, d, "stop that program (firewall3?) and remove its rules first");
		return -EEXIST;
	}
	return 0;
}

static int try_both(struct ipt_loading *l)
{
	int error = 0;

	for (size_t i = 0; i < 2; i++) {
		struct ipt_side *s = &l->sides[i];
		int e = ipt_become(l, s, &s->before, &s->want, true, false);

		error = error ? error : e;
	}
	return error;
}

static int load_both(struct ipt_loading *l)
{
	for (size_t i = 0; i < 2; i++) {
		struct ipt_side *s = &l->sides[i];
		int error;

		s->loaded = true; /* a failure may come after some of its tables */
		error = ipt_become(l, s, &s->before, &s->want, false, false);
		if (error) {
			turn_back(l);
			return error;
		}
	}
	return 0;
}

static int verify_both(struct ipt_loading *l)
{
	int error = 0;

	for (size_t i = 0; i < 2; i++) {
		struct ipt_side *s = &l->sides[i];
		const struct xt_rule *rule;
		const struct ir_origin *o;
		struct ipt_image now = { 0 };
		const char *how, *name;
		struct diag *d;

		error = ipt_read_image(&l->arena, &s->tools, &now);
		if (error)
			return error;
		name = ipt_differs(&now, &s->want, &rule, &how);
		if (!name)
			continue;
		o = rule && rule->n_origins ? rule->origins[0] : NULL;
		d = diag_error(l->diags, o ? o->span : SPAN_NONE, "kernel-differs",
			"read back from %s, '%s' %s", strrchr(s->tools.save, '/') + 1, name, how);
		if (o)
			d->section = arena_printf(l->diags->arena, "%s '%s'", o->type,
				o->name ? o->name : o->id);
		return -EILSEQ;
	}
	return error;
}

static size_t count_rules(const struct ipt_loading *l)
{
	size_t n = 0;

	for (size_t i = 0; i < 2 * XT_TABLES; i++) {
		vec_each (c, &l->sides[i / XT_TABLES].want.tables[i % XT_TABLES].chains)
			n += (*c)->lines.n;
	}
	return n;
}

static int with_sets(struct ipt_loading *l, const struct xt_program *program,
	struct ipt_load_stats *stats)
{
	struct ipt_sets sets = { .arena = &l->arena };
	uint64_t start = now_us();
	int error = ipt_sets_prepare(&sets, program, l->diags);

	error = error ? error : try_both(l);
	stats->test_us = now_us() - start;
	start = now_us();
	error = error ? error : ipt_sets_swap(&sets, l->diags);
	if (!error) {
		error = load_both(l);
		if (error)
			ipt_sets_swap(&sets, l->diags);
	}
	stats->load_us = now_us() - start;
	ipt_sets_finish(&sets, !error);
	if (error)
		return error;
	const struct ipt_image before[2] = { l->sides[0].before, l->sides[1].before };

	ipt_sets_destroy_stale(&l->arena, before, 2, program);
	start = now_us();
	error = verify_both(l);
	stats->verify_us = now_us() - start;
	return error;
}

static int prepare(struct ipt_loading *l, const struct xt_program *program, const char *restore,
	struct diags *warn)
{
	const char *without = missing_target(program, warn);
	int error = find_tools(l, restore);

	for (size_t i = 0; i < 2; i++)
		ipt_image_of(&l->arena, &program->family[i], without, &l->sides[i].want);
	return error;
}

int ipt_load(const struct xt_program *program, const char *restore, struct diags *diags,
	struct ipt_load_stats *ret)
{
	struct ipt_loading l = { .diags = diags };
	struct ipt_load_stats stats = { 0 };
	int error;

	arena_init(&l.arena);
	error = check_kernel(program, diags);
	error = error ? error : prepare(&l, program, restore, diags);
	error = error ? error : look(&l);
	error = error ? error : check_names(&l);
	for (size_t i = 0; i < 2; i++)
		ipt_image_keep_counts(&l.sides[i].want, &l.sides[i].before);
	error = error ? error : with_sets(&l, program, &stats);
	stats.rules = count_rules(&l);
	if (ret)
		*ret = stats;
	arena_release(&l.arena);
	return error;
}

int ipt_verify(const struct xt_program *program, const char *restore, struct diags *diags)
{
	struct ipt_loading l = { .diags = diags };
	int error;

	arena_init(&l.arena);
	error = prepare(&l, program, restore, NULL);
	error = error ? error : verify_both(&l);
	arena_release(&l.arena);
	return error;
}

/* ---- counters ---- */

static void add_count(struct arena *arena, const struct ir_counter *counter,
	const struct ipt_line *line, struct nft_counter_values *ret)
{
	struct nft_counter_value *to = NULL;

	if (!counter)
		return;
	vec_each (v, &ret->list)
		to = !strcmp(v->name, counter->name) ? v : to;
	if (!to) {
		vec_push(arena, &ret->list, (struct nft_counter_value){ counter->name, 0, 0 });
		to = &ret->list.v[ret->list.n - 1];
	}
	to->packets += line->packets;
	to->bytes += line->bytes;
}

/*
 * By the place among rules of the same comment and target: a rule that states times has more or
 * fewer of them when it is compiled later.
 */
static void add_counts(struct arena *arena, const struct ipt_image *now,
	const struct ipt_image *want, struct nft_counter_values *ret)
{
	for (int i = 0; i < XT_TABLES; i++) {
		vec_each (c, &want->tables[i].chains) {
			const struct ipt_chain *there = ipt_chain_find(&now->tables[i], (*c)->name);

			for (size_t k = 0; there && k < there->lines.n; k++) {
				const struct ipt_line *line = ipt_line_like(*c, there, k);

				if (line && line->rule)
					add_count(arena, line->rule->counter,
						&there->lines.v[k], ret);
			}
		}
	}
}

int ipt_counters(struct arena *arena, const struct xt_program *program, const char *restore,
	struct nft_counter_values *ret)
{
	struct diags quiet;
	struct ipt_loading l = { .diags = &quiet };
	int error;

	arena_init(&l.arena);
	diags_init(&quiet, &l.arena);
	error = prepare(&l, program, restore, NULL);
	error = error ? error : look(&l);
	for (size_t i = 0; i < 2 && !error; i++)
		add_counts(arena, &l.sides[i].before, &l.sides[i].want, ret);
	arena_release(&l.arena);
	return error;
}
