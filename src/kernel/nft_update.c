/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing the elements of one set in place: what is too much goes, what is missing comes, what
 * stays is not touched, so that no packet ever meets the set without it.
 *
 * A tree of intervals is changed by whole intervals, start before end: the kernel (seen with 6.18)
 * refuses to remove one without the other.
 */
#include "kernel/nft_load.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>

#include "base/bug.h"
#include "kernel/elements_priv.h"
#include "kernel/report_priv.h"
#include "kernel/snapshot_priv.h"

#define TRIES 20
#define ELEMENTS_BYTES (48 * 1024)

static size_t list_begin(struct encoder *e, const struct nft_set *s, uint16_t type)
{
	struct part part = { .kind = PART_ELEMENTS, .name = s->name, .set = s };

	encoder_message(e, &part, type, type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0);
	nl_put_str(&e->out, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE_NAME);
	nl_put_str(&e->out, NFTA_SET_ELEM_LIST_SET, s->name);
	return nl_nest(&e->out, NFTA_SET_ELEM_LIST_ELEMENTS);
}

/* Puts the elements of a buffer into as many messages as they need. */
static void put_list(
	struct encoder *e, const struct nft_set *s, uint16_t type, const struct nlbuf *elements)
{
	size_t list = 0;

	for (size_t at = 0; at < elements->n;) {
		const struct nlattr *a = (const void *)(elements->p + at);

		if (list && nl_nest_size(&e->out, list) > ELEMENTS_BYTES) {
			nl_nest_end(&e->out, list);
			list = 0;
		}
		if (!list)
			list = list_begin(e, s, type);
		nl_put(&e->out, a->nla_type, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
		at += MNL_ALIGN(a->nla_len);
	}
	if (list)
		nl_nest_end(&e->out, list);
}

/* ---- trees of intervals ---- */

struct interval {
	const struct nlattr *start, *end; /* end NULL: up to the last key */
};

struct points {
	struct nlbuf raw;	 /* elements as list attributes */
	const struct nlattr **v; /* the same, sorted */
	size_t n;
};

static void points_release(struct points *p)
{
	nlbuf_release(&p->raw);
	free(p->v);
}

static int point_message(const struct nlmsghdr *m, void *context)
{
	struct nlbuf *raw = context;
	const struct nlattr *a[NFTA_SET_ELEM_LIST_MAX + 1], *element;

	nl_attrs_message(m, sizeof(struct nfgenmsg), a, NFTA_SET_ELEM_LIST_MAX);
	if (!a[NFTA_SET_ELEM_LIST_ELEMENTS])
		return 0;
	mnl_attr_for_each_nested(element, a[NFTA_SET_ELEM_LIST_ELEMENTS])
		nl_put(raw, NFTA_LIST_ELEM | NLA_F_NESTED, mnl_attr_get_payload(element),
			mnl_attr_get_payload_len(element));
	return 0;
}

/* By key; where one interval ends and another starts, the end comes first. */
static int point_order(const void *p, const void *q)
{
	const struct nlattr *const *x = p, *const *y = q;
	const struct nlattr *a[NFTA_SET_ELEM_MAX + 1], *b[NFTA_SET_ELEM_MAX + 1];

	nl_attrs_nested(*x, a, NFTA_SET_ELEM_MAX);
	nl_attrs_nested(*y, b, NFTA_SET_ELEM_MAX);
	int n = element_key_order(a, b);
	return n ? n : (int)element_is_end(b) - (int)element_is_end(a);
}

static void points_sort(struct points *p)
{
	size_t n = 0;

	for (size_t at = 0; at < p->raw.n; n++)
		at += MNL_ALIGN(((const struct nlattr *)(const void *)(p->raw.p + at))->nla_len);
	p->v = calloc(n + 1, sizeof(*p->v));
	if (!p->v)
		BUG("out of memory");
	for (size_t at = 0; at < p->raw.n;) {
		p->v[p->n] = (const void *)(p->raw.p + at);
		at += MNL_ALIGN(p->v[p->n++]->nla_len);
	}
	qsort(p->v, p->n, sizeof(*p->v), point_order);
}

static bool point_is_end(const struct nlattr *point)
{
	const struct nlattr *a[NFTA_SET_ELEM_MAX + 1];

	nl_attrs_nested(point, a, NFTA_SET_ELEM_MAX);
	return element_is_end(a);
}

/* The next interval from *at on; false at the end. */
static bool interval_next(const struct points *p, size_t *at, struct interval *ret)
{
	while (*at < p->n && point_is_end(p->v[*at]))
		++*at; /* the tree's first end, or one that others left */
	if (*at == p->n)
		return false;
	ret->start = p->v[(*at)++];
	ret->end = *at < p->n && point_is_end(p->v[*at]) ? p->v[(*at)++] : NULL;
	return true;
}

static int interval_order(const struct interval *x, const struct interval *y)
{
	int n = point_order(&x->start, &y->start);

	if (n || (!x->end && !y->end))
		return n;
	return !x->end ? 1 : !y->end ? -1 : point_order(&x->end, &y->end);
}

static void put_interval(struct nlbuf *b, const struct interval *x, bool keys_only)
{
	const struct nlattr *points[] = { x->start, x->end };

	for (size_t i = 0; i < 2; i++) {
		if (points[i] && keys_only)
			element_put_key(b, points[i]);
		else if (points[i])
			nl_put(b, points[i]->nla_type, mnl_attr_get_payload(points[i]),
				mnl_attr_get_payload_len(points[i]));
	}
}

/* Both sides in order, as a merge; what is on one side only goes or comes. */
static void intervals_diff(const struct nft_set *set, const struct points *now,
	const struct points *wanted, struct nlbuf *gone, struct nlbuf *new)
{
	struct interval x, y;
	size_t i = 0, j = 0;
	bool more_x = interval_next(now, &i, &x), more_y = interval_next(wanted, &j, &y);

	while (more_x || more_y) {
		int order = !more_x ? 1 : !more_y ? -1 : interval_order(&x, &y);
		bool same = !order && element_equal(set, y.start, x.start);

		if (order <= 0 && !same && !set->keep && !set->dynamic)
			put_interval(gone, &x, true);
		if (order >= 0 && !same)
			put_interval(new, &y, false);
		if (order <= 0)
			more_x = interval_next(now, &i, &x);
		if (order >= 0)
			more_y = interval_next(wanted, &j, &y);
	}
}

static int tree_diff(struct nl *nl, const struct encoder *wanted, const struct nft_set *set,
	struct nlbuf *gone, struct nlbuf *new)
{
	struct points now = { 0 }, then = { 0 };
	AUTO_NLBUF b = { 0 };

	for (size_t i = 1; i < wanted->n; i++)
		point_message((const void *)(wanted->out.p + wanted->parts[i].at), &then.raw);
	nl_message(
		&b, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM, NLM_F_DUMP, 0, NFPROTO_INET, 0);
	nl_put_str(&b, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE_NAME);
	nl_put_str(&b, NFTA_SET_ELEM_LIST_SET, set->name);
	int error = nl_talk(nl, &b, point_message, &now.raw);
	if (!error) {
		points_sort(&now);
		points_sort(&then);
		intervals_diff(set, &now, &then, gone, new);
	}
	points_release(&now);
	points_release(&then);
	return error;
}

/* ---- the transaction ---- */

struct answer {
	const struct encoder *batch;
	struct diags *diags;
	int error;
};

static void take_answer(uint32_t seq, int error, void *context)
{
	struct answer *a = context;

	if (a->error || !error || seq >= a->batch->n)
		return;
	a->error = error;
	if (error != -ERESTART)
		report_refused(a->diags, &a->batch->parts[seq], -error);
}

static int update_once(struct nl *nl, const struct nft_set *set, struct diags *diags)
{
	AUTO_ENCODER wanted = { 0 }, e = { 0 };
	AUTO_NLBUF gone = { 0 }, new = { 0 };
	struct answer answer = { &e, diags, 0 };
	uint32_t genid = 0;
	int error = nl_genid(nl, &genid);

	encode_set(&wanted, set, NULL);
	encode_elements(&wanted, set, NULL);
	encoder_finish(&wanted);
	if (!error && set->interval && set->n_key == 1)
		error = tree_diff(nl, &wanted, set, &gone, &new);
	else if (!error)
		error = elements_diff(nl, &wanted, 0, set->name, &gone, &new);
	if (error || (!gone.n && !new.n))
		return error;
	encoder_batch(&e, NFNL_MSG_BATCH_BEGIN, genid);
	put_list(&e, set, NFT_MSG_DELSETELEM, &gone);
	put_list(&e, set, NFT_MSG_NEWSETELEM, &new);
	encoder_batch(&e, NFNL_MSG_BATCH_END, 0);
	error = nl_send_batch(nl, &e.out, e.n, take_answer, &answer);
	return error ? error : answer.error;
}

int nft_set_update(const struct nft_set *set, struct diags *diags)
{
	size_t before = diags->errors;
	AUTO_NL nl;
	int error = nl_open(&nl, NETLINK_NETFILTER);

	for (int i = 0; !error && i < TRIES; i++) {
		error = update_once(&nl, set, diags);
		if (error != -ERESTART && error != -EINTR)
			break;
		error = i + 1 < TRIES ? 0 : -EAGAIN;
	}
	if (error && diags->errors == before)
		report_netlink(diags, "changing the elements of a set", error);
	return error;
}
