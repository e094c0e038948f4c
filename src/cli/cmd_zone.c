/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zone, network, device: the questions that scripts ask fw3 and fw4. One answer a line, and exit
 * status 1 when there is none.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

typedef bool (*answer)(const struct policy *p, const char *name);

static enum exit_code ask(struct cli *cli, answer f)
{
	struct compilation c;
	enum exit_code code = EXIT_CONFIG;

	compilation_init(&c);
	if (!cli_compile(cli, &c))
		cli_diags(cli, &c.diags);
	else if (f(c.policy, cli->argv[1]))
		code = EXIT_OK;
	compilation_release(&c);
	return code;
}

static bool zone_devices(const struct policy *p, const char *name)
{
	const struct zone *z = policy_zone(p, name);

	if (!z)
		return false;
	vec_each(d, &z->devices)
		printf("%s%s\n", d->name, d->wildcard ? "+" : "");
	return true;
}

static bool zone_of_network(const struct policy *p, const char *name)
{
	vec_each(z, &p->zones) {
		for (size_t i = 0; i < (*z)->network.n; i++) {
			if (!strcmp((*z)->network.v[i], name)) {
				puts((*z)->name.v);
				return true;
			}
		}
	}
	return false;
}

static bool zone_of_device(const struct policy *p, const char *name)
{
	vec_each(z, &p->zones) {
		vec_each(d, &(*z)->devices) {
			if (device_pattern_has(d, name)) {
				puts((*z)->name.v);
				return true;
			}
		}
	}
	return false;
}

enum exit_code cmd_zone(struct cli *cli)
{
	return ask(cli, zone_devices);
}

enum exit_code cmd_network(struct cli *cli)
{
	return ask(cli, zone_of_network);
}

enum exit_code cmd_device(struct cli *cli)
{
	return ask(cli, zone_of_device);
}
