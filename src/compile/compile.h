/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one function everyone calls: text and facts in, artefact and diagnostics out. Pure: it opens
 * no file, asks no clock, reads no environment.
 */
#ifndef COMPILE_COMPILE_H
#define COMPILE_COMPILE_H

#include "base/diag.h"
#include "emit/emit.h"
#include "ir/ir.h"
#include "model/model.h"
#include "uci/uci.h"

/*
 * One generation: everything made by one compile is in its arena. The caller sets the sources and
 * the facts (in the arena, or outliving it), then calls compile_run().
 */
struct compilation {
	struct arena arena;
	struct diags diags;
	struct arena tree_arena, policy_arena; /* released early when lean */

	/* in: texts; a name of NULL means that there is no such file */
	struct source firewall, network, system, zonewall;
	struct facts facts;    /* networks and time zone are added from the texts when missing */
	const char *backend;   /* "nft"; NULL: as the settings say */
	bool lockdown;	       /* the ruleset of `zonewall stop` instead of the sections' */
	bool lean; /* only the artefact is wanted: tree and policy are given up once used */

	/* out: each stage as far as the compile came; NULL when not reached */
	struct uci_file *tree;
	struct uci_file *settings_tree;
	struct policy *policy;
	struct ir *ir;
	struct artefact *artefact;
};

void compilation_init(struct compilation *c);
void compilation_release(struct compilation *c);

/* Returns true when there was no error; warnings and errors are in c->diags. */
bool compile_run(struct compilation *c);

/*
 * The paths that the firewall text names (ipset loadfile, include path), for the caller to read
 * into c->facts.files before compile_run(). In the arena. Mistakes are not reported here.
 */
void compile_files(struct compilation *c, const char ***ret, size_t *ret_n);

#endif
