/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Editing: exactly the bytes that must change do change. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "uci/uci.h"

enum verb { SET, DELETE, ADD, REMOVE, LIST, NEW, DROP, RENAME, MOVE, MOVE_TO };

struct row {
	enum verb verb;
	const char *section, *key, *value; /* LIST: entries separated by ','; "" for none */
	int result;
	const char *before, *after; /* after NULL: unchanged */
};

static int apply_list(struct uci_edit *edit, const struct row *row)
{
	char *copy = strdup(row->value), *rest = copy;
	const char *values[8];
	size_t n = 0;
	int r;

	while (*row->value && rest)
		values[n++] = strsep(&rest, ",");
	r = uci_edit_list_set(edit, row->section, row->key, values, n);
	free(copy);
	return r;
}

static int apply(struct uci_edit *edit, const struct row *row)
{
	switch (row->verb) {
	case SET:
		return uci_edit_set(edit, row->section, row->key, row->value);
	case DELETE:
		return uci_edit_delete(edit, row->section, row->key);
	case ADD:
		return uci_edit_list_add(edit, row->section, row->key, row->value);
	case REMOVE:
		return uci_edit_list_remove(edit, row->section, row->key, row->value);
	case LIST:
		return apply_list(edit, row);
	case NEW:
		return uci_edit_section_add(edit, row->key, row->section);
	case DROP:
		return uci_edit_section_delete(edit, row->section);
	case RENAME:
		return uci_edit_section_rename(edit, row->section, row->value);
	case MOVE:
		return uci_edit_section_move(edit, row->section, row->value);
	case MOVE_TO:
		return uci_edit_section_move_to(edit, row->section, atoi(row->value));
	}
	return 0;
}

static void run(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct uci_edit edit;

		assert_true(uci_edit_init(&edit, "firewall", slice_of(rows[i].before)));
		assert_int_equal(apply(&edit, &rows[i]), rows[i].result);
		assert_string_equal(
			buf_text(&edit.text), rows[i].after ? rows[i].after : rows[i].before);
		uci_edit_release(&edit);
	}
}

#define RUN(rows) run((rows), sizeof(rows) / sizeof((rows)[0]))

static void options_change_in_place(void **state)
{
	static const struct row rows[] = {
		{ SET, "a", "x", "2", 0, "config r a # c\n\toption x '1' # one\n# end\n",
			"config r a # c\n\toption x '2' # one\n# end\n" },
		{ SET, "a", "x", "2", 0, "config r a\n  option  x \"1\"\n",
			"config r a\n  option  x \"2\"\n" },
		{ SET, "a", "x", "2", 0, "config r a\noption x 1#c", "config r a\noption x 2#c" },
		{ SET, "a", "x", "a b", 0, "config r a\n\toption x 1\n",
			"config r a\n\toption x 'a b'\n" },
		{ SET, "a", "x", "", 0, "config r a\n\toption x 1\n",
			"config r a\n\toption x ''\n" },
		{ SET, "a", "x", "it's", 0, "config r a\n\toption x '1'\n",
			"config r a\n\toption x 'it'\\''s'\n" },
		{ SET, "a", "x", "\"\\", 0, "config r a\n\toption x \"1\"\n",
			"config r a\n\toption x \"\\\"\\\\\"\n" },
		{ SET, "a", "x", "n", 0, "config r a\n\toption x 'o'\"l\"d\n",
			"config r a\n\toption x 'n'\n" },
		{ SET, "a", "x", "l1\nl2", 0, "config r a\n\toption x '1'\n",
			"config r a\n\toption x 'l1\nl2'\n" },
		{ SET, "a", "x", "1", 0, "config r a\n\toption x '1'\n", NULL },
		{ SET, "a", "x", "1", 0, "config r a\n\toption x # c\n",
			"config r a\n\toption x '1' # c\n" },
		/* The last one is the one that counts. */
		{ SET, "a", "x", "3", 0, "config r a\n\toption x 1\n\toption x 2\n",
			"config r a\n\toption x 1\n\toption x 3\n" },
		{ SET, "a", "x", "3", 0, "config r a\n\tlist x 1\n# c\n\tlist x 2\n\toption y 1\n",
			"config r a\n\toption x 3\n# c\n\toption y 1\n" },
		{ SET, "a", "x", "3", 0, "config r a\n\toption x 1\n\tlist x 2\n",
			"config r a\n\toption x 3\n" },
		{ SET, "b", "x", "1", -ENOENT, "config r a\n", NULL },
		{ SET, "a", "x y", "1", -EINVAL, "config r a\n", NULL },
		{ SET, "a", "", "1", -EINVAL, "config r a\n", NULL },
		{ DELETE, "a", "x", NULL, -ENOENT, "config r a\n", NULL },
		{ DELETE, "a", "x", NULL, 0, "config r a\n\toption x 1 # c\n\toption y 2\n",
			"config r a\n\toption y 2\n" },
		{ DELETE, "a", "x", NULL, 0, "config r a\n\tlist x 1\n\n\tlist x 2",
			"config r a\n\n" },
		{ DELETE, "a", "x", NULL, 0, "config r a\n\toption x '1\n2'\n\toption y 1\n",
			"config r a\n\toption y 1\n" },
		{ DELETE, "a", "x", NULL, 0, "config r a; option x 1; option y 2\n",
			"config r a; option y 2\n" },
		{ DELETE, "a", "y", NULL, 0, "config r a; option x 1; option y 2\n",
			"config r a; option x 1\n" },
		{ DELETE, "a", "x", NULL, 0, "config r a\nlist x 1; list x 2\n", "config r a\n" },
	};

	(void)state;
	RUN(rows);
}

static void new_options_look_like_their_neighbours(void **state)
{
	static const struct row rows[] = {
		{ SET, "a", "x", "1", 0, "config r a\n\nconfig r b\n",
			"config r a\n\toption x '1'\n\nconfig r b\n" },
		{ SET, "a", "x", "1", 0, "config r a", "config r a\n\toption x '1'\n" },
		{ SET, "a", "x", "1", 0, "config r a\n    option y 2 # c\n# next\nconfig r b\n",
			"config r a\n    option y 2 # c\n    option x '1'\n# next\nconfig r b\n" },
		{ SET, "a", "x", "1", 0, "config r a\r\noption y 2\r\n",
			"config r a\r\noption y 2\r\noption x '1'\r\n" },
		{ SET, "a", "x", "1", 0, "config r a\r\n\toption y 2",
			"config r a\r\n\toption y 2\r\n\toption x '1'\r\n" },
		{ SET, "a", "x", "1", 0, "config r a; option y 2; config r b\n",
			"config r a; option y 2 ; option x '1'; config r b\n" },
		{ SET, "a", "x", "1", 0, "config r a\n\toption y b \\\n\n\toption z c\\\n",
			"config r a\n\toption y b \\\n\n\toption z c\\\n\n\toption x '1'\n" },
		{ SET, "@r[-1]", "x", "1", 0, "config r\nconfig r\n",
			"config r\nconfig r\n\toption x '1'\n" },
		/* A section in two parts grows at its end. */
		{ SET, "a", "x", "1", 0, "config r a\nconfig r b\nconfig r a\n",
			"config r a\nconfig r b\nconfig r a\n\toption x '1'\n" },
	};

	(void)state;
	RUN(rows);
}

static void lists_change_by_entry(void **state)
{
	static const struct row rows[] = {
		{ ADD, "a", "x", "2", 0, "config r a\n  list x 1\n\toption y 1\n",
			"config r a\n  list x 1\n  list x '2'\n\toption y 1\n" },
		{ ADD, "a", "x", "2", 0, "config r a\n\toption y 1\n",
			"config r a\n\toption y 1\n\tlist x '2'\n" },
		{ REMOVE, "a", "x", "1", 0, "config r a\n\tlist x 1\n\tlist x 2\n\tlist x '1'\n",
			"config r a\n\tlist x 2\n" },
		{ REMOVE, "a", "x", "3", -ENOENT, "config r a\n\tlist x 1\n", NULL },
		/* The hidden entry does not come back. */
		{ REMOVE, "a", "x", "2", 0, "config r a\n\tlist x 1\n\toption x 2\n\tlist x 3\n",
			"config r a\n\tlist x 3\n" },
		{ LIST, "a", "x", "1,9,3", 0,
			"config r a\n\tlist x 1 # one\n\tlist x \"2\"\n\tlist x 3\n",
			"config r a\n\tlist x 1 # one\n\tlist x \"9\"\n\tlist x 3\n" },
		{ LIST, "a", "x", "1", 0, "config r a\n\tlist x 1\n\tlist x 2\n\toption y 1\n",
			"config r a\n\tlist x 1\n\toption y 1\n" },
		{ LIST, "a", "x", "1,2,3", 0, "config r a\n\tlist x 1\n\toption y 1\n",
			"config r a\n\tlist x 1\n\tlist x '2'\n\tlist x '3'\n\toption y 1\n" },
		{ LIST, "a", "x", "", 0, "config r a\n\tlist x 1\n\tlist x 2\n", "config r a\n" },
		{ LIST, "a", "x", "1,2", 0, "config r a\n\toption x 0\n",
			"config r a\n\tlist x 1\n\tlist x '2'\n" },
		{ LIST, "a", "x", "1,2", 0, "config r a; list x 0; option y 1\n",
			"config r a; list x 1 ; list x '2'; option y 1\n" },
	};

	(void)state;
	RUN(rows);
}

static void sections_come_and_go(void **state)
{
	static const struct row rows[] = {
		{ NEW, NULL, "rule", NULL, 0, "", "config rule\n" },
		{ NEW, "a", "rule", NULL, 0, "config r\n", "config r\n\nconfig rule 'a'\n" },
		{ NEW, "a", "rule", NULL, 0, "config r\n\n", "config r\n\nconfig rule 'a'\n" },
		{ NEW, NULL, "rule", NULL, 0, "config r # c", "config r # c\n\nconfig rule\n" },
		{ NEW, NULL, "rule", NULL, 0, "config r\r\n", "config r\r\n\r\nconfig rule\r\n" },
		{ NEW, NULL, "rule", NULL, 0, "# only\n", "# only\n\nconfig rule\n" },
		{ NEW, NULL, "rule", NULL, 0, "config r\n\toption a b \\\n",
			"config r\n\toption a b \\\n\n\nconfig rule\n" },
		{ NEW, "a", "rule", NULL, -EEXIST, "config r a\n", NULL },
		{ NEW, "a-b", "rule", NULL, -EINVAL, "config r a\n", NULL },
		{ NEW, "b", "ru le", NULL, -EINVAL, "config r a\n", NULL },
		{ DROP, "b", NULL, NULL, 0,
			"config r a\n\n# b\nconfig r b\n\toption x 1\n\n# c\nconfig r c\n",
			"config r a\n\n# c\nconfig r c\n" },
		{ DROP, "a", NULL, NULL, 0, "# top\nconfig r a\n\toption x 1\n\nconfig r b\n",
			"# top\nconfig r b\n" },
		{ DROP, "b", NULL, NULL, 0, "config r a\n\nconfig r b\n\toption x 1\n",
			"config r a\n" },
		{ DROP, "a", NULL, NULL, 0,
			"config r a\n\toption x 1\n\t#option y 2\n\nconfig r b\n", "config r b\n" },
		{ DROP, "a", NULL, NULL, 0, "config r a\n\toption x 1\n# b\nconfig r b\n",
			"# b\nconfig r b\n" },
		/* What looks like a blank line and a comment is the end of a value. */
		{ DROP, "b", NULL, NULL, 0, "config r a\n\toption x 'y\n\n# z'\nconfig r b\n",
			"config r a\n\toption x 'y\n\n# z'\n" },
		{ DROP, "b", NULL, NULL, 0, "config r a; config r b; option x 1; config r c\n",
			"config r a; config r c\n" },
		{ DROP, "c", NULL, NULL, 0, "config r a; config r c # x\n", "config r a # x\n" },
		{ DROP, "a", NULL, NULL, 0, "config r a\n\nconfig r b\n\nconfig r a\n",
			"config r b\n" },
		{ DROP, "a", NULL, NULL, 0, "config r a; config r a; option x 1\n", "" },
		{ DROP, "z", NULL, NULL, -ENOENT, "config r a\n", NULL },
		{ RENAME, "a", NULL, "b", 0, "config r \"a\" # c\nconfig r a\n",
			"config r \"b\" # c\nconfig r b\n" },
		{ RENAME, "@r[0]", NULL, "b", 0, "config r # c\n", "config r 'b' # c\n" },
		{ RENAME, "a", NULL, "b", -EEXIST, "config r a\nconfig s b\n", NULL },
		{ RENAME, "a", NULL, "b c", -EINVAL, "config r a\n", NULL },
		{ RENAME, "a", NULL, "a", 0, "config r a\n", NULL },
	};

	(void)state;
	RUN(rows);
}

#define THREE                                                                                      \
	"# top\n\nconfig r\n\toption n 0\n\n# one\nconfig r\n\toption n 1\n\nconfig r\n\toption "  \
	"n 2\n"

static void sections_move_with_their_comments(void **state)
{
	static const struct row rows[] = {
		{ MOVE_TO, "@r[1]", NULL, "0", 0, THREE,
			"# top\n\n# one\nconfig r\n\toption n 1\n\nconfig r\n\toption n 0\n\n"
			"config r\n\toption n 2\n" },
		{ MOVE_TO, "@r[1]", NULL, "-1", 0, THREE,
			"# top\n\nconfig r\n\toption n 0\n\nconfig r\n\toption n 2\n\n"
			"# one\nconfig r\n\toption n 1\n" },
		{ MOVE_TO, "@r[0]", NULL, "1", 0, THREE,
			"# top\n\n# one\nconfig r\n\toption n 1\n\nconfig r\n\toption n 0\n\n"
			"config r\n\toption n 2\n" },
		{ MOVE_TO, "@r[1]", NULL, "1", 0, THREE, NULL },
		{ MOVE_TO, "@r[1]", NULL, "3", -ENOENT, THREE, NULL },
		{ MOVE, "@r[0]", NULL, "@r[1]", 0, THREE, NULL },
		{ MOVE, "@r[2]", NULL, NULL, 0, THREE, NULL },
		{ MOVE, "@r[0]", NULL, "@r[0]", 0, THREE, NULL },
		{ MOVE, "b", NULL, "a", 0, "config r a\n\nconfig r b",
			"config r b\n\nconfig r a\n" },
		{ MOVE, "c", NULL, "b", 0, "config r a; config r b; config r c\n",
			"config r a\nconfig r c\n\nconfig r b\n" },
		{ MOVE, "a", NULL, "d", 0, "config r a\n\nconfig r b; config r a; config r d\n",
			"config r b\nconfig r a\nconfig r a\n\nconfig r d\n" },
	};

	(void)state;
	RUN(rows);
}

static void a_text_with_errors_is_not_edited(void **state)
{
	struct uci_edit edit;

	(void)state;
	assert_false(uci_edit_init(&edit, "firewall", slice_of("config r\n\toption a 'b\n")));
	assert_int_equal(edit.diags.errors, 1);
	uci_edit_release(&edit);
}

static void an_edit_past_a_limit_changes_nothing(void **state)
{
	struct uci_edit edit;
	AUTO_BUF value = BUF_INIT;
	AUTO_BUF text = BUF_INIT;

	(void)state;
	buf_fill(&value, 'x', UCI_VALUE_MAX + 1);
	assert_true(uci_edit_init(&edit, "firewall", slice_of("config r a\n")));
	assert_int_equal(uci_edit_set(&edit, "a", "x", value.p), -EFBIG);
	assert_int_equal(uci_edit_list_add(&edit, "a", "x", value.p), -EFBIG);
	assert_int_equal(uci_edit_set(&edit, "a", "x", value.p + 1), 0);
	uci_edit_release(&edit);

	buf_str(&text, "config r a\n");
	buf_fill(&text, '#', UCI_TEXT_MAX - text.n);
	assert_true(uci_edit_init(&edit, "firewall", (struct slice){ text.p, text.n }));
	assert_int_equal(uci_edit_set(&edit, "a", "x", "1"), -EFBIG);
	assert_int_equal(edit.text.n, text.n);
	assert_non_null(uci_section_named(edit.file, "a"));
	uci_edit_release(&edit);

	buf_clear(&text);
	for (size_t i = 0; i < UCI_SECTIONS_MAX; i++)
		buf_str(&text, "c r\n");
	assert_true(uci_edit_init(&edit, "firewall", (struct slice){ text.p, text.n }));
	assert_int_equal(uci_edit_section_add(&edit, "r", NULL), -EFBIG);
	assert_int_equal(uci_edit_section_delete(&edit, "@r[-1]"), 0);
	assert_int_equal(uci_edit_section_add(&edit, "r", NULL), 0);
	uci_edit_release(&edit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_change_in_place),
		cmocka_unit_test(new_options_look_like_their_neighbours),
		cmocka_unit_test(lists_change_by_entry),
		cmocka_unit_test(sections_come_and_go),
		cmocka_unit_test(sections_move_with_their_comments),
		cmocka_unit_test(a_text_with_errors_is_not_edited),
		cmocka_unit_test(an_edit_past_a_limit_changes_nothing),
	};

	return RUN_TAP(tests);
}
