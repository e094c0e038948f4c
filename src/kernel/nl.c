/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Netlink messages and their socket.
 *
 * libmnl gives the socket and the layout; the building of messages is here, because a batch has
 * no bound that is known beforehand and ten thousand rules should cost a few copies each. The
 * kernel works a batch off inside sendmsg(), so all answers are there when it returns.
 */
#include "kernel/nl_priv.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/bug.h"

static void *nlbuf_more(struct nlbuf *b, size_t n)
{
	if (b->n + n > b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 4096;

		while (cap < b->n + n)
			cap *= 2;
		b->p = realloc(b->p, cap);
		if (!b->p)
			BUG("out of memory");
		b->cap = cap;
	}
	void *at = b->p + b->n;
	b->n += n;
	return at;
}

void nlbuf_release(struct nlbuf *b)
{
	free(b->p);
	*b = (struct nlbuf){ 0 };
}

size_t nlbuf_append(struct nlbuf *b, const void *p, size_t n)
{
	size_t at = b->n, padded = MNL_ALIGN(n);
	uint8_t *to = nlbuf_more(b, padded);

	memcpy(to, p, n);
	memset(to + n, 0, padded - n);
	return at;
}

void nl_message_end(struct nlbuf *b)
{
	uint32_t n = (uint32_t)(b->n - b->message);

	if (n)
		memcpy(b->p + b->message, &n, sizeof(n));
}

void *nl_message_raw(struct nlbuf *b, uint16_t type, uint16_t flags, uint32_t seq, size_t size)
{
	if (b->n)
		nl_message_end(b);
	b->message = b->n;
	struct nlmsghdr *m = nlbuf_more(b, MNL_ALIGN(sizeof(*m)) + MNL_ALIGN(size));
	memset(m, 0, MNL_ALIGN(sizeof(*m)) + MNL_ALIGN(size));
	m->nlmsg_type = type;
	m->nlmsg_flags = NLM_F_REQUEST | flags;
	m->nlmsg_seq = seq;
	return mnl_nlmsg_get_payload(m);
}

void nl_message(struct nlbuf *b, uint16_t type, uint16_t flags, uint32_t seq, uint8_t family,
	uint16_t resource)
{
	struct nfgenmsg *g = nl_message_raw(b, type, flags, seq, sizeof(*g));

	g->nfgen_family = family;
	g->version = NFNETLINK_V0;
	g->res_id = htons(resource);
}

void nl_put(struct nlbuf *b, uint16_t type, const void *value, size_t n)
{
	struct nlattr a = { .nla_len = (uint16_t)(sizeof(a) + n), .nla_type = type };

	if (n > UINT16_MAX - sizeof(a))
		BUG("attribute of %zu bytes", n);
	size_t padded = MNL_ALIGN(n);
	uint8_t *at = nlbuf_more(b, sizeof(a) + padded);
	memcpy(at, &a, sizeof(a));
	if (n)
		memcpy(at + sizeof(a), value, n);
	memset(at + sizeof(a) + n, 0, padded - n);
}

void nl_put_str(struct nlbuf *b, uint16_t type, const char *s)
{
	nl_put(b, type, s, strlen(s) + 1);
}

void nl_put_u8(struct nlbuf *b, uint16_t type, uint8_t v)
{
	nl_put(b, type, &v, sizeof(v));
}

void nl_put_be16(struct nlbuf *b, uint16_t type, uint16_t v)
{
	v = htons(v);
	nl_put(b, type, &v, sizeof(v));
}

void nl_put_be32(struct nlbuf *b, uint16_t type, uint32_t v)
{
	v = htonl(v);
	nl_put(b, type, &v, sizeof(v));
}

void nl_put_be64(struct nlbuf *b, uint16_t type, uint64_t v)
{
	v = htobe64(v);
	nl_put(b, type, &v, sizeof(v));
}

size_t nl_nest(struct nlbuf *b, uint16_t type)
{
	size_t at = b->n;

	nl_put(b, type | NLA_F_NESTED, NULL, 0);
	return at;
}

size_t nl_nest_size(const struct nlbuf *b, size_t at)
{
	return b->n - at;
}

void nl_nest_end(struct nlbuf *b, size_t at)
{
	size_t n = b->n - at;

	if (n > UINT16_MAX)
		BUG("nest of %zu bytes", n);
	uint16_t len = (uint16_t)n;
	memcpy(b->p + at, &len, sizeof(len));
}

uint32_t nl_get_be32(const struct nlattr *a)
{
	uint32_t v = 0;

	if (a && mnl_attr_get_payload_len(a) >= sizeof(v))
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return ntohl(v);
}

uint64_t nl_get_be64(const struct nlattr *a)
{
	uint64_t v = 0;

	if (a && mnl_attr_get_payload_len(a) >= sizeof(v))
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return be64toh(v);
}

const char *nl_get_str(const struct nlattr *a)
{
	if (!a)
		return "";
	size_t n = mnl_attr_get_payload_len(a);
	const char *s = mnl_attr_get_payload(a);
	return n && s[n - 1] == '\0' ? s : "";
}

void nl_attrs(const void *p, size_t n, const struct nlattr **table, unsigned max)
{
	const struct nlattr *a = p;

	memset(table, 0, sizeof(*table) * (max + 1));
	while (n > 0 && mnl_attr_ok(a, (int)n)) {
		size_t step = MNL_ALIGN(a->nla_len);
		unsigned type = mnl_attr_get_type(a);

		if (type <= max)
			table[type] = a;
		if (step >= n)
			break;
		n -= step;
		a = (const void *)((const uint8_t *)a + step);
	}
}

void nl_attrs_nested(const struct nlattr *nest, const struct nlattr **table, unsigned max)
{
	if (nest)
		nl_attrs(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), table, max);
	else
		memset(table, 0, sizeof(*table) * (max + 1));
}

void nl_attrs_message(
	const struct nlmsghdr *m, size_t header, const struct nlattr **table, unsigned max)
{
	size_t skip = MNL_NLMSG_HDRLEN + MNL_ALIGN(header);
	size_t n = m->nlmsg_len;

	nl_attrs((const uint8_t *)m + skip, n > skip ? n - skip : 0, table, max);
}

int nl_open(struct nl *nl, int family)
{
	int yes = 1;

	*nl = (struct nl){ .seq = 1 };
	nl->socket = mnl_socket_open2(family, SOCK_CLOEXEC);
	if (!nl->socket)
		return -errno;
	nl->in = malloc(NL_IN_SIZE);
	if (!nl->in)
		BUG("out of memory");
	if (mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	/* Errors need not repeat the message they are about; its number is enough for us. */
	mnl_socket_setsockopt(nl->socket, NETLINK_CAP_ACK, &yes, sizeof(yes));
	return 0;
}

void nl_close(struct nl *nl)
{
	if (nl->socket)
		mnl_socket_close(nl->socket);
	free(nl->in);
	*nl = (struct nl){ 0 };
}

/* One part of an answer. Returns true at its end; *error then has the outcome. */
static bool talk_message(const struct nlmsghdr *m, bool *interrupted, int *error,
	int (*each)(const struct nlmsghdr *m, void *context), void *context)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(m);

	if (m->nlmsg_flags & NLM_F_DUMP_INTR)
		*interrupted = true;
	if (m->nlmsg_type == NLMSG_DONE)
		return true;
	if (m->nlmsg_type == NLMSG_ERROR) {
		if (m->nlmsg_len >= mnl_nlmsg_size(sizeof(*e)) && e->error)
			*error = e->error;
		return true;
	}
	/* The first refusal counts; the rest of the dump is read and thrown away. */
	if (m->nlmsg_type >= NLMSG_MIN_TYPE && !*error && each)
		*error = each(m, context);
	/* A get of one thing that asks for no acknowledgement has just this answer. */
	return !(m->nlmsg_flags & NLM_F_MULTI);
}

int nl_talk(struct nl *nl, struct nlbuf *request,
	int (*each)(const struct nlmsghdr *m, void *context), void *context)
{
	struct nlmsghdr *head = (void *)request->p;
	bool interrupted = false;
	int error = 0;

	nl_message_end(request);
	head->nlmsg_seq = ++nl->seq;
	if (mnl_socket_sendto(nl->socket, request->p, request->n) < 0)
		return -errno;
	for (;;) {
		ssize_t n = recv(mnl_socket_get_fd(nl->socket), nl->in, NL_IN_SIZE, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		int left = (int)n;
		for (const struct nlmsghdr *m = (const void *)nl->in; mnl_nlmsg_ok(m, left);
			m = mnl_nlmsg_next(m, &left)) {
			if (m->nlmsg_seq == nl->seq &&
				talk_message(m, &interrupted, &error, each, context))
				return error ? error : interrupted ? -EINTR : 0;
		}
	}
}

/* Reads the answers that are waiting. Returns 0 when there are no more. */
static int read_answers(
	struct nl *nl, void (*each)(uint32_t seq, int error, void *context), void *context)
{
	bool lost = false;

	for (;;) {
		ssize_t n = recv(mnl_socket_get_fd(nl->socket), nl->in, NL_IN_SIZE, MSG_DONTWAIT);

		if (n < 0 && errno == ENOBUFS) {
			lost = true;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? (lost ? -ENOBUFS : 0) : -errno;
		int left = (int)n;
		for (const struct nlmsghdr *m = (const void *)nl->in; mnl_nlmsg_ok(m, left);
			m = mnl_nlmsg_next(m, &left)) {
			const struct nlmsgerr *e = mnl_nlmsg_get_payload(m);

			if (m->nlmsg_type == NLMSG_ERROR &&
				m->nlmsg_len >= mnl_nlmsg_size(sizeof(*e)))
				each(m->nlmsg_seq, e->error, context);
		}
	}
}

static int grow_socket(int fd, int force, int plain, size_t want)
{
	int size = want > INT32_MAX / 4 ? INT32_MAX / 4 : (int)want;

	if (!setsockopt(fd, SOL_SOCKET, force, &size, sizeof(size)))
		return 0;
	return setsockopt(fd, SOL_SOCKET, plain, &size, sizeof(size)) ? -errno : 0;
}

int nl_send_batch(struct nl *nl, struct nlbuf *batch, size_t expected_answers,
	void (*each)(uint32_t seq, int error, void *context), void *context)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = mnl_socket_get_fd(nl->socket);

	nl_message_end(batch);
	/* The whole batch is one datagram, so the send buffer must hold it (the kernel doubles it).
	 */
	grow_socket(fd, SO_SNDBUFFORCE, SO_SNDBUF, batch->n + 4096);
	/* An answer takes about a kilobyte of accounting in the receive queue. */
	grow_socket(fd, SO_RCVBUFFORCE, SO_RCVBUF, 256 * 1024 + expected_answers * 1024);
	ssize_t n = sendto(fd, batch->p, batch->n, 0, (struct sockaddr *)&kernel, sizeof(kernel));
	if (n < 0)
		return -errno;
	if ((size_t)n != batch->n)
		return -EMSGSIZE;
	return read_answers(nl, each, context);
}
