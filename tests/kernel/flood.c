/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood: does a reload let anything through that neither ruleset allows?
 *
 * A sender and a receiver sit in network namespaces of their own, joined by this process, which is
 * the router. The sender floods a forbidden UDP port as fast as it can and sends a paced flow to a
 * permitted one, while the router reloads its ruleset again and again. Forbidden packets that
 * arrive are leaks. Lost packets of the permitted flow are reported, not judged.
 *
 *	flood [--mode load|recreate] [--shape deny|allow] [--reloads N] [--rules N]
 *	      [--ir FILE]... [--forbidden PORT] [--permitted PORT] [--in DEVICE] [--out DEVICE]
 *
 * --mode recreate removes the table before each load: the negative control, which must leak more
 * than a thousand packets, or the flood is too weak to prove anything. With --ir the rulesets are
 * IR dumps, loaded in turn; otherwise two small ones are made that differ in all but the verdict
 * on the two ports. Exit: 0 as expected, 1 not, 77 not possible here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernel/nft_load.h"
#include "kernel/nft_state.h"
#include "kernel/sysctl.h"

#define BATCH 64
#define PAYLOAD 18
#define LEAK_CONTROL 1000 /* that many at least must leak in the negative control */
#define SENDER_ADDR "10.77.1.2"
#define RECEIVER_ADDR "10.77.2.2"

struct shared {
	atomic_int ready, go, stop;
	atomic_ulong sent, permitted_sent;
	atomic_ulong leaked, permitted_received;
};

struct options {
	bool recreate, allow;
	unsigned reloads, rules;
	uint16_t forbidden, permitted;
	const char *in, *out;
	const char *ir[8];
	unsigned n_ir;
};

static struct shared *shared;

static void pause_us(long us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void skip(const char *why)
{
	printf("skipped: %s: %s\n", why, strerror(errno));
	exit(77);
}

/* ---- the two ends ---- */

static int udp_socket(const char *addr, uint16_t port, bool bound)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int size = 16 << 20;

	inet_pton(AF_INET, addr, &to.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (fd < 0 || (bound ? bind(fd, (struct sockaddr *)&to, sizeof(to))
			     : connect(fd, (struct sockaddr *)&to, sizeof(to)))) {
		perror("socket");
		_exit(1);
	}
	return fd;
}

static void prepare(struct mmsghdr *m, struct iovec *iov, char *bytes)
{
	memset(m, 0, BATCH * sizeof(*m));
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ bytes, PAYLOAD };
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
}

/* A refused packet may come back as an error of the next send; that is nothing to us. */
static void run_sender(uint16_t port)
{
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	char bytes[PAYLOAD] = { 0 };
	int fd = udp_socket(RECEIVER_ADDR, port, false);

	prepare(m, iov, bytes);
	while (!shared->stop) {
		int n = sendmmsg(fd, m, BATCH, 0);

		if (n > 0)
			shared->sent += (unsigned long)n;
	}
	_exit(0);
}

static void run_paced(uint16_t port)
{
	int fd = udp_socket(RECEIVER_ADDR, port, false);
	char bytes[PAYLOAD] = { 0 };

	while (!shared->stop) {
		if (send(fd, bytes, sizeof(bytes), 0) > 0)
			shared->permitted_sent++;
		pause_us(100);
	}
	_exit(0);
}

/* Reads until a quiet moment after the end, so that what is under way still counts. */
static void run_receiver(uint16_t port, atomic_ulong *count)
{
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	char bytes[PAYLOAD];
	int fd = udp_socket("0.0.0.0", port, true);

	prepare(m, iov, bytes);
	shared->ready++;
	for (;;) {
		int n = recvmmsg(fd, m, BATCH, MSG_DONTWAIT, NULL);

		if (n > 0) {
			*count += (unsigned long)n;
			continue;
		}
		if (shared->stop > 1)
			_exit(0);
		pause_us(500);
	}
}

/* Forks the processes of one end into a namespace of their own; returns the first. */
static pid_t start_sender(const struct options *o)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (unshare(CLONE_NEWNET))
		_exit(77);
	shared->ready++;
	while (!shared->go)
		pause_us(1000);
	if (!fork())
		run_paced(o->permitted);
	run_sender(o->forbidden);
	return 0;
}

static pid_t start_receiver(const struct options *o)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (unshare(CLONE_NEWNET))
		_exit(77);
	if (!fork())
		run_receiver(o->permitted, &shared->permitted_received);
	run_receiver(o->forbidden, &shared->leaked);
	return 0;
}

static void wait_ready(int n)
{
	for (int i = 0; shared->ready < n; i++) {
		if (i > 3000)
			skip("the namespaces do not come up");
		pause_us(1000);
	}
}

/* ---- the wires ---- */

static void run(const char *line)
{
	const char *argv[24] = { NULL };
	char text[256];
	size_t n = 0;
	int status = 1;

	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok(text, " "); word && n < 23; word = strtok(NULL, " "))
		argv[n++] = word;
	pid_t pid = fork();
	if (!pid) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	if (status) {
		printf("skipped: failed: %s\n", line);
		exit(77);
	}
}

static void runf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void runf(const char *fmt, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	run(line);
}

static void wire(const char *device, pid_t peer, int net, const char *mac)
{
	int p = (int)peer;

	runf("ip link add %s type veth peer name eth0 netns %d", device, p);
	runf("ip addr add 10.77.%d.1/24 dev %s", net, device);
	runf("ip link set %s up", device);
	runf("nsenter --net=/proc/%d/ns/net ip addr add 10.77.%d.2/24 dev eth0", p, net);
	runf("nsenter --net=/proc/%d/ns/net ip link set eth0 address %s up", p, mac);
	runf("nsenter --net=/proc/%d/ns/net ip route add default via 10.77.%d.1", p, net);
	runf("ip neigh replace 10.77.%d.2 lladdr %s dev %s nud permanent", net, mac, device);
}

/* ---- the rulesets ---- */

static uint8_t *big_endian(struct arena *a, uint32_t v, unsigned n)
{
	uint8_t *b = arena_alloc(a, n);

	for (unsigned i = 0; i < n; i++)
		b[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
	return b;
}

static void add_match(struct arena *a, struct nft_rule *r, enum nft_field field, uint32_t v,
	const struct nft_set *set)
{
	struct nft_expr x = { .kind = NFT_E_MATCH,
		.match = { .field = { field },
			.n_field = 1,
			.compare = set ? NFT_CMP_SET : NFT_CMP_VALUE,
			.set = set } };

	if (!set)
		x.match.value = big_endian(a, v, nft_field_info[field].bytes);
	vec_push(a, &r->exprs, x);
}

static struct nft_rule *add_rule(struct arena *a, struct nft_chain *c)
{
	struct nft_rule r = { 0 };

	vec_push(a, &c->rules, r);
	return &c->rules.v[c->rules.n - 1];
}

static void add_verdict(struct arena *a, struct nft_rule *r, enum nft_verdict_kind kind)
{
	struct nft_expr x = { .kind = NFT_E_VERDICT, .verdict = { .kind = kind } };

	vec_push(a, &r->exprs, x);
}

static void add_port(struct arena *a, struct nft_set *s, uint16_t port)
{
	struct nft_element x = { .key = big_endian(a, port, 2) };

	vec_push(a, &s->elements, x);
}

/*
 * Ports in a static set, which each reload replaces: deny drops the forbidden one of them and
 * accepts the rest, so a moment with an empty set or without rules shows; allow is the reverse.
 */
static struct nft_program *sample(struct arena *a, const struct options *o, unsigned variant)
{
	struct nft_program *p = ARENA_NEW(a, struct nft_program);
	struct nft_chain *c = ARENA_NEW(a, struct nft_chain);
	struct nft_set *s = ARENA_NEW(a, struct nft_set);
	struct nft_rule *r;

	*c = (struct nft_chain){
		.name = "forward", .type = NFT_CHAIN_FILTER, .hook = IR_FORWARD, .drop = o->allow
	};
	*s = (struct nft_set){ .name = "ports",
		.id = ++p->n_set_ids,
		.key = { NFT_T_PORT },
		.n_key = 1,
		.key_bytes = 2 };
	vec_push(a, &p->chains, c);
	vec_push(a, &p->sets, s);
	add_port(a, s, o->allow ? o->permitted : o->forbidden);
	for (unsigned i = 0; i < 50; i++)
		add_port(a, s, (uint16_t)(20000 + variant * 1000 + i));
	for (unsigned i = 0; i < o->rules + variant; i++) {
		r = add_rule(a, c);
		add_match(a, r, NFT_F_L4PROTO, IPPROTO_UDP, NULL);
		add_match(a, r, NFT_F_UDP_DPORT, 30000 + i, NULL);
		add_verdict(a, r, NFT_V_DROP);
	}
	r = add_rule(a, c);
	add_match(a, r, NFT_F_L4PROTO, IPPROTO_UDP, NULL);
	add_match(a, r, NFT_F_UDP_DPORT, 0, s);
	add_verdict(a, r, o->allow ? NFT_V_ACCEPT : NFT_V_DROP);
	add_verdict(a, add_rule(a, c), o->allow ? NFT_V_DROP : NFT_V_ACCEPT);
	return p;
}

static void complain(const struct diags *diags)
{
	AUTO_BUF text = BUF_INIT;

	diags_render(diags, &text, false);
	fputs(buf_text(&text), stdout);
}

static struct nft_program *read_ir(struct arena *a, const char *path)
{
	struct source *src = ARENA_NEW(a, struct source);
	AUTO_BUF text = BUF_INIT;
	struct diags diags;
	char piece[4096];
	size_t n;
	FILE *f = fopen(path, "r");

	if (!f) {
		perror(path);
		exit(1);
	}
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&text, piece, n);
	fclose(f);
	src->name = path;
	src->text = (struct slice){ arena_strndup(a, buf_text(&text), text.n), text.n };
	diags_init(&diags, a);
	struct ir *ir = ir_parse(a, src, &diags);
	if (!ir) {
		complain(&diags);
		exit(1);
	}
	return nft_program_of(a, ir);
}

/* ---- the measurement ---- */

static void load(const struct nft_program *p, bool recreate)
{
	struct arena a;
	struct diags diags;

	arena_init(&a);
	diags_init(&diags, &a);
	if ((recreate && nft_flush()) || nft_load(p, &diags, NULL)) {
		complain(&diags);
		shared->stop = 2;
		exit(1);
	}
	arena_release(&a);
}

static void read_options(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {
		{ "mode", required_argument, NULL, 'm' },
		{ "shape", required_argument, NULL, 's' },
		{ "reloads", required_argument, NULL, 'n' },
		{ "rules", required_argument, NULL, 'r' },
		{ "ir", required_argument, NULL, 'i' },
		{ "forbidden", required_argument, NULL, 'f' },
		{ "permitted", required_argument, NULL, 'p' },
		{ "in", required_argument, NULL, 'I' },
		{ "out", required_argument, NULL, 'O' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (c == 'm')
			o->recreate = !strcmp(optarg, "recreate");
		else if (c == 's')
			o->allow = !strcmp(optarg, "allow");
		else if (c == 'n')
			o->reloads = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'r')
			o->rules = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'f')
			o->forbidden = (uint16_t)strtoul(optarg, NULL, 10);
		else if (c == 'p')
			o->permitted = (uint16_t)strtoul(optarg, NULL, 10);
		else if (c == 'I')
			o->in = optarg;
		else if (c == 'O')
			o->out = optarg;
		else if (c == 'i' && o->n_ir < 8)
			o->ir[o->n_ir++] = optarg;
		else
			exit(2);
	}
}

static int result(const struct options *o, double seconds, double load_seconds)
{
	unsigned long sent = shared->sent, leaked = shared->leaked;
	unsigned long permitted = shared->permitted_sent, got = shared->permitted_received;

	printf("mode %s, shape %s: %u reloads in %.2f s (%.2f ms each)\n",
		o->recreate ? "recreate" : "load",
		o->n_ir	   ? "ir"
		: o->allow ? "allow"
			   : "deny",
		o->reloads, seconds, load_seconds * 1000 / o->reloads);
	printf("forbidden: %lu sent, %.0f packets/s, %lu leaked\n", sent, (double)sent / seconds,
		leaked);
	printf("permitted: %lu sent, %lu lost\n", permitted, permitted > got ? permitted - got : 0);
	return o->recreate ? leaked <= LEAK_CONTROL : leaked != 0 || !got;
}

int main(int argc, char **argv)
{
	struct options o = { .reloads = 1000,
		.rules = 20,
		.forbidden = 9999,
		.permitted = 8888,
		.in = "in0",
		.out = "out0" };
	const struct nft_program *programs[8];
	unsigned n = 0;
	double loading = 0;
	struct arena arena;

	read_options(argc, argv, &o);
	shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || unshare(CLONE_NEWNET))
		skip("no network namespace");
	arena_init(&arena);
	for (; n < o.n_ir; n++)
		programs[n] = read_ir(&arena, o.ir[n]);
	for (; n < 2; n++)
		programs[n] = o.n_ir ? programs[0] : sample(&arena, &o, n);
	pid_t sender = start_sender(&o), receiver = start_receiver(&o);
	wait_ready(3);
	wire(o.in, sender, 1, "02:00:00:00:01:02");
	wire(o.out, receiver, 2, "02:00:00:00:02:02");
	if (sysctl_write("net/ipv4/ip_forward", "1"))
		skip("no forwarding");
	load(programs[0], false);
	shared->go = 1;
	pause_us(100000);
	unsigned long warm = shared->sent;
	double start = now();
	for (unsigned i = 1; i <= o.reloads; i++) {
		double before = now();

		load(programs[i % n], o.recreate);
		loading += now() - before;
		pause_us(1000);
	}
	double seconds = now() - start;
	shared->stop = 1;
	shared->sent -= warm;
	pause_us(200000);
	shared->stop = 2;
	waitpid(sender, NULL, 0);
	waitpid(receiver, NULL, 0);
	arena_release(&arena);
	return result(&o, seconds, loading);
}
