"""What the phone shows: bubbles, buttons under them, and what went over the wire. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from channels.contract import Attachment
from channels.emulators.asgi import Exchange, Sent

SHOWN_CHARS = 4000  # of a body on the wire
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@dataclass(frozen=True, slots=True)
class Choice:
    """A button under a message of ours."""

    title: str
    payload: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on the phone. `mine`: the customer wrote it."""

    id: str
    mine: bool
    at: datetime
    text: str
    kind: str = "text"
    files: Sequence[str | Attachment] = ()
    choices: Sequence[Choice] = ()
    told: Sequence[str] = ()  # statuses that the provider reported to the desk
    reactions: Sequence[str] = ()
    failed: str = ""  # why the desk did not take it


@dataclass(slots=True)
class Said:
    """What the customer wrote, with what the desk answered."""

    id: str
    at: datetime
    text: str
    files: tuple[Attachment, ...] = ()
    failed: str = ""


@dataclass(slots=True)
class Memory:
    """What one app of the phone remembers beside its provider."""

    said: list[Said] = field(default_factory=list)
    read: set[str] = field(default_factory=set)  # ids of our messages that were looked at
    reactions: dict[str, str] = field(default_factory=dict)  # the customer's, by message id


def ours(sent: Sent, told: Sequence[str], reaction: str) -> Bubble:
    """A message of the desk."""
    return Bubble(
        sent.id, mine=False, at=sent.at, text=sent.text, kind=sent.kind, files=sent.media,
        choices=choices(sent.raw), told=told, reactions=[reaction] if reaction else [],
    )  # fmt: skip


def theirs(said: Said) -> Bubble:
    """A message of the customer."""
    return Bubble(said.id, mine=True, at=said.at, text=said.text, files=said.files,
                  failed=said.failed)  # fmt: skip


def choices(raw: Mapping[str, Any]) -> list[Choice]:
    """The buttons of a message, in each provider's own words."""
    found: list[Choice] = []
    action = (raw.get("interactive") or {}).get("action") or {}
    found += [Choice(one["reply"]["title"], one["reply"]["id"])
              for one in action.get("buttons", ())]  # fmt: skip
    found += [Choice(row["title"], row["id"])
              for section in action.get("sections", ()) for row in section["rows"]]  # fmt: skip
    if "url" in (action.get("parameters") or {}):
        found.append(Choice(action["parameters"]["display_text"], url=action["parameters"]["url"]))
    message = raw.get("message") or {}
    found += [Choice(one["title"], one["payload"]) for one in message.get("quick_replies", ())]
    payload = (message.get("attachment") or {}).get("payload") or {}
    found += [Choice(one["title"], one.get("payload", ""), one.get("url", ""))
              for one in payload.get("buttons", ())]  # fmt: skip
    markup = raw.get("reply_markup") or {}
    if isinstance(markup, dict):
        found += [Choice(one["text"], one.get("callback_data", ""), one.get("url", ""))
                  for row in markup.get("inline_keyboard", ()) for one in row]  # fmt: skip
    for one in raw.get("messages", ()):
        for item in (one.get("quickReply") or {}).get("items", ()):
            act = item["action"]
            found.append(Choice(act["label"], act.get("data", ""), act.get("uri", "")))
    found += [Choice(one["title"], one.get("payload", ""), one.get("url", ""))
              for one in raw.get("buttons", ())]  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Wire:
    """One exchange as the page shows it."""

    key: str
    webhook: bool
    title: str
    status: int
    headers: Sequence[tuple[str, str]]
    body: str
    answer: str
    at: datetime


def wire(number: int, one: Exchange) -> Wire:
    """An exchange in words: the headers that prove something, the bodies readable."""
    path = "/" + one.url.split("://", 1)[-1].partition("/")[2] if "://" in one.url else one.url
    return Wire(
        key=f"{one.at.timestamp():.6f}-{number}",
        webhook=one.way == "webhook",
        title=f"{one.method} {path}",
        status=one.status,
        headers=[(name, value) for name, value in one.headers.items() if _proves(name)],
        body=readable(one.body, one.headers.get("content-type", "")),
        answer=readable(one.answer, ""),
        at=one.at,
    )


def _proves(name: str) -> bool:
    return any(word in name for word in ("signature", "token", "timestamp", "authorization",
                                         "content-type", "retry-key"))  # fmt: skip


def readable(body: bytes, kind: str) -> str:
    """JSON indented, a form line by line, a file by its size."""
    if kind.startswith("multipart/"):
        return f"(a form with files, {len(body)} bytes)"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return f"({len(body)} bytes)"
    try:
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        if kind.startswith("application/x-www-form-urlencoded"):
            pairs = parse_qsl(text, keep_blank_values=True)
            text = "\n".join(f"{name} = {value}" for name, value in pairs)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}\n…"
