/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Custom rules: scripts are followed command by command on chains that are empty at first, with the
 * exit status each command would have, so that "-C … || -A …" and "-D …; -A …" mean what they
 * say. What the chains hold in the end becomes rules of the IR (custom_place.c).
 */
#include <stdio.h>
#include <string.h>

#include "lower/custom.h"

#define CUSTOM_BYTES_MAX 262144u

static const struct {
	enum ipt_table table;
	const char *name;
	enum ir_hook hook;
} built_in[] = {
	{ IPT_FILTER, "INPUT", IR_INPUT },
	{ IPT_FILTER, "FORWARD", IR_FORWARD },
	{ IPT_FILTER, "OUTPUT", IR_OUTPUT },
	{ IPT_NAT_TABLE, "PREROUTING", IR_PREROUTING },
	{ IPT_NAT_TABLE, "INPUT", IR_INPUT },
	{ IPT_NAT_TABLE, "OUTPUT", IR_OUTPUT },
	{ IPT_NAT_TABLE, "POSTROUTING", IR_POSTROUTING },
	{ IPT_MANGLE, "PREROUTING", IR_PREROUTING },
	{ IPT_MANGLE, "INPUT", IR_INPUT },
	{ IPT_MANGLE, "FORWARD", IR_FORWARD },
	{ IPT_MANGLE, "OUTPUT", IR_OUTPUT },
	{ IPT_MANGLE, "POSTROUTING", IR_POSTROUTING },
	{ IPT_RAW, "PREROUTING", IR_PREROUTING },
	{ IPT_RAW, "OUTPUT", IR_OUTPUT },
};

/* firewall3's places: the word before "_rule" and before "_<zone>_rule". */
static const struct {
	enum ipt_table table;
	const char *word;
	enum ir_hook hook;
} user[] = {
	{ IPT_FILTER, "input", IR_INPUT },
	{ IPT_FILTER, "forwarding", IR_FORWARD },
	{ IPT_FILTER, "output", IR_OUTPUT },
	{ IPT_NAT_TABLE, "prerouting", IR_PREROUTING },
	{ IPT_NAT_TABLE, "postrouting", IR_POSTROUTING },
};

struct custom_chain *custom_find(
	struct lower *l, enum family family, enum ipt_table table, const char *name)
{
	vec_each (it, &l->custom->tables->chains) {
		struct custom_chain *c = *it;

		if (c->family == family && c->table == table && !c->removed &&
			!strcmp(c->name, name))
			return c;
	}
	return NULL;
}

bool custom_is_built_in(enum ipt_table table, const char *name)
{
	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++) {
		if (built_in[i].table == table && !strcmp(built_in[i].name, name))
			return true;
	}
	return false;
}

static struct custom_chain *chain_add(struct lower *l, const struct ipt_command *c,
	enum custom_kind kind, enum ir_hook hook, const struct zone *zone)
{
	struct custom_chain *chain = ARENA_NEW(l->arena, struct custom_chain);

	*chain = (struct custom_chain){ .kind = kind,
		.family = c->family,
		.table = c->table,
		.name = arena_strdup(l->arena, c->chain),
		.hook = hook,
		.zone = zone };
	vec_push(l->arena, &l->custom->tables->chains, chain);
	return chain;
}

/* "input_wan_rule" -> its row and zone; false: not of that form. */
static bool user_chain(
	struct lower *l, const struct ipt_command *c, size_t *ret_row, struct slice *ret_zone)
{
	struct slice name = slice_of(c->chain);

	(void)l;
	for (size_t i = 0; i < sizeof(user) / sizeof(user[0]); i++) {
		size_t n = strlen(user[i].word);

		if (user[i].table != c->table || !slice_starts(name, user[i].word) ||
			name.n < n + 5 || strcmp(c->chain + name.n - 5, "_rule") != 0)
			continue;
		*ret_row = i;
		*ret_zone = (struct slice){ 0 };
		if (name.n == n + 5)
			return true;
		if (name.n < n + 7 || name.p[n] != '_')
			continue;
		*ret_zone = (struct slice){ name.p + n + 1, name.n - n - 6 };
		return true;
	}
	return false;
}

/* Finds a built-in chain or one of firewall3's places, which are there without -N. */
static struct custom_chain *given_chain(struct lower *l, const struct ipt_command *c)
{
	const struct zone *zone = NULL;
	struct slice name;
	size_t row;

	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++) {
		if (built_in[i].table == c->table && !strcmp(built_in[i].name, c->chain))
			return chain_add(l, c, CUSTOM_BUILT_IN, built_in[i].hook, NULL);
	}
	if (!user_chain(l, c, &row, &name) || !l->policy->defaults.custom_chains.v)
		return NULL;
	if (name.n) {
		zone = policy_zone(l->policy, arena_strndup(l->arena, name.p, name.n));
		if (!zone || !zone->custom_chains.v)
			return NULL;
	}
	return chain_add(l, c, CUSTOM_USER, user[row].hook, zone);
}

static struct custom_chain *find_or_given(struct lower *l, const struct ipt_command *c)
{
	struct custom_chain *chain = custom_find(l, c->family, c->table, c->chain);

	return chain ? chain : given_chain(l, c);
}

/* Says that a chain is not there, and where the rule might belong. */
static void no_chain(struct lower *l, const struct ipt_command *c)
{
	struct slice zone, name = slice_of(c->chain);
	struct diag *d = diag_error(l->diags, c->chain_span, "custom-chain",
		"there is no chain '%s' in table %s", c->chain, ipt_table_name(c->table));
	size_t row;

	if (user_chain(l, c, &row, &zone) && !l->policy->defaults.custom_chains.v)
		diag_hint(l->diags, d, "option custom_chains of the defaults section is off");
	else if (user_chain(l, c, &row, &zone) && zone.n)
		diag_hint(
			l->diags, d, "there is no zone '%.*s' with custom chains", SLICE_ARG(zone));
	else if (slice_starts(name, "zone_"))
		diag_hint(l->diags, d,
			"chains of zones belong to the firewall; their places for custom rules are "
			"called input_ZONE_rule, forwarding_ZONE_rule and so on");
	else
		diag_hint(l->diags, d, "make it with -N before it is used");
}

/* ---- rules ---- */

static const struct ir_origin *origin_of(
	struct lower *l, const struct include *inc, struct span span)
{
	struct ir_origin *o = ARENA_NEW(l->arena, struct ir_origin);
	const struct ir_origin *section = lower_origin(l, &inc->s, NULL);

	*o = *section;
	o->file = span.src->name;
	o->line = span_position(span).line;
	o->span = span;
	return o;
}

/* A name that stays while the chain and what the rule says stay: "input_rule-1c2d3e4f". */
static const char *label_of(struct lower *l, const char *chain, const char *text)
{
	uint32_t hash = 2166136261u;

	for (const char *c = text; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	return arena_printf(l->arena, "%s-%08x", chain, (unsigned)hash);
}

static struct custom_rule *rule_new(
	struct lower *l, struct ipt_command *c, const struct include *inc)
{
	struct custom_rule *r = ARENA_NEW(l->arena, struct custom_rule);
	AUTO_BUF text = BUF_INIT;

	ipt_rule_print(&c->rule, &text);
	r->command = c;
	r->text = arena_strndup(l->arena, buf_text(&text), text.n);
	r->label = label_of(l, c->chain, r->text);
	r->origin = origin_of(l, inc, c->span);
	return r;
}

static bool find_rule(const struct custom_chain *chain, const struct ipt_command *c, size_t *ret)
{
	AUTO_BUF text = BUF_INIT;

	ipt_rule_print(&c->rule, &text);
	for (size_t i = 0; i < chain->rules.n; i++) {
		if (!strcmp(chain->rules.v[i]->text, buf_text(&text))) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static void insert_at(struct lower *l, struct custom_chain *chain, size_t at, struct custom_rule *r)
{
	vec_push(l->arena, &chain->rules, r);
	memmove(&chain->rules.v[at + 1], &chain->rules.v[at],
		(chain->rules.n - 1 - at) * sizeof(chain->rules.v[0]));
	chain->rules.v[at] = r;
}

static void remove_at(struct custom_chain *chain, size_t at)
{
	memmove(&chain->rules.v[at], &chain->rules.v[at + 1],
		(chain->rules.n - 1 - at) * sizeof(chain->rules.v[0]));
	chain->rules.n--;
}

static void insert(struct lower *l, struct custom_chain *chain, struct ipt_command *c,
	const struct include *inc)
{
	struct custom_rule *r = rule_new(l, c, inc);
	size_t most = chain->rules.n, at = c->number - 1;

	r->before = true;
	/* In a built-in chain the rules inserted stand first, those appended behind all of ours. */
	if (chain->kind == CUSTOM_BUILT_IN) {
		most = 0;
		while (most < chain->rules.n && chain->rules.v[most]->before)
			most++;
	}
	insert_at(l, chain, at < most ? at : most, r);
}

/* ---- commands: true is success, as a shell would see it ---- */

static bool error_at(
	struct lower *l, const struct ipt_command *c, const char *message, const char *hint)
{
	struct diag *d = diag_error(l->diags, c->span, "custom-command", "%s", message);

	diag_hint(l->diags, d, "%s", hint);
	return false;
}

static bool add_rule(struct lower *l, struct ipt_command *c, const struct include *inc)
{
	struct custom_chain *chain = find_or_given(l, c);

	if (!chain) {
		no_chain(l, c);
		return false;
	}
	arguments_check(l, &c->rule);
	arguments_collect(l, &c->rule);
	if (c->verb == IPT_INSERT) {
		insert(l, chain, c, inc);
		return true;
	}
	vec_push(l->arena, &chain->rules, rule_new(l, c, inc));
	return true;
}

static bool delete_rule(struct lower *l, const struct ipt_command *c)
{
	struct custom_chain *chain = find_or_given(l, c);
	size_t at;

	if (!chain)
		return false;
	if (c->verb == IPT_DELETE_AT) {
		if (chain->kind == CUSTOM_BUILT_IN)
			return error_at(l, c, "rules of a built-in chain are not deleted by number",
				"the numbers count the firewall's own rules; name the rule itself");
		if (c->number > chain->rules.n)
			return false;
		remove_at(chain, c->number - 1);
		return true;
	}
	if (!find_rule(chain, c, &at))
		return false;
	if (c->verb == IPT_DELETE)
		remove_at(chain, at);
	return true;
}

static bool new_chain(struct lower *l, const struct ipt_command *c)
{
	if (find_or_given(l, c))
		return false;
	chain_add(l, c, CUSTOM_OWN, IR_FORWARD, NULL);
	return true;
}

static bool flush(struct lower *l, const struct ipt_command *c)
{
	struct custom_chain *chain = c->chain ? find_or_given(l, c) : NULL;

	if (!c->chain || (chain && chain->kind == CUSTOM_BUILT_IN))
		return error_at(l, c, "this would flush the firewall's own rules",
			"custom rules begin with empty chains at each reload: leave it out");
	if (!chain)
		return false;
	chain->rules.n = 0;
	return true;
}

static bool is_referenced(struct lower *l, const struct custom_chain *chain)
{
	vec_each (it, &l->custom->tables->chains) {
		vec_each (r, &(*it)->rules) {
			const struct ipt_target *t = &(*r)->command->rule.target;

			if ((*it)->family == chain->family && (*it)->table == chain->table &&
				t->kind == IPT_T_CHAIN && !strcmp(t->name, chain->name))
				return true;
		}
	}
	return false;
}

static bool remove_chain(struct lower *l, const struct ipt_command *c)
{
	struct custom_chain *chain =
		c->chain ? custom_find(l, c->family, c->table, c->chain) : NULL;

	if (!c->chain)
		return true; /* every chain that is empty and unused: they make no difference */
	if (!chain || chain->kind != CUSTOM_OWN || chain->rules.n || is_referenced(l, chain))
		return false;
	chain->removed = true;
	return true;
}

static bool policy(struct lower *l, const struct ipt_command *c)
{
	const struct defaults *d = &l->policy->defaults;
	int now = !strcmp(c->chain, "INPUT")	 ? d->input.v
		  : !strcmp(c->chain, "FORWARD") ? d->forward.v
						 : d->output.v;

	if (c->table != IPT_FILTER ? !strcmp(c->policy, "ACCEPT")
				   : (now == ACTION_ACCEPT) == !strcmp(c->policy, "ACCEPT"))
		return true;
	return error_at(l, c, "the policy of a built-in chain is not set by custom rules",
		"set it in the defaults section of the firewall");
}

static bool run_one(struct lower *l, struct ipt_command *c, const struct include *inc)
{
	switch (c->verb) {
	case IPT_APPEND:
	case IPT_INSERT:
		return add_rule(l, c, inc);
	case IPT_DELETE:
	case IPT_DELETE_AT:
	case IPT_CHECK:
		return delete_rule(l, c);
	case IPT_NEW:
		return new_chain(l, c);
	case IPT_FLUSH:
		return flush(l, c);
	case IPT_REMOVE:
		return remove_chain(l, c);
	case IPT_POLICY:
		return policy(l, c);
	case IPT_NOTHING:
		return true;
	}
	return true;
}

/* A command of both families is one of each. */
static bool run_command(struct lower *l, struct ipt_command *c, const struct include *inc)
{
	static const enum family both[] = { FAMILY_V4, FAMILY_V6 };
	bool good = true;

	if (c->family)
		return inc->family.v && inc->family.v != c->family ? true : run_one(l, c, inc);
	for (size_t i = 0; i < 2; i++) {
		struct ipt_command *one = arena_copy(l->arena, c, 1, sizeof(*c));

		one->family = one->rule.family = both[i];
		one->rule.refusals.v = NULL;
		one->rule.refusals.n = one->rule.refusals.cap = 0;
		vec_each (x, &c->rule.refusals)
			vec_push(l->arena, &one->rule.refusals, *x);
		good &= run_one(l, one, inc);
	}
	return good;
}

static void run(struct lower *l, struct ipt_script *script, const struct include *inc)
{
	bool good = true;

	vec_each (step, &script->steps) {
		if ((step->join == IPT_IF_OK && !good) || (step->join == IPT_IF_FAILED && good))
			continue;
		if (step->kind == IPT_STEP_EXIT)
			return;
		good = step->kind == IPT_STEP_OK ||
		       (step->kind == IPT_STEP_COMMAND && run_command(l, &step->command, inc));
	}
}

/* ---- files ---- */

static void read_file(struct lower *l, const struct include *inc, const struct facts_file *file)
{
	struct source *src = ARENA_NEW(l->arena, struct source);
	struct ipt_script script = { 0 };
	bool restore = inc->type.v == INCLUDE_RESTORE;
	struct diag *d;

	src->name = arena_strdup(l->arena, file->path);
	src->text = file->text;
	if (file->text.n > CUSTOM_BYTES_MAX) {
		d = diag_error(l->diags, given_span(l->policy->source, &inc->path.given),
			"include-too-long", "'%s' is longer than custom rules can be", file->path);
		diag_hint(l->diags, d, "at most %u bytes are read", CUSTOM_BYTES_MAX);
		return;
	}
	/* The good commands of a bad file are followed too, to find all that is wrong with it. */
	(void)(restore ? ipt_restore_read(l->arena, src, inc->family.v, l->diags, &script)
		       : ipt_script_read(l->arena, src, l->diags, &script));
	run(l, &script, inc);
}

void lower_custom_read(struct lower *l)
{
	l->custom = ARENA_NEW(l->arena, struct custom);
	l->custom->tables = ARENA_NEW(l->arena, struct custom_tables);
	lower_extras_read(l);
	vec_each (it, &l->policy->includes) {
		const struct include *inc = *it;
		const struct facts_file *file = facts_file(l->policy->facts, inc->path.v);

		if (inc->port_scan.given.set || inc->type.v == INCLUDE_NFTABLES)
			continue;
		l->diags->section = inc->s.title;
		if (file && file->readable)
			read_file(l, inc, file);
	}
	custom_check(l);
	l->diags->section = NULL;
}
