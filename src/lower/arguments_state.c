/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Matches with state or with objects: limits, limits per host, sets, times. An object belongs to
 * its match, and all variants of the rule share it; -m hashlimit shares by its name.
 */
#include <string.h>

#include "lower/arguments.h"

static struct argument_object *object_of(
	const struct arguments *a, const struct ipt_match *m, const char *key, enum family family)
{
	struct custom *c = a->l->custom;

	vec_each (o, &c->objects) {
		if (o->family == family && o->match == m && (!key || !strcmp(o->key, key)))
			return o;
	}
	vec_push(a->l->arena, &c->objects,
		(struct argument_object){ .match = m, .key = key, .family = family });
	return &c->objects.v[c->objects.n - 1];
}

/* A name for an object that is the same as long as the rule is. */
static const char *object_name(
	const struct arguments *a, const char *kind, const char *label, size_t max)
{
	struct section s = { .id = label };

	return lower_name(a->l, kind, &s, NULL, max);
}

static const struct ir_limit *limit_of(const struct arguments *a, const struct ipt_match *m,
	const struct rate *rate, bool above, uint32_t burst)
{
	struct argument_object *o = object_of(a, m, NULL, FAMILY_ANY);
	struct ir_limit *limit;

	if (o->limit)
		return o->limit;
	limit = ARENA_NEW(a->l->arena, struct ir_limit);
	limit->name = object_name(a, "limit", a->label, 63);
	limit->origin = a->origin;
	limit->rate = *rate;
	limit->rate.invert = above;
	limit->burst = burst;
	vec_push(a->l->arena, &a->l->ir->limits, limit);
	o->limit = limit;
	return limit;
}

enum argument arguments_limit(
	const struct arguments *a, const struct ipt_match *m, struct ir_rule *rule)
{
	const struct ipt_option *rate = ipt_find(m, IPT_LIMIT);
	const struct ipt_option *burst = ipt_find(m, IPT_LIMIT_BURST);
	struct rate usual = { .count = 3, .seconds = 3600 };

	ir_match_add(a->ir, rule, IR_M_LIMIT)->limit =
		limit_of(a, m, rate ? &rate->value.rate : &usual, false,
			burst ? (uint32_t)burst->value.number : 5);
	return ARGUMENT_KEEP;
}

/* ---- hashlimit ---- */

enum { MODE_SRCIP = 1, MODE_DSTIP = 2, MODE_SRCPORT = 4, MODE_DSTPORT = 8 };

static uint32_t hash_modes(const struct ipt_match *m)
{
	const struct ipt_option *o = ipt_find(m, IPT_HASH_MODE);

	return o ? (uint32_t)o->value.number : 0;
}

static const struct ipt_option *hash_rate(const struct ipt_match *m)
{
	const struct ipt_option *o = ipt_find(m, IPT_HASH_UPTO);

	return o ? o : ipt_find(m, IPT_HASH_ABOVE);
}

void arguments_hashlimit_check(struct lower *l, struct ipt_rule *rule, const struct ipt_match *m)
{
	const struct ipt_option *src = ipt_find(m, IPT_HASH_SRCMASK);
	const struct ipt_option *dst = ipt_find(m, IPT_HASH_DSTMASK);
	uint32_t modes = hash_modes(m);
	bool network = (src && src->value.number != 32 && src->value.number != 128) ||
		       (dst && dst->value.number != 32 && dst->value.number != 128);

	if (network)
		arguments_refuse(l, rule, src ? src->span : dst->span,
			src ? "--hashlimit-srcmask" : "--hashlimit-dstmask",
			"the limit is of single addresses, not of networks");
	if (modes == 15)
		arguments_refuse(l, rule, ipt_find(m, IPT_HASH_MODE)->span, "--hashlimit-mode",
			"at most three of the four fields can be told apart at once");
}

/* As long as the bucket needs to be full again: forgetting it then changes nothing. */
static uint32_t meter_timeout(const struct ipt_match *m, const struct rate *rate, uint32_t burst)
{
	const struct ipt_option *expire = ipt_find(m, IPT_HASH_EXPIRE);
	uint64_t seconds = ((uint64_t)burst + 1) * rate->seconds / rate->count + 1;

	if (expire)
		return (uint32_t)((expire->value.number + 999) / 1000);
	if (seconds < 60)
		return 60;
	return seconds > 7 * 86400 ? 7 * 86400 : (uint32_t)seconds;
}

static void meter_keys(struct ir_set *set, uint32_t modes, enum family family)
{
	enum ir_key addr = family == FAMILY_V6 ? IR_KEY_ADDR6 : IR_KEY_ADDR4;

	for (uint32_t bit = 1; bit <= MODE_DSTPORT; bit <<= 1) {
		if (modes & bit)
			set->key[set->n_key++] = bit <= MODE_DSTIP ? addr : IR_KEY_PORT;
	}
}

/* The set of a limit's name; another rule with the same name and numbers has the same buckets. */
static struct ir_set *meter_of(
	const struct arguments *a, const struct ipt_match *m, enum family family)
{
	const struct ipt_option *rate = hash_rate(m), *burst = ipt_find(m, IPT_HASH_BURST);
	const struct ipt_option *size = ipt_find(m, IPT_HASH_SIZE);
	const char *name = ipt_find(m, IPT_HASH_NAME)->value.text;
	bool above = rate->row->id == IPT_HASH_ABOVE;
	uint32_t full = burst ? (uint32_t)burst->value.number : 5;
	const char *key = arena_printf(a->l->arena, "%s %u %u/%u %u %d", name,
		(unsigned)hash_modes(m), (unsigned)rate->value.rate.count,
		(unsigned)rate->value.rate.seconds, (unsigned)full, above);
	struct argument_object *o = object_of(a, NULL, key, family);
	struct ir_set *set = o->set;

	if (set)
		return set;
	set = ir_set_add(a->l->ir,
		object_name(a, family == FAMILY_V6 ? "limit6" : "limit4", name, 31), a->origin);
	meter_keys(set, hash_modes(m), family);
	set->dynamic = set->keep = set->has_rate = true;
	set->rate = rate->value.rate;
	set->rate.invert = above;
	set->burst = full;
	set->timeout = meter_timeout(m, &rate->value.rate, full);
	set->size = size && size->value.number <= 1000000 ? (uint32_t)size->value.number : 65535;
	o->set = set;
	return set;
}

enum argument arguments_hashlimit(
	const struct arguments *a, const struct ipt_match *m, struct ir_rule *rule)
{
	uint32_t modes = hash_modes(m);
	const struct ipt_option *rate = hash_rate(m), *burst = ipt_find(m, IPT_HASH_BURST);
	struct ir_match *meter;
	unsigned n = 0;

	if (!modes) { /* one bucket for all */
		ir_match_add(a->ir, rule, IR_M_LIMIT)->limit = limit_of(a, m, &rate->value.rate,
			rate->row->id == IPT_HASH_ABOVE, burst ? (uint32_t)burst->value.number : 5);
		return ARGUMENT_KEEP;
	}
	if ((modes & (MODE_SRCPORT | MODE_DSTPORT)) && !arguments_with_ports(a, rule))
		return ARGUMENT_NEVER;
	meter = ir_match_add(a->ir, rule, IR_M_METER);
	meter->set.set = meter_of(a, m, rule->family);
	for (uint32_t bit = 1; bit <= MODE_DSTPORT; bit <<= 1) {
		if (modes & bit)
			meter->set.dest[n++] = bit == MODE_DSTIP || bit == MODE_DSTPORT;
	}
	return ARGUMENT_KEEP;
}

/* ---- connlimit ---- */

void arguments_connlimit_check(struct lower *l, struct ipt_rule *rule, const struct ipt_match *m)
{
	const struct ipt_option *mask = ipt_find(m, IPT_CONNLIMIT_MASK);

	if (mask && mask->value.number != 32 && mask->value.number != 128)
		arguments_refuse(l, rule, mask->span, "--connlimit-mask",
			"connections are counted of single addresses, not of networks");
}

enum argument arguments_connlimit(
	const struct arguments *a, const struct ipt_match *m, struct ir_rule *rule)
{
	const struct ipt_option *above = ipt_find(m, IPT_CONNLIMIT_ABOVE);
	const struct ipt_option *o = above ? above : ipt_find(m, IPT_CONNLIMIT_UPTO);
	struct argument_object *object = object_of(a, m, NULL, rule->family);
	bool v6 = rule->family == FAMILY_V6;
	struct ir_match *match;

	if (!object->set) {
		object->set = ir_set_add(a->l->ir,
			object_name(a, v6 ? "count6" : "count4", a->label, 31), a->origin);
		object->set->key[0] = v6 ? IR_KEY_ADDR6 : IR_KEY_ADDR4;
		object->set->n_key = 1;
		object->set->dynamic = true;
		object->set->size = 65535;
	}
	match = ir_match_add(a->ir, rule, IR_M_CONNECTIONS);
	match->negate = (above != NULL) != o->negate;
	match->set.set = object->set;
	match->set.dest[0] = ipt_find(m, IPT_CONNLIMIT_DADDR) != NULL;
	match->set.connections = (uint32_t)o->value.number;
	return ARGUMENT_KEEP;
}

/* ---- sets ---- */

void arguments_set_check(struct lower *l, struct ipt_rule *rule, const struct ipt_option *o)
{
	const struct ir_set *set = lower_ipset(l, o->value.set.name);

	if (!set)
		arguments_refuse(
			l, rule, o->span, "--match-set", "there is no ipset section of this name");
	else if (o->value.set.n < set->n_key)
		arguments_refuse(l, rule, o->span, "--match-set",
			"the set has more fields than src and dst are given");
}

enum argument arguments_set(
	const struct arguments *a, const struct ipt_option *o, struct ir_rule *rule)
{
	const struct ir_set *set = lower_ipset(a->l, o->value.set.name);
	struct ir_match *m;

	for (unsigned i = 0; i < set->n_key; i++) {
		bool wrong = (set->key[i] == IR_KEY_ADDR4 && rule->family != FAMILY_V4) ||
			     (set->key[i] == IR_KEY_ADDR6 && rule->family != FAMILY_V6);
		bool port = set->key[i] == IR_KEY_PROTO_PORT || set->key[i] == IR_KEY_PORT;

		if (wrong || (port && !arguments_with_ports(a, rule)))
			return ARGUMENT_NEVER;
	}
	m = ir_match_add(a->ir, rule, IR_M_SET);
	m->negate = o->negate;
	m->set.set = set;
	for (unsigned i = 0; i < set->n_key; i++)
		m->set.dest[i] = o->value.set.dest[i];
	return ARGUMENT_KEEP;
}

/* ---- time ---- */

static struct calendar calendar_of(const struct ipt_match *m)
{
	struct calendar c = { .utc = !ipt_find(m, IPT_TIME_LOCAL) };
	const struct ipt_option *o;

	if ((o = ipt_find(m, IPT_TIME_WEEKDAYS)))
		c.weekdays = (uint8_t)(o->negate ? ~o->value.number & 0x7f : o->value.number);
	if ((o = ipt_find(m, IPT_TIME_MONTHDAYS)))
		c.monthdays =
			(uint32_t)(o->negate ? ~o->value.number & 0xfffffffe : o->value.number);
	if ((o = ipt_find(m, IPT_TIME_START))) {
		c.has_start_time = true;
		c.start_time = (uint32_t)o->value.number;
	}
	if ((o = ipt_find(m, IPT_TIME_STOP))) {
		c.has_stop_time = true;
		c.stop_time = (uint32_t)o->value.number;
	}
	if ((o = ipt_find(m, IPT_DATE_START))) {
		c.has_start_date = true;
		c.start_date = o->value.date;
	}
	if ((o = ipt_find(m, IPT_DATE_STOP))) {
		c.has_stop_date = true;
		c.stop_date = o->value.date;
	}
	return c;
}

/* False: no packet, since no moment of the horizon is one of the calendar's. */
bool arguments_time(const struct arguments *a, const struct ipt_match *m, struct ir_rule *rule)
{
	const struct facts *facts = a->l->policy->facts;
	struct calendar c = calendar_of(m);
	int64_t until, horizon = facts->now + a->l->policy->settings.horizon.v * 86400;
	struct time_set times;

	if (calendar_always(&c))
		return true;
	if (!facts->clock_trusted)
		return a->closes;
	times = calendar_intervals(
		a->l->arena, &c, &facts->tz, facts->now - 86400, horizon, 1024, &until);
	if (!a->l->ir->times_until || until < a->l->ir->times_until)
		a->l->ir->times_until = until;
	if (!times.n)
		return false;
	ir_match_add(a->ir, rule, IR_M_TIME)->times = times;
	return true;
}
