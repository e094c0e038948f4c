/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink for this folder: messages built in one growing buffer, and a socket to send them by. */
#ifndef KERNEL_NL_PRIV_H
#define KERNEL_NL_PRIV_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Messages one after the other. Positions are offsets, because growing moves the memory; nothing
 * keeps a pointer into it across a put. Freed with nlbuf_release().
 */
struct nlbuf {
	uint8_t *p;
	size_t n, cap;
	size_t message; /* offset of the message that is being written */
};

#define AUTO_NLBUF __attribute__((cleanup(nlbuf_release))) struct nlbuf

void nlbuf_release(struct nlbuf *b);
/* Copies bytes to the end, aligned as messages are; returns their offset. */
size_t nlbuf_append(struct nlbuf *b, const void *p, size_t n);
/* Starts an nfnetlink message (closing the one before); type has the subsystem in its high byte. */
void nl_message(struct nlbuf *b, uint16_t type, uint16_t flags, uint32_t seq, uint8_t family,
	uint16_t resource);
/* Starts a message of another netlink family with `size` zeroed bytes of header; returns these. */
void *nl_message_raw(struct nlbuf *b, uint16_t type, uint16_t flags, uint32_t seq, size_t size);
/* Writes the length of the message into its header; needed after the last attribute. */
void nl_message_end(struct nlbuf *b);
void nl_put(struct nlbuf *b, uint16_t type, const void *value, size_t n);
void nl_put_str(struct nlbuf *b, uint16_t type, const char *s); /* with its NUL */
void nl_put_u8(struct nlbuf *b, uint16_t type, uint8_t v);
void nl_put_be16(struct nlbuf *b, uint16_t type, uint16_t v);
void nl_put_be32(struct nlbuf *b, uint16_t type, uint32_t v);
void nl_put_be64(struct nlbuf *b, uint16_t type, uint64_t v);
/* Opens a nested attribute; the result goes to nl_nest_end(). A nest over 64 KiB is a bug. */
size_t nl_nest(struct nlbuf *b, uint16_t type);
void nl_nest_end(struct nlbuf *b, size_t at);
/* Bytes the open nest has now. */
size_t nl_nest_size(const struct nlbuf *b, size_t at);

/* Reading: values of attributes that were found by nl_attrs(). */
uint32_t nl_get_be32(const struct nlattr *a);
uint64_t nl_get_be64(const struct nlattr *a);
/* The text of an attribute, or "" when it is absent or not terminated. */
const char *nl_get_str(const struct nlattr *a);
/*
 * Sorts a run of attributes into a table by type; types over max are skipped, of repeated ones the
 * last counts. `p` need not be validated before: a malformed run ends the walk.
 */
void nl_attrs(const void *p, size_t n, const struct nlattr **table, unsigned max);
void nl_attrs_nested(const struct nlattr *nest, const struct nlattr **table, unsigned max);
void nl_attrs_message(
	const struct nlmsghdr *m, size_t header, const struct nlattr **table, unsigned max);

struct nl {
	struct mnl_socket *socket;
	uint32_t seq;
	uint8_t *in; /* receive buffer */
};

#define NL_IN_SIZE (64 * 1024)
#define AUTO_NL __attribute__((cleanup(nl_close))) struct nl

/* Opens a socket of a netlink family (NETLINK_NETFILTER). Negative errno. */
int nl_open(struct nl *nl, int family);
void nl_close(struct nl *nl);
/*
 * Sends one request (its sequence number is filled in here) and calls `each` for every answer until
 * the end of the dump, or for the single answer of a get. `each` returns 0 to go on or negative
 * errno. -EINTR: the dump was overtaken by a change and is to be repeated.
 */
int nl_talk(struct nl *nl, struct nlbuf *request,
	int (*each)(const struct nlmsghdr *m, void *context), void *context);
/*
 * Sends the whole buffer by one sendmsg and collects what the kernel says at once; `each` is
 * called with (sequence number, negative errno or 0 for an acknowledgement). Negative errno when
 * it could not be sent or when answers were lost (-ENOBUFS).
 */
int nl_send_batch(struct nl *nl, struct nlbuf *batch, size_t expected_answers,
	void (*each)(uint32_t seq, int error, void *context), void *context);

#endif
