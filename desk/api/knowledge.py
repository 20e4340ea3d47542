"""`/api/v1/kb`: search, preview, reports, the help center."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, Meta, UnsetType

from desk.api.article_parts import Body, InjectedLibrary, Locale, given
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.knowledge import brand, colour, finding, worklist
from desk.knowledge.finding import Results
from desk.knowledge.models import HelpCenter
from knowledge_base import analytics, links, reading, rendering, repository

Query = Annotated[str, QueryParameter(min_length=1, max_length=200)]
Days = Annotated[int, QueryParameter(ge=1, le=366, description="How far back.")]


class Mark(msgspec.Struct):
    """A text and the half-open ranges of it, in characters, that matched."""

    text: str
    ranges: list[tuple[int, int]]


class FoundOut(msgspec.Struct, kw_only=True):
    """An article that was found."""

    article_id: UUID
    locale: str
    slug: str
    title: Mark
    snippet: Mark
    summary: str
    audience: str
    category_id: UUID | None
    why: str
    url: str


class FoundPage(msgspec.Struct):
    """What was found; send `search_id` with the click on a result."""

    items: list[FoundOut]
    total: int
    exact: bool
    facets: dict[str, dict[str, int]]
    search_id: UUID | None


class Click(msgspec.Struct, forbid_unknown_fields=True):
    """Which result was opened; positions count from 1."""

    article_id: UUID
    position: Annotated[int, Meta(ge=1, le=1000)]


class PreviewIn(msgspec.Struct, forbid_unknown_fields=True):
    """A text to show as readers would see it."""

    markdown: Body
    article_id: UUID | None = None


class HeadingOut(msgspec.Struct):
    """An entry of the table of contents."""

    level: int
    anchor: str
    text: str


class PreviewOut(msgspec.Struct):
    """The text as HTML that is safe to show."""

    html: str
    headings: list[HeadingOut]
    minutes: int


class QueryOut(msgspec.Struct, kw_only=True):
    """A search, how often it was made and what came of it."""

    locale: str
    query: str
    searches: int
    without_results: int
    without_click: int
    escalated: int
    position: float | None


class ArticleReport(msgspec.Struct, kw_only=True):
    """How an article does."""

    article_id: UUID
    clicks: int
    helpful: int
    not_helpful: int
    cited: int
    escalated: int


class Report(msgspec.Struct):
    """Searches and articles of a span."""

    days: int
    queries: list[QueryOut]
    articles: list[ArticleReport]


class TaskOut(msgspec.Struct, kw_only=True):
    """Something for an editor to do, and why."""

    kind: str
    priority: int
    reason: str
    params: dict[str, Any]
    article_id: UUID | None
    locale: str | None
    title: str
    query: str


class Work(msgspec.Struct):
    """The most urgent first."""

    items: list[TaskOut]


class HelpCenterOut(msgspec.Struct, kw_only=True):
    """The help center's settings. `shades` are what the accent becomes where it must be read."""

    title: str
    accent: str
    shades: dict[str, str]
    logo: bool
    default_locale: str
    locales: list[str]
    taglines: dict[str, str]
    notices: dict[str, dict[str, str]]
    links: dict[str, list[dict[str, str]]]
    mail_inbox_id: UUID | None
    chat_inbox_id: UUID | None
    indexed: bool
    version: int


Short = Annotated[str, Meta(max_length=300)]


class HelpCenterChange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What to change; what is left out stays."""

    title: Annotated[str, Meta(min_length=1, max_length=120)] | UnsetType = UNSET
    accent: Annotated[str, Meta(max_length=7)] | UnsetType = UNSET
    default_locale: Locale | UnsetType = UNSET
    locales: Annotated[list[Locale], Meta(min_length=1, max_length=40)] | UnsetType = UNSET
    taglines: dict[Locale, Short] | UnsetType = UNSET
    notices: dict[Locale, dict[str, Short]] | UnsetType = UNSET
    links: dict[Locale, list[dict[str, Short]]] | UnsetType = UNSET
    mail_inbox_id: UUID | UnsetType | None = UNSET
    chat_inbox_id: UUID | UnsetType | None = UNSET
    indexed: bool | UnsetType = UNSET
    version: int | UnsetType = UNSET


class KnowledgeController(Controller):
    """The knowledge base as a whole."""

    path = "/kb"
    tags = ("Knowledge base",)

    @get("/search", guards=[requires("kb.read")], summary="Search articles")
    async def search(  # noqa: PLR0913 - a query's filters
        self,
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
        q: FromQuery[Query],
        *,
        locale: FromQuery[str] = "en",
        category: FromQuery[list[str] | None] = None,
        tag: FromQuery[list[str] | None] = None,
        audience: FromQuery[list[str] | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=50)] = 10,
        offset: Annotated[int, QueryParameter(ge=0, le=900)] = 0,
    ) -> FoundPage:
        """Published articles for agents, internal ones included."""
        audiences = [a for a in reading.EVERYTHING if audience is None or a in audience]
        async with core.units.read() as session:
            found = await finding.search(
                session, library, q, locale, audiences,
                categories=category or (), tags=tag or (),
                facets=("category", "tags", "audience"), limit=limit, offset=offset,
            )  # fmt: skip
        search_id: UUID | None = None
        if offset == 0:
            async with core.units.write(caller.actor) as work:
                row = await analytics.searched(
                    work.session, work.now, source="agent", locale=locale, query=q,
                    results=found.total, visitor=f"agent:{caller.id.hex[-24:]}",
                )  # fmt: skip
                search_id = row.id
        return found_page(found, core.settings.public_url, search_id)

    @post(
        "/searches/{search_id:uuid}/click",
        guards=[requires("kb.read")],
        summary="A result was opened",
        status_code=204,
    )
    async def click(
        self, search_id: FromPath[UUID], data: JSONBody[Click], caller: Caller, core: InjectedCore
    ) -> None:
        """Which result of a search was opened."""
        async with core.units.write(caller.actor) as work:
            await analytics.clicked(work.session, search_id, data.article_id, data.position)

    @post("/preview", guards=[requires("kb.read")], summary="Preview", status_code=200)
    async def preview(self, data: JSONBody[PreviewIn], core: InjectedCore) -> PreviewOut:
        """The text as readers would see it."""
        pictures: dict[str, rendering.Picture] = {}
        if data.article_id is not None:
            async with core.units.read() as session:
                pictures = links.pictures(await repository.files(session, data.article_id))
        shown = rendering.render(
            data.markdown, picture=lambda source: pictures.get(str(links.file_id(source)))
        )
        return PreviewOut(
            shown.html,
            [HeadingOut(h.level, h.anchor, h.text) for h in shown.headings],
            shown.minutes,
        )

    @get("/analytics", guards=[requires("kb.read")], summary="Searches and articles")
    async def analytics(
        self, core: InjectedCore, days: FromQuery[Days] = 28, locale: FromQuery[str | None] = None
    ) -> Report:
        """What was searched for, and how articles do."""
        since = core.units.clock() - timedelta(days=days)
        async with core.units.read() as session:
            queries = await analytics.queries(session, since, locale=locale)
            articles = await analytics.per_article(session, since)
        names = ArticleReport.__struct_fields__
        return Report(
            days,
            [QueryOut(**{n: getattr(q, n) for n in QueryOut.__struct_fields__}) for q in queries],
            [
                ArticleReport(**{n: getattr(a, n) for n in names})
                for a in sorted(articles.values(), key=analytics.popularity, reverse=True)
            ],
        )

    @get("/work", guards=[requires("kb.read")], summary="What to do next")
    async def work(self, core: InjectedCore, days: FromQuery[Days] = 28) -> Work:
        """One list from searches, votes, answers, dates, translations and links, with reasons."""
        async with core.units.read() as session:
            settings = await brand.load(session)
            tasks = await worklist.tasks(
                session,
                core.units.clock(),
                days=days,
                locales=settings.locales,
                public_url=core.settings.public_url,
            )
        names = TaskOut.__struct_fields__
        return Work([TaskOut(**{n: getattr(task, n) for n in names}) for task in tasks])

    @get("/help-center", guards=[requires("kb.read")], summary="The help center's settings")
    async def help_center(self, core: InjectedCore) -> HelpCenterOut:
        """Name, look, languages, and where contact leads."""
        async with core.units.read() as session:
            return help_center_out(await brand.load(session))

    @patch("/help-center", guards=[requires("kb.publish")], summary="Change the help center")
    async def change_help_center(
        self, data: JSONBody[HelpCenterChange], caller: Caller, core: InjectedCore
    ) -> HelpCenterOut:
        """Change the settings; the pages follow at once."""
        known = given(data)
        async with core.units.write(caller.actor) as work:
            row = await brand.change(work, given(data, "version"), version=known.get("version"))
        return help_center_out(row)


def found_page(found: Results, public_url: str, search_id: UUID | None) -> FoundPage:
    """Results as they cross the edge."""
    return FoundPage(
        [
            FoundOut(
                article_id=item.entry.article_id,
                locale=item.entry.locale,
                slug=item.entry.slug,
                title=Mark(item.title.text, list(item.title.ranges)),
                snippet=Mark(item.snippet.text, list(item.snippet.ranges)),
                summary=item.entry.summary,
                audience=item.entry.audience,
                category_id=item.entry.category_id,
                why=item.why,
                url=f"{public_url}/help/{item.entry.locale}/articles/{item.entry.slug}",
            )
            for item in found.items
        ],
        found.total,
        found.exact,
        {name: dict(values) for name, values in found.facets.items()},
        search_id,
    )


def help_center_out(row: HelpCenter) -> HelpCenterOut:
    """The settings."""
    shades = colour.shades(row.accent)
    names = [n for n in HelpCenterOut.__struct_fields__ if n not in {"shades", "logo"}]
    return HelpCenterOut(
        **{n: getattr(row, n) for n in names},
        shades={
            "light": shades.light,
            "dark": shades.dark,
            "solid": shades.solid,
            "solid_hover": shades.solid_hover,
        },
        logo=row.logo_sha256 is not None,
    )
