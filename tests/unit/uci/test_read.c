/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading: what the text means, where things stand, and what is said about mistakes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "uci/uci.h"

struct reading {
	struct arena arena;
	struct source source;
	struct diags diags;
	struct uci_file *file;
};

static void read_slice(struct reading *r, struct slice text)
{
	arena_init(&r->arena);
	diags_init(&r->diags, &r->arena);
	r->source = (struct source){ "firewall", text };
	r->file = uci_parse(&r->arena, &r->source, &r->diags);
}

static void read_text(struct reading *r, const char *text)
{
	read_slice(r, slice_of(text));
}

/* One line per tree: type[index] or type:name, then key=value, key+=value. */
static void dump(const struct uci_file *file, struct buf *out)
{
	vec_each (at, &file->sections) {
		const struct uci_section *s = *at;

		if (s->name)
			buf_printf(out, "{%s:%s", s->type, s->name);
		else
			buf_printf(out, "{%s[%zu]", s->type, s->index);
		for (const struct uci_item *i = s->items; i; i = i->next)
			buf_printf(out, " %s%s%s", i->key.text, i->kind == UCI_LIST ? "+=" : "=",
				i->value.text);
		buf_char(out, '}');
	}
}

static void text_is_read_as_libuci_reads_it(void **state)
{
	static const struct {
		const char *text, *tree;
	} rows[] = {
		{ "", "" },
		{ "\n\n  \t\n# comment\n", "" },
		{ "package firewall\n\nconfig rule\n", "{rule[0]}" },
		{ "config rule", "{rule[0]}" },
		{ "config rule 'a'\n\toption b 'c'\n\tlist d 'e'\n\tlist d 'f'\n",
			"{rule:a b=c d+=e d+=f}" },
		{ "config 'rule' \"a\"\n option 'b' \"c\"\n", "{rule:a b=c}" },
		{ "config rule ''\n", "{rule[0]}" },
		{ "config rule\nconfig zone\nconfig rule\n", "{rule[0]}{zone[0]}{rule[1]}" },
		{ "config rule a\nconfig rule\n", "{rule:a}{rule[1]}" },
		{ "c rule a\no b c\nl d e\np x\n", "{rule:a b=c d+=e}" },
		{ "config r\n\toption a 'x y'\n", "{r[0] a=x y}" },
		{ "config r\n\toption a \"x y\"\n", "{r[0] a=x y}" },
		{ "config r\n\toption a x\\ y\n", "{r[0] a=x y}" },
		{ "config r\n\toption a 'x'\"y\"z\n", "{r[0] a=xyz}" },
		{ "config r\n\toption a 'it'\\''s'\n", "{r[0] a=it's}" },
		{ "config r\n\toption a \"a\\\"b\\\\c\\d\"\n", "{r[0] a=a\"b\\cd}" },
		{ "config r\n\toption a 'a\\b'\n", "{r[0] a=a\\b}" },
		{ "config r\n\toption a '#;\"'\n", "{r[0] a=#;\"}" },
		{ "config r\n\toption a \"#;'\"\n", "{r[0] a=#;'}" },
		{ "config r\n\toption a \\#b\\;c\n", "{r[0] a=#b;c}" },
		{ "config r # c\n\toption a b # c 'd\n", "{r[0] a=b}" },
		{ "config r #'\n\toption a b #\\\n\toption c d\n", "{r[0] a=b c=d}" },
		{ "config r\n\toption a b#c\n", "{r[0] a=b}" },
		{ "config r\n\toption a 'x\ny'\n", "{r[0] a=x\ny}" },
		{ "config r\n\toption a \"x\ny\"\n", "{r[0] a=x\ny}" },
		{ "config r\n\toption a \"x\\\ny\"\n", "{r[0] a=xy}" },
		{ "config r\n\toption a 'x\\\ny'\n", "{r[0] a=x\\\ny}" },
		{ "config r\n\toption a x\\\ny\n", "{r[0] a=xy}" },
		{ "config r\n\toption a x\\\r\ny\r\n", "{r[0] a=xy}" },
		{ "config r\n\toption a \\\n\t\tx\n", "{r[0] a=x}" },
		{ "config r; option a 'b'; list c 'd' ;config s x\n", "{r[0] a=b c+=d}{s:x}" },
		{ "config r\r\n\toption a b\r\n\toption c 'd'\r\n", "{r[0] a=b c=d}" },
		{ "config r\n\v\foption\ta\t\tb \n", "{r[0] a=b}" },
		{ "config r a\n option x 1\nconfig s\nconfig r a\n option y 2\n list x 3\n",
			"{r:a x=1 y=2 x+=3}{s[0]}" },
		{ "config r\n\toption a ''\n\toption b \"\"\n", "{r[0] a= b=}" },
		{ "config r\n\toption a\n\tlist b # c\n", "{r[0] a= b+=}" },
		{ "config my-type_1 n_1\n\toption dash-ed_1 v\n", "{my-type_1:n_1 dash-ed_1=v}" },
		{ "config r\n\toption a '\xc3\xa9\xff\x01'\n", "{r[0] a=\xc3\xa9\xff\x01}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reading r;
		AUTO_BUF tree = BUF_INIT;

		read_text(&r, rows[i].text);
		dump(r.file, &tree);
		assert_string_equal(buf_text(&tree), rows[i].tree);
		assert_int_equal(r.diags.errors, 0);
		arena_release(&r.arena);
	}
}

static void dump_diags(const struct diags *diags, struct buf *out)
{
	vec_each (at, &diags->list) {
		const struct diag *d = *at;
		struct position p = span_position(d->span);

		buf_printf(out, "%s%s%s %u:%u-%u", out->n ? ", " : "",
			d->severity == DIAG_WARNING ? "?" : "", d->id, p.line, p.column,
			p.end_column);
	}
}

/* A '?' marks a warning; after it the tree that is read in spite of the mistakes. */
static void each_mistake_has_an_id_and_a_place(void **state)
{
	static const struct {
		const char *text, *diags, *tree;
	} rows[] = {
		{ "config r\n\toption a 'b\n", "unterminated-quote 2:11-11", "{r[0]}" },
		{ "config r\n\toption a \"b\\\"\n", "unterminated-quote 2:11-11", "{r[0]}" },
		{ "config r\n\toption a \"b\\", "unterminated-quote 2:11-11", "{r[0]}" },
		{ "config 'r\n\toption a b\n", "unterminated-quote 1:8-8", "" },
		/* The quote opened in line 2 is the mistake, though 3 and 4 fail because of it. */
		{ "config r\n\toption a 'b\n\toption c 'd'\n\toption e 'f g'\n",
			"unterminated-quote 2:11-11", "{r[0] c=d e=f g}" },
		{ "config r\n\toption a 'b\n\toption c 'd'\nconfig s\n\tfoo x\n",
			"unterminated-quote 2:11-11, unknown-keyword 5:2-4", "{r[0] c=d}{s[0]}" },
		{ "config r\n\toption a b\\", "unfinished-line 2:12-12", "{r[0]}" },
		{ "config r\n\toption a b \\", "unfinished-line 2:13-13", "{r[0]}" },
		{ "\\", "unfinished-line 1:1-1", "" },
		{ "config r\n\toption a \\\r", "unfinished-line 2:11-12", "{r[0]}" },
		{ "option a b\n", "option-outside-section 1:1-10", "" },
		{ "\n\tlist a 'b'\nconfig r\n", "option-outside-section 2:2-11", "{r[0]}" },
		{ "config r\n\toption a\n", "?missing-value 2:9-9", "{r[0] a=}" },
		{ "config r\n\tlist abc # x\n", "?missing-value 2:7-9", "{r[0] abc+=}" },
		{ "config r\n\toption\n", "missing-name 2:2-7", "{r[0]}" },
		{ "config r\n\toption '' x\n", "missing-name 2:2-12", "{r[0]}" },
		{ "package\n", "missing-name 1:1-7", "" },
		{ "config\n\toption a b\nconfig r\n", "missing-type 1:1-6", "{r[0]}" },
		{ "config r a b c # d\n", "extra-argument 1:12-18", "{r:a}" },
		{ "config r\n\toption a b c\n", "extra-argument 2:13-13", "{r[0] a=b}" },
		{ "package a b\n", "extra-argument 1:11-11", "" },
		{ "config r\n\toption a.b c\n\toption d e\n", "bad-name 2:9-11", "{r[0] d=e}" },
		{ "config r 'a-b'\n\toption d e\n", "bad-name 1:11-13", "{r[0] d=e}" },
		{ "config r! a\n\toption d e\n", "bad-name 1:8-9", "" },
		{ "package a/b\n", "bad-name 1:9-11", "" },
		{ "config r a\nconfig r a\n", "?duplicate-section 2:10-10", "{r:a}" },
		{ "config r a\nconfig s a\n\toption b c\n", "section-type-conflict 2:10-10",
			"{r:a}{s[0] b=c}" },
		{ "config r\n\toptoin a b\n\toption c d\n", "unknown-keyword 2:2-7", "{r[0] c=d}" },
		{ "config r\n\t'option' a b\n", "unknown-keyword 2:2-9", "{r[0]}" },
		{ "config r\n\toption a b;\n", "stray-semicolon 2:12-12", "{r[0] a=b}" },
		{ "config r ; ; option a b\n", "stray-semicolon 1:12-12", "{r[0]}" },
		{ ";\nconfig r\n", "stray-semicolon 1:1-1", "{r[0]}" },
		{ "config r\n\toption a b#c\n", "?comment-inside-word 2:12-12", "{r[0] a=b}" },
		{ "\xef\xbb\xbf"
		  "config r\n",
			"byte-order-mark 1:1-1", "{r[0]}" },
		/* All at once, each where it is. */
		{ "option x y\nconfig\n\toption q\nconfig r\n\tfoo\n\toption a b c\n\toption d "
		  "'e\n",
			"option-outside-section 1:1-10, missing-type 2:1-6, ?missing-value 3:9-9, "
			"unknown-keyword 5:2-4, extra-argument 6:13-13, unterminated-quote 7:11-11",
			"{r[0] a=b}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reading r;
		AUTO_BUF found = BUF_INIT;
		AUTO_BUF tree = BUF_INIT;

		read_text(&r, rows[i].text);
		dump_diags(&r.diags, &found);
		dump(r.file, &tree);
		assert_string_equal(buf_text(&found), rows[i].diags);
		assert_string_equal(buf_text(&tree), rows[i].tree);
		arena_release(&r.arena);
	}
}

static void a_nul_byte_is_an_error_and_never_reaches_a_value(void **state)
{
	static const char text[] = "config r\n\toption a 'b\0\0c'\n# \0\n\toption d e\n";
	struct reading r;
	AUTO_BUF found = BUF_INIT;
	AUTO_BUF tree = BUF_INIT;

	(void)state;
	read_slice(&r, (struct slice){ text, sizeof(text) - 1 });
	dump_diags(&r.diags, &found);
	dump(r.file, &tree);
	assert_string_equal(found.p, "nul-byte 2:13-13, nul-byte 3:3-3");
	assert_string_equal(tree.p, "{r[0] a=b\?\?c d=e}");
	arena_release(&r.arena);
}

static void misspelt_keywords_get_a_suggestion(void **state)
{
	struct reading r;

	(void)state;
	read_text(&r, "confg r\n\toptoin a b\nbanana\n");
	assert_int_equal(r.diags.errors, 3);
	assert_string_equal(r.diags.list.v[0]->hint, "did you mean 'config'?");
	assert_string_equal(r.diags.list.v[1]->hint, "did you mean 'option'?");
	assert_non_null(strstr(r.diags.list.v[2]->hint, "starts with"));
	arena_release(&r.arena);
}

static void fill(struct buf *b, const char *line, size_t times)
{
	for (size_t i = 0; i < times; i++)
		buf_str(b, line);
}

static void each_limit_has_a_diagnostic(void **state)
{
	static const struct {
		const char *first, *line;
		size_t fits, over;
		const char *last, *id;
		bool stops;
	} rows[] = {
		{ "", "#\n", UCI_TEXT_MAX / 2, UCI_TEXT_MAX / 2 + 1, "", "text-too-large", true },
		{ "", "c r\n", UCI_SECTIONS_MAX, UCI_SECTIONS_MAX + 1, "", "too-many-sections",
			true },
		{ "", "c r a\n", UCI_SECTIONS_MAX, UCI_SECTIONS_MAX + 1, "", "too-many-sections",
			true },
		{ "c r\n", "l a 1\n", UCI_ITEMS_MAX, UCI_ITEMS_MAX + 1, "", "too-many-options",
			true },
		{ "c r\nl a '", "x", UCI_VALUE_MAX, UCI_VALUE_MAX + 1, "'\n", "value-too-long",
			false },
		{ "config ", "x", UCI_NAME_MAX, UCI_NAME_MAX + 1, "\n", "bad-name", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int over = 0; over < 2; over++) {
			struct reading r;
			AUTO_BUF text = BUF_INIT;

			buf_str(&text, rows[i].first);
			fill(&text, rows[i].line, over ? rows[i].over : rows[i].fits);
			buf_str(&text, rows[i].last);
			read_slice(&r, (struct slice){ text.p, text.n });
			assert_int_equal(r.diags.errors, over);
			assert_int_equal(r.file->over_limit, over && rows[i].stops);
			for (size_t k = 0; over && k < r.diags.list.n; k++) {
				if (r.diags.list.v[k]->severity == DIAG_ERROR)
					assert_string_equal(r.diags.list.v[k]->id, rows[i].id);
			}
			arena_release(&r.arena);
		}
	}
}

/* Each unclosed quote has us read to the end of the file and come back: not for ever. */
static void endless_quotes_end(void **state)
{
	struct reading r;
	AUTO_BUF text = BUF_INIT;

	(void)state;
	buf_str(&text, "config r\n");
	fill(&text, "option a 'b 'c d\n", 100000);
	read_slice(&r, (struct slice){ text.p, text.n });
	assert_true(r.diags.errors > 0);
	arena_release(&r.arena);

	buf_clear(&text);
	buf_str(&text, "config r\noption a 'x\noption a \"x\n");
	fill(&text, "#\n", UCI_TEXT_MAX * 3 / 8);
	read_slice(&r, (struct slice){ text.p, text.n });
	assert_string_equal(r.diags.list.v[r.diags.list.n - 1]->id, "too-many-errors");
	arena_release(&r.arena);
}

static void spans_are_exact(void **state)
{
	static const char text[] = "config rule 'abc' # x\n"
				   "\toption src 'lan wan'\n"
				   "\toption b bare\n"
				   "\toption d \"dou\\\"ble\"\n"
				   "\toption m 'a'b\n";
	static const struct {
		const char *key;
		size_t from, to;
		const char *part, *outer;
	} rows[] = {
		{ "src", 4, 7, "wan", "'lan wan'" },
		{ "src", 0, 99, "lan wan", "'lan wan'" },
		{ "src", 99, 99, "", "'lan wan'" },
		{ "b", 1, 3, "ar", "bare" },
		{ "d", 1, 2, "dou\\\"ble", "\"dou\\\"ble\"" },
		{ "m", 1, 2, "'a'b", "'a'b" },
	};
	struct reading r;

	(void)state;
	read_text(&r, text);

	const struct uci_section *s = uci_section_named(r.file, "abc");

	assert_non_null(s);
	assert_int_equal(s->header.end, 17);
	assert_memory_equal(text + s->parts->type.span.start, "rule", 4);
	assert_memory_equal(text + s->parts->name.span.start, "abc", 3);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct uci_item *item = uci_option(s, rows[i].key);
		struct span part, outer;

		assert_non_null(item);
		part = uci_value_span(&item->value, rows[i].from, rows[i].to);
		outer = uci_value_outer(&item->value);
		assert_int_equal(part.end - part.start, strlen(rows[i].part));
		assert_memory_equal(text + part.start, rows[i].part, strlen(rows[i].part));
		assert_int_equal(outer.end - outer.start, strlen(rows[i].outer));
		assert_memory_equal(text + outer.start, rows[i].outer, strlen(rows[i].outer));
		assert_memory_equal(text + item->key.span.start, rows[i].key, strlen(rows[i].key));
		assert_memory_equal(text + uci_item_span(item).start, "option", 6);
	}
	arena_release(&r.arena);
}

static void sections_are_found_by_name_and_place(void **state)
{
	struct reading r;
	static const char *const nowhere[] = { "x", "", "@", "@rule", "@rule[", "@rule[]",
		"@rule[3]", "@rule[-4]", "@rule[-0]", "@rule[1]x", "@rule[ 1]", "@rule[+1]", "@[0]",
		"@none[0]", "@rule[99999999999999]" };

	(void)state;
	read_text(&r, "config rule\nconfig zone z\nconfig rule b\nconfig rule\n");
	assert_ptr_equal(uci_section_find(r.file, "z"), r.file->sections.v[1]);
	assert_ptr_equal(uci_section_find(r.file, "@rule[0]"), r.file->sections.v[0]);
	assert_ptr_equal(uci_section_find(r.file, "@rule[1]"), r.file->sections.v[2]);
	assert_ptr_equal(uci_section_find(r.file, "@rule[-1]"), r.file->sections.v[3]);
	assert_ptr_equal(uci_section_find(r.file, "@rule[-3]"), r.file->sections.v[0]);
	for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++)
		assert_null(uci_section_find(r.file, nowhere[i]));

	const struct uci_section *s = uci_section_next(r.file, "rule", NULL);

	for (size_t i = 0; i < 3; i++, s = uci_section_next(r.file, "rule", s))
		assert_int_equal(s->index, i);
	assert_null(s);
	assert_int_equal(uci_section_count(r.file, "rule"), 3);
	arena_release(&r.arena);
}

static void options_win_and_lists_add_up_as_in_libuci(void **state)
{
	static const struct {
		const char *text, *values;
	} rows[] = {
		{ "option a 1\noption a 2", "2" },
		{ "list a 1\nlist b x\nlist a 2", "1 2" },
		{ "option a 1\nlist a 2", "1 2" },
		{ "list a 1\noption a 2", "2" },
		{ "list a 1\noption a 2\nlist a 3", "2 3" },
		{ "list a 1\noption a ''\nlist a 3", "3" },
		{ "option a 1\noption a ''", "" },
		{ "option b 1", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reading r;
		AUTO_BUF text = BUF_INIT;
		AUTO_BUF values = BUF_INIT;
		const struct uci_item *item = NULL;

		buf_printf(&text, "config r\n%s\n", rows[i].text);
		read_text(&r, text.p);
		while ((item = uci_list_next(r.file->sections.v[0], "a", item)))
			buf_printf(&values, "%s%s", values.n ? " " : "", item->value.text);
		assert_string_equal(buf_text(&values), rows[i].values);
		arena_release(&r.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_read_as_libuci_reads_it),
		cmocka_unit_test(each_mistake_has_an_id_and_a_place),
		cmocka_unit_test(a_nul_byte_is_an_error_and_never_reaches_a_value),
		cmocka_unit_test(misspelt_keywords_get_a_suggestion),
		cmocka_unit_test(each_limit_has_a_diagnostic),
		cmocka_unit_test(endless_quotes_end),
		cmocka_unit_test(spans_are_exact),
		cmocka_unit_test(sections_are_found_by_name_and_place),
		cmocka_unit_test(options_win_and_lists_add_up_as_in_libuci),
	};

	return RUN_TAP(tests);
}
