"""Where the widget's loader was fetched from, noted at a pace that strangers cannot drive."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from desk.firstrun import rules, service
from desk.firstrun.models import WidgetSighting
from desk.unit_of_work import Units

FRESH: Final = timedelta(seconds=20)  # a site that was seen this lately is not noted again
_PACE_SECONDS: Final = 0.5  # at most one write in this time, whoever asks


class Pace:
    """When something was done last, in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = float("-inf")

    def may(self) -> bool:
        """Whether it may be done again; then it counts as done."""
        now = self._clock()
        if now - self._last < _PACE_SECONDS:
            return False
        self._last = now
        return True


async def note(units: Units, own_url: str, referer: str, pace: Pace) -> None:
    """Note a page's origin; the desk's own pages are no news."""
    origin = rules.origin_of(referer)
    if not origin or len(origin) > 300 or origin == rules.origin_of(own_url):  # noqa: PLR2004 - the column's length
        return
    async with units.read() as session:
        row = await session.get(WidgetSighting, origin)
    if row is not None and units.clock() - row.at < FRESH:
        return
    if not pace.may():
        return
    async with units.write() as work:
        await service.note_sighting(work, origin)
