/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of options: iptables' own notations around the parsers of net/. Numbers are decimal or
 * 0x; a leading zero, which C reads as octal, is refused rather than guessed.
 */
#include <string.h>

#include "base/bug.h"
#include "iptables/iptables_priv.h"

static bool number(struct ipt_values *v, struct slice text, uint64_t max, uint64_t *ret)
{
	if (text.n > 2 && text.p[0] == '0' && (text.p[1] | 32) == 'x')
		return slice_u64_hex(slice_from(text, 2), max, ret) ||
		       ipt_value_fail(v, "is not a number in the range allowed");
	if (text.n > 1 && text.p[0] == '0')
		return ipt_value_fail(v, "begins with a zero: write it without, or with 0x");
	return slice_u64(text, max, ret) ||
	       ipt_value_fail(v, "is not a number in the range allowed");
}

/* Splits at the first c; false (and all in *ret_head) when there is none. */
bool ipt_cut(struct slice text, char c, struct slice *ret_head, struct slice *ret_tail)
{
	size_t at = slice_find(text, c);

	*ret_head = (struct slice){ text.p, at };
	*ret_tail = slice_from(text, at + (at < text.n));
	return at < text.n;
}

/* ---- words ---- */

static bool find_word(const char *const *words, struct slice text, uint64_t *ret)
{
	for (uint64_t i = 0; words[i]; i++) {
		if (slice_is_nocase(text, words[i])) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static bool read_bits(
	struct ipt_values *v, const struct ipt_row *row, struct slice text, uint64_t *ret)
{
	uint64_t bits = 0, at;
	bool more = true;

	while (more) {
		struct slice word;

		more = ipt_cut(text, ',', &word, &text);
		if (!find_word(row->words, word, &at))
			return ipt_value_fail(v, "has a word that is not known here");
		bits |= (uint64_t)1 << at;
	}
	*ret = bits;
	return true;
}

static const char *const flag_words[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", NULL };

static bool read_flags(struct ipt_values *v, struct slice text, uint8_t *ret)
{
	unsigned bits = 0;
	uint64_t at;
	bool more = true;

	while (more) {
		struct slice word;

		more = ipt_cut(text, ',', &word, &text);
		if (slice_is_nocase(word, "ALL"))
			bits |= 63;
		else if (find_word(flag_words, word, &at))
			bits |= 1u << at;
		else if (!slice_is_nocase(word, "NONE"))
			return ipt_value_fail(
				v, "is not a list of TCP flags (SYN,ACK,FIN,RST,URG,PSH,ALL,NONE)");
	}
	*ret = (uint8_t)bits;
	return true;
}

static bool read_set(struct ipt_values *v, const struct ipt_word words[2], struct ipt_value *ret,
	unsigned *ret_bad)
{
	struct slice text = words[1].text, word;
	bool more = true;

	if (words[0].text.n == 0 || words[0].text.n > 31)
		return ipt_value_fail(v, "is not the name of a set (1 to 31 letters)");
	ret->set.name = arena_strndup(v->arena, words[0].text.p, words[0].text.n);
	ret->set.n = 0;
	*ret_bad = 1;
	while (more) {
		more = ipt_cut(text, ',', &word, &text);
		if (ret->set.n == 6 ||
			(!slice_is_nocase(word, "src") && !slice_is_nocase(word, "dst")))
			return ipt_value_fail(v, "is not a list of src and dst");
		ret->set.dest[ret->set.n++] = slice_is_nocase(word, "dst");
	}
	return true;
}

static bool name_ok(struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    (c && strchr("_-.", c))))
			return false;
	}
	return text.n > 0 && text.n <= 63;
}

/* ---- numbers ---- */

static bool read_mark(struct ipt_values *v, struct slice text, struct ipt_value *ret)
{
	struct slice value, mask;
	uint64_t n, m = UINT32_MAX;

	if (ipt_cut(text, '/', &value, &mask) && !number(v, mask, UINT32_MAX, &m))
		return false;
	if (!number(v, value, UINT32_MAX, &n))
		return false;
	ret->mark.value = (uint32_t)n;
	ret->mark.mask = (uint32_t)m;
	return true;
}

static const struct {
	const char *name;
	uint8_t value;
} tos_names[] = {
	{ "Minimize-Delay", 0x10 },
	{ "Maximize-Throughput", 0x08 },
	{ "Maximize-Reliability", 0x04 },
	{ "Minimize-Cost", 0x02 },
	{ "Normal-Service", 0 },
};

static bool read_tos(struct ipt_values *v, struct slice text, struct ipt_value *ret)
{
	for (size_t i = 0; i < IPT_COUNT(tos_names); i++) {
		if (slice_is_nocase(text, tos_names[i].name)) {
			ret->mark.value = tos_names[i].value;
			ret->mark.mask = 0x3f;
			return true;
		}
	}
	if (!read_mark(v, text, ret))
		return false;
	if (ret->mark.mask == UINT32_MAX)
		ret->mark.mask = 0xff;
	return (ret->mark.value <= 255 && ret->mark.mask <= 255) ||
	       ipt_value_fail(v, "is over 255, and a TOS is one byte");
}

static bool read_range(
	struct ipt_values *v, const struct ipt_row *row, struct slice text, struct ipt_value *ret)
{
	struct slice lo, hi;
	uint64_t from = 0, to = row->max;
	bool two = ipt_cut(text, ':', &lo, &hi);

	if (!two)
		ipt_cut(text, '-', &lo, &hi);
	two |= hi.n > 0;
	if ((lo.n || !two) && !number(v, lo, row->max, &from))
		return false;
	if (hi.n && !number(v, hi, row->max, &to))
		return false;
	if (!two && row->id != IPT_CONNBYTES)
		to = from; /* --connbytes 5 means 5 and more */
	if (from > to)
		return ipt_value_fail(v, "is a range that runs backwards");
	ret->range.lo = from;
	ret->range.hi = to;
	return true;
}

static bool read_owner(
	struct ipt_values *v, const struct ipt_row *row, struct slice text, struct ipt_value *ret)
{
	if (slice_is(text, "root")) {
		ret->range.lo = ret->range.hi = 0;
		return true;
	}
	if (!text.n || text.p[0] < '0' || text.p[0] > '9')
		return ipt_value_fail(
			v, "is a name, and accounts are not looked up: write its number");
	return read_range(v, row, text, ret);
}

/* 0 to 1 with decimals, as a share of 2^32. */
static bool read_share(struct ipt_values *v, struct slice text, uint64_t *ret)
{
	struct slice whole, decimals;
	uint64_t n = 0, d = 0, scale = 1;

	ipt_cut(text, '.', &whole, &decimals);
	if (whole.n && !slice_u64(whole, 1, &n))
		return ipt_value_fail(v, "is not a share from 0 to 1");
	if (!whole.n && !decimals.n)
		return ipt_value_fail(v, "is not a share from 0 to 1");
	if (decimals.n > 9)
		decimals.n = 9;
	if (decimals.n && !slice_u64(decimals, 999999999, &d))
		return ipt_value_fail(v, "is not a share from 0 to 1");
	for (size_t i = 0; i < decimals.n; i++)
		scale *= 10;
	if (n && d)
		return ipt_value_fail(v, "is not a share from 0 to 1");
	*ret = (n << 32) + ((d << 32) + scale / 2) / scale;
	return true;
}

static bool read_rate(struct ipt_values *v, struct slice text, struct ipt_value *ret)
{
	size_t slash = slice_find(text, '/');

	if (text.n && text.p[0] == '!')
		return ipt_value_fail(v, "has a '!', and a limit has no negation");
	for (size_t i = 0; i < slash; i++) {
		if ((text.p[i] | 32) == 'b' || (text.p[i] | 32) == 'k' || (text.p[i] | 32) == 'm')
			return ipt_value_fail(v, "is a rate of bytes; only packets are counted");
	}
	return rate_parse(text, &ret->rate, &v->why);
}

static bool read_level(struct ipt_values *v, struct slice text, uint64_t *ret)
{
	static const char *const names[] = { "emerg", "alert", "crit", "err", "warning", "notice",
		"info", "debug", NULL };

	if (slice_is_nocase(text, "panic"))
		text = slice_of("emerg");
	if (slice_is_nocase(text, "error"))
		text = slice_of("err");
	if (slice_is_nocase(text, "warn"))
		text = slice_of("warning");
	return find_word(names, text, ret) || slice_u64(text, 7, ret) ||
	       ipt_value_fail(v, "is not a level of the log (0 to 7, or a name such as info)");
}

static bool read_proto(struct ipt_values *v, struct slice text, uint64_t *ret)
{
	struct proto_spec p;

	if (text.n && text.p[0] == '!')
		return ipt_value_fail(v, "has a '!', which stands before the option");
	if (!proto_spec_parse(text, &p, &v->why))
		return false;
	if (p.n > 1)
		return ipt_value_fail(v, "stands for two protocols, and a rule has one");
	*ret = p.all || (p.n && p.number[0] == 0) ? 256 : p.number[0];
	return true;
}

static bool read_time_words(
	struct ipt_values *v, const struct ipt_row *row, struct slice text, struct ipt_value *ret)
{
	char *spaced = arena_strndup(v->arena, text.p, text.n);
	uint8_t days;
	uint32_t dates;

	for (size_t i = 0; i < text.n; i++) {
		if (spaced[i] == ',')
			spaced[i] = ' ';
		if (spaced[i] == '!')
			return ipt_value_fail(v, "has a '!', which stands before the option");
	}
	if (row->type == IPT_WEEKDAYS) {
		if (!weekdays_parse(slice_of(spaced), &days, &v->why))
			return false;
		ret->number = days;
		return true;
	}
	if (!monthdays_parse(slice_of(spaced), &dates, &v->why))
		return false;
	ret->number = dates;
	return true;
}

static bool read_date(struct ipt_values *v, struct slice text, struct ipt_value *ret)
{
	struct date_spec d;

	if (!date_spec_parse(text, &d, &v->why))
		return false;
	ret->date = d.first; /* xt_time: a day without hours is its first second */
	return true;
}

static bool read_icmp(struct ipt_values *v, struct slice text, struct ipt_value *ret)
{
	struct icmp_type types[2];
	bool has[2];

	if (!icmp_type_parse(text, types, has, &v->why))
		return false;
	if (v->family && !has[v->family == FAMILY_V6])
		return ipt_value_fail(v, v->family == FAMILY_V6 ? "is no type of ICMPv6"
								: "is a type of ICMPv6 only");
	for (int i = 0; i < 2; i++) {
		ret->icmp.type[i] = types[i];
		ret->icmp.has[i] = has[i];
	}
	return true;
}

static bool read_plain(
	struct ipt_values *v, const struct ipt_row *row, struct slice text, struct ipt_value *ret)
{
	struct mac_spec mac;
	struct dscp_spec dscp;
	uint32_t seconds;

	switch (row->type) {
	case IPT_NUMBER:
		if (!number(v, text, row->max, &ret->number))
			return false;
		return ret->number >= row->min ||
		       ipt_value_fail(v, "is not a number in the range allowed");
	case IPT_MAC:
		if (text.n && text.p[0] == '!')
			return ipt_value_fail(v, "has a '!', which stands before the option");
		if (!mac_spec_parse(text, &mac, &v->why))
			return false;
		ret->mac = mac.mac;
		return true;
	case IPT_DSCP:
		return number(v, text, 63, &ret->number);
	case IPT_DSCP_CLASS:
		if (text.n && (text.p[0] == '!' || (text.p[0] >= '0' && text.p[0] <= '9')))
			return ipt_value_fail(v, "is not a DSCP class, such as EF or CS1");
		if (!dscp_spec_parse(text, &dscp, &v->why))
			return false;
		ret->number = dscp.value;
		return true;
	case IPT_TIME:
		if (!time_of_day_parse(text, &seconds, &v->why))
			return false;
		ret->number = seconds;
		return true;
	case IPT_NAME:
		if (!name_ok(text))
			return ipt_value_fail(
				v, "is not a name of letters, digits, '_', '-' and '.'");
		ret->text = arena_strndup(v->arena, text.p, text.n);
		return true;
	case IPT_TEXT:
		ret->text = arena_strndup(v->arena, text.p, text.n);
		return true;
	case IPT_FLAG:
	case IPT_ADDRS:
	case IPT_ADDR_RANGE:
	case IPT_DEVICE:
	case IPT_PROTO:
	case IPT_PORT:
	case IPT_PORTS:
	case IPT_ICMP:
	case IPT_BITS:
	case IPT_WORD:
	case IPT_TCP_FLAGS:
	case IPT_RANGE:
	case IPT_MARK:
	case IPT_RATE:
	case IPT_TOS:
	case IPT_SHARE:
	case IPT_DATE:
	case IPT_WEEKDAYS:
	case IPT_MONTHDAYS:
	case IPT_OWNER:
	case IPT_SET:
	case IPT_NAT:
	case IPT_NAT_PORTS:
	case IPT_PREFIX:
	case IPT_LEVEL:
		break;
	}
	BUG("value type %d", (int)row->type);
}

static bool read_device(struct ipt_values *v, struct slice text, struct ipt_value *ret)
{
	if (text.n && text.p[0] == '!')
		return ipt_value_fail(v, "has a '!', which stands before the option");
	/* "+" alone is every device */
	if (slice_is(text, "+")) {
		ret->device = (struct device_pattern){ .wildcard = true };
		return true;
	}
	return device_pattern_parse(text, &ret->device, &v->why);
}

bool ipt_value_read(struct ipt_values *v, const struct ipt_row *row, const struct ipt_word words[2],
	struct ipt_value *ret, unsigned *ret_bad)
{
	static const struct ipt_word none[2];
	struct slice text;
	struct range one;

	if (!words)
		words = none;
	text = words[0].text;

	*ret_bad = 0;
	switch (row->type) {
	case IPT_FLAG:
		return true;
	case IPT_ADDRS:
		return ipt_read_addrs(v, text, ret);
	case IPT_ADDR_RANGE:
		return ipt_read_addr_range(v, text, &ret->addr_range);
	case IPT_PREFIX:
		return ipt_read_prefix(v, text, &ret->addr_range);
	case IPT_DEVICE:
		return read_device(v, text, ret);
	case IPT_PROTO:
		return read_proto(v, text, &ret->number);
	case IPT_PORT:
	case IPT_NAT_PORTS:
		if (!ipt_read_port_range(v, text, row->type == IPT_PORT ? ':' : '-', &one))
			return false;
		ret->ranges = (struct range_set){ 0 };
		range_set_add(v->arena, &ret->ranges, one);
		return true;
	case IPT_PORTS:
		return ipt_read_ports(v, text, &ret->ranges);
	case IPT_ICMP:
		return read_icmp(v, text, ret);
	case IPT_BITS:
		return read_bits(v, row, text, &ret->number);
	case IPT_WORD:
		return find_word(row->words, text, &ret->number) ||
		       ipt_value_fail(v, "is not a word that is known here");
	case IPT_TCP_FLAGS:
		if (!read_flags(v, text, &ret->flags.mask))
			return false;
		*ret_bad = 1;
		return read_flags(v, words[1].text, &ret->flags.set);
	case IPT_RANGE:
		return read_range(v, row, text, ret);
	case IPT_OWNER:
		return read_owner(v, row, text, ret);
	case IPT_MARK:
		return read_mark(v, text, ret);
	case IPT_TOS:
		return read_tos(v, text, ret);
	case IPT_RATE:
		return read_rate(v, text, ret);
	case IPT_SHARE:
		return read_share(v, text, &ret->number);
	case IPT_DATE:
		return read_date(v, text, ret);
	case IPT_WEEKDAYS:
	case IPT_MONTHDAYS:
		return read_time_words(v, row, text, ret);
	case IPT_SET:
		return read_set(v, words, ret, ret_bad);
	case IPT_NAT:
		return ipt_read_nat(v, text, ret);
	case IPT_LEVEL:
		return read_level(v, text, &ret->number);
	case IPT_NUMBER:
	case IPT_MAC:
	case IPT_DSCP:
	case IPT_DSCP_CLASS:
	case IPT_TIME:
	case IPT_NAME:
	case IPT_TEXT:
		return read_plain(v, row, text, ret);
	}
	BUG("value type %d", (int)row->type);
}

unsigned ipt_value_words(enum ipt_type type)
{
	if (type == IPT_FLAG)
		return 0;
	return type == IPT_TCP_FLAGS || type == IPT_SET ? 2 : 1;
}
