"""Checks the real client's requests, and the emulator's answers, against Twilio's description."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import jsonschema

from channels.emulators.asgi import Answer, Request
from channels.emulators.twilio import TwilioEmulator
from tests.support.shared import SPECS

NAME = "twilio_api_v2010.json"


@cache
def spec() -> Any:
    """The description, with `nullable` in JSON Schema's own words."""
    return _plain(json.loads((SPECS / NAME).read_text()))


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    found = {k: _plain(v) for k, v in node.items() if k not in {"examples", "description"}}
    if found.pop("nullable", False):
        if "type" in found:
            found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
        if "$ref" in found:
            found = {"anyOf": [{"$ref": found["$ref"]}, {"type": "null"}]}
    return found


def check(value: object, schema: Mapping[str, Any]) -> None:
    whole = {**schema, "components": spec()["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def operation(method: str, path: str) -> Mapping[str, Any]:
    for template, item in spec()["paths"].items():
        pattern = re.escape(template).replace(r"\{", "{").replace(r"\}", "}")
        names = re.findall(r"\{(\w+)\}", template)
        found = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+?)", pattern), path)
        if found and method.lower() in item:
            operation: Mapping[str, Any] = item[method.lower()]
            for name, value in zip(names, found.groups(), strict=True):
                (rule,) = (p for p in operation["parameters"] if p["name"] == name)
                check(value, rule["schema"])
            return operation
    raise AssertionError(f"Twilio has no {method} {path}")


def check_form(operation: Mapping[str, Any], form: Mapping[str, Sequence[str]]) -> None:
    body = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    known = body["properties"]
    unknown = set(form) - set(known)
    assert not unknown, f"Twilio knows no {unknown}"
    missing = set(body.get("required", ())) - set(form)
    assert not missing, f"Twilio needs {missing}"
    for name, values in form.items():
        check(_typed(values, known[name]), known[name])


def _typed(values: Sequence[str], schema: Mapping[str, Any]) -> object:
    match schema.get("type"):
        case "array":
            return list(values)
        case "integer":
            return int(values[0])
        case "boolean":
            return {"true": True, "false": False}[values[0].lower()]
        case _:
            (value,) = values
            return value


class CheckedTwilio(TwilioEmulator):
    """Refuses what Twilio's description does not know; checks its own answers, too."""

    def handle(self, request: Request) -> Answer:
        if not (SPECS / NAME).exists() or not request.path.startswith("/2010-04-01"):
            return super().handle(request)
        if "/Media/" in request.path:
            return super().handle(request)  # the file itself is not described
        known = operation(request.method, request.path)
        if request.method == "POST":
            check_form(known, request.form())
        queries = {p["name"] for p in known["parameters"] if p["in"] == "query"}
        assert set(request.query) <= queries, set(request.query) - queries
        answer = super().handle(request)
        if str(answer.status) in known["responses"]:
            told = known["responses"][str(answer.status)]["content"]["application/json"]["schema"]
            check(answer.body, told)
        return answer
