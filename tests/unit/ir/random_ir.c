/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy is made as the verifier wants it: protocols before ports, a family before addresses,
 * jumps only to later chains of the same stage. What a rule cannot have it is not given.
 */
#include <stdio.h>
#include <string.h>

#include "random_ir.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

uint32_t random_next(struct random *r)
{
	/* xorshift64* (Marsaglia 2003, Vigna 2016) */
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return (uint32_t)((r->state * 2685821657736338717ULL) >> 32);
}

uint32_t random_below(struct random *r, uint32_t n)
{
	return random_next(r) % n;
}

static bool chance(struct random *r, unsigned percent)
{
	return random_below(r, 100) < percent;
}

/* ---- the world ---- */

static struct addr addr_of(const char *text)
{
	struct addr a = { 0 };

	if (!addr_parse(slice_of(text), &a))
		fprintf(stderr, "not an address: %s\n", text);
	return a;
}

static bool is_one_of(const struct addr *a, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct addr b = addr_of(texts[i]);

		if (addr_eq(a, &b))
			return true;
	}
	return false;
}

static bool in_prefix(const struct addr *a, const char *text, unsigned bits)
{
	struct addr b = addr_of(text);
	struct addr_range range = addr_prefix_range(&b, bits);

	return a->family == b.family && addr_range_has(&range, a);
}

static bool world_route(void *context, const struct addr *dst, char ret_oif[DEVICE_NAME_MAX + 1])
{
	static const char *const own[] = { "192.168.1.1", "203.0.113.1", "127.0.0.1", "fd00::1",
		"2001:db8::1", "::1" };

	(void)context;
	if (in_prefix(dst, "10.9.0.0", 16))
		return false;
	if (is_one_of(dst, own, COUNT(own)))
		strcpy(ret_oif, "");
	else if (in_prefix(dst, "192.168.1.0", 24) || in_prefix(dst, "fd00::", 64))
		strcpy(ret_oif, "lan");
	else
		strcpy(ret_oif, "wan");
	return true;
}

static bool world_address(void *context, const char *device, enum family family, struct addr *ret)
{
	bool v4 = family == FAMILY_V4;

	(void)context;
	if (strcmp(device, "lan") == 0)
		*ret = addr_of(v4 ? "192.168.1.1" : "fd00::1");
	else if (strcmp(device, "wan") == 0)
		*ret = addr_of(v4 ? "203.0.113.1" : "2001:db8::1");
	else
		return false;
	return true;
}

static uint32_t world_addrtype(void *context, const struct addr *a)
{
	char oif[DEVICE_NAME_MAX + 1] = "";

	if (a->family == FAMILY_V4 ? in_prefix(a, "224.0.0.0", 4) : a->b[0] == 0xff)
		return IR_ADDR_MULTICAST;
	if (a->family == FAMILY_V4 && (a->b[3] == 255))
		return IR_ADDR_BROADCAST;
	return world_route(context, a, oif) && !oif[0] ? IR_ADDR_LOCAL : IR_ADDR_UNICAST;
}

const struct ir_world random_world = {
	.route = world_route,
	.address = world_address,
	.addrtype = world_addrtype,
};

/* ---- values ---- */

static const uint8_t protos[] = { PROTO_TCP, PROTO_UDP, PROTO_SCTP, PROTO_ICMP, PROTO_ICMPV6, 47 };
static const char *const devices[] = { "lan", "wan", "lan2", "tun0" };

static struct addr random_addr(struct random *r, enum family family)
{
	static const char *const v4[] = { "192.168.1.0", "203.0.113.0", "8.8.8.0", "10.9.0.0" };
	static const char *const v6[] = { "fd00::", "2001:db8::", "2001:4860::" };
	struct addr a = addr_of(family == FAMILY_V4 ? v4[random_below(r, COUNT(v4))]
						    : v6[random_below(r, COUNT(v6))]);

	a.b[family_bytes(family) - 1] = (uint8_t)random_below(r, 8);
	return a;
}

static struct addr_range random_addr_range(struct random *r, enum family family)
{
	struct addr a = random_addr(r, family), b = random_addr(r, family);

	if (chance(r, 40))
		return addr_prefix_range(&a, family_bytes(family) * 8 - random_below(r, 10));
	if (chance(r, 50))
		return (struct addr_range){ a, a };
	return addr_cmp(&a, &b) <= 0 ? (struct addr_range){ a, b } : (struct addr_range){ b, a };
}

static struct range random_range(struct random *r, uint32_t max)
{
	uint32_t lo = random_below(r, max < 90 ? max + 1 : 90);
	uint32_t hi = chance(r, 60) ? lo : lo + random_below(r, 20);

	return (struct range){ lo, hi > max ? max : hi };
}

static struct mac random_mac(struct random *r)
{
	return (struct mac){ { 2, 0, 0, 0, 0, (uint8_t)random_below(r, 4) } };
}

static struct device_pattern random_device(struct random *r, bool wildcard)
{
	struct device_pattern d = { 0 };

	strcpy(d.name, devices[random_below(r, COUNT(devices))]);
	d.wildcard = wildcard && chance(r, 30);
	return d;
}

void random_packet(struct random *r, struct ir_packet *ret)
{
	static const uint32_t states[] = { IR_CT_NEW, IR_CT_NEW, IR_CT_ESTABLISHED, IR_CT_RELATED,
		IR_CT_INVALID };
	struct ir_packet p = { .family = chance(r, 60) ? FAMILY_V4 : FAMILY_V6 };

	p.src = random_addr(r, p.family);
	p.dst = random_addr(r, p.family);
	p.proto = protos[random_below(r, COUNT(protos))];
	p.sport = (uint16_t)random_below(r, 110);
	p.dport = (uint16_t)random_below(r, 110);
	p.icmp_type = (uint8_t)random_below(r, 12);
	p.icmp_code = (uint8_t)random_below(r, 4);
	p.tcp_flags = (uint8_t)random_below(r, 64);
	p.has_mss = chance(r, 50);
	p.mss = (uint16_t)random_below(r, 110);
	p.has_mac = chance(r, 50);
	p.smac = random_mac(r);
	p.dscp = (uint8_t)random_below(r, 64);
	p.ttl = (uint8_t)random_below(r, 110);
	p.length = (uint16_t)random_below(r, 110);
	p.mark = random_below(r, 8);
	p.ct_mark = random_below(r, 8);
	p.ct_state = states[random_below(r, COUNT(states))];
	p.ct_status = random_below(r, 4);
	p.ct_helper = chance(r, 20) ? "ftp" : NULL;
	p.pkttype = (uint8_t)(1U << random_below(r, 3));
	p.has_owner = chance(r, 40);
	p.uid = random_below(r, 110);
	p.gid = random_below(r, 110);
	p.ipsec = (uint8_t)random_below(r, 4);
	if (chance(r, 75))
		strcpy(p.iif, devices[random_below(r, COUNT(devices))]);
	p.time = 1700000000 + (int64_t)random_below(r, 1000);
	*ret = p;
}

/* ---- objects ---- */

static const struct ir_origin *random_origin(struct ir *ir, struct random *r)
{
	struct ir_origin *o = ARENA_NEW(ir->arena, struct ir_origin);

	o->type = chance(r, 50) ? "rule" : "redirect";
	o->id = arena_printf(ir->arena, "@%s[%u]", o->type, (unsigned)random_below(r, 9));
	o->name = chance(r, 50) ? "a \"name\" \\ with\n\x01 bytes \xff \xc3\xa9" : NULL;
	o->file = chance(r, 80) ? "firewall" : NULL;
	o->line = random_below(r, 50);
	return o;
}

static void random_set(struct ir *ir, struct random *r, unsigned i)
{
	struct ir_set *set = ir_set_add(ir, arena_printf(ir->arena, "set-%u_x", i),
		chance(r, 50) ? random_origin(ir, r) : NULL);

	/* The first six have one key each, in order, so that every kind is there to be used. */
	set->n_key = i < 6 ? 1 : 1 + random_below(r, 3);
	for (unsigned k = 0; k < set->n_key; k++)
		set->key[k] = (enum ir_key)(i < 6 ? i : random_below(r, 6));
	set->dynamic = chance(r, 50);
	set->interval = !set->dynamic && chance(r, 60);
	set->has_rate = set->dynamic && chance(r, 60);
	set->keep = chance(r, 50);
	set->rate = (struct rate){ chance(r, 50), 1 + random_below(r, 5), 60 };
	set->burst = random_below(r, 4);
	set->timeout = random_below(r, 3) * 10;
	set->once = set->dynamic && set->timeout && chance(r, 30);
	set->size = chance(r, 50) ? 8 : 0;
	for (unsigned n = random_below(r, 6); n; n--) {
		struct ir_element e = { .timeout = random_below(r, 2) * 5 };

		for (unsigned k = 0; k < set->n_key; k++) {
			struct ir_key_value *v = &e.part[k];
			enum family family = set->key[k] == IR_KEY_ADDR6 ? FAMILY_V6 : FAMILY_V4;

			v->device = random_device(r, set->interval);
			v->addr = random_addr_range(r, family);
			v->proto = protos[random_below(r, COUNT(protos))];
			v->port = random_range(r, 65535);
			v->mac = random_mac(r);
			if (!set->interval) {
				v->addr.hi = v->addr.lo;
				v->port.hi = v->port.lo;
			}
		}
		e.comment = chance(r, 30) ? ir_label(ir->arena, slice_of("it's \"one\""), 9) : NULL;
		vec_push(ir->arena, &set->elements, e);
	}
}

static void random_objects(struct ir *ir, struct random *r)
{
	static const char *const kernel[] = { "ftp", "sip", "tftp" };

	for (unsigned i = 0; i < 10; i++)
		random_set(ir, r, i);
	for (unsigned i = 0; i < 3; i++) {
		struct ir_counter *c = ARENA_NEW(ir->arena, struct ir_counter);
		struct ir_limit *l = ARENA_NEW(ir->arena, struct ir_limit);
		struct ir_helper *h = ARENA_NEW(ir->arena, struct ir_helper);

		c->name = arena_printf(ir->arena, "counter_%u", i);
		c->origin = chance(r, 50) ? random_origin(ir, r) : NULL;
		vec_push(ir->arena, &ir->counters, c);
		l->name = arena_printf(ir->arena, "limit_%u", i);
		l->origin = chance(r, 50) ? random_origin(ir, r) : NULL;
		l->rate = (struct rate){ chance(r, 50), 1 + random_below(r, 9), i ? 3600 : 1 };
		l->burst = random_below(r, 5);
		vec_push(ir->arena, &ir->limits, l);
		h->name = arena_printf(ir->arena, "%s_h", kernel[i]);
		h->kernel = kernel[i];
		h->proto = i ? PROTO_UDP : PROTO_TCP;
		h->family = i == 1 ? FAMILY_V4 : FAMILY_ANY;
		vec_push(ir->arena, &ir->helpers, h);
	}
	vec_push(ir->arena, &ir->sysctls,
		(struct ir_sysctl){ "net/ipv4/tcp_syncookies", "1", random_origin(ir, r) });
	ir->flowtable.enabled = true;
	ir->flowtable.hardware = chance(r, 50);
	ir->flowtable.counter = chance(r, 50);
	vec_push(ir->arena, &ir->flowtable.devices, "lan");
	vec_push(ir->arena, &ir->flowtable.devices, "wan");
	ir->times_until = 1800000000;
}

/* ---- rules ---- */

struct rule_kind {
	struct ir_rule *rule;
	enum ir_stage stage;
	bool ports, tcp, icmp; /* what its protocol match allows */
};

static void random_ranges(struct ir *ir, struct random *r, struct range_set *set, uint32_t max)
{
	for (unsigned n = 1 + random_below(r, 3); n; n--)
		range_set_add(ir->arena, set, random_range(r, max));
	range_set_normalise(set);
}

static void random_proto(struct ir *ir, struct random *r, struct rule_kind *k)
{
	struct ir_match *m = ir_match_add(ir, k->rule, IR_M_PROTO);
	enum family family = k->rule->family;
	uint8_t first = PROTO_TCP;

	k->icmp = family != FAMILY_ANY && chance(r, 20);
	k->tcp = !k->icmp && chance(r, 50);
	k->ports = !k->icmp;
	if (k->icmp)
		first = family == FAMILY_V4 ? PROTO_ICMP : PROTO_ICMPV6;
	range_set_add(ir->arena, &m->ranges, (struct range){ first, first });
	if (k->ports && !k->tcp)
		range_set_add(ir->arena, &m->ranges, (struct range){ PROTO_UDP, PROTO_UDP });
	range_set_normalise(&m->ranges);
}

/* A set whose key the rule can look up; NULL when the one drawn does not fit. */
static const struct ir_set *random_lookup(
	struct ir *ir, struct random *r, const struct rule_kind *k, bool ret_dest[3])
{
	const struct ir_set *set = ir->sets.v[random_below(r, (uint32_t)ir->sets.n)];

	for (unsigned i = 0; i < set->n_key; i++) {
		enum ir_key key = set->key[i];

		if ((key == IR_KEY_ADDR4 && k->rule->family != FAMILY_V4) ||
			(key == IR_KEY_ADDR6 && k->rule->family != FAMILY_V6) ||
			((key == IR_KEY_PORT || key == IR_KEY_PROTO_PORT) && !k->ports))
			return NULL;
		ret_dest[i] = chance(r, 50);
	}
	return set;
}

static void random_bits(struct random *r, uint32_t *bits, unsigned n)
{
	*bits = 1 + random_below(r, (1U << n) - 1);
}

/* Fills a match of the kind; false when the rule cannot have it. */
static bool random_match_fill(
	struct ir *ir, struct random *r, const struct rule_kind *k, struct ir_match *m)
{
	enum family family = k->rule->family;
	unsigned n = 1 + random_below(r, 3);
	int64_t at = 1700000000;

	m->negate = chance(r, 25);
	switch (m->kind) {
	case IR_M_IIF:
	case IR_M_OIF:
		if (chance(r, 20)) {
			m->devices.set = ir->sets.v[IR_KEY_DEVICE];
			return true;
		}
		m->devices.v = ARENA_ARRAY(ir->arena, struct device_pattern, n);
		m->devices.n = n;
		for (unsigned i = 0; i < n; i++)
			m->devices.v[i] = random_device(r, true);
		return true;
	case IR_M_SADDR:
	case IR_M_DADDR:
		if (family == FAMILY_ANY)
			return false;
		for (; n; n--)
			addr_set_add(ir->arena, &m->addrs, random_addr_range(r, family));
		addr_set_normalise(&m->addrs);
		return true;
	case IR_M_SADDR_MASKED:
	case IR_M_DADDR_MASKED:
		if (family == FAMILY_ANY)
			return false;
		m->masked.mask = (struct addr){ .family = family };
		m->masked.mask.b[family_bytes(family) - 1] = (uint8_t)random_below(r, 8);
		m->masked.value = random_addr(r, family);
		m->masked.value = addr_and(&m->masked.value, &m->masked.mask);
		return true;
	case IR_M_PROTO:
		random_ranges(ir, r, &m->ranges, 255);
		return true;
	case IR_M_SPORT:
	case IR_M_DPORT:
		random_ranges(ir, r, &m->ranges, 65535);
		return k->ports;
	case IR_M_DSCP:
		random_ranges(ir, r, &m->ranges, 63);
		return true;
	case IR_M_TTL:
		random_ranges(ir, r, &m->ranges, 255);
		return true;
	case IR_M_MSS:
	case IR_M_LENGTH:
	case IR_M_UID:
	case IR_M_GID:
		random_ranges(ir, r, &m->ranges, 65535);
		return true;
	case IR_M_ICMP:
		m->icmp.v = ARENA_ARRAY(ir->arena, struct icmp_type, n);
		m->icmp.n = n;
		for (unsigned i = 0; i < n; i++)
			m->icmp.v[i] = (struct icmp_type){ family, (uint8_t)random_below(r, 12),
				(uint8_t)random_below(r, 2), chance(r, 50) ? 255 : 1 };
		return k->icmp;
	case IR_M_SMAC:
		m->macs.v = ARENA_ARRAY(ir->arena, struct mac, 2);
		m->macs.n = 2;
		m->macs.v[0] = (struct mac){ { 2, 0, 0, 0, 0, (uint8_t)random_below(r, 2) } };
		m->macs.v[1] = (struct mac){ { 2, 0, 0, 0, 0, 3 } };
		return true;
	case IR_M_MARK:
	case IR_M_CTMARK:
		m->mark.mask = chance(r, 50) ? UINT32_MAX : random_below(r, 8);
		m->mark.value = random_below(r, 8) & m->mark.mask;
		return true;
	case IR_M_CTSTATE:
		random_bits(r, &m->bits, 5);
		return true;
	case IR_M_CTSTATUS:
	case IR_M_IPSEC:
		random_bits(r, &m->bits, 2);
		return true;
	case IR_M_PKTTYPE:
		random_bits(r, &m->bits, 3);
		return true;
	case IR_M_ADDRTYPE:
		m->addrtype.dest = chance(r, 50);
		random_bits(r, &m->addrtype.types, 4);
		return true;
	case IR_M_CTHELPER:
		m->text = chance(r, 50) ? "ftp" : "sip";
		return true;
	case IR_M_TCPFLAGS:
		m->tcpflags.mask = (uint8_t)random_below(r, 64);
		m->tcpflags.value = (uint8_t)random_below(r, 64) & m->tcpflags.mask;
		return k->tcp;
	case IR_M_SET:
		m->set.set = random_lookup(ir, r, k, m->set.dest);
		return m->set.set;
	case IR_M_METER:
		m->negate = false;
		m->set.set = random_lookup(ir, r, k, m->set.dest);
		return m->set.set && m->set.set->has_rate;
	case IR_M_CONNECTIONS:
		m->set.set = random_lookup(ir, r, k, m->set.dest);
		m->set.connections = random_below(r, 3);
		return m->set.set && m->set.set->dynamic && !m->set.set->has_rate;
	case IR_M_TIME:
		m->times.v = ARENA_ARRAY(ir->arena, struct time_interval, n);
		m->times.n = n;
		for (unsigned i = 0; i < n; i++) {
			m->times.v[i].from = at += 1 + (int64_t)random_below(r, 300);
			m->times.v[i].until = at += 1 + (int64_t)random_below(r, 300);
		}
		return true;
	case IR_M_RANDOM:
		m->random = random_next(r);
		return true;
	case IR_M_LIMIT:
		m->negate = false;
		m->limit = ir->limits.v[random_below(r, (uint32_t)ir->limits.n)];
		return true;
	}
	return false;
}

static bool random_statement_fill(
	struct ir *ir, struct random *r, const struct rule_kind *k, struct ir_statement *s)
{
	switch (s->kind) {
	case IR_S_LOG:
		s->log.prefix = ir_label(ir->arena, slice_of("DROP \"wan\" in: "), 127);
		s->log.nflog = chance(r, 50);
		if (s->log.nflog)
			s->log.group = (uint16_t)random_below(r, 9);
		else
			s->log.level = (uint8_t)random_below(r, 8);
		return true;
	case IR_S_MARK:
	case IR_S_CTMARK:
		s->mark.and = random_below(r, 8);
		s->mark.xor = random_below(r, 8);
		return true;
	case IR_S_SAVE_MARK:
	case IR_S_RESTORE_MARK:
		s->value = random_below(r, 8);
		return true;
	case IR_S_DSCP:
		s->value = random_below(r, 64);
		return true;
	case IR_S_MSS:
		s->value = random_below(r, 90);
		return true;
	case IR_S_TTL:
		s->ttl.action = (enum ir_ttl_action)random_below(r, 3);
		s->ttl.value = (uint8_t)random_below(r, 256);
		return true;
	case IR_S_NOTRACK:
		return k->stage == IR_RAW;
	case IR_S_HELPER:
		s->helper = ir->helpers.v[random_below(r, (uint32_t)ir->helpers.n)];
		return k->stage != IR_RAW;
	case IR_S_SET_ADD:
	case IR_S_SET_DELETE:
		s->set.set = random_lookup(ir, r, k, s->set.dest);
		return s->set.set && s->set.set->dynamic;
	case IR_S_OFFLOAD:
		return true;
	}
	return false;
}

static void random_nat(struct random *r, const struct rule_kind *k, const struct ir_chain *chain,
	struct ir_verdict *v)
{
	enum family family = k->rule->family;
	bool dest = chain->stage == IR_DSTNAT;
	bool own = family == FAMILY_ANY || chance(r, 40);
	struct addr a = random_addr(r, family == FAMILY_ANY ? FAMILY_V4 : family);

	if (own) {
		/* Masquerading is known in postrouting alone; others may jump into other chains. */
		if (!dest && (chain->role != IR_ROLE_BASE || chain->hook != IR_POSTROUTING))
			return;
		v->kind = dest ? IR_REDIRECT : IR_MASQUERADE;
	} else if (chance(r, 30)) {
		v->kind = dest ? IR_NETMAP_DST : IR_NETMAP_SRC;
		v->nat.has_addr = true;
		v->nat.addr = addr_prefix_range(&a, family_bytes(family) * 8 - random_below(r, 12));
		return;
	} else {
		v->kind = dest ? IR_DNAT : IR_SNAT;
		v->nat.has_addr = true;
		v->nat.addr = random_addr_range(r, family);
	}
	v->nat.has_ports = k->ports && chance(r, 50);
	if (v->nat.has_ports) {
		v->nat.ports = random_range(r, 65535);
		v->nat.shift = chance(r, 30);
		if (v->nat.shift)
			v->nat.from = random_below(r, 90);
	}
}

static void random_verdict(struct ir *ir, struct random *r, const struct rule_kind *k,
	const struct ir_chain *chain, struct ir_verdict *v)
{
	bool nat = chain->stage == IR_DSTNAT || chain->stage == IR_SRCNAT;
	size_t n = 0;

	switch (random_below(r, 8)) {
	case 0:
		v->kind = chance(r, 50) ? IR_ACCEPT : IR_RETURN;
		return;
	case 1:
		v->kind = IR_DROP;
		return;
	case 2:
		if (chain->stage != IR_FILTER)
			return;
		v->kind = IR_REJECT;
		v->reject = (enum ir_reject)random_below(r, 3);
		if (v->reject == IR_REJECT_TCP_RESET && !k->tcp)
			v->reject = IR_REJECT_ADMIN;
		return;
	case 3:
	case 4:
		if (nat)
			random_nat(r, k, chain, v);
		return;
	case 5:
	case 6:
		break;
	default:
		return;
	}
	/* The later chains of the stage: those that come after it in the list. */
	while (ir->chains.v[n] != chain)
		n++;
	n += 1 + random_below(r, 4);
	for (; n < ir->chains.n; n++) {
		struct ir_chain *to = ir->chains.v[n];

		if (to->role != IR_ROLE_BASE && to->stage == chain->stage) {
			v->kind = chance(r, 70) ? IR_JUMP : IR_GOTO;
			v->chain = to;
			return;
		}
	}
}

static void random_rule(struct ir *ir, struct random *r, struct ir_chain *chain)
{
	static const enum family families[] = { FAMILY_ANY, FAMILY_V4, FAMILY_V4, FAMILY_V6 };
	struct rule_kind k = { ir_rule_add(ir, chain, chance(r, 80) ? random_origin(ir, r) : NULL),
		chain->stage, false, false, false };
	struct ir_rule *rule = k.rule;

	if (rule->n_origins && chance(r, 30)) {
		const struct ir_origin *two[] = { rule->origins[0], random_origin(ir, r) };

		rule->origins = arena_copy(ir->arena, two, 2, sizeof(two[0]));
		rule->n_origins = 2;
	}
	rule->family = families[random_below(r, COUNT(families))];
	if (chance(r, 50))
		random_proto(ir, r, &k);
	for (unsigned n = random_below(r, 4); n; n--) {
		struct ir_match m = { .kind = (enum ir_match_kind)random_below(r, IR_MATCH_KINDS) };

		if (random_match_fill(ir, r, &k, &m))
			*ir_match_add(ir, rule, m.kind) = m;
	}
	for (unsigned n = chance(r, 40) ? 1 + random_below(r, 2) : 0; n; n--) {
		struct ir_statement s = { .kind = (enum ir_statement_kind)random_below(
						  r, IR_STATEMENT_KINDS) };

		if (random_statement_fill(ir, r, &k, &s))
			*ir_statement_add(ir, rule, s.kind) = s;
	}
	if (chance(r, 30))
		rule->counter = ir->counters.v[random_below(r, (uint32_t)ir->counters.n)];
	if (chance(r, 30))
		rule->comment =
			ir_label(ir->arena, slice_of("it's \"a\" \\ comment \xc3\xa9"), 127);
	random_verdict(ir, r, &k, chain, &rule->verdict);
}

struct ir *random_ir(struct arena *arena, struct random *r, unsigned max_rules)
{
	static const struct {
		enum ir_hook hook;
		enum ir_stage stage;
	} bases[] = {
		{ IR_PREROUTING, IR_RAW },
		{ IR_PREROUTING, IR_MANGLE },
		{ IR_PREROUTING, IR_HELPER },
		{ IR_PREROUTING, IR_DSTNAT },
		{ IR_INPUT, IR_MANGLE },
		{ IR_INPUT, IR_FILTER },
		{ IR_INPUT, IR_SRCNAT },
		{ IR_FORWARD, IR_MANGLE },
		{ IR_FORWARD, IR_FILTER },
		{ IR_OUTPUT, IR_RAW },
		{ IR_OUTPUT, IR_MANGLE },
		{ IR_OUTPUT, IR_DSTNAT },
		{ IR_OUTPUT, IR_FILTER },
		{ IR_POSTROUTING, IR_MANGLE },
		{ IR_POSTROUTING, IR_SRCNAT },
	};
	struct ir *ir = ir_new(arena);

	random_objects(ir, r);
	for (unsigned i = 0; i < COUNT(bases); i++) {
		if (chance(r, 60))
			ir_base(ir, bases[i].hook, bases[i].stage);
	}
	for (unsigned i = 0; i < 18; i++) {
		enum ir_role role = (enum ir_role)(1 + random_below(r, IR_ROLE_OTHER));
		struct ir_chain *chain = ir_chain_add(ir, arena_printf(arena, "chain%u", i), role,
			(enum ir_hook)random_below(r, IR_HOOKS), (enum ir_stage)(i % IR_STAGES));

		/* What nothing calls is held to its own hook. */
		if (chain->stage == IR_FILTER)
			chain->hook = IR_FORWARD;
		chain->zone = chance(r, 40) ? "lan" : NULL;
		chain->origin = chance(r, 40) ? random_origin(ir, r) : NULL;
	}
	vec_each (chain, &ir->chains) {
		for (unsigned n = random_below(r, max_rules + 1); n; n--)
			random_rule(ir, r, *chain);
	}
	return ir;
}
