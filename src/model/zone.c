/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Section `zone`: a group of networks that share their policies. The zone's own checks are here;
 * how its networks become devices and addresses is told in zone_resolve.c.
 */
#include <string.h>

#include "model/model_priv.h"

/* firewall3 builds chain names around it; the limit is what users of these devices know. */
#define ZONE_NAME_MAX 11

static const struct enum_word policy_words[] = {
	{ "REJECT", ACTION_REJECT, "Reject" },
	{ "DROP", ACTION_DROP, "Drop" },
	{ "ACCEPT", ACTION_ACCEPT, "Accept" },
	{ NULL },
};

#define AT(field) .at = offsetof(struct zone, field)

static const struct option_row zone_options[] = {
	{ .name = "enabled", .type = &type_bool, AT(enabled), .fallback = "1", .initial = "1",
	  .label = "Enable", .help = "Turns the zone on or off, with all that refers to it.",
	  .group = GROUP_ADVANCED },
	{ .name = "name", .type = &type_string, AT(name), .required = true, .initial = "newzone",
	  .label = "Name",
	  .help = "The name that rules, forwards and the log use for the zone: up to 11 letters, "
		  "digits, '_', '-' or '.', used by no other zone.",
	  .manual = "2.2.1 Name" },
	{ .name = "input", .type = &type_enum, .words = policy_words, AT(input),
	  .initial = "ACCEPT", .label = "Input",
	  .help = "What happens to traffic that enters from the zone for the router itself when "
		  "no rule decides. When absent, the input policy of the general settings.",
	  .manual = "2.2.1 Input" },
	{ .name = "output", .type = &type_enum, .words = policy_words, AT(output),
	  .initial = "ACCEPT", .label = "Output",
	  .help = "What happens to traffic from the router into the zone when no rule decides. "
		  "When absent, the output policy of the general settings.",
	  .manual = "2.2.1 Output" },
	{ .name = "forward", .type = &type_enum, .words = policy_words, AT(forward),
	  .initial = "REJECT", .label = "Forward",
	  .help = "What happens to traffic between the networks of the zone. Traffic to other "
		  "zones needs a forwarding or a rule. When absent, the forward policy of the "
		  "general settings.",
	  .manual = "2.2.1 Forward" },
	{ .name = "masq", .type = &type_bool, AT(masq), .fallback = "0", .initial = "0",
	  .label = "Masquerading",
	  .help = "Gives IPv4 traffic that leaves into the zone the router's own address there, "
		  "whatever that address is at the moment.",
	  .manual = "2.2.1 Masquerading" },
	{ .name = "masq6", .type = &type_bool, AT(masq6), .fallback = "0",
	  .label = "IPv6 Masquerading",
	  .help = "The same for IPv6. Rarely needed: IPv6 hosts usually have addresses of their "
		  "own.",
	  .group = GROUP_ADVANCED, .since = "RutOS 7.21, firewall4" },
	{ .name = "mtu_fix", .type = &type_bool, AT(mtu_fix), .fallback = "0", .initial = "0",
	  .label = "MSS clamping",
	  .help = "Lowers the segment size of TCP connections through the zone to what its path "
		  "can carry, for links with an MTU below Ethernet's 1500.",
	  .manual = "2.2.1 MSS clamping" },
	{ .name = "network", .type = &type_network, .list = true, AT(network),
	  .label = "Covered networks",
	  .help = "The networks of /etc/config/network that belong to the zone. A network "
		  "belongs to one zone only.",
	  .refers = "network", .manual = "2.2.1 Covered networks" },
	{ .name = "device", .type = &type_device, .list = true, AT(device), .label = "Devices",
	  .help = "Network devices that belong to the zone, by name; a trailing '+' stands for "
		  "any continuation (tun_+).",
	  .group = GROUP_ADVANCED },
	{ .name = "subnet", .type = &type_address, .list = true, AT(subnet), .label = "Subnets",
	  .help = "Limits the zone to these addresses: as sources of traffic that comes in and "
		  "as destinations of traffic that goes out.",
	  .group = GROUP_ADVANCED },

	{ .name = "family", .type = &type_family, AT(family), .fallback = "any",
	  .label = "Restrict to address family",
	  .help = "Builds the zone for IPv4 or IPv6 only. Empty means both.",
	  .group = GROUP_ADVANCED, .manual = "2.2.2 Restrict to address family" },
	{ .name = "masq_src", .type = &type_address, .list = true, AT(masq_src),
	  .label = "Restrict Masquerading to given source subnets",
	  .help = "Masquerades only traffic from these addresses; entries with '!' are left out.",
	  .group = GROUP_ADVANCED, .needs = "masq=1",
	  .manual = "2.2.2 Restrict Masquerading to given source subnets" },
	{ .name = "masq_dest", .type = &type_address, .list = true, AT(masq_dest),
	  .label = "Restrict Masquerading to given destinations subnets",
	  .help = "Masquerades only traffic to these addresses; entries with '!' are left out.",
	  .group = GROUP_ADVANCED, .needs = "masq=1",
	  .manual = "2.2.2 Restrict Masquerading to given destinations subnets" },
	{ .name = "masq_allow_invalid", .type = &type_bool, AT(masq_allow_invalid),
	  .fallback = "0", .label = "Let invalid packets out",
	  .help = "Does not drop invalid packets that would leave a masquerading zone with their "
		  "private address.",
	  .group = GROUP_ADVANCED, .needs = "masq=1" },
	{ .name = "conntrack", .type = &type_bool, AT(conntrack), .fallback = "0",
	  .initial = "0", .label = "Force connection tracking",
	  .help = "Always keeps the connection state of the zone's traffic: rules with the "
		  "action Don't track have no effect on it.",
	  .group = GROUP_ADVANCED, .manual = "2.2.2 Force connection tracking" },
	{ .name = "log", .type = &type_int, .min = 0, .max = 3, AT(log), .fallback = "0",
	  .initial = "0", .label = "Enable logging on this zone",
	  .help = "Logs the packets that are rejected or dropped in the zone: 1 on; 2 logs MSS "
		  "clamping instead; 3 both.",
	  .group = GROUP_ADVANCED, .manual = "2.2.2 Enable logging on this zone" },
	{ .name = "log_limit", .type = &type_rate, AT(log_limit), .fallback = "10/minute",
	  .label = "Limit log messages",
	  .help = "How many messages may be logged in a second, minute, hour or day, such as "
		  "50/minute.",
	  .group = GROUP_ADVANCED, .needs = "log", .manual = "2.2.2 Limit log messages" },
	{ .name = "helper", .type = &type_helper_ref, .list = true, AT(helper),
	  .label = "Conntrack helpers",
	  .help = "The connection tracking helpers for traffic from the zone. A list given here "
		  "replaces automatic assignment.",
	  .group = GROUP_ADVANCED, .refers = "helper", .manual = "2.2.2 Conntrack helpers" },
	{ .name = "auto_helper", .type = &type_bool, AT(auto_helper), .fallback = "1",
	  .label = "Automatic helper assignment",
	  .help = "Lets the general setting of the same name assign helpers in this zone.",
	  .group = GROUP_ADVANCED },
	{ .name = "extra", .type = &type_string, .max = 4096, AT(extra),
	  .label = "Extra arguments",
	  .help = "Further conditions of the zone in iptables syntax, for both directions.",
	  .group = GROUP_ADVANCED },
	{ .name = "extra_src", .type = &type_string, .max = 4096, AT(extra_src),
	  .label = "Extra arguments, incoming",
	  .help = "Further conditions in iptables syntax for traffic that comes from the zone.",
	  .group = GROUP_ADVANCED },
	{ .name = "extra_dest", .type = &type_string, .max = 4096, AT(extra_dest),
	  .label = "Extra arguments, outgoing",
	  .help = "Further conditions in iptables syntax for traffic that goes to the zone. When "
		  "absent, those for incoming traffic.",
	  .group = GROUP_ADVANCED },
	{ .name = "custom_chains", .type = &type_bool, AT(custom_chains), .fallback = "1",
	  .label = "User chains",
	  .help = "Provides the zone's chains that custom rules may fill, such as "
		  "input_wan_rule.",
	  .group = GROUP_ADVANCED },
	{ .name = "counter", .type = &type_bool, AT(counter), .fallback = "0",
	  .label = "Counter", .help = "Counts the packets and bytes of each of the zone's verdicts.",
	  .group = GROUP_ADVANCED, .since = "firewall4" },

	{ .name = "port_scan", .type = &type_bool, AT(port_scan), .fallback = "0",
	  .initial = "0", .label = "Enable port scan prevention",
	  .help = "Bans a sender in this zone that tries too many refused ports. Visits to open "
		  "services never count.",
	  .manual = "6.6 Enable", .since = "RutOS 7.12" },
	{ .name = "hitcount", .type = &type_int, .min = 5, .max = 10000, AT(hitcount),
	  .fallback = "10", .label = "Scan count",
	  .help = "How many refused ports one sender may try within the interval before it is "
		  "banned.",
	  .needs = "port_scan=1", .manual = "6.6 Scan count", .since = "RutOS 7.12" },
	{ .name = "seconds", .type = &type_int, .min = 10, .max = 4096, AT(seconds),
	  .fallback = "60", .label = "Interval",
	  .help = "The time in seconds in which port scans are counted, and for which a scanner "
		  "is banned.",
	  .needs = "port_scan=1", .manual = "6.6 Interval", .since = "RutOS 7.12" },
	{ .name = "port_scan_allow", .type = &type_address, .list = true, AT(port_scan_allow),
	  .label = "Never ban",
	  .help = "Senders that are never taken for scanners.", .group = GROUP_ADVANCED,
	  .needs = "port_scan=1", .since = "zonewall 0.1" },
};

const struct section_row section_zone = {
	.type = "zone",
	.label = "Zone",
	.page = "Zones",
	.help = "A group of networks with common policies.",
	.options = zone_options,
	.n_options = COUNT_OF(zone_options),
	.size = sizeof(struct zone),
};

static bool name_char_ok(char c, bool first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')
		return true;
	return !first && (c == '-' || c == '.');
}

static bool check_name(struct reader *r, const struct zone *z)
{
	size_t n = strlen(z->name.v);
	struct diag *e;

	if (n > ZONE_NAME_MAX) {
		e = diag_error(r->diags, given_span(r->source, &z->name.given), "zone-name",
			"the zone name '%s' has %zu characters", z->name.v, n);
		diag_hint(r->diags, e, "use at most %d", ZONE_NAME_MAX);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (name_char_ok(z->name.v[i], i == 0))
			continue;
		e = diag_error(r->diags, given_span(r->source, &z->name.given), "zone-name",
			"'%s' cannot be the name of a zone", z->name.v);
		diag_hint(r->diags, e, "use letters, digits and '_'; '-' and '.' but not first");
		return false;
	}
	if (!n)
		diag_error(r->diags, given_span(r->source, &z->name.given), "zone-name", "the zone has an empty name");
	return n > 0;
}

static bool check_name_is_unique(struct reader *r, const struct zone *z)
{
	vec_each(other, &r->all_zones) {
		struct diag *e;

		if (*other == z)
			break; /* the later one is the mistake */
		if (!(*other)->enabled.v || !(*other)->name.v ||
			strcmp((*other)->name.v, z->name.v))
			continue;
		e = diag_error(r->diags, given_span(r->source, &z->name.given), "duplicate-zone",
			"there is already a zone '%s'", z->name.v);
		diag_note(r->diags, e, given_span(r->source, &(*other)->name.given), "zone '%s' is declared here",
			z->name.v);
		diag_hint(r->diags, e, "rename one of them, or join their networks in one zone");
		return false;
	}
	return true;
}

static void check_covers_something(struct reader *r, const struct zone *z)
{
	struct diag *w;

	if (z->network.n || z->device.n || z->subnet.n || z->extra.given.set ||
		z->extra_src.given.set || z->extra_dest.given.set)
		return;
	w = diag_warning(r->diags, z->s.span, "zone-covers-nothing",
		"there is no network, device or subnet, so no traffic belongs to the zone");
	diag_hint(r->diags, w, "add option network with the networks of the zone");
}

static bool check_devices_are_positive(struct reader *r, const struct zone *z)
{
	bool ok = true;

	for (size_t i = 0; i < z->device.n; i++) {
		struct diag *e;

		if (!z->device.v[i].negate)
			continue;
		e = diag_error(r->diags, z->device.spans[i], "zone-device-negated",
			"a zone cannot be all devices but '%s'", z->device.v[i].name);
		diag_hint(r->diags, e, "list the devices that belong to the zone");
		ok = false;
	}
	return ok;
}

/* `extra` is the older word for extra_src, and what comes in also goes out unless it says so. */
static void spread_extra(struct zone *z)
{
	if (!z->extra_src.given.set && z->extra.given.set) {
		z->extra_src.v = z->extra.v;
		z->extra_src.given = z->extra.given;
	}
	if (!z->extra_dest.given.set && z->extra_src.given.set) {
		z->extra_dest.v = z->extra_src.v;
		z->extra_dest.given = z->extra_src.given;
	}
}

bool zone_check(struct reader *r, struct zone *z)
{
	bool ok = z->s.valid;

	spread_extra(z);

	if (!z->name.v || !z->name.given.set)
		return false;
	ok &= check_name(r, z);
	ok &= check_name_is_unique(r, z);
	ok &= check_devices_are_positive(r, z);
	if (z->s.valid && z->enabled.v)
		check_covers_something(r, z);
	return ok;
}
