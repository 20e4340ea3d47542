"""`/api/v1/tickets/{id}/articles`: what may help, giving it, a draft from an answer."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from desk.api.article_parts import ArticleOut, InjectedLibrary, article_out
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.knowledge import FoundPage, found_page
from desk.knowledge import tickets
from desk.knowledge.finding import Results


class InsertIn(Struct, forbid_unknown_fields=True):
    """Which article, in which language if it is there."""

    article_id: UUID
    locale: Annotated[str, Meta(max_length=20)] = "en"


class InsertOut(Struct, kw_only=True):
    """What the composer puts into the reply; `url` is empty for an internal article."""

    title: str
    summary: str
    url: str
    text: str
    markdown: str
    citation_id: UUID


class DraftFrom(Struct, forbid_unknown_fields=True):
    """Which reply; none: the last one."""

    message_id: UUID | None = None
    locale: Annotated[str, Meta(max_length=20)] = ""


class TicketArticleController(Controller):
    """Articles for a ticket."""

    path = "/tickets/{ticket_id:uuid}/articles"
    tags = ("Tickets",)

    @get(guards=[requires("tickets.read"), requires("kb.read")], summary="Articles that may help")
    async def suggested(
        self,
        ticket_id: FromPath[UUID],
        core: InjectedCore,
        library: InjectedLibrary,
        locale: FromQuery[str] = "",
        limit: Annotated[int, QueryParameter(ge=1, le=20)] = 5,
    ) -> FoundPage:
        """Articles for the subject and the customer's last message, internal ones included."""
        async with core.units.read() as session:
            found = await tickets.suggested(session, library, ticket_id, locale, limit)
        return found_page(
            Results(found, len(found), exact=True, facets={}), core.settings.public_url, None
        )

    @post(
        guards=[requires("tickets.write"), requires("kb.read")],
        summary="Give an article as an answer",
        status_code=200,
    )
    async def insert(
        self,
        ticket_id: FromPath[UUID],
        data: JSONBody[InsertIn],
        caller: Caller,
        core: InjectedCore,
    ) -> InsertOut:
        """Its link and text for the reply; that it was given is counted."""
        async with core.units.write(caller.actor) as work:
            found = await tickets.insert(
                work, ticket_id, data.article_id, data.locale, core.settings.public_url
            )
        return InsertOut(**{name: getattr(found, name) for name in InsertOut.__struct_fields__})

    @post(
        "/draft",
        guards=[requires("tickets.read"), requires("kb.write")],
        summary="Draft an article from a reply",
    )
    async def draft(
        self,
        ticket_id: FromPath[UUID],
        data: JSONBody[DraftFrom],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> ArticleOut:
        """An internal draft with the ticket's subject and the reply as its text."""
        async with core.units.write(caller.actor) as work:
            article, _ = await tickets.draft_from(
                work, library, ticket_id, data.message_id, data.locale
            )
            return await article_out(work.session, article.id)
