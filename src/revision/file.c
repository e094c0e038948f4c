/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading without the size limit of a configuration file, and removing for good. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "revision/revision_priv.h"

static int read_up_to(int fd, size_t max, bool whole, struct buf *out)
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
		if (out->n + (size_t)n > max) {
			if (whole)
				return -EFBIG;
			buf_add(out, chunk, max - out->n);
			return 0;
		}
		buf_add(out, chunk, (size_t)n);
	}
}

int file_read(const char *path, size_t max, bool whole, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
	struct stat st;
	int err;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	else
		err = read_up_to(fd, max, whole, out);
	close(fd);
	return err;
}

int file_remove(const char *path)
{
	const char *slash = strrchr(path, '/');
	AUTO_BUF dir = BUF_INIT;
	int fd, err = 0;

	if (unlink(path) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (slash)
		buf_add(&dir, path, (size_t)(slash - path) + 1);
	else
		buf_str(&dir, ".");
	fd = open(buf_text(&dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd) < 0)
		err = -errno;
	close(fd);
	return err;
}
