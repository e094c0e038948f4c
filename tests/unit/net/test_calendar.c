/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calendars: known nights of changing clocks, then random calendars. These are compared with the
 * rule as xt_time states it, on local times from the C library.
 */
#include <stdlib.h>
#include <time.h>

#include "words.h"
#include "zones.h"

#define DAY 86400
#define MANY 100000

static int64_t moment(int year, int month, int day, int hour, int minute)
{
	struct civil c = { year, month, day, hour, minute, 0, 0 };

	return civil_seconds(&c);
}

static struct timezone_rule zone_of(const char *text)
{
	struct timezone_rule tz;
	const char *why;

	assert_true(tz_parse(slice_of(text), &tz, &why));
	return tz;
}

static void check_intervals(const struct calendar *c, const char *zone, int64_t from,
	int64_t until, const struct time_interval *expected, size_t n)
{
	struct timezone_rule tz = zone_of(zone);
	struct arena a;
	int64_t whole;

	arena_init(&a);

	struct time_set set = calendar_intervals(&a, c, &tz, from, until, MANY, &whole);

	assert_true(whole == until);
	assert_int_equal(set.n, n);
	for (size_t i = 0; i < n; i++) {
		assert_true(set.v[i].from == expected[i].from);
		assert_true(set.v[i].until == expected[i].until);
	}
	arena_release(&a);
}

static void hours_that_daylight_time_skips_hold_no_moment(void **state)
{
	struct calendar c = { .has_start_time = true, .start_time = 3 * 3600,
		.has_stop_time = true, .stop_time = 4 * 3600 - 1 };
	struct time_interval expected[] = {
		{ moment(2024, 3, 30, 1, 0), moment(2024, 3, 30, 2, 0) },
		{ moment(2024, 4, 1, 0, 0), moment(2024, 4, 1, 1, 0) },
	};

	(void)state;
	check_intervals(&c, "EET-2EEST,M3.5.0/3,M10.5.0/4", moment(2024, 3, 30, 0, 0),
		moment(2024, 4, 2, 0, 0), expected, 2);
}

static void hours_that_occur_twice_hold_both(void **state)
{
	struct calendar c = { .has_start_time = true, .start_time = 3 * 3600,
		.has_stop_time = true, .stop_time = 4 * 3600 - 1 };
	struct calendar quarter = { .has_start_time = true, .start_time = 3 * 3600 + 900,
		.has_stop_time = true, .stop_time = 3 * 3600 + 1799 };
	struct time_interval joined[] = {
		{ moment(2024, 10, 27, 0, 0), moment(2024, 10, 27, 2, 0) },
	};
	struct time_interval apart[] = {
		{ moment(2024, 10, 27, 0, 15), moment(2024, 10, 27, 0, 30) },
		{ moment(2024, 10, 27, 1, 15), moment(2024, 10, 27, 1, 30) },
	};
	int64_t from = moment(2024, 10, 26, 22, 0), until = moment(2024, 10, 27, 12, 0);

	(void)state;
	check_intervals(&c, "EET-2EEST,M3.5.0/3,M10.5.0/4", from, until, joined, 1);
	check_intervals(&quarter, "EET-2EEST,M3.5.0/3,M10.5.0/4", from, until, apart, 2);
}

static void nights_belong_to_the_day_of_the_moment(void **state)
{
	struct calendar c = { .weekdays = 1 << 1, .has_start_time = true,
		.start_time = 22 * 3600, .has_stop_time = true, .stop_time = 6 * 3600 };
	/* 2024-07-01 was a Monday. The stop time is inclusive. */
	struct time_interval expected[] = {
		{ moment(2024, 7, 1, 0, 0), moment(2024, 7, 1, 6, 0) + 1 },
		{ moment(2024, 7, 1, 22, 0), moment(2024, 7, 2, 0, 0) },
	};

	(void)state;
	check_intervals(&c, "", moment(2024, 6, 29, 0, 0), moment(2024, 7, 6, 0, 0), expected, 2);
}

static void dates_are_inclusive_and_local(void **state)
{
	struct date_spec d;
	const char *why;

	(void)state;
	assert_true(date_spec_parse(slice_of("2024-07-01"), &d, &why));

	struct calendar c = { .has_start_date = true, .start_date = d.first,
		.has_stop_date = true, .stop_date = d.last };
	struct time_interval local = { moment(2024, 6, 30, 21, 0), moment(2024, 7, 1, 21, 0) };
	struct time_interval utc = { moment(2024, 7, 1, 0, 0), moment(2024, 7, 2, 0, 0) };
	int64_t from = moment(2024, 1, 1, 0, 0), until = moment(2025, 1, 1, 0, 0);

	check_intervals(&c, "EET-2EEST,M3.5.0/3,M10.5.0/4", from, until, &local, 1);
	c.utc = true;
	check_intervals(&c, "EET-2EEST,M3.5.0/3,M10.5.0/4", from, until, &utc, 1);
}

static void always_is_recognised_however_it_is_written(void **state)
{
	struct calendar none = { 0 };
	struct calendar full = { .utc = true, .weekdays = 0x7f, .monthdays = 0xfffffffe,
		.has_start_time = true, .has_stop_time = true, .stop_time = DAY - 1 };
	struct calendar equal = { .has_start_time = true, .start_time = 5,
		.has_stop_time = true, .stop_time = 5 };
	struct calendar less = { .has_start_time = true, .start_time = 1 };
	struct calendar same = { .has_start_time = true, .start_time = 1, .has_stop_time = true,
		.stop_time = DAY - 1, .weekdays = 0x7f };
	struct calendar dated = { .has_stop_date = true };
	struct time_interval whole = { INT64_C(0), INT64_C(1) << 40 };

	(void)state;
	assert_true(calendar_always(&none));
	assert_true(calendar_always(&full));
	assert_true(calendar_always(&equal));
	assert_false(calendar_always(&less));
	assert_false(calendar_always(&dated));
	assert_true(calendar_eq(&none, &full));
	assert_false(calendar_eq(&none, &less));
	assert_true(calendar_eq(&less, &same));
	assert_false(calendar_eq(&less, &dated));
	whole.until = moment(2200, 1, 1, 0, 0);
	check_intervals(&none, "EST5EDT", whole.from, whole.until, &whole, 1);
}

/* xt_time's rule for one moment, on the C library's local time. */
static bool oracle(const struct calendar *c, int64_t utc)
{
	time_t t = (time_t)utc;
	struct tm tm;

	if (c->utc)
		gmtime_r(&t, &tm);
	else
		localtime_r(&t, &tm);

	int64_t stamp = utc + tm.tm_gmtoff;
	uint32_t now = (uint32_t)(tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
	uint32_t start = c->has_start_time ? c->start_time : 0;
	uint32_t stop = c->has_stop_time ? c->stop_time : DAY - 1;

	if (c->has_start_date && stamp < c->start_date)
		return false;
	if (c->has_stop_date && stamp > c->stop_date)
		return false;
	if (start < stop ? now < start || now > stop : now < start && now > stop)
		return false;
	if (c->weekdays && !(c->weekdays & 1 << tm.tm_wday))
		return false;
	return !c->monthdays || (c->monthdays & 1u << tm.tm_mday);
}

static bool chance(uint32_t *seed, unsigned of)
{
	return next_random(seed) % of == 0;
}

static uint32_t random_time(uint32_t *seed)
{
	/* Often round, and near the hours at which clocks change */
	return chance(seed, 2) ? next_random(seed) % DAY : next_random(seed) % 8 * 1800;
}

static struct calendar random_calendar(uint32_t *seed, int64_t from)
{
	struct calendar c = { .utc = chance(seed, 8) };

	if (chance(seed, 2))
		c.weekdays = next_random(seed) & 0x7f;
	if (chance(seed, 3))
		c.monthdays = next_random(seed) & 0xfffffffe;
	c.has_start_time = !chance(seed, 3);
	c.start_time = random_time(seed);
	c.has_stop_time = !chance(seed, 3);
	c.stop_time = random_time(seed);
	c.has_start_date = chance(seed, 4);
	c.start_date = from + next_random(seed) % (300 * DAY);
	c.has_stop_date = chance(seed, 4);
	c.stop_date = from + next_random(seed) % (700 * DAY);
	return c;
}

static bool set_has(const struct time_set *set, int64_t t)
{
	size_t from = 0, to = set->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (t < set->v[middle].from)
			to = middle;
		else if (t >= set->v[middle].until)
			from = middle + 1;
		else
			return true;
	}
	return false;
}

static void check_moment(const struct calendar *c, const struct timezone_rule *tz, int64_t t,
	bool expected)
{
	assert_int_equal(oracle(c, t), expected);
	assert_int_equal(calendar_has(c, tz, t), expected);
}

/* The first `max` intervals, and how far they can be trusted. */
static void check_cut(const struct calendar *c, const struct timezone_rule *tz,
	const struct time_set *all, int64_t from, int64_t until, size_t max)
{
	struct arena a;
	int64_t whole;

	arena_init(&a);

	struct time_set cut = calendar_intervals(&a, c, tz, from, until, max, &whole);

	assert_int_equal(cut.n, all->n < max ? all->n : max);
	for (size_t i = 0; i < cut.n; i++) {
		assert_true(cut.v[i].from == all->v[i].from);
		assert_true(cut.v[i].until == all->v[i].until);
	}
	assert_true(whole == (all->n > max ? all->v[max].from : until));
	arena_release(&a);
}

static void random_calendars_agree_with_the_rule(void **state)
{
	uint32_t seed = 4711;

	(void)state;
	for (int round = 0; round < 400; round++) {
		const char *name = zones[next_random(&seed) % N_ZONES];
		struct timezone_rule tz = zone_of(name);
		int64_t from = moment(1995, 1, 1, 0, 0) + next_random(&seed) % (int64_t)1000000000;
		int64_t until = from + 2 * 366 * DAY, whole;
		struct calendar c = random_calendar(&seed, from);
		struct arena a;

		setenv("TZ", name, 1);
		tzset();
		arena_init(&a);

		struct time_set set = calendar_intervals(&a, &c, &tz, from, until, MANY, &whole);

		assert_true(whole == until);
		for (size_t i = 0; i < set.n; i++) {
			struct time_interval v = set.v[i];

			assert_true(v.from < v.until && v.from >= from && v.until <= until);
			assert_true(!i || set.v[i - 1].until < v.from);
			check_moment(&c, &tz, v.from, true);
			check_moment(&c, &tz, v.until - 1, true);
			if (v.from > from)
				check_moment(&c, &tz, v.from - 1, false);
			if (v.until < until)
				check_moment(&c, &tz, v.until, false);
		}
		for (int i = 0; i < 500; i++) {
			int64_t t = from + next_random(&seed) % (until - from);

			check_moment(&c, &tz, t, set_has(&set, t));
		}
		check_cut(&c, &tz, &set, from, until, next_random(&seed) % 5);
		arena_release(&a);
	}
}

static void far_moments_are_no_trouble(void **state)
{
	struct calendar c = { .monthdays = 1u << 29, .weekdays = 1 };
	struct timezone_rule tz = zone_of("EST5EDT");
	struct arena a;
	int64_t whole;

	(void)state;
	arena_init(&a);

	struct time_set set = calendar_intervals(&a, &c, &tz, INT64_MIN, INT64_MAX, 5, &whole);

	assert_int_equal(set.n, 5);
	calendar_has(&c, &tz, INT64_MIN);
	calendar_has(&c, &tz, INT64_MAX);
	set = calendar_intervals(&a, &c, &tz, 100, 100, 5, &whole);
	assert_int_equal(set.n, 0);
	assert_true(whole == 100);
	arena_release(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_that_daylight_time_skips_hold_no_moment),
		cmocka_unit_test(hours_that_occur_twice_hold_both),
		cmocka_unit_test(nights_belong_to_the_day_of_the_moment),
		cmocka_unit_test(dates_are_inclusive_and_local),
		cmocka_unit_test(always_is_recognised_however_it_is_written),
		cmocka_unit_test(random_calendars_agree_with_the_rule),
		cmocka_unit_test(far_moments_are_no_trouble),
	};

	return RUN_TAP(tests);
}
