/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Matches of the IR as matches of nft. One value is compared, one range compared at both ends,
 * several looked up in an anonymous set; a prefix stays a prefix. A match without values never
 * holds (negated: always), which the callers turn into no rule (no expression).
 */
#include <string.h>

#include "base/bug.h"
#include "emit/nft/nft_priv.h"

bool nft_match_stateful(const struct ir_match *m)
{
	return m->kind == IR_M_LIMIT || m->kind == IR_M_METER || m->kind == IR_M_CONNECTIONS;
}

static struct nft_match *value_add(
	struct nft_rule_build *r, enum nft_field field, uint64_t value, bool negate)
{
	struct nft_match *match = nft_match_add(r, field, NFT_CMP_VALUE);

	match->value = nft_number(r->b, value, nft_field_info[field].bytes);
	match->negate = negate;
	return match;
}

/* A set of ranges of numbers; those of DSCP are moved to where the register has them. */
static bool lower_ranges(
	struct nft_rule_build *r, enum nft_field field, const struct range_set *set, bool negate)
{
	const struct nft_field_info *info = &nft_field_info[field];

	if (!set->n)
		return negate;
	nft_imply(r, &field, 1);
	if (set->n == 1) {
		struct nft_match *match =
			value_add(r, field, (uint64_t)set->v[0].lo << info->shift, negate);

		if (set->v[0].lo != set->v[0].hi) {
			match->compare = NFT_CMP_RANGE;
			match->high = nft_number(
				r->b, (uint64_t)set->v[0].hi << info->shift, info->bytes);
		}
		return true;
	}

	struct nft_set *in = nft_anonymous(r->b, &field, 1);
	struct nft_match *match = nft_match_add(r, field, NFT_CMP_SET);

	match->set = in;
	match->negate = negate;
	for (size_t i = 0; i < set->n; i++) {
		struct nft_element e = {
			.key = nft_number(r->b, (uint64_t)set->v[i].lo << info->shift, info->bytes)
		};

		if (set->v[i].lo != set->v[i].hi) {
			e.key_end = nft_number(
				r->b, (uint64_t)set->v[i].hi << info->shift, info->bytes);
			in->interval = true;
		}
		vec_push(r->b->arena, &in->elements, e);
	}
	nft_set_normalise(r->b, in);
	return true;
}

static enum nft_field addr_field(enum family family, bool dest)
{
	if (family == FAMILY_V6)
		return dest ? NFT_F_IP6_DADDR : NFT_F_IP6_SADDR;
	return dest ? NFT_F_IP_DADDR : NFT_F_IP_SADDR;
}

bool nft_addrs_all(const struct addr_set *set)
{
	unsigned bits;

	return set->n == 1 && addr_range_prefix(&set->v[0], &bits) && !bits;
}

static bool lower_addrs(
	struct nft_rule_build *r, const struct addr_set *set, bool dest, bool negate)
{
	if (!set->n)
		return negate;
	if (nft_addrs_all(set)) /* the family is stated by itself */
		return !negate;

	enum family family = set->v[0].lo.family;
	enum nft_field field = addr_field(family, dest);

	nft_imply(r, &field, 1);

	struct nft_match *match = nft_match_add(r, field, NFT_CMP_SET);

	match->negate = negate;
	if (set->n == 1) {
		unsigned bits;

		match->value = set->v[0].lo.b;
		match->high = set->v[0].hi.b;
		match->compare = NFT_CMP_RANGE;
		if (addr_range_prefix(&set->v[0], &bits)) {
			match->bits = bits;
			match->compare =
				bits == family_bytes(family) * 8 ? NFT_CMP_VALUE : NFT_CMP_PREFIX;
		}
		return true;
	}

	struct nft_set *in = nft_anonymous(r->b, &field, 1);

	match->set = in;
	for (size_t i = 0; i < set->n; i++) {
		struct nft_element e = { .key = set->v[i].lo.b };

		if (!addr_eq(&set->v[i].lo, &set->v[i].hi)) {
			e.key_end = set->v[i].hi.b;
			in->interval = true;
		}
		vec_push(r->b->arena, &in->elements, e);
	}
	nft_set_normalise(r->b, in);
	return true;
}

static bool lower_masked(struct nft_rule_build *r, const struct ir_match *m, bool dest)
{
	enum nft_field field = addr_field(m->masked.value.family, dest);

	nft_imply(r, &field, 1);

	struct nft_match *match = nft_match_add(r, field, NFT_CMP_MASK);

	match->value = m->masked.value.b;
	match->mask = m->masked.mask.b;
	match->negate = m->negate;
	return true;
}

static bool lower_proto(struct nft_rule_build *r, const struct ir_match *m)
{
	if (!r->proto)
		return lower_ranges(r, NFT_F_L4PROTO, &m->ranges, m->negate);
	if (!r->proto_deferred && r->known_proto != r->proto)
		nft_match_proto(r, r->proto, false);
	return true;
}

static bool lower_macs(struct nft_rule_build *r, const struct ir_match *m)
{
	enum nft_field field = NFT_F_ETHER_SADDR;

	if (!m->macs.n)
		return m->negate;
	nft_imply(r, &field, 1);

	struct nft_match *match =
		nft_match_add(r, field, m->macs.n > 1 ? NFT_CMP_SET : NFT_CMP_VALUE);

	match->negate = m->negate;
	if (m->macs.n == 1) {
		match->value = m->macs.v[0].b;
		return true;
	}

	struct nft_set *set = nft_anonymous(r->b, &field, 1);

	match->set = set;
	for (size_t i = 0; i < m->macs.n; i++) {
		struct nft_element e = { .key = m->macs.v[i].b };

		vec_push(r->b->arena, &set->elements, e);
	}
	nft_set_normalise(r->b, set);
	return true;
}

static bool lower_mark(struct nft_rule_build *r, const struct ir_match *m, enum nft_field field)
{
	struct nft_match *match;

	if (!m->mark.mask) /* (mark & 0) == value */
		return (m->mark.value == 0) != m->negate;
	match = value_add(r, field, m->mark.value, m->negate);
	if (m->mark.mask != UINT32_MAX) {
		match->compare = NFT_CMP_MASK;
		match->mask = nft_number(r->b, m->mark.mask, 4);
	}
	return true;
}

/* Bits of ours as bits of the kernel: one row for each bit of ours, lowest first. */
static bool lower_flags(struct nft_rule_build *r, const struct ir_match *m, enum nft_field field,
	const uint32_t *kernel, size_t n)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < n; i++) {
		if (m->bits & 1U << i)
			bits |= kernel[i];
	}
	if (!bits)
		return m->negate;
	value_add(r, field, bits, m->negate)->compare = NFT_CMP_FLAGS;
	return true;
}

/* Bits of ours as a list of values of which the field has one. */
static bool lower_values(struct nft_rule_build *r, uint32_t bits, bool negate, enum nft_field field,
	const uint32_t *kernel, size_t n)
{
	struct range values[8];
	struct range_set set = { .v = values };

	for (size_t i = 0; i < n; i++) {
		if (bits & 1U << i)
			values[set.n++] = (struct range){ kernel[i], kernel[i] };
	}
	return lower_ranges(r, field, &set, negate);
}

static bool lower_tcpflags(struct nft_rule_build *r, const struct ir_match *m)
{
	enum nft_field field = NFT_F_TCP_FLAGS;
	uint8_t value = m->tcpflags.value, mask = m->tcpflags.mask;

	if (value & ~mask)
		return m->negate;
	if (!mask)
		return !m->negate;
	nft_imply(r, &field, 1);

	struct nft_match *match = value_add(r, field, value, m->negate);

	if (mask == 0xff)
		return true;
	if (!value) { /* none of them: any of them, negated */
		match->compare = NFT_CMP_FLAGS;
		match->value = nft_number(r->b, mask, 1);
		match->negate = !m->negate;
	} else if (value == mask && !(mask & (mask - 1))) {
		match->compare = NFT_CMP_FLAGS;
	} else {
		match->compare = NFT_CMP_MASK;
		match->mask = nft_number(r->b, mask, 1);
	}
	return true;
}

static bool lower_helper(struct nft_rule_build *r, const struct ir_match *m)
{
	/* NF_CT_HELPER_NAME_LEN is 16, the NUL counted: no connection has a longer one */
	if (strlen(m->text) >= nft_field_info[NFT_F_CT_HELPER].bytes)
		return m->negate;

	struct nft_match *match = nft_match_add(r, NFT_F_CT_HELPER, NFT_CMP_VALUE);

	match->value = nft_device_bytes(r->b, m->text, 0);
	match->negate = m->negate;
	return true;
}

static bool lower_set(struct nft_rule_build *r, const struct ir_match *m)
{
	enum nft_field field[NFT_CONCAT_MAX];
	unsigned n = nft_key_fields(r, m->set.set, m->set.dest, field);

	nft_imply(r, field, n);

	struct nft_match *match = nft_match_add(r, field[0], NFT_CMP_SET);

	memcpy(match->field, field, n * sizeof(field[0]));
	match->n_field = n;
	match->set = nft_set_of(r->b, m->set.set);
	match->negate = m->negate;
	return true;
}

/* Adds the connection to those of the packet's element, and goes on by how many there are now. */
static bool lower_connections(struct nft_rule_build *r, const struct ir_match *m)
{
	enum nft_field field[NFT_CONCAT_MAX];
	unsigned n = nft_key_fields(r, m->set.set, m->set.dest, field);

	nft_imply(r, field, n);

	struct nft_expr *e = nft_expr_add(r, NFT_E_DYNSET);

	memcpy(e->dynset.field, field, n * sizeof(field[0]));
	e->dynset.n_field = n;
	e->dynset.set = nft_set_of(r->b, m->set.set);
	e->dynset.has_connections = true;
	e->dynset.connections = m->set.connections;
	e->dynset.above = m->negate;
	return true;
}

/* Adds (or renews) the packet's own bucket and goes on while it has a token. */
static bool lower_meter(struct nft_rule_build *r, const struct ir_match *m)
{
	enum nft_field field[NFT_CONCAT_MAX];
	const struct ir_set *set = m->set.set;
	unsigned n = nft_key_fields(r, set, m->set.dest, field);

	nft_imply(r, field, n);

	struct nft_expr *e = nft_expr_add(r, NFT_E_DYNSET);

	e->dynset.update = !set->once;
	memcpy(e->dynset.field, field, n * sizeof(field[0]));
	e->dynset.n_field = n;
	e->dynset.set = nft_set_of(r->b, set);
	e->dynset.has_rate = true;
	e->dynset.rate = nft_rate_of(&set->rate, set->burst);
	if (m->negate)
		e->dynset.rate.over = !e->dynset.rate.over;
	return true;
}

/*
 * [from, until) as from-until: the kernel counts nanoseconds and nft writes whole seconds, both
 * ends inclusive. The interval is so one nanosecond too long, and no moment is lost.
 */
static bool lower_times(struct nft_rule_build *r, const struct ir_match *m)
{
	enum nft_field field = NFT_F_TIME;
	struct nft_set *set = NULL;

	if (!m->times.n)
		return m->negate;

	struct nft_match *match =
		nft_match_add(r, field, m->times.n > 1 ? NFT_CMP_SET : NFT_CMP_RANGE);

	match->negate = m->negate;
	if (m->times.n > 1) {
		set = nft_anonymous(r->b, &field, 1);
		set->interval = true;
		match->set = set;
	}
	for (size_t i = 0; i < m->times.n; i++) {
		const struct time_interval *t = &m->times.v[i];
		uint64_t from = t->from > 0 ? (uint64_t)t->from * 1000000000U : 0;
		uint64_t until = t->until > 0 ? (uint64_t)t->until * 1000000000U : 0;
		struct nft_element e = { .key = nft_number(r->b, from, 8),
			.key_end = nft_number(r->b, until, 8) };

		if (set) {
			vec_push(r->b->arena, &set->elements, e);
		} else {
			match->value = e.key;
			match->high = e.key_end;
		}
	}
	if (set)
		nft_set_normalise(r->b, set);
	return true;
}

static bool lower_random(struct nft_rule_build *r, const struct ir_match *m)
{
	if (!m->random)
		return m->negate;
	value_add(r, NFT_F_RANDOM, m->random, false)->compare =
		m->negate ? NFT_CMP_NOT_LESS : NFT_CMP_LESS;
	return true;
}

/* Where the kernel can tell: incoming paths until routing and forward, outgoing ones from there. */
static uint32_t ipsec_known(enum ir_hook hook)
{
	switch (hook) {
	case IR_PREROUTING:
	case IR_INPUT:
		return 1;
	case IR_FORWARD:
		return 3;
	case IR_OUTPUT:
	case IR_POSTROUTING:
		return 2;
	}
	BUG("hook %d", hook);
}

/* Either path of an alternative (rule.c); negated: neither. */
static bool lower_ipsec(struct nft_rule_build *r, const struct ir_match *m)
{
	uint32_t known = m->bits & ipsec_known(r->hook), bits = known;

	if (!m->negate)
		bits &= r->ipsec;
	if (!bits)
		return m->negate;
	/* the second alternative leaves out what the first has dealt with */
	if (!m->negate && known == 3 && bits == 2)
		value_add(r, NFT_F_SECPATH, 0, false);
	if (bits & 1)
		value_add(r, NFT_F_SECPATH, !m->negate, false);
	if (bits & 2)
		value_add(r, NFT_F_RT_IPSEC, !m->negate, false);
	return true;
}

bool nft_lower_match(struct nft_rule_build *r, const struct ir_match *m)
{
	/* include/net/netfilter/nf_conntrack_common.h: NF_CT_STATE_*, IPS_*; if_packet.h;
	 * rtnetlink.h */
	static const uint32_t ct_states[] = { 8, 2, 4, 1, 64 }, ct_statuses[] = { 0x20, 0x10, 1, 2, 4, 8 },
			      pkttypes[] = { 0, 1, 2 }, addrtypes[] = { 2, 1, 3, 5 };
	bool v6 = r->family == FAMILY_V6;

	switch (m->kind) {
	case IR_M_IIF:
	case IR_M_OIF:
		return nft_lower_devices(r, m);
	case IR_M_SADDR:
		return lower_addrs(r, &m->addrs, false, m->negate);
	case IR_M_DADDR:
		return lower_addrs(r, &m->addrs, true, m->negate);
	case IR_M_SADDR_MASKED:
		return lower_masked(r, m, false);
	case IR_M_DADDR_MASKED:
		return lower_masked(r, m, true);
	case IR_M_PROTO:
		return lower_proto(r, m);
	case IR_M_SPORT:
		return lower_ranges(r, nft_port_field(r, false), &m->ranges, m->negate);
	case IR_M_DPORT:
		return lower_ranges(r, nft_port_field(r, true), &m->ranges, m->negate);
	case IR_M_ICMP:
		return nft_lower_icmp(r, m);
	case IR_M_SMAC:
		return lower_macs(r, m);
	case IR_M_DSCP:
		return lower_ranges(r, v6 ? NFT_F_IP6_DSCP : NFT_F_IP_DSCP, &m->ranges, m->negate);
	case IR_M_TTL:
		return lower_ranges(
			r, v6 ? NFT_F_IP6_HOPLIMIT : NFT_F_IP_TTL, &m->ranges, m->negate);
	case IR_M_MARK:
		return lower_mark(r, m, NFT_F_MARK);
	case IR_M_CTMARK:
		return lower_mark(r, m, NFT_F_CT_MARK);
	case IR_M_CTSTATE:
		return lower_flags(r, m, NFT_F_CT_STATE, ct_states, NFT_COUNT(ct_states));
	case IR_M_CTSTATUS:
		return lower_flags(r, m, NFT_F_CT_STATUS, ct_statuses, NFT_COUNT(ct_statuses));
	case IR_M_CTHELPER:
		return lower_helper(r, m);
	case IR_M_TCPFLAGS:
		return lower_tcpflags(r, m);
	case IR_M_MSS:
		return lower_ranges(r, NFT_F_TCPOPT_MSS, &m->ranges, m->negate);
	case IR_M_LENGTH:
		return lower_ranges(r, NFT_F_LENGTH, &m->ranges, m->negate);
	case IR_M_PKTTYPE:
		return lower_values(
			r, m->bits, m->negate, NFT_F_PKTTYPE, pkttypes, NFT_COUNT(pkttypes));
	case IR_M_ADDRTYPE:
		return lower_values(r, m->addrtype.types, m->negate,
			m->addrtype.dest ? NFT_F_FIB_DADDR_TYPE : NFT_F_FIB_SADDR_TYPE, addrtypes,
			NFT_COUNT(addrtypes));
	case IR_M_UID:
		return lower_ranges(r, NFT_F_SKUID, &m->ranges, m->negate);
	case IR_M_GID:
		return lower_ranges(r, NFT_F_SKGID, &m->ranges, m->negate);
	case IR_M_SET:
		return lower_set(r, m);
	case IR_M_TIME:
		return lower_times(r, m);
	case IR_M_RANDOM:
		return lower_random(r, m);
	case IR_M_LIMIT:
		nft_expr_add(r, NFT_E_LIMIT)->object = nft_name(r->b, m->limit->name);
		return true;
	case IR_M_METER:
		return lower_meter(r, m);
	case IR_M_CONNECTIONS:
		return lower_connections(r, m);
	case IR_M_IPSEC:
		return lower_ipsec(r, m);
	}
	BUG("match kind %d", m->kind);
}
