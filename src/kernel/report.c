/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel says a message number and an errno. A person wants to know which of their sections
 * it is about, what it means, and what to do.
 */
#include "kernel/report_priv.h"

#include <errno.h>
#include <string.h>

#include "base/bug.h"

const struct ir_origin *part_origin(const struct part *part)
{
	if (part->rule)
		return part->rule->n_origins ? part->rule->origins[0] : NULL;
	switch (part->kind) {
	case PART_CHAIN:
		return part->chain->origin;
	case PART_SET:
	case PART_ELEMENTS:
		return part->set->origin;
	case PART_COUNTER:
		return part->counter->origin;
	case PART_LIMIT:
		return part->limit->origin;
	case PART_BATCH:
	case PART_TABLE:
	case PART_FLUSH:
	case PART_DELETE:
	case PART_HELPER:
	case PART_FLOWTABLE:
	case PART_RULE:
		return NULL;
	}
	BUG("part %d", (int)part->kind);
}

/* "the set 'lan_devices'", in the arena of the diagnostics. */
static const char *part_text(struct diags *diags, const struct part *part)
{
	struct arena *a = diags->arena;

	switch (part->kind) {
	case PART_BATCH:
		return "the ruleset as a whole";
	case PART_TABLE:
		return "the table inet " NFT_TABLE_NAME;
	case PART_FLUSH:
		return "the removal of the old rules";
	case PART_DELETE:
		return arena_printf(a, "the removal of '%s'", part->name);
	case PART_CHAIN:
		return arena_printf(a, "the chain '%s'", part->name);
	case PART_SET:
	case PART_ELEMENTS:
		if (!part->name)
			return "a list of values in a rule";
		return arena_printf(a, "%s '%s'",
			part->kind == PART_SET ? "the set" : "the elements of the set", part->name);
	case PART_COUNTER:
		return arena_printf(a, "the counter '%s'", part->name);
	case PART_LIMIT:
		return arena_printf(a, "the limit '%s'", part->name);
	case PART_HELPER:
		return arena_printf(a, "the connection-tracking helper '%s'", part->helper->kernel);
	case PART_FLOWTABLE:
		return "flow offloading";
	case PART_RULE:
		return arena_printf(a, "a rule of chain '%s'", part->name);
	}
	BUG("part %d", (int)part->kind);
}

/* What an errno means to nftables, where strerror() would mislead; NULL: it would not. */
static const struct meaning {
	int error;
	const char *text, *hint;
} meanings[] = {
	{ EPERM, "this process may not change the firewall",
		"run it as root, or with CAP_NET_ADMIN in this network namespace" },
	{ ENOENT, "something it needs is not there",
		"a kernel module may be missing (nft_*, nf_nat, nf_conntrack, nf_log)" },
	{ EOPNOTSUPP, "this kernel does not support it here",
		"a kernel module or option is missing, or the hook does not allow it" },
	{ EAFNOSUPPORT, "this kernel does not support it for this address family", NULL },
	{ EMLINK, "chains call each other in a circle, or more than 16 deep",
		"remove a jump, or jump directly to the last of the chains" },
	{ ELOOP, "chains call each other in a circle", "remove one of the jumps" },
	{ EBUSY, "it is in use by something else", NULL },
	{ EEXIST, "it, or something that overlaps it, is already there", NULL },
	{ ENOTEMPTY, "its ranges overlap", "list each address or port once" },
	{ ENFILE, "it has more elements than its declared size", "raise the set's maxelem" },
	{ E2BIG, "it is too large", NULL },
	{ EMFILE, "there are too many of them", NULL },
	{ ENOMEM, "the kernel has not enough memory", NULL },
	{ EINVAL, "the kernel finds it invalid", NULL },
	{ EOVERFLOW, "a number in it is too large", NULL },
	{ ERANGE, "a number in it is out of the kernel's range", NULL },
};

static const struct meaning *meaning_of(int error)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++) {
		if (meanings[i].error == error)
			return &meanings[i];
	}
	return NULL;
}

static struct diag *report(
	struct diags *diags, const struct part *part, const char *id, const char *message)
{
	const struct ir_origin *o = part_origin(part);
	struct diag *d = diag_error(diags, o ? o->span : SPAN_NONE, id, "%s", message);

	if (o)
		d->section =
			arena_printf(diags->arena, "%s '%s'", o->type, o->name ? o->name : o->id);
	if (o && o->file && !o->span.src)
		diag_note(diags, d, SPAN_NONE, "made from %s '%s', %s line %u", o->type,
			o->name ? o->name : o->id, o->file, o->line);
	for (size_t i = 1; part->rule && i < part->rule->n_origins; i++) {
		const struct ir_origin *more = part->rule->origins[i];

		diag_note(diags, d, more->span, "joined with %s '%s'", more->type,
			more->name ? more->name : more->id);
	}
	return d;
}

void report_refused(struct diags *diags, const struct part *part, int error)
{
	const struct meaning *m = meaning_of(error);
	struct diag *d = report(diags, part, "kernel-refused",
		arena_printf(diags->arena, "the kernel refuses %s: %s (%s)", part_text(diags, part),
			m ? m->text : "it gave no further reason", strerror(error)));

	if (part->kind == PART_HELPER && error == ENOENT)
		diag_hint(diags, d, "load the module nf_conntrack_%s, or leave the helper out",
			part->helper->kernel);
	else if (part->kind == PART_FLOWTABLE)
		diag_hint(diags, d,
			"load nf_flow_table_inet, check the devices, or turn "
			"flow offloading off");
	else if (m && m->hint)
		diag_hint(diags, d, "%s", m->hint);
}

void report_differs(struct diags *diags, const struct part *part, const char *how)
{
	report(diags, part, "kernel-differs",
		arena_printf(diags->arena, "read back from the kernel, %s %s",
			part_text(diags, part), how));
}

void report_netlink(struct diags *diags, const char *doing, int error)
{
	struct diag *d = diag_error(
		diags, SPAN_NONE, "kernel-netlink", "%s failed: %s", doing, strerror(-error));

	if (error == -EPERM)
		diag_hint(diags, d,
			"run it as root, or with CAP_NET_ADMIN in this network namespace");
	else if (error == -EMSGSIZE)
		diag_hint(diags, d,
			"raise net.core.wmem_max, or run it with CAP_NET_ADMIN in the "
			"first user namespace");
	else if (error == -EPROTONOSUPPORT)
		diag_hint(diags, d, "this kernel has no nf_tables; use option backend 'iptables'");
}
