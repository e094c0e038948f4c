/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipsets around a load. What is new is made under its name; what exists gets its new content under
 * a temporary name, and both are exchanged when the rules are known to be accepted. A set that
 * keeps what was added at run time is only added to, as long as its declaration is the same; one
 * that is named after its content is never changed.
 */
#include <errno.h>
#include <string.h>

#include "kernel/ipt_priv.h"

#define CONTENT_NAMED "zonewall_v"

static const char *section_of(struct diags *diags, const struct ir_origin *o)
{
	return arena_printf(diags->arena, "%s '%s'", o->type, o->name ? o->name : o->id);
}

/* ---- talking to ipset ---- */

static int ipset(const struct ipt_sets *s, const char *const argv[], struct slice input,
	struct buf *out, struct buf *err)
{
	return s->path ? ipt_run(s->path, argv, input, out, err) : -ENOENT;
}

static int restore(const struct ipt_sets *s, const struct buf *text, struct buf *err)
{
	const char *const argv[] = { "ipset", "-exist", "restore", NULL };

	return ipset(s, argv, slice_of(buf_text(text)), NULL, err);
}

static int one(const struct ipt_sets *s, const char *verb, const char *name, const char *other)
{
	const char *const argv[] = { "ipset", verb, name, other, NULL };

	return ipset(s, argv, slice_of(""), NULL, NULL);
}

/* ---- what is there ---- */

struct there {
	const char *name, *type, *header;
	bool used; /* by a rule or another set */
};

struct all_there {
	VEC(struct there) list;
};

static bool take(struct slice line, const char *label, struct arena *arena, const char **ret)
{
	if (!slice_starts(line, label))
		return false;
	line = slice_trim(slice_from(line, strlen(label)));
	*ret = arena_strndup(arena, line.p, line.n);
	return true;
}

static void read_there(struct ipt_sets *s, struct all_there *ret)
{
	const char *const argv[] = { "ipset", "list", "-terse", NULL };
	struct there at = { 0 };
	const char *references;
	AUTO_BUF out = BUF_INIT;
	struct slice text;

	if (ipset(s, argv, slice_of(""), &out, NULL))
		return;
	text = slice_of(buf_text(&out));
	while (text.n) {
		size_t end = slice_find(text, '\n');
		struct slice line = { text.p, end };

		text = slice_from(text, end + 1);
		take(line, "Name: ", s->arena, &at.name);
		take(line, "Type: ", s->arena, &at.type);
		take(line, "Header: ", s->arena, &at.header);
		if (take(line, "References: ", s->arena, &references)) {
			at.used = strcmp(references, "0") != 0;
			vec_push(s->arena, &ret->list, at);
		}
	}
}

static const struct there *find_there(const struct all_there *all, const char *name)
{
	vec_each (t, &all->list) {
		if (!strcmp(t->name, name))
			return t;
	}
	return NULL;
}

static bool has_word(const char *text, const char *word)
{
	struct slice rest = slice_of(text), w;

	while (slice_next_word(&rest, &w)) {
		if (slice_is(w, word))
			return true;
	}
	return false;
}

/* Sets of one type and family can be exchanged. */
static bool same_kind(const struct there *t, const struct xt_set *set)
{
	return !strcmp(t->type, set->type) &&
	       has_word(t->header, "inet6") == has_word(set->header, "inet6");
}

/* Every pair of words that we ask for is in the header that the kernel tells; so is no timeout. */
static bool same_header(const struct there *t, const struct xt_set *set)
{
	struct slice rest = slice_of(set->header), word;
	const char *timeout = strstr(t->header, " timeout "), *counters = strstr(t->header, " counters");

	if (strcmp(t->type, set->type) != 0 || !timeout != !strstr(set->header, " timeout ") ||
		!counters != !strstr(set->header, " counters"))
		return false;
	while (slice_next_word(&rest, &word)) {
		struct slice theirs = slice_of(t->header), w;
		bool found = false;

		while (slice_next_word(&theirs, &w))
			found |= slice_eq(w, word);
		if (!found)
			return false;
	}
	return true;
}

/* ---- preparing ---- */

static int report(
	struct diags *diags, const struct xt_set *set, int status, const struct buf *err)
{
	struct slice why = slice_trim(slice_of(buf_text(err)));
	struct diag *d = diag_error(diags, set->origin ? set->origin->span : SPAN_NONE,
		"kernel-refused", "the ipset '%s' (%s) cannot be made: %.*s", set->name, set->type,
		SLICE_ARG(why));

	if (set->origin)
		d->section = section_of(diags, set->origin);
	if (status == -ENOENT)
		diag_hint(diags, d, "install ipset, or use the nft backend");
	return status < 0 ? status : -EINVAL;
}

static int make(struct ipt_sets *s, const struct xt_set *set, const char *name, struct diags *diags)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_BUF err = BUF_INIT;
	int status;

	xt_print_set(set, name, &text);
	status = restore(s, &text, &err);
	return status ? report(diags, set, status, &err) : 0;
}

/* What rules look up can be given other elements, but not another type. */
static int refuse_kind(struct diags *diags, const struct xt_set *set, const struct there *t)
{
	struct diag *d = diag_error(diags, set->origin ? set->origin->span : SPAN_NONE,
		"kernel-refused", "the ipset '%s' exists with another type (%s), and rules use it",
		set->name, t->type);

	if (set->origin)
		d->section = section_of(diags, set->origin);
	diag_hint(diags, d, "give the set another name");
	return -EEXIST;
}

static int prepare(struct ipt_sets *s, const struct xt_set *set, const struct there *t,
	struct diags *diags)
{
	const char *name;

	if (t && !strncmp(set->name, CONTENT_NAMED, strlen(CONTENT_NAMED)))
		return 0;
	if (!t) {
		vec_push(s->arena, &s->made, set->name);
		return make(s, set, set->name, diags);
	}
	if (set->keep && same_header(t, set))
		return make(s, set, set->name, diags);
	if (!same_kind(t, set)) {
		if (t->used)
			return refuse_kind(diags, set, t);
		one(s, "destroy", set->name, NULL);
		vec_push(s->arena, &s->made, set->name);
		return make(s, set, set->name, diags);
	}
	name = arena_printf(s->arena, "zonewall_new_%zu", s->swapped.n / 2);
	one(s, "destroy", name, NULL); /* left over */
	vec_push(s->arena, &s->swapped, set->name);
	vec_push(s->arena, &s->swapped, name);
	return make(s, set, name, diags);
}

int ipt_sets_prepare(struct ipt_sets *s, const struct xt_program *program, struct diags *diags)
{
	struct all_there all = { 0 };
	int error = 0;

	if (!program->sets.n)
		return 0;
	s->path = ipt_ipset_path();
	read_there(s, &all);
	vec_each (set, &program->sets) {
		int e = prepare(s, *set, find_there(&all, (*set)->name), diags);

		error = error ? error : e;
	}
	return error;
}

int ipt_sets_swap(struct ipt_sets *s, struct diags *diags)
{
	for (size_t i = 0; i + 1 < s->swapped.n; i += 2) {
		if (!one(s, "swap", s->swapped.v[i], s->swapped.v[i + 1]))
			continue;
		diag_error(diags, SPAN_NONE, "kernel-refused",
			"the ipset '%s' exists as something else, and is in use", s->swapped.v[i]);
		while (i) {
			i -= 2;
			one(s, "swap", s->swapped.v[i], s->swapped.v[i + 1]);
		}
		return -EEXIST;
	}
	s->is_swapped = !s->is_swapped;
	return 0;
}

void ipt_sets_finish(struct ipt_sets *s, bool success)
{
	for (size_t i = 0; i + 1 < s->swapped.n; i += 2)
		one(s, "destroy", s->swapped.v[i + 1], NULL);
	for (size_t i = 0; !success && i < s->made.n; i++)
		one(s, "destroy", s->made.v[i], NULL);
}

/* ---- what nothing asks for any more ---- */

static bool is_wanted(const struct xt_program *program, const char *name)
{
	if (!program)
		return false;
	vec_each (set, &program->sets) {
		if (!strcmp((*set)->name, name))
			return true;
	}
	return false;
}

static void destroy_of_line(
	struct ipt_sets *s, const struct ipt_line *line, const struct xt_program *program)
{
	static const char *const options[] = { "--match-set", "--add-set", "--del-set" };
	struct slice rest = slice_of(line->text), word;
	bool next = false;

	while (slice_next_word(&rest, &word)) {
		if (next) {
			const char *name = arena_strndup(s->arena, word.p, word.n);

			if (!is_wanted(program, name))
				one(s, "destroy", name, NULL);
		}
		next = false;
		for (size_t i = 0; i < 3; i++)
			next |= slice_is(word, options[i]);
	}
}

void ipt_sets_destroy_stale(struct arena *arena, const struct ipt_image *images, size_t n,
	const struct xt_program *program)
{
	struct ipt_sets s = { .path = ipt_ipset_path(), .arena = arena };

	for (size_t i = 0; i < n * XT_TABLES; i++) {
		const struct ipt_table_image *t = &images[i / XT_TABLES].tables[i % XT_TABLES];

		vec_each (c, &t->chains) {
			if (!(*c)->ours)
				continue;
			vec_each (line, &(*c)->lines) {
				if (ipt_is_tagged(line) && strstr(line->text, "-set "))
					destroy_of_line(&s, line, program);
			}
		}
	}
}
