"""Amazon SES notifications that come by mail: JSON inside JSON, with hard-wrapped lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from channels.contract import Bounce
from channels.email.bounce_reasons import DEAD_ADDRESS, reason_of, status_for
from channels.email.headers import normalise_address

_MAX_CHARS = 500_000


def _load(text: str) -> Mapping[str, object] | None:
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _find(text: str) -> Mapping[str, object] | None:
    start = text.find("{")
    if start < 0 or len(text) > _MAX_CHARS:
        return None
    joined = re.sub(r"!?\n[ \t]?(?=[^\n]*\\?\")", lambda m: "" if m[0][0] == "!" else m[0], text)
    body = joined[start : joined.rfind("}") + 1]
    outer = _load(body) or _load(re.sub(r"!?\n ?", "", body))
    inner = outer.get("Message") if outer else None
    found = _load(inner) if isinstance(inner, str) else outer
    return found if found and "mail" in found else None


def _dicts(value: object) -> Iterator[Mapping[str, object]]:
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _text(value: Mapping[str, object], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def read_ses(text: str) -> tuple[Bounce, ...]:
    """The recipients of an SES bounce, complaint or delivery notification; empty for other text."""
    if "notificationType" not in text and "eventType" not in text:
        return ()
    note = _find(text)
    if note is None:
        return ()
    kind = (_text(note, "notificationType") or _text(note, "eventType")).lower()
    mail = note.get("mail")
    original = _text(mail, "messageId") or None if isinstance(mail, dict) else None
    detail = note.get(kind)
    body: Mapping[str, object] = detail if isinstance(detail, dict) else {}
    if kind == "complaint":
        return tuple(
            Bounce(normalise_address(_text(one, "emailAddress")), None, permanent=False,
                   diagnostic=f"feedback report: {_text(body, 'complaintFeedbackType') or 'abuse'}",
                   original_message_id=original, reason="feedback")
            for one in _dicts(body.get("complainedRecipients"))
        )  # fmt: skip
    if kind == "delivery":
        recipients = body.get("recipients")
        answer = _text(body, "smtpResponse")
        status = re.search(r"2\.\d\.\d", answer)
        return tuple(
            Bounce(normalise_address(one), status[0] if status else "2.0.0", permanent=False,
                   diagnostic=answer, original_message_id=original, reason="delivered")
            for one in (recipients if isinstance(recipients, list) else []) if isinstance(one, str)
        )  # fmt: skip
    soft = _text(body, "bounceType").lower() == "transient"
    out = []
    for one in _dicts(body.get("bouncedRecipients")):
        words = re.sub(r"^\s*\w+;\s*", "", _text(one, "diagnosticCode"))
        status_text = _text(one, "status")
        reason = reason_of(words or _text(body, "bounceSubType"), status_text)
        out.append(
            Bounce(normalise_address(_text(one, "emailAddress")),
                   status_text or status_for(reason, "", temporary=soft),
                   permanent=reason in DEAD_ADDRESS and not soft, diagnostic=words,
                   original_message_id=original, reason=reason)
        )  # fmt: skip
    return tuple(out)
