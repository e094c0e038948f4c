/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store: a folder of numbered revisions. There is no index and no pointer to the confirmed one,
 * because the newest is it; so storing a revision is one rename, and a kill at any moment leaves
 * the revision before or the new one. The numbers never start again.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "revision/revision.h"
#include "revision/revision_priv.h"

#define FOLDER "revisions"
#define LEFTOVER ".uci-" /* how uci_save() names what it has not renamed yet */

static const char *folder_path(struct arena *arena, const char *state_dir)
{
	return arena_printf(arena, "%s/" FOLDER, state_dir);
}

static const char *path_of(struct arena *arena, const char *state_dir, uint32_t number)
{
	return arena_printf(arena, "%s/" FOLDER "/%lu", state_dir, (unsigned long)number);
}

static bool is_number(const char *name, uint32_t *ret)
{
	uint64_t v;

	if (name[0] == '0' || !slice_u64(slice_of(name), UINT32_MAX, &v))
		return false;
	*ret = (uint32_t)v;
	return true;
}

static int newest_first(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

int store_numbers(const char *state_dir, struct arena *arena, struct revision_numbers *ret)
{
	struct revision_numbers numbers = { 0 };
	DIR *dir = opendir(folder_path(arena, state_dir));
	struct dirent *entry;
	uint32_t number;

	if (!dir && errno != ENOENT)
		return -errno;
	while (dir && (entry = readdir(dir))) {
		if (is_number(entry->d_name, &number))
			vec_push(arena, &numbers.list, number);
	}
	if (dir)
		closedir(dir);
	if (numbers.list.n)
		qsort(numbers.list.v, numbers.list.n, sizeof(*numbers.list.v), newest_first);
	*ret = numbers;
	return 0;
}

/* The number comes from the name, so a copied file cannot pass for another revision. */
static int read_numbered(const char *state_dir, uint32_t number, bool header_only,
	struct arena *arena, struct revision *ret)
{
	struct revision r;
	int err = revision_read(path_of(arena, state_dir, number), header_only, arena, &r, NULL);

	if (err)
		return err;
	if (r.number != number)
		return -EBADMSG;
	*ret = r;
	return 0;
}

int store_read(const char *state_dir, uint32_t number, struct arena *arena, struct revision *ret)
{
	return read_numbered(state_dir, number, false, arena, ret);
}

int store_header(const char *state_dir, uint32_t number, struct arena *arena, struct revision *ret)
{
	return read_numbered(state_dir, number, true, arena, ret);
}

/* For good, as far as we can tell; not for want of memory or descriptors just now. */
static bool is_lost(int err)
{
	return err == -EBADMSG || err == -EPROTONOSUPPORT || err == -ENOENT || err == -EIO ||
	       err == -EINVAL || err == -ELOOP || err == -EFBIG;
}

int store_newest(const char *state_dir, uint32_t before, struct arena *arena, struct revision *ret)
{
	struct revision_numbers numbers = { 0 };
	int err = store_numbers(state_dir, arena, &numbers);

	if (err)
		return err;
	vec_each(n, &numbers.list) {
		if (before && *n >= before)
			continue;
		err = store_read(state_dir, *n, arena, ret);
		if (!err || !is_lost(err))
			return err;
	}
	return -ENOENT;
}

/* ---- adding ---- */

/* Makes one directory and sees to it that its name survives a loss of power. */
static int make_folder(const char *path)
{
	AUTO_BUF parent = BUF_INIT;
	int fd, err = 0;

	if (mkdir(path, 0700) < 0)
		return errno == EEXIST ? 0 : -errno;
	buf_printf(&parent, "%s/..", path);
	fd = open(buf_text(&parent), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int store_lock(struct arena *arena, const char *state_dir)
{
	int fd, err = make_folder(state_dir);

	if (!err)
		err = make_folder(folder_path(arena, state_dir));
	if (err)
		return err;
	fd = open(arena_printf(arena, "%s/store.lock", state_dir),
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX) < 0) {
		if (errno == EINTR)
			continue;
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static void remove_leftovers(struct arena *arena, const char *state_dir)
{
	DIR *dir = opendir(folder_path(arena, state_dir));
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (!strncmp(entry->d_name, LEFTOVER, strlen(LEFTOVER)))
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
}

/* The confirmed one is the newest, so it is never among these. */
static void prune(struct arena *arena, const char *state_dir)
{
	struct revision_numbers numbers = { 0 };

	if (store_numbers(state_dir, arena, &numbers))
		return;
	for (size_t i = REVISIONS_KEPT; i < numbers.list.n; i++)
		unlink(path_of(arena, state_dir, numbers.list.v[i]));
}

static int add_locked(struct arena *arena, const char *state_dir, struct revision *r)
{
	struct revision_numbers numbers = { 0 };
	struct revision numbered = *r;
	const char *path;
	int err = store_numbers(state_dir, arena, &numbers);

	if (err)
		return err;
	numbered.number = numbers.list.n ? numbers.list.v[0] + 1 : 1;
	if (!numbered.number)
		return -EOVERFLOW;
	path = path_of(arena, state_dir, numbered.number);
	err = revision_write(path, &numbered, NULL);
	if (err) {
		unlink(path); /* it may be in place, and only not known to be on the disk */
		return err;
	}
	r->number = numbered.number;
	remove_leftovers(arena, state_dir);
	prune(arena, state_dir);
	return 0;
}

int store_add(const char *state_dir, struct revision *r)
{
	struct arena arena;
	int err, lock;

	arena_init(&arena);
	lock = store_lock(&arena, state_dir);
	err = lock < 0 ? lock : add_locked(&arena, state_dir, r);
	if (lock >= 0)
		close(lock);
	arena_release(&arena);
	return err;
}

int store_drop(const char *state_dir, uint32_t number)
{
	struct arena arena;
	int err;

	arena_init(&arena);
	err = file_remove(path_of(&arena, state_dir, number));
	arena_release(&arena);
	return err;
}
