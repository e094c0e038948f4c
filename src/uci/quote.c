/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a value so that it is read back as it is. Single quotes hold everything but themselves,
 * so they are our own style; the other styles exist to leave a file looking as its owner has it.
 */
#include <string.h>

#include "uci/uci_priv.h"

void uci_quote(struct buf *out, const char *value)
{
	buf_char(out, '\'');
	for (const char *p = value; *p; p++) {
		if (*p == '\'')
			buf_str(out, "'\\''");
		else
			buf_char(out, *p);
	}
	buf_char(out, '\'');
}

/* Only characters that no reader of UCI, and no shell, takes for anything else. */
static bool plain(const char *value)
{
	if (!*value)
		return false;
	for (const char *p = value; *p; p++) {
		bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			      (*p >= '0' && *p <= '9');

		if (!letter && !strchr("_-./:,@%+=", *p))
			return false;
	}
	return true;
}

void uci_quote_as(struct buf *out, const char *value, enum uci_quote quote)
{
	switch (quote) {
	case UCI_BARE:
		if (!plain(value))
			break;
		buf_str(out, value);
		return;
	case UCI_DOUBLE:
		buf_char(out, '"');
		for (const char *p = value; *p; p++) {
			if (*p == '"' || *p == '\\')
				buf_char(out, '\\');
			buf_char(out, *p);
		}
		buf_char(out, '"');
		return;
	case UCI_SINGLE:
	case UCI_MIXED:
		break;
	}
	uci_quote(out, value);
}
