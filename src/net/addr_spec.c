/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One word of an address option. Addresses contain no '-' or '/', so these split a word; what is
 * no address may be the name of a network, unless it begins like an address that was mistyped.
 */
#include "base/bug.h"
#include "net/net_priv.h"

static struct addr_spec spec_of_prefix(const struct addr *a, unsigned bits)
{
	return (struct addr_spec){
		.kind = ADDR_SPEC_RANGE,
		.range = addr_prefix_range(a, bits),
		.written = *a,
		.bits = bits,
	};
}

/* True when a mask is ones and then zeroes; how many ones in *ret_bits. */
static bool mask_prefix(const struct addr *mask, unsigned *ret_bits)
{
	unsigned all = 8 * family_bytes(mask->family), bits = 0;

	while (bits < all && mask->b[bits / 8] & (0x80 >> bits % 8))
		bits++;

	struct addr_range prefix = addr_prefix_range(mask, bits);

	if (!addr_eq(&prefix.lo, mask))
		return false;
	*ret_bits = bits;
	return true;
}

static struct addr_spec spec_of_mask(const struct addr *a, const struct addr *mask)
{
	unsigned bits;

	if (mask_prefix(mask, &bits))
		return spec_of_prefix(a, bits);
	return (struct addr_spec){
		.kind = ADDR_SPEC_MASKED,
		.addr = addr_and(a, mask),
		.mask = *mask,
		.written = *a,
	};
}

/* The mask that keeps the last `bits` bits of an IPv6 address. */
static struct addr suffix_mask(unsigned bits)
{
	struct addr mask = { .family = FAMILY_V6 };

	for (unsigned i = 128 - bits; i < 128; i++)
		mask.b[i / 8] |= (uint8_t)(0x80 >> i % 8);
	return mask;
}

static bool parse_suffix(
	const struct addr *a, struct slice digits, struct addr_spec *ret, const char **why)
{
	uint64_t bits;

	if (a->family != FAMILY_V6) {
		*why = "has a negative prefix length, which only IPv6 addresses can have";
		return false;
	}
	if (!slice_u64(digits, 128, &bits) || bits == 0) {
		*why = "has no valid negative prefix length (-1 to -128)";
		return false;
	}

	struct addr mask = suffix_mask((unsigned)bits);

	*ret = spec_of_mask(a, &mask);
	return true;
}

static bool parse_slash(
	struct slice before, struct slice after, struct addr_spec *ret, const char **why)
{
	struct addr a, mask;
	uint64_t bits;

	if (!addr_parse(before, &a)) {
		*why = "has no valid address before the /";
		return false;
	}
	if (slice_starts(after, "-"))
		return parse_suffix(&a, slice_from(after, 1), ret, why);
	if (text_is_digits(after)) {
		if (!slice_u64(after, 8 * family_bytes(a.family), &bits)) {
			*why = a.family == FAMILY_V4 ? "has a prefix length over 32"
						     : "has a prefix length over 128";
			return false;
		}
		*ret = spec_of_prefix(&a, (unsigned)bits);
		return true;
	}
	if (!addr_parse(after, &mask)) {
		*why = "has no valid prefix length or mask after the /";
		return false;
	}
	if (mask.family != a.family) {
		*why = "has an address and a mask of different families";
		return false;
	}
	*ret = spec_of_mask(&a, &mask);
	return true;
}

static bool make_range(
	const struct addr *lo, const struct addr *hi, struct addr_spec *ret, const char **why)
{
	if (lo->family != hi->family) {
		*why = "is a range from one address family to another";
		return false;
	}
	if (addr_cmp(lo, hi) > 0) {
		*why = "is a range that runs backwards";
		return false;
	}

	struct addr_spec s = {
		.kind = ADDR_SPEC_RANGE,
		.range = { *lo, *hi },
		.written = *lo,
	};

	if (!addr_range_prefix(&s.range, &s.bits))
		s.bits = 0;
	*ret = s;
	return true;
}

/* Digits and a dot in front: somebody meant an address. */
static bool looks_like_address(struct slice text)
{
	size_t i = 0;

	while (i < text.n && text_is_digit(text.p[i]))
		i++;
	return i > 0 && i < text.n && text.p[i] == '.';
}

static bool is_name(struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (!text_is_alnum(c) && c != '_' && c != '.' && c != '-')
			return false;
	}
	return text.n > 0 && !looks_like_address(text);
}

static bool parse_word(
	struct arena *arena, struct slice text, struct addr_spec *ret, const char **why)
{
	struct slice before, after;
	struct addr lo, hi;

	if (addr_parse(text, &lo)) {
		*ret = spec_of_prefix(&lo, 8 * family_bytes(lo.family));
		return true;
	}
	if (text_cut(text, '/', &before, &after))
		return parse_slash(before, after, ret, why);
	if (text_cut(text, '-', &before, &after)) {
		bool has_lo = addr_parse(before, &lo), has_hi = addr_parse(after, &hi);

		if (has_lo && has_hi)
			return make_range(&lo, &hi, ret, why);
		if (has_lo || has_hi) {
			*why = "is a range with an end that is not an address";
			return false;
		}
	}
	if (!is_name(text)) {
		*why = text.n ? "is not an address" : "is empty";
		return false;
	}
	*ret = (struct addr_spec){
		.kind = ADDR_SPEC_NAME,
		.name = arena_strndup(arena, text.p, text.n),
	};
	return true;
}

bool addr_spec_parse(
	struct arena *arena, struct slice text, struct addr_spec *ret, const char **why)
{
	bool negate = text_take_negation(&text);
	struct addr_spec s;

	if (!parse_word(arena, text, &s, why))
		return false;
	s.negate = negate;
	*ret = s;
	return true;
}

void addr_spec_print(const struct addr_spec *s, struct buf *out)
{
	if (s->negate)
		buf_char(out, '!');
	switch (s->kind) {
	case ADDR_SPEC_RANGE:
		addr_range_print(&s->range, out);
		return;
	case ADDR_SPEC_MASKED:
		addr_print(&s->addr, out);
		buf_char(out, '/');
		addr_print(&s->mask, out);
		return;
	case ADDR_SPEC_NAME:
		buf_str(out, s->name);
		return;
	}
	BUG("address kind %d", (int)s->kind);
}
