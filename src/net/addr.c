/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses are byte arrays in network order, so comparing bytes compares values, and the same
 * loops serve both families on every kind of processor.
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/bug.h"
#include "net/net_priv.h"

unsigned family_bytes(enum family family)
{
	switch (family) {
	case FAMILY_V4:
		return 4;
	case FAMILY_V6:
		return 16;
	case FAMILY_ANY:
		break;
	}
	BUG("family %d has no address", (int)family);
}

bool addr_parse(struct slice text, struct addr *ret)
{
	char copy[INET6_ADDRSTRLEN];
	struct addr a = { .family = FAMILY_V4 };

	/* A zero byte would hide what follows it from inet_pton. */
	if (!text.n || text.n >= sizeof(copy) || memchr(text.p, 0, text.n))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	if (inet_pton(AF_INET, copy, a.b) != 1) {
		a = (struct addr){ .family = FAMILY_V6 };
		if (inet_pton(AF_INET6, copy, a.b) != 1)
			return false;
	}
	*ret = a;
	return true;
}

void addr_print(const struct addr *a, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];
	int af = family_bytes(a->family) == 4 ? AF_INET : AF_INET6;

	if (!inet_ntop(af, a->b, text, sizeof(text)))
		BUG("an address that cannot be printed");
	buf_str(out, text);
}

int addr_cmp(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->b, b->b, family_bytes(a->family));
}

bool addr_eq(const struct addr *a, const struct addr *b)
{
	return addr_cmp(a, b) == 0;
}

bool addr_next(const struct addr *a, struct addr *ret)
{
	struct addr next = *a;

	for (unsigned i = family_bytes(a->family); i-- > 0;) {
		next.b[i] = (uint8_t)(next.b[i] + 1);
		if (next.b[i]) {
			*ret = next;
			return true;
		}
	}
	return false;
}

bool addr_prev(const struct addr *a, struct addr *ret)
{
	struct addr prev = *a;

	for (unsigned i = family_bytes(a->family); i-- > 0;) {
		prev.b[i] = (uint8_t)(prev.b[i] - 1);
		if (prev.b[i] != 0xff) {
			*ret = prev;
			return true;
		}
	}
	return false;
}

/* The bits of byte `i` that a prefix of the given length fixes. */
static uint8_t prefix_byte(unsigned bits, unsigned i)
{
	if (bits >= 8 * (i + 1))
		return 0xff;
	if (bits <= 8 * i)
		return 0;
	return (uint8_t)(0xff00u >> (bits - 8 * i));
}

struct addr_range addr_prefix_range(const struct addr *a, unsigned bits)
{
	unsigned bytes = family_bytes(a->family);
	struct addr_range r = { *a, *a };

	if (bits > 8 * bytes)
		BUG("a prefix of %u bits", bits);
	for (unsigned i = 0; i < bytes; i++) {
		uint8_t fixed = prefix_byte(bits, i);

		r.lo.b[i] = a->b[i] & fixed;
		r.hi.b[i] = (uint8_t)(a->b[i] | ~fixed);
	}
	return r;
}

bool addr_range_prefix(const struct addr_range *r, unsigned *ret_bits)
{
	unsigned all = 8 * family_bytes(r->lo.family), bits = 0;

	while (bits < all) {
		uint8_t differ = r->lo.b[bits / 8] ^ r->hi.b[bits / 8];

		if (differ & (0x80 >> bits % 8))
			break;
		bits++;
	}

	struct addr_range prefix = addr_prefix_range(&r->lo, bits);

	if (!addr_eq(&prefix.lo, &r->lo) || !addr_eq(&prefix.hi, &r->hi))
		return false;
	*ret_bits = bits;
	return true;
}

bool addr_range_has(const struct addr_range *r, const struct addr *a)
{
	return addr_cmp(&r->lo, a) <= 0 && addr_cmp(a, &r->hi) <= 0;
}

void addr_range_print(const struct addr_range *r, struct buf *out)
{
	unsigned bits;

	addr_print(&r->lo, out);
	if (!addr_range_prefix(r, &bits)) {
		buf_char(out, '-');
		addr_print(&r->hi, out);
	} else if (bits < 8 * family_bytes(r->lo.family)) {
		buf_printf(out, "/%u", bits);
	}
}

struct addr addr_and(const struct addr *a, const struct addr *mask)
{
	struct addr r = *a;

	if (a->family != mask->family)
		BUG("an address and a mask of two families");
	for (unsigned i = 0; i < sizeof(r.b); i++)
		r.b[i] &= mask->b[i];
	return r;
}

bool addr_is_link_local(const struct addr *a)
{
	return a->family == FAMILY_V6 && a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}
