"""What agents do with the bot's conversations: see the card, give back, mark a wrong source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import dialogue
from desk.bot.models import BotConversation, BotSetting, BotTurn
from desk.errors import Invalid, NotFound
from desk.events import Kind
from desk.tickets import service
from desk.triage.bot_case import remembered
from desk.unit_of_work import UnitOfWork
from knowledge_base import analytics


@dataclass(frozen=True, slots=True)
class Held:
    """A ticket's conversation with the bot, with its turns in order."""

    conversation: BotConversation
    turns: list[BotTurn]
    enabled: bool


async def of_ticket(session: AsyncSession, ticket_id: UUID) -> Held | None:
    """What the bot did with a ticket; None when it had no part in it."""
    conversation = await session.get(BotConversation, ticket_id)
    if conversation is None:
        return None
    turns = await session.scalars(
        select(BotTurn).where(BotTurn.ticket_id == ticket_id).order_by(BotTurn.id).limit(200)
    )
    setting = await session.get(BotSetting, conversation.inbox_id)
    return Held(conversation, list(turns), setting is not None and setting.enabled)


async def give_back(work: UnitOfWork, ticket_id: UUID) -> BotConversation:
    """The bot answers again from here on; nobody is assigned any more. Raises Invalid, NotFound."""
    ticket = await service.locked(work, ticket_id)
    conversation = await work.session.get(BotConversation, ticket_id, with_for_update=True)
    setting = await work.session.get(BotSetting, ticket.inbox_id)
    if conversation is None or setting is None or not setting.enabled:
        raise Invalid("There is no bot in this ticket's inbox; switch it on first.")
    if ticket.status == "closed":
        raise Invalid("This ticket is closed; nobody writes here any more.")
    conversation.silent = False
    conversation.card = None
    conversation.since_seq = ticket.last_seq
    conversation.context = msgspec.to_builtins(dialogue.give_back(remembered(conversation)))
    patch: dict[str, Any] = {"assignee_id": None}
    if ticket.status in {"new", "open", "on_hold"}:
        patch["status"] = "pending"
    await service.change(work, ticket_id, patch, reason="given back to the bot")
    work.record(Kind.BOT_GIVEN_BACK, ticket_id=ticket_id, contact_id=ticket.contact_id)
    return conversation


async def wrong_source(work: UnitOfWork, ticket_id: UUID, turn_id: UUID, source_id: str) -> None:
    """An agent says that this was not the answer: it counts against the article. Once."""
    turn = await work.session.get(BotTurn, turn_id, with_for_update=True)
    if turn is None or turn.ticket_id != ticket_id:
        raise NotFound("The bot took no such turn in this ticket.")
    marked = next((one for one in turn.sources if one["id"] == source_id), None)
    if marked is None:
        raise NotFound("The bot did not quote this.")
    if marked.get("wrong"):
        return
    turn.sources = [
        {**one, "wrong": True} if one["id"] == source_id else one for one in turn.sources
    ]
    if marked.get("citation_id"):
        await analytics.helped(work.session, UUID(marked["citation_id"]), yes=False)
    work.record(
        Kind.BOT_WRONG_SOURCE,
        ticket_id=ticket_id,
        message_id=turn.message_id,
        data={"source": source_id, "title": marked.get("title", "")},
    )
