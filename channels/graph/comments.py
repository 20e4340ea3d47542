"""Comments below our posts, and what else happens on a page or an account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from channels.contract import Address, Inbound, InboundMessage, Media, Notice, StatusUpdate
from channels.graph.platform import Platform, comment_id, thread_of
from channels.values import Json, digest, line, moment, name, obj, readable, text

THREAD: Final = "comment:"  # begins the conversation of a comment: the answer is public
_DONE: Final = {"edited": "changed what it wrote", "remove": "deleted what it wrote"}
_POSTS: Final = frozenset({"post", "status", "photo", "video", "share", "album"})


def read(platform: Platform, entry: Json, change: Json) -> Sequence[Inbound]:
    """What a change says."""
    field, value = text(change, "field"), obj(change, "value")
    when = moment(value, "created_time") or moment(entry, "time")
    external_id = comment_id(field, value)
    who = text(value, "from", "id")
    if external_id and (who == text(entry, "id") or text(value, "from", "self_ig_scoped_id")):
        return _ours(platform, value, external_id, when)
    if external_id and who:
        return [_comment(platform, value, external_id, when)]
    if _is_written(field, value) and who not in {"", text(entry, "id")}:
        return [_post(platform, value, when)]
    told = readable(value)
    heading = f"{platform.title}: {line(change, 'field') or 'an event'}"
    notice = Notice(
        f"{heading}\n{told}" if told else heading,
        external_id=f"notice:{digest({'id': text(entry, 'id'), 'change': change})}",
        at=when,
        extra={"field": field},
    )
    return [notice]


def _author(platform: Platform, value: Json) -> Address:
    who = obj(value, "from")
    return platform.address(text(who, "id"), line(who, "name") or line(who, "username"))


def _ours(
    platform: Platform, value: Json, external_id: str, when: datetime | None
) -> Sequence[Inbound]:
    """A comment from our side, by the desk or by other means: Meta does not say to whom.

    The status is proof for what the desk sent; the notice tells what was written.
    """
    comment = text(value, "comment_id") or text(value, "id")
    said = text(value, "message") or text(value, "text")
    verb = text(value, "verb")
    told = f"{platform.title}: our side {_DONE.get(verb, 'wrote')} below a post"
    return [
        StatusUpdate(name(comment), "sent", at=when),
        Notice(f"{told}: {said}" if said else told, external_id=name(f"{external_id}:own"), at=when,
               conversation=name(THREAD + thread_of(value)),
               extra={"comment": comment, "said": said, "change": _DONE.get(verb, "")}),
    ]  # fmt: skip


def _comment(
    platform: Platform, value: Json, external_id: str, when: datetime | None
) -> InboundMessage | Notice:
    verb = text(value, "verb") or "add"
    comment = text(value, "comment_id") or text(value, "id")
    said = text(value, "message") or text(value, "text")
    author = _author(platform, value)
    thread = THREAD + thread_of(value)
    if verb in {"hide", "unhide"}:
        return Notice(f"{platform.title}: a comment was {'hidden' if verb == 'hide' else 'shown'}",
                      external_id=name(external_id), at=when, conversation=thread)  # fmt: skip
    more: dict[str, Any] = {}
    if verb in {"edit", "edited"}:
        more["edits"] = comment
    elif verb in {"remove", "delete"}:
        more["deletes"] = comment
        said = said or "Deleted a comment"
    parent = text(value, "parent_id")
    media = tuple(Media(url) for url in (text(value, "photo"), text(value, "video")) if url)
    link = text(value, "link")
    if link and link not in said and not media:
        said = "\n".join(filter(None, (said, link)))
    if not said and not media:
        said = "[a comment without words]"
    extra: dict[str, object] = {
        "public": True,
        "comment": comment,
        "post": text(value, "post_id") or text(value, "media", "id"),
    }
    if where := text(value, "post", "permalink_url") or text(value, "permalink_url"):
        extra["permalink"] = where
    if ad := line(value, "media", "ad_title"):
        extra["referral"] = {"headline": ad, "ad_id": line(value, "media", "ad_id")}
    return InboundMessage(
        channel=platform.kind,
        sender=author,
        text=said,
        reply_text=said,
        external_id=name(external_id),
        sent_at=when,
        media=media,
        conversation=name(thread),
        in_reply_to=parent if THREAD + parent == thread and parent != comment else None,
        extra=extra,
        **more,
    )


def _is_written(field: str, value: Json) -> bool:
    """Whether somebody wrote something of their own on our page or about us."""
    if field == "feed":
        return text(value, "item") in _POSTS and text(value, "verb") in {"add", "edited"}
    return field in {"mention", "ratings"} and text(value, "verb") in {"", "add", "edited"}


def _post(platform: Platform, value: Json, when: datetime | None) -> InboundMessage:
    """A visitor's post, a mention or a review."""
    post = text(value, "post_id") or text(value, "open_graph_story_id") or digest(value)
    author = _author(platform, value)
    if not author.name:
        author = platform.address(author.value, line(value, "sender_name"))
    said = text(value, "message") or text(value, "review_text")
    if kind := line(value, "recommendation_type"):
        said = "\n".join(filter(None, (f"Review: {kind}", said)))
    media = tuple(Media(url) for url in (text(value, "link"),) if url and text(value, "photo_id"))
    edited = text(value, "verb") == "edited"
    return InboundMessage(
        channel=platform.kind,
        sender=author,
        text=said or "Mentioned us in a post",
        reply_text=said,
        external_id=name(f"{post}:edited:{digest(value)[:16]}" if edited else post),
        sent_at=when,
        media=media,
        conversation=name(THREAD + post),
        edits=post if edited else "",
        extra={"public": True, "post": post, "permalink": text(value, "post", "permalink_url")},
    )
