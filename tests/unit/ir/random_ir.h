/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random policies and packets, for properties. All draw from one small pool of addresses, ports,
 * devices and marks, so that rules and packets meet often. Same seed, same policy.
 */
#ifndef TESTS_RANDOM_IR_H
#define TESTS_RANDOM_IR_H

#include "ir/ir.h"

struct random {
	uint64_t state; /* any but 0 */
};

uint32_t random_next(struct random *r);
/* 0 to n - 1; n at least 1. */
uint32_t random_below(struct random *r, uint32_t n);

/* An IR that ir_verify() accepts, with up to max_rules rules in each chain. */
struct ir *random_ir(struct arena *arena, struct random *r, unsigned max_rules);
void random_packet(struct random *r, struct ir_packet *ret);

/*
 * A world for them. 192.168.1.0/24 and fd00::/64 are behind "lan", 10.9.0.0/16 has no route, all
 * else is behind "wan". The router is 192.168.1.1, fd00::1 (lan), 203.0.113.1, 2001:db8::1 (wan).
 */
extern const struct ir_world random_world;

#endif
