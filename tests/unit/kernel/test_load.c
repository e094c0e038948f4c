/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading: what stays, what goes, what happens when the kernel says no. */
#include "../cmocka_tap.h"
#include "kernel_lab.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/facts_live.h"
#include "kernel/nft_load.h"
#include "kernel/nft_state.h"

static struct arena arena;
static struct diags diags;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	diags_init(&diags, &arena);
	return nft_flush();
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* Loads, printing the diagnostics when it fails. */
static int load(const struct nft_program *p)
{
	int error = nft_load(p, &diags, NULL);

	vec_each (d, &diags.list)
		printf("# %s: %s\n", (*d)->id, (*d)->message);
	return error;
}

/* A bit of everything; `port` is allowed by the input chain, `extra` adds a chain and a set. */
static struct nft_program *sample(uint16_t port, bool extra)
{
	struct nft_program *p = lab_program(&arena);
	struct nft_chain *in = lab_base(&arena, p, "input", IR_INPUT, 0, true);
	struct nft_chain *out = lab_base(&arena, p, "output", IR_OUTPUT, 0, false);
	struct nft_chain *zone = lab_chain(&arena, p, "zone_wan_input");
	struct nft_set *fixed = lab_set(&arena, p, "fixed", NFT_T_ADDR4);
	struct nft_set *ranges = lab_set(&arena, p, "ranges", NFT_T_ADDR4);
	struct nft_set *bans = lab_set(&arena, p, "bans", NFT_T_ADDR4);
	struct nft_set *ports = lab_set(&arena, p, NULL, NFT_T_PORT);
	struct nft_rule *r;

	lab_counter(&arena, p, "hits");
	lab_counter(&arena, p, "refused");
	lab_limit(&arena, p, "pings", 10);
	lab_add(&arena, fixed, 0x0a000001);
	lab_add(&arena, fixed, 0x0a000002);
	ranges->interval = true;
	lab_add_range(&arena, ranges, 0x0a010000, 0x0a01ffff);
	lab_add_range(&arena, ranges, 0x0a030000, 0x0a0300ff);
	lab_add_range(&arena, ranges, 0xfffffff0, 0xffffffff);
	bans->dynamic = bans->has_timeout = bans->keep = true;
	bans->timeout = 3600;
	bans->size = 1000;
	lab_add(&arena, ports, 53);
	lab_add(&arena, ports, port);
	r = lab_rule(&arena, in, NULL);
	lab_match_set(&arena, r, NFT_F_IP_SADDR, bans);
	lab_verdict(&arena, r, NFT_V_DROP, NULL);
	r = lab_rule(&arena, in, NULL);
	lab_match_port(&arena, r, port);
	lab_object(&arena, r, NFT_E_COUNTER, "hits");
	lab_verdict(&arena, r, NFT_V_ACCEPT, NULL);
	r = lab_rule(&arena, in, NULL);
	lab_verdict(&arena, r, NFT_V_JUMP, zone);
	r = lab_rule(&arena, zone, NULL);
	r->comment = "a comment";
	lab_match_set(&arena, r, NFT_F_IP_SADDR, fixed);
	lab_object(&arena, r, NFT_E_LIMIT, "pings");
	lab_verdict(&arena, r, NFT_V_ACCEPT, NULL);
	r = lab_rule(&arena, zone, NULL);
	lab_match_set(&arena, r, NFT_F_IP_SADDR, ranges);
	lab_verdict(&arena, r, NFT_V_ACCEPT, NULL);
	r = lab_rule(&arena, zone, NULL);
	lab_match_port(&arena, r, 1);
	lab_match_set(&arena, r, NFT_F_UDP_DPORT, ports);
	lab_verdict(&arena, r, NFT_V_ACCEPT, NULL);
	r = lab_rule(&arena, out, NULL);
	lab_verdict(&arena, r, NFT_V_ACCEPT, NULL);
	if (extra) {
		struct nft_set *map = lab_set(&arena, p, "more", NFT_T_ADDR4);
		struct nft_chain *c = lab_chain(&arena, p, "surplus");
		struct nft_expr vmap = { .kind = NFT_E_VMAP,
			.vmap = { .field = { NFT_F_IP_SADDR }, .n_field = 1, .set = map } };

		map->is_map = true;
		map->data = NFT_T_VERDICT;
		lab_add(&arena, map, 0x0a000009);
		map->elements.v[0].verdict = (struct nft_verdict){ NFT_V_JUMP, c };
		lab_counter(&arena, p, "surplus_counter");
		r = lab_rule(&arena, c, NULL);
		lab_object(&arena, r, NFT_E_COUNTER, "surplus_counter");
		r = lab_rule(&arena, lab_base(&arena, p, "forward", IR_FORWARD, 0, true), NULL);
		vec_push(&arena, &r->exprs, vmap);
	}
	return p;
}

static void loads_and_reads_back_equal(void **state)
{
	(void)state;
	assert_int_equal(load(sample(1000, true)), 0);
	assert_int_equal(nft_table_present(), 1);
	assert_int_equal(nft_verify(sample(1000, true), &diags), 0);
	const char *list = lab_list(&arena);
	assert_non_null(strstr(list, "udp dport 1000 counter name \"hits\" accept"));
	assert_non_null(strstr(list, "policy drop"));
	assert_non_null(strstr(list, "comment \"a comment\""));
	assert_non_null(strstr(list, "10.1.0.0/16"));
	assert_non_null(strstr(list, "255.255.255.240/28"));
	assert_non_null(strstr(list, "udp dport { 53, 1000 } accept"));
	assert_non_null(strstr(list, "10.0.0.9 : jump surplus"));
	assert_null(strstr(list, "owner"));
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The kernel lists things in the order of their making; what was kept comes first. */
static const char *sorted_list(void)
{
	char *text = arena_strdup(&arena, lab_list(&arena));
	const char *lines[1000];
	size_t n = 0;
	AUTO_BUF out = BUF_INIT;

	for (char *line = strtok(text, "\n"); line && n < 1000; line = strtok(NULL, "\n"))
		lines[n++] = line;
	qsort(lines, n, sizeof(*lines), by_text);
	for (size_t i = 0; i < n; i++)
		buf_printf(&out, "%s\n", lines[i]);
	return arena_strdup(&arena, buf_text(&out));
}

static void lists_the_same_after_reload(void **state)
{
	(void)state;
	assert_int_equal(load(sample(1000, true)), 0);
	const char *before = sorted_list();
	assert_int_equal(load(sample(1000, true)), 0);
	assert_true(lab_same(before, sorted_list()));
}

static void removes_what_is_no_longer_wanted(void **state)
{
	(void)state;
	assert_int_equal(load(sample(1000, false)), 0);
	const char *before = sorted_list();
	assert_int_equal(load(sample(1000, true)), 0);
	assert_int_equal(load(sample(1000, false)), 0);
	const char *after = sorted_list();
	assert_null(strstr(after, "surplus"));
	assert_null(strstr(after, "hook forward"));
	assert_true(lab_same(before, after));
}

static void policy_change_is_applied(void **state)
{
	(void)state;
	struct nft_program *p = sample(1000, false);

	assert_int_equal(load(p), 0);
	p->chains.v[0]->drop = false;
	p->chains.v[1]->drop = true;
	assert_int_equal(nft_verify(p, &diags), -EILSEQ);
	diags_init(&diags, &arena);
	assert_int_equal(load(p), 0);
	const char *list = lab_list(&arena);
	assert_non_null(strstr(list, "hook input priority filter; policy accept"));
	assert_non_null(strstr(list, "hook output priority filter; policy drop"));
}

static void counters_survive_a_reload(void **state)
{
	(void)state;
	struct nft_counter_values values = { 0 };
	struct nft_program *p;

	assert_int_equal(load(sample(1000, false)), 0);
	lab_nft(&arena, NULL, "table inet zonewall {\ncounter later { packets 7 bytes 70; }\n}\n",
		"-f", "-", NULL);
	p = sample(1000, false);
	lab_counter(&arena, p, "later");
	assert_int_equal(load(p), 0);
	assert_int_equal(load(p), 0);
	assert_int_equal(nft_counters(&arena, false, &values), 0);
	uint64_t packets = 0;
	vec_each (v, &values.list)
		packets += strcmp(v->name, "later") ? 0 : v->packets;
	assert_int_equal(packets, 7);
	assert_int_equal(nft_counters(&arena, true, &values), 0);
	assert_int_equal(nft_counters(&arena, false, &values), 0);
	vec_each (v, &values.list)
		assert_int_equal(v->packets, 0);
	assert_int_equal(values.list.n, 3);
}

static void kept_sets_keep_their_elements(void **state)
{
	(void)state;
	struct nft_live_elements live = { 0 };
	struct nft_program *p;

	assert_int_equal(load(sample(1000, false)), 0);
	lab_nft(&arena, NULL, "add element inet zonewall bans { 192.0.2.1 timeout 60s, 192.0.2.2 }",
		"-f", "-", NULL);
	assert_int_equal(load(sample(1001, true)), 0);
	assert_int_equal(nft_set_elements(&arena, "bans", &live), 0);
	assert_int_equal(live.list.n, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(live.list.v[i].is_addr);
		assert_in_range(live.list.v[i].left_ms, 50000, 3600000);
	}
	assert_int_equal(nft_set_remove_addr("bans", &live.list.v[0].addr), 0);
	assert_int_equal(nft_set_remove_addr("bans", &live.list.v[0].addr), -ENOENT);
	assert_int_equal(nft_set_elements(&arena, "bans", &live), 0);
	assert_int_equal(live.list.n, 1);
	p = sample(1001, false);
	p->sets.v[2]->timeout = 100; /* another declaration: a new, empty set */
	assert_int_equal(load(p), 0);
	assert_int_equal(nft_set_elements(&arena, "bans", &live), 0);
	assert_int_equal(live.list.n, 0);
	assert_int_equal(nft_set_elements(&arena, "none", &live), -ENOENT);
}

static bool names_have(const struct nft_set_names *names, const char *name)
{
	vec_each(n, &names->list) {
		if (!strcmp(*n, name))
			return true;
	}
	return false;
}

static void named_sets_are_listed(void **state)
{
	(void)state;
	struct nft_set_names names = { 0 };

	assert_int_equal(load(sample(1, false)), 0);
	assert_int_equal(nft_sets(&arena, &names), 0);
	assert_true(names_have(&names, "bans"));
	vec_each(n, &names.list)
		assert_null(strstr(*n, "__set"));
	assert_int_equal(nft_flush(), 0);
	assert_int_equal(nft_sets(&arena, &names), 0);
	assert_int_equal(names.list.n, 0);
}

static void static_sets_are_replaced(void **state)
{
	(void)state;
	struct nft_live_elements live = { 0 };

	assert_int_equal(load(sample(1000, false)), 0);
	lab_nft(&arena, NULL, "add element inet zonewall fixed { 192.0.2.1 }", "-f", "-", NULL);
	assert_int_equal(nft_verify(sample(1000, false), &diags), -EILSEQ);
	diags_init(&diags, &arena);
	assert_int_equal(load(sample(1000, false)), 0);
	assert_int_equal(nft_set_elements(&arena, "fixed", &live), 0);
	assert_int_equal(live.list.n, 2);
}

static void limits_change_with_their_declaration(void **state)
{
	(void)state;
	struct nft_program *p = sample(1000, false);

	assert_int_equal(load(p), 0);
	p->limits.v[0].rate.count = 20;
	assert_int_equal(load(p), 0);
	assert_non_null(strstr(lab_list(&arena), "rate 20/second"));
	assert_int_equal(nft_verify(p, &diags), 0);
}

/* The handle that nft shows for a line. */
static const char *handle_of(const char *what)
{
	const char *list = lab_nft(&arena, NULL, NULL, "-a", "list", "ruleset", NULL);
	const char *at = strstr(list, what);

	assert_non_null(at);
	at = strstr(at, "# handle ");
	return arena_strndup(&arena, at, strcspn(at, "\n"));
}

static void base_chains_are_never_recreated(void **state)
{
	(void)state;
	assert_int_equal(load(sample(1000, false)), 0);
	const char *before = handle_of("chain input");
	assert_int_equal(load(sample(1001, true)), 0);
	assert_int_equal(load(sample(1002, false)), 0);
	assert_string_equal(before, handle_of("chain input"));
}

static void base_chain_moves_to_another_priority(void **state)
{
	(void)state;
	struct nft_program *p = sample(1000, false);

	assert_int_equal(load(p), 0);
	p->chains.v[0]->priority = 10;
	assert_int_equal(load(p), 0);
	assert_non_null(strstr(lab_list(&arena), "hook input priority filter + 10; policy drop"));
}

static void foreign_tables_are_untouched(void **state)
{
	(void)state;
	struct nft_table_names names = { 0 };

	lab_nft(&arena, NULL,
		"table ip zonewall {\nchain x {\ncounter\n}\n}\n"
		"table inet other {\ncounter c { packets 3 bytes 3; }\nset s { type ipv4_addr; }\n"
		"chain x {\ntype filter hook input priority 5;\n"
		"ip saddr @s counter name c drop\n}\n}\n",
		"-f", "-", NULL);
	const char *before = lab_list(&arena);
	assert_int_equal(load(sample(1000, true)), 0);
	assert_int_equal(load(sample(1001, false)), 0);
	assert_int_equal(nft_foreign_tables(&arena, &names), 0);
	assert_int_equal(names.list.n, 2);
	assert_string_equal(names.list.v[1].family, "inet");
	assert_string_equal(names.list.v[1].name, "other");
	assert_int_equal(nft_flush(), 0);
	assert_int_equal(nft_flush(), 0);
	assert_int_equal(nft_table_present(), 0);
	assert_true(lab_same(before, lab_list(&arena)));
	lab_nft(&arena, NULL, "flush ruleset", "-f", "-", NULL);
}

static void refusal_names_the_section_and_changes_nothing(void **state)
{
	(void)state;
	struct nft_program *p = sample(1000, false);
	const struct ir_origin *guilty = lab_origin(&arena, "Guilty", 41);

	assert_int_equal(load(sample(1000, false)), 0);
	const char *before = lab_list(&arena);
	lab_object(&arena, lab_rule(&arena, p->chains.v[0], lab_origin(&arena, "Good", 7)),
		NFT_E_COUNTER, "hits");
	lab_object(&arena, lab_rule(&arena, p->chains.v[0], guilty), NFT_E_COUNTER, "nowhere");
	assert_int_equal(nft_load(p, &diags, NULL), -ENOENT);
	assert_int_equal(diags.errors, 1);
	assert_string_equal(diags.list.v[0]->id, "kernel-refused");
	assert_string_equal(diags.list.v[0]->section, "rule 'Guilty'");
	assert_non_null(strstr(diags.list.v[0]->message, "a rule of chain 'input'"));
	assert_true(lab_same(before, lab_list(&arena)));
}

static void jumps_too_deep_are_blamed_on_their_rule(void **state)
{
	(void)state;
	struct nft_program *p = sample(1000, false);
	struct nft_chain *from = p->chains.v[0];

	assert_int_equal(load(sample(1000, false)), 0);
	const char *before = lab_list(&arena);
	for (unsigned i = 1; i <= 20; i++) {
		struct nft_chain *to = lab_chain(&arena, p, arena_printf(&arena, "deep%u", i));

		lab_verdict(&arena,
			lab_rule(&arena, from,
				lab_origin(&arena, arena_printf(&arena, "Level-%u", i), i)),
			NFT_V_JUMP, to);
		from = to;
	}
	assert_int_equal(nft_load(p, &diags, NULL), -EMLINK);
	assert_string_equal(diags.list.v[0]->id, "kernel-refused");
	printf("# %s: %s\n", diags.list.v[0]->section, diags.list.v[0]->message);
	assert_non_null(diags.list.v[0]->section);
	assert_non_null(strstr(diags.list.v[0]->message, "more than 16 deep"));
	assert_true(lab_same(before, lab_list(&arena)));
}

static void jumps_in_a_circle_are_refused(void **state)
{
	(void)state;
	struct nft_program *p = sample(1000, false);

	lab_verdict(&arena, lab_rule(&arena, p->chains.v[2], lab_origin(&arena, "Round", 9)),
		NFT_V_JUMP, p->chains.v[2]);
	assert_true(nft_load(p, &diags, NULL) < 0);
	printf("# %s: %s\n", diags.list.v[0]->section, diags.list.v[0]->message);
	assert_string_equal(diags.list.v[0]->section, "rule 'Round'");
	assert_int_equal(nft_table_present(), 0);
}

static void full_set_names_the_set(void **state)
{
	(void)state;
	struct nft_program *p = sample(1000, false);

	p->sets.v[0]->size = 1;
	p->sets.v[0]->origin = lab_origin(&arena, "List", 3);
	assert_true(nft_load(p, &diags, NULL) < 0);
	printf("# %s: %s\n", diags.list.v[0]->section, diags.list.v[0]->message);
	assert_string_equal(diags.list.v[0]->section, "rule 'List'");
}

/* Others change the ruleset all the time; we must get through, by looking again. */
static void concurrent_changes_are_retried(void **state)
{
	(void)state;
	struct nft_load_stats stats = { 0 };
	unsigned most = 0;
	pid_t pid = fork();

	if (!pid) {
		for (;;) {
			struct arena a;

			arena_init(&a);
			lab_nft(&a, NULL, "add table ip busy\ndelete table ip busy", "-f", "-",
				NULL);
			arena_release(&a);
			usleep(1000);
		}
	}
	int error = 0;
	for (int i = 0; !error && i < 3000 && most < 2; i++) {
		error = nft_load(sample((uint16_t)(1000 + i), i % 2), &diags, &stats);
		most = stats.tries > most ? stats.tries : most;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(error, 0);
	printf("# most tries: %u\n", most);
	assert_true(most > 1);
	lab_nft(&arena, NULL, "flush ruleset", "-f", "-", NULL);
}

static void expect_differs(const char *change, const char *say)
{
	struct nft_program *p = sample(1000, true);

	assert_int_equal(load(p), 0);
	lab_nft(&arena, NULL, change, "-f", "-", NULL);
	diags_init(&diags, &arena);
	assert_int_equal(nft_verify(p, &diags), -EILSEQ);
	assert_string_equal(diags.list.v[0]->id, "kernel-differs");
	if (!strstr(diags.list.v[0]->message, say))
		printf("# %s\n", diags.list.v[0]->message);
	assert_non_null(strstr(diags.list.v[0]->message, say));
	diags_init(&diags, &arena);
}

static void readback_sees_changes_behind_our_back(void **state)
{
	(void)state;
	expect_differs("flush chain inet zonewall zone_wan_input", "is missing");
	expect_differs("add rule inet zonewall input accept", "was added by somebody else");
	expect_differs("insert rule inet zonewall input accept", "is not as it was sent");
	expect_differs("add chain inet zonewall mine", "the removal of 'mine'");
	expect_differs("add set inet zonewall mine { type ipv4_addr; }", "the removal of 'mine'");
	expect_differs("add element inet zonewall fixed { 10.9.9.9 }", "was not sent");
	expect_differs("delete element inet zonewall fixed { 10.0.0.1 }", "lacks an element");
	expect_differs("delete element inet zonewall ranges { 10.1.0.0/16 }", "lacks an element");
	expect_differs("chain inet zonewall input { policy accept; }", "has another policy");
	expect_differs("flush chain inet zonewall zone_wan_input\n"
		       "delete element inet zonewall more { 10.0.0.9 }\n"
		       "add element inet zonewall more { 10.0.0.9 : accept }",
		"is missing");
	expect_differs("delete element inet zonewall more { 10.0.0.9 }\n"
		       "add element inet zonewall more { 10.0.0.9 : accept }",
		"not as it was sent");
}

static void missing_table_differs(void **state)
{
	(void)state;
	assert_int_equal(nft_verify(sample(1000, false), &diags), -EILSEQ);
	assert_true(diags.errors > 0);
}

/* Addresses and devices come and go; nothing but the set changes. */
static void elements_are_updated_in_place(void **state)
{
	(void)state;
	struct nft_program *p = sample(1000, true);

	assert_int_equal(load(p), 0);
	struct nft_set *fixed = p->sets.v[0], *ranges = p->sets.v[1], *map = p->sets.v[3];
	assert_int_equal(nft_set_update(fixed, &diags), 0);
	fixed->elements.n = 1;
	lab_add(&arena, fixed, 0x0a000063);
	assert_int_equal(nft_set_update(fixed, &diags), 0);
	ranges->elements.n = 0;
	lab_add_range(&arena, ranges, 0x0a010000, 0x0a0100ff); /* shorter than before */
	lab_add_range(&arena, ranges, 0x0a020000, 0x0a0300ff); /* longer to the left */
	lab_add_range(&arena, ranges, 0xffffff00, 0xffffffff);
	assert_int_equal(nft_set_update(ranges, &diags), 0);
	map->elements.v[0].verdict.kind = NFT_V_DROP;
	assert_int_equal(nft_set_update(map, &diags), 0);
	assert_int_equal(nft_verify(p, &diags), 0);
	const char *list = lab_list(&arena);
	assert_non_null(strstr(list, "elements = { 10.0.0.1, 10.0.0.99 }"));
	assert_non_null(strstr(list, "10.1.0.0/24, 10.2.0.0-10.3.0.255"));
	assert_non_null(strstr(list, "10.0.0.9 : drop"));
	ranges->elements.n = 0;
	assert_int_equal(nft_set_update(ranges, &diags), 0);
	assert_int_equal(nft_verify(p, &diags), 0);
	fixed->name = "none";
	assert_int_equal(nft_set_update(fixed, &diags), -ENOENT);
	assert_int_equal(diags.errors, 1);
}

/* Disjoint ranges of a small space, so that old and new ones meet in every way. */
static void random_ranges(struct nft_set *s, unsigned *seed)
{
	uint32_t at = rand_r(seed) % 3;

	s->elements.n = 0;
	while (at < 40) {
		uint32_t length = rand_r(seed) % 6;

		lab_add_range(&arena, s, at, at + length);
		at += length + 2 + rand_r(seed) % 5;
	}
	if (rand_r(seed) % 2)
		lab_add_range(&arena, s, UINT32_MAX - rand_r(seed) % 4, UINT32_MAX);
}

static void any_ranges_become_any_others(void **state)
{
	(void)state;
	struct nft_program *p = sample(1000, false);
	unsigned seed = 7;

	assert_int_equal(load(p), 0);
	for (int i = 0; i < 300; i++) {
		random_ranges(p->sets.v[1], &seed);
		assert_int_equal(nft_set_update(p->sets.v[1], &diags), 0);
		assert_int_equal(nft_verify(p, &diags), 0);
	}
}

/* In a child, which cannot take its privilege back. */
static void without_privilege_it_says_so(void **state)
{
	(void)state;
	int status = 0;

	assert_int_equal(load(sample(1000, false)), 0);
	const char *before = lab_list(&arena);
	fflush(stdout);
	pid_t pid = fork();
	if (!pid) {
		struct facts f = { 0 };

		if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
			_exit(10);
		if (nft_load(sample(1001, true), &diags, NULL) != -EPERM || diags.errors != 1)
			_exit(11);
		if (!diags.list.v[0]->hint || !strstr(diags.list.v[0]->hint, "CAP_NET_ADMIN"))
			_exit(12);
		if (facts_gather(&arena, &f) || f.features.known || !f.devices.n)
			_exit(13);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	assert_true(lab_same(before, lab_list(&arena)));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(loads_and_reads_back_equal),
		T(lists_the_same_after_reload),
		T(removes_what_is_no_longer_wanted),
		T(policy_change_is_applied),
		T(counters_survive_a_reload),
		T(kept_sets_keep_their_elements),
		T(named_sets_are_listed),
		T(static_sets_are_replaced),
		T(limits_change_with_their_declaration),
		T(base_chains_are_never_recreated),
		T(base_chain_moves_to_another_priority),
		T(foreign_tables_are_untouched),
		T(refusal_names_the_section_and_changes_nothing),
		T(jumps_too_deep_are_blamed_on_their_rule),
		T(jumps_in_a_circle_are_refused),
		T(full_set_names_the_set),
		T(concurrent_changes_are_retried),
		T(readback_sees_changes_behind_our_back),
		T(missing_table_differs),
		T(elements_are_updated_in_place),
		T(any_ranges_become_any_others),
		T(without_privilege_it_says_so),
	};

	lab_enter();
	return RUN_TAP(tests);
}
