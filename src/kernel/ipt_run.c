/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Other programs, run by absolute path: no shell, no search path, arguments of ours only, text by
 * pipe. All three pipes are served together, so that none of them can block another.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/ipt_priv.h"

const char *const ipt_restore_paths[] = { "/usr/sbin/iptables-restore", "/sbin/iptables-restore",
	"/usr/sbin/iptables-nft-restore", "/usr/sbin/iptables-legacy-restore",
	"/sbin/iptables-nft-restore", "/sbin/iptables-legacy-restore", NULL };

static bool replace(char *out, size_t size, const char *in, const char *what, const char *with)
{
	const char *base = strrchr(in, '/'), *at = base ? strstr(base, what) : NULL;

	return at && (size_t)snprintf(out, size, "%.*s%s%s", (int)(at - in), in, with,
			      at + strlen(what)) < size;
}

bool ipt_tools_find(const char *restore, enum family family, struct ipt_tools *ret)
{
	const char *with = family == FAMILY_V6 ? "ip6tables" : "iptables";

	return restore[0] == '/' &&
	       replace(ret->restore, sizeof(ret->restore), restore, "iptables", with) &&
	       replace(ret->save, sizeof(ret->save), ret->restore, "-restore", "-save") &&
	       access(ret->restore, X_OK) == 0 && access(ret->save, X_OK) == 0;
}

const char *ipt_ipset_path(void)
{
	static const char *const paths[] = { "/usr/sbin/ipset", "/sbin/ipset" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (access(paths[i], X_OK) == 0)
			return paths[i];
	}
	return NULL;
}

struct pipes {
	int in[2], out[2], err[2];
};

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void pipes_close(struct pipes *p)
{
	for (int i = 0; i < 2; i++) {
		drop(&p->in[i]);
		drop(&p->out[i]);
		drop(&p->err[i]);
	}
}

static int pipes_open(struct pipes *p)
{
	memset(p, 0xff, sizeof(*p));
	if (pipe2(p->in, O_CLOEXEC) || pipe2(p->out, O_CLOEXEC) || pipe2(p->err, O_CLOEXEC)) {
		int error = -errno;

		pipes_close(p);
		return error;
	}
	return 0;
}

static int spawn(const char *path, const char *const argv[], struct pipes *p, pid_t *ret)
{
	static const char *const environment[] = { "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int error;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_adddup2(&actions, p->in[0], 0);
	posix_spawn_file_actions_adddup2(&actions, p->out[1], 1);
	posix_spawn_file_actions_adddup2(&actions, p->err[1], 2);
	error = posix_spawn(ret, path, &actions, &attributes, (char *const *)argv,
		(char *const *)environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return -error;
}

/* What is there to read; closes at the end of file. */
static void read_some(int *fd, struct buf *to)
{
	char piece[4096];
	ssize_t n = read(*fd, piece, sizeof(piece));

	if (n > 0 && to)
		buf_add(to, piece, (size_t)n);
	else if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		drop(fd);
}

static void write_some(int *fd, struct slice *input)
{
	ssize_t n = write(*fd, input->p, input->n);

	if (n > 0)
		*input = slice_from(*input, (size_t)n);
	if (!input->n || (n < 0 && errno != EINTR && errno != EAGAIN))
		drop(fd);
}

static void serve(struct pipes *p, struct slice input, struct buf *out, struct buf *err)
{
	fcntl(p->in[1], F_SETFL, O_NONBLOCK);
	if (!input.n)
		drop(&p->in[1]);
	while (p->out[0] >= 0 || p->err[0] >= 0) {
		struct pollfd polled[3] = { { .fd = p->in[1], .events = POLLOUT },
			{ .fd = p->out[0], .events = POLLIN }, { .fd = p->err[0], .events = POLLIN } };

		if (poll(polled, 3, -1) < 0 && errno != EINTR)
			return;
		if (polled[0].revents)
			write_some(&p->in[1], &input);
		if (polled[1].revents)
			read_some(&p->out[0], out);
		if (polled[2].revents)
			read_some(&p->err[0], err);
	}
}

int ipt_run(const char *path, const char *const argv[], struct slice input, struct buf *out,
	struct buf *err)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct pipes p;
	int error = pipes_open(&p), status = 0;
	pid_t pid;

	if (error)
		return error;
	error = spawn(path, argv, &p, &pid);
	drop(&p.in[0]);
	drop(&p.out[1]);
	drop(&p.err[1]);
	if (error) {
		pipes_close(&p);
		return error;
	}
	sigaction(SIGPIPE, &ignore, &before); /* it may end before it has read everything */
	serve(&p, input, out, err);
	sigaction(SIGPIPE, &before, NULL);
	pipes_close(&p);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
