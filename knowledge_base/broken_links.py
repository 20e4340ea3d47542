"""Links of published texts that lead readers nowhere, for all texts at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.exchange.markdown_links import rewrite
from knowledge_base.models import (
    AUDIENCES,
    Article,
    ArticleFile,
    ArticleLocale,
    ArticleVersion,
    Redirect,
)

_ARTICLE: Final = re.compile(r"/help/(?P<locale>[\w-]+)/articles/(?P<slug>[^/?#]+)/?")
_FILE: Final = re.compile(r"/help/files/(?P<id>[0-9a-f-]{36})(?:/[^/?#]*)?")


@dataclass(frozen=True, slots=True)
class Broken:
    """A published text and the addresses in it that lead nowhere."""

    article_id: UUID
    locale: str
    title: str
    targets: tuple[str, ...]


async def everywhere(session: AsyncSession, public_url: str = "") -> list[Broken]:
    """Every published text with such links; without the network, anchors not looked at."""
    audiences = await _audiences(session)
    moved = {
        (row.locale, row.slug)
        for row in await session.execute(select(Redirect.locale, Redirect.slug))
    }
    files = {
        str(id_): article_id
        for id_, article_id in await session.execute(select(ArticleFile.id, ArticleFile.article_id))
    }
    rows = await session.execute(
        select(
            Article.id,
            Article.audience,
            ArticleLocale.locale,
            ArticleVersion.title,
            ArticleVersion.body,
        )
        .join(ArticleLocale, ArticleLocale.article_id == Article.id)
        .join(ArticleVersion, ArticleVersion.id == ArticleLocale.published_id)
        .where(Article.archived_at.is_(None), ArticleVersion.body.contains("/help/"))
        .order_by(Article.id, ArticleLocale.locale)
    )
    found = []
    for article_id, audience, tag, title, body in rows:
        lost = []
        for target in _targets(body):
            local = target.removeprefix(public_url) if public_url else target
            path = unquote(urlsplit(local).path) if local.startswith("/help/") else ""
            if match := _ARTICLE.fullmatch(path):
                key = match["locale"], match["slug"]
                fine = key in moved or _may_follow(audience, audiences.get(key))
            elif match := _FILE.fullmatch(path):
                fine = files.get(match["id"]) == article_id
            else:
                fine = True
            if not fine:
                lost.append(target)
        if lost:
            found.append(Broken(article_id, tag, title, tuple(lost)))
    return found


async def _audiences(session: AsyncSession) -> Mapping[tuple[str, str], str]:
    """(locale, address) -> who may read the article there now."""
    rows = await session.execute(
        select(ArticleLocale.locale, ArticleLocale.slug, Article.audience)
        .join(Article, Article.id == ArticleLocale.article_id)
        .where(ArticleLocale.published_id.is_not(None), Article.archived_at.is_(None))
    )
    return {(tag, slug): audience for tag, slug, audience in rows}


def _may_follow(reader: str, there: str | None) -> bool:
    """Whether all who read the one article may read the other."""
    return there is not None and AUDIENCES.index(there) <= AUDIENCES.index(reader)


def _targets(body: str) -> list[str]:
    found: dict[str, None] = {}

    def look(target: str, _at: int) -> str:
        found[target] = None
        return target

    rewrite(body, look)
    return list(found)
