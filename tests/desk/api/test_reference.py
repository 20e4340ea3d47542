"""The OpenAPI document and the page made from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from jsonschema import Draft202012Validator

from tests.desk.house import House

_UNSAFE = {"post", "put", "patch", "delete"}


async def document(house: House) -> dict[str, Any]:
    answer = await house.client().get("/schema/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


async def test_the_document_is_whole(house: House) -> None:
    found = await document(house)
    assert found["openapi"].startswith("3.1")
    assert found["info"]["title"] == "Parley"
    assert found["info"]["version"] == house.core.version
    for reference in references(found):
        target: Any = found
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
    for name, schema in found["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert re.fullmatch(r"[a-zA-Z0-9._-]+", name)
    assert set(found["components"]["securitySchemes"]) == {"session", "token"}


async def test_every_route_is_documented_with_its_problems(house: House) -> None:
    found = await document(house)
    ids = []
    for path, item in found["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            ids.append(operation["operationId"])
            assert operation["summary"], where
            assert operation["description"], where
            named = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path)), where
            responses = set(operation["responses"])
            assert {"429", "500"} <= responses, where
            assert "400" not in responses, where
            if operation["security"]:
                assert {"401", "403"} <= responses, where
                assert operation["security"] == [{"session": []}, {"token": []}]
            if "requestBody" in operation:
                assert {"413", "422"} <= responses, where
            if method in _UNSAFE and operation["security"]:
                assert "X-CSRF-Token" in {p["name"] for p in operation["parameters"]}, where
    assert len(ids) == len(set(ids))
    assert found["paths"]["/api/v1/audit"]["get"]["x-permission"] == "audit.read"


class Page(HTMLParser):
    """What matters of a page here."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.headings: list[int] = []
        self._open: str = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.links += [v for k in ("src", "href") if (v := values.get(k))]
        self.ids += [v for v in [values.get("id")] if v]
        self.inline += [name for name in values if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in values):
            self.inline.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))


async def test_the_page_works_offline_and_under_the_policy(house: House) -> None:
    client = house.client()
    answer = await client.get("/schema")
    assert answer.status_code == 200
    page = Page()
    page.feed(answer.text)
    assert page.inline == []
    assert len(page.ids) == len(set(page.ids))
    assert page.headings[0] == 1
    assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids, link
        else:
            assert link.startswith("/")
            found = await client.get(link)
            assert found.status_code == 200
            assert "<html" not in found.text.lower() or link == "/schema"
    script = await client.get("/schema/assets/reference.js")
    assert script.headers["content-type"].startswith("text/javascript")
    style = await client.get("/schema/assets/reference.css")
    assert style.headers["content-type"].startswith("text/css")
    assert (await client.get("/schema/assets/page.py")).status_code == 404


async def test_the_page_shows_what_a_route_takes_and_needs(house: House) -> None:
    shown = (await house.client().get("/schema")).text
    found = await document(house)
    for path in found["paths"]:
        assert f"<code>{path}</code>" in shown
    assert "Needs <code>audit.read</code>." in shown
    assert "Idempotency-Key" in shown
    assert "X-CSRF-Token" in shown
    assert "agent | lead | editor | admin" in shown
