from __future__ import annotations

import pytest

from bot.wishes import is_angry, wanted_language, wants_human, wish

# chatwoot 11681, 13178, 15068: customers asked for a person and kept getting the bot.
ASKED = [
    "agent",
    "human",
    "I want to talk to a human",
    "can i speak with someone please",
    "connect me to an agent",
    "live agent",
    "representative!",
    "is there a real person here?",
    "talk to a person",
    "I need a human being",
    "get me a real person now",
    "customer service",
    "can I chat with somebody",
    "transfer me to an operator",
    "no bots please",
    "please let me talk to your manager",
    "speak to a supervisor",
    "נציג",
    "אני רוצה לדבר עם נציג",
    "אפשר לדבר עם בן אדם?",
    "תעביר אותי לנציג אנושי",
    "נציג בבקשה",
    "אפשר מענה אנושי",
    "أريد التحدث مع موظف",
    "موظف",
    "حولني إلى موظف خدمة العملاء",
    "اريد التحدث الى شخص حقيقي",
    "ممكن أكلم إنسان",
    "quiero hablar con una persona",
    "agente",
    "hablar con un asesor por favor",
    "páseme con un humano",
    "necesito un agente",
    "Ich möchte mit einem Menschen sprechen",
    "Mitarbeiter bitte",
    "Kann ich mit jemandem sprechen?",
    "Verbinden Sie mich mit einem Mitarbeiter",
    "Mensch",
    "je veux parler à un conseiller",
    "parler à un humain",
    "un conseiller svp",
    "Puis-je parler à quelqu'un ?",
    "passez-moi un agent",
    "jeg vil snakke med et menneske",
    "kan jeg snakke med noen",
    "kundebehandler",
    "få snakke med en kundebehandler",
    "jag vill prata med en människa",
    "emberrel szeretnék beszélni",
    "ügyintézőt kérek",
    "kapcsoljon egy munkatársat",
    "élő ember",
    "beszélhetnék egy ügyintézővel?",
    "转人工",
    "人工客服",
    "我要人工",
    "找真人客服",
    "请转接人工服务",
    "我想跟真人说话",
    "轉人工",
    "有没有真人",
    "オペレーターと話したい",
    "担当者につないでください",
    "人間と話したいです",
    "有人対応をお願いします",
    "オペレーター",
    "人と話したい",
    "quero falar com um atendente",
    "vorrei parlare con un operatore",
    "ik wil een medewerker spreken",
    "chcę rozmawiać z konsultantem",
    "позовите оператора",
    "оператор",
    "соедините с человеком",
    "müşteri temsilcisi ile görüşmek istiyorum",
    "상담원 연결해 주세요",
    "상담원",
    "я хочу поговорить с живым человеком",
    "falar com uma pessoa",
]
NOT_ASKED = [
    "where is my order",
    "I don't want to talk to a human, just tell me the price",
    "how much is it per person",
    "your agent told me my card would arrive",
    "what are the opening hours of customer service",
    "I need a refund",
    "Wo ist meine Bestellung",
    "je n'ai pas reçu ma commande",
    "מתי אתם פתוחים",
    "كم سعر الشحن",
    "我的订单在哪里",
    "注文はどこですか",
    "can two people use one account",
    "is my personal data safe",
    "how do I change the person on the account details form",
    "hvor er pakken min",
    "hol van a csomagom",
    "is there a fee for transfers",
    "I want to cancel my order",
    "the agency refused my card",
    "How many persons are allowed",
    "不要转人工",
]
ANGRY = [
    "THIS IS RIDICULOUS, I WANT MY MONEY BACK!!!",
    "this is fucking useless",
    "Ihr seid Betrüger, das ist eine Frechheit",
    "C'est inadmissible, j'en ai marre",
    "זה מגוחך, אתם גנבים",
    "هذا غير مقبول أنتم لصوص",
    "Esto es una estafa, qué vergüenza",
    "dette er helt latterlig, elendig service",
    "felháborító, csalók vagytok",
    "你们是骗子，太差了",
    "ふざけるな、最悪です",
    "your bot is stupid bullshit",
]


@pytest.mark.parametrize("text", ASKED)
def test_chatwoot_11681_13178_15068_a_person_is_asked_for(text: str) -> None:
    assert wants_human(text)
    assert wish(text) == "human"


@pytest.mark.parametrize("text", NOT_ASKED)
def test_a_question_that_mentions_people_is_a_question(text: str) -> None:
    assert not wants_human(text)
    assert not is_angry(text)


@pytest.mark.parametrize("text", ANGRY)
def test_anger_is_heard(text: str) -> None:
    assert is_angry(text)


@pytest.mark.parametrize("text", ["I love it!!!", "OK", "IBAN DE89370400440532013000 NOT FOUND"])
def test_joy_and_capitals_in_codes_are_no_anger(text: str) -> None:
    assert not is_angry(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", "yes"),
        ("כן", "yes"),
        ("はい", "yes"),
        ("لا", "no"),
        ("Nein danke", "no"),
        ("no, that didn't help", "no"),
        ("thank you so much", "thanks"),
        ("你好", "greeting"),
        ("Mégse", "cancel"),
        ("取消", "cancel"),
        ("are you a robot?", "who"),
        ("もう一度お願いします", "repeat"),
        ("where is my order", None),
        ("I want to cancel my order", None),
    ],
)
def test_small_talk_and_answers(text: str, expected: str | None) -> None:
    assert wish(text) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("in English please", "en"),
        ("auf Deutsch bitte", "de"),
        ("por favor en español", "es"),
        ("do you speak French?", "fr"),
        ("日本語でお願いします", "ja"),
        ("请用中文", "zh"),
        ("בעברית בבקשה", "he"),
        ("magyarul kérem", "hu"),
        ("where is my English book", None),
    ],
)
def test_a_language_is_asked_for(text: str, language: str | None) -> None:
    assert wanted_language(text) == language
