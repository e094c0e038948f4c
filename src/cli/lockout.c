/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The self-lockout guard: before new rules are loaded, the administrator's own session is played
 * through them, by the evaluator: what arrives on the connection that is open, the answers to it,
 * and a new connection to the same port.
 *
 * Who the administrator is, SSH tells in the environment. sudo takes that away, so we also look at
 * the environment of the processes above us.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/safe.h"
#include "compile/world.h"

#define DEPTH_MAX 32
#define ENVIRON_MAX (256u << 10)
#define VARIABLE "SSH_CONNECTION="

struct admin {
	struct addr client, server;
	bool has_server; /* the address is known */
	uint16_t client_port, server_port;
};

/* ---- who it is ---- */

static bool read_port(struct slice text, uint16_t *ret)
{
	uint64_t v;

	if (!slice_u64(text, 65535, &v) || !v)
		return false;
	*ret = (uint16_t)v;
	return true;
}

/* Link-local addresses come with their device: fe80::1%eth0. */
static bool read_addr(struct slice text, struct addr *ret)
{
	text.n = slice_find(text, '%');
	return addr_parse(text, ret);
}

/* "client port server port" */
static bool read_connection(struct slice text, struct admin *ret)
{
	struct slice word[4];
	struct admin a = { .has_server = true };

	for (size_t i = 0; i < 4; i++) {
		if (!slice_next_word(&text, &word[i]))
			return false;
	}
	if (!read_addr(word[0], &a.client) || !read_port(word[1], &a.client_port) ||
		!read_addr(word[2], &a.server) || !read_port(word[3], &a.server_port) ||
		a.client.family != a.server.family)
		return false;
	*ret = a;
	return true;
}

/* "192.0.2.1", "192.0.2.1:22", "2001:db8::1", "[2001:db8::1]:22" */
static bool read_admin(struct slice text, struct admin *ret)
{
	struct admin a = { .client_port = 40000, .server_port = 22 };
	size_t end;

	if (slice_starts(text, "[")) {
		text = slice_from(text, 1);
		end = slice_find(text, ']');
		if (!read_addr((struct slice){ text.p, end }, &a.client))
			return false;
		text = slice_from(text, end + 1);
	} else if (read_addr(text, &a.client)) {
		text.n = 0;
	} else {
		end = slice_find(text, ':');
		if (!read_addr((struct slice){ text.p, end }, &a.client))
			return false;
		text = slice_from(text, end);
	}
	if (text.n && (!slice_starts(text, ":") || !read_port(slice_from(text, 1), &a.server_port)))
		return false;
	*ret = a;
	return true;
}

/* A small file of /proc as it is now; false when it cannot be read. */
static bool read_proc(pid_t pid, const char *name, struct buf *out)
{
	char path[64], chunk[4096];
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while (out->n < ENVIRON_MAX && (n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(out, chunk, (size_t)n);
	close(fd);
	return n >= 0;
}

static pid_t parent_of(pid_t pid)
{
	AUTO_BUF text = BUF_INIT;
	const char *after;
	struct slice rest, word = { 0 };
	uint64_t parent;

	/* "pid (name) state parent": the name may hold anything, also ')' */
	if (!read_proc(pid, "stat", &text))
		return 0;
	after = strrchr(buf_text(&text), ')');
	rest = slice_of(after ? after + 1 : "");
	for (int i = 0; i < 2; i++) {
		if (!slice_next_word(&rest, &word))
			return 0;
	}
	return slice_u64(word, INT32_MAX, &parent) ? (pid_t)parent : 0;
}

static bool in_environment(pid_t pid, struct admin *ret)
{
	AUTO_BUF text = BUF_INIT;
	size_t at = 0;

	if (!read_proc(pid, "environ", &text))
		return false;
	while (at < text.n) {
		struct slice one = slice_of(buf_text(&text) + at);

		if (slice_starts(one, VARIABLE))
			return read_connection(slice_from(one, strlen(VARIABLE)), ret);
		at += one.n + 1;
	}
	return false;
}

static bool find_session(struct admin *ret)
{
	const char *own = getenv("SSH_CONNECTION");
	pid_t pid = getppid();

	if (own)
		return read_connection(slice_of(own), ret);
	for (unsigned i = 0; i < DEPTH_MAX && pid > 1; i++) {
		if (in_environment(pid, ret))
			return true;
		pid = parent_of(pid);
	}
	return false;
}

/* ---- playing it through ---- */

struct trial {
	const struct compilation *c;
	struct ir_world world;
	struct admin admin;
	char device[DEVICE_NAME_MAX + 1];
};

static struct ir_packet packet_in(const struct trial *t, uint32_t state)
{
	struct ir_packet p = { .family = t->admin.client.family,
		.src = t->admin.client,
		.dst = t->admin.server,
		.proto = PROTO_TCP,
		.sport = t->admin.client_port,
		.dport = t->admin.server_port,
		.ttl = 64,
		.length = 60,
		.ct_state = state,
		.tcp_flags = state == IR_CT_NEW ? 2 : 16,
		.time = t->c->facts.now };

	memcpy(p.iif, t->device, sizeof(p.iif));
	return p;
}

static struct ir_packet packet_out(const struct trial *t)
{
	return (struct ir_packet){ .family = t->admin.client.family,
		.src = t->admin.server,
		.dst = t->admin.client,
		.proto = PROTO_TCP,
		.sport = t->admin.server_port,
		.dport = t->admin.client_port,
		.ttl = 64,
		.length = 60,
		.ct_state = IR_CT_ESTABLISHED,
		.tcp_flags = 16,
		.time = t->c->facts.now };
}

/* Accepted by another host is no use: a port forward may take the port away. */
static bool arrives(const struct ir_result *r, bool to_us)
{
	return r->outcome == IR_OUT_ACCEPTED && (!to_us || !r->packet.oif[0]);
}

static void report(struct cli *cli, struct compilation *c, const struct trial *t, const char *what,
	const struct ir_origin *o)
{
	AUTO_BUF session = BUF_INIT;
	AUTO_BUF who = BUF_INIT;
	struct span span = o ? o->span : SPAN_NONE;
	struct diag *d;

	addr_print(&t->admin.client, &session);
	buf_printf(&session, " to port %u", t->admin.server_port);
	if (o)
		buf_printf(&who, "%s '%s'", o->type, o->name ? o->name : o->id);
	else
		buf_str(&who, "the firewall's own frame");
	if (cli->force) {
		diag_warning(&c->diags, span, "cuts-you-off",
			"%s cuts your own session off: %s from %s", buf_text(&who), what,
			buf_text(&session));
		return;
	}
	d = diag_error(&c->diags, span, "cuts-you-off",
		"%s would cut your own session off: %s from %s", buf_text(&who), what,
		buf_text(&session));
	diag_hint(&c->diags, d, "add a rule that accepts it, or use --force");
}

static bool try_one(struct cli *cli, struct compilation *c, const struct trial *t,
	const struct ir_packet *packet, bool to_us, const char *what)
{
	struct ir_result r;
	struct arena arena;
	bool ok;

	arena_init(&arena);
	ir_eval(c->ir, packet, &t->world, NULL, true, &arena, &r);
	ok = arrives(&r, to_us);
	if (!ok) {
		const struct ir_origin *o = ir_result_decided(&r);

		if (r.outcome == IR_OUT_ACCEPTED && r.dnat && r.dnat->n_origins)
			o = r.dnat->origins[0];
		report(cli, c, t, what, o);
	}
	arena_release(&arena);
	return ok || cli->force;
}

/* Through which device the administrator comes; false: it is this machine, or nobody knows. */
static bool find_way(struct trial *t)
{
	const struct ir_world *w = &t->world;
	struct admin *a = &t->admin;
	bool ours = a->has_server && w->addrtype(w->context, &a->server) == IR_ADDR_LOCAL;

	/* Somebody logged in on another address than ours: into the host of a container, say. */
	if (a->has_server && !ours)
		return false;
	if (w->addrtype(w->context, &a->client) != IR_ADDR_UNICAST)
		return false;
	if (!w->route(w->context, &a->client, t->device) || !t->device[0])
		return false;
	return a->has_server || w->address(w->context, t->device, a->client.family, &a->server);
}

bool lockout_check(struct cli *cli, struct compilation *c, const char *admin)
{
	struct trial t = { .c = c, .world = world_of_facts(&c->facts) };
	struct ir_packet packet;
	bool known = admin ? read_admin(slice_of(admin), &t.admin) : find_session(&t.admin);

	if (admin && !known) {
		diag_error(
			&c->diags, SPAN_NONE, "bad-admin", "--admin wants ADDRESS or ADDRESS:PORT");
		return false;
	}
	if (!known)
		return true;
	if (!find_way(&t)) {
		if (admin)
			diag_warning(&c->diags, SPAN_NONE, "no-way",
				"no device leads to %s: not known whether it would be cut off",
				admin);
		return true;
	}
	packet = packet_in(&t, IR_CT_NEW);
	if (!try_one(cli, c, &t, &packet, true, "a new connection"))
		return false;
	packet = packet_in(&t, IR_CT_ESTABLISHED);
	if (!try_one(cli, c, &t, &packet, true, "the open connection"))
		return false;
	packet = packet_out(&t);
	return try_one(cli, c, &t, &packet, false, "an answer");
}
