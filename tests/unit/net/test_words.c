/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports, protocols, ICMP types, MAC addresses, DSCP, marks, rates, devices, and range sets. */
#include "words.h"

static bool port(struct slice text, struct buf *out, const char **why)
{
	struct port_spec s;

	if (!port_spec_parse(text, &s, why))
		return false;
	port_spec_print(&s, out);
	return true;
}

static void ports_say_what_is_wrong_with_them(void **state)
{
	static const struct word_row rows[] = {
		{ "80", "80" }, { "0", "0" }, { "65535", "65535" }, { "0080", "80" },
		{ "1-5", "1-5" }, { "1:5", "1-5" }, { "7-7", "7" }, { "!80", "!80" },
		{ "!  80:90", "!80-90" }, { "0-65535", "0-65535" },
		{ "", NULL, "no port" }, { "!", NULL, "no port" }, { "!!80", NULL, "not a port" },
		{ "http", NULL, "not a port" }, { "any", NULL, "not a port" },
		{ "80 ", NULL, "not a port" }, { " 80", NULL, "not a port" },
		{ "-80", NULL, "no port" }, { "80-", NULL, "no port" },
		{ "+80", NULL, "not a port" }, { "0x50", NULL, "not a port" },
		{ "80,90", NULL, "not a port" }, { "1-2-3", NULL, "not a port" },
		{ "1:2:3", NULL, "not a port" }, { "65536", NULL, "over 65535" },
		{ "1-70000", NULL, "over 65535" },
		{ "99999999999999999999999", NULL, "over 65535" },
		{ "90-80", NULL, "backwards" }, { "90:80", NULL, "backwards" },
	};

	(void)state;
	CHECK_ROWS(rows, port);
}

static bool proto(struct slice text, struct buf *out, const char **why)
{
	struct proto_spec s;

	if (!proto_spec_parse(text, &s, why))
		return false;
	proto_spec_print(&s, out);
	return true;
}

static void protocols_have_names_numbers_and_groups(void **state)
{
	static const struct word_row rows[] = {
		{ "tcp", "tcp" }, { "TCP", "tcp" }, { "6", "tcp" }, { "udp", "udp" },
		{ "tcpudp", "tcpudp" }, { "!tcpudp", "!tcpudp" }, { "all", "all" },
		{ "any", "all" }, { "*", "all" }, { "0", "all" }, { "ip", "all" },
		{ "icmp", "icmp" }, { "icmpv6", "ipv6-icmp" }, { "ipv6-icmp", "ipv6-icmp" },
		{ "IPv6-ICMP", "ipv6-icmp" }, { "58", "ipv6-icmp" }, { "!gre", "!gre" },
		{ "! esp", "!esp" }, { "l2tp", "l2tp" }, { "ax.25", "ax.25" }, { "250", "250" },
		{ "255", "255" }, { "OSPFIGP", "ospf" }, { "udplite", "udplite" },
		{ "256", NULL, "over 255" }, { "4294967302", NULL, "over 255" },
		{ "tcpp", NULL, "not the name" }, { "", NULL, "not the name" },
		{ "tc", NULL, "not the name" }, { "!all", NULL, "leaves no" },
		{ "!0", NULL, "leaves no" }, { "-6", NULL, "not the name" },
		{ "hopopt", NULL, "extension header" }, { "tcp udp", NULL, "not the name" },
	};
	struct proto_spec s;
	const char *why;

	(void)state;
	CHECK_ROWS(rows, proto);
	assert_true(proto_spec_parse(slice_of("tcpudp"), &s, &why));
	assert_int_equal(s.n, 2);
	assert_int_equal(s.number[0], PROTO_TCP);
	assert_int_equal(s.number[1], PROTO_UDP);
	assert_true(proto_has_ports(PROTO_SCTP));
	assert_false(proto_has_ports(PROTO_GRE));
	assert_null(proto_name(250));
}

static void every_protocol_name_means_its_number(void **state)
{
	(void)state;
	for (unsigned n = 1; n < 256; n++) {
		const char *name = proto_name((uint8_t)n), *why;
		struct proto_spec s;

		if (!name)
			continue;
		assert_true(proto_spec_parse(slice_of(name), &s, &why));
		assert_int_equal(s.number[0], n);
	}
}

static bool icmp(struct slice text, unsigned which, struct buf *out, const char **why)
{
	struct icmp_type t[2];
	bool has[2];

	if (!icmp_type_parse(text, t, has, why))
		return false;
	if (has[which])
		icmp_type_print(&t[which], out);
	else
		buf_str(out, "none");
	return true;
}

static void icmp_types_differ_between_families(void **state)
{
	static const struct {
		const char *text, *v4, *v6;
		int n4, n6;
	} rows[] = {
		{ "echo-request", "echo-request", "echo-request", 8, 128 },
		{ "ping", "echo-request", "echo-request", 8, 128 },
		{ "PONG", "echo-reply", "echo-reply", 0, 129 },
		{ "source-quench", "source-quench", "none", 4, -1 },
		{ "tos-host-redirect", "TOS-host-redirect", "none", 5, -1 },
		{ "packet-too-big", "none", "packet-too-big", -1, 2 },
		{ "bad-header", "none", "bad-header", -1, 4 },
		{ "neighbor-solicitation", "none", "neighbour-solicitation", -1, 135 },
		{ "neighbour-advertisement", "none", "neighbour-advertisement", -1, 136 },
		{ "ttl-exceeded", "time-exceeded", "time-exceeded", 11, 3 },
		{ "redirect", "redirect", "redirect", 5, 137 },
		{ "communication-prohibited", "communication-prohibited",
			"communication-prohibited", 3, 1 },
		{ "any", "any", "any", ICMP_TYPE_ANY, ICMP_TYPE_ANY },
		{ "8", "echo-request", "8", 8, 8 },
		{ "130/0", "130/0", "130/0", 130, 130 },
		{ "3/4", "fragmentation-needed", "3/4", 3, 3 },
		{ "3/1-4", "3/1-4", "3/1-4", 3, 3 },
		{ "254", "254", "254", 254, 254 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const expected[2] = { rows[i].v4, rows[i].v6 };
		int numbers[2] = { rows[i].n4, rows[i].n6 };
		struct icmp_type t[2];
		bool has[2];
		const char *why;

		assert_true(icmp_type_parse(slice_of(rows[i].text), t, has, &why));
		for (unsigned f = 0; f < 2; f++) {
			AUTO_BUF once = BUF_INIT;
			AUTO_BUF twice = BUF_INIT;

			assert_int_equal(has[f], numbers[f] >= 0);
			assert_true(icmp(slice_of(rows[i].text), f, &once, &why));
			assert_string_equal(buf_text(&once), expected[f]);
			if (!has[f])
				continue;
			assert_int_equal(t[f].type, numbers[f]);
			assert_int_equal(t[f].family, f ? FAMILY_V6 : FAMILY_V4);
			assert_true(icmp(slice_of(buf_text(&once)), f, &twice, &why));
			assert_string_equal(buf_text(&twice), expected[f]);
		}
	}
}

static bool icmp_v4(struct slice text, struct buf *out, const char **why)
{
	return icmp(text, 0, out, why);
}

static void icmp_types_that_do_not_exist_are_refused(void **state)
{
	static const struct word_row rows[] = {
		{ "", NULL, "not the name" }, { "echo", NULL, "not the name" },
		{ "255", NULL, "not an ICMP type" }, { "256", NULL, "not an ICMP type" },
		{ "8x", NULL, "not an ICMP type" }, { "8/", NULL, "code" },
		{ "8/256", NULL, "code" }, { "8/4-1", NULL, "code" }, { "8/0/0", NULL, "code" },
		{ "/1", NULL, "not the name" }, { "!8", NULL, "not the name" },
	};

	(void)state;
	CHECK_ROWS(rows, icmp_v4);
}

static void every_icmp_name_reads_back_as_itself(void **state)
{
	static const enum family families[2] = { FAMILY_V4, FAMILY_V6 };

	(void)state;
	for (unsigned f = 0; f < 2; f++) {
		size_t n = 0;

		for (const char *const *name = icmp_type_names(families[f]); *name; name++, n++) {
			AUTO_BUF out = BUF_INIT;
			const char *why;

			assert_true(icmp(slice_of(*name), f, &out, &why));
			assert_string_equal(buf_text(&out), *name);
		}
		assert_int_equal(n, f ? 24 : 37);
	}
}

static bool mac(struct slice text, struct buf *out, const char **why)
{
	struct mac_spec s;

	if (!mac_spec_parse(text, &s, why))
		return false;
	mac_spec_print(&s, out);
	return true;
}

static void mac_addresses_are_six_bytes(void **state)
{
	static const struct word_row rows[] = {
		{ "00:1E:42:aa:bb:cc", "00:1e:42:aa:bb:cc" },
		{ "00-1E-42-AA-BB-CC", "00:1e:42:aa:bb:cc" },
		{ "0:1:2:3:4:5", "00:01:02:03:04:05" },
		{ "! 00:1e:42:aa:bb:cc", "!00:1e:42:aa:bb:cc" },
		{ "", NULL, "MAC" }, { "00:1e:42:aa:bb", NULL, "MAC" },
		{ "00:1e:42:aa:bb:cc:dd", NULL, "MAC" }, { "00:1e:42:aa:bb:cc:", NULL, "MAC" },
		{ "00:1e:42:aa:bb:gg", NULL, "MAC" }, { "00:1e:42-aa:bb:cc", NULL, "MAC" },
		{ "000:1e:42:aa:bb:cc", NULL, "MAC" }, { "00::42:aa:bb:cc", NULL, "MAC" },
		{ "001e42aabbcc", NULL, "MAC" }, { ":00:1e:42:aa:bb", NULL, "MAC" },
	};

	(void)state;
	CHECK_ROWS(rows, mac);
}

static bool dscp(struct slice text, struct buf *out, const char **why)
{
	struct dscp_spec s;

	if (!dscp_spec_parse(text, &s, why))
		return false;
	dscp_spec_print(&s, out);
	return true;
}

static void dscp_values_have_class_names(void **state)
{
	static const struct word_row rows[] = {
		{ "EF", "EF" }, { "ef", "EF" }, { "46", "EF" }, { "0x2e", "EF" }, { "BE", "CS0" },
		{ "0", "CS0" }, { "cs7", "CS7" }, { "AF41", "AF41" }, { "34", "AF41" },
		{ "LE", "LE" }, { "1", "LE" }, { "VA", "VA" }, { "!AF11", "!AF11" }, { "63", "63" },
		{ "64", NULL, "over 63" }, { "0x40", NULL, "over 63" },
		{ "CS8", NULL, "not a DSCP" },
		{ "AF14", NULL, "not a DSCP" }, { "", NULL, "not a DSCP" }, { "0x", NULL, "not a" },
		{ "-1", NULL, "not a DSCP" },
	};

	(void)state;
	CHECK_ROWS(rows, dscp);
}

static bool mark_hex(struct slice text, struct buf *out, const char **why)
{
	struct mark_spec s;

	if (!mark_spec_parse(text, true, &s, why))
		return false;
	mark_spec_print(&s, out);
	return true;
}

static bool mark_decimal(struct slice text, struct buf *out, const char **why)
{
	struct mark_spec s;

	if (!mark_spec_parse(text, false, &s, why))
		return false;
	mark_spec_print(&s, out);
	return true;
}

static void marks_follow_the_dialect_for_bare_digits(void **state)
{
	static const struct word_row hex[] = {
		{ "16", "0x16" }, { "0x16", "0x16" }, { "1/ff", "0x1/0xff" }, { "ab", "0xab" },
		{ "!0xFF/0XFF", "!0xff/0xff" }, { "ffffffff", "0xffffffff" }, { "0", "0x0" },
		{ "1/ffffffff", "0x1" }, { "100000000", NULL, "hexadecimal mark" },
		{ "xyz", NULL, "hexadecimal mark" }, { "", NULL, "mark" }, { "0x", NULL, "mark" },
		{ "1/", NULL, "mask" }, { "1/x", NULL, "mask" },
		{ "2/1", NULL, "outside its mask" },
		{ "1/1/1", NULL, "mask" },
	};
	static const struct word_row decimal[] = {
		{ "16", "0x10" }, { "0x16", "0x16" }, { "1/255", "0x1/0xff" },
		{ "0x1/255", "0x1/0xff" }, { "4294967295", "0xffffffff" },
		{ "4294967296", NULL, "not a mark" }, { "ab", NULL, "not a mark" },
		{ "256/255", NULL, "outside its mask" },
	};

	(void)state;
	CHECK_ROWS(hex, mark_hex);
	CHECK_ROWS(decimal, mark_decimal);
}

static bool rate(struct slice text, struct buf *out, const char **why)
{
	struct rate r;

	if (!rate_parse(text, &r, why))
		return false;
	rate_print(&r, out);
	return true;
}

static void rates_take_any_beginning_of_a_unit(void **state)
{
	static const struct word_row rows[] = {
		{ "5/second", "5/second" }, { "5/sec", "5/second" }, { "5/s", "5/second" },
		{ "5", "5/second" }, { "10/m", "10/minute" }, { "10/Minute", "10/minute" },
		{ "3/hour", "3/hour" }, { "1/day", "1/day" }, { "!5/s", "!5/second" },
		{ "! 5/s", "!5/second" }, { "4294967295", "4294967295/second" },
		{ "0", NULL, "zero" }, { "0/s", NULL, "zero" }, { "5/", NULL, "unit" },
		{ "5/week", NULL, "unit" }, { "5/seconds", NULL, "unit" },
		{ "/s", NULL, "not a rate" },
		{ "", NULL, "not a rate" }, { "-5/s", NULL, "not a rate" },
		{ "4294967296/s", NULL, "over 4294967295" }, { "5 /s", NULL, "not a rate" },
		{ "5/s/m", NULL, "unit" },
	};

	(void)state;
	CHECK_ROWS(rows, rate);
}

static bool device(struct slice text, struct buf *out, const char **why)
{
	struct device_pattern p;

	if (!device_pattern_parse(text, &p, why))
		return false;
	device_pattern_print(&p, out);
	return true;
}

static void device_names_are_what_the_kernel_takes(void **state)
{
	static const struct word_row rows[] = {
		{ "eth0", "eth0" }, { "br-lan", "br-lan" }, { "eth0.2", "eth0.2" },
		{ "tun_+", "tun_+" }, { "!eth0", "!eth0" }, { "! wg+", "!wg+" },
		{ "eth0:1", "eth0:1" }, { "a23456789012345", "a23456789012345" },
		{ "a2345678901234+", "a2345678901234+" }, { "a+b", "a+b" },
		{ "wlan0-1", "wlan0-1" },
		{ "", NULL, "empty" }, { "!", NULL, "empty" }, { "+", NULL, "every device" },
		{ "a234567890123456", NULL, "longer" }, { "a23456789012345+", NULL, "longer" },
		{ "eth/0", NULL, "character" }, { "eth 0", NULL, "character" },
		{ "eth\"0", NULL, "character" }, { "eth\n", NULL, "character" },
		{ "eth\x80", NULL, "character" }, { "eth*", NULL, "+" }, { ":1", NULL, "colon" },
		{ "eth0:", NULL, "colon" }, { "eth0:1:2", NULL, "colon" },
		{ "eth0:+", NULL, "colon" },
		{ "eth0:1+", NULL, "colon" }, { ".", NULL, "not a device" },
		{ "..", NULL, "not a device" }, { "!!eth0", NULL, "character" },
	};
	static const struct word_row hidden = { "eth\\0", NULL, "character" };

	(void)state;
	CHECK_ROWS(rows, device);
	check_row(&hidden, (struct slice){ "eth\0x", 5 }, device);
}

static void device_patterns_match_names_and_beginnings(void **state)
{
	static const struct {
		const char *pattern, *device;
		bool has;
	} rows[] = {
		{ "eth0", "eth0", true }, { "eth0", "eth01", false }, { "eth0", "eth", false },
		{ "tun_+", "tun_1", true }, { "tun_+", "tun_", true }, { "tun_+", "tun", false },
		{ "eth0:1", "eth0", true }, { "eth0:1", "eth1", false }, { "!eth0", "eth0", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct device_pattern p;
		const char *why;

		assert_true(device_pattern_parse(slice_of(rows[i].pattern), &p, &why));
		assert_int_equal(device_pattern_has(&p, rows[i].device), rows[i].has);
	}
}

/* The two ends of the numbers, 64 cells each, and all between as one cell. */
#define EDGE 64
#define CELLS (2 * EDGE + 1)

static uint32_t cell_lo(unsigned cell)
{
	return cell <= EDGE ? cell : UINT32_MAX - (CELLS - 1 - cell);
}

static uint32_t cell_hi(unsigned cell)
{
	return cell < EDGE ? cell : UINT32_MAX - (CELLS - 1 - cell);
}

static struct range_set random_set(struct arena *a, bool cells[CELLS], uint32_t *seed)
{
	struct range_set set = { 0 };
	unsigned n = next_random(seed) % 8;

	while (n-- > 0) {
		unsigned lo = next_random(seed) % CELLS;
		unsigned hi = lo + next_random(seed) % (next_random(seed) % 4 ? 8 : CELLS);

		hi = hi < CELLS ? hi : CELLS - 1;
		range_set_add(a, &set, (struct range){ cell_lo(lo), cell_hi(hi) });
		for (unsigned i = lo; i <= hi; i++)
			cells[i] = true;
	}
	range_set_normalise(&set);
	return set;
}

static void check_set(const struct range_set *set, const bool cells[CELLS])
{
	size_t runs = 0;

	for (unsigned i = 0; i < CELLS; i++) {
		runs += cells[i] && (!i || !cells[i - 1]);
		assert_int_equal(range_set_has(set, cell_lo(i)), cells[i]);
		assert_int_equal(range_set_has(set, cell_hi(i)), cells[i]);
	}
	assert_int_equal(set->n, runs);
}

static void range_sets_agree_with_a_bitmap(void **state)
{
	uint32_t seed = 20230711;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		bool x[CELLS] = { false }, y[CELLS] = { false }, z[CELLS];
		struct arena a;

		arena_init(&a);

		struct range_set p = random_set(&a, x, &seed), q = random_set(&a, y, &seed);
		struct range_set left = range_set_minus(&a, &p, &q), none;

		for (unsigned i = 0; i < CELLS; i++)
			z[i] = x[i] && !y[i];
		check_set(&p, x);
		check_set(&left, z);
		none = range_set_minus(&a, &left, &p);
		assert_int_equal(none.n, 0);
		assert_true(range_set_eq(&p, &p));
		assert_int_equal(range_set_eq(&p, &left), memcmp(x, z, sizeof(x)) == 0);
		arena_release(&a);
	}
}

static void range_sets_print_as_a_list(void **state)
{
	struct range_set set = { 0 };
	struct arena a;
	AUTO_BUF out = BUF_INIT;

	(void)state;
	arena_init(&a);
	range_set_add(&a, &set, (struct range){ 85, 90 });
	range_set_add(&a, &set, (struct range){ 22, 22 });
	range_set_add(&a, &set, (struct range){ 80, 84 });
	range_set_normalise(&set);
	range_set_print(&set, &out);
	assert_string_equal(buf_text(&out), "22, 80-90");
	arena_release(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_say_what_is_wrong_with_them),
		cmocka_unit_test(protocols_have_names_numbers_and_groups),
		cmocka_unit_test(every_protocol_name_means_its_number),
		cmocka_unit_test(icmp_types_differ_between_families),
		cmocka_unit_test(icmp_types_that_do_not_exist_are_refused),
		cmocka_unit_test(every_icmp_name_reads_back_as_itself),
		cmocka_unit_test(mac_addresses_are_six_bytes),
		cmocka_unit_test(dscp_values_have_class_names),
		cmocka_unit_test(marks_follow_the_dialect_for_bare_digits),
		cmocka_unit_test(rates_take_any_beginning_of_a_unit),
		cmocka_unit_test(device_names_are_what_the_kernel_takes),
		cmocka_unit_test(device_patterns_match_names_and_beginnings),
		cmocka_unit_test(range_sets_agree_with_a_bitmap),
		cmocka_unit_test(range_sets_print_as_a_list),
	};

	return RUN_TAP(tests);
}
