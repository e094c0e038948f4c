/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader of dumps on any text. Held to: it never crashes; what it takes prints to a dump that
 * reads back and prints the same; the verifier says yes or no, and the same to the copy; what the
 * verifier takes can be evaluated, and the copy does the same with random packets.
 */
#include <string.h>

#include "base/bug.h"
#include "ir/ir.h"
#include "random_ir.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond))                                                                       \
			BUG("%s", #cond);                                                          \
	} while (0)

static struct ir *parse(struct arena *arena, const char *p, size_t n)
{
	struct source *src = ARENA_NEW(arena, struct source);
	struct diags diags;
	struct ir *ir;

	src->name = "fuzz";
	src->text = (struct slice){ p, n };
	diags_init(&diags, arena);
	ir = ir_parse(arena, src, &diags);
	CHECK(!ir == !!diags.errors);
	return ir;
}

static void eval_both(struct arena *arena, const struct ir *a, const struct ir *b, uint64_t seed)
{
	struct random r = { seed | 1 };
	struct ir_state *a_state = ir_state_new(a), *b_state = ir_state_new(b);

	for (unsigned i = 0; i < 8; i++) {
		struct ir_packet p;
		struct ir_result x, y;

		random_packet(&r, &p);
		ir_eval(a, &p, &random_world, a_state, true, arena, &x);
		ir_eval(b, &p, &random_world, b_state, true, arena, &y);
		CHECK(x.outcome == y.outcome && x.steps.n == y.steps.n && x.logs.n == y.logs.n);
		CHECK(addr_eq(&x.packet.src, &y.packet.src));
		CHECK(addr_eq(&x.packet.dst, &y.packet.dst));
		CHECK(x.packet.mark == y.packet.mark && x.packet.dport == y.packet.dport);
	}
	ir_state_free(a_state);
	ir_state_free(b_state);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	AUTO_BUF first = BUF_INIT, second = BUF_INIT;
	const char *why = NULL, *why_again = NULL;
	struct arena arena;
	struct ir *ir, *again;
	bool good;

	arena_init(&arena);
	ir = parse(&arena, (const char *)bytes, size);
	if (ir) {
		ir_dump(ir, &first);
		again = parse(&arena, buf_text(&first), first.n);
		CHECK(again);
		ir_dump(again, &second);
		CHECK(first.n == second.n && memcmp(first.p, second.p, first.n) == 0);
		good = ir_verify(ir, &why);
		CHECK(good == ir_verify(again, &why_again));
		CHECK(good || strcmp(why, why_again) == 0);
		if (good)
			eval_both(&arena, ir, again, size);
	}
	arena_release(&arena);
	return 0;
}
