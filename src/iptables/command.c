/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One command of iptables: a verb, a chain, and for most verbs a rule. */
#include <string.h>

#include "iptables/iptables_priv.h"

static const char *const table_names[] = { "filter", "nat", "mangle", "raw" };

static const char *const built_in[][5] = {
	[IPT_FILTER] = { "INPUT", "FORWARD", "OUTPUT" },
	[IPT_NAT_TABLE] = { "PREROUTING", "INPUT", "OUTPUT", "POSTROUTING" },
	[IPT_MANGLE] = { "PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING" },
	[IPT_RAW] = { "PREROUTING", "OUTPUT" },
};

static const struct {
	const char *name, *alias;
	enum ipt_verb verb;
	int chain; /* 2 needed, 1 possible */
} verbs[] = {
	{ "-A", "--append", IPT_APPEND, 2 },
	{ "-I", "--insert", IPT_INSERT, 2 },
	{ "-D", "--delete", IPT_DELETE, 2 },
	{ "-C", "--check", IPT_CHECK, 2 },
	{ "-N", "--new-chain", IPT_NEW, 2 },
	{ "-F", "--flush", IPT_FLUSH, 1 },
	{ "-X", "--delete-chain", IPT_REMOVE, 1 },
	{ "-P", "--policy", IPT_POLICY, 2 },
	{ "-L", "--list", IPT_NOTHING, 1 },
	{ "-S", "--list-rules", IPT_NOTHING, 1 },
	{ "-Z", "--zero", IPT_NOTHING, 1 },
};

static const struct {
	const char *name, *alias, *why;
} refused_verbs[] = {
	{ "-R", "--replace", "replaces a rule by its number: delete it and add the other" },
	{ "-E", "--rename-chain", "renames a chain: give it the right name with -N" },
	{ "-c", "--set-counters", "sets counters, which the kernel counts" },
	{ "-M", "--modprobe", "names a program to run, and nothing is run" },
};

bool ipt_table_find(struct slice name, enum ipt_table *ret)
{
	for (size_t i = 0; i < IPT_COUNT(table_names); i++) {
		if (slice_is(name, table_names[i])) {
			*ret = (enum ipt_table)i;
			return true;
		}
	}
	return false;
}

bool ipt_built_in(enum ipt_table table, const char *chain)
{
	for (size_t i = 0; i < 5 && built_in[table][i]; i++) {
		if (!strcmp(built_in[table][i], chain))
			return true;
	}
	return false;
}

bool ipt_chain_name_ok(struct slice name)
{
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] <= ' ' || name.p[i] == 0x7f || strchr("'\"\\`$", name.p[i]))
			return false;
	}
	return name.n > 0 && name.n < 29 && name.p[0] != '-' && name.p[0] != '!';
}

struct command {
	struct ipt_reader r;
	struct ipt_command *out;
	bool has_verb, table_fixed;
};

static struct slice word_at(const struct command *c)
{
	return c->r.at < c->r.n ? c->r.words[c->r.at].text : (struct slice){ 0 };
}

static bool is(struct slice word, const char *name, const char *alias)
{
	return slice_is(word, name) || (alias && slice_is(word, alias));
}

static void read_table(struct command *c)
{
	struct ipt_word w = c->r.words[c->r.at++];
	struct diag *d;

	if (w.text.n > 2 && w.text.p[1] == 't') {
		w.text = slice_from(w.text, 2);
	} else if (w.text.n > 8 && slice_starts(w.text, "--table=")) {
		w.text = slice_from(w.text, 8);
	} else if (c->r.at >= c->r.n) {
		ipt_error(&c->r, w.span, c->r.id_value, "'%.*s' needs a table", SLICE_ARG(w.text));
		return;
	} else {
		w = c->r.words[c->r.at++];
	}
	if (c->table_fixed) {
		ipt_error(&c->r, w.span, c->r.id_token, "the line '*%s' says the table already",
			table_names[c->out->table]);
		return;
	}
	if (ipt_table_find(w.text, &c->out->table))
		return;
	d = ipt_error(
		&c->r, w.span, c->r.id_value, "there is no table '%.*s' here", SLICE_ARG(w.text));
	diag_hint(c->r.diags, d, "the tables are filter, nat, mangle and raw");
}

static void read_chain(struct command *c, int how, const struct ipt_word *verb)
{
	const struct ipt_word *w = c->r.at < c->r.n ? &c->r.words[c->r.at] : NULL;

	if (!w || (w->text.n && w->text.p[0] == '-' && how == 1)) {
		if (how == 2)
			ipt_error(&c->r, verb->span, c->r.id_value, "'%.*s' needs a chain",
				SLICE_ARG(verb->text));
		return;
	}
	c->r.at++;
	c->out->chain = arena_strndup(c->r.arena, w->text.p, w->text.n);
	c->out->chain_span = w->span;
	if (!ipt_chain_name_ok(w->text))
		ipt_error(&c->r, w->span, c->r.id_value, "'%s' is not the name of a chain",
			c->out->chain);
}

/* The number behind "-I chain" and "-D chain". */
static void read_number(struct command *c)
{
	struct slice w = word_at(c);
	uint64_t n;

	if (!w.n || w.p[0] < '0' || w.p[0] > '9')
		return;
	if (!slice_u64(w, 100000, &n) || n == 0) {
		ipt_error(&c->r, c->r.words[c->r.at].span, c->r.id_value,
			"'%.*s' is not the number of a rule", SLICE_ARG(w));
		n = 1;
	}
	c->r.at++;
	c->out->number = (unsigned)n;
	if (c->out->verb == IPT_DELETE)
		c->out->verb = IPT_DELETE_AT;
}

static void read_policy(struct command *c)
{
	struct slice w = word_at(c);

	if (!slice_is(w, "ACCEPT") && !slice_is(w, "DROP")) {
		ipt_error(&c->r, c->r.at < c->r.n ? c->r.words[c->r.at].span : c->r.where,
			c->r.id_value, "a policy is ACCEPT or DROP");
		return;
	}
	c->out->policy = slice_is(w, "DROP") ? "DROP" : "ACCEPT";
	c->r.at++;
}

static bool read_verb(struct command *c)
{
	const struct ipt_word *w = &c->r.words[c->r.at];
	size_t i = 0;

	while (i < IPT_COUNT(verbs) && !is(w->text, verbs[i].name, verbs[i].alias))
		i++;
	if (i == IPT_COUNT(verbs))
		return false;
	c->r.at++;
	if (c->has_verb) {
		ipt_error(&c->r, w->span, c->r.id_token, "a second command '%.*s'",
			SLICE_ARG(w->text));
		return true;
	}
	c->has_verb = true;
	c->out->verb = verbs[i].verb;
	c->out->number = 1;
	read_chain(c, verbs[i].chain, w);
	if (c->out->verb == IPT_INSERT || c->out->verb == IPT_DELETE)
		read_number(c);
	else if (c->out->verb == IPT_POLICY)
		read_policy(c);
	else if (c->out->verb == IPT_NOTHING && word_at(c).n && word_at(c).p[0] != '-')
		c->r.at++; /* -S chain number */
	return true;
}

static bool refused_verb(struct command *c)
{
	const struct ipt_word *w = &c->r.words[c->r.at];

	for (size_t i = 0; i < IPT_COUNT(refused_verbs); i++) {
		if (!is(w->text, refused_verbs[i].name, refused_verbs[i].alias) &&
			!(slice_starts(w->text, refused_verbs[i].alias) &&
				w->text.p[strlen(refused_verbs[i].alias)] == '='))
			continue;
		ipt_error(&c->r, w->span, c->r.id_token, "'%.*s' %s", SLICE_ARG(w->text),
			refused_verbs[i].why);
		c->r.at = c->r.n;
		return true;
	}
	return false;
}

/* Options that change how iptables works and not what a rule means. */
static bool read_manner(struct command *c)
{
	static const char *const plain[][2] = { { "-n", "--numeric" }, { "-v", "--verbose" },
		{ "-x", "--exact" }, { "--line-numbers", NULL }, { "-4", "--ipv4" },
		{ "-6", "--ipv6" }, { "-q", "--quiet" } };
	struct slice w = word_at(c);

	if (is(w, "-w", "--wait") || is(w, "-W", "--wait-interval")) {
		c->r.at++;
		if (word_at(c).n && word_at(c).p[0] >= '0' && word_at(c).p[0] <= '9')
			c->r.at++;
		return true;
	}
	if (slice_starts(w, "--wait=") ||
		(w.n > 2 && slice_starts(w, "-w") && w.p[2] >= '0' && w.p[2] <= '9')) {
		c->r.at++;
		return true;
	}
	for (size_t i = 0; i < IPT_COUNT(plain); i++) {
		if (is(w, plain[i][0], plain[i][1])) {
			c->r.at++;
			return true;
		}
	}
	return false;
}

static void unknown(struct command *c)
{
	const struct ipt_word *w = &c->r.words[c->r.at];

	if (w->text.n > 1 && w->text.p[0] == '-')
		ipt_unknown_option(&c->r, w);
	else
		ipt_error(&c->r, w->span, c->r.id_token, "'%.*s' does not belong to any option",
			SLICE_ARG(w->text));
	c->r.at++;
	while (c->r.at < c->r.n && word_at(c).n && word_at(c).p[0] != '-' && word_at(c).p[0] != '!')
		c->r.at++;
}

static void read_words(struct command *c)
{
	while (c->r.at < c->r.n) {
		struct slice w = word_at(c);

		if (is(w, "-t", "--table") || slice_starts(w, "--table=") ||
			(w.n > 2 && w.p[0] == '-' && w.p[1] == 't')) {
			read_table(c);
		} else if (!read_verb(c) && !read_manner(c) && !refused_verb(c) &&
			   !ipt_read_option(&c->r)) {
			unknown(c);
		}
	}
}

/* A word that only a shell could complete: what it stands for is not known, so nothing is. */
static bool has_shell(struct command *c)
{
	for (size_t i = 0; i < c->r.n; i++) {
		const struct ipt_word *w = &c->r.words[i];
		struct diag *d;

		if (!w->shell)
			continue;
		d = ipt_error(&c->r, w->span, "shell-construct",
			"'%.*s' has %s, and nothing is expanded", SLICE_ARG(w->text), w->shell);
		diag_hint(c->r.diags, d, "write its value");
	}
	return c->r.failed;
}

static bool takes_rule(enum ipt_verb verb)
{
	return verb == IPT_APPEND || verb == IPT_INSERT || verb == IPT_DELETE || verb == IPT_CHECK;
}

static void check_command(struct command *c)
{
	const struct ipt_command *out = c->out;
	const struct ipt_rule *rule = &out->rule;

	if (!c->has_verb) {
		ipt_error(&c->r, c->r.where, c->r.id_value, "the command says nothing to do");
		return;
	}
	if (!takes_rule(out->verb) &&
		(rule->basic->options.n || rule->matches.n || rule->target.name))
		ipt_error(&c->r, c->r.where, c->r.id_token, "only -A, -I, -D and -C take a rule");
	if (out->verb == IPT_NEW &&
		(ipt_built_in(out->table, out->chain) || ipt_target_row_find(slice_of(out->chain))))
		ipt_error(
			&c->r, out->chain_span, c->r.id_value, "'%s' is there already", out->chain);
	if (out->verb == IPT_POLICY && !ipt_built_in(out->table, out->chain))
		ipt_error(&c->r, out->chain_span, c->r.id_value,
			"'%s' is no built-in chain of table %s, and only these have a policy",
			out->chain, table_names[out->table]);
}

bool ipt_command_read(struct arena *arena, struct diags *diags, const struct ipt_word *words,
	size_t n, struct span span, enum family family, const enum ipt_table *table,
	struct ipt_command *ret)
{
	struct ipt_command out = { .family = family, .span = span };
	struct command c = { .r = { .arena = arena,
				     .diags = diags,
				     .words = words,
				     .n = n,
				     .id_token = "custom-token",
				     .id_value = "custom-value",
				     .where = span,
				     .rule = &out.rule },
		.out = &out,
		.table_fixed = table != NULL };

	if (table)
		out.table = *table;
	if (has_shell(&c))
		return false;
	ipt_read_begin(&c.r, family);
	read_words(&c);
	if (!c.r.failed)
		check_command(&c);
	if (!c.r.failed && takes_rule(out.verb) && out.verb != IPT_DELETE_AT)
		ipt_read_end(&c.r);
	if (c.r.failed)
		return false;
	*ret = out;
	return true;
}
