/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Section `rule`: what to match and what to do with it. Where src and dest point decides whether
 * it is about traffic to the router, through it or from it. The checks that depend on the action
 * are in rule_checks.c.
 */
#include <string.h>

#include "model/match_rows.h"

static const struct enum_word target_words[] = {
	{ "DROP", ACTION_DROP, "Drop" },
	{ "ACCEPT", ACTION_ACCEPT, "Accept" },
	{ "REJECT", ACTION_REJECT, "Reject" },
	{ "NOTRACK", ACTION_NOTRACK, "Don't track" },
	{ "DSCP", ACTION_DSCP, "DSCP" },
	{ "MARK", ACTION_MARK, "Mark" },
	{ "TTL", ACTION_TTL, "TTL" },
	{ "TCPMSS", ACTION_TCPMSS, "Maximum segment size" },
	{ "HELPER", ACTION_HELPER, "Assign helper" },
	{ NULL },
};

static const struct enum_word direction_words[] = {
	{ "in", 0, "Incoming" },
	{ "out", 1, "Outgoing" },
	{ NULL },
};

static const struct enum_word ttl_words[] = {
	{ "set", TTL_SET, "Set" },
	{ "increment", TTL_INCREMENT, "Increment" },
	{ "decrement", TTL_DECREMENT, "Decrement" },
	{ NULL },
};

#define T struct rule
#define AT(field) .at = offsetof(struct rule, field)

#define STORED(NAME, FIELD_, TYPE, LABEL, HELP, SINCE, MANUAL)                                     \
	{ .name = NAME, .type = &(TYPE), AT(FIELD_), .label = LABEL, .help = HELP,                 \
	  .group = GROUP_NONE, .status = OPTION_STORED, .since = SINCE, .manual = MANUAL }

/* The flags of the Attack Prevention pages; each belongs to the stock rule of one name. */
#define LIMIT_FLAG(NAME, FIELD_, LABEL, RULE, MANUAL)                                              \
	{ .name = NAME, .type = &type_bool, AT(FIELD_), .fallback = "0",                           \
	  .label = LABEL, .group = GROUP_NONE, .manual = MANUAL,                                   \
	  .help = "Switches the limit of the rule '" RULE "' on or off. While it is on, each "     \
		  "sender has a limit of its own, and what exceeds it is dropped." }

static const struct option_row rule_options[] = {
	ROW_ENABLED(T, "4.1.1 Enable; 6.2 Enable ICMP requests"),
	ROW_NAME(T, "4.1.1 Name; 4.2 Name; 4.3 Name"),
	ROW_PROTO(T, "tcp udp", "tcp udp", "4.1.1 Protocol; 4.2 Protocol"),
	{ .name = "icmp_type", .type = &type_icmp, .list = true, AT(m.icmp_type),
	  .label = "Match ICMP type",
	  .help = "The ICMP types to match, by name, number (8) or type and code (3/4). A name "
		  "matches only in the address family that has it.",
	  .needs = "proto=icmp", .manual = "4.1.1 Match ICMP type" },
	{ .name = "src", .type = &type_zone_ref, AT(m.src), .initial = "wan",
	  .label = "Source zone",
	  .help = "The zone the traffic comes from; * is any zone. Without it the rule is about "
		  "traffic of the router itself.",
	  .refers = "zone", .manual = "4.1.1 Source zone; 4.3 Source zone" },
	ROW_SRC_IP(T, GROUP_GENERAL, "4.1.1 Source IP address"),
	ROW_SRC_PORT(T, GROUP_GENERAL, "4.1.1 Source port"),
	{ .name = "dest", .type = &type_zone_ref, AT(m.dest), .label = "Destination zone",
	  .help = "The zone the traffic goes to; * is any zone. Without it the rule is about "
		  "traffic for the router itself (Device).",
	  .refers = "zone", .manual = "4.1.1 Destination zone; 4.3 Destination zone" },
	{ .name = "dest_ip", .type = &type_address, .list = true, AT(m.dest_ip),
	  .label = "Destination address",
	  .help = "Addresses, networks, ranges or names of logical networks that the traffic goes "
		  "to; '!' excludes, and all exclusions hold at once. Empty matches any address.",
	  .manual = "4.1.1 Destination address" },
	{ .name = "dest_port", .type = &type_port, .list = true, AT(m.dest_port),
	  .label = "Destination port",
	  .help = "Ports or port ranges the traffic goes to; '!' excludes. Empty matches any. "
		  "Only protocols with ports can match.",
	  .manual = "4.1.1 Destination port; 4.2 External port" },
	{ .name = "target", .type = &type_enum, .words = target_words, AT(target),
	  .fallback = "REJECT", .initial = "ACCEPT", .label = "Action",
	  .help = "What happens to traffic that matches: Drop deletes it, Reject also tells the "
		  "sender, Accept lets it pass, Don't track keeps it out of connection tracking, "
		  "DSCP and Mark label it. When absent: Reject.",
	  .manual = "4.1.1 Action" },

	ROW_FAMILY(T, "4.1.2 Restrict to address family", NULL),
	ROW_SRC_MAC(T, "4.1.2 Source MAC address"),
	{ .name = "set_dscp", .type = &type_dscp, AT(set_dscp), .label = "DSCP: Set Target value",
	  .help = "The DiffServ code point to write into matching packets, as a class name or a "
		  "number.",
	  .group = GROUP_ADVANCED, .needs = "target=DSCP",
	  .manual = "4.1.2 DSCP: Set Target value" },
	{ .name = "set_mark", .type = &type_mark, AT(set_mark), .label = "Mark: Set Target value",
	  .help = "The firewall mark to set, optionally under a mask: value/mask, where the bits "
		  "of mask and value are cleared first. Digits are hexadecimal (FF is 255) unless "
		  "the dialect is openwrt.",
	  .group = GROUP_ADVANCED, .needs = "target=MARK",
	  .manual = "4.1.2 Mark: Set Target value" },
	{ .name = "set_xmark", .type = &type_mark, AT(set_xmark), .label = "Mark: exclusive or",
	  .help = "Like set_mark, but clears the bits of the mask and flips those of the value.",
	  .group = GROUP_ADVANCED, .needs = "target=MARK" },
	STORED("match", match, type_string, "Match",
		"What the web interface offers to match, DSCP or Mark; only 'dscp' and 'mark' "
		"themselves have an effect.", "RutOS 7.06", "4.1.2 Match"),
	{ .name = "dscp", .type = &type_dscp, AT(m.dscp), .label = "DSCP: Set Match value",
	  .help = "Matches traffic with this DiffServ code point; '!' matches any other.",
	  .group = GROUP_ADVANCED, .manual = "4.1.2 DSCP: Set Match value" },
	ROW_MARK(T, "4.1.2 Mark: Set Match value"),
	ROW_EXTRA(T, "4.1.2 Extra arguments"),
	ROW_IPSET(T),
	{ .name = "device", .type = &type_device, AT(m.device), .label = "Device",
	  .help = "Matches one network device instead of all devices of the zone.",
	  .group = GROUP_ADVANCED },
	{ .name = "direction", .type = &type_enum, .words = direction_words, AT(m.direction),
	  .fallback = "in", .label = "Direction",
	  .help = "Whether the device is the one traffic comes in by or goes out by.",
	  .group = GROUP_ADVANCED, .needs = "device" },
	{ .name = "helper", .type = &type_helper_ref, AT(m.helper), .label = "Match helper",
	  .help = "Matches connections that this connection tracking helper looks after.",
	  .group = GROUP_ADVANCED, .refers = "helper" },
	{ .name = "set_helper", .type = &type_helper_ref, AT(set_helper), .label = "Set helper",
	  .help = "The connection tracking helper to assign.", .group = GROUP_ADVANCED,
	  .needs = "target=HELPER", .refers = "helper" },
	{ .name = "ttl_action", .type = &type_enum, .words = ttl_words, AT(ttl_action),
	  .fallback = "set", .label = "TTL action",
	  .help = "What to do with the time to live (IPv4) or hop limit (IPv6).",
	  .group = GROUP_ADVANCED, .needs = "target=TTL", .since = "RutOS 7.09" },
	{ .name = "ttl_value", .type = &type_int, .min = 1, .max = 255, AT(ttl_value),
	  .label = "TTL value", .help = "The value to set, or by how much to change it.",
	  .group = GROUP_ADVANCED, .needs = "target=TTL", .since = "RutOS 7.09" },
	{ .name = "set_mss", .type = &type_int, .min = 1, .max = 65515, AT(set_mss),
	  .label = "Maximum MSS",
	  .help = "The largest TCP segment size to let a connection agree on, in bytes.",
	  .group = GROUP_ADVANCED, .needs = "target=TCPMSS", .since = "RutOS 7.11" },
	{ .name = "tcpmss", .type = &type_mss_range, AT(tcpmss), .label = "Match MSS",
	  .help = "Matches TCP connection requests that ask for a segment size in this range.",
	  .group = GROUP_ADVANCED, .needs = "proto=tcp", .since = "RutOS 7.11" },
	ROWS_LIMIT(T, LIMIT_HELP_PLAIN
		" On the rules of the Attack Prevention pages each sender has a limit of its own, "
		"and the excess is dropped.",
		BURST_HELP_PLAIN,
		"6.2 Limit period; 6.2 Limit; 6.3 Limit period; 6.3 Limit; 6.4 Limit period; "
		"6.4 Limit; 6.5 Limit period; 6.5 Limit",
		"6.2 Limit burst; 6.3 Limit burst; 6.4 Limit burst; 6.5 Limit burst"),
	{ .name = "limit_per_source", .type = &type_bool, AT(limit_per_source), .fallback = "0",
	  .label = "Limit each sender",
	  .help = "Gives each source address a limit of its own. Off for plain rules, on for "
		  "those of the Attack Prevention pages.",
	  .group = GROUP_ADVANCED, .needs = "limit", .since = "zonewall 0.1" },
	{ .name = "limit_log_overlimit", .type = &type_bool, AT(limit_log_overlimit),
	  .fallback = "0", .label = "Log what exceeds the limit",
	  .help = "Logs traffic above the limit, at most once a second.",
	  .group = GROUP_ADVANCED, .needs = "limit", .since = "RutOS 7.16" },
	LIMIT_FLAG("icmp_limit", icmp_limit, "Enable ICMP limit", "Allow-Ping",
		"6.2 Enable ICMP limit"),
	LIMIT_FLAG("ssh_limit", ssh_limit, "Enable SSH limit", "Enable_SSH_WAN",
		"6.3 Enable SSH limit"),
	LIMIT_FLAG("http_limit", http_limit, "Enable HTTP limit", "Enable_HTTP_WAN",
		"6.4 Enable HTTP limit"),
	LIMIT_FLAG("https_limit", https_limit, "Enable HTTPS limit", "Enable_HTTPS_WAN",
		"6.5 Enable HTTPS limit"),
	ROWS_TIME(T, "4.1.3"),
	ROWS_LOG(T),
	ROW_PRIORITY(T),
	STORED("dest_local", dest_local, type_string, "Output zone",
		"Where the web interface of 7.06 keeps the zone of an output rule; 'dest' decides.",
		"RutOS 7.06", NULL),
	STORED("vpn_type", vpn_type, type_string, "VPN type",
		"A note of the VPN page that made the rule.", "RutOS", NULL),
	STORED("service", service, type_string, "Service",
		"A note of the service that made the rule.", "RutOS", NULL),
	STORED("tag", tag, type_string, "Tag", "A note of the service that made the rule.", "RutOS",
		NULL),
	STORED("_owner_type", owner_type, type_string, "Owner type",
		"The kind of service the rule belongs to.", "RutOS 7.19", NULL),
	STORED("_owner_id", owner_id, type_string, "Owner",
		"The section of the service the rule belongs to.", "RutOS 7.19", NULL),
	STORED("attack_prevention", attack_prevention, type_string, "Attack prevention",
		"A note that the rule belongs to an Attack Prevention page.", "RutOS", NULL),
};

const struct section_row section_rule = {
	.type = "rule",
	.label = "Traffic rule",
	.page = "Traffic Rules",
	.help = "Filters or labels traffic to the router, through it or from it. The first rule "
		"that decides wins.",
	.options = rule_options,
	.n_options = COUNT_OF(rule_options),
	.size = sizeof(struct rule),
	.skip_when_bad = true,
};

#undef T

/* The stock rules whose limits the Attack Prevention pages manage. */
static const struct attack_page {
	const char *rule, *flag;
	bool has_default; /* the manual has a default limit: 5/second, burst 10 */
} attack_pages[] = {
	{ "Allow-Ping", "icmp_limit", true },
	{ "Enable_SSH_WAN", "ssh_limit", false },
	{ "Enable_HTTP_WAN", "http_limit", false },
	{ "Enable_HTTPS_WAN", "https_limit", false },
};

static void page_limit_is_off(struct reader *r, struct rule *rule, const char *flag)
{
	struct diag *w;

	if (!rule->m.limit.given.set)
		return;
	w = diag_warning(r->diags, given_span(r->source, &rule->m.limit.given), "limit-switched-off",
		"'%s' is off, so the limit has no effect", flag);
	diag_hint(r->diags, w, "remove 'limit' and 'limit_burst', or set %s '1'", flag);
	rule->m.limit.given.set = false;
	rule->m.limit_burst.given.set = false;
}

static void page_limit_is_on(struct reader *r, struct rule *rule, const struct attack_page *page,
	struct span flag_span)
{
	if (!rule->m.limit.given.set && !page->has_default) {
		struct diag *w = diag_warning(r->diags, flag_span, "attack-limit-missing",
			"'%s' is on, but without 'limit' there is nothing to limit", page->flag);

		diag_hint(r->diags, w, "add option limit '5/second'");
		return;
	}
	if (!rule->m.limit.given.set) {
		rule->m.limit.v = (struct rate){ .count = 5, .seconds = 1 };
		rule->m.limit.given = given_at(flag_span);
		if (!rule->m.limit_burst.given.set)
			rule->m.limit_burst.v = 10;
	}
	rule->attack_page = true;
	if (!rule->limit_per_source.given.set)
		rule->limit_per_source.v = true;
}

/*
 * A flag that is absent beside a limit is the state that 7.06 leaves when the limit was written by
 * hand or by a script; the page shows the limit, so it is one.
 */
static void find_attack_page(struct reader *r, struct rule *rule)
{
	const struct {
		const struct given *given;
		bool v;
	} flags[] = {
		{ &rule->icmp_limit.given, rule->icmp_limit.v },
		{ &rule->ssh_limit.given, rule->ssh_limit.v },
		{ &rule->http_limit.given, rule->http_limit.v },
		{ &rule->https_limit.given, rule->https_limit.v },
	};

	for (size_t i = 0; i < COUNT_OF(attack_pages) && rule->m.name.v; i++) {
		const struct attack_page *page = &attack_pages[i];

		if (strcmp(rule->m.name.v, page->rule))
			continue;
		if (flags[i].given->set && !flags[i].v)
			page_limit_is_off(r, rule, page->flag);
		else if (flags[i].given->set || rule->m.limit.given.set)
			page_limit_is_on(r, rule, page, given_span(r->source, flags[i].given));
	}
}

static bool resolve_mss(struct reader *r, struct rule *rule)
{
	struct port_spec range;
	const char *why;
	struct diag *e;

	if (!rule->tcpmss.given.set ||
		!port_spec_parse(slice_of(rule->tcpmss.v), &range, &why))
		return true;
	rule->mss_match = range.range;
	if (rule_is_tcp_only(rule))
		return true;
	e = diag_error(r->diags, given_span(r->source, &rule->tcpmss.given), "mss-without-tcp",
		"only TCP has a segment size to match");
	diag_hint(r->diags, e, "set option proto 'tcp'");
	return false;
}

/* A MAC address is only seen where a frame came in. */
static bool check_mac_has_source(struct reader *r, const struct rule *rule)
{
	struct diag *e;

	if (!rule->m.src_mac.n || rule->m.from.kind != ZONE_NONE || rule->m.src.given.set)
		return true;
	e = diag_error(r->diags, rule->m.src_mac.spans[0], "mac-without-source",
		"a rule without a source zone cannot match a source MAC address");
	diag_hint(r->diags, e, "add option src with a zone or '*'");
	return false;
}

static void check_target_is_given(struct reader *r, const struct rule *rule)
{
	struct diag *w;

	if (rule->target.given.set || !rule->s.valid)
		return;
	w = diag_warning(r->diags, rule->s.span, "target-missing",
		"the rule has no target, so it rejects");
	diag_hint(r->diags, w, "add option target 'ACCEPT', 'REJECT' or 'DROP'");
}

bool rule_resolve(struct reader *r, struct rule *rule)
{
	struct match_fields *m = &rule->m;
	bool off = false;
	bool ok = rule->s.valid;

	ok &= resolve_ends(r, m, &off);
	ok &= resolve_addresses(r, &m->src_ip);
	ok &= resolve_addresses(r, &m->dest_ip);
	ok &= resolve_set(r, m);
	if (m->helper.given.set)
		ok &= resolve_helper(r, given_span(r->source, &m->helper.given), m->helper.v, &m->match_helper);
	ok &= resolve_calendar(r, m);
	find_attack_page(r, rule);
	ok &= check_ports_have_protocol(r, m, false, SPAN_NONE);
	ok &= check_family(r, m);
	check_burst_has_limit(r, m);
	ok &= check_mac_has_source(r, rule);
	ok &= resolve_mss(r, rule);
	check_target_is_given(r, rule);
	if (rule->s.valid)
		ok &= rule_check_target(r, rule);
	if (off)
		m->enabled.v = false;
	return ok;
}
