"""Which language a customer writes: what routing, service levels and automatic answers go by."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.language import detect
from channels.contract import InboundMessage

SURE: Final = 0.8  # probability from which the text decides alone
LIKELY: Final = 0.2  # from which a language that is expected here is believed
MOST: Final = 1000  # characters that are looked at
_SPELLED: Final = {"no": "nb"}  # Norwegian is written in Bokmål unless the text says otherwise


def written_in(text: str, declared: str | None, expected: Sequence[str] = ()) -> str | None:
    """The BCP 47 tag of a text's language; what the channel declared where the text says little.

    A tag with a region or a script (`pt-BR`) stays when it is of that language. `expected`: what
    is usual in the inbox; it decides between close languages. Pure.
    """
    found = [(_SPELLED.get(tag, tag), share) for tag, share in detect(text[:MOST], locale=declared)]
    if not found:
        return declared
    tag, share = found[0]
    if share < SURE:
        hints = {_base(one) for one in (declared, *expected) if one}
        near = next((one for one, part in found if _base(one) in hints and part >= LIKELY), None)
        if near is None and declared:
            return declared
        tag = near or tag
    return declared if declared and _base(declared) == _base(tag) else tag


def _base(tag: str) -> str:
    base = tag.partition("-")[0].lower()
    return _SPELLED.get(base, base)


async def with_language(message: InboundMessage, inbox_locale: str) -> InboundMessage:
    """The message with the language of its text. Before a transaction: the first call loads models.

    A bounce and what we sent ourselves say nothing about the customer.
    """
    text = message.reply_text or message.text
    if message.own or message.bounces or not text.strip():
        return message
    if message.in_reply_to is None and len(text) < MOST:
        text = f"{message.subject}\n{text}"
    found = await asyncio.to_thread(written_in, text, message.locale, (inbox_locale,))
    return message if found == message.locale else replace(message, locale=found)
