"""Whose hours count: the calendars by name, the teams that use them, the customers' zones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import available_timezones

from sla.calendar import BusinessCalendar


@dataclass(frozen=True, slots=True)
class Hours:
    """Which calendar a promise is kept by.

    `calendar` names one; without a name it is that of the team that has the ticket. With
    `customer_zone` its hours are read on the customer's clock, where that is known.
    """

    calendar: str = ""
    customer_zone: bool = False


@dataclass(frozen=True)
class CalendarBook:
    """The calendars of a desk at one time; a change to any of them is a new book."""

    named: Mapping[str, BusinessCalendar]
    default: str
    teams: Mapping[str, str] = field(default_factory=dict)  # team: name of its calendar
    _moved: dict[tuple[str, str], BusinessCalendar] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        """ValueError when a name leads nowhere."""
        for name in (self.default, *self.teams.values()):
            if name not in self.named:
                raise ValueError(f"there is no calendar {name!r}; {self._known()}")

    def of(self, hours: Hours, team: str = "", zone: str = "") -> BusinessCalendar:
        """The calendar that counts for a ticket with this team and this customer's zone.

        A zone that is not known to this machine is left aside. ValueError for an unknown name.
        """
        name = hours.calendar or self.teams.get(team, self.default)
        if name not in self.named:
            raise ValueError(f"there is no calendar {name!r}; {self._known()}")
        if not (hours.customer_zone and zone):
            return self.named[name]
        key = (name, zone)
        if key not in self._moved:
            here = self.named[name]
            self._moved[key] = here.in_zone(zone) if zone in available_timezones() else here
        return self._moved[key]

    def _known(self) -> str:
        return f"there are {', '.join(sorted(self.named)) or 'none'}"
