/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of dumps: its words (parse_lex.c), rules (parse_rule.c) and the rest (parse.c). */
#ifndef IR_PARSE_PRIV_H
#define IR_PARSE_PRIV_H

#include "ir/ir_priv.h"

enum ir_token_kind { IR_TOKEN_END, IR_TOKEN_WORD, IR_TOKEN_TEXT, IR_TOKEN_MARK, IR_TOKEN_WRONG };

struct ir_token {
	enum ir_token_kind kind;
	struct slice word; /* as written; a mark is one of { } , @ ! + */
	const char *text;  /* TEXT: without quotes and escapes */
};

struct ir_parser {
	struct ir *ir;
	struct source *src;
	struct diags *diags;
	struct slice rest;     /* of the line, after the token */
	struct ir_token token; /* the next one */
	bool line_failed;
	struct ir_names counters, limits, helpers, origins;
};

/* Notes a mistake at the next token, the first of its line only; returns false. */
void ir_parse_fail_(struct ir_parser *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* False, in sight of an analyser that reads one file at a time. */
#define ir_parse_fail(...) (ir_parse_fail_(__VA_ARGS__), false)
void ir_parse_next(struct ir_parser *p);
/* Passes over the rest of the line. */
void ir_parse_skip(struct ir_parser *p);

/* Take the next token if it is that; true when taken. */
bool ir_parse_word(struct ir_parser *p, const char *word);
bool ir_parse_mark(struct ir_parser *p, char mark);
/* Take a value, or fail. */
bool ir_parse_any_word(struct ir_parser *p, struct slice *ret);
bool ir_parse_need(struct ir_parser *p, const char *word);
bool ir_parse_name(struct ir_parser *p, const char **ret);
bool ir_parse_text(struct ir_parser *p, const char **ret);
bool ir_parse_number(struct ir_parser *p, uint32_t max, uint32_t *ret);
bool ir_parse_time(struct ir_parser *p, struct slice word, int64_t *ret);
bool ir_parse_one_of(struct ir_parser *p, const char *const *words, size_t n, unsigned *ret);
bool ir_parse_range(struct ir_parser *p, struct slice word, uint32_t max, struct range *ret);
bool ir_parse_addr_range(struct ir_parser *p, struct addr_range *ret);
bool ir_parse_device(struct ir_parser *p, struct device_pattern *ret);
bool ir_parse_mac(struct ir_parser *p, struct mac *ret);
bool ir_parse_family(struct ir_parser *p, enum family *ret);
/* A list in braces: while (ir_parse_item(p, &n)) { one item }; then look at p->line_failed. */
bool ir_parse_item(struct ir_parser *p, size_t *n);

/* The line of a rule after its first word; NULL after a mistake. */
struct ir_rule *ir_parse_rule(struct ir_parser *p, struct ir_chain *chain);

#endif
