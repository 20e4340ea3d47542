"""Forms inside the dialogue: ask, check, correct, confirm, prove who one is. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bot.dialogue_say import handoff, picked, say, with_choices
from bot.dialogue_state import (
    Action,
    Ask,
    CheckCode,
    Choice,
    Context,
    Field,
    Filled,
    Form,
    Outcome,
    Reply,
    Rules,
    SendCode,
    Turn,
)
from bot.form_values import answered, ascii_digits, told
from bot.nlu.entities import find_entities
from bot.wishes import plain

Finish = Callable[[Turn, Context, Rules], Outcome]
_LOOKED_BACK = 3  # messages in which a form looks for what it needs
_CODE = re.compile(r"(?<!\d)\d(?:[ -]?\d){3,7}(?!\d)")


def start(intent: str, turn: Turn, context: Context, rules: Rules, finish: Finish) -> Outcome:
    """Begin a form with what the message already tells; prove first who one is, where needed."""
    form = rules.forms[intent]
    values = _told_so_far(form, turn, context)
    context = replace(
        context, state="form", form=intent, values=values, retries=0, choices=(), misunderstood=0
    )
    if form.account and not (context.verified or rules.verified):
        if not rules.verified_address:
            # No way to prove it: a person has to look.
            return handoff("code", context, rules)
        text = say("code_sent", context, address=rules.verified_address)
        return Outcome(
            (SendCode(intent), Ask(text, expects="code")), replace(context, state="code")
        )
    return _next(turn, context, rules, finish)


def _told_so_far(form: Form, turn: Turn, context: Context) -> tuple[tuple[str, str], ...]:
    """What the last messages tell already, the newest first: all of it is shown and confirmed.

    The number may stand in the question, and the intent be chosen from a list one message later.
    """
    texts = dict.fromkeys((turn.text, *reversed(context.said[-_LOOKED_BACK:])))
    found: dict[str, str] = {}
    for text in texts:
        entities = find_entities(text)
        for field in form.fields:
            value = told(field, text, entities)
            if value is not None:
                found.setdefault(field.name, value)
    return tuple(found.items())


def step(
    turn: Turn, text: str, context: Context, rules: Rules, wanted: str | None, finish: Finish
) -> Outcome:
    """The customer's message inside a form."""
    form = rules.forms.get(context.form)
    if form is None:  # taken away by an editor meanwhile
        return handoff("form", context, rules)
    if context.state == "code":
        return _code(text, context, rules)
    if context.state == "confirming":
        return _confirmed(turn, text, context, rules, wanted, finish)
    field = _missing(form, context)
    if field is None:
        return _next(turn, context, rules, finish)
    entities = find_entities(text)
    value = _picked(field, turn, text, context)
    if value is None:
        value = answered(field, text, entities, context.language)
    extra = tuple(
        (other.name, found)
        for other in form.fields
        if other.name != field.name and (found := told(other, text, entities))
    )
    if value is None:
        context = _with(context, extra)
        return _retry(field, context, rules, turn, finish, gained=bool(extra))
    context = _with(context, ((field.name, value), *extra))
    return _next(turn, replace(context, retries=0), rules, finish)


def ask_again(context: Context, rules: Rules) -> list[Action]:
    """The question that is open, in the language that was just chosen."""
    form = rules.forms.get(context.form)
    field = _missing(form, context) if form and context.state == "form" else None
    return [_ask(field, context, rules)[0]] if field else []


def code_event(turn: Turn, context: Context, rules: Rules, finish: Finish) -> Outcome:
    """The desk has sent a code, or looked at one."""
    if context.state != "code" or turn.event == "code_sent":
        return Outcome((), context)
    if turn.event == "code_good":
        context = replace(context, verified=True, state="form", retries=0)
        found = _next(turn, context, rules, finish)
        return Outcome((Reply(say("code_good", context)), *found.actions), found.context)
    context = replace(context, retries=context.retries + 1)
    if context.retries >= rules.most_retries:
        return handoff("code", context, rules)
    return Outcome((Ask(say("code_wrong", context), expects="code"),), context)


def _code(text: str, context: Context, rules: Rules) -> Outcome:
    found = _CODE.search(ascii_digits(text))
    if found:
        return Outcome((CheckCode(re.sub(r"\D", "", found[0])),), context)
    context = replace(context, retries=context.retries + 1)
    if context.retries >= rules.most_retries:
        return handoff("code", context, rules)
    return Outcome((Ask(say("code_wrong", context), expects="code"),), context)


def _next(turn: Turn, context: Context, rules: Rules, finish: Finish) -> Outcome:
    """Ask for what is missing; when nothing is, show it all and have it confirmed."""
    form = rules.forms[context.form]
    field = _missing(form, context)
    if field is not None:
        ask, context = _ask(field, context, rules)
        return Outcome((ask,), replace(context, state="form"))
    if not form.fields:
        return _finished(turn, context, rules, finish)
    choices = (Choice(say("yes", context), "yes"), Choice(say("no", context), "no"))
    labels = {field.name: _label(field, context) for field in form.fields}
    shown = {field.name: _shown(field, context) for field in form.fields}
    lines = [f"{labels.get(name, name)}: {shown.get(name) or v}" for name, v in context.values]
    text = "\n".join((*lines, say("confirm", context)))
    context = replace(context, state="confirming", choices=choices)
    return Outcome((with_choices(Ask(text, choices), context, rules),), context)


def _confirmed(
    turn: Turn, text: str, context: Context, rules: Rules, wanted: str | None, finish: Finish
) -> Outcome:
    choice = picked(turn.payload, text, context.choices)
    if wanted == "yes" or (choice and choice.payload == "yes"):
        return _finished(turn, context, rules, finish)
    form = rules.forms[context.form]
    entities = find_entities(text)
    changed = tuple(
        (field.name, found) for field in form.fields if (found := told(field, text, entities))
    )
    if changed:  # `no, it's 48213`: the new value is the correction
        return _next(turn, _with(context, changed), rules, finish)
    context = replace(context, retries=context.retries + 1)
    if context.retries >= rules.most_retries:
        return handoff("form", context, rules)
    if wanted == "no" or (choice and choice.payload == "no"):
        if len(form.fields) == 1:
            context = replace(context, state="form", values=(), choices=())
        return Outcome((Ask(say("what_to_change", context)),), context)
    return Outcome((Ask(say("confirm", context), context.choices),), context)


def _finished(turn: Turn, context: Context, rules: Rules, finish: Finish) -> Outcome:
    found = finish(turn, context, rules)
    return Outcome((Filled(context.form, context.values), *found.actions), found.context)


def _retry(
    field: Field, context: Context, rules: Rules, turn: Turn, finish: Finish, *, gained: bool
) -> Outcome:
    if gained:  # another field was told meanwhile: no failure
        return _next(turn, context, rules, finish)
    context = replace(context, retries=context.retries + 1)
    if context.retries >= rules.most_retries:
        return handoff("form", context, rules)
    if field.kind == "choice":
        ask, context = _ask(field, context, rules, say("bad_choice", context))
        return Outcome((ask,), context)
    told_why = say(f"bad_{field.kind}", context)
    if field.pattern and field.example:
        told_why = say("bad_pattern", context, example=field.example)
    return Outcome((Ask(told_why, expects=field.name),), context)


def _with(context: Context, values: tuple[tuple[str, str], ...]) -> Context:
    return replace(context, values=tuple((dict(context.values) | dict(values)).items()))


def _missing(form: Form, context: Context) -> Field | None:
    known = dict(context.values)
    return next((field for field in form.fields if field.name not in known), None)


def _ask(field: Field, context: Context, rules: Rules, text: str = "") -> tuple[Ask, Context]:
    """The question for a field, and the context that waits for one of its choices."""
    text = text or field.prompts.get(context.language, "")
    if not text and field.kind in {"text", "choice", "date"}:
        text = say(f"ask_{field.kind}", context, label=_label(field, context))
    choices = tuple(
        Choice(option.label(context.language), f"option:{option.value}") for option in field.options
    )
    ask = Ask(text or say(f"ask_{field.kind}", context), choices, expects=field.name)
    return with_choices(ask, context, rules), replace(context, choices=choices)


def _picked(field: Field, turn: Turn, text: str, context: Context) -> str | None:
    """The value of a choice that was pressed, numbered, or written in any language."""
    if field.kind != "choice":
        return None
    if choice := picked(turn.payload, text, context.choices):
        return choice.payload.removeprefix("option:")
    said = plain(text)
    for option in field.options:
        if said in {plain(option.value), *(plain(label) for label in option.labels.values())}:
            return option.value
    return None


def _shown(field: Field, context: Context) -> str:
    """A choice's value as customers read it; "" for every other kind."""
    value = dict(context.values).get(field.name)
    return next((one.label(context.language) for one in field.options if one.value == value), "")


def _label(field: Field, context: Context) -> str:
    written = field.labels.get(context.language) or next(iter(field.labels.values()), "")
    if written:
        return written
    if field.kind in {"text", "choice"}:
        return field.name
    return say(f"label_{field.kind}", context)
