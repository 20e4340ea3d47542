"""Forms inside the dialogue: ask, check, correct, confirm, prove who one is. Pure."""

from __future__ import annotations

import re
import unicodedata
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
from bot.nlu.engine import Entity
from bot.nlu.entities import find_entities

Finish = Callable[[Turn, Context, Rules], Outcome]
_CODE = re.compile(r"(?<!\d)\d(?:[ -]?\d){3,7}(?!\d)")


def start(intent: str, turn: Turn, context: Context, rules: Rules, finish: Finish) -> Outcome:
    """Begin a form with what the message already tells; prove first who one is, where needed."""
    form = rules.forms[intent]
    entities = turn.entities or find_entities(turn.text)
    values = tuple(
        (field.name, value) for field in form.fields if (value := _from_entities(field, entities))
    )
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
    value = _value(field, text, entities)
    extra = tuple(
        (other.name, found)
        for other in form.fields
        if other.name != field.name and (found := _from_entities(other, entities))
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
    return [_ask(field, context)] if field else []


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
    digits = unicodedata.normalize("NFKC", text)
    found = _CODE.search("".join(_ascii_digit(character) for character in digits))
    if found:
        return Outcome((CheckCode(re.sub(r"\D", "", found[0])),), context)
    context = replace(context, retries=context.retries + 1)
    if context.retries >= rules.most_retries:
        return handoff("code", context, rules)
    return Outcome((Ask(say("code_wrong", context), expects="code"),), context)


def _ascii_digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def _next(turn: Turn, context: Context, rules: Rules, finish: Finish) -> Outcome:
    """Ask for what is missing; when nothing is, show it all and have it confirmed."""
    form = rules.forms[context.form]
    field = _missing(form, context)
    if field is not None:
        return Outcome((_ask(field, context),), replace(context, state="form"))
    if not form.fields:
        return _finished(turn, context, rules, finish)
    choices = (Choice(say("yes", context), "yes"), Choice(say("no", context), "no"))
    labels = {field.name: _label(field, context) for field in form.fields}
    lines = [f"{labels.get(name, name)}: {value}" for name, value in context.values]
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
        (field.name, found) for field in form.fields if (found := _from_entities(field, entities))
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
    return Outcome((Ask(say(f"bad_{field.kind}", context), expects=field.name),), context)


def _with(context: Context, values: tuple[tuple[str, str], ...]) -> Context:
    return replace(context, values=tuple((dict(context.values) | dict(values)).items()))


def _missing(form: Form, context: Context) -> Field | None:
    known = dict(context.values)
    return next((field for field in form.fields if field.name not in known), None)


def _ask(field: Field, context: Context) -> Ask:
    if field.kind == "text":
        return Ask(say("ask_text", context, label=_label(field, context)), expects=field.name)
    return Ask(say(f"ask_{field.kind}", context), expects=field.name)


def _label(field: Field, context: Context) -> str:
    written = field.labels.get(context.language) or next(iter(field.labels.values()), "")
    if written:
        return written
    return field.name if field.kind == "text" else say(f"label_{field.kind}", context)


def _from_entities(field: Field, entities: tuple[Entity, ...]) -> str | None:
    return next((entity.value for entity in entities if entity.kind == field.kind), None)


def _value(field: Field, text: str, entities: tuple[Entity, ...]) -> str | None:
    """The field's value in a message that was asked for it, or None."""
    if field.kind == "text":
        return text if any(character.isalnum() for character in text) else None
    if found := _from_entities(field, entities):
        return found
    if field.kind == "order_number":
        # Asked for, a bare number of four digits is one; in passing it could be a year.
        plain = "".join(_ascii_digit(c) for c in unicodedata.normalize("NFKC", text))
        short = re.search(r"(?<![\dA-Za-z])[A-Za-z]{0,5}[-# ]?\d{4,18}(?![\dA-Za-z])", plain)
        return short[0].strip(" #-").replace(" ", "").upper() if short else None
    if field.kind == "phone":
        digits = re.sub(r"\D", "", text)
        return (
            f"+{digits}"
            if re.fullmatch(r"[+\d ()/.-]{8,24}", text) and text.startswith("+")
            else None
        )
    return None
