/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts from /etc/config/network and /etc/config/system: which devices a logical network has and
 * which addresses were given to it, when no network daemon can be asked. What is known already
 * (from a daemon, or a facts file) is kept.
 */
#include <string.h>

#include "model/facts.h"
#include "uci/uci.h"

#define FOLLOW_MAX 8 /* "@lan" that points at "@wan" that points at ...: no deeper than this */

struct network_reader {
	struct arena *arena;
	struct diags *diags;
	struct facts *facts;
	const struct uci_file *file;
};

static const char *option_text(const struct uci_section *s, const char *key)
{
	const struct uci_item *item = uci_option(s, key);

	return item && item->value.text && item->value.n ? item->value.text : NULL;
}

static bool option_is(const struct uci_section *s, const char *key, const char *value)
{
	const char *text = option_text(s, key);

	return text && !strcmp(text, value);
}

static bool is_disabled(const struct uci_section *s)
{
	return option_is(s, "disabled", "1") || option_is(s, "auto", "never") ||
		option_is(s, "enabled", "0");
}

/* ---- devices ---- */

static void add_device(struct network_reader *r, struct facts_network *n, const char *name)
{
	vec_each(have, &n->devices) {
		if (!strcmp(*have, name))
			return;
	}
	vec_push(r->arena, &n->devices, name);
}

static void read_device_names(struct network_reader *r, struct facts_network *n,
	const struct uci_section *s, unsigned depth);

/* "@lan" is whatever devices the network lan has. */
static void add_named(struct network_reader *r, struct facts_network *n, struct slice word,
	unsigned depth)
{
	const char *name = arena_strndup(r->arena, word.p, word.n);
	const struct facts_network *known;
	const struct uci_section *other;

	if (name[0] != '@') {
		add_device(r, n, name);
		return;
	}
	known = facts_network(r->facts, name + 1);
	if (known) {
		vec_each(device, &known->devices)
			add_device(r, n, *device);
		return;
	}
	other = uci_section_named(r->file, name + 1);
	if (other && depth < FOLLOW_MAX && !strcmp(other->type, "interface"))
		read_device_names(r, n, other, depth + 1);
}

/* `option device` and the older `option ifname`; of a bridge it lists the ports, not the device. */
static void read_device_names(struct network_reader *r, struct facts_network *n,
	const struct uci_section *s, unsigned depth)
{
	static const char *const keys[] = { "device", "ifname" };
	const struct uci_item *item = NULL;
	struct slice rest, word;

	if (option_is(s, "type", "bridge") && s->name) {
		add_device(r, n, arena_printf(r->arena, "br-%s", s->name));
		return;
	}
	for (size_t i = 0; i < 2 && !n->devices.n; i++) {
		item = NULL;
		while ((item = uci_list_next(s, keys[i], item))) {
			rest = slice_of(item->value.text);
			while (slice_next_word(&rest, &word))
				add_named(r, n, word, depth);
		}
	}
}

/*
 * Tunnels and dial-up links have no `device`: the kernel device is made up from the protocol and
 * the section's name. Only what netifd itself does is repeated here.
 */
static void guess_device(struct network_reader *r, struct facts_network *n,
	const struct uci_section *s)
{
	static const struct {
		const char *proto, *prefix;
	} rows[] = {
		{ "pppoe", "pppoe-" }, { "pptp", "pptp-" }, { "l2tp", "l2tp-" }, { "pppoa", "pppoa-" },
		{ "ppp", "3g-" }, { "3g", "3g-" }, { "wireguard", "" }, { "6in4", "6in4-" },
		{ "6to4", "6to4-" }, { "6rd", "6rd-" }, { "vti", "" }, { "xfrm", "" },
	};
	const char *proto = option_text(s, "proto");

	/* The tunnel's own device, also where `device` names the one it travels by. */
	for (size_t i = 0; proto && i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(proto, rows[i].proto))
			continue;
		n->devices.n = 0;
		add_device(r, n, arena_printf(r->arena, "%s%s", rows[i].prefix, s->name));
	}
}

/* ---- addresses ---- */

static void add_address(struct network_reader *r, struct facts_network *n,
	const struct facts_address *a)
{
	vec_each(have, &n->addresses) {
		if (addr_eq(&have->addr, &a->addr) && have->bits == a->bits)
			return;
	}
	vec_push(r->arena, &n->addresses, *a);
}

static void read_address(struct network_reader *r, struct facts_network *n, struct slice word,
	struct span span, const char *netmask)
{
	struct slice text = word;
	struct addr_spec spec;
	const char *why = "is not an address";
	bool slash = slice_find(word, '/') < word.n;

	if (!slash && netmask && slice_find(word, ':') == word.n)
		text = slice_of(arena_printf(r->arena, "%.*s/%s", SLICE_ARG(word), netmask));
	if (addr_spec_parse(r->arena, text, &spec, &why) && spec.kind == ADDR_SPEC_RANGE &&
		!spec.negate) {
		add_address(r, n, &(struct facts_address){ spec.written, spec.bits });
		return;
	}
	diag_warning(r->diags, span, "network-address", "'%.*s' is not an address", SLICE_ARG(word));
}

static void read_static_addresses(struct network_reader *r, struct facts_network *n,
	const struct uci_section *s)
{
	static const char *const keys[] = { "ipaddr", "ip6addr", "addresses" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct uci_item *item = NULL;

		while ((item = uci_list_next(s, keys[i], item))) {
			struct slice rest = slice_of(item->value.text), word;

			while (slice_next_word(&rest, &word))
				read_address(r, n, word, item->value.span,
					option_text(s, "netmask"));
		}
	}
}

static void take_live_addresses(struct network_reader *r, struct facts_network *n)
{
	vec_each(name, &n->devices) {
		const struct facts_device *d = facts_device(r->facts, *name);

		if (!d)
			continue;
		vec_each(a, &d->addresses)
			add_address(r, n, a);
	}
}

/* ---- sections ---- */

static void read_interface(struct network_reader *r, const struct uci_section *s)
{
	struct facts_network n = { .name = s->name, .disabled = is_disabled(s) };
	const char *proto = option_text(s, "proto");

	read_device_names(r, &n, s, 0);
	guess_device(r, &n, s);
	if (!n.disabled) {
		if (!proto || !strcmp(proto, "static") || !strcmp(proto, "wireguard"))
			read_static_addresses(r, &n, s);
		take_live_addresses(r, &n);
	}
	vec_push(r->arena, &r->facts->networks, n);
}

void facts_add_networks(struct arena *arena, struct source *network, struct diags *diags,
	struct facts *facts)
{
	struct network_reader r = { arena, diags, facts, uci_parse(arena, network, diags) };

	vec_each(s, &r.file->sections) {
		if (strcmp((*s)->type, "interface") || !(*s)->name ||
			facts_network(facts, (*s)->name))
			continue;
		read_interface(&r, *s);
	}
}

void facts_add_system(struct arena *arena, struct source *system, struct diags *diags,
	struct facts *facts)
{
	const struct uci_file *file = uci_parse(arena, system, diags);

	vec_each(s, &file->sections) {
		const char *text = option_text(*s, "timezone");
		const char *why = "is not a time zone";
		struct diag *w;

		if (strcmp((*s)->type, "system") || !text || facts->tz_text)
			continue;
		if (tz_parse(slice_of(text), &facts->tz, &why)) {
			facts->tz_text = text;
			return;
		}
		w = diag_warning(diags, uci_option(*s, "timezone")->value.span, "bad-timezone",
			"'%s' %s, so UTC is used", text, why);
		diag_hint(diags, w, "write it like EET-2EEST,M3.5.0/3,M10.5.0/4");
		return;
	}
}
