/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Section `helper`, and our own list of the kernel's connection tracking helpers. A helper reads
 * a protocol such as FTP to expect the connections it opens. Sections of the file add to the list;
 * one that repeats a name takes its place.
 */
#include <string.h>

#include "model/model_priv.h"

#define AT(field) .at = offsetof(struct helper, field)

static const struct option_row helper_options[] = {
	{ .name = "enabled", .type = &type_bool, AT(enabled), .fallback = "1", .initial = "1",
	  .label = "Enable", .help = "Turns the helper on or off." },
	{ .name = "name", .type = &type_string, .min = 1, .max = 15, AT(name), .required = true,
	  .label = "Name", .help = "The name the kernel has for the helper, such as ftp." },
	{ .name = "module", .type = &type_string, .max = 63, AT(module), .label = "Kernel module",
	  .help = "The kernel module that brings the helper." },
	{ .name = "description", .type = &type_string, .max = 255, AT(description),
	  .label = "Description", .help = "What the helper is for, as people are shown it." },
	{ .name = "family", .type = &type_family, AT(family), .fallback = "any",
	  .label = "Address family", .help = "The address family the helper can read." },
	{ .name = "proto", .type = &type_protocol, .list = true, AT(proto), .required = true,
	  .label = "Protocol", .help = "The protocols the helper is for: tcp, udp or both." },
	{ .name = "port", .type = &type_port, AT(port), .label = "Port",
	  .help = "The port that is assigned the helper automatically." },
};

const struct section_row section_helper = {
	.type = "helper",
	.label = "Conntrack helper",
	.page = "General Settings",
	.help = "A connection tracking helper that the kernel offers.",
	.options = helper_options,
	.n_options = COUNT_OF(helper_options),
	.size = sizeof(struct helper),
};

static const struct builtin {
	const char *name, *module, *description;
	enum family family;
	bool tcp, udp;
	uint16_t port;
} builtins[] = {
	{ "amanda", "nf_conntrack_amanda", "Amanda backup and archiving", FAMILY_ANY, false, true,
	  10080 },
	{ "ftp", "nf_conntrack_ftp", "FTP passive connection tracking", FAMILY_ANY, true, false, 21 },
	{ "RAS", "nf_conntrack_h323", "RAS protocol tracking", FAMILY_ANY, false, true, 1719 },
	{ "Q.931", "nf_conntrack_h323", "Q.931 protocol tracking", FAMILY_ANY, true, false, 1720 },
	{ "irc", "nf_conntrack_irc", "IRC DCC connection tracking", FAMILY_V4, true, false, 6667 },
	{ "netbios-ns", "nf_conntrack_netbios_ns", "NetBIOS name service broadcast tracking",
	  FAMILY_V4, false, true, 137 },
	{ "pptp", "nf_conntrack_pptp", "PPTP VPN connection tracking", FAMILY_V4, true, false, 1723 },
	{ "sane", "nf_conntrack_sane", "SANE scanner connection tracking", FAMILY_ANY, true, false,
	  6566 },
	{ "sip", "nf_conntrack_sip", "SIP VoIP connection tracking", FAMILY_ANY, true, true, 5060 },
	{ "snmp", "nf_conntrack_snmp", "SNMP monitoring connection tracking", FAMILY_V4, false, true,
	  161 },
	{ "tftp", "nf_conntrack_tftp", "TFTP connection tracking", FAMILY_ANY, false, true, 69 },
	{ "rtsp", "nf_conntrack_rtsp", "RTSP connection tracking", FAMILY_V4, true, false, 554 },
};

static void add_protocol(struct arena *arena, struct helper *h, uint8_t number)
{
	struct proto_spec *v = ARENA_ARRAY(arena, struct proto_spec, h->proto.n + 1);

	if (h->proto.n)
		memcpy(v, h->proto.v, h->proto.n * sizeof(*v));
	v[h->proto.n++] = (struct proto_spec){ .number = { number }, .n = 1 };
	h->proto.v = v;
	h->proto.spans = ARENA_ARRAY(arena, struct span, h->proto.n);
}

void helpers_builtin(struct reader *r)
{
	for (size_t i = 0; i < COUNT_OF(builtins); i++) {
		const struct builtin *b = &builtins[i];
		struct helper *h = ARENA_NEW(r->arena, struct helper);

		h->s = (struct section){ .row = &section_helper, .type = "helper", .id = b->name,
			.title = arena_printf(r->arena, "helper '%s'", b->name), .valid = true };
		h->builtin = true;
		h->enabled.v = true;
		h->name.v = b->name;
		h->module.v = b->module;
		h->description.v = b->description;
		h->family.v = b->family;
		h->port.v.range = (struct range){ b->port, b->port };
		h->port.given.set = true;
		if (b->tcp)
			add_protocol(r->arena, h, PROTO_TCP);
		if (b->udp)
			add_protocol(r->arena, h, PROTO_UDP);
		vec_push(r->arena, &r->policy->helpers, h);
	}
}

bool helper_check(struct reader *r, struct helper *h)
{
	bool ok = h->s.valid;

	for (size_t i = 0; i < h->proto.n; i++) {
		const struct proto_spec *p = &h->proto.v[i];

		if (!p->negate && !p->all && proto_has_ports(p->number[0]))
			continue;
		diag_error(r->diags, h->proto.spans[i], "helper-protocol",
			"a helper is for protocols with ports");
		ok = false;
	}
	return ok;
}
