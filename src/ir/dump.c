/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IR as text, one object or rule a line, in the order it has in memory; docs/ir.md gives the
 * grammar. Everything that bears on meaning is printed, nothing else: no pointers, no spans. A
 * name is a bare word; any text from outside stands in quotes, with what is not printable escaped,
 * so what parse.c reads back prints the same.
 */
#include <inttypes.h>

#include "base/utf8.h"
#include "ir/ir_priv.h"

static void print_text(struct buf *out, const char *s)
{
	struct slice text = slice_of(s);

	buf_char(out, '"');
	while (text.n) {
		uint32_t code = 0;
		size_t n = utf8_next(text, &code);

		if (!n || !utf8_printable(code)) {
			n = 1;
			buf_printf(out, "\\x%02x", (unsigned char)text.p[0]);
		} else {
			if (code == '"' || code == '\\')
				buf_char(out, '\\');
			buf_add(out, text.p, n);
		}
		text = slice_from(text, n);
	}
	buf_char(out, '"');
}

/* Between the items of a list in braces. */
static void print_next(struct buf *out, size_t i)
{
	buf_str(out, i ? ", " : " ");
}

static void print_range(struct buf *out, struct range r)
{
	buf_printf(out, "%" PRIu32, r.lo);
	if (r.hi != r.lo)
		buf_printf(out, "-%" PRIu32, r.hi);
}

static void print_device(struct buf *out, const struct device_pattern *d)
{
	buf_str(out, d->negate ? "!" : "");
	print_text(out, d->name);
	buf_str(out, d->wildcard ? "+" : "");
}

static void print_mac(struct buf *out, const struct mac *m)
{
	const uint8_t *b = m->b;

	buf_printf(out, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

static void print_bits(struct buf *out, const char *const *words, uint32_t bits)
{
	size_t n = 0;

	buf_str(out, " {");
	for (unsigned i = 0; words[i]; i++) {
		if (bits & 1U << i) {
			print_next(out, n++);
			buf_str(out, words[i]);
		}
	}
	buf_str(out, " }");
}

static void print_icmp(struct buf *out, const struct ir_match *m)
{
	buf_str(out, m->icmp.n && m->icmp.v[0].family == FAMILY_V6 ? " ipv6 {" : " ipv4 {");
	for (size_t i = 0; i < m->icmp.n; i++) {
		const struct icmp_type *t = &m->icmp.v[i];

		print_next(out, i);
		buf_printf(out, "%u", t->type);
		if (t->code_lo == 0 && t->code_hi == UINT8_MAX)
			continue;
		buf_char(out, '/');
		print_range(out, (struct range){ t->code_lo, t->code_hi });
	}
	buf_str(out, " }");
}

/* The set's name and, for each part of its key, whose value is looked up. */
static void print_lookup(struct buf *out, const struct ir_set *set, const bool dest[3])
{
	buf_printf(out, " @%s ", set->name);
	for (unsigned i = 0; i < set->n_key; i++)
		buf_printf(out, "%s%s", i ? "." : "", dest[i] ? "dst" : "src");
}

static void print_devices(struct buf *out, const struct ir_devices *devices)
{
	if (devices->set) {
		buf_printf(out, " @%s", devices->set->name);
		return;
	}
	buf_str(out, " {");
	for (size_t i = 0; i < devices->n; i++) {
		print_next(out, i);
		print_device(out, &devices->v[i]);
	}
	buf_str(out, " }");
}

void ir_match_print(const struct ir_match *m, struct buf *out)
{
	buf_printf(out, "%s%s", m->negate ? "not " : "", ir_match_info[m->kind].name);
	switch (m->kind) {
	case IR_M_IIF:
	case IR_M_OIF:
		print_devices(out, &m->devices);
		return;
	case IR_M_SADDR:
	case IR_M_DADDR:
		buf_str(out, " {");
		for (size_t i = 0; i < m->addrs.n; i++) {
			print_next(out, i);
			addr_range_print(&m->addrs.v[i], out);
		}
		buf_str(out, " }");
		return;
	case IR_M_SADDR_MASKED:
	case IR_M_DADDR_MASKED:
		buf_char(out, ' ');
		addr_print(&m->masked.value, out);
		buf_char(out, '/');
		addr_print(&m->masked.mask, out);
		return;
	case IR_M_PROTO:
	case IR_M_SPORT:
	case IR_M_DPORT:
	case IR_M_DSCP:
	case IR_M_TTL:
	case IR_M_MSS:
	case IR_M_LENGTH:
	case IR_M_UID:
	case IR_M_GID:
		buf_str(out, " {");
		for (size_t i = 0; i < m->ranges.n; i++) {
			print_next(out, i);
			print_range(out, m->ranges.v[i]);
		}
		buf_str(out, " }");
		return;
	case IR_M_ICMP:
		print_icmp(out, m);
		return;
	case IR_M_SMAC:
		buf_str(out, " {");
		for (size_t i = 0; i < m->macs.n; i++) {
			print_next(out, i);
			print_mac(out, &m->macs.v[i]);
		}
		buf_str(out, " }");
		return;
	case IR_M_MARK:
	case IR_M_CTMARK:
		buf_printf(out, " 0x%" PRIx32 "/0x%" PRIx32, m->mark.value, m->mark.mask);
		return;
	case IR_M_CTSTATE:
	case IR_M_CTSTATUS:
	case IR_M_PKTTYPE:
	case IR_M_IPSEC:
		print_bits(out, ir_bit_words(m->kind), m->bits);
		return;
	case IR_M_ADDRTYPE:
		buf_str(out, m->addrtype.dest ? " dst" : " src");
		print_bits(out, ir_addrtype_words, m->addrtype.types);
		return;
	case IR_M_CTHELPER:
		buf_char(out, ' ');
		print_text(out, m->text);
		return;
	case IR_M_TCPFLAGS:
		buf_printf(out, " 0x%x/0x%x", m->tcpflags.value, m->tcpflags.mask);
		return;
	case IR_M_SET:
	case IR_M_METER:
		print_lookup(out, m->set.set, m->set.dest);
		return;
	case IR_M_CONNECTIONS:
		print_lookup(out, m->set.set, m->set.dest);
		buf_printf(out, " %" PRIu32, m->set.connections);
		return;
	case IR_M_TIME:
		buf_str(out, " {");
		for (size_t i = 0; i < m->times.n; i++) {
			print_next(out, i);
			buf_printf(out, "%" PRId64 "..%" PRId64, m->times.v[i].from,
				m->times.v[i].until);
		}
		buf_str(out, " }");
		return;
	case IR_M_RANDOM:
		buf_printf(out, " 0x%" PRIx32, m->random);
		return;
	case IR_M_LIMIT:
		buf_printf(out, " %s", m->limit->name);
		return;
	}
}

static void print_statement(const struct ir_statement *s, struct buf *out)
{
	buf_str(out, ir_statement_words[s->kind]);
	switch (s->kind) {
	case IR_S_LOG:
		buf_char(out, ' ');
		print_text(out, s->log.prefix);
		if (s->log.nflog)
			buf_printf(out, " group %u", s->log.group);
		else
			buf_printf(out, " level %u", s->log.level);
		return;
	case IR_S_MARK:
	case IR_S_CTMARK:
		buf_printf(out, " and 0x%" PRIx32 " xor 0x%" PRIx32, s->mark.and, s->mark.xor);
		return;
	case IR_S_SAVE_MARK:
	case IR_S_RESTORE_MARK:
		buf_printf(out, " 0x%" PRIx32, s->value);
		return;
	case IR_S_DSCP:
	case IR_S_MSS:
		buf_printf(out, " %" PRIu32, s->value);
		return;
	case IR_S_TTL:
		buf_printf(out, " %s %u", ir_ttl_words[s->ttl.action], s->ttl.value);
		return;
	case IR_S_HELPER:
		buf_printf(out, " %s", s->helper->name);
		return;
	case IR_S_SET_ADD:
	case IR_S_SET_DELETE:
		print_lookup(out, s->set.set, s->set.dest);
		return;
	case IR_S_NOTRACK:
	case IR_S_OFFLOAD:
		return;
	}
}

static void print_verdict(const struct ir_verdict *v, struct buf *out)
{
	buf_str(out, ir_verdict_words[v->kind]);
	switch (v->kind) {
	case IR_REJECT:
		buf_printf(out, " %s", ir_reject_words[v->reject]);
		return;
	case IR_JUMP:
	case IR_GOTO:
		buf_printf(out, " %s", v->chain->name);
		return;
	case IR_DNAT:
	case IR_SNAT:
	case IR_MASQUERADE:
	case IR_REDIRECT:
	case IR_NETMAP_DST:
	case IR_NETMAP_SRC:
		if (v->nat.has_addr) {
			buf_str(out, " to ");
			addr_range_print(&v->nat.addr, out);
		}
		if (v->nat.has_ports) {
			buf_str(out, " ports ");
			print_range(out, v->nat.ports);
		}
		if (v->nat.shift)
			buf_printf(out, " from %" PRIu32, v->nat.from);
		return;
	case IR_CONTINUE:
	case IR_ACCEPT:
	case IR_DROP:
	case IR_RETURN:
		return;
	}
}

static const char *family_word(enum family family)
{
	return family == FAMILY_V4 ? "ipv4" : family == FAMILY_V6 ? "ipv6" : "any";
}

void ir_rule_print(const struct ir_rule *r, struct buf *out)
{
	buf_printf(out, "rule %s", family_word(r->family));
	for (size_t i = 0; i < r->n_matches; i++) {
		buf_char(out, ' ');
		ir_match_print(&r->matches[i], out);
	}
	if (r->counter)
		buf_printf(out, " counter %s", r->counter->name);
	for (size_t i = 0; i < r->n_statements; i++) {
		buf_char(out, ' ');
		print_statement(&r->statements[i], out);
	}
	buf_char(out, ' ');
	print_verdict(&r->verdict, out);
	if (r->comment) {
		buf_str(out, " comment ");
		print_text(out, r->comment);
	}
}

static void print_origin(const struct ir_origin *o, const char *indent, struct buf *out)
{
	if (!o)
		return;
	buf_printf(out, "%sfrom ", indent);
	print_text(out, o->type);
	buf_char(out, ' ');
	print_text(out, o->id);
	if (o->name) {
		buf_str(out, " name ");
		print_text(out, o->name);
	}
	if (o->file) {
		buf_str(out, " file ");
		print_text(out, o->file);
	}
	if (o->line)
		buf_printf(out, " line %u", o->line);
	buf_char(out, '\n');
}

static void print_rate(struct buf *out, const struct rate *r, uint32_t burst)
{
	buf_printf(out, " rate%s %" PRIu32 " per %" PRIu32 " burst %" PRIu32,
		r->invert ? " over" : "", r->count, r->seconds, burst);
}

static void print_key_value(struct buf *out, enum ir_key key, const struct ir_key_value *v)
{
	switch (key) {
	case IR_KEY_DEVICE:
		print_device(out, &v->device);
		return;
	case IR_KEY_ADDR4:
	case IR_KEY_ADDR6:
		addr_range_print(&v->addr, out);
		return;
	case IR_KEY_PROTO_PORT:
		buf_printf(out, "%u:", v->proto);
		print_range(out, v->port);
		return;
	case IR_KEY_PORT:
		print_range(out, v->port);
		return;
	case IR_KEY_MAC:
		print_mac(out, &v->mac);
		return;
	}
}

static void dump_set(const struct ir_set *set, struct buf *out)
{
	buf_printf(out, "set %s ", set->name);
	for (unsigned i = 0; i < set->n_key; i++)
		buf_printf(out, "%s%s", i ? "." : "", ir_key_words[set->key[i]]);
	buf_str(out, set->interval ? " interval" : "");
	buf_str(out, set->dynamic ? " dynamic" : "");
	buf_str(out, set->keep ? " keep" : "");
	buf_str(out, set->once ? " once" : "");
	buf_str(out, set->net6 ? " net6" : "");
	if (set->has_rate)
		print_rate(out, &set->rate, set->burst);
	if (set->timeout)
		buf_printf(out, " timeout %" PRIu32, set->timeout);
	if (set->size)
		buf_printf(out, " size %" PRIu32, set->size);
	buf_char(out, '\n');
	print_origin(set->origin, "  ", out);
	vec_each (e, &set->elements) {
		buf_str(out, "  element");
		for (unsigned i = 0; i < set->n_key; i++) {
			buf_char(out, ' ');
			print_key_value(out, set->key[i], &e->part[i]);
		}
		if (e->timeout)
			buf_printf(out, " timeout %" PRIu32, e->timeout);
		if (e->comment) {
			buf_str(out, " comment ");
			print_text(out, e->comment);
		}
		buf_char(out, '\n');
	}
}

static void dump_chain(const struct ir_chain *chain, struct buf *out)
{
	buf_printf(out, "chain %s %s %s %s", chain->name, ir_role_words[chain->role],
		ir_hook_words[chain->hook], ir_stage_words[chain->stage]);
	if (chain->zone) {
		buf_str(out, " zone ");
		print_text(out, chain->zone);
	}
	buf_char(out, '\n');
	print_origin(chain->origin, "  ", out);
	vec_each (rule, &chain->rules) {
		buf_str(out, "  ");
		ir_rule_print(*rule, out);
		buf_char(out, '\n');
		for (size_t i = 0; i < (*rule)->n_origins; i++)
			print_origin((*rule)->origins[i], "    ", out);
	}
}

static void dump_settings(const struct ir *ir, struct buf *out)
{
	if (ir->times_until)
		buf_printf(out, "until %" PRId64 "\n", ir->times_until);
	vec_each (s, &ir->sysctls) {
		buf_str(out, "sysctl ");
		print_text(out, s->path);
		buf_char(out, ' ');
		print_text(out, s->value);
		buf_char(out, '\n');
		print_origin(s->origin, "  ", out);
	}
	if (ir->flowtable.enabled || ir->flowtable.hardware || ir->flowtable.counter ||
		ir->flowtable.devices.n) {
		buf_str(out, "flowtable");
		buf_str(out, ir->flowtable.enabled ? " enabled" : "");
		buf_str(out, ir->flowtable.hardware ? " hardware" : "");
		buf_str(out, ir->flowtable.counter ? " counter" : "");
		buf_str(out, " {");
		for (size_t i = 0; i < ir->flowtable.devices.n; i++) {
			print_next(out, i);
			print_text(out, ir->flowtable.devices.v[i]);
		}
		buf_str(out, " }\n");
	}
}

void ir_dump(const struct ir *ir, struct buf *out)
{
	buf_str(out, "zonewall-ir 1\n");
	dump_settings(ir, out);
	vec_each (h, &ir->helpers) {
		buf_printf(out, "helper %s ", (*h)->name);
		print_text(out, (*h)->kernel);
		buf_printf(out, " proto %u %s\n", (*h)->proto, family_word((*h)->family));
	}
	vec_each (c, &ir->counters) {
		buf_printf(out, "counter %s\n", (*c)->name);
		print_origin((*c)->origin, "  ", out);
	}
	vec_each (l, &ir->limits) {
		buf_printf(out, "limit %s", (*l)->name);
		print_rate(out, &(*l)->rate, (*l)->burst);
		buf_char(out, '\n');
		print_origin((*l)->origin, "  ", out);
	}
	vec_each (set, &ir->sets)
		dump_set(*set, out);
	vec_each (chain, &ir->chains)
		dump_chain(*chain, out);
}
