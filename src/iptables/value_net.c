/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, networks and ports, in the notations of matches and of NAT targets. */
#include "iptables/iptables_priv.h"

/* ---- addresses ---- */

static bool address_word(struct ipt_values *v, struct slice text, struct addr_spec *ret)
{
	if (text.n && text.p[0] == '!')
		return ipt_value_fail(v, "has a '!', which stands before the option");
	if (slice_find(text, '-') < text.n && slice_find(text, '/') == text.n)
		return ipt_value_fail(v, "is no address; a range needs -m iprange");
	if (!addr_spec_parse(v->arena, text, ret, &v->why))
		return false;
	if (ret->kind == ADDR_SPEC_NAME)
		return ipt_value_fail(
			v, "is a name, and names are not looked up: write the address");

	enum family f = ret->kind == ADDR_SPEC_MASKED ? ret->addr.family : ret->range.lo.family;

	if (v->family && f != v->family)
		return ipt_value_fail(v, v->family == FAMILY_V4 ? "is not an IPv4 address"
								: "is not an IPv6 address");
	return true;
}

bool ipt_read_addrs(struct ipt_values *v, struct slice text, struct ipt_value *ret)
{
	VEC(struct addr_spec) list = { 0 };
	struct slice word;
	bool more = true;

	while (more) {
		struct addr_spec spec;

		more = ipt_cut(text, ',', &word, &text);
		if (!address_word(v, word, &spec))
			return false;
		vec_push(v->arena, &list, spec);
		/* "-s 10.0.0.1,::1" is two rules of two families, and iptables has no such rule */
		if (list.n > 1 &&
			(spec.kind == ADDR_SPEC_MASKED ? spec.addr : spec.range.lo).family !=
				(list.v[0].kind == ADDR_SPEC_MASKED ? list.v[0].addr
								    : list.v[0].range.lo)
					.family)
			return ipt_value_fail(v, "mixes IPv4 and IPv6 addresses");
	}
	ret->addrs.v = list.v;
	ret->addrs.n = list.n;
	return true;
}

bool ipt_read_addr_range(struct ipt_values *v, struct slice text, struct addr_range *ret)
{
	struct slice lo, hi;
	struct addr_range r;

	if (!ipt_cut(text, '-', &lo, &hi))
		hi = lo;
	if (!addr_parse(lo, &r.lo) || !addr_parse(hi, &r.hi))
		return ipt_value_fail(v, "is not a range of addresses (a-b)");
	if (r.lo.family != r.hi.family || (v->family && r.lo.family != v->family))
		return ipt_value_fail(v, "is not a range of the rule's family");
	if (addr_cmp(&r.lo, &r.hi) > 0)
		return ipt_value_fail(v, "is a range that runs backwards");
	*ret = r;
	return true;
}

bool ipt_read_prefix(struct ipt_values *v, struct slice text, struct addr_range *ret)
{
	struct addr_spec spec;

	if (!address_word(v, text, &spec))
		return false;
	if (spec.kind != ADDR_SPEC_RANGE)
		return ipt_value_fail(v, "is not a network (address/bits)");
	*ret = spec.range;
	return true;
}

/* ---- ports ---- */

static bool one_port(struct ipt_values *v, struct slice text, uint32_t *ret)
{
	uint64_t n;

	if (ipt_service(text, ret))
		return true;
	if (!slice_u64(text, 65535, &n))
		return ipt_value_fail(v, "is not a port (0 to 65535)");
	*ret = (uint32_t)n;
	return true;
}

bool ipt_read_port_range(struct ipt_values *v, struct slice text, char between, struct range *ret)
{
	struct range r = { 0, 65535 };
	struct slice lo, hi;
	bool two;

	/* a service may have the dash in its name */
	if (ipt_service(text, &r.lo)) {
		ret->lo = ret->hi = r.lo;
		return true;
	}
	two = ipt_cut(text, between, &lo, &hi);
	if ((lo.n || !two || between == '-') && !one_port(v, lo, &r.lo))
		return false;
	if (!two)
		r.hi = r.lo;
	else if ((hi.n || between == '-') && !one_port(v, hi, &r.hi))
		return false;
	if (r.lo > r.hi)
		return ipt_value_fail(v, "is a range that runs backwards");
	*ret = r;
	return true;
}

bool ipt_read_ports(struct ipt_values *v, struct slice text, struct range_set *ret)
{
	struct range_set set = { 0 };
	bool more = true;

	while (more) {
		struct slice word;
		struct range r;

		more = ipt_cut(text, ',', &word, &text);
		if (!ipt_read_port_range(v, word, ':', &r))
			return false;
		range_set_add(v->arena, &set, r);
	}
	range_set_normalise(&set);
	*ret = set;
	return true;
}

bool ipt_read_nat(struct ipt_values *v, struct slice text, struct ipt_value *ret)
{
	struct slice addr = text, ports = { 0 };
	bool has_ports = false;
	struct ipt_value out = { 0 };
	size_t colon;

	if (text.n && text.p[0] == '[') {
		size_t end = slice_find(text, ']');

		addr = (struct slice){ text.p + 1, end - 1 };
		ports = slice_from(text, end + 1);
		if (end == text.n || (ports.n && ports.p[0] != ':'))
			return ipt_value_fail(v, "is not [address]:port");
		has_ports = ports.n > 0;
		ports = slice_from(ports, 1);
	} else if ((colon = slice_find(text, ':')) < text.n &&
		   slice_find(slice_from(text, colon + 1), ':') == text.n - colon - 1) {
		has_ports = ipt_cut(text, ':', &addr, &ports); /* one colon: no IPv6 address */
	}
	if (addr.n) {
		out.nat.has_addr = true;
		if (!ipt_read_addr_range(v, addr, &out.nat.addr))
			return false;
	}
	if (has_ports) {
		out.nat.has_ports = true;
		if (slice_find(ports, '/') < ports.n)
			return ipt_value_fail(
				v, "has a base port behind '/': write a port forward instead");
		if (!ipt_read_port_range(v, ports, '-', &out.nat.ports))
			return false;
	}
	if (!addr.n && !has_ports)
		return ipt_value_fail(v, "names neither an address nor a port");
	*ret = out;
	return true;
}
