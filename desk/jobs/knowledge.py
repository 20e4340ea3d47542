"""Jobs of the knowledge base: publishing on time, imports, an index outside of the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from desk.errors import DeskError
from desk.jobs.port import GiveUp, JobRun, Task
from desk.knowledge import editing, imports
from desk.knowledge.importing import Importer
from desk.knowledge.library import Library
from desk.unit_of_work import Units
from knowledge_base import documents

log = structlog.get_logger(__name__)

PUBLISH = "knowledge.publish"
INDEX = "knowledge.index"
IMPORT = "knowledge.import"


class KnowledgeJobs:
    """What the knowledge base leaves for later."""

    def __init__(self, units: Units, library: Library, importer: Importer) -> None:
        self.units = units
        self.library = library
        self.importer = importer

    def tasks(self) -> tuple[Task, ...]:
        """The jobs as the queue knows them."""
        return (
            Task(name=PUBLISH, run=self.publish),
            Task(name=INDEX, run=self.index),
            Task(
                name=IMPORT,
                run=self.import_articles,
                schedule=(timedelta(seconds=5), timedelta(seconds=30)),
                on_dead=self.import_failed,
            ),
        )

    async def publish(self, run: JobRun) -> None:
        """Publish what was scheduled, unless it was called off or moved since."""
        try:
            async with self.units.write() as work:
                await editing.publish_due(work, self.library, UUID(run.args["locale_id"]))
                await run.finish(work)
        except DeskError as error:
            # A picture lost its words since: people see the dead job and the text, unpublished.
            log.warning("scheduled_publication_refused", reason=error.detail, **run.args)
            raise GiveUp(error.detail) from error

    async def index(self, run: JobRun) -> None:
        """Bring the engine in line with an article as it stands now."""
        article_id = UUID(run.args["article_id"])
        async with self.units.read() as session:
            wanted = await documents.of_articles(session, [article_id])
            known = set(await documents.possible_ids(session, article_id))
            engine = self.library.engine(session)
        gone = (known | set(run.args.get("documents") or ())) - {doc.id for doc in wanted}
        if gone:
            await engine.remove(sorted(gone))
        if wanted:
            await engine.index(wanted)

    async def import_articles(self, run: JobRun) -> None:
        """Carry out an import that somebody started; again, it goes on where it stopped."""
        import_id = UUID(run.args["import_id"])
        try:
            done = await imports.carry_out(self.importer, import_id)
        except (DeskError, FileNotFoundError) as error:
            raise GiveUp(str(error)) from error
        async with self.units.write() as work:
            if done is not None:
                await imports.finish(work, import_id, done)
            await run.finish(work)

    async def import_failed(self, args: Mapping[str, Any], error: str) -> None:
        """All attempts are used up: the page says why, and it can be started again."""
        async with self.units.write() as work:
            await imports.fail(work, UUID(args["import_id"]), error)
