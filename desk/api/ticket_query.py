"""The query string of ticket lists, read into the repository's filters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter, SkipValidation

from desk.errors import Invalid
from desk.tickets.lifecycle import PRIORITIES, STATUSES
from desk.tickets.lists import SORTS, Filters

RELEVANCE = "relevance"  # a sort: what answers `q` best comes first

Words = Annotated[list[str] | None, QueryParameter(description="May repeat, or be a comma list.")]


@dataclass(frozen=True, slots=True)
class Query:
    """The filters as they stand in the query string."""

    status: list[str]
    priority: list[str]
    channel: list[str]
    assignee: str | None
    team: str | None
    inbox: UUID | None
    contact: UUID | None
    locale: str | None
    tag: list[str]
    not_tag: list[str]
    q: str
    unread: bool
    mentions: bool
    snoozed: bool | None


def read_query(  # noqa: PLR0913, PLR0917 - the query string's parameters
    request: Request[Any, Any, Any],  # noqa: ARG001
    status: Words = None,
    priority: Words = None,
    channel: Words = None,
    assignee: Annotated[
        str | None, QueryParameter(description="An agent's id, `me` or `none`.")
    ] = None,
    team: Annotated[str | None, QueryParameter(description="A team's id or `none`.")] = None,
    inbox: Annotated[UUID | None, QueryParameter(description="An inbox's id.")] = None,
    contact: Annotated[UUID | None, QueryParameter(description="A contact's id.")] = None,
    locale: Annotated[str | None, QueryParameter(description="A language, BCP 47.")] = None,
    tag: Annotated[list[str] | None, QueryParameter(description="All of these tags.")] = None,
    not_tag: Annotated[list[str] | None, QueryParameter(description="None of these tags.")] = None,
    q: Annotated[
        str,
        QueryParameter(
            max_length=300, description="Words, names, addresses or #number; slips are forgiven."
        ),
    ] = "",
    unread: Annotated[
        bool, QueryParameter(description="Only what the caller has not read.")
    ] = False,
    mentions: Annotated[
        bool, QueryParameter(description="Only where the caller is mentioned.")
    ] = False,
    snoozed: Annotated[
        bool | None, QueryParameter(description="Only snoozed ones, or only those that are not.")
    ] = None,
) -> Query:
    """Collect the query string."""
    return Query(
        status=_words(status),
        priority=_words(priority),
        channel=_words(channel),
        assignee=assignee,
        team=team,
        inbox=inbox,
        contact=contact,
        locale=locale,
        tag=_words(tag),
        not_tag=_words(not_tag),
        q=q,
        unread=unread,
        mentions=mentions,
        snoozed=snoozed,
    )


TicketFilters = NamedDependency[SkipValidation[Query]]
FILTERS = {"filters": Provide(read_query, sync_to_thread=False)}


def _words(values: list[str] | None) -> list[str]:
    return [word.strip() for value in values or () for word in value.split(",") if word.strip()]


def filters_of(query: Query, agent_id: UUID, now: datetime, *, tabs: bool = False) -> Filters:
    """The repository's filters; `tabs` leaves out what the tabs themselves choose."""
    for field, given, allowed in (
        ("status", query.status, STATUSES),
        ("priority", query.priority, PRIORITIES),
    ):
        unknown = [word for word in given if word not in allowed]
        if unknown:
            raise Invalid(errors=[(field, f"{unknown[0]!r} is none of {', '.join(allowed)}")])
    return Filters(
        status=() if tabs else tuple(query.status),
        priority=tuple(query.priority),
        channel=tuple(query.channel),
        assignee=None if tabs else _who("assignee", query.assignee, agent_id),
        team=_who("team", query.team, None),
        inbox=query.inbox,
        contact=query.contact,
        locale=query.locale,
        tags=tuple(word.lower() for word in query.tag),
        not_tags=tuple(word.lower() for word in query.not_tag),
        text=query.q,
        unread_by=agent_id if query.unread and not tabs else None,
        mentions=agent_id if query.mentions and not tabs else None,
        snoozed=None if tabs else query.snoozed,
        now=now,
    )


def _who(field: str, value: str | None, me: UUID | None) -> UUID | str | None:
    if value in {None, ""}:
        return None
    if value == "none":
        return "none"
    if value == "me" and me is not None:
        return me
    try:
        return UUID(str(value))
    except ValueError as error:
        hint = "an id, me or none" if me is not None else "an id or none"
        raise Invalid(errors=[(field, f"is {hint}")]) from error


def split_sort(sort: str) -> tuple[str, bool]:
    """`-created_at` -> (created_at, descending). Raises Invalid."""
    field = sort.removeprefix("-")
    if field not in SORTS:
        names = f"{RELEVANCE} or one of {', '.join(SORTS)}, with or without -"
        raise Invalid(errors=[("sort", f"is {names}")])
    return field, sort.startswith("-")
