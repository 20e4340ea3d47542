"""The search port: what is indexed, what may be asked, what comes back.

A document has one locale; an article in three languages is three documents with ids of their own
that share a `parent`. Indexing an id again replaces the document whole, whatever changed: text,
locale, audience. Ids are compared as text.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Literal, Protocol

Why = Literal["exact", "prefix", "substring", "typo"]

# How far a search can be paged through; further hits are counted, not shown.
REACH = 1000

# Matches are counted up to here; beyond, `Page.total` is a lower bound.
COUNTED = 1000


class SearchError(Exception):
    """The search engine cannot do what was asked; the text says what to do about it."""


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """What the index knows of one text: an article's translation, a ticket, a message.

    All text is plain, without markup. Highlights are ranges over `title` and `body` as given.
    """

    id: str  # unique within the index
    locale: str  # BCP 47; "und" when the language is not known
    title: str
    body: str = ""
    summary: str = ""
    keywords: Sequence[str] = ()  # other words for the same thing, searched but not shown
    tags: Sequence[str] = ()
    category: str = ""
    section: str = ""
    audience: str = "public"
    updated_at: datetime | None = None  # aware
    boost: float = 1.0  # above 1 rises, below 1 sinks
    parent: str = ""  # the article's id, the message's ticket


@dataclass(frozen=True, slots=True)
class Filters:
    """What may be found. Within one field any value will do; all fields must agree.

    `audiences` is what the reader may see. It has no default, and an empty one finds nothing.
    """

    audiences: Collection[str]
    categories: Collection[str] = ()
    sections: Collection[str] = ()
    tags: Collection[str] = ()
    parents: Collection[str] = ()
    locales: Collection[str] = ()  # searched besides the locale asked for, ranked after it


@dataclass(frozen=True, slots=True)
class Highlighted:
    """A text and the half-open ranges of it that matched, in order, not overlapping."""

    text: str
    ranges: Sequence[tuple[int, int]] = ()

    @property
    def html(self) -> str:
        """The text escaped for HTML, what matched in <mark>."""
        parts: list[str] = []
        end = 0
        for start, stop in self.ranges:
            parts += (escape(self.text[end:start]), "<mark>", escape(self.text[start:stop]))
            parts.append("</mark>")
            end = stop
        return "".join(parts) + escape(self.text[end:])


@dataclass(frozen=True, slots=True)
class Hit:
    """One document that was found. `snippet` is a part of the body that starts at `offset`."""

    id: str
    locale: str
    title: Highlighted
    snippet: Highlighted
    score: float  # comparable within one page only
    why: Why  # the weakest way in which a word of the query was found
    parent: str = ""
    category: str = ""
    offset: int = 0  # of the snippet within the body, in characters


@dataclass(frozen=True, slots=True)
class Page:
    """A page of hits. `facets`: field, then value, then how many of all matches have it."""

    hits: Sequence[Hit]
    total: int
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    total_exact: bool = True  # False: there are at least `total`


@dataclass(frozen=True, slots=True)
class Synonym:
    """Words that mean the same. `one_way`: the first also finds the others, not the reverse."""

    words: Sequence[str]  # each may be several words: ("cell phone", "mobile")
    one_way: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What editors taught the search, by locale; a locale without an entry has the defaults."""

    synonyms: Mapping[str, Sequence[Synonym]] = field(default_factory=dict)
    stop_words: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did."""

    indexed: int
    removed: int


# Called with the number of documents done so far.
Progress = Callable[[int], None]

FACETS = ("category", "section", "tags", "audience")


class SearchEngine(Protocol):
    """Every engine keeps the same promises: `tests/knowledge_base/search/conformance`.

    An engine over the database works in the session it is made with: what it writes is committed
    or rolled back with the caller's unit of work, and only the database is awaited.
    """

    async def index(self, documents: Iterable[SearchDocument]) -> None:
        """Add or replace; when an id comes twice the later one stands."""
        ...

    async def remove(self, ids: Iterable[str]) -> None:
        """Forget these; unknown ids are no error."""
        ...

    async def search(
        self,
        query: str,
        locale: str,
        filters: Filters,
        limit: int = 10,
        offset: int = 0,
        *,
        facets: Collection[str] = (),
    ) -> Page:
        """The best first. `facets` names those to count, of FACETS."""
        ...

    async def suggest(
        self, prefix: str, locale: str, filters: Filters, limit: int = 5
    ) -> Sequence[Hit]:
        """The titles for what is typed so far; snippets are empty."""
        ...

    async def ids(self) -> Mapping[str, str]:
        """What is indexed: id, then a fingerprint of the document; finds drift."""
        ...

    async def rebuild(
        self, batches: AsyncIterable[Sequence[SearchDocument]], progress: Progress = ...
    ) -> Rebuilt:
        """Index all of `batches`, forget what is not among them; searches go on meanwhile."""
        ...
