/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The types of the network: each joins a value of net/ with the id of its diagnostic, the remedy
 * for the mistakes people make, and what help and forms show.
 */
#include <string.h>

#include "schema/schema_priv.h"

/* Splits at the first of the separators that has something on both sides. */
static bool split_range(
	struct slice text, const char *separators, struct slice *ret_lo, struct slice *ret_hi)
{
	if (slice_starts(text, "!"))
		text = slice_from(text, 1);
	for (size_t i = 1; i + 1 < text.n; i++) {
		if (!strchr(separators, text.p[i]) || !text.p[i])
			continue;
		*ret_lo = (struct slice){ text.p, i };
		*ret_hi = slice_from(text, i + 1);
		return true;
	}
	return false;
}

/* "write 80-90": the two ends the other way round. */
static void hint_swapped(
	struct parse_context *ctx, struct slice text, struct slice lo, struct slice hi)
{
	ctx->hint = arena_printf(ctx->arena, "write '%s%.*s-%.*s'",
		slice_starts(text, "!") ? "!" : "", SLICE_ARG(hi), SLICE_ARG(lo));
}

/* ---- address ---- */

static bool address_runs_backwards(struct parse_context *ctx, struct slice text)
{
	struct slice lo, hi;
	struct addr a, b;

	if (!split_range(text, "-", &lo, &hi) || !addr_parse(lo, &a) || !addr_parse(hi, &b) ||
		a.family != b.family || addr_cmp(&a, &b) <= 0)
		return false;
	hint_swapped(ctx, text, lo, hi);
	return true;
}

static bool address_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	const char *said = NULL;

	if (addr_spec_parse(ctx->arena, text, ret, &said))
		return true;
	if (address_runs_backwards(ctx, text))
		return value_refuse(ctx, "reversed-range", "is a range that runs backwards");
	return value_refuse_said(ctx, "bad-address", said, "is not an address");
}

static void address_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	addr_spec_print(value, out);
}

const struct value_type type_address = {
	.name = "address",
	.size = sizeof(struct addr_spec),
	.syntax = "address, address/bits, address/mask, a range A-B, or the name of a network; "
		  "! before it negates",
	.example = "192.168.1.0/24",
	.widget = "text",
	.parse = address_parse,
	.print = address_print,
};

/* ---- ip ---- */

static bool ip_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	size_t slash = slice_find(text, '/');
	struct addr a;

	if (addr_parse(text, ret))
		return true;
	if (slash < text.n && addr_parse((struct slice){ text.p, slash }, &a))
		ctx->hint = arena_printf(ctx->arena, "write '%.*s'", (int)slash, text.p);
	return value_refuse(ctx, "bad-address", "is not one address");
}

static void ip_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	addr_print(value, out);
}

const struct value_type type_ip = {
	.name = "ip",
	.size = sizeof(struct addr),
	.syntax = "one IPv4 or IPv6 address",
	.example = "192.168.1.10",
	.widget = "text",
	.parse = ip_parse,
	.print = ip_print,
};

/* ---- port ---- */

static bool port_runs_backwards(struct parse_context *ctx, struct slice text)
{
	struct slice lo, hi;
	uint64_t a, b;

	if (!split_range(text, "-:", &lo, &hi) || !slice_u64(lo, 65535, &a) ||
		!slice_u64(hi, 65535, &b) || a <= b)
		return false;
	hint_swapped(ctx, text, lo, hi);
	return true;
}

static bool port_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	const char *said = NULL;

	if (port_spec_parse(text, ret, &said))
		return true;
	if (port_runs_backwards(ctx, text))
		return value_refuse(ctx, "reversed-range", "is a range that runs backwards");
	if (slice_is_nocase(text, "any") || slice_is(text, "*"))
		ctx->hint = "leave the option out to match any port";
	return value_refuse_said(ctx, "bad-port", said, "is not a port");
}

static void port_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	port_spec_print(value, out);
}

const struct value_type type_port = {
	.name = "port",
	.size = sizeof(struct port_spec),
	.syntax = "N, N-M or !N, 0 to 65535",
	.example = "8000-8080",
	.widget = "text",
	.pattern = "^!? *[0-9]+([:-][0-9]+)?$",
	.parse = port_parse,
	.print = port_print,
};

/* ---- protocol ---- */

static const struct enum_word protocol_words[] = {
	{ "all", 0, "Any" },
	{ "tcp", PROTO_TCP, "TCP" },
	{ "udp", PROTO_UDP, "UDP" },
	{ "icmp", PROTO_ICMP, "ICMP" },
	{ "icmpv6", PROTO_ICMPV6, "ICMPv6" },
	{ "esp", PROTO_ESP, "ESP" },
	{ "ah", PROTO_AH, "AH" },
	{ "sctp", PROTO_SCTP, "SCTP" },
	{ "gre", PROTO_GRE, "GRE" },
	{ "igmp", PROTO_IGMP, "IGMP" },
	{ "udplite", PROTO_UDPLITE, "UDP-Lite" },
	{ "dccp", PROTO_DCCP, "DCCP" },
	{ NULL, 0, NULL },
};

static bool protocol_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	const char *said = NULL;

	if (proto_spec_parse(text, ret, &said))
		return true;
	value_hint_nearest(ctx, text, protocol_words);
	return value_refuse_said(ctx, "bad-protocol", said, "is not a protocol");
}

static void protocol_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	proto_spec_print(value, out);
}

const struct value_type type_protocol = {
	.name = "protocol",
	.size = sizeof(struct proto_spec),
	.syntax = "a name, a number from 0 to 255, tcpudp or all; ! before it negates",
	.example = "tcp",
	.widget = "select",
	.parse = protocol_parse,
	.print = protocol_print,
	.words = protocol_words,
	.open_words = true,
};

/* ---- MAC ---- */

static bool mac_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	const char *said = NULL;

	return mac_spec_parse(text, ret, &said) ||
	       value_refuse_said(ctx, "bad-mac", said, "is not a MAC address");
}

static void mac_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	mac_spec_print(value, out);
}

const struct value_type type_mac = {
	.name = "mac",
	.size = sizeof(struct mac_spec),
	.syntax = "six bytes in hexadecimal, 00:11:22:aa:bb:cc; ! before it negates",
	.example = "00:11:22:aa:bb:cc",
	.widget = "text",
	.pattern = "^!? *([0-9A-Fa-f]{1,2}[:-]){5}[0-9A-Fa-f]{1,2}$",
	.parse = mac_parse,
	.print = mac_print,
};

/* ---- ICMP type ---- */

static bool same_icmp(
	const struct icmp_choice *a, const struct icmp_type type[2], const bool has[2])
{
	for (int i = 0; i < 2; i++) {
		if (a->has[i] != has[i])
			return false;
		if (has[i] &&
			(a->type[i].type != type[i].type || a->type[i].code_lo != type[i].code_lo ||
				a->type[i].code_hi != type[i].code_hi))
			return false;
	}
	return true;
}

/* True when `text`, read again, means the choice in both families. */
static bool means_choice(const struct icmp_choice *choice, struct slice text)
{
	struct icmp_type type[2];
	bool has[2] = { false, false };
	const char *said;

	return icmp_type_parse(text, type, has, &said) && same_icmp(choice, type, has);
}

/*
 * One choice has many spellings ("ping", "echo-request"), and a name may exist in one family only.
 * The canonical text is the printed name of a family, when that says all of it; else the number;
 * else what was written.
 */
static const char *icmp_canonical(
	struct arena *arena, const struct icmp_choice *choice, struct slice written)
{
	AUTO_BUF b = BUF_INIT;

	for (int i = 0; i < 2; i++) {
		buf_clear(&b);
		if (choice->has[i])
			icmp_type_print(&choice->type[i], &b);
		if (b.n && means_choice(choice, slice_of(b.p)))
			return arena_strdup(arena, b.p);
	}

	const struct icmp_type *t = &choice->type[choice->has[0] ? 0 : 1];

	buf_clear(&b);
	buf_printf(&b, "%u", t->type);
	if (t->code_lo == t->code_hi)
		buf_printf(&b, "/%u", t->code_lo);
	if (means_choice(choice, slice_of(b.p)))
		return arena_strdup(arena, b.p);
	return arena_strndup(arena, written.p, written.n);
}

static void hint_nearest_icmp(struct parse_context *ctx, struct slice text)
{
	static const enum family families[] = { FAMILY_V4, FAMILY_V6 };

	for (int i = 0; i < 2; i++) {
		const char *const *names = icmp_type_names(families[i]);
		size_t n = 0;

		while (names[n])
			n++;

		const char *near = diag_nearest(text, names, n);

		if (near) {
			ctx->hint = arena_printf(ctx->arena, "did you mean '%s'?", near);
			return;
		}
	}
}

static bool icmp_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	struct icmp_choice choice;
	const char *said = NULL;

	memset(&choice, 0, sizeof(choice));
	if (!icmp_type_parse(text, choice.type, choice.has, &said)) {
		hint_nearest_icmp(ctx, text);
		return value_refuse_said(ctx, "bad-icmp-type", said, "is not an ICMP type");
	}
	choice.text = icmp_canonical(ctx->arena, &choice, text);
	*(struct icmp_choice *)ret = choice;
	return true;
}

static void icmp_print(const struct option_row *row, const void *value, struct buf *out)
{
	const struct icmp_choice *choice = value;

	(void)row;
	buf_str(out, choice->text ? choice->text : "");
}

const struct value_type type_icmp = {
	.name = "icmp-type",
	.size = sizeof(struct icmp_choice),
	.syntax = "a name, N or N/M (type and code)",
	.example = "echo-request",
	.widget = "select",
	.parse = icmp_parse,
	.print = icmp_print,
	.open_words = true,
};

/* ---- DSCP ---- */

static const struct enum_word dscp_words[] = {
	{ "CS0", 0, "CS0" },
	{ "CS1", 8, "CS1" },
	{ "CS2", 16, "CS2" },
	{ "CS3", 24, "CS3" },
	{ "CS4", 32, "CS4" },
	{ "CS5", 40, "CS5" },
	{ "CS6", 48, "CS6" },
	{ "CS7", 56, "CS7" },
	{ "BE", 0, "BE" },
	{ "LE", 1, "LE" },
	{ "AF11", 10, "AF11" },
	{ "AF12", 12, "AF12" },
	{ "AF13", 14, "AF13" },
	{ "AF21", 18, "AF21" },
	{ "AF22", 20, "AF22" },
	{ "AF23", 22, "AF23" },
	{ "AF31", 26, "AF31" },
	{ "AF32", 28, "AF32" },
	{ "AF33", 30, "AF33" },
	{ "AF41", 34, "AF41" },
	{ "AF42", 36, "AF42" },
	{ "AF43", 38, "AF43" },
	{ "EF", 46, "EF" },
	{ "VA", 44, "VA" },
	{ NULL, 0, NULL },
};

static bool dscp_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	const char *said = NULL;

	if (dscp_spec_parse(text, ret, &said))
		return true;
	value_hint_nearest(ctx, text, dscp_words);
	return value_refuse_said(ctx, "bad-dscp", said, "is not a DSCP class");
}

static void dscp_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	dscp_spec_print(value, out);
}

const struct value_type type_dscp = {
	.name = "dscp",
	.size = sizeof(struct dscp_spec),
	.syntax = "a class name such as CS1, AF11 or EF, or a number from 0 to 63; ! before it "
		  "negates",
	.example = "EF",
	.widget = "select",
	.parse = dscp_parse,
	.print = dscp_print,
	.words = dscp_words,
	.open_words = true,
};

/* ---- mark ---- */

static bool mark_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	const char *said = NULL;

	return mark_spec_parse(text, ctx->hex_marks, ret, &said) ||
	       value_refuse_said(ctx, "bad-mark", said, "is not a mark");
}

static void mark_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	mark_spec_print(value, out);
}

const struct value_type type_mark = {
	.name = "mark",
	.size = sizeof(struct mark_spec),
	.syntax = "0xVALUE or 0xVALUE/0xMASK, 32 bits; ! before it negates",
	.example = "0x16",
	.widget = "text",
	.pattern = "^!? *(0[xX])?[0-9A-Fa-f]+(/(0[xX])?[0-9A-Fa-f]+)?$",
	.parse = mark_parse,
	.print = mark_print,
};

/* ---- rate ---- */

static bool type_rate_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	const char *said = NULL;

	return rate_parse(text, ret, &said) ||
	       value_refuse_said(ctx, "bad-rate", said, "is not a rate");
}

static void type_rate_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	rate_print(value, out);
}

const struct value_type type_rate = {
	.name = "rate",
	.size = sizeof(struct rate),
	.syntax = "N/second, N/minute, N/hour or N/day; N alone is per second",
	.example = "5/second",
	.widget = "text",
	.pattern = "^!? *[0-9]+ *(/ *[A-Za-z]+)?$",
	.parse = type_rate_parse,
	.print = type_rate_print,
};

/* ---- device ---- */

static bool device_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	const char *said = NULL;

	return device_pattern_parse(text, ret, &said) ||
	       value_refuse_said(ctx, "bad-device", said, "is not a device name");
}

static void device_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	device_pattern_print(value, out);
}

const struct value_type type_device = {
	.name = "device",
	.size = sizeof(struct device_pattern),
	.syntax = "a network device, 1 to 15 bytes; + at the end means any that begins so; "
		  "! before it negates",
	.example = "br-lan",
	.widget = "text",
	.parse = device_parse,
	.print = device_print,
};
