/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iptables syntax read into typed values: arguments of a section, scripts of custom rules and
 * fragments for iptables-restore.
 *
 * Nothing here is run and nothing is text any more once it is read: a rule is a list of matches,
 * each a list of options with values of the domain, and a target with its options. What iptables
 * knows and no backend of ours can express is read too, and noted as a refusal with its reason,
 * so that the caller decides what refusing it means. Everything else is a diagnostic at the token.
 */
#ifndef IPTABLES_IPTABLES_H
#define IPTABLES_IPTABLES_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "net/net.h"

/* ---- words ---- */

struct ipt_word {
	struct slice text; /* quotes and backslashes taken away */
	struct span span;  /* as written */
	bool quoted;	   /* some of it: it is never an operator or a keyword */
	bool operator;	   /* ; & && | || ( ) < > and newline, in a script only */
	const char *shell; /* a construct inside that only a shell can honour: "a variable" */
};

struct ipt_words {
	VEC(struct ipt_word) list;
};

/*
 * Splits text as a shell does: blanks separate, '...' and "..." group, a backslash takes the next
 * byte as it is, a backslash before a newline joins lines; nothing is expanded. With `script`,
 * operators are words of their own, # begins a comment and constructs are marked in .shell.
 * `where` is the text's place: spans are exact when the text stands there as it is (perhaps in
 * quotes), otherwise each is the whole. False after a diagnostic: a quote that is not closed.
 */
bool ipt_words_read(struct arena *arena, struct slice text, struct span where, bool script,
	struct diags *diags, struct ipt_words *ret);

/* ---- values ---- */

enum ipt_type {
	IPT_FLAG,	/* no value */
	IPT_ADDRS,	/* a[/mask],... -> addrs */
	IPT_ADDR_RANGE, /* a-b -> addr_range */
	IPT_DEVICE,	/* device */
	IPT_PROTO,	/* number; "all" is 256 */
	IPT_PORT,	/* N, N:M, :M, N: or a service -> ranges */
	IPT_PORTS,	/* as multiport has them: a list -> ranges */
	IPT_ICMP,	/* icmp and has_icmp */
	IPT_BITS,	/* a list of words -> number: bit i for words[i] */
	IPT_WORD,	/* one of the words -> number: its index */
	IPT_TCP_FLAGS,	/* two words: mask and those set -> flags */
	IPT_NUMBER,	/* min to max -> number */
	IPT_RANGE,	/* N or N:M -> lo, hi */
	IPT_MARK,	/* value[/mask] -> mark */
	IPT_RATE,	/* N[/unit] -> rate */
	IPT_MAC,
	IPT_DSCP,	/* 0 to 63 -> number */
	IPT_DSCP_CLASS, /* class -> number */
	IPT_TOS,	/* value[/mask] or a name -> mark */
	IPT_SHARE,	/* 0 to 1 -> number, of 2^32 */
	IPT_TIME,	/* hh:mm[:ss] -> number */
	IPT_DATE,	/* seconds, of the calendar's own zone */
	IPT_WEEKDAYS,	/* number: bit 0 Sunday */
	IPT_MONTHDAYS,	/* number: bit 1 to 31 */
	IPT_OWNER,	/* number, range or "root" -> lo, hi */
	IPT_NAME,	/* text: letters, digits, _ . - */
	IPT_TEXT,	/* text: anything */
	IPT_SET,	/* two words: name, and src or dst per part -> set */
	IPT_NAT,	/* [address[-address]][:port[-port]] -> nat */
	IPT_NAT_PORTS,	/* port[-port] -> ranges */
	IPT_PREFIX,	/* address/bits -> addr_range */
	IPT_LEVEL,	/* syslog level 0 to 7 or its name -> number */
};

struct ipt_value {
	union {
		struct {
			struct addr_spec *v;
			size_t n;
		} addrs;
		struct addr_range addr_range;
		struct device_pattern device;
		struct range_set ranges;
		struct {
			struct icmp_type type[2];
			bool has[2];
		} icmp;
		uint64_t number;
		struct {
			uint64_t lo, hi;
		} range;
		struct {
			uint8_t mask, set;
		} flags;
		struct {
			uint32_t value, mask;
		} mark;
		struct rate rate;
		struct mac mac;
		int64_t date;
		const char *text;
		struct {
			const char *name;
			unsigned n;
			bool dest[6];
		} set;
		struct {
			bool has_addr, has_ports;
			struct addr_range addr;
			struct range ports;
		} nat;
	};
};

/* ---- options, matches, targets ---- */

/* Every option of every match and target that is read. */
enum ipt_id {
	/* of every rule */
	IPT_SOURCE,
	IPT_DESTINATION,
	IPT_IN,
	IPT_OUT,
	IPT_PROTOCOL,
	IPT_FRAGMENT,
	/* tcp, udp, sctp, dccp, udplite, multiport */
	IPT_SPORT,
	IPT_DPORT,
	IPT_PORT_EITHER,
	IPT_FLAGS,
	IPT_SYN,
	IPT_TCP_OPTION,
	/* icmp, icmp6 */
	IPT_ICMP_TYPE,
	/* conntrack, state */
	IPT_CTSTATE,
	IPT_CTSTATUS,
	IPT_CTDIR,
	IPT_MARK_IS,
	IPT_CONNMARK_IS,
	IPT_LIMIT,
	IPT_LIMIT_BURST,
	IPT_HASH_UPTO,
	IPT_HASH_ABOVE,
	IPT_HASH_BURST,
	IPT_HASH_MODE,
	IPT_HASH_NAME,
	IPT_HASH_EXPIRE,
	IPT_HASH_SIZE,
	IPT_HASH_IGNORED,
	IPT_HASH_SRCMASK,
	IPT_HASH_DSTMASK,
	IPT_CONNLIMIT_ABOVE,
	IPT_CONNLIMIT_UPTO,
	IPT_CONNLIMIT_MASK,
	IPT_CONNLIMIT_SADDR,
	IPT_CONNLIMIT_DADDR,
	IPT_CONNBYTES,
	IPT_CONNBYTES_DIR,
	IPT_CONNBYTES_MODE,
	IPT_SRC_RANGE,
	IPT_DST_RANGE,
	IPT_MAC_SOURCE,
	IPT_LENGTH,
	IPT_TTL_EQ,
	IPT_TTL_LT,
	IPT_TTL_GT,
	IPT_DSCP_IS,
	IPT_TOS_IS,
	IPT_PKT_TYPE,
	IPT_SRC_TYPE,
	IPT_DST_TYPE,
	IPT_UID,
	IPT_GID,
	IPT_SOCKET_EXISTS,
	IPT_RECENT_SET,
	IPT_RECENT_RCHECK,
	IPT_RECENT_UPDATE,
	IPT_RECENT_REMOVE,
	IPT_RECENT_SECONDS,
	IPT_RECENT_HITCOUNT,
	IPT_RECENT_NAME,
	IPT_RECENT_RSOURCE,
	IPT_RECENT_RDEST,
	IPT_RECENT_REAP,
	IPT_RECENT_MASK,
	IPT_MATCH_SET,
	IPT_STAT_MODE,
	IPT_STAT_PROBABILITY,
	IPT_STAT_EVERY,
	IPT_STAT_PACKET,
	IPT_TIME_START,
	IPT_TIME_STOP,
	IPT_DATE_START,
	IPT_DATE_STOP,
	IPT_TIME_WEEKDAYS,
	IPT_TIME_MONTHDAYS,
	IPT_TIME_UTC,
	IPT_TIME_LOCAL,
	IPT_COMMENT,
	IPT_POLICY_DIR,
	IPT_POLICY_POL,
	IPT_MSS_IS,
	IPT_HELPER_IS,
	/* targets */
	IPT_REJECT_WITH,
	IPT_LOG_PREFIX,
	IPT_LOG_LEVEL,
	IPT_LOG_IGNORED,
	IPT_NFLOG_GROUP,
	IPT_NFLOG_PREFIX,
	IPT_MARK_SET,
	IPT_MARK_XSET,
	IPT_MARK_AND,
	IPT_MARK_OR,
	IPT_MARK_XOR,
	IPT_MARK_SAVE,
	IPT_MARK_RESTORE,
	IPT_MARK_CTMASK,
	IPT_MARK_NFMASK,
	IPT_MARK_MASK,
	IPT_DSCP_SET,
	IPT_TOS_SET,
	IPT_TTL_SET,
	IPT_TTL_INC,
	IPT_TTL_DEC,
	IPT_MSS_SET,
	IPT_MSS_CLAMP,
	IPT_TO_DEST,
	IPT_TO_SOURCE,
	IPT_TO_PORTS,
	IPT_TO,
	IPT_RANDOM,
	IPT_PERSISTENT,
	IPT_CT_NOTRACK,
	IPT_CT_HELPER,
	IPT_ADD_SET,
	IPT_DEL_SET,
	IPT_SET_EXIST,
	IPT_SET_TIMEOUT,
	/* read so that what follows can be, and refused with the row's reason */
	IPT_REFUSED,
};

struct ipt_row {
	enum ipt_id id;
	const char *name; /* "--dport"; short ones "-s" */
	const char *alias[3];
	enum ipt_type type;
	uint64_t min, max;
	const char *const *words;
	bool negatable;
	const char *refused; /* why no backend can express it */
};

/* A match module or a target. */
struct ipt_module {
	const char *name; /* "conntrack" */
	const struct ipt_row *rows;
	size_t n_rows;
	enum family family; /* ANY: both */
	uint8_t proto;	    /* the protocol it needs and is implied by; 0: none */
	bool ports_only;    /* needs a protocol with ports */
	const char *refused;
};

struct ipt_option {
	const struct ipt_row *row;
	bool negate;
	struct span span; /* the option, negation and value included */
	struct ipt_value value;
};

struct ipt_match {
	const struct ipt_module *module;
	struct span span; /* the module's name, or the option that implied it */
	VEC(struct ipt_option) options;
};

enum ipt_target_kind {
	IPT_T_NONE,
	IPT_T_ACCEPT,
	IPT_T_DROP,
	IPT_T_RETURN,
	IPT_T_REJECT,
	IPT_T_LOG,
	IPT_T_NFLOG,
	IPT_T_MARK,
	IPT_T_CONNMARK,
	IPT_T_DSCP,
	IPT_T_TOS,
	IPT_T_TTL,
	IPT_T_HL,
	IPT_T_TCPMSS,
	IPT_T_DNAT,
	IPT_T_SNAT,
	IPT_T_MASQUERADE,
	IPT_T_REDIRECT,
	IPT_T_NETMAP,
	IPT_T_NOTRACK,
	IPT_T_CT,
	IPT_T_SET,
	IPT_T_CHAIN, /* another chain */
	IPT_T_REFUSED,
};

struct ipt_target {
	enum ipt_target_kind kind;
	const char *name; /* as written */
	bool go_to;	  /* -g */
	struct span span; /* the name */
	VEC(struct ipt_option) options;
};

/* Something that is iptables, and that no backend can express. */
struct ipt_refusal {
	struct span span;
	const char *token;  /* "string" */
	const char *reason; /* "nothing in nftables searches a packet's payload" */
};

struct ipt_rule {
	enum family family;		 /* of the command; ANY: addresses and matches decide */
	struct ipt_match *basic;	 /* -s -d -i -o -p -f; never NULL */
	VEC(struct ipt_match *) matches; /* in the order written */
	struct ipt_target target;
	VEC(struct ipt_refusal) refusals;
};

/* The option of a match or target; NULL when it is not given. */
const struct ipt_option *ipt_find(const struct ipt_match *m, enum ipt_id id);
const struct ipt_option *ipt_target_find(const struct ipt_target *t, enum ipt_id id);

/*
 * Reads the extra arguments of a section: matches only. `proto` is the protocol that the section
 * names (0: none or several), so that its options are known without -m. False after diagnostics
 * ("extra-token", "extra-value"); what is inexpressible is in ret->refusals and no diagnostic.
 */
bool ipt_extra_read(struct arena *arena, struct slice text, struct span where, uint8_t proto,
	struct diags *diags, struct ipt_rule *ret);

/* ---- commands ---- */

enum ipt_table { IPT_FILTER, IPT_NAT_TABLE, IPT_MANGLE, IPT_RAW };

enum ipt_verb {
	IPT_APPEND,
	IPT_INSERT,
	IPT_DELETE,
	IPT_DELETE_AT,
	IPT_CHECK,
	IPT_NEW,
	IPT_FLUSH,
	IPT_REMOVE,
	IPT_POLICY,
	IPT_NOTHING, /* -L, -S, -Z: no effect on rules */
};

struct ipt_command {
	enum ipt_verb verb;
	enum ipt_table table;
	enum family family;
	struct span span;  /* the whole command */
	const char *chain; /* NULL: all of them (-F, -X) */
	struct span chain_span;
	unsigned number;      /* of INSERT and DELETE_AT, from 1 */
	const char *policy;   /* POLICY: "ACCEPT" */
	struct ipt_rule rule; /* APPEND, INSERT, DELETE, CHECK */
};

/* When a step of a script is done: always, or as the step before it ended. */
enum ipt_join { IPT_ALWAYS, IPT_IF_OK, IPT_IF_FAILED };

struct ipt_step {
	enum ipt_join join;
	enum { IPT_STEP_COMMAND, IPT_STEP_OK, IPT_STEP_FAIL, IPT_STEP_EXIT } kind;
	struct ipt_command command;
};

struct ipt_script {
	VEC(struct ipt_step) steps;
};

/*
 * Reads a shell script that consists of iptables and ip6tables commands. Every mistake of every
 * line becomes a diagnostic; false when there was one.
 */
bool ipt_script_read(
	struct arena *arena, const struct source *src, struct diags *diags, struct ipt_script *ret);
/* Reads what iptables-restore reads (*table, :chain, -A, COMMIT), for a family or for ANY. */
bool ipt_restore_read(struct arena *arena, const struct source *src, enum family family,
	struct diags *diags, struct ipt_script *ret);

/* ---- text ---- */

const char *ipt_table_name(enum ipt_table table);
/* One way to write a rule: options in a fixed order, values canonical. Equal rules print equal. */
void ipt_rule_print(const struct ipt_rule *r, struct buf *out);
/* A command as iptables would take it. */
void ipt_command_print(const struct ipt_command *c, struct buf *out);

#endif
