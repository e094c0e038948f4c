/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets, maps and their elements as nfnetlink messages. A set of intervals of one field is a tree
 * of starts and ends to the kernel, one of several fields has elements with two keys; all others
 * are hash tables.
 */
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "base/bug.h"
#include "kernel/encode_priv.h"

/* Well below the 64 KiB that an attribute can hold, whatever one element takes. */
#define ELEMENTS_BYTES (48 * 1024)
#define KEY_MAX 64

static uint32_t set_flags(const struct nft_set *s)
{
	uint32_t flags = 0;

	if (!s->name)
		flags |= NFT_SET_ANONYMOUS;
	if (s->constant || !s->name)
		flags |= NFT_SET_CONSTANT;
	if (s->interval)
		flags |= NFT_SET_INTERVAL;
	if (s->is_map)
		flags |= NFT_SET_MAP;
	if (s->has_timeout)
		flags |= NFT_SET_TIMEOUT;
	if (s->dynamic)
		flags |= NFT_SET_EVAL;
	if (s->interval && s->n_key > 1)
		flags |= NFT_SET_CONCAT;
	return flags;
}

static uint32_t set_key_type(const struct nft_set *s)
{
	uint32_t type = 0;

	for (unsigned i = 0; i < s->n_key; i++)
		type = type << 6 | nft_type_info[s->key[i]].id;
	return type;
}

/*
 * nft's numbers for byte orders, which only nft reads: 1 the host's, 2 big-endian. Names count as
 * the host's, and so do the keys of interval sets although they are big-endian there.
 */
static uint32_t byte_order(enum nft_type type)
{
	return nft_type_info[type].host_order || type == NFT_T_IFNAME ? 1 : 2;
}

/* The notes by which `nft list` knows how to print the set. */
static void set_notes(struct encoder *e, const struct nft_set *s)
{
	uint32_t key = s->n_key > 1 ? 0 : byte_order(s->key[0]);
	uint32_t data = s->is_map && s->data != NFT_T_VERDICT ? byte_order(s->data) : 0;
	struct notes notes = { .n = 0 };

	note_add(&notes, NFTNL_UDATA_SET_KEYBYTEORDER, &key, sizeof(key));
	if (s->is_map)
		note_add(&notes, NFTNL_UDATA_SET_DATABYTEORDER, &data, sizeof(data));
	nl_put(&e->out, NFTA_SET_USERDATA, notes.bytes, notes.n);
}

static unsigned field_bytes(const struct nft_set *s, unsigned i)
{
	unsigned bytes = nft_type_info[s->key[i]].bytes;

	return bytes ? bytes : s->key_bytes;
}

/* True when a tree of intervals begins with an end: all before its first start is outside. */
static bool tree_starts_outside(const struct nft_set *s)
{
	const uint8_t *key = s->elements.n ? s->elements.v[0].key : NULL;

	for (unsigned i = 0; key && i < s->key_bytes; i++) {
		if (key[i])
			return true;
	}
	return false;
}

/* How many elements the kernel may have to hold; nft counts the same way. */
static size_t element_count(const struct nft_set *s)
{
	size_t n = s->elements.n;

	return s->interval && s->n_key == 1 ? 2 * n + tree_starts_outside(s) : n;
}

static void set_description(struct encoder *e, const struct nft_set *s)
{
	/* Knowing the count, the kernel can choose a table of fixed size for a constant set. */
	size_t size = s->name ? s->size : element_count(s);
	size_t desc = nl_nest(&e->out, NFTA_SET_DESC);

	if (size)
		nl_put_be32(&e->out, NFTA_SET_DESC_SIZE, (uint32_t)size);
	if (s->interval && s->n_key > 1) { /* of ranges the kernel must know the fields */
		size_t concat = nl_nest(&e->out, NFTA_SET_DESC_CONCAT);

		for (unsigned i = 0; i < s->n_key; i++) {
			size_t field = nl_nest(&e->out, NFTA_LIST_ELEM);

			nl_put_be32(&e->out, NFTA_SET_FIELD_LEN, field_bytes(s, i));
			nl_nest_end(&e->out, field);
		}
		nl_nest_end(&e->out, concat);
	}
	nl_nest_end(&e->out, desc);
}

void encode_set(struct encoder *e, const struct nft_set *s, const struct nft_rule *rule)
{
	struct part part = { .kind = PART_SET, .name = s->name, .set = s, .rule = rule };
	bool verdicts = s->is_map && s->data == NFT_T_VERDICT;

	encoder_message(e, &part, NFT_MSG_NEWSET, NLM_F_CREATE);
	nl_put_str(&e->out, NFTA_SET_TABLE, NFT_TABLE_NAME);
	nl_put_str(&e->out, NFTA_SET_NAME, set_wire_name(s));
	nl_put_be32(&e->out, NFTA_SET_ID, s->id);
	nl_put_be32(&e->out, NFTA_SET_FLAGS, set_flags(s));
	nl_put_be32(&e->out, NFTA_SET_KEY_TYPE, set_key_type(s));
	nl_put_be32(&e->out, NFTA_SET_KEY_LEN, s->key_bytes);
	if (s->is_map)
		nl_put_be32(&e->out, NFTA_SET_DATA_TYPE,
			verdicts ? NFT_DATA_VERDICT : nft_type_info[s->data].id);
	if (s->is_map && !verdicts)
		nl_put_be32(&e->out, NFTA_SET_DATA_LEN, s->data_bytes);
	if (s->timeout)
		nl_put_be64(&e->out, NFTA_SET_TIMEOUT, (uint64_t)s->timeout * 1000);
	set_description(e, s);
	set_notes(e, s);
}

/* An element's key as the kernel wants it. */
static void element_key(const struct nft_set *s, const uint8_t *key, uint8_t *ret)
{
	if (s->key_bytes > KEY_MAX)
		BUG("key of %u bytes", s->key_bytes);
	if (s->n_key == 1 && !s->interval)
		nft_register_value(s->key[0], key, s->key_bytes, ret);
	else
		memcpy(ret, key, s->key_bytes);
}

static void put_element_data(struct nlbuf *b, const struct nft_set *s, const struct nft_element *x)
{
	uint8_t data[KEY_MAX];

	if (s->data == NFT_T_VERDICT) {
		encode_verdict(b, NFTA_SET_ELEM_DATA, &x->verdict);
		return;
	}
	if (s->data_bytes > KEY_MAX)
		BUG("value of %u bytes", s->data_bytes);
	nft_register_value(s->data, x->data, s->data_bytes, data);
	encode_data(b, NFTA_SET_ELEM_DATA, data, s->data_bytes);
}

/* open: an interval that has no end in the set, as it reaches to the last key. */
static void put_element(
	struct nlbuf *b, const struct nft_set *s, const struct nft_element *x, bool open)
{
	const uint32_t flags = NFTNL_SET_ELEM_F_INTERVAL_OPEN;
	struct notes notes = { .n = 0 };
	uint8_t key[KEY_MAX];
	size_t at = nl_nest(b, NFTA_LIST_ELEM);

	element_key(s, x->key, key);
	encode_data(b, NFTA_SET_ELEM_KEY, key, s->key_bytes);
	if (s->interval && s->n_key > 1)
		encode_data(
			b, NFTA_SET_ELEM_KEY_END, x->key_end ? x->key_end : x->key, s->key_bytes);
	if (s->is_map)
		put_element_data(b, s, x);
	if (x->timeout)
		nl_put_be64(b, NFTA_SET_ELEM_TIMEOUT, (uint64_t)x->timeout * 1000);
	if (x->comment)
		note_add(&notes, NFTNL_UDATA_SET_ELEM_COMMENT, x->comment, strlen(x->comment) + 1);
	if (open)
		note_add(&notes, NFTNL_UDATA_SET_ELEM_FLAGS, &flags, sizeof(flags));
	if (notes.n)
		nl_put(b, NFTA_SET_ELEM_USERDATA, notes.bytes, notes.n);
	nl_nest_end(b, at);
}

static void put_end(struct nlbuf *b, const uint8_t *key, unsigned n)
{
	size_t at = nl_nest(b, NFTA_LIST_ELEM);

	encode_data(b, NFTA_SET_ELEM_KEY, key, n);
	nl_put_be32(b, NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
	nl_nest_end(b, at);
}

/* The key after this one; false behind the last. */
static bool key_next(uint8_t *key, unsigned n)
{
	for (unsigned i = n; i-- > 0;) {
		if (++key[i])
			return true;
	}
	return false;
}

/* Where an interval ends: the key behind it. False when it ends with the last key. */
static bool interval_end(const struct nft_set *s, const struct nft_element *x, uint8_t *ret)
{
	if (s->key_bytes > KEY_MAX)
		BUG("key of %u bytes", s->key_bytes);
	memcpy(ret, x->key_end ? x->key_end : x->key, s->key_bytes);
	return key_next(ret, s->key_bytes);
}

/*
 * A tree of intervals holds starts and ends. Where one interval follows on another, nft leaves the
 * end between them out. So do we in a constant set; in others an element may go one day, and the
 * one before it must not grow over its place.
 */
static void put_interval(struct nlbuf *b, const struct nft_set *s, const struct nft_element *x)
{
	const uint8_t zero[KEY_MAX] = { 0 };
	bool last = x == s->elements.v + s->elements.n - 1;
	uint8_t end[KEY_MAX];
	bool closed = interval_end(s, x, end);

	if (x == s->elements.v && tree_starts_outside(s))
		put_end(b, zero, s->key_bytes);
	put_element(b, s, x, !closed);
	if (closed && (last || s->name || memcmp(end, x[1].key, s->key_bytes)))
		put_end(b, end, s->key_bytes);
}

static size_t elements_begin(
	struct encoder *e, const struct nft_set *s, const struct nft_rule *rule)
{
	struct part part = { .kind = PART_ELEMENTS, .name = s->name, .set = s, .rule = rule };

	encoder_message(e, &part, NFT_MSG_NEWSETELEM, NLM_F_CREATE);
	nl_put_str(&e->out, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE_NAME);
	nl_put_str(&e->out, NFTA_SET_ELEM_LIST_SET, set_wire_name(s));
	nl_put_be32(&e->out, NFTA_SET_ELEM_LIST_SET_ID, s->id);
	return nl_nest(&e->out, NFTA_SET_ELEM_LIST_ELEMENTS);
}

void encode_elements(struct encoder *e, const struct nft_set *s, const struct nft_rule *rule)
{
	bool tree = s->interval && s->n_key == 1;
	size_t list = 0;

	for (size_t i = 0; i < s->elements.n; i++) {
		if (i && nl_nest_size(&e->out, list) > ELEMENTS_BYTES) {
			nl_nest_end(&e->out, list);
			list = 0;
		}
		if (!list)
			list = elements_begin(e, s, rule);
		if (tree)
			put_interval(&e->out, s, &s->elements.v[i]);
		else
			put_element(&e->out, s, &s->elements.v[i], false);
	}
	if (list)
		nl_nest_end(&e->out, list);
}
