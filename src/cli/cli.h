/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line: a table of commands, what they share, and how a configuration directory and
 * the live system become a compilation.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <jansson.h>
#include <stdbool.h>

#include "compile/compile.h"

enum exit_code {
	EXIT_OK = 0,
	EXIT_CONFIG = 1, /* the configuration is wrong */
	EXIT_USAGE = 2,
	EXIT_SYSTEM = 3, /* the system refused */
};

struct cli {
	const char *config_dir; /* -c: holds firewall, network, system, zonewall */
	const char *run_dir;	/* lock, and what is applied now */
	const char *state_dir;	/* history */
	const char *facts_file; /* --facts: a JSON file instead of the live system */
	const char *backend;	/* --backend */
	const char *iptables;	/* --iptables: path of an iptables-restore; NULL: found */
	const char *stage;	/* --stage */
	bool json, colour, force;
	int argc;    /* the command's own arguments */
	char **argv;
};

struct command {
	const char *name;
	const char *arguments; /* "OPTION", for the usage line */
	const char *help;      /* one line */
	enum exit_code (*run)(struct cli *cli);
	int least, most; /* number of arguments; most -1: any */
	bool hidden;	 /* an old habit, kept working: start, reload, ... */
};

extern const struct command commands[]; /* ended by a NULL name */

/* ---- load.c ---- */

/* Reads the directory and the facts into c; false after adding diagnostics about files. */
bool cli_read(struct cli *cli, struct compilation *c);
/* Of these only what belongs to the host and not to the firewall: networks, system, facts. */
bool cli_read_host(struct cli *cli, struct compilation *c);
/* cli_read(), then compile_run(). */
bool cli_compile(struct cli *cli, struct compilation *c);
/* Prints the diagnostics: to standard error, or as part of the JSON reply. */
void cli_diags(const struct cli *cli, const struct diags *diags);
/* The path of a file in a directory, in the arena. */
const char *cli_path(struct arena *arena, const char *dir, const char *file);

/* ---- output.c ---- */

/* Prints a JSON value and a newline; takes the reference. */
void cli_json(json_t *value);
/* The start of every JSON reply: {"ok": bool, "diagnostics": [...]}. */
json_t *cli_reply(bool ok, const struct diags *diags);
/* One line to standard error, "zonewall: ...". */
void cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "No such file or directory" for a negative errno. */
const char *cli_errno(int error);

/* ---- cmd_apply.c: with the lock of the run directory held ---- */

struct nft_load_stats;

/*
 * Loads what was compiled into the kernel, sets sysctls, and remembers it for diff and status.
 * Messages are added to c->diags. stats may be NULL.
 */
enum exit_code apply_load(struct cli *cli, struct compilation *c, struct nft_load_stats *stats);
/* Removes our rules and gives sysctls back. Returns 0 or a negative errno after a message. */
int apply_flush(struct cli *cli, struct arena *arena);

/* ---- one function per command ---- */

enum exit_code cmd_check(struct cli *cli);
enum exit_code cmd_show(struct cli *cli);
enum exit_code cmd_apply(struct cli *cli);
enum exit_code cmd_confirm(struct cli *cli);
enum exit_code cmd_rollback(struct cli *cli);
enum exit_code cmd_history(struct cli *cli);
enum exit_code cmd_boot(struct cli *cli);
enum exit_code cmd_refresh(struct cli *cli);
enum exit_code cmd_guard(struct cli *cli);
enum exit_code cmd_flush(struct cli *cli);
enum exit_code cmd_stop(struct cli *cli);
enum exit_code cmd_status(struct cli *cli);
enum exit_code cmd_counters(struct cli *cli);
enum exit_code cmd_bans(struct cli *cli);
enum exit_code cmd_trace(struct cli *cli);
enum exit_code cmd_diff(struct cli *cli);
enum exit_code cmd_help(struct cli *cli);
enum exit_code cmd_get(struct cli *cli);
enum exit_code cmd_set(struct cli *cli);
enum exit_code cmd_add(struct cli *cli);
enum exit_code cmd_del(struct cli *cli);
enum exit_code cmd_move(struct cli *cli);
enum exit_code cmd_api(struct cli *cli);
enum exit_code cmd_zone(struct cli *cli);
enum exit_code cmd_network(struct cli *cli);
enum exit_code cmd_device(struct cli *cli);
enum exit_code cmd_reference(struct cli *cli);

#endif
