/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of api/ share: the rows of the route table, and the state of one request. */
#ifndef API_API_PRIV_H
#define API_API_PRIV_H

#include "api/api.h"
#include "base/arena.h"
#include "model/model.h"
#include "schema/schema.h"
#include "uci/uci.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define VALUE_MAX 4096 /* bytes of a value, when its field has no limit of its own */

/* The device's error codes; which of them goes with which mistake is part of the contract. */
enum api_code {
	CODE_NOT_IMPLEMENTED = 100,
	CODE_NO_ACTION = 101,
	CODE_INVALID_OPTION = 103,
	CODE_INVALID_STRUCTURE = 107,
	CODE_NO_CREATE = 108,
	CODE_NAME_USED = 109,
	CODE_NAME_MISSING = 110,
	CODE_NO_DELETE = 111,
	CODE_DELETE_ALL = 112,
	CODE_INVALID_SECTION = 113,
	CODE_NO_BODY = 114,
	CODE_UCI_SET = 115,
	CODE_QUERY = 116,
	CODE_CONFIG = 117,
	CODE_ID_ON_POST = 118,
	CODE_NO_EDIT = 119,
	CODE_UNAUTHORIZED = 120,
	CODE_REQUEST = 122,
	CODE_SIZE = 151,
	CODE_INTERNAL = 999,
};

/* ---- the table ---- */

/* Options that a section is created with, before those of the request; ended by a NULL option. */
struct api_initial {
	const char *option, *value;
};

/* A section that a page edits, which is one of its kind. */
struct api_place {
	const char *type;   /* of the section */
	const char *name;   /* the value of its name option; NULL: the first section of the type */
	const char *mode;   /* or, before that, the value of its mode option */
	const char *legacy; /* id of a section whose options count while ours are absent */
	bool must_exist;    /* it is not made when it is missing */
	const struct api_initial *initial; /* NULL: as the option table says */
};

enum api_kind {
	KIND_OPTION,	  /* the option itself */
	KIND_RATE_COUNT,  /* the N of N/unit */
	KIND_RATE_PERIOD, /* the unit of N/unit */
	KIND_RATE_SECOND, /* N, stored as N/second */
	KIND_OUT,	  /* the zones that this zone forwards to */
	KIND_IN,	  /* the zones that it is forwarded to from */
	KIND_PRIORITY,	  /* the place among the sections of the list */
};

struct api_field {
	const char *key;
	const char *option; /* NULL: the same word */
	enum api_kind kind;
	const struct api_place *place; /* another section than the object's own; NULL: its own */
	const char *only;  /* the words that are allowed, of those the option has */
	const char *shown; /* what is shown while the option is absent */
	unsigned max;	   /* bytes of a value; 0: VALUE_MAX */
	bool shows_fallback; /* while absent, show what the option table says; bool and enum do */
	bool scalar;	   /* a list of the table that is one string here */
	bool words;	   /* a string of words in the table that is a list here */
	bool joined;	   /* a list that is stored as one string of words */
	bool any_clears;   /* "any" is the same as "" */
	bool read_only;
	bool is_name;	   /* letters, digits, '_', '-' and blanks; unique in the list */
};

/* One kind of section as an object. */
struct api_shape {
	const char *type; /* of the section */
	bool (*belongs)(const struct uci_section *section); /* NULL: all of the type */
	const struct api_field *fields;
	size_t n_fields;
	const struct api_initial *fixed; /* a new section has these besides; NULL: none */
};

/* "when" holds in the finished object: then `needs` must. Both are KEY or KEY=VALUE. */
struct api_dependent {
	const char *when, *needs, *or_needs;
};

enum api_handler {
	HANDLE_COLLECTION,
	HANDLE_SINGLE,
	HANDLE_CUSTOM,
	HANDLE_CUSTOM_RESET,
	HANDLE_BULK,
	HANDLE_SCHEMA,
	HANDLE_ROUTES,
	HANDLE_LIVE,
};

enum api_method { GET = 1, POST = 2, PUT = 4, DELETE = 8 };

struct api_route {
	const char *path;
	enum api_handler handler;
	unsigned methods; /* of enum api_method; a collection has /{id} for GET, PUT and DELETE */
	enum api_role read, write;
	const char *page; /* the group of pages that rights are given for */
	size_t body_max;
	const struct api_shape *shapes; /* what it lists; the last one is what it makes */
	size_t n_shapes;
	const struct api_place *place; /* of a single object */
	const struct api_dependent *dependents; /* ended by a NULL when */
	enum api_live live;
};

const struct api_route *api_routes(size_t *ret_n);
/* The option a field is stored in; NULL for the virtual ones. */
const struct option_row *field_row(const struct api_shape *shape, const struct api_field *field);
bool field_is_list(const struct api_shape *shape, const struct api_field *field);
const struct api_field *shape_field(const struct api_shape *shape, const char *key);

/* ---- the state ---- */

/* A section that a request edited, and its name in replies. */
struct api_touched {
	const char *path, *shown;
	const struct api_shape *shape; /* NULL: none */
};

/* One request, or one of a bulk request. */
struct api_item {
	int status;	  /* 0: not known yet */
	json_t *data;	  /* of success */
	json_t *errors;	  /* array */
	json_t *messages; /* array */
	bool writes;
	VEC(struct api_touched) touched;
};

struct api {
	struct arena arena;
	const struct api_texts *texts;
	const struct api_caller *caller;
	struct uci_edit edit; /* of the firewall text, every section of a list with its name */
	bool editing;	      /* edit was started */
	bool edited;	      /* and something in it was changed */
	struct buf custom;
	bool custom_edited;
	bool hex_marks;
	struct api_item *item; /* the one at hand */
};

/* A request as understood. */
struct api_call {
	enum api_method method;
	const struct api_route *route;
	const char *id; /* NULL: none */
	const char *query;
	json_t *data; /* of the body; borrowed; NULL: none */
	bool has_data;
};

/* ---- replies (reply.c) ---- */

/*
 * Notes an error. source is an option or "Request", "Validation", "UCI", ...; section and value may
 * be NULL. The first error's status is the reply's. Always false.
 */
bool reply_error(struct api *a, int status, enum api_code code, const char *source,
	const char *section, json_t *value, const char *fmt, ...)
	__attribute__((format(printf, 7, 8)));
/* The same for a value that is wrong: 422, CODE_INVALID_OPTION. */
bool refuse_value(struct api *a, const char *key, const char *section, json_t *value,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* An edit that UCI refused; false. */
bool refuse_edit(struct api *a, const char *section, const char *key, int err);
bool item_failed(const struct api_item *item);
/* The envelope of an item; takes what it holds. */
json_t *item_envelope(struct api_item *item);
void item_release(struct api_item *item);
void item_touch(
	struct api *a, const char *path, const char *shown, const struct api_shape *shape);
/* A JSON string of any bytes; what is no UTF-8 becomes \xNN. */
json_t *json_text(const char *text);

/* ---- bodies and queries (body.c) ---- */

/* Reads a body; NULL after an error. */
json_t *body_read(struct api *a, struct slice text, size_t max);

struct query_pair {
	const char *key, *value;
};
struct query {
	VEC(struct query_pair) filters;
	uint64_t limit, offset;
	bool has_limit, has_offset;
};
bool query_read(struct api *a, const char *text, struct query *ret);

/* ---- ids (naming.c) ---- */

/* Starts a->edit with every anonymous section of a listed type named. False after an error. */
bool editing_start(struct api *a);
/* Goes on with another text, for edits of many places at once. False after an error. */
bool edit_again(struct api *a, const char *text);
/* The next free number, as a name. */
const char *next_id(struct api *a);

/* ---- objects (read.c) ---- */

/* What a field holds, a new reference; NULL when it is absent. */
json_t *field_read(struct api *a, const struct api_route *route, const struct api_shape *shape,
	const struct api_field *field, const struct uci_section *section);
/* The whole object, with its id when it has one; place is that in its list, 0 when not known. */
json_t *object_read(struct api *a, const struct api_route *route, const struct api_shape *shape,
	const struct uci_section *section, const char *id, size_t place);
/* The section of a place, NULL when there is none. */
const struct uci_section *place_find(const struct api *a, const struct api_place *place);
/* The words of an option, by its name or alias. */
struct word_list {
	VEC(const char *) v;
};
struct word_list option_words(
	struct arena *arena, const struct uci_section *section, const struct option_row *row);
/* The text of a scalar option; NULL when absent. */
const char *option_text(const struct uci_section *section, const struct option_row *row);

/* The sections of a collection in order. */
struct listed {
	const struct uci_section *section;
	const struct api_shape *shape;
};
struct listing {
	VEC(struct listed) v;
};
struct listing list_sections(struct api *a, const struct api_route *route);
/* One of them by id, with its place from 1; false when there is none. */
bool list_find(struct api *a, const struct api_route *route, const char *id, struct listed *ret,
	size_t *ret_place);

/* ---- checks (check.c, depend.c) ---- */

/* Checks the values of an object; false after errors. section is NULL for a new one. */
bool object_check(struct api *a, const struct api_route *route, const struct api_shape *shape,
	const struct uci_section *section, const char *shown, json_t *object);
/* Checks the finished object: what depends on what, dates, the name. */
bool object_check_whole(struct api *a, const struct api_route *route, const struct api_shape *shape,
	const struct uci_section *section, const char *shown, const char *id, json_t *given);
bool zone_exists(const struct api *a, const char *name);

/* ---- edits (write.c, zones.c, order.c) ---- */

/*
 * Writes the object's values into the section; those it has already are left alone. A fresh section
 * gets them all, also what an absent option would mean anyway.
 */
bool object_write(struct api *a, const struct api_route *route, const struct api_shape *shape,
	const char *path, const char *shown, json_t *object, bool fresh);
/* Appends a section with what a new one has, without the keys that the object gives. */
bool section_create(struct api *a, const struct api_shape *shape, const char *type, const char *id,
	const struct api_initial *initial, json_t *object);
/* Sets an option from text, a list from its words; "" removes it. */
int option_write(struct api *a, const char *path, const struct option_row *row,
	const char *const *words, size_t n, bool as_list);
/* Makes the section of a place when it is missing; its path, NULL after an error. */
const char *place_make(struct api *a, const struct api_shape *shape, const struct api_place *place,
	json_t *object);

/* The zones at the other end, in file order. */
json_t *forwardings_read(struct api *a, const char *zone, bool out);
/* Makes it so for the zone section at a path; forwardings that stay keep all they have. */
bool forwardings_write(struct api *a, const char *path, bool out, json_t *zones);
/* Rewrites, or removes, what refers to a zone by its name. */
bool zone_rename(struct api *a, const char *from, const char *to);
bool zone_forget(struct api *a, const char *name);

/* Reorders a collection by the `priority` of the objects given. */
bool order_apply(struct api *a, const struct api_route *route, json_t *objects);
/* Stores the next priority for a new section, where the file has stored ones. */
bool order_new(struct api *a, const struct api_route *route, const char *id);

/* ---- handlers ---- */

void handle_collection(struct api *a, const struct api_call *call);
void handle_single(struct api *a, const struct api_call *call);
void handle_custom(struct api *a, const struct api_call *call);
void handle_custom_reset(struct api *a);

/* Lets the caller compile what was edited, and gives its errors to the items they belong to. */
bool verify(struct api *a, struct api_item *items, size_t n);

#endif
