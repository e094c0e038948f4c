/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The binder: from a section of UCI to a section's struct, by its table.
 *
 * One walk over the items finds what counts for each row (an `option` forgets what came before it,
 * a `list` adds, as in libuci); then each row reads its values. Nothing stops at a mistake. Values
 * that are absent, or could not be read, get the row's fallback, so that later stages never meet a
 * half-made field; the section is then marked invalid.
 */
#include <string.h>

#include "base/bug.h"
#include "base/utf8.h"
#include "schema/schema_priv.h"

#define ROWS_MAX 160 /* options in one table; the largest has about 70 */

/* The engine finds a value by its FIELD's offset alone, whatever its type. */
struct layout {
	struct section s;
	FIELD(bool) small;
	FIELD(uint8_t) byte;
	FIELD(int64_t) large;
	FIELD(const char *) pointer;
	FIELD(struct date_spec) date;
	FIELD(struct addr_spec) address;
	FIELD(struct icmp_choice) icmp;
	LIST(struct addr_spec) list;
};
#define FIELD_FITS(name)                                                                           \
	_Static_assert(                                                                            \
		offsetof(struct layout, name.v) == offsetof(struct layout, name) + FIELD_VALUE_AT, \
		"value follows given")
FIELD_FITS(small);
FIELD_FITS(byte);
FIELD_FITS(large);
FIELD_FITS(pointer);
FIELD_FITS(date);
FIELD_FITS(address);
FIELD_FITS(icmp);
#define LIST_FITS(member)                                                                          \
	_Static_assert(offsetof(struct layout, list.member) - offsetof(struct layout, list) ==     \
			       offsetof(struct any_list, member),                                  \
		"every LIST has one layout")
LIST_FITS(v);
LIST_FITS(spans);
LIST_FITS(n);
_Static_assert(sizeof(struct given) % 8 == 0, "values of alignment 8 follow struct given");
_Static_assert(_Alignof(struct addr_spec) <= 8 && _Alignof(struct date_spec) <= 8 &&
		       _Alignof(int64_t) <= 8,
	"no value needs more alignment than struct given");

/* What counts for one row: the items of its key from `first` to `last`. */
struct found {
	const struct uci_item *first, *last;
};

struct binder {
	const struct section_row *row;
	const struct bind_options *options;
	struct arena *arena;
	struct diags *diags;
	struct section *section;
	struct found found[ROWS_MAX];
};

/* ---- finding ---- */

static bool key_is(const struct uci_item *item, const char *name)
{
	/* The first letter decides nearly always; this runs for every item and every row. */
	return name && name[0] == item->key.text[0] && strcmp(name, item->key.text) == 0;
}

static bool item_is_of(const struct uci_item *item, const struct option_row *row)
{
	return key_is(item, row->name) || key_is(item, row->alias);
}

const struct option_row *schema_option(const struct section_row *row, struct slice name)
{
	for (size_t i = 0; i < row->n_options; i++) {
		const struct option_row *o = &row->options[i];

		if (slice_is(name, o->name) || (o->alias && slice_is(name, o->alias)))
			return o;
	}
	return NULL;
}

static void report_unknown(struct binder *b, const struct uci_item *item)
{
	const char *names[2 * ROWS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < b->row->n_options; i++) {
		names[n++] = b->row->options[i].name;
		if (b->row->options[i].alias)
			names[n++] = b->row->options[i].alias;
	}

	struct slice key = { item->key.text, item->key.n };
	/* Past the limit nobody reads it, and a hostile file could have us search all day. */
	const char *near = b->diags->list.n < DIAGS_MAX ? diag_nearest(key, names, n) : NULL;

	b->diags->option = arena_strndup(b->diags->arena, key.p, key.n);

	struct diag *d = diag_warning(b->diags, item->key.span, "unknown-option",
		"unknown option '%.*s'%s", (int)utf8_cut(key, QUOTED_MAX), key.p,
		utf8_cut(key, QUOTED_MAX) < key.n ? "..." : "");

	if (near)
		diag_hint(b->diags, d, "did you mean '%s'?", near);
}

static void report_twice(
	struct binder *b, const struct option_row *row, const struct uci_item *item)
{
	struct found *f = &b->found[row - b->row->options];

	b->diags->option = row->name;

	struct diag *d = diag_warning(b->diags, uci_value_span(&item->value, 0, item->value.n),
		"option-twice", "option '%s' is given twice; this one counts", row->name);

	diag_note(b->diags, d, uci_value_span(&f->last->value, 0, f->last->value.n),
		"and this one does not");
}

static void find_items(struct binder *b)
{
	const struct uci_item *unknown = NULL;

	for (const struct uci_item *item = b->section->uci->items; item; item = item->next) {
		size_t i = 0;

		while (i < b->row->n_options && !item_is_of(item, &b->row->options[i]))
			i++;
		if (i == b->row->n_options) {
			/* A list of an unknown key is one mistake, not one for each entry. */
			if (!unknown || strcmp(unknown->key.text, item->key.text) != 0)
				report_unknown(b, item);
			unknown = item;
			continue;
		}

		struct found *f = &b->found[i];

		if (f->first && item->kind == UCI_OPTION)
			report_twice(b, &b->row->options[i], item);
		if (!f->first || item->kind == UCI_OPTION)
			f->first = item;
		f->last = item;
	}
}

/* The next item of a row that counts; `after` NULL gives the first. */
static const struct uci_item *next_item(
	const struct binder *b, const struct option_row *row, const struct uci_item *after)
{
	const struct found *f = &b->found[row - b->row->options];

	if (!after)
		return f->first;
	while (after != f->last) {
		after = after->next;
		if (item_is_of(after, row))
			return after;
	}
	return NULL;
}

/* True when there is a word at all. */
static bool words_any(struct slice value, bool whole)
{
	size_t at = 0, from, to;

	return words_next(value, whole, &at, &from, &to);
}

/* True when an item of the row has a value, or an emptiness that means something. */
static bool is_given(const struct binder *b, const struct option_row *row)
{
	for (const struct uci_item *i = next_item(b, row, NULL); i; i = next_item(b, row, i)) {
		struct slice text = { i->value.text, i->value.n };

		if (row->list ? words_any(text, row->whole)
			      : slice_trim(text).n || !row_empty_is_absent(row))
			return true;
	}
	return false;
}

/* ---- words of a list ---- */

static size_t count_words(const struct binder *b, const struct option_row *row)
{
	size_t n = 0;

	for (const struct uci_item *i = next_item(b, row, NULL); i; i = next_item(b, row, i)) {
		struct slice value = { i->value.text, i->value.n };
		size_t at = 0, from, to;

		while (words_next(value, row->whole, &at, &from, &to))
			n++;
	}
	return n;
}

static void collect_words(const struct binder *b, const struct option_row *row, struct word *ret)
{
	for (const struct uci_item *i = next_item(b, row, NULL); i; i = next_item(b, row, i)) {
		struct slice value = { i->value.text, i->value.n };
		size_t at = 0, from, to;

		while (words_next(value, row->whole, &at, &from, &to))
			*ret++ = (struct word){ { value.p + from, to - from },
				uci_value_span(&i->value, from, to) };
	}
}

/* ---- storing ---- */

static char *field_at(const struct binder *b, const struct option_row *row)
{
	return (char *)b->section + row->at;
}

/* The table's own text goes through the same parser; if that refuses, the table is wrong. */
static void parse_fallback(
	const struct binder *b, const struct option_row *row, struct slice text, void *ret)
{
	struct parse_context ctx = {
		.arena = b->arena,
		.row = row,
		.hex_marks = b->options && b->options->hex_marks,
	};

	if (!row->type->parse(&ctx, text, ret))
		BUG("%s: the fallback of option '%s' is not a %s", b->row->type, row->name,
			row->type->name);
}

static void store_list(const struct binder *b, const struct option_row *row, void *values,
	struct span *spans, size_t n, struct span span, bool set)
{
	struct any_list list = {
		.given = set ? given_at(span) : (struct given){ 0 },
		.v = values,
		.spans = spans,
		.n = n,
	};

	/* Copied as bytes: the field is declared with the element's own pointer type. */
	memcpy(field_at(b, row), &list, sizeof(list));
}

static void list_fallback(const struct binder *b, const struct option_row *row)
{
	struct slice text = slice_of(row->fallback);
	size_t at = 0, from, to, n = 0;

	while (words_next(text, row->whole, &at, &from, &to))
		n++;

	char *values = arena_array(b->arena, n, row->type->size);

	at = 0;
	for (size_t i = 0; words_next(text, row->whole, &at, &from, &to); i++)
		parse_fallback(b, row, (struct slice){ text.p + from, to - from },
			values + i * row->type->size);
	store_list(b, row, values, ARENA_ARRAY(b->arena, struct span, n), n, SPAN_NONE, false);
}

static void use_fallback(const struct binder *b, const struct option_row *row)
{
	if (!row->fallback || !row->at)
		return;
	if (row->list)
		list_fallback(b, row);
	else
		parse_fallback(b, row, slice_of(row->fallback), field_at(b, row) + FIELD_VALUE_AT);
}

/* ---- reading ---- */

struct given given_at(struct span span)
{
	return (struct given){ .start = span.start, .length = (span.end - span.start) & 0x7fffffff,
		.set = 1 };
}

struct span given_span(const struct source *source, const struct given *given)
{
	if (!given->set)
		return SPAN_NONE;
	return (struct span){ source, given->start, given->start + given->length };
}

static void put_given(const struct binder *b, const struct option_row *row, struct span span)
{
	struct given given = given_at(span);

	memcpy(field_at(b, row), &given, sizeof(given));
}

static void read_list(struct binder *b, const struct option_row *row)
{
	size_t n = count_words(b, row), kept = 0, size = row->type->size;
	struct word *words = ARENA_ARRAY(b->arena, struct word, n);
	struct span *spans = ARENA_ARRAY(b->arena, struct span, n);
	char *values = arena_array(b->arena, n, size);
	const struct uci_item *first = next_item(b, row, NULL);

	collect_words(b, row, words);
	for (size_t i = 0; i < n; i++) {
		if (!value_read(row, words[i].text, words[i].span, b->options, b->arena, b->diags,
			    values + kept * size))
			continue;
		spans[kept++] = words[i].span;
	}
	words_report_duplicates(words, n, b->arena, b->diags);
	if (!kept)
		use_fallback(b, row);
	else if (row->at)
		store_list(b, row, values, spans, kept,
			uci_value_span(&first->value, 0, first->value.n), true);
}

static void read_scalar(struct binder *b, const struct option_row *row)
{
	const struct uci_item *item = next_item(b, row, NULL);
	struct span span = uci_value_span(&item->value, 0, item->value.n);
	void *to = row->at ? field_at(b, row) + FIELD_VALUE_AT
			   : arena_alloc(b->arena, row->type->size);

	if (value_read(row, (struct slice){ item->value.text, item->value.n }, span, b->options,
		    b->arena, b->diags, to)) {
		if (row->at)
			put_given(b, row, span);
		return;
	}
	use_fallback(b, row);
}

static void report_list_for_scalar(struct binder *b, const struct option_row *row)
{
	const struct uci_item *item = next_item(b, row, NULL);

	while (item->kind != UCI_LIST)
		item = next_item(b, row, item);

	struct diag *d = diag_error(b->diags, uci_value_span(&item->value, 0, item->value.n),
		"list-for-scalar", "option '%s' takes one value, not a list", row->name);

	diag_hint(b->diags, d, "write it as `option %s`", row->name);
}

static void report_status(struct binder *b, const struct option_row *row)
{
	const struct uci_item *item = next_item(b, row, NULL);
	struct diag *d;

	if (row->status == OPTION_IGNORED) {
		d = diag_warning(b->diags, item->key.span, "option-ignored",
			"option '%s' has no effect", row->name);
		if (row->help)
			diag_hint(b->diags, d, "%s", row->help);
	}
	if (row->replaced_by) {
		d = diag_warning(b->diags, item->key.span, "deprecated-option",
			"option '%s' is deprecated", row->name);
		diag_hint(b->diags, d, "write '%s' instead", row->replaced_by);
	}
}

static void read_row(struct binder *b, const struct option_row *row)
{
	const struct found *f = &b->found[row - b->row->options];

	b->diags->option = row->name;
	if (!is_given(b, row)) {
		if (row->required)
			diag_error(b->diags, b->section->span, "missing-option",
				"option '%s' is required", row->name);
		use_fallback(b, row);
		return;
	}
	report_status(b, row);
	if (row->status == OPTION_IGNORED) {
		use_fallback(b, row);
	} else if (row->list) {
		read_list(b, row);
	} else if (f->last && f->last->kind == UCI_LIST) {
		report_list_for_scalar(b, row);
		use_fallback(b, row);
	} else {
		read_scalar(b, row);
	}
}

/* ---- the section ---- */

/* The one option the engine knows by name is `name`, for what messages call the section. */
static const char *name_given(const struct binder *b)
{
	const struct option_row *row = schema_option(b->row, slice_of("name"));
	const struct uci_item *item = row ? next_item(b, row, NULL) : NULL;

	return item && item->value.n ? item->value.text : NULL;
}

static void name_section(struct binder *b)
{
	const struct uci_section *uci = b->section->uci;
	const char *name = name_given(b);
	AUTO_BUF path = BUF_INIT;

	uci_section_path(uci, &path);
	b->section->type = b->row->type;
	b->section->id = arena_strdup(b->arena, buf_text(&path));
	if (!name)
		name = uci->name;
	if (!name) {
		b->section->title = b->section->id;
		return;
	}

	size_t shown = utf8_cut(slice_of(name), QUOTED_MAX);

	b->section->title = arena_printf(
		b->arena, "%s '%.*s%s'", b->row->type, (int)shown, name, name[shown] ? "..." : "");
}

bool schema_bind(const struct section_row *row, const struct uci_section *uci, struct arena *arena,
	const struct bind_options *options, struct diags *diags, void *section)
{
	struct binder b = {
		.row = row,
		.options = options,
		.arena = arena,
		.diags = diags,
		.section = section,
	};
	const char *outer_section = diags->section, *outer_option = diags->option;
	size_t errors = diags->errors;

	if (row->n_options > ROWS_MAX)
		BUG("%s: more than %d options", row->type, ROWS_MAX);
	b.section->row = row;
	b.section->uci = uci;
	b.section->span = uci->header;
	b.section->anonymous = !uci->name;
	/* The items are found before there is a title, so their warnings get it afterwards. */
	size_t before = diags->list.n;

	find_items(&b);
	name_section(&b);
	for (size_t i = before; i < diags->list.n; i++)
		diags->list.v[i]->section = arena_strdup(diags->arena, b.section->title);
	diags->section = b.section->title;
	for (size_t i = 0; i < row->n_options; i++)
		read_row(&b, &row->options[i]);
	diags->section = outer_section;
	diags->option = outer_option;
	b.section->valid = diags->errors == errors;
	return b.section->valid;
}
