/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks that rule, redirect and nat have in common, each named after the rule it upholds. */
#include <string.h>

#include "model/model_priv.h"

bool protocols_have(const struct match_fields *m, uint8_t number)
{
	bool found = false, negated = false;

	for (size_t i = 0; i < m->proto.n; i++) {
		const struct proto_spec *p = &m->proto.v[i];
		bool has = p->all || p->number[0] == number || (p->n == 2 && p->number[1] == number);

		if (p->negate && has)
			return false;
		negated |= p->negate;
		found |= !p->negate && has;
	}
	return found || negated || !m->proto.n;
}

/* ---- ports ---- */

static const uint8_t port_protocols[] = {
	PROTO_TCP, PROTO_UDP, PROTO_DCCP, PROTO_SCTP, PROTO_UDPLITE,
};

static bool is_open_ended(const struct match_fields *m)
{
	for (size_t i = 0; i < m->proto.n; i++) {
		if (m->proto.v[i].all || m->proto.v[i].negate)
			return true;
	}
	return !m->proto.n;
}

/* "all" with a port becomes the protocols that have ports, so that the port is really matched. */
static void narrow_to_port_protocols(struct reader *r, struct match_fields *m)
{
	struct proto_spec *v = ARENA_ARRAY(r->arena, struct proto_spec, COUNT_OF(port_protocols));
	struct span *spans = ARENA_ARRAY(r->arena, struct span, COUNT_OF(port_protocols));
	struct span span = m->proto.n && m->proto.given.set ? m->proto.spans[0] : SPAN_NONE;
	size_t n = 0;

	for (size_t i = 0; i < COUNT_OF(port_protocols); i++) {
		if (!protocols_have(m, port_protocols[i]))
			continue;
		v[n] = (struct proto_spec){ .number = { port_protocols[i] }, .n = 1 };
		spans[n++] = span;
	}
	m->proto.v = v;
	m->proto.spans = spans;
	m->proto.n = n;
}

static struct span first_port_span(const struct match_fields *m, bool other_ports,
	struct span other)
{
	if (m->dest_port.n)
		return m->dest_port.spans[0];
	if (m->src_port.n)
		return m->src_port.spans[0];
	return other_ports ? other : SPAN_NONE;
}

static void warn_portless(struct reader *r, const struct match_fields *m, size_t i,
	struct span port)
{
	AUTO_BUF name = BUF_INIT;
	struct diag *w;

	proto_spec_print(&m->proto.v[i], &name);
	w = diag_warning(r->diags, m->proto.spans[i], "ports-without-protocol",
		"'%s' has no ports: the section matches it whatever the ports are",
		buf_text(&name));
	diag_note(r->diags, w, port, "the ports are here");
	diag_hint(r->diags, w, "use a section of its own for it");
}

/* firewall3 ignores ports where the protocol has none, and so matches every port. */
bool check_ports_have_protocol(struct reader *r, struct match_fields *m, bool other_ports,
	struct span other)
{
	struct span port = first_port_span(m, other_ports, other);
	size_t with = 0;
	struct diag *d;

	if (!m->dest_port.n && !m->src_port.n && !other_ports)
		return true;
	if (is_open_ended(m)) {
		d = diag_warning(r->diags, port, "ports-without-protocol",
			"only tcp, udp, dccp, sctp and udplite have ports, so the section matches "
			"just these");
		diag_hint(r->diags, d, "set option proto 'tcp udp'");
		narrow_to_port_protocols(r, m);
		return true;
	}
	for (size_t i = 0; i < m->proto.n; i++)
		with += proto_has_ports(m->proto.v[i].number[0]);
	if (!with) {
		d = diag_error(r->diags, port, "ports-without-protocol",
			"none of the section's protocols has ports");
		diag_hint(r->diags, d, "set option proto 'tcp udp', or remove the ports");
		return false;
	}
	for (size_t i = 0; i < m->proto.n; i++) {
		if (!proto_has_ports(m->proto.v[i].number[0]))
			warn_portless(r, m, i, port);
	}
	return true;
}

/* ---- families ---- */

static enum family spec_family(const struct addr_spec *s)
{
	return s->kind == ADDR_SPEC_RANGE ? s->range.lo.family : s->addr.family;
}

enum family check_list_family(const struct addr_spec *v, size_t n)
{
	bool four = false, six = false;

	for (size_t i = 0; i < n; i++) {
		if (v[i].kind == ADDR_SPEC_NAME || v[i].negate)
			continue;
		four |= spec_family(&v[i]) == FAMILY_V4;
		six |= spec_family(&v[i]) == FAMILY_V6;
	}
	return four == six ? FAMILY_ANY : four ? FAMILY_V4 : FAMILY_V6;
}

static const char *family_word(enum family family)
{
	return family == FAMILY_V6 ? "IPv6" : "IPv4";
}

/* A single address of the other family in a longer list is left out, with a warning. */
static bool check_list_in_family(struct reader *r, enum family family, const struct addr_spec *v,
	const struct span *spans, size_t n)
{
	enum family only = check_list_family(v, n);

	if (family == FAMILY_ANY)
		return true;
	if (only != FAMILY_ANY && only != family) {
		struct diag *e = diag_error(r->diags, spans[0], "family-conflict",
			"the section is for %s only, but the address is %s", family_word(family),
			family_word(only));

		diag_hint(r->diags, e, "change family, or the address");
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (v[i].kind == ADDR_SPEC_NAME || v[i].negate || spec_family(&v[i]) == family)
			continue;
		diag_warning(r->diags, spans[i], "family-conflict",
			"the section is for %s only, so this address never matches",
			family_word(family));
	}
	return true;
}

bool check_family(struct reader *r, const struct match_fields *m)
{
	enum family src = check_list_family(m->src_ip.v, m->src_ip.n);
	enum family dest = check_list_family(m->dest_ip.v, m->dest_ip.n);
	bool ok = true;

	ok &= check_list_in_family(r, m->family.v, m->src_ip.v, m->src_ip.spans, m->src_ip.n);
	ok &= check_list_in_family(r, m->family.v, m->dest_ip.v, m->dest_ip.spans, m->dest_ip.n);
	if (ok && src != FAMILY_ANY && dest != FAMILY_ANY && src != dest) {
		struct diag *e = diag_error(r->diags, m->dest_ip.spans[0], "family-conflict",
			"the destination is %s, but the source is %s", family_word(dest),
			family_word(src));

		diag_note(r->diags, e, m->src_ip.spans[0], "the source is here");
		ok = false;
	}
	return ok;
}

bool check_other_family(struct reader *r, const struct match_fields *m, const struct given *given,
	const struct addr_spec *spec)
{
	const struct {
		enum family family;
		struct span span;
	} others[] = {
		{ m->family.v, given_span(r->source, &m->family.given) },
		{ check_list_family(m->src_ip.v, m->src_ip.n), given_span(r->source, &m->src_ip.given) },
		{ check_list_family(m->dest_ip.v, m->dest_ip.n), given_span(r->source, &m->dest_ip.given) },
	};

	if (!given->set || spec->kind == ADDR_SPEC_NAME || r->matches_nothing)
		return true;
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		struct diag *e;

		if (others[i].family == FAMILY_ANY || others[i].family == spec_family(spec))
			continue;
		e = diag_error(r->diags, given_span(r->source, given), "family-conflict",
			"the address is %s, but the section is for %s",
			family_word(spec_family(spec)), family_word(others[i].family));
		diag_note(r->diags, e, others[i].span, "because of this");
		return false;
	}
	return true;
}

/* ---- others ---- */

void check_burst_has_limit(struct reader *r, const struct match_fields *m)
{
	struct diag *w;

	if (!m->limit_burst.given.set || m->limit.given.set)
		return;
	w = diag_warning(r->diags, given_span(r->source, &m->limit_burst.given), "burst-without-limit",
		"'limit_burst' has no effect without 'limit'");
	diag_hint(r->diags, w, "add option limit, for example '10/second'");
}

bool check_rewrite_address(struct reader *r, struct span span, struct addr_spec *spec,
	bool allow_range)
{
	AUTO_BUF text = BUF_INIT;
	struct diag *d;
	struct addr_range prefix;
	bool is_prefix;

	if (spec->kind != ADDR_SPEC_RANGE) {
		d = diag_error(r->diags, span, "one-address", "this is not one address");
		diag_hint(r->diags, d, "name the address to write into the packet");
		return false;
	}
	if (addr_eq(&spec->range.lo, &spec->range.hi))
		return true;
	prefix = addr_prefix_range(&spec->written, spec->bits);
	is_prefix = addr_eq(&prefix.lo, &spec->range.lo) && addr_eq(&prefix.hi, &spec->range.hi);
	/* A network named by its first address is a pool, as is any range. */
	if (allow_range && (!is_prefix || addr_eq(&spec->written, &spec->range.lo)))
		return true;
	if (!is_prefix) {
		d = diag_error(r->diags, span, "one-address", "this is a range of addresses");
		diag_hint(r->diags, d, "name the address to write into the packet");
		return false;
	}
	addr_print(&spec->written, &text);
	d = diag_warning(r->diags, span, "prefix-ignored",
		"only the address %s is used, not its network", buf_text(&text));
	diag_hint(r->diags, d, "write %s", buf_text(&text));
	spec->range = (struct addr_range){ spec->written, spec->written };
	spec->bits = 8 * family_bytes(spec->written.family);
	return true;
}
