/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The types of time restrictions. Weekdays and month days are whole values, "! Mon Tue": the "!"
 * turns the whole set round, so they are scalars and not lists of words.
 */
#include "schema/schema_priv.h"

static bool time_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	const char *said = NULL;

	return time_of_day_parse(text, ret, &said) ||
	       value_refuse_said(ctx, "bad-time", said, "is not a time of day");
}

static void time_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	time_of_day_print(*(const uint32_t *)value, out);
}

const struct value_type type_time = {
	.name = "time",
	.size = sizeof(uint32_t),
	.syntax = "hh:mm or hh:mm:ss, 00:00:00 to 23:59:59",
	.example = "08:30:00",
	.widget = "time",
	.parse = time_parse,
	.print = time_print,
};

static bool date_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	const char *said = NULL;

	return date_spec_parse(text, ret, &said) ||
	       value_refuse_said(ctx, "bad-date", said, "is not a date");
}

static void date_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	date_spec_print(value, out);
}

const struct value_type type_date = {
	.name = "date",
	.size = sizeof(struct date_spec),
	.syntax = "yyyy-mm-dd, also yyyy-mm-ddThh:mm:ss",
	.example = "2026-12-24",
	.widget = "date",
	.parse = date_parse,
	.print = date_print,
};

static const struct enum_word weekday_words[] = {
	{ "Mon", 1, "Monday" },
	{ "Tue", 2, "Tuesday" },
	{ "Wed", 3, "Wednesday" },
	{ "Thu", 4, "Thursday" },
	{ "Fri", 5, "Friday" },
	{ "Sat", 6, "Saturday" },
	{ "Sun", 0, "Sunday" },
	{ NULL, 0, NULL },
};

static bool type_weekdays_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	const char *said = NULL;

	return weekdays_parse(text, ret, &said) ||
	       value_refuse_said(ctx, "bad-weekdays", said, "is not a list of weekdays");
}

static void type_weekdays_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	weekdays_print(*(const uint8_t *)value, out);
}

const struct value_type type_weekdays = {
	.name = "weekdays",
	.size = sizeof(uint8_t),
	.syntax = "days with spaces between, Mon to Sun or 1 to 7; ! before them means all others",
	.example = "Mon Tue Fri",
	.widget = "select",
	.parse = type_weekdays_parse,
	.print = type_weekdays_print,
	.words = weekday_words,
	.open_words = true,
};

static bool type_monthdays_parse(struct parse_context *ctx, struct slice text, void *ret)
{
	const char *said = NULL;

	return monthdays_parse(text, ret, &said) ||
	       value_refuse_said(ctx, "bad-monthdays", said, "is not a list of days of the month");
}

static void type_monthdays_print(const struct option_row *row, const void *value, struct buf *out)
{
	(void)row;
	monthdays_print(*(const uint32_t *)value, out);
}

const struct value_type type_monthdays = {
	.name = "monthdays",
	.size = sizeof(uint32_t),
	.syntax = "days of the month with spaces between, 1 to 31; ! before them means all others",
	.example = "1 15 31",
	.widget = "text",
	.pattern = "^!? *[0-9]+( +[0-9]+)*$",
	.parse = type_monthdays_parse,
	.print = type_monthdays_print,
};
