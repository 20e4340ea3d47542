"""A folder of HTML pages: one article a page, with the pictures and links within the folder."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

from charset_normalizer import from_bytes
from lxml import html as lxml_html
from lxml.etree import ParserError

from knowledge_base.exchange.articles import (
    ARTICLE,
    FILE,
    Imported,
    ImportedArticle,
    ImportedFile,
    Problem,
)
from knowledge_base.exchange.html_markdown import to_markdown

SUFFIXES = (".html", ".htm", ".xhtml")
# Where the text is, the most telling first; a page without any of these is taken whole.
_MAIN = ("//main", "//article", "//*[@role='main']", "//*[@id='content']", "//body")
_AROUND = "//nav|//header|//footer|//aside|//script|//style|//form|//template"


def read_files(files: Mapping[str, bytes], default_locale: str = "en") -> Imported:
    """Read files by their path within the folder. Pure."""
    pages = {path: data for path, data in files.items() if path.lower().endswith(SUFFIXES)}
    ids = {path: path.rpartition(".")[0] for path in pages}
    articles: list[ImportedArticle] = []
    problems: list[Problem] = []
    for path, data in sorted(pages.items()):
        try:
            articles.append(_article(path, data, files, ids, default_locale, problems))
        except (ParserError, ValueError) as error:
            problems.append(Problem(path, 1, f"the page cannot be read: {error}"))
    return Imported(articles, problems)


def _article(
    path: str,
    data: bytes,
    files: Mapping[str, bytes],
    ids: Mapping[str, str],
    default_locale: str,
    problems: list[Problem],
) -> ImportedArticle:
    text = _decoded(data)
    page = lxml_html.document_fromstring(text)
    locale = (page.get("lang") or default_locale).replace("_", "-")
    headings = page.xpath("//h1")
    title = " ".join(headings[0].text_content().split()) if headings else ""
    if not title:
        title = " ".join((page.findtext(".//title") or "").split()) or posixpath.basename(ids[path])
    summary = "".join(page.xpath("//meta[@name='description']/@content")[:1]).strip()
    tags = "".join(page.xpath("//meta[@name='keywords']/@content")[:1])
    for part in [*page.xpath(_AROUND), *headings[:1]]:
        part.drop_tree()
    main = next(found[0] for place in _MAIN if (found := page.xpath(place)))
    taken: dict[str, ImportedFile] = {}

    def target(_tag: str, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme or parts.netloc or not parts.path:
            return url
        folder = "" if parts.path.startswith("/") else posixpath.dirname(path)
        found = posixpath.normpath(posixpath.join(folder, unquote(parts.path).lstrip("/")))
        if found in ids:
            return f"{ARTICLE}{quote(ids[found])}" + (
                f"#{parts.fragment}" if parts.fragment else ""
            )
        if found in files:
            taken[found] = ImportedFile(found, files[found])
            return f"{FILE}{quote(found)}"
        line = next((n for n, row in enumerate(text.splitlines(), 1) if url in row), 1)
        problems.append(Problem(path, line, f"{url} leads to nothing in this folder"))
        return url

    body = to_markdown(lxml_html.tostring(main, encoding="unicode"), target)
    return ImportedArticle(
        external_id=ids[path],
        locale=locale,
        title=title,
        body=body,
        summary=summary,
        tags=tuple(part.strip() for part in tags.split(",") if part.strip()),
        category=path.split("/", maxsplit=1)[0] if "/" in path else "",
        files=tuple(taken[one] for one in sorted(taken)),
        source=path,
    )


def _decoded(data: bytes) -> str:
    """By the page's own word, as UTF-8, or by the best guess."""
    head = data[:2048].lower()
    if b"charset" not in head:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            guess = from_bytes(data).best()
            return str(guess) if guess else data.decode("latin-1")
    declared = head.split(b"charset", 1)[1].lstrip(b" =\"'").split(b'"')[0].split(b"'")[0]
    name = declared.split(b">")[0].strip(b" />;").decode("ascii", "ignore")
    try:
        return data.decode(name, "replace")
    except LookupError:
        return data.decode("utf-8", "replace")
