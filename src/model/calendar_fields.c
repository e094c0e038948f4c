/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The seven time options of a section, joined into one calendar. */
#include "model/model_priv.h"

static bool check_dates_run_forward(struct reader *r, const struct match_fields *m)
{
	struct diag *e;

	if (!m->start_date.given.set || !m->stop_date.given.set ||
		m->start_date.v.first <= m->stop_date.v.last)
		return true;
	e = diag_error(r->diags, given_span(r->source, &m->stop_date.given), "date-order",
		"the stop date is before the start date");
	diag_note(r->diags, e, given_span(r->source, &m->start_date.given), "the start date is here");
	diag_hint(r->diags, e, "exchange the two dates");
	return false;
}

bool resolve_calendar(struct reader *r, struct match_fields *m)
{
	struct calendar *c = &m->calendar;

	c->utc = m->utc_time.v;
	c->weekdays = m->weekdays.v;
	c->monthdays = m->monthdays.v;
	c->has_start_time = m->start_time.given.set;
	c->start_time = m->start_time.v;
	/* As firewall3 has it, a stop of 00:00:00 is the end of the day. */
	c->has_stop_time = m->stop_time.given.set && m->stop_time.v != 0;
	c->stop_time = m->stop_time.v;
	c->has_start_date = m->start_date.given.set;
	c->start_date = m->start_date.v.first;
	c->has_stop_date = m->stop_date.given.set;
	c->stop_date = m->stop_date.v.last;
	return check_dates_run_forward(r, m);
}
