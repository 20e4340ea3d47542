"""How the dialogue puts things: texts, choices, opening hours, the handoff's card. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time

from bot.dialogue_state import (
    Ask,
    Card,
    Choice,
    Context,
    Handoff,
    HandoffReason,
    Hours,
    Offer,
    Outcome,
    Rules,
)
from bot.summary import summarise
from bot.texts import say as say_in
from bot.wishes import plain

_FIRST_WORDS = {"angry": "handoff_angry", "wanted": "handoff_wanted", "form": "form_done"}


def say(key: str, context: Context, /, **values: str) -> str:
    """A text in the conversation's language."""
    return say_in(key, context.language or "en", **values)


Shown = TypeVar("Shown", Ask, Offer)


def with_choices(action: Shown, context: Context, rules: Rules) -> Shown:
    """The action as the channel can show it: buttons, or numbered lines."""
    if not action.choices or len(action.choices) <= rules.buttons:
        return action
    numbered = "\n".join(f"{i}. {one.title}" for i, one in enumerate(action.choices, start=1))
    text = f"{action.text}\n{numbered}\n{say('by_number', context)}"
    return replace(action, text=text)


def picked(payload: str, text: str, choices: tuple[Choice, ...]) -> Choice | None:
    """The choice that a button, a number in any digits, or a title names."""
    for choice in choices:
        if payload and choice.payload == payload:
            return choice
    said = plain(text).strip(" .)#!。")
    number = _number(said)
    if number is not None:
        return choices[number - 1] if 1 <= number <= len(choices) else None
    for choice in choices:
        if said and said == plain(choice.title).strip(" .!?。"):
            return choice
    return None


def _number(said: str) -> int | None:
    if not said or len(said) > 2:  # noqa: PLR2004 - no list is that long
        return None
    try:
        return int("".join(str(unicodedata.decimal(character)) for character in said))
    except ValueError:
        return None


def ask_helped(context: Context, rules: Rules) -> tuple[Ask, Context]:
    """`Did that help?`, and the context that waits for the answer."""
    choices = (Choice(say("yes", context), "yes"), Choice(say("no", context), "no"))
    text = say("helped", context)
    if rules.buttons < len(choices):
        text += f" ({choices[0].title} / {choices[1].title})"
    return Ask(text, choices), replace(context, choices=choices)


def handoff(reason: HandoffReason, context: Context, rules: Rules) -> Outcome:
    """Leave the conversation to people, with a card; the bot is silent afterwards."""
    first = say(_FIRST_WORDS.get(reason, "handoff_unsure"), context)
    text = f"{first} {_when(rules.hours, context)}"
    card = Card(
        reason=reason,
        language=context.language,
        summary=summarise(context.said),
        intent=context.intent,
        confidence=context.confidence,
        tried=context.tried,
        values=context.values,
        sources=tuple(dict.fromkeys(tried.url for tried in context.tried if tried.url)),
    )
    return Outcome((Handoff(text, card),), replace(context, state="silent", choices=()))


def _when(hours: Hours, context: Context) -> str:
    if hours.open:
        return say("handoff_open", context)
    if hours.next_open is None:
        return say("handoff_closed_unknown", context)
    return say("handoff_closed", context, when=_moment(hours.next_open, hours, context))


def _moment(at: datetime, hours: Hours, context: Context) -> str:
    """`at 9:00` today (as the customer's clock has it), else `on Monday at 9:00`."""
    try:
        zone = ZoneInfo(hours.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    local = at.astimezone(zone)
    locale = _locale(context.language)
    time = format_time(local, "short", locale=locale).replace("\u202f", " ")
    if hours.now is not None and hours.now.astimezone(zone).date() == local.date():
        return say("at_time", context, time=time)
    day = format_date(local.date(), "EEEE", locale=locale)
    return say("on_day", context, day=day, time=time)


def _locale(language: str) -> Locale:
    try:
        return Locale.parse((language or "en").replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def language_name(language: str, inside: str) -> str:
    """A language's name in another one: `German`, `allemand`."""
    try:
        name = Locale.parse(language.replace("-", "_")).get_language_name(
            inside.split("-", maxsplit=1)[0]
        )
    except (UnknownLocaleError, ValueError):
        name = None
    return name or language
