/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of things: what a packet must meet first is lowered first. Names of counters and other
 * stateful objects come from the section's name, so their values survive a reload.
 */
#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "lower/lower_priv.h"

/* ---- names ---- */

struct name_slot {
	const char *name;
	unsigned next; /* the number to try first behind this name, so that many alike stay cheap */
};

struct name_table {
	struct name_slot *slot;
	size_t n, cap; /* cap is a power of two */
};

static uint32_t hash_of(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

/* The name's slot, or the free one where it belongs. */
static struct name_slot *name_slot(const struct name_table *t, const char *name)
{
	size_t at = hash_of(name) & (t->cap - 1);

	while (t->slot[at].name && strcmp(t->slot[at].name, name))
		at = (at + 1) & (t->cap - 1);
	return &t->slot[at];
}

static void name_grow(struct lower *l)
{
	struct name_table *t = l->names;
	struct name_table bigger = { .n = t->n, .cap = t->cap ? t->cap * 2 : 256 };

	if (t->cap && t->n * 2 < t->cap)
		return;
	bigger.slot = ARENA_ARRAY(l->arena, struct name_slot, bigger.cap);
	for (size_t i = 0; i < t->cap; i++) {
		if (t->slot[i].name)
			*name_slot(&bigger, t->slot[i].name) = t->slot[i];
	}
	*t = bigger;
}

/* The base itself, or with a number behind it; at most max bytes, as the base is. */
static const char *name_unique(struct lower *l, const char *base, size_t max)
{
	struct name_table *t = l->names;
	const char *unique = base;
	struct name_slot *slot;

	name_grow(l);
	slot = name_slot(t, base);
	if (slot->name) {
		do {
			char number[12];
			int n = snprintf(number, sizeof(number), "_%u", slot->next++);

			unique = arena_printf(l->arena, "%.*s%s", (int)max - n, base, number);
		} while (name_slot(t, unique)->name);
		slot = name_slot(t, unique);
	}
	*slot = (struct name_slot){ .name = unique, .next = 2 };
	t->n++;
	return unique;
}

const char *lower_name(
	struct lower *l, const char *kind, const struct section *s, const char *name, size_t max)
{
	/* An anonymous section is known by its content: its place changes when others come and go. */
	struct slice words = slice_of(name && name[0] ? name : s->id);

	if (!(name && name[0]) && s->anonymous && s->span.src)
		words = (struct slice){ s->span.src->text.p + s->span.start,
			s->span.end - s->span.start };
	if (name && !name[0] && !s->span.src)
		words = slice_of("default");
	return name_unique(l, ir_identifier(l->arena, kind, words, max > 8 ? max - 4 : max), max);
}

struct ir_counter *lower_counter(
	struct lower *l, const char *kind, const struct section *s, const char *name)
{
	struct ir_counter *c = ARENA_NEW(l->arena, struct ir_counter);

	c->name = lower_name(l, kind, s, name, 63);
	c->origin = s->span.src ? lower_origin(l, s, name && name[0] ? name : NULL) : NULL;
	vec_push(l->arena, &l->ir->counters, c);
	return c;
}

const char *lower_comment(struct lower *l, const char *name)
{
	return name && name[0] ? ir_label(l->arena, slice_of(name), 127) : NULL;
}

const char *lower_chain_name(struct lower *l, const char *name)
{
	const char *unique = name;

	for (unsigned i = 2; ir_chain_find(l->ir, unique); i++)
		unique = arena_printf(l->arena, "%s_%u", name, i);
	return unique;
}

/* ---- origins ---- */

/* All sections are of one file, so its lines are found once. */
static void find_lines(struct lower *l, const struct source *source)
{
	l->line_source = source;
	l->lines.n = 0;
	vec_push(l->arena, &l->lines, 0);
	for (size_t i = 0; i < source->text.n; i++) {
		if (source->text.p[i] == '\n')
			vec_push(l->arena, &l->lines, (uint32_t)i + 1);
	}
}

static unsigned line_of(struct lower *l, struct span span)
{
	size_t low = 0, high;

	if (l->line_source != span.src)
		find_lines(l, span.src);
	high = l->lines.n;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (l->lines.v[middle] <= span.start)
			low = middle;
		else
			high = middle;
	}
	return (unsigned)low + 1;
}

const struct ir_origin *lower_origin(struct lower *l, const struct section *s, const char *name)
{
	struct ir_origin *o = ARENA_NEW(l->arena, struct ir_origin);

	o->type = s->type;
	o->id = arena_strdup(l->arena, s->id);
	o->name = name ? arena_strdup(l->arena, name) : NULL;
	o->span = s->span;
	if (s->span.src) {
		o->file = s->span.src->name;
		o->line = line_of(l, s->span);
	}
	return o;
}

void lower_log(struct lower *l, struct ir_rule *rule, const char *prefix)
{
	struct ir_statement *s = ir_statement_add(l->ir, rule, IR_S_LOG);

	s->log.prefix = ir_label(l->arena, slice_of(prefix), 127);
	s->log.nflog = l->policy->settings.log_target.v == 1;
	s->log.group = (uint16_t)l->policy->settings.log_group.v;
	s->log.level = (uint8_t)l->policy->settings.log_level.v;
}

bool lower_knows_local(const struct lower *l)
{
	return !l->policy->facts->features.known || l->policy->facts->features.fib;
}

/* ---- the order ---- */

/* A zone with forced tracking: what enters there is never exempt from it. */
static void forced_tracking(struct lower *l)
{
	vec_each(it, &l->policy->zones) {
		struct ir_chain *raw = ir_base_find(l->ir, IR_PREROUTING, IR_RAW);
		struct ir_rule *rule;

		/* Only worth a hook when something asks for no tracking. */
		if (!(*it)->conntrack.v)
			continue;
		if (!raw) {
			bool any = false;

			vec_each(r, &l->policy->rules)
				any |= (*r)->target.v == ACTION_NOTRACK;
			if (!any)
				return;
			raw = ir_base(l->ir, IR_PREROUTING, IR_RAW);
		}
		rule = ir_rule_add(l->ir, raw, lower_origin(l, &(*it)->s, (*it)->name.v));
		rule->family = (*it)->family.v;
		rule->comment = "force connection tracking";
		rule->verdict.kind = IR_ACCEPT;
		if (zone_has_subnets(*it) || !zone_match(l, rule, *it, false))
			raw->rules.n--;
	}
}

static struct ir *begin(struct lower *l)
{
	l->ir = ir_new(l->arena);
	l->draft.arena = &l->scratch;
	l->names = ARENA_NEW(l->arena, struct name_table);
	l->zones = ARENA_ARRAY(l->arena, struct zone_parts, l->policy->zones.n);
	return l->ir;
}

static struct ir *finish(struct lower *l, size_t errors_before)
{
	const char *why = NULL;

	arena_release(&l->scratch);
	l->diags->section = NULL;
	if (l->diags->errors > errors_before)
		return NULL;
	if (!ir_verify(l->ir, &why))
		BUG("lowering broke a rule of the IR: %s", why);
	return l->ir;
}

struct ir *lower_policy(struct arena *arena, const struct policy *policy, struct diags *diags)
{
	struct lower l = { .arena = arena, .policy = policy, .diags = diags };
	size_t errors = diags->errors;

	begin(&l);
	l.errors_before = errors;
	lower_sets(&l);
	lower_custom_read(&l);
	lower_flag_attacks(&l);
	lower_syn_flood_early(&l);
	forced_tracking(&l);
	lower_frame_begin(&l);
	lower_leak_guards(&l);
	lower_port_scans(&l);
	lower_syn_flood(&l);
	lower_rules(&l);
	lower_forwardings(&l);
	lower_redirects(&l);
	lower_nats(&l);
	lower_masquerade(&l);
	lower_mss_clamping(&l);
	lower_helpers(&l);
	lower_zone_policies(&l);
	lower_custom_zones(&l);
	lower_zone_dispatch(&l);
	lower_running_pings(&l);
	lower_custom_built_in(&l);
	lower_frame_end(&l);
	lower_sysctls(&l);
	lower_includes(&l);
	lower_close_limits(&l);
	lower_offload(&l);
	return finish(&l, errors);
}

struct ir *lower_lockdown(struct arena *arena, const struct policy *policy, struct diags *diags)
{
	struct lower l = { .arena = arena, .policy = policy, .diags = diags };
	size_t errors = diags->errors;

	begin(&l);
	lower_zone_extras_read(&l);
	lower_lockdown_rules(&l);
	return finish(&l, errors);
}
