/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Matches of the IR as choices: lists of which iptables states one in each rule. Addresses, numbers
 * and what has a memory are in files of their own.
 */
#include <string.h>

#include "base/bug.h"
#include "emit/ipt/ipt_priv.h"

/* ---- devices ---- */

/* Another pattern has all that this one has. */
static bool is_covered(const struct device_pattern *all, size_t n, size_t i)
{
	for (size_t k = 0; k < n; k++) {
		if (k == i || !all[k].wildcard || !device_pattern_has(&all[k], all[i].name))
			continue;
		if (!all[i].wildcard || strcmp(all[k].name, all[i].name) != 0 || k < i)
			return true;
	}
	return false;
}

static struct device_pattern *patterns_of(
	struct xt_build *b, const struct ir_devices *devices, size_t *ret_n)
{
	struct device_pattern *v;
	size_t n = 0;

	if (!devices->set) {
		*ret_n = devices->n;
		return devices->v;
	}
	v = ARENA_ARRAY(b->arena, struct device_pattern, devices->set->elements.n + 1);
	vec_each (e, &devices->set->elements)
		v[n++] = e->part[0].device;
	*ret_n = n;
	return v;
}

static const char *pattern_text(struct xt_build *b, const struct device_pattern *p)
{
	return xt_text(b, "%s%s", p->name, p->wildcard ? "+" : "");
}

void xt_lower_devices(struct xt_rule_build *r, const struct ir_match *m, bool out)
{
	bool *taken = out ? &r->oif_taken : &r->iif_taken;
	const char *option = out ? "-o" : "-i";
	struct xt_choice *c = NULL;
	size_t n, left = 0, last = 0;
	const struct device_pattern *v = patterns_of(r->b, &m->devices, &n);

	for (size_t i = 0; i < n; i++) {
		if (!is_covered(v, n, i)) {
			left++;
			last = i;
		}
	}
	if (m->negate && left == 1 && !*taken) {
		xt_must(r, xt_words_of(r->b, "!", option, pattern_text(r->b, &v[last]), NULL));
		*taken = true;
		return;
	}
	if (!m->negate) {
		if (*taken)
			xt_refuse(r->b, XT_NO_DEVICES);
		*taken = true;
		c = xt_choice_add(r);
	}
	for (size_t i = 0; i < n; i++) {
		struct xt_words w;

		if (is_covered(v, n, i))
			continue;
		w = xt_words_of(r->b, option, pattern_text(r->b, &v[i]), NULL);
		if (m->negate)
			vec_push(r->b->arena, &r->exclusions, w);
		else
			xt_alternative(r, c, w);
	}
}

/* ---- ICMP ---- */

static struct xt_words icmp_words(
	struct xt_rule_build *r, const struct icmp_type *t, unsigned code, bool any, bool negate)
{
	bool v6 = t->family == FAMILY_V6;
	struct xt_words w = xt_words_of(r->b, "-m", v6 ? "icmp6" : "icmp", NULL);

	if (negate)
		xt_word(r, &w, "!");
	xt_word(r, &w, v6 ? "--icmpv6-type" : "--icmp-type");
	xt_word(r, &w, any ? xt_text(r->b, "%u", t->type) : xt_text(r->b, "%u/%u", t->type, code));
	return w;
}

static bool any_code(const struct icmp_type *t)
{
	return t->code_lo == 0 && t->code_hi == 255;
}

/* An earlier one has this type with this code. */
static bool icmp_seen(const struct ir_match *m, size_t n, unsigned type, unsigned code, bool any)
{
	for (size_t i = 0; i < n; i++) {
		const struct icmp_type *t = &m->icmp.v[i];

		if (t->type == type && (any ? any_code(t) : t->code_lo <= code && code <= t->code_hi))
			return true;
	}
	return false;
}

static void lower_icmp(struct xt_rule_build *r, const struct ir_match *m)
{
	struct xt_choice *c = xt_choice_add(r);

	for (size_t i = 0; i < m->icmp.n; i++) {
		const struct icmp_type *t = &m->icmp.v[i];
		bool any = any_code(t);

		for (unsigned code = t->code_lo; code <= t->code_hi; code++) {
			bool later = false;

			for (size_t k = i + 1; k < m->icmp.n && !any; k++)
				later |= m->icmp.v[k].type == t->type && any_code(&m->icmp.v[k]);
			if (!later && !icmp_seen(m, i, t->type, code, any)) {
				if (m->negate && c->of.n)
					c = xt_choice_add(r);
				xt_alternative(r, c, icmp_words(r, t, code, any, m->negate));
			}
			if (any)
				break;
		}
	}
}

/* ---- the rest ---- */

static void lower_macs(struct xt_rule_build *r, const struct ir_match *m)
{
	struct xt_choice *c = NULL;

	if (r->hook == IR_OUTPUT || r->hook == IR_POSTROUTING)
		xt_refuse(r->b, XT_NO_MAC_HERE);
	for (size_t i = 0; i < m->macs.n; i++) {
		struct xt_words w = xt_words_of(r->b, "-m", "mac", NULL);
		const uint8_t *b = m->macs.v[i].b;

		if (m->negate)
			xt_word(r, &w, "!");
		xt_word(r, &w, "--mac-source");
		xt_word(r, &w,
			xt_text(r->b, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
				b[5]));
		if (m->negate || !c)
			c = xt_choice_add(r);
		xt_alternative(r, c, w);
	}
}

static void lower_mark(struct xt_rule_build *r, const struct ir_match *m, const char *module)
{
	struct xt_words w = xt_words_of(r->b, "-m", module, NULL);

	if (!m->mark.mask) {
		if ((m->mark.value == 0) == m->negate)
			r->never = true;
		return;
	}
	if (m->negate)
		xt_word(r, &w, "!");
	xt_word(r, &w, "--mark");
	xt_word(r, &w,
		m->mark.mask == UINT32_MAX ? xt_text(r->b, "0x%lx", (unsigned long)m->mark.value)
					   : xt_text(r->b, "0x%lx/0x%lx",
						     (unsigned long)m->mark.value,
						     (unsigned long)m->mark.mask));
	xt_must(r, w);
}

static const char *flags_text(struct xt_build *b, unsigned flags)
{
	static const char *const names[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG" };
	AUTO_BUF text = BUF_INIT;

	for (unsigned i = 0; i < 6; i++) {
		if (flags & 1U << i)
			buf_printf(&text, "%s%s", text.n ? "," : "", names[i]);
	}
	return text.n ? arena_strdup(b->arena, buf_text(&text)) : "NONE";
}

static void lower_tcpflags(struct xt_rule_build *r, const struct ir_match *m)
{
	unsigned value = m->tcpflags.value, mask = m->tcpflags.mask;
	struct xt_words w = { 0 };

	if (mask & ~63U)
		xt_refuse(r->b, XT_NO_TCP_FLAGS);
	if (!mask) {
		r->never |= m->negate;
		return;
	}
	if (m->negate)
		xt_word(r, &w, "!");
	xt_word(r, &w, "--tcp-flags");
	xt_word(r, &w, flags_text(r->b, mask));
	xt_word(r, &w, flags_text(r->b, value));
	if (!r->has_flags) {
		r->has_flags = true;
		r->flags_have_syn = !m->negate && (value & 2);
		xt_words_add(r->b, &r->l4, &w);
		return;
	}
	struct xt_words tcp = xt_words_of(r->b, "-m", "tcp", NULL);

	xt_words_add(r->b, &tcp, &w);
	xt_must(r, tcp);
}

static void lower_pkttype(struct xt_rule_build *r, const struct ir_match *m)
{
	static const char *const types[] = { "unicast", "broadcast", "multicast" };
	struct xt_choice *c = NULL;

	for (unsigned i = 0; i < 3; i++) {
		struct xt_words w = xt_words_of(r->b, "-m", "pkttype", NULL);

		if (!(m->bits & 1U << i))
			continue;
		if (m->negate)
			xt_word(r, &w, "!");
		xt_word(r, &w, "--pkt-type");
		xt_word(r, &w, types[i]);
		if (m->negate || !c)
			c = xt_choice_add(r);
		xt_alternative(r, c, w);
	}
}

static struct xt_words addrtype(struct xt_rule_build *r, bool dest, const char *type, bool negate)
{
	struct xt_words w = xt_words_of(r->b, "-m", "addrtype", NULL);

	if (negate)
		xt_word(r, &w, "!");
	xt_word(r, &w, dest ? "--dst-type" : "--src-type");
	xt_word(r, &w, type);
	return w;
}

/*
 * In IPv6 xt_addrtype wants all of a list, knows no broadcast, and counts the router's own
 * addresses among the unicast ones.
 */
static void addrtype_v6(struct xt_rule_build *r, const struct ir_match *m)
{
	static const char *const types[] = { "LOCAL", "UNICAST", NULL, "MULTICAST" };
	struct xt_choice *c = m->negate ? NULL : xt_choice_add(r);

	for (unsigned i = 0; i < 4; i++) {
		struct xt_words w;

		if (!(m->addrtype.types & 1U << i) || !types[i])
			continue;
		w = addrtype(r, m->addrtype.dest, types[i], false);
		if (1U << i == IR_ADDR_UNICAST) {
			struct xt_words own = addrtype(r, m->addrtype.dest, "LOCAL", true);

			xt_words_add(r->b, &w, &own);
		}
		if (!m->negate)
			xt_alternative(r, c, w);
		else if (1U << i == IR_ADDR_UNICAST)
			vec_push(r->b->arena, &r->exclusions, w);
		else
			xt_must(r, addrtype(r, m->addrtype.dest, types[i], true));
	}
}

static void lower_addrtype(struct xt_rule_build *r, const struct ir_match *m)
{
	static const char *const types[] = { "LOCAL", "UNICAST", "BROADCAST", "MULTICAST" };
	AUTO_BUF text = BUF_INIT;

	if (r->family == FAMILY_V6) {
		addrtype_v6(r, m);
		return;
	}
	for (unsigned i = 0; i < 4; i++) {
		if (m->addrtype.types & 1U << i)
			buf_printf(&text, "%s%s", text.n ? "," : "", types[i]);
	}
	xt_must(r, addrtype(r, m->addrtype.dest, arena_strdup(r->b->arena, buf_text(&text)),
			   m->negate));
}

static void lower_random(struct xt_rule_build *r, const struct ir_match *m)
{
	/* the kernel has 31 bits of it */
	uint32_t share = m->random / 2 + m->random % 2;

	if (!share) {
		r->never |= !m->negate;
		return;
	}
	struct xt_words w = xt_words_of(r->b, "-m", "statistic", "--mode", "random", NULL);

	if (m->negate)
		xt_word(r, &w, "!");
	xt_word(r, &w, "--probability");
	/* without floating point: that many of 2^31, in units of 10^-11 */
	uint64_t parts = (uint64_t)share * 100000 / 2147483648U * 1000000 +
			 (uint64_t)share * 100000 % 2147483648U * 1000000 / 2147483648U;

	xt_word(r, &w,
		parts >= 100000000000U ? "1.00000000000"
				       : xt_text(r->b, "0.%011llu", (unsigned long long)parts));
	xt_must(r, w);
}

/* Incoming paths are known until routing and forward, outgoing ones from there. */
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
	BUG("hook %d", (int)hook);
}

static struct xt_words policy(struct xt_rule_build *r, bool out, bool ipsec)
{
	return xt_words_of(r->b, "-m", "policy", "--dir", out ? "out" : "in", "--pol",
		ipsec ? "ipsec" : "none", NULL);
}

static void lower_ipsec(struct xt_rule_build *r, const struct ir_match *m)
{
	uint32_t bits = m->bits & ipsec_known(r->hook);
	struct xt_choice *c;

	if (!bits) {
		r->never |= !m->negate;
		return;
	}
	if (m->negate) {
		if (bits & 1)
			xt_must(r, policy(r, false, false));
		if (bits & 2)
			xt_must(r, policy(r, true, false));
		return;
	}
	c = xt_choice_add(r);
	if (bits & 1)
		xt_alternative(r, c, policy(r, false, true));
	if (bits & 2) {
		struct xt_words w = policy(r, true, true);

		if (bits & 1) {
			struct xt_words not_in = policy(r, false, false);

			xt_words_add(r->b, &w, &not_in);
		}
		xt_alternative(r, c, w);
	}
}

void xt_lower_match(struct xt_rule_build *r, const struct ir_match *m)
{
	switch (m->kind) {
	case IR_M_IIF:
	case IR_M_OIF:
	case IR_M_SADDR:
	case IR_M_DADDR:
	case IR_M_SADDR_MASKED:
	case IR_M_DADDR_MASKED:
	case IR_M_PROTO:
	case IR_M_SPORT:
	case IR_M_DPORT:
		return; /* rule.c calls these in their order */
	case IR_M_TCPFLAGS:
		lower_tcpflags(r, m);
		return;
	case IR_M_ICMP:
		lower_icmp(r, m);
		return;
	case IR_M_SMAC:
		lower_macs(r, m);
		return;
	case IR_M_MARK:
		lower_mark(r, m, "mark");
		return;
	case IR_M_CTMARK:
		if (r->stage == IR_HELPER)
			xt_refuse(r->b, XT_NO_HELPER_STATE);
		lower_mark(r, m, "connmark");
		return;
	case IR_M_CTSTATE:
	case IR_M_CTSTATUS:
	case IR_M_CTHELPER:
		xt_lower_state(r, m);
		return;
	case IR_M_DSCP:
	case IR_M_TTL:
	case IR_M_MSS:
	case IR_M_LENGTH:
	case IR_M_UID:
	case IR_M_GID:
		xt_lower_ranges(r, m);
		return;
	case IR_M_PKTTYPE:
		lower_pkttype(r, m);
		return;
	case IR_M_ADDRTYPE:
		lower_addrtype(r, m);
		return;
	case IR_M_SET:
		xt_lower_set_match(r, m);
		return;
	case IR_M_TIME:
		xt_lower_times(r, m);
		return;
	case IR_M_RANDOM:
		lower_random(r, m);
		return;
	case IR_M_LIMIT:
		xt_lower_limit(r, m);
		return;
	case IR_M_METER:
		xt_lower_meter(r, m);
		return;
	case IR_M_CONNECTIONS:
		xt_lower_connections(r, m);
		return;
	case IR_M_IPSEC:
		lower_ipsec(r, m);
		return;
	}
	BUG("match kind %d", (int)m->kind);
}
