/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real configurations of routers are read without an error and without a needless warning. They
 * are not part of this repository: ZONEWALL_SHARED names the directory that has them, or they lie
 * beside it in ../shared.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../cmocka_tap.h"

#include "model/model.h"

struct expected {
	const char *name;
	size_t zones, forwardings, rules, redirects, includes;
	const char *warnings; /* the whole rendered text */
};

static const struct expected configs[] = {
	{ "firewall-00.07.06.10.config", 2, 1, 9, 0, 1, "" },
	{ "firewall-00.07.06.10-first-boot.config", 2, 1, 10, 0, 1, "" },
	{ "firewall-00.07.06.10-offload-sw.config", 2, 1, 10, 0, 1, "" },
	{ "firewall-00.07.06.10-tap200-ap.config", 1, 0, 0, 1, 0, "" },
	{ "firewall-00.07.06.10-tcr100-guest.config", 3, 2, 11, 0, 1, "" },
	{ "firewall-00.07.21.1-sw-offload-wan.config", 2, 1, 9, 0, 1, "" },
};

static const char *directory(char *buf, size_t size)
{
	const char *shared = getenv("ZONEWALL_SHARED"), *source = getenv("ZONEWALL_SOURCE");

	if (shared)
		snprintf(buf, size, "%s/reference/configs", shared);
	else
		snprintf(buf, size, "%s/../shared/reference/configs", source ? source : ".");
	return access(buf, R_OK) == 0 ? buf : NULL;
}

static void check_config(const char *dir, const struct expected *want)
{
	struct source src;
	struct facts facts = { 0 };
	struct policy p;
	struct arena arena;
	struct diags diags;
	AUTO_BUF text = BUF_INIT;
	char path[8192];

	arena_init(&arena);
	diags_init(&diags, &arena);
	snprintf(path, sizeof(path), "%s/%s", dir, want->name);
	assert_int_equal(uci_load(path, &arena, &src), 0);
	src.name = "firewall";
	assert_true(policy_read(&arena, uci_parse(&arena, &src, &diags), NULL, &facts, &diags, &p));
	diags_render(&diags, &text, false);
	assert_string_equal(buf_text(&text), want->warnings);
	assert_int_equal(p.zones.n, want->zones);
	assert_int_equal(p.forwardings.n, want->forwardings);
	assert_int_equal(p.rules.n, want->rules);
	assert_int_equal(p.redirects.n, want->redirects);
	assert_int_equal(p.includes.n, want->includes);
	arena_release(&arena);
}

static void real_configurations_are_read_without_complaint(void **state)
{
	char buf[4096];
	const char *dir = directory(buf, sizeof(buf));

	(void)state;
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++)
		check_config(dir, &configs[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_configurations_are_read_without_complaint),
	};

	char buf[4096];

	if (!directory(buf, sizeof(buf))) {
		puts("1..0 # SKIP there are no real configurations here; set ZONEWALL_SHARED");
		return 0;
	}
	return RUN_TAP(tests);
}
