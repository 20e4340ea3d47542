"""WhatsApp's webhooks as messages, statuses and notices.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast, get_args

from channels.contract import (
    Address,
    ChannelConfig,
    Inbound,
    InboundMessage,
    Keyword,
    MessageState,
    Notice,
    RawPayload,
    StatusUpdate,
    Unparsable,
)
from channels.graph.batches import entries
from channels.graph.errors import meaning, words
from channels.values import (
    Json,
    digest,
    line,
    load,
    moment,
    name,
    obj,
    objects,
    readable,
    text,
    whole,
)
from channels.whatsapp import kinds
from channels.whatsapp.batches import call_id, caller_of, preference_id
from channels.whatsapp.numbers import address, aliases, contact_of, name_of

_STATES: Final[Mapping[str, str]] = {"played": "read", **{s: s for s in get_args(MessageState)}}
_QUIET_FIELDS: Final = frozenset({"account_settings_update", "smb_app_state_sync", "history"})
_BAD_EVENTS: Final = (
    "REJECT", "PAUSED", "DISABLED", "FLAGGED", "BAN", "RESTRICT", "VIOLATION", "DELETED",
    "OFFBOARD", "REMOVED", "LOCK", "DOWNGRADE",
)  # fmt: skip


def parse(payload: RawPayload, config: ChannelConfig) -> Sequence[Inbound]:
    """Everything in a payload. Raises `Unparsable`."""
    found: list[Inbound] = []
    body = load(payload.body)
    for hook, entry in entries(body):
        if text(hook, "object") not in {"", "whatsapp_business_account"}:
            raise Unparsable(f"this is not WhatsApp's but of the object {line(hook, 'object')!r}")
        for change in objects(entry, "changes"):
            found += _change(entry, change, config)
    if not found:
        raise Unparsable("the payload holds no message, no status and no notice of WhatsApp's")
    return found


def _change(entry: Json, change: Json, config: ChannelConfig) -> Iterator[Inbound]:
    value = obj(change, "value")
    _must_be_ours(value, config)
    count = 0
    for message in objects(value, "messages"):
        count += 1
        yield _message(value, message)
    for echo in objects(value, "message_echoes"):
        count += 1
        yield _echo(value, echo)
    for status in objects(value, "statuses"):
        count += 1
        yield _status(status)
    for choice in objects(value, "user_preferences"):
        count += 1
        yield _preference(choice)
    for call in objects(value, "calls"):
        count += 1
        yield _call(call)
    for error in objects(value, "errors"):
        count += 1
        yield Notice(words(error), external_id=f"error:{digest(change)}", warning=True)
    if not count:
        yield _notice(entry, change)


def _must_be_ours(value: Json, config: ChannelConfig) -> None:
    """One app's webhooks may speak of several numbers; each has an inbox of its own."""
    ours = str(config.options.get("phone_number_id") or "")
    theirs = text(value, "metadata", "phone_number_id")
    if ours and theirs and ours != theirs:
        shown = line(value, "metadata", "display_phone_number")
        raise Unparsable(
            f"this is for the phone number id {theirs} ({shown}), and the inbox has {ours}: make "
            "an inbox for that number, or give its account a webhook address of its own"
        )


def _person(value: Json, item: Json, key: str) -> tuple[Address, tuple[Address, ...]]:
    number, scoped = text(item, key), text(item, f"{key}_user_id")
    contact = contact_of(value, number, scoped)
    scoped = scoped or text(contact, "user_id")
    number = number or text(contact, "wa_id")
    shown = name_of(contact)
    who = address(number, scoped, shown)
    if who is None:
        raise Unparsable(f"the message does not say who sent it (from is {number[:40]!r})")
    return who, aliases(number, scoped, shown)


def _message(value: Json, message: Json) -> InboundMessage:
    if text(message, "type") == "system":
        return _system(value, message)
    who, also = _person(value, message, "from")
    return _inbound(message, who, aliases=also)


def _echo(value: Json, echo: Json) -> InboundMessage:
    """Written by somebody of ours in the WhatsApp Business app."""
    customer, also = _person(value, echo, "to")
    ours = address(text(echo, "from")) or Address("phone", "")
    return _inbound(echo, ours, own=True, to=(customer,), aliases=also)


def _inbound(
    message: Json,
    sender: Address,
    *,
    own: bool = False,
    to: tuple[Address, ...] = (),
    aliases: tuple[Address, ...] = (),
) -> InboundMessage:
    content = kinds.read(message)
    context = obj(message, "context")
    extra: dict[str, object] = dict(content.extra)
    if context.get("forwarded") is True or context.get("frequently_forwarded") is True:
        extra["forwarded"] = True
    if product := obj(context, "referred_product"):
        extra["product"] = text(product, "product_retailer_id")
    referral = obj(message, "referral")
    if referral:
        extra["referral"] = {
            key: line(referral, key)
            for key in ("source_url", "source_id", "source_type", "headline", "body", "ctwa_clid")
            if line(referral, key)
        }
    if sender.kind == "whatsapp" or aliases:
        extra["wa_id"] = text(message, "from")
    return InboundMessage(
        channel="whatsapp",
        sender=sender,
        text=content.text,
        reply_text=content.text,
        external_id=name(text(message, "id") or f"whatsapp:{digest(message)}"),
        sent_at=moment(message, "timestamp"),
        in_reply_to=content.in_reply_to or text(context, "id") or None,
        media=content.media,
        reaction=content.reaction,
        edits=content.edits,
        deletes=content.deletes,
        conversation=text(message, "group_id"),
        own=own,
        to=to,
        aliases=aliases,
        extra=extra,
    )


def _system(value: Json, message: Json) -> InboundMessage:
    """The number or the id of a customer has changed: nobody wrote, but the person moves along."""
    system = obj(message, "system")
    old = _person(value, message, "from")[0]
    new = address(text(system, "wa_id") or text(system, "new_wa_id"), text(system, "user_id"))
    moved = f"The customer's WhatsApp number changed to {new.value}." if new else ""
    told = text(system, "body") or moved or "WhatsApp says that something changed."
    return InboundMessage(
        channel="whatsapp",
        sender=old,
        text=told,
        reply_text=told,
        external_id=name(text(message, "id") or f"whatsapp:{digest(message)}"),
        sent_at=moment(message, "timestamp"),
        automated="auto_reply",
        aliases=(new,) if new and new.value != old.value else (),
        extra={"kind": "system", "system": text(system, "type")},
    )


def _status(status: Json) -> StatusUpdate | Notice:
    external_id, told = text(status, "id"), text(status, "status")
    who = address(text(status, "recipient_id"), text(status, "recipient_user_id"))
    when = moment(status, "timestamp")
    if not external_id:
        raise Unparsable("the status does not say which message it is about")
    if told not in _STATES:
        return Notice(f"WhatsApp reports “{line(status, 'status')}” for a message.",
                      external_id=name(f"{external_id}:{told}"), at=when, about=who)  # fmt: skip
    errors = objects(status, "errors")
    failed = told == "failed"
    codes = [whole(error, "code") for error in errors]
    known = [meaning(code) for code in codes]
    reason = " ".join(words(error) for error in errors)
    return StatusUpdate(
        external_id=name(external_id),
        state=cast("MessageState", _STATES[told]),
        at=when,
        reason=(reason or "WhatsApp gave no reason") if failed else reason,
        permanent=failed and any(found is not None and found.gone for found in known),
        code=str(codes[0]) if codes and codes[0] is not None else "",
        key=text(status, "biz_opaque_callback_data"),
        recipient=who.value if who else "",
    )


def _preference(choice: Json) -> Notice:
    """The customer stopped or resumed marketing messages in WhatsApp itself."""
    who = address(text(choice, "wa_id"), text(choice, "user_id"))
    told = line(choice, "detail") or f"The customer chose: {line(choice, 'value')}"
    keywords: Mapping[str, Keyword] = {"stop": "stop", "resume": "start"}
    return Notice(
        told,
        external_id=preference_id(choice),
        at=moment(choice, "timestamp"),
        about=who,
        keyword=keywords.get(text(choice, "value").lower()),
        extra={"purpose": "marketing", "category": line(choice, "category")},
    )


def _call(call: Json) -> Notice:
    """A call by WhatsApp, which nobody can take here: told beside the conversation."""
    person = caller_of(call)
    ours = person == "to"
    step = " ".join(filter(None, (line(call, "event"), line(call, "status")))).lower()
    seconds = line(call, "duration")
    told = f"WhatsApp call {'to' if ours else 'from'} the customer: {step or 'unknown'}"
    return Notice(
        f"{told}, {seconds} seconds" if seconds else told,
        external_id=name(call_id(call)),
        at=moment(call, "timestamp"),
        about=address(text(call, person), text(call, f"{person}_user_id")),
    )


def _notice(entry: Json, change: Json) -> Notice:
    """What WhatsApp says about the account, its numbers and its templates."""
    field = line(change, "field") or "unknown"
    value = change.get("value")
    event = " ".join(
        filter(
            None,
            (line(value, "event"), line(value, "alert_severity"), line(value, "new_quality_score")),
        )
    )
    told = readable(value)
    shout = event.upper()
    bad = "RED" in shout.split() or any(word in shout for word in _BAD_EVENTS)
    warning = field not in _QUIET_FIELDS and bad
    heading = f"WhatsApp: {field.replace('_', ' ')}"
    return Notice(
        f"{heading}\n{told}" if told else heading,
        external_id=f"notice:{digest({'id': text(entry, 'id'), 'change': change})}",
        at=moment(entry, "time"),
        warning=warning or line(value, "alert_severity").upper() in {"CRITICAL", "WARNING"},
        extra={"field": field, "event": event},
    )
