"""Keyset pages: a cursor is the sort key and id of the last row, so nothing is skipped or counted.

A cursor is opaque to callers and checked when it comes back; it needs no signature, since all it
can say is where to go on.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter
from msgspec import Meta

from desk.errors import Invalid

T = TypeVar("T")

Instant = Annotated[datetime, Meta(tz=True)]  # with its offset: the desk stores instants
Number = Annotated[int, Meta(ge=0, le=2**53)]

MAX_LIMIT = 200
MAX_CURSOR = 1000

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="How many items at most.")]
Cursor = Annotated[
    str | None,
    QueryParameter(description="`next_cursor` of the page before; none: from the start."),
]


class Page(msgspec.Struct, Generic[T]):
    """A page of a list; `next_cursor` is null on the last one."""

    items: list[T]
    next_cursor: str | None = None


def encode_cursor(sort: str, *values: object) -> str:
    """The cursor after a row; `values` are its sort key and id (str, int, datetime, UUID, None)."""
    text = msgspec.json.encode([sort, *values])
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def decode_cursor(cursor: str | None, sort: str, *types: Any) -> tuple[Any, ...] | None:  # noqa: ANN401 - any type msgspec converts
    """The values of a cursor, or None for the first page. Raises Invalid for one not ours."""
    if not cursor:
        return None
    problem = Invalid(
        errors=[("cursor", "This is not a cursor of this list; start again without one.")]
    )
    if len(cursor) > MAX_CURSOR:
        raise problem
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        parts: Sequence[object] = msgspec.json.decode(text, type=list[Any])
        if len(parts) != len(types) + 1 or parts[0] != sort:
            raise problem
        return tuple(
            msgspec.convert(part, kind) for part, kind in zip(parts[1:], types, strict=True)
        )
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise problem from error


def page_of(rows: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """Cut the one row too many that was asked for; answers with the rows and whether more exist."""
    return rows[:limit], len(rows) > limit
