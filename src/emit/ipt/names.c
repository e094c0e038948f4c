/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of chains, in firewall3's habit where a chain has the meaning of one of firewall3's; other
 * programs and people know these. Longer ones than iptables takes are cut and end in a hash.
 */
#include <ctype.h>
#include <string.h>

#include "base/bug.h"
#include "emit/ipt/ipt_priv.h"

const char *const xt_table_names[XT_TABLES] = { "raw", "mangle", "nat", "filter" };

static const char *const hooks[IR_HOOKS] = { "prerouting", "input", "forward", "output",
	"postrouting" };

enum xt_table xt_table_of(enum ir_stage stage)
{
	switch (stage) {
	case IR_RAW:
	case IR_HELPER:
		return XT_RAW;
	case IR_MANGLE:
		return XT_MANGLE;
	case IR_DSTNAT:
	case IR_SRCNAT:
		return XT_NAT;
	case IR_FILTER:
		return XT_FILTER;
	}
	BUG("stage %d", (int)stage);
}

const char *xt_short_name(struct xt_build *b, const char *name)
{
	char *clean = arena_strdup(b->arena, name);

	for (char *c = clean; *c; c++) {
		if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
			*c = '_';
	}
	if (strlen(clean) <= XT_CHAIN_NAME_MAX)
		return clean;
	return xt_text(b, "%.19s_%08x", clean,
		(unsigned)xt_hash(XT_HASH_BEGIN, clean, strlen(clean)));
}

/* The word after the zone's name: "input", "helper"; helpers and raw share a table. */
static const char *zone_part(const struct ir_chain *c)
{
	if (c->stage != IR_HELPER)
		return hooks[c->hook];
	return c->hook == IR_PREROUTING ? "helper" : "helper_output";
}

/* zone_wan_src_REJECT of reject_from_wan */
static const char *verdict_part(const struct ir_chain *c)
{
	static const struct {
		const char *begin, *word;
	} words[] = { { "accept_", "ACCEPT" }, { "drop_", "DROP" }, { "reject_", "REJECT" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strncmp(c->name, words[i].begin, strlen(words[i].begin)))
			return words[i].word;
	}
	return NULL;
}

static const char *open_chains[] = { "input_rule", "forwarding_rule", "output_rule",
	"prerouting_rule", "postrouting_rule" };

/* Custom rules for a chain that is open to others stand in a chain of their own. */
static bool is_open_name(const struct ir_chain *c)
{
	for (size_t i = 0; i < sizeof(open_chains) / sizeof(open_chains[0]); i++) {
		if (!strcmp(open_chains[i], c->name))
			return true;
	}
	return c->zone != NULL;
}

static const char *wanted_name(struct xt_build *b, const struct ir_chain *c)
{
	const char *zone = c->zone ? c->zone : "";

	switch (c->role) {
	case IR_ROLE_BASE:
		return xt_text(b, "zonewall_%s%s", c->stage == IR_HELPER ? "helper_" : "",
			hooks[c->hook]);
	case IR_ROLE_ZONE:
		return xt_text(b, "zone_%s_%s", zone, zone_part(c));
	case IR_ROLE_FROM_ZONE:
	case IR_ROLE_TO_ZONE:
		if (!verdict_part(c))
			return c->name;
		return xt_text(b, "zone_%s_%s_%s", zone,
			c->role == IR_ROLE_TO_ZONE ? "dest" : "src", verdict_part(c));
	case IR_ROLE_REJECT:
		return "reject";
	case IR_ROLE_SYN_FLOOD:
		return "syn_flood";
	case IR_ROLE_USER:
		return is_open_name(c) ? xt_text(b, "custom_%s", c->name) : c->name;
	case IR_ROLE_OTHER:
		return c->name;
	}
	BUG("role %d", (int)c->role);
}

/* Built-in names and targets that a chain must not have. */
static bool is_reserved(const char *name)
{
	static const char *const reserved[] = { "PREROUTING", "INPUT", "FORWARD", "OUTPUT",
		"POSTROUTING", "ACCEPT", "DROP", "RETURN", "QUEUE", "REJECT", "LOG", "NFLOG",
		"MARK", "CONNMARK", "DSCP", "TTL", "HL", "TCPMSS", "CT", "SET", "DNAT", "SNAT",
		"MASQUERADE", "REDIRECT", "NETMAP", "NOTRACK", "TOS" };

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (!strcmp(reserved[i], name))
			return true;
	}
	return name[0] == '-' || (!strncmp(name, "zonewall_", 9) && isdigit((unsigned char)name[9]));
}

static bool is_taken(const struct xt_build *b, const char *name)
{
	for (size_t i = 0; i < b->table->chains.n; i++) {
		if (!strcmp(b->table->chains.v[i]->name, name))
			return true;
	}
	return is_reserved(name);
}

struct xt_chain *xt_chain_of(struct xt_build *b, const struct ir_chain *chain)
{
	const char *name, *base;
	struct xt_named named = { .of = chain };

	vec_each (n, &b->names) {
		if (n->of == chain)
			return n->chain;
	}
	base = wanted_name(b, chain);
	name = xt_short_name(b, base);
	for (unsigned i = 2; is_taken(b, name); i++)
		name = xt_short_name(b, xt_text(b, "%s_%u", base, i));
	named.chain = xt_chain_get(b, name);
	vec_push(b->arena, &b->names, named);
	return named.chain;
}

struct xt_chain *xt_chain_get(struct xt_build *b, const char *name)
{
	struct xt_chain *chain;

	vec_each (c, &b->table->chains) {
		if (!strcmp((*c)->name, name))
			return *c;
	}
	chain = ARENA_NEW(b->arena, struct xt_chain);
	chain->name = name;
	vec_push(b->arena, &b->table->chains, chain);
	return chain;
}

struct xt_chain *xt_step_chain(struct xt_build *b)
{
	struct xt_chain *chain = ARENA_NEW(b->arena, struct xt_chain);

	chain->name = xt_text(b, "zonewall_%u", ++b->steps); /* reserved, so it is new */
	vec_push(b->arena, &b->table->chains, chain);
	return chain;
}

struct xt_target xt_jump(struct xt_build *b, const char *how, struct xt_chain *to)
{
	return (struct xt_target){ .words = xt_words_of(b, how, to->name, NULL), .to = to };
}
