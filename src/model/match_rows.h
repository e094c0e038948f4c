/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows that rule, redirect and nat have in common, written once. T is the section's struct,
 * which holds a `struct match_fields m`; MANUAL names the fields of the manual that a row realises
 * on that section's page.
 */
#ifndef MODEL_MATCH_ROWS_H
#define MODEL_MATCH_ROWS_H

#include "model/model_priv.h"

#define ROW_ENABLED(T, MANUAL)                                                                     \
	{                                                                                          \
		.name = "enabled", .type = &type_bool, .at = offsetof(T, m.enabled),               \
		.fallback = "1", .initial = "1", .label = "Enable",                                \
		.help = "Turns the section on or off. A section that is off is still checked.",    \
		.manual = MANUAL,                                                                  \
	}

#define ROW_NAME(T, MANUAL)                                                                        \
	{                                                                                          \
		.name = "name", .alias = "_name", .type = &type_title, .at = offsetof(T, m.name),  \
		.max = NAME_BYTES_MAX, .label = "Name",                                            \
		.help = "A name of your choice. It appears as the comment of the rules, in the "   \
			"log and beside the counters.",                                            \
		.manual = MANUAL,                                                                  \
	}

#define ROW_FAMILY(T, MANUAL, SINCE)                                                               \
	{                                                                                          \
		.name = "family", .type = &type_family, .at = offsetof(T, m.family),               \
		.fallback = "any", .label = "Restrict to address family",                          \
		.help = "The IP address family the section is for. Empty means both, as far as "   \
			"the addresses given allow it.",                                           \
		.group = GROUP_ADVANCED, .manual = MANUAL, .since = SINCE,                         \
	}

#define ROW_PROTO(T, FALLBACK, INITIAL, MANUAL)                                                    \
	{                                                                                          \
		.name = "proto", .type = &type_protocol, .list = true, .at = offsetof(T, m.proto), \
		.fallback = FALLBACK, .initial = INITIAL, .label = "Protocol",                     \
		.help = "The protocols to match, by name or number; 'all' matches every one. "     \
			"'icmp' also stands for ICMPv6. When the option is absent: " FALLBACK ".", \
		.manual = MANUAL,                                                                  \
	}

#define ROW_SRC_IP(T, GROUP, MANUAL)                                                               \
	{                                                                                          \
		.name = "src_ip", .type = &type_address, .list = true, .at = offsetof(T, m.src_ip),\
		.label = "Source IP address",                                                      \
		.help = "Addresses, networks (10.0.0.0/8), ranges (a-b) or the name of a logical " \
			"network that the traffic comes from. Entries with '!' are excluded; "     \
			"all exclusions hold at once. Empty matches any address.",                 \
		.group = GROUP, .manual = MANUAL,                                                  \
	}

#define ROW_SRC_PORT(T, GROUP, MANUAL)                                                             \
	{                                                                                          \
		.name = "src_port", .type = &type_port, .list = true,                              \
		.at = offsetof(T, m.src_port), .label = "Source port",                             \
		.help = "Ports or port ranges (5000-5010) the sender uses; '!' excludes. Empty "   \
			"matches any. Only protocols with ports can match.",                       \
		.group = GROUP, .manual = MANUAL,                                                  \
	}

#define ROW_SRC_MAC(T, MANUAL)                                                                     \
	{                                                                                          \
		.name = "src_mac", .type = &type_mac, .list = true, .at = offsetof(T, m.src_mac),  \
		.label = "Source MAC address",                                                     \
		.help = "MAC addresses of the hosts that send the traffic; '!' excludes. It can "  \
			"only match hosts on a directly attached network. Empty matches any.",     \
		.group = GROUP_ADVANCED, .manual = MANUAL,                                         \
	}

#define ROW_IPSET(T)                                                                               \
	{                                                                                          \
		.name = "ipset", .type = &type_set_match, .at = offsetof(T, m.ipset),              \
		.label = "IP set",                                                                 \
		.help = "Matches members of an ipset section: its name, then optionally src or "   \
			"dest for each part of the set. '!' matches what is not in the set.",      \
		.group = GROUP_ADVANCED, .refers = "ipset",                                        \
	}

#define ROW_MARK(T, MANUAL)                                                                        \
	{                                                                                          \
		.name = "mark", .type = &type_mark, .at = offsetof(T, m.mark),                     \
		.label = "Mark: Set Match value",                                                  \
		.help = "Matches traffic that carries this firewall mark, optionally under a "     \
			"mask: value/mask. Digits are hexadecimal (FF is 255) unless the dialect " \
			"is openwrt; '!' matches any other mark.",                                 \
		.group = GROUP_ADVANCED, .manual = MANUAL,                                         \
	}

#define ROW_EXTRA(T, MANUAL)                                                                       \
	{                                                                                          \
		.name = "extra", .type = &type_string, .max = 4096, .at = offsetof(T, m.extra),    \
		.label = "Extra arguments",                                                        \
		.help = "Further conditions in iptables syntax, such as '-m connlimit "            \
			"--connlimit-above 10'. They are read and checked; what zonewall does "    \
			"not know is refused, and nothing is ever run.",                           \
		.group = GROUP_ADVANCED, .manual = MANUAL,                                         \
	}

#define ROWS_LIMIT(T, LIMIT_HELP, BURST_HELP, MANUAL_LIMIT, MANUAL_BURST)                          \
	{                                                                                          \
		.name = "limit", .type = &type_rate, .at = offsetof(T, m.limit), .label = "Limit", \
		.help = LIMIT_HELP, .group = GROUP_ADVANCED, .manual = MANUAL_LIMIT,               \
	},                                                                                         \
	{                                                                                          \
		.name = "limit_burst", .type = &type_int, .min = 1, .max = BURST_MAX,              \
		.at = offsetof(T, m.limit_burst), .fallback = "5", .label = "Limit burst",         \
		.help = BURST_HELP, .group = GROUP_ADVANCED, .needs = "limit",                     \
		.manual = MANUAL_BURST,                                                            \
	}

#define LIMIT_HELP_PLAIN                                                                           \
	"How often the section may match, as N/second, N/minute, N/hour or N/day. Traffic above "  \
	"the limit is passed on to the sections after this one."
#define BURST_HELP_PLAIN "How many matches in a row are taken before the limit begins to act."

#define ROWS_TIME(T, M)                                                                            \
	{                                                                                          \
		.name = "weekdays", .type = &type_weekdays, .at = offsetof(T, m.weekdays),         \
		.label = "Week days",                                                              \
		.help = "The days of the week on which the section is valid, Mon to Sun; a "       \
			"leading '!' means all other days. Empty means every day.",                \
		.group = GROUP_TIME, .manual = M " Week days",                                     \
	},                                                                                         \
	{                                                                                          \
		.name = "monthdays", .type = &type_monthdays, .at = offsetof(T, m.monthdays),      \
		.label = "Month days",                                                             \
		.help = "The days of the month on which the section is valid, 1 to 31; a leading " \
			"'!' means all other days. Empty means every day.",                        \
		.group = GROUP_TIME, .manual = M " Month days",                                    \
	},                                                                                         \
	{                                                                                          \
		.name = "start_time", .type = &type_time, .at = offsetof(T, m.start_time),         \
		.label = "Start Time (hh:mm:ss)",                                                  \
		.help = "The beginning of the hours of a day in which the section is valid. A "    \
			"start after the stop spans midnight.",                                    \
		.group = GROUP_TIME, .manual = M " Start Time",                                    \
	},                                                                                         \
	{                                                                                          \
		.name = "stop_time", .type = &type_time, .at = offsetof(T, m.stop_time),           \
		.label = "Stop Time (hh:mm:ss)",                                                   \
		.help = "The end of the hours of a day in which the section is valid; 00:00:00 "   \
			"means the end of the day.",                                               \
		.group = GROUP_TIME, .manual = M " Stop Time",                                     \
	},                                                                                         \
	{                                                                                          \
		.name = "start_date", .type = &type_date, .at = offsetof(T, m.start_date),         \
		.label = "Start Date (yyyy-mm-dd)",                                                \
		.help = "The first day on which the section is valid.", .group = GROUP_TIME,       \
		.manual = M " Start Date",                                                         \
	},                                                                                         \
	{                                                                                          \
		.name = "stop_date", .type = &type_date, .at = offsetof(T, m.stop_date),           \
		.label = "Stop Date (yyyy-mm-dd)",                                                 \
		.help = "The last day on which the section is valid; that whole day is included.", \
		.group = GROUP_TIME, .manual = M " Stop Date",                                     \
	},                                                                                         \
	{                                                                                          \
		.name = "utc_time", .type = &type_bool, .at = offsetof(T, m.utc_time),             \
		.fallback = "0", .initial = "0", .label = "Time in UTC",                           \
		.help = "Reads the times and dates as UTC. When off, the time zone of the system " \
			"is used, daylight saving included.",                                      \
		.group = GROUP_TIME, .manual = M " Time in UTC",                                   \
	}

#define ROWS_LOG(T)                                                                                \
	{                                                                                          \
		.name = "counter", .type = &type_bool, .at = offsetof(T, m.counter),               \
		.fallback = "1", .label = "Counter",                                               \
		.help = "Counts the packets and bytes that match.", .group = GROUP_ADVANCED,       \
		.since = "firewall4",                                                              \
	},                                                                                         \
	{                                                                                          \
		.name = "log", .type = &type_string, .max = 127, .at = offsetof(T, m.log),         \
		.label = "Log",                                                                    \
		.help = "Logs the packets that match: 1 with the section's name as the prefix, "   \
			"or a prefix of your own.",                                                \
		.group = GROUP_ADVANCED, .since = "firewall4",                                     \
	},                                                                                         \
	{                                                                                          \
		.name = "log_limit", .type = &type_rate, .at = offsetof(T, m.log_limit),           \
		.fallback = "10/minute", .label = "Limit log messages",                            \
		.help = "How many messages the section may log in a second, minute, hour or day.", \
		.group = GROUP_ADVANCED, .needs = "log", .since = "firewall4",                     \
	}

#define ROW_PRIORITY(T)                                                                            \
	{                                                                                          \
		.name = "priority", .type = &type_int, .min = 0, .max = UINT32_MAX,                \
		.at = offsetof(T, m.priority), .label = "Priority",                                \
		.help = "The place in the table of the web interface. The order of the sections "  \
			"in the file decides, whatever this says.",                                \
		.group = GROUP_NONE, .status = OPTION_STORED, .since = "RutOS 7.06",               \
	}

#endif
