"""The corpora of ../shared/data/nlu, as the bot's measurements read them."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data" / "nlu"
if not SHARED.exists():  # a worktree lies one level deeper
    SHARED = ROOT.parent.parent / "shared" / "data" / "nlu"

FOREIGN = "oos"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a corpus."""

    text: str
    label: str
    lang: str
    split: str

    @property
    def example(self) -> tuple[str, str, str]:
        """As an engine learns it."""
        return self.text, self.label, self.lang


def rows(name: str, split: str = "") -> list[Row]:
    """A corpus, or one part of it."""
    found = []
    with (SHARED / f"{name}.jsonl").open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            part = str(row.get("split", ""))
            if split in {"", part}:
                found.append(Row(row["text"], str(row.get("label", "")), row["lang"], part))
    return found


def folds(items: Sequence[Row], count: int) -> list[tuple[list[Row], list[Row]]]:
    """(train, test) of each stratified fold, always the same."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for item in items:
        groups[item.label].append(item)
    parts: list[list[Row]] = [[] for _ in range(count)]
    rng = random.Random(0)
    position = 0
    for label in sorted(groups):
        shuffled = groups[label][:]
        rng.shuffle(shuffled)
        for item in shuffled:
            parts[position % count].append(item)
            position += 1
    return [
        ([row for j, part in enumerate(parts) if j != i for row in part], parts[i])
        for i in range(count)
    ]


def few_shot(name: str, shots: int) -> tuple[list[Row], list[Row]]:
    """The few-shot sample, and the rest of the training part."""
    sample = rows(f"{name}_fewshot", f"train_{shots}")
    seen = {row.text.lower().strip() for row in sample}
    labels = {row.label.lower(): row.label for row in sample}
    rest = [
        Row(row.text, labels[row.label.lower()], row.lang, row.split)
        for row in rows(name, "train")
        if row.text.lower().strip() not in seen and row.label != FOREIGN
    ]
    return sample, rest


def noisy(text: str, rng: random.Random, every: int = 14) -> str:
    """The text with one slip of the keyboard in every `every` characters."""
    slips = {
        rng.randrange(start, min(start + every, len(text)))
        for start in range(0, max(1, len(text) - 4), every)
    }
    typed = []
    for i, character in enumerate(text):
        if i not in slips:
            typed.append(character)
            continue
        kind = rng.randrange(4)
        if kind == 0:
            continue  # left out
        if kind == 1:
            typed.append(character * 2)
        elif kind == 2:
            typed.append(rng.choice("abcdefghijklmnopqrstuvwxyz"))
        elif i + 1 < len(text):
            typed.append(text[i + 1] + character)
    return "".join(typed)
