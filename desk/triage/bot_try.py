"""Talking to the bot as a customer would, with the reasons beside it; nothing is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import msgspec

from bot.conversation import Trace
from bot.decision import Decision
from bot.dialogue import respond
from bot.dialogue_state import Context, Filled, Handoff, Outcome, Rules, SendCode, Turn
from bot.texts import known
from bot.wishes import wish
from channels.contract import Capabilities
from channels.registry import UnknownChannelError
from desk.bot import service
from desk.bot.forms import checked
from desk.bot.models import BotSetting
from desk.errors import Invalid, NotFound
from desk.inboxes.models import Inbox
from desk.triage.bot_acts import Piece, outcome_of, pieces_of
from desk.triage.bot_case import rules_in
from desk.triage.bot_walk import BotWalk

MAX_TEXT: Final = 2000
MAX_SAID: Final = 20


@dataclass(frozen=True, slots=True)
class Tried:
    """What the bot would have said, what it would remember, and why."""

    pieces: tuple[Piece, ...]
    context: Context
    trace: Trace
    outcome: str  # as in the record of a turn
    rule: str  # what decided, see `rule_of`
    milliseconds: float
    capabilities: Capabilities


async def ask(
    walk: BotWalk,
    inbox_id: UUID,
    text: str,
    *,
    payload: str = "",
    channel: str = "",
    locale: str = "",
    remembered: Mapping[str, Any] | None = None,
) -> Tried:
    """One message to the bot of an inbox, as on `channel`. Raises NotFound, Invalid."""
    if not text.strip() or len(text) > MAX_TEXT:
        raise Invalid(errors=[("text", f"has 1 to {MAX_TEXT} characters")])
    context = _context(remembered)
    async with walk.units.read() as session:
        inbox = await session.get(Inbox, inbox_id)
        setting = await session.get(BotSetting, inbox_id)
    if inbox is None:
        raise NotFound("There is no such inbox.")
    try:
        capabilities = walk.channels.get(channel or inbox.channel).capabilities
    except UnknownChannelError as error:
        raise Invalid(errors=[("channel", "is no channel of this desk")]) from error
    setting = setting or service.unset(inbox_id)
    rules = rules_in(inbox, setting, capabilities, walk.units.clock())
    bot = walk.bot(setting.engine, await walk.ready())
    began = time.perf_counter()
    outcome, trace = await asyncio.to_thread(
        bot.turn,
        text,
        context,
        rules,
        payload=payload,
        locale=known(locale) or context.language or inbox.locale,
    )
    took = 1000 * (time.perf_counter() - began)
    return Tried(
        pieces=tuple(pieces_of(outcome.actions, outcome.context, rules, capabilities)),
        context=outcome.context,
        trace=trace,
        outcome=outcome_of(outcome.actions),
        rule=rule_of(text, context, outcome, trace),
        milliseconds=round(took, 1),
        capabilities=capabilities,
    )


def _context(remembered: Mapping[str, Any] | None) -> Context:
    if not remembered:
        return Context()
    try:
        return msgspec.convert(remembered, Context)
    except msgspec.ValidationError as error:
        raise Invalid(errors=[("context", str(error))]) from error


def rule_of(text: str, before: Context, outcome: Outcome, trace: Trace) -> str:
    """Which rule of the dialogue decided: `hand_over:wanted`, `form`, `talk:greeting`. Pure."""
    if before.state == "silent":
        return "silent"
    if done := _done(outcome):
        return done
    if before.state == "choosing" and outcome.context.intent != before.intent:
        return "chosen"
    if wanted := wish(text):
        return f"talk:{wanted}"
    if trace.decision is None:
        return "talk"
    if outcome_of(outcome.actions) == "answered" and trace.decision.outcome != "answer":
        return "passage"
    return f"decision:{trace.decision.reason}"


def _done(outcome: Outcome) -> str:
    """What was done that says enough by itself; "" for nothing of the kind."""
    for action in outcome.actions:
        if isinstance(action, Handoff):
            return f"hand_over:{action.card.reason}"
        if isinstance(action, SendCode):
            return "code"
        if isinstance(action, Filled):
            return "form"
    return "form" if outcome.context.state in {"form", "confirming", "code"} else ""


def preview(
    form: Mapping[str, Any], said: Sequence[str], language: str, buttons: int
) -> list[tuple[str, Piece]]:
    """A form's dialogue as (customer or bot, what) with what a customer says in turn. Pure.

    `said` begins with the message that starts the form. Raises Invalid.
    """
    (checked_form,) = checked([form])
    if len(said) > MAX_SAID or any(len(text) > MAX_TEXT for text in said):
        raise Invalid(errors=[("said", f"has at most {MAX_SAID} messages")])
    code = known(language) or "en"
    rules = Rules(
        languages=(code,),
        buttons=buttons,
        # The one-time code, which only a real customer can get, is left out.
        forms={checked_form.intent: replace(checked_form, account=False)},
    )
    capabilities = Capabilities(live=True, buttons=buttons > 0, max_buttons=buttons)
    context = Context(language=code, pinned=True)
    sure = Decision("answer", (checked_form.intent,), 1.0, 0.0, "sure")
    bubbles: list[tuple[str, Piece]] = []
    for number, text in enumerate(said):
        bubbles.append(("customer", Piece(text)))
        outcome = respond(Turn(text, decision=None if number else sure), context, rules)
        context = outcome.context
        pieces = pieces_of(outcome.actions, context, rules, capabilities)
        bubbles += [("bot", piece) for piece in pieces]
    return bubbles
