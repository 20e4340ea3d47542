"""Who writes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Author:
    """An agent as the knowledge base knows one: an id, and the name to show beside a version."""

    id: UUID | None
    name: str
