/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ethernet addresses: six hexadecimal bytes, joined by colons or by dashes but not by both. */
#include "net/net_priv.h"

static bool mac_parse(struct slice text, struct mac *ret)
{
	size_t colon = slice_find(text, ':');
	char separator = colon < text.n ? ':' : '-';
	struct mac mac = { { 0 } };

	for (unsigned i = 0; i < sizeof(mac.b); i++) {
		size_t n = slice_find(text, separator);
		uint64_t byte;

		/* A separator after the last byte, or none before it */
		if (n > 2 || (n == text.n) != (i == sizeof(mac.b) - 1))
			return false;
		if (!slice_u64_hex((struct slice){ text.p, n }, 255, &byte))
			return false;
		mac.b[i] = (uint8_t)byte;
		text = slice_from(text, n + 1);
	}
	*ret = mac;
	return true;
}

bool mac_spec_parse(struct slice text, struct mac_spec *ret, const char **why)
{
	struct mac_spec s = { .negate = text_take_negation(&text) };

	if (!mac_parse(text, &s.mac)) {
		*why = "is not a MAC address";
		return false;
	}
	*ret = s;
	return true;
}

void mac_spec_print(const struct mac_spec *s, struct buf *out)
{
	const uint8_t *b = s->mac.b;

	buf_printf(out, "%s%02x:%02x:%02x:%02x:%02x:%02x", s->negate ? "!" : "", b[0], b[1], b[2],
		b[3], b[4], b[5]);
}
