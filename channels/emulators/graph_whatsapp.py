"""WhatsApp's side of the Graph stand-in: what it takes, and what its webhooks look like."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, Final

from channels.contract import Attachment
from channels.emulators.graph_errors import Refused, invalid, missing

KINDS: Final = frozenset({
    "text", "image", "video", "audio", "document", "sticker", "location", "contacts",
    "interactive", "template", "reaction",
})  # fmt: skip
FILES: Final = ("image", "video", "audio", "document", "sticker")
_KEYS: Final = frozenset({
    "messaging_product", "recipient_type", "to", "recipient", "type", "context",
    "biz_opaque_callback_data", "status",
})  # fmt: skip
_MAX: Final = {"text": 4096, "caption": 1024, "title": 20, "row": 24}
TEMPLATES: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "name": "order_update", "language": "en_US", "status": "APPROVED", "category": "UTILITY",
        "id": "1689556908129832", "parameter_format": "POSITIONAL",
        "components": [
            {"type": "BODY", "text": "Hello {{1}}, your order {{2}} is on its way."},
            {"type": "BUTTONS", "buttons": [
                {"type": "URL", "text": "Track", "url": "https://shop.example/track/{{1}}"},
                {"type": "QUICK_REPLY", "text": "Ask us"},
            ]},
        ],
    },
    {
        "name": "reopen_conversation", "language": "en", "status": "APPROVED",
        "category": "UTILITY", "id": "1689556908129833", "parameter_format": "NAMED",
        "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Your question"},
            {"type": "BODY", "text": "Hello {{name}}, we have an answer for you."},
            {"type": "FOOTER", "text": "Reply to read it."},
        ],
    },
    {
        "name": "summer_sale", "language": "en", "status": "REJECTED", "category": "MARKETING",
        "id": "1689556908129834", "components": [{"type": "BODY", "text": "Everything must go"}],
    },
)  # fmt: skip


def check_message(body: object, files: Mapping[str, Attachment]) -> tuple[str, str]:
    """Recipient and kind of a request for `/messages`. Raises `Refused` as Graph would."""
    if not isinstance(body, dict):
        raise invalid("body", "must be a JSON object")
    if body.get("messaging_product") != "whatsapp":
        raise missing("messaging_product")
    kind = str(body.get("type", "text"))
    if kind not in KINDS:
        raise invalid("type", f"must be one of {sorted(KINDS)}")
    strange = body.keys() - _KEYS - {kind}
    if strange:
        raise invalid(min(strange), "is not expected")
    to = body.get("to") or body.get("recipient")
    if not isinstance(to, str) or not to:
        raise missing("to")
    if is_hidden(to) and "to" in body:
        raise invalid("to", "must be a phone number")
    part = body.get(kind)
    if not isinstance(part, dict):
        raise missing(kind)
    _check_part(kind, part, files)
    return to, kind


def is_hidden(who: str) -> bool:
    """Whether this is the id of somebody whose number businesses do not see."""
    return "." in who


def recipient_of(to: str) -> dict[str, str]:
    """How a status names the one it was sent to."""
    return {"recipient_user_id": to} if is_hidden(to) else {"recipient_id": to.lstrip("+")}


def _check_part(kind: str, part: Mapping[str, Any], files: Mapping[str, Attachment]) -> None:
    if kind == "text":
        _length("text[body]", part.get("body"), _MAX["text"])
    elif kind in FILES:
        if part.get("id") not in files:
            raise Refused(131009, "Parameter value is not valid", details="Media id is unknown")
        _length(f"{kind}[caption]", part.get("caption", "-"), _MAX["caption"])
    elif kind == "reaction":
        if not part.get("message_id"):
            raise missing("reaction[message_id]")
    elif kind == "interactive":
        _check_interactive(part)
    elif kind == "template":
        _check_template(part)


def _check_interactive(part: Mapping[str, Any]) -> None:
    action = part.get("action") or {}
    _length("interactive[body][text]", (part.get("body") or {}).get("text"), 1024)
    if part.get("type") == "button":
        titles = [button["reply"]["title"] for button in action.get("buttons", ())]
        if not 1 <= len(titles) <= 3:  # noqa: PLR2004 - WhatsApp's limit
            raise Refused(131009, "Parameter value is not valid", details="1 to 3 buttons")
        for title in titles:
            _length("title", title, _MAX["title"])
        if len(set(titles)) < len(titles):
            raise Refused(131009, "Parameter value is not valid", details="Duplicated titles")
    elif part.get("type") == "list":
        rows = [row for section in action.get("sections", ()) for row in section["rows"]]
        if not 1 <= len(rows) <= 10:  # noqa: PLR2004 - WhatsApp's limit
            raise Refused(131009, "Parameter value is not valid", details="1 to 10 rows")
        for row in rows:
            _length("title", row["title"], _MAX["row"])
    elif part.get("type") != "cta_url":
        raise invalid("interactive[type]", "is not expected")


def _check_template(part: Mapping[str, Any]) -> None:
    name, language = part.get("name"), (part.get("language") or {}).get("code")
    found = [t for t in TEMPLATES if t["name"] == name and t["language"] == language]
    if not found or found[0]["status"] != "APPROVED":
        raise Refused(132001, "Template name does not exist in the translation", status=404,
                      details=f"template name ({name}) does not exist in {language}")  # fmt: skip
    text = next(c["text"] for c in found[0]["components"] if c["type"] == "BODY")
    given = [
        parameter
        for component in part.get("components", ())
        if component["type"] == "body"
        for parameter in component["parameters"]
    ]
    if len(given) != text.count("{{"):
        raise Refused(132000, "Number of parameters does not match the expected number of params",
                      details=f"body: number of localizable_params ({len(given)}) does not match "
                              f"the expected number of params ({text.count('{{')})")  # fmt: skip


def _length(name: str, value: object, most: int) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= most:
        raise invalid(name, f"must be 1 to {most} characters long")


def text_of(kind: str, part: Mapping[str, Any]) -> str:
    """What the customer reads of a message."""
    if kind == "text":
        return str(part["body"])
    if kind == "reaction":
        return str(part.get("emoji", ""))
    if kind == "interactive":
        return str(part["body"]["text"])
    if kind == "template":
        text = next(
            str(component["text"])
            for template in TEMPLATES
            if template["name"] == part["name"]
            for component in template["components"]
            if component["type"] == "BODY"
        )
        for component in part.get("components", ()):
            for at, parameter in enumerate(component["parameters"], 1):
                if component["type"] == "body":
                    place = parameter.get("parameter_name", at)
                    text = text.replace(f"{{{{{place}}}}}", str(parameter["text"]))
        return text
    return str(part.get("caption", ""))


def file_part(ref: str, file: Attachment, caption: str) -> tuple[str, dict[str, Any]]:
    """A customer's file as the webhook names it: its kind and its part of the message."""
    family = file.content_type.partition("/")[0]
    kind = family if family in {"image", "video", "audio"} else "document"
    sha = base64.b64encode(hashlib.sha256(file.data).digest()).decode()
    part: dict[str, Any] = {"mime_type": file.content_type, "sha256": sha, "id": ref}
    if kind == "audio":
        part["voice"] = True
    if kind == "document":
        part["filename"] = file.filename
    if caption and kind != "audio":
        part["caption"] = caption
    return kind, part


def hook(account: str, field: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A webhook body with one change."""
    change = {"value": dict(value), "field": field}
    return {"object": "whatsapp_business_account", "entry": [{"id": account, "changes": [change]}]}
