# SPDX-License-Identifier: GPL-2.0-or-later
"""Time restrictions of NAT rules, in both spellings, and of port forwards (the manual's 5.3)."""
import time

from rules_time import (DAY, HOUR, MINUTE, NOW, OTHERS, clock, date, monthdays, today, weekdays,
                        zone_of)
from spec import case, defaults, forwarding, section, tcp, zones


NEW = (("ipv4", "198.51.100.99"), ("ipv6", "2001:db8:100::99"))
SOON, AGO = NOW + 10 * MINUTE, NOW - 10 * MINUTE


def timed(name, field, valid, system=None, **options):
    options = {"utc_time": "1", **options}
    base = defaults() + zones() + forwarding("lan", "wan")
    snat = {"src": "wan.99"} if valid else {}
    out = {"as nat": "".join(
               section("nat", name=family, src="wan", src_zone="lan", proto="all", target="SNAT",
                       snat_ip=new, family=family, **options) for family, new in NEW),
           "as redirect": "".join(
               section("redirect", name=family, src="lan", dest="wan", proto="all", target="SNAT",
                       src_dip=new, family=family, **options) for family, new in NEW)}
    for word, text in out.items():
        case(f"NAT rule, {name} ({word})", fields=[f"5.3 {field}"], config=base + text,
             system=system, packets=[tcp("lan.10", "inet.7").accept(**snat),
                                     tcp("dmz.10", "inet.7").reject()])
    case(f"forward, {name}", system=system, config=base + section(
        "redirect", name="f", src="wan", dest="lan", proto="tcp", target="DNAT", src_dport="8080",
        dest_ip="192.168.1.10", dest_port="80", **options), packets=[
            tcp("inet.7", "router", dport=8080).v4.accept(dst="lan.10", dport=80) if valid else
            tcp("inet.7", "router", dport=8080).v4.reject("wan"),
            tcp("lan.20", "router.wan", dport=8080).v4.accept(
                **({"dst": "lan.10", "dport": 80, "src": "router.lan"} if valid else {})),
            tcp("inet.7", "router", dport=80).v4.reject("wan")])


timed("week days: today", "Week days", True, weekdays=weekdays(*today()))
timed("week days: others", "Week days", False, weekdays=weekdays(*OTHERS))
timed("month days: today", "Month days", True, monthdays=monthdays(*today()))
timed("month days: all but today", "Month days", False, monthdays="!" + monthdays(*today()))
timed("hours: begun", "Start Time", True, start_time=clock(AGO), stop_time=clock(SOON))
timed("hours: not yet begun", "Start Time", False, start_time=clock(SOON), stop_time=clock(NOW + HOUR))
timed("hours: over", "Stop Time", False, start_time=clock(NOW - HOUR), stop_time=clock(AGO))
timed("hours: around midnight", "Stop Time", True, start_time=clock(AGO),
      stop_time=clock(AGO - 10 * MINUTE))
timed("start date: today", "Start Date", True, start_date=date(NOW))
timed("start date: the day after tomorrow", "Start Date", False, start_date=date(NOW + 2 * DAY))
timed("stop date: today is still valid", "Stop Date", True, stop_date=date(NOW + 3 * MINUTE))
timed("stop date: the day before yesterday", "Stop Date", False, stop_date=date(NOW - 2 * DAY))

ZONE = "<+05>-5"
with zone_of(ZONE):
    LOCAL = {"start_time": clock(AGO, time.localtime), "stop_time": clock(SOON, time.localtime)}
SYSTEM = section("system", hostname="router", timezone=ZONE)
timed("hours of the time zone", "Time in UTC", True, SYSTEM, utc_time="0", **LOCAL)
timed("local hours read as UTC", "Time in UTC", False, SYSTEM, **LOCAL)
