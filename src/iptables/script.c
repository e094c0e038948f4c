/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Custom rules as a shell script, and as a fragment for iptables-restore. Only what can be honoured
 * without a shell is: iptables and ip6tables one after the other, joined by ; && and ||, with their
 * messages thrown away. Everything else is named with its place; nothing is guessed or run.
 */
#include <string.h>

#include "iptables/iptables_priv.h"

struct script {
	struct arena *arena;
	struct diags *diags;
	const struct ipt_word *v;
	size_t n, at;
	struct ipt_script *out;
	bool failed;
};

static void construct(struct script *s, const struct ipt_word *w, const char *what)
{
	struct diag *d = diag_error(s->diags, w->span, "shell-construct",
		"%s ('%.*s') needs a shell, and custom rules are read, not run", what,
		SLICE_ARG(w->text));

	diag_hint(s->diags, d, "write the iptables commands one by one");
	s->failed = true;
}

/* ---- the words of one command ---- */

struct simple {
	VEC(struct ipt_word) words;
	struct span span;
	bool failed;
};

static bool is_newline(const struct ipt_word *w)
{
	return w->operator&&(
		slice_is(w->text, "\n") || slice_is(w->text, ";") || slice_is(w->text, ";;"));
}

static bool is_redirection(const struct ipt_word *w)
{
	return w->operator&&(w->text.p[0] == '>' || w->text.p[0] == '<' || slice_is(w->text, "&>"));
}

/* "> /dev/null", "2>&1"; false: one that writes or reads a file. */
static void take_redirection(struct script *s, struct simple *c)
{
	const struct ipt_word *w = &s->v[s->at++];
	const struct ipt_word *to = s->at < s->n && !s->v[s->at].operator? &s->v[s->at] : NULL;
	bool harmless = to && w->text.p[0] != '<' &&
			(slice_is(to->text, "/dev/null") || slice_is(w->text, ">&"));

	if (to)
		s->at++;
	if (harmless)
		return;
	construct(s, w, slice_is(w->text, "<<") ? "a here-document" : "a redirection to a file");
	c->failed = true;
}

static void take_simple(struct script *s, struct simple *c)
{
	while (s->at < s->n) {
		const struct ipt_word *w = &s->v[s->at];

		if (is_redirection(w)) {
			take_redirection(s, c);
			continue;
		}
		if (w->operator)
			return;
		c->span = c->words.n ? ipt_join(c->span, w->span) : w->span;
		vec_push(s->arena, &c->words, *w);
		s->at++;
	}
}

/* ---- what a command is ---- */

static struct slice base_name(struct slice path)
{
	size_t from = 0;

	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == '/')
			from = i + 1;
	}
	return slice_from(path, from);
}

static bool iptables_family(struct slice word, enum family *ret)
{
	static const struct {
		const char *name;
		enum family family;
	} names[] = {
		{ "iptables", FAMILY_V4 },
		{ "ip6tables", FAMILY_V6 },
		{ "iptables-legacy", FAMILY_V4 },
		{ "ip6tables-legacy", FAMILY_V6 },
		{ "iptables-nft", FAMILY_V4 },
		{ "ip6tables-nft", FAMILY_V6 },
	};
	struct slice name = base_name(word);

	for (size_t i = 0; i < IPT_COUNT(names); i++) {
		if (slice_is(name, names[i].name)) {
			*ret = names[i].family;
			return true;
		}
	}
	return false;
}

/* Words that begin or end a compound command; NULL: they go on with what began before. */
static bool keyword(struct slice word, const char **ret_what, bool *ret_more)
{
	static const struct {
		const char *word, *what;
		bool more; /* a command follows in the same words */
	} rows[] = {
		{ "if", "a condition", false },
		{ "then", NULL, true },
		{ "elif", NULL, false },
		{ "else", NULL, true },
		{ "fi", NULL, false },
		{ "for", "a loop", false },
		{ "while", "a loop", false },
		{ "until", "a loop", false },
		{ "do", NULL, true },
		{ "done", NULL, false },
		{ "case", "a case distinction", false },
		{ "esac", NULL, false },
		{ "function", "a function", false },
		{ "{", NULL, true },
		{ "}", NULL, false },
		{ "[", "a condition", false },
		{ "[[", "a condition", false },
		{ "test", "a condition", false },
	};

	for (size_t i = 0; i < IPT_COUNT(rows); i++) {
		if (slice_is(word, rows[i].word)) {
			*ret_what = rows[i].what;
			*ret_more = rows[i].more;
			return true;
		}
	}
	return false;
}

static bool is_assignment(struct slice word)
{
	size_t eq = slice_find(word, '=');

	for (size_t i = 0; i < eq && i < word.n; i++) {
		char c = word.p[i];

		if (!(c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (i && c >= '0' && c <= '9')))
			return false;
	}
	return eq && eq < word.n;
}

/* Commands without effect on the rules, whose exit status is known. */
static bool harmless(const struct simple *c, int *ret_kind)
{
	static const char *const ok[] = { ":", "true", "echo", "printf", "logger" };
	const struct ipt_word *w = c->words.v;
	struct slice name = base_name(w->text);

	for (size_t i = 0; i < IPT_COUNT(ok); i++) {
		if (slice_is(name, ok[i])) {
			*ret_kind = IPT_STEP_OK;
			return true;
		}
	}
	if (slice_is(name, "false")) {
		*ret_kind = IPT_STEP_FAIL;
		return true;
	}
	if (slice_is(name, "exit") || slice_is(name, "return")) {
		*ret_kind = IPT_STEP_EXIT;
		return true;
	}
	/* "set -x" shows, "set +e" is what holds here anyway */
	if (slice_is(name, "set") && c->words.n == 2 &&
		(slice_is(w[1].text, "-x") || slice_is(w[1].text, "+x") ||
			slice_is(w[1].text, "+e"))) {
		*ret_kind = IPT_STEP_OK;
		return true;
	}
	return false;
}

static void other_command(struct script *s, const struct simple *c)
{
	const struct ipt_word *w = c->words.v;
	struct diag *d;

	if (w->shell) {
		construct(s, w, w->shell);
		return;
	}
	if (is_assignment(w->text) || slice_is(w->text, "export") || slice_is(w->text, "local") ||
		slice_is(w->text, "readonly")) {
		construct(s, w, "a variable");
		return;
	}
	d = diag_error(s->diags, w->span, "shell-command",
		"'%.*s' is a command other than iptables, and custom rules are read, not run",
		SLICE_ARG(w->text));
	if (slice_is(w->text, "ipset"))
		diag_hint(s->diags, d, "declare the set as an ipset section");
	else if (slice_is(w->text, "."))
		diag_hint(s->diags, d, "name the other file in an include section");
	else
		diag_hint(s->diags, d, "remove the line, or run it from another script");
	s->failed = true;
}

static void add_step(struct script *s, struct simple *c, enum ipt_join join)
{
	struct ipt_step step = { .join = join };
	enum family family;
	int kind = IPT_STEP_COMMAND;
	const char *what;
	bool more;

	while (c->words.n && !c->words.v[0].quoted && keyword(c->words.v[0].text, &what, &more)) {
		if (what)
			construct(s, &c->words.v[0], what);
		if (!more)
			return;
		c->words.v++;
		c->words.n--;
	}
	if (!c->words.n)
		return;
	if (iptables_family(c->words.v[0].text, &family) && !c->words.v[0].shell) {
		if (!ipt_command_read(s->arena, s->diags, c->words.v + 1, c->words.n - 1, c->span,
			    family, NULL, &step.command)) {
			s->failed = true;
			return;
		}
	} else if (!c->words.v[0].shell && harmless(c, &kind)) {
		step.kind = kind;
	} else {
		other_command(s, c);
		return;
	}
	vec_push(s->arena, &s->out->steps, step);
}

/* ---- the script ---- */

/* Takes the operator between two commands; how the next one depends on the last. */
static enum ipt_join take_join(struct script *s)
{
	const struct ipt_word *w = &s->v[s->at];
	enum ipt_join join = IPT_ALWAYS;

	s->at++;
	if (is_newline(w))
		return IPT_ALWAYS;
	if (slice_is(w->text, "&&"))
		join = IPT_IF_OK;
	else if (slice_is(w->text, "||"))
		join = IPT_IF_FAILED;
	else if (slice_is(w->text, "|"))
		construct(s, w, "a pipe");
	else if (slice_is(w->text, "&"))
		construct(s, w, "a command in the background");
	else
		construct(s, w, "a group of commands or a function");
	/* the next command may stand on the next line */
	while (s->at < s->n && s->v[s->at].operator&& slice_is(s->v[s->at].text, "\n") &&
		join != IPT_ALWAYS)
		s->at++;
	return join;
}

bool ipt_script_read(
	struct arena *arena, const struct source *src, struct diags *diags, struct ipt_script *ret)
{
	struct ipt_words words = { 0 };
	struct script s = { .arena = arena, .diags = diags, .out = ret };
	enum ipt_join join = IPT_ALWAYS;

	if (!ipt_words_read(arena, src->text, (struct span){ src, 0, (uint32_t)src->text.n }, true,
		    diags, &words))
		s.failed = true;
	s.v = words.list.v;
	s.n = words.list.n;
	while (s.at < s.n) {
		struct simple c = { 0 };

		take_simple(&s, &c);
		if (c.words.n)
			add_step(&s, &c, join);
		if (s.at < s.n)
			join = take_join(&s);
	}
	return !s.failed;
}

/* ---- iptables-restore ---- */

struct restore {
	struct arena *arena;
	struct diags *diags;
	const struct source *src;
	enum family family;
	bool in_table, failed;
	enum ipt_table table;
	struct ipt_script *out;
};

static void restore_error(struct restore *r, struct span span, const char *message)
{
	diag_error(r->diags, span, "restore-syntax", "%s", message);
	r->failed = true;
}

static void restore_table(struct restore *r, struct slice line, struct span span)
{
	if (r->in_table)
		restore_error(r, span, "the table before has no COMMIT");
	r->in_table = true;
	if (!ipt_table_find(slice_trim(slice_from(line, 1)), &r->table))
		restore_error(r, span, "there is no such table: filter, nat, mangle or raw");
}

/* ":input_rule - [0:0]" */
static void restore_chain(struct restore *r, struct slice line, struct span span)
{
	struct ipt_step step = { .command = { .verb = IPT_NEW,
					 .family = r->family,
					 .table = r->table,
					 .span = span,
					 .chain_span = span } };
	struct slice rest = slice_from(line, 1), name = { 0 }, policy = { 0 };

	if (!slice_next_word(&rest, &name) || !ipt_chain_name_ok(name)) {
		restore_error(r, span, "this is not the name of a chain");
		return;
	}
	step.command.chain = arena_strndup(r->arena, name.p, name.n);
	if (!slice_next_word(&rest, &policy))
		policy = slice_of("-");
	if (ipt_built_in(r->table, step.command.chain)) {
		if (slice_is(policy, "-"))
			return;
		step.command.verb = IPT_POLICY;
		step.command.policy = slice_is(policy, "DROP") ? "DROP" : "ACCEPT";
		if (!slice_is(policy, "DROP") && !slice_is(policy, "ACCEPT")) {
			restore_error(r, span, "a policy is ACCEPT or DROP");
			return;
		}
	} else if (!slice_is(policy, "-")) {
		restore_error(r, span, "only built-in chains have a policy");
		return;
	}
	vec_push(r->arena, &r->out->steps, step);
}

static void restore_rule(struct restore *r, struct slice line, struct span span)
{
	struct ipt_step step = { 0 };
	struct ipt_words words = { 0 };
	size_t from = 0;

	if (!ipt_words_read(r->arena, line, span, false, r->diags, &words)) {
		r->failed = true;
		return;
	}
	/* "[12:3456] -A ..." of iptables-save -c */
	if (words.list.n && words.list.v[0].text.n && words.list.v[0].text.p[0] == '[')
		from = 1;
	if (!ipt_command_read(r->arena, r->diags, words.list.v + from, words.list.n - from, span,
		    r->family, &r->table, &step.command)) {
		r->failed = true;
		return;
	}
	vec_push(r->arena, &r->out->steps, step);
}

static void restore_line(struct restore *r, struct slice line, struct span span)
{
	if (!line.n || slice_starts(line, "#"))
		return;
	if (slice_starts(line, "*"))
		restore_table(r, line, span);
	else if (!r->in_table)
		restore_error(r, span, "a line before '*table'");
	else if (slice_is(line, "COMMIT"))
		r->in_table = false;
	else if (slice_starts(line, ":"))
		restore_chain(r, line, span);
	else
		restore_rule(r, line, span);
}

bool ipt_restore_read(struct arena *arena, const struct source *src, enum family family,
	struct diags *diags, struct ipt_script *ret)
{
	struct restore r = {
		.arena = arena, .diags = diags, .src = src, .family = family, .out = ret
	};
	size_t at = 0;

	while (at < src->text.n) {
		struct slice rest = slice_from(src->text, at);
		size_t end = slice_find(rest, '\n');
		struct slice line = slice_trim((struct slice){ rest.p, end });
		uint32_t from = (uint32_t)(line.p ? line.p - src->text.p : 0);

		restore_line(&r, line, (struct span){ src, from, from + (uint32_t)line.n });
		at += end + 1;
	}
	if (r.in_table)
		restore_error(&r,
			(struct span){ src, (uint32_t)src->text.n, (uint32_t)src->text.n },
			"the last table has no COMMIT");
	return !r.failed;
}
