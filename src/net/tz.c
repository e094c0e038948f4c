/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time zones as POSIX writes them, read without the C library: its zone is a property of the
 * process, and ours is a property of the configuration. "Daylight" is only the second of two
 * offsets; it may lie behind the first (Ireland), begin in autumn (the south), or cover the year.
 */
#include "base/bug.h"
#include "net/net_priv.h"

static bool take_char(struct slice *s, char c)
{
	if (!s->n || s->p[0] != c)
		return false;
	*s = slice_from(*s, 1);
	return true;
}

/* Three letters or more, or <three letters, digits or signs, or more>. */
static bool take_name(struct slice *s)
{
	struct slice rest = *s;
	bool quoted = take_char(&rest, '<');
	size_t n = 0;

	while (n < rest.n) {
		char c = rest.p[n];

		if (!text_is_alpha(c) && !(quoted && (text_is_digit(c) || c == '+' || c == '-')))
			break;
		n++;
	}
	rest = slice_from(rest, n);
	if (n < 3 || (quoted && !take_char(&rest, '>')))
		return false;
	*s = rest;
	return true;
}

static bool take_number(struct slice *s, unsigned min, unsigned max, int *ret)
{
	size_t n = 0;
	uint64_t number;

	while (n < s->n && text_is_digit(s->p[n]))
		n++;
	if (n > 3 || !slice_u64((struct slice){ s->p, n }, max, &number) || number < min)
		return false;
	*s = slice_from(*s, n);
	*ret = (int)number;
	return true;
}

/* [+-]hh[:mm[:ss]] in seconds */
static bool take_time(struct slice *s, unsigned max_hours, int32_t *ret)
{
	struct slice rest = *s;
	bool minus = take_char(&rest, '-');
	int hours, minutes = 0, seconds = 0;

	if (!minus)
		take_char(&rest, '+');
	if (!take_number(&rest, 0, max_hours, &hours))
		return false;
	if (take_char(&rest, ':')) {
		if (!take_number(&rest, 0, 59, &minutes))
			return false;
		if (take_char(&rest, ':') && !take_number(&rest, 0, 59, &seconds))
			return false;
	}
	*s = rest;
	*ret = (hours * HOUR + minutes * MINUTE + seconds) * (minus ? -1 : 1);
	return true;
}

static bool take_change(struct slice *s, struct tz_change *ret)
{
	struct tz_change c = { .kind = 'N', .at = 2 * HOUR };

	if (!take_char(s, ','))
		return false;
	if (take_char(s, 'M')) {
		c.kind = 'M';
		if (!take_number(s, 1, 12, &c.month) || !take_char(s, '.') ||
			!take_number(s, 1, 5, &c.week) || !take_char(s, '.') ||
			!take_number(s, 0, 6, &c.day))
			return false;
	} else if (take_char(s, 'J')) {
		c.kind = 'J';
		if (!take_number(s, 1, 365, &c.day))
			return false;
	} else if (!take_number(s, 0, 365, &c.day)) {
		return false;
	}
	if (take_char(s, '/') && !take_time(s, 167, &c.at))
		return false;
	*ret = c;
	return true;
}

static bool parse_daylight(struct slice s, struct timezone_rule *tz, const char **why)
{
	/* What POSIX leaves to the implementation is, everywhere, the rule of the United States. */
	struct slice fallback = slice_of(",M3.2.0,M11.1.0");
	int32_t west;

	if (!take_name(&s)) {
		*why = "has no valid name for its daylight time";
		return false;
	}
	tz->has_daylight = true;
	tz->daylight = tz->standard + HOUR;
	if (s.n && s.p[0] != ',') {
		if (!take_time(&s, 24, &west)) {
			*why = "has no valid offset for its daylight time";
			return false;
		}
		tz->daylight = -west;
	}
	if (!s.n)
		s = fallback;
	if (!take_change(&s, &tz->start) || !take_change(&s, &tz->end) || s.n) {
		*why = "has no valid dates for the change of its daylight time";
		return false;
	}
	return true;
}

bool tz_parse(struct slice text, struct timezone_rule *ret, const char **why)
{
	struct timezone_rule tz = { 0 };
	struct slice s = text;
	int32_t west;

	if (!text.n || slice_is(text, "UTC")) {
		*ret = tz;
		return true;
	}
	if (!take_name(&s)) {
		*why = "is not a POSIX time zone such as EET-2EEST,M3.5.0/3,M10.5.0/4";
		return false;
	}
	if (!take_time(&s, 24, &west)) {
		*why = "has no valid offset from UTC after the zone's name";
		return false;
	}
	tz.standard = -west;
	if (s.n && !parse_daylight(s, &tz, why))
		return false;
	*ret = tz;
	return true;
}

/* The day, counted from 1970-01-01, on which the change falls. */
static int64_t change_day(const struct tz_change *c, int64_t year)
{
	int64_t first;

	switch (c->kind) {
	case 'N':
		return days_to_month(year, 1) + c->day;
	case 'J':
		return days_to_month(year, 1) + c->day - 1 + (c->day >= 60 && year_is_leap(year));
	case 'M':
		first = days_to_month(year, c->month);
		first += (c->day - weekday_of(first) + 7) % 7;
		first += 7 * (int64_t)(c->week - 1);
		/* Week 5 is the last one of the month. */
		if (first >= days_to_month(year, c->month) + days_in_month(year, c->month))
			first -= 7;
		return first;
	}
	BUG("a change of kind %d", c->kind);
}

/* Each change is written in the local time before it. */
static int64_t start_moment(const struct timezone_rule *tz, int64_t year)
{
	return change_day(&tz->start, year) * DAY + tz->start.at - tz->standard;
}

static int64_t end_moment(const struct timezone_rule *tz, int64_t year)
{
	return change_day(&tz->end, year) * DAY + tz->end.at - tz->daylight;
}

/*
 * The last change up to the moment decides. A change may be written up to a week outside its
 * year, so two years before and one after are looked at. When both fall on one moment, daylight
 * time goes on: this is how a zone says "always" (RFC 8536, 3.3.1).
 */
int32_t tz_offset(const struct timezone_rule *tz, int64_t utc)
{
	if (!tz->has_daylight)
		return tz->standard;
	utc = moment_clamp(utc);

	int64_t year = civil_of(utc).year, start = INT64_MIN, end = INT64_MIN;

	for (int64_t y = year - 2; y <= year + 1; y++) {
		int64_t s = start_moment(tz, y), e = end_moment(tz, y);

		if (s <= utc && s > start)
			start = s;
		if (e <= utc && e > end)
			end = e;
	}
	return start >= end ? tz->daylight : tz->standard;
}

int64_t tz_next_change(const struct timezone_rule *tz, int64_t utc)
{
	int64_t next = INT64_MAX;

	if (!tz->has_daylight)
		return next;
	utc = moment_clamp(utc);

	int64_t year = civil_of(utc).year;

	for (int64_t y = year - 1; y <= year + 2; y++) {
		int64_t s = start_moment(tz, y), e = end_moment(tz, y);

		if (s > utc && s < next)
			next = s;
		if (e > utc && e < next)
			next = e;
	}
	return next;
}
