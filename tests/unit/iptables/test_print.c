/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every match and target, as written and as its canonical form. */
#include <string.h>

#include "iptables/iptables.h"
#include "../cmocka_tap.h"

static const struct {
	const char *written, *canonical;
} rows[] = {
	{ "-A x --protocol tcp --destination-port http --jump ACCEPT",
		"iptables -t filter -A x -p tcp -m tcp --dport 80 -j ACCEPT" },
	{ "-A x -ptcp -s10.0.0.0/255.0.0.0 -i eth+ -jDROP",
		"iptables -t filter -A x -s 10.0.0.0/8 -i eth+ -p tcp -j DROP" },
	{ "-t mangle -I x 3 -d ! ::1/128 -j MARK --set-mark 255",
		"ip6tables -t mangle -I x 3 ! -d ::1 -j MARK --set-mark 0xff" },
	{ "-A x -p sctp --sport 1:", "iptables -t filter -A x -p sctp -m sctp --sport 1:65535" },
	{ "-A x -p dccp ! --dport 5", "iptables -t filter -A x -p dccp -m dccp ! --dport 5" },
	{ "-A x -p udp -m multiport --source-ports 1,2,5:9,ntp",
		"iptables -t filter -A x -p udp -m multiport --sports 1:2,5:9,123" },
	{ "-A x -p tcp --tcp-flags ALL SYN,ACK", "iptables -t filter -A x -p tcp -m tcp "
						 "--tcp-flags FIN,SYN,RST,PSH,ACK,URG SYN,ACK" },
	{ "-A x -p icmp --icmp-type ping",
		"iptables -t filter -A x -p icmp -m icmp --icmp-type echo-request" },
	{ "-A x -p icmp --icmp-type 3/1",
		"iptables -t filter -A x -p icmp -m icmp --icmp-type 3/1" },
	{ "-A x -m conntrack ! --ctstate established,NEW",
		"iptables -t filter -A x -m conntrack ! --ctstate NEW,ESTABLISHED" },
	{ "-A x -m connmark --mark 0x10/0xF0",
		"iptables -t filter -A x -m connmark --mark 0x10/0xf0" },
	{ "-A x -m limit --limit 3/h --limit-burst 9",
		"iptables -t filter -A x -m limit --limit 3/hour --limit-burst 9" },
	{ "-A x -m connlimit --connlimit-above 5 --connlimit-mask 24",
		"iptables -t filter -A x -m connlimit --connlimit-above 5 --connlimit-mask 24" },
	{ "-A x -m connbytes --connbytes 100: --connbytes-dir both --connbytes-mode bytes",
		"iptables -t filter -A x -m connbytes --connbytes 100 --connbytes-dir both "
		"--connbytes-mode bytes" },
	{ "-A x -m iprange --dst-range 10.0.0.1-10.0.0.9",
		"iptables -t filter -A x -m iprange --dst-range 10.0.0.1-10.0.0.9" },
	{ "-A x -m statistic --mode random --probability .25",
		"iptables -t filter -A x -m statistic --mode random --probability 0.250000000" },
	{ "-A x -m time --timestart 8:00 --weekdays Su,mon",
		"iptables -t filter -A x -m time --timestart 08:00:00 --weekdays Mon,Sun" },
	{ "-A x -m owner --uid-owner root --gid-owner 5-7",
		"iptables -t filter -A x -m owner --uid-owner 0 --gid-owner 5-7" },
	{ "-A x -m set --match-set list src,dst",
		"iptables -t filter -A x -m set --match-set list src,dst" },
	{ "-A x -m comment --comment \"it's $5\"", NULL },
	{ "-A x -m comment --comment 'it is $5'",
		"iptables -t filter -A x -m comment --comment 'it is $5'" },
	{ "-A x -m dscp --dscp-class ef -j DSCP --set-dscp-class CS1",
		"iptables -t filter -A x -m dscp --dscp 46 -j DSCP --set-dscp 8" },
	{ "-t nat -A x -p tcp -j DNAT --to 10.0.0.1-10.0.0.3:80-90",
		"iptables -t nat -A x -p tcp -j DNAT --to-destination 10.0.0.1-10.0.0.3:80-90" },
	{ "-t nat -A x -p udp -j REDIRECT --to-port 53",
		"iptables -t nat -A x -p udp -j REDIRECT --to-ports 53" },
	{ "-A x -j LOG --log-level info --log-prefix 'a b'",
		"iptables -t filter -A x -j LOG --log-prefix 'a b' --log-level 6" },
	{ "-N chain", "iptables -t filter -N chain" },
	{ "-P INPUT DROP", "iptables -t filter -P INPUT DROP" },
	{ "-D x 4", "iptables -t filter -D x 4" },
	{ "-w 5 -n -L", "iptables -t filter -L" },
	{ "-A x -g y", "iptables -t filter -A x -g y" },
};

static void prints_each_rule_in_one_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool v6 = strchr(rows[i].written, ':') && strstr(rows[i].written, "::");
		struct ipt_script script = { 0 };
		struct arena arena;
		struct diags diags;
		struct source src = { .name = "row" };
		AUTO_BUF out = BUF_INIT;

		arena_init(&arena);
		diags_init(&diags, &arena);
		src.text = slice_of(arena_printf(
			&arena, "%s %s", v6 ? "ip6tables" : "iptables", rows[i].written));
		bool good = ipt_script_read(&arena, &src, &diags, &script);

		if (diags.list.n)
			print_message("# %s: %s\n", rows[i].written, diags.list.v[0]->message);
		assert_int_equal(good, rows[i].canonical != NULL);
		if (good) {
			ipt_command_print(&script.steps.v[0].command, &out);
			assert_string_equal(buf_text(&out), rows[i].canonical);
		}
		arena_release(&arena);
	}
}

static void keeps_the_place_of_each_word(void **state)
{
	struct arena arena;
	struct diags diags;
	struct ipt_words words = { 0 };
	struct source src = { "row", slice_of("option extra '-m \"a b\"  c\\ d'") };
	struct slice text = slice_of("-m \"a b\"  c\\ d");

	(void)state;
	arena_init(&arena);
	diags_init(&diags, &arena);
	assert_true(
		ipt_words_read(&arena, text, (struct span){ &src, 13, 28 }, false, &diags, &words));
	assert_int_equal(words.list.n, 3);
	assert_true(slice_is(words.list.v[1].text, "a b"));
	assert_true(words.list.v[1].quoted);
	assert_int_equal(words.list.v[1].span.start, 17);
	assert_int_equal(words.list.v[1].span.end, 22);
	assert_true(slice_is(words.list.v[2].text, "c d"));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_each_rule_in_one_way),
		cmocka_unit_test(keeps_the_place_of_each_word),
	};

	return RUN_TAP(tests);
}
