/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a rule is valid. calendar_has() asks about one moment, as xt_time does for each packet;
 * calendar_intervals() turns the question round. It walks the stretches in which the zone's
 * offset is constant, since there local time is plain arithmetic, and in each the local days.
 */
#include "net/net_priv.h"

#define ALL_WEEKDAYS 0x7fu
#define ALL_MONTHDAYS 0xfffffffeu

static uint32_t weekdays_of(const struct calendar *c)
{
	uint32_t days = c->weekdays & ALL_WEEKDAYS;

	return days ? days : ALL_WEEKDAYS;
}

static uint32_t monthdays_of(const struct calendar *c)
{
	uint32_t days = c->monthdays & ALL_MONTHDAYS;

	return days ? days : ALL_MONTHDAYS;
}

/*
 * The parts of a day, in seconds after midnight, at which the calendar holds: one or two.
 * As in xt_time, a start equal to the stop is the whole day.
 */
static unsigned day_parts(const struct calendar *c, struct range ret[2])
{
	uint32_t start = c->has_start_time ? c->start_time : 0;
	uint32_t stop = c->has_stop_time && c->stop_time < DAY ? c->stop_time : DAY - 1;

	if (start < stop) {
		ret[0] = (struct range){ start, stop };
		return 1;
	}
	if (start <= stop + 1) {
		ret[0] = (struct range){ 0, DAY - 1 };
		return 1;
	}
	ret[0] = (struct range){ 0, stop };
	ret[1] = (struct range){ start, DAY - 1 };
	return 2;
}

/* True when neither days nor hours restrict it; dates still may. */
static bool every_second(const struct calendar *c)
{
	struct range parts[2];

	return weekdays_of(c) == ALL_WEEKDAYS && monthdays_of(c) == ALL_MONTHDAYS &&
	       day_parts(c, parts) == 1 && parts[0].lo == 0 && parts[0].hi == DAY - 1;
}

bool calendar_always(const struct calendar *c)
{
	return every_second(c) && !c->has_start_date && !c->has_stop_date;
}

bool calendar_eq(const struct calendar *a, const struct calendar *b)
{
	struct range x[2], y[2];
	unsigned n = day_parts(a, x);

	if (calendar_always(a) && calendar_always(b))
		return true;
	if (a->utc != b->utc || weekdays_of(a) != weekdays_of(b) ||
		monthdays_of(a) != monthdays_of(b))
		return false;
	if (a->has_start_date != b->has_start_date || a->has_stop_date != b->has_stop_date)
		return false;
	if (a->has_start_date && a->start_date != b->start_date)
		return false;
	if (a->has_stop_date && a->stop_date != b->stop_date)
		return false;
	if (day_parts(b, y) != n)
		return false;
	for (unsigned i = 0; i < n; i++) {
		if (x[i].lo != y[i].lo || x[i].hi != y[i].hi)
			return false;
	}
	return true;
}

static bool day_holds(const struct calendar *c, int64_t day)
{
	if (!(weekdays_of(c) & 1u << weekday_of(day)))
		return false;
	if (monthdays_of(c) == ALL_MONTHDAYS)
		return true;
	return monthdays_of(c) & 1u << civil_of(day * DAY).day;
}

bool calendar_has(const struct calendar *c, const struct timezone_rule *tz, int64_t utc)
{
	struct range parts[2];
	unsigned n = day_parts(c, parts);
	int64_t local = moment_clamp(utc);

	if (!c->utc)
		local += tz_offset(tz, local);
	if (c->has_start_date && local < c->start_date)
		return false;
	if (c->has_stop_date && local > c->stop_date)
		return false;

	int64_t day = floor_div(local, DAY);
	uint32_t second = (uint32_t)(local - day * DAY);

	for (unsigned i = 0; i < n; i++) {
		if (second >= parts[i].lo && second <= parts[i].hi)
			return day_holds(c, day);
	}
	return false;
}

struct collector {
	struct arena *arena;
	struct time_set set;
	size_t max;
	int64_t whole_until;
};

/* Adds [from, until), which does not begin before what is there; false when there is no room. */
static bool collect(struct collector *to, int64_t from, int64_t until)
{
	struct time_interval *last = to->set.n ? &to->set.v[to->set.n - 1] : NULL;

	if (from >= until)
		return true;
	if (last && last->until == from) {
		last->until = until;
		return true;
	}
	if (to->set.n == to->max) {
		to->whole_until = from;
		return false;
	}
	vec_push(to->arena, &to->set, (struct time_interval){ from, until });
	return true;
}

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Collects from one stretch of constant offset, [from, until). */
static bool collect_stretch(
	struct collector *to, const struct calendar *c, int64_t from, int64_t until, int32_t offset)
{
	int64_t lo = from + offset, hi = until + offset;
	struct range parts[2];
	unsigned n = day_parts(c, parts);

	if (c->has_start_date)
		lo = max64(lo, c->start_date);
	if (c->has_stop_date && c->stop_date < hi)
		hi = c->stop_date + 1;
	if (lo >= hi)
		return true;
	if (every_second(c))
		return collect(to, lo - offset, hi - offset);
	for (int64_t day = floor_div(lo, DAY); day * DAY < hi; day++) {
		if (!day_holds(c, day))
			continue;
		for (unsigned i = 0; i < n; i++) {
			int64_t start = max64(lo, day * DAY + parts[i].lo);
			int64_t end = min64(hi, day * DAY + parts[i].hi + 1);

			if (!collect(to, start - offset, end - offset))
				return false;
		}
	}
	return true;
}

struct time_set calendar_intervals(struct arena *arena, const struct calendar *c,
	const struct timezone_rule *tz, int64_t from, int64_t until, size_t max, int64_t *ret_until)
{
	static const struct timezone_rule utc;
	struct collector to = { .arena = arena, .max = max, .whole_until = until };

	from = moment_clamp(from);
	until = moment_clamp(until);
	if (c->utc)
		tz = &utc;
	while (from < until) {
		int64_t end = min64(until, tz_next_change(tz, from));

		if (!collect_stretch(&to, c, from, end, tz_offset(tz, from)))
			break;
		from = end;
	}
	*ret_until = to.whole_until;
	return to.set;
}
