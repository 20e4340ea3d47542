"""`/webhooks/{kind}/{inbox}`: where providers call. Public; the signature is the only pass."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import HttpMethod, Request, Response, Router, head, route
from litestar.params import FromPath

from channels.contract import RawPayload
from desk.api.authentication import PUBLIC
from desk.api.core import Core, InjectedCore
from desk.api.headers import network_of
from desk.api.parts import InjectedShelf
from desk.api.rate_limit import limited
from desk.errors import DeskError, NotFound

PATH = "/webhooks"


@route(
    "/{kind:str}/{inbox_id:uuid}",
    http_method=[HttpMethod.GET, HttpMethod.POST],
    opt={PUBLIC: True},
    include_in_schema=False,
)
async def webhook(
    kind: FromPath[str],
    inbox_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    core: InjectedCore,
    shelf: InjectedShelf,
) -> Response[bytes]:
    """Store what the provider sends; the answer comes after the commit."""
    known = kind if kind in shelf.channels.manifests else "unknown"
    wait = core.webhooks.take(f"{inbox_id} {network_of(core.proxies.client_ip(request.scope))}")
    if wait:
        core.metrics.webhook(known, "limited")
        raise limited(wait)
    payload = await _payload(request, core)
    try:
        received = await shelf.ingress.receive(kind, inbox_id, payload)
    except DeskError as error:
        core.metrics.webhook(known, error.code)
        raise
    core.metrics.webhook(known, received.outcome, received.parts)
    answer = received.answer
    return Response(answer.body, status_code=answer.status, media_type=answer.content_type)


@head("/{kind:str}/{inbox_id:uuid}", opt={PUBLIC: True}, include_in_schema=False)
async def probe(kind: FromPath[str], inbox_id: FromPath[UUID], shelf: InjectedShelf) -> None:
    """Some providers look whether anybody is there before they call."""
    del inbox_id  # whether it exists is nobody's business
    manifest = shelf.channels.manifests.get(kind)
    if manifest is None or not manifest.webhook:
        raise NotFound


async def _payload(request: Request[Any, Any, Any], core: Core) -> RawPayload:
    """The request byte for byte, under the URL that the provider knows.

    Behind a proxy the request's own host and scheme are others than those that were signed.
    """
    scope = request.scope
    raw_path = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    url = core.settings.public_url + raw_path.partition(b"?")[0].decode("latin-1")
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return RawPayload(
        body=await request.body(),
        headers=headers,
        content_type=headers.get("content-type", "application/octet-stream"),
        url=f"{url}?{query.decode('latin-1')}" if query else url,
        received_at=core.units.clock(),
        method=scope["method"],
    )


def webhook_router(max_body: int) -> Router:
    """The routes; bodies may take `max_body` bytes."""
    return Router(PATH, route_handlers=[webhook, probe], request_max_body_size=max_body)
