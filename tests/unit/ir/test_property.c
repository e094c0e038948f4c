/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "ir_text.h"
#include "random_ir.h"

static struct ir *parse(struct arena *arena, const char *text)
{
	struct source *src = ARENA_NEW(arena, struct source);
	AUTO_BUF told = BUF_INIT;
	struct diags diags;
	struct ir *ir;

	src->name = "dump";
	src->text = slice_of(text);
	diags_init(&diags, arena);
	ir = ir_parse(arena, src, &diags);
	if (!ir) {
		diags_render(&diags, &told, false);
		fail_msg("%s", buf_text(&told));
	}
	return ir;
}

static void same_text(const char *a, const char *b)
{
	if (strcmp(a, b) != 0)
		fail_msg("not the same: '%s' and '%s'", a ? a : "", b ? b : "");
}

/* The number of a rule among all, for comparing two IRs. */
static size_t number_of(const struct ir *ir, const struct ir_rule *rule)
{
	size_t n = 1;

	if (!rule)
		return 0;
	vec_each (chain, &ir->chains) {
		vec_each (r, &(*chain)->rules) {
			if (*r == rule)
				return n;
			n++;
		}
	}
	return 0;
}

static void same_result(const struct ir *a, const struct ir_result *x, const struct ir *b,
	const struct ir_result *y)
{
	assert_int_equal(x->outcome, y->outcome);
	assert_int_equal(x->reject, y->reject);
	assert_true(addr_eq(&x->packet.src, &y->packet.src));
	assert_true(addr_eq(&x->packet.dst, &y->packet.dst));
	assert_int_equal(x->packet.sport, y->packet.sport);
	assert_int_equal(x->packet.dport, y->packet.dport);
	assert_int_equal(x->packet.mark, y->packet.mark);
	assert_int_equal(x->packet.ct_mark, y->packet.ct_mark);
	assert_int_equal(x->packet.ct_status, y->packet.ct_status);
	assert_int_equal(x->packet.ct_state, y->packet.ct_state);
	assert_int_equal(x->packet.ttl, y->packet.ttl);
	assert_int_equal(x->packet.dscp, y->packet.dscp);
	assert_int_equal(x->packet.mss, y->packet.mss);
	same_text(x->packet.oif, y->packet.oif);
	assert_int_equal(x->notrack, y->notrack);
	assert_int_equal(x->offloaded, y->offloaded);
	assert_int_equal(number_of(a, x->decided), number_of(b, y->decided));
	assert_int_equal(number_of(a, x->dnat), number_of(b, y->dnat));
	assert_int_equal(number_of(a, x->snat), number_of(b, y->snat));
	assert_int_equal(x->logs.n, y->logs.n);
	for (size_t i = 0; i < x->logs.n; i++)
		same_text(x->logs.v[i], y->logs.v[i]);
	assert_int_equal(x->steps.n, y->steps.n);
}

static void a_dump_is_the_ir(void **state)
{
	unsigned outcomes[4] = { 0 }, rules = 0;
	bool matches[IR_MATCH_KINDS] = { false }, statements[IR_STATEMENT_KINDS] = { false };
	bool verdicts[IR_NETMAP_SRC + 1] = { false };

	(void)state;
	for (uint64_t seed = 1; seed <= 150; seed++) {
		AUTO_BUF first = BUF_INIT, second = BUF_INIT;
		struct random r = { seed * 0x9e3779b97f4a7c15ULL };
		const char *why = NULL;
		struct arena a;

		arena_init(&a);

		struct ir *ir = random_ir(&a, &r, 8);

		if (!ir_verify(ir, &why))
			fail_msg("seed %u: %s", (unsigned)seed, why);
		ir_dump(ir, &first);

		struct ir *again = parse(&a, buf_text(&first));

		ir_dump(again, &second);
		same_text(buf_text(&first), buf_text(&second));
		if (!ir_verify(again, &why))
			fail_msg("seed %u, read back: %s", (unsigned)seed, why);
		vec_each (chain, &ir->chains) {
			vec_each (rule, &(*chain)->rules) {
				rules++;
				for (size_t i = 0; i < (*rule)->n_matches; i++)
					matches[(*rule)->matches[i].kind] = true;
				for (size_t i = 0; i < (*rule)->n_statements; i++)
					statements[(*rule)->statements[i].kind] = true;
				verdicts[(*rule)->verdict.kind] = true;
			}
		}

		struct ir_state *x_state = ir_state_new(ir), *y_state = ir_state_new(again);

		for (unsigned i = 0; i < 100; i++) {
			struct ir_packet p;
			struct ir_result x, y;

			random_packet(&r, &p);
			ir_eval(ir, &p, &random_world, i % 2 ? x_state : NULL, true, &a, &x);
			ir_eval(again, &p, &random_world, i % 2 ? y_state : NULL, true, &a, &y);
			same_result(ir, &x, again, &y);
			outcomes[x.outcome]++;
		}
		ir_state_free(x_state);
		ir_state_free(y_state);
		arena_release(&a);
	}
	printf("# %u rules; accepted %u, dropped %u, rejected %u, unrouted %u\n", rules, outcomes[0],
		outcomes[1], outcomes[2], outcomes[3]);
	/* A policy maker that makes only dull policies proves nothing. */
	for (unsigned i = 0; i < 4; i++)
		assert_true(outcomes[i] > 50);
	for (unsigned i = 0; i < IR_MATCH_KINDS; i++)
		assert_true(matches[i]);
	for (unsigned i = 0; i < IR_STATEMENT_KINDS; i++)
		assert_true(statements[i]);
	for (unsigned i = 0; i <= IR_NETMAP_SRC; i++)
		assert_true(verdicts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dump_is_the_ir),
	};

	return RUN_TAP(tests);
}
