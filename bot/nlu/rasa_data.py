"""Training data as Rasa reads it: one YAML document with the pipeline, the domain and examples."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.nlu.entities import find_entities

_BRACKETS = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")"})  # Rasa's marks for entities
_ORDER_NUMBER = r"[A-Za-z]{0,5}-?[0-9]{5,18}"


def training_yaml(config: str, examples: Sequence[tuple[str, str, str]]) -> str:
    """Everything that `POST /model/train` takes. Strings are JSON, which is YAML, too."""
    intents: dict[str, list[str]] = {}
    for text, intent, _ in examples:
        intents.setdefault(intent, []).append(_marked(text))
    lines = [config.rstrip(), "", "intents:"]
    lines += [f"- {json.dumps(intent, ensure_ascii=False)}" for intent in intents]
    lines += ["entities:", "- order_number", "", "nlu:"]
    lines += ["- regex: order_number", "  examples: |", f"    - {_ORDER_NUMBER}"]
    for intent, texts in intents.items():
        lines.append(f"- intent: {json.dumps(intent, ensure_ascii=False)}")
        lines.append("  examples:")
        lines += [f"  - text: {json.dumps(text, ensure_ascii=False)}" for text in texts]
    return "\n".join(lines) + "\n"


def _marked(text: str) -> str:
    """The example with its order numbers marked."""
    plain = text.translate(_BRACKETS)
    for entity in reversed(find_entities(plain)):
        if entity.kind == "order_number":
            inside = plain[entity.start : entity.end]
            plain = f"{plain[: entity.start]}[{inside}](order_number){plain[entity.end :]}"
    return plain
