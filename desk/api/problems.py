"""Every error as a problem document (RFC 9457): `application/problem+json`, never a trace.

`problem_for` decides; `handle_exception` is registered once, for every exception.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, SerializationException
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from desk.api.wording import reword
from desk.errors import (
    Conflict,
    DeskError,
    Forbidden,
    Invalid,
    NotAuthenticated,
    NotFound,
    RateLimited,
    TooLarge,
)

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:parley:problem:"
_BY_STATUS: dict[int, type[DeskError]] = {
    400: Invalid,
    401: NotAuthenticated,
    403: Forbidden,
    404: NotFound,
    413: TooLarge,
    422: Invalid,
    429: RateLimited,
}
_SERVER_ERROR = 500
_POSITION = re.compile(r"\(byte (\d+)\)|\(char (\d+)\)")


class Problem(msgspec.Struct, frozen=True):
    """A problem document before it is written: its status, members and headers."""

    status: int
    code: str
    title: str
    detail: str
    extra: Mapping[str, object] = {}
    headers: Mapping[str, str] = {}

    def body(self) -> dict[str, object]:
        """The document's members."""
        return {
            "type": TYPE_PREFIX + self.code,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **{name: value for name, value in self.extra.items() if value not in ([], None)},
        }


def problem_for(error: Exception, request_id: str = "") -> Problem:
    """The problem that the caller may see for this exception."""
    if isinstance(error, DeskError) and error.status < _SERVER_ERROR:
        return _of_desk(error)
    if isinstance(error, HTTPException) and error.status_code < _SERVER_ERROR:
        return _of_http(error)
    if isinstance(error, IntegrityError | StaleDataError):
        return _of_desk(Conflict("Somebody else changed this at the same time; load it again."))
    if isinstance(error, DataError | OverflowError):
        # A NUL in a text, a number beyond the column's: PostgreSQL refuses what SQLite may take.
        return _of_desk(Invalid("A value in the request cannot be stored; check its characters."))
    if isinstance(error, msgspec.ValidationError):
        return _of_desk(Invalid(errors=[reword(str(error))]))
    return Problem(
        status=_SERVER_ERROR,
        code=DeskError.code,
        title=DeskError.title,
        detail="The error was logged; give this request id to whoever runs the desk.",
        extra={"request_id": request_id},
    )


def handle_exception(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's exception handler for everything."""
    state = request.scope.get("state", {})
    problem = problem_for(error, str(state.get("request_id", "")))
    if problem.status >= _SERVER_ERROR:
        log.error("request_failed", path=request.scope["path"], exc_info=error)
    elif isinstance(error, DBAPIError):
        log.warning("database_refused", path=request.scope["path"], error=str(error.orig)[:300])
    return response_for(problem)


def response_for(problem: Problem) -> Response[bytes]:
    """The problem as a response."""
    return Response(
        msgspec.json.encode(problem.body()),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=dict(problem.headers),
    )


def _of_desk(error: DeskError) -> Problem:
    headers: dict[str, str] = {}
    if isinstance(error, NotAuthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="desk"'
    wait = error.extra.get("retry_after")
    if isinstance(wait, int | float):
        headers["Retry-After"] = str(int(wait))
    return Problem(
        status=error.status,
        code=error.code,
        title=error.title,
        detail=error.detail,
        extra=error.extra,
        headers=headers,
    )


def _of_http(error: HTTPException) -> Problem:
    status = error.status_code
    kind = _BY_STATUS.get(status)
    if kind is Invalid:
        return _of_desk(_invalid(error))
    if kind is not None:
        return _of_desk(kind())
    phrase = HTTPStatus(status).phrase
    return Problem(
        status=status,
        code=phrase.lower().replace(" ", "-"),
        title=phrase,
        detail="This address does not answer that method."
        if status == HTTPStatus.METHOD_NOT_ALLOWED
        else phrase,
        headers=error.headers or {},
    )


def _invalid(error: HTTPException) -> Invalid:
    found = error.extra if isinstance(error.extra, list) else []
    errors = [
        reword(str(item.get("message", "")), str(item.get("key", "")))
        for item in found
        if isinstance(item, dict)
    ]
    if errors:
        return Invalid(errors=errors)
    if isinstance(error.__cause__, SerializationException):
        position = _POSITION.search(error.detail)
        where = f" near byte {position.group(1) or position.group(2)}" if position else ""
        return Invalid(f"The body is not valid JSON{where}.")
    if error.detail.startswith("Missing required"):
        return Invalid(error.detail.partition(" for path")[0].partition(" for url")[0] + ".")
    return Invalid("The request cannot be read; check its body and parameters.")
