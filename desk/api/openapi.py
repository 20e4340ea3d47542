"""The OpenAPI document, completed: which problems each route answers, and what it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from desk.api.authentication import PUBLIC
from desk.api.cookies import COOKIE
from desk.api.guards import PERMISSION
from desk.api.problems import MEDIA_TYPE

Json = dict[str, Any]

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_OPERATIONS = frozenset({"get", "post", "put", "patch", "delete"})
_PROBLEMS: dict[str, tuple[str, str]] = {
    "401": ("NotAuthenticated", "`not-authenticated`, `session-expired` or `bad-credentials`."),
    "403": ("Forbidden", "`forbidden`: a permission is missing; or `csrf`."),
    "404": ("NotFound", "`not-found`: there is no such thing."),
    "409": ("Conflict", "`conflict`, `duplicate` and others: it stands differently by now."),
    "413": ("TooLarge", "`too-large`: the body is larger than allowed."),
    "422": ("Invalid", "`invalid`: `errors` says which field and why."),
    "429": ("RateLimited", "`rate-limited`: wait as long as `Retry-After` says."),
    "500": ("Internal", "`internal`: it was logged under the `request_id`."),
}
_DONE = {
    "200": "Done; the answer.",
    "201": "Made; the answer shows it.",
    "202": "Taken; it is done soon.",
    "204": "Done; no content.",
}
_PROBLEM_SCHEMA: Json = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:parley:problem:invalid"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that says what to do."},
        "code": {"type": "string", "description": "What programs look at."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "retry_after": {"type": "integer", "description": "Seconds."},
        "request_id": {"type": "string"},
    },
    "additionalProperties": True,
}
_IDEMPOTENCY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text of at most 200 characters, new for each request. Sent again with the "
    "same body within a day, the request has no effect and gets the first answer, with "
    "`Idempotency-Replayed: true`.",
    "schema": {"type": "string", "maxLength": 200},
}
_CSRF: Json = {
    "name": "X-CSRF-Token",
    "in": "header",
    "required": False,
    "description": "`csrf_token` of the session; needed with the cookie, not with a bearer token.",
    "schema": {"type": "string"},
}


def document(app: Litestar, generated: Mapping[str, Any]) -> Json:
    """A completed copy of what Litestar generated."""
    result: Json = msgspec.json.decode(msgspec.json.encode(generated, enc_hook=str))
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM_SCHEMA
    components["responses"] = {
        name: {
            "description": text,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for name, text in _PROBLEMS.values()
    }
    components["securitySchemes"] = {
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": COOKIE,
            "description": "Set by signing in. Changes also need `X-CSRF-Token`.",
        },
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API token, for scripts.",
        },
    }
    for path, method, operation in _operations(result):
        handler = _handler(app, path, method)
        if handler is not None:
            _complete(operation, path, method, handler)
    return result


def _complete(operation: Json, path: str, method: str, handler: HTTPRouteHandler) -> None:
    public = bool(handler.opt.get(PUBLIC))
    operation["security"] = [] if public else [{"session": []}, {"token": []}]
    permission = _permission(handler)
    if permission:
        operation["x-permission"] = permission
    parameters: list[Json] = operation.setdefault("parameters", [])
    if method in _UNSAFE and not public:
        parameters.append(_CSRF)
    if method == "POST" and not public:
        parameters.append(_IDEMPOTENCY)
    responses: Json = operation.setdefault("responses", {})
    for status, text in _DONE.items():
        if status in responses:
            responses[status]["description"] = text
    responses.pop("400", None)  # Litestar's own; the desk answers 422
    for status in _statuses(path, method, public=public, parameters=bool(parameters)):
        responses.setdefault(status, {"$ref": f"#/components/responses/{_PROBLEMS[status][0]}"})


def _statuses(path: str, method: str, *, public: bool, parameters: bool) -> list[str]:
    found = ["429", "500"]
    if not public or path.endswith("/session"):
        found += ["401", "403"]
    if "{" in path:
        found.append("404")
    if method in _UNSAFE:
        found.append("409")
    if method in _WITH_BODY:
        found.append("413")
    if method in _WITH_BODY or parameters:
        found.append("422")
    return sorted(found)


def _operations(schema: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in schema.get("paths", {}).items():
        for method, operation in item.items():
            if method in _OPERATIONS:
                yield path, method.upper(), operation


def _handler(app: Litestar, path: str, method: str) -> HTTPRouteHandler | None:
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path_format == path:
            found = route.route_handler_map.get(method)  # type: ignore[call-overload]
            if found:
                handler: HTTPRouteHandler = found[0]
                return handler
    return None


def _permission(handler: HTTPRouteHandler) -> str:
    for guard in handler.resolve_guards():
        # Litestar wraps plain functions; the mark is on the one inside.
        for layer in (guard, getattr(guard, "func", None), getattr(guard, "__wrapped__", None)):
            if layer is not None and hasattr(layer, PERMISSION):
                return str(getattr(layer, PERMISSION))
    return ""
