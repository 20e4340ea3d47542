"""Renders `/schema` from the OpenAPI document, and serves the document and the page's own files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Request, Response, Router, get
from litestar.enums import OpenAPIMediaType
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.params import FromPath
from markupsafe import Markup, escape

from desk.api.openapi import document
from desk.api.reference.view import operations_by_tag

_BACKTICKS = re.compile(r"`([^`]+)`")
_HERE = Path(__file__).parent
_FILES = {"reference.css": "text/css", "reference.js": "text/javascript"}


def _code(text: str) -> Markup:
    """Escaped text in which `backticks` mark code."""
    return Markup(_BACKTICKS.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped


class ReferencePlugin(OpenAPIRenderPlugin):
    """The page for people."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)
        self._document: dict[str, Any] | None = None
        self._page: bytes | None = None

    def complete(
        self, request: Request[Any, Any, Any], generated: dict[str, Any]
    ) -> dict[str, Any]:
        """The completed document, made once: routes do not change while the desk runs."""
        if self._document is None:
            self._document = document(request.app, generated)
        return self._document

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The page, rendered once."""
        if self._page is None:
            full = self.complete(request, openapi_schema)
            environment = Environment(
                loader=PackageLoader("desk.api.reference", "."),
                autoescape=True,
                undefined=StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
            )
            environment.filters["code"] = _code
            template = environment.get_template("reference.html.jinja")
            self._page = template.render(info=full["info"], groups=operations_by_tag(full)).encode()
        return self._page

    def receive_router(self, router: Router) -> None:
        """Serve the page's style sheet and script."""

        @get("/assets/{name:str}", sync_to_thread=False)
        def asset(name: FromPath[str]) -> Response[bytes]:
            media_type = _FILES.get(name)
            if media_type is None:
                return Response(b"", status_code=404, media_type=MediaType.TEXT)
            return Response(
                _contents[name],
                media_type=media_type,
                headers={"Cache-Control": "public, max-age=3600"},
            )

        _contents = {name: (_HERE / name).read_bytes() for name in _FILES}
        router.register(asset)


class DocumentPlugin(OpenAPIRenderPlugin):
    """The document for programs."""

    def __init__(self, page: ReferencePlugin) -> None:
        super().__init__(path="/openapi.json", media_type=OpenAPIMediaType.OPENAPI_JSON)
        self._page = page

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """JSON."""
        return msgspec.json.encode(self._page.complete(request, openapi_schema))
