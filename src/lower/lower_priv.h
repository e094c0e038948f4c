/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of lower/ share: the state of one lowering, and how sections become matches. */
#ifndef LOWER_LOWER_PRIV_H
#define LOWER_LOWER_PRIV_H

#include "lower/lower.h"

/* Chains and sets of one zone, made when first asked for. Indexed by zone->index. */
struct zone_parts {
	struct ir_set *devices;
	struct ir_set *addresses[2]; /* of the router in the zone: IPv4, IPv6 */
	struct ir_chain *hook[IR_HOOKS][IR_STAGES];
	struct ir_chain *translated[2]; /* of port forwards: in forward, in postrouting */
	struct ir_chain *verdict[2][3]; /* [from 0, to 1][enum action: DROP, ACCEPT, REJECT] */
	struct ir_chain *refused;	/* counts refused ports; NULL without port_scan */
};

struct lower {
	struct arena *arena;
	struct arena scratch; /* of one section: variants, intermediate sets */
	struct ir *ir;
	struct ir draft;      /* builds in scratch */
	const struct policy *policy;
	struct diags *diags;
	struct zone_parts *zones;
	struct ir_chain *reject;
	struct ir_chain *running_pings[IR_HOOKS]; /* before the rule for established traffic */
	struct name_table *names; /* of counters, limits and sets, so each is unique */
	struct {
		uint32_t *v;
		size_t n, cap;
	} lines; /* where each line of line_source starts */
	const struct source *line_source;
	struct custom *custom; /* custom rules and extra arguments, as read: arguments.h */
	size_t errors_before;
	size_t shifted_ports; /* of all forwards of ranges to other ports: one element of a map each */
};

/* ---- lower.c: names and origins ---- */

const struct ir_origin *lower_origin(struct lower *l, const struct section *s, const char *name);
/* An identifier for an object of a section, "rule_Allow-Ping"; unique and stable across reloads. */
const char *lower_name(
	struct lower *l, const char *kind, const struct section *s, const char *name, size_t max);
struct ir_counter *lower_counter(
	struct lower *l, const char *kind, const struct section *s, const char *name);
/* Whether the kernel can tell the router's own addresses from others (its fib expression). */
bool lower_knows_local(const struct lower *l);
/* A name for a chain that no other chain has: the one given, or with a number behind it. */
const char *lower_chain_name(struct lower *l, const char *name);
/* The section's name as a rule comment; NULL when it has none. */
const char *lower_comment(struct lower *l, const char *name);

/* ---- match.c: match fields -> rules without chain ---- */

/* What a section asks for beyond its match fields. */
struct match_wish {
	const struct zone *in, *out;	   /* match these zones' devices and subnets; NULL: do not */
	const struct zone *family_of[2];   /* zones that only narrow the family (their chain matched them) */
	enum family family;		   /* narrows further; ANY: no */
	/* instead of the fields, when has_*: the external side of a port forward */
	bool has_dest;
	const struct addr_spec *dest;
	size_t n_dest;
	bool has_dport;
	const struct port_spec *dport;
	size_t n_dport;
	bool default_all; /* no protocol given means all, not TCP and UDP */
	bool closes;	  /* the section refuses packets: without a clock it is always valid */
	bool quiet;	  /* no warning when nothing matches: the section has been lowered before */
};

struct variants {
	struct ir_rule **v;
	size_t n, cap;
};

/*
 * Every combination of family and protocol class that the fields ask for, as rules with matches
 * only. They live until the next call; what is placed in a chain is a copy. None when nothing can match; the reason is then a warning on the section.
 */
struct variants match_expand(struct lower *l, const struct section *s, const struct match_fields *m,
	const struct match_wish *wish);
/* Whether each is short enough for the kernel; else an error at span. */
bool match_fits(struct lower *l, struct span span, const struct variants *v);
/* Appends a copy of a variant to a chain with counter and comment, to be given its verdict. */
struct ir_rule *match_place(struct lower *l, struct ir_chain *chain, const struct ir_rule *variant,
	const struct ir_counter *counter, const char *comment, const struct ir_origin *origin);
/* The rule's first match of a kind; NULL when it has none. */
const struct ir_match *match_find(const struct ir_rule *rule, enum ir_match_kind kind);
/* The protocols a rule is about; all of them when it does not say. */
struct range_set match_protocols(struct lower *l, const struct ir_rule *rule);
/* Makes a placed rule be about these protocols, which are in the IR's arena. */
void match_set_protocols(struct lower *l, struct ir_rule *rule, const struct range_set *protos);
/* True when the time restriction leaves the rule out (`opens`: an accept before the clock is set). */
bool match_time_inactive(struct lower *l, const struct match_fields *m, bool opens);
/* Adds a limit of N per unit with its burst as the rule's last match. */
void match_limit(struct lower *l, struct ir_rule *rule, const struct ir_limit *limit);
/* The section's `limit` as an object, NULL when it has none. */
const struct ir_limit *match_limit_object(
	struct lower *l, const char *kind, const struct section *s, const struct match_fields *m);
/*
 * A section with raw iptables arguments this stage cannot express. Returns true when the section
 * must be left out: a warning when that leaves things closed, an error when it would open them.
 */
bool match_extra_refused(struct lower *l, const struct match_fields *m, bool closes);

/* ---- extra.c, custom.c, custom_place.c ---- */

/* Reads custom rules and all extra arguments, and says what is wrong with them. */
void lower_custom_read(struct lower *l);
void lower_extras_read(struct lower *l);
/* Of zones only, and without a word. */
void lower_zone_extras_read(struct lower *l);
/* The places for custom rules in the chains of zones: before the zones are dispatched to. */
void lower_custom_zones(struct lower *l);
/* Those in base chains: when all else is there but the policies. */
void lower_custom_built_in(struct lower *l);
/* Narrows a section's variants by its extra arguments. */
void match_extra(struct lower *l, const struct section *s, const struct match_fields *m,
	bool closes, struct variants *variants);
/* Adds a zone's extra arguments to a match of the zone; false: it never holds in this family. */
bool zone_extra(struct lower *l, struct ir *ir, struct ir_rule *rule, const struct zone *z, bool dest);

/* ---- addresses.c ---- */

/* One way for an address list to match in one family. */
struct address_choice {
	bool any;    /* no constraint */
	bool negate; /* of set */
	struct addr_set set;
	bool masked;
	struct addr value, mask;
	struct addr_set except; /* with masked: ranges that do not match */
};

struct address_choices {
	bool excluded; /* the list says nothing for this family: the section is not for it */
	struct {
		struct address_choice *v;
		size_t n, cap;
	} any_of;
	struct {
		struct address_choice *v; /* masked, each must not match */
		size_t n, cap;
	} none_of;
};

struct address_choices address_choices(
	struct lower *l, const struct addr_spec *specs, size_t n, enum family family);
/* Adds the choice to a rule whose matches are in ir's arena (l->ir, or l->draft for variants). */
void address_match(struct lower *l, struct ir *ir, struct ir_rule *rule,
	const struct address_choice *choice, const struct address_choices *all, bool dest);
/* The family that a list of specs is about: ANY when both, or when empty. */
enum family address_family(const struct addr_spec *specs, size_t n);

/* ---- zone.c ---- */

/* Matches a zone as the packet's source (IIF, SADDR) or destination; false: never in this family. */
bool zone_match(struct lower *l, struct ir_rule *rule, const struct zone *z, bool dest);
bool zone_match_in(struct lower *l, struct ir *ir, struct ir_rule *rule, const struct zone *z,
	bool dest); /* the same for a rule whose matches are in another arena */
/* Where the set of the router's addresses in a zone is kept; NULL until it is made. */
struct ir_set **zone_addresses(struct lower *l, const struct zone *z, enum family family);
/* True when matching the zone needs the family to be decided (it has subnets). */
bool zone_has_subnets(const struct zone *z);
/* The zone's name as part of identifiers: itself, unless it has a dot or begins with a digit. */
const char *zone_word(struct lower *l, const struct zone *z);
/* The zone's chain at a place, made when first asked for. */
struct ir_chain *zone_chain(
	struct lower *l, const struct zone *z, enum ir_hook hook, enum ir_stage stage);
/*
 * A chain of the zone's traffic in forward, or to it in postrouting, that sees only connections
 * whose destination was translated. What a hundred port forwards need there costs others one rule.
 */
struct ir_chain *zone_translated(struct lower *l, const struct zone *z, enum ir_hook hook);
/*
 * Sets the verdict for packets from (dest false) or to a zone: plain, or a jump to the chain that
 * logs. `source` is the zone whose logging option decides (NULL: the zone itself).
 */
void zone_verdict(struct lower *l, struct ir_rule *rule, const struct zone *z, bool dest,
	enum action action, const struct zone *source);
/* A verdict without zone. */
void plain_verdict(struct lower *l, struct ir_rule *rule, enum action action);
/* Policies at the end of every zone's chains; then the jumps from the base chains, and their end. */
void lower_zone_policies(struct lower *l);
void lower_zone_dispatch(struct lower *l);
void lower_mss_clamping(struct lower *l);

/* ---- one per feature ---- */

void lower_frame_begin(struct lower *l); /* first rules of the base chains */
void lower_frame_end(struct lower *l);	 /* the policies of the base chains */
void lower_sets(struct lower *l);
/* The set of an ipset section by its own name; NULL when there is none. */
struct ir_set *lower_ipset(struct lower *l, const char *name);
void lower_rules(struct lower *l);
void lower_forwardings(struct lower *l);
void lower_redirects(struct lower *l);
void lower_nats(struct lower *l);
void lower_masquerade(struct lower *l);
void lower_leak_guards(struct lower *l); /* after lower_frame_begin() */
void lower_helpers(struct lower *l);
void lower_syn_flood_early(struct lower *l); /* before connection tracking, when it may be there */
void lower_syn_flood(struct lower *l);
void lower_flag_attacks(struct lower *l);
void lower_sysctls(struct lower *l);
void lower_includes(struct lower *l);
void lower_close_limits(struct lower *l); /* of all other rules: "above: drop" closes when full */
void lower_offload(struct lower *l); /* last: it looks at all other rules */
/* Gives the connections a rule matches a helper. */
void lower_assign_helper(struct lower *l, struct ir_rule *rule, const struct helper *h);
/* Gives those of a port forward that come from a zone its own helper, or the one of its port. */
void lower_forward_helper(struct lower *l, const struct redirect *r, const struct zone *from);
/* The `log` option: a rule before the section's own that logs what the variant matches. */
void lower_log_matches(struct lower *l, const struct section *s, const struct match_fields *m,
	struct ir_chain *chain, const struct ir_rule *variant);
void lower_lockdown_rules(struct lower *l);

/* A log statement in the rule, as the settings say, with a safe prefix. */
void lower_log(struct lower *l, struct ir_rule *rule, const char *prefix);

/* ---- limit.c ---- */

/* A chain in which packets within a limit return and the rest is (logged and) dropped. */
struct limit_wish {
	const char *name; /* of chain, sets and limits; at most 24 bytes, free */
	enum ir_role role;
	enum ir_hook hook;
	enum ir_stage stage;
	const struct ir_origin *origin;
	enum family family; /* per source: of the packets that will come; ANY: both */
	struct rate rate;
	uint32_t burst;
	bool per_source;		  /* else one bucket for all */
	const char *log_prefix;		  /* NULL: no log */
	const struct ir_counter *counter; /* of what is dropped */
};

struct ir_chain *lower_limit_chain(struct lower *l, const struct limit_wish *wish);
/* A new bucket for all packets. The name is free. */
const struct ir_limit *lower_limit(struct lower *l, const char *name,
	const struct ir_origin *origin, struct rate rate, uint32_t burst);
/* Makes the rule log, at most once a second. */
void lower_log_overlimit(struct lower *l, struct ir_rule *rule, const char *name,
	const struct ir_origin *origin, const char *prefix);
/* base and suffix as the name of a set, with a number between when a set has that name. */
const char *lower_set_name(struct lower *l, const char *base, const char *suffix);
/* A set of source addresses that rules fill and reloads keep, NAME_v4 or NAME_v6. */
struct ir_set *lower_source_set(struct lower *l, const char *name, enum family family,
	const struct ir_origin *origin, uint32_t timeout);

/* ---- rule_limit.c ---- */

/* The rule's limit drops what exceeds it, instead of passing it on. */
bool rule_drops_excess(const struct rule *r);
/* The chain for that, for a rule whose variants stand in `chain`; there is at least one. */
struct ir_chain *rule_excess_chain(struct lower *l, const struct rule *r,
	const struct ir_chain *chain, const struct variants *v);
/* Places what must stand before the rule itself in `chain`, for one of its variants. */
void rule_limit_place(struct lower *l, const struct rule *r, struct ir_chain *chain,
	const struct ir_rule *variant, struct ir_chain *excess);
/* After the rule: logs what it passed on because of its limit, when that is asked for. */
void rule_log_excess(struct lower *l, const struct rule *r, struct ir_chain *chain,
	const struct ir_rule *variant);
/* Puts the jumps for running pings first of all. */
void lower_running_pings(struct lower *l);

/* ---- port_scan.c ---- */

/* Sets and chains of each zone with port_scan, and the jumps that drop who is banned. */
void lower_port_scans(struct lower *l);
/*
 * Adds rules that match what comes from the zone, one or one per family; none when nothing can.
 * Returns how many there are in ret; each is still without a verdict.
 */
size_t lower_from_zone(
	struct lower *l, struct ir_chain *chain, const struct zone *z, struct ir_rule *ret[2]);
/* A rule that refuses traffic from the zone: it is to be counted before. */
void lower_count_refusal(struct lower *l, const struct zone *z, struct ir_rule *rule);
/* The end of the zone's forward chain: what runs past is for the forward policy. */
void lower_count_fall_through(struct lower *l, const struct zone *z, struct ir_chain *chain);

#endif
