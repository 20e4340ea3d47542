"""When something is to be published, said on a wall clock. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from knowledge_base.errors import Refused


def instant(wall: datetime, zone: str) -> datetime:
    """The instant (UTC) at which the clocks of the zone show `wall`.

    A time that clocks skip in spring is moved on by the gap; of one that comes twice in autumn
    the first is meant (PEP 495, fold 0). Raises Refused for a zone that is none.
    """
    if wall.tzinfo is not None:
        raise Refused(("at", "give a wall-clock time without an offset, beside its time zone"))
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused(("timezone", f"{zone!r} is not a time zone; write Europe/Oslo")) from error
    return wall.replace(tzinfo=place, fold=0).astimezone(UTC)
