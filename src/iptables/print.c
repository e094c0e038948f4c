/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules as text, one way for each meaning of the syntax: main options first and in a fixed order,
 * modules as written, values canonical. What is printed reads back as the same rule, and two rules
 * are the same for -D and -C when they print the same.
 */
#include <string.h>

#include "base/bug.h"
#include "iptables/iptables_priv.h"

/* A word as a shell and our own reader take it back. */
static void print_text(const char *text, struct buf *out)
{
	bool plain = text[0] != '\0';

	for (const char *c = text; *c; c++) {
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
			    (*c >= '0' && *c <= '9') || strchr("_-.,:/+%@=", *c)))
			plain = false;
	}
	if (plain) {
		buf_str(out, text);
		return;
	}
	buf_char(out, '\'');
	for (const char *c = text; *c; c++) {
		if (*c == '\'')
			buf_str(out, "'\\''");
		else
			buf_char(out, *c);
	}
	buf_char(out, '\'');
}

static void print_port_range(const struct range *r, char between, struct buf *out)
{
	buf_printf(out, "%u", (unsigned)r->lo);
	if (r->lo != r->hi)
		buf_printf(out, "%c%u", between, (unsigned)r->hi);
}

static void print_ports(const struct range_set *set, char between, struct buf *out)
{
	for (size_t i = 0; i < set->n; i++) {
		if (i)
			buf_char(out, ',');
		print_port_range(&set->v[i], between, out);
	}
}

static void print_bits(const char *const *words, uint64_t bits, struct buf *out)
{
	const char *comma = "";

	for (unsigned i = 0; words[i]; i++) {
		if (bits & (uint64_t)1 << i) {
			buf_printf(out, "%s%s", comma, words[i]);
			comma = ",";
		}
	}
}

static void print_flags(uint8_t flags, struct buf *out)
{
	static const char *const words[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", NULL };

	if (!flags)
		buf_str(out, "NONE");
	print_bits(words, flags, out);
}

static void print_addr_range(const struct addr_range *r, struct buf *out)
{
	addr_print(&r->lo, out);
	if (!addr_eq(&r->lo, &r->hi)) {
		buf_char(out, '-');
		addr_print(&r->hi, out);
	}
}

static void print_nat(const struct ipt_value *v, struct buf *out)
{
	bool brackets = v->nat.has_addr && v->nat.has_ports && v->nat.addr.lo.family == FAMILY_V6;

	if (brackets)
		buf_char(out, '[');
	if (v->nat.has_addr)
		print_addr_range(&v->nat.addr, out);
	if (brackets)
		buf_char(out, ']');
	if (v->nat.has_ports) {
		buf_char(out, ':');
		print_port_range(&v->nat.ports, '-', out);
	}
}

/* Days with commas, as iptables has lists; net/ prints them with blanks. */
static void print_days(const struct ipt_row *row, uint64_t days, struct buf *out)
{
	AUTO_BUF words = BUF_INIT;

	if (row->type == IPT_WEEKDAYS)
		weekdays_print((uint8_t)days, &words);
	else
		monthdays_print((uint32_t)days, &words);
	for (size_t i = 0; i < words.n; i++)
		buf_char(out, words.p[i] == ' ' ? ',' : words.p[i]);
}

static void print_date(int64_t seconds, struct buf *out)
{
	struct civil c = civil_of(seconds);

	buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
		c.second);
}

static void print_range(const struct ipt_row *row, const struct ipt_value *v, struct buf *out)
{
	char between = row->type == IPT_OWNER ? '-' : ':';

	buf_printf(out, "%llu", (unsigned long long)v->range.lo);
	if (v->range.lo == v->range.hi && row->id != IPT_CONNBYTES)
		return;
	if (row->id == IPT_CONNBYTES && v->range.hi == row->max)
		return;
	buf_printf(out, "%c%llu", between, (unsigned long long)v->range.hi);
}

static void print_icmp(const struct ipt_value *v, struct buf *out)
{
	const struct icmp_type *t = &v->icmp.type[v->icmp.has[0] ? 0 : 1];

	if (t->type == ICMP_TYPE_ANY) {
		buf_str(out, "any");
	} else if (v->icmp.has[0] && v->icmp.has[1] &&
		   v->icmp.type[0].type != v->icmp.type[1].type) {
		icmp_type_print(t, out); /* a name that has two numbers */
	} else {
		buf_printf(out, "%u", t->type);
		if (t->code_lo == t->code_hi)
			buf_printf(out, "/%u", t->code_lo);
	}
}

static void print_addrs(const struct ipt_value *v, struct buf *out)
{
	for (size_t i = 0; i < v->addrs.n; i++) {
		if (i)
			buf_char(out, ',');
		addr_spec_print(&v->addrs.v[i], out);
	}
}

static void print_mark(const struct ipt_row *row, const struct ipt_value *v, struct buf *out)
{
	uint32_t whole = row->type == IPT_TOS ? 0xff : UINT32_MAX;

	buf_printf(out, "0x%x", (unsigned)v->mark.value);
	if (v->mark.mask != whole)
		buf_printf(out, "/0x%x", (unsigned)v->mark.mask);
}

void ipt_value_print(const struct ipt_row *row, const struct ipt_value *v, struct buf *out)
{
	const char *name;

	switch (row->type) {
	case IPT_FLAG:
		return;
	case IPT_ADDRS:
		print_addrs(v, out);
		return;
	case IPT_ADDR_RANGE:
		print_addr_range(&v->addr_range, out);
		return;
	case IPT_PREFIX:
		addr_range_print(&v->addr_range, out);
		return;
	case IPT_DEVICE:
		if (!v->device.name[0])
			buf_char(out, '+');
		else
			device_pattern_print(&v->device, out);
		return;
	case IPT_PROTO:
		name = v->number < 256 ? proto_name((uint8_t)v->number) : "all";
		if (name)
			buf_str(out, name);
		else
			buf_printf(out, "%u", (unsigned)v->number);
		return;
	case IPT_PORT:
	case IPT_PORTS:
		print_ports(&v->ranges, ':', out);
		return;
	case IPT_NAT_PORTS:
		print_ports(&v->ranges, '-', out);
		return;
	case IPT_ICMP:
		print_icmp(v, out);
		return;
	case IPT_BITS:
		print_bits(row->words, v->number, out);
		return;
	case IPT_WORD:
		buf_str(out, row->words[v->number]);
		return;
	case IPT_TCP_FLAGS:
		print_flags(v->flags.mask, out);
		buf_char(out, ' ');
		print_flags(v->flags.set, out);
		return;
	case IPT_NUMBER:
	case IPT_LEVEL:
	case IPT_DSCP:
	case IPT_DSCP_CLASS:
		buf_printf(out, "%llu", (unsigned long long)v->number);
		return;
	case IPT_RANGE:
	case IPT_OWNER:
		print_range(row, v, out);
		return;
	case IPT_MARK:
	case IPT_TOS:
		print_mark(row, v, out);
		return;
	case IPT_RATE:
		rate_print(&v->rate, out);
		return;
	case IPT_MAC:
		mac_spec_print(&(struct mac_spec){ .mac = v->mac }, out);
		return;
	case IPT_SHARE:
		/* nine decimals are more than 32 bits hold */
		buf_printf(out, "%u.%09u", (unsigned)(v->number >> 32),
			(unsigned)(((v->number & UINT32_MAX) * 1000000000 + (1u << 31)) >> 32));
		return;
	case IPT_TIME:
		time_of_day_print((uint32_t)v->number, out);
		return;
	case IPT_DATE:
		print_date(v->date, out);
		return;
	case IPT_WEEKDAYS:
	case IPT_MONTHDAYS:
		print_days(row, v->number, out);
		return;
	case IPT_NAME:
	case IPT_TEXT:
		print_text(v->text, out);
		return;
	case IPT_SET:
		print_text(v->set.name, out);
		for (unsigned i = 0; i < v->set.n; i++)
			buf_printf(out, "%c%s", i ? ',' : ' ', v->set.dest[i] ? "dst" : "src");
		return;
	case IPT_NAT:
		print_nat(v, out);
		return;
	}
	BUG("value type %d", (int)row->type);
}

static void blank(struct buf *out)
{
	if (out->n && out->p[out->n - 1] != ' ')
		buf_char(out, ' ');
}

/* --dscp-class prints as --dscp, --set-dscp-class as --set-dscp: one meaning, one way. */
static const char *row_name(const struct ipt_row *row)
{
	if (row->type == IPT_DSCP_CLASS)
		return row->id == IPT_DSCP_SET ? "--set-dscp" : "--dscp";
	return row->name;
}

static void print_option(const struct ipt_option *o, struct buf *out)
{
	blank(out);
	if (o->negate)
		buf_str(out, "! ");
	buf_str(out, row_name(o->row));
	if (o->row->type != IPT_FLAG)
		buf_char(out, ' ');
	ipt_value_print(o->row, &o->value, out);
}

/* Options in the order of the table, whatever order they were written in. */
static void print_options(const struct ipt_row *rows, size_t n, const struct ipt_option *options,
	size_t n_options, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n_options; k++) {
			if (options[k].row == &rows[i])
				print_option(&options[k], out);
		}
	}
}

static void print_target(const struct ipt_target *t, struct buf *out)
{
	const struct ipt_target_row *row;

	if (t->kind == IPT_T_NONE)
		return;
	blank(out);
	buf_str(out, t->go_to ? "-g " : "-j ");
	print_text(t->name, out);
	row = ipt_target_row_find(slice_of(t->name));
	if (row && t->kind != IPT_T_CHAIN)
		print_options(row->rows, row->n_rows, t->options.v, t->options.n, out);
}

void ipt_rule_print(const struct ipt_rule *r, struct buf *out)
{
	print_options(
		ipt_basic.rows, ipt_basic.n_rows, r->basic->options.v, r->basic->options.n, out);
	vec_each (it, &r->matches) {
		const struct ipt_match *m = *it;

		blank(out);
		buf_printf(out, "-m %s", m->module->name);
		print_options(m->module->rows, m->module->n_rows, m->options.v, m->options.n, out);
	}
	print_target(&r->target, out);
}

const char *ipt_table_name(enum ipt_table table)
{
	static const char *const names[] = { "filter", "nat", "mangle", "raw" };

	return names[table];
}

static void print_chain(const char *option, const struct ipt_command *c, struct buf *out)
{
	buf_str(out, option);
	if (c->chain) {
		buf_char(out, ' ');
		print_text(c->chain, out);
	}
}

void ipt_command_print(const struct ipt_command *c, struct buf *out)
{
	static const char *const verbs[] = { "-A", "-I", "-D", "-D", "-C", "-N", "-F", "-X", "-P",
		"-L" };

	buf_printf(out, "%s -t %s ", c->family == FAMILY_V6 ? "ip6tables" : "iptables",
		ipt_table_name(c->table));
	print_chain(verbs[c->verb], c, out);
	switch (c->verb) {
	case IPT_INSERT:
		if (c->number > 1)
			buf_printf(out, " %u", c->number);
		break;
	case IPT_DELETE_AT:
		buf_printf(out, " %u", c->number);
		return;
	case IPT_POLICY:
		buf_printf(out, " %s", c->policy);
		return;
	case IPT_NEW:
	case IPT_FLUSH:
	case IPT_REMOVE:
	case IPT_NOTHING:
		return;
	case IPT_APPEND:
	case IPT_DELETE:
	case IPT_CHECK:
		break;
	}
	buf_char(out, ' ');
	ipt_rule_print(&c->rule, out);
	while (out->n && out->p[out->n - 1] == ' ')
		out->p[--out->n] = '\0';
}
