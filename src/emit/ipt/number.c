/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Matches on numbers: protocols, ports, and what is a range of something. Where iptables cannot
 * negate, the other numbers are asked for instead.
 */
#include "emit/ipt/ipt_priv.h"

/* ---- protocols ---- */

#define PROTOS_LISTED 16

/* -p, and the options that belong to the protocol. */
static struct xt_words proto_words(struct xt_rule_build *r, unsigned proto)
{
	struct xt_words w = xt_words_of(r->b, "-p", xt_text(r->b, "%u", proto), NULL);

	if (r->l4.n) {
		xt_word(r, &w, "-m");
		xt_word(r, &w, proto == PROTO_TCP ? "tcp" : "udp");
		xt_words_add(r->b, &w, &r->l4);
	}
	return w;
}

static void protos_but(struct xt_rule_build *r, unsigned excluded)
{
	for (unsigned p = 0; p < 256; p++) {
		if (xt_proto_possible(r, p))
			continue;
		if (!p)
			xt_refuse(r->b, XT_NO_PROTO_ZERO);
		struct xt_words w = { 0 };

		if (excluded == 1)
			xt_word(r, &w, "!");
		xt_word(r, &w, "-p");
		xt_word(r, &w, xt_text(r->b, "%u", p));
		if (excluded == 1)
			xt_must(r, w);
		else
			vec_push(r->b->arena, &r->exclusions, w);
	}
}

void xt_lower_protos(struct xt_rule_build *r)
{
	unsigned n = xt_protos_count(r);
	struct xt_choice *c;

	if (n == 256)
		return;
	if (n > PROTOS_LISTED) {
		if (256 - n > 64)
			xt_refuse(r->b, XT_NO_PROTO_LIST);
		else
			protos_but(r, 256 - n);
		return;
	}
	if (xt_proto_possible(r, 0))
		xt_refuse(r->b, XT_NO_PROTO_ZERO);
	c = xt_choice_add(r);
	for (unsigned p = 0; p < 256; p++) {
		if (xt_proto_possible(r, p))
			xt_alternative(r, c, proto_words(r, p));
	}
}

/* ---- ports ---- */

#define MULTIPORT_MAX 15 /* XT_MULTI_PORTS; a range takes two */

/* All possible protocols have a match of their own for ports. */
static bool only_tcp_udp(const struct xt_rule_build *r)
{
	for (unsigned p = 0; p < 256; p++) {
		if (xt_proto_possible(r, p) && p != PROTO_TCP && p != PROTO_UDP)
			return false;
	}
	return true;
}

static const char *ports_text(struct xt_build *b, const struct range *r)
{
	return r->lo == r->hi ? xt_text(b, "%u", (unsigned)r->lo)
			      : xt_text(b, "%u:%u", (unsigned)r->lo, (unsigned)r->hi);
}

/* As many as one multiport takes, from *at on. */
static const char *ports_chunk(struct xt_build *b, const struct range_set *set, size_t *at)
{
	AUTO_BUF text = BUF_INIT;
	unsigned slots = 0;

	for (; *at < set->n; (*at)++) {
		const struct range *one = &set->v[*at];

		slots += one->lo == one->hi ? 1 : 2;
		if (slots > MULTIPORT_MAX)
			break;
		buf_printf(&text, "%s%s", text.n ? "," : "", ports_text(b, one));
	}
	return arena_strdup(b->arena, buf_text(&text));
}

static void multiport(struct xt_rule_build *r, const struct ir_match *m, bool dest)
{
	struct xt_choice *c = NULL;

	for (size_t at = 0; at < m->ranges.n;) {
		struct xt_words w = xt_words_of(r->b, "-m", "multiport", NULL);

		if (m->negate)
			xt_word(r, &w, "!");
		xt_word(r, &w, dest ? "--dports" : "--sports");
		xt_word(r, &w, ports_chunk(r->b, &m->ranges, &at));
		if (m->negate || !c)
			c = xt_choice_add(r);
		xt_alternative(r, c, w);
	}
}

void xt_lower_ports(struct xt_rule_build *r, const struct ir_match *m, bool dest)
{
	bool *has = dest ? &r->has_dport : &r->has_sport;

	if (m->ranges.n != 1 || *has || !only_tcp_udp(r)) {
		multiport(r, m, dest);
		return;
	}
	*has = true;
	if (m->negate)
		xt_word(r, &r->l4, "!");
	xt_word(r, &r->l4, dest ? "--dport" : "--sport");
	xt_word(r, &r->l4, ports_text(r->b, &m->ranges.v[0]));
}

/* ---- other ranges ---- */

/* The numbers from 0 to max that are not in the set. */
static struct range_set others(struct xt_build *b, const struct range_set *set, uint32_t max)
{
	struct range_set all = { 0 };

	range_set_add(b->arena, &all, (struct range){ 0, max });
	return range_set_minus(b->arena, &all, set);
}

/* TTL or hop limit: two comparisons for a range. */
static struct xt_words ttl_words(struct xt_rule_build *r, const struct range *v)
{
	bool v6 = r->family == FAMILY_V6;
	const char *m = v6 ? "hl" : "ttl";
	struct xt_words w = { 0 };

	if (v->lo == v->hi)
		return xt_words_of(r->b, "-m", m, xt_text(r->b, "--%s-eq", m),
			xt_text(r->b, "%u", (unsigned)v->lo), NULL);
	if (v->lo)
		w = xt_words_of(r->b, "-m", m, xt_text(r->b, "--%s-gt", m),
			xt_text(r->b, "%u", (unsigned)v->lo - 1), NULL);
	if (v->hi < 255) {
		struct xt_words less = xt_words_of(r->b, "-m", m, xt_text(r->b, "--%s-lt", m),
			xt_text(r->b, "%u", (unsigned)v->hi + 1), NULL);

		xt_words_add(r->b, &w, &less);
	}
	return w;
}

static void one_of_dscp(struct xt_rule_build *r, const struct range_set *set)
{
	struct xt_choice *c = xt_choice_add(r);

	for (size_t i = 0; i < set->n; i++) {
		for (uint32_t v = set->v[i].lo; v <= set->v[i].hi; v++)
			xt_alternative(r, c,
				xt_words_of(r->b, "-m", "dscp", "--dscp",
					xt_text(r->b, "0x%02x", (unsigned)v), NULL));
	}
}

static void owner(struct xt_rule_build *r, const struct ir_match *m)
{
	const char *option = m->kind == IR_M_UID ? "--uid-owner" : "--gid-owner";
	struct xt_choice *c = NULL;

	if (r->hook != IR_OUTPUT && r->hook != IR_POSTROUTING)
		xt_refuse(r->b, XT_NO_OWNER_HERE);
	/* what nobody here sends has no owner, and "not theirs" would hold for it */
	if (m->negate)
		xt_must(r, xt_words_of(r->b, "-m", "owner", "--socket-exists", NULL));
	for (size_t i = 0; i < m->ranges.n; i++) {
		const struct range *v = &m->ranges.v[i];
		struct xt_words w = xt_words_of(r->b, "-m", "owner", NULL);

		if (m->negate)
			xt_word(r, &w, "!");
		xt_word(r, &w, option);
		xt_word(r, &w,
			v->lo == v->hi ? xt_text(r->b, "%lu", (unsigned long)v->lo)
				       : xt_text(r->b, "%lu-%lu", (unsigned long)v->lo,
						 (unsigned long)v->hi));
		if (m->negate || !c)
			c = xt_choice_add(r);
		xt_alternative(r, c, w);
	}
}

static void number_choice(struct xt_rule_build *r, const struct ir_match *m, const char *module,
	const char *option, uint32_t max)
{
	struct range_set set = m->negate ? others(r->b, &m->ranges, max) : m->ranges;
	struct xt_choice *c = xt_choice_add(r);

	for (size_t i = 0; i < set.n; i++)
		xt_alternative(r, c,
			xt_words_of(r->b, "-m", module, option, ports_text(r->b, &set.v[i]), NULL));
}

static void ttl_choice(struct xt_rule_build *r, const struct ir_match *m)
{
	struct range_set set = m->negate ? others(r->b, &m->ranges, 255) : m->ranges;
	struct xt_choice *c = xt_choice_add(r);

	for (size_t i = 0; i < set.n; i++)
		xt_alternative(r, c, ttl_words(r, &set.v[i]));
}

void xt_lower_ranges(struct xt_rule_build *r, const struct ir_match *m)
{
	if (m->kind == IR_M_LENGTH) {
		number_choice(r, m, "length", "--length", UINT16_MAX);
	} else if (m->kind == IR_M_MSS) {
		number_choice(r, m, "tcpmss", "--mss", UINT16_MAX);
	} else if (m->kind == IR_M_TTL) {
		ttl_choice(r, m);
	} else if (m->kind == IR_M_DSCP) {
		struct range_set set = m->negate ? others(r->b, &m->ranges, 63) : m->ranges;

		one_of_dscp(r, &set);
	} else {
		owner(r, m);
	}
}
