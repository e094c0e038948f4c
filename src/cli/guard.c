/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guard: a process of its own that sleeps until an apply is overdue and then takes it back. It
 * belongs to no terminal and holds nothing of its caller. It is only the fastest to notice: without
 * it the next zonewall does the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/safe.h"
#include "kernel/lock.h"

#define START_MS 10000
#define GLANCE_MS 1000
#define RETRY_MS 5000

/* ---- the caller's side ---- */

static const char *absolute(struct arena *arena, const char *path)
{
	char here[4096];

	return path[0] == '/' || !getcwd(here, sizeof(here))
		       ? path
		       : arena_printf(arena, "%s/%s", here, path);
}

struct words {
	VEC(const char *) list;
};

static void add_option(struct arena *arena, struct words *w, const char *option, const char *value)
{
	vec_push(arena, &w->list, option);
	vec_push(arena, &w->list, value);
}

static char **guard_words(struct cli *cli, struct arena *arena, const char *token)
{
	struct words w = { 0 };

	vec_push(arena, &w.list, "zonewall");
	add_option(arena, &w, "-c", absolute(arena, cli->config_dir));
	add_option(arena, &w, "--run-dir", absolute(arena, cli->run_dir));
	add_option(arena, &w, "--state-dir", absolute(arena, cli->state_dir));
	if (cli->facts_file)
		add_option(arena, &w, "--facts", absolute(arena, cli->facts_file));
	if (cli->backend)
		add_option(arena, &w, "--backend", cli->backend);
	if (cli->iptables)
		add_option(arena, &w, "--iptables", cli->iptables);
	add_option(arena, &w, "guard", token);
	vec_push(arena, &w.list, NULL);
	return (char **)w.list.v;
}

/* What the caller's shell left open would otherwise stay open as long as we sleep. */
static void close_others(void)
{
#ifdef SYS_close_range
	if (!syscall(SYS_close_range, 3u, ~0u, 0u))
		return;
#endif
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
}

static void become_guard(char **words, int ready)
{
	int null = open("/dev/null", O_RDWR);

	signal(SIGHUP, SIG_IGN);
	if (null < 0 || chdir("/") < 0 || dup2(ready, STDOUT_FILENO) < 0 ||
		dup2(null, STDIN_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(1);
	close_others();
	execv("/proc/self/exe", words);
	_exit(1);
}

/* Twice, so that nobody's child is left over and it can never get a terminal. */
static int fork_guard(char **words, int ready)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid) {
		setsid();
		pid = fork();
		if (!pid)
			become_guard(words, ready);
		_exit(pid < 0);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EAGAIN;
}

static int await(int ready)
{
	struct pollfd p = { .fd = ready, .events = POLLIN };
	char byte;

	while (poll(&p, 1, START_MS) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (!(p.revents & (POLLIN | POLLHUP)))
		return -ETIMEDOUT;
	return read(ready, &byte, 1) == 1 ? 0 : -ECHILD;
}

int guard_start(struct cli *cli, struct arena *arena, const char *token)
{
	char **words = guard_words(cli, arena, token);
	int ends[2], err;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	err = fork_guard(words, ends[1]);
	close(ends[1]);
	if (!err)
		err = await(ends[0]);
	close(ends[0]);
	return err;
}

/* ---- the guard's side ---- */

struct watch {
	struct stat st; /* of the record when it was read */
	struct pending pending;
};

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Whether our apply still waits. The record is read again only when it is another file. */
static bool still_ours(struct cli *cli, struct arena *arena, struct watch *w, const char *token)
{
	struct stat now;

	if (stat(cli_path(arena, cli->run_dir, "pending"), &now) < 0)
		return errno != ENOENT;
	if (same_file(&now, &w->st))
		return true;
	w->st = now;
	return !pending_read(cli->run_dir, arena, &w->pending) && !strcmp(w->pending.token, token);
}

static void sleep_ms(int64_t ms)
{
	struct timespec t = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	clock_nanosleep(CLOCK_BOOTTIME, 0, &t, NULL);
}

static bool say_ready(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool ok = write(STDOUT_FILENO, ".", 1) == 1 && null >= 0 && dup2(null, STDOUT_FILENO) >= 0;

	if (null >= 0)
		close(null);
	return ok;
}

static bool look_again(struct cli *cli, struct watch *w, const char *token)
{
	struct arena arena;
	bool ours;

	arena_init(&arena);
	ours = still_ours(cli, &arena, w, token);
	arena_release(&arena);
	return ours;
}

static void keep_watch(struct cli *cli, struct watch *w, const char *token)
{
	while (look_again(cli, w, token)) {
		int64_t left = pending_left_ms(&w->pending);

		if (left) {
			sleep_ms(left < GLANCE_MS ? left : GLANCE_MS);
			continue;
		}
		lock_drop(safe_lock(cli)); /* who takes the lock settles */
		if (look_again(cli, w, token))
			sleep_ms(RETRY_MS);
	}
}

enum exit_code cmd_guard(struct cli *cli)
{
	const char *token = cli->argv[1];
	struct watch w = { 0 };

	if (!look_again(cli, &w, token) || !say_ready())
		return EXIT_SYSTEM;
	keep_watch(cli, &w, token);
	return EXIT_OK;
}
