/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule of the IR as rules of nft. Mostly one; two when a field lies elsewhere in IPv6 than in
 * IPv4 and the rule is for both, or when either of two IPsec paths will do.
 */
#include <string.h>

#include "base/bug.h"
#include "emit/nft/nft_priv.h"

static bool is_icmp_of(uint8_t proto, enum family family)
{
	return (proto == PROTO_ICMP && family == FAMILY_V4) ||
	       (proto == PROTO_ICMPV6 && family == FAMILY_V6);
}

/*
 * The family stands first when no later field states it. nft's listing takes "ipv4" for said when
 * "icmp" follows it, but not when it goes before.
 */
static void lower_family(struct nft_rule_build *r)
{
	if (!r->family_first)
		return;
	if (!r->proto_deferred && is_icmp_of(r->proto, r->family))
		nft_match_proto(r, r->proto, false);
	r->known_family = r->family;
	nft_match_family(r, false);
}

static bool lower_matches(struct nft_rule_build *r)
{
	size_t n;
	const struct ir_match **order = nft_plan(r, &n);

	lower_family(r);
	for (size_t i = 0; i < n; i++) {
		if (!nft_lower_match(r, order[i]))
			return false;
	}
	return true;
}

static void rule_push(struct nft_rule_build *r, struct nft_chain *chain, const char *comment)
{
	nft_rule_end(r, chain,
		(struct nft_rule){ .comment = comment,
			.origins = r->ir->origins,
			.n_origins = r->ir->n_origins });
}

static bool has_steps(const struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_statements; i++) {
		if (nft_statement_is_steps(&rule->statements[i]))
			return true;
	}
	return false;
}

/* One statement as a rule of its own, of which nft knows nothing yet. */
static void lower_step(struct nft_rule_build *s, const struct ir_statement *statement)
{
	if (nft_statement_is_steps(statement)) {
		nft_add_verdict(s, NFT_V_JUMP, nft_steps_chain(s->b, statement, s->family));
		return;
	}
	if ((statement->kind == IR_S_SET_ADD || statement->kind == IR_S_SET_DELETE) &&
		s->family != FAMILY_ANY &&
		nft_mac_leads(statement->set.set)) {
		s->known_family = s->family;
		nft_match_family(s, false);
	}
	nft_lower_statement(s, statement);
}

/*
 * A jump ends a rule of nft, so the statements around it become rules of a chain of their own.
 * Verdicts that speak of the caller (return, goto) go there by goto and so mean the same.
 */
static void lower_steps(struct nft_rule_build *r, struct nft_chain *chain)
{
	const struct ir_rule *rule = r->ir;
	bool leave = rule->verdict.kind == IR_RETURN || rule->verdict.kind == IR_GOTO;
	enum nft_verdict_kind by = leave ? NFT_V_GOTO : NFT_V_JUMP;

	if (rule->n_statements == 1 && rule->verdict.kind == IR_CONTINUE) {
		nft_add_verdict(r, by, nft_steps_chain(r->b, rule->statements, r->family));
		return;
	}

	struct nft_chain *steps = nft_chain_new(r->b,
		arena_printf(r->b->arena, "%s_steps_%zu", chain->name, r->b->program->chains.n));
	struct nft_rule_build s = { .b = r->b, .ir = rule, .family = r->family, .proto = r->proto };

	steps->origin = rule->n_origins ? rule->origins[0] : NULL;
	nft_add_verdict(r, by, steps);
	for (size_t i = 0; i < rule->n_statements; i++) {
		lower_step(&s, &rule->statements[i]);
		rule_push(&s, steps, NULL);
		s.known_family = FAMILY_ANY;
		s.known_proto = 0;
		s.known_ether = false;
	}
	if (nft_verdict_needs_proto(&rule->verdict) && r->protos)
		nft_lower_match(&s, r->protos);
	if (rule->verdict.kind != IR_RETURN)
		nft_lower_verdict(&s, &rule->verdict);
	rule_push(&s, steps, NULL);
}

static void lower_alternative(struct nft_build *b, struct nft_chain *chain,
	const struct ir_rule *rule, enum family family, uint32_t ipsec, enum ir_hook hook)
{
	struct nft_rule_build r = {
		.b = b, .ir = rule, .family = family, .ipsec = ipsec, .hook = hook
	};

	if (!lower_matches(&r)) {
		nft_rule_forget(&r);
		return;
	}
	if (rule->counter)
		nft_expr_add(&r, NFT_E_COUNTER)->object = nft_name(b, rule->counter->name);
	if (has_steps(rule)) {
		lower_steps(&r, chain);
	} else {
		for (size_t i = 0; i < rule->n_statements; i++)
			nft_lower_statement(&r, &rule->statements[i]);
		nft_lower_verdict(&r, &rule->verdict);
	}
	rule_push(&r, chain, rule->comment);
}

/* A field that IPv4 and IPv6 keep at different places. */
static bool needs_family(const struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		const struct ir_match *m = &rule->matches[i];

		if ((m->kind == IR_M_DSCP || m->kind == IR_M_TTL) && m->ranges.n)
			return true;
	}
	for (size_t i = 0; i < rule->n_statements; i++) {
		if (rule->statements[i].kind == IR_S_DSCP || rule->statements[i].kind == IR_S_TTL)
			return true;
	}
	return false;
}

static bool needs_both_ipsec(const struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		const struct ir_match *m = &rule->matches[i];

		if (m->kind == IR_M_IPSEC && !m->negate && (m->bits & 3) == 3)
			return true;
	}
	return false;
}

void nft_lower_rule(
	struct nft_build *b, struct nft_chain *chain, const struct ir_rule *rule, enum ir_hook hook)
{
	bool split = rule->family == FAMILY_ANY && needs_family(rule);
	bool ipsec = needs_both_ipsec(rule);

	for (int i = 0; i <= (int)split; i++) {
		enum family family = split ? (i ? FAMILY_V6 : FAMILY_V4) : rule->family;

		lower_alternative(b, chain, rule, family, ipsec ? 1 : 3, hook);
		if (ipsec)
			lower_alternative(b, chain, rule, family, 2, hook);
	}
}
