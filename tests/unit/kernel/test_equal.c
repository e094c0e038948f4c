/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our batch and nft's own reading of the printed text are the same thing to the kernel.
 *
 * Random policies use every kind of match, statement and verdict. Each is loaded by us and listed,
 * loaded by `nft -f` and listed; then the readback, which compares every expression, is held
 * against what nft made.
 *
 *	test_kernel_equal              seeds 1 to 40
 *	test_kernel_equal FROM TO      those seeds
 *	test_kernel_equal PATTERN...   the IR dumps that shell patterns name
 */
#include "../cmocka_tap.h"
#include "kernel_lab.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/facts_live.h"
#include "kernel/nft_load.h"
#include "kernel/nft_state.h"
#include "random_ir.h"

static unsigned long first = 1, last = 40;
static unsigned long refused; /* by the kernel, both ways */
static unsigned long alike;   /* to the last expression */
static char **files;

static void tell(const struct diags *diags)
{
	AUTO_BUF text = BUF_INIT;

	diags_render(diags, &text, false);
	for (const char *p = buf_text(&text); *p; p++) {
		if (p == buf_text(&text) || p[-1] == '\n')
			fputs("# ", stdout);
		putchar(*p);
	}
}

static const char *rule_text(struct arena *a, const struct nft_program *p)
{
	AUTO_BUF text = BUF_INIT;

	nft_print(p, &text);
	return arena_strdup(a, buf_text(&text));
}

/* Not every kernel has flowtables; the rest is to be compared there too. */
static void without_offload(struct nft_program *p)
{
	p->flowtable.enabled = false;
	vec_each (c, &p->chains) {
		size_t rules = 0;

		vec_each (r, &(*c)->rules) {
			size_t kept = 0;

			for (size_t i = 0; i < r->exprs.n; i++) {
				if (r->exprs.v[i].kind != NFT_E_FLOW)
					r->exprs.v[kept++] = r->exprs.v[i];
			}
			r->exprs.n = kept;
			if (kept)
				(*c)->rules.v[rules++] = *r;
		}
		(*c)->rules.n = rules;
	}
}

/* Cuts the time that elements have left, which nobody can repeat. */
static const char *without_expiry(struct arena *a, const char *list)
{
	AUTO_BUF out = BUF_INIT;
	const char *at;

	while ((at = strstr(list, " expires "))) {
		buf_add(&out, list, (size_t)(at - list));
		list = at + 9 + strcspn(at + 9, " ,}\n");
	}
	buf_str(&out, list);
	return arena_strdup(a, buf_text(&out));
}

/* True when all three views agree, or when the kernel refuses both ways. */
static bool equal(struct arena *a, const struct ir *ir)
{
	struct nft_program *p = nft_program_of(a, ir);
	struct facts facts = { 0 };

	if (!facts_gather(a, &facts) && !facts.features.flowtable)
		without_offload(p);
	const char *text = rule_text(a, p);
	struct diags diags;
	int status;

	diags_init(&diags, a);
	if (nft_flush())
		return false;
	int error = nft_load(p, &diags, NULL);
	const char *ours = without_expiry(a, lab_list(a));
	nft_flush();
	const char *said = lab_nft(a, &status, text, "-f", "-", NULL);
	if (error && status && error != -EILSEQ) {
		refused++;
		return true;
	}
	if (error || status) {
		tell(&diags);
		printf("# nft: %.200s\n", said);
		if (getenv("SHOW"))
			puts(text);
		return false;
	}
	const char *theirs = without_expiry(a, lab_list(a));
	if (!lab_same(ours, theirs)) {
		if (getenv("SHOW"))
			printf("%s\nOURS\n%s\nTHEIRS\n%s\n", text, ours, theirs);
		return false;
	}
	/*
	 * For a protocol in a concatenation nft adds a byteorder of one byte, which does nothing.
	 * So the listing is what must agree, and the expressions in most policies.
	 */
	if (!nft_verify(p, &diags))
		alike++;
	else if (getenv("SHOW"))
		tell(&diags);
	return true;
}

static void random_policies(void **state)
{
	(void)state;
	size_t failed = 0;

	for (unsigned long seed = first; !files && seed <= last; seed++) {
		struct random r = { seed * 2 + 1 };
		struct arena arena;

		arena_init(&arena);
		if (!equal(&arena, random_ir(&arena, &r, 6))) {
			printf("# seed %lu\n", seed);
			failed++;
		}
		arena_release(&arena);
	}
	nft_flush();
	if (!files)
		printf("# %lu policies: the kernel refuses %lu both ways, %lu are alike to the "
		       "last "
		       "expression\n",
			last - first + 1, refused, alike);
	assert_int_equal(failed, 0);
	assert_true(files || alike * 4 > last - first + 1);
}

static struct ir *read_dump(struct arena *a, const char *path)
{
	struct source *src = ARENA_NEW(a, struct source);
	AUTO_BUF text = BUF_INIT;
	struct diags diags;
	char piece[4096];
	size_t n;
	FILE *f = fopen(path, "r");

	if (!f)
		return NULL;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&text, piece, n);
	fclose(f);
	src->name = path;
	src->text = (struct slice){ arena_strndup(a, buf_text(&text), text.n), text.n };
	diags_init(&diags, a);
	struct ir *ir = ir_parse(a, src, &diags);
	if (!ir)
		tell(&diags);
	return ir;
}

static void given_dumps(void **state)
{
	(void)state;
	size_t failed = 0, seen = 0;
	glob_t found;

	for (char **f = files; f && *f; f++) {
		if (glob(*f, 0, NULL, &found))
			fail_msg("nothing matches %s", *f);
		for (size_t i = 0; i < found.gl_pathc; i++, seen++) {
			struct arena arena;

			arena_init(&arena);
			struct ir *ir = read_dump(&arena, found.gl_pathv[i]);
			if (!ir || !equal(&arena, ir)) {
				printf("# %s\n", found.gl_pathv[i]);
				failed++;
			}
			arena_release(&arena);
		}
		globfree(&found);
	}
	nft_flush();
	if (files)
		printf("# %zu dumps: the kernel refuses %lu both ways, %lu are alike to the last "
		       "expression\n",
			seen, refused, alike);
	assert_int_equal(failed, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_policies),
		cmocka_unit_test(given_dumps),
	};

	lab_enter();
	if (argc == 3 && strtoul(argv[1], NULL, 10)) {
		first = strtoul(argv[1], NULL, 10);
		last = strtoul(argv[2], NULL, 10);
	} else if (argc > 1) {
		files = argv + 1;
	}
	return RUN_TAP(tests);
}
