/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Section `settings` of /etc/config/zonewall: how the program itself works. */
#include "model/model_priv.h"

static const struct enum_word backend_words[] = {
	{ "nft", 0, "nftables" },
	{ "iptables", 1, "iptables" },
	{ NULL },
};

static const struct enum_word dialect_words[] = {
	{ "rutos", 0, "RutOS (marks are hexadecimal)" },
	{ "openwrt", 1, "OpenWrt (marks are decimal)" },
	{ NULL },
};

static const struct enum_word log_words[] = {
	{ "syslog", 0, "Kernel log" },
	{ "nflog", 1, "Netfilter log group" },
	{ NULL },
};

#define AT(field) .at = offsetof(struct settings, field)

static const struct option_row settings_options[] = {
	{ .name = "backend", .type = &type_enum, .words = backend_words, AT(backend),
	  .fallback = "nft", .initial = "nft", .label = "Backend",
	  .help = "What carries the rules: nftables, or iptables for kernels without it." },
	{ .name = "dialect", .type = &type_enum, .words = dialect_words, AT(dialect),
	  .fallback = "rutos", .initial = "rutos", .label = "Dialect",
	  .help = "How marks of bare digits are read: rutos takes 16 for hexadecimal, openwrt for "
		  "decimal. With 0x in front both agree." },
	{ .name = "log_target", .type = &type_enum, .words = log_words, AT(log_target),
	  .fallback = "syslog", .initial = "syslog", .label = "Log to",
	  .help = "Where log messages go: the kernel log, or a netfilter log group that a program "
		  "such as ulogd or zonewalld reads." },
	{ .name = "log_group", .type = &type_int, .min = 0, .max = 65535, AT(log_group),
	  .fallback = "10", .label = "Log group", .help = "The netfilter log group.",
	  .group = GROUP_ADVANCED, .needs = "log_target=nflog" },
	{ .name = "log_level", .type = &type_int, .min = 0, .max = 7, AT(log_level),
	  .fallback = "4", .label = "Log level",
	  .help = "The severity of messages in the kernel log, 0 emergency to 7 debug.",
	  .group = GROUP_ADVANCED, .needs = "log_target=syslog" },
	{ .name = "horizon", .type = &type_int, .min = 2, .max = 400, AT(horizon),
	  .fallback = "40", .label = "Horizon of time rules",
	  .help = "For how many days ahead time rules are worked out. The daemon renews them long "
		  "before; without it, apply again within this time.",
	  .group = GROUP_ADVANCED },
};

const struct section_row section_settings = {
	.type = "settings",
	.label = "Program settings",
	.page = "Settings",
	.help = "How zonewall itself works.",
	.options = settings_options,
	.n_options = COUNT_OF(settings_options),
	.size = sizeof(struct settings),
};
