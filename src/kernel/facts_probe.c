/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What nf_tables can do here, by trying it in a transaction that is never committed.
 *
 * The probe is a batch without its end message. The kernel works through every message, answers
 * each with its own error or acknowledgement (and loads modules it needs for that), and at the
 * end, finding no NFNL_MSG_BATCH_END, rolls everything back. The generation of the ruleset does
 * not change, nothing is announced to listeners, and no packet ever meets the probe's chains:
 * their table is dormant, so they are not even hung into their hooks.
 */
#include <errno.h>
#include <netinet/in.h> /* before linux/netfilter.h, which brings linux/in.h */

#include <linux/netfilter.h>
#include <linux/netfilter/nf_synproxy.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "base/bug.h"
#include "kernel/encode_priv.h"
#include "kernel/facts_priv.h"
#include "kernel/nl_priv.h"

#define PROBE_TABLE "zonewall-probe"

/* Helpers that Linux has, with the protocols they serve. */
static const struct helper {
	const char *name;
	uint8_t proto;
} helpers[] = {
	{ "amanda", IPPROTO_UDP },
	{ "ftp", IPPROTO_TCP },
	{ "H.245", IPPROTO_TCP },
	{ "irc", IPPROTO_TCP },
	{ "netbios-ns", IPPROTO_UDP },
	{ "pptp", IPPROTO_TCP },
	{ "Q.931", IPPROTO_TCP },
	{ "RAS", IPPROTO_UDP },
	{ "sane", IPPROTO_TCP },
	{ "sip", IPPROTO_UDP },
	{ "snmp", IPPROTO_UDP },
	{ "snmp_trap", IPPROTO_UDP },
	{ "tftp", IPPROTO_UDP },
};
#define HELPERS (sizeof(helpers) / sizeof(*helpers))

enum ability {
	PROBE_TABLE_ITSELF,
	PROBE_FLOWTABLE,
	PROBE_FLOW_COUNTER,
	PROBE_FLOW_ADD,
	PROBE_SYNPROXY,
	PROBE_NAT,
	PROBE_TIMEOUT,
	PROBE_FIB,
	PROBE_OWNER,
	PROBE_TPROXY,
	PROBE_XFRM,
	PROBE_OTHER,   /* groundwork of the others */
	PROBE_HELPERS, /* the first of HELPERS */
};

struct probe {
	struct encoder e;
	uint8_t *ability;		     /* of each message */
	int answer[PROBE_HELPERS + HELPERS]; /* errno; -1: no answer */
};

static void probe_message(struct probe *p, unsigned ability, uint16_t type, uint16_t flags)
{
	struct part part = { .kind = PART_BATCH };

	encoder_message(&p->e, &part, type, NLM_F_ACK | NLM_F_CREATE | flags);
	p->ability[p->e.n - 1] = (uint8_t)ability;
	nl_put_str(&p->e.out, 1, PROBE_TABLE); /* attribute 1 is the table in all of them */
}

static void probe_chain(struct probe *p, unsigned ability, const char *name, const char *type,
	uint32_t hook, int32_t priority)
{
	struct nlbuf *b = &p->e.out;

	probe_message(p, ability, NFT_MSG_NEWCHAIN, 0);
	nl_put_str(b, NFTA_CHAIN_NAME, name);
	size_t at = nl_nest(b, NFTA_CHAIN_HOOK);
	nl_put_be32(b, NFTA_HOOK_HOOKNUM, hook);
	nl_put_be32(b, NFTA_HOOK_PRIORITY, (uint32_t)priority);
	nl_nest_end(b, at);
	nl_put_str(b, NFTA_CHAIN_TYPE, type);
}

static size_t probe_object(struct probe *p, unsigned ability, const char *name, uint32_t type)
{
	probe_message(p, ability, NFT_MSG_NEWOBJ, 0);
	nl_put_str(&p->e.out, NFTA_OBJ_NAME, name);
	nl_put_be32(&p->e.out, NFTA_OBJ_TYPE, type);
	return nl_nest(&p->e.out, NFTA_OBJ_DATA);
}

/* A rule of one expression, in a chain made before; the expression's data stays open. */
struct probe_rule {
	size_t list, element, data;
};

static struct probe_rule probe_rule(
	struct probe *p, unsigned ability, const char *chain, const char *expr)
{
	struct nlbuf *b = &p->e.out;
	struct probe_rule r;

	probe_message(p, ability, NFT_MSG_NEWRULE, NLM_F_APPEND);
	nl_put_str(b, NFTA_RULE_CHAIN, chain);
	r.list = nl_nest(b, NFTA_RULE_EXPRESSIONS);
	r.element = nl_nest(b, NFTA_LIST_ELEM);
	nl_put_str(b, NFTA_EXPR_NAME, expr);
	r.data = nl_nest(b, NFTA_EXPR_DATA);
	return r;
}

static void probe_rule_end(struct probe *p, struct probe_rule r)
{
	nl_nest_end(&p->e.out, r.data);
	nl_nest_end(&p->e.out, r.element);
	nl_nest_end(&p->e.out, r.list);
}

/* Without devices: the type is looked up, nothing is hooked. */
static void probe_flowtable(struct probe *p, unsigned ability, const char *name, uint32_t flags)
{
	struct nlbuf *b = &p->e.out;

	probe_message(p, ability, NFT_MSG_NEWFLOWTABLE, 0);
	nl_put_str(b, NFTA_FLOWTABLE_NAME, name);
	if (flags)
		nl_put_be32(b, NFTA_FLOWTABLE_FLAGS, flags);
	size_t at = nl_nest(b, NFTA_FLOWTABLE_HOOK);
	nl_put_be32(b, NFTA_FLOWTABLE_HOOK_NUM, NF_NETDEV_INGRESS);
	nl_put_be32(b, NFTA_FLOWTABLE_HOOK_PRIORITY, 0);
	nl_nest_end(b, at);
}

static void probe_set(struct probe *p)
{
	struct nlbuf *b = &p->e.out;

	probe_message(p, PROBE_TIMEOUT, NFT_MSG_NEWSET, 0);
	nl_put_str(b, NFTA_SET_NAME, "set");
	nl_put_be32(b, NFTA_SET_ID, 1);
	nl_put_be32(b, NFTA_SET_FLAGS, NFT_SET_TIMEOUT | NFT_SET_EVAL);
	nl_put_be32(b, NFTA_SET_KEY_TYPE, 0);
	nl_put_be32(b, NFTA_SET_KEY_LEN, 4);
}

static void probe_rules(struct probe *p)
{
	struct nlbuf *b = &p->e.out;
	struct probe_rule r;

	probe_chain(p, PROBE_OTHER, "pre", "filter", NF_INET_PRE_ROUTING, -150);
	probe_chain(p, PROBE_OTHER, "out", "filter", NF_INET_LOCAL_OUT, 0);
	probe_chain(p, PROBE_OTHER, "forward", "filter", NF_INET_FORWARD, 0);
	r = probe_rule(p, PROBE_FIB, "pre", "fib");
	nl_put_be32(b, NFTA_FIB_FLAGS, NFTA_FIB_F_SADDR);
	nl_put_be32(b, NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nl_put_be32(b, NFTA_FIB_DREG, NFT_REG_1);
	probe_rule_end(p, r);
	r = probe_rule(p, PROBE_OWNER, "out", "meta");
	nl_put_be32(b, NFTA_META_KEY, NFT_META_SKUID);
	nl_put_be32(b, NFTA_META_DREG, NFT_REG_1);
	probe_rule_end(p, r);
	r = probe_rule(p, PROBE_FLOW_ADD, "forward", "flow_offload");
	nl_put_str(b, NFTA_FLOW_TABLE_NAME, "flow");
	probe_rule_end(p, r);
	r = probe_rule(p, PROBE_XFRM, "forward", "meta");
	nl_put_be32(b, NFTA_META_KEY, NFT_META_SECPATH);
	nl_put_be32(b, NFTA_META_DREG, NFT_REG_1);
	probe_rule_end(p, r);
	/* To the port in a register that nothing loads: newer kernels refuse that after finding
	 * the module, so any answer but "not there" shows it. */
	r = probe_rule(p, PROBE_TPROXY, "pre", "tproxy");
	nl_put_be32(b, NFTA_TPROXY_FAMILY, NFPROTO_IPV4);
	nl_put_be32(b, NFTA_TPROXY_REG_PORT, NFT_REG_1);
	probe_rule_end(p, r);
}

static void probe_objects(struct probe *p)
{
	struct nlbuf *b = &p->e.out;
	size_t at = probe_object(p, PROBE_SYNPROXY, "synproxy", NFT_OBJECT_SYNPROXY);

	nl_put_be16(b, NFTA_SYNPROXY_MSS, 1460);
	nl_put_u8(b, NFTA_SYNPROXY_WSCALE, 7);
	nl_put_be32(b, NFTA_SYNPROXY_FLAGS, NF_SYNPROXY_OPT_MSS);
	nl_nest_end(b, at);
	for (unsigned i = 0; i < HELPERS; i++) {
		at = probe_object(p, PROBE_HELPERS + i, helpers[i].name, NFT_OBJECT_CT_HELPER);
		nl_put_str(b, NFTA_CT_HELPER_NAME, helpers[i].name);
		nl_put_u8(b, NFTA_CT_HELPER_L4PROTO, helpers[i].proto);
		nl_nest_end(b, at);
	}
}

static void probe_answer(uint32_t seq, int error, void *context)
{
	struct probe *p = context;

	if (seq && seq < p->e.n)
		p->answer[p->ability[seq]] = -error;
	else if (error)
		p->answer[PROBE_TABLE_ITSELF] = -error; /* about the batch: not allowed */
}

static void probe_result(struct arena *arena, const struct probe *p, struct facts *ret)
{
	struct facts_features f = { .known = true };

	/* EINVAL: kernels before 5.8 know the type and want a device with it. */
	f.flowtable = p->answer[PROBE_FLOWTABLE] == EINVAL ||
		      (!p->answer[PROBE_FLOWTABLE] && !p->answer[PROBE_FLOW_ADD]);
	f.flow_counter = f.flowtable && (!p->answer[PROBE_FLOW_COUNTER] ||
						p->answer[PROBE_FLOW_COUNTER] == EINVAL);
	f.synproxy = !p->answer[PROBE_SYNPROXY];
	f.inet_nat = !p->answer[PROBE_NAT];
	f.set_timeout = !p->answer[PROBE_TIMEOUT];
	f.fib = !p->answer[PROBE_FIB];
	f.owner = !p->answer[PROBE_OWNER];
	f.xfrm = !p->answer[PROBE_XFRM];
	f.tproxy = p->answer[PROBE_TPROXY] != ENOENT && p->answer[PROBE_TPROXY] != EOPNOTSUPP &&
		   p->answer[PROBE_TPROXY] >= 0;
	ret->helpers.n = 0;
	for (unsigned i = 0; i < HELPERS; i++) {
		if (p->answer[PROBE_HELPERS + i])
			continue;
		f.ct_helper = true;
		vec_push(arena, &ret->helpers, helpers[i].name);
	}
	ret->features = f;
}

int facts_probe(struct arena *arena, struct facts *ret)
{
	uint8_t ability[64] = { 0 };
	struct probe p = { .ability = ability };
	AUTO_NL nl;
	int error = nl_open(&nl, NETLINK_NETFILTER);

	if (error)
		return error;
	memset(p.answer, 0xff, sizeof(p.answer));
	encoder_batch(&p.e, NFNL_MSG_BATCH_BEGIN, 0);
	probe_message(&p, PROBE_TABLE_ITSELF, NFT_MSG_NEWTABLE, 0);
	nl_put_be32(&p.e.out, NFTA_TABLE_FLAGS, NFT_TABLE_F_DORMANT);
	probe_chain(&p, PROBE_NAT, "nat", "nat", NF_INET_PRE_ROUTING, -100);
	probe_flowtable(&p, PROBE_FLOWTABLE, "flow", 0);
	probe_flowtable(&p, PROBE_FLOW_COUNTER, "counted", NFT_FLOWTABLE_COUNTER);
	probe_set(&p);
	probe_rules(&p);
	probe_objects(&p);
	if (p.e.n > sizeof(ability))
		BUG("%zu messages", p.e.n);
	error = nl_send_batch(&nl, &p.e.out, p.e.n, probe_answer, &p);
	if (!error && p.answer[PROBE_TABLE_ITSELF])
		error = p.answer[PROBE_TABLE_ITSELF] > 0 ? -p.answer[PROBE_TABLE_ITSELF] : -EPROTO;
	encoder_release(&p.e);
	if (!error)
		probe_result(arena, &p, ret);
	return error;
}
