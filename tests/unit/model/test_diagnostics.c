/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every diagnostic of the model, as people see it. The cases are in diagnostics.txt: a name, the
 * parts of the input (firewall, facts, zonewall) and what is printed. With MODEL_UPDATE set the
 * file is written anew; read the difference before committing it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "model/model.h"

/* Each id that model/ gives to a diagnostic of a policy; the facts' own are in test_facts.c. */
static const char *const ids[] = {
	"attack-limit-missing", "burst-without-limit", "date-order", "device-covered", "device-in-two-zones",
	"duplicate-set", "duplicate-zone", "family-conflict", "forwarding-any", "helper-protocol",
	"helper-unavailable", "host-elsewhere", "icmp-type-family", "icmp-type-without-icmp", "limit-switched-off",
	"loadfile-unreadable", "mac-after-routing", "mac-without-source", "mark-dialect",
	"masquerade-has-address", "masquerade-off", "mss-without-tcp", "negated-value",
	"netmap-prefix", "network-in-two-zones", "network-unknown", "network-without-address",
	"offload-hardware-alone", "one-address", "one-internal-address", "one-internal-port",
	"path-not-absolute", "policy-missing", "port-scan-without-wan", "ports-without-protocol",
	"prefix-ignored", "range-size", "redirect-needs-dest", "redirect-needs-source",
	"rewrite-unused", "second-defaults", "set-direction", "set-entry", "set-family", "set-full",
	"set-is-off", "set-name", "set-parts", "set-range", "snat-needs-address", "target-missing",
	"target-needs-option", "target-needs-source", "unknown-helper", "unknown-network",
	"unknown-section", "unknown-set", "unknown-zone", "zone-covers-nothing",
	"zone-device-negated", "zone-is-off", "zone-name", "zone-subnet",
};

struct test_case {
	struct slice name, firewall, facts, zonewall, expect;
};

static struct arena file_arena;
static struct source file;

static void load_cases(void)
{
	const char *path = getenv("MODEL_CASES");

	arena_init(&file_arena);
	if (!path || uci_load(path, &file_arena, &file) < 0) {
		printf("Bail out! MODEL_CASES does not name the file of cases\n");
		exit(1);
	}
}

static struct slice next_line(struct slice *rest)
{
	size_t n = slice_find(*rest, '\n');
	struct slice line = { rest->p, n };

	*rest = slice_from(*rest, n + 1);
	return line;
}

/* Up to the next line that begins with three of `===` or `---`. */
static struct slice take_part(struct slice *rest)
{
	struct slice part = { rest->p, 0 };

	while (rest->n && !slice_starts(*rest, "=== ") && !slice_starts(*rest, "--- "))
		next_line(rest);
	part.n = (size_t)(rest->p - part.p);
	return part;
}

static bool next_case(struct slice *rest, struct test_case *ret)
{
	struct slice line;

	*ret = (struct test_case){ 0 };
	while (rest->n && !slice_starts(*rest, "=== "))
		next_line(rest);
	if (!rest->n)
		return false;
	line = next_line(rest);
	ret->name = slice_from(line, 4);
	ret->firewall = take_part(rest);
	while (slice_starts(*rest, "--- ")) {
		line = next_line(rest);
		if (slice_is(line, "--- facts"))
			ret->facts = take_part(rest);
		else if (slice_is(line, "--- zonewall"))
			ret->zonewall = take_part(rest);
		else
			ret->expect = take_part(rest);
	}
	return true;
}

static void run_case(const struct test_case *c, struct buf *out)
{
	struct source firewall = { "firewall", c->firewall };
	struct source facts_text = { "facts.json", c->facts };
	struct source zonewall = { "zonewall", c->zonewall };
	struct facts facts = { 0 };
	struct policy policy;
	struct arena arena;
	struct diags diags;
	bool ok;

	arena_init(&arena);
	diags_init(&diags, &arena);
	if (c->facts.n)
		assert_true(facts_read_json(&arena, &facts_text, &diags, &facts));
	ok = policy_read(&arena, uci_parse(&arena, &firewall, &diags),
		c->zonewall.n ? uci_parse(&arena, &zonewall, &diags) : NULL, &facts, &diags,
		&policy);
	assert_int_equal(ok, diags.errors == 0);
	diags_render(&diags, out, false);
	arena_release(&arena);
}

static void every_message_is_as_expected(void **state)
{
	struct slice rest = file.text;
	struct test_case c;
	int failed = 0;

	(void)state;
	while (next_case(&rest, &c)) {
		AUTO_BUF out = BUF_INIT;

		run_case(&c, &out);
		if (slice_is(slice_trim(c.expect), buf_text(&out)) ||
			slice_eq(slice_trim(c.expect), slice_trim(slice_of(buf_text(&out)))))
			continue;
		print_error("# %.*s: expected\n%.*s# but got\n%s", SLICE_ARG(c.name),
			SLICE_ARG(c.expect), buf_text(&out));
		failed++;
	}
	assert_int_equal(failed, 0);
}

static void every_id_has_a_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		char text[64];

		snprintf(text, sizeof(text), "[%s]", ids[i]);
		if (!memmem(file.text.p, file.text.n, text, strlen(text)))
			fail_msg("no case shows %s", text);
	}
}

static void add_part(struct buf *out, const char *name, struct slice text)
{
	if (!text.n)
		return;
	buf_printf(out, "--- %s\n", name);
	buf_slice(out, text);
}

static void update(const char *path)
{
	AUTO_BUF out = BUF_INIT;
	struct slice rest = file.text;
	struct test_case c;

	while (next_case(&rest, &c)) {
		AUTO_BUF expect = BUF_INIT;

		run_case(&c, &expect);
		buf_printf(&out, "=== %.*s\n%.*s", SLICE_ARG(c.name), SLICE_ARG(c.firewall));
		add_part(&out, "facts", c.facts);
		add_part(&out, "zonewall", c.zonewall);
		buf_printf(&out, "--- expect\n%s\n", buf_text(&expect));
	}
	if (uci_save(path, buf_text(&out), out.n) < 0)
		printf("Bail out! cannot write %s\n", path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_is_as_expected),
		cmocka_unit_test(every_id_has_a_case),
	};
	int failed = 0;

	load_cases();
	if (getenv("MODEL_UPDATE"))
		update(getenv("MODEL_CASES"));
	else
		failed = RUN_TAP(tests);
	arena_release(&file_arena);
	return failed;
}
