/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, the words of address options, and sets of addresses. */
#include "words.h"

static struct addr addr_of(const char *text)
{
	struct addr a;

	if (!addr_parse(slice_of(text), &a))
		fail_msg("%s is not an address", text);
	return a;
}

static bool addr(struct slice text, struct buf *out, const char **why)
{
	struct addr a;

	*why = "refused";
	if (!addr_parse(text, &a))
		return false;
	addr_print(&a, out);
	return true;
}

static void addresses_are_read_whole(void **state)
{
	static const struct word_row rows[] = {
		{ "192.168.1.1", "192.168.1.1" }, { "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" }, { "::", "::" }, { "::1", "::1" },
		{ "2001:DB8::0:1", "2001:db8::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "::ffff:1.2.3.4", "::ffff:1.2.3.4" }, { "", NULL, "" }, { "1.2.3", NULL, "" },
		{ "1.2.3.256", NULL, "" }, { "1.2.3.4 ", NULL, "" }, { "1.2.3.4/32", NULL, "" },
		{ "fe80::1%eth0", NULL, "" }, { ":::", NULL, "" },
		{ "1:2:3:4:5:6:7:8:9", NULL, "" },
		{ "0x7f.1.1.1", NULL, "" }, { "1111:2222:3333:4444:5555:6666:7777:8888:99999",
			NULL, "" },
		{ "0000:0000:0000:0000:0000:ffff:255.255.255.2555", NULL, "" },
	};
	static const struct word_row hidden = { "1.2.3.4\\0", NULL, "" };

	(void)state;
	CHECK_ROWS(rows, addr);
	check_row(&hidden, (struct slice){ "1.2.3.4\0", 8 }, addr);
}

static void addresses_are_ordered_and_have_neighbours(void **state)
{
	static const char *const ascending[] = { "0.0.0.0", "0.0.0.255", "0.0.1.0", "127.0.0.1",
		"128.0.0.0", "255.255.255.255", "::", "::1", "::ffff", "::1:0", "8000::",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" };
	size_t n = sizeof(ascending) / sizeof(ascending[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct addr a = addr_of(ascending[i]), other, back;

		for (size_t j = 0; j < n; j++) {
			struct addr b = addr_of(ascending[j]);
			int order = addr_cmp(&a, &b);

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
			assert_int_equal(addr_eq(&a, &b), i == j);
		}
		if (addr_next(&a, &other)) {
			assert_true(addr_cmp(&a, &other) < 0);
			assert_true(addr_prev(&other, &back));
			assert_true(addr_eq(&a, &back));
		} else {
			assert_true(i == 5 || i == n - 1);
		}
		assert_int_equal(addr_prev(&a, &other), i != 0 && i != 6);
	}

	struct addr a = addr_of("0.0.255.255"), next, expected = addr_of("0.1.0.0");

	assert_true(addr_next(&a, &next));
	assert_true(addr_eq(&next, &expected));
}

static void prefixes_of_every_length_are_recognised(void **state)
{
	static const char *const texts[] = { "192.168.77.5", "2001:db8:aaaa:5555::77" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct addr a = addr_of(texts[i]);

		for (unsigned bits = 0; bits <= 8 * family_bytes(a.family); bits++) {
			struct addr_range r = addr_prefix_range(&a, bits);
			unsigned found = 999;

			assert_true(addr_range_has(&r, &a));
			assert_true(addr_range_prefix(&r, &found));
			assert_int_equal(found, bits);
		}
	}
}

static struct arena arena;

static bool spec(struct slice text, struct buf *out, const char **why)
{
	struct addr_spec s;

	if (!addr_spec_parse(&arena, text, &s, why))
		return false;
	addr_spec_print(&s, out);
	return true;
}

static void address_options_take_many_forms(void **state)
{
	static const struct word_row rows[] = {
		{ "10.0.0.1", "10.0.0.1" }, { "10.0.0.1/32", "10.0.0.1" },
		{ "192.168.1.7/24", "192.168.1.0/24" }, { "0.0.0.0/0", "0.0.0.0/0" },
		{ "10.1.2.3/255.255.0.0", "10.1.0.0/16" },
		{ "10.1.2.3/255.0.255.0", "10.0.2.0/255.0.255.0" },
		{ "10.1.2.3/0.0.0.0", "0.0.0.0/0" }, { "!10.0.0.0/8", "!10.0.0.0/8" },
		{ "! 10.0.0.1", "!10.0.0.1" }, { "10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9" },
		{ "10.0.0.0-10.0.0.255", "10.0.0.0/24" }, { "10.0.0.5-10.0.0.5", "10.0.0.5" },
		{ "0.0.0.0-255.255.255.255", "0.0.0.0/0" }, { "2001:db8::1", "2001:db8::1" },
		{ "2001:db8::1/64", "2001:db8::/64" }, { "::/0", "::/0" },
		{ "2001:db8::1/ffff:ffff::", "2001:db8::/32" }, { "::1/::ffff", "::1/::ffff" },
		{ "2001:db8::5/::ffff", "::5/::ffff" },
		{ "::1:2:3:4/-64", "::1:2:3:4/::ffff:ffff:ffff:ffff" },
		{ "2001:db8::1/-128", "2001:db8::1" }, { "fe80::1-fe80::9", "fe80::1-fe80::9" },
		{ "lan", "lan" }, { "!lan", "!lan" }, { "wan_6", "wan_6" },
		{ "br-lan.2", "br-lan.2" },
		{ "4g", "4g" }, { "mob1s1a1", "mob1s1a1" },
		{ "", NULL, "empty" }, { "!", NULL, "empty" },
		{ "10.0.0.256", NULL, "not an address" },
		{ "300.1.1.1", NULL, "not an address" }, { "1.2.3", NULL, "not an address" },
		{ "10.0.0", NULL, "not an address" }, { "10.0.0.1x", NULL, "not an address" },
		{ "10.0.0.0/33", NULL, "over 32" }, { "::/129", NULL, "over 128" },
		{ "10.0.0.0/", NULL, "prefix length or mask" },
		{ "10.0.0.0/x", NULL, "prefix length or mask" },
		{ "10.0.0.0/8/8", NULL, "prefix length or mask" },
		{ "lan/24", NULL, "before the /" }, { "10.0.0/24", NULL, "before the /" },
		{ "10.0.0.1/-8", NULL, "only IPv6" }, { "::1/-0", NULL, "negative prefix" },
		{ "::1/-129", NULL, "negative prefix" }, { "::1/--1", NULL, "negative prefix" },
		{ "10.0.0.0/ffff::", NULL, "different families" },
		{ "::1/255.0.0.0", NULL, "different families" },
		{ "10.0.0.9-10.0.0.1", NULL, "backwards" },
		{ "10.0.0.1-::1", NULL, "one address family" },
		{ "10.0.0.1-9", NULL, "an end that is not" },
		{ "10.0.0.1-", NULL, "an end that is" },
		{ "-10.0.0.1", NULL, "an end that is" },
		{ "10.0.0.1-10.0.0.2-10.0.0.3", NULL, "an end that is" },
		{ "10.0.0.1/8-10.0.0.2", NULL, "prefix length or mask" },
		{ "fe80::1%eth0", NULL, "not an address" }, { "a b", NULL, "not an address" },
		{ "!!lan", NULL, "not an address" }, { "lan;", NULL, "not an address" },
		{ "fe80:::1", NULL, "not an address" }, { "*", NULL, "not an address" },
	};
	static const struct word_row hidden[] = {
		{ "lan\\0", NULL, "not an address" }, { "1.2.3.4/8\\0", NULL, "prefix length" },
	};

	(void)state;
	arena_init(&arena);
	CHECK_ROWS(rows, spec);
	check_row(&hidden[0], (struct slice){ "lan\0", 4 }, spec);
	check_row(&hidden[1], (struct slice){ "1.2.3.4/8\0", 10 }, spec);
	arena_release(&arena);
}

static void address_options_keep_what_was_written(void **state)
{
	struct addr expected = addr_of("192.168.1.7");
	struct addr_spec s;
	const char *why;

	(void)state;
	arena_init(&arena);
	assert_true(addr_spec_parse(&arena, slice_of("192.168.1.7/24"), &s, &why));
	assert_int_equal(s.kind, ADDR_SPEC_RANGE);
	assert_true(addr_eq(&s.written, &expected));
	assert_int_equal(s.bits, 24);
	assert_true(addr_spec_parse(&arena, slice_of("!wan"), &s, &why));
	assert_int_equal(s.kind, ADDR_SPEC_NAME);
	assert_string_equal(s.name, "wan");
	assert_true(s.negate);
	assert_true(addr_spec_parse(&arena, slice_of("::5/::ffff"), &s, &why));
	assert_int_equal(s.kind, ADDR_SPEC_MASKED);
	arena_release(&arena);
}

/* The two ends of an address space, 64 cells each, and all between as one cell. */
#define EDGE 64
#define CELLS (2 * EDGE + 1)

static struct addr edge_addr(enum family family, unsigned cell, bool hi)
{
	struct addr a = { .family = family };
	unsigned last = family_bytes(family) - 1;

	if (cell < EDGE || (cell == EDGE && !hi)) {
		a.b[last] = (uint8_t)cell;
		return a;
	}
	memset(a.b, 0xff, last + 1);
	a.b[last] = (uint8_t)(0xff - (CELLS - 1 - cell));
	return a;
}

static struct addr_set random_set(enum family family, bool cells[CELLS], uint32_t *seed)
{
	struct addr_set set = { 0 };
	unsigned n = next_random(seed) % 8;

	while (n-- > 0) {
		unsigned lo = next_random(seed) % CELLS;
		unsigned hi = lo + next_random(seed) % (next_random(seed) % 4 ? 8 : CELLS);

		hi = hi < CELLS ? hi : CELLS - 1;
		addr_set_add(&arena, &set, (struct addr_range){ edge_addr(family, lo, false),
						   edge_addr(family, hi, true) });
		for (unsigned i = lo; i <= hi; i++)
			cells[i] = true;
	}
	addr_set_normalise(&set);
	return set;
}

static void check_set(const struct addr_set *set, enum family family, const bool cells[CELLS])
{
	size_t runs = 0;

	for (unsigned i = 0; i < CELLS; i++) {
		struct addr lo = edge_addr(family, i, false), hi = edge_addr(family, i, true);

		runs += cells[i] && (!i || !cells[i - 1]);
		assert_int_equal(addr_set_has(set, &lo), cells[i]);
		assert_int_equal(addr_set_has(set, &hi), cells[i]);
	}
	assert_int_equal(set->n, runs);
}

static void address_sets_agree_with_a_bitmap(void **state)
{
	uint32_t seed = 20230711;

	(void)state;
	for (int round = 0; round < 4000; round++) {
		enum family family = round % 2 ? FAMILY_V6 : FAMILY_V4;
		bool x[CELLS] = { false }, y[CELLS] = { false }, z[CELLS];

		arena_init(&arena);

		struct addr_set p = random_set(family, x, &seed);
		struct addr_set q = random_set(family, y, &seed);
		struct addr_set left = addr_set_minus(&arena, &p, &q), none;

		for (unsigned i = 0; i < CELLS; i++)
			z[i] = x[i] && !y[i];
		check_set(&p, family, x);
		check_set(&left, family, z);
		none = addr_set_minus(&arena, &left, &p);
		assert_int_equal(none.n, 0);
		assert_true(addr_set_eq(&p, &p));
		assert_int_equal(addr_set_eq(&p, &left), memcmp(x, z, sizeof(x)) == 0);
		arena_release(&arena);
	}
}

static void address_sets_print_as_a_list(void **state)
{
	struct addr_set set = { 0 };
	AUTO_BUF out = BUF_INIT;

	(void)state;
	arena_init(&arena);
	addr_set_add(&arena, &set,
		(struct addr_range){ addr_of("10.0.1.0"), addr_of("10.0.1.255") });
	addr_set_add(&arena, &set, (struct addr_range){ addr_of("9.9.9.9"), addr_of("9.9.9.9") });
	addr_set_add(&arena, &set,
		(struct addr_range){ addr_of("10.0.0.0"), addr_of("10.0.0.255") });
	addr_set_add(&arena, &set,
		(struct addr_range){ addr_of("11.0.0.1"), addr_of("11.0.0.3") });
	addr_set_normalise(&set);
	addr_set_print(&set, &out);
	assert_string_equal(buf_text(&out), "9.9.9.9, 10.0.0.0/23, 11.0.0.1-11.0.0.3");
	arena_release(&arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_whole),
		cmocka_unit_test(addresses_are_ordered_and_have_neighbours),
		cmocka_unit_test(prefixes_of_every_length_are_recognised),
		cmocka_unit_test(address_options_take_many_forms),
		cmocka_unit_test(address_options_keep_what_was_written),
		cmocka_unit_test(address_sets_agree_with_a_bitmap),
		cmocka_unit_test(address_sets_print_as_a_list),
	};

	return RUN_TAP(tests);
}
