"""Articles in a table: a header with the names of the fields, a row for each article and locale.

`title` and `body` are needed; `id`, `locale`, `slug`, `summary`, `category`, `section`, `tags`,
`audience`, `state` and `updated_at` may be there. A body that begins with `<` is HTML.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime

from knowledge_base.exchange.articles import (
    Imported,
    ImportedArticle,
    ImportRefused,
    Problem,
    audience_of,
    state_of,
)
from knowledge_base.exchange.front_matter import list_of, time_of
from knowledge_base.exchange.html_markdown import to_markdown

_NAMES = {
    "external_id": "id", "article_id": "id", "language": "locale", "lang": "locale",
    "name": "title", "question": "title", "subject": "title",
    "content": "body", "answer": "body", "text": "body", "html": "body",
    "description": "summary", "labels": "tags", "visibility": "audience", "status": "state",
    "topic": "category", "updated": "updated_at",
}  # fmt: skip
_LONGEST = 10_000_000  # characters of a field


def read_table(data: bytes, source: str = "articles.csv", default_locale: str = "en") -> Imported:
    """Read a CSV file; the separator is found out. ImportRefused without title and body."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{source}:{line} is not UTF-8; save the table as CSV UTF-8"
        raise ImportRefused(message) from error
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    csv.field_size_limit(_LONGEST)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    articles: list[ImportedArticle] = []
    problems: list[Problem] = []
    try:
        names = [_named(name) for name in next(reader, [])]
        missing = {"title", "body"} - set(names)
        if missing:
            message = f"{source}: the header has no {' and no '.join(sorted(missing))}"
            raise ImportRefused(message)
        line = reader.line_num + 1
        for row in reader:
            if any(cell.strip() for cell in row):
                values = dict(zip(names, row, strict=False))
                article = _article(values, source, line, default_locale, problems)
                articles += [article] if article else []
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(source, reader.line_num, f"the table breaks off here: {error}"))
    return Imported(articles, problems)


def _named(name: str) -> str:
    plain = name.strip().lower().replace(" ", "_")
    return _NAMES.get(plain, plain)


def _article(
    values: Mapping[str, str],
    source: str,
    line: int,
    default_locale: str,
    problems: list[Problem],
) -> ImportedArticle | None:
    def complain(text: str) -> None:
        problems.append(Problem(source, line, text))

    title = values.get("title", "").strip()
    if not title:
        complain("a row without a title; passed over")
        return None
    updated: datetime | None = None
    try:
        updated = time_of(values, "updated_at")
    except ValueError as error:
        complain(f"the date cannot be read ({error}); write it as 2026-03-01")
    body = values.get("body", "")
    return ImportedArticle(
        external_id=values.get("id", "").strip() or f"{source}:{title}",
        locale=(values.get("locale", "").strip() or default_locale).replace("_", "-"),
        title=title,
        body=to_markdown(body) if body.lstrip().startswith("<") else body,
        slug=values.get("slug", "").strip(),
        summary=values.get("summary", "").strip(),
        category=values.get("category", "").strip(),
        section=values.get("section", "").strip(),
        tags=tuple(list_of(values, "tags")),
        audience=audience_of(values.get("audience", ""), complain),
        state=state_of(values.get("state", ""), complain),
        updated_at=updated,
        source=source,
        line=line,
    )
