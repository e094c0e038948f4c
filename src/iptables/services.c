/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of services that people write for ports. IANA's numbers; a router has no /etc/services. */
#include "iptables/iptables_priv.h"

static const struct {
	const char *name;
	uint16_t port;
} services[] = {
	{ "ftp-data", 20 },
	{ "ftp", 21 },
	{ "ssh", 22 },
	{ "telnet", 23 },
	{ "smtp", 25 },
	{ "time", 37 },
	{ "domain", 53 },
	{ "bootps", 67 },
	{ "bootpc", 68 },
	{ "tftp", 69 },
	{ "http", 80 },
	{ "www", 80 },
	{ "kerberos", 88 },
	{ "pop3", 110 },
	{ "sunrpc", 111 },
	{ "nntp", 119 },
	{ "ntp", 123 },
	{ "netbios-ns", 137 },
	{ "netbios-dgm", 138 },
	{ "netbios-ssn", 139 },
	{ "imap", 143 },
	{ "imap2", 143 },
	{ "snmp", 161 },
	{ "snmp-trap", 162 },
	{ "snmptrap", 162 },
	{ "bgp", 179 },
	{ "irc", 194 },
	{ "ldap", 389 },
	{ "https", 443 },
	{ "microsoft-ds", 445 },
	{ "submissions", 465 },
	{ "isakmp", 500 },
	{ "syslog", 514 },
	{ "dhcpv6-client", 546 },
	{ "dhcpv6-server", 547 },
	{ "submission", 587 },
	{ "ldaps", 636 },
	{ "domain-s", 853 },
	{ "imaps", 993 },
	{ "pop3s", 995 },
	{ "openvpn", 1194 },
	{ "l2f", 1701 },
	{ "l2tp", 1701 },
	{ "radius", 1812 },
	{ "mysql", 3306 },
	{ "ms-wbt-server", 3389 },
	{ "ipsec-nat-t", 4500 },
	{ "sip", 5060 },
	{ "sips", 5061 },
	{ "mdns", 5353 },
	{ "postgresql", 5432 },
	{ "x11", 6000 },
	{ "http-alt", 8080 },
};

bool ipt_service(struct slice name, uint32_t *ret)
{
	for (size_t i = 0; i < IPT_COUNT(services); i++) {
		if (slice_is(name, services[i].name)) {
			*ret = services[i].port;
			return true;
		}
	}
	return false;
}
