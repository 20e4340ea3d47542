"""The bot's turn at a customer's message: look, think, then say and record it in one commit.

Looking and thinking are outside of any write transaction; thinking is in a thread. What may have
changed meanwhile (an agent took the ticket, the turn was taken) is looked at again under the
ticket's lock. An engine that fails hands over: a customer never gets silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from bot.conversation import Bot, Trace
from bot.dialogue_say import handoff
from bot.dialogue_state import CheckCode, Context, Outcome, Rules
from bot.language import detect
from bot.ports import FixedAnswers
from bot.texts import known
from channels.registry import Registry
from desk.bot.models import BotConversation, BotSetting
from desk.events import Actor
from desk.knowledge.library import Library
from desk.tickets import service
from desk.triage import bot_acts, bot_codes
from desk.triage.bot_acts import Turned
from desk.triage.bot_brain import Brain
from desk.triage.bot_case import Case, case_of, rules_of, turned, with_people
from desk.triage.bot_source import (
    DeskKnowledge,
    EditedAnswers,
    Meanings,
    intent_answers,
    live_entries,
)
from desk.unit_of_work import UnitOfWork, Units

log = structlog.get_logger(__name__)

Finish = Callable[[UnitOfWork], Awaitable[None]]
DEFAULT_NAME = "Parley"


def actor(setting: BotSetting) -> Actor:
    """The bot as the one who acts."""
    return Actor("bot", None, setting.name or DEFAULT_NAME)


@dataclass(frozen=True)
class BotWalk:
    """Takes turns. Safe to repeat: a message has at most one."""

    units: Units
    library: Library
    channels: Registry
    brain: Brain
    meanings: Meanings
    public_url: str

    async def take(self, message_id: UUID, finish: Finish) -> bool:
        """The turn at a message; whether there was one. `finish` ends the job with it."""
        async with self.units.read() as session:
            case = await case_of(session, message_id)
            intents = await intent_answers(session, self.public_url) if case is not None else None
            if case is not None:
                await self.brain.refresh(session)
                await self.meanings.refresh(await live_entries(session))
        if case is None or intents is None:
            async with self.units.write() as work:
                await finish(work)
            return False
        turn = await self._think(case, intents)
        async with self.units.write(actor(case.setting)) as work:
            said = await self._write(work, turn, intents)
            await finish(work)
        return said

    async def give_up(self, message_id: UUID) -> None:
        """All attempts at a turn failed: people take over, and the customer is told."""
        async with self.units.read() as session:
            case = await case_of(session, message_id)
        if case is None:
            return
        capabilities = self.channels.get(case.inbox.channel).capabilities
        rules = rules_of(case, capabilities, self.units.clock())
        turn = Turned(case, rules, capabilities, _failed(case, rules), Trace(), failed=True)
        async with self.units.write(actor(case.setting)) as work:
            await self._write(work, turn, EditedAnswers(FixedAnswers({}, {})))

    async def _think(self, case: Case, intents: EditedAnswers) -> Turned:
        capabilities = self.channels.get(case.inbox.channel).capabilities
        rules = rules_of(case, capabilities, self.units.clock())
        if not case.text and not _payload(case):
            # A picture without a word: a person has to look.
            outcome = _failed(case, rules)
            return Turned(case, rules, capabilities, outcome, Trace())
        bot = self.bot(case.setting.engine, intents)
        try:
            outcome, trace = await asyncio.to_thread(
                bot.turn,
                case.text,
                case.context,
                rules,
                payload=_payload(case),
                locale=case.locale,
            )
        except Exception:
            log.exception("bot_failed", message_id=str(case.message.id))
            outcome = _failed(case, rules)
            return Turned(case, rules, capabilities, outcome, Trace(), failed=True)
        return Turned(case, rules, capabilities, outcome, trace)

    def bot(self, engine: str, intents: EditedAnswers) -> Bot:
        """The bot with the engine of an inbox, its knowledge and its present thresholds."""
        return Bot(
            nlu=self.brain.engine(engine),
            knowledge=DeskKnowledge(
                self.units,
                self.library,
                self.public_url,
                self.meanings,
                asyncio.get_running_loop(),
            ),
            intents=intents,
            thresholds=self.brain.thresholds,
            embedder=self.brain.embedder,
            off=intents.off,
        )

    async def ready(self) -> EditedAnswers:
        """What is said to intents, with the model, its thresholds and the passages up to date."""
        async with self.units.read() as session:
            intents = await intent_answers(session, self.public_url)
            await self.brain.refresh(session)
            await self.meanings.refresh(await live_entries(session))
        return intents

    async def _write(self, work: UnitOfWork, turn: Turned, intents: EditedAnswers) -> bool:
        """Under the ticket's lock: is it still the bot's turn? Then act."""
        case = turn.case
        ticket = await service.locked(work, case.ticket.id)
        conversation = await work.session.get(BotConversation, ticket.id)
        if await turned(work.session, case.message.id) or ticket.status == "closed":
            return False
        if await with_people(work.session, ticket, conversation):
            return False
        if conversation is None:
            conversation = BotConversation(
                ticket_id=ticket.id,
                inbox_id=case.inbox.id,
                context={},
                silent=False,
                since_seq=0,
                last_seq=0,
                card=None,
                started_at=work.now,
                answered_at=None,
                helped_at=None,
                handed_over_at=None,
            )
            work.session.add(conversation)
        await bot_acts.write(work, ticket, conversation, await self._checked(work, turn, intents))
        return True

    async def _checked(self, work: UnitOfWork, turn: Turned, intents: EditedAnswers) -> Turned:
        """With a one-time code looked at, and what the dialogue does about it."""
        code = next((one.code for one in turn.outcome.actions if isinstance(one, CheckCode)), None)
        if code is None:
            return turn
        good = await bot_codes.check(work, turn.case.ticket.id, code)
        after, _ = self.bot(turn.case.setting.engine, intents).turn(
            "", turn.outcome.context, turn.rules, event="code_good" if good else "code_wrong"
        )
        actions = (
            *(one for one in turn.outcome.actions if not isinstance(one, CheckCode)),
            *after.actions,
        )
        return replace(turn, outcome=Outcome(actions, after.context))


def _payload(case: Case) -> str:
    return str((case.message.extra or {}).get("payload") or "")


def _failed(case: Case, rules: Rules) -> Outcome:
    """Hand over without having understood; in the language that can be made out."""
    found = detect(case.text, k=1) if case.text else []
    language = (
        case.context.language
        or (known(found[0][0]) if found else None)
        or known(case.locale or "")
        or rules.languages[0]
    )
    said = (*case.context.said, case.text)[-12:] if case.text else case.context.said
    context: Context = replace(case.context, language=language, said=said)
    return handoff("unsure", context, rules)
