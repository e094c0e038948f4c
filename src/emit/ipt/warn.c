/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Warnings: what iptables says with a little less meaning. One for each section and kind. */
#include <string.h>

#include "emit/ipt/program.h"

struct warned {
	const struct ir_origin *origin;
	const char *id;
};

struct warning {
	struct diags *diags;
	VEC(struct warned) done;
};

static struct diag *warn(struct warning *w, const struct ir_origin *o, const char *id,
	const char *what)
{
	const char *before = w->diags->section;
	struct diag *d;

	vec_each (done, &w->done) {
		if (done->origin == o && done->id == id)
			return NULL;
	}
	vec_push(w->diags->arena, &w->done, (struct warned){ o, id });
	if (o && o->id)
		w->diags->section = arena_printf(w->diags->arena, "%s '%s'", o->type ? o->type : "",
			o->name ? o->name : o->id);
	d = diag_warning(w->diags, o ? o->span : SPAN_NONE, id, "%s", what);
	w->diags->section = before;
	return d;
}

static bool only_logs(const struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_statements; i++) {
		if (rule->statements[i].kind != IR_S_LOG)
			return false;
	}
	return rule->verdict.kind == IR_CONTINUE;
}

/*
 * Families of the rules that use a limit: bit 0 IPv4, bit 1 IPv6. Limits of zones on their own
 * messages are passed over: twice a few lines of log is nothing to warn of.
 */
static unsigned limit_families(const struct ir *ir, const struct ir_limit *limit)
{
	unsigned families = 0;

	vec_each (c, &ir->chains) {
		vec_each (r, &(*c)->rules) {
			if (only_logs(*r) && !strncmp(limit->name, "log_", 4))
				continue;
			for (size_t i = 0; i < (*r)->n_matches; i++) {
				if ((*r)->matches[i].kind == IR_M_LIMIT &&
					(*r)->matches[i].limit == limit)
					families |= (*r)->family == FAMILY_V4	? 1
						    : (*r)->family == FAMILY_V6 ? 2
										: 3;
			}
		}
	}
	return families;
}

static void warn_limits(struct warning *w, const struct ir *ir)
{
	vec_each (l, &ir->limits) {
		if (limit_families(ir, *l) == 3)
			warn(w, (*l)->origin, xt_differences[0].id,
				"iptables limits IPv4 and IPv6 apart: each family has the whole limit");
	}
}

static bool has_udplite(const struct ir_rule *rule)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		const struct ir_match *m = &rule->matches[i];

		if (m->kind == IR_M_PROTO && range_set_has(&m->ranges, PROTO_UDPLITE) == m->negate)
			return false;
	}
	return true;
}

static void warn_rule(struct warning *w, const struct ir_rule *rule)
{
	const struct ir_origin *o = rule->n_origins ? rule->origins[0] : NULL;

	if (rule->verdict.nat.has_ports &&
		(rule->verdict.kind == IR_SNAT || rule->verdict.kind == IR_MASQUERADE) &&
		has_udplite(rule))
		warn(w, o, xt_differences[1].id,
			"iptables writes no port into UDP-Lite packets, only the address");
	for (size_t i = 0; i < rule->n_statements; i++) {
		const struct ir_statement *s = &rule->statements[i];

		if (s->kind == IR_S_LOG && s->log.prefix &&
			strlen(s->log.prefix) > (s->log.nflog ? 63 : 29))
			warn(w, o, xt_differences[2].id,
				s->log.nflog ? "iptables cuts the log prefix after 63 bytes"
					     : "iptables cuts the log prefix after 29 bytes");
	}
}

void xt_warn(const struct ir *ir, struct diags *diags)
{
	struct warning w = { .diags = diags };

	warn_limits(&w, ir);
	vec_each (c, &ir->chains) {
		vec_each (r, &(*c)->rules)
			warn_rule(&w, *r);
	}
}
