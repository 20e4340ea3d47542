"""The templates that WhatsApp has approved, as the composer offers them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from channels.contract import ChannelConfig, ChannelError, TemplateOffer
from channels.graph.client import Graph
from channels.values import Json, line, objects, text

_PAGE: Final = 100
_MOST: Final = 2000
_PLACE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_BUTTON_KINDS: Final = {"QUICK_REPLY": "quick_reply", "COPY_CODE": "copy_code"}
_FILE_HEADERS: Final = {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document"}


async def fetch(config: ChannelConfig) -> Sequence[TemplateOffer]:
    """All templates of the account, page by page. Raises `ChannelError`."""
    account = str(config.options.get("waba_id") or "")
    if not account:
        raise ChannelError("set waba_id in the inbox to see its templates", retryable=False,
                           code="waba_id")  # fmt: skip
    offers: list[TemplateOffer] = []
    after = ""
    async with Graph(config) as graph:
        while len(offers) < _MOST:
            page = await graph.get(
                f"{account}/message_templates",
                fields="name,language,status,category,parameter_format,components,quality_score",
                limit=str(_PAGE),
                **({"after": after} if after else {}),
            )
            found = objects(page, "data")
            offers += [offer(item) for item in found]
            after = text(page, "paging", "cursors", "after")
            if not found or not after or not text(page, "paging", "next"):
                break
    return offers


def offer(item: Json) -> TemplateOffer:
    """One template. What we cannot fill in is shown, but not usable."""
    parts = {text(part, "type").upper(): part for part in objects(item, "components")}
    body = text(parts.get("BODY"), "text")
    header = parts.get("HEADER", {})
    shape = text(header, "format").upper()
    header_text = text(header, "text") if shape == "TEXT" else ""
    places = list(dict.fromkeys(_PLACE.findall(body)))
    buttons = objects(parts.get("BUTTONS"), "buttons")
    status = line(item, "status").upper()
    note = ""
    if status != "APPROVED":
        note = f"WhatsApp says {status.lower() or 'nothing'} about it."
    elif shape not in {"", "TEXT", *_FILE_HEADERS}:
        note = f"It has a {shape.lower()} above the text, which cannot be filled in here."
    elif {"CAROUSEL", "LIMITED_TIME_OFFER"} & parts.keys():
        note = "It is of a kind that cannot be filled in here."
    if not note and line(item, "quality_score", "score").upper() == "RED":
        note = "Customers complain about it: WhatsApp may pause it."
        usable = True
    else:
        usable = not note
    return TemplateOffer(
        name=line(item, "name"),
        language=line(item, "language"),
        body=body,
        parameters=len(places),
        names=tuple(places) if text(item, "parameter_format").upper() == "NAMED" else (),
        header=header_text,
        header_kind=_FILE_HEADERS.get(shape, "text" if _PLACE.search(header_text) else ""),
        footer=text(parts.get("FOOTER"), "text"),
        buttons=tuple(line(button, "text") for button in buttons),
        button_kinds=tuple(_button_kind(button) for button in buttons),
        category=line(item, "category").lower(),
        usable=usable,
        note=note,
    )


def _button_kind(button: Json) -> str:
    kind = text(button, "type").upper()
    if kind == "URL":
        return "url" if _PLACE.search(text(button, "url")) else ""
    return _BUTTON_KINDS.get(kind, "")
