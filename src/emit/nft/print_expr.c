/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expressions as nft writes them. What nft implies (struct nft_match.implied) is not written. */
#include <string.h>

#include "base/bug.h"
#include "emit/nft/nft_priv.h"

/*
 * nft's strings have no escapes. Names and labels come here without quotes and controls; should
 * one have any, it must not end the string early.
 */
void nft_print_quoted(const char *text, struct buf *out)
{
	buf_char(out, '"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		buf_char(out, c == '"' || c < 0x20 || c == 0x7f ? '?' : *text);
	}
	buf_char(out, '"');
}

void nft_print_duration(uint32_t seconds, struct buf *out)
{
	static const struct {
		uint32_t seconds;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };

	if (!seconds)
		buf_str(out, "0s");
	for (size_t i = 0; i < NFT_COUNT(units); i++) {
		if (seconds >= units[i].seconds)
			buf_printf(
				out, "%u%c", (unsigned)(seconds / units[i].seconds), units[i].unit);
		seconds %= units[i].seconds;
	}
}

static const char *unit_name(uint32_t seconds)
{
	if (seconds == 60)
		return "minute";
	if (seconds == 3600)
		return "hour";
	if (seconds == 86400)
		return "day";
	return "second";
}

/* nft leaves its default burst, 5 packets, unsaid. */
void nft_print_rate(const struct nft_rate *rate, struct buf *out)
{
	buf_printf(out, "rate %s%u/%s", rate->over ? "over " : "", (unsigned)rate->count,
		unit_name(rate->seconds));
	if (rate->burst != 5)
		buf_printf(out, " burst %u packets", (unsigned)rate->burst);
}

void nft_print_verdict(const struct nft_verdict *verdict, struct buf *out)
{
	switch (verdict->kind) {
	case NFT_V_ACCEPT:
		buf_str(out, "accept");
		return;
	case NFT_V_DROP:
		buf_str(out, "drop");
		return;
	case NFT_V_RETURN:
		buf_str(out, "return");
		return;
	case NFT_V_JUMP:
		buf_printf(out, "jump %s", verdict->chain->name);
		return;
	case NFT_V_GOTO:
		buf_printf(out, "goto %s", verdict->chain->name);
		return;
	}
	BUG("verdict kind %d", verdict->kind);
}

static void print_fields(const enum nft_field *field, unsigned n, struct buf *out)
{
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "%s%s", i ? " . " : "", nft_field_info[field[i]].text);
}

static void print_set(const struct nft_set *set, enum nft_field field, struct buf *out)
{
	if (set->name) {
		buf_printf(out, "@%s", set->name);
		return;
	}
	buf_str(out, "{ ");
	nft_print_elements(set, NULL, nft_field_info[field].shift, out);
	buf_str(out, " }");
}

static void print_of(enum nft_field field, const uint8_t *value, struct buf *out)
{
	const struct nft_field_info *info = &nft_field_info[field];

	nft_print_value(info->type, info->bytes, info->shift, value, out);
}

static void print_prefix(const struct nft_match *m, struct buf *out)
{
	if (nft_field_info[m->field[0]].type == NFT_T_IFNAME) {
		char name[18] = { 0 };

		memcpy(name, m->value, m->bits / 8);
		name[m->bits / 8] = '*';
		nft_print_quoted(name, out);
		return;
	}
	print_of(m->field[0], m->value, out);
	buf_printf(out, "/%u", m->bits);
}

static void print_mask(const struct nft_match *m, struct buf *out)
{
	enum nft_field field = m->field[0];

	if (field == NFT_F_TCP_FLAGS) {
		buf_str(out, m->negate ? "!= " : "");
		print_of(field, m->value, out);
		buf_str(out, " / ");
		print_of(field, m->mask, out);
		return;
	}
	buf_str(out, "& ");
	print_of(field, m->mask, out);
	buf_str(out, m->negate ? " != " : " == ");
	print_of(field, m->value, out);
}

/* "tcp flags syn" would mean "syn among others". nft writes several flags here as a number. */
static void print_flags_exactly(const struct nft_match *m, struct buf *out)
{
	uint8_t v = m->value[0];

	buf_str(out, m->negate ? "!= " : "== ");
	if (v & (v - 1))
		buf_printf(out, "0x%x", v);
	else
		print_of(m->field[0], m->value, out);
}

static void print_match(const struct nft_match *m, struct buf *out)
{
	enum nft_field field = m->field[0];
	const struct nft_field_info *info = &nft_field_info[field];
	const char *not = m->negate ? "!= " : "";

	print_fields(m->field, m->n_field, out);
	buf_char(out, ' ');
	switch (m->compare) {
	case NFT_CMP_VALUE:
		if (field == NFT_F_TCP_FLAGS) {
			print_flags_exactly(m, out);
			return;
		}
		buf_str(out, not );
		print_of(field, m->value, out);
		return;
	case NFT_CMP_PREFIX:
		buf_str(out, not );
		print_prefix(m, out);
		return;
	case NFT_CMP_RANGE:
		buf_str(out, not );
		nft_print_end(info->type, info->bytes, info->shift, m->value, out);
		buf_char(out, '-');
		nft_print_end(info->type, info->bytes, info->shift, m->high, out);
		return;
	case NFT_CMP_LESS:
		buf_str(out, "< ");
		print_of(field, m->value, out);
		return;
	case NFT_CMP_NOT_LESS:
		buf_str(out, ">= ");
		print_of(field, m->value, out);
		return;
	case NFT_CMP_SET:
		buf_str(out, not );
		print_set(m->set, field, out);
		return;
	case NFT_CMP_MASK:
		print_mask(m, out);
		return;
	case NFT_CMP_FLAGS:
		buf_str(out, m->negate ? "! " : "");
		print_of(field, m->value, out);
		return;
	}
	BUG("compare %d", m->compare);
}

static void print_log(const struct nft_expr *e, struct buf *out)
{
	static const char *const levels[] = { "emerg", "alert", "crit", "err", "warn", "notice",
		"info", "debug" };

	buf_str(out, "log");
	if (e->log.prefix) {
		buf_str(out, " prefix ");
		nft_print_quoted(e->log.prefix, out);
	}
	if (e->log.nflog)
		buf_printf(out, " group %u", e->log.group);
	else if (e->log.level != 4) /* warn is nft's default */
		buf_printf(out, " level %s", levels[e->log.level & 7]);
}

/* nft shows bits that are cleared and then set as "| bits". */
static void print_mark_set(const struct nft_expr *e, struct buf *out)
{
	uint32_t mask = e->set.mask, value = e->set.value, or = value & ~mask;

	if (!e->set.has_from) {
		buf_printf(out, "0x%08x", (unsigned)value);
		return;
	}
	buf_str(out, nft_field_info[e->set.from].text);
	if ((mask | or) != UINT32_MAX)
		buf_printf(out, " & 0x%08x", (unsigned)(mask | or));
	if (value & mask)
		buf_printf(out, " ^ 0x%08x", (unsigned)(value & mask));
	if (or)
		buf_printf(out, " | 0x%08x", (unsigned) or);
}

static void print_assign(const struct nft_expr *e, struct buf *out)
{
	const struct nft_field_info *info = &nft_field_info[e->set.field];
	uint8_t plain[1] = { (uint8_t)e->set.value };

	buf_printf(out, "%s set ", info->text);
	if (info->type == NFT_T_MARK)
		print_mark_set(e, out);
	else
		nft_print_value(info->type, 1, 0, plain, out);
}

static void print_dynset(const struct nft_expr *e, struct buf *out)
{
	const char *verb = e->dynset.delete ? "delete" : e->dynset.update ? "update" : "add";

	buf_printf(out, "%s @%s { ", verb, e->dynset.set->name);
	print_fields(e->dynset.field, e->dynset.n_field, out);
	if (e->dynset.timeout) {
		buf_str(out, " timeout ");
		nft_print_duration(e->dynset.timeout, out);
	}
	if (e->dynset.has_rate) {
		buf_str(out, " limit ");
		nft_print_rate(&e->dynset.rate, out);
	}
	if (e->dynset.has_connections)
		buf_printf(out, " ct count %s%u", e->dynset.above ? "over " : "",
			(unsigned)e->dynset.connections);
	buf_str(out, " }");
}

static void print_reject(enum ir_reject reject, struct buf *out)
{
	switch (reject) {
	case IR_REJECT_TCP_RESET:
		buf_str(out, "reject with tcp reset");
		return;
	case IR_REJECT_PORT: /* "reject" alone would mean it for both families only */
		buf_str(out, "reject with icmpx port-unreachable");
		return;
	case IR_REJECT_ADMIN:
		buf_str(out, "reject with icmpx admin-prohibited");
		return;
	}
	BUG("reject kind %d", reject);
}

static void print_ports(const struct nft_ports *ports, struct buf *out)
{
	if (!ports->given)
		return;
	buf_char(out, ':');
	if (ports->map) {
		buf_printf(out, "%s map ", nft_field_info[ports->field].text);
		print_set(ports->map, ports->field, out);
		return;
	}
	buf_printf(out, "%u", ports->lo);
	if (ports->hi != ports->lo)
		buf_printf(out, "-%u", ports->hi);
}

static void print_nat_addr(const struct addr *a, bool brackets, struct buf *out)
{
	buf_str(out, brackets ? "[" : "");
	addr_print(a, out);
	buf_str(out, brackets ? "]" : "");
}

static void print_nat(const struct nft_expr *e, struct buf *out)
{
	const struct addr_range range = { e->nat.lo, e->nat.hi };
	bool brackets = e->nat.family == FAMILY_V6 && e->nat.ports.given;

	buf_str(out, e->nat.source ? "snat" : "dnat");
	if (e->nat.has_addr)
		buf_str(out, e->nat.family == FAMILY_V6 ? " ip6" : " ip");
	buf_str(out, e->nat.prefix ? " prefix to " : " to ");
	if (e->nat.has_addr && !e->nat.ports.given) {
		addr_range_print(&range, out);
		if (e->nat.prefix && addr_eq(&range.lo, &range.hi))
			buf_printf(out, "/%u", family_bytes(e->nat.family) * 8);
	} else if (e->nat.has_addr) {
		print_nat_addr(&e->nat.lo, brackets, out);
		if (!addr_eq(&e->nat.lo, &e->nat.hi)) {
			buf_char(out, '-');
			print_nat_addr(&e->nat.hi, brackets, out);
		}
	}
	print_ports(&e->nat.ports, out);
}

static void print_to_ports(const char *verb, const struct nft_ports *ports, struct buf *out)
{
	buf_str(out, verb);
	buf_str(out, ports->given ? " to " : "");
	print_ports(ports, out);
}

void nft_print_expr(const struct nft_expr *e, struct buf *out)
{
	switch (e->kind) {
	case NFT_E_MATCH:
		print_match(&e->match, out);
		return;
	case NFT_E_VMAP:
		print_fields(e->vmap.field, e->vmap.n_field, out);
		buf_str(out, " vmap ");
		print_set(e->vmap.set, e->vmap.field[0], out);
		return;
	case NFT_E_COUNTER:
		buf_str(out, "counter name ");
		nft_print_quoted(e->object, out);
		return;
	case NFT_E_LIMIT:
		buf_str(out, "limit name ");
		nft_print_quoted(e->object, out);
		return;
	case NFT_E_HELPER:
		buf_str(out, "ct helper set ");
		nft_print_quoted(e->object, out);
		return;
	case NFT_E_LOG:
		print_log(e, out);
		return;
	case NFT_E_SET:
		print_assign(e, out);
		return;
	case NFT_E_MSS:
		buf_str(out, "tcp option maxseg size set ");
		if (e->mss)
			buf_printf(out, "%u", e->mss);
		else
			buf_str(out, "rt mtu");
		return;
	case NFT_E_NOTRACK:
		buf_str(out, "notrack");
		return;
	case NFT_E_DYNSET:
		print_dynset(e, out);
		return;
	case NFT_E_FLOW:
		buf_str(out, "flow add @" NFT_FLOWTABLE_NAME);
		return;
	case NFT_E_REJECT:
		print_reject(e->reject, out);
		return;
	case NFT_E_NAT:
		print_nat(e, out);
		return;
	case NFT_E_MASQUERADE:
		print_to_ports("masquerade", &e->ports, out);
		return;
	case NFT_E_REDIRECT:
		print_to_ports("redirect", &e->ports, out);
		return;
	case NFT_E_VERDICT:
		nft_print_verdict(&e->verdict, out);
		return;
	}
	BUG("expression kind %d", e->kind);
}
