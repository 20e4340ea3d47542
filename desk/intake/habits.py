"""How an inbox takes messages in: what its channel is like, and what its options say. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from channels.manifest import Manifest, no_evidence

REOPEN_HOURS: Final = 72.0


@dataclass(frozen=True, slots=True)
class Habits:
    """The defaults are those of mail and web chat, whose messages name their ticket themselves."""

    joins: bool = False  # a message belongs to the contact's newest ticket in this inbox
    clock: bool = False  # the provider's time of writing is to be believed
    consent: bool = False  # STOP, START and HELP are heard
    reopen: timedelta = timedelta(hours=REOPEN_HOURS)
    texts: Mapping[str, Any] = field(default_factory=dict)  # keyword -> {locale: text}
    locale: str = "en"


MAIL: Final = Habits()


def habits_of(manifest: Manifest, options: Mapping[str, Any], locale: str) -> Habits:
    """From the channel's manifest and the inbox's options."""
    capabilities = manifest.capabilities
    hours = options.get("reopen_hours", REOPEN_HOURS)
    texts = options.get("consent_texts")
    return Habits(
        joins=manifest.gather_evidence is no_evidence and not capabilities.live,
        clock=capabilities.clock,
        consent=capabilities.consent,
        reopen=timedelta(hours=float(hours)),
        texts=texts if isinstance(texts, Mapping) else {},
        locale=locale,
    )


def keyword_text(habits: Habits, keyword: str, locale: str | None) -> str:
    """What to answer to STOP, START or HELP, in the nearest language; "" for nothing."""
    found = habits.texts.get(keyword)
    if isinstance(found, str):
        return found
    if not isinstance(found, Mapping) or not found:
        return ""
    for wanted in (locale, (locale or "").partition("-")[0], habits.locale):
        if wanted and wanted in found:
            return str(found[wanted])
    return str(next(iter(found.values())))
