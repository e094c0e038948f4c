/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Port scans. A zone with port_scan counts the ports at which each of its senders was refused; who
 * reaches hitcount different ones within `seconds` is banned for as long, and each further attempt
 * renews the ban. Visits to open services are never counted, so they can never ban anyone.
 *
 *   refused_ZONE        on the way to each refusal: counts, and bans
 *   banned_ZONE         before everything that could accept: who is banned is dropped
 *   refused_ZONE_X      what refuses goes here instead of to X: count, then X
 *
 * Three sets per family: (source, protocol, port) already counted; a counter per source; the bans.
 * nft cannot count the elements of one source, so a pair not yet known takes a token of the
 * source's bucket. Bucket and pair live `seconds` from their first packet and are not renewed: the
 * bucket (hitcount - 1 tokens, refilled within a day only) says exactly "hitcount ports within
 * `seconds` of the first". A full set of pairs counts a port again, a full set of counters bans at
 * the first refused port: both only hurt who was refused anyway.
 */
#include "lower/lower_priv.h"

struct scan {
	const struct zone *z;
	const struct ir_origin *origin;
	struct ir_chain *refused, *banned;
	struct ir_set *bans[2]; /* IPv4, IPv6 */
};

static const enum family both[] = { FAMILY_V4, FAMILY_V6 };

static bool zone_has_family(const struct zone *z, enum family family)
{
	return z->family.v == FAMILY_ANY || z->family.v == family;
}

static struct ir_chain *scan_chain(struct lower *l, const struct scan *s, const char *kind)
{
	struct ir_chain *chain =
		ir_chain_add(l->ir, ir_identifier(l->arena, kind, slice_of(s->z->name.v), 40),
			IR_ROLE_OTHER, IR_FORWARD, IR_FILTER);

	chain->origin = s->origin;
	chain->zone = arena_strdup(l->arena, s->z->name.v);
	return chain;
}

static const char *scan_name(struct lower *l, const struct scan *s, const char *kind)
{
	return ir_identifier(l->arena, kind, slice_of(s->z->name.v), 26);
}

static void add_protos(struct lower *l, struct ir_rule *rule)
{
	struct range_set *set = &ir_match_add(l->ir, rule, IR_M_PROTO)->ranges;

	range_set_add(l->arena, set, (struct range){ PROTO_TCP, PROTO_TCP });
	range_set_add(l->arena, set, (struct range){ PROTO_UDP, PROTO_UDP });
}

/* Senders that are never banned return from the chain. */
static void let_allowed_return(struct lower *l, const struct scan *s, struct ir_chain *chain)
{
	const struct zone *z = s->z;

	for (size_t i = 0; z->port_scan_allow.n && i < 2; i++) {
		struct address_choices choices =
			address_choices(l, z->port_scan_allow.v, z->port_scan_allow.n, both[i]);

		if (choices.excluded || !zone_has_family(z, both[i]))
			continue;
		for (size_t k = 0; k < choices.any_of.n; k++) {
			struct ir_rule *rule = ir_rule_add(l->ir, chain, s->origin);

			rule->family = both[i];
			address_match(l, l->ir, rule, &choices.any_of.v[k], &choices, false);
			rule->comment = "never banned";
			rule->verdict.kind = IR_RETURN;
		}
	}
}

/* ---- counting ---- */

static struct ir_rule *counting_rule(struct lower *l, const struct scan *s, enum family family)
{
	struct ir_rule *rule = ir_rule_add(l->ir, s->refused, s->origin);

	rule->family = family;
	return rule;
}

static struct ir_set *pair_set(struct lower *l, const struct scan *s, enum family family)
{
	struct ir_set *set = lower_source_set(
		l, scan_name(l, s, "ports"), family, s->origin, (uint32_t)s->z->seconds.v);

	set->key[1] = IR_KEY_PROTO_PORT;
	set->n_key = 2;
	set->once = true;
	return set;
}

static struct ir_set *count_set(struct lower *l, const struct scan *s, enum family family)
{
	struct ir_set *set = lower_source_set(
		l, scan_name(l, s, "scans"), family, s->origin, (uint32_t)s->z->seconds.v);

	set->once = set->has_rate = true;
	set->rate = (struct rate){ .count = 1, .seconds = 86400 };
	set->burst = (uint32_t)s->z->hitcount.v - 1;
	return set;
}

/* A port that is new for its source takes a token; who has none left is banned. */
static void count_family(struct lower *l, const struct scan *s, enum family family)
{
	const struct ir_set *pairs = pair_set(l, s, family), *counts = count_set(l, s, family);
	struct ir_rule *known = counting_rule(l, s, family), *fresh, *within;
	struct ir_match *m;
	struct ir_statement *add;

	add_protos(l, known);
	m = ir_match_add(l->ir, known, IR_M_SET);
	m->set.set = pairs;
	m->set.dest[1] = true;
	known->verdict.kind = IR_RETURN;

	fresh = counting_rule(l, s, family);
	add_protos(l, fresh);
	add = ir_statement_add(l->ir, fresh, IR_S_SET_ADD);
	add->set.set = pairs;
	add->set.dest[1] = true;

	within = counting_rule(l, s, family);
	ir_match_add(l->ir, within, IR_M_METER)->set.set = counts;
	within->verdict.kind = IR_RETURN;
}

static void log_scan(struct lower *l, const struct scan *s)
{
	struct ir_rule *rule;

	if (!(s->z->log.v & 1))
		return;
	rule = ir_rule_add(l->ir, s->refused, s->origin);
	lower_log_overlimit(l, rule, s->refused->name, s->origin,
		arena_printf(l->arena, "PORT SCAN %s: ", s->z->name.v));
}

static void ban_family(struct lower *l, const struct scan *s, enum family family)
{
	struct ir_rule *rule = counting_rule(l, s, family);

	ir_statement_add(l->ir, rule, IR_S_SET_ADD)->set.set = s->bans[family == FAMILY_V6];
	rule->comment = "port scan: banned";
	rule->verdict.kind = IR_DROP;
}

/*
 * Only TCP and UDP, only what begins something, and only what is sent to us alone: late answers,
 * broadcasts and multicasts go to closed ports every day.
 */
static void let_innocent_return(struct lower *l, const struct scan *s)
{
	struct ir_rule *rule = ir_rule_add(l->ir, s->refused, s->origin);

	ir_match_add(l->ir, rule, IR_M_CTSTATE)->bits = IR_CT_NEW;
	rule->matches[0].negate = true;
	rule->verdict.kind = IR_RETURN;
	rule = ir_rule_add(l->ir, s->refused, s->origin);
	add_protos(l, rule);
	rule->matches[0].negate = true;
	rule->verdict.kind = IR_RETURN;
	rule = ir_rule_add(l->ir, s->refused, s->origin);
	ir_match_add(l->ir, rule, IR_M_PKTTYPE)->bits = 1; /* unicast */
	rule->matches[0].negate = true;
	rule->verdict.kind = IR_RETURN;
}

static struct ir_chain *refused_chain(struct lower *l, struct scan *s)
{
	s->refused = scan_chain(l, s, "refused");
	let_innocent_return(l, s);
	let_allowed_return(l, s, s->refused);
	for (size_t i = 0; i < 2; i++) {
		if (zone_has_family(s->z, both[i]))
			count_family(l, s, both[i]);
	}
	log_scan(l, s);
	for (size_t i = 0; i < 2; i++) {
		if (zone_has_family(s->z, both[i]))
			ban_family(l, s, both[i]);
	}
	return s->refused;
}

/* ---- bans ---- */

static void banned_chain(struct lower *l, struct scan *s)
{
	const struct ir_counter *counter = lower_counter(l, "banned", &s->z->s, s->z->name.v);

	s->banned = scan_chain(l, s, "banned");
	let_allowed_return(l, s, s->banned);
	for (size_t i = 0; i < 2; i++) {
		struct ir_rule *rule;

		if (!zone_has_family(s->z, both[i]))
			continue;
		s->bans[i] = lower_source_set(
			l, scan_name(l, s, "bans"), both[i], s->origin, (uint32_t)s->z->seconds.v);
		rule = ir_rule_add(l->ir, s->banned, s->origin);
		rule->family = both[i];
		ir_match_add(l->ir, rule, IR_M_SET)->set.set = s->bans[i];
		ir_statement_add(l->ir, rule, IR_S_SET_ADD)->set.set = s->bans[i];
		rule->counter = counter;
		rule->comment = "banned for a port scan";
		rule->verdict.kind = IR_DROP;
	}
}

size_t lower_from_zone(
	struct lower *l, struct ir_chain *chain, const struct zone *z, struct ir_rule *ret[2])
{
	const struct ir_origin *origin = lower_origin(l, &z->s, z->name.v);
	size_t n = 0;

	for (size_t i = 0; i < (zone_has_subnets(z) ? 2 : 1); i++) {
		enum family family = zone_has_subnets(z) ? both[i] : z->family.v;
		struct ir_rule *rule = ir_rule_add(l->ir, chain, origin);

		rule->family = family;
		if ((family != FAMILY_ANY && !zone_has_family(z, family)) ||
			!zone_match(l, rule, z, false))
			chain->rules.n--;
		else
			ret[n++] = rule;
	}
	return n;
}

/* Established connections go on: a ban must not cut off answers to what was asked from inside. */
static void jump_to_banned(struct lower *l, const struct scan *s, enum ir_hook hook)
{
	struct ir_rule *rules[2];
	size_t n = lower_from_zone(l, ir_base(l->ir, hook, IR_FILTER), s->z, rules);

	for (size_t i = 0; i < n; i++) {
		ir_match_add(l->ir, rules[i], IR_M_CTSTATE)->bits = IR_CT_NEW | IR_CT_INVALID;
		rules[i]->verdict = (struct ir_verdict){ .kind = IR_JUMP, .chain = s->banned };
	}
}

static void warn_when_nothing_is_refused(struct lower *l, const struct zone *z)
{
	struct diag *w;

	if (z->input.v != ACTION_ACCEPT || l->policy->defaults.forward.v != ACTION_ACCEPT)
		return;
	w = diag_warning(l->diags, given_span(l->policy->source, &z->port_scan.given),
		"port-scan-nothing-refused",
		"zone '%s' and the forward policy accept everything, so only rules that refuse are "
		"counted",
		z->name.v);
	diag_hint(l->diags, w, "set option input 'REJECT' in the zone");
}

void lower_port_scans(struct lower *l)
{
	vec_each (it, &l->policy->zones) {
		struct scan s = { .z = *it };

		if (!s.z->port_scan.v)
			continue;
		warn_when_nothing_is_refused(l, s.z);
		s.origin = lower_origin(l, &s.z->s, s.z->name.v);
		banned_chain(l, &s);
		l->zones[s.z->index].refused = refused_chain(l, &s);
		jump_to_banned(l, &s, IR_INPUT);
		jump_to_banned(l, &s, IR_FORWARD);
	}
}

/* ---- refusals ---- */

void lower_count_refusal(struct lower *l, const struct zone *z, struct ir_rule *rule)
{
	struct ir_verdict *v = &rule->verdict;
	struct ir_chain *refused = l->zones[z->index].refused, *chain;
	struct ir_rule *jump;
	const char *name;

	if (!refused)
		return;
	name = arena_printf(
		l->arena, "%s_%s", refused->name, v->kind == IR_GOTO ? v->chain->name : "drop");
	chain = ir_chain_find(l->ir, name);
	if (!chain) {
		chain = ir_chain_add(l->ir, name, IR_ROLE_FROM_ZONE, IR_FORWARD, IR_FILTER);
		chain->origin = refused->origin;
		chain->zone = refused->zone;
		jump = ir_rule_add(l->ir, chain, refused->origin);
		jump->verdict = (struct ir_verdict){ .kind = IR_JUMP, .chain = refused };
		ir_rule_add(l->ir, chain, refused->origin)->verdict = *v;
	}
	*v = (struct ir_verdict){ .kind = IR_GOTO, .chain = chain };
}

void lower_count_fall_through(struct lower *l, const struct zone *z, struct ir_chain *chain)
{
	struct ir_chain *refused = l->zones[z->index].refused;

	if (refused && l->policy->defaults.forward.v != ACTION_ACCEPT)
		ir_rule_add(l->ir, chain, refused->origin)->verdict =
			(struct ir_verdict){ .kind = IR_JUMP, .chain = refused };
}
