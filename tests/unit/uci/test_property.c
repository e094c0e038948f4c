/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random edits against a model that knows nothing of text: after each one the file must read back
 * as exactly what the model says, and every line that the edit had no business with must still be
 * there, in order, byte for byte. Lines carry
 * serial numbers, so that none can stand in for another.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "uci/uci.h"

#define SECTIONS 12
#define ITEMS 8
#define ROUNDS 300
#define EDITS 20

struct m_item {
	char key[32], value[16];
	bool list;
};

struct m_section {
	char name[32];
	struct m_item items[ITEMS + 4];
	size_t n;
};

struct model {
	struct m_section s[SECTIONS + 2];
	size_t n;
};

static uint32_t seed;

static unsigned roll(unsigned below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static void random_value(char value[16])
{
	static const char alphabet[] = "ab01 '\"\\#;\n\t$.-/\xc3\xa9";
	size_t n = roll(15);

	for (size_t i = 0; i < n; i++)
		value[i] = alphabet[roll(sizeof(alphabet) - 1)];
	value[n] = '\0';
}

/* Writes the value in some style of quotes, by means of its own. */
static void write_value(struct buf *out, const char *value)
{
	unsigned style = roll(3);

	if (style == 0 && !strpbrk(value, " '\"\\#;\n\t") && *value) {
		buf_str(out, value);
	} else if (style == 1) {
		buf_char(out, '"');
		for (; *value; value++)
			buf_printf(
				out, "%s%c", *value == '"' || *value == '\\' ? "\\" : "", *value);
		buf_char(out, '"');
	} else {
		uci_quote(out, value);
	}
}

static const char *eol;
static unsigned serial;

static void noise(struct buf *out)
{
	switch (roll(8)) {
	case 0:
		buf_printf(out, "# note %u%s", serial++, eol);
		break;
	case 1:
		buf_printf(out, "\t# inner %u%s", serial++, eol);
		break;
	case 2:
		buf_printf(out, "%s", eol);
		break;
	}
}

/* A random file and its model. Keys k0..k5; lists are l0..l2, so that no key is used both ways. */
static void build(struct model *m, struct buf *out)
{
	m->n = 1 + roll(SECTIONS - 4);
	serial = 0;
	eol = roll(4) ? "\n" : "\r\n";
	for (size_t i = 0; i < m->n; i++) {
		struct m_section *s = &m->s[i];

		snprintf(s->name, sizeof(s->name), "s%zu", i);
		noise(out);
		buf_printf(out, "config %s '%s' # head %u%s", roll(2) ? "rule" : "zone", s->name,
			serial++, eol);
		s->n = roll(5);
		for (size_t k = 0; k < s->n; k++) {
			struct m_item *item = &s->items[k];

			item->list = roll(3) == 0;
			snprintf(item->key, sizeof(item->key), "%s%zu", item->list ? "l" : "k",
				item->list ? (size_t)roll(2) : k);
			random_value(item->value);
			noise(out);
			buf_printf(out, "%s%s %s ", roll(2) ? "\t" : "  ",
				item->list ? "list" : "option", item->key);
			write_value(out, item->value);
			buf_printf(out, " # tail %u%s", serial++, eol);
		}
		if (roll(2))
			buf_str(out, eol);
	}
}

static void compare(const struct model *m, const struct uci_file *file)
{
	assert_int_equal(file->sections.n, m->n);
	for (size_t i = 0; i < m->n; i++) {
		const struct uci_item *item = file->sections.v[i]->items;

		assert_string_equal(file->sections.v[i]->name, m->s[i].name);
		for (size_t k = 0; k < m->s[i].n; k++, item = item->next) {
			assert_non_null(item);
			assert_string_equal(item->key.text, m->s[i].items[k].key);
			assert_string_equal(item->value.text, m->s[i].items[k].value);
			assert_int_equal(item->kind, m->s[i].items[k].list ? UCI_LIST : UCI_OPTION);
		}
		assert_null(item);
	}
}

static void m_remove(struct m_section *s, const char *key, const char *value)
{
	size_t kept = 0;

	for (size_t k = 0; k < s->n; k++) {
		if (strcmp(s->items[k].key, key) || (value && strcmp(s->items[k].value, value)))
			s->items[kept++] = s->items[k];
	}
	s->n = kept;
}

static struct m_item *m_last(struct m_section *s, const char *key)
{
	for (size_t k = s->n; k; k--) {
		if (!strcmp(s->items[k - 1].key, key))
			return &s->items[k - 1];
	}
	return NULL;
}

static void m_insert(struct m_section *s, size_t at, const char *key, const char *value, bool list)
{
	memmove(&s->items[at + 1], &s->items[at], (s->n - at) * sizeof(s->items[0]));
	snprintf(s->items[at].key, sizeof(s->items[at].key), "%s", key);
	snprintf(s->items[at].value, sizeof(s->items[at].value), "%s", value);
	s->items[at].list = list;
	s->n++;
}

static void edit_option(struct model *m, struct uci_edit *edit)
{
	struct m_section *s = &m->s[roll((unsigned)m->n)];
	char key[32], value[16];
	struct m_item *item;
	bool list = roll(3) == 0;

	snprintf(key, sizeof(key), "%s%u", list ? "l" : "k", roll(list ? 2 : 6));
	random_value(value);
	item = m_last(s, key);
	if (roll(4) == 0) {
		assert_int_equal(uci_edit_delete(edit, s->name, key) == 0, item != NULL);
		m_remove(s, key, NULL);
	} else if (list && item && roll(3) == 0) {
		snprintf(value, sizeof(value), "%s", item->value);
		assert_int_equal(uci_edit_list_remove(edit, s->name, key, value), 0);
		m_remove(s, key, value);
	} else if (list && s->n < ITEMS) {
		size_t at = item ? (size_t)(item - s->items) + 1 : s->n;

		assert_int_equal(uci_edit_list_add(edit, s->name, key, value), 0);
		m_insert(s, at, key, value, true);
	} else if (!list && (item || s->n < ITEMS)) {
		assert_int_equal(uci_edit_set(edit, s->name, key, value), 0);
		if (item)
			snprintf(item->value, sizeof(item->value), "%s", value);
		else
			m_insert(s, s->n, key, value, false);
	}
}

static void edit_section(struct model *m, struct uci_edit *edit, unsigned round)
{
	size_t from = roll((unsigned)m->n), to = roll((unsigned)m->n + 1);
	struct m_section moving = m->s[from];

	switch (roll(4)) {
	case 0:
		if (m->n == SECTIONS)
			break;
		memset(&m->s[m->n], 0, sizeof(m->s[0]));
		snprintf(m->s[m->n].name, sizeof(m->s[0].name), "n%u", round);
		assert_int_equal(uci_edit_section_add(edit, "rule", m->s[m->n].name), 0);
		m->n++;
		break;
	case 1:
		if (m->n == 1)
			break;
		assert_int_equal(uci_edit_section_delete(edit, moving.name), 0);
		memmove(&m->s[from], &m->s[from + 1], (m->n - from - 1) * sizeof(m->s[0]));
		m->n--;
		break;
	case 2:
		snprintf(m->s[from].name, sizeof(m->s[0].name), "r%u", round);
		assert_int_equal(uci_edit_section_rename(edit, moving.name, m->s[from].name), 0);
		break;
	case 3:
		assert_int_equal(
			uci_edit_section_move(edit, moving.name, to < m->n ? m->s[to].name : NULL),
			0);
		if (to == from)
			break;
		memmove(&m->s[from], &m->s[from + 1], (m->n - from - 1) * sizeof(m->s[0]));
		to -= to > from;
		memmove(&m->s[to + 1], &m->s[to], (m->n - 1 - to) * sizeof(m->s[0]));
		m->s[to] = moving;
		break;
	}
}

#define LINES_MAX 256

static size_t split(struct slice text, struct slice lines[LINES_MAX])
{
	size_t n = 0;

	while (text.n) {
		size_t k = slice_find(text, '\n') + 1;

		assert_true(n < LINES_MAX);
		lines[n++] = (struct slice){ text.p, k < text.n ? k : text.n };
		text = slice_from(text, k);
	}
	return n;
}

/* How many lines of `old` are not in `new` in the same order: all but the longest common ones. */
static size_t lines_lost(struct slice old, struct slice new)
{
	static struct slice a[LINES_MAX], b[LINES_MAX];
	static size_t best[LINES_MAX + 1][LINES_MAX + 1];
	size_t n = split(old, a), m = split(new, b);

	for (size_t i = 0; i <= n; i++) {
		for (size_t k = 0; k <= m; k++) {
			if (!i || !k)
				best[i][k] = 0;
			else if (slice_eq(a[i - 1], b[k - 1]))
				best[i][k] = best[i - 1][k - 1] + 1;
			else if (best[i - 1][k] > best[i][k - 1])
				best[i][k] = best[i - 1][k];
			else
				best[i][k] = best[i][k - 1];
		}
	}
	return n - best[n][m];
}

static size_t lines_in(const char *value)
{
	size_t n = 1;

	for (; *value; value++)
		n += *value == '\n';
	return n;
}

static void random_edits_do_what_the_model_says(void **state)
{
	(void)state;
	seed = 20240607;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct model m = { 0 };
		struct uci_edit edit;
		AUTO_BUF text = BUF_INIT;

		build(&m, &text);
		assert_true(uci_edit_init(&edit, "random", (struct slice){ text.p, text.n }));
		compare(&m, edit.file);
		for (unsigned i = 0; i < EDITS; i++) {
			if (roll(3))
				edit_option(&m, &edit);
			else
				edit_section(&m, &edit, round * EDITS + i);
			assert_int_equal(edit.diags.errors, 0);
			compare(&m, edit.file);
		}
		uci_edit_release(&edit);
	}
}

static void an_edit_leaves_all_other_lines_alone(void **state)
{
	(void)state;
	seed = 4711;
	for (unsigned round = 0; round < 3000; round++) {
		struct model m = { 0 };
		struct uci_edit edit;
		AUTO_BUF text = BUF_INIT;
		char value[16];
		struct m_section *s;
		size_t allowed = 0;

		build(&m, &text);
		assert_true(uci_edit_init(&edit, "random", (struct slice){ text.p, text.n }));
		s = &m.s[roll((unsigned)m.n)];
		random_value(value);
		if (s->n && roll(2)) {
			struct m_item *item = &s->items[roll((unsigned)s->n)];

			if (item->list) {
				for (size_t k = 0; k < s->n; k++) {
					if (!strcmp(s->items[k].key, item->key))
						allowed += lines_in(s->items[k].value);
				}
				assert_int_equal(uci_edit_delete(&edit, s->name, item->key), 0);
			} else {
				allowed = lines_in(item->value);
				assert_int_equal(uci_edit_set(&edit, s->name, item->key, value), 0);
			}
		} else {
			assert_int_equal(uci_edit_set(&edit, s->name, "fresh", value), 0);
		}

		struct slice new = { edit.text.p, edit.text.n };
		size_t lost = lines_lost((struct slice){ text.p, text.n }, new);

		assert_true(lost <= allowed);
		uci_edit_release(&edit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_edits_do_what_the_model_says),
		cmocka_unit_test(an_edit_leaves_all_other_lines_alone),
	};

	return RUN_TAP(tests);
}
