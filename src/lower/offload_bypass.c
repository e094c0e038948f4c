/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which connections must keep meeting the rules, though flow offloading is on.
 *
 * Filter rules decide new connections only (the established ones are accepted first), so they lose
 * nothing by offloading. Rules that mark packets, change them, count, log or drop them one by one
 * do: they stand in raw and mangle, or before the established connections are accepted. Each of
 * them becomes an exemption. A connection is handed over by the packets of either direction, so an
 * exemption is made for both; and what may differ from one packet to the next (length, limit, time,
 * mark) is left out of it, so that rather too many connections are exempt than one too few.
 *
 * Nothing needs to be done for what the kernel leaves to the rules anyway: the first packets of a
 * connection, TCP packets with SYN, FIN or RST, connections with a helper.
 */
#include "base/bug.h"
#include "lower/offload_priv.h"

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4 };

struct bypass {
	struct lower *l;
	struct exemptions *out;
	unsigned total;	   /* families of which an exemption matches every connection */
	struct diag *told; /* the warning; NULL: not yet */
};

/* ---- which rules want each packet ---- */

static bool has_offloaded_protocol(const struct ir_match *m)
{
	return range_set_has(&m->ranges, PROTO_TCP) != m->negate ||
	       range_set_has(&m->ranges, PROTO_UDP) != m->negate;
}

/* True when no packet that offloading takes from the rules can match. */
static bool excludes_offloaded(const struct ir_match *m)
{
	switch (m->kind) {
	case IR_M_CTSTATE:
		return !(m->bits & IR_CT_ESTABLISHED) != m->negate;
	case IR_M_PROTO:
		return !has_offloaded_protocol(m);
	case IR_M_TCPFLAGS:
		return !m->negate && (m->tcpflags.value & (TCP_FIN | TCP_SYN | TCP_RST));
	case IR_M_ICMP:
	case IR_M_MSS: /* only packets with SYN have the option */
	case IR_M_CTHELPER:
		return !m->negate;
	case IR_M_UID:
	case IR_M_GID:
		return true;
	case IR_M_IIF:
	case IR_M_OIF:
	case IR_M_SADDR:
	case IR_M_DADDR:
	case IR_M_SADDR_MASKED:
	case IR_M_DADDR_MASKED:
	case IR_M_SPORT:
	case IR_M_DPORT:
	case IR_M_SMAC:
	case IR_M_DSCP:
	case IR_M_TTL:
	case IR_M_MARK:
	case IR_M_CTMARK:
	case IR_M_CTSTATUS:
	case IR_M_LENGTH:
	case IR_M_PKTTYPE:
	case IR_M_ADDRTYPE:
	case IR_M_SET:
	case IR_M_TIME:
	case IR_M_RANDOM:
	case IR_M_LIMIT:
	case IR_M_METER:
	case IR_M_CONNECTIONS:
	case IR_M_IPSEC:
		return false;
	}
	BUG("match kind %d", (int)m->kind);
}

static bool matches_offloaded(const struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		if (excludes_offloaded(&rule->matches[i]))
			return false;
	}
	return true;
}

static bool statement_wants(const struct ir_statement *s)
{
	switch (s->kind) {
	case IR_S_LOG:
	case IR_S_MARK:
	case IR_S_CTMARK:
	case IR_S_SAVE_MARK:
	case IR_S_RESTORE_MARK:
	case IR_S_DSCP:
	case IR_S_TTL:
	case IR_S_SET_ADD:
	case IR_S_SET_DELETE:
		return true;
	case IR_S_MSS:	   /* of packets with SYN */
	case IR_S_NOTRACK: /* then there is no connection */
	case IR_S_HELPER:
	case IR_S_OFFLOAD:
		return false;
	}
	BUG("statement kind %d", (int)s->kind);
}

/* Whether a rule itself does something with each packet of a connection. */
static bool rule_wants(const struct ir_rule *rule, enum ir_stage stage)
{
	for (size_t i = 0; i < rule->n_statements; i++) {
		if (statement_wants(&rule->statements[i]))
			return true;
	}
	switch (rule->verdict.kind) {
	case IR_DROP:
	case IR_REJECT:
		/* what raw drops are scans and banned hosts: they have no connections */
		return stage != IR_RAW;
	case IR_CONTINUE:
		return rule->counter && !rule->n_statements; /* it is there to count */
	case IR_ACCEPT:
	case IR_JUMP:
	case IR_GOTO:
	case IR_RETURN:
	case IR_DNAT:
	case IR_SNAT:
	case IR_MASQUERADE:
	case IR_REDIRECT:
	case IR_NETMAP_DST:
	case IR_NETMAP_SRC:
		return false;
	}
	BUG("verdict %d", (int)rule->verdict.kind);
}

/* ---- exemptions ---- */

/* How a match of a rule serves for the whole connection. */
enum use {
	USE_DROP,   /* may differ from packet to packet, or is not known in the forward hook */
	USE_SAME,   /* the same in both directions */
	USE_SOURCE, /* of the packet's source; of its destination in the other direction */
	USE_DEST,
	USE_BOTH, /* has a source and a destination: a set of several parts */
};

static enum use use_of_set(const struct ir_match *m)
{
	bool source = false, dest = false;

	if (m->set.set->dynamic)
		return USE_DROP;
	for (unsigned i = 0; i < m->set.set->n_key; i++) {
		if (m->set.set->key[i] == IR_KEY_MAC)
			return USE_DROP;
		source |= !m->set.dest[i];
		dest |= m->set.dest[i];
	}
	return source && dest ? USE_BOTH : source ? USE_SOURCE : USE_DEST;
}

static enum use use_of(const struct ir_match *m)
{
	switch (m->kind) {
	case IR_M_PROTO:
	case IR_M_CTSTATUS:
		return USE_SAME;
	case IR_M_IIF:
	case IR_M_SADDR:
	case IR_M_SADDR_MASKED:
	case IR_M_SPORT:
		return USE_SOURCE;
	case IR_M_OIF:
	case IR_M_DADDR:
	case IR_M_DADDR_MASKED:
	case IR_M_DPORT:
		return USE_DEST;
	case IR_M_SET:
		return use_of_set(m);
	case IR_M_ICMP:
	case IR_M_SMAC:
	case IR_M_DSCP:
	case IR_M_TTL:
	case IR_M_MARK:
	case IR_M_CTMARK:
	case IR_M_CTSTATE:
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
	case IR_M_METER:
	case IR_M_CONNECTIONS:
	case IR_M_IPSEC:
		return USE_DROP;
	}
	BUG("match kind %d", (int)m->kind);
}

static void mirror(struct ir_match *m)
{
	static const enum ir_match_kind other[IR_MATCH_KINDS] = {
		[IR_M_IIF] = IR_M_OIF,
		[IR_M_OIF] = IR_M_IIF,
		[IR_M_SADDR] = IR_M_DADDR,
		[IR_M_DADDR] = IR_M_SADDR,
		[IR_M_SADDR_MASKED] = IR_M_DADDR_MASKED,
		[IR_M_DADDR_MASKED] = IR_M_SADDR_MASKED,
		[IR_M_SPORT] = IR_M_DPORT,
		[IR_M_DPORT] = IR_M_SPORT,
	};

	if (m->kind == IR_M_SET) {
		for (unsigned i = 0; i < m->set.set->n_key; i++)
			m->set.dest[i] = !m->set.dest[i];
	} else {
		m->kind = other[m->kind];
	}
}

/* What an exemption is made for. */
struct wish {
	const struct ir_rule *rule;
	bool mirrored;	   /* the packets of the other direction */
	uint32_t ctstatus; /* of connections with this NAT only; 0: of all */
};

/*
 * Before the translation of destinations a rule sees what the sender wrote. The forward hook can
 * tell the connection by it, unless NAT has changed it since: the destination of a port forward,
 * or, in an answer, the address that the source was translated to. (The port of a source stays the
 * same, but when two senders use the same one.)
 */
static bool lost_to_nat(const struct wish *w, const struct ir_match *m)
{
	enum use use = use_of(m);

	if (use != USE_DEST && use != USE_BOTH)
		return false;
	return w->ctstatus == IR_CTSTATUS_DNAT ||
	       (w->ctstatus == IR_CTSTATUS_SNAT && m->kind != IR_M_DPORT);
}

/* The families (as bits) of which it matches every connection. */
static unsigned total(const struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		const struct ir_match *m = &rule->matches[i];

		if (m->kind != IR_M_PROTO || range_set_has(&m->ranges, PROTO_TCP) == m->negate ||
			range_set_has(&m->ranges, PROTO_UDP) == m->negate)
			return 0;
	}
	return rule->family == FAMILY_ANY ? 3 : rule->family == FAMILY_V4 ? 1 : 2;
}

/* Returns true when the exemption has a direction, so that the other one needs its own. */
static bool exempt(struct bypass *b, const struct wish *w)
{
	struct lower *l = b->l;
	struct ir_rule *rule = ARENA_NEW(&l->scratch, struct ir_rule);
	struct exemption e = { rule, w->rule->n_origins ? w->rule->origins[0] : NULL };
	bool directed = false;

	rule->family = w->rule->family;
	for (size_t i = 0; i < w->rule->n_matches; i++) {
		enum use use = use_of(&w->rule->matches[i]);
		struct ir_match *m;

		if (use == USE_DROP || lost_to_nat(w, &w->rule->matches[i]))
			continue;
		m = ir_match_add(&l->draft, rule, w->rule->matches[i].kind);
		*m = w->rule->matches[i];
		if (use == USE_SAME)
			continue;
		directed = true;
		if (w->mirrored)
			mirror(m);
	}
	if (w->ctstatus)
		ir_match_add(&l->draft, rule, IR_M_CTSTATUS)->bits = w->ctstatus;
	b->total |= total(rule);
	vec_push(&l->scratch, &b->out->list, e);
	return directed;
}

static void exempt_both_ways(struct bypass *b, struct wish w)
{
	if (!exempt(b, &w))
		return;
	w.mirrored = true;
	exempt(b, &w);
}

/* Whether the rule can see answers to connections whose source was translated. */
static bool sees_source_nat(const struct lower *l, const struct ir_rule *rule)
{
	bool anywhere = l->policy->nats.n > 0;

	vec_each (r, &l->policy->redirects)
		anywhere |= (*r)->target.v == ACTION_SNAT;
	if (!ir_base_find(l->ir, IR_POSTROUTING, IR_SRCNAT))
		return false;
	for (size_t i = 0; i < rule->n_matches && !anywhere; i++) {
		const struct ir_match *m = &rule->matches[i];

		if (m->kind != IR_M_IIF || m->negate || !m->devices.set)
			continue;
		vec_each (z, &l->policy->zones) {
			if (l->zones[(*z)->index].devices == m->devices.set)
				return (*z)->masq.v || (*z)->masq6.v;
		}
	}
	return true;
}

static bool has_packet_matches(const struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		if (use_of(&rule->matches[i]) == USE_DROP)
			return true;
	}
	return false;
}

/* One note for each section, though it may have become several rules. */
static void tell(struct bypass *b, const struct ir_rule *rule)
{
	const struct ir_origin *origin = rule->n_origins ? rule->origins[0] : NULL;
	struct diags *diags = b->l->diags;

	if (!b->told)
		b->told = diag_warning(diags, offload_span(b->l), "offload-bypass",
			"sections that act on each packet keep their connections from being "
			"offloaded");
	if (!origin)
		return;
	vec_each (e, &b->out->list) {
		if (e->origin && e->origin->span.src == origin->span.src &&
			e->origin->span.start == origin->span.start)
			return;
	}
	diag_note(diags, b->told, origin->span,
		has_packet_matches(rule)
			? "%s '%s': connections that may have such packets are not offloaded"
			: "%s '%s': the connections it matches are not offloaded",
		origin->type, origin->name ? origin->name : origin->id);
}

/* The exemption of connections with this NAT, when it differs from that of the others. */
static void exempt_translated(struct bypass *b, const struct ir_rule *rule, uint32_t ctstatus)
{
	struct wish w = { .rule = rule, .ctstatus = ctstatus };

	for (size_t i = 0; i < rule->n_matches; i++) {
		if (lost_to_nat(&w, &rule->matches[i])) {
			exempt_both_ways(b, w);
			return;
		}
	}
}

static void exempt_rule(struct bypass *b, const struct ir_rule *rule, enum ir_hook hook)
{
	struct lower *l = b->l;

	tell(b, rule);
	exempt_both_ways(b, (struct wish){ .rule = rule });
	if (hook != IR_PREROUTING)
		return;
	if (ir_base_find(l->ir, IR_PREROUTING, IR_DSTNAT))
		exempt_translated(b, rule, IR_CTSTATUS_DNAT);
	if (sees_source_nat(l, rule))
		exempt_translated(b, rule, IR_CTSTATUS_SNAT);
}

/* A rule with the matches of the jumps that led to it; NULL when their families exclude each other.
 */
static struct ir_rule *with_path(
	struct lower *l, const struct ir_rule *path, const struct ir_rule *rule)
{
	struct ir_rule *both = ARENA_NEW(&l->scratch, struct ir_rule);

	*both = *rule;
	if (!path)
		return both;
	if (path->family != FAMILY_ANY && rule->family != FAMILY_ANY &&
		path->family != rule->family)
		return NULL;
	if (rule->family == FAMILY_ANY)
		both->family = path->family;
	both->matches = NULL;
	both->n_matches = both->cap_matches = 0;
	for (size_t i = 0; i < path->n_matches; i++)
		*ir_match_add(&l->draft, both, path->matches[i].kind) = path->matches[i];
	for (size_t i = 0; i < rule->n_matches; i++)
		*ir_match_add(&l->draft, both, rule->matches[i].kind) = rule->matches[i];
	return both;
}

/*
 * Every rule of a chain that packets of established connections can meet. What returns or accepts
 * before it is not looked at: an exemption may cover too much. The verifier holds chains to 16
 * levels without circles, so this ends.
 */
static void walk(struct bypass *b, const struct ir_chain *chain, const struct ir_rule *path,
	enum ir_hook hook)
{
	vec_each (it, &chain->rules) {
		const struct ir_rule *rule = *it;

		if (!path && hook == IR_FORWARD && offload_accepts_established(rule))
			return;
		if (!matches_offloaded(rule) || !(rule = with_path(b->l, path, rule)))
			continue;
		if (rule_wants(rule, chain->stage))
			exempt_rule(b, rule, hook);
		if (rule->verdict.kind == IR_JUMP || rule->verdict.kind == IR_GOTO)
			walk(b, rule->verdict.chain, rule, hook);
	}
}

static void find_exemptions(struct bypass *b)
{
	static const enum ir_hook hooks[] = { IR_PREROUTING, IR_FORWARD, IR_POSTROUTING };
	static const enum ir_stage stages[] = { IR_RAW, IR_MANGLE, IR_FILTER };

	for (size_t i = 0; i < 9; i++) {
		const struct ir_chain *base = ir_base_find(b->l->ir, hooks[i / 3], stages[i % 3]);

		if (base)
			walk(b, base, NULL, base->hook);
	}
}

void offload_exemptions(struct lower *l, struct exemptions *ret)
{
	struct bypass b = { .l = l, .out = ret };

	find_exemptions(&b);
	ret->everything = b.total == 3;
	if (ret->everything)
		diag_hint(l->diags, b.told,
			"they leave no connection to be offloaded; narrow them, or turn "
			"flow_offloading off");
}
