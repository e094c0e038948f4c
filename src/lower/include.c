/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fragments for nft are reported: text of a user never becomes syntax of nft, and a router's owner
 * must know it. Files that hold only comments say nothing. (Custom rules: custom.c)
 */
#include <string.h>

#include "lower/lower_priv.h"

/* Anything but blank lines and comments. */
static bool says_something(struct slice text)
{
	while (text.n) {
		size_t end = slice_find(text, '\n');
		struct slice line = slice_trim((struct slice){ text.p, end });

		if (line.n && line.p[0] != '#')
			return true;
		text = slice_from(text, end + 1);
	}
	return false;
}

void lower_includes(struct lower *l)
{
	vec_each(it, &l->policy->includes) {
		const struct include *inc = *it;
		const struct facts_file *file = facts_file(l->policy->facts, inc->path.v);

		if (inc->port_scan.given.set)
			continue; /* the port-scan page's settings, which the model has read */
		if (inc->type.v != INCLUDE_NFTABLES || !file || !file->readable ||
			!says_something(file->text))
			continue;

		struct diag *d = diag_warning(l->diags,
			given_span(l->policy->source, &inc->path.given), "include-not-applied",
			"'%s' is not applied: text for nft is never taken into the rule set", inc->path.v);

		diag_hint(l->diags, d, "write it as sections of this file, or as custom rules (type script)");
	}
}
