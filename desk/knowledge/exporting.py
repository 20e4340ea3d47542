"""Every article as Markdown with front matter, in one archive that can be imported again."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.files.store import BlobStore
from desk.knowledge.listing import Wanted, of_article
from knowledge_base import categories
from knowledge_base.exchange.articles import ARTICLE, FILE, ImportedArticle, ImportedFile
from knowledge_base.exchange.export import export
from knowledge_base.exchange.markdown_links import rewrite
from knowledge_base.exchange.tree import write_zip
from knowledge_base.links import file_id
from knowledge_base.models import Article, ArticleFile, ArticleLocale, ArticleVersion

_ARTICLE: Final = re.compile(r"/help/(?P<locale>[\w-]+)/articles/(?P<slug>[^/]+)/?")
_SILENT: Final = re.compile(r"!\[\]\((/help/files/[0-9a-f-]{36})")
Places = Mapping[UUID, tuple[categories.Node, categories.Node | None]]


async def articles(
    session: AsyncSession,
    blobs: BlobStore | None,
    *,
    only: Collection[UUID] | None = None,
    wanted: Wanted | None = None,
    locale: str | None = None,
    published: bool = False,
) -> list[ImportedArticle]:
    """The texts as they can be imported again: what is published, else the draft.

    `only` these articles, or those that a list would show; in one language; only what readers see.
    Without `blobs` the files carry only the hash of their content: enough to compare with.
    """
    places = await _places(session)
    query = (
        select(Article, ArticleLocale, ArticleVersion)
        .join(ArticleLocale, ArticleLocale.article_id == Article.id)
        .join(
            ArticleVersion,
            ArticleVersion.id == func.coalesce(ArticleLocale.published_id, ArticleLocale.head_id),
        )
        .where(Article.archived_at.is_(None))
        .order_by(Article.id, ArticleLocale.locale)
    )
    files = select(ArticleFile)
    if wanted is not None:
        some = select(Article.id).where(*of_article(wanted))
        query = query.where(Article.id.in_(some))
        files = files.where(ArticleFile.article_id.in_(some))
    if locale is not None:
        query = query.where(ArticleLocale.locale == locale)
    if published:
        query = query.where(ArticleLocale.published_id.is_not(None))
    if only is not None:
        query = query.where(Article.id.in_(only))
        files = files.where(ArticleFile.article_id.in_(only))
    by_id = {file.id: file for file in await session.scalars(files)}
    names = await _names(session)
    found = []
    for article, row, version in await session.execute(query):
        topic, section = _place(places, article.category_id, row.locale)
        body, used = _neutral(version.body, article.id, by_id, names, blobs)
        found.append(
            ImportedArticle(
                external_id=article.external_id or str(article.id),
                locale=row.locale,
                title=version.title,
                body=body,
                slug=row.slug,
                summary=version.summary,
                category=topic,
                section=section,
                tags=tuple(article.tags),
                audience=article.audience,  # type: ignore[arg-type]
                state="published" if row.published_id is not None else "draft",
                updated_at=version.saved_at,
                files=used,
            )
        )
    return found


async def _places(session: AsyncSession) -> Places:
    found: dict[UUID, tuple[categories.Node, categories.Node | None]] = {}
    for topic in await categories.tree(session):
        found[topic.row.id] = (topic, None)
        for section in topic.sections:
            found[section.row.id] = (topic, section)
    return found


def _place(places: Places, category_id: UUID | None, tag: str) -> tuple[str, str]:
    """The names of topic and section in this language, else in any."""
    if category_id is None or category_id not in places:
        return "", ""
    topic, section = places[category_id]
    return topic.name(tag, tag).title, section.name(tag, tag).title if section else ""


async def _names(session: AsyncSession) -> dict[tuple[str, str], str]:
    """(locale, address) -> the id that an export gives the article."""
    rows = await session.execute(
        select(ArticleLocale.locale, ArticleLocale.slug, Article.external_id, Article.id)
        .join(Article, Article.id == ArticleLocale.article_id)
        .where(Article.archived_at.is_(None))
    )
    return {(tag, slug): external or str(id_) for tag, slug, external, id_ in rows}


def _neutral(
    body: str,
    article_id: UUID,
    files: Mapping[UUID, ArticleFile],
    names: Mapping[tuple[str, str], str],
    blobs: BlobStore | None,
) -> tuple[str, Sequence[ImportedFile]]:
    """The body with its files and other articles in neutral form, and the files."""
    used: dict[str, ImportedFile] = {}

    def own(source: str) -> ArticleFile | None:
        known = file_id(source)
        file = files.get(known) if known else None
        return file if file is not None and file.article_id == article_id else None

    def described(match: re.Match[str]) -> str:
        """A picture that takes its words from the desk carries them along."""
        file = own(match[1])
        words = file.alt.replace("[", "\\[").replace("]", "\\]") if file else ""
        return f"![{words}]({match[1]}"

    def target(found: str, _at: int) -> str:
        file = own(found)
        if file is not None:
            path = f"{file.sha256[:12]}-{file.filename}"
            data = blobs.get(file.sha256) if blobs is not None else b""
            used[path] = ImportedFile(path, data, file.sha256)
            return FILE + quote(path)
        match = _ARTICLE.fullmatch(unquote(urlsplit(found).path)) if found[:1] == "/" else None
        name = names.get((match["locale"], match["slug"])) if match else None
        if name is None:
            return found
        _, mark, fragment = found.partition("#")
        return f"{ARTICLE}{quote(name)}{mark}{fragment}"

    written = rewrite(_SILENT.sub(described, body), target)
    return written, tuple(used[path] for path in sorted(used))


def archive(texts: Sequence[ImportedArticle]) -> bytes:
    """A ZIP of the folder."""
    return write_zip(export(texts))
