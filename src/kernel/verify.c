/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readback: encode the program as for a load, dump our table, and compare message by message.
 *
 * Findings are collected and told only at the end, because a dump that is overtaken by somebody
 * else's change starts anew. Rules are compared while they stream in, so memory stays small.
 */
#include "kernel/verify_priv.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "kernel/compare_priv.h"
#include "kernel/elements_priv.h"
#include "kernel/report_priv.h"
#include "kernel/snapshot_priv.h"

#define TRIES 20
#define FINDINGS_MAX 10

struct finding {
	struct part part;
	const char *how;
};

/* The rules of one chain of the program: parts [next, end) are still to come. */
struct cursor {
	const struct nft_chain *chain;
	size_t next, end;
};

/* An anonymous set: part of the program, name in the kernel. */
struct pair {
	size_t part;
	char name[32];
};

struct verify {
	struct nl *nl;
	const struct nft_program *program;
	struct snapshot now;
	struct encoder sent;
	struct cursor *cursors; /* one for each chain, in order of the program */
	struct cursor *last;	/* of the rule before: dumps come chain by chain */
	struct pair *pairs;
	size_t n_pairs, cap_pairs;
	size_t rule_part; /* of the rule being compared */
	struct finding findings[FINDINGS_MAX];
	size_t n_findings;
};

static void found(struct verify *v, const struct part *part, const char *how)
{
	if (v->n_findings < FINDINGS_MAX)
		v->findings[v->n_findings] = (struct finding){ *part, how };
	v->n_findings++;
}

static const struct nlmsghdr *sent_message(const struct verify *v, size_t part)
{
	return (const void *)(v->sent.out.p + v->sent.parts[part].at);
}

/* ---- named things ---- */

static void encode_all(struct verify *v)
{
	const struct nft_program *p = v->program;
	struct encoder *e = &v->sent;

	vec_each (c, &p->counters)
		encode_counter(e, c);
	vec_each (l, &p->limits)
		encode_limit(e, l);
	vec_each (h, &p->helpers)
		encode_helper(e, h);
	if (p->flowtable.enabled)
		encode_flowtable(e, &p->flowtable);
	vec_each (s, &p->sets) {
		encode_set(e, *s, NULL);
		encode_elements(e, *s, NULL);
	}
	vec_each (c, &p->chains)
		encode_chain(e, *c);
	for (size_t i = 0; i < p->chains.n; i++) {
		v->cursors[i] = (struct cursor){ p->chains.v[i], e->n, e->n };
		vec_each (r, &p->chains.v[i]->rules)
			encode_rule(e, p->chains.v[i], r);
		v->cursors[i].end = e->n;
	}
	encoder_finish(e);
}

static struct thing *part_thing(const struct verify *v, const struct part *part)
{
	switch (part->kind) {
	case PART_CHAIN:
		return snapshot_find(&v->now, THING_CHAIN, 0, part->name);
	case PART_SET:
		return snapshot_find(&v->now, THING_SET, 0, part->name);
	case PART_COUNTER:
		return snapshot_find(&v->now, THING_OBJECT, NFT_OBJECT_COUNTER, part->name);
	case PART_LIMIT:
		return snapshot_find(&v->now, THING_OBJECT, NFT_OBJECT_LIMIT, part->name);
	case PART_HELPER:
		return snapshot_find(&v->now, THING_OBJECT, NFT_OBJECT_CT_HELPER, part->name);
	case PART_FLOWTABLE:
		return snapshot_find(&v->now, THING_FLOWTABLE, 0, part->name);
	case PART_BATCH:
	case PART_TABLE:
	case PART_FLUSH:
	case PART_DELETE:
	case PART_ELEMENTS:
	case PART_RULE:
		break;
	}
	BUG("part %d", (int)part->kind);
}

static bool declared_alike(const struct verify *v, size_t i, const struct thing *t)
{
	const struct nlmsghdr *sent = sent_message(v, i), *got = thing_message(&v->now, t);

	switch (t->kind) {
	case THING_CHAIN:
		return chain_same(sent, got);
	case THING_SET:
		return set_same(sent, got);
	case THING_OBJECT:
		return object_same(sent, got);
	case THING_FLOWTABLE:
		return flowtable_same(sent, got);
	}
	BUG("thing %d", (int)t->kind);
}

static bool policy_alike(const struct verify *v, const struct nft_chain *c, const struct thing *t)
{
	const struct nlattr *a[NFTA_CHAIN_MAX + 1];

	if (c->type == NFT_CHAIN_REGULAR)
		return true;
	nl_attrs_message(thing_message(&v->now, t), sizeof(struct nfgenmsg), a, NFTA_CHAIN_MAX);
	return nl_get_be32(a[NFTA_CHAIN_POLICY]) == (c->drop ? NF_DROP : NF_ACCEPT);
}

static void verify_things(struct verify *v)
{
	for (size_t i = 0; i < v->sent.n; i++) {
		const struct part *part = &v->sent.parts[i];

		if (part->rule || part->kind == PART_ELEMENTS)
			continue;
		struct thing *t = part_thing(v, part);
		if (!t) {
			found(v, part, "is missing");
			continue;
		}
		t->wanted = true;
		if (!declared_alike(v, i, t))
			found(v, part, "is not as it was sent");
		else if (part->kind == PART_CHAIN && !policy_alike(v, part->chain, t))
			found(v, part, "has another policy");
	}
	for (size_t i = 0; i < v->now.n; i++) {
		const struct thing *t = &v->now.things[i];
		struct part extra = { .kind = PART_DELETE, .name = thing_name(&v->now, t) };

		if (!t->wanted && !(t->kind == THING_SET && (t->flags & NFT_SET_ANONYMOUS)))
			found(v, &extra, "has not happened");
	}
}

/* ---- rules ---- */

static struct cursor *cursor_of(struct verify *v, const char *chain)
{
	if (v->last && !strcmp(v->last->chain->name, chain))
		return v->last;
	for (size_t i = 0; i < v->program->chains.n; i++) {
		if (!strcmp(v->cursors[i].chain->name, chain))
			return v->last = &v->cursors[i];
	}
	return NULL;
}

static void pair_anonymous(unsigned nth, const char *name, void *context)
{
	struct verify *v = context;
	const struct nft_rule *rule = v->sent.parts[v->rule_part].rule;

	/* Its sets stand before the rule; go back over them, then forward to the nth. */
	size_t i = v->rule_part;
	while (i > 0 && v->sent.parts[i - 1].rule == rule && v->sent.parts[i - 1].kind != PART_RULE)
		i--;
	for (;; i++) {
		if (i >= v->rule_part)
			return; /* rule_same() has compared the expressions, so this cannot be */
		if (v->sent.parts[i].kind == PART_SET && !nth--)
			break;
	}
	if (v->n_pairs == v->cap_pairs) {
		v->cap_pairs = v->cap_pairs ? v->cap_pairs * 2 : 64;
		v->pairs = realloc(v->pairs, v->cap_pairs * sizeof(*v->pairs));
		if (!v->pairs)
			BUG("out of memory");
	}
	struct pair *pair = &v->pairs[v->n_pairs++];
	pair->part = i;
	memset(pair->name, 0, sizeof(pair->name));
	memcpy(pair->name, name, strnlen(name, sizeof(pair->name) - 1));
}

static int verify_rule(const struct nlmsghdr *m, void *context)
{
	struct verify *v = context;
	const struct nlattr *a[NFTA_RULE_MAX + 1];
	struct part extra = { .kind = PART_RULE };

	nl_attrs_message(m, sizeof(struct nfgenmsg), a, NFTA_RULE_MAX);
	if (strcmp(nl_get_str(a[NFTA_RULE_TABLE]), NFT_TABLE_NAME))
		return 0;
	struct cursor *c = cursor_of(v, nl_get_str(a[NFTA_RULE_CHAIN]));
	if (!c)
		return 0; /* verify_things() has found the chain */
	while (c->next < c->end && v->sent.parts[c->next].kind != PART_RULE)
		c->next++;
	if (c->next == c->end) {
		extra.name = c->chain->name;
		found(v, &extra, "was added by somebody else");
		return 0;
	}
	v->rule_part = c->next++;
	if (!rule_same(sent_message(v, v->rule_part), m, pair_anonymous, v))
		found(v, &v->sent.parts[v->rule_part], "is not as it was sent");
	return 0;
}

static int verify_rules(struct verify *v)
{
	AUTO_NLBUF b = { 0 };

	nl_message(&b, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE, NLM_F_DUMP, 0, NFPROTO_INET, 0);
	nl_put_str(&b, NFTA_RULE_TABLE, NFT_TABLE_NAME);
	int error = nl_talk(v->nl, &b, verify_rule, v);
	if (error)
		return error;
	for (size_t i = 0; i < v->program->chains.n; i++) {
		for (size_t n = v->cursors[i].next; n < v->cursors[i].end; n++) {
			if (v->sent.parts[n].kind == PART_RULE)
				found(v, &v->sent.parts[n], "is missing");
		}
	}
	return 0;
}

/* ---- elements ---- */

static int verify_set(struct verify *v, size_t part, const char *name)
{
	const char *how = NULL;
	int error = elements_compare(v->nl, &v->sent, part, name, &how);

	if (!error && how)
		found(v, &v->sent.parts[part], how);
	return error;
}

/* An anonymous set is checked for its declaration too; named ones were. */
static int verify_pair(struct verify *v, const struct pair *pair)
{
	const struct thing *t = snapshot_find(&v->now, THING_SET, 0, pair->name);

	if (!t || !set_same(sent_message(v, pair->part), thing_message(&v->now, t))) {
		found(v, &v->sent.parts[pair->part], "is not as it was sent");
		return 0;
	}
	return verify_set(v, pair->part, pair->name);
}

static int verify_elements(struct verify *v)
{
	int error = 0;

	for (size_t i = 0; !error && i < v->sent.n; i++) {
		const struct part *part = &v->sent.parts[i];

		if (part->kind == PART_SET && part->name && part_thing(v, part))
			error = verify_set(v, i, part->name);
	}
	for (size_t i = 0; !error && i < v->n_pairs; i++)
		error = verify_pair(v, &v->pairs[i]);
	return error;
}

static void verify_release(struct verify *v)
{
	snapshot_release(&v->now);
	encoder_release(&v->sent);
	free(v->cursors);
	free(v->pairs);
}

static int verify_once(struct verify *v, struct diags *diags)
{
	v->cursors = calloc(v->program->chains.n + 1, sizeof(*v->cursors));
	if (!v->cursors)
		BUG("out of memory");
	int error = snapshot_take(v->nl, &v->now);
	if (error)
		return error;
	encode_all(v);
	verify_things(v);
	error = verify_rules(v);
	if (!error)
		error = verify_elements(v);
	if (error)
		return error;
	for (size_t i = 0; i < v->n_findings && i < FINDINGS_MAX; i++)
		report_differs(diags, &v->findings[i].part, v->findings[i].how);
	if (v->n_findings > FINDINGS_MAX)
		diag_error(diags, SPAN_NONE, "kernel-differs", "and %zu more differences",
			v->n_findings - FINDINGS_MAX);
	return v->n_findings ? -EILSEQ : 0;
}

int verify_program(struct nl *nl, const struct nft_program *program, struct diags *diags)
{
	int error = -EINTR;

	for (int i = 0; error == -EINTR && i < TRIES; i++) {
		struct verify v = { .nl = nl, .program = program };

		error = verify_once(&v, diags);
		verify_release(&v);
	}
	if (error && error != -EILSEQ)
		report_netlink(diags, "reading the ruleset back", error);
	return error;
}
