/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy: every section of /etc/config/firewall as a struct, names joined, checks done.
 *
 * One file per section holds its option table and its checks; policy.c reads a tree into a policy;
 * resolve.c joins names (zones, networks, sets, helpers). What carries `resolved:` is filled there
 * and is all that lower/ looks at, so an unresolved name cannot get further.
 *
 * What a section means is settled here too:
 * - Address lists hold no names any more; a network's name became its prefixes. A section that can
 *   match nothing, because the networks it names have no address now, is not in the policy.
 * - Ports with `proto all` narrowed the protocols to those that have ports. In a mixed list the
 *   protocols without ports match whatever the ports are.
 * - ICMP types of a section for one family are those that exist in it. For both families, a type
 *   belongs to those where has[] is set; a family without any type is not matched at all.
 * - A stop time of 00:00:00 is no stop time.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/arena.h"
#include "base/diag.h"
#include "model/facts.h"
#include "net/net.h"
#include "schema/schema.h"
#include "uci/uci.h"

/* The verdict of a policy and the action of a rule. */
enum action {
	ACTION_DROP, ACTION_ACCEPT, ACTION_REJECT,		   /* filter */
	ACTION_NOTRACK, ACTION_DSCP, ACTION_MARK, ACTION_TTL, ACTION_TCPMSS, /* rule */
	ACTION_HELPER,						   /* rule: assign a helper */
	ACTION_DNAT, ACTION_SNAT, ACTION_MASQUERADE,		   /* redirect, nat */
	ACTION_NETMAP,						   /* nat: prefix to prefix (ours) */
};

enum reject_with { REJECT_TCP_RESET, REJECT_PORT_UNREACHABLE, REJECT_ADMIN_PROHIBITED };

/* A zone as the source or destination of something. */
enum zone_choice {
	ZONE_NONE,  /* not given: the device itself */
	ZONE_ANY,   /* '*' */
	ZONE_NAMED,
};

struct zone_ref {
	enum zone_choice kind;
	struct zone *zone; /* ZONE_NAMED only */
};

/* ---- config defaults ---- */
struct defaults {
	struct section s;
	FIELD(int) input, output, forward; /* enum action: DROP, ACCEPT, REJECT */
	FIELD(bool) drop_invalid, auto_helper;
	FIELD(bool) syn_flood, tcp_syncookies;
	FIELD(struct rate) synflood_rate;
	FIELD(int64_t) synflood_burst;
	FIELD(bool) synflood_per_source, synflood_forward, synproxy; /* ours: default 1, 0, 0 */
	FIELD(int) source_prefix6; /* ours: 128 or 64 */
	FIELD(bool) flow_offloading, flow_offloading_hw, flow_offloading_xfrm;
	FIELD(int) tcp_reject_code, any_reject_code; /* enum reject_with */
	FIELD(int64_t) tcp_ecn;
	FIELD(bool) tcp_window_scaling, custom_chains, disable_ipv6, auto_includes;
	FIELD(bool) accept_redirects, accept_source_route;
	FIELD(bool) null_flags, syn_fin, x_max, syn_rst, nmap_fin;
};

/* ---- config zone ---- */
struct zone {
	struct section s;
	FIELD(bool) enabled;
	FIELD(const char *) name;
	FIELD(enum family) family;
	LIST(const char *) network;
	LIST(struct device_pattern) device;
	LIST(struct addr_spec) subnet;
	FIELD(int) input, output, forward; /* fallback: the defaults section's */
	FIELD(bool) masq, masq6, masq_allow_invalid;
	LIST(struct addr_spec) masq_src, masq_dest;
	FIELD(const char *) extra, extra_src, extra_dest; /* extra is copied to the two others */
	FIELD(bool) mtu_fix, custom_chains, conntrack, counter;
	FIELD(int64_t) log; /* bit 0 filter, bit 1 mangle */
	FIELD(struct rate) log_limit;
	FIELD(bool) auto_helper;
	LIST(const char *) helper;
	FIELD(bool) port_scan;
	FIELD(int64_t) hitcount, seconds;
	LIST(struct addr_spec) port_scan_allow; /* ours */

	/* resolved: */
	unsigned index; /* among the enabled, valid zones */
	VEC(struct device_pattern) devices; /* of networks and of `device`; no negated ones */
	struct addr_set subnets[2];	    /* IPv4, IPv6; of `subnet` */
	bool any_device;		    /* no network and no device given, only subnets */
	VEC(const struct facts_network *) networks;
	VEC(struct facts_address) addresses; /* of the router on this zone's devices */
};

/* ---- config forwarding ---- */
struct forwarding {
	struct section s;
	FIELD(bool) enabled;
	FIELD(const char *) name;
	FIELD(enum family) family;
	FIELD(const char *) src, dest;
	/* resolved: */
	struct zone_ref from, to;
};

/* ---- what rule, redirect and nat match alike ---- */
struct match_fields {
	FIELD(bool) enabled;
	FIELD(const char *) name;
	FIELD(enum family) family;
	FIELD(const char *) src, dest; /* as written; zone_ref below */
	FIELD(struct device_pattern) device;
	FIELD(int) direction; /* 0 in, 1 out */
	FIELD(const char *) ipset; /* "[!]name [src|dest[,...]]" */
	LIST(struct proto_spec) proto;
	LIST(struct addr_spec) src_ip, dest_ip;
	LIST(struct mac_spec) src_mac;
	LIST(struct port_spec) src_port, dest_port;
	LIST(struct icmp_choice) icmp_type;
	FIELD(const char *) helper; /* rule: match; redirect: assign */
	FIELD(struct mark_spec) mark;
	FIELD(struct dscp_spec) dscp;
	FIELD(struct rate) limit;
	FIELD(int64_t) limit_burst;
	FIELD(bool) utc_time;
	FIELD(struct date_spec) start_date, stop_date;
	FIELD(uint32_t) start_time, stop_time;
	FIELD(uint8_t) weekdays;
	FIELD(uint32_t) monthdays;
	FIELD(const char *) extra;
	FIELD(bool) counter;
	FIELD(const char *) log; /* bool or prefix (firewall4) */
	FIELD(struct rate) log_limit;
	FIELD(int64_t) priority;

	/* resolved: */
	struct zone_ref from, to;
	struct calendar calendar;
	struct ipset *set;
	bool set_negate;
	unsigned set_n;	      /* number of directions */
	bool set_dest[3];     /* each component: source or destination */
	struct helper *match_helper;
};

/* ---- config rule ---- */
struct rule {
	struct section s;
	struct match_fields m;
	FIELD(int) target; /* enum action */
	FIELD(struct mark_spec) set_mark, set_xmark;
	FIELD(struct dscp_spec) set_dscp;
	FIELD(const char *) set_helper;
	FIELD(int) ttl_action; /* enum ttl_action */
	FIELD(int64_t) ttl_value;
	FIELD(const char *) tcpmss; /* match: N or N:M */
	FIELD(int64_t) set_mss;
	FIELD(bool) limit_log_overlimit;
	FIELD(bool) icmp_limit, ssh_limit, http_limit, https_limit; /* pages' flags */
	FIELD(bool) limit_per_source; /* ours: fallback: see rule.c */
	FIELD(const char *) match, dest_local, vpn_type, service, tag, owner_type, owner_id,
		attack_prevention;

	/* resolved: */
	struct helper *assign_helper;
	struct range mss_match; /* tcpmss */
	bool attack_page; /* one of Allow-Ping, Enable_{SSH,HTTP,HTTPS}_WAN with a limit switched on */
};

enum ttl_action { TTL_SET, TTL_INCREMENT, TTL_DECREMENT };

/* ---- config redirect ---- */
struct redirect {
	struct section s;
	struct match_fields m;
	FIELD(int) target; /* DNAT, SNAT, ACCEPT */
	FIELD(struct addr_spec) src_dip;
	FIELD(struct port_spec) src_dport;
	/*
	 * DNAT: the internal address and port are m.dest_ip (none or one address) and m.dest_port
	 * (none or one range, of one port or as many as src_dport has). SNAT: src_dip and src_dport
	 * are what is written; src_dip is an address or a range.
	 */
	FIELD(bool) reflection;
	FIELD(int) reflection_src; /* 0 internal, 1 external */
	LIST(const char *) reflection_zone;
	FIELD(const char *) mode; /* "host" marks dmz_fw */

	/* resolved: */
	VEC(struct zone *) reflection_zones; /* empty when reflection is off */
	struct helper *assign_helper;
};

/* ---- config nat ---- */
struct nat {
	struct section s;
	struct match_fields m; /* m.src is the OUTBOUND zone, as firewall3 has it; resolved into m.to */
	FIELD(int) target; /* MASQUERADE, SNAT, ACCEPT, NETMAP */
	FIELD(struct addr_spec) snat_ip;
	FIELD(struct port_spec) snat_port;
	FIELD(const char *) connlimit_ports;
	FIELD(const char *) src_zone; /* ours: the zone traffic came from; resolved into m.from */
};

/* ---- config include ---- */
struct include {
	struct section s;
	FIELD(bool) enabled;
	FIELD(const char *) path;
	FIELD(int) type; /* enum include_type */
	FIELD(enum family) family;
	FIELD(bool) reload, fw4_compatible;
	FIELD(int) position; /* ruleset-pre ... chain-append */
	FIELD(const char *) chain;
	/* RutOS 7.06: the port-scan page keeps its settings in include 'pscan' */
	FIELD(bool) port_scan, syn_fin, syn_rst, x_max, nmap_fin, null_flags;
	FIELD(int64_t) hitcount, seconds;
};

enum include_type { INCLUDE_SCRIPT, INCLUDE_RESTORE, INCLUDE_NFTABLES };

/* ---- config ipset ---- */
enum set_part { SET_IP, SET_PORT, SET_MAC, SET_NET, SET_SET };

struct ipset {
	struct section s;
	FIELD(bool) enabled;
	FIELD(const char *) name;
	FIELD(enum family) family;
	FIELD(const char *) storage;
	LIST(const char *) match; /* "src_ip", "dest_port", ... */
	FIELD(const char *) iprange, portrange;
	FIELD(int64_t) netmask, maxelem, hashsize, timeout;
	FIELD(const char *) external;
	LIST(const char *) entry; /* row.whole: an entry may hold spaces */
	FIELD(const char *) loadfile;
	FIELD(const char *) comment;
	FIELD(bool) counters, reload_set;

	/* resolved: */
	unsigned n_parts; /* 1 to 3 */
	enum set_part parts[3];
	bool part_dest[3]; /* default direction, from the match word's src_/dest_ */
	VEC(struct set_entry) entries; /* of `entry` and `loadfile` */
};

struct set_entry {
	struct span span;
	bool nomatch;
	uint32_t timeout; /* seconds; 0 the set's */
	struct {
		struct addr_range addr; /* IP, NET */
		struct range port;
		uint8_t proto; /* of a port "tcp:80"; 0 any */
		struct mac mac;
	} part[3];
};

/* ---- config helper ---- */
struct helper {
	struct section s;
	FIELD(bool) enabled;
	FIELD(const char *) name, module, description;
	FIELD(enum family) family;
	LIST(struct proto_spec) proto;
	FIELD(struct port_spec) port;
	bool builtin; /* from our own list (conntrack helpers of the kernel) */
};

/* ---- /etc/config/zonewall ---- */
struct settings {
	struct section s;
	FIELD(int) backend; /* 0 nft, 1 iptables */
	FIELD(int) dialect; /* 0 rutos, 1 openwrt */
	FIELD(int) log_target; /* 0 syslog, 1 nflog */
	FIELD(int64_t) log_group; /* NFLOG group */
	FIELD(int) log_level;	  /* syslog level 0-7; fallback 4 */
	FIELD(int64_t) horizon;	  /* days that time rules are compiled ahead */
};

/* The whole policy; everything in the arena of the compile. */
struct policy {
	const struct source *source; /* of the firewall file, for given_span() */
	struct settings settings;
	struct defaults defaults;
	VEC(struct zone *) zones;	  /* enabled and valid, in file order */
	VEC(struct forwarding *) forwardings;
	VEC(struct rule *) rules;
	VEC(struct redirect *) redirects;
	VEC(struct nat *) nats;
	VEC(struct include *) includes;	  /* without 'pscan', whose settings went to zone wan */
	VEC(struct ipset *) ipsets;
	VEC(struct helper *) helpers;	  /* the kernel's own list, then the file's */
	const struct facts *facts;
};

/*
 * Reads a tree into a policy: binds every section, applies defaults, joins names, runs the checks.
 * `zonewall` (settings) may be NULL, and so may facts. Disabled sections are checked but left out,
 * and their mistakes are warnings. Every mistake of every section becomes a diagnostic, in the
 * order of the file. Returns true when there was no error; otherwise *ret is fit only for being
 * thrown away. The policy borrows from the tree, the facts and their texts.
 */
bool policy_read(struct arena *arena, const struct uci_file *firewall,
	const struct uci_file *zonewall, const struct facts *facts, struct diags *diags,
	struct policy *ret);

/* The rows of all sections of /etc/config/firewall, then of /etc/config/zonewall. */
const struct section_row *const *model_sections(size_t *ret_n);
const struct section_row *const *model_settings_sections(size_t *ret_n);
/* The row of a section type; NULL when there is none. */
const struct section_row *model_section(struct slice type);

/* Files that the sections name (loadfile; include path), for the caller to read into facts. */
void model_files(struct arena *arena, const struct uci_file *firewall, const char ***ret, size_t *ret_n);

/* The zone of a name; NULL when there is none. */
struct zone *policy_zone(const struct policy *p, const char *name);

#endif
