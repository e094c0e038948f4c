/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files: what is refused, what is kept, and that nobody ever sees half a file. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../cmocka_tap.h"

#include "uci/uci.h"

static char folder[64];
static char path[128], other[128];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "%s", "/tmp/uci-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/firewall", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	return 0;
}

static unsigned files_in_folder(void)
{
	DIR *d = opendir(folder);
	struct dirent *entry;
	unsigned n = 0;

	assert_non_null(d);
	while ((entry = readdir(d)))
		n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(d);
	return n;
}

/* Empties the folder. */
static void sweep(void)
{
	DIR *d = opendir(folder);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
			unlinkat(dirfd(d), entry->d_name, 0) < 0)
			unlinkat(dirfd(d), entry->d_name, AT_REMOVEDIR);
	}
	if (d)
		closedir(d);
}

static int remove_folder(void **state)
{
	(void)state;
	sweep();
	return rmdir(folder);
}

static void write_plain(const char *to, const char *text, size_t n)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	assert_true(fd >= 0);
	while (n) {
		ssize_t done = write(fd, text, n);

		if (done <= 0)
			break;
		text += done;
		n -= (size_t)done;
	}
	close(fd);
}

static void assert_content(const char *of, const char *text)
{
	struct arena arena;
	struct source source;

	arena_init(&arena);
	assert_int_equal(uci_load(of, &arena, &source), 0);
	assert_string_equal(source.text.p, text);
	assert_int_equal(source.text.n, strlen(text));
	assert_string_equal(source.name, of);
	arena_release(&arena);
}

static void a_new_file_is_private_and_alone(void **state)
{
	struct stat st;
	mode_t mask = umask(0077);

	(void)state;
	assert_int_equal(uci_save(path, "config r\n", 9), 0);
	umask(mask);
	assert_content(path, "config r\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(files_in_folder(), 1);
	assert_int_equal(uci_save(path, "", 0), 0);
	assert_content(path, "");
	sweep();
}

static void mode_and_owner_are_kept(void **state)
{
	struct stat st;
	bool root = geteuid() == 0;

	(void)state;
	write_plain(path, "old", 3);
	if (root)
		assert_int_equal(chown(path, 12345, 54321), 0);
	assert_int_equal(chmod(path, 0664), 0);
	assert_int_equal(uci_save(path, "new", 3), 0);
	assert_content(path, "new");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0664);
	if (root) {
		assert_int_equal(st.st_uid, 12345);
		assert_int_equal(st.st_gid, 54321);
	}
	assert_int_equal(files_in_folder(), 1);
	sweep();
}

static void a_path_without_a_folder_is_in_this_one(void **state)
{
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_true(here >= 0);
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(uci_save("firewall", "x", 1), 0);
	assert_int_equal(fchdir(here), 0);
	close(here);
	assert_content(path, "x");
	sweep();
}

static void only_regular_files_are_replaced(void **state)
{
	struct stat st;
	AUTO_BUF below = BUF_INIT;

	(void)state;
	write_plain(other, "target", 6);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(uci_save(path, "new", 3), -ELOOP);
	assert_content(other, "target");
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	/* Reading through a link is fine. */
	assert_content(path, "target");
	unlink(path);

	assert_int_equal(symlink("/nowhere", path), 0);
	assert_int_equal(uci_save(path, "new", 3), -ELOOP);
	unlink(path);

	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(uci_save(path, "new", 3), -EINVAL);
	unlink(path);

	assert_int_equal(uci_save(folder, "new", 3), -EINVAL);
	buf_printf(&below, "%s/", folder);
	assert_int_equal(uci_save(below.p, "new", 3), -EINVAL);
	buf_str(&below, "..");
	assert_int_equal(uci_save(below.p, "new", 3), -EINVAL);
	assert_int_equal(uci_save("", "new", 3), -EINVAL);
	assert_int_equal(uci_save("/no/such/folder/file", "new", 3), -ENOENT);
	sweep();
}

static void only_regular_files_of_some_size_are_read(void **state)
{
	struct arena arena;
	struct source source = { 0 };

	(void)state;
	arena_init(&arena);
	assert_int_equal(uci_load(path, &arena, &source), -ENOENT);
	assert_int_equal(uci_load(folder, &arena, &source), -EINVAL);
	assert_int_equal(uci_load("/dev/zero", &arena, &source), -EINVAL);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(uci_load(path, &arena, &source), -EINVAL);
	unlink(path);
	write_plain(path, "", 0);
	assert_int_equal(truncate(path, UCI_TEXT_MAX + 1), 0);
	assert_int_equal(uci_load(path, &arena, &source), -EFBIG);
	assert_null(source.name);
	assert_int_equal(truncate(path, UCI_TEXT_MAX), 0);
	assert_int_equal(uci_load(path, &arena, &source), 0);
	assert_int_equal(source.text.n, UCI_TEXT_MAX);
	arena_release(&arena);
	sweep();
}

static void a_full_disk_leaves_the_old_file(void **state)
{
	static char big[65536];
	struct rlimit old, small;

	(void)state;
	memset(big, 'x', sizeof(big));
	write_plain(path, "old", 3);
	/* A limit on the size of files fails the write half way, as a full disk does. */
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = sizeof(big) / 2;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);

	int r = uci_save(path, big, sizeof(big));

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(r, -EFBIG);
	assert_content(path, "old");
	assert_int_equal(files_in_folder(), 1);
	sweep();
}

#define BIG (1024 * 1024)

/* Kills a process that writes two texts in turn, many times; returns how often the file was torn.
 */
static unsigned torn_files(bool plain, unsigned kills)
{
	static char texts[2][BIG];
	unsigned torn = 0;

	for (size_t i = 0; i < 2; i++) {
		memset(texts[i], i ? 'b' : 'a', BIG);
		texts[i][BIG - 1] = '\n';
	}
	write_plain(path, texts[0], BIG);
	srandom(1);
	for (unsigned k = 0; k < kills; k++) {
		struct timespec wait = { 0, 1000 * (random() % 4000) };
		struct arena arena;
		struct source source;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (!pid) {
			for (unsigned i = 0;; i++) {
				if (plain)
					write_plain(path, texts[i % 2], BIG);
				else if (uci_save(path, texts[i % 2], BIG))
					_exit(1);
			}
		}
		nanosleep(&wait, NULL);
		assert_int_equal(kill(pid, SIGKILL), 0);

		int status;

		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		arena_init(&arena);
		assert_int_equal(uci_load(path, &arena, &source), 0);
		torn += source.text.n != BIG || (memcmp(source.text.p, texts[0], BIG) &&
							memcmp(source.text.p, texts[1], BIG));
		arena_release(&arena);
	}
	sweep();
	return torn;
}

static void a_killed_writer_never_leaves_half_a_file(void **state)
{
	(void)state;
	assert_int_equal(torn_files(false, 200), 0);
}

/* The test above means something only if it would see a torn file. */
static void the_harness_sees_the_files_a_plain_writer_tears(void **state)
{
	(void)state;
	assert_true(torn_files(true, 50) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_file_is_private_and_alone),
		cmocka_unit_test(mode_and_owner_are_kept),
		cmocka_unit_test(a_path_without_a_folder_is_in_this_one),
		cmocka_unit_test(only_regular_files_are_replaced),
		cmocka_unit_test(only_regular_files_of_some_size_are_read),
		cmocka_unit_test(a_full_disk_leaves_the_old_file),
		cmocka_unit_test(a_killed_writer_never_leaves_half_a_file),
		cmocka_unit_test(the_harness_sees_the_files_a_plain_writer_tears),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
