/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verifier's half for one rule: each match against the rule's family and protocols, each
 * statement and verdict against the stage it stands in. A check is named by what it upholds.
 */
#include <string.h>

#include "ir/verify_priv.h"

static bool is_tcp(uint8_t number)
{
	return number == PROTO_TCP;
}

static bool is_icmp(uint8_t number)
{
	return number == PROTO_ICMP;
}

static bool is_icmpv6(uint8_t number)
{
	return number == PROTO_ICMPV6;
}

static bool ranges_check(struct ir_verifier *v, const struct range_set *set, uint32_t max)
{
	if (!set->n)
		return ir_verify_fail(v, "a match on nothing");
	for (size_t i = 0; i < set->n; i++) {
		if (set->v[i].lo > set->v[i].hi || set->v[i].hi > max)
			return ir_verify_fail(
				v, "a range that is not within 0 to %u", (unsigned)max);
		if (i && (uint64_t)set->v[i - 1].hi + 1 >= set->v[i].lo)
			return ir_verify_fail(v, "ranges that are not normalised");
	}
	return true;
}

static bool addrs_check(
	struct ir_verifier *v, const struct ir_rule *rule, const struct addr_set *set)
{
	if (rule->family == FAMILY_ANY)
		return ir_verify_fail(v, "an address in a rule of both families");
	if (!set->n)
		return ir_verify_fail(v, "a match on nothing");
	for (size_t i = 0; i < set->n; i++) {
		const struct addr_range *r = &set->v[i];
		struct addr next;

		if (r->lo.family != rule->family || r->hi.family != rule->family)
			return ir_verify_fail(v, "an address of the other family");
		if (addr_cmp(&r->lo, &r->hi) > 0)
			return ir_verify_fail(v, "an address range that runs backwards");
		if (i && (!addr_next(&set->v[i - 1].hi, &next) || addr_cmp(&next, &r->lo) >= 0))
			return ir_verify_fail(v, "addresses that are not normalised");
	}
	return true;
}

static bool masked_check(
	struct ir_verifier *v, const struct ir_rule *rule, const struct ir_match *m)
{
	struct addr kept;

	if (rule->family == FAMILY_ANY || m->masked.value.family != rule->family ||
		m->masked.mask.family != rule->family)
		return ir_verify_fail(v, "a masked address that is not of the rule's family");
	kept = addr_and(&m->masked.value, &m->masked.mask);
	if (!addr_eq(&kept, &m->masked.value))
		return ir_verify_fail(v, "an address with bits outside its mask");
	return true;
}

static bool devices_check(struct ir_verifier *v, const struct ir_devices *devices)
{
	const struct ir_set *set = devices->set;

	if (set) {
		if (!ir_verify_known(&v->sets, set->name, set))
			return ir_verify_fail(v, "a set that is not the IR's");
		if (set->n_key != 1 || set->key[0] != IR_KEY_DEVICE)
			return ir_verify_fail(v, "set %s is not one of devices", set->name);
		return true;
	}
	if (!devices->n)
		return ir_verify_fail(v, "a match on nothing");
	for (size_t i = 0; i < devices->n; i++) {
		const struct device_pattern *d = &devices->v[i];

		if (d->negate || !d->name[0] || !memchr(d->name, '\0', sizeof(d->name)))
			return ir_verify_fail(v, "a device that is negated or has no name");
	}
	return true;
}

static bool icmp_check(struct ir_verifier *v, const struct ir_rule *rule, const struct ir_match *m)
{
	if (rule->family == FAMILY_ANY)
		return ir_verify_fail(v, "ICMP types in a rule of both families");
	if (!ir_rule_protos_are(rule, rule->family == FAMILY_V4 ? is_icmp : is_icmpv6))
		return ir_verify_fail(v, "ICMP types without the protocol");
	if (!m->icmp.n)
		return ir_verify_fail(v, "a match on nothing");
	for (size_t i = 0; i < m->icmp.n; i++) {
		if (m->icmp.v[i].family != rule->family)
			return ir_verify_fail(v, "an ICMP type of the other family");
		if (m->icmp.v[i].code_lo > m->icmp.v[i].code_hi)
			return ir_verify_fail(v, "ICMP codes that run backwards");
	}
	return true;
}

static bool macs_check(struct ir_verifier *v, const struct ir_match *m)
{
	if (!m->macs.n)
		return ir_verify_fail(v, "a match on nothing");
	for (size_t i = 1; i < m->macs.n; i++) {
		if (memcmp(m->macs.v[i - 1].b, m->macs.v[i].b, sizeof(m->macs.v[i].b)) >= 0)
			return ir_verify_fail(v, "MAC addresses not sorted, or one twice");
	}
	return true;
}

static bool bits_check(struct ir_verifier *v, const struct ir_match *m)
{
	uint32_t bits = m->kind == IR_M_ADDRTYPE ? m->addrtype.types : m->bits;
	uint32_t known = 0;

	for (unsigned i = 0; ir_bit_words(m->kind)[i]; i++)
		known |= 1U << i;
	if (!bits || (bits & ~known))
		return ir_verify_fail(
			v, "%s: bits 0x%x", ir_match_info[m->kind].name, (unsigned)bits);
	return true;
}

/* A set whose key is looked up from the packet: by a match, a meter or a statement. */
static bool lookup_check(struct ir_verifier *v, const struct ir_rule *rule,
	const struct ir_set *set, const bool dest[3])
{
	if (!set || !ir_verify_known(&v->sets, set->name, set))
		return ir_verify_fail(v, "a set that is not the IR's");
	if (set->net6 && dest[0])
		return ir_verify_fail(v, "set %s: networks of sources, not of destinations",
			set->name);
	for (unsigned i = 0; i < set->n_key; i++) {
		if ((set->key[i] == IR_KEY_ADDR4 && rule->family != FAMILY_V4) ||
			(set->key[i] == IR_KEY_ADDR6 && rule->family != FAMILY_V6))
			return ir_verify_fail(v, "set %s is not of the rule's family", set->name);
		if ((set->key[i] == IR_KEY_PROTO_PORT || set->key[i] == IR_KEY_PORT) &&
			!ir_rule_protos_are(rule, proto_has_ports))
			return ir_verify_fail(v, "set %s: a port without a protocol", set->name);
	}
	return true;
}

static bool times_check(struct ir_verifier *v, const struct time_set *times)
{
	if (!v->ir->times_until)
		return ir_verify_fail(v, "a time match, and no moment up to which it is whole");
	for (size_t i = 0; i < times->n; i++) {
		if (times->v[i].from >= times->v[i].until ||
			(i && times->v[i - 1].until >= times->v[i].from))
			return ir_verify_fail(v, "times that are empty, unsorted or overlap");
	}
	return true;
}

static bool ports_check(struct ir_verifier *v, const struct ir_rule *rule, const struct ir_match *m)
{
	if (!ir_rule_protos_are(rule, proto_has_ports))
		return ir_verify_fail(v, "ports without a protocol that has them");
	return ranges_check(v, &m->ranges, UINT16_MAX);
}

static bool match_check(struct ir_verifier *v, const struct ir_rule *rule, const struct ir_match *m)
{
	if ((unsigned)m->kind >= IR_MATCH_KINDS)
		return ir_verify_fail(v, "an unknown kind of match");
	switch (m->kind) {
	case IR_M_IIF:
	case IR_M_OIF:
		return devices_check(v, &m->devices);
	case IR_M_SADDR:
	case IR_M_DADDR:
		return addrs_check(v, rule, &m->addrs);
	case IR_M_SADDR_MASKED:
	case IR_M_DADDR_MASKED:
		return masked_check(v, rule, m);
	case IR_M_SPORT:
	case IR_M_DPORT:
		return ports_check(v, rule, m);
	case IR_M_PROTO:
	case IR_M_TTL:
		return ranges_check(v, &m->ranges, UINT8_MAX);
	case IR_M_DSCP:
		return ranges_check(v, &m->ranges, 63);
	case IR_M_MSS:
	case IR_M_LENGTH:
		return ranges_check(v, &m->ranges, UINT16_MAX);
	case IR_M_UID:
	case IR_M_GID:
		return ranges_check(v, &m->ranges, UINT32_MAX);
	case IR_M_ICMP:
		return icmp_check(v, rule, m);
	case IR_M_SMAC:
		return macs_check(v, m);
	case IR_M_MARK:
	case IR_M_CTMARK:
		if (m->mark.value & ~m->mark.mask)
			return ir_verify_fail(v, "a mark with bits outside its mask");
		return true;
	case IR_M_CTSTATE:
	case IR_M_CTSTATUS:
	case IR_M_PKTTYPE:
	case IR_M_ADDRTYPE:
	case IR_M_IPSEC:
		return bits_check(v, m);
	case IR_M_CTHELPER:
		return ir_kernel_helper_ok(m->text) || ir_verify_fail(v, "a helper without a name");
	case IR_M_TCPFLAGS:
		if (!ir_rule_protos_are(rule, is_tcp))
			return ir_verify_fail(v, "TCP flags without the protocol");
		return !(m->tcpflags.value & ~m->tcpflags.mask) ||
		       ir_verify_fail(v, "TCP flags outside their mask");
	case IR_M_SET:
		return lookup_check(v, rule, m->set.set, m->set.dest);
	case IR_M_METER:
		if (m->negate)
			return ir_verify_fail(v, "a negated meter; its rate inverts");
		if (!lookup_check(v, rule, m->set.set, m->set.dest))
			return false;
		return m->set.set->has_rate ||
		       ir_verify_fail(v, "set %s has no rate", m->set.set->name);
	case IR_M_CONNECTIONS:
		if (!lookup_check(v, rule, m->set.set, m->set.dest))
			return false;
		return (m->set.set->dynamic && !m->set.set->has_rate) ||
		       ir_verify_fail(v, "set %s cannot count connections", m->set.set->name);
	case IR_M_LIMIT:
		if (m->negate)
			return ir_verify_fail(v, "a negated limit; its rate inverts");
		return (m->limit && ir_verify_known(&v->limits, m->limit->name, m->limit)) ||
		       ir_verify_fail(v, "a limit that is not the IR's");
	case IR_M_TIME:
		return times_check(v, &m->times);
	case IR_M_RANDOM:
		return true;
	}
	return false;
}

static bool statement_check(struct ir_verifier *v, const struct ir_chain *chain,
	const struct ir_rule *rule, const struct ir_statement *s)
{
	if ((unsigned)s->kind >= IR_STATEMENT_KINDS)
		return ir_verify_fail(v, "an unknown kind of statement");
	switch (s->kind) {
	case IR_S_LOG:
		if (!s->log.prefix || !ir_label_ok(s->log.prefix, IR_LABEL_MAX))
			return ir_verify_fail(v, "a log prefix that is no label");
		return s->log.level <= 7 || ir_verify_fail(v, "log level %u", s->log.level);
	case IR_S_DSCP:
		return s->value <= 63 || ir_verify_fail(v, "DSCP %u", (unsigned)s->value);
	case IR_S_MSS:
		return s->value <= UINT16_MAX || ir_verify_fail(v, "MSS %u", (unsigned)s->value);
	case IR_S_TTL:
		return (unsigned)s->ttl.action <= IR_TTL_DECREMENT ||
		       ir_verify_fail(v, "an unknown change of TTL");
	case IR_S_NOTRACK:
		return chain->stage == IR_RAW || ir_verify_fail(v, "notrack outside raw");
	case IR_S_HELPER:
		if (!s->helper || !ir_verify_known(&v->helpers, s->helper->name, s->helper))
			return ir_verify_fail(v, "a helper that is not the IR's");
		return chain->stage != IR_RAW ||
		       ir_verify_fail(v, "a helper before connection tracking");
	case IR_S_SET_ADD:
	case IR_S_SET_DELETE:
		if (!lookup_check(v, rule, s->set.set, s->set.dest))
			return false;
		return s->set.set->dynamic ||
		       ir_verify_fail(v, "set %s is not one that rules add to", s->set.set->name);
	case IR_S_OFFLOAD:
		return v->ir->flowtable.enabled || ir_verify_fail(v, "offload without a flowtable");
	case IR_S_MARK:
	case IR_S_CTMARK:
	case IR_S_SAVE_MARK:
	case IR_S_RESTORE_MARK:
		return true;
	}
	return false;
}

static bool jump_check(
	struct ir_verifier *v, const struct ir_chain *chain, const struct ir_chain *to)
{
	if (!ir_verify_facts(v, to))
		return ir_verify_fail(v, "a jump to a chain that is not the IR's");
	if (to->role == IR_ROLE_BASE)
		return ir_verify_fail(v, "a jump to the base chain %s", to->name);
	if (to->stage != chain->stage)
		return ir_verify_fail(v, "a jump from %s to chain %s of %s",
			ir_stage_words[chain->stage], to->name, ir_stage_words[to->stage]);
	return true;
}

static bool nat_check(
	struct ir_verifier *v, const struct ir_chain *chain, const struct ir_rule *rule)
{
	const struct ir_verdict *verdict = &rule->verdict;
	bool dest = verdict->kind == IR_DNAT || verdict->kind == IR_REDIRECT ||
		    verdict->kind == IR_NETMAP_DST;
	bool netmap = verdict->kind == IR_NETMAP_DST || verdict->kind == IR_NETMAP_SRC;
	bool own = verdict->kind == IR_MASQUERADE || verdict->kind == IR_REDIRECT;
	const struct addr_range *r = &verdict->nat.addr;
	unsigned bits;

	if (chain->stage != (dest ? IR_DSTNAT : IR_SRCNAT))
		return ir_verify_fail(v, "%s in %s", ir_verdict_words[verdict->kind],
			ir_stage_words[chain->stage]);
	if (own && verdict->nat.has_addr)
		return ir_verify_fail(v, "an address where the router's own is taken");
	if (netmap && verdict->nat.has_ports)
		return ir_verify_fail(v, "ports in a map of networks");
	if (!own && !verdict->nat.has_addr && (netmap || !verdict->nat.has_ports))
		return ir_verify_fail(v, "a translation to nothing");
	if (verdict->nat.has_addr) {
		if (rule->family == FAMILY_ANY || r->lo.family != rule->family ||
			r->hi.family != rule->family || addr_cmp(&r->lo, &r->hi) > 0)
			return ir_verify_fail(v, "a translation that is not of the rule's family");
		if (netmap && !addr_range_prefix(r, &bits))
			return ir_verify_fail(v, "a map to what is no prefix");
	}
	if (verdict->nat.shift && !verdict->nat.has_ports)
		return ir_verify_fail(v, "shifted ports, and no ports");
	if (!verdict->nat.has_ports)
		return true;
	if (verdict->nat.ports.lo > verdict->nat.ports.hi || verdict->nat.ports.hi > UINT16_MAX ||
		verdict->nat.from > UINT16_MAX)
		return ir_verify_fail(v, "ports of a translation that are none");
	return ir_rule_protos_are(rule, proto_has_ports) ||
	       ir_verify_fail(v, "a translation of ports without a protocol that has them");
}

static bool verdict_check(
	struct ir_verifier *v, const struct ir_chain *chain, const struct ir_rule *rule)
{
	const struct ir_verdict *verdict = &rule->verdict;

	if ((unsigned)verdict->kind > IR_NETMAP_SRC)
		return ir_verify_fail(v, "an unknown verdict");
	switch (verdict->kind) {
	case IR_REJECT:
		if ((unsigned)verdict->reject > IR_REJECT_ADMIN)
			return ir_verify_fail(v, "an unknown way to reject");
		if (chain->stage != IR_FILTER)
			return ir_verify_fail(v, "reject in %s", ir_stage_words[chain->stage]);
		return verdict->reject != IR_REJECT_TCP_RESET || ir_rule_protos_are(rule, is_tcp) ||
		       ir_verify_fail(v, "a TCP reset without the protocol");
	case IR_JUMP:
	case IR_GOTO:
		return jump_check(v, chain, verdict->chain);
	case IR_DNAT:
	case IR_SNAT:
	case IR_MASQUERADE:
	case IR_REDIRECT:
	case IR_NETMAP_DST:
	case IR_NETMAP_SRC:
		return nat_check(v, chain, rule);
	case IR_CONTINUE:
	case IR_ACCEPT:
	case IR_DROP:
	case IR_RETURN:
		return true;
	}
	return false;
}

bool ir_verify_rule(struct ir_verifier *v, const struct ir_chain *chain, const struct ir_rule *rule)
{
	if (rule->family != FAMILY_ANY && rule->family != FAMILY_V4 && rule->family != FAMILY_V6)
		return ir_verify_fail(v, "an unknown family");
	for (size_t i = 0; i < rule->n_matches; i++) {
		if (!match_check(v, rule, &rule->matches[i]))
			return false;
	}
	for (size_t i = 0; i < rule->n_statements; i++) {
		if (!statement_check(v, chain, rule, &rule->statements[i]))
			return false;
	}
	if (rule->counter && !ir_verify_known(&v->counters, rule->counter->name, rule->counter))
		return ir_verify_fail(v, "a counter that is not the IR's");
	if (rule->comment && !ir_label_ok(rule->comment, IR_LABEL_MAX))
		return ir_verify_fail(v, "a comment that is no label");
	return verdict_check(v, chain, rule);
}

bool ir_verify_hooks(struct ir_verifier *v, const struct ir_rule *rule, unsigned hooks)
{
	const unsigned filter = 1U << IR_INPUT | 1U << IR_FORWARD | 1U << IR_OUTPUT;

	if (rule->verdict.kind == IR_MASQUERADE && hooks & ~(1U << IR_POSTROUTING))
		return ir_verify_fail(v, "masquerade outside postrouting");
	if (rule->verdict.kind == IR_REJECT && hooks & ~filter)
		return ir_verify_fail(v, "reject outside input, forward and output");
	return true;
}
