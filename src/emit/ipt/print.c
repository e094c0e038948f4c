/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text for iptables-restore. Everything goes through xt_print_word(), so what stands in one
 * word stays in one word: in what we send, and in what iptables-save writes of it later.
 */
#include <ctype.h>
#include <string.h>

#include "emit/ipt/ipt_priv.h"

static bool is_plain(const char *word)
{
	if (!*word)
		return false;
	for (const char *c = word; *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr("_-.,:/+!@=%[]", *c))
			return false;
	}
	return true;
}

void xt_print_word(const char *word, struct buf *out)
{
	if (is_plain(word)) {
		buf_str(out, word);
		return;
	}
	buf_char(out, '"');
	for (const char *c = word; *c; c++) {
		if (*c == '"' || *c == '\\')
			buf_char(out, '\\');
		buf_char(out, (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c);
	}
	buf_char(out, '"');
}

void xt_print_rule(const char *chain, const struct xt_rule *rule, struct buf *out)
{
	buf_str(out, "-A ");
	xt_print_word(chain, out);
	for (size_t i = 0; i < rule->n_words; i++) {
		buf_char(out, ' ');
		xt_print_word(rule->words[i], out);
	}
	buf_char(out, '\n');
}

void xt_print_set(const struct xt_set *set, const char *name, struct buf *out)
{
	buf_printf(out, "create %s %s %s\n", name, set->type, set->header);
	vec_each (e, &set->elements)
		buf_printf(out, "add %s %s\n", name, *e);
}

uint32_t xt_table_hash(const struct xt_content *content)
{
	uint32_t hash = XT_HASH_BEGIN;

	vec_each (c, &content->chains) {
		hash = xt_hash(hash, (*c)->name, strlen((*c)->name) + 1);
		vec_each (r, &(*c)->rules) {
			for (size_t i = 0; i < r->n_words; i++)
				hash = xt_hash(hash, r->words[i], strlen(r->words[i]) + 1);
			hash = xt_hash(hash, "", 1);
		}
	}
	return hash;
}

static void print_table(enum xt_table table, const struct xt_content *t, struct buf *out)
{
	if (!t->jumps.n)
		return;
	buf_printf(out, "*%s\n", xt_table_names[table]);
	vec_each (c, &t->chains)
		buf_printf(out, ":%s - [0:0]\n", (*c)->name);
	vec_each (j, &t->jumps)
		buf_printf(out, "-A %s -m comment --comment \"" XT_TAG " %08x\" -j %s\n", j->builtin,
			(unsigned)xt_table_hash(t), j->chain->name);
	vec_each (c, &t->chains) {
		vec_each (r, &(*c)->rules)
			xt_print_rule((*c)->name, r, out);
	}
	buf_str(out, "COMMIT\n");
}

void xt_print(const struct xt_program *program, struct buf *out)
{
	if (program->sets.n)
		buf_str(out, "# ipset restore\n");
	vec_each (s, &program->sets)
		xt_print_set(*s, (*s)->name, out);
	for (size_t i = 0; i < 2; i++) {
		buf_printf(out, "# %s-restore --noflush\n", i ? "ip6tables" : "iptables");
		for (int table = 0; table < XT_TABLES; table++)
			print_table((enum xt_table)table, &program->family[i].tables[table], out);
	}
}
