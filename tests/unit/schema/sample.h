/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A section with an option of every type, as scalars and as lists, for the tests and the fuzzer. */
#ifndef TESTS_SCHEMA_SAMPLE_H
#define TESTS_SCHEMA_SAMPLE_H

#include "schema/schema.h"

enum sample_target { SAMPLE_DROP, SAMPLE_REJECT, SAMPLE_ACCEPT, SAMPLE_REDIRECT };

static const struct enum_word sample_targets[] = {
	{ "DROP", SAMPLE_DROP, "Drop" },
	{ "REJECT", SAMPLE_REJECT, "Refuse, and say so" },
	{ "ACCEPT", SAMPLE_ACCEPT, "Accept" },
	{ "REDIRECT", SAMPLE_REDIRECT, "Send elsewhere" },
	{ NULL, 0, NULL },
};

struct sample {
	struct section s;
	FIELD(const char *) name;
	FIELD(bool) enabled;
	FIELD(int64_t) count;
	FIELD(int64_t) any_number;
	FIELD(const char *) text;
	FIELD(const char *) password;
	FIELD(const char *) zone;
	FIELD(const char *) src;
	FIELD(enum family) family;
	FIELD(int) target;
	FIELD(struct addr_spec) subnet;
	FIELD(struct addr) ip;
	FIELD(struct port_spec) one_port;
	FIELD(struct mark_spec) mark;
	FIELD(struct dscp_spec) dscp;
	FIELD(struct rate) limit;
	FIELD(uint32_t) start_time;
	FIELD(struct date_spec) start_date;
	FIELD(uint8_t) weekdays;
	FIELD(uint32_t) monthdays;
	FIELD(struct device_pattern) device;
	LIST(struct addr_spec) src_ip;
	LIST(struct port_spec) port;
	LIST(struct proto_spec) proto;
	LIST(struct mac_spec) mac;
	LIST(struct icmp_choice) icmp;
	LIST(const char *) helper;
	LIST(const char *) entry;
	FIELD(int64_t) old;
};

#define SAMPLE(field) .at = offsetof(struct sample, field)

static const struct option_row sample_options[] = {
	{ .name = "name",
		.alias = "_name",
		.type = &type_string,
		SAMPLE(name),
		.max = 64,
		.label = "Name",
		.help = "What the entry is called. Shown in lists.",
		.manual = "4.1 Name" },
	{ .name = "enabled",
		.type = &type_bool,
		SAMPLE(enabled),
		.fallback = "1",
		.initial = "1",
		.label = "Enable",
		.help = "Turns the entry on or off." },
	{ .name = "count",
		.type = &type_int,
		SAMPLE(count),
		.fallback = "5",
		.min = 1,
		.max = 100,
		.label = "Count",
		.help = "How many." },
	{ .name = "any_number", .type = &type_int, SAMPLE(any_number), .label = "Any number" },
	{ .name = "text",
		.type = &type_string,
		SAMPLE(text),
		.label = "Text",
		.help = "Anything: `a|b`, *stars*, <tags>, \\back, \"quotes\" and 'more'.\n.Sh "
			"trap" },
	{ .name = "password",
		.type = &type_string,
		SAMPLE(password),
		.secret = true,
		.min = 8,
		.label = "Password",
		.group = GROUP_ADVANCED },
	{ .name = "zone",
		.type = &type_name,
		SAMPLE(zone),
		.required = true,
		.max = 11,
		.label = "Zone",
		.help = "The name it declares." },
	{ .name = "src",
		.type = &type_name,
		SAMPLE(src),
		.refers = "zone",
		.label = "Source zone",
		.since = "RutOS 7.09" },
	{ .name = "family",
		.type = &type_family,
		SAMPLE(family),
		.fallback = "any",
		.label = "Family",
		.group = GROUP_ADVANCED },
	{ .name = "target",
		.type = &type_enum,
		SAMPLE(target),
		.words = sample_targets,
		.fallback = "DROP",
		.initial = "ACCEPT",
		.label = "Action" },
	{ .name = "subnet", .type = &type_address, SAMPLE(subnet), .label = "Subnet" },
	{ .name = "ip", .type = &type_ip, SAMPLE(ip), .label = "Address" },
	{ .name = "one_port",
		.type = &type_port,
		SAMPLE(one_port),
		.label = "One port",
		.needs = "target=REDIRECT" },
	{ .name = "mark", .type = &type_mark, SAMPLE(mark), .label = "Mark" },
	{ .name = "dscp", .type = &type_dscp, SAMPLE(dscp), .label = "DSCP" },
	{ .name = "limit", .type = &type_rate, SAMPLE(limit), .label = "Limit" },
	{ .name = "start_time",
		.type = &type_time,
		SAMPLE(start_time),
		.group = GROUP_TIME,
		.label = "Start time" },
	{ .name = "start_date",
		.type = &type_date,
		SAMPLE(start_date),
		.group = GROUP_TIME,
		.label = "Start date" },
	{ .name = "weekdays",
		.type = &type_weekdays,
		SAMPLE(weekdays),
		.group = GROUP_TIME,
		.label = "Week days" },
	{ .name = "monthdays",
		.type = &type_monthdays,
		SAMPLE(monthdays),
		.group = GROUP_TIME,
		.label = "Month days" },
	{ .name = "device", .type = &type_device, SAMPLE(device), .label = "Device" },
	{ .name = "src_ip",
		.type = &type_address,
		SAMPLE(src_ip),
		.list = true,
		.label = "Source address" },
	{ .name = "port", .type = &type_port, SAMPLE(port), .list = true, .label = "Port" },
	{ .name = "proto",
		.type = &type_protocol,
		SAMPLE(proto),
		.list = true,
		.fallback = "tcp udp",
		.label = "Protocol" },
	{ .name = "mac", .type = &type_mac, SAMPLE(mac), .list = true, .label = "MAC" },
	{ .name = "icmp_type",
		.type = &type_icmp,
		SAMPLE(icmp),
		.list = true,
		.label = "ICMP type" },
	{ .name = "helper",
		.type = &type_name,
		SAMPLE(helper),
		.list = true,
		.refers = "helper",
		.label = "Helper" },
	{ .name = "entry",
		.type = &type_string,
		SAMPLE(entry),
		.list = true,
		.whole = true,
		.label = "Entry" },
	{ .name = "old",
		.type = &type_int,
		SAMPLE(old),
		.replaced_by = "count",
		.group = GROUP_NONE,
		.status = OPTION_STORED,
		.label = "Old count" },
	{ .name = "gone",
		.type = &type_bool,
		.status = OPTION_IGNORED,
		.group = GROUP_NONE,
		.help = "The kernel decides this now." },
};

static const struct section_row sample_row = {
	.type = "sample",
	.label = "Sample",
	.page = "Samples",
	.help = "One of everything.",
	.options = sample_options,
	.n_options = sizeof(sample_options) / sizeof(sample_options[0]),
	.size = sizeof(struct sample),
};

#endif
