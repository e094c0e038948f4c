/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The evaluator's packet on its way, and the state between packets. */
#ifndef IR_EVAL_PRIV_H
#define IR_EVAL_PRIV_H

#include "ir/ir_priv.h"

struct ir_eval {
	const struct ir_world *world;
	struct ir_state *state; /* may be NULL */
	struct arena *arena;
	bool want_steps;
	struct ir_result *ret;
	struct ir_packet *packet; /* ret->packet */
	/* where it is */
	enum ir_hook hook;
	enum ir_stage stage;
	bool tracked;	  /* conntrack has looked it up: the stages after raw */
	uint32_t randoms; /* random matches so far */
};

/* True when the packet has a connection: after raw, and neither invalid nor untracked. */
bool ir_eval_has_ct(const struct ir_eval *e);
bool ir_eval_match(struct ir_eval *e, const struct ir_match *m);

/* Opens a packet's moment; later calls see this time. NULL state: nothing. */
void ir_state_at(struct ir_state *state, int64_t seconds);
/* Takes a token; true when there was one. */
bool ir_state_limit(struct ir_state *state, const struct ir_limit *limit);
/* The packet's values for a set's key; false when the packet lacks one of them. */
bool ir_eval_key(const struct ir_eval *e, const struct ir_set *set, const bool dest[3],
	struct ir_key_value ret[3]);
bool ir_state_has(
	const struct ir_state *state, const struct ir_set *set, const struct ir_key_value key[3]);
/* Adds or renews; false when the set is full. */
/* Takes an element out again; nothing happens when there is none. */
void ir_state_delete(
	struct ir_state *state, const struct ir_set *set, const struct ir_key_value key[3]);
bool ir_state_add(
	struct ir_state *state, const struct ir_set *set, const struct ir_key_value key[3]);
/* Adds or renews and takes a token from the element's bucket; false when the set is full. */
bool ir_state_meter(struct ir_state *state, const struct ir_set *set,
	const struct ir_key_value key[3], bool *ret_token);

#endif
