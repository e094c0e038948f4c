/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target of every parser in net/: the first byte selects one, the rest is its text. What a
 * parser takes must print, and the print must parse and print the same.
 */
#include <string.h>

#include "base/bug.h"
#include "net/net.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Parses; prints what was taken. */
typedef bool word_fn(struct arena *a, struct slice text, struct buf *out, const char **why);

static bool fuzz_addr(struct arena *a, struct slice text, struct buf *out, const char **why)
{
	struct addr addr;

	(void)a;
	*why = "refused";
	if (!addr_parse(text, &addr))
		return false;
	addr_print(&addr, out);
	return true;
}

static bool fuzz_addr_spec(struct arena *a, struct slice text, struct buf *out, const char **why)
{
	struct addr_spec s;

	if (!addr_spec_parse(a, text, &s, why))
		return false;
	if (s.kind == ADDR_SPEC_RANGE && addr_cmp(&s.range.lo, &s.range.hi) > 0)
		BUG("a range that runs backwards was taken");
	addr_spec_print(&s, out);
	return true;
}

#define FUZZ_SPEC(name)                                                                            \
	static bool fuzz_##name(                                                                   \
		struct arena *a, struct slice text, struct buf *out, const char **why)             \
	{                                                                                          \
		struct name##_spec s;                                                              \
                                                                                                   \
		(void)a;                                                                           \
		if (!name##_spec_parse(text, &s, why))                                             \
			return false;                                                              \
		name##_spec_print(&s, out);                                                        \
		return true;                                                                       \
	}

FUZZ_SPEC(port)
FUZZ_SPEC(proto)
FUZZ_SPEC(mac)
FUZZ_SPEC(dscp)

static bool fuzz_icmp(enum family family, struct slice text, struct buf *out, const char **why)
{
	struct icmp_type t[2];
	bool has[2];
	unsigned i = family == FAMILY_V6;

	if (!icmp_type_parse(text, t, has, why))
		return false;
	if (!has[0] && !has[1])
		BUG("an ICMP type of no family was taken");
	if (!has[i]) {
		*why = "is of the other family";
		return false;
	}
	if (t[i].family != family)
		BUG("an ICMP type of the wrong family");
	icmp_type_print(&t[i], out);
	return true;
}

static bool fuzz_icmp_v4(struct arena *a, struct slice text, struct buf *out, const char **why)
{
	(void)a;
	return fuzz_icmp(FAMILY_V4, text, out, why);
}

static bool fuzz_icmp_v6(struct arena *a, struct slice text, struct buf *out, const char **why)
{
	(void)a;
	return fuzz_icmp(FAMILY_V6, text, out, why);
}

static bool fuzz_mark(bool hex, struct slice text, struct buf *out, const char **why)
{
	struct mark_spec s;

	if (!mark_spec_parse(text, hex, &s, why))
		return false;
	mark_spec_print(&s, out);
	return true;
}

static bool fuzz_mark_hex(struct arena *a, struct slice text, struct buf *out, const char **why)
{
	(void)a;
	return fuzz_mark(true, text, out, why);
}

static bool fuzz_mark_dec(struct arena *a, struct slice text, struct buf *out, const char **why)
{
	(void)a;
	return fuzz_mark(false, text, out, why);
}

static bool fuzz_rate(struct arena *a, struct slice text, struct buf *out, const char **why)
{
	struct rate r;

	(void)a;
	if (!rate_parse(text, &r, why))
		return false;
	rate_print(&r, out);
	return true;
}

static bool fuzz_device(struct arena *a, struct slice text, struct buf *out, const char **why)
{
	struct device_pattern p;

	(void)a;
	if (!device_pattern_parse(text, &p, why))
		return false;
	if (!device_pattern_has(&p, p.name))
		BUG("a device pattern that does not match its own name");
	device_pattern_print(&p, out);
	return true;
}

/* A zone has no printer; what is taken must answer for any moment, and follow itself through. */
static bool fuzz_tz(struct arena *a, struct slice text, struct buf *out, const char **why)
{
	static const struct calendar every_monday = { .weekdays = 1 << 1 };
	struct timezone_rule tz;
	int64_t whole;

	if (!tz_parse(text, &tz, why))
		return false;

	int64_t from = (int64_t)text.n * 40000000;
	struct time_set set =
		calendar_intervals(a, &every_monday, &tz, from, from + 40000000, 80, &whole);

	vec_each (v, &set) {
		if (!calendar_has(&every_monday, &tz, v->from) ||
			!calendar_has(&every_monday, &tz, v->until - 1) ||
			(v->from > from && calendar_has(&every_monday, &tz, v->from - 1)))
			BUG("intervals and moments disagree");
	}
	tz_offset(&tz, INT64_MIN);
	tz_offset(&tz, INT64_MAX);
	buf_slice(out, text);
	return true;
}

static bool fuzz_time(struct arena *a, struct slice text, struct buf *out, const char **why)
{
	uint32_t seconds;

	(void)a;
	if (!time_of_day_parse(text, &seconds, why))
		return false;
	time_of_day_print(seconds, out);
	return true;
}

static bool fuzz_date(struct arena *a, struct slice text, struct buf *out, const char **why)
{
	struct date_spec d;

	(void)a;
	if (!date_spec_parse(text, &d, why))
		return false;
	date_spec_print(&d, out);
	return true;
}

static bool fuzz_weekdays(struct arena *a, struct slice text, struct buf *out, const char **why)
{
	uint8_t days;

	(void)a;
	if (!weekdays_parse(text, &days, why))
		return false;
	weekdays_print(days, out);
	return true;
}

static bool fuzz_monthdays(struct arena *a, struct slice text, struct buf *out, const char **why)
{
	uint32_t days;

	(void)a;
	if (!monthdays_parse(text, &days, why))
		return false;
	monthdays_print(days, out);
	return true;
}

/* Letters, so that a corpus can be read and written by hand. */
static const struct {
	char selector;
	word_fn *parse;
} parsers[] = {
	{ 'a', fuzz_addr },
	{ 'A', fuzz_addr_spec },
	{ 'p', fuzz_port },
	{ 'P', fuzz_proto },
	{ 'i', fuzz_icmp_v4 },
	{ 'I', fuzz_icmp_v6 },
	{ 'm', fuzz_mac },
	{ 'd', fuzz_dscp },
	{ 'k', fuzz_mark_hex },
	{ 'K', fuzz_mark_dec },
	{ 'r', fuzz_rate },
	{ 'D', fuzz_device },
	{ 'z', fuzz_tz },
	{ 't', fuzz_time },
	{ 'y', fuzz_date },
	{ 'w', fuzz_weekdays },
	{ 'W', fuzz_monthdays },
};

#define N_PARSERS (sizeof(parsers) / sizeof(parsers[0]))

static word_fn *parser_of(uint8_t selector)
{
	for (size_t i = 0; i < N_PARSERS; i++) {
		if ((uint8_t)parsers[i].selector == selector)
			return parsers[i].parse;
	}
	return parsers[selector % N_PARSERS].parse;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	AUTO_BUF once = BUF_INIT;
	AUTO_BUF twice = BUF_INIT;
	const char *why = NULL;
	struct arena a;

	if (!size)
		return 0;
	arena_init(&a);

	word_fn *parse = parser_of(bytes[0]);
	struct slice text = { (const char *)bytes + 1, size - 1 };

	if (parse(&a, text, &once, &why)) {
		struct slice printed = { buf_text(&once), once.n };

		if (!parse(&a, printed, &twice, &why))
			BUG("%s, which we printed, is refused: it %s", buf_text(&once), why);
		if (once.n != twice.n || strcmp(buf_text(&once), buf_text(&twice)) != 0)
			BUG("%s prints as %s", buf_text(&once), buf_text(&twice));
	} else if (!why) {
		BUG("refused without a reason");
	}
	arena_release(&a);
	return 0;
}
