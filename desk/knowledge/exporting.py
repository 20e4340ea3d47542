"""Every article as Markdown with front matter, in one archive that can be imported again."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.files.store import BlobStore
from knowledge_base.documents import Places
from knowledge_base.exchange.articles import FILE, ImportedArticle, ImportedFile
from knowledge_base.exchange.export import export
from knowledge_base.models import Article, ArticleFile, ArticleLocale, ArticleVersion

_FILE: Final = re.compile(r"/help/files/([0-9a-f-]{36})(?:/[^\s)\"]*)?")
_WHEN: Final = (1980, 1, 1, 0, 0, 0)  # the same articles give the same archive


async def articles(session: AsyncSession, blobs: BlobStore) -> list[ImportedArticle]:
    """The texts as they can be imported again: what is published, else the draft."""
    places = await Places.load(session)
    files = {file.id: file for file in await session.scalars(select(ArticleFile))}
    rows = await session.execute(
        select(Article, ArticleLocale, ArticleVersion)
        .join(ArticleLocale, ArticleLocale.article_id == Article.id)
        .join(
            ArticleVersion,
            ArticleVersion.id == func.coalesce(ArticleLocale.published_id, ArticleLocale.head_id),
        )
        .where(Article.archived_at.is_(None))
        .order_by(Article.id, ArticleLocale.locale)
    )
    found = []
    for article, row, version in rows:
        topic, section = places.of(article.category_id)
        body, used = _with_files(version.body, files, article.id, blobs)
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


def _with_files(
    body: str, files: dict[UUID, ArticleFile], article_id: UUID, blobs: BlobStore
) -> tuple[str, Sequence[ImportedFile]]:
    """The body with its files named by path, and the files."""
    used: dict[str, ImportedFile] = {}

    def named(match: re.Match[str]) -> str:
        try:
            file = files.get(UUID(match[1]))
        except ValueError:
            file = None
        if file is None or file.article_id != article_id:
            return match[0]
        path = f"{file.sha256[:12]}-{file.filename}"
        used[path] = ImportedFile(path, blobs.get(file.sha256))
        return FILE + path.replace(" ", "%20").replace(")", "%29")

    written = _FILE.sub(named, body)
    return written, tuple(used.values())


def archive(texts: Sequence[ImportedArticle]) -> bytes:
    """A ZIP of the folder."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for path, content in sorted(export(texts).items()):
            out.writestr(zipfile.ZipInfo(path, _WHEN), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
