/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Section `ipset`: a named set of addresses, networks, ports or MAC addresses, or of combinations
 * of up to three. Its entries come from the file and from `loadfile`; both are read here, by
 * ipset_entry.c, so that a mistake in either is shown at its line.
 */
#include <string.h>

#include "model/model_priv.h"

#define SET_NAME_MAX 31

static const struct enum_word storage_words[] = {
	{ "hash", 0, "Hash" },
	{ "bitmap", 1, "Bitmap" },
	{ "list", 2, "List" },
	{ NULL },
};

#define AT(field) .at = offsetof(struct ipset, field)

static const struct option_row ipset_options[] = {
	{ .name = "enabled", .type = &type_bool, AT(enabled), .fallback = "1", .initial = "1",
	  .label = "Enable", .help = "Turns the set on or off." },
	{ .name = "name", .type = &type_string, AT(name), .required = true, .label = "Name",
	  .help = "The name that rules use for the set: up to 31 letters, digits, '_', '-' or "
		  "'.'." },
	{ .name = "family", .type = &type_family, AT(family), .fallback = "ipv4",
	  .initial = "ipv4", .label = "Address family",
	  .help = "The family of the addresses in the set." },
	{ .name = "match", .type = &type_string, .list = true, AT(match), .required = true,
	  .initial = "src_ip", .label = "Parts",
	  .help = "What an entry is made of, one to three of ip, net, port and mac, each with "
		  "src_ or dest_ in front for what a rule matches when it does not say." },
	{ .name = "storage", .type = &type_enum, .words = storage_words, AT(storage),
	  .label = "Storage", .help = "Has no effect here: the kernel chooses what fits the set.",
	  .group = GROUP_NONE, .status = OPTION_IGNORED },
	{ .name = "iprange", .type = &type_string, .max = 127, AT(iprange), .label = "Address range",
	  .help = "The addresses the set may hold; an entry outside is a mistake.",
	  .group = GROUP_ADVANCED },
	{ .name = "portrange", .type = &type_string, .max = 32, AT(portrange),
	  .label = "Port range",
	  .help = "The ports the set may hold; an entry outside is a mistake.",
	  .group = GROUP_ADVANCED },
	{ .name = "netmask", .type = &type_int, .min = 1, .max = 128, AT(netmask),
	  .label = "Prefix length",
	  .help = "Widens each address of the set to the network of this prefix length.",
	  .group = GROUP_ADVANCED },
	{ .name = "maxelem", .type = &type_int, .min = 1, .max = 16777216, AT(maxelem),
	  .fallback = "65536", .label = "Maximum entries",
	  .help = "How many entries the set may have.", .group = GROUP_ADVANCED },
	{ .name = "hashsize", .type = &type_int, .min = 1, .max = UINT32_MAX, AT(hashsize),
	  .label = "Hash size", .help = "Has no effect here: the kernel sizes the set.",
	  .group = GROUP_NONE, .status = OPTION_IGNORED },
	{ .name = "timeout", .type = &type_int, .min = 0, .max = 2147483, AT(timeout),
	  .label = "Timeout",
	  .help = "For how many seconds an entry stays in the set. Empty or 0 keeps entries for "
		  "good.",
	  .group = GROUP_ADVANCED },
	{ .name = "external", .type = &type_string, .max = SET_NAME_MAX, AT(external),
	  .label = "External set",
	  .help = "Uses a set of this name that another program fills, instead of a new one.",
	  .group = GROUP_ADVANCED },
	{ .name = "entry", .type = &type_string, .list = true, .whole = true, .max = 1024,
	  AT(entry), .label = "Entries",
	  .help = "An entry: its parts with commas between them, such as 192.0.2.1,tcp:80; then "
		  "optionally 'timeout N' or 'nomatch'." },
	{ .name = "loadfile", .type = &type_string, .min = 1, .max = 4095, AT(loadfile),
	  .label = "File with entries",
	  .help = "A file with one entry a line; '#' begins a comment.", .group = GROUP_ADVANCED },
	{ .name = "comment", .type = &type_string, .max = 255, AT(comment), .label = "Comment",
	  .help = "A comment for the set.", .group = GROUP_ADVANCED, .since = "firewall4" },
	{ .name = "counters", .type = &type_bool, AT(counters), .fallback = "0",
	  .label = "Counters", .help = "Counts packets and bytes for each entry.",
	  .group = GROUP_ADVANCED },
	{ .name = "reload_set", .type = &type_bool, AT(reload_set), .fallback = "0",
	  .label = "Refill on reload",
	  .help = "Empties the set at a reload, so that it holds the entries of the file alone; "
		  "otherwise what was added since stays.",
	  .group = GROUP_ADVANCED },
};

const struct section_row section_ipset = {
	.type = "ipset",
	.label = "IP set",
	.page = "IP Sets",
	.help = "A named set of addresses, networks, ports or MAC addresses for rules to match.",
	.options = ipset_options,
	.n_options = COUNT_OF(ipset_options),
	.size = sizeof(struct ipset),
};

static bool name_ok(const char *name)
{
	size_t n = strlen(name);

	if (!n || n > SET_NAME_MAX || name[0] == '-' || name[0] == '.')
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = name[i], lower = c | 0x20;

		if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && !strchr("_-.", c))
			return false;
	}
	return true;
}

static bool check_name(struct reader *r, const struct ipset *set)
{
	struct diag *e;

	if (name_ok(set->name.v)) {
		vec_each(other, &r->all_sets) {
			if (*other == set)
				break; /* the later one is the mistake */
			if (!(*other)->enabled.v || !(*other)->name.v ||
				strcmp((*other)->name.v, set->name.v))
				continue;
			e = diag_error(r->diags, given_span(r->source, &set->name.given), "duplicate-set",
				"there is already a set '%s'", set->name.v);
			diag_note(r->diags, e, given_span(r->source, &(*other)->name.given),
				"set '%s' is declared here", set->name.v);
			return false;
		}
		return true;
	}
	e = diag_error(r->diags, given_span(r->source, &set->name.given), "set-name",
		"'%s' cannot be the name of a set", set->name.v);
	diag_hint(r->diags, e, "use at most %d letters, digits, '_', '-' or '.'", SET_NAME_MAX);
	return false;
}

static bool check_family_is_one(struct reader *r, const struct ipset *set)
{
	struct diag *e;

	if (set->family.v != FAMILY_ANY)
		return true;
	e = diag_error(r->diags, given_span(r->source, &set->family.given), "set-family",
		"a set holds addresses of one family");
	diag_hint(r->diags, e, "set family 'ipv4' or 'ipv6'");
	return false;
}

static bool check_bounds(struct reader *r, const struct ipset *set)
{
	struct addr_spec addresses;
	struct port_spec ports;
	const char *why = "is not a range";
	bool ok = true;

	if (set->iprange.given.set &&
		(!addr_spec_parse(r->arena, slice_of(set->iprange.v), &addresses, &why) ||
			addresses.kind != ADDR_SPEC_RANGE || addresses.negate)) {
		diag_error(r->diags, given_span(r->source, &set->iprange.given), "set-range",
			"'%s' is not a range of addresses", set->iprange.v);
		ok = false;
	}
	if (set->portrange.given.set &&
		(!port_spec_parse(slice_of(set->portrange.v), &ports, &why) || ports.negate)) {
		diag_error(r->diags, given_span(r->source, &set->portrange.given), "set-range",
			"'%s' is not a range of ports", set->portrange.v);
		ok = false;
	}
	return ok;
}

/* ---- parts ---- */

static bool read_part(struct slice word, enum set_part *ret, bool *ret_dest)
{
	static const struct {
		const char *word;
		enum set_part part;
	} rows[] = {
		{ "ip", SET_IP }, { "port", SET_PORT }, { "mac", SET_MAC }, { "net", SET_NET },
		{ "set", SET_SET },
	};

	*ret_dest = slice_starts(word, "dest_") || slice_starts(word, "dst_");
	if (slice_starts(word, "src_") || *ret_dest)
		word = slice_from(word, slice_find(word, '_') + 1);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!slice_is(word, rows[i].word))
			continue;
		*ret = rows[i].part;
		return true;
	}
	return false;
}

static bool read_parts(struct reader *r, struct ipset *set)
{
	struct diag *e;

	if (set->match.n > 3) {
		e = diag_error(r->diags, set->match.spans[3], "set-parts",
			"an entry has at most three parts");
		diag_hint(r->diags, e, "remove one of the parts");
		return false;
	}
	for (size_t i = 0; i < set->match.n; i++) {
		if (read_part(slice_of(set->match.v[i]), &set->parts[i], &set->part_dest[i]))
			continue;
		e = diag_error(r->diags, set->match.spans[i], "set-parts",
			"'%s' is not a part of an entry", set->match.v[i]);
		diag_hint(r->diags, e, "use ip, net, port or mac, with src_ or dest_ in front");
		return false;
	}
	set->n_parts = (unsigned)set->match.n;
	return true;
}

/* The combinations that both backends can hold, as letters: see the words of read_part(). */
static bool check_combination(struct reader *r, const struct ipset *set)
{
	static const char *const combinations[] = {
		"i", "n", "m", "p", "im", "ip", "np", "nn", "ipi", "ipn", "npn",
	};
	static const char letters[] = {
		[SET_IP] = 'i', [SET_PORT] = 'p', [SET_MAC] = 'm', [SET_NET] = 'n', [SET_SET] = 's',
	};
	char text[4] = "";
	struct diag *e;

	for (unsigned i = 0; i < set->n_parts; i++)
		text[i] = letters[set->parts[i]];
	for (size_t i = 0; i < COUNT_OF(combinations); i++) {
		if (!strcmp(combinations[i], text))
			return true;
	}
	e = diag_error(r->diags, given_span(r->source, &set->match.given), "set-parts",
		"a set cannot be made of these parts");
	diag_hint(r->diags, e, "possible are ip; net; mac; port; ip mac; ip port; net port; net net; "
		"ip port ip; ip port net; net port net");
	return false;
}

/* ---- entries ---- */

static bool check_room(struct reader *r, const struct ipset *set, struct span span)
{
	struct diag *e;

	if ((int64_t)set->entries.n < set->maxelem.v)
		return true;
	e = diag_error(r->diags, span, "set-full", "the set is full: maxelem is %lld",
		(long long)set->maxelem.v);
	diag_hint(r->diags, e, "raise maxelem");
	return false;
}

static bool add_entry(struct reader *r, struct ipset *set, struct span span, struct slice text)
{
	struct set_entry entry = { .span = span };

	if (!check_room(r, set, span))
		return false;
	if (!ipset_entry_parse(r, set, span, text, &entry))
		return false;
	vec_push(r->arena, &set->entries, entry);
	return true;
}

/* The file's text outlives the policy (it belongs to the facts), so spans may point into it. */
static bool load_file(struct reader *r, struct ipset *set)
{
	const struct facts_file *file = facts_file(r->facts, set->loadfile.v);
	struct source *src;
	struct slice rest;
	bool ok = true;

	if (!file || !file->readable) {
		diag_error(r->diags, given_span(r->source, &set->loadfile.given), "loadfile-unreadable",
			"the file '%s' cannot be read", set->loadfile.v);
		return false;
	}
	src = ARENA_NEW(r->arena, struct source);
	*src = (struct source){ .name = file->path, .text = file->text };
	rest = file->text;
	while (rest.n) {
		struct slice line = { rest.p, slice_find(rest, '\n') };
		struct slice entry = slice_trim((struct slice){ line.p, slice_find(line, '#') });
		uint32_t start = entry.n ? (uint32_t)(entry.p - file->text.p) : 0;
		struct span span = { src, start, start + (uint32_t)entry.n };

		rest = slice_from(rest, line.n + 1);
		if (!entry.n)
			continue;
		ok &= add_entry(r, set, span, entry);
		if ((int64_t)set->entries.n >= set->maxelem.v && !ok)
			break;
	}
	return ok;
}

bool ipset_resolve(struct reader *r, struct ipset *set)
{
	bool ok = set->s.valid;

	if (!ok)
		return false;
	ok &= check_name(r, set);
	ok &= check_family_is_one(r, set);
	ok &= check_bounds(r, set);
	if (!read_parts(r, set) || !check_combination(r, set) || !ok)
		return false;
	for (size_t i = 0; i < set->entry.n; i++)
		ok &= add_entry(r, set, set->entry.spans[i], slice_of(set->entry.v[i]));
	if (set->loadfile.given.set)
		ok &= load_file(r, set);
	return ok;
}
