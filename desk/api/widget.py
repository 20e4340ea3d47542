"""What the widget fetches: its loader, its frame, its configuration, and files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, QueryParameter
from msgspec import Struct, field
from sqlalchemy import select

from desk.api import sightings
from desk.api.authentication import PUBLIC
from desk.api.core import InjectedCore
from desk.api.files import content
from desk.api.headers import header
from desk.api.parts import InjectedShelf
from desk.api.security_headers import content_security_policy
from desk.api.widget_parts import InjectedWidget
from desk.bot.models import BotSetting
from desk.errors import NotAuthenticated, NotFound
from desk.files import service as files
from desk.inboxes import repository as inboxes
from desk.inboxes.models import Inbox
from desk.intake.visitors import Visitor, is_open_to
from desk.tickets import repository as tickets
from desk.tickets.models import Message, Ticket
from desk.tickets.views import FileView, file_view
from desk.triage.bot_walk import DEFAULT_NAME
from knowledge_base import reading

BUILD: Final = Path(__file__).parent.parent.parent / "frontend" / "build"
FILES: Final = "/api/widget/v1/files"
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
Key = Annotated[str, QueryParameter(max_length=64, description="The inbox's public key.")]
Token = Annotated[str, QueryParameter(max_length=2000, description="The visitor's token.")]


class PreChatField(Struct):
    """A field asked before the first message."""

    name: str
    label: str
    type: str = "text"
    required: bool = False
    hint: str = ""
    options: list[str] = field(default_factory=list)


class WidgetConfig(Struct):
    """How a widget looks and what it offers."""

    inbox: str
    name: str
    locale: str
    locales: list[str]
    origins: list[str]
    theme: dict[str, str]
    hours: dict[str, Any]
    pre_chat: dict[str, list[PreChatField]]
    email_fallback: str | None
    bot: dict[str, str] | None  # the name of who answers first
    features: dict[str, bool]


class UploadForm(Struct):
    """A multipart form with one file."""

    file: UploadFile


Form = Annotated[UploadForm, Body(media_type=RequestEncodingType.MULTI_PART)]


@get(
    "/api/widget/v1/config/{key:str}",
    opt={PUBLIC: True},
    summary="A widget's configuration",
    tags=["Widget"],
)
async def config(
    key: FromPath[str], core: InjectedCore, widget: InjectedWidget
) -> Response[WidgetConfig]:
    """Public: what the page's visitor may know of the inbox."""
    async with core.units.read() as session:
        inbox = await _inbox(session, key)
        fallback = (
            await inboxes.get(session, inbox.fallback_inbox_id) if inbox.fallback_inbox_id else None
        )
        searchable = bool(await reading.locales(session, reading.PUBLIC))
        setting = await session.get(BotSetting, inbox.id)
    bot = setting if setting is not None and setting.enabled else None
    options = inbox.options
    accent = str(options.get("accent") or "")
    body = WidgetConfig(
        inbox=inbox.address,
        name=inbox.name,
        locale=inbox.locale,
        locales=[str(item) for item in options.get("locales") or [inbox.locale]],
        # The help center is a page of our own.
        origins=[*_origins(inbox), _origin(core.settings.public_url)],
        theme={
            "accent": accent if _COLOUR.fullmatch(accent) else "#4450d6",
            "position": "start" if options.get("position") == "start" else "end",
            "logo": str(options.get("logo") or ""),
        },
        hours=widget.chat.hours(inbox, core.units.clock()),
        pre_chat={
            "fields": [
                PreChatField(
                    name=str(item.get("name", "")),
                    label=str(item.get("label", "")),
                    type=str(item.get("type", "text")),
                    required=bool(item.get("required")),
                    hint=str(item.get("hint", "")),
                    options=[str(option) for option in item.get("options") or []],
                )
                for item in options.get("pre_chat") or []
            ]
        },
        email_fallback=fallback.address if fallback is not None else None,
        bot={"name": bot.name or DEFAULT_NAME} if bot is not None else None,
        features={
            "uploads": bool(options.get("uploads", True)),
            "csat": True,
            "transcript": fallback is not None,
            "search": searchable,
            "bot": bot is not None,
        },
    )
    # The host page's loader reads it from another origin; it holds nothing private.
    return Response(
        body,
        headers={
            "access-control-allow-origin": "*",
            "cross-origin-resource-policy": "cross-origin",
            "cache-control": "public, max-age=60",
        },
    )


@get("/widget/loader.js", opt={PUBLIC: True}, include_in_schema=False)
async def loader(
    request: Request[Any, Any, Any], core: InjectedCore, widget: InjectedWidget
) -> Response[bytes]:
    """The script that a web site embeds. The first run shows where it was seen."""
    page = header(request.scope, b"referer")
    await sightings.note(core.units, core.settings.public_url, page, widget.pace)
    return Response(
        _read(BUILD / "loader" / "loader.js"),
        media_type="text/javascript; charset=utf-8",
        headers={
            "access-control-allow-origin": "*",
            "cross-origin-resource-policy": "cross-origin",
            "cache-control": "public, max-age=300",
        },
    )


@get("/widget/frame", opt={PUBLIC: True}, include_in_schema=False)
async def frame(core: InjectedCore, inbox: FromQuery[Key]) -> Response[bytes]:
    """The page inside the iframe; only the inbox's own web sites may frame it."""
    async with core.units.read() as session:
        row = await _inbox(session, inbox)
    ancestors = " ".join(["'self'", *_origins(row)])
    policy = content_security_policy(core.settings.public_url, frame_ancestors=ancestors)
    return Response(
        _read(BUILD / "widget" / "index.html"),
        media_type="text/html; charset=utf-8",
        headers={
            "content-security-policy": policy,
            "cross-origin-resource-policy": "cross-origin",
            "cross-origin-opener-policy": "unsafe-none",
            "cache-control": "no-cache",
        },
    )


@post(FILES, opt={PUBLIC: True}, summary="Upload a file", tags=["Widget"])
async def upload(
    data: Form,
    request: Request[Any, Any, Any],
    core: InjectedCore,
    shelf: InjectedShelf,
    widget: InjectedWidget,
) -> FileView:
    """A visitor's file; name its id in a message within a day."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthenticated("Send the visitor's token as Authorization: Bearer.")
    visitor = widget.tokens.read(token.strip())
    async with core.units.read() as session:
        inbox = await inboxes.get(session, visitor.inbox_id)
    if inbox is None or not inbox.active or not inbox.options.get("uploads", True):
        raise NotFound("This chat takes no files.")
    kept = files.keep(
        await data.file.read(),
        data.file.filename,
        data.file.content_type,
        core.settings.max_attachment_bytes,
        shelf.blobs,
    )
    async with core.units.write() as work:
        row = files.add(work, kept, f"visitor:{visitor.id}")
    return file_view(row, FILES)


@get(
    "/api/widget/v1/files/{file_id:uuid}",
    opt={PUBLIC: True},
    summary="A file of a conversation",
    tags=["Widget"],
)
async def download(
    file_id: FromPath[UUID],
    core: InjectedCore,
    shelf: InjectedShelf,
    widget: InjectedWidget,
    token: FromQuery[Token] = "",
    inline: FromQuery[bool] = False,
) -> Response[bytes]:
    """A file of one of the visitor's own conversations, never of a note."""
    visitor = widget.tokens.read(token)
    contact_id = await widget.chat.contact_of(visitor)
    async with core.units.read() as session:
        row = await files.get(session, file_id)
        if not await _may_see(session, visitor, contact_id, row.message_id, row.uploaded_by):
            raise NotFound("There is no such file.")
    return content(row, shelf.blobs, inline=inline)


async def _may_see(
    session: Any,  # noqa: ANN401 - an AsyncSession
    visitor: Visitor,
    contact_id: UUID | None,
    message_id: UUID | None,
    uploaded_by: str,
) -> bool:
    if message_id is None:
        return uploaded_by == f"visitor:{visitor.id}"
    message = await session.scalar(
        select(Message).where(Message.id == message_id, tickets.public())
    )
    if message is None:
        return False
    ticket = await session.get(Ticket, message.ticket_id)
    return ticket is not None and is_open_to(visitor, contact_id, ticket)


async def _inbox(session: Any, key: str) -> Inbox:  # noqa: ANN401 - an AsyncSession
    inbox = await inboxes.by_address(session, "webchat", key)
    if inbox is None:
        raise NotFound("There is no chat under this key; check data-inbox.")
    return inbox


def _origin(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _origins(inbox: Inbox) -> list[str]:
    """The web sites that may embed the widget; anything that is no plain origin is left out."""
    stored = inbox.options.get("origins") or []
    return [str(item) for item in stored if re.fullmatch(r"https?://[\w.\-]+(:\d+)?", str(item))]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound("The frontend is not built; run `make frontend`.") from error


def handlers(max_upload: int) -> list[Any]:
    """The widget's routes; uploads may take `max_upload` bytes."""
    return [
        config,
        loader,
        frame,
        download,
        Router("/", route_handlers=[upload], request_max_body_size=max_upload),
    ]
