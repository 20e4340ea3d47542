"""Domain events: what happened, to what, by whom, why. Written in the same commit as the data.

The event log is append-only and gapless (`seq`); it is the source of the audit log, the time
line, the agents' live feed and, later, the SLA ledger, reports and automation.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

import msgspec

ActorKind = Literal["agent", "contact", "bot", "system", "rule"]


class Actor(msgspec.Struct, frozen=True):
    """Who did it."""

    kind: ActorKind
    id: UUID | None = None
    name: str = ""


SYSTEM = Actor(kind="system", name="Parley")


class Kind(StrEnum):
    """Every kind of event; the part before the dot is what it happened to."""

    TICKET_CREATED = "ticket.created"
    TICKET_CHANGED = "ticket.changed"
    TICKET_READ = "ticket.read"
    MESSAGE_RECEIVED = "message.received"
    MESSAGE_QUEUED = "message.queued"
    MESSAGE_STATE = "message.state"
    MESSAGE_MIRRORED = "message.mirrored"  # sent from our account by other means
    MESSAGE_CHANGED = "message.changed"  # edited, unsent, reacted to; its files came
    FILE_ASKED = "file.asked"
    NOTE_ADDED = "note.added"
    TICKET_RATED = "ticket.rated"
    TRANSCRIPT_ASKED = "ticket.transcript_asked"
    CONTACT_CREATED = "contact.created"
    CONTACT_CHANGED = "contact.changed"
    IDENTITY_ADDED = "identity.added"
    DECISION_THREADING = "decision.threading"
    DECISION_IDENTITY = "decision.identity"
    DECISION_HANDOVER = "decision.handover"
    DECISION_ROUTING = "decision.routing"
    DECISION_SLA = "decision.sla"
    SLA_STEP = "sla.step"
    SLA_CHANGED = "sla.changed"  # policies, calendars
    TRIAGE_CHANGED = "triage.changed"  # routing's settings; when and what an agent works
    RAW_RECEIVED = "raw.received"
    RAW_FAILED = "raw.failed"
    RAW_REPLAYED = "raw.replayed"
    RAW_FIXED = "raw.fixed"
    RAW_DISCARDED = "raw.discarded"
    RECEIPT_EARLY = "receipt.early"
    CONSENT_CHANGED = "consent.changed"
    ALARM_RAISED = "alarm.raised"
    AGENT_CREATED = "agent.created"
    AGENT_CHANGED = "agent.changed"
    AGENT_INVITED = "agent.invited"
    DESK_CHANGED = "desk.changed"  # its name, languages, hours; its first owner
    SESSION_STARTED = "session.started"
    SESSION_FAILED = "session.failed"
    SESSION_ENDED = "session.ended"
    TOKEN_CREATED = "token.created"  # noqa: S105 - the name of an event
    TOKEN_REVOKED = "token.revoked"  # noqa: S105
    TEAM_CHANGED = "team.changed"
    INBOX_CREATED = "inbox.created"
    INBOX_CHANGED = "inbox.changed"
    ARTICLE_CREATED = "article.created"
    ARTICLE_CHANGED = "article.changed"
    ARTICLE_SAVED = "article.saved"
    ARTICLE_REVIEW = "article.review"
    ARTICLE_SCHEDULED = "article.scheduled"
    ARTICLE_PUBLISHED = "article.published"
    ARTICLE_WITHDRAWN = "article.withdrawn"
    ARTICLE_DELETED = "article.deleted"
    CATEGORY_CHANGED = "category.changed"
    ARTICLES_IMPORTED = "articles.imported"
    HELP_CENTER_CHANGED = "help_center.changed"
    BOT_ANSWERED = "bot.answered"  # any turn in which the bot said something
    BOT_HANDED_OVER = "bot.handed_over"
    BOT_GIVEN_BACK = "bot.given_back"
    BOT_WRONG_SOURCE = "bot.wrong_source"
    BOT_CHANGED = "bot.changed"  # a setting, an intent or its examples
    BOT_TRAINING = "bot.training"  # asked for, or ended
    BOT_CODE_ASKED = "bot.code_asked"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `changes` maps a field to (before, after); no message text in it."""

    kind: Kind
    actor: Actor
    reason: str = ""
    ticket_id: UUID | None = None
    contact_id: UUID | None = None
    message_id: UUID | None = None
    changes: dict[str, tuple[Any, Any]] = msgspec.field(default_factory=dict)
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as committed: with its place in the log."""

    seq: int
    id: UUID
    at: Any  # datetime, UTC
    event: Event
