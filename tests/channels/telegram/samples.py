"""A bot, its updates, and the published description of its API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from channels.contract import Attachment, ChannelConfig, RawPayload
from channels.emulators.asgi import Answer
from channels.emulators.telegram import TOKEN, TelegramEmulator
from tests.support.shared import SPECS

NAME = "telegram-bot-api.json"
FIXTURES = Path(__file__).resolve().parents[3] / "channels" / "telegram" / "fixtures"
CONFIG = ChannelConfig(
    "i1",
    "@parley_bot",
    "Support",
    secrets={"bot_token": TOKEN},
    public_url="https://desk.example",
)


def update(name: str) -> RawPayload:
    """A recorded update."""
    return RawPayload((FIXTURES / f"{name}.json").read_bytes(), content_type="application/json")


@cache
def spec() -> Any:
    return json.loads((SPECS / NAME).read_text())


def fits(value: object, kind: str) -> bool:
    """Whether a value is of one of the description's types."""
    if kind.startswith("Array of "):
        inner = kind.removeprefix("Array of ")
        return isinstance(value, list) and all(fits(one, inner) for one in value)
    match kind:
        case "String":
            return isinstance(value, str)
        case "Integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "Float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "Boolean" | "True":
            return isinstance(value, bool)
        case "InputFile":
            return isinstance(value, Attachment)
    described = spec()["types"][kind]
    if "subtypes" in described:
        return any(fits(value, one) for one in described["subtypes"])
    return isinstance(value, Mapping) and not wrong(value, described.get("fields", ()))


def wrong(value: Mapping[str, Any], fields: Any) -> list[str]:
    """What is missing, unknown or of another type."""
    known = {one["name"]: one for one in fields}
    found = [f"{name} is unknown" for name in value if name not in known]
    found += [f"{n} is missing" for n, one in known.items() if one["required"] and n not in value]
    return found + [
        f"{name} is no {known[name]['types']}"
        for name, one in value.items()
        if name in known and not any(fits(one, kind) for kind in known[name]["types"])
    ]


class CheckedTelegram(TelegramEmulator):
    """Refuses what the description does not know; checks its own answers, too."""

    def call(self, method: str, fields: Mapping[str, Any],
             parts: Mapping[str, Attachment]) -> Answer:  # fmt: skip
        if not (SPECS / NAME).exists():
            return super().call(method, fields, parts)
        described = spec()["methods"][method]
        whole = {**fields, **{k: v for k, v in parts.items() if not k.startswith("file")}}
        problems = wrong(whole, described.get("fields", ()))
        assert not problems, f"{method}: {problems}"
        answer = super().call(method, fields, parts)
        if answer.status == 200:
            result = answer.body["result"]
            assert any(fits(result, kind) for kind in described["returns"]), (method, result)
        return answer
