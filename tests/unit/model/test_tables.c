/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The option tables: every row is whole, and every field of the manual is realised by some row. */
#include <string.h>

#include "../cmocka_tap.h"

#include "model/model.h"

/* The fields of the manual's tables, sections 2 to 8, by the number of their section. */
static const char *const manual_fields[] = {
	"2 Drop invalid packets", "2 Automatic helper assignment", "2 Input", "2 Output", "2 Forward",
	"2.1 Software flow offloading",
	"2.2.1 Name", "2.2.1 Input", "2.2.1 Output", "2.2.1 Forward", "2.2.1 Masquerading",
	"2.2.1 MSS clamping", "2.2.1 Covered networks",
	"2.2.2 Restrict to address family",
	"2.2.2 Restrict Masquerading to given source subnets",
	"2.2.2 Restrict Masquerading to given destinations subnets",
	"2.2.2 Force connection tracking", "2.2.2 Enable logging on this zone",
	"2.2.2 Limit log messages", "2.2.2 Conntrack helpers",
	"2.2.3 Allow forward to destination zones", "2.2.3 Allow forward from source zones",
	"3.1 Name", "3.1 External port", "3.1 Internal IP address", "3.1 Internal port",
	"3.2 Enable", "3.2 Name", "3.2 Protocol", "3.2 Source zone", "3.2 External port",
	"3.2 Internal zone", "3.2 Internal IP address", "3.2 Internal port",
	"3.2 Source MAC address", "3.2 Source IP address", "3.2 Source port",
	"3.2 External IP address", "3.2 Enable NAT loopback", "3.2 Extra arguments",
	"4.1.1 Enable", "4.1.1 Name", "4.1.1 Protocol", "4.1.1 Match ICMP type",
	"4.1.1 Source zone", "4.1.1 Source IP address", "4.1.1 Source port",
	"4.1.1 Destination zone", "4.1.1 Destination address", "4.1.1 Destination port",
	"4.1.1 Action",
	"4.1.2 Restrict to address family", "4.1.2 Source MAC address",
	"4.1.2 DSCP: Set Target value", "4.1.2 Mark: Set Target value", "4.1.2 Match",
	"4.1.2 DSCP: Set Match value", "4.1.2 Mark: Set Match value", "4.1.2 Extra arguments",
	"4.1.3 Week days", "4.1.3 Month days", "4.1.3 Start Time", "4.1.3 Stop Time",
	"4.1.3 Start Date", "4.1.3 Stop Date", "4.1.3 Time in UTC",
	"4.2 Name", "4.2 Protocol", "4.2 External port",
	"4.3 Name", "4.3 Source zone", "4.3 Destination zone",
	"5.2 Name", "5.2 Source zone", "5.2 Destination Zone", "5.2 To source IP",
	"5.2 To Source Port",
	"5.3 Enable", "5.3 Name", "5.3 Protocol", "5.3 Source zone", "5.3 Source IP address",
	"5.3 Source port", "5.3 Destination zone", "5.3 Destination IP address",
	"5.3 Destination port", "5.3 Rewrite port", "5.3 Extra arguments",
	"5.3 Week days", "5.3 Month days", "5.3 Start Time", "5.3 Stop Time", "5.3 Start Date",
	"5.3 Stop Date", "5.3 Time in UTC",
	"6.1 Enable SYN flood protection", "6.1 SYN flood rate", "6.1 SYN flood burst",
	"6.1 TCP SYN cookies",
	"6.2 Enable ICMP requests", "6.2 Enable ICMP limit", "6.2 Limit period", "6.2 Limit",
	"6.2 Limit burst",
	"6.3 Enable SSH limit", "6.3 Limit period", "6.3 Limit", "6.3 Limit burst",
	"6.4 Enable HTTP limit", "6.4 Limit period", "6.4 Limit", "6.4 Limit burst",
	"6.5 Enable HTTPS limit", "6.5 Limit period", "6.5 Limit", "6.5 Limit burst",
	"6.6 Enable", "6.6 Scan count", "6.6 Interval", "6.6 SYN-FIN attack", "6.6 SYN-RST attack",
	"6.6 X-Mas attack", "6.6 FIN scan", "6.6 NULLflags attack",
	"7 Custom rules",
	"8 Enable", "8 Host IP", "8 Protocol", "8 Ports",
};

/* Calls back for each row of both files. */
static void each_row(void (*check)(const struct section_row *, const struct option_row *))
{
	size_t n[2];
	const struct section_row *const *rows[] = {
		model_sections(&n[0]), model_settings_sections(&n[1]),
	};

	for (size_t file = 0; file < 2; file++) {
		for (size_t i = 0; i < n[file]; i++) {
			for (size_t o = 0; o < rows[file][i]->n_options; o++)
				check(rows[file][i], &rows[file][i]->options[o]);
		}
	}
}

static bool ends_like_a_sentence(const char *text)
{
	size_t n = strlen(text);

	return n > 0 && text[n - 1] == '.';
}

static void check_row_is_whole(const struct section_row *section, const struct option_row *row)
{
	if (!row->name || !row->type || !row->label || !row->help)
		fail_msg("%s.%s lacks a name, type, label or help", section->type, row->name);
	if (!ends_like_a_sentence(row->help))
		fail_msg("%s.%s: the help is no sentence", section->type, row->name);
	if (row->type == &type_enum && !row->words)
		fail_msg("%s.%s has no words", section->type, row->name);
	if (row->type->reference && !row->refers && row->type != &type_name)
		fail_msg("%s.%s refers to nothing", section->type, row->name);
	if (row->at < sizeof(struct section) || row->at >= section->size)
		fail_msg("%s.%s lies outside its struct", section->type, row->name);
}

static void every_row_is_whole(void **state)
{
	(void)state;
	each_row(check_row_is_whole);
}

static bool parses(const struct section_row *section, const struct option_row *row, const char *text)
{
	struct bind_options options = { .hex_marks = true };
	struct slice rest = slice_of(text), word;
	struct arena arena;
	struct diags diags;
	bool ok = true;

	(void)section;
	arena_init(&arena);
	diags_init(&diags, &arena);
	if (!row->list)
		ok = schema_check_value(row, rest, &options, &diags);
	while (row->list && slice_next_word(&rest, &word))
		ok &= schema_check_value(row, word, &options, &diags);
	arena_release(&arena);
	return ok;
}

static void check_values_parse(const struct section_row *section, const struct option_row *row)
{
	if (row->fallback && !parses(section, row, row->fallback))
		fail_msg("%s.%s: the fallback '%s' is refused", section->type, row->name,
			row->fallback);
	if (row->initial && !parses(section, row, row->initial))
		fail_msg("%s.%s: the initial value '%s' is refused", section->type, row->name,
			row->initial);
}

static void every_fallback_and_initial_value_is_valid(void **state)
{
	(void)state;
	each_row(check_values_parse);
}

static bool has_name(const struct option_row *row, const char *name)
{
	return name && (!strcmp(row->name, name) || (row->alias && !strcmp(row->alias, name)));
}

static void check_name_is_unique(const struct section_row *section, const struct option_row *row)
{
	for (size_t i = 0; i < section->n_options; i++) {
		const struct option_row *other = &section->options[i];

		if (other == row)
			continue;
		if (has_name(other, row->name) || has_name(other, row->alias))
			fail_msg("%s.%s is there twice", section->type, row->name);
		if (other->at == row->at)
			fail_msg("%s.%s and .%s share a field", section->type, row->name,
				other->name);
	}
}

static void names_and_fields_are_unique(void **state)
{
	(void)state;
	each_row(check_name_is_unique);
}

static bool manual_seen[sizeof(manual_fields) / sizeof(manual_fields[0])];

/* .manual is one field or several, with "; " between them. */
static void note_manual(const struct section_row *section, const struct option_row *row)
{
	struct slice rest = slice_of(row->manual);

	while (rest.n) {
		struct slice field = { rest.p, slice_find(rest, ';') };
		size_t i = 0;

		rest = slice_trim(slice_from(rest, field.n + 1));
		while (i < sizeof(manual_seen) && !slice_is(field, manual_fields[i]))
			i++;
		if (i == sizeof(manual_seen))
			fail_msg("%s.%s: the manual has no '%.*s'", section->type, row->name,
				SLICE_ARG(field));
		manual_seen[i] = true;
	}
}

static void every_field_of_the_manual_is_realised(void **state)
{
	(void)state;
	memset(manual_seen, 0, sizeof(manual_seen));
	each_row(note_manual);
	for (size_t i = 0; i < sizeof(manual_seen); i++) {
		if (!manual_seen[i])
			fail_msg("no option realises '%s'", manual_fields[i]);
	}
}

static void check_needs_names_an_option(const struct section_row *section,
	const struct option_row *row)
{
	struct slice needs = slice_of(row->needs);
	struct slice name = { needs.p, slice_find(needs, '=') };
	const struct option_row *other;

	if (!row->needs)
		return;
	other = schema_option(section, name);
	if (!other)
		fail_msg("%s.%s needs '%s', which is no option", section->type, row->name,
			row->needs);
	if (name.n < needs.n && !parses(section, other, needs.p + name.n + 1))
		fail_msg("%s.%s needs '%s', which is no value", section->type, row->name,
			row->needs);
}

static void conditions_name_options_and_values(void **state)
{
	(void)state;
	each_row(check_needs_names_an_option);
}

static void section_types_are_found_by_name(void **state)
{
	size_t n;
	const struct section_row *const *rows = model_sections(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		assert_ptr_equal(model_section(slice_of(rows[i]->type)), rows[i]);
	assert_non_null(model_section(slice_of("settings")));
	assert_null(model_section(slice_of("jool")));
}

/* What help and forms show as a valid value is one. */
static void check_example_is_valid(const struct section_row *section,
	const struct option_row *row)
{
	if (row->type->example && row->type != &type_int &&
		!parses(section, row, row->type->example) && row->type != &type_string)
		fail_msg("%s.%s: the type's example is refused", section->type, row->name);
}

static void examples_of_types_are_valid(void **state)
{
	(void)state;
	each_row(check_example_is_valid);
}

static void exporters_take_every_table(void **state)
{
	size_t n;
	const struct section_row *const *rows = model_sections(&n);
	AUTO_BUF reference = BUF_INIT;
	json_t *json = schema_json(rows, n);

	(void)state;
	assert_int_equal(json_array_size(json_object_get(json, "sections")), n);
	json_decref(json);
	schema_reference(rows, n, &reference);
	assert_non_null(strstr(buf_text(&reference), "`limit_per_source`"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(every_fallback_and_initial_value_is_valid),
		cmocka_unit_test(names_and_fields_are_unique),
		cmocka_unit_test(every_field_of_the_manual_is_realised),
		cmocka_unit_test(conditions_name_options_and_values),
		cmocka_unit_test(section_types_are_found_by_name),
		cmocka_unit_test(examples_of_types_are_valid),
		cmocka_unit_test(exporters_take_every_table),
	};

	return RUN_TAP(tests);
}
