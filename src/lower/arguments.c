/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One match of iptables after the other narrows a list of variants. A match is mostly one match of
 * the IR; where iptables has "either" (a port of either side, a state or a NAT status) the variant
 * forks into two that exclude each other, so that a statement is never done twice.
 */
#include <string.h>

#include "base/bug.h"
#include "lower/arguments.h"

/* ---- helpers ---- */

struct ir_rule *arguments_fork(const struct arguments *a, const struct ir_rule *rule)
{
	struct ir_rule *copy = arena_copy(a->ir->arena, rule, 1, sizeof(*rule));

	copy->matches =
		arena_copy(a->ir->arena, rule->matches, rule->n_matches, sizeof(rule->matches[0]));
	copy->cap_matches = rule->n_matches;
	copy->statements = arena_copy(
		a->ir->arena, rule->statements, rule->n_statements, sizeof(rule->statements[0]));
	copy->cap_statements = rule->n_statements;
	for (size_t i = 0, n = a->l->custom->records.n; i < n; i++) {
		struct argument_record r = a->l->custom->records.v[i];

		if (r.variant != rule)
			continue;
		r.variant = copy;
		vec_push(a->l->arena, &a->l->custom->records, r);
	}
	return copy;
}

static struct ir_match *add(
	const struct arguments *a, struct ir_rule *rule, enum ir_match_kind kind, bool negate)
{
	struct ir_match *m = ir_match_add(a->ir, rule, kind);

	m->negate = negate;
	return m;
}

static enum argument add_range(const struct arguments *a, struct ir_rule *rule,
	enum ir_match_kind kind, bool negate, uint64_t lo, uint64_t hi)
{
	if (lo > hi)
		return negate ? ARGUMENT_KEEP : ARGUMENT_NEVER;
	range_set_add(a->l->arena, &add(a, rule, kind, negate)->ranges,
		(struct range){ (uint32_t)lo, (uint32_t)hi });
	return ARGUMENT_KEEP;
}

/* The ranges of an option, copied: the IR outlives what was read. */
static struct range_set kept(const struct arguments *a, const struct range_set *set)
{
	struct range_set copy = { 0 };

	for (size_t i = 0; i < set->n; i++)
		range_set_add(a->l->arena, &copy, set->v[i]);
	range_set_normalise(&copy);
	return copy;
}

static struct ir_match *find_proto(struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		if (rule->matches[i].kind == IR_M_PROTO && !rule->matches[i].negate)
			return &rule->matches[i];
	}
	return NULL;
}

bool arguments_protocols(
	const struct arguments *a, struct ir_rule *rule, const struct range_set *with)
{
	struct ir_match *m = find_proto(rule);
	struct range_set left = { 0 };

	if (!m) {
		add(a, rule, IR_M_PROTO, false)->ranges = kept(a, with);
		return true;
	}
	for (uint32_t p = 0; p < 256; p++) {
		if (range_set_has(&m->ranges, p) && range_set_has(with, p))
			range_set_add(a->l->arena, &left, (struct range){ p, p });
	}
	range_set_normalise(&left);
	m->ranges = left;
	return left.n > 0;
}

static bool narrow_to(const struct arguments *a, struct ir_rule *rule, uint8_t proto)
{
	struct range one = { proto, proto };
	struct range_set set = { &one, 1, 1 };

	return arguments_protocols(a, rule, &set);
}

bool arguments_with_ports(const struct arguments *a, struct ir_rule *rule)
{
	struct range_set set = { 0 };

	for (uint32_t p = 0; p < 256; p++) {
		if (proto_has_ports((uint8_t)p))
			range_set_add(a->l->arena, &set, (struct range){ p, p });
	}
	range_set_normalise(&set);
	return arguments_protocols(a, rule, &set);
}

/* ---- addresses, devices, protocols ---- */

static enum argument apply_addrs(
	const struct arguments *a, const struct ipt_option *o, struct ir_rule *rule, bool dest)
{
	struct addr_set set = { 0 };

	for (size_t i = 0; i < o->value.addrs.n; i++) {
		const struct addr_spec *s = &o->value.addrs.v[i];
		struct ir_match *m;

		if ((s->kind == ADDR_SPEC_MASKED ? s->addr : s->range.lo).family != rule->family)
			return ARGUMENT_NEVER;
		if (s->kind == ADDR_SPEC_RANGE) {
			addr_set_add(a->l->arena, &set, s->range);
			continue;
		}
		m = add(a, rule, dest ? IR_M_DADDR_MASKED : IR_M_SADDR_MASKED, o->negate);
		m->masked.value = s->addr;
		m->masked.mask = s->mask;
	}
	addr_set_normalise(&set);
	if (set.n)
		add(a, rule, dest ? IR_M_DADDR : IR_M_SADDR, o->negate)->addrs = set;
	return ARGUMENT_KEEP;
}

static enum argument apply_addr_range(
	const struct arguments *a, const struct ipt_option *o, struct ir_rule *rule, bool dest)
{
	if (o->value.addr_range.lo.family != rule->family)
		return ARGUMENT_NEVER;
	addr_set_add(a->l->arena, &add(a, rule, dest ? IR_M_DADDR : IR_M_SADDR, o->negate)->addrs,
		o->value.addr_range);
	return ARGUMENT_KEEP;
}

static enum argument apply_device(const struct arguments *a, const struct ipt_option *o,
	struct ir_rule *rule, enum ir_match_kind kind)
{
	struct ir_match *m;

	if (!o->value.device.name[0])
		return o->negate ? ARGUMENT_NEVER : ARGUMENT_KEEP; /* "+": every device */
	m = add(a, rule, kind, o->negate);
	m->devices.v = arena_copy(a->l->arena, &o->value.device, 1, sizeof(o->value.device));
	m->devices.n = 1;
	return ARGUMENT_KEEP;
}

static enum argument apply_protocol(
	const struct arguments *a, const struct ipt_option *o, struct ir_rule *rule)
{
	if (o->value.number == 256)
		return o->negate ? ARGUMENT_NEVER : ARGUMENT_KEEP;
	if (o->negate)
		return add_range(a, rule, IR_M_PROTO, true, o->value.number, o->value.number);
	return narrow_to(a, rule, (uint8_t)o->value.number) ? ARGUMENT_KEEP : ARGUMENT_NEVER;
}

static enum argument apply_icmp(
	const struct arguments *a, const struct ipt_option *o, struct ir_rule *rule)
{
	bool v6 = rule->family == FAMILY_V6;
	struct ir_match *m;

	if (o->value.icmp.type[v6].type == ICMP_TYPE_ANY)
		return o->negate ? ARGUMENT_NEVER : ARGUMENT_KEEP;
	m = add(a, rule, IR_M_ICMP, o->negate);
	m->icmp.v = arena_copy(a->l->arena, &o->value.icmp.type[v6], 1, sizeof(struct icmp_type));
	m->icmp.n = 1;
	return ARGUMENT_KEEP;
}

static void apply_tcp_flags(
	const struct arguments *a, struct ir_rule *rule, bool negate, uint8_t mask, uint8_t set)
{
	struct ir_match *m = add(a, rule, IR_M_TCPFLAGS, negate);

	m->tcpflags.mask = mask;
	m->tcpflags.value = set;
}

/* ---- values with a fork ---- */

static void apply_either_port(const struct arguments *a, const struct ipt_option *o,
	struct ir_rule *rule, struct variants *out)
{
	struct range_set set = kept(a, &o->value.ranges);
	struct ir_rule *second;

	if (o->negate) { /* neither */
		add(a, rule, IR_M_SPORT, true)->ranges = set;
		add(a, rule, IR_M_DPORT, true)->ranges = set;
		vec_push(a->ir->arena, out, rule);
		return;
	}
	second = arguments_fork(a, rule);
	add(a, rule, IR_M_SPORT, false)->ranges = set;
	add(a, second, IR_M_SPORT, true)->ranges = set;
	add(a, second, IR_M_DPORT, false)->ranges = set;
	vec_push(a->ir->arena, out, rule);
	vec_push(a->ir->arena, out, second);
}

/*
 * States, and SNAT or DNAT among them, which are bits of another field. Packets without a
 * connection have no such bits, and nft_ct then leaves the rule: they fork when negated.
 */
static void apply_state(const struct arguments *a, const struct ipt_option *o, struct ir_rule *rule,
	struct variants *out)
{
	uint32_t states = o->value.number & 31;
	uint32_t status = (o->value.number & 64 ? IR_CTSTATUS_DNAT : 0) |
			  (o->value.number & 32 ? IR_CTSTATUS_SNAT : 0);
	struct ir_rule *second;

	if (!status) {
		add(a, rule, IR_M_CTSTATE, o->negate)->bits = states;
		vec_push(a->ir->arena, out, rule);
		return;
	}
	if (o->negate && states)
		add(a, rule, IR_M_CTSTATE, true)->bits = states;
	second = arguments_fork(a, rule);
	if (o->negate) {
		add(a, rule, IR_M_CTSTATUS, true)->bits = status;
		add(a, second, IR_M_CTSTATE, false)->bits = IR_CT_INVALID | IR_CT_UNTRACKED;
	} else if (states) {
		add(a, rule, IR_M_CTSTATE, false)->bits = states;
		add(a, second, IR_M_CTSTATE, true)->bits = states;
		add(a, second, IR_M_CTSTATUS, false)->bits = status;
	} else {
		add(a, rule, IR_M_CTSTATUS, false)->bits = status;
		second = NULL;
	}
	vec_push(a->ir->arena, out, rule);
	if (second)
		vec_push(a->ir->arena, out, second);
}

static void apply_status(const struct arguments *a, const struct ipt_option *o,
	struct ir_rule *rule, struct variants *out)
{
	/* words: NONE, EXPECTED, SEEN_REPLY, ASSURED, CONFIRMED */
	static const uint32_t ours[] = { 0, IR_CTSTATUS_EXPECTED, IR_CTSTATUS_SEEN_REPLY,
		IR_CTSTATUS_ASSURED, IR_CTSTATUS_CONFIRMED };
	uint32_t bits = 0;
	struct ir_rule *second = o->negate ? arguments_fork(a, rule) : NULL;

	for (unsigned i = 0; i < 5; i++)
		bits |= o->value.number & 1u << i ? ours[i] : 0;
	add(a, rule, IR_M_CTSTATUS, o->negate)->bits = bits;
	vec_push(a->ir->arena, out, rule);
	if (!second)
		return;
	add(a, second, IR_M_CTSTATE, false)->bits = IR_CT_INVALID | IR_CT_UNTRACKED;
	vec_push(a->ir->arena, out, second);
}

/* ---- one option ---- */

static enum argument apply_mark(const struct arguments *a, const struct ipt_option *o,
	struct ir_rule *rule, enum ir_match_kind kind)
{
	struct ir_match *m;

	if (o->value.mark.value & ~o->value.mark.mask)
		return o->negate ? ARGUMENT_KEEP : ARGUMENT_NEVER;
	m = add(a, rule, kind, o->negate);
	m->mark.value = o->value.mark.value;
	m->mark.mask = o->value.mark.mask;
	return ARGUMENT_KEEP;
}

/* The code points of which the TOS byte, under the mask, has the value; ECN is not in the mask. */
static enum argument apply_tos(
	const struct arguments *a, const struct ipt_option *o, struct ir_rule *rule)
{
	struct range_set set = { 0 };

	for (uint32_t d = 0; d < 64; d++) {
		if ((d << 2 & o->value.mark.mask) == o->value.mark.value)
			range_set_add(a->l->arena, &set, (struct range){ d, d });
	}
	range_set_normalise(&set);
	if (!set.n)
		return o->negate ? ARGUMENT_KEEP : ARGUMENT_NEVER;
	add(a, rule, IR_M_DSCP, o->negate)->ranges = set;
	return ARGUMENT_KEEP;
}

/* Of IPv6 addresses, ip6tables takes these two by what they are, not by the routes to them. */
static bool apply_addrtype6(
	const struct arguments *a, const struct ipt_option *o, struct ir_rule *rule, bool dest)
{
	struct addr none = { .family = FAMILY_V6 };
	struct addr multicast = { .family = FAMILY_V6, .b = { 0xff } };
	bool unicast = o->value.number == IR_ADDR_UNICAST;
	struct ir_match *m;

	if (rule->family != FAMILY_V6 || (!unicast && o->value.number != IR_ADDR_MULTICAST))
		return false;
	m = add(a, rule, dest ? IR_M_DADDR : IR_M_SADDR, o->negate != unicast);
	if (unicast)
		addr_set_add(a->l->arena, &m->addrs, (struct addr_range){ none, none });
	addr_set_add(a->l->arena, &m->addrs, addr_prefix_range(&multicast, 8));
	return true;
}

static enum argument apply_addrtype(
	const struct arguments *a, const struct ipt_option *o, struct ir_rule *rule, bool dest)
{
	struct ir_match *m;

	if (apply_addrtype6(a, o, rule, dest))
		return ARGUMENT_KEEP;
	m = add(a, rule, IR_M_ADDRTYPE, o->negate);
	m->addrtype.dest = dest;
	m->addrtype.types = (uint32_t)o->value.number;
	return ARGUMENT_KEEP;
}

static enum argument apply_share(
	const struct arguments *a, const struct ipt_option *o, struct ir_rule *rule)
{
	if (o->value.number >> 32)
		return o->negate ? ARGUMENT_NEVER : ARGUMENT_KEEP;
	if (!o->value.number)
		return o->negate ? ARGUMENT_KEEP : ARGUMENT_NEVER;
	add(a, rule, IR_M_RANDOM, o->negate)->random = (uint32_t)o->value.number;
	return ARGUMENT_KEEP;
}

static enum argument apply_option(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule)
{
	const struct ipt_value *v = &o->value;
	struct ir_match *macs;

	switch (o->row->id) {
	case IPT_SOURCE:
	case IPT_DESTINATION:
		return apply_addrs(a, o, rule, o->row->id == IPT_DESTINATION);
	case IPT_SRC_RANGE:
	case IPT_DST_RANGE:
		return apply_addr_range(a, o, rule, o->row->id == IPT_DST_RANGE);
	case IPT_IN:
		return apply_device(a, o, rule, IR_M_IIF);
	case IPT_OUT:
		return apply_device(a, o, rule, IR_M_OIF);
	case IPT_PROTOCOL:
		return apply_protocol(a, o, rule);
	case IPT_FRAGMENT: /* connection tracking has put fragments together */
		return o->negate ? ARGUMENT_KEEP : ARGUMENT_NEVER;
	case IPT_SPORT:
	case IPT_DPORT:
		add(a, rule, o->row->id == IPT_SPORT ? IR_M_SPORT : IR_M_DPORT, o->negate)->ranges =
			kept(a, &v->ranges);
		return ARGUMENT_KEEP;
	case IPT_FLAGS:
		if (v->flags.set & ~v->flags.mask) /* flags that are not looked at are never set */
			return o->negate ? ARGUMENT_KEEP : ARGUMENT_NEVER;
		apply_tcp_flags(a, rule, o->negate, v->flags.mask, v->flags.set);
		return ARGUMENT_KEEP;
	case IPT_SYN: /* of FIN, SYN, RST and ACK only SYN */
		apply_tcp_flags(a, rule, o->negate, 1 | 2 | 4 | 16, 2);
		return ARGUMENT_KEEP;
	case IPT_TCP_OPTION: /* 2: the packet says its MSS, whatever it is */
		return add_range(a, rule, IR_M_MSS, false, 0, 65535);
	case IPT_ICMP_TYPE:
		return apply_icmp(a, o, rule);
	case IPT_MARK_IS:
		return apply_mark(a, o, rule, IR_M_MARK);
	case IPT_CONNMARK_IS:
		return apply_mark(a, o, rule, IR_M_CTMARK);
	case IPT_MAC_SOURCE:
		macs = add(a, rule, IR_M_SMAC, o->negate);
		macs->macs.v = arena_copy(a->l->arena, &v->mac, 1, sizeof(v->mac));
		macs->macs.n = 1;
		return ARGUMENT_KEEP;
	case IPT_LENGTH:
		return add_range(a, rule, IR_M_LENGTH, o->negate, v->range.lo, v->range.hi);
	case IPT_MSS_IS:
		return add_range(a, rule, IR_M_MSS, o->negate, v->range.lo, v->range.hi);
	case IPT_TTL_EQ:
		return add_range(a, rule, IR_M_TTL, o->negate, v->number, v->number);
	case IPT_TTL_LT:
		return v->number ? add_range(a, rule, IR_M_TTL, false, 0, v->number - 1)
				 : ARGUMENT_NEVER;
	case IPT_TTL_GT:
		return add_range(a, rule, IR_M_TTL, false, v->number + 1, 255);
	case IPT_DSCP_IS:
		return add_range(a, rule, IR_M_DSCP, o->negate, v->number, v->number);
	case IPT_TOS_IS:
		return apply_tos(a, o, rule);
	case IPT_PKT_TYPE:
		add(a, rule, IR_M_PKTTYPE, o->negate)->bits = 1u << v->number;
		return ARGUMENT_KEEP;
	case IPT_SRC_TYPE:
	case IPT_DST_TYPE:
		return apply_addrtype(a, o, rule, o->row->id == IPT_DST_TYPE);
	case IPT_UID:
		return add_range(a, rule, IR_M_UID, o->negate, v->range.lo, v->range.hi);
	case IPT_GID:
		return add_range(a, rule, IR_M_GID, o->negate, v->range.lo, v->range.hi);
	case IPT_MATCH_SET:
		return arguments_set(a, o, rule);
	case IPT_STAT_PROBABILITY:
		return apply_share(a, o, rule);
	case IPT_POLICY_POL: {
		const struct ipt_option *dir = ipt_find(m, IPT_POLICY_DIR);

		add(a, rule, IR_M_IPSEC, v->number == 0)->bits = 1u << dir->value.number;
		return ARGUMENT_KEEP;
	}
	case IPT_HELPER_IS:
		add(a, rule, IR_M_CTHELPER, false)->text = arena_strdup(a->l->arena, v->text);
		return ARGUMENT_KEEP;
	default: /* belongs to another option of its module, or is dealt with as a module */
		return ARGUMENT_KEEP;
	}
}

/* ---- one match ---- */

/* Matches that are one thing of several options. */
static bool apply_whole(const struct arguments *a, const struct ipt_match *m, struct ir_rule *rule,
	enum argument *ret)
{
	const char *name = m->module->name;

	*ret = ARGUMENT_KEEP;
	if (!strcmp(name, "limit"))
		*ret = arguments_limit(a, m, rule);
	else if (!strcmp(name, "hashlimit"))
		*ret = arguments_hashlimit(a, m, rule);
	else if (!strcmp(name, "connlimit"))
		*ret = arguments_connlimit(a, m, rule);
	else if (!strcmp(name, "time"))
		*ret = arguments_time(a, m, rule) ? ARGUMENT_KEEP : ARGUMENT_NEVER;
	else
		return false;
	return true;
}

/* The protocol and family that a module needs. */
static bool apply_module(
	const struct arguments *a, const struct ipt_module *module, struct ir_rule *rule)
{
	if (module->family && module->family != rule->family)
		return false;
	if (module->proto)
		return narrow_to(a, rule, module->proto);
	return !module->ports_only || arguments_with_ports(a, rule);
}

static void apply_match(const struct arguments *a, const struct ipt_match *m, struct ir_rule *rule,
	struct variants *out)
{
	struct variants now = { 0 }, next;
	enum argument result;

	if (!apply_module(a, m->module, rule))
		return;
	if (!strcmp(m->module->name, "recent")) {
		arguments_recent(a, m, rule, out);
		return;
	}
	if (apply_whole(a, m, rule, &result)) {
		if (result == ARGUMENT_KEEP)
			vec_push(a->ir->arena, out, rule);
		return;
	}
	vec_push(a->ir->arena, &now, rule);
	vec_each (o, &m->options) {
		next = (struct variants){ 0 };
		vec_each (it, &now) {
			if (o->row->id == IPT_PORT_EITHER)
				apply_either_port(a, o, *it, &next);
			else if (o->row->id == IPT_CTSTATE)
				apply_state(a, o, *it, &next);
			else if (o->row->id == IPT_CTSTATUS)
				apply_status(a, o, *it, &next);
			else if (apply_option(a, m, o, *it) == ARGUMENT_KEEP)
				vec_push(a->ir->arena, &next, *it);
		}
		now = next;
	}
	vec_each (it, &now)
		vec_push(a->ir->arena, out, *it);
}

/* ---- the family ---- */

/* A match that says something else, or needs another object, in each family. */
static bool needs_family(const struct ipt_match *m)
{
	static const char *const names[] = { "hashlimit", "connlimit", "recent", "set", "iprange",
		"addrtype" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(m->module->name, names[i]))
			return true;
	}
	return m->module->family != FAMILY_ANY || ipt_find(m, IPT_SOURCE) ||
	       ipt_find(m, IPT_DESTINATION);
}

static struct variants by_family(const struct arguments *a, const struct variants *in)
{
	struct variants out = { 0 };
	bool split = needs_family(a->rule->basic);

	vec_each (m, &a->rule->matches)
		split |= needs_family(*m);
	vec_each (it, in) {
		struct ir_rule *second;

		vec_push(a->ir->arena, &out, *it);
		if (!split || (*it)->family != FAMILY_ANY)
			continue;
		second = arguments_fork(a, *it);
		(*it)->family = FAMILY_V4;
		second->family = FAMILY_V6;
		vec_push(a->ir->arena, &out, second);
	}
	return out;
}

struct variants arguments_apply(const struct arguments *a, const struct variants *in)
{
	struct variants now = by_family(a, in), next = { 0 };

	vec_each (it, &now)
		apply_match(a, a->rule->basic, *it, &next);
	vec_each (m, &a->rule->matches) {
		now = next;
		next = (struct variants){ 0 };
		vec_each (it, &now)
			apply_match(a, *m, *it, &next);
	}
	return next;
}

/* ---- what cannot be said ---- */

void arguments_refuse(struct lower *l, struct ipt_rule *rule, struct span span, const char *token,
	const char *reason)
{
	struct ipt_refusal x = { span, token, reason };

	vec_push(l->arena, &rule->refusals, x);
}

static void check_option(struct lower *l, struct ipt_rule *rule, const struct ipt_option *o)
{
	const char *name = o->row->name;

	switch (o->row->id) {
	case IPT_TCP_OPTION:
		if (o->negate || o->value.number != 2)
			arguments_refuse(l, rule, o->span, name,
				"of the options of TCP only the MSS (2) can be asked for");
		return;
	case IPT_CTSTATUS:
		if (o->value.number & 1)
			arguments_refuse(l, rule, o->span, name, "NONE is no status to compare");
		return;
	case IPT_CTDIR:
		arguments_refuse(l, rule, o->span, name,
			"the direction in a connection is not compared; match the zone or device");
		return;
	case IPT_SOCKET_EXISTS:
		arguments_refuse(l, rule, o->span, name, "only the owner of a socket is compared");
		return;
	case IPT_TOS_IS:
		if (o->value.mark.mask & 3)
			arguments_refuse(l, rule, o->span, name,
				"its last two bits are ECN; match the DSCP, or a mask such as "
				"0xfc");
		return;
	case IPT_HELPER_IS:
		if (o->negate)
			arguments_refuse(l, rule, o->span, name,
				"a connection without helper has none to be different");
		return;
	case IPT_STAT_EVERY:
		arguments_refuse(l, rule, o->span, name,
			"packets are not counted out; use --mode random --probability");
		return;
	case IPT_MATCH_SET:
		arguments_set_check(l, rule, o);
		return;
	default:
		return;
	}
}

void arguments_check(struct lower *l, struct ipt_rule *rule)
{
	vec_each (o, &rule->basic->options) {
		bool many = (o->row->id == IPT_SOURCE || o->row->id == IPT_DESTINATION) &&
			    o->value.addrs.n > 1;

		for (size_t i = 0; many && i < o->value.addrs.n; i++) {
			if (o->value.addrs.v[i].kind == ADDR_SPEC_MASKED && !o->negate)
				arguments_refuse(l, rule, o->span, o->row->name,
					"a list cannot hold an address with such a mask");
		}
	}
	vec_each (it, &rule->matches) {
		const struct ipt_match *m = *it;

		vec_each (o, &m->options)
			check_option(l, rule, o);
		if (!strcmp(m->module->name, "hashlimit"))
			arguments_hashlimit_check(l, rule, m);
		if (!strcmp(m->module->name, "recent"))
			arguments_recent_check(l, rule, m);
		if (!strcmp(m->module->name, "connlimit"))
			arguments_connlimit_check(l, rule, m);
		if (!strcmp(m->module->name, "connbytes"))
			arguments_refuse(l, rule, m->span, "connbytes",
				"what a connection has carried is not compared");
	}
}
