/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statements and verdicts that are one expression of nft. */
#include <string.h>

#include "base/bug.h"
#include "emit/nft/nft_priv.h"

static void lower_mark(struct nft_rule_build *r, const struct ir_statement *s, enum nft_field field)
{
	if (s->mark.and == UINT32_MAX && !s->mark.xor)
		return;

	struct nft_expr *e = nft_expr_add(r, NFT_E_SET);

	e->set.field = field;
	e->set.value = s->mark.xor ;
	e->set.mask = s->mark.and;
	e->set.has_from = s->mark.and != 0;
	e->set.from = field;
}

/* The whole mark; parts of it are steps.c's. */
static void copy_mark(
	struct nft_rule_build *r, enum nft_field to, enum nft_field from, uint32_t mask)
{
	if (!mask)
		return;

	struct nft_expr *e = nft_expr_add(r, NFT_E_SET);

	e->set.field = to;
	e->set.has_from = true;
	e->set.from = from;
	e->set.mask = UINT32_MAX;
}

static void set_number(
	struct nft_rule_build *r, enum nft_field v4, enum nft_field v6, uint32_t value)
{
	enum nft_field field = r->family == FAMILY_V6 ? v6 : v4;

	nft_imply(r, &field, 1);

	struct nft_expr *e = nft_expr_add(r, NFT_E_SET);

	e->set.field = field;
	e->set.value = value;
}

/* Renews a timeout where the set has one; "update" without is refused by no kernel but useless. */
static void set_change(struct nft_rule_build *r, const struct ir_statement *s)
{
	enum nft_field field[NFT_CONCAT_MAX];
	unsigned n = nft_key_fields(r, s->set.set, s->set.dest, field);

	nft_imply(r, field, n);

	struct nft_expr *e = nft_expr_add(r, NFT_E_DYNSET);

	e->dynset.delete = s->kind == IR_S_SET_DELETE;
	e->dynset.update = s->set.set->timeout != 0 && !s->set.set->once && !e->dynset.delete;
	memcpy(e->dynset.field, field, n * sizeof(field[0]));
	e->dynset.n_field = n;
	e->dynset.set = nft_set_of(r->b, s->set.set);
}

static void log_add(struct nft_rule_build *r, const struct ir_statement *s)
{
	struct nft_expr *e = nft_expr_add(r, NFT_E_LOG);

	e->log.prefix = s->log.prefix && *s->log.prefix ? s->log.prefix : NULL;
	e->log.nflog = s->log.nflog;
	e->log.group = s->log.group;
	e->log.level = s->log.level;
}

void nft_lower_statement(struct nft_rule_build *r, const struct ir_statement *s)
{
	switch (s->kind) {
	case IR_S_LOG:
		log_add(r, s);
		return;
	case IR_S_MARK:
		lower_mark(r, s, NFT_F_MARK);
		return;
	case IR_S_CTMARK:
		lower_mark(r, s, NFT_F_CT_MARK);
		return;
	case IR_S_SAVE_MARK:
		copy_mark(r, NFT_F_CT_MARK, NFT_F_MARK, s->value);
		return;
	case IR_S_RESTORE_MARK:
		copy_mark(r, NFT_F_MARK, NFT_F_CT_MARK, s->value);
		return;
	case IR_S_DSCP:
		set_number(r, NFT_F_IP_DSCP, NFT_F_IP6_DSCP, s->value);
		return;
	case IR_S_TTL: /* IR_TTL_SET; steps.c has the others */
		set_number(r, NFT_F_IP_TTL, NFT_F_IP6_HOPLIMIT, s->ttl.value);
		return;
	case IR_S_MSS:
		nft_expr_add(r, NFT_E_MSS)->mss = (uint16_t)s->value;
		return;
	case IR_S_NOTRACK:
		nft_expr_add(r, NFT_E_NOTRACK);
		return;
	case IR_S_HELPER:
		nft_expr_add(r, NFT_E_HELPER)->object = nft_name(r->b, s->helper->name);
		return;
	case IR_S_SET_ADD:
	case IR_S_SET_DELETE:
		set_change(r, s);
		return;
	case IR_S_OFFLOAD:
		if (r->b->program->flowtable.enabled)
			nft_expr_add(r, NFT_E_FLOW);
		return;
	}
	BUG("statement kind %d", s->kind);
}

void nft_add_verdict(
	struct nft_rule_build *r, enum nft_verdict_kind kind, const struct nft_chain *chain)
{
	nft_expr_add(r, NFT_E_VERDICT)->verdict = (struct nft_verdict){ kind, chain };
}

/* One to one, port by port: nft cannot add, so the kernel looks the new port up. */
static struct nft_ports shifted_ports(
	struct nft_rule_build *r, const struct ir_verdict *v, bool dest)
{
	static const enum nft_type port = NFT_T_PORT;
	enum nft_field field = nft_port_field(r, dest);
	struct nft_set *map = nft_anonymous(r->b, &field, 1);

	map->is_map = true;
	map->data = port;
	map->data_bytes = 2;
	for (uint32_t to = v->nat.ports.lo; to <= v->nat.ports.hi; to++) {
		uint32_t from = v->nat.from + (to - v->nat.ports.lo);
		struct nft_element e = { .key = nft_number(r->b, from, 2),
			.data = nft_number(r->b, to, 2) };

		if (from <= UINT16_MAX)
			vec_push(r->b->arena, &map->elements, e);
	}
	nft_imply(r, &field, 1);
	return (struct nft_ports){ .given = true, .map = map, .field = field };
}

static struct nft_ports ports_of(struct nft_rule_build *r, const struct ir_verdict *v, bool dest)
{
	if (!v->nat.has_ports)
		return (struct nft_ports){ 0 };
	if (v->nat.shift && v->nat.ports.lo != v->nat.ports.hi)
		return shifted_ports(r, v, dest);
	return (struct nft_ports){
		.given = true, .lo = (uint16_t)v->nat.ports.lo, .hi = (uint16_t)v->nat.ports.hi
	};
}

static void lower_nat(
	struct nft_rule_build *r, const struct ir_verdict *v, bool source, bool prefix)
{
	struct nft_ports ports = ports_of(r, v, !source);
	struct nft_expr *e = nft_expr_add(r, NFT_E_NAT);

	e->nat.source = source;
	e->nat.has_addr = v->nat.has_addr;
	e->nat.prefix = prefix;
	e->nat.ports = ports;
	if (v->nat.has_addr) {
		e->nat.family = v->nat.addr.lo.family;
		e->nat.lo = v->nat.addr.lo;
		e->nat.hi = v->nat.addr.hi;
	}
}

static void lower_own_address(
	struct nft_rule_build *r, const struct ir_verdict *v, enum nft_expr_kind kind)
{
	struct nft_ports ports = ports_of(r, v, kind == NFT_E_REDIRECT);

	nft_expr_add(r, kind)->ports = ports;
}

void nft_lower_verdict(struct nft_rule_build *r, const struct ir_verdict *v)
{
	switch (v->kind) {
	case IR_CONTINUE:
		return;
	case IR_ACCEPT:
		nft_add_verdict(r, NFT_V_ACCEPT, NULL);
		return;
	case IR_DROP:
		nft_add_verdict(r, NFT_V_DROP, NULL);
		return;
	case IR_REJECT:
		nft_expr_add(r, NFT_E_REJECT)->reject = v->reject;
		return;
	case IR_JUMP:
		nft_add_verdict(r, NFT_V_JUMP, nft_chain_of(r->b, v->chain));
		return;
	case IR_GOTO:
		nft_add_verdict(r, NFT_V_GOTO, nft_chain_of(r->b, v->chain));
		return;
	case IR_RETURN:
		nft_add_verdict(r, NFT_V_RETURN, NULL);
		return;
	case IR_DNAT:
		lower_nat(r, v, false, false);
		return;
	case IR_SNAT:
		lower_nat(r, v, true, false);
		return;
	case IR_MASQUERADE:
		lower_own_address(r, v, NFT_E_MASQUERADE);
		return;
	case IR_REDIRECT:
		lower_own_address(r, v, NFT_E_REDIRECT);
		return;
	case IR_NETMAP_DST:
		lower_nat(r, v, false, true);
		return;
	case IR_NETMAP_SRC:
		lower_nat(r, v, true, true);
		return;
	}
	BUG("verdict kind %d", v->kind);
}
