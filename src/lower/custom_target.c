/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Targets of custom rules as statements and verdicts, and where each of them may stand. */
#include <string.h>

#include "lower/custom.h"

#define AT(hook) (1u << (hook))
#define ANYWHERE 31u

/* Where a target may stand: tables, and hooks. Linux refuses the others too. */
static const struct {
	enum ipt_target_kind kind;
	unsigned tables, hooks;
	const char *why;
} places[] = {
	{ IPT_T_DROP, 1u << IPT_FILTER | 1u << IPT_MANGLE | 1u << IPT_RAW, ANYWHERE,
		"the nat table is not for filtering" },
	{ IPT_T_REJECT, 1u << IPT_FILTER, AT(IR_INPUT) | AT(IR_FORWARD) | AT(IR_OUTPUT),
		"it belongs into the table filter" },
	{ IPT_T_DSCP, 1u << IPT_MANGLE, ANYWHERE, "it belongs into the table mangle" },
	{ IPT_T_TOS, 1u << IPT_MANGLE, ANYWHERE, "it belongs into the table mangle" },
	{ IPT_T_TTL, 1u << IPT_MANGLE, ANYWHERE, "it belongs into the table mangle" },
	{ IPT_T_HL, 1u << IPT_MANGLE, ANYWHERE, "it belongs into the table mangle" },
	{ IPT_T_DNAT, 1u << IPT_NAT_TABLE, AT(IR_PREROUTING) | AT(IR_OUTPUT),
		"it belongs into PREROUTING or OUTPUT of the table nat" },
	{ IPT_T_REDIRECT, 1u << IPT_NAT_TABLE, AT(IR_PREROUTING) | AT(IR_OUTPUT),
		"it belongs into PREROUTING or OUTPUT of the table nat" },
	{ IPT_T_SNAT, 1u << IPT_NAT_TABLE, AT(IR_POSTROUTING) | AT(IR_INPUT),
		"it belongs into POSTROUTING or INPUT of the table nat" },
	{ IPT_T_MASQUERADE, 1u << IPT_NAT_TABLE, AT(IR_POSTROUTING),
		"it belongs into POSTROUTING of the table nat" },
	{ IPT_T_NETMAP, 1u << IPT_NAT_TABLE, ANYWHERE, "it belongs into the table nat" },
	{ IPT_T_NOTRACK, 1u << IPT_RAW, ANYWHERE, "it belongs into the table raw" },
	{ IPT_T_CT, 1u << IPT_RAW, ANYWHERE, "it belongs into the table raw" },
};

const char *custom_target_refused(const struct custom_rule *r, enum ir_hook hook)
{
	const struct ipt_target *t = &r->command->rule.target;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (places[i].kind == t->kind && (!(places[i].tables & 1u << r->command->table) ||
							 !(places[i].hooks & AT(hook))))
			return places[i].why;
	}
	return NULL;
}

static uint32_t number(const struct ipt_option *o, uint32_t otherwise)
{
	return o ? (uint32_t)o->value.number : otherwise;
}

/* ---- marks ---- */

static void set_mark(struct lower *l, const struct ipt_target *t, struct ir_rule *rule,
	enum ir_statement_kind kind)
{
	const struct ipt_option *set = ipt_target_find(t, IPT_MARK_SET);
	const struct ipt_option *xset = ipt_target_find(t, IPT_MARK_XSET);
	const struct ipt_option *and = ipt_target_find(t, IPT_MARK_AND);
	const struct ipt_option * or = ipt_target_find(t, IPT_MARK_OR);
	const struct ipt_option * xor = ipt_target_find(t, IPT_MARK_XOR);
	struct ir_statement *s = ir_statement_add(l->ir, rule, kind);

	s->mark.and = UINT32_MAX;
	if (set || xset) {
		const struct ipt_option *o = set ? set : xset;

		/* --set-mark clears the value's bits too, --set-xmark flips them */
		s->mark.and = ~(o->value.mark.mask | (set ? o->value.mark.value : 0));
		s->mark.xor = o->value.mark.value;
	} else if (and) {
		s->mark.and = number(and, 0);
	} else if (or) {
		s->mark.and = ~number(or, 0);
		s->mark.xor = number(or, 0);
	} else {
		s->mark.xor = number(xor, 0);
	}
}

static void copy_mark(struct lower *l, const struct ipt_target *t, struct ir_rule *rule,
	enum ir_statement_kind kind)
{
	const struct ipt_option *both = ipt_target_find(t, IPT_MARK_MASK);
	const struct ipt_option *one = ipt_target_find(t, IPT_MARK_NFMASK);

	ir_statement_add(l->ir, rule, kind)->value = number(both ? both : one, UINT32_MAX);
}

static void connmark(struct lower *l, const struct ipt_target *t, struct ir_rule *rule)
{
	if (ipt_target_find(t, IPT_MARK_SAVE))
		copy_mark(l, t, rule, IR_S_SAVE_MARK);
	else if (ipt_target_find(t, IPT_MARK_RESTORE))
		copy_mark(l, t, rule, IR_S_RESTORE_MARK);
	else
		set_mark(l, t, rule, IR_S_CTMARK);
}

/* ---- log, TTL, MSS ---- */

static void log_statement(struct lower *l, const struct ipt_target *t, struct ir_rule *rule)
{
	const struct ipt_option *prefix = ipt_target_find(t, IPT_LOG_PREFIX);
	struct ir_statement *s = ir_statement_add(l->ir, rule, IR_S_LOG);

	s->log.nflog = t->kind == IPT_T_NFLOG;
	if (s->log.nflog)
		prefix = ipt_target_find(t, IPT_NFLOG_PREFIX);
	s->log.prefix = ir_label(l->arena, slice_of(prefix ? prefix->value.text : ""), 127);
	s->log.group = (uint16_t)number(ipt_target_find(t, IPT_NFLOG_GROUP), 0);
	s->log.level = (uint8_t)number(ipt_target_find(t, IPT_LOG_LEVEL), 4);
}

static void ttl(struct lower *l, const struct ipt_target *t, struct ir_rule *rule)
{
	static const struct {
		enum ipt_id id;
		enum ir_ttl_action action;
	} rows[] = { { IPT_TTL_SET, IR_TTL_SET }, { IPT_TTL_INC, IR_TTL_INCREMENT },
		{ IPT_TTL_DEC, IR_TTL_DECREMENT } };
	struct ir_statement *s = ir_statement_add(l->ir, rule, IR_S_TTL);

	for (size_t i = 0; i < 3; i++) {
		const struct ipt_option *o = ipt_target_find(t, rows[i].id);

		if (!o)
			continue;
		s->ttl.action = rows[i].action;
		s->ttl.value = (uint8_t)o->value.number;
	}
}

static bool mss(struct lower *l, const struct ipt_target *t, struct ir_rule *rule)
{
	struct arguments a = { .l = l, .ir = l->ir };
	struct range tcp = { PROTO_TCP, PROTO_TCP };
	struct range_set set = { &tcp, 1, 1 };

	if (!arguments_protocols(&a, rule, &set))
		return false;
	ir_statement_add(l->ir, rule, IR_S_MSS)->value = number(ipt_target_find(t, IPT_MSS_SET), 0);
	return true;
}

/* ---- NAT ---- */

static bool translate(struct lower *l, const struct ipt_target *t, struct ir_rule *rule,
	enum ir_verdict_kind kind)
{
	const struct ipt_option *to = ipt_target_find(t, kind == IR_DNAT   ? IPT_TO_DEST
							 : kind == IR_SNAT ? IPT_TO_SOURCE
									   : IPT_TO_PORTS);
	struct arguments a = { .l = l, .ir = l->ir };
	struct ir_verdict *v = &rule->verdict;

	v->kind = kind;
	if (!to)
		return true;
	if (to->row->type == IPT_NAT_PORTS) {
		v->nat.has_ports = true;
		v->nat.ports = to->value.ranges.v[0];
	} else {
		v->nat.has_addr = to->value.nat.has_addr;
		v->nat.addr = to->value.nat.addr;
		v->nat.has_ports = to->value.nat.has_ports;
		v->nat.ports = to->value.nat.ports;
		if (v->nat.has_addr && v->nat.addr.lo.family != rule->family)
			return false;
	}
	return !v->nat.has_ports || arguments_with_ports(&a, rule);
}

static bool netmap(const struct ipt_target *t, enum ir_stage stage, struct ir_rule *rule)
{
	const struct ipt_option *to = ipt_target_find(t, IPT_TO);

	rule->verdict.kind = stage == IR_SRCNAT ? IR_NETMAP_SRC : IR_NETMAP_DST;
	rule->verdict.nat.has_addr = true;
	rule->verdict.nat.addr = to->value.addr_range;
	return to->value.addr_range.lo.family == rule->family;
}

/* ---- helpers and sets ---- */

static const struct helper *helper_named(struct lower *l, const char *name)
{
	vec_each (it, &l->policy->helpers) {
		if (!strcmp((*it)->name.v, name))
			return *it;
	}
	return NULL;
}

static void ct(struct lower *l, const struct ipt_target *t, struct ir_rule *rule)
{
	const struct ipt_option *name = ipt_target_find(t, IPT_CT_HELPER);

	if (name)
		lower_assign_helper(l, rule, helper_named(l, name->value.text));
	if (ipt_target_find(t, IPT_CT_NOTRACK))
		ir_statement_add(l->ir, rule, IR_S_NOTRACK);
}

static bool change_set(struct lower *l, const struct ipt_target *t, struct ir_rule *rule)
{
	const struct ipt_option *o = ipt_target_find(t, IPT_ADD_SET);
	struct arguments a = { .l = l, .ir = l->ir };
	bool adds = o != NULL;
	struct ir_set *set;
	struct ir_statement *s;

	if (!o)
		o = ipt_target_find(t, IPT_DEL_SET);
	set = lower_ipset(l, o->value.set.name);
	for (unsigned i = 0; i < set->n_key; i++) {
		bool wrong = (set->key[i] == IR_KEY_ADDR4 && rule->family != FAMILY_V4) ||
			     (set->key[i] == IR_KEY_ADDR6 && rule->family != FAMILY_V6);
		bool port = set->key[i] == IR_KEY_PROTO_PORT || set->key[i] == IR_KEY_PORT;

		if (wrong || (port && !arguments_with_ports(&a, rule)))
			return false;
	}
	set->dynamic = set->keep = true;
	s = ir_statement_add(l->ir, rule, adds ? IR_S_SET_ADD : IR_S_SET_DELETE);
	s->set.set = set;
	for (unsigned i = 0; i < set->n_key; i++)
		s->set.dest[i] = o->value.set.dest[i];
	return true;
}

/* ---- verdicts ---- */

static void reject(struct lower *l, const struct ipt_target *t, struct ir_rule *rule)
{
	const struct ipt_option *with = ipt_target_find(t, IPT_REJECT_WITH);
	const char *word = with ? with->row->words[with->value.number] : "port";
	struct arguments a = { .l = l, .ir = l->ir };
	struct range tcp = { PROTO_TCP, PROTO_TCP };
	struct range_set set = { &tcp, 1, 1 };

	rule->verdict.kind = IR_REJECT;
	rule->verdict.reject = IR_REJECT_PORT;
	if (!strcmp(word, "tcp-reset") && arguments_protocols(&a, rule, &set))
		rule->verdict.reject = IR_REJECT_TCP_RESET;
	if (strstr(word, "prohibited"))
		rule->verdict.reject = IR_REJECT_ADMIN;
}

/* RETURN in a built-in chain is its policy. */
static void leave(struct lower *l, const struct custom_chain *in, struct ir_rule *rule)
{
	const struct defaults *d = &l->policy->defaults;

	if (in->kind != CUSTOM_BUILT_IN)
		rule->verdict.kind = IR_RETURN;
	else if (in->table != IPT_FILTER)
		rule->verdict.kind = IR_ACCEPT;
	else
		plain_verdict(l, rule,
			(enum action)(in->hook == IR_INPUT     ? d->input.v
				      : in->hook == IR_FORWARD ? d->forward.v
							       : d->output.v));
}

static void jump(
	struct lower *l, const struct custom_rule *r, enum ir_stage stage, struct ir_rule *rule)
{
	const struct ipt_target *t = &r->command->rule.target;
	const struct custom_chain *to =
		custom_find(l, r->command->family, r->command->table, t->name);

	rule->verdict.kind = t->go_to ? IR_GOTO : IR_JUMP;
	if (!to) { /* "reject": firewall3's chain, and ours */
		rule->verdict.kind = IR_GOTO;
		rule->verdict.chain = l->reject;
		return;
	}
	rule->verdict.chain = custom_chain_of(l, to, stage);
}

bool custom_target(struct lower *l, const struct custom_rule *r, const struct custom_chain *in,
	enum ir_stage stage, struct ir_rule *rule)
{
	const struct ipt_target *t = &r->command->rule.target;
	const struct ipt_option *o;

	switch (t->kind) {
	case IPT_T_NONE:
	case IPT_T_REFUSED:
		return true;
	case IPT_T_ACCEPT:
		rule->verdict.kind = IR_ACCEPT;
		return true;
	case IPT_T_DROP:
		rule->verdict.kind = IR_DROP;
		return true;
	case IPT_T_RETURN:
		leave(l, in, rule);
		return true;
	case IPT_T_REJECT:
		reject(l, t, rule);
		return true;
	case IPT_T_LOG:
	case IPT_T_NFLOG:
		log_statement(l, t, rule);
		return true;
	case IPT_T_MARK:
		set_mark(l, t, rule, IR_S_MARK);
		return true;
	case IPT_T_CONNMARK:
		connmark(l, t, rule);
		return true;
	case IPT_T_DSCP:
		o = ipt_target_find(t, IPT_DSCP_SET);
		ir_statement_add(l->ir, rule, IR_S_DSCP)->value = number(o, 0);
		return true;
	case IPT_T_TOS:
		o = ipt_target_find(t, IPT_TOS_SET);
		ir_statement_add(l->ir, rule, IR_S_DSCP)->value = o->value.mark.value >> 2;
		return true;
	case IPT_T_TTL:
	case IPT_T_HL:
		if (rule->family != (t->kind == IPT_T_TTL ? FAMILY_V4 : FAMILY_V6))
			return false;
		ttl(l, t, rule);
		return true;
	case IPT_T_TCPMSS:
		return mss(l, t, rule);
	case IPT_T_DNAT:
		return translate(l, t, rule, IR_DNAT);
	case IPT_T_SNAT:
		return translate(l, t, rule, IR_SNAT);
	case IPT_T_MASQUERADE:
		return translate(l, t, rule, IR_MASQUERADE);
	case IPT_T_REDIRECT:
		return translate(l, t, rule, IR_REDIRECT);
	case IPT_T_NETMAP:
		return netmap(t, stage, rule);
	case IPT_T_NOTRACK:
		ir_statement_add(l->ir, rule, IR_S_NOTRACK);
		return true;
	case IPT_T_CT:
		ct(l, t, rule);
		return true;
	case IPT_T_SET:
		return change_set(l, t, rule);
	case IPT_T_CHAIN:
		jump(l, r, stage, rule);
		return true;
	}
	return true;
}
