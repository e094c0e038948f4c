/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

void cli_json(json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	if (text)
		puts(text);
	free(text);
	json_decref(value);
}

json_t *cli_reply(bool ok, const struct diags *diags)
{
	json_t *reply = json_object();

	json_object_set_new(reply, "ok", json_boolean(ok));
	json_object_set_new(reply, "diagnostics", diags ? diags_json(diags) : json_array());
	return reply;
}

void cli_error(const char *fmt, ...)
{
	AUTO_BUF raw = BUF_INIT;
	AUTO_BUF safe = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&raw, fmt, ap);
	va_end(ap);
	buf_safe(&safe, slice_of(buf_text(&raw)));
	fprintf(stderr, "zonewall: %s\n", buf_text(&safe));
}

const char *cli_errno(int error)
{
	return strerror(error < 0 ? -error : error);
}
