/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of the domain: addresses, ranges, protocols, ICMP types, marks, rates.
 *
 * Pure data; every value has a parser and a printer, and print(parse(x)) is canonical. Parsers
 * take the whole slice or refuse: on failure they return false, leave *ret untouched and, where
 * they have a `why`, set it to a literal sentence part for the diagnostic ("is not a port").
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

/* ---- addresses (net/addr.c) ---- */

enum family { FAMILY_ANY = 0, FAMILY_V4 = 4, FAMILY_V6 = 6 };

/* Network byte order; IPv4 uses the first four bytes, the others are zero. Never FAMILY_ANY. */
struct addr {
	enum family family;
	uint8_t b[16];
};

/* inclusive, both of one family, lo <= hi */
struct addr_range {
	struct addr lo, hi;
};

unsigned family_bytes(enum family family); /* 4 or 16 */
bool addr_parse(struct slice text, struct addr *ret); /* inet_pton; no prefix, no scope */
void addr_print(const struct addr *a, struct buf *out);
int addr_cmp(const struct addr *a, const struct addr *b); /* IPv4 before IPv6, then by value */
bool addr_eq(const struct addr *a, const struct addr *b);
/* The address after/before; false (untouched) at the end of the address space. */
bool addr_next(const struct addr *a, struct addr *ret);
bool addr_prev(const struct addr *a, struct addr *ret);
/* All addresses that share the first `bits` bits with a. */
struct addr_range addr_prefix_range(const struct addr *a, unsigned bits);
/* True when the range is one prefix; its length in *ret_bits. */
bool addr_range_prefix(const struct addr_range *r, unsigned *ret_bits);
bool addr_range_has(const struct addr_range *r, const struct addr *a);
void addr_range_print(const struct addr_range *r, struct buf *out); /* a, a/len or a-b */
struct addr addr_and(const struct addr *a, const struct addr *mask);
bool addr_is_link_local(const struct addr *a); /* fe80::/10 (RFC 4291 2.5.6); never IPv4 */

/* Sorted, disjoint, not adjacent ranges of one family, once normalised. */
struct addr_set {
	struct addr_range *v;
	size_t n, cap;
};

void addr_set_add(struct arena *a, struct addr_set *set, struct addr_range r); /* any order */
void addr_set_normalise(struct addr_set *set); /* sorts, joins overlapping and adjacent ranges */
bool addr_set_has(const struct addr_set *set, const struct addr *a); /* normalised; binary search */
/* a without b; both normalised, of one family. */
struct addr_set addr_set_minus(struct arena *arena, const struct addr_set *a, const struct addr_set *b);
bool addr_set_eq(const struct addr_set *a, const struct addr_set *b);
void addr_set_print(const struct addr_set *set, struct buf *out); /* "a, b/8, c-d" */

/* One word of an address option: [!] address, address/bits, address/mask, a-b, or a network's name. */
enum addr_spec_kind {
	ADDR_SPEC_RANGE,  /* range: also single addresses and prefixes */
	ADDR_SPEC_MASKED, /* addr & mask, for masks that are not a prefix (::1/::ffff) */
	ADDR_SPEC_NAME,	  /* a logical network, resolved by the model */
};

struct addr_spec {
	bool negate;
	enum addr_spec_kind kind;
	struct addr_range range;
	struct addr addr, mask;
	/*
	 * The address as written, before its prefix cut it (192.168.1.7/24), and the prefix length.
	 * Of a-b, written is a, and bits is 0 unless the range is a prefix.
	 */
	struct addr written;
	unsigned bits;
	const char *name; /* in the arena */
};

/* IPv6 also takes a negative length: addr/-64 means the last 64 bits (mask ::ffff:ffff:ffff:ffff). */
bool addr_spec_parse(struct arena *arena, struct slice text, struct addr_spec *ret, const char **why);
void addr_spec_print(const struct addr_spec *s, struct buf *out);

/* ---- unsigned ranges: ports, protocols, code points, lengths (net/range.c) ---- */

struct range {
	uint32_t lo, hi; /* inclusive */
};

struct range_set {
	struct range *v;
	size_t n, cap;
};

void range_set_add(struct arena *a, struct range_set *set, struct range r);
void range_set_normalise(struct range_set *set);
bool range_set_has(const struct range_set *set, uint32_t value); /* normalised */
struct range_set range_set_minus(struct arena *arena, const struct range_set *a, const struct range_set *b);
bool range_set_eq(const struct range_set *a, const struct range_set *b);
void range_set_print(const struct range_set *set, struct buf *out); /* "22, 80-90" */

/* One word of a port option: [!]N, N-M or N:M, 0 to 65535, N <= M. "any" is not a port. */
struct port_spec {
	bool negate;
	struct range range;
};

bool port_spec_parse(struct slice text, struct port_spec *ret, const char **why);
void port_spec_print(const struct port_spec *s, struct buf *out); /* "!80", "1-5" */

/* ---- protocols (net/proto.c) ---- */

enum {
	PROTO_ICMP = 1, PROTO_IGMP = 2, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_DCCP = 33,
	PROTO_GRE = 47, PROTO_ESP = 50, PROTO_AH = 51, PROTO_ICMPV6 = 58, PROTO_SCTP = 132,
	PROTO_UDPLITE = 136,
};

/* [!] name, number, "all"/"any"/"*", "tcpudp" (expands to two), "icmpv6"/"ipv6-icmp". */
struct proto_spec {
	bool negate;
	bool all;
	uint8_t number[2];
	unsigned n; /* 1, or 2 for tcpudp */
};

bool proto_spec_parse(struct slice text, struct proto_spec *ret, const char **why);
void proto_spec_print(const struct proto_spec *s, struct buf *out);
const char *proto_name(uint8_t number); /* NULL when it has no name; the IANA registry's names */
bool proto_has_ports(uint8_t number);	/* tcp, udp, dccp, sctp, udplite */

/* ---- ICMP types (net/icmp.c) ---- */

#define ICMP_TYPE_ANY 255 /* "any": every type, as in iptables; 255 itself is reserved by IANA */

struct icmp_type {
	enum family family;	 /* V4 or V6 */
	uint8_t type;		 /* 0 to 254, or ICMP_TYPE_ANY */
	uint8_t code_lo, code_hi; /* 0-255: any code */
};

/*
 * A word of icmp_type: a name ("echo-request"), N or N/M. A name can exist in one family or in
 * both, with other numbers; a plain number is meant for both. Fills what exists: ret[0] for IPv4,
 * ret[1] for IPv6, with ret_has telling which. All names that iptables and ip6tables know,
 * with their aliases ("ping", "bad-header", "neighbour-solicitation"), and "any".
 */
bool icmp_type_parse(struct slice text, struct icmp_type ret[2], bool ret_has[2], const char **why);
void icmp_type_print(const struct icmp_type *t, struct buf *out); /* name, N or N/M */
/* The list of names of a family, for help and forms; NULL-terminated. */
const char *const *icmp_type_names(enum family family);

/* ---- MAC, DSCP, marks (net/mac.c, net/mark.c) ---- */

struct mac {
	uint8_t b[6];
};

struct mac_spec {
	bool negate;
	struct mac mac;
};

bool mac_spec_parse(struct slice text, struct mac_spec *ret, const char **why); /* aa:bb:.. or aa-bb-.. */
void mac_spec_print(const struct mac_spec *s, struct buf *out);

struct dscp_spec {
	bool negate;
	uint8_t value; /* 0 to 63 */
};

/* [!] class name (CS0-7, BE, AFxy, EF, LE, VA; RFC 2474, 2597, 3246, 8622, 5865), decimal or 0x. */
bool dscp_spec_parse(struct slice text, struct dscp_spec *ret, const char **why);
void dscp_spec_print(const struct dscp_spec *s, struct buf *out);
const char *dscp_name(uint8_t value); /* NULL when it has no name */

/* A packet matches when (mark & mask) == value. */
struct mark_spec {
	bool negate;
	uint32_t value, mask;
};

/*
 * [!] value[/mask]. With hex_default bare digits are hexadecimal (RutOS: 16 is 0x16), else decimal
 * (OpenWrt); 0x is hexadecimal always. Value bits outside the mask are refused.
 */
bool mark_spec_parse(struct slice text, bool hex_default, struct mark_spec *ret, const char **why);
void mark_spec_print(const struct mark_spec *s, struct buf *out); /* 0x16, 0x1/0xff */

/* ---- rates (net/rate.c) ---- */

struct rate {
	bool invert;	  /* "!": matches above the rate (fw3 syntax) */
	uint32_t count;	  /* at least 1 */
	uint32_t seconds; /* the unit: 1, 60, 3600 or 86400 */
};

/* N/unit, unit a prefix of second, minute, hour, day ("sec", "min", "m"); bare N is per second. */
bool rate_parse(struct slice text, struct rate *ret, const char **why);
void rate_print(const struct rate *r, struct buf *out); /* 5/second */

/* ---- devices (net/device.c) ---- */

#define DEVICE_NAME_MAX 15 /* IFNAMSIZ - 1 */

/* A network device's name, or the beginning of one when wildcard ("tun_+" matches tun_1). */
struct device_pattern {
	char name[DEVICE_NAME_MAX + 1]; /* without the + */
	bool wildcard;
	bool negate;
};

/* [!]name or name+; 1 to 15 bytes, no '/', ':' only as an alias suffix, no spaces, quotes or controls. */
bool device_pattern_parse(struct slice text, struct device_pattern *ret, const char **why);
void device_pattern_print(const struct device_pattern *p, struct buf *out);
bool device_pattern_has(const struct device_pattern *p, const char *device); /* ignores negate */

/* ---- time (net/tz.c, net/calendar.c) ---- */

/* A POSIX TZ rule (POSIX.1-2017 8.3, plus <+03>-3 names): "EET-2EEST,M3.5.0/3,M10.5.0/4". */
struct tz_change {
	char kind;  /* 'M' month.week.day, 'J' 1-365 without leap day, 'N' 0-365 */
	int month, week, day;
	int32_t at; /* seconds after local midnight, -167 to 167 hours */
};

struct timezone_rule {
	int32_t standard, daylight; /* seconds east of UTC */
	bool has_daylight;
	struct tz_change start, end; /* of daylight time */
};

bool tz_parse(struct slice text, struct timezone_rule *ret, const char **why); /* "" and "UTC" are UTC */
int32_t tz_offset(const struct timezone_rule *tz, int64_t utc); /* seconds east of UTC at that moment */

struct civil {
	int year, month, day;	     /* 1-12, 1-31 */
	int hour, minute, second;
	int weekday;		     /* 0 Sunday */
};

struct civil civil_of(int64_t seconds);	      /* seconds since 1970-01-01 00:00, proleptic Gregorian */
int64_t civil_seconds(const struct civil *c); /* the reverse; weekday is ignored */

/* hh:mm[:ss] -> seconds after midnight, 0 to 86399 */
bool time_of_day_parse(struct slice text, uint32_t *ret, const char **why);
void time_of_day_print(uint32_t seconds, struct buf *out);

/* yyyy-mm-dd[Thh:mm[:ss]]; also yyyy and yyyy-mm, as firewall3 takes them. */
struct date_spec {
	int64_t first, last; /* the seconds it covers, local: a day, or one second when a time is given */
	bool has_time;
};

bool date_spec_parse(struct slice text, struct date_spec *ret, const char **why);
void date_spec_print(const struct date_spec *d, struct buf *out);

/*
 * When a rule is valid. Zero-initialised means always. Semantics of xt_time (Linux 6.1), but for
 * the stop date, which is inclusive: the days and the hours are those of the moment itself, so
 * 22:00-06:00 on Monday is Monday 0:00-6:00 and Monday 22:00-24:00. stop_time is inclusive.
 * A missing start_time is 0:00:00, a missing stop_time 23:59:59; equal ones are the whole day.
 * Moments outside the years 1 to 9999 are treated as the first or the last of these.
 */
struct calendar {
	bool utc;
	uint8_t weekdays;	/* bit 0 Sunday; 0 = every day */
	uint32_t monthdays;	/* bit 1 to 31; 0 = every day */
	bool has_start_time, has_stop_time;
	uint32_t start_time, stop_time; /* seconds after midnight; start > stop spans midnight */
	bool has_start_date, has_stop_date;
	int64_t start_date, stop_date;	/* local seconds, both inclusive */
};

bool calendar_always(const struct calendar *c);
bool calendar_eq(const struct calendar *a, const struct calendar *b);

/* [from, until) in seconds since 1970 UTC */
struct time_interval {
	int64_t from, until;
};

struct time_set {
	struct time_interval *v;
	size_t n, cap;
};

/*
 * The moments at which the calendar holds, within [from, until), sorted and disjoint, at most
 * `max` intervals: when there are more, *ret_until tells up to which moment the answer is whole
 * (otherwise it is `until`). Local hours that daylight saving skips hold no moment; those that
 * occur twice hold both times.
 */
struct time_set calendar_intervals(struct arena *arena, const struct calendar *c,
	const struct timezone_rule *tz, int64_t from, int64_t until, size_t max, int64_t *ret_until);
bool calendar_has(const struct calendar *c, const struct timezone_rule *tz, int64_t utc);

/* Weekdays: [!] list of Mon..Sunday (any prefix of two letters or more) or 1-7 (1 Monday). */
bool weekdays_parse(struct slice text, uint8_t *ret, const char **why);
void weekdays_print(uint8_t days, struct buf *out); /* "Mon Tue" */
bool monthdays_parse(struct slice text, uint32_t *ret, const char **why); /* [!] list of 1-31 */
void monthdays_print(uint32_t days, struct buf *out);

#endif
