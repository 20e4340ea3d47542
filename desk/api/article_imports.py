"""`/api/v1/kb/imports`: what an import would do, starting it, and watching it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, JSONBody
from msgspec import Meta, Struct

from desk.api.article_parts import InjectedLibrary
from desk.api.core import Caller, Core, InjectedCore
from desk.api.guards import requires
from desk.api.parts import InjectedShelf, Shelf
from desk.knowledge import imports
from desk.knowledge.importing import Importer
from desk.knowledge.library import Library
from desk.knowledge.models import ArticleImport
from knowledge_base.exchange.source import Format

IMPORT_BYTES = 256 * 1024 * 1024  # of an upload; unpacked it may be twice that


class ImportForm(Struct):
    """One ZIP of a folder, or single files."""

    files: list[UploadFile]
    format: Format = "auto"
    locale: str = "en"


class ImportCounts(Struct, kw_only=True):
    """How many texts. `waiting`: imported, for readers, and not shown to them yet."""

    new: int
    changed: int
    unchanged: int
    waiting: int
    conflicts: int
    problems: int
    published: int


class ImportText(Struct, kw_only=True):
    """A text, where it was read, and the article that it is or belongs to, once there is one."""

    external_id: str
    locale: str
    title: str
    state: str
    audience: str
    source: str
    line: int
    article_id: UUID | None


class ImportProblem(Struct, kw_only=True):
    """What could not be taken as it stands, and what to do about it."""

    source: str
    line: int
    text: str


class ImportRow(Struct, kw_only=True):
    """An import in a list. `done` of `total` steps; `seconds` it ran."""

    id: UUID
    filename: str
    format: Format
    locale: str
    state: Literal["checked", "running", "done", "failed"]
    publish: bool
    done: int
    total: int
    seconds: float
    counts: ImportCounts
    error: str
    agent_id: UUID | None
    agent_name: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ImportOut(ImportRow, kw_only=True):
    """An import with its report: what it would do (`checked`), or what it did (`done`).

    Each list has at most 1,000 entries; `counts` are complete.
    """

    new: list[ImportText]
    changed: list[ImportText]
    conflicts: list[ImportText]
    problems: list[ImportProblem]


class ImportList(Struct):
    """The newest first."""

    items: list[ImportRow]


class Overwrite(Struct, forbid_unknown_fields=True):
    """A conflict in which the import is to win; the text that is there stays in the history."""

    external_id: Annotated[str, Meta(max_length=300)]
    locale: Annotated[str, Meta(max_length=20)]


class ImportStart(Struct, forbid_unknown_fields=True):
    """`publish`: show readers what the source calls published; without it all are drafts."""

    publish: bool = False
    overwrite: Annotated[list[Overwrite], Meta(max_length=1000)] = msgspec.field(
        default_factory=list
    )


Form = Annotated[ImportForm, Body(media_type=RequestEncodingType.MULTI_PART)]


class ArticleImportController(Controller):
    """Imports of articles."""

    path = "/kb/imports"
    tags = ("Knowledge base",)

    @post(guards=[requires("kb.publish")], summary="Check an import")
    async def check(
        self,
        data: Form,
        caller: Caller,
        core: InjectedCore,
        shelf: InjectedShelf,
        library: InjectedLibrary,
    ) -> ImportOut:
        """Read an upload and say what importing it would do. Nothing is changed yet."""
        uploads = [(one.filename or "file", await one.read()) for one in data.files]
        row = await imports.check(
            _importer(core, library, shelf), caller.actor, uploads, data.format, data.locale
        )
        return await _out(row, core)

    @get(guards=[requires("kb.publish")], summary="List imports")
    async def listing(self, core: InjectedCore) -> ImportList:
        """The newest fifty."""
        async with core.units.read() as session:
            rows = await imports.latest(session)
        return ImportList([ImportRow(**_row(row, core)) for row in rows])

    @get("/{import_id:uuid}", guards=[requires("kb.publish")], summary="Watch an import")
    async def one(self, import_id: FromPath[UUID], core: InjectedCore) -> ImportOut:
        """How far it is, and its report."""
        async with core.units.read() as session:
            row = await imports.get(session, import_id)
        return await _out(row, core)

    @post(
        "/{import_id:uuid}/start",
        guards=[requires("kb.publish")],
        summary="Start an import",
        status_code=202,
    )
    async def start(
        self,
        import_id: FromPath[UUID],
        data: JSONBody[ImportStart],
        caller: Caller,
        core: InjectedCore,
    ) -> ImportOut:
        """Carry it out in a job. Started again, it does only what is not done yet."""
        async with core.units.write(caller.actor) as work:
            row = await imports.start(
                work,
                import_id,
                publish=data.publish,
                overwrite=[(one.external_id, one.locale) for one in data.overwrite],
            )
        return await _out(row, core)


def _importer(core: Core, library: Library, shelf: Shelf) -> Importer:
    return Importer(core.units, library, shelf.blobs, core.settings.max_attachment_bytes)


def _row(row: ArticleImport, core: Core) -> dict[str, Any]:
    stored = ("seconds", "counts")
    names = [name for name in ImportRow.__struct_fields__ if name not in stored]
    return {name: getattr(row, name) for name in names} | {
        "seconds": round(imports.seconds(row, core.units.clock()), 3),
        "counts": ImportCounts(**row.report["counts"]),
    }


async def _out(row: ArticleImport, core: Core) -> ImportOut:
    report = row.report
    async with core.units.read() as session:
        known = await imports.articles(session, row)

    def texts(part: str) -> list[ImportText]:
        return [ImportText(**one, article_id=known.get(one["external_id"])) for one in report[part]]

    return ImportOut(
        **_row(row, core),
        new=texts("new"),
        changed=texts("changed"),
        conflicts=texts("conflicts"),
        problems=[ImportProblem(**one) for one in report["problems"]],
    )
