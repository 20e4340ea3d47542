"""Business time for whole columns: a calendar laid out once, asked about arrays of instants."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt

from sla.calendar import BusinessCalendar, NeverOpen
from sla.offsets import from_micros, to_micros

Instants = npt.NDArray[np.datetime64]  # UTC, in microseconds
Durations = npt.NDArray[np.timedelta64]  # in microseconds
_Micros = npt.NDArray[np.int64]

_UNIX = to_micros(datetime.fromisoformat("1970-01-01T00:00+00:00"))


def instants(times: list[datetime]) -> Instants:
    """Aware datetimes as an array of UTC instants; ValueError when one is naive."""
    micros = np.array([to_micros(at) for at in times], dtype=np.int64)
    return (micros - _UNIX).view("datetime64[us]")


class CalendarTable:
    """The open stretches of a calendar in [first, last) as arrays.

    Answers are those of the calendar, to the microsecond; a question costs a bisection in
    compiled code. ValueError for an instant outside the span.
    """

    def __init__(self, calendar: BusinessCalendar, first: datetime, last: datetime) -> None:
        self._calendar = calendar
        self._first, self._last = to_micros(first), to_micros(last)
        if self._last <= self._first:
            message = f"the span ends ({last.isoformat()}) before it starts ({first.isoformat()})"
            raise ValueError(message)
        laid_out = np.array(calendar.stretches(self._first, self._last), dtype=np.int64)
        laid_out = laid_out.reshape(-1, 2)
        self._starts, self._ends = laid_out[:, 0].copy(), laid_out[:, 1].copy()
        self._after: _Micros = np.cumsum(self._ends - self._starts)  # open time by a stretch's end
        self._total = int(self._after[-1]) if len(self._after) else 0

    def between(self, a: Instants, b: Instants) -> Durations:
        """The open time of each span [a, b); ValueError when one ends before it starts."""
        first, last = self._micros(a), self._micros(b)
        if bool((last < first).any()):
            raise ValueError("a span ends before it starts")
        return (self._passed(last) - self._passed(first)).view("timedelta64[us]")

    def add(self, start: Instants, duration: Durations) -> Instants:
        """The earliest instant at which so much open time has passed since each start.

        One that lies beyond the table is asked of the calendar: NeverOpen when there is none.
        """
        begin = self._micros(start)
        wanted = duration.astype("timedelta64[us]").astype(np.int64)
        if bool((wanted < 0).any()):
            raise ValueError("cannot add a negative business duration")
        begin, wanted = np.broadcast_arrays(begin, wanted)
        due = self._passed(begin) + wanted
        inside = due <= self._total
        stretch = np.searchsorted(self._after, np.where(inside, due, 0), side="left")
        reached = begin.copy()
        if len(self._after):
            stretch = np.minimum(stretch, len(self._after) - 1)
            reached = self._ends[stretch] - (self._after[stretch] - due)
        reached = np.where(wanted == 0, begin, reached)
        for position in np.flatnonzero(~inside & (wanted > 0)):
            reached[position] = self._beyond(int(begin[position]), int(wanted[position]))
        return (reached - _UNIX).view("datetime64[us]")

    def is_open(self, at: Instants) -> npt.NDArray[np.bool_]:
        """Whether the calendar is open at each instant."""
        micros = self._micros(at)
        stretch = np.searchsorted(self._starts, micros, side="right") - 1
        if not len(self._ends):
            return np.zeros(micros.shape, dtype=np.bool_)
        return (stretch >= 0) & (micros < self._ends[np.maximum(stretch, 0)])

    def _micros(self, at: Instants) -> _Micros:
        micros = at.astype("datetime64[us]").astype(np.int64) + _UNIX
        if bool(((micros < self._first) | (micros > self._last)).any()):
            span = (
                f"{from_micros(self._first).isoformat()} to {from_micros(self._last).isoformat()}"
            )
            message = f"an instant lies outside the table, which covers {span}"
            raise ValueError(message)
        return micros

    def _passed(self, micros: _Micros) -> _Micros:
        """The open time from the start of the table to each instant."""
        if not len(self._ends):
            return np.zeros_like(micros)
        stretch = np.searchsorted(self._starts, micros, side="right") - 1
        known = np.maximum(stretch, 0)
        left = np.maximum(self._ends[known] - micros, 0)
        return np.where(stretch < 0, 0, self._after[known] - left)

    def _beyond(self, begin: int, wanted: int) -> int:
        reached = self._calendar.reach(begin, wanted)
        if reached is None:
            message = f"so much open time does not pass after {from_micros(begin).isoformat()}"
            raise NeverOpen(message)
        return reached
