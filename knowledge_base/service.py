"""What is true of an article in every language: its place, audience, tags, owner, relations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import categories, repository
from knowledge_base.errors import Clash, Refused
from knowledge_base.models import AUDIENCES, Article, ArticleFile, Related
from persistence.base import new_id

_TAG: Final = re.compile(r"[^\s,](?:[^,]{0,58}[^\s,])?")
MAX_TAGS: Final = 40
MAX_RELATED: Final = 12
FIELDS: Final = (
    "audience",
    "category_id",
    "featured",
    "owner_id",
    "position",
    "review_by",
    "source_locale",
    "tags",
)


async def change(
    session: AsyncSession,
    now: datetime,
    article: Article,
    patch: Mapping[str, Any],
    *,
    version: int | None = None,
) -> dict[str, tuple[Any, Any]]:
    """Change FIELDS of a locked row; answers with (before, after). Raises Clash, Refused."""
    if version is not None and version != article.version:
        raise Clash(
            "Somebody else changed this article; look at it again before you change it.",
            version=article.version,
        )
    values = {name: patch[name] for name in FIELDS if name in patch}
    if "tags" in values:
        values["tags"] = tags(values["tags"])
    if values.get("category_id") is not None:
        await categories.get(session, values["category_id"])
    if "audience" in values and values["audience"] not in AUDIENCES:
        raise Refused(("audience", f"is one of {', '.join(AUDIENCES)}"))
    if "source_locale" in values:
        known = {row.locale for row in await repository.locales(session, article.id)}
        if values["source_locale"] not in known:
            raise Refused(("source_locale", "the article has no text in that language"))
    changes: dict[str, tuple[Any, Any]] = {}
    for name, value in values.items():
        before = getattr(article, name)
        if before != value:
            changes[name] = (_plain(before), _plain(value))
            setattr(article, name, value)
    if changes:
        article.version += 1
        article.updated_at = now
        await session.flush()
    return changes


def tags(names: Sequence[str]) -> list[str]:
    """Tags as they are kept: small letters, sorted, each once. Raises Refused."""
    found = sorted({" ".join(name.casefold().split()) for name in names if name.strip()})
    bad = [name for name in found if not _TAG.fullmatch(name)]
    if bad:
        raise Refused(("tags", f"{bad[0]!r}: a tag has at most 60 characters and no comma"))
    if len(found) > MAX_TAGS:
        raise Refused(("tags", f"an article has at most {MAX_TAGS} tags"))
    return found


async def relate(session: AsyncSession, article: Article, ids: Sequence[UUID]) -> None:
    """The articles named under this one, in order. Raises Refused, Unknown."""
    wanted = [other for other in dict.fromkeys(ids) if other != article.id]
    if len(wanted) > MAX_RELATED:
        raise Refused(("related", f"at most {MAX_RELATED}"))
    for other in wanted:
        await repository.article(session, other)
    await session.execute(delete(Related).where(Related.article_id == article.id))
    session.add_all(
        Related(article_id=article.id, related_id=other, position=position)
        for position, other in enumerate(wanted)
    )
    await session.flush()


async def related(session: AsyncSession, article_id: UUID) -> list[UUID]:
    """What an editor chose to name under an article."""
    rows = await session.scalars(
        select(Related.related_id)
        .where(Related.article_id == article_id)
        .order_by(Related.position)
    )
    return list(rows)


async def remove(session: AsyncSession, article: Article) -> None:
    """Delete an article with its whole history."""
    await session.delete(article)
    await session.flush()


async def add_file(  # noqa: PLR0913 - all by name
    session: AsyncSession,
    now: datetime,
    article_id: UUID,
    *,
    sha256: str,
    filename: str,
    content_type: str,
    size: int,
    alt: str = "",
    dimensions: tuple[int, int] | None = None,
    uploaded_by: UUID | None = None,
) -> ArticleFile:
    """A file whose content is stored already. A picture needs its alternative text."""
    await repository.article(session, article_id)
    if content_type.startswith("image/") and not alt.strip():
        raise Refused(("alt", "say in words what the picture shows"))
    row = ArticleFile(
        id=new_id(),
        article_id=article_id,
        sha256=sha256,
        filename=filename[:255],
        content_type=content_type,
        size=size,
        alt=alt[:500],
        width=dimensions[0] if dimensions else None,
        height=dimensions[1] if dimensions else None,
        uploaded_by=uploaded_by,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row


def _plain(value: object) -> object:
    """As an event can hold it."""
    return str(value) if isinstance(value, UUID | date) else value
