/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates: so many in a second, a minute, an hour or a day. */
#include "base/bug.h"
#include "net/net_priv.h"

static const struct {
	const char *name;
	uint32_t seconds;
} units[] = {
	{ "second", 1 },
	{ "minute", MINUTE },
	{ "hour", HOUR },
	{ "day", DAY },
};

#define N_UNITS (sizeof(units) / sizeof(units[0]))

static bool unit_parse(struct slice text, uint32_t *ret)
{
	for (size_t i = 0; i < N_UNITS; i++) {
		if (text_is_prefix_of(text, units[i].name, 1)) {
			*ret = units[i].seconds;
			return true;
		}
	}
	return false;
}

bool rate_parse(struct slice text, struct rate *ret, const char **why)
{
	struct rate r = { .invert = text_take_negation(&text), .seconds = 1 };
	struct slice number = text, unit;
	uint64_t count;

	if (text_cut(text, '/', &number, &unit) && !unit_parse(unit, &r.seconds)) {
		*why = "has no valid unit after the / (second, minute, hour or day)";
		return false;
	}
	if (!text_is_digits(number)) {
		*why = "is not a rate, such as 10/minute";
		return false;
	}
	if (!slice_u64(number, UINT32_MAX, &count)) {
		*why = "is a rate over 4294967295";
		return false;
	}
	if (!count) {
		*why = "is a rate of zero";
		return false;
	}
	r.count = (uint32_t)count;
	*ret = r;
	return true;
}

void rate_print(const struct rate *r, struct buf *out)
{
	for (size_t i = 0; i < N_UNITS; i++) {
		if (units[i].seconds != r->seconds)
			continue;
		buf_printf(out, "%s%u/%s", r->invert ? "!" : "", (unsigned)r->count, units[i].name);
		return;
	}
	BUG("a rate per %u seconds", (unsigned)r->seconds);
}
