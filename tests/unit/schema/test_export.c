/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tables say to people and programs. With the argument "mdoc": prints a manual page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "sample.h"

static const struct section_row *const rows[] = { &sample_row };

static void help_is_the_whole_entry_of_an_option(void **state)
{
	static const struct {
		const char *option, *text;
	} cases[] = {
		{ "name", "name - Name\n"
			  "  of `config sample` (Sample)\n"
			  "\n"
			  "  What the entry is called. Shown in lists.\n"
			  "\n"
			  "  Type        text, at most 64 bytes\n"
			  "  Example     office\n"
			  "  Default     none\n"
			  "  Also read   _name\n"
			  "  Page        Samples\n"
			  "  Manual      4.1 Name\n" },
		{ "target", "target - Action\n"
			    "  of `config sample` (Sample)\n"
			    "\n"
			    "  Type        DROP, REJECT, ACCEPT or REDIRECT\n"
			    "              REJECT       Refuse, and say so\n"
			    "              REDIRECT     Send elsewhere\n"
			    "  Example     DROP\n"
			    "  Default     DROP\n"
			    "  New section ACCEPT\n"
			    "  Page        Samples\n" },
		{ "one_port", "one_port - One port\n"
			      "  of `config sample` (Sample)\n"
			      "\n"
			      "  Type        N, N-M or !N, 0 to 65535\n"
			      "  Example     8000-8080\n"
			      "  Default     none\n"
			      "  Only when   target=REDIRECT\n"
			      "  Page        Samples\n" },
		{ "src", "src - Source zone\n"
			 "  of `config sample` (Sample)\n"
			 "\n"
			 "  Type        the name of a zone\n"
			 "  Example     lan\n"
			 "  Default     none\n"
			 "  Since       RutOS 7.09\n"
			 "  Page        Samples\n" },
		{ "old", "old - Old count\n"
			 "  of `config sample` (Sample)\n"
			 "\n"
			 "  Type        a whole number\n"
			 "  Example     10\n"
			 "  Default     none\n"
			 "  Effect      kept and listed; has no effect on packets by itself\n"
			 "  Deprecated  yes\n"
			 "  Write       count\n"
			 "  Page        Samples\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO_BUF out = BUF_INIT;

		schema_help(
			&sample_row, schema_option(&sample_row, slice_of(cases[i].option)), &out);
		assert_string_equal(buf_text(&out), cases[i].text);
	}
}

static void the_reference_is_tables_that_no_text_can_break(void **state)
{
	AUTO_BUF out = BUF_INIT;

	(void)state;
	schema_reference(rows, 1, &out);

	const char *text = buf_text(&out);

	assert_ptr_equal(
		strstr(text, "## `sample`: Sample\n\nOne of everything.\n\nPage: Samples.\n\n"
			     "### General\n\n| Option | Label |"),
		text);
	assert_non_null(strstr(text, "\n### Time restrictions\n\n"));
	assert_non_null(strstr(text, "\n### In files only\n\n"));
	assert_non_null(strstr(text, "| `count` | Count | a whole number, 1 to 100 | `5` | - | "
				     "How many. |\n"));
	assert_non_null(strstr(text, "| required | - | The name it declares. |\n"));
	assert_non_null(strstr(text, "\\`a\\|b\\`, \\*stars\\*, &lt;tags>, \\\\back"));
	/* Six cells in each row of a table, whatever its text holds. */
	for (const char *p = text; *p; p = strchr(p, '\n') + 1) {
		int bars = 0;

		if (*p != '|')
			continue;
		for (const char *q = p; *q != '\n'; q++)
			bars += *q == '|' && (q == p || q[-1] != '\\');
		assert_int_equal(bars, 7);
	}
}

static void json_has_what_a_form_needs(void **state)
{
	json_t *root = schema_json(rows, 1);
	json_t *section = json_array_get(json_object_get(root, "sections"), 0);
	json_t *options = json_object_get(section, "options");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(section, "type")), "sample");
	assert_string_equal(json_string_value(json_object_get(section, "page")), "Samples");
	assert_int_equal(json_array_size(options), sample_row.n_options);
	for (size_t i = 0; i < sample_row.n_options; i++) {
		json_t *o = json_array_get(options, i);

		assert_string_equal(
			json_string_value(json_object_get(o, "name")), sample_options[i].name);
		assert_non_null(json_object_get(o, "type"));
		assert_non_null(json_object_get(o, "label"));
		assert_non_null(json_object_get(o, "widget"));
		assert_non_null(json_object_get(o, "group"));
		assert_non_null(json_object_get(o, "status"));
		assert_int_equal(json_is_true(json_object_get(o, "list")), sample_options[i].list);
	}

	json_t *count = json_array_get(options, 2), *target = json_array_get(options, 9);
	json_t *words = json_object_get(target, "words");

	assert_int_equal(json_integer_value(json_object_get(count, "min")), 1);
	assert_int_equal(json_integer_value(json_object_get(count, "max")), 100);
	assert_string_equal(json_string_value(json_object_get(count, "default")), "5");
	assert_string_equal(json_string_value(json_object_get(target, "initial")), "ACCEPT");
	assert_int_equal(json_array_size(words), 4);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(words, 0), "label")), "Drop");
	assert_null(json_object_get(target, "open_words"));
	for (size_t i = 0; i < sample_row.n_options; i++) {
		json_t *o = json_array_get(options, i);

		if (strcmp(sample_options[i].name, "icmp_type") != 0)
			continue;
		assert_true(json_array_size(json_object_get(o, "words")) > 40);
		assert_true(json_is_true(json_object_get(o, "open_words")));
	}
	json_decref(root);
}

static void mdoc_lines_are_short_and_never_requests_by_accident(void **state)
{
	AUTO_BUF out = BUF_INIT;

	(void)state;
	schema_mdoc(rows, 1, &out);
	assert_null(strstr(buf_text(&out), "\n.Sh"));
	assert_non_null(strstr(buf_text(&out), ".It Cm \"one_port\"\n"));
	for (const char *p = buf_text(&out); *p; p = strchr(p, '\n') + 1) {
		assert_true(strchr(p, '\n') - p <= 80);
		assert_true(*p != '\'' && *p != '\n');
		assert_true(*p != '.' || strncmp(p, ".It Cm ", 7) == 0 ||
			    strncmp(p, ".Ss ", 4) == 0 || strncmp(p, ".Cm ", 4) == 0 ||
			    strncmp(p, ".Bl ", 4) == 0 || strncmp(p, ".El\n", 4) == 0);
	}
}

static int print_manual_page(void)
{
	AUTO_BUF out = BUF_INIT;

	buf_str(&out, ".Dd January 1, 2026\n.Dt SAMPLE 5\n.Os\n.Sh NAME\n.Nm sample\n"
		      ".Nd one of everything\n.Sh OPTIONS\n");
	schema_mdoc(rows, 1, &out);
	fputs(buf_text(&out), stdout);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_is_the_whole_entry_of_an_option),
		cmocka_unit_test(the_reference_is_tables_that_no_text_can_break),
		cmocka_unit_test(json_has_what_a_form_needs),
		cmocka_unit_test(mdoc_lines_are_short_and_never_requests_by_accident),
	};

	if (argc == 2 && strcmp(argv[1], "mdoc") == 0)
		return print_manual_page();
	return RUN_TAP(tests);
}
