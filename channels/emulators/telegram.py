"""A stand-in for Telegram's Bot API: one bot, the people and groups it talks with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from channels.contract import Attachment
from channels.emulators.asgi import Answer, Emulator, Request, Sent

TOKEN: Final = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"  # noqa: S105 - the documentation's example


class TelegramEmulator(Emulator):
    """`blocked` people refuse messages, as they do once they have blocked the bot."""

    def __init__(self, callback: str = "", *, token: str = TOKEN, name: str = "parley_bot") -> None:
        super().__init__(callback)
        self.token, self.name = token, name
        self.secret = ""
        self.allowed: Sequence[str] = ()
        self.blocked: set[int] = set()
        self.moved: dict[int, int] = {}  # groups that became supergroups
        self.files: dict[str, Attachment] = {}
        self.answered: list[str] = []  # button presses that were acknowledged
        self._updates = 7_000
        self.routes = (
            ("POST", r"/bot([^/]+)/(\w+)", self._method),
            ("GET", r"/file/bot([^/]+)/(.+)", self._file),
        )

    def count_from(self, first: int) -> None:
        """Updates are numbered too."""
        super().count_from(first)
        self._updates = first

    @property
    def me(self) -> dict[str, Any]:
        """The bot as a user."""
        return {"id": int(self.token.partition(":")[0]), "is_bot": True, "first_name": "Parley",
                "username": self.name, "can_join_groups": True,
                "can_read_all_group_messages": False, "supports_inline_queries": False}  # fmt: skip

    def _method(self, request: Request, found: re.Match[str]) -> Answer:
        if found[1] != self.token:
            return _refused(401, "Unauthorized")
        fields: dict[str, Any]
        parts: dict[str, Attachment] = {}
        if request.headers.get("content-type", "").startswith("multipart/"):
            fields = {}
            for name, value in request.parts().items():
                if isinstance(value, Attachment):
                    parts[name] = value
                else:
                    fields[name] = _loose(value)
        else:
            fields = request.json()
        return self.call(found[2], fields, parts)

    def call(self, method: str, fields: Mapping[str, Any],
             parts: Mapping[str, Attachment]) -> Answer:  # fmt: skip
        """One method of the Bot API."""
        match method:
            case "getMe":
                return _ok(self.me)
            case "setWebhook":
                return self._set_webhook(fields)
            case "getWebhookInfo":
                return _ok({"url": self.callback, "has_custom_certificate": False,
                            "pending_update_count": 0})  # fmt: skip
            case "getFile":
                return self._get_file(fields)
            case "setMessageReaction":
                emoji = "".join(str(one.get("emoji")) for one in fields["reaction"])
                self._keep(fields, emoji, "reaction", ())
                return _ok(result=True)
            case "answerCallbackQuery":
                self.answered.append(str(fields["callback_query_id"]))
                return _ok(result=True)
        if method.startswith("send"):
            return self._send(method.removeprefix("send").lower(), fields, parts)
        return _refused(404, "Not Found")

    def _set_webhook(self, fields: Mapping[str, Any]) -> Answer:
        url = str(fields.get("url") or "")
        if url and not url.startswith("https://"):
            return _refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided")
        self.callback, self.secret = url, str(fields.get("secret_token") or "")
        self.allowed = fields.get("allowed_updates") or ()
        return _ok(result=True)

    def _get_file(self, fields: Mapping[str, Any]) -> Answer:
        name = str(fields["file_id"])
        if name not in self.files:
            return _refused(400, "Bad Request: invalid file_id")
        return _ok({"file_id": name, "file_unique_id": name, "file_path": f"documents/{name}",
                    "file_size": len(self.files[name].data)})  # fmt: skip

    def _file(self, _request: Request, found: re.Match[str]) -> Answer:
        file = self.files.get(found[2].rpartition("/")[2])
        if found[1] != self.token or file is None:
            return _refused(404, "Not Found")
        return Answer(file.data, headers={"content-type": "application/octet-stream"})

    def _send(self, kind: str, fields: Mapping[str, Any],
              parts: Mapping[str, Attachment]) -> Answer:  # fmt: skip
        chat = int(fields["chat_id"])
        if chat in self.blocked:
            return _refused(403, "Forbidden: bot was blocked by the user")
        if chat in self.moved:
            told = "Bad Request: group chat was upgraded to a supergroup chat"
            to = {"migrate_to_chat_id": self.moved[chat]}
            body = {"ok": False, "error_code": 400, "description": told, "parameters": to}
            return Answer(body, 400)
        if not chat:
            return _refused(400, "Bad Request: chat not found")
        media = fields.get("media")
        words = str(fields.get("text") or fields.get("caption") or "")
        if isinstance(media, list):
            words = str(media[0].get("caption", ""))
        if kind == "message" and not words:
            return _refused(400, "Bad Request: message text is empty")
        first = self._keep(fields, words, kind, tuple(parts.values()))
        where = {"id": chat, "type": "private" if chat > 0 else "supergroup"}
        made: list[dict[str, Any]] = []
        for index in range(len(media) if isinstance(media, list) else 1):
            number = first if index == 0 else self.number()
            made.append({"message_id": number, "date": _now(), "chat": where, "from": self.me})
        if kind == "message":
            made[0]["text"] = words
        return _ok(made if isinstance(media, list) else made[0])

    def _keep(self, fields: Mapping[str, Any], words: str, kind: str,
              media: tuple[Attachment, ...]) -> int:  # fmt: skip
        number = self.number()
        self.sent.append(
            Sent(f"{fields['chat_id']}:{number}", str(fields["chat_id"]), words, kind, "", media,
                 dict(fields))
        )  # fmt: skip
        return number

    async def say(self, text: str = "", *, sender: int = 4711, name: str = "Kari",
                  file: Attachment | None = None, **fields: Any) -> httpx.Response:  # fmt: skip  # noqa: ANN401 - more of the message
        """Somebody writes to the bot in their own chat."""
        user = {"id": sender, "is_bot": False, "first_name": name, "language_code": "nb"}
        message: dict[str, Any] = {
            "message_id": self.number(), "from": user, "date": _now(),
            "chat": {"id": sender, "type": "private", "first_name": name},
        }  # fmt: skip
        if file is not None:
            name = f"F{self.number()}"
            self.files[name] = file
            message["document"] = {"file_id": name, "file_unique_id": name,
                                   "file_name": file.filename, "mime_type": file.content_type,
                                   "file_size": len(file.data)}  # fmt: skip
        if text:
            message["caption" if file else "text"] = text
        return await self.update(message={**message, **fields})

    async def press(self, data: str, *, sender: int = 4711, name: str = "Kari") -> httpx.Response:
        """Somebody presses a button under the last message; the answer may acknowledge it."""
        user = {"id": sender, "is_bot": False, "first_name": name}
        last = self.sent[-1]
        shown = {
            "message_id": int(last.id.rpartition(":")[2]), "date": _now(), "text": last.text,
            "chat": {"id": sender, "type": "private"}, "from": self.me,
            "reply_markup": last.raw.get("reply_markup", {"inline_keyboard": []}),
        }  # fmt: skip
        query = {"id": f"Q{self.number()}", "from": user, "message": shown, "data": data,
                 "chat_instance": "1"}  # fmt: skip
        answer = await self.update(callback_query=query)
        if "json" in answer.headers.get("content-type", ""):
            told = answer.json()
            self.call(str(told.pop("method")), told, {})
        return answer

    async def update(self, **kind: Mapping[str, Any]) -> httpx.Response:
        """Send an update of any kind, e.g. `my_chat_member={...}`."""
        self._updates += 1
        body = json.dumps({"update_id": self._updates, **kind}).encode()
        headers = {"content-type": "application/json"}
        if self.secret:
            headers["x-telegram-bot-api-secret-token"] = self.secret
        return await self.post(self.callback, body, headers)


def _now() -> int:
    return int(datetime.now(UTC).timestamp())


def _loose(value: str) -> Any:  # noqa: ANN401 - as Telegram reads form fields
    if value[:1] in {"{", "["}:
        return json.loads(value)
    return {"true": True, "false": False}.get(value, int(value) if _is_number(value) else value)


def _is_number(value: str) -> bool:
    return re.fullmatch(r"-?\d{1,18}", value) is not None


def _ok(result: Any) -> Answer:  # noqa: ANN401 - each method's own
    return Answer({"ok": True, "result": result})


def _refused(status: int, description: str) -> Answer:
    told = {"ok": False, "error_code": status, "description": description}
    return Answer(told, status)
