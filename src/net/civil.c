/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Gregorian calendar, counted from 1970-01-01. Days are counted by the leap years that have
 * passed; the way back guesses the year from the length of 400 years and steps to the right one.
 * Leap seconds do not exist here, as they do not exist in the kernel's clock.
 */
#include "net/net_priv.h"

#define DAYS_IN_400_YEARS 146097

static const int days_before_month[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };

int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t moment_clamp(int64_t utc)
{
	if (utc < MOMENT_MIN)
		return MOMENT_MIN;
	return utc > MOMENT_MAX ? MOMENT_MAX : utc;
}

bool year_is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_in_month(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && year_is_leap(year));
}

/* Leap years from year 1 to the given one, both included. */
static int64_t leap_years_to(int64_t year)
{
	return floor_div(year, 4) - floor_div(year, 100) + floor_div(year, 400);
}

int64_t days_to_month(int64_t year, int month)
{
	int64_t days = 365 * (year - 1970) + leap_years_to(year - 1) - leap_years_to(1969);

	return days + days_before_month[month - 1] + (month > 2 && year_is_leap(year));
}

int weekday_of(int64_t day)
{
	int64_t since_sunday = day + 4; /* 1970-01-01 was a Thursday */

	return (int)(since_sunday - 7 * floor_div(since_sunday, 7));
}

struct civil civil_of(int64_t seconds)
{
	seconds = moment_clamp(seconds);

	int64_t day = floor_div(seconds, DAY);
	int second = (int)(seconds - day * DAY);
	int64_t year = 1970 + floor_div(day * 400, DAYS_IN_400_YEARS);
	int month = 12;

	while (days_to_month(year, 1) > day)
		year--;
	while (days_to_month(year + 1, 1) <= day)
		year++;
	while (days_to_month(year, month) > day)
		month--;
	return (struct civil){
		.year = (int)year,
		.month = month,
		.day = (int)(day - days_to_month(year, month)) + 1,
		.hour = second / HOUR,
		.minute = second / MINUTE % 60,
		.second = second % 60,
		.weekday = weekday_of(day),
	};
}

int64_t civil_seconds(const struct civil *c)
{
	int64_t day = days_to_month(c->year, c->month) + c->day - 1;

	return day * DAY + c->hour * HOUR + c->minute * MINUTE + c->second;
}
