/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "../cmocka_tap.h"

#include "model/facts.h"

static struct arena arena;
static struct diags diags;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	diags_init(&diags, &arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static bool read_json(const char *text, struct facts *ret)
{
	struct source *src = ARENA_NEW(&arena, struct source);

	*src = (struct source){ "facts.json", slice_of(text) };
	return facts_read_json(&arena, src, &diags, ret);
}

static void assert_addresses(const struct facts_address *v, size_t n, const char *want)
{
	AUTO_BUF text = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_char(&text, ' ');
		addr_print(&v[i].addr, &text);
		buf_printf(&text, "/%u", v[i].bits);
	}
	assert_string_equal(buf_text(&text), want);
}

static void json_gives_every_kind_of_fact(void **state)
{
	struct facts f = { 0 };

	(void)state;
	assert_true(read_json(
		"{\"devices\":[{\"name\":\"br-lan\",\"addresses\":[\"192.168.1.1/24\",\"fd00::1/64\"]},"
		"{\"name\":\"eth1\",\"up\":false}],"
		"\"networks\":[{\"name\":\"lan\",\"devices\":[\"br-lan\"],"
		"\"addresses\":[\"192.168.1.1/24\"]},{\"name\":\"wan\",\"disabled\":true}],"
		"\"routes\":[{\"to\":\"0.0.0.0/0\",\"device\":\"eth1\"}],"
		"\"files\":[{\"path\":\"/a\",\"text\":\"x\\n\"},{\"path\":\"/b\"}],"
		"\"helpers\":[\"ftp\"],\"features\":{\"flowtable\":true},"
		"\"timezone\":\"EET-2EEST,M3.5.0/3,M10.5.0/4\",\"now\":1700000000,"
		"\"clock_trusted\":false}", &f));
	assert_int_equal(f.devices.n, 2);
	assert_true(facts_device(&f, "br-lan")->up);
	assert_false(facts_device(&f, "eth1")->up);
	assert_addresses(f.devices.v[0].addresses.v, f.devices.v[0].addresses.n,
		"192.168.1.1/24 fd00::1/64");
	assert_string_equal(facts_network(&f, "lan")->devices.v[0], "br-lan");
	assert_true(facts_network(&f, "wan")->disabled);
	assert_null(facts_network(&f, "dmz"));
	assert_string_equal(f.routes.v[0].device, "eth1");
	assert_true(facts_file(&f, "/a")->readable);
	assert_true(slice_is(facts_file(&f, "/a")->text, "x\n"));
	assert_false(facts_file(&f, "/b")->readable);
	assert_string_equal(f.helpers.v[0], "ftp");
	assert_true(f.features.known && f.features.flowtable && !f.features.synproxy);
	assert_int_equal(f.tz.standard, 7200);
	assert_int_equal(f.now, 1700000000);
	assert_false(f.clock_trusted);
}

static void an_empty_object_knows_nothing(void **state)
{
	struct facts f = { 0 };

	(void)state;
	assert_true(read_json("{}", &f));
	assert_false(f.features.known);
	assert_true(f.clock_trusted);
	assert_int_equal(f.networks.n, 0);
}

static void mistakes_in_json_are_named_by_their_path(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "[]", "the text must be a JSON object" },
		{ "{\"network\":[]}", "the top level has the unknown key 'network'" },
		{ "{\"networks\":{}}", "networks must be an array" },
		{ "{\"networks\":[1]}", "networks[0] must be an object" },
		{ "{\"networks\":[{}]}", "networks[0].name must be a string" },
		{ "{\"networks\":[{\"name\":\"a\",\"addresses\":[\"x y\"]}]}",
			"networks[0].addresses[0] must be an address with a prefix length" },
		{ "{\"networks\":[{\"name\":\"a\",\"ip\":1}]}",
			"networks[0] has the unknown key 'ip'" },
		{ "{\"devices\":[{\"name\":\"a\",\"up\":1}]}",
			"devices[0].up must be true or false" },
		{ "{\"routes\":[{\"to\":\"lan\",\"device\":\"a\"}]}",
			"routes[0].to must be an address with a prefix length" },
		{ "{\"helpers\":[1]}", "helpers[0] must be a string" },
		{ "{\"features\":[]}", "features must be an object" },
		{ "{\"now\":\"1\"}", "now must be a whole number of seconds" },
		{ "{\"timezone\":\"Mars\"}",
			"timezone must be a time zone such as EET-2EEST,M3.5.0/3,M10.5.0/4" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct facts f = { .now = 7 };
		size_t before = diags.list.n;

		assert_false(read_json(rows[i].text, &f));
		assert_int_equal(f.now, 7);
		assert_int_equal(diags.list.n, before + 1);
		assert_string_equal(diags.list.v[before]->message, rows[i].want);
		assert_string_equal(diags.list.v[before]->id, "bad-facts");
	}
}

static void text_that_is_not_json_has_a_position(void **state)
{
	struct facts f;

	(void)state;
	assert_false(read_json("{\n  \"now\": ,\n}", &f));
	assert_string_equal(diags.list.v[0]->id, "bad-json");
	assert_int_equal(span_position(diags.list.v[0]->span).line, 2);
	assert_false(read_json("", &f));
}

static void add_networks(const char *text, struct facts *f)
{
	struct source *src = ARENA_NEW(&arena, struct source);

	*src = (struct source){ "network", slice_of(text) };
	facts_add_networks(&arena, src, &diags, f);
}

static void networks_are_read_from_uci(void **state)
{
	static const struct {
		const char *name, *device, *addresses;
	} want[] = {
		{ "lan", "br-lan", "192.168.1.1/24 fd00:1::1/64" },
		{ "wan", "eth1", "198.51.100.9/24" },
		{ "wan6", "eth1", "198.51.100.9/24" },
		{ "dsl", "pppoe-dsl", "" },
		{ "wg0", "wg0", "10.7.0.1/24" },
		{ "guest", "br-guest", "10.9.0.1/16" },
		{ "tun", "tun0", "10.8.0.1/24 10.8.1.1/24" },
	};
	struct facts f = { 0 };

	(void)state;
	assert_true(read_json("{\"devices\":[{\"name\":\"eth1\",\"addresses\":[\"198.51.100.9/24\"]}],"
		"\"networks\":[{\"name\":\"known\",\"devices\":[\"x0\"]}]}", &f));
	add_networks("config interface 'lan'\n\toption type 'bridge'\n\toption ifname 'eth0 eth2'\n"
		"\toption proto 'static'\n\toption ipaddr '192.168.1.1'\n"
		"\toption netmask '255.255.255.0'\n\tlist ip6addr 'fd00:1::1/64'\n"
		"config interface 'wan'\n\toption device 'eth1'\n\toption proto 'dhcp'\n"
		"config interface 'wan6'\n\toption device '@wan'\n\toption proto 'dhcpv6'\n"
		"config interface 'dsl'\n\toption device 'eth1'\n\toption proto 'pppoe'\n"
		"config interface 'wg0'\n\toption proto 'wireguard'\n\tlist addresses '10.7.0.1/24'\n"
		"config interface 'guest'\n\toption device 'br-guest'\n\toption proto 'static'\n"
		"\toption ipaddr '10.9.0.1'\n\toption netmask '255.255.0.0'\n"
		"config interface 'tun'\n\toption device 'tun0'\n\toption proto 'static'\n"
		"\tlist ipaddr '10.8.0.1/24'\n\tlist ipaddr '10.8.1.1/24'\n"
		"config interface 'off'\n\toption device 'eth3'\n\toption disabled '1'\n"
		"config interface 'loop'\n\toption device '@loop'\n\toption proto 'none'\n"
		"config interface 'known'\n\toption device 'eth9'\n"
		"config device\n\toption name 'br-guest'\n", &f);
	assert_int_equal(diags.list.n, 0);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const struct facts_network *n = facts_network(&f, want[i].name);

		assert_non_null(n);
		assert_int_equal(n->devices.n, 1);
		assert_string_equal(n->devices.v[0], want[i].device);
		assert_addresses(n->addresses.v, n->addresses.n, want[i].addresses);
	}
	assert_true(facts_network(&f, "off")->disabled);
	assert_int_equal(facts_network(&f, "off")->addresses.n, 0);
	assert_int_equal(facts_network(&f, "loop")->devices.n, 0);
	assert_string_equal(facts_network(&f, "known")->devices.v[0], "x0");
}

static void a_bad_address_of_a_network_is_a_warning(void **state)
{
	struct facts f = { 0 };

	(void)state;
	add_networks("config interface 'lan'\n\toption proto 'static'\n\toption ipaddr 'x'\n", &f);
	assert_int_equal(diags.errors, 0);
	assert_string_equal(diags.list.v[0]->id, "network-address");
	assert_int_equal(facts_network(&f, "lan")->addresses.n, 0);
}

static void the_time_zone_comes_from_the_system(void **state)
{
	struct source good = { "system",
		slice_of("config system\n\toption timezone 'EET-2EEST,M3.5.0/3,M10.5.0/4'\n") };
	struct source bad = { "system", slice_of("config system\n\toption timezone 'Mars'\n") };
	struct facts f = { 0 };

	(void)state;
	facts_add_system(&arena, &bad, &diags, &f);
	assert_string_equal(diags.list.v[0]->id, "bad-timezone");
	assert_null(f.tz_text);
	facts_add_system(&arena, &good, &diags, &f);
	assert_int_equal(f.tz.standard, 7200);
	assert_true(f.tz.has_daylight);
	f.tz.standard = 1;
	facts_add_system(&arena, &good, &diags, &f);
	assert_int_equal(f.tz.standard, 1); /* what is known is kept */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
		TEST(json_gives_every_kind_of_fact),
		TEST(an_empty_object_knows_nothing),
		TEST(mistakes_in_json_are_named_by_their_path),
		TEST(text_that_is_not_json_has_a_position),
		TEST(networks_are_read_from_uci),
		TEST(a_bad_address_of_a_network_is_a_warning),
		TEST(the_time_zone_comes_from_the_system),
	};

	return RUN_TAP(tests);
}
