/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world around a packet, for ir_eval(), as the facts describe it. */
#ifndef COMPILE_WORLD_H
#define COMPILE_WORLD_H

#include "ir/ir.h"
#include "model/facts.h"

/*
 * Answers from addresses and routes of the facts, which must outlive it: the router's own addresses
 * and the broadcast addresses of its prefixes are local, as are multicast groups; the longest route
 * wins; a prefix of a device counts as a route.
 */
struct ir_world world_of_facts(const struct facts *facts);

#endif
