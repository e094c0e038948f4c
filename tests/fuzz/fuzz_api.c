/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target of the API: the first line is a method, a path and a query, the second a firewall
 * text with "\n" written as ';', the rest is the body. An accepted request leaves a text that is
 * read again, and sending back what it shows changes nothing.
 */
#include <string.h>

#include "api/api.h"
#include "base/arena.h"
#include "base/bug.h"
#include "uci/uci.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct slice take_line(struct slice *rest)
{
	size_t n = slice_find(*rest, '\n');
	struct slice line = { rest->p, n };

	*rest = slice_from(*rest, n + 1);
	return line;
}

static char *word(struct arena *arena, struct slice *rest)
{
	size_t n = slice_find(*rest, ' ');
	char *text = arena_strndup(arena, rest->p ? rest->p : "", n);

	*rest = slice_from(*rest, n + 1);
	return text;
}

/* What a list shows can be put back, and is the same then. */
static void put_back(struct slice firewall, const char *path)
{
	struct api_texts texts = { .firewall = firewall };
	struct api_caller caller = { .role = API_ADMIN };
	struct api_request get = { .method = "GET", .path = path };
	struct api_request put = { .method = "PUT", .path = path };
	struct api_response shown, again;
	json_t *body;
	char *text;

	api_run(&texts, &caller, &get, &shown);
	body = json_pack("{s:O*}", "data", json_object_get(shown.body, "data"));
	text = json_dumps(body, JSON_COMPACT);
	put.body = slice_of(text);
	api_run(&texts, &caller, &put, &again);
	if (again.status == 200 && again.firewall_changed)
		BUG("putting back %s changed the text:\n%s", path, buf_text(&again.firewall));
	free(text);
	json_decref(body);
	api_response_release(&shown);
	api_response_release(&again);
}

static void check_text(struct slice firewall)
{
	static const char *const paths[] = { "/firewall/zones/config",
		"/firewall/traffic_rules/config", "/firewall/port_forwards/config",
		"/firewall/nat_rules/config", "/firewall/global",
		"/attack_prevention/port_scan/config/general", "/dmz/config/general" };
	struct uci_edit edit;

	if (!uci_edit_init(&edit, "firewall", firewall))
		BUG("what was edited cannot be read:\n%.*s", SLICE_ARG(firewall));
	uci_edit_release(&edit);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		put_back(firewall, paths[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct slice rest = { (const char *)bytes, size }, line = take_line(&rest);
	struct slice file = take_line(&rest);
	struct api_caller caller = { .role = API_ADMIN };
	struct api_request request = { 0 };
	struct api_response response;
	struct api_texts texts = { 0 };
	struct arena arena;
	char *firewall;

	arena_init(&arena);
	firewall = arena_strndup(&arena, file.p ? file.p : "", file.n);
	for (char *c = firewall; (c = strchr(c, ';'));)
		*c = '\n';
	texts.firewall = slice_of(firewall);
	request.method = word(&arena, &line);
	request.path = word(&arena, &line);
	request.query = word(&arena, &line);
	request.body = rest;
	api_run(&texts, &caller, &request, &response);
	if (!response.body || !json_object_get(response.body, "success"))
		BUG("an answer without an envelope");
	if (response.status >= 400 && (response.firewall_changed || response.custom_changed))
		BUG("a refused request changed something");
	if (response.firewall_changed)
		check_text(slice_of(buf_text(&response.firewall)));
	api_response_release(&response);
	arena_release(&arena);
	return 0;
}
