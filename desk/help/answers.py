"""Answers of the help center: policy, caching by content, compression."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response

from desk.api.headers import header

HTML: Final = "text/html; charset=utf-8"
# Nothing but our own files, and pictures that an article names; no inline script, no inline style.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
FOREVER: Final = "public, max-age=31536000, immutable"
CHECKED: Final = "public, max-age=0, must-revalidate"
PRIVATE: Final = "private, no-store"
_WORTH: Final = 800  # bytes: below, compressing gains nothing


def answer(
    request: Request[Any, Any, Any],
    body: str | bytes,
    *,
    media_type: str = HTML,
    status: int = 200,
    cache: str = CHECKED,
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """A page or file: 304 when the browser has it, compressed when it can read that."""
    content = body.encode() if isinstance(body, str) else body
    sent = {
        "cache-control": cache,
        "content-security-policy": POLICY,
        "vary": "accept-encoding, cookie" if media_type == HTML else "accept-encoding",
        **(headers or {}),
    }
    if status == 200 and cache != PRIVATE:  # noqa: PLR2004 - OK
        tag = f'W/"{hashlib.sha256(content).hexdigest()[:24]}"'
        sent["etag"] = tag
        known = header(request.scope, b"if-none-match")
        if tag in (part.strip() for part in known.split(",")):
            return Response(b"", status_code=304, media_type=media_type, headers=sent)
    if len(content) >= _WORTH and "gzip" in header(request.scope, b"accept-encoding"):
        content = gzip.compress(content, 6, mtime=0)
        sent["content-encoding"] = "gzip"
    return Response(content, status_code=status, media_type=media_type, headers=sent)
