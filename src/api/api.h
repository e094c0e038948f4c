/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The REST API that RutOS devices have, as a function: a request and the texts of the configuration
 * in, a response and the edited texts out. It opens no file, asks no clock and knows no socket, so
 * the HTTP server, the command line and the tests all call the same thing.
 *
 * A request is done whole or not at all: when anything in it is wrong, nothing is edited. The texts
 * that come back are for the caller to save; only then may the response be sent.
 *
 * Sections without a name get one, the next number, when something is written; until then they are
 * known by the number they would get. So an id means the same section before and after.
 */
#ifndef API_API_H
#define API_API_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/slice.h"

#define API_BODY_MAX (1u << 20)	   /* bytes in the largest body */
#define API_DEPTH_MAX 16	   /* arrays and objects inside each other */
#define API_BULK_MAX 100	   /* requests in one bulk request */
#define API_MANY_MAX 1000	   /* sections in one PUT or DELETE of many */
#define API_CUSTOM_MAX 65535	   /* bytes of custom rules */
#define API_CUSTOM_PATH "/etc/firewall.user"

/* Who asks. Each role may do what the one before it may. */
enum api_role { API_VIEWER, API_OPERATOR, API_ADMIN };

struct api_texts {
	struct slice firewall; /* /etc/config/firewall */
	struct slice zonewall; /* /etc/config/zonewall; empty when there is none */
	struct slice custom;   /* the file of custom rules, api_custom_path(); empty likewise */
	const char *custom_path; /* of that file, for a new include; NULL: API_CUSTOM_PATH */
};

/* What only the running system knows. */
enum api_live {
	API_LIVE_IPV4,	      /* rules and counters: §10 of the device's status pages */
	API_LIVE_IPV6,
	API_LIVE_RESET_IPV4,  /* sets counters to zero */
	API_LIVE_RESET_IPV6,
	API_LIVE_CONNECTIONS,
};

/* Called for each diagnostic; it lives only as long as the call. */
typedef void api_report(void *to, const struct diag *diag);

struct api_caller {
	enum api_role role;
	int64_t today; /* local midnight, as seconds since 1970-01-01; 0: unknown */
	/*
	 * Compiles edited texts. Returns true when there is no error; reports every diagnostic in
	 * both cases. Spans into the firewall text must be into texts->firewall itself. NULL: the
	 * values are checked one by one and no more.
	 */
	bool (*accept)(void *context, const struct api_texts *texts, api_report *report, void *to);
	/* The answer's `data`, a new reference; NULL when there is no source for it. */
	json_t *(*live)(void *context, enum api_live what);
	void *context; /* of both */
};

struct api_request {
	const char *method; /* "GET" */
	const char *path;   /* "/api/firewall/zones/config/2"; "/api" and "/v1" may be left out */
	const char *query;  /* what follows '?', not decoded; NULL: nothing */
	struct slice body;  /* JSON text; p NULL: none */
};

struct api_response {
	int status;   /* of HTTP */
	json_t *body; /* the envelope; ours to free */
	/* What to save; of the others the buffer is empty. */
	bool firewall_changed, custom_changed;
	struct buf firewall, custom;
};

/* Answers a request. Every failure is in the response; release it in all cases. */
void api_run(const struct api_texts *texts, const struct api_caller *caller,
	const struct api_request *request, struct api_response *ret);
void api_response_release(struct api_response *response);

/* The largest body that may be sent to a path, to be refused while it is being read. */
size_t api_body_max(const char *path);

/*
 * Where a firewall text has its custom rules: the path of the include of a file "firewall.user",
 * else `otherwise`. In the arena.
 */
const char *api_custom_path(struct arena *arena, struct slice firewall, const char *otherwise);

/*
 * The table of routes: [{path, methods:[...], read, write, page, body_max, keys:[{key, list,
 * section, option}]}], roles by name. A new reference.
 */
json_t *api_routes_json(void);

#endif
