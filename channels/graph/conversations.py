"""The adapter of Messenger and Instagram, which differ in words and limits only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from channels.contract import (
    Address,
    Attachment,
    Capabilities,
    Channel,
    ChannelConfig,
    ChannelError,
    Check,
    Inbound,
    Media,
    OutboundMessage,
    RawKey,
    RawPayload,
    Receipt,
    Unparsable,
    WebhookAnswer,
)
from channels.graph import batches, comments, events, outbound, setup, signature
from channels.graph.client import Graph
from channels.graph.outbound import Limits
from channels.graph.platform import Platform, as_event, changes_of, events_of, explode, know
from channels.http import api_origin, fetch_file
from channels.values import Json, line, load, text

# Whether a request that was not answered was carried out shows in the echo that follows.
_UNCERTAIN: Final = timedelta(minutes=2)
_GONE: Final = frozenset({"403", "404", "410"})  # what Meta's file servers say of an old address
MAX_FILE: Final = 25 * 1024 * 1024


class ConversationChannel(Channel):
    """Fills the channel port for one page or account."""

    platform: Platform
    limits: Limits
    fields: tuple[str, ...]  # of the webhook
    permissions: str  # of the token, in words
    capabilities: Capabilities

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """Raise `BadSignature` unless the app secret signed the body."""
        signature.verify(payload, config)

    def handshake(self, payload: RawPayload, config: ChannelConfig) -> WebhookAnswer | None:
        """Meta's challenge given back, when the verify token is ours."""
        return signature.handshake(payload, config)

    def split(self, payload: RawPayload, config: ChannelConfig) -> Sequence[RawPayload]:  # noqa: ARG002
        """One payload for each event, receipt and comment. Never raises."""
        return batches.split(payload, explode)

    def key(self, payload: RawPayload, config: ChannelConfig) -> RawKey:  # noqa: ARG002
        """The message's id or one made from the event; one lane a customer. Never raises."""
        return batches.key(payload, explode, know(self.platform))

    def parse(self, payload: RawPayload, config: ChannelConfig) -> Sequence[Inbound]:
        """Read everything the payload holds. Raises `Unparsable`."""
        title = self.platform.title
        app_id = str(config.options.get("app_id") or "")
        found: list[Inbound] = []
        for hook, entry in batches.entries(load(payload.body)):
            if text(hook, "object") not in {"", self.platform.object}:
                raise Unparsable(f"this is not {title}'s but of the object "
                                 f"{line(hook, 'object')!r}")  # fmt: skip
            self._must_be_ours(entry, config)
            for event, standby in events_of(entry):
                found += events.read(self.platform, event, app_id, standby=standby)
            for change in changes_of(entry):
                if not as_event(change):
                    found += comments.read(self.platform, entry, change)
        if not found:
            raise Unparsable(f"the payload holds no event of {title}'s")
        return found

    def _must_be_ours(self, entry: Json, config: ChannelConfig) -> None:
        """One app's webhook speaks of all its pages; each has an inbox of its own."""
        ours = str(config.options.get(self.platform.account) or "")
        theirs = text(entry, "id")
        if ours and theirs not in {"", "0", ours}:  # 0: the dashboard's test button
            raise Unparsable(f"this is for {theirs[:40]}, and the inbox has {ours}: make an inbox "
                             "for that one")  # fmt: skip

    async def fetch(self, media: Media, config: ChannelConfig) -> Attachment:
        """Get a file by its address, which expires after some days. Raises `ChannelError`."""
        trusted = api_origin(config)
        try:
            return await fetch_file(media.ref, max_bytes=MAX_FILE, trusted_origin=trusted)
        except ChannelError as error:
            if error.code not in _GONE:
                raise
            raise ChannelError("Meta does not have the file any more: its address expires after "
                               "some days", retryable=False, code="expired") from error  # fmt: skip

    async def profile(self, address: Address, config: ChannelConfig) -> Address:
        """The person's name. Raises `ChannelError`."""
        async with Graph(config) as graph:
            names = "name" if self.platform.kind == "messenger" else "name,username"
            found = await graph.get(address.value, fields=names)
        shown = line(found, "name") or line(found, "username") or address.name
        return Address(address.kind, address.value, shown, address.verified)

    async def send(self, message: OutboundMessage, config: ChannelConfig) -> Receipt:
        """Hand the message over: the file first, then the text, then the file's place.

        Raises `ChannelError`. A text that went out without its file is never sent again.
        """
        outbound.check(message, self.limits)
        outbound.envelope(message)
        node = self.node(config)
        async with Graph(config) as graph:
            try:
                if outbound.is_public(message):
                    return await self._answer_in_public(graph, message)
                if message.reaction:
                    await graph.post(f"{node}/messages", json=outbound.reaction_request(message))
                    return Receipt(f"reaction:{message.key}")
                return await self._send(graph, node, message)
            except ChannelError as error:
                if error.code == "unanswered":
                    raise ChannelError(error.reason, retryable=True, code=error.code,
                                       retry_after=_UNCERTAIN) from error  # fmt: skip
                raise

    async def _send(self, graph: Graph, node: str, message: OutboundMessage) -> Receipt:
        file = message.attachments[0] if message.attachments else None
        attachment_id = await self._upload(graph, node, file) if file else ""
        sent = ""
        if message.text.strip():
            sent = _id(await graph.post(f"{node}/messages", json=outbound.text_request(message)))
        if file is None:
            return Receipt(sent)
        request = outbound.file_request(message, outbound.kind_of(file), attachment_id)
        try:
            second = _id(await graph.post(f"{node}/messages", json=request))
        except ChannelError as error:
            if not sent:
                raise
            raise ChannelError(
                f"the text was sent, but not the file: {error.reason}. Send the file by itself.",
                retryable=False,
                code="partial",
            ) from error
        return Receipt(sent or second, detail=f"text and file: {sent}, {second}" if sent else "")

    async def _upload(self, graph: Graph, node: str, file: Attachment) -> str:
        """The id of a file handed over; doing it twice harms nobody."""
        attachment = {"type": outbound.kind_of(file), "payload": {"is_reusable": True}}
        data = {"message": json.dumps({"attachment": attachment})}
        if self.platform.kind == "instagram":
            data["platform"] = "instagram"
        content_type = file.content_type.partition(";")[0].strip().lower()
        name = outbound.ascii_name(file.filename)
        answer = await graph.post(f"{node}/message_attachments", data=data,
                                  files={"filedata": (name, file.data, content_type)})  # fmt: skip
        found = text(answer, "attachment_id")
        if not found:
            raise ChannelError(f"{self.platform.title} took the file without naming it",
                               retryable=True, code="media")  # fmt: skip
        return found

    async def _answer_in_public(self, graph: Graph, message: OutboundMessage) -> Receipt:
        edge = "comments" if self.platform.kind == "messenger" else "replies"
        # Instagram takes answers to the first comment of a branch only.
        root = message.conversation.removeprefix(comments.THREAD)
        comment = outbound.comment_of(message) if self.platform.kind == "messenger" else root
        answer = await graph.post(f"{comment}/{edge}", data={"message": message.text})
        return Receipt(_id(answer, "id"), detail="public answer")

    def node(self, config: ChannelConfig) -> str:
        """Whose messages these are, for the API. Raises `ChannelError`."""
        found = str(config.options.get(self.platform.account) or "")
        if not found:
            raise outbound.refuse(f"no {self.platform.account} is set for this inbox", "account")
        return found

    async def check(self, config: ChannelConfig) -> Sequence[Check]:
        """Token, page or account, app secret, verify token, webhook; nothing is changed."""
        account = str(config.options.get(self.platform.account) or "")
        if not account:
            return [
                Check(
                    "account",
                    ok=False,
                    detail=f"{self.platform.account} is not set",
                    remedy="Copy the id from Meta Business Suite, Settings, Accounts.",
                )
            ]
        shown = "{name}" if self.platform.kind == "messenger" else "@{username}"
        checks, _ = await setup.check_secrets(
            config, account, "id,name" + (",username" if shown != "{name}" else ""),
            self.permissions, shown,
        )  # fmt: skip
        checks.append(setup.check_verify_token(config))
        checks.append(await setup.check_subscribed(config, self.node(config), ("messages",)))
        return checks

    async def connect(self, config: ChannelConfig, webhook_url: str) -> Sequence[Check]:
        """Set the app's webhook, and subscribe the page or account to it."""
        done = [await setup.subscribe_app(config, self.platform.object, self.fields, webhook_url)]
        done.append(await setup.subscribe_node(config, self.node(config), self.node_fields(config)))
        return done

    def node_fields(self, config: ChannelConfig) -> tuple[str, ...]:  # noqa: ARG002 - for subclasses
        """What the page or account itself is subscribed to."""
        return self.fields


def _id(answer: Json, key: str = "message_id") -> str:
    found = text(answer, key)
    if not found:
        raise ChannelError("Meta answered without naming the message", retryable=True,
                           code="unanswered")  # fmt: skip
    return found
