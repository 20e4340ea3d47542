"""`/api/widget/v1/articles`: what the widget's home shows. Public articles only."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Struct

from desk.api.authentication import PUBLIC
from desk.errors import NotFound
from desk.help.pages import popular
from desk.help.site import InjectedHelp
from desk.knowledge import brand, finding
from knowledge_base import analytics, reading

Tag = Annotated[str, QueryParameter(max_length=20)]
Query = Annotated[str, QueryParameter(max_length=200)]
LIMIT = 5
MAX_AGE = "public, max-age=60"


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
    """Public articles for what a visitor types; the popular ones for nothing."""
    base = help_center.core.settings.public_url
    query = " ".join(q.split())
    async with help_center.core.units.read() as session:
        settings = await brand.load(session)
        tag = locale if locale in settings.locales else settings.default_locale
        if query:
            found = await finding.search(
                session, help_center.library, query, tag, reading.PUBLIC, limit=LIMIT
            )
            total = found.total
            pairs = [(item.entry, item.snippet.text) for item in found.items]
        else:
            total = 0
            now = help_center.core.units.clock()
            entries = await popular(session, tag, reading.PUBLIC, now)
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
            f"{base}/help/{entry.locale}/articles/{entry.slug}",
        )
        for entry, snippet in pairs
    ]
    return Response(
        WidgetArticles(items), headers={"cache-control": "no-store" if query else MAX_AGE}
    )


@get(
    "/api/widget/v1/articles/{article_id:uuid}",
    opt={PUBLIC: True},
    summary="An article",
    tags=["Widget"],
)
async def article(
    help_center: InjectedHelp, article_id: FromPath[UUID], locale: FromQuery[Tag] = "en"
) -> Response[WidgetArticleText]:
    """A public article's text, in this language if it is there."""
    async with help_center.core.units.read() as session:
        shown = await reading.by_id(session, article_id, locale, reading.PUBLIC)
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
        text.html,
        f"{base}/help/{shown.row.locale}/articles/{shown.row.slug}",
        shown.row.published_at,
    )
    return Response(body, headers={"cache-control": "public, max-age=0, must-revalidate"})


HANDLERS = (articles, article)
