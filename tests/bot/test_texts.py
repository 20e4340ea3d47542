"""The chat's own sentences are known to the bot as such."""

from __future__ import annotations

import json
from pathlib import Path

from bot.texts import PERSON_PLEASE, is_button

MESSAGES = Path(__file__).parents[2] / "frontend" / "messages" / "widget"


def test_the_button_of_the_chat_is_known_in_each_of_its_languages() -> None:
    written = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))["person_please"]
        for path in MESSAGES.glob("*.json")
    }
    assert written == dict(PERSON_PLEASE)
    assert all(is_button(f" {text} ") for text in written.values())
    assert not is_button("I would like to talk to a person about my order.")
