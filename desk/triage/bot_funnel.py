"""What the bot took off people, counted honestly.

A conversation is deflected only when the bot answered, nobody took over, and the customer did not
write again, on any channel, within some days after the bot's last word. Until those days have
passed it is open, and not counted as a success.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.bot.models import BotConversation, BotTurn
from desk.tickets.models import Message, Ticket

WITHIN: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation, as far as the funnel looks at it."""

    ticket_id: UUID
    contact_id: UUID
    answered: bool
    helped: bool
    escalated: bool  # handed over, or a person answered in the ticket
    ended_at: datetime  # the bot's last turn


@dataclass(frozen=True, slots=True)
class Funnel:
    """Numbers of conversations. `came_back` were answered, and the customer wrote again."""

    asked: int
    answered: int
    helped: int
    escalated: int
    deflected: int
    came_back: int
    undecided: int

    @property
    def deflection(self) -> float | None:
        """Share of the decided conversations that were deflected; None before there are any."""
        decided = self.asked - self.undecided
        return self.deflected / decided if decided else None


def count(
    talks: Sequence[Talk],
    written: Mapping[UUID, Sequence[datetime]],
    now: datetime,
    within: timedelta = WITHIN,
) -> Funnel:
    """Count. `written`: when each contact wrote, on any channel. Pure."""
    deflected = came_back = undecided = 0
    for talk in talks:
        if talk.escalated or not talk.answered:
            continue
        until = talk.ended_at + within
        if any(talk.ended_at < at <= until for at in written.get(talk.contact_id, ())):
            came_back += 1
        elif now < until:
            undecided += 1
        else:
            deflected += 1
    return Funnel(
        asked=len(talks),
        answered=sum(talk.answered for talk in talks),
        helped=sum(talk.helped for talk in talks),
        escalated=sum(talk.escalated for talk in talks),
        deflected=deflected,
        came_back=came_back,
        undecided=undecided,
    )


async def funnel(
    session: AsyncSession, since: datetime, now: datetime, within: timedelta = WITHIN
) -> Funnel:
    """The conversations that began since then."""
    last = (
        select(BotTurn.ticket_id, func.max(BotTurn.created_at).label("at"))
        .group_by(BotTurn.ticket_id)
        .subquery()
    )
    person = (
        select(Message.id)
        .where(
            Message.ticket_id == BotConversation.ticket_id,
            Message.kind == "reply",
            Message.author_kind == "agent",
        )
        .exists()
    )
    rows = await session.execute(
        select(
            Ticket.id,
            Ticket.contact_id,
            BotConversation.answered_at,
            BotConversation.helped_at,
            BotConversation.handed_over_at,
            person,
            last.c.at,
        )
        .select_from(BotConversation)
        .join(Ticket, Ticket.id == BotConversation.ticket_id)
        .join(last, last.c.ticket_id == Ticket.id)
        .where(BotConversation.started_at >= since)
    )
    talks = [
        Talk(ticket, contact, bool(answered), bool(helped), bool(handed or replied), at)
        for ticket, contact, answered, helped, handed, replied, at in rows
    ]
    written: dict[UUID, list[datetime]] = defaultdict(list)
    for contact, at in await session.execute(
        select(Ticket.contact_id, Message.created_at)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(
            Message.kind == "inbound",
            Message.automated.is_(None),
            Message.created_at >= since,
            Ticket.contact_id.in_(
                select(Ticket.contact_id)
                .join(BotConversation, BotConversation.ticket_id == Ticket.id)
                .where(BotConversation.started_at >= since)
            ),
        )
    ):
        written[contact].append(at)
    return count(talks, written, now, within)
