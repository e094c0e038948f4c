/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Section `include`: files with further rules. RutOS 7.06 keeps the settings of its Port Scan page
 * in one of these, 'pscan', whose script did the work; here the zone does it, so its settings move
 * to where 7.12 has them and the script is not one of the policy's includes.
 */
#include <string.h>

#include "model/model_priv.h"

static const struct enum_word type_words[] = {
	{ "script", INCLUDE_SCRIPT, "iptables commands" },
	{ "restore", INCLUDE_RESTORE, "iptables-restore fragment" },
	{ "nftables", INCLUDE_NFTABLES, "nftables fragment" },
	{ NULL },
};

static const struct enum_word position_words[] = {
	{ "ruleset-prepend", 0, "Before everything" },
	{ "ruleset-append", 1, "After everything" },
	{ "table-prepend", 2, "At the table's beginning" },
	{ "table-append", 3, "At the table's end" },
	{ "chain-prepend", 4, "At a chain's beginning" },
	{ "chain-append", 5, "At a chain's end" },
	{ "ruleset-pre", 0, NULL },
	{ "ruleset-post", 1, NULL },
	{ "table-pre", 2, NULL },
	{ "table-post", 3, NULL },
	{ "chain-pre", 4, NULL },
	{ "chain-post", 5, NULL },
	{ NULL },
};

#define AT(field) .at = offsetof(struct include, field)

#define PORT_SCAN_FLAG(NAME, FIELD_, LABEL, NEW)                                                   \
	{ .name = NAME, .type = &type_bool, AT(FIELD_), .fallback = "0", .label = LABEL,           \
	  .help = "Where RutOS 7.06 keeps the setting of the Port Scan page; it is read as the "   \
		  "option of the same name in the " NEW ".",                                       \
	  .group = GROUP_NONE, .since = "RutOS 7.06" }
#define PORT_SCAN_NUMBER(NAME, FIELD_, LABEL, MIN, MAX)                                            \
	{ .name = NAME, .type = &type_int, .min = MIN, .max = MAX, AT(FIELD_), .label = LABEL,     \
	  .help = "Where RutOS 7.06 keeps the setting of the Port Scan page; it is read as the "   \
		  "option of the same name in the zone wan.",                                      \
	  .group = GROUP_NONE, .since = "RutOS 7.06" }

static const struct option_row include_options[] = {
	{ .name = "enabled", .type = &type_bool, AT(enabled), .fallback = "1", .initial = "1",
	  .label = "Enable", .help = "Turns the include on or off." },
	{ .name = "path", .type = &type_string, .min = 1, .max = 4095, AT(path), .required = true,
	  .initial = "/etc/firewall.user", .label = "File",
	  .help = "The file with custom rules. Its iptables commands are read and become part of "
		  "the same rule set at every reload; nothing in it is run.",
	  .manual = "7 Custom rules" },
	{ .name = "type", .type = &type_enum, .words = type_words, AT(type), .fallback = "script",
	  .initial = "script", .label = "Type",
	  .help = "What the file holds: iptables commands, or a fragment for iptables-restore or "
		  "nft." },
	{ .name = "family", .type = &type_family, AT(family), .fallback = "any",
	  .label = "Restrict to address family",
	  .help = "Takes the file's rules for IPv4 or IPv6 only.", .group = GROUP_ADVANCED },
	{ .name = "reload", .type = &type_bool, AT(reload), .fallback = "0", .label = "On reload",
	  .help = "Kept for other firewalls; here an include is part of the rule set, so every "
		  "reload has it.",
	  .group = GROUP_ADVANCED, .status = OPTION_STORED },
	{ .name = "fw4_compatible", .type = &type_bool, AT(fw4_compatible), .fallback = "0",
	  .label = "Compatible with firewall4",
	  .help = "Kept for firewall4, which wants it before it runs a script.",
	  .group = GROUP_NONE, .status = OPTION_STORED, .since = "firewall4" },
	{ .name = "position", .type = &type_enum, .words = position_words, AT(position),
	  .fallback = "table-append", .label = "Position",
	  .help = "Where an nftables fragment goes.", .group = GROUP_ADVANCED,
	  .needs = "type=nftables", .since = "firewall4" },
	{ .name = "chain", .type = &type_string, .max = 127, AT(chain), .label = "Chain",
	  .help = "The chain that an nftables fragment is about.", .group = GROUP_ADVANCED,
	  .needs = "type=nftables", .since = "firewall4" },
	PORT_SCAN_FLAG("port_scan", port_scan, "Port scan prevention", "zone wan"),
	PORT_SCAN_NUMBER("hitcount", hitcount, "Scan count", 5, 10000),
	PORT_SCAN_NUMBER("seconds", seconds, "Interval", 10, 4096),
	PORT_SCAN_FLAG("syn_fin", syn_fin, "SYN-FIN attack", "defaults section"),
	PORT_SCAN_FLAG("syn_rst", syn_rst, "SYN-RST attack", "defaults section"),
	PORT_SCAN_FLAG("x_max", x_max, "X-Mas attack", "defaults section"),
	PORT_SCAN_FLAG("nmap_fin", nmap_fin, "FIN scan", "defaults section"),
	PORT_SCAN_FLAG("null_flags", null_flags, "NULLflags attack", "defaults section"),
};

const struct section_row section_include = {
	.type = "include",
	.label = "Custom rules",
	.page = "Custom Rules",
	.help = "A file with further rules.",
	.options = include_options,
	.n_options = COUNT_OF(include_options),
	.size = sizeof(struct include),
};

bool include_check(struct reader *r, struct include *inc)
{
	struct diag *e;

	if (!inc->s.valid || !inc->path.v || inc->path.v[0] == '/')
		return inc->s.valid;
	e = diag_error(r->diags, given_span(r->source, &inc->path.given), "path-not-absolute",
		"'%s' is not an absolute path", inc->path.v);
	diag_hint(r->diags, e, "begin the path with '/'");
	return false;
}

bool include_is_port_scan(const struct include *inc)
{
	static const char script[] = "/attack_prevention";
	size_t n = inc->path.v ? strlen(inc->path.v) : 0;

	return (inc->s.id && !strcmp(inc->s.id, "pscan")) ||
		(n >= sizeof(script) - 1 && !strcmp(inc->path.v + n - (sizeof(script) - 1), script));
}

/* Takes the old place's value where the new place has none. */
#define MOVE(to, from)                                                                             \
	do {                                                                                       \
		if ((from).given.set && !(to).given.set) {                                         \
			(to).v = (from).v;                                                         \
			(to).given = (from).given;                                                 \
		}                                                                                  \
	} while (0)

void include_apply_port_scan(struct reader *r, const struct include *inc)
{
	struct defaults *d = &r->policy->defaults;
	struct zone *wan = policy_zone(r->policy, "wan");

	MOVE(d->syn_fin, inc->syn_fin);
	MOVE(d->syn_rst, inc->syn_rst);
	MOVE(d->x_max, inc->x_max);
	MOVE(d->nmap_fin, inc->nmap_fin);
	MOVE(d->null_flags, inc->null_flags);
	if (wan) {
		MOVE(wan->port_scan, inc->port_scan);
		MOVE(wan->hitcount, inc->hitcount);
		MOVE(wan->seconds, inc->seconds);
		return;
	}
	if (inc->port_scan.v) {
		struct diag *w = diag_warning(r->diags, given_span(r->source, &inc->port_scan.given),
			"port-scan-without-wan",
			"port scan prevention is for the zone 'wan', and there is none");

		diag_hint(r->diags, w, "set option port_scan '1' in the zone to protect");
	}
}
