from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decision import Decision
from bot.dialogue import give_back, respond
from bot.dialogue_state import (
    Action,
    Ask,
    CheckCode,
    Context,
    Field,
    Filled,
    Form,
    Handoff,
    Hours,
    Offer,
    Outcome,
    Reply,
    Resolve,
    Rules,
    SendCode,
    Silence,
    Turn,
)
from bot.ports import Answer
from bot.texts import CATALOGUE

ANSWER = Answer("track", "Open Orders and choose Track.", "en", "Tracking", "https://h.example/t")
LATE = Answer("late", "Parcels take five days.", "en", "Delays", "https://h.example/l")
SURE = Decision("answer", ("track",), 0.95, 0.8, "sure")
UNSURE = Decision("offer", ("track", "refund"), 0.4, 0.8, "unsure")
LOST = Decision("hand_over", (), 0.1, 0.8, "foreign")
EN = (("en", 0.99),)
FORM = Form("track", (Field("order", "order_number"), Field("email", "email")), account=False)
RULES = Rules(languages=("en", "de"))


class Talk:
    """A conversation with the bot."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.rules = rules
        self.context = Context()

    def say(self, text: str, **known: object) -> tuple[Action, ...]:
        turn = Turn(text, **({"language": EN} | known))  # type: ignore[arg-type]
        outcome = respond(turn, self.context, self.rules)
        self.context = outcome.context
        return outcome.actions


def texts(actions: tuple[Action, ...]) -> str:
    return "\n".join(getattr(action, "text", "") for action in actions)


def test_an_answer_shows_its_source_and_asks_whether_it_helped() -> None:
    talk = Talk()
    actions = talk.say("where is my order", decision=SURE, answers=(ANSWER, LATE))
    assert "Open Orders" in texts(actions)
    assert "Source: Tracking\nhttps://h.example/t" in texts(actions)
    assert "Did that help?" in texts(actions)
    actions = talk.say("yes")
    assert Resolve("track") in actions


def test_an_answer_that_did_not_help_is_followed_by_the_next_and_then_a_person() -> None:
    talk = Talk()
    talk.say("where is my order", decision=SURE, answers=(ANSWER, LATE))
    assert "five days" in texts(talk.say("no"))
    (handoff,) = talk.say("No, it didn't help")
    assert isinstance(handoff, Handoff)
    assert [tried.helped for tried in handoff.card.tried] == [False, False]
    assert handoff.card.sources == ("https://h.example/t", "https://h.example/l")
    assert handoff.card.summary == "where is my order"


def test_chatwoot_11681_13178_15068_a_person_comes_at_once_in_any_state() -> None:
    for opening in ({}, {"decision": SURE, "answers": (ANSWER,)}, {"decision": UNSURE}):
        talk = Talk()
        talk.say("where is my order", **opening)
        (handoff,) = talk.say("我要转人工")
        assert isinstance(handoff, Handoff)
        assert handoff.card.reason == "wanted"
        assert talk.say("hello?") == (Silence("handed_over"),)


def test_the_bot_is_silent_until_it_is_given_back() -> None:
    talk = Talk()
    talk.say("agent")
    assert talk.say("where is my order", decision=SURE, answers=(ANSWER,)) == (
        Silence("handed_over"),
    )
    talk.context = give_back(talk.context)
    assert "Open Orders" in texts(talk.say("where is my order", decision=SURE, answers=(ANSWER,)))


def test_chatwoot_14853_answers_come_in_the_customers_language() -> None:
    talk = Talk()
    german = Answer(
        "track", "Unter Bestellungen nachsehen.", "de", "Verfolgen", "https://h.example/v"
    )
    actions = talk.say(
        "Wo ist denn meine Bestellung?", language=(("de", 0.99),), decision=SURE, answers=(german,)
    )
    assert "Quelle: Verfolgen" in texts(actions)
    assert "Hat das geholfen?" in texts(actions)


def test_another_locales_answer_comes_with_a_note() -> None:
    talk = Talk()
    actions = talk.say(
        "Wo ist denn meine Bestellung?", language=(("de", 0.99),), decision=SURE, answers=(ANSWER,)
    )
    assert texts(actions).startswith("Das habe ich nur in einer anderen Sprache (Englisch)")


def test_the_language_follows_the_customer_but_not_a_single_word() -> None:
    talk = Talk()
    talk.say("Wo ist denn meine Bestellung?", language=(("de", 0.99),), decision=LOST)
    talk.say("ok", language=(("nl", 0.9),), decision=LOST)
    assert talk.context.language == "de"
    talk = Talk()
    talk.say("hello")
    assert "auf Deutsch" in texts(talk.say("auf Deutsch bitte"))
    talk.say("Where is the parcel that I ordered?", decision=LOST)
    assert talk.context.language == "de"


@pytest.mark.parametrize("said", ["2", "٢", "２", "2.", "Refund my order", "refund my order!"])
def test_a_choice_is_made_by_number_or_by_title(said: str) -> None:
    talk = Talk()
    titles = {"track": "Track my order", "refund": "Refund my order"}
    (offer,) = talk.say("my order", decision=UNSURE, titles=titles)
    assert isinstance(offer, Offer)
    assert "1. Track my order\n2. Refund my order\n3. None of these" in offer.text
    refund = Answer("refund", "Refunds take three days.", "en")
    assert "three days" in texts(talk.say(said, answers=(refund,)))


def test_buttons_are_used_where_the_channel_has_them() -> None:
    talk = Talk(replace(RULES, buttons=3))
    (offer,) = talk.say("my order", decision=UNSURE, titles={"track": "Track", "refund": "Refund"})
    assert isinstance(offer, Offer)
    assert "1." not in offer.text
    assert [choice.title for choice in offer.choices] == ["Track", "Refund", "None of these"]
    answer = Answer("refund", "Refunds take three days.", "en")
    assert "three days" in texts(talk.say("Refund", payload="intent:refund", answers=(answer,)))


def test_the_bot_asks_back_once_and_then_hands_over() -> None:
    talk = Talk()
    (ask,) = talk.say("flurbl", decision=LOST)
    assert isinstance(ask, Ask)
    (handoff,) = talk.say("flurbl grumpf", decision=LOST)
    assert isinstance(handoff, Handoff)
    assert handoff.card.reason == "unsure"


def test_an_angry_customer_gets_a_person() -> None:
    (handoff,) = Talk().say("THIS IS RIDICULOUS, I WANT MY MONEY BACK!!!", decision=SURE)
    assert isinstance(handoff, Handoff)
    assert handoff.card.reason == "angry"


def test_automated_mail_is_never_answered() -> None:
    assert Talk().say("I am out of office", automated=True) == (Silence("automated"),)


def test_the_same_message_again_and_again_ends_with_a_person() -> None:
    talk = Talk()
    for _ in range(2):
        talk.say("beep", decision=SURE, answers=(ANSWER, LATE))
    (handoff,) = talk.say("beep", decision=SURE, answers=(ANSWER, LATE))
    assert isinstance(handoff, Handoff)


def test_outside_business_hours_the_bot_says_when_people_are_back() -> None:
    hours = Hours(
        open=False,
        next_open=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        now=datetime(2026, 3, 1, 20, 0, tzinfo=UTC),
        timezone="Europe/Oslo",
    )
    (handoff,) = Talk(replace(RULES, hours=hours)).say("agent")
    assert "on Monday at 9:00 AM your time" in texts((handoff,))
    sooner = replace(hours, now=datetime(2026, 3, 2, 5, 0, tzinfo=UTC))
    (handoff,) = Talk(replace(RULES, hours=sooner)).say("agent")
    assert "We are back at 9:00 AM your time" in texts((handoff,))


def test_a_form_asks_checks_corrects_and_confirms() -> None:
    talk = Talk(replace(RULES, forms={"track": FORM}))
    assert "order number" in texts(talk.say("where is my order", decision=SURE))
    assert "at least four digits" in texts(talk.say("the blue one"))
    assert "e-mail address" in texts(talk.say("it is A-48213"))
    actions = talk.say("me@Example.com")
    assert "Order number: A-48213\nE-mail: me@example.com\nIs this right?" in texts(actions)
    assert "Order number: 99887" in texts(talk.say("no, the order is 99887"))
    actions = talk.say("yes")
    assert Filled("track", (("order", "99887"), ("email", "me@example.com"))) in actions
    handoff = actions[-1]
    assert isinstance(handoff, Handoff)
    assert dict(handoff.card.values)["order"] == "99887"


def test_a_form_takes_what_the_question_already_says() -> None:
    talk = Talk(replace(RULES, forms={"track": FORM}))
    assert "e-mail" in texts(talk.say("where is order 48213999", decision=SURE))


def test_a_form_can_be_cancelled_and_gives_up_after_three_tries() -> None:
    talk = Talk(replace(RULES, forms={"track": FORM}))
    talk.say("where is my order", decision=SURE)
    assert "stopped" in texts(talk.say("cancel"))
    talk.say("where is my order then", decision=SURE)
    talk.say("blue")
    talk.say("red")
    (handoff,) = talk.say("green")
    assert isinstance(handoff, Handoff)


def test_account_answers_need_a_code_first() -> None:
    form = replace(FORM, account=True, fields=(), then="answer")
    talk = Talk(replace(RULES, forms={"track": form}, verified_address="m***@example.com"))
    actions = talk.say("where is my order", decision=SURE, answers=(ANSWER,))
    assert SendCode("track") in actions
    assert "m***@example.com" in texts(actions)
    assert "Open Orders" not in texts(actions)
    assert talk.say("it is 12 34 56") == (CheckCode("123456"),)
    assert "isn't right" in texts(talk.say("", event="code_wrong"))
    actions = talk.say("", event="code_good", answers=(ANSWER,))
    assert "Open Orders" in texts(actions)


def test_without_an_address_to_prove_it_a_person_looks() -> None:
    talk = Talk(replace(RULES, forms={"track": replace(FORM, account=True)}))
    (handoff,) = talk.say("where is my order", decision=SURE)
    assert isinstance(handoff, Handoff)


def test_repeat_says_it_again() -> None:
    talk = Talk()
    first = texts(talk.say("where is my order", decision=SURE, answers=(ANSWER,)))
    assert texts(talk.say("can you repeat that?")) == first


def test_the_catalogue_is_complete_in_ten_languages() -> None:
    import string

    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert len(CATALOGUE) == 10
    for language, found in CATALOGUE.items():
        assert found.keys() == CATALOGUE["en"].keys(), language
        for key, text in found.items():
            assert text.strip(), (language, key)
            assert fields(text) == fields(CATALOGUE["en"][key]), (language, key)


MESSAGES = st.sampled_from(
    [
        "hi",
        "yes",
        "no",
        "1",
        "3",
        "9",
        "where is my order",
        "48213",
        "me@example.com",
        "cancel",
        "repeat",
        "auf Deutsch bitte",
        "по-русски",
        "thanks",
        "123456",
        "blurb",
        "",
        "?",
        "私の注文",
    ]
)
TURNS = st.builds(
    Turn,
    MESSAGES,
    language=st.sampled_from([EN, (("de", 0.9),), (("ja", 0.99),), ()]),
    decision=st.sampled_from([None, SURE, UNSURE, LOST]),
    answers=st.sampled_from([(), (ANSWER,), (ANSWER, LATE)]),
    payload=st.sampled_from(["", "yes", "no", "none", "intent:track"]),
    event=st.sampled_from(["", "", "", "code_good", "code_wrong"]),
)
ALL_FORMS = {"track": replace(FORM, account=True)}


@given(st.lists(TURNS, max_size=60), st.booleans())
def test_any_conversation_ends_and_a_person_is_always_within_reach(
    turns: list[Turn], forms: bool
) -> None:
    rules = replace(RULES, forms=ALL_FORMS if forms else {}, verified_address="m***@x.example")
    context = Context()
    spoken = 0
    for turn in turns:
        outcome = respond(turn, context, rules)
        assert outcome == respond(turn, context, rules)
        human = respond(Turn("I want to talk to a human", EN), context, rules)
        silent = context.state == "silent"
        assert isinstance(human.actions[0], Silence if silent else Handoff)
        context = outcome.context
        spoken += any(isinstance(action, Reply | Ask | Offer) for action in outcome.actions)
    assert context.turns <= rules.most_turns + 1
    given_answers = [tried.answer_id for tried in context.tried]
    assert len(given_answers) == len(set(given_answers))


@given(st.lists(st.text(max_size=40), max_size=30))
def test_no_text_makes_it_fail(messages: list[str]) -> None:
    outcome = Outcome((), Context())
    for message in messages:
        outcome = respond(Turn(message, EN, LOST), outcome.context, RULES)
        assert outcome.actions
