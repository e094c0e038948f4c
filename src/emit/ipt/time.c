/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times. The IR has absolute intervals, of which -m time states one in a rule. Those that recur (the
 * same hours of the same weekdays) become one rule with a range of dates, hours and weekdays,
 * all in UTC, wherever that says exactly the same; a change of daylight saving makes two.
 */
#include <stdlib.h>

#include "emit/ipt/ipt_priv.h"

#define DAY 86400

/* [from, until) within one day, counted from 1970. */
struct piece {
	int64_t day;
	uint32_t from, until;
};

struct pieces {
	VEC(struct piece) list;
};

static const char *date_text(struct xt_build *b, int64_t at)
{
	struct civil c = civil_of(at);

	return xt_text(b, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
		c.second);
}

static const char *clock_text(struct xt_build *b, uint32_t at)
{
	return xt_text(b, "%02u:%02u:%02u", at / 3600, at / 60 % 60, at % 60);
}

/* xt_time has both ends in; its seconds are 32 bits, and end in 2038. */
static struct xt_words absolute(struct xt_rule_build *r, int64_t from, int64_t until)
{
	return xt_words_of(r->b, "-m", "time", "--datestart", date_text(r->b, from < 0 ? 0 : from),
		"--datestop", date_text(r->b, (until > INT32_MAX ? INT32_MAX : until) - 1), NULL);
}

/* ---- what recurs ---- */

static int piece_cmp(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->until != y->until)
		return x->until < y->until ? -1 : 1;
	return (x->day > y->day) - (x->day < y->day);
}

static void split(struct xt_build *b, const struct time_set *times, struct pieces *ret)
{
	for (size_t i = 0; i < times->n; i++) {
		int64_t at = times->v[i].from < 0 ? 0 : times->v[i].from;
		int64_t end = times->v[i].until > INT32_MAX ? INT32_MAX : times->v[i].until;

		while (at < end && ret->list.n < 4096) {
			int64_t day = at / DAY, next = (day + 1) * DAY < end ? (day + 1) * DAY : end;
			struct piece p = { day, (uint32_t)(at - day * DAY),
				(uint32_t)(next - day * DAY) };

			vec_push(b->arena, &ret->list, p);
			at = next;
		}
	}
	if (ret->list.n)
		qsort(ret->list.v, ret->list.n, sizeof(*ret->list.v), piece_cmp);
}

static unsigned weekday(int64_t day)
{
	return (unsigned)((day + 4) % 7); /* 1970-01-01 was a Thursday */
}

/* How many of the pieces from v on have the same hours, on every day of their weekdays between. */
static size_t run_of(const struct piece *v, size_t n, unsigned *ret_days)
{
	size_t best = 1;

	*ret_days = 1U << weekday(v[0].day);
	for (size_t i = 1; i < n && v[i].from == v[0].from && v[i].until == v[0].until; i++) {
		unsigned days = 0;
		size_t expected = 0;

		for (size_t k = 0; k <= i; k++)
			days |= 1U << weekday(v[k].day);
		for (int64_t day = v[0].day; day <= v[i].day; day++)
			expected += days >> weekday(day) & 1;
		if (expected == i + 1) {
			best = i + 1;
			*ret_days = days;
		} else if (expected > i + 8) {
			break;
		}
	}
	return best;
}

static struct xt_words recurring(
	struct xt_rule_build *r, const struct piece *v, size_t n, unsigned days)
{
	static const char *const names[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	struct xt_words w = xt_words_of(r->b, "-m", "time", NULL);
	AUTO_BUF text = BUF_INIT;

	if (v[0].from || v[0].until != DAY) {
		xt_word(r, &w, "--timestart");
		xt_word(r, &w, clock_text(r->b, v[0].from));
		xt_word(r, &w, "--timestop");
		xt_word(r, &w, clock_text(r->b, v[0].until - 1));
	}
	if (days != 0x7f && n > 1) {
		for (unsigned i = 1; i <= 7; i++) {
			if (days >> i % 7 & 1)
				buf_printf(&text, "%s%s", text.n ? "," : "", names[i % 7]);
		}
		xt_word(r, &w, "--weekdays");
		xt_word(r, &w, arena_strdup(r->b->arena, buf_text(&text)));
	}
	xt_word(r, &w, "--datestart");
	xt_word(r, &w, date_text(r->b, v[0].day * DAY));
	xt_word(r, &w, "--datestop");
	xt_word(r, &w, date_text(r->b, v[n - 1].day * DAY + DAY - 1));
	return w;
}

static struct xt_choice recurrences(struct xt_rule_build *r, const struct time_set *times)
{
	struct xt_choice c = { 0 };
	struct pieces pieces = { 0 };

	split(r->b, times, &pieces);
	for (size_t i = 0; i < pieces.list.n;) {
		unsigned days;
		size_t n = run_of(&pieces.list.v[i], pieces.list.n - i, &days);

		xt_alternative(r, &c, recurring(r, &pieces.list.v[i], n, days));
		i += n;
	}
	return c;
}

/* ---- all of it ---- */

static void outside(struct xt_rule_build *r, struct xt_choice *c, const struct time_set *times)
{
	int64_t at = 0;

	for (size_t i = 0; i < times->n; i++) {
		if (times->v[i].from > at && at < INT32_MAX)
			xt_alternative(r, c, absolute(r, at, times->v[i].from));
		at = times->v[i].until;
	}
	if (at < INT32_MAX)
		xt_alternative(r, c, absolute(r, at, INT32_MAX));
}

void xt_lower_times(struct xt_rule_build *r, const struct ir_match *m)
{
	struct xt_choice c = { 0 };

	for (size_t i = 0; i < m->times.n && !m->negate; i++) {
		if (m->times.v[i].until > 0 && m->times.v[i].from < INT32_MAX)
			xt_alternative(r, &c, absolute(r, m->times.v[i].from, m->times.v[i].until));
	}
	if (m->negate) {
		outside(r, &c, &m->times);
	} else if (c.of.n > 2) {
		struct xt_choice shorter = recurrences(r, &m->times);

		if (shorter.of.n < c.of.n)
			c = shorter;
	}
	vec_push(r->b->arena, &r->choices, c);
}
