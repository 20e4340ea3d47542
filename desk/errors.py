"""The error tree. Each class maps to one problem-details type, `urn:parley:problem:<code>`.

    DeskError                     500 internal
    ├── Unreadable                400 unreadable          a provider sent what makes no sense
    ├── SignatureRefused          401 signature           a webhook was not signed as it must be
    ├── Gone                      410 gone                it was here and is switched off
    ├── ConfigurationError        500 configuration       a setting is missing or wrong
    ├── Invalid                   422 invalid             the input cannot be taken as it is
    ├── NotAuthenticated          401 not-authenticated
    │   ├── BadCredentials        401 bad-credentials
    │   └── SessionExpired        401 session-expired
    ├── Forbidden                 403 forbidden
    │   └── CsrfFailed            403 csrf
    ├── NotFound                  404 not-found
    ├── Conflict                  409 conflict            somebody else changed it first
    │   ├── StaleReply            409 stale-reply         a newer message was not seen
    │   ├── TooLate               409 too-late            what was to be undone has happened
    │   └── Duplicate             409 duplicate
    ├── TooLarge                  413 too-large
    └── RateLimited               429 rate-limited

`detail` is a sentence for a person that says what to do. `extra` goes into the problem document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar


class DeskError(Exception):
    """Something the desk can name. Every subclass has its own `code`, `status` and `title`."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(self, detail: str = "", **extra: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.extra: Mapping[str, object] = extra


class ConfigurationError(DeskError):
    """A setting is missing or wrong; `detail` names the variable and what it should hold."""

    code = "configuration"
    title = "The desk is not set up right"


class Invalid(DeskError):
    """The input cannot be taken. `errors` lists (field, message) pairs."""

    code = "invalid"
    status = 422
    title = "Some of the input cannot be taken"

    def __init__(
        self, detail: str = "", errors: Sequence[tuple[str, str]] = (), **extra: object
    ) -> None:
        if errors and not detail:
            detail = "; ".join(f"{field}: {message}" for field, message in errors)
        super().__init__(
            detail,
            errors=[{"field": field, "message": message} for field, message in errors],
            **extra,
        )


class NotAuthenticated(DeskError):
    """Nobody is signed in."""

    code = "not-authenticated"
    status = 401
    title = "Sign in first"


class BadCredentials(NotAuthenticated):
    """The e-mail address and the password do not belong together."""

    code = "bad-credentials"
    title = "The e-mail address or the password is wrong"


class SessionExpired(NotAuthenticated):
    """The session ran out or was ended elsewhere."""

    code = "session-expired"
    title = "Your session has ended; sign in again"


class Forbidden(DeskError):
    """Signed in, but not allowed."""

    code = "forbidden"
    status = 403
    title = "You may not do this"


class CsrfFailed(Forbidden):
    """A browser sent a change without the session's CSRF token."""

    code = "csrf"
    title = "The request did not come from the desk's own pages; reload and try again"


class NotFound(DeskError):
    """There is no such thing, or it may not be seen."""

    code = "not-found"
    status = 404
    title = "There is no such thing here"


class Unreadable(DeskError):
    """A webhook's body makes no sense to its channel; nothing more is told to a stranger."""

    code = "unreadable"
    status = 400
    title = "This request cannot be read"


class SignatureRefused(DeskError):
    """A webhook was not signed as its channel asks; nothing more is told to a stranger."""

    code = "signature"
    status = 401
    title = "The signature was refused"


class Gone(DeskError):
    """It was here and is switched off."""

    code = "gone"
    status = 410
    title = "This is no longer here"


class Conflict(DeskError):
    """Somebody else changed it first. `current` in `extra` is how it stands now."""

    code = "conflict"
    status = 409
    title = "Somebody else changed this at the same time"


class StaleReply(Conflict):
    """A newer message was not seen by the one who replies. `newer` in `extra` lists them."""

    code = "stale-reply"
    title = "There is a newer message that you have not seen"


class TooLate(Conflict):
    """What was to be undone has already happened."""

    code = "too-late"
    title = "This can no longer be undone"


class Duplicate(Conflict):
    """It exists already."""

    code = "duplicate"
    title = "This exists already"


class TooLarge(DeskError):
    """The body or file is larger than allowed."""

    code = "too-large"
    status = 413
    title = "This is larger than the desk takes"


class RateLimited(DeskError):
    """Too many tries; `retry_after` in `extra` is in seconds."""

    code = "rate-limited"
    status = 429
    title = "Too many requests; wait a little and try again"
