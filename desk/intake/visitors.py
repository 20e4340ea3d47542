"""What a visitor may see of the desk, and the token that says who the visitor is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import jwt
import msgspec
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.agents.models import Agent
from desk.db.text import storable
from desk.errors import Invalid, NotAuthenticated
from desk.inboxes.models import Inbox
from desk.tickets import repository
from desk.tickets.models import Message, Ticket
from desk.tickets.views import FileView, attachments_of, file_view

TOKEN_SECONDS: Final = 90 * 24 * 3600
MAX_CONVERSATIONS: Final = 30


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is at the other end of a widget. `account` is set by a signed identity only."""

    id: str
    inbox_id: UUID
    account: str | None = None
    email: str = ""
    name: str = ""


class WidgetMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as the widget shows it."""

    id: UUID
    conversation_id: UUID
    seq: int
    author: dict[str, str]
    text: str
    attachments: list[FileView]
    client_id: UUID | None
    created_at: datetime
    state: str
    sources: list[dict[str, str]]  # where the bot's answer is from: title, url
    quick_replies: list[str]


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as its customer sees it."""

    id: UUID
    number: int
    subject: str
    status: str
    last_seq: int
    read_seq: int
    last_message: WidgetMessage | None
    agent: dict[str, str] | None
    unread: int
    created_at: datetime


class VisitorTokens:
    """Opaque, encrypted, rotating visitor tokens. Valid for 90 days after their last use."""

    def __init__(self, fernet: Fernet) -> None:
        self._fernet = fernet

    def issue(self, visitor: Visitor) -> str:
        """A fresh token for the same visitor."""
        body = {
            "v": visitor.id,
            "i": str(visitor.inbox_id),
            "a": visitor.account,
            "e": visitor.email,
            "n": visitor.name,
        }
        return self._fernet.encrypt(msgspec.json.encode(body)).decode()

    def read(self, token: str, inbox_id: UUID | None = None) -> Visitor:
        """Whose token it is. Raises NotAuthenticated for a forged, old or foreign one."""
        try:
            body: dict[str, Any] = msgspec.json.decode(
                self._fernet.decrypt(token.encode(), ttl=TOKEN_SECONDS)
            )
        except (InvalidToken, UnicodeEncodeError) as error:
            raise NotAuthenticated("This chat session is not valid any more.") from error
        visitor = Visitor(body["v"], UUID(body["i"]), body["a"], body["e"], body["n"])
        if inbox_id is not None and visitor.inbox_id != inbox_id:
            raise NotAuthenticated("This chat session belongs to another inbox.")
        return visitor

    @staticmethod
    def anonymous(inbox_id: UUID) -> Visitor:
        """Somebody new."""
        return Visitor(str(uuid4()), inbox_id)


def identified(visitor: Visitor, token: str, secret: str) -> Visitor:
    """The visitor with the account that the site's own signed token names.

    Somebody else than the account signed in here before is a new visitor: browsers are shared,
    conversations are not.

    HS256 over `sub` (the site's user id) with `exp`; optional `email`, `name`. Raises
    NotAuthenticated: a forged or expired identity is refused, not ignored.
    """
    if not secret:
        raise Invalid("This inbox has no identity secret; set one before signing identities.")
    try:
        claims = jwt.decode(
            token, secret, algorithms=["HS256"], options={"require": ["exp", "sub"]}, leeway=30
        )
    except jwt.PyJWTError as error:
        raise NotAuthenticated(f"The identity token was refused: {error}.") from error
    account = storable(str(claims["sub"]))[:200]
    if not account:
        raise NotAuthenticated("The identity token names nobody.")
    return Visitor(
        visitor.id if visitor.account in {None, account} else str(uuid4()),
        visitor.inbox_id,
        account=account,
        email=storable(str(claims.get("email") or ""))[:320],
        name=storable(str(claims.get("name") or ""))[:200],
    )


class VisitorViews:
    """Builds what the widget gets; never a note, never another visitor's conversation."""

    def __init__(self, files_base: str = "/api/widget/v1/files") -> None:
        self.files_base = files_base

    async def messages(
        self, session: AsyncSession, rows: Sequence[Message], read_seq: int = 0
    ) -> list[WidgetMessage]:
        """Public messages, with their files. Agents have read the visitor's up to `read_seq`."""
        files = await attachments_of(session, [row.id for row in rows if row.attachment_count])
        return [
            WidgetMessage(
                id=row.id,
                conversation_id=row.ticket_id,
                seq=row.seq,
                author={"kind": _author(row), "name": row.author_name},
                text=row.fresh or row.text,
                attachments=[file_view(f, self.files_base) for f in files.get(row.id, ())],
                client_id=row.client_id,
                created_at=row.created_at,
                state=_state(row, read_seq),
                sources=[
                    {"title": str(one.get("title", "")), "url": str(one.get("url", ""))}
                    for one in (row.extra or {}).get("sources", ())
                ],
                quick_replies=[
                    str(one.get("title", "")) for one in (row.extra or {}).get("buttons", ())
                ],
            )
            for row in rows
        ]

    async def conversation(
        self, session: AsyncSession, ticket: Ticket, last: WidgetMessage | None = None
    ) -> Conversation:
        """One conversation with its newest public message and how much is unread."""
        if last is None:
            row = await session.scalar(
                select(Message)
                .where(Message.ticket_id == ticket.id, repository.public())
                .order_by(Message.seq.desc())
                .limit(1)
            )
            last = (await self.messages(session, [row]))[0] if row is not None else None
        unread = (
            await session.scalar(
                select(func.count()).where(
                    Message.ticket_id == ticket.id,
                    Message.seq > ticket.visitor_read_seq,
                    Message.kind == "reply",
                    repository.public(),
                )
            )
            if ticket.last_seq > 1 and last is not None and last.seq > ticket.visitor_read_seq
            else 0
        )
        agent = await session.get(Agent, ticket.assignee_id) if ticket.assignee_id else None
        return Conversation(
            id=ticket.id,
            number=ticket.number,
            subject=ticket.subject,
            status=ticket.status,
            last_seq=last.seq if last is not None else 0,
            read_seq=ticket.visitor_read_seq,
            last_message=last,
            agent={"name": agent.name} if agent is not None else None,
            unread=unread or 0,
            created_at=ticket.created_at,
        )

    async def conversations(
        self, session: AsyncSession, visitor: Visitor, contact_id: UUID | None
    ) -> list[Conversation]:
        """The visitor's conversations, newest first."""
        rows = (
            await session.scalars(
                select(Ticket)
                .where(
                    Ticket.inbox_id == visitor.inbox_id,
                    owned(visitor, contact_id),
                )
                .order_by(Ticket.last_message_at.desc())
                .limit(MAX_CONVERSATIONS)
            )
        ).all()
        return [await self.conversation(session, row) for row in rows]


def owned(visitor: Visitor, contact_id: UUID | None) -> Any:  # noqa: ANN401 - a SQL condition
    """Tickets this visitor opened; with a proven account also those of the same contact."""
    if visitor.account and contact_id is not None:
        return or_(Ticket.visitor == visitor.id, Ticket.contact_id == contact_id)
    return Ticket.visitor == visitor.id


def is_open_to(visitor: Visitor, contact_id: UUID | None, ticket: Ticket) -> bool:
    """Whether the visitor may read and write this ticket."""
    if ticket.channel != "webchat" or ticket.inbox_id != visitor.inbox_id:
        return False
    proven = bool(visitor.account) and contact_id is not None
    return ticket.visitor == visitor.id or (proven and ticket.contact_id == contact_id)


def _state(row: Message, read_seq: int) -> str:
    if row.state != "received":
        return row.state
    return "read" if row.seq <= read_seq else "sent"


def _author(row: Message) -> str:
    return "visitor" if row.author_kind == "contact" else row.author_kind


def inbox_hours(inbox: Inbox) -> dict[int, list[tuple[str, str]]]:
    """The opening hours as stored, by weekday."""
    stored = inbox.options.get("hours") or {}
    return {int(day): [(str(a), str(b)) for a, b in spans] for day, spans in stored.items()}
