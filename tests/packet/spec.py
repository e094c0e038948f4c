# SPDX-License-Identifier: GPL-2.0-or-later
"""How a case is written: a configuration, packets by names of hosts, and what must become of them.

    case("source port: a range", fields=["4.1.1 Source port"], rules='''
    config rule
            option name 'r'
            ...
    ''', packets=[
            tcp("inet.7", "router", sport=4005, dport=22).accept("r"),
            tcp("inet.7", "router", sport=4006, dport=22).reject(),
    ])

A host is NETWORK.NUMBER ("lan.10", "inet.7"), the router is "router" (its address towards the other
end) or "router.NETWORK". Such a packet stands for two, IPv4 and IPv6, unless it ends in .v4 or .v6;
plain addresses stand for their own family. What an accepted packet is not said to have changed, it
must have kept: addresses, ports, marks, DSCP, MSS, and the TTL but for the hop.
"""
import copy
import dataclasses

import lab
import wire

SYN, ACK, FIN, RST, PSH, URG = wire.SYN, wire.ACK, wire.FIN, wire.RST, wire.PSH, wire.URG
SYNACK = SYN | ACK


# ---- hosts ----

def _network(name):
    return lab.NETWORKS[name.split(".")[0]]


def address(host, family, other=None):
    """The address of a host in a family; None when it has none there. other: the packet's other end."""
    if ":" in host or host.replace(".", "").isdigit():
        return host if (":" in host) == (family == 6) else None
    if host.startswith("router"):
        net = _network(host[7:] if "." in host else
                       other if other and not _literal(other) else "inet")
        return net.router4 if family == 4 else net.router6
    net, number = _network(host), host.split(".")[1]
    return (net.prefix4 if family == 4 else net.prefix6) + number


def _literal(host):
    return ":" in host or host.replace(".", "").isdigit()


def is_router(host, family):
    own = [n.router4 if family == 4 else n.router6 for n in lab.LINKS]
    return host.startswith("router") or host in own


# ---- packets ----

@dataclasses.dataclass
class Expectation:
    kind: str
    decided: str | None = None  # name of the section that decides
    reject: str | None = None
    changes: dict = dataclasses.field(default_factory=dict)


class Spec:
    """A packet to send and what is expected of it. The methods after the first return it changed."""

    def __init__(self, frm, to, proto, **fields):
        self.frm, self.to, self.proto, self.fields = frm, to, proto, fields
        self.via = fields.pop("via", None)     # enters by another device than its source's
        self.mark = fields.pop("mark", 0)      # the router's own packets: mark of their socket
        self.uid = fields.pop("uid", None)     # ... and owner
        self.ct = fields.pop("ct", None)       # how connection tracking sees it, when not as usual
        self.helper = fields.pop("helper", None)  # of the connection that expected it
        self.families = [f for f in (4, 6) if self._exists(f)]
        self.expected = None
        self.log = ()                          # prefix that must be logged; None: nothing
        self.after, self.relation = None, None  # the packet it belongs to, and how

    def _exists(self, family):
        return address(self.frm, family, self.to) is not None and \
            address(self.to, family, self.frm) is not None

    @property
    def v4(self):
        return self._only(4)

    @property
    def v6(self):
        return self._only(6)

    def _only(self, family):
        self.families = [f for f in self.families if f == family]
        return self

    def accept(self, decided=None, **changes):
        self.expected = Expectation(lab.ACCEPTED, decided, changes=changes)
        return self

    def drop(self, decided=None):
        self.expected = Expectation(lab.DROPPED, decided)
        return self

    def reject(self, decided=None, with_=None):
        default = lab.TCP_RESET if self.proto == wire.TCP else lab.PORT
        self.expected = Expectation(lab.REJECTED, decided, reject=with_ or default)
        return self

    def logged(self, prefix):
        """The firewall must log the packet with this prefix; None: it must not log it."""
        self.log = prefix
        return self


def tcp(frm, to, dport=80, flags=SYN, **fields):
    return Spec(frm, to, wire.TCP, dport=dport, flags=flags, **fields)


def udp(frm, to, dport=53, **fields):
    return Spec(frm, to, wire.UDP, dport=dport, **fields)


def sctp(frm, to, dport=80, **fields):
    return Spec(frm, to, wire.SCTP, dport=dport, **fields)


def proto(number, frm, to, **fields):
    """A packet of any protocol without ports."""
    return Spec(frm, to, number, **fields)


def icmp(frm, to, type4=None, type6=None, **fields):
    """ICMP or ICMPv6; a type is N or (N, code). A family without a type is left out."""
    spec = Spec(frm, to, wire.ICMP, type4=type4, type6=type6, **fields)
    if type4 is None:
        spec._only(6)
    if type6 is None:
        spec._only(4)
    return spec


def ping(frm, to, **fields):
    return icmp(frm, to, 8, 128, **fields)


def answer(to, **fields):
    """What the far end sends back to an earlier packet, as that end saw it."""
    return _belonging(to, "answer", fields)


def follow(to, **fields):
    """A further packet of the sender of an earlier one, after the answer."""
    return _belonging(to, "follow", fields)


def unreachable(to, **fields):
    """The ICMP error that the far end, or a router near it, sends about an earlier packet."""
    return _belonging(to, "error", fields)


def _belonging(to, relation, fields):
    spec = Spec(to.frm, to.to, to.proto, **{**to.fields, **fields})
    spec.families = to.families
    spec.after, spec.relation, spec.uid = to, relation, to.uid
    return spec


class Skip(Exception):
    """Raised by an action: the case cannot be tried here, for this reason."""


class Action:
    """Something done between two packets."""

    def __init__(self, what, do):
        self.what, self.do = what, do
        self.seconds = 0  # that pass by it


def flush_connections():
    return Action("flush connections", lambda the_lab: the_lab.conntrack.flush())


def pause(seconds):
    """Time passes; for the evaluator too, in whole seconds since the case's first packet."""
    import time
    action = Action("pause", lambda the_lab: time.sleep(seconds))
    action.seconds = seconds
    return action


# ---- from a spec to a packet of one family ----

def first_state(p):
    """How connection tracking sees a packet that belongs to no connection (Linux 6.x)."""
    if p.proto == wire.TCP:
        flags = p.flags & ~(PSH | 0xC0)
        return "new" if flags in (SYN, SYN | URG, ACK, ACK | URG) else "invalid"
    if p.family == 4 and p.proto == wire.ICMP:
        return "new" if p.icmp_type in (8, 13, 15, 17) else "invalid"
    if p.family == 6 and p.proto == wire.ICMPV6:
        if p.icmp_type in (130, 131, 132, 133, 134, 135, 136, 143):
            return "untracked"
        return "new" if p.icmp_type in (128, 139) else "invalid"
    return "new"


class Concrete:
    """A spec in one family, ready to be sent."""
    next_port = 20000

    def __init__(self, spec, family):
        self.spec, self.family, self.expected = spec, family, spec.expected
        self.after = None
        self.outcome = None
        p = wire.Packet(family, address(spec.frm, family, spec.to),
                        address(spec.to, family, spec.frm), spec.proto)
        fields = dict(spec.fields)
        if spec.proto == wire.ICMP:
            p.proto = wire.ICMP if family == 4 else wire.ICMPV6
            kind = fields.pop(f"type{family}")
            fields.pop(f"type{10 - family}")
            p.icmp_type, p.icmp_code = kind if isinstance(kind, tuple) else (kind, 0)
        elif p.has_ports():
            p.sport = Concrete.next_port = 20000 + (Concrete.next_port - 19999) % 40000
        for name, value in fields.items():
            setattr(p, name, value)
        self.packet = p
        self.device = None if is_router(spec.frm, family) else \
            spec.via or _network_of(p.src).device
        self.state = spec.ct or first_state(p)

    def label(self):
        p = self.packet
        words = {wire.TCP: "tcp", wire.UDP: "udp", wire.ICMP: "icmp", wire.ICMPV6: "icmpv6"}
        name = words.get(p.proto, f"protocol {p.proto}")
        ports = f" {p.sport}>{p.dport}" if p.has_ports() else ""
        kind = f" {p.icmp_type}/{p.icmp_code}" if p.is_icmp() else ""
        return f"IPv{p.family} {name}{kind} {p.src} > {p.dst}{ports}" \
            f"{' (' + self.spec.relation + ')' if self.spec.relation else ''}"

    def injection(self):
        """Completes what depends on an earlier packet; call when that one has its outcome."""
        if self.after is not None:
            getattr(self, "_as_" + self.spec.relation)()
            self.state = self.spec.ct or self.state
        return lab.Injection(self.packet, self.device, self.spec.mark, self.spec.uid)

    def _seen(self):
        """The earlier packet as its receiver saw it, and the device behind which that is."""
        first = self.after
        if first.outcome.kind != lab.ACCEPTED:
            raise ValueError("the packet to be answered did not arrive")
        return first.outcome.packet, first.outcome.oif or None

    def _as_answer(self):
        seen, device = self._seen()
        p, sent = self.packet, self.after.packet
        p.src, p.dst, p.sport, p.dport = seen.dst, seen.src, seen.dport, seen.sport
        if p.proto == wire.TCP:
            if self.spec.fields.get("flags", SYN) == SYN:
                p.flags = SYNACK
            p.seq = self.spec.fields.get("seq", 1000)
            p.ack = self.spec.fields.get("ack", sent_end(sent))
        if p.is_icmp():
            p.icmp_type = {8: 0, 13: 14, 128: 129}.get(p.icmp_type, p.icmp_type)
            p.icmp_id = seen.icmp_id
        self.device, self.state = device, "established"

    def _as_follow(self):
        sent = self.after.packet
        p = self.packet
        p.src, p.dst, p.sport, p.dport = sent.src, sent.dst, sent.sport, sent.dport
        if p.proto == wire.TCP:
            if self.spec.fields.get("flags", SYN) == SYN:
                p.flags = ACK
            p.seq = self.spec.fields.get("seq", sent_end(sent))
            p.ack = self.spec.fields.get("ack", 1009)
        if p.is_icmp():
            p.icmp_id = sent.id & 0xFFFF if sent.icmp_id is None else sent.icmp_id
        self.device, self.state = self.after.device, "established"

    def _as_error(self):
        seen, device = self._seen()
        seen = copy.copy(seen)
        p = self.packet
        seen.id = p.id  # so that it is known by its own number
        p.src, p.dst = seen.dst, seen.src
        p.proto = wire.ICMP if p.family == 4 else wire.ICMPV6
        p.icmp_type, p.icmp_code = (3, 1) if p.family == 4 else (1, 3)
        p.inner = wire.build(seen)
        self.device, self.state = device, "related"

    # ---- what it must look like afterwards ----

    def wanted(self):
        """The fields an accepted packet must have: {name: value}; only what can be told."""
        e, sent = self.expected, self.packet
        want = {"src": sent.src, "dst": sent.dst, "sport": sent.sport, "dport": sent.dport,
                "dscp": sent.dscp, "mark": self.spec.mark}
        if self.spec.relation in ("answer", "error"):
            first = self.after.packet
            want.update(src=first.dst, dst=first.src, sport=first.dport, dport=first.sport)
        if self.spec.relation == "error":
            # its sender may be any router on the way; ports are those of the packet inside
            for name in ("src", "sport", "dport"):
                del want[name]
        if sent.proto == wire.TCP:
            want["mss"] = sent.mss
        for name, value in e.changes.items():
            if name in ("src", "dst"):
                value = address(value, self.family, self.spec.to)
            want[name] = value
        hops = 1 if self.where(want["dst"]) == "forward" else 0
        want.setdefault("ttl", sent.ttl - hops)
        return want

    def where(self, dst):
        if is_router(dst, self.family) or not _is_unicast(dst):
            return "input"
        return "output" if self.device is None else "forward"


def sent_end(p):
    """The sequence number after a packet of ours: its start, the payload, SYN and FIN."""
    start = p.id << wire.ID_SHIFT if p.seq is None else p.seq
    payload = len(p.before) + 8 + len(p.behind)
    return (start + payload + bool(p.flags & SYN) + bool(p.flags & FIN)) & 0xFFFFFFFF


def _is_unicast(dst):
    if ":" in dst:
        return not dst.startswith("ff")
    return not dst.endswith(".255") and int(dst.split(".")[0]) < 224


def _network_of(source):
    for net in lab.NETWORKS.values():
        if source.startswith(net.prefix4) or source.startswith(net.prefix6):
            return net
    return lab.NETWORKS["inet"]


# ---- configuration ----

def section(type_, **options):
    """UCI text of a section; a Python list becomes a UCI list, None is left out."""
    text = f"\nconfig {type_}\n"
    for key, value in options.items():
        if isinstance(value, (list, tuple)):
            text += "".join(f"\tlist {key} '{item}'\n" for item in value)
        elif value is not None:
            text += f"\toption {key} '{value}'\n"
    return text


def rule(name="r", **options):
    return section("rule", **{"name": name, **options})


def zone(name, **options):
    return section("zone", **{"name": name, **options})


def forwarding(src, dest, **options):
    return section("forwarding", src=src, dest=dest, **options)


def defaults(**options):
    return section("defaults", **{"input": "REJECT", "output": "ACCEPT", "forward": "REJECT",
                                  "auto_helper": "0", **options})


def zones(**changed):
    """The zones of the lab, changed or left out: zones(wan={"masq": "1"}, dmz=None)."""
    text = ""
    for name, (input_, output, forward) in {
            "lan": ("ACCEPT", "ACCEPT", "ACCEPT"), "wan": ("REJECT", "ACCEPT", "REJECT"),
            "dmz": ("DROP", "ACCEPT", "DROP"), "guest": ("REJECT", "ACCEPT", "REJECT")}.items():
        more = changed.pop(name, {})
        if more is not None:
            text += zone(name, **{"network": [name], "input": input_, "output": output,
                                  "forward": forward, **more})
    for name, options in changed.items():
        text += zone(name, **options)
    return text


# ---- cases ----

BASE = defaults() + zones()

SETTINGS = section("settings", log_target="nflog", log_group=lab.FIREWALL_GROUP)


@dataclasses.dataclass
class Case:
    name: str
    packets: list
    fields: list
    firewall: str
    network: str = lab.NETWORK_CONFIG
    system: str | None = None
    settings: str = SETTINGS
    files: dict = dataclasses.field(default_factory=dict)  # further files of the directory
    deliver: bool = False
    refused: str | None = None  # id of the error that must refuse the configuration
    warning: str | None = None  # id of a warning that must appear
    ask_evaluator: bool = True  # False: it is left out (time passes between the packets)
    families: tuple = ()  # when it is no packets of ours that show something
    module: str = ""


ALL = []


def case(name, packets=(), fields=(), rules="", config=None, base=BASE, **more):
    """
    Declares a case: `rules` are added to the base configuration, `config` is a whole one. A
    function as rules is called when the case runs.
    """
    firewall = config if config is not None else \
        (lambda: base + rules()) if callable(rules) else base + rules
    if any(c.name == name for c in ALL):
        raise ValueError(f"there are two cases '{name}'")
    ALL.append(Case(name, list(packets), list(fields), firewall, **more))


def concrete(packets):
    """Every spec in each of its families; [(Concrete or Action)], in order."""
    made, out = {}, []
    for spec in packets:
        if isinstance(spec, Action):
            out.append(spec)
            continue
        for family in spec.families:
            c = Concrete(spec, family)
            if spec.after is not None:
                c.after = made[id(spec.after), family]
            made[id(spec), family] = c
            out.append(c)
    return out
