/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of ir/ share and nobody else sees: names, words of the dump, a hash of names. */
#ifndef IR_IR_PRIV_H
#define IR_IR_PRIV_H

#include "ir/ir.h"

#define IR_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/*
 * The kernel's NFT_JUMP_STACK_SIZE: how many chains may be nested, the base chain counted. The
 * verifier refuses deeper nesting, so the evaluator may recurse.
 */
#define IR_DEPTH_MAX 16

#define IR_SET_NAME_MAX 31
#define IR_NAME_MAX 63
#define IR_LABEL_MAX 127

/* The words of the dump, by enum value (builder.c). */
extern const char *const ir_hook_words[IR_HOOKS];
extern const char *const ir_stage_words[IR_STAGES];
extern const char *const ir_role_words[IR_ROLE_OTHER + 1];
extern const char *const ir_key_words[IR_KEY_MAC + 1];
extern const char *const ir_reject_words[IR_REJECT_ADMIN + 1];
extern const char *const ir_verdict_words[IR_NETMAP_SRC + 1];
extern const char *const ir_statement_words[IR_STATEMENT_KINDS];
extern const char *const ir_ttl_words[IR_TTL_DECREMENT + 1];
/* The words of bit fields, lowest bit first; NULL ends a list. */
extern const char *const ir_ctstate_words[];
extern const char *const ir_ctstatus_words[];
extern const char *const ir_pkttype_words[];
extern const char *const ir_addrtype_words[];
extern const char *const ir_ipsec_words[];
/* The list for a kind whose value is `bits` or addrtype; NULL for others. */
const char *const *ir_bit_words(enum ir_match_kind kind);

/* FNV-1a, 32 bits: small, the same on every machine, good enough for names. */
uint32_t ir_hash(struct slice text);

/* A table of names; the objects are borrowed, the table is in its arena. */
struct ir_names {
	struct arena *arena;
	struct ir_name_slot {
		const char *name;
		const void *object;
	} * v;
	size_t n, cap; /* cap: 0 or a power of two */
};

/* Returns the object of that name, or NULL. */
const void *ir_names_find(const struct ir_names *names, struct slice name);
/* Adds a name; false (and nothing changed) when it is there already. */
bool ir_names_add(struct ir_names *names, const char *name, const void *object);

/* True for [A-Za-z][A-Za-z0-9_-]* of at most max bytes. */
bool ir_name_ok(const char *name, size_t max);
/* A helper as the kernel knows it, "Q.931": at most 15 letters, digits, dots and dashes. */
bool ir_kernel_helper_ok(const char *name);
/* True for what ir_label(..., max) leaves as it is. */
bool ir_label_ok(const char *text, size_t max);
/* The rule that (hook, stage) of a base chain must uphold. */
bool ir_stage_at(enum ir_hook hook, enum ir_stage stage);
/* A base chain that is not there yet, under a name of its own (borrowed). */
struct ir_chain *ir_base_add(
	struct ir *ir, const char *name, enum ir_hook hook, enum ir_stage stage);
/* True when some unnegated protocol match of the rule lets only such protocols pass. */
bool ir_rule_protos_are(const struct ir_rule *rule, bool (*is)(uint8_t number));

#endif
