/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests as such: paths, methods, roles, bodies, queries, bulk, the whole check, live data. */
#include "asking.h"

#define ZONES "/firewall/zones/config"
#define RULES "/firewall/traffic_rules/config"
#define GLOBAL "/firewall/global"

static void prefixes_and_versions_of_a_path_do_not_matter(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	assert_string_equal(text_at(got(&t, "GET", "/api/firewall/global", NULL), "input"), "REJECT");
	assert_string_equal(text_at(got(&t, "GET", "/api/v1/firewall/global", NULL), "input"), "REJECT");
	assert_string_equal(text_at(got(&t, "GET", "/v1.2/firewall/global", NULL), "input"), "REJECT");
	talk_end(&t);
}

static void wrong_requests_have_the_devices_codes(void **state)
{
	static const struct {
		int status, code;
		const char *method, *path, *body;
	} rows[] = {
		{ 404, 122, "GET", "/firewall/nonsense", NULL },
		{ 404, 122, "GET", "/", NULL },
		{ 404, 122, "GET", GLOBAL "/1", NULL },
		{ 404, 122, "GET", ZONES "/", NULL },
		{ 404, 122, "GET", ZONES "/2/3", NULL },
		{ 404, 122, "GET", ZONES "/%32", NULL },
		{ 404, 113, "GET", ZONES "/77", NULL },
		{ 404, 113, "GET", ZONES "/5", NULL }, /* a rule */
		{ 404, 113, "PUT", ZONES "/77", "{\"data\":{}}" },
		{ 404, 113, "DELETE", ZONES "/77", NULL },
		{ 405, 108, "POST", GLOBAL, "{\"data\":{}}" },
		{ 405, 111, "DELETE", GLOBAL, NULL },
		{ 405, 118, "POST", ZONES "/2", "{\"data\":{}}" },
		{ 405, 112, "DELETE", ZONES, NULL },
		{ 405, 112, "DELETE", ZONES, "{\"data\":[]}" },
		{ 405, 119, "PUT", "/bulk", "{\"data\":[]}" },
		{ 501, 100, "PATCH", GLOBAL, NULL },
		{ 400, 114, "PUT", GLOBAL, NULL },
		{ 400, 114, "POST", ZONES, "{}" },
		{ 400, 107, "PUT", GLOBAL, "{\"data\":" },
		{ 400, 107, "PUT", GLOBAL, "[]" },
		{ 400, 107, "PUT", GLOBAL, "{\"data\":[]}" },
		{ 400, 107, "PUT", GLOBAL, "{\"data\":{\"input\":\"DROP\",\"input\":\"DROP\"}}" },
		{ 400, 107, "PUT", GLOBAL, "{\"data\":{\"input\":\"a\\u0000b\"}}" },
		{ 400, 107, "PUT", GLOBAL, "{\"data\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}" },
		{ 400, 107, "PUT", ZONES, "{\"data\":{}}" },
		{ 422, 107, "PUT", ZONES, "{\"data\":[{}]}" },
		{ 422, 107, "PUT", ZONES, "{\"data\":[{\"id\":\"2\"},{\"id\":\"2\"}]}" },
		{ 422, 103, "PUT", ZONES "/2", "{\"data\":{\"id\":\"3\"}}" },
		{ 422, 103, "POST", ZONES, "{\"data\":{\"id\":\"3\"}}" },
		{ 400, 116, "GET", ZONES "?offset=1", NULL },
		{ 400, 116, "GET", ZONES "?limit=x", NULL },
		{ 400, 116, "GET", ZONES "?limit", NULL },
		{ 400, 116, "GET", ZONES "?nonsense=1", NULL },
		{ 400, 116, "GET", ZONES "?name=%zz", NULL },
		{ 400, 107, "POST", "/bulk", "{\"data\":{}}" },
		{ 501, 100, "GET", "/firewall/connections/status", NULL },
	};
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		refused(&t, rows[i].status, rows[i].code, NULL, "", rows[i].method, rows[i].path,
			rows[i].body);
	talk_end(&t);
}

static void bodies_over_the_limit_of_a_route_are_refused(void **state)
{
	struct talk t;
	char *body = malloc(API_BODY_MAX + 2);

	(void)state;
	talk_start(&t, sample);
	memset(body, ' ', API_BODY_MAX + 1);
	body[API_BODY_MAX + 1] = '\0';
	refused(&t, 413, 151, "Request", "bytes", "POST", RULES, body);
	body[20000] = '\0';
	refused(&t, 413, 151, "Request", "bytes", "PUT", GLOBAL, body);
	assert_int_equal(api_body_max("/api/firewall/global"), 16384);
	assert_int_equal(api_body_max("/api/bulk"), API_BODY_MAX);
	assert_int_equal(api_body_max("/nowhere"), 0);
	free(body);
	talk_end(&t);
}

/* Each route, each method: what the least role is that may. Nothing is allowed by omission. */
static void roles_are_asked_for_on_every_route_and_method(void **state)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "DELETE" };
	static const char *const names[] = { "viewer", "operator", "admin" };
	json_t *routes = api_routes_json(), *route;
	size_t i;
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	json_array_foreach (routes, i, route) {
		for (size_t m = 0; m < 4; m++) {
			const char *least = text_at(route, m ? "write" : "read");

			for (int role = API_VIEWER; role <= API_ADMIN; role++) {
				struct api_texts texts = { slice_of(t.firewall) };
				struct api_caller caller = { .role = (enum api_role)role };
				struct api_request r = { methods[m], text_at(route, "path"), NULL,
					{ 0 } };
				bool below = false;

				for (int j = role + 1; j <= API_ADMIN; j++)
					below |= !strcmp(names[j], least);
				api_response_release(&t.last);
				api_run(&texts, &caller, &r, &t.last);
				assert_int_equal(t.last.status == 403, below);
			}
		}
	}
	assert_true(json_array_size(routes) >= 20);
	json_decref(routes);
	t.role = API_VIEWER;
	refused(&t, 403, 120, "Authorization", "Not permitted", "PUT", GLOBAL, "{\"data\":{}}");
	route = ask(&t, 207, "POST", "/bulk",
		"{\"data\":[{\"method\":\"PUT\",\"endpoint\":\"" GLOBAL "\","
		"\"data\":{\"input\":\"DROP\"}}]}");
	assert_json(json_object_get(route, "success"), "false");
	assert_string_equal(t.firewall, sample);
	talk_end(&t);
}

static void lists_can_be_filtered_and_paged(void **state)
{
	struct talk t;
	json_t *data;

	(void)state;
	talk_start(&t, sample);
	data = got(&t, "GET", RULES, NULL);
	assert_int_equal(json_array_size(data), 3);
	assert_string_equal(text_at(json_array_get(data, 0), "id"), "5");
	assert_string_equal(text_at(json_array_get(data, 2), "id"), "11");
	data = got(&t, "GET", RULES "?limit=1&offset=1", NULL);
	assert_int_equal(json_array_size(data), 1);
	assert_string_equal(text_at(json_array_get(data, 0), "name"), "two");
	data = got(&t, "GET", RULES "?src=wan&target=DROP&all_options=1", NULL);
	assert_int_equal(json_array_size(data), 1);
	data = got(&t, "GET", RULES "?dest_port=443", NULL);
	assert_string_equal(text_at(json_array_get(data, 0), "name"), "two");
	data = got(&t, "GET", RULES "?name=Allow%2DPing", NULL);
	assert_int_equal(json_array_size(data), 1);
	talk_end(&t);
}

static json_t *envelope(json_t *reply, size_t i)
{
	return json_array_get(json_object_get(reply, "data"), i);
}

static void bulk_does_all_on_one_text(void **state)
{
	struct talk t;
	json_t *reply;

	(void)state;
	talk_start(&t, sample);
	reply = ask(&t, 207, "POST", "/bulk",
		"{\"data\":[{\"method\":\"POST\",\"endpoint\":\"/api" ZONES "\","
		"\"data\":{\"name\":\"guest\"}},"
		"{\"method\":\"POST\",\"endpoint\":\"" RULES "\",\"data\":{\"src\":\"guest\"}},"
		"{\"method\":\"GET\",\"endpoint\":\"" ZONES "?name=guest\"}]}");
	assert_json(json_object_get(reply, "success"), "true");
	assert_int_equal(json_array_size(json_object_get(reply, "data")), 3);
	assert_string_equal(text_at(json_object_get(envelope(reply, 1), "data"), "src"), "guest");
	assert_int_equal(json_array_size(json_object_get(envelope(reply, 2), "data")), 1);
	assert_non_null(strstr(t.firewall, "guest"));
	talk_end(&t);
}

static void bulk_with_one_mistake_does_nothing(void **state)
{
	struct talk t;
	json_t *reply;

	(void)state;
	talk_start(&t, sample);
	reply = ask(&t, 207, "POST", "/bulk",
		"{\"data\":[{\"method\":\"POST\",\"endpoint\":\"" ZONES "\",\"data\":{}},"
		"{\"method\":\"GET\",\"endpoint\":\"" GLOBAL "\"},"
		"{\"method\":\"PUT\",\"endpoint\":\"" GLOBAL "\",\"data\":{\"input\":\"x\"}},"
		"{\"method\":\"POST\",\"endpoint\":\"/bulk\",\"data\":[]},{}]}");
	assert_json(json_object_get(reply, "success"), "false");
	assert_json(json_object_get(envelope(reply, 0), "success"), "false");
	assert_json(json_object_get(envelope(reply, 1), "success"), "true");
	assert_json(json_object_get(envelope(reply, 2), "success"), "false");
	assert_json(json_object_get(envelope(reply, 3), "success"), "false");
	assert_json(json_object_get(envelope(reply, 4), "success"), "false");
	assert_non_null(strstr(text_at(json_array_get(json_object_get(envelope(reply, 0), "errors"),
						 0), "error"), "request 3"));
	assert_string_equal(t.firewall, sample);
	talk_end(&t);
}

static void bulk_holds_a_hundred_requests(void **state)
{
	AUTO_BUF body = BUF_INIT;
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	buf_str(&body, "{\"data\":[");
	for (int i = 0; i < 100; i++)
		buf_printf(&body, "%s{\"method\":\"GET\",\"endpoint\":\"" GLOBAL "\"}", i ? "," : "");
	buf_str(&body, "]}");
	ask(&t, 207, "POST", "/bulk", buf_text(&body));
	body.n -= 2;
	buf_printf(&body, ",{\"method\":\"GET\",\"endpoint\":\"" GLOBAL "\"}]}");
	refused(&t, 422, 107, "Request", "up to 100", "POST", "/bulk", buf_text(&body));
	talk_end(&t);
}

/* ---- the whole check ---- */

/* Refuses every rule named 'bad', and warns of one named 'odd', at its place. */
static bool no_bad_rules(
	void *context, const struct api_texts *texts, api_report *report, void *to)
{
	static const char *const names[] = { "'bad'", "'odd'" };
	struct source source = { "firewall", texts->firewall };
	bool ok = true;

	(void)context;
	for (int i = 0; i < 2; i++) {
		const char *at = memmem(texts->firewall.p, texts->firewall.n, names[i], 5);
		struct diag d = { .severity = i ? DIAG_WARNING : DIAG_ERROR, .id = "bad",
			.option = "name", .message = "bad name", .hint = "better" };

		if (!at)
			continue;
		d.span = (struct span){ &source, (uint32_t)(at - texts->firewall.p), 0 };
		report(to, &d);
		ok &= i == 1;
	}
	return ok;
}

static void errors_of_the_whole_belong_to_the_section_they_are_in(void **state)
{
	struct talk t;
	json_t *reply, *error;

	(void)state;
	talk_start(&t, sample);
	t.accept = no_bad_rules;
	reply = ask(&t, 422, "PUT", RULES "/6", "{\"data\":{\"name\":\"bad\"}}");
	error = json_array_get(json_object_get(reply, "errors"), 0);
	assert_string_equal(text_at(error, "section"), "6");
	assert_string_equal(text_at(error, "source"), "name");
	assert_string_equal(text_at(error, "error"), "bad name; better");
	assert_string_equal(t.firewall, sample);
	reply = ask(&t, 207, "POST", "/bulk",
		"{\"data\":[{\"method\":\"PUT\",\"endpoint\":\"" RULES "/6\","
		"\"data\":{\"name\":\"bad\"}},"
		"{\"method\":\"PUT\",\"endpoint\":\"" RULES "/5\",\"data\":{\"enabled\":\"0\"}}]}");
	error = json_array_get(json_object_get(envelope(reply, 0), "errors"), 0);
	assert_string_equal(text_at(error, "error"), "bad name; better");
	assert_json(json_object_get(envelope(reply, 1), "success"), "false");
	assert_string_equal(t.firewall, sample);
	talk_end(&t);
}

static void warnings_about_an_edited_section_come_as_messages(void **state)
{
	struct talk t;
	json_t *reply;

	(void)state;
	talk_start(&t, sample);
	t.accept = no_bad_rules;
	reply = ask(&t, 200, "PUT", RULES "/6", "{\"data\":{\"name\":\"odd\"}}");
	assert_string_equal(
		text_at(json_array_get(json_object_get(reply, "messages"), 0), "message"), "bad name");
	reply = ask(&t, 200, "PUT", RULES "/5", "{\"data\":{\"enabled\":\"0\"}}");
	assert_null(json_object_get(reply, "messages"));
	talk_end(&t);
}

static void errors_that_were_there_before_stop_nobody(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, with(sample, "'two'", "'bad'"));
	t.accept = no_bad_rules;
	ask(&t, 200, "PUT", GLOBAL, "{\"data\":{\"input\":\"DROP\"}}");
	assert_non_null(strstr(t.firewall, "option input 'DROP'"));
	talk_end(&t);
}

static bool cannot_compile(
	void *context, const struct api_texts *texts, api_report *report, void *to)
{
	struct talk *t = context;
	struct diag d = { .severity = DIAG_ERROR, .id = "no-facts", .message = "no facts" };

	(void)texts;
	if (t->today)
		report(to, &d);
	return false;
}

static void nothing_is_saved_when_nothing_can_be_compiled(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	t.accept = cannot_compile;
	refused(&t, 500, 999, "Validation", "compiled", "PUT", GLOBAL,
		"{\"data\":{\"input\":\"DROP\"}}");
	t.today = 1;
	refused(&t, 422, 103, "Validation", "no facts", "PUT", GLOBAL,
		"{\"data\":{\"input\":\"DROP\"}}");
	talk_end(&t);
}

/* Refuses an address of source NAT, wherever it stands, without naming the option. */
static bool no_such_address(
	void *context, const struct api_texts *texts, api_report *report, void *to)
{
	const char *at = memmem(texts->firewall.p, texts->firewall.n, "198.51.100.99", 13);
	struct source source = { "firewall", texts->firewall };
	struct diag d = { .severity = DIAG_ERROR, .id = "x", .message = "bad" };

	(void)context;
	if (!at)
		return true;
	d.span = (struct span){ &source, (uint32_t)(at - texts->firewall.p), 0 };
	report(to, &d);
	return false;
}

static void errors_of_the_whole_name_the_key_that_clients_know(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	t.accept = no_such_address;
	refused(&t, 422, 103, "src_dip", "bad", "PUT", "/firewall/nat_rules/config/10",
		"{\"data\":{\"src_dip\":\"198.51.100.99\"}}");
	refused(&t, 422, 103, "host_ip", "bad", "PUT", "/dmz/config/general",
		"{\"data\":{\"host_ip\":\"198.51.100.99\"}}");
	assert_string_equal(text_at(json_array_get(json_object_get(t.last.body, "errors"), 0),
		"section"), "general");
	talk_end(&t);
}

static void a_file_that_cannot_be_read_is_not_edited(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, "config rule 'a\n");
	refused(&t, 500, 117, "UCI", "cannot be read", "GET", RULES, NULL);
	refused(&t, 500, 117, "UCI", "cannot be read", "POST", RULES, "{\"data\":{}}");
	talk_end(&t);
}

/* ---- data of the running system, schema ---- */

static json_t *live(void *context, enum api_live what)
{
	(void)context;
	return what == API_LIVE_CONNECTIONS ? json_pack("[{s:s}]", "src", "192.0.2.1") : NULL;
}

static void live_data_comes_from_the_caller(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	t.live = live;
	assert_json(got(&t, "GET", "/firewall/connections/status", NULL),
		"[{\"src\":\"192.0.2.1\"}]");
	refused(&t, 501, 100, NULL, "running", "GET", "/firewall/iptables/ipv4/status", NULL);
	talk_end(&t);
}

static void the_schema_and_the_routes_are_answered(void **state)
{
	struct talk t;
	json_t *data, *section;
	bool zone = false, settings = false;
	size_t i;

	(void)state;
	talk_start(&t, sample);
	data = got(&t, "GET", "/api/zonewall/schema", NULL);
	json_array_foreach (json_object_get(data, "sections"), i, section) {
		zone |= !strcmp(text_at(section, "type"), "zone");
		settings |= !strcmp(text_at(section, "type"), "settings");
	}
	assert_true(zone && settings);
	data = got(&t, "GET", "/api/zonewall/routes", NULL);
	json_array_foreach (data, i, section) {
		json_t *key;
		size_t j;

		/* Every key is an option that the tables know. */
		json_array_foreach (json_object_get(section, "keys"), j, key) {
			if (strcmp(text_at(key, "section"), "forwarding") != 0)
				assert_string_not_equal(text_at(key, "option"), "(absent)");
		}
	}
	talk_end(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_and_versions_of_a_path_do_not_matter),
		cmocka_unit_test(wrong_requests_have_the_devices_codes),
		cmocka_unit_test(bodies_over_the_limit_of_a_route_are_refused),
		cmocka_unit_test(roles_are_asked_for_on_every_route_and_method),
		cmocka_unit_test(lists_can_be_filtered_and_paged),
		cmocka_unit_test(bulk_does_all_on_one_text),
		cmocka_unit_test(bulk_with_one_mistake_does_nothing),
		cmocka_unit_test(bulk_holds_a_hundred_requests),
		cmocka_unit_test(errors_of_the_whole_belong_to_the_section_they_are_in),
		cmocka_unit_test(warnings_about_an_edited_section_come_as_messages),
		cmocka_unit_test(errors_that_were_there_before_stop_nobody),
		cmocka_unit_test(nothing_is_saved_when_nothing_can_be_compiled),
		cmocka_unit_test(errors_of_the_whole_name_the_key_that_clients_know),
		cmocka_unit_test(a_file_that_cannot_be_read_is_not_edited),
		cmocka_unit_test(live_data_comes_from_the_caller),
		cmocka_unit_test(the_schema_and_the_routes_are_answered),
	};

	return RUN_TAP(tests);
}
