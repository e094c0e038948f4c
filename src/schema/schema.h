/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The option-table engine: rows describe options, the engine reads, checks, prints and explains
 * them. It knows no section and no option by name; the tables are in model/.
 *
 * One row feeds the binder, the writer, the defaults, `zonewall help`, the manual page, the JSON
 * schema, and so the API and the web forms. Knowledge about an option is written there, once.
 */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include <jansson.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "net/net.h"
#include "uci/uci.h"

/* ---- fields of a section struct ---- */

/*
 * Where the file gave a value. set false: the value is the row's fallback, or zero without one. A
 * section has many options and most are absent, so this is small; given_span() makes it a span.
 */
struct given {
	alignas(8) uint32_t start;
	uint32_t length : 31;
	uint32_t set : 1;
};

/* The span of a value in the source its section was read from; SPAN_NONE when it is not set. */
struct span given_span(const struct source *source, const struct given *given);
struct given given_at(struct span span); /* set, at that place */

/* A scalar option: FIELD(bool) enabled; then .enabled.v and .enabled.given.set. */
#define FIELD(type)                                                                                \
	struct {                                                                                   \
		struct given given;                                                                \
		type v;                                                                            \
	}
/* A list option: n values, each with the span of its word. */
#define LIST(type)                                                                                 \
	struct {                                                                                   \
		struct given given;                                                                \
		type *v;                                                                           \
		struct span *spans;                                                                \
		size_t n;                                                                          \
	}

/* ---- types of values ---- */

struct parse_context {
	struct arena *arena;
	const struct option_row *row;
	bool hex_marks; /* the RutOS dialect: bare digits of a mark are hexadecimal */
	const char *why;  /* set by a parser that refuses: completes "'80a' ..." ("is not a port") */
	const char *hint; /* the remedy; optional */
	const char *id;	  /* the diagnostic's id; "bad-value" when the parser sets none */
};

struct enum_word {
	const char *word;  /* as written to a file */
	int value;
	const char *label; /* as shown to people */
};

struct value_type {
	const char *name;    /* "port", "address": also the diagnostics' and documentation's word */
	size_t size;	     /* of the C value */
	const char *syntax;  /* for people: "N, N-M or !N, 0 to 65535" */
	const char *example; /* a valid value */
	const char *widget;  /* "text", "switch", "select", "number", "textarea", "time", "date" */
	const char *pattern; /* ECMA-262 regular expression for forms; NULL none. The parser decides. */
	/* Reads one word (a scalar's whole value). Arena-allocates what it keeps. */
	bool (*parse)(struct parse_context *ctx, struct slice text, void *ret);
	/* Prints the canonical form; parse(print(v)) gives v. */
	void (*print)(const struct option_row *row, const void *value, struct buf *out);
	/* The words offered, for enums; NULL-terminated by .word, NULL for open types. */
	const struct enum_word *words;
	bool open_words; /* words are suggestions; other values may be valid too */
	bool reference;	 /* the value names something else (a zone, a network, a set): see row.refers */
};

/* The types every table can use; more may be defined beside a table. */
extern const struct value_type type_bool;     /* bool: 1/0, true/false, yes/no, on/off, enabled/disabled */
extern const struct value_type type_int;      /* int64_t: decimal or 0x, within row.min..row.max */
extern const struct value_type type_string;   /* const char *: row.min..row.max bytes */
/* const char *: the name of a zone or set; in a row that refers, also "*" and "!name" */
extern const struct value_type type_name;
extern const struct value_type type_family;   /* enum family */
extern const struct value_type type_address;  /* struct addr_spec */
extern const struct value_type type_ip;	      /* struct addr: one address, no prefix */
extern const struct value_type type_port;     /* struct port_spec */
extern const struct value_type type_protocol; /* struct proto_spec */
extern const struct value_type type_mac;      /* struct mac_spec */
extern const struct value_type type_icmp;     /* struct icmp_choice */
extern const struct value_type type_dscp;     /* struct dscp_spec */
extern const struct value_type type_mark;     /* struct mark_spec */
extern const struct value_type type_rate;     /* struct rate */
extern const struct value_type type_device;   /* struct device_pattern */
extern const struct value_type type_time;     /* uint32_t seconds after midnight */
extern const struct value_type type_date;     /* struct date_spec */
extern const struct value_type type_weekdays; /* uint8_t; whole value, spaces and "!" included */
extern const struct value_type type_monthdays; /* uint32_t; likewise */
/* An enum: the row's .words give the words; int. Case is ignored, a unique prefix is accepted. */
extern const struct value_type type_enum;

struct icmp_choice {
	struct icmp_type type[2]; /* [0] IPv4, [1] IPv6 */
	bool has[2];
	const char *text; /* as written */
};

/* ---- rows ---- */

enum option_group { GROUP_GENERAL, GROUP_ADVANCED, GROUP_TIME, GROUP_NONE /* on no page */ };

enum option_status {
	OPTION_ACTIVE,
	OPTION_STORED,	/* kept and listed, no effect on packets by itself (priority, match, ...) */
	OPTION_IGNORED, /* accepted, has no effect; a warning says why (row.help) */
};

struct option_row {
	const char *name;
	const char *alias; /* another spelling that is read (synflood_protect, _name) */
	const struct value_type *type;
	size_t at;    /* offsetof() the FIELD or LIST in the section's struct */
	bool list;    /* LIST: UCI list, or one string of words */
	bool required;
	bool secret;
	bool whole;   /* a list whose UCI value is not split at spaces */
	const struct enum_word *words; /* for type_enum */
	const char *fallback; /* the value when the option is absent; NULL none */
	const char *initial;  /* the value of a new section (the manual's default); NULL: leave absent */
	int64_t min, max;     /* for numbers and string lengths; both 0: no limit */
	const char *label, *help;
	enum option_group group;
	enum option_status status;
	const char *needs;    /* condition for forms and help: "target=DSCP", "masq=1"; NULL none */
	const char *refers;   /* "zone", "network", "ipset", "helper": what a reference names */
	const char *manual;   /* the manual's section and field, "4.1.1 Source port"; NULL: not in it */
	const char *since;    /* "RutOS 7.09", "firewall4"; NULL: always */
	const char *replaced_by; /* the option that replaces a deprecated one */
};

struct section_row {
	const char *type;  /* UCI section type */
	const char *label; /* "Traffic rule" */
	const char *page;  /* page of the manual: "Traffic Rules" */
	const char *help;
	const struct option_row *options;
	size_t n_options;
	size_t size; /* of the struct */
	bool skip_when_bad; /* reserved for callers: one bad option makes the whole section invalid */
};

/* What every section struct begins with. */
struct section {
	const struct section_row *row;
	const struct uci_section *uci;
	const char *type;  /* "rule" */
	const char *id;	   /* its UCI name, or "@rule[3]" */
	const char *title; /* "rule 'Allow-Ping'": its name option, else its id; for messages */
	struct span span;  /* of its header line */
	bool anonymous;
	bool valid;	   /* every option was read */
};

/* The row of an option name or alias; NULL when the table has none. */
const struct option_row *schema_option(const struct section_row *row, struct slice name);

struct bind_options {
	bool hex_marks;
};

/*
 * Reads one UCI section into *section (of row->size bytes, zeroed by the caller, beginning with
 * struct section). Each mistake is a diagnostic at its word; reading carries on. Unknown options
 * are warnings with the nearest name. Absent options get their fallback. Returns section->valid.
 */
bool schema_bind(const struct section_row *row, const struct uci_section *uci, struct arena *arena,
	const struct bind_options *options, struct diags *diags, void *section);

/* The canonical text of an option in a bound section; false when it is neither set nor has a fallback. */
bool schema_print(const struct option_row *row, const void *section, struct buf *out);

/*
 * Checks a value before it is written to a file: one word (or a scalar) of the option. On refusal
 * appends a diagnostic without position and returns false.
 */
bool schema_check_value(const struct option_row *row, struct slice value,
	const struct bind_options *options, struct diags *diags);

/* ---- exporters ---- */

/* The entry that `zonewall help OPTION` shows, as plain text; and as a row of the reference (markdown). */
void schema_help(const struct section_row *row, const struct option_row *option, struct buf *out);
/* The reference page of all sections, markdown; the man page's OPTIONS part, mdoc. */
void schema_reference(const struct section_row *const *rows, size_t n, struct buf *out);
void schema_mdoc(const struct section_row *const *rows, size_t n, struct buf *out);
/*
 * {"sections":[{type,label,page,help,options:[{name,type,list,label,help,group,default,initial,
 *  min,max,pattern,widget,words:[{value,label}],needs,refers,manual,since,status,...}]}]}
 */
json_t *schema_json(const struct section_row *const *rows, size_t n);

#endif
