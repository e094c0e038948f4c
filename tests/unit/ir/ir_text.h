/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IRs and packets written as text, for tables of tests. */
#ifndef TESTS_IR_TEXT_H
#define TESTS_IR_TEXT_H

#include "ir/ir.h"

/* Parses the text as a dump without its first line; fails the test when it is not one. */
struct ir *ir_of(struct arena *arena, const char *text);
/* The same, and fails the test when ir_verify() refuses it. */
struct ir *ir_ok(struct arena *arena, const char *text);
/*
 * A packet: tcp 192.168.1.10:1000 -> 8.8.8.8:80, in by lan, new, SYN, TTL 64, 60 bytes; then what
 * the words change: "src=A dst=A proto=N sport=N dport=N type=N code=N flags=N mss=N mac=M dscp=N
 * ttl=N length=N mark=N ctmark=N state=N status=N helper=W pkttype=N uid=N gid=N ipsec=N iif=D
 * time=N"; "v6" first: fd00::10 -> 2001:4860::8; "out": sent by the router, without iif.
 */
struct ir_packet packet_of(const char *text);

#endif
