/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attack prevention: limits per source address, SYN floods, and packets whose TCP flags no honest
 * sender sets. A bucket per source lives in a dynamic set; when the set is full no new source gets
 * one, so the rule is written "within the limit: go on; everything else: drop".
 */
#include "lower/lower_priv.h"

/* Sources remembered at once, per limit and family. */
#define METER_SIZE 65535

/* How long a bucket must live to be full again: forgetting it then changes nothing. */
static uint32_t meter_timeout(const struct rate *rate, uint32_t burst)
{
	uint64_t seconds = ((uint64_t)burst + 1) * rate->seconds / rate->count + 1;

	if (seconds < 60)
		return 60;
	return seconds > 7 * 86400 ? 7 * 86400 : (uint32_t)seconds;
}

static struct ir_set *meter_set(struct lower *l, const char *name, enum family family,
	const struct ir_origin *origin, const struct rate *rate, uint32_t burst)
{
	struct ir_set *set = ir_set_add(l->ir,
		arena_printf(l->arena, "%s_%s", name, family == FAMILY_V4 ? "v4" : "v6"), origin);

	set->key[0] = family == FAMILY_V4 ? IR_KEY_ADDR4 : IR_KEY_ADDR6;
	set->n_key = 1;
	set->dynamic = set->keep = set->has_rate = true;
	set->rate = *rate;
	set->burst = burst;
	set->timeout = meter_timeout(rate, burst);
	set->size = METER_SIZE;
	return set;
}

struct ir_chain *lower_source_limit(struct lower *l, const char *name, const struct ir_origin *origin,
	const struct rate *rate, uint32_t burst, const char *log_prefix)
{
	struct ir_chain *chain = ir_chain_find(l->ir, name);

	if (chain)
		return chain;
	chain = ir_chain_add(l->ir, name, IR_ROLE_OTHER, IR_INPUT, IR_FILTER);
	chain->origin = origin;
	for (int i = 0; i < 2; i++) {
		enum family family = i ? FAMILY_V6 : FAMILY_V4;
		struct ir_rule *rule = ir_rule_add(l->ir, chain, origin);

		rule->family = family;
		ir_match_add(l->ir, rule, IR_M_METER)->set.set =
			meter_set(l, name, family, origin, rate, burst);
		rule->verdict.kind = IR_RETURN;
	}
	if (log_prefix) {
		struct ir_rule *rule = ir_rule_add(l->ir, chain, origin);
		struct ir_limit *limit = ARENA_NEW(l->arena, struct ir_limit);

		limit->name = arena_printf(l->arena, "log_%s", name);
		limit->origin = origin;
		limit->rate = (struct rate){ .count = 1, .seconds = 1 };
		limit->burst = 5;
		vec_push(l->arena, &l->ir->limits, limit);
		match_limit(l, rule, limit);
		lower_log(l, rule, log_prefix);
	}

	struct ir_rule *over = ir_rule_add(l->ir, chain, origin);

	over->comment = "over the limit of one source";
	over->verdict.kind = IR_DROP;
	return chain;
}

static void match_flags(struct lower *l, struct ir_rule *rule, uint8_t value, uint8_t mask)
{
	range_set_add(l->arena, &ir_match_add(l->ir, rule, IR_M_PROTO)->ranges,
		(struct range){ PROTO_TCP, PROTO_TCP });

	struct ir_match *m = ir_match_add(l->ir, rule, IR_M_TCPFLAGS);

	m->tcpflags.value = value;
	m->tcpflags.mask = mask;
}

static struct ir_chain *syn_chain(struct lower *l, const struct ir_origin *origin)
{
	const struct defaults *d = &l->policy->defaults;
	uint32_t burst = (uint32_t)d->synflood_burst.v;

	if (d->synflood_per_source.v)
		return lower_source_limit(l, "syn_flood", origin, &d->synflood_rate.v, burst, NULL);

	struct ir_chain *chain = ir_chain_find(l->ir, "syn_flood");

	if (chain)
		return chain;
	chain = ir_chain_add(l->ir, "syn_flood", IR_ROLE_SYN_FLOOD, IR_INPUT, IR_FILTER);

	struct ir_limit *limit = ARENA_NEW(l->arena, struct ir_limit);
	struct ir_rule *within = ir_rule_add(l->ir, chain, origin);
	struct ir_rule *over = ir_rule_add(l->ir, chain, origin);

	limit->name = "syn_flood";
	limit->origin = origin;
	limit->rate = d->synflood_rate.v;
	limit->burst = burst;
	vec_push(l->arena, &l->ir->limits, limit);
	match_limit(l, within, limit);
	within->verdict.kind = IR_RETURN;
	over->verdict.kind = IR_DROP;
	return chain;
}

static void jump_on_syn(struct lower *l, enum ir_hook hook, const struct ir_origin *origin)
{
	struct ir_rule *rule = ir_rule_add(l->ir, ir_base(l->ir, hook, IR_FILTER), origin);

	match_flags(l, rule, 2, 1 | 2 | 4 | 16); /* of FIN, SYN, RST, ACK only SYN */
	rule->comment = "SYN flood protection";
	rule->verdict.kind = IR_JUMP;
	rule->verdict.chain = syn_chain(l, origin);
}

void lower_syn_flood(struct lower *l)
{
	const struct defaults *d = &l->policy->defaults;
	const struct ir_origin *origin;

	if (!d->syn_flood.v || !d->s.span.src)
		return;
	origin = lower_origin(l, &d->s, NULL);
	jump_on_syn(l, IR_INPUT, origin);
	if (d->synflood_forward.v)
		jump_on_syn(l, IR_FORWARD, origin);
}

void lower_flag_attacks(struct lower *l)
{
	const struct defaults *d = &l->policy->defaults;
	const struct {
		bool on;
		uint8_t value, mask;
		const char *name;
	} rows[] = {
		{ d->syn_fin.v, 3, 3, "SYN-FIN attack" },
		{ d->syn_rst.v, 6, 6, "SYN-RST attack" },
		{ d->x_max.v, 41, 63, "X-Mas attack" }, /* FIN, PSH, URG and nothing else */
		{ d->nmap_fin.v, 1, 63, "FIN scan" },
		{ d->null_flags.v, 0, 63, "NULL flags attack" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ir_rule *rule;

		if (!rows[i].on)
			continue;
		rule = ir_rule_add(l->ir, ir_base(l->ir, IR_PREROUTING, IR_RAW),
			d->s.span.src ? lower_origin(l, &d->s, NULL) : NULL);
		match_flags(l, rule, rows[i].value, rows[i].mask);
		rule->comment = rows[i].name;
		rule->counter = lower_counter(l, "attack", &d->s, rows[i].name);
		rule->verdict.kind = IR_DROP;
	}
}

static void sysctl(struct lower *l, const char *path, const char *value)
{
	struct ir_sysctl s = { .path = path, .value = value };

	if (l->policy->defaults.s.span.src)
		s.origin = lower_origin(l, &l->policy->defaults.s, NULL);
	vec_push(l->arena, &l->ir->sysctls, s);
}

void lower_sysctls(struct lower *l)
{
	const struct defaults *d = &l->policy->defaults;

	sysctl(l, "net/ipv4/tcp_syncookies", d->tcp_syncookies.v ? "1" : "0");
	if (d->tcp_ecn.given.set)
		sysctl(l, "net/ipv4/tcp_ecn",
			arena_printf(l->arena, "%lld", (long long)d->tcp_ecn.v));
	if (d->tcp_window_scaling.given.set)
		sysctl(l, "net/ipv4/tcp_window_scaling", d->tcp_window_scaling.v ? "1" : "0");
}
