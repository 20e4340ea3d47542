"""What a form takes from messages: patterns, dates, choices, own questions, in many languages."""

from __future__ import annotations

from datetime import date

import pytest

from bot.decision import Decision
from bot.dialogue import respond
from bot.dialogue_state import Ask, Context, Field, Filled, Form, Option, Outcome, Rules, Turn
from bot.form_values import mask, read_date, told
from bot.nlu.entities import find_entities

SURE = Decision("answer", ("track",), 0.95, 0.8, "sure")


def talk(form: Form, said: list[str], language: str = "en", buttons: int = 5) -> list[Outcome]:
    """The dialogue of a form; the first message starts it."""
    rules = Rules((language,), buttons=buttons, forms={"track": form})
    context = Context(language=language, pinned=True)
    found = []
    for number, text in enumerate(said):
        found.append(respond(Turn(text, decision=None if number else SURE), context, rules))
        context = found[-1].context
    return found


def asked(outcome: Outcome) -> str:
    return "\n".join(action.text for action in outcome.actions if isinstance(action, Ask))


@pytest.mark.parametrize(
    ("pattern", "text", "value"),
    [
        ("FS-#####", "Where is fs-48213?", "FS-48213"),
        ("FS-#####", "我的订单FS-48213还没到", "FS-48213"),
        ("FS-#####", "注文番号はＦＳ－４８２１３です", "FS-48213"),
        ("FS-#####", "order FS-482134", None),
        ("FS-##### or ??####", "it is ab1234.", "AB1234"),
        ("R*", "הבקשה היא R2D2X", "R2D2X"),
        ("## ##", "call 1234", "1234"),
    ],
)
def test_a_pattern_finds_its_value_inside_a_sentence(
    pattern: str, text: str, value: str | None
) -> None:
    field = Field("order", "order_number", pattern=pattern, example="x")
    assert told(field, text, find_entities(text)) == value


@pytest.mark.parametrize("pattern", ["", "abc", "#" * 61, "a*b*", " or ##"])
def test_a_pattern_that_says_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        mask(pattern)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("2026-11-25", "en"),
        ("25.11.2026", "de"),
        ("25/11/2026", "fr"),
        ("11/25/2026", "en"),
        ("it was the 25th November 2026", "en"),
        ("November 25, 2026", "en"),
        ("am 25. November 2026", "de"),
        ("le 25 novembre 2026", "fr"),
        ("25 בנובמבר 2026", "he"),
        ("2026. november 25.", "hu"),
        ("2026年11月25日", "zh"),
        ("２０２６年１１月２５日です", "ja"),
        ("٢٥/١١/٢٠٢٦", "ar"),
        ("25 نوفمبر 2026", "ar"),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, language: str) -> None:
    assert read_date(text, language) == date(2026, 11, 25)


@pytest.mark.parametrize("text", ["tomorrow", "31.02.2026", "48213", "25/13/2026", ""])
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text, "en") is None


def test_a_number_in_the_first_message_is_not_asked_for_again() -> None:
    form = Form("track", (Field("order", "order_number", pattern="FS-#####", example="FS-10000"),))
    first, last = talk(form, ["我的订单FS-48213在哪里？", "是"], "zh")
    assert "FS-48213" in asked(first)
    assert Filled("track", (("order", "FS-48213"),)) in last.actions


def test_a_value_that_does_not_match_hears_the_example() -> None:
    form = Form("track", (Field("order", "order_number", pattern="FS-#####", example="FS-10000"),))
    _, wrong, right = talk(form, ["Where is it?", "48213", "FS-48213"])
    assert "FS-10000" in asked(wrong)
    assert "FS-48213" in asked(right)


def test_a_choice_is_picked_by_button_number_or_word_in_any_language() -> None:
    options = (
        Option("broken", {"en": "It is broken", "he": "הוא שבור"}),
        Option("wrong", {"en": "Wrong item", "he": "פריט שגוי"}),
    )
    form = Form("track", (Field("reason", "choice", {"he": "הסיבה"}, options=options),))
    for said in ("2", "פריט שגוי", "Wrong item", "wrong"):
        first, second = talk(form, ["אני רוצה להחזיר", said], "he", buttons=0)
        assert "1. הוא שבור" in asked(first)
        assert "2. פריט שגוי" in asked(first)
        assert "הסיבה: פריט שגוי" in asked(second)
        assert dict(second.context.values) == {"reason": "wrong"}
    _, again = talk(form, ["אני רוצה להחזיר", "אולי"], "he", buttons=0)
    assert "1. הוא שבור" in asked(again)
    assert not again.context.values


def test_an_editors_own_question_comes_in_the_customers_language() -> None:
    field = Field(
        "when", "date", prompts={"en": "When did you buy it?", "de": "Wann haben Sie es gekauft?"}
    )
    form = Form("track", (field,))
    assert asked(talk(form, ["Rückgabe"], "de")[0]) == "Wann haben Sie es gekauft?"
    first, bad, good = talk(form, ["return", "last week", "3 May 2026"])
    assert asked(first) == "When did you buy it?"
    assert "2026-11-25" in asked(bad)
    assert "Date: 2026-05-03" in asked(good)
