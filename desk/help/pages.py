"""The pages to read: home, topic, article, search; and what is found while somebody types."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from desk.api.authentication import PUBLIC
from desk.api.rate_limit import limited
from desk.errors import NotFound
from desk.help import markup, site
from desk.help.answers import PRIVATE, answer
from desk.help.site import HelpCenterParts, InjectedHelp, Site
from desk.knowledge import finding
from knowledge_base import analytics, categories, reading, rendering
from knowledge_base.reading import Entry, Moved, Shown

Req = Request[Any, Any, Any]
POPULAR: Final = 6
PAGE: Final = 10
RECENT: Final = timedelta(days=28)
Query = Annotated[str, QueryParameter(max_length=300)]
PageNumber = Annotated[int, QueryParameter(ge=1, le=50)]


@get(["/", "/index.html"], opt={PUBLIC: True}, include_in_schema=False)
async def front(request: Req, help_center: InjectedHelp) -> Redirect:
    """The help center in the reader's language."""
    async with help_center.core.units.read() as session:
        found = await site.load(request, help_center, session, None)
    return Redirect(
        found.url("home"),
        status_code=302,
        headers={"vary": "accept-language", "cache-control": "no-cache"},
    )


@get("/{locale:str}", opt={PUBLIC: True}, include_in_schema=False)
async def home(request: Req, help_center: InjectedHelp, locale: FromPath[str]) -> Response[bytes]:
    """Search, topics, popular articles, and how to reach somebody."""
    async with help_center.core.units.read() as session:
        here = await site.load(request, help_center, session, locale)
        topics = await _topics(session, here)
        best = await popular(session, locale, here.audiences, here.now)
        ways = await _ways(session, here)
        minutes = await _minutes(session, best)
    settings = here.settings
    body = here.render(
        "home.html.jinja",
        title=settings.title,
        description=settings.taglines.get(locale, ""),
        canonical=here.base + here.url("home"),
        alternates=[(tag, here.base + here.url("home", locale=tag)) for tag in here.there],
        topics=topics,
        popular=[(entry, minutes[entry.version_id]) for entry in best],
        ways=ways,
        hours=here.hours(),
        notice=settings.notices.get(locale),
        wide_search=True,
        structured=site.structured(
            {
                "@type": "WebSite",
                "name": settings.title,
                "url": here.base + here.url("home"),
                "inLanguage": locale,
                "potentialAction": {
                    "@type": "SearchAction",
                    "target": here.base + here.url("search") + "?q={query}",
                    "query-input": "required name=query",
                },
            }
        ),
    )
    return answer(request, body, cache=here.cache)


@get("/{locale:str}/topics/{slug:str}", opt={PUBLIC: True}, include_in_schema=False)
async def topic(
    request: Req, help_center: InjectedHelp, locale: FromPath[str], slug: FromPath[str]
) -> Response[bytes]:
    """The articles of a topic, by section. `all` is every topic."""
    async with help_center.core.units.read() as session:
        here = await site.load(request, help_center, session, locale)
        entries = await reading.entries(session, locale, here.audiences)
        tree = await categories.tree(session)
        chosen = [node for node in tree if slug in {"all", node.row.slug}]
        groups = []
        for node in chosen:
            for part in (node, *node.sections):
                inside = [entry for entry in entries if entry.category_id == part.row.id]
                if inside:
                    groups.append((part.name(locale, here.settings.default_locale), inside))
        if slug == "all":
            loose = [entry for entry in entries if entry.category_id is None]
            if loose:
                groups.append((categories.Name(here.words("other")), loose))
        if not groups and slug != "all":
            raise NotFound
        minutes = await _minutes(session, [e for _, inside in groups for e in inside])
    name = (
        categories.Name(here.words("all_articles"))
        if slug == "all"
        else chosen[0].name(locale, here.settings.default_locale)
    )
    body = here.render(
        "topic.html.jinja",
        title=name.title,
        description=name.description,
        name=name,
        groups=groups,
        minutes=minutes,
        canonical=here.base + here.url("topic", slug),
        alternates=[(tag, here.base + here.url("topic", slug, tag)) for tag in here.there],
        structured=site.structured(
            markup.breadcrumb(here, [(name.title, here.url("topic", slug))]),
            markup.faq([entry for _, inside in groups for entry in inside], locale),
        ),
    )
    return answer(request, body, cache=here.cache)


@get("/{locale:str}/articles/{slug:str}", opt={PUBLIC: True}, include_in_schema=False)
async def article(
    request: Req,
    help_center: InjectedHelp,
    locale: FromPath[str],
    slug: FromPath[str],
    s: FromQuery[UUID | None] = None,
    p: Annotated[int, QueryParameter(ge=1, le=1000)] = 1,
    rated: Annotated[str, QueryParameter(max_length=10)] = "",
) -> Response[bytes] | Redirect:
    """An article. `s` and `p`: the search it was found by, and where."""
    async with help_center.core.units.read() as session:
        here = await site.load(request, help_center, session, locale)
        found = await reading.find(session, locale, slug, here.audiences)
        if found is None:
            raise NotFound
        if isinstance(found, Moved):
            return Redirect(
                here.url("article", found.slug, found.locale),
                status_code=301 if found.permanent else 302,
                headers={"cache-control": "no-cache"},
            )
        body = await _article_page(session, here, found, rated)
    if s is not None:
        async with help_center.core.units.write() as work:
            await analytics.clicked(work.session, s, found.article.id, p)
    return answer(request, body, cache=PRIVATE if rated else here.cache)


async def _article_page(session: AsyncSession, here: Site, shown: Shown, rated: str) -> str:
    settings, locale = here.settings, here.locale
    text = await reading.rendered(
        session, here.parts.library.renderer, shown.version, shown.article.id, here.words.rendered
    )
    others = await reading.alternates(session, shown.article.id, here.audiences)
    related = await reading.related(session, shown, here.audiences)
    minutes = await _minutes(session, related)
    place = await _place(session, here, shown)
    yes, votes = await analytics.votes(session, shown.row.id)
    ways = await _ways(session, here)
    public = shown.article.audience == "public"
    description = shown.version.summary or rendering.excerpt(shown.version.body, 160)
    canonical = here.base + here.url("article", shown.row.slug)
    trail = [(name, here.url("topic", slug)) for name, slug in place.trail]
    return here.render(
        "article.html.jinja",
        title=shown.version.title,
        description=description,
        canonical=canonical,
        alternates=[
            (entry.locale, here.base + here.url("article", entry.slug, entry.locale))
            for entry in others
            if entry.locale in settings.locales
        ],
        robots="" if public else "noindex, nofollow",
        shown=shown,
        html=Markup(text.html),  # noqa: S704 - sanitised by the renderer
        headings=[heading for heading in text.headings if heading.level == 2],  # noqa: PLR2004
        minutes=text.minutes,
        languages=[
            (entry.locale, here.url("article", entry.slug, entry.locale))
            for entry in others
            if entry.locale in settings.locales
        ],
        related=[(entry, minutes[entry.version_id]) for entry in related],
        trail=trail,
        siblings=place.siblings,
        yes=yes,
        votes=votes,
        rated=rated if rated in {"yes", "no", "told"} else "",
        reasons=analytics.REASONS[:4],
        ways=ways,
        hours=here.hours(),
        structured=site.structured(
            markup.breadcrumb(here, [*trail, (shown.version.title, canonical)]),
            markup.article(here, shown, description, canonical),
        )
        if public
        else None,
        locale=locale,
    )


@get("/{locale:str}/search", opt={PUBLIC: True}, include_in_schema=False)
async def search(
    request: Req,
    help_center: InjectedHelp,
    locale: FromPath[str],
    q: FromQuery[Query] = "",
    page: FromQuery[PageNumber] = 1,
) -> Response[bytes]:
    """What was found, the best first."""
    _limit(request, help_center)
    query = " ".join(q.split())[: finding.MAX_QUERY]
    async with help_center.core.units.read() as session:
        here = await site.load(request, help_center, session, locale)
        found = await finding.search(
            session, help_center.library, query, locale, here.audiences,
            limit=PAGE, offset=(page - 1) * PAGE,
        )  # fmt: skip
        names = await _names(session, here)
    search_id = await _log(request, here, query, found.total) if page == 1 else None
    tail = "?" + urlencode({"s": str(search_id)}) if search_id else ""
    body = here.render(
        "search.html.jinja",
        title=here.words("search"),
        wide_search=True,
        # One page for search engines, whatever was asked.
        canonical=here.base + here.url("search"),
        description=here.settings.taglines.get(locale, ""),
        query=query,
        found=[
            (
                item,
                names.get(item.entry.category_id, ""),
                here.url("article", item.entry.slug, item.entry.locale)
                + (f"{tail}&p={position}" if tail else ""),
            )
            for position, item in enumerate(found.items, 1)
        ],
        total=found.total,
        page=page,
        last=max(1, math.ceil(found.total / PAGE)),
        html=Markup,
    )
    return answer(request, body, cache=PRIVATE)


class Suggestion(msgspec.Struct):
    """A result while somebody types; `title` and `snippet` are safe HTML."""

    title: str
    snippet: str
    where: str
    url: str


class Suggestions(msgspec.Struct):
    """The first results of what is typed so far."""

    query: str
    total: int
    all: str
    items: list[Suggestion]


@get("/{locale:str}/suggest", opt={PUBLIC: True}, include_in_schema=False)
async def suggest(
    request: Req, help_center: InjectedHelp, locale: FromPath[str], q: FromQuery[Query] = ""
) -> Response[bytes]:
    """For the search box."""
    _limit(request, help_center)
    query = " ".join(q.split())[: finding.MAX_QUERY]
    async with help_center.core.units.read() as session:
        here = await site.load(request, help_center, session, locale)
        found = await finding.suggest(session, help_center.library, query, locale, here.audiences)
        names = await _names(session, here)
    search_id = await _log(request, here, query, found.total)
    body = Suggestions(
        query=query,
        total=found.total,
        all=f"{here.url('search')}?{urlencode({'q': query})}",
        items=[
            Suggestion(
                item.title.html,
                item.snippet.html,
                names.get(item.entry.category_id, ""),
                f"{here.url('article', item.entry.slug, item.entry.locale)}"
                f"?s={search_id}&p={position}",
            )
            for position, item in enumerate(found.items, 1)
        ],
    )
    return answer(request, msgspec.json.encode(body), media_type="application/json", cache=PRIVATE)


@get("/{locale:str}/{rest:path}", opt={PUBLIC: True}, include_in_schema=False)
async def elsewhere(
    request: Req, help_center: InjectedHelp, locale: FromPath[str], rest: FromPath[Path]
) -> Response[bytes]:
    """Any other address."""
    del rest
    async with help_center.core.units.read() as session:
        await site.load(request, help_center, session, locale)
    raise NotFound


def _limit(request: Req, parts: HelpCenterParts) -> None:
    wait = parts.searches.take(parts.network(request))
    if wait:
        raise limited(wait)


async def _log(request: Req, here: Site, query: str, results: int) -> UUID | None:
    """Count a search; agents' own are not what readers look for."""
    if not query or here.is_agent:
        return None
    async with here.parts.core.units.write() as work:
        row = await analytics.searched(
            work.session, work.now, source="help", locale=here.locale, query=query,
            results=results, visitor=here.parts.visitor(request, work.now),
        )  # fmt: skip
    return row.id


class Topic(msgspec.Struct):
    """A topic on the home page."""

    title: str
    description: str
    icon: str
    url: str
    count: int


async def _topics(session: AsyncSession, here: Site) -> list[Topic]:
    counts = await reading.counts(session, here.locale, here.audiences)
    found = []
    for node in await categories.tree(session):
        count = sum(counts.get(part.row.id, 0) for part in (node, *node.sections))
        if count:
            name = node.name(here.locale, here.settings.default_locale)
            url = here.url("topic", node.row.slug)
            found.append(Topic(name.title, name.description, node.row.icon or "doc", url, count))
    return found


async def _names(session: AsyncSession, here: Site) -> dict[UUID | None, str]:
    """What to call the place of an article: its topic."""
    found: dict[UUID | None, str] = {}
    for node in await categories.tree(session):
        title = node.name(here.locale, here.settings.default_locale).title
        for part in (node, *node.sections):
            found[part.row.id] = title
    return found


async def popular(
    session: AsyncSession, locale: str, audiences: Collection[str], now: datetime
) -> list[Entry]:
    """What was opened, liked and quoted most; featured ones fill up."""
    counts = await analytics.per_article(session, now - RECENT)
    entries = await reading.entries(session, locale, audiences)
    scores = {article: analytics.popularity(count) for article, count in counts.items()}
    featured = {
        entry.article_id
        for entry in await reading.entries(session, locale, audiences, featured=True)
    }
    entries.sort(key=lambda e: (-scores.get(e.article_id, 0), e.article_id not in featured))
    return entries[:POPULAR]


async def _minutes(session: AsyncSession, entries: list[Entry]) -> dict[UUID, int]:
    return await reading.minutes(session, [entry.version_id for entry in entries])


class Ways(msgspec.Struct):
    """How to reach somebody, and how long it takes."""

    chat: str | None  # the inbox's public key
    chat_wait: str
    mail: bool
    mail_wait: str


async def _ways(session: AsyncSession, here: Site) -> Ways:
    waits = {}
    for channel in ("webchat", "email"):
        wait = await here.parts.waiting.of(session, channel, here.now)
        waits[channel] = "" if wait is None else _wait(here, wait)
    return Ways(
        chat=here.chat.address if here.chat is not None else None,
        chat_wait=waits["webchat"],
        mail=here.mail is not None,
        mail_wait=waits["email"] or here.words("by_mail"),
    )


def _wait(here: Site, wait: timedelta) -> str:
    minutes = max(1, round(wait.total_seconds() / 60))
    if minutes < 60:  # noqa: PLR2004 - an hour
        return here.words("wait_minutes", n=minutes)
    return here.words("wait_hours", n=math.ceil(minutes / 60))


class Place(msgspec.Struct):
    """Where an article stands: (title, slug) of its topic, and what stands beside it."""

    trail: list[tuple[str, str]]
    siblings: list[Entry]


async def _place(session: AsyncSession, here: Site, shown: Shown) -> Place:
    category_id = shown.article.category_id
    for node in await categories.tree(session):
        inside = [part.row.id for part in (node, *node.sections)]
        if category_id in inside:
            name = node.name(here.locale, here.settings.default_locale)
            siblings = await reading.entries(
                session, here.locale, here.audiences, categories=inside, limit=12
            )
            return Place([(name.title, node.row.slug)], siblings)
    return Place([], [])


HANDLERS: Final = (front, home, topic, article, search, suggest, elsewhere)
