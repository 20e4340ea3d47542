"""Templates that a provider has approved: fetched by the composer, kept with the inbox.

`inbox.templates` is {"at": when, "items": [TemplateOffer...], "error": what the provider said}.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from channels.contract import Channel, ChannelConfig, ChannelError, TemplateOffer
from desk.inboxes.models import Inbox
from desk.unit_of_work import UnitOfWork, Units

FRESH: Final = timedelta(minutes=15)
_GAP: Final = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")


async def current(
    units: Units, inbox: Inbox, channel: Channel, config: ChannelConfig, *, refresh: bool = False
) -> tuple[list[TemplateOffer], str]:
    """What is approved, and why that may not be the newest ("" when it is)."""
    kept = inbox.templates or {}
    now = units.clock()
    known: list[TemplateOffer] = msgspec.convert(kept.get("items", []), list[TemplateOffer])
    if not refresh and kept and now - datetime.fromisoformat(kept["at"]) < FRESH:
        return known, str(kept.get("error", ""))
    error = ""
    try:
        known = list(await channel.templates(config))
    except ChannelError as refused:
        error = refused.reason
    async with units.write() as work:
        await _keep(work, inbox.id, known, error)
    return known, error


async def _keep(
    work: UnitOfWork, inbox_id: UUID, items: Sequence[TemplateOffer], error: str
) -> None:
    row = await work.session.get_one(Inbox, inbox_id)
    row.templates = {
        "at": work.now.isoformat(),
        "items": msgspec.to_builtins(list(items)),
        "error": error,
    }


def rendered(kept: Mapping[str, Any] | None, template: Mapping[str, Any]) -> str:
    """A template's text with its gaps filled, for the thread; its name when it is not known."""
    name, language = template.get("name"), template.get("language")
    values = [str(value) for value in template.get("parameters") or ()]
    names = [str(value) for value in template.get("names") or ()]
    for item in (kept or {}).get("items", []):
        if item["name"] == name and item["language"] == language:
            gaps = {str(index + 1): value for index, value in enumerate(values)}
            gaps |= dict(zip(names or item.get("names") or (), values, strict=False))
            lines = [item.get("header", ""), item["body"], item.get("footer", "")]
            text = "\n\n".join(line for line in lines if line)
            return _filled(text, gaps)
    return " \u00b7 ".join([f"[{name}]", *values])


def _filled(text: str, gaps: Mapping[str, str]) -> str:
    return _GAP.sub(lambda found: gaps.get(found.group(1), found.group(0)), text)
