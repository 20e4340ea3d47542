"""The phone's apps: what a customer can do on each channel, through its provider's stand-in."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from channels.contract import Attachment
from channels.emulators.asgi import Emulator, Exchange, Sent
from desk.demo.phone.bubbles import Bubble, Memory, Said, ours, theirs
from desk.demo.phone.providers import Providers

CUSTOMER = "Robin Berg"
Call = Awaitable[httpx.Response]


@dataclass(frozen=True, slots=True)
class Switch:
    """Something that can go wrong at a provider, and whether it does now."""

    name: str
    label: str
    on: bool


class App:
    """One app. `sender` is how its provider calls the customer."""

    kind: str
    title: str
    sender: str
    receipts = False  # the provider tells when the customer has read
    arrived = "delivered"  # what the provider tells before that
    window = False  # free text is allowed for 24 hours only
    stops = False  # customers write STOP here

    def __init__(self, providers: Providers) -> None:
        self.providers = providers
        self.memory = Memory()
        self._number = 0

    @property
    def emulator(self) -> Emulator:
        """The provider."""
        raise NotImplementedError

    async def _say(self, text: str, file: Attachment | None) -> httpx.Response:
        """Have the provider call the desk."""
        raise NotImplementedError

    async def write(self, text: str, file: Attachment | None = None) -> None:
        """The customer writes; what the desk answered is remembered."""
        await self._told(text, self._say(text, file), file)

    async def _told(self, text: str, call: Call, file: Attachment | None = None) -> None:
        self._number += 1
        said = Said(f"said-{self._number}", datetime.now(UTC), text, (file,) if file else ())
        self.memory.said.append(said)
        said.failed = await _answered(call)

    def mine(self, _sent: Sent) -> bool:
        """Whether the message went to this customer of this app."""
        return True

    def sent(self) -> Sequence[Sent]:
        """What the desk sent, the oldest first."""
        return [one for one in self.emulator.sent if self.mine(one)]

    def bubbles(self) -> Sequence[Bubble]:
        """The conversation."""
        found = [theirs(one) for one in self.memory.said]
        found += [
            ours(one, self.emulator.told.get(one.id, ()), self.memory.reactions.get(one.id, ""))
            for one in self.sent()
            if one.kind != "reaction"
        ]
        return sorted(found, key=lambda bubble: bubble.at)

    def unread(self) -> int:
        """Messages of the desk that nobody has looked at."""
        return sum(1 for one in self.sent() if one.id not in self.memory.read)

    async def read(self) -> None:
        """The customer looks at the conversation."""
        for one in self.sent():
            if one.id in self.memory.read:
                continue
            tells = self.receipts and one.kind not in {"reaction", "comment"}
            if tells and self.arrived not in self.emulator.told.get(one.id, ()):
                continue  # it is on its way; whoever keeps looking reads it next time
            self.memory.read.add(one.id)
            if tells:
                await self._report_read(one)

    async def _report_read(self, sent: Sent) -> None:
        """Tell the desk."""

    async def press(self, _title: str, _payload: str, _on: str) -> None:
        """The customer presses a button under a message."""

    async def react(self, _emoji: str, _on: str) -> bool:
        """The customer puts an emoji on a message; False where the app has none."""
        return False

    def switches(self) -> Sequence[Switch]:
        """What can go wrong here."""
        return ()

    async def turn(self, name: str, *, on: bool) -> None:
        """Let it go wrong, or right again."""

    def let_time_pass(self) -> None:
        """The provider's 24 hours are over as well."""

    def fail_once(self) -> None:
        """The provider is down for the next call of the desk."""
        self.emulator.fail(503, {"error": {"message": "Service unavailable", "code": 2}})

    def wire(self) -> Sequence[Exchange]:
        """What went over the wire, the newest first."""
        return [one for one in reversed(self.emulator.wire) if self._concerns(one)]

    def _concerns(self, _exchange: Exchange) -> bool:
        return True

    async def forge(self) -> bool:
        """Somebody who does not know the secret sends the last webhook again; False without one."""
        last = next((one for one in self.wire() if one.way == "webhook"), None)
        if last is None:
            return False
        headers = {
            name: "forged" if "signature" in name or "token" in name else value
            for name, value in last.headers.items()
        }
        await self.emulator.post(last.url, last.body, headers)
        return True

    async def garble(self) -> bool:
        """The provider signs something that makes no sense; False where nothing like it exists."""
        return False


class Sms(App):
    """Text messages."""

    kind, title, sender = "sms", "Messages", "+4790112233"
    stops = True

    @property
    def emulator(self) -> Emulator:
        """Twilio."""
        return self.providers.twilio

    async def _say(self, text: str, file: Attachment | None) -> httpx.Response:
        return await self.providers.twilio.say(
            text, sender=self.sender, media=[file] if file else (), origin=self.providers.origin
        )

    def switches(self) -> Sequence[Switch]:
        """The phone itself."""
        twilio = self.providers.twilio
        return (Switch("unreachable", "The phone is switched off",
                       self.sender in twilio.unreachable),)  # fmt: skip

    async def turn(self, name: str, *, on: bool) -> None:
        """Switch the phone off or on."""
        if name == "unreachable":
            _put(self.providers.twilio.unreachable, self.sender, on=on)


class Meta(App):
    """WhatsApp, Messenger and Instagram have one provider."""

    receipts = window = True

    @property
    def emulator(self) -> Emulator:
        """Meta."""
        return self.providers.graph

    async def _say(self, text: str, file: Attachment | None) -> httpx.Response:
        return await self.providers.graph.say(
            text, channel=self.kind, sender=self.sender, name=CUSTOMER, media=file
        )

    def mine(self, sent: Sent) -> bool:
        """By the customer's id, which differs between the three."""
        return sent.to.lstrip("+") == self.sender

    async def _report_read(self, sent: Sent) -> None:
        await self.providers.graph.report(sent.id, "read")

    async def press(self, title: str, payload: str, on: str) -> None:
        """A reply button."""
        graph = self.providers.graph
        call = graph.press(title, payload, on, channel=self.kind, sender=self.sender, name=CUSTOMER)
        await self._told(title, call)

    async def react(self, emoji: str, on: str) -> bool:
        """An emoji on one of our messages."""
        self.memory.reactions[on] = emoji
        await self.providers.graph.react(
            emoji, on, channel=self.kind, sender=self.sender, name=CUSTOMER
        )
        return True

    def let_time_pass(self) -> None:
        """Meta closes the window, too."""
        self.providers.graph.closed.add(self.sender)

    def _concerns(self, exchange: Exchange) -> bool:
        if exchange.way == "webhook":
            return f"/webhooks/{self.kind}/" in exchange.url
        graph = self.providers.graph
        of_whatsapp = any(part in exchange.url for part in (graph.phone_id, graph.account))
        of_instagram = _INSTAGRAM.encode() in exchange.body or graph.instagram in exchange.url
        owner = "whatsapp" if of_whatsapp else "instagram" if of_instagram else "messenger"
        return owner == self.kind


_INSTAGRAM = "6001000001"


class WhatsApp(Meta):
    """WhatsApp."""

    kind, title, sender = "whatsapp", "WhatsApp", "4790112233"

    def switches(self) -> Sequence[Switch]:
        """The number."""
        graph = self.providers.graph
        return (Switch("unreachable", "The number cannot be reached",
                       self.sender in graph.unreachable),)  # fmt: skip

    async def turn(self, name: str, *, on: bool) -> None:
        """Let the number be unreachable."""
        if name == "unreachable":
            _put(self.providers.graph.unreachable, self.sender, on=on)


class Messenger(Meta):
    """Messenger."""

    kind, title, sender = "messenger", "Messenger", "7001000001"


class Instagram(Meta):
    """Instagram."""

    kind, title, sender = "instagram", "Instagram", _INSTAGRAM
    arrived = "sent"


class Telegram(App):
    """Telegram."""

    kind, title, sender = "telegram", "Telegram", "4711001"

    @property
    def emulator(self) -> Emulator:
        """Telegram."""
        return self.providers.telegram

    async def _say(self, text: str, file: Attachment | None) -> httpx.Response:
        return await self.providers.telegram.say(
            text, sender=int(self.sender), name=CUSTOMER, file=file
        )

    async def press(self, title: str, payload: str, on: str) -> None:  # noqa: ARG002 - the port's
        """Under the newest message: that is where Telegram's stand-in has its buttons."""
        await self.providers.telegram.press(payload, sender=int(self.sender), name=CUSTOMER)

    def switches(self) -> Sequence[Switch]:
        """The bot."""
        blocked = int(self.sender) in self.providers.telegram.blocked
        return (Switch("blocked", "The bot is blocked", blocked),)

    async def turn(self, name: str, *, on: bool) -> None:
        """Block the bot, or let it in again; Telegram tells the desk."""
        telegram = self.providers.telegram
        if name != "blocked":
            return
        _put(telegram.blocked, int(self.sender), on=on)
        user = {"id": int(self.sender), "is_bot": False, "first_name": CUSTOMER}
        before, after = ("member", "kicked") if on else ("kicked", "member")
        await telegram.update(
            my_chat_member={
                "chat": {"id": int(self.sender), "type": "private", "first_name": CUSTOMER},
                "from": user,
                "date": int(datetime.now(UTC).timestamp()),
                "old_chat_member": {"user": telegram.me, "status": before},
                "new_chat_member": {"user": telegram.me, "status": after},
            }
        )


class Line(App):
    """LINE."""

    kind, title, sender = "line", "LINE", "U" + "5" * 32

    @property
    def emulator(self) -> Emulator:
        """LINE."""
        return self.providers.line

    async def _say(self, text: str, file: Attachment | None) -> httpx.Response:
        self.providers.line.names[self.sender] = CUSTOMER
        return await self.providers.line.say(text, sender=self.sender, file=file)

    async def press(self, title: str, payload: str, on: str) -> None:  # noqa: ARG002 - the port's
        """A quick reply."""
        source = {"type": "user", "userId": self.sender}
        await self.providers.line.event("postback", postback={"data": payload}, source=source)

    def switches(self) -> Sequence[Switch]:
        """The account's plan."""
        return (Switch("limit", "The plan's messages are used up",
                       self.providers.line.limit is not None),)  # fmt: skip

    async def turn(self, name: str, *, on: bool) -> None:
        """Use the plan's messages up."""
        if name == "limit":
            self.providers.line.limit = 0 if on else None


class Partner(App):
    """Somebody's own app on the open channel."""

    kind, title, sender = "open", "Partner app", "customer-1001"
    receipts = True

    @property
    def emulator(self) -> Emulator:
        """The partner."""
        return self.providers.partner

    async def _say(self, text: str, file: Attachment | None) -> httpx.Response:
        more: Mapping[str, Any] = {}
        if file is not None:
            data = b64encode(file.data).decode()
            more = {"attachments": [{"filename": file.filename, "content_type": file.content_type,
                                     "data": data}]}  # fmt: skip
        return await self.providers.partner.say(text, sender=self.sender, name=CUSTOMER, **more)

    async def _report_read(self, sent: Sent) -> None:
        await self.providers.partner.report(sent, "read")

    async def react(self, emoji: str, on: str) -> bool:
        """An emoji on one of our messages."""
        self.memory.reactions[on] = emoji
        await self.providers.partner.say(
            "", sender=self.sender, name=CUSTOMER, reaction=emoji, reply_to=on
        )
        return True

    async def press(self, title: str, payload: str, on: str) -> None:
        """A button: its title as text, its payload beside it."""
        partner = self.providers.partner
        call = partner.say(title, sender=self.sender, name=CUSTOMER, payload=payload, reply_to=on)
        await self._told(title, call)

    def switches(self) -> Sequence[Switch]:
        """The customer's account."""
        gone = self.sender in self.providers.partner.gone
        return (Switch("gone", "The customer closed the account", gone),)

    async def turn(self, name: str, *, on: bool) -> None:
        """Close the account, or open it again."""
        if name == "gone":
            _put(self.providers.partner.gone, self.sender, on=on)

    async def garble(self) -> bool:
        """A message whose sender has no id: the partner's mistake, to be mended in the desk."""
        partner = self.providers.partner
        await partner.deliver({"type": "message", "id": f"c-{partner.number()}",
                               "sender": {"name": CUSTOMER},
                               "text": "Can you read this?"})  # fmt: skip
        return True


def apps(providers: Providers) -> dict[str, App]:
    """The home screen, in its order."""
    made: Sequence[App] = [
        kind(providers)
        for kind in (Sms, WhatsApp, Messenger, Instagram, Telegram, Line, Partner)
    ]  # fmt: skip
    return {app.kind: app for app in made}


def _put(names: set[Any], name: object, *, on: bool) -> None:
    names.add(name) if on else names.discard(name)


async def _answered(call: Call) -> str:
    """Why the desk did not take it; "" when it did."""
    try:
        answer = await asyncio.wait_for(call, timeout=20)
    except (httpx.HTTPError, TimeoutError) as error:
        return f"the desk cannot be reached: {error}"
    return "" if answer.is_success else f"the desk answered {answer.status_code}"
