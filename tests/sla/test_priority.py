"""Urgent and angry messages in ten languages, and calm ones that use the same words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.conditions import Facts, Is
from sla.priority import PriorityRule, PrioritySettings, assess
from sla.tone import hear
from sla.words import LEXICONS

CALM = Facts()

# language, urgent, angry, negated, calm
MESSAGES = [
    (
        "en",
        "This is urgent, we open tomorrow.",
        "Your service is unacceptable.",
        "No hurry, it's not urgent.",
        "Could you tell me the opening hours?",
    ),
    (
        "he",
        "זה דחוף, אני צריך את זה להיום",
        "השירות שלכם גרוע ומחפיר",
        "זה לא דחוף, תודה",
        "מה שעות הפתיחה שלכם?",
    ),
    (
        "ar",
        "الأمر عاجل وأحتاج المساعدة",
        "الخدمة سيئة جداً وأنا غاضب",
        "الأمر ليس عاجلاً",
        "ما هي ساعات العمل؟",
    ),
    (
        "es",
        "Es urgente, lo necesito cuanto antes",
        "Esto es una estafa, estoy furiosa",
        "No es urgente, gracias",
        "¿Cuál es el horario de la tienda?",
    ),
    (
        "de",
        "Bitte antworten Sie umgehend, es eilt",
        "Das ist eine Frechheit, ich gehe zum Anwalt",
        "Es ist nicht dringend",
        "Wann kommt mein Paket an?",
    ),
    (
        "fr",
        "C'est urgent, répondez au plus vite",
        "C'est inadmissible, quelle arnaque",
        "Ce n'est pas urgent",
        "Quels sont vos horaires ?",
    ),
    (
        "nb",
        "Det haster, svar snarest",
        "Dette er helt uakseptabelt, jeg er rasende",
        "Det haster ikke",
        "Når kommer pakken min?",
    ),
    (
        "hu",
        "Sürgősen kérem a segítségüket",
        "Ez felháborító, botrányos kiszolgálás",
        "Nem sürgős, köszönöm",
        "Mikor érkezik meg a csomagom?",
    ),
    (
        "zh",
        "非常紧急，请尽快回复",
        "你们的服务太差了，我要投诉",
        "这个不紧急",
        "请问几点开门？",
    ),
    (
        "ja",
        "至急ご対応をお願いします",
        "対応が最悪です。弁護士に相談します",
        "緊急ではありません",
        "営業時間を教えてください",
    ),
]
BY_LANGUAGE = pytest.mark.parametrize(
    ("language", "urgent", "angry", "negated", "calm"), MESSAGES, ids=[m[0] for m in MESSAGES]
)


@BY_LANGUAGE
def test_urgency_and_anger_are_heard_and_negation_is_understood(
    language: str, urgent: str, angry: str, negated: str, calm: str
) -> None:
    assert hear(urgent, language).urgent
    assert not hear(urgent, language).angry
    assert hear(angry, language).angry
    turned = hear(negated, language)
    assert not turned.urgent
    assert turned.negated
    quiet = hear(calm, language)
    assert (quiet.urgent, quiet.angry, quiet.negated) == ((), (), ())
    assert assess(urgent, language, CALM).priority == "high"
    assert assess(calm, language, CALM).priority == "normal"
    assert assess(negated, language, CALM).priority == "normal"


def test_every_language_of_the_product_has_words() -> None:
    assert set(LEXICONS) == {"en", "he", "ar", "es", "de", "fr", "nb", "hu", "zh", "ja"}
    assert len(MESSAGES) == len(LEXICONS)
    assert hear("det haster", "no").urgent
    assert hear("很急", "zh-Hant").urgent


def test_urgent_is_understood_in_any_language() -> None:
    assert hear("URGENT: drukarka nie działa", "pl").urgent == ("urgent",)
    assert hear("ASAP bitte", "de").urgent == ("asap",)


def test_words_inside_other_words_do_not_count() -> None:
    assert hear("We discuss the issue with Susan about insurgents", "en").angry == ()
    assert hear("The pursuer sued", "en").angry == ()


def test_capitals_count_as_shouting_but_a_short_code_does_not() -> None:
    assert hear("WHERE IS MY PARCEL", "en").shouting
    assert not hear("Order AB-12345-XY arrived", "en").shouting
    assert not hear("OK THX", "en").shouting
    assert not hear("这是一个没有大小写的句子而且很长", "zh").shouting


def test_exclamation_marks_only_underline() -> None:
    assert assess("Thank you so much!!!", "en", CALM).points == 0
    assert assess("This is urgent!!!", "en", CALM).points == 4


def test_points_add_up_and_explain_themselves() -> None:
    facts = Facts(segments=frozenset({"vip"}))
    settings = PrioritySettings(intents={"card_stolen": 3})
    found = assess("Urgent, my card!", "en", facts, settings, intent="card_stolen")
    assert (found.priority, found.points) == ("urgent", 8)
    assert [reason.text for reason in found.reasons] == [
        "It says “urgent” (+3).",
        "The bot understood: card_stolen (+3).",
        "The customer is in the segment vip (+2).",
    ]
    assert found.reasons[2].params == {"words": ["vip"], "points": 2}


def test_a_rule_outvotes_the_words() -> None:
    newsletter = PriorityRule("Newsletters", Is("tags", "has", "newsletter"), "low")
    outage = PriorityRule("Outages", Is("tags", "has", "outage"), "high", "at_least")
    capped = PriorityRule("Trials", Is("segments", "has", "trial"), "normal", "at_most")
    settings = PrioritySettings(rules=(newsletter, outage, capped))
    loud = "URGENT!!! This is unacceptable, urgent!"
    marked = assess(loud, "en", Facts(tags=frozenset({"newsletter"})), settings)
    assert marked.priority == "low"
    assert marked.reasons[0].text == "The rule “Newsletters” makes it low."
    assert assess("Hi", "en", Facts(tags=frozenset({"outage"})), settings).priority == "high"
    assert assess(loud, "en", Facts(tags=frozenset({"outage"})), settings).priority == "urgent"
    assert assess(loud, "en", Facts(segments=frozenset({"trial"})), settings).priority == "normal"


def test_points_may_lower() -> None:
    settings = PrioritySettings(intents={"thanks": -2})
    assert assess("Thanks", "en", CALM, settings, intent="thanks").priority == "low"


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="base: no priority 'p1'"):
        PrioritySettings(base="p1")
    with pytest.raises(ValueError, match="positive and rising"):
        PrioritySettings(raise_at=(5, 3))
    with pytest.raises(ValueError, match="must be negative"):
        PrioritySettings(lower_at=0)
    with pytest.raises(ValueError, match="rule X: no priority"):
        PriorityRule("X", Is("tags", "has", "x"), "P1")


@given(st.text(max_size=300), st.sampled_from([*LEXICONS, "xx", ""]))
def test_any_text_can_be_heard(text: str, language: str) -> None:
    tone = hear(text, language)
    assert set(tone.urgent).isdisjoint({""})
