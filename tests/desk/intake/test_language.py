"""The language of a message: by its text, with what the channel and the inbox say."""

from __future__ import annotations

import pytest

from channels.contract import Address, Bounce, InboundMessage
from desk.intake.language import with_language, written_in


@pytest.mark.parametrize(
    ("text", "declared", "expected", "tag"),
    [
        ("Hei, jeg har ikke fått pakken min ennå. Kan dere sjekke?", None, (), "nb"),
        ("Hvor er pakken min?", None, ("nb",), "nb"),  # Danish is as likely
        ("שלום, איפה החבילה שלי?", "en", (), "he"),
        ("أين طردي؟ لم يصل بعد.", None, (), "ar"),
        ("我的包裹在哪里？订单号是 4711", None, (), "zh"),
        ("Where is my parcel? It should be here by now.", "de", (), "en"),
        ("Onde está a minha encomenda? Ainda não chegou.", "pt-BR", (), "pt-BR"),
        ("ok", "de", (), "de"),
        ("4711", None, (), None),
        ("4711", "he", (), "he"),
        ("👍", None, (), None),
    ],
)
def test_the_text_decides_and_what_was_declared_helps(
    text: str, declared: str | None, expected: tuple[str, ...], tag: str | None
) -> None:
    assert written_in(text, declared, expected) == tag


async def test_the_subject_counts_in_a_first_mail_and_bounces_say_nothing() -> None:
    sender = Address("email", "ola@nordmann.test")
    first = InboundMessage(
        channel="email", sender=sender, text="#4711", external_id="1", subject="Hvor blir pakken av"
    )
    assert (await with_language(first, "nb")).locale == "nb"
    bounce = InboundMessage(
        channel="email",
        sender=sender,
        text="Delivery to the following recipient failed permanently",
        external_id="2",
        bounces=(Bounce("x@y.test", "5.1.1", permanent=True),),
    )
    assert (await with_language(bounce, "en")).locale is None
