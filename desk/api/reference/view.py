"""What the reference page shows of an OpenAPI document. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

Json = dict[str, Any]

_METHODS = ("get", "post", "put", "patch", "delete")
_DEPTH = 6  # schemas may contain themselves


class Field(msgspec.Struct, frozen=True):
    """A parameter or a field of a body."""

    name: str
    type: str
    required: bool
    text: str
    depth: int = 0
    place: str = ""


class Answer(msgspec.Struct, frozen=True):
    """A response."""

    status: str
    text: str
    fields: list[Field]


class Operation(msgspec.Struct, frozen=True):
    """A route with a method."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    permission: str
    public: bool
    parameters: list[Field]
    body: list[Field]
    answers: list[Answer]


def operations_by_tag(document: Json) -> dict[str, list[Operation]]:
    """The operations under their first tag, tags in order of the alphabet."""
    groups: dict[str, list[Operation]] = defaultdict(list)
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                operation = item[method]
                tag = (operation.get("tags") or ["Other"])[0]
                groups[tag].append(_operation(document, path, method, operation))
    return {tag: groups[tag] for tag in sorted(groups)}


def _operation(document: Json, path: str, method: str, source: Json) -> Operation:
    return Operation(
        id=str(source.get("operationId") or f"{method}-{path}").replace("/", "-").strip("-"),
        method=method.upper(),
        path=path,
        summary=str(source.get("summary") or path),
        text=str(source.get("description") or ""),
        permission=str(source.get("x-permission") or ""),
        public=source.get("security") == [],
        parameters=[_parameter(document, item) for item in source.get("parameters", [])],
        body=_content(document, source.get("requestBody") or {}),
        answers=[
            _answer(document, status, response)
            for status, response in sorted(source.get("responses", {}).items())
        ],
    )


def _parameter(document: Json, parameter: Json) -> Field:
    schema = parameter.get("schema") or {}
    return Field(
        name=parameter["name"],
        type=_type(document, schema),
        required=bool(parameter.get("required")),
        text=str(parameter.get("description") or schema.get("description") or ""),
        place=parameter["in"],
    )


def _answer(document: Json, status: str, response: Json) -> Answer:
    response = _resolve(document, response)
    problem = "application/problem+json" in (response.get("content") or {})
    return Answer(
        status=status,
        text=str(response.get("description") or ""),
        fields=[] if problem else _content(document, response),
    )


def _content(document: Json, holder: Json) -> list[Field]:
    for media in (holder.get("content") or {}).values():
        return _fields(document, media.get("schema") or {}, 0)
    return []


def _fields(document: Json, schema: Json, depth: int) -> list[Field]:
    schema = _resolve(document, schema)
    if schema.get("type") == "array":
        return _fields(document, schema.get("items") or {}, depth)
    for option in schema.get("oneOf") or schema.get("anyOf") or []:
        found = _fields(document, option, depth)
        if found:
            return found
    required = set(schema.get("required") or [])
    result: list[Field] = []
    for name, value in (schema.get("properties") or {}).items():
        result.append(
            Field(
                name=name,
                type=_type(document, value),
                required=name in required,
                text=str(_resolve(document, value).get("description") or ""),
                depth=depth,
            )
        )
        if depth < _DEPTH:
            result.extend(_fields(document, value, depth + 1))
    return result


def _type(document: Json, schema: Json) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    options = schema.get("oneOf") or schema.get("anyOf")
    if options:
        return " or ".join(dict.fromkeys(_type(document, option) for option in options))
    if schema.get("enum"):
        return " | ".join(map(str, schema["enum"]))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_type(document, schema.get('items') or {})}"
    if isinstance(kind, list):
        return " or ".join(kind)
    return f"{kind} ({schema['format']})" if schema.get("format") else str(kind)


def _resolve(document: Json, value: Json) -> Json:
    for _ in range(_DEPTH):
        reference = value.get("$ref")
        if not reference:
            return value
        found: Any = document
        for part in str(reference).removeprefix("#/").split("/"):
            found = found[part]
        value = found
    return value
