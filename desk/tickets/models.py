"""Tickets, messages, tags, drafts and delivery attempts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import Sequence
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.types import Integer

from desk.db.types import Base, HasId

ticket_numbers = Sequence("ticket_number", start=1001, metadata=Base.metadata)


class next_ticket_number(ColumnElement[int]):  # noqa: N801 - reads as a SQL function
    """The next number: a sequence on PostgreSQL; the highest + 1 on SQLite, whose writers queue."""

    type = Integer()
    inherit_cache = True


@compiles(next_ticket_number, "sqlite")
def _sqlite_number(_element: object, _compiler: SQLCompiler, **_kw: object) -> str:
    return "(SELECT coalesce(max(number), 1000) + 1 FROM ticket)"


@compiles(next_ticket_number)
def _sequence_number(_element: object, _compiler: SQLCompiler, **_kw: object) -> str:
    return "nextval('ticket_number')"


class Ticket(HasId, Base):
    """A customer's request.

    The `last_*`, `waiting_since`, `contact_name` and `tags` columns are copies that make a list
    row one row; a reconcile rebuilds them.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_created_at_id", "created_at", "id"),
        Index("ix_ticket_status_created_at_id", "status", "created_at", "id"),
        Index("ix_ticket_updated_at_id", "updated_at", "id"),
        Index("ix_ticket_last_message_at_id", "last_message_at", "id"),
        Index("ix_ticket_assignee_id_status_id", "assignee_id", "status", "id"),
        Index("ix_ticket_team_id_status_id", "team_id", "status", "id"),
        Index("ix_ticket_contact_id_created_at", "contact_id", "created_at"),
        Index("ix_ticket_inbox_id_status", "inbox_id", "status"),
        Index("ix_ticket_inbox_id_conversation", "inbox_id", "conversation"),
        Index("ix_ticket_next_due_at_id", "next_due_at", "id"),
        Index("ix_ticket_waiting_since_id", "waiting_since", "id"),
    )

    number: Mapped[int] = mapped_column(unique=True, default=next_ticket_number())
    subject: Mapped[str] = mapped_column(String(500))
    status: Mapped[str] = mapped_column(String(20))
    priority: Mapped[str] = mapped_column(String(20), default="normal")
    channel: Mapped[str] = mapped_column(String(40))
    inbox_id: Mapped[UUID] = mapped_column(ForeignKey("inbox.id"))
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    contact_name: Mapped[str] = mapped_column(String(200), default="")
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id", ondelete="SET NULL"))
    locale: Mapped[str | None] = mapped_column(String(35))
    tags: Mapped[list[str]] = mapped_column(default=list)
    version: Mapped[int] = mapped_column(default=1)
    last_seq: Mapped[int] = mapped_column(default=0)
    last_inbound_seq: Mapped[int] = mapped_column(default=0)
    visitor: Mapped[str | None] = mapped_column(String(64), index=True)  # web chat: who opened it
    conversation: Mapped[str | None] = mapped_column(String(400))  # the provider's id of it
    visitor_read_seq: Mapped[int] = mapped_column(default=0)
    last_message_at: Mapped[datetime | None]
    last_message_preview: Mapped[str] = mapped_column(String(160), default="")
    last_message_kind: Mapped[str | None] = mapped_column(String(20))
    last_message_author: Mapped[str] = mapped_column(String(200), default="")
    waiting_since: Mapped[datetime | None]
    next_due_at: Mapped[datetime | None]
    next_due_kind: Mapped[str | None] = mapped_column(String(20))
    snoozed_until: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    first_replied_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class TicketTag(Base):
    """A tag on a ticket; `ticket.tags` is its copy for the list row."""

    __tablename__ = "ticket_tag"
    __table_args__ = (Index("ix_ticket_tag_name_ticket_id", "name", "ticket_id"),)

    ticket_id: Mapped[UUID] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(80), primary_key=True)


class TicketRead(Base):
    """How far an agent has read a ticket."""

    __tablename__ = "ticket_read"

    ticket_id: Mapped[UUID] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    agent_id: Mapped[UUID] = mapped_column(
        ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int]


class TicketMention(Base):
    """An agent was mentioned in a note of the ticket."""

    __tablename__ = "ticket_mention"
    __table_args__ = (Index("ix_ticket_mention_agent_id", "agent_id"),)

    ticket_id: Mapped[UUID] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    agent_id: Mapped[UUID] = mapped_column(
        ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int]


class TicketLink(Base):
    """`source` follows up on, duplicates or relates to `target`."""

    __tablename__ = "ticket_link"
    __table_args__ = (Index("ix_ticket_link_target_id", "target_id"),)

    source_id: Mapped[UUID] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    target_id: Mapped[UUID] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(20))  # follow_up, same_mail, related


class TicketInbox(Base):
    """A further inbox that shows the ticket: its mail was sent to that one, too."""

    __tablename__ = "ticket_inbox"
    __table_args__ = (Index("ix_ticket_inbox_inbox_id", "inbox_id"),)

    ticket_id: Mapped[UUID] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    inbox_id: Mapped[UUID] = mapped_column(
        ForeignKey("inbox.id", ondelete="CASCADE"), primary_key=True
    )


class Rating(Base):
    """What the customer thought of it, 1 to 5 (CSAT)."""

    __tablename__ = "rating"

    ticket_id: Mapped[UUID] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"))
    score: Mapped[int]
    comment: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]


class Draft(Base):
    """An unsent answer or note, one per agent and ticket."""

    __tablename__ = "draft"

    ticket_id: Mapped[UUID] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    agent_id: Mapped[UUID] = mapped_column(
        ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str]
    last_seen_seq: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime]


class Message(HasId, Base):
    """One message or note of a ticket. `seq` is taken under the ticket's row lock.

    `seq` is the order of arrival, `occurred_at` when it was written, as far as the channel's clock
    is to be believed: the thread is shown by (occurred_at, seq).
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("ticket_id", "seq"),
        UniqueConstraint("inbox_id", "direction", "channel_message_id"),
        UniqueConstraint("ticket_id", "client_id"),
        Index("ix_message_channel_message_id", "channel_message_id"),
        Index("ix_message_state_created_at", "state", "created_at"),
        Index("ix_message_ticket_id_occurred_at_seq", "ticket_id", "occurred_at", "seq"),
    )

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    seq: Mapped[int]
    inbox_id: Mapped[UUID] = mapped_column(ForeignKey("inbox.id"))
    kind: Mapped[str] = mapped_column(String(20))  # inbound, reply, note, system
    direction: Mapped[str] = mapped_column(String(3))  # in, out
    channel: Mapped[str] = mapped_column(String(40))
    author_kind: Mapped[str] = mapped_column(String(20))
    author_id: Mapped[UUID | None]
    author_name: Mapped[str] = mapped_column(String(200), default="")
    channel_message_id: Mapped[str | None] = mapped_column(String(998))
    client_id: Mapped[UUID | None]
    raw_inbound_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("raw_inbound.id", ondelete="SET NULL")
    )
    subject: Mapped[str] = mapped_column(String(1000), default="")
    text: Mapped[str] = mapped_column(default="")
    fresh: Mapped[str] = mapped_column(default="")
    quoted: Mapped[str] = mapped_column(default="")
    html: Mapped[str | None]
    envelope: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    extra: Mapped[dict[str, Any] | None] = mapped_column(default=None)  # see `tickets.extras`
    automated: Mapped[str | None] = mapped_column(String(20))
    attachment_count: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(20))
    state_reason: Mapped[str] = mapped_column(String(1000), default="")
    hold_until: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    occurred_at: Mapped[datetime]
    late: Mapped[bool] = mapped_column(default=False)  # it came after what was written later
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]  # the sender unsent it; the text stays
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]


class Delivery(HasId, Base):
    """One attempt to send one message. `attempt` counts from 1."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("message_id", "attempt"),)

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    channel: Mapped[str] = mapped_column(String(40))
    recipient: Mapped[str] = mapped_column(String(320), default="")
    state: Mapped[str] = mapped_column(String(20))  # sending, sent, failed
    external_id: Mapped[str | None] = mapped_column(String(998), index=True)
    code: Mapped[str] = mapped_column(String(60), default="")
    detail: Mapped[str] = mapped_column(String(1000), default="")
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
