"""Draft, review, scheduled, published: what may follow what, and what readers get.

All functions take the locked row. What readers see is `published_id`; the state is that of the
newest version, so a published text can have a draft beside it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import repository
from knowledge_base.authors import Author
from knowledge_base.drafts import touch
from knowledge_base.errors import Clash, Refused, Unknown
from knowledge_base.links import file_id
from knowledge_base.models import Article, ArticleLocale, ArticleVersion, Comment
from knowledge_base.rendering import render
from persistence.base import new_id

MAX_COMMENT = 5000
KINDS = ("comment", "request", "approval", "changes")


async def submit(
    session: AsyncSession, now: datetime, author: Author, row: ArticleLocale, text: str = ""
) -> None:
    """Ask for a review. Raises Clash."""
    _need(row, "draft")
    row.state = "review"
    touch(row, await repository.article(session, row.article_id), now)
    await comment(session, now, author, row, text, kind="request")


async def approve(
    session: AsyncSession, now: datetime, author: Author, row: ArticleLocale, text: str = ""
) -> None:
    """The reviewer has read the newest version and it may go out. Raises Clash."""
    _need(row, "review")
    row.reviewer_id, row.approved_at = author.id, now
    touch(row, await repository.article(session, row.article_id), now)
    await comment(session, now, author, row, text, kind="approval")


async def ask_for_changes(
    session: AsyncSession, now: datetime, author: Author, row: ArticleLocale, text: str
) -> None:
    """Back to the author, with what is to be changed. Raises Clash, Refused."""
    _need(row, "review")
    if not text.strip():
        raise Refused(("text", "say what is to be changed"))
    row.state = "draft"
    row.reviewer_id = row.approved_at = None
    touch(row, await repository.article(session, row.article_id), now)
    await comment(session, now, author, row, text, kind="changes")


async def publish(session: AsyncSession, now: datetime, row: ArticleLocale) -> bool:
    """Show the newest version to readers; False when they see it already. Raises Clash, Refused."""
    article = await repository.article(session, row.article_id, lock=True)
    if article.archived_at is not None:
        raise Clash("This article is archived; bring it back before you publish it.")
    if row.published_id == row.head_id and row.state == "published":
        return False
    head = await repository.version(session, row.head_id)
    await check_publishable(session, article, head)
    head.published_at = head.published_at or now
    row.published_id = head.id
    row.published_at = now
    row.first_published_at = row.first_published_at or now
    row.state = "published"
    row.scheduled_at = None
    touch(row, article, now)
    await session.flush()
    return True


async def check_publishable(
    session: AsyncSession, article: Article, version: ArticleVersion
) -> None:
    """Raise Refused for what readers must not meet: no text, a picture without its words."""
    errors = []
    if not version.body.strip():
        errors.append(("body", "write the article before you publish it"))
    stored = {file.id: file.alt for file in await repository.files(session, article.id)}
    for source, alt in render(version.body).images:
        found = file_id(source)
        if not alt.strip() and not (found and stored.get(found, "").strip()):
            errors.append(("body", f"the picture {source} has no alternative text"))
    if errors:
        raise Refused(*errors)


async def schedule(session: AsyncSession, now: datetime, row: ArticleLocale, at: datetime) -> None:
    """Publish the newest version later; saving it again calls this off. Raises Clash, Refused."""
    article = await repository.article(session, row.article_id)
    if article.archived_at is not None:
        raise Clash("This article is archived; bring it back before you schedule it.")
    if row.published_id == row.head_id:
        raise Clash("Readers see this version already; there is nothing to schedule.")
    if at <= now:
        raise Refused(("at", "is in the past; publish it now instead"))
    await check_publishable(session, article, await repository.version(session, row.head_id))
    row.state, row.scheduled_at = "scheduled", at
    touch(row, article, now)
    await session.flush()


async def unschedule(session: AsyncSession, now: datetime, row: ArticleLocale) -> None:
    """Call a scheduled publication off. Raises Clash."""
    _need(row, "scheduled")
    row.state, row.scheduled_at = "draft", None
    touch(row, await repository.article(session, row.article_id), now)
    await session.flush()


async def publish_due(session: AsyncSession, now: datetime, row: ArticleLocale) -> bool:
    """Publish what is due; False when it was called off, moved or is out already."""
    if row.state != "scheduled" or row.scheduled_at is None or row.scheduled_at > now:
        return False
    return await publish(session, now, row)


async def unpublish(session: AsyncSession, now: datetime, row: ArticleLocale) -> None:
    """Take a text from the readers; it goes on as a draft. Raises Clash."""
    if row.published_id is None:
        raise Clash("This text is not published.")
    row.published_id = None
    if row.state == "published":
        row.state = "draft"
    touch(row, await repository.article(session, row.article_id), now)
    await session.flush()


async def archive(session: AsyncSession, now: datetime, article: Article) -> None:
    """Put an article away in all of its languages. Raises Clash."""
    if article.archived_at is not None:
        raise Clash("This article is archived already.")
    article.archived_at = article.updated_at = now
    article.version += 1
    for row in await repository.locales(session, article.id):
        row.published_id = row.scheduled_at = None
        row.state = "archived"
        touch(row, article, now)
    await session.flush()


async def unarchive(session: AsyncSession, now: datetime, article: Article) -> None:
    """Bring an article back, as drafts. Raises Clash."""
    if article.archived_at is None:
        raise Clash("This article is not archived.")
    article.archived_at = None
    article.version += 1
    for row in await repository.locales(session, article.id):
        row.state = "draft"
        touch(row, article, now)
    await session.flush()


async def comment(
    session: AsyncSession,
    now: datetime,
    author: Author,
    row: ArticleLocale,
    text: str,
    *,
    kind: str = "comment",
    anchor: str = "",
    quote: str = "",
) -> Comment:
    """Add a remark to the newest version. Raises Refused."""
    if kind == "comment" and not text.strip():
        raise Refused(("text", "write something"))
    if len(text) > MAX_COMMENT:
        raise Refused(("text", f"a comment has at most {MAX_COMMENT} characters"))
    head = await repository.version(session, row.head_id)
    made = Comment(
        id=new_id(),
        locale_id=row.id,
        number=head.number,
        kind=kind,
        anchor=anchor[:16],
        quote=quote[:500],
        text=text,
        author_id=author.id,
        author_name=author.name[:200],
        resolved_at=None,
        created_at=now,
    )
    session.add(made)
    await session.flush()
    return made


async def comments(session: AsyncSession, locale_id: UUID) -> list[Comment]:
    """The remarks, in order."""
    rows = await session.scalars(
        select(Comment).where(Comment.locale_id == locale_id).order_by(Comment.id)
    )
    return list(rows)


async def resolve(
    session: AsyncSession, now: datetime, row: ArticleLocale, comment_id: UUID, *, resolved: bool
) -> Comment:
    """A remark is dealt with, or is not after all. Raises Unknown."""
    found = await session.get(Comment, comment_id)
    if found is None or found.locale_id != row.id:
        raise Unknown("There is no such comment.")
    found.resolved_at = now if resolved else None
    await session.flush()
    return found


def _need(row: ArticleLocale, state: str) -> None:
    if row.state != state:
        raise Clash(f"This text is in the state {row.state!r}, not {state!r}; load it again.")
