/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zones, dates and lists of days; the C library is the oracle for the zones. */
#include <stdlib.h>
#include <time.h>

#include "words.h"
#include "zones.h"

#define YEAR 31556952

static bool zone(struct slice text, struct buf *out, const char **why)
{
	struct timezone_rule tz;

	if (!tz_parse(text, &tz, why))
		return false;
	buf_slice(out, text);
	return true;
}

static void zones_are_posix_rules(void **state)
{
	static const struct word_row rows[] = {
		{ "", "" }, { "UTC", "UTC" }, { "UTC0", "UTC0" }, { "EST5", "EST5" },
		{ "ABC-24:59:59", "ABC-24:59:59" }, { "<+03>-3", "<+03>-3" },
		{ "EST5EDT,0/0,J365/25", "EST5EDT,0/0,J365/25" },
		{ "AAA3BBB,J1/-167,365/167", "AAA3BBB,J1/-167,365/167" },
		{ "Europe/Vilnius", NULL, "offset" }, { "EET", NULL, "offset" },
		{ "EE-2", NULL, "not a POSIX" }, { "<+3>-3", NULL, "not a POSIX" },
		{ "<+03-3", NULL, "not a POSIX" }, { "2", NULL, "not a POSIX" },
		{ ":EET-2", NULL, "not a POSIX" }, { "EET-25", NULL, "offset" },
		{ "EET-2:60", NULL, "offset" }, { "EET-2:", NULL, "offset" },
		{ "EET-2 ", NULL, "daylight" }, { "EET-2EE", NULL, "name for its daylight" },
		{ "EET-2EEST-99", NULL, "offset for its daylight" },
		{ "EET-2EEST,", NULL, "dates" }, { "EET-2EEST,M3.5.0", NULL, "dates" },
		{ "EET-2EEST,M13.5.0,M10.5.0", NULL, "dates" },
		{ "EET-2EEST,M3.6.0,M10.5.0", NULL, "dates" },
		{ "EET-2EEST,M3.0.0,M10.5.0", NULL, "dates" },
		{ "EET-2EEST,M3.5.7,M10.5.0", NULL, "dates" },
		{ "EET-2EEST,J0,J10", NULL, "dates" }, { "EET-2EEST,J366,J10", NULL, "dates" },
		{ "EET-2EEST,366,10", NULL, "dates" },
		{ "EET-2EEST,M3.5.0/168,M10.5.0", NULL, "dates" },
		{ "EET-2EEST,M3.5.0/3,M10.5.0/4x", NULL, "dates" },
		{ "EET-2EEST,M3.5.0/3,M10.5.0/4,M1.1.1", NULL, "dates" },
	};

	(void)state;
	CHECK_ROWS(rows, zone);
}

static void check_offset(const char *text, const struct timezone_rule *tz, int64_t utc)
{
	time_t t = (time_t)utc;
	struct tm tm;

	localtime_r(&t, &tm);
	if (tz_offset(tz, utc) != tm.tm_gmtoff)
		print_error("%s at %lld: %ld, not %ld\n", text, (long long)utc,
			(long)tz_offset(tz, utc), (long)tm.tm_gmtoff);
	assert_int_equal(tz_offset(tz, utc), tm.tm_gmtoff);
}

static void offsets_agree_with_the_c_library(void **state)
{
	int64_t from = INT64_C(20) * YEAR, until = INT64_C(67) * YEAR;

	(void)state;
	for (size_t i = 0; i < N_ZONES; i++) {
		struct timezone_rule tz;
		const char *why;

		assert_true(tz_parse(slice_of(zones[i]), &tz, &why));
		setenv("TZ", zones[i], 1);
		tzset();
		for (int64_t t = from; t < until; t += 7 * 3600 + 13 * 60 + 1)
			check_offset(zones[i], &tz, t);
		if (!tz.has_daylight)
			continue;
		/* The second before and of each change: month by month finds every one. */
		for (int year = 1990; year < 2037; year++) {
			struct civil c = { .year = year, .month = 1, .day = 1 };
			int64_t t = civil_seconds(&c), end = t + YEAR;

			for (; t < end; t += 86400) {
				int64_t lo = t, hi = t + 86400;

				if (tz_offset(&tz, lo) == tz_offset(&tz, hi))
					continue;
				while (hi - lo > 1) {
					int64_t middle = lo + (hi - lo) / 2;

					if (tz_offset(&tz, middle) == tz_offset(&tz, t))
						lo = middle;
					else
						hi = middle;
				}
				check_offset(zones[i], &tz, lo);
				check_offset(zones[i], &tz, hi);
			}
		}
	}
}

static void daylight_time_can_last_all_year(void **state)
{
	struct timezone_rule tz;
	const char *why;

	(void)state;
	assert_true(tz_parse(slice_of("EST5EDT,0/0,J365/25"), &tz, &why));
	for (int64_t t = 0; t < 3 * (int64_t)YEAR; t += 1800)
		assert_int_equal(tz_offset(&tz, t), -4 * 3600);
}

/* Not compared with the C library, which keeps a history of the American dates. */
static void daylight_time_without_dates_follows_the_american_rule(void **state)
{
	struct timezone_rule none, dates;
	const char *why;

	(void)state;
	assert_true(tz_parse(slice_of("EST5EDT"), &none, &why));
	assert_true(tz_parse(slice_of("EST5EDT4,M3.2.0/2,M11.1.0/2:00:00"), &dates, &why));
	for (int64_t t = 0; t < 60 * (int64_t)YEAR; t += 3 * 3600)
		assert_int_equal(tz_offset(&none, t), tz_offset(&dates, t));
	assert_int_equal(tz_offset(&none, 1710054000 - 1), -5 * 3600);
	assert_int_equal(tz_offset(&none, 1710054000), -4 * 3600); /* 2024-03-10 02:00 EST */
}

static void civil_time_agrees_with_the_c_library(void **state)
{
	uint32_t seed = 77;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		/* years 1 to 9999 */
		int64_t t = -INT64_C(62135596800) +
			(int64_t)((((uint64_t)next_random(&seed) << 32) | next_random(&seed)) %
				UINT64_C(315537897600));
		struct civil c = civil_of(t);
		time_t libc = (time_t)t;
		struct tm tm;

		assert_true(civil_seconds(&c) == t);
		if ((int64_t)libc != t)
			continue; /* a 32-bit time_t */
		gmtime_r(&libc, &tm);
		assert_int_equal(c.year, tm.tm_year + 1900);
		assert_int_equal(c.month, tm.tm_mon + 1);
		assert_int_equal(c.day, tm.tm_mday);
		assert_int_equal(c.hour, tm.tm_hour);
		assert_int_equal(c.minute, tm.tm_min);
		assert_int_equal(c.second, tm.tm_sec);
		assert_int_equal(c.weekday, tm.tm_wday);
	}
	assert_int_equal(civil_of(INT64_MAX).year, 9999);
	assert_int_equal(civil_of(INT64_MIN).year, 1);
}

static bool time_of_day(struct slice text, struct buf *out, const char **why)
{
	uint32_t seconds;

	if (!time_of_day_parse(text, &seconds, why))
		return false;
	time_of_day_print(seconds, out);
	return true;
}

static void times_of_day_lie_within_a_day(void **state)
{
	static const struct word_row rows[] = {
		{ "00:00", "00:00:00" }, { "23:59:59", "23:59:59" }, { "7:05", "07:05:00" },
		{ "24:00", NULL, "time of day" }, { "12:60", NULL, "time of day" },
		{ "12:00:60", NULL, "time of day" }, { "12", NULL, "time of day" },
		{ "", NULL, "time of day" }, { "12:00:00:00", NULL, "time of day" },
		{ "12:", NULL, "time of day" }, { "012:00", NULL, "time of day" },
		{ "-1:00", NULL, "time of day" },
	};

	(void)state;
	CHECK_ROWS(rows, time_of_day);
}

static bool date(struct slice text, struct buf *out, const char **why)
{
	struct date_spec d;

	if (!date_spec_parse(text, &d, why))
		return false;
	date_spec_print(&d, out);
	return true;
}

static void dates_exist_in_the_calendar(void **state)
{
	static const struct word_row rows[] = {
		{ "2024-02-29", "2024-02-29" }, { "2024-2-9", "2024-02-09" },
		{ "2024", "2024-01-01" }, { "2024-05", "2024-05-01" },
		{ "2024-05-01T06:30", "2024-05-01T06:30:00" },
		{ "2024-05-01T06:30:15", "2024-05-01T06:30:15" },
		{ "2024-05-01T06", "2024-05-01T06:00:00" }, { "1970-01-01", "1970-01-01" },
		{ "2105-12-31", "2105-12-31" }, { "2023-02-29", NULL, "day that" },
		{ "2100-02-29", NULL, "day that" }, { "2024-04-31", NULL, "day that" },
		{ "2024-04-00", NULL, "day that" }, { "2024-13-01", NULL, "month" },
		{ "2024-00-01", NULL, "month" }, { "1969-01-01", NULL, "year" },
		{ "2106-01-01", NULL, "year" }, { "24-01-01", NULL, "not a date" },
		{ "", NULL, "not a date" }, { "2024-", NULL, "not a date" },
		{ "2024-01-", NULL, "not a date" }, { "2024-01-01-01", NULL, "not a date" },
		{ "2024/01/01", NULL, "not a date" }, { "2024-01-01T", NULL, "after the T" },
		{ "2024-01-01T24:00", NULL, "after the T" },
		{ "2024-01-01 10:00", NULL, "not a date" },
	};
	struct date_spec d;
	const char *why;

	(void)state;
	CHECK_ROWS(rows, date);
	assert_true(date_spec_parse(slice_of("1970-01-02"), &d, &why));
	assert_true(d.first == 86400 && d.last == 2 * 86400 - 1 && !d.has_time);
	assert_true(date_spec_parse(slice_of("1970-01-02T00:01"), &d, &why));
	assert_true(d.first == 86460 && d.last == 86460 && d.has_time);
}

static bool weekdays(struct slice text, struct buf *out, const char **why)
{
	uint8_t days;

	if (!weekdays_parse(text, &days, why))
		return false;
	weekdays_print(days, out);
	return true;
}

static void weekdays_take_names_and_numbers(void **state)
{
	static const struct word_row rows[] = {
		{ "Mon", "Mon" }, { "sunday", "Sun" }, { "Su mo", "Mon Sun" }, { "7,1", "Mon Sun" },
		{ "Wednes", "Wed" }, { "!Sat Sun", "Mon Tue Wed Thu Fri" },
		{ "! 1", "Tue Wed Thu Fri Sat Sun" },
		{ "1 2 3 4 5 6 7", "Mon Tue Wed Thu Fri Sat Sun" }, { "", NULL, "no day" },
		{ "!", NULL, "no day" }, { "M", NULL, "week days" },
		{ "Mond x", NULL, "week days" },
		{ "Mondays", NULL, "week days" }, { "0", NULL, "week days" },
		{ "8", NULL, "week days" }, { "Mon !Tue", NULL, "week days" },
		{ "!1 2 3 4 5 6 7", NULL, "leaves no day" },
	};

	(void)state;
	CHECK_ROWS(rows, weekdays);
}

static bool monthdays(struct slice text, struct buf *out, const char **why)
{
	uint32_t days;

	if (!monthdays_parse(text, &days, why))
		return false;
	monthdays_print(days, out);
	return true;
}

static void monthdays_are_1_to_31(void **state)
{
	static const struct word_row rows[] = {
		{ "1", "1" }, { "31 1 15", "1 15 31" }, { "1,2", "1 2" },
		{ "!4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30",
			"1 2 3 31" },
		{ "", NULL, "no day" }, { "0", NULL, "1 to 31" }, { "32", NULL, "1 to 31" },
		{ "1-5", NULL, "1 to 31" }, { "x", NULL, "1 to 31" },
		{ "!1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 "
		  "30 31", NULL, "leaves no day" },
	};

	(void)state;
	CHECK_ROWS(rows, monthdays);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_are_posix_rules),
		cmocka_unit_test(offsets_agree_with_the_c_library),
		cmocka_unit_test(daylight_time_can_last_all_year),
		cmocka_unit_test(daylight_time_without_dates_follows_the_american_rule),
		cmocka_unit_test(civil_time_agrees_with_the_c_library),
		cmocka_unit_test(times_of_day_lie_within_a_day),
		cmocka_unit_test(dates_exist_in_the_calendar),
		cmocka_unit_test(weekdays_take_names_and_numbers),
		cmocka_unit_test(monthdays_are_1_to_31),
	};

	return RUN_TAP(tests);
}
