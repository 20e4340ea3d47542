"""`/help/enter` and `/help/leave`: readers whom a site has signed in come and go."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

from litestar import Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery, QueryParameter
from litestar.response import Redirect
from msgspec import Meta, Struct

from desk.api.authentication import PUBLIC
from desk.api.rate_limit import limited
from desk.help import readers
from desk.help.answers import PRIVATE
from desk.help.site import HelpCenterParts, InjectedHelp

Req = Request[Any, Any, Any]
Long = Annotated[str, QueryParameter(max_length=4000)]
_HEADERS: Final = {"cache-control": PRIVATE, "referrer-policy": "no-referrer"}


class Entry(Struct):
    """What a site's own page sends: its inbox, the identity it signed, and where to go."""

    inbox: Annotated[str, Meta(max_length=64)]
    identity: Annotated[str, Meta(max_length=4000)]
    to: Annotated[str, Meta(max_length=2000)] = "/help"


Form = Annotated[Entry, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/enter", opt={PUBLIC: True}, include_in_schema=False)
async def follow(
    request: Req, help_center: InjectedHelp, t: FromQuery[Long] = "", to: FromQuery[Long] = "/help"
) -> Redirect:
    """The widget's link. One that is no longer valid leads to the page, as a stranger."""
    _limit(request, help_center)
    async with help_center.core.units.read() as session:
        reader = await help_center.readers.read(session, t, "link")
        proof = await help_center.readers.issue(session, reader, "cookie") if reader else ""
    return _onward(help_center, to, proof)


@post("/enter", opt={PUBLIC: True}, include_in_schema=False)
async def sign_in(request: Req, data: Form, help_center: InjectedHelp) -> Redirect:
    """A form of the site itself. The identity is in the body, so that no log keeps it."""
    _limit(request, help_center)
    async with help_center.core.units.read() as session:
        reader = await help_center.readers.of_site(session, data.inbox, data.identity)
        proof = await help_center.readers.issue(session, reader, "cookie")
    return _onward(help_center, data.to, proof)


@post("/leave", opt={PUBLIC: True}, include_in_schema=False)
async def leave(help_center: InjectedHelp) -> Redirect:
    """Forget the reader."""
    return Redirect(
        "/help",
        status_code=303,
        headers=_HEADERS,
        cookies=[readers.cookie(help_center.core.settings.public_url, "")],
    )


def _onward(parts: HelpCenterParts, to: str, proof: str) -> Redirect:
    cookies = [readers.cookie(parts.core.settings.public_url, proof)] if proof else []
    path = quote(readers.page_of(to), safe="/?=&%")
    return Redirect(path, status_code=303, headers=_HEADERS, cookies=cookies)


def _limit(request: Req, parts: HelpCenterParts) -> None:
    wait = parts.searches.take(parts.network(request))
    if wait:
        raise limited(wait)


HANDLERS: Final = (follow, sign_in, leave)
