/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program as text: what an administrator would write by hand, in the order in which nft lists
 * a table (objects, sets, flowtable, chains). `nft -f` loads it as it stands.
 */
#include "base/bug.h"
#include "emit/nft/nft_priv.h"

/* An empty line between the parts, none after the brace that opens the table. */
static void print_gap(struct buf *out)
{
	if (out->n < 2 || out->p[out->n - 2] != '{')
		buf_char(out, '\n');
}

static void print_objects(const struct nft_program *p, struct buf *out)
{
	vec_each (c, &p->counters)
		buf_printf(out, "\tcounter %s { }\n", c->name);
	vec_each (l, &p->limits) {
		buf_printf(out, "\tlimit %s { ", l->name);
		nft_print_rate(&l->rate, out);
		buf_str(out, "; }\n");
	}
	vec_each (h, &p->helpers) {
		const char *l3 = h->family == FAMILY_V4	  ? "ip"
				 : h->family == FAMILY_V6 ? "ip6"
							  : "inet";

		buf_printf(out, "\tct helper %s {\n\t\ttype ", h->name);
		nft_print_quoted(h->kernel, out);
		buf_printf(out, " protocol %s\n\t\tl3proto %s\n\t}\n",
			h->proto == PROTO_UDP ? "udp" : "tcp", l3);
	}
}

static void print_set_type(const struct nft_set *set, struct buf *out)
{
	buf_str(out, "\t\ttype ");
	for (unsigned i = 0; i < set->n_key; i++)
		buf_printf(out, "%s%s", i ? " . " : "", nft_type_info[set->key[i]].name);
	if (set->is_map)
		buf_printf(out, " : %s", nft_type_info[set->data].name);
	buf_char(out, '\n');
	if (set->size)
		buf_printf(out, "\t\tsize %u\n", (unsigned)set->size);
}

static void print_set_flags(const struct nft_set *set, struct buf *out)
{
	const char *before = "\t\tflags ";
	const struct {
		bool on;
		const char *name;
	} flags[] = { { set->interval, "interval" }, { set->dynamic, "dynamic" },
		{ set->has_timeout, "timeout" } };

	for (size_t i = 0; i < NFT_COUNT(flags); i++) {
		if (!flags[i].on)
			continue;
		buf_printf(out, "%s%s", before, flags[i].name);
		before = ",";
	}
	if (*before == ',')
		buf_char(out, '\n');
	if (set->timeout) {
		buf_str(out, "\t\ttimeout ");
		nft_print_duration(set->timeout, out);
		buf_char(out, '\n');
	}
}

static void print_set(const struct nft_set *set, struct buf *out)
{
	print_gap(out);
	buf_printf(out, "\t%s %s {\n", set->is_map ? "map" : "set", set->name);
	print_set_type(set, out);
	print_set_flags(set, out);
	if (set->elements.n) {
		buf_str(out, "\t\telements = { ");
		nft_print_elements(set, "\n\t\t\t     ", 0, out);
		buf_str(out, " }\n");
	}
	buf_str(out, "\t}\n");
}

static void print_flowtable(const struct nft_flowtable *ft, struct buf *out)
{
	if (!ft->enabled)
		return;
	print_gap(out);
	buf_str(out, "\tflowtable " NFT_FLOWTABLE_NAME " {\n\t\thook ingress priority filter\n");
	if (ft->n_devices) {
		buf_str(out, "\t\tdevices = { ");
		for (size_t i = 0; i < ft->n_devices; i++) {
			buf_str(out, i ? ", " : "");
			nft_print_quoted(ft->devices[i], out);
		}
		buf_str(out, " }\n");
	}
	if (ft->hardware)
		buf_str(out, "\t\tflags offload\n");
	if (ft->counter)
		buf_str(out, "\t\tcounter\n");
	buf_str(out, "\t}\n");
}

/* The names that nft has for a priority at this hook. */
static void print_priority(const struct nft_chain *chain, struct buf *out)
{
	bool in = chain->hook == IR_PREROUTING, post = chain->hook == IR_POSTROUTING;

	if (chain->priority == -300)
		buf_str(out, "raw");
	else if (chain->priority == -150)
		buf_str(out, "mangle");
	else if (chain->priority == 0)
		buf_str(out, "filter");
	else if (in && chain->priority == -100)
		buf_str(out, "dstnat");
	else if (in && chain->priority == -105)
		buf_str(out, "dstnat - 5");
	else if (post && chain->priority == 100)
		buf_str(out, "srcnat");
	else
		buf_printf(out, "%d", chain->priority);
}

static void print_base(const struct nft_chain *chain, struct buf *out)
{
	static const char *const hooks[IR_HOOKS] = { "prerouting", "input", "forward", "output",
		"postrouting" };
	const char *type = chain->type == NFT_CHAIN_NAT	    ? "nat"
			   : chain->type == NFT_CHAIN_ROUTE ? "route"
							    : "filter";

	buf_printf(out, "\t\ttype %s hook %s priority ", type, hooks[chain->hook]);
	print_priority(chain, out);
	buf_printf(out, "; policy %s;\n", chain->drop ? "drop" : "accept");
}

void nft_print_rule(const struct nft_rule *rule, struct buf *out)
{
	const char *space = "";

	vec_each (e, &rule->exprs) {
		if (e->kind == NFT_E_MATCH && e->match.implied)
			continue;
		buf_str(out, space);
		nft_print_expr(e, out);
		space = " ";
	}
	if (!rule->comment)
		return;
	buf_str(out, " comment ");
	nft_print_quoted(rule->comment, out);
}

static void print_chain(const struct nft_chain *chain, struct buf *out)
{
	print_gap(out);
	buf_printf(out, "\tchain %s {\n", chain->name);
	if (chain->type != NFT_CHAIN_REGULAR)
		print_base(chain, out);
	vec_each (rule, &chain->rules) {
		buf_str(out, "\t\t");
		nft_print_rule(rule, out);
		buf_char(out, '\n');
	}
	buf_str(out, "\t}\n");
}

void nft_print(const struct nft_program *program, struct buf *out)
{
	buf_str(out, "# made by zonewall " ZONEWALL_VERSION
		     "; changes here are lost at the next apply\n");
	buf_str(out, "table inet " NFT_TABLE_NAME " {\n");
	print_objects(program, out);
	vec_each (set, &program->sets)
		print_set(*set, out);
	print_flowtable(&program->flowtable, out);
	vec_each (chain, &program->chains)
		print_chain(*chain, out);
	buf_str(out, "}\n");
}
