"""What the bot could learn: clusters of unanswered questions, contradicting examples. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bot.nlu.kernel import unit

Vectors = NDArray[np.float32]

# Cosines of this embedding: unrelated questions lie at about 0.8, the same one above 0.9.
_TOGETHER = 0.12  # mean distance (1 - cosine) up to which questions are one matter
_NEAR = 0.88  # similarity from which an intent or article is proposed instead of a draft
_CONFLICT = 0.955  # similarity from which two examples say the same
_MOST = 4000
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question the bot could not answer, or answered and a person had to."""

    id: str
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Something a cluster may belong to."""

    kind: Literal["intent", "article"]
    id: str
    title: str
    text: str  # what its vector was made of


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an editor may approve: examples for an intent, a link to an article, or a draft."""

    kind: Literal["examples", "article", "draft"]
    target: str  # id of the intent or article; "" for a draft
    title: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions that ask the same, named by the most central one."""

    name: str
    questions: tuple[Unanswered, ...]  # the most central first
    languages: tuple[str, ...]
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two examples that say the same under two intents."""

    text: str
    intent: str
    other_text: str
    other_intent: str
    similarity: float


def cluster(
    questions: Sequence[Unanswered],
    vectors: Vectors,
    known: Sequence[Known] = (),
    known_vectors: Vectors | None = None,
    *,
    together: float = _TOGETHER,
) -> tuple[Cluster, ...]:
    """Group questions by meaning, the largest group first. The same input gives the same groups.

    Beyond 4,000 questions the newest (the last) are used. Raises `ValueError` when the numbers of
    texts and vectors differ.
    """
    if len(questions) != len(vectors):
        raise ValueError("Each question needs one vector.")
    if not questions:
        return ()
    questions, vectors = questions[-_MOST:], vectors[-_MOST:]
    placed = unit(vectors)
    references = None
    if known_vectors is not None and len(known_vectors):
        references = unit(known_vectors)
    groups: dict[int, list[int]] = {}
    for position, label in enumerate(_labels(placed, together)):
        groups.setdefault(int(label), []).append(position)
    found = [_cluster(members, questions, placed, known, references) for members in groups.values()]
    return tuple(sorted(found, key=lambda one: (-len(one.questions), one.name)))


def conflicts(
    examples: Sequence[tuple[str, str]], vectors: Vectors, *, most: int = 200
) -> tuple[Conflict, ...]:
    """Pairs of (text, intent) that say the same under different intents, the closest first."""
    if len(examples) != len(vectors):
        raise ValueError("Each example needs one vector.")
    if len(examples) < 2:  # noqa: PLR2004 - a pair
        return ()
    placed = unit(vectors)
    intents = np.array([intent for _, intent in examples])
    found: list[Conflict] = []
    for start in range(0, len(placed), _BLOCK):
        near = placed[start : start + _BLOCK] @ placed.T
        rows, columns = np.nonzero(near >= _CONFLICT)
        for row, column in zip((rows + start).tolist(), columns.tolist(), strict=True):
            if row < column and intents[row] != intents[column]:
                found.append(
                    Conflict(*examples[row], *examples[column], float(near[row - start, column]))
                )
    return tuple(sorted(found, key=lambda one: (-one.similarity, one.text))[:most])


def _labels(placed: Vectors, together: float) -> NDArray[np.int32]:
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415 - only here

    if len(placed) == 1:
        return np.ones(1, np.int32)
    tree = linkage(placed, method="average", metric="cosine")
    return np.asarray(fcluster(tree, t=together, criterion="distance"), np.int32)


def _cluster(
    members: Sequence[int],
    questions: Sequence[Unanswered],
    placed: Vectors,
    known: Sequence[Known],
    references: Vectors | None,
) -> Cluster:
    inside = placed[list(members)]
    middle = unit(inside.mean(axis=0))
    order = sorted(range(len(members)), key=lambda i: (-float(inside[i] @ middle), members[i]))
    ordered = tuple(questions[members[i]] for i in order)
    name = ordered[0].text
    counts: Mapping[str, None] = dict.fromkeys(one.language for one in ordered if one.language)
    return Cluster(name, ordered, tuple(counts), _proposal(name, middle, known, references))


def _proposal(
    name: str, middle: Vectors, known: Sequence[Known], references: Vectors | None
) -> Proposal:
    if references is not None and known:
        near = references @ middle
        best = int(near.argmax())
        if near[best] >= _NEAR:
            one = known[best]
            kind: Literal["examples", "article"] = "examples" if one.kind == "intent" else "article"
            return Proposal(kind, one.id, one.title, float(near[best]))
    return Proposal("draft", "", name, 0.0)
