"""Editing articles: each use case in the caller's unit of work, with its events and the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from desk.agents.models import Agent
from desk.db.text import storable
from desk.errors import Invalid
from desk.events import Kind
from desk.knowledge.errors import told
from desk.knowledge.library import Library, author
from desk.unit_of_work import UnitOfWork
from knowledge_base import (
    addresses,
    categories,
    drafts,
    publishing,
    repository,
    service,
    translations,
)
from knowledge_base.categories import Name
from knowledge_base.drafts import Text
from knowledge_base.errors import Clash
from knowledge_base.models import Article, ArticleLocale, ArticleVersion, Category, Comment


def text(title: str, summary: str, body: str) -> Text:
    """A text as both databases store it."""
    return Text(
        storable(" ".join(title.split())),
        storable(" ".join(summary.split())),
        storable(body.replace("\r\n", "\n")),
    )


async def create(
    work: UnitOfWork,
    library: Library,
    tag: str,
    written: Text,
    *,
    slug: str = "",
    fields: Mapping[str, Any] | None = None,
    external_id: str | None = None,
) -> tuple[Article, ArticleLocale]:
    """A new article with its first draft."""
    with told():
        article, row = await drafts.create(
            work.session, work.now, author(work.actor), tag, written,
            slug=slug, external_id=external_id,
        )  # fmt: skip
        if fields:
            await _check_owner(work, fields)
            await service.change(work.session, work.now, article, fields)
    await library.changed(work, Kind.ARTICLE_CREATED, article.id, locale=tag, title=written.title)
    return article, row


async def translate(
    work: UnitOfWork, library: Library, article_id: UUID, tag: str, written: Text, slug: str = ""
) -> ArticleLocale:
    """Begin a text in another language."""
    with told():
        article = await repository.article(work.session, article_id, lock=True)
        row = await drafts.translate(
            work.session, work.now, author(work.actor), article, tag, written, slug=slug
        )
    await library.changed(work, Kind.ARTICLE_SAVED, article_id, locale=tag, number=1)
    return row


async def change(
    work: UnitOfWork,
    library: Library,
    article_id: UUID,
    patch: Mapping[str, Any],
    *,
    version: int | None = None,
    related: Sequence[UUID] | None = None,
) -> Article:
    """Change what is true of an article in every language."""
    with told():
        article = await repository.article(work.session, article_id, lock=True)
        await _check_owner(work, patch)
        changes = await service.change(work.session, work.now, article, patch, version=version)
        if related is not None:
            before = await service.related(work.session, article_id)
            await service.relate(work.session, article, related)
            after = await service.related(work.session, article_id)
            if before != after:
                changes["related"] = ([str(i) for i in before], [str(i) for i in after])
    if changes:
        await library.changed(work, Kind.ARTICLE_CHANGED, article_id, changes=changes)
    return article


async def move(
    work: UnitOfWork, library: Library, article_id: UUID, tag: str, slug: str
) -> ArticleLocale:
    """Give a text another address; the former one leads on."""
    with told():
        row = await repository.locale(work.session, article_id, tag, lock=True)
        before = row.slug
        if await addresses.move(work.session, row, slug, work.now):
            row.updated_at = work.now
            await library.changed(
                work, Kind.ARTICLE_CHANGED, article_id, locale=tag, changes={"slug": (before, slug)}
            )
    return row


async def save(
    work: UnitOfWork,
    library: Library,
    article_id: UUID,
    tag: str,
    written: Text,
    *,
    base: int,
    note: str = "",
    stamps: Sequence[str] | None = None,
) -> tuple[ArticleLocale, ArticleVersion]:
    """Save a text. Raises Conflict with both texts when somebody saved in between."""
    with told():
        row = await repository.locale(work.session, article_id, tag, lock=True)
        version = await drafts.save(
            work.session, work.now, author(work.actor), row, written,
            base=base, note=storable(note), stamps=stamps,
        )  # fmt: skip
    await library.changed(work, Kind.ARTICLE_SAVED, article_id, locale=tag, number=version.number)
    return row, version


async def restore(
    work: UnitOfWork, library: Library, article_id: UUID, tag: str, number: int, base: int
) -> ArticleLocale:
    """Make an earlier text the newest version again."""
    with told():
        row = await repository.locale(work.session, article_id, tag, lock=True)
        version = await drafts.restore(
            work.session, work.now, author(work.actor), row, number, base=base
        )
    await library.changed(
        work, Kind.ARTICLE_SAVED, article_id, locale=tag, number=version.number, restored=number
    )
    return row


async def still_right(
    work: UnitOfWork, article_id: UUID, tag: str, units: Sequence[int], base: int
) -> ArticleLocale:
    """These paragraphs hold for the source as it stands."""
    with told():
        row = await repository.locale(work.session, article_id, tag, lock=True)
        await translations.still_right(work.session, work.now, row, units, base=base)
    return row


async def review(
    work: UnitOfWork, library: Library, article_id: UUID, tag: str, step: str, remark: str
) -> ArticleLocale:
    """`submit`, `approve` or `changes`."""
    with told():
        row = await repository.locale(work.session, article_id, tag, lock=True)
        who, remark = author(work.actor), storable(remark)
        if step == "submit":
            await publishing.submit(work.session, work.now, who, row, remark)
        elif step == "approve":
            await publishing.approve(work.session, work.now, who, row, remark)
        else:
            await publishing.ask_for_changes(work.session, work.now, who, row, remark)
    await library.changed(work, Kind.ARTICLE_REVIEW, article_id, locale=tag, step=step)
    return row


async def comment(
    work: UnitOfWork, article_id: UUID, tag: str, remark: str, anchor: str, quote: str
) -> Comment:
    """A remark on the newest version."""
    with told():
        row = await repository.locale(work.session, article_id, tag)
        return await publishing.comment(
            work.session, work.now, author(work.actor), row, storable(remark),
            anchor=anchor, quote=storable(quote),
        )  # fmt: skip


async def publish(
    work: UnitOfWork, library: Library, article_id: UUID, tag: str, base: int | None = None
) -> ArticleLocale:
    """Show the newest version to readers. `base` refuses one that somebody saved since."""
    with told():
        row = await repository.locale(work.session, article_id, tag, lock=True)
        check_base(row, base)
        done = await publishing.publish(work.session, work.now, row)
    if done:
        await library.changed(work, Kind.ARTICLE_PUBLISHED, article_id, locale=tag, slug=row.slug)
    return row


async def publish_due(work: UnitOfWork, library: Library, locale_id: UUID) -> bool:
    """What the job of a scheduled publication does."""
    row = await work.session.scalar(
        select(ArticleLocale)
        .where(ArticleLocale.id == locale_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        return False
    with told():
        done = await publishing.publish_due(work.session, work.now, row)
    if done:
        await library.changed(
            work, Kind.ARTICLE_PUBLISHED, row.article_id, locale=row.locale, slug=row.slug
        )
    return done


async def schedule(
    work: UnitOfWork, library: Library, article_id: UUID, tag: str, at: datetime | None
) -> ArticleLocale:
    """Publish at that instant; None calls it off."""
    with told():
        row = await repository.locale(work.session, article_id, tag, lock=True)
        if at is None:
            await publishing.unschedule(work.session, work.now, row)
        else:
            await publishing.schedule(work.session, work.now, row, at)
    await library.changed(
        work, Kind.ARTICLE_SCHEDULED, article_id, locale=tag, locale_id=str(row.id), at=at
    )
    return row


async def unpublish(
    work: UnitOfWork, library: Library, article_id: UUID, tag: str
) -> ArticleLocale:
    """Take a text from the readers."""
    with told():
        row = await repository.locale(work.session, article_id, tag, lock=True)
        await publishing.unpublish(work.session, work.now, row)
    await library.changed(work, Kind.ARTICLE_WITHDRAWN, article_id, locale=tag)
    return row


async def archive(
    work: UnitOfWork, library: Library, article_id: UUID, *, archived: bool
) -> Article:
    """Put an article away in all of its languages, or bring it back as drafts."""
    with told():
        article = await repository.article(work.session, article_id, lock=True)
        if archived:
            await publishing.archive(work.session, work.now, article)
        else:
            await publishing.unarchive(work.session, work.now, article)
    await library.changed(
        work, Kind.ARTICLE_WITHDRAWN, article_id, changes={"archived": (not archived, archived)}
    )
    return article


async def delete(work: UnitOfWork, library: Library, article_id: UUID) -> None:
    """Delete an article with its history."""
    with told():
        article = await repository.article(work.session, article_id, lock=True)
        await library.forget(work, article_id)
        await service.remove(work.session, article)


async def save_category(
    work: UnitOfWork,
    library: Library,
    category_id: UUID | None,
    fields: Mapping[str, Any],
) -> Category:
    """Add a category (no id) or change one; its articles' index entries follow."""
    with told():
        if category_id is None:
            row = await categories.create(work.session, work.now, **fields)
        else:
            row = await categories.change(work.session, work.now, category_id, fields)
    work.record(Kind.CATEGORY_CHANGED, data={"category_id": str(row.id), "slug": row.slug})
    if category_id is not None and {"slug", "parent_id"} & fields.keys():
        for article_id in await categories.articles_of(work.session, category_id):
            await library.changed(work, Kind.ARTICLE_CHANGED, article_id, category=row.slug)
    return row


async def delete_category(work: UnitOfWork, category_id: UUID) -> None:
    """Delete an empty category."""
    with told():
        await categories.remove(work.session, category_id)
    work.record(Kind.CATEGORY_CHANGED, data={"category_id": str(category_id), "deleted": True})


def names(given: Mapping[str, Mapping[str, str]]) -> dict[str, Name]:
    """Category names as they come over the edge."""
    return {
        tag: Name(storable(name.get("title", "")), storable(name.get("description", "")))
        for tag, name in given.items()
    }


def check_base(row: ArticleLocale, base: int | None) -> None:
    """Raise Clash when the text was saved since `base`."""
    if base is not None and base != row.version:
        raise Clash(
            "Somebody saved this text after you opened it; read it before you publish it.",
            version=row.version,
        )


async def _check_owner(work: UnitOfWork, fields: Mapping[str, Any]) -> None:
    owner = fields.get("owner_id")
    if owner is not None and await work.session.get(Agent, owner) is None:
        raise Invalid(errors=[("owner_id", "names nobody")])
