/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Custom rules and extra arguments as people write them, and the rules of the IR they become. A
 * case file holds snippets: "=== title" (with @restore: a fragment for iptables-restore; @extra:
 * arguments of a traffic rule), the text, "---", and what is expected: diagnostics, then the sets,
 * limits and rules that come from it. With --update the expectations are rewritten; review them
 * like code.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "lower/lower.h"
#include "model/model.h"
#include "uci/uci.h"

static const char config[] =
	"config defaults\n\toption input 'REJECT'\n\toption output 'ACCEPT'\n\toption forward "
	"'REJECT'\n"
	"config zone\n\toption name 'lan'\n\tlist device 'br-lan'\n\toption input 'ACCEPT'\n"
	"\toption output 'ACCEPT'\n\toption forward 'ACCEPT'\n"
	"config zone\n\toption name 'wan'\n\tlist device 'eth0'\n\toption input 'REJECT'\n"
	"\toption output 'ACCEPT'\n\toption forward 'REJECT'\n\toption masq '1'\n"
	"config ipset\n\toption name 'blocked'\n\toption match 'src_ip'\n"
	"config ipset\n\toption name 'nets'\n\toption match 'src_net'\n\tlist entry "
	"'203.0.113.0/24'\n"
	"config include\n\toption path '/user'\n";

static bool starts(const char *text, const char *with)
{
	return text && strncmp(text, with, strlen(with)) == 0;
}

static bool from_snippet(const struct ir_origin *o)
{
	return o && (!strcmp(o->type, "include") || (o->name && !strcmp(o->name, "snippet")));
}

static void print_diags(const struct diags *diags, struct buf *out)
{
	vec_each (it, &diags->list) {
		const struct diag *d = *it;
		struct position p = span_position(d->span);

		buf_printf(out, "%s %u:%u-%u [%s] %s",
			d->severity == DIAG_ERROR ? "error" : "warning", p.line, p.column,
			p.end_column, d->id, d->message);
		if (d->hint)
			buf_printf(out, " (%s)", d->hint);
		buf_char(out, '\n');
	}
}

static void print_ir(const struct ir *ir, struct buf *out)
{
	vec_each (it, &ir->sets) {
		const struct ir_set *s = *it;

		if (from_snippet(s->origin))
			buf_printf(out, "set %s keys %u timeout %u%s\n", s->name, s->n_key,
				s->timeout,
				s->has_rate ? s->rate.invert ? " above a rate" : " within a rate"
					    : "");
	}
	vec_each (it, &ir->limits) {
		if (!from_snippet((*it)->origin))
			continue;
		buf_printf(out, "limit %s ", (*it)->name);
		rate_print(&(*it)->rate, out);
		buf_printf(out, " burst %u\n", (*it)->burst);
	}
	vec_each (it, &ir->chains) {
		for (size_t i = 0; i < (*it)->rules.n; i++) {
			const struct ir_rule *r = (*it)->rules.v[i];

			if (!(r->n_origins && from_snippet(r->origins[0])) &&
				!starts((*it)->name, "note_"))
				continue;
			buf_printf(out, "%s[%zu] ", (*it)->name, i);
			ir_rule_print(r, out);
			buf_char(out, '\n');
		}
	}
}

static struct slice trimmed(struct slice s)
{
	while (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	return s;
}

static const char *config_with(struct arena *arena, struct slice title, struct slice text)
{
	struct slice one = trimmed(text);

	if (strstr(arena_strndup(arena, title.p, title.n), "@restore"))
		return arena_printf(arena, "%s\toption type 'restore'\n", config);
	if (strstr(arena_strndup(arena, title.p, title.n), "@extra"))
		return arena_printf(arena,
			"%sconfig rule\n\toption name 'snippet'\n\toption src 'wan'\n"
			"\toption target '%s'\n\toption proto '%s'\n\toption extra \"%.*s\"\n",
			config,
			strstr(arena_strndup(arena, title.p, title.n), "@drop") ? "DROP" : "ACCEPT",
			strstr(arena_strndup(arena, title.p, title.n), "@all") ? "all" : "tcp udp",
			SLICE_ARG(one));
	return config;
}

static void compile(struct slice title, struct slice text, struct buf *out)
{
	struct arena arena;
	struct diags diags;
	struct policy policy;
	struct facts facts = { .now = 1764000000, .clock_trusted = true };
	struct facts_file file = { "/user", true, text };
	struct ir *ir = NULL;

	arena_init(&arena);
	diags_init(&diags, &arena);

	struct source src = { "firewall", slice_of(config_with(&arena, title, text)) };
	struct uci_file *tree = uci_parse(&arena, &src, &diags);

	if (src.text.n == strlen(config) || strstr(src.text.p, "restore"))
		vec_push(&arena, &facts.files, file);
	if (policy_read(&arena, tree, NULL, &facts, &diags, &policy))
		ir = lower_policy(&arena, &policy, &diags);
	print_diags(&diags, out);
	if (ir)
		print_ir(ir, out);
	arena_release(&arena);
}

/* Takes the lines up to one that begins with a mark; the mark's line is left. */
static struct slice take_until(struct slice *rest, const char *mark)
{
	struct slice all = *rest;
	size_t at = 0;

	while (at < all.n && !slice_starts(slice_from(all, at), mark)) {
		size_t end = slice_find(slice_from(all, at), '\n');

		at += end + 1;
	}
	if (at > all.n)
		at = all.n;
	*rest = slice_from(all, at);
	return (struct slice){ all.p, at };
}

static struct slice take_line(struct slice *rest)
{
	size_t end = slice_find(*rest, '\n');
	struct slice line = { rest->p, end };

	*rest = slice_from(*rest, end < rest->n ? end + 1 : end);
	return line;
}

static unsigned run(struct slice all, struct buf *updated, unsigned *n)
{
	unsigned failed = 0;

	buf_slice(updated, take_until(&all, "=== "));
	while (all.n) {
		struct slice title = take_line(&all), text = take_until(&all, "---"), expected;
		AUTO_BUF got = BUF_INIT;
		bool same;

		take_line(&all);
		expected = trimmed(take_until(&all, "=== "));
		compile(title, text, &got);
		same = slice_eq(trimmed((struct slice){ buf_text(&got), got.n }), expected);
		failed += !same;
		printf("%s %u - %.*s\n", same ? "ok" : "not ok", ++*n,
			SLICE_ARG(slice_from(title, 4)));
		if (!same)
			printf("# got:\n%s", buf_text(&got));
		buf_printf(updated, "%.*s\n%.*s---\n%s\n", SLICE_ARG(title), SLICE_ARG(text),
			buf_text(&got));
	}
	return failed;
}

static bool read_whole(const char *path, struct buf *ret)
{
	FILE *f = fopen(path, "rb");
	char block[4096];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(block, 1, sizeof(block), f)))
		buf_add(ret, block, n);
	fclose(f);
	return true;
}

int main(int argc, char **argv)
{
	bool update = argc > 1 && !strcmp(argv[1], "--update");
	unsigned failed = 0, n = 0;

	for (int i = 1 + update; i < argc; i++) {
		AUTO_BUF text = BUF_INIT;
		AUTO_BUF updated = BUF_INIT;
		FILE *f;

		if (!read_whole(argv[i], &text)) {
			fprintf(stderr, "cannot read %s\n", argv[i]);
			return 99;
		}
		failed += run((struct slice){ buf_text(&text), text.n }, &updated, &n);
		f = update ? fopen(argv[i], "wb") : NULL;
		if (f) {
			fwrite(updated.p, 1, updated.n, f);
			fclose(f);
		}
	}
	printf("1..%u\n", n);
	return failed && !update;
}
