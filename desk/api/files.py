"""`/api/v1/files`: uploads for messages, and the content of attachments, always inert."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, QueryParameter
from msgspec import Struct

from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.parts import InjectedShelf
from desk.api.security_headers import UNTRUSTED_CONTENT
from desk.errors import NotFound
from desk.files import service
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


def content(row: Attachment, blobs: BlobStore, *, inline: bool) -> Response[bytes]:
    """An attachment that can do nothing: sandboxed, not sniffed, never HTML in our origin."""
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
