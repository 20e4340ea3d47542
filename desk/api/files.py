"""`/api/v1/files`: uploads for messages, and the content of attachments, always inert."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, QueryParameter
from msgspec import Struct

from desk.api.authentication import PUBLIC
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.parts import InjectedShelf
from desk.api.security_headers import UNTRUSTED_CONTENT
from desk.errors import NotFound
from desk.files import service
from desk.files.links import PATH
from desk.files.models import Attachment
from desk.files.sniff import SAFE_INLINE
from desk.files.store import BlobStore
from desk.tickets.views import FileView, file_view


class UploadForm(Struct):
    """A multipart form with one file."""

    file: UploadFile


Form = Annotated[UploadForm, Body(media_type=RequestEncodingType.MULTI_PART)]
Inline = Annotated[bool, QueryParameter(description="Show a raster image in place.")]


@post("/files", guards=[requires("tickets.write")], summary="Upload a file", tags=["Files"])
async def upload(data: Form, caller: Caller, core: InjectedCore, shelf: InjectedShelf) -> FileView:
    """Store a file; name its id in a message of yours within a day."""
    content = await data.file.read()
    kept = service.keep(
        content,
        data.file.filename,
        data.file.content_type,
        core.settings.max_attachment_bytes,
        shelf.blobs,
    )
    async with core.units.write(caller.actor) as work:
        row = service.add(work, kept, f"agent:{caller.id}")
    return file_view(row)


@get("/files/{file_id:uuid}", guards=[requires("tickets.read")], summary="A file", tags=["Files"])
async def download(
    file_id: FromPath[UUID],
    core: InjectedCore,
    shelf: InjectedShelf,
    inline: FromQuery[Inline] = False,
) -> Response[bytes]:
    """The content as a download; raster images may be shown in place."""
    async with core.units.read() as session:
        row = await service.get(session, file_id)
    return content(row, shelf.blobs, inline=inline)


@post(
    "/files/{file_id:uuid}/fetch",
    guards=[requires("tickets.write")],
    summary="Fetch a file again",
    tags=["Files"],
    status_code=202,
)
async def fetch_again(file_id: FromPath[UUID], caller: Caller, core: InjectedCore) -> FileView:
    """Ask the provider once more for a file that could not be fetched."""
    async with core.units.write(caller.actor) as work:
        row = await service.ask_again(work, file_id)
    return file_view(row)


@get("/{token:str}", opt={PUBLIC: True}, include_in_schema=False)
async def public(token: FromPath[str], shelf: InjectedShelf) -> Response[bytes]:
    """A file of ours for the provider that is to deliver it; the link is the pass, for a while."""
    linked = shelf.links.open(token)
    try:
        body = shelf.blobs.get(linked.sha256)
    except FileNotFoundError as error:
        raise NotFound("The file's content is gone from the file store.") from error
    name = quote(linked.filename, safe="")
    return Response(
        body,
        # The provider needs the real type; in a browser it can do nothing.
        media_type=linked.content_type,
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{name}",
            "content-security-policy": UNTRUSTED_CONTENT,
            "cache-control": "private, max-age=3600",
            "x-robots-tag": "noindex",
        },
    )


def public_router() -> Router:
    """Files that open by their link."""
    return Router(PATH, route_handlers=[public])


def content(row: Attachment, blobs: BlobStore, *, inline: bool) -> Response[bytes]:
    """An attachment that can do nothing: sandboxed, not sniffed, never HTML in our origin."""
    if row.state != "stored":
        waits = "It is still being fetched from the provider; try again in a moment."
        raise NotFound(waits if row.state == "pending" else f"It is not here: {row.state_reason}")
    try:
        body = blobs.get(row.sha256)
    except FileNotFoundError as error:
        raise NotFound("The file's content is gone from the file store.") from error
    shown = inline and row.content_type in SAFE_INLINE
    kind = row.content_type if shown else "application/octet-stream"
    name = quote(row.filename, safe="")
    disposition = "inline" if shown else "attachment"
    return Response(
        body,
        media_type=kind,
        headers={
            "content-disposition": f"{disposition}; filename*=UTF-8''{name}",
            "content-security-policy": UNTRUSTED_CONTENT,
            "cache-control": "private, max-age=31536000, immutable",
            "cross-origin-resource-policy": "same-origin",
        },
    )
