/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chains in which packets within a limit return and all others are dropped. A bucket per source
 * lives in a dynamic set; when the set is full no new source gets one, so the rules say "within
 * the limit: go on; everything else: drop". The other order ("add the source; over the limit:
 * drop") would let everybody pass as soon as an attacker with many addresses has filled the set.
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

const char *lower_set_name(struct lower *l, const char *base, const char *suffix)
{
	const char *name = arena_printf(l->arena, "%s%s", base, suffix);

	/* The user's own sets came first and keep their names. */
	for (unsigned i = 2; ir_set_find(l->ir, name); i++)
		name = arena_printf(l->arena, "%s_%u%s", base, i, suffix);
	return name;
}

struct ir_set *lower_source_set(struct lower *l, const char *name, enum family family,
	const struct ir_origin *origin, uint32_t timeout)
{
	struct ir_set *set = ir_set_add(
		l->ir, lower_set_name(l, name, family == FAMILY_V4 ? "_v4" : "_v6"), origin);

	set->key[0] = family == FAMILY_V4 ? IR_KEY_ADDR4 : IR_KEY_ADDR6;
	set->n_key = 1;
	set->dynamic = set->keep = true;
	set->net6 = family == FAMILY_V6 && l->policy->defaults.source_prefix6.v == 64;
	set->timeout = timeout;
	set->size = METER_SIZE;
	return set;
}

const struct ir_limit *lower_limit(struct lower *l, const char *name,
	const struct ir_origin *origin, struct rate rate, uint32_t burst)
{
	struct ir_limit *limit = ARENA_NEW(l->arena, struct ir_limit);

	limit->name = name;
	limit->origin = origin;
	limit->rate = rate;
	limit->burst = burst;
	vec_push(l->arena, &l->ir->limits, limit);
	return limit;
}

static void within_per_source(
	struct lower *l, struct ir_chain *chain, const struct limit_wish *wish)
{
	static const enum family both[] = { FAMILY_V4, FAMILY_V6 };

	for (size_t i = 0; i < 2; i++) {
		struct ir_rule *rule;
		struct ir_set *set;

		if (wish->family != FAMILY_ANY && wish->family != both[i])
			continue;
		rule = ir_rule_add(l->ir, chain, wish->origin);
		set = lower_source_set(l, wish->name, both[i], wish->origin,
			meter_timeout(&wish->rate, wish->burst));
		set->has_rate = true;
		set->rate = wish->rate;
		set->burst = wish->burst;
		rule->family = both[i];
		ir_match_add(l->ir, rule, IR_M_METER)->set.set = set;
		rule->verdict.kind = IR_RETURN;
	}
}

static void within_for_all(struct lower *l, struct ir_chain *chain, const struct limit_wish *wish)
{
	struct ir_rule *rule = ir_rule_add(l->ir, chain, wish->origin);

	match_limit(l, rule, lower_limit(l, wish->name, wish->origin, wish->rate, wish->burst));
	rule->verdict.kind = IR_RETURN;
}

void lower_log_overlimit(struct lower *l, struct ir_rule *rule, const char *name,
	const struct ir_origin *origin, const char *prefix)
{
	const struct rate once_a_second = { .count = 1, .seconds = 1 };

	match_limit(l, rule,
		lower_limit(l, arena_printf(l->arena, "log_%s", name), origin, once_a_second, 5));
	lower_log(l, rule, prefix);
}

struct ir_chain *lower_limit_chain(struct lower *l, const struct limit_wish *wish)
{
	struct ir_chain *chain =
		ir_chain_add(l->ir, wish->name, wish->role, wish->hook, wish->stage);
	struct ir_rule *over;

	chain->origin = wish->origin;
	if (wish->per_source)
		within_per_source(l, chain, wish);
	else
		within_for_all(l, chain, wish);
	if (wish->log_prefix)
		lower_log_overlimit(l, ir_rule_add(l->ir, chain, wish->origin), wish->name,
			wish->origin, wish->log_prefix);
	over = ir_rule_add(l->ir, chain, wish->origin);
	over->counter = wish->counter;
	over->comment = wish->per_source ? "over the limit of one source" : "over the limit";
	over->verdict.kind = IR_DROP;
	return chain;
}
