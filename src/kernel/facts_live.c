/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three dumps of rtnetlink give devices, addresses and routes; the probe of nf_tables is beside
 * (facts_probe.c). Nothing is taken from the environment.
 */
#include "kernel/facts_live.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel/facts_priv.h"
#include "kernel/nl_priv.h"

#define TRIES 20
#define TRUSTED_FROM 1704067200 /* 2024-01-01 00:00 UTC */

/* A route before sorting. */
struct route {
	struct facts_route route;
	enum family family;
	unsigned bits;
	uint32_t metric;
};

/* The index numbers of devices are needed only while gathering. */
struct gather {
	struct arena *arena;
	VEC(struct facts_device) devices;
	VEC(int) index;
	VEC(struct route) routes;
};

static const char *device_name(const struct gather *g, int index)
{
	for (size_t i = 0; i < g->index.n; i++) {
		if (g->index.v[i] == index)
			return g->devices.v[i].name;
	}
	return NULL;
}

static bool attr_addr(const struct nlattr *a, enum family family, struct addr *ret)
{
	if (!a || mnl_attr_get_payload_len(a) != family_bytes(family))
		return false;
	*ret = (struct addr){ .family = family };
	memcpy(ret->b, mnl_attr_get_payload(a), family_bytes(family));
	return true;
}

static int link_message(const struct nlmsghdr *m, void *context)
{
	struct gather *g = context;
	const struct ifinfomsg *i = mnl_nlmsg_get_payload(m);
	const struct nlattr *a[IFLA_IFNAME + 1];

	if (m->nlmsg_type != RTM_NEWLINK)
		return 0;
	nl_attrs_message(m, sizeof(*i), a, IFLA_IFNAME);
	struct facts_device d = {
		.name = arena_strdup(g->arena, nl_get_str(a[IFLA_IFNAME])),
		.up = i->ifi_flags & IFF_UP,
	};
	vec_push(g->arena, &g->devices, d);
	vec_push(g->arena, &g->index, i->ifi_index);
	return 0;
}

static enum family af_family(uint8_t af)
{
	return af == AF_INET ? FAMILY_V4 : af == AF_INET6 ? FAMILY_V6 : FAMILY_ANY;
}

static int address_message(const struct nlmsghdr *m, void *context)
{
	struct gather *g = context;
	const struct ifaddrmsg *i = mnl_nlmsg_get_payload(m);
	const struct nlattr *a[IFA_MAX + 1];
	enum family family = af_family(i->ifa_family);
	struct facts_address x = { .bits = i->ifa_prefixlen };

	if (m->nlmsg_type != RTM_NEWADDR || family == FAMILY_ANY)
		return 0;
	nl_attrs_message(m, sizeof(*i), a, IFA_MAX);
	/* On a point-to-point link IFA_ADDRESS is the peer; IFA_LOCAL is always ours. */
	if (!attr_addr(a[IFA_LOCAL] ? a[IFA_LOCAL] : a[IFA_ADDRESS], family, &x.addr))
		return 0;
	for (size_t n = 0; n < g->index.n; n++) {
		if (g->index.v[n] == (int)i->ifa_index)
			vec_push(g->arena, &g->devices.v[n].addresses, x);
	}
	return 0;
}

static uint32_t attr_u32(const struct nlattr *a)
{
	uint32_t v = 0;

	if (a && mnl_attr_get_payload_len(a) >= sizeof(v))
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return v;
}

/* The device of a route; of one with several next hops, that of the first. */
static const char *route_device(const struct gather *g, const struct nlattr *const *a)
{
	struct rtnexthop hop;

	if (a[RTA_OIF])
		return device_name(g, (int)attr_u32(a[RTA_OIF]));
	if (!a[RTA_MULTIPATH] || mnl_attr_get_payload_len(a[RTA_MULTIPATH]) < sizeof(hop))
		return NULL;
	memcpy(&hop, mnl_attr_get_payload(a[RTA_MULTIPATH]), sizeof(hop));
	return device_name(g, hop.rtnh_ifindex);
}

static int route_message(const struct nlmsghdr *m, void *context)
{
	struct gather *g = context;
	const struct rtmsg *i = mnl_nlmsg_get_payload(m);
	const struct nlattr *a[RTA_MAX + 1];
	enum family family = af_family(i->rtm_family);
	struct addr to = { .family = family };

	if (m->nlmsg_type != RTM_NEWROUTE || family == FAMILY_ANY || i->rtm_type != RTN_UNICAST ||
		(i->rtm_flags & RTM_F_CLONED))
		return 0;
	nl_attrs_message(m, sizeof(*i), a, RTA_MAX);
	uint32_t table = a[RTA_TABLE] ? attr_u32(a[RTA_TABLE]) : i->rtm_table;
	const char *device = route_device(g, a);
	if (table != RT_TABLE_MAIN || !device)
		return 0;
	if (i->rtm_dst_len && !attr_addr(a[RTA_DST], family, &to))
		return 0;
	struct route r = {
		.route = { addr_prefix_range(&to, i->rtm_dst_len), device },
		.family = family,
		.bits = i->rtm_dst_len,
		.metric = attr_u32(a[RTA_PRIORITY]),
	};
	vec_push(g->arena, &g->routes, r);
	return 0;
}

static int route_order(const void *a, const void *b)
{
	const struct route *x = a, *y = b;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	if (x->bits != y->bits)
		return x->bits > y->bits ? -1 : 1;
	int n = addr_cmp(&x->route.to.lo, &y->route.to.lo);
	if (n)
		return n;
	if (x->metric != y->metric)
		return x->metric < y->metric ? -1 : 1;
	return strcmp(x->route.device, y->route.device);
}

static int dump_once(struct nl *nl, uint16_t type, size_t header, struct gather *g,
	int (*each)(const struct nlmsghdr *m, void *context))
{
	AUTO_NLBUF b = { 0 };

	nl_message_raw(&b, type, NLM_F_DUMP, 0, header); /* zeros: every family */
	return nl_talk(nl, &b, each, g);
}

static int gather_once(struct nl *nl, struct gather *g)
{
	int error = dump_once(nl, RTM_GETLINK, sizeof(struct ifinfomsg), g, link_message);

	if (!error)
		error = dump_once(nl, RTM_GETADDR, sizeof(struct ifaddrmsg), g, address_message);
	if (!error)
		error = dump_once(nl, RTM_GETROUTE, sizeof(struct rtmsg), g, route_message);
	return error;
}

static void take(const struct gather *g, struct facts *f)
{
	f->routes.n = f->devices.n = 0;
	vec_each (d, &g->devices)
		vec_push(g->arena, &f->devices, *d);
	if (g->routes.n)
		qsort(g->routes.v, g->routes.n, sizeof(*g->routes.v), route_order);
	for (size_t i = 0; i < g->routes.n; i++) {
		const struct route *r = &g->routes.v[i];

		if (i && r[-1].family == r->family && r[-1].bits == r->bits &&
			addr_eq(&r[-1].route.to.lo, &r->route.to.lo))
			continue; /* the same prefix by a worse metric */
		vec_push(g->arena, &f->routes, r->route);
	}
}

int facts_gather(struct arena *arena, struct facts *ret)
{
	struct gather g;
	AUTO_NL nl;
	int error = nl_open(&nl, NETLINK_ROUTE);

	if (error)
		return error;
	error = -EINTR;
	for (int i = 0; error == -EINTR && i < TRIES; i++) {
		memset(&g, 0, sizeof(g));
		g.arena = arena;
		error = gather_once(&nl, &g);
	}
	if (error)
		return error;
	take(&g, ret);
	facts_probe(arena, ret); /* what it cannot learn it leaves unknown */
	ret->now = time(NULL);
	ret->clock_trusted = ret->now >= TRUSTED_FROM;
	return 0;
}
