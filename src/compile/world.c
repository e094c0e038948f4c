/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "compile/world.h"

static bool is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	return a->family == FAMILY_V4 ? a->b[0] == 127 : !memcmp(a->b, one, sizeof(one));
}

static bool is_multicast(const struct addr *a)
{
	return a->family == FAMILY_V4 ? a->b[0] >= 224 && a->b[0] < 240 : a->b[0] == 0xff;
}

static bool is_own(const struct facts *facts, const struct addr *a, bool *ret_broadcast)
{
	*ret_broadcast = false;
	vec_each(d, &facts->devices) {
		vec_each(own, &d->addresses) {
			struct addr_range prefix = addr_prefix_range(&own->addr, own->bits);

			if (addr_eq(&own->addr, a))
				return true;
			if (a->family == FAMILY_V4 && own->bits < 31 && addr_eq(&prefix.hi, a))
				*ret_broadcast = true;
		}
	}
	return false;
}

static uint32_t type_of(const struct facts *facts, const struct addr *a)
{
	static const uint8_t everyone[4] = { 255, 255, 255, 255 };
	bool broadcast;

	if (is_loopback(a) || is_own(facts, a, &broadcast))
		return IR_ADDR_LOCAL;
	if (is_multicast(a))
		return IR_ADDR_MULTICAST;
	if (broadcast || (a->family == FAMILY_V4 && !memcmp(a->b, everyone, 4)))
		return IR_ADDR_BROADCAST;
	return IR_ADDR_UNICAST;
}

static uint32_t world_addrtype(void *context, const struct addr *a)
{
	return type_of(context, a);
}

static void consider(const struct addr_range *to, const char *device, const struct addr *dst,
	int *best, const char **found)
{
	unsigned bits;

	if (to->lo.family != dst->family || !addr_range_has(to, dst))
		return;
	if (addr_range_prefix(to, &bits) && (int)bits > *best) {
		*best = (int)bits;
		*found = device;
	}
}

static bool world_route(void *context, const struct addr *dst, char ret_oif[DEVICE_NAME_MAX + 1])
{
	const struct facts *facts = context;
	const char *found = NULL;
	int best = -1;

	if (type_of(facts, dst) != IR_ADDR_UNICAST) {
		ret_oif[0] = '\0';
		return true;
	}
	vec_each(r, &facts->routes)
		consider(&r->to, r->device, dst, &best, &found);
	vec_each(d, &facts->devices) {
		vec_each(a, &d->addresses) {
			struct addr_range prefix = addr_prefix_range(&a->addr, a->bits);

			consider(&prefix, d->name, dst, &best, &found);
		}
	}
	if (!found || strlen(found) > DEVICE_NAME_MAX)
		return false;
	memset(ret_oif, 0, DEVICE_NAME_MAX + 1);
	memcpy(ret_oif, found, strlen(found));
	return true;
}

static bool world_address(
	void *context, const char *device, enum family family, struct addr *ret)
{
	const struct facts *facts = context;
	const struct facts_device *d = facts_device(facts, device);

	if (!d)
		return false;
	vec_each(a, &d->addresses) {
		if (a->addr.family == family && !addr_is_link_local(&a->addr)) {
			*ret = a->addr;
			return true;
		}
	}
	return false;
}

struct ir_world world_of_facts(const struct facts *facts)
{
	return (struct ir_world){ .context = (void *)facts, .route = world_route,
		.address = world_address, .addrtype = world_addrtype };
}
