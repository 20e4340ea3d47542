"""A loopback stand-in for Meilisearch that holds both sides to the published description.

Every request and every answer is validated against the OpenAPI document, strictly: a key that it
does not name is an error. It finds by prefixes of words; ranking is not its business.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator

from knowledge_base.search.normalise import tokens

_FILTER = re.compile(r'(\w+) IN (\[(?:"(?:[^"\\]|\\.)*"(?:, )?)*\])(?: AND |$)')


def _strict(schema: Any, *, whole: bool = True) -> Any:
    """The schema, with keys that it does not name forbidden."""
    if isinstance(schema, list):
        return [_strict(part, whole=whole) for part in schema]
    if not isinstance(schema, dict):
        return schema
    open_parts = {"allOf"} if whole else {"allOf", "oneOf", "anyOf"}
    made = {
        name: part if name == "example" else _strict(part, whole=name not in open_parts)
        for name, part in schema.items()
        if name != "format"
    }
    if whole and "properties" in made and "allOf" not in made:
        made.setdefault("additionalProperties", False)
    return made


class Description:
    """The OpenAPI document."""

    def __init__(self, path: Path) -> None:
        self._validators: dict[str, Draft202012Validator] = {}
        self.document = json.loads(path.read_text("utf-8"))
        schemas = self.document["components"]["schemas"]
        in_all_of = {
            part["$ref"].rpartition("/")[2]
            for schema in schemas.values()
            for part in schema.get("allOf", ())
            if "$ref" in part
        }
        self._components = {
            "schemas": {
                name: _strict(schema, whole=name not in in_all_of)
                for name, schema in schemas.items()
            }
        }
        # Described as an object that no example has: examples and clients send a list.
        self._components["schemas"]["AttributePatterns"] = {
            "type": "array",
            "items": {"type": "string"},
        }

    def operation(self, method: str, path: str) -> dict[str, Any]:
        for template, methods in self.document["paths"].items():
            pattern = re.sub(r"\{\w+\}", "[^/]+", template)
            if re.fullmatch(pattern, path) and method in methods:
                found: dict[str, Any] = methods[method]
                return found
        raise AssertionError(f"no such operation: {method} {path}")

    def check(self, schema: dict[str, Any], value: Any, where: str) -> None:
        name = json.dumps(schema)
        if name not in self._validators:
            whole = {**_strict(schema), "components": self._components}
            self._validators[name] = Draft202012Validator(whole)
        errors = sorted(self._validators[name].iter_errors(value), key=str)
        assert not errors, f"{where}: {errors[0].message} in {json.dumps(value)[:500]}"

    def example(self, method: str, path: str, status: str) -> Any:
        answer = self.document["paths"][path][method]["responses"][status]
        return answer["content"]["application/json"]["example"]


class Double:
    """The server's state. `fail` names kinds of tasks that are to fail, with the error."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self.indexes: dict[str, dict[str, dict[str, Any]]] = {}
        self.settings: dict[str, dict[str, Any]] = {}
        self.tasks: list[dict[str, Any]] = []
        self.fail: dict[str, dict[str, Any] | None] = {}
        self.problems: list[str] = []
        self.requests: list[tuple[str, str]] = []
        self.queries: list[dict[str, Any]] = []
        self.url = ""

    def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        parts = urlsplit(target)
        self.requests.append((method, parts.path))
        operation = self.description.operation(method, parts.path)
        named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        assert {name for name, _ in parse_qsl(parts.query)} <= named, target
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]["application/json"]
            self.description.check(content["schema"], body, f"{method} {parts.path}")
        status, value = self._handle(method, parts.path.strip("/").split("/"), body)
        if status >= 400:
            schema = {"$ref": "#/components/schemas/ResponseError"}
        elif parts.path == "/multi-search":  # of the two answers only the federated one is listed
            schema = {"$ref": "#/components/schemas/SearchResults"}
        else:
            schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
        self.description.check(schema, value, f"answer to {method} {parts.path}")
        return status, value

    def _handle(  # noqa: C901, PLR0911 - one line a route
        self, method: str, path: list[str], body: Any
    ) -> tuple[int, Any]:
        match (method, *path):
            case ("get", "indexes"):
                views = [self._view(uid) for uid in self.indexes]
                return 200, {"results": views, "offset": 0, "limit": 1000, "total": len(views)}
            case ("post", "indexes"):
                return self._task("indexCreation", body["uid"])
            case ("delete", "indexes", uid):
                return self._task("indexDeletion", uid)
            case ("patch", "indexes", uid, "settings"):
                return self._task("settingsUpdate", uid, body)
            case ("post", "indexes", uid, "documents"):
                return self._task("documentAdditionOrUpdate", uid, body)
            case ("post", "indexes", uid, "documents", "delete"):
                return self._task("documentDeletion", uid, body)
            case ("post", "indexes", uid, "documents", "fetch"):
                found = [
                    {name: one[name] for name in body["fields"]}
                    for one in self.indexes[uid].values()
                ]
                page = found[body["offset"] : body["offset"] + body["limit"]]
                return 200, {**body_page(body), "results": page, "total": len(found)}
            case ("post", "swap-indexes"):
                return self._task("indexSwap", None, body)
            case ("get", "tasks", number):
                return 200, self.tasks[int(number)]
            case ("post", "multi-search"):
                return self._search(body["queries"])
        raise AssertionError(f"not played here: {method} {path}")

    def _view(self, uid: str) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        return {"uid": uid, "primaryKey": "key", "createdAt": now, "updatedAt": now}

    def _task(self, kind: str, uid: str | None, body: Any = None) -> tuple[int, Any]:
        now = datetime.now(UTC).isoformat()
        error = self.fail.get(kind)
        status = "succeeded"
        if kind in self.fail:
            status = "failed" if error else "canceled"
        else:
            self._play(kind, uid or "", body)
        number = len(self.tasks)
        self.tasks.append(
            {
                "uid": number,
                "batchUid": number,
                "indexUid": uid,
                "status": status,
                "type": kind,
                "canceledBy": None,
                "details": None,
                "error": error,
                "duration": "PT0.1S",
                "enqueuedAt": now,
                "startedAt": now,
                "finishedAt": now,
            }
        )
        summary = {"taskUid": number, "indexUid": uid, "status": "enqueued"}
        return 202, {**summary, "type": kind, "enqueuedAt": now}

    def _play(self, kind: str, uid: str, body: Any) -> None:
        match kind:
            case "indexCreation":
                self.indexes[uid] = {}
            case "indexDeletion":
                del self.indexes[uid]
            case "settingsUpdate":
                self.settings[uid] = body
            case "documentAdditionOrUpdate":
                for document in body:
                    assert re.fullmatch(r"[A-Za-z0-9_-]{1,511}", document["key"]), document["key"]
                    self.indexes[uid][document["key"]] = document
            case "documentDeletion":
                gone = [
                    key
                    for key, one in self.indexes[uid].items()
                    if self._fits(uid, one, body["filter"])
                ]
                for key in gone:
                    del self.indexes[uid][key]
            case "indexSwap":
                for pair in body:
                    one, two = pair["indexes"]
                    self.indexes[one], self.indexes[two] = self.indexes[two], self.indexes[one]

    def _fits(self, uid: str, document: dict[str, Any], expression: str) -> bool:
        assert "".join(found.group() for found in _FILTER.finditer(expression)) == expression
        for attribute, packed in _FILTER.findall(expression):
            assert attribute in self.settings[uid]["filterableAttributes"]
            value = document[attribute]
            values = set(value) if isinstance(value, list) else {value}
            if not values & set(json.loads(packed)):
                return False
        return True

    def _search(self, queries: list[dict[str, Any]]) -> tuple[int, Any]:
        results = []
        for number, query in enumerate(queries):
            uid = query["indexUid"]
            if uid not in self.indexes:
                example = self.description.example("post", "/indexes/{index_uid}/search", "404")
                message = f"Inside `.queries[{number}]`: Index `{uid}` not found."
                return 400, {**example, "message": message}
            self.queries.append(query)
            results.append(self._result(uid, query))
        return 200, {"results": results}

    def _result(self, uid: str, query: dict[str, Any]) -> dict[str, Any]:
        words = [token.text for token in tokens(query["q"])]
        found = []
        for document in self.indexes[uid].values():
            positions = {
                name: bounds
                for name in ("title", "body")
                if (bounds := _bounds(document[name], words))
            }
            if positions and self._fits(uid, document, query["filter"]):
                shown = {name: document[name] for name in query["attributesToRetrieve"]}
                found.append({**shown, "_matchesPosition": positions, "_rankingScore": 0.9})
        result: dict[str, Any] = {"indexUid": uid, "query": query["q"], "processingTimeMs": 1}
        if "page" in query:
            size = query["hitsPerPage"]
            start = (query["page"] - 1) * size
            pages = -(-len(found) // size)
            result |= {"page": query["page"], "hitsPerPage": size, "totalPages": pages}
            result["totalHits"] = len(found)
        else:
            start, size = query["offset"], query["limit"]
            result |= {"offset": start, "limit": size, "estimatedTotalHits": len(found)}
        result["hits"] = found[start : start + size]
        if "facets" in query:
            whole = [self.indexes[uid][key_of(self.indexes[uid], one["id"])] for one in found]
            result["facetDistribution"] = {name: _counted(whole, name) for name in query["facets"]}
        return result


def body_page(body: dict[str, Any]) -> dict[str, int]:
    return {"offset": body["offset"], "limit": body["limit"]}


def key_of(documents: dict[str, dict[str, Any]], id_: str) -> str:
    return next(key for key, one in documents.items() if one["id"] == id_)


def _counted(documents: list[dict[str, Any]], name: str) -> dict[str, int]:
    counted: dict[str, int] = {}
    for document in documents:
        value = document[name]
        for part in value if isinstance(value, list) else [value]:
            counted[part] = counted.get(part, 0) + 1
    return counted


def _bounds(text: str, words: list[str]) -> list[dict[str, int]]:
    """In bytes of UTF-8, as the server counts."""
    return [
        {
            "start": len(text[: token.start].encode()),
            "length": len(text[token.start : token.end].encode()),
        }
        for token in tokens(text)
        if any(token.text.startswith(word) for word in words)
    ]


@contextmanager
def running(description: Description) -> Iterator[Double]:
    """The server on a free loopback port. What broke the description fails the test at the end."""
    double = Double(description)

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            try:
                status, value = double.answer(self.command.lower(), self.path, body)
            except AssertionError as problem:
                double.problems.append(str(problem))
                status, value = 500, {"message": str(problem), "code": "x", "link": "", "type": "x"}
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _any  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    double.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert double.problems == []
