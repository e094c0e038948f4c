/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expressions of rules, as nft itself would generate them for the printed text. The kernel runs
 * a rule as a little program over registers; one expression of ours is often several of its.
 */
#include <arpa/inet.h>
#include <linux/netfilter/nf_nat.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/bug.h"
#include "kernel/expr_priv.h"

static int32_t verdict_code(enum nft_verdict_kind kind)
{
	switch (kind) {
	case NFT_V_ACCEPT:
		return NF_ACCEPT;
	case NFT_V_DROP:
		return NF_DROP;
	case NFT_V_RETURN:
		return NFT_RETURN;
	case NFT_V_JUMP:
		return NFT_JUMP;
	case NFT_V_GOTO:
		return NFT_GOTO;
	}
	BUG("verdict %d", (int)kind);
}

void encode_verdict(struct nlbuf *b, uint16_t type, const struct nft_verdict *v)
{
	size_t data = nl_nest(b, type);
	size_t verdict = nl_nest(b, NFTA_DATA_VERDICT);

	nl_put_be32(b, NFTA_VERDICT_CODE, (uint32_t)verdict_code(v->kind));
	if (v->kind == NFT_V_JUMP || v->kind == NFT_V_GOTO)
		nl_put_str(b, NFTA_VERDICT_CHAIN, v->chain->name);
	nl_nest_end(b, verdict);
	nl_nest_end(b, data);
}

const char *set_wire_name(const struct nft_set *s)
{
	if (s->name)
		return s->name;
	return s->is_map ? "__map%d" : "__set%d";
}

static void put_prefix(struct nlbuf *b, const struct nft_match *m)
{
	const struct nft_field_info *f = &nft_field_info[m->field[0]];
	enum nft_cmp_ops op = m->negate ? NFT_CMP_NEQ : NFT_CMP_EQ;
	unsigned bytes = m->bits / 8;
	uint8_t mask[VALUE_MAX] = { 0 }, none[VALUE_MAX] = { 0 };

	if (m->bits % 8 == 0 && (f->load == NFT_LOAD_PAYLOAD || f->type == NFT_T_IFNAME)) {
		put_load_bytes(b, m->field[0], 0, f->load == NFT_LOAD_PAYLOAD ? bytes : f->bytes);
		put_cmp(b, 0, op, m->value, bytes);
		return;
	}
	memset(mask, 0xff, bytes);
	if (m->bits % 8)
		mask[bytes] = (uint8_t)(0xff << (8 - m->bits % 8));
	put_load(b, m->field[0], 0);
	put_bitwise(b, 0, mask, none, f->bytes);
	put_cmp(b, 0, op, m->value, f->bytes);
}

static void put_range(struct nlbuf *b, const struct nft_match *m)
{
	const struct nft_field_info *f = &nft_field_info[m->field[0]];

	put_load(b, m->field[0], 0);
	if (nft_type_info[f->type].host_order)
		put_hton(b, 0, f->bytes);
	if (!m->negate) {
		put_cmp(b, 0, NFT_CMP_GTE, m->value, f->bytes);
		put_cmp(b, 0, NFT_CMP_LTE, m->high, f->bytes);
		return;
	}
	struct expr_nest x = expr_begin(b, "range");
	nl_put_be32(b, NFTA_RANGE_SREG, register_name(0));
	nl_put_be32(b, NFTA_RANGE_OP, NFT_RANGE_NEQ);
	encode_data(b, NFTA_RANGE_FROM_DATA, m->value, f->bytes);
	encode_data(b, NFTA_RANGE_TO_DATA, m->high, f->bytes);
	expr_end(b, x);
}

static void put_match(struct nlbuf *b, const struct nft_match *m)
{
	const struct nft_field_info *f = &nft_field_info[m->field[0]];
	enum nft_cmp_ops op = m->negate ? NFT_CMP_NEQ : NFT_CMP_EQ;
	uint8_t value[VALUE_MAX], mask[VALUE_MAX], none[VALUE_MAX] = { 0 };

	switch (m->compare) {
	case NFT_CMP_SET:
		put_loads(b, m->field, m->n_field, m->set);
		put_lookup(b, 0, m->set, m->negate, LOOKUP_NO_MAP);
		return;
	case NFT_CMP_PREFIX:
		put_prefix(b, m);
		return;
	case NFT_CMP_RANGE:
		put_range(b, m);
		return;
	case NFT_CMP_VALUE:
	case NFT_CMP_LESS:
	case NFT_CMP_NOT_LESS:
		if (m->compare == NFT_CMP_LESS)
			op = NFT_CMP_LT;
		else if (m->compare == NFT_CMP_NOT_LESS)
			op = NFT_CMP_GTE;
		put_load(b, m->field[0], 0);
		nft_register_value(f->type, m->value, f->bytes, value);
		put_cmp(b, 0, op, value, f->bytes);
		return;
	case NFT_CMP_MASK:
		put_load(b, m->field[0], 0);
		nft_register_value(f->type, m->value, f->bytes, value);
		nft_register_value(f->type, m->mask, f->bytes, mask);
		put_bitwise(b, 0, mask, none, f->bytes);
		put_cmp(b, 0, op, value, f->bytes);
		return;
	case NFT_CMP_FLAGS:
		put_load(b, m->field[0], 0);
		nft_register_value(f->type, m->value, f->bytes, value);
		put_bitwise(b, 0, value, none, f->bytes);
		put_cmp(b, 0, m->negate ? NFT_CMP_EQ : NFT_CMP_NEQ, none, f->bytes);
		return;
	}
	BUG("compare %d", (int)m->compare);
}

static void put_objref(struct nlbuf *b, uint32_t type, const char *name)
{
	struct expr_nest x = expr_begin(b, "objref");

	nl_put_be32(b, NFTA_OBJREF_IMM_TYPE, type);
	nl_put_str(b, NFTA_OBJREF_IMM_NAME, name);
	expr_end(b, x);
}

static void put_log(struct nlbuf *b, const struct nft_expr *e)
{
	struct expr_nest x = expr_begin(b, "log");

	if (e->log.prefix)
		nl_put_str(b, NFTA_LOG_PREFIX, e->log.prefix);
	if (e->log.nflog) {
		nl_put_be16(b, NFTA_LOG_GROUP, e->log.group);
	} else {
		nl_put_be32(b, NFTA_LOG_LEVEL, e->log.level);
	}
	expr_end(b, x);
}

static void put_field_write(struct nlbuf *b, const struct nft_expr *e)
{
	const struct nft_field_info *f = &nft_field_info[e->set.field];
	unsigned n = f->write_bytes;
	uint8_t value[4] = { 0 }, keep[4] = { 0 };

	number_bytes(e->set.value << f->write_shift, n, value);
	if (f->write_keep) {
		number_bytes(f->write_keep, n, keep);
		put_payload_load(b, 0, f->base, f->write_offset, n);
		put_bitwise(b, 0, keep, value, n);
	} else {
		put_immediate(b, 0, value, n);
	}
	struct expr_nest x = expr_begin(b, "payload");
	nl_put_be32(b, NFTA_PAYLOAD_SREG, register_name(0));
	nl_put_be32(b, NFTA_PAYLOAD_BASE, f->base);
	nl_put_be32(b, NFTA_PAYLOAD_OFFSET, f->write_offset);
	nl_put_be32(b, NFTA_PAYLOAD_LEN, n);
	nl_put_be32(b, NFTA_PAYLOAD_CSUM_TYPE,
		f->checksum ? NFT_PAYLOAD_CSUM_INET : NFT_PAYLOAD_CSUM_NONE);
	nl_put_be32(b, NFTA_PAYLOAD_CSUM_OFFSET, f->checksum ? 10 : 0);
	nl_put_be32(b, NFTA_PAYLOAD_CSUM_FLAGS, 0);
	expr_end(b, x);
}

static void put_set(struct nlbuf *b, const struct nft_expr *e)
{
	const struct nft_field_info *f = &nft_field_info[e->set.field];
	uint32_t mask = e->set.mask, value = e->set.value; /* marks stand in the host's order */

	if (f->load == NFT_LOAD_PAYLOAD) {
		put_field_write(b, e);
		return;
	}
	if (!e->set.has_from) {
		put_immediate(b, 0, &value, sizeof(value));
	} else {
		put_load(b, e->set.from, 0);
		if (mask != UINT32_MAX || value)
			put_bitwise(b, 0, &mask, &value, sizeof(value));
	}
	bool meta = f->load == NFT_LOAD_META;
	struct expr_nest x = expr_begin(b, meta ? "meta" : "ct");
	nl_put_be32(b, meta ? NFTA_META_KEY : NFTA_CT_KEY, f->key);
	nl_put_be32(b, meta ? NFTA_META_SREG : NFTA_CT_SREG, register_name(0));
	expr_end(b, x);
}

static void put_mss(struct nlbuf *b, uint16_t mss)
{
	uint8_t value[4];

	if (mss) {
		number_bytes(mss, 2, value);
		put_immediate(b, 0, value, 2);
	} else {
		put_key_load(b, "rt", NFTA_RT_DREG, 0, NFTA_RT_KEY, NFT_RT_TCPMSS);
		put_hton(b, 0, 2);
	}
	put_tcpopt(b, 0, NFTA_EXTHDR_SREG, TCPOPT_MAXSEG, 2, 2);
}

void encode_rate(struct nlbuf *b, uint16_t type, const struct nft_rate *r)
{
	size_t at = nl_nest(b, type);

	nl_put_be64(b, NFTA_LIMIT_RATE, r->count);
	nl_put_be64(b, NFTA_LIMIT_UNIT, r->seconds);
	nl_put_be32(b, NFTA_LIMIT_BURST, r->burst);
	nl_put_be32(b, NFTA_LIMIT_TYPE, NFT_LIMIT_PKTS);
	nl_put_be32(b, NFTA_LIMIT_FLAGS, r->over ? NFT_LIMIT_F_INV : 0);
	nl_nest_end(b, at);
}

static void put_connlimit(struct nlbuf *b, const struct nft_expr *e)
{
	size_t at = nl_nest(b, NFTA_DYNSET_EXPR), within;

	nl_put_str(b, NFTA_EXPR_NAME, "connlimit");
	within = nl_nest(b, NFTA_EXPR_DATA);
	nl_put_be32(b, NFTA_CONNLIMIT_COUNT, e->dynset.connections);
	nl_put_be32(b, NFTA_CONNLIMIT_FLAGS, e->dynset.above ? NFT_CONNLIMIT_F_INV : 0);
	nl_nest_end(b, within);
	nl_nest_end(b, at);
}

static void put_dynset(struct nlbuf *b, const struct nft_expr *e)
{
	put_loads(b, e->dynset.field, e->dynset.n_field, e->dynset.set);
	struct expr_nest x = expr_begin(b, "dynset");
	nl_put_str(b, NFTA_DYNSET_SET_NAME, set_wire_name(e->dynset.set));
	nl_put_be32(b, NFTA_DYNSET_SET_ID, e->dynset.set->id);
	nl_put_be32(b, NFTA_DYNSET_OP,
		e->dynset.delete	 ? NFT_DYNSET_OP_DELETE
			: e->dynset.update ? NFT_DYNSET_OP_UPDATE
					   : NFT_DYNSET_OP_ADD);
	nl_put_be32(b, NFTA_DYNSET_SREG_KEY, register_name(0));
	if (e->dynset.timeout)
		nl_put_be64(b, NFTA_DYNSET_TIMEOUT, (uint64_t)e->dynset.timeout * 1000);
	if (e->dynset.has_rate) {
		size_t at = nl_nest(b, NFTA_DYNSET_EXPR);

		nl_put_str(b, NFTA_EXPR_NAME, "limit");
		encode_rate(b, NFTA_EXPR_DATA, &e->dynset.rate);
		nl_nest_end(b, at);
	}
	if (e->dynset.has_connections)
		put_connlimit(b, e);
	expr_end(b, x);
}

static void put_reject(struct nlbuf *b, enum ir_reject reject)
{
	struct expr_nest x = expr_begin(b, "reject");
	bool reset = reject == IR_REJECT_TCP_RESET;

	nl_put_be32(b, NFTA_REJECT_TYPE, reset ? NFT_REJECT_TCP_RST : NFT_REJECT_ICMPX_UNREACH);
	if (!reset)
		nl_put_u8(b, NFTA_REJECT_ICMP_CODE,
			reject == IR_REJECT_PORT ? NFT_REJECT_ICMPX_PORT_UNREACH
						 : NFT_REJECT_ICMPX_ADMIN_PROHIBITED);
	else
		nl_put_u8(b, NFTA_REJECT_ICMP_CODE, 0);
	expr_end(b, x);
}

/* Loads the ports of a translation; returns how many operands (0, 1, 2) it took from *word on. */
static unsigned put_ports(struct nlbuf *b, const struct nft_ports *p, unsigned word)
{
	uint8_t port[4];

	if (p->map) {
		put_load(b, p->field, word);
		put_lookup(b, word, p->map, false, (int)word);
		return 1;
	}
	if (!p->given)
		return 0;
	number_bytes(p->lo, 2, port);
	put_immediate(b, word, port, 2);
	if (p->hi == p->lo)
		return 1;
	number_bytes(p->hi, 2, port);
	put_immediate(b, word + WORDS_WIDE, port, 2);
	return 2;
}

/* With a single port the kernel answers with min as max, so that is what we send. */
static void put_port_registers(
	struct nlbuf *b, unsigned word, unsigned n, uint16_t min, uint16_t max)
{
	if (!n)
		return;
	nl_put_be32(b, min, register_name(word));
	nl_put_be32(b, max, register_name(n > 1 ? word + WORDS_WIDE : word));
}

uint8_t encode_family(enum family family)
{
	switch (family) {
	case FAMILY_ANY:
		return NFPROTO_INET;
	case FAMILY_V4:
		return NFPROTO_IPV4;
	case FAMILY_V6:
		return NFPROTO_IPV6;
	}
	BUG("family %d", (int)family);
}

static void put_nat(struct nlbuf *b, const struct nft_expr *e)
{
	/*
	 * nft leaves out the flags that the kernel derives from the registers; we state them, so
	 * that readback finds what was sent.
	 */
	uint32_t flags = e->nat.has_addr ? NF_NAT_RANGE_MAP_IPS : 0;
	bool range = e->nat.has_addr && (e->nat.prefix || !addr_eq(&e->nat.lo, &e->nat.hi));
	unsigned word = 0;

	if (e->nat.has_addr) {
		unsigned bytes = family_bytes(e->nat.family);

		put_immediate(b, 0, e->nat.lo.b, bytes);
		if (range)
			put_immediate(b, WORDS_WIDE, e->nat.hi.b, bytes);
		word = range ? 2 * WORDS_WIDE : WORDS_WIDE;
	}
	unsigned ports = put_ports(b, &e->nat.ports, word);
	if (ports)
		flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
	if (e->nat.prefix)
		flags |= NF_NAT_RANGE_NETMAP;
	struct expr_nest x = expr_begin(b, "nat");
	nl_put_be32(b, NFTA_NAT_TYPE, e->nat.source ? NFT_NAT_SNAT : NFT_NAT_DNAT);
	nl_put_be32(b, NFTA_NAT_FAMILY, encode_family(e->nat.family));
	if (e->nat.has_addr) {
		/* With one address the kernel answers with min as max. */
		nl_put_be32(b, NFTA_NAT_REG_ADDR_MIN, register_name(0));
		nl_put_be32(b, NFTA_NAT_REG_ADDR_MAX, register_name(range ? WORDS_WIDE : 0));
	}
	put_port_registers(b, word, ports, NFTA_NAT_REG_PROTO_MIN, NFTA_NAT_REG_PROTO_MAX);
	nl_put_be32(b, NFTA_NAT_FLAGS, flags);
	expr_end(b, x);
}

static void put_masquerade(struct nlbuf *b, const struct nft_ports *p, const char *name,
	uint16_t flags, uint16_t min, uint16_t max)
{
	unsigned n = put_ports(b, p, 0);
	struct expr_nest x = expr_begin(b, name);

	if (n)
		nl_put_be32(b, flags, NF_NAT_RANGE_PROTO_SPECIFIED);
	put_port_registers(b, 0, n, min, max);
	expr_end(b, x);
}

static void put_verdict(struct nlbuf *b, const struct nft_verdict *v)
{
	struct expr_nest x = expr_begin(b, "immediate");

	nl_put_be32(b, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	encode_verdict(b, NFTA_IMMEDIATE_DATA, v);
	expr_end(b, x);
}

const struct nft_set *expr_set(const struct nft_expr *x)
{
	switch (x->kind) {
	case NFT_E_MATCH:
		return x->match.compare == NFT_CMP_SET ? x->match.set : NULL;
	case NFT_E_VMAP:
		return x->vmap.set;
	case NFT_E_DYNSET:
		return x->dynset.set;
	case NFT_E_NAT:
		return x->nat.ports.map;
	case NFT_E_MASQUERADE:
	case NFT_E_REDIRECT:
		return x->ports.map;
	case NFT_E_COUNTER:
	case NFT_E_LIMIT:
	case NFT_E_HELPER:
	case NFT_E_LOG:
	case NFT_E_SET:
	case NFT_E_MSS:
	case NFT_E_NOTRACK:
	case NFT_E_FLOW:
	case NFT_E_REJECT:
	case NFT_E_VERDICT:
		return NULL;
	}
	BUG("expression %d", (int)x->kind);
}

void encode_expr(struct nlbuf *b, const struct nft_expr *e)
{
	struct expr_nest x;

	switch (e->kind) {
	case NFT_E_MATCH:
		put_match(b, &e->match);
		return;
	case NFT_E_VMAP:
		put_loads(b, e->vmap.field, e->vmap.n_field, e->vmap.set);
		put_lookup(b, 0, e->vmap.set, false, LOOKUP_VERDICT);
		return;
	case NFT_E_COUNTER:
		put_objref(b, NFT_OBJECT_COUNTER, e->object);
		return;
	case NFT_E_LIMIT:
		put_objref(b, NFT_OBJECT_LIMIT, e->object);
		return;
	case NFT_E_HELPER:
		put_objref(b, NFT_OBJECT_CT_HELPER, e->object);
		return;
	case NFT_E_LOG:
		put_log(b, e);
		return;
	case NFT_E_SET:
		put_set(b, e);
		return;
	case NFT_E_MSS:
		put_mss(b, e->mss);
		return;
	case NFT_E_NOTRACK:
		expr_end(b, expr_begin(b, "notrack"));
		return;
	case NFT_E_DYNSET:
		put_dynset(b, e);
		return;
	case NFT_E_FLOW:
		x = expr_begin(b, "flow_offload");
		nl_put_str(b, NFTA_FLOW_TABLE_NAME, NFT_FLOWTABLE_NAME);
		expr_end(b, x);
		return;
	case NFT_E_REJECT:
		put_reject(b, e->reject);
		return;
	case NFT_E_NAT:
		put_nat(b, e);
		return;
	case NFT_E_MASQUERADE:
		put_masquerade(b, &e->ports, "masq", NFTA_MASQ_FLAGS, NFTA_MASQ_REG_PROTO_MIN,
			NFTA_MASQ_REG_PROTO_MAX);
		return;
	case NFT_E_REDIRECT:
		put_masquerade(b, &e->ports, "redir", NFTA_REDIR_FLAGS, NFTA_REDIR_REG_PROTO_MIN,
			NFTA_REDIR_REG_PROTO_MAX);
		return;
	case NFT_E_VERDICT:
		put_verdict(b, &e->verdict);
		return;
	}
	BUG("expression %d", (int)e->kind);
}
