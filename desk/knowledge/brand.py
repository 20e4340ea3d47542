"""The help center's settings: name, look, languages, where contact leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from desk.db.text import storable, storable_json
from desk.errors import Conflict, Invalid
from desk.events import Kind
from desk.inboxes.models import Inbox
from desk.knowledge import colour
from desk.knowledge.models import HelpCenter
from desk.unit_of_work import UnitOfWork
from knowledge_base.locales import is_locale

NAME: Final = "default"
MAX_LINKS: Final = 8
FIELDS: Final = (
    "title", "accent", "default_locale", "locales", "taglines", "notices", "links",
    "mail_inbox_id", "chat_inbox_id", "indexed",
)  # fmt: skip


def fresh() -> HelpCenter:
    """The settings of a desk that nobody has set up."""
    return HelpCenter(
        name=NAME,
        title="Help center",
        accent=colour.DEFAULT,
        logo_sha256=None,
        logo_type="",
        default_locale="en",
        locales=["en"],
        taglines={},
        notices={},
        links={},
        mail_inbox_id=None,
        chat_inbox_id=None,
        indexed=True,
        version=1,
    )


async def load(session: AsyncSession) -> HelpCenter:
    """The settings; the defaults when there are none."""
    return await session.get(HelpCenter, NAME) or fresh()


async def change(
    work: UnitOfWork, patch: Mapping[str, Any], *, version: int | None = None
) -> HelpCenter:
    """Change FIELDS. Raises Invalid, Conflict."""
    row = await work.session.get(HelpCenter, NAME, with_for_update=True)
    if row is None:
        row = fresh()
        work.session.add(row)
    if version is not None and version != row.version:
        raise Conflict(
            "Somebody else changed the help center; look at it again.", version=row.version
        )
    values = {name: storable_json_or(patch[name]) for name in FIELDS if name in patch}
    await _check(work.session, row, values)
    changes: dict[str, tuple[Any, Any]] = {}
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            changes[name] = (_plain(before), _plain(value))
            setattr(row, name, value)
    row.updated_at = work.now
    if changes:
        row.version += 1
        work.record(Kind.HELP_CENTER_CHANGED, changes=changes)
    await work.session.flush()
    return row


async def set_logo(work: UnitOfWork, sha256: str | None, content_type: str) -> HelpCenter:
    """The logo, whose content is stored already; None removes it."""
    row = await change(work, {})
    before = row.logo_sha256
    row.logo_sha256, row.logo_type = sha256, content_type if sha256 else ""
    row.version += 1
    work.record(Kind.HELP_CENTER_CHANGED, changes={"logo": (before, sha256)})
    await work.session.flush()
    return row


def storable_json_or(value: Any) -> Any:  # noqa: ANN401 - a setting's value
    """JSON and text as both databases store them; other values as they are."""
    if isinstance(value, str):
        return storable(value)
    return storable_json(value) if isinstance(value, dict | list) else value


async def _check(session: AsyncSession, row: HelpCenter, values: dict[str, Any]) -> None:
    errors: list[tuple[str, str]] = []
    if "title" in values and not values["title"].strip():
        errors.append(("title", "write a name"))
    if "accent" in values:
        values["accent"] = values["accent"].lower()
        if not colour.is_colour(values["accent"]):
            errors.append(("accent", "write a colour as #rrggbb"))
    locales: Sequence[str] = values.get("locales", row.locales)
    errors += [("locales", f"{tag!r} is no language tag") for tag in locales if not is_locale(tag)]
    if values.get("default_locale", row.default_locale) not in locales:
        errors.append(("default_locale", "is not among the languages of the help center"))
    errors += _bad_links(values)
    errors += await _bad_inboxes(session, values)
    if errors:
        raise Invalid(errors=errors)


def _bad_links(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for tag, links in values.get("links", {}).items():
        if len(links) > MAX_LINKS:
            yield "links", f"at most {MAX_LINKS} in {tag}"
        for link in links:
            if not is_web_address(str(link.get("url") or "")):
                yield "links", f"{link.get('url')!r} is no http or https address"
    for notice in values.get("notices", {}).values():
        url = str(notice.get("url") or "")
        if url and not is_web_address(url):
            yield "notices", f"{url!r} is no http or https address"


async def _bad_inboxes(session: AsyncSession, values: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for field, channel in (("mail_inbox_id", "email"), ("chat_inbox_id", "webchat")):
        inbox_id = values.get(field)
        if inbox_id is not None:
            inbox = await session.get(Inbox, inbox_id)
            if inbox is None or inbox.channel != channel:
                found.append((field, f"names no {channel} inbox"))
    return found


def is_web_address(url: str) -> bool:
    """Whether a link may lead there: http, https, or a page of ours."""
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"}:
        return bool(parts.netloc)
    return not parts.scheme and not parts.netloc and url.startswith("/")


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value
