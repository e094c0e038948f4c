/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live elements of ipsets, in the words of nft_state.h: who is banned, and lifting a ban. */
#include <errno.h>
#include <string.h>

#include "kernel/ipt_load.h"
#include "kernel/ipt_priv.h"

static int ipset(const char *const argv[], struct buf *out)
{
	const char *path = ipt_ipset_path();
	int status = path ? ipt_run(path, argv, slice_of(""), out, NULL) : -ENOENT;

	return status > 0 ? -ENOENT : status;
}

int ipt_sets(struct arena *arena, struct nft_set_names *ret)
{
	const char *const argv[] = { "ipset", "list", "-name", NULL };
	AUTO_BUF out = BUF_INIT;
	struct slice rest, word;
	int error = ipset(argv, &out);

	if (error)
		return error;
	rest = slice_of(buf_text(&out));
	while (slice_next_word(&rest, &word))
		vec_push(arena, &ret->list, arena_strndup(arena, word.p, word.n));
	return 0;
}

/* "add NAME ADDRESS[/bits] [timeout N] ..." */
static bool element_of(struct slice line, struct nft_live_element *ret)
{
	struct slice word;
	uint64_t seconds;

	if (!slice_next_word(&line, &word) || !slice_is(word, "add") ||
		!slice_next_word(&line, &word) || !slice_next_word(&line, &word))
		return false;
	word.n = slice_find(word, '/');
	ret->is_addr = addr_parse(word, &ret->addr);
	while (slice_next_word(&line, &word)) {
		if (slice_is(word, "timeout") && slice_next_word(&line, &word) &&
			slice_u64(word, UINT32_MAX, &seconds))
			ret->left_ms = seconds * 1000;
	}
	return true;
}

int ipt_set_elements(struct arena *arena, const char *set, struct nft_live_elements *ret)
{
	const char *const argv[] = { "ipset", "save", set, NULL };
	AUTO_BUF out = BUF_INIT;
	struct slice text;
	int error = ipset(argv, &out);

	if (error)
		return error;
	text = slice_of(buf_text(&out));
	while (text.n) {
		struct nft_live_element e = { 0 };
		size_t end = slice_find(text, '\n');

		if (element_of((struct slice){ text.p, end }, &e))
			vec_push(arena, &ret->list, e);
		text = slice_from(text, end + 1);
	}
	return 0;
}

int ipt_set_remove_addr(const char *set, const struct addr *addr)
{
	AUTO_BUF text = BUF_INIT;

	addr_print(addr, &text);
	const char *const argv[] = { "ipset", "del", set, buf_text(&text), NULL };

	return ipset(argv, NULL);
}
