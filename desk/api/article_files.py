"""Pictures and downloads of articles, and the help center's logo."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from desk.api.article_parts import Audience, FileOut, file_out
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.knowledge import HelpCenterOut, help_center_out
from desk.api.parts import InjectedShelf
from desk.db.text import storable
from desk.errors import Invalid, NotFound
from desk.files import service as files
from desk.files.sniff import SAFE_INLINE
from desk.knowledge import brand, exporting, pictures
from desk.knowledge.errors import told
from desk.knowledge.listing import Wanted
from knowledge_base import repository, service
from knowledge_base.models import ArticleFile

LOGO_BYTES: Final = 200_000


class FileForm(Struct):
    """A file; a picture comes with its alternative text."""

    file: UploadFile
    alt: str = ""


class FileChange(Struct, forbid_unknown_fields=True):
    """The picture's alternative text."""

    alt: Annotated[str, Meta(min_length=1, max_length=500)]


class FileList(Struct):
    """The files of an article."""

    items: list[FileOut]


class LogoForm(Struct):
    """A picture."""

    file: UploadFile


Form = Annotated[FileForm, Body(media_type=RequestEncodingType.MULTI_PART)]
Logo = Annotated[LogoForm, Body(media_type=RequestEncodingType.MULTI_PART)]


class ArticleFileController(Controller):
    """Files of articles."""

    path = "/articles/{article_id:uuid}/files"
    tags = ("Articles",)

    @get(guards=[requires("kb.read")], summary="Files of an article")
    async def listing(self, article_id: FromPath[UUID], core: InjectedCore) -> FileList:
        """Pictures and downloads."""
        async with core.units.read() as session:
            with told():
                await repository.article(session, article_id)
            rows = await repository.files(session, article_id)
        return FileList([file_out(row) for row in rows])

    @post(guards=[requires("kb.write")], summary="Add a file")
    async def add(
        self,
        article_id: FromPath[UUID],
        data: Form,
        caller: Caller,
        core: InjectedCore,
        shelf: InjectedShelf,
    ) -> FileOut:
        """Store a file; write its `markdown` where it is to be shown."""
        content = await data.file.read()
        kept = files.keep(
            content,
            data.file.filename,
            data.file.content_type,
            core.settings.max_attachment_bytes,
            shelf.blobs,
        )
        async with core.units.write(caller.actor) as work:
            with told():
                row = await service.add_file(
                    work.session,
                    work.now,
                    article_id,
                    sha256=kept.sha256,
                    filename=storable(kept.filename),
                    content_type=kept.content_type,
                    size=kept.size,
                    alt=storable(" ".join(data.alt.split())),
                    dimensions=pictures.dimensions(content),
                    uploaded_by=caller.id,
                )
        return file_out(row)

    @patch("/{file_id:uuid}", guards=[requires("kb.write")], summary="Change a picture's text")
    async def change(
        self,
        article_id: FromPath[UUID],
        file_id: FromPath[UUID],
        data: JSONBody[FileChange],
        caller: Caller,
        core: InjectedCore,
    ) -> FileOut:
        """The alternative text, where the article itself gives none."""
        async with core.units.write(caller.actor) as work:
            row = await work.session.get(ArticleFile, file_id)
            if row is None or row.article_id != article_id:
                raise NotFound("There is no such file.")
            row.alt = storable(data.alt)
        return file_out(row)

    @delete("/{file_id:uuid}", guards=[requires("kb.write")], summary="Remove a file")
    async def remove(
        self,
        article_id: FromPath[UUID],
        file_id: FromPath[UUID],
        caller: Caller,
        core: InjectedCore,
    ) -> None:
        """Remove a file that no published text shows."""
        async with core.units.write(caller.actor) as work:
            row = await work.session.get(ArticleFile, file_id)
            if row is None or row.article_id != article_id:
                raise NotFound("There is no such file.")
            if await pictures.is_shown(work.session, row):
                raise Invalid("A published text shows this file; publish it without, first.")
            await work.session.delete(row)


@post("/kb/help-center/logo", guards=[requires("kb.publish")], summary="Set the logo",
      tags=["Knowledge base"])  # fmt: skip
async def set_logo(
    data: Logo, caller: Caller, core: InjectedCore, shelf: InjectedShelf
) -> HelpCenterOut:
    """A raster picture of at most 200 kB."""
    kept = files.keep(
        await data.file.read(),
        data.file.filename,
        data.file.content_type,
        LOGO_BYTES,
        shelf.blobs,
    )
    if kept.content_type not in SAFE_INLINE:
        raise Invalid(errors=[("file", "the logo is a PNG, JPEG, GIF, WebP or AVIF picture")])
    async with core.units.write(caller.actor) as work:
        row = await brand.set_logo(work, kept.sha256, kept.content_type)
    return help_center_out(row)


@delete("/kb/help-center/logo", guards=[requires("kb.publish")], summary="Remove the logo",
        status_code=200, tags=["Knowledge base"])  # fmt: skip
async def remove_logo(caller: Caller, core: InjectedCore) -> HelpCenterOut:
    """Back to the name alone."""
    async with core.units.write(caller.actor) as work:
        row = await brand.set_logo(work, None, "")
    return help_center_out(row)


@get("/kb/export", guards=[requires("kb.publish")], summary="Export articles",
     tags=["Knowledge base"])  # fmt: skip
async def export(
    core: InjectedCore,
    shelf: InjectedShelf,
    *,
    locale: FromQuery[str | None] = None,
    category_id: FromQuery[UUID | None] = None,
    audience: FromQuery[Audience | None] = None,
    tag: FromQuery[str | None] = None,
    published: Annotated[bool, QueryParameter(description="Only what readers see.")] = False,
) -> Response[bytes]:
    """A ZIP of Markdown files with front matter, one for each language, pictures beside them.

    Without a filter: every article that is not archived.
    """
    wanted = Wanted(category_id=category_id, audience=audience, tag=tag)
    async with core.units.read() as session:
        texts = await exporting.articles(
            session, shelf.blobs, wanted=wanted, locale=locale, published=published
        )
    return Response(
        exporting.archive(texts),
        media_type="application/zip",
        headers={"content-disposition": 'attachment; filename="articles.zip"'},
    )
