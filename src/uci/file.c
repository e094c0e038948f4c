/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading and replacing files. A file is replaced by writing another one beside it, making sure
 * that it has reached the disk, and renaming it over the old one; so a reader, or a reboot, finds
 * the old text or the new one and nothing in between. All names are looked up in one directory
 * that is opened once, so the directory cannot be exchanged half way.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "uci/uci.h"

#define AUTO_CLOSE __attribute__((cleanup(close_fd))) int

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int read_all(int fd, struct buf *out)
{
	char chunk[16384];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return 0;
		/* The size was asked for before; the file may have grown since. */
		if (out->n + (size_t)n > UCI_TEXT_MAX)
			return -EFBIG;
		buf_add(out, chunk, (size_t)n);
	}
}

int uci_load(const char *path, struct arena *arena, struct source *ret)
{
	/* Without O_NONBLOCK a named pipe in the place of the file would hold us up for ever. */
	AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	AUTO_BUF text = BUF_INIT;
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > (off_t)UCI_TEXT_MAX)
		return -EFBIG;
	r = read_all(fd, &text);
	if (r)
		return r;
	*ret = (struct source){ path, { arena_strndup(arena, buf_text(&text), text.n), text.n } };
	return 0;
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* Opens the directory of a path; *ret_name is the part after it, a view into the path. */
static int open_directory(const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	AUTO_BUF dir = BUF_INIT;
	int fd;

	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EINVAL;
	if (slash)
		buf_add(&dir, path, (size_t)(slash - path) + 1);
	else
		buf_str(&dir, ".");
	fd = open(dir.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_name = name;
	return fd;
}

#define TEMPORARY_MAX 32

/* Makes a new file under a name nobody can guess; a leading dot hides it from readers of the
 * folder. */
static int open_temporary(int dir, char name[TEMPORARY_MAX])
{
	for (int tries = 0; tries < 16; tries++) {
		unsigned char random[8];
		int fd;

		if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
			return -EAGAIN;
		memcpy(name, ".uci-", 6);
		for (size_t i = 0; i < sizeof(random); i++)
			snprintf(name + 5 + 2 * i, 3, "%02x", random[i]);
		fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

/* Gives the new file the mode and owner of the old one, and the text, down to the disk. */
static int fill(int fd, const struct stat *old, const char *text, size_t n)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (old && (old->st_uid != st.st_uid || old->st_gid != st.st_gid) &&
		fchown(fd, old->st_uid, old->st_gid) < 0)
		return -errno;
	/* After the owner, because a change of owner takes bits away; in spite of any umask. */
	if (fchmod(fd, old ? old->st_mode & 07777 : 0600) < 0)
		return -errno;
	r = write_all(fd, text, n);
	if (r)
		return r;
	return fsync(fd) < 0 ? -errno : 0;
}

int uci_save(const char *path, const char *text, size_t n)
{
	const char *name = "";
	char temporary[TEMPORARY_MAX];
	struct stat old;
	bool exists;
	int r;

	AUTO_CLOSE dir = open_directory(path, &name);

	if (dir < 0)
		return dir;
	exists = fstatat(dir, name, &old, AT_SYMLINK_NOFOLLOW) == 0;
	if (!exists && errno != ENOENT)
		return -errno;
	if (exists && S_ISLNK(old.st_mode))
		return -ELOOP;
	if (exists && !S_ISREG(old.st_mode))
		return -EINVAL;

	AUTO_CLOSE fd = open_temporary(dir, temporary);

	if (fd < 0)
		return fd;
	r = fill(fd, exists ? &old : NULL, text, n);
	if (!r && renameat(dir, temporary, dir, name) < 0)
		r = -errno;
	if (r) {
		unlinkat(dir, temporary, 0);
		return r;
	}
	return fsync(dir) < 0 ? -errno : 0;
}
