/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "../cmocka_tap.h"

#include "ir_text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Everything the dump can say, as it says it. */
static const char rich[] =
	"zonewall-ir 1\n"
	"until 1800000000\n"
	"sysctl \"net/ipv4/tcp_syncookies\" \"1\"\n"
	"  from \"defaults\" \"@defaults[0]\" file \"firewall\" line 1\n"
	"flowtable enabled hardware counter { \"lan\", \"wan\" }\n"
	"helper ftp \"ftp\" proto 6 any\n"
	"helper sip_udp \"sip\" proto 17 ipv4\n"
	"helper q931 \"Q.931\" proto 6 any\n"
	"counter rule_Allow-Ping\n"
	"  from \"rule\" \"@rule[3]\" name \"Allow \\\"Ping\\\" \\\\ \\x0a\\xff \xc3\xa9\" file \"firewall\" "
	"line 41\n"
	"counter bare\n"
	"limit pings rate 5 per 1 burst 10\n"
	"limit over rate over 5 per 86400 burst 0\n"
	"  from \"rule\" \"x\"\n"
	"set lan_devices device interval\n"
	"  from \"zone\" \"lan\"\n"
	"  element \"br-lan\"\n"
	"  element \"tun\"+ timeout 5 comment \"a VPN's\"\n"
	"set all ipv4.proto-port.mac\n"
	"  element 10.0.0.1 6:80 02:00:00:00:00:01\n"
	"set six ipv6.port interval keep\n"
	"  element fd00::/8 1-100\n"
	"  element ::-::5 7\n"
	"set seen ipv4 dynamic keep timeout 30 size 100\n"
	"set ports ipv4.proto-port dynamic keep once timeout 60 size 65535\n"
	"set scans ipv6 dynamic once net6 rate 1 per 86400 burst 9 timeout 60\n"
	"set flood ipv4 dynamic rate over 25 per 60 burst 50 timeout 60 size 65535\n"
	"chain raw_prerouting base prerouting raw\n"
	"  rule any not iif { \"lo\", \"w\"+ } notrack continue\n"
	"chain mangle_forward base forward mangle\n"
	"  rule any mark 0x1/0xff set-mark and 0xffffff00 xor 0x1 set-ctmark and 0x0 xor 0xff continue\n"
	"  rule any save-mark 0xff restore-mark 0xff00 set-dscp 46 continue\n"
	"  rule any set-ttl to 64 set-ttl up 1 set-ttl down 1 set-mss 1400 set-mss 0 continue\n"
	"chain forward base forward filter\n"
	"  from \"defaults\" \"@defaults[0]\" file \"firewall\" line 1\n"
	"  rule ipv4 saddr { 10.0.0.0/8, 192.168.1.1, 192.168.1.5-192.168.1.9 } proto { 6, 17 } "
	"dport { 22, 80-90 } counter rule_Allow-Ping log \"x: \" level 4 accept comment \"why\"\n"
	"    from \"rule\" \"@rule[3]\" name \"n\" file \"firewall\" line 41\n"
	"    from \"rule\" \"@rule[4]\"\n"
	"    from \"rule\" \"@rule[5]\"\n"
	"    from \"rule\" \"@rule[6]\"\n"
	"    from \"rule\" \"@rule[7]\"\n"
	"  rule ipv6 not daddr { ::/0 } saddr-masked ::1/::ffff daddr-masked ::2/::f drop\n"
	"  rule ipv4 proto { 1 } icmp ipv4 { 8, 3/1, 3/4-5 } limit pings reject port\n"
	"  rule ipv6 proto { 58 } not icmp ipv6 { 128/0 } reject admin\n"
	"  rule any proto { 6 } tcpflags 0x2/0x17 mss { 1-536 } sport { 0-65535 } reject tcp-reset\n"
	"  rule any oif @lan_devices smac { 02:00:00:00:00:01, 02:00:00:00:00:02 } return\n"
	"  rule any dscp { 0-63 } ttl { 1 } length { 1-65535 } uid { 0 } gid { 0-4294967295 } continue\n"
	"  rule any ctmark 0x0/0xffffffff ctstate { new, established, related, invalid, untracked } "
	"ctstatus { dnat, snat } cthelper \"ftp\" goto zone_lan\n"
	"  rule any pkttype { unicast, broadcast, multicast } addrtype src { local, unicast } "
	"addrtype dst { broadcast, multicast } jump zone_lan\n"
	"  rule ipv4 proto { 6 } in @all src.dst.src meter @flood src add @seen dst continue\n"
	"  rule any time { -5..0, 1700000000..1700003600 } random 0x80000000 ipsec { in, out } offload "
	"log \"n\" group 5 drop\n"
	"  rule any time { } limit over drop\n"
	"chain dstnat_prerouting base prerouting dstnat\n"
	"chain zone_lan zone forward filter zone \"lan\"\n"
	"chain nat other prerouting dstnat\n"
	"  rule ipv4 proto { 6 } dnat to 192.168.1.2 ports 8000-8010 from 80\n"
	"  rule ipv4 dnat to 192.168.1.2-192.168.1.7\n"
	"  rule any proto { 17 } dnat ports 53\n"
	"  rule any redirect\n"
	"  rule ipv6 netmap-dst to fd00::/64\n"
	"chain source other postrouting srcnat\n"
	"  rule any proto { 6, 17 } masquerade ports 1024-65535\n"
	"  rule ipv6 snat to 2001:db8::1\n"
	"  rule ipv4 netmap-src to 10.0.0.0/24\n"
	"chain a from-zone input filter\n"
	"chain b to-zone output filter\n"
	"chain c reject input filter\n"
	"chain d syn-flood input filter\n"
	"chain e user input helper\n"
	"  rule any set-helper sip_udp continue\n";

static struct ir *parse(struct arena *a, const char *text, struct diags *diags)
{
	struct source *src = ARENA_NEW(a, struct source);

	src->name = "dump";
	src->text = slice_of(text);
	diags_init(diags, a);
	return ir_parse(a, src, diags);
}

static void a_rich_dump_comes_back(void **state)
{
	AUTO_BUF out = BUF_INIT, again = BUF_INIT, told = BUF_INIT;
	struct diags diags;
	const char *why = "";
	struct arena a;

	(void)state;
	arena_init(&a);

	struct ir *ir = parse(&a, rich, &diags);

	diags_render(&diags, &told, false);
	assert_string_equal(buf_text(&told), "");
	if (!ir_verify(ir, &why))
		fail_msg("%s", why);
	ir_dump(ir, &out);

	/* All lines are there, but base chains were put into their order. */
	assert_int_equal(out.n, sizeof(rich) - 1);
	assert_string_equal(ir->chains.v[0]->name, "raw_prerouting");
	assert_string_equal(ir->chains.v[1]->name, "dstnat_prerouting");
	assert_non_null(parse(&a, buf_text(&out), &diags));
	ir_dump(parse(&a, buf_text(&out), &diags), &again);
	assert_string_equal(buf_text(&again), buf_text(&out));

	/* The same origin is the same object. */
	assert_ptr_equal(ir_base_find(ir, IR_FORWARD, IR_FILTER)->origin, ir->sysctls.v[0].origin);
	assert_string_equal(ir->counters.v[0]->origin->name, "Allow \"Ping\" \\ \n\xff \xc3\xa9");
	assert_int_equal(ir_base_find(ir, IR_FORWARD, IR_FILTER)->rules.v[0]->n_origins, 5);
	arena_release(&a);
}

static void one_match_and_one_rule_are_printed(void **state)
{
	AUTO_BUF out = BUF_INIT;
	struct arena a;

	(void)state;
	arena_init(&a);

	struct ir *ir = ir_ok(&a, "chain forward base forward filter\n"
		"rule any not iif { \"lan\" } drop comment \"c\"\n");
	const struct ir_rule *rule = ir->chains.v[0]->rules.v[0];

	ir_match_print(&rule->matches[0], &out);
	assert_string_equal(buf_text(&out), "not iif { \"lan\" }");
	buf_clear(&out);
	ir_rule_print(rule, &out);
	assert_string_equal(buf_text(&out), "rule any not iif { \"lan\" } drop comment \"c\"");
	arena_release(&a);
}

static void blanks_and_comments_are_passed_over(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);

	struct ir *ir = ir_of(&a, "\n# a remark\r\n\t chain  forward base forward filter \r\n\n"
		"rule any   iif{\"lan\"}drop");

	assert_int_equal(ir->chains.v[0]->rules.n, 1);
	arena_release(&a);
}

#define CHAIN "chain forward base forward filter\n"

static const struct {
	const char *text; /* after the first line */
	unsigned line, column;
	const char *says;
} broken[] = {
	{ "nonsense\n", 2, 1, "none of the dump's words" },
	{ "rule any drop\n", 2, 6, "outside a chain" },
	{ "element 5\n", 2, 9, "outside a set" },
	{ "from \"a\" \"b\"\n", 2, 6, "an origin of nothing" },
	{ "counter c\nfrom \"a\"\n", 3, 9, "a text in quotes" },
	{ "counter c\nfrom \"a\" \"b\"\nfrom \"a\" \"b\"\n", 4, 6, "second one" },
	{ "counter c\ncounter c\n", 3, 10, "a second counter c" },
	{ "counter 5c\n", 2, 9, "'5c' is not a name" },
	{ "counter c d\n", 2, 11, "more on the line" },
	{ "limit l rate 5 per x burst 1\n", 2, 20, "a number of at most" },
	{ "limit l rate 5 per 1 burst 1\nlimit l rate 5 per 1 burst 1\n", 3, 29, "a second limit" },
	{ "helper ftp ftp proto 6 any\n", 2, 12, "a text in quotes" },
	{ "helper ftp \"ftp\" proto 256 any\n", 2, 24, "a number of at most 255" },
	{ "helper ftp \"ftp\" proto 6 ipv5\n", 2, 26, "any, ipv4 or ipv6" },
	{ "set s nokey\n", 2, 12, "'nokey' is no key" },
	{ "set s port.port.port.port\n", 2, 26, "too many parts" },
	{ "set s port\nset s port\n", 3, 7, "a second set s" },
	{ "set s port\nelement 65536\n", 3, 14, "at most 65535" },
	{ "set s ipv4\nelement 1.2.3\n", 3, 9, "an address is missing" },
	{ "set s ipv4\nelement 1.2.3.4/33\n", 3, 9, "no prefix" },
	{ "set s ipv4\nelement 1.2.3.4-1.2.3.3\n", 3, 9, "no range of addresses" },
	{ "set s mac\nelement xx\n", 3, 9, "a MAC address" },
	{ "set s device\nelement \"0123456789abcdef\"\n", 3, 9, "a device in quotes" },
	{ "chain c zone input\n", 2, 19, "a word like 'raw'" },
	{ "chain c base input dstnat\n", 2, 26, "no such stage" },
	{ "chain c base input filter\nchain d base input filter\n", 3, 26, "a second base chain" },
	{ "chain c user input filter\nchain c user input filter\n", 3, 26, "a second chain c" },
	{ "until never\n", 2, 12, "a time in seconds" },
	{ "flowtable enabled\n", 2, 18, "a list in braces" },
	{ "sysctl \"a\n", 2, 8, "a text in quotes" },
	{ "sysctl \"\\q\" \"1\"\n", 2, 8, "a text in quotes" },
	{ "sysctl \"\\x00\" \"1\"\n", 2, 8, "a text in quotes" },
	{ CHAIN "rule any\n", 3, 9, "a word like 'continue'" },
	{ CHAIN "rule ipv7 drop\n", 3, 6, "any, ipv4 or ipv6" },
	{ CHAIN "rule any not drop\n", 3, 14, "a match is missing" },
	{ CHAIN "rule any iif @none drop\n", 3, 15, "there is no set none" },
	{ CHAIN "rule any iif { \"a\" \"b\" } drop\n", 3, 20, "a comma or '}'" },
	{ CHAIN "rule any limit none drop\n", 3, 16, "there is no limit none" },
	{ CHAIN "rule any counter none drop\n", 3, 18, "there is no counter none" },
	{ CHAIN "rule any set-helper none drop\n", 3, 21, "there is no helper none" },
	{ CHAIN "rule any jump none\n", 3, 15, "there is no chain none" },
	{ CHAIN "rule any proto { 9-6 } drop\n", 3, 22, "no range" },
	{ CHAIN "rule any proto { } drop } x\n", 3, 25, "more on the line" },
	{ CHAIN "rule any icmp any { 1 } drop\n", 3, 19, "of one family" },
	{ CHAIN "rule any icmp ipv4 { } drop\n", 3, 24, "empty" },
	{ CHAIN "rule any icmp ipv4 { 1-2 } drop\n", 3, 26, "one number" },
	{ CHAIN "rule any mark 1 drop\n", 3, 17, "a number or range" },
	{ CHAIN "rule any mark 0-1/1 drop\n", 3, 21, "its mask" },
	{ CHAIN "rule any saddr-masked 1.2.3.4/::1 drop\n", 3, 35, "an address and its mask" },
	{ CHAIN "rule any ctstate { old } drop\n", 3, 20, "a word like 'new'" },
	{ CHAIN "rule any time { 1.2 } drop\n", 3, 21, "a time" },
	{ CHAIN "rule any time { 1 } drop\n", 3, 19, "a time" },
	{ CHAIN "rule any reject softly\n", 3, 17, "a word like 'tcp-reset'" },
	{ CHAIN "rule any log \"x\" drop\n", 3, 18, "the word 'level'" },
	{ CHAIN "rule any set-ttl 5 drop\n", 3, 18, "a word like 'to'" },
	{ CHAIN "rule any dnat to nowhere\n", 3, 18, "an address is missing" },
	{ CHAIN "rule any drop comment x\n", 3, 23, "a text in quotes" },
	{ CHAIN "rule any drop \x01\n", 3, 15, "more on the line" },
	{ "set s port.port\n" CHAIN "rule any in @s src drop\n", 4, 20, "src or dst is missing" },
	{ "set s port\n" CHAIN "rule any in @s src.dst drop\n", 4, 24, "more parts" },
};

static void a_broken_dump_is_told_where(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(broken); i++) {
		struct diags diags;
		struct position at;
		struct arena a;

		arena_init(&a);
		assert_null(parse(&a, arena_printf(&a, "zonewall-ir 1\n%s", broken[i].text), &diags));
		assert_int_equal(diags.errors, 1);
		at = span_position(diags.list.v[0]->span);
		if (!strstr(diags.list.v[0]->message, broken[i].says) || at.line != broken[i].line ||
			at.column != broken[i].column) {
			print_error("%s: %u:%u: %s\n", broken[i].text, at.line, at.column,
				diags.list.v[0]->message);
			wrong++;
		}
		arena_release(&a);
	}
	assert_int_equal(wrong, 0);
}

static void all_mistakes_are_told(void **state)
{
	struct diags diags;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_null(parse(&a, "zonewall-ir 1\nwhat\n" CHAIN "rule any dorp\nrule any drop\nrule x\n",
		&diags));
	assert_int_equal(diags.errors, 3);
	assert_null(parse(&a, "", &diags));
	assert_int_equal(diags.errors, 1);
	assert_null(parse(&a, "zonewall-ir 2\n", &diags));
	assert_int_equal(diags.errors, 1);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rich_dump_comes_back),
		cmocka_unit_test(one_match_and_one_rule_are_printed),
		cmocka_unit_test(blanks_and_comments_are_passed_over),
		cmocka_unit_test(a_broken_dump_is_told_where),
		cmocka_unit_test(all_mistakes_are_told),
	};

	return RUN_TAP(tests);
}
