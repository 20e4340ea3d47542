"""The rules of sending, alone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Capabilities
from desk.delivery.pace import Pace
from desk.delivery.permit import zone_of
from desk.delivery.rules import (
    File,
    Plan,
    Situation,
    is_window_open,
    next_allowed,
    refusals,
    window_closes_at,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WINDOW = Capabilities(reply_window=timedelta(hours=24), templates=True, tags=("HUMAN_AGENT",))
NIGHT = (time(21), time(8))


def ago(**by: float) -> datetime:
    return NOW - timedelta(**by)


@pytest.mark.parametrize(
    ("last", "is_open"),
    [(None, False), (ago(hours=24), False), (ago(hours=23, minutes=59), True), (NOW, True)],
)
def test_the_window_counts_from_the_customers_last_message(
    last: datetime | None, is_open: bool
) -> None:
    known = Situation(NOW, last_inbound_at=last)
    assert is_window_open(WINDOW, known) is is_open
    codes = [item.code for item in refusals(Plan("Hi"), WINDOW, known)]
    assert codes == ([] if is_open else ["window-closed"])
    assert refusals(Plan("", template=True), WINDOW, known) == []
    assert refusals(Plan("Hi", tag="HUMAN_AGENT"), WINDOW, known) == []
    closes = window_closes_at(WINDOW, known)
    assert closes == (last + timedelta(hours=24) if last else None)


def test_without_a_window_a_text_goes_at_any_time() -> None:
    assert refusals(Plan("Hi"), Capabilities(), Situation(NOW)) == []


def test_what_is_said_in_public_may_be_answered_at_any_time() -> None:
    capabilities = Capabilities(reply_window=timedelta(hours=24), public="comment:")
    for conversation, codes in (
        ("comment:9", []),
        ("", ["window-closed"]),
        ("9", ["window-closed"]),
    ):
        known = Situation(NOW, last_inbound_at=ago(days=9), conversation=conversation)
        assert [item.code for item in refusals(Plan("Hi"), capabilities, known)] == codes


def test_a_refusal_says_what_can_be_done() -> None:
    (first,) = refusals(Plan("Hi"), WINDOW, Situation(NOW))
    assert "has not written here yet" in first.text
    assert "template" in first.text
    assert "HUMAN_AGENT" in first.text


@pytest.mark.parametrize(
    ("plan", "wrote", "stopped", "refused"),
    [
        (Plan("Hi"), None, NOW, True),
        (Plan("Hi"), ago(hours=1), NOW, True),
        (Plan("Hi"), NOW, ago(hours=1), False),
        (Plan("Bye", automatic=True), ago(hours=1), NOW, False),
        (Plan("", template=True), None, NOW, True),
    ],
)
def test_who_said_stop_is_left_alone_until_they_write(
    plan: Plan, wrote: datetime | None, stopped: datetime, refused: bool
) -> None:
    known = Situation(NOW, last_inbound_at=wrote, opted_out_at=stopped)
    capabilities = Capabilities(templates=True)
    codes = [item.code for item in refusals(plan, capabilities, known)]
    assert codes == (["opted-out"] if refused else [])


def test_marketing_needs_a_consent_of_its_own() -> None:
    known = Situation(NOW, last_inbound_at=NOW, marketing_withdrawn=True)
    assert refusals(Plan("An answer"), Capabilities(), known) == []
    (refusal,) = refusals(Plan("An offer", proactive=True), Capabilities(), known)
    assert refusal.code == "opted-out"


def test_files_by_count_size_and_type() -> None:
    capabilities = Capabilities(
        max_attachments=2, max_attachment_bytes=100, attachment_types=("image/*", "text/plain")
    )
    files = [
        File("a.png", "image/png", 100),
        File("b.txt", "text/plain; charset=utf-8", 1),
        File("c.html", "text/html", 101),
    ]
    codes = [item.code for item in refusals(Plan("", files), capabilities, Situation(NOW))]
    assert codes == ["too-many-files", "file-too-large", "file-type"]
    assert refusals(Plan("", files[:2]), capabilities, Situation(NOW)) == []
    (none,) = refusals(Plan("", files[:1]), Capabilities(attachments=False), Situation(NOW))
    assert none.code == "no-files"


@pytest.mark.parametrize(
    ("now", "zone", "until"),
    [
        ("2026-03-02T20:59:59+00:00", "UTC", None),
        ("2026-03-02T21:00:00+00:00", "UTC", "2026-03-03T08:00:00+00:00"),
        ("2026-03-02T07:59:00+00:00", "UTC", "2026-03-02T08:00:00+00:00"),
        ("2026-03-02T08:00:00+00:00", "UTC", None),
        ("2026-03-02T12:00:00+00:00", "Asia/Tokyo", "2026-03-02T23:00:00+00:00"),
        ("2026-03-02T12:00:00+00:00", "America/New_York", "2026-03-02T13:00:00+00:00"),
        # Clocks go ahead in that night: eight o'clock comes an hour sooner.
        ("2026-03-28T22:00:00+00:00", "Europe/Oslo", "2026-03-29T06:00:00+00:00"),
    ],
)
def test_quiet_hours_are_the_customers(now: str, zone: str, until: str | None) -> None:
    found = next_allowed(datetime.fromisoformat(now), ZoneInfo(zone), NIGHT)
    assert found == (datetime.fromisoformat(until) if until else None)


@given(
    st.integers(0, 3 * 366 * 86400),
    st.sampled_from(["UTC", "Europe/Oslo", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia"]),
    st.times(),
    st.times(),
)
def test_the_end_of_quiet_hours_is_later_and_outside_of_them(
    seconds: int, zone: str, begin: time, end: time
) -> None:
    now = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    until = next_allowed(now, ZoneInfo(zone), (begin, end))
    if until is not None:
        assert now < until <= now + timedelta(hours=26)
        assert until.astimezone(ZoneInfo(zone)).time() == end or _skipped(until, zone, end)


def _skipped(until: datetime, zone: str, end: time) -> bool:
    """A local time that does not exist on the day the clocks go ahead."""
    local = until.astimezone(ZoneInfo(zone))
    return (
        local.replace(hour=end.hour, minute=end.minute, second=end.second)
        .astimezone(UTC)
        .astimezone(ZoneInfo(zone))
        .time()
        != end
    )


def test_the_customers_zone() -> None:
    assert zone_of("Asia/Tokyo", "+4790123456", "UTC").key == "Asia/Tokyo"
    assert zone_of(None, "+33612345678", "UTC").key == "Europe/Paris"
    assert zone_of(None, "+12125550100", "Europe/Paris").key == "America/New_York"
    assert zone_of(None, "12", "Europe/Paris").key == "Europe/Paris"
    # Two names of one time are one zone.
    oslo = zone_of(None, "+4790123456", "UTC")
    assert NOW.astimezone(oslo).utcoffset() == timedelta(hours=1)
    assert zone_of(None, None, None).key == "UTC"


def test_places_in_line_are_kept() -> None:
    clock = [NOW]
    pace = Pace(lambda: clock[0])
    inbox, first, second, third = (uuid4() for _ in range(4))
    assert pace.reserve(inbox, first, None) == timedelta()
    assert pace.reserve(inbox, first, 2) == timedelta()
    assert pace.reserve(inbox, second, 2) == timedelta(seconds=0.5)
    assert pace.reserve(inbox, third, 2) == timedelta(seconds=1)
    assert pace.reserve(uuid4(), uuid4(), 2) == timedelta()
    clock[0] += timedelta(seconds=0.5)
    assert pace.reserve(inbox, third, 2) == timedelta(seconds=0.5)  # it comes early, and waits
    assert pace.reserve(inbox, second, 2) == timedelta()
