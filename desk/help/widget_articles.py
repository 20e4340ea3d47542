"""`/api/widget/v1/articles`: what the widget's home shows.

Public articles; with the token of a visitor whom the site has signed in, also those for customers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from desk.api.authentication import PUBLIC
from desk.api.headers import header
from desk.errors import NotFound
from desk.help.answers import CHECKED, PRIVATE
from desk.help.pages import popular
from desk.help.readers import way_in
from desk.help.site import HelpCenterParts, InjectedHelp
from desk.knowledge import brand, finding
from knowledge_base import analytics, reading

Tag = Annotated[str, QueryParameter(max_length=20)]
Query = Annotated[str, QueryParameter(max_length=200)]
LIMIT = 5
MAX_AGE = "public, max-age=60"
_PICTURE: Final = re.compile(r'(src="/help/files/[0-9a-f-]{36})(")')


class WidgetArticle(Struct):
    """An article in the widget's list; `title` and `excerpt` are plain text."""

    id: UUID
    locale: str
    title: str
    excerpt: str
    url: str


class WidgetArticles(Struct):
    """What was found; without a query the popular ones."""

    items: list[WidgetArticle]


class WidgetArticleText(Struct):
    """An article to read in the widget; `html` is sanitised."""

    id: UUID
    locale: str
    title: str
    summary: str
    html: str
    url: str
    updated_at: datetime | None


@get("/api/widget/v1/articles", opt={PUBLIC: True}, summary="Find articles", tags=["Widget"])
async def articles(
    request: Request[Any, Any, Any],
    help_center: InjectedHelp,
    q: FromQuery[Query] = "",
    locale: FromQuery[Tag] = "en",
) -> Response[WidgetArticles]:
    """Articles for what a visitor types; the popular ones for nothing."""
    base = help_center.core.settings.public_url
    query = " ".join(q.split())
    async with help_center.core.units.read() as session:
        audiences, link = await _reader(request, help_center, session)
        settings = await brand.load(session)
        tag = locale if locale in settings.locales else settings.default_locale
        if query:
            found = await finding.search(
                session, help_center.library, query, tag, audiences, limit=LIMIT
            )
            total = found.total
            pairs = [(item.entry, item.snippet.text) for item in found.items]
        else:
            total = 0
            now = help_center.core.units.clock()
            entries = await popular(session, tag, audiences, now)
            pairs = [(entry, entry.summary) for entry in entries[:LIMIT]]
    if query:
        async with help_center.core.units.write() as work:
            await analytics.searched(
                work.session, work.now, source="widget", locale=tag, query=query,
                results=total, visitor=help_center.visitor(request, work.now),
            )  # fmt: skip
    items = [
        WidgetArticle(
            entry.article_id,
            entry.locale,
            entry.title,
            snippet or entry.summary,
            _address(base, link, entry.locale, entry.slug, entry.audience),
        )
        for entry, snippet in pairs
    ]
    cache = PRIVATE if link else "no-store" if query else MAX_AGE
    return Response(
        WidgetArticles(items), headers={"cache-control": cache, "vary": "authorization"}
    )


@get(
    "/api/widget/v1/articles/{article_id:uuid}",
    opt={PUBLIC: True},
    summary="An article",
    tags=["Widget"],
)
async def article(
    request: Request[Any, Any, Any],
    help_center: InjectedHelp,
    article_id: FromPath[UUID],
    locale: FromQuery[Tag] = "en",
) -> Response[WidgetArticleText]:
    """An article's text, in this language if it is there."""
    async with help_center.core.units.read() as session:
        audiences, link = await _reader(request, help_center, session)
        shown = await reading.by_id(session, article_id, locale, audiences)
        if shown is None:
            raise NotFound("There is no such article.")
        text = await reading.rendered(
            session,
            help_center.library.renderer,
            shown.version,
            article_id,
            help_center.words.of(shown.row.locale).rendered,
        )
    base = help_center.core.settings.public_url
    body = WidgetArticleText(
        article_id,
        shown.row.locale,
        shown.version.title,
        shown.version.summary,
        _PICTURE.sub(rf"\1?t={quote(link)}\2", text.html) if link else text.html,
        _address(base, link, shown.row.locale, shown.row.slug, shown.article.audience),
        shown.row.published_at,
    )
    cache = PRIVATE if link else CHECKED
    return Response(body, headers={"cache-control": cache, "vary": "authorization"})


async def _reader(
    request: Request[Any, Any, Any], help_center: HelpCenterParts, session: AsyncSession
) -> tuple[Sequence[str], str]:
    """What the visitor may read, and for one who is signed in the link that proves it."""
    sent = header(request.scope, b"authorization")
    reader = await help_center.readers.of_widget(session, sent) if sent else None
    if reader is None:
        return reading.PUBLIC, ""
    return reading.SIGNED_IN, await help_center.readers.issue(session, reader, "link")


def _address(base: str, link: str, locale: str, slug: str, audience: str) -> str:
    """The article's page; what is not public is reached by way of signing in."""
    path = f"/help/{locale}/articles/{slug}"
    return way_in(base, link, path) if link and audience != "public" else base + path


HANDLERS = (articles, article)
