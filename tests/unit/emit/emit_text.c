/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit_text: prints the nft text of an IR. A dump from a file, or with --random SEED a policy that
 * uses every kind of match, statement and verdict. For the tests that ask nft and the kernel.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit/emit.h"
#include "random_ir.h"

static bool file_read(const char *path, struct buf *out)
{
	char piece[4096];
	size_t n;
	FILE *f = fopen(path, "r");

	if (!f)
		return false;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	fclose(f);
	return true;
}

static struct ir *ir_read(struct arena *arena, const char *path, struct diags *diags)
{
	struct source *src = ARENA_NEW(arena, struct source);
	AUTO_BUF text = BUF_INIT;

	if (!file_read(path, &text))
		return NULL;
	src->name = path;
	src->text = (struct slice){ arena_strndup(arena, buf_text(&text), text.n), text.n };
	return ir_parse(arena, src, diags);
}

int main(int argc, char **argv)
{
	struct artefact artefact;
	struct arena arena;
	struct diags diags;
	struct ir *ir;
	const char *why = NULL;
	bool dump = argc == 4 && !strcmp(argv[1], "--dump");
	int status = 1;

	arena_init(&arena);
	diags_init(&diags, &arena);
	if (argc >= 3) {
		struct random r = { strtoull(argv[argc - 1], NULL, 10) * 2 + 1 };

		ir = random_ir(&arena, &r, 6);
	} else {
		ir = argc == 2 ? ir_read(&arena, argv[1], &diags) : NULL;
	}
	if (dump && ir) {
		AUTO_BUF text = BUF_INIT;

		ir_dump(ir, &text);
		fputs(buf_text(&text), stdout);
		arena_release(&arena);
		return 0;
	}
	if (ir && !ir_verify(ir, &why))
		fprintf(stderr, "emit_text: not an IR: %s\n", why);
	else if (ir && emit(backends[0], &arena, ir, &diags, &artefact)) {
		AUTO_BUF printed = BUF_INIT;

		artefact_print(&artefact, &printed);
		fputs(buf_text(&printed), stdout);
		status = 0;
	}
	if (status) {
		AUTO_BUF told = BUF_INIT;

		diags_render(&diags, &told, false);
		fprintf(stderr, "usage: emit_text FILE | --random SEED\n%s", buf_text(&told));
	}
	arena_release(&arena);
	return status;
}
