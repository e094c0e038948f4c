/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statements and verdicts as targets. A rule of iptables has one, so several become a chain of
 * their own (rule.c); those that need a protocol say so.
 */
#include <string.h>

#include "base/bug.h"
#include "emit/ipt/ipt_priv.h"

#define LOG_PREFIX_MAX 29   /* xt_LOG */
#define NFLOG_PREFIX_MAX 63 /* xt_NFLOG */

static void push(struct xt_rule_build *r, struct xt_words words, int proto)
{
	vec_push(r->b->arena, &r->targets, (struct xt_target){ .words = words, .proto = proto });
}

static void go_to(struct xt_rule_build *r, const char *how, struct xt_chain *to)
{
	vec_push(r->b->arena, &r->targets, xt_jump(r->b, how, to));
}

/* ---- statements ---- */

/* At most max bytes, cut between characters. */
static const char *cut(struct xt_build *b, const char *text, size_t max)
{
	size_t n = strlen(text);

	if (n <= max)
		return text;
	n = max;
	while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	return arena_strndup(b->arena, text, n);
}

static void lower_log(struct xt_rule_build *r, const struct ir_statement *s)
{
	const char *prefix = s->log.prefix ? s->log.prefix : "";
	struct xt_words w;

	if (s->log.nflog)
		w = xt_words_of(r->b, "-j", "NFLOG", "--nflog-group",
			xt_text(r->b, "%u", s->log.group), NULL);
	else
		w = xt_words_of(r->b, "-j", "LOG", "--log-level", xt_text(r->b, "%u", s->log.level),
			NULL);
	if (*prefix) {
		xt_word(r, &w, s->log.nflog ? "--nflog-prefix" : "--log-prefix");
		xt_word(r, &w, cut(r->b, prefix, s->log.nflog ? NFLOG_PREFIX_MAX : LOG_PREFIX_MAX));
	}
	push(r, w, 0);
}

static void lower_mark(struct xt_rule_build *r, const struct ir_statement *s, const char *target)
{
	if (s->mark.and == UINT32_MAX && !s->mark.xor)
		return;
	push(r,
		xt_words_of(r->b, "-j", target, "--set-xmark",
			xt_text(r->b, "0x%lx/0x%lx", (unsigned long)s->mark.xor,
				(unsigned long)~s->mark.and & 0xffffffffUL),
			NULL),
		0);
}

static void copy_mark(struct xt_rule_build *r, const struct ir_statement *s)
{
	const char *mask = xt_text(r->b, "0x%lx", (unsigned long)s->value);

	if (s->value)
		push(r,
			xt_words_of(r->b, "-j", "CONNMARK",
				s->kind == IR_S_SAVE_MARK ? "--save-mark" : "--restore-mark",
				"--nfmask", mask, "--ctmask", mask, NULL),
			0);
}

static void in_mangle_only(struct xt_rule_build *r)
{
	if (r->stage != IR_MANGLE)
		xt_refuse(r->b, XT_NO_MANGLE_ONLY);
}

static void lower_ttl(struct xt_rule_build *r, const struct ir_statement *s)
{
	static const char *const actions[] = { [IR_TTL_SET] = "set", [IR_TTL_INCREMENT] = "inc",
		[IR_TTL_DECREMENT] = "dec" };
	bool v6 = r->family == FAMILY_V6;

	in_mangle_only(r);
	if (!s->ttl.value && s->ttl.action != IR_TTL_SET)
		return;
	push(r,
		xt_words_of(r->b, "-j", v6 ? "HL" : "TTL",
			xt_text(r->b, "--%s-%s", v6 ? "hl" : "ttl", actions[s->ttl.action]),
			xt_text(r->b, "%u", s->ttl.value), NULL),
		0);
}

/* The kernel wants to see that the rule is about SYN packets; others have no such option. */
static void lower_mss(struct xt_rule_build *r, const struct ir_statement *s)
{
	struct xt_words w = { 0 };

	in_mangle_only(r);
	if (r->hook == IR_PREROUTING || r->hook == IR_INPUT)
		xt_refuse(r->b, XT_NO_PATH_MTU);
	if (!r->flags_have_syn || r->ir->n_statements > 1 || r->ir->verdict.kind != IR_CONTINUE)
		w = xt_words_of(r->b, "-m", "tcp", "--tcp-flags", "SYN", "SYN", NULL);
	xt_word(r, &w, "-j");
	xt_word(r, &w, "TCPMSS");
	if (s->value) {
		xt_word(r, &w, "--set-mss");
		xt_word(r, &w, xt_text(r->b, "%u", (unsigned)s->value));
	} else {
		xt_word(r, &w, "--clamp-mss-to-pmtu");
	}
	push(r, w, PROTO_TCP);
}

static void lower_helper(struct xt_rule_build *r, const struct ir_statement *s)
{
	const struct ir_helper *h = s->helper;

	if (r->stage != IR_HELPER && r->stage != IR_RAW)
		xt_refuse(r->b, XT_NO_HELPER_RAW);
	if (h->family != FAMILY_ANY && h->family != r->family)
		return;
	push(r, xt_words_of(r->b, "-j", "CT", "--helper", h->kernel, NULL), h->proto);
}

static void lower_set(struct xt_rule_build *r, const struct ir_statement *s)
{
	const struct ir_set *from = s->set.set;
	const struct xt_set *set = xt_set_of(r->b, from);
	const char *flags = xt_set_flags(r->b, from, s->set.dest);
	struct xt_words w;

	if (!set || !flags)
		return;
	w = xt_words_of(r->b, "-j", "SET",
		s->kind == IR_S_SET_ADD ? "--add-set" : "--del-set", set->name, flags, NULL);
	if (s->kind == IR_S_SET_ADD && from->timeout && !from->once)
		xt_word(r, &w, "--exist");
	push(r, w, 0);
}

static void lower_offload(struct xt_rule_build *r)
{
	struct xt_target t = { .optional = "FLOWOFFLOAD" };

	t.words = xt_words_of(r->b, "-j", "FLOWOFFLOAD", NULL);
	if (r->b->ir && r->b->ir->flowtable.hardware)
		xt_word(r, &t.words, "--hw");
	vec_push(r->b->arena, &r->targets, t);
}

void xt_lower_statement(struct xt_rule_build *r, const struct ir_statement *s)
{
	switch (s->kind) {
	case IR_S_LOG:
		lower_log(r, s);
		return;
	case IR_S_MARK:
		lower_mark(r, s, "MARK");
		return;
	case IR_S_CTMARK:
		lower_mark(r, s, "CONNMARK");
		return;
	case IR_S_SAVE_MARK:
	case IR_S_RESTORE_MARK:
		copy_mark(r, s);
		return;
	case IR_S_DSCP:
		in_mangle_only(r);
		push(r,
			xt_words_of(r->b, "-j", "DSCP", "--set-dscp",
				xt_text(r->b, "0x%02x", (unsigned)s->value), NULL),
			0);
		return;
	case IR_S_TTL:
		lower_ttl(r, s);
		return;
	case IR_S_MSS:
		lower_mss(r, s);
		return;
	case IR_S_NOTRACK:
		push(r, xt_words_of(r->b, "-j", "CT", "--notrack", NULL), 0);
		return;
	case IR_S_HELPER:
		lower_helper(r, s);
		return;
	case IR_S_SET_ADD:
	case IR_S_SET_DELETE:
		lower_set(r, s);
		return;
	case IR_S_OFFLOAD:
		lower_offload(r);
		return;
	}
	BUG("statement kind %d", (int)s->kind);
}

/* ---- verdicts ---- */

static const char *reject_word(const struct xt_rule_build *r, enum ir_reject reject)
{
	bool v6 = r->family == FAMILY_V6;

	switch (reject) {
	case IR_REJECT_TCP_RESET:
		return "tcp-reset";
	case IR_REJECT_PORT:
		return v6 ? "icmp6-port-unreachable" : "icmp-port-unreachable";
	case IR_REJECT_ADMIN:
		return v6 ? "icmp6-adm-prohibited" : "icmp-admin-prohibited";
	}
	BUG("reject %d", (int)reject);
}

/* "a-b" of "lo" and "hi", or "a" */
static const char *pair(struct xt_build *b, unsigned long lo, unsigned long hi)
{
	return lo == hi ? xt_text(b, "%lu", lo) : xt_text(b, "%lu-%lu", lo, hi);
}

/* address[-address][:ports[/base]] */
static const char *nat_text(struct xt_rule_build *r, const struct ir_verdict *v)
{
	AUTO_BUF text = BUF_INIT;
	bool brackets = v->nat.has_addr && v->nat.has_ports && r->family == FAMILY_V6;

	if (brackets)
		buf_char(&text, '[');
	if (v->nat.has_addr) {
		addr_print(&v->nat.addr.lo, &text);
		if (!addr_eq(&v->nat.addr.lo, &v->nat.addr.hi)) {
			buf_char(&text, '-');
			addr_print(&v->nat.addr.hi, &text);
		}
	}
	if (brackets)
		buf_char(&text, ']');
	if (v->nat.has_ports) {
		buf_printf(&text, ":%s", pair(r->b, v->nat.ports.lo, v->nat.ports.hi));
		if (v->nat.shift && v->nat.ports.lo != v->nat.ports.hi)
			buf_printf(&text, "/%u", (unsigned)v->nat.from);
	}
	return arena_strdup(r->b->arena, buf_text(&text));
}

static void lower_nat(struct xt_rule_build *r, const char *target, const char *option)
{
	const struct ir_verdict *v = &r->ir->verdict;

	if (!strcmp(target, "SNAT") && v->nat.shift && v->nat.ports.lo != v->nat.ports.hi)
		xt_refuse(r->b, XT_NO_SHIFT_SOURCE);
	if (!strcmp(target, "DNAT") && v->nat.has_ports && xt_proto_possible(r, PROTO_UDPLITE))
		xt_refuse(r->b, XT_NO_UDPLITE_DEST);
	push(r, xt_words_of(r->b, "-j", target, option, nat_text(r, v), NULL),
		v->nat.has_ports ? XT_PROTO_ANY_OF : 0);
}

/* To the router itself or from its address: REDIRECT shifts no ports, DNAT without address does. */
static void lower_own(struct xt_rule_build *r, const char *target)
{
	const struct ir_verdict *v = &r->ir->verdict;
	struct xt_words w = xt_words_of(r->b, "-j", target, NULL);

	if (v->nat.has_ports && v->nat.shift && v->nat.ports.lo != v->nat.ports.hi)
		xt_refuse(r->b, XT_NO_SHIFT_OWN);
	if (v->nat.has_ports && xt_proto_possible(r, PROTO_UDPLITE))
		xt_refuse(r->b, XT_NO_UDPLITE_DEST);
	if (v->nat.has_ports) {
		xt_word(r, &w, "--to-ports");
		xt_word(r, &w, pair(r->b, v->nat.ports.lo, v->nat.ports.hi));
	}
	push(r, w, v->nat.has_ports ? XT_PROTO_ANY_OF : 0);
}

static void lower_netmap(struct xt_rule_build *r)
{
	AUTO_BUF text = BUF_INIT;
	unsigned bits = 0;

	addr_range_prefix(&r->ir->verdict.nat.addr, &bits);
	addr_print(&r->ir->verdict.nat.addr.lo, &text);
	buf_printf(&text, "/%u", bits);
	push(r,
		xt_words_of(r->b, "-j", "NETMAP", "--to",
			arena_strdup(r->b->arena, buf_text(&text)), NULL),
		0);
}

static void lower_accept(struct xt_rule_build *r)
{
	/* the helpers' chain, which accepts at its end, is the rest of what raw does */
	const struct ir_chain *helpers = r->stage == IR_RAW && r->b->ir
		? ir_base_find(r->b->ir, r->hook, IR_HELPER)
		: NULL;

	if (helpers)
		go_to(r, "-g", xt_chain_of(r->b, helpers));
	else
		push(r, xt_words_of(r->b, "-j", "ACCEPT", NULL), 0);
}

void xt_lower_verdict(struct xt_rule_build *r)
{
	const struct ir_verdict *v = &r->ir->verdict;

	switch (v->kind) {
	case IR_CONTINUE:
		return;
	case IR_ACCEPT:
		lower_accept(r);
		return;
	case IR_DROP:
		if (r->stage == IR_DSTNAT || r->stage == IR_SRCNAT)
			xt_refuse(r->b, XT_NO_NAT_DROP);
		push(r, xt_words_of(r->b, "-j", "DROP", NULL), 0);
		return;
	case IR_REJECT:
		push(r,
			xt_words_of(r->b, "-j", "REJECT", "--reject-with",
				reject_word(r, v->reject), NULL),
			v->reject == IR_REJECT_TCP_RESET ? PROTO_TCP : 0);
		return;
	case IR_JUMP:
		go_to(r, "-j", xt_chain_of(r->b, v->chain));
		return;
	case IR_GOTO:
		go_to(r, "-g", xt_chain_of(r->b, v->chain));
		return;
	case IR_RETURN:
		push(r, xt_words_of(r->b, "-j", "RETURN", NULL), 0);
		return;
	case IR_DNAT:
		lower_nat(r, "DNAT", "--to-destination");
		return;
	case IR_SNAT:
		lower_nat(r, "SNAT", "--to-source");
		return;
	case IR_MASQUERADE:
		lower_own(r, "MASQUERADE");
		return;
	case IR_REDIRECT:
		lower_own(r, "REDIRECT");
		return;
	case IR_NETMAP_DST:
	case IR_NETMAP_SRC:
		lower_netmap(r);
		return;
	}
	BUG("verdict kind %d", (int)v->kind);
}
