/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule of the IR as rules of iptables: one for each combination of alternatives.
 *
 * With several targets the combinations lead to a chain of their own that does them in order. By
 * -j, so that a packet comes back when nothing is decided; by -g when the verdict itself speaks of
 * the caller (return, goto): the end of that chain then is a return from this one.
 *
 * What must not hold and cannot be negated in one rule sends its packets, by -g, to the rest of
 * the chain, which becomes a chain of its own: "not (a or b)" as in "a: go on; b: go on; do".
 */
#include <string.h>

#include "emit/ipt/ipt_priv.h"

void xt_rule_push(struct xt_build *b, struct xt_chain *chain, const struct ir_rule *ir,
	const struct xt_words *conditions, const struct xt_target *target, bool counted)
{
	struct xt_words w = { 0 };
	struct xt_rule rule = { 0 };

	if (conditions)
		xt_words_add(b, &w, conditions);
	struct xt_words comment = xt_words_of(b, "-m", "comment", "--comment",
		ir && ir->comment ? xt_text(b, XT_TAG ": %s", ir->comment) : XT_TAG, NULL);

	/* words of a target that are matches stand before the comment like others */
	size_t jump = 0;

	while (target && jump < target->words.n && strcmp(target->words.v[jump], "-j") != 0 &&
		strcmp(target->words.v[jump], "-g") != 0) {
		vec_push(b->arena, &w, target->words.v[jump]);
		jump++;
	}
	xt_words_add(b, &w, &comment);
	for (; target && jump < target->words.n; jump++)
		vec_push(b->arena, &w, target->words.v[jump]);
	rule.words = w.v;
	rule.n_words = w.n;
	rule.to = target ? target->to : NULL;
	rule.target = target ? target->optional : NULL;
	rule.counter = ir && counted ? ir->counter : NULL;
	rule.origins = ir ? ir->origins : NULL;
	rule.n_origins = ir ? ir->n_origins : 0;
	vec_push(b->arena, &chain->rules, rule);
}

/* ---- conditions ---- */

static void begin_protos(struct xt_rule_build *r)
{
	memset(r->protos, 0xff, sizeof(r->protos));
	for (size_t i = 0; i < r->ir->n_matches; i++) {
		const struct ir_match *m = &r->ir->matches[i];

		if (m->kind != IR_M_PROTO)
			continue;
		for (unsigned p = 0; p < 256; p++) {
			if (range_set_has(&m->ranges, p) == m->negate)
				r->protos[p / 32] &= ~(1U << p % 32);
		}
	}
	r->never |= !xt_protos_count(r);
}

static void only_proto(struct xt_rule_build *r, unsigned proto)
{
	bool possible = xt_proto_possible(r, proto);

	memset(r->protos, 0, sizeof(r->protos));
	if (possible)
		r->protos[proto / 32] |= 1U << proto % 32;
	else
		r->never = true;
}

/* -p stands before the ports, and is known after them. */
static void lower_l4(struct xt_rule_build *r)
{
	size_t slot = r->choices.n;

	vec_push(r->b->arena, &r->choices, (struct xt_choice){ 0 });
	for (size_t i = 0; i < r->ir->n_matches; i++) {
		const struct ir_match *m = &r->ir->matches[i];

		if (m->kind == IR_M_SPORT || m->kind == IR_M_DPORT)
			xt_lower_ports(r, m, m->kind == IR_M_DPORT);
	}
	for (size_t i = 0; i < r->ir->n_matches; i++) {
		if (r->ir->matches[i].kind == IR_M_TCPFLAGS)
			xt_lower_match(r, &r->ir->matches[i]);
	}

	size_t n = r->choices.n;

	xt_lower_protos(r);
	if (r->choices.n > n) {
		r->choices.v[slot] = r->choices.v[n];
		r->choices.n--;
	} else {
		struct xt_choice anything = { 0 };

		xt_alternative(r, &anything, (struct xt_words){ 0 });
		r->choices.v[slot] = anything;
	}
}

static void lower_matches(struct xt_rule_build *r)
{
	for (int out = 0; out < 2; out++) {
		for (size_t i = 0; i < r->ir->n_matches; i++) {
			if (r->ir->matches[i].kind == (out ? IR_M_OIF : IR_M_IIF))
				xt_lower_devices(r, &r->ir->matches[i], out);
		}
	}
	xt_lower_addresses(r, false);
	xt_lower_addresses(r, true);
	lower_l4(r);
	for (size_t i = 0; i < r->ir->n_matches; i++) {
		if (r->ir->matches[i].kind != IR_M_TCPFLAGS)
			xt_lower_match(r, &r->ir->matches[i]);
	}
}

/* How many combinations the first n choices have; 0: none, or (after a refusal) too many. */
static size_t combinations(struct xt_rule_build *r, size_t n)
{
	size_t all = 1;

	for (size_t i = 0; i < n; i++) {
		all *= r->choices.v[i].of.n;
		if (all > XT_ALTERNATIVES_MAX) {
			xt_refuse(r->b, XT_NO_TOO_MANY);
			return 0;
		}
	}
	return all;
}

static struct xt_words combination(struct xt_rule_build *r, size_t n, size_t number)
{
	struct xt_words w = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct xt_choice *c = &r->choices.v[i];

		xt_words_add(r->b, &w, &c->of.v[number % c->of.n]);
		number /= c->of.n;
	}
	return w;
}

static void push_all(
	struct xt_rule_build *r, size_t n_choices, const struct xt_target *target, bool counted)
{
	size_t n = combinations(r, n_choices);

	for (size_t i = 0; i < n; i++) {
		struct xt_words w = combination(r, n_choices, i);

		xt_rule_push(r->b, *r->at, r->ir, &w, target, counted);
	}
}

/* ---- several targets ---- */

/* A target as rules of the chain of steps: one for each protocol that it needs to be told. */
static void push_step(struct xt_rule_build *r, struct xt_chain *steps, const struct xt_target *t)
{
	if (!t->proto) {
		xt_rule_push(r->b, steps, r->ir, NULL, t, false);
		return;
	}
	for (unsigned p = 1; p < 256; p++) {
		if (!xt_proto_possible(r, p) ||
			(t->proto == XT_PROTO_ANY_OF ? !proto_has_ports((uint8_t)p)
						     : (unsigned)t->proto != p))
			continue;
		struct xt_words w = xt_words_of(r->b, "-p", xt_text(r->b, "%u", p), NULL);

		xt_rule_push(r->b, steps, r->ir, &w, t, false);
	}
}

static void lower_steps(struct xt_rule_build *r)
{
	enum ir_verdict_kind kind = r->ir->verdict.kind;
	struct xt_chain *steps = xt_step_chain(r->b);
	struct xt_target to =
		xt_jump(r->b, kind == IR_RETURN || kind == IR_GOTO ? "-g" : "-j", steps);

	push_all(r, r->choices.n, &to, true);
	vec_each (t, &r->targets)
		push_step(r, steps, t);
}

/* ---- all of it ---- */

static void lower_targets(struct xt_rule_build *r)
{
	for (size_t i = 0; i < r->ir->n_statements; i++)
		xt_lower_statement(r, &r->ir->statements[i]);
	xt_lower_verdict(r);
}

/* Which protocols of a rule are meant. */
enum udplite { WITH_UDPLITE, NO_UDPLITE, ONLY_UDPLITE };

/* Packets that must not match go on in a chain of their own; returns that chain. */
static struct xt_chain *exclude(struct xt_rule_build *r)
{
	struct xt_chain *rest = xt_step_chain(r->b);
	struct xt_target to = xt_jump(r->b, "-g", rest);
	struct ir_rule unnamed = *r->ir;

	unnamed.comment = NULL; /* it is what the section is not about */
	for (size_t i = 0; i < r->exclusions.n; i++)
		xt_rule_push(r->b, *r->at, &unnamed, &r->exclusions.v[i], &to, false);
	return rest;
}

/* After a rule with exclusions what it did not decide goes on in the rest, too. */
static void go_on(struct xt_rule_build *r, struct xt_chain *rest)
{
	struct xt_target to = xt_jump(r->b, "-g", rest);
	struct ir_rule unnamed = *r->ir;

	unnamed.comment = NULL;
	xt_rule_push(r->b, *r->at, &unnamed, NULL, &to, false);
	*r->at = rest;
}

static void lower_for(struct xt_build *b, const struct ir_chain *in, struct xt_chain **at,
	const struct ir_rule *rule, enum udplite udplite)
{
	struct xt_rule_build r = { .b = b,
		.family = b->family->family,
		.hook = in->hook,
		.stage = in->stage,
		.ir = rule,
		.at = at };
	struct xt_chain *rest = NULL;

	begin_protos(&r);
	if (udplite == ONLY_UDPLITE)
		only_proto(&r, PROTO_UDPLITE);
	else if (udplite == NO_UDPLITE)
		r.protos[PROTO_UDPLITE / 32] &= ~(1U << PROTO_UDPLITE % 32);
	if (r.never || !xt_protos_count(&r))
		return;
	/* ports before targets: these look at what flags the rule asks for, and narrow protocols */
	for (size_t i = 0; i < rule->n_matches; i++) {
		const struct ir_match *m = &rule->matches[i];

		if (m->kind == IR_M_TCPFLAGS && !m->negate && (m->tcpflags.value & 2))
			r.flags_have_syn = true;
	}
	lower_targets(&r);
	if (r.targets.n == 1 && r.targets.v[0].proto > 0 &&
		r.targets.v[0].proto != XT_PROTO_ANY_OF)
		only_proto(&r, (unsigned)r.targets.v[0].proto);
	if (r.never)
		return;
	lower_matches(&r);
	if (r.never || !combinations(&r, r.choices.n))
		return;
	if (r.alone && combinations(&r, r.choices.n) > 1)
		xt_refuse(b, XT_NO_CONNECTIONS_SEVERAL);
	if (r.exclusions.n)
		rest = exclude(&r);
	if (r.before.n)
		push_all(&r, r.choices_before, &r.before.v[0], false);
	if (r.targets.n > 1)
		lower_steps(&r);
	else
		push_all(&r, r.choices.n, r.targets.n ? &r.targets.v[0] : NULL, true);
	if (rest)
		go_on(&r, rest);
}

static bool translates_ports(const struct ir_rule *rule)
{
	return rule->verdict.nat.has_ports &&
	       (rule->verdict.kind == IR_SNAT || rule->verdict.kind == IR_MASQUERADE);
}

/*
 * xt_nat knows no ports of UDP-Lite. Its packets get the source address alone, so that none leaves
 * with the one from inside; the kernel finds a port itself.
 */
void xt_lower_rule(struct xt_build *b, const struct ir_chain *in, struct xt_chain **at,
	const struct ir_rule *rule)
{
	struct ir_rule address_only = *rule;

	if (!translates_ports(rule)) {
		lower_for(b, in, at, rule, WITH_UDPLITE);
		return;
	}
	lower_for(b, in, at, rule, NO_UDPLITE);
	address_only.verdict.nat.has_ports = false;
	if (rule->verdict.nat.has_addr || rule->verdict.kind == IR_MASQUERADE)
		lower_for(b, in, at, &address_only, ONLY_UDPLITE);
}
