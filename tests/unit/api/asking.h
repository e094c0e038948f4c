/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the API share: a configuration, and a request against it in one line. */
#ifndef TESTS_UNIT_API_ASKING_H
#define TESTS_UNIT_API_ASKING_H

#include "../cmocka_tap.h"

#include <stdio.h>
#include <string.h>

#include "api/api.h"

#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-variable"

static const char sample[] =
	"# the file of a test\n"
	"config defaults '1'\n"
	"\toption input 'rej'   # nobody gets in\n"
	"\toption output \"ACCEPT\"\n"
	"\toption forward REJECT\n"
	"\n"
	"config zone '2'\n"
	"\toption name 'lan'\n"
	"\tlist network 'lan'\n"
	"\toption input 'ACCEPT'\n"
	"\n"
	"config zone '3'\n"
	"\toption name 'wan'\n"
	"\toption network 'wan wan6'\n"
	"\toption masq 'yes'\n"
	"\toption made_up 'kept'\n"
	"\n"
	"config forwarding '4'\n"
	"\toption src 'lan'\n"
	"\toption dest 'wan'\n"
	"\toption family 'ipv4'\n"
	"\n"
	"# about rules\n"
	"config rule '5'\n"
	"\toption name 'Allow-Ping'\n"
	"\toption src 'wan'\n"
	"\toption proto 'icmp'\n"
	"\toption icmp_type 'echo-request'\n"
	"\toption target 'ACCEPT'   # yes\n"
	"\n"
	"config rule '6'\n"
	"\toption name 'two'\n"
	"\toption src 'wan'\n"
	"\toption proto 'tcp udp'\n"
	"\toption dest_port '80 443'\n"
	"\toption target 'DROP'\n"
	"\n"
	"config rule\n"
	"\toption name 'three'\n"
	"\toption src 'lan'\n"
	"\toption limit '1000/sec'\n"
	"\toption weekdays 'Mon Tue'\n"
	"\toption target 'ACCEPT'\n"
	"\n"
	"config redirect '8'\n"
	"\toption name 'web'\n"
	"\toption src 'wan'\n"
	"\toption src_dport '80'\n"
	"\toption dest 'lan'\n"
	"\toption dest_ip '192.168.1.2'\n"
	"\n"
	"config redirect '9'\n"
	"\toption name 'old snat'\n"
	"\toption target 'SNAT'\n"
	"\toption src 'lan'\n"
	"\toption dest 'wan'\n"
	"\toption src_dip '198.51.100.7'\n"
	"\n"
	"config nat '10'\n"
	"\toption name 'new snat'\n"
	"\toption target 'SNAT'\n"
	"\toption src 'wan'\n"
	"\toption src_zone 'lan'\n"
	"\toption snat_ip '198.51.100.8'\n"
	"\n"
	"config include 'pscan'\n"
	"\toption path '/usr/bin/attack_prevention'\n"
	"\toption port_scan '1'\n"
	"\toption hitcount '30'\n";

/* A conversation: the texts as they are now, and the last answer. */
struct talk {
	char *firewall, *custom;
	enum api_role role;
	int64_t today;
	bool (*accept)(void *context, const struct api_texts *texts, api_report *report, void *to);
	json_t *(*live)(void *context, enum api_live what);
	struct api_response last;
};

static void talk_start(struct talk *t, const char *firewall)
{
	*t = (struct talk){ .firewall = strdup(firewall), .role = API_ADMIN };
}

static void talk_end(struct talk *t)
{
	api_response_release(&t->last);
	free(t->firewall);
	free(t->custom);
}

/* Sends a request, saves what it changed, checks the status and returns the body (borrowed). */
static json_t *ask(struct talk *t, int status, const char *method, const char *path, const char *body)
{
	struct api_texts texts = { slice_of(t->firewall), { 0 }, slice_of(t->custom) };
	struct api_caller caller = { .role = t->role, .today = t->today, .accept = t->accept,
		.live = t->live, .context = t };
	char bare[512];
	struct api_request request = { .method = method, .path = bare };

	snprintf(bare, sizeof(bare), "%s", path);
	if (strchr(bare, '?')) {
		request.query = strchr(bare, '?') + 1;
		*strchr(bare, '?') = '\0';
	}
	request.body = slice_of(body);
	api_response_release(&t->last);
	api_run(&texts, &caller, &request, &t->last);
	if (t->last.firewall_changed) {
		free(t->firewall);
		t->firewall = buf_take(&t->last.firewall);
	}
	if (t->last.custom_changed) {
		free(t->custom);
		t->custom = buf_take(&t->last.custom);
		if (!t->custom)
			t->custom = strdup("");
	}
	if (t->last.status != status) {
		char *text = json_dumps(t->last.body, 0);

		print_message("# %s %s %s\n# %d: %s\n", method, path, body ? body : "", t->last.status,
			text);
		free(text);
	}
	assert_int_equal(t->last.status, status);
	return t->last.body;
}

/* The data of an answer; its value of a key, as text. */
static json_t *got(struct talk *t, const char *method, const char *path, const char *body)
{
	return json_object_get(
		ask(t, !strcmp(method, "POST") ? 201 : 200, method, path, body), "data");
}

static const char *text_at(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "(absent)";
}

static void assert_json(json_t *value, const char *expected)
{
	json_t *wanted = json_loads(expected, JSON_DECODE_ANY, NULL);
	char *text = json_dumps(value, JSON_ENCODE_ANY);

	if (!json_equal(value, wanted))
		print_message("# is %s\n", text ? text : "absent");
	assert_true(json_equal(value, wanted));
	free(text);
	json_decref(wanted);
}

/* The first error of a refused request has this code and source, and its text holds `part`. */
static void refused(struct talk *t, int status, int code, const char *source, const char *part,
	const char *method, const char *path, const char *body)
{
	char *before = strdup(t->firewall);
	json_t *reply = ask(t, status, method, path, body);
	json_t *error = json_array_get(json_object_get(reply, "errors"), 0);
	const char *text = json_string_value(json_object_get(error, "error"));

	assert_json(json_object_get(reply, "success"), "false");
	if (json_integer_value(json_object_get(error, "code")) != code || !strstr(text, part))
		print_message("# %s %s: %lld %s\n", path, body ? body : "",
			(long long)json_integer_value(json_object_get(error, "code")), text);
	assert_int_equal(json_integer_value(json_object_get(error, "code")), code);
	if (source)
		assert_string_equal(text_at(error, "source"), source);
	assert_non_null(strstr(text, part));
	assert_string_equal(t->firewall, before);
	free(before);
}

/* The text with one part replaced, static until the next call. */
static const char *with(const char *text, const char *from, const char *to)
{
	static char out[16384];
	const char *at = strstr(text, from);

	assert_non_null(at);
	snprintf(out, sizeof(out), "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	return out;
}

#endif
