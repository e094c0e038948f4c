/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IR: the waist of the compiler. Chains of rules; a rule is typed matches, statements, a verdict.
 *
 * Nothing left of it knows a backend, nothing right of it knows UCI. All values are normalised
 * (sets of ranges, negation resolved or one flag), names are resolved, families decided. Every
 * rule keeps its origins: the sections it was made from. ir_verify() runs after every stage,
 * ir_dump() writes a text that ir_parse() reads back, ir_eval() says what happens to a packet.
 */
#ifndef IR_IR_H
#define IR_IR_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "net/net.h"

/* ---- where rules stand ---- */

enum ir_hook { IR_PREROUTING, IR_INPUT, IR_FORWARD, IR_OUTPUT, IR_POSTROUTING };
#define IR_HOOKS 5

/* In the order a packet meets them within a hook; conntrack looks a packet up after IR_RAW. */
enum ir_stage {
	IR_RAW,	   /* before connection tracking: notrack, cheap drops */
	IR_MANGLE, /* marks, DSCP, TTL, MSS */
	IR_HELPER, /* connection-tracking helpers, after conntrack and before NAT */
	IR_DSTNAT, /* prerouting and output only; new connections only */
	IR_FILTER,
	IR_SRCNAT, /* postrouting and input only; new connections only */
};
#define IR_STAGES 6

/* What a chain is for; lets a backend name it in its own habit. */
enum ir_role {
	IR_ROLE_BASE,	   /* called by the kernel at (hook, stage) */
	IR_ROLE_ZONE,	   /* (zone, hook, stage): traffic of one zone */
	IR_ROLE_FROM_ZONE, /* verdict for packets that came from the zone: log, then decide */
	IR_ROLE_TO_ZONE,   /* verdict for packets that go to the zone */
	IR_ROLE_REJECT,
	IR_ROLE_SYN_FLOOD,
	IR_ROLE_USER,	   /* filled by custom rules: input_rule, forwarding_wan_rule */
	IR_ROLE_OTHER,
};

/* A section that something was made from. */
struct ir_origin {
	const char *type;  /* "rule" */
	const char *id;	   /* UCI name or "@rule[3]" */
	const char *name;  /* the name option; NULL when none */
	const char *file;  /* source name; NULL for what no section asked for */
	unsigned line;
	struct span span;  /* of the header; SPAN_NONE in a parsed dump */
};

/* ---- objects with state ---- */

enum ir_key {
	IR_KEY_DEVICE,
	IR_KEY_ADDR4,
	IR_KEY_ADDR6,
	IR_KEY_PROTO_PORT, /* protocol and port, two fields in the kernel */
	IR_KEY_PORT,
	IR_KEY_MAC,
};

struct ir_key_value {
	struct device_pattern device;
	struct addr_range addr;
	uint8_t proto;
	struct range port;
	struct mac mac;
};

struct ir_element {
	struct ir_key_value part[3];
	uint32_t timeout; /* seconds; 0: the set's */
	const char *comment;
};

struct ir_set {
	const char *name; /* [A-Za-z][A-Za-z0-9_-]*, at most 31 bytes, unique */
	const struct ir_origin *origin;
	enum ir_key key[3];
	unsigned n_key;
	bool interval;	   /* elements may be ranges or wildcards */
	bool dynamic;	   /* rules add to it */
	bool keep;	   /* its elements survive a reload while the declaration is the same */
	bool once;	   /* an element lives from when it was added; packets do not renew it */
	bool net6;	   /* of the IPv6 source only the first 64 bits are taken, the rest is 0 */
	bool has_rate;	   /* each element carries a rate limit of its own (a meter) */
	struct rate rate;
	uint32_t burst;
	uint32_t timeout;  /* seconds an element lives; 0 for ever */
	uint32_t size;	   /* most elements; 0 no limit */
	VEC(struct ir_element) elements;
};

struct ir_counter {
	const char *name; /* unique, same alphabet as sets, at most 63 bytes; stable across reloads */
	const struct ir_origin *origin;
};

/* One token bucket that several rules may share. */
struct ir_limit {
	const char *name;
	const struct ir_origin *origin;
	struct rate rate; /* rate.invert: matches what is over the rate */
	uint32_t burst;
};

struct ir_helper {
	const char *name;   /* unique: "ftp", "sip_udp" */
	const char *kernel; /* the kernel's name: "ftp" */
	uint8_t proto;
	enum family family; /* ANY: both */
};

/* ---- matches ---- */

enum {
	IR_CT_NEW = 1, IR_CT_ESTABLISHED = 2, IR_CT_RELATED = 4, IR_CT_INVALID = 8,
	IR_CT_UNTRACKED = 16,
};
enum {
	IR_CTSTATUS_DNAT = 1, IR_CTSTATUS_SNAT = 2, IR_CTSTATUS_EXPECTED = 4,
	IR_CTSTATUS_SEEN_REPLY = 8, IR_CTSTATUS_ASSURED = 16, IR_CTSTATUS_CONFIRMED = 32,
};

enum ir_match_kind {
	IR_M_IIF,	/* devices */
	IR_M_OIF,	/* devices */
	IR_M_SADDR,	/* addrs; the rule's family is decided */
	IR_M_DADDR,	/* addrs */
	IR_M_SADDR_MASKED, /* masked */
	IR_M_DADDR_MASKED, /* masked */
	IR_M_PROTO,	/* ranges: protocol numbers */
	IR_M_SPORT,	/* ranges; the rule has an IR_M_PROTO of protocols with ports */
	IR_M_DPORT,	/* ranges */
	IR_M_ICMP,	/* icmp: types of the rule's family; the rule has IR_M_PROTO icmp(v6) only */
	IR_M_SMAC,	/* macs */
	IR_M_DSCP,	/* ranges */
	IR_M_TTL,	/* ranges: TTL or hop limit */
	IR_M_MARK,	/* mark */
	IR_M_CTMARK,	/* mark */
	IR_M_CTSTATE,	/* bits: any of */
	IR_M_CTSTATUS,	/* bits: any of */
	IR_M_CTHELPER,	/* text: the helper of the packet's connection */
	IR_M_TCPFLAGS,	/* tcpflags; the rule has IR_M_PROTO tcp only */
	IR_M_MSS,	/* ranges: the MSS option of a TCP packet */
	IR_M_LENGTH,	/* ranges: bytes of the IP packet */
	IR_M_PKTTYPE,	/* bits: 1 unicast to us, 2 broadcast, 4 multicast */
	IR_M_ADDRTYPE,	/* addrtype: what the routing table says of an address */
	IR_M_UID, IR_M_GID, /* ranges: owner of the local socket (output) */
	IR_M_SET,	/* set: the packet's values are in it */
	IR_M_TIME,	/* times */
	IR_M_RANDOM,	/* random: this share of packets */
	IR_M_LIMIT,	/* limit: the bucket has (or, inverted, lacks) a token */
	IR_M_METER,	/* set with a rate: the packet's own bucket has a token; a full set does not match */
	/*
	 * set and connections: so many at most, its own included, has the packet's element of the set;
	 * negated: more. Counted are connections of packets that came to the match; a full set does not
	 * match.
	 */
	IR_M_CONNECTIONS,
	IR_M_IPSEC,	/* bits: 1 came through / 2 will go through an IPsec policy */
};
#define IR_MATCH_KINDS (IR_M_IPSEC + 1)

/* How a match kind takes part in merging. Barrier is zero, so a forgotten row is slow, never wrong. */
enum ir_merge {
	IR_MERGE_BARRIER, /* stateful: never moved, merged or dropped */
	IR_MERGE_UNION,	  /* neighbours may join into one set */
	IR_MERGE_EQUAL,	  /* neighbours may join when this is equal */
};

extern const struct ir_match_info {
	const char *name;
	enum ir_merge merge;
} ir_match_info[IR_MATCH_KINDS];

struct ir_devices {
	const struct ir_set *set; /* of IR_KEY_DEVICE; or NULL and the patterns */
	struct device_pattern *v;
	size_t n;
};

/* Lists are sorted and normalised, and never empty but for times (which then never holds). */
struct ir_match {
	enum ir_match_kind kind;
	bool negate; /* not for LIMIT and METER: their rate inverts */
	union {
		struct ir_devices devices;
		struct addr_set addrs;
		struct {
			struct addr value, mask;
		} masked;
		struct range_set ranges;
		struct {
			struct icmp_type *v;
			size_t n;
		} icmp;
		struct {
			struct mac *v; /* sorted, distinct */
			size_t n;
		} macs;
		struct {
			uint32_t value, mask;
		} mark;
		uint32_t bits;
		const char *text;
		struct {
			uint8_t value, mask;
		} tcpflags;
		struct {
			bool dest;
			uint32_t types; /* bits of enum ir_addrtype */
		} addrtype;
		struct {
			const struct ir_set *set;
			bool dest[3]; /* each part: the packet's source or destination */
			uint32_t connections;
		} set;
		struct time_set times;
		uint32_t random; /* of 2^32 */
		const struct ir_limit *limit;
	};
};

enum ir_addrtype { IR_ADDR_LOCAL = 1, IR_ADDR_UNICAST = 2, IR_ADDR_BROADCAST = 4, IR_ADDR_MULTICAST = 8 };

/* ---- statements ---- */

enum ir_statement_kind {
	IR_S_LOG,      /* log */
	IR_S_MARK,     /* mark = (mark & and) ^ xor */
	IR_S_CTMARK,   /* the connection's mark, likewise */
	IR_S_SAVE_MARK,	   /* connection's mark = (ctmark & ~mask) | (mark & mask) */
	IR_S_RESTORE_MARK, /* mark = (mark & ~mask) | (ctmark & mask) */
	IR_S_DSCP,     /* value */
	IR_S_TTL,      /* ttl: TTL or hop limit; clamped to 0..255 */
	IR_S_MSS,      /* value; 0: the path's MTU */
	IR_S_NOTRACK,
	IR_S_HELPER,   /* helper */
	IR_S_SET_ADD,  /* set: add the packet's values, or renew their timeout (not when once) */
	IR_S_SET_DELETE, /* set: take the packet's values out of it, if they are there */
	IR_S_OFFLOAD,  /* hand the connection to the flowtable */
};
#define IR_STATEMENT_KINDS (IR_S_OFFLOAD + 1)

enum ir_ttl_action { IR_TTL_SET, IR_TTL_INCREMENT, IR_TTL_DECREMENT };

struct ir_statement {
	enum ir_statement_kind kind;
	union {
		struct {
			const char *prefix; /* at most 127 bytes, printable, no quotes: ir_label() */
			bool nflog;
			uint16_t group; /* nflog */
			uint8_t level;	/* syslog */
		} log;
		struct {
			uint32_t and, xor;
		} mark;
		uint32_t value; /* DSCP, MSS; mask of SAVE/RESTORE */
		struct {
			enum ir_ttl_action action;
			uint8_t value;
		} ttl;
		const struct ir_helper *helper;
		struct {
			const struct ir_set *set;
			bool dest[3];
		} set;
	};
};

/* ---- verdicts ---- */

enum ir_verdict_kind {
	IR_CONTINUE, /* no verdict: statements only */
	IR_ACCEPT,   /* ends this base chain; later stages still run */
	IR_DROP,
	IR_REJECT,
	IR_JUMP,
	IR_GOTO,
	IR_RETURN,
	IR_DNAT,       /* nat */
	IR_SNAT,       /* nat */
	IR_MASQUERADE, /* ports only */
	IR_REDIRECT,   /* to the router itself; ports only */
	IR_NETMAP_DST, IR_NETMAP_SRC, /* prefix to prefix, the host part kept: nat.addr is the prefix */
};

enum ir_reject { IR_REJECT_TCP_RESET, IR_REJECT_PORT, IR_REJECT_ADMIN };

struct ir_verdict {
	enum ir_verdict_kind kind;
	struct ir_chain *chain;	    /* JUMP, GOTO: no base chain, of the same stage, nested 16 at most */
	enum ir_reject reject;	    /* REJECT */
	struct {
		bool has_addr, has_ports;
		struct addr_range addr;
		struct range ports;
		/* one to one: the packet's port (destination for DNAT and REDIRECT) less from, plus ports.lo */
		bool shift;
		uint32_t from;
	} nat;
};

/* ---- rules and chains ---- */

struct ir_rule {
	enum family family; /* ANY: both */
	struct ir_match *matches;
	size_t n_matches, cap_matches;
	struct ir_statement *statements;
	size_t n_statements, cap_statements;
	const struct ir_counter *counter; /* counts what all matches let through; NULL none */
	struct ir_verdict verdict;
	const char *comment; /* at most 127 bytes, printable, no quotes: ir_label(); NULL none */
	const struct ir_origin **origins;
	size_t n_origins;
};

struct ir_chain {
	const char *name; /* [A-Za-z][A-Za-z0-9_-]*, unique, at most 63 bytes */
	enum ir_role role;
	enum ir_hook hook;
	enum ir_stage stage;
	const char *zone; /* its zone's name, or NULL */
	const struct ir_origin *origin;
	VEC(struct ir_rule *) rules;
};

struct ir_flowtable {
	bool enabled, hardware;
	bool counter; /* offloaded packets count for their connection */
	VEC(const char *) devices;
};

struct ir_sysctl {
	const char *path;  /* "net/ipv4/tcp_syncookies" */
	const char *value; /* "1" */
	const struct ir_origin *origin;
};

struct ir {
	struct arena *arena;
	VEC(struct ir_chain *) chains; /* base chains by (hook, stage), then others as created */
	VEC(struct ir_set *) sets;
	VEC(struct ir_counter *) counters;
	VEC(struct ir_limit *) limits;
	VEC(struct ir_helper *) helpers;
	VEC(struct ir_sysctl) sysctls;
	struct ir_flowtable flowtable;
	int64_t times_until; /* IR_M_TIME is whole up to this moment; 0: no time rules */
	struct ir_index *index; /* the builder's own: names to chains and sets */
};

/* ---- builder ---- */

struct ir *ir_new(struct arena *arena);
/* The base chain of (hook, stage); made at the first call. Pay only for hooks in use. */
struct ir_chain *ir_base(struct ir *ir, enum ir_hook hook, enum ir_stage stage);
/* The base chain when it exists, else NULL. */
struct ir_chain *ir_base_find(const struct ir *ir, enum ir_hook hook, enum ir_stage stage);
/* A new chain; the name must be new. */
struct ir_chain *ir_chain_add(struct ir *ir, const char *name, enum ir_role role, enum ir_hook hook,
	enum ir_stage stage);
struct ir_chain *ir_chain_find(const struct ir *ir, const char *name);
/* A new rule at the chain's end: any family, no match, IR_CONTINUE. origin may be NULL. */
struct ir_rule *ir_rule_add(struct ir *ir, struct ir_chain *chain, const struct ir_origin *origin);
/* A copy of a rule (matches and statements too) at the end of another chain. */
struct ir_rule *ir_rule_copy(struct ir *ir, struct ir_chain *chain, const struct ir_rule *from);
/* Appends a match / a statement; returns it to be filled. */
struct ir_match *ir_match_add(struct ir *ir, struct ir_rule *rule, enum ir_match_kind kind);
struct ir_statement *ir_statement_add(struct ir *ir, struct ir_rule *rule, enum ir_statement_kind kind);
struct ir_set *ir_set_add(struct ir *ir, const char *name, const struct ir_origin *origin);
struct ir_set *ir_set_find(const struct ir *ir, const char *name);
/*
 * Text from outside as a comment or log prefix: at most max bytes, cut at a character; control
 * characters, quotes, backslashes and invalid UTF-8 become '?' or '\''. Safe in every backend.
 */
const char *ir_label(struct arena *arena, struct slice text, size_t max);
/*
 * An identifier made of a kind and text from outside ("rule", "Allow-Ping" -> rule_Allow-Ping):
 * other bytes become '_', cut to max bytes; the same text always gives the same identifier. When
 * text was changed or cut, a hash of the whole text is appended, so two texts never meet.
 */
const char *ir_identifier(struct arena *arena, const char *kind, struct slice text, size_t max);

/* ---- verifier ---- */

/*
 * Checks every invariant that this header states. Returns true when all hold; otherwise the first
 * breach in *ret_why (in the arena). A breach is a bug of the stage before.
 */
bool ir_verify(const struct ir *ir, const char **ret_why);

/* ---- text ---- */

void ir_dump(const struct ir *ir, struct buf *out);
/* Reads a dump. NULL after adding diagnostics when it is not one. ir_dump(ir_parse(d)) == d. */
struct ir *ir_parse(struct arena *arena, struct source *src, struct diags *diags);
void ir_match_print(const struct ir_match *m, struct buf *out);
void ir_rule_print(const struct ir_rule *r, struct buf *out);

/* ---- evaluator ---- */

struct ir_packet {
	enum family family;
	struct addr src, dst;
	uint8_t proto;
	uint16_t sport, dport;
	uint8_t icmp_type, icmp_code;
	uint8_t tcp_flags; /* FIN 1 SYN 2 RST 4 PSH 8 ACK 16 URG 32 */
	bool has_mss;
	uint16_t mss;
	bool has_mac;
	struct mac smac;
	uint8_t dscp, ttl;
	uint16_t length;
	uint32_t mark, ct_mark;
	uint32_t ct_state;  /* one of IR_CT_*; 0 is taken as IR_CT_NEW */
	uint32_t ct_status;
	const char *ct_helper;
	uint8_t pkttype;    /* bits as IR_M_PKTTYPE; 0 is unicast */
	uint32_t uid, gid;  /* of a local sender */
	bool has_owner;
	uint8_t ipsec;	    /* bits as IR_M_IPSEC */
	char iif[DEVICE_NAME_MAX + 1]; /* "" when the router itself sends it */
	char oif[DEVICE_NAME_MAX + 1]; /* filled by the evaluator from world.route() */
	int64_t time;	    /* seconds since 1970 UTC */
};

/* What the evaluator asks of the world around the packet. */
struct ir_world {
	void *context;
	/* Where a destination is: true and "" for the router itself, true and a device, false: no route. */
	bool (*route)(void *context, const struct addr *dst, char ret_oif[DEVICE_NAME_MAX + 1]);
	/* The router's own address for masquerading and redirecting on a device; false: none. */
	bool (*address)(void *context, const char *device, enum family family, struct addr *ret);
	/* Type of an address, one bit of enum ir_addrtype; NULL function: only LOCAL by route(). */
	uint32_t (*addrtype)(void *context, const struct addr *a);
};

/*
 * Buckets and dynamic sets between packets. NULL state: every bucket has a token (so limits and
 * meters match, and inverted ones do not), and no rule has added to a set.
 */
struct ir_state;
struct ir_state *ir_state_new(const struct ir *ir);
void ir_state_free(struct ir_state *state);

enum ir_outcome {
	IR_OUT_ACCEPTED,   /* delivered, forwarded or sent */
	IR_OUT_DROPPED,
	IR_OUT_REJECTED,
	IR_OUT_UNROUTED,   /* no route: the kernel discards it before forward */
};

/* One rule that was looked at. */
struct ir_step {
	enum ir_hook hook;
	enum ir_stage stage;
	const struct ir_chain *chain;
	const struct ir_rule *rule;
	bool matched;
	const struct ir_match *failed; /* the first match that did not hold; NULL: the family */
};

struct ir_result {
	enum ir_outcome outcome;
	enum ir_reject reject;
	struct ir_packet packet;	/* as it leaves: addresses, ports, marks, TTL, oif */
	const struct ir_rule *decided;	/* rule that gave the last filter verdict; NULL: none did */
	const struct ir_chain *decided_chain;
	const struct ir_rule *dnat, *snat;
	bool notrack, offloaded;
	const struct ir_helper *helper;
	VEC(struct ir_step) steps;	/* only when asked for */
	VEC(const char *) logs;		/* prefixes in order */
};

/*
 * Walks one packet through all hooks, as Linux does: prerouting, routing, input or forward, then
 * postrouting; output for a packet without iif. Results are in the arena. The IR is verified.
 * NAT to a range takes its first address; a port that is in the range of ports is kept.
 */
void ir_eval(const struct ir *ir, const struct ir_packet *packet, const struct ir_world *world,
	struct ir_state *state, bool want_steps, struct arena *arena, struct ir_result *ret);

/*
 * The section that decided: the origin of the deciding rule, or, when that one only carries out
 * what another decided (logs, guards, answers), of the rule that sent the packet there. NULL: the
 * frame of the firewall. Needs the steps.
 */
const struct ir_origin *ir_result_decided(const struct ir_result *result);

#endif
