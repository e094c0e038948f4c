/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Printing a bound option. The field is found by its offset and read as bytes, since its declared
 * type is known to its table alone.
 */
#include <string.h>

#include "schema/schema_priv.h"

static bool print_list(const struct option_row *row, const char *field, struct buf *out)
{
	struct any_list list;

	memcpy(&list, field, sizeof(list));
	for (size_t i = 0; i < list.n; i++) {
		if (i)
			buf_char(out, row->whole ? '\n' : ' ');
		row->type->print(row, (const char *)list.v + i * row->type->size, out);
	}
	return list.n > 0;
}

bool schema_print(const struct option_row *row, const void *section, struct buf *out)
{
	const char *field = (const char *)section + row->at;
	struct given given;

	if (!row->at)
		return false;
	if (row->list)
		return print_list(row, field, out);
	memcpy(&given, field, sizeof(given));
	if (!given.set && !row->fallback)
		return false;
	row->type->print(row, field + FIELD_VALUE_AT, out);
	return true;
}
