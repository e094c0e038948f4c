/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types and fields as nft knows them. The numbers of types are those of nft's enum datatypes
 * (a stable part of the kernel's set attributes: a listing names the key by them); loads and
 * offsets are those of RFC 791, 8200, 9293, 768 and the kernel's nf_tables.h.
 */
#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "emit/nft/nft_priv.h"

const struct nft_type_info nft_type_info[NFT_TYPES] = {
	[NFT_T_VERDICT] = { "verdict", 1, 0, false },
	[NFT_T_NFPROTO] = { "nf_proto", 2, 1, false },
	[NFT_T_INTEGER] = { "integer", 4, 0, false },
	[NFT_T_HOST_INTEGER] = { "integer", 4, 0, true },
	[NFT_T_ADDR4] = { "ipv4_addr", 7, 4, false },
	[NFT_T_ADDR6] = { "ipv6_addr", 8, 16, false },
	[NFT_T_ETHER] = { "ether_addr", 9, 6, false },
	[NFT_T_PROTO] = { "inet_proto", 12, 1, false },
	[NFT_T_PORT] = { "inet_service", 13, 2, false },
	[NFT_T_ICMP_TYPE] = { "icmp_type", 14, 1, false },
	[NFT_T_ICMP_CODE] = { "icmp_code", 32, 1, false },
	[NFT_T_ICMPV6_TYPE] = { "icmpv6_type", 29, 1, false },
	[NFT_T_ICMPV6_CODE] = { "icmpv6_code", 33, 1, false },
	[NFT_T_TCP_FLAG] = { "tcp_flag", 15, 1, false },
	[NFT_T_MARK] = { "mark", 19, 4, true },
	[NFT_T_UID] = { "uid", 24, 4, true },
	[NFT_T_GID] = { "gid", 25, 4, true },
	[NFT_T_CT_STATE] = { "ct_state", 26, 4, true },
	[NFT_T_CT_STATUS] = { "ct_status", 28, 4, true },
	[NFT_T_PKTTYPE] = { "pkt_type", 31, 1, false },
	[NFT_T_DSCP] = { "dscp", 36, 0, false },
	[NFT_T_FIB_ADDR] = { "fib_addrtype", 38, 4, true },
	[NFT_T_BOOLEAN] = { "boolean", 39, 1, false },
	[NFT_T_IFNAME] = { "ifname", 41, 16, false },
	[NFT_T_STRING] = { "string", 5, 0, false },
	[NFT_T_DATE] = { "time", 43, 8, true },
};

#define META(f, name, t, k, n)                                                                     \
	[f] = { .text = (name), .type = (t), .load = NFT_LOAD_META, .key = (k), .bytes = (n) }
#define CT(f, name, t, k, n)                                                                       \
	[f] = { .text = (name), .type = (t), .load = NFT_LOAD_CT, .key = (k), .bytes = (n) }
#define PAYLOAD(f, name, t, b, o, n)                                                               \
	[f] = { .text = (name), .type = (t), .load = NFT_LOAD_PAYLOAD, .base = (b), .offset = (o), \
		.bytes = (n) }
#define NETWORK NFT_PAYLOAD_NETWORK_HEADER
#define TRANSPORT NFT_PAYLOAD_TRANSPORT_HEADER
#define PORTS(p, name)                                                                             \
	PAYLOAD(NFT_F_##p##_SPORT, name " sport", NFT_T_PORT, TRANSPORT, 0, 2),                    \
		PAYLOAD(NFT_F_##p##_DPORT, name " dport", NFT_T_PORT, TRANSPORT, 2, 2)

const struct nft_field_info nft_field_info[NFT_FIELDS] = {
	META(NFT_F_IIFNAME, "iifname", NFT_T_IFNAME, NFT_META_IIFNAME, 16),
	META(NFT_F_OIFNAME, "oifname", NFT_T_IFNAME, NFT_META_OIFNAME, 16),
	META(NFT_F_NFPROTO, "meta nfproto", NFT_T_NFPROTO, NFT_META_NFPROTO, 1),
	META(NFT_F_L4PROTO, "meta l4proto", NFT_T_PROTO, NFT_META_L4PROTO, 1),
	META(NFT_F_IIFTYPE, "meta iiftype", NFT_T_HOST_INTEGER, NFT_META_IIFTYPE, 2),
	META(NFT_F_MARK, "meta mark", NFT_T_MARK, NFT_META_MARK, 4),
	META(NFT_F_LENGTH, "meta length", NFT_T_HOST_INTEGER, NFT_META_LEN, 4),
	META(NFT_F_PKTTYPE, "meta pkttype", NFT_T_PKTTYPE, NFT_META_PKTTYPE, 1),
	META(NFT_F_SKUID, "meta skuid", NFT_T_UID, NFT_META_SKUID, 4),
	META(NFT_F_SKGID, "meta skgid", NFT_T_GID, NFT_META_SKGID, 4),
	META(NFT_F_TIME, "meta time", NFT_T_DATE, NFT_META_TIME_NS, 8),
	META(NFT_F_RANDOM, "meta random", NFT_T_INTEGER, NFT_META_PRANDOM, 4),
	META(NFT_F_SECPATH, "meta ipsec", NFT_T_BOOLEAN, NFT_META_SECPATH, 1),
	[NFT_F_RT_IPSEC] = { .text = "rt ipsec", .type = NFT_T_BOOLEAN, .load = NFT_LOAD_RT,
		.key = NFT_RT_XFRM, .bytes = 1 },
	CT(NFT_F_CT_STATE, "ct state", NFT_T_CT_STATE, NFT_CT_STATE, 4),
	CT(NFT_F_CT_STATUS, "ct status", NFT_T_CT_STATUS, NFT_CT_STATUS, 4),
	CT(NFT_F_CT_MARK, "ct mark", NFT_T_MARK, NFT_CT_MARK, 4),
	CT(NFT_F_CT_HELPER, "ct helper", NFT_T_STRING, NFT_CT_HELPER, 16),
	[NFT_F_FIB_SADDR_TYPE] = { .text = "fib saddr type", .type = NFT_T_FIB_ADDR,
		.load = NFT_LOAD_FIB, .key = NFT_FIB_RESULT_ADDRTYPE, .flags = NFTA_FIB_F_SADDR,
		.bytes = 4 },
	[NFT_F_FIB_DADDR_TYPE] = { .text = "fib daddr type", .type = NFT_T_FIB_ADDR,
		.load = NFT_LOAD_FIB, .key = NFT_FIB_RESULT_ADDRTYPE, .flags = NFTA_FIB_F_DADDR,
		.bytes = 4 },
	PAYLOAD(NFT_F_ETHER_SADDR, "ether saddr", NFT_T_ETHER, NFT_PAYLOAD_LL_HEADER, 6, 6),
	PAYLOAD(NFT_F_IP_SADDR, "ip saddr", NFT_T_ADDR4, NETWORK, 12, 4),
	PAYLOAD(NFT_F_IP_DADDR, "ip daddr", NFT_T_ADDR4, NETWORK, 16, 4),
	[NFT_F_IP_DSCP] = { .text = "ip dscp", .type = NFT_T_DSCP, .load = NFT_LOAD_PAYLOAD,
		.base = NETWORK, .offset = 1, .bytes = 1, .mask = 0xfc, .shift = 2,
		.write_offset = 0, .write_bytes = 2, .write_keep = 0xff03, .write_shift = 2,
		.checksum = true },
	[NFT_F_IP_TTL] = { .text = "ip ttl", .type = NFT_T_INTEGER, .load = NFT_LOAD_PAYLOAD,
		.base = NETWORK, .offset = 8, .bytes = 1, .write_offset = 8, .write_bytes = 2,
		.write_keep = 0x00ff, .write_shift = 8, .checksum = true },
	PAYLOAD(NFT_F_IP6_SADDR, "ip6 saddr", NFT_T_ADDR6, NETWORK, 8, 16),
	PAYLOAD(NFT_F_IP6_DADDR, "ip6 daddr", NFT_T_ADDR6, NETWORK, 24, 16),
	[NFT_F_IP6_DSCP] = { .text = "ip6 dscp", .type = NFT_T_DSCP, .load = NFT_LOAD_PAYLOAD,
		.base = NETWORK, .offset = 0, .bytes = 2, .mask = 0x0fc0, .shift = 6,
		.write_offset = 0, .write_bytes = 2, .write_keep = 0xf03f, .write_shift = 6 },
	[NFT_F_IP6_HOPLIMIT] = { .text = "ip6 hoplimit", .type = NFT_T_INTEGER,
		.load = NFT_LOAD_PAYLOAD, .base = NETWORK, .offset = 7, .bytes = 1,
		.write_offset = 7, .write_bytes = 1 },
	PORTS(TH, "th"),
	PORTS(TCP, "tcp"),
	PAYLOAD(NFT_F_TCP_FLAGS, "tcp flags", NFT_T_TCP_FLAG, TRANSPORT, 13, 1),
	PORTS(UDP, "udp"),
	PORTS(UDPLITE, "udplite"),
	PORTS(DCCP, "dccp"),
	PORTS(SCTP, "sctp"),
	PAYLOAD(NFT_F_ICMP_TYPE, "icmp type", NFT_T_ICMP_TYPE, TRANSPORT, 0, 1),
	PAYLOAD(NFT_F_ICMP_CODE, "icmp code", NFT_T_ICMP_CODE, TRANSPORT, 1, 1),
	PAYLOAD(NFT_F_ICMPV6_TYPE, "icmpv6 type", NFT_T_ICMPV6_TYPE, TRANSPORT, 0, 1),
	PAYLOAD(NFT_F_ICMPV6_CODE, "icmpv6 code", NFT_T_ICMPV6_CODE, TRANSPORT, 1, 1),
	[NFT_F_TCPOPT_MSS] = { .text = "tcp option maxseg size", .type = NFT_T_INTEGER,
		.load = NFT_LOAD_TCPOPT, .key = 2, .offset = 2, .bytes = 2 },
};

void nft_register_value(enum nft_type type, const uint8_t *value, unsigned len, uint8_t *ret)
{
	bool reverse = nft_type_info[type].host_order && htonl(1) != 1;

	for (unsigned i = 0; i < len; i++)
		ret[i] = value[reverse ? len - 1 - i : i];
}

const struct nft_port_fields nft_port_fields[] = {
	{ PROTO_TCP, NFT_F_TCP_SPORT, NFT_F_TCP_DPORT },
	{ PROTO_UDP, NFT_F_UDP_SPORT, NFT_F_UDP_DPORT },
	{ PROTO_UDPLITE, NFT_F_UDPLITE_SPORT, NFT_F_UDPLITE_DPORT },
	{ PROTO_DCCP, NFT_F_DCCP_SPORT, NFT_F_DCCP_DPORT },
	{ PROTO_SCTP, NFT_F_SCTP_SPORT, NFT_F_SCTP_DPORT },
	{ 0, NFT_F_TH_SPORT, NFT_F_TH_DPORT },
};

/*
 * Words of nft 1.0.6 to 1.1 that cannot name a chain, set or object: tried one by one against its
 * parser, with those of later versions added. Sorted.
 */
static const char *const reserved[] = {
	"accept", "add", "ah", "all", "and", "arp", "auto-merge", "bridge", "cgroup", "chain",
	"comment", "comp", "constant", "continue", "count", "counter", "cpu", "create", "ct", "day",
	"dccp", "define", "delete", "describe", "destroy", "device", "devices", "dnat", "drop",
	"dst", "dup", "dynamic", "ecn", "element", "elements", "eq", "esp", "ether", "exists",
	"expires", "export", "exthdr", "fib", "flags", "flow", "flowtable", "flush", "frag", "fwd",
	"gc-interval", "ge", "geneve", "get", "goto", "gre", "gretap", "gt", "handle", "hbh",
	"hook", "hour", "ibriport", "ibrname", "icmp", "icmpv6", "igmp", "iif", "iifgroup",
	"iifname", "iiftype", "import", "include", "index", "inet", "insert", "interval", "ip",
	"ip6", "ipsec", "jhash", "jump", "last", "le", "limit", "list", "log", "lt", "map", "mark",
	"masquerade", "meta", "meter", "mh", "missing", "monitor", "ne", "netdev", "nftrace", "not",
	"notrack", "numgen", "obriport", "obrname", "offload", "oif", "oifgroup", "oifname",
	"oiftype", "or", "osf", "pkttype", "policy", "position", "priority", "queue", "quota",
	"random", "redefine", "redirect", "reject", "rename", "replace", "reset", "return", "rt",
	"rt0", "rt2", "rt4", "rtclassid", "rule", "ruleset", "sctp", "secmark", "set", "size",
	"skgid", "skuid", "snat", "socket", "srh", "symhash", "synproxy", "table", "tcp", "th",
	"time", "timeout", "tproxy", "type", "typeof", "udp", "udplite", "undefine", "update",
	"vlan", "vmap", "vxlan", "xor", "xt",
};

bool nft_reserved(const char *name)
{
	size_t lo = 0, hi = sizeof(reserved) / sizeof(reserved[0]);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(name, reserved[mid]);

		if (!c)
			return true;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}
