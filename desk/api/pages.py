"""The agent app's files, built by the frontend: hashed assets forever, the page itself never."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Final

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from desk.api.authentication import PUBLIC
from desk.api.core import InjectedCore
from desk.api.security_headers import content_security_policy
from desk.errors import NotFound

BUILD: Final = Path(__file__).parent.parent.parent / "frontend" / "build"
_HASHED: Final = ("immutable", "assets")
_TYPES: Final = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".webmanifest": "application/manifest+json",
}


@get("/", opt={PUBLIC: True}, include_in_schema=False)
async def root() -> Redirect:
    """The desk's front door is the agent app."""
    return Redirect("/app/")


@get(["/app", "/app/{path:path}"], opt={PUBLIC: True}, include_in_schema=False)
async def app_page(core: InjectedCore, path: FromPath[Path] = Path()) -> Response[bytes]:
    """A file of the agent app; any other address is the app's own to route."""
    answer = _file(BUILD / "app", path, fallback="index.html")
    if answer.media_type == "text/html":
        # A mail's remote images are shown when the agent asks for them: its frame inherits this.
        policy = content_security_policy(core.settings.public_url, images="https:")
        answer.headers["content-security-policy"] = policy
    return answer


@get("/favicon.ico", opt={PUBLIC: True}, include_in_schema=False)
async def favicon() -> Response[bytes]:
    """The app's mark, for pages that name no icon: browsers ask here on their own."""
    return _file(BUILD / "app", Path("icon.svg"), fallback=None)


@get("/widget/assets/{path:path}", opt={PUBLIC: True}, include_in_schema=False)
async def widget_asset(path: FromPath[Path]) -> Response[bytes]:
    """A file of the widget's frame."""
    return _file(BUILD / "widget" / "assets", path, fallback=None)


def _file(root: Path, path: Path, fallback: str | None) -> Response[bytes]:
    root, relative = root.resolve(), str(path).lstrip("/")
    target = (root / relative).resolve()
    inside = target.is_relative_to(root)
    if not inside or not target.is_file():
        if fallback is None or Path(relative).suffix:
            raise NotFound("There is no such page.")
        target = root / fallback
        if not target.is_file():
            raise NotFound("The frontend is not built; run `make frontend`.")
    hashed = bool(set(_HASHED) & set(target.relative_to(root).parts))
    kind = _TYPES.get(target.suffix) or mimetypes.guess_type(target.name)[0]
    return Response(
        target.read_bytes(),
        media_type=kind or "application/octet-stream",
        headers={"cache-control": "public, max-age=31536000, immutable" if hashed else "no-cache"},
    )


HANDLERS: Final = (root, app_page, favicon, widget_asset)
