/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line of a rule in a dump: family, matches, counter, statements, verdict, comment. */
#include <string.h>

#include "ir/parse_priv.h"

#define MAC_BYTES sizeof(((struct mac *)0)->b)

static bool parse_set(struct ir_parser *p, const struct ir_set **ret)
{
	const char *name;

	if (!ir_parse_mark(p, '@'))
		return ir_parse_fail(p, "a set (@name) is missing here");

	struct ir_token at = p->token;

	if (!ir_parse_name(p, &name))
		return false;
	*ret = ir_set_find(p->ir, name);
	if (*ret)
		return true;
	p->token = at;
	return ir_parse_fail(p, "there is no set %s", name);
}

/* The object of that name from a table; kind is for the message. */
static const void *parse_named(struct ir_parser *p, const struct ir_names *names, const char *kind)
{
	const void *object = ir_names_find(names, p->token.word);
	struct ir_token at = p->token;
	const char *name;

	if (!ir_parse_name(p, &name))
		return NULL;
	if (object)
		return object;
	p->token = at;
	ir_parse_fail_(p, "there is no %s %s", kind, name);
	return NULL;
}

static bool parse_lookup(struct ir_parser *p, const struct ir_set **ret_set, bool ret_dest[3])
{
	struct slice word;

	if (!parse_set(p, ret_set) || !ir_parse_any_word(p, &word))
		return false;
	for (unsigned i = 0; i < (*ret_set)->n_key; i++) {
		size_t dot = slice_find(word, '.');
		struct slice part = { word.p, dot };

		if (!slice_is(part, "src") && !slice_is(part, "dst"))
			return ir_parse_fail(p, "src or dst is missing for a part of the key");
		ret_dest[i] = slice_is(part, "dst");
		word = slice_from(word, dot + 1);
	}
	return !word.n || ir_parse_fail(p, "more parts than the set's key has");
}

static bool parse_devices(struct ir_parser *p, struct ir_devices *ret)
{
	VEC(struct device_pattern) list = { 0 };
	struct device_pattern d = { 0 };
	size_t n = 0;

	if (p->token.kind == IR_TOKEN_MARK && p->token.word.p[0] == '@')
		return parse_set(p, &ret->set);
	while (ir_parse_item(p, &n)) {
		if (ir_parse_device(p, &d))
			vec_push(p->ir->arena, &list, d);
	}
	ret->v = list.v;
	ret->n = list.n;
	return !p->line_failed;
}

static bool parse_addrs(struct ir_parser *p, struct addr_set *set)
{
	struct addr_range r;
	size_t n = 0;

	while (ir_parse_item(p, &n)) {
		if (ir_parse_addr_range(p, &r))
			addr_set_add(p->ir->arena, set, r);
	}
	return !p->line_failed;
}

static bool parse_masked(struct ir_parser *p, struct ir_match *m)
{
	struct slice word;
	size_t slash;

	if (!ir_parse_any_word(p, &word))
		return false;
	slash = slice_find(word, '/');
	if (!addr_parse((struct slice){ word.p, slash }, &m->masked.value) ||
		!addr_parse(slice_from(word, slash + 1), &m->masked.mask) ||
		m->masked.value.family != m->masked.mask.family)
		return ir_parse_fail(p, "an address and its mask (a/m) are missing");
	return true;
}

static bool parse_ranges(struct ir_parser *p, struct range_set *set)
{
	struct slice word = { 0 };
	struct range r;
	size_t n = 0;

	while (ir_parse_item(p, &n)) {
		if (ir_parse_any_word(p, &word) && ir_parse_range(p, word, UINT32_MAX, &r))
			range_set_add(p->ir->arena, set, r);
	}
	return !p->line_failed;
}

static bool parse_icmp(struct ir_parser *p, struct ir_match *m)
{
	VEC(struct icmp_type) list = { 0 };
	struct icmp_type t = { 0 };
	struct slice word;
	struct range r;
	size_t n = 0;

	if (!ir_parse_family(p, &t.family))
		return false;
	if (t.family == FAMILY_ANY)
		return ir_parse_fail(p, "ICMP types are of one family");
	while (ir_parse_item(p, &n)) {
		if (!ir_parse_any_word(p, &word))
			break;

		size_t slash = slice_find(word, '/');

		if (!ir_parse_range(p, (struct slice){ word.p, slash }, UINT8_MAX, &r))
			break;
		if (r.lo != r.hi)
			return ir_parse_fail(p, "an ICMP type is one number");
		t.type = (uint8_t)r.lo;
		r = (struct range){ 0, UINT8_MAX };
		if (slash < word.n &&
			!ir_parse_range(p, slice_from(word, slash + 1), UINT8_MAX, &r))
			break;
		t.code_lo = (uint8_t)r.lo;
		t.code_hi = (uint8_t)r.hi;
		vec_push(p->ir->arena, &list, t);
	}
	/* With nothing in it the family would be lost; the verifier refuses it anyway. */
	if (!list.n)
		return ir_parse_fail(p, "a list of ICMP types is empty");
	m->icmp.v = list.v;
	m->icmp.n = list.n;
	return !p->line_failed;
}

static bool parse_macs(struct ir_parser *p, struct ir_match *m)
{
	VEC(struct mac) list = { 0 };
	struct mac mac;
	size_t n = 0;

	while (ir_parse_item(p, &n)) {
		if (ir_parse_mac(p, &mac))
			vec_push(p->ir->arena, &list, mac);
	}
	m->macs.v = list.v;
	m->macs.n = list.n;
	return !p->line_failed;
}

static bool parse_value_mask(
	struct ir_parser *p, uint32_t max, uint32_t *ret_value, uint32_t *ret_mask)
{
	struct slice word;
	struct range value, mask;
	size_t slash;

	if (!ir_parse_any_word(p, &word))
		return false;
	slash = slice_find(word, '/');
	if (!ir_parse_range(p, (struct slice){ word.p, slash }, max, &value) ||
		!ir_parse_range(p, slice_from(word, slash + 1), max, &mask))
		return false;
	if (value.lo != value.hi || mask.lo != mask.hi)
		return ir_parse_fail(p, "a value and its mask (v/m) are missing");
	*ret_value = value.lo;
	*ret_mask = mask.lo;
	return true;
}

static bool parse_bits(struct ir_parser *p, const char *const *words, uint32_t *bits)
{
	unsigned bit = 0;
	size_t n = 0;

	while (ir_parse_item(p, &n)) {
		if (ir_parse_one_of(p, words, SIZE_MAX, &bit))
			*bits |= 1U << bit;
	}
	return !p->line_failed;
}

static bool parse_times(struct ir_parser *p, struct time_set *times)
{
	VEC(struct time_interval) list = { 0 };
	struct time_interval t = { 0, 0 };
	struct slice word = { 0 };
	size_t n = 0;

	while (ir_parse_item(p, &n)) {
		if (!ir_parse_any_word(p, &word))
			break;

		size_t dots = slice_find(word, '.');

		if (!ir_parse_time(p, (struct slice){ word.p, dots }, &t.from) ||
			!ir_parse_time(p, slice_from(word, dots + 2), &t.until))
			break;
		if (word.p[dots + 1] != '.')
			return ir_parse_fail(p, "a time from..until is missing");
		vec_push(p->ir->arena, &list, t);
	}
	*times = (struct time_set){ list.v, list.n, list.cap };
	return !p->line_failed;
}

static bool parse_match(struct ir_parser *p, struct ir_match *m)
{
	uint32_t value, mask;

	switch (m->kind) {
	case IR_M_IIF:
	case IR_M_OIF:
		return parse_devices(p, &m->devices);
	case IR_M_SADDR:
	case IR_M_DADDR:
		return parse_addrs(p, &m->addrs);
	case IR_M_SADDR_MASKED:
	case IR_M_DADDR_MASKED:
		return parse_masked(p, m);
	case IR_M_PROTO:
	case IR_M_SPORT:
	case IR_M_DPORT:
	case IR_M_DSCP:
	case IR_M_TTL:
	case IR_M_MSS:
	case IR_M_LENGTH:
	case IR_M_UID:
	case IR_M_GID:
		return parse_ranges(p, &m->ranges);
	case IR_M_ICMP:
		return parse_icmp(p, m);
	case IR_M_SMAC:
		return parse_macs(p, m);
	case IR_M_MARK:
	case IR_M_CTMARK:
		return parse_value_mask(p, UINT32_MAX, &m->mark.value, &m->mark.mask);
	case IR_M_CTSTATE:
	case IR_M_CTSTATUS:
	case IR_M_PKTTYPE:
	case IR_M_IPSEC:
		return parse_bits(p, ir_bit_words(m->kind), &m->bits);
	case IR_M_ADDRTYPE:
		m->addrtype.dest = ir_parse_word(p, "dst");
		return (m->addrtype.dest || ir_parse_need(p, "src")) &&
		       parse_bits(p, ir_addrtype_words, &m->addrtype.types);
	case IR_M_CTHELPER:
		return ir_parse_text(p, &m->text);
	case IR_M_TCPFLAGS:
		if (!parse_value_mask(p, UINT8_MAX, &value, &mask))
			return false;
		m->tcpflags.value = (uint8_t)value;
		m->tcpflags.mask = (uint8_t)mask;
		return true;
	case IR_M_SET:
	case IR_M_METER:
		return parse_lookup(p, &m->set.set, m->set.dest);
	case IR_M_CONNECTIONS:
		return parse_lookup(p, &m->set.set, m->set.dest) &&
		       ir_parse_number(p, UINT32_MAX, &m->set.connections);
	case IR_M_TIME:
		return parse_times(p, &m->times);
	case IR_M_RANDOM:
		return ir_parse_number(p, UINT32_MAX, &m->random);
	case IR_M_LIMIT:
		m->limit = parse_named(p, &p->limits, "limit");
		return m->limit;
	}
	return false;
}

/* Matches while there are some: the word of a match is the word of nothing else. */
static bool parse_matches(struct ir_parser *p, struct ir_rule *rule)
{
	for (;;) {
		bool negate = ir_parse_word(p, "not");
		unsigned kind = 0;

		while (kind < IR_MATCH_KINDS && !ir_parse_word(p, ir_match_info[kind].name))
			kind++;
		if (kind == IR_MATCH_KINDS)
			return !negate || ir_parse_fail(p, "a match is missing after 'not'");

		struct ir_match *m = ir_match_add(p->ir, rule, (enum ir_match_kind)kind);

		m->negate = negate;
		if (!parse_match(p, m))
			return false;
	}
}

static bool parse_statement(struct ir_parser *p, struct ir_statement *s)
{
	uint32_t value;
	unsigned word;

	switch (s->kind) {
	case IR_S_LOG:
		if (!ir_parse_text(p, &s->log.prefix))
			return false;
		s->log.nflog = ir_parse_word(p, "group");
		if (!s->log.nflog && !ir_parse_need(p, "level"))
			return false;
		if (!ir_parse_number(p, s->log.nflog ? UINT16_MAX : UINT8_MAX, &value))
			return false;
		if (s->log.nflog)
			s->log.group = (uint16_t)value;
		else
			s->log.level = (uint8_t)value;
		return true;
	case IR_S_MARK:
	case IR_S_CTMARK:
		return ir_parse_need(p, "and") && ir_parse_number(p, UINT32_MAX, &s->mark.and) &&
		       ir_parse_need(p, "xor") && ir_parse_number(p, UINT32_MAX, &s->mark.xor);
	case IR_S_SAVE_MARK:
	case IR_S_RESTORE_MARK:
	case IR_S_DSCP:
	case IR_S_MSS:
		return ir_parse_number(p, UINT32_MAX, &s->value);
	case IR_S_TTL:
		if (!ir_parse_one_of(p, ir_ttl_words, IR_COUNT(ir_ttl_words), &word) ||
			!ir_parse_number(p, UINT8_MAX, &value))
			return false;
		s->ttl.action = (enum ir_ttl_action)word;
		s->ttl.value = (uint8_t)value;
		return true;
	case IR_S_HELPER:
		s->helper = parse_named(p, &p->helpers, "helper");
		return s->helper;
	case IR_S_SET_ADD:
	case IR_S_SET_DELETE:
		return parse_lookup(p, &s->set.set, s->set.dest);
	case IR_S_NOTRACK:
	case IR_S_OFFLOAD:
		return true;
	}
	return false;
}

static bool parse_statements(struct ir_parser *p, struct ir_rule *rule)
{
	for (;;) {
		unsigned kind = 0;

		while (kind < IR_STATEMENT_KINDS && !ir_parse_word(p, ir_statement_words[kind]))
			kind++;
		if (kind == IR_STATEMENT_KINDS)
			return true;
		if (!parse_statement(
			    p, ir_statement_add(p->ir, rule, (enum ir_statement_kind)kind)))
			return false;
	}
}

static bool parse_nat(struct ir_parser *p, struct ir_verdict *v)
{
	struct slice word;

	v->nat.has_addr = ir_parse_word(p, "to");
	if (v->nat.has_addr && !ir_parse_addr_range(p, &v->nat.addr))
		return false;
	v->nat.has_ports = ir_parse_word(p, "ports");
	if (v->nat.has_ports && (!ir_parse_any_word(p, &word) ||
					!ir_parse_range(p, word, UINT32_MAX, &v->nat.ports)))
		return false;
	v->nat.shift = ir_parse_word(p, "from");
	return !v->nat.shift || ir_parse_number(p, UINT32_MAX, &v->nat.from);
}

static bool parse_verdict(struct ir_parser *p, struct ir_verdict *v)
{
	struct ir_token at;
	const char *name;
	unsigned word;

	if (!ir_parse_one_of(p, ir_verdict_words, IR_COUNT(ir_verdict_words), &word))
		return false;
	v->kind = (enum ir_verdict_kind)word;
	switch (v->kind) {
	case IR_REJECT:
		if (!ir_parse_one_of(p, ir_reject_words, IR_COUNT(ir_reject_words), &word))
			return false;
		v->reject = (enum ir_reject)word;
		return true;
	case IR_JUMP:
	case IR_GOTO:
		at = p->token;
		if (!ir_parse_name(p, &name))
			return false;
		v->chain = ir_chain_find(p->ir, name);
		if (v->chain)
			return true;
		p->token = at;
		return ir_parse_fail(p, "there is no chain %s", name);
	case IR_DNAT:
	case IR_SNAT:
	case IR_MASQUERADE:
	case IR_REDIRECT:
	case IR_NETMAP_DST:
	case IR_NETMAP_SRC:
		return parse_nat(p, v);
	case IR_CONTINUE:
	case IR_ACCEPT:
	case IR_DROP:
	case IR_RETURN:
		return true;
	}
	return false;
}

struct ir_rule *ir_parse_rule(struct ir_parser *p, struct ir_chain *chain)
{
	struct ir_rule *rule = ir_rule_add(p->ir, chain, NULL);

	if (!ir_parse_family(p, &rule->family) || !parse_matches(p, rule))
		return NULL;
	if (ir_parse_word(p, "counter")) {
		rule->counter = parse_named(p, &p->counters, "counter");
		if (!rule->counter)
			return NULL;
	}
	if (!parse_statements(p, rule) || !parse_verdict(p, &rule->verdict))
		return NULL;
	if (ir_parse_word(p, "comment") && !ir_parse_text(p, &rule->comment))
		return NULL;
	return rule;
}
