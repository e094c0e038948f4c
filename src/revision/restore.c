/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Putting the files of a revision back. Several files cannot be renamed at once, so against errors
 * we keep the old texts and put them back, and against a kill there is a record of what was meant,
 * which the next to come carries out to its end.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "revision/revision.h"
#include "revision/revision_priv.h"
#include "uci/uci.h"

#define RESTORING "restoring"

struct undo {
	const char *path;
	bool absent;
	struct slice text;
};

struct undos {
	VEC(struct undo) list;
};

/* What is there now. A directory or a device in the place of a file is an error. */
static int look(struct arena *arena, const char *path, struct undo *ret)
{
	struct source now;
	int err = uci_load(path, arena, &now);

	if (err && err != -ENOENT)
		return err;
	*ret = (struct undo){ .path = path, .absent = err == -ENOENT };
	if (!err)
		ret->text = now.text;
	return 0;
}

static int put(const char *path, bool absent, struct slice text)
{
	return absent ? file_remove(path) : uci_save(path, text.n ? text.p : "", text.n);
}

static bool is_right(const struct undo *now, const struct revision_file *f)
{
	return now->absent == f->absent && (f->absent || slice_eq(now->text, f->text));
}

int restore_files(const struct revision *r, const char *config_dir, struct arena *arena,
	const char **ret_path)
{
	struct undos done = { 0 };
	int err = 0;

	vec_each(f, &r->files) {
		const char *path = f->path[0] == '/'
					   ? f->path
					   : arena_printf(arena, "%s/%s", config_dir, f->path);
		struct undo now;

		/* That a file elsewhere was not there is no reason to remove it. */
		if (f->absent && f->path[0] == '/')
			continue;
		err = look(arena, path, &now);
		if (!err && is_right(&now, f))
			continue;
		if (!err) {
			/* before it is written: it may be in place although it is not synced */
			vec_push(arena, &done.list, now);
			err = put(path, f->absent, f->text);
		}
		if (err) {
			if (ret_path)
				*ret_path = path;
			break;
		}
	}
	for (size_t i = err ? done.list.n : 0; i-- > 0;) {
		const struct undo *u = &done.list.v[i];

		if (put(u->path, u->absent, u->text))
			continue; /* the others all the same; the caller hears of the first error */
	}
	return err;
}

int restoring_begin(const char *state_dir, const struct revision *r)
{
	struct arena arena;
	int err;

	arena_init(&arena);
	err = revision_write(arena_printf(&arena, "%s/" RESTORING, state_dir), r, NULL);
	arena_release(&arena);
	return err;
}

int restoring_read(const char *state_dir, struct arena *arena, struct revision *ret)
{
	return revision_read(
		arena_printf(arena, "%s/" RESTORING, state_dir), false, arena, ret, NULL);
}

int restoring_end(const char *state_dir)
{
	struct arena arena;
	int err;

	arena_init(&arena);
	err = file_remove(arena_printf(&arena, "%s/" RESTORING, state_dir));
	arena_release(&arena);
	return err;
}
