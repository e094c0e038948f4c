/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a dump back (grammar: docs/ir.md). Two walks over the lines: the first makes all objects
 * and chains, the second the rules, because a rule may jump to a chain that stands further down.
 * It checks form and names; whether the IR makes sense is ir_verify()'s question.
 */
#include <string.h>

#include "ir/parse_priv.h"

/* What a line of origin or of an element belongs to. */
struct subject {
	const struct ir_origin **slot; /* of an object that has one origin */
	struct ir_set *set;
	struct ir_chain *chain;
	struct ir_rule *rule;
	bool is_rule; /* also when the rule itself was wrong */
};

static const struct ir_origin *parse_origin(struct ir_parser *p, struct slice line)
{
	const struct ir_origin *known = ir_names_find(&p->origins, line);
	struct ir_origin *o;
	uint32_t number = 0;

	if (known) {
		ir_parse_skip(p);
		return known;
	}
	o = ARENA_NEW(p->ir->arena, struct ir_origin);
	if (!ir_parse_text(p, &o->type) || !ir_parse_text(p, &o->id))
		return NULL;
	if (ir_parse_word(p, "name") && !ir_parse_text(p, &o->name))
		return NULL;
	if (ir_parse_word(p, "file") && !ir_parse_text(p, &o->file))
		return NULL;
	if (ir_parse_word(p, "line") && !ir_parse_number(p, UINT32_MAX, &number))
		return NULL;
	o->line = number;
	if (p->token.kind == IR_TOKEN_END)
		ir_names_add(&p->origins, arena_strndup(p->ir->arena, line.p, line.n), o);
	return o;
}

/* One more origin for a rule; the array doubles at each power of two. */
static void rule_origin_add(struct arena *arena, struct ir_rule *rule, const struct ir_origin *o)
{
	if (!(rule->n_origins & (rule->n_origins - 1))) {
		const struct ir_origin **more =
			ARENA_ARRAY(arena, const struct ir_origin *, rule->n_origins * 2 + 1);

		if (rule->n_origins)
			memcpy(more, rule->origins, rule->n_origins * sizeof(more[0]));
		rule->origins = more;
	}
	rule->origins[rule->n_origins++] = o;
}

static bool parse_rate(struct ir_parser *p, struct rate *rate, uint32_t *burst)
{
	rate->invert = ir_parse_word(p, "over");
	return ir_parse_number(p, UINT32_MAX, &rate->count) && ir_parse_need(p, "per") &&
	       ir_parse_number(p, UINT32_MAX, &rate->seconds) && ir_parse_need(p, "burst") &&
	       ir_parse_number(p, UINT32_MAX, burst);
}

static bool parse_helper(struct ir_parser *p)
{
	struct ir_helper *h = ARENA_NEW(p->ir->arena, struct ir_helper);
	uint32_t proto;

	if (!ir_parse_name(p, &h->name) || !ir_parse_text(p, &h->kernel) ||
		!ir_parse_need(p, "proto") || !ir_parse_number(p, UINT8_MAX, &proto) ||
		!ir_parse_family(p, &h->family))
		return false;
	h->proto = (uint8_t)proto;
	if (!ir_names_add(&p->helpers, h->name, h))
		return ir_parse_fail(p, "a second helper %s", h->name);
	vec_push(p->ir->arena, &p->ir->helpers, h);
	return true;
}

static bool parse_counter(struct ir_parser *p, struct subject *on)
{
	struct ir_counter *c = ARENA_NEW(p->ir->arena, struct ir_counter);

	if (!ir_parse_name(p, &c->name))
		return false;
	if (!ir_names_add(&p->counters, c->name, c))
		return ir_parse_fail(p, "a second counter %s", c->name);
	vec_push(p->ir->arena, &p->ir->counters, c);
	on->slot = &c->origin;
	return true;
}

static bool parse_limit(struct ir_parser *p, struct subject *on)
{
	struct ir_limit *l = ARENA_NEW(p->ir->arena, struct ir_limit);

	if (!ir_parse_name(p, &l->name) || !ir_parse_need(p, "rate") ||
		!parse_rate(p, &l->rate, &l->burst))
		return false;
	if (!ir_names_add(&p->limits, l->name, l))
		return ir_parse_fail(p, "a second limit %s", l->name);
	vec_push(p->ir->arena, &p->ir->limits, l);
	on->slot = &l->origin;
	return true;
}

static bool parse_keys(struct ir_parser *p, struct ir_set *set)
{
	struct slice word;

	if (!ir_parse_any_word(p, &word))
		return false;
	for (set->n_key = 0; set->n_key < IR_COUNT(set->key) && word.n; set->n_key++) {
		size_t dot = slice_find(word, '.');
		unsigned key = 0;

		while (key < IR_COUNT(ir_key_words) &&
			!slice_is((struct slice){ word.p, dot }, ir_key_words[key]))
			key++;
		if (key == IR_COUNT(ir_key_words))
			return ir_parse_fail(p, "'%.*s' is no key", (int)dot, word.p);
		set->key[set->n_key] = (enum ir_key)key;
		word = slice_from(word, dot + 1);
	}
	return !word.n || ir_parse_fail(p, "a key of too many parts");
}

static bool parse_set(struct ir_parser *p, struct subject *on)
{
	struct ir_set *set;
	const char *name;

	if (!ir_parse_name(p, &name))
		return false;
	if (ir_set_find(p->ir, name))
		return ir_parse_fail(p, "a second set %s", name);
	set = ir_set_add(p->ir, name, NULL);
	on->set = set;
	on->slot = &set->origin;
	if (!parse_keys(p, set))
		return false;
	set->interval = ir_parse_word(p, "interval");
	set->dynamic = ir_parse_word(p, "dynamic");
	set->keep = ir_parse_word(p, "keep");
	set->once = ir_parse_word(p, "once");
	set->net6 = ir_parse_word(p, "net6");
	set->has_rate = ir_parse_word(p, "rate");
	if (set->has_rate && !parse_rate(p, &set->rate, &set->burst))
		return false;
	if (ir_parse_word(p, "timeout") && !ir_parse_number(p, UINT32_MAX, &set->timeout))
		return false;
	return !ir_parse_word(p, "size") || ir_parse_number(p, UINT32_MAX, &set->size);
}

static bool parse_key_value(struct ir_parser *p, enum ir_key key, struct ir_key_value *v)
{
	struct slice word;
	struct range proto;
	size_t colon;

	switch (key) {
	case IR_KEY_DEVICE:
		return ir_parse_device(p, &v->device);
	case IR_KEY_ADDR4:
	case IR_KEY_ADDR6:
		return ir_parse_addr_range(p, &v->addr);
	case IR_KEY_PROTO_PORT:
		if (!ir_parse_any_word(p, &word))
			return false;
		colon = slice_find(word, ':');
		if (!ir_parse_range(p, (struct slice){ word.p, colon }, UINT8_MAX, &proto) ||
			!ir_parse_range(p, slice_from(word, colon + 1), UINT16_MAX, &v->port))
			return false;
		v->proto = (uint8_t)proto.lo;
		return proto.lo == proto.hi || ir_parse_fail(p, "a protocol is one number");
	case IR_KEY_PORT:
		return ir_parse_any_word(p, &word) && ir_parse_range(p, word, UINT16_MAX, &v->port);
	case IR_KEY_MAC:
		return ir_parse_mac(p, &v->mac);
	}
	return false;
}

static bool parse_element(struct ir_parser *p, struct ir_set *set)
{
	struct ir_element e = { 0 };

	if (!set)
		return ir_parse_fail(p, "an element outside a set");
	for (unsigned i = 0; i < set->n_key; i++) {
		if (!parse_key_value(p, set->key[i], &e.part[i]))
			return false;
	}
	if (ir_parse_word(p, "timeout") && !ir_parse_number(p, UINT32_MAX, &e.timeout))
		return false;
	if (ir_parse_word(p, "comment") && !ir_parse_text(p, &e.comment))
		return false;
	vec_push(p->ir->arena, &set->elements, e);
	return true;
}

static bool parse_chain(struct ir_parser *p, struct subject *on)
{
	unsigned role, hook, stage;
	const char *name, *zone = NULL;

	if (!ir_parse_name(p, &name) ||
		!ir_parse_one_of(p, ir_role_words, IR_COUNT(ir_role_words), &role) ||
		!ir_parse_one_of(p, ir_hook_words, IR_HOOKS, &hook) ||
		!ir_parse_one_of(p, ir_stage_words, IR_STAGES, &stage))
		return false;
	if (ir_parse_word(p, "zone") && !ir_parse_text(p, &zone))
		return false;
	if (ir_chain_find(p->ir, name))
		return ir_parse_fail(p, "a second chain %s", name);
	if (role == IR_ROLE_BASE) {
		if (!ir_stage_at((enum ir_hook)hook, (enum ir_stage)stage))
			return ir_parse_fail(p, "the hook has no such stage");
		if (ir_base_find(p->ir, (enum ir_hook)hook, (enum ir_stage)stage))
			return ir_parse_fail(p, "a second base chain for this hook and stage");
		on->chain = ir_base_add(p->ir, name, (enum ir_hook)hook, (enum ir_stage)stage);
	} else {
		on->chain = ir_chain_add(
			p->ir, name, (enum ir_role)role, (enum ir_hook)hook, (enum ir_stage)stage);
	}
	on->chain->zone = zone;
	on->slot = &on->chain->origin;
	return true;
}

static bool parse_sysctl(struct ir_parser *p, struct subject *on)
{
	struct ir_sysctl s = { 0 };

	if (!ir_parse_text(p, &s.path) || !ir_parse_text(p, &s.value))
		return false;
	vec_push(p->ir->arena, &p->ir->sysctls, s);
	on->slot = &p->ir->sysctls.v[p->ir->sysctls.n - 1].origin;
	return true;
}

static bool parse_flowtable(struct ir_parser *p)
{
	struct ir_flowtable *f = &p->ir->flowtable;
	const char *device = NULL;
	size_t n = 0;

	f->enabled = ir_parse_word(p, "enabled");
	f->hardware = ir_parse_word(p, "hardware");
	f->counter = ir_parse_word(p, "counter");
	while (ir_parse_item(p, &n)) {
		if (ir_parse_text(p, &device))
			vec_push(p->ir->arena, &f->devices, device);
	}
	return !p->line_failed;
}

static bool parse_until(struct ir_parser *p)
{
	struct slice word;

	return ir_parse_any_word(p, &word) && ir_parse_time(p, word, &p->ir->times_until);
}

/* First walk: everything but rules. */
static bool object_line(struct ir_parser *p, struct slice line, struct subject *on)
{
	if (ir_parse_word(p, "rule")) {
		if (!on->chain)
			return ir_parse_fail(p, "a rule outside a chain");
		ir_parse_skip(p);
		on->is_rule = true;
		return true;
	}
	if (ir_parse_word(p, "from")) {
		if (on->is_rule) {
			ir_parse_skip(p);
			return true;
		}
		if (!on->slot || *on->slot)
			return ir_parse_fail(p, "an origin of nothing, or a second one");
		*on->slot = parse_origin(p, line);
		return *on->slot;
	}
	if (ir_parse_word(p, "element"))
		return parse_element(p, on->set);
	*on = (struct subject){ 0 };
	if (ir_parse_word(p, "until"))
		return parse_until(p);
	if (ir_parse_word(p, "sysctl"))
		return parse_sysctl(p, on);
	if (ir_parse_word(p, "flowtable"))
		return parse_flowtable(p);
	if (ir_parse_word(p, "helper"))
		return parse_helper(p);
	if (ir_parse_word(p, "counter"))
		return parse_counter(p, on);
	if (ir_parse_word(p, "limit"))
		return parse_limit(p, on);
	if (ir_parse_word(p, "set"))
		return parse_set(p, on);
	if (ir_parse_word(p, "chain"))
		return parse_chain(p, on);
	return ir_parse_fail(p, "a line that begins with none of the dump's words");
}

/* Second walk: rules. What belongs to the first is passed over. */
static bool rule_line(struct ir_parser *p, struct slice line, struct subject *on)
{
	const struct ir_origin *o;
	const char *name;

	if (on->chain && ir_parse_word(p, "rule")) {
		on->rule = ir_parse_rule(p, on->chain);
		return on->rule;
	}
	if (on->rule && ir_parse_word(p, "from")) {
		o = parse_origin(p, line);
		if (o)
			rule_origin_add(p->ir->arena, on->rule, o);
		return o;
	}
	if (ir_parse_word(p, "chain")) {
		*on = (struct subject){ 0 };
		on->chain = ir_parse_name(p, &name) ? ir_chain_find(p->ir, name) : NULL;
	}
	ir_parse_skip(p);
	return true;
}

static struct slice line_take(struct slice *text)
{
	size_t n = slice_find(*text, '\n');
	struct slice line = { text->p, n };

	*text = slice_from(*text, n + 1);
	return slice_trim(line);
}

/* Walks all lines but the first; a line must be used up when its reader was content. */
static void walk(struct ir_parser *p, struct slice text, bool rules)
{
	struct subject on = { 0 };

	while (text.n) {
		struct slice line = line_take(&text);
		bool ok;

		if (!line.n || line.p[0] == '#')
			continue;
		p->rest = line;
		p->line_failed = false;
		ir_parse_next(p);
		ok = rules ? rule_line(p, line, &on) : object_line(p, line, &on);
		if (ok && p->token.kind != IR_TOKEN_END)
			ir_parse_fail_(p, "more on the line than belongs there");
	}
}

struct ir *ir_parse(struct arena *arena, struct source *src, struct diags *diags)
{
	struct ir_parser p = { .ir = ir_new(arena), .src = src, .diags = diags };
	size_t errors = diags->errors;
	struct slice text = src->text;

	p.counters.arena = p.limits.arena = p.helpers.arena = p.origins.arena = arena;
	p.rest = line_take(&text);
	ir_parse_next(&p);
	if (!ir_parse_need(&p, "zonewall-ir") || !ir_parse_need(&p, "1"))
		return NULL;
	walk(&p, text, false);
	walk(&p, text, true);
	return diags->errors == errors ? p.ir : NULL;
}
