/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configurations that once made the compiler give up, take all memory or open too much. */
#include <stdio.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "base/buf.h"
#include "ir/ir.h"
#include "lower/lower.h"
#include "model/model.h"
#include "uci/uci.h"

#define DEFAULTS                                                                                   \
	"config defaults\n\toption input 'REJECT'\n\toption output 'ACCEPT'\n"                     \
	"\toption forward 'REJECT'\n"
#define WAN                                                                                        \
	"config zone\n\toption name 'wan'\n\tlist device 'eth0'\n\toption input 'REJECT'\n"        \
	"\toption output 'ACCEPT'\n\toption forward 'REJECT'\n"

struct compiled {
	struct arena arena;
	struct diags diags;
	struct ir *ir;
};

/* Release the arena; *c stays where it is. */
static void compile_as(
	struct compiled *c, const char *config, const char *custom, bool lockdown)
{
	struct source src = { "firewall", slice_of(config) };
	struct facts facts = { .now = 1764000000, .clock_trusted = true };
	struct facts_file file = { "/user", true, slice_of(custom ? custom : "") };
	struct policy policy;

	*c = (struct compiled){ .ir = NULL };
	arena_init(&c->arena);
	diags_init(&c->diags, &c->arena);
	vec_push(&c->arena, &facts.files, file);
	if (policy_read(&c->arena, uci_parse(&c->arena, &src, &c->diags), NULL, &facts, &c->diags,
		    &policy))
		c->ir = lockdown ? lower_lockdown(&c->arena, &policy, &c->diags)
				 : lower_policy(&c->arena, &policy, &c->diags);
}

static void compile(struct compiled *c, const char *config, const char *custom)
{
	compile_as(c, config, custom, false);
}

static size_t rules_to(const struct ir *ir, const char *chain)
{
	size_t n = 0;

	vec_each (c, &ir->chains) {
		vec_each (r, &(*c)->rules) {
			const struct ir_verdict *v = &(*r)->verdict;

			n += (v->kind == IR_JUMP || v->kind == IR_GOTO) &&
			     !strcmp(v->chain->name, chain);
		}
	}
	return n;
}

/* The rule is of both families, the zone's networks are of one each. */
static void a_ping_limit_in_a_zone_of_subnets(void **state)
{
	struct compiled c;

	(void)state;
	compile(&c, DEFAULTS
		"config zone\n\toption name 'vpn'\n\tlist subnet '10.0.0.0/8'\n"
		"\tlist subnet 'fd00::/8'\n\toption input 'REJECT'\n"
		"config rule\n\toption name 'ping'\n\toption src 'vpn'\n\toption proto 'icmp'\n"
		"\toption target 'ACCEPT'\n\toption limit '5/second'\n"
		"\toption limit_per_source '1'\n", NULL);
	assert_non_null(c.ir);
	/* one from the base chain and one for running pings, each in both families */
	assert_int_equal(rules_to(c.ir, "input_vpn"), 4);
	arena_release(&c.arena);
}

static void a_zone_whose_extra_arguments_never_hold(void **state)
{
	struct compiled c;

	(void)state;
	compile(&c, DEFAULTS
		"config zone\n\toption name 'vpn'\n\tlist subnet '10.0.0.0/8'\n"
		"\toption input 'ACCEPT'\n\toption forward 'ACCEPT'\n"
		"\toption extra_src '-m mark --mark 0x2/0x1'\n"
		"\toption extra_dest '-m mark --mark 0x2/0x1'\n", NULL);
	assert_non_null(c.ir);
	assert_int_equal(rules_to(c.ir, "input_vpn"), 0);
	assert_int_equal(rules_to(c.ir, "forward_vpn"), 0);
	assert_int_equal(rules_to(c.ir, "output_vpn"), 0);
	arena_release(&c.arena);
}

/* Lists that scripts make have one name for all: it took 1.2 GB for 12000. */
static void many_rules_of_one_name(void **state)
{
	const char *name = "a name of sixty-three characters, which is as long as they can be";
	AUTO_BUF text = BUF_INIT;
	struct compiled c;

	(void)state;
	buf_str(&text, DEFAULTS WAN);
	for (int i = 0; i < 12000; i++)
		buf_printf(&text,
			"config rule\n\toption name '%s'\n\toption src 'wan'\n"
			"\toption proto 'tcp'\n\toption dest_port '%d'\n\toption target 'DROP'\n",
			i % 2 ? name : "block", i + 1);
	compile(&c, buf_text(&text), NULL);
	assert_non_null(c.ir);
	assert_true(c.arena.used < 64u << 20);
	arena_release(&c.arena);
}

/* Paths through the chains multiply: here there are eight to the eleventh. */
static void custom_chains_are_checked_once(void **state)
{
	AUTO_BUF text = BUF_INIT;
	struct compiled c;

	(void)state;
	for (int i = 0; i < 12; i++)
		buf_printf(&text, "iptables -N c%d\n", i);
	for (int i = 0; i < 11; i++) {
		for (int k = 0; k < 8; k++)
			buf_printf(&text, "iptables -A c%d -s 10.%d.%d.1 -j c%d\n", i, i, k, i + 1);
	}
	buf_str(&text, "iptables -A c11 -j REJECT\niptables -A input_wan_rule -j c0\n");
	compile(&c, DEFAULTS WAN "config include\n\toption path '/user'\n", buf_text(&text));
	assert_non_null(c.ir);
	arena_release(&c.arena);
}

static void compile_nested(unsigned n, bool good)
{
	AUTO_BUF text = BUF_INIT;
	struct compiled c;

	for (unsigned i = 0; i < n; i++)
		buf_printf(&text, "iptables -N c%u\n", i);
	/* from the end, so that the first to be checked is the deepest */
	for (unsigned i = n - 1; i-- > 0;)
		buf_printf(&text, "iptables -A c%u -j c%u\n", i, i + 1);
	buf_printf(&text, "iptables -A c%u -j REJECT\niptables -A forwarding_wan_rule -j c%u\n",
		n - 1, n / 2);
	buf_str(&text, "iptables -A forwarding_wan_rule -j c0\n");
	compile(&c, DEFAULTS WAN "config include\n\toption path '/user'\n", buf_text(&text));
	assert_int_equal(c.ir != NULL, good);
	if (!good)
		assert_string_equal(c.diags.list.v[0]->id, "custom-nesting");
	arena_release(&c.arena);
}

static void custom_chains_nest_as_far_as_the_kernel_goes(void **state)
{
	(void)state;
	compile_nested(12, true);
	compile_nested(13, false);
	compile_nested(20, false);
	compile_nested(3000, false);
}

/* Addresses with an exception become ranges, also in a set of single addresses. */
static void a_set_of_addresses_with_an_exception(void **state)
{
	struct compiled c;

	(void)state;
	compile(&c, DEFAULTS WAN
		"config ipset\n\toption name 's'\n\toption match 'src_ip'\n"
		"\tlist entry '10.0.0.0/30'\n\tlist entry '10.0.0.1 nomatch'\n"
		"config rule\n\toption src 'wan'\n\toption ipset 's'\n"
		"\toption target 'DROP'\n", NULL);
	assert_non_null(c.ir);
	assert_int_equal(c.ir->sets.v[0]->elements.n, 2);
	arena_release(&c.arena);
}

static void compile_masked(int n, bool good)
{
	AUTO_BUF text = BUF_INIT;
	struct compiled c;

	buf_str(&text, DEFAULTS WAN "config rule\n\toption src 'wan'\n\toption target 'DROP'\n");
	for (int i = 0; i < n; i++)
		buf_printf(&text, "\tlist src_ip '!%d.%d.0.1/255.255.0.255'\n", 1 + i / 250,
			i % 250);
	compile(&c, buf_text(&text), NULL);
	assert_int_equal(c.ir != NULL, good);
	if (!good)
		assert_string_equal(c.diags.list.v[0]->id, "too-many-conditions");
	arena_release(&c.arena);
}

/* The kernel takes so many; thousands were too long for a message to it. */
static void more_conditions_than_a_rule_takes(void **state)
{
	AUTO_BUF text = BUF_INIT;
	struct compiled c;

	(void)state;
	compile_masked(30, true);
	compile_masked(50, false);
	compile_masked(3000, false);
	buf_str(&text, "iptables -A input_rule");
	for (int i = 0; i < 100; i++)
		buf_printf(&text, " -m mark --mark %d/%d", 1 << i % 20, 1 << i % 20);
	buf_str(&text, " -j ACCEPT\n");
	compile(&c, DEFAULTS WAN "config include\n\toption path '/user'\n", buf_text(&text));
	assert_null(c.ir);
	assert_string_equal(c.diags.list.v[0]->id, "too-many-conditions");
	arena_release(&c.arena);
}

static size_t rules_of(const struct ir *ir, const char *section, enum ir_verdict_kind kind)
{
	size_t n = 0;

	vec_each (c, &ir->chains) {
		vec_each (r, &(*c)->rules)
			n += (*r)->verdict.kind == kind && (*r)->n_origins &&
			     (*r)->origins[0]->name && !strcmp((*r)->origins[0]->name, section);
	}
	return n;
}

/* Where no zone trusts its hosts, the rules for SSH and the web page are the way back. */
static void stop_keeps_the_way_that_rules_open(void **state)
{
	struct compiled c;

	(void)state;
	compile_as(&c, DEFAULTS WAN
		"config ipset\n\toption name 's'\n\toption match 'src_ip'\n"
		"config rule\n\toption name 'ssh'\n\toption src 'wan'\n\toption proto 'tcp udp'\n"
		"\toption dest_port '20-30'\n\toption target 'ACCEPT'\n"
		"\tlist src_ip '192.0.2.1'\n\tlist src_ip '2001:db8::1'\n"
		"config rule\n\toption name 'dns'\n\toption src 'wan'\n\toption proto 'tcp udp'\n"
		"\toption dest_port '53'\n\toption target 'ACCEPT'\n"
		"config rule\n\toption name 'udp'\n\toption src 'wan'\n\toption proto 'udp'\n"
		"\toption dest_port '22'\n\toption target 'ACCEPT'\n"
		"config rule\n\toption name 'through'\n\toption src 'wan'\n\toption dest '*'\n"
		"\toption dest_port '22'\n\toption target 'ACCEPT'\n"
		"config rule\n\toption name 'some'\n\toption src 'wan'\n\toption proto 'tcp'\n"
		"\toption ipset 's'\n\toption target 'ACCEPT'\n"
		"config rule\n\toption name 'extra'\n\toption src 'wan'\n\toption proto 'tcp'\n"
		"\toption extra '-m mark --mark 1'\n\toption target 'ACCEPT'\n"
		"config rule\n\toption name 'no'\n\toption src 'wan'\n\toption proto 'tcp'\n"
		"\toption dest_port '80'\n\toption target 'DROP'\n"
		"config rule\n\toption name 'slow'\n\toption src '*'\n\toption proto 'tcp'\n"
		"\toption dest_port '443'\n\toption limit '5/minute'\n"
		"\toption limit_per_source '1'\n\toption target 'ACCEPT'\n", NULL, true);
	assert_non_null(c.ir);
	assert_int_equal(rules_of(c.ir, "ssh", IR_ACCEPT), 2);
	assert_int_equal(rules_of(c.ir, "dns", IR_ACCEPT), 0);
	assert_int_equal(rules_of(c.ir, "udp", IR_ACCEPT), 0);
	assert_int_equal(rules_of(c.ir, "through", IR_ACCEPT), 0);
	assert_int_equal(rules_of(c.ir, "some", IR_ACCEPT), 0);
	assert_int_equal(rules_of(c.ir, "extra", IR_ACCEPT), 0);
	assert_int_equal(rules_of(c.ir, "no", IR_DROP), 1);
	assert_int_equal(rules_of(c.ir, "slow", IR_ACCEPT), 1);
	assert_int_equal(c.ir->limits.n, 1);
	arena_release(&c.arena);
}

static void compile_shifted(int sections, bool good)
{
	AUTO_BUF text = BUF_INIT;
	struct compiled c;

	buf_str(&text, DEFAULTS WAN);
	for (int i = 0; i < sections; i++)
		buf_printf(&text,
			"config redirect\n\toption src 'wan'\n\toption proto 'tcp'\n"
			"\toption src_dport '1-60000'\n\toption dest_port '2-60001'\n"
			"\toption dest_ip '192.168.1.%d'\n", i + 1);
	compile(&c, buf_text(&text), NULL);
	assert_int_equal(c.ir != NULL, good);
	if (!good) {
		assert_int_equal(c.diags.errors, 1);
		assert_string_equal(c.diags.list.v[0]->id, "too-many-ports");
	}
	arena_release(&c.arena);
}

/* Two hundred such forwards took 4 GB. */
static void more_ports_than_can_be_mapped(void **state)
{
	(void)state;
	compile_shifted(3, true);
	compile_shifted(20, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ping_limit_in_a_zone_of_subnets),
		cmocka_unit_test(a_zone_whose_extra_arguments_never_hold),
		cmocka_unit_test(a_set_of_addresses_with_an_exception),
		cmocka_unit_test(more_conditions_than_a_rule_takes),
		cmocka_unit_test(stop_keeps_the_way_that_rules_open),
		cmocka_unit_test(more_ports_than_can_be_mapped),
		cmocka_unit_test(many_rules_of_one_name),
		cmocka_unit_test(custom_chains_are_checked_once),
		cmocka_unit_test(custom_chains_nest_as_far_as_the_kernel_goes),
	};

	return RUN_TAP(tests);
}
