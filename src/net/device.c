/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of network devices. The kernel allows nearly any byte; we take what needs no quoting
 * tricks in any backend. '*' is refused because nft would read it as its own wildcard.
 */
#include <string.h>

#include "net/net_priv.h"

/* What is wrong with the characters of a name, or NULL. */
static const char *name_fault(struct slice name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c <= ' ' || c > '~')
			return "has a character that a device's name cannot have";
		if (c == '*')
			return "has a *; the beginning of a name is written with a + at its end";
		if (strchr("/\"'`\\!", c))
			return "has a character that a device's name cannot have";
	}
	if (slice_is(name, ".") || slice_is(name, ".."))
		return "is not a device's name";
	return NULL;
}

/* An alias is a device's name, a colon, and letters or digits. */
static bool alias_is_well_formed(struct slice name)
{
	struct slice device, label;

	if (!text_cut(name, ':', &device, &label))
		return true;
	if (!device.n || !label.n)
		return false;
	for (size_t i = 0; i < label.n; i++) {
		if (!text_is_alnum(label.p[i]) && label.p[i] != '_' && label.p[i] != '-')
			return false;
	}
	return true;
}

bool device_pattern_parse(struct slice text, struct device_pattern *ret, const char **why)
{
	struct device_pattern p = { .negate = text_take_negation(&text) };
	struct slice name = text;

	if (name.n && name.p[name.n - 1] == '+') {
		p.wildcard = true;
		name.n--;
	}

	const char *fault = name_fault(name);

	if (!text.n)
		fault = "is empty";
	else if (!name.n)
		fault = "matches every device";
	else if (text.n > DEVICE_NAME_MAX)
		fault = "is longer than a device's name can be (15 characters)";
	else if (!fault &&
		 (!alias_is_well_formed(name) || (p.wildcard && slice_find(name, ':') < name.n)))
		fault = "has a colon that does not begin an alias";
	if (fault) {
		*why = fault;
		return false;
	}
	memcpy(p.name, name.p, name.n);
	*ret = p;
	return true;
}

void device_pattern_print(const struct device_pattern *p, struct buf *out)
{
	if (p->negate)
		buf_char(out, '!');
	buf_str(out, p->name);
	if (p->wildcard)
		buf_char(out, '+');
}

bool device_pattern_has(const struct device_pattern *p, const char *device)
{
	if (p->wildcard)
		return strncmp(p->name, device, strlen(p->name)) == 0;
	/* Packets of an alias carry the name of its device. */
	size_t n = strcspn(p->name, ":");

	return strcspn(device, ":") == n && strncmp(p->name, device, n) == 0;
}
