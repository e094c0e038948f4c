/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The backend's loader by the artefact; and the other backend's rules away once it has loaded. */
#include "kernel/ruleset.h"

#include <string.h>

#include "kernel/ipt_priv.h"

static int load_iptables(const struct artefact *artefact, const char *iptables,
	struct diags *diags, struct nft_load_stats *ret)
{
	struct ipt_load_stats stats = { 0 };
	int error = ipt_load(artefact->iptables, iptables, diags, &stats);

	if (ret) {
		*ret = (struct nft_load_stats){ .tries = 1, .rules = stats.rules };
		ret->build_us = stats.test_us;
		ret->send_us = stats.load_us;
		ret->verify_us = stats.verify_us;
	}
	return error;
}

static void warn_old(struct diags *diags, const char *which, int error)
{
	if (error)
		diag_warning(diags, SPAN_NONE, "old-backend",
			"the rules that were loaded by %s could not be removed: %s; both hold", which,
			strerror(-error));
}

int ruleset_load(const struct artefact *artefact, const char *iptables, struct diags *diags,
	struct nft_load_stats *ret)
{
	int error;

	if (!artefact->iptables) {
		error = nft_load(artefact->program, diags, ret);
		if (!error)
			warn_old(diags, "iptables", ipt_flush(iptables, NULL, diags));
		return error;
	}
	error = load_iptables(artefact, iptables, diags, ret);
	if (error)
		return error;
	warn_old(diags, "another iptables", ipt_flush(iptables, ipt_restore_path(iptables), diags));
	if (nft_table_present() == 1)
		warn_old(diags, "nft", nft_flush());
	return 0;
}

int ruleset_verify(const struct artefact *artefact, const char *iptables, struct diags *diags)
{
	return artefact->iptables ? ipt_verify(artefact->iptables, iptables, diags)
				  : nft_verify(artefact->program, diags);
}

int ruleset_present(const char *iptables)
{
	int nft = nft_table_present();

	return nft == 1 ? 1 : ipt_present(iptables) ? 1 : nft;
}

int ruleset_flush(const char *iptables, struct diags *diags)
{
	int error = nft_flush(), other = ipt_flush(iptables, NULL, diags);

	return error ? error : other;
}

int ruleset_counters(struct arena *arena, const struct artefact *artefact, const char *iptables,
	struct nft_counter_values *ret)
{
	if (artefact && artefact->iptables)
		return ipt_counters(arena, artefact->iptables, iptables, ret);
	return nft_counters(arena, false, ret);
}

/* ---- sets ---- */

static bool is_ipset(void)
{
	return nft_table_present() != 1 && ipt_ipset_path();
}

int ruleset_sets(struct arena *arena, struct nft_set_names *ret)
{
	return is_ipset() ? ipt_sets(arena, ret) : nft_sets(arena, ret);
}

int ruleset_set_elements(struct arena *arena, const char *set, struct nft_live_elements *ret)
{
	return is_ipset() ? ipt_set_elements(arena, set, ret) : nft_set_elements(arena, set, ret);
}

int ruleset_set_remove_addr(const char *set, const struct addr *addr)
{
	return is_ipset() ? ipt_set_remove_addr(set, addr) : nft_set_remove_addr(set, addr);
}
