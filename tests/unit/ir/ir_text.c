/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cmocka_tap.h"

#include "ir_text.h"

struct ir *ir_of(struct arena *arena, const char *text)
{
	struct source *src = ARENA_NEW(arena, struct source);
	AUTO_BUF told = BUF_INIT;
	struct diags diags;
	struct ir *ir;

	src->name = "test";
	src->text = slice_of(arena_printf(arena, "zonewall-ir 1\n%s", text));
	diags_init(&diags, arena);
	ir = ir_parse(arena, src, &diags);
	if (!ir) {
		diags_render(&diags, &told, false);
		fail_msg("not a dump: %s", buf_text(&told));
	}
	return ir;
}

struct ir *ir_ok(struct arena *arena, const char *text)
{
	struct ir *ir = ir_of(arena, text);
	const char *why = NULL;

	if (!ir_verify(ir, &why))
		fail_msg("refused: %s\n%s", why, text);
	return ir;
}

static struct addr addr_of(const char *text)
{
	struct addr a = { 0 };

	if (!addr_parse(slice_of(text), &a))
		fail_msg("not an address: %s", text);
	return a;
}

static void packet_set(struct ir_packet *p, const char *key, const char *value)
{
	static const char *const numbers[] = { "proto", "sport", "dport", "type", "code", "flags",
		"mss", "dscp", "ttl", "length", "mark", "ctmark", "state", "status", "pkttype", "uid",
		"gid", "ipsec", "time" };
	unsigned long n = strtoul(value, NULL, 0);
	struct mac_spec mac;
	const char *why;
	size_t i = 0;

	if (strcmp(key, "src") == 0) {
		p->src = addr_of(value);
	} else if (strcmp(key, "dst") == 0) {
		p->dst = addr_of(value);
	} else if (strcmp(key, "helper") == 0) {
		p->ct_helper = strcmp(value, "ftp") == 0 ? "ftp" : "sip";
	} else if (strcmp(key, "mac") == 0) {
		assert_true(mac_spec_parse(slice_of(value), &mac, &why));
		p->has_mac = true;
		p->smac = mac.mac;
	} else if (strcmp(key, "iif") == 0) {
		snprintf(p->iif, sizeof(p->iif), "%s", value);
	} else {
		while (i < 19 && strcmp(numbers[i], key) != 0)
			i++;
		switch (i) {
		case 0: p->proto = (uint8_t)n; break;
		case 1: p->sport = (uint16_t)n; break;
		case 2: p->dport = (uint16_t)n; break;
		case 3: p->icmp_type = (uint8_t)n; break;
		case 4: p->icmp_code = (uint8_t)n; break;
		case 5: p->tcp_flags = (uint8_t)n; break;
		case 6: p->mss = (uint16_t)n; p->has_mss = true; break;
		case 7: p->dscp = (uint8_t)n; break;
		case 8: p->ttl = (uint8_t)n; break;
		case 9: p->length = (uint16_t)n; break;
		case 10: p->mark = (uint32_t)n; break;
		case 11: p->ct_mark = (uint32_t)n; break;
		case 12: p->ct_state = (uint32_t)n; break;
		case 13: p->ct_status = (uint32_t)n; break;
		case 14: p->pkttype = (uint8_t)n; break;
		case 15: p->uid = (uint32_t)n; p->has_owner = true; break;
		case 16: p->gid = (uint32_t)n; p->has_owner = true; break;
		case 17: p->ipsec = (uint8_t)n; break;
		case 18: p->time = (int64_t)n; break;
		default: fail_msg("no such field: %s", key);
		}
	}
}

struct ir_packet packet_of(const char *text)
{
	struct ir_packet p = {
		.family = FAMILY_V4,
		.proto = PROTO_TCP,
		.sport = 1000,
		.dport = 80,
		.tcp_flags = 2,
		.ttl = 64,
		.length = 60,
		.iif = "lan",
		.time = 1000,
	};
	struct slice rest = slice_of(text), word;

	p.src = addr_of("192.168.1.10");
	p.dst = addr_of("8.8.8.8");
	while (slice_next_word(&rest, &word)) {
		char copy[80];
		char *is;

		snprintf(copy, sizeof(copy), "%.*s", SLICE_ARG(word));
		is = strchr(copy, '=');
		if (strcmp(copy, "v6") == 0) {
			p.family = FAMILY_V6;
			p.src = addr_of("fd00::10");
			p.dst = addr_of("2001:4860::8");
		} else if (strcmp(copy, "out") == 0) {
			p.iif[0] = '\0';
		} else if (is) {
			*is = '\0';
			packet_set(&p, copy, is + 1);
		} else {
			fail_msg("not a word for a packet: %s", copy);
		}
	}
	return p;
}
