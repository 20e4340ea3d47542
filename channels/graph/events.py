"""The events of a Messenger or Instagram conversation as messages, statuses and notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from channels.contract import Inbound, InboundMessage, Media, Notice, StatusUpdate
from channels.graph import attachments
from channels.graph.platform import Platform, customer_of, event_id, is_echo, referral_of
from channels.values import Json, at, line, moment, name, obj, objects, readable, text

OUR_MARK: Final = "parley:"  # begins the metadata of what we send; it comes back in the echo
_HANDOVER: Final = {
    "pass_thread_control": "The conversation was handed to the app {new}",
    "take_thread_control": "The conversation was taken over by the app {new}",
    "request_thread_control": "The app {asks} asks for the conversation",
    "app_roles": "Our app's role in conversations has changed",
}
_ENVELOPE: Final = frozenset({"sender", "recipient", "timestamp", "is_self", "prior_message"})


def read(platform: Platform, event: Json, app_id: str, *, standby: bool) -> Iterator[Inbound]:
    """Everything that an event says."""
    yield from _Event(platform, event, app_id, standby=standby).read()


class _Event:
    """One event with what all its readers need."""

    def __init__(self, platform: Platform, event: Json, app_id: str, *, standby: bool) -> None:
        self.platform, self.event, self.app_id, self.standby = platform, event, app_id, standby
        self.who = customer_of(event)
        self.when = moment(event, "timestamp")

    def read(self) -> Sequence[Inbound]:
        event = self.event
        if obj(event, "policy_enforcement") or obj(event, "policy-enforcement"):
            return [self._policy()]
        if not self.who:
            return [self._notice(readable(event) or "an event without a sender")]
        if obj(event, "message"):
            return [self._message()]
        if obj(event, "delivery") or obj(event, "read"):
            return self._receipts()
        for key, reader in (
            ("reaction", self._reaction),
            ("message_edit", self._edit),
            ("postback", self._postback),
            ("referral", self._referral),
            ("optin", self._optin),
        ):
            if obj(event, key):
                return [reader()]
        for key, words in _HANDOVER.items():
            if key in event:
                return [self._handover(key, words)]
        return [self._unknown()]

    def _inbound(self, said: str, **more: Any) -> InboundMessage:  # noqa: ANN401 - fields of the message
        extra = {**more.pop("extra", {}), **({"standby": True} if self.standby else {})}
        fields: dict[str, Any] = {
            "sender": self.platform.address(self.who),
            "external_id": name(event_id(self.event)),
            **more,
        }
        return InboundMessage(channel=self.platform.kind, text=said, reply_text=said,
                              sent_at=self.when, extra=extra, **fields)  # fmt: skip

    def _notice(self, told: str, *, warning: bool = False) -> Notice:
        about = self.platform.address(self.who) if self.who else None
        return Notice(f"{self.platform.title}: {told}", external_id=name(event_id(self.event)),
                      at=self.when, warning=warning, about=about)  # fmt: skip

    def _message(self) -> Inbound:
        message = obj(self.event, "message")
        mid = text(message, "mid")
        if is_echo(self.event) and self._is_ours(message):
            mark = text(message, "metadata")
            key = mark.removeprefix(OUR_MARK) if mark.startswith(OUR_MARK) else ""
            return StatusUpdate(name(mid), "sent", at=self.when, key=key, recipient=self.who)
        if message.get("is_deleted") is True:
            return self._inbound("Took a message back", deletes=mid, **self._side())
        written = text(message, "text")
        found = attachments.read(objects(message, "attachments"), written)
        extra = dict(found.extra)
        if payload := text(message, "quick_reply", "payload"):
            extra["payload"] = payload
        if referral := referral_of(obj(message, "referral")):
            extra["referral"] = referral
        media = [*found.media, *self._story(message, extra)]
        said = "\n".join(filter(None, (written, *found.lines)))
        if message.get("is_unsupported") is True or not (said or media):
            left = {k: v for k, v in message.items() if k not in {"mid", "is_unsupported", "seq"}}
            told = f"Sent something that {self.platform.title} does not hand over."
            said = "\n".join(filter(None, (said, told, readable(left) if not said else "")))
        return self._inbound(
            said,
            media=tuple(media),
            in_reply_to=text(message, "reply_to", "mid") or None,
            extra=extra,
            **self._side(),
        )

    def _side(self) -> dict[str, Any]:
        """Who speaks: the customer, or somebody of ours by other means."""
        if not is_echo(self.event):
            return {}
        ours = self.platform.address(text(self.event, "sender", "id"))
        return {"own": True, "sender": ours, "to": (self.platform.address(self.who),)}

    def _is_ours(self, message: Json) -> bool:
        """Whether the desk itself sent this."""
        mark = text(message, "metadata").startswith(OUR_MARK)
        return mark or bool(self.app_id and text(message, "app_id") == self.app_id)

    def _story(self, message: Json, extra: dict[str, object]) -> Sequence[Media]:
        """The story that a message answers."""
        story = obj(message, "reply_to", "story")
        if not story:
            return ()
        extra["story"] = text(story, "id")
        return (Media(text(story, "url"), filename="story"),) if text(story, "url") else ()

    def _receipts(self) -> Sequence[Inbound]:
        """Delivered or read: named messages, or all up to a moment."""
        delivery, seen = obj(self.event, "delivery"), obj(self.event, "read")
        state: Any = "delivered" if delivery else "read"
        mids = at(delivery, "mids")
        named = (
            [mid for mid in mids if isinstance(mid, str) and mid] if isinstance(mids, list) else []
        )
        if mid := text(seen, "mid"):
            named.append(mid)
        if named:
            return [
                StatusUpdate(name(mid), state, at=self.when, recipient=self.who) for mid in named
            ]
        until = moment(delivery or seen, "watermark")
        if until is None:
            return [self._notice(readable(self.event))]
        return [StatusUpdate("", state, at=self.when or until, recipient=self.who, up_to=until)]

    def _reaction(self) -> Inbound:
        part = obj(self.event, "reaction")
        put = text(part, "action") != "unreact"
        emoji = (text(part, "emoji") or text(part, "reaction") or "👍") if put else ""
        said = f"Reacted with {emoji}" if put else "Took the reaction back"
        return self._inbound(said, reaction=emoji, in_reply_to=text(part, "mid") or None)

    def _edit(self) -> Inbound:
        part = obj(self.event, "message_edit")
        return self._inbound(text(part, "text"), edits=text(part, "mid"))

    def _postback(self) -> Inbound:
        part = obj(self.event, "postback")
        extra: dict[str, object] = {"payload": text(part, "payload")}
        if referral := referral_of(obj(part, "referral")):
            extra["referral"] = referral
        said = text(part, "title") or text(part, "payload") or "Pressed a button"
        return self._inbound(said, extra=extra)

    def _referral(self) -> Inbound:
        found = referral_of(obj(self.event, "referral"))
        told = ", ".join(str(value) for value in found.values())
        return self._inbound(f"Opened the conversation from: {told or 'a link'}",
                             extra={"referral": found, "kind": "referral"})  # fmt: skip

    def _optin(self) -> Inbound:
        part = obj(self.event, "optin")
        about = line(part, "title") or line(part, "ref") or line(part, "payload")
        extra = {"kind": "optin", "optin": {str(k): line(part, str(k)) for k in part}}
        return self._inbound("Asked to be notified" + (f": {about}" if about else ""), extra=extra)

    def _policy(self) -> Inbound:
        part = obj(self.event, "policy_enforcement") or obj(self.event, "policy-enforcement")
        return self._notice(readable(part), warning=text(part, "action") != "unblock")

    def _handover(self, key: str, words: str) -> Inbound:
        part = obj(self.event, key)
        told = words.format(new=line(part, "new_owner_app_id") or "of the page's inbox",
                            asks=line(part, "requested_owner_app_id") or "?")  # fmt: skip
        more = line(part, "metadata")
        ours = bool(self.app_id) and text(part, "new_owner_app_id") == self.app_id
        told = "The conversation was handed to us" if ours else told
        return self._notice(f"{told}: {more}" if more else f"{told}.")

    def _unknown(self) -> Inbound:
        """Newer than this adapter: written out, so that a person sees what it was."""
        left = {key: value for key, value in self.event.items() if key not in _ENVELOPE}
        told = readable(left) or readable(self.event)
        return self._inbound(f"Did something that Parley does not know yet.\n{told}",
                             extra={"kind": line({"k": next(iter(left), "")}, "k")})  # fmt: skip
