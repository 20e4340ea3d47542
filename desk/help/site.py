"""What every page of the help center is made from: the reader, the language, the brand."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

import jinja2
import msgspec
from litestar import Request
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from desk.api.authentication import identify
from desk.api.cookies import COOKIE
from desk.api.core import Core
from desk.api.headers import cookie, header, network_of
from desk.api.rate_limit import TokenBuckets
from desk.errors import NotAuthenticated, NotFound
from desk.files.store import BlobStore
from desk.help.assets import Assets
from desk.help.waiting import Waiting
from desk.help.words import Catalogue, Words
from desk.inboxes import repository as inboxes
from desk.inboxes.models import Inbox
from desk.intake.chat import Chat
from desk.knowledge import brand
from desk.knowledge.library import Library
from desk.knowledge.models import HelpCenter
from knowledge_base import locales, reading

SITE: Final = "help_site"
TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class HelpCenterParts:
    """Injected as `help_center`."""

    core: Core
    library: Library
    blobs: BlobStore
    chat: Chat
    assets: Assets = field(default_factory=Assets)
    words: Catalogue = field(default_factory=Catalogue)
    waiting: Waiting = field(default_factory=Waiting)
    # Per network: searches as somebody types, messages and votes.
    searches: TokenBuckets = field(default_factory=lambda: TokenBuckets(120, 60.0))
    messages: TokenBuckets = field(default_factory=lambda: TokenBuckets(5, 600.0))
    votes: TokenBuckets = field(default_factory=lambda: TokenBuckets(30, 600.0))
    templates: jinja2.Environment = field(
        default_factory=lambda: jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
    )

    def network(self, request: Request[Any, Any, Any]) -> str:
        """What limits count by."""
        return network_of(self.core.proxies.client_ip(request.scope))

    def visitor(self, request: Request[Any, Any, Any], now: datetime) -> str:
        """Tells a browser from another for this day only; nothing is stored in it."""
        seen = f"{now:%Y-%m-%d}|{self.network(request)}|{header(request.scope, b'user-agent')}"
        key = f"help:{self.core.secret}".encode()
        return hmac.new(key, seen.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


InjectedHelp = NamedDependency[SkipValidation[HelpCenterParts]]


@dataclass(frozen=True, slots=True)
class Site:
    """One page's surroundings."""

    parts: HelpCenterParts
    settings: HelpCenter
    words: Words
    audiences: Sequence[str]
    is_agent: bool
    there: dict[str, int]  # languages with something to read
    now: datetime
    mail: Inbox | None
    chat: Inbox | None

    @property
    def locale(self) -> str:
        """The page's language."""
        return self.words.locale

    @property
    def base(self) -> str:
        """The desk's address, without a slash at the end."""
        return self.parts.core.settings.public_url

    def url(self, kind: str, slug: str = "", locale: str = "") -> str:
        """A page's path: home, article, topic, search, contact, suggest."""
        start = f"/help/{locale or self.locale}"
        named = {"article": "articles", "topic": "topics"}
        if kind in named:
            return f"{start}/{named[kind]}/{quote(slug)}"
        return start if kind == "home" else f"{start}/{kind}"

    def render(self, template: str, **values: object) -> str:
        """A page."""
        return self.parts.templates.get_template(template).render(
            site=self,
            t=self.words,
            assets=self.parts.assets,
            own_name=locales.own_name,
            direction=locales.direction,
            **{
                "canonical": "",
                "alternates": [],
                "description": "",
                "structured": None,
                "robots": "",
                "query": "",
                "wide_search": False,
                **values,
            },
        )

    def hours(self) -> dict[str, Any]:
        """Whether somebody is there, by the chat's hours, else the mail inbox's."""
        inbox = self.chat or self.mail
        if inbox is None:
            return {"open": None, "text": "", "zone": ""}
        found = self.parts.chat.hours(inbox, self.now)
        zone = ZoneInfo(found["timezone"])
        text = self.words("open_now") if found["open"] else self.words("closed")
        if found["closes_at"]:
            until = datetime.fromisoformat(found["closes_at"]).astimezone(zone)
            text = self.words("open_until", time=self.words.time(until))
        elif not found["open"] and found["opens_at"]:
            opens = datetime.fromisoformat(found["opens_at"]).astimezone(zone)
            text = self.words("opens_at", time=self.words.day_and_time(opens))
        named = self.words("zone", zone=self.words.zone(found["timezone"])) if found["week"] else ""
        return {"open": found["open"], "text": text, "zone": named}


async def load(
    request: Request[Any, Any, Any],
    parts: HelpCenterParts,
    session: AsyncSession,
    locale: str | None,
) -> Site:
    """The surroundings of a page. Raises NotFound for a language that the help center has not."""
    settings = await brand.load(session)
    is_agent = await _is_agent(request, parts.core)
    audiences = reading.EVERYTHING if is_agent else reading.PUBLIC
    there = await reading.locales(session, audiences)
    known = locale is None or locale in settings.locales
    here = Site(
        parts=parts,
        settings=settings,
        words=parts.words.of(locale if locale and known else _best(request, settings)),
        audiences=audiences,
        is_agent=is_agent,
        there={tag: count for tag, count in there.items() if tag in settings.locales},
        now=parts.core.units.clock(),
        mail=await _inbox(session, settings.mail_inbox_id),
        chat=await _inbox(session, settings.chat_inbox_id),
    )
    request.scope["state"][SITE] = here  # for the page that says that something is not there
    if not known:
        raise NotFound
    return here


def _best(request: Request[Any, Any, Any], settings: HelpCenter) -> str:
    wanted = locales.accepted(header(request.scope, b"accept-language"))
    return locales.best(wanted, settings.locales, settings.default_locale)


async def _inbox(session: AsyncSession, inbox_id: UUID | None) -> Inbox | None:
    inbox = await inboxes.get(session, inbox_id) if inbox_id is not None else None
    return inbox if inbox is not None and inbox.active else None


async def _is_agent(request: Request[Any, Any, Any], core: Core) -> bool:
    """Agents who are signed in read internal articles where customers would; never drafts."""
    bearer = header(request.scope, b"authorization")
    if not bearer and not cookie(request.scope, COOKIE):
        return False
    try:
        known = await identify(core, request.scope)
    except NotAuthenticated:
        return False
    return "kb.read" in known.agent.permissions


def structured(*objects: dict[str, Any]) -> Markup:
    """JSON-LD that cannot end its script element."""
    text = msgspec.json.encode([{"@context": "https://schema.org", **item} for item in objects])
    escaped = text.decode().replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return Markup(escaped)  # noqa: S704 - escaped above
