/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One revision as one file: a line that names the format, a line of JSON that says who, when and
 * which files, then the bytes of these files one after the other. The texts are not inside the JSON
 * because a configuration may hold any byte, and JSON strings may not.
 */
#include <errno.h>
#include <string.h>
#include <stdlib.h>

#include "revision/revision.h"
#include "revision/revision_priv.h"
#include "uci/uci.h"

#define MAGIC "zonewall revision "
#define FORMAT "1"
#define HEADER_MAX (1u << 20)
#define FILES_MAX 4096

/* ---- hash ---- */

void revision_seal(struct revision *r)
{
	struct sha256 s;
	uint8_t hash[32];
	static const char digits[] = "0123456789abcdef";

	sha256_init(&s);
	vec_each(f, &r->files) {
		AUTO_BUF size = BUF_INIT;

		sha256_add(&s, f->path, strlen(f->path) + 1);
		if (f->absent)
			buf_str(&size, "absent");
		else
			buf_printf(&size, "%zu", f->text.n);
		sha256_add(&s, buf_text(&size), size.n + 1);
		sha256_add(&s, f->text.p, f->absent ? 0 : f->text.n);
	}
	sha256_end(&s, hash);
	for (size_t i = 0; i < 32; i++) {
		r->hash[2 * i] = digits[hash[i] >> 4];
		r->hash[2 * i + 1] = digits[hash[i] & 15];
	}
	r->hash[64] = '\0';
}

const struct revision_file *revision_file(const struct revision *r, const char *path)
{
	vec_each(f, &r->files) {
		if (!strcmp(f->path, path))
			return f;
	}
	return NULL;
}

/* ---- writing ---- */

static json_t *safe_string(const char *text)
{
	AUTO_BUF safe = BUF_INIT;

	buf_safe(&safe, slice_of(text));
	return json_string(buf_text(&safe));
}

json_t *revision_json(const struct revision *r)
{
	json_t *files = json_array();
	json_t *object = json_pack("{s:I,s:I,s:o,s:o,s:o,s:I,s:s}", "number", (json_int_t)r->number,
		"time", (json_int_t)r->when, "user", safe_string(r->user), "source",
		safe_string(r->source), "comment", safe_string(r->comment), "restores",
		(json_int_t)r->restores, "hash", r->hash);

	vec_each(f, &r->files) {
		json_t *file = json_object();

		json_object_set_new(file, "path", json_string(f->path));
		if (f->absent)
			json_object_set_new(file, "absent", json_true());
		else
			json_object_set_new(file, "bytes", json_integer((json_int_t)f->text.n));
		json_array_append_new(files, file);
	}
	json_object_set_new(object, "files", files);
	return object;
}

static bool paths_are_text(const struct revision *r)
{
	vec_each(f, &r->files) {
		json_t *path = json_string(f->path);

		if (!path)
			return false;
		json_decref(path);
	}
	return true;
}

int revision_encode(const struct revision *r, const json_t *extra, struct buf *out)
{
	json_t *header;
	char *text;

	if (!paths_are_text(r))
		return -EILSEQ;
	header = revision_json(r);
	if (extra)
		json_object_set_new(header, "extra", json_deep_copy(extra));
	text = json_dumps(header, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(header);
	if (!text)
		return -ENOMEM;
	buf_printf(out, MAGIC FORMAT "\n%s\n", text);
	free(text);
	vec_each(f, &r->files) {
		if (!f->absent)
			buf_slice(out, f->text);
	}
	return out->n > REVISION_BYTES_MAX ? -EFBIG : 0;
}

int revision_write(const char *path, const struct revision *r, const json_t *extra)
{
	AUTO_BUF out = BUF_INIT;
	int err = revision_encode(r, extra, &out);

	return err ? err : uci_save(path, buf_text(&out), out.n);
}

/* ---- reading ---- */

static bool take_line(struct slice *rest, struct slice *ret)
{
	size_t n = slice_find(*rest, '\n');

	if (n == rest->n)
		return false;
	*ret = (struct slice){ rest->p, n };
	*rest = slice_from(*rest, n + 1);
	return true;
}

static bool get_text(const json_t *object, const char *key, struct arena *arena, const char **ret)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (!text)
		return false;
	*ret = arena_strdup(arena, text);
	return true;
}

static bool get_number(const json_t *object, const char *key, int64_t max, int64_t *ret)
{
	const json_t *value = json_object_get(object, key);

	*ret = json_integer_value(value);
	return json_is_integer(value) && *ret >= 0 && *ret <= max;
}

static bool read_file_row(
	const json_t *row, struct arena *arena, struct revision_file *ret, size_t *ret_bytes)
{
	int64_t bytes = 0;

	*ret = (struct revision_file){ .absent = json_is_true(json_object_get(row, "absent")) };
	if (!get_text(row, "path", arena, &ret->path) || !*ret->path)
		return false;
	/* A name in the configuration directory, or an absolute path: never a way out of it. */
	if (ret->path[0] != '/' && strchr(ret->path, '/'))
		return false;
	if (!ret->absent && !get_number(row, "bytes", REVISION_BYTES_MAX, &bytes))
		return false;
	*ret_bytes = (size_t)bytes;
	return true;
}

static bool read_files(const json_t *list, struct slice *body, bool header_only,
	struct arena *arena, struct revision *r)
{
	size_t i;
	json_t *row;

	if (!json_is_array(list) || json_array_size(list) > FILES_MAX)
		return false;
	json_array_foreach(list, i, row) {
		struct revision_file file;
		size_t bytes;

		if (!read_file_row(row, arena, &file, &bytes))
			return false;
		if (!header_only) {
			if (bytes > body->n)
				return false;
			file.text = (struct slice){ arena_strndup(arena, body->p, bytes), bytes };
			*body = slice_from(*body, bytes);
		}
		vec_push(arena, &r->files, file);
	}
	return header_only || !body->n;
}

static bool read_header(const json_t *h, struct arena *arena, struct revision *r)
{
	int64_t number, restores;
	const char *hash;

	if (!get_number(h, "number", UINT32_MAX, &number) ||
		!get_number(h, "restores", UINT32_MAX, &restores) ||
		!json_is_integer(json_object_get(h, "time")) ||
		!get_text(h, "user", arena, &r->user) ||
		!get_text(h, "source", arena, &r->source) ||
		!get_text(h, "comment", arena, &r->comment) || !get_text(h, "hash", arena, &hash) ||
		strlen(hash) != REVISION_HASH_TEXT - 1)
		return false;
	r->number = (uint32_t)number;
	r->restores = (uint32_t)restores;
	r->when = json_integer_value(json_object_get(h, "time"));
	memcpy(r->hash, hash, REVISION_HASH_TEXT);
	return true;
}

static bool hash_holds(const struct revision *r)
{
	struct revision again = *r;

	revision_seal(&again);
	return !strcmp(again.hash, r->hash);
}

int revision_decode(struct slice text, bool header_only, struct arena *arena, struct revision *ret,
	json_t **ret_extra)
{
	struct revision r = { 0 };
	struct slice magic, header;
	json_t *h;
	bool ok;

	if (!take_line(&text, &magic) || !slice_starts(magic, MAGIC))
		return -EBADMSG;
	if (!slice_is(slice_from(magic, strlen(MAGIC)), FORMAT))
		return -EPROTONOSUPPORT;
	if (!take_line(&text, &header))
		return -EBADMSG;
	h = json_loadb(header.p, header.n, JSON_REJECT_DUPLICATES, NULL);
	ok = read_header(h, arena, &r) &&
	     read_files(json_object_get(h, "files"), &text, header_only, arena, &r) &&
	     (header_only || hash_holds(&r));
	if (ok && ret_extra)
		*ret_extra = json_incref(json_object_get(h, "extra"));
	json_decref(h);
	if (!ok)
		return -EBADMSG;
	*ret = r;
	return 0;
}

int revision_read(const char *path, bool header_only, struct arena *arena, struct revision *ret,
	json_t **ret_extra)
{
	AUTO_BUF text = BUF_INIT;
	int err =
		file_read(path, header_only ? HEADER_MAX : REVISION_BYTES_MAX, !header_only, &text);

	if (err)
		return err;
	return revision_decode(
		(struct slice){ buf_text(&text), text.n }, header_only, arena, ret, ret_extra);
}
