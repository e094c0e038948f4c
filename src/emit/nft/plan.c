/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan of a rule: in which order its matches are written, and which of them a later one states
 * anyway. A family or protocol that a field implies is not written out, unless something with
 * state (a limit, a counter) stands before that field and would see other packets.
 */
#include "base/bug.h"
#include "emit/nft/nft_priv.h"

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
		return m->addrs.n && !nft_addrs_all(&m->addrs);
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
	case IR_M_CONNECTIONS:
		return set_has_addr(m->set.set);
	case IR_M_IIF:
	case IR_M_OIF:
	case IR_M_PROTO:
	case IR_M_SPORT:
	case IR_M_DPORT:
	case IR_M_SMAC:
	case IR_M_MARK:
	case IR_M_CTMARK:
	case IR_M_CTSTATE:
	case IR_M_CTSTATUS:
	case IR_M_CTHELPER:
	case IR_M_TCPFLAGS:
	case IR_M_MSS:
	case IR_M_LENGTH:
	case IR_M_PKTTYPE:
	case IR_M_ADDRTYPE:
	case IR_M_UID:
	case IR_M_GID:
	case IR_M_TIME:
	case IR_M_RANDOM:
	case IR_M_LIMIT:
	case IR_M_IPSEC:
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
	case IR_M_CONNECTIONS:
		return set_has_key(m->set.set, IR_KEY_PORT) ||
		       set_has_key(m->set.set, IR_KEY_PROTO_PORT);
	case IR_M_IIF:
	case IR_M_OIF:
	case IR_M_SADDR:
	case IR_M_DADDR:
	case IR_M_SADDR_MASKED:
	case IR_M_DADDR_MASKED:
	case IR_M_PROTO:
	case IR_M_SMAC:
	case IR_M_DSCP:
	case IR_M_TTL:
	case IR_M_MARK:
	case IR_M_CTMARK:
	case IR_M_CTSTATE:
	case IR_M_CTSTATUS:
	case IR_M_CTHELPER:
	case IR_M_LENGTH:
	case IR_M_PKTTYPE:
	case IR_M_ADDRTYPE:
	case IR_M_UID:
	case IR_M_GID:
	case IR_M_TIME:
	case IR_M_RANDOM:
	case IR_M_LIMIT:
	case IR_M_IPSEC:
		return false;
	}
	BUG("match kind %d", m->kind);
}

static bool reads_mac(const struct ir_match *m)
{
	return m->kind == IR_M_SMAC || (m->kind == IR_M_SET && set_has_key(m->set.set, IR_KEY_MAC));
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
static struct range_set protos_meet(
	struct arena *arena, const struct range_set *a, const struct ir_match *b)
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

bool nft_mac_leads(const struct ir_set *set)
{
	for (unsigned i = 0; i < set->n_key; i++) {
		if (set->key[i] == IR_KEY_ADDR4 || set->key[i] == IR_KEY_ADDR6)
			return false;
		if (set->key[i] == IR_KEY_MAC)
			return true;
	}
	return false;
}

/* The first statement states the family before anything was counted. */
static bool statement_tells_family(const struct ir_rule *rule)
{
	const struct ir_statement *s = rule->n_statements ? rule->statements : NULL;

	if (!s || rule->counter || nft_statement_is_steps(s))
		return false;
	return s->kind == IR_S_DSCP || s->kind == IR_S_TTL ||
	       ((s->kind == IR_S_SET_ADD || s->kind == IR_S_SET_DELETE) &&
		       set_has_addr(s->set.set) && !nft_mac_leads(s->set.set));
}

/* A later field states the family, with nothing between that counts or reads the frame. */
static bool family_is_implied(
	const struct nft_rule_build *r, const struct ir_match **order, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct ir_match *m = order[i];
		bool looks_up = m->kind == IR_M_SET || m->kind == IR_M_METER ||
				m->kind == IR_M_CONNECTIONS;

		if (m->kind == IR_M_SMAC || (looks_up && nft_mac_leads(m->set.set)))
			return false;
		if (tells_family(m))
			return true;
		if (nft_match_stateful(m))
			return false;
	}
	return statement_tells_family(r->ir);
}

/* nft asks for a protocol that the rule's matches have stated: ports to translate, a TCP reset. */
bool nft_verdict_needs_proto(const struct ir_verdict *v)
{
	return v->nat.has_ports || (v->kind == IR_REJECT && v->reject == IR_REJECT_TCP_RESET);
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
		bool tells =
			tells_proto(order[i]) &&
			!(order[i]->kind == IR_M_MSS && nft_verdict_needs_proto(&r->ir->verdict));

		if (tells)
			r->proto_deferred = true;
		else if (nft_match_stateful(order[i]))
			return;
	}
}

const struct ir_match **nft_plan(struct nft_rule_build *r, size_t *ret_n)
{
	const struct ir_match **order = matches_order(r);

	*ret_n = protos_join(r, order);
	find_proto(r, order, *ret_n);
	r->family_first = r->family != FAMILY_ANY && !family_is_implied(r, order, *ret_n);
	return order;
}
