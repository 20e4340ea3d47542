"""The API half of the stand-in for Meta: what our adapters call.

The app's one webhook address is `callbacks[channel]`, set by hand or by the desk's own set-up
calls, for which the stand-in asks the address its question first, as Meta does.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any, Final

import httpx

from channels.contract import Attachment
from channels.emulators import graph_messenger, graph_whatsapp
from channels.emulators.asgi import WEBHOOK_SECONDS, Answer, Emulator, Request, Sent
from channels.emulators.graph_errors import Refused, invalid, missing
from channels.signing import hmac_hex, same

_V: Final = r"/v\d+\.\d+"
_OBJECTS: Final = {
    "whatsapp_business_account": "whatsapp", "page": "messenger", "instagram": "instagram",
}  # fmt: skip


class GraphApi(Emulator):
    """One app, one WhatsApp number, one page, one Instagram account."""

    def __init__(
        self,
        callbacks: Mapping[str, str] | None = None,
        *,
        token: str = "emulated-access-token",  # noqa: S107 - of an account that does not exist
        app_secret: str = "emulated-app-secret",  # noqa: S107 - the same
    ) -> None:
        super().__init__()
        self.callbacks = dict(callbacks or {})
        self.token, self.app_secret, self.app_id = token, app_secret, "812345678901234"
        self.phone, self.phone_id = "15550783881", "106540352242922"
        self.account = "102290129340398"
        self.page, self.instagram = "1906385232743451", "17841400008460056"
        self.origin = ""  # where this is served, for links to customers' files
        self.channels: dict[str, str] = {}  # of what was sent, by message id
        self.files: dict[str, Attachment] = {}  # by media or attachment id
        self.names: dict[str, str] = {}  # of customers, by id
        self.customers: dict[str, str] = {}  # the channel of each
        self.closed: set[str] = set()  # customers whose 24 hours have passed
        self.subscribed: dict[str, dict[str, Any]] = {}  # account or page -> how
        self.exchanges: list[tuple[Request, Answer]] = []
        self.routes = (
            ("GET", r"/media/(\w+)", self._file),
            ("GET", r"/cdn/(\w+)", self._file),
            ("POST", rf"{_V}/{self.phone_id}/messages", self._whatsapp),
            ("POST", rf"{_V}/{self.phone_id}/media", self._upload),
            ("GET", rf"{_V}/{self.account}/message_templates", self._templates),
            ("GET", rf"{_V}/(\d+)/subscribed_apps", self._subscribed_apps),
            ("POST", rf"{_V}/(\d+)/subscribed_apps", self._subscribe),
            ("GET", rf"{_V}/{self.app_id}/subscriptions", self._subscriptions),
            ("POST", rf"{_V}/{self.app_id}/subscriptions", self._subscribe_app),
            ("POST", rf"{_V}/(\d+)/messages", self._messenger),
            ("POST", rf"{_V}/(\d+)/message_attachments", self._upload),
            ("POST", rf"{_V}/([\w-]+)/(?:comments|replies)", self._comment),
            ("GET", rf"{_V}/(\w+)", self._node),
        )

    # --- the API

    async def _answer(self, request: Request) -> Answer:
        try:
            self._sign_in(request)
            await self._ask_back(request)
            answer = await super()._answer(request)
        except Refused as refused:
            answer = refused.answer
        self.exchanges.append((request, answer))
        return answer

    def handle(self, request: Request) -> Answer:
        """Carry out one call."""
        try:
            return super().handle(request)
        except Refused as refused:
            return refused.answer
        except (KeyError, TypeError, ValueError) as error:
            return invalid("body", f"cannot be read: {error!r}").answer

    def refuse(self, code: int, message: str, *, status: int = 400, sub: int = 0, times: int = 1,
               headers: Mapping[str, str] | None = None) -> None:  # fmt: skip
        """Let the next calls fail with one of Graph's errors."""
        answer = Refused(code, message, status=status, sub=sub).answer
        self.fail(status, answer.body, times=times, headers=headers)

    def unknown(self, request: Request) -> Answer:
        """A call that Graph does not have."""
        return Refused(2500, f"Unknown path components: {request.path}").answer

    def _sign_in(self, request: Request) -> None:
        if request.path.startswith("/cdn/"):
            return
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        app = f"{self.app_id}|{self.app_secret}"
        expected = app if request.path.endswith("/subscriptions") else self.token
        if not same(expected, token):
            raise Refused(190, "Invalid OAuth access token.", status=401)
        proof = request.query.get("appsecret_proof")
        if proof is not None and not same(hmac_hex(self.app_secret, token.encode()), proof):
            raise Refused(100, "Invalid appsecret_proof provided in the API argument")

    async def _ask_back(self, request: Request) -> None:
        """Before a webhook address is set, it has to answer."""
        if request.method != "POST":
            return
        if request.path.endswith("/subscriptions"):
            form = {key: values[0] for key, values in request.form().items()}
            await self.ask(form["callback_url"], form["verify_token"])
        elif request.path.endswith("/subscribed_apps") and request.body:
            body = request.json()
            if isinstance(body, dict) and "override_callback_uri" in body:
                await self.ask(body["override_callback_uri"], body["verify_token"])

    async def ask(self, url: str, verify_token: str) -> None:
        """Whether an address answers the challenge. Raises `Refused`."""
        challenge = str(secrets.randbelow(10**9))
        query = {"hub.mode": "subscribe", "hub.challenge": challenge,
                 "hub.verify_token": verify_token}  # fmt: skip
        async with httpx.AsyncClient(timeout=WEBHOOK_SECONDS, trust_env=False) as client:
            answer = await client.get(url, params=query)
        if answer.status_code != httpx.codes.OK or answer.text != challenge:
            raise Refused(2200, "Callback verification failed: the URL did not return the "
                                f"challenge (status {answer.status_code})")  # fmt: skip

    def _whatsapp(self, request: Request, _: re.Match[str]) -> Answer:
        body = request.json()
        to, kind = graph_whatsapp.check_message(body, self.files)
        digits = to.lstrip("+")
        message_id = f"wamid.{self.number():020d}"
        part = body[kind]
        media = (self.files[part["id"]],) if kind in graph_whatsapp.FILES else ()
        self.keep(
            Sent(
                message_id,
                to,
                graph_whatsapp.text_of(kind, part),
                kind,
                str(body.get("biz_opaque_callback_data", "")),
                media,
                raw=body,
            )
        )
        contact = {"input": to, "wa_id": digits} if "to" in body else {"input": to, "user_id": to}
        return Answer({"messaging_product": "whatsapp", "contacts": [contact],
                       "messages": [{"id": message_id, "message_status": "accepted"}]})  # fmt: skip

    def _messenger(self, request: Request, found: re.Match[str]) -> Answer:
        channel = self._channel_of(found[1])
        body = request.json()
        who = str(next(iter(body["recipient"].values())))
        channel = self.customers.get(who, channel)  # a page also writes to its Instagram customers
        to, kind = graph_messenger.check_message(body, self.files, channel)
        if to in self.closed and body.get("messaging_type") == "RESPONSE":
            raise Refused(10, "This message is sent outside of allowed window.", sub=2018278)
        if kind == "reaction":
            payload = body["payload"]
            self.keep(Sent(f"r_{self.number()}", to, payload.get("reaction", ""),
                            "reaction", raw=body))  # fmt: skip
            return Answer({"recipient_id": to})
        message = body["message"]
        file = self.files.get((message.get("attachment") or {}).get("payload", {}).get(
            "attachment_id", ""))  # fmt: skip
        message_id = f"m_{self.number():020d}"
        self.channels[message_id] = channel
        self.keep(
            Sent(
                message_id,
                to,
                graph_messenger.text_of(message),
                kind,
                str(message.get("metadata", "")),
                (file,) if file else (),
                raw=body,
            )
        )
        return Answer({"recipient_id": to, "message_id": message_id})

    def _comment(self, request: Request, found: re.Match[str]) -> Answer:
        form = {key: values[0] for key, values in request.form().items()}
        if not form.get("message"):
            raise missing("message")
        comment_id = f"{found[1].partition('_')[0]}_{self.number():010d}"
        self.keep(Sent(comment_id, found[1], form["message"], "comment", raw=form))
        return Answer({"id": comment_id})

    def _upload(self, request: Request, _: re.Match[str]) -> Answer:
        parts = request.parts()
        file = parts.get("file") or parts.get("filedata")
        if not isinstance(file, Attachment):
            raise missing("file")
        file_id = f"{self.number():016d}"
        self.files[file_id] = file
        if request.path.endswith("/media"):
            if parts.get("messaging_product") != "whatsapp":
                raise missing("messaging_product")
            return Answer({"id": file_id})
        message = json.loads(str(parts.get("message", "null")))
        if message["attachment"]["type"] not in {"image", "video", "audio", "file"}:
            raise invalid("message[attachment][type]", "is not expected")
        return Answer({"attachment_id": file_id})

    def _file(self, _request: Request, found: re.Match[str]) -> Answer:
        file = self.files.get(found[1])
        if file is None:
            return Answer({"error": "gone"}, 404)
        return Answer(file.data, headers={"content-type": file.content_type})

    def _templates(self, _request: Request, _: re.Match[str]) -> Answer:
        cursors = {"before": "MAZDZD", "after": "MjQZD"}
        return Answer({"data": list(graph_whatsapp.TEMPLATES), "paging": {"cursors": cursors}})

    def _node(self, request: Request, found: re.Match[str]) -> Answer:
        node = found[1]
        if node in self.files:
            file = self.files[node]
            host = request.headers.get("host", "")
            return Answer(
                {
                    "messaging_product": "whatsapp",
                    "id": node,
                    "url": f"http://{host}/media/{node}",
                    "mime_type": file.content_type,
                    "sha256": hashlib.sha256(file.data).hexdigest(),
                    "file_size": str(len(file.data)),
                }
            )
        known: dict[str, dict[str, str]] = {
            self.phone_id: {"id": self.phone_id, "display_phone_number": f"+{self.phone}",
                             "verified_name": "Demo Shop", "quality_rating": "GREEN",
                             "code_verification_status": "VERIFIED"},
            self.page: {"id": self.page, "name": "Demo Shop"},
            "me": {"id": self.page, "name": "Demo Shop"},
            self.instagram: {"id": self.instagram, "username": "demo.shop", "name": "Demo Shop"},
        }  # fmt: skip
        if node in self.names:
            return Answer({"id": node, "name": self.names[node]})
        if node not in known:
            raise Refused(100, f"Unsupported get request. Object with ID '{node}' does not exist",
                          sub=33)  # fmt: skip
        return Answer(known[node])

    def _subscribed_apps(self, _request: Request, found: re.Match[str]) -> Answer:
        how = self.subscribed.get(found[1])
        return Answer({"data": [how] if how is not None else []})

    def _subscribe(self, request: Request, found: re.Match[str]) -> Answer:
        if found[1] == self.account:
            body = request.json() if request.body else {}
            url = body.get("override_callback_uri", "")
            self.subscribed[found[1]] = {"override_callback_uri": url} if url else {}
            if url:
                self.callbacks["whatsapp"] = url
            return Answer({"success": True})
        known = {
            "messenger": graph_messenger.FIELDS,
            "instagram": graph_messenger.INSTAGRAM_FIELDS,
        }[self._channel_of(found[1])]
        fields = request.query.get("subscribed_fields", "")
        strange = set(fields.split(",")) - set(known)
        if strange:
            raise invalid("subscribed_fields", f"must not hold {sorted(strange)}")
        self.subscribed[found[1]] = {"id": self.app_id, "subscribed_fields": fields.split(",")}
        return Answer({"success": True})

    def _subscriptions(self, _request: Request, _: re.Match[str]) -> Answer:
        rows = [
            {"object": name, "callback_url": self.callbacks[channel], "active": True}
            for name, channel in _OBJECTS.items()
            if channel in self.callbacks
        ]
        return Answer({"data": rows})

    def _subscribe_app(self, request: Request, _: re.Match[str]) -> Answer:
        form = {key: values[0] for key, values in request.form().items()}
        self.callbacks[_OBJECTS[form["object"]]] = form["callback_url"]
        return Answer({"success": True})

    def _channel_of(self, account: str) -> str:
        channels = {self.page: "messenger", self.instagram: "instagram"}
        if account not in channels:
            raise Refused(100, f"Object with ID '{account}' does not exist", sub=33)
        return channels[account]

    def keep(self, sent: Sent) -> None:
        """Remember a message."""
        self.sent.append(sent)
