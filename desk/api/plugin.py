"""`DeskCore`: one plugin that gives an application everything around the domain's routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from litestar import Litestar, Request, Router
from litestar.config.app import AppConfig
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.plugins import InitPlugin

from desk.api.agents import AgentController
from desk.api.audit import audit
from desk.api.authentication import PUBLIC, AuthenticationMiddleware
from desk.api.core import Core, Parts
from desk.api.edge import Edge
from desk.api.headers import Proxies
from desk.api.health import Check, core_checks, health_routes
from desk.api.idempotency import IdempotencyMiddleware
from desk.api.me import MeController
from desk.api.metrics_route import metrics as metrics_route
from desk.api.problems import handle_exception
from desk.api.rate_limit import LoginLimit, TokenBuckets
from desk.api.reference.page import DocumentPlugin, ReferencePlugin
from desk.api.security_headers import SecurityHeaders
from desk.api.sessions import SessionController
from desk.api.teams import TeamController
from desk.api.tokens import TokenController
from desk.auth.passwords import Passwords
from desk.auth.service import Sessions
from desk.errors import ConfigurationError
from desk.observability.metrics import Metrics

API = "/api/v1"
JSON_BODY_BYTES = 2 * 1024 * 1024
_MINUTE = 60.0


def make_core(
    parts: Parts, *, locales: Sequence[str] = ("en",), passwords: Passwords | None = None
) -> Core:
    """What the handlers share. Raises ConfigurationError for addresses that are none."""
    settings = parts.settings
    try:
        proxies = Proxies(settings.trusted_proxies)
    except ValueError as error:
        raise ConfigurationError(f"DESK_TRUSTED_PROXIES: {error}.") from error
    passwords = passwords or Passwords()
    return Core(
        settings=settings,
        units=parts.units,
        secret=parts.secret,
        queue=parts.queue,
        passwords=passwords,
        sessions=Sessions(parts.units, passwords, timedelta(hours=settings.session_hours)),
        metrics=Metrics(),
        proxies=proxies,
        buckets=TokenBuckets(settings.api_rate, _MINUTE),
        webhooks=TokenBuckets(settings.webhook_rate, _MINUTE),
        logins=LoginLimit(settings.login_attempts),
        locales=tuple(locales),
        version=_version(),
    )


class DeskCore(InitPlugin):
    """Authentication, limits, problems, sessions, people, audit, health, metrics, reference."""

    def __init__(self, core: Core, checks: Mapping[str, Check] | None = None) -> None:
        """`checks` are further things that must hold for the desk to be ready."""
        self.core = core
        self.checks = dict(checks or {})

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Add it all to the application."""
        core = self.core
        core.units.listeners.append(core.metrics.on_commit)
        app_config.middleware = [
            DefineMiddleware(AuthenticationMiddleware, core=core),
            DefineMiddleware(IdempotencyMiddleware, core=core),
            *app_config.middleware,
        ]
        app_config.exception_handlers = {
            Exception: handle_exception,
            **app_config.exception_handlers,
        }
        app_config.dependencies = {
            "core": Provide(lambda: core, use_cache=True, sync_to_thread=False),
            "caller": Provide(_caller, sync_to_thread=False),
            **app_config.dependencies,
        }
        app_config.openapi_config = _openapi(core.version)
        app_config.route_handlers = [
            *app_config.route_handlers,
            api_router(
                SessionController,
                AgentController,
                TeamController,
                TokenController,
                MeController,
                audit,
            ),
            health_routes({**core_checks(core.units, core.queue), **self.checks}),
            metrics_route,
        ]
        app_config.on_startup = [*app_config.on_startup, self._wrap]
        app_config.debug = False  # its error pages show source code
        app_config.logging_config = None  # structlog is configured once per process
        return app_config

    def _wrap(self, app: Litestar) -> None:
        if not isinstance(app.asgi_handler, Edge):  # an application may be started again
            app.asgi_handler = Edge(
                app.asgi_handler, SecurityHeaders(self.core.settings.public_url), self.core.metrics
            )


def api_router(*handlers: Any, max_body: int = JSON_BODY_BYTES) -> Router:  # noqa: ANN401 - any kind of handler
    """Routes under `/api/v1` whose bodies may take `max_body` bytes."""
    return Router(API, route_handlers=list(handlers), request_max_body_size=max_body)


def _caller(request: Request[Any, Any, Any]) -> Any:  # noqa: ANN401 - a CurrentAgent
    return request.user


def _openapi(app_version: str) -> OpenAPIConfig:
    page = ReferencePlugin()
    return OpenAPIConfig(
        title="Parley",
        version=app_version,
        description="The HTTP interface of the desk. Errors are problem documents (RFC 9457).",
        use_handler_docstrings=True,
        render_plugins=[page, DocumentPlugin(page)],
        openapi_router=Router(
            "/schema", route_handlers=[], include_in_schema=False, opt={PUBLIC: True}
        ),
    )


def _version() -> str:
    try:
        return version("parley-desk")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "0"
