"""What the bot knows, how it is set, and the record of each of its turns."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk.db.types import Base, HasId, Json


class BotSetting(Base):
    """How the bot behaves in one inbox; without a row there is none."""

    __tablename__ = "bot_setting"

    inbox_id: Mapped[UUID] = mapped_column(
        ForeignKey("inbox.id", ondelete="CASCADE"), primary_key=True
    )
    enabled: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(String(80), default="")
    engine: Mapped[str] = mapped_column(String(20), default="embedded")  # embedded, rasa
    forms: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    languages: Mapped[list[str]] = mapped_column(Json, default=list)  # none: the inbox's own
    offered: Mapped[int] = mapped_column(default=3)  # choices offered when unsure
    hours: Mapped[str] = mapped_column(String(20), default="always")  # always, closed
    greetings: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by language
    updated_at: Mapped[datetime]


class BotDefaults(Base):
    """What holds for the whole desk: one row."""

    __tablename__ = "bot_defaults"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wrong_rate: Mapped[float]  # share of the questions that may be answered wrongly
    return_days: Mapped[int]  # without a new message until a conversation counts as deflected
    updated_at: Mapped[datetime]


class BotIntent(HasId, Base):
    """Something customers want, with what is said to it; both by language."""

    __tablename__ = "bot_intent"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    titles: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    article_id: Mapped[UUID | None]  # answers where there is no text of its own; an engine's row
    enabled: Mapped[bool] = mapped_column(default=True)  # off: not taught, not answered
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class BotExample(HasId, Base):
    """One way in which customers say it."""

    __tablename__ = "bot_example"
    __table_args__ = (UniqueConstraint("intent_id", "text"),)

    intent_id: Mapped[UUID] = mapped_column(ForeignKey("bot_intent.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(35))
    text: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime]


class BotConversation(Base):
    """What the bot remembers of a ticket. `silent`: it is with people until it is given back."""

    __tablename__ = "bot_conversation"
    __table_args__ = (Index("ix_bot_conversation_started_at", "started_at"),)

    ticket_id: Mapped[UUID] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    inbox_id: Mapped[UUID] = mapped_column(ForeignKey("inbox.id", ondelete="CASCADE"))
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    silent: Mapped[bool] = mapped_column(default=False)
    since_seq: Mapped[int] = mapped_column(default=0)  # the bot has it from here on
    last_seq: Mapped[int] = mapped_column(default=0)  # the newest message that had its turn
    card: Mapped[dict[str, Any] | None]
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]  # the first answer with a source or of an intent
    helped_at: Mapped[datetime | None]  # the customer said so
    handed_over_at: Mapped[datetime | None]


class BotTurn(HasId, Base):
    """One turn: what was decided about a customer's message, and why. Unique per message."""

    __tablename__ = "bot_turn"
    __table_args__ = (
        Index("ix_bot_turn_ticket_id_id", "ticket_id", "id"),
        Index("ix_bot_turn_created_at", "created_at"),
    )

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    message_id: Mapped[UUID] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), unique=True
    )
    outcome: Mapped[str] = mapped_column(String(20))  # see `desk.triage.bot_acts.outcome_of`
    language: Mapped[str] = mapped_column(String(35), default="")
    intent: Mapped[str] = mapped_column(String(80), default="")
    evidence: Mapped[float] = mapped_column(default=0.0)
    threshold: Mapped[float] = mapped_column(default=0.0)
    reason: Mapped[str] = mapped_column(String(60), default="")
    engine: Mapped[str] = mapped_column(String(20), default="")
    sources: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    created_at: Mapped[datetime]


class BotCode(Base):
    """A one-time code on its way to a customer's proven address; only its hash is kept."""

    __tablename__ = "bot_code"

    ticket_id: Mapped[UUID] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    hash: Mapped[str] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]


class BotModel(HasId, Base):
    """A trained model: its file among the blobs, its thresholds, and its evaluation."""

    __tablename__ = "bot_model"
    __table_args__ = (Index("ix_bot_model_current", "current"),)

    sha256: Mapped[str] = mapped_column(String(64))
    fit_sha256: Mapped[str] = mapped_column(String(64), default="")  # of its `bot.fit.Fit`
    # Marks of the examples it was taught, see `desk.bot.examples.mark`; none is not known.
    taught: Mapped[list[str] | None] = mapped_column(Json, deferred=True)
    thresholds: Mapped[dict[str, Any]] = mapped_column(default=dict)
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    examples: Mapped[int]
    intents: Mapped[int]
    current: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class BotTraining(HasId, Base):
    """A training: asked for, running with its progress, then what came of it."""

    __tablename__ = "bot_training"
    __table_args__ = (Index("ix_bot_training_created_at", "created_at"),)

    state: Mapped[str] = mapped_column(String(20))  # waiting, running, done, kept, failed
    step: Mapped[str] = mapped_column(String(200), default="")
    share: Mapped[float] = mapped_column(default=0.0)  # done, 0 to 1
    verdict: Mapped[str] = mapped_column(String(1000), default="")
    model_id: Mapped[UUID | None] = mapped_column(ForeignKey("bot_model.id", ondelete="SET NULL"))
    asked_by: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
