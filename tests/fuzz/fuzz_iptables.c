/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a script, as a fragment for iptables-restore and as extra arguments. Nothing may
 * crash, spans must lie in the text, and a command that was read must, once printed, read back as
 * the same command.
 */
#include <stdint.h>
#include <string.h>

#include "base/bug.h"
#include "iptables/iptables.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_spans(const struct diags *diags)
{
	vec_each (it, &diags->list) {
		const struct span *s = &(*it)->span;

		if (s->src && (s->start > s->end || s->end > s->src->text.n))
			BUG("a span %u-%u outside its text", (unsigned)s->start, (unsigned)s->end);
	}
}

static void print_again(struct arena *arena, const struct ipt_command *c)
{
	AUTO_BUF first = BUF_INIT;
	AUTO_BUF second = BUF_INIT;
	struct ipt_script script = { 0 };
	struct diags diags;
	struct source src = { .name = "printed" };

	if (!c->family)
		return; /* of both families: no command says that */
	ipt_command_print(c, &first);
	diags_init(&diags, arena);
	src.text = (struct slice){ buf_text(&first), first.n };
	if (!ipt_script_read(arena, &src, &diags, &script) || script.steps.n != 1)
		BUG("what we printed is refused: %s: %s",
			diags.list.n ? diags.list.v[0]->message : "", buf_text(&first));
	ipt_command_print(&script.steps.v[0].command, &second);
	if (strcmp(buf_text(&first), buf_text(&second)) != 0)
		BUG("what we printed prints otherwise:\n%s\n%s", buf_text(&first),
			buf_text(&second));
}

static void print_all(struct arena *arena, const struct ipt_script *script)
{
	vec_each (step, &script->steps) {
		if (step->kind == IPT_STEP_COMMAND)
			print_again(arena, &step->command);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct source src = { .name = "fuzz", .text = { (const char *)bytes, size } };
	struct ipt_script script = { 0 }, fragment = { 0 };
	struct ipt_rule rule = { 0 };
	struct arena arena;
	struct diags diags;
	AUTO_BUF text = BUF_INIT;

	if (size > 1 << 14)
		return 0;
	arena_init(&arena);
	diags_init(&diags, &arena);
	ipt_script_read(&arena, &src, &diags, &script);
	print_all(&arena, &script);
	ipt_restore_read(&arena, &src, FAMILY_ANY, &diags, &fragment);
	print_all(&arena, &fragment);
	if (ipt_extra_read(&arena, src.text, (struct span){ &src, 0, (uint32_t)size },
		    size % 3 ? 0 : PROTO_TCP, &diags, &rule))
		ipt_rule_print(&rule, &text);
	check_spans(&diags);
	diags_render(&diags, &text, false);
	arena_release(&arena);
	return 0;
}
