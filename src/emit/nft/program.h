/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft program: one table as typed data, between the IR and the kernel.
 *
 * It is printed as nft text (nft_print()) and serialised to netlink (kernel/), and both ways give
 * the same `nft list ruleset`. So each expression stands for what `nft` itself generates for the
 * printed text; the comments below name that sequence (as `nft --debug=netlink` shows it).
 *
 * Values are byte arrays, ALWAYS BIG-ENDIAN, whatever the machine and the field, so that a program
 * is the same everywhere. Types with .host_order are kept by the kernel in the order of the host:
 * the loader converts their values with nft_register_value(), except where it puts a byteorder
 * hton behind the load, as nft does for ranges and interval sets; then they stay big-endian.
 * In a concatenation each field's part is padded with zeros to four bytes; no concatenation of
 * ours has a host_order field.
 *
 * Everything lives in the arena of the compile. Pointers to sets, chains and objects point into
 * the same program.
 */
#ifndef EMIT_NFT_PROGRAM_H
#define EMIT_NFT_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "ir/ir.h"

#define NFT_CONCAT_MAX 6	  /* three parts of a set's key, each of one or two fields */
#define NFT_TABLE_NAME "zonewall" /* family inet */

/* ---- data types ---- */

enum nft_type {
	NFT_T_VERDICT,
	NFT_T_NFPROTO,
	NFT_T_INTEGER,
	NFT_T_HOST_INTEGER, /* nft's "integer" too, of a field that the kernel keeps in host order
			     */
	NFT_T_ADDR4,
	NFT_T_ADDR6,
	NFT_T_ETHER,
	NFT_T_PROTO,
	NFT_T_PORT,
	NFT_T_ICMP_TYPE,
	NFT_T_ICMP_CODE,
	NFT_T_ICMPV6_TYPE,
	NFT_T_ICMPV6_CODE,
	NFT_T_TCP_FLAG,
	NFT_T_MARK,
	NFT_T_UID,
	NFT_T_GID,
	NFT_T_CT_STATE,
	NFT_T_CT_STATUS,
	NFT_T_PKTTYPE,
	NFT_T_DSCP,
	NFT_T_FIB_ADDR,
	NFT_T_BOOLEAN,
	NFT_T_IFNAME,
	NFT_T_STRING,
	NFT_T_DATE,
};
#define NFT_TYPES (NFT_T_DATE + 1)

extern const struct nft_type_info {
	const char *name; /* "ipv4_addr" */
	uint32_t id;	  /* nft's own number, for NFTA_SET_KEY_TYPE; concatenated: a << 6 | b */
	unsigned bytes;	  /* 0: that of the field */
	bool host_order;
} nft_type_info[NFT_TYPES];

/*
 * The bytes of a value as they stand in a register: reversed for host_order types on a
 * little-endian machine, else as they are. len is the value's length; ret has len bytes.
 */
void nft_register_value(enum nft_type type, const uint8_t *value, unsigned len, uint8_t *ret);

/* ---- fields of a packet ---- */

enum nft_field {
	NFT_F_IIFNAME,
	NFT_F_OIFNAME,
	NFT_F_NFPROTO,
	NFT_F_L4PROTO,
	NFT_F_IIFTYPE, /* only as the implied match of ether saddr */
	NFT_F_MARK,
	NFT_F_LENGTH,
	NFT_F_PKTTYPE,
	NFT_F_SKUID,
	NFT_F_SKGID,
	NFT_F_TIME,
	NFT_F_RANDOM,	/* meta random */
	NFT_F_SECPATH,	/* "meta ipsec": came through an IPsec policy */
	NFT_F_RT_IPSEC, /* "rt ipsec": will go through one */
	NFT_F_CT_STATE,
	NFT_F_CT_STATUS,
	NFT_F_CT_MARK,
	NFT_F_CT_HELPER,
	NFT_F_FIB_SADDR_TYPE,
	NFT_F_FIB_DADDR_TYPE,
	NFT_F_ETHER_SADDR,
	NFT_F_IP_SADDR,
	NFT_F_IP_DADDR,
	NFT_F_IP_DSCP,
	NFT_F_IP_TTL,
	NFT_F_IP6_SADDR,
	NFT_F_IP6_SNET, /* the first 64 bits of the source address */
	NFT_F_IP6_DADDR,
	NFT_F_IP6_DSCP,
	NFT_F_IP6_HOPLIMIT,
	NFT_F_TH_SPORT,
	NFT_F_TH_DPORT,
	NFT_F_TCP_SPORT,
	NFT_F_TCP_DPORT,
	NFT_F_TCP_FLAGS,
	NFT_F_UDP_SPORT,
	NFT_F_UDP_DPORT,
	NFT_F_UDPLITE_SPORT,
	NFT_F_UDPLITE_DPORT,
	NFT_F_DCCP_SPORT,
	NFT_F_DCCP_DPORT,
	NFT_F_SCTP_SPORT,
	NFT_F_SCTP_DPORT,
	NFT_F_ICMP_TYPE,
	NFT_F_ICMP_CODE,
	NFT_F_ICMPV6_TYPE,
	NFT_F_ICMPV6_CODE,
	NFT_F_TCPOPT_MSS,  /* tcp option maxseg size */
} __attribute__((packed)); /* expressions hold many */
#define NFT_FIELDS (NFT_F_TCPOPT_MSS + 1)

enum nft_load {
	NFT_LOAD_META,	  /* key: NFT_META_* */
	NFT_LOAD_CT,	  /* key: NFT_CT_* */
	NFT_LOAD_RT,	  /* key: NFT_RT_* */
	NFT_LOAD_FIB,	  /* key: NFT_FIB_RESULT_*, flags: NFTA_FIB_F_* */
	NFT_LOAD_PAYLOAD, /* base: NFT_PAYLOAD_*_HEADER, offset, bytes */
	NFT_LOAD_TCPOPT,  /* exthdr: key: option's kind, offset, bytes, NFT_EXTHDR_OP_TCPOPT */
};

extern const struct nft_field_info {
	const char *text; /* "ip saddr" */
	enum nft_type type;
	enum nft_load load;
	uint32_t key, flags;   /* by load */
	uint32_t base, offset; /* by load */
	unsigned bytes;	       /* that the load fetches */
	/*
	 * Fields inside a byte or word (DSCP): after the load comes bitwise reg & mask ^ 0. Values
	 * are as they then stand in the register (DSCP 5 of IPv4 is 0x14, of IPv6 0x0140). shift
	 * tells the printer how far left the number is.
	 */
	uint16_t mask;
	unsigned shift;
	unsigned prefix; /* bytes: after the load comes bitwise reg & (so many of 0xff, then 0) ^ 0 */
	/*
	 * How nft writes it (NFT_E_SET of a payload field): write_bytes at write_offset are loaded,
	 * bitwise reg & write_keep ^ value, and written back; with write_keep 0 an immediate is
	 * written. checksum: csum_type inet (1), csum_off 10 (IPv4's header), else none.
	 */
	uint32_t write_offset;
	unsigned write_bytes; /* 0: cannot be written, or is no payload field */
	uint16_t write_keep;
	unsigned write_shift;
	bool checksum;
} nft_field_info[NFT_FIELDS];

/* ---- sets and maps ---- */

enum nft_verdict_kind {
	NFT_V_ACCEPT,
	NFT_V_DROP,
	NFT_V_RETURN,
	NFT_V_JUMP,
	NFT_V_GOTO,
};

struct nft_chain;

struct nft_verdict {
	enum nft_verdict_kind kind;
	const struct nft_chain *chain; /* JUMP, GOTO */
};

struct nft_element {
	const uint8_t *key;	/* set->key_bytes */
	const uint8_t *key_end; /* inclusive end of a range (also of prefixes and of "tun*"); NULL:
				   single */
	const uint8_t *data;	/* maps to values: set->data_bytes */
	struct nft_verdict verdict; /* maps to verdicts */
	uint32_t timeout;	    /* seconds; 0: the set's */
	const char *comment;	    /* NULL none */
};

/*
 * Named or anonymous. Interval sets of one field: the loader makes of each [key, key_end] a start
 * and an end element (and nft's first "0 : end" element), elements being sorted and disjoint.
 * Interval sets of several fields (pipapo): NFTA_SET_ELEM_KEY_END, every element has a key_end.
 */
struct nft_set {
	const char *name; /* NULL: anonymous; the kernel takes "__set%d" or "__map%d" */
	uint32_t id;	  /* NFTA_SET_ID: unique in the program, from 1 */
	const struct ir_origin *origin; /* or NULL */
	enum nft_type key[NFT_CONCAT_MAX];
	unsigned n_key;
	unsigned key_bytes;	/* of one element's key, padding counted when n_key > 1 */
	bool interval, dynamic; /* dynamic: NFT_SET_EVAL */
	bool constant;		/* anonymous ones are */
	bool has_timeout;	/* NFT_SET_TIMEOUT */
	uint32_t timeout;	/* seconds; 0: none by default */
	uint32_t size;		/* 0 no limit (anonymous: the loader may state the count) */
	bool is_map;
	enum nft_type data; /* of a map: NFT_T_VERDICT or a value's type */
	unsigned data_bytes;
	bool keep; /* its elements survive a reload while the declaration is the same */
	VEC(struct nft_element) elements; /* sorted by key when interval or anonymous */
};

/* ---- objects ---- */

struct nft_counter {
	const char *name;
	const struct ir_origin *origin;
};

struct nft_rate {
	bool over;		 /* NFT_LIMIT_F_INV */
	uint32_t count, seconds; /* count packets each 1, 60, 3600 or 86400 seconds */
	uint32_t burst;		 /* packets */
};

struct nft_limit {
	const char *name;
	const struct ir_origin *origin;
	struct nft_rate rate;
};

struct nft_helper {
	const char *name;   /* of our object */
	const char *kernel; /* "ftp" */
	uint8_t proto;	    /* IPPROTO_TCP or _UDP */
	enum family family; /* ANY: l3proto inet (NFPROTO_INET) */
};

#define NFT_FLOWTABLE_NAME "fastpath"

struct nft_flowtable {
	bool enabled;
	bool hardware; /* flags offload */
	bool counter;
	const char *const *devices;
	size_t n_devices; /* hook ingress, priority filter (0) */
};

/* ---- expressions ---- */

enum nft_expr_kind {
	NFT_E_MATCH,
	NFT_E_VMAP,    /* load fields; lookup in set with dreg = verdict */
	NFT_E_COUNTER, /* objref of NFT_OBJECT_COUNTER */
	NFT_E_LIMIT,   /* objref of NFT_OBJECT_LIMIT */
	NFT_E_HELPER,  /* objref of NFT_OBJECT_CT_HELPER */
	NFT_E_LOG,
	NFT_E_SET, /* meta mark, ct mark, dscp, ttl, hop limit */
	NFT_E_MSS, /* tcp option maxseg size set */
	NFT_E_NOTRACK,
	NFT_E_DYNSET,
	NFT_E_FLOW, /* flow add @fastpath */
	NFT_E_REJECT,
	NFT_E_NAT,	  /* dnat, snat */
	NFT_E_MASQUERADE, /* ports only */
	NFT_E_REDIRECT,	  /* ports only */
	NFT_E_VERDICT,	  /* immediate reg 0 */
};
#define NFT_EXPR_KINDS (NFT_E_VERDICT + 1)

/* What a match compares the loaded field(s) with; ops are eq, or neq when negate. */
enum nft_compare {
	NFT_CMP_VALUE, /* cmp of the whole value */
	/*
	 * The first `bits` bits. Whole bytes of a payload field or of a name: a shorter load
	 * (payload) or a shorter cmp (iifname "tun*": cmp of 3 bytes). Else, and for 0 bits,
	 * bitwise with the prefix's mask, then cmp.
	 */
	NFT_CMP_PREFIX,
	NFT_CMP_RANGE, /* eq: cmp gte value, cmp lte high; neq: a range expression. hton when
			  host_order */
	NFT_CMP_LESS,  /* cmp lt value; only of meta random, which is compared as it is: no hton */
	NFT_CMP_NOT_LESS, /* cmp gte value; likewise */
	NFT_CMP_SET, /* lookup (neq: NFT_LOOKUP_F_INV); hton first when host_order and set->interval
		      */
	NFT_CMP_MASK,  /* bitwise & mask ^ 0, cmp with value */
	NFT_CMP_FLAGS, /* any bit of value: bitwise & value ^ 0, cmp neq 0; negated: cmp eq 0 */
};

struct nft_match {
	enum nft_field field[NFT_CONCAT_MAX];
	unsigned n_field; /* several only with CMP_SET: registers follow each other as nft lays them
			   */
	bool negate;
	/*
	 * nft makes this match itself when it reads the text behind it (meta l4proto tcp before
	 * tcp dport): the loader serialises it, the printer leaves it out.
	 */
	bool implied;
	enum nft_compare compare;
	const uint8_t *value;	   /* field's bytes; DSCP as in the register; names padded to 16 */
	const uint8_t *high;	   /* RANGE */
	const uint8_t *mask;	   /* MASK */
	unsigned bits;		   /* PREFIX */
	const struct nft_set *set; /* SET: named or anonymous */
};

/* Where a translation's ports come from. */
struct nft_ports {
	bool given;	 /* flags NF_NAT_RANGE_PROTO_SPECIFIED (0x2) */
	uint16_t lo, hi; /* hi == lo: proto_min only */
	/* or a map from the packet's port: load field, lookup map with dreg = proto_min */
	const struct nft_set *map;
	enum nft_field field;
};

struct nft_expr {
	enum nft_expr_kind kind;
	union {
		struct nft_match match;
		struct {
			enum nft_field field[NFT_CONCAT_MAX];
			unsigned n_field;
			const struct nft_set *set;
		} vmap;
		const char *object; /* COUNTER, LIMIT, HELPER */
		struct {
			const char *prefix; /* NULL none */
			bool nflog; /* group; attributes as nft sends: group, snaplen 0, qthreshold
				       0 */
			uint16_t group;
			uint8_t level; /* syslog; nft always sends it */
		} log;
		struct {
			/*
			 * MARK and CT_MARK:
			 *   without from: immediate value; meta/ct set
			 *   with from (MARK or CT_MARK): load it; unless mask is ~0 and value 0:
			 *     bitwise reg & mask ^ value; meta/ct set
			 * Payload fields: see nft_field_info.write_*; value is the plain number.
			 */
			enum nft_field field;
			bool has_from;
			enum nft_field from;
			uint32_t mask, value;
		} set;
		uint16_t mss; /* 0: rt mtu: rt load tcpmss, byteorder hton(2,2), exthdr write */
		struct {
			bool update; /* else add */
			bool delete; /* instead of either: NFT_DYNSET_OP_DELETE */
			enum nft_field field[NFT_CONCAT_MAX];
			unsigned n_field;
			const struct nft_set *set;
			uint32_t timeout; /* seconds; 0: not stated */
			bool has_rate;	  /* a limit expression in each element */
			struct nft_rate rate;
			/* or a connlimit expression: above is NFT_CONNLIMIT_F_INV */
			bool has_connections, above;
			uint32_t connections;
		} dynset;
		enum ir_reject
			reject; /* tcp reset: type 1 code 0; icmpx: type 2, code 1 port / 3 admin */
		struct {
			bool source;	    /* snat */
			enum family family; /* V4 or V6 when has_addr; ANY: ports only
					       (NFTA_NAT_FAMILY inet) */
			bool has_addr;
			bool prefix;	    /* NF_NAT_RANGE_NETMAP (0x40), lo and hi both */
			struct addr lo, hi; /* equal: addr_min only, unless prefix */
			struct nft_ports ports;
		} nat;
		struct nft_ports ports; /* MASQUERADE, REDIRECT */
		struct nft_verdict verdict;
	};
};

/* ---- rules, chains, program ---- */

struct nft_rule {
	VEC(struct nft_expr) exprs;
	const char *comment; /* at most 127 bytes, no quotes; NULL none */
	const struct ir_origin *const *origins;
	size_t n_origins;
};

enum nft_chain_type { NFT_CHAIN_REGULAR, NFT_CHAIN_FILTER, NFT_CHAIN_ROUTE, NFT_CHAIN_NAT };

struct nft_chain {
	const char *name;
	enum nft_chain_type type; /* not REGULAR: a base chain */
	enum ir_hook hook;
	int priority;
	bool drop; /* policy, of a base chain */
	const struct ir_origin *origin;
	VEC(struct nft_rule) rules;
};

struct nft_program {
	VEC(struct nft_counter) counters;
	VEC(struct nft_limit) limits;
	VEC(struct nft_helper) helpers;
	VEC(struct nft_set *)
	sets; /* named sets and maps; anonymous ones hang at their expression */
	struct nft_flowtable flowtable;
	VEC(struct nft_chain *) chains; /* base chains first */
	uint32_t n_set_ids;		/* ids of sets are 1 to this */
};

/* The program of a verified IR, in the arena. Same IR in, same program out. */
struct nft_program *nft_program_of(struct arena *arena, const struct ir *ir);

/* The program as text that `nft -f` loads (with TZ=UTC when there are times). */
void nft_print(const struct nft_program *program, struct buf *out);
void nft_print_rule(const struct nft_rule *rule, struct buf *out); /* one rule, no newline */

/* One string as nft reads it back: in double quotes. The only place that quotes. */
void nft_print_quoted(const char *text, struct buf *out);

#endif
