/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace: what happens to a packet, and which section decides. The packet is described by options;
 * the evaluator walks it through the compiled rules, nothing is sent.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "compile/world.h"

static const struct option long_options[] = {
	{ "in", required_argument, NULL, 'i' },
	{ "src", required_argument, NULL, 's' },
	{ "dst", required_argument, NULL, 'd' },
	{ "proto", required_argument, NULL, 'p' },
	{ "sport", required_argument, NULL, 'S' },
	{ "dport", required_argument, NULL, 'D' },
	{ "icmp-type", required_argument, NULL, 't' },
	{ "mac", required_argument, NULL, 'm' },
	{ "mark", required_argument, NULL, 'k' },
	{ "dscp", required_argument, NULL, 'q' },
	{ "state", required_argument, NULL, 'c' },
	{ "flags", required_argument, NULL, 'f' },
	{ NULL, 0, NULL, 0 },
};

static bool port(const char *text, uint16_t *ret)
{
	uint64_t v;

	if (!slice_u64(slice_of(text), 65535, &v))
		return false;
	*ret = (uint16_t)v;
	return true;
}

static bool protocol(const char *text, struct ir_packet *p)
{
	struct proto_spec spec;
	const char *why;

	if (!proto_spec_parse(slice_of(text), &spec, &why) || spec.all || spec.negate)
		return false;
	p->proto = spec.number[0];
	return true;
}

static bool state(const char *text, struct ir_packet *p)
{
	static const struct {
		const char *word;
		uint32_t bit;
	} rows[] = {
		{ "new", IR_CT_NEW },
		{ "established", IR_CT_ESTABLISHED },
		{ "related", IR_CT_RELATED },
		{ "invalid", IR_CT_INVALID },
		{ "untracked", IR_CT_UNTRACKED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!strcmp(rows[i].word, text)) {
			p->ct_state = rows[i].bit;
			return true;
		}
	}
	return false;
}

static bool icmp(const char *text, struct ir_packet *p)
{
	struct icmp_type types[2];
	bool has[2];
	const char *why;
	unsigned which = p->family == FAMILY_V6;

	if (!icmp_type_parse(slice_of(text), types, has, &why) || !has[which])
		return false;
	p->icmp_type = types[which].type;
	p->icmp_code = types[which].code_lo;
	return true;
}

static bool mac(const char *text, struct ir_packet *p)
{
	struct mac_spec spec;
	const char *why;

	if (!mac_spec_parse(slice_of(text), &spec, &why))
		return false;
	p->has_mac = true;
	p->smac = spec.mac;
	return true;
}

static bool number(const char *text, uint64_t max, uint64_t *ret)
{
	if (!strncmp(text, "0x", 2))
		return slice_u64_hex(slice_of(text + 2), max, ret);
	return slice_u64(slice_of(text), max, ret);
}

struct request {
	struct ir_packet packet;
	const char *in, *icmp_type;
};

static bool set_option(struct request *r, int option, const char *text)
{
	struct ir_packet *p = &r->packet;
	uint64_t v;

	switch (option) {
	case 'i':
		r->in = text;
		return true;
	case 's':
		return addr_parse(slice_of(text), &p->src);
	case 'd':
		return addr_parse(slice_of(text), &p->dst);
	case 'p':
		return protocol(text, p);
	case 'S':
		return port(text, &p->sport);
	case 'D':
		return port(text, &p->dport);
	case 't':
		r->icmp_type = text;
		return true;
	case 'm':
		return mac(text, p);
	case 'k':
		if (!number(text, UINT32_MAX, &v))
			return false;
		p->mark = (uint32_t)v;
		return true;
	case 'q':
		if (!number(text, 63, &v))
			return false;
		p->dscp = (uint8_t)v;
		return true;
	case 'f':
		if (!number(text, 63, &v))
			return false;
		p->tcp_flags = (uint8_t)v;
		return true;
	case 'c':
		return state(text, p);
	}
	return false;
}

/* Reads the options; what is missing gets a plain value. false after an error message. */
static bool read_request(struct cli *cli, struct request *r)
{
	int option;

	r->packet = (struct ir_packet){ .proto = PROTO_TCP, .sport = 40000, .ttl = 64, .length = 60,
		.ct_state = IR_CT_NEW, .tcp_flags = 2 };
	optind = 0;
	while ((option = getopt_long(cli->argc, cli->argv, "", long_options, NULL)) != -1) {
		if (option == '?')
			return false;
		if (!set_option(r, option, optarg)) {
			cli_error("'%s' is not a value for this option", optarg);
			return false;
		}
	}
	if (optind != cli->argc) {
		cli_error("'%s' is not an option of trace", cli->argv[optind]);
		return false;
	}
	if (r->packet.dst.family == FAMILY_ANY) {
		cli_error("trace needs --dst, and --in for a packet that arrives");
		return false;
	}
	r->packet.family = r->packet.dst.family;
	if (r->packet.proto == PROTO_ICMP && r->packet.family == FAMILY_V6)
		r->packet.proto = PROTO_ICMPV6;
	if (r->packet.src.family != FAMILY_ANY && r->packet.src.family != r->packet.family) {
		cli_error("--src and --dst are of different families");
		return false;
	}
	if (r->icmp_type && !icmp(r->icmp_type, &r->packet)) {
		cli_error("'%s' is no ICMP type of this family", r->icmp_type);
		return false;
	}
	return true;
}

/* --in names a zone or a device. */
static bool set_ingress(const struct compilation *c, struct request *r)
{
	const struct zone *z = r->in ? policy_zone(c->policy, r->in) : NULL;
	const char *device = r->in;

	if (!r->in)
		return true;
	if (z) {
		if (!z->devices.n) {
			cli_error("zone '%s' has no device", r->in);
			return false;
		}
		device = z->devices.v[0].name;
	}
	if (strlen(device) > DEVICE_NAME_MAX) {
		cli_error("'%s' is neither a zone nor a device", r->in);
		return false;
	}
	memcpy(r->packet.iif, device, strlen(device) + 1);
	return true;
}

/* Without --src: a host behind the ingress device, or the router's own address. */
static void set_source(const struct ir_world *world, struct request *r)
{
	struct ir_packet *p = &r->packet;
	struct addr own;
	char device[DEVICE_NAME_MAX + 1] = "";

	if (p->src.family != FAMILY_ANY)
		return;
	p->src.family = p->family;
	if (p->iif[0])
		memcpy(device, p->iif, sizeof(device));
	else if (!world->route(world->context, &p->dst, device))
		return;
	if (!world->address(world->context, device, p->family, &own))
		return;
	p->src = own;
	if (p->iif[0] && !addr_next(&own, &p->src))
		p->src = own;
}

static const char *const outcome_word[] = {
	[IR_OUT_ACCEPTED] = "accepted",
	[IR_OUT_DROPPED] = "dropped",
	[IR_OUT_REJECTED] = "rejected",
	[IR_OUT_UNROUTED] = "no route",
};

static const char *const hook_word[IR_HOOKS] = { "prerouting", "input", "forward", "output",
	"postrouting" };

static void endpoint(struct buf *out, const struct addr *a, uint16_t port_number, bool ports)
{
	addr_print(a, out);
	if (ports)
		buf_printf(out, " port %u", port_number);
}

static void print_packet(struct buf *out, const struct ir_packet *p)
{
	bool ports = proto_has_ports(p->proto);
	const char *name = proto_name(p->proto);

	if (name)
		buf_str(out, name);
	else
		buf_printf(out, "protocol %u", p->proto);
	buf_char(out, ' ');
	endpoint(out, &p->src, p->sport, ports);
	buf_str(out, " -> ");
	endpoint(out, &p->dst, p->dport, ports);
	if (p->iif[0])
		buf_printf(out, ", in %s", p->iif);
	if (p->oif[0])
		buf_printf(out, ", out %s", p->oif);
}

static void print_origin(struct buf *out, const struct ir_origin *o)
{
	if (!o) {
		buf_str(out, "the firewall's frame");
		return;
	}
	buf_printf(out, "%s '", o->type);
	buf_safe(out, slice_of(o->name ? o->name : o->id));
	buf_char(out, '\'');
	if (o->file)
		buf_printf(out, " (%s:%u)", o->file, o->line);
}

static void print_text(const struct request *r, const struct ir_result *res)
{
	AUTO_BUF out = BUF_INIT;

	print_packet(&out, &r->packet);
	buf_char(&out, '\n');
	vec_each(s, &res->steps) {
		if (!s->matched)
			continue;
		buf_printf(&out, "  %-11s %-20s ", hook_word[s->hook], s->chain->name);
		ir_rule_print(s->rule, &out);
		buf_char(&out, '\n');
	}
	buf_printf(&out, "%s by ", outcome_word[res->outcome]);
	print_origin(&out, ir_result_decided(res));
	buf_char(&out, '\n');
	if (res->outcome == IR_OUT_ACCEPTED && (res->dnat || res->snat)) {
		buf_str(&out, "leaves as ");
		print_packet(&out, &res->packet);
		buf_char(&out, '\n');
	}
	fputs(buf_text(&out), stdout);
}

static json_t *origin_json(const struct ir_origin *o)
{
	json_t *obj;
	AUTO_BUF name = BUF_INIT;

	if (!o)
		return json_null();
	obj = json_object();
	buf_safe(&name, slice_of(o->name ? o->name : ""));
	json_object_set_new(obj, "type", json_string(o->type));
	json_object_set_new(obj, "id", json_string(o->id));
	json_object_set_new(obj, "name", json_string(buf_text(&name)));
	json_object_set_new(obj, "file", o->file ? json_string(o->file) : json_null());
	json_object_set_new(obj, "line", json_integer(o->line));
	return obj;
}

static json_t *packet_json(const struct ir_packet *p)
{
	json_t *obj = json_object();
	AUTO_BUF text = BUF_INIT;

	addr_print(&p->src, &text);
	json_object_set_new(obj, "src", json_string(buf_text(&text)));
	buf_clear(&text);
	addr_print(&p->dst, &text);
	json_object_set_new(obj, "dst", json_string(buf_text(&text)));
	json_object_set_new(obj, "proto", json_integer(p->proto));
	json_object_set_new(obj, "sport", json_integer(p->sport));
	json_object_set_new(obj, "dport", json_integer(p->dport));
	json_object_set_new(obj, "in", json_string(p->iif));
	json_object_set_new(obj, "out", json_string(p->oif));
	json_object_set_new(obj, "mark", json_integer(p->mark));
	json_object_set_new(obj, "dscp", json_integer(p->dscp));
	json_object_set_new(obj, "ttl", json_integer(p->ttl));
	return obj;
}

static json_t *steps_json(const struct ir_result *res)
{
	json_t *list = json_array();

	vec_each(s, &res->steps) {
		json_t *step = json_object();
		AUTO_BUF text = BUF_INIT;

		ir_rule_print(s->rule, &text);
		json_object_set_new(step, "hook", json_string(hook_word[s->hook]));
		json_object_set_new(step, "chain", json_string(s->chain->name));
		json_object_set_new(step, "rule", json_string(buf_text(&text)));
		json_object_set_new(step, "matched", json_boolean(s->matched));
		json_object_set_new(step, "section",
			origin_json(s->rule->n_origins ? s->rule->origins[0] : NULL));
		json_array_append_new(list, step);
	}
	return list;
}

static void print_json(const struct compilation *c, const struct request *r,
	const struct ir_result *res)
{
	json_t *reply = cli_reply(true, &c->diags);

	json_object_set_new(reply, "outcome", json_string(outcome_word[res->outcome]));
	json_object_set_new(reply, "decided", origin_json(ir_result_decided(res)));
	json_object_set_new(reply, "chain",
		res->decided_chain ? json_string(res->decided_chain->name) : json_null());
	json_object_set_new(reply, "packet", packet_json(&r->packet));
	json_object_set_new(reply, "leaves", packet_json(&res->packet));
	json_object_set_new(reply, "steps", steps_json(res));
	cli_json(reply);
}

enum exit_code cmd_trace(struct cli *cli)
{
	struct request r = { 0 };
	struct compilation c;
	struct ir_result res;
	struct ir_world world;
	enum exit_code code = EXIT_USAGE;

	if (!read_request(cli, &r))
		return EXIT_USAGE;
	compilation_init(&c);
	if (!cli_compile(cli, &c)) {
		cli_diags(cli, &c.diags);
		if (cli->json)
			cli_json(cli_reply(false, &c.diags));
		code = EXIT_CONFIG;
	} else if (set_ingress(&c, &r)) {
		world = world_of_facts(&c.facts);
		r.packet.time = c.facts.now;
		set_source(&world, &r);
		ir_eval(c.ir, &r.packet, &world, NULL, true, &c.arena, &res);
		if (cli->json)
			print_json(&c, &r, &res);
		else
			print_text(&r, &res);
		code = EXIT_OK;
	}
	compilation_release(&c);
	return code;
}
