/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Section `redirect`: a port forward (DNAT), or, as RutOS wrote it before 7.09, a source NAT (SNAT)
 * or an exemption from NAT (ACCEPT). For SNAT src_dip and src_dport are what is written into the
 * packet, not what is matched.
 */
#include "model/match_rows.h"

static const struct enum_word target_words[] = {
	{ "DNAT", ACTION_DNAT, "Port forward" },
	{ "SNAT", ACTION_SNAT, "Source NAT" },
	{ "ACCEPT", ACTION_ACCEPT, "No NAT" },
	{ NULL },
};

static const struct enum_word reflection_words[] = {
	{ "internal", 0, "Internal address" },
	{ "external", 1, "External address" },
	{ NULL },
};

#define T struct redirect
#define AT(field) .at = offsetof(struct redirect, field)

static const struct option_row redirect_options[] = {
	ROW_ENABLED(T, "3.2 Enable; 8 Enable"),
	ROW_NAME(T, "3.1 Name; 3.2 Name"),
	ROW_PROTO(T, "tcp udp", "tcp udp", "3.2 Protocol; 8 Protocol"),
	{ .name = "src", .type = &type_zone_ref, AT(m.src), .initial = "wan",
	  .label = "Source zone",
	  .help = "The zone that hosts connect from. For source NAT, the zone the traffic came "
		  "from.",
	  .refers = "zone", .manual = "3.2 Source zone" },
	{ .name = "src_dport", .type = &type_listen_port, AT(src_dport), .label = "External port",
	  .help = "The port or port range hosts connect to; '!' excludes. Empty matches any port. "
		  "For source NAT, the port to write into the packet.",
	  .manual = "3.1 External port; 3.2 External port; 8 Ports" },
	{ .name = "dest", .type = &type_zone_ref, AT(m.dest), .initial = "lan",
	  .label = "Internal zone",
	  .help = "The zone of the host that answers: the way is opened into this zone, and NAT "
		  "loopback works in it. For source NAT, the zone the traffic goes to.",
	  .refers = "zone", .manual = "3.2 Internal zone" },
	{ .name = "dest_ip", .type = &type_address, .list = true, AT(m.dest_ip),
	  .label = "Internal IP address",
	  .help = "The address that connections are sent to. Empty means the router itself. For "
		  "source NAT, the destinations to match.",
	  .manual = "3.1 Internal IP address; 3.2 Internal IP address; 8 Host IP" },
	{ .name = "dest_port", .type = &type_port, .list = true, AT(m.dest_port),
	  .label = "Internal port",
	  .help = "The port that connections are sent to, or a range as large as the external "
		  "one. Empty keeps the port. For source NAT, the destination ports to match.",
	  .manual = "3.1 Internal port; 3.2 Internal port" },
	{ .name = "target", .type = &type_enum, .words = target_words, AT(target),
	  .fallback = "DNAT", .initial = "DNAT", .label = "Action",
	  .help = "Port forward, source NAT, or no NAT for what matches. New source NAT belongs "
		  "into a nat section." },

	ROW_SRC_MAC(T, "3.2 Source MAC address"),
	ROW_SRC_IP(T, GROUP_ADVANCED, "3.2 Source IP address"),
	ROW_SRC_PORT(T, GROUP_ADVANCED, "3.2 Source port"),
	{ .name = "src_dip", .type = &type_address, AT(src_dip), .label = "External IP address",
	  .help = "The address or network hosts connect to; '!' excludes. Empty matches any. For "
		  "source NAT, the address to write into the packet.",
	  .group = GROUP_ADVANCED, .manual = "3.2 External IP address" },
	{ .name = "reflection", .type = &type_bool, AT(reflection), .fallback = "1",
	  .initial = "1", .label = "Enable NAT loopback",
	  .help = "Lets hosts of the internal zone use the external address to reach the "
		  "internal host. The other conditions of the forward hold for them too.",
	  .group = GROUP_ADVANCED, .needs = "target=DNAT", .manual = "3.2 Enable NAT loopback" },
	{ .name = "reflection_src", .type = &type_enum, .words = reflection_words,
	  AT(reflection_src), .fallback = "internal", .label = "Loopback source address",
	  .help = "Which of the router's addresses the internal host sees for such connections "
		  "when they come from its own network. It sees hosts of other zones as they are.",
	  .group = GROUP_ADVANCED, .needs = "reflection=1" },
	{ .name = "reflection_zone", .type = &type_zone_name, .list = true, AT(reflection_zone),
	  .label = "Loopback zones",
	  .help = "The zones whose hosts may use NAT loopback. When absent, the internal zone.",
	  .group = GROUP_ADVANCED, .needs = "reflection=1", .refers = "zone" },
	{ .name = "helper", .type = &type_helper_ref, AT(m.helper), .label = "Conntrack helper",
	  .help = "The connection tracking helper for the forwarded connections. When absent, and "
		  "automatic helper assignment is on, the one known by the internal port.",
	  .group = GROUP_ADVANCED, .refers = "helper", .since = "RutOS 7.13" },
	ROW_FAMILY(T, NULL, NULL),
	ROW_IPSET(T),
	ROW_MARK(T, NULL),
	ROW_EXTRA(T, "3.2 Extra arguments"),
	ROWS_LIMIT(T, LIMIT_HELP_PLAIN, BURST_HELP_PLAIN, NULL, NULL),
	ROWS_TIME(T, "5.3"),
	ROWS_LOG(T),
	ROW_PRIORITY(T),
	{ .name = "mode", .type = &type_string, AT(mode), .label = "Mode",
	  .help = "'host' marks the section that the DMZ page manages: the exposed host, which "
		  "gets what comes to the router and no other forward takes, no enabled rule lets in "
		  "and DHCP does not need.",
	  .group = GROUP_NONE, .since = "RutOS" },
};

const struct section_row section_redirect = {
	.type = "redirect",
	.label = "Port forward",
	.page = "Port Forwards",
	.help = "Sends incoming connections on to another address or port, and permits them.",
	.options = redirect_options,
	.n_options = COUNT_OF(redirect_options),
	.size = sizeof(struct redirect),
	.skip_when_bad = true,
};

#undef T

static bool refuse(struct reader *r, struct span span, const char *id, const char *message,
	const char *hint)
{
	struct diag *e = diag_error(r->diags, span, id, "%s", message);

	if (hint)
		diag_hint(r->diags, e, "%s", hint);
	return false;
}

static struct span at_or_section(const struct given *given, const struct redirect *rd)
{
	return given->set ? given_span(rd->s.span.src, given) : rd->s.span;
}

/* ---- DNAT ---- */

static bool check_forward_has_source(struct reader *r, const struct redirect *rd)
{
	if (rd->m.from.kind == ZONE_NAMED || (rd->m.src.given.set && rd->m.from.kind == ZONE_NONE))
		return true;
	return refuse(r, at_or_section(&rd->m.src.given, rd), "redirect-needs-source",
		"a port forward needs the zone that connections come from",
		"add option src with the name of a zone");
}

static bool check_internal_address(struct reader *r, struct redirect *rd)
{
	if (!rd->m.dest_ip.n)
		return true;
	if (rd->m.dest_ip.n > 1)
		return refuse(r, rd->m.dest_ip.spans[1], "one-internal-address",
			"a port forward has one internal address",
			"make a port forward for each internal host");
	if (rd->m.dest_ip.v[0].negate)
		return refuse(r, rd->m.dest_ip.spans[0], "negated-value",
			"the internal address of a port forward cannot be negated",
			"name the host that the connections are sent to");
	return check_rewrite_address(r, rd->m.dest_ip.spans[0], &rd->m.dest_ip.v[0], false);
}

static bool check_internal_port(struct reader *r, const struct redirect *rd)
{
	if (!rd->m.dest_port.n)
		return true;
	if (rd->m.dest_port.n > 1)
		return refuse(r, rd->m.dest_port.spans[1], "one-internal-port",
			"a port forward has one internal port or range",
			"make a port forward for each internal port");
	if (rd->m.dest_port.v[0].negate)
		return refuse(r, rd->m.dest_port.spans[0], "negated-value",
			"the internal port of a port forward cannot be negated",
			"name the port that the connections are sent to");
	return true;
}

/* A range is mapped port by port, so both sides must have as many. */
static bool check_ranges_agree(struct reader *r, const struct redirect *rd)
{
	struct range in, out;
	struct diag *e;

	if (rd->m.dest_port.n != 1)
		return true;
	in = rd->m.dest_port.v[0].range;
	out = rd->src_dport.v.range;
	if (in.lo == in.hi)
		return true;
	if (rd->src_dport.given.set && !rd->src_dport.v.negate && out.hi - out.lo == in.hi - in.lo)
		return true;
	e = diag_error(r->diags, rd->m.dest_port.spans[0], "range-size",
		"the internal range has %u ports, the external one %s", in.hi - in.lo + 1,
		!rd->src_dport.given.set  ? "is not given"
		: rd->src_dport.v.negate ? "is everything but one range"
		: arena_printf(r->arena, "has %u", out.hi - out.lo + 1));
	if (rd->src_dport.given.set)
		diag_note(r->diags, e, given_span(r->source, &rd->src_dport.given), "the external port is here");
	diag_hint(r->diags, e, "give both ranges the same size, or name one internal port");
	return false;
}

static bool is_in_network_of(const struct zone *zone, const struct addr *host)
{
	vec_each(a, &zone->addresses) {
		struct addr_range net = addr_prefix_range(&a->addr, a->bits);

		if (addr_range_has(&net, host))
			return true;
	}
	return false;
}

/* Like firewall3: without a zone the internal address tells where it belongs. */
static void guess_internal_zone(struct reader *r, struct redirect *rd)
{
	if (rd->m.to.kind != ZONE_NONE || rd->m.dest_ip.n != 1)
		return;
	vec_each(zone, &r->policy->zones) {
		if (!is_in_network_of(*zone, &rd->m.dest_ip.v[0].written))
			continue;
		rd->m.to = (struct zone_ref){ ZONE_NAMED, *zone };
		return;
	}
}

static bool has_device(const struct zone *zone, const char *device)
{
	vec_each (d, &zone->devices) {
		if (device_pattern_has(d, device))
			return true;
	}
	return false;
}

/* The longest prefix around the host that the zone's networks or the routes into it have; 0: none. */
static unsigned nearness(struct reader *r, const struct zone *zone, const struct addr *host)
{
	unsigned best = 0, bits;

	vec_each (a, &zone->addresses) {
		struct addr_range net = addr_prefix_range(&a->addr, a->bits);

		if (addr_range_has(&net, host) && a->bits > best)
			best = a->bits;
	}
	vec_each (route, &r->facts->routes) {
		if (addr_range_has(&route->to, host) && addr_range_prefix(&route->to, &bits) &&
			bits > best && has_device(zone, route->device))
			best = bits;
	}
	return best;
}

/*
 * firewall3 opens the way to the host wherever it is; here only the internal zone is opened. A file
 * that was careless about the zone must hear of it.
 */
static void check_host_is_in_zone(struct reader *r, const struct redirect *rd)
{
	const struct zone *to = rd->m.to.zone, *nearest = to;
	const struct addr *host;
	struct diag *w;
	unsigned best;

	if (rd->m.to.kind != ZONE_NAMED || !to->devices.n || !rd->m.dest_ip.n)
		return;
	host = &rd->m.dest_ip.v[0].written;
	if (is_in_network_of(to, host))
		return;
	best = nearness(r, to, host);
	vec_each (zone, &r->policy->zones) {
		unsigned near = nearness(r, *zone, host);

		if (near <= best)
			continue;
		best = near;
		nearest = *zone;
	}
	if (nearest == to)
		return;
	w = diag_warning(r->diags, rd->m.dest_ip.spans[0], "host-elsewhere",
		"this host is in zone '%s', and the forward leads to zone '%s': it is not reached",
		nearest->name.v, to->name.v);
	diag_note(r->diags, w, given_span(r->source, &rd->m.dest.given), "the internal zone is here");
	diag_hint(r->diags, w, "set option dest '%s'", nearest->name.v);
}

static bool resolve_reflection(struct reader *r, struct redirect *rd)
{
	bool ok = true;

	if (!rd->reflection.v)
		return true;
	for (size_t i = 0; i < rd->reflection_zone.n; i++) {
		struct given given = given_at(rd->reflection_zone.spans[i]);
		struct zone_ref ref = { 0 };
		bool off = false;

		ok &= resolve_zone(r, &given, rd->reflection_zone.v[i], &ref, &off);
		if (ref.kind == ZONE_NAMED && !off)
			vec_push(r->arena, &rd->reflection_zones, ref.zone);
	}
	if (!rd->reflection_zone.given.set && rd->m.to.kind == ZONE_NAMED)
		vec_push(r->arena, &rd->reflection_zones, rd->m.to.zone);
	return ok;
}

static bool check_forward(struct reader *r, struct redirect *rd)
{
	bool ok = check_forward_has_source(r, rd);

	ok &= check_internal_address(r, rd);
	ok &= check_internal_port(r, rd);
	ok &= check_ranges_agree(r, rd);
	if (!ok)
		return false;
	guess_internal_zone(r, rd);
	check_host_is_in_zone(r, rd);
	return resolve_reflection(r, rd);
}

/* ---- SNAT and ACCEPT ---- */

static bool check_source_nat(struct reader *r, struct redirect *rd)
{
	bool accept = rd->target.v == ACTION_ACCEPT;
	bool ok = true;

	if (!rd->m.dest.given.set)
		ok = refuse(r, rd->s.span, "redirect-needs-dest",
			"source NAT needs the zone that traffic goes to",
			"add option dest with the name of a zone");
	if (rd->m.src_mac.n)
		ok = refuse(r, rd->m.src_mac.spans[0], "mac-after-routing",
			"source NAT cannot match a MAC address: it works where packets leave",
			"remove src_mac");
	if (!accept && !rd->src_dip.given.set)
		return refuse(r, rd->s.span, "snat-needs-address",
			"source NAT needs the address to write", "add option src_dip");
	if (accept || !rd->src_dip.given.set)
		return ok;
	if (rd->src_dip.v.negate || (rd->src_dport.given.set && rd->src_dport.v.negate))
		return refuse(r,
			rd->src_dip.v.negate ? given_span(r->source, &rd->src_dip.given) : given_span(r->source, &rd->src_dport.given),
			"negated-value", "what is written into the packet cannot be negated",
			NULL);
	return check_rewrite_address(r, given_span(r->source, &rd->src_dip.given), &rd->src_dip.v, true) && ok;
}

bool redirect_resolve(struct reader *r, struct redirect *rd)
{
	struct match_fields *m = &rd->m;
	bool off = false;
	bool ok = rd->s.valid;

	ok &= resolve_ends(r, m, &off);
	ok &= resolve_addresses(r, &m->src_ip);
	ok &= resolve_addresses(r, &m->dest_ip);
	ok &= resolve_address(r, &rd->src_dip.given, &rd->src_dip.v);
	ok &= resolve_set(r, m);
	if (m->helper.given.set)
		ok &= resolve_helper(r, given_span(r->source, &m->helper.given), m->helper.v, &rd->assign_helper);
	ok &= resolve_calendar(r, m);
	/* What source NAT writes is no condition, so it narrows nothing. */
	ok &= check_ports_have_protocol(r, m,
		rd->target.v == ACTION_DNAT && rd->src_dport.given.set, given_span(r->source, &rd->src_dport.given));
	ok &= check_family(r, m);
	ok &= check_other_family(r, m, &rd->src_dip.given, &rd->src_dip.v);
	check_burst_has_limit(r, m);
	if (rd->s.valid)
		ok &= rd->target.v == ACTION_DNAT ? check_forward(r, rd) : check_source_nat(r, rd);
	if (off)
		m->enabled.v = false;
	return ok;
}
