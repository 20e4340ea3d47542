"""Forms as editors write them, checked before they are kept. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from bot.dialogue_state import Field, Form
from bot.form_values import mask
from bot.texts import known
from desk.errors import Invalid

MOST_FIELDS: Final = 10
MOST_OPTIONS: Final = 9  # a customer may have to answer with one digit
MAX_TEXT: Final = 300
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


def checked(forms: Sequence[Mapping[str, Any]]) -> tuple[Form, ...]:
    """The forms as the dialogue takes them. Raises Invalid, naming the form and the field."""
    found: list[Form] = []
    for number, written in enumerate(forms):
        place = f"forms.{number}"
        try:
            form = msgspec.convert(written, Form)
        except msgspec.ValidationError as error:
            raise Invalid(errors=[(place, str(error))]) from error
        if form.intent in {other.intent for other in found}:
            raise Invalid(errors=[(f"{place}.intent", "starts another form already")])
        names = [field.name for field in form.fields]
        if len(names) > MOST_FIELDS:
            raise Invalid(errors=[(f"{place}.fields", f"are at most {MOST_FIELDS}")])
        if len(set(names)) < len(names):
            raise Invalid(errors=[(f"{place}.fields", "have different names")])
        for position, field in enumerate(form.fields):
            if problem := _wrong(field):
                raise Invalid(errors=[(f"{place}.fields.{position}.{problem[0]}", problem[1])])
        found.append(form)
    return tuple(found)


def _wrong(field: Field) -> tuple[str, str] | None:
    """(part, what is wrong with it), or None."""
    if not _NAME.fullmatch(field.name):
        return "name", "is made of small letters, digits and _, and begins with a letter"
    texts = [*field.labels.items(), *field.prompts.items()]
    texts += [pair for option in field.options for pair in option.labels.items()]
    for language, text in texts:
        if known(language) != language:
            return "labels", f"{language!r} is no language the bot speaks"
        if len(text) > MAX_TEXT:
            return "labels", f"a text has at most {MAX_TEXT} characters"
    return _wrong_pattern(field) or _wrong_options(field)


def _wrong_pattern(field: Field) -> tuple[str, str] | None:
    if not field.pattern:
        return None
    if field.kind in {"date", "choice", "email"}:
        return "pattern", "is for order numbers, phone numbers and free text"
    try:
        pattern = mask(field.pattern)
    except ValueError as error:
        return "pattern", str(error)
    if not field.example:
        return "example", "is shown to customers whose answer does not match: write one that does"
    if not pattern.fullmatch(field.example):
        return "example", f"does not match {field.pattern}"
    return None


def _wrong_options(field: Field) -> tuple[str, str] | None:
    if field.kind != "choice":
        return ("options", "are for a choice only") if field.options else None
    values = [option.value for option in field.options]
    if not 2 <= len(values) <= MOST_OPTIONS:  # noqa: PLR2004 - one is no choice
        return "options", f"are 2 to {MOST_OPTIONS}"
    if len({value.casefold() for value in values}) < len(values) or not all(
        value.strip() for value in values
    ):
        return "options", "are all different, and none is empty"
    return None
