"""Checks what we ask of WhatsApp, and what the stand-in answers, against Meta's description.

The published file contradicts itself in places, so that not even its own examples pass; each
amendment below says which. Nothing else is loosened: unknown keys are errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema
import yaml

from tests.support.shared import SPECS

NAME = "whatsapp-business-messaging_v23.0.yaml"
MESSAGES = {
    "text": "TextMessage", "image": "ImageMessage", "video": "VideoMessage",
    "audio": "AudioMessage", "document": "DocumentMessage", "sticker": "StickerMessage",
    "reaction": "ReactionMessage", "interactive": "InteractiveMessage",
    "template": "TemplateMessage",
}  # fmt: skip

# What customers send; the description's names were numbered where both directions share one.
INBOUND = {
    "text": "TextMessage_2", "reaction": "ReactionMessage_1", "audio": "AudioMessage_1",
    "document": "DocumentMessage_1", "image": "ImageMessage_1", "sticker": "StickerMessage_1",
    "video": "VideoMessage_1", "location": "LocationMessage_1", "order": "OrderMessage",
    "contacts": "ContactSharingMessage", "unsupported": "UnsupportedMessage",
    "button": "ButtonMessage", "interactive": "InteractiveMessageReply",
}  # fmt: skip


@cache
def spec() -> Any:
    found = yaml.load((SPECS / NAME).read_bytes(), Loader=yaml.CSafeLoader)
    schemas = found["components"]["schemas"]
    base = schemas["BaseMessageProperties"]
    # Newer than the file, in Meta's reference: our own data that comes back in statuses, and
    # people without a number, who are `recipient` in place of `to`.
    base["properties"] |= {
        "biz_opaque_callback_data": {"type": "string", "maxLength": 512},
        "recipient": {"type": "string", "pattern": r"^[A-Z]{2}\.\w{1,128}$"},
    }
    base["required"].remove("to")
    # Two schemas called MediaObject were merged: the one for messages lost its caption and name.
    media = {
        "id": {"type": "string"},
        "link": {"type": "string"},
        "caption": {"type": "string", "maxLength": 1024},
        "filename": {"type": "string"},
    }
    schemas["MediaObject"] = {"type": "object", "properties": media, "additionalProperties": False,
                              "oneOf": [{"required": ["id"]}, {"required": ["link"]}]}  # fmt: skip
    # The pattern of a button's index is prose read as an expression; it refuses "0", its example.
    for name in ("TemplateComponent", "ButtonComponent"):
        _properties(schemas[name])["index"].pop("pattern")
    # Numbered schemas again: customers' contact cards and errors point at those of our side.
    for name, key, meant in (("ContactSharingMessage", "contacts", "ContactObject_1"),
                             ("UnsupportedMessage", "errors", "ErrorObject_2")):  # fmt: skip
        _properties(schemas[name])[key]["items"] = {"$ref": f"#/components/schemas/{meant}"}
    # Buttons that open a page are in the reference and not in the file.
    schemas["InteractiveObject"]["properties"]["type"]["enum"].append("cta_url")
    link = {
        "properties": {
            "name": {"enum": ["cta_url"]},
            "parameters": {"type": "object", "required": ["display_text", "url"]},
        },
        "required": ["name", "parameters"],
    }
    schemas["ActionObject"]["oneOf"].append(link)
    return found


def _properties(schema: Any) -> Any:
    if "properties" in schema:
        return schema["properties"]
    return next(part["properties"] for part in schema["allOf"] if "properties" in part)


def _flat(name: str, base: str = "BaseMessageProperties") -> dict[str, Any]:
    """An `allOf` as one object: in the file, each half forbids what the other half requires."""
    merged: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
    for part in spec()["components"]["schemas"][name]["allOf"]:
        if "$ref" in part:
            part = spec()["components"]["schemas"][base]  # noqa: PLW2901 - looked up
        merged["properties"] |= part.get("properties", {})
        merged["required"] += part.get("required", [])
    merged["additionalProperties"] = False
    return merged


def check(value: object, schema: Mapping[str, Any]) -> None:
    whole = {**schema, "components": spec()["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def check_message(body: Mapping[str, Any]) -> None:
    """A request for `/messages`."""
    check(body, _flat(MESSAGES[body["type"]]))
    assert ("to" in body) != ("recipient" in body)
    for component in body.get("template", {}).get("components", ()):
        assert component["type"] in {"header", "body", "button"}
        if component["type"] == "button":
            assert {"sub_type", "index", "parameters"} <= component.keys()


def check_inbound(message: Mapping[str, Any]) -> None:
    """A message of a webhook. What it answers may be any message, product or not."""
    schema = _flat(INBOUND[message["type"]], "BaseMessageProperties_1")
    check({key: value for key, value in message.items() if key != "context"},
          {**schema, "properties": {**schema["properties"], "context": {}},
           "required": [key for key in schema["required"] if key != "context"]})  # fmt: skip


def check_status(status: Mapping[str, Any]) -> None:
    """A status of a webhook."""
    check(status, {"$ref": "#/components/schemas/Statuses"})


def check_answer(method: str, path: str, status: int, body: object) -> None:
    """An answer of the stand-in, by the operation that the path belongs to."""
    for template, item in spec()["paths"].items():
        pattern = re.sub(r"\{[\w-]+\}", r"[^/]+", template)
        last = template.rpartition("/")[2]
        known = {"messages", "media", "subscribed_apps", "message_templates", "{Media-ID}"}
        if last in known and re.fullmatch(pattern, path) and method.lower() in item:
            answers = item[method.lower()]["responses"]
            if str(status) in answers and "content" in answers[str(status)]:
                check(body, answers[str(status)]["content"]["application/json"]["schema"])
                return
    raise AssertionError(f"Meta's description has no {method} {path} with the answer {status}")
