/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Section `defaults`: the policies of the three built-in chains, and what holds for the whole
 * router. Only the first such section counts. Where the manual and the device differ (SYN flood
 * 5/10 against 25/50), the manual's value is what a new section gets and the device's is what an
 * absent option means.
 */
#include "model/model_priv.h"

static const struct enum_word policy_words[] = {
	{ "REJECT", ACTION_REJECT, "Reject" },
	{ "DROP", ACTION_DROP, "Drop" },
	{ "ACCEPT", ACTION_ACCEPT, "Accept" },
	{ NULL },
};

static const struct enum_word prefix6_words[] = {
	{ "128", 128, "one address" },
	{ "64", 64, "a network of 64 bits" },
	{ NULL },
};

static const struct enum_word tcp_reject_words[] = {
	{ "tcp-reset", REJECT_TCP_RESET, "TCP reset" },
	{ "port-unreach", REJECT_PORT_UNREACHABLE, "ICMP port unreachable" },
	{ "adm-prohibited", REJECT_ADMIN_PROHIBITED, "ICMP administratively prohibited" },
	{ NULL },
};

static const struct enum_word any_reject_words[] = {
	{ "port-unreach", REJECT_PORT_UNREACHABLE, "ICMP port unreachable" },
	{ "adm-prohibited", REJECT_ADMIN_PROHIBITED, "ICMP administratively prohibited" },
	{ NULL },
};

#define AT(field) .at = offsetof(struct defaults, field)

static const struct option_row defaults_options[] = {
	{ .name = "drop_invalid", .type = &type_bool, AT(drop_invalid), .fallback = "0",
	  .initial = "0", .label = "Drop invalid packets",
	  .help = "Drops packets that connection tracking finds invalid: they belong to no "
		  "connection and cannot begin one.",
	  .manual = "2 Drop invalid packets" },
	{ .name = "auto_helper", .type = &type_bool, AT(auto_helper), .fallback = "1",
	  .initial = "1", .label = "Automatic helper assignment",
	  .help = "Assigns connection tracking helpers by protocol and port in zones without "
		  "masquerading that name no helpers themselves. When off, helpers are chosen for "
		  "each zone, rule or port forward.",
	  .manual = "2 Automatic helper assignment" },
	{ .name = "input", .type = &type_enum, .words = policy_words, AT(input),
	  .fallback = "DROP", .initial = "REJECT", .label = "Input",
	  .help = "What happens to traffic for the router itself that no zone and no rule decides.",
	  .manual = "2 Input" },
	{ .name = "output", .type = &type_enum, .words = policy_words, AT(output),
	  .fallback = "DROP", .initial = "ACCEPT", .label = "Output",
	  .help = "What happens to traffic from the router itself that no zone and no rule decides.",
	  .manual = "2 Output" },
	{ .name = "forward", .type = &type_enum, .words = policy_words, AT(forward),
	  .fallback = "DROP", .initial = "REJECT", .label = "Forward",
	  .help = "What happens to traffic through the router that no zone and no rule decides.",
	  .manual = "2 Forward" },

	{ .name = "flow_offloading", .type = &type_bool, AT(flow_offloading), .fallback = "0",
	  .initial = "1", .label = "Software flow offloading",
	  .help = "Sends packets of known connections straight to their destination, past the "
		  "rules. Rules and limits added later do not act on a connection already "
		  "offloaded.",
	  .manual = "2.1 Software flow offloading" },
	{ .name = "flow_offloading_hw", .type = &type_bool, AT(flow_offloading_hw),
	  .fallback = "0", .label = "Hardware flow offloading",
	  .help = "Lets the network hardware forward known connections by itself, where the "
		  "driver can do it.",
	  .group = GROUP_ADVANCED, .needs = "flow_offloading=1" },
	{ .name = "flow_offloading_xfrm", .type = &type_bool, AT(flow_offloading_xfrm),
	  .fallback = "0", .label = "IPsec software flow offload",
	  .help = "Also offloads connections that travel through an IPsec tunnel.",
	  .group = GROUP_ADVANCED, .needs = "flow_offloading=1", .since = "RutOS 7.11" },

	{ .name = "syn_flood", .alias = "synflood_protect", .type = &type_bool, AT(syn_flood),
	  .fallback = "0", .initial = "1", .label = "Enable SYN flood protection",
	  .help = "Drops TCP connection requests to the router that come faster than the rate "
		  "and the burst allow.",
	  .manual = "6.1 Enable SYN flood protection" },
	{ .name = "synflood_rate", .type = &type_rate, AT(synflood_rate), .fallback = "25/second",
	  .initial = "5/second", .label = "SYN flood rate",
	  .help = "How many connection requests are taken in a second; what exceeds it counts as "
		  "a flood and is dropped. Counted for each sender unless synflood_per_source is "
		  "off.",
	  .needs = "syn_flood=1", .manual = "6.1 SYN flood rate" },
	{ .name = "synflood_burst", .type = &type_int, .min = 1, .max = BURST_MAX,
	  AT(synflood_burst), .fallback = "50", .initial = "10", .label = "SYN flood burst",
	  .help = "How many connection requests in a row are taken before the rate acts.",
	  .needs = "syn_flood=1", .manual = "6.1 SYN flood burst" },
	{ .name = "tcp_syncookies", .type = &type_bool, AT(tcp_syncookies), .fallback = "1",
	  .initial = "1", .label = "TCP SYN cookies",
	  .help = "Lets the router answer connection requests without keeping state for them "
		  "when its queue is full (net.ipv4.tcp_syncookies).",
	  .manual = "6.1 TCP SYN cookies" },
	{ .name = "synflood_per_source", .type = &type_bool, AT(synflood_per_source),
	  .fallback = "1", .label = "Count SYN floods per sender",
	  .help = "Gives each sender a rate of its own, so that one attacker cannot use up "
		  "everybody's. When off, all senders share one.",
	  .group = GROUP_ADVANCED, .needs = "syn_flood=1", .since = "zonewall 0.1" },
	{ .name = "synflood_forward", .type = &type_bool, AT(synflood_forward), .fallback = "0",
	  .label = "Protect forwarded hosts from SYN floods",
	  .help = "Applies the SYN flood limit to connections through the router as well.",
	  .group = GROUP_ADVANCED, .needs = "syn_flood=1", .since = "zonewall 0.1" },
	{ .name = "synproxy", .type = &type_bool, AT(synproxy), .fallback = "0",
	  .label = "SYN proxy",
	  .help = "Would let the kernel complete the handshake for forwarded servers. Refused: "
		  "real connections stall behind it. synflood_forward limits each sender instead.",
	  .group = GROUP_ADVANCED, .needs = "syn_flood=1", .since = "zonewall 0.1" },

	{ .name = "source_prefix6", .type = &type_enum, .words = prefix6_words,
	  AT(source_prefix6), .fallback = "128", .label = "One IPv6 sender",
	  .help = "What counts as one sender for limits, SYN floods and port scans in IPv6: an "
		  "address (128), or a network (64), since whoever has one has all its addresses. "
		  "With 64 the hosts of one network also share a limit and a ban.",
	  .group = GROUP_ADVANCED, .since = "zonewall 0.1" },

	{ .name = "syn_fin", .type = &type_bool, AT(syn_fin), .fallback = "0", .initial = "0",
	  .label = "SYN-FIN attack",
	  .help = "Drops TCP packets that carry both SYN and FIN, which no honest sender makes.",
	  .manual = "6.6 SYN-FIN attack", .since = "RutOS 7.12" },
	{ .name = "syn_rst", .type = &type_bool, AT(syn_rst), .fallback = "0", .initial = "0",
	  .label = "SYN-RST attack",
	  .help = "Drops TCP packets that carry both SYN and RST.",
	  .manual = "6.6 SYN-RST attack", .since = "RutOS 7.12" },
	{ .name = "x_max", .type = &type_bool, AT(x_max), .fallback = "0", .initial = "0",
	  .label = "X-Mas attack",
	  .help = "Drops TCP packets with FIN, PSH and URG set and SYN, RST and ACK clear, the "
		  "mark of an Xmas scan; also FIN with only one of PSH and URG, and all six flags "
		  "at once.",
	  .manual = "6.6 X-Mas attack", .since = "RutOS 7.12" },
	{ .name = "nmap_fin", .type = &type_bool, AT(nmap_fin), .fallback = "0", .initial = "0",
	  .label = "FIN scan",
	  .help = "Drops TCP packets that carry FIN alone, the mark of a FIN scan, or FIN and RST.",
	  .manual = "6.6 FIN scan", .since = "RutOS 7.12" },
	{ .name = "null_flags", .type = &type_bool, AT(null_flags), .fallback = "0",
	  .initial = "0", .label = "NULLflags attack",
	  .help = "Drops TCP packets without any flag, or with none but PSH and URG.",
	  .manual = "6.6 NULLflags attack", .since = "RutOS 7.12" },

	{ .name = "tcp_reject_code", .type = &type_enum, .words = tcp_reject_words,
	  AT(tcp_reject_code), .fallback = "tcp-reset", .label = "Answer to rejected TCP",
	  .help = "What a Reject sends back for TCP.", .group = GROUP_ADVANCED },
	{ .name = "any_reject_code", .type = &type_enum, .words = any_reject_words,
	  AT(any_reject_code), .fallback = "port-unreach", .label = "Answer to other rejected traffic",
	  .help = "What a Reject sends back for anything that is not TCP.",
	  .group = GROUP_ADVANCED },
	{ .name = "tcp_ecn", .type = &type_int, .min = 0, .max = 2, AT(tcp_ecn), .fallback = "0",
	  .label = "TCP ECN",
	  .help = "Explicit congestion notification of the router's own connections "
		  "(net.ipv4.tcp_ecn): 0 off, 1 on, 2 only when asked for.",
	  .group = GROUP_ADVANCED },
	{ .name = "tcp_window_scaling", .type = &type_bool, AT(tcp_window_scaling),
	  .fallback = "1", .label = "TCP window scaling",
	  .help = "Large windows for the router's own connections (net.ipv4.tcp_window_scaling).",
	  .group = GROUP_ADVANCED },
	{ .name = "custom_chains", .type = &type_bool, AT(custom_chains), .fallback = "1",
	  .label = "User chains",
	  .help = "Provides the chains that custom rules may fill: input_rule, forwarding_rule, "
		  "output_rule, prerouting_rule and postrouting_rule.",
	  .group = GROUP_ADVANCED },
	{ .name = "disable_ipv6", .type = &type_bool, AT(disable_ipv6), .fallback = "0",
	  .label = "No IPv6 rules",
	  .help = "Builds no IPv6 rules; IPv6 traffic is then left alone by this firewall.",
	  .group = GROUP_ADVANCED },
	{ .name = "auto_includes", .type = &type_bool, AT(auto_includes), .fallback = "1",
	  .label = "Automatic includes",
	  .help = "Also takes the nftables fragments below /usr/share/nftables.d.",
	  .group = GROUP_ADVANCED, .since = "firewall4" },
	{ .name = "accept_redirects", .type = &type_bool, AT(accept_redirects), .fallback = "0",
	  .label = "Accept ICMP redirects",
	  .help = "Has no effect here: the firewall leaves net.ipv4.conf.*.accept_redirects as "
		  "the system sets it.",
	  .group = GROUP_NONE, .status = OPTION_IGNORED },
	{ .name = "accept_source_route", .type = &type_bool, AT(accept_source_route),
	  .fallback = "0", .label = "Accept source routing",
	  .help = "Has no effect here: the firewall leaves net.ipv4.conf.*.accept_source_route "
		  "as the system sets it.",
	  .group = GROUP_NONE, .status = OPTION_IGNORED },
};

const struct section_row section_defaults = {
	.type = "defaults",
	.label = "General settings",
	.page = "General Settings",
	.help = "The main policies of the firewall, and the protections that hold for every zone. "
		"There is one such section; further ones are ignored.",
	.options = defaults_options,
	.n_options = COUNT_OF(defaults_options),
	.size = sizeof(struct defaults),
};

/* firewall3 falls back to DROP as well, but a router that cannot speak deserves a word. */
static void check_policies_are_given(struct reader *r, const struct defaults *d)
{
	const struct {
		const char *name;
		bool set;
	} rows[] = {
		{ "input", d->input.given.set },
		{ "output", d->output.given.set },
		{ "forward", d->forward.given.set },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct diag *w;

		if (rows[i].set)
			continue;
		w = diag_warning(r->diags, d->s.span, "policy-missing",
			"there is no '%s' policy, so it is DROP", rows[i].name);
		diag_hint(r->diags, w, "add option %s 'REJECT', 'DROP' or 'ACCEPT'", rows[i].name);
	}
}

bool defaults_check(struct reader *r, struct defaults *d)
{
	if (d->s.valid)
		check_policies_are_given(r, d);
	if (d->flow_offloading_hw.v && !d->flow_offloading.v) {
		struct diag *w = diag_warning(r->diags, given_span(r->source, &d->flow_offloading_hw.given),
			"offload-hardware-alone",
			"hardware offloading does nothing while 'flow_offloading' is off");

		diag_hint(r->diags, w, "add option flow_offloading '1'");
	}
	return d->s.valid;
}
