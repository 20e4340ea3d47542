"""What every import yields and every export takes: plain values, without ids of the desk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Audience = Literal["public", "signed-in", "internal"]
State = Literal["draft", "published"]

AUDIENCES: tuple[Audience, ...] = ("public", "signed-in", "internal")
STATES: tuple[State, ...] = ("draft", "published")

# In a body, a link to another article of the same import, and to one of its files:
# [text](article:EXTERNAL_ID#heading), ![what it shows](file:PATH).
ARTICLE, FILE = "article:", "file:"


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A picture or another file that a body names by `FILE` and this path."""

    path: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Of the content, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class ImportedArticle:
    """One article in one locale. `external_id` is the same in every locale and every import."""

    external_id: str
    locale: str
    title: str
    body: str  # Markdown
    slug: str = ""
    summary: str = ""
    category: str = ""  # as named by the source
    section: str = ""
    tags: Sequence[str] = ()
    audience: Audience = "public"
    state: State = "published"
    updated_at: datetime | None = None  # aware
    files: Sequence[ImportedFile] = ()
    source: str = field(default="", compare=False)  # where it was read
    line: int = field(default=1, compare=False)

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same article at the next import."""
        return self.external_id, self.locale

    @property
    def fingerprint(self) -> str:
        """Equal exactly when importing it again would change nothing."""
        parts = [
            self.external_id,
            self.locale,
            self.title,
            self.body,
            self.slug,
            self.summary,
            self.category,
            self.section,
            list(self.tags),
            self.audience,
            self.state,
            sorted((file.path, file.sha256) for file in self.files),
        ]
        packed = json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return hashlib.sha256(packed).hexdigest()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read as it stands, and what to do about it."""

    source: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What a source holds."""

    articles: Sequence[ImportedArticle]
    problems: Sequence[Problem] = ()


class ImportRefused(ValueError):
    """The source as a whole cannot be read; the text says what is expected."""


def audience_of(written: str, complain: Callable[[str], None]) -> Audience:
    """What a source calls it; what is not understood is kept from the public."""
    for audience in AUDIENCES:
        if written.strip() in {audience, ""}:
            return audience
    complain(f"audience {written!r} is not one of {', '.join(AUDIENCES)}: taken as internal")
    return "internal"


def state_of(written: str, complain: Callable[[str], None]) -> State:
    """The same for the state: what is not understood is not published."""
    for state in STATES:
        if written.strip() == state:
            return state
    if not written.strip():
        return "published"
    complain(f"state {written!r} is not one of {', '.join(STATES)}: taken as a draft")
    return "draft"
