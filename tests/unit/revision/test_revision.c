/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Revisions: whole or not at all, whatever is done to the bytes, the disk or the process. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../cmocka_tap.h"

#include "revision/revision.h"
#include "revision/revision_priv.h"
#include "uci/uci.h"

static char folder[64];
static struct arena arena;

static int begin(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "%s", "/tmp/revision-test-XXXXXX");
	arena_init(&arena);
	return mkdtemp(folder) ? 0 : -1;
}

static void sweep(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		char below[512];

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		if (unlink(below) < 0)
			sweep(below);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	sweep(folder);
	return 0;
}

static const char *in(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder, name);
}

/* A revision of two files whose text says which it is; the same number gives the same bytes. */
static struct revision make(unsigned which, size_t bytes)
{
	struct revision r = { .when = 1700000000, .user = "root", .source = "test", .comment = "" };
	char *text = arena_alloc(&arena, bytes + 32);
	int n = snprintf(text, 32, "this is %u\n", which);

	memset(text + n, 'a' + which % 26, bytes);
	struct revision_file files[] = {
		{ "firewall", false, { text, (size_t)n + bytes } },
		{ "zonewall", true, { 0 } },
		{ "/etc/firewall.user", false, { text, (size_t)n } },
	};

	for (size_t i = 0; i < 3; i++)
		vec_push(&arena, &r.files, files[i]);
	revision_seal(&r);
	return r;
}

static void assert_same(const struct revision *a, const struct revision *b)
{
	assert_string_equal(a->hash, b->hash);
	assert_int_equal(a->files.n, b->files.n);
	for (size_t i = 0; i < a->files.n; i++) {
		assert_string_equal(a->files.v[i].path, b->files.v[i].path);
		assert_int_equal(a->files.v[i].absent, b->files.v[i].absent);
		assert_true(slice_eq(a->files.v[i].text, b->files.v[i].text));
	}
}

/* ---- the hash ---- */

static void sha256_agrees_with_the_standard(void **state)
{
	static const struct {
		const char *text;
		const char *hash;
	} rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct sha256 s;
		uint8_t hash[32];
		AUTO_BUF text = BUF_INIT;

		sha256_init(&s);
		for (const char *p = rows[i].text; *p;
			p++) /* byte by byte: blocks fill across calls */
			sha256_add(&s, p, 1);
		sha256_end(&s, hash);
		for (size_t k = 0; k < 32; k++)
			buf_printf(&text, "%02x", hash[k]);
		assert_string_equal(buf_text(&text), rows[i].hash);
	}
}

static void the_hash_is_of_paths_texts_and_absence(void **state)
{
	struct revision a = make(1, 10), b = make(1, 10);

	(void)state;
	b.when++;
	b.comment = "another";
	revision_seal(&b);
	assert_string_equal(a.hash, b.hash);
	b.files.v[1].absent = false;
	revision_seal(&b);
	assert_string_not_equal(a.hash, b.hash);
	b = make(1, 10);
	b.files.v[2].path = "/etc/firewall.other";
	revision_seal(&b);
	assert_string_not_equal(a.hash, b.hash);
}

/* ---- one file ---- */

static void any_bytes_come_back(void **state)
{
	struct revision r = make(3, 100), back;
	json_t *extra = json_pack("{s:s}", "kept", "yes"), *got = NULL;
	static const char bytes[] = "\0\xff\xfe\n\n'\"zonewall revision 1\n{}\n";
	AUTO_BUF out = BUF_INIT;

	(void)state;
	r.files.v[0].text = (struct slice){ bytes, sizeof(bytes) };
	r.comment = "two\nlines \x1b[2J and \"quotes\"";
	r.restores = 7;
	revision_seal(&r);
	assert_int_equal(revision_encode(&r, extra, &out), 0);
	assert_int_equal(
		revision_decode((struct slice){ out.p, out.n }, false, &arena, &back, &got), 0);
	assert_same(&r, &back);
	assert_int_equal(back.when, r.when);
	assert_int_equal(back.restores, 7);
	assert_null(strchr(back.comment, '\x1b'));
	assert_null(strchr(back.comment, '\n'));
	assert_true(json_equal(extra, got));
	json_decref(extra);
	json_decref(got);
}

static void part_of_a_revision_is_no_revision(void **state)
{
	struct revision r = make(4, 60), back = { .number = 77 };
	AUTO_BUF out = BUF_INIT;

	(void)state;
	assert_int_equal(revision_encode(&r, NULL, &out), 0);
	for (size_t n = 0; n < out.n; n++) {
		struct slice cut = { out.p, n };

		assert_int_not_equal(revision_decode(cut, false, &arena, &back, NULL), 0);
		assert_int_equal(back.number, 77);
	}
	buf_char(&out, 'x');
	assert_int_equal(
		revision_decode((struct slice){ out.p, out.n }, false, &arena, &back, NULL),
		-EBADMSG);
}

static void a_changed_byte_of_a_text_is_noticed(void **state)
{
	struct revision r = make(5, 60), back;
	AUTO_BUF out = BUF_INIT;
	size_t body;

	(void)state;
	assert_int_equal(revision_encode(&r, NULL, &out), 0);
	body = out.n - r.files.v[0].text.n - r.files.v[2].text.n;
	for (size_t at = body; at < out.n; at++) {
		out.p[at] ^= 1;
		assert_int_equal(
			revision_decode((struct slice){ out.p, out.n }, false, &arena, &back, NULL),
			-EBADMSG);
		out.p[at] ^= 1;
	}
}

static void other_formats_and_ways_out_are_refused(void **state)
{
	static const struct {
		const char *text;
		int err;
	} rows[] = {
		{ "", -EBADMSG },
		{ "config zone\n", -EBADMSG },
		{ "zonewall revision 2\n{}\n", -EPROTONOSUPPORT },
		{ "zonewall revision 1\n[]\n", -EBADMSG },
		{ "zonewall revision 1\n{\"number\":1,\"time\":1,\"user\":\"\",\"source\":\"\","
		  "\"comment\":\"\",\"restores\":0,\"hash\":"
		  "\"0000000000000000000000000000000000000000000000000000000000000000\","
		  "\"files\":[{\"path\":\"../etc/shadow\",\"absent\":true}]}\n",
			-EBADMSG },
	};
	struct revision r;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(revision_decode(slice_of(rows[i].text), true, &arena, &r, NULL),
			rows[i].err);
}

/* ---- the store ---- */

static void numbers_grow_and_a_hundred_are_kept(void **state)
{
	struct revision_numbers numbers;
	struct revision got;
	struct stat st;

	(void)state;
	assert_int_equal(store_newest(folder, 0, &arena, &got), -ENOENT);
	for (unsigned i = 1; i <= REVISIONS_KEPT + 5; i++) {
		struct revision r = make(i, 10);

		assert_int_equal(store_add(folder, &r), 0);
		assert_int_equal(r.number, i);
	}
	assert_int_equal(store_numbers(folder, &arena, &numbers), 0);
	assert_int_equal(numbers.list.n, REVISIONS_KEPT);
	assert_int_equal(numbers.list.v[0], REVISIONS_KEPT + 5);
	assert_int_equal(numbers.list.v[REVISIONS_KEPT - 1], 6);
	assert_int_equal(store_read(folder, 5, &arena, &got), -ENOENT);
	assert_int_equal(store_newest(folder, 0, &arena, &got), 0);
	assert_int_equal(got.number, REVISIONS_KEPT + 5);
	assert_int_equal(stat(in("revisions/105"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(in("revisions"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void a_damaged_revision_is_passed_over(void **state)
{
	struct revision r = make(1, 10), got;

	(void)state;
	assert_int_equal(store_add(folder, &r), 0);
	r = make(2, 10);
	assert_int_equal(store_add(folder, &r), 0);
	assert_int_equal(truncate(in("revisions/2"), 100), 0);
	assert_int_equal(store_read(folder, 2, &arena, &got), -EBADMSG);
	assert_int_equal(store_newest(folder, 0, &arena, &got), 0);
	assert_int_equal(got.number, 1);
	/* its number is not given to another, and a copy is not taken for another */
	r = make(3, 10);
	assert_int_equal(store_add(folder, &r), 0);
	assert_int_equal(r.number, 3);
	assert_int_equal(rename(in("revisions/1"), in("revisions/9")), 0);
	assert_int_equal(store_read(folder, 9, &arena, &got), -EBADMSG);
}

static void leftovers_are_removed_and_strangers_are_not(void **state)
{
	struct revision r = make(1, 10);
	int fd;

	(void)state;
	assert_int_equal(store_add(folder, &r), 0);
	fd = open(in("revisions/.uci-0123456789abcdef"), O_CREAT | O_WRONLY, 0600);
	close(fd);
	fd = open(in("revisions/README"), O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(store_add(folder, &r), 0);
	assert_int_equal(access(in("revisions/.uci-0123456789abcdef"), F_OK), -1);
	assert_int_equal(access(in("revisions/README"), F_OK), 0);
}

/* ---- kill -9 ---- */

static void nap_us(long us)
{
	struct timespec t = { 0, us * 1000 };

	nanosleep(&t, NULL);
}

/* The other side of the comparison: the file is written in place. */
static int add_carelessly(const char *state_dir, struct revision *r)
{
	AUTO_BUF out = BUF_INIT;
	char path[512];
	int fd, err = 0;

	r->number = 1;
	snprintf(path, sizeof(path), "%s/revisions/1", state_dir);
	if (revision_encode(r, NULL, &out))
		return -EIO;
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	for (size_t at = 0; fd >= 0 && at < out.n; at += 512)
		if (write(fd, out.p + at, out.n - at < 512 ? out.n - at : 512) < 0)
			err = -errno;
	close(fd);
	return err;
}

/* Kills a writer again and again; returns how often the newest revision was not to be read. */
static unsigned kill_writers(int (*add)(const char *, struct revision *), unsigned times)
{
	unsigned unreadable = 0;

	for (unsigned i = 0; i < times; i++) {
		struct revision r = make(i, 200000), got;
		struct revision_numbers numbers;
		pid_t pid = fork();

		if (!pid) {
			for (;;)
				if (add(folder, &r))
					_exit(1);
		}
		nap_us(200 + rand() % 6000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		if (store_numbers(folder, &arena, &numbers) || !numbers.list.n)
			continue; /* killed before the first one */
		vec_each(n, &numbers.list)
			unreadable += store_read(folder, *n, &arena, &got) != 0;
		arena_release(&arena);
	}
	return unreadable;
}

static void killed_writers_leave_whole_revisions(void **state)
{
	struct revision r;

	(void)state;
	srand(1);
	assert_int_equal(kill_writers(store_add, 40), 0);
	r = make(1, 10);
	/* a killed holder leaves no lock */
	assert_int_equal(store_add(folder, &r), 0);
}

static void the_check_sees_a_careless_writer(void **state)
{
	(void)state;
	srand(1);
	assert_int_equal(mkdir(in("revisions"), 0700), 0);
	assert_true(kill_writers(add_carelessly, 40) > 0);
}

/* ---- pending ---- */

static void a_pending_apply_knows_its_time(void **state)
{
	struct pending p = { .newest = 4, .before = PENDING_STOPPED }, got;

	(void)state;
	p.revision = make(8, 10);
	assert_int_equal(pending_read(folder, &arena, &got), -ENOENT);
	assert_int_equal(pending_start(&p, 20), 0);
	assert_int_equal(pending_write(folder, &p), 0);
	assert_int_equal(pending_read(folder, &arena, &got), 0);
	assert_same(&p.revision, &got.revision);
	assert_string_equal(got.token, p.token);
	assert_int_equal(got.newest, 4);
	assert_int_equal(got.before, PENDING_STOPPED);
	assert_in_range(pending_left_ms(&got), 15000, 20000);
	got.deadline_ms = pending_clock_ms() - 1;
	assert_int_equal(pending_left_ms(&got), 0);
	assert_int_equal(pending_drop(folder), 0);
	assert_int_equal(pending_drop(folder), 0);
	assert_int_equal(pending_read(folder, &arena, &got), -ENOENT);
}

static void of_another_boot_it_is_overdue(void **state)
{
	struct pending p = { 0 };

	(void)state;
	assert_int_equal(pending_start(&p, 1000), 0);
	assert_true(pending_left_ms(&p) > 0);
	snprintf(p.boot, sizeof(p.boot), "%s", "00000000-0000-0000-0000-000000000000");
	assert_int_equal(pending_left_ms(&p), 0);
}

/* ---- restoring ---- */

static void write_text(const char *name, const char *text)
{
	assert_int_equal(uci_save(in(name), text, strlen(text)), 0);
}

static void assert_text(const char *name, const char *text)
{
	struct source now;

	assert_int_equal(uci_load(in(name), &arena, &now), 0);
	assert_true(slice_is(now.text, text));
}

static struct revision two_files(void)
{
	struct revision r = { .user = "", .source = "", .comment = "" };
	struct revision_file files[] = {
		{ "firewall", false, slice_of("old firewall\n") },
		{ "zonewall", true, { 0 } },
		{ arena_printf(&arena, "%s/user", folder), false, slice_of("old user\n") },
		{ arena_printf(&arena, "%s/never", folder), true, { 0 } },
	};

	for (size_t i = 0; i < 4; i++)
		vec_push(&arena, &r.files, files[i]);
	revision_seal(&r);
	return r;
}

static void files_are_put_back_as_they_were(void **state)
{
	struct revision r = two_files();
	struct stat st;

	(void)state;
	write_text("firewall", "new firewall\n");
	assert_int_equal(chmod(in("firewall"), 0644), 0);
	write_text("zonewall", "new settings\n");
	write_text("never", "somebody's\n");
	assert_int_equal(restore_files(&r, folder, &arena, NULL), 0);
	assert_text("firewall", "old firewall\n");
	assert_text("user", "old user\n");
	assert_int_equal(access(in("zonewall"), F_OK), -1);
	assert_text("never", "somebody's\n"); /* outside of the configuration nothing is removed */
	assert_int_equal(stat(in("firewall"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
}

static void one_file_that_fails_undoes_the_others(void **state)
{
	struct revision r = two_files();
	const char *path = NULL;

	(void)state;
	write_text("firewall", "new firewall\n");
	write_text("zonewall", "new settings\n");
	assert_int_equal(mkdir(in("user"), 0700), 0);
	assert_int_equal(restore_files(&r, folder, &arena, &path), -EINVAL);
	assert_string_equal(path, in("user"));
	assert_text("firewall", "new firewall\n");
	assert_text("zonewall", "new settings\n");
}

static void a_right_file_is_not_written(void **state)
{
	struct revision r = two_files();

	(void)state;
	write_text("real", "old firewall\n");
	/* a link would be refused if it had to be written */
	assert_int_equal(symlink(in("real"), in("firewall")), 0);
	assert_int_equal(restore_files(&r, folder, &arena, NULL), 0);
	write_text("real", "new firewall\n");
	assert_int_equal(restore_files(&r, folder, &arena, NULL), -ELOOP);
	assert_text("real", "new firewall\n");
}

static void what_was_meant_survives_a_kill(void **state)
{
	struct revision r = make(2, 50000), got;

	(void)state;
	srand(2);
	r.files.n = 1;
	revision_seal(&r);
	for (unsigned i = 0; i < 30; i++) {
		pid_t pid;

		write_text("firewall", "new firewall\n");
		pid = fork();
		if (!pid) {
			if (restoring_begin(folder, &r) || restore_files(&r, folder, &arena, NULL))
				_exit(1);
			_exit(restoring_end(folder) != 0);
		}
		nap_us(rand() % 3000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		if (!restoring_read(folder, &arena, &got)) {
			assert_int_equal(restore_files(&got, folder, &arena, NULL), 0);
			assert_int_equal(restoring_end(folder), 0);
		} else {
			struct source now;

			assert_int_equal(uci_load(in("firewall"), &arena, &now), 0);
			assert_true(slice_is(now.text, "new firewall\n") ||
				    slice_eq(now.text, r.files.v[0].text));
			continue;
		}
		assert_text("firewall",
			arena_strndup(&arena, r.files.v[0].text.p, r.files.v[0].text.n));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sha256_agrees_with_the_standard),
		TEST(the_hash_is_of_paths_texts_and_absence),
		TEST(any_bytes_come_back),
		TEST(part_of_a_revision_is_no_revision),
		TEST(a_changed_byte_of_a_text_is_noticed),
		TEST(other_formats_and_ways_out_are_refused),
		TEST(numbers_grow_and_a_hundred_are_kept),
		TEST(a_damaged_revision_is_passed_over),
		TEST(leftovers_are_removed_and_strangers_are_not),
		TEST(killed_writers_leave_whole_revisions),
		TEST(the_check_sees_a_careless_writer),
		TEST(a_pending_apply_knows_its_time),
		TEST(of_another_boot_it_is_overdue),
		TEST(files_are_put_back_as_they_were),
		TEST(one_file_that_fails_undoes_the_others),
		TEST(a_right_file_is_not_written),
		TEST(what_was_meant_survives_a_kill),
	};

	return RUN_TAP(tests);
}
