/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A family's ruleset as iptables-save tells it, or as a program wants it. What is ours is found
 * from the tagged jumps of the built-in chains on: the chains that tagged rules of our chains lead
 * to. A jump with the tag of user chains leads to one that we only share.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/ipt_priv.h"

bool ipt_is_tagged(const struct ipt_line *line)
{
	return line->comment && !strncmp(line->comment, XT_TAG, strlen(XT_TAG));
}

struct ipt_chain *ipt_chain_find(const struct ipt_table_image *t, const char *name)
{
	vec_each (c, &t->chains) {
		if (!strcmp((*c)->name, name))
			return *c;
	}
	return NULL;
}

/* ---- words of a line ---- */

/* The next word, quotes and backslashes taken away; false at the end. */
static bool next_word(struct slice *rest, struct buf *word)
{
	bool quoted = false, any = false;
	size_t i = 0;

	buf_clear(word);
	while (i < rest->n && rest->p[i] == ' ')
		i++;
	for (; i < rest->n && (quoted || rest->p[i] != ' '); i++) {
		char c = rest->p[i];

		any = true;
		if (c == '"')
			quoted = !quoted;
		else if (c == '\\' && quoted && i + 1 < rest->n)
			buf_char(word, rest->p[++i]);
		else
			buf_char(word, c);
	}
	*rest = slice_from(*rest, i);
	return any;
}

static void read_words(struct arena *arena, struct ipt_line *line)
{
	struct slice rest = slice_of(line->text);
	AUTO_BUF word = BUF_INIT;

	while (next_word(&rest, &word)) {
		const char *w = buf_text(&word);
		bool comment = !strcmp(w, "--comment"), jump = !strcmp(w, "-j") || !strcmp(w, "-g");

		if (!comment && !jump && strcmp(w, "--log-prefix") != 0 &&
			strcmp(w, "--nflog-prefix") != 0)
			continue;
		if (!next_word(&rest, &word))
			return;
		if (comment)
			line->comment = arena_strndup(arena, buf_text(&word), word.n);
		else if (jump)
			line->target = arena_strndup(arena, buf_text(&word), word.n);
	}
}

/* ---- whose ---- */

static void mark_ours(struct ipt_table_image *t, struct ipt_chain *from)
{
	vec_each (line, &from->lines) {
		struct ipt_chain *to;

		if (!ipt_is_tagged(line) || !line->target)
			continue;
		to = ipt_chain_find(t, line->target);
		if (!to || to->builtin || to->ours)
			continue;
		if (!strcmp(line->comment, XT_TAG_OPEN)) {
			to->open = true;
			continue;
		}
		to->ours = true;
		mark_ours(t, to);
	}
}

static void find_ours(struct ipt_table_image *t)
{
	vec_each (c, &t->chains) {
		if ((*c)->builtin)
			mark_ours(t, *c);
	}
	vec_each (c, &t->chains) {
		vec_each (line, &(*c)->lines)
			t->has_ours |= ipt_is_tagged(line);
	}
}

/* ---- reading ---- */

static struct ipt_chain *chain_new(struct arena *arena, struct ipt_table_image *t, const char *name)
{
	struct ipt_chain *c = ARENA_NEW(arena, struct ipt_chain);

	c->name = name;
	vec_push(arena, &t->chains, c);
	return c;
}

/* ":NAME POLICY [packets:bytes]"; a chain of a program has the policy "-". */
static void read_chain(struct arena *arena, struct ipt_table_image *t, struct slice line)
{
	size_t n = slice_find(line, ' ');
	struct slice policy = slice_from(line, n + 1);
	struct ipt_chain *c = chain_new(arena, t, arena_strndup(arena, line.p + 1, n - 1));

	c->builtin = !slice_starts(policy, "-");
}

/* "[packets:bytes] -A CHAIN ..." */
static void read_rule(struct arena *arena, struct ipt_table_image *t, struct slice line)
{
	struct ipt_line one = { 0 };
	struct ipt_chain *c;
	const char *name;
	size_t n;

	if (slice_starts(line, "[")) {
		char *end;
		const char *text = arena_strndup(arena, line.p, slice_find(line, ']'));

		one.packets = strtoull(text + 1, &end, 10);
		one.bytes = *end == ':' ? strtoull(end + 1, NULL, 10) : 0;
		line = slice_trim(slice_from(line, slice_find(line, ']') + 1));
	}
	if (!slice_starts(line, "-A "))
		return;
	line = slice_from(line, 3);
	n = slice_find(line, ' ');
	name = arena_strndup(arena, line.p, n);
	c = ipt_chain_find(t, name);
	if (!c)
		return;
	line = slice_from(line, n + 1);
	one.text = arena_strndup(arena, line.p ? line.p : "", line.n);
	read_words(arena, &one);
	vec_push(arena, &c->lines, one);
}

static struct ipt_table_image *table_of(struct ipt_image *image, struct slice name)
{
	for (int i = 0; i < XT_TABLES; i++) {
		if (slice_is(name, xt_table_names[i]))
			return &image->tables[i];
	}
	return NULL;
}

void ipt_image_read(struct arena *arena, struct slice text, struct ipt_image *ret)
{
	struct ipt_table_image *t = NULL;

	while (text.n) {
		size_t end = slice_find(text, '\n');
		struct slice line = { text.p, end };

		text = slice_from(text, end + 1);
		if (slice_starts(line, "*"))
			t = table_of(ret, slice_trim(slice_from(line, 1)));
		else if (t && slice_starts(line, ":"))
			read_chain(arena, t, line);
		else if (t)
			read_rule(arena, t, line);
	}
	for (int i = 0; i < XT_TABLES; i++)
		find_ours(&ret->tables[i]);
}

/* ---- from a program ---- */

static struct ipt_line line_of(struct arena *arena, const struct xt_rule *rule)
{
	struct ipt_line line = { .rule = rule };
	AUTO_BUF text = BUF_INIT;

	xt_print_rule("x", rule, &text);
	/* without "-A x " and the newline */
	line.text = arena_strndup(arena, buf_text(&text) + 5, text.n - 6);
	read_words(arena, &line);
	return line;
}

static void jumps_of(
	struct arena *arena, const struct xt_content *content, struct ipt_table_image *t)
{
	uint32_t hash = xt_table_hash(content);

	vec_each (j, &content->jumps) {
		struct ipt_chain *c = ipt_chain_find(t, j->builtin);
		struct ipt_line line = { 0 };

		if (!c) {
			c = chain_new(arena, t, j->builtin);
			c->builtin = true;
		}
		line.text = arena_printf(arena, "-m comment --comment \"" XT_TAG " %08x\" -j %s",
			(unsigned)hash, j->chain->name);
		read_words(arena, &line);
		vec_push(arena, &c->lines, line);
	}
}

void ipt_image_of(struct arena *arena, const struct xt_family *family, const char *without,
	struct ipt_image *ret)
{
	for (int i = 0; i < XT_TABLES; i++) {
		const struct xt_content *content = &family->tables[i];
		struct ipt_table_image *t = &ret->tables[i];

		if (!content->jumps.n)
			continue;
		vec_each (c, &content->chains) {
			struct ipt_chain *to = chain_new(arena, t, (*c)->name);

			to->open = (*c)->open;
			to->ours = !to->open;
			vec_each (r, &(*c)->rules) {
				if (!r->target || !without || strcmp(r->target, without) != 0)
					vec_push(arena, &to->lines, line_of(arena, r));
			}
		}
		jumps_of(arena, content, t);
		t->has_ours = true;
	}
}

/* ---- counters over a reload ---- */

static bool is_alike(const struct ipt_line *a, const struct ipt_line *b)
{
	return a->comment && b->comment && !strcmp(a->comment, b->comment) &&
	       (a->target && b->target ? !strcmp(a->target, b->target) : a->target == b->target);
}

/* How many of the first n lines are like this one. */
static size_t place_of(const struct ipt_chain *c, size_t n, const struct ipt_line *line)
{
	size_t place = 0;

	for (size_t i = 0; i < n; i++)
		place += is_alike(&c->lines.v[i], line);
	return place;
}

/* Rules keep their order, so each is looked for behind the one before. */
static void keep_counts(struct ipt_chain *want, const struct ipt_chain *now)
{
	size_t next = 0;

	for (size_t i = 0; i < want->lines.n; i++) {
		struct ipt_line *line = &want->lines.v[i];

		if (!line->rule || !line->rule->counter)
			continue;
		/* rules without a name are told by their place alone */
		if (line->comment && !strcmp(line->comment, XT_TAG) &&
			want->lines.n != now->lines.n)
			continue;
		for (size_t k = next; k < now->lines.n; k++) {
			if (!is_alike(&now->lines.v[k], line))
				continue;
			line->packets = now->lines.v[k].packets;
			line->bytes = now->lines.v[k].bytes;
			next = k + 1;
			break;
		}
	}
}

const struct ipt_line *ipt_line_like(
	const struct ipt_chain *in, const struct ipt_chain *from, size_t n)
{
	size_t place = place_of(from, n, &from->lines.v[n]);
	const struct ipt_line *last = NULL;

	vec_each (line, &in->lines) {
		if (!is_alike(line, &from->lines.v[n]))
			continue;
		last = line;
		if (!place--)
			break;
	}
	return last;
}

void ipt_image_keep_counts(struct ipt_image *want, const struct ipt_image *now)
{
	for (int i = 0; i < XT_TABLES; i++) {
		vec_each (c, &want->tables[i].chains) {
			const struct ipt_chain *there = ipt_chain_find(&now->tables[i], (*c)->name);

			if ((*c)->ours && there && there->ours)
				keep_counts(*c, there);
		}
	}
}
