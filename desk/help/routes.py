"""The help center's routes under `/help`, and its own page for what is not there."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, Router

from desk.api.problems import handle_exception
from desk.errors import NotFound
from desk.help import contact, files, pages, widget_articles
from desk.help.answers import PRIVATE, answer
from desk.help.site import SITE, Site

FORM_BYTES: Final = 64 * 1024
_BELOW_A_KIND: Final = 4  # /help/{locale}/articles/{slug}


def refused(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A page with a search for what is not there; other errors as everywhere.

    It is the same page whether there is nothing, a draft, or something for others' eyes.
    """
    here = request.scope["state"].get(SITE)
    if not isinstance(error, NotFound) or not isinstance(here, Site):
        return handle_exception(request, error)
    pieces = request.scope["path"].split("/")
    guess = pieces[-1].replace("-", " ") if len(pieces) > _BELOW_A_KIND else ""
    body = here.render(
        "missing.html.jinja",
        title=here.words("not_found"),
        robots="noindex",
        query=" ".join(guess.split())[:80],
        wide_search=True,
    )
    return answer(request, body, status=404, cache=PRIVATE)


def handlers() -> list[Any]:
    """All of them."""
    return [
        Router(
            "/help",
            route_handlers=[*pages.HANDLERS, *contact.HANDLERS, *files.HANDLERS],
            exception_handlers={Exception: refused},
            request_max_body_size=FORM_BYTES,
        ),
        files.robots,
        *widget_articles.HANDLERS,
    ]
