"""What is fetched beside the pages: style, script, pictures, site maps, robots.txt."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID
from xml.sax.saxutils import escape

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter

from desk.api.authentication import PUBLIC
from desk.api.security_headers import UNTRUSTED_CONTENT
from desk.errors import NotFound
from desk.files.sniff import SAFE_INLINE
from desk.help import site
from desk.help.answers import CHECKED, FOREVER, answer
from desk.help.assets import brand_style
from desk.help.site import InjectedHelp
from desk.knowledge import brand
from knowledge_base import reading
from knowledge_base.models import ArticleFile

Req = Request[Any, Any, Any]
XML: Final = "application/xml; charset=utf-8"
CSS: Final = "text/css; charset=utf-8"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MAPS: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML: Final = "http://www.w3.org/1999/xhtml"


@get("/assets/{digest:str}/{name:str}", opt={PUBLIC: True}, include_in_schema=False)
async def asset(
    request: Req, help_center: InjectedHelp, digest: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """Our own style or script, under the hash of its content."""
    found = help_center.assets.get(f"{digest}/{name}")
    if found is None:
        raise NotFound
    content, media_type = found
    return answer(request, content, media_type=media_type, cache=FOREVER)


@get("/brand.css", opt={PUBLIC: True}, include_in_schema=False)
async def brand_css(request: Req, help_center: InjectedHelp) -> Response[bytes]:
    """The brand's colour; its address carries the settings' version."""
    async with help_center.core.units.read() as session:
        settings = await brand.load(session)
    return answer(
        request, brand_style(settings.accent), media_type=CSS, cache="public, max-age=3600"
    )


@get("/logo", opt={PUBLIC: True}, include_in_schema=False)
async def logo(request: Req, help_center: InjectedHelp) -> Response[bytes]:
    """The brand's logo."""
    async with help_center.core.units.read() as session:
        settings = await brand.load(session)
    if settings.logo_sha256 is None or settings.logo_type not in SAFE_INLINE:
        raise NotFound
    content = help_center.blobs.get(settings.logo_sha256)
    return answer(
        request, content, media_type=settings.logo_type, cache="public, max-age=3600",
        headers={"content-security-policy": UNTRUSTED_CONTENT},
    )  # fmt: skip


@get(["/files/{file_id:uuid}", "/files/{file_id:uuid}/{name:str}"], opt={PUBLIC: True},
     include_in_schema=False)  # fmt: skip
async def file(
    request: Req,
    help_center: InjectedHelp,
    file_id: FromPath[UUID],
    name: FromPath[str] = "",
    t: Annotated[str, QueryParameter(max_length=4000)] = "",
) -> Response[bytes]:
    """A picture or download of an article that the reader may read.

    `t`: a reader's link, since the widget's frame has no cookies.
    """
    del name
    async with help_center.core.units.read() as session:
        here = await site.load(request, help_center, session, None)
        linked = await help_center.readers.read(session, t, "link") if t else None
        audiences = reading.SIGNED_IN if linked and not here.is_agent else here.audiences
        row = await session.get(ArticleFile, file_id)
        # Agents see the pictures of drafts, in the editor's preview.
        visible = row is not None and (
            here.is_agent or await reading.may_fetch(session, row, audiences)
        )
    if row is None or not visible:
        raise NotFound
    try:
        content = help_center.blobs.get(row.sha256)
    except FileNotFoundError as error:
        raise NotFound from error
    shown = row.content_type in SAFE_INLINE
    headers = {"content-security-policy": UNTRUSTED_CONTENT}
    if not shown:
        filename = quote(row.filename, safe="")
        headers["content-disposition"] = f"attachment; filename*=UTF-8''{filename}"
    return answer(
        request,
        content,
        media_type=row.content_type if shown else "application/octet-stream",
        # Not forever: an article can be taken from its readers.
        cache="public, max-age=300" if audiences == reading.PUBLIC else "private, max-age=300",
        headers=headers,
    )


@get("/sitemap.xml", opt={PUBLIC: True}, include_in_schema=False)
async def sitemap_index(request: Req, help_center: InjectedHelp) -> Response[bytes]:
    """A site map for each language, with the day of its last change."""
    async with help_center.core.units.read() as session:
        settings = await brand.load(session)
        entries = await reading.everything(session)
    latest: dict[str, str] = {}
    for entry in entries:
        if entry.locale in settings.locales:
            day = f"{entry.published_at:%Y-%m-%dT%H:%M:%SZ}"
            latest[entry.locale] = max(latest.get(entry.locale, ""), day)
    base = help_center.core.settings.public_url
    maps = "".join(
        f"<sitemap><loc>{escape(f'{base}/help/{tag}/sitemap.xml')}</loc>"
        f"<lastmod>{day}</lastmod></sitemap>\n"
        for tag, day in sorted(latest.items())
    )
    body = f'{_HEAD}<sitemapindex xmlns="{_MAPS}">\n{maps}</sitemapindex>\n'
    return answer(request, body, media_type=XML, cache=CHECKED)


@get("/{locale:str}/sitemap.xml", opt={PUBLIC: True}, include_in_schema=False)
async def sitemap(
    request: Req, help_center: InjectedHelp, locale: FromPath[str]
) -> Response[bytes]:
    """Every public article in a language, with its translations."""
    async with help_center.core.units.read() as session:
        settings = await brand.load(session)
        if locale not in settings.locales:
            raise NotFound
        entries = [e for e in await reading.everything(session) if e.locale in settings.locales]
    base = help_center.core.settings.public_url
    by_article: dict[UUID, list[tuple[str, str]]] = {}
    for entry in entries:
        address = f"{base}/help/{entry.locale}/articles/{quote(entry.slug)}"
        by_article.setdefault(entry.article_id, []).append((entry.locale, address))
    parts = [f"<url><loc>{escape(f'{base}/help/{locale}')}</loc></url>\n"]
    for entry in entries:
        if entry.locale != locale:
            continue
        others = by_article[entry.article_id]
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{tag}" href="{escape(url)}"/>'
            for tag, url in others
        )
        parts.append(
            f"<url><loc>{escape(dict(others)[locale])}</loc>"
            f"<lastmod>{entry.published_at:%Y-%m-%dT%H:%M:%SZ}</lastmod>{links}</url>\n"
        )
    body = f'{_HEAD}<urlset xmlns="{_MAPS}" xmlns:xhtml="{_XHTML}">\n{"".join(parts)}</urlset>\n'
    return answer(request, body, media_type=XML, cache=CHECKED)


@get("/robots.txt", opt={PUBLIC: True}, include_in_schema=False)
async def robots(request: Req, help_center: InjectedHelp) -> Response[bytes]:
    """What search engines may fetch: the help center, when its settings say so."""
    async with help_center.core.units.read() as session:
        settings = await brand.load(session)
    lines = ["User-agent: *"]
    if settings.indexed:
        lines += ["Disallow: /api/", "Disallow: /app/"]
        lines += ["", f"Sitemap: {help_center.core.settings.public_url}/help/sitemap.xml"]
    else:
        lines += ["Disallow: /"]
    body = "\n".join(lines) + "\n"
    return answer(request, body, media_type="text/plain; charset=utf-8", cache=CHECKED)


HANDLERS: Final = (asset, brand_css, logo, file, sitemap_index, sitemap)
