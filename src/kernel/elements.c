/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel lists a set's elements in an order of its own, so those that were sent are put into
 * a hash table, and each that comes back is looked up and compared.
 */
#include "kernel/elements_priv.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "kernel/compare_priv.h"

struct slot {
	const struct nlattr *element; /* NULL: free */
	bool seen;
};

struct elements {
	const struct nft_set *set;
	struct slot *slots;
	size_t size; /* power of two */
	size_t n, seen;
	const char *how;
	struct nlbuf *gone; /* NULL, or takes what the kernel has and should not */
};

bool element_is_end(const struct nlattr *const *a)
{
	return nl_get_be32(a[NFTA_SET_ELEM_FLAGS]) & NFT_SET_ELEM_INTERVAL_END;
}

/* The bytes of a key. */
static const uint8_t *element_key(const struct nlattr *const *a, size_t *ret_n)
{
	const struct nlattr *d[NFTA_DATA_MAX + 1];

	nl_attrs_nested(a[NFTA_SET_ELEM_KEY], d, NFTA_DATA_MAX);
	*ret_n = d[NFTA_DATA_VALUE] ? mnl_attr_get_payload_len(d[NFTA_DATA_VALUE]) : 0;
	return *ret_n ? mnl_attr_get_payload(d[NFTA_DATA_VALUE]) : NULL;
}

int element_key_order(const struct nlattr *const *a, const struct nlattr *const *b)
{
	size_t n, m;
	const uint8_t *p = element_key(a, &n), *q = element_key(b, &m);

	if (n != m)
		return n < m ? -1 : 1;
	return n ? memcmp(p, q, n) : 0;
}

static uint32_t element_hash(const struct nlattr *const *a)
{
	size_t n;
	const uint8_t *key = element_key(a, &n);
	uint32_t h = 2166136261u ^ element_is_end(a);

	for (size_t i = 0; i < n; i++)
		h = (h ^ key[i]) * 16777619u;
	return h ^ h >> 15;
}

static bool key_same(const struct nlattr *const *a, const struct nlattr *const *b)
{
	size_t n, m;
	const uint8_t *p = element_key(a, &n), *q = element_key(b, &m);

	return n == m && element_is_end(a) == element_is_end(b) && (!n || !memcmp(p, q, n));
}

static uint64_t element_timeout(const struct nft_set *s, const struct nlattr *const *a)
{
	return a[NFTA_SET_ELEM_TIMEOUT] ? nl_get_be64(a[NFTA_SET_ELEM_TIMEOUT])
					: (uint64_t)s->timeout * 1000;
}

/* In kept sets an element may be an older one, with the time and the comment it had then. */
static bool element_same(const struct nft_set *s, const struct nlattr *sent,
	const struct nlattr *got, const struct nlattr *const *a, const struct nlattr *const *b)
{
	uint64_t ignore = IGNORE(NFTA_SET_ELEM_TIMEOUT) | IGNORE(NFTA_SET_ELEM_EXPIRATION) |
			  IGNORE(NFTA_SET_ELEM_EXPR) | IGNORE(NFTA_SET_ELEM_EXPRESSIONS);

	if (s->keep)
		ignore |= IGNORE(NFTA_SET_ELEM_USERDATA);
	if (!nl_same_nested(sent, got, ignore))
		return false;
	return s->keep || element_is_end(a) || element_timeout(s, a) == element_timeout(s, b);
}

/*
 * The end that a tree of intervals begins with says only that what lies before the first start is
 * outside. It may stay when a first interval from zero comes, so it is no part of the content.
 */
static bool element_is_first_end(const struct nlattr *const *a)
{
	size_t n;
	const uint8_t *key = element_key(a, &n);

	while (n > 0 && !key[n - 1])
		n--;
	return !n && element_is_end(a);
}

/* Calls `each` for every element of a NEWSETELEM message. */
static void elements_walk(const struct nlmsghdr *m, struct elements *x,
	void (*each)(const struct nlattr *element, struct elements *x))
{
	const struct nlattr *a[NFTA_SET_ELEM_LIST_MAX + 1];

	nl_attrs_message(m, sizeof(struct nfgenmsg), a, NFTA_SET_ELEM_LIST_MAX);
	const struct nlattr *list = a[NFTA_SET_ELEM_LIST_ELEMENTS], *element;
	if (!list)
		return;
	mnl_attr_for_each_nested(element, list) each(element, x);
}

static void element_count(const struct nlattr *element, struct elements *x)
{
	const struct nlattr *a[NFTA_SET_ELEM_MAX + 1];

	nl_attrs_nested(element, a, NFTA_SET_ELEM_MAX);
	x->n += !element_is_first_end(a);
}

static void element_add(const struct nlattr *element, struct elements *x)
{
	const struct nlattr *a[NFTA_SET_ELEM_MAX + 1];

	nl_attrs_nested(element, a, NFTA_SET_ELEM_MAX);
	if (element_is_first_end(a))
		return;
	size_t i = element_hash(a);
	while (x->slots[i & (x->size - 1)].element)
		i++;
	x->slots[i & (x->size - 1)].element = element;
}

void element_put_key(struct nlbuf *out, const struct nlattr *element)
{
	static const uint16_t parts[] = { NFTA_SET_ELEM_KEY, NFTA_SET_ELEM_KEY_END,
		NFTA_SET_ELEM_FLAGS };
	const struct nlattr *b[NFTA_SET_ELEM_MAX + 1];

	nl_attrs_nested(element, b, NFTA_SET_ELEM_MAX);
	size_t at = nl_nest(out, NFTA_LIST_ELEM);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		const struct nlattr *a = b[parts[i]];

		if (a)
			nl_put(out, a->nla_type, mnl_attr_get_payload(a),
				mnl_attr_get_payload_len(a));
	}
	nl_nest_end(out, at);
}

bool element_equal(const struct nft_set *s, const struct nlattr *sent, const struct nlattr *got)
{
	const struct nlattr *a[NFTA_SET_ELEM_MAX + 1], *b[NFTA_SET_ELEM_MAX + 1];

	nl_attrs_nested(sent, a, NFTA_SET_ELEM_MAX);
	nl_attrs_nested(got, b, NFTA_SET_ELEM_MAX);
	return element_same(s, sent, got, a, b);
}

static void element_check(const struct nlattr *got, struct elements *x)
{
	const struct nlattr *a[NFTA_SET_ELEM_MAX + 1], *b[NFTA_SET_ELEM_MAX + 1];

	nl_attrs_nested(got, b, NFTA_SET_ELEM_MAX);
	if (element_is_first_end(b))
		return;
	for (size_t i = element_hash(b);; i++) {
		struct slot *s = &x->slots[i & (x->size - 1)];

		if (!s->element) {
			/* Packets and operators add to dynamic sets; kept ones hold older elements.
			 */
			if (x->set->dynamic || x->set->keep)
				return;
			x->how = "holds an element that was not sent";
			if (x->gone)
				element_put_key(x->gone, got);
			return;
		}
		nl_attrs_nested(s->element, a, NFTA_SET_ELEM_MAX);
		if (!key_same(a, b))
			continue;
		if (!element_same(x->set, s->element, got, a, b)) {
			x->how = "holds an element that is not as it was sent";
			if (x->gone) {
				element_put_key(x->gone, got);
				return; /* not seen: it is to be added as it should be */
			}
		}
		x->seen += !s->seen;
		s->seen = true;
		return;
	}
}

static int elements_message(const struct nlmsghdr *m, void *context)
{
	if ((m->nlmsg_type & 0xff) == NFT_MSG_NEWSETELEM)
		elements_walk(m, context, element_check);
	return 0;
}

static void elements_sent(const struct encoder *sent, size_t at, struct elements *x,
	void (*each)(const struct nlattr *element, struct elements *x))
{
	for (size_t i = at + 1; i < sent->n && sent->parts[i].kind == PART_ELEMENTS; i++)
		elements_walk((const void *)(sent->out.p + sent->parts[i].at), x, each);
}

/* Fills the table with what was sent, then goes through what the kernel has. */
static int elements_match(
	struct nl *nl, const struct encoder *sent, size_t at, const char *name, struct elements *x)
{
	AUTO_NLBUF b = { 0 };

	x->set = sent->parts[at].set;
	x->size = 16;
	elements_sent(sent, at, x, element_count);
	while (x->size < x->n * 2)
		x->size *= 2;
	x->slots = calloc(x->size, sizeof(*x->slots));
	if (!x->slots)
		BUG("out of memory");
	elements_sent(sent, at, x, element_add);
	nl_message(
		&b, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM, NLM_F_DUMP, 0, NFPROTO_INET, 0);
	nl_put_str(&b, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE_NAME);
	nl_put_str(&b, NFTA_SET_ELEM_LIST_SET, name);
	return nl_talk(nl, &b, elements_message, x);
}

int elements_compare(struct nl *nl, const struct encoder *sent, size_t at, const char *name,
	const char **ret_how)
{
	struct elements x = { 0 };
	int error = elements_match(nl, sent, at, name, &x);

	/* Where elements have a timeout they may be gone by now, and rightly. */
	if (!x.how && x.seen != x.n && !x.set->has_timeout)
		x.how = "lacks an element that was sent";
	free(x.slots);
	if (!error)
		*ret_how = x.how;
	return error;
}

int elements_diff(struct nl *nl, const struct encoder *sent, size_t at, const char *name,
	struct nlbuf *ret_gone, struct nlbuf *ret_new)
{
	struct elements x = { .gone = ret_gone };
	int error = elements_match(nl, sent, at, name, &x);

	for (size_t i = 0; !error && i < x.size; i++) {
		const struct slot *s = &x.slots[i];

		if (s->element && !s->seen)
			nl_put(ret_new, NFTA_LIST_ELEM | NLA_F_NESTED,
				mnl_attr_get_payload(s->element),
				mnl_attr_get_payload_len(s->element));
	}
	free(x.slots);
	return error;
}
