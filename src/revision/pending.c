/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The apply that waits for a confirmation. Its record is written before the kernel is touched, so
 * that whoever comes later knows that there is something to take back. The deadline is of the clock
 * since boot, which neither time servers nor people set; a record of another boot is overdue.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "revision/revision.h"
#include "revision/revision_priv.h"

#define FILE_NAME "pending"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static const char *const before_words[] = {
	[PENDING_REVISION] = "revision",
	[PENDING_NOTHING] = "nothing",
	[PENDING_STOPPED] = "stopped",
};

static const char *path_of(struct arena *arena, const char *run_dir)
{
	return arena_printf(arena, "%s/" FILE_NAME, run_dir);
}

int64_t pending_clock_ms(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Empty where the kernel has none: then the clock alone decides. */
static int boot_id(char ret[40])
{
	AUTO_BUF text = BUF_INIT;
	size_t n = 0;
	int err = file_read(BOOT_ID, 39, false, &text);

	if (err && err != -ENOENT)
		return err;
	if (!err)
		n = slice_find((struct slice){ buf_text(&text), text.n }, '\n');
	memcpy(ret, buf_text(&text), n);
	ret[n] = '\0';
	return 0;
}

int pending_start(struct pending *p, unsigned seconds)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t random[8];
	int err = boot_id(p->boot);

	if (err)
		return err;
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return -EAGAIN;
	for (size_t i = 0; i < sizeof(random); i++) {
		p->token[2 * i] = digits[random[i] >> 4];
		p->token[2 * i + 1] = digits[random[i] & 15];
	}
	p->token[16] = '\0';
	p->deadline_ms = pending_clock_ms() + (int64_t)seconds * 1000;
	return 0;
}

int64_t pending_left_ms(const struct pending *p)
{
	int64_t left = p->deadline_ms - pending_clock_ms();
	char boot[40];
	bool other = !boot_id(boot) && strcmp(boot, p->boot) != 0;

	return other || left < 0 ? 0 : left;
}

int pending_write(const char *run_dir, const struct pending *p)
{
	struct arena arena;
	json_t *extra = json_pack("{s:s,s:I,s:s,s:I,s:s}", "token", p->token, "deadline_ms",
		(json_int_t)p->deadline_ms, "boot", p->boot, "newest", (json_int_t)p->newest,
		"before", before_words[p->before]);
	int err;

	arena_init(&arena);
	err = revision_write(path_of(&arena, run_dir), &p->revision, extra);
	arena_release(&arena);
	json_decref(extra);
	return err;
}

static bool get_before(const json_t *extra, enum pending_before *ret)
{
	const char *word = json_string_value(json_object_get(extra, "before"));

	for (size_t i = 0; word && i < sizeof(before_words) / sizeof(before_words[0]); i++) {
		if (!strcmp(word, before_words[i])) {
			*ret = (enum pending_before)i;
			return true;
		}
	}
	return false;
}

static bool get_fixed(const json_t *extra, const char *key, char *ret, size_t size)
{
	const char *text = json_string_value(json_object_get(extra, key));

	if (!text || strlen(text) >= size)
		return false;
	memcpy(ret, text, strlen(text) + 1);
	return true;
}

static bool read_extra(const json_t *extra, struct pending *p)
{
	const json_t *deadline = json_object_get(extra, "deadline_ms");
	const json_t *newest = json_object_get(extra, "newest");

	p->deadline_ms = json_integer_value(deadline);
	p->newest = (uint32_t)json_integer_value(newest);
	return json_is_integer(deadline) && json_is_integer(newest) &&
	       get_before(extra, &p->before) &&
	       get_fixed(extra, "token", p->token, sizeof(p->token)) &&
	       get_fixed(extra, "boot", p->boot, sizeof(p->boot));
}

int pending_read(const char *run_dir, struct arena *arena, struct pending *ret)
{
	struct pending p = { 0 };
	json_t *extra = NULL;
	int err = revision_read(path_of(arena, run_dir), false, arena, &p.revision, &extra);

	if (!err && !read_extra(extra, &p))
		err = -EBADMSG;
	json_decref(extra);
	if (!err)
		*ret = p;
	return err;
}

/* Not synced: should it come back after a loss of power, then it is of another boot. */
int pending_drop(const char *run_dir)
{
	struct arena arena;
	int err = 0;

	arena_init(&arena);
	if (unlink(path_of(&arena, run_dir)) < 0 && errno != ENOENT)
		err = -errno;
	arena_release(&arena);
	return err;
}
