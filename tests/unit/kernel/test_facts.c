/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts from a live namespace, sysctls, the lock. */
#include "../cmocka_tap.h"
#include "kernel_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/facts_live.h"
#include "kernel/lock.h"
#include "kernel/nl_priv.h"
#include "kernel/snapshot_priv.h"
#include "kernel/sysctl.h"

static struct arena arena;

static void run_ip(const char *a, const char *b, const char *c, const char *d, const char *e,
	const char *f, const char *g, const char *h)
{
	const char *argv[] = { "ip", a, b, c, d, e, f, g, h, NULL };
	int status;
	pid_t pid = fork();

	if (!pid) {
		execv("/sbin/ip", (char *const *)argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

static bool has_route(const struct facts *f, const char *range, const char *device)
{
	bool found = false;

	vec_each (r, &f->routes) {
		AUTO_BUF b = BUF_INIT;

		addr_range_print(&r->to, &b);
		if (!strcmp(buf_text(&b), range))
			found = !strcmp(r->device, device);
	}
	return found;
}

static void gathers_devices_addresses_routes(void **state)
{
	(void)state;
	struct facts f = { 0 };
	const struct facts_device *d = NULL;

	run_ip("link", "add", "lan0", "type", "veth", "peer", "name", "lan1");
	run_ip("addr", "add", "192.168.1.1/24", "dev", "lan0", NULL, NULL, NULL);
	run_ip("addr", "add", "2001:db8::1/64", "dev", "lan0", "nodad", NULL, NULL);
	run_ip("link", "set", "lan0", "up", NULL, NULL, NULL, NULL);
	run_ip("link", "set", "lan1", "up", NULL, NULL, NULL, NULL);
	run_ip("route", "add", "default", "via", "192.168.1.254", NULL, NULL, NULL);
	run_ip("route", "add", "10.0.0.0/8", "dev", "lan0", "metric", "20", NULL);
	run_ip("route", "add", "10.0.0.0/8", "dev", "lan1", "metric", "10", NULL);
	run_ip("route", "add", "10.9.0.0/16", "dev", "lan0", "table", "7", NULL);
	run_ip("route", "add", "blackhole", "10.8.0.0/16", NULL, NULL, NULL, NULL);
	assert_int_equal(facts_gather(&arena, &f), 0);
	vec_each (x, &f.devices) {
		if (!strcmp(x->name, "lan0"))
			d = x;
	}
	assert_non_null(d);
	assert_true(d->up);
	assert_true(d->addresses.n >= 2);
	assert_int_equal(d->addresses.v[0].bits, 24);
	assert_memory_equal(d->addresses.v[0].addr.b, "\xc0\xa8\x01\x01", 4);
	assert_true(has_route(&f, "192.168.1.0/24", "lan0"));
	assert_true(has_route(&f, "2001:db8::/64", "lan0"));
	assert_true(has_route(&f, "10.0.0.0/8", "lan1"));
	assert_true(has_route(&f, "0.0.0.0/0", "lan0"));
	assert_false(has_route(&f, "10.9.0.0/16", "lan0"));
	assert_false(has_route(&f, "10.8.0.0/16", "lan0"));
	unsigned bits = 128, last = 128;
	vec_each (r, &f.routes) {
		if (addr_range_prefix(&r->to, &bits) && r->to.lo.family == FAMILY_V4) {
			assert_true(bits <= last);
			last = bits;
		}
	}
	assert_true(f.now > 1704067200);
	assert_true(f.clock_trusted);
}

/* What the probe says, nft can do, and the other way round; and it leaves nothing behind. */
static void probe_tells_the_truth_and_leaves_no_trace(void **state)
{
	(void)state;
	struct facts f = { 0 };
	uint32_t before = 0, after = 0;
	AUTO_NL nl;
	int status;

	lab_nft(&arena, NULL, "add table ip mine", "-f", "-", NULL);
	assert_int_equal(nl_open(&nl, 12 /* NETLINK_NETFILTER */), 0);
	assert_int_equal(nl_genid(&nl, &before), 0);
	assert_int_equal(facts_gather(&arena, &f), 0);
	assert_int_equal(nl_genid(&nl, &after), 0);
	assert_int_equal(before, after);
	assert_string_equal(lab_list(&arena), "table ip mine {\n}\n");
	assert_true(f.features.known);
	printf("# flowtable %d synproxy %d nat %d timeout %d helper %d fib %d owner %d tproxy %d\n",
		f.features.flowtable, f.features.synproxy, f.features.inet_nat,
		f.features.set_timeout, f.features.ct_helper, f.features.fib, f.features.owner,
		f.features.tproxy);
	vec_each (h, &f.helpers)
		printf("# helper %s\n", *h);
	static const struct {
		const char *text;
		size_t at;
	} checks[] = {
		{ "flowtable inet t f { hook ingress priority 0; devices = { lo }; }",
			offsetof(struct facts_features, flowtable) },
		{ "synproxy inet t s { mss 1460; wscale 7; }",
			offsetof(struct facts_features, synproxy) },
		{ "chain inet t n { type nat hook prerouting priority 0; }",
			offsetof(struct facts_features, inet_nat) },
		{ "set inet t s { type ipv4_addr; flags timeout; }",
			offsetof(struct facts_features, set_timeout) },
		{ "rule inet t c fib saddr type local", offsetof(struct facts_features, fib) },
		{ "rule inet t c meta skuid 0", offsetof(struct facts_features, owner) },
		{ "rule ip t4 c udp dport 5 tproxy to :5",
			offsetof(struct facts_features, tproxy) },
		{ "ct helper inet t h { type \"ftp\" protocol tcp; }",
			offsetof(struct facts_features, ct_helper) },
	};
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		const char *text = arena_printf(&arena,
			"table inet t {\nchain c {\ntype filter hook "
			"output priority 0;\n}\n}\ntable ip t4 {\nchain c {\ntype filter hook "
			"prerouting priority 0;\n}\n}\nadd %s\n",
			checks[i].text);

		lab_nft(&arena, &status, text, "-c", "-f", "-", NULL);
		if (*((const bool *)&f.features + checks[i].at) != !status)
			printf("# nft thinks otherwise of %s\n", checks[i].text);
		assert_int_equal(*((const bool *)&f.features + checks[i].at), !status);
	}
	lab_nft(&arena, NULL, "flush ruleset", "-f", "-", NULL);
}

static void sysctls_are_applied_and_restored(void **state)
{
	(void)state;
	const char *value = NULL;
	struct sysctl_values before = { 0 };
	struct diags diags;
	struct ir_sysctl settings[] = {
		{ .path = "net/ipv4/ip_forward", .value = "1" },
		{ .path = "net/ipv4/icmp_echo_ignore_broadcasts", .value = "0" },
		{ .path = "net/ipv4/no_such_thing", .value = "1" },
		{ .path = "net/../../etc/passwd", .value = "1" },
	};

	diags_init(&diags, &arena);
	assert_int_equal(sysctl_write("kernel/core_pattern", "core"), -EINVAL);
	assert_int_equal(sysctl_read(&arena, "kernel/hostname", &value), -EINVAL);
	assert_int_equal(sysctl_write("net/ipv4/ip_forward", "0"), 0);
	assert_int_equal(sysctl_write("net/ipv4/icmp_echo_ignore_broadcasts", "1"), 0);
	assert_int_equal(sysctl_apply(&arena, settings, 4, &diags, &before), 2);
	assert_int_equal(diags.warnings, 2);
	assert_int_equal(diags.errors, 0);
	assert_int_equal(before.list.n, 2);
	assert_int_equal(sysctl_read(&arena, "net/ipv4/ip_forward", &value), 0);
	assert_string_equal(value, "1");
	struct sysctl_values again = { 0 };
	assert_int_equal(sysctl_apply(&arena, settings, 2, &diags, &again), 0);
	assert_int_equal(again.list.n, 0);
	assert_int_equal(sysctl_restore(&before), 0);
	assert_int_equal(sysctl_read(&arena, "net/ipv4/ip_forward", &value), 0);
	assert_string_equal(value, "0");
	assert_int_equal(sysctl_read(&arena, "/etc/passwd", &value), -EINVAL);
	assert_int_equal(sysctl_read(&arena, "net//ipv4", &value), -EINVAL);
	assert_int_equal(sysctl_read(&arena, "./net/ipv4/ip_forward", &value), -EINVAL);
	assert_true(sysctl_write("net/ipv4/ip_forward", "rubbish") < 0);
}

static pid_t waited_for;

static void on_waiting(pid_t holder, void *context)
{
	waited_for = holder;
	*(int *)context += 1;
}

static void lock_waits_and_survives_a_crash(void **state)
{
	(void)state;
	char dir[] = "/tmp/zonewall-lock-XXXXXX";
	int calls = 0, ready[2];
	char byte;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	if (!pid) {
		int fd = lock_take(dir, 0, NULL, NULL);

		if (fd < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(lock_take(dir, 0, on_waiting, &calls), -EAGAIN);
	assert_int_equal(calls, 0);
	assert_int_equal(lock_take(dir, 1, on_waiting, &calls), -ETIMEDOUT);
	assert_int_equal(calls, 1);
	assert_int_equal(waited_for, pid);
	kill(pid, SIGKILL); /* crashes while it holds the lock */
	int fd = lock_take(dir, 5, on_waiting, &calls);
	assert_true(fd >= 0);
	waitpid(pid, NULL, 0);
	lock_drop(fd);
	fd = lock_take(dir, 0, NULL, NULL);
	assert_true(fd >= 0);
	lock_drop(fd);
	char *path = arena_printf(&arena, "%s/lock", dir);
	unlink(path);
	assert_int_equal(symlink("/tmp/elsewhere", path), 0);
	assert_int_equal(lock_take(dir, 0, NULL, NULL), -ELOOP);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gathers_devices_addresses_routes),
		cmocka_unit_test(probe_tells_the_truth_and_leaves_no_trace),
		cmocka_unit_test(sysctls_are_applied_and_restored),
		cmocka_unit_test(lock_waits_and_survives_a_crash),
	};

	lab_enter();
	arena_init(&arena);
	int failed = RUN_TAP(tests);
	arena_release(&arena);
	return failed;
}
