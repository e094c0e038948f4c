/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of model/ share: the reader's state, the section rows and the helpers of checks. */
#ifndef MODEL_MODEL_PRIV_H
#define MODEL_MODEL_PRIV_H

#include "model/model.h"

#define NAME_BYTES_MAX 2048
#define BURST_MAX 1000000
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* One reading of a policy. */
struct reader {
	struct arena *arena;
	struct diags *diags;
	struct policy *policy;
	const struct facts *facts;
	const struct source *source; /* of the firewall file; all its sections are in it */
	/* Also the disabled and the invalid ones, so that a name is unknown only when it is. */
	VEC(struct zone *) all_zones;
	VEC(struct ipset *) all_sets;
	/* The section at hand has a condition that nothing can meet (a network without addresses). */
	bool matches_nothing;
};

/* ---- the rows of the sections ---- */

extern const struct section_row section_defaults, section_zone, section_forwarding, section_rule,
	section_redirect, section_nat, section_include, section_ipset, section_helper,
	section_settings;

/* ---- value types beside those of schema/ (types.c) ---- */

extern const struct value_type type_zone_ref;	/* const char *: a zone's name or "*" */
extern const struct value_type type_zone_name;	/* const char *: a zone's name, as a reference */
extern const struct value_type type_network;	/* const char *: a logical network */
extern const struct value_type type_helper_ref; /* const char *: a conntrack helper */
extern const struct value_type type_set_match;	/* const char *: "[!]name [src|dest[,...]]" */
extern const struct value_type type_title;	/* const char *: any bytes, up to row.max */
extern const struct value_type type_listen_port; /* struct port_spec: also "0.0.0.0:80" */
extern const struct value_type type_mss_range;	/* const char *: "N" or "N:M" */

/* ---- the checks and joins of each section; false: an error was reported ---- */

bool defaults_check(struct reader *r, struct defaults *d);
bool zone_check(struct reader *r, struct zone *z);
bool zone_resolve(struct reader *r, struct zone *z);
bool forwarding_resolve(struct reader *r, struct forwarding *f);
bool rule_resolve(struct reader *r, struct rule *rule);
bool redirect_resolve(struct reader *r, struct redirect *redirect);
bool nat_resolve(struct reader *r, struct nat *nat);
bool include_check(struct reader *r, struct include *inc);
bool ipset_resolve(struct reader *r, struct ipset *set);
bool helper_check(struct reader *r, struct helper *h);

/* True when a rule's protocols are TCP and nothing else. */
bool rule_is_tcp_only(const struct rule *rule);
/* Rule checks that depend on the target (rule_checks.c). */
bool rule_check_target(struct reader *r, struct rule *rule);

/* Reads one entry of a set, at `span`, into *ret (ipset_entry.c). */
bool ipset_entry_parse(struct reader *r, const struct ipset *set, struct span span,
	struct slice text, struct set_entry *ret);

/* Puts our own list of conntrack helpers first in the policy. */
void helpers_builtin(struct reader *r);
/* The RutOS 7.06 include 'pscan': true when the section is that one. */
bool include_is_port_scan(const struct include *inc);
/* Moves the settings of such an include to the zone wan and the defaults. */
void include_apply_port_scan(struct reader *r, const struct include *inc);

/* ---- joining names (resolve.c) ---- */

/* "src 'wna'" into a zone; false after an error. *ret_off is set when the zone is switched off. */
bool resolve_zone(struct reader *r, const struct given *given, const char *name,
	struct zone_ref *ret, bool *ret_off);
/* Likewise for both ends of a section. */
bool resolve_ends(struct reader *r, struct match_fields *m, bool *ret_off);

/*
 * Replaces the names of logical networks in an address list by their connected prefixes. A name
 * without addresses leaves the list with a warning; when nothing positive is left of a list that
 * had positive entries, r->matches_nothing is set.
 */
#define resolve_addresses(r, list)                                                                 \
	resolve_address_list((r), &(list)->v, &(list)->spans, &(list)->n)
bool resolve_address_list(struct reader *r, struct addr_spec **v, struct span **spans, size_t *n);
/* Likewise for a scalar: the name's first address. */
bool resolve_address(struct reader *r, const struct given *given, struct addr_spec *spec);

/* m->ipset into m->set and its directions; m->helper into *ret. */
bool resolve_set(struct reader *r, struct match_fields *m);
bool resolve_helper(struct reader *r, struct span span, const char *name, struct helper **ret);

/* The time options of a section into its calendar; false when they contradict each other. */
bool resolve_calendar(struct reader *r, struct match_fields *m);

/* ---- checks common to rule, redirect and nat (checks.c) ---- */

bool check_ports_have_protocol(struct reader *r, struct match_fields *m, bool other_ports,
	struct span other);
bool check_family(struct reader *r, const struct match_fields *m);
/* That a further address (external, or to write) is of the family of the others. */
bool check_other_family(struct reader *r, const struct match_fields *m, const struct given *given,
	const struct addr_spec *spec);
void check_burst_has_limit(struct reader *r, const struct match_fields *m);
/* The family of a list's addresses: FAMILY_ANY when it is empty or holds both. */
enum family check_list_family(const struct addr_spec *v, size_t n);
/*
 * Cuts an address that traffic is rewritten to down to one address, as written: 192.0.2.7/24
 * becomes 192.0.2.7 with a warning. Ranges are refused unless allowed.
 */
bool check_rewrite_address(struct reader *r, struct span span, struct addr_spec *spec,
	bool allow_range);

/* Adds "did you mean" to a diagnostic when a candidate is near. */
void hint_nearest(struct reader *r, struct diag *on, const char *word, const char *const *names,
	size_t n);

/* True when a list holds protocol `number`, by name or because it is "all". */
bool protocols_have(const struct match_fields *m, uint8_t number);

#endif
