"""UTC offsets of a time zone as stretches; time is whole microseconds since 0001-01-01."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SECOND = 1_000_000
DAY = 86_400 * SECOND
EPOCH = datetime.min.replace(tzinfo=UTC)
END = date.max.toordinal() * DAY  # the first instant that a UTC datetime cannot hold

# `zoneinfo` names no transitions, so they are looked for between probes this far apart. The
# closest two changes of any zone's offset are almost four days apart (Africa/Freetown, 1939).
PROBE = DAY


def load_zone(name: str) -> ZoneInfo:
    """Return the IANA zone `name`; ValueError when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"{name!r} is not the name of an IANA time zone"
        raise ValueError(message) from error


def duration_micros(duration: timedelta) -> int:
    """Return a duration as whole microseconds."""
    return (duration.days * 86_400 + duration.seconds) * SECOND + duration.microseconds


def to_micros(at: datetime) -> int:
    """Return an aware datetime as microseconds UTC; ValueError when naive or out of range."""
    if at.utcoffset() is None:
        message = f"{at!r} has no time zone; business time needs aware datetimes"
        raise ValueError(message)
    micros = duration_micros(at - EPOCH)
    if not 0 <= micros < END:
        message = f"{at.isoformat()} is outside the years 1 to 9999 in UTC"
        raise ValueError(message)
    return micros


def from_micros(micros: int) -> datetime:
    """Return the UTC datetime of `micros`, which must be in [0, END)."""
    return EPOCH + timedelta(microseconds=micros)


def offset_at(zone: ZoneInfo, micros: int) -> int:
    """Return the UTC offset in force at an instant, both in microseconds.

    The first and the last day of the calendar are read one day further in, as their local time
    may not fit a datetime; no zone changes its offset there.
    """
    inner = min(max(micros, DAY), END - DAY - 1)
    offset = from_micros(inner).astimezone(zone).utcoffset()
    if offset is None:  # a ZoneInfo always has one; this tells the type checker
        message = f"{zone.key} has no offset at {from_micros(inner).isoformat()}"
        raise ValueError(message)
    return duration_micros(offset)


def stretches(zone: ZoneInfo, first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """Cut [first, last) into (start, end, offset) stretches of one offset each, in order.

    `first` and `last` must be whole seconds: that is where every transition lies (RFC 9636).
    """
    start, offset = first, offset_at(zone, first)
    known = first  # the offset has not changed in [start, known]
    while known < last:
        probe = min(known + PROBE, last)
        found = offset_at(zone, probe)
        if found != offset:
            change = _change(zone, known, probe)
            yield start, change, offset
            start, offset = change, found
        known = probe
    if start < last:
        yield start, last, offset


def _change(zone: ZoneInfo, before: int, after: int) -> int:
    """Bisect for the first second in (before, after] that has the offset of `after`."""
    found = offset_at(zone, after)
    low, high = before // SECOND, after // SECOND
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(zone, middle * SECOND) == found:
            high = middle
        else:
            low = middle
    return high * SECOND
