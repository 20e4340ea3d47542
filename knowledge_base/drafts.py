"""Writing: new articles and languages, saves, versions, restoring, what was typed but not saved.

Every save names the `version` it was made on. When somebody saved in between, it is refused with
both texts. Saves of one author within a while go into one version, so that a history has as many
entries as there were sittings; a version that was published is never written to again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import addresses, locales, paragraphs, repository, slugs
from knowledge_base.authors import Author
from knowledge_base.errors import Clash, Refused
from knowledge_base.models import Article, ArticleLocale, ArticleVersion, Autosave
from persistence.base import new_id

SITTING: Final = timedelta(minutes=30)
MAX_BODY: Final = 200_000
MAX_TITLE: Final = 300
MAX_SUMMARY: Final = 600
MAX_NOTE: Final = 500


@dataclass(frozen=True, slots=True)
class Text:
    """What is written."""

    title: str
    summary: str = ""
    body: str = ""

    @property
    def units(self) -> list[str]:
        """Title, summary and paragraphs."""
        return paragraphs.units(self.title, self.summary, self.body)


def text_of(version: ArticleVersion) -> Text:
    """A version's text."""
    return Text(version.title, version.summary, version.body)


async def create(
    session: AsyncSession,
    now: datetime,
    author: Author,
    tag: str,
    text: Text,
    *,
    slug: str = "",
    external_id: str | None = None,
) -> tuple[Article, ArticleLocale]:
    """A new article with a draft in its first language, which is the source of the others."""
    article = Article(
        id=new_id(),
        category_id=None,
        source_locale=tag,
        audience="public",
        tags=[],
        position=0,
        featured=False,
        owner_id=author.id,
        review_by=None,
        archived_at=None,
        external_id=external_id,
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(article)
    await session.flush()
    return article, await translate(session, now, author, article, tag, text, slug=slug)


async def translate(
    session: AsyncSession,
    now: datetime,
    author: Author,
    article: Article,
    tag: str,
    text: Text,
    *,
    slug: str = "",
) -> ArticleLocale:
    """Begin a text in another language. Raises Refused, Clash."""
    if not locales.is_locale(tag):
        raise Refused(("locale", f"{tag!r} is no language tag; write en, pt-BR or zh-Hant"))
    _check(text)
    if any(row.locale == tag for row in await repository.locales(session, article.id)):
        raise Clash(f"This article has a text in {locales.own_name(tag)} already.")
    if slug:
        addresses.check(slug)
        if await repository.by_slug(session, tag, slug) is not None:
            raise Refused(("slug", "another article in this language has this address"))
    version_id, locale_id = new_id(), new_id()
    row = ArticleLocale(
        id=locale_id,
        article_id=article.id,
        locale=tag,
        slug=slug or await addresses.free(session, tag, slugs.slugify(text.title)),
        state="draft",
        head_id=version_id,
        published_id=None,
        stamps=[],
        version=1,
        reviewer_id=None,
        approved_at=None,
        scheduled_at=None,
        first_published_at=None,
        published_at=None,
        updated_at=now,
    )
    session.add(row)
    await session.flush()
    if tag != article.source_locale:
        row.stamps = paragraphs.restamp([], [], text.units, await source_units(session, article))
    session.add(_version(row, version_id, 1, text, author, now))
    article.updated_at = now
    await session.flush()
    return row


async def source_units(session: AsyncSession, article: Article) -> list[str]:
    """The text that translations are made from: what is published, else what is being written."""
    rows = await repository.locales(session, article.id)
    row = next((row for row in rows if row.locale == article.source_locale), None)
    if row is None:
        return []
    version = await repository.version(session, row.published_id or row.head_id)
    return text_of(version).units


async def save(
    session: AsyncSession,
    now: datetime,
    author: Author,
    row: ArticleLocale,
    text: Text,
    *,
    base: int,
    note: str = "",
    stamps: Sequence[str] | None = None,
) -> ArticleVersion:
    """Save the text of a locked row. `stamps` overrides what is worked out. Raises Clash."""
    _check(text)
    head = await repository.version(session, row.head_id)
    if base != row.version:
        raise Clash(
            f"{head.author_name or 'Somebody'} saved this text after you opened it; "
            "compare both and save again.",
            version=row.version,
            theirs=text_of(head),
            yours=text,
            author=head.author_name,
        )
    await forget(session, row.id, author)
    if text == text_of(head) and (stamps is None or list(stamps) == row.stamps):
        return head
    article = await repository.article(session, row.article_id)
    if stamps is not None:
        row.stamps = list(stamps)
    elif row.locale != article.source_locale:
        row.stamps = paragraphs.restamp(
            text_of(head).units, row.stamps, text.units, await source_units(session, article)
        )
    if _same_sitting(head, author, now):
        head.title, head.summary, head.body = text.title, text.summary, text.body
        head.stamps, head.saved_at = row.stamps, now
        head.note = note or head.note
    else:
        number = await repository.last_number(session, row.id) + 1
        head = _version(row, new_id(), number, text, author, now, note=note)
        session.add(head)
        row.head_id = head.id
    row.state = "draft"
    row.scheduled_at = row.approved_at = row.reviewer_id = None
    touch(row, article, now)
    await session.flush()
    return head


async def restore(
    session: AsyncSession,
    now: datetime,
    author: Author,
    row: ArticleLocale,
    number: int,
    *,
    base: int,
) -> ArticleVersion:
    """Make an earlier text the newest version again; nothing of the history is lost."""
    earlier = await repository.numbered(session, row.id, number)
    if base != row.version:
        raise Clash(
            "Somebody saved this text after you opened it; look at it again.",
            version=row.version,
        )
    article = await repository.article(session, row.article_id)
    version = _version(
        row, new_id(), await repository.last_number(session, row.id) + 1,
        text_of(earlier), author, now,
    )  # fmt: skip
    version.restored_from = number
    version.stamps = row.stamps = list(earlier.stamps)
    session.add(version)
    row.head_id = version.id
    row.state = "draft"
    row.scheduled_at = row.approved_at = row.reviewer_id = None
    touch(row, article, now)
    await forget(session, row.id, author)
    await session.flush()
    return version


def touch(row: ArticleLocale, article: Article, now: datetime) -> None:
    """Every change counts the version up."""
    row.version += 1
    row.updated_at = article.updated_at = now


async def autosave(
    session: AsyncSession, now: datetime, author_id: UUID, row: ArticleLocale, text: Text, base: int
) -> None:
    """Keep what an author typed; nobody else sees it."""
    if len(text.body) > MAX_BODY:
        raise Refused(("body", f"an article has at most {MAX_BODY} characters"))
    kept = await session.get(Autosave, (row.id, author_id))
    if kept is None:
        kept = Autosave(locale_id=row.id, author_id=author_id)
        session.add(kept)
    kept.base_version = base
    kept.title, kept.summary = text.title[:MAX_TITLE], text.summary[:MAX_SUMMARY]
    kept.body, kept.updated_at = text.body, now
    await session.flush()


async def typed(session: AsyncSession, locale_id: UUID, author_id: UUID) -> Autosave | None:
    """What the author typed and has not saved."""
    return await session.get(Autosave, (locale_id, author_id))


async def forget(session: AsyncSession, locale_id: UUID, author: Author) -> None:
    """Drop what the author typed."""
    if author.id is not None:
        await session.execute(
            delete(Autosave).where(Autosave.locale_id == locale_id, Autosave.author_id == author.id)
        )


async def editing(session: AsyncSession, locale_id: UUID, since: datetime) -> list[UUID]:
    """Who has typed here lately."""
    rows = await session.scalars(
        select(Autosave.author_id).where(
            Autosave.locale_id == locale_id, Autosave.updated_at >= since
        )
    )
    return list(rows)


def _same_sitting(head: ArticleVersion, author: Author, now: datetime) -> bool:
    return (
        head.published_at is None
        and head.restored_from is None
        and head.author_id == author.id
        and author.id is not None
        and now - head.created_at < SITTING
    )


def _version(
    row: ArticleLocale,
    version_id: UUID,
    number: int,
    text: Text,
    author: Author,
    now: datetime,
    *,
    note: str = "",
) -> ArticleVersion:
    return ArticleVersion(
        id=version_id,
        locale_id=row.id,
        number=number,
        title=text.title,
        summary=text.summary,
        body=text.body,
        author_id=author.id,
        author_name=author.name[:200],
        note=note[:MAX_NOTE],
        stamps=row.stamps,
        restored_from=None,
        created_at=now,
        saved_at=now,
        published_at=None,
    )


def _check(text: Text) -> None:
    errors = []
    if not text.title.strip():
        errors.append(("title", "write a title"))
    if len(text.title) > MAX_TITLE:
        errors.append(("title", f"a title has at most {MAX_TITLE} characters"))
    if len(text.summary) > MAX_SUMMARY:
        errors.append(("summary", f"a summary has at most {MAX_SUMMARY} characters"))
    if len(text.body) > MAX_BODY:
        errors.append(("body", f"an article has at most {MAX_BODY} characters"))
    if errors:
        raise Refused(*errors)
