/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of iptables/ share: the tables, the values and the reading of one rule. */
#ifndef IPTABLES_IPTABLES_PRIV_H
#define IPTABLES_IPTABLES_PRIV_H

#include "iptables/iptables.h"

#define IPT_COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct ipt_target_row {
	const char *name;
	enum ipt_target_kind kind;
	const struct ipt_row *rows;
	size_t n_rows;
	const char *refused;
};

/* matches.c */
extern const struct ipt_module ipt_basic;
const struct ipt_module *ipt_module_find(struct slice name, enum family family);
/* All modules, one after the other; NULL at the end. */
const struct ipt_module *ipt_module_at(size_t i);
/* targets.c */
const struct ipt_target_row *ipt_target_row_find(struct slice name);
const struct ipt_target_row *ipt_target_row_at(size_t i);

/* value.c */
struct ipt_values {
	struct arena *arena;
	enum family family;
	const char *why; /* a sentence part: "is not a port" */
};

/*
 * Reads the value of an option from its word (or two: TCP_FLAGS and SET take words[1] too).
 * False with ->why set; *ret is then untouched.
 */
bool ipt_value_read(struct ipt_values *v, const struct ipt_row *row, const struct ipt_word words[2],
	struct ipt_value *ret, unsigned *ret_bad);
/* Sets the reason; returns false. */
static inline bool ipt_value_fail(struct ipt_values *v, const char *why)
{
	v->why = why;
	return false;
}

/* Splits at the first c; false (and all in *ret_head) when there is none. */
bool ipt_cut(struct slice text, char c, struct slice *ret_head, struct slice *ret_tail);
/* value_net.c */
bool ipt_read_addrs(struct ipt_values *v, struct slice text, struct ipt_value *ret);
bool ipt_read_addr_range(struct ipt_values *v, struct slice text, struct addr_range *ret);
bool ipt_read_prefix(struct ipt_values *v, struct slice text, struct addr_range *ret);
bool ipt_read_port_range(struct ipt_values *v, struct slice text, char between, struct range *ret);
bool ipt_read_ports(struct ipt_values *v, struct slice text, struct range_set *ret);
bool ipt_read_nat(struct ipt_values *v, struct slice text, struct ipt_value *ret);
unsigned ipt_value_words(enum ipt_type type); /* 0, 1 or 2 */
void ipt_value_print(const struct ipt_row *row, const struct ipt_value *v, struct buf *out);
/* The number of a service name as the usual /etc/services has it; false: none. */
bool ipt_service(struct slice name, uint32_t *ret);

/* read.c: one rule */
struct ipt_reader {
	struct arena *arena;
	struct diags *diags;
	const struct ipt_word *words;
	size_t n, at;
	bool extra;			 /* a section's arguments: no target, no command */
	const char *id_token, *id_value; /* ids of diagnostics */
	struct span where;		 /* of the whole, for what is missing */
	struct ipt_rule *rule;
	struct ipt_match *last; /* module that was named last */
	uint8_t proto;
	bool proto_known, failed;
};

/* Reads an option at the reader's place; false when it is none of a rule (and nothing was read). */
bool ipt_read_option(struct ipt_reader *r);
void ipt_read_begin(struct ipt_reader *r, enum family family);
/* The checks that need the whole rule. */
void ipt_read_end(struct ipt_reader *r);
struct diag *ipt_error(struct ipt_reader *r, struct span span, const char *id, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
struct span ipt_join(struct span a, struct span b);
/* "an unknown option" with the nearest one as a hint. */
void ipt_unknown_option(struct ipt_reader *r, const struct ipt_word *w);

/* command.c: the words after "iptables" (or a line of a restore file, with its table) */
bool ipt_command_read(struct arena *arena, struct diags *diags, const struct ipt_word *words,
	size_t n, struct span span, enum family family, const enum ipt_table *table,
	struct ipt_command *ret);
bool ipt_chain_name_ok(struct slice name);
bool ipt_table_find(struct slice name, enum ipt_table *ret);
/* Whether a table has a built-in chain of the name. */
bool ipt_built_in(enum ipt_table table, const char *chain);

#endif
