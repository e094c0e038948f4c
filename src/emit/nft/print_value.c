/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values as nft writes them in a listing: names where nft has one, else numbers in its base.
 * Dates are in UTC; nft reads and lists them in its own time zone, so run it with TZ=UTC.
 */
#include <string.h>

#include "base/bug.h"
#include "emit/nft/nft_priv.h"

struct name {
	uint32_t value;
	const char *name;
};

static const struct name nfprotos[] = { { 2, "ipv4" }, { 10, "ipv6" }, { 0, NULL } };

/* Only what nft's grammar knows itself; others would need /etc/protocols where it runs. */
static const struct name protos[] = {
	{ 1, "icmp" },
	{ 2, "igmp" },
	{ 6, "tcp" },
	{ 17, "udp" },
	{ 33, "dccp" },
	{ 47, "gre" },
	{ 50, "esp" },
	{ 51, "ah" },
	{ 58, "icmpv6" },
	{ 108, "comp" },
	{ 132, "sctp" },
	{ 136, "udplite" },
	{ 0, NULL },
};

static const struct name icmp_types[] = {
	{ 0, "echo-reply" },
	{ 3, "destination-unreachable" },
	{ 4, "source-quench" },
	{ 5, "redirect" },
	{ 8, "echo-request" },
	{ 9, "router-advertisement" },
	{ 10, "router-solicitation" },
	{ 11, "time-exceeded" },
	{ 12, "parameter-problem" },
	{ 13, "timestamp-request" },
	{ 14, "timestamp-reply" },
	{ 15, "info-request" },
	{ 16, "info-reply" },
	{ 17, "address-mask-request" },
	{ 18, "address-mask-reply" },
	{ 0, NULL },
};

static const struct name icmp_codes[] = {
	{ 0, "net-unreachable" },
	{ 1, "host-unreachable" },
	{ 2, "prot-unreachable" },
	{ 3, "port-unreachable" },
	{ 4, "frag-needed" },
	{ 9, "net-prohibited" },
	{ 10, "host-prohibited" },
	{ 13, "admin-prohibited" },
	{ 0, NULL },
};

static const struct name icmpv6_types[] = {
	{ 1, "destination-unreachable" },
	{ 2, "packet-too-big" },
	{ 3, "time-exceeded" },
	{ 4, "parameter-problem" },
	{ 128, "echo-request" },
	{ 129, "echo-reply" },
	{ 130, "mld-listener-query" },
	{ 131, "mld-listener-report" },
	{ 132, "mld-listener-done" },
	{ 133, "nd-router-solicit" },
	{ 134, "nd-router-advert" },
	{ 135, "nd-neighbor-solicit" },
	{ 136, "nd-neighbor-advert" },
	{ 137, "nd-redirect" },
	{ 138, "router-renumbering" },
	{ 141, "ind-neighbor-solicit" },
	{ 142, "ind-neighbor-advert" },
	{ 143, "mld2-listener-report" },
	{ 0, NULL },
};

static const struct name icmpv6_codes[] = {
	{ 0, "no-route" },
	{ 1, "admin-prohibited" },
	{ 3, "addr-unreachable" },
	{ 4, "port-unreachable" },
	{ 5, "policy-fail" },
	{ 6, "reject-route" },
	{ 0, NULL },
};

static const struct name tcp_flags[] = {
	{ 1, "fin" },
	{ 2, "syn" },
	{ 4, "rst" },
	{ 8, "psh" },
	{ 16, "ack" },
	{ 32, "urg" },
	{ 64, "ecn" },
	{ 128, "cwr" },
	{ 0, NULL },
};

static const struct name ct_states[] = {
	{ 1, "invalid" },
	{ 2, "established" },
	{ 4, "related" },
	{ 8, "new" },
	{ 64, "untracked" },
	{ 0, NULL },
};

static const struct name ct_statuses[] = {
	{ 1, "expected" },
	{ 2, "seen-reply" },
	{ 4, "assured" },
	{ 8, "confirmed" },
	{ 0x10, "snat" },
	{ 0x20, "dnat" },
	{ 0, NULL },
};

static const struct name pkttypes[] = {
	{ 0, "host" },
	{ 1, "broadcast" },
	{ 2, "multicast" },
	{ 0, NULL },
};

static const struct name dscps[] = {
	{ 0x00, "cs0" },
	{ 0x08, "cs1" },
	{ 0x10, "cs2" },
	{ 0x18, "cs3" },
	{ 0x20, "cs4" },
	{ 0x28, "cs5" },
	{ 0x30, "cs6" },
	{ 0x38, "cs7" },
	{ 0x01, "lephb" },
	{ 0x0a, "af11" },
	{ 0x0c, "af12" },
	{ 0x0e, "af13" },
	{ 0x12, "af21" },
	{ 0x14, "af22" },
	{ 0x16, "af23" },
	{ 0x1a, "af31" },
	{ 0x1c, "af32" },
	{ 0x1e, "af33" },
	{ 0x22, "af41" },
	{ 0x24, "af42" },
	{ 0x26, "af43" },
	{ 0x2c, "va" },
	{ 0x2e, "ef" },
	{ 0, NULL },
};

static const struct name addrtypes[] = {
	{ 1, "unicast" },
	{ 2, "local" },
	{ 3, "broadcast" },
	{ 5, "multicast" },
	{ 0, NULL },
};

static const struct name booleans[] = { { 0, "missing" }, { 1, "exists" }, { 0, NULL } };

static void print_name(
	const struct name *names, uint64_t value, const char *format, struct buf *out)
{
	for (; names->name; names++) {
		if (names->value == value) {
			buf_str(out, names->name);
			return;
		}
	}
	buf_printf(out, format, (unsigned)value);
}

/* Each bit by its name, with commas. */
static void print_flags(const struct name *names, uint64_t value, struct buf *out)
{
	const char *comma = "";

	for (; names->name; names++) {
		if (!(value & names->value))
			continue;
		buf_printf(out, "%s%s", comma, names->name);
		comma = ",";
	}
	if (!*comma)
		buf_str(out, "0x0");
}

static void print_date(uint64_t nanoseconds, struct buf *out)
{
	struct civil c = civil_of((int64_t)(nanoseconds / 1000000000U));

	buf_printf(out, "\"%04d-%02d-%02d %02d:%02d:%02d\"", c.year, c.month, c.day, c.hour,
		c.minute, c.second);
}

static void print_mac(const uint8_t *v, struct buf *out)
{
	buf_printf(out, "%02x:%02x:%02x:%02x:%02x:%02x", v[0], v[1], v[2], v[3], v[4], v[5]);
}

/* A name that ends in a star would be read as a pattern. */
static void print_device(const uint8_t *v, bool wildcard, struct buf *out)
{
	char name[20] = { 0 };
	size_t n = strnlen((const char *)v, 16);

	memcpy(name, v, n);
	if (n && name[n - 1] == '*' && !wildcard)
		memcpy(name + n - 1, "\\*", 3);
	else if (wildcard)
		memcpy(name + n, "*", 2);
	nft_print_quoted(name, out);
}

static struct addr addr_of(enum nft_type type, const uint8_t *v)
{
	struct addr a = { .family = type == NFT_T_ADDR4 ? FAMILY_V4 : FAMILY_V6 };

	memcpy(a.b, v, type == NFT_T_ADDR4 ? 4 : 16);
	return a;
}

static uint64_t number_of(const uint8_t *value, unsigned bytes)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < bytes; i++)
		n = n << 8 | value[i];
	return n;
}

void nft_print_value(
	enum nft_type type, unsigned bytes, unsigned shift, const uint8_t *value, struct buf *out)
{
	uint64_t n = bytes <= 8 ? number_of(value, bytes) >> shift : 0;
	struct addr addr;

	switch (type) {
	case NFT_T_NFPROTO:
		print_name(nfprotos, n, "%u", out);
		return;
	case NFT_T_INTEGER:
	case NFT_T_HOST_INTEGER:
	case NFT_T_PORT:
	case NFT_T_UID:
	case NFT_T_GID:
		buf_printf(out, "%llu", (unsigned long long)n);
		return;
	case NFT_T_ADDR4:
	case NFT_T_ADDR6:
		addr = addr_of(type, value);
		addr_print(&addr, out);
		return;
	case NFT_T_ETHER:
		print_mac(value, out);
		return;
	case NFT_T_PROTO:
		print_name(protos, n, "%u", out);
		return;
	case NFT_T_ICMP_TYPE:
		print_name(icmp_types, n, "%u", out);
		return;
	case NFT_T_ICMP_CODE:
		print_name(icmp_codes, n, "%u", out);
		return;
	case NFT_T_ICMPV6_TYPE:
		print_name(icmpv6_types, n, "%u", out);
		return;
	case NFT_T_ICMPV6_CODE:
		print_name(icmpv6_codes, n, "%u", out);
		return;
	case NFT_T_TCP_FLAG:
		print_flags(tcp_flags, n, out);
		return;
	case NFT_T_MARK:
		buf_printf(out, "0x%08x", (unsigned)n);
		return;
	case NFT_T_CT_STATE:
		print_flags(ct_states, n, out);
		return;
	case NFT_T_CT_STATUS:
		print_flags(ct_statuses, n, out);
		return;
	case NFT_T_PKTTYPE:
		print_name(pkttypes, n, "%u", out);
		return;
	case NFT_T_DSCP:
		print_name(dscps, n, "0x%02x", out);
		return;
	case NFT_T_FIB_ADDR:
		print_name(addrtypes, n, "%u", out);
		return;
	case NFT_T_BOOLEAN:
		print_name(booleans, n, "%u", out);
		return;
	case NFT_T_IFNAME:
		print_device(value, false, out);
		return;
	case NFT_T_STRING:
		nft_print_quoted((const char *)value, out);
		return;
	case NFT_T_DATE:
		print_date(n, out);
		return;
	case NFT_T_VERDICT:
		break;
	}
	BUG("a value of type %d", type);
}

/* One end of a range: a number, because nft reads "cs1-cs3" as one word. */
void nft_print_end(
	enum nft_type type, unsigned bytes, unsigned shift, const uint8_t *value, struct buf *out)
{
	uint64_t n = bytes <= 8 ? number_of(value, bytes) >> shift : 0;

	switch (type) {
	case NFT_T_PROTO:
	case NFT_T_NFPROTO:
	case NFT_T_ICMP_TYPE:
	case NFT_T_ICMP_CODE:
	case NFT_T_ICMPV6_TYPE:
	case NFT_T_ICMPV6_CODE:
	case NFT_T_PKTTYPE:
	case NFT_T_FIB_ADDR:
		buf_printf(out, "%u", (unsigned)n);
		return;
	case NFT_T_DSCP:
		buf_printf(out, "0x%02x", (unsigned)n);
		return;
	case NFT_T_VERDICT:
	case NFT_T_INTEGER:
	case NFT_T_HOST_INTEGER:
	case NFT_T_ADDR4:
	case NFT_T_ADDR6:
	case NFT_T_ETHER:
	case NFT_T_PORT:
	case NFT_T_TCP_FLAG:
	case NFT_T_MARK:
	case NFT_T_UID:
	case NFT_T_GID:
	case NFT_T_CT_STATE:
	case NFT_T_CT_STATUS:
	case NFT_T_BOOLEAN:
	case NFT_T_IFNAME:
	case NFT_T_STRING:
	case NFT_T_DATE:
		nft_print_value(type, bytes, shift, value, out);
		return;
	}
	BUG("a range of type %d", type);
}

/* A wildcard's last byte is 0xff, which no name of ours has. */
static bool is_wildcard(const uint8_t *end)
{
	return end[15] == 0xff;
}

/* One part of an element's key: a value, a range, a prefix or a pattern. */
static void print_part(enum nft_type type, unsigned bytes, unsigned shift, const uint8_t *lo,
	const uint8_t *hi, struct buf *out)
{
	bool single = !hi || !memcmp(lo, hi, bytes);

	if (type == NFT_T_IFNAME && !single && is_wildcard(hi)) {
		print_device(lo, true, out);
		return;
	}
	if (!single && (type == NFT_T_ADDR4 || type == NFT_T_ADDR6)) {
		struct addr_range r = { addr_of(type, lo), addr_of(type, hi) };

		addr_range_print(&r, out);
		return;
	}
	if (single) {
		nft_print_value(type, bytes, shift, lo, out);
		return;
	}
	nft_print_end(type, bytes, shift, lo, out);
	buf_char(out, '-');
	nft_print_end(type, bytes, shift, hi, out);
}

static void print_key(
	const struct nft_set *set, const struct nft_element *e, unsigned shift, struct buf *out)
{
	unsigned at = 0;

	for (unsigned i = 0; i < set->n_key; i++) {
		unsigned bytes = nft_type_info[set->key[i]].bytes;

		if (!bytes)
			bytes = set->key_bytes;
		if (i)
			buf_str(out, " . ");
		print_part(set->key[i], bytes, shift, e->key + at,
			e->key_end ? e->key_end + at : NULL, out);
		at += (bytes + 3) & ~3U;
	}
}

static void print_element(
	const struct nft_set *set, const struct nft_element *e, unsigned shift, struct buf *out)
{
	print_key(set, e, shift, out);
	if (e->timeout) {
		buf_str(out, " timeout ");
		nft_print_duration(e->timeout, out);
	}
	if (e->comment) {
		buf_str(out, " comment ");
		nft_print_quoted(e->comment, out);
	}
	if (!set->is_map)
		return;
	buf_str(out, " : ");
	if (set->data == NFT_T_VERDICT)
		nft_print_verdict(&e->verdict, out);
	else
		nft_print_value(set->data, set->data_bytes, 0, e->data, out);
}

/* Columns of text since the last line's start, tabs being eight. */
static size_t column(const struct buf *out)
{
	size_t from = out->n, columns = 0;

	while (from && out->p[from - 1] != '\n')
		from--;
	for (; from < out->n; from++)
		columns += out->p[from] == '\t' ? 8 : 1;
	return columns;
}

void nft_print_elements(
	const struct nft_set *set, const char *separator, unsigned shift, struct buf *out)
{
	for (size_t i = 0; i < set->elements.n; i++) {
		if (i)
			buf_char(out, ',');
		if (i && separator && (set->is_map || column(out) > 76))
			buf_str(out, separator);
		else if (i)
			buf_char(out, ' ');
		print_element(set, &set->elements.v[i], shift, out);
	}
}
