/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipset sections as IR sets. Elements given in the file are static; a set with a timeout, or an
 * external one, also keeps what was added at run time.
 */
#include <stdlib.h>
#include <string.h>

#include "lower/lower_priv.h"

/* Its own name where a kernel's tools take that; else ("4g", "a.b") an identifier made of it. */
static const char *set_name(struct lower *l, const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789_-";

	if (name[0] && strchr(letters, name[0]) && strspn(name, others) == strlen(name))
		return arena_strdup(l->arena, name);
	return ir_identifier(l->arena, "set", slice_of(name), 31);
}

struct ir_set *lower_ipset(struct lower *l, const char *name)
{
	return ir_set_find(l->ir, set_name(l, name));
}

static enum ir_key key_of(const struct ipset *set, enum set_part part)
{
	switch (part) {
	case SET_IP:
	case SET_NET:
		return set->family.v == FAMILY_V6 ? IR_KEY_ADDR6 : IR_KEY_ADDR4;
	case SET_PORT:
		return set->n_parts == 1 ? IR_KEY_PORT : IR_KEY_PROTO_PORT;
	case SET_MAC:
		return IR_KEY_MAC;
	case SET_SET:
		break;
	}
	return IR_KEY_ADDR4;
}

static bool is_range(const struct addr_range *r)
{
	return r->lo.family != FAMILY_ANY && !addr_eq(&r->lo, &r->hi);
}

static void add_entry(struct lower *l, const struct ipset *from, struct ir_set *set,
	const struct set_entry *entry)
{
	struct ir_element e = { .timeout = entry->timeout };

	for (unsigned i = 0; i < from->n_parts; i++) {
		e.part[i].addr = entry->part[i].addr;
		e.part[i].port = entry->part[i].port;
		e.part[i].proto = entry->part[i].proto;
		e.part[i].mac = entry->part[i].mac;
		if (is_range(&e.part[i].addr) || e.part[i].port.lo != e.part[i].port.hi)
			set->interval = true;
	}
	vec_push(l->arena, &set->elements, e);
}

/* Wider ranges first: a narrower entry, "nomatch" or not, has the last word within its range. */
static int wider_first(const void *a, const void *b)
{
	const struct set_entry *x = a, *y = b;
	unsigned bits_x = 0, bits_y = 0;

	addr_range_prefix(&x->part[0].addr, &bits_x);
	addr_range_prefix(&y->part[0].addr, &bits_y);
	return (bits_x > bits_y) - (bits_x < bits_y);
}

/* Networks with exceptions, as ranges without them. */
static void add_with_exceptions(struct lower *l, const struct ipset *from, struct ir_set *set)
{
	size_t n = from->entries.n;
	struct set_entry *entries =
		arena_copy(&l->scratch, from->entries.v, n, sizeof(*from->entries.v));
	struct addr_set left = { 0 };

	set->interval = true;
	qsort(entries, n, sizeof(*entries), wider_first);
	for (size_t i = 0; i < n; i++) {
		struct addr_set one = { 0 };

		addr_set_add(&l->scratch, &one, entries[i].part[0].addr);
		if (entries[i].nomatch) {
			left = addr_set_minus(&l->scratch, &left, &one);
		} else {
			addr_set_add(&l->scratch, &left, entries[i].part[0].addr);
			addr_set_normalise(&left);
		}
	}
	for (size_t i = 0; i < left.n; i++)
		vec_push(l->arena, &set->elements,
			(struct ir_element){ .part[0].addr = left.v[i] });
}

static bool has_exceptions(const struct ipset *from)
{
	vec_each(entry, &from->entries) {
		if (entry->nomatch)
			return true;
	}
	return false;
}

static void add_entries(struct lower *l, const struct ipset *from, struct ir_set *set)
{
	if (has_exceptions(from) && from->n_parts == 1) {
		add_with_exceptions(l, from, set);
		return;
	}
	vec_each(entry, &from->entries) {
		if (!entry->nomatch) {
			add_entry(l, from, set, entry);
			continue;
		}
		l->diags->section = from->s.title;
		diag_hint(l->diags,
			diag_error(l->diags, entry->span, "nomatch-in-tuple",
				"'nomatch' works in sets of networks alone"),
			"write the networks around the exception");
	}
}

void lower_sets(struct lower *l)
{
	vec_each(it, &l->policy->ipsets) {
		const struct ipset *from = *it;
		struct ir_set *set =
			ir_set_add(l->ir, set_name(l, from->name.v),
			lower_origin(l, &from->s, from->name.v));

		set->n_key = from->n_parts;
		for (unsigned i = 0; i < from->n_parts; i++) {
			set->key[i] = key_of(from, from->parts[i]);
			if (from->parts[i] == SET_NET)
				set->interval = true;
		}
		set->timeout = from->timeout.given.set ? (uint32_t)from->timeout.v : 0;
		set->size = from->maxelem.given.set ? (uint32_t)from->maxelem.v : 0;
		set->keep = set->timeout || from->external.given.set;
		add_entries(l, from, set);
	}
}
