from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.answers import choose, quote
from bot.conversation import Bot
from bot.dialogue_state import Context, Handoff, Reply, Rules
from bot.learning import Known, Unanswered, cluster, conflicts
from bot.nlu.embedded import EmbeddedNlu
from bot.nlu.embedding import CachedEmbedder
from bot.nlu.entities import find_entities
from bot.ports import FixedAnswers, Passage
from bot.summary import summarise
from tests.bot.data import EXAMPLES, Letters, embedder

SHIPPING = Passage(
    "a1", "7", "Delivery times", "https://h.example/a1", "Europe", "en",
    "Parcels within Europe take three to five working days to arrive after shipping.",
)  # fmt: skip
VERSAND = Passage(
    "a2", "1", "Lieferzeiten", "https://h.example/a2", "", "de",
    "Pakete innerhalb Europas kommen drei bis fünf Werktage nach dem Versand an.",
)  # fmt: skip
GIFT = Passage(
    "a3", "1", "Gift cards", "https://h.example/a3", "", "en",
    "A gift card is valid for two years from the day you bought it.",
)  # fmt: skip


class Shelf:
    """A knowledge base of three articles that finds all of them."""

    def search(self, query: str, locale: str, k: int) -> list[Passage]:
        return [GIFT, VERSAND, SHIPPING][:k]


def test_the_passage_that_answers_is_chosen_in_the_customers_language() -> None:
    shelf = Shelf().search("", "en", 3)
    english = choose("How long does delivery within Europe take?", shelf, "en", embedder())
    assert english[0].id == "a1"
    assert english[0].version == "7"
    german = choose("Wie lange dauert die Lieferung in Europa?", shelf, "de", embedder())
    assert german[0].id == "a2"


def test_nothing_is_quoted_that_does_not_answer() -> None:
    shelf = Shelf().search("", "en", 3)
    for text in ("Can I bring my dog to your office?", "What is the capital of France?", "asdf"):
        assert choose(text, shelf, "en", embedder()) == ()
    assert choose("How long is delivery?", [], "en", None) == ()


def test_two_articles_that_fit_alike_are_not_guessed_between() -> None:
    rivals = [
        Passage(f"r{i}", "1", "Delivery times", "", "", "en", f"Parcels {place} take a few days.")
        for i, place in enumerate(("to the islands", "to the mountains"))
    ]
    question = "How many days does a parcel take?"
    assert choose(question, rivals, "en", embedder()) == ()
    assert [one.id for one in choose(question, rivals[:1], "en", embedder())] == ["r0"]


def test_vectors_that_another_process_made_are_known_at_once(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite3"
    CachedEmbedder(Letters(), path).embed(["one passage", "another passage"])
    again = CachedEmbedder(Letters(), path)
    assert again.knows("one passage")
    assert not again.knows("a third passage")


def test_long_passages_are_quoted_around_what_was_asked() -> None:
    text = (
        "Filler about other things entirely. " * 40 + "Refunds take three days. " + "More. " * 200
    )
    shown = quote("how long do refunds take", text)
    assert "Refunds take three days." in shown
    assert len(shown) <= 620


def test_a_whole_turn_answers_with_its_source_and_hands_a_foreign_question_over() -> None:
    engine = EmbeddedNlu(embedder())
    engine.train(EXAMPLES)
    bot = Bot(engine, Shelf(), FixedAnswers({}, {}), embedder=embedder())
    rules = Rules(languages=("en", "de"))
    outcome, trace = bot.turn(
        "How long does delivery within Europe take?", Context(), rules, locale="en"
    )
    reply = outcome.actions[0]
    assert isinstance(reply, Reply)
    assert "three to five working days" in reply.text
    assert "https://h.example/a1" in reply.text
    assert trace.parse is not None
    context = Context()
    for _ in range(2):
        outcome, _ = bot.turn("Which rhymes are there for orange, and why?", context, rules)
        context = outcome.context
    assert isinstance(outcome.actions[-1], Handoff)
    assert "orange" in outcome.actions[-1].card.summary


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("where is order 445566778?", "order_number", "445566778"),
        ("我的订单12345678在哪里", "order_number", "12345678"),
        ("注文番号は１２３４５６７です", "order_number", "1234567"),
        ("my order no. 4821", "order_number", "4821"),
        ("ORD-2024-99812 please", "order_number", "ORD-2024-99812"),
        ("write to Me.Too@Example.com.", "email", "me.too@example.com"),
        ("call +44 20 7946 0018", "phone", "+442079460018"),
        ("you took €12.50 twice", "amount", "€12.50"),
    ],
)
def test_what_is_named_is_found(text: str, kind: str, value: str) -> None:
    assert (kind, value) in [(entity.kind, entity.value) for entity in find_entities(text)]


def test_dates_and_prices_are_no_order_numbers() -> None:
    for text in ("on 2026-03-01 at 12:30", "it cost $12345", "in 2026", "call +44 20 7946 0018"):
        assert not [e for e in find_entities(text) if e.kind == "order_number"]


def test_the_summary_is_the_customers_words_without_greetings() -> None:
    found = summarise(
        ["Hello", "Dear team,\nmy parcel 48213999 has not arrived. Where is it?", "agent please"]
    )
    assert found == "my parcel 48213999 has not arrived. Where is it?"


def test_unanswered_questions_are_grouped_named_and_matched() -> None:
    texts = [
        "Do you ship to Canada?",
        "Is delivery to Canada possible?",
        "Can you send parcels to Canada",
        "How do I close my account?",
        "I want to delete my account",
        "Where can I remove my account",
        "Do you have student discounts?",
    ]
    questions = [Unanswered(str(i), text, "en") for i, text in enumerate(texts)]
    known = [Known("intent", "delete_account", "Delete account", "Please delete my account")]
    vectors = embedder().embed(texts)
    groups = cluster(questions, vectors, known, embedder().embed([known[0].text]))
    together = {frozenset(q.id for q in group.questions) for group in groups}
    assert {frozenset("012"), frozenset("345"), frozenset("6")} == together
    account = next(
        group
        for group in groups
        if len(group.questions) == 3 and "3" in {q.id for q in group.questions}
    )
    assert (account.proposal.kind, account.proposal.target) == ("examples", "delete_account")
    assert groups == cluster(questions, vectors, known, embedder().embed([known[0].text]))


def test_examples_that_contradict_are_shown() -> None:
    examples = [
        ("Where is my parcel?", "track"),
        ("Where is my parcel now?", "delay"),
        ("I want a refund", "refund"),
        ("Change my password", "login"),
        ("Do you sell gift cards?", "gift"),
    ]
    found = conflicts(examples, embedder().embed([text for text, _ in examples]))
    assert [(one.intent, one.other_intent) for one in found] == [("track", "delay")]
    assert conflicts([], np.zeros((0, 384), np.float32)) == ()
