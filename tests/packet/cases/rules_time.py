# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual's section 4.1.3: time restrictions. The times are chosen around now."""
import contextlib
import os
import time

from spec import case, pause, rule, section, tcp

NOW = time.time()
MINUTE, HOUR, DAY = 60, 3600, 86400
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def clock(seconds, of=time.gmtime):
    return time.strftime("%H:%M:%S", of(seconds))


def date(seconds, of=time.gmtime):
    return time.strftime("%Y-%m-%d", of(seconds))


def today():
    """Moments whose days are today, also when midnight comes during the run."""
    return NOW, NOW + 3 * MINUTE


def weekdays(*moments):
    return " ".join(dict.fromkeys(WEEKDAYS[time.gmtime(m).tm_wday] for m in moments))


def monthdays(*moments):
    return " ".join(dict.fromkeys(str(time.gmtime(m).tm_mday) for m in moments))


@contextlib.contextmanager
def zone_of(posix):
    """time.localtime() in another time zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = posix
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def timed(name, field, valid, system=None, **options):
    """A rule that is valid now, or is not."""
    packet = tcp("inet.7", "router", dport=22)
    case(name, fields=[f"4.1.3 {field}"], rules=rule(
        src="wan", proto="tcp", dest_port="22", target="ACCEPT",
        **{"utc_time": "1", **options}), system=system, packets=[
            packet.accept("r") if valid else packet.reject("wan"),
            tcp("inet.7", "router", dport=23).reject("wan")])


OTHERS = (NOW + 2 * DAY, NOW + 3 * DAY, NOW - 2 * DAY)
timed("week days: today", "Week days", True, weekdays=weekdays(*today()))
timed("week days: others", "Week days", False, weekdays=weekdays(*OTHERS))
timed("week days: all but others", "Week days", True, weekdays="!" + weekdays(*OTHERS))
timed("week days: all but today", "Week days", False, weekdays="!" + weekdays(*today()))
timed("week days: in full words", "Week days", True, weekdays=" ".join(
    time.strftime("%A", time.gmtime(m)) for m in today()))

timed("month days: today", "Month days", True, monthdays=monthdays(*today()))
timed("month days: others", "Month days", False, monthdays=monthdays(*OTHERS))
timed("month days: all but others", "Month days", True, monthdays="!" + monthdays(*OTHERS))
timed("month days: all but today", "Month days", False, monthdays="!" + monthdays(*today()))

timed("hours: begun", "Start Time", True, start_time=clock(NOW - 10 * MINUTE),
      stop_time=clock(NOW + 10 * MINUTE))
timed("hours: not yet begun", "Start Time", False, start_time=clock(NOW + 10 * MINUTE),
      stop_time=clock(NOW + HOUR))
timed("hours: over", "Stop Time", False, start_time=clock(NOW - HOUR),
      stop_time=clock(NOW - 10 * MINUTE))
timed("hours: around midnight, and now among them", "Stop Time", True,
      start_time=clock(NOW - 10 * MINUTE), stop_time=clock(NOW - 20 * MINUTE))
timed("hours: around midnight, and now not among them", "Stop Time", False,
      start_time=clock(NOW + 20 * MINUTE), stop_time=clock(NOW - 20 * MINUTE))
timed("hours without seconds", "Start Time", True, start_time=clock(NOW - 10 * MINUTE)[:5],
      stop_time=clock(NOW + 10 * MINUTE)[:5])

timed("start date: today", "Start Date", True, start_date=date(NOW))
timed("start date: the day after tomorrow", "Start Date", False, start_date=date(NOW + 2 * DAY))
timed("start date: long ago", "Start Date", True, start_date="2001-02-03")
timed("stop date: today is still valid", "Stop Date", True, stop_date=date(NOW + 3 * MINUTE))
timed("stop date: the day before yesterday", "Stop Date", False, stop_date=date(NOW - 2 * DAY))
timed("stop date: far ahead", "Stop Date", True, stop_date="2099-12-31")
timed("start and stop date: today only", "Stop Date", True, start_date=date(NOW),
      stop_date=date(NOW + 3 * MINUTE))
timed("all restrictions at once", "Stop Date", True, start_date=date(NOW - DAY),
      stop_date=date(NOW + DAY), weekdays=weekdays(*today()), monthdays=monthdays(*today()),
      start_time=clock(NOW - 10 * MINUTE), stop_time=clock(NOW + 10 * MINUTE))
timed("all restrictions at once, and one does not hold", "Stop Date", False,
      start_date=date(NOW - DAY), stop_date=date(NOW + DAY), weekdays=weekdays(*OTHERS),
      monthdays=monthdays(*today()), start_time=clock(NOW - 10 * MINUTE),
      stop_time=clock(NOW + 10 * MINUTE))

# ---- Time in UTC ----

for posix in ("<+05>-5", "<-0730>7:30", "EET-2EEST,M3.5.0/3,M10.5.0/4", "UTC"):
    system = section("system", hostname="router", timezone=posix)
    with zone_of(posix):
        local = {"start_time": clock(NOW - 10 * MINUTE, time.localtime),
                 "stop_time": clock(NOW + 10 * MINUTE, time.localtime)}
    utc = {"start_time": clock(NOW - 10 * MINUTE), "stop_time": clock(NOW + 10 * MINUTE)}
    away = posix != "UTC"
    timed(f"hours of the time zone {posix}", "Time in UTC", True, system, utc_time="0", **local)
    timed(f"hours in UTC, in the time zone {posix}", "Time in UTC", True, system, **utc)
    timed(f"local hours read as UTC, in the time zone {posix}", "Time in UTC", not away, system,
          **local)
    timed(f"UTC hours read as local, in the time zone {posix}", "Time in UTC", not away, system,
          utc_time="0", **utc)

timed("local time is what holds when nothing is said", "Time in UTC", False,
      section("system", timezone="<+05>-5"), utc_time=None,
      start_time=clock(NOW - 10 * MINUTE), stop_time=clock(NOW + 10 * MINUTE))


def begins_while_running(the_case_name, seconds):
    """A rule that becomes valid between two packets, without any reload."""
    packets = [tcp("inet.7", "router", dport=22).reject("wan"), pause(seconds + 1.2),
               tcp("inet.7", "router", dport=22).accept("r")]
    # its hour is read when the case runs, so that it lies just ahead
    case(the_case_name, fields=["4.1.3 Start Time"], packets=packets, ask_evaluator=False,
         rules=lambda: rule(src="wan", proto="tcp", dest_port="22", utc_time="1", target="ACCEPT",
                            start_time=clock(time.time() + seconds),
                            stop_time=clock(time.time() + HOUR)))


begins_while_running("a rule becomes valid by itself", 2)
