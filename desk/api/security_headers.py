"""Security headers of every answer. A handler that sets one of them itself keeps its own."""

from __future__ import annotations

from urllib.parse import urlsplit

Header = tuple[bytes, bytes]

_CSP = b"content-security-policy"


def content_security_policy(
    public_url: str, *, frame_ancestors: str = "'none'", images: str = ""
) -> str:
    """The policy of the desk's pages.

    The widget's frame names its hosts in `frame_ancestors`; `images` are further image sources.
    """
    parts = urlsplit(public_url)
    socket = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            # Mail bodies keep their (sanitised) style attributes; style elements stay forbidden.
            "style-src-attr 'unsafe-inline'",
            f"img-src 'self' data: blob: {images}".rstrip(),
            "media-src 'self' blob:",
            "font-src 'self'",
            # Older browsers do not count ws: as 'self'.
            f"connect-src 'self' {socket}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {frame_ancestors}",
        )
    )


# For attachments and other content that is not ours: it may do nothing at all.
UNTRUSTED_CONTENT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


class SecurityHeaders:
    """Adds what an answer lacks."""

    def __init__(self, public_url: str) -> None:
        headers: list[Header] = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"strict-origin-when-cross-origin"),
            (
                b"permissions-policy",
                b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            ),
            (b"cross-origin-opener-policy", b"same-origin"),
        ]
        if public_url.startswith("https://"):
            headers.append((b"strict-transport-security", b"max-age=31536000"))
        self._headers = tuple(headers)
        self._page = (
            (_CSP, content_security_policy(public_url).encode()),
            # Would contradict a policy that lets others frame the page, so it goes with ours only.
            (b"x-frame-options", b"DENY"),
        )

    def add(self, headers: list[Header], *, private: bool) -> None:
        """Complete the answer's headers; `private` answers are not cached unless they say so."""
        present = {name.lower() for name, _ in headers}
        headers.extend(item for item in self._headers if item[0] not in present)
        if _CSP not in present:
            headers.extend(self._page)
        if private and b"cache-control" not in present:
            headers.append((b"cache-control", b"no-store"))
