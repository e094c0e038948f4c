/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of words: what a rule of iptables is made of. All of it is in the arena of the build. */
#include "emit/ipt/ipt_priv.h"

void xt_word(struct xt_rule_build *r, struct xt_words *w, const char *word)
{
	vec_push(r->b->arena, w, word);
}

void xt_words_add(struct xt_build *b, struct xt_words *w, const struct xt_words *more)
{
	for (size_t i = 0; i < more->n; i++)
		vec_push(b->arena, w, more->v[i]);
}

struct xt_words xt_words_make(struct xt_build *b, const char *const *words)
{
	struct xt_words w = { 0 };

	for (; *words; words++)
		vec_push(b->arena, &w, *words);
	return w;
}

const char *xt_text(struct xt_build *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	const char *text = arena_vprintf(b->arena, fmt, ap);
	va_end(ap);
	return text;
}

struct xt_choice *xt_choice_add(struct xt_rule_build *r)
{
	vec_push(r->b->arena, &r->choices, (struct xt_choice){ 0 });
	return &r->choices.v[r->choices.n - 1];
}

void xt_alternative(struct xt_rule_build *r, struct xt_choice *c, struct xt_words words)
{
	vec_push(r->b->arena, &c->of, words);
}

void xt_must(struct xt_rule_build *r, struct xt_words words)
{
	xt_alternative(r, xt_choice_add(r), words);
}

void xt_refuse(struct xt_build *b, enum xt_no why)
{
	if (!b->why)
		b->why = xt_reasons[why].why;
}

bool xt_proto_possible(const struct xt_rule_build *r, unsigned proto)
{
	return r->protos[proto / 32] >> (proto % 32) & 1;
}

unsigned xt_protos_count(const struct xt_rule_build *r)
{
	unsigned n = 0;

	for (unsigned p = 0; p < 256; p++)
		n += xt_proto_possible(r, p);
	return n;
}

/* FNV-1a */
uint32_t xt_hash(uint32_t hash, const void *p, size_t n)
{
	const uint8_t *bytes = p;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ bytes[i]) * 16777619U;
	return hash;
}
