"""`/metrics` for Prometheus."""

from __future__ import annotations

import hmac
from typing import Any

from litestar import MediaType, Request, Response, get

from desk.api.authentication import PUBLIC
from desk.api.core import InjectedCore
from desk.api.headers import header, is_direct_loopback
from desk.errors import Forbidden, NotAuthenticated
from desk.observability.metrics import CONTENT_TYPE


@get(
    "/metrics",
    opt={PUBLIC: True},
    media_type=MediaType.TEXT,
    summary="Metrics for Prometheus",
    tags=["Operation"],
    operation_id="Metrics",
)
async def metrics(request: Request[Any, Any, Any], core: InjectedCore) -> Response[bytes]:
    """With the bearer token of DESK_METRICS_TOKEN; without one set, on loopback only."""
    expected = core.settings.metrics_token
    if expected:
        given = header(request.scope, b"authorization").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode()):
            raise NotAuthenticated("Send the metrics token as a bearer token.")
    elif not is_direct_loopback(request.scope):
        raise Forbidden("Metrics are answered on loopback only, until a metrics token is set.")
    jobs = await core.queue.depth()
    return Response(core.metrics.render(jobs), media_type=CONTENT_TYPE)
