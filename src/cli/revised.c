/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a compilation to a revision and back. A revision holds the bytes that were compiled, not
 * what may be on disk a moment later. Networks and system settings are the host's and not the
 * firewall's: an older revision is compiled with those of now.
 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "cli/safe.h"

/* ---- who ---- */

/* Behind sudo the user who called it. */
static const char *user_name(struct arena *arena)
{
	const char *sudo = getenv("SUDO_UID");
	uint64_t number = getuid();
	struct passwd *entry;

	if (!number && sudo && !slice_u64(slice_of(sudo), UINT32_MAX - 1, &number))
		number = 0;
	entry = getpwuid((uid_t)number);
	return entry ? arena_strdup(arena, entry->pw_name)
		     : arena_printf(arena, "%lu", (unsigned long)number);
}

/* ---- to a revision ---- */

static bool is_off(const char *value)
{
	static const char *const words[] = { "0", "off", "no", "false", "disabled" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcasecmp(value, words[i]))
			return true;
	}
	return false;
}

/*
 * Whether a section in use names the path. A section that is turned off may name any file of the
 * machine, and the compiler then never looks into it: such a file is not ours to keep and restore.
 */
static bool is_used(const struct uci_file *firewall, const char *path)
{
	vec_each(it, &firewall->sections) {
		const struct uci_section *s = *it;
		bool set = !strcmp(s->type, "ipset");
		const struct uci_item *item = uci_option(s, set ? "loadfile" : "path");
		const struct uci_item *enabled = uci_option(s, "enabled");

		if ((!set && strcmp(s->type, "include") != 0) || !item || !item->value.text)
			continue;
		if (!strcmp(item->value.text, path) && !(enabled && is_off(enabled->value.text)))
			return true;
	}
	return false;
}

static void add_named_files(struct compilation *c, struct revision *r)
{
	struct arena scratch;
	struct diags quiet;
	struct uci_file *firewall;

	if (!c->facts.files.n)
		return;
	arena_init(&scratch);
	diags_init(&quiet, &scratch);
	firewall = uci_parse(&scratch, &c->firewall, &quiet);
	vec_each(f, &c->facts.files) {
		struct revision_file file = { f->path, !f->readable, f->text };

		if (f->path[0] == '/' && !revision_file(r, f->path) && is_used(firewall, f->path))
			vec_push(&c->arena, &r->files, file);
	}
	arena_release(&scratch);
}

void safe_revision(
	struct compilation *c, const char *source, const char *comment, struct revision *ret)
{
	struct revision r = { .when = (int64_t)time(NULL),
		.user = user_name(&c->arena),
		.source = source,
		.comment = comment ? comment : "" };
	struct revision_file firewall = { "firewall", false, c->firewall.text };
	struct revision_file settings = { "zonewall", !c->zonewall.name, c->zonewall.text };

	vec_push(&c->arena, &r.files, firewall);
	vec_push(&c->arena, &r.files, settings);
	add_named_files(c, &r);
	revision_seal(&r);
	*ret = r;
}

/* ---- from a revision ---- */

static void take_source(const struct revision *r, const char *name, struct source *ret)
{
	const struct revision_file *f = revision_file(r, name);

	if (f && !f->absent)
		*ret = (struct source){ name, f->text };
}

bool safe_compile(struct cli *cli, struct compilation *c, const struct revision *r)
{
	if (!cli_read_host(cli, c))
		return false;
	take_source(r, "firewall", &c->firewall);
	take_source(r, "zonewall", &c->zonewall);
	c->facts.files.n = 0; /* a file of facts names them too; the revision has them */
	vec_each(f, &r->files) {
		struct facts_file file = { f->path, !f->absent, f->text };

		if (f->path[0] == '/')
			vec_push(&c->arena, &c->facts.files, file);
	}
	return compile_run(c);
}
