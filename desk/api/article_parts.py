"""Articles as they cross the edge, and what their routes need beyond `core`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import UNSET, Meta, UnsetType
from sqlalchemy.ext.asyncio import AsyncSession

from desk.knowledge.library import Library
from desk.knowledge.listing import LocaleState, locale_states
from knowledge_base import addresses, drafts, repository, service
from knowledge_base.models import (
    Article,
    ArticleFile,
    ArticleLocale,
    ArticleVersion,
    Autosave,
    Comment,
    Redirect,
)

InjectedLibrary = NamedDependency[SkipValidation[Library]]

Audience = Literal["public", "signed-in", "internal"]
State = Literal["draft", "review", "scheduled", "published", "archived"]
Locale = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$", max_length=20)]
Slug = Annotated[str, Meta(min_length=1, max_length=120)]
Title = Annotated[str, Meta(min_length=1, max_length=drafts.MAX_TITLE)]
Summary = Annotated[str, Meta(max_length=drafts.MAX_SUMMARY)]
Body = Annotated[str, Meta(max_length=drafts.MAX_BODY)]
Note = Annotated[str, Meta(max_length=drafts.MAX_NOTE)]
Remark = Annotated[str, Meta(max_length=5000)]
Tags = Annotated[list[Annotated[str, Meta(max_length=80)]], Meta(max_length=100)]
Version = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Position = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]


class LocaleOut(msgspec.Struct, kw_only=True):
    """One language of an article. `live`: readers see a version of it."""

    locale: str
    slug: str
    title: str
    summary: str
    state: State
    live: bool
    has_changes: bool  # the newest version is not the one that readers see
    number: int  # of the newest version
    version: int  # counts the saves; send it with the next one
    stale: int  # paragraphs of the source that this translation does not reflect
    approved: bool
    scheduled_at: datetime | None
    published_at: datetime | None
    updated_at: datetime


class ArticleRow(msgspec.Struct, kw_only=True):
    """An article in a list."""

    id: UUID
    category_id: UUID | None
    source_locale: str
    audience: Audience
    tags: list[str]
    position: int
    featured: bool
    owner_id: UUID | None
    review_by: date | None
    archived: bool
    version: int
    created_at: datetime
    updated_at: datetime
    locales: list[LocaleOut]


class FileOut(msgspec.Struct, kw_only=True):
    """A picture or download; write `markdown` where it is to be shown."""

    id: UUID
    filename: str
    content_type: str
    size: int
    alt: str
    width: int | None
    height: int | None
    url: str
    markdown: str


class RedirectOut(msgspec.Struct):
    """A former address that leads to the article."""

    id: UUID
    locale: str
    slug: str
    created_at: datetime


class ArticleOut(ArticleRow, kw_only=True):
    """An article with what belongs to it in every language."""

    related: list[UUID]
    files: list[FileOut]
    redirects: list[RedirectOut]


class NewArticle(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A new article with its first draft."""

    locale: Locale
    title: Title
    summary: Summary = ""
    body: Body = ""
    slug: Annotated[str, Meta(max_length=120)] = ""
    category_id: UUID | None = None
    audience: Audience = "public"
    tags: Tags = []
    review_by: date | None = None


class ArticleChange(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What to change; what is left out stays. `version` refuses a change of what moved on."""

    category_id: UUID | UnsetType | None = UNSET
    source_locale: Locale | UnsetType = UNSET
    audience: Audience | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    featured: bool | UnsetType = UNSET
    owner_id: UUID | UnsetType | None = UNSET
    review_by: date | UnsetType | None = UNSET
    related: Annotated[list[UUID], Meta(max_length=50)] | UnsetType = UNSET
    version: Version | UnsetType = UNSET


class TypedOut(msgspec.Struct):
    """What the caller typed and has not saved. `base` is the version it was begun on."""

    title: str
    summary: str
    body: str
    base: int
    updated_at: datetime


class TextOut(LocaleOut, kw_only=True):
    """A text to work on: the newest version, and the caller's unsaved typing."""

    article_id: UUID
    body: str
    note: str
    author_id: UUID | None
    author_name: str
    saved_at: datetime
    stamps: list[str]
    typed: TypedOut | None
    editing: list[UUID]  # agents who have typed here in the last minutes


class VersionRow(msgspec.Struct, kw_only=True):
    """A version in the history."""

    number: int
    title: str
    author_id: UUID | None
    author_name: str
    note: str
    restored_from: int | None
    created_at: datetime
    saved_at: datetime
    published_at: datetime | None
    live: bool


class VersionOut(VersionRow, kw_only=True):
    """A version with its text."""

    summary: str
    body: str


class CommentOut(msgspec.Struct, kw_only=True):
    """A remark of the review."""

    id: UUID
    kind: str
    number: int  # of the version that was read
    anchor: str
    quote: str
    text: str
    author_id: UUID | None
    author_name: str
    resolved_at: datetime | None
    created_at: datetime


def given(change: msgspec.Struct, *without: str) -> dict[str, Any]:
    """The fields that the caller sent."""
    return {
        name: value
        for name, value in msgspec.structs.asdict(change).items()
        if value is not UNSET and name not in without
    }


def locale_out(state: LocaleState) -> LocaleOut:
    """A language in a list."""
    row = state.row
    return LocaleOut(
        locale=row.locale,
        slug=row.slug,
        title=state.title,
        summary=state.summary,
        state=row.state,  # type: ignore[arg-type]
        live=row.published_id is not None,
        has_changes=row.published_id != row.head_id,
        number=state.number,
        version=row.version,
        stale=state.stale,
        approved=row.approved_at is not None,
        scheduled_at=row.scheduled_at,
        published_at=row.published_at,
        updated_at=row.updated_at,
    )


def article_row(article: Article, states: Sequence[LocaleState]) -> ArticleRow:
    """An article in a list."""
    return ArticleRow(**_fields(article, states))


async def article_out(session: AsyncSession, article_id: UUID) -> ArticleOut:
    """An article with everything around it. Raises Unknown."""
    article = await repository.article(session, article_id)
    states = await locale_states(session, [article])
    return ArticleOut(
        **_fields(article, states.get(article.id, [])),
        related=await service.related(session, article_id),
        files=[file_out(file) for file in await repository.files(session, article_id)],
        redirects=[redirect_out(r) for r in await addresses.of_article(session, article_id)],
    )


def _fields(article: Article, states: Sequence[LocaleState]) -> Mapping[str, Any]:
    return {
        "id": article.id,
        "category_id": article.category_id,
        "source_locale": article.source_locale,
        "audience": article.audience,
        "tags": article.tags,
        "position": article.position,
        "featured": article.featured,
        "owner_id": article.owner_id,
        "review_by": article.review_by,
        "archived": article.archived_at is not None,
        "version": article.version,
        "created_at": article.created_at,
        "updated_at": article.updated_at,
        "locales": [locale_out(state) for state in states],
    }


def text_out(
    state: LocaleState, head: ArticleVersion, typed: Autosave | None, editing: list[UUID]
) -> TextOut:
    """A text to work on."""
    base = locale_out(state)
    return TextOut(
        **{name: getattr(base, name) for name in base.__struct_fields__},
        article_id=state.row.article_id,
        body=head.body,
        note=head.note,
        author_id=head.author_id,
        author_name=head.author_name,
        saved_at=head.saved_at,
        stamps=state.row.stamps,
        typed=TypedOut(typed.title, typed.summary, typed.body, typed.base_version, typed.updated_at)
        if typed is not None
        else None,
        editing=editing,
    )


def version_row(version: ArticleVersion, row: ArticleLocale) -> VersionRow:
    """A version in the history."""
    return VersionRow(**_version(version, row))


def version_out(version: ArticleVersion, row: ArticleLocale) -> VersionOut:
    """A version with its text."""
    return VersionOut(**_version(version, row), summary=version.summary, body=version.body)


def _version(version: ArticleVersion, row: ArticleLocale) -> dict[str, Any]:
    names = [n for n in VersionRow.__struct_fields__ if n != "live"]
    return {n: getattr(version, n) for n in names} | {"live": version.id == row.published_id}


def comment_out(comment: Comment) -> CommentOut:
    """A remark."""
    return CommentOut(**{n: getattr(comment, n) for n in CommentOut.__struct_fields__})


def file_out(file: ArticleFile) -> FileOut:
    """A file, and how to write it into a text."""
    url = f"/help/files/{file.id}"
    picture = file.content_type.startswith("image/")
    label = (file.alt if picture else file.filename).replace("]", "\\]")
    return FileOut(
        id=file.id,
        filename=file.filename,
        content_type=file.content_type,
        size=file.size,
        alt=file.alt,
        width=file.width,
        height=file.height,
        url=url,
        markdown=f"{'!' if picture else ''}[{label}]({url})",
    )


def redirect_out(row: Redirect) -> RedirectOut:
    """A former address."""
    return RedirectOut(row.id, row.locale, row.slug, row.created_at)
