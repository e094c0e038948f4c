/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Section `forwarding`: one zone may send to another. One-way; the answers come back by state. */
#include "model/model_priv.h"

#define AT(field) .at = offsetof(struct forwarding, field)

static const struct option_row forwarding_options[] = {
	{ .name = "enabled", .type = &type_bool, AT(enabled), .fallback = "1", .initial = "1",
	  .label = "Enable", .help = "Turns the forwarding on or off." },
	{ .name = "name", .alias = "_name", .type = &type_title, .max = NAME_BYTES_MAX, AT(name),
	  .label = "Name", .help = "A name of your choice.", .group = GROUP_ADVANCED },
	{ .name = "family", .type = &type_family, AT(family), .fallback = "any",
	  .label = "Restrict to address family",
	  .help = "Forwards only IPv4 or only IPv6. Empty means both.", .group = GROUP_ADVANCED },
	{ .name = "src", .type = &type_zone_ref, AT(src), .initial = "lan",
	  .label = "Allow forward from source zones",
	  .help = "The zone that traffic comes from; * or nothing is any zone.",
	  .refers = "zone", .manual = "2.2.3 Allow forward from source zones" },
	{ .name = "dest", .type = &type_zone_ref, AT(dest), .initial = "wan",
	  .label = "Allow forward to destination zones",
	  .help = "The zone that traffic goes to; * or nothing is any zone.",
	  .refers = "zone", .manual = "2.2.3 Allow forward to destination zones" },
};

const struct section_row section_forwarding = {
	.type = "forwarding",
	.label = "Forwarding",
	.page = "Zones",
	.help = "Lets traffic from one zone go to another. The reverse needs its own section.",
	.options = forwarding_options,
	.n_options = COUNT_OF(forwarding_options),
	.size = sizeof(struct forwarding),
};

/* firewall3 takes a missing end for any zone: an unfinished section then opens everything. */
static void check_both_ends_are_given(struct reader *r, const struct forwarding *f)
{
	bool from = f->src.v && *f->src.v, to = f->dest.v && *f->dest.v;
	struct diag *w;

	if (from && to)
		return;
	w = diag_warning(r->diags, f->s.span, "forwarding-any", "%s",
		from ? "the forwarding names no destination zone, so it opens every one"
		: to ? "the forwarding names no source zone, so it is for every one"
		     : "the forwarding names no zones, so everything is forwarded");
	diag_hint(r->diags, w, "add option %s with a zone, or '*' when that is meant",
		from ? "dest" : "src");
}

bool forwarding_resolve(struct reader *r, struct forwarding *f)
{
	bool off = false;
	bool ok = f->s.valid;

	ok &= resolve_zone(r, &f->src.given, f->src.v, &f->from, &off);
	ok &= resolve_zone(r, &f->dest.given, f->dest.v, &f->to, &off);
	check_both_ends_are_given(r, f);
	if (f->from.kind == ZONE_NONE)
		f->from.kind = ZONE_ANY;
	if (f->to.kind == ZONE_NONE)
		f->to.kind = ZONE_ANY;
	if (off)
		f->enabled.v = false;
	return ok;
}
