/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Large programs: whole and in one transaction. Prints times; asserts none of them. */
#include "../cmocka_tap.h"
#include "kernel_lab.h"

#include <errno.h>
#include <stdio.h>

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

static void tell(const char *what, const struct nft_load_stats *s)
{
	printf("# %s: %zu rules, %zu elements, %zu messages, %zu bytes: snapshot %.1f build %.1f "
	       "send %.1f verify %.1f ms\n",
		what, s->rules, s->elements, s->messages, s->bytes, (double)s->snapshot_us / 1000,
		(double)s->build_us / 1000, (double)s->send_us / 1000, (double)s->verify_us / 1000);
}

static void load(const char *what, const struct nft_program *p)
{
	struct nft_load_stats stats = { 0 };
	int error = nft_load(p, &diags, &stats);

	vec_each (d, &diags.list)
		printf("# %s: %s\n", (*d)->id, (*d)->message);
	assert_int_equal(error, 0);
	assert_int_equal(nft_verify(p, &diags), 0);
	tell(what, &stats);
}

/* n rules: each its own port and its own counter. */
static struct nft_program *many_rules(unsigned n, bool anonymous)
{
	struct nft_program *p = lab_program(&arena);
	struct nft_chain *c = lab_base(&arena, p, "forward", IR_FORWARD, 0, true);

	for (unsigned i = 0; i < n; i++) {
		const char *name = arena_printf(&arena, "rule_%u", i);
		struct nft_rule *r = lab_rule(&arena, c, NULL);

		lab_counter(&arena, p, name);
		lab_match_port(&arena, r, (uint16_t)i);
		if (anonymous) {
			struct nft_set *s = lab_set(&arena, p, NULL, NFT_T_ADDR4);

			lab_add(&arena, s, i + 1);
			lab_add(&arena, s, i + 0x01000000);
			lab_match_set(&arena, r, NFT_F_IP_SADDR, s);
		}
		lab_object(&arena, r, NFT_E_COUNTER, name);
		lab_verdict(&arena, r, NFT_V_ACCEPT, NULL);
	}
	return p;
}

static void ten_thousand_rules(void **state)
{
	(void)state;
	load("first", many_rules(10000, false));
	load("again", many_rules(10000, false));
	load("fewer", many_rules(9000, false));
}

static void a_thousand_anonymous_sets(void **state)
{
	(void)state;
	load("anonymous", many_rules(1000, true));
	load("again", many_rules(1000, true));
}

static void a_hundred_thousand_elements(void **state)
{
	(void)state;
	struct nft_program *p = lab_program(&arena);
	struct nft_chain *c = lab_base(&arena, p, "input", IR_INPUT, 0, false);
	struct nft_set *hash = lab_set(&arena, p, "hash", NFT_T_ADDR4);
	struct nft_set *tree = lab_set(&arena, p, "tree", NFT_T_ADDR4);

	tree->interval = true;
	for (uint32_t i = 0; i < 100000; i++) {
		lab_add(&arena, hash, i * 7919);
		lab_add_range(&arena, tree, i * 16 + 3, i * 16 + 3 + i % 5);
	}
	lab_match_set(&arena, lab_rule(&arena, c, NULL), NFT_F_IP_SADDR, hash);
	lab_match_set(&arena, lab_rule(&arena, c, NULL), NFT_F_IP_DADDR, tree);
	load("sets", p);
	load("again", p);
}

/* Ten thousand refusals at once must not drown the first. */
static void every_rule_refused(void **state)
{
	(void)state;
	struct nft_program *p = many_rules(10000, false);

	p->counters.n = 0;
	assert_int_equal(nft_load(p, &diags, NULL), -ENOENT);
	assert_in_range(diags.errors, 10, 12);
	assert_int_equal(nft_table_present(), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(ten_thousand_rules),
		T(a_thousand_anonymous_sets),
		T(a_hundred_thousand_elements),
		T(every_rule_refused),
	};

	lab_enter();
	return RUN_TAP(tests);
}
