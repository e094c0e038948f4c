/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of the dump for each enum of the IR, and the merge class of each kind of match. One
 * table per enum, read by the printer and by the parser, so the two cannot drift.
 */
#include "ir/ir_priv.h"

const char *const ir_hook_words[IR_HOOKS] = {
	[IR_PREROUTING] = "prerouting",
	[IR_INPUT] = "input",
	[IR_FORWARD] = "forward",
	[IR_OUTPUT] = "output",
	[IR_POSTROUTING] = "postrouting",
};

const char *const ir_stage_words[IR_STAGES] = {
	[IR_RAW] = "raw",
	[IR_MANGLE] = "mangle",
	[IR_HELPER] = "helper",
	[IR_DSTNAT] = "dstnat",
	[IR_FILTER] = "filter",
	[IR_SRCNAT] = "srcnat",
};

const char *const ir_role_words[IR_ROLE_OTHER + 1] = {
	[IR_ROLE_BASE] = "base",
	[IR_ROLE_ZONE] = "zone",
	[IR_ROLE_FROM_ZONE] = "from-zone",
	[IR_ROLE_TO_ZONE] = "to-zone",
	[IR_ROLE_REJECT] = "reject",
	[IR_ROLE_SYN_FLOOD] = "syn-flood",
	[IR_ROLE_USER] = "user",
	[IR_ROLE_OTHER] = "other",
};

const char *const ir_key_words[IR_KEY_MAC + 1] = {
	[IR_KEY_DEVICE] = "device",
	[IR_KEY_ADDR4] = "ipv4",
	[IR_KEY_ADDR6] = "ipv6",
	[IR_KEY_PROTO_PORT] = "proto-port",
	[IR_KEY_PORT] = "port",
	[IR_KEY_MAC] = "mac",
};

const char *const ir_reject_words[IR_REJECT_ADMIN + 1] = {
	[IR_REJECT_TCP_RESET] = "tcp-reset",
	[IR_REJECT_PORT] = "port",
	[IR_REJECT_ADMIN] = "admin",
};

const char *const ir_verdict_words[IR_NETMAP_SRC + 1] = {
	[IR_CONTINUE] = "continue",
	[IR_ACCEPT] = "accept",
	[IR_DROP] = "drop",
	[IR_REJECT] = "reject",
	[IR_JUMP] = "jump",
	[IR_GOTO] = "goto",
	[IR_RETURN] = "return",
	[IR_DNAT] = "dnat",
	[IR_SNAT] = "snat",
	[IR_MASQUERADE] = "masquerade",
	[IR_REDIRECT] = "redirect",
	[IR_NETMAP_DST] = "netmap-dst",
	[IR_NETMAP_SRC] = "netmap-src",
};

const char *const ir_statement_words[IR_STATEMENT_KINDS] = {
	[IR_S_LOG] = "log",
	[IR_S_MARK] = "set-mark",
	[IR_S_CTMARK] = "set-ctmark",
	[IR_S_SAVE_MARK] = "save-mark",
	[IR_S_RESTORE_MARK] = "restore-mark",
	[IR_S_DSCP] = "set-dscp",
	[IR_S_TTL] = "set-ttl",
	[IR_S_MSS] = "set-mss",
	[IR_S_NOTRACK] = "notrack",
	[IR_S_HELPER] = "set-helper",
	[IR_S_SET_ADD] = "add",
	[IR_S_SET_DELETE] = "delete",
	[IR_S_OFFLOAD] = "offload",
};

const char *const ir_ttl_words[IR_TTL_DECREMENT + 1] = {
	[IR_TTL_SET] = "to",
	[IR_TTL_INCREMENT] = "up",
	[IR_TTL_DECREMENT] = "down",
};

const char *const ir_ctstate_words[] = { "new", "established", "related", "invalid", "untracked",
	NULL };
const char *const ir_ctstatus_words[] = {
	"dnat", "snat", "expected", "seen-reply", "assured", "confirmed", NULL
};
const char *const ir_pkttype_words[] = { "unicast", "broadcast", "multicast", NULL };
const char *const ir_addrtype_words[] = { "local", "unicast", "broadcast", "multicast", NULL };
const char *const ir_ipsec_words[] = { "in", "out", NULL };

const char *const *ir_bit_words(enum ir_match_kind kind)
{
	if (kind == IR_M_CTSTATE)
		return ir_ctstate_words;
	if (kind == IR_M_CTSTATUS)
		return ir_ctstatus_words;
	if (kind == IR_M_PKTTYPE)
		return ir_pkttype_words;
	if (kind == IR_M_ADDRTYPE)
		return ir_addrtype_words;
	if (kind == IR_M_IPSEC)
		return ir_ipsec_words;
	return NULL;
}

/*
 * Lists of values join (union); what is one value, a mask or an object must be equal; what has
 * state or chance is a barrier.
 */
const struct ir_match_info ir_match_info[IR_MATCH_KINDS] = {
	[IR_M_IIF] = { "iif", IR_MERGE_UNION },
	[IR_M_OIF] = { "oif", IR_MERGE_UNION },
	[IR_M_SADDR] = { "saddr", IR_MERGE_UNION },
	[IR_M_DADDR] = { "daddr", IR_MERGE_UNION },
	[IR_M_SADDR_MASKED] = { "saddr-masked", IR_MERGE_EQUAL },
	[IR_M_DADDR_MASKED] = { "daddr-masked", IR_MERGE_EQUAL },
	[IR_M_PROTO] = { "proto", IR_MERGE_UNION },
	[IR_M_SPORT] = { "sport", IR_MERGE_UNION },
	[IR_M_DPORT] = { "dport", IR_MERGE_UNION },
	[IR_M_ICMP] = { "icmp", IR_MERGE_UNION },
	[IR_M_SMAC] = { "smac", IR_MERGE_UNION },
	[IR_M_DSCP] = { "dscp", IR_MERGE_UNION },
	[IR_M_TTL] = { "ttl", IR_MERGE_UNION },
	[IR_M_MARK] = { "mark", IR_MERGE_EQUAL },
	[IR_M_CTMARK] = { "ctmark", IR_MERGE_EQUAL },
	[IR_M_CTSTATE] = { "ctstate", IR_MERGE_EQUAL },
	[IR_M_CTSTATUS] = { "ctstatus", IR_MERGE_EQUAL },
	[IR_M_CTHELPER] = { "cthelper", IR_MERGE_EQUAL },
	[IR_M_TCPFLAGS] = { "tcpflags", IR_MERGE_EQUAL },
	[IR_M_MSS] = { "mss", IR_MERGE_UNION },
	[IR_M_LENGTH] = { "length", IR_MERGE_UNION },
	[IR_M_PKTTYPE] = { "pkttype", IR_MERGE_EQUAL },
	[IR_M_ADDRTYPE] = { "addrtype", IR_MERGE_EQUAL },
	[IR_M_UID] = { "uid", IR_MERGE_UNION },
	[IR_M_GID] = { "gid", IR_MERGE_UNION },
	[IR_M_SET] = { "in", IR_MERGE_EQUAL },
	[IR_M_TIME] = { "time", IR_MERGE_EQUAL },
	[IR_M_RANDOM] = { "random", IR_MERGE_BARRIER },
	[IR_M_LIMIT] = { "limit", IR_MERGE_BARRIER },
	[IR_M_METER] = { "meter", IR_MERGE_BARRIER },
	[IR_M_CONNECTIONS] = { "connections", IR_MERGE_BARRIER },
	[IR_M_IPSEC] = { "ipsec", IR_MERGE_EQUAL },
};
