"""The export of Zendesk's help center, as its API gives it.

Either one JSON document or several (the pages of `/api/v2/help_center/...`), with any of the lists
`articles`, `sections`, `categories`, `translations`; what is in `articles` may hold its own
`translations`. (https://developer.zendesk.com/api-reference/help_center/help-center-api)
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from knowledge_base.exchange.articles import (
    ARTICLE,
    Audience,
    Imported,
    ImportedArticle,
    ImportRefused,
    Problem,
)
from knowledge_base.exchange.html_markdown import to_markdown

_LISTS = ("articles", "sections", "categories", "translations")
_ARTICLE_LINK = re.compile(r"/hc/(?:[\w-]+/)?articles/(?P<id>\d+)")
Rows = dict[str, dict[str, dict[str, Any]]]


def read_files(files: Mapping[str, bytes]) -> Imported:
    """Read JSON files by their path. Pure. ImportRefused when none holds articles."""
    rows: Rows = {name: {} for name in _LISTS}
    sources: dict[str, str] = {}
    problems: list[Problem] = []
    for path, data in sorted(files.items()):
        if not path.lower().endswith(".json"):
            continue
        try:
            document = json.loads(data)
        except ValueError as error:
            line = getattr(error, "lineno", 1)
            problems.append(Problem(path, line, f"not JSON: {error}"))
            continue
        _collect(path, document, rows, sources, problems)
    if not rows["articles"] and not problems:
        raise ImportRefused(
            "no articles here; expected JSON with a list `articles`, as "
            "/api/v2/help_center/articles.json gives it"
        )
    translations: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in rows["translations"].values():
        if str(one.get("source_type", "Article")).lower() == "article":
            translations[str(one.get("source_id"))].append(one)
    articles: list[ImportedArticle] = []
    for id_, article in rows["articles"].items():
        own = article.get("translations")
        texts = [*translations[id_], *(own if isinstance(own, list) else [])]
        articles += _locales(id_, article, texts, rows, sources[id_], problems)
    return Imported(articles, problems)


def _collect(
    path: str,
    document: object,
    rows: Rows,
    sources: dict[str, str],
    problems: list[Problem],
) -> None:
    if not isinstance(document, dict):
        document = {"articles": document if isinstance(document, list) else []}
    for name in _LISTS:
        found = document.get(name, [])
        single = document.get({"categories": "category"}.get(name, name[:-1]))
        for one in [*(found if isinstance(found, list) else []), *([single] if single else [])]:
            if not isinstance(one, dict) or "id" not in one:
                problems.append(Problem(path, 1, f"an entry of `{name}` has no id; passed over"))
                continue
            rows[name][str(one["id"])] = one
            if name == "articles":
                sources[str(one["id"])] = path


def _locales(
    id_: str,
    article: Mapping[str, Any],
    texts: Sequence[Mapping[str, Any]],
    rows: Rows,
    source: str,
    problems: list[Problem],
) -> list[ImportedArticle]:
    """The article in its own locale and in each that it is translated to."""
    own = str(article.get("locale") or article.get("source_locale") or "en-us")
    by_locale: dict[str, Mapping[str, Any]] = {own: article}
    for text in texts:
        by_locale[str(text.get("locale") or own)] = text
    section = rows["sections"].get(str(article.get("section_id")), {})
    category = rows["categories"].get(str(section.get("category_id")), {})
    public = article.get("user_segment_id") is None and not article.get("user_segment_ids")
    audience: Audience = "public" if public else "signed-in"
    made = []
    for locale, text in by_locale.items():
        title = str(text.get("title") or article.get("title") or "").strip()
        if not title:
            problems.append(Problem(source, 1, f"article {id_} has no title in {locale}"))
            continue
        draft = bool(text.get("draft", article.get("draft", False)))
        made.append(
            ImportedArticle(
                external_id=f"zendesk:{id_}",
                locale=_tag(locale),
                title=title,
                body=to_markdown(str(text.get("body") or ""), _neutral(rows)),
                category=str(category.get("name") or ""),
                section=str(section.get("name") or ""),
                tags=tuple(map(str, article.get("label_names") or ())),
                audience=audience,
                state="draft" if draft else "published",
                updated_at=_time(text.get("updated_at") or article.get("updated_at")),
                source=source,
            )
        )
    return made


def _neutral(rows: Rows) -> Callable[[str, str], str]:
    """Links to articles of the same export, without the former host."""

    def target(_tag: str, url: str) -> str:
        parts = urlsplit(url)
        match = _ARTICLE_LINK.match(unquote(parts.path))
        if match and match["id"] in rows["articles"]:
            return f"{ARTICLE}zendesk:{match['id']}" + (
                f"#{parts.fragment}" if parts.fragment else ""
            )
        return url

    return target


def _tag(locale: str) -> str:
    """From `en-us` to `en-US`; English of the States is plain `en`, as Zendesk's default."""
    language, _, region = locale.replace("_", "-").partition("-")
    if not region or (language, region.lower()) == ("en", "us"):
        return language.lower()
    script = 4
    return f"{language.lower()}-{region.title() if len(region) == script else region.upper()}"


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
