/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A load is: look at our table, plan, send one batch, read back.
 *
 * The order inside the batch follows what the kernel allows: an object can only go when nothing
 * uses it, so all rules go first, then sets (their elements may refer to chains), the flowtable,
 * objects, chains; then everything new in the opposite order, rules last. Within a transaction
 * a name that was deleted can be taken again. The kernel switches to the new generation of rules
 * at the end in one step; packets see the old rules with the old sets until then.
 *
 * The batch states the generation that the plan was made for; when somebody else changed any
 * table meanwhile the kernel answers ERESTART and we look again.
 */
#include "kernel/nft_load.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bug.h"
#include "kernel/compare_priv.h"
#include "kernel/encode_priv.h"
#include "kernel/flow_hardware_priv.h"
#include "kernel/report_priv.h"
#include "kernel/snapshot_priv.h"
#include "kernel/verify_priv.h"

#define TRIES 40
#define REPORTS_MAX 10 /* refusals that are told one by one */

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* ---- the plan: what of the kernel's things stays ---- */

static const struct nlmsghdr *last_message(const struct encoder *e)
{
	return (const void *)(e->out.p + e->out.message);
}

/* Compares the thing of a name with the message just written, and forgets the message. */
static void plan_thing(struct snapshot *s, struct encoder *e, enum thing_kind kind, uint32_t object,
	const char *name, bool (*same)(const struct nlmsghdr *sent, const struct nlmsghdr *got))
{
	struct thing *t = snapshot_find(s, kind, object, name);

	encoder_finish(e);
	if (t) {
		t->wanted = true;
		t->same = same(last_message(e), thing_message(s, t));
	}
	e->out.n = e->out.message = e->n = 0;
}

/* One that served a single family is replaced when it is now to serve both. */
static bool helper_same(const struct nlmsghdr *sent, const struct nlmsghdr *got)
{
	const struct nlattr *a[NFTA_OBJ_MAX + 1], *b[NFTA_OBJ_MAX + 1];

	nl_attrs_message(sent, sizeof(struct nfgenmsg), a, NFTA_OBJ_MAX);
	nl_attrs_message(got, sizeof(struct nfgenmsg), b, NFTA_OBJ_MAX);
	return object_same(sent, got) && nl_same_nested(a[NFTA_OBJ_DATA], b[NFTA_OBJ_DATA], 0);
}

static void plan_make(const struct nft_program *p, struct snapshot *s)
{
	AUTO_ENCODER e = { 0 };

	vec_each (c, &p->counters) {
		encode_counter(&e, c);
		plan_thing(s, &e, THING_OBJECT, NFT_OBJECT_COUNTER, c->name, object_same);
	}
	vec_each (l, &p->limits) {
		encode_limit(&e, l);
		plan_thing(s, &e, THING_OBJECT, NFT_OBJECT_LIMIT, l->name, object_same);
	}
	vec_each (h, &p->helpers) {
		encode_helper(&e, h);
		plan_thing(s, &e, THING_OBJECT, NFT_OBJECT_CT_HELPER, h->name, helper_same);
	}
	if (p->flowtable.enabled) {
		encode_flowtable(&e, &p->flowtable);
		plan_thing(s, &e, THING_FLOWTABLE, 0, NFT_FLOWTABLE_NAME, flowtable_same);
	}
	vec_each (c, &p->chains) {
		encode_chain(&e, *c);
		plan_thing(s, &e, THING_CHAIN, 0, (*c)->name, chain_same);
	}
	vec_each (set, &p->sets) {
		struct thing *t = snapshot_find(s, THING_SET, 0, (*set)->name);

		encode_set(&e, *set, NULL);
		plan_thing(s, &e, THING_SET, 0, (*set)->name, set_same);
		/* Static sets are replaced: emptying one would show it empty to the old rules. */
		if (t && !(*set)->keep)
			t->same = false;
	}
}

/* ---- the batch ---- */

static void put_delete(
	struct encoder *e, const char *name, uint16_t type, uint16_t name_type, uint32_t object)
{
	struct part part = { .kind = PART_DELETE, .name = name };

	encoder_message(e, &part, type, 0);
	nl_put_str(&e->out, 1, NFT_TABLE_NAME); /* attribute 1 is the table in all of these */
	nl_put_str(&e->out, name_type, name);
	if (object)
		nl_put_be32(&e->out, NFTA_OBJ_TYPE, object);
}

/*
 * A verdict map holds on to the chains it leads to. Kernels before 6.4 let go of them only when
 * the map itself is gone, so the elements are removed first; they are few.
 */
static void put_delete_set(struct encoder *e, const struct thing *t, const char *name)
{
	if (t->verdicts) {
		struct part part = { .kind = PART_DELETE, .name = name };

		encoder_message(e, &part, NFT_MSG_DELSETELEM, 0);
		nl_put_str(&e->out, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE_NAME);
		nl_put_str(&e->out, NFTA_SET_ELEM_LIST_SET, name);
	}
	put_delete(e, name, NFT_MSG_DELSET, NFTA_SET_NAME, 0);
}

static void put_deletes(struct encoder *e, const struct snapshot *s, enum thing_kind kind)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct thing *t = &s->things[i];
		const char *name = thing_name(s, t);

		if (t->kind != kind || (t->wanted && t->same))
			continue;
		switch (kind) {
		case THING_SET:
			if (!(t->flags & NFT_SET_ANONYMOUS)) /* those go with their rules */
				put_delete_set(e, t, name);
			break;
		case THING_FLOWTABLE:
			put_delete(e, name, NFT_MSG_DELFLOWTABLE, NFTA_FLOWTABLE_NAME, 0);
			break;
		case THING_OBJECT:
			put_delete(e, name, NFT_MSG_DELOBJ, NFTA_OBJ_NAME, t->object);
			break;
		case THING_CHAIN:
			put_delete(e, name, NFT_MSG_DELCHAIN, NFTA_CHAIN_NAME, 0);
			break;
		}
	}
}

static void put_old(struct encoder *e, const struct snapshot *s)
{
	struct part flush = { .kind = PART_FLUSH };

	if (!s->table)
		return;
	encoder_message(e, &flush, NFT_MSG_DELRULE, 0);
	nl_put_str(&e->out, NFTA_RULE_TABLE, NFT_TABLE_NAME);
	put_deletes(e, s, THING_SET);
	put_deletes(e, s, THING_FLOWTABLE);
	put_deletes(e, s, THING_OBJECT);
	put_deletes(e, s, THING_CHAIN);
}

static bool stays(const struct snapshot *s, enum thing_kind kind, uint32_t object, const char *name)
{
	const struct thing *t = snapshot_find(s, kind, object, name);

	return t && t->same;
}

static void put_declarations(
	struct encoder *e, const struct snapshot *s, const struct nft_program *p)
{
	vec_each (c, &p->counters) {
		if (!stays(s, THING_OBJECT, NFT_OBJECT_COUNTER, c->name))
			encode_counter(e, c);
	}
	vec_each (l, &p->limits) {
		if (!stays(s, THING_OBJECT, NFT_OBJECT_LIMIT, l->name))
			encode_limit(e, l);
	}
	vec_each (h, &p->helpers) {
		if (!stays(s, THING_OBJECT, NFT_OBJECT_CT_HELPER, h->name))
			encode_helper(e, h);
	}
	if (p->flowtable.enabled && !stays(s, THING_FLOWTABLE, 0, NFT_FLOWTABLE_NAME))
		encode_flowtable(e, &p->flowtable);
	vec_each (c, &p->chains) {
		if (!stays(s, THING_CHAIN, 0, (*c)->name))
			encode_chain(e, *c);
	}
	vec_each (set, &p->sets) {
		if (!stays(s, THING_SET, 0, (*set)->name))
			encode_set(e, *set, NULL);
		encode_elements(e, *set, NULL);
	}
}

/* The policy that the kernel has for a chain now, or will have after its creation. */
static bool drops_now(const struct snapshot *s, const struct nft_chain *c)
{
	const struct thing *t = snapshot_find(s, THING_CHAIN, 0, c->name);
	const struct nlattr *a[NFTA_CHAIN_MAX + 1];

	if (!t || !t->same)
		return false;
	nl_attrs_message(thing_message(s, t), sizeof(struct nfgenmsg), a, NFTA_CHAIN_MAX);
	return nl_get_be32(a[NFTA_CHAIN_POLICY]) == NF_DROP;
}

static void batch_build(struct encoder *e, const struct snapshot *s, const struct nft_program *p)
{
	encoder_batch(e, NFNL_MSG_BATCH_BEGIN, s->genid);
	encode_table(e);
	put_old(e, s);
	put_declarations(e, s, p);
	vec_each (c, &p->chains) {
		vec_each (r, &(*c)->rules)
			encode_rule(e, *c, r);
	}
	vec_each (c, &p->chains) {
		if ((*c)->type != NFT_CHAIN_REGULAR && (*c)->drop != drops_now(s, *c))
			encode_policy(e, *c);
	}
	encoder_batch(e, NFNL_MSG_BATCH_END, 0);
	encoder_finish(e);
}

/* ---- the answer ---- */

struct verdict {
	const struct encoder *batch;
	struct diags *diags;
	bool acknowledged;
	int error;	 /* the first refusal, negative */
	int batch_error; /* one about the batch as a whole */
	size_t refused;
	const struct ir_origin *last;
};

static void verdict_answer(uint32_t seq, int error, void *context)
{
	struct verdict *v = context;

	if (seq >= v->batch->n)
		return;
	const struct part *part = &v->batch->parts[seq];
	if (!error) {
		v->acknowledged |= part->kind == PART_TABLE;
		return;
	}
	if (!v->error)
		v->error = error;
	if (part->kind == PART_BATCH)
		v->batch_error = error;
	if (error == -ERESTART || (error == -EPERM && v->refused))
		return;
	/* One section often fails in several messages (its set, then the rule that uses it). */
	const struct ir_origin *origin = part_origin(part);
	if (v->refused && origin && origin == v->last)
		return;
	v->last = origin;
	if (v->refused++ < REPORTS_MAX)
		report_refused(v->diags, part, -error);
}

static int batch_send(struct nl *nl, struct encoder *e, struct diags *diags)
{
	struct verdict v = { .batch = e, .diags = diags };
	int error = nl_send_batch(nl, &e->out, e->n, verdict_answer, &v);

	if (v.batch_error == -ERESTART)
		return -ERESTART;
	if (v.refused > REPORTS_MAX)
		diag_error(diags, SPAN_NONE, "kernel-refused", "and %zu more are refused",
			v.refused - REPORTS_MAX);
	if (v.error)
		return v.error;
	if (!error && !v.acknowledged)
		error = -EPROTO;
	if (error)
		report_netlink(diags, "sending the ruleset to the kernel", error);
	return error;
}

/* ---- all of it ---- */

static int load_once(struct nl *nl, const struct nft_program *p, struct diags *diags,
	struct nft_load_stats *stats)
{
	AUTO_SNAPSHOT s = { 0 };
	AUTO_ENCODER e = { 0 };
	uint64_t start = now_us();
	int error = snapshot_take(nl, &s);

	if (error) {
		report_netlink(diags, "reading the present ruleset", error);
		return error;
	}
	plan_make(p, &s);
	uint64_t planned = now_us();
	batch_build(&e, &s, p);
	uint64_t built = now_us();
	error = batch_send(nl, &e, diags);
	stats->tries++;
	stats->messages = e.n;
	stats->bytes = e.out.n;
	stats->snapshot_us = planned - start;
	stats->build_us = built - planned;
	stats->send_us = now_us() - built;
	return error;
}

static void count_parts(const struct nft_program *p, struct nft_load_stats *stats)
{
	vec_each (s, &p->sets)
		stats->elements += (*s)->elements.n;
	vec_each (c, &p->chains) {
		stats->rules += (*c)->rules.n;
		vec_each (r, &(*c)->rules) {
			for (size_t i = 0; i < r->exprs.n; i++) {
				const struct nft_set *s = expr_set(&r->exprs.v[i]);

				stats->elements += s && !s->name ? s->elements.n : 0;
			}
		}
	}
}

/* Lets whoever is changing rules finish; longer each time. */
static void load_pause(unsigned tries)
{
	struct timespec t = { 0, (long)tries * 1000 * 1000 };

	nanosleep(&t, NULL);
}

static void without_missing_hardware(struct nl *nl, struct nft_flowtable *f, struct diags *diags)
{
	const char *device = flow_hardware_refused(nl, f);

	if (!device)
		return;
	f->hardware = false;
	if (diags)
		diag_warning(diags, SPAN_NONE, "no-hardware-offload",
			"device '%s' cannot offload in hardware, so connections are offloaded in "
			"software", device);
}

/*
 * The program with the flowtable's devices that exist, in software when one of them cannot do it
 * in hardware: the flag is one for all. Names go to `names` (n_devices of them);
 * diags NULL: without warnings.
 */
static struct nft_program with_present_devices(
	struct nl *nl, const struct nft_program *program, const char **names, struct diags *diags)
{
	struct nft_program p = *program;

	p.flowtable.devices = names;
	p.flowtable.n_devices = 0;
	for (size_t i = 0; p.flowtable.enabled && i < program->flowtable.n_devices; i++) {
		const char *name = program->flowtable.devices[i];

		if (if_nametoindex(name))
			names[p.flowtable.n_devices++] = name;
		else if (diags)
			diag_warning(diags, SPAN_NONE, "offload-device",
				"device '%s' does not exist now; its traffic is not offloaded",
				name);
	}
	if (p.flowtable.enabled && p.flowtable.hardware)
		without_missing_hardware(nl, &p.flowtable, diags);
	return p;
}

static const char **device_names(const struct nft_program *p)
{
	const char **names = calloc(p->flowtable.n_devices + 1, sizeof(*names));

	if (!names)
		BUG("out of memory");
	return names;
}

static int load(struct nl *nl, const struct nft_program *program, struct diags *diags,
	struct nft_load_stats *stats)
{
	int error;

	do {
		if (stats->tries)
			load_pause(stats->tries);
		error = load_once(nl, program, diags, stats);
	} while (error == -ERESTART && stats->tries < TRIES);
	if (error == -ERESTART) {
		diag_error(diags, SPAN_NONE, "kernel-busy",
			"another program keeps changing the kernel's ruleset; gave up after %u "
			"tries",
			stats->tries);
		return -EAGAIN;
	}
	if (error)
		return error;
	uint64_t start = now_us();
	error = verify_program(nl, program, diags);
	stats->verify_us = now_us() - start;
	return error;
}

int nft_load(const struct nft_program *program, struct diags *diags, struct nft_load_stats *ret)
{
	struct nft_load_stats stats = { 0 };
	AUTO_NL nl;
	int error = nl_open(&nl, NETLINK_NETFILTER);

	if (error) {
		report_netlink(diags, "opening a netlink socket", error);
		return error;
	}
	const char **names = device_names(program);
	const struct nft_program present = with_present_devices(&nl, program, names, diags);
	error = load(&nl, &present, diags, &stats);
	free(names);
	count_parts(program, &stats);
	if (ret && (!error || error == -EILSEQ))
		*ret = stats;
	return error;
}

int nft_verify(const struct nft_program *program, struct diags *diags)
{
	AUTO_NL nl;
	int error = nl_open(&nl, NETLINK_NETFILTER);

	if (error) {
		report_netlink(diags, "opening a netlink socket", error);
		return error;
	}
	const char **names = device_names(program);
	const struct nft_program present = with_present_devices(&nl, program, names, NULL);
	error = verify_program(&nl, &present, diags);
	free(names);
	return error;
}
