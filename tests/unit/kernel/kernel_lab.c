/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helpers of the kernel's tests; see kernel_lab.h. */
#include "kernel_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"

void lab_enter(void)
{
	struct ifreq lo = { .ifr_name = "lo" };

	if (unshare(CLONE_NEWNET)) {
		printf("1..0 # SKIP no network namespace: %s\n", strerror(errno));
		exit(0);
	}
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	lo.ifr_flags = IFF_UP;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo)) {
		printf("1..0 # SKIP cannot bring lo up: %s\n", strerror(errno));
		exit(0);
	}
	close(fd);
}

static int memory_file(const char *text)
{
	int fd = memfd_create("lab", MFD_CLOEXEC);

	if (fd < 0)
		BUG("memfd: %s", strerror(errno));
	if (text && write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		BUG("write: %s", strerror(errno));
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static const char *file_text(struct arena *a, int fd)
{
	off_t n = lseek(fd, 0, SEEK_END);
	char *text = arena_alloc(a, (size_t)n + 1);

	if (pread(fd, text, (size_t)n, 0) != n)
		BUG("read: %s", strerror(errno));
	return text;
}

const char *lab_nft(struct arena *a, int *ret_status, const char *text, ...)
{
	const char *argv[16] = { "nft" };
	char *const environment[] = { (char *)"TZ=UTC", (char *)"PATH=/usr/sbin:/sbin", NULL };
	int in = memory_file(text), out = memory_file(NULL), status = -1;
	size_t n = 1;
	va_list ap;

	va_start(ap, text);
	while (n < 15 && (argv[n] = va_arg(ap, const char *)))
		n++;
	va_end(ap);
	pid_t pid = fork();
	if (!pid) {
		dup2(in, 0);
		dup2(out, 1);
		dup2(out, 2);
		execve("/usr/sbin/nft", (char *const *)argv, environment);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	const char *result = file_text(a, out);
	close(in);
	close(out);
	if (ret_status)
		*ret_status = status;
	else if (status)
		printf("# nft: %s\n", result);
	return result;
}

const char *lab_list(struct arena *a)
{
	return lab_nft(a, NULL, NULL, "list", "ruleset", NULL);
}

bool lab_same(const char *a, const char *b)
{
	size_t line = 1;

	if (!strcmp(a, b))
		return true;
	for (; *a && *a == *b; a++, b++)
		line += *a == '\n';
	printf("# differ in line %zu:\n#   ...%.60s\n#   ...%.60s\n", line, a, b);
	return false;
}

struct nft_program *lab_program(struct arena *a)
{
	return ARENA_NEW(a, struct nft_program);
}

struct nft_chain *lab_chain(struct arena *a, struct nft_program *p, const char *name)
{
	struct nft_chain *c = ARENA_NEW(a, struct nft_chain);

	c->name = name;
	vec_push(a, &p->chains, c);
	return c;
}

struct nft_chain *lab_base(struct arena *a, struct nft_program *p, const char *name,
	enum ir_hook hook, int priority, bool drop)
{
	struct nft_chain *c = lab_chain(a, p, name);

	c->type = NFT_CHAIN_FILTER;
	c->hook = hook;
	c->priority = priority;
	c->drop = drop;
	return c;
}

struct nft_rule *lab_rule(struct arena *a, struct nft_chain *c, const struct ir_origin *origin)
{
	struct nft_rule r = { 0 };

	if (origin) {
		r.origins = arena_copy(a, &origin, 1, sizeof(origin));
		r.n_origins = 1;
	}
	vec_push(a, &c->rules, r);
	return &c->rules.v[c->rules.n - 1];
}

void lab_counter(struct arena *a, struct nft_program *p, const char *name)
{
	struct nft_counter c = { .name = name };

	vec_push(a, &p->counters, c);
}

void lab_limit(struct arena *a, struct nft_program *p, const char *name, uint32_t count)
{
	struct nft_limit l = { .name = name, .rate = { .count = count, .seconds = 1, .burst = 5 } };

	vec_push(a, &p->limits, l);
}

static uint8_t *big_endian(struct arena *a, uint32_t v, unsigned n)
{
	uint8_t *b = arena_alloc(a, n);

	for (unsigned i = 0; i < n; i++)
		b[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
	return b;
}

void lab_match_port(struct arena *a, struct nft_rule *r, uint16_t port)
{
	struct nft_expr udp = { .kind = NFT_E_MATCH,
		.match = { .field = { NFT_F_L4PROTO },
			.n_field = 1,
			.implied = true,
			.compare = NFT_CMP_VALUE,
			.value = big_endian(a, 17, 1) } };
	struct nft_expr dport = { .kind = NFT_E_MATCH,
		.match = { .field = { NFT_F_UDP_DPORT },
			.n_field = 1,
			.compare = NFT_CMP_VALUE,
			.value = big_endian(a, port, 2) } };

	vec_push(a, &r->exprs, udp);
	vec_push(a, &r->exprs, dport);
}

void lab_match_set(
	struct arena *a, struct nft_rule *r, enum nft_field field, const struct nft_set *set)
{
	struct nft_expr v4 = { .kind = NFT_E_MATCH,
		.match = { .field = { NFT_F_NFPROTO },
			.n_field = 1,
			.implied = true,
			.compare = NFT_CMP_VALUE,
			.value = big_endian(a, 2, 1) } };
	struct nft_expr x = { .kind = NFT_E_MATCH,
		.match = { .field = { field }, .n_field = 1, .compare = NFT_CMP_SET, .set = set } };

	vec_push(a, &r->exprs, v4);
	vec_push(a, &r->exprs, x);
}

void lab_object(struct arena *a, struct nft_rule *r, enum nft_expr_kind kind, const char *name)
{
	struct nft_expr x = { .kind = kind, .object = name };

	vec_push(a, &r->exprs, x);
}

void lab_verdict(
	struct arena *a, struct nft_rule *r, enum nft_verdict_kind kind, const struct nft_chain *to)
{
	struct nft_expr x = { .kind = NFT_E_VERDICT, .verdict = { kind, to } };

	vec_push(a, &r->exprs, x);
}

struct nft_set *lab_set(
	struct arena *a, struct nft_program *p, const char *name, enum nft_type type)
{
	struct nft_set *s = ARENA_NEW(a, struct nft_set);

	s->name = name;
	s->id = ++p->n_set_ids;
	s->key[0] = type;
	s->n_key = 1;
	s->key_bytes = nft_type_info[type].bytes;
	s->constant = !name;
	if (name)
		vec_push(a, &p->sets, s);
	return s;
}

void lab_add(struct arena *a, struct nft_set *s, uint32_t key)
{
	struct nft_element x = { .key = big_endian(a, key, s->key_bytes) };

	vec_push(a, &s->elements, x);
}

void lab_add_range(struct arena *a, struct nft_set *s, uint32_t lo, uint32_t hi)
{
	struct nft_element x = { .key = big_endian(a, lo, s->key_bytes),
		.key_end = big_endian(a, hi, s->key_bytes) };

	vec_push(a, &s->elements, x);
}

struct ir_origin *lab_origin(struct arena *a, const char *name, unsigned line)
{
	struct ir_origin *o = ARENA_NEW(a, struct ir_origin);

	*o = (struct ir_origin){
		.type = "rule", .id = name, .name = name, .file = "firewall", .line = line
	};
	return o;
}
