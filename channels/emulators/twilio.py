"""A stand-in for Twilio's messaging API: what its official client calls, and its webhooks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from twilio.request_validator import RequestValidator

from channels.contract import Attachment
from channels.emulators.asgi import STEP_SECONDS, Answer, Emulator, Request, Sent

ACCOUNT: Final = "AC" + "0" * 31 + "1"
_OPTED_OUT = "Attempt to send to unsubscribed recipient"


class TwilioEmulator(Emulator):
    """One account with numbers. `opted_out` numbers are refused, as Twilio does after STOP."""

    def __init__(
        self,
        callback: str = "",
        *,
        account: str = ACCOUNT,
        token: str = "emulated-auth-token",  # noqa: S107 - of an account that does not exist
        numbers: Sequence[str] = ("+15005550006",),
        steps: Sequence[str] = (),
    ) -> None:
        """`steps`: statuses that follow each message by themselves: sent, delivered."""
        super().__init__(callback)
        self.steps = steps
        self.account, self.token = account, token
        self.numbers = dict.fromkeys(numbers, "")  # each with its sms_url
        self.services = {"MG" + "1" * 32: ""}
        self.opted_out: set[str] = set()
        self.unreachable: set[str] = set()  # phones that are switched off
        self.messages: dict[str, dict[str, Any]] = {}
        self.media: dict[str, Attachment] = {}
        base = f"/2010-04-01/Accounts/{account}"
        self.routes = (
            ("POST", rf"{base}/Messages\.json", self._create),
            ("GET", rf"{base}/Messages\.json", self._list),
            ("GET", rf"{base}\.json", self._account),
            ("GET", rf"{base}/IncomingPhoneNumbers\.json", self._numbers_of),
            ("POST", rf"{base}/IncomingPhoneNumbers/(PN\w+)\.json", self._set_number),
            ("GET", rf"{base}/Messages/\w+/Media/(ME\w+)", self._media),
            ("GET", r"/v1/Services/(MG\w+)", self._service),
            ("POST", r"/v1/Services/(MG\w+)", self._set_service),
        )

    def handle(self, request: Request) -> Answer:
        """Sign in first, then carry out."""
        if request.basic() != (self.account, self.token):
            return _refused(401, 20003, "Authenticate")
        return super().handle(request)

    def unknown(self, request: Request) -> Answer:
        """A call that Twilio does not have."""
        return _refused(404, 20404, f"The requested resource {request.path} was not found")

    def _create(self, request: Request, _: re.Match[str]) -> Answer:
        form = request.form()
        to, body = form.get("To", [""])[0], form.get("Body", [""])[0]
        sender = form.get("From", [""])[0]
        service = form.get("MessagingServiceSid", [None])[0]
        links = form.get("MediaUrl", [])
        if not body and not links:
            return _refused(400, 21602, "Message body is required.")
        if service is None and sender.removeprefix("whatsapp:") not in self.numbers:
            return _refused(400, 21606, f"The 'From' phone number {sender} is not SMS-capable")
        if not re.fullmatch(r"(whatsapp:)?\+\d{7,15}", to):
            return _refused(400, 21211, f"Invalid 'To' Phone Number: {to}")
        if to in self.opted_out:
            return _refused(400, 21610, _OPTED_OUT)
        sid = f"{'MM' if links else 'SM'}{self.number():032x}"
        now = format_datetime(datetime.now(UTC))
        row: dict[str, Any] = {
            "sid": sid, "account_sid": self.account, "api_version": "2010-04-01", "body": body,
            "from": sender or next(iter(self.numbers)), "to": to, "status": "queued",
            "direction": "outbound-api", "messaging_service_sid": service, "date_created": now,
            "date_updated": now, "date_sent": None, "num_media": str(len(links)),
            "num_segments": "1", "error_code": None, "error_message": None, "price": None,
            "price_unit": None, "subresource_uris": {},
            "uri": f"/2010-04-01/Accounts/{self.account}/Messages/{sid}.json",
        }  # fmt: skip
        self.messages[sid] = {**row, "_callback": form.get("StatusCallback", [""])[0]}
        callback = self.messages[sid]["_callback"]
        key = callback.rpartition("key=")[2]
        self.sent.append(
            Sent(sid, to, body, "mms" if links else "sms", key, tuple(links), raw=form)
        )
        if self.steps and callback:
            self.later(self._progress(sid))
        return Answer(row, 201)

    def _list(self, request: Request, _: re.Match[str]) -> Answer:
        wanted = request.query.get("To")
        rows = [
            {k: v for k, v in row.items() if not k.startswith("_")}
            for row in reversed(self.messages.values())
            if wanted in {None, row["to"]}
        ]
        return Answer(_page("messages", rows))

    def _account(self, _request: Request, _: re.Match[str]) -> Answer:
        return Answer({"sid": self.account, "friendly_name": "Emulated", "status": "active"})

    def _numbers_of(self, request: Request, _: re.Match[str]) -> Answer:
        wanted = request.query.get("PhoneNumber")
        rows = [
            {"sid": f"PN{index:032d}", "account_sid": self.account, "phone_number": number,
             "sms_url": url, "sms_method": "POST"}
            for index, (number, url) in enumerate(self.numbers.items())
            if wanted in {None, number}
        ]  # fmt: skip
        return Answer(_page("incoming_phone_numbers", rows))

    def _set_number(self, request: Request, found: re.Match[str]) -> Answer:
        number = list(self.numbers)[int(found[1].removeprefix("PN"))]
        self.callback = self.numbers[number] = request.form()["SmsUrl"][0]
        return Answer({"sid": found[1], "account_sid": self.account, "phone_number": number,
                       "sms_url": self.callback})  # fmt: skip

    def _service(self, _request: Request, found: re.Match[str]) -> Answer:
        if found[1] not in self.services:
            return _refused(404, 20404, "The Messaging Service was not found")
        return Answer({"sid": found[1], "friendly_name": "Support",
                       "inbound_request_url": self.services[found[1]],
                       "use_inbound_webhook_on_number": False})  # fmt: skip

    def _set_service(self, request: Request, found: re.Match[str]) -> Answer:
        self.callback = self.services[found[1]] = request.form()["InboundRequestUrl"][0]
        return self._service(request, found)

    def _media(self, _request: Request, found: re.Match[str]) -> Answer:
        if found[1] not in self.media:
            return _refused(404, 20404, "The media was not found")
        file = self.media[found[1]]
        return Answer(file.data, headers={"content-type": file.content_type})

    async def say(
        self,
        text: str = "",
        *,
        sender: str = "+4790000001",
        media: Sequence[Attachment] = (),
        origin: str = "",
        **fields: str,
    ) -> httpx.Response:
        """A customer writes. `origin`: where this emulator is served, for links to its files."""
        sid = f"{'MM' if media else 'SM'}{self.number():032x}"
        form = {
            "MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": self.account,
            "From": sender, "To": next(iter(self.numbers)), "Body": text,
            "NumMedia": str(len(media)), "NumSegments": "1", "SmsStatus": "received",
            "ApiVersion": "2010-04-01", **fields,
        }  # fmt: skip
        for index, file in enumerate(media):
            name = f"ME{self.number():032x}"
            self.media[name] = file
            form[f"MediaUrl{index}"] = (
                f"{origin}/2010-04-01/Accounts/{self.account}/Messages/{sid}/Media/{name}"
            )
            form[f"MediaContentType{index}"] = file.content_type
        return await self._call(self.callback, form)

    async def _progress(self, sid: str) -> None:
        for step in self.steps:
            await asyncio.sleep(STEP_SECONDS)
            if step == "delivered" and self.messages[sid]["to"] in self.unreachable:
                await self.report(sid, "undelivered", 30003)
                return
            await self.report(sid, step)

    async def report(self, sid: str, status: str, error: int = 0) -> httpx.Response:
        """What became of a message: sent, delivered, undelivered, failed, read."""
        row = self.messages[sid]
        row["status"] = status
        self.told.setdefault(sid, []).append(status)
        form = {"MessageSid": sid, "SmsSid": sid, "AccountSid": self.account, "From": row["from"],
                "To": row["to"], "MessageStatus": status, "SmsStatus": status,
                "ApiVersion": "2010-04-01"}  # fmt: skip
        if error:
            form["ErrorCode"] = str(error)
        return await self._call(row["_callback"] or self.callback, form)

    async def _call(self, url: str, form: Mapping[str, str]) -> httpx.Response:
        signature = RequestValidator(self.token).compute_signature(url, form)
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": str(signature),
        }
        return await self.post(url, urlencode(form).encode(), headers)


def _refused(status: int, code: int, message: str) -> Answer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Answer({"code": code, "message": message, "more_info": more, "status": status}, status)


def _page(name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: list(rows), "page": 0, "page_size": 50, "next_page_uri": None,
            "first_page_uri": "", "previous_page_uri": None, "uri": "", "start": 0,
            "end": len(rows)}  # fmt: skip
