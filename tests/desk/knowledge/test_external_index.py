"""A search engine outside of the database is brought in line by a job, after the commit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from desk.db.engine import create_engine
from desk.jobs.knowledge import INDEX, KnowledgeJobs
from desk.jobs.reactions import Reactions
from desk.knowledge import editing
from desk.knowledge.library import Library
from desk.unit_of_work import Units
from knowledge_base.drafts import Text
from knowledge_base.search.engine import SearchDocument
from knowledge_base.search.fingerprint import fingerprint
from tests.desk.knowledge.test_never_stale import EDITOR


@dataclass
class Elsewhere:
    """What an outside engine would hold; it must never be called inside a write transaction."""

    held: dict[str, SearchDocument] = field(default_factory=dict)

    async def index(self, documents: Iterable[SearchDocument]) -> None:
        self.held |= {document.id: document for document in documents}

    async def remove(self, ids: Iterable[str]) -> None:
        for one in ids:
            self.held.pop(one, None)

    async def ids(self) -> Mapping[str, str]:
        return {one: fingerprint(document) for one, document in self.held.items()}


@dataclass
class Queue:
    """Takes jobs down."""

    jobs: list[Mapping[str, Any]] = field(default_factory=list)

    async def defer(
        self, session: object, task: str, args: Mapping[str, Any], **options: object
    ) -> None:
        assert task == INDEX
        self.jobs.append(args)

    def wake(self) -> None:
        pass


@dataclass
class Run:
    args: Mapping[str, Any]
    attempt: int = 1


async def drain(queue: Queue, jobs: KnowledgeJobs) -> None:
    while queue.jobs:
        await jobs.index(Run(queue.jobs.pop(0)))  # type: ignore[arg-type]


def titles(documents: Collection[SearchDocument]) -> set[str]:
    return {document.title for document in documents}


async def test_publish_edit_hide_and_delete_reach_it(desk_database_url: str) -> None:
    from datetime import timedelta

    engine = create_engine(desk_database_url)
    units = Units(engine, strict=True)
    outside, queue = Elsewhere(), Queue()
    library = Library(lambda _session: outside, external=True)  # type: ignore[arg-type,return-value]
    units.before_commit.append(
        Reactions(queue, timedelta(0), index_by_job=True)  # type: ignore[arg-type]
    )
    jobs = KnowledgeJobs(units, library)
    try:
        async with units.write(EDITOR) as work:
            article, _ = await editing.create(work, library, "en", Text("First", "", "Text."))
        await drain(queue, jobs)
        assert outside.held == {}

        async with units.write(EDITOR) as work:
            await editing.publish(work, library, article.id, "en")
        assert outside.held == {}  # not before the commit
        await drain(queue, jobs)
        assert titles(outside.held.values()) == {"First"}

        async with units.write(EDITOR) as work:
            row, _ = await editing.save(
                work, library, article.id, "en", Text("Second", "", "Text."), base=2
            )
            await editing.publish(work, library, article.id, "en", row.version)
            await editing.change(work, library, article.id, {"audience": "internal"})
        await drain(queue, jobs)
        assert [(d.title, d.audience) for d in outside.held.values()] == [("Second", "internal")]

        async with units.write(EDITOR) as work:
            await editing.delete(work, library, UUID(str(article.id)))
        await drain(queue, jobs)
        assert outside.held == {}
    finally:
        await engine.dispose()
