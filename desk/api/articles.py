"""`/api/v1/articles`: lists, one article, and what is true of it in every language."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, delete, get, patch, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct
from sqlalchemy import select

from desk.api.article_parts import (
    ArticleChange,
    ArticleOut,
    ArticleRow,
    Audience,
    InjectedLibrary,
    Locale,
    NewArticle,
    RedirectOut,
    Slug,
    State,
    article_out,
    article_row,
    given,
    redirect_out,
)
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.pagination import (
    Cursor,
    Instant,
    Limit,
    Page,
    decode_cursor,
    encode_cursor,
    page_of,
)
from desk.auth.principal import CurrentAgent
from desk.errors import NotFound
from desk.events import Kind
from desk.knowledge import brand, counting, editing, listing
from desk.knowledge.errors import told
from desk.knowledge.listing import Wanted
from desk.unit_of_work import UnitOfWork
from knowledge_base import addresses
from knowledge_base.models import ArticleLocale

Text = Annotated[str, QueryParameter(max_length=200)]
# `state` itself is a name that the framework keeps.
StateQuery = Annotated[State | None, QueryParameter(name="state")]


class ArticleCounts(Struct, kw_only=True):
    """How many articles a filter would show, by what it could be set to.

    `views`: `all`, `overdue`, `archived` and the states; `missing`: not written in the language.
    """

    views: dict[str, int]
    locales: dict[str, int]
    missing: dict[str, int]
    categories: dict[UUID, int]
    audiences: dict[str, int]
    tags: dict[str, int]
    owners: dict[UUID, int]


COUNTED = ArticleCounts.__struct_fields__


class NewRedirect(Struct, forbid_unknown_fields=True):
    """An address that is to lead to the article."""

    locale: Locale
    slug: Slug


class NewSlug(Struct, forbid_unknown_fields=True):
    """The text's new address."""

    slug: Annotated[str, Meta(min_length=1, max_length=120)]


async def need_for_readers(work: UnitOfWork, caller: CurrentAgent, article_id: UUID) -> None:
    """What readers see is changed by those who may publish; a draft by whoever may write."""
    live = await work.session.scalar(
        select(ArticleLocale.id)
        .where(ArticleLocale.article_id == article_id, ArticleLocale.published_id.is_not(None))
        .limit(1)
    )
    if live is not None:
        caller.need("kb.publish")


class ArticleController(Controller):
    """Articles."""

    path = "/articles"
    tags = ("Articles",)

    @get(guards=[requires("kb.read")], summary="List articles")
    async def listing(  # noqa: PLR0913 - a query's filters
        self,
        caller: Caller,
        core: InjectedCore,
        *,
        text_state: StateQuery = None,
        locale: FromQuery[Text | None] = None,
        missing_locale: FromQuery[Text | None] = None,
        category_id: FromQuery[UUID | None] = None,
        audience: FromQuery[Audience | None] = None,
        tag: FromQuery[Text | None] = None,
        owner: Annotated[str | None, QueryParameter(description="An agent's id, or `me`.")] = None,
        archived: FromQuery[bool] = False,
        overdue: Annotated[bool, QueryParameter(description="To be reviewed by now.")] = False,
        stale: Annotated[bool, QueryParameter(description="A translation is behind.")] = False,
        q: Annotated[str, QueryParameter(max_length=200, description="In a title.")] = "",
        limit: FromQuery[Limit] = 50,
        cursor: FromQuery[Cursor] = None,
    ) -> Page[ArticleRow]:
        """Articles with the state of each language, the last changed first."""
        wanted = Wanted(
            state=text_state,
            locale=locale,
            missing_locale=missing_locale,
            category_id=category_id,
            audience=audience,
            tag=tag,
            owner_id=_owner(owner, caller),
            archived=archived,
            overdue_on=core.units.clock().date() if overdue else None,
            text=q,
        )
        after = decode_cursor(cursor, "articles", Instant, UUID)
        async with core.units.read() as session:
            found, states = await listing.page(session, wanted, after, limit + 1, stale=stale)
            rows, more = page_of(found, limit)
        return Page(
            items=[article_row(row, states.get(row.id, [])) for row in rows],
            next_cursor=encode_cursor("articles", rows[-1].updated_at, rows[-1].id)
            if more
            else None,
        )

    @get("/counts", guards=[requires("kb.read")], summary="Count articles")
    async def counts(  # noqa: PLR0913 - a query's filters
        self,
        caller: Caller,
        core: InjectedCore,
        *,
        text_state: StateQuery = None,
        locale: FromQuery[Text | None] = None,
        missing_locale: FromQuery[Text | None] = None,
        category_id: FromQuery[UUID | None] = None,
        audience: FromQuery[Audience | None] = None,
        tag: FromQuery[Text | None] = None,
        owner: Annotated[str | None, QueryParameter(description="An agent's id, or `me`.")] = None,
        archived: FromQuery[bool] = False,
        overdue: Annotated[bool, QueryParameter(description="To be reviewed by now.")] = False,
        q: Annotated[str, QueryParameter(max_length=200, description="In a title.")] = "",
    ) -> ArticleCounts:
        """How many articles each filter would show, under the others as they are set."""
        today = core.units.clock().date()
        wanted = Wanted(
            state=text_state,
            locale=locale,
            missing_locale=missing_locale,
            category_id=category_id,
            audience=audience,
            tag=tag,
            owner_id=_owner(owner, caller),
            archived=archived,
            overdue_on=today if overdue else None,
            text=q,
        )
        async with core.units.read() as session:
            settings = await brand.load(session)
            found = await counting.counts(session, wanted, today, settings.locales)
        return ArticleCounts(**{name: getattr(found, name) for name in COUNTED})

    @post(guards=[requires("kb.write")], summary="Write an article")
    async def create(
        self,
        data: JSONBody[NewArticle],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> ArticleOut:
        """A new article with a draft in its first language."""
        fields = {"category_id": data.category_id, "audience": data.audience, "tags": data.tags}
        async with core.units.write(caller.actor) as work:
            article, _ = await editing.create(
                work, library, data.locale, editing.text(data.title, data.summary, data.body),
                slug=data.slug, fields=fields | {"review_by": data.review_by},
            )  # fmt: skip
            return await article_out(work.session, article.id)

    @get("/{article_id:uuid}", guards=[requires("kb.read")], summary="One article")
    async def one(self, article_id: FromPath[UUID], core: InjectedCore) -> ArticleOut:
        """An article with its languages, files, redirects and related articles."""
        async with core.units.read() as session:
            with told():
                return await article_out(session, article_id)

    @patch("/{article_id:uuid}", guards=[requires("kb.write")], summary="Change an article")
    async def change(
        self,
        article_id: FromPath[UUID],
        data: JSONBody[ArticleChange],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> ArticleOut:
        """Change what holds in every language; of a published article only by who may publish."""
        fields = given(data, "version", "related")
        known = given(data)
        async with core.units.write(caller.actor) as work:
            await need_for_readers(work, caller, article_id)
            await editing.change(
                work, library, article_id, fields,
                version=known.get("version"), related=known.get("related"),
            )  # fmt: skip
            return await article_out(work.session, article_id)

    @delete("/{article_id:uuid}", guards=[requires("kb.publish")], summary="Delete an article")
    async def remove(
        self,
        article_id: FromPath[UUID],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> None:
        """Delete an article with its whole history; archiving keeps it."""
        async with core.units.write(caller.actor) as work:
            await editing.delete(work, library, article_id)

    @post(
        "/{article_id:uuid}/archive",
        guards=[requires("kb.publish")],
        summary="Archive an article",
        status_code=200,
    )
    async def archive(
        self,
        article_id: FromPath[UUID],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> ArticleOut:
        """Take it from the readers in all languages and put it away."""
        async with core.units.write(caller.actor) as work:
            await editing.archive(work, library, article_id, archived=True)
            return await article_out(work.session, article_id)

    @post(
        "/{article_id:uuid}/unarchive",
        guards=[requires("kb.publish")],
        summary="Bring an article back",
        status_code=200,
    )
    async def unarchive(
        self,
        article_id: FromPath[UUID],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> ArticleOut:
        """Bring an archived article back, as drafts."""
        async with core.units.write(caller.actor) as work:
            await editing.archive(work, library, article_id, archived=False)
            return await article_out(work.session, article_id)

    @put(
        "/{article_id:uuid}/locales/{locale:str}/slug",
        guards=[requires("kb.write")],
        summary="Change an address",
    )
    async def move(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        data: JSONBody[NewSlug],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> ArticleOut:
        """Give a text another address; the former one leads on."""
        async with core.units.write(caller.actor) as work:
            await need_for_readers(work, caller, article_id)
            await editing.move(work, library, article_id, locale, data.slug)
            return await article_out(work.session, article_id)

    @post(
        "/{article_id:uuid}/redirects",
        guards=[requires("kb.publish")],
        summary="Add a redirect",
    )
    async def add_redirect(
        self,
        article_id: FromPath[UUID],
        data: JSONBody[NewRedirect],
        caller: Caller,
        core: InjectedCore,
    ) -> RedirectOut:
        """Lead an address that nobody has to this article."""
        async with core.units.write(caller.actor) as work:
            with told():
                row = await addresses.add(
                    work.session, data.locale, data.slug, article_id, work.now
                )
            _redirected(work, article_id, data.locale, None, data.slug)
        return redirect_out(row)

    @delete(
        "/{article_id:uuid}/redirects/{redirect_id:uuid}",
        guards=[requires("kb.publish")],
        summary="Remove a redirect",
    )
    async def remove_redirect(
        self,
        article_id: FromPath[UUID],
        redirect_id: FromPath[UUID],
        caller: Caller,
        core: InjectedCore,
    ) -> None:
        """The address leads nowhere any more."""
        async with core.units.write(caller.actor) as work:
            with told():
                known = await addresses.of_article(work.session, article_id)
                row = next((row for row in known if row.id == redirect_id), None)
                if row is None:
                    raise NotFound("There is no such redirect.")
                await addresses.remove(work.session, redirect_id)
            _redirected(work, article_id, row.locale, row.slug, None)


def _redirected(
    work: UnitOfWork, article_id: UUID, locale: str, before: str | None, after: str | None
) -> None:
    work.record(
        Kind.ARTICLE_CHANGED,
        changes={"redirect": (before, after)},
        data={"article_id": str(article_id), "locale": locale},
    )


def _owner(owner: str | None, caller: CurrentAgent) -> UUID | None:
    if owner is None:
        return None
    if owner == "me":
        return caller.id
    try:
        return UUID(owner)
    except ValueError as error:
        raise NotFound("There is no such agent.") from error
