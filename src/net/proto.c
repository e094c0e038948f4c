/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of IP protocols. The table is ours, so that a configuration means the same on every
 * machine, whatever its /etc/protocols holds. The first row of a number is the name we print.
 */
#include "net/net_priv.h"

struct proto_row {
	const char *name;
	uint8_t number;
};

/* clang-format off */
static const struct proto_row protocols[] = {
	{ "icmp", 1 }, { "igmp", 2 }, { "ggp", 3 }, { "ipencap", 4 }, { "ip-encap", 4 },
	{ "ipv4", 4 }, { "st", 5 }, { "tcp", 6 }, { "cbt", 7 }, { "egp", 8 }, { "igp", 9 },
	{ "pup", 12 }, { "udp", 17 }, { "hmp", 20 }, { "xns-idp", 22 }, { "rdp", 27 },
	{ "irtp", 28 }, { "iso-tp4", 29 }, { "dccp", 33 }, { "xtp", 36 }, { "ddp", 37 },
	{ "idpr-cmtp", 38 }, { "ipv6", 41 }, { "sdrp", 42 }, { "ipv6-route", 43 },
	{ "ipv6-frag", 44 }, { "idrp", 45 }, { "rsvp", 46 }, { "gre", 47 }, { "dsr", 48 },
	{ "esp", 50 }, { "ipsec-esp", 50 }, { "ah", 51 }, { "ipsec-ah", 51 }, { "narp", 54 },
	{ "skip", 57 }, { "ipv6-icmp", 58 }, { "icmpv6", 58 }, { "icmp6", 58 },
	{ "ipv6-nonxt", 59 }, { "ipv6-opts", 60 }, { "rspf", 73 }, { "cphb", 73 },
	{ "vmtp", 81 }, { "eigrp", 88 }, { "ospf", 89 }, { "ospfigp", 89 }, { "mtp", 92 },
	{ "ax.25", 93 }, { "ipip", 94 }, { "etherip", 97 }, { "encap", 98 }, { "pim", 103 },
	{ "ipcomp", 108 }, { "vrrp", 112 }, { "carp", 112 }, { "pgm", 113 }, { "l2tp", 115 },
	{ "isis", 124 }, { "sctp", 132 }, { "fc", 133 }, { "mobility-header", 135 },
	{ "udplite", 136 }, { "mpls-in-ip", 137 }, { "manet", 138 }, { "hip", 139 },
	{ "shim6", 140 }, { "wesp", 141 }, { "rohc", 142 }, { "ethernet", 143 },
};
/* clang-format on */

#define N_PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

const char *proto_name(uint8_t number)
{
	for (size_t i = 0; i < N_PROTOCOLS; i++) {
		if (protocols[i].number == number)
			return protocols[i].name;
	}
	return number == 0 ? "hopopt" : NULL;
}

bool proto_has_ports(uint8_t number)
{
	return number == PROTO_TCP || number == PROTO_UDP || number == PROTO_DCCP ||
	       number == PROTO_SCTP || number == PROTO_UDPLITE;
}

static bool find_name(struct slice text, uint8_t *ret)
{
	for (size_t i = 0; i < N_PROTOCOLS; i++) {
		if (slice_is_nocase(text, protocols[i].name)) {
			*ret = protocols[i].number;
			return true;
		}
	}
	return false;
}

/* Protocol 0 stands for all, as in iptables; "ip" is its name in /etc/protocols. */
static bool is_all(struct slice text)
{
	uint64_t number;

	return slice_is_nocase(text, "all") || slice_is_nocase(text, "any") ||
	       slice_is(text, "*") || slice_is_nocase(text, "ip") ||
	       (slice_u64(text, 0, &number) && number == 0);
}

static bool parse_positive(struct slice text, struct proto_spec *ret, const char **why)
{
	struct proto_spec s = { .n = 1 };
	uint64_t number;

	if (is_all(text)) {
		s.all = true;
		s.n = 0;
	} else if (slice_is_nocase(text, "tcpudp")) {
		s = (struct proto_spec){ .number = { PROTO_TCP, PROTO_UDP }, .n = 2 };
	} else if (text_is_digits(text)) {
		if (!slice_u64(text, 255, &number)) {
			*why = "is a protocol number over 255";
			return false;
		}
		s.number[0] = (uint8_t)number;
	} else if (slice_is_nocase(text, "hopopt")) {
		*why = "is an extension header, which no rule can match as a protocol";
		return false;
	} else if (!find_name(text, &s.number[0])) {
		*why = "is not the name or number of a protocol";
		return false;
	}
	*ret = s;
	return true;
}

bool proto_spec_parse(struct slice text, struct proto_spec *ret, const char **why)
{
	bool negate = text_take_negation(&text);
	struct proto_spec s;

	if (!parse_positive(text, &s, why))
		return false;
	if (negate && s.all) {
		*why = "leaves no protocol";
		return false;
	}
	s.negate = negate;
	*ret = s;
	return true;
}

void proto_spec_print(const struct proto_spec *s, struct buf *out)
{
	if (s->negate)
		buf_char(out, '!');
	if (s->all) {
		buf_str(out, "all");
	} else if (s->n == 2) {
		buf_str(out, "tcpudp");
	} else {
		const char *name = proto_name(s->number[0]);

		if (name)
			buf_str(out, name);
		else
			buf_printf(out, "%u", s->number[0]);
	}
}
