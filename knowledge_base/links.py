"""Links inside an article: which lead nowhere. External ones are listed, never fetched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import repository
from knowledge_base.models import Article, ArticleFile
from knowledge_base.rendering import Picture, Rendered, render

Found = Literal["ok", "broken", "moved", "hidden", "external"]

_ARTICLE: Final = re.compile(r"/help/(?P<locale>[\w-]+)/articles/(?P<slug>[^/?#]+)/?")
_FILE: Final = re.compile(r"/help/files/(?P<id>[0-9a-f-]{36})(?:/[^/?#]*)?")
_PAGE: Final = re.compile(r"/help(/[\w-]+(/(topics/[^/?#]+|search|contact))?)?/?")


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a text and what became of looking it up."""

    target: str
    state: Found
    detail: str = ""


def file_id(source: str) -> UUID | None:
    """The article file that a picture or link names."""
    match = _FILE.fullmatch(urlsplit(source).path)
    try:
        return UUID(match["id"]) if match else None
    except ValueError:
        return None


def pictures(files: Sequence[ArticleFile]) -> dict[str, Picture]:
    """What the renderer may show, by file id in text."""
    return {
        str(file.id): Picture(address(file), file.alt, file.width, file.height) for file in files
    }


def address(file: ArticleFile) -> str:
    """Where a file is served."""
    return f"/help/files/{file.id}"


async def check(
    session: AsyncSession, article: Article, body: str, public_url: str = ""
) -> list[Link]:
    """Look up every link and picture of a text; each once."""
    rendered = render(body)
    targets = dict.fromkeys([*rendered.links, *(source for source, _ in rendered.images)])
    return [await _look_up(session, article, rendered, target, public_url) for target in targets]


async def _look_up(
    session: AsyncSession, article: Article, rendered: Rendered, target: str, public_url: str
) -> Link:
    local = target.removeprefix(public_url) if public_url else target
    parts = urlsplit(local)
    if parts.scheme or parts.netloc:
        return Link(target, "external")
    if not parts.path:
        anchors = {heading.anchor for heading in rendered.headings}
        there = not parts.fragment or unquote(parts.fragment) in anchors
        return Link(target, "ok") if there else Link(target, "broken", "no such heading here")
    match = _ARTICLE.fullmatch(unquote(parts.path))
    if match is not None:
        return await _article(
            session, article, target, match["locale"], match["slug"], unquote(parts.fragment)
        )
    if _FILE.fullmatch(parts.path):
        known = file_id(parts.path)
        file = await session.get(ArticleFile, known) if known else None
        if file is None or file.article_id != article.id:
            return Link(target, "broken", "no such file in this article")
        return Link(target, "ok")
    if _PAGE.fullmatch(unquote(parts.path)):
        return Link(target, "ok")
    return Link(target, "broken", "the help center has no such page")


async def _article(
    session: AsyncSession, article: Article, target: str, tag: str, slug: str, fragment: str
) -> Link:
    row = await repository.by_slug(session, tag, slug)
    if row is None:
        moved = await repository.redirect(session, tag, slug)
        if moved is None:
            return Link(target, "broken", "there is no such article")
        rows = await repository.locales(session, moved.article_id)
        now = next((row.slug for row in rows if row.locale == tag), "")
        return Link(target, "moved", now)
    other = await repository.article(session, row.article_id)
    if row.published_id is None or other.archived_at is not None:
        return Link(target, "hidden", "that article is not published")
    if _rank(other.audience) > _rank(article.audience):
        return Link(target, "hidden", f"readers of this one may not see that: {other.audience}")
    if fragment:
        version = await repository.version(session, row.published_id)
        if fragment not in {heading.anchor for heading in render(version.body).headings}:
            return Link(target, "broken", "that article has no such heading")
    return Link(target, "ok")


def _rank(audience: str) -> int:
    return ("public", "signed-in", "internal").index(audience)
