/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects: how sections are shown, what is refused, what an edit leaves alone, ids, order. */
#include "asking.h"

#define ZONES "/firewall/zones/config"
#define RULES "/firewall/traffic_rules/config"
#define FORWARDS "/firewall/port_forwards/config"
#define NATS "/firewall/nat_rules/config"
#define GLOBAL "/firewall/global"
#define ATTACK "/attack_prevention/"

static void values_are_strings_in_one_spelling(void **state)
{
	struct talk t;
	json_t *data;

	(void)state;
	talk_start(&t, sample);
	assert_json(got(&t, "GET", GLOBAL, NULL),
		"{\"drop_invalid\":\"0\",\"auto_helper\":\"1\",\"input\":\"REJECT\","
		"\"output\":\"ACCEPT\",\"forward\":\"REJECT\"}");
	data = got(&t, "GET", ZONES "/3", NULL);
	assert_string_equal(text_at(data, "masq"), "1");
	assert_json(json_object_get(data, "network"), "[\"wan\",\"wan6\"]");
	assert_null(json_object_get(data, "made_up"));
	assert_null(json_object_get(data, "log_limit"));
	data = got(&t, "GET", RULES "/11", NULL);
	assert_string_equal(text_at(data, "limit"), "1000");
	assert_string_equal(text_at(data, "period"), "second");
	assert_json(json_object_get(data, "weekdays"), "[\"Mon\",\"Tue\"]");
	assert_string_equal(text_at(data, "enabled"), "1");
	assert_null(json_object_get(data, "proto"));
	assert_json(json_object_get(got(&t, "GET", RULES "/6", NULL), "dest_port"),
		"[\"80\",\"443\"]");
	talk_end(&t);
}

/* What is refused, of which option, with what message. */
static void wrong_values_are_refused_at_their_option(void **state)
{
	static const struct {
		const char *path, *source, *part, *data;
	} rows[] = {
		{ GLOBAL, "nonsense", "Invalid option", "{\"nonsense\":\"1\"}" },
		{ GLOBAL, "drop_invalid", "must be a string", "{\"drop_invalid\":1}" },
		{ GLOBAL, "drop_invalid", "must be a string", "{\"drop_invalid\":true}" },
		{ GLOBAL, "drop_invalid", "must be a string", "{\"drop_invalid\":null}" },
		{ GLOBAL, "drop_invalid", "\"0\" or \"1\"", "{\"drop_invalid\":\"yes\"}" },
		{ GLOBAL, "drop_invalid", "does not accept arrays", "{\"drop_invalid\":[\"1\"]}" },
		{ GLOBAL, "input", "REJECT, DROP, ACCEPT", "{\"input\":\"rej\"}" },
		{ ZONES "/2", "network", "only accepts arrays", "{\"network\":\"wan\"}" },
		{ ZONES "/2", "network", "must be a string", "{\"network\":[1]}" },
		{ ZONES "/2", "network", "twice", "{\"network\":[\"a\",\"a\"]}" },
		{ ZONES "/2", "network", "empty", "{\"network\":[\"a\",\"\"]}" },
		{ ZONES "/2", "name", "Missing required option: name", "{\"name\":\"\"}" },
		{ ZONES "/2", "name", "Is 12 characters, but can be up to 11",
			"{\"name\":\"abcdefghijkl\"}" },
		{ ZONES "/2", "name", "letters", "{\"name\":\"a;b\"}" },
		{ ZONES "/2", "name", "already used", "{\"name\":\"wan\"}" },
		{ ZONES "/2", "log_limit", "", "{\"log_limit\":\"many\"}" },
		{ ZONES "/2", "out", "no zone 'nowhere'", "{\"out\":[\"nowhere\"]}" },
		{ ZONES "/2", "masq_src", "", "{\"masq_src\":[\"300.1.1.1\"]}" },
		{ RULES "/6", "src", "no zone 'wna'", "{\"src\":\"wna\"}" },
		{ RULES "/6", "name", "already used", "{\"name\":\"three\"}" },
		{ RULES "/6", "src_mac", "", "{\"src_mac\":[\"00:11\"]}" },
		{ RULES "/6", "dest_port", "", "{\"dest_port\":[\"90-80\"]}" },
		{ RULES "/6", "dest_port", "", "{\"dest_port\":[\"!\"]}" },
		{ RULES "/6", "dest_port", "", "{\"dest_port\":[\"65536\"]}" },
		{ RULES "/6", "dest_port", "several words", "{\"dest_port\":[\"80 81\"]}" },
		{ RULES "/6", "weekdays", "", "{\"weekdays\":[\"Mon\",\"Someday\"]}" },
		{ RULES "/6", "monthdays", "", "{\"monthdays\":[\"32\"]}" },
		{ RULES "/6", "start_time", "", "{\"start_time\":\"25:00:00\"}" },
		{ RULES "/6", "start_date", "after the stop date",
			"{\"start_date\":\"2026-02-02\",\"stop_date\":\"2026-02-01\"}" },
		{ RULES "/6", "mark", "", "{\"mark\":\"xyz\"}" },
		{ RULES "/6", "family", "must be one of", "{\"family\":\"ipv5\"}" },
		{ RULES "/6", "match", "must be one of", "{\"match\":\"TTL\"}" },
		{ RULES "/6", "Validation", "Missing required option: set_dscp",
			"{\"target\":\"DSCP\"}" },
		{ RULES "/6", "Validation", "Missing required option: set_mark",
			"{\"target\":\"MARK\"}" },
		{ RULES "/6", "Validation", "Missing required option: limit",
			"{\"period\":\"hour\"}" },
		{ RULES "/6", "period", "must be one of", "{\"period\":\"week\",\"limit\":\"1\"}" },
		{ RULES "/6", "limit", "1 to 10000", "{\"limit\":\"10001\"}" },
		{ RULES "/6", "owner_type", "cannot be changed", "{\"owner_type\":\"x\"}" },
		{ RULES "/6", "extra", "control", "{\"extra\":\"a\\nb\"}" },
		{ RULES "/6", "priority", "already used for rule 'Allow-Ping'",
			"{\"priority\":\"1\"}" },
		{ RULES "/6", "priority", "number", "{\"priority\":\"0\"}" },
		{ FORWARDS "/8", "name", "belongs to the DMZ", "{\"name\":\"dmz_fw\"}" },
		{ FORWARDS "/8", "dest_ip", "does not accept arrays", "{\"dest_ip\":[\"1.2.3.4\"]}" },
		{ NATS "/9", "target", "must be one of", "{\"target\":\"DNAT\"}" },
		{ NATS "/9", "Validation", "Missing required option: src_dip",
			"{\"src_dip\":\"\"}" },
		{ "/nat_offloading/global", "Validation", "flow_offloading",
			"{\"flow_offloading_hw\":\"1\"}" },
		{ ATTACK "syn_flood/config/general", "synflood_rate", "1 to 10000",
			"{\"synflood_rate\":\"0\"}" },
		{ ATTACK "port_scan/config/general", "seconds", "",
			"{\"seconds\":\"9\"}" },
		{ "/dmz/config/general", "Validation", "host_ip", "{\"enabled\":\"1\"}" },
		{ "/firewall/custom_rules/config/general", "x", "Invalid option", "{\"x\":\"1\"}" },
	};
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO_BUF body = BUF_INIT;
		int code = strstr(rows[i].part, "Missing required option: name") ? 110
			   : strstr(rows[i].part, "belongs")	? 109
			   : strstr(rows[i].part, "already used") && !strstr(rows[i].part, "rule")
				   ? 109
				   : 103;

		buf_printf(&body, "{\"data\":%s}", rows[i].data);
		refused(&t, 422, code, rows[i].source, rows[i].part, "PUT", rows[i].path,
			buf_text(&body));
	}
	t.today = 1700000000;
	refused(&t, 422, 103, "stop_date", "past", "PUT", RULES "/6",
		"{\"data\":{\"stop_date\":\"2020-01-01\"}}");
	talk_end(&t);
}

static void all_mistakes_are_told_at_once(void **state)
{
	struct talk t;
	json_t *errors;

	(void)state;
	talk_start(&t, sample);
	errors = json_object_get(ask(&t, 422, "PUT", RULES,
		"{\"data\":[{\"id\":\"5\",\"src\":\"x\",\"proto\":\"tcp\"},"
		"{\"id\":\"6\",\"enabled\":\"0\"},{\"id\":\"11\",\"y\":\"\"}]}"), "errors");
	assert_int_equal(json_array_size(errors), 3);
	assert_string_equal(text_at(json_array_get(errors, 2), "section"), "11");
	assert_string_equal(t.firewall, sample);
	talk_end(&t);
}

/* ---- what edits leave alone ---- */

static void a_put_changes_the_bytes_of_its_option_only(void **state)
{
	char *named = strdup(with(sample, "config rule\n", "config rule '11'\n"));
	struct talk t;

	(void)state;
	talk_start(&t, named);
	got(&t, "PUT", RULES "/5", "{\"data\":{\"target\":\"DROP\"}}");
	assert_string_equal(t.firewall, with(named, "'ACCEPT'   # yes", "'DROP'   # yes"));
	free(named);
	talk_end(&t);
}

static void sending_back_what_was_shown_changes_nothing(void **state)
{
	static const char *const lists[] = { ZONES, RULES, FORWARDS, NATS };
	static const char *const singles[] = { GLOBAL, "/nat_offloading/global",
		ATTACK "syn_flood/config/general", ATTACK "icmp/config/general",
		ATTACK "port_scan/config/general" };
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	for (size_t i = 0; i < 9; i++) {
		const char *path = i < 4 ? lists[i] : singles[i - 4];
		json_t *body = json_pack("{s:O}", "data", got(&t, "GET", path, NULL));
		char *text = json_dumps(body, 0);

		ask(&t, 200, "PUT", path, text);
		assert_string_equal(t.firewall, sample);
		free(text);
		json_decref(body);
	}
	talk_end(&t);
}

static void an_empty_value_clears_the_option(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	got(&t, "PUT", RULES "/6", "{\"data\":{\"dest_port\":[],\"src\":\"\",\"name\":\"\"}}");
	assert_null(strstr(t.firewall, "80 443"));
	assert_null(strstr(t.firewall, "'two'"));
	got(&t, "PUT", FORWARDS "/8", "{\"data\":{\"src_dport\":\"any\"}}");
	assert_null(strstr(t.firewall, "src_dport"));
	talk_end(&t);
}

static void lists_keep_the_form_the_file_gave_them(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	got(&t, "PUT", ZONES,
		"{\"data\":[{\"id\":\"2\",\"network\":[\"lan\",\"lan2\"]},"
		"{\"id\":\"3\",\"network\":[\"wan\"]}]}");
	assert_non_null(strstr(t.firewall, "\tlist network 'lan'\n\tlist network 'lan2'\n"));
	assert_non_null(strstr(t.firewall, "\toption network 'wan'\n"));
	talk_end(&t);
}

/* ---- ids and new sections ---- */

static void sections_without_a_name_have_the_same_id_before_and_after(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	assert_string_equal(text_at(got(&t, "GET", RULES "/11", NULL), "name"), "three");
	assert_non_null(strstr(t.firewall, "config rule\n"));
	assert_string_equal(text_at(got(&t, "POST", RULES, "{\"data\":{}}"), "id"), "12");
	assert_non_null(strstr(t.firewall, "config rule '11'\n"));
	assert_string_equal(text_at(got(&t, "GET", RULES "/11", NULL), "name"), "three");
	talk_end(&t);
}

static void new_sections_have_the_manuals_defaults(void **state)
{
	struct talk t;
	json_t *data;

	(void)state;
	talk_start(&t, sample);
	data = got(&t, "POST", ZONES, "{\"data\":{}}");
	assert_string_equal(text_at(data, "name"), "newzone");
	assert_string_equal(text_at(data, "input"), "ACCEPT");
	assert_string_equal(text_at(data, "forward"), "REJECT");
	assert_string_equal(text_at(got(&t, "POST", ZONES, "{\"data\":{}}"), "name"), "newzone2");
	data = got(&t, "POST", FORWARDS, "{\"data\":{\"name\":\"x\",\"dest\":\"\"}}");
	assert_string_equal(text_at(data, "enabled"), "1");
	assert_string_equal(text_at(data, "src"), "wan");
	assert_string_equal(text_at(data, "dest"), "(absent)");
	assert_json(json_object_get(data, "proto"), "[\"tcp\",\"udp\"]");
	data = got(&t, "POST", RULES, "{\"data\":{\"target\":\"REJECT\"}}");
	assert_string_equal(text_at(data, "priority"), "4");
	assert_non_null(strstr(t.firewall, "option target 'REJECT'"));
	data = got(&t, "POST", NATS, "{\"data\":{\"src_dip\":\"198.51.100.9\"}}");
	assert_string_equal(text_at(data, "src"), "lan");
	assert_string_equal(text_at(data, "dest"), "wan");
	assert_string_equal(text_at(data, "target"), "SNAT");
	assert_non_null(strstr(t.firewall, "option snat_ip '198.51.100.9'"));
	talk_end(&t);
}

static void zones_that_are_not_there_are_no_defaults(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, "config zone\n\toption name 'home'\n");
	assert_string_equal(text_at(got(&t, "POST", RULES, "{\"data\":{}}"), "src"), "(absent)");
	talk_end(&t);
}

static void both_kinds_of_source_nat_are_one_list(void **state)
{
	struct talk t;
	json_t *data;

	(void)state;
	talk_start(&t, sample);
	data = got(&t, "GET", NATS, NULL);
	assert_int_equal(json_array_size(data), 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(text_at(json_array_get(data, i), "src"), "lan");
		assert_string_equal(text_at(json_array_get(data, i), "dest"), "wan");
		assert_non_null(strstr(text_at(json_array_get(data, i), "src_dip"), "198.51.100."));
	}
	assert_int_equal(json_array_size(got(&t, "GET", FORWARDS, NULL)), 1);
	got(&t, "PUT", NATS "/10", "{\"data\":{\"src\":\"\",\"dest\":\"lan\"}}");
	assert_non_null(strstr(t.firewall, "\toption src 'lan'\n\toption snat_ip"));
	refused(&t, 422, 103, "priority", "always comes before", "PUT", NATS,
		"{\"data\":[{\"id\":\"9\",\"priority\":\"2\"},{\"id\":\"10\",\"priority\":\"1\"}]}");
	talk_end(&t);
}

static void many_are_deleted_or_none(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	refused(&t, 404, 113, NULL, "no section '99'", "DELETE", RULES,
		"{\"data\":[\"5\",\"99\"]}");
	assert_json(got(&t, "DELETE", RULES, "{\"data\":[\"5\",\"11\"]}"),
		"[{\"id\":\"5\"},{\"id\":\"11\"}]");
	assert_int_equal(json_array_size(got(&t, "GET", RULES, NULL)), 1);
	assert_json(got(&t, "DELETE", FORWARDS "/8", NULL), "{\"id\":\"8\"}");
	talk_end(&t);
}

/* ---- order ---- */

static void order_is(struct talk *t, const char *a, const char *b, const char *c)
{
	json_t *data = got(t, "GET", RULES, NULL);

	assert_string_equal(text_at(json_array_get(data, 0), "id"), a);
	assert_string_equal(text_at(json_array_get(data, 1), "id"), b);
	assert_string_equal(text_at(json_array_get(data, 2), "id"), c);
}

static void priorities_move_sections(void **state)
{
	struct talk t;
	json_t *data;

	(void)state;
	talk_start(&t, sample);
	data = got(&t, "PUT", RULES,
		"{\"data\":[{\"id\":\"5\",\"priority\":\"3\"},{\"id\":\"11\",\"priority\":\"1\"}]}");
	assert_string_equal(text_at(json_array_get(data, 0), "priority"), "3");
	order_is(&t, "11", "6", "5");
	assert_null(strstr(t.firewall, "option priority"));
	got(&t, "PUT", RULES "/11", "{\"data\":{\"priority\":\"4\"}}");
	order_is(&t, "6", "5", "11");
	refused(&t, 422, 103, "priority", "several rules", "PUT", RULES,
		"{\"data\":[{\"id\":\"5\",\"priority\":\"9\"},{\"id\":\"6\",\"priority\":\"9\"}]}");
	assert_non_null(strstr(t.firewall, "# about rules\nconfig rule '5'"));
	talk_end(&t);
}

static void stored_priorities_are_kept_in_step(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, "config rule '1'\n\toption priority '3'\n\nconfig rule '2'\n"
		       "\toption priority '4'\n");
	got(&t, "POST", RULES, "{\"data\":{}}");
	assert_non_null(strstr(t.firewall, "option priority '5'"));
	got(&t, "PUT", RULES,
		"{\"data\":[{\"id\":\"1\",\"priority\":\"2\"},{\"id\":\"2\",\"priority\":\"1\"}]}");
	assert_non_null(strstr(t.firewall, "config rule '2'\n\toption priority '1'"));
	assert_non_null(strstr(t.firewall, "config rule '1'\n\toption priority '2'"));
	assert_non_null(strstr(t.firewall, "option priority '3'"));
	talk_end(&t);
}

/* Every order of five sections, among others of their type that are not in the list. */
static void any_order_can_be_asked_for(void **state)
{
	static const char *const forward = "config redirect '%d'\n\toption src 'wan'\n\n"
					   "config redirect 's%d'\n\toption target 'SNAT'\n\n";

	(void)state;
	for (int n = 0; n < 120; n++) {
		AUTO_BUF file = BUF_INIT, body = BUF_INIT;
		int left[5] = { 1, 2, 3, 4, 5 }, wanted[5], code = n;
		struct talk t;
		json_t *list;

		for (int i = 1; i <= 5; i++)
			buf_printf(&file, forward, i, i);
		for (int i = 0; i < 5; i++) {
			int at = code % (5 - i);

			code /= 5 - i;
			wanted[i] = left[at];
			memmove(&left[at], &left[at + 1], sizeof(int) * (size_t)(4 - at));
			buf_printf(&body, "%s{\"id\":\"%d\",\"priority\":\"%d\"}", i ? "," : "",
				wanted[i], i + 1);
		}
		talk_start(&t, buf_text(&file));
		buf_clear(&file);
		buf_printf(&file, "{\"data\":[%s]}", buf_text(&body));
		got(&t, "PUT", FORWARDS, buf_text(&file));
		list = got(&t, "GET", FORWARDS, NULL);
		assert_int_equal(json_array_size(list), 5);
		for (size_t i = 0; i < 5; i++)
			assert_int_equal(text_at(json_array_get(list, i), "id")[0] - '0', wanted[i]);
		list = got(&t, "GET", NATS, NULL);
		for (size_t i = 0; i < 5; i++)
			assert_int_equal(text_at(json_array_get(list, i), "id")[1] - '1', i);
		talk_end(&t);
	}
}

static void a_request_is_about_a_thousand_sections_at_most(void **state)
{
	AUTO_BUF body = BUF_INIT;
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	buf_str(&body, "{\"data\":[\"0\"");
	for (int i = 1; i <= API_MANY_MAX; i++)
		buf_printf(&body, ",\"%d\"", i);
	buf_str(&body, "]}");
	refused(&t, 422, 107, "Request", "up to 1000", "DELETE", RULES, buf_text(&body));
	talk_end(&t);
}

/* ---- pages of one section ---- */

static void attack_pages_edit_the_stock_rules(void **state)
{
	struct talk t;
	json_t *data;

	(void)state;
	talk_start(&t, sample);
	data = got(&t, "GET", ATTACK "icmp/config/general", NULL);
	assert_string_equal(text_at(data, "limit"), "5");
	data = got(&t, "PUT", ATTACK "icmp/config/general",
		"{\"data\":{\"icmp_limit\":\"1\",\"period\":\"minute\",\"limit\":\"7\","
		"\"limit_burst\":\"3\"}}");
	assert_string_equal(text_at(data, "period"), "minute");
	assert_non_null(strstr(t.firewall, "option limit '7/minute'"));
	got(&t, "PUT", ATTACK "icmp/config/general", "{\"data\":{\"period\":\"hour\"}}");
	assert_non_null(strstr(t.firewall, "option limit '7/hour'"));
	data = got(&t, "GET", ATTACK "ssh/config/general", NULL);
	assert_string_equal(text_at(data, "ssh_limit"), "0");
	got(&t, "PUT", ATTACK "ssh/config/general",
		"{\"data\":{\"ssh_limit\":\"1\",\"limit\":\"9\"}}");
	assert_non_null(strstr(t.firewall, "option name 'Enable_SSH_WAN'"));
	assert_non_null(strstr(t.firewall, "option limit '9/second'"));
	got(&t, "PUT", ATTACK "syn_flood/config/general",
		"{\"data\":{\"synflood_rate\":\"8\",\"tcp_syncookies\":\"0\"}}");
	assert_non_null(strstr(t.firewall, "option synflood_rate '8/second'"));
	talk_end(&t);
}

static void port_scan_settings_move_to_where_they_count(void **state)
{
	struct talk t;
	json_t *data;

	(void)state;
	talk_start(&t, sample);
	data = got(&t, "GET", ATTACK "port_scan/config/general", NULL);
	assert_string_equal(text_at(data, "port_scan"), "1");
	assert_string_equal(text_at(data, "hitcount"), "30");
	data = got(&t, "PUT", ATTACK "port_scan/config/general",
		"{\"data\":{\"hitcount\":\"\",\"port_scan\":\"0\",\"syn_fin\":\"1\"}}");
	assert_string_equal(text_at(data, "port_scan"), "0");
	assert_string_equal(text_at(data, "hitcount"), "(absent)");
	assert_string_equal(text_at(data, "syn_fin"), "1");
	assert_null(strstr(t.firewall, "option port_scan '1'"));
	talk_end(&t);
	talk_start(&t, "config defaults\n");
	refused(&t, 404, 113, "UCI", "no zone 'wan'", "PUT", ATTACK "port_scan/config/general",
		"{\"data\":{\"port_scan\":\"1\"}}");
	talk_end(&t);
}

static void the_exposed_host_is_made_and_hidden_from_the_forwards(void **state)
{
	struct talk t;
	json_t *data;

	(void)state;
	talk_start(&t, sample);
	data = got(&t, "GET", "/dmz/config/general", NULL);
	assert_string_equal(text_at(data, "enabled"), "0");
	data = got(&t, "PUT", "/dmz/config/general",
		"{\"data\":{\"enabled\":\"1\",\"host_ip\":\"192.168.1.9\",\"proto\":[\"udp\"],"
		"\"port_range\":\"1000-2000\"}}");
	assert_json(data, "{\"enabled\":\"1\",\"host_ip\":\"192.168.1.9\",\"proto\":[\"udp\"],"
			  "\"port_range\":\"1000-2000\"}");
	assert_non_null(strstr(t.firewall, "option mode 'host'"));
	assert_int_equal(json_array_size(got(&t, "GET", FORWARDS, NULL)), 1);
	refused(&t, 422, 109, "name", "DMZ", "POST", FORWARDS,
		"{\"data\":{\"name\":\"dmz_fw\"}}");
	talk_end(&t);
}

static void a_missing_section_is_made_at_the_first_edit(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, "# nothing yet\n");
	assert_string_equal(text_at(got(&t, "GET", GLOBAL, NULL), "input"), "DROP");
	got(&t, "PUT", GLOBAL, "{\"data\":{\"input\":\"DROP\"}}"); /* as it is anyway */
	assert_string_equal(t.firewall, "# nothing yet\n");
	got(&t, "PUT", GLOBAL, "{\"data\":{\"input\":\"REJECT\"}}");
	assert_non_null(strstr(t.firewall, "# nothing yet\n"));
	assert_non_null(strstr(t.firewall, "config defaults '1'"));
	assert_string_equal(text_at(got(&t, "GET", GLOBAL, NULL), "output"), "ACCEPT");
	talk_end(&t);
}

static void custom_rules_are_a_file_of_their_own(void **state)
{
	struct talk t;
	json_t *data;

	(void)state;
	talk_start(&t, sample);
	assert_string_equal(text_at(got(&t, "GET", "/firewall/custom_rules/config/general", NULL),
		"custom_rules"), "");
	data = got(&t, "PUT", "/firewall/custom_rules/config/general",
		"{\"data\":{\"custom_rules\":\"# a\\r\\n# b\\rc\\n\"}}");
	assert_string_equal(text_at(data, "custom_rules"), "# a\n# b\nc\n");
	assert_string_equal(t.custom, "# a\n# b\nc\n");
	assert_non_null(strstr(t.firewall, "option path '/etc/firewall.user'"));
	ask(&t, 200, "POST", "/firewall/custom_rules/actions/reset", NULL);
	assert_non_null(strstr(t.custom, "# Custom rules"));
	talk_end(&t);
}

static void marks_are_read_in_the_dialect_of_the_settings(void **state)
{
	struct api_texts texts = { slice_of(sample),
		slice_of("config settings\n\toption dialect 'openwrt'\n"), { 0 } };
	struct api_caller caller = { .role = API_ADMIN };
	struct api_request r = { "PUT", RULES "/6", NULL,
		slice_of("{\"data\":{\"mark\":\"ff\"}}") };
	struct api_response response;

	(void)state;
	api_run(&texts, &caller, &r, &response);
	assert_int_equal(response.status, 422);
	api_response_release(&response);
	texts.zonewall = slice_of("");
	api_run(&texts, &caller, &r, &response);
	assert_int_equal(response.status, 200);
	api_response_release(&response);
}

static void an_output_rule_of_the_old_pages_has_its_zone(void **state)
{
	struct talk t;

	(void)state;
	talk_start(&t, sample);
	got(&t, "POST", RULES, "{\"data\":{\"src\":\"\",\"dest_local\":\"lan\"}}");
	assert_non_null(strstr(t.firewall, "option dest 'lan'\n"));
	talk_end(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_strings_in_one_spelling),
		cmocka_unit_test(wrong_values_are_refused_at_their_option),
		cmocka_unit_test(all_mistakes_are_told_at_once),
		cmocka_unit_test(a_put_changes_the_bytes_of_its_option_only),
		cmocka_unit_test(sending_back_what_was_shown_changes_nothing),
		cmocka_unit_test(an_empty_value_clears_the_option),
		cmocka_unit_test(lists_keep_the_form_the_file_gave_them),
		cmocka_unit_test(sections_without_a_name_have_the_same_id_before_and_after),
		cmocka_unit_test(new_sections_have_the_manuals_defaults),
		cmocka_unit_test(zones_that_are_not_there_are_no_defaults),
		cmocka_unit_test(both_kinds_of_source_nat_are_one_list),
		cmocka_unit_test(many_are_deleted_or_none),
		cmocka_unit_test(priorities_move_sections),
		cmocka_unit_test(any_order_can_be_asked_for),
		cmocka_unit_test(a_request_is_about_a_thousand_sections_at_most),
		cmocka_unit_test(stored_priorities_are_kept_in_step),
		cmocka_unit_test(attack_pages_edit_the_stock_rules),
		cmocka_unit_test(port_scan_settings_move_to_where_they_count),
		cmocka_unit_test(the_exposed_host_is_made_and_hidden_from_the_forwards),
		cmocka_unit_test(a_missing_section_is_made_at_the_first_edit),
		cmocka_unit_test(custom_rules_are_a_file_of_their_own),
		cmocka_unit_test(marks_are_read_in_the_dialect_of_the_settings),
		cmocka_unit_test(an_output_rule_of_the_old_pages_has_its_zone),
	};

	return RUN_TAP(tests);
}
