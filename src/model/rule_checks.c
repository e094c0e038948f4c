/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each action of a rule needs, and what ICMP types need. One function for each rule upheld. */
#include "model/model_priv.h"

/* Reports that `option` is missing for the rule's target. */
static bool need(struct reader *r, const struct rule *rule, bool has, const char *target,
	const char *option, const char *example)
{
	struct diag *e;

	if (has)
		return true;
	e = diag_error(r->diags, given_span(r->source, &rule->target.given), "target-needs-option",
		"target %s needs option '%s'", target, option);
	diag_hint(r->diags, e, "add option %s '%s'", option, example);
	return false;
}

/* The raw table knows where a packet came from and nothing else. */
static bool need_source_zone(struct reader *r, const struct rule *rule, const char *target)
{
	struct diag *e;

	if (rule->m.from.kind != ZONE_NONE || rule->m.src.given.set)
		return true;
	e = diag_error(r->diags, given_span(r->source, &rule->target.given), "target-needs-source",
		"target %s needs a source zone", target);
	diag_hint(r->diags, e, "add option src with a zone or '*'");
	return false;
}

bool rule_is_tcp_only(const struct rule *rule)
{
	bool tcp = rule->m.proto.n > 0;

	for (size_t i = 0; i < rule->m.proto.n; i++) {
		const struct proto_spec *p = &rule->m.proto.v[i];

		tcp &= !p->negate && !p->all && p->n == 1 && p->number[0] == PROTO_TCP;
	}
	return tcp;
}

static bool check_tcp_only(struct reader *r, const struct rule *rule)
{
	struct diag *e;

	if (rule_is_tcp_only(rule))
		return true;
	e = diag_error(r->diags, given_span(r->source, &rule->target.given), "mss-without-tcp",
		"target TCPMSS works for TCP only");
	diag_hint(r->diags, e, "set option proto 'tcp'");
	return false;
}

static bool check_helper_target(struct reader *r, struct rule *rule)
{
	bool ok = need_source_zone(r, rule, "HELPER");

	if (!need(r, rule, rule->set_helper.given.set, "HELPER", "set_helper", "ftp"))
		return false;
	return resolve_helper(r, given_span(r->source, &rule->set_helper.given), rule->set_helper.v,
		       &rule->assign_helper) && ok;
}

static bool check_dscp_target(struct reader *r, const struct rule *rule)
{
	if (!need(r, rule, rule->set_dscp.given.set, "DSCP", "set_dscp", "EF"))
		return false;
	if (!rule->set_dscp.v.negate)
		return true;
	diag_error(r->diags, given_span(r->source, &rule->set_dscp.given), "negated-value",
		"a value to set cannot be negated");
	return false;
}

static bool check_mark_target(struct reader *r, const struct rule *rule)
{
	if (!need(r, rule, rule->set_mark.given.set || rule->set_xmark.given.set, "MARK",
		    "set_mark", "0x10"))
		return false;
	if ((rule->set_mark.given.set && rule->set_mark.v.negate) ||
		(rule->set_xmark.given.set && rule->set_xmark.v.negate)) {
		diag_error(r->diags,
			rule->set_mark.given.set ? given_span(r->source, &rule->set_mark.given)
						 : given_span(r->source, &rule->set_xmark.given),
			"negated-value", "a value to set cannot be negated");
		return false;
	}
	return true;
}

/* ---- ICMP types ---- */

static bool check_icmp_has_protocol(struct reader *r, const struct rule *rule)
{
	struct diag *w;

	if (!rule->m.icmp_type.n || protocols_have(&rule->m, PROTO_ICMP) ||
		protocols_have(&rule->m, PROTO_ICMPV6))
		return true;
	w = diag_warning(r->diags, rule->m.icmp_type.spans[0], "icmp-type-without-icmp",
		"the ICMP types have no effect: the rule's protocols do not include icmp");
	diag_hint(r->diags, w, "set option proto 'icmp', or remove icmp_type");
	return true;
}

/*
 * A type that the rule's family lacks is dropped from the list. That no type is left must not come
 * to mean "any type", as it does in firewall3, so it is an error.
 */
static bool check_icmp_types_in_family(struct reader *r, struct rule *rule)
{
	struct match_fields *m = &rule->m;
	int family = m->family.v == FAMILY_V6 ? 1 : 0;
	size_t kept = 0, n = m->icmp_type.n;

	if (m->family.v == FAMILY_ANY)
		return true;
	for (size_t i = 0; i < n; i++)
		kept += m->icmp_type.v[i].has[family];
	for (size_t i = 0; i < n; i++) {
		const struct icmp_choice *c = &m->icmp_type.v[i];
		const char *name = family ? "IPv6" : "IPv4";

		if (c->has[family])
			continue;
		if (kept)
			diag_warning(r->diags, m->icmp_type.spans[i], "icmp-type-family",
				"%s has no ICMP type '%s', so it is left out", name, c->text);
		else
			diag_error(r->diags, m->icmp_type.spans[i], "icmp-type-family",
				"%s has no ICMP type '%s', and no other type is given", name,
				c->text);
	}
	if (!kept && n)
		return false;
	m->icmp_type.n = 0;
	for (size_t i = 0; i < n; i++) {
		if (!m->icmp_type.v[i].has[family])
			continue;
		m->icmp_type.v[m->icmp_type.n] = m->icmp_type.v[i];
		m->icmp_type.spans[m->icmp_type.n++] = m->icmp_type.spans[i];
	}
	return true;
}

bool rule_check_target(struct reader *r, struct rule *rule)
{
	bool ok = check_icmp_has_protocol(r, rule);

	ok &= check_icmp_types_in_family(r, rule);
	switch ((enum action)rule->target.v) {
	case ACTION_NOTRACK:
		return need_source_zone(r, rule, "NOTRACK") && ok;
	case ACTION_HELPER:
		return check_helper_target(r, rule) && ok;
	case ACTION_DSCP:
		return check_dscp_target(r, rule) && ok;
	case ACTION_MARK:
		return check_mark_target(r, rule) && ok;
	case ACTION_TTL:
		return need(r, rule, rule->ttl_value.given.set, "TTL", "ttl_value", "64") && ok;
	case ACTION_TCPMSS:
		return need(r, rule, rule->set_mss.given.set, "TCPMSS", "set_mss", "1400") &&
			check_tcp_only(r, rule) && ok;
	case ACTION_DROP:
	case ACTION_ACCEPT:
	case ACTION_REJECT:
	case ACTION_DNAT:
	case ACTION_SNAT:
	case ACTION_MASQUERADE:
	case ACTION_NETMAP:
		return ok;
	}
	return ok;
}
