/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts: what the host is like, as plain values. Gathered by kernel/ from a live system or read
 * from a JSON file (tests, offline checks); the compiler asks nobody else.
 */
#ifndef MODEL_FACTS_H
#define MODEL_FACTS_H

#include "base/arena.h"
#include "base/diag.h"
#include "net/net.h"

struct facts_address {
	struct addr addr;
	unsigned bits; /* length of the connected prefix */
};

struct facts_device {
	const char *name;
	bool up;
	VEC(struct facts_address) addresses;
};

/* A logical network of /etc/config/network with the devices and addresses it has now. */
struct facts_network {
	const char *name;
	bool disabled;
	VEC(const char *) devices; /* layer 3 devices; empty when it is unknown or down */
	VEC(struct facts_address) addresses;
};

/* A route, for the evaluator and for guesses; longest prefix wins. */
struct facts_route {
	struct addr_range to;
	const char *device;
};

/* A file that a section names (ipset loadfile, include path), read by the caller beforehand. */
struct facts_file {
	const char *path;
	bool readable;
	struct slice text;
};

/* A kernel connection-tracking helper that can be used (its module is loaded or built in). */
struct facts_features {
	bool known; /* false: not probed; the compiler then assumes all are there */
	bool flowtable, flow_counter, synproxy, inet_nat, set_timeout, ct_helper, fib, owner, tproxy, xfrm;
};

struct facts {
	VEC(struct facts_device) devices;
	VEC(struct facts_network) networks;
	VEC(struct facts_route) routes;
	VEC(struct facts_file) files;
	VEC(const char *) helpers; /* helper names that the kernel offers */
	struct facts_features features;
	struct timezone_rule tz;
	const char *tz_text;
	int64_t now;	    /* seconds since 1970 UTC */
	bool clock_trusted; /* false before the time is set (a router without a battery) */
};

/*
 * Reads facts from JSON text (format: docs/facts.md). Returns false after adding diagnostics.
 * Keys: devices:[{name,up,addresses:["192.0.2.1/24"]}], networks:[{name,disabled,devices:[],
 * addresses:[]}], routes:[{to,device}], files:[{path,text}], helpers:[], features:{}, timezone,
 * now, clock_trusted. Unknown keys are errors. Missing ones leave the zero value; "features"
 * missing means known = false; clock_trusted is true by default.
 */
bool facts_read_json(struct arena *arena, struct source *src, struct diags *diags, struct facts *ret);

/*
 * Adds the networks that the text of /etc/config/network declares: `interface` sections with
 * device/ifname (also bridges: `type bridge` gives br-NAME; `config device` names), proto static
 * addresses (ipaddr with netmask or /bits, ip6addr), `disabled`, and the live addresses of the
 * devices. "@name" devices follow the other network. Networks already in facts are kept.
 */
void facts_add_networks(struct arena *arena, struct source *network, struct diags *diags,
	struct facts *facts);
/* Takes the zone of `option timezone` in the text of /etc/config/system, when facts have none. */
void facts_add_system(struct arena *arena, struct source *system, struct diags *diags,
	struct facts *facts);

const struct facts_network *facts_network(const struct facts *f, const char *name);
const struct facts_device *facts_device(const struct facts *f, const char *name);
const struct facts_file *facts_file(const struct facts *f, const char *path);

#endif
