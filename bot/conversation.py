"""A whole turn: language, understanding, knowledge, decision, dialogue.

This is what the desk calls. It keeps nothing: the context comes in and goes out with each turn.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot import answers
from bot.answers import Scored
from bot.calibration import Threshold, Thresholds
from bot.decision import Decision, decide, without
from bot.dialogue import respond
from bot.dialogue_state import Context, Event, Outcome, Rules, Turn
from bot.language import detect
from bot.nlu.engine import NluEngine, NotTrained, Parse
from bot.nlu.entities import find_entities
from bot.ports import Answer, FixedAnswers, IntentAnswers, KnowledgeSource
from bot.texts import is_button, known
from bot.wishes import wish

_SEARCHED = 8  # passages looked at
_UNTAUGHT = Thresholds(Threshold(0.8))


@dataclass(frozen=True, slots=True)
class Trace:
    """How a turn was decided: for the test console and for `why is this here?`."""

    language: tuple[tuple[str, float], ...] = ()
    parse: Parse | None = None
    decision: Decision | None = None
    answers: tuple[Answer, ...] = ()
    passages: tuple[Scored, ...] = ()  # all that were looked at, the best first


@dataclass(frozen=True)
class Bot:
    """The parts of a bot. Each may be replaced; none is a global."""

    nlu: NluEngine
    knowledge: KnowledgeSource | None = None
    intents: IntentAnswers = field(default_factory=lambda: FixedAnswers({}, {}))
    thresholds: Thresholds = _UNTAUGHT
    embedder: answers.Cached | None = None
    off: frozenset[str] = frozenset()  # intents that are not answered any more

    def turn(
        self,
        text: str,
        context: Context,
        rules: Rules,
        *,
        payload: str = "",
        locale: str | None = None,
        automated: bool = False,
        event: Event = "",
    ) -> tuple[Outcome, Trace]:
        """One message of the customer, or one event of the desk."""
        if automated or event or context.state == "silent" or not text.strip():
            turn = Turn(text, payload=payload, automated=automated, event=event)
            turn = replace(turn, answers=self._of_form(context))
            return respond(turn, context, rules), Trace()
        languages = _evidence(text, payload, context, locale)
        turn = Turn(text, languages, entities=find_entities(text), payload=payload)
        trace = Trace(languages)
        if wish(text) is None:
            turn, trace = self._understood(turn, trace, context, rules)
        chosen = tuple(
            answer
            for choice in context.choices
            if choice.payload.startswith("intent:")
            and (answer := self._intent_answer(choice.payload[7:], context.language))
        )
        turn = replace(turn, answers=(*turn.answers, *chosen, *self._of_form(context)))
        return respond(turn, context, rules), trace

    def _understood(
        self, turn: Turn, trace: Trace, context: Context, rules: Rules
    ) -> tuple[Turn, Trace]:
        language = self._language(turn, context, rules)
        parse: Parse | None = None
        try:
            parse = self.nlu.parse(turn.text, language)
            decision = without(decide(parse, self.thresholds, language), self.off)
        except NotTrained:
            decision = Decision("hand_over", (), 0.0, 1.0, "nothing")
        found: tuple[Answer, ...] = ()
        scored: tuple[Scored, ...] = ()
        if decision.outcome == "answer":
            answer = self._intent_answer(decision.intents[0], language)
            found = (answer,) if answer else ()
        # Knowledge has the word where intents do not: the index may know what nobody taught.
        if self.knowledge is not None:
            passages = self.knowledge.search(turn.text, language, _SEARCHED)
            scored = answers.ranked(turn.text, passages, self.embedder)
            found += answers.chosen(turn.text, scored, language)
        titles = {intent: self.intents.title(intent, language) for intent in decision.intents}
        turn = replace(turn, decision=decision, answers=found, titles=titles)
        trace = Trace(trace.language, parse, decision, found, scored)
        return turn, trace

    def _language(self, turn: Turn, context: Context, rules: Rules) -> str:
        if context.pinned:
            return context.language
        found = known(turn.language[0][0]) if turn.language else None
        return found or context.language or rules.languages[0]

    def _of_form(self, context: Context) -> tuple[Answer, ...]:
        answer = self._intent_answer(context.form, context.language) if context.form else None
        return (answer,) if answer else ()

    def _intent_answer(self, intent: str, language: str) -> Answer | None:
        return self.intents.answer(intent, language or "en")


def _evidence(
    text: str, payload: str, context: Context, locale: str | None
) -> tuple[tuple[str, float], ...]:
    """The message's language; a button's text says nothing about who pressed it."""
    if context.language and (payload or is_button(text)):
        return ()
    return tuple(detect(text, locale=locale or context.language or None))
