/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zones: forwardings behind `in` and `out`, and what follows a zone's name. */
#include "asking.h"

#define ZONES "/firewall/zones/config"

static void forwardings_are_shown_at_both_ends(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	assert_json(json_object_get(got(&t, "GET", ZONES "/2", NULL), "out"), "[\"wan\"]");
	assert_json(json_object_get(got(&t, "GET", ZONES "/2", NULL), "in"), "[]");
	assert_json(json_object_get(got(&t, "GET", ZONES "/3", NULL), "in"), "[\"lan\"]");
	talk_end(&t);
}

static void forwardings_that_stay_keep_their_options(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	got(&t, "POST", ZONES, "{\"data\":{\"name\":\"guest\",\"out\":[\"wan\"]}}");
	got(&t, "PUT", ZONES "/2", "{\"data\":{\"out\":[\"guest\",\"wan\"]}}");
	assert_non_null(strstr(t.firewall, "option dest 'wan'\n\toption family 'ipv4'"));
	assert_json(json_object_get(got(&t, "GET", ZONES "/3", NULL), "in"), "[\"lan\",\"guest\"]");
	got(&t, "PUT", ZONES "/3", "{\"data\":{\"in\":[\"guest\"]}}");
	assert_null(strstr(t.firewall, "option family 'ipv4'"));
	assert_json(json_object_get(got(&t, "GET", ZONES "/2", NULL), "out"), "[\"guest\"]");
	talk_end(&t);
}

static void a_forwarding_that_is_off_is_switched_on_when_wanted(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, with(sample, "option family 'ipv4'", "option enabled 'no'"));
	assert_json(json_object_get(got(&t, "GET", ZONES "/2", NULL), "out"), "[]");
	got(&t, "PUT", ZONES "/2", "{\"data\":{\"out\":[\"wan\"]}}");
	assert_non_null(strstr(t.firewall, "config forwarding '4'\n\toption src 'lan'\n"
					   "\toption dest 'wan'\n\toption enabled '1'\n"));
	talk_end(&t);
}

static const char references[] =
	"config zone '1'\n\toption name 'a'\n\n"
	"config zone '2'\n\toption name 'b'\n\n"
	"config forwarding '3'\n\toption src 'a'\n\toption dest 'b'\n\n"
	"config rule '4'\n\toption src 'b'\n\toption dest 'a'\n\n"
	"config nat '5'\n\toption src 'a'\n\toption src_zone 'b'\n\n"
	"config nat '6'\n\toption src 'b'\n\toption src_zone 'a'\n\n"
	"config redirect '7'\n\toption src 'b'\n\tlist reflection_zone 'b'\n"
	"\tlist reflection_zone 'a'\n\n"
	"config redirect '8'\n\toption src 'b'\n\toption reflection_zone 'a'\n\n"
	"config rule '9'\n\toption src 'b'\n\toption name 'a'\n";

/* Ways to write a name that only the file's author finds natural. */
static void roundabout_spellings_are_renamed_too(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, "config zone 1\n\toption name \"a\"\nconfig rule 2; option src a; option dest b\n"
		       "config rule 3\n\toption src ''a\nconfig rule 4\n\toption src 'b'\\\n\n"
		       "config redirect 5\n\toption reflection_zone \"b 'a' !a\ta\"\n");
	got(&t, "PUT", ZONES "/1", "{\"data\":{\"name\":\"zz\"}}");
	assert_non_null(strstr(t.firewall, "rule 2; option src zz; option dest b\n"));
	assert_non_null(strstr(t.firewall, "rule 3\n\toption src 'zz'\n"));
	assert_non_null(strstr(t.firewall, "\"b 'a' !zz\tzz\""));
	refused(&t, 422, 103, "name", "letters", "PUT", ZONES "/1",
		"{\"data\":{\"name\":\"x y\"}}");
	talk_end(&t);
}

static void renaming_rewrites_every_reference(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, references);
	got(&t, "PUT", ZONES "/1", "{\"data\":{\"name\":\"z\"}}");
	assert_non_null(strstr(t.firewall, "'3'\n\toption src 'z'\n\toption dest 'b'"));
	assert_non_null(strstr(t.firewall, "'4'\n\toption src 'b'\n\toption dest 'z'"));
	assert_non_null(strstr(t.firewall, "'5'\n\toption src 'z'\n\toption src_zone 'b'"));
	assert_non_null(strstr(t.firewall, "'6'\n\toption src 'b'\n\toption src_zone 'z'"));
	assert_non_null(strstr(t.firewall, "zone 'b'\n\tlist reflection_zone 'z'"));
	assert_non_null(strstr(t.firewall, "\toption reflection_zone 'z'"));
	assert_non_null(strstr(t.firewall, "'9'\n\toption src 'b'\n\toption name 'a'"));
	talk_end(&t);
}

static void names_can_be_swapped_in_one_request(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, references);
	refused(&t, 422, 109, "name", "used", "PUT", ZONES,
		"{\"data\":[{\"id\":\"1\",\"name\":\"b\"}]}");
	got(&t, "PUT", ZONES,
		"{\"data\":[{\"id\":\"1\",\"name\":\"c\"},{\"id\":\"2\",\"name\":\"a\"}]}");
	assert_non_null(strstr(t.firewall, "'3'\n\toption src 'c'\n\toption dest 'a'"));
	talk_end(&t);
}

static void deleting_takes_along_what_is_about_the_zone(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, references);
	got(&t, "DELETE", ZONES "/1", NULL);
	assert_string_equal(t.firewall,
		"config zone '2'\n\toption name 'b'\n\n"
		"config redirect '7'\n\toption src 'b'\n\tlist reflection_zone 'b'\n\n"
		"config redirect '8'\n\toption src 'b'\n\toption reflection '0'\n\n"
		"config rule '9'\n\toption src 'b'\n\toption name 'a'\n");
	talk_end(&t);
}

static void a_zone_without_a_name_harms_nobody(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, "config zone\n\toption input 'ACCEPT'\n\nconfig zone\n\toption name 'a'\n\n"
		       "config rule\n\toption name 'x'\n");
	assert_json(json_object_get(got(&t, "GET", ZONES "/1", NULL), "out"), "[]");
	got(&t, "DELETE", ZONES "/1", NULL);
	assert_non_null(strstr(t.firewall, "option name 'x'"));
	talk_end(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(forwardings_are_shown_at_both_ends),
		cmocka_unit_test(forwardings_that_stay_keep_their_options),
		cmocka_unit_test(a_forwarding_that_is_off_is_switched_on_when_wanted),
		cmocka_unit_test(renaming_rewrites_every_reference),
		cmocka_unit_test(roundabout_spellings_are_renamed_too),
		cmocka_unit_test(names_can_be_swapped_in_one_request),
		cmocka_unit_test(deleting_takes_along_what_is_about_the_zone),
		cmocka_unit_test(a_zone_without_a_name_harms_nobody),
	};

	return RUN_TAP(tests);
}
