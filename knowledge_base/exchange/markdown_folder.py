"""A folder of Markdown files: front matter, pictures beside them, links between them.

The locale comes from the front matter (`locale`, `lang`), from the name (`returns.de.md`), or from
a folder (`de/returns.md`). The id comes from the front matter, or is the path without the locale,
so that translations meet. The category is the front matter's, or the first folder.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, unquote, urlsplit

from knowledge_base.exchange import front_matter
from knowledge_base.exchange.articles import (
    ARTICLE,
    FILE,
    Audience,
    Imported,
    ImportedArticle,
    ImportedFile,
    Problem,
    State,
    audience_of,
    state_of,
)
from knowledge_base.exchange.markdown_links import rewrite

SUFFIXES = (".md", ".markdown", ".mdx")
_LOCALE = re.compile(r"[a-z]{2,3}(?:[-_](?:[A-Z][a-z]{3}|[A-Z]{2}|\d{3})){0,2}")
_LANGUAGES = frozenset(
    [
        "ar",
        "bg",
        "bn",
        "ca",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "fa",
        "fi",
        "fr",
        "he",
        "hi",
        "hr",
        "hu",
        "id",
        "it",
        "ja",
        "ko",
        "lt",
        "lv",
        "ms",
        "nb",
        "nl",
        "nn",
        "no",
        "pl",
        "pt",
        "ro",
        "ru",
        "sk",
        "sl",
        "sr",
        "sv",
        "th",
        "tr",
        "uk",
        "ur",
        "vi",
        "zh",
    ]
)
_HEADING = re.compile(r"\A\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\r?\n|\Z)")
_INDEX = ("index", "readme", "_index")


def read_files(files: Mapping[str, bytes], default_locale: str = "en") -> Imported:
    """Read files by their path within the folder, with `/` between its parts. Pure."""
    pages = {}
    problems: list[Problem] = []
    for path, data in sorted(files.items()):
        if path.lower().endswith(SUFFIXES):
            try:
                text = data.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                line = data.count(b"\n", 0, error.start) + 1
                problems.append(Problem(path, line, "not UTF-8; save the file as UTF-8"))
                continue
            pages[path] = _Page(path, text, default_locale)
    ids = {path: page.external_id for path, page in pages.items()}
    articles = []
    for page in pages.values():
        articles.append(page.article(files, ids))
        problems += page.problems
    return Imported(articles, sorted(problems, key=lambda one: (one.source, one.line)))


class _Page:
    """One file."""

    def __init__(self, path: str, text: str, default_locale: str) -> None:
        self.path = path
        self.matter = front_matter.split(text)
        self.problems = [Problem(path, line, what) for line, what in self.matter.problems]
        values = self.matter.values
        stem, from_path = _without_locale(path)
        written = front_matter.text_of(values, "locale", "lang", "language")
        self.locale = (written or from_path or default_locale).replace("_", "-")
        self.external_id = front_matter.text_of(values, "id", "external_id") or stem
        self._stem = stem

    def article(self, files: Mapping[str, bytes], ids: Mapping[str, str]) -> ImportedArticle:
        values, body = self.matter.values, self.matter.body
        title = front_matter.text_of(values, "title")
        if not title:
            heading = _HEADING.match(body)
            name = posixpath.basename(self._stem)
            title = heading[1] if heading else name.replace("-", " ").replace("_", " ").strip()
            body = body[heading.end() :].lstrip("\r\n") if heading else body
        taken: dict[str, ImportedFile] = {}
        body = rewrite(body, lambda target, at: self._target(target, at, files, ids, taken))
        written = "category" in values or "section" in values
        folders = posixpath.dirname(self._stem).split("/") if "/" in self._stem else []
        folders = [] if written else folders
        return ImportedArticle(
            external_id=self.external_id,
            locale=self.locale,
            title=title,
            body=body,
            slug=front_matter.text_of(values, "slug"),
            summary=front_matter.text_of(values, "summary", "description", "excerpt"),
            category=front_matter.text_of(values, "category") or "".join(folders[:1]),
            section=front_matter.text_of(values, "section") or "/".join(folders[1:]),
            tags=tuple(front_matter.list_of(values, "tags", "labels")),
            audience=self._audience(),
            state=self._state(),
            updated_at=self._time(),
            files=tuple(taken[path] for path in sorted(taken)),
            source=self.path,
            line=self.matter.line,
        )

    def _complain(self, line: int, text: str) -> None:
        self.problems.append(Problem(self.path, line, text))

    def _audience(self) -> Audience:
        written = front_matter.text_of(self.matter.values, "audience", "visibility")
        return audience_of(written, lambda text: self._complain(1, text))

    def _state(self) -> State:
        values = self.matter.values
        written = front_matter.text_of(values, "state", "status")
        if values.get("draft") is True:
            return "draft"
        return state_of(written, lambda text: self._complain(1, text))

    def _time(self) -> datetime | None:
        try:
            return front_matter.time_of(
                self.matter.values, "updated_at", "updated", "lastmod", "date"
            )
        except ValueError as error:
            self._complain(1, f"the date cannot be read ({error}); write it as 2026-03-01")
            return None

    def _target(
        self,
        target: str,
        at: int,
        files: Mapping[str, bytes],
        ids: Mapping[str, str],
        taken: dict[str, ImportedFile],
    ) -> str:
        """A link within the folder in its neutral form; all others as they are."""
        try:
            parts = urlsplit(target)
        except ValueError:
            return target
        if parts.scheme or parts.netloc or not parts.path:
            return target
        line = self.matter.line + self.matter.body.count("\n", 0, at)
        path = unquote(parts.path)
        folder = "" if path.startswith("/") else posixpath.dirname(self.path)
        found = posixpath.normpath(posixpath.join(folder, path.lstrip("/")))
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        if found in ids:
            return f"{ARTICLE}{quote(ids[found])}{fragment}"
        if found in files:
            taken[found] = ImportedFile(found, files[found])
            return f"{FILE}{quote(found)}"
        self._complain(line, f"{target} leads to nothing in this folder")
        return target


def _without_locale(path: str) -> tuple[str, str]:
    """The path without its suffix and locale, and the locale."""
    stem = path[: path.rindex(".")]
    folder, name = posixpath.split(stem)
    head, dot, tail = name.rpartition(".")
    if dot and head and _is_locale(tail):
        return posixpath.join(folder, _named(head)).strip("/") or head, tail
    parts = folder.split("/") if folder else []
    for index, part in enumerate(parts):
        if _is_locale(part):
            rest = parts[:index] + parts[index + 1 :]
            return "/".join([*rest, _named(name)]).strip("/") or name, part
    return posixpath.join(folder, _named(name)).strip("/") or name, ""


def _named(name: str) -> str:
    """A folder's index stands for the folder."""
    return "" if name.lower() in _INDEX else name


def _is_locale(text: str) -> bool:
    return bool(_LOCALE.fullmatch(text)) and text[:3].rstrip("-_") in _LANGUAGES
