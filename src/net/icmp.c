/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP types by the names that iptables and ip6tables know. Each family has its own numbers, and
 * some names exist in one family only; a word is looked up in both. A plain number is meant for
 * both, as the user's rule may be.
 */
#include "net/net_priv.h"

struct icmp_row {
	uint8_t type, code_lo, code_hi;
};

/* Two arrays side by side, so that the names alone can be given to forms and completion. */
/* clang-format off */
static const char *const v4_names[] = {
	"any", "echo-reply", "destination-unreachable", "network-unreachable", "host-unreachable",
	"protocol-unreachable", "port-unreachable", "fragmentation-needed", "source-route-failed",
	"network-unknown", "host-unknown", "network-prohibited", "host-prohibited",
	"TOS-network-unreachable", "TOS-host-unreachable", "communication-prohibited",
	"host-precedence-violation", "precedence-cutoff", "source-quench", "redirect",
	"network-redirect", "host-redirect", "TOS-network-redirect", "TOS-host-redirect",
	"echo-request", "router-advertisement", "router-solicitation", "time-exceeded",
	"ttl-zero-during-transit", "ttl-zero-during-reassembly", "parameter-problem",
	"ip-header-bad", "required-option-missing", "timestamp-request", "timestamp-reply",
	"address-mask-request", "address-mask-reply", NULL
};

static const struct icmp_row v4_rows[] = {
	{ ICMP_TYPE_ANY, 0, 255 }, { 0, 0, 255 }, { 3, 0, 255 }, { 3, 0, 0 }, { 3, 1, 1 },
	{ 3, 2, 2 }, { 3, 3, 3 }, { 3, 4, 4 }, { 3, 5, 5 },
	{ 3, 6, 6 }, { 3, 7, 7 }, { 3, 9, 9 }, { 3, 10, 10 },
	{ 3, 11, 11 }, { 3, 12, 12 }, { 3, 13, 13 },
	{ 3, 14, 14 }, { 3, 15, 15 }, { 4, 0, 255 }, { 5, 0, 255 },
	{ 5, 0, 0 }, { 5, 1, 1 }, { 5, 2, 2 }, { 5, 3, 3 },
	{ 8, 0, 255 }, { 9, 0, 255 }, { 10, 0, 255 }, { 11, 0, 255 },
	{ 11, 0, 0 }, { 11, 1, 1 }, { 12, 0, 255 },
	{ 12, 0, 0 }, { 12, 1, 1 }, { 13, 0, 255 }, { 14, 0, 255 },
	{ 17, 0, 255 }, { 18, 0, 255 },
};

static const char *const v6_names[] = {
	"any", "destination-unreachable", "no-route", "communication-prohibited", "beyond-scope",
	"address-unreachable", "port-unreachable", "failed-policy", "reject-route",
	"packet-too-big", "time-exceeded", "ttl-zero-during-transit",
	"ttl-zero-during-reassembly", "parameter-problem", "bad-header", "unknown-header-type",
	"unknown-option", "echo-request", "echo-reply", "router-solicitation",
	"router-advertisement", "neighbour-solicitation", "neighbour-advertisement", "redirect",
	NULL
};

static const struct icmp_row v6_rows[] = {
	{ ICMP_TYPE_ANY, 0, 255 }, { 1, 0, 255 }, { 1, 0, 0 }, { 1, 1, 1 }, { 1, 2, 2 },
	{ 1, 3, 3 }, { 1, 4, 4 }, { 1, 5, 5 }, { 1, 6, 6 },
	{ 2, 0, 255 }, { 3, 0, 255 }, { 3, 0, 0 },
	{ 3, 1, 1 }, { 4, 0, 255 }, { 4, 0, 0 }, { 4, 1, 1 },
	{ 4, 2, 2 }, { 128, 0, 255 }, { 129, 0, 255 }, { 133, 0, 255 },
	{ 134, 0, 255 }, { 135, 0, 255 }, { 136, 0, 255 }, { 137, 0, 255 },
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

_Static_assert(COUNT(v4_names) == COUNT(v4_rows) + 1, "an IPv4 row without a name");
_Static_assert(COUNT(v6_names) == COUNT(v6_rows) + 1, "an IPv6 row without a name");

static const struct {
	const char *alias, *name;
} aliases[] = {
	{ "ping", "echo-request" },
	{ "pong", "echo-reply" },
	{ "ttl-exceeded", "time-exceeded" },
	{ "neighbor-solicitation", "neighbour-solicitation" },
	{ "neighbor-advertisement", "neighbour-advertisement" },
};

const char *const *icmp_type_names(enum family family)
{
	return family_bytes(family) == 4 ? v4_names : v6_names;
}

static const struct icmp_row *rows_of(enum family family)
{
	return family_bytes(family) == 4 ? v4_rows : v6_rows;
}

static bool find_name(struct slice text, enum family family, struct icmp_type *ret)
{
	const char *const *names = icmp_type_names(family);

	for (size_t i = 0; i < COUNT(aliases); i++) {
		if (slice_is_nocase(text, aliases[i].alias))
			text = slice_of(aliases[i].name);
	}
	for (size_t i = 0; names[i]; i++) {
		const struct icmp_row *row = &rows_of(family)[i];

		if (!slice_is_nocase(text, names[i]))
			continue;
		*ret = (struct icmp_type){ family, row->type, row->code_lo, row->code_hi };
		return true;
	}
	return false;
}

/* N, N/M or, as the printer may write it, N/M-L. */
static bool parse_number(struct slice text, struct icmp_type *ret, const char **why)
{
	struct slice number = text, code = { 0 }, lo, hi;
	uint64_t type, code_lo = 0, code_hi = 255;
	bool has_code = text_cut(text, '/', &number, &code);

	if (!slice_u64(number, ICMP_TYPE_ANY - 1, &type)) {
		*why = "is not an ICMP type (0 to 254)";
		return false;
	}
	if (has_code) {
		if (!text_cut(code, '-', &lo, &hi))
			lo = hi = code;
		if (!slice_u64(lo, 255, &code_lo) || !slice_u64(hi, 255, &code_hi) ||
			code_lo > code_hi) {
			*why = "has no valid ICMP code after the / (0 to 255)";
			return false;
		}
	}
	*ret = (struct icmp_type){
		.type = (uint8_t)type, .code_lo = (uint8_t)code_lo, .code_hi = (uint8_t)code_hi
	};
	return true;
}

bool icmp_type_parse(struct slice text, struct icmp_type ret[2], bool ret_has[2], const char **why)
{
	struct icmp_type t[2] = { { 0 }, { 0 } };
	bool has[2] = { true, true };

	if (text.n && text_is_digit(text.p[0])) {
		if (!parse_number(text, &t[0], why))
			return false;
		t[1] = t[0];
		t[0].family = FAMILY_V4;
		t[1].family = FAMILY_V6;
	} else {
		has[0] = find_name(text, FAMILY_V4, &t[0]);
		has[1] = find_name(text, FAMILY_V6, &t[1]);
		if (!has[0] && !has[1]) {
			*why = "is not the name or number of an ICMP type";
			return false;
		}
	}
	for (unsigned i = 0; i < 2; i++) {
		ret[i] = t[i];
		ret_has[i] = has[i];
	}
	return true;
}

void icmp_type_print(const struct icmp_type *t, struct buf *out)
{
	const char *const *names = icmp_type_names(t->family);
	const struct icmp_row *rows = rows_of(t->family);

	for (size_t i = 0; names[i]; i++) {
		if (rows[i].type == t->type && rows[i].code_lo == t->code_lo &&
			rows[i].code_hi == t->code_hi) {
			buf_str(out, names[i]);
			return;
		}
	}
	buf_printf(out, "%u", t->type);
	if (t->code_lo == 0 && t->code_hi == 255)
		return;
	buf_printf(out, "/%u", t->code_lo);
	if (t->code_hi != t->code_lo)
		buf_printf(out, "-%u", t->code_hi);
}
