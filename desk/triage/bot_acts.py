"""What a turn's actions become: messages, a card, citations, and the record of the turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import select

from bot.conversation import Trace
from bot.dialogue_say import with_choices
from bot.dialogue_state import (
    Action,
    Ask,
    Choice,
    Context,
    Handoff,
    Offer,
    Outcome,
    Reply,
    Resolve,
    Rules,
    SendCode,
)
from bot.ports import Answer
from channels.contract import Capabilities
from desk.bot.models import BotConversation, BotTurn
from desk.db.types import new_id
from desk.events import Kind
from desk.tickets import automatic, service
from desk.tickets.models import Message, Ticket
from desk.triage.bot_case import Case
from desk.unit_of_work import UnitOfWork
from knowledge_base import analytics
from knowledge_base.models import ArticleLocale, ArticleVersion

LONGEST_TITLE: Final = 20  # characters on a provider's button


@dataclass(frozen=True, slots=True)
class Piece:
    """One message to be written."""

    text: str
    buttons: tuple[Choice, ...] = ()
    answer: Answer | None = None


def outcome_of(actions: Sequence[Action]) -> str:
    """What kind of turn it was, for the reports. Pure."""
    if any(isinstance(action, Handoff) for action in actions):
        return "handed_over"
    if any(isinstance(action, Reply) and action.answer is not None for action in actions):
        return "answered"
    for kind, name in ((Offer, "offered"), (Resolve, "helped"), (Ask, "asked")):
        if any(isinstance(action, kind) for action in actions):
            return name
    return "talked" if any(isinstance(action, Reply) for action in actions) else "silent"


def pieces_of(
    actions: Sequence[Action], context: Context, rules: Rules, capabilities: Capabilities
) -> list[Piece]:
    """The messages, as the channel can show them: one where each costs or rings. Pure."""
    found: list[Piece] = []
    for action in actions:
        if isinstance(action, Reply):
            found.append(Piece(_reply(action, capabilities), answer=action.answer))
        elif isinstance(action, Ask | Offer):
            found.append(_asked(action, context, rules, capabilities))
        elif isinstance(action, Handoff):
            found.append(Piece(action.text))
    found = [piece for piece in found if piece.text.strip()]
    if capabilities.live or capabilities.buttons or len(found) < 2:  # noqa: PLR2004 - one is one
        return found
    answer = next((piece.answer for piece in found if piece.answer is not None), None)
    return [Piece("\n\n".join(piece.text for piece in found), answer=answer)]


def _asked(
    action: Ask | Offer, context: Context, rules: Rules, capabilities: Capabilities
) -> Piece:
    choices = action.choices if len(action.choices) <= rules.buttons else ()
    if choices and not capabilities.live and max(len(c.title) for c in choices) > LONGEST_TITLE:
        written = replace(rules, buttons=0)
        if isinstance(action, Ask):
            return Piece(with_choices(action, context, written).text)
        return Piece(with_choices(action, context, written).text)
    return Piece(action.text, choices)


def _reply(action: Reply, capabilities: Capabilities) -> str:
    """The text; a live chat shows the source beside it, and no text is longer than allowed."""
    answer = action.answer
    if answer is None:
        return action.text
    if capabilities.live and answer.url:
        return answer.text
    most = capabilities.max_text_chars
    if most is None or len(action.text) <= most:
        return action.text
    tail = action.text[len(answer.text) :]
    room = most - len(tail) - 1
    return (answer.text[:room].rstrip() + "…" + tail) if room > 0 else action.text[:most]


@dataclass(frozen=True, slots=True)
class Turned:
    """A turn, ready to be written."""

    case: Case
    rules: Rules
    capabilities: Capabilities
    outcome: Outcome
    trace: Trace
    failed: bool = False


async def write(
    work: UnitOfWork, ticket: Ticket, conversation: BotConversation, turned: Turned
) -> BotTurn:
    """Say it, and record why. The ticket and the conversation are locked."""
    case, outcome = turned.case, turned.outcome
    context, actions = outcome.context, outcome.actions
    kind = outcome_of(actions)
    handoff = next((action for action in actions if isinstance(action, Handoff)), None)
    sources = await _say(work, ticket, turned, case.message if handoff else None)
    conversation.context = msgspec.to_builtins(context)
    conversation.last_seq = max(conversation.last_seq, case.message.seq)
    conversation.silent = context.state == "silent"
    if kind == "answered" and conversation.answered_at is None:
        conversation.answered_at = work.now
    if handoff is not None:
        conversation.handed_over_at = work.now
        conversation.card = msgspec.to_builtins(handoff.card)
        await analytics.asked_again(work.session, work.now, ticket_id=ticket.id)
    if ticket.locale is None and context.language:
        ticket.locale = context.language
    await _judged(work, ticket, case, conversation, actions, context)
    turn = _record(work, case, turned, kind, sources)
    work.record(
        Kind.BOT_HANDED_OVER if handoff is not None else Kind.BOT_ANSWERED,
        ticket_id=ticket.id,
        contact_id=ticket.contact_id,
        message_id=case.message.id,
        reason=handoff.card.reason if handoff is not None else turn.reason,
        data={"outcome": kind, "intent": turn.intent, "language": turn.language},
    )
    if any(isinstance(action, SendCode) for action in actions):
        work.record(Kind.BOT_CODE_ASKED, ticket_id=ticket.id, contact_id=ticket.contact_id)
    return turn


async def _say(
    work: UnitOfWork, ticket: Ticket, turned: Turned, handed_over_by: Message | None
) -> list[dict[str, Any]]:
    """Write the messages; the sources that were quoted, with the citation that counts each."""
    case = turned.case
    sources: list[dict[str, Any]] = []
    pieces = pieces_of(
        turned.outcome.actions, turned.outcome.context, turned.rules, turned.capabilities
    )
    for number, piece in enumerate(pieces):
        extra: dict[str, Any] = {}
        if piece.buttons:
            extra["buttons"] = [{"title": c.title, "payload": c.payload} for c in piece.buttons]
        answer = piece.answer
        if answer is not None and answer.url:
            extra["sources"] = [{"title": answer.title, "url": answer.url}]
        await automatic.bot_says(
            work,
            ticket,
            inbox_id=case.inbox.id,
            channel=case.message.channel,
            text=piece.text,
            # The same turn taken again would write the same messages: the database refuses them.
            client_id=uuid5(case.message.id, f"bot:{number}"),
            extra=extra or None,
            hands_over=handed_over_by.created_at if handed_over_by is not None else None,
        )
        if answer is not None:
            sources.append(await _cited(work, case, ticket, answer))
    return sources


async def _cited(work: UnitOfWork, case: Case, ticket: Ticket, answer: Answer) -> dict[str, Any]:
    """The source as the card shows it; an article's citation is counted."""
    source: dict[str, Any] = {
        "id": answer.id,
        "title": answer.title,
        "url": answer.url,
        "locale": answer.locale,
        "version": answer.version,
        "passage": answer.text[:600],
        "score": round(answer.score, 3),
        "wrong": False,
    }
    if not answer.url:  # an intent's own answer
        return source
    found = (
        await work.session.execute(
            select(ArticleLocale.article_id, ArticleVersion.number)
            .join(ArticleLocale, ArticleLocale.id == ArticleVersion.locale_id)
            .where(ArticleVersion.id == UUID(answer.version))
        )
    ).first()
    if found is not None:
        source["number"] = found[1]
        cited = await analytics.cite(
            work.session,
            work.now,
            article_id=found[0],
            locale=answer.locale,
            number=found[1],
            source="bot",
            ticket_id=ticket.id,
            contact_id=ticket.contact_id,
            question=case.text,
        )
        source["citation_id"] = str(cited.id)
    return source


async def _judged(
    work: UnitOfWork,
    ticket: Ticket,
    case: Case,
    conversation: BotConversation,
    actions: Sequence[Action],
    context: Context,
) -> None:
    """What the customer said about the answer before: counted, and the ticket is solved."""
    before = {one.answer_id: one.helped for one in case.context.tried}
    for one in context.tried:
        if one.helped is not None and before.get(one.answer_id) is None:
            await _helped(work, ticket, one.answer_id, yes=one.helped)
    if not any(isinstance(action, Resolve) for action in actions):
        return
    conversation.helped_at = work.now
    if ticket.status != "closed":
        await service.change(
            work,
            ticket.id,
            {"status": "resolved"},
            reason="the customer said that the bot's answer helped",
        )


async def _helped(work: UnitOfWork, ticket: Ticket, answer_id: str, *, yes: bool) -> None:
    rows = await work.session.scalars(
        select(BotTurn).where(BotTurn.ticket_id == ticket.id).order_by(BotTurn.id.desc()).limit(10)
    )
    for turn in rows:
        for source in turn.sources:
            if source.get("id") == answer_id and source.get("citation_id"):
                await analytics.helped(work.session, UUID(source["citation_id"]), yes=yes)
                return


def _record(
    work: UnitOfWork, case: Case, turned: Turned, kind: str, sources: list[dict[str, Any]]
) -> BotTurn:
    decision, parse = turned.trace.decision, turned.trace.parse
    intent = decision.intents[0] if decision is not None and decision.intents else ""
    turn = BotTurn(
        id=new_id(),
        ticket_id=case.ticket.id,
        message_id=case.message.id,
        outcome=kind,
        language=turned.outcome.context.language,
        intent=intent[:80],
        evidence=decision.evidence if decision is not None else 0.0,
        threshold=decision.threshold if decision is not None else 0.0,
        reason="failed" if turned.failed else decision.reason if decision is not None else "",
        engine=parse.engine if parse is not None else "",
        sources=sources,
        created_at=work.now,
    )
    work.session.add(turn)
    return turn
