/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields that rules, port forwards and NAT rules match alike. One section becomes one variant
 * per family and protocol class; a list stays one set inside a variant, it never multiplies rules.
 */
#include <string.h>

#include "lower/arguments.h"

/* The kernel takes 128 expressions in a rule; a comparison under a mask is three of them. */
#define MATCHES_MAX 32

/* A group of protocols that takes the same further matches. */
struct proto_class {
	bool any;		  /* no protocol match */
	struct range_set protos;
	bool ports;		  /* add the port matches */
	bool icmp;		  /* add the ICMP types */
};

struct expansion {
	struct lower *l;
	const struct section *s;
	const struct match_fields *m;
	const struct match_wish *wish;
	const struct addr_spec *dest;
	size_t n_dest;
	const struct port_spec *dport;
	size_t n_dport;
	struct variants out;
};

static const uint8_t port_protocols[] = { PROTO_TCP, PROTO_UDP, PROTO_DCCP, PROTO_SCTP,
	PROTO_UDPLITE };

static void add_proto(struct lower *l, struct range_set *set, uint8_t number, enum family family)
{
	if (number == PROTO_ICMP && family != FAMILY_V4)
		range_set_add(&l->scratch, set, (struct range){ PROTO_ICMPV6, PROTO_ICMPV6 });
	if (number == PROTO_ICMP && family == FAMILY_V6)
		return;
	if (number == PROTO_ICMPV6 && family == FAMILY_V4)
		return;
	range_set_add(&l->scratch, set, (struct range){ number, number });
}

/* The protocols of the list in one family; *ret_all when every one is meant. */
static struct range_set protocols(struct expansion *x, enum family family, bool *ret_all)
{
	struct lower *l = x->l;
	struct range_set with = { 0 }, without = { 0 };
	bool all = x->m->proto.n == 0 && x->wish->default_all, positive = false;

	if (x->m->proto.n == 0 && !all) {
		add_proto(l, &with, PROTO_TCP, family);
		add_proto(l, &with, PROTO_UDP, family);
		positive = true;
	}
	for (size_t i = 0; i < x->m->proto.n; i++) {
		const struct proto_spec *p = &x->m->proto.v[i];

		if (p->all && !p->negate)
			all = true;
		for (unsigned k = 0; !p->all && k < p->n; k++)
			add_proto(l, p->negate ? &without : &with, p->number[k], family);
		positive |= !p->negate;
	}
	range_set_normalise(&with);
	range_set_normalise(&without);
	if (all || !positive) {
		with = (struct range_set){ 0 };
		range_set_add(&l->scratch, &with, (struct range){ 0, 255 });
	}
	with = range_set_minus(&l->scratch, &with, &without);
	*ret_all = with.n == 1 && with.v[0].lo == 0 && with.v[0].hi == 255;
	return with;
}

static bool set_has_port(const struct expansion *x)
{
	for (unsigned i = 0; x->m->set && i < x->m->set->n_parts; i++) {
		if (x->m->set->parts[i] == SET_PORT)
			return true;
	}
	return false;
}

static bool wants_ports(const struct expansion *x)
{
	return x->m->src_port.n || x->n_dport || set_has_port(x);
}

/* Splits the protocols: those with ports, ICMP with types, the rest. At most three classes. */
static size_t classes(struct expansion *x, enum family family, struct proto_class ret[3])
{
	struct lower *l = x->l;
	bool all, ports = wants_ports(x), types = x->m->icmp_type.n > 0;
	struct range_set left = protocols(x, family, &all), taken = { 0 };
	size_t n = 0;

	if (!left.n)
		return 0;
	if (!ports && !types) {
		ret[0] = (struct proto_class){ .any = all, .protos = left };
		return 1;
	}
	if (ports) {
		struct proto_class c = { .ports = true };

		for (size_t i = 0; i < sizeof(port_protocols); i++) {
			uint8_t p = port_protocols[i];

			if (range_set_has(&left, p))
				range_set_add(&l->scratch, &c.protos, (struct range){ p, p });
		}
		range_set_normalise(&c.protos);
		/* a set of its own: sorting it must not reorder that of the class */
		for (size_t i = 0; i < c.protos.n; i++)
			range_set_add(&l->scratch, &taken, c.protos.v[i]);
		if (c.protos.n)
			ret[n++] = c;
	}
	if (types) {
		uint8_t icmp = family == FAMILY_V6 ? PROTO_ICMPV6 : PROTO_ICMP;
		struct proto_class c = { .icmp = true };

		if (range_set_has(&left, icmp)) {
			range_set_add(&l->scratch, &c.protos, (struct range){ icmp, icmp });
			range_set_add(&l->scratch, &taken, (struct range){ icmp, icmp });
			ret[n++] = c;
		}
	}
	range_set_normalise(&taken);
	/* Ports or types with "all": the section means the protocols that have them. */
	left = range_set_minus(&l->scratch, &left, &taken);
	if (!all && left.n && !set_has_port(x))
		ret[n++] = (struct proto_class){ .protos = left };
	return n;
}

/* The set out of the scratch arena, for the IR. */
static struct range_set kept(struct lower *l, const struct range_set *set)
{
	return (struct range_set){ arena_copy(l->arena, set->v, set->n, sizeof(*set->v)), set->n,
		set->n };
}

static void add_ports(struct lower *l, struct ir_rule *rule, const struct port_spec *specs, size_t n,
	bool dest)
{
	struct range_set with = { 0 }, without = { 0 };

	for (size_t i = 0; i < n; i++)
		range_set_add(&l->scratch, specs[i].negate ? &without : &with, specs[i].range);
	range_set_normalise(&with);
	range_set_normalise(&without);
	if (!n)
		return;

	struct ir_match *m = ir_match_add(&l->draft, rule, dest ? IR_M_DPORT : IR_M_SPORT);

	m->negate = !with.n;
	if (with.n)
		without = range_set_minus(&l->scratch, &with, &without);
	m->ranges = kept(l, &without);
}

/* A set that negations have emptied matches nothing: such a variant is left out. */
static bool ports_empty(struct lower *l, const struct port_spec *specs, size_t n)
{
	struct range_set with = { 0 }, without = { 0 };

	for (size_t i = 0; i < n; i++)
		range_set_add(&l->scratch, specs[i].negate ? &without : &with, specs[i].range);
	range_set_normalise(&with);
	range_set_normalise(&without);
	return with.n && !range_set_minus(&l->scratch, &with, &without).n;
}

/* Types of the family; false when none of the words exists in it. */
static bool add_icmp(struct expansion *x, struct ir_rule *rule, enum family family)
{
	struct lower *l = x->l;
	unsigned which = family == FAMILY_V6;
	size_t n = 0;
	struct icmp_type *types = ARENA_ARRAY(l->arena, struct icmp_type, x->m->icmp_type.n);

	for (size_t i = 0; i < x->m->icmp_type.n; i++) {
		if (!x->m->icmp_type.v[i].has[which])
			continue;
		types[n++] = x->m->icmp_type.v[i].type[which];
		if (types[n - 1].type == ICMP_TYPE_ANY)
			return true;
	}
	if (!n)
		return false;

	struct ir_match *m = ir_match_add(&l->draft, rule, IR_M_ICMP);

	m->icmp.v = types;
	m->icmp.n = n;
	return true;
}

static int mac_order(const struct mac *a, const struct mac *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

/* Inserts in order; MAC lists are short. */
static void mac_insert(struct mac *list, size_t *n, const struct mac *mac)
{
	size_t at = 0;

	while (at < *n && mac_order(&list[at], mac) < 0)
		at++;
	if (at < *n && mac_order(&list[at], mac) == 0)
		return;
	memmove(&list[at + 1], &list[at], (*n - at) * sizeof(*list));
	list[at] = *mac;
	(*n)++;
}

static void add_macs_of(struct expansion *x, struct ir_rule *rule, bool negate)
{
	struct lower *l = x->l;
	size_t n = 0;
	struct mac *list = ARENA_ARRAY(l->arena, struct mac, x->m->src_mac.n + 1);

	for (size_t i = 0; i < x->m->src_mac.n; i++) {
		if (x->m->src_mac.v[i].negate == negate)
			mac_insert(list, &n, &x->m->src_mac.v[i].mac);
	}
	if (!n)
		return;

	struct ir_match *m = ir_match_add(&l->draft, rule, IR_M_SMAC);

	m->negate = negate;
	m->macs.v = list;
	m->macs.n = n;
}

static void add_set(struct expansion *x, struct ir_rule *rule)
{
	const struct match_fields *f = x->m;

	if (!f->set)
		return;

	struct ir_match *m = ir_match_add(&x->l->draft, rule, IR_M_SET);

	m->negate = f->set_negate;
	m->set.set = lower_ipset(x->l, f->set->name.v);
	for (unsigned i = 0; i < f->set->n_parts; i++)
		m->set.dest[i] = i < f->set_n ? f->set_dest[i] : f->set->part_dest[i];
}

static void add_device(struct expansion *x, struct ir_rule *rule)
{
	const struct match_fields *f = x->m;

	if (!f->device.given.set || !strcmp(f->device.v.name, "*"))
		return;

	struct ir_match *m = ir_match_add(&x->l->draft, rule, f->direction.v ? IR_M_OIF : IR_M_IIF);

	m->negate = f->device.v.negate;
	m->devices.v = arena_copy(x->l->arena, &f->device.v, 1, sizeof(f->device.v));
	m->devices.v[0].negate = false;
	m->devices.n = 1;
}

static void add_marks(struct expansion *x, struct ir_rule *rule)
{
	const struct match_fields *f = x->m;

	if (f->mark.given.set) {
		struct ir_match *m = ir_match_add(&x->l->draft, rule, IR_M_MARK);

		m->negate = f->mark.v.negate;
		m->mark.value = f->mark.v.value;
		m->mark.mask = f->mark.v.mask;
	}
	if (f->dscp.given.set) {
		struct ir_match *m = ir_match_add(&x->l->draft, rule, IR_M_DSCP);

		m->negate = f->dscp.v.negate;
		range_set_add(x->l->arena, &m->ranges,
			(struct range){ f->dscp.v.value, f->dscp.v.value });
	}
	if (f->match_helper)
		ir_match_add(&x->l->draft, rule, IR_M_CTHELPER)->text =
			arena_strdup(x->l->arena, f->match_helper->name.v);
}

/*
 * Past the horizon nothing is known until the rules are compiled again. A rule that opens is then
 * closed by itself; one that closes must not open by itself, so from there on it always holds.
 */
static void hold_past_horizon(
	struct lower *l, const struct calendar *c, struct time_set *times, int64_t until)
{
	static const int64_t for_ever = 4102444800; /* the year 2100 */

	if (c->has_stop_date && c->stop_date + 2 * 86400 < until)
		return;
	if (times->n && times->v[times->n - 1].until == until)
		times->v[times->n - 1].until = for_ever;
	else
		vec_push(l->arena, times, (struct time_interval){ until, for_ever });
}

static bool add_time(struct expansion *x, struct ir_rule *rule)
{
	struct lower *l = x->l;
	const struct facts *facts = l->policy->facts;
	int64_t until, horizon = facts->now + l->policy->settings.horizon.v * 86400;

	if (calendar_always(&x->m->calendar) || !facts->clock_trusted)
		return true;

	struct time_set times = calendar_intervals(
		l->arena, &x->m->calendar, &facts->tz, facts->now - 86400, horizon, 1024, &until);

	if (!l->ir->times_until || until < l->ir->times_until)
		l->ir->times_until = until;
	if (x->wish->closes)
		hold_past_horizon(l, &x->m->calendar, &times, until);
	if (!times.n)
		return false;
	ir_match_add(&l->draft, rule, IR_M_TIME)->times = times;
	return true;
}

/* One variant: one family, one protocol class, one choice for each address list. */
static void emit(struct expansion *x, enum family family, const struct proto_class *c,
	const struct address_choice *src, const struct address_choices *srcs,
	const struct address_choice *dst, const struct address_choices *dsts)
{
	struct lower *l = x->l;
	struct ir_rule *rule = ARENA_NEW(&l->scratch, struct ir_rule);

	rule->family = family;
	if (x->wish->in && !zone_match_in(l, &l->draft, rule, x->wish->in, false))
		return;
	if (x->wish->out && !zone_match_in(l, &l->draft, rule, x->wish->out, true))
		return;
	add_device(x, rule);
	if (src)
		address_match(l, &l->draft, rule, src, srcs, false);
	if (dst)
		address_match(l, &l->draft, rule, dst, dsts, true);
	if (!c->any)
		ir_match_add(&l->draft, rule, IR_M_PROTO)->ranges = kept(l, &c->protos);
	if (c->ports) {
		add_ports(l, rule, x->m->src_port.v, x->m->src_port.n, false);
		add_ports(l, rule, x->dport, x->n_dport, true);
	}
	if (c->icmp && !add_icmp(x, rule, family))
		return;
	add_macs_of(x, rule, false);
	add_macs_of(x, rule, true);
	add_marks(x, rule);
	add_set(x, rule);
	if (!add_time(x, rule))
		return;
	vec_push(&l->scratch, &x->out, rule);
}

static void expand_family(struct expansion *x, enum family family)
{
	struct proto_class c[3];
	size_t n = classes(x, family, c);

	if (family == FAMILY_ANY) {
		for (size_t i = 0; i < n; i++)
			emit(x, family, &c[i], NULL, NULL, NULL, NULL);
		return;
	}

	struct address_choices srcs =
		address_choices(x->l, x->m->src_ip.v, x->m->src_ip.n, family);
	struct address_choices dsts = address_choices(x->l, x->dest, x->n_dest, family);

	if (srcs.excluded || dsts.excluded)
		return;
	for (size_t i = 0; i < n; i++) {
		vec_each(src, &srcs.any_of) {
			vec_each(dst, &dsts.any_of)
				emit(x, family, &c[i], src, &srcs, dst, &dsts);
		}
	}
}

static bool family_allowed(const struct expansion *x, enum family family)
{
	const struct match_wish *w = x->wish;
	const enum family wanted[] = { x->m->family.v, w->family,
		w->in ? w->in->family.v : FAMILY_ANY, w->out ? w->out->family.v : FAMILY_ANY,
		w->family_of[0] ? w->family_of[0]->family.v : FAMILY_ANY,
		w->family_of[1] ? w->family_of[1]->family.v : FAMILY_ANY,
		x->m->set ? x->m->set->family.v : FAMILY_ANY };

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (wanted[i] != FAMILY_ANY && wanted[i] != family)
			return false;
	}
	return true;
}

/* Whether one rule for both families would say the same as one for each. */
static bool family_undecided(const struct expansion *x)
{
	const struct match_wish *w = x->wish;

	if (!family_allowed(x, FAMILY_V4) || !family_allowed(x, FAMILY_V6))
		return false;
	if ((w->in && zone_has_subnets(w->in)) || (w->out && zone_has_subnets(w->out)))
		return false;
	for (size_t i = 0; i < x->m->proto.n; i++) {
		const struct proto_spec *p = &x->m->proto.v[i];

		if (!p->all && p->negate && p->number[0] == PROTO_ICMP)
			return false;
	}
	return !x->m->src_ip.n && !x->n_dest && !x->m->icmp_type.n;
}

bool match_fits(struct lower *l, struct span span, const struct variants *v)
{
	struct diag *e;

	vec_each (rule, v) {
		if ((*rule)->n_matches <= MATCHES_MAX)
			continue;
		e = diag_error(l->diags, span, "too-many-conditions",
			"this has %zu conditions that each need a comparison, more than the kernel "
			"takes in one rule", (*rule)->n_matches);
		diag_hint(l->diags, e,
			"at most %d; masks that are no prefix cannot join in a list, networks can",
			MATCHES_MAX);
		return false;
	}
	return true;
}

struct variants match_expand(struct lower *l, const struct section *s, const struct match_fields *m,
	const struct match_wish *wish)
{
	struct expansion x = { .l = l, .s = s, .m = m, .wish = wish };

	arena_release(&l->scratch);
	l->diags->section = s->title;
	x.dest = wish->has_dest ? wish->dest : m->dest_ip.v;
	x.n_dest = wish->has_dest ? wish->n_dest : m->dest_ip.n;
	x.dport = wish->has_dport ? wish->dport : m->dest_port.v;
	x.n_dport = wish->has_dport ? wish->n_dport : m->dest_port.n;
	if (ports_empty(l, m->src_port.v, m->src_port.n) || ports_empty(l, x.dport, x.n_dport)) {
		/* falls through to the warning: no variant */
	} else if (family_undecided(&x)) {
		expand_family(&x, FAMILY_ANY);
	} else {
		if (family_allowed(&x, FAMILY_V4))
			expand_family(&x, FAMILY_V4);
		if (family_allowed(&x, FAMILY_V6))
			expand_family(&x, FAMILY_V6);
	}
	match_extra(l, s, m, wish->closes, &x.out);
	if (!match_fits(l, s->span, &x.out))
		return (struct variants){ 0 };
	if (!x.out.n && !wish->quiet) {
		struct diag *d = diag_warning(l->diags, s->span, "never-matches",
			"no packet can match this section, so it has no effect");

		diag_hint(l->diags, d, "its family, zones, addresses, ports, protocols or times exclude each other");
	}
	return x.out;
}

struct ir_rule *match_place(struct lower *l, struct ir_chain *chain, const struct ir_rule *variant,
	const struct ir_counter *counter, const char *comment, const struct ir_origin *origin)
{
	struct ir_rule *rule;

	arguments_place_records(l, chain, variant);
	rule = ir_rule_copy(l->ir, chain, variant);
	rule->counter = counter;
	rule->comment = comment;
	if (origin) {
		rule->origins = ARENA_ARRAY(l->arena, const struct ir_origin *, 1);
		rule->origins[0] = origin;
		rule->n_origins = 1;
	}
	return rule;
}

const struct ir_match *match_find(const struct ir_rule *rule, enum ir_match_kind kind)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		if (rule->matches[i].kind == kind)
			return &rule->matches[i];
	}
	return NULL;
}

struct range_set match_protocols(struct lower *l, const struct ir_rule *rule)
{
	const struct ir_match *m = match_find(rule, IR_M_PROTO);
	struct range_set all = { 0 };

	if (m && !m->negate)
		return m->ranges;
	range_set_add(l->arena, &all, (struct range){ 0, UINT8_MAX });
	return m ? range_set_minus(l->arena, &all, &m->ranges) : all;
}

void match_set_protocols(struct lower *l, struct ir_rule *rule, const struct range_set *protos)
{
	const struct ir_match *m = match_find(rule, IR_M_PROTO);
	/* a placed rule's matches are its own */
	struct ir_match *to = m ? &rule->matches[m - rule->matches]
				: ir_match_add(l->ir, rule, IR_M_PROTO);

	to->negate = false;
	to->ranges = *protos;
}

bool match_time_inactive(struct lower *l, const struct match_fields *m, bool opens)
{
	if (calendar_always(&m->calendar) || l->policy->facts->clock_trusted || !opens)
		return false;
	diag_warning(l->diags, given_span(l->policy->source, &m->name.given), "clock-not-set",
		"the clock is not set yet: this time-restricted section waits until it is");
	return true;
}

const struct ir_limit *match_limit_object(
	struct lower *l, const char *kind, const struct section *s, const struct match_fields *m)
{
	if (!m->limit.given.set)
		return NULL;

	struct ir_limit *limit = ARENA_NEW(l->arena, struct ir_limit);

	limit->name = lower_name(l, kind, s, m->name.v, 63);
	limit->origin = lower_origin(l, s, m->name.v);
	limit->rate = m->limit.v;
	limit->burst = m->limit_burst.given.set ? (uint32_t)m->limit_burst.v : 5;
	vec_push(l->arena, &l->ir->limits, limit);
	return limit;
}

void match_limit(struct lower *l, struct ir_rule *rule, const struct ir_limit *limit)
{
	if (limit)
		ir_match_add(l->ir, rule, IR_M_LIMIT)->limit = limit;
}
