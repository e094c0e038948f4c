/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Value types of the model: names that refer to other sections. All are text to the engine; that
 * the thing named exists is the business of resolve.c, which knows them all. What is refused here
 * could be no name at all.
 */
#include <string.h>

#include "model/model_priv.h"

#define REFERENCE_BYTES_MAX 255

static bool parse_text(struct parse_context *ctx, struct slice text, void *ret)
{
	const char *copy;

	if (text.n > REFERENCE_BYTES_MAX) {
		ctx->why = "is too long";
		return false;
	}
	if (memchr(text.p ? text.p : "", '\0', text.n)) {
		ctx->why = "holds a NUL byte";
		return false;
	}
	copy = arena_strndup(ctx->arena, text.p ? text.p : "", text.n);
	memcpy(ret, &copy, sizeof(copy));
	return true;
}

static void print_text(const struct option_row *row, const void *value, struct buf *out)
{
	const char *text;

	(void)row;
	memcpy(&text, value, sizeof(text));
	buf_str(out, text ? text : "");
}

/* A name: any bytes, for the printers make them harmless; the row's max counts bytes. */
static bool parse_title(struct parse_context *ctx, struct slice text, void *ret)
{
	const char *copy;

	if (ctx->row->max && text.n > (size_t)ctx->row->max) {
		ctx->why = "is too long";
		return false;
	}
	copy = arena_strndup(ctx->arena, text.p ? text.p : "", text.n);
	memcpy(ret, &copy, sizeof(copy));
	return true;
}

const struct value_type type_title = {
	.name = "title",
	.size = sizeof(const char *),
	.syntax = "text of at most 2048 bytes",
	.example = "Allow-Ping",
	.widget = "text",
	.parse = parse_title,
	.print = print_text,
};

/* "N" or "N:M", 0 to 65535; kept as text for the file, read again by the rule. */
static bool parse_mss_range(struct parse_context *ctx, struct slice text, void *ret)
{
	struct port_spec range;
	const char *why;

	if (!port_spec_parse(text, &range, &why) || range.negate) {
		ctx->why = "is not a segment size or a range of them";
		ctx->hint = "write N or N:M";
		return false;
	}
	return parse_text(ctx, text, ret);
}

/*
 * A port as type_port has it, or where a server listens on every address: "0.0.0.0:80 [::]:80".
 * RutOS 7.06 copies its web server's list into the exceptions of the DMZ page (and its own engine
 * then refuses them, so the exposed host takes over the router's web pages).
 */
static struct slice without_any_address(struct slice word)
{
	static const char *const prefixes[] = { "0.0.0.0:", "[::]:", ":::" };

	for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
		if (slice_starts(word, prefixes[i]))
			return slice_from(word, strlen(prefixes[i]));
	}
	return word;
}

static bool parse_listen_port(struct parse_context *ctx, struct slice text, void *ret)
{
	struct port_spec first = { 0 }, port;
	struct slice rest = text, word;
	size_t n = 0;

	if (without_any_address(text).n == text.n)
		return type_port.parse(ctx, text, ret);
	for (; slice_next_word(&rest, &word); n++) {
		if (!type_port.parse(ctx, without_any_address(word), &port))
			return false;
		if (n && (port.range.lo != first.range.lo || port.range.hi != first.range.hi)) {
			ctx->why = "is more than one port";
			return false;
		}
		first = n ? first : port;
	}
	memcpy(ret, &first, sizeof(first));
	return true;
}

static void print_listen_port(const struct option_row *row, const void *value, struct buf *out)
{
	type_port.print(row, value, out);
}

const struct value_type type_listen_port = {
	.name = "port",
	.size = sizeof(struct port_spec),
	.syntax = "N, N-M or !N, 0 to 65535",
	.example = "8000-8080",
	.widget = "text",
	.pattern = "^!? *[0-9]+([:-][0-9]+)?$",
	.parse = parse_listen_port,
	.print = print_listen_port,
};

#define REFERENCE_TYPE(NAME, SYNTAX, EXAMPLE, WIDGET)                                              \
	{                                                                                          \
		.name = NAME, .size = sizeof(const char *), .syntax = SYNTAX, .example = EXAMPLE,  \
		.widget = WIDGET, .parse = parse_text, .print = print_text, .reference = true,     \
	}

const struct value_type type_zone_ref = REFERENCE_TYPE(
	"zone", "the name of a zone, or * for any zone", "wan", "select");
const struct value_type type_zone_name = REFERENCE_TYPE(
	"zone name", "the name of a zone", "lan", "select");
const struct value_type type_network = REFERENCE_TYPE(
	"network", "the name of an interface section of /etc/config/network", "lan", "select");
const struct value_type type_helper_ref = REFERENCE_TYPE(
	"helper", "the name of a connection tracking helper", "ftp", "select");
const struct value_type type_set_match = REFERENCE_TYPE(
	"set match", "[!]NAME [src|dest[,src|dest...]]", "blocklist src", "text");

const struct value_type type_mss_range = {
	.name = "segment sizes",
	.size = sizeof(const char *),
	.syntax = "N or N:M, 0 to 65535",
	.example = "1400:1536",
	.widget = "text",
	.pattern = "^[0-9]+([:-][0-9]+)?$",
	.parse = parse_mss_range,
	.print = print_text,
};
