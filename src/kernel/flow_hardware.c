/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the devices of a flowtable can forward connections in hardware. Only their drivers know,
 * so they are asked, one after the other, by a transaction that is never committed (facts_probe.c
 * tells how that works): the kernel offers the device an empty flowtable, and takes it away again.
 */
#include "kernel/flow_hardware_priv.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "kernel/encode_priv.h"

#define PROBE_TABLE "zonewall-probe"

static void put_flowtable(struct encoder *e, const char *device)
{
	struct part part = { .kind = PART_BATCH };
	struct nlbuf *b = &e->out;

	encoder_message(e, &part, NFT_MSG_NEWFLOWTABLE, NLM_F_ACK | NLM_F_CREATE);
	nl_put_str(b, NFTA_FLOWTABLE_TABLE, PROBE_TABLE);
	nl_put_str(b, NFTA_FLOWTABLE_NAME, "flow");
	nl_put_be32(b, NFTA_FLOWTABLE_FLAGS, NFT_FLOWTABLE_HW_OFFLOAD);
	size_t hook = nl_nest(b, NFTA_FLOWTABLE_HOOK);
	nl_put_be32(b, NFTA_FLOWTABLE_HOOK_NUM, NF_NETDEV_INGRESS);
	nl_put_be32(b, NFTA_FLOWTABLE_HOOK_PRIORITY, 0);
	size_t devices = nl_nest(b, NFTA_FLOWTABLE_HOOK_DEVS);
	nl_put_str(b, NFTA_DEVICE_NAME, device);
	nl_nest_end(b, devices);
	nl_nest_end(b, hook);
}

static void note_answer(uint32_t seq, int error, void *context)
{
	(void)seq;
	if (error == -EOPNOTSUPP)
		*(bool *)context = true;
}

static bool refuses(struct nl *nl, const char *device)
{
	AUTO_ENCODER e = { 0 };
	struct part part = { .kind = PART_BATCH };
	bool refused = false;

	encoder_batch(&e, NFNL_MSG_BATCH_BEGIN, 0);
	encoder_message(&e, &part, NFT_MSG_NEWTABLE, NLM_F_ACK | NLM_F_CREATE);
	nl_put_str(&e.out, NFTA_TABLE_NAME, PROBE_TABLE);
	put_flowtable(&e, device);
	encoder_finish(&e);
	return !nl_send_batch(nl, &e.out, e.n, note_answer, &refused) && refused;
}

const char *flow_hardware_refused(struct nl *nl, const struct nft_flowtable *f)
{
	for (size_t i = 0; i < f->n_devices; i++) {
		if (refuses(nl, f->devices[i]))
			return f->devices[i];
	}
	return NULL;
}
