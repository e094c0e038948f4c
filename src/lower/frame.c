/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame of the filter: what stands before and after everything that sections ask for. The
 * first rule of each base chain decides established traffic; the last one states the policy, so a
 * chain says the same with or without the kernel's own policy behind it.
 */
#include "lower/lower_priv.h"

static void reject_chain(struct lower *l)
{
	static const enum ir_reject with[] = {
		[REJECT_TCP_RESET] = IR_REJECT_TCP_RESET,
		[REJECT_PORT_UNREACHABLE] = IR_REJECT_PORT,
		[REJECT_ADMIN_PROHIBITED] = IR_REJECT_ADMIN,
	};
	const struct defaults *d = &l->policy->defaults;

	l->reject = ir_chain_add(l->ir, "reject_politely", IR_ROLE_REJECT, IR_FORWARD, IR_FILTER);

	struct ir_rule *tcp = ir_rule_add(l->ir, l->reject, NULL);

	range_set_add(l->arena, &ir_match_add(l->ir, tcp, IR_M_PROTO)->ranges,
		(struct range){ PROTO_TCP, PROTO_TCP });
	tcp->verdict.kind = IR_REJECT;
	tcp->verdict.reject = with[d->tcp_reject_code.v];

	struct ir_rule *any = ir_rule_add(l->ir, l->reject, NULL);

	any->verdict.kind = IR_REJECT;
	any->verdict.reject = with[d->any_reject_code.v];
}

static void state_rules(struct lower *l, struct ir_chain *chain)
{
	struct ir_rule *known = ir_rule_add(l->ir, chain, NULL);

	ir_match_add(l->ir, known, IR_M_CTSTATE)->bits = IR_CT_ESTABLISHED | IR_CT_RELATED;
	known->verdict.kind = IR_ACCEPT;
	if (!l->policy->defaults.drop_invalid.v)
		return;

	struct ir_rule *invalid =
		ir_rule_add(l->ir, chain, lower_origin(l, &l->policy->defaults.s, NULL));

	ir_match_add(l->ir, invalid, IR_M_CTSTATE)->bits = IR_CT_INVALID;
	invalid->comment = "drop invalid packets";
	invalid->counter = lower_counter(l, "invalid", &l->policy->defaults.s, "");
	invalid->verdict.kind = IR_DROP;
}

static void loopback_rule(struct lower *l, struct ir_chain *chain, enum ir_match_kind kind)
{
	struct ir_rule *rule = ir_rule_add(l->ir, chain, NULL);
	struct ir_match *m = ir_match_add(l->ir, rule, kind);

	m->devices.v = ARENA_NEW(l->arena, struct device_pattern);
	*m->devices.v = (struct device_pattern){ .name = "lo" };
	m->devices.n = 1;
	rule->verdict.kind = IR_ACCEPT;
}

void lower_frame_begin(struct lower *l)
{
	reject_chain(l);
	state_rules(l, ir_base(l->ir, IR_INPUT, IR_FILTER));
	loopback_rule(l, ir_base(l->ir, IR_INPUT, IR_FILTER), IR_M_IIF);
	state_rules(l, ir_base(l->ir, IR_FORWARD, IR_FILTER));
	state_rules(l, ir_base(l->ir, IR_OUTPUT, IR_FILTER));
	loopback_rule(l, ir_base(l->ir, IR_OUTPUT, IR_FILTER), IR_M_OIF);
}

static void base_policy(struct lower *l, enum ir_hook hook, const char *what, int action)
{
	const struct section *s = &l->policy->defaults.s;
	struct ir_rule *rule = ir_rule_add(l->ir, ir_base(l->ir, hook, IR_FILTER),
		s->span.src ? lower_origin(l, s, NULL) : NULL);

	rule->comment = what;
	plain_verdict(l, rule, (enum action)action);
}

void lower_frame_end(struct lower *l)
{
	const struct defaults *d = &l->policy->defaults;

	base_policy(l, IR_INPUT, "input policy", d->input.v);
	base_policy(l, IR_FORWARD, "forward policy", d->forward.v);
	base_policy(l, IR_OUTPUT, "output policy", d->output.v);
}
