/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parsers of this folder share. */
#ifndef NET_NET_PRIV_H
#define NET_NET_PRIV_H

#include "net/net.h"

#define MINUTE 60
#define HOUR 3600
#define DAY 86400

/* Moments outside the years 1 to 9999 are treated as the first or the last of these. */
#define MOMENT_MIN INT64_C(-62135596800)
#define MOMENT_MAX INT64_C(253402300799)

/* Takes a leading "!" and the spaces after it off *text; true when there was one. */
bool text_take_negation(struct slice *text);
/* True for one or more ASCII digits and nothing else. */
bool text_is_digits(struct slice text);
/* Reads decimal digits or 0x and hexadecimal digits, at most max. */
bool text_number(struct slice text, uint64_t max, uint64_t *ret);
/* Cuts text at the first of `c`: the part before it; *ret_after is the part after. */
bool text_cut(struct slice text, char c, struct slice *ret_before, struct slice *ret_after);
/* True when text is a prefix of `word` (no case) and has at least `least` letters. */
bool text_is_prefix_of(struct slice text, const char *word, size_t least);
/* Takes the next word, separated by spaces or commas, off *rest; false when there is none. */
bool text_next_item(struct slice *rest, struct slice *ret_item);
bool text_is_alpha(char c);
bool text_is_digit(char c);
bool text_is_alnum(char c);

int64_t moment_clamp(int64_t utc);
int64_t floor_div(int64_t a, int64_t b); /* b > 0; rounds down */
bool year_is_leap(int64_t year);
int days_in_month(int64_t year, int month); /* month 1 to 12 */
/* Days from 1970-01-01 to the first of a month (1 to 12). */
int64_t days_to_month(int64_t year, int month);
int weekday_of(int64_t day); /* of a day counted from 1970-01-01; 0 Sunday */

/* The first moment after utc at which the zone's offset may change; INT64_MAX when it never does.
 */
int64_t tz_next_change(const struct timezone_rule *tz, int64_t utc);

#endif
