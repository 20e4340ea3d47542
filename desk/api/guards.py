"""Guards: which permission a route needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from desk.agents.permissions import Permission
from desk.auth.principal import CurrentAgent
from desk.errors import NotAuthenticated

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]

PERMISSION = "permission"  # the attribute that the reference reads


def requires(permission: Permission) -> Guard:
    """A guard that raises Forbidden unless the caller holds the permission."""

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        agent = connection.scope.get("user")
        if not isinstance(agent, CurrentAgent):
            raise NotAuthenticated
        agent.need(permission)

    setattr(guard, PERMISSION, permission)
    return guard
