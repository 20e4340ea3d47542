"""What the knowledge base refuses. `detail` is a sentence for a person that says what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class KnowledgeError(Exception):
    """Something was refused; `extra` is for the program that asked.

    KnowledgeError
    ├── Unknown    there is no such thing
    ├── Refused    the input cannot be taken; `errors` are (field, message) pairs
    └── Clash      somebody else changed it first, or it is not in the state for that
    """

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra: Mapping[str, object] = extra


class Unknown(KnowledgeError):
    """There is no such thing."""


class Refused(KnowledgeError):
    """The input cannot be taken."""

    def __init__(self, *errors: tuple[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {message}" for field, message in errors))
        self.errors: Sequence[tuple[str, str]] = errors


class Clash(KnowledgeError):
    """It moved on while somebody worked on it."""
