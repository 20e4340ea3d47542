"""Public holidays by country, from the `holidays` library, with a team's own exceptions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from holidays import country_holidays, list_supported_countries


def subdivisions_by_country() -> Mapping[str, Collection[str]]:
    """Return the ISO 3166-1 alpha-2 codes that are known, each with its subdivisions' codes."""
    return list_supported_countries(include_aliases=False)


def named_holidays(
    country: str,
    years: Iterable[int],
    *,
    subdivision: str | None = None,
    language: str = "en_US",
) -> dict[date, str]:
    """Return the public holidays of whole years with their names, in order of date.

    `country` is an ISO 3166-1 alpha-2 code and `subdivision` the part of an ISO 3166-2 code
    after the hyphen. Days off in lieu of a holiday at a weekend are included. Names come in
    `language` where the library has it, else in the country's own. Dates that hang on a
    sighting of the moon are estimates until they are announced. ValueError when the country
    or the subdivision is not known.
    """
    known = subdivisions_by_country()
    if country not in known:
        message = f"no public holidays are known for the country {country!r}"
        raise ValueError(message)
    if subdivision is not None and subdivision not in known[country]:
        message = f"no public holidays are known for {subdivision!r} in {country}"
        raise ValueError(message)
    # An empty subdivision would silently mean the whole country, so it was refused above; the
    # language is always named because the library would else take it from the environment.
    found = country_holidays(country, subdiv=subdivision, years=years, language=language)
    return dict(sorted(found.items()))


def holidays_by_country(
    country: str,
    years: Iterable[int],
    *,
    subdivision: str | None = None,
    added: Collection[date] = (),
    removed: Collection[date] = (),
) -> frozenset[date]:
    """Return the dates of `named_holidays` for a `BusinessCalendar`, with own exceptions.

    `added` days are off whatever the country says, `removed` ones are worked; a day in both is
    a ValueError.
    """
    if both := set(added) & set(removed):
        message = f"{min(both).isoformat()} is both added and removed"
        raise ValueError(message)
    dates = named_holidays(country, years, subdivision=subdivision).keys()
    return frozenset(dates | set(added)) - frozenset(removed)
