"""A stand-in for LINE's Messaging API: one official account and the people who write to it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from channels.contract import Attachment
from channels.emulators.asgi import Answer, Emulator, Request, Sent
from channels.signing import hmac_base64

SECRET: Final = "emulated-channel-secret"  # noqa: S105 - of an account that does not exist
TOKEN: Final = "emulated-channel-access-token"  # noqa: S105 - the same
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ACTIONS: Final = {"postback": {"data"}, "uri": {"uri"}, "message": {"text"}}
_FIELDS: Final[dict[str, set[str]]] = {
    "text": {"text"},
    "image": {"originalContentUrl", "previewImageUrl"},
}


class LineEmulator(Emulator):
    """`limit` is how many messages the account's plan has left; None for no limit."""

    def __init__(self, callback: str = "", *, secret: str = SECRET, token: str = TOKEN) -> None:
        super().__init__(callback)
        self.secret, self.token = secret, token
        self.limit: int | None = None
        self.names: dict[str, str] = {}
        self.files: dict[str, Attachment | None] = {}  # None: still being prepared
        self.taken: dict[str, list[dict[str, str]]] = {}  # retry keys that were carried out
        self.in_use = True
        self.reachable = True
        base = "/v2/bot"
        self.routes = (
            ("POST", rf"{base}/message/push", self._push),
            ("GET", rf"{base}/message/([^/]+)/content", self._content),
            ("GET", rf"{base}/info", self._info),
            ("GET", rf"{base}/profile/(.+)", self._profile),
            ("GET", rf"{base}/message/quota", self._quota),
            ("GET", rf"{base}/message/quota/consumption", self._used),
            ("GET", rf"{base}/channel/webhook/endpoint", self._endpoint),
            ("PUT", rf"{base}/channel/webhook/endpoint", self._set_endpoint),
            ("POST", rf"{base}/channel/webhook/test", self._try),
        )

    def handle(self, request: Request) -> Answer:
        """Check the token first."""
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return _refused(401, "Authentication failed. Confirm that the access token is valid.")
        return super().handle(request)

    def _push(self, request: Request, _: re.Match[str]) -> Answer:
        key = request.headers.get("x-line-retry-key", "")
        if key and not _UUID.fullmatch(key):
            return _refused(400, "The retry key is invalid")
        if key in self.taken:
            told = {"message": "The retry key is already accepted",
                    "sentMessages": self.taken[key]}  # fmt: skip
            return Answer(told, 409, {"x-line-accepted-request-id": key})
        body = request.json()
        wrong = _wrong(body)
        if wrong:
            details = [{"message": wrong, "property": "messages"}]
            return Answer({"message": "The request body has 1 error(s)", "details": details}, 400)
        if self.limit is not None and len(self.sent) >= self.limit:
            return _refused(429, "You have reached your monthly limit.")
        made = [{"id": str(461_230_966_842_064_000 + self.number()), "quoteToken": "q"}
                for _ in body["messages"]]  # fmt: skip
        self.taken[key] = made
        words = "\n".join(one["text"] for one in body["messages"] if one["type"] == "text")
        links = tuple(o["originalContentUrl"] for o in body["messages"] if o["type"] == "image")
        kind = "image" if links else "text"
        self.sent.append(Sent(made[0]["id"], body["to"], words, kind, key, links, body))
        return Answer({"sentMessages": made})

    def _content(self, _request: Request, found: re.Match[str]) -> Answer:
        if found[1] not in self.files:
            return _refused(404, "Not found")
        file = self.files[found[1]]
        if file is None:
            return Answer(b"", 202)
        return Answer(file.data, headers={"content-type": file.content_type})

    def _info(self, _request: Request, _: re.Match[str]) -> Answer:
        return Answer({"userId": "U" + "0" * 32, "basicId": "@parley", "displayName": "Parley",
                       "chatMode": "bot", "markAsReadMode": "auto"})  # fmt: skip

    def _profile(self, _request: Request, found: re.Match[str]) -> Answer:
        if found[1] not in self.names:
            return _refused(404, "Not found")
        return Answer({"userId": found[1], "displayName": self.names[found[1]]})

    def _quota(self, _request: Request, _: re.Match[str]) -> Answer:
        if self.limit is None:
            return Answer({"type": "none"})
        return Answer({"type": "limited", "value": self.limit})

    def _used(self, _request: Request, _: re.Match[str]) -> Answer:
        return Answer({"totalUsage": len(self.sent)})

    def _endpoint(self, _request: Request, _: re.Match[str]) -> Answer:
        if not self.callback:
            return _refused(404, "Not found")
        return Answer({"endpoint": self.callback, "active": self.in_use})

    def _set_endpoint(self, request: Request, _: re.Match[str]) -> Answer:
        url = request.json()["endpoint"]
        if not url.startswith("https://"):
            return _refused(400, "Invalid webhook endpoint URL")
        self.callback = url
        return Answer({})

    def _try(self, _request: Request, _: re.Match[str]) -> Answer:
        return Answer({
            "success": self.reachable, "timestamp": "2026-11-25T07:00:00Z",
            "statusCode": 200 if self.reachable else 0,
            "reason": "OK" if self.reachable else "COULD_NOT_CONNECT",
            "detail": "200" if self.reachable else "Connection refused",
        })  # fmt: skip

    async def say(self, text: str = "", *, sender: str = "U" + "1" * 32, group: str = "",
                  file: Attachment | None = None, **fields: Any) -> httpx.Response:  # fmt: skip  # noqa: ANN401 - more of the message
        """Somebody writes to the account, or sends it a file."""
        called = str(self.number() + 325_708_000)
        message: dict[str, Any] = {"id": called, "type": "text", "text": text, "quoteToken": "q"}
        if file is not None:
            kind = file.content_type.partition("/")[0]
            kind = kind if kind in {"image", "video", "audio"} else "file"
            self.files[called] = file
            message = {"id": called, "type": kind, "contentProvider": {"type": "line"}}
            if kind == "file":
                message = {"id": called, "type": kind, "fileName": file.filename,
                           "fileSize": len(file.data)}  # fmt: skip
        source = {"type": "user", "userId": sender}
        if group:
            source = {"type": "group", "groupId": group, "userId": sender}
        return await self.event("message", message={**message, **fields}, source=source)

    async def event(self, kind: str, **fields: object) -> httpx.Response:
        """Send one event of any kind."""
        return await self.deliver([self.make_event(kind, **fields)])

    def make_event(self, kind: str, **fields: object) -> dict[str, Any]:
        """An event, to be delivered alone or with others."""
        return {
            "type": kind, "mode": "active", "timestamp": int(datetime.now(UTC).timestamp() * 1000),
            "webhookEventId": f"01FZ74A0TDDPYRVKNK{self.number():08d}", "replyToken": "r",
            "deliveryContext": {"isRedelivery": False},
            "source": {"type": "user", "userId": "U" + "1" * 32}, **fields,
        }  # fmt: skip

    async def deliver(self, events: Sequence[Mapping[str, Any]]) -> httpx.Response:
        """One webhook with all of these events; none is LINE's question whether we are there."""
        body = json.dumps({"destination": "U" + "0" * 32, "events": list(events)}).encode()
        headers = {"content-type": "application/json",
                   "x-line-signature": hmac_base64(self.secret, body)}  # fmt: skip
        return await self.post(self.callback, body, headers)


def _refused(status: int, message: str) -> Answer:
    return Answer({"message": message}, status)


def _wrong(body: Any) -> str:  # noqa: ANN401 - whatever was sent
    """What LINE would not take; "" when it takes it."""
    if set(body) - {"to", "messages", "notificationDisabled", "customAggregationUnits"}:
        return "unknown property"
    if not body.get("to") or not 1 <= len(body.get("messages", ())) <= 5:  # noqa: PLR2004 - LINE's limit
        return "Size must be between 1 and 5"
    for one in body["messages"]:
        needed = _FIELDS.get(one.get("type"))
        if needed is None or not needed <= set(one) <= needed | {"type", "quickReply"}:
            return "unknown property or type"
        if one["type"] == "text" and not 1 <= len(one["text"]) <= 5000:  # noqa: PLR2004 - the same
            return "Length must be between 1 and 5000"
        if any(not one[field].startswith("https://") for field in needed if field != "text"):
            return "must be an https URL"
        items = one.get("quickReply", {}).get("items", [])
        if len(items) > 13 or any(_bad_action(item["action"]) for item in items):  # noqa: PLR2004 - the same
            return "invalid action"
    return ""


def _bad_action(action: Mapping[str, str]) -> bool:
    needed = _ACTIONS.get(action["type"])
    return needed is None or not needed <= set(action) or len(action["label"]) > 20  # noqa: PLR2004 - LINE's limit
