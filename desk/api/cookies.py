"""The session cookie."""

from __future__ import annotations

from litestar.datastructures import Cookie

from desk.settings import Settings

COOKIE = "parley_session"


def session_cookie(settings: Settings, token: str) -> Cookie:
    """The cookie for a session; an empty token removes it."""
    return Cookie(
        key=COOKIE,
        value=token,
        path="/",
        max_age=settings.session_hours * 3600 if token else 0,
        httponly=True,
        samesite="lax",
        secure=settings.public_url.startswith("https://"),
    )
