/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Section `nat`: source NAT as firewall3 has it natively and RutOS since 7.09. Its `src` is the
 * zone that traffic leaves by, a name we cannot change; the zone that traffic came from is our own
 * option `src_zone`, which the manual has and no firewall before could match.
 */
#include "model/match_rows.h"

static const struct enum_word target_words[] = {
	{ "MASQUERADE", ACTION_MASQUERADE, "Masquerade" },
	{ "SNAT", ACTION_SNAT, "Source NAT" },
	{ "ACCEPT", ACTION_ACCEPT, "No NAT" },
	{ "NETMAP", ACTION_NETMAP, "Map networks" },
	{ NULL },
};

#define T struct nat
#define AT(field) .at = offsetof(struct nat, field)

static const struct option_row nat_options[] = {
	ROW_ENABLED(T, "5.3 Enable"),
	ROW_NAME(T, "5.2 Name; 5.3 Name"),
	ROW_PROTO(T, "all", "all", "5.3 Protocol"),
	{ .name = "src_zone", .type = &type_zone_ref, AT(src_zone), .initial = "lan",
	  .label = "Source zone",
	  .help = "Matches traffic that came from this zone. Empty or * is any zone.",
	  .refers = "zone", .manual = "5.2 Source zone; 5.3 Source zone", .since = "zonewall 0.1" },
	ROW_SRC_IP(T, GROUP_GENERAL, "5.3 Source IP address"),
	ROW_SRC_PORT(T, GROUP_GENERAL, "5.3 Source port"),
	{ .name = "src", .type = &type_zone_ref, AT(m.src), .initial = "wan",
	  .label = "Destination zone",
	  .help = "Matches traffic that leaves into this zone, whatever the option is called. "
		  "Empty or * is any zone.",
	  .refers = "zone", .manual = "5.2 Destination Zone; 5.3 Destination zone" },
	{ .name = "dest_ip", .type = &type_address, .list = true, AT(m.dest_ip),
	  .label = "Destination IP address",
	  .help = "Addresses, networks or ranges that the traffic goes to; '!' excludes. Empty "
		  "matches any.",
	  .manual = "5.3 Destination IP address" },
	{ .name = "dest_port", .type = &type_port, .list = true, AT(m.dest_port),
	  .label = "Destination port",
	  .help = "Ports or port ranges that the traffic goes to; '!' excludes. Empty matches "
		  "any.",
	  .manual = "5.3 Destination port" },
	{ .name = "snat_ip", .type = &type_address, AT(snat_ip), .label = "To source IP",
	  .help = "The source address to write into the packet; for Map networks, the network to "
		  "map to. Empty leaves the address.",
	  .needs = "target=SNAT", .manual = "5.2 To source IP" },
	{ .name = "snat_port", .type = &type_port, AT(snat_port), .label = "Rewrite port",
	  .help = "The source port or range of ports to write into the packet. Empty leaves the "
		  "port where possible.",
	  .needs = "target=SNAT", .manual = "5.2 To Source Port; 5.3 Rewrite port" },
	{ .name = "target", .type = &type_enum, .words = target_words, AT(target),
	  .fallback = "MASQUERADE", .initial = "SNAT", .label = "Action",
	  .help = "Source NAT writes the address given; Masquerade takes the router's own on the "
		  "way out; No NAT exempts the traffic; Map networks replaces the prefix of the "
		  "network in src_ip by the one in snat_ip, of the same size and IPv4 or IPv6 "
		  "(NETMAP, NPT), on the way out, and the other way for connections that the "
		  "outside begins; rules then see the internal address. When absent: Masquerade." },
	ROW_FAMILY(T, NULL, NULL),
	{ .name = "device", .type = &type_device, AT(m.device), .label = "Outbound device",
	  .help = "Matches traffic that leaves by this device.", .group = GROUP_ADVANCED },
	ROW_IPSET(T),
	ROW_MARK(T, NULL),
	{ .name = "connlimit_ports", .type = &type_string, AT(connlimit_ports),
	  .label = "Ports per connection limit",
	  .help = "Has no effect here: the port range is shared by all connections.",
	  .group = GROUP_NONE, .status = OPTION_IGNORED },
	ROW_EXTRA(T, "5.3 Extra arguments"),
	ROWS_LIMIT(T, LIMIT_HELP_PLAIN, BURST_HELP_PLAIN, NULL, NULL),
	ROWS_TIME(T, "5.3"),
	ROWS_LOG(T),
	ROW_PRIORITY(T),
};

const struct section_row section_nat = {
	.type = "nat",
	.label = "Source NAT",
	.page = "NAT Rules",
	.help = "Changes the source address or port of traffic on its way out, before any "
		"masquerading of the zone. The first section that matches wins.",
	.options = nat_options,
	.n_options = COUNT_OF(nat_options),
	.size = sizeof(struct nat),
	.skip_when_bad = true,
};

#undef T

static bool refuse(struct reader *r, struct span span, const char *id, const char *message,
	const char *hint)
{
	struct diag *e = diag_error(r->diags, span, id, "%s", message);

	diag_hint(r->diags, e, "%s", hint);
	return false;
}

static bool check_snat(struct reader *r, struct nat *n)
{
	if (!n->snat_ip.given.set && !n->snat_port.given.set)
		return refuse(r, given_span(r->source, &n->target.given), "snat-needs-address",
			"target SNAT needs an address or a port to write",
			"add option snat_ip or snat_port");
	if (n->snat_ip.given.set && n->snat_ip.v.negate)
		return refuse(r, given_span(r->source, &n->snat_ip.given), "negated-value",
			"the address to write cannot be negated", "name one address");
	if (!n->snat_ip.given.set)
		return true;
	return check_rewrite_address(r, given_span(r->source, &n->snat_ip.given), &n->snat_ip.v, true);
}

static bool check_masquerade(struct reader *r, const struct nat *n)
{
	if (!n->snat_ip.given.set)
		return true;
	return refuse(r, given_span(r->source, &n->snat_ip.given), "masquerade-has-address",
		"target MASQUERADE finds the address by itself",
		"remove snat_ip, or set target 'SNAT'");
}

static bool is_prefix(const struct addr_spec *s, unsigned *ret_bits)
{
	return s->kind == ADDR_SPEC_RANGE && !s->negate && addr_range_prefix(&s->range, ret_bits);
}

static bool check_netmap(struct reader *r, const struct nat *n)
{
	unsigned from, to;
	bool ok = n->m.src_ip.n == 1 && n->snat_ip.given.set && is_prefix(&n->m.src_ip.v[0], &from) &&
		is_prefix(&n->snat_ip.v, &to);

	if (ok && from == to && n->m.src_ip.v[0].written.family == n->snat_ip.v.written.family)
		return true;
	return refuse(r, given_span(r->source, &n->target.given), "netmap-prefix",
		"target NETMAP needs one network in src_ip and one of the same size in snat_ip",
		"for example src_ip '192.168.1.0/24' and snat_ip '10.9.1.0/24'");
}

static void check_exemption_rewrites_nothing(struct reader *r, const struct nat *n)
{
	struct diag *w;

	if (!n->snat_ip.given.set && !n->snat_port.given.set)
		return;
	w = diag_warning(r->diags,
		n->snat_ip.given.set ? given_span(r->source, &n->snat_ip.given) : given_span(r->source, &n->snat_port.given),
		"rewrite-unused", "target ACCEPT rewrites nothing");
	diag_hint(r->diags, w, "set target 'SNAT', or remove the option");
}

static bool check_target(struct reader *r, struct nat *n)
{
	if (n->snat_port.given.set && n->snat_port.v.negate)
		return refuse(r, given_span(r->source, &n->snat_port.given), "negated-value",
			"the port to write cannot be negated", "name a port or a range");
	switch ((enum action)n->target.v) {
	case ACTION_SNAT:
		return check_snat(r, n);
	case ACTION_MASQUERADE:
		return check_masquerade(r, n);
	case ACTION_NETMAP:
		return check_netmap(r, n);
	case ACTION_ACCEPT:
		check_exemption_rewrites_nothing(r, n);
		return true;
	case ACTION_DROP:
	case ACTION_REJECT:
	case ACTION_NOTRACK:
	case ACTION_DSCP:
	case ACTION_MARK:
	case ACTION_TTL:
	case ACTION_TCPMSS:
	case ACTION_HELPER:
	case ACTION_DNAT:
		return true;
	}
	return true;
}

bool nat_resolve(struct reader *r, struct nat *n)
{
	struct match_fields *m = &n->m;
	bool off = false;
	bool ok = n->s.valid;

	ok &= resolve_zone(r, &m->src.given, m->src.v, &m->to, &off);
	ok &= resolve_zone(r, &n->src_zone.given, n->src_zone.v, &m->from, &off);
	if (m->to.kind == ZONE_NONE)
		m->to.kind = ZONE_ANY;
	if (m->from.kind == ZONE_NONE)
		m->from.kind = ZONE_ANY;
	ok &= resolve_addresses(r, &m->src_ip);
	ok &= resolve_addresses(r, &m->dest_ip);
	ok &= resolve_address(r, &n->snat_ip.given, &n->snat_ip.v);
	ok &= resolve_set(r, m);
	ok &= resolve_calendar(r, m);
	ok &= check_ports_have_protocol(r, m, false, SPAN_NONE);
	ok &= check_family(r, m);
	ok &= check_other_family(r, m, &n->snat_ip.given, &n->snat_ip.v);
	check_burst_has_limit(r, m);
	if (n->s.valid)
		ok &= check_target(r, n);
	if (off)
		m->enabled.v = false;
	return ok;
}
