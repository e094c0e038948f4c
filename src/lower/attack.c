/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attack prevention for the whole router: SYN floods, packets whose TCP flags no honest sender
 * sets, and the kernel's own switches. Port scans, which belong to a zone, are in port_scan.c.
 */
#include "lower/lower_priv.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32, SIX = 63 };

static void match_flags(struct lower *l, struct ir_rule *rule, uint8_t value, uint8_t mask)
{
	range_set_add(l->arena, &ir_match_add(l->ir, rule, IR_M_PROTO)->ranges,
		(struct range){ PROTO_TCP, PROTO_TCP });

	struct ir_match *m = ir_match_add(l->ir, rule, IR_M_TCPFLAGS);

	m->tcpflags.value = value;
	m->tcpflags.mask = mask;
}

static const struct ir_origin *defaults_origin(struct lower *l)
{
	const struct section *s = &l->policy->defaults.s;

	return s->span.src ? lower_origin(l, s, NULL) : NULL;
}

/* ---- SYN floods ---- */

/*
 * Connections of real clients were measured to stall behind the kernel's SYN proxy (Linux 6.18), so
 * the option is refused, not half honoured.
 */
static void refuse_synproxy(struct lower *l)
{
	const struct defaults *d = &l->policy->defaults;
	struct diag *e;

	if (!d->synproxy.v)
		return;
	e = diag_error(l->diags, given_span(l->policy->source, &d->synproxy.given),
		"synproxy-refused",
		"the SYN proxy is not available: real connections stall behind it");
	diag_hint(l->diags, e,
		"remove 'synproxy'; synflood_forward '1' limits each sender, and tcp_syncookies "
		"protects the router itself");
}

static void refuse_inverted_rate(struct lower *l)
{
	const struct defaults *d = &l->policy->defaults;
	struct diag *e;

	if (!d->synflood_rate.v.invert)
		return;
	e = diag_error(l->diags, given_span(l->policy->source, &d->synflood_rate.given),
		"limit-inverted", "the rate of SYN floods cannot be inverted");
	diag_hint(l->diags, e, "remove the '!'");
}

static struct ir_chain *syn_limit(struct lower *l, const char *name, const struct ir_chain *place,
	const struct ir_counter *counter)
{
	const struct defaults *d = &l->policy->defaults;
	struct limit_wish wish = {
		.name = name,
		.role = IR_ROLE_SYN_FLOOD,
		.hook = place->hook,
		.stage = place->stage,
		.origin = defaults_origin(l),
		.rate = { .count = d->synflood_rate.v.count,
			.seconds = d->synflood_rate.v.seconds },
		.burst = (uint32_t)d->synflood_burst.v,
		.per_source = d->synflood_per_source.v,
		.counter = counter,
	};

	return lower_limit_chain(l, &wish);
}

/*
 * Each zone remembers its own senders: a flood with forged ones from the internet fills the set of
 * that zone, and the LAN still reaches the router.
 */
static struct ir_chain *syn_chain(struct lower *l, const struct ir_chain *place)
{
	const struct ir_counter *counter = lower_counter(l, "syn", &l->policy->defaults.s, "flood");
	struct ir_chain *chain;

	if (!l->policy->defaults.synflood_per_source.v)
		return syn_limit(l, "syn_flood", place, counter);
	chain = ir_chain_add(l->ir, "syn_flood", IR_ROLE_SYN_FLOOD, place->hook, place->stage);
	chain->origin = defaults_origin(l);
	vec_each (z, &l->policy->zones) {
		struct ir_rule *from[2];
		size_t n = lower_from_zone(l, chain, *z, from);
		struct ir_chain *own;

		if (!n)
			continue;
		own = syn_limit(l,
			lower_chain_name(l,
				ir_identifier(l->arena, "syn_flood", slice_of((*z)->name.v), 22)),
			place, counter);
		for (size_t i = 0; i < n; i++)
			from[i]->verdict = (struct ir_verdict){ .kind = IR_GOTO, .chain = own };
	}
	ir_rule_add(l->ir, chain, defaults_origin(l))->verdict = (struct ir_verdict){
		.kind = IR_GOTO,
		.chain = syn_limit(l, lower_chain_name(l, "syn_flood_no_zone"), place, counter)
	};
	return chain;
}

static struct ir_rule *jump_on_syn(struct lower *l, enum ir_hook hook, enum ir_stage stage)
{
	struct ir_chain *base = ir_base(l->ir, hook, stage);
	struct ir_rule *rule = ir_rule_add(l->ir, base, defaults_origin(l));

	match_flags(l, rule, SYN, FIN | SYN | RST | ACK);
	rule->comment = "SYN flood protection";
	rule->verdict.kind = IR_JUMP;
	rule->verdict.chain = syn_chain(l, base);
	return rule;
}

static bool guards_syn(const struct defaults *d)
{
	return d->syn_flood.v && d->s.span.src;
}

void lower_syn_flood_early(struct lower *l)
{
	const struct defaults *d = &l->policy->defaults;
	struct ir_match *m;

	refuse_synproxy(l);
	refuse_inverted_rate(l);
	/* To the router and through it alike: then it need not cost a lookup of connections. */
	if (!guards_syn(d) || !d->synflood_forward.v)
		return;
	m = ir_match_add(l->ir, jump_on_syn(l, IR_PREROUTING, IR_RAW), IR_M_IIF);
	m->negate = true;
	m->devices.v = ARENA_NEW(l->arena, struct device_pattern);
	*m->devices.v = (struct device_pattern){ .name = "lo" };
	m->devices.n = 1;
}

void lower_syn_flood(struct lower *l)
{
	const struct defaults *d = &l->policy->defaults;

	if (guards_syn(d) && !d->synflood_forward.v)
		jump_on_syn(l, IR_INPUT, IR_FILTER);
}

/* ---- flags ---- */

/*
 * The manual's five, and behind the same switches their variants that nobody honest sends either:
 * every segment but the first SYN and a reset has ACK (RFC 9293, 3.10.7.4).
 */
void lower_flag_attacks(struct lower *l)
{
	const struct defaults *d = &l->policy->defaults;
	const struct {
		bool on;
		const char *name;
		struct {
			uint8_t value, mask;
		} bad[4];
	} rows[] = {
		{ d->syn_fin.v, "SYN-FIN attack", { { SYN | FIN, SYN | FIN } } },
		{ d->syn_rst.v, "SYN-RST attack", { { SYN | RST, SYN | RST } } },
		{ d->x_max.v, "X-Mas attack",
			{ { FIN | PSH | URG, SIX }, { SIX, SIX }, { FIN | PSH, SIX },
				{ FIN | URG, SIX } } },
		{ d->nmap_fin.v, "FIN scan", { { FIN, SIX }, { FIN | RST, FIN | RST } } },
		{ d->null_flags.v, "NULL flags attack", { { 0, FIN | SYN | RST | ACK } } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct ir_counter *counter;

		if (!rows[i].on)
			continue;
		counter = lower_counter(l, "attack", &d->s, rows[i].name);
		for (size_t k = 0; k < 4 && rows[i].bad[k].mask; k++) {
			struct ir_rule *rule = ir_rule_add(
				l->ir, ir_base(l->ir, IR_PREROUTING, IR_RAW), defaults_origin(l));

			match_flags(l, rule, rows[i].bad[k].value, rows[i].bad[k].mask);
			rule->comment = rows[i].name;
			rule->counter = counter;
			rule->verdict.kind = IR_DROP;
		}
	}
}

/* ---- the kernel's switches ---- */

static void sysctl(struct lower *l, const char *path, const char *value)
{
	struct ir_sysctl s = { .path = path, .value = value, .origin = defaults_origin(l) };

	vec_push(l->arena, &l->ir->sysctls, s);
}

void lower_sysctls(struct lower *l)
{
	const struct defaults *d = &l->policy->defaults;

	sysctl(l, "net/ipv4/tcp_syncookies", d->tcp_syncookies.v ? "1" : "0");
	if (d->tcp_ecn.given.set)
		sysctl(l, "net/ipv4/tcp_ecn",
			arena_printf(l->arena, "%lld", (long long)d->tcp_ecn.v));
	if (d->tcp_window_scaling.given.set)
		sysctl(l, "net/ipv4/tcp_window_scaling", d->tcp_window_scaling.v ? "1" : "0");
}
