"""`/api/v1/articles/{id}/locales/{locale}`: review, comments, publishing, scheduling."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from desk.api.article_parts import (
    CommentOut,
    InjectedLibrary,
    Remark,
    TextOut,
    Version,
    comment_out,
)
from desk.api.article_texts import AT, text_view
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.api.pagination import Instant
from desk.errors import Invalid
from desk.knowledge import editing
from desk.knowledge.errors import told
from knowledge_base import publishing, repository, schedule


class RemarkIn(msgspec.Struct, forbid_unknown_fields=True):
    """What is said with a step of the review."""

    text: Remark = ""


class NewComment(msgspec.Struct, forbid_unknown_fields=True):
    """A remark; `anchor` is the hash of the paragraph it is about, `quote` the words."""

    text: Annotated[str, Meta(min_length=1, max_length=5000)]
    anchor: Annotated[str, Meta(max_length=16)] = ""
    quote: Annotated[str, Meta(max_length=500)] = ""


class CommentChange(msgspec.Struct, forbid_unknown_fields=True):
    """Whether a remark is dealt with."""

    resolved: bool


class CommentList(msgspec.Struct):
    """The remarks, in order."""

    items: list[CommentOut]


class PublishIn(msgspec.Struct, forbid_unknown_fields=True):
    """`version`: the one the caller has read; a later one is not published."""

    version: Version | None = None


class ScheduleIn(msgspec.Struct, forbid_unknown_fields=True):
    """When to publish: an instant, or a wall-clock time and the zone whose clocks show it."""

    at: Instant | None = None
    wall: Annotated[datetime, Meta(tz=False)] | None = None
    timezone: Annotated[str, Meta(max_length=64)] = ""


class ArticleReviewController(Controller):
    """From draft to reader."""

    path = AT
    tags = ("Articles",)

    @post("/submit", guards=[requires("kb.write")], summary="Ask for a review", status_code=200)
    async def submit(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        data: JSONBody[RemarkIn],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> TextOut:
        """The draft is ready to be read by somebody else."""
        async with core.units.write(caller.actor) as work:
            await editing.review(work, library, article_id, locale, "submit", data.text)
            return await text_view(work.session, article_id, locale, caller, work.now)

    @post("/approve", guards=[requires("kb.review")], summary="Approve", status_code=200)
    async def approve(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        data: JSONBody[RemarkIn],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> TextOut:
        """The text may go out as it is."""
        async with core.units.write(caller.actor) as work:
            await editing.review(work, library, article_id, locale, "approve", data.text)
            return await text_view(work.session, article_id, locale, caller, work.now)

    @post(
        "/request-changes", guards=[requires("kb.review")], summary="Ask for changes",
        status_code=200,
    )  # fmt: skip
    async def request_changes(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        data: JSONBody[RemarkIn],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> TextOut:
        """Back to the author, with what is to be changed."""
        async with core.units.write(caller.actor) as work:
            await editing.review(work, library, article_id, locale, "changes", data.text)
            return await text_view(work.session, article_id, locale, caller, work.now)

    @get("/comments", guards=[requires("kb.read")], summary="Comments")
    async def comments(
        self, article_id: FromPath[UUID], locale: FromPath[str], core: InjectedCore
    ) -> CommentList:
        """The remarks of the review, in order."""
        async with core.units.read() as session:
            with told():
                row = await repository.locale(session, article_id, locale)
            found = await publishing.comments(session, row.id)
        return CommentList([comment_out(comment) for comment in found])

    @post("/comments", guards=[requires("kb.write")], summary="Comment")
    async def comment(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        data: JSONBody[NewComment],
        caller: Caller,
        core: InjectedCore,
    ) -> CommentOut:
        """A remark on the newest version."""
        async with core.units.write(caller.actor) as work:
            made = await editing.comment(
                work, article_id, locale, data.text, data.anchor, data.quote
            )
        return comment_out(made)

    @patch("/comments/{comment_id:uuid}", guards=[requires("kb.write")], summary="Resolve")
    async def resolve(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        comment_id: FromPath[UUID],
        data: JSONBody[CommentChange],
        caller: Caller,
        core: InjectedCore,
    ) -> CommentOut:
        """A remark is dealt with, or is not after all."""
        async with core.units.write(caller.actor) as work:
            with told():
                row = await repository.locale(work.session, article_id, locale)
                found = await publishing.resolve(
                    work.session, work.now, row, comment_id, resolved=data.resolved
                )
        return comment_out(found)

    @post("/publish", guards=[requires("kb.publish")], summary="Publish", status_code=200)
    async def publish(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        data: JSONBody[PublishIn],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> TextOut:
        """Readers see the newest version from now on; search and pages with the same commit."""
        async with core.units.write(caller.actor) as work:
            await editing.publish(work, library, article_id, locale, data.version)
            return await text_view(work.session, article_id, locale, caller, work.now)

    @post("/schedule", guards=[requires("kb.publish")], summary="Publish later", status_code=200)
    async def schedule(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        data: JSONBody[ScheduleIn],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> TextOut:
        """Publish the newest version at an instant; saving it again calls this off."""
        async with core.units.write(caller.actor) as work:
            await editing.schedule(work, library, article_id, locale, _instant(data))
            return await text_view(work.session, article_id, locale, caller, work.now)

    @delete("/schedule", guards=[requires("kb.publish")], summary="Do not publish later",
            status_code=200)  # fmt: skip
    async def unschedule(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> TextOut:
        """Call a scheduled publication off."""
        async with core.units.write(caller.actor) as work:
            await editing.schedule(work, library, article_id, locale, None)
            return await text_view(work.session, article_id, locale, caller, work.now)

    @post("/unpublish", guards=[requires("kb.publish")], summary="Unpublish", status_code=200)
    async def unpublish(
        self,
        article_id: FromPath[UUID],
        locale: FromPath[str],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> TextOut:
        """Take the text from the readers; it goes on as a draft."""
        async with core.units.write(caller.actor) as work:
            await editing.unpublish(work, library, article_id, locale)
            return await text_view(work.session, article_id, locale, caller, work.now)


def _instant(data: ScheduleIn) -> datetime:
    if data.at is not None and data.wall is None:
        return data.at
    if data.wall is None or data.at is not None:
        raise Invalid(errors=[("at", "give either `at`, or `wall` and `timezone`")])
    with told():
        return schedule.instant(data.wall, data.timezone)
