from __future__ import annotations

import random

import pytest

from bench.nlu_data import rows
from bot.language import chinese_script, detect
from tests.bot.data import needs_corpora


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my order?", "en"),
        ("איפה ההזמנה שלי?", "he"),
        ("أين طلبي؟", "ar"),
        ("سفارش من کجاست؟", "fa"),
        ("¿Dónde está mi pedido?", "es"),
        ("Wo ist meine Bestellung?", "de"),
        ("Où est ma commande ?", "fr"),
        ("Hvor blir det av pakken min? Jeg har ikke fått noe ennå", "no"),
        ("Hvor bliver min pakke af? Jeg har ikke fået noget endnu", "da"),
        ("Var är mitt paket? Jag har inte fått något ännu", "sv"),
        ("Hol van a rendelésem?", "hu"),
        ("我的订单在哪里", "zh"),
        ("注文はどこですか", "ja"),
        ("제 주문은 어디에 있나요?", "ko"),
        ("Де моє замовлення?", "uk"),
        ("Где мой заказ?", "ru"),
        ("Къде е моята поръчка?", "bg"),
        ("Πού είναι η παραγγελία μου;", "el"),
        ("คำสั่งซื้อของฉันอยู่ที่ไหน", "th"),
    ],
)
def test_a_customers_question_is_recognised(text: str, language: str) -> None:
    assert detect(text)[0][0] == language


def test_addresses_numbers_and_brand_names_do_not_count() -> None:
    text = (
        "שלום, https://example.com/orders/the-long-english-path me@example.com ORDER-12345 🙂 תודה"
    )
    assert detect(text)[0][0] == "he"
    assert detect("我的 iPhone 15 订单 12345678 到哪了")[0][0] == "zh"


def test_probabilities_are_ordered_and_at_most_one() -> None:
    found = detect("Ich habe eine Frage zu meiner Bestellung", 5)
    chances = [chance for _, chance in found]
    assert chances == sorted(chances, reverse=True)
    assert 0.9 < sum(chances) <= 1.0001


def test_an_answer_stays_within_the_desks_languages_and_is_spelled_as_they_are() -> None:
    assert detect("Jeg har ikke fått pakken", among={"nb", "en", "de"})[0][0] == "nb"
    assert detect("Preciso de ajuda com o meu pedido", among={"pt-BR", "es"})[0][0] == "pt-BR"
    assert detect("請問我的訂單在哪裡", among={"zh-Hans", "zh-Hant"})[0][0] == "zh-Hant"
    assert detect("请问我的订单在哪里", among={"zh-CN", "zh-TW"})[0][0] == "zh-CN"


def test_very_short_texts_follow_the_contact() -> None:
    assert detect("ok", locale="de")[0][0] == "de"
    assert detect("12345", locale="nb", among={"nb", "en"}) == [("nb", 1.0)]
    assert detect("Where is the parcel that I ordered?", locale="de")[0][0] == "en"


def test_nothing_to_read_is_no_language() -> None:
    assert detect("") == []
    assert detect("👍 12:30 https://example.com") == []


def test_one_caller_does_not_change_what_another_gets() -> None:
    before = detect("Wo ist meine Bestellung?")
    detect("Wo ist meine Bestellung?", among={"fr", "en"})
    assert detect("Wo ist meine Bestellung?") == before


def test_chinese_scripts() -> None:
    assert chinese_script("這個訂單") == "Hant"
    assert chinese_script("这个订单") == "Hans"


@needs_corpora
def test_short_texts_in_32_languages() -> None:
    corpus = rows("lid")[::3]
    right = sum(bool(found := detect(row.text, 1)) and found[0][0] == row.lang for row in corpus)
    assert right / len(corpus) >= 0.975
    known = sorted({row.lang for row in corpus})
    rng = random.Random(5)
    inside = sum(
        bool(found := detect(row.text, 1, among={*rng.sample(known, 3), row.lang}))
        and found[0][0] == row.lang
        for row in corpus
    )
    assert inside / len(corpus) >= 0.99
