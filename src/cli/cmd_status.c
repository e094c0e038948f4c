/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status and counters: what the kernel has now, told in terms of the configuration's sections.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/applied.h"
#include "cli/safe.h"
#include "kernel/ruleset.h"

struct state {
	bool loaded, known, equal, compiled;
	const char *what; /* "apply", "stop"; NULL unknown */
	int64_t when;
	uint32_t revision; /* the confirmed one; 0: none */
	bool waits;
	struct pending pending;
	struct nft_table_names foreign;
};

static void read_history(struct cli *cli, struct compilation *c, struct state *s)
{
	struct revision newest;

	s->waits = !pending_read(cli->run_dir, &c->arena, &s->pending);
	if (!store_newest(cli->state_dir, 0, &c->arena, &newest))
		s->revision = newest.number;
}

/* Compares the kernel with the current configuration, or with the lockdown when stopped. */
static int read_state(struct cli *cli, struct compilation *c, struct state *s)
{
	struct diags quiet;
	int err = ruleset_present(cli->iptables);

	if (err < 0)
		return err;
	s->loaded = err == 1;
	read_history(cli, c, s);
	s->known = applied_record(cli, &c->arena, &s->what, &s->when);
	if (s->known && !strcmp(s->what, "stop"))
		c->lockdown = true;
	s->compiled = cli_compile(cli, c);
	if (s->compiled && s->loaded) {
		diags_init(&quiet, &c->arena);
		err = ruleset_verify(c->artefact, cli->iptables, &quiet);
		s->equal = err == 0;
	}
	return nft_foreign_tables(&c->arena, &s->foreign);
}

static void print_when(int64_t when)
{
	time_t t = (time_t)when;
	struct tm tm;
	char text[32] = "?";

	if (gmtime_r(&t, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	fputs(text, stdout);
}

/* ---- kernel settings ---- */

/* What the setting is now, as text in the arena; NULL when this kernel does not tell. */
static const char *setting_now(struct compilation *c, const struct ir_sysctl *s)
{
	const char *now = NULL;

	return sysctl_read(&c->arena, s->path, &now) ? NULL : now;
}

static void print_settings(struct compilation *c)
{
	vec_each(s, &c->ir->sysctls) {
		const char *now = setting_now(c, s);

		printf("kernel setting %s: ", s->path);
		if (!now)
			printf("wanted %s, unknown to this kernel\n", s->value);
		else if (strcmp(now, s->value) != 0)
			printf("%s, but %s is wanted: see 'zonewall apply'\n", now, s->value);
		else
			puts(now);
	}
}

static json_t *json_settings(struct cli *cli, struct compilation *c)
{
	struct sysctl_values found = { 0 };
	json_t *list = json_array();

	applied_sysctls(cli, &c->arena, &found);
	vec_each(s, &c->ir->sysctls) {
		const char *before = NULL;

		vec_each(v, &found.list)
			before = !strcmp(v->path, s->path) ? v->value : before;
		json_array_append_new(list,
			json_pack("{s:s,s:s,s:s?,s:s?}", "path", s->path, "wanted", s->value,
				"value", setting_now(c, s), "before", before));
	}
	return list;
}

/* ---- status ---- */

static void print_state(struct compilation *c, const struct state *s)
{
	AUTO_BUF names = BUF_INIT;

	if (!s->loaded) {
		puts("not loaded: there are no rules of ours in the kernel");
	} else {
		fputs(c->lockdown ? "stopped: only management passes" : "loaded", stdout);
		if (s->known) {
			fputs(", since ", stdout);
			print_when(s->when);
		}
		putchar('\n');
		if (!s->compiled)
			puts("the configuration has errors: see 'zonewall check'");
		else
			puts(s->equal ? "the kernel has exactly what the configuration says"
				      : "the kernel differs from the configuration: see 'zonewall "
					"diff', then 'zonewall apply'");
	}
	if (s->waits)
		printf("not confirmed: the rules from before come back in %lld seconds, unless "
		       "'zonewall confirm'\n",
			(long long)(pending_left_ms(&s->pending) / 1000));
	if (s->revision)
		printf("confirmed: revision %lu\n", (unsigned long)s->revision);
	if (s->compiled)
		printf("%zu zones, %zu forwardings, %zu rules, %zu redirects, %zu NAT rules, %zu "
		       "warnings\n",
			c->policy->zones.n, c->policy->forwardings.n, c->policy->rules.n,
			c->policy->redirects.n, c->policy->nats.n, c->diags.warnings);
	if (s->compiled && s->loaded)
		print_settings(c);
	if (s->compiled && c->ir->times_until) {
		fputs("time restrictions are compiled up to ", stdout);
		print_when(c->ir->times_until);
		putchar('\n');
	}
	vec_each(t, &s->foreign.list) {
		buf_printf(&names, "%s%s ", names.n ? ", " : "", t->family);
		buf_safe(&names, slice_of(t->name));
	}
	if (names.n)
		printf("other tables, not touched: %s\n", buf_text(&names));
}

static void json_state(struct cli *cli, struct compilation *c, const struct state *s)
{
	json_t *reply = cli_reply(true, &c->diags);
	json_t *foreign = json_array();

	vec_each(t, &s->foreign.list) {
		AUTO_BUF name = BUF_INIT;

		buf_safe(&name, slice_of(t->name));
		json_array_append_new(foreign,
			json_pack("{s:s,s:s}", "family", t->family, "name", buf_text(&name)));
	}
	json_object_set_new(reply, "loaded", json_boolean(s->loaded));
	json_object_set_new(reply, "stopped", json_boolean(s->loaded && c->lockdown));
	json_object_set_new(reply, "compiles", json_boolean(s->compiled));
	json_object_set_new(reply, "equal", json_boolean(s->equal));
	json_object_set_new(
		reply, "since", s->known ? json_integer((json_int_t)s->when) : json_null());
	json_object_set_new(reply, "revision",
		s->revision ? json_integer(s->revision) : json_null());
	json_object_set_new(reply, "confirm_within",
		s->waits ? json_integer(pending_left_ms(&s->pending) / 1000) : json_null());
	json_object_set_new(
		reply, "sysctls", s->compiled ? json_settings(cli, c) : json_array());
	json_object_set_new(reply, "foreign_tables", foreign);
	cli_json(reply);
}

enum exit_code cmd_status(struct cli *cli)
{
	struct state s = { 0 };
	struct compilation c;
	int err;

	safe_glance(cli);
	compilation_init(&c);
	err = read_state(cli, &c, &s);
	if (err)
		cli_error("the kernel does not tell: %s", cli_errno(err));
	else if (cli->json)
		json_state(cli, &c, &s);
	else
		print_state(&c, &s);
	compilation_release(&c);
	return err ? EXIT_SYSTEM : EXIT_OK;
}

/* ---- counters ---- */

static const struct ir_origin *counter_origin(const struct ir *ir, const char *name)
{
	vec_each(c, &ir->counters) {
		if (!strcmp((*c)->name, name))
			return (*c)->origin;
	}
	return NULL;
}

static void print_counter(const struct nft_counter_value *v, const struct ir_origin *o)
{
	AUTO_BUF who = BUF_INIT;

	if (o) {
		buf_printf(&who, "%s '", o->type);
		buf_safe(&who, slice_of(o->name ? o->name : o->id));
		buf_char(&who, '\'');
	} else {
		buf_safe(&who, slice_of(v->name));
	}
	printf("%12llu packets %14llu bytes  %s\n", (unsigned long long)v->packets,
		(unsigned long long)v->bytes, buf_text(&who));
}

static json_t *counter_json(const struct nft_counter_value *v, const struct ir_origin *o)
{
	AUTO_BUF name = BUF_INIT;

	if (o)
		buf_safe(&name, slice_of(o->name ? o->name : ""));
	return json_pack("{s:s,s:I,s:I,s:s?,s:s?,s:s}", "counter", v->name, "packets",
		(json_int_t)v->packets, "bytes", (json_int_t)v->bytes, "type", o ? o->type : NULL,
		"id", o ? o->id : NULL, "name", buf_text(&name));
}

enum exit_code cmd_counters(struct cli *cli)
{
	struct nft_counter_values values = { 0 };
	struct compilation c;
	json_t *list = json_array();
	int err;

	compilation_init(&c);
	cli_compile(cli, &c);
	err = ruleset_counters(&c.arena, c.artefact, cli->iptables, &values);
	if (err)
		cli_error("the kernel does not tell: %s", cli_errno(err));
	vec_each(v, &values.list) {
		const struct ir_origin *o = c.ir ? counter_origin(c.ir, v->name) : NULL;

		if (cli->json)
			json_array_append_new(list, counter_json(v, o));
		else
			print_counter(v, o);
	}
	if (cli->json && !err) {
		json_t *reply = cli_reply(true, NULL);

		json_object_set(reply, "counters", list);
		cli_json(reply);
	}
	json_decref(list);
	compilation_release(&c);
	return err ? EXIT_SYSTEM : EXIT_OK;
}
