/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options of iptables that are one match of the IR each: how each kind of value is taken, and the
 * table of which option takes which.
 */
#include "lower/arguments.h"

static enum argument add_range(const struct arguments *a, struct ir_rule *rule,
	enum ir_match_kind kind, bool negate, uint64_t lo, uint64_t hi)
{
	if (lo > hi)
		return negate ? ARGUMENT_KEEP : ARGUMENT_NEVER;
	range_set_add(a->l->arena, &arguments_add(a, rule, kind, negate)->ranges,
		(struct range){ (uint32_t)lo, (uint32_t)hi });
	return ARGUMENT_KEEP;
}

/* ---- addresses, devices, protocols ---- */

static enum argument apply_addrs(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	bool dest = kind == IR_M_DADDR;
	struct addr_set set = { 0 };

	(void)m;
	for (size_t i = 0; i < o->value.addrs.n; i++) {
		const struct addr_spec *s = &o->value.addrs.v[i];
		struct ir_match *masked;

		if ((s->kind == ADDR_SPEC_MASKED ? s->addr : s->range.lo).family != rule->family)
			return ARGUMENT_NEVER;
		if (s->kind == ADDR_SPEC_RANGE) {
			addr_set_add(a->l->arena, &set, s->range);
			continue;
		}
		masked = arguments_add(
			a, rule, dest ? IR_M_DADDR_MASKED : IR_M_SADDR_MASKED, o->negate);
		masked->masked.value = s->addr;
		masked->masked.mask = s->mask;
	}
	addr_set_normalise(&set);
	if (set.n)
		arguments_add(a, rule, kind, o->negate)->addrs = set;
	return ARGUMENT_KEEP;
}

static enum argument apply_addr_range(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	(void)m;
	if (o->value.addr_range.lo.family != rule->family)
		return ARGUMENT_NEVER;
	addr_set_add(
		a->l->arena, &arguments_add(a, rule, kind, o->negate)->addrs, o->value.addr_range);
	return ARGUMENT_KEEP;
}

static enum argument apply_device(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	struct ir_match *devices;

	(void)m;
	if (!o->value.device.name[0])
		return o->negate ? ARGUMENT_NEVER : ARGUMENT_KEEP; /* "+": every device */
	devices = arguments_add(a, rule, kind, o->negate);
	devices->devices.v = arena_copy(a->l->arena, &o->value.device, 1, sizeof(o->value.device));
	devices->devices.n = 1;
	return ARGUMENT_KEEP;
}

static enum argument apply_protocol(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	(void)m;
	if (o->value.number == 256)
		return o->negate ? ARGUMENT_NEVER : ARGUMENT_KEEP;
	if (o->negate)
		return add_range(a, rule, kind, true, o->value.number, o->value.number);
	return arguments_protocol(a, rule, (uint8_t)o->value.number) ? ARGUMENT_KEEP
								     : ARGUMENT_NEVER;
}

static enum argument apply_icmp(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	bool v6 = rule->family == FAMILY_V6;
	struct ir_match *types;

	(void)m;
	if (o->value.icmp.type[v6].type == ICMP_TYPE_ANY)
		return o->negate ? ARGUMENT_NEVER : ARGUMENT_KEEP;
	types = arguments_add(a, rule, kind, o->negate);
	types->icmp.v =
		arena_copy(a->l->arena, &o->value.icmp.type[v6], 1, sizeof(struct icmp_type));
	types->icmp.n = 1;
	return ARGUMENT_KEEP;
}

/* ---- values ---- */

static enum argument apply_mark(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	struct ir_match *mark;

	(void)m;
	if (o->value.mark.value & ~o->value.mark.mask)
		return o->negate ? ARGUMENT_KEEP : ARGUMENT_NEVER;
	mark = arguments_add(a, rule, kind, o->negate);
	mark->mark.value = o->value.mark.value;
	mark->mark.mask = o->value.mark.mask;
	return ARGUMENT_KEEP;
}

/* The code points of which the TOS byte, under the mask, has the value; ECN is not in the mask. */
static enum argument apply_tos(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	struct range_set set = { 0 };

	(void)m;
	for (uint32_t d = 0; d < 64; d++) {
		if ((d << 2 & o->value.mark.mask) == o->value.mark.value)
			range_set_add(a->l->arena, &set, (struct range){ d, d });
	}
	range_set_normalise(&set);
	if (!set.n)
		return o->negate ? ARGUMENT_KEEP : ARGUMENT_NEVER;
	arguments_add(a, rule, kind, o->negate)->ranges = set;
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
	m = arguments_add(a, rule, dest ? IR_M_DADDR : IR_M_SADDR, o->negate != unicast);
	if (unicast)
		addr_set_add(a->l->arena, &m->addrs, (struct addr_range){ none, none });
	addr_set_add(a->l->arena, &m->addrs, addr_prefix_range(&multicast, 8));
	return true;
}

static enum argument apply_addrtype(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	bool dest = kind == IR_M_DADDR;
	struct ir_match *type;

	(void)m;
	if (apply_addrtype6(a, o, rule, dest))
		return ARGUMENT_KEEP;
	type = arguments_add(a, rule, IR_M_ADDRTYPE, o->negate);
	type->addrtype.dest = dest;
	type->addrtype.types = (uint32_t)o->value.number;
	return ARGUMENT_KEEP;
}

static enum argument apply_share(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	(void)m;
	if (o->value.number >> 32)
		return o->negate ? ARGUMENT_NEVER : ARGUMENT_KEEP;
	if (!o->value.number)
		return o->negate ? ARGUMENT_KEEP : ARGUMENT_NEVER;
	arguments_add(a, rule, kind, o->negate)->random = (uint32_t)o->value.number;
	return ARGUMENT_KEEP;
}

static enum argument apply_ports(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	(void)m;
	arguments_add(a, rule, kind, o->negate)->ranges = arguments_ranges(a, &o->value.ranges);
	return ARGUMENT_KEEP;
}

static enum argument apply_flags(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	struct ir_match *flags;

	(void)m;
	if (o->row->id == IPT_FLAGS && o->value.flags.set & ~o->value.flags.mask)
		/* flags that are not looked at are never set */
		return o->negate ? ARGUMENT_KEEP : ARGUMENT_NEVER;
	flags = arguments_add(a, rule, kind, o->negate);
	/* --syn: of FIN, SYN, RST and ACK only SYN */
	flags->tcpflags.mask = o->row->id == IPT_SYN ? 1 | 2 | 4 | 16 : o->value.flags.mask;
	flags->tcpflags.value = o->row->id == IPT_SYN ? 2 : o->value.flags.set;
	return ARGUMENT_KEEP;
}

static enum argument apply_mac(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	struct ir_match *macs = arguments_add(a, rule, kind, o->negate);

	(void)m;
	macs->macs.v = arena_copy(a->l->arena, &o->value.mac, 1, sizeof(o->value.mac));
	macs->macs.n = 1;
	return ARGUMENT_KEEP;
}

static enum argument apply_range(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	(void)m;
	return add_range(a, rule, kind, o->negate, o->value.range.lo, o->value.range.hi);
}

/* A number, what is below it, or what is above. */
static enum argument apply_number(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	uint64_t n = o->value.number;

	(void)m;
	if (o->row->id == IPT_TTL_LT)
		return n ? add_range(a, rule, kind, false, 0, n - 1) : ARGUMENT_NEVER;
	if (o->row->id == IPT_TTL_GT)
		return add_range(a, rule, kind, false, n + 1, 255);
	return add_range(a, rule, kind, o->negate, n, n);
}

/* The packet says its MSS, whatever it is: --tcp-option 2. */
static enum argument apply_has_mss(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	(void)m;
	(void)o;
	return add_range(a, rule, kind, false, 0, 65535);
}

/* Connection tracking has put fragments together: none is ever seen. */
static enum argument apply_fragment(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	(void)a;
	(void)m;
	(void)rule;
	(void)kind;
	return o->negate ? ARGUMENT_KEEP : ARGUMENT_NEVER;
}

static enum argument apply_status(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	/* words: NONE, EXPECTED, SEEN_REPLY, ASSURED, CONFIRMED */
	static const uint32_t ours[] = { 0, IR_CTSTATUS_EXPECTED, IR_CTSTATUS_SEEN_REPLY,
		IR_CTSTATUS_ASSURED, IR_CTSTATUS_CONFIRMED };
	uint32_t bits = 0;

	(void)m;
	for (unsigned i = 0; i < 5; i++)
		bits |= o->value.number & 1u << i ? ours[i] : 0;
	arguments_add(a, rule, kind, o->negate)->bits = bits;
	return ARGUMENT_KEEP;
}

static enum argument apply_packet_type(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	(void)m;
	arguments_add(a, rule, kind, o->negate)->bits = 1u << o->value.number;
	return ARGUMENT_KEEP;
}

static enum argument apply_policy(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	/* "none" is the first word of the two */
	arguments_add(a, rule, kind, o->value.number == 0)->bits =
		1u << ipt_find(m, IPT_POLICY_DIR)->value.number;
	return ARGUMENT_KEEP;
}

static enum argument apply_helper(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	(void)m;
	arguments_add(a, rule, kind, false)->text = arena_strdup(a->l->arena, o->value.text);
	return ARGUMENT_KEEP;
}

static enum argument apply_set(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind)
{
	(void)m;
	(void)kind;
	return arguments_set(a, o, rule);
}

/*
 * Options that are one match each. The others belong to another option of their module, to a
 * module that is one match as a whole, or fork.
 */
static const struct {
	enum ipt_id id;
	enum ir_match_kind kind;
	enum argument (*apply)(const struct arguments *a, const struct ipt_match *m,
		const struct ipt_option *o, struct ir_rule *rule, enum ir_match_kind kind);
} options[] = {
	{ IPT_SOURCE, IR_M_SADDR, apply_addrs },
	{ IPT_DESTINATION, IR_M_DADDR, apply_addrs },
	{ IPT_SRC_RANGE, IR_M_SADDR, apply_addr_range },
	{ IPT_DST_RANGE, IR_M_DADDR, apply_addr_range },
	{ IPT_IN, IR_M_IIF, apply_device },
	{ IPT_OUT, IR_M_OIF, apply_device },
	{ IPT_PROTOCOL, IR_M_PROTO, apply_protocol },
	{ IPT_FRAGMENT, IR_M_PROTO, apply_fragment },
	{ IPT_SPORT, IR_M_SPORT, apply_ports },
	{ IPT_DPORT, IR_M_DPORT, apply_ports },
	{ IPT_FLAGS, IR_M_TCPFLAGS, apply_flags },
	{ IPT_SYN, IR_M_TCPFLAGS, apply_flags },
	{ IPT_TCP_OPTION, IR_M_MSS, apply_has_mss },
	{ IPT_ICMP_TYPE, IR_M_ICMP, apply_icmp },
	{ IPT_CTSTATUS, IR_M_CTSTATUS, apply_status },
	{ IPT_MARK_IS, IR_M_MARK, apply_mark },
	{ IPT_CONNMARK_IS, IR_M_CTMARK, apply_mark },
	{ IPT_MAC_SOURCE, IR_M_SMAC, apply_mac },
	{ IPT_LENGTH, IR_M_LENGTH, apply_range },
	{ IPT_MSS_IS, IR_M_MSS, apply_range },
	{ IPT_TTL_EQ, IR_M_TTL, apply_number },
	{ IPT_TTL_LT, IR_M_TTL, apply_number },
	{ IPT_TTL_GT, IR_M_TTL, apply_number },
	{ IPT_DSCP_IS, IR_M_DSCP, apply_number },
	{ IPT_TOS_IS, IR_M_DSCP, apply_tos },
	{ IPT_PKT_TYPE, IR_M_PKTTYPE, apply_packet_type },
	{ IPT_SRC_TYPE, IR_M_SADDR, apply_addrtype },
	{ IPT_DST_TYPE, IR_M_DADDR, apply_addrtype },
	{ IPT_UID, IR_M_UID, apply_range },
	{ IPT_GID, IR_M_GID, apply_range },
	{ IPT_MATCH_SET, IR_M_SET, apply_set },
	{ IPT_STAT_PROBABILITY, IR_M_RANDOM, apply_share },
	{ IPT_POLICY_POL, IR_M_IPSEC, apply_policy },
	{ IPT_HELPER_IS, IR_M_CTHELPER, apply_helper },
};

enum argument arguments_option(const struct arguments *a, const struct ipt_match *m,
	const struct ipt_option *o, struct ir_rule *rule)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (options[i].id == o->row->id)
			return options[i].apply(a, m, o, rule, options[i].kind);
	}
	return ARGUMENT_KEEP;
}
