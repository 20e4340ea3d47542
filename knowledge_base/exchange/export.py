"""Export as Markdown with front matter: one file a locale, pictures beside them. Pure.

`markdown_folder.read_files` reads it back to the same articles.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote, unquote

from knowledge_base.exchange import front_matter
from knowledge_base.exchange.articles import ARTICLE, FILE, ImportedArticle
from knowledge_base.exchange.markdown_links import rewrite

FILES = "files"
_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST = 80  # characters of a name


def export(articles: Iterable[ImportedArticle]) -> dict[str, bytes]:
    """The files of the folder by path. Equal pictures of one path are written once."""
    every = list(articles)
    paths = _paths(every)
    by_id: dict[str, dict[str, str]] = {}
    for article in every:
        by_id.setdefault(article.external_id, {})[article.locale] = paths[article.key]
    written: dict[str, bytes] = {}
    for article in every:
        pictures = {}
        for file in article.files:
            place = f"{FILES}/{file.sha256[:16]}/{_safe(posixpath.basename(file.path))}"
            pictures[file.path] = place
            written[place] = file.data
        path = paths[article.key]
        text = front_matter.joined(_matter(article), _body(article, path, by_id, pictures))
        written[path] = text.encode("utf-8", "surrogatepass")
    return written


def _matter(article: ImportedArticle) -> dict[str, object]:
    return {
        "id": article.external_id,
        "locale": article.locale,
        "title": article.title,
        "slug": article.slug or None,
        "summary": article.summary or None,
        # Written though empty: otherwise the folder would be read as the category.
        "category": article.category,
        "section": article.section,
        "tags": list(article.tags) or None,
        "audience": article.audience,
        "state": article.state,
        "updated_at": article.updated_at.isoformat() if article.updated_at else None,
    }


def _body(
    article: ImportedArticle,
    path: str,
    by_id: dict[str, dict[str, str]],
    pictures: dict[str, str],
) -> str:
    folder = posixpath.dirname(path)

    def target(found: str, _at: int) -> str:
        if found.startswith(FILE):
            place = pictures.get(unquote(found.removeprefix(FILE)))
            return quote(posixpath.relpath(place, folder)) if place else found
        if found.startswith(ARTICLE):
            id_, mark, fragment = found.removeprefix(ARTICLE).partition("#")
            locales = by_id.get(unquote(id_))
            if locales:
                place = locales.get(article.locale) or locales[min(locales)]
                return quote(posixpath.relpath(place, folder)) + mark + fragment
        return found

    return rewrite(article.body, target)


def _paths(articles: Sequence[ImportedArticle]) -> dict[tuple[str, str], str]:
    """A path of its own for each, in the folder of its category."""
    taken: set[str] = {FILES}
    paths: dict[tuple[str, str], str] = {}
    for article in articles:
        folder = _safe(article.category) if article.category else "articles"
        name = _safe(article.slug or article.title)
        base = f"{folder}/{name}"
        path, number = f"{base}.{article.locale}.md", 1
        while path.lower() in taken:
            number += 1
            path = f"{base}-{number}.{article.locale}.md"
        taken.add(path.lower())
        paths[article.key] = path
    return paths


def _safe(name: str) -> str:
    """A name that every file system takes."""
    kept = _UNSAFE.sub("-", name).strip("-.")[:_LONGEST].strip("-.")
    return "_" + kept if kept.lower() in {"", FILES} else kept
