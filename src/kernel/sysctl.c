/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sysctls are files below /proc/sys. A path is checked to be plain components below net/ before it
 * is opened relative to that directory, so no setting can name a file elsewhere; nor can one that is
 * to be restored, from a run directory that others may have written, name kernel/core_pattern.
 */
#include "kernel/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SYSCTL_MAX 4096 /* bytes of a value; the kernel's own limit is a page */

static bool path_plain(const char *path)
{
	const char *start = path;

	for (const char *p = path;; p++) {
		if (*p && *p != '/')
			continue;
		size_t n = (size_t)(p - start);
		if (!n || (n == 1 && start[0] == '.') || (n == 2 && !memcmp(start, "..", 2)))
			return false;
		if (!*p)
			return true;
		start = p + 1;
	}
}

static int sysctl_open(const char *path, int mode)
{
	if (strncmp(path, "net/", 4) != 0 || !path_plain(path))
		return -EINVAL;
	int dir = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	int fd = openat(dir, path, mode | O_CLOEXEC | O_NOFOLLOW);
	int error = fd < 0 ? -errno : 0;
	close(dir);
	return error ? error : fd;
}

int sysctl_read(struct arena *arena, const char *path, const char **ret)
{
	char text[SYSCTL_MAX];
	int fd = sysctl_open(path, O_RDONLY);

	if (fd < 0)
		return fd;
	ssize_t n = read(fd, text, sizeof(text));
	int error = n < 0 ? -errno : 0;
	close(fd);
	if (error)
		return error;
	while (n > 0 && text[n - 1] == '\n')
		n--;
	*ret = arena_strndup(arena, text, (size_t)n);
	return 0;
}

int sysctl_write(const char *path, const char *value)
{
	size_t size = strlen(value);
	int fd = sysctl_open(path, O_WRONLY);

	if (fd < 0)
		return fd;
	/* One write: the kernel parses each write() as a whole value. */
	ssize_t n = write(fd, value, size);
	int error = n < 0 ? -errno : (size_t)n == size ? 0 : -EIO;
	close(fd);
	return error;
}

static struct span origin_span(const struct ir_origin *o)
{
	return o ? o->span : SPAN_NONE;
}

static void sysctl_refused(struct diags *diags, const struct ir_sysctl *s, int error)
{
	struct diag *d = diag_warning(diags, origin_span(s->origin), "sysctl-refused",
		"the kernel parameter %s cannot be set to %s: %s", s->path, s->value,
		strerror(-error));

	if (error == -ENOENT)
		diag_hint(diags, d, "this kernel lacks the feature, or its module is not loaded");
	else if (error == -EROFS || error == -EACCES || error == -EPERM)
		diag_hint(diags, d, "/proc/sys is read-only here (a container?)");
}

size_t sysctl_apply(struct arena *arena, const struct ir_sysctl *settings, size_t n,
	struct diags *diags, struct sysctl_values *ret_before)
{
	size_t refused = 0;

	for (size_t i = 0; i < n; i++) {
		const struct ir_sysctl *s = &settings[i];
		const char *before = NULL;
		int error = sysctl_read(arena, s->path, &before);

		if (!error && !strcmp(before, s->value))
			continue;
		if (!error)
			error = sysctl_write(s->path, s->value);
		if (error) {
			sysctl_refused(diags, s, error);
			refused++;
			continue;
		}
		struct sysctl_value v = { arena_strdup(arena, s->path), before };
		vec_push(arena, &ret_before->list, v);
	}
	return refused;
}

size_t sysctl_restore(const struct sysctl_values *before)
{
	size_t refused = 0;

	for (size_t i = before->list.n; i-- > 0;)
		refused += sysctl_write(before->list.v[i].path, before->list.v[i].value) != 0;
	return refused;
}
