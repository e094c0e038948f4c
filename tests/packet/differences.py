# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases that end otherwise with iptables, each with its reason; docs/backends.md says the same to users.

REFUSED: check must refuse with [not-expressible]. WARNED: apply must warn with this id, and the
packets may then differ. LACKING: what a kernel may lack; apply must then say [kernel-refused].
SKIPPED: the case looks into nft's own sets, so it says nothing of iptables.
"""
import fnmatch

REFUSED = ["attack: * limit, of one day", "manual_rest: * page: two of a day, IPv4 and IPv6",
           "rules_advanced: limit: five at once when no burst is given",
           "manual_rest: limits at the ends of the manual's ranges are loaded"]

WARNED = {
    "attack_limits: Enable_*_WAN: one bucket for all when asked, and the excess is dropped":
        "limit-per-family",
    "attack_limits: limits: any rule can have one per source": "limit-per-family",
}

LACKING = {
    "ipsets: set of MAC addresses": "hash:mac",
    "ipsets: set of addresses and MAC addresses": "hash:ip,mac",
    "ipsets: set of two networks": "hash:net,net",
}

SKIPPED = {
    "attack_limits: limits: a full set keeps newcomers out*": "buckets are in xt_hashlimit",
    "port_scan: port scan: a full set of counters*": "the case fills sets of nft",
    "port_scan: port scan: a full set of ports*": "the case fills sets of nft",
    "port_scan: port scan: a full set of bans*": "the case fills sets of nft",
    "port_forwards: loopback: a new address is one more element": "rules name the addresses",
    "syn_flood: * fill a zone's memory*": "buckets are in xt_hashlimit",
    "syn_flood: SYN flood through the router: the same": "buckets are in xt_hashlimit",
    "extra_arguments: extra: hashlimit above, then drop: a full table*":
        "buckets are in xt_hashlimit, which refuses by itself when it is full",
    "manual_rest: a limit the kernel cannot hold*": "check foresees it, so the kernel is not asked",
    "flag_attacks: flags: hping3 -S -F is dropped and counted": "the case lists counters of nft",
}

# ip6tables-nft-restore 1.8.9 reads counters and does not load them
NFT_ONLY_SKIPPED = {
    "attack_limits: limits: a reload gives nobody new tokens":
        "ip6tables-nft-restore 1.8.9 forgets counters",
}


def _find(table, name):
    for pattern in table:
        if fnmatch.fnmatchcase(name, pattern):
            return table[pattern] if isinstance(table, dict) else pattern
    return None


class Difference:
    """What to expect of a case: at most one of these is set."""

    def __init__(self, case, backend):
        name = f"{case.module}: {case.name}"
        ours = backend != "nft"
        self.refused = ours and _find(REFUSED, name) is not None
        self.warning = _find(WARNED, name) if ours else None
        self.lacking = _find(LACKING, name) if ours else None
        self.skipped = _find(SKIPPED, name) if ours else None
        if backend == "iptables-nft" and not self.skipped:
            self.skipped = _find(NFT_ONLY_SKIPPED, name)
