/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target of the option-table engine: a text of UCI is bound against a table that has every
 * type. What was bound is printed, written as UCI, and bound again: it must be taken without an
 * error and print the same.
 */
#include <string.h>

#include "../unit/schema/sample.h"

#include "base/bug.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void write_option(
	const struct option_row *row, const char *keyword, const char *value, struct buf *out)
{
	buf_printf(out, "\t%s %s ", keyword, row->name);
	uci_quote(out, value);
	buf_char(out, '\n');
}

/* Every option of a section as UCI, by the canonical text of its value. */
static void write_section(const struct sample *sample, struct buf *out)
{
	buf_str(out, "config sample\n");
	for (size_t i = 0; i < sample_row.n_options; i++) {
		const struct option_row *row = &sample_options[i];
		AUTO_BUF value = BUF_INIT;

		/* Its entries may hold anything, so they are written one by one. */
		if (row->whole) {
			for (size_t j = 0; j < sample->entry.n; j++)
				write_option(row, "list", sample->entry.v[j], out);
			continue;
		}
		if (schema_print(row, sample, &value))
			write_option(row, "option", buf_text(&value), out);
	}
}

static struct sample *bind(struct arena *arena, const struct uci_section *section,
	const struct bind_options *options, struct diags *diags)
{
	struct sample *sample = ARENA_NEW(arena, struct sample);

	schema_bind(&sample_row, section, arena, options, diags, sample);
	if (diags->section || diags->option)
		BUG("the binder left its section or option behind");
	return sample;
}

static void bind_again(struct arena *arena, const char *text, const struct bind_options *options)
{
	struct source source = { .name = "printed", .text = slice_of(text) };
	struct diags diags;
	AUTO_BUF again = BUF_INIT;

	diags_init(&diags, arena);

	struct uci_file *file = uci_parse(arena, &source, &diags);

	if (diags.errors || file->sections.n != 1)
		BUG("what we wrote is not UCI:\n%s", text);
	write_section(bind(arena, file->sections.v[0], options, &diags), &again);
	for (size_t i = 0; i < diags.list.n; i++) {
		/* A section that never had its zone still has none. */
		if (diags.list.v[i]->severity == DIAG_ERROR &&
			strcmp(diags.list.v[i]->id, "missing-option") != 0)
			BUG("what we printed is refused: %s\n%s", diags.list.v[i]->message, text);
	}
	if (strcmp(buf_text(&again), text) != 0)
		BUG("what we printed prints otherwise:\n%s\n%s", text, buf_text(&again));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct bind_options options = { .hex_marks = size % 2 };
	struct source source = { .name = "fuzz", .text = { (const char *)bytes, size } };
	struct arena arena;
	struct diags diags;
	AUTO_BUF rendered = BUF_INIT;

	if (size > 1 << 16)
		return 0;
	arena_init(&arena);
	diags_init(&diags, &arena);

	struct uci_file *file = uci_parse(&arena, &source, &diags);

	vec_each (section, &file->sections) {
		AUTO_BUF text = BUF_INIT;

		write_section(bind(&arena, *section, &options, &diags), &text);
		bind_again(&arena, buf_text(&text), &options);
	}
	diags_render(&diags, &rendered, false);
	json_decref(diags_json(&diags));
	arena_release(&arena);
	return 0;
}
