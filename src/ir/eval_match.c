/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a match hold for the packet as it is now? First whether the packet has the subject at all:
 * nftables leaves the rule when a value cannot be loaded, so what is absent does not match, negated
 * or not. A device is the exception: nft_meta loads an empty name where there is none (Linux 5.x
 * on), so "not eth0" holds for a packet without an input device. Then the value, and the negation.
 */
#include <string.h>

#include "ir/eval_priv.h"

bool ir_eval_has_ct(const struct ir_eval *e)
{
	return e->tracked && !(e->packet->ct_state & (IR_CT_INVALID | IR_CT_UNTRACKED));
}

/*
 * Before conntrack has seen a packet, nft_ct reports it as invalid, or as untracked when it has
 * been marked so.
 */
static uint32_t ct_state(const struct ir_eval *e)
{
	if (e->tracked || e->ret->notrack)
		return e->packet->ct_state;
	return IR_CT_INVALID;
}

static bool has_ports(const struct ir_eval *e)
{
	return proto_has_ports(e->packet->proto);
}

static bool has_icmp(const struct ir_eval *e)
{
	const struct ir_packet *p = e->packet;

	return p->proto == (p->family == FAMILY_V4 ? PROTO_ICMP : PROTO_ICMPV6);
}

static bool key_value(const struct ir_packet *p, enum ir_key key, bool dest, struct ir_key_value *v)
{
	const struct addr *a = dest ? &p->dst : &p->src;
	uint16_t port = dest ? p->dport : p->sport;

	switch (key) {
	case IR_KEY_DEVICE:
		memcpy(v->device.name, dest ? p->oif : p->iif, sizeof(v->device.name));
		return true;
	case IR_KEY_ADDR4:
	case IR_KEY_ADDR6:
		v->addr = (struct addr_range){ *a, *a };
		return p->family == (key == IR_KEY_ADDR4 ? FAMILY_V4 : FAMILY_V6);
	case IR_KEY_PROTO_PORT:
	case IR_KEY_PORT:
		v->proto = p->proto;
		v->port = (struct range){ port, port };
		return proto_has_ports(p->proto);
	case IR_KEY_MAC:
		v->mac = p->smac;
		return p->has_mac;
	}
	return false;
}

bool ir_eval_key(const struct ir_eval *e, const struct ir_set *set, const bool dest[3],
	struct ir_key_value ret[3])
{
	memset(ret, 0, 3 * sizeof(ret[0]));
	for (unsigned i = 0; i < set->n_key; i++) {
		if (!key_value(e->packet, set->key[i], dest[i], &ret[i]))
			return false;
	}
	if (set->net6) {
		memset(ret[0].addr.lo.b + 8, 0, 8);
		ret[0].addr.hi = ret[0].addr.lo;
	}
	return true;
}

static bool element_has(enum ir_key key, const struct ir_key_value *e, const struct ir_key_value *v)
{
	switch (key) {
	case IR_KEY_DEVICE:
		return device_pattern_has(&e->device, v->device.name);
	case IR_KEY_ADDR4:
	case IR_KEY_ADDR6:
		return addr_range_has(&e->addr, &v->addr.lo);
	case IR_KEY_PROTO_PORT:
		return e->proto == v->proto && e->port.lo <= v->port.lo && v->port.lo <= e->port.hi;
	case IR_KEY_PORT:
		return e->port.lo <= v->port.lo && v->port.lo <= e->port.hi;
	case IR_KEY_MAC:
		return memcmp(e->mac.b, v->mac.b, sizeof(v->mac.b)) == 0;
	}
	return false;
}

/* In the set as declared, or added to it by an earlier packet. */
static bool set_has(
	const struct ir_eval *e, const struct ir_set *set, const struct ir_key_value v[3])
{
	vec_each (element, &set->elements) {
		unsigned i = 0;

		while (i < set->n_key && element_has(set->key[i], &element->part[i], &v[i]))
			i++;
		if (i == set->n_key)
			return true;
	}
	return set->dynamic && ir_state_has(e->state, set, v);
}

static bool devices_have(
	const struct ir_eval *e, const struct ir_devices *devices, const char *name)
{
	if (devices->set) {
		struct ir_key_value v[3] = { 0 };

		memcpy(v[0].device.name, name, sizeof(v[0].device.name));
		return set_has(e, devices->set, v);
	}
	for (size_t i = 0; i < devices->n; i++) {
		if (device_pattern_has(&devices->v[i], name))
			return true;
	}
	return false;
}

static bool masked_is(const struct ir_match *m, const struct addr *a)
{
	struct addr kept = addr_and(a, &m->masked.mask);

	return addr_eq(&kept, &m->masked.value);
}

static bool icmp_has(const struct ir_match *m, const struct ir_packet *p)
{
	for (size_t i = 0; i < m->icmp.n; i++) {
		const struct icmp_type *t = &m->icmp.v[i];

		if (t->family == p->family && t->type == p->icmp_type &&
			t->code_lo <= p->icmp_code && p->icmp_code <= t->code_hi)
			return true;
	}
	return false;
}

static bool macs_have(const struct ir_match *m, const struct mac *mac)
{
	for (size_t i = 0; i < m->macs.n; i++) {
		if (memcmp(m->macs.v[i].b, mac->b, sizeof(mac->b)) == 0)
			return true;
	}
	return false;
}

static bool times_have(const struct time_set *times, int64_t now)
{
	for (size_t i = 0; i < times->n; i++) {
		if (times->v[i].from <= now && now < times->v[i].until)
			return true;
	}
	return false;
}

static uint32_t addrtype_of(const struct ir_world *world, const struct addr *a)
{
	char oif[DEVICE_NAME_MAX + 1] = "";

	if (world->addrtype)
		return world->addrtype(world->context, a);
	return world->route(world->context, a, oif) && !oif[0] ? IR_ADDR_LOCAL : 0;
}

/*
 * A number that looks random and is not: the same packet gets the same one in every evaluation,
 * each further random match of its way another. Shares hold over many different packets.
 */
static uint32_t random_of(struct ir_eval *e)
{
	const struct ir_packet *p = e->packet;
	uint8_t bytes[48] = { 0 };
	uint32_t more[4] = { (uint32_t)p->sport << 16 | p->dport, (uint32_t)p->time, p->length,
		e->randoms++ };
	uint32_t hash;

	memcpy(bytes, p->src.b, 16);
	memcpy(bytes + 16, p->dst.b, 16);
	for (unsigned i = 0; i < 16; i++)
		bytes[32 + i] = (uint8_t)(more[i / 4] >> (i % 4 * 8));
	hash = ir_hash((struct slice){ (const char *)bytes, sizeof(bytes) });
	/* FNV's high bits are poor on their own; this spreads them (Murmur3's finaliser). */
	hash = (hash ^ hash >> 16) * 0x85ebca6bU;
	hash = (hash ^ hash >> 13) * 0xc2b2ae35U;
	return hash ^ hash >> 16;
}

/* Matches that invert by their rate, or have no negation at all. */
static bool meter_matches(struct ir_eval *e, const struct ir_match *m)
{
	struct ir_key_value key[3];
	bool token;

	return ir_eval_key(e, m->set.set, m->set.dest, key) &&
	       ir_state_meter(e->state, m->set.set, key, &token) &&
	       token != m->set.set->rate.invert;
}

/* The evaluator knows of one connection of each host: the packet's own. */
static bool connections_match(const struct ir_eval *e, const struct ir_match *m)
{
	struct ir_key_value key[3];

	return ir_eval_has_ct(e) && ir_eval_key(e, m->set.set, m->set.dest, key) &&
	       (m->set.connections >= 1) != m->negate;
}

static bool set_matches(struct ir_eval *e, const struct ir_match *m)
{
	struct ir_key_value key[3];

	return ir_eval_key(e, m->set.set, m->set.dest, key) &&
	       set_has(e, m->set.set, key) != m->negate;
}

bool ir_eval_match(struct ir_eval *e, const struct ir_match *m)
{
	const struct ir_packet *p = e->packet;
	bool no = m->negate;

	switch (m->kind) {
	case IR_M_IIF:
		return devices_have(e, &m->devices, p->iif) != no;
	case IR_M_OIF:
		return devices_have(e, &m->devices, p->oif) != no;
	case IR_M_SADDR:
		return addr_set_has(&m->addrs, &p->src) != no;
	case IR_M_DADDR:
		return addr_set_has(&m->addrs, &p->dst) != no;
	case IR_M_SADDR_MASKED:
		return masked_is(m, &p->src) != no;
	case IR_M_DADDR_MASKED:
		return masked_is(m, &p->dst) != no;
	case IR_M_PROTO:
		return range_set_has(&m->ranges, p->proto) != no;
	case IR_M_SPORT:
		return has_ports(e) && range_set_has(&m->ranges, p->sport) != no;
	case IR_M_DPORT:
		return has_ports(e) && range_set_has(&m->ranges, p->dport) != no;
	case IR_M_ICMP:
		return has_icmp(e) && icmp_has(m, p) != no;
	case IR_M_SMAC:
		return p->has_mac && macs_have(m, &p->smac) != no;
	case IR_M_DSCP:
		return range_set_has(&m->ranges, p->dscp) != no;
	case IR_M_TTL:
		return range_set_has(&m->ranges, p->ttl) != no;
	case IR_M_MARK:
		return ((p->mark & m->mark.mask) == m->mark.value) != no;
	case IR_M_CTMARK:
		return ir_eval_has_ct(e) && ((p->ct_mark & m->mark.mask) == m->mark.value) != no;
	case IR_M_CTSTATE:
		return !!(ct_state(e) & m->bits) != no;
	case IR_M_CTSTATUS:
		return ir_eval_has_ct(e) && !!(p->ct_status & m->bits) != no;
	case IR_M_CTHELPER:
		return ir_eval_has_ct(e) && p->ct_helper &&
		       (strcmp(p->ct_helper, m->text) == 0) != no;
	case IR_M_TCPFLAGS:
		return p->proto == PROTO_TCP &&
		       ((p->tcp_flags & m->tcpflags.mask) == m->tcpflags.value) != no;
	case IR_M_MSS:
		return p->proto == PROTO_TCP && p->has_mss &&
		       range_set_has(&m->ranges, p->mss) != no;
	case IR_M_LENGTH:
		return range_set_has(&m->ranges, p->length) != no;
	case IR_M_PKTTYPE:
		return !!(p->pkttype & m->bits) != no;
	case IR_M_ADDRTYPE:
		return !!(addrtype_of(e->world, m->addrtype.dest ? &p->dst : &p->src) &
			       m->addrtype.types) != no;
	case IR_M_UID:
		return p->has_owner && range_set_has(&m->ranges, p->uid) != no;
	case IR_M_GID:
		return p->has_owner && range_set_has(&m->ranges, p->gid) != no;
	case IR_M_SET:
		return set_matches(e, m);
	case IR_M_TIME:
		return times_have(&m->times, p->time) != no;
	case IR_M_RANDOM:
		return (random_of(e) < m->random) != no;
	case IR_M_LIMIT:
		return ir_state_limit(e->state, m->limit) != m->limit->rate.invert;
	case IR_M_METER:
		return meter_matches(e, m);
	case IR_M_CONNECTIONS:
		return connections_match(e, m);
	case IR_M_IPSEC:
		return !!(p->ipsec & m->bits) != no;
	}
	return false;
}
