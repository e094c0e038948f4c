/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The targets of iptables and their options, as data. */
#include "iptables/iptables_priv.h"

static const char *const rejects[] = { "icmp-net-unreachable", "icmp-host-unreachable",
	"icmp-port-unreachable", "icmp-proto-unreachable", "icmp-net-prohibited",
	"icmp-host-prohibited", "icmp-admin-prohibited", "tcp-reset", "icmp6-no-route", "no-route",
	"icmp6-adm-prohibited", "adm-prohibited", "icmp6-addr-unreachable", "addr-unreach",
	"icmp6-port-unreachable", "port-unreach", NULL };

static const struct ipt_row reject_rows[] = {
	{ IPT_REJECT_WITH, "--reject-with", { 0 }, IPT_WORD, .words = rejects },
};
static const struct ipt_row log_rows[] = {
	{ IPT_LOG_PREFIX, "--log-prefix", { 0 }, IPT_TEXT },
	{ IPT_LOG_LEVEL, "--log-level", { 0 }, IPT_LEVEL },
	{ IPT_LOG_IGNORED, "--log-tcp-sequence", { 0 }, IPT_FLAG },
	{ IPT_LOG_IGNORED, "--log-tcp-options", { 0 }, IPT_FLAG },
	{ IPT_LOG_IGNORED, "--log-ip-options", { 0 }, IPT_FLAG },
	{ IPT_LOG_IGNORED, "--log-uid", { 0 }, IPT_FLAG },
	{ IPT_LOG_IGNORED, "--log-macdecode", { 0 }, IPT_FLAG },
};
static const struct ipt_row nflog_rows[] = {
	{ IPT_NFLOG_GROUP, "--nflog-group", { 0 }, IPT_NUMBER, 0, 65535 },
	{ IPT_NFLOG_PREFIX, "--nflog-prefix", { 0 }, IPT_TEXT },
	{ IPT_LOG_IGNORED, "--nflog-range", { 0 }, IPT_NUMBER, 0, UINT32_MAX },
	{ IPT_LOG_IGNORED, "--nflog-size", { 0 }, IPT_NUMBER, 0, UINT32_MAX },
	{ IPT_LOG_IGNORED, "--nflog-threshold", { 0 }, IPT_NUMBER, 0, 65535 },
};
static const struct ipt_row mark_rows[] = {
	{ IPT_MARK_SET, "--set-mark", { 0 }, IPT_MARK },
	{ IPT_MARK_XSET, "--set-xmark", { 0 }, IPT_MARK },
	{ IPT_MARK_AND, "--and-mark", { 0 }, IPT_NUMBER, 0, UINT32_MAX },
	{ IPT_MARK_OR, "--or-mark", { 0 }, IPT_NUMBER, 0, UINT32_MAX },
	{ IPT_MARK_XOR, "--xor-mark", { 0 }, IPT_NUMBER, 0, UINT32_MAX },
};
static const struct ipt_row connmark_rows[] = {
	{ IPT_MARK_SET, "--set-mark", { 0 }, IPT_MARK },
	{ IPT_MARK_XSET, "--set-xmark", { 0 }, IPT_MARK },
	{ IPT_MARK_AND, "--and-mark", { 0 }, IPT_NUMBER, 0, UINT32_MAX },
	{ IPT_MARK_OR, "--or-mark", { 0 }, IPT_NUMBER, 0, UINT32_MAX },
	{ IPT_MARK_XOR, "--xor-mark", { 0 }, IPT_NUMBER, 0, UINT32_MAX },
	{ IPT_MARK_SAVE, "--save-mark", { 0 }, IPT_FLAG },
	{ IPT_MARK_RESTORE, "--restore-mark", { 0 }, IPT_FLAG },
	{ IPT_MARK_NFMASK, "--nfmask", { 0 }, IPT_NUMBER, 0, UINT32_MAX },
	{ IPT_MARK_CTMASK, "--ctmask", { 0 }, IPT_NUMBER, 0, UINT32_MAX },
	{ IPT_MARK_MASK, "--mask", { 0 }, IPT_NUMBER, 0, UINT32_MAX },
};
static const struct ipt_row dscp_rows[] = {
	{ IPT_DSCP_SET, "--set-dscp", { 0 }, IPT_DSCP },
	{ IPT_DSCP_SET, "--set-dscp-class", { 0 }, IPT_DSCP_CLASS },
};
static const struct ipt_row tos_rows[] = {
	{ IPT_TOS_SET, "--set-tos", { 0 }, IPT_TOS },
	{ IPT_REFUSED, "--and-tos", { 0 }, IPT_TEXT,
		.refused = "the DSCP can only be set as a whole" },
	{ IPT_REFUSED, "--or-tos", { 0 }, IPT_TEXT,
		.refused = "the DSCP can only be set as a whole" },
	{ IPT_REFUSED, "--xor-tos", { 0 }, IPT_TEXT,
		.refused = "the DSCP can only be set as a whole" },
};
static const struct ipt_row ttl_rows[] = {
	{ IPT_TTL_SET, "--ttl-set", { 0 }, IPT_NUMBER, 0, 255 },
	{ IPT_TTL_INC, "--ttl-inc", { 0 }, IPT_NUMBER, 1, 255 },
	{ IPT_TTL_DEC, "--ttl-dec", { 0 }, IPT_NUMBER, 1, 255 },
};
static const struct ipt_row hl_rows[] = {
	{ IPT_TTL_SET, "--hl-set", { 0 }, IPT_NUMBER, 0, 255 },
	{ IPT_TTL_INC, "--hl-inc", { 0 }, IPT_NUMBER, 1, 255 },
	{ IPT_TTL_DEC, "--hl-dec", { 0 }, IPT_NUMBER, 1, 255 },
};
static const struct ipt_row tcpmss_rows[] = {
	{ IPT_MSS_SET, "--set-mss", { 0 }, IPT_NUMBER, 1, 65535 },
	{ IPT_MSS_CLAMP, "--clamp-mss-to-pmtu", { 0 }, IPT_FLAG },
};
#define NAT_ROWS                                                                                   \
	{ IPT_RANDOM, "--random", { "--random-fully" }, IPT_FLAG },                                \
	{                                                                                          \
		IPT_PERSISTENT, "--persistent", { 0 }, IPT_FLAG                                    \
	}
static const struct ipt_row dnat_rows[] = {
	{ IPT_TO_DEST, "--to-destination", { "--to" }, IPT_NAT },
	NAT_ROWS,
};
static const struct ipt_row snat_rows[] = {
	{ IPT_TO_SOURCE, "--to-source", { "--to" }, IPT_NAT },
	NAT_ROWS,
};
static const struct ipt_row own_rows[] = {
	{ IPT_TO_PORTS, "--to-ports", { "--to-port", "--to" }, IPT_NAT_PORTS },
	NAT_ROWS,
};
static const struct ipt_row netmap_rows[] = {
	{ IPT_TO, "--to", { 0 }, IPT_PREFIX },
};
static const struct ipt_row ct_rows[] = {
	{ IPT_CT_NOTRACK, "--notrack", { 0 }, IPT_FLAG },
	{ IPT_CT_HELPER, "--helper", { 0 }, IPT_NAME },
	{ IPT_REFUSED, "--zone", { 0 }, IPT_TEXT,
		.refused = "connections are tracked in one zone" },
	{ IPT_REFUSED, "--zone-orig", { 0 }, IPT_TEXT,
		.refused = "connections are tracked in one zone" },
	{ IPT_REFUSED, "--zone-reply", { 0 }, IPT_TEXT,
		.refused = "connections are tracked in one zone" },
	{ IPT_REFUSED, "--ctevents", { 0 }, IPT_TEXT, .refused = "no rule of ours selects events" },
	{ IPT_REFUSED, "--timeout", { 0 }, IPT_TEXT,
		.refused = "timeouts are settings of the kernel" },
};
static const struct ipt_row set_rows[] = {
	{ IPT_ADD_SET, "--add-set", { 0 }, IPT_SET },
	{ IPT_DEL_SET, "--del-set", { 0 }, IPT_SET },
	{ IPT_SET_EXIST, "--exist", { 0 }, IPT_FLAG },
	{ IPT_SET_TIMEOUT, "--timeout", { 0 }, IPT_NUMBER, 0, UINT32_MAX },
};
static const struct ipt_row tproxy_rows[] = {
	{ IPT_REFUSED, "--on-port", { 0 }, IPT_TEXT },
	{ IPT_REFUSED, "--on-ip", { 0 }, IPT_TEXT },
	{ IPT_REFUSED, "--tproxy-mark", { 0 }, IPT_TEXT },
};
static const struct ipt_row queue_rows[] = {
	{ IPT_REFUSED, "--queue-num", { "--queue-balance" }, IPT_TEXT },
	{ IPT_REFUSED, "--queue-bypass", { "--queue-cpu-fanout" }, IPT_FLAG },
};
static const struct ipt_row tee_rows[] = {
	{ IPT_REFUSED, "--gateway", { 0 }, IPT_TEXT },
};
static const struct ipt_row classify_rows[] = {
	{ IPT_REFUSED, "--set-class", { 0 }, IPT_TEXT },
};
static const struct ipt_row synproxy_rows[] = {
	{ IPT_REFUSED, "--mss", { "--wscale" }, IPT_TEXT },
	{ IPT_REFUSED, "--sack-perm", { "--timestamp", "--ecn" }, IPT_FLAG },
};

#define T(NAME, KIND, ROWS)                                                                        \
	{                                                                                          \
		NAME, KIND, ROWS, IPT_COUNT(ROWS), NULL                                            \
	}
#define PLAIN(NAME, KIND)                                                                          \
	{                                                                                          \
		NAME, KIND, NULL, 0, NULL                                                          \
	}
#define REFUSED(NAME, ROWS, WHY)                                                                   \
	{                                                                                          \
		NAME, IPT_T_REFUSED, ROWS, IPT_COUNT(ROWS), WHY                                    \
	}
#define REFUSED_PLAIN(NAME, WHY)                                                                   \
	{                                                                                          \
		NAME, IPT_T_REFUSED, NULL, 0, WHY                                                  \
	}

static const struct ipt_target_row targets[] = {
	PLAIN("ACCEPT", IPT_T_ACCEPT),
	PLAIN("DROP", IPT_T_DROP),
	PLAIN("RETURN", IPT_T_RETURN),
	T("REJECT", IPT_T_REJECT, reject_rows),
	T("LOG", IPT_T_LOG, log_rows),
	T("NFLOG", IPT_T_NFLOG, nflog_rows),
	T("MARK", IPT_T_MARK, mark_rows),
	T("CONNMARK", IPT_T_CONNMARK, connmark_rows),
	T("DSCP", IPT_T_DSCP, dscp_rows),
	T("TOS", IPT_T_TOS, tos_rows),
	T("TTL", IPT_T_TTL, ttl_rows),
	T("HL", IPT_T_HL, hl_rows),
	T("TCPMSS", IPT_T_TCPMSS, tcpmss_rows),
	T("DNAT", IPT_T_DNAT, dnat_rows),
	T("SNAT", IPT_T_SNAT, snat_rows),
	T("MASQUERADE", IPT_T_MASQUERADE, own_rows),
	T("REDIRECT", IPT_T_REDIRECT, own_rows),
	T("NETMAP", IPT_T_NETMAP, netmap_rows),
	PLAIN("NOTRACK", IPT_T_NOTRACK),
	T("CT", IPT_T_CT, ct_rows),
	T("SET", IPT_T_SET, set_rows),
	REFUSED("TPROXY", tproxy_rows,
		"transparent proxies need routes and sockets that no rule set holds"),
	REFUSED("NFQUEUE", queue_rows, "packets are not handed to other programs"),
	REFUSED("TEE", tee_rows, "packets are not copied to other hosts"),
	REFUSED("CLASSIFY", classify_rows, "traffic classes belong to the queueing discipline"),
	REFUSED("SYNPROXY", synproxy_rows, "use option synproxy of the defaults section"),
	REFUSED_PLAIN("QUEUE", "packets are not handed to other programs"),
	REFUSED_PLAIN("TARPIT", "neither Linux nor nftables has it"),
	REFUSED_PLAIN("MIRROR", "Linux has not had it since 2003"),
	REFUSED_PLAIN("FLOWOFFLOAD", "use option flow_offloading of the defaults section"),
	REFUSED_PLAIN("CHECKSUM", "no driver needs it any more"),
	REFUSED_PLAIN("AUDIT", "nothing in nftables writes audit records here"),
};

const struct ipt_target_row *ipt_target_row_at(size_t i)
{
	return i < IPT_COUNT(targets) ? &targets[i] : NULL;
}

const struct ipt_target_row *ipt_target_row_find(struct slice name)
{
	for (size_t i = 0; i < IPT_COUNT(targets); i++) {
		if (slice_is(name, targets[i].name))
			return &targets[i];
	}
	return NULL;
}
