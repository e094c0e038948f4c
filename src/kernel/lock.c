/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lock is flock() on a file that is never removed: the kernel releases it with the last
 * descriptor, so a crash cannot leave it behind. The file holds the pid of the last taker, for the
 * message only; the pid is never trusted for anything else.
 */
#include "kernel/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static pid_t lock_holder(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return 0;
	long pid = strtol(text, NULL, 10);
	return pid > 0 && pid < INT32_MAX ? (pid_t)pid : 0;
}

static void lock_sign(int fd)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	/* Only for the message of who waits; the lock holds without it. */
	if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)n, 0) != n)
		return;
}

/* Polls, because a blocking flock() could be timed only by a signal, and those are the caller's. */
static int lock_wait(int fd, int seconds)
{
	const struct timespec step = { 0, 20 * 1000 * 1000 };

	for (long tries = seconds < 0 ? -1 : seconds * 50L; tries; tries--) {
		nanosleep(&step, NULL);
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
	}
	return -ETIMEDOUT;
}

static int lock_get(
	int fd, int seconds, void (*waiting)(pid_t holder, void *context), void *context)
{
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return 0;
	if (errno != EWOULDBLOCK)
		return -errno;
	if (!seconds)
		return -EAGAIN;
	if (waiting)
		waiting(lock_holder(fd), context);
	return lock_wait(fd, seconds);
}

int lock_take(const char *run_dir, int seconds, void (*waiting)(pid_t holder, void *context),
	void *context)
{
	if (mkdir(run_dir, 0755) && errno != EEXIST)
		return -errno;
	int dir = open(run_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	int fd = openat(dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int error = fd < 0 ? -errno : lock_get(fd, seconds, waiting, context);
	close(dir);
	if (error) {
		if (fd >= 0)
			close(fd);
		return error;
	}
	lock_sign(fd);
	return fd;
}

void lock_drop(int fd)
{
	if (fd >= 0)
		close(fd);
}
