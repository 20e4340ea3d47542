"""`/api/v1/bot/try`, `/bot/forms/preview`: talking to the bot without anything being written."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, post
from litestar.params import JSONBody
from msgspec import Meta, Struct

from bot.decision import REASONS
from desk.api.bot_parts import InjectedWalk
from desk.api.guards import requires
from desk.triage import bot_try
from desk.triage.bot_acts import Piece
from desk.triage.bot_try import Tried


class TryIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """A message as a customer would write it; `context` is what the last answer gave back."""

    inbox_id: UUID
    text: Annotated[str, Meta(max_length=2000)]
    payload: Annotated[str, Meta(max_length=200)] = ""
    channel: Annotated[str, Meta(max_length=40)] = ""
    language: Annotated[str, Meta(max_length=35)] = ""
    context: dict[str, Any] | None = None


class ButtonOut(Struct):
    """A button or quick reply."""

    title: str
    payload: str


class BubbleOut(Struct, kw_only=True):
    """A message, with its buttons and its source, as the channel shows it."""

    author: str  # customer, bot
    text: str
    buttons: list[ButtonOut]
    source_title: str
    source_url: str


class Chance(Struct):
    """A name with its probability."""

    name: str
    chance: float


class NeighbourOut(Struct):
    """An example near to the text."""

    text: str
    intent: str
    similarity: float


class PassageOut(Struct, kw_only=True):
    """A passage that was looked at, and whether it passed the gate."""

    title: str
    section: str
    locale: str
    url: str
    score: float
    quoted: bool


class Explained(Struct, kw_only=True):
    """Why the bot answers so."""

    rule: str
    reason: str
    reason_text: str
    outcome: str
    language: list[Chance]
    intents: list[Chance]
    evidence: float | None
    threshold: float | None
    margin: float | None
    closeness: float | None
    in_scope: bool | None
    neighbours: list[NeighbourOut]
    passages: list[PassageOut]
    engine: str
    milliseconds: float


class TryOut(Struct, kw_only=True):
    """The bot's answer, what it would remember, and why."""

    bubbles: list[BubbleOut]
    context: dict[str, Any]
    language: str
    silent: bool
    why: Explained


class PreviewIn(Struct, forbid_unknown_fields=True):
    """A form and what a customer says, the message that starts it first."""

    form: dict[str, Any]
    said: Annotated[list[str], Meta(max_length=20)]
    language: Annotated[str, Meta(max_length=35)] = "en"
    buttons: Annotated[int, Meta(ge=0, le=10)] = 5


class PreviewOut(Struct):
    """The dialogue."""

    bubbles: list[BubbleOut]


class BotTryController(Controller):
    """The test console."""

    path = "/bot"
    tags = ("Bot",)
    guards = (requires("bot.manage"),)

    @post("/try", summary="Try the bot", status_code=200)
    async def attempt(self, data: JSONBody[TryIn], bot_walk: InjectedWalk) -> TryOut:
        """The answer and the whole decision; nothing is written."""
        found = await bot_try.ask(
            bot_walk,
            data.inbox_id,
            data.text,
            payload=data.payload,
            channel=data.channel,
            locale=data.language,
            remembered=data.context,
        )
        context: dict[str, Any] = msgspec.to_builtins(found.context)
        return TryOut(
            bubbles=[_bubble("bot", piece) for piece in found.pieces],
            context=context,
            language=found.context.language,
            silent=found.context.state == "silent",
            why=_explained(found),
        )

    @post("/forms/preview", summary="Preview a form's dialogue", status_code=200)
    async def preview(self, data: JSONBody[PreviewIn]) -> PreviewOut:
        """As customers would see it, without the one-time code; nothing is written."""
        found = bot_try.preview(data.form, data.said, data.language, data.buttons)
        return PreviewOut([_bubble(author, piece) for author, piece in found])


def _bubble(author: str, piece: Piece) -> BubbleOut:
    return BubbleOut(
        author=author,
        text=piece.text,
        buttons=[ButtonOut(choice.title, choice.payload) for choice in piece.buttons],
        source_title=piece.answer.title if piece.answer else "",
        source_url=piece.answer.url if piece.answer else "",
    )


def _explained(found: Tried) -> Explained:
    parse, decision = found.trace.parse, found.trace.decision
    quoted = {(one.id, one.score) for one in found.trace.answers}
    return Explained(
        rule=found.rule,
        reason=decision.reason if decision else "",
        reason_text=REASONS[decision.reason] if decision else "",
        outcome=found.outcome,
        language=[Chance(code, round(chance, 4)) for code, chance in found.trace.language],
        intents=[Chance(name, round(chance, 4)) for name, chance in parse.ranking[:5]]
        if parse
        else [],
        evidence=round(decision.evidence, 4) if decision else None,
        threshold=round(decision.threshold, 4) if decision else None,
        margin=round(parse.margin, 4) if parse else None,
        closeness=round(parse.closeness, 4) if parse else None,
        in_scope=parse.in_scope if parse else None,
        neighbours=[
            NeighbourOut(one.text, one.intent, round(one.similarity, 3)) for one in parse.neighbours
        ]
        if parse
        else [],
        passages=[
            PassageOut(
                title=one.passage.title,
                section=one.passage.section,
                locale=one.passage.locale,
                url=one.passage.url,
                score=round(one.chance, 3),
                quoted=(one.passage.article_id, one.chance) in quoted,
            )
            for one in found.trace.passages[:6]
        ],
        engine=parse.engine if parse else "",
        milliseconds=found.milliseconds,
    )
