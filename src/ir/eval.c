/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to a packet: the chains in the order of the kernel's hooks, routing between them.
 *
 * As in Linux, an accept ends one base chain and the next one still runs; a base chain whose rules
 * run out accepts. Chains of NAT see only the first packet of a connection that conntrack has
 * (state new); what they decided for it is not replayed for later ones. Not modelled: the router's
 * own TTL decrement and fragmentation, the second pass of packets to the router itself over lo,
 * replies, and routes that depend on marks.
 */
#include <string.h>

#include "base/bug.h"
#include "ir/eval_priv.h"

/* How a chain ended for its caller. */
enum fate { FATE_ON, FATE_ACCEPT, FATE_DROP, FATE_REJECT };

static uint8_t ttl_changed(const struct ir_statement *s, uint8_t ttl)
{
	int value = s->ttl.value;

	if (s->ttl.action == IR_TTL_INCREMENT)
		value = ttl + s->ttl.value;
	else if (s->ttl.action == IR_TTL_DECREMENT)
		value = ttl - s->ttl.value;
	return (uint8_t)(value < 0 ? 0 : value > UINT8_MAX ? UINT8_MAX : value);
}

/* nft_ct_helper_obj_eval: the first helper of a connection not yet confirmed, of its protocol. */
static void helper_set(struct ir_eval *e, const struct ir_helper *helper)
{
	const struct ir_packet *p = e->packet;

	if (ir_eval_has_ct(e) && p->ct_state == IR_CT_NEW && !e->ret->helper &&
		p->proto == helper->proto &&
		(helper->family == FAMILY_ANY || helper->family == p->family))
		e->ret->helper = helper;
}

/*
 * nft_flow_offload_eval: a TCP or UDP connection past its first packet, not one that is closing or
 * has a helper. The rule ends there for other packets.
 */
static bool offload(struct ir_eval *e)
{
	const struct ir_packet *p = e->packet;
	const uint8_t fin_rst = 1 | 4;

	if (p->ct_state != IR_CT_ESTABLISHED || (p->proto != PROTO_TCP && p->proto != PROTO_UDP) ||
		p->ct_helper || (p->proto == PROTO_TCP && p->tcp_flags & fin_rst))
		return false;
	e->ret->offloaded = true;
	return true;
}

static bool set_add(struct ir_eval *e, const struct ir_statement *s)
{
	struct ir_key_value key[3];

	return ir_eval_key(e, s->set.set, s->set.dest, key) &&
	       ir_state_add(e->state, s->set.set, key);
}

static bool set_delete(struct ir_eval *e, const struct ir_statement *s)
{
	struct ir_key_value key[3];

	if (!ir_eval_key(e, s->set.set, s->set.dest, key))
		return false;
	ir_state_delete(e->state, s->set.set, key);
	return true;
}

/*
 * Does a statement; false when the rule ends there: an element that a full set does not take, a
 * packet that cannot be offloaded. What needs a connection does nothing without one.
 */
static bool statement_do(struct ir_eval *e, const struct ir_statement *s)
{
	struct ir_packet *p = e->packet;

	switch (s->kind) {
	case IR_S_LOG:
		vec_push(e->arena, &e->ret->logs, s->log.prefix);
		return true;
	case IR_S_MARK:
		p->mark = (p->mark & s->mark.and) ^ s->mark.xor ;
		return true;
	case IR_S_CTMARK:
		if (ir_eval_has_ct(e))
			p->ct_mark = (p->ct_mark & s->mark.and) ^ s->mark.xor ;
		return true;
	case IR_S_SAVE_MARK:
		if (ir_eval_has_ct(e))
			p->ct_mark = (p->ct_mark & ~s->value) | (p->mark & s->value);
		return true;
	case IR_S_RESTORE_MARK:
		if (ir_eval_has_ct(e))
			p->mark = (p->mark & ~s->value) | (p->ct_mark & s->value);
		return true;
	case IR_S_DSCP:
		p->dscp = (uint8_t)s->value;
		return true;
	case IR_S_TTL:
		p->ttl = ttl_changed(s, p->ttl);
		return true;
	case IR_S_MSS:
		/* Never raised (nft_exthdr); the path's MTU (0) is not known here. */
		if (p->proto == PROTO_TCP && p->has_mss && s->value && s->value < p->mss)
			p->mss = (uint16_t)s->value;
		return true;
	case IR_S_NOTRACK:
		if (!e->tracked) {
			e->ret->notrack = true;
			p->ct_state = IR_CT_UNTRACKED;
		}
		return true;
	case IR_S_HELPER:
		helper_set(e, s->helper);
		return true;
	case IR_S_SET_ADD:
		return set_add(e, s);
	case IR_S_SET_DELETE:
		return set_delete(e, s);
	case IR_S_OFFLOAD:
		return ir_eval_has_ct(e) && offload(e);
	}
	return false;
}

/*
 * A port as nf_nat chooses it: kept when the range has it, otherwise the first of the range (the
 * kernel may take any); shifted one to one when the rule maps range to range.
 */
static uint16_t port_mapped(const struct ir_verdict *v, uint8_t proto, uint16_t port)
{
	if (!v->nat.has_ports || !proto_has_ports(proto))
		return port;
	if (v->nat.shift)
		return (uint16_t)(port - v->nat.from + v->nat.ports.lo);
	if (port >= v->nat.ports.lo && port <= v->nat.ports.hi)
		return port;
	return (uint16_t)v->nat.ports.lo;
}

/* The network of the target, the host of the packet. */
static struct addr netmap(const struct addr_range *to, const struct addr *from)
{
	struct addr a = *from;

	/* lo and hi of a prefix differ in exactly the bits of the host part. */
	for (unsigned i = 0; i < family_bytes(a.family); i++) {
		uint8_t host = to->lo.b[i] ^ to->hi.b[i];

		a.b[i] = (uint8_t)((to->lo.b[i] & ~host) | (from->b[i] & host));
	}
	return a;
}

static struct addr loopback(enum family family)
{
	struct addr a = { .family = family };

	if (family == FAMILY_V4)
		a.b[0] = 127;
	a.b[family_bytes(family) - 1] = 1;
	return a;
}

/* The address a verdict translates to; false: there is none, and the kernel drops the packet. */
static bool nat_addr(
	struct ir_eval *e, const struct ir_verdict *v, const struct addr *now, struct addr *ret)
{
	const struct ir_packet *p = e->packet;

	*ret = *now;
	switch (v->kind) {
	case IR_MASQUERADE:
		return e->world->address(e->world->context, p->oif, p->family, ret);
	case IR_REDIRECT:
		if (e->hook == IR_PREROUTING)
			return e->world->address(e->world->context, p->iif, p->family, ret);
		*ret = loopback(p->family);
		return true;
	case IR_NETMAP_DST:
	case IR_NETMAP_SRC:
		*ret = netmap(&v->nat.addr, now);
		return true;
	case IR_SNAT:
		/* A source that is in the range already is kept (get_unique_tuple). */
		if (v->nat.has_addr && !addr_range_has(&v->nat.addr, now))
			*ret = v->nat.addr.lo;
		return true;
	case IR_DNAT:
		if (v->nat.has_addr)
			*ret = v->nat.addr.lo;
		return true;
	case IR_CONTINUE:
	case IR_ACCEPT:
	case IR_DROP:
	case IR_REJECT:
	case IR_JUMP:
	case IR_GOTO:
	case IR_RETURN:
		break;
	}
	BUG("verdict %s translates nothing", ir_verdict_words[v->kind]);
}

/* Conntrack notes a translation when it changed something, as nf_nat_setup_info does. */
static enum fate nat_do(struct ir_eval *e, const struct ir_rule *rule)
{
	const struct ir_verdict *v = &rule->verdict;
	bool dest = v->kind == IR_DNAT || v->kind == IR_REDIRECT || v->kind == IR_NETMAP_DST;
	struct ir_packet *p = e->packet;
	struct addr *addr = dest ? &p->dst : &p->src;
	uint16_t *port = dest ? &p->dport : &p->sport;
	struct addr to;
	uint16_t to_port = port_mapped(v, p->proto, *port);

	*(dest ? &e->ret->dnat : &e->ret->snat) = rule;
	if (!nat_addr(e, v, addr, &to))
		return FATE_DROP;
	if (!addr_eq(addr, &to) || *port != to_port)
		p->ct_status |= dest ? IR_CTSTATUS_DNAT : IR_CTSTATUS_SNAT;
	*addr = to;
	*port = to_port;
	return FATE_ACCEPT;
}

/* All matches hold; looks no further than the first that does not. */
static bool rule_holds(struct ir_eval *e, const struct ir_chain *chain, const struct ir_rule *rule)
{
	const struct ir_match *failed = NULL;
	bool holds = rule->family == FAMILY_ANY || rule->family == e->packet->family;

	for (size_t i = 0; holds && i < rule->n_matches; i++) {
		holds = ir_eval_match(e, &rule->matches[i]);
		if (!holds)
			failed = &rule->matches[i];
	}
	if (e->want_steps)
		vec_push(e->arena, &e->ret->steps,
			(struct ir_step){ e->hook, e->stage, chain, rule, holds, failed });
	return holds;
}

static void decided(struct ir_eval *e, const struct ir_chain *chain, const struct ir_rule *rule)
{
	e->ret->decided = rule;
	e->ret->decided_chain = chain;
}

/* Runs a chain; the verifier bounds the recursion. */
static enum fate chain_run(struct ir_eval *e, const struct ir_chain *chain, unsigned depth)
{
	if (depth > IR_DEPTH_MAX)
		BUG("chains nested deeper than the verifier allows");
	for (size_t i = 0; i < chain->rules.n; i++) {
		const struct ir_rule *rule = chain->rules.v[i];
		bool done = rule_holds(e, chain, rule);
		enum fate fate;

		for (size_t s = 0; done && s < rule->n_statements; s++)
			done = statement_do(e, &rule->statements[s]);
		if (!done)
			continue;
		switch (rule->verdict.kind) {
		case IR_CONTINUE:
			continue;
		case IR_ACCEPT:
			if (e->stage == IR_FILTER)
				decided(e, chain, rule);
			return FATE_ACCEPT;
		case IR_DROP:
			decided(e, chain, rule);
			return FATE_DROP;
		case IR_REJECT:
			decided(e, chain, rule);
			e->ret->reject = rule->verdict.reject;
			return FATE_REJECT;
		case IR_JUMP:
			fate = chain_run(e, rule->verdict.chain, depth + 1);
			if (fate != FATE_ON)
				return fate;
			continue;
		case IR_GOTO:
			return chain_run(e, rule->verdict.chain, depth + 1);
		case IR_RETURN:
			return FATE_ON;
		case IR_DNAT:
		case IR_SNAT:
		case IR_MASQUERADE:
		case IR_REDIRECT:
		case IR_NETMAP_DST:
		case IR_NETMAP_SRC:
			fate = nat_do(e, rule);
			if (fate == FATE_DROP)
				decided(e, chain, rule);
			return fate;
		}
	}
	return FATE_ON;
}

/* A base chain, where there is one for the packet; true when it goes on. */
static bool stage_run(
	struct ir_eval *e, const struct ir *ir, enum ir_hook hook, enum ir_stage stage)
{
	const struct ir_chain *chain = ir_base_find(ir, hook, stage);
	enum fate fate;

	e->hook = hook;
	e->stage = stage;
	if (stage != IR_RAW)
		e->tracked = true;
	if (!chain)
		return true;
	if ((stage == IR_DSTNAT || stage == IR_SRCNAT) && e->packet->ct_state != IR_CT_NEW)
		return true;
	fate = chain_run(e, chain, 1);
	if (fate == FATE_DROP)
		e->ret->outcome = IR_OUT_DROPPED;
	if (fate == FATE_REJECT)
		e->ret->outcome = IR_OUT_REJECTED;
	return fate != FATE_DROP && fate != FATE_REJECT;
}

static bool hook_run(struct ir_eval *e, const struct ir *ir, enum ir_hook hook, enum ir_stage from,
	enum ir_stage to)
{
	for (unsigned stage = from; stage <= (unsigned)to; stage++) {
		if (!stage_run(e, ir, hook, (enum ir_stage)stage))
			return false;
	}
	return true;
}

/* Asks where the packet goes; false: nowhere. */
static bool route(struct ir_eval *e, bool *ret_local)
{
	struct ir_packet *p = e->packet;
	char oif[DEVICE_NAME_MAX + 1] = "";

	if (!e->world->route(e->world->context, &p->dst, oif)) {
		e->ret->outcome = IR_OUT_UNROUTED;
		return false;
	}
	*ret_local = !oif[0];
	memcpy(p->oif, oif, sizeof(p->oif));
	return true;
}

static void walk_in(struct ir_eval *e, const struct ir *ir)
{
	bool local;

	if (!hook_run(e, ir, IR_PREROUTING, IR_RAW, IR_SRCNAT) || !route(e, &local))
		return;
	if (local) {
		hook_run(e, ir, IR_INPUT, IR_MANGLE, IR_SRCNAT);
		return;
	}
	if (hook_run(e, ir, IR_FORWARD, IR_MANGLE, IR_FILTER))
		hook_run(e, ir, IR_POSTROUTING, IR_MANGLE, IR_SRCNAT);
}

/* What the router sends to itself leaves by lo. */
static bool route_out(struct ir_eval *e)
{
	bool local;

	if (!route(e, &local))
		return false;
	if (local)
		strcpy(e->packet->oif, "lo");
	return true;
}

static void walk_out(struct ir_eval *e, const struct ir *ir)
{
	struct addr before = e->packet->dst;

	if (!route_out(e) || !hook_run(e, ir, IR_OUTPUT, IR_RAW, IR_DSTNAT))
		return;
	if (!addr_eq(&before, &e->packet->dst) && !route_out(e))
		return;
	if (hook_run(e, ir, IR_OUTPUT, IR_FILTER, IR_SRCNAT))
		hook_run(e, ir, IR_POSTROUTING, IR_MANGLE, IR_SRCNAT);
}

void ir_eval(const struct ir *ir, const struct ir_packet *packet, const struct ir_world *world,
	struct ir_state *state, bool want_steps, struct arena *arena, struct ir_result *ret)
{
	struct ir_eval e = {
		.world = world,
		.state = state,
		.arena = arena,
		.want_steps = want_steps,
		.ret = ret,
		.packet = &ret->packet,
	};
	/* The caller's packet may be the one in ret. */
	struct ir_packet p = *packet;

	*ret = (struct ir_result){ .outcome = IR_OUT_ACCEPTED };
	if (!p.ct_state)
		p.ct_state = IR_CT_NEW;
	if (!p.pkttype)
		p.pkttype = 1;
	memset(p.oif, 0, sizeof(p.oif));
	ret->packet = p;
	ir_state_at(state, p.time);
	if (p.iif[0])
		walk_in(&e, ir);
	else
		walk_out(&e, ir);
}
