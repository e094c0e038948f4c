/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zonewall: the command table and the options that all commands share. Options may stand before or
 * after the command's name.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

const struct command commands[] = {
	{ "check", "", "say what is wrong with the configuration", cmd_check, 0, 0, false },
	{ "show", "[--stage tree|policy|ir|opt|program]", "print what it compiles to", cmd_show, 0, 0,
		false },
	{ "apply", "[--confirm SECONDS] [--comment TEXT] [--admin ADDR[:PORT]]",
		"load it into the kernel now", cmd_apply, 0, -1, false },
	{ "confirm", "", "keep what apply --confirm has loaded", cmd_confirm, 0, 0, false },
	{ "rollback", "[REVISION] [--comment TEXT] [--admin ADDR[:PORT]]",
		"files and rules as they were", cmd_rollback, 0, -1, false },
	{ "history", "", "the confirmed revisions, newest first", cmd_history, 0, 0, false },
	{ "status", "", "what is loaded, and whether it is what was applied", cmd_status, 0, 0, false },
	{ "counters", "", "packets and bytes of each section", cmd_counters, 0, 0, false },
	{ "bans", "[lift ADDR ... | lift all]", "who is banned for port scans; lift bans", cmd_bans, 0, -1,
		false },
	{ "diff", "[REVISION [REVISION]]", "what apply would change; what changed between revisions",
		cmd_diff, 0, 2, false },
	{ "trace", "--in ZONE|DEV --dst ADDR [--src ADDR] [--proto P] [--dport N] ...",
		"which section decides about a packet, and why", cmd_trace, 0, -1, false },
	{ "flush", "", "remove our rules from the kernel", cmd_flush, 0, 0, false },
	{ "stop", "", "block everything but management", cmd_stop, 0, 0, false },
	{ "get", "SECTION[.OPTION]", "print an option or a section", cmd_get, 1, 1, false },
	{ "set", "SECTION.OPTION=VALUE ...", "change options; comments and order survive", cmd_set, 1,
		-1, false },
	{ "add", "TYPE [NAME] [OPTION=VALUE ...]", "add a section with the manual's defaults", cmd_add,
		1, -1, false },
	{ "del", "SECTION[.OPTION] ...", "delete sections or options", cmd_del, 1, -1, false },
	{ "move", "SECTION POSITION", "move a section among those of its type", cmd_move, 2, 2, false },
	{ "boot", "", "load the last confirmed revision; block everything when there is none",
		cmd_boot, 0, 0, false },
	{ "refresh", "", "load what is in force again, for networks that have changed", cmd_refresh, 0,
		0, false },
	{ "api", "[-i] METHOD PATH [JSON]", "a request of the REST API, without a server", cmd_api, 2, 4,
		false },
	{ "help", "[COMMAND | OPTION]", "explain a command, or any option of the configuration",
		cmd_help, 0, 1, false },
	{ "start", "", "as apply", cmd_apply, 0, -1, true },
	{ "reload", "", "as apply", cmd_apply, 0, -1, true },
	{ "restart", "", "as apply; the rules are never absent in between", cmd_apply, 0, -1, true },
	{ "guard", "TOKEN", "started by apply --confirm", cmd_guard, 1, 1, true },
	{ "print", "", "as show", cmd_show, 0, 0, true },
	{ "zone", "NAME", "devices of a zone", cmd_zone, 1, 1, true },
	{ "network", "NAME", "zone of a network", cmd_network, 1, 1, true },
	{ "device", "NAME", "zone of a device", cmd_device, 1, 1, true },
	{ "reference", "", "the reference of all options, as markdown or mdoc", cmd_reference, 0, 1,
		true },
	{ NULL, NULL, NULL, NULL, 0, 0, false },
};

enum { OPTION_RUN_DIR = 256, OPTION_STATE_DIR, OPTION_FACTS, OPTION_BACKEND, OPTION_IPTABLES, OPTION_STAGE,
	OPTION_JSON, OPTION_VERSION, OPTION_FORCE };

static const struct option shared_options[] = {
	{ "config-dir", required_argument, NULL, 'c' },
	{ "run-dir", required_argument, NULL, OPTION_RUN_DIR },
	{ "state-dir", required_argument, NULL, OPTION_STATE_DIR },
	{ "facts", required_argument, NULL, OPTION_FACTS },
	{ "backend", required_argument, NULL, OPTION_BACKEND },
	{ "iptables", required_argument, NULL, OPTION_IPTABLES },
	{ "stage", required_argument, NULL, OPTION_STAGE },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "force", no_argument, NULL, OPTION_FORCE },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

static const struct option *shared_option(const char *word)
{
	size_t n = strcspn(word, "=");

	for (const struct option *o = shared_options; o->name; o++) {
		if (strlen(o->name) == n && !strncmp(o->name, word, n))
			return o;
	}
	return NULL;
}

static bool set_shared(struct cli *cli, int option, char *value)
{
	switch (option) {
	case 'c':
		cli->config_dir = value;
		return true;
	case OPTION_RUN_DIR:
		cli->run_dir = value;
		return true;
	case OPTION_STATE_DIR:
		cli->state_dir = value;
		return true;
	case OPTION_FACTS:
		cli->facts_file = value;
		return true;
	case OPTION_BACKEND:
		cli->backend = value;
		return true;
	case OPTION_IPTABLES:
		cli->iptables = value;
		return true;
	case OPTION_STAGE:
		cli->stage = value;
		return true;
	case OPTION_JSON:
		cli->json = true;
		return true;
	case OPTION_FORCE:
		cli->force = true;
		return true;
	}
	return false;
}

/*
 * Takes the shared options out of argv, wherever they stand; the rest stays in order. Returns the
 * new argc, or -1 after an error message. -2 and -3 ask for help and for the version.
 */
static int take_shared(struct cli *cli, int argc, char **argv)
{
	int kept = 0;

	for (int i = 0; i < argc; i++) {
		const struct option *o = NULL;
		char *value = NULL;

		if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help"))
			return -2;
		if (!strcmp(argv[i], "--version") || !strcmp(argv[i], "-V"))
			return -3;
		if (!strncmp(argv[i], "-c", 2)) {
			o = &shared_options[0];
			value = argv[i][2] ? argv[i] + 2 : NULL;
		} else if (!strncmp(argv[i], "--", 2)) {
			o = shared_option(argv[i] + 2);
			value = strchr(argv[i], '=');
			value = value ? value + 1 : NULL;
		}
		if (!o) {
			argv[kept++] = argv[i];
			continue;
		}
		if (o->has_arg == required_argument && !value) {
			if (i + 1 >= argc) {
				cli_error("%s needs a value", argv[i]);
				return -1;
			}
			value = argv[++i];
		}
		set_shared(cli, o->val, value);
	}
	argv[kept] = NULL;
	return kept;
}

static void usage(FILE *to)
{
	fputs("usage: zonewall [-c DIR] [--json] COMMAND ...\n\n", to);
	for (const struct command *c = commands; c->name; c++) {
		if (!c->hidden)
			fprintf(to, "  %-10s %s\n", c->name, c->help);
	}
	fputs("\n  -c, --config-dir DIR  the configuration (default /etc/config)\n"
	      "      --run-dir DIR     the lock and what is applied (default /run/zonewall)\n"
	      "      --state-dir DIR   the revisions (default " ZONEWALL_STATE_DIR ",\n"
	      "                        or RUN-DIR/state)\n"
	      "      --facts FILE      devices and addresses from a JSON file\n"
	      "      --backend NAME    nft or iptables\n"
	      "      --iptables PATH   the iptables-restore to use, for example\n"
	      "                        /usr/sbin/iptables-legacy-restore\n"
	      "      --json            machine-readable replies\n"
	      "\nExit status: 0 done, 1 the configuration is wrong, 2 usage, 3 the system refused.\n"
	      "More: zonewall help COMMAND, zonewall help OPTION, man zonewall\n",
		to);
}

static const struct command *find_command(const char *name)
{
	const char *names[64];
	const char *near;
	size_t n = 0;

	for (const struct command *c = commands; c->name; c++) {
		if (!strcmp(c->name, name))
			return c;
		names[n++] = c->name;
	}
	near = diag_nearest(slice_of(name), names, n);
	if (near)
		cli_error("there is no command '%s'; did you mean '%s'?", name, near);
	else
		cli_error("there is no command '%s'; try 'zonewall --help'", name);
	return NULL;
}

/* An instance with a run directory of its own never shares the history of the machine's. */
static void set_places(struct cli *cli, struct arena *arena)
{
	if (!cli->state_dir)
		cli->state_dir = cli->run_dir ? cli_path(arena, cli->run_dir, "state")
					      : ZONEWALL_STATE_DIR;
	if (!cli->run_dir)
		cli->run_dir = "/run/zonewall";
}

int main(int argc, char **argv)
{
	struct cli cli = { .config_dir = "/etc/config", .colour = isatty(STDERR_FILENO) };
	struct arena arena;
	enum exit_code code;
	const struct command *command;
	int kept = take_shared(&cli, argc - 1, argv + 1);

	if (kept == -2) {
		usage(stdout);
		return EXIT_OK;
	}
	if (kept == -3) {
		puts("zonewall " ZONEWALL_VERSION);
		return EXIT_OK;
	}
	if (kept < 1) {
		if (kept == 0)
			usage(stderr);
		return EXIT_USAGE;
	}
	command = find_command(argv[1]);
	if (!command)
		return EXIT_USAGE;
	cli.argc = kept;     /* getopt wants the name in argv[0] */
	cli.argv = argv + 1;
	if (kept - 1 < command->least || (command->most >= 0 && kept - 1 > command->most)) {
		cli_error("usage: zonewall %s %s", command->name, command->arguments);
		return EXIT_USAGE;
	}
	arena_init(&arena);
	set_places(&cli, &arena);
	code = command->run(&cli);
	arena_release(&arena);
	return code;
}
