/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How times of day, dates, and lists of days are written. */
#include "net/net_priv.h"

/* A number of one digit up to `width`. */
static bool field(struct slice text, size_t width, unsigned max, int *ret)
{
	uint64_t number;

	if (text.n > width || !slice_u64(text, max, &number))
		return false;
	*ret = (int)number;
	return true;
}

/* hh, hh:mm or hh:mm:ss, with at least `least` parts */
static bool clock_parse(struct slice text, unsigned least, struct civil *c)
{
	struct slice hour = text, minute = { 0 }, second = { 0 };
	unsigned parts = 1;

	if (text_cut(text, ':', &hour, &minute))
		parts += 1 + text_cut(minute, ':', &minute, &second);
	if (parts < least || !field(hour, 2, 23, &c->hour))
		return false;
	if (parts > 1 && !field(minute, 2, 59, &c->minute))
		return false;
	return parts < 3 || field(second, 2, 59, &c->second);
}

bool time_of_day_parse(struct slice text, uint32_t *ret, const char **why)
{
	struct civil c = { 0 };

	if (!clock_parse(text, 2, &c)) {
		*why = "is not a time of day (hh:mm or hh:mm:ss, 00:00:00 to 23:59:59)";
		return false;
	}
	*ret = (uint32_t)(c.hour * HOUR + c.minute * MINUTE + c.second);
	return true;
}

void time_of_day_print(uint32_t seconds, struct buf *out)
{
	buf_printf(out, "%02u:%02u:%02u", (unsigned)(seconds / HOUR),
		(unsigned)(seconds / MINUTE % 60), (unsigned)(seconds % 60));
}

/* Years are those the kernel's 32-bit rules can hold, so that every backend takes every date. */
static bool day_parse(struct slice text, struct civil *c, const char **why)
{
	struct slice year = text, month = { 0 }, day = { 0 };
	bool has_month = text_cut(text, '-', &year, &month);
	bool has_day = has_month && text_cut(month, '-', &month, &day);

	if (year.n != 4 || !text_is_digits(year) || (has_month && !text_is_digits(month)) ||
		(has_day && !text_is_digits(day))) {
		*why = "is not a date (yyyy-mm-dd or yyyy-mm-ddThh:mm:ss)";
		return false;
	}
	if (!field(year, 4, 2105, &c->year) || c->year < 1970) {
		*why = "has a year outside 1970 to 2105";
		return false;
	}
	if (has_month && (!field(month, 2, 12, &c->month) || c->month < 1)) {
		*why = "has no such month";
		return false;
	}
	if (has_day && (!field(day, 2, (unsigned)days_in_month(c->year, c->month), &c->day) ||
			       c->day < 1)) {
		*why = "has a day that its month does not have";
		return false;
	}
	return true;
}

bool date_spec_parse(struct slice text, struct date_spec *ret, const char **why)
{
	struct civil c = { .month = 1, .day = 1 };
	struct slice day = text, clock = { 0 };
	bool has_time = text_cut(text, 'T', &day, &clock);

	if (!day_parse(day, &c, why))
		return false;
	if (has_time && !clock_parse(clock, 1, &c)) {
		*why = "has no valid time of day after the T";
		return false;
	}

	int64_t first = civil_seconds(&c);

	*ret = (struct date_spec){ first, has_time ? first : first + DAY - 1, has_time };
	return true;
}

void date_spec_print(const struct date_spec *d, struct buf *out)
{
	struct civil c = civil_of(d->first);

	buf_printf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
	if (d->has_time)
		buf_printf(out, "T%02d:%02d:%02d", c.hour, c.minute, c.second);
}

static const char *const day_names[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
	"Friday", "Saturday" };

static bool weekday_parse(struct slice text, unsigned *ret, const char **why)
{
	uint64_t number;

	for (unsigned i = 0; i < 7; i++) {
		if (text_is_prefix_of(text, day_names[i], 2)) {
			*ret = i;
			return true;
		}
	}
	if (!slice_u64(text, 7, &number) || !number) {
		*why = "is not a list of week days (Mon to Sun, or 1 to 7)";
		return false;
	}
	*ret = (unsigned)number % 7;
	return true;
}

static bool monthday_parse(struct slice text, unsigned *ret, const char **why)
{
	uint64_t number;

	if (!slice_u64(text, 31, &number) || !number) {
		*why = "is not a list of days of a month (1 to 31)";
		return false;
	}
	*ret = (unsigned)number;
	return true;
}

/* Reads a list into a bit per day; a leading "!" takes all the others. */
static bool list_parse(struct slice text,
	bool (*item_parse)(struct slice text, unsigned *ret, const char **why), uint32_t all,
	uint32_t *ret, const char **why)
{
	bool negate = text_take_negation(&text);
	uint32_t days = 0;
	struct slice item;

	while (text_next_item(&text, &item)) {
		unsigned day;

		if (!item_parse(item, &day, why))
			return false;
		days |= 1u << day;
	}
	if (!days) {
		*why = "names no day";
		return false;
	}
	if (negate)
		days = all & ~days;
	if (!days) {
		*why = "leaves no day";
		return false;
	}
	*ret = days;
	return true;
}

bool weekdays_parse(struct slice text, uint8_t *ret, const char **why)
{
	uint32_t days;

	if (!list_parse(text, weekday_parse, 0x7f, &days, why))
		return false;
	*ret = (uint8_t)days;
	return true;
}

void weekdays_print(uint8_t days, struct buf *out)
{
	const char *between = "";

	/* The week begins on Monday. */
	for (unsigned i = 1; i <= 7; i++) {
		if (!(days & 1u << i % 7))
			continue;
		buf_printf(out, "%s%.3s", between, day_names[i % 7]);
		between = " ";
	}
}

bool monthdays_parse(struct slice text, uint32_t *ret, const char **why)
{
	return list_parse(text, monthday_parse, 0xfffffffeu, ret, why);
}

void monthdays_print(uint32_t days, struct buf *out)
{
	const char *between = "";

	for (unsigned i = 1; i <= 31; i++) {
		if (!(days & 1u << i))
			continue;
		buf_printf(out, "%s%u", between, i);
		between = " ";
	}
}
