"""Slugs, languages and wall-clock times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base import analytics, locales, schedule, slugs
from knowledge_base.errors import Refused


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Return a tent, please!", "return-a-tent-please"),
        ("Größe & Straße", "grosse-strasse"),
        ("Où est ma commande ?", "ou-est-ma-commande"),
        ("Nøkkel på øya", "nokkel-pa-oya"),
        ("החזרות מחו״ל", "החזרות-מחול"),
        ("كيف يتم الإرجاع", "كيف-يتم-الإرجاع"),
        ("退货需要多久？", "退货需要多久"),
        ("!!!", "article"),
    ],
)
def test_titles_become_addresses(title: str, slug: str) -> None:
    assert slugs.slugify(title) == slug
    assert slugs.is_slug(slug)


@given(st.text(max_size=300))
def test_every_title_has_a_usable_address(title: str) -> None:
    slug = slugs.slugify(title)
    assert slug
    assert len(slug) <= slugs.MAX_CHARS
    assert "/" not in slug
    assert slugs.is_slug(slugs.numbered("tent", 12))


@pytest.mark.parametrize(
    ("wall", "zone", "expected"),
    [
        ("2026-07-01T09:00", "Europe/Oslo", "2026-07-01T07:00"),
        ("2026-12-01T09:00", "Europe/Oslo", "2026-12-01T08:00"),
        ("2026-03-29T02:30", "Europe/Oslo", "2026-03-29T01:30"),  # skipped: moved on by the gap
        ("2026-10-25T02:30", "Europe/Oslo", "2026-10-25T00:30"),  # twice: the first one
        ("2026-10-25T02:30", "Asia/Kathmandu", "2026-10-24T20:45"),
    ],
)
def test_a_wall_clock_time_becomes_an_instant(wall: str, zone: str, expected: str) -> None:
    found = schedule.instant(datetime.fromisoformat(wall), zone)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_zone_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(Refused, match="Europe/Oslo"):
        schedule.instant(datetime(2026, 1, 1), "Oslo time")  # noqa: DTZ001 - a wall clock


def test_languages_are_taken_in_the_wanted_order() -> None:
    assert locales.accepted("en;q=0.2, he-IL, no;q=0.9") == ["he-IL", "nb", "en"]
    assert locales.best(["pt-BR", "he-IL"], {"en", "he"}, "en") == "he"
    assert locales.best(["fr"], {"en", "he"}, "en") == "en"


@given(st.text(max_size=300))
def test_a_counted_query_holds_no_address_and_no_long_number(text: str) -> None:
    counted = analytics.normalise(f"{text} anna@example.com +47 21 00 00 00")
    assert "@example" not in counted
    assert "21 00 00" not in counted
    assert len(counted) <= 200
