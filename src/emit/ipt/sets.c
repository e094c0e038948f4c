/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of the IR as ipsets. The type follows from the key and from whether an element is a network.
 * Sets of devices become no ipset: rules name the devices.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "emit/ipt/ipt_priv.h"

static bool is_addr(enum ir_key key)
{
	return key == IR_KEY_ADDR4 || key == IR_KEY_ADDR6;
}

static bool has_networks(const struct ir_set *set, unsigned part)
{
	if (set->dynamic)
		return false;
	vec_each (e, &set->elements) {
		if (!addr_eq(&e->part[part].addr.lo, &e->part[part].addr.hi))
			return true;
	}
	return set->interval && !set->elements.n;
}

/* 'i' address, 'n' network, 'p' port of a protocol, 'P' port, 'm' MAC, 'd' device. */
static void key_letters(const struct ir_set *set, char letters[4])
{
	for (unsigned i = 0; i < set->n_key; i++) {
		switch (set->key[i]) {
		case IR_KEY_ADDR4:
		case IR_KEY_ADDR6:
			letters[i] = has_networks(set, i) ? 'n' : 'i';
			break;
		case IR_KEY_PROTO_PORT:
			letters[i] = 'p';
			break;
		case IR_KEY_PORT:
			letters[i] = 'P';
			break;
		case IR_KEY_MAC:
			letters[i] = 'm';
			break;
		case IR_KEY_DEVICE:
			letters[i] = 'd';
			break;
		}
	}
	letters[set->n_key] = '\0';
}

static const struct {
	const char *letters, *type;
} types[] = {
	{ "i", "hash:ip" }, { "n", "hash:net" }, { "m", "hash:mac" }, { "P", "bitmap:port" },
	{ "im", "hash:ip,mac" }, { "ip", "hash:ip,port" }, { "np", "hash:net,port" },
	{ "nn", "hash:net,net" }, { "in", "hash:net,net" }, { "ni", "hash:net,net" },
	{ "ii", "hash:net,net" }, { "ipi", "hash:ip,port,ip" }, { "ipn", "hash:ip,port,net" },
	{ "npn", "hash:net,port,net" }, { "npi", "hash:net,port,net" },
};

static const char *type_of(const struct ir_set *set)
{
	char letters[4];

	key_letters(set, letters);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcmp(types[i].letters, letters))
			return types[i].type;
	}
	return NULL;
}

static enum family family_of(const struct ir_set *set)
{
	for (unsigned i = 0; i < set->n_key; i++) {
		if (is_addr(set->key[i]))
			return set->key[i] == IR_KEY_ADDR6 ? FAMILY_V6 : FAMILY_V4;
	}
	return FAMILY_ANY;
}

static size_t element_count(const struct xt_set *set, const struct ir_set *from)
{
	size_t n = set->elements.n;

	if (from->size)
		return from->size > n ? from->size : n;
	return n > 65536 ? n : 65536;
}

static bool has_timeouts(const struct ir_set *set)
{
	vec_each (e, &set->elements) {
		if (e->timeout)
			return true;
	}
	return set->timeout != 0;
}

static const char *header_of(struct xt_build *b, const struct xt_set *set, const struct ir_set *from)
{
	AUTO_BUF text = BUF_INIT;
	enum family family = family_of(from);

	if (!strcmp(set->type, "bitmap:port"))
		buf_str(&text, "range 0-65535");
	else if (family != FAMILY_ANY)
		buf_printf(&text, "family %s maxelem %zu", family == FAMILY_V6 ? "inet6" : "inet",
			element_count(set, from));
	else
		buf_printf(&text, "maxelem %zu", element_count(set, from));
	if (from->net6)
		buf_str(&text, " netmask 64");
	if (has_timeouts(from))
		buf_printf(&text, " timeout %lu", (unsigned long)from->timeout);
	if (from->has_rate)
		buf_str(&text, " counters");
	return arena_strdup(b->arena, buf_text(&text));
}

/* ---- elements ---- */

static const char *port_text(struct xt_build *b, const struct range *p)
{
	return p->lo == p->hi ? xt_text(b, "%u", (unsigned)p->lo)
			      : xt_text(b, "%u-%u", (unsigned)p->lo, (unsigned)p->hi);
}

/* All texts of one part of an element: several for a range that is no prefix. */
static void part_texts(struct xt_build *b, enum ir_key key, const struct ir_key_value *v,
	struct xt_words *ret)
{
	const char *text = NULL;

	switch (key) {
	case IR_KEY_ADDR4:
	case IR_KEY_ADDR6:
		xt_prefixes(b, &v->addr, ret);
		return;
	case IR_KEY_PROTO_PORT:
		text = xt_text(b, "%u:%s", v->proto, port_text(b, &v->port));
		break;
	case IR_KEY_PORT:
		text = port_text(b, &v->port);
		break;
	case IR_KEY_MAC:
		text = xt_text(b, "%02x:%02x:%02x:%02x:%02x:%02x", v->mac.b[0], v->mac.b[1],
			v->mac.b[2], v->mac.b[3], v->mac.b[4], v->mac.b[5]);
		break;
	case IR_KEY_DEVICE:
		BUG("a device in an ipset");
	}
	vec_push(b->arena, ret, text);
}

/* hash types know no /0. */
static void split_all(struct xt_build *b, struct xt_words *texts)
{
	for (size_t i = 0; i < texts->n; i++) {
		if (!strcmp(texts->v[i], "0.0.0.0/0")) {
			texts->v[i] = "0.0.0.0/1";
			vec_push(b->arena, texts, "128.0.0.0/1");
		} else if (!strcmp(texts->v[i], "::/0")) {
			texts->v[i] = "::/1";
			vec_push(b->arena, texts, "8000::/1");
		}
	}
}

static void add_element(struct xt_build *b, struct xt_set *set, const struct ir_set *from,
	const struct ir_element *e)
{
	struct xt_words all = { 0 };

	vec_push(b->arena, &all, "");
	for (unsigned i = 0; i < from->n_key; i++) {
		struct xt_words part = { 0 }, longer = { 0 };

		part_texts(b, from->key[i], &e->part[i], &part);
		split_all(b, &part);
		for (size_t k = 0; k < all.n; k++) {
			for (size_t p = 0; p < part.n; p++)
				vec_push(b->arena, &longer,
					xt_text(b, "%s%s%s", all.v[k], i ? "," : "", part.v[p]));
		}
		all = longer;
	}
	for (size_t k = 0; k < all.n; k++)
		vec_push(b->arena, &set->elements,
			e->timeout ? xt_text(b, "%s timeout %lu", all.v[k], (unsigned long)e->timeout)
				   : all.v[k]);
}

const struct xt_set *xt_set_of(struct xt_build *b, const struct ir_set *set)
{
	const char *type = type_of(set);
	struct xt_set *made;

	if (!type) {
		xt_refuse(b, XT_NO_SET_TYPE);
		return NULL;
	}
	vec_each (s, &b->program->sets) {
		if (!strcmp((*s)->name, set->name))
			return *s;
	}
	made = ARENA_NEW(b->arena, struct xt_set);
	made->name = set->name;
	made->type = type;
	made->keep = set->keep;
	made->origin = set->origin;
	vec_each (e, &set->elements)
		add_element(b, made, set, e);
	made->header = header_of(b, made, set);
	vec_push(b->arena, &b->program->sets, made);
	return made;
}

static int text_cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const struct xt_set *xt_set_of_prefixes(
	struct xt_build *b, enum family family, const struct xt_words *prefixes)
{
	uint32_t hash = XT_HASH_BEGIN, other = 5381;
	struct xt_set *set = ARENA_NEW(b->arena, struct xt_set);
	struct xt_words texts = { 0 };

	xt_words_add(b, &texts, prefixes);
	split_all(b, &texts);
	qsort(texts.v, texts.n, sizeof(*texts.v), text_cmp);
	for (size_t i = 0; i < texts.n; i++) {
		hash = xt_hash(hash, texts.v[i], strlen(texts.v[i]) + 1);
		for (const char *c = texts.v[i]; *c; c++)
			other = other * 33 + (unsigned char)*c;
		vec_push(b->arena, &set->elements, texts.v[i]);
	}
	set->name = xt_text(b, "zonewall_%s_%08x%08x", family == FAMILY_V6 ? "v6" : "v4",
		(unsigned)hash, (unsigned)other);
	vec_each (s, &b->program->sets) {
		if (!strcmp((*s)->name, set->name))
			return *s;
	}
	set->type = "hash:net";
	set->header = xt_text(b, "family %s maxelem %zu", family == FAMILY_V6 ? "inet6" : "inet",
		texts.n > 65536 ? texts.n : 65536);
	vec_push(b->arena, &b->program->sets, set);
	return set;
}

const char *xt_set_flags(struct xt_build *b, const struct ir_set *set, const bool dest[3])
{
	AUTO_BUF text = BUF_INIT;

	for (unsigned i = 0; i < set->n_key; i++) {
		if (set->key[i] == IR_KEY_MAC && dest[i]) {
			xt_refuse(b, XT_NO_DEST_MAC);
			return NULL;
		}
		buf_printf(&text, "%s%s", i ? "," : "", dest[i] ? "dst" : "src");
	}
	return arena_strdup(b->arena, buf_text(&text));
}
