"""How fast an inbox may send: places in line, kept in the memory of one process.

A message that is told to come back later keeps its place, so that waiting costs it one attempt.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

NEWS_EVERY: Final = timedelta(seconds=30)
_MAX_PLACES: Final = 20_000


class Pace:
    """Token buckets that hold one token, with reservations."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._next: dict[UUID, datetime] = {}
        self._places: dict[UUID, datetime] = {}
        self._told: dict[UUID, datetime] = {}

    def reserve(self, inbox_id: UUID, message_id: UUID, per_second: float | None) -> timedelta:
        """How long the message has to wait; zero when it is its turn."""
        if not per_second or per_second <= 0:
            return timedelta()
        now = self._clock()
        place = self._places.pop(message_id, None)
        if place is None:
            place = max(now, self._next.get(inbox_id, now))
            self._next[inbox_id] = place + timedelta(seconds=1 / per_second)
        if place <= now:
            return timedelta()
        if len(self._places) >= _MAX_PLACES:
            self._places = {key: at for key, at in self._places.items() if at > now}
        self._places[message_id] = place
        return place - now

    def is_news(self, inbox_id: UUID) -> bool:
        """Whether it is worth writing down that an inbox has sent something."""
        now = self._clock()
        last = self._told.get(inbox_id)
        if last is not None and timedelta() <= now - last < NEWS_EVERY:
            return False
        self._told[inbox_id] = now
        return True
