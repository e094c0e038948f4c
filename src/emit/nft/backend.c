/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nft backend as a row of the registry. It expresses every kind of the IR, so it lacks nothing. */
#include "emit/nft/backend.h"

#include "emit/nft/program.h"

static void nft_emit(struct arena *arena, const struct ir *ir, struct artefact *ret)
{
	struct nft_program *program = nft_program_of(arena, ir);
	AUTO_BUF text = BUF_INIT;

	nft_print(program, &text);
	ret->program = program;
	ret->text = arena_strndup(arena, buf_text(&text), text.n);
}

const struct backend nft_backend = {
	.name = "nft",
	.emit = nft_emit,
};
