/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold of a whole rule: options that need each other, modules that need a protocol. */
#include <string.h>

#include "iptables/iptables_priv.h"

#define NEED_MAX 6

/* Of each row at least one (with `one`: exactly one) of the options must be there. */
static const struct need {
	const char *name; /* of the module or target */
	bool one;
	const char *what;
	enum ipt_id ids[NEED_MAX];
	unsigned n;
} needs[] = {
	{ "hashlimit", true, "--hashlimit-upto or --hashlimit-above",
		{ IPT_HASH_UPTO, IPT_HASH_ABOVE }, 2 },
	{ "hashlimit", true, "--hashlimit-name", { IPT_HASH_NAME }, 1 },
	{ "connlimit", true, "--connlimit-above or --connlimit-upto",
		{ IPT_CONNLIMIT_ABOVE, IPT_CONNLIMIT_UPTO }, 2 },
	{ "connbytes", true, "--connbytes", { IPT_CONNBYTES }, 1 },
	{ "connbytes", true, "--connbytes-dir", { IPT_CONNBYTES_DIR }, 1 },
	{ "connbytes", true, "--connbytes-mode", { IPT_CONNBYTES_MODE }, 1 },
	{ "iprange", false, "--src-range or --dst-range", { IPT_SRC_RANGE, IPT_DST_RANGE }, 2 },
	{ "mac", true, "--mac-source", { IPT_MAC_SOURCE }, 1 },
	{ "length", true, "--length", { IPT_LENGTH }, 1 },
	{ "ttl", true, "--ttl-eq, --ttl-lt or --ttl-gt", { IPT_TTL_EQ, IPT_TTL_LT, IPT_TTL_GT },
		3 },
	{ "hl", true, "--hl-eq, --hl-lt or --hl-gt", { IPT_TTL_EQ, IPT_TTL_LT, IPT_TTL_GT }, 3 },
	{ "dscp", true, "--dscp or --dscp-class", { IPT_DSCP_IS }, 1 },
	{ "tos", true, "--tos", { IPT_TOS_IS }, 1 },
	{ "mark", true, "--mark", { IPT_MARK_IS }, 1 },
	{ "connmark", true, "--mark", { IPT_CONNMARK_IS }, 1 },
	{ "state", true, "--state", { IPT_CTSTATE }, 1 },
	{ "conntrack", false, "at least one option",
		{ IPT_CTSTATE, IPT_CTSTATUS, IPT_CTDIR, IPT_REFUSED }, 4 },
	{ "multiport", true, "--sports, --dports or --ports",
		{ IPT_SPORT, IPT_DPORT, IPT_PORT_EITHER }, 3 },
	{ "pkttype", true, "--pkt-type", { IPT_PKT_TYPE }, 1 },
	{ "addrtype", false, "--src-type or --dst-type", { IPT_SRC_TYPE, IPT_DST_TYPE }, 2 },
	{ "owner", false, "--uid-owner, --gid-owner or --socket-exists",
		{ IPT_UID, IPT_GID, IPT_SOCKET_EXISTS }, 3 },
	{ "recent", true, "one of --set, --rcheck, --update and --remove",
		{ IPT_RECENT_SET, IPT_RECENT_RCHECK, IPT_RECENT_UPDATE, IPT_RECENT_REMOVE }, 4 },
	{ "set", false, "--match-set", { IPT_MATCH_SET, IPT_REFUSED }, 2 },
	{ "statistic", true, "--mode", { IPT_STAT_MODE }, 1 },
	{ "statistic", true, "--probability or --every", { IPT_STAT_PROBABILITY, IPT_STAT_EVERY },
		2 },
	{ "policy", true, "--dir", { IPT_POLICY_DIR }, 1 },
	{ "policy", true, "--pol", { IPT_POLICY_POL }, 1 },
	{ "tcpmss", true, "--mss", { IPT_MSS_IS }, 1 },
	{ "helper", true, "--helper", { IPT_HELPER_IS }, 1 },
	{ "comment", true, "--comment", { IPT_COMMENT }, 1 },
	{ "MARK", true, "one of --set-mark, --set-xmark, --and-mark, --or-mark and --xor-mark",
		{ IPT_MARK_SET, IPT_MARK_XSET, IPT_MARK_AND, IPT_MARK_OR, IPT_MARK_XOR }, 5 },
	{ "DSCP", true, "--set-dscp or --set-dscp-class", { IPT_DSCP_SET }, 1 },
	{ "TOS", true, "--set-tos", { IPT_TOS_SET, IPT_REFUSED }, 2 },
	{ "TTL", true, "--ttl-set, --ttl-inc or --ttl-dec",
		{ IPT_TTL_SET, IPT_TTL_INC, IPT_TTL_DEC }, 3 },
	{ "HL", true, "--hl-set, --hl-inc or --hl-dec", { IPT_TTL_SET, IPT_TTL_INC, IPT_TTL_DEC },
		3 },
	{ "TCPMSS", true, "--set-mss or --clamp-mss-to-pmtu", { IPT_MSS_SET, IPT_MSS_CLAMP }, 2 },
	{ "DNAT", true, "--to-destination", { IPT_TO_DEST }, 1 },
	{ "SNAT", true, "--to-source", { IPT_TO_SOURCE }, 1 },
	{ "NETMAP", true, "--to", { IPT_TO }, 1 },
	{ "CT", false, "--notrack or --helper", { IPT_CT_NOTRACK, IPT_CT_HELPER, IPT_REFUSED }, 3 },
	{ "SET", true, "--add-set or --del-set", { IPT_ADD_SET, IPT_DEL_SET }, 2 },
};

static void check_needs(struct ipt_reader *r, const char *name, struct span span,
	const struct ipt_option *v, size_t n)
{
	for (size_t i = 0; i < IPT_COUNT(needs); i++) {
		const struct need *need = &needs[i];
		unsigned found = 0;

		if (strcmp(need->name, name) != 0)
			continue;
		for (size_t k = 0; k < n; k++) {
			for (unsigned id = 0; id < need->n; id++)
				found += v[k].row->id == need->ids[id];
		}
		if (!found)
			ipt_error(r, span, r->id_value, "'%s' needs %s", name, need->what);
		else if (found > 1 && need->one)
			ipt_error(r, span, r->id_value, "'%s' takes only one of %s", name,
				need->what);
	}
}

/* A command's protocol is its own; a section's may come from the section. */
static void check_proto(struct ipt_reader *r, const struct ipt_match *m)
{
	const struct ipt_module *module = m->module;
	const struct ipt_option *p = ipt_find(r->rule->basic, IPT_PROTOCOL);
	bool known = p && !p->negate && p->value.number < 256;
	bool icmp6 = module->proto == PROTO_ICMPV6;

	if (r->extra && !p)
		return;
	if (module->proto && (!known || p->value.number != module->proto))
		ipt_error(r, m->span, r->id_value, "'%s' needs '-p %s'", module->name,
			icmp6 ? "icmpv6" : proto_name(module->proto));
	else if (module->ports_only && !module->proto &&
		 (!known || !proto_has_ports((uint8_t)p->value.number)))
		ipt_error(r, m->span, r->id_value,
			"'%s' needs '-p' with a protocol that has ports (tcp, udp, sctp, dccp)",
			module->name);
}

static void check_recent(struct ipt_reader *r, const struct ipt_match *m)
{
	const struct ipt_option *set = ipt_find(m, IPT_RECENT_SET);
	const struct ipt_option *remove = ipt_find(m, IPT_RECENT_REMOVE);
	const struct ipt_option *seconds = ipt_find(m, IPT_RECENT_SECONDS);
	const struct ipt_option *hits = ipt_find(m, IPT_RECENT_HITCOUNT);
	const struct ipt_option *reap = ipt_find(m, IPT_RECENT_REAP);

	if ((set || remove) && (seconds || hits))
		ipt_error(r, (seconds ? seconds : hits)->span, r->id_value,
			"'%s' goes with --rcheck and --update only",
			seconds ? "--seconds" : "--hitcount");
	if (reap && !seconds)
		ipt_error(r, reap->span, r->id_value, "'--reap' needs --seconds");
}

void ipt_read_end(struct ipt_reader *r)
{
	struct ipt_rule *rule = r->rule;

	if (r->failed)
		return; /* what is missing may be what was wrong */
	vec_each (it, &rule->matches) {
		const struct ipt_match *m = *it;

		check_needs(r, m->module->name, m->span, m->options.v, m->options.n);
		if (m->module->proto || m->module->ports_only)
			check_proto(r, m);
		if (!strcmp(m->module->name, "recent"))
			check_recent(r, m);
	}
	if (rule->target.name && rule->target.kind != IPT_T_CHAIN)
		check_needs(r, rule->target.name, rule->target.span, rule->target.options.v,
			rule->target.options.n);
}
