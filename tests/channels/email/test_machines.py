"""Mail from machines is told from mail of people, and reports name who was not reached and why."""
# ruff: noqa: E501 - sample mails stay in one piece

from __future__ import annotations

import json
import re

import pytest

from channels.email.parse import parse_email
from tests.channels.email.samples import SHARED, fixture, needs_shared


@pytest.mark.parametrize(("name", "kind"), [
    ("out-of-office.eml", "auto_reply"), ("newsletter.eml", "list"), ("bounce-postfix.eml", "bounce"),
    ("bounce-full.eml", "bounce"), ("reply-gmail.eml", None), ("japanese.eml", None),
])  # fmt: skip
def test_who_wrote_it(name: str, kind: str | None) -> None:
    assert parse_email(fixture(name)).automated == kind


@pytest.mark.parametrize("subject", [
    "Automatic reply: Your parcel", "Out of Office: back on Monday", "Automatische Antwort: Paket",
    "Abwesenheitsnotiz", "Réponse automatique : colis", "Respuesta automática: pedido",
    "Risposta automatica: pacco", "Resposta automática: pedido", "Automatisch antwoord: pakket",
    "Autosvar: pakke", "Automatiskt svar: paket", "Automaattinen vastaus: paketti",
    "Automatyczna odpowiedź: paczka", "Automatická odpověď: balík", "Automatikus válasz: csomag",
    "Автоматический ответ: заказ", "Автоматична відповідь: замовлення", "Otomatik Yanıt: paket",
    "תשובה אוטומטית: חבילה", "رد تلقائي: طلب", "自动回复：包裹", "自動応答: 荷物", "자동 회신: 소포",
])  # fmt: skip
def test_out_of_office_is_known_by_its_subject(subject: str) -> None:
    raw = f"From: a@example.org\r\nSubject: {subject}\r\n\r\nI am away.".encode()
    assert parse_email(raw).automated == "auto_reply"


@pytest.mark.parametrize("head", [
    "Subject: Re: Automatic reply: Your parcel", "Subject: Out of office hours support?",
    "Subject: Automatic reply settings do not work", "Subject: Autoscout order",
    "Subject: Delivery failure of my parcel", "Subject: My mail could not be delivered",
    "Subject: Returned goods", "Auto-Submitted: no\r\nSubject: x", "Precedence: first-class\r\nSubject: x",
])  # fmt: skip
def test_people_are_not_taken_for_machines(head: str) -> None:
    text = "My mail to you came back with 550 5.1.1 user unknown. Can you help?"
    body = text if "delivered" not in head else "Please call me."
    assert parse_email(f"From: a@example.org\r\n{head}\r\n\r\n{body}".encode()).automated is None


def test_our_own_mail_is_a_loop() -> None:
    raw = (
        b"From: support@desk.example\r\nX-Parley-Desk: i1\r\nAuto-Submitted: auto-replied\r\n\r\nx"
    )
    assert parse_email(raw).automated == "loop"


def test_a_report_names_the_dead_address_and_the_mail() -> None:
    bounce = parse_email(fixture("bounce-postfix.eml")).bounce
    assert bounce is not None
    assert (bounce.recipient, bounce.status, bounce.permanent) == ("weg@example.org", "5.1.1", True)
    assert bounce.original_message_id == "sent-1@desk.example"
    assert bounce.reason == "user_unknown"
    assert "User unknown" in bounce.diagnostic


def test_a_report_in_words_and_a_full_mailbox_is_not_the_end() -> None:
    bounce = parse_email(fixture("bounce-full.eml")).bounce
    assert bounce is not None
    assert (bounce.recipient, bounce.status, bounce.permanent) == (
        "voll@example.net",
        "5.2.2",
        False,
    )
    assert bounce.original_message_id == "sent-2@desk.example"


@needs_shared
def test_the_corpus_of_reports() -> None:
    """When written: all 111 found, all permanences right, 75 of 75 standard status codes."""
    found = permanent = standard = standards = kind = kinds = reports = recipient = 0
    expected = json.loads((SHARED / "bounces" / "expected.json").read_text())
    for name, entries in expected.items():
        wanted = entries[0]
        mail = parse_email((SHARED / "bounces" / f"{name}.eml").read_bytes())
        if wanted["reason"] == "vacation":
            assert mail.automated == "auto_reply"
            continue
        reports += 1
        if mail.bounce is None:
            continue
        found += mail.automated == "bounce"
        permanent += mail.bounce.permanent == wanted["permanent"]
        recipient += mail.bounce.recipient is not None
        status = mail.bounce.status or ""
        if wanted["status"]:
            kinds += 1
            kind += status[:1] == wanted["status"][:1]
            if not re.match(r"\d\.0\.9", wanted["status"]):  # not a code of the corpus's own
                standards += 1
                standard += status == wanted["status"]
    assert reports
    assert found >= reports - 1
    assert permanent / reports >= 0.98
    assert standard / standards >= 0.98
    assert kind / kinds >= 0.96
    assert recipient / reports >= 0.97


@needs_shared
def test_what_only_looks_like_a_report() -> None:
    for path in sorted((SHARED / "not-bounces").iterdir()):
        assert parse_email(path.read_bytes()).bounce is None, path.name
