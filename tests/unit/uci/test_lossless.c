/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole files go through the editor and come out as they were: one made to be nasty and, with the
 * argument "real", those that devices come with. The latter are skipped when they are not at hand.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../cmocka_tap.h"

#include "uci/uci.h"

static void touch_all(struct uci_edit *edit)
{
	AUTO_BUF before = BUF_INIT;

	buf_add(&before, buf_text(&edit->text), edit->text.n);
	for (size_t i = 0; i < edit->file->sections.n; i++) {
		const struct uci_section *s = edit->file->sections.v[i];
		AUTO_BUF path = BUF_INIT;
		char *key, *value;
		bool exact;

		if (!s->items || s->items->kind == UCI_LIST)
			continue;
		uci_section_path(s, &path);
		key = strdup(s->items->key.text);
		value = strdup(s->items->value.text);
		exact = s->items->value.exact;
		assert_int_equal(uci_edit_set(edit, path.p, key, "changed"), 0);
		assert_int_not_equal(strcmp(edit->text.p, before.p), 0);
		assert_int_equal(uci_edit_set(edit, path.p, key, value), 0);
		/* What was escaped may come back quoted; everything else comes back as it was. */
		if (exact)
			assert_string_equal(edit->text.p, before.p);
		buf_clear(&before);
		buf_add(&before, edit->text.p, edit->text.n);
		assert_int_equal(uci_edit_set(edit, path.p, "zz_new", "it's"), 0);
		assert_int_equal(uci_edit_delete(edit, path.p, "zz_new"), 0);
		assert_string_equal(edit->text.p, before.p);
		free(key);
		free(value);
	}
	if (edit->text.n && edit->text.p[edit->text.n - 1] == '\n') {
		assert_int_equal(uci_edit_section_add(edit, "zz_type", NULL), 0);
		assert_int_equal(uci_edit_section_delete(edit, "@zz_type[0]"), 0);
		/* The blank line is taken back too, if the text did not end with one of its own. */
		assert_memory_equal(edit->text.p, before.p, edit->text.n);
		assert_true(edit->text.n + 1 >= before.n);
	}
}

static const char nasty[] =
	"package firewall # not needed\n\n"
	"#config rule\n#\toption off 1\n\nconfig defaults\n\toption syn_flood 1\t# no quotes\n"
	"\n\n\nconfig 'zone' \"lan\"\r\n    option name \"lan\"\r\n\tlist network 'lan'\n"
	"\tlist\tnetwork\tguest \n\toption comment 'two\nlines # here\n\nconfig fake'\n"
	"\t# inner\n\toption unknown_to_us \"a \\\"b\\\" \\\n c\"\n# after\n\n"
	"c rule;o name it\\'s;option proto tcp ; l x 'y'\n\n"
	"config zone lan # again\n\toption more 'a'\"b\"c\n\toption \\\n\tjoined x\\\ny\n";

static void nasty_text_survives_edits(void **state)
{
	struct uci_edit edit;

	(void)state;
	assert_true(uci_edit_init(&edit, "nasty", slice_of(nasty)));
	assert_string_equal(edit.text.p, nasty);
	touch_all(&edit);
	uci_edit_release(&edit);
}

static const char *real_files(void)
{
	static char path[4096];
	const char *shared = getenv("ZONEWALL_SHARED");

	snprintf(path, sizeof(path), "%s/reference/configs", shared ? shared : "../shared");
	return path;
}

/* The configurations that devices come with, when they are at hand. */
static void real_files_survive_edits(void **state)
{
	struct dirent *entry;
	unsigned files = 0;
	DIR *d;

	(void)state;
	d = opendir(real_files());
	assert_non_null(d);
	while ((entry = readdir(d))) {
		struct arena arena;
		struct source source;
		struct uci_edit edit;
		AUTO_BUF path = BUF_INIT;
		const char *end = strrchr(entry->d_name, '.');

		if (!end || strcmp(end, ".config"))
			continue;
		buf_printf(&path, "%s/%s", real_files(), entry->d_name);
		arena_init(&arena);
		assert_int_equal(uci_load(path.p, &arena, &source), 0);
		assert_true(uci_edit_init(&edit, source.name, source.text));
		assert_int_equal(edit.diags.warnings, 0);
		assert_true(edit.file->sections.n > 1);
		assert_string_equal(edit.text.p, source.text.p);
		touch_all(&edit);
		uci_edit_release(&edit);
		arena_release(&arena);
		files++;
	}
	closedir(d);
	assert_true(files > 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest nasty_tests[] = {
		cmocka_unit_test(nasty_text_survives_edits),
	};
	const struct CMUnitTest real_tests[] = {
		cmocka_unit_test(real_files_survive_edits),
	};

	if (argc < 2 || strcmp(argv[1], "real"))
		return RUN_TAP(nasty_tests);
	if (access(real_files(), R_OK)) {
		printf("1..0 # SKIP there is no folder %s (set ZONEWALL_SHARED)\n", real_files());
		return 0;
	}
	return RUN_TAP(real_tests);
}
