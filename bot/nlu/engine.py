"""The port of language understanding and the frozen values that cross it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Progress = Callable[[str, float], None]  # (what is being done, share done from 0 to 1)

# Examples under these names teach what is nobody's intent.
FOREIGN_INTENTS = frozenset({"oos", "out_of_scope", "none", "nlu_fallback"})


class NluError(Exception):
    """An engine could not do what was asked; the text says what to do."""


class NotTrained(NluError):
    """The engine has no model yet."""


class Unavailable(NluError):
    """The engine cannot be reached now; another one should answer."""


@dataclass(frozen=True, slots=True)
class Entity:
    """Something named in the text, found at [start, end)."""

    kind: str  # order_number, email, phone, amount
    value: str  # normalised
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A known example that is close to the text: why the engine thinks what it thinks."""

    text: str
    intent: str
    similarity: float  # cosine


@dataclass(frozen=True, slots=True)
class Parse:
    """What an engine made of a text."""

    intent: str | None  # the best intent, also when it is out of scope; None: nothing is known
    confidence: float  # probability that `intent` is right, calibrated on held-out examples
    ranking: tuple[tuple[str, float], ...] = ()  # (intent, probability), the likeliest first
    in_scope: bool = False  # like something the engine was taught, at its default threshold
    familiarity: float = 0.0  # how like it: 0 to 1, what `in_scope` is decided on
    closeness: float = 1.0  # mean cosine of the three nearest examples; 1 where not measured
    entities: tuple[Entity, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    engine: str = ""

    @property
    def margin(self) -> float:
        """How far the best intent is ahead of the second."""
        if len(self.ranking) < 2:  # noqa: PLR2004 - the second
            return self.confidence
        return self.ranking[0][1] - self.ranking[1][1]


@dataclass(frozen=True, slots=True)
class Status:
    """What an engine says of itself."""

    engine: str
    ready: bool
    detail: str = ""
    intents: int = 0
    examples: int = 0
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A training example as the engine sees it when that example is left out."""

    text: str
    intent: str
    language: str
    parse: Parse


@dataclass(frozen=True, slots=True)
class Training:
    """What came of a training."""

    examples: int
    intents: int
    seconds: float
    accuracy: float | None = None  # on held-out examples; None when there were too few
    held_out: tuple[HeldOut, ...] = ()
    notes: tuple[str, ...] = field(default=())


class NluEngine(Protocol):
    """An engine. Training replaces the model at once and whole: a parse sees the old or the new."""

    @property
    def name(self) -> str:
        """`embedded` or `rasa`."""

    def train(
        self,
        examples: Iterable[tuple[str, str, str]],
        *,
        descriptions: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> Training:
        """Learn from (text, intent, language). Raises `NluError` when nothing can be learnt."""

    def parse(self, text: str, language: str | None = None) -> Parse:
        """Understand one text. Raises `NotTrained`, `Unavailable`."""

    def status(self) -> Status:
        """Say whether it can answer, and what it knows."""


def checked(examples: Iterable[tuple[str, str, str]]) -> Sequence[tuple[str, str, str]]:
    """Examples without empty and repeated ones, in their order. Raises `NluError` on nothing."""
    seen: dict[tuple[str, str], tuple[str, str, str]] = {}
    for text, intent, language in examples:
        clean, name = " ".join(text.split()), intent.strip()
        if clean and name:
            seen.setdefault((clean.casefold(), name), (clean, name, language))
    found = tuple(seen.values())
    if not any(intent.lower() not in FOREIGN_INTENTS for _, intent, _ in found):
        raise NluError("There is nothing to learn: add at least one intent with an example.")
    return found
