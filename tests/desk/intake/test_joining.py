"""Which ticket a message of a conversation joins, and what the inbox answers to keywords: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from channels.registry import Registry
from desk.intake.habits import Habits, habits_of, keyword_text
from desk.intake.joining import Candidate, Joined, choose

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
A, B = UUID(int=1), UUID(int=2)


def resolved(ticket: UUID, hours: float) -> Candidate:
    return Candidate(ticket, "resolved", NOW - timedelta(hours=hours))


@pytest.mark.parametrize(
    ("newest_first", "joined"),
    [
        ([], Joined(None)),
        ([Candidate(A, "new", None)], Joined(A)),
        ([Candidate(A, "on_hold", None)], Joined(A)),
        ([Candidate(A, "closed", NOW)], Joined(None, A)),
        ([Candidate(A, "closed", NOW), Candidate(B, "open", None)], Joined(B)),
        ([resolved(A, 24)], Joined(A)),
        ([resolved(A, 24.1)], Joined(None, A)),
        ([resolved(A, 1), Candidate(B, "pending", None)], Joined(B)),
        ([Candidate(A, "closed", NOW), resolved(B, 1)], Joined(B)),
    ],
)
def test_the_ticket_a_message_joins(newest_first: list[Candidate], joined: Joined) -> None:
    assert choose(newest_first, NOW, DAY) == joined


def test_mail_and_chat_name_their_tickets_themselves() -> None:
    registry = Registry()
    for kind, joins in (("email", False), ("webchat", False), ("sms", True), ("whatsapp", True)):
        found = habits_of(registry.manifest(kind), {"reopen_hours": 5}, "en")
        assert (found.joins, found.reopen) == (joins, timedelta(hours=5)), kind


def test_a_keywords_text_is_in_the_nearest_language() -> None:
    habits = Habits(texts={"stop": {"no": "Farvel", "en": "Bye"}, "help": "Ring oss"}, locale="en")
    assert keyword_text(habits, "stop", "no-NO") == "Farvel"
    assert keyword_text(habits, "stop", "ja") == "Bye"
    assert keyword_text(habits, "help", None) == "Ring oss"
    assert keyword_text(habits, "start", "en") == ""
