/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule of the IR as rules of nft. Mostly one; two when a field lies elsewhere in IPv6 than in
 * IPv4 and the rule is for both, or when either of two IPsec paths will do.
 *
 * nft adds the matches that a field needs ("tcp dport" is only read of TCP packets). Our program
 * must hold the same ones at the same places, so a rule under construction knows what nft knows of
 * the packet. A family or protocol that such a match will state anyway is not written out, unless
 * something with state (a limit, a counter) stands before it and would see other packets.
 */
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "base/bug.h"
#include "emit/nft/nft_priv.h"

struct nft_expr *nft_expr_add(struct nft_rule_build *r, enum nft_expr_kind kind)
{
	vec_push(r->b->arena, &r->rule.exprs, (struct nft_expr){ .kind = kind });
	return &r->rule.exprs.v[r->rule.exprs.n - 1];
}

struct nft_match *nft_match_add(struct nft_rule_build *r, enum nft_field field,
	enum nft_compare compare)
{
	struct nft_match *match = &nft_expr_add(r, NFT_E_MATCH)->match;

	match->field[0] = field;
	match->n_field = 1;
	match->compare = compare;
	return match;
}

void nft_match_family(struct nft_rule_build *r, bool implied)
{
	/* NFPROTO_IPV4, NFPROTO_IPV6 */
	uint64_t value = r->known_family == FAMILY_V6 ? 10 : 2;
	struct nft_match *match = nft_match_add(r, NFT_F_NFPROTO, NFT_CMP_VALUE);

	match->value = nft_number(r->b, value, 1);
	match->implied = implied;
}

void nft_match_proto(struct nft_rule_build *r, uint8_t proto, bool implied)
{
	struct nft_match *match = nft_match_add(r, NFT_F_L4PROTO, NFT_CMP_VALUE);

	match->value = nft_number(r->b, proto, 1);
	match->implied = implied;
	r->known_proto = proto;
}

static void imply_family(struct nft_rule_build *r, enum family family)
{
	if (r->known_family == family)
		return;
	r->known_family = family;
	nft_match_family(r, true);
}

static void imply_proto(struct nft_rule_build *r, uint8_t proto)
{
	if (r->known_proto != proto)
		nft_match_proto(r, proto, true);
}

static uint8_t transport_of(enum nft_field field)
{
	if (field == NFT_F_ICMP_TYPE || field == NFT_F_ICMP_CODE)
		return PROTO_ICMP;
	if (field == NFT_F_ICMPV6_TYPE || field == NFT_F_ICMPV6_CODE)
		return PROTO_ICMPV6;
	if (field == NFT_F_TCP_FLAGS)
		return PROTO_TCP;
	for (const struct nft_port_fields *p = nft_port_fields; p->proto; p++) {
		if (field == p->sport || field == p->dport)
			return p->proto;
	}
	return 0;
}

void nft_imply(struct nft_rule_build *r, const enum nft_field *field, unsigned n_field)
{
	for (unsigned i = 0; i < n_field; i++) {
		const struct nft_field_info *info = &nft_field_info[field[i]];
		bool v6 = field[i] == NFT_F_IP6_SADDR || field[i] == NFT_F_IP6_DADDR ||
			  field[i] == NFT_F_IP6_DSCP || field[i] == NFT_F_IP6_HOPLIMIT;
		uint8_t proto = transport_of(field[i]);

		if (info->load != NFT_LOAD_PAYLOAD)
			continue;
		if (info->base == NFT_PAYLOAD_NETWORK_HEADER)
			imply_family(r, v6 ? FAMILY_V6 : FAMILY_V4);
		if (proto == PROTO_ICMP || proto == PROTO_ICMPV6)
			imply_family(r, proto == PROTO_ICMP ? FAMILY_V4 : FAMILY_V6);
		if (proto)
			imply_proto(r, proto);
		if (info->base == NFT_PAYLOAD_LL_HEADER) {
			struct nft_match *ether =
				nft_match_add(r, NFT_F_IIFTYPE, NFT_CMP_VALUE);

			ether->value = nft_number(r->b, 1, 2); /* ARPHRD_ETHER */
			ether->implied = true;
		}
	}
}

enum nft_field nft_port_field(const struct nft_rule_build *r, bool dest)
{
	const struct nft_port_fields *p = nft_port_fields;

	while (p->proto && p->proto != r->proto)
		p++;
	return dest ? p->dport : p->sport;
}

unsigned nft_key_fields(const struct nft_rule_build *r, const struct ir_set *set, const bool *dest,
	enum nft_field *ret)
{
	unsigned n = 0;

	for (unsigned i = 0; i < set->n_key; i++) {
		switch (set->key[i]) {
		case IR_KEY_DEVICE:
			ret[n++] = dest[i] ? NFT_F_OIFNAME : NFT_F_IIFNAME;
			continue;
		case IR_KEY_ADDR4:
			ret[n++] = dest[i] ? NFT_F_IP_DADDR : NFT_F_IP_SADDR;
			continue;
		case IR_KEY_ADDR6:
			ret[n++] = dest[i] ? NFT_F_IP6_DADDR : NFT_F_IP6_SADDR;
			continue;
		case IR_KEY_PROTO_PORT:
			ret[n++] = NFT_F_L4PROTO;
			ret[n++] = nft_port_field(r, dest[i]);
			continue;
		case IR_KEY_PORT:
			ret[n++] = nft_port_field(r, dest[i]);
			continue;
		case IR_KEY_MAC:
			ret[n++] = NFT_F_ETHER_SADDR;
			continue;
		}
		BUG("key kind %d", set->key[i]);
	}
	return n;
}

/* ---- what a rule needs before it is written ---- */

static bool set_has_key(const struct ir_set *set, enum ir_key key)
{
	for (unsigned i = 0; i < set->n_key; i++) {
		if (set->key[i] == key)
			return true;
	}
	return false;
}

static bool set_has_addr(const struct ir_set *set)
{
	return set_has_key(set, IR_KEY_ADDR4) || set_has_key(set, IR_KEY_ADDR6);
}

/* The match will be written with a field that implies the family. */
static bool tells_family(const struct ir_match *m)
{
	switch (m->kind) {
	case IR_M_SADDR:
	case IR_M_DADDR:
		return m->addrs.n;
	case IR_M_SADDR_MASKED:
	case IR_M_DADDR_MASKED:
		return true;
	case IR_M_DSCP:
	case IR_M_TTL:
		return m->ranges.n;
	case IR_M_ICMP:
		return m->icmp.n;
	case IR_M_SET:
	case IR_M_METER:
		return set_has_addr(m->set.set);
	case IR_M_IIF: case IR_M_OIF: case IR_M_PROTO: case IR_M_SPORT: case IR_M_DPORT:
	case IR_M_SMAC: case IR_M_MARK: case IR_M_CTMARK: case IR_M_CTSTATE: case IR_M_CTSTATUS:
	case IR_M_CTHELPER: case IR_M_TCPFLAGS: case IR_M_MSS: case IR_M_LENGTH:
	case IR_M_PKTTYPE: case IR_M_ADDRTYPE: case IR_M_UID: case IR_M_GID: case IR_M_TIME:
	case IR_M_RANDOM: case IR_M_LIMIT: case IR_M_IPSEC:
		return false;
	}
	BUG("match kind %d", m->kind);
}

/* The match will be written with a field that implies the rule's one protocol. */
static bool tells_proto(const struct ir_match *m)
{
	switch (m->kind) {
	case IR_M_SPORT:
	case IR_M_DPORT:
	case IR_M_MSS: /* the kernel looks for the option in TCP packets only */
		return m->ranges.n;
	case IR_M_ICMP:
		return m->icmp.n;
	case IR_M_TCPFLAGS:
		return m->tcpflags.mask && !(m->tcpflags.value & ~m->tcpflags.mask);
	case IR_M_SET:
	case IR_M_METER:
		return set_has_key(m->set.set, IR_KEY_PORT) ||
		       set_has_key(m->set.set, IR_KEY_PROTO_PORT);
	case IR_M_IIF: case IR_M_OIF: case IR_M_SADDR: case IR_M_DADDR: case IR_M_SADDR_MASKED:
	case IR_M_DADDR_MASKED: case IR_M_PROTO: case IR_M_SMAC: case IR_M_DSCP: case IR_M_TTL:
	case IR_M_MARK: case IR_M_CTMARK: case IR_M_CTSTATE: case IR_M_CTSTATUS:
	case IR_M_CTHELPER: case IR_M_LENGTH: case IR_M_PKTTYPE: case IR_M_ADDRTYPE:
	case IR_M_UID: case IR_M_GID: case IR_M_TIME: case IR_M_RANDOM: case IR_M_LIMIT:
	case IR_M_IPSEC:
		return false;
	}
	BUG("match kind %d", m->kind);
}

static bool reads_mac(const struct ir_match *m)
{
	return m->kind == IR_M_SMAC ||
	       (m->kind == IR_M_SET && set_has_key(m->set.set, IR_KEY_MAC));
}

/*
 * The order of writing. The IR's, but a MAC stands behind its neighbours: after "ether saddr" nft
 * asks for the family by the frame's type, which a packet on some links does not have.
 */
static const struct ir_match **matches_order(const struct nft_rule_build *r)
{
	const struct ir_rule *rule = r->ir;
	const struct ir_match **order =
		ARENA_ARRAY(r->b->arena, const struct ir_match *, rule->n_matches);
	size_t n = 0, from = 0;

	for (size_t end = 0; end <= rule->n_matches; end++) {
		if (end < rule->n_matches && !nft_match_stateful(&rule->matches[end]))
			continue;
		for (int mac = 0; mac < 2; mac++) {
			for (size_t i = from; i < end; i++) {
				if (reads_mac(&rule->matches[i]) == (mac == 1))
					order[n++] = &rule->matches[i];
			}
		}
		if (end < rule->n_matches)
			order[n++] = &rule->matches[end];
		from = end + 1;
	}
	return order;
}

/* Protocols that a and b (b negated: a without b) have in common. */
static struct range_set protos_meet(struct arena *arena, const struct range_set *a,
	const struct ir_match *b)
{
	struct range_set rest = range_set_minus(arena, a, &b->ranges);

	return b->negate ? rest : range_set_minus(arena, a, &rest);
}

/*
 * Several matches on the protocol (a rule that extra arguments narrowed) become one at the place
 * of the first: nft refuses "meta l4proto 11 tcp dport 80", which only never matches.
 */
static size_t protos_join(struct nft_rule_build *r, const struct ir_match **order)
{
	struct ir_match *joined = NULL;
	size_t n = 0, first = 0;

	for (size_t i = 0; i < r->ir->n_matches; i++) {
		const struct ir_match *m = order[i];

		if (m->kind != IR_M_PROTO) {
			order[n++] = m;
			continue;
		}
		if (!r->protos) {
			r->protos = m;
			first = n;
			order[n++] = m;
			continue;
		}
		if (!joined) {
			struct range_set all = { 0 };

			range_set_add(r->b->arena, &all, (struct range){ 0, UINT8_MAX });
			joined = ARENA_NEW(r->b->arena, struct ir_match);
			joined->kind = IR_M_PROTO;
			joined->ranges = protos_meet(r->b->arena, &all, r->protos);
			order[first] = r->protos = joined;
		}
		joined->ranges = protos_meet(r->b->arena, &joined->ranges, m);
	}
	return n;
}

/* The first statement states the family before anything was counted. */
static bool statement_tells_family(const struct ir_rule *rule)
{
	const struct ir_statement *s = rule->n_statements ? rule->statements : NULL;

	if (!s || rule->counter || nft_statement_is_steps(s))
		return false;
	return s->kind == IR_S_DSCP || s->kind == IR_S_TTL ||
	       (s->kind == IR_S_SET_ADD && set_has_addr(s->set.set));
}

static bool family_is_implied(const struct nft_rule_build *r, const struct ir_match **order,
	size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (tells_family(order[i]))
			return true;
		if (nft_match_stateful(order[i]))
			return false;
	}
	return statement_tells_family(r->ir);
}

/* nft asks for a protocol that the rule's matches have stated: ports to translate, a TCP reset. */
static bool verdict_needs_proto(const struct ir_verdict *v)
{
	return v->nat.has_ports ||
	       (v->kind == IR_REJECT && v->reject == IR_REJECT_TCP_RESET);
}

/* Whether the rule asks for one protocol, and whether a later match states it anyway. */
static void find_proto(struct nft_rule_build *r, const struct ir_match **order, size_t n)
{
	const struct ir_match *proto = r->protos;
	size_t i = 0;

	if (!proto || proto->negate || proto->ranges.n != 1 ||
		proto->ranges.v[0].lo != proto->ranges.v[0].hi)
		return;
	r->proto = (uint8_t)proto->ranges.v[0].lo;
	while (order[i] != proto)
		i++;
	for (; i < n && !r->proto_deferred; i++) {
		/* of the MSS option nft knows no protocol */
		bool tells = tells_proto(order[i]) &&
			     !(order[i]->kind == IR_M_MSS && verdict_needs_proto(&r->ir->verdict));

		if (tells)
			r->proto_deferred = true;
		else if (nft_match_stateful(order[i]))
			return;
	}
}

static bool is_icmp_of(uint8_t proto, enum family family)
{
	return (proto == PROTO_ICMP && family == FAMILY_V4) ||
	       (proto == PROTO_ICMPV6 && family == FAMILY_V6);
}

/* ---- writing ---- */

/*
 * What stands first: the family, when no later field states it. nft's listing takes "ipv4" for
 * said when "icmp" follows it, but not when it goes before.
 */
static void lower_front(struct nft_rule_build *r, const struct ir_match **order, size_t n)
{
	if (r->family == FAMILY_ANY || family_is_implied(r, order, n))
		return;
	if (!r->proto_deferred && is_icmp_of(r->proto, r->family))
		nft_match_proto(r, r->proto, false);
	r->known_family = r->family;
	nft_match_family(r, false);
}

static bool lower_matches(struct nft_rule_build *r)
{
	const struct ir_match **order = matches_order(r);
	size_t n = protos_join(r, order);

	find_proto(r, order, n);
	lower_front(r, order, n);
	for (size_t i = 0; i < n; i++) {
		if (!nft_lower_match(r, order[i]))
			return false;
	}
	return true;
}

static void rule_push(struct nft_rule_build *r, struct nft_chain *chain)
{
	if (!r->rule.exprs.n)
		return;
	r->rule.origins = r->ir->origins;
	r->rule.n_origins = r->ir->n_origins;
	vec_push(r->b->arena, &chain->rules, r->rule);
	memset(&r->rule, 0, sizeof(r->rule));
}

static bool has_steps(const struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_statements; i++) {
		if (nft_statement_is_steps(&rule->statements[i]))
			return true;
	}
	return false;
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

	struct nft_chain *steps = nft_chain_new(r->b, arena_printf(r->b->arena, "%s_steps_%zu",
		chain->name, r->b->program->chains.n));
	struct nft_rule_build s = { .b = r->b, .ir = rule, .family = r->family, .proto = r->proto };

	steps->origin = rule->n_origins ? rule->origins[0] : NULL;
	nft_add_verdict(r, by, steps);
	for (size_t i = 0; i < rule->n_statements; i++) {
		s.known_family = FAMILY_ANY;
		s.known_proto = 0;
		if (nft_statement_is_steps(&rule->statements[i]))
			nft_add_verdict(&s, NFT_V_JUMP,
				nft_steps_chain(r->b, &rule->statements[i], r->family));
		else
			nft_lower_statement(&s, &rule->statements[i]);
		rule_push(&s, steps);
	}
	s.known_family = FAMILY_ANY;
	s.known_proto = 0;
	if (verdict_needs_proto(&rule->verdict) && r->protos)
		nft_lower_match(&s, r->protos);
	if (rule->verdict.kind != IR_RETURN)
		nft_lower_verdict(&s, &rule->verdict);
	rule_push(&s, steps);
}

static void lower_alternative(struct nft_build *b, struct nft_chain *chain,
	const struct ir_rule *rule, enum family family, uint32_t ipsec, enum ir_hook hook)
{
	struct nft_rule_build r = { .b = b, .ir = rule, .family = family, .ipsec = ipsec,
		.hook = hook };

	if (!lower_matches(&r))
		return;
	if (rule->counter)
		nft_expr_add(&r, NFT_E_COUNTER)->object = nft_name(b, rule->counter->name);
	if (has_steps(rule)) {
		lower_steps(&r, chain);
	} else {
		for (size_t i = 0; i < rule->n_statements; i++)
			nft_lower_statement(&r, &rule->statements[i]);
		nft_lower_verdict(&r, &rule->verdict);
	}
	r.rule.comment = rule->comment;
	rule_push(&r, chain);
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

void nft_lower_rule(struct nft_build *b, struct nft_chain *chain, const struct ir_rule *rule,
	enum ir_hook hook)
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
