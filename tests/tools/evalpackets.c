/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evalpackets -c DIR [--facts FILE]: asks the evaluator about a stream of packets.
 *
 * The configuration is read as `zonewall apply` reads it: the same files, and the live facts of the
 * current network namespace unless a file gives them. Then each line of standard input is a packet
 * as a JSON object, and each line of standard output what the evaluator says becomes of it. Limits
 * and dynamic sets keep their state from line to line; the line {"reset": true} makes them new.
 *
 * Exit: 0, 1 when the configuration has errors (diagnostics on standard error), 2 on wrong use.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "ir/ir.h"

/* ---- the world around a packet, as the facts tell it ---- */

static bool is_own(const struct facts *f, const struct addr *a)
{
	vec_each (device, &f->devices) {
		vec_each (address, &device->addresses) {
			if (addr_eq(&address->addr, a))
				return true;
		}
	}
	return false;
}

/* The network's own broadcast address, or the one of all networks. */
static bool is_broadcast(const struct facts *f, const struct addr *a)
{
	static const uint8_t limited[4] = { 255, 255, 255, 255 };

	if (a->family != FAMILY_V4)
		return false;
	if (!memcmp(a->b, limited, sizeof(limited)))
		return true;
	vec_each (device, &f->devices) {
		vec_each (address, &device->addresses) {
			struct addr_range net = addr_prefix_range(&address->addr, address->bits);

			if (address->addr.family == FAMILY_V4 && address->bits < 31 &&
				addr_eq(&net.hi, a))
				return true;
		}
	}
	return false;
}

static bool is_multicast(const struct addr *a)
{
	return a->family == FAMILY_V4 ? a->b[0] >= 224 && a->b[0] < 240 : a->b[0] == 0xff;
}

static uint32_t world_addrtype(void *context, const struct addr *a)
{
	const struct facts *f = context;

	if (is_own(f, a))
		return IR_ADDR_LOCAL;
	if (is_multicast(a))
		return IR_ADDR_MULTICAST;
	return is_broadcast(f, a) ? IR_ADDR_BROADCAST : IR_ADDR_UNICAST;
}

/*
 * What the frame is addressed to, as IR_M_PKTTYPE has it. A network's own broadcast address comes
 * in a frame to the router alone here.
 */
static uint8_t link_type(const struct addr *dst)
{
	static const uint8_t limited[4] = { 255, 255, 255, 255 };

	if (dst->family == FAMILY_V4 && !memcmp(dst->b, limited, sizeof(limited)))
		return 2;
	return is_multicast(dst) ? 4 : 1;
}

static unsigned prefix_bits(const struct addr_range *r)
{
	unsigned bits;

	return addr_range_prefix(r, &bits) ? bits : 0;
}

static bool world_route(void *context, const struct addr *dst, char ret_oif[DEVICE_NAME_MAX + 1])
{
	const struct facts *f = context;
	const struct facts_route *best = NULL;
	unsigned best_bits = 0;

	if (world_addrtype(context, dst) != IR_ADDR_UNICAST) {
		ret_oif[0] = '\0';
		return true;
	}
	vec_each (route, &f->routes) {
		unsigned bits = prefix_bits(&route->to);

		if (route->to.lo.family != dst->family || !addr_range_has(&route->to, dst))
			continue;
		if (!best || bits > best_bits) {
			best = route;
			best_bits = bits;
		}
	}
	if (!best)
		return false;
	snprintf(ret_oif, DEVICE_NAME_MAX + 1, "%s", best->device);
	return true;
}

static bool is_link_local(const struct addr *a)
{
	return a->family == FAMILY_V6 && a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

static bool world_address(void *context, const char *device, enum family family, struct addr *ret)
{
	const struct facts_device *d = facts_device(context, device);

	if (!d)
		return false;
	vec_each (address, &d->addresses) {
		if (address->addr.family != family || is_link_local(&address->addr))
			continue;
		*ret = address->addr;
		return true;
	}
	return false;
}

/* ---- JSON to packet ---- */

static const char *text_of(json_t *line, const char *key, const char *fallback)
{
	const char *text = json_string_value(json_object_get(line, key));

	return text ? text : fallback;
}

static uint32_t number_of(json_t *line, const char *key, uint32_t fallback)
{
	json_t *value = json_object_get(line, key);

	return json_is_integer(value) ? (uint32_t)json_integer_value(value) : fallback;
}

static const struct state_word {
	const char *word;
	uint32_t state;
} state_words[] = {
	{ "new", IR_CT_NEW },
	{ "established", IR_CT_ESTABLISHED },
	{ "related", IR_CT_RELATED },
	{ "invalid", IR_CT_INVALID },
	{ "untracked", IR_CT_UNTRACKED },
};

static bool read_state(json_t *line, uint32_t *ret)
{
	const char *word = text_of(line, "ct_state", "new");

	for (size_t i = 0; i < sizeof(state_words) / sizeof(state_words[0]); i++) {
		if (strcmp(word, state_words[i].word))
			continue;
		*ret = state_words[i].state;
		return true;
	}
	return false;
}

static void read_numbers(json_t *line, struct ir_packet *p)
{
	p->proto = (uint8_t)number_of(line, "proto", 0);
	p->sport = (uint16_t)number_of(line, "sport", 0);
	p->dport = (uint16_t)number_of(line, "dport", 0);
	p->icmp_type = (uint8_t)number_of(line, "icmp_type", 0);
	p->icmp_code = (uint8_t)number_of(line, "icmp_code", 0);
	p->tcp_flags = (uint8_t)number_of(line, "flags", 0);
	p->has_mss = json_object_get(line, "mss") != NULL;
	p->mss = (uint16_t)number_of(line, "mss", 0);
	p->dscp = (uint8_t)number_of(line, "dscp", 0);
	p->ttl = (uint8_t)number_of(line, "ttl", 64);
	p->length = (uint16_t)number_of(line, "length", 0);
	p->mark = number_of(line, "mark", 0);
	p->ct_mark = number_of(line, "ct_mark", 0);
	p->has_owner = json_object_get(line, "uid") != NULL;
	p->uid = number_of(line, "uid", 0);
	p->gid = number_of(line, "gid", 0);
	p->ct_status = (json_is_true(json_object_get(line, "dnat")) ? IR_CTSTATUS_DNAT : 0) |
		       (json_is_true(json_object_get(line, "snat")) ? IR_CTSTATUS_SNAT : 0);
}

/* Reads a line; returns NULL when it is a packet, else what is wrong with it. */
static const char *read_packet(json_t *line, struct ir_packet *ret)
{
	struct ir_packet p = { 0 };
	const char *mac = text_of(line, "mac", NULL);
	struct mac_spec spec;
	const char *why;
	json_t *time_value = json_object_get(line, "time");

	if (!addr_parse(slice_of(text_of(line, "src", "")), &p.src) ||
		!addr_parse(slice_of(text_of(line, "dst", "")), &p.dst) ||
		p.src.family != p.dst.family)
		return "src and dst must be addresses of one family";
	if (mac && !mac_spec_parse(slice_of(mac), &spec, &why))
		return "mac is not a MAC address";
	if (!read_state(line, &p.ct_state))
		return "ct_state is unknown";
	p.family = p.src.family;
	p.has_mac = mac != NULL;
	if (mac)
		p.smac = spec.mac;
	read_numbers(line, &p);
	p.ct_helper = text_of(line, "helper", NULL);
	snprintf(p.iif, sizeof(p.iif), "%s", text_of(line, "iif", ""));
	p.time = json_is_integer(time_value) ? json_integer_value(time_value) : time(NULL);
	p.pkttype = link_type(&p.dst);
	*ret = p;
	return NULL;
}

/* ---- result to JSON ---- */

static const char *outcome_word(enum ir_outcome outcome)
{
	switch (outcome) {
	case IR_OUT_ACCEPTED:
		return "accepted";
	case IR_OUT_DROPPED:
		return "dropped";
	case IR_OUT_REJECTED:
		return "rejected";
	case IR_OUT_UNROUTED:
		return "unrouted";
	}
	return "?";
}

static const char *reject_word(enum ir_reject reject)
{
	switch (reject) {
	case IR_REJECT_TCP_RESET:
		return "tcp-reset";
	case IR_REJECT_PORT:
		return "port";
	case IR_REJECT_ADMIN:
		return "admin";
	}
	return "?";
}

static void set_address(json_t *out, const char *key, const struct addr *a)
{
	AUTO_BUF text = BUF_INIT;

	addr_print(a, &text);
	json_object_set_new(out, key, json_string(buf_text(&text)));
}

/* A section by its name when it has one. */
static json_t *section_name(const struct ir_origin *o)
{
	if (!o)
		return json_null();
	return json_string(o->name ? o->name : o->id ? o->id : o->type);
}

static json_t *origin_of(const struct ir_rule *rule)
{
	return section_name(rule && rule->n_origins ? rule->origins[0] : NULL);
}

static json_t *logs_of(const struct ir_result *r)
{
	json_t *logs = json_array();

	vec_each (prefix, &r->logs)
		json_array_append_new(logs, json_string(*prefix));
	return logs;
}

static json_t *steps_of(const struct ir_result *r)
{
	json_t *steps = json_array();

	vec_each (step, &r->steps) {
		AUTO_BUF text = BUF_INIT;

		if (!step->matched)
			continue;
		buf_printf(&text, "%s: ", step->chain->name);
		ir_rule_print(step->rule, &text);
		json_array_append_new(steps, json_stringn(buf_text(&text), text.n));
	}
	return steps;
}

static json_t *result_json(json_t *line, const struct ir_result *r, bool steps)
{
	json_t *out = json_object();
	const struct ir_packet *p = &r->packet;

	json_object_set(out, "id", json_object_get(line, "id"));
	json_object_set_new(out, "outcome", json_string(outcome_word(r->outcome)));
	if (r->outcome == IR_OUT_REJECTED)
		json_object_set_new(out, "reject", json_string(reject_word(r->reject)));
	set_address(out, "src", &p->src);
	set_address(out, "dst", &p->dst);
	json_object_set_new(out, "sport", json_integer(p->sport));
	json_object_set_new(out, "dport", json_integer(p->dport));
	json_object_set_new(out, "oif", json_string(p->oif));
	json_object_set_new(out, "mark", json_integer(p->mark));
	json_object_set_new(out, "ct_mark", json_integer(p->ct_mark));
	json_object_set_new(out, "dscp", json_integer(p->dscp));
	json_object_set_new(out, "ttl", json_integer(p->ttl));
	json_object_set_new(out, "mss", p->has_mss ? json_integer(p->mss) : json_null());
	json_object_set_new(out, "decided", section_name(ir_result_decided(r)));
	json_object_set_new(out, "dnat", origin_of(r->dnat));
	json_object_set_new(out, "snat", origin_of(r->snat));
	json_object_set_new(out, "notrack", json_boolean(r->notrack));
	json_object_set_new(
		out, "helper", r->helper ? json_string(r->helper->kernel) : json_null());
	json_object_set_new(out, "logs", logs_of(r));
	if (steps)
		json_object_set_new(out, "steps", steps_of(r));
	return out;
}

/* ---- the stream ---- */

static json_t *answer(struct compilation *c, json_t *line, struct ir_state **state)
{
	struct ir_world world = { .context = &c->facts,
		.route = world_route,
		.address = world_address,
		.addrtype = world_addrtype };
	struct ir_packet packet;
	struct ir_result result = { 0 };
	struct arena arena;
	json_t *out;
	const char *why;
	bool steps = json_is_true(json_object_get(line, "steps"));

	if (json_is_true(json_object_get(line, "reset"))) {
		ir_state_free(*state);
		*state = ir_state_new(c->ir);
		return json_pack("{s:b}", "reset", 1);
	}
	why = read_packet(line, &packet);
	if (why)
		return json_pack("{s:s}", "error", why);
	arena_init(&arena);
	ir_eval(c->ir, &packet, &world, *state, true, &arena, &result);
	out = result_json(line, &result, steps);
	arena_release(&arena);
	return out;
}

static void serve(struct compilation *c)
{
	struct ir_state *state = ir_state_new(c->ir);
	char *text = NULL;
	size_t size = 0;

	while (getline(&text, &size, stdin) > 0) {
		json_error_t error;
		json_t *line = json_loads(text, 0, &error);
		json_t *out = json_is_object(line)
				      ? answer(c, line, &state)
				      : json_pack("{s:s}", "error", "not a JSON object");

		json_dumpf(out, stdout, JSON_COMPACT);
		putchar('\n');
		fflush(stdout);
		json_decref(out);
		json_decref(line);
	}
	free(text);
	ir_state_free(state);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config-dir", required_argument, NULL, 'c' },
		{ "facts", required_argument, NULL, 'f' },
		{ NULL },
	};
	struct cli cli = { .config_dir = "/etc/config" };
	struct compilation c;
	int opt, status = EXIT_CONFIG;

	while ((opt = getopt_long(argc, argv, "c:f:", options, NULL)) != -1) {
		if (opt == 'c')
			cli.config_dir = optarg;
		else if (opt == 'f')
			cli.facts_file = optarg;
		else
			return EXIT_USAGE;
	}
	compilation_init(&c);
	if (cli_compile(&cli, &c)) {
		serve(&c);
		status = EXIT_OK;
	}
	cli_diags(&cli, &c.diags);
	compilation_release(&c);
	return status;
}
