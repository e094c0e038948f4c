/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The match extensions of iptables and their options, as data. A row with `refused` is read like
 * any other, so that what stands behind it is read too; the reason then travels with the rule.
 */
#include "iptables/iptables_priv.h"

static const char *const states[] = { "NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED",
	"SNAT", "DNAT", NULL };
static const char *const statuses[] = { "NONE", "EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED",
	NULL };
static const char *const directions[] = { "ORIGINAL", "REPLY", NULL };
static const char *const modes[] = { "srcip", "dstip", "srcport", "dstport", NULL };
static const char *const connbytes_dirs[] = { "original", "reply", "both", NULL };
static const char *const connbytes_modes[] = { "packets", "bytes", "avgpkt", NULL };
static const char *const packet_types[] = { "unicast", "broadcast", "multicast", NULL };
static const char *const address_types[] = { "LOCAL", "UNICAST", "BROADCAST", "MULTICAST", NULL };
static const char *const stat_modes[] = { "random", "nth", NULL };
static const char *const policy_dirs[] = { "in", "out", NULL };
static const char *const policy_pols[] = { "none", "ipsec", NULL };

#define NO_PAYLOAD "nothing in nftables searches the content of packets"
#define NO_FIELD "nftables has no such value to compare"

static const struct ipt_row basic_rows[] = {
	{ IPT_SOURCE, "-s", { "--source", "--src" }, IPT_ADDRS, .negatable = true },
	{ IPT_DESTINATION, "-d", { "--destination", "--dst" }, IPT_ADDRS, .negatable = true },
	{ IPT_IN, "-i", { "--in-interface" }, IPT_DEVICE, .negatable = true },
	{ IPT_OUT, "-o", { "--out-interface" }, IPT_DEVICE, .negatable = true },
	{ IPT_PROTOCOL, "-p", { "--protocol", "--proto" }, IPT_PROTO, .negatable = true },
	{ IPT_FRAGMENT, "-f", { "--fragment" }, IPT_FLAG, .negatable = true },
};

const struct ipt_module ipt_basic = { "", basic_rows, IPT_COUNT(basic_rows) };

#define PORT_ROWS                                                                                  \
	{ IPT_SPORT, "--sport", { "--source-port" }, IPT_PORT, .negatable = true },                \
	{                                                                                          \
		IPT_DPORT, "--dport", { "--destination-port" }, IPT_PORT, .negatable = true        \
	}

static const struct ipt_row tcp_rows[] = {
	PORT_ROWS,
	{ IPT_FLAGS, "--tcp-flags", { 0 }, IPT_TCP_FLAGS, .negatable = true },
	{ IPT_SYN, "--syn", { 0 }, IPT_FLAG, .negatable = true },
	{ IPT_TCP_OPTION, "--tcp-option", { 0 }, IPT_NUMBER, 1, 255, .negatable = true },
};
static const struct ipt_row port_rows[] = { PORT_ROWS };
static const struct ipt_row sctp_rows[] = {
	PORT_ROWS,
	{ IPT_REFUSED, "--chunk-types", { 0 }, IPT_SET, .negatable = true, .refused = NO_FIELD },
};
static const struct ipt_row dccp_rows[] = {
	PORT_ROWS,
	{ IPT_REFUSED, "--dccp-types", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--dccp-option", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
};
static const struct ipt_row icmp_rows[] = {
	{ IPT_ICMP_TYPE, "--icmp-type", { 0 }, IPT_ICMP, .negatable = true },
};
static const struct ipt_row icmp6_rows[] = {
	{ IPT_ICMP_TYPE, "--icmpv6-type", { 0 }, IPT_ICMP, .negatable = true },
};
static const struct ipt_row multiport_rows[] = {
	{ IPT_SPORT, "--sports", { "--source-ports" }, IPT_PORTS, .negatable = true },
	{ IPT_DPORT, "--dports", { "--destination-ports" }, IPT_PORTS, .negatable = true },
	{ IPT_PORT_EITHER, "--ports", { 0 }, IPT_PORTS, .negatable = true },
};
static const struct ipt_row conntrack_rows[] = {
	{ IPT_CTSTATE, "--ctstate", { 0 }, IPT_BITS, .words = states, .negatable = true },
	{ IPT_CTSTATUS, "--ctstatus", { 0 }, IPT_BITS, .words = statuses, .negatable = true },
	{ IPT_CTDIR, "--ctdir", { 0 }, IPT_WORD, .words = directions },
	{ IPT_REFUSED, "--ctproto", { 0 }, IPT_TEXT, .negatable = true,
		.refused = "use -p: the protocol of a packet is that of its connection" },
	{ IPT_REFUSED, "--ctorigsrc", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--ctorigdst", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--ctreplsrc", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--ctrepldst", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--ctorigsrcport", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--ctorigdstport", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--ctreplsrcport", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--ctrepldstport", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--ctexpire", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
};
static const struct ipt_row state_rows[] = {
	{ IPT_CTSTATE, "--state", { 0 }, IPT_BITS, .words = states, .negatable = true },
};
static const struct ipt_row mark_rows[] = {
	{ IPT_MARK_IS, "--mark", { 0 }, IPT_MARK, .negatable = true },
};
static const struct ipt_row connmark_rows[] = {
	{ IPT_CONNMARK_IS, "--mark", { 0 }, IPT_MARK, .negatable = true },
};
static const struct ipt_row limit_rows[] = {
	{ IPT_LIMIT, "--limit", { 0 }, IPT_RATE },
	{ IPT_LIMIT_BURST, "--limit-burst", { 0 }, IPT_NUMBER, 1, 10000 },
};
static const struct ipt_row hashlimit_rows[] = {
	{ IPT_HASH_UPTO, "--hashlimit-upto", { "--hashlimit" }, IPT_RATE },
	{ IPT_HASH_ABOVE, "--hashlimit-above", { 0 }, IPT_RATE },
	{ IPT_HASH_BURST, "--hashlimit-burst", { 0 }, IPT_NUMBER, 1, 1000000 },
	{ IPT_HASH_MODE, "--hashlimit-mode", { 0 }, IPT_BITS, .words = modes },
	{ IPT_HASH_NAME, "--hashlimit-name", { 0 }, IPT_NAME },
	{ IPT_HASH_EXPIRE, "--hashlimit-htable-expire", { 0 }, IPT_NUMBER, 1, UINT32_MAX },
	{ IPT_HASH_SIZE, "--hashlimit-htable-max", { 0 }, IPT_NUMBER, 1, UINT32_MAX },
	{ IPT_HASH_IGNORED, "--hashlimit-htable-size", { 0 }, IPT_NUMBER, 1, UINT32_MAX },
	{ IPT_HASH_IGNORED, "--hashlimit-htable-gcinterval", { 0 }, IPT_NUMBER, 1, UINT32_MAX },
	{ IPT_HASH_SRCMASK, "--hashlimit-srcmask", { 0 }, IPT_NUMBER, 0, 128 },
	{ IPT_HASH_DSTMASK, "--hashlimit-dstmask", { 0 }, IPT_NUMBER, 0, 128 },
	{ IPT_REFUSED, "--hashlimit-rate-match", { 0 }, IPT_FLAG, .refused = NO_FIELD },
	{ IPT_REFUSED, "--hashlimit-rate-interval", { 0 }, IPT_TEXT, .refused = NO_FIELD },
};
static const struct ipt_row connlimit_rows[] = {
	{ IPT_CONNLIMIT_ABOVE, "--connlimit-above", { 0 }, IPT_NUMBER, 0, UINT32_MAX,
		.negatable = true },
	{ IPT_CONNLIMIT_UPTO, "--connlimit-upto", { 0 }, IPT_NUMBER, 0, UINT32_MAX,
		.negatable = true },
	{ IPT_CONNLIMIT_MASK, "--connlimit-mask", { 0 }, IPT_NUMBER, 0, 128 },
	{ IPT_CONNLIMIT_SADDR, "--connlimit-saddr", { 0 }, IPT_FLAG },
	{ IPT_CONNLIMIT_DADDR, "--connlimit-daddr", { 0 }, IPT_FLAG },
};
static const struct ipt_row connbytes_rows[] = {
	{ IPT_CONNBYTES, "--connbytes", { 0 }, IPT_RANGE, 0, UINT64_MAX, .negatable = true },
	{ IPT_CONNBYTES_DIR, "--connbytes-dir", { 0 }, IPT_WORD, .words = connbytes_dirs },
	{ IPT_CONNBYTES_MODE, "--connbytes-mode", { 0 }, IPT_WORD, .words = connbytes_modes },
};
static const struct ipt_row iprange_rows[] = {
	{ IPT_SRC_RANGE, "--src-range", { 0 }, IPT_ADDR_RANGE, .negatable = true },
	{ IPT_DST_RANGE, "--dst-range", { 0 }, IPT_ADDR_RANGE, .negatable = true },
};
static const struct ipt_row mac_rows[] = {
	{ IPT_MAC_SOURCE, "--mac-source", { 0 }, IPT_MAC, .negatable = true },
};
static const struct ipt_row length_rows[] = {
	{ IPT_LENGTH, "--length", { 0 }, IPT_RANGE, 0, 65535, .negatable = true },
};
static const struct ipt_row ttl_rows[] = {
	{ IPT_TTL_EQ, "--ttl-eq", { "--ttl" }, IPT_NUMBER, 0, 255, .negatable = true },
	{ IPT_TTL_LT, "--ttl-lt", { 0 }, IPT_NUMBER, 0, 255 },
	{ IPT_TTL_GT, "--ttl-gt", { 0 }, IPT_NUMBER, 0, 255 },
};
static const struct ipt_row hl_rows[] = {
	{ IPT_TTL_EQ, "--hl-eq", { "--hl" }, IPT_NUMBER, 0, 255, .negatable = true },
	{ IPT_TTL_LT, "--hl-lt", { 0 }, IPT_NUMBER, 0, 255 },
	{ IPT_TTL_GT, "--hl-gt", { 0 }, IPT_NUMBER, 0, 255 },
};
static const struct ipt_row dscp_rows[] = {
	{ IPT_DSCP_IS, "--dscp", { 0 }, IPT_DSCP, .negatable = true },
	{ IPT_DSCP_IS, "--dscp-class", { 0 }, IPT_DSCP_CLASS, .negatable = true },
};
static const struct ipt_row tos_rows[] = {
	{ IPT_TOS_IS, "--tos", { 0 }, IPT_TOS, .negatable = true },
};
static const struct ipt_row pkttype_rows[] = {
	{ IPT_PKT_TYPE, "--pkt-type", { 0 }, IPT_WORD, .words = packet_types, .negatable = true },
};
static const struct ipt_row addrtype_rows[] = {
	{ IPT_SRC_TYPE, "--src-type", { 0 }, IPT_BITS, .words = address_types, .negatable = true },
	{ IPT_DST_TYPE, "--dst-type", { 0 }, IPT_BITS, .words = address_types, .negatable = true },
	{ IPT_REFUSED, "--limit-iface-in", { 0 }, IPT_FLAG, .refused = NO_FIELD },
	{ IPT_REFUSED, "--limit-iface-out", { 0 }, IPT_FLAG, .refused = NO_FIELD },
};
static const struct ipt_row owner_rows[] = {
	{ IPT_UID, "--uid-owner", { 0 }, IPT_OWNER, 0, UINT32_MAX - 1, .negatable = true },
	{ IPT_GID, "--gid-owner", { 0 }, IPT_OWNER, 0, UINT32_MAX - 1, .negatable = true },
	{ IPT_SOCKET_EXISTS, "--socket-exists", { 0 }, IPT_FLAG },
};
static const struct ipt_row recent_rows[] = {
	{ IPT_RECENT_SET, "--set", { 0 }, IPT_FLAG, .negatable = true },
	{ IPT_RECENT_RCHECK, "--rcheck", { 0 }, IPT_FLAG, .negatable = true },
	{ IPT_RECENT_UPDATE, "--update", { 0 }, IPT_FLAG, .negatable = true },
	{ IPT_RECENT_REMOVE, "--remove", { 0 }, IPT_FLAG, .negatable = true },
	{ IPT_RECENT_SECONDS, "--seconds", { 0 }, IPT_NUMBER, 1, 86400 * 365 },
	{ IPT_RECENT_HITCOUNT, "--hitcount", { 0 }, IPT_NUMBER, 1, 20 },
	{ IPT_RECENT_NAME, "--name", { 0 }, IPT_NAME },
	{ IPT_RECENT_RSOURCE, "--rsource", { 0 }, IPT_FLAG },
	{ IPT_RECENT_RDEST, "--rdest", { 0 }, IPT_FLAG },
	{ IPT_RECENT_REAP, "--reap", { 0 }, IPT_FLAG },
	{ IPT_RECENT_MASK, "--mask", { 0 }, IPT_ADDRS },
	{ IPT_REFUSED, "--rttl", { 0 }, IPT_FLAG,
		.refused = "the sets that remember addresses do not remember the TTL" },
};
static const struct ipt_row set_rows[] = {
	{ IPT_MATCH_SET, "--match-set", { 0 }, IPT_SET, .negatable = true },
	{ IPT_REFUSED, "--return-nomatch", { 0 }, IPT_FLAG, .refused = NO_FIELD },
	{ IPT_REFUSED, "--packets-eq", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--packets-lt", { 0 }, IPT_TEXT, .refused = NO_FIELD },
	{ IPT_REFUSED, "--packets-gt", { 0 }, IPT_TEXT, .refused = NO_FIELD },
	{ IPT_REFUSED, "--bytes-eq", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--bytes-lt", { 0 }, IPT_TEXT, .refused = NO_FIELD },
	{ IPT_REFUSED, "--bytes-gt", { 0 }, IPT_TEXT, .refused = NO_FIELD },
};
static const struct ipt_row statistic_rows[] = {
	{ IPT_STAT_MODE, "--mode", { 0 }, IPT_WORD, .words = stat_modes },
	{ IPT_STAT_PROBABILITY, "--probability", { 0 }, IPT_SHARE, .negatable = true },
	{ IPT_STAT_EVERY, "--every", { 0 }, IPT_NUMBER, 1, UINT32_MAX, .negatable = true },
	{ IPT_STAT_PACKET, "--packet", { 0 }, IPT_NUMBER, 0, UINT32_MAX },
};
static const struct ipt_row time_rows[] = {
	{ IPT_TIME_START, "--timestart", { 0 }, IPT_TIME },
	{ IPT_TIME_STOP, "--timestop", { 0 }, IPT_TIME },
	{ IPT_DATE_START, "--datestart", { 0 }, IPT_DATE },
	{ IPT_DATE_STOP, "--datestop", { 0 }, IPT_DATE },
	{ IPT_TIME_WEEKDAYS, "--weekdays", { "--days" }, IPT_WEEKDAYS, .negatable = true },
	{ IPT_TIME_MONTHDAYS, "--monthdays", { 0 }, IPT_MONTHDAYS, .negatable = true },
	{ IPT_TIME_UTC, "--utc", { 0 }, IPT_FLAG },
	{ IPT_TIME_LOCAL, "--kerneltz", { "--localtz" }, IPT_FLAG },
	{ IPT_REFUSED, "--contiguous", { 0 }, IPT_FLAG,
		.refused = "the hours of a rule end with its days" },
};
static const struct ipt_row comment_rows[] = {
	{ IPT_COMMENT, "--comment", { 0 }, IPT_TEXT },
};
static const struct ipt_row policy_rows[] = {
	{ IPT_POLICY_DIR, "--dir", { 0 }, IPT_WORD, .words = policy_dirs },
	{ IPT_POLICY_POL, "--pol", { 0 }, IPT_WORD, .words = policy_pols },
	{ IPT_REFUSED, "--strict", { 0 }, IPT_FLAG, .refused = NO_FIELD },
	{ IPT_REFUSED, "--reqid", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--spi", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--proto", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--mode", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--tunnel-src", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--tunnel-dst", { 0 }, IPT_TEXT, .negatable = true, .refused = NO_FIELD },
	{ IPT_REFUSED, "--next", { 0 }, IPT_FLAG, .refused = NO_FIELD },
};
static const struct ipt_row tcpmss_rows[] = {
	{ IPT_MSS_IS, "--mss", { 0 }, IPT_RANGE, 0, 65535, .negatable = true },
};
static const struct ipt_row helper_rows[] = {
	{ IPT_HELPER_IS, "--helper", { 0 }, IPT_NAME, .negatable = true },
};
static const struct ipt_row string_rows[] = {
	{ IPT_REFUSED, "--string", { 0 }, IPT_TEXT, .negatable = true },
	{ IPT_REFUSED, "--hex-string", { 0 }, IPT_TEXT, .negatable = true },
	{ IPT_REFUSED, "--algo", { 0 }, IPT_TEXT },
	{ IPT_REFUSED, "--from", { 0 }, IPT_TEXT },
	{ IPT_REFUSED, "--to", { 0 }, IPT_TEXT },
	{ IPT_REFUSED, "--icase", { 0 }, IPT_FLAG },
};
static const struct ipt_row u32_rows[] = {
	{ IPT_REFUSED, "--u32", { 0 }, IPT_TEXT, .negatable = true },
};
static const struct ipt_row bpf_rows[] = {
	{ IPT_REFUSED, "--bytecode", { 0 }, IPT_TEXT },
	{ IPT_REFUSED, "--object-pinned", { 0 }, IPT_TEXT },
};
static const struct ipt_row quota_rows[] = {
	{ IPT_REFUSED, "--quota", { 0 }, IPT_TEXT, .negatable = true },
};
static const struct ipt_row socket_rows[] = {
	{ IPT_REFUSED, "--transparent", { 0 }, IPT_FLAG },
	{ IPT_REFUSED, "--nowildcard", { 0 }, IPT_FLAG },
	{ IPT_REFUSED, "--restore-skmark", { 0 }, IPT_FLAG },
};
static const struct ipt_row rpfilter_rows[] = {
	{ IPT_REFUSED, "--loose", { 0 }, IPT_FLAG },
	{ IPT_REFUSED, "--validmark", { 0 }, IPT_FLAG },
	{ IPT_REFUSED, "--accept-local", { 0 }, IPT_FLAG },
	{ IPT_REFUSED, "--invert", { 0 }, IPT_FLAG },
};
static const struct ipt_row geoip_rows[] = {
	{ IPT_REFUSED, "--src-cc", { "--source-country" }, IPT_TEXT, .negatable = true },
	{ IPT_REFUSED, "--dst-cc", { "--destination-country" }, IPT_TEXT, .negatable = true },
};
static const struct ipt_row physdev_rows[] = {
	{ IPT_REFUSED, "--physdev-in", { 0 }, IPT_TEXT, .negatable = true },
	{ IPT_REFUSED, "--physdev-out", { 0 }, IPT_TEXT, .negatable = true },
	{ IPT_REFUSED, "--physdev-is-in", { 0 }, IPT_FLAG, .negatable = true },
	{ IPT_REFUSED, "--physdev-is-out", { 0 }, IPT_FLAG, .negatable = true },
	{ IPT_REFUSED, "--physdev-is-bridged", { 0 }, IPT_FLAG, .negatable = true },
};
static const struct ipt_row layer7_rows[] = {
	{ IPT_REFUSED, "--l7proto", { 0 }, IPT_TEXT, .negatable = true },
	{ IPT_REFUSED, "--ndpi", { 0 }, IPT_TEXT, .negatable = true },
};

#define M(NAME, ROWS, ...)                                                                         \
	{                                                                                          \
		.name = NAME, .rows = ROWS, .n_rows = IPT_COUNT(ROWS), __VA_ARGS__                 \
	}

static const struct ipt_module modules[] = {
	M("tcp", tcp_rows, .proto = PROTO_TCP, .ports_only = true),
	M("udp", port_rows, .proto = PROTO_UDP, .ports_only = true),
	M("sctp", sctp_rows, .proto = PROTO_SCTP, .ports_only = true),
	M("dccp", dccp_rows, .proto = PROTO_DCCP, .ports_only = true),
	M("udplite", port_rows, .proto = PROTO_UDPLITE, .ports_only = true),
	M("icmp", icmp_rows, .proto = PROTO_ICMP, .family = FAMILY_V4),
	M("icmp6", icmp6_rows, .proto = PROTO_ICMPV6, .family = FAMILY_V6),
	M("icmpv6", icmp6_rows, .proto = PROTO_ICMPV6, .family = FAMILY_V6),
	M("ipv6-icmp", icmp6_rows, .proto = PROTO_ICMPV6, .family = FAMILY_V6),
	M("multiport", multiport_rows, .ports_only = true),
	M("conntrack", conntrack_rows),
	M("state", state_rows),
	M("mark", mark_rows),
	M("connmark", connmark_rows),
	M("limit", limit_rows),
	M("hashlimit", hashlimit_rows),
	M("connlimit", connlimit_rows),
	M("connbytes", connbytes_rows),
	M("iprange", iprange_rows),
	M("mac", mac_rows),
	M("length", length_rows),
	M("ttl", ttl_rows, .family = FAMILY_V4),
	M("hl", hl_rows, .family = FAMILY_V6),
	M("dscp", dscp_rows),
	M("tos", tos_rows),
	M("pkttype", pkttype_rows),
	M("addrtype", addrtype_rows),
	M("owner", owner_rows),
	M("recent", recent_rows),
	M("set", set_rows),
	M("statistic", statistic_rows),
	M("time", time_rows),
	M("comment", comment_rows),
	M("policy", policy_rows),
	M("tcpmss", tcpmss_rows, .proto = PROTO_TCP),
	M("helper", helper_rows),
	M("string", string_rows, .refused = NO_PAYLOAD),
	M("u32", u32_rows, .refused = "nftables has no arithmetic on bytes of a packet"),
	M("bpf", bpf_rows, .refused = "programs are not taken from a configuration"),
	M("quota", quota_rows, .refused = "a quota that is used up would come back at each reload"),
	M("socket", socket_rows, .refused = "it serves transparent proxies, which have no section"),
	M("rpfilter", rpfilter_rows, .refused = "the kernel's setting rp_filter does it"),
	M("geoip", geoip_rows, .refused = "lists of countries belong into an ipset section"),
	M("physdev", physdev_rows, .refused = "bridged packets do not pass this firewall"),
	M("layer7", layer7_rows, .refused = NO_PAYLOAD),
	M("ndpi", layer7_rows, .refused = NO_PAYLOAD),
};

const struct ipt_module *ipt_module_at(size_t i)
{
	return i < IPT_COUNT(modules) ? &modules[i] : NULL;
}

const struct ipt_module *ipt_module_find(struct slice name, enum family family)
{
	for (size_t i = 0; i < IPT_COUNT(modules); i++) {
		/* -m icmp of ip6tables does not exist, -m icmp6 does */
		if (slice_is(name, modules[i].name) &&
			(!modules[i].family || !family || modules[i].family == family))
			return &modules[i];
	}
	return NULL;
}
