"""The web chat adapter: turns what the widget sends into the one inbound form.

There is no provider at the other end: a reply is delivered by being stored, and the widget shows
it at once or on its next resume. `send` therefore has nothing to hand over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from channels.contract import (
    Address,
    Capabilities,
    Channel,
    ChannelConfig,
    Check,
    InboundMessage,
    OutboundMessage,
    RawKey,
    RawPayload,
    Receipt,
    StatusUpdate,
    Unparsable,
)

MAX_TEXT: Final = 20_000
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_frame(frame: Mapping[str, Any], visitor: str, locale: str | None) -> InboundMessage:
    """A widget's `send` frame as an inbound message. Raises Unparsable in words."""
    text = frame.get("text", "")
    if not isinstance(text, str):
        raise Unparsable("text is not a string")
    text = _CONTROL.sub("", text.replace("\r\n", "\n")).strip()
    if len(text) > MAX_TEXT:
        raise Unparsable(f"a chat message has at most {MAX_TEXT} characters; send a file instead")
    files = frame.get("attachment_ids") or []
    if not isinstance(files, list) or not all(_is_uuid(item) for item in files):
        raise Unparsable("attachment_ids is not a list of file ids")
    if not text and not files:
        raise Unparsable("the message is empty")
    client_id = frame.get("client_id")
    if not _is_uuid(client_id):
        raise Unparsable("client_id is not a UUID")
    form = frame.get("form") or {}
    if not isinstance(form, Mapping):
        raise Unparsable("form is not an object")
    page = frame.get("page") or {}
    return InboundMessage(
        channel="webchat",
        sender=Address("webchat", visitor, _line(form.get("name"), 200)),
        text=text,
        reply_text=text,
        external_id=f"{visitor}:{UUID(str(client_id))}",
        subject=_line(form.get("topic"), 200),
        locale=locale,
        extra={
            "email": _line(form.get("email"), 320),
            "fields": form.get("fields") if isinstance(form.get("fields"), Mapping) else {},
            "page": {
                key: _line(page.get(key), 2000)
                for key in ("url", "title", "referrer")
                if isinstance(page, Mapping) and page.get(key)
            },
        },
    )


def _is_uuid(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _line(value: object, limit: int) -> str:
    return " ".join(_CONTROL.sub("", value).split())[:limit] if isinstance(value, str) else ""


CAPABILITIES: Final = Capabilities(
    max_text_chars=MAX_TEXT,
    typing=True,
    read_receipts=True,
    delivery_receipts=True,
    buttons=True,
    max_buttons=5,
    live=True,
)


class WebchatChannel(Channel):
    """Fills the channel port for widgets."""

    kind: str = "webchat"
    capabilities: Capabilities = CAPABILITIES

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """Sockets authenticate when they connect; there is no webhook."""

    def key(self, payload: RawPayload, config: ChannelConfig) -> RawKey:  # noqa: ARG002
        """Frames are stored as messages in the same commit that acknowledges them."""
        return RawKey(external_id=payload.headers.get("client-id", ""), lane="")

    def parse(
        self,
        payload: RawPayload,  # noqa: ARG002
        config: ChannelConfig,  # noqa: ARG002
    ) -> Sequence[InboundMessage | StatusUpdate]:
        """Web chat has no raw payloads. Raises Unparsable."""
        raise Unparsable("web chat messages come over the widget's socket only")

    async def send(self, message: OutboundMessage, config: ChannelConfig) -> Receipt:  # noqa: ARG002
        """The stored message is the delivery; the widget fetches what its socket missed."""
        return Receipt(external_id=message.key)

    async def check(self, config: ChannelConfig) -> Sequence[Check]:
        """Whether the widget can be embedded somewhere."""
        origins = config.options.get("origins")
        return [
            Check(
                "allowed origins",
                ok=bool(origins),
                detail=", ".join(origins) if isinstance(origins, list) else "none",
                remedy="Add the web site's origin (https://shop.example) to the inbox.",
            )
        ]
