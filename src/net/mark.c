/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two numbers a packet carries: the DSCP in its header, and the mark the kernel keeps beside it. */
#include "net/net_priv.h"

/* clang-format off */
/* The first row of a value is the name we print. */
static const struct {
	const char *name;
	uint8_t value;
} classes[] = {
	{ "CS0", 0 }, { "BE", 0 }, { "LE", 1 }, { "CS1", 8 }, { "AF11", 10 }, { "AF12", 12 },
	{ "AF13", 14 }, { "CS2", 16 }, { "AF21", 18 }, { "AF22", 20 }, { "AF23", 22 },
	{ "CS3", 24 }, { "AF31", 26 }, { "AF32", 28 }, { "AF33", 30 }, { "CS4", 32 },
	{ "AF41", 34 }, { "AF42", 36 }, { "AF43", 38 }, { "CS5", 40 }, { "VA", 44 },
	{ "EF", 46 }, { "CS6", 48 }, { "CS7", 56 },
};
/* clang-format on */

#define N_CLASSES (sizeof(classes) / sizeof(classes[0]))

const char *dscp_name(uint8_t value)
{
	for (size_t i = 0; i < N_CLASSES; i++) {
		if (classes[i].value == value)
			return classes[i].name;
	}
	return NULL;
}

static bool dscp_value(struct slice text, uint8_t *ret, const char **why)
{
	uint64_t number;

	for (size_t i = 0; i < N_CLASSES; i++) {
		if (slice_is_nocase(text, classes[i].name)) {
			*ret = classes[i].value;
			return true;
		}
	}
	if (!text_number(text, UINT64_MAX, &number)) {
		*why = "is not a DSCP class or number";
		return false;
	}
	if (number > 63) {
		*why = "is a DSCP value over 63";
		return false;
	}
	*ret = (uint8_t)number;
	return true;
}

bool dscp_spec_parse(struct slice text, struct dscp_spec *ret, const char **why)
{
	struct dscp_spec s = { .negate = text_take_negation(&text) };

	if (!dscp_value(text, &s.value, why))
		return false;
	*ret = s;
	return true;
}

void dscp_spec_print(const struct dscp_spec *s, struct buf *out)
{
	const char *name = dscp_name(s->value);

	if (s->negate)
		buf_char(out, '!');
	if (name)
		buf_str(out, name);
	else
		buf_printf(out, "%u", s->value);
}

static bool mark_number(struct slice text, bool hex_default, uint32_t *ret)
{
	uint64_t number;
	bool hex = slice_starts(text, "0x") || slice_starts(text, "0X");

	if (hex_default && !hex) {
		if (!slice_u64_hex(text, UINT32_MAX, &number))
			return false;
	} else if (!text_number(text, UINT32_MAX, &number)) {
		return false;
	}
	*ret = (uint32_t)number;
	return true;
}

bool mark_spec_parse(struct slice text, bool hex_default, struct mark_spec *ret, const char **why)
{
	struct mark_spec s = { .negate = text_take_negation(&text), .mask = UINT32_MAX };
	struct slice value = text, mask;

	if (text_cut(text, '/', &value, &mask) && !mark_number(mask, hex_default, &s.mask)) {
		*why = "has no valid mask after the /";
		return false;
	}
	if (!mark_number(value, hex_default, &s.value)) {
		*why = hex_default ? "is not a hexadecimal mark of at most 32 bits"
				   : "is not a mark of at most 32 bits";
		return false;
	}
	if (s.value & ~s.mask) {
		*why = "has bits outside its mask, so it can never match";
		return false;
	}
	*ret = s;
	return true;
}

void mark_spec_print(const struct mark_spec *s, struct buf *out)
{
	buf_printf(out, "%s0x%x", s->negate ? "!" : "", (unsigned)s->value);
	if (s->mask != UINT32_MAX)
		buf_printf(out, "/0x%x", (unsigned)s->mask);
}
