"""`/api/v1/tickets/{id}/bot`: the handoff card, what the bot did, giving the ticket back to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.triage import bot_desk
from desk.triage.bot_desk import Held


class SourceOut(Struct, frozen=True, kw_only=True):
    """What the bot quoted: the article or intent, its passage and version."""

    id: str
    title: str
    url: str
    locale: str
    number: int | None  # of the article's version
    passage: str
    wrong: bool


class TurnOut(Struct, frozen=True, kw_only=True):
    """One decision of the bot, and why."""

    id: UUID
    message_id: UUID
    outcome: str
    language: str
    intent: str
    evidence: float
    threshold: float
    reason: str
    engine: str
    sources: list[SourceOut]
    created_at: datetime


class CardOut(Struct, frozen=True, kw_only=True):
    """What the person who takes over sees first."""

    reason: str
    language: str
    summary: str
    intent: str
    confidence: float
    values: dict[str, str]
    tried: list[dict[str, Any]]  # title, url, helped (null: not said)
    at: datetime


class TicketBot(Struct, frozen=True, kw_only=True):
    """The bot's part in a ticket. `holds`: it answers the next message."""

    involved: bool
    holds: bool
    card: CardOut | None
    turns: list[TurnOut]


class WrongSource(Struct, forbid_unknown_fields=True):
    """Which source of which turn was not the answer."""

    turn_id: UUID
    source_id: Annotated[str, Meta(max_length=80)]


class TicketBotController(Controller):
    """The bot in a ticket."""

    path = "/tickets/{ticket_id:uuid}/bot"
    tags = ("Bot",)

    @get(guards=[requires("tickets.read")], summary="What the bot did with a ticket")
    async def show(self, ticket_id: FromPath[UUID], core: InjectedCore) -> TicketBot:
        """Its turns with their reasons, and the card if it handed over."""
        async with core.units.read() as session:
            return _view(await bot_desk.of_ticket(session, ticket_id))

    @post(
        "/give-back",
        guards=[requires("tickets.write")],
        summary="Give a ticket back to the bot",
        status_code=200,
    )
    async def give_back(
        self, ticket_id: FromPath[UUID], caller: Caller, core: InjectedCore
    ) -> TicketBot:
        """The bot answers the next message; nobody is assigned any more."""
        async with core.units.write(caller.actor) as work:
            await bot_desk.give_back(work, ticket_id)
            return _view(await bot_desk.of_ticket(work.session, ticket_id))

    @post(
        "/wrong-source",
        guards=[requires("tickets.write")],
        summary="Mark a source of the bot as wrong",
        status_code=200,
    )
    async def wrong_source(
        self,
        ticket_id: FromPath[UUID],
        data: JSONBody[WrongSource],
        caller: Caller,
        core: InjectedCore,
    ) -> TicketBot:
        """It counts against the article, and editors see it."""
        async with core.units.write(caller.actor) as work:
            await bot_desk.wrong_source(work, ticket_id, data.turn_id, data.source_id)
            return _view(await bot_desk.of_ticket(work.session, ticket_id))


def _view(held: Held | None) -> TicketBot:
    if held is None:
        return TicketBot(involved=False, holds=False, card=None, turns=[])
    row = held.conversation
    return TicketBot(
        involved=True,
        holds=held.enabled and not row.silent,
        card=_card(row.card, row.handed_over_at),
        turns=[
            TurnOut(
                id=turn.id,
                message_id=turn.message_id,
                outcome=turn.outcome,
                language=turn.language,
                intent=turn.intent,
                evidence=turn.evidence,
                threshold=turn.threshold,
                reason=turn.reason,
                engine=turn.engine,
                sources=[_source(one) for one in turn.sources],
                created_at=turn.created_at,
            )
            for turn in held.turns
        ],
    )


def _card(card: dict[str, Any] | None, at: datetime | None) -> CardOut | None:
    if card is None or at is None:
        return None
    return CardOut(
        reason=card["reason"],
        language=card["language"],
        summary=card["summary"],
        intent=card["intent"],
        confidence=card["confidence"],
        values=dict(card["values"]),
        tried=[
            {"title": one["title"], "url": one["url"], "helped": one["helped"]}
            for one in card["tried"]
        ],
        at=at,
    )


def _source(stored: dict[str, Any]) -> SourceOut:
    return SourceOut(
        id=stored["id"],
        title=stored["title"],
        url=stored["url"],
        locale=stored["locale"],
        number=stored.get("number"),
        passage=stored["passage"],
        wrong=bool(stored["wrong"]),
    )
