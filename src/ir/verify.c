/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verifier: every promise that ir.h makes about an IR, checked in time linear in its size.
 * First the objects and their names, then each rule (verify_rule.c), then the graph of chains:
 * nesting, cycles, and verdicts that only some hooks know. The first breach ends it, told with the
 * chain, the number of the rule and its section.
 */
#include <string.h>

#include "ir/verify_priv.h"

bool ir_verify_fail(struct ir_verifier *v, const char *fmt, ...)
{
	struct arena *arena = v->ir->arena;
	va_list ap;

	va_start(ap, fmt);
	const char *what = arena_vprintf(arena, fmt, ap);
	va_end(ap);

	if (!v->chain) {
		v->why = what;
	} else if (!v->rule) {
		v->why = arena_printf(arena, "chain %s: %s", v->chain->name, what);
	} else {
		const struct ir_origin *o = v->rule->n_origins ? v->rule->origins[0] : NULL;

		v->why = arena_printf(arena, "chain %s, rule %zu (%s %s): %s", v->chain->name,
			v->n_rule, o && o->type ? o->type : "of", o && o->id ? o->id : "no section",
			what);
	}
	return false;
}

static bool name_add(struct ir_verifier *v, struct ir_names *names, const char *name, size_t max,
	const void *object, const char *what)
{
	names->arena = &v->arena;
	if (!ir_name_ok(name, max))
		return ir_verify_fail(
			v, "%s '%s': not a name of at most %zu bytes", what, name ? name : "", max);
	if (!ir_names_add(names, name, object))
		return ir_verify_fail(v, "%s '%s' is there twice", what, name);
	return true;
}

bool ir_verify_known(const struct ir_names *names, const char *name, const void *object)
{
	return object && name && ir_names_find(names, slice_of(name)) == object;
}

struct ir_chain_facts *ir_verify_facts(struct ir_verifier *v, const struct ir_chain *chain)
{
	const struct ir_chain_facts *facts = NULL;

	if (chain && chain->name)
		facts = ir_names_find(&v->chains, slice_of(chain->name));
	return facts && facts->chain == chain ? (struct ir_chain_facts *)facts : NULL;
}

static bool origin_check(struct ir_verifier *v, const struct ir_origin *o)
{
	if (o && (!o->type || !o->id))
		return ir_verify_fail(v, "an origin without type or id");
	return true;
}

static bool rate_check(struct ir_verifier *v, const char *name, const struct rate *r)
{
	if (!r->count)
		return ir_verify_fail(v, "%s: a rate of nothing", name);
	if (r->seconds != 1 && r->seconds != 60 && r->seconds != 3600 && r->seconds != 86400)
		return ir_verify_fail(v, "%s: a rate per %u seconds", name, (unsigned)r->seconds);
	return true;
}

static bool addr_check(const struct addr_range *r, enum family family)
{
	return r->lo.family == family && r->hi.family == family && addr_cmp(&r->lo, &r->hi) <= 0;
}

static bool device_check(const struct device_pattern *d)
{
	return !d->negate && d->name[0] && memchr(d->name, '\0', sizeof(d->name));
}

/* One part of an element; where the set takes no intervals it is one value. */
static bool key_value_ok(enum ir_key key, const struct ir_key_value *e, bool interval)
{
	switch (key) {
	case IR_KEY_DEVICE:
		return device_check(&e->device) && (interval || !e->device.wildcard);
	case IR_KEY_ADDR4:
	case IR_KEY_ADDR6:
		return addr_check(&e->addr, key == IR_KEY_ADDR4 ? FAMILY_V4 : FAMILY_V6) &&
		       (interval || addr_eq(&e->addr.lo, &e->addr.hi));
	case IR_KEY_PROTO_PORT:
	case IR_KEY_PORT:
		return e->port.lo <= e->port.hi && e->port.hi <= UINT16_MAX &&
		       (interval || e->port.lo == e->port.hi);
	case IR_KEY_MAC:
		return true;
	}
	return false;
}

static bool set_check(struct ir_verifier *v, const struct ir_set *set)
{
	if (!name_add(v, &v->sets, set->name, IR_SET_NAME_MAX, set, "set") ||
		!origin_check(v, set->origin))
		return false;
	if (set->n_key < 1 || set->n_key > IR_COUNT(set->key))
		return ir_verify_fail(v, "set %s: a key of %u parts", set->name, set->n_key);
	for (unsigned i = 0; i < set->n_key; i++) {
		if ((unsigned)set->key[i] > IR_KEY_MAC)
			return ir_verify_fail(v, "set %s: an unknown key", set->name);
	}
	if (set->dynamic && set->interval)
		return ir_verify_fail(v, "set %s: rules cannot add to intervals", set->name);
	if (set->once && (!set->dynamic || !set->timeout))
		return ir_verify_fail(
			v, "set %s: what nothing adds or ends is not renewed", set->name);
	if (set->net6 && set->key[0] != IR_KEY_ADDR6)
		return ir_verify_fail(
			v, "set %s: networks of something else than IPv6 sources", set->name);
	if (set->has_rate && !set->dynamic)
		return ir_verify_fail(v, "set %s: a meter that no rule may add to", set->name);
	if (set->has_rate && !rate_check(v, set->name, &set->rate))
		return false;
	if (set->size && set->elements.n > set->size)
		return ir_verify_fail(v, "set %s: more elements than its size", set->name);
	vec_each (e, &set->elements) {
		for (unsigned i = 0; i < set->n_key; i++) {
			if (!key_value_ok(set->key[i], &e->part[i], set->interval))
				return ir_verify_fail(v, "set %s: element %zu is not of its key",
					set->name, (size_t)(e - set->elements.v) + 1);
		}
		if (e->comment && !ir_label_ok(e->comment, IR_LABEL_MAX))
			return ir_verify_fail(v, "set %s: a comment that is no label", set->name);
	}
	return true;
}

/* A path below /proc/sys that cannot lead out of it. */
static bool sysctl_path_ok(const char *path)
{
	if (!path || !path[0] || path[0] == '/')
		return false;
	for (const char *p = path; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (*p == '/' || !*p || (p[0] == '.' && (!p[1] || p[1] == '/')) ||
			(p[0] == '.' && p[1] == '.' && (!p[2] || p[2] == '/')))
			return false;
	}
	return true;
}

static bool objects_check(struct ir_verifier *v)
{
	const struct ir *ir = v->ir;

	vec_each (c, &ir->counters) {
		if (!name_add(v, &v->counters, (*c)->name, IR_NAME_MAX, *c, "counter") ||
			!origin_check(v, (*c)->origin))
			return false;
	}
	vec_each (l, &ir->limits) {
		if (!name_add(v, &v->limits, (*l)->name, IR_NAME_MAX, *l, "limit") ||
			!origin_check(v, (*l)->origin) || !rate_check(v, (*l)->name, &(*l)->rate))
			return false;
	}
	vec_each (h, &ir->helpers) {
		if (!name_add(v, &v->helpers, (*h)->name, IR_NAME_MAX, *h, "helper"))
			return false;
		if (!ir_kernel_helper_ok((*h)->kernel) || !(*h)->proto)
			return ir_verify_fail(
				v, "helper %s: no kernel name or protocol", (*h)->name);
	}
	vec_each (set, &ir->sets) {
		if (!set_check(v, *set))
			return false;
	}
	vec_each (s, &ir->sysctls) {
		if (!sysctl_path_ok(s->path) || !s->value)
			return ir_verify_fail(
				v, "sysctl '%s' is not a setting", s->path ? s->path : "");
		if (!origin_check(v, s->origin))
			return false;
	}
	vec_each (d, &ir->flowtable.devices) {
		if (!*d || !**d || strlen(*d) > DEVICE_NAME_MAX)
			return ir_verify_fail(v, "the flowtable has a device without a name");
	}
	return true;
}

static bool chains_check(struct ir_verifier *v)
{
	const struct ir_chain *before = NULL;

	vec_each (at, &v->ir->chains) {
		const struct ir_chain *chain = *at;
		struct ir_chain_facts *facts = ARENA_NEW(&v->arena, struct ir_chain_facts);

		facts->chain = chain;
		if (!name_add(v, &v->chains, chain->name, IR_NAME_MAX, facts, "chain"))
			return false;
		v->chain = chain;
		if ((unsigned)chain->role > IR_ROLE_OTHER || (unsigned)chain->hook >= IR_HOOKS ||
			(unsigned)chain->stage >= IR_STAGES)
			return ir_verify_fail(v, "an unknown role, hook or stage");
		if (!origin_check(v, chain->origin))
			return false;
		if (chain->role == IR_ROLE_BASE) {
			if (!ir_stage_at(chain->hook, chain->stage))
				return ir_verify_fail(v, "the hook has no such stage");
			if (before && before->role != IR_ROLE_BASE)
				return ir_verify_fail(v, "a base chain after another");
			if (before && (before->hook > chain->hook ||
					      (before->hook == chain->hook &&
						      before->stage >= chain->stage)))
				return ir_verify_fail(
					v, "base chains out of order, or two for one");
		}
		before = chain;
		v->chain = NULL;
	}
	return true;
}

/*
 * How many chains nest below and including this one. Marks cycles by a height of -1 while a chain
 * is on the way; recursion ends at the limit, whatever the input.
 */
static bool nesting_check(struct ir_verifier *v, const struct ir_chain *chain, unsigned above)
{
	struct ir_chain_facts *facts = ir_verify_facts(v, chain);
	int height = 1;

	if (facts->height < 0) {
		v->chain = chain;
		return ir_verify_fail(v, "it calls itself, over others or at once");
	}
	if (above + (facts->height ? (unsigned)facts->height : 1U) > IR_DEPTH_MAX) {
		v->chain = chain;
		return ir_verify_fail(v, "more than %d chains are nested", IR_DEPTH_MAX);
	}
	if (facts->height)
		return true;
	facts->height = -1;
	vec_each (rule, &chain->rules) {
		const struct ir_verdict *verdict = &(*rule)->verdict;

		if (verdict->kind != IR_JUMP && verdict->kind != IR_GOTO)
			continue;
		if (!nesting_check(v, verdict->chain, above + 1))
			return false;

		int below = ir_verify_facts(v, verdict->chain)->height;

		if (below + 1 > height)
			height = below + 1;
	}
	facts->height = height;
	return true;
}

/* Notes for each chain from which hooks packets come to it. The graph is free of cycles by now. */
static void hooks_spread(struct ir_verifier *v, const struct ir_chain *chain, unsigned hook)
{
	struct ir_chain_facts *facts = ir_verify_facts(v, chain);

	if (facts->hooks & 1U << hook)
		return;
	facts->hooks |= 1U << hook;
	vec_each (rule, &chain->rules) {
		const struct ir_verdict *verdict = &(*rule)->verdict;

		if (verdict->kind == IR_JUMP || verdict->kind == IR_GOTO)
			hooks_spread(v, verdict->chain, hook);
	}
}

static bool graph_check(struct ir_verifier *v)
{
	vec_each (chain, &v->ir->chains) {
		if (!nesting_check(v, *chain, 0))
			return false;
	}
	vec_each (chain, &v->ir->chains) {
		if ((*chain)->role == IR_ROLE_BASE)
			hooks_spread(v, *chain, (*chain)->hook);
	}
	vec_each (chain, &v->ir->chains) {
		unsigned hooks = ir_verify_facts(v, *chain)->hooks;

		/* What nothing calls is held to the hook it was made for. */
		v->chain = *chain;
		v->n_rule = 0;
		vec_each (rule, &(*chain)->rules) {
			v->rule = *rule;
			v->n_rule++;
			if (!ir_verify_hooks(v, *rule, hooks ? hooks : 1U << (*chain)->hook))
				return false;
		}
		v->rule = NULL;
		v->chain = NULL;
	}
	return true;
}

static bool rules_check(struct ir_verifier *v)
{
	vec_each (chain, &v->ir->chains) {
		v->chain = *chain;
		v->n_rule = 0;
		vec_each (rule, &(*chain)->rules) {
			v->rule = *rule;
			v->n_rule++;
			if (!ir_verify_rule(v, *chain, *rule))
				return false;
			for (size_t i = 0; i < (*rule)->n_origins; i++) {
				if (!(*rule)->origins[i])
					return ir_verify_fail(v, "an origin that is none");
				if (!origin_check(v, (*rule)->origins[i]))
					return false;
			}
		}
		v->rule = NULL;
		v->chain = NULL;
	}
	return true;
}

bool ir_verify(const struct ir *ir, const char **ret_why)
{
	struct ir_verifier v = { .ir = ir };
	bool ok;

	arena_init(&v.arena);
	ok = objects_check(&v) && chains_check(&v) && rules_check(&v) && graph_check(&v);
	arena_release(&v.arena);
	if (!ok)
		*ret_why = v.why;
	return ok;
}
