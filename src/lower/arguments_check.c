/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What iptables can ask and no backend of ours can say exactly. It is found before any rule is
 * made, so that the caller can leave a section out or refuse a file as a whole.
 */
#include <string.h>

#include "lower/arguments.h"

void arguments_refuse(struct lower *l, struct ipt_rule *rule, struct span span, const char *token,
	const char *reason)
{
	struct ipt_refusal x = { span, token, reason };

	vec_push(l->arena, &rule->refusals, x);
}

/* What of an option cannot be said; NULL: all can. */
static const char *option_fault(const struct ipt_option *o)
{
	enum ipt_id id = o->row->id;

	if (id == IPT_TCP_OPTION && (o->negate || o->value.number != 2))
		return "of the options of TCP only the MSS (2) can be asked for";
	if (id == IPT_CTSTATUS && o->value.number & 1)
		return "NONE is no status to compare";
	if (id == IPT_CTDIR)
		return "the direction in a connection is not compared; match the zone or device";
	if (id == IPT_SOCKET_EXISTS)
		return "only the owner of a socket is compared";
	if ((id == IPT_UID || id == IPT_GID) && o->negate)
		return "packets without a socket have no owner to be different";
	if (id == IPT_MSS_IS && o->negate)
		return "packets that do not say an MSS have none to be different";
	if (id == IPT_HELPER_IS && o->negate)
		return "a connection without helper has none to be different";
	if (id == IPT_TOS_IS && o->value.mark.mask & 3)
		return "its last two bits are ECN; match the DSCP, or a mask such as 0xfc";
	if (id == IPT_STAT_EVERY)
		return "packets are not counted out; use --mode random --probability";
	return NULL;
}

static void check_option(struct lower *l, struct ipt_rule *rule, const struct ipt_option *o)
{
	const char *fault = option_fault(o);

	if (fault)
		arguments_refuse(l, rule, o->span, o->row->name, fault);
	if (o->row->id == IPT_MATCH_SET)
		arguments_set_check(l, rule, o);
}

void arguments_check(struct lower *l, struct ipt_rule *rule)
{
	vec_each (o, &rule->basic->options) {
		bool many = (o->row->id == IPT_SOURCE || o->row->id == IPT_DESTINATION) &&
			    o->value.addrs.n > 1;

		for (size_t i = 0; many && i < o->value.addrs.n; i++) {
			if (o->value.addrs.v[i].kind == ADDR_SPEC_MASKED && !o->negate)
				arguments_refuse(l, rule, o->span, o->row->name,
					"a list cannot hold an address with such a mask");
		}
	}
	vec_each (it, &rule->matches) {
		const struct ipt_match *m = *it;

		vec_each (o, &m->options)
			check_option(l, rule, o);
		if (!strcmp(m->module->name, "hashlimit"))
			arguments_hashlimit_check(l, rule, m);
		if (!strcmp(m->module->name, "recent"))
			arguments_recent_check(l, rule, m);
		if (!strcmp(m->module->name, "connlimit"))
			arguments_connlimit_check(l, rule, m);
		if (!strcmp(m->module->name, "connbytes"))
			arguments_refuse(l, rule, m->span, "connbytes",
				"what a connection has carried is not compared");
	}
}
