"""The bot's knowledge: published articles in passages, found by words and by meaning.

Words come from the desk's own search. Meaning comes from vectors of every passage, which are made
in the background; what they point at is read anew, so that a withdrawn article is never quoted and
an edited one is quoted as it stands.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import answers
from bot.answers import overlap
from bot.nlu.embedding import CachedEmbedder
from bot.ports import Answer, FixedAnswers, Passage
from desk.bot.models import BotIntent
from desk.knowledge import finding
from desk.knowledge.library import Library
from desk.unit_of_work import Units
from knowledge_base import reading
from knowledge_base.models import ArticleVersion
from knowledge_base.reading import PUBLIC, Entry
from knowledge_base.rendering import plain

log = structlog.get_logger(__name__)

MOST_PASSAGES: Final = 4000  # with a vector each, 1.5 kB; beyond, words alone find an article
QUOTED: Final = 600  # characters of an answer: what the engine quotes at most
_OF_ONE: Final = 2  # passages of one article that may be quoted
_BY_MEANING: Final = 5  # articles added by meaning
_BATCH: Final = 16  # passages embedded between two looks at the clock
_WAIT: Final = 5.0  # seconds until a search is given up
_HEADING: Final = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)

Key = tuple[UUID, str, UUID]  # article, locale, version


def sections(body: str) -> list[tuple[str, str]]:
    """A text in Markdown as (heading, plain text), those without text left out. Pure."""
    found: list[tuple[str, str]] = []
    heading, start = "", 0
    for match in (*_HEADING.finditer(body), None):
        text = plain(body[start : match.start() if match else len(body)])
        if text.strip():
            found.append((heading, text))
        if match:
            heading, start = plain(match[1]).strip(), match.end()
    return found


def gathered(parts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Neighbouring sections together as long as they are quoted whole."""
    found: list[tuple[str, str]] = []
    for heading, text in parts:
        more = f"{heading}\n{text}" if heading else text
        if found and len(found[-1][1]) + len(more) + 2 <= QUOTED:
            found[-1] = (found[-1][0], f"{found[-1][1]}\n\n{more}")
        else:
            found.append((heading, text))
    return found


def passages_of(entry: Entry, body: str, public_url: str) -> list[Passage]:
    """An article's passages; one without text is its summary."""
    parts = gathered(sections(body)) or [("", entry.summary)]
    return [
        Passage(
            article_id=str(entry.article_id),
            version=str(entry.version_id),
            title=entry.title,
            url=f"{public_url}/help/{entry.locale}/articles/{entry.slug}",
            section=heading,
            locale=entry.locale,
            text=text,
        )
        for heading, text in parts
        if text
    ]


@dataclass
class Meanings:
    """Vectors of all passages that customers may read, in this process. Filled in the background.

    It finds its own way: whatever is published and not known is embedded after the next question,
    and the vectors themselves are kept in a file that processes share.
    """

    units: Units
    embedder: CachedEmbedder
    public_url: str
    _rows: dict[Key, NDArray[np.float32]] = field(default_factory=dict)
    _filling: asyncio.Task[None] | None = None

    async def refresh(self, live: Mapping[Key, Entry]) -> None:
        """Forget what is gone; start to learn what is new."""
        for key in self._rows.keys() - live.keys():
            del self._rows[key]
        missing = [key for key in live if key not in self._rows]
        room = MOST_PASSAGES - sum(len(rows) for rows in self._rows.values())
        if missing and room > 0 and (self._filling is None or self._filling.done()):
            self._filling = asyncio.create_task(
                self._fill([live[key] for key in missing]), name="bot passages"
            )

    async def filled(self) -> None:
        """Wait for what is being learnt."""
        if self._filling is not None:
            await self._filling

    async def stop(self) -> None:
        """Stop learning."""
        if self._filling is not None:
            self._filling.cancel()
            await asyncio.gather(self._filling, return_exceptions=True)

    async def _fill(self, entries: Sequence[Entry]) -> None:
        for start in range(0, len(entries), _BATCH):
            part = entries[start : start + _BATCH]
            try:
                async with self.units.read() as session:
                    bodies = await _bodies(session, part)
                await asyncio.to_thread(self._embed, part, bodies)
            except Exception:
                # Words still find the articles; the next question tries again.
                log.exception("bot_passages_not_embedded", articles=len(part))
                return

    def _embed(self, entries: Sequence[Entry], bodies: Mapping[UUID, str]) -> None:
        for entry in entries:
            found = passages_of(entry, bodies.get(entry.version_id, ""), self.public_url)
            if found:
                self._rows[_key(entry)] = answers.warm(found, self.embedder)

    def near(self, question: str, locale: str) -> list[Key]:
        """The articles nearest in meaning, in this language first; for a thread."""
        rows = dict(self._rows)
        if not rows:
            return []
        vector = self.embedder.embed([question])[0]
        best = {key: float((vectors @ vector).max()) for key, vectors in rows.items()}
        base = locale.split("-", maxsplit=1)[0]
        own = [key for key in best if key[1].split("-", maxsplit=1)[0] == base]
        pool = sorted(own, key=lambda key: -best[key])[:_BY_MEANING]
        others = sorted(best.keys() - set(own), key=lambda key: (-best[key], str(key)))
        seen = {key[0] for key in own}  # what exists in the customer's language is quoted in it
        return pool + [key for key in others if key[0] not in seen][:2]


@dataclass(frozen=True)
class DeskKnowledge:
    """The engine's `KnowledgeSource`; called in a thread, asks in the desk's loop."""

    units: Units
    library: Library
    public_url: str
    meanings: Meanings | None
    loop: asyncio.AbstractEventLoop

    def search(self, query: str, locale: str, k: int) -> Sequence[Passage]:
        """The `k` best passages. Raises `TimeoutError` when the database does not answer."""
        near = self.meanings.near(query, locale) if self.meanings is not None else []
        asked: Future[list[Passage]] = asyncio.run_coroutine_threadsafe(
            self._search(query, locale, near), self.loop
        )
        return asked.result(_WAIT)[:k]

    async def _search(self, query: str, locale: str, near: Sequence[Key]) -> list[Passage]:
        async with self.units.read() as session:
            found = await finding.search(session, self.library, query, locale, PUBLIC, limit=4)
            entries = {_key(item.entry): item.entry for item in found.items}
            for tag in {key[1] for key in near}:
                ids = [key[0] for key in near if key[1] == tag]
                for entry in await reading.entries(session, tag, PUBLIC, ids=ids):
                    entries.setdefault(_key(entry), entry)
            bodies = await _bodies(session, list(entries.values()))
        ranked = [key for key in near if key in entries]  # an edited article comes by its words
        order = [*ranked[:2], *[key for key in entries if key not in ranked[:2]]]
        chosen: list[Passage] = []
        for key in order:
            entry = entries[key]
            parts = passages_of(entry, bodies.get(entry.version_id, ""), self.public_url)
            parts.sort(key=lambda part: -overlap(query, f"{part.section} {part.text}"))
            chosen += parts[:_OF_ONE]
        return chosen


async def live_entries(session: AsyncSession) -> dict[Key, Entry]:
    """Everything that any customer may read."""
    return {_key(entry): entry for entry in await reading.everything(session)}


async def intent_answers(session: AsyncSession, public_url: str) -> EditedAnswers:
    """What is said to intents: the editors' own texts, else the article they chose."""
    rows = (await session.scalars(select(BotIntent))).all()
    by_article = {row.article_id: row.name for row in rows if row.article_id is not None}
    linked: dict[str, dict[str, Answer]] = {}
    if by_article:
        ids = list(by_article)
        found = [
            entry
            for tag in await reading.locales(session, PUBLIC)
            for entry in await reading.entries(session, tag, PUBLIC, ids=ids)
        ]
        bodies = await _bodies(session, found)
        for row in rows:
            for entry in found:
                if entry.article_id == row.article_id:
                    answer = _of_article(row.name, entry, bodies, public_url)
                    linked.setdefault(row.name, {})[entry.locale.split("-")[0]] = answer
    return EditedAnswers(
        FixedAnswers(
            {row.name: _texts(row.answers) for row in rows},
            {row.name: _texts(row.titles) for row in rows},
        ),
        linked,
        frozenset(row.name for row in rows if not row.enabled),
    )


def _of_article(intent: str, entry: Entry, bodies: Mapping[UUID, str], public_url: str) -> Answer:
    parts = passages_of(entry, bodies.get(entry.version_id, ""), public_url)
    return Answer(
        id=intent,
        text=answers.quote(entry.title, "\n\n".join(part.text for part in parts)),
        locale=entry.locale,
        title=entry.title,
        url=f"{public_url}/help/{entry.locale}/articles/{entry.slug}",
        version=str(entry.version_id),
    )


@dataclass(frozen=True, slots=True)
class EditedAnswers:
    """The engine's `IntentAnswers`: a text in the customer's language comes before all others."""

    fixed: FixedAnswers
    linked: Mapping[str, Mapping[str, Answer]] = field(default_factory=dict)
    off: frozenset[str] = frozenset()  # intents that are not answered

    def answer(self, intent: str, language: str) -> Answer | None:
        """The text in the language, the article in it, then either in another language."""
        base = language.split("-", maxsplit=1)[0]
        articles = self.linked.get(intent, {})
        if base not in self.fixed.texts.get(intent, {}) and base in articles:
            return articles[base]
        return self.fixed.answer(intent, language) or (
            articles.get("en") or next(iter(articles.values()), None)
        )

    def title(self, intent: str, language: str) -> str:
        """The intent in the customer's words."""
        return self.fixed.title(intent, language)


def _texts(stored: Mapping[str, Any]) -> dict[str, str]:
    return {language: str(text) for language, text in stored.items() if str(text).strip()}


def _key(entry: Entry) -> Key:
    return entry.article_id, entry.locale, entry.version_id


async def _bodies(session: AsyncSession, entries: Sequence[Entry]) -> dict[UUID, str]:
    if not entries:
        return {}
    rows = await session.execute(
        select(ArticleVersion.id, ArticleVersion.body).where(
            ArticleVersion.id.in_([entry.version_id for entry in entries])
        )
    )
    return {row[0]: row[1] for row in rows}
