/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one table of routes: what path there is, who may do what to it, which sections it stands for
 * and which of their options it shows under what key. What an option is (its type, its limits, its
 * value in a new section) is not said here: that is in the tables of model/.
 */
#include <string.h>

#include "api/api_priv.h"

/* ---- places ---- */

static const struct api_place place_defaults = { .type = "defaults" };
static const struct api_place place_wan = {
	.type = "zone", .name = "wan", .legacy = "pscan", .must_exist = true
};
static const struct api_place place_flags = { .type = "defaults", .legacy = "pscan" };

/* The stock rules; one that was deleted comes back as it was, for both families. */
static const struct api_initial initial_ping[] = {
	{ "name", "Allow-Ping" }, { "enabled", "1" }, { "src", "wan" }, { "proto", "icmp" },
	{ "icmp_type", "echo-request" }, { "target", "ACCEPT" }, { NULL },
};
#define SERVICE(NAME, PORT)                                                                        \
	{                                                                                          \
		{ "name", NAME }, { "enabled", "0" }, { "src", "wan" }, { "proto", "tcp" },        \
		{ "dest_port", PORT }, { "target", "ACCEPT" }, { NULL },                           \
	}
static const struct api_initial initial_ssh[] = SERVICE("Enable_SSH_WAN", "22");
static const struct api_initial initial_http[] = SERVICE("Enable_HTTP_WAN", "80");
static const struct api_initial initial_https[] = SERVICE("Enable_HTTPS_WAN", "443");

static const struct api_place place_ping = {
	.type = "rule", .name = "Allow-Ping", .initial = initial_ping
};
static const struct api_place place_ssh = {
	.type = "rule", .name = "Enable_SSH_WAN", .initial = initial_ssh
};
static const struct api_place place_http = {
	.type = "rule", .name = "Enable_HTTP_WAN", .initial = initial_http
};
static const struct api_place place_https = {
	.type = "rule", .name = "Enable_HTTPS_WAN", .initial = initial_https
};

/* No internal zone: it is the one that the host's address is in. */
static const struct api_initial initial_dmz[] = {
	{ "name", "dmz_fw" }, { "enabled", "0" }, { "target", "DNAT" }, { "mode", "host" },
	{ "src", "wan" }, { "proto", "tcp udp" }, { "reflection", "0" }, { NULL },
};
static const struct api_place place_dmz = {
	.type = "redirect", .name = "dmz_fw", .mode = "host", .initial = initial_dmz
};

/* ---- fields ---- */

static const struct api_field global_fields[] = {
	{ .key = "drop_invalid" }, { .key = "auto_helper" }, { .key = "input" },
	{ .key = "output" }, { .key = "forward" },
};

static const struct api_field offloading_fields[] = {
	{ .key = "flow_offloading" }, { .key = "flow_offloading_hw" },
	{ .key = "flow_offloading_xfrm" },
};

static const struct api_field zone_fields[] = {
	{ .key = "name", .is_name = true, .max = 11 },
	{ .key = "enabled" }, { .key = "input" }, { .key = "output" }, { .key = "forward" },
	{ .key = "masq" }, { .key = "masq6" }, { .key = "mtu_fix" },
	{ .key = "network", .joined = true }, { .key = "device", .max = 16 }, { .key = "subnet" },
	{ .key = "family" }, { .key = "masq_src" }, { .key = "masq_dest" },
	{ .key = "conntrack" }, { .key = "log", .shows_fallback = true }, { .key = "log_limit" },
	{ .key = "helper", .joined = true },
	{ .key = "out", .kind = KIND_OUT }, { .key = "in", .kind = KIND_IN },
};

#define TIME_FIELDS                                                                                \
	{ .key = "weekdays", .words = true }, { .key = "monthdays", .words = true },               \
	{ .key = "start_time" }, { .key = "stop_time" }, { .key = "start_date" },                  \
	{ .key = "stop_date" }, { .key = "utc_time" }
#define LIMIT_FIELDS(COUNT, BURST)                                                                 \
	{ .key = "period", .option = "limit", .kind = KIND_RATE_PERIOD,                            \
	  .shown = (COUNT) ? "second" : NULL },                                                    \
	{ .key = "limit", .kind = KIND_RATE_COUNT, .shown = (COUNT) },                             \
	{ .key = "limit_burst", .shown = (BURST) }

static const struct api_field forward_fields[] = {
	{ .key = "name", .is_name = true, .max = 2048 }, { .key = "enabled" }, { .key = "proto" },
	{ .key = "src" }, { .key = "src_mac" }, { .key = "src_ip" }, { .key = "src_port" },
	{ .key = "src_dip" }, { .key = "src_dport", .any_clears = true }, { .key = "dest" },
	{ .key = "dest_ip", .scalar = true },
	{ .key = "dest_port", .scalar = true, .any_clears = true },
	{ .key = "reflection" }, { .key = "extra" }, { .key = "helper" }, { .key = "family" },
	TIME_FIELDS, { .key = "priority", .kind = KIND_PRIORITY },
};

static const struct api_field rule_fields[] = {
	{ .key = "name", .is_name = true, .max = 64 }, { .key = "enabled" }, { .key = "family" },
	{ .key = "proto" }, { .key = "icmp_type" }, { .key = "src" }, { .key = "src_mac" },
	{ .key = "src_ip", .max = 64 }, { .key = "src_port" }, { .key = "dest_local" },
	{ .key = "dest" }, { .key = "dest_ip", .max = 64 }, { .key = "dest_port" },
	{ .key = "target" }, { .key = "set_dscp" }, { .key = "set_mark" },
	{ .key = "match", .only = "DSCP FWMARK MARK" }, { .key = "mark" }, { .key = "dscp" },
	{ .key = "set_mss" }, { .key = "ttl_action" }, { .key = "ttl_value" }, { .key = "extra" },
	LIMIT_FIELDS(NULL, NULL), { .key = "limit_log_overlimit" },
	TIME_FIELDS,
	{ .key = "owner_type", .option = "_owner_type", .read_only = true },
	{ .key = "owner_id", .option = "_owner_id", .read_only = true },
	{ .key = "priority", .kind = KIND_PRIORITY },
};

/* Both kinds have the same keys: in a nat section the zone traffic leaves by is `src`. */
static const struct api_field snat_fields[] = {
	{ .key = "name", .is_name = true, .max = 64 }, { .key = "enabled" },
	{ .key = "target", .only = "SNAT ACCEPT" }, { .key = "proto" }, { .key = "src" },
	{ .key = "src_ip" }, { .key = "src_port" }, { .key = "dest" },
	{ .key = "dest_ip", .scalar = true }, { .key = "dest_port", .scalar = true },
	{ .key = "src_dip" }, { .key = "src_dport" }, { .key = "extra" },
	TIME_FIELDS, { .key = "priority", .kind = KIND_PRIORITY },
};
static const struct api_field nat_fields[] = {
	{ .key = "name", .is_name = true, .max = 64 }, { .key = "enabled" },
	{ .key = "target" }, { .key = "proto" }, { .key = "src", .option = "src_zone" },
	{ .key = "src_ip" }, { .key = "src_port" }, { .key = "dest", .option = "src" },
	{ .key = "dest_ip", .scalar = true }, { .key = "dest_port", .scalar = true },
	{ .key = "src_dip", .option = "snat_ip" }, { .key = "src_dport", .option = "snat_port" },
	{ .key = "extra" }, TIME_FIELDS, { .key = "priority", .kind = KIND_PRIORITY },
};

static const struct api_field syn_flood_fields[] = {
	{ .key = "syn_flood" },
	{ .key = "synflood_rate", .kind = KIND_RATE_SECOND, .shows_fallback = true },
	{ .key = "synflood_burst", .shows_fallback = true },
	{ .key = "tcp_syncookies" },
};
/* The manual has a default for pings and for nothing else; the model holds to it as well. */
static const struct api_field icmp_fields[] = {
	{ .key = "enabled" }, { .key = "icmp_limit" }, LIMIT_FIELDS("5", "10"),
	{ .key = "limit_log_overlimit" },
};
#define SERVICE_FIELDS(FLAG)                                                                       \
	{                                                                                          \
		{ .key = FLAG },                                                                   \
		{ .key = "period", .option = "limit", .kind = KIND_RATE_PERIOD, .shown = "second" },\
		{ .key = "limit", .kind = KIND_RATE_COUNT }, { .key = "limit_burst" },             \
		{ .key = "limit_log_overlimit" },                                                  \
	}
static const struct api_field ssh_fields[] = SERVICE_FIELDS("ssh_limit");
static const struct api_field http_fields[] = SERVICE_FIELDS("http_limit");
static const struct api_field https_fields[] = SERVICE_FIELDS("https_limit");

static const struct api_field port_scan_fields[] = {
	{ .key = "port_scan" }, { .key = "hitcount" }, { .key = "seconds" },
	{ .key = "syn_fin", .place = &place_flags }, { .key = "syn_rst", .place = &place_flags },
	{ .key = "x_max", .place = &place_flags }, { .key = "nmap_fin", .place = &place_flags },
	{ .key = "null_flags", .place = &place_flags },
};

static const struct api_field dmz_fields[] = {
	{ .key = "enabled" }, { .key = "host_ip", .option = "dest_ip", .scalar = true },
	{ .key = "proto" }, { .key = "port_range", .option = "src_dport", .any_clears = true },
};

/* ---- shapes ---- */

static const char *text_of(const struct uci_section *s, const char *option)
{
	const struct uci_item *item = uci_option(s, option);

	return item ? item->value.text : "";
}

static bool target_is(const struct uci_section *s, const char *word)
{
	const char *target = text_of(s, "target");

	/* As the option is read: without regard to case, and cut short. */
	return target[0] && !strncasecmp(target, word, strlen(target));
}

static bool is_source_nat(const struct uci_section *s)
{
	return target_is(s, "SNAT") || target_is(s, "ACCEPT");
}

/* What the DMZ page manages has its own route, so nobody takes it for a forward of their own. */
static bool is_forward(const struct uci_section *s)
{
	static const char *const companions[] = { "dmz_fw", "dmz_http", "dmz_https", "dmz_ssh",
		"dmz_snmp", "dmz_dhcp" };
	const char *name = text_of(s, "name");

	if (is_source_nat(s) || !strcmp(text_of(s, "mode"), "host"))
		return false;
	for (size_t i = 0; i < COUNT_OF(companions); i++) {
		if (!strcmp(name, companions[i]) && (i == 0 || !uci_option(s, "dest_ip")))
			return false;
	}
	return true;
}

static const struct api_initial fixed_forward[] = { { "target", "DNAT" }, { NULL } };

#define SHAPE(TYPE, FIELDS, ...)                                                                   \
	{ .type = TYPE, .fields = FIELDS, .n_fields = COUNT_OF(FIELDS), __VA_ARGS__ }

static const struct api_shape shape_global[] = { SHAPE("defaults", global_fields) };
static const struct api_shape shape_offloading[] = { SHAPE("defaults", offloading_fields) };
static const struct api_shape shape_zone[] = { SHAPE("zone", zone_fields) };
static const struct api_shape shape_forward[] = { SHAPE("redirect", forward_fields,
	.belongs = is_forward, .fixed = fixed_forward) };
static const struct api_shape shape_rule[] = { SHAPE("rule", rule_fields) };
static const struct api_shape shape_nat[] = {
	SHAPE("redirect", snat_fields, .belongs = is_source_nat), SHAPE("nat", nat_fields)
};
static const struct api_shape shape_syn_flood[] = { SHAPE("defaults", syn_flood_fields) };
static const struct api_shape shape_icmp[] = { SHAPE("rule", icmp_fields) };
static const struct api_shape shape_ssh[] = { SHAPE("rule", ssh_fields) };
static const struct api_shape shape_http[] = { SHAPE("rule", http_fields) };
static const struct api_shape shape_https[] = { SHAPE("rule", https_fields) };
static const struct api_shape shape_port_scan[] = { SHAPE("zone", port_scan_fields) };
static const struct api_shape shape_dmz[] = { SHAPE("redirect", dmz_fields) };

static const struct api_dependent needs_offloading[] = {
	{ "flow_offloading_hw=1", "flow_offloading=1", NULL },
	{ "flow_offloading_xfrm=1", "flow_offloading=1", NULL }, { NULL },
};
static const struct api_dependent needs_rule[] = {
	{ "target=DSCP", "set_dscp", NULL }, { "target=MARK", "set_mark", NULL },
	{ "target=TTL", "ttl_value", NULL }, { "target=TCPMSS", "set_mss", NULL }, { NULL },
};
static const struct api_dependent needs_nat[] = {
	{ "target=SNAT", "src_dip", "src_dport" }, { "target=NETMAP", "src_dip", NULL }, { NULL },
};
static const struct api_dependent needs_dmz[] = {
	{ "enabled=1", "host_ip", NULL }, { "enabled=1", "proto", NULL }, { NULL },
};

/* ---- routes ---- */

#define SMALL (16u << 10)
#define COLLECTION(PATH, PAGE, SHAPES, ...)                                                        \
	{ .path = PATH, .handler = HANDLE_COLLECTION, .methods = GET | POST | PUT | DELETE,        \
	  .read = API_VIEWER, .write = API_OPERATOR, .page = PAGE, .body_max = API_BODY_MAX,       \
	  .shapes = SHAPES, .n_shapes = COUNT_OF(SHAPES), __VA_ARGS__ }
#define SINGLE(PATH, PAGE, SHAPES, PLACE, ...)                                                     \
	{ .path = PATH, .handler = HANDLE_SINGLE, .methods = GET | PUT, .read = API_VIEWER,        \
	  .write = API_OPERATOR, .page = PAGE, .body_max = SMALL, .shapes = SHAPES,                \
	  .n_shapes = 1, .place = PLACE, __VA_ARGS__ }
#define LIVE(PATH, METHOD, WHAT)                                                                   \
	{ .path = PATH, .handler = HANDLE_LIVE, .methods = METHOD, .read = API_VIEWER,             \
	  .write = API_OPERATOR, .page = "status", .body_max = SMALL, .live = WHAT }

static const struct api_route routes[] = {
	SINGLE("/firewall/global", "zones", shape_global, &place_defaults),
	SINGLE("/nat_offloading/global", "zones", shape_offloading, &place_defaults,
		.dependents = needs_offloading),
	COLLECTION("/firewall/zones/config", "zones", shape_zone),
	COLLECTION("/firewall/port_forwards/config", "forwards", shape_forward),
	COLLECTION("/firewall/traffic_rules/config", "rules", shape_rule, .dependents = needs_rule),
	COLLECTION("/firewall/nat_rules/config", "nat_rules", shape_nat, .dependents = needs_nat),
	SINGLE("/attack_prevention/syn_flood/config/general", "attack_prevention", shape_syn_flood,
		&place_defaults),
	SINGLE("/attack_prevention/icmp/config/general", "attack_prevention", shape_icmp,
		&place_ping),
	SINGLE("/attack_prevention/ssh/config/general", "attack_prevention", shape_ssh, &place_ssh),
	SINGLE("/attack_prevention/http/config/general", "attack_prevention", shape_http,
		&place_http),
	SINGLE("/attack_prevention/https/config/general", "attack_prevention", shape_https,
		&place_https),
	SINGLE("/attack_prevention/port_scan/config/general", "attack_prevention", shape_port_scan,
		&place_wan),
	{ .path = "/firewall/custom_rules/config/general", .handler = HANDLE_CUSTOM,
	  .methods = GET | PUT, .read = API_VIEWER, .write = API_ADMIN, .page = "custom",
	  .body_max = 512u << 10 },
	{ .path = "/firewall/custom_rules/actions/reset", .handler = HANDLE_CUSTOM_RESET,
	  .methods = POST, .read = API_VIEWER, .write = API_ADMIN, .page = "custom",
	  .body_max = SMALL },
	SINGLE("/dmz/config/general", "dmz", shape_dmz, &place_dmz, .dependents = needs_dmz),
	LIVE("/firewall/iptables/ipv4/status", GET, API_LIVE_IPV4),
	LIVE("/firewall/iptables/ipv6/status", GET, API_LIVE_IPV6),
	LIVE("/firewall/iptables/ipv4/actions/reset", POST, API_LIVE_RESET_IPV4),
	LIVE("/firewall/iptables/ipv6/actions/reset", POST, API_LIVE_RESET_IPV6),
	LIVE("/firewall/connections/status", GET, API_LIVE_CONNECTIONS),
	/* Each of its requests needs the role of its own route. */
	{ .path = "/bulk", .handler = HANDLE_BULK, .methods = POST, .read = API_VIEWER,
	  .write = API_VIEWER, .page = "bulk", .body_max = API_BODY_MAX },
	{ .path = "/zonewall/schema", .handler = HANDLE_SCHEMA, .methods = GET, .read = API_VIEWER,
	  .write = API_ADMIN, .page = "zonewall" },
	{ .path = "/zonewall/routes", .handler = HANDLE_ROUTES, .methods = GET, .read = API_VIEWER,
	  .write = API_ADMIN, .page = "zonewall" },
};

const struct api_route *api_routes(size_t *ret_n)
{
	*ret_n = COUNT_OF(routes);
	return routes;
}

const struct option_row *field_row(const struct api_shape *shape, const struct api_field *field)
{
	const char *type = field->place ? field->place->type : shape->type;

	if (field->kind == KIND_OUT || field->kind == KIND_IN)
		return NULL;
	return schema_option(model_section(slice_of(type)),
		slice_of(field->option ? field->option : field->key));
}

bool field_is_list(const struct api_shape *shape, const struct api_field *field)
{
	const struct option_row *row = field_row(shape, field);

	return !row || field->words || (row->list && !field->scalar);
}

const struct api_field *shape_field(const struct api_shape *shape, const char *key)
{
	for (size_t i = 0; i < shape->n_fields; i++) {
		if (!strcmp(shape->fields[i].key, key))
			return &shape->fields[i];
	}
	return NULL;
}
