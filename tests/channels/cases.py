"""What the contract test needs to know of each channel: an inbox, its payloads, its provider."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from channels.contract import Address, ChannelConfig, RawPayload
from channels.emulators.asgi import Emulator
from channels.emulators.graph import GraphEmulator
from channels.emulators.line import LineEmulator
from channels.emulators.partner import PartnerEmulator
from channels.emulators.telegram import TelegramEmulator
from channels.emulators.twilio import TwilioEmulator
from channels.registry import Registry
from channels.signing import hmac_base64, hmac_hex
from tests.channels.line.samples import CONFIG as LINE
from tests.channels.open.samples import CONFIG as OPEN
from tests.channels.open.samples import NOW
from tests.channels.sms.samples import CONFIG as SMS
from tests.channels.telegram.samples import CONFIG as TELEGRAM

CHANNELS = Path(__file__).resolve().parents[2] / "channels"
REGISTRY = Registry()
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
NOBODY = Address("", "")
Sign = Callable[[RawPayload, ChannelConfig], dict[str, str]]


@dataclass(frozen=True)
class Case:
    """One channel. `sign` is None where there is no webhook, `emulator` where nobody is called."""

    kind: str
    config: ChannelConfig
    suffix: str = ".json"
    content_type: str = JSON
    sign: Sign | None = None
    signs_body: bool = True  # some providers only show a secret
    emulator: Callable[[], Emulator] | None = None
    to: Address = NOBODY
    wrong: str = ""  # the secret whose wrong value the provider notices
    refusal: Callable[[int], Any] = lambda status: {"error": f"refused with {status}"}
    say: Mapping[str, str] = field(default_factory=dict)  # what else `say` takes
    report: Callable[[Any, str, str], Awaitable[Any]] | None = None  # (emulator, id, state)

    recorded: tuple[bytes, ...] = ()  # in place of the files beside the adapter

    def payloads(self) -> Sequence[RawPayload]:
        """The recorded payloads, signed."""
        if self.recorded:
            return [self.payload(body) for body in self.recorded]
        found = sorted((CHANNELS / self.kind / "fixtures").glob(f"*{self.suffix}"))
        return [self.payload(path.read_bytes()) for path in found]

    def payload(self, body: bytes) -> RawPayload:
        """A body as the provider would send it."""
        url = self.config.webhook_url(self.kind)
        return self.signed(RawPayload(body, {}, self.content_type, url, NOW))

    def signed(self, payload: RawPayload) -> RawPayload:
        if self.sign is None:
            return payload
        return replace(payload, headers=self.sign(payload, self.config))

    def at(self, url: str) -> ChannelConfig:
        """The inbox, with its provider at this URL."""
        options = {**self.config.options, "api_url": url}
        if self.kind == "open":
            options["url"] = url
        return replace(self.config, options=options)


def _twilio(payload: RawPayload, config: ChannelConfig) -> dict[str, str]:
    from twilio.request_validator import RequestValidator

    from channels.sms.webhook import read_form

    signature = RequestValidator(config.secrets["auth_token"]).compute_signature(
        payload.url, read_form(payload)
    )
    return {"x-twilio-signature": str(signature)}


def _telegram(_payload: RawPayload, config: ChannelConfig) -> dict[str, str]:
    from channels.telegram import adapter

    return {"x-telegram-bot-api-secret-token": adapter._secret(config)}


def _line(payload: RawPayload, config: ChannelConfig) -> dict[str, str]:
    return {"x-line-signature": hmac_base64(config.secrets["channel_secret"], payload.body)}


def _open(payload: RawPayload, config: ChannelConfig) -> dict[str, str]:
    from channels.open.signature import sign

    return sign(config.secrets["signing_secret"], payload.body, NOW)


def _postmark(_payload: RawPayload, config: ChannelConfig) -> dict[str, str]:
    shown = base64.b64encode(f"parley:{config.secrets['webhook_password']}".encode())
    return {"authorization": f"Basic {shown.decode()}"}


def _mails() -> tuple[bytes, ...]:
    """The mails beside the adapter, as a service posts them, and what it says of ours."""
    found = []
    for path in sorted((CHANNELS / "email" / "fixtures").glob("*.eml")):
        with suppress(UnicodeDecodeError):  # JSON carries text only
            body = {"RecordType": "Inbound", "RawEmail": path.read_bytes().decode("utf-8")}
            found.append(json.dumps(body).encode())
    hooks = CHANNELS / "email" / "fixtures" / "webhooks"
    return (*found, *(path.read_bytes() for path in sorted(hooks.glob("postmark-*.json"))))


def _meta(payload: RawPayload, config: ChannelConfig) -> dict[str, str]:
    return {"x-hub-signature-256": f"sha256={hmac_hex(config.secrets['app_secret'], payload.body)}"}


def _graph_refusal(status: int) -> dict[str, Any]:
    code = {429: 130429, 400: 100, 401: 190}.get(status, 2)
    return {"error": {"message": "refused", "type": "OAuthException", "code": code}}


async def _meta_report(emulator: GraphEmulator, sent: str, state: str) -> None:
    await emulator.report(sent, state)


async def _twilio_report(emulator: TwilioEmulator, sent: str, state: str) -> None:
    await emulator.report(sent, state)


async def _open_report(emulator: PartnerEmulator, sent: str, state: str) -> None:
    (record,) = [one for one in emulator.sent if one.id == sent]
    await emulator.report(record, state)


def _telegram_refusal(status: int) -> dict[str, Any]:
    return {"ok": False, "error_code": status, "description": f"Refused: with {status}"}


META = {
    "access_token": "emulated-access-token",
    "app_secret": "emulated-app-secret",
    "verify_token": "a-long-random-text",
}

CASES = {
    case.kind: case
    for case in (
        Case(
            "email",
            ChannelConfig("i1", "help@desk.example", "Support", {"inbound_provider": "postmark"},
                          {"hash_secret": "0123456789abcdef", "webhook_password": "s3cret-text"},
                          public_url="https://desk.example"),
            sign=_postmark,
            signs_body=False,
            recorded=_mails(),
        ),
        Case("webchat", ChannelConfig("i1", "key", "Chat"), suffix=".none"),
        Case(
            "sms", SMS, ".form", FORM, _twilio,
            emulator=TwilioEmulator,
            to=Address("phone", "+4790000001"),
            wrong="auth_token",
            refusal=lambda status: {"code": 20000 + status, "message": "no", "status": status},
            report=_twilio_report,
        ),
        Case(
            "telegram", TELEGRAM, sign=_telegram, signs_body=False,
            emulator=TelegramEmulator,
            to=Address("telegram", "4711"),
            wrong="bot_token",
            refusal=_telegram_refusal,
        ),
        Case(
            "line", LINE, sign=_line,
            emulator=LineEmulator,
            to=Address("line", "U" + "1" * 32),
            wrong="channel_access_token",
            refusal=lambda status: {"message": f"refused with {status}"},
        ),
        Case(
            "open", OPEN, sign=_open,
            emulator=PartnerEmulator,
            to=Address("open", "customer-1"),
            wrong="signing_secret",
            report=_open_report,
        ),
        Case(
            "whatsapp",
            ChannelConfig(
                "i1", "+15550783881", "WhatsApp",
                options={"phone_number_id": "106540352242922", "waba_id": "102290129340398",
                         "app_id": "812345678901234"},
                secrets=META, public_url="https://desk.example",
            ),
            sign=_meta,
            emulator=GraphEmulator,
            to=Address("phone", "+4790123456"),
            wrong="access_token",
            refusal=_graph_refusal,
            report=_meta_report,
        ),
        Case(
            "messenger",
            ChannelConfig(
                "i1", "1906385232743451", "Page",
                options={"page_id": "1906385232743451", "app_id": "812345678901234"},
                secrets=META, public_url="https://desk.example",
            ),
            sign=_meta,
            emulator=GraphEmulator,
            to=Address("messenger", "7001"),
            say={"channel": "messenger"},
            wrong="access_token",
            refusal=_graph_refusal,
            report=_meta_report,
        ),
        Case(
            "instagram",
            ChannelConfig(
                "i1", "17841400008460056", "Account",
                options={"instagram_id": "17841400008460056", "page_id": "1906385232743451",
                         "app_id": "812345678901234"},
                secrets=META, public_url="https://desk.example",
            ),
            sign=_meta,
            emulator=GraphEmulator,
            to=Address("instagram", "7001"),
            say={"channel": "instagram"},
            wrong="access_token",
            refusal=_graph_refusal,
        ),
    )
}  # fmt: skip
WEBHOOKS = [kind for kind, case in CASES.items() if case.sign is not None]
CALLED = [kind for kind, case in CASES.items() if case.emulator is not None]
RAW = [kind for kind, case in CASES.items() if case.suffix != ".none"]
