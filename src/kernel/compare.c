/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel dumps a rule or a set in the attributes by which it was made, plus handles, use
 * counts and defaults. So comparison needs no knowledge of single expressions: both sides are
 * trees of attributes, and only what the kernel itself invents is passed over, by name.
 */
#include "kernel/compare_priv.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

static bool all_zero(const struct nlattr *a)
{
	const uint8_t *p = mnl_attr_get_payload(a);

	for (size_t n = mnl_attr_get_payload_len(a); n > 0; n--) {
		if (*p++)
			return false;
	}
	return true;
}

/* A walk over a run of attributes. */
struct walk {
	const uint8_t *p;
	size_t n;
};

static const struct nlattr *walk_next(struct walk *w)
{
	const struct nlattr *a = (const void *)w->p;

	if (!w->n || !mnl_attr_ok(a, (int)w->n))
		return NULL;
	size_t step = MNL_ALIGN(a->nla_len);
	if (step > w->n)
		step = w->n;
	w->p += step;
	w->n -= step;
	return a;
}

/* The attribute of this type that comes after `skip` others of it, or NULL. */
static const struct nlattr *walk_find(struct walk w, unsigned type, unsigned skip)
{
	const struct nlattr *a;

	while ((a = walk_next(&w))) {
		if (mnl_attr_get_type(a) == type && !skip--)
			return a;
	}
	return NULL;
}

static bool ignored(const struct nlattr *a, uint64_t ignore)
{
	unsigned type = mnl_attr_get_type(a);

	return type < 64 && (ignore & IGNORE(type));
}

static bool attr_same(const struct nlattr *sent, const struct nlattr *got)
{
	size_t n = mnl_attr_get_payload_len(sent);

	if (sent->nla_type & NLA_F_NESTED)
		return nl_same_nested(sent, got, 0);
	return n == mnl_attr_get_payload_len(got) &&
	       !memcmp(mnl_attr_get_payload(sent), mnl_attr_get_payload(got), n);
}

/* Everything that `a` has and `b` has not says nothing. */
static bool nothing_more(struct walk a, struct walk b, uint64_t ignore, unsigned max)
{
	struct walk from = a;
	const struct nlattr *x;

	while ((x = walk_next(&a))) {
		unsigned type = mnl_attr_get_type(x), before = 0;

		if (ignored(x, ignore) || all_zero(x) || type > max)
			continue;
		struct walk w = from;
		for (const struct nlattr *y; (y = walk_next(&w)) && y != x;)
			before += mnl_attr_get_type(y) == type;
		if (!walk_find(b, type, before))
			return false;
	}
	return true;
}

/* Lists (one type again and again) and the usual case of equal order: one pass. */
static int same_in_order(struct walk a, struct walk b, uint64_t ignore)
{
	for (;;) {
		const struct nlattr *x = walk_next(&a), *y = walk_next(&b);

		while (x && ignored(x, ignore))
			x = walk_next(&a);
		while (y && ignored(y, ignore))
			y = walk_next(&b);
		if (!x && !y)
			return true;
		if (!x || !y || mnl_attr_get_type(x) != mnl_attr_get_type(y))
			return -1;
		if (!attr_same(x, y))
			return false;
	}
}

bool nl_same(const void *sent, size_t n_sent, const void *got, size_t n_got, uint64_t ignore,
	unsigned max)
{
	struct walk a = { sent, n_sent }, b = { got, n_got };
	int quick = same_in_order(a, b, ignore);
	const struct nlattr *x;

	if (quick >= 0)
		return quick;
	struct walk w = a;
	while ((x = walk_next(&w))) {
		unsigned type = mnl_attr_get_type(x), before = 0;
		struct walk v = a;

		if (ignored(x, ignore))
			continue;
		for (const struct nlattr *y; (y = walk_next(&v)) && y != x;)
			before += mnl_attr_get_type(y) == type;
		const struct nlattr *y = walk_find(b, type, before);
		if (y ? !attr_same(x, y) : !all_zero(x))
			return false;
	}
	return nothing_more(b, a, ignore, max);
}

bool nl_same_nested(const struct nlattr *sent, const struct nlattr *got, uint64_t ignore)
{
	return nl_same(mnl_attr_get_payload(sent), mnl_attr_get_payload_len(sent),
		mnl_attr_get_payload(got), mnl_attr_get_payload_len(got), ignore, UINT16_MAX);
}

static bool message_same(
	const struct nlmsghdr *sent, const struct nlmsghdr *got, uint64_t ignore, unsigned max)
{
	size_t skip = MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct nfgenmsg));

	if (sent->nlmsg_len < skip || got->nlmsg_len < skip)
		return false;
	return nl_same((const uint8_t *)sent + skip, sent->nlmsg_len - skip,
		(const uint8_t *)got + skip, got->nlmsg_len - skip, ignore, max);
}

bool chain_same(const struct nlmsghdr *sent, const struct nlmsghdr *got)
{
	return message_same(sent, got,
		IGNORE(NFTA_CHAIN_HANDLE) | IGNORE(NFTA_CHAIN_USE) | IGNORE(NFTA_CHAIN_FLAGS) |
			IGNORE(NFTA_CHAIN_COUNTERS) | IGNORE(NFTA_CHAIN_POLICY) |
			IGNORE(NFTA_CHAIN_ID),
		NFTA_CHAIN_USERDATA);
}

bool set_same(const struct nlmsghdr *sent, const struct nlmsghdr *got)
{
	/* A verdict's length is the size of a structure of the kernel. */
	const struct nlattr *a[NFTA_SET_MAX + 1];
	/* Notes on printing, for nft alone; their bytes differ between versions of nft. */
	uint64_t ignore = IGNORE(NFTA_SET_HANDLE) | IGNORE(NFTA_SET_ID) | IGNORE(NFTA_SET_NAME) |
			  IGNORE(NFTA_SET_USERDATA);

	nl_attrs_message(sent, sizeof(struct nfgenmsg), a, NFTA_SET_MAX);
	if (nl_get_be32(a[NFTA_SET_DATA_TYPE]) == NFT_DATA_VERDICT)
		ignore |= IGNORE(NFTA_SET_DATA_LEN);
	return message_same(sent, got, ignore, NFTA_SET_EXPRESSIONS);
}

bool object_same(const struct nlmsghdr *sent, const struct nlmsghdr *got)
{
	const struct nlattr *a[NFTA_OBJ_MAX + 1], *b[NFTA_OBJ_MAX + 1];

	if (!message_same(sent, got,
		    IGNORE(NFTA_OBJ_HANDLE) | IGNORE(NFTA_OBJ_USE) | IGNORE(NFTA_OBJ_DATA),
		    NFTA_OBJ_USERDATA))
		return false;
	nl_attrs_message(sent, sizeof(struct nfgenmsg), a, NFTA_OBJ_MAX);
	nl_attrs_message(got, sizeof(struct nfgenmsg), b, NFTA_OBJ_MAX);
	switch (nl_get_be32(a[NFTA_OBJ_TYPE])) {
	case NFT_OBJECT_COUNTER:
		return true; /* the values are what is to survive */
	case NFT_OBJECT_CT_HELPER:
		/* Asked for both families, the kernel names those that its helper has. */
		return a[NFTA_OBJ_DATA] && b[NFTA_OBJ_DATA] &&
		       nl_same_nested(
			       a[NFTA_OBJ_DATA], b[NFTA_OBJ_DATA], IGNORE(NFTA_CT_HELPER_L3PROTO));
	}
	return a[NFTA_OBJ_DATA] && b[NFTA_OBJ_DATA] &&
	       nl_same_nested(a[NFTA_OBJ_DATA], b[NFTA_OBJ_DATA], 0);
}

/* Devices are listed in an order of the kernel's own. */
static bool devices_same(const struct nlattr *sent, const struct nlattr *got)
{
	struct walk w = { mnl_attr_get_payload(sent), mnl_attr_get_payload_len(sent) };
	const struct nlattr *x, *y;
	int n = 0;

	while ((x = walk_next(&w))) {
		struct walk v = { mnl_attr_get_payload(got), mnl_attr_get_payload_len(got) };

		while ((y = walk_next(&v)) && strcmp(nl_get_str(x), nl_get_str(y)))
			;
		if (!y)
			return false;
		n++;
	}
	struct walk v = { mnl_attr_get_payload(got), mnl_attr_get_payload_len(got) };
	while (walk_next(&v))
		n--;
	return n == 0;
}

bool flowtable_same(const struct nlmsghdr *sent, const struct nlmsghdr *got)
{
	const struct nlattr *a[NFTA_FLOWTABLE_MAX + 1], *b[NFTA_FLOWTABLE_MAX + 1];
	const struct nlattr *ha[NFTA_FLOWTABLE_HOOK_MAX + 1], *hb[NFTA_FLOWTABLE_HOOK_MAX + 1];

	if (!message_same(sent, got,
		    IGNORE(NFTA_FLOWTABLE_HANDLE) | IGNORE(NFTA_FLOWTABLE_USE) |
			    IGNORE(NFTA_FLOWTABLE_HOOK),
		    NFTA_FLOWTABLE_FLAGS))
		return false;
	nl_attrs_message(sent, sizeof(struct nfgenmsg), a, NFTA_FLOWTABLE_MAX);
	nl_attrs_message(got, sizeof(struct nfgenmsg), b, NFTA_FLOWTABLE_MAX);
	nl_attrs_nested(a[NFTA_FLOWTABLE_HOOK], ha, NFTA_FLOWTABLE_HOOK_MAX);
	nl_attrs_nested(b[NFTA_FLOWTABLE_HOOK], hb, NFTA_FLOWTABLE_HOOK_MAX);
	const struct nlattr *da = ha[NFTA_FLOWTABLE_HOOK_DEVS], *db = hb[NFTA_FLOWTABLE_HOOK_DEVS];
	return da && db && devices_same(da, db);
}

static bool anonymous_name(const char *sent)
{
	return !strcmp(sent, "__set%d") || !strcmp(sent, "__map%d");
}

/* One expression; *ret_anonymous is the kernel's name of an anonymous set that it refers to. */
static bool expr_same(
	const struct nlattr *sent, const struct nlattr *got, const char **ret_anonymous)
{
	const struct nlattr *a[NFTA_EXPR_MAX + 1], *b[NFTA_EXPR_MAX + 1];

	*ret_anonymous = NULL;
	nl_attrs_nested(sent, a, NFTA_EXPR_MAX);
	nl_attrs_nested(got, b, NFTA_EXPR_MAX);
	const char *name = nl_get_str(a[NFTA_EXPR_NAME]);
	if (strcmp(name, nl_get_str(b[NFTA_EXPR_NAME])))
		return false;
	const struct nlattr *da = a[NFTA_EXPR_DATA], *db = b[NFTA_EXPR_DATA];
	if (!da || !db)
		return (!da || all_zero(da)) && (!db || all_zero(db));
	if (!strcmp(name, "dynset"))
		return nl_same_nested(da, db, IGNORE(NFTA_DYNSET_SET_ID));
	if (strcmp(name, "lookup"))
		return nl_same_nested(da, db, 0);
	const struct nlattr *la[NFTA_LOOKUP_MAX + 1], *lb[NFTA_LOOKUP_MAX + 1];
	uint64_t ignore = IGNORE(NFTA_LOOKUP_SET_ID);
	nl_attrs_nested(da, la, NFTA_LOOKUP_MAX);
	nl_attrs_nested(db, lb, NFTA_LOOKUP_MAX);
	if (anonymous_name(nl_get_str(la[NFTA_LOOKUP_SET]))) {
		ignore |= IGNORE(NFTA_LOOKUP_SET);
		*ret_anonymous = nl_get_str(lb[NFTA_LOOKUP_SET]);
	}
	return nl_same_nested(da, db, ignore);
}

bool rule_same(const struct nlmsghdr *sent, const struct nlmsghdr *got,
	void (*anonymous)(unsigned nth, const char *name, void *context), void *context)
{
	const struct nlattr *a[NFTA_RULE_MAX + 1], *b[NFTA_RULE_MAX + 1];

	if (!message_same(sent, got,
		    IGNORE(NFTA_RULE_HANDLE) | IGNORE(NFTA_RULE_POSITION) |
			    IGNORE(NFTA_RULE_EXPRESSIONS),
		    NFTA_RULE_CHAIN_ID))
		return false;
	nl_attrs_message(sent, sizeof(struct nfgenmsg), a, NFTA_RULE_MAX);
	nl_attrs_message(got, sizeof(struct nfgenmsg), b, NFTA_RULE_MAX);
	const struct nlattr *ea = a[NFTA_RULE_EXPRESSIONS], *eb = b[NFTA_RULE_EXPRESSIONS];
	if (!ea || !eb)
		return (!ea || all_zero(ea)) && (!eb || all_zero(eb));
	struct walk v = { mnl_attr_get_payload(ea), mnl_attr_get_payload_len(ea) };
	struct walk w = { mnl_attr_get_payload(eb), mnl_attr_get_payload_len(eb) };
	for (unsigned nth = 0;;) {
		const struct nlattr *x = walk_next(&v), *y = walk_next(&w);
		const char *name;

		if (!x || !y)
			return !x && !y;
		if (!expr_same(x, y, &name))
			return false;
		if (name && anonymous)
			anonymous(nth++, name, context);
	}
}
