/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What port forwards, NAT loopback and the exposed host share: one forward being lowered. */
#ifndef LOWER_REDIRECT_PRIV_H
#define LOWER_REDIRECT_PRIV_H

#include "lower/lower_priv.h"

struct forward {
	const struct redirect *r;
	const struct addr_spec *inside; /* NULL: the router itself */
	const struct port_spec *port;	/* the internal port; NULL: the external one */
	bool exposed;			/* the exposed host of the DMZ page */
	const struct ir_origin *origin;
	struct ir_counter *counter;
	const struct ir_limit *limit;
};

/* The family of the internal address; ANY for the router itself. */
enum family forward_family(const struct forward *f);
/* What packets look like on the outside: external address and port into the wish. */
void forward_outside(const struct redirect *r, struct match_wish *wish);
/* The verdict that translates: DNAT, or REDIRECT to the router itself. */
void forward_translate(struct lower *l, const struct forward *f, struct ir_rule *rule);
/* Matches translated packets of a variant: protocol, internal address and port, and that they are.
 */
void forward_match_inside(struct lower *l, const struct forward *f, struct ir_rule *rule,
	const struct ir_rule *variant);
/* Opens the way of the variant's translated packets that came from zone `from`. */
void forward_open(struct lower *l, const struct forward *f, const struct zone *from,
	const struct ir_rule *variant);

/* NAT loopback of one forward (loopback.c). */
void forward_loop_back(struct lower *l, const struct forward *f);

/*
 * Before the exposed host's own rules in the source zone's chain: what stays with the router
 * (dmz.c). Makes match_expand() calls.
 */
void dmz_exceptions(struct lower *l, const struct forward *f);
/* The forward of the DMZ page: whatever nobody else wants goes to one host. */
bool dmz_is_host(const struct redirect *r);
/* A forward that RutOS writes beside its exposed host, for a service of the router. */
bool dmz_is_companion(const struct redirect *r);

#endif
