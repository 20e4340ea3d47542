"""An inbound message as the databases can store it. Pure."""

from __future__ import annotations

from dataclasses import replace

from channels.contract import Address, Attachment, InboundMessage, Media
from desk.db.text import storable, storable_json


def clean(message: InboundMessage) -> InboundMessage:
    """The message without characters that cannot be stored; everything else as it came."""
    carried = message.extra.get("forwarded")
    extra = (
        {**message.extra, "forwarded": clean(carried)}
        if isinstance(carried, InboundMessage)
        else message.extra
    )
    return replace(
        message,
        extra=extra,
        sender=_address(message.sender),
        text=storable(message.text),
        external_id=storable(message.external_id),
        subject=storable(message.subject),
        html=None if message.html is None else storable(message.html),
        reply_text=storable(message.reply_text),
        quoted=storable(message.quoted),
        attachments=tuple(_attachment(file) for file in message.attachments),
        to=tuple(_address(address) for address in message.to),
        cc=tuple(_address(address) for address in message.cc),
        auth_results=storable_json(message.auth_results),
        problems=tuple(storable(problem) for problem in message.problems),
        in_reply_to=None if message.in_reply_to is None else storable(message.in_reply_to),
        conversation=storable(message.conversation),
        reaction=None if message.reaction is None else storable(message.reaction),
        edits=storable(message.edits),
        deletes=storable(message.deletes),
        aliases=tuple(_address(address) for address in message.aliases),
        media=tuple(_media(media) for media in message.media),
    )


def _media(media: Media) -> Media:
    return replace(
        media,
        ref=storable(media.ref),
        content_type=storable(media.content_type),
        filename=storable(media.filename),
    )


def _address(address: Address) -> Address:
    return replace(address, value=storable(address.value), name=storable(address.name))


def _attachment(file: Attachment) -> Attachment:
    content_id = None if file.content_id is None else storable(file.content_id)[:255]
    return replace(file, filename=storable(file.filename), content_id=content_id)
