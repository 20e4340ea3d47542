"""Who wrote a mail that was passed on, by whatever program and in whatever language."""
# ruff: noqa: E501 - samples stay in one piece

from __future__ import annotations

import pytest

from channels.contract import ChannelConfig, InboundMessage, RawPayload
from channels.email.adapter import EmailChannel
from tests.channels.email.replies import BLOCKS, HELD_OUT_BLOCKS

CONFIG = ChannelConfig("i", "support@desk.example", "Support")
BODY = "Hello,\n\nmy lamp is broken. Where do I send it?\n\nAnna"
MARKERS = {
    "en": "---------- Forwarded message ---------", "apple en": "Begin forwarded message:",
    "de": "-------- Weitergeleitete Nachricht --------", "apple de": "Anfang der weitergeleiteten Nachricht:",
    "fr": "---------- Forwarded message ---------", "fr2": "-------- Message transféré --------", "apple fr": "Début du message réexpédié :",
    "es": "-------- Mensaje reenviado --------", "apple es": "Inicio del mensaje reenviado:", "it": "-------- Messaggio Inoltrato --------",
    "apple it": "Inizio messaggio inoltrato:", "pt": "-------- Mensagem reencaminhada --------", "apple pt": "Início da mensagem reencaminhada:",
    "nl": "-------- Doorgestuurd bericht --------", "apple nl": "Begin doorgestuurd bericht:", "pl": "-------- Przekazana wiadomość --------",
    "sv": "-------- Vidarebefordrat meddelande --------", "da": "-------- Videresendt besked --------", "no": "-------- Videresendt melding --------",
    "cs": "-------- Přeposlaná zpráva --------", "hu": "-------- Továbbított üzenet --------", "ru": "-------- Пересылаемое сообщение --------",
    "uk": "-------- Переслане повідомлення --------", "tr": "-------- İletilen Mesaj --------", "he": "---------- הודעה שהועברה ---------", "zh": "-------- 转发邮件 --------",
    "ja": "-------- 転送メッセージ --------", "ko": "-------- 전달된 메시지 --------",
}  # fmt: skip


def parse(text: str, subject: str = "Fwd: Lamp", **fields: str) -> InboundMessage:
    head = {"From": "kari@desk.example", "Subject": subject, "Content-Type": "text/plain; charset=utf-8",
            "Message-ID": "<outer@desk.example>",
            **{name.replace("_", "-"): value for name, value in fields.items()}}  # fmt: skip
    raw = "".join(f"{name}: {value}\r\n" for name, value in head.items()) + "\r\n" + text
    (message,) = EmailChannel().parse(RawPayload(raw.encode()), CONFIG)
    assert isinstance(message, InboundMessage)
    return message


def inner_of(message: InboundMessage) -> InboundMessage:
    inner = message.extra.get("forwarded")
    assert isinstance(inner, InboundMessage)
    return inner


def customer(block: str) -> str:
    return block.replace("Support Desk", "Anna Berg").replace(
        "support@desk.example", "anna@shopper.example"
    )


PROGRAMS = {name: block for name, block in {**BLOCKS, **HELD_OUT_BLOCKS}.items()
            if "support@desk.example" in block and not block.startswith((">>>", "‐", "------- Original", "------ Original"))
            and not name.startswith(("notes", "em client"))}  # fmt: skip


@pytest.mark.parametrize("program", sorted(PROGRAMS))
@pytest.mark.parametrize("marker", ["", "---------- Forwarded message ---------\n"])
def test_the_author_the_text_and_the_forwarders_words(program: str, marker: str) -> None:
    block = customer(PROGRAMS[program]).rstrip("\n")
    if marker and block.startswith("-"):
        marker = ""
    message = parse(f"Please take care of it.\n\n-- \nKari\n\n{marker}{block}\n\n{BODY}\n")
    inner = inner_of(message)
    assert inner.sender.value == "anna@shopper.example"
    assert inner.text == BODY
    assert message.extra["forwarder_words"] == "Please take care of it."
    assert inner.external_id == message.external_id


@pytest.mark.parametrize("language", sorted(MARKERS))
def test_forward_marks_in_many_languages(language: str) -> None:
    head = "From: Anna Berg <anna@shopper.example>\nDate: Tue, 3 Mar 2026 at 14:05\nSubject: Lamp\nTo: <kari@desk.example>"
    inner = inner_of(parse(f"{MARKERS[language]}\n{head}\n\n\n{BODY}\n", "Lamp"))
    assert (inner.sender.value, inner.sender.name) == ("anna@shopper.example", "Anna Berg")
    assert inner.subject == "Lamp"
    assert inner.text == BODY


def test_a_quoted_forward() -> None:
    text = "Begin forwarded message:\n\nFrom: Anna <anna@shopper.example>\nSubject: Lamp\nTo: kari@desk.example\n\nHello\n\nAnna"
    marked = "\n".join(
        [text.split("\n", maxsplit=1)[0], *(f"> {line}" for line in text.split("\n")[1:])]
    )
    assert inner_of(parse(marked)).text == "Hello\n\nAnna"
    assert inner_of(parse(marked)).sender.value == "anna@shopper.example"


def test_a_forward_as_an_attachment_keeps_its_files() -> None:
    carried = 'From: "Anna Berg" <anna@shopper.example>\r\nSubject: Lamp\r\nDate: Tue, 3 Mar 2026 14:05:00 +0100\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nMy lamp is broken.\r\n--c\r\nContent-Type: image/png; name=lamp.png\r\n\r\nPNG\r\n--c--\r\n'
    text = f"--b\r\n\r\nPlease help her.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{carried}\r\n--b--\r\n"
    message = parse(text, "WG: Lamp", Content_Type="multipart/mixed; boundary=b")
    inner = inner_of(message)
    assert (inner.sender.value, inner.subject) == ("anna@shopper.example", "Lamp")
    assert inner.text.strip() == "My lamp is broken."
    assert [file.filename for file in inner.attachments] == ["lamp.png"]
    assert message.extra["forwarder_words"] == "Please help her."


@pytest.mark.parametrize(("subject", "text"), [
    ("Re: Lamp", f"Thanks!\n\n{BLOCKS['outlook en']}\n\nHello"), ("Lamp", "Hello, my lamp is broken."),
    ("Fwd: Lamp", "I could not forward it."), ("AW: Lampe", f"Danke!\n\n{BLOCKS['outlook de']}\n\nHallo"),
    ("Fwd: Lamp", "---------- Forwarded message ---------\nFrom: nobody\nSubject: x\nTo: y\n\nHello"),
])  # fmt: skip
def test_what_is_no_forward(subject: str, text: str) -> None:
    assert "forwarded" not in parse(text, subject).extra
