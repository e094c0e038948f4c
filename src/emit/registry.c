/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The backends, and the check that stands before each: a rule the backend cannot express is an
 * error at the line that asked for it. The check reads the backend's table and knows no backend.
 */
#include "emit/emit.h"

#include "emit/ipt/backend.h"
#include "emit/nft/backend.h"

const struct backend *const backends[] = {
	&nft_backend,
	&iptables_backend,
	NULL,
};

const struct backend *backend_find(struct slice name)
{
	for (size_t i = 0; backends[i]; i++) {
		if (slice_is(name, backends[i]->name))
			return backends[i];
	}
	return NULL;
}

/* Why the backend cannot express the rule; NULL when it can. */
static const char *rule_lack(
	const struct backend *backend, const struct ir_chain *chain, const struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		if (backend->lacks.match[rule->matches[i].kind])
			return backend->lacks.match[rule->matches[i].kind];
	}
	for (size_t i = 0; i < rule->n_statements; i++) {
		if (backend->lacks.statement[rule->statements[i].kind])
			return backend->lacks.statement[rule->statements[i].kind];
	}
	if (backend->lacks.verdict[rule->verdict.kind])
		return backend->lacks.verdict[rule->verdict.kind];
	return backend->refuses ? backend->refuses(chain, rule) : NULL;
}

static void rule_refuse(const struct backend *backend, const struct ir_rule *rule, const char *why,
	struct diags *diags)
{
	const struct ir_origin *origin = rule->n_origins ? rule->origins[0] : NULL;
	const char *before = diags->section;

	if (origin && origin->id)
		diags->section = arena_printf(diags->arena, "%s '%s'",
			origin->type ? origin->type : "", origin->name ? origin->name : origin->id);
	diag_error(diags, origin ? origin->span : SPAN_NONE, "not-expressible",
		"%s cannot express this: %s", backend->name, why);
	diags->section = before;
}

bool emit_check(const struct backend *backend, const struct ir *ir, struct diags *diags)
{
	bool ok = true;

	vec_each (chain, &ir->chains) {
		vec_each (rule, &(*chain)->rules) {
			const char *why = rule_lack(backend, *chain, *rule);

			if (!why)
				continue;
			rule_refuse(backend, *rule, why, diags);
			ok = false;
		}
	}
	return ok;
}

bool emit(const struct backend *backend, struct arena *arena, const struct ir *ir,
	struct diags *diags, struct artefact *ret)
{
	if (!emit_check(backend, ir, diags))
		return false;
	if (backend->warns)
		backend->warns(ir, diags);
	*ret = (struct artefact){ .backend = backend };
	backend->emit(arena, ir, ret);
	return true;
}

void artefact_print(const struct artefact *artefact, struct buf *out)
{
	artefact->backend->print(artefact, out);
}
