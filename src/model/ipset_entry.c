/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One entry of a set: its parts, separated by commas (or blanks, as firewall4 has it), then
 * "timeout N" and "nomatch". A mistake is shown at the part that has it.
 */
#include <string.h>

#include "model/model_priv.h"

struct entry_reader {
	struct reader *r;
	const struct ipset *set;
	struct span span;   /* of the whole entry */
	struct slice whole; /* its text */
};

/* The span of a part; the whole entry when the file's bytes are not the entry's own. */
static struct span part_span(const struct entry_reader *e, struct slice part)
{
	struct span span = e->span;

	if (!span.src || span.end - span.start != e->whole.n || !part.n)
		return span;
	span.start += (uint32_t)(part.p - e->whole.p);
	span.end = span.start + (uint32_t)part.n;
	return span;
}

static bool refuse(const struct entry_reader *e, struct slice part, const char *why)
{
	diag_error(e->r->diags, part_span(e, part), "set-entry", "'%.*s' %s", SLICE_ARG(part), why);
	return false;
}

/* Blanks and commas both end a part. */
static bool next_part(struct slice *rest, struct slice *ret)
{
	size_t n = 0;

	while (rest->n && strchr(", \t\r\n", rest->p[0]))
		*rest = slice_from(*rest, 1);
	while (n < rest->n && !strchr(", \t\r\n", rest->p[n]))
		n++;
	if (!n)
		return false;
	*ret = (struct slice){ rest->p, n };
	*rest = slice_from(*rest, n);
	return true;
}

static bool inside_iprange(const struct entry_reader *e, const struct addr_range *range)
{
	struct addr_spec bounds;
	const char *why;

	if (!e->set->iprange.given.set)
		return true;
	if (!addr_spec_parse(e->r->arena, slice_of(e->set->iprange.v), &bounds, &why) ||
		bounds.kind != ADDR_SPEC_RANGE)
		return true; /* ipset.c has reported it */
	return addr_range_has(&bounds.range, &range->lo) && addr_range_has(&bounds.range, &range->hi);
}

static bool read_address(const struct entry_reader *e, struct slice word, struct addr_range *ret)
{
	const struct ipset *set = e->set;
	const char *why = "is not an address";
	struct addr_spec spec;

	if (!addr_spec_parse(e->r->arena, word, &spec, &why))
		return refuse(e, word, why);
	if (spec.kind != ADDR_SPEC_RANGE || spec.negate)
		return refuse(e, word, "is not an address, network or range");
	if (spec.range.lo.family != set->family.v)
		return refuse(e, word,
			set->family.v == FAMILY_V4 ? "is not an IPv4 address, and the set is for IPv4"
						   : "is not an IPv6 address, and the set is for IPv6");
	if (!inside_iprange(e, &spec.range))
		return refuse(e, word, "is outside the set's iprange");
	*ret = spec.range;
	if (set->netmask.given.set && set->netmask.v <= 8 * family_bytes(set->family.v)) {
		ret->lo = addr_prefix_range(&ret->lo, (unsigned)set->netmask.v).lo;
		ret->hi = addr_prefix_range(&ret->hi, (unsigned)set->netmask.v).hi;
	}
	return true;
}

static bool inside_portrange(const struct entry_reader *e, struct range range)
{
	struct port_spec bounds;
	const char *why;

	if (!e->set->portrange.given.set ||
		!port_spec_parse(slice_of(e->set->portrange.v), &bounds, &why))
		return true;
	return range.lo >= bounds.range.lo && range.hi <= bounds.range.hi;
}

/* "80", "80-90" or "tcp:80". */
static bool read_port(const struct entry_reader *e, struct slice word, struct range *ret,
	uint8_t *ret_proto)
{
	size_t colon = slice_find(word, ':');
	struct slice port = word;
	const char *why = "is not a port";
	struct proto_spec proto;
	struct port_spec spec;

	if (colon < word.n && colon > 0 && !(word.p[0] >= '0' && word.p[0] <= '9')) {
		struct slice name = { word.p, colon };

		port = slice_from(word, colon + 1);
		if (!proto_spec_parse(name, &proto, &why))
			return refuse(e, name, why);
		if (proto.negate || proto.all || proto.n != 1 || !proto_has_ports(proto.number[0]))
			return refuse(e, name, "is not one protocol with ports");
		*ret_proto = proto.number[0];
	}
	if (!port_spec_parse(port, &spec, &why))
		return refuse(e, port.n ? port : word, why);
	if (spec.negate)
		return refuse(e, port, "is negated, which an entry cannot be");
	if (!inside_portrange(e, spec.range))
		return refuse(e, port, "is outside the set's portrange");
	*ret = spec.range;
	return true;
}

static bool read_mac(const struct entry_reader *e, struct slice word, struct mac *ret)
{
	const char *why = "is not a MAC address";
	struct mac_spec spec;

	if (!mac_spec_parse(word, &spec, &why))
		return refuse(e, word, why);
	if (spec.negate)
		return refuse(e, word, "is negated, which an entry cannot be");
	*ret = spec.mac;
	return true;
}

static bool read_part(const struct entry_reader *e, struct slice word, unsigned i,
	struct set_entry *entry)
{
	switch (e->set->parts[i]) {
	case SET_IP:
	case SET_NET:
		return read_address(e, word, &entry->part[i].addr);
	case SET_PORT:
		return read_port(e, word, &entry->part[i].port, &entry->part[i].proto);
	case SET_MAC:
		return read_mac(e, word, &entry->part[i].mac);
	case SET_SET:
		return refuse(e, word, "cannot be read: sets of sets have no entries here");
	}
	return false;
}

static bool read_options(const struct entry_reader *e, struct slice rest, struct set_entry *entry)
{
	struct slice word, number;
	uint64_t seconds;

	while (next_part(&rest, &word)) {
		if (slice_is(word, "nomatch")) {
			entry->nomatch = true;
			continue;
		}
		if (!slice_is(word, "timeout"))
			return refuse(e, word, "is more than the set's entries have");
		if (!next_part(&rest, &number))
			return refuse(e, word, "needs a number of seconds after it");
		if (!slice_u64(number, 2147483, &seconds))
			return refuse(e, number, "is not a number of seconds, 0 to 2147483");
		entry->timeout = (uint32_t)seconds;
	}
	return true;
}

bool ipset_entry_parse(struct reader *r, const struct ipset *set, struct span span,
	struct slice text, struct set_entry *ret)
{
	struct entry_reader e = { r, set, span, text };
	struct set_entry entry = { .span = span };
	struct slice rest = text, word;

	for (unsigned i = 0; i < set->n_parts; i++) {
		if (!next_part(&rest, &word)) {
			struct diag *d = diag_error(r->diags, span, "set-entry",
				"'%.*s' has %u of the %u parts of the set's entries",
				SLICE_ARG(text), i, set->n_parts);

			diag_hint(r->diags, d, "write the parts with commas between them");
			return false;
		}
		if (!read_part(&e, word, i, &entry))
			return false;
	}
	if (!read_options(&e, rest, &entry))
		return false;
	*ret = entry;
	return true;
}
