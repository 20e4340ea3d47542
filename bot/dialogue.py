"""The dialogue: (turn, context, rules) -> what to do, and the context of the next turn. Pure.

The order of `respond` is its policy: silence where a machine must not speak, a person at once for
who asks or is angry, then what the bot was waiting for, then small talk, then the question.
"""

from __future__ import annotations

from dataclasses import replace

from bot import dialogue_forms as forms
from bot.dialogue_say import (
    ask_helped,
    handoff,
    language_name,
    picked,
    say,
    with_choices,
)
from bot.dialogue_state import (
    Action,
    Ask,
    Choice,
    Context,
    HandoffReason,
    Offer,
    Outcome,
    Reply,
    Resolve,
    Rules,
    Silence,
    Tried,
    Turn,
)
from bot.ports import Answer
from bot.texts import known
from bot.wishes import is_angry, plain, wanted_language, wish

_SURE_OF_LANGUAGE = 0.80  # chance from which a message changes the conversation's language
_LETTERS_TO_SWITCH = 8
_SAME_TEXT = 3  # times the same message comes in a row: a machine, or a cry for help
_REMEMBERED = 12  # messages of the customer kept for the summary
HUMAN = "human"
NONE = "none"


def respond(turn: Turn, context: Context, rules: Rules) -> Outcome:
    """One step of the conversation. Deterministic; never raises."""
    if turn.automated:
        return Outcome((Silence("automated"),), context)
    if context.state == "silent":
        return Outcome((Silence("handed_over"),), context)
    if turn.event:
        return _remember(forms.code_event(turn, context, rules, _after_form))
    text = " ".join(turn.text.split())
    if not text and not turn.payload:
        return Outcome((Silence("empty"),), context)
    repeated = len(context.said) >= _SAME_TEXT - 1 and all(
        plain(said) == plain(text) for said in context.said[-(_SAME_TEXT - 1) :]
    )
    context = replace(
        context,
        turns=context.turns + 1,
        said=(*context.said, text)[-_REMEMBERED:] if text else context.said,
        language=_language(turn, context, rules),
    )
    return _remember(_step(turn, text, context, rules, repeated=repeated))


def give_back(context: Context) -> Context:
    """The context once people have given the conversation back to the bot."""
    return Context(language=context.language, pinned=context.pinned, verified=context.verified)


def _step(turn: Turn, text: str, context: Context, rules: Rules, *, repeated: bool) -> Outcome:
    """What comes before everything else; then whatever the bot was waiting for."""
    choice = picked(turn.payload, text, context.choices)
    wanted = wish(text)
    if reason := _person_needed(text, wanted, choice, context, rules, repeated=repeated):
        return handoff(reason, context, rules)
    if tongue := wanted_language(text):
        return _switch(tongue, context, rules)
    if wanted == "repeat":
        return _repeat(context)
    if wanted == "cancel" and context.state != "open":
        return _say("cancelled", replace(_cleared(context), state="open"))
    if context.state in {"form", "confirming", "code"}:
        return forms.step(turn, text, context, rules, wanted, _after_form)
    return _awaited(turn, wanted, choice, context, rules) or _fresh(turn, wanted, context, rules)


def _person_needed(
    text: str,
    wanted: str | None,
    choice: Choice | None,
    context: Context,
    rules: Rules,
    *,
    repeated: bool,
) -> HandoffReason | None:
    """Why a person has to take over now, or None."""
    if wanted == "human" or (choice and choice.payload == HUMAN):
        return "wanted"
    if is_angry(text):
        return "angry"
    if repeated:
        return "loop"
    return "too_long" if context.turns > rules.most_turns else None


def _awaited(
    turn: Turn, wanted: str | None, choice: Choice | None, context: Context, rules: Rules
) -> Outcome | None:
    """The answer to what the bot asked; None when the message is something else."""
    if context.state == "helped":
        return _helped(wanted, choice, context, rules)
    if context.state == "choosing" and choice:
        return _chosen(turn, choice, context, rules)
    if context.state == "choosing" and wanted == "no":
        return _rephrase(context, rules)
    return None


def _fresh(turn: Turn, wanted: str | None, context: Context, rules: Rules) -> Outcome:
    """Small talk, or a question."""
    if wanted in {"greeting", "thanks", "goodbye", "how_are_you", "who"}:
        key = {"who": "who_are_you"}.get(wanted, wanted)
        own = rules.greetings.get(context.language, "") if wanted == "greeting" else ""
        if own:
            return Outcome((Reply(own),), replace(_cleared(context), state="open"))
        return _say(key, replace(_cleared(context), state="open"))
    if wanted in {"yes", "no"}:
        return _say("ask_question" if wanted == "yes" else "goodbye", context)
    return _question(turn, context, rules)


def _language(turn: Turn, context: Context, rules: Rules) -> str:
    """The conversation's language: as detected when sure, else as before, else the inbox's own."""
    own = rules.languages[0] if rules.languages else "en"
    current = context.language
    if context.pinned:
        return current
    found = next(iter(turn.language), None)
    if found is None:
        return current or own
    code, chance = found
    letters = sum(character.isalpha() for character in turn.text)
    # Scripts without spaces say as much with half the letters.
    dense = any(character > "⺀" for character in turn.text)
    enough = chance >= _SURE_OF_LANGUAGE and letters >= (2 if dense else _LETTERS_TO_SWITCH)
    answered = known(code)
    if answered is None:
        return current or own
    if not current:
        return answered if chance >= 0.5 else own  # noqa: PLR2004 - likelier than not
    return answered if enough else current


def _switch(tongue: str, context: Context, rules: Rules) -> Outcome:
    """Change the language because the customer asks for it."""
    if known(tongue) is None:
        text = say("cannot_switch", context)
        choices = (Choice(say("human", context), HUMAN),)
        context = replace(context, state="choosing", choices=choices)
        return Outcome((with_choices(Ask(text, choices), context, rules),), context)
    context = replace(context, language=tongue, pinned=True)
    actions: list[Action] = [Reply(say("switched", context))]
    if context.state in {"form", "confirming", "code"} and context.form:
        actions += forms.ask_again(context, rules)
    return Outcome(tuple(actions), context)


def _repeat(context: Context) -> Outcome:
    if not context.last:
        return _say("nothing_to_repeat", context)
    return Outcome(tuple(Reply(text) for text in context.last), context)


def _say(key: str, context: Context) -> Outcome:
    return Outcome((Reply(say(key, context)),), context)


def _cleared(context: Context) -> Context:
    return replace(context, choices=(), waiting=(), form="", values=(), retries=0, misunderstood=0)


def _question(turn: Turn, context: Context, rules: Rules) -> Outcome:
    """A question: answer, offer, ask back once, hand over."""
    decision = turn.decision
    if decision is not None:
        context = replace(
            context,
            intent=decision.intents[0] if decision.intents else context.intent,
            confidence=decision.evidence,
        )
    if decision is not None and decision.outcome == "answer":
        intent = decision.intents[0]
        if intent in rules.forms:
            return forms.start(intent, turn, context, rules, _after_form)
    if turn.answers and (decision is None or decision.outcome != "offer"):
        return _answer(turn.answers, context, rules)
    if decision is not None and decision.outcome in {"offer", "answer"}:
        return _offer(turn, decision.intents, context, rules)
    return _rephrase(context, rules)


def _answer(answers: tuple[Answer, ...], context: Context, rules: Rules) -> Outcome:
    """The best answer that was not given before; handing over when all were."""
    given = {tried.answer_id for tried in context.tried}
    fresh = tuple(answer for answer in answers if answer.id not in given)
    if not fresh:
        return handoff("loop", context, rules)
    best, rest = fresh[0], fresh[1:]
    actions: list[Action] = []
    if known(best.locale) != known(context.language):
        name = language_name(best.locale, context.language)
        actions.append(Reply(say("other_language", context, language=name)))
    text = best.text
    if best.title and best.url:
        text += "\n\n" + say("source", context, title=best.title) + "\n" + best.url
    actions.append(Reply(text, best))
    context = replace(
        context,
        state="helped",
        misunderstood=0,
        waiting=rest,
        tried=(*context.tried, Tried(best.id, best.title, best.url)),
    )
    ask, context = ask_helped(context, rules)
    return Outcome((*actions, ask), context)


def _helped(
    wanted: str | None, choice: Choice | None, context: Context, rules: Rules
) -> Outcome | None:
    """After `did that help?`; None when the message is another question."""
    payload = choice.payload if choice else ""
    last = context.tried[-1] if context.tried else None
    if payload == "yes" or wanted in {"yes", "thanks"}:
        tried = (*context.tried[:-1], replace(last, helped=True)) if last else context.tried
        done: tuple[Action, ...] = (Reply(say("glad", context)),)
        if last:
            done += (Resolve(last.answer_id),)
        return Outcome(done, replace(_cleared(context), state="open", tried=tried))
    if payload == "no" or wanted == "no":
        tried = (*context.tried[:-1], replace(last, helped=False)) if last else context.tried
        context = replace(context, tried=tried)
        if context.waiting:
            found = _answer(context.waiting, context, rules)
            if found.context.state == "helped":
                return Outcome((Reply(say("next_best", context)), *found.actions), found.context)
        return handoff("not_helped", context, rules)
    return None


def _offer(turn: Turn, intents: tuple[str, ...], context: Context, rules: Rules) -> Outcome:
    intents = intents[: rules.offered]
    if not intents:
        return _rephrase(context, rules)
    choices = tuple(
        Choice(turn.titles.get(intent, intent), f"intent:{intent}") for intent in intents
    )
    choices += (Choice(say("none_of_these", context), NONE),)
    context = replace(context, state="choosing", choices=choices, waiting=turn.answers)
    return Outcome((with_choices(Offer(say("offer", context), choices), context, rules),), context)


def _chosen(turn: Turn, choice: Choice, context: Context, rules: Rules) -> Outcome:
    if choice.payload == NONE:
        return _rephrase(context, rules)
    intent = choice.payload.removeprefix("intent:")
    context = replace(context, intent=intent, confidence=1.0, choices=())
    if intent in rules.forms:
        return forms.start(intent, turn, context, rules, _after_form)
    answers = tuple(answer for answer in (*turn.answers, *context.waiting) if answer.id == intent)
    return _answer(answers, context, rules) if answers else handoff("unsure", context, rules)


def _rephrase(context: Context, rules: Rules) -> Outcome:
    """Ask back while that is allowed, then hand over."""
    if context.misunderstood >= rules.ask_back:
        return handoff("unsure", context, rules)
    context = replace(context, state="open", choices=(), misunderstood=context.misunderstood + 1)
    choices = (Choice(say("human", context), HUMAN),)
    context = replace(context, state="choosing", choices=choices)
    ask = with_choices(Ask(say("ask_rephrase", context), choices), context, rules)
    return Outcome((ask,), context)


def _after_form(turn: Turn, context: Context, rules: Rules) -> Outcome:
    """A form is complete: answer, or hand over with what was collected."""
    form = rules.forms.get(context.form)
    if form is not None and form.then == "answer" and turn.answers:
        return _answer(turn.answers, replace(context, state="open", form=""), rules)
    return handoff("form", context, rules)


def _remember(outcome: Outcome) -> Outcome:
    """Keep what was said, so that it can be repeated."""
    said = tuple(
        action.text
        for action in outcome.actions
        if isinstance(action, Reply | Ask | Offer) and action.text
    )
    if not said:
        return outcome
    return Outcome(outcome.actions, replace(outcome.context, last=said))
