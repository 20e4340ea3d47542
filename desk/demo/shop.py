"""The shop that embeds the widget: another origin, with the strictest policy that lets it work."""

from __future__ import annotations

import html
import mimetypes
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, Final

BUILD: Final = Path(__file__).parent.parent.parent / "frontend" / "build" / "demo"
INDEX: Final = "shop.html"
_TYPES: Final = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css"}
_FILLED: Final = frozenset({".html", ".js", ".mjs"})  # may name the desk and the inbox

Message = MutableMapping[str, Any]

_PLAIN: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Fjell &amp; Sand</title>
<link rel="stylesheet" href="/plain.css"></head>
<body><main>
<h1>Fjell &amp; Sand</h1>
<p>Tents, jackets and boots for the north and for the desert. This page stands for a shop: it comes
from another address than the desk and embeds the chat with one line.</p>
<pre><code>{snippet_text}</code></pre>
</main>
{snippet}
</body></html>
"""
_PLAIN_CSS: Final = """:root { color-scheme: light dark; }
body { margin: 0; font: 1.05rem/1.6 system-ui, sans-serif; }
main { max-width: 44rem; margin: 10vh auto; padding: 0 1.25rem; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid; border-radius: .5rem; }
"""


class Shop:
    """A tiny ASGI application: a folder of files, with the desk's address filled in."""

    def __init__(self, desk_origin: str, inbox_key: str, folder: Path = BUILD) -> None:
        self.folder = folder
        self.desk = desk_origin
        self.key = inbox_key
        self.headers = [
            (b"content-security-policy", policy(desk_origin).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"strict-origin-when-cross-origin"),
            (b"cache-control", b"no-cache"),
        ]

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        _receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer GET and HEAD."""
        if scope["type"] != "http":
            return
        status, kind, body = self.answer(scope["method"], scope["path"])
        headers = [*self.headers, (b"content-type", kind.encode())]
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        shown = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": shown})

    def answer(self, method: str, path: str) -> tuple[int, str, bytes]:
        """Status, content type and content."""
        if method not in {"GET", "HEAD"}:
            return 405, "text/plain", b"Only GET here."
        if not (self.folder / INDEX).is_file():
            return self._plain(path)
        target = (self.folder / (path.strip("/") or INDEX)).resolve()
        if not target.is_relative_to(self.folder.resolve()) or not target.is_file():
            return 404, "text/plain", b"There is no such page in this shop."
        body = target.read_bytes()
        if target.suffix in _FILLED:
            body = body.replace(b"__DESK_ORIGIN__", self.desk.encode())
            body = body.replace(b"__INBOX_KEY__", self.key.encode())
        kind = _TYPES.get(target.suffix) or mimetypes.guess_type(target.name)[0]
        if kind is not None and kind.startswith("text/"):
            kind += "; charset=utf-8"
        return 200, kind or "application/octet-stream", body

    def _plain(self, path: str) -> tuple[int, str, bytes]:
        """While the frontend is not built: a page of our own."""
        if path == "/plain.css":
            return 200, "text/css; charset=utf-8", _PLAIN_CSS.encode()
        if path not in {"/", f"/{INDEX}"}:
            return 404, "text/plain", b"There is no such page in this shop."
        snippet = (
            f'<script async src="{html.escape(self.desk)}/widget/loader.js" '
            f'data-inbox="{html.escape(self.key)}"></script>'
        )
        page = _PLAIN.format(snippet=snippet, snippet_text=html.escape(snippet))
        return 200, "text/html; charset=utf-8", page.encode()


def policy(desk_origin: str) -> str:
    """What a site that embeds the widget has to allow, and nothing else."""
    socket = desk_origin.replace("http", "ws", 1)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {desk_origin}",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"frame-src {desk_origin}",
            f"connect-src {desk_origin} {socket}",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
