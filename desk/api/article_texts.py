"""`/api/v1/articles/{id}/locales/{locale}`: writing a text, its versions and translation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncSession

from desk.api.article_parts import (
    Body,
    InjectedLibrary,
    Note,
    Summary,
    TextOut,
    Title,
    Version,
    VersionOut,
    VersionRow,
    text_out,
    version_out,
    version_row,
)
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.pagination import Cursor, Limit, Number, Page, decode_cursor, encode_cursor, page_of
from desk.auth.principal import CurrentAgent
from desk.knowledge import editing
from desk.knowledge.errors import told
from desk.knowledge.library import author
from desk.knowledge.listing import locale_states
from knowledge_base import diff, drafts, paragraphs, repository, translations
from knowledge_base.links import check

PRESENT: Final = timedelta(minutes=5)
AT: Final = "/articles/{article_id:uuid}/locales/{locale:str}"


class NewText(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The first draft in another language."""

    title: Title
    summary: Summary = ""
    body: Body = ""
    slug: Annotated[str, Meta(max_length=120)] = ""


class SavedText(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A text to save. `version` is the one it was made on.

    `stamps` says which source paragraph each paragraph was made from (hashes of `translation`
    rows); without it the desk works it out from what was changed.
    """

    title: Title
    summary: Summary = ""
    body: Body
    version: Version
    note: Note = ""
    stamps: Annotated[list[Annotated[str, Meta(max_length=16)]], Meta(max_length=5000)] | None = (
        None
    )


class Typed(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is in the editor and not saved."""

    title: Annotated[str, Meta(max_length=drafts.MAX_TITLE)] = ""
    summary: Summary = ""
    body: Body = ""
    version: Version


class OnVersion(msgspec.Struct, forbid_unknown_fields=True):
    """The version that the caller has seen."""

    version: Version


class StillRight(msgspec.Struct, forbid_unknown_fields=True):
    """Paragraphs of the translation, by their `target_index`, that hold as they are."""

    units: Annotated[list[Annotated[int, Meta(ge=0, le=10_000)]], Meta(min_length=1)]
    version: Version


class PieceOut(msgspec.Struct):
    """A stretch of text that stayed, came or went."""

    kind: Literal["same", "added", "removed"]
    text: str


class RowOut(msgspec.Struct, kw_only=True):
    """A paragraph of the source beside its translation."""

    state: Literal["current", "stale", "missing", "extra"]
    source_index: int | None
    source: str
    source_hash: str
    target_index: int | None
    target: str
    changes: list[PieceOut]  # stale: what changed in the source since


class TranslationOut(msgspec.Struct):
    """Source and translation side by side. Index 0 is the title, 1 the summary."""

    source_locale: str
    locale: str
    version: int
    rows: list[RowOut]


class DiffOut(msgspec.Struct):
    """What changed between two versions, word by word."""

    title: list[PieceOut]
    summary: list[PieceOut]
    body: list[PieceOut]


class LinkOut(msgspec.Struct):
    """A link of the text. External ones are listed; nobody has fetched them."""

    target: str
    state: Literal["ok", "broken", "moved", "hidden", "external"]
    detail: str


class LinkList(msgspec.Struct):
    """Every link and picture, once."""

    items: list[LinkOut]


async def text_view(
    session: AsyncSession, article_id: UUID, locale: str, caller: CurrentAgent, now: datetime
) -> TextOut:
    """A text to work on. Raises Unknown."""
    article = await repository.article(session, article_id)
    row = await repository.locale(session, article_id, locale)
    states = (await locale_states(session, [article]))[article_id]
    state = next(state for state in states if state.row.locale == locale)
    head = await repository.version(session, row.head_id)
    present = await drafts.editing(session, row.id, now - PRESENT)
    return text_out(
        state,
        head,
        await drafts.typed(session, row.id, caller.id),
        [agent for agent in present if agent != caller.id],
    )


class ArticleTextController(Controller):
    """Texts of articles."""

    path = AT
    tags = ("Articles",)

    @get(guards=[requires("kb.read")], summary="A text to work on")
    async def one(
        self, article_id: FromPath[UUID], locale: FromPath[str], caller: Caller, core: InjectedCore
    ) -> TextOut:
        """The newest version, its state, and what the caller typed and has not saved."""
        async with core.units.read() as session:
            with told():
                return await text_view(session, article_id, locale, caller, core.units.clock())

    @post(guards=[requires("kb.write")], summary="Begin a translation")
    async def begin(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        data: JSONBody[NewText],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> TextOut:
        """The first draft in another language."""
        async with core.units.write(caller.actor) as work:
            await editing.translate(
                work, library, article_id, locale,
                editing.text(data.title, data.summary, data.body), data.slug,
            )  # fmt: skip
            return await text_view(work.session, article_id, locale, caller, work.now)

    @put(guards=[requires("kb.write")], summary="Save a text")
    async def save(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        data: JSONBody[SavedText],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> TextOut:
        """Save; 409 with `theirs` and `yours` when somebody saved after `version`."""
        async with core.units.write(caller.actor) as work:
            await editing.save(
                work, library, article_id, locale,
                editing.text(data.title, data.summary, data.body),
                base=data.version, note=data.note, stamps=data.stamps,
            )  # fmt: skip
            return await text_view(work.session, article_id, locale, caller, work.now)

    @put("/typed", guards=[requires("kb.write")], summary="Keep what is typed", status_code=204)
    async def keep(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        data: JSONBody[Typed],
        caller: Caller,
        core: InjectedCore,
    ) -> None:
        """Keep what is in the editor, for this agent alone; a crash or another device finds it."""
        written = drafts.Text(data.title, data.summary, data.body)
        async with core.units.write(caller.actor) as work:
            with told():
                row = await repository.locale(work.session, article_id, locale)
                await drafts.autosave(
                    work.session, work.now, caller.id, row, _storable(written), data.version
                )

    @delete("/typed", guards=[requires("kb.write")], summary="Drop what is typed")
    async def drop(
        self, article_id: FromPath[UUID], locale: FromPath[str], caller: Caller, core: InjectedCore
    ) -> None:
        """Forget what was in the editor."""
        async with core.units.write(caller.actor) as work:
            with told():
                row = await repository.locale(work.session, article_id, locale)
            await drafts.forget(work.session, row.id, author(caller.actor))

    @get("/versions", guards=[requires("kb.read")], summary="The history of a text")
    async def versions(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        core: InjectedCore,
        limit: FromQuery[Limit] = 50,
        cursor: FromQuery[Cursor] = None,
    ) -> Page[VersionRow]:
        """Versions, the newest first."""
        after = decode_cursor(cursor, "versions", Number)
        async with core.units.read() as session:
            with told():
                row = await repository.locale(session, article_id, locale)
            found = await repository.versions(
                session, row.id, before=after[0] if after else None, limit=limit + 1
            )
        shown, more = page_of(found, limit)
        return Page(
            items=[version_row(version, row) for version in shown],
            next_cursor=encode_cursor("versions", shown[-1].number) if more else None,
        )

    @get("/versions/{number:int}", guards=[requires("kb.read")], summary="One version")
    async def version(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        number: FromPath[int],
        core: InjectedCore,
    ) -> VersionOut:
        """A version with its text."""
        async with core.units.read() as session:
            with told():
                row = await repository.locale(session, article_id, locale)
                found = await repository.numbered(session, row.id, min(number, 2**31 - 1))
        return version_out(found, row)

    @post(
        "/versions/{number:int}/restore",
        guards=[requires("kb.write")],
        summary="Restore a version",
        status_code=200,
    )
    async def restore(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        number: FromPath[int],
        data: JSONBody[OnVersion],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> TextOut:
        """Make an earlier text the newest version again, as a draft."""
        async with core.units.write(caller.actor) as work:
            await editing.restore(
                work, library, article_id, locale, min(number, 2**31 - 1), data.version
            )
            return await text_view(work.session, article_id, locale, caller, work.now)

    @get("/diff", guards=[requires("kb.read")], summary="Compare two versions")
    async def compare(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        core: InjectedCore,
        before: Annotated[int, QueryParameter(ge=1, le=2**31 - 1)],
        after: Annotated[int, QueryParameter(ge=1, le=2**31 - 1)],
    ) -> DiffOut:
        """What changed from one version to another, word by word."""
        async with core.units.read() as session:
            with told():
                row = await repository.locale(session, article_id, locale)
                old = await repository.numbered(session, row.id, before)
                new = await repository.numbered(session, row.id, after)
        return DiffOut(
            _pieces(diff.words(old.title, new.title)),
            _pieces(diff.words(old.summary, new.summary)),
            _pieces(diff.words(old.body, new.body)),
        )

    @get("/translation", guards=[requires("kb.read")], summary="Source and translation")
    async def translation(
        self, article_id: FromPath[UUID], locale: FromPath[str], core: InjectedCore
    ) -> TranslationOut:
        """Side by side, with what is stale and how the source changed."""
        async with core.units.read() as session:
            with told():
                article = await repository.article(session, article_id)
                row = await repository.locale(session, article_id, locale)
            rows = await translations.rows(session, article, row)
        return TranslationOut(
            article.source_locale,
            locale,
            row.version,
            [
                RowOut(
                    state=side.state,
                    source_index=side.source_index,
                    source=side.source,
                    source_hash=paragraphs.digest(side.source),
                    target_index=side.target_index,
                    target=side.target,
                    changes=_pieces(side.changes),
                )
                for side in rows
            ],
        )

    @post(
        "/still-right",
        guards=[requires("kb.write")],
        summary="A translation still holds",
        status_code=200,
    )
    async def still_right(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        data: JSONBody[StillRight],
        caller: Caller,
        core: InjectedCore,
    ) -> TextOut:
        """The source changed in a way that needs no change of these paragraphs."""
        async with core.units.write(caller.actor) as work:
            await editing.still_right(work, article_id, locale, data.units, data.version)
            return await text_view(work.session, article_id, locale, caller, work.now)

    @get("/links", guards=[requires("kb.read")], summary="Check the links")
    async def links(
        self, article_id: FromPath[UUID], locale: FromPath[str], core: InjectedCore
    ) -> LinkList:
        """Look up the links and pictures of the newest version; no network."""
        async with core.units.read() as session:
            with told():
                article = await repository.article(session, article_id)
                row = await repository.locale(session, article_id, locale)
            head = await repository.version(session, row.head_id)
            found = await check(session, article, head.body, core.settings.public_url)
        return LinkList([LinkOut(link.target, link.state, link.detail) for link in found])


def _pieces(pieces: Iterable[diff.Piece]) -> list[PieceOut]:
    return [PieceOut(piece.kind, piece.text) for piece in pieces]


def _storable(written: drafts.Text) -> drafts.Text:
    return editing.text(written.title, written.summary, written.body)
