"""A calendar book as data: what people set up, and the calendars that follow from it; pure.

{"default": "oslo", "teams": {"<team id>": "oslo"},
"calendars": {"oslo": {"name": "Oslo", "timezone": "Europe/Oslo",
"windows": {"0": [["09:00", "17:00"]]},
"country": "NO", "subdivision": "",
"exceptions": {"2026-12-24": [["09:00", "12:00"]]}}}}
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Any, Final

import msgspec

from sla.calendar import BusinessCalendar
from sla.holidays_by_country import holidays_by_country
from sla.hours import CalendarBook

# Holidays are laid out for these years around the one in which the book was made.
YEARS_BACK: Final = 3
YEARS_AHEAD: Final = 10

Wall = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]  # 09:30
Windows = Annotated[list[tuple[Wall, Wall]], msgspec.Meta(max_length=12)]


class CalendarData(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One calendar. `windows` by weekday ("0" is Monday), `exceptions` by date."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    timezone: str
    windows: dict[str, Windows] = {}
    country: str = ""  # ISO 3166-1 alpha-2; empty for no holidays
    subdivision: str = ""
    exceptions: dict[date, Windows] = {}


class BookData(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All calendars by key, the one for teams without their own, and the teams' own."""

    default: str
    calendars: dict[str, CalendarData]
    teams: dict[str, str] = {}


AROUND_THE_CLOCK: Final = BookData(
    default="always",
    calendars={
        "always": CalendarData(
            name="Around the clock",
            timezone="UTC",
            windows={str(day): [("00:00", "00:00")] for day in range(7)},
        )
    },
)


def spans_of(windows: Windows) -> list[tuple[time, time]]:
    """Windows as wall times."""
    return [(time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in windows]


def calendar(data: CalendarData, year: int) -> BusinessCalendar:
    """The calendar with its holidays around a year. ValueError in words."""
    try:
        windows = {int(day): spans_of(spans) for day, spans in data.windows.items()}
    except ValueError as error:
        raise ValueError(f"{data.name}: weekdays are 0 (Monday) to 6 (Sunday)") from error
    years = range(year - YEARS_BACK, year + YEARS_AHEAD + 1)
    days = (
        holidays_by_country(data.country, years, subdivision=data.subdivision or None)
        if data.country
        else frozenset()
    )
    try:
        return BusinessCalendar(
            data.timezone,
            windows,
            days,
            {day: spans_of(spans) for day, spans in data.exceptions.items()},
        )
    except ValueError as error:
        raise ValueError(f"{data.name}: {error}") from error


def book(data: BookData, year: int) -> CalendarBook:
    """The book with every calendar laid out. ValueError in words."""
    return CalendarBook(
        named={key: calendar(one, year) for key, one in data.calendars.items()},
        default=data.default,
        teams=data.teams,
    )


def parse(data: Mapping[str, Any]) -> BookData:
    """Read the stored form. ValueError in words."""
    try:
        return msgspec.convert(data, BookData)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error


def as_data(data: BookData) -> dict[str, Any]:
    """The stored form: JSON types."""
    found: dict[str, Any] = msgspec.to_builtins(data, str_keys=True)
    return found
