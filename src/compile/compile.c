/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pipeline, stage after stage. Each stage runs only when the one before left no error; the one
 * that makes the IR verifies it.
 */
#include "compile/compile.h"
#include "lower/lower.h"

void compilation_init(struct compilation *c)
{
	*c = (struct compilation){ 0 };
	arena_init(&c->arena);
	arena_init(&c->tree_arena);
	arena_init(&c->policy_arena);
	diags_init(&c->diags, &c->arena);
	c->facts.clock_trusted = true;
}

void compilation_release(struct compilation *c)
{
	arena_release(&c->policy_arena);
	arena_release(&c->tree_arena);
	arena_release(&c->arena);
}

static const struct backend *chosen_backend(struct compilation *c)
{
	static const char *const names[] = { "nft", "iptables" };
	const char *name = c->backend ? c->backend : names[c->policy->settings.backend.v];
	const struct backend *b = backend_find(slice_of(name));
	struct span span = c->backend ? SPAN_NONE : given_span(c->policy->settings.s.span.src, &c->policy->settings.backend.given);

	if (!b)
		diag_hint(&c->diags,
			diag_error(&c->diags, span, "no-backend",
				"there is no backend '%s' in this build", name),
			"use the nft backend");
	return b;
}

static bool read_policy(struct compilation *c)
{
	c->tree = uci_parse(&c->tree_arena, &c->firewall, &c->diags);
	if (c->zonewall.name)
		c->settings_tree = uci_parse(&c->tree_arena, &c->zonewall, &c->diags);
	if (c->network.name)
		facts_add_networks(&c->arena, &c->network, &c->diags, &c->facts);
	if (c->system.name)
		facts_add_system(&c->arena, &c->system, &c->diags, &c->facts);
	c->policy = ARENA_NEW(&c->policy_arena, struct policy);
	if (!policy_read(&c->policy_arena, c->tree, c->settings_tree, &c->facts, &c->diags,
		    c->policy) ||
		c->diags.errors)
		return false;
	if (c->lean) {
		arena_release(&c->tree_arena);
		c->tree = c->settings_tree = NULL;
	}
	return true;
}

bool compile_run(struct compilation *c)
{
	const struct backend *backend;

	if (!c->firewall.name) {
		diag_error(&c->diags, SPAN_NONE, "no-configuration", "there is no firewall file");
		return false;
	}
	if (!read_policy(c))
		return false;
	backend = chosen_backend(c);
	if (!backend)
		return false;
	c->ir = c->lockdown ? lower_lockdown(&c->arena, c->policy, &c->diags)
			    : lower_policy(&c->arena, c->policy, &c->diags);
	if (!c->ir)
		return false;
	if (c->lean) {
		arena_release(&c->policy_arena);
		c->policy = NULL;
	}
	c->artefact = ARENA_NEW(&c->arena, struct artefact);
	if (emit(backend, &c->arena, c->ir, &c->diags, c->artefact))
		return true;
	c->artefact = NULL;
	return false;
}

void compile_files(struct compilation *c, const char ***ret, size_t *ret_n)
{
	struct arena scratch;
	struct diags quiet;
	const char **paths;

	arena_init(&scratch);
	diags_init(&quiet, &scratch);
	model_files(&scratch, uci_parse(&scratch, &c->firewall, &quiet), &paths, ret_n);
	*ret = ARENA_ARRAY(&c->arena, const char *, *ret_n);
	for (size_t i = 0; i < *ret_n; i++)
		(*ret)[i] = arena_strdup(&c->arena, paths[i]);
	arena_release(&scratch);
}
