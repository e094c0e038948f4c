/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a policy holds after reading: names joined, defaults applied, sections left out. */
#include <stdlib.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "model/model.h"

static struct arena arena;
static struct diags diags;
static struct facts facts;
static struct policy p;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	diags_init(&diags, &arena);
	facts = (struct facts){ 0 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static const char host[] =
	"{\"devices\":[{\"name\":\"br-lan\",\"addresses\":[\"192.168.1.1/24\",\"fd00:1::1/64\"]},"
	"{\"name\":\"eth1\",\"addresses\":[\"198.51.100.2/24\"]},"
	"{\"name\":\"tun_a\",\"addresses\":[\"10.8.0.1/24\"]}],"
	"\"networks\":[{\"name\":\"lan\",\"devices\":[\"br-lan\"],"
	"\"addresses\":[\"192.168.1.1/24\",\"fd00:1::1/64\"]},"
	"{\"name\":\"wan\",\"devices\":[\"eth1\"],\"addresses\":[\"198.51.100.2/24\"]},"
	"{\"name\":\"wan6\",\"disabled\":true,\"devices\":[\"eth1\"]},{\"name\":\"mob\"}],"
	"\"files\":[{\"path\":\"/etc/list\",\"text\":\"# hosts\\n203.0.113.7 # one\\r\\n\\n"
	"203.0.113.8 nomatch\\n\"}]}";

#define DEFAULTS                                                                                   \
	"config defaults\n\toption input 'REJECT'\n\toption output 'ACCEPT'\n"                     \
	"\toption forward 'DROP'\n"
#define ZONES                                                                                      \
	"config zone\n\toption name 'lan'\n\toption network 'lan'\n\toption input 'ACCEPT'\n"      \
	"config zone\n\toption name 'wan'\n\tlist network 'wan'\n\tlist network 'wan6'\n"          \
	"\tlist network 'mob'\n\toption masq '1'\n"                                                \
	"config zone\n\toption name 'vpn'\n\toption device 'tun_+ tap0'\n"

static struct source *source_of(const char *name, const char *text)
{
	struct source *src = ARENA_NEW(&arena, struct source);

	*src = (struct source){ name, slice_of(arena_strdup(&arena, text)) };
	return src;
}

/* Reads DEFAULTS, ZONES and `more` on the host above, which must be without an error. */
static void read_policy(const char *more)
{
	const char *text = arena_printf(&arena, "%s%s%s", DEFAULTS, ZONES, more);
	struct uci_file *file = uci_parse(&arena, source_of("firewall", text), &diags);

	assert_true(facts_read_json(&arena, source_of("facts.json", host), &diags, &facts));
	if (!policy_read(&arena, file, NULL, &facts, &diags, &p)) {
		AUTO_BUF out = BUF_INIT;

		diags_render(&diags, &out, false);
		fail_msg("%s", buf_text(&out));
	}
}

static void assert_range(const struct addr_range *r, const char *want)
{
	AUTO_BUF text = BUF_INIT;

	addr_range_print(r, &text);
	assert_string_equal(buf_text(&text), want);
}

/* ---- zones ---- */

static void zones_have_devices_and_addresses(void **state)
{
	const struct zone *lan, *wan, *vpn;

	(void)state;
	read_policy("");
	assert_int_equal(p.zones.n, 3);
	lan = policy_zone(&p, "lan");
	wan = policy_zone(&p, "wan");
	vpn = policy_zone(&p, "vpn");
	assert_null(policy_zone(&p, "dmz"));
	assert_int_equal(wan->index, 1);
	assert_int_equal(lan->devices.n, 1);
	assert_string_equal(lan->devices.v[0].name, "br-lan");
	assert_int_equal(lan->addresses.n, 2);
	/* wan6 is off and mob is down: neither gives a device. */
	assert_int_equal(wan->devices.n, 1);
	assert_int_equal(wan->networks.n, 2);
	assert_int_equal(wan->addresses.n, 1);
	assert_int_equal(vpn->devices.n, 2);
	assert_true(vpn->devices.v[0].wildcard);
	assert_string_equal(vpn->devices.v[0].name, "tun_");
	assert_int_equal(vpn->addresses.n, 1); /* of tun_a */
	assert_false(lan->any_device);
}

static void zone_policies_fall_back_to_the_defaults(void **state)
{
	(void)state;
	read_policy("");
	assert_int_equal(policy_zone(&p, "lan")->input.v, ACTION_ACCEPT);
	assert_int_equal(policy_zone(&p, "lan")->forward.v, ACTION_DROP);
	assert_int_equal(policy_zone(&p, "wan")->input.v, ACTION_REJECT);
	assert_int_equal(policy_zone(&p, "wan")->output.v, ACTION_ACCEPT);
}

static void a_zone_of_subnets_has_any_device(void **state)
{
	const struct zone *z;

	(void)state;
	read_policy("config zone\n\toption name 'office'\n"
		"\tlist subnet '10.0.0.0/9'\n\tlist subnet '10.128.0.0/9'\n\tlist subnet 'lan'\n");
	z = policy_zone(&p, "office");
	assert_true(z->any_device);
	assert_int_equal(z->subnets[0].n, 2);
	assert_range(&z->subnets[0].v[0], "10.0.0.0/8");
	assert_range(&z->subnets[0].v[1], "192.168.1.0/24");
	assert_range(&z->subnets[1].v[0], "fd00:1::/64");
}

static void extra_arguments_of_a_zone_serve_both_directions(void **state)
{
	(void)state;
	read_policy("config zone\n\toption name 'a'\n\toption device 'e'\n\toption extra '-m x'\n"
		"config zone\n\toption name 'b'\n\toption device 'f'\n\toption extra_src '-m y'\n");
	assert_string_equal(policy_zone(&p, "a")->extra_src.v, "-m x");
	assert_string_equal(policy_zone(&p, "a")->extra_dest.v, "-m x");
	assert_string_equal(policy_zone(&p, "b")->extra_dest.v, "-m y");
}

static void sections_that_are_off_are_left_out(void **state)
{
	(void)state;
	read_policy("config zone\n\toption name 'off'\n\toption enabled '0'\n\toption device 'e'\n"
		"config rule\n\toption src 'off'\n\toption target 'ACCEPT'\n"
		"config rule\n\toption src 'lan'\n\toption target 'ACCEPT'\n\toption enabled '0'\n"
		"config forwarding\n\toption src 'lan'\n\toption dest 'off'\n"
		"config redirect\n\toption src 'off'\n\toption dest_ip '192.168.1.2'\n"
		"config nat\n\toption src 'off'\n");
	assert_int_equal(p.zones.n, 3);
	assert_int_equal(p.rules.n, 0);
	assert_int_equal(p.forwardings.n, 0);
	assert_int_equal(p.redirects.n, 0);
	assert_int_equal(p.nats.n, 0);
}

/* ---- rules ---- */

static void rules_know_their_zones(void **state)
{
	(void)state;
	read_policy("config rule\n\toption src 'wan'\n\toption dest 'lan'\n\toption target 'ACCEPT'\n"
		"config rule\n\toption src '*'\n\toption target 'DROP'\n");
	assert_ptr_equal(p.rules.v[0]->m.from.zone, policy_zone(&p, "wan"));
	assert_ptr_equal(p.rules.v[0]->m.to.zone, policy_zone(&p, "lan"));
	assert_int_equal(p.rules.v[1]->m.from.kind, ZONE_ANY);
	assert_int_equal(p.rules.v[1]->m.to.kind, ZONE_NONE);
	assert_int_equal(p.rules.v[0]->m.proto.n, 2); /* tcp udp when absent */
	assert_false(p.rules.v[0]->m.proto.given.set);
}

static void network_names_become_prefixes(void **state)
{
	const struct match_fields *m;

	(void)state;
	read_policy("config rule\n\toption src 'wan'\n\toption target 'DROP'\n"
		"\tlist src_ip '!lan'\n\tlist src_ip '10.0.0.1-10.0.0.9'\n");
	m = &p.rules.v[0]->m;
	assert_int_equal(m->src_ip.n, 3);
	assert_true(m->src_ip.v[0].negate && m->src_ip.v[1].negate && !m->src_ip.v[2].negate);
	assert_range(&m->src_ip.v[0].range, "192.168.1.0/24");
	assert_range(&m->src_ip.v[1].range, "fd00:1::/64");
	assert_int_equal(m->src_ip.spans[0].start, m->src_ip.spans[1].start);
}

static void a_rule_for_a_network_without_address_is_left_out(void **state)
{
	(void)state;
	read_policy("config rule\n\toption src 'wan'\n\toption target 'ACCEPT'\n"
		"\toption src_ip 'mob'\n"
		"config rule\n\toption src 'wan'\n\toption target 'ACCEPT'\n"
		"\toption src_ip 'mob 10.0.0.1'\n"
		"config rule\n\toption src 'wan'\n\toption target 'ACCEPT'\n"
		"\toption src_ip '!mob'\n");
	assert_int_equal(p.rules.n, 2);
	assert_int_equal(p.rules.v[0]->m.src_ip.n, 1);
	assert_int_equal(p.rules.v[1]->m.src_ip.n, 0);
}

static void ports_narrow_the_protocols(void **state)
{
	(void)state;
	read_policy("config rule\n\toption src 'wan'\n\toption target 'DROP'\n\toption proto 'all'\n"
		"\toption dest_port '80'\n"
		"config rule\n\toption src 'wan'\n\toption target 'DROP'\n\toption proto '!tcp'\n"
		"\toption dest_port '80'\n");
	assert_int_equal(p.rules.v[0]->m.proto.n, 5);
	assert_int_equal(p.rules.v[1]->m.proto.n, 4);
	assert_int_equal(p.rules.v[1]->m.proto.v[0].number[0], PROTO_UDP);
}

static void times_become_a_calendar(void **state)
{
	const struct calendar *c;

	(void)state;
	read_policy("config rule\n\toption src 'wan'\n\toption target 'DROP'\n"
		"\toption weekdays 'Mon Tue'\n\toption monthdays '1 31'\n"
		"\toption start_time '08:00:00'\n\toption stop_time '00:00:00'\n"
		"\toption start_date '1970-01-02'\n\toption stop_date '1970-01-02'\n"
		"\toption utc_time '1'\n"
		"config rule\n\toption src 'wan'\n\toption target 'DROP'\n");
	c = &p.rules.v[0]->m.calendar;
	assert_true(c->utc && c->has_start_time && !c->has_stop_time);
	assert_int_equal(c->weekdays, 1 << 1 | 1 << 2);
	assert_true(c->monthdays == (UINT32_C(1) << 31 | 1 << 1));
	assert_int_equal(c->start_date, 86400);
	assert_int_equal(c->stop_date, 2 * 86400 - 1); /* the whole last day */
	assert_true(calendar_always(&p.rules.v[1]->m.calendar));
}

static void marks_follow_the_dialect(void **state)
{
	static const char text[] = "config rule '1'\n\toption src '*'\n\toption target 'MARK'\n"
		"\toption set_mark '16'\n";
	static const char openwrt[] = "config settings\n\toption dialect 'openwrt'\n";
	struct uci_file *file, *settings;

	(void)state;
	file = uci_parse(&arena, source_of("firewall", text), &diags);
	settings = uci_parse(&arena, source_of("zonewall", openwrt), &diags);
	assert_true(policy_read(&arena, file, NULL, NULL, &diags, &p));
	assert_int_equal(p.rules.v[0]->set_mark.v.value, 0x16);
	assert_true(policy_read(&arena, file, settings, NULL, &diags, &p));
	assert_int_equal(p.rules.v[0]->set_mark.v.value, 16);
	assert_int_equal(p.settings.log_level.v, 4);
}

static void names_hold_any_bytes(void **state)
{
	(void)state;
	read_policy("config rule\n\toption name 'a\"\\$(x);\x01\xff'\n\toption src 'wan'\n"
		"\toption target 'DROP'\n");
	assert_string_equal(p.rules.v[0]->m.name.v, "a\"\\$(x);\x01\xff");
}

static void names_end_at_2048_bytes(void **state)
{
	struct uci_file *file;
	char name[2050];

	(void)state;
	for (size_t n = 2048; n <= 2049; n++) {
		memset(name, 'x', n);
		name[n] = 0;
		file = uci_parse(&arena, source_of("firewall", arena_printf(&arena,
			"config rule\n\toption name '%s'\n\toption target 'DROP'\n", name)), &diags);
		assert_int_equal(policy_read(&arena, file, NULL, NULL, &diags, &p), n == 2048);
	}
	assert_string_equal(diags.list.v[0]->id, "bad-value");
}

/* ---- attack pages ---- */

#define SSH(more)                                                                                  \
	"config rule\n\toption name 'Enable_SSH_WAN'\n\toption src 'wan'\n\toption proto 'tcp'\n"  \
	"\toption dest_port '22'\n\toption target 'ACCEPT'\n" more

static void limits_of_the_attack_pages_count_each_sender(void **state)
{
	const struct rule *r;

	(void)state;
	read_policy(SSH("\toption ssh_limit '1'\n\toption limit '3/minute'\n")
		SSH("\toption limit '3/minute'\n")
		SSH("\toption ssh_limit '1'\n\toption limit '3/minute'\n"
		    "\toption limit_per_source '0'\n")
		SSH("\toption ssh_limit '0'\n\toption limit '3/minute'\n")
		SSH("")
		"config rule\n\toption name 'Allow-Ping'\n\toption src 'wan'\n\toption proto 'icmp'\n"
		"\toption icmp_limit '1'\n\toption target 'ACCEPT'\n"
		"config rule\n\toption name 'mine'\n\toption src 'wan'\n\toption limit '3/minute'\n"
		"\toption target 'ACCEPT'\n");
	assert_true(p.rules.v[0]->attack_page && p.rules.v[0]->limit_per_source.v);
	assert_true(p.rules.v[1]->attack_page && p.rules.v[1]->limit_per_source.v);
	assert_true(p.rules.v[2]->attack_page && !p.rules.v[2]->limit_per_source.v);
	assert_false(p.rules.v[3]->attack_page || p.rules.v[3]->m.limit.given.set);
	assert_false(p.rules.v[4]->attack_page);
	r = p.rules.v[5]; /* the manual's default: 5/second, burst 10 */
	assert_true(r->attack_page && r->m.limit.given.set);
	assert_int_equal(r->m.limit.v.count, 5);
	assert_int_equal(r->m.limit.v.seconds, 1);
	assert_int_equal(r->m.limit_burst.v, 10);
	assert_false(p.rules.v[6]->attack_page || p.rules.v[6]->limit_per_source.v);
}

static void port_scan_settings_of_7_06_move_to_their_place(void **state)
{
	const struct zone *wan;

	(void)state;
	read_policy("config include 'pscan'\n\toption path '/usr/bin/attack_prevention'\n"
		"\toption port_scan '1'\n\toption hitcount '20'\n\toption seconds '90'\n"
		"\toption syn_fin '1'\n\toption null_flags '1'\n"
		"config include\n\toption path '/etc/firewall.user'\n");
	wan = policy_zone(&p, "wan");
	assert_true(wan->port_scan.v);
	assert_int_equal(wan->hitcount.v, 20);
	assert_int_equal(wan->seconds.v, 90);
	assert_true(p.defaults.syn_fin.v && p.defaults.null_flags.v && !p.defaults.x_max.v);
	assert_false(policy_zone(&p, "lan")->port_scan.v);
	assert_int_equal(p.includes.n, 1);
	assert_string_equal(p.includes.v[0]->path.v, "/etc/firewall.user");
}

/* ---- redirects and nat ---- */

static void forwards_know_the_loopback_zones(void **state)
{
	(void)state;
	read_policy("config redirect\n\toption src 'wan'\n\toption dest 'lan'\n"
		"\toption dest_ip '192.168.1.7/24'\n\toption helper 'ftp'\n"
		"config redirect\n\toption src 'wan'\n\toption dest_ip '192.168.1.7'\n"
		"config redirect\n\toption src 'wan'\n\toption dest 'lan'\n"
		"\toption dest_ip '192.168.1.7'\n\toption reflection '0'\n"
		"config redirect\n\toption src 'wan'\n\toption dest 'lan'\n"
		"\toption dest_ip '192.168.1.7'\n\toption reflection_zone 'lan vpn'\n");
	assert_range(&p.redirects.v[0]->m.dest_ip.v[0].range, "192.168.1.7");
	assert_ptr_equal(p.redirects.v[0]->reflection_zones.v[0], policy_zone(&p, "lan"));
	assert_string_equal(p.redirects.v[0]->assign_helper->name.v, "ftp");
	/* Without a zone, the address tells it. */
	assert_ptr_equal(p.redirects.v[1]->m.to.zone, policy_zone(&p, "lan"));
	assert_int_equal(p.redirects.v[1]->reflection_zones.n, 1);
	assert_int_equal(p.redirects.v[2]->reflection_zones.n, 0);
	assert_int_equal(p.redirects.v[3]->reflection_zones.n, 2);
}

/* What RutOS 7.06 writes for the exceptions of its DMZ page. */
static void an_external_port_may_be_where_a_server_listens(void **state)
{
	(void)state;
	read_policy("config redirect\n\toption name 'dmz_http'\n\toption src 'wan'\n"
		"\toption proto 'tcp'\n\toption src_dport '0.0.0.0:80 [::]:80'\n"
		"config redirect\n\toption src 'wan'\n\toption src_dport '0.0.0.0:443'\n"
		"config redirect\n\toption src 'wan'\n\toption src_dport '! 80-90'\n");
	assert_int_equal(p.redirects.v[0]->src_dport.v.range.lo, 80);
	assert_int_equal(p.redirects.v[0]->m.dest_ip.n, 0);
	assert_int_equal(p.redirects.v[1]->src_dport.v.range.hi, 443);
	assert_true(p.redirects.v[2]->src_dport.v.negate);
}

static void nat_sections_know_both_zones(void **state)
{
	(void)state;
	read_policy("config nat\n\toption src 'wan'\n\toption src_zone 'lan'\n\toption target 'SNAT'\n"
		"\toption snat_ip '198.51.100.2'\n"
		"config nat\n\toption target 'MASQUERADE'\n"
		"config redirect\n\toption target 'SNAT'\n\toption src 'lan'\n\toption dest 'wan'\n"
		"\toption src_dip 'wan'\n");
	assert_ptr_equal(p.nats.v[0]->m.to.zone, policy_zone(&p, "wan"));
	assert_ptr_equal(p.nats.v[0]->m.from.zone, policy_zone(&p, "lan"));
	assert_int_equal(p.nats.v[1]->m.to.kind, ZONE_ANY);
	assert_int_equal(p.nats.v[1]->m.from.kind, ZONE_ANY);
	assert_true(p.nats.v[1]->m.proto.v[0].all);
	assert_range(&p.redirects.v[0]->src_dip.v.range, "198.51.100.2");
}

/* ---- sets and helpers ---- */

static void sets_have_parts_and_entries(void **state)
{
	const struct ipset *set;

	(void)state;
	read_policy("config ipset\n\toption name 'web'\n\tlist match 'src_net'\n"
		"\tlist match 'dest_port'\n\tlist entry '192.0.2.0/24,tcp:80-90'\n"
		"\tlist entry '10.0.0.1 53 timeout 60'\n"
		"config ipset\n\toption name 'bad'\n\toption match 'ip'\n"
		"\toption loadfile '/etc/list'\n\toption netmask '24'\n"
		"config rule\n\toption src 'wan'\n\toption ipset '!web dest,src'\n"
		"\toption target 'DROP'\n"
		"config rule\n\toption src 'wan'\n\toption ipset 'web'\n\toption target 'DROP'\n");
	set = p.ipsets.v[0];
	assert_int_equal(set->n_parts, 2);
	assert_int_equal(set->parts[1], SET_PORT);
	assert_true(!set->part_dest[0] && set->part_dest[1]);
	assert_int_equal(set->entries.n, 2);
	assert_range(&set->entries.v[0].part[0].addr, "192.0.2.0/24");
	assert_int_equal(set->entries.v[0].part[1].port.hi, 90);
	assert_int_equal(set->entries.v[0].part[1].proto, PROTO_TCP);
	assert_int_equal(set->entries.v[1].timeout, 60);
	assert_int_equal(p.ipsets.v[1]->entries.n, 2);
	assert_range(&p.ipsets.v[1]->entries.v[0].part[0].addr, "203.0.113.0/24");
	assert_true(p.ipsets.v[1]->entries.v[1].nomatch);
	assert_string_equal(p.ipsets.v[1]->entries.v[0].span.src->name, "/etc/list");
	assert_ptr_equal(p.rules.v[0]->m.set, set);
	assert_true(p.rules.v[0]->m.set_negate && p.rules.v[0]->m.set_dest[0] &&
		!p.rules.v[0]->m.set_dest[1]);
	assert_true(!p.rules.v[1]->m.set_negate && !p.rules.v[1]->m.set_dest[0] &&
		p.rules.v[1]->m.set_dest[1]);
}

static void the_files_helpers_take_the_place_of_our_own(void **state)
{
	size_t sip = 0, ftp = 0;

	(void)state;
	read_policy("config helper\n\toption name 'sip'\n\toption proto 'udp'\n\toption port '5061'\n"
		"config helper\n\toption name 'ftp'\n\toption proto 'tcp'\n\toption enabled '0'\n"
		"config rule\n\toption src 'lan'\n\toption target 'HELPER'\n"
		"\toption set_helper 'sip'\n");
	vec_each(h, &p.helpers) {
		sip += !strcmp((*h)->name.v, "sip");
		ftp += !strcmp((*h)->name.v, "ftp");
	}
	assert_int_equal(p.helpers.n, 11); /* twelve of our own, less ftp */
	assert_int_equal(sip, 1);
	assert_int_equal(ftp, 0);
	assert_int_equal(p.rules.v[0]->assign_helper->port.v.range.lo, 5061);
	assert_false(p.rules.v[0]->assign_helper->builtin);
}

static void our_own_helpers_are_the_kernels(void **state)
{
	(void)state;
	read_policy("");
	assert_int_equal(p.helpers.n, 12);
	assert_string_equal(p.helpers.v[8]->name.v, "sip");
	assert_int_equal(p.helpers.v[8]->proto.n, 2);
	assert_int_equal(p.helpers.v[1]->port.v.range.lo, 21);
	assert_int_equal(p.helpers.v[4]->family.v, FAMILY_V4);
}

/* ---- the file as a whole ---- */

static void absent_options_mean_what_the_engine_makes_of_them(void **state)
{
	(void)state;
	read_policy("");
	assert_int_equal(p.defaults.synflood_rate.v.count, 25);
	assert_int_equal(p.defaults.synflood_burst.v, 50);
	assert_false(p.defaults.syn_flood.v);
	assert_true(p.defaults.tcp_syncookies.v && p.defaults.auto_helper.v &&
		p.defaults.synflood_per_source.v && p.defaults.custom_chains.v);
	assert_int_equal(p.defaults.any_reject_code.v, REJECT_PORT_UNREACHABLE);
	assert_int_equal(p.defaults.tcp_reject_code.v, REJECT_TCP_RESET);
}

static void an_empty_file_drops_everything(void **state)
{
	struct uci_file *file;

	(void)state;
	file = uci_parse(&arena, source_of("firewall", ""), &diags);
	assert_true(policy_read(&arena, file, NULL, NULL, &diags, &p));
	assert_int_equal(diags.list.n, 0);
	assert_int_equal(p.defaults.input.v, ACTION_DROP);
	assert_int_equal(p.zones.n, 0);
	assert_int_equal(p.helpers.n, 12);
}

static void files_that_sections_name(void **state)
{
	struct uci_file *file;
	const char **paths;
	size_t n;

	(void)state;
	file = uci_parse(&arena, source_of("firewall",
		"config include\n\toption path '/etc/firewall.user'\n"
		"config ipset\n\toption loadfile '/etc/list'\n"
		"config rule\n\toption path '/no'\n"), &diags);
	model_files(&arena, file, &paths, &n);
	assert_int_equal(n, 2);
	assert_string_equal(paths[0], "/etc/firewall.user");
	assert_string_equal(paths[1], "/etc/list");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
		TEST(zones_have_devices_and_addresses),
		TEST(zone_policies_fall_back_to_the_defaults),
		TEST(a_zone_of_subnets_has_any_device),
		TEST(extra_arguments_of_a_zone_serve_both_directions),
		TEST(sections_that_are_off_are_left_out),
		TEST(rules_know_their_zones),
		TEST(network_names_become_prefixes),
		TEST(a_rule_for_a_network_without_address_is_left_out),
		TEST(ports_narrow_the_protocols),
		TEST(times_become_a_calendar),
		TEST(marks_follow_the_dialect),
		TEST(names_hold_any_bytes),
		TEST(names_end_at_2048_bytes),
		TEST(limits_of_the_attack_pages_count_each_sender),
		TEST(port_scan_settings_of_7_06_move_to_their_place),
		TEST(forwards_know_the_loopback_zones),
		TEST(an_external_port_may_be_where_a_server_listens),
		TEST(nat_sections_know_both_zones),
		TEST(sets_have_parts_and_entries),
		TEST(the_files_helpers_take_the_place_of_our_own),
		TEST(our_own_helpers_are_the_kernels),
		TEST(absent_options_mean_what_the_engine_makes_of_them),
		TEST(an_empty_file_drops_everything),
		TEST(files_that_sections_name),
	};

	return RUN_TAP(tests);
}
