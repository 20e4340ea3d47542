"""Whatever editors do, in whatever order: search and pages show what is published, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desk.db.engine import create_engine
from desk.events import Actor
from desk.knowledge import editing, finding
from desk.knowledge.library import Library
from desk.unit_of_work import UnitOfWork, Units
from knowledge_base import documents, reading, repository
from knowledge_base.drafts import Text
from knowledge_base.models import Article, ArticleLocale
from knowledge_base.reading import Shown
from knowledge_base.search.sql import SqlSearch

EDITOR = Actor("agent", uuid4(), "Ed")
LOCALES = ("en", "de")
AUDIENCES = ("public", "signed-in", "internal")


@dataclass
class Known:
    """What an article should show: in each language the word of the published text."""

    id: UUID
    slug: dict[str, str]
    draft: dict[str, str]
    live: dict[str, str] = field(default_factory=dict)
    history: dict[str, list[str]] = field(default_factory=dict)
    audience: str = "public"
    archived: bool = False
    gone: bool = False


Step = tuple[str, int, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["create", "edit", "publish", "unpublish", "restore", "translate", "audience",
             "archive", "unarchive", "delete", "rename"]
        ),
        st.integers(0, 2),
        st.integers(0, 1),
        st.integers(0, 2),
    ),
    min_size=4,
    max_size=14,
)  # fmt: skip


class Play:
    """Carries the steps out on the desk, and beside it in a few dictionaries."""

    def __init__(self, units: Units) -> None:
        self.units = units
        self.library = Library(SqlSearch)
        self.articles: list[Known] = []
        self.words: set[str] = set()

    def word(self) -> str:
        word = "w" + uuid4().hex[:12].translate(str.maketrans("0123456789", "ghijklmnop"))
        self.words.add(word)
        return word

    async def step(self, name: str, which: int, locale: int, number: int) -> None:
        alive = [known for known in self.articles if not known.gone]
        async with self.units.write(EDITOR) as work:
            if name == "create" or not alive:
                word = self.word()
                article, made = await editing.create(work, self.library, "en", text(word))
                self.articles.append(
                    Known(article.id, {"en": made.slug}, {"en": word}, history={"en": [word]})
                )
                return
            known = alive[which % len(alive)]
            tag = list(known.draft)[locale % len(known.draft)]
            await getattr(self, f"_{name}")(work, known, tag, number)

    async def _edit(self, work: UnitOfWork, known: Known, tag: str, _: int) -> None:
        word = self.word()
        row = await row_of(work, known, tag)
        version = (
            await editing.save(work, self.library, known.id, tag, text(word), base=row.version)
        )[1]
        known.draft[tag] = word
        del known.history[tag][version.number - 1 :]
        known.history[tag].append(word)

    async def _publish(self, work: UnitOfWork, known: Known, tag: str, _: int) -> None:
        if not known.archived:
            await editing.publish(work, self.library, known.id, tag)
            known.live[tag] = known.draft[tag]

    async def _unpublish(self, work: UnitOfWork, known: Known, tag: str, _: int) -> None:
        if tag in known.live:
            await editing.unpublish(work, self.library, known.id, tag)
            del known.live[tag]

    async def _restore(self, work: UnitOfWork, known: Known, tag: str, number: int) -> None:
        row = await row_of(work, known, tag)
        wanted = number % len(known.history[tag]) + 1
        await editing.restore(work, self.library, known.id, tag, wanted, row.version)
        known.draft[tag] = known.history[tag][wanted - 1]
        known.history[tag].append(known.draft[tag])

    async def _translate(self, work: UnitOfWork, known: Known, _tag: str, _: int) -> None:
        if "de" not in known.draft:
            word = self.word()
            row = await editing.translate(work, self.library, known.id, "de", text(word))
            known.draft["de"], known.slug["de"] = word, row.slug
            known.history["de"] = [word]

    async def _audience(self, work: UnitOfWork, known: Known, _tag: str, number: int) -> None:
        known.audience = AUDIENCES[number]
        await editing.change(work, self.library, known.id, {"audience": known.audience})

    async def _archive(self, work: UnitOfWork, known: Known, _tag: str, _: int) -> None:
        if not known.archived:
            await editing.archive(work, self.library, known.id, archived=True)
            known.archived, known.live = True, {}

    async def _unarchive(self, work: UnitOfWork, known: Known, _tag: str, _: int) -> None:
        if known.archived:
            await editing.archive(work, self.library, known.id, archived=False)
            known.archived = False

    async def _delete(self, work: UnitOfWork, known: Known, _tag: str, _: int) -> None:
        await editing.delete(work, self.library, known.id)
        known.gone, known.live = True, {}

    async def _rename(self, work: UnitOfWork, known: Known, tag: str, _: int) -> None:
        slug = f"renamed-{uuid4().hex}"
        await editing.move(work, self.library, known.id, tag, slug)
        known.slug[tag] = slug

    async def look(self) -> None:
        """Every word is found by exactly those who may, and only while it is published."""
        async with self.units.read() as session:
            drift = await documents.drift(session, SqlSearch(session))
            assert not drift, drift
            for audiences in (reading.PUBLIC, reading.SIGNED_IN, reading.EVERYTHING):
                for tag in LOCALES:
                    expected = {
                        known.live[tag]: known.id
                        for known in self.articles
                        if tag in known.live and known.audience in audiences
                    }
                    for word in self.words:
                        found = await finding.search(session, self.library, word, tag, audiences)
                        ids = [item.entry.article_id for item in found.items]
                        assert ids == ([expected[word]] if word in expected else []), word
            for known in self.articles:
                for tag, slug in known.slug.items():
                    page = await reading.find(session, tag, slug, reading.PUBLIC)
                    if known.audience == "public" and tag in known.live:
                        assert isinstance(page, Shown)
                        assert known.live[tag] in page.version.body
                    else:
                        assert not isinstance(page, Shown)
            public = {entry.article_id for entry in await reading.everything(session)}
            assert public == {k.id for k in self.articles if k.live and k.audience == "public"}


async def row_of(work: UnitOfWork, known: Known, tag: str) -> ArticleLocale:
    return await repository.locale(work.session, known.id, tag)


def text(word: str) -> Text:
    return Text(f"About {word}", "", f"All of it: {word}.")


async def scenario(url: str, steps: Sequence[Step]) -> None:
    engine = create_engine(url)
    try:
        units = Units(engine, strict=True)
        play = Play(units)
        await clear(units)
        for step in steps:
            await play.step(*step)
        await play.look()
    finally:
        await engine.dispose()


async def clear(units: Units) -> None:
    """The articles of the example before."""
    library = Library(SqlSearch)
    async with units.write(EDITOR) as work:
        for article_id in (await work.session.scalars(select(Article.id))).all():
            await editing.delete(work, library, article_id)


@given(steps=STEPS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_order_of_steps_leaves_a_stale_hit_or_shows_what_is_hidden(
    desk_database_url: str, steps: list[Step]
) -> None:
    asyncio.run(scenario(desk_database_url, steps))
